//! What a recommender's rules say on every scenario, as a text a person can review: a new scenario may change only
//! the lines it should.

use std::fmt::Write;

use lode_engine::{Reason, Recommender, Value, Verdict};

use crate::scenarios;

/// Every rule of one recommender on every scenario: proposals, gaps, and what was declined by a figure or for want of
/// a price. Rules that do not apply at all (a yes-or-no clause that does not hold) are left out.
#[must_use]
pub fn rule_outcomes(recommender: &dyn Recommender) -> String {
    let mut text = String::new();
    for scenario in scenarios() {
        let (_, outcome) = scenario.run(&[recommender]);
        let mut lines = Vec::new();
        for evaluation in &outcome.evaluations {
            if let Verdict::Declined(Reason::Clause { value: Value::Flag(_), because: None, .. }) = &evaluation.verdict
            {
                continue;
            }
            let verdict = match &evaluation.verdict {
                Verdict::Proposed(keys) => format!("proposed {}", keys.join(", ")),
                Verdict::Gap(input, known) => {
                    let known: Vec<String> = known.iter().map(|e| format!("{} {}", e.signal, e.value)).collect();
                    format!("waits for {input}; {}", known.join(", "))
                }
                Verdict::Declined(Reason::Clause { clause, value, because }) => {
                    let (by, than) = (clause.comparator.as_str(), &clause.threshold);
                    let why = because.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                    format!("declined: {} is {value}{why}, needs {by} {than}", clause.signal)
                }
                Verdict::Declined(reason) => format!("declined: {reason:?}"),
            };
            lines.push(format!("  {} @ {}: {verdict}", evaluation.rule_id, place(&evaluation.subject)));
        }
        for recommendation in &outcome.recommendations {
            lines.push(format!(
                "  => {} saves {} a month ({} alone): {}",
                recommendation.rule_id,
                recommendation.savings.expected,
                recommendation.savings.standalone,
                recommendation.action
            ));
        }
        if !lines.is_empty() {
            let _ = writeln!(text, "{}:", scenario.name);
            let _ = writeln!(text, "{}", lines.join("\n"));
        }
    }
    text
}

fn place(owner: &lode_model::Owner) -> String {
    use lode_model::Owner;
    match owner {
        Owner::Workload(w) => format!("{} {} {}", w.caller, w.model, w.region),
        Owner::Pool(p) => format!("pool {} {}", p.model, p.region),
        Owner::Resource(_, region, id) => format!("{id} {region}"),
        Owner::Account(account) => format!("account {account}"),
    }
}
