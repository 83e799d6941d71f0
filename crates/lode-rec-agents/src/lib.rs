#![doc = include_str!("../README.md")]

mod counted;
mod signals;

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, Money, Owner, Ratio, Selector, Waste};

use crate::counted::agents_counted;
use crate::signals::{count, followed, measured};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "agents",
    lever: Lever { id: "agents", name: "Agents" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Calls that bought nothing: failed, sent again while the same was on its way, going in a circle, far beyond the steps that
/// tasks take.
#[derive(Debug)]
pub struct Agents;

impl Recommender for Agents {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Owner::Workload(workload) = subject else { return Signals::new() };
        let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode != Mode::Provisioned);
        let signals = Signals::new().money("spend.monthly", "USD per month", spend);
        let traffic = cx.traffic(subject);
        let signals = agents_counted(signals, cx, workload).flag("calls.known", traffic.is_some());
        match traffic {
            None => signals.missing("tasks.steps", "calls per task", Input::InvocationLogs),
            Some(traffic) => measured(signals, &traffic),
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let (Owner::Workload(workload), Some(traffic)) = (subject, cx.traffic(subject)) else { return Vec::new() };
        let calls =
            format!("{} to {} in {}", workload.caller.calls("the"), cx.model_name(&workload.model), workload.region);
        let (waste, title) = match rule.id.as_str() {
            "failed-calls" => {
                let failed = count(traffic.agents.failed.calls);
                let title = format!("Stop paying for calls whose answer cannot be used: {failed} of {calls}");
                let avoidable = Ratio::from_f64(given.get("avoidable") * followed(&traffic.agents));
                (Waste::Failed { avoidable }, title)
            }
            "retries" => {
                let (seconds, after) = (given.count("seconds-on-its-way"), given.count("seconds-before"));
                let title = format!("Wait for the answer before a prompt is sent again in {calls}");
                (Waste::Retried { seconds, after }, title)
            }
            "loops" => {
                let most = given.count("equal-calls").max(1);
                let title = format!("End a task that makes the same tool call more than {most} times in {calls}");
                (Waste::Loops { most }, title)
            }
            "polls" => {
                let most = given.count("equal-calls").max(1);
                let title = format!("Wait in the tool after {most} equal tool calls in a row in {calls}");
                (Waste::Loops { most }, title)
            }
            "long-tasks" => {
                let Some(median) = traffic.agents.steps_of(50) else { return Vec::new() };
                let most = most_steps(median, given.get("multiple-of-the-median"));
                let title = format!("End tasks after {most} steps in {calls}: half of them take {median} or fewer");
                (Waste::StepsBeyond(most), title)
            }
            _ => return Vec::new(),
        };
        vec![Action {
            key: rule.id.as_str().into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::DropCalls(waste)],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        }]
    }
}

/// So many times the median, in whole steps, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "clamped to the range first"
)]
fn most_steps(median: u64, multiple: f64) -> u32 {
    (median as f64 * multiple).round().clamp(1.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls are counted before any rule is read: what is counted must be what the rules assume.
    #[test]
    fn what_is_counted_is_what_the_rules_assume() {
        let rules = Rule::read_all(META.id, META.rules).expect("valid rules");
        let assumed = |rule: &str, id: &str| {
            let rule = rules.iter().find(|known| known.id == rule).expect("a rule");
            rule.assumptions.iter().find(|known| known.id == id).expect("an assumption").expected
        };
        assert_eq!(assumed("retries", "seconds-on-its-way"), f64::from(lode_sim::ON_ITS_WAY));
        assert_eq!(assumed("retries", "seconds-before"), f64::from(lode_sim::RETRIED_AFTER));
        assert_eq!(assumed("loops", "equal-calls"), f64::from(lode_sim::EQUAL_CALLS));
        assert_eq!(assumed("polls", "equal-calls"), f64::from(lode_sim::EQUAL_CALLS));
        assert_eq!(most_steps(1, assumed("long-tasks", "multiple-of-the-median")), signals::THREE_MEDIANS);
    }
}
