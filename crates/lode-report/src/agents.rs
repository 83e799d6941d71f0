//! The agents overlay of the bill: calls that follow each other, as agents and conversations make them, and what sending
//! everything again costs them. An overlay: its dollars are in the bill's totals already and are added to none.
//!
//! It reads what the simulator measured on the logged calls; it prices nothing.

use lode_model::{Class, Money, Owner, ServiceRole, TaskForm, WorkloadId};
use lode_sim::{Daily, Projection, State, Traffic, ratio};

use crate::cohorts;
use crate::{Report, text::percent};

/// The calls of one workload that come in chains.
pub(crate) struct AgentLine<'a> {
    pub(crate) id: &'a WorkloadId,
    /// Dollars a month of the workload.
    pub(crate) monthly: Money,
    /// Logged calls of the workload, and those of them in chains.
    pub(crate) calls: u64,
    pub(crate) in_chains: u64,
    /// Chains: tasks, or conversations.
    pub(crate) tasks: u64,
    /// Prompt tokens of the calls in chains over those that were not sent before.
    pub(crate) inflation: Option<f64>,
    /// Share of prompt tokens that are tools and instructions with which every call begins, where calls are known.
    pub(crate) fixed: Option<f64>,
}

impl AgentLine<'_> {
    /// Calls a task, on average.
    pub(crate) fn calls_per_task(&self) -> f64 {
        ratio(self.in_chains, self.tasks)
    }
}

/// What is known of chains.
pub(crate) struct Agents<'a> {
    /// Workloads with chains, the dearest first.
    pub(crate) lines: Vec<AgentLine<'a>>,
    /// Dollars a month of token use whose calls are not known, or whose bodies are not: chains in it cannot be told apart.
    pub(crate) not_separable: Money,
}

impl<'a> Agents<'a> {
    pub(crate) fn of(report: &Report<'a>, baseline: &'a State) -> Self {
        let estate = report.estate;
        let mut lines = Vec::new();
        let mut seen: Vec<&Owner> = Vec::new();
        for line in cohorts::lines(report) {
            let Some(traffic) = Traffic::of(estate, baseline, &line.own.owner) else { continue };
            if traffic.with_body > 0 {
                seen.push(&line.own.owner);
            }
            let chains = &traffic.habits.chains;
            // Agents whose calls could not be joined are agents all the same.
            let by_agents = line.id.caller.service_role() == Some(ServiceRole::Agents);
            if chains.chains == 0 && line.own.task != TaskForm::Agentic && !by_agents {
                continue;
            }
            lines.push(AgentLine {
                id: line.id,
                monthly: line.monthly,
                calls: traffic.calls,
                in_chains: chains.calls,
                tasks: chains.chains,
                inflation: chains.inflation().filter(|_| chains.chains > 0).map(|(all, new)| ratio(all, new)),
                fixed: Some(ratio(traffic.static_tokens.saturating_mul(traffic.with_body), traffic.prompt_tokens)),
            });
        }
        // Agents that are known by their role alone: how their calls hang together is not.
        let projection = Projection::of(&estate.window);
        for owner in baseline.owners().filter(|owner| estate.demand.of(owner).is_none()) {
            let Owner::Workload(id) = owner else { continue };
            if id.caller.service_role() == Some(ServiceRole::Agents) {
                seen.push(owner);
                let monthly = projection.monthly(&baseline.daily_of(&estate.window, owner));
                lines.push(AgentLine { id, monthly, calls: 0, in_chains: 0, tasks: 0, inflation: None, fixed: None });
            }
        }
        lines.sort_by(|a, b| (b.monthly, a.id).cmp(&(a.monthly, b.id)));
        let mut unseen = Daily::zero(estate.window.days());
        for owner in baseline.owners().filter(|owner| matches!(owner, Owner::Workload(_)) && !seen.contains(owner)) {
            let tokens = |class: &Class| class.is_token() && *class != Class::Output;
            let charges = baseline.charges(owner);
            if charges.iter().any(|charge| tokens(&charge.key.class)) {
                charges.iter().filter(|c| c.key.class.is_token()).for_each(|c| unseen.add(&estate.window, c));
            }
        }
        Self { lines, not_separable: projection.monthly(&unseen) }
    }
}

/// What the figures are.
pub(crate) const WHAT: &str = "An overlay: these dollars are in the totals above. A task is a chain of calls, joined by \
                               ids of tool calls or by how prompts begin; where part of the calls is in chains, the \
                               figures behind the dollars are of that part. Inflation: prompt tokens of its calls over those \
                               that no call before had sent. Fixed: tools and instructions with which every call begins, of \
                               prompt tokens.";

/// `4.1×`.
pub(crate) fn times(factor: Option<f64>) -> String {
    factor.map_or_else(|| "–".to_owned(), |factor| format!("{factor:.1}×"))
}

/// Figures of a line, as text.
pub(crate) fn figures(line: &AgentLine<'_>) -> Vec<String> {
    vec![
        line.monthly.to_string(),
        if line.tasks > 0 { format!("{:.1}", line.calls_per_task()) } else { "–".to_owned() },
        times(line.inflation),
        line.fixed.map_or_else(|| "–".to_owned(), percent),
    ]
}
