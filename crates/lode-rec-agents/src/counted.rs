//! Signs of agents where calls are not known: the role that calls, and what CloudWatch counted of Agents Classic.

use std::collections::BTreeMap;

use lode_engine::{Context, Signals};
use lode_model::{Series, WorkloadId};

/// How the console names the role of an agent (AWS, Bedrock User Guide, agents: permissions; copy of 2026-10). A hint: a
/// role may be named so for anything, and agents may have others.
const AGENT_ROLE: &str = "AmazonBedrockExecutionRoleForAgents_";
/// Namespace of Agents Classic (AWS, monitoring-agents-cw-metrics, copy of 2026-10).
const NAMESPACE: &str = "AWS/Bedrock/Agents";
const TURNS: &str = "InvocationCount";
const MODEL_CALLS: &str = "ModelInvocationCount";
const TOKENS: &str = "InputTokenCount";

/// Whether an agent seems to make these calls, and what is counted of its turns.
pub(crate) fn agents_counted(signals: Signals, cx: &Context<'_>, workload: &WorkloadId) -> Signals {
    let caller = workload.caller.as_str();
    let listed = cx.inventory().setup.agents.iter().find(|agent| {
        let role = agent.role.as_deref().and_then(|role| role.rsplit('/').next());
        role.is_some_and(|role| caller.strip_prefix("role/") == Some(role))
    });
    let is_agent = listed.is_some() || caller.contains(AGENT_ROLE);
    let counts = if is_agent || !workload.caller.is_attributed() { counts(cx, workload) } else { None };
    let signals = signals.flag("agents.seen", is_agent || counts.is_some());
    let signals = match listed {
        Some(agent) => signals.text("agents.role_of", "agent", format!("{} ({})", agent.name, agent.id)),
        None if is_agent => signals.text("agents.role_of", "", "an agent, by the name of the role"),
        None => signals,
    };
    let Some(Counts { turns, model_calls, tokens }) = counts else { return signals };
    let signals = signals.number("agents.model_calls_per_turn", "calls per turn", ratio(model_calls, turns));
    match tokens {
        Some(tokens) => signals.number("agents.tokens_per_turn", "input tokens per turn", ratio(tokens, turns)),
        None => signals,
    }
}

/// Sums over the window, in millionths.
#[derive(Clone, Copy, Default)]
struct Counts {
    turns: i128,
    model_calls: i128,
    tokens: Option<i128>,
}

/// What was counted of an account, region and model; where no series names the model, of the account and region. Each
/// level is counted once, and of several periods the one that has most.
fn counts(cx: &Context<'_>, workload: &WorkloadId) -> Option<Counts> {
    let here = |series: &Series| {
        &*series.namespace == NAMESPACE
            && &*series.stat == "Sum"
            && series.account.as_ref().is_none_or(|account| *account == workload.account)
            && series.region.as_ref().is_none_or(|region| *region == workload.region)
    };
    let of_model = |series: &Series| {
        let model = series.dimensions.get("ModelId").is_some_and(|id| {
            id.strip_suffix(workload.model.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with(['.', '/']))
        });
        model && series.dimensions.keys().all(|name| matches!(&**name, "ModelId" | "Operation"))
    };
    let of_any = |series: &Series| series.dimensions.keys().all(|name| &**name == "Operation");
    let sums = |level: &dyn Fn(&Series) -> bool| {
        let mut by_period: BTreeMap<u32, Counts> = BTreeMap::new();
        for (series, points) in cx.metrics().series.iter().filter(|(series, _)| here(series) && level(series)) {
            let sum: i128 = points.values().map(|value| value.millionths()).sum();
            let counts = by_period.entry(series.period).or_default();
            match &*series.metric {
                TURNS => counts.turns += sum,
                MODEL_CALLS => counts.model_calls += sum,
                TOKENS => *counts.tokens.get_or_insert(0) += sum,
                _ => {}
            }
        }
        let told = by_period.into_values().filter(|counts| counts.turns > 0 && counts.model_calls > 0);
        told.max_by_key(|counts| counts.turns)
    };
    sums(&of_model).or_else(|| sums(&of_any))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown, not billed")]
fn ratio(count: i128, of: i128) -> f64 {
    count as f64 / of as f64
}
