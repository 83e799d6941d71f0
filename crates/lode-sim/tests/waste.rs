//! Calls that bought nothing, left out: what is billed then is the bill of the month without them. Prompts of one token a
//! byte on Claude Sonnet 5.5 (global: input 2.00, output 10.00 a million), so that every figure can be checked by hand.

use std::collections::BTreeMap;

use lode_model::{Action, Edit, Money, Owner, Ratio, Selector, Waste};
use lode_prices::NewRates;
use lode_sim::{Agents, Estate, NotSimulated, Simulator, State, Traffic};
use lode_testkit::EstateFile;
use proptest::prelude::*;

/// All calls that failed.
const FAILED: Waste = Waste::Failed { avoidable: Ratio::ONE };

/// A call of one role: second of 2026-10-01 from 08:00, what else its record says, its segments; each name is 100 tokens.
#[derive(Clone, Debug)]
struct Row {
    second: u32,
    latency: Option<u32>,
    useless: Option<&'static str>,
    segments: Vec<String>,
}

fn row(second: u32, segments: &str) -> Row {
    let segments = segments.split_whitespace().map(ToOwned::to_owned).collect();
    Row { second, latency: None, useless: None, segments }
}

impl Row {
    fn lasting(self, seconds: u32) -> Self {
        Self { latency: Some(seconds * 1000), ..self }
    }

    fn useless(self, why: &'static str) -> Self {
        Self { useless: Some(why), ..self }
    }

    fn tokens(&self) -> u64 {
        self.segments.len() as u64 * 100
    }

    fn json(&self) -> String {
        let (hour, minute, second) = (8 + self.second / 3600, self.second / 60 % 60, self.second % 60);
        let latency = self.latency.map_or_else(String::new, |ms| format!(r#""latency_ms":{ms},"#));
        let useless = match self.useless {
            Some(why) if why.ends_with("Exception") => format!(r#""error":"{why}","#),
            Some(why) => format!(r#""stop_reason":"{why}","#),
            None => String::new(),
        };
        let segments: Vec<String> = self.segments.iter().map(|name| format!(r#""{name}:100""#)).collect();
        format!(
            r#"{{"time":"2026-10-01T{hour:02}:{minute:02}:{second:02}Z","model":"anthropic.claude-sonnet-5-5",
                "routing":"global","role":"app","input":{},"output":10,{latency}{useless}"segments":[{}]}}"#,
            self.tokens(),
            segments.join(",")
        )
    }
}

/// Millionths of a dollar that the calls cost: 2 a prompt token, 10 an answer token.
fn bill(rows: &[Row]) -> u64 {
    rows.iter().map(|row| row.tokens() * 2 + 100).sum()
}

fn estate(rows: &[Row]) -> Estate {
    let tokens: u64 = rows.iter().map(Row::tokens).sum();
    let charge = |class: &str, tokens: u64, micro: u64| {
        format!(
            r#"{{"model":"anthropic.claude-sonnet-5-5","routing":"global","source":"AWS Marketplace","role":"app",
                "class":"{class}","tokens":{tokens},"usd":"{}.{:06}"}}"#,
            tokens * micro / 1_000_000,
            tokens * micro % 1_000_000
        )
    };
    let text = format!(
        r#"{{"first":"2026-10-01","last":"2026-10-01","charges":[{},{}],"requests":[{}]}}"#,
        charge("input", tokens, 2),
        charge("output", rows.len() as u64 * 10, 10),
        rows.iter().map(Row::json).collect::<Vec<_>>().join(",")
    );
    let file: EstateFile = serde_json::from_str(&text).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

fn owner(estate: &Estate) -> Owner {
    let baseline = State::baseline(estate);
    let found: Vec<&Owner> = baseline.owners().filter(|owner| matches!(owner, Owner::Workload(_))).collect();
    assert_eq!(found.len(), 1, "the role calls, and nobody else");
    found[0].clone()
}

fn action(estate: &Estate, edits: Vec<Edit>) -> Action {
    Action {
        key: "waste".into(),
        selector: Selector::all(owner(estate)),
        edits,
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    }
}

/// Calls that are made after edits, and what is billed, in millionths of a dollar.
fn after(rows: &[Row], edits: Vec<Edit>) -> (u64, u64) {
    let estate = estate(rows);
    let baseline = State::baseline(&estate);
    let state = match Simulator::new(&estate, NewRates::Inherit).apply(&baseline, &action(&estate, edits)) {
        Err(NotSimulated::NothingSelected) => baseline,
        changed => changed.expect("simulated"),
    };
    let agents = agents_in(&estate, &state);
    let billed = state.daily(&estate.window).total().pico() / 1_000_000;
    (agents.calls, u64::try_from(billed).expect("a bill"))
}

fn agents_in(estate: &Estate, state: &State) -> Agents {
    Traffic::of(estate, state, &owner(estate)).expect("known calls").agents.clone()
}

fn agents(rows: &[Row]) -> Agents {
    let estate = estate(rows);
    agents_in(&estate, &State::baseline(&estate))
}

#[test]
fn a_call_that_fails_or_whose_answer_is_unusable_is_not_made() {
    let rows = [
        row(0, "user:a"),
        row(10, "user:b").useless("malformed_tool_use"),
        row(20, "user:b"),
        row(30, "user:c user:d").useless("ModelErrorException"),
        row(40, "user:e").useless("max_tokens"),
        row(50, "user:f").useless("model_context_window_exceeded"),
    ];
    // An answer that was cut, at the caller's own limit or at the model's, is an answer. Each call is 100 tokens at 2 and 10 at 10.
    assert_eq!(after(&rows, vec![Edit::DropCalls(FAILED)]), (4, 1200));
    // Half of those that fail, whatever stands between them: of two, one.
    let half = Edit::DropCalls(Waste::Failed { avoidable: Ratio::from_f64(0.5) });
    assert_eq!(after(&rows, vec![half]).0, 5);
    let found = agents(&rows);
    assert_eq!(
        (found.calls, found.failed.calls, found.failed.prompt_tokens, found.failed.output_tokens),
        (6, 2, 300, 20)
    );
    assert_eq!(found.failed_sent_again, 1, "b");
    assert_eq!((found.failed_compared, found.failed_followed), (2, 1), "b");
    assert_eq!(found.failed.examples.len(), 2);
    assert_eq!(
        found.failed_by_reason.iter().map(|(why, n)| (&**why, *n)).collect::<Vec<_>>(),
        [("ModelErrorException", 1), ("malformed_tool_use", 1)]
    );
}

#[test]
fn a_task_goes_on_from_a_failed_call_with_a_prompt_that_begins_alike() {
    let failed = |second, segments: &str| row(second, segments).useless("malformed_tool_use");
    let found = |rows: &[Row]| {
        let found = agents(rows);
        (found.failed.calls, found.failed_compared, found.failed_followed)
    };
    // With a hint, which fails too, and with another.
    let hints = [failed(0, "user:a"), failed(10, "user:a user:hint"), row(20, "user:a user:hint user:hint")];
    assert_eq!(found(&hints), (2, 2, 2));
    // Another question, the same too late, and the same at once, which is drawn on purpose.
    assert_eq!(found(&[failed(0, "system:s user:a"), row(10, "system:s user:b")]), (1, 1, 0));
    assert_eq!(found(&[failed(0, "user:a"), row(3_601, "user:a")]), (1, 1, 0));
    assert_eq!(found(&[failed(0, "user:a"), row(3_600, "user:a")]), (1, 1, 1));
    assert_eq!(found(&[failed(0, "user:a"), row(0, "user:a")]), (1, 1, 0));
    // Two fail, and one call goes on: the one before the other is made once more, not twice.
    assert_eq!(found(&[failed(0, "user:a"), failed(5, "user:a"), row(10, "user:a")]), (2, 2, 2));
    // What an image shows cannot be compared.
    assert_eq!(found(&[failed(0, "media:a"), row(10, "media:a")]), (1, 0, 0));
}

#[test]
fn a_prompt_that_is_on_its_way_is_not_sent_again() {
    let drop = |seconds| vec![Edit::DropCalls(Waste::Retried { seconds, after: 2 })];
    // The first is answered at 90, the second would be at 150: the third, too, comes while one of the two is on its way.
    let rows = [
        row(0, "user:a").lasting(90),
        row(60, "user:a").lasting(90),
        row(120, "user:a").lasting(90),
        row(121, "user:b").lasting(90),
        row(210, "user:a").lasting(90),
    ];
    assert_eq!(after(&rows, drop(1)), (3, 900), "that of 210 comes when there is an answer");
    assert_eq!(agents(&rows).retried.calls, 2);
    // Where the first fails, the second is the one that is needed.
    let failed = [row(0, "user:a").lasting(90).useless("ModelErrorException"), row(60, "user:a").lasting(90)];
    assert_eq!(after(&failed, drop(600)), (2, 600));
    assert_eq!(agents(&failed).retried.calls, 0);
    // A record without a duration.
    let unknown = [row(0, "user:a"), row(5, "user:a")];
    assert_eq!(after(&unknown, drop(5)).0, 2);
    assert_eq!(after(&unknown, drop(6)).0, 1);
}

#[test]
fn answers_that_are_drawn_at_once_are_no_retries() {
    // Five in two seconds, all answered after 90; the sixth comes when a client has given up.
    let mut rows: Vec<Row> = [0, 0, 0, 1, 1].map(|second| row(second, "user:a").lasting(90)).into();
    assert_eq!(agents(&rows).retried.calls, 0);
    let drop = |after| vec![Edit::DropCalls(Waste::Retried { seconds: 1, after })];
    assert_eq!(after(&rows, drop(2)).0, 5);
    assert_eq!(after(&rows, drop(0)).0, 1);
    rows.push(row(61, "user:a").lasting(90));
    assert_eq!(agents(&rows).retried.calls, 1);
    assert_eq!(after(&rows, drop(2)), (5, 1500));
}

/// A task that calls `list` until it is stopped, and then something else.
fn circle() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut prompt = "tool:list user:q".to_owned();
    for step in 0..6 {
        rows.push(row(step * 10, &prompt));
        prompt.push_str(" call:list result:r");
    }
    rows.push(row(100, &prompt));
    prompt.push_str(" call:other result:s");
    rows.push(row(110, &prompt));
    rows
}

#[test]
fn a_step_after_the_fourth_equal_tool_call_is_not_made() {
    // Steps of 2, 4, 6, 8, 10, 12, 14 and 16 blocks; those of 10, 12 and 14 go on from the 4th to 6th equal call.
    let rows = circle();
    assert_eq!(after(&rows, vec![Edit::DropCalls(Waste::Loops { most: 3 })]), (5, (2 + 4 + 6 + 8 + 16) * 200 + 500));
    assert_eq!(after(&rows, vec![Edit::DropCalls(Waste::Loops { most: 6 })]).0, 8);
    let found = agents(&rows);
    assert_eq!((found.looping.calls, found.looping.prompt_tokens, found.looping_same_result), (3, 3600, 3));
    assert_eq!(found.looping_in_a_row, 3);
    assert_eq!(found.by_step, [1, 1, 1, 1, 0, 0, 0, 1]);
    // What the user asks anew starts anew, and of two calls made at once both must have been made before.
    let mut again = row(
        0,
        "tool:list user:q call:list result:r call:list result:r call:list result:r assistant:text user:p call:list result:r",
    );
    assert_eq!(agents(&[again.clone()]).looping.calls, 0);
    again.segments =
        row(0, "user:q call:a result:1 call:a result:2 call:a result:3 call:a call:b result:4 result:5").segments;
    assert_eq!(agents(&[again]).looping.calls, 0);
}

#[test]
fn equal_tool_calls_with_another_between_them_are_not_in_a_row() {
    let look = |place: u32| format!("call:look result:r{place}");
    let looks: Vec<String> = (1..=4).map(look).collect();
    let (row_of, between) = (looks.join(" "), looks.join(" call:click result:done "));
    let found = |calls: &str| {
        let found = agents(&[row(0, &format!("tool:look user:q {calls}"))]);
        (found.looping.calls, found.looping_same_result, found.looping_in_a_row)
    };
    assert_eq!(found(&row_of), (1, 0, 1), "each look shows something new, nothing else is done");
    assert_eq!(found(&between), (1, 0, 0), "something is done after each look");
}

#[test]
fn steps_beyond_a_number_are_not_made() {
    let rows = circle();
    assert_eq!(after(&rows, vec![Edit::DropCalls(Waste::StepsBeyond(5))]), (5, (2 + 4 + 6 + 8 + 10) * 200 + 500));
    assert_eq!(after(&rows, vec![Edit::DropCalls(Waste::StepsBeyond(8))]).0, 8);
}

#[test]
fn a_call_that_is_not_made_is_not_left_out_again() {
    // The store answers the second; nothing is on its way then, and the third is answered too.
    let rows = [row(0, "user:a"), row(2, "user:a"), row(4, "user:a"), row(6, "user:b").useless("malformed_tool_use")];
    let both = |first: Edit, second: Edit| after(&rows, vec![first, second]);
    let (store, retried) = (Edit::AnswerRepeats(60), Edit::DropCalls(Waste::Retried { seconds: 3, after: 2 }));
    assert_eq!(both(store.clone(), retried.clone()), (2, 600));
    assert_eq!(both(retried, store), (2, 600));
    let failed = Edit::DropCalls(FAILED);
    assert_eq!(both(failed.clone(), failed), (3, 900));
}

/// Whether row `at` is waste, told by going through all rows anew: the slow way.
fn is_waste(rows: &[Row], at: usize, waste: Waste) -> bool {
    let row = &rows[at];
    let task = |row: &Row| -> Vec<String> {
        let mut task: Vec<String> = Vec::new();
        let mut spoke = false;
        for name in row.segments.iter().filter(|name| !name.starts_with("tool")) {
            if name.starts_with("user") && (spoke || task.is_empty()) {
                task.clear();
            }
            spoke = name.starts_with("call") || name.starts_with("assistant");
            task.push(name.clone());
        }
        task
    };
    match waste {
        Waste::Failed { .. } => row.useless.is_some(),
        Waste::Retried { seconds, after } => {
            let ends = |row: &Row| row.second + row.latency.map_or(seconds, |ms| ms / 1000);
            let same = |other: &&Row| other.segments == row.segments && other.useless.is_none();
            let before = || rows[..at].iter().filter(same);
            row.useless.is_none()
                && before().any(|other| row.second < ends(other))
                && before().all(|other| other.second + after <= row.second)
        }
        Waste::Loops { most } => {
            let calls: Vec<String> = task(row).into_iter().filter(|name| name.starts_with("call")).collect();
            let newest = calls.last();
            newest.is_some_and(|newest| calls.iter().filter(|call| *call == newest).count() > most as usize)
        }
        Waste::StepsBeyond(most) => {
            let calls = task(row).iter().filter(|name| name.starts_with("call")).count();
            calls + 1 > most as usize
        }
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let task = (0u32..3, proptest::collection::vec(0u32..2, 0..6), 0u32..3);
    let call = (
        task,
        0u32..20,
        proptest::option::of(1u32..60),
        prop::sample::select(vec![None, None, Some("malformed_tool_use")]),
    );
    proptest::collection::vec(call, 1..12).prop_map(|calls| {
        let mut second = 0;
        let row = |((asked, tools, again), after, latency, useless): ((u32, Vec<u32>, u32), u32, Option<u32>, _)| {
            second += after;
            let mut segments = vec!["tool:t".to_owned(), format!("user:q{asked}")];
            for (at, tool) in tools.iter().enumerate() {
                segments.push(format!("call:t{tool}"));
                segments.push(format!("result:r{tool}"));
                if again > 0 && u32::try_from(at) == Ok(again) {
                    segments.push("assistant:done".to_owned());
                    segments.push("user:next".to_owned());
                }
            }
            Row { second, latency: latency.map(|seconds| seconds * 1000), useless, segments }
        };
        calls.into_iter().map(row).collect()
    })
}

proptest! {
    /// The month is edited by taking rows out, read and billed again; the simulator must say the same of the whole month.
    #[test]
    fn leaving_calls_out_is_the_month_without_them(rows in rows(), which in 0usize..4, most in 0u32..4) {
        let waste = [
            FAILED,
            Waste::Retried { seconds: most * 5 + 1, after: most },
            Waste::Loops { most },
            Waste::StepsBeyond(most + 1),
        ][which];
        let left: Vec<Row> = (0..rows.len()).filter(|at| !is_waste(&rows, *at, waste)).map(|at| rows[at].clone()).collect();
        prop_assert_eq!(after(&rows, vec![Edit::DropCalls(waste)]), (left.len() as u64, bill(&left)));
        if !left.is_empty() {
            let own = estate(&left);
            let was = State::baseline(&own).daily(&own.window).total().pico() / 1_000_000;
            prop_assert_eq!(u64::try_from(was).ok(), Some(bill(&left)));
        }
    }

    /// What is measured is what would be left out.
    #[test]
    fn what_is_measured_is_what_is_left_out(rows in rows()) {
        let found = agents(&rows);
        let count = |waste: Waste| (0..rows.len()).filter(|at| is_waste(&rows, *at, waste)).count() as u64;
        prop_assert_eq!(found.failed.calls, count(FAILED));
        prop_assert_eq!(found.retried.calls, count(Waste::Retried { seconds: lode_sim::ON_ITS_WAY, after: lode_sim::RETRIED_AFTER }));
        let steps: BTreeMap<u32, u64> = (1..5).map(|most| (most, count(Waste::StepsBeyond(most)))).collect();
        for (most, calls) in steps {
            // Those that failed or were sent again are counted there.
            prop_assert!(found.beyond(u64::from(most)).0 <= calls);
        }
    }
}
