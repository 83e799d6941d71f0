//! What the calls of one owner show as steps of tasks. Of what there is none, only that is said.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_engine::{Input, Signals, Value};
use lode_sim::{Agents, Traffic, WastedCalls, ratio};

/// Reasons of failures that are named before the evidence breaks off.
const NAMED: usize = 3;
/// Characters of a reason that are shown: reasons come from logs and may be of any length.
const REASON_CHARS: usize = 40;
/// What `tasks.beyond_three_medians.*` leaves out: the signal's name says it.
pub(crate) const THREE_MEDIANS: u32 = 3;

/// Everything that the calls show.
pub(crate) fn measured(signals: Signals, traffic: &Traffic) -> Signals {
    let agents = &traffic.agents;
    let signals = signals.count("calls.count", "calls", agents.calls.into()).number(
        "bodies.share",
        "share of calls",
        ratio(traffic.with_body, traffic.calls),
    );
    let signals = tasks(signals, traffic);
    let signals = loops(signals, traffic);
    failures(retries(signals, traffic), traffic)
}

fn failures(signals: Signals, traffic: &Traffic) -> Signals {
    let (agents, failed) = (&traffic.agents, &traffic.agents.failed);
    let signals = signals.flag("failures.seen", failed.calls > 0);
    if failed.calls == 0 {
        return signals;
    }
    let signals = signals
        .count("failures.calls", "calls with tokens and without a usable answer", failed.calls.into())
        .count("failures.tokens", "prompt and answer tokens", failed.tokens().into())
        .number("failures.share", "share of tokens", ratio(failed.tokens(), agents.tokens))
        .number("failures.sent_again.share", "share of them", ratio(agents.failed_sent_again, failed.calls))
        .text("failures.reasons", "calls", reasons(&agents.failed_by_reason))
        .text("failures.examples", "request ids", ids(failed));
    if agents.failed_compared == 0 {
        return signals.missing("failures.followed.share", FOLLOWED, Input::RequestBodies);
    }
    let why =
        "where no later prompt of the caller begins with that of a failed call, it would cost as much had it succeeded";
    signals.number("failures.followed.share", FOLLOWED, followed(agents)).because(why)
}

/// What `failures.followed.share` counts.
const FOLLOWED: &str = "share of them from which the task went on within an hour";

/// Of the failed calls that can be compared with others, the share from which the task went on.
pub(crate) fn followed(agents: &Agents) -> f64 {
    ratio(agents.failed_followed, agents.failed_compared)
}

fn retries(signals: Signals, traffic: &Traffic) -> Signals {
    let (agents, retried) = (&traffic.agents, &traffic.agents.retried);
    let signals = signals.flag("retries.seen", retried.calls > 0);
    if retried.calls == 0 {
        return signals;
    }
    signals
        .count(
            "retries.calls",
            "calls made while the same was on its way, two seconds after it or later",
            retried.calls.into(),
        )
        .count("retries.tokens", "prompt and answer tokens", retried.tokens().into())
        .number("retries.share", "share of tokens", ratio(retried.tokens(), agents.tokens))
        .number("calls.without_duration.share", "share of calls", ratio(traffic.without_latency, traffic.calls))
        .text("retries.examples", "request ids", ids(retried))
}

fn loops(signals: Signals, traffic: &Traffic) -> Signals {
    let (agents, looping) = (&traffic.agents, &traffic.agents.looping);
    let signals = signals.flag("loops.seen", looping.calls > 0);
    if looping.calls == 0 {
        return signals;
    }
    let why = format!(
        "{} of {} steps got a result that their prompt had before; who gets new ones looks at what changes, waits or pages",
        count(agents.looping_same_result),
        count(looping.calls)
    );
    signals
        .count("loops.calls", "steps after the fourth equal tool call or a later one", looping.calls.into())
        .count("loops.tokens", "prompt and answer tokens", looping.tokens().into())
        .number("loops.share", "share of tokens", ratio(looping.tokens(), agents.tokens))
        .number("loops.same_result.share", "share of them", ratio(agents.looping_same_result, looping.calls))
        .because(why)
        .number("loops.in_a_row.share", "share of them", ratio(agents.looping_in_a_row, looping.calls))
        .text("loops.examples", "request ids", ids(looping))
}

fn tasks(signals: Signals, traffic: &Traffic) -> Signals {
    let agents = &traffic.agents;
    let steps = |percent| agents.steps_of(percent).unwrap_or_default();
    let median = steps(50);
    let seen = agents.most_steps() > 1 && median > 0;
    let signals = signals.flag("tasks.seen", seen);
    if !seen {
        return signals;
    }
    let limit = median.saturating_mul(THREE_MEDIANS.into());
    let (calls, tokens) = agents.beyond(limit);
    let place = usize::try_from(limit).unwrap_or(usize::MAX);
    let going_on = agents.by_step.get(place).copied().unwrap_or_default();
    let signals = signals
        .count("tasks.count", "tasks", agents.tasks().into())
        .count("tasks.steps", "steps within which half of the tasks end", median.into())
        .count("tasks.steps.p95", "steps within which 95 % of the tasks end", steps(95).into())
        .count("tasks.steps.most", "steps", agents.most_steps().into())
        .count("tasks.beyond_three_medians.calls", "calls", calls.into())
        .number("tasks.beyond_three_medians.share_of_tasks", "share of tasks", ratio(going_on, agents.tasks()))
        .number("tasks.beyond_three_medians.share", "share of tokens", ratio(tokens, agents.tokens));
    match traffic.habits.chains.inflation() {
        Some((all, new)) if traffic.habits.chains.chains > 0 => {
            signals.number("chains.inflation", "prompt tokens over those not sent before", ratio(all, new))
        }
        _ => signals,
    }
}

/// `malformed_tool_use 120, ModelErrorException 3`: the most frequent first.
fn reasons(by: &BTreeMap<Arc<str>, u64>) -> String {
    let mut by: Vec<_> = by.iter().collect();
    by.sort_by_key(|(why, calls)| (std::cmp::Reverse(**calls), Arc::clone(why)));
    let more = by.len().saturating_sub(NAMED);
    let one = |(why, calls): &(&Arc<str>, &u64)| {
        format!("{} {}", why.chars().take(REASON_CHARS).collect::<String>(), count(**calls))
    };
    let named: Vec<String> = by.iter().take(NAMED).map(one).collect();
    let rest = if more > 0 { format!(", and {more} other reasons") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}

fn ids(calls: &WastedCalls) -> String {
    calls.examples.join(", ")
}

/// A count with thousands separators.
#[expect(clippy::cast_precision_loss, reason = "a count is shown, not billed")]
pub(crate) fn count(calls: u64) -> String {
    Value::Number(calls as f64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_reasons_are_named_and_no_endless_ones() {
        let long = "x".repeat(50);
        let by: BTreeMap<Arc<str>, u64> =
            [("a", 1), ("b", 1200), (long.as_str(), 7), ("c", 1)].map(|(why, calls)| (why.into(), calls)).into();
        assert_eq!(reasons(&by), format!("b 1,200, {} 7, a 1, and 1 other reasons", "x".repeat(40)));
    }
}
