//! Calls of one owner whose habits a person can count, and what must hold of any calls.

use std::sync::Arc;

use lode_model::{Chain, Request, Segment, SegmentKind, Traits};
use lode_prices::Catalogue;
use lode_testkit::{RequestRow, trace};
use proptest::prelude::*;

use super::*;
use crate::{OwnerCalls, Within};

/// The calls of some rows, in time order, as one owner's.
fn owner(rows: &str) -> OwnerCalls {
    let rows: Vec<RequestRow> = serde_json::from_str(rows).expect("valid rows");
    let trace = trace(&rows);
    let mut calls = Vec::new();
    for group in lode_model::Trace::groups(&trace) {
        let mut each = |request: &Request| calls.push(Arc::new(request.clone()));
        lode_model::Trace::requests(&trace, &group, &mut each).expect("in memory");
    }
    of(calls)
}

fn of(calls: Vec<Arc<Request>>) -> OwnerCalls {
    OwnerCalls::new(Owner::Account("111111111111".into()), lode_model::TaskForm::Text, calls)
}

fn habits(own: &OwnerCalls) -> Habits {
    let mut measured = Measured::default();
    each_left(own, &[], Catalogue::builtin(), |left| measured.push(&left));
    measured.finish()
}

fn row(second: u32, tokens: u32, rest: &str) -> String {
    format!(
        r#"{{"time":"2026-10-01T08:{:02}:{:02}Z","model":"m","input":{tokens},"output":10{rest}}}"#,
        second / 60,
        second % 60
    )
}

fn rows(rows: &[(u32, u32, &str)]) -> OwnerCalls {
    let rows: Vec<String> = rows.iter().map(|(second, tokens, rest)| row(*second, *tokens, rest)).collect();
    owner(&format!("[{}]", rows.join(",")))
}

fn within(spans: [u64; 4]) -> Within {
    let [five_minutes, hour, day, ever] = spans;
    Within { five_minutes, hour, day, ever }
}

#[test]
fn steps_are_joined_by_the_ids_of_their_tool_calls() {
    // Three steps of one chain, another chain of two between them, and a step whose answer nobody logged.
    let chains = habits(&rows(&[
        (0, 1000, r#","opens":"a""#),
        (1, 500, r#","opens":"x""#),
        (5, 1400, r#","continues":"a","opens":"b""#),
        (9, 600, r#","continues":"x""#),
        (400, 2000, r#","continues":"b""#),
        (401, 70, r#","continues":"lost""#),
        (402, 80, ""),
    ]))
    .chains;
    assert_eq!((chains.chains, chains.calls, chains.unmatched), (2, 5, 1));
    assert_eq!((chains.by_ids, chains.by_prefixes, chains.by_both), (2, 0, 0));
    // 1000 + 1400 + 2000 and 500 + 600; all but the last prompt of each was sent before.
    assert_eq!((chains.prompt_tokens, chains.resent_tokens), (5500, 1000 + 1400 + 500));
    assert_eq!(chains.inflation(), Some((5500, 2600)));
    assert_eq!((chains.steps.shortest(), chains.steps.longest(), chains.steps.sum()), (Some(2), Some(3), 5));
    assert_eq!((chains.gaps.count(), chains.gaps.sum()), (3, 5 + 8 + 395));
    assert_eq!(chains.followed, within([2, 3, 3, 3]));
}

#[test]
fn within_one_second_the_order_of_the_log_says_nothing() {
    // Row 0 has the smaller id and stands first, though it follows row 1.
    let chains = habits(&rows(&[(0, 900, r#","continues":"a""#), (0, 600, r#","opens":"a""#)])).chains;
    assert_eq!((chains.chains, chains.calls, chains.resent_tokens, chains.unmatched), (1, 2, 600, 0));
    // An answer does not follow itself; two that name each other are one chain.
    let own = habits(&rows(&[(0, 5, r#","continues":"a","opens":"a""#)])).chains;
    assert_eq!((own.chains, own.unmatched), (0, 1));
    let ring = rows(&[(0, 5, r#","continues":"a","opens":"b""#), (0, 5, r#","continues":"b","opens":"a""#)]);
    let ring = habits(&ring).chains;
    assert_eq!((ring.chains, ring.calls, ring.inflation()), (1, 2, None));
}

#[test]
fn a_step_tried_again_belongs_to_the_same_chain() {
    let again = r#","continues":"a""#;
    let chains = habits(&rows(&[(0, 100, r#","opens":"a""#), (5, 300, again), (7, 300, again)])).chains;
    assert_eq!((chains.chains, chains.calls, chains.steps.longest()), (1, 3, Some(3)));
    assert_eq!((chains.resent_tokens, chains.gaps.sum(), chains.followed.ever), (200, 5 + 7, 1));
}

#[test]
fn without_ids_the_beginning_of_the_prompt_joins() {
    let turn = |segments: &str| format!(r#","segments":["system:policy:100","user:hello:10"{segments}]"#);
    let (first, second) = (turn(""), turn(r#","assistant:hi:10","user:more:10""#));
    let third = turn(r#","assistant:hi:10","user:more:10","assistant:yes:5","assistant:no:5","result:x:9""#);
    let calls = rows(&[
        (0, 100, &first),
        (60, 200, &second),
        // Another beginning, and the same one without an answer to it: no step.
        (61, 50, r#","segments":["system:other:100","user:hello:10"]"#),
        (62, 60, r#","segments":["system:other:100","user:hello:10","user:more:10"]"#),
        (90, 310, &third),
    ]);
    let chains = habits(&calls).chains;
    assert_eq!((chains.chains, chains.calls, chains.by_prefixes), (1, 3, 1));
    assert_eq!((chains.prompt_tokens, chains.resent_tokens), (610, 300));
    assert_eq!((chains.gaps.sum(), chains.steps.longest()), (90, Some(3)));
}

#[test]
fn ids_go_before_beginnings() {
    let first = r#","opens":"a","segments":["user:hello:10"]"#;
    let second = r#","continues":"a","segments":["user:hello:10","call:find:10","result:find:10"]"#;
    let third = r#","segments":["user:hello:10","call:find:10","result:find:10","assistant:yes:9","user:more:9"]"#;
    let chains = habits(&rows(&[(0, 100, first), (3, 200, second), (9, 300, third)])).chains;
    assert_eq!((chains.by_ids, chains.by_prefixes, chains.by_both), (0, 0, 1));
    assert_eq!((chains.calls, chains.resent_tokens, chains.gaps.sum()), (3, 300, 9));
}

#[test]
fn the_same_prompt_again() {
    let body = r#","segments":["system:policy:100","user:status:10"]"#;
    let media = r#","segments":["user:look:10","media:photo:10"]"#;
    let calls = rows(&[
        (0, 1000, body),
        (300, 1001, body),
        (2400, 1002, body),
        (2401, 9, r#","segments":["system:policy:100"]"#),
        (2402, 9, media),
        (2403, 9, media),
        (2404, 9, ""),
        (2405, 9, ""),
        // Who speaks is part of the prompt.
        (2406, 9, r#","segments":["user:policy:100"]"#),
    ]);
    let repeats = habits(&calls).repeats;
    assert_eq!(repeats.comparable, 5);
    // Five minutes after the first, and 35 after the second.
    assert_eq!(repeats.calls, within([1, 2, 2, 2]));
    assert_eq!(repeats.prompt_tokens, within([1001, 2003, 2003, 2003]));
    assert_eq!(repeats.output_tokens, within([10, 20, 20, 20]));
}

#[test]
fn answers_and_lengths() {
    let found = habits(&rows(&[
        (0, 100, r#","output_form":"json","stop_reason":"end_turn","latency_ms":900"#),
        (
            1,
            300,
            r#","output_form":"json","stop_reason":"max_tokens","segments":["passage:a:30","passage:b:60","user:q:10"]"#,
        ),
        (2, 200, r#","output_form":"text""#),
    ]));
    assert_eq!(found.calls(), 3);
    assert_eq!((found.prompt.sum(), found.prompt.longest(), found.output.sum()), (600, Some(300), 30));
    assert_eq!((found.retrieved.count(), found.retrieved.sum()), (1, 270), "90 of 100 bytes of 300 tokens");
    assert_eq!((found.latency_ms.count(), found.latency_ms.sum()), (1, 900));
    let forms: Vec<_> = found.answers.by_form.into_iter().collect();
    assert_eq!(forms, [(OutputForm::Text, 1), (OutputForm::Json, 2)]);
    let reasons = &found.answers.by_stop_reason;
    assert_eq!((reasons.len(), reasons["end_turn"], reasons["max_tokens"]), (2, 1, 1));
}

#[test]
fn owners_add_up_and_parts_of_one_do_not() {
    let body = r#","opens":"a","segments":["user:hello:10"]"#;
    let more = r#","continues":"a","segments":["user:hello:10"]"#;
    let whole = rows(&[(0, 100, body), (9, 100, more)]);
    let parts: Vec<Habits> = whole.calls.iter().map(|call| habits(&of(vec![Arc::clone(call)]))).collect();
    let mut merged = parts[0].clone();
    merged.merge(&parts[1]);
    let whole = habits(&whole);
    assert_eq!((whole.chains.chains, whole.repeats.calls.ever), (1, 1));
    assert_eq!((merged.chains.chains, merged.repeats.calls.ever, merged.chains.unmatched), (0, 0, 1));
    assert_eq!((&merged.prompt, &merged.answers), (&whole.prompt, &whole.answers));
    let mut twice = whole.clone();
    twice.merge(&whole);
    assert_eq!((twice.chains.chains, twice.chains.calls, twice.chains.resent_tokens), (2, 4, 200));
    assert_eq!((twice.chains.steps.count(), twice.chains.followed.hour, twice.repeats.comparable), (2, 2, 4));
}

/// A call of a small world: few contents, few ids, so that prompts repeat and extend each other.
fn call() -> impl Strategy<Value = Request> {
    let ids = || proptest::option::weighted(0.3, 0u64..4);
    let kinds = [SegmentKind::System, SegmentKind::User, SegmentKind::Assistant, SegmentKind::ToolResult];
    let segments = proptest::collection::vec((proptest::sample::select(kinds.to_vec()), 0u128..2), 0..5);
    let forms = proptest::sample::select(OutputForm::ALL.to_vec());
    let second = 1_790_000_000i64..1_790_000_040;
    (second, 0u64..5000, (ids(), ids()), segments, forms, proptest::option::of(0u64..90_000)).prop_map(
        |(second, tokens, (opens, continues), segments, output_form, latency_ms)| {
            let own = owner(&format!("[{}]", row(0, 1, "")));
            let mut request = Request::clone(&own.calls[0]);
            request.time = jiff::Timestamp::from_second(second).expect("a time");
            request.tokens.input = tokens;
            request.tokens.output = tokens / 7;
            request.chain = Chain { opens, continues };
            request.segments = segments
                .into_iter()
                .map(|(kind, hash)| {
                    Arc::new(Segment { kind, hash, bytes: 10, tool: None, marker: None, traits: Traits::NONE })
                })
                .collect();
            request.output_form = output_form;
            request.latency_ms = latency_ms;
            request
        },
    )
}

fn calls(most: usize) -> impl Strategy<Value = Vec<Arc<Request>>> {
    proptest::collection::vec(call(), 0..most).prop_map(|mut calls| {
        calls.sort_by_key(|call| call.time);
        calls.into_iter().map(Arc::new).collect()
    })
}

/// Every pair of calls, looked at.
fn by_pairs(calls: &[Arc<Request>]) -> (u64, u64, u64) {
    let key = |request: &Request| -> Vec<(SegmentKind, u128)> {
        request.segments.iter().map(|segment| (segment.kind, segment.hash)).collect()
    };
    let keys: Vec<_> = calls.iter().map(|call| key(call)).collect();
    let follows = |at: usize| -> Option<usize> {
        let call = &calls[at];
        // The latest with the id; where that is the call itself, none: a wrong link is worse than none.
        let by_ids = call.chain.continues.and_then(|id| {
            (0..calls.len()).rfind(|other| calls[*other].time <= call.time && calls[*other].chain.opens == Some(id))
        });
        let by_ids = by_ids.filter(|latest| *latest != at);
        let turn = |place: usize| {
            let (before, kind) = (keys[at][place - 1].0, keys[at][place].0);
            kind == SegmentKind::Assistant && before != SegmentKind::Assistant && before != SegmentKind::System
        };
        let prefix = |place: usize| (0..at).rev().find(|other| keys[*other][..] == keys[at][..place]);
        by_ids.or_else(|| (1..keys[at].len()).rev().filter(|place| turn(*place)).find_map(prefix))
    };
    let links: Vec<Option<usize>> = (0..calls.len()).map(follows).collect();
    let mut names: Vec<usize> = (0..calls.len()).collect();
    for _ in 0..calls.len() {
        for (at, link) in links.iter().enumerate() {
            let Some(before) = *link else { continue };
            let least = names[at].min(names[before]);
            names[at] = least;
            names[before] = least;
        }
    }
    let size = |name: usize| names.iter().filter(|other| **other == name).count();
    let chains = (0..calls.len()).filter(|name| size(*name) > 1).count() as u64;
    let resent = links.iter().enumerate().filter_map(|(at, link)| {
        let before = &calls[(*link)?];
        Some(before.tokens.input.min(calls[at].tokens.input))
    });
    let repeats = (0..calls.len()).filter(|at| !keys[*at].is_empty() && keys[..*at].contains(&keys[*at])).count();
    (chains, resent.sum(), repeats as u64)
}

proptest! {
    #[test]
    fn one_pass_finds_what_all_pairs_show(calls in calls(24)) {
        let found = habits(&of(calls.clone()));
        let (chains, resent, repeats) = by_pairs(&calls);
        prop_assert_eq!((found.chains.chains, found.chains.resent_tokens), (chains, resent));
        prop_assert_eq!(found.repeats.calls.ever, repeats);
        let own = &found.chains;
        prop_assert_eq!(own.by_ids + own.by_prefixes + own.by_both, own.chains);
        prop_assert_eq!((own.steps.count(), own.steps.sum()), (own.chains, own.calls));
        prop_assert!(own.resent_tokens <= own.prompt_tokens && own.followed.ever <= own.gaps.count());
    }

    #[test]
    fn lengths_and_answers_of_parts_merge_to_the_whole(calls in calls(16), at in 0usize..17) {
        let (left, right) = calls.split_at(at.min(calls.len()));
        let (left, right) = (habits(&of(left.to_vec())), habits(&of(right.to_vec())));
        let whole = habits(&of(calls));
        for (one, other) in [(&left, &right), (&right, &left)] {
            let mut merged = one.clone();
            merged.merge(other);
            prop_assert_eq!((&merged.prompt, &merged.output), (&whole.prompt, &whole.output));
            prop_assert_eq!((&merged.retrieved, &merged.latency_ms), (&whole.retrieved, &whole.latency_ms));
            prop_assert_eq!(&merged.answers, &whole.answers);
        }
    }

    #[test]
    fn owners_merge_in_any_grouping(a in calls(8), b in calls(8), c in calls(8)) {
        let [a, b, c] = [a, b, c].map(|calls| habits(&of(calls)));
        let merged = |one: &Habits, other: &Habits| {
            let mut sum = one.clone();
            sum.merge(other);
            sum
        };
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&a, &Habits::default()), a);
    }
}
