//! Sizes that can be worked out by hand, and what must not be fitted.

use lode_testkit::RequestRow;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A call of so many tokens with these segments.
fn call(tokens: u64, segments: &[String]) -> Request {
    let row = json!({"time": "2026-10-01T08:00:00Z", "model": "m", "input": tokens, "segments": segments});
    let row: RequestRow = serde_json::from_value(row).expect("a row");
    row.expand(0).remove(0)
}

/// A call with so many bytes of each kind, kinds at bytes a token of `sizes`.
fn sized(kinds: &[(&str, u64)], sizes: &[u64]) -> Request {
    let tokens = kinds.iter().zip(sizes).map(|((_, bytes), size)| bytes / size).sum();
    let segments: Vec<String> = kinds.iter().map(|(kind, bytes)| format!("{kind}:a:{bytes}")).collect();
    call(tokens, &segments)
}

fn fitted(calls: &[Request]) -> TokenSizes {
    let mut sizes = by_model(calls.iter());
    assert!(sizes.len() <= 1, "one model");
    sizes.pop_first().map(|(_, sizes)| (*sizes).clone()).unwrap_or_default()
}

fn twentieths(calls: &[Request]) -> Vec<(SegmentKind, u32)> {
    fitted(calls).twentieths.into_iter().collect()
}

/// Tools of three bytes a token beside what the user says at five; no two prompts alike.
fn tools_and_prose(calls: u64) -> Vec<Request> {
    let prompt = |n: u64| sized(&[("tool", 300 * (n % 7)), ("user", 50 + 50 * n)], &[3, 5]);
    (0..calls).map(prompt).collect()
}

#[test]
fn two_kinds_have_their_own_sizes() {
    let sizes = fitted(&tools_and_prose(60));
    assert_eq!(sizes.twentieths, [(SegmentKind::Tool, 60), (SegmentKind::User, 100)].into());
    assert_eq!((sizes.calls, sizes.tokens_off), (60, 0));
    // A byte of a tool weighs five thirds of a byte of prose.
    let (tool, user) = (sizes.weights.of(SegmentKind::Tool), sizes.weights.of(SegmentKind::User));
    assert!((tool * 3).abs_diff(user * 5) <= 5, "{tool} and {user}");
}

#[test]
fn few_or_equal_prompts_tell_nothing() {
    assert_eq!(twentieths(&tools_and_prose(49)), []);
    // Ten different prompts, ten thousand times.
    let again: Vec<Request> = tools_and_prose(10).into_iter().cycle().take(10_000).collect();
    assert_eq!(twentieths(&again), []);
    assert_eq!(fitted(&again).calls, 10_000);
    assert_eq!(twentieths(&[]), []);
}

#[test]
fn what_cannot_be_told_apart_shares_a_size() {
    // The same tools and system prompt in every call: 3,000 and 5,000 bytes, of 1,000 tokens each, are four bytes a token.
    let same = |n: u64| sized(&[("tool", 3000), ("system", 5000), ("user", 50 * n)], &[3, 5, 5]);
    let calls: Vec<Request> = (1..200).map(same).collect();
    let expected = [(SegmentKind::Tool, 80), (SegmentKind::System, 80), (SegmentKind::User, 100)];
    assert_eq!(twentieths(&calls), expected);
    // Nothing varies but the length of all: one size.
    let grows = |n: u64| sized(&[("tool", 3 * n), ("user", 5 * n)], &[3, 5]);
    assert_eq!(twentieths(&(1..200).map(grows).collect::<Vec<_>>()), []);
}

#[test]
fn a_rare_kind_has_the_size_of_all_bytes() {
    let mut calls = tools_and_prose(200);
    calls.extend((0..10).map(|n: u64| sized(&[("user", 5000 + 50 * n), ("result", 40)], &[5, 4])));
    let sizes = fitted(&calls);
    assert_eq!((sizes.twentieths[&SegmentKind::Tool], sizes.twentieths[&SegmentKind::User]), (60, 100));
    // 200 tools of 900 bytes on average beside 5,000 bytes of prose: nearly the size of prose.
    let rare = sizes.twentieths[&SegmentKind::ToolResult];
    assert!((90..100).contains(&rare), "{rare}");
    assert_eq!(sizes.weights.of(SegmentKind::Media), sizes.weights.of(SegmentKind::ToolResult));
}

#[test]
fn one_size_stays_one_size() {
    let four = |n: u64| sized(&[("tool", 400 * (n % 7)), ("user", 40 + 40 * n)], &[4, 4]);
    let exact: Vec<Request> = (0..300).map(four).collect();
    assert_eq!(fitted(&exact).weights, Weights::default());
    // The same with prompts that are up to a tenth longer or shorter, whatever is in them.
    let noisy = exact.iter().zip(0u64..).map(|(call, n)| {
        let mut call = call.clone();
        call.tokens.input = call.tokens.input * (90 + n * 37 % 21) / 100;
        call
    });
    assert_eq!(fitted(&noisy.collect::<Vec<_>>()).weights, Weights::default());
}

#[test]
fn media_and_failed_calls_tell_nothing() {
    let mut calls = tools_and_prose(60);
    let known = fitted(&calls);
    calls.extend((0..60).map(|n: u64| sized(&[("media", 100_000), ("user", 50 * n)], &[60, 5])));
    calls.extend(tools_and_prose(60).into_iter().map(|call| Request { error: Some("Throttled".into()), ..call }));
    calls.extend((0..60).map(|n| call(n, &[])));
    assert_eq!(fitted(&calls), known);
}

#[test]
fn sizes_stay_within_what_text_has() {
    // What the model does not see costs nothing: at most twelve bytes a token; encoded data: at least one.
    // Really 0.8 and 15.
    let prompt =
        |n: u64| call(1000 * (n % 7) + 10 * n, &[format!("tool:a:{}", 800 * (n % 7)), format!("user:b:{}", 150 * n)]);
    let calls: Vec<Request> = (1..200).map(prompt).collect();
    assert_eq!(twentieths(&calls), [(SegmentKind::Tool, 20), (SegmentKind::User, 240)]);
}

proptest! {
    #[test]
    fn the_order_of_calls_does_not_matter(
        prompts in proptest::collection::vec((0u64..20_000, 0u64..20_000, 0u64..20_000, 0u64..9_000), 50..90),
        turn in 0usize..90,
    ) {
        let of = |(tool, user, system, noise): &(u64, u64, u64, u64)| {
            call(tool / 3 + user / 5 + system / 4 + noise / 10, &[
                format!("tool:a:{tool}"), format!("user:b:{user}"), format!("system:c:{system}"),
            ])
        };
        let mut calls: Vec<Request> = prompts.iter().map(of).collect();
        let first = by_model(calls.iter());
        let turn = turn % calls.len();
        calls.rotate_left(turn);
        calls.reverse();
        prop_assert_eq!(by_model(calls.iter()), first);
    }

    #[test]
    fn whatever_the_counts_a_byte_weighs_something(
        prompts in proptest::collection::vec((0u64..1 << 34, 0u64..1 << 34, 0u64..1 << 34), 50..90),
    ) {
        let of = |(tool, user, tokens): &(u64, u64, u64)| call(*tokens, &[format!("tool:a:{tool}"), format!("user:b:{user}")]);
        let calls: Vec<Request> = prompts.iter().map(of).collect();
        let weights = fitted(&calls).weights;
        prop_assert!(KINDS.iter().all(|kind| weights.of(*kind) > 0));
    }
}
