//! The markers found for small workloads, one habit each; and what must hold of any.

use lode_model::SegmentKind;
use proptest::prelude::*;

use super::*;

const RATES: PromptRates = PromptRates { input: 100, read: 10, write_5m: 125, write_30m: 125, write_1h: 200 };

fn rules() -> ReplayRules {
    ReplayRules {
        min_tokens: 100,
        max_tokens: None,
        max_checkpoints: MOST_MARKERS,
        tools: true,
        ttls: vec![Ttl::FiveMinutes, Ttl::OneHour],
        refresh: true,
    }
}

/// A call: its second, and blocks as `system:policy:1000`.
fn prompt(second: i64, blocks: &str) -> Prompt {
    let (mut prefix, mut tokens) = (0u128, 0u64);
    let mut kinds = Vec::new();
    let mut ends = Vec::new();
    for word in blocks.split_whitespace() {
        let mut parts = word.split(':');
        let kind = match parts.next().expect("a kind") {
            "tool" => SegmentKind::Tool,
            "system" => SegmentKind::System,
            "assistant" => SegmentKind::Assistant,
            _ => SegmentKind::User,
        };
        let name = parts.next().expect("a name");
        let hash = name.bytes().fold(kind as u128 + 7, |hash, byte| (hash * 257) ^ u128::from(byte));
        prefix = (prefix ^ hash).wrapping_mul(0x1_0000_01b3).rotate_left(17).wrapping_add(1);
        tokens += parts.next().expect("tokens").parse::<u64>().expect("a number");
        kinds.push(kind);
        ends.push(Block { prefix, tokens, tool: kind == SegmentKind::Tool });
    }
    Prompt {
        second,
        readable_after: 1,
        blocks: ends.into(),
        landmarks: Landmarks::of(kinds.into_iter()),
        tokens,
        rates: RATES,
    }
}

fn five(place: Placement) -> Marker {
    Marker { place, ttl: Ttl::FiveMinutes }
}

fn hour(place: Placement) -> Marker {
    Marker { place, ttl: Ttl::OneHour }
}

fn found(prompts: &[Prompt]) -> Best {
    best(prompts, &rules())
}

#[test]
fn one_prompt_for_all_questions_has_a_marker_at_its_end() {
    let calls: Vec<Prompt> = (0..10).map(|at| prompt(at * 60, &format!("system:s:1000 user:q{at}:100"))).collect();
    let found = found(&calls);
    assert_eq!(found.markers, [five(Placement::SystemEnd)]);
    assert_eq!(found.uncached, 10 * 1100 * 100);
    // The questions plain, the prompt written once and read nine times; an oracle can do no better.
    assert_eq!(found.cost, 10 * 100 * 100 + 1000 * 125 + 9 * 1000 * 10);
    assert_eq!(found.oracle, found.cost);
    // After every block the questions are written too.
    assert_eq!(found.every_block, 10 * 100 * 125 + 1000 * 125 + 9 * 1000 * 10);
}

#[test]
fn calls_every_twenty_minutes_need_an_hour() {
    let calls: Vec<Prompt> = (0..10).map(|at| prompt(at * 1200, &format!("system:s:1000 user:q{at}:100"))).collect();
    assert_eq!(found(&calls).markers, [hour(Placement::SystemEnd)]);
}

#[test]
fn a_conversation_has_its_marker_at_the_end() {
    let mut said = "system:s:500".to_owned();
    let calls: Vec<Prompt> = (0..6)
        .map(|at| {
            said.push_str(&format!(" user:q{at}:500"));
            let call = prompt(at * 60, &said);
            said.push_str(&format!(" assistant:a{at}:500"));
            call
        })
        .collect();
    assert_eq!(found(&calls).markers, [five(Placement::PromptEnd)]);
}

#[test]
fn conversations_a_while_apart_share_a_front_that_lives_longer() {
    let mut calls = Vec::new();
    for conversation in 0..8 {
        let mut said = "tool:t:2000 system:s:2000".to_owned();
        for turn in 0..4 {
            said.push_str(&format!(" user:q{conversation}-{turn}:1000"));
            calls.push(prompt(conversation * 1500 + turn * 60, &said));
            said.push_str(&format!(" assistant:a{conversation}-{turn}:1000"));
        }
    }
    let found = found(&calls);
    assert_eq!(found.markers, [hour(Placement::SystemEnd), five(Placement::PromptEnd)]);
    // Of each conversation the last question is written and never read; an oracle leaves it plain.
    assert!(found.oracle < found.cost && found.cost < found.every_block);
}

/// An agent whose every step adds more blocks than a marker looks back over.
#[test]
fn two_markers_that_pay_only_together_are_found() {
    let mut said = "system:s:1500 user:task:1500".to_owned();
    let calls: Vec<Prompt> = (0..6)
        .map(|step| {
            let call = prompt(step * 60, &said);
            for part in 0..12 {
                said.push_str(&format!(" assistant:a{step}-{part}:50"));
            }
            for part in 0..12 {
                said.push_str(&format!(" user:r{step}-{part}:50"));
            }
            call
        })
        .collect();
    let found = found(&calls);
    assert_eq!(found.markers, [five(Placement::HistoryEnd), five(Placement::PromptEnd)]);
    assert_eq!(Some(found.cost), replayed(&calls, &found.markers, &rules()));
}

/// Turns half an hour apart: the next question reads what the last one wrote for minutes, and lets it live an hour.
#[test]
fn an_entry_may_be_made_to_live_longer_by_what_is_written_behind_it() {
    let mut calls = Vec::new();
    for conversation in 0..5 {
        let mut said = format!("system:s:10 user:document{conversation}:10000");
        for (turn, gap) in [0, 60, 1860, 3660, 5460].into_iter().enumerate() {
            calls.push(prompt(conversation * 20_000 + gap, &said));
            said.push_str(&format!(" assistant:a{conversation}-{turn}:10 user:b{conversation}-{turn}:10"));
        }
    }
    let markers = [hour(Placement::HistoryEnd), five(Placement::PromptEnd)];
    let policy = replayed(&calls, &markers, &rules()).expect("in order");
    let found = found(&calls);
    assert!(found.oracle <= policy, "{} {policy}", found.oracle);
    // Neither alone is near: minutes are too short, and an hour for the whole prompt is dear.
    assert_eq!((found.markers.as_slice(), found.cost), (&markers[..], policy));
}

#[test]
fn what_changes_within_the_system_prompt_is_left_behind_the_marker() {
    let calls: Vec<Prompt> =
        (0..10).map(|at| prompt(at * 60, &format!("system:s:1000 system:date{at}:20 user:q{at}:100"))).collect();
    assert_eq!(found(&calls).markers, [five(Placement::Leading(1))]);
}

#[test]
fn what_never_returns_has_no_marker() {
    let calls: Vec<Prompt> = (0..10).map(|at| prompt(at * 60, &format!("system:s{at}:1000"))).collect();
    let found = found(&calls);
    assert_eq!(found.markers, []);
    assert_eq!((found.cost, found.oracle), (found.uncached, found.uncached));
    assert_eq!(found.every_block, found.uncached * 125 / 100);
}

#[test]
fn what_saves_next_to_nothing_has_no_marker() {
    // 200 of the 40,000 tokens of each call are sent again.
    let calls: Vec<Prompt> = (0..10).map(|at| prompt(at * 60, &format!("system:s:200 user:q{at}:39800"))).collect();
    let found = found(&calls);
    assert_eq!(found.markers, []);
    assert!(found.oracle < found.cost);
}

#[test]
fn below_the_minimum_there_is_nothing_to_mark() {
    let calls: Vec<Prompt> = (0..10).map(|at| prompt(at * 60, "system:s:99")).collect();
    let found = found(&calls);
    assert_eq!((found.markers.len(), found.cost, found.every_block), (0, found.uncached, found.uncached));
}

#[test]
fn a_longer_time_to_live_behind_a_shorter_one_is_refused() {
    let calls = [prompt(0, "system:s:500 user:q:500")];
    let markers = [five(Placement::SystemEnd), hour(Placement::PromptEnd)];
    assert_eq!(replayed(&calls, &markers, &rules()), None);
    let markers = [hour(Placement::SystemEnd), five(Placement::PromptEnd)];
    assert_eq!(replayed(&calls, &markers, &rules()), Some(500 * 200 + 500 * 125));
}

/// Calls of a few conversations over a few fronts, with gaps that the times to live tell apart.
fn workload() -> impl Strategy<Value = Vec<Prompt>> {
    let call = (0usize..3, 0usize..3, 1usize..4, prop_oneof![Just(1i64), Just(60), Just(400), Just(4000)]);
    proptest::collection::vec(call, 1..30).prop_map(|calls| {
        let mut second = 0;
        calls
            .into_iter()
            .map(|(front, conversation, turns, gap)| {
                second += gap;
                let turns: String = (0..turns)
                    .map(|turn| format!(" user:q{conversation}-{turn}:80 assistant:a{conversation}-{turn}:70"))
                    .collect();
                let front =
                    if front == 0 { String::new() } else { format!("tool:t:150 system:s:100 system:f{front}:60") };
                prompt(second, &format!("{front}{turns} user:last{second}:50"))
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn no_policy_costs_less_than_the_oracle(calls in workload()) {
        let found = found(&calls);
        let places = [Placement::ToolsEnd, Placement::Leading(2), Placement::SystemEnd, Placement::HistoryEnd];
        for first in places {
            for ttl in [Ttl::FiveMinutes, Ttl::OneHour] {
                let markers = [Marker { place: first, ttl }, five(Placement::PromptEnd)];
                let policy = replayed(&calls, &markers, &rules());
                prop_assert!(policy.is_none_or(|policy| found.oracle <= policy), "{:?} {:?}", markers, policy);
            }
        }
        prop_assert!(found.oracle <= found.cost);
        prop_assert!(found.oracle <= found.every_block);
        prop_assert!(found.cost <= found.uncached);
        prop_assert!(found.markers.len() <= MOST_MARKERS);
        prop_assert_eq!(replayed(&calls, &found.markers, &rules()), Some(found.cost));
    }

    #[test]
    fn no_single_marker_is_worth_more(calls in workload()) {
        let found = found(&calls);
        let worth = found.uncached / WORTH + 1;
        for place in [Placement::ToolsEnd, Placement::SystemEnd, Placement::HistoryEnd, Placement::PromptEnd] {
            for marker in [five(place), hour(place)] {
                let alone = replayed(&calls, &[marker], &rules()).expect("in order");
                let more = worth * found.markers.len() as i128;
                prop_assert!(found.cost < alone + more.max(worth), "{:?} {} {}", marker, found.cost, alone);
            }
        }
    }
}
