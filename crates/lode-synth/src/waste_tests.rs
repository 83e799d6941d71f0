//! What agents waste, what dearer prices and long passages cost: call by call, at prices written out here.

use std::collections::{BTreeMap, BTreeSet};

use crate::apps::{EQUAL_CALLS, STEPS, position};
use crate::call::{Call, Content, Mode, Prompt};
use crate::tests::{SMALL, without};
use crate::{Estate, HabitId, estate};

/// The calls of an app with all habits, and without one.
fn both(id: HabitId, role: &str) -> (Vec<Call>, Vec<Call>) {
    let app = position(role).expect("an app");
    let of = |estate: Estate| estate.calls.into_iter().filter(|call| call.app == app).collect();
    (of(estate(&SMALL)), of(without(id)))
}

fn saving(id: HabitId) -> i128 {
    (estate(&SMALL).bill().total() - without(id).bill().total()).pico()
}

/// At 0.60 and 2.50 USD a million tokens.
fn cost(calls: &[Call]) -> i128 {
    priced(calls, 600_000, 2_500_000)
}

fn priced(calls: &[Call], input: i128, output: i128) -> i128 {
    let of = |call: &Call| i128::from(call.prompt_tokens()) * input + i128::from(call.answer.tokens()) * output;
    calls.iter().map(of).sum()
}

/// The calls that are made with the habit alone.
fn dropped(before: &[Call], after: &[Call]) -> Vec<Call> {
    let kept: BTreeSet<u64> = after.iter().map(|call| call.number).collect();
    before.iter().filter(|call| !kept.contains(&call.number)).cloned().collect()
}

/// Which task a call is of: what was asked first.
fn task(call: &Call) -> &Content {
    let Prompt::Full { messages, .. } = &call.prompt else { panic!("a body") };
    &messages[0].blocks[0].content
}

#[test]
fn failed_calls_are_a_fifth_and_are_paid_for() {
    let (before, after) = both(HabitId::FailedCalls, "ticket-agent");
    let failed = dropped(&before, &after);
    assert!(failed.iter().all(|call| call.malformed) && after.iter().all(|call| !call.malformed));
    assert_eq!(before.iter().filter(|call| call.malformed).count(), failed.len());
    let share = 100 * failed.len() / before.len();
    assert!((19..=21).contains(&share), "{share} per cent");
    assert_eq!(saving(HabitId::FailedCalls), cost(&failed));
    // No prompt is sent twice: what is asked again has a hint.
    let prompts: BTreeSet<&Prompt> = before.iter().map(|call| &call.prompt).collect();
    assert_eq!(prompts.len(), before.len());
    let (twin, _) = both(HabitId::FailedCalls, "ticket-agent-strict");
    assert!(!twin.is_empty() && twin.iter().all(|call| !call.malformed));
}

#[test]
fn a_retry_comes_while_the_first_call_is_under_way() {
    let (before, after) = both(HabitId::RetryStorm, "brief-writer");
    let again = dropped(&before, &after);
    assert!(again.len() * 3 > before.len(), "{} of {}", again.len(), before.len());
    for call in &again {
        let under_way = |first: &&Call| {
            first.prompt == call.prompt && first.time < call.time && call.time < first.time + first.seconds()
        };
        assert_eq!(after.iter().filter(under_way).count(), 1);
    }
    assert_eq!(saving(HabitId::RetryStorm), cost(&again));
    // The others, and the twin's, are asked once.
    for calls in [after, both(HabitId::RetryStorm, "brief-writer-patient").0] {
        let prompts: BTreeSet<&Prompt> = calls.iter().map(|call| &call.prompt).collect();
        assert_eq!(prompts.len(), calls.len());
    }
}

/// How often a prompt holds the tool call that it holds most often.
fn equal_calls(call: &Call) -> usize {
    let mut asked: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for block in call.blocks() {
        if let Content::ToolUse(name, piece, _) = &block.content {
            *asked.entry((name, crate::text::tool_input(name, piece).to_string())).or_default() += 1;
        }
    }
    asked.values().copied().max().unwrap_or_default()
}

#[test]
fn circles_are_the_fourth_equal_call_and_those_after_it() {
    let (before, after) = both(HabitId::LoopingAgent, "rollout-agent");
    let tasks: BTreeSet<&Content> = before.iter().map(task).collect();
    assert_eq!(before.iter().map(equal_calls).max(), Some(10));
    assert_eq!(after.iter().map(equal_calls).max(), Some(EQUAL_CALLS as usize));
    // The first, the fourth, the seventh task and so on ask ten times in place of three.
    assert_eq!(before.len() - after.len(), 7 * tasks.len().div_ceil(3));
    assert_eq!(saving(HabitId::LoopingAgent), cost(&before) - cost(&after));
    // Dropping the calls whose prompt holds more than three equal ones is nearly the same: the last of these is an
    // answer in place of one more tool call.
    let more: Vec<Call> = before.iter().filter(|call| equal_calls(call) > EQUAL_CALLS as usize).cloned().collect();
    assert_eq!(more.len(), before.len() - after.len());
    let off = cost(&more) - saving(HabitId::LoopingAgent);
    assert!(off.abs() * 50 < saving(HabitId::LoopingAgent), "{off}");
    let (twin, _) = both(HabitId::LoopingAgent, "deploy-agent");
    assert_eq!(twin.iter().map(equal_calls).max(), Some(EQUAL_CALLS as usize));
}

#[test]
fn endless_tasks_are_stopped_after_fifteen_calls() {
    let lengths = |calls: &[Call]| {
        let mut lengths: BTreeMap<Content, u32> = BTreeMap::new();
        for call in calls {
            *lengths.entry(task(call).clone()).or_default() += 1;
        }
        lengths.into_values().collect::<Vec<_>>()
    };
    let (before, after) = both(HabitId::EndlessTasks, "case-agent");
    let (long, usual): (Vec<u32>, Vec<u32>) = lengths(&before).into_iter().partition(|calls| *calls > STEPS);
    assert!(long.iter().all(|calls| *calls == 30) && usual.iter().all(|calls| (4..=6).contains(calls)));
    assert_eq!(long.len(), (long.len() + usual.len()).div_ceil(10));
    let beyond = dropped(&before, &after);
    assert_eq!((beyond.len(), lengths(&after).into_iter().max()), (15 * long.len(), Some(STEPS)));
    assert_eq!(saving(HabitId::EndlessTasks), cost(&beyond));
    assert!(before.iter().all(|call| equal_calls(call) <= 1), "no circles");
    let (twin, _) = both(HabitId::EndlessTasks, "case-agent-short");
    assert!(lengths(&twin).into_iter().all(|calls| calls < STEPS));
}

#[test]
fn dearer_prices_cost_their_difference() {
    for (id, role, input, output) in [
        // 4.40 for 4.00, 22 for 20.
        (HabitId::RegionalProfile, "articles-regional", 400_000, 2_000_000),
        // 1.05 for 0.60, 4.38 for 2.50.
        (HabitId::PriorityNobodyWaits, "night-briefs", 450_000, 1_880_000),
        // 0.90 for 0.72.
        (HabitId::LatencyOptimizedJob, "night-reviews", 180_000, 180_000),
    ] {
        let (before, after) = both(id, role);
        assert_eq!(before.len(), after.len());
        assert_eq!(saving(id), priced(&before, input, output), "{id}");
    }
}

/// The jobs are none that could be had at half price, and for the twins somebody waits.
#[test]
fn dear_jobs_run_at_night_and_dear_twins_stream_by_day() {
    let month = estate(&crate::Options { scale: 100, ..SMALL });
    for (role, mode) in [("night-briefs", Mode::Priority), ("night-reviews", Mode::LatencyOptimized)] {
        let app = position(role).expect("an app");
        let calls: Vec<&Call> = month.calls.iter().filter(|call| call.app == app).collect();
        let mut nights: BTreeMap<i64, u32> = BTreeMap::new();
        for call in &calls {
            *nights.entry((call.time + 12 * 3_600).div_euclid(86_400)).or_default() += 1;
            assert!(call.mode == mode && call.model.regional.flex.is_none());
        }
        assert!(nights.len() >= 18 && nights.values().all(|count| (30..=60).contains(count)), "{nights:?}");
    }
    for (role, mode) in [("live-briefs", Mode::Priority), ("live-reviews", Mode::LatencyOptimized)] {
        let app = position(role).expect("an app");
        assert!(crate::apps::ALL[app].operation.streams());
        assert!(month.calls.iter().filter(|call| call.app == app).all(|call| call.mode == mode));
    }
}

#[test]
fn long_passages_cost_what_they_are_longer() {
    let (before, after) = both(HabitId::OversizedPassages, "archive-assistant");
    let passages = |call: &Call| {
        let of = |content: &Content| matches!(content, Content::Passage(..)).then_some(content.tokens());
        call.blocks().into_iter().filter_map(|block| of(&block.content)).collect::<Vec<_>>()
    };
    assert!(before.iter().all(|call| passages(call) == [1_600; 5]));
    assert!(after.iter().all(|call| passages(call) == [500; 5]));
    // 5 times 1,100 tokens at 4 USD a million.
    assert_eq!(saving(HabitId::OversizedPassages), before.len() as i128 * 5_500 * 4_000_000);
}

/// Or there would be something to leave out.
#[test]
fn agents_call_every_tool_they_offer() {
    let month = estate(&crate::Options { scale: 1, ..SMALL });
    for role in
        ["ticket-agent", "ticket-agent-strict", "rollout-agent", "deploy-agent", "case-agent", "case-agent-short"]
    {
        let app = position(role).expect("an app");
        let (mut offered, mut called) = (BTreeSet::new(), BTreeSet::new());
        for call in month.calls.iter().filter(|call| call.app == app) {
            for block in call.blocks() {
                if let Content::Tool(tool) = &block.content {
                    offered.insert(tool.name);
                }
            }
            if let Content::ToolUse(name, ..) = &call.answer {
                called.insert(*name);
            }
        }
        assert_eq!(offered, called, "{role}");
    }
}
