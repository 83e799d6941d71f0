//! The calls of a recommendation, in words.

use std::sync::Arc;

use lode_engine::Only;
use lode_model::{Chain, OutputForm, Owner, Request, Routing, Segment, SegmentKind, TaskForm, TokenCounts, Traits};
use lode_sim::{Cluster, Demand, OwnerCalls};

use super::fixture::{Fixture, MODEL, workload};
use crate::{Look, explain_recommendation};

fn call(second: u32, prompt: u64, chain: (Option<u64>, Option<u64>), contents: &[u128]) -> Request {
    Request {
        id: format!("r-{second}").into(),
        time: format!("2026-10-05T08:{:02}:{:02}Z", second / 60, second % 60).parse().expect("a time"),
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: MODEL.into(),
        routing: Routing::Regional,
        caller: "role/app".into(),
        mode: None,
        streaming: false,
        tokens: TokenCounts { input: prompt, output: 10, ..TokenCounts::default() },
        error: None,
        output_form: if chain.0.is_some() { OutputForm::ToolUse } else { OutputForm::Text },
        output_limit: None,
        stop_reason: Some(if chain.0.is_some() { "tool_use" } else { "max_tokens" }.into()),
        latency_ms: Some(1500),
        tools_called: Vec::new(),
        chain: Chain { opens: chain.0, continues: chain.1 },
        has_body: !contents.is_empty(),
        schema_bound: false,
        guarded: None,
        segments: contents
            .iter()
            .map(|hash| {
                let kind = SegmentKind::User;
                Arc::new(Segment { kind, hash: *hash, bytes: 100, tool: None, marker: None, traits: Traits::NONE })
            })
            .collect(),
    }
}

fn owner(caller: &str, cohort: &str, calls: Vec<Request>) -> OwnerCalls {
    OwnerCalls::new(workload(caller, cohort), TaskForm::Text, calls.into_iter().map(Arc::new).collect())
}

/// A chain of two, a prompt that is sent twice, and a cohort and a caller beside.
fn fixture() -> Fixture {
    let alone = (None, None);
    let chat = vec![
        call(0, 1000, (Some(7), None), &[1]),
        call(4, 1500, (None, Some(7)), &[1, 2]),
        call(10, 20, alone, &[3]),
        call(400, 20, alone, &[3]),
        Request { error: Some("ThrottlingException".into()), ..call(500, 0, alone, &[]) },
    ];
    let owners = vec![
        owner("role/app", "chat", chat),
        owner("role/app", "label", vec![call(1, 40, alone, &[])]),
        owner("role/other", "chat", vec![call(2, 9_999, alone, &[9])]),
    ];
    let mut fixture = Fixture::new();
    fixture.estate.demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), owners)]);
    fixture
}

fn explained(fixture: &Fixture, width: usize) -> String {
    let look = Look { width, colour: false };
    fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look))
}

/// The block, from its heading to the empty line.
fn block(text: &str) -> Option<&str> {
    let start = text.find("The calls, as logged")?;
    text[start..].split("\n\n").next()
}

#[test]
fn the_calls_of_the_caller_are_told() {
    let mut fixture = fixture();
    insta::assert_snapshot!("calls", block(&explained(&fixture, 100)).expect("a block"));
    // Only its calls without bodies: nothing of chains and repeats can be said.
    fixture.outcome.recommendations[0].only = Some(Only { cohorts: vec!["label".into()], calls: 1, of: 5 });
    insta::assert_snapshot!("calls-without-bodies", block(&explained(&fixture, 100)).expect("a block"));
}

#[test]
fn without_logged_calls_nothing_is_said() {
    assert_eq!(block(&explained(&Fixture::new(), 100)), None);
    let mut other = fixture();
    other.outcome.recommendations[0].subject = Owner::Account("111111111111".into());
    assert_eq!(block(&explained(&other, 100)), None);
}

#[test]
fn no_line_is_wider_than_the_page() {
    let fixture = fixture();
    for width in [80, 120, 160] {
        let text = explained(&fixture, width);
        let wide: Vec<&str> =
            block(&text).expect("a block").lines().filter(|line| line.chars().count() > width).collect();
        assert_eq!(wide, [""; 0], "at {width} columns");
    }
}
