//! Cache tokens by day, and curves of capacity, as pictures have them.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::date;
use lode_engine::{Declined, Part, Reason};
use lode_model::{
    Action, Chain, CostCurve, CostPoint, Mode, Money, Note, OutputForm, Ratio, Request, Routing, Segment, SegmentKind,
    Selector, TaskForm, Term, TokenCounts, Traits, Ttl, UnitKind,
};
use lode_sim::{Cluster, Demand, OwnerCalls};

use super::cache_counters::plant;
use super::fixture::{Fixture, MODEL, dollars, workload};
use crate::pictures::cache_days;
use crate::v1::{self, CallerCacheV1};

const NOVA: &str = "amazon.nova-2-lite-v1:0";

fn figures(caller: &CallerCacheV1) -> Vec<(u64, u64, u64)> {
    caller.days.iter().map(|day| (day.prompt_tokens, day.read_tokens, day.written_tokens)).collect()
}

#[test]
fn what_a_caller_reads_and_writes_stands_on_every_complete_day_as_billed() {
    let mut fixture = Fixture::new();
    plant(&mut fixture, NOVA, &[(100, 10), (100, 10)]);
    fixture.estate.window.complete_to = Some(date(2026, 10, 3));
    let found = fixture.show(cache_days).expect("cache tokens");
    let [caller] = &found.callers[..] else { panic!("one caller, found {found:?}") };
    assert_eq!((&*caller.caller, &*caller.source, caller.breaks.as_deref()), ("role/app", "bill", None));
    // By the bill 80 of 100 are read, whatever the logs say; on the third nothing was sent.
    assert_eq!(figures(caller), [(100, 80, 0), (100, 80, 0), (0, 0, 0)]);
    assert!(found.others.is_none());
    assert!(Fixture::new().show(cache_days).is_none(), "nobody caches");
}

#[test]
fn logs_stand_in_where_the_bill_has_no_days() {
    let mut fixture = Fixture::new();
    plant(&mut fixture, NOVA, &[(100, 10), (100, 30)]);
    fixture.estate.window.complete_to = Some(date(2026, 10, 2));
    for charge in fixture.estate.charges.iter_mut().filter(|charge| charge.span.days() == 1) {
        charge.span.last = charge.span.last.saturating_add(1.days());
    }
    let found = fixture.show(cache_days).expect("cache tokens");
    assert_eq!((&*found.callers[0].source, figures(&found.callers[0])), ("logs", vec![(100, 10, 0), (100, 30, 0)]));
}

#[test]
fn callers_beyond_the_sixth_are_summed_up() {
    let mut fixture = Fixture::new();
    plant(&mut fixture, NOVA, &[(100, 10)]);
    let of_one: Vec<_> =
        fixture.estate.charges.iter().filter(|charge| charge.key.model.as_str() == NOVA).cloned().collect();
    for nth in 1..8 {
        for charge in &of_one {
            let lode_model::Owner::Workload(id) = &charge.owner else { continue };
            let id = lode_model::WorkloadId { caller: format!("role/app-{nth}").as_str().into(), ..id.clone() };
            fixture.estate.charges.push(lode_sim::Charge { owner: lode_model::Owner::Workload(id), ..charge.clone() });
        }
    }
    let found = fixture.show(cache_days).expect("cache tokens");
    let others = found.others.expect("two more");
    assert_eq!((found.callers.len(), others.callers, others.prompt_tokens, others.read_tokens), (6, 2, 200, 160));
}

/// Two days on which four calls read what one wrote, and two on which every call writes.
#[test]
fn the_day_from_which_on_reads_do_not_repay_is_the_break() {
    let mut fixture = Fixture::new();
    plant(&mut fixture, MODEL, &[(100, 10); 4]);
    let marked = |hash: u128, marker: Option<Ttl>| {
        Arc::new(Segment { kind: SegmentKind::User, hash, bytes: 40_000, tool: None, marker, traits: Traits::NONE })
    };
    let call = |day: i64, nth: u32| {
        let writes = nth == 0 || day > 1;
        let tokens = if writes { (0, 10_000) } else { (10_000, 0) };
        Request {
            id: format!("r-{day}-{nth}").into(),
            time: format!("2026-10-0{}T08:0{nth}:00Z", day + 1).parse().expect("a time"),
            account: "111122223333".into(),
            region: "us-east-1".into(),
            model: MODEL.into(),
            routing: Routing::Regional,
            caller: "role/app".into(),
            mode: Some(Mode::Standard),
            streaming: false,
            tokens: TokenCounts {
                cache_read: tokens.0,
                cache_write_5m: tokens.1,
                output: 10,
                ..TokenCounts::default()
            },
            error: None,
            output_form: OutputForm::Text,
            output_limit: None,
            stop_reason: None,
            latency_ms: Some(1_000),
            tools_called: Vec::new(),
            chain: Chain::default(),
            has_body: true,
            schema_bound: false,
            guarded: None,
            segments: vec![
                marked(if day > 1 { u128::from(nth) + 10 } else { 1 }, Some(Ttl::FiveMinutes)),
                marked(2, None),
            ],
        }
    };
    let calls = (0..4).flat_map(|day| (0..5).map(move |nth| (day, nth))).map(|(day, nth)| Arc::new(call(day, nth)));
    let owner = fixture.estate.demand.clusters()[0].owners[0].owner.clone();
    let owner = OwnerCalls::new(owner, TaskForm::Chat, calls.collect());
    fixture.estate.demand = Demand::new(vec![Cluster::new("111122223333".into(), "us-east-1".into(), vec![owner])]);
    let found = fixture.show(cache_days).expect("cache tokens");
    assert_eq!(found.callers[0].breaks.as_deref(), Some("2026-10-03"));
}

fn curve() -> Note {
    let point = |units, cost: &str, used, beyond| CostPoint {
        units,
        cost: dollars(cost),
        used: Ratio::from_ppm(used),
        beyond: Ratio::from_ppm(beyond),
    };
    let curve = CostCurve {
        kind: UnitKind::ModelUnit,
        term: Term::OneMonth,
        points: vec![point(0, "100", 0, 1_000_000), point(1, "150", 250_000, 0)],
        best: 0,
        bought: Some(1),
        owned: None,
        break_even: Some(1_200),
        capacity_seen: false,
    };
    Note { name: "capacity.curve", text: String::new(), curve: Some(Arc::new(curve)) }
}

#[test]
fn curves_are_figures_of_what_is_recommended_and_of_what_is_not() {
    let mut fixture = Fixture::new();
    let owner = workload("role/app", "chat");
    let action = Action {
        key: "buy".into(),
        selector: Selector::all(owner.clone()),
        edits: Vec::new(),
        one_off: Money::ZERO,
        title: "Buy".to_owned(),
        only_alternative: false,
        notes: vec![("other", "words alone".to_owned()).into(), curve()],
    };
    fixture.outcome.recommendations[0].parts = vec![Part { action, earlier: Vec::new() }];
    fixture.outcome.declined.push(Declined {
        rule_id: "provisioned-throughput.worth-buying".to_owned(),
        subject: owner,
        reason: Reason::NoSaving { title: "Buy".to_owned(), saves: Money::ZERO, notes: vec![curve()] },
        told: true,
    });
    let report: serde_json::Value = serde_json::from_str(&fixture.show(v1::report_json)).expect("JSON");
    let expected = serde_json::json!([{
        "kind": "model-unit",
        "term": "1-month",
        "on_demand_monthly": "100.000000",
        "best": 0,
        "bought": 1,
        "break_even_tokens_per_minute": 1200,
        "capacity_seen": false,
        "points": [
            { "units": 0, "monthly": "100.000000", "utilisation": 0.0, "overflow_share": 1.0 },
            { "units": 1, "monthly": "150.000000", "utilisation": 0.25, "overflow_share": 0.0 },
        ],
    }]);
    assert_eq!(report["recommendations"][0]["curves"], expected);
    let declined = report["declined"].as_array().expect("an array").last().expect("one").clone();
    assert_eq!((&declined["curves"], &declined["notes"]), (&expected, &serde_json::json!([])), "it has no words");
    assert_eq!(report["declined"][0].get("curves"), None);
}
