//! Splits, round trips and borders.

use std::sync::Arc;

use jiff::civil::date;
use lode_model::{Chain, OutputForm, Request, Segment, Trace, Traits, Values};
use proptest::collection::vec;
use proptest::prelude::*;

use super::random::request;
use super::{from_file, group, merged, naive, run, tables};
use crate::{Block, Collection, Column, Counts, Merge, Runs, TraceFault, requests};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Each request goes into one of four collections (some into two), two of which pass through tables.
    #[test]
    fn any_split_merged_in_any_order_is_the_same(
        records in vec((request(), 0_usize..4, 0_usize..12), 0..60),
        order in Just([0_usize, 1, 2, 3]).prop_shuffle(),
        rows in 1_usize..6,
    ) {
        let all: Vec<Request> = records.iter().map(|(request, ..)| request.clone()).collect();
        let of = |part| {
            let own = records.iter().filter(|(_, first, second)| *first == part || *second == part);
            run(&own.map(|(request, ..)| request.clone()).collect::<Vec<_>>())
        };
        let (one, parts) = (run(&all), [of(0), of(1), of(2), of(3)]);
        let expected = naive(&all);
        prop_assert_eq!(one.groups().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        prop_assert_eq!(one.added(), all.len());
        prop_assert_eq!(one.rows(), expected.values().map(Vec::len).sum::<usize>());
        for (group, requests) in &expected {
            let sources = || {
                let source = |part: &usize| match part {
                    0 | 1 => from_file(&parts[*part], group, part + 1),
                    _ => parts[*part].source(group),
                };
                order.iter().map(source).collect()
            };
            prop_assert_eq!(&merged(group, sources()), requests);
            prop_assert_eq!(&merged(group, vec![one.source(group)]), requests);
            let (split, counts) = tables(group, sources(), rows);
            prop_assert_eq!(&split, &tables(group, vec![one.source(group)], rows).0);
            prop_assert_eq!(counts.rows_out, requests.len() as u64);
            let held: usize = parts.iter().filter_map(|part| part.block(group)).map(|block| block.rows()).sum();
            prop_assert_eq!(counts.rows_in, held as u64);
            prop_assert_eq!(split.iter().map(|table| table.table.rows()).sum::<usize>(), requests.len());
            prop_assert!(split.iter().all(|table| table.table.rows() <= rows));
        }
    }

    #[test]
    fn a_table_that_was_read_is_written_as_it_was(records in vec(request(), 1..40), rows in 1_usize..50) {
        for block in run(&records).blocks() {
            for table in block.tables(rows) {
                let table = table.expect("small");
                let read = Block::of(&table).expect("sound");
                let again: Vec<_> = read.tables(rows).collect();
                prop_assert_eq!(again, vec![Ok(table)]);
            }
        }
    }

    #[test]
    fn memory_is_told_as_it_grows(records in vec(request(), 1..40)) {
        let mut collection = Collection::new();
        prop_assert!(collection.is_empty());
        let mut before = collection.bytes();
        for request in &records {
            collection.add(request).expect("few");
            prop_assert!(collection.bytes() >= before + 100);
            before = collection.bytes();
        }
    }
}

/// A request at a second of 2026-01-31, from its last minute on.
fn at(second: i64, id: &str) -> Request {
    Request {
        id: id.into(),
        time: jiff::Timestamp::from_second(1_769_904_000 + second).expect("a time"),
        account: "111111111111".into(),
        region: "us-east-1".into(),
        model: "m".into(),
        routing: lode_model::Routing::Global,
        caller: "role/a".into(),
        mode: None,
        streaming: false,
        tokens: lode_model::TokenCounts::default(),
        error: None,
        output_form: OutputForm::Unknown,
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

fn segment(hash: u128) -> Arc<Segment> {
    let kind = lode_model::SegmentKind::User;
    Arc::new(Segment { kind, hash, bytes: 1, tool: None, marker: None, traits: Traits::NONE })
}

#[test]
fn tables_are_full_but_the_last_of_a_month() {
    let requests: Vec<Request> = (-9..6).map(|second| at(second, &format!("{second}"))).collect();
    let group = group(&requests[0]);
    let run = run(&requests);
    let sizes = |rows| {
        let (tables, counts) = tables(&group, vec![run.source(&group)], rows);
        assert_eq!(counts, Counts { rows_in: 15, rows_out: 15 });
        tables.iter().map(|table| (table.month, table.table.rows())).collect::<Vec<_>>()
    };
    let (january, february) = (date(2026, 1, 1), date(2026, 2, 1));
    assert_eq!(sizes(4), [(january, 4), (january, 4), (january, 1), (february, 4), (february, 2)]);
    assert_eq!(
        sizes(3),
        [3, 3, 3].map(|n| (january, n)).into_iter().chain([3, 3].map(|n| (february, n))).collect::<Vec<_>>()
    );
    assert_eq!(sizes(1).len(), 15);
    assert_eq!(sizes(0).len(), 15);
    assert_eq!(sizes(100), [(january, 9), (february, 6)]);
}

#[test]
fn segments_are_numbered_as_they_appear_in_each_table() {
    let with = |second, hashes: &[u128]| Request {
        segments: hashes.iter().map(|hash| segment(*hash)).collect(),
        ..at(second, "x")
    };
    let requests = [with(0, &[7, 8]), with(1, &[7, 9, 9]), with(2, &[9, 7]), with(3, &[8])];
    let group = group(&requests[0]);
    // The first and the third request come from another source than the others.
    let (a, b) = (run(&[requests[0].clone(), requests[2].clone()]), run(&[requests[3].clone(), requests[1].clone()]));
    let (tables, _) = tables(&group, vec![a.source(&group), b.source(&group)], 2);
    let list = |table: usize, column: Column| match tables[table].table.column(column.name()) {
        Some(Values::Lists { ends, values }) => (ends.clone(), values.clone()),
        _ => panic!("{column:?} holds lists"),
    };
    assert_eq!(list(0, Column::Segments), (vec![2, 5], vec![0, 1, 0, 2, 2]));
    assert_eq!(list(0, Column::NewLow), (vec![2, 3], vec![7, 8, 9]));
    assert_eq!(list(1, Column::Segments), (vec![2, 3], vec![0, 1, 2]));
    assert_eq!(list(1, Column::NewLow), (vec![2, 3], vec![9, 7, 8]));
}

#[test]
fn the_record_with_the_body_is_kept_then_the_one_that_knows_the_answer() {
    let poor = Request { streaming: true, ..at(0, "x") };
    let form = Request { output_form: OutputForm::Text, streaming: true, ..at(0, "x") };
    let body = Request { has_body: true, ..at(0, "x") };
    let group = group(&poor);
    for (records, kept) in [([&poor, &form], &form), ([&form, &body], &body), ([&poor, &body], &body)] {
        for records in [[records[0], records[1]], [records[1], records[0]]] {
            let together = run(&records.map(Clone::clone));
            assert_eq!((together.rows(), together.added()), (1, 2));
            let apart = records.map(|record| run(std::slice::from_ref(record)));
            for sources in [vec![together.source(&group)], apart.iter().map(|run| run.source(&group)).collect()] {
                assert_eq!(merged(&group, sources), std::slice::from_ref(kept));
            }
        }
    }
}

#[test]
fn segments_are_shared_by_requests() {
    let with = |second| Request { segments: vec![segment(7)], ..at(second, "x") };
    let run = run(&[with(0), with(1)]);
    let mut seen = Vec::new();
    let runs = Runs(vec![run]);
    let group = runs.groups().remove(0);
    runs.requests(&group, &mut |request| seen.extend(request.segments.iter().cloned())).expect("sound");
    assert!(Arc::ptr_eq(&seen[0], &seen[1]));
}

#[test]
fn sources_out_of_order_or_of_another_group_are_refused() {
    let (late, early) = (run(&[at(5, "x")]), run(&[at(4, "x")]));
    let group = group(&at(0, ""));
    let blocks = |runs: [&crate::Run; 2]| runs.into_iter().flat_map(|run| run.source::<TraceFault>(&group)).collect();
    let merge = |blocks: Vec<_>, group: &crate::Group| {
        requests(Merge::new(group.clone(), [blocks.into_iter()]), &mut |_| ())
            .map_err(|fault: TraceFault| fault.to_string())
    };
    assert_eq!(merge(blocks([&early, &late]), &group), Ok(Counts { rows_in: 2, rows_out: 2 }));
    let fault = merge(blocks([&late, &early]), &group).expect_err("out of order");
    assert_eq!(fault, "found a block from 2026-02-01T00:00:04Z, x, expected one after 2026-02-01T00:00:05Z, x");
    assert!(merge(blocks([&late, &late]), &group).is_err());
    let other = ("222222222222".into(), "us-east-1".into(), "m".into());
    let fault = merge(blocks([&early, &late]), &other).expect_err("another group");
    assert_eq!(fault, "found a block of 111111111111 us-east-1 m, expected one of 222222222222 us-east-1 m");
}
