//! Input that cannot be used, or only in part: what is said, and how the program ends.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::io::Write;
use std::path::Path;

use common::{Ran, day_one, lode};
use lode_cli::Exit;

const HEADER: &str = "bill_billing_entity,bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,\
line_item_usage_type,line_item_usage_amount,line_item_currency_code,line_item_unblended_cost,pricing_unit";

/// A day of Nova Pro input: `amount` thousand tokens for `cost` dollars in `currency`.
fn row(day: u32, amount: &str, currency: &str, cost: &str) -> String {
    format!(
        "AWS,111111111111,2026-10-01T00:00:00.000Z,222222222222,Usage,2026-10-{day:02}T00:00:00.000Z,\
         2026-10-{day:02}T01:00:00.000Z,AmazonBedrock,USE1-NovaPro-input-tokens,{amount},{currency},{cost},1K tokens"
    )
}

/// A folder with one file, and `lode report` on it.
fn report_on(name: &str, bytes: &[u8], more: &[&str]) -> (tempfile::TempDir, Ran) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), bytes).expect("a file");
    let path = folder.path().display().to_string();
    let args: Vec<&str> = ["report", &path].into_iter().chain(more.iter().copied()).collect();
    let ran = lode(&args);
    (folder, ran)
}

fn csv(rows: &[String]) -> Vec<u8> {
    format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

#[track_caller]
fn says(ran: &Ran, exit: Exit, words: &[&str]) {
    assert_eq!(ran.exit, exit, "{}", ran.err);
    for word in words {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
}

#[test]
fn an_empty_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = lode(&["report", &folder.path().display().to_string()]);
    says(&ran, Exit::Usage, &["no billing export", "holds no file", "help:"]);
    assert!(ran.out.is_empty(), "stdout carries the report and nothing else");
}

#[test]
fn a_path_that_is_not_there() {
    let ran = lode(&["bill", "no/such/folder"]);
    says(&ran, Exit::Usage, &["no/such/folder", "help:"]);
}

#[test]
fn a_truncated_gzip_keeps_what_was_read() {
    let rows: Vec<String> = (0..20_000).map(|n| row(1 + n % 28, "1000", "USD", "0.8")).collect();
    let whole = gzip(&csv(&rows));
    let (_folder, ran) = report_on("export.csv.gz", &whole[..whole.len() * 3 / 4], &["--format", "json"]);
    says(&ran, Exit::Made, &["export.csv.gz", "row ", "past byte", "copy the file again"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let billed = lode_model::Money::parse(report["bill"]["billed"].as_str().expect("money")).expect("a decimal");
    let thousand = lode_model::Money::parse("1000").expect("a decimal");
    assert!(billed > thousand && billed < lode_model::Money::parse("16000").expect("a decimal"), "{billed}");
    assert_ne!(report["rejected"]["samples"].as_array().map(Vec::len), Some(0));
    let (_folder, page) = report_on("export.csv.gz", &whole[..whole.len() * 3 / 4], &[]);
    assert!(page.out.contains("Totals are incomplete"), "{}", page.out);
    let (_folder, strict) = report_on("export.csv.gz", &whole[..whole.len() * 3 / 4], &["--strict"]);
    assert_eq!(strict.exit, Exit::Rejected);
}

#[test]
fn a_gzip_cut_in_its_header() {
    let (_folder, ran) = report_on("export.csv.gz", &gzip(b"x")[..6], &[]);
    says(&ran, Exit::Usage, &["export.csv.gz", "no billing export"]);
}

#[test]
fn a_parquet_file_that_is_not_one() {
    let (_folder, ran) = report_on("export.snappy.parquet", b"\x00\x01\x02 not parquet at all", &[]);
    says(&ran, Exit::Usage, &["export.snappy.parquet", "PAR1", "help:"]);
    let (_folder, cut) = report_on("export.snappy.parquet", b"PAR1\x00\x00\x00\x00\x00\x00\x00\x00", &[]);
    says(&cut, Exit::Usage, &["export.snappy.parquet", "help:"]);
}

#[test]
fn missing_columns() {
    let text = "line_item_usage_type,line_item_product_code,pricing_unit\nx,AmazonBedrock,1K tokens\n";
    let (_folder, ran) = report_on("export.csv", text.as_bytes(), &[]);
    says(&ran, Exit::Usage, &["export.csv", "misses", "line_item_unblended_cost", "line_item_usage_amount", "help:"]);
}

#[test]
fn absurd_and_negative_numbers_keep_their_dollars() {
    let rows = [
        row(1, "1000", "USD", "0.8"),
        row(2, "-5", "USD", "0.8"),
        row(3, "1e40", "USD", "0.8"),
        row(4, "1000", "USD", "much"),
        row(5, "1000", "USD", "0.8"),
    ];
    let (_folder, ran) = report_on("export.csv", &csv(&rows), &["--format", "json"]);
    says(&ran, Exit::Made, &["row 2", "row 3", "row 4", "line_item_usage_amount", "line_item_unblended_cost", "much"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["bill"]["billed"], "3.200000", "the rows whose cost can be read");
    assert_eq!(report["rejected"]["rows"], 3);
}

#[test]
fn dollars_that_are_lost_stand_before_the_totals() {
    let (_folder, ran) =
        report_on("export.csv", &csv(&[row(1, "1000", "USD", "0.8"), row(2, "1000", "USD", "$0.8")]), &[]);
    let page = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let lost = page.find("Totals are incomplete: the cost of 1 row could not be read").expect("a warning");
    assert!(lost < page.find("$0.80").expect("a total"), "{page}");
    let (_folder, none) = report_on("export.csv", &csv(&[row(2, "1000", "USD", "$0.8")]), &[]);
    assert!(none.out.contains("the cost of 1 row could not be"), "{}", none.out);
    assert!(!none.out.contains("No Bedrock charge"), "{}", none.out);
}

#[test]
fn two_currencies() {
    let rows = [row(1, "1000", "USD", "0.8"), row(2, "1000", "EUR", "0.7")];
    let (_folder, ran) = report_on("export.csv", &csv(&rows), &[]);
    says(&ran, Exit::Usage, &["row 2", "EUR", "USD", "help:"]);
}

#[test]
fn a_currency_that_is_not_the_dollar() {
    let (_folder, ran) = report_on("export.csv", &csv(&[row(1, "1000", "CNY", "0.8")]), &[]);
    says(&ran, Exit::Usage, &["CNY", "USD", "line_item_currency_code", "help:"]);
}

#[test]
fn a_chunk_beside_its_unpacked_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = csv(&[row(1, "1000", "USD", "0.8")]);
    std::fs::write(folder.path().join("e-00001.csv"), &text).expect("a file");
    std::fs::write(folder.path().join("e-00001.csv.gz"), gzip(&text)).expect("a file");
    let ran = lode(&["bill", &folder.path().display().to_string()]);
    says(&ran, Exit::Usage, &["e-00001.csv", "e-00001.csv.gz", "twice", "help:"]);
}

#[test]
fn an_export_that_is_not_a_cur() {
    let (_folder, ran) = report_on("people.csv", b"name,age\nsomebody,40\n", &[]);
    says(&ran, Exit::Usage, &["people.csv", "no billing export", "name, age", "line_item_usage_type", "help:"]);
    let (_folder, focus) = report_on("focus.csv", b"BilledCost,ChargePeriodStart,ChargeCategory\n1,2,3\n", &[]);
    says(&focus, Exit::Usage, &["focus.csv", "FOCUS", "misses", "SubAccountId", "help:"]);
}

#[test]
fn a_month_without_bedrock_is_a_report() {
    let other =
        row(1, "1000", "USD", "0.8").replace("AmazonBedrock", "AmazonEC2").replace("NovaPro-input-tokens", "BoxUsage");
    let (_folder, ran) = report_on("export.csv", &csv(&[other]), &[]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    assert!(ran.out.contains("No Bedrock charge among the 1 row"), "{}", ran.out);
}

#[test]
fn one_period_from_two_places_is_never_added_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut costs = ["0.8", "0.8"];
    let mut read = |second: &'static str| {
        costs[1] = second;
        for (copy, cost) in ["first", "second"].iter().zip(costs) {
            let data = folder.path().join(copy);
            std::fs::create_dir_all(&data).expect("a folder");
            std::fs::write(data.join("export.csv"), csv(&[row(1, "1000", "USD", cost)])).expect("a file");
        }
        lode(&["bill", &folder.path().display().to_string(), "--format", "json"])
    };
    let same = read("0.8");
    says(&same, Exit::Made, &["skipped", "the same as the CUR 2.0 in CSV of ", "counted once"]);
    assert!(same.out.contains(r#""billed": "0.800000""#), "{}", same.out);
    says(&read("0.9"), Exit::Usage, &["first", "second", "$0.80", "$0.90", "count twice", "help:"]);
}

#[test]
fn a_manifest_that_names_a_file_that_is_not_here() {
    let folder = tempfile::tempdir().expect("a folder");
    let period = folder.path().join("r/20261001-20261101");
    std::fs::create_dir_all(period.join("aa-1")).expect("a folder");
    std::fs::write(period.join("aa-1/r-1.csv"), csv(&[row(1, "1000", "USD", "0.8")])).expect("a file");
    let keys = r#"["p/r/20261001-20261101/aa-1/r-1.csv", "p/r/20261001-20261101/aa-1/r-2.csv"]"#;
    std::fs::write(period.join("r-Manifest.json"), format!(r#"{{"reportKeys": {keys}}}"#)).expect("a file");
    let input = folder.path().display().to_string();
    let ran = lode(&["report", &input]);
    says(
        &ran,
        Exit::Made,
        &["r-Manifest.json", "aa-1/r-2.csv", "is listed and not here", "copy the billing period again"],
    );
    assert!(ran.out.contains("Totals are incomplete"), "{}", ran.out);
    assert_eq!(lode(&["report", &input, "--strict"]).exit, Exit::Rejected);
}

#[test]
fn text_in_utf_16() {
    let text = String::from_utf8(csv(&[row(1, "1000", "USD", "0.8")])).expect("UTF-8");
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (_folder, ran) = report_on("export.csv", &wide, &[]);
    says(&ran, Exit::Usage, &["export.csv", "UTF-16", "UTF-8", "no billing export"]);
}

#[test]
fn a_quote_that_never_closes() {
    let rows = [row(1, "1000", "USD", "0.8"), row(2, "\"1000", "USD", "0.8"), row(3, "1000", "USD", "0.8")];
    let (_folder, ran) = report_on("export.csv", &csv(&rows), &["--format", "json"]);
    says(&ran, Exit::Made, &["export.csv", "row 2"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["bill"]["billed"], "0.800000", "the row before the quote");
    assert_ne!(report["rejected"]["samples"].as_array().map(Vec::len), Some(0));
}

#[test]
fn scientific_notation_is_a_number() {
    let (_folder, ran) = report_on("export.csv", &csv(&[row(1, "1E3", "USD", "8e-1")]), &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((ran.exit, &report["bill"]["billed"]), (Exit::Made, &"0.800000".into()));
    assert_eq!(report["rejected"]["rows"], 0);
}

#[test]
fn a_column_that_changes_its_type_between_chunks() {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = |day: u32, cost: lode_model::Cell| {
        let text = row(day, "1000", "USD", "");
        let cells = HEADER.split(',').zip(text.split(',')).map(|(name, cell)| lode_model::Column {
            name: name.to_owned(),
            cells: vec![if name == "line_item_unblended_cost" {
                cost.clone()
            } else {
                lode_model::Cell::Text(cell.into())
            }],
        });
        lode_model::RowBatch { first_row: 0, picked: None, columns: cells.collect() }
    };
    let map = lode_model::Cell::Map(vec![("usd".into(), "0.8".into())]);
    for (day, cost) in [(1, lode_model::Cell::Float(0.8)), (2, lode_model::Cell::Text("0.8".into())), (3, map)] {
        let file = folder.path().join(format!("e-{day:05}.snappy.parquet"));
        lode_frames::write(&file, &[batch(day, cost)]).expect("Parquet");
    }
    let ran = lode(&["report", &folder.path().display().to_string(), "--format", "json"]);
    says(&ran, Exit::Made, &["e-00003.snappy.parquet", "line_item_unblended_cost", "a decimal number"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["bill"]["billed"], "1.600000", "a number and a text are read alike, a map is rejected");
    assert_eq!(report["rejected"]["rows"], 1);
}

#[test]
fn settings_say_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lode.toml");
    let with = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        lode(&["report", &day_one(), "--config", path(&file)])
    };
    says(&with("[report]\nbases = \"net\"\n"), Exit::Usage, &["lode.toml", "line 2", "bases", "basis"]);
    says(
        &with("[thresholds]\n\"prompt-caching.no-such.rule\" = 1\n"),
        Exit::Usage,
        &["prompt-caching.no-such.rule", "lode explain"],
    );
    says(
        &with("[[suppress]]\nid = \"routing-tier.global-profile\"\nreason = \"\"\nowner = \"x\"\n"),
        Exit::Usage,
        &["reason"],
    );
    says(&with("[residency]\nregional = [\"Europe\"]\n"), Exit::Usage, &["residency", "Europe", "eu-central-1"]);
    let regional = with("[residency]\nregional = [\"us-\"]\n");
    assert_eq!(regional.exit, Exit::Made);
    assert!(!regional.out.contains("global. inference profile"), "{}", regional.out);
    let silenced = with(
        "[[suppress]]\nid = \"routing-tier.global-profile\"\nreason = \"EU residency\"\nowner = \"platform\"\nexpires = \"2026-12-31\"\n",
    );
    assert_eq!(silenced.exit, Exit::Made);
    assert!(!silenced.out.contains("global. inference profile"), "{}", silenced.out);
    assert!(silenced.out.contains("silenced in lode.toml"), "{}", silenced.out);
}

fn path(file: &Path) -> &str {
    file.to_str().expect("UTF-8")
}
