//! How long it takes to measure an owner's calls. Ignored: a figure, not a check. Run with
//! `cargo test --release -p lode-sim --test traffic_cost -- --ignored --nocapture`.

use std::sync::Arc;

use lode_model::{Chain, Request, Segment, SegmentKind, TokenCounts, Traits};
use lode_sim::{Cluster, Demand, Estate, Habits, OwnerCalls, State, Traffic};
use lode_testkit::EstateFile;

/// Conversations, and the calls of each.
const CONVERSATIONS: u64 = 10_000;
const STEPS: u64 = 10;

fn estate() -> Estate {
    let text = r#"{"first":"2026-10-01","last":"2026-10-01",
        "charges":[{"model":"anthropic.claude-sonnet-5-5","role":"app","class":"input","tokens":2000,"usd":"0.004"}],
        "requests":[{"time":"2026-10-01T00:00:00Z","model":"anthropic.claude-sonnet-5-5","role":"app","input":2000}]}"#;
    let file: EstateFile = serde_json::from_str(text).expect("an estate");
    file.build("2026-11-05".parse().expect("a date"))
}

/// Conversations of ten steps, all at once: five tools, a system prompt and a history that grows by an answer and a
/// question or tool result each. Half are joined by ids.
fn calls(model: &Request) -> Vec<Arc<Request>> {
    let segment =
        |kind, hash| Arc::new(Segment { kind, hash, bytes: 400, tool: None, marker: None, traits: Traits::NONE });
    let front: Vec<Arc<Segment>> = (0..6).map(|n| segment(SegmentKind::System, n)).collect();
    let mut histories: Vec<Vec<Arc<Segment>>> = vec![front; usize::try_from(CONVERSATIONS).expect("small")];
    let mut calls = Vec::new();
    for step in 0..STEPS {
        for (conversation, history) in (0u64..).zip(&mut histories) {
            let hash = |nth: u64| u128::from(1000 + conversation * 100 + step * 2 + nth) << 64;
            let by_ids = conversation % 2 == 0;
            if step > 0 {
                history.push(segment(SegmentKind::Assistant, hash(0)));
            }
            let kind = if by_ids && step > 0 { SegmentKind::ToolResult } else { SegmentKind::User };
            history.push(segment(kind, hash(1)));
            let number = step * CONVERSATIONS + conversation;
            let link = |step: u64| by_ids.then_some(conversation * STEPS + step);
            calls.push(Arc::new(Request {
                id: format!("r-{number:06}").into(),
                time: model.time + jiff::SignedDuration::from_millis(i64::try_from(number).expect("small") * 800),
                tokens: TokenCounts { input: 100 * history.len() as u64, output: 50, ..TokenCounts::default() },
                chain: Chain { opens: link(step), continues: link(step.wrapping_sub(1)).filter(|_| step > 0) },
                segments: history.clone(),
                has_body: true,
                ..model.clone()
            }));
        }
    }
    calls
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "it measures time, and says it")]
fn a_hundred_thousand_calls() {
    let mut estate = estate();
    let cluster = &estate.demand.clusters()[0];
    let own = &cluster.owners[0];
    let owner = own.owner.clone();
    let calls = calls(&own.calls[0]);
    let segments: usize = calls.iter().map(|call| call.segments.len()).sum();
    let cluster = Cluster::new(
        cluster.account.clone(),
        cluster.region.clone(),
        vec![OwnerCalls::new(owner.clone(), own.task, calls)],
    );
    estate.demand = Demand::new(vec![cluster]);
    let state = State::baseline(&estate);
    // The calls themselves are kept from here on.
    Traffic::of(&estate, &state, &owner).expect("known");
    let mut least = [std::time::Duration::MAX; 2];
    for _ in 0..15 {
        let fresh = estate.clone();
        let start = std::time::Instant::now();
        let traffic = Traffic::of(&fresh, &state, &owner).expect("known");
        let whole = start.elapsed();
        let start = std::time::Instant::now();
        let habits = Habits::logged(&fresh, &owner).expect("known");
        least = [least[0].min(whole), least[1].min(start.elapsed())];
        assert_eq!(habits, traffic.habits);
        assert_eq!(traffic.calls, CONVERSATIONS * STEPS);
        assert_eq!((habits.chains.chains, habits.chains.by_prefixes), (CONVERSATIONS, CONVERSATIONS / 2));
    }
    eprintln!("{segments} segments: all that is measured {:?}, habits alone {:?}", least[0], least[1]);
}
