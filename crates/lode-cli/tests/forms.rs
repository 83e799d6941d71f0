//! One synthetic month in every form that AWS exports, as CSV and as Parquet, through the whole program: the same bill.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::lode;
use lode_cli::Exit;
use lode_model::{Cell, Column, RowBatch};
use lode_synth::{BillForm, Habits, Options, csv_text, estate, export_in};
use serde_json::Value;

/// The cuts that every form can make. Callers, models of Marketplace rows called through a profile, and the names of
/// accounts are not in all of them.
const CUTS: [&str; 6] = ["billed", "monthly", "by_layer", "by_source", "by_class", "by_day"];

fn cuts(folder: &Path) -> Vec<Value> {
    let ran = lode(&["bill", &folder.display().to_string(), "--format", "json"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    let page: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(page["rejected"]["rows"], 0, "{}", ran.err);
    CUTS.map(|cut| page["bill"][cut].clone()).to_vec()
}

/// As Parquet has it: numbers as doubles, times as timestamps, maps as maps.
fn cell(column: &str, text: &str) -> Cell {
    let name = column.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if text.is_empty() || text == "NULL" {
        return Cell::Null;
    }
    if ["product", "tags", "resource_tags", "skupricedetails", "x_discounts", "x_costcategories"].contains(&&*name) {
        let map: BTreeMap<String, Value> = serde_json::from_str(text).expect("a map");
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Cell::Map(map.into_iter().map(|(key, value)| (key.into(), text(value).into())).collect());
    }
    if ends(&["date", "periodstart", "periodend"]) {
        let utc = format!("{}Z", text.trim_end_matches('Z').replace(' ', "T"));
        return Cell::Micros(utc.parse::<jiff::Timestamp>().expect("a time").as_microsecond());
    }
    if ends(&["cost", "amount", "quantity", "unitprice"]) {
        return Cell::Float(text.parse().expect("a number"));
    }
    Cell::Text(text.into())
}

#[test]
fn every_form_is_the_same_bill() {
    let month = estate(&Options { seed: 3, scale: 5, habits: Habits::all() });
    let mut first: Option<Vec<Value>> = None;
    for form in BillForm::ALL {
        let (header, rows) = export_in(&month, form);
        let text = tempfile::tempdir().expect("a folder");
        std::fs::write(text.path().join("e-00001.csv"), csv_text(&header, &rows)).expect("a file");
        let parquet = tempfile::tempdir().expect("a folder");
        let columns = header.iter().enumerate().map(|(place, name)| Column {
            name: name.replace('/', "_"),
            cells: rows.iter().map(|row| cell(name, &row[place])).collect(),
        });
        // A legacy report in Parquet has Athena's names.
        if form != BillForm::Legacy {
            let batch = RowBatch { first_row: 0, picked: None, columns: columns.collect() };
            lode_frames::write(&parquet.path().join("e-00001.snappy.parquet"), &[batch]).expect("Parquet");
            assert_eq!(cuts(parquet.path()), cuts(text.path()), "{form:?} in Parquet");
        }
        let cuts = cuts(text.path());
        let first = first.get_or_insert_with(|| cuts.clone());
        assert_eq!(&cuts, first, "{form:?}");
    }
    let billed = first.expect("forms")[0].as_str().map(str::to_owned).expect("money");
    assert!(billed.starts_with(|c: char| c.is_ascii_digit() && c != '0'), "{billed}");
}
