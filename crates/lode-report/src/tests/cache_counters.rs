//! The cache counters of the logs beside the bill's, in all forms.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::date;
use lode_model::{
    BillingSource, Chain, ChargeKind, Class, ContextBand, Layer, Mode, Money, OutputForm, Owner, PriceKey, Quantity,
    Request, Routing, Span, TaskForm, TokenCounts, Unit, WorkloadId,
};
use lode_sim::{Charge, Cluster, Demand, OwnerCalls};

use super::fixture::Fixture;
use crate::tie_out::cache_sentence;
use crate::{Look, report_markdown, report_table, v1};

const NOVA: &str = "amazon.nova-2-lite-v1:0";

/// A day each, from 1 October: of 100 prompt tokens so many are read from the cache by the logs' only call, which has
/// this many prompt tokens, and 80 by the bill.
pub(crate) fn plant(fixture: &mut Fixture, model: &str, days: &[(u64, u64)]) {
    let id = WorkloadId {
        account: "111122223333".into(),
        region: "us-east-1".into(),
        model: model.into(),
        caller: "role/app".into(),
        cohort: "chat".into(),
    };
    let owner = Owner::Workload(id.clone());
    let mut calls = Vec::new();
    for (nth, &(prompt, read)) in (0_i64..).zip(days) {
        let day = date(2026, 10, 1).saturating_add(nth.days());
        for (class, steps) in [(Class::Input, 20), (Class::CacheRead, 80)] {
            fixture.estate.charges.push(Charge {
                owner: owner.clone(),
                key: PriceKey {
                    account: id.account.clone(),
                    region: id.region.clone(),
                    model: id.model.clone(),
                    routing: Routing::Regional,
                    mode: Mode::Standard,
                    band: ContextBand::Standard,
                    class,
                    source: BillingSource::AmazonBedrock,
                    custom: false,
                },
                span: Span::day(day),
                layer: Layer::Inference,
                kind: ChargeKind::Usage,
                usage_type: "USE1-Tokens".into(),
                quantity: Some(Quantity { steps, unit: Unit::Token }),
                billed: Money::ZERO,
            });
        }
        let tokens = TokenCounts { input: prompt - read, cache_read: read, ..TokenCounts::default() };
        calls.push(Arc::new(call(&id, &format!("{day}T08:00:00Z"), tokens)));
    }
    let cluster = Cluster::new(id.account.clone(), id.region, vec![OwnerCalls::new(owner, TaskForm::Text, calls)]);
    fixture.estate.demand = Demand::new(vec![cluster]);
}

fn call(id: &WorkloadId, time: &str, tokens: TokenCounts) -> Request {
    Request {
        id: time.into(),
        time: time.parse().expect("a time"),
        account: id.account.clone(),
        region: id.region.clone(),
        model: id.model.clone(),
        routing: Routing::Regional,
        caller: id.caller.clone(),
        mode: Some(Mode::Standard),
        streaming: false,
        tokens,
        error: None,
        output_form: OutputForm::Text,
        output_limit: None,
        stop_reason: None,
        latency_ms: None,
        tools_called: Vec::new(),
        chain: Chain::default(),
        has_body: false,
        schema_bound: false,
        guarded: None,
        segments: Vec::new(),
    }
}

fn planted(days: &[(u64, u64)]) -> Fixture {
    let mut fixture = Fixture::new();
    plant(&mut fixture, NOVA, days);
    fixture
}

fn said(fixture: &Fixture) -> String {
    cache_sentence(&fixture.estate).expect("a sentence")
}

fn json(fixture: &Fixture) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON");
    report["tie_out"]["cache_counters"].clone()
}

#[test]
fn one_line_where_they_agree() {
    let fixture = planted(&[(100, 80), (50, 40), (100, 76)]);
    let line = "Cache counters: logs and bill agree within 5 % on 3 of 3 days, by account, region and model.";
    assert_eq!(said(&fixture), line);
    let [table, markdown] =
        fixture.show(|report| [report_table(report, Look { width: 200, colour: false }), report_markdown(report)]);
    assert_eq!(table.matches(line).count(), 1, "{table}");
    assert_eq!(markdown.matches(&format!("\n- {line}\n")).count(), 1, "{markdown}");
    assert_eq!(
        json(&fixture),
        serde_json::json!({
            "tolerance": 0.05,
            "days_compared": 3,
            "days_off": 0,
            "days_not_comparable": 0,
            "tokens_compared": 300,
            "tokens_off": 4,
            "rows": [],
        })
    );
}

/// Of five days four are off, the second by most; on the sixth the logs hold 49 of 100 tokens.
#[test]
fn the_worst_days_where_they_do_not() {
    let fixture = planted(&[(100, 70), (100, 0), (100, 80), (100, 60), (100, 74), (49, 0)]);
    assert_eq!(
        said(&fixture),
        "Cache counters: logs and bill agree within 5 % on 1 of 5 days, by account, region and model. Furthest apart: \
         amazon.nova-2-lite-v1:0 · us-east-1 · 111122223333 on 2026-10-02, cache reads 0.0 % of the prompt tokens by the \
         logs and 80.0 % by the bill; amazon.nova-2-lite-v1:0 · us-east-1 · 111122223333 on 2026-10-04, cache reads 60.0 % \
         of the prompt tokens by the logs and 80.0 % by the bill; amazon.nova-2-lite-v1:0 · us-east-1 · 111122223333 on \
         2026-10-01, cache reads 70.0 % of the prompt tokens by the logs and 80.0 % by the bill; 1 more day, which \
         --format json lists. Not compared: on 1 other day the logs hold less than half of the prompt tokens, or the bill \
         does not tell them by the day."
    );
    let json = json(&fixture);
    assert_eq!(
        (&json["days_compared"], &json["days_off"], &json["days_not_comparable"]),
        (&5.into(), &4.into(), &1.into())
    );
    let rows = json["rows"].as_array().expect("rows");
    assert_eq!(
        rows.iter().map(|row| &row["date"]).collect::<Vec<_>>(),
        ["2026-10-02", "2026-10-04", "2026-10-01", "2026-10-05"]
    );
    assert_eq!(
        rows[1],
        serde_json::json!({
            "account": "111122223333",
            "region": "us-east-1",
            "model": NOVA,
            "date": "2026-10-04",
            "prompt_logged": 100,
            "prompt_billed": 100,
            "cache_read_logged": 60,
            "cache_read_billed": 80,
            "cache_write_logged": 0,
            "share_off": 0.2,
        })
    );
}

/// Ten written tokens of each call are input on the bill.
#[test]
fn models_whose_writes_are_not_billed_are_named() {
    let mut fixture = planted(&[(100, 80), (100, 80)]);
    let mut own = fixture.estate.demand.clusters()[0].owners[0].clone();
    for call in &mut own.calls {
        Arc::make_mut(call).tokens =
            TokenCounts { input: 10, cache_read: 80, cache_write_5m: 10, ..TokenCounts::default() };
    }
    fixture.estate.demand = Demand::new(vec![Cluster::new("111122223333".into(), "us-east-1".into(), vec![own])]);
    assert_eq!(
        said(&fixture),
        "Cache counters: logs and bill agree within 5 % on 2 of 2 days, by account, region and model. Reads only, as the \
         bill has no row of cache writes: amazon.nova-2-lite-v1:0."
    );
    assert_eq!(
        json(&fixture)["reads_only"],
        serde_json::json!([{ "account": "111122223333", "region": "us-east-1", "model": NOVA }])
    );
}

#[test]
fn nothing_to_compare_is_said_only_where_there_is_a_day_of_both() {
    assert_eq!(
        said(&planted(&[(40, 30)])),
        "Cache counters: logs and bill cannot be compared: on 1 day the logs hold less than half of the prompt tokens, or \
         the bill does not tell them by the day."
    );
    assert_eq!(cache_sentence(&planted(&[]).estate), None);
    assert_eq!(json(&planted(&[])), serde_json::Value::Null);
    let mut without_logs = planted(&[(100, 80)]);
    without_logs.estate.tie_out = None;
    assert_eq!(cache_sentence(&without_logs.estate), None);
}

/// Names of models come from logs and bill: the page has the day, and none of their marks.
#[test]
fn hostile_names_are_plain_text() {
    let mut fixture = Fixture::new();
    plant(&mut fixture, "m|\u{1b}[2J\n# [a](b)\u{202e} <i>", &[(100, 20)]);
    let [table, markdown] =
        fixture.show(|report| [report_table(report, Look { width: 400, colour: false }), report_markdown(report)]);
    let named = |page: &str| {
        let line = page.lines().find(|line| line.contains("Cache counters")).expect("the sentence").to_owned();
        assert!(line.contains("cache reads 20.0 % of the prompt tokens"), "{line}");
        let (_, after) = line.split_once("Furthest apart: ").expect("a day");
        after.split_once(" · us-east-1").expect("a place").0.to_owned()
    };
    assert_eq!(named(&table), "m| [2J # [a](b) <i>");
    assert_eq!(named(&markdown), "m\\| \\[2J \\# \\[a\\](b)  &lt;i&gt;");
}
