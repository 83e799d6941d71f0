//! What is said of the tokens of blocks.

use std::sync::Arc;

use lode_model::{
    Caller, Chain, OutputForm, Owner, PoolId, Request, Routing, Segment, SegmentKind, TaskForm, TokenCounts, Traits,
};
use lode_sim::{Cluster, Demand, OwnerCalls};
use serde_json::{Value, json};

use super::fixture::Fixture;
use crate::block_tokens::sentence;
use crate::coverage::{Page, coverage_lines};
use crate::v1;

fn segment(kind: SegmentKind, bytes: u64) -> Arc<Segment> {
    Arc::new(Segment { kind, hash: bytes.into(), bytes, tool: None, marker: None, traits: Traits::NONE })
}

fn call(model: &str, tokens: u64, segments: Vec<Arc<Segment>>) -> Arc<Request> {
    Arc::new(Request {
        id: "call".into(),
        time: "2026-10-01T08:00:00Z".parse().expect("a time"),
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: model.into(),
        routing: Routing::Regional,
        caller: Caller::from("role/app"),
        mode: None,
        streaming: false,
        tokens: TokenCounts { input: tokens, ..TokenCounts::default() },
        error: None,
        output_form: OutputForm::Text,
        output_limit: None,
        stop_reason: None,
        latency_ms: None,
        tools_called: Vec::new(),
        chain: Chain::default(),
        has_body: true,
        schema_bound: false,
        guarded: None,
        segments,
    })
}

/// Calls of a tool of `tool` bytes a token, offered or not, and a question of five.
fn calls(model: &str, tool: u64, calls: u64) -> OwnerCalls {
    let prompt = |n: u64| {
        let (tokens, question) = (1000 * (n % 3), 10 + 10 * n);
        let segments = vec![segment(SegmentKind::Tool, tool * tokens), segment(SegmentKind::User, 5 * question)];
        call(model, tokens + question, segments)
    };
    let id = PoolId { account: "111111111111".into(), region: "us-east-1".into(), model: model.into() };
    OwnerCalls::new(Owner::Pool(id), TaskForm::Text, (0..calls).map(prompt).collect())
}

fn demand(owners: Vec<OwnerCalls>) -> Demand {
    Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), owners)])
}

#[test]
fn without_prompts_nothing_is_said() {
    assert_eq!(sentence(&Demand::default()), None);
    assert_eq!(sentence(&demand(vec![OwnerCalls::new(Owner::Account("1".into()), TaskForm::Text, Vec::new())])), None);
}

#[test]
fn shares_of_the_bytes_are_said_as_such() {
    assert_eq!(
        sentence(&demand(vec![calls("same", 5, 100)])).as_deref(),
        Some(
            "Tokens of a block, assumed: its share of the prompt by bytes; the counts of 100 calls show no difference \
             between kinds of content. The total of each call is exact."
        )
    );
}

#[test]
fn sizes_are_said_with_the_calls_they_were_fitted_on() {
    let both = demand(vec![calls("json", 3, 1200), calls("same", 5, 1)]);
    let said = sentence(&both).expect("calls");
    let (before, after) = said.split_once("bytes alone by ").expect("how far bytes alone are off");
    assert_eq!(
        before,
        "Tokens of a block, assumed: its share of the prompt by bytes a token, fitted on 1,200 calls of json (tools 3, \
         user 5), which miss the counts by 0.0 %, "
    );
    let (off, after) = after.split_once(" %").expect("a share");
    assert!((1.0..20.0).contains(&off.parse::<f64>().expect("a number")), "{off}");
    assert_eq!(
        after,
        "; by bytes alone in 1 call of models whose counts show no difference. The total of each call is exact."
    );
}

#[test]
fn the_report_says_it_once_and_the_bill_not_at_all() {
    let mut fixture = Fixture::new();
    fixture.estate.demand = demand(vec![calls("json", 3, 1200), calls("same", 5, 1)]);
    let said = |page| {
        let lines = fixture.show(|report| coverage_lines(report, page));
        lines.iter().filter(|line| line.contains("Tokens of a block")).count()
    };
    assert_eq!((said(Page::Report), said(Page::Bill)), (1, 0));
    let report: Value = serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON");
    let [fitted, plain] = &report["tie_out"]["block_tokens"].as_array().expect("a list")[..] else {
        panic!("two models")
    };
    assert_eq!(fitted["model"], "json");
    assert_eq!(fitted["calls"], 1200);
    assert_eq!(fitted["bytes_per_token"], json!({"tool": 3.0, "user": 5.0}));
    assert_eq!(fitted["difference"], 0.0);
    assert!(fitted["difference_by_bytes"].as_f64().expect("a share") > 0.01);
    assert_eq!(*plain, json!({"model": "same", "calls": 1}));
}
