//! `lode eval export`: the calls of one recommendation out of the logs into a project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lode_engine::{Gate, Recommendation};
use lode_eval::{Candidate, Design, Export, Pattern, Plan, Project, RawCall, Target, plan, project};
use lode_model::{Edit, ModelId, Owner, Ratio, Routing, WorkloadId};
use lode_report::{clean, means, whole};
use lode_sim::Estate;
use lode_telemetry::TextReader;

use super::called::Today;
use super::price::{Cost, Models};
use super::{EvalError, folder};
use crate::args::ExportArgs;
use crate::bill_files::size;
use crate::commands::{self, find};
use crate::input::quoted;
use crate::progress::Progress;
use crate::threads::on_all_cores;
use crate::{Exit, Shell};

/// Runs the command.
pub(crate) fn run(args: &ExportArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let design = Design { margin: args.margin, power: args.power, alpha: args.alpha, ..Design::default() };
    design.cases().map_err(EvalError::Design)?;
    folder::check_empty(&args.output)?;
    let loaded = commands::load(&args.input, &args.reading, shell)?;
    let outcome = loaded.plan();
    let tested = Subject::named(&outcome.recommendations, &args.id)?;
    if loaded.log_files.is_empty() {
        return Err(EvalError::NoLogs { input: loaded.sources.input.clone() }.into());
    }
    let calls = Calls::of(&loaded.estate, tested.r);
    if calls.candidates.is_empty() {
        return Err(EvalError::NoCalls { id: tested.r.id.clone() }.into());
    }
    let plan = plan(&calls.candidates, &design, args.seed).map_err(EvalError::Design)?;
    let wanted = plan.to_read();
    let texts = read(&loaded.log_files, &wanted, shell);
    let today = calls.today(&texts, tested.workload);
    let catalogue = loaded.estate.prices.catalogue();
    let from = &tested.workload.model;
    let candidate = catalogue.model(tested.to).map_or_else(|| tested.to.to_string(), |model| today.like(model));
    let (judge, judge_model) = today.judge(args.judge.as_deref(), [from, tested.to], catalogue)?;
    let routing = |name: &str| if name.starts_with("global.") { Routing::Global } else { Routing::Regional };
    let models = Models {
        today: from,
        candidate: tested.to,
        judge: judge_model.as_ref(),
        ratios: tested.ratios,
        routings: [today.routing, routing(&candidate), routing(&judge)],
    };
    let cost = Cost::of(&plan, &models, tested.workload, tested.r, &loaded.estate).words();
    let target = |name: &str| Target::bedrock(name, &today.region);
    let off: BTreeSet<Pattern> = if args.no_redaction { Pattern::ALL } else { &args.keep }.iter().copied().collect();
    let bodies = texts.iter().map(|(id, text)| (Arc::clone(id), text.call.clone())).collect();
    let export = Export {
        recommendation: &tested.r.id,
        from,
        to: tested.to,
        today: &target(&today.name),
        candidate: &target(&candidate),
        judge: &target(&judge),
        design,
        plan: &plan,
        price: &cost,
        not_redacted: &off,
        field_threshold: 1.0,
    };
    let made = project(&export, &bodies);
    if made.manifest.tests.is_empty() {
        let why = skipped(&made, &plan).join("; ");
        let why = if why.is_empty() { "they are in no log file given".to_owned() } else { why };
        return Err(EvalError::NoText { id: tested.r.id.clone(), why }.into());
    }
    folder::write_all(&args.output, &made.files)?;
    let page = page(args, &export, &made, wanted.len().saturating_sub(texts.len()));
    commands::write(&page, None, shell)?;
    Ok(loaded.exit(&args.reading))
}

/// The recommendation that is tested.
struct Subject<'a> {
    r: &'a Recommendation,
    workload: &'a WorkloadId,
    to: &'a ModelId,
    ratios: [Ratio; 2],
}

impl<'a> Subject<'a> {
    /// What a test can decide of a recommendation, if it can.
    fn of(r: &'a Recommendation) -> Option<Self> {
        let Owner::Workload(workload) = &r.subject else { return None };
        let moved = r.edits.iter().find_map(|edit| match edit {
            Edit::Model { to, input, output } => Some((to, [*input, *output])),
            _ => None,
        });
        let (to, ratios) = moved.filter(|_| r.rule.gate == Some(Gate::Evaluation))?;
        Some(Self { r, workload, to, ratios })
    }

    /// The one that is named.
    fn named(all: &'a [Recommendation], id: &str) -> Result<Self, EvalError> {
        let fault = |why: &str| {
            let can: Vec<String> = all
                .iter()
                .filter(|r| Self::of(r).is_some())
                .map(|r| format!("{} ({})", r.rank, r.id))
                .take(10)
                .collect();
            let help = if can.is_empty() {
                "no recommendation on this input moves calls to another model".to_owned()
            } else {
                format!("those that can be tested are {}", can.join(", "))
            };
            EvalError::Id { id: id.to_owned(), why: why.to_owned(), help }
        };
        match find(all, id)[..] {
            [one] => Self::of(one).ok_or_else(|| {
                fault("it moves no calls to another model, and this test compares the answers of two models")
            }),
            [] => Err(fault("no such recommendation on this input")),
            _ => Err(fault("names more than one recommendation")),
        }
    }
}

/// The calls that could be taken.
struct Calls {
    candidates: Vec<Candidate>,
    /// How many pay the global price.
    global: usize,
}

impl Calls {
    fn of(estate: &Estate, r: &Recommendation) -> Self {
        let mut calls = Self { candidates: Vec::new(), global: 0 };
        let owners = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
        for own in owners.filter(|own| means(r, &own.owner)) {
            let Owner::Workload(workload) = &own.owner else { continue };
            for call in own.calls.iter().filter(|call| call.error.is_none()) {
                calls.global += usize::from(call.routing == Routing::Global);
                calls.candidates.push(Candidate {
                    request: Arc::clone(&call.id),
                    cohort: own.tested_as().unwrap_or_else(|| workload.cohort.clone()),
                    task: own.task,
                    prompt_tokens: call.tokens.prompt(),
                    output_tokens: call.tokens.output,
                });
            }
        }
        calls
    }

    /// How most of the calls that were read are made; of two that are as frequent, the first by name.
    fn today(&self, texts: &BTreeMap<Arc<str>, Text>, workload: &WorkloadId) -> Today {
        let routing = if self.global * 2 > self.candidates.len() { Routing::Global } else { Routing::Regional };
        let mut seen: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for text in texts.values().filter(|text| !text.model.is_empty()) {
            *seen.entry((&text.model, text.region.as_deref().unwrap_or(workload.region.as_str()))).or_default() += 1;
        }
        let most = seen.iter().rev().max_by_key(|(_, calls)| **calls);
        let (name, region) = most.map_or((workload.model.as_str(), workload.region.as_str()), |(how, _)| *how);
        Today { name: name.to_owned(), region: region.to_owned(), routing }
    }
}

/// A call of the sample, with its text.
struct Text {
    model: String,
    region: Option<String>,
    call: RawCall,
}

/// Reads the text of calls out of log files, on all cores. Files that cannot be read were told of before.
fn read(files: &[PathBuf], wanted: &BTreeSet<Arc<str>>, shell: &Shell<'_>) -> BTreeMap<Arc<str>, Text> {
    let progress = Progress::new(files.iter().map(|file| size(file)).sum(), shell.draws);
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut reader, mut found) = (TextReader::new(), Vec::new());
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(place) else { return found };
            let mut bar = progress.file(&file.display().to_string(), size(file));
            let mut each = |text: lode_telemetry::CallText<'_>| {
                let owned = |text: Option<&str>| text.map(str::to_owned);
                let call = RawCall { request: owned(text.request), response: owned(text.response) };
                let id: Arc<str> = text.id.into();
                let text = Text { model: text.model_id.to_owned(), region: owned(text.region), call };
                found.push((place, id, text));
            };
            let _ = reader.read(file, wanted, &mut |bytes| bar.bytes(bytes), &mut each);
        }
    };
    let mut found: Vec<_> = on_all_cores(files.len(), work).into_iter().flatten().collect();
    progress.finish();
    // A call that stands in several files is taken from the first, whichever thread met it.
    found.sort_by_key(|(place, ..)| *place);
    let mut texts = BTreeMap::new();
    for (_, id, text) in found {
        texts.entry(id).or_insert(text);
    }
    texts
}

/// What was left out and why, a part each.
fn skipped(made: &Project, plan: &Plan) -> Vec<String> {
    let skipped = made.skipped.iter().map(|(skip, calls)| format!("{} with {}", count(*calls), skip.words()));
    let unjudged =
        plan.not_judged.iter().map(|(task, calls)| format!("{} of {task}, which no test judges", count(*calls)));
    skipped.chain(unjudged).collect()
}

fn count(calls: u64) -> String {
    format!("{} {}", whole(calls.into()), if calls == 1 { "call" } else { "calls" })
}

/// What is printed: counts and names, no text of a call.
fn page(args: &ExportArgs, export: &Export<'_>, made: &Project, missing: usize) -> String {
    let folder = quoted(&clean(&args.output.display().to_string()));
    let mut out = String::new();
    let mut add = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let tests = made.manifest.tests.len() as u64;
    add(format!("{} of your own in {} files in {folder}, readable for you alone", count(tests), made.files.len()));
    add(String::new());
    add(format!("  {:<12}{}", "tests", clean(export.recommendation)));
    for (what, target) in [("today", export.today), ("candidate", export.candidate), ("judge", export.judge)] {
        add(format!("  {what:<12}{}", clean(&target.provider)));
    }
    add(format!("  {:<12}models.json is the place to change a model, its inference profile or its region", ""));
    add(String::new());
    add(format!("  {:<28}{:>12}{:>10}{:>12}", "cohort", "calls", "needed", "in the test"));
    for cohort in &made.manifest.cohorts {
        let small = if cohort.tests < cohort.needed { "   too few to expect a decision" } else { "" };
        let name: String = clean(cohort.cohort.as_str()).chars().take(27).collect();
        let [calls, needed, tests] = [cohort.calls, cohort.needed, cohort.tests].map(|calls| whole(calls.into()));
        add(format!("  {name:<28}{calls:>12}{needed:>10}{tests:>12}{small}"));
    }
    add(String::new());
    let mut left = skipped(made, export.plan);
    if missing > 0 {
        left.push(format!("{} that are in no log file given (a digested trace holds no text)", count(missing as u64)));
    }
    if !left.is_empty() {
        add(format!("left out: {}", left.join("; ")));
    }
    let replaced = made.redacted.iter().map(|(pattern, places)| format!("{} {places}", pattern.name()));
    let replaced = replaced.collect::<Vec<_>>().join(", ");
    add(format!("replaced by placeholders: {}", if replaced.is_empty() { "nothing" } else { &replaced }));
    let kept: Vec<&str> = export.not_redacted.iter().map(|pattern| pattern.name()).collect();
    if !kept.is_empty() {
        add(format!("not replaced: {}", kept.join(", ")));
    }
    add(format!("what the run costs: {}", export.price));
    add(String::new());
    add("The folder holds text of your prompts and answers: its README.md says what goes where. Next:".to_owned());
    add(format!("  (cd {folder} && npm install && npm run eval)"));
    add(format!("  lode eval import {} {folder}/results.json", quoted(&clean(export.recommendation))));
    out
}
