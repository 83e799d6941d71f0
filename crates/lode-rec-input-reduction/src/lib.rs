#![doc = include_str!("../README.md")]

mod signals;

use std::sync::Arc;

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, Mode, Money, Owner, Ratio, Selector, WorkloadId};
use lode_sim::{ToolTraffic, Traffic};

use crate::signals::{NAME_CHARS, is_unused, measured};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "input-reduction",
    lever: Lever { id: "input-reduction", name: "Input token reduction" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Tools that a title names before it breaks off.
const NAMED: usize = 5;

/// Shorter and fewer prompts: unused tools, resent history, blocks sent twice, white space in JSON, examples, pasted
/// files, prompts answered before; and answers that run on.
#[derive(Debug)]
pub struct InputReduction;

impl Recommender for InputReduction {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Owner::Workload(_) = subject else { return Signals::new() };
        let profile = cx.profile(subject);
        let prompt = profile.tokens(|key| key.class.is_prompt());
        let output = profile.tokens(|key| key.class == Class::Output);
        let spend = cx.monthly_of(subject, |c| c.key.class.is_prompt() && c.key.mode == Mode::Standard);
        let answers = cx.monthly_of(subject, |c| c.key.class == Class::Output && c.key.mode == Mode::Standard);
        let signals = Signals::new()
            .money("spend.prompt_monthly", "USD per month", spend)
            .money("spend.monthly", "USD per month", spend + answers)
            .money("spend.output_monthly", "USD per month", answers)
            .count("prompt.tokens", "tokens", prompt)
            .count("output.tokens", "tokens", output);
        // Which part of a prompt is needed shows only in the prompts.
        let unknown = |signals: Signals, input| {
            signals.flag("bodies.known", false).missing("prompt.removable_share", "share of prompt tokens", input)
        };
        match cx.traffic(subject) {
            None => unknown(signals, Input::InvocationLogs),
            Some(traffic) if traffic.with_body == 0 => unknown(signals, Input::RequestBodies),
            Some(traffic) => measured(signals.flag("bodies.known", true), &traffic, cx.logged_share(subject)),
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let (Owner::Workload(workload), Some(traffic)) = (subject, cx.traffic(subject)) else { return Vec::new() };
        let to = cx.model_name(&workload.model);
        let calls = calls_of(workload, &to);
        let (edit, title) = match rule.id.as_str() {
            "unused-tools" => {
                let tools = never_called(&traffic, given.get("calls-that-tell"));
                if tools.is_empty() {
                    return Vec::new();
                }
                let title = leave_out(workload, &to, &tools);
                (Edit::DropTools(tools), title)
            }
            "duplicate-blocks" => {
                (Edit::DropDuplicateBlocks, format!("Send each block once in a prompt: {calls} repeat some"))
            }
            "resent-history" => {
                let turns = given.count("turns-kept").max(1);
                (Edit::WindowHistory(turns), format!("Send only the newest {turns} turns of a conversation in {calls}"))
            }
            "pretty-json" => {
                let weight = traffic.white_space_weight.unwrap_or_else(|| given.get("weight-of-white-space"));
                (
                    Edit::DropWhiteSpace(Ratio::from_f64(weight)),
                    format!("Send JSON without indentation and line breaks in {calls}"),
                )
            }
            "many-examples" => {
                let kept = given.count("examples-kept");
                (Edit::KeepExamples(kept), format!("Keep {kept} worked examples in the instructions of {calls}"))
            }
            "outlier-prompts" => {
                let most = tokens(traffic.prompt_outliers.longest_ordinary);
                (Edit::CapPrompt(most), format!("Limit prompts to {most} tokens in {calls}: few are far longer"))
            }
            "exact-repeats" => {
                let hours = given.count("hours-kept").max(1);
                let title =
                    format!("Answer prompts that were answered within {hours} hours from a store: {calls} repeat some");
                (Edit::AnswerRepeats(hours.saturating_mul(3600)), title)
            }
            "outlier-answers" => {
                let most = tokens(traffic.answer_outliers.longest_ordinary);
                (Edit::CapOutput(most), format!("Limit answers to {most} tokens in {calls}: few are far longer"))
            }
            _ => return Vec::new(),
        };
        vec![Action {
            key: rule.id.as_str().into(),
            selector: Selector::all(subject.clone()),
            edits: vec![edit],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        }]
    }
}

/// Names of the tools that at least so many calls offer and none calls, the heaviest first.
#[expect(clippy::cast_precision_loss, reason = "a number of calls is compared, not billed")]
fn never_called(traffic: &Traffic, at_least: f64) -> Vec<Arc<str>> {
    let told = |tool: &ToolTraffic| is_unused(tool) && tool.offered as f64 >= at_least;
    let mut tools: Vec<_> = traffic.tools.iter().filter(|(_, tool)| told(tool)).collect();
    tools.sort_by_key(|(name, tool)| (std::cmp::Reverse(tool.tokens), *name));
    tools.into_iter().map(|(name, _)| Arc::clone(name)).collect()
}

fn leave_out(workload: &WorkloadId, model: &str, tools: &[Arc<str>]) -> String {
    let mut names: Vec<String> = tools.iter().take(NAMED).map(|name| name.chars().take(NAME_CHARS).collect()).collect();
    if tools.len() > NAMED {
        names.push("…".to_owned());
    }
    let (what, which) = match tools.len() {
        1 => ("the tool".to_owned(), "is"),
        many => (format!("the {many} tools"), "are"),
    };
    format!("Leave {what} that {which} never called out of {} ({})", calls_of(workload, model), names.join(", "))
}

/// `the calls of role/desk to Mistral Large 3 in us-east-1`.
fn calls_of(workload: &WorkloadId, model: &str) -> String {
    format!("{} to {model} in {}", workload.caller.calls("the"), workload.region)
}

fn tokens(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use lode_model::{Caller, Cohort};

    use super::*;

    fn workload() -> WorkloadId {
        WorkloadId {
            account: "111111111111".into(),
            region: "us-east-1".into(),
            model: "mistral.mistral-large-3-675b-instruct".into(),
            caller: Caller::from("role/desk"),
            cohort: Cohort::from("agentic"),
        }
    }

    #[test]
    fn a_tool_counts_as_unused_when_enough_calls_offer_it_and_none_calls_it() {
        let mut traffic = Traffic::default();
        for (name, offered, called, tokens) in
            [("used", 900, 3, 9_000), ("light", 900, 0, 100), ("heavy", 900, 0, 500), ("rare", 99, 0, 700)]
        {
            traffic.tools.insert(name.into(), ToolTraffic { offered, called, tokens });
        }
        // Called in an earlier turn, offered by no prompt of the window.
        traffic.tools.insert("gone".into(), ToolTraffic { offered: 0, called: 0, tokens: 0 });
        let names = |at_least| never_called(&traffic, at_least).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(100.0), ["heavy", "light"], "the heaviest first");
        assert_eq!(names(50.0), ["rare", "heavy", "light"]);
        assert_eq!(names(1000.0), [""; 0]);
    }

    #[test]
    fn a_title_names_five_tools_and_no_endless_ones() {
        let long = "x".repeat(41);
        let names: Vec<Arc<str>> = [long.as_str(), "b", "c", "d", "e", "f"].map(Arc::from).to_vec();
        assert_eq!(
            leave_out(&workload(), "Mistral Large 3", &names),
            format!(
                "Leave the 6 tools that are never called out of the calls of role/desk to Mistral Large 3 in us-east-1 \
                 ({}, b, c, d, e, …)",
                "x".repeat(40)
            )
        );
        assert_eq!(
            leave_out(&workload(), "Mistral Large 3", &names[1..2]),
            "Leave the tool that is never called out of the calls of role/desk to Mistral Large 3 in us-east-1 (b)"
        );
    }
}
