//! Tables that were damaged or come from elsewhere.

use std::sync::Arc;

use lode_model::{Table, Traits, Values};
use proptest::collection::vec;
use proptest::prelude::*;

use super::random::request;
use super::{group, merged, run};
use crate::{Block, Column, TraceFault};

/// One change of one column, at a place taken by remainder.
fn change(values: &mut Values, how: u8, at: usize, number: i64) {
    fn spoil<T: Clone>(values: &mut Vec<T>, how: u8, at: usize, new: T) {
        let len = values.len().max(1);
        match how % 6 {
            0 if !values.is_empty() => values[at % len] = new,
            1 => values.truncate(at % len),
            2 => values.push(new),
            3 if !values.is_empty() => values.swap(at % len, (at / 7) % len),
            4 if !values.is_empty() => values[at % len] = values[(at / 7) % len].clone(),
            5 if !values.is_empty() => drop(values.remove(at % len)),
            _ => (),
        }
    }
    let small = u32::try_from(number.unsigned_abs() % 9).unwrap_or(0);
    let place = if how >= 128 { None } else { Some(small) };
    match values {
        Values::Numbers(values) | Values::Micros(values) => spoil(values, how, at, number),
        Values::Optional(values) => spoil(values, how, at, Some(number).filter(|_| how < 128)),
        Values::Flags(values) => spoil(values, how, at, number > 0),
        Values::Words { texts, .. } if how & 64 > 0 => spoil(texts, how, at, format!("{number}").into()),
        Values::Words { places, .. } => spoil(places, how, at, place),
        Values::Lists { ends, .. } if how & 64 > 0 => spoil(ends, how, at, small),
        Values::Lists { values, .. } => spoil(values, how, at, number),
        Values::WordLists { texts, .. } if how & 64 > 0 => spoil(texts, how, at, "?".into()),
        Values::WordLists { ends, .. } if how & 32 > 0 => spoil(ends, how, at, small),
        Values::WordLists { places, .. } => spoil(places, how, at, place),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_table_is_an_error_or_a_sound_block(
        records in vec(request(), 1..12),
        changes in vec((any::<(u8, usize)>(), 0..Column::ALL.len(), prop_oneof![-2_i64..70, any::<i64>()]), 1..4),
    ) {
        let run = run(&records);
        let block = run.blocks().next().expect("a group");
        let mut table = block.tables(100).next().expect("a table").expect("small");
        for ((how, at), column, number) in changes {
            change(&mut table.columns[column].1, how, at, number);
        }
        if let Ok(block) = Block::of(&table) {
            // What is accepted can be used: merged into requests, and written and read again.
            let (group, rows, block) = (block.group().clone(), block.rows(), Arc::new(block));
            let all = merged(&group, vec![Box::new([Ok(block.clone())].into_iter())]);
            prop_assert_eq!(all.len(), rows);
            let again = Block::of(&block.tables(100).next().expect("a table").expect("small")).expect("sound");
            prop_assert_eq!(merged(&group, vec![Box::new([Ok(Arc::new(again))].into_iter())]), all);
        }
    }
}

/// A sound table of two requests, of which the first has two segments and a marker after the second.
fn sound() -> Table {
    use lode_model::{Segment, SegmentKind, Ttl};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let tree = proptest::strategy::Strategy::new_tree(&request(), &mut runner).expect("a request");
    let mut first = proptest::strategy::ValueTree::current(&tree);
    first.id = "00000000-0000-0000-0000-000000000001".into();
    first.mode = Some(lode_model::Mode::Flex);
    let segment = |hash, marker| {
        Arc::new(Segment { kind: SegmentKind::User, hash, bytes: 3, tool: None, marker, traits: Traits::NONE })
    };
    first.segments = vec![segment(1, None), segment(2, Some(Ttl::OneHour))];
    first.tools_called = vec!["search".into()];
    let second = lode_model::Request { id: "x".into(), ..first.clone() };
    let run = run(&[second, first.clone()]);
    run.block(&group(&first)).expect("it").tables(9).next().expect("a table").expect("small")
}

fn fault_of(column: Column, change: impl FnOnce(&mut Values)) -> String {
    let mut table = sound();
    let (_, values) = table.columns.iter_mut().find(|(name, _)| &**name == column.name()).expect("a column");
    change(values);
    match Block::of(&table) {
        Ok(_) => "sound".into(),
        Err(fault) => fault.to_string(),
    }
}

fn number(new: i64) -> impl FnOnce(&mut Values) {
    move |values| match values {
        Values::Numbers(values) | Values::Micros(values) | Values::Lists { values, .. } => values[1] = new,
        Values::Optional(values) => values[1] = Some(new),
        other => panic!("{other:?} holds no numbers"),
    }
}

fn text(new: &str) -> impl FnOnce(&mut Values) {
    move |values| match values {
        Values::Words { texts, .. } | Values::WordLists { texts, .. } => texts[0] = new.into(),
        other => panic!("{other:?} holds no words"),
    }
}

fn nothing(values: &mut Values) {
    match values {
        Values::Words { places, .. } | Values::WordLists { places, .. } => places[1] = None,
        Values::Optional(values) => values[0] = None,
        other => panic!("{other:?} holds no places"),
    }
}

#[test]
fn what_is_wrong_is_said_with_its_column_row_and_value() {
    let cases = [
        (fault_of(Column::Input, number(-1)), "column input, row 1 (from 0): found -1, expected a count"),
        (
            fault_of(Column::LatencyMs, number(-5)),
            "column latency_ms, row 1 (from 0): found -5, expected a count or nothing",
        ),
        (
            fault_of(Column::Mode, text("turbo")),
            "column mode, row 0 (from 0): found turbo, expected a pricing mode of this version, or nothing",
        ),
        (fault_of(Column::Routing, text("x")), "column routing, row 0 (from 0): found x, expected regional or global"),
        (
            fault_of(Column::OutputForm, nothing),
            "column output_form, row 1 (from 0): found nothing, expected an output form of this version",
        ),
        (fault_of(Column::Caller, nothing), "column caller, row 1 (from 0): found nothing, expected a caller"),
        (
            fault_of(Column::ToolsCalled, nothing),
            "column tools_called, row 1 (from 0): found nothing, expected a tool's name",
        ),
        (
            fault_of(Column::Account, nothing),
            "column account, row 1 (from 0): found nothing, expected the same in all rows",
        ),
        (
            fault_of(Column::Id, nothing),
            "column id, row 1 (from 0): found nothing, expected an id, here or in id_high and id_low",
        ),
        (
            fault_of(Column::IdHigh, nothing),
            "column id_high, row 0 (from 0): found nothing, expected the other half of id_low",
        ),
        (
            fault_of(Column::Id, text("00000000-0000-0000-0000-000000000001")),
            "column id, row 1 (from 0): found 00000000-0000-0000-0000-000000000001, expected an id that is no uuid: that stands in id_high, id_low",
        ),
        (
            fault_of(Column::Segments, number(2)),
            "column segments, row 0 (from 0): found 2, expected a segment that this row or one before it defines",
        ),
        (
            fault_of(Column::MarkerAt, number(2)),
            "column marker_at, row 1 (from 0): found 2, expected a place among the segments, after the one before",
        ),
        (
            fault_of(Column::MarkerTtl, number(7)),
            "column marker_ttl, row 1 (from 0): found 7, expected 5, 30 or 60 minutes",
        ),
        (
            fault_of(Column::NewKind, number(7)),
            "column new_kind, row 0 (from 0): found 7, expected a kind of segment, 0 to 6",
        ),
        (fault_of(Column::NewBytes, number(-1)), "column new_bytes, row 0 (from 0): found -1, expected a count"),
        (
            fault_of(Column::Time, number(i64::MAX)),
            "column time, row 1 (from 0): found 9223372036854775807, expected microseconds of a year from -9999 to 9999",
        ),
        (
            fault_of(Column::Time, |values| *values = Values::Numbers(vec![0, 0])),
            "column time holds numbers, expected times",
        ),
        (fault_of(Column::Output, |values| *values = Values::Numbers(vec![0])), "column output has 1 rows, expected 2"),
        (fault_of(Column::ChainOpens, number(-1)), "sound"),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    let fault = fault_of(Column::Time, number(0));
    assert!(fault.ends_with("0 x, expected a time and id after those of the row before"), "{fault}");
    let ends = |new: [u32; 2]| {
        move |values: &mut Values| match values {
            Values::Lists { ends, .. } => *ends = new.to_vec(),
            other => panic!("{other:?} holds no lists"),
        }
    };
    let fault = fault_of(Column::Segments, ends([4, 2]));
    assert_eq!(fault, "column segments, row 1 (from 0): found a list up to 2, expected lists that follow each other");
    let fault = fault_of(Column::NewLow, ends([1, 2]));
    assert_eq!(
        fault,
        "column new_low, row 0 (from 0): found a list up to 1, expected lists as long as those of the columns that belong to it"
    );
}

#[test]
fn columns_missing_unknown_or_twice_are_refused() {
    let mut table = sound();
    table.columns.remove(3);
    assert_eq!(Block::of(&table).err(), Some(TraceFault::Missing { column: "time" }));
    for name in ["tempo", "time"] {
        let mut table = sound();
        table.columns.push((name.into(), Values::Numbers(vec![0, 0])));
        assert_eq!(Block::of(&table).err(), Some(TraceFault::Unexpected { found: name.into() }));
    }
    assert!(Block::of(&Table::default()).is_err());
}
