//! The README of a project: how to run it, what it costs, what was redacted, what the verdict needs.

use std::fmt::Write as _;

use crate::{Export, Manifest, PassRule, Project};

/// A name out of a log or a bill, harmless in Markdown.
fn name(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() && *c != '`').take(200).collect();
    format!("`{text}`")
}

fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

pub(crate) fn readme(export: &Export<'_>, project: &Project) -> String {
    let Manifest { from, to, design, cohorts, tests, .. } = &project.manifest;
    let mut out = String::new();
    let mut add = |text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{text}");
    };
    add("# Evaluation of a move between two models\n");
    add(&format!(
        "Does {} answer your calls as well as {} does today? This folder holds {} of your own, for the recommendation\n{}.\n",
        name(to.as_str()),
        name(from.as_str()),
        count(tests.len() as u64, "call"),
        name(export.recommendation)
    ));
    add(
        "**It holds text of your prompts and answers.** Keep it where only those who may read the logs can read it, and",
    );
    add("delete it when the results are imported. `results.json` holds answers too.\n");
    add("## Run it\n");
    add("Needs Node.js 22 or newer and AWS credentials that may call the models below.\n");
    add("```\nnpm install\nnpm run eval\nlode eval import ID results.json\n```\n");
    add(&format!("{} stands for the recommendation: {}.\n", "`ID`", name(export.recommendation)));
    add(
        "Your calls go to the providers in `models.json` and nowhere else: telemetry, sharing and remote grading of promptfoo",
    );
    add("are switched off in `settings.env`, and promptfoo's own files and logs stay in this folder.\n");
    add(
        "`models.json` is the place to change a provider, a region or the judge; its `config` is laid over the settings of",
    );
    add(
        "the recorded calls. Any provider of promptfoo will do, also a script of your own (`file://mock.mjs`) to try the",
    );
    add("project without a model.\n");
    add("| | provider |\n|---|---|");
    for (what, target) in [("today", export.today), ("candidate", export.candidate), ("judge", export.judge)] {
        add(&format!("| {what} | {} |", name(&target.provider)));
    }
    add("\n## What it costs\n");
    add(&format!("{}\n", export.price.trim()));
    add("## What an answer is held against\n");
    let of = |rule: PassRule| tests.iter().filter(|test| test.rule == rule).count() as u64;
    add(&format!(
        "- {}: the recorded label, case, white space, quotes and a full stop apart.",
        count(of(PassRule::Label), "call")
    ));
    add(&format!(
        "- {}: the recorded JSON; {:.0} % of its fields must be the same.",
        count(of(PassRule::Extraction), "call"),
        export.field_threshold * 100.0
    ));
    add(&format!(
        "- {}: a judge (`judge.md`) says whether it serves at least as well as the recorded answer. It is not told which model answered.",
        count(of(PassRule::Judged), "call")
    ));
    add(
        "\nBoth models answer anew. The recorded answers are today's model's own, which favours it, never the candidate.\n",
    );
    add("## What was redacted\n");
    add("| pattern | places |\n|---|---|");
    for (pattern, places) in &project.redacted {
        add(&format!("| {} | {places} |", pattern.name()));
    }
    for pattern in export.not_redacted {
        add(&format!("| {} | switched off |", pattern.name()));
    }
    add(
        "\nPatterns find what has a form. Names, postal addresses and numbers in words stay: look into `calls/` before you",
    );
    add("hand this folder to anybody.\n");
    add("## What the verdict needs\n");
    add(&format!(
        "The candidate is as good when the lower end of the {:.0} % interval of its pass rate minus today's is above {} points,\nand worse when the upper end is below that; else the test is undecided. Each cohort is decided by itself.\n",
        design.confidence() * 100.0,
        -design.margin * 100.0
    ));
    add("| cohort | calls in the logs | needed | in this project | |\n|---|---|---|---|---|");
    for cohort in cohorts {
        let small = if cohort.tests < cohort.needed { "too few to expect a decision" } else { "" };
        let (name, calls, needed) = (name(cohort.cohort.as_str()), cohort.calls, cohort.needed);
        add(&format!("| {name} | {calls} | {needed} | {} | {small} |", cohort.tests));
    }
    if !project.skipped.is_empty() {
        add("\nLeft out, with others in their place where there were any:\n");
        for (skip, calls) in &project.skipped {
            add(&format!("- {}: {}", count(*calls, "call"), skip.words()));
        }
    }
    for (task, calls) in &export.plan.not_judged {
        add(&format!("- {}: {task}, which this test does not judge", count(*calls, "call")));
    }
    out
}
