//! Why markers miss, and the request before and after, in words and lines.

use std::sync::Arc;

use lode_engine::Only;
use lode_model::{
    CachePolicy, Chain, Edit, OutputForm, Placement, Request, Routing, Segment, SegmentKind, TaskForm, TokenCounts,
    Traits, Ttl,
};
use lode_sim::{Cluster, Demand, OwnerCalls};

use super::fixture::{Fixture, MODEL, workload};
use crate::{Look, explain_recommendation};

const HOSTILE: &str = "lookup\u{1b}[2J\n\u{202e}|<b>";

fn segment(kind: SegmentKind, hash: u128, bytes: u64, marker: Option<Ttl>) -> Arc<Segment> {
    let named = matches!(kind, SegmentKind::Tool | SegmentKind::ToolResult);
    Arc::new(Segment { kind, hash, bytes, tool: named.then(|| HOSTILE.into()), marker, traits: Traits::NONE })
}

/// Seventeen tools, two blocks of a system prompt of which the first changes, a marker, and a turn: 4,000 tokens.
fn call(nth: u64, model: &str, tools: u64) -> Request {
    use SegmentKind::{Assistant, System, Tool, ToolResult, User};
    let five = Some(Ttl::FiveMinutes);
    let mut segments: Vec<_> = (0..tools).map(|tool| segment(Tool, u128::from(tool), 100, None)).collect();
    let changing = 1000 + u128::from(nth);
    segments.extend([segment(System, changing, 100, None), segment(System, 500, 1900 - 100 * (tools - 17), five)]);
    segments.extend([
        segment(User, 501, 100, None),
        segment(Assistant, 502, 100, None),
        segment(ToolResult, 503, 100, None),
    ]);
    Request {
        id: format!("r-{nth}").into(),
        time: format!("2026-10-{:02}T08:00:{:02}Z", 5 + nth / 20, 2 * (nth % 20)).parse().expect("a time"),
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: model.into(),
        routing: Routing::Regional,
        caller: "role/app".into(),
        mode: None,
        streaming: false,
        tokens: TokenCounts { input: 300, output: 10, cache_write_5m: 3700, ..TokenCounts::default() },
        error: None,
        output_form: OutputForm::Text,
        output_limit: None,
        stop_reason: None,
        latency_ms: Some(900),
        tools_called: Vec::new(),
        chain: Chain::default(),
        has_body: true,
        schema_bound: false,
        guarded: None,
        segments,
    }
}

fn fixture(model: &str, policy: CachePolicy) -> Fixture {
    let own = |cohort: &str, calls: Vec<Request>| {
        OwnerCalls::new(workload("role/app", cohort), TaskForm::Text, calls.into_iter().map(Arc::new).collect())
    };
    let mut fixture = Fixture::new();
    // The first day reads: nine calls of ten.
    let mut chat: Vec<Request> = (0..40).map(|nth| call(nth, model, 17)).collect();
    for read in chat.iter_mut().take(20).skip(2) {
        read.segments[17] = segment(SegmentKind::System, 1000, 100, None);
        read.tokens = TokenCounts { input: 300, output: 10, cache_read: 3700, ..TokenCounts::default() };
    }
    let owners = vec![own("chat", chat), own("label", vec![call(41, model, 18)])];
    fixture.estate.demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), owners)]);
    fixture.outcome.recommendations[0].edits = vec![Edit::Cache(policy)];
    fixture
}

fn explained(fixture: &Fixture) -> String {
    let look = Look { width: 80, colour: false };
    fixture.show(|report| explain_recommendation(report, &report.outcome.recommendations[0], look))
}

/// A block, from its heading to the empty line.
fn block<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let start = text.find(heading)?;
    text[start..].split("\n\n").next()
}

const MISSES: &str = "Why the cache misses";
const REQUEST: &str = "The request, before";

fn tools_and_prompt() -> CachePolicy {
    CachePolicy::markers([(Placement::ToolsEnd, Ttl::OneHour), (Placement::PromptEnd, Ttl::FiveMinutes)])
}

#[test]
fn the_request_is_shown_in_both_forms_of_claude() {
    let text = explained(&fixture(MODEL, tools_and_prompt()));
    insta::assert_snapshot!("misses", block(&text, MISSES).expect("a block"));
    insta::assert_snapshot!("request-claude", block(&text, REQUEST).expect("a block"));
    let bad: Vec<char> =
        text.chars().filter(|c| *c != '\n' && crate::clean(&c.to_string()) == " " && *c != ' ').collect();
    assert_eq!(bad, [], "{text}");
    let blocks = [block(&text, MISSES), block(&text, REQUEST)].into_iter().flatten();
    assert!(blocks.flat_map(str::lines).all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn nova_has_converse_only_and_gpt_words() {
    let nova = explained(&fixture("amazon.nova-pro-v1:0", CachePolicy::Off));
    insta::assert_snapshot!("request-nova-off", block(&nova, REQUEST).expect("a block"));
    let policy =
        CachePolicy::markers([(Placement::SystemEnd, Ttl::ThirtyMinutes), (Placement::ToolsEnd, Ttl::ThirtyMinutes)]);
    let gpt = explained(&fixture("openai.gpt-5.6-sol", policy));
    insta::assert_snapshot!("request-gpt", block(&gpt, REQUEST).expect("a block"));
}

#[test]
fn what_does_not_concern_the_cache_shows_no_request() {
    let mut other = fixture(MODEL, tools_and_prompt());
    other.outcome.recommendations[0].edits = vec![Edit::CapOutput(10)];
    assert_eq!(block(&explained(&other), REQUEST), None);
    assert!(block(&explained(&other), MISSES).is_some());
    // The markers stay as they are.
    let same = fixture(MODEL, CachePolicy::markers([(Placement::SystemEnd, Ttl::FiveMinutes)]));
    assert_eq!(block(&explained(&same), REQUEST), None);
    assert_eq!(block(&explained(&Fixture::new()), MISSES), None);
}

#[test]
fn only_the_kinds_of_calls_that_are_meant_are_shown() {
    let mut label = fixture(MODEL, tools_and_prompt());
    label.outcome.recommendations[0].only = Some(Only { cohorts: vec!["label".into()], calls: 1, of: 41 });
    let text = explained(&label);
    let request = block(&text, REQUEST).expect("a block");
    assert!(request.contains("typical of 1 call with a body: 23 blocks, 4,000 tokens"), "{request}");
    let misses = block(&text, MISSES).expect("a block");
    assert!(misses.contains("1 call with markers: 1 of them wrote 3,700 tokens, together they read 0"), "{misses}");
    assert!(!misses.contains("what to change") && !misses.contains("which write most"), "{misses}");
}
