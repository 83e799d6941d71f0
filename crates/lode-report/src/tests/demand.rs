//! Calls by hour of the week.

use std::sync::Arc;

use jiff::tz::TimeZone;
use lode_engine::Part;
use lode_model::{
    Action, Chain, Edit, Mode, Money, OutputForm, Owner, Request, Routing, Run, Selector, TaskForm, TokenCounts,
};
use lode_sim::{Cluster, Demand, OwnerCalls};

use super::fixture::{Fixture, MODEL, workload};
use crate::pictures::demand;
use crate::v1::{DemandV1, HourOfWeekV1};

fn call(id: &str, time: &str) -> Request {
    Request {
        id: id.into(),
        time: time.parse().expect("a time"),
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: MODEL.into(),
        routing: Routing::Regional,
        caller: "role/app".into(),
        mode: Some(Mode::Standard),
        streaming: false,
        tokens: TokenCounts { input: 900, output: 100, ..TokenCounts::default() },
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

/// Four calls in one hour of Mondays and two at midnight of a Sunday; one on a day that is not complete.
fn fixture() -> Fixture {
    let times = [
        "2026-10-05T22:00:00Z",
        "2026-10-05T22:59:59Z",
        "2026-10-12T22:10:00Z",
        "2026-10-12T22:20:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-28T12:00:00Z",
    ];
    let calls = times.iter().enumerate().map(|(nth, time)| Arc::new(call(&format!("r-{nth}"), time))).collect();
    let owner = OwnerCalls::new(workload("role/app", "chat"), TaskForm::Text, calls);
    let mut fixture = Fixture::new();
    fixture.estate.window.complete_to = Some(jiff::civil::date(2026, 10, 27));
    fixture.estate.demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), vec![owner])]);
    fixture
}

fn to(mode: Mode, owner: Owner, runs: &[Run]) -> Part {
    let action = Action {
        key: mode.as_str().into(),
        selector: Selector { runs: runs.into(), ..Selector::all(owner) },
        edits: vec![Edit::Mode(mode)],
        one_off: Money::ZERO,
        title: String::new(),
        only_alternative: false,
        notes: Vec::new(),
    };
    Part { action, earlier: Vec::new() }
}

/// Weekday, hour, count, calls and movable ones, of hours with calls.
fn busy(demand: &DemandV1) -> Vec<(u8, u8, f64, u64, u64)> {
    let of = |hour: &HourOfWeekV1| (hour.weekday, hour.hour, hour.count, hour.calls, hour.movable);
    demand.hours.iter().filter(|hour| hour.calls > 0).map(of).collect()
}

#[test]
fn calls_of_complete_days_stand_in_their_hour_of_the_week() {
    let found = fixture().show(demand).expect("calls");
    assert_eq!((&*found.time_zone, found.days, found.calls, found.movable_calls), ("UTC", 27, 6, 0));
    assert_eq!(found.hours.len(), 168);
    assert_eq!(busy(&found), [(1, 22, 4.0, 4, 0), (7, 0, 4.0, 1, 0), (7, 1, 4.0, 1, 0)]);
    let monday = &found.hours[22];
    assert_eq!((monday.calls_per_hour, monday.tokens), (1.0, 4000));
    // Of 27 days from a Thursday on, three are Wednesdays.
    assert_eq!(found.hours.iter().map(|hour| hour.count).sum::<f64>(), 27.0 * 24.0);
    assert_eq!(found.hours[2 * 24].count, 3.0);
    assert!(found.moves.is_empty());
}

/// Two hours ahead, and one from 01:00 UTC on the 25th: of that night both calls are at half past two.
#[test]
fn hours_are_those_of_the_time_zone_with_its_summer_time() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
    let found = fixture().show_in(&zone, demand).expect("calls");
    assert_eq!(found.calls, 6);
    assert_eq!(busy(&found), [(2, 0, 4.0, 4, 0), (7, 2, 5.0, 2, 0)]);
    // Half an hour off: the first hour of the window is half of one there and half of the next.
    let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("an offset"));
    let found = fixture().show_in(&zone, demand).expect("calls");
    assert_eq!((&*found.time_zone, found.hours[3 * 24 + 5].count), ("UTC+05:30", 3.5));
    assert_eq!(busy(&found), [(2, 3, 4.0, 3, 0), (2, 4, 4.0, 1, 0), (7, 6, 4.0, 1, 0), (7, 7, 4.0, 1, 0)]);
}

#[test]
fn what_moves_is_what_the_simulator_moves_and_each_call_once() {
    let mut fixture = fixture();
    let owner = workload("role/app", "chat");
    let at = |time: &str| time.parse::<jiff::Timestamp>().expect("a time").as_second();
    // One of the four stays, as the trickle's.
    let runs = [
        Run { from: at("2026-10-05T22:00:00Z"), until: at("2026-10-05T23:00:00Z"), calls: 2, stay: 1 },
        Run { from: at("2026-10-12T22:00:00Z"), until: at("2026-10-12T23:00:00Z"), calls: 2, stay: 0 },
    ];
    let first = &mut fixture.outcome.recommendations[0];
    first.parts = vec![to(Mode::Batch, owner.clone(), &runs)];
    let mut second = first.clone();
    second.id = "batch-inference.nobody-waits/111111111111/us-east-1/role/app".to_owned();
    second.parts = vec![to(Mode::Flex, owner, &[])];
    fixture.outcome.recommendations.push(second);
    let found = fixture.show(demand).expect("calls");
    assert_eq!(busy(&found), [(1, 22, 4.0, 4, 4), (7, 0, 4.0, 1, 1), (7, 1, 4.0, 1, 1)]);
    let moves: Vec<(&str, u64)> = found.moves.iter().map(|moved| (&*moved.mode, moved.calls)).collect();
    assert_eq!((moves, found.movable_calls), (vec![("batch", 3), ("flex", 3)], 6));
}

#[test]
fn without_a_call_on_a_complete_day_there_is_no_picture() {
    assert!(Fixture::without_logs().show(demand).is_none());
    let mut fixture = fixture();
    fixture.estate.window.complete_to = Some(jiff::civil::date(2026, 10, 1));
    assert!(fixture.show(demand).is_none());
    fixture.estate.window.complete_to = None;
    assert!(fixture.show(demand).is_none());
}

/// A call every 37 minutes: of 28 days with 1,440 minutes each, 27 are complete.
#[test]
fn whatever_the_time_zone_every_call_of_a_complete_day_is_counted_once() {
    let first: jiff::Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    let second = |nth: i64| first.as_second() + nth * 37 * 60;
    let time = |nth: i64| jiff::Timestamp::from_second(second(nth)).expect("a time").to_string();
    let calls: Vec<Arc<Request>> =
        (0..28 * 1_440 / 37).map(|nth| Arc::new(call(&nth.to_string(), &time(nth)))).collect();
    let of_complete_days = calls.iter().filter(|call| call.time.as_second() < first.as_second() + 27 * 86_400).count();
    assert_eq!(of_complete_days, (27 * 1_440_usize).div_ceil(37));
    let mut fixture = fixture();
    let owner = OwnerCalls::new(workload("role/app", "chat"), TaskForm::Text, calls);
    fixture.estate.demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), vec![owner])]);
    for zone in ["UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0545>-5:45", "<-12>12"] {
        let found = fixture.show_in(&TimeZone::posix(zone).expect("a zone"), demand).expect("calls");
        let sum: u64 = found.hours.iter().map(|hour| hour.calls).sum();
        assert_eq!((sum, found.calls), (of_complete_days as u64, of_complete_days as u64), "{zone}");
        assert_eq!(found.hours.iter().map(|hour| hour.count).sum::<f64>(), 27.0 * 24.0, "{zone}");
    }
}
