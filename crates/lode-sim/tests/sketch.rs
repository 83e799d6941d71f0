//! Which call is typical, what of it is static, and where markers stand.

use std::sync::Arc;

use jiff::civil::date;
use lode_model::{CachePolicy, Owner, Placement, TaskForm, Ttl};
use lode_sim::{Cluster, Demand, Estate, OwnerCalls, Role, Sketch};
use lode_testkit::{EstateFile, RequestRow};

fn owner() -> Owner {
    Owner::Account("111111111111".into())
}

fn estate(rows: &serde_json::Value) -> Estate {
    let rows: Vec<RequestRow> = serde_json::from_value(rows.clone()).expect("rows");
    let calls = rows.iter().enumerate().flat_map(|(at, row)| row.expand(at)).map(Arc::new).collect();
    let file: EstateFile =
        serde_json::from_value(serde_json::json!({"first": "2026-10-01", "last": "2026-10-01"})).expect("a file");
    let own = OwnerCalls::new(owner(), TaskForm::Text, calls);
    let demand = Demand::new(vec![Cluster::new("111111111111".into(), "us-east-1".into(), vec![own])]);
    Estate { demand, ..file.build(date(2026, 10, 2)) }
}

fn rows() -> serde_json::Value {
    serde_json::json!([
        {"time": "2026-10-01T08:00:00Z", "model": "m", "input": 100, "segments": ["system:s:100"]},
        {"time": "2026-10-01T09:00:00Z", "repeat": {"times": 38, "every_seconds": 9}, "model": "m", "input": 1000,
         "segments": ["tool:a:300", "tool:b:200|5m", "system:s:100", "user:q#:300", "result:a#:100"]},
        {"time": "2026-10-01T10:00:00Z", "model": "m", "input": 1100,
         "segments": ["tool:a:300", "system:s:100", "user:x:500", "assistant:y:100", "user:z:50", "user:w:50"]},
        {"time": "2026-10-01T11:00:00Z", "model": "m", "input": 9999},
    ])
}

#[test]
fn a_typical_call_before_and_after() {
    let estate = estate(&rows());
    let policy = CachePolicy::markers([(Placement::SystemEnd, Ttl::OneHour), (Placement::PromptEnd, Ttl::FiveMinutes)]);
    let sketch = Sketch::of(&estate, &owner(), &policy).expect("bodies");
    assert_eq!((sketch.model.as_str(), sketch.calls), ("m", 40));
    let blocks: Vec<_> = sketch.blocks.iter().map(|b| (b.role, b.tokens, b.tool.as_deref(), b.is_static)).collect();
    // b is in 38 of 40 calls: 95 %.
    assert_eq!(
        blocks,
        [
            (Role::Tools, 300, Some("a"), true),
            (Role::Tools, 200, Some("b"), true),
            (Role::System, 100, None, true),
            (Role::User, 300, None, false),
            (Role::User, 100, Some("a"), false),
        ]
    );
    assert_eq!(sketch.today, [(1, Ttl::FiveMinutes)]);
    assert_eq!(sketch.after, [(2, Ttl::OneHour), (4, Ttl::FiveMinutes)]);
    let off = Sketch::of(&estate, &owner(), &CachePolicy::Off).expect("bodies");
    assert_eq!((off.today, off.after), (sketch.today, Vec::new()));
}

#[test]
fn in_less_than_nearly_all_calls_a_block_is_not_static() {
    let mut rows = rows();
    rows[1]["repeat"]["times"] = 37.into();
    let sketch = Sketch::of(&estate(&rows), &owner(), &CachePolicy::Off).expect("bodies");
    assert_eq!((sketch.calls, sketch.blocks[0].is_static, sketch.blocks[1].is_static), (39, true, false));
}

#[test]
fn without_bodies_there_is_none() {
    let rows = serde_json::json!([{"time": "2026-10-01T08:00:00Z", "model": "m", "input": 100}]);
    assert_eq!(Sketch::of(&estate(&rows), &owner(), &CachePolicy::Off), None);
}
