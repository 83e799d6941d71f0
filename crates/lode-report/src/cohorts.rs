//! Cohorts: what the calls of each workload ask for, and what tells so. For the JSON report and for `lode explain`.
//!
//! It copies what the estate learnt; it decides nothing.

use std::fmt::Write as _;

use lode_engine::Recommendation;
use lode_model::{Money, Owner, TaskForm, WorkloadId};
use lode_sim::{Daily, OwnerCalls, Projection, State, Told, ToldClause};

use crate::text::{clean, count};
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
    let owners = report.estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
    let mut out = String::new();
    for own in owners.filter(|own| crate::habits::means(r, &own.owner)) {
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

/// `summary-asked: instructions.summarise_share 0.98 (at least 0.6), answers.of_given 0.12 (at most 0.6)`.
fn sentence(told: &Told) -> String {
    let clause = |clause: &ToldClause| {
        let bound = if clause.at_least { "at least" } else { "at most" };
        format!("{} {} ({bound} {})", clause.signal, clause.value, clause.threshold)
    };
    let clauses: Vec<String> = told.clauses.iter().map(clause).collect();
    format!("{}: {}", told.rule, clauses.join(", "))
}

/// The rules that tell what calls ask for: id, form, clauses.
#[must_use]
pub fn explain_cohorts(rules: &[(String, TaskForm, Vec<String>)], look: Look) -> String {
    let mut out = String::from(
        "What the calls of a workload ask for. Prompts with tools are agentic, with media vision, with passages retrieval. \
         The others are judged together, all calls of a caller that begin alike and have one pricing mode; the first rule \
         all of whose clauses hold decides, and where none does they are text.\n\n",
    );
    out = look.wrap(out.trim_end(), "");
    out.push('\n');
    for (id, form, clauses) in rules {
        let _ = writeln!(out, "{} -> {form}", look.heading(id));
        for clause in clauses {
            out.push_str(&look.hang(clause, "  "));
        }
    }
    out
}
