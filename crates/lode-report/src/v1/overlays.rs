//! The overlays of the bill in JSON: calls in chains, and what retrieval puts into prompts. Their dollars are in the totals
//! already.

use lode_sim::State;
use schemars::JsonSchema;
use serde::Serialize;

use super::Usd;
use super::build::six_places;
use crate::Report;
use crate::agents::{AgentLine, Agents};
use crate::retrieval::{Retrieval, RetrievalLine};

/// Both overlays of a report.
pub(super) struct Overlays {
    pub(super) agents: Vec<AgentsV1>,
    pub(super) agents_not_separable: Usd,
    pub(super) retrieval: Vec<RetrievalV1>,
    pub(super) retrieval_not_separable: Usd,
}

impl Overlays {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let baseline = State::baseline(report.estate);
        let agents = Agents::of(report, &baseline);
        let retrieval = Retrieval::of(report, &baseline);
        Self {
            agents: agents.lines.iter().map(chains).collect(),
            agents_not_separable: agents.not_separable.into(),
            retrieval: retrieval.lines.iter().map(passages).collect(),
            retrieval_not_separable: retrieval.not_separable.into(),
        }
    }
}

/// The chains of one workload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AgentsV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Caller.
    pub caller: String,
    /// Cohort.
    pub cohort: String,
    /// Dollars a month of the workload.
    pub monthly: Usd,
    /// Logged calls.
    pub calls: u64,
    /// Of them, those in chains.
    pub calls_in_chains: u64,
    /// Chains: tasks, or conversations.
    pub tasks: u64,
    /// Calls of a chain, on average.
    pub calls_per_task: f64,
    /// Prompt tokens of the calls in chains over those that no call before had sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflation: Option<f64>,
    /// Share of prompt tokens that are tools and instructions with which every call begins; 0 where no call is known.
    pub fixed_share: f64,
}

/// The calls of one workload with retrieved passages, or of a knowledge base.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RetrievalV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Caller.
    pub caller: String,
    /// Cohort.
    pub cohort: String,
    /// Dollars a month of the workload.
    pub monthly: Usd,
    /// Of them, what passages cost: their share of the prompt tokens. Absent where none are seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_monthly: Option<Usd>,
    /// Logged calls with passages.
    pub queries: u64,
    /// Passages of such a call, on average; 0 where none are seen.
    pub passages_per_query: f64,
    /// Tokens of a passage, on average; 0 where none are seen.
    pub tokens_per_passage: f64,
    /// Whether the caller's role is named as the console names those of knowledge bases.
    pub by_knowledge_base: bool,
}

fn chains(line: &AgentLine<'_>) -> AgentsV1 {
    AgentsV1 {
        account: line.id.account.to_string(),
        region: line.id.region.to_string(),
        model: line.id.model.to_string(),
        caller: line.id.caller.to_string(),
        cohort: line.id.cohort.to_string(),
        monthly: line.monthly.into(),
        calls: line.calls,
        calls_in_chains: line.in_chains,
        tasks: line.tasks,
        calls_per_task: six_places(line.calls_per_task()),
        inflation: line.inflation.map(six_places),
        fixed_share: six_places(line.fixed.unwrap_or_default()),
    }
}

fn passages(line: &RetrievalLine<'_>) -> RetrievalV1 {
    RetrievalV1 {
        account: line.id.account.to_string(),
        region: line.id.region.to_string(),
        model: line.id.model.to_string(),
        caller: line.id.caller.to_string(),
        cohort: line.id.cohort.to_string(),
        monthly: line.monthly.into(),
        context_monthly: line.context.map(Into::into),
        queries: line.queries,
        passages_per_query: six_places(line.passages_per_query),
        tokens_per_passage: six_places(line.tokens_per_passage),
        by_knowledge_base: line.by_knowledge_base,
    }
}
