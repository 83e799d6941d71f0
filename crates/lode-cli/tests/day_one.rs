//! The main job on the day-one export, from files to page: to the cent, to the last digit, to the same byte.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::collections::BTreeMap;

use common::{day_one, lode, lode_at, placeless, root};
use lode_cli::Exit;
use lode_model::{Cell, Column, Money, RowBatch};
use serde_json::Value;

fn money(value: &Value) -> Money {
    Money::parse(value.as_str().expect("money is a string")).expect("a decimal")
}

fn json(args: &[&str]) -> Value {
    let ran = lode(args);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// A cut of the JSON: name to dollars billed.
fn cut(bill: &Value, cut: &str, name: &str) -> BTreeMap<String, Money> {
    let rows = bill["bill"][cut].as_array().expect("a list");
    rows.iter().map(|row| (row[name].as_str().expect("a name").to_owned(), money(&row["billed"]))).collect()
}

fn expected(table: &toml::Table, section: &str) -> BTreeMap<String, Money> {
    let rows = table[section].as_table().expect("a section");
    rows.iter().map(|(name, v)| (name.clone(), Money::parse(v.as_str().expect("text")).expect("money"))).collect()
}

#[test]
fn the_bill_equals_what_was_added_up_by_hand() {
    let text = std::fs::read_to_string(root("testdata/exports/day-one/expected.toml")).expect("expectations");
    let hand: toml::Table = text.parse().expect("TOML");
    let bill = json(&["bill", &day_one(), "--format", "json"]);
    assert_eq!(cut(&bill, "by_source", "source"), expected(&hand, "by_source"));
    assert_eq!(cut(&bill, "by_layer", "layer"), expected(&hand, "by_layer"));
    assert_eq!(money(&bill["bill"]["billed"]), expected(&hand, "total")["usage"]);
    let (mut models, mut classes): (BTreeMap<String, Money>, BTreeMap<String, Money>) = Default::default();
    for line in hand["line"].as_array().expect("lines") {
        let dollars = Money::parse(line["dollars"].as_str().expect("text")).expect("money");
        let model = line.get("model").and_then(|m| m.as_str()).map_or("(no model)", catalogue_id);
        *models.entry(model.to_owned()).or_default() += dollars;
        *classes.entry(line["class"].as_str().expect("a class").to_owned()).or_default() += dollars;
    }
    assert_eq!(cut(&bill, "by_model", "model"), models);
    assert_eq!(cut(&bill, "by_class", "class"), classes);
    // 15,775.98 + 18,444.00 of 89,870.82 are billed under other names than "Amazon Bedrock".
    let missed = &bill["bill"]["missed_by_service_filter"];
    assert_eq!(money(&missed["billed"]), Money::parse("34219.98").expect("money"));
    // 34,219.98 / 89,870.82 = 0.3807685…, to six places.
    assert_eq!(missed["share"].as_f64().map(|share| (share * 1e6).round()), Some(380_769.0));
}

/// The names of the expectations are as billed; the report shows model ids.
fn catalogue_id(name: &str) -> &str {
    match name {
        "Claude Sonnet 4.5" => "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "Nova2.0Lite" => "amazon.nova-2-lite-v1:0",
        "TitanEmbeddingV2-Text" => "amazon.titan-embed-text-v2:0",
        other => other,
    }
}

#[test]
fn the_report_as_people_see_it() {
    let ran = lode(&["report", &day_one()]);
    assert_eq!(ran.exit, Exit::Made);
    insta::assert_snapshot!("report", placeless(&ran.out));
    insta::assert_snapshot!("report-notes", placeless(&ran.err));
    insta::assert_snapshot!("bill", placeless(&lode(&["bill", &day_one()]).out));
    insta::assert_snapshot!("report-markdown", placeless(&lode(&["report", &day_one(), "--format", "markdown"]).out));
    insta::assert_snapshot!("explain-1", placeless(&lode(&["explain", "1", &day_one()]).out));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [80, 120, 160] {
        for command in ["report", "bill"] {
            let ran = lode_at(width, &[command, &day_one()]);
            // Commands to type, and paths, are not broken.
            let too_wide =
                |line: &&str| line.chars().count() > width && !line.contains("aws ") && !line.contains("next:");
            assert_eq!(ran.out.lines().find(too_wide), None, "{command} at {width}");
        }
    }
}

#[test]
fn json_follows_its_schema_and_adds_up() {
    let report = json(&["report", &day_one(), "--format", "json"]);
    let schema: Value = serde_json::from_str(&lode_report::v1::schema()).expect("JSON");
    follows(&report, &schema, &schema, "report");
    for plan in report["plans"].as_array().expect("plans") {
        let marginals: Money =
            plan["steps"].as_array().expect("steps").iter().map(|step| money(&step["marginal"])).sum();
        let (baseline, last) = (money(&plan["baseline_monthly"]), money(&plan["final_monthly"]));
        assert_eq!(marginals, baseline - last, "the {} plan", plan["name"]);
        assert_eq!(marginals, money(&plan["savings_monthly"]));
        assert_eq!(baseline, money(&report["bill"]["monthly"]));
        assert!(!plan["steps"].as_array().expect("steps").is_empty());
    }
    for (cut, whole) in [("by_layer", "monthly"), ("by_source", "monthly"), ("by_model", "billed")] {
        let sum: Money = report["bill"][cut].as_array().expect("a list").iter().map(|row| money(&row[whole])).sum();
        assert_eq!(sum, money(&report["bill"][whole]), "{cut}");
    }
    for found in report["recommendations"].as_array().expect("recommendations") {
        let math = &found["arithmetic"];
        let sum =
            |side: &str| math[side].as_array().expect("lines").iter().map(|line| money(&line["cost"])).sum::<Money>();
        assert_eq!(sum("before"), money(&math["before_cost"]), "{}", found["id"]);
        assert_eq!(sum("after"), money(&math["after_cost"]), "{}", found["id"]);
        let own = money(&math["before_cost"]) - money(&math["after_cost"]);
        assert_eq!(own + money(&math["saved_by_others"]), money(&math["saved"]), "{}", found["id"]);
    }
}

/// Whether a value has the shape of a schema: types, required and known properties, references, alternatives.
fn follows(value: &Value, schema: &Value, root: &Value, at: &str) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a known reference");
        return follows(value, target, root, at);
    }
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let fits = |option: &Value| std::panic::catch_unwind(|| follows(value, option, root, at)).is_ok();
        assert!(options.iter().any(fits), "{at}: {value} fits no alternative");
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &&str| match *name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    assert!(types.is_empty() || types.iter().any(is), "{at}: {value} is none of {types:?}");
    if let Some(fields) = value.as_object() {
        if let (None, Some(any)) = (schema.get("properties"), schema.get("additionalProperties")) {
            // A map.
            fields.values().for_each(|field| follows(field, any, root, at));
            return;
        }
        let known = schema["properties"].as_object().expect("an object has properties");
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(fields.contains_key(name), "{at} lacks {name}");
        }
        for (name, field) in fields {
            follows(field, known.get(name).unwrap_or_else(|| panic!("{at}.{name} is not in the schema")), root, name);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        follows(item, &schema["items"], root, at);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = lode(&["report", &day_one(), "--format", "json"]).out;
    assert_eq!(first, lode(&["report", &day_one(), "--format", "json"]).out);
    // The files one by one, the last first.
    let folder = root("testdata/exports/day-one/data/BILLING_PERIOD=2026-10");
    let part = |n: u32| folder.join(format!("day-one-{n:05}.csv.gz")).display().to_string();
    let loose = lode(&["report", &part(2), &part(1), "--format", "json"]).out;
    assert_eq!(first, loose);
}

/// The same rows as Parquet give the same report.
#[test]
fn parquet_is_read_like_csv() {
    use std::io::Read;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data/BILLING_PERIOD=2026-10");
    std::fs::create_dir_all(&data).expect("a folder");
    for n in 1..=2 {
        let source = root(&format!("testdata/exports/day-one/data/BILLING_PERIOD=2026-10/day-one-{n:05}.csv.gz"));
        let mut text = String::new();
        let file = std::fs::File::open(source).expect("the export");
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("gzip");
        let batch = batch(&text);
        lode_frames::write(&data.join(format!("day-one-{n:05}.snappy.parquet")), &[batch]).expect("Parquet");
    }
    let parquet = lode(&["report", &folder.path().display().to_string(), "--format", "json"]);
    assert_eq!(parquet.exit, Exit::Made, "{}", parquet.err);
    let csv = lode(&["report", &day_one(), "--format", "json"]);
    // File names stand in the samples of rejected rows.
    let place =
        |text: &str, from: &str| text.replace(from, "INPUT").replace(".snappy.parquet", "").replace(".csv.gz", "");
    assert_eq!(place(&parquet.out, &folder.path().display().to_string()), place(&csv.out, &day_one()));
}

/// CSV text as CUR 2.0 Parquet would hold it: numbers as doubles, times as timestamps, `product` as a map.
fn batch(text: &str) -> RowBatch {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let mut columns: Vec<Column> = names.into_iter().map(|name| Column { name, cells: Vec::new() }).collect();
    for record in reader.records() {
        for (column, cell) in columns.iter_mut().zip(record.expect("a row").iter()) {
            column.cells.push(parquet_cell(&column.name, cell));
        }
    }
    RowBatch { first_row: 0, picked: None, columns }
}

fn parquet_cell(column: &str, cell: &str) -> Cell {
    if cell.is_empty() {
        return Cell::Null;
    }
    match column {
        "product" => {
            let map: BTreeMap<String, String> = serde_json::from_str(cell).expect("a map");
            Cell::Map(map.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
        }
        name if name.ends_with("_date") => {
            let time: jiff::Timestamp = cell.parse().expect("a time");
            Cell::Micros(time.as_microsecond())
        }
        name if name.ends_with("_cost") || name.ends_with("_amount") => Cell::Float(cell.parse().expect("a number")),
        _ => Cell::Text(cell.into()),
    }
}
