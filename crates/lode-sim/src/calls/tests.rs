//! How a prompt's tokens are shared out over its blocks.

use std::collections::BTreeMap;

use jiff::civil::date;
use lode_model::{Owner, TaskForm};
use lode_testkit::RequestRow;
use proptest::prelude::*;

use super::*;
use crate::{Cluster, Demand};

const KINDS: [&str; 7] = ["tool", "system", "user", "assistant", "call", "result", "passage"];

fn request(tokens: u64, segments: &[(usize, u64)]) -> Arc<Request> {
    let segments: Vec<String> =
        segments.iter().enumerate().map(|(at, (kind, bytes))| format!("{}:s{at}:{bytes}", KINDS[*kind])).collect();
    let row = serde_json::json!({"time": "2026-10-01T08:00:00Z", "model": "m", "input": tokens, "segments": segments});
    let row: RequestRow = serde_json::from_value(row).expect("a row");
    Arc::new(row.expand(0).remove(0))
}

fn owner(calls: Vec<Arc<Request>>, weights: Weights) -> OwnerCalls {
    OwnerCalls { weights, ..OwnerCalls::new(Owner::Account("111111111111".into()), TaskForm::Text, calls) }
}

fn one(request: Arc<Request>, weights: Weights, edits: Vec<Edit>) -> Call {
    let day = date(2026, 10, 1);
    let window = Window { first: day, last: day, complete_to: None };
    let selector = Selector::all(Owner::Account("111111111111".into()));
    let edits: Vec<Edited> = if edits.is_empty() { Vec::new() } else { vec![(selector, edits)] };
    edited(&owner(vec![request], weights), &edits, None, &window, Catalogue::builtin()).calls.remove(0)
}

/// Where each block ends, by bytes alone.
fn by_bytes(tokens: u64, segments: &[(usize, u64)]) -> Vec<u64> {
    let total: u64 = segments.iter().map(|(_, bytes)| bytes).sum();
    let mut bytes = 0;
    let end = |(_, size): &(usize, u64)| {
        bytes += size;
        scale(tokens, bytes, total)
    };
    segments.iter().map(end).collect()
}

fn ends(call: &Call) -> Vec<u64> {
    call.blocks.iter().map(|block| block.tokens).collect()
}

/// Weights fitted to tools of three bytes a token beside everything else at five.
fn fitted() -> Weights {
    let call = |n: u64| {
        let (tool, passage, question) = (100 * (n % 7), 100 * (n % 11), 10 * n + 10);
        request(tool + passage + question, &[(0, 3 * tool), (2, 5 * question), (6, 5 * passage)])
    };
    let calls: Vec<Arc<Request>> = (0..70).map(call).collect();
    let sizes = crate::token_sizes::by_model(calls.iter().map(|call| &**call));
    sizes[&ModelId::from("m")].weights
}

#[test]
fn a_block_has_its_share_by_bytes_a_token() {
    // 3,000 bytes of a tool are 1,000 tokens, 5,000 bytes of a question too.
    let call = one(request(2000, &[(0, 3000), (2, 5000)]), fitted(), Vec::new());
    assert_eq!(ends(&call), [1000, 2000]);
    assert_eq!(ends(&one(request(2000, &[(0, 3000), (2, 5000)]), Weights::default(), Vec::new())), [750, 2000]);
}

#[test]
fn what_is_cut_is_counted_in_tokens_of_its_kind() {
    let prompt = || request(3000, &[(0, 3000), (2, 5000), (6, 5000)]);
    let dropped = one(prompt(), fitted(), vec![Edit::DropTools(vec!["s0".into()])]);
    assert_eq!(dropped.recorded.prompt(), 2000, "the tool's thousand");
    let tool = prompt().segments[0].hash;
    let shorter = Edit::ShortenSegment { segment: tool, what: "tool".into(), tokens: 400 };
    let shortened = one(prompt(), fitted(), vec![shorter]);
    assert_eq!(ends(&shortened), [400, 1400, 2400]);
    let passages = one(prompt(), fitted(), vec![Edit::Retrieval { chunks: 1, chunk_tokens: Some(250) }]);
    let expected: u64 = 2250;
    assert!(passages.recorded.prompt().abs_diff(expected) <= 2, "{}", passages.recorded.prompt());
}

#[test]
fn a_block_cut_to_the_same_tokens_is_the_same_block_in_every_call() {
    // The counts of two prompts are never exactly in proportion to their bytes.
    let (first, second) = (request(1000, &[(1, 3000), (2, 1000)]), request(1013, &[(1, 3000), (2, 1000)]));
    let shorter = || vec![Edit::ShortenSegment { segment: first.segments[0].hash, what: "prompt".into(), tokens: 300 }];
    let cut = |call: &Arc<Request>| one(Arc::clone(call), Weights::default(), shorter()).blocks[0].prefix;
    assert_eq!(cut(&first), cut(&second));
    assert_ne!(cut(&first), one(Arc::clone(&first), Weights::default(), Vec::new()).blocks[0].prefix);
}

#[test]
fn each_owner_has_the_sizes_of_its_model() {
    let call = |n: u64| request(100 * (n % 7) + 10 * n + 10, &[(0, 300 * (n % 7)), (2, 50 * n + 50)]);
    let id = |model: &str| lode_model::PoolId {
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: model.into(),
    };
    let own = |model: &str| OwnerCalls::new(Owner::Pool(id(model)), TaskForm::Text, (0..60).map(call).collect());
    // The calls are of model m, whoever makes them.
    let demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), vec![own("m"), own("n")])]);
    let weights: BTreeMap<String, Weights> = demand.clusters()[0]
        .owners
        .iter()
        .map(|own| (own.owner.model().map(ToString::to_string).unwrap_or_default(), own.weights))
        .collect();
    assert_eq!(weights["m"].of(SegmentKind::Tool), fitted().of(SegmentKind::Tool));
    assert_eq!(weights["n"], Weights::default());
    assert_eq!(demand.token_sizes()[&ModelId::from("m")].calls, 120);
}

fn segments() -> impl Strategy<Value = Vec<(usize, u64)>> {
    proptest::collection::vec((0usize..7, 0u64..200_000), 1..12)
}

proptest! {
    #[test]
    fn the_total_of_a_call_is_exact(tokens in 1u64..1_000_000, segments in segments()) {
        let call = one(request(tokens, &segments), fitted(), Vec::new());
        let ends = ends(&call);
        prop_assert!(ends.is_sorted(), "{ends:?}");
        let all: u64 = segments.iter().map(|(_, bytes)| bytes).sum();
        prop_assert_eq!(ends.last().copied(), (all > 0).then_some(tokens));
        prop_assert_eq!(call.recorded.prompt(), tokens);
    }

    #[test]
    fn equal_sizes_are_shares_of_the_bytes(tokens in 1u64..1_000_000, segments in segments()) {
        let all: u64 = segments.iter().map(|(_, bytes)| bytes).sum();
        let call = one(request(tokens, &segments), Weights::default(), Vec::new());
        prop_assert_eq!(ends(&call), if all == 0 { Vec::new() } else { by_bytes(tokens, &segments) });
        // And so is what an edit leaves.
        let kept: Vec<(usize, u64)> = segments.iter().copied().filter(|(kind, _)| *kind != 0).collect();
        let names = (0..segments.len()).map(|at| format!("s{at}").as_str().into()).collect();
        let left: u64 = kept.iter().map(|(_, bytes)| bytes).sum();
        let call = one(request(tokens, &segments), Weights::default(), vec![Edit::DropTools(names)]);
        let prompt = if all == 0 { tokens } else { scale(tokens, left, all) };
        prop_assert_eq!(call.recorded.prompt(), prompt);
        prop_assert_eq!(ends(&call), if left == 0 { Vec::new() } else { by_bytes(prompt, &kept) });
    }
}
