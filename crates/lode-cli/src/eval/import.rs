//! `lode eval import`: what promptfoo wrote into a verdict that is kept.

use std::fmt::Write as _;
use std::path::Path;

use lode_eval::{CohortResult, Evaluation, Manifest, Verdict, Why, evaluate, results};
use lode_report::clean;

use super::{EvalError, VERDICTS, folder};
use crate::args::ImportArgs;
use crate::commands;
use crate::input::{InputError, quoted};
use crate::{Exit, Shell};

/// Runs the command.
pub(crate) fn run(args: &ImportArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let json =
        std::fs::read(&args.results).map_err(|cause| InputError::Unreadable { path: args.results.clone(), cause })?;
    let beside = args.results.parent().filter(|folder| !folder.as_os_str().is_empty());
    let project = args.project.as_deref().or(beside).unwrap_or(Path::new("."));
    let path = project.join(Manifest::FILE);
    let manifest = match std::fs::read(&path) {
        Ok(manifest) => manifest,
        Err(cause) => return Err(EvalError::NoProject { path, cause }.into()),
    };
    let document = |path: &Path, fault: &dyn std::fmt::Display| EvalError::Document {
        path: path.to_owned(),
        fault: fault.to_string(),
    };
    let manifest = Manifest::read(&manifest).map_err(|fault| document(&path, &fault))?;
    check_id(&args.id, &manifest.recommendation, project)?;
    let results = results(&json, &manifest).map_err(|fault| document(&args.results, &fault))?;
    let date = args.as_of.unwrap_or(shell.today);
    let evaluation = evaluate(&manifest, &results, date);
    let output = args.output.clone().unwrap_or_else(|| project.join(format!("{VERDICTS}{date}.json")));
    folder::write_new(&output, &evaluation.to_json())?;
    commands::write(&page(&evaluation, &output), None, shell)?;
    Ok(Exit::Made)
}

/// Whether an id names the recommendation of a project: the whole of it, or its beginning from the rule on.
fn check_id(id: &str, recommendation: &str, project: &Path) -> Result<(), EvalError> {
    if id.parse::<u64>().is_ok() {
        return Err(EvalError::Id {
            id: id.to_owned(),
            why: "a number is one of a report, which is not here".to_owned(),
            help: format!("name the recommendation that the project tests: {recommendation}"),
        });
    }
    let named = id.contains('.')
        && recommendation
            .strip_prefix(id)
            .is_some_and(|rest| id.contains('/') || rest.is_empty() || rest.starts_with('/'));
    if named {
        return Ok(());
    }
    Err(EvalError::Another {
        id: id.to_owned(),
        project: project.to_owned(),
        recommendation: recommendation.to_owned(),
    })
}

/// What is printed.
fn page(evaluation: &Evaluation, output: &Path) -> String {
    let mut out = String::new();
    let mut add = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let design = evaluation.design;
    let [from, to] = [&evaluation.from, &evaluation.to].map(|model| clean(model.as_str()));
    add(format!("{to} against {from}: {}", overall(evaluation.verdict)));
    add(format!("  {}", clean(&evaluation.recommendation)));
    add(String::new());
    let interval = format!("difference ({:.0} % interval)", design.confidence() * 100.0);
    add(format!("  {:<22}{:>6}{:>9}{:>11}{:>36}  {}", "cohort", "calls", "today", "candidate", interval, "verdict"));
    for cohort in &evaluation.cohorts {
        let name: String = clean(cohort.cohort.as_str()).chars().take(21).collect();
        let decided = cohort.decided_by();
        let rate = |passed: u64| percent(passed, decided);
        let difference = if decided == 0 {
            "none".to_owned()
        } else {
            format!("{} ({} to {}) points", points(cohort.difference), points(cohort.low), points(cohort.high))
        };
        add(format!(
            "  {name:<22}{decided:>6}{:>9}{:>11}{difference:>36}  {}",
            rate(cohort.both.saturating_add(cohort.only_today)),
            rate(cohort.both.saturating_add(cohort.only_candidate)),
            word(cohort.verdict)
        ));
    }
    add(String::new());
    for cohort in &evaluation.cohorts {
        add(format!("  {}: {}", clean(cohort.cohort.as_str()), why(cohort, design.margin)));
    }
    for (what, measured) in [("prompts", evaluation.prompt), ("answers", evaluation.output)] {
        if let Some(ratio) = measured.ratio() {
            add(format!("  tokens of {what}: {:.2} times today's, on {} calls", ratio.to_f64(), measured.calls));
        }
    }
    add(String::new());
    let file = quoted(&clean(&output.display().to_string()));
    add(format!(
        "The verdict is in {file}, without text of a call. Put it beside the billing export, or name it as input:"
    ));
    add(format!("  lode report INPUT {file}"));
    add(next(evaluation.verdict).to_owned());
    add("The results hold text of answers: delete the project when nobody needs it any more.".to_owned());
    out
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NonInferior => "as good",
        Verdict::Inferior => "worse",
        Verdict::Undecided => "undecided",
    }
}

const fn overall(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NonInferior => "as good on every kind of calls",
        Verdict::Inferior => "worse on some kind of calls",
        Verdict::Undecided => "undecided",
    }
}

/// What the report makes of it.
const fn next(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NonInferior => "The step is then in the ready plan, its evidence measured.",
        Verdict::Inferior => "The move of those calls is then withdrawn.",
        Verdict::Undecided => {
            "The step keeps its gate. Export with a wider --margin, or over logs of more days, to decide it."
        }
    }
}

/// Why a cohort is decided, or is not.
fn why(cohort: &CohortResult, margin: f64) -> String {
    let without = cohort.errors.saturating_add(cohort.missing);
    let shown = match cohort.why {
        Why::NoResults => "no call has a result on both models".to_owned(),
        Why::Errors => "more than a tenth has no result on both models, and what failed may be what differs".to_owned(),
        Why::TodayFails => {
            "today's model passes less than half of its own calls, so that the test says nothing of another".to_owned()
        }
        Why::Interval => {
            let (low, margin) = (points(cohort.low), points(-margin));
            match cohort.verdict {
                Verdict::NonInferior => format!("the lower end, {low}, is above the margin, {margin}"),
                Verdict::Inferior => format!("the upper end, {}, is below the margin, {margin}", points(cohort.high)),
                Verdict::Undecided => format!("the margin, {margin}, is between {low} and {}", points(cohort.high)),
            }
        }
    };
    if without == 0 {
        return shown;
    }
    format!("{shown}; {} failed on a model or the judge, {} did not run", cohort.errors, cohort.missing)
}

/// `97.5 %`.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "none".to_owned();
    }
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)) / (u128::from(whole) * 2);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A share as points of a hundred: `-2.1`.
fn points(share: f64) -> String {
    format!("{:+.1}", (share * 1000.0).round() / 10.0 + 0.0)
}
