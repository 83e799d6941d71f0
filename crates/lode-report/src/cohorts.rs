//! Cohorts: what the calls of each workload ask for, and what tells so. For the JSON report and for `lode explain`.
//!
//! It copies what the estate learnt; it decides nothing.

use std::fmt::Write as _;

use lode_engine::Recommendation;
use lode_model::{Money, Owner, TaskForm, WorkloadId};
use lode_sim::{Daily, OwnerCalls, Projection, State, Told, ToldClause};

use crate::text::{clean, count, short, usd};
use crate::{Look, Report};

/// A workload whose calls are known.
pub(crate) struct CohortLine<'a> {
    pub(crate) id: &'a WorkloadId,
    pub(crate) own: &'a OwnerCalls,
    /// Dollars a month of all its charges.
    pub(crate) monthly: Money,
}

/// Every workload whose calls are known, in order.
pub(crate) fn lines<'a>(report: &Report<'a>) -> Vec<CohortLine<'a>> {
    let estate = report.estate;
    let projection = Projection::of(&estate.window);
    let owners = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
    let line = |own: &'a OwnerCalls| {
        let Owner::Workload(id) = &own.owner else { return None };
        let mut daily = Daily::zero(estate.window.days());
        State::charges_billed(estate, &own.owner).iter().for_each(|charge| daily.add(&estate.window, charge));
        Some(CohortLine { id, own, monthly: projection.monthly(&daily) })
    };
    owners.filter_map(line).collect()
}

/// The block of a recommendation: what the calls it means ask for. Empty where no call is known.
pub(crate) fn block(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let mut out = String::new();
    for own in crate::habits::owners(report.estate, r) {
        let Owner::Workload(id) = &own.owner else { continue };
        let calls = count(own.calls.len() as u64, "call", "calls");
        out.push_str(&look.hang(&format!("{} ({calls}): {}", clean(id.cohort.as_str()), because(own)), "  "));
    }
    if out.is_empty() {
        return out;
    }
    format!("{}\n{out}\n", look.heading("What the calls ask for"))
}

fn because(own: &OwnerCalls) -> String {
    match (&own.told, own.task) {
        (Some(told), _) => sentence(told),
        (None, TaskForm::Text) => "no rule tells what they ask for".to_owned(),
        (None, TaskForm::Unknown) => "their prompts were not logged".to_owned(),
        (None, TaskForm::Agentic) => "prompts hold tools or their results".to_owned(),
        (None, TaskForm::Extraction) => "one tool is offered, and every answer is its call".to_owned(),
        (None, TaskForm::Vision) => "prompts hold images, video or documents".to_owned(),
        (None, TaskForm::Retrieval) => "prompts hold retrieved passages".to_owned(),
        (None, TaskForm::Embedding) => "the model embeds".to_owned(),
        (None, task) => task.as_str().to_owned(),
    }
}

/// `summary-asked: instructions.summarise_share 98 % (at least 60 %), answers.of_given 0.12 (at most 0.6)`, shares in per cent.
fn sentence(told: &Told) -> String {
    let clause = |clause: &ToldClause| {
        let bound = if clause.at_least { "at least" } else { "at most" };
        let show = |number| crate::evidence::plain(&clause.signal, number);
        format!("{} {} ({bound} {})", clause.signal, show(clause.value), show(clause.threshold))
    };
    let clauses: Vec<String> = told.clauses.iter().map(clause).collect();
    format!("{}: {}", told.rule, clauses.join(", "))
}

/// Workloads that a page lists, those that cost most. JSON has all.
const MOST_WORKLOADS: usize = 40;

/// The rules that tell what calls ask for: id, form, clauses; with a report, what they tell of its calls.
#[must_use]
pub fn explain_cohorts(rules: &[(String, TaskForm, Vec<String>)], report: Option<&Report<'_>>, look: Look) -> String {
    let mut out = look.wrap(
        "What the calls of a workload ask for. Prompts with tools are agentic, with media vision, with passages retrieval. \
         The others are judged together, all calls of a caller that begin alike and have one pricing mode; the first rule \
         all of whose clauses hold decides, and where none does they are text.",
        "",
    );
    out.push('\n');
    for (id, form, clauses) in rules {
        let _ = writeln!(out, "{} -> {form}", look.heading(id));
        for clause in clauses {
            out.push_str(&look.hang(clause, "  "));
        }
    }
    let Some(report) = report else {
        out.push_str(&crate::explain::next("lode explain cohorts INPUT", look));
        return out;
    };
    let _ = writeln!(out, "\n{}", look.heading("On this input, the most expensive first"));
    let mut lines = lines(report);
    // Stable: what costs the same stays in the order of the estate.
    lines.sort_by_key(|line| -line.monthly.pico());
    for line in lines.iter().take(MOST_WORKLOADS) {
        let id = line.id;
        let calls = count(line.own.calls.len() as u64, "call", "calls");
        let place = crate::text::place(report.labels, &line.own.owner);
        let (cohort, model) = (short(id.cohort.as_str(), 60), short(id.model.as_str(), 120));
        let head = format!("{cohort} · {place} · {model}: {calls}, {} a month", usd(line.monthly));
        out.push_str(&look.hang(&head, "  "));
        out.push_str(&look.hang(&format!("{}: {}", line.own.task.as_str(), because(line.own)), "      "));
    }
    if lines.is_empty() {
        out.push_str("  no logged call\n");
    }
    let more = lines.len().saturating_sub(MOST_WORKLOADS);
    if more > 0 {
        out.push_str(&look.wrap(&format!("{more} more, in --format json under cohorts"), "  "));
    }
    let input = format!("{}{}", report.sources.input, report.sources.flags);
    out.push_str(&crate::explain::next(&format!("lode report {input}"), look));
    out
}
