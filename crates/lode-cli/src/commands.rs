//! The commands: read, build, plan, render.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lode_engine::{Engine, Outcome, Recommendation, Rule, Settings, SilenceState};
use lode_estate::{Listed, Options};
use lode_model::{CallerKey, Owner, Trace};
use lode_prices::Catalogue;
use lode_recommenders::ALL;
use lode_report::{
    Filter, Labels, Report, Sort, Sources, bill_csv, bill_markdown, bill_table, explain_all, explain_cohorts,
    explain_recommendation, explain_recommender, explain_rules, report_csv, report_markdown, report_table,
    say_local_times, v1,
};
use lode_sim::{Basis, BillView, Estate, MetricsCoverage};

use crate::args::{Args, BillArgs, Command, ExplainArgs, Format, InputArgs, OutputArgs, ReportArgs, SortArg};
use crate::demo;
use crate::digest;
use crate::eval::{self, Documents};
use crate::export;
use crate::init;
use crate::input::{self, Inputs};
use crate::only;
use crate::progress::{Busy, Clock};
use crate::settings::{self, SettingsError};
use crate::shells;
use crate::whatif;
use crate::{Exit, Shell};

/// Runs the command given.
pub(crate) fn run(args: &Args, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Report(args) => report(args, shell),
        Command::Bill(args) => bill(args, shell),
        Command::Explain(args) => explain(args, shell),
        Command::Digest(args) => digest::run(args, shell),
        Command::Demo(args) => demo::run(args, shell),
        Command::WhatIf(command) => whatif::run(command, shell),
        Command::Eval(command) => eval::run(command, shell),
        Command::Export(command) => export::run(command, shell),
        Command::Init(args) => init::run(args, shell),
        Command::Completions(args) => shells::completions(args, shell),
        Command::Man(args) => shells::man(args, shell),
    }
}

/// Everything between the arguments and the page.
pub(crate) struct Loaded {
    pub(crate) estate: Estate,
    view: BillView,
    pub(crate) sources: Sources,
    pub(crate) engine: Engine<'static>,
    pub(crate) as_of: Date,
    /// Evaluations among the input.
    documents: Documents,
    /// Files of invocation logs, digested traces aside.
    pub(crate) log_files: Vec<PathBuf>,
    /// Whether progress may be drawn.
    draws: bool,
    /// In which times of the day are said.
    time_zone: TimeZone,
    labels: Labels,
}

pub(crate) fn load(paths: &[PathBuf], reading: &InputArgs, shell: &mut Shell<'_>) -> anyhow::Result<Loaded> {
    let clock = Clock::start();
    let settings = settings::read(reading.config.as_deref())?;
    let as_of = reading.as_of.unwrap_or(shell.today);
    for silence in settings.engine.silenced.iter().filter(|silence| !silence.holds(as_of)) {
        shell.note(&format!("the suppression of {} has expired and is not applied", silence.id));
    }
    let threads = std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN);
    let labels = settings.labels;
    let time_zone = settings.time_zone.unwrap_or(TimeZone::UTC);
    let engine = Engine::new(ALL, settings.engine)?.on_threads(threads);
    let caller_keys = settings.caller_keys.unwrap_or_else(CallerKey::defaults);
    let Inputs { bill, trace, inventory, metrics, log_requests, mut sources, documents, log_files } =
        input::read(paths, caller_keys.clone(), reading.trace.as_deref(), shell)?;
    sources.flags = flags(reading);
    let engine = engine.with_tests(documents.tested());
    let options = Options {
        as_of,
        basis: reading.basis.map(Basis::from).or(settings.basis).unwrap_or(Basis::Net),
        caller_keys,
        capacity: settings.capacity,
    };
    let joining = Busy::new("joining bill and requests", shell.draws);
    let requests = trace.as_ref().map(|trace| trace as &dyn Trace);
    let listed = Listed { inventory: &inventory, metrics: &metrics };
    let mut estate = lode_estate::build(&bill, requests, listed, Catalogue::builtin(), &options)?;
    before_the_usage(reading.as_of, &estate)?;
    if let Some(tie) = &mut estate.tie_out {
        tie.metrics = MetricsCoverage::of(tie, &estate.window, &metrics);
    }
    // The estate has read all groups, each request once.
    sources.log_duplicates = log_requests.saturating_sub(trace.map_or(0, |trace| trace.requests_read()));
    let view = BillView::of(&estate);
    drop(joining);
    if shell.draws {
        shell.note(&clock.summary(&sources));
    }
    Ok(Loaded { estate, view, sources, engine, as_of, documents, log_files, draws: shell.draws, time_zone, labels })
}

/// Stops where the date given lies before all usage: it cannot be meant, since nothing was complete on that day.
fn before_the_usage(given: Option<Date>, estate: &Estate) -> Result<(), SettingsError> {
    let (first, last) = (estate.window.first, estate.window.last);
    match given {
        Some(day) if day < first && !estate.charges.is_empty() => Err(SettingsError::Invalid {
            file: PathBuf::from("--as-of"),
            message: format!(
                "found {day}, which is before the usage of {first} to {last}; help: give the day on which the bill was \
                 exported, such as --as-of {}, or leave it out for today",
                last.saturating_add(2.days())
            ),
        }),
        _ => Ok(()),
    }
}

/// The flags given, for the next command to type.
fn flags(reading: &InputArgs) -> String {
    let config =
        reading.config.as_ref().map(|file| format!(" --config {}", input::quoted(&file.display().to_string())));
    let as_of = reading.as_of.map(|day| format!(" --as-of {day}"));
    let basis = reading.basis.map(|basis| format!(" --basis {}", Basis::from(basis).as_str()));
    [config, as_of, basis].into_iter().flatten().collect()
}

impl Loaded {
    /// What the engine concludes.
    pub(crate) fn plan(&self) -> Outcome {
        let _busy = Busy::new("planning: every change simulated and priced", self.draws);
        self.engine.run(&self.estate, self.as_of)
    }

    /// Plans the estate and hands the report to `render`.
    fn with_report<T>(&self, sort: Sort, (filter, top): (&Filter, usize), render: impl FnOnce(&Report<'_>) -> T) -> T {
        let mut outcome = self.plan();
        let window = &self.estate.window;
        say_local_times(&mut outcome, &self.time_zone, (window.first, window.last));
        render(&Report {
            estate: &self.estate,
            view: &self.view,
            outcome: &outcome,
            sources: &self.sources,
            as_of: self.as_of,
            time_zone: &self.time_zone,
            labels: &self.labels,
            sort,
            filter,
            top,
        })
    }

    /// Labels of names that stand nowhere in the bill or among the calls.
    fn idle_labels(&self) -> Vec<String> {
        let calls = self.estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners).map(|own| &own.owner);
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for owner in self.estate.charges.iter().map(|charge| &charge.owner).chain(calls) {
            known.insert(owner.account().as_str());
            match owner {
                Owner::Workload(workload) => known.insert(workload.caller.as_str()),
                Owner::Resource(_, _, id) => known.insert(id.as_str()),
                Owner::Pool(_) | Owner::Account(_) => false,
            };
        }
        let idle = self.labels.keys().filter(|raw| !known.contains(raw.as_str()));
        idle.map(|raw| format!("the label of {raw} matches nothing on this input")).collect()
    }

    pub(crate) fn exit(&self, reading: &InputArgs) -> Exit {
        let sources = &self.sources;
        let rejected =
            sources.rejected_rows() > 0 || sources.incomplete_files() > 0 || sources.evaluations_unusable > 0;
        if reading.strict && rejected { Exit::Rejected } else { Exit::Made }
    }
}

/// The bill as a page.
const NO_HTML: &str = "the bill has no page of its own; help: `lode report INPUT --format html` has it as a section";

/// Recommendations that a table or Markdown lists where nobody says how many.
const MOST_LISTED: usize = 40;

pub(crate) fn report(args: &ReportArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let filter = Filter { only: args.only.clone(), min_savings: args.min_savings };
    only::check_rules(&filter.only)?;
    let loaded = load(&args.input, &args.reading, shell)?;
    let sort = match args.sort {
        SortArg::Priority => Sort::Priority,
        SortArg::Savings => Sort::Savings,
    };
    let look = look(&args.writing, shell);
    let top = args.top.unwrap_or(if args.writing.format == Format::Html { 0 } else { MOST_LISTED });
    let (page, notes) = loaded.with_report(sort, (&filter, top), |report| -> Result<_, SettingsError> {
        only::check_ids(&filter.only, report)?;
        let page = match args.writing.format {
            Format::Table => report_table(report, look),
            Format::Markdown => report_markdown(report),
            Format::Json => v1::report_json(report),
            Format::Html => lode_html::report_html(report),
            Format::Csv => report_csv(report),
        };
        let idle = report.outcome.silenced.iter().filter(|silenced| silenced.state == SilenceState::MatchesNothing);
        let idle = idle.map(|s| format!("the suppression of {} matches nothing on this input", s.silence.id));
        Ok((page, idle.chain(eval::notes(&loaded.documents, report.outcome)).collect::<Vec<_>>()))
    })?;
    notes.iter().chain(&loaded.idle_labels()).for_each(|note| shell.note(note));
    write(&page, args.writing.output.as_deref(), shell)?;
    Ok(loaded.exit(&args.reading))
}

fn bill(args: &BillArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    if args.writing.format == Format::Html {
        let file = PathBuf::from("--format html");
        return Err(SettingsError::Invalid { file, message: NO_HTML.to_owned() }.into());
    }
    // Where the money goes needs no plan.
    let loaded = Loaded { engine: Engine::new(&[], Settings::default())?, ..load(&args.input, &args.reading, shell)? };
    let look = look(&args.writing, shell);
    let page = loaded.with_report(Sort::Priority, (&Filter::default(), 0), |report| match args.writing.format {
        Format::Table => bill_table(report, look),
        Format::Markdown => bill_markdown(report),
        Format::Json => v1::bill_json(report),
        Format::Csv => bill_csv(report),
        // Refused above.
        Format::Html => String::new(),
    });
    write(&page, args.writing.output.as_deref(), shell)?;
    Ok(loaded.exit(&args.reading))
}

/// An id that names nothing.
fn unknown(id: &str, why: &str, help: &str) -> SettingsError {
    SettingsError::Invalid { file: PathBuf::from(id), message: format!("{why}; help: {help}") }
}

/// Where every id is listed.
const LISTED: &str = "`lode explain` lists every lever and rule";

/// Rules that an id may have meant: of the lever it names, or with its words in their own.
fn like(id: &str, engine: &Engine<'_>) -> String {
    const MOST: usize = 5;
    let word = id.rsplit('.').next().unwrap_or(id);
    let ids = engine.rules().flat_map(|(recommender, rules)| {
        rules.iter().map(move |rule| format!("{}.{}", recommender.meta().id, rule.id))
    });
    let near: Vec<String> = ids.filter(|rule| !word.is_empty() && rule.contains(word)).take(MOST).collect();
    if near.is_empty() { LISTED.to_owned() } else { format!("like it are {}; {LISTED}", near.join(", ")) }
}

/// How the recommendations of an input are named.
fn numbers(outcome: &Outcome) -> String {
    match outcome.recommendations.len() {
        0 => "this input has no recommendation".to_owned(),
        1 => "this input has one recommendation, number 1".to_owned(),
        n => format!("this input has recommendations 1 to {n}, which `lode report INPUT` lists"),
    }
}

fn explain(args: &ExplainArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let look = shell.look;
    let Some(id) = &args.id else {
        let settings = settings::read(args.reading.config.as_deref())?;
        let engine = Engine::new(ALL, settings.engine)?;
        write(&explain_all(engine.rules(), look), None, shell)?;
        return Ok(Exit::Made);
    };
    if id == "cohorts" && args.input.is_empty() && !Path::new(id).exists() {
        write(&explain_cohorts(&lode_estate::task_rules(), None, look), None, shell)?;
        return Ok(Exit::Made);
    }
    let built_in = ALL.iter().any(|r| id == r.meta().id || id.starts_with(&format!("{}.", r.meta().id)));
    if args.input.is_empty() && (!built_in || id.contains('/')) {
        let path = Path::new(id);
        if !path.exists() {
            let number = id.parse::<usize>().is_ok() || id.contains('/');
            return Err(if number {
                unknown(
                    id,
                    "a recommendation is explained on its input, and none was given",
                    &format!("lode explain {id} INPUT"),
                )
            } else {
                let engine = Engine::new(ALL, Settings::default())?;
                unknown(id, "no such lever, rule or recommendation", &like(id, &engine))
            }
            .into());
        }
        // `lode explain INPUT`: every recommendation.
        let loaded = load(std::slice::from_ref(&path.to_owned()), &args.reading, shell)?;
        let page = loaded.with_report(Sort::Priority, (&Filter::default(), 0), |report| {
            let pages = report.recommendations().into_iter().map(|r| explain_recommendation(report, r, look));
            pages.collect::<Vec<_>>().join("\n")
        });
        write(&page, None, shell)?;
        return Ok(loaded.exit(&args.reading));
    }
    if args.input.is_empty() {
        let settings = settings::read(args.reading.config.as_deref())?;
        let engine = Engine::new(ALL, settings.engine)?;
        let page = engine
            .rules()
            .find_map(|(recommender, rules)| {
                if id == recommender.meta().id {
                    return Some(explain_recommender(recommender, rules, look));
                }
                let rule = rules.iter().find(|rule| *id == format!("{}.{}", recommender.meta().id, rule.id))?;
                Some(explain_rules(recommender, &[rule], None, look))
            })
            .ok_or_else(|| unknown(id, "no such lever or rule", &like(id, &engine)))?;
        write(&page, None, shell)?;
        return Ok(Exit::Made);
    }
    let loaded = load(&args.input, &args.reading, shell)?;
    let page =
        loaded.with_report(Sort::Priority, (&Filter::default(), 0), |report| -> Result<String, SettingsError> {
            if id == "cohorts" {
                return Ok(explain_cohorts(&lode_estate::task_rules(), Some(report), look));
            }
            let named = find(report.outcome.recommendations.as_slice(), id);
            if let [one] = named[..] {
                return Ok(explain_recommendation(report, one, look));
            }
            let mut pages = Vec::new();
            for (recommender, rules) in loaded.engine.rules() {
                let meant = |rule: &&Rule| {
                    id == recommender.meta().id || *id == format!("{}.{}", recommender.meta().id, rule.id)
                };
                let meant: Vec<&Rule> = rules.iter().filter(meant).collect();
                if !meant.is_empty() {
                    pages.push(explain_rules(recommender, &meant, Some(report), look));
                }
            }
            match (pages.is_empty(), named.len()) {
                (false, _) => Ok(pages.join("\n")),
                (true, 0) => {
                    let help = format!("{}; {}", numbers(report.outcome), like(id, &loaded.engine));
                    Err(unknown(id, "no such recommendation, rule or lever on this input", &help))
                }
                (true, n) => {
                    let ids: Vec<&str> = named.iter().take(5).map(|r| r.id.as_str()).collect();
                    let why = format!("found {n} recommendations that begin so, expected one");
                    Err(unknown(id, &why, &format!("name one of {}", ids.join(", "))))
                }
            }
        })?;
    write(&page, None, shell)?;
    Ok(loaded.exit(&args.reading))
}

/// Recommendations by number, by id, or by the start of an id.
pub(crate) fn find<'a>(all: &'a [Recommendation], id: &str) -> Vec<&'a Recommendation> {
    if let Ok(rank) = id.parse::<usize>() {
        return all.iter().filter(|r| r.rank == rank).collect();
    }
    let exact: Vec<_> = all.iter().filter(|r| r.id == id).collect();
    if exact.is_empty() && id.contains('/') { all.iter().filter(|r| r.id.starts_with(id)).collect() } else { exact }
}

/// A file is not coloured.
fn look(writing: &OutputArgs, shell: &Shell<'_>) -> lode_report::Look {
    lode_report::Look { colour: shell.look.colour && writing.output.is_none(), ..shell.look }
}

pub(crate) fn write(page: &str, file: Option<&Path>, shell: &mut Shell<'_>) -> anyhow::Result<()> {
    match file {
        Some(file) => std::fs::write(file, page).with_context(|| {
            format!("cannot write the output to {}; help: check the path and the disk", file.display())
        })?,
        None => {
            shell.out.write_all(page.as_bytes())?;
            shell.out.flush()?;
        }
    }
    Ok(())
}
