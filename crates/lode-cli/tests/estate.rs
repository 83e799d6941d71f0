//! The main job on bill, logs and inventory together: from files to page, against the truth that lies beside them.

mod common;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use common::{Ran, lode, root};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

fn estate() -> String {
    root("testdata/estate").display().to_string()
}

fn report(input: &str, more: &[&str]) -> Ran {
    let mut args = vec!["report", input, "--as-of", "2026-11-05"];
    args.extend(more);
    lode(&args)
}

fn json(input: &str) -> Value {
    serde_json::from_str(&report(input, &["--format", "json"]).out).expect("JSON")
}

/// Dollars as millionths.
fn micro(value: &Value) -> i128 {
    let text = value.as_str().expect("a decimal");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<6}");
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    whole.parse::<i128>().expect("digits") * 1_000_000 + sign * part[..6].parse::<i128>().expect("digits")
}

#[test]
fn the_report_on_bill_and_logs() {
    let page = report(&estate(), &[]);
    insta::assert_snapshot!("estate-report", page.out.replace(&estate(), "testdata/estate"));
}

#[test]
fn what_is_found_is_what_the_two_bills_say() {
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(root("testdata/estate/truth.json")).expect("truth"))
            .expect("JSON");
    // What is billed by its own name has that, what calls a caller; a guardrail's habit has both.
    let saved: BTreeMap<(&str, &str), i128> = truth["habits"]
        .as_array()
        .expect("habits")
        .iter()
        .flat_map(|h| {
            let names = [&h["caller"], &h["resource"]].into_iter().filter_map(Value::as_str);
            names.map(|name| ((h["lever"].as_str().expect("a lever"), name), micro(&h["monthly"])))
        })
        .collect();
    let report = json(&estate());
    let found = report["recommendations"].as_array().expect("recommendations");
    assert!(found.len() >= 6, "{} recommendations", found.len());
    for recommendation in found {
        let lever = recommendation["lever"].as_str().expect("a lever");
        let scope = &recommendation["scope"];
        let caller = scope["caller"].as_str().or(scope["resource"].as_str());
        let (_, true_saving) = saved
            .iter()
            .find(|((of, who), _)| *of == lever && caller.is_none_or(|caller| caller == *who))
            .unwrap_or_else(|| panic!("nothing was planted for {lever} at {caller:?}"));
        let standalone = micro(&recommendation["savings"]["standalone"]);
        // What takes a store's place is priced on bytes that are assumed beside each vector.
        let near = if lever == "vector-store" { true_saving / 10_000 } else { 0 };
        assert!(
            (standalone - true_saving).abs() <= near.max(1_000),
            "{lever} {caller:?}: {standalone} is not {true_saving}"
        );
    }
}

#[test]
fn both_plans_add_up_and_the_tie_out_is_whole() {
    let report = json(&estate());
    for plan in report["plans"].as_array().expect("plans") {
        let marginals: i128 =
            plan["steps"].as_array().expect("steps").iter().map(|step| micro(&step["marginal"])).sum();
        assert_eq!(marginals, micro(&plan["baseline_monthly"]) - micro(&plan["final_monthly"]));
    }
    let tie = &report["tie_out"];
    let rows = tie["rows"].as_array().expect("rows");
    assert_eq!(rows.iter().map(|row| micro(&row["billed"])).sum::<i128>(), micro(&tie["billed"]));
    let unlogged: i128 = rows.iter().map(|row| micro(&row["unlogged"])).sum();
    assert_eq!(unlogged, micro(&tie["billed"]) - micro(&tie["logged"]));
    // One region has no logs; everything else ties out to the token.
    for row in rows {
        let matched = row["region"] == "us-east-1";
        assert_eq!(row["cause"], if matched { "matched" } else { "logging_off" }, "{row}");
        assert_eq!(row["billed_tokens"] == row["logged_tokens"], matched, "{row}");
    }
}

/// A copy of the bill with one log of these bytes beside it.
fn with_log(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let bill = folder.path().join("bill");
    std::fs::create_dir_all(&bill).expect("a folder");
    let source = root("testdata/estate/bill/data/BILLING_PERIOD=2026-10/estate-00001.csv.gz");
    std::fs::copy(source, bill.join("estate-00001.csv.gz")).expect("a bill");
    let log = folder.path().join(name);
    std::fs::create_dir_all(log.parent().expect("a parent")).expect("a folder");
    std::fs::write(log, bytes).expect("a log");
    folder
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).expect("in memory");
    packed.finish().expect("in memory")
}

fn record(id: &str, account: &str, second: u32) -> String {
    format!(
        r#"{{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-10-05T08:00:{second:02}Z","accountId":"{account}","region":"us-east-1","requestId":"{id}","operation":"Converse","modelId":"global.anthropic.claude-opus-5-5","identity":{{"arn":"arn:aws:iam::{account}:role/app"}},"input":{{"inputTokenCount":100}},"output":{{"outputTokenCount":10}}}}"#
    )
}

const PLACE: &str = "AWSLogs/111111111111/BedrockModelInvocationLogs/us-east-1/2026/10/05/08/log.json.gz";

fn tie(folder: &Path) -> (u64, String, Ran) {
    let input = folder.display().to_string();
    let calls = json(&input)["tie_out"]["calls"].as_u64().expect("calls");
    let page = report(&input, &["--strict"]);
    (calls, page.err.clone(), page)
}

#[test]
fn bad_records_are_counted_and_located_and_the_rest_is_kept() {
    let lines = [
        record("a", "111111111111", 30),
        "{\"schemaType\": SECRET-TEXT".to_owned(),
        // The clock goes backwards.
        record("b", "111111111111", 10),
        // Another account's record in this account's folder.
        record("c", "999999999999", 20),
        // No counts at all: never free.
        record("d", "111111111111", 40).replace("\"inputTokenCount\":100", "").replace("\"outputTokenCount\":10", ""),
        // Again.
        record("a", "111111111111", 30),
    ];
    let folder = with_log(PLACE, &gzip(&(lines.join("\n") + "\n")));
    let (calls, notes, page) = tie(folder.path());
    assert_eq!(calls, 2, "{notes}");
    assert_eq!(page.exit, lode_cli::Exit::Rejected);
    for row in ["row 2", "row 4", "row 5"] {
        assert!(notes.contains(&format!("log.json.gz: {row}")), "{row} is not in: {notes}");
    }
    assert!(!notes.contains("SECRET") && !page.out.contains("SECRET"), "text of a log is shown");
    assert!(page.out.contains("repeat"), "the repeated record is not told: {}", page.out);
}

#[test]
fn a_log_that_is_cut_off_keeps_what_was_read() {
    let many: Vec<String> = (0..200).map(|n| record(&format!("call-{n}"), "111111111111", n % 60)).collect();
    let packed = gzip(&(many.join("\n") + "\n"));
    let folder = with_log(PLACE, &packed[..packed.len() / 2]);
    let (calls, notes, page) = tie(folder.path());
    assert!((1..200).contains(&calls), "{calls} calls");
    assert!(notes.contains("log.json.gz"), "{notes}");
    assert_eq!(page.exit, lode_cli::Exit::Rejected);
}

#[test]
fn an_optimal_estate_stays_silent() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = folder.path().join("estate");
    let files = files.display().to_string();
    lode(&["demo", "--write", &files, "--seed", "5", "--scale", "30", "--habits", "none"]);
    assert_eq!(json(&files)["recommendations"], Value::Array(Vec::new()));
    // Nothing is overwritten.
    assert_eq!(lode(&["demo", "--write", &files]).exit, lode_cli::Exit::Usage);
}

/// CloudWatch beside the logs: 544 calls on 5 October and 554 on 6 October are in the logs of the first account, 612 on
/// the 5th in those of the third.
#[test]
fn what_cloudwatch_counted_is_compared_with_the_logs() {
    let results = [
        (
            "111111111111|us-east-1",
            "Invocations",
            "[\"2026-10-30T00:00:00Z\",\"2026-10-06T00:00:00Z\",\"2026-10-05T00:00:00Z\"]",
            "[9,559,549]",
        ),
        ("111111111111|us-east-1", "InputTokenCount", "[\"2026-10-05T00:00:00Z\"]", "[1809139]"),
        ("222222222222|eu-west-1", "Invocations", "[\"2026-10-05T00:00:00Z\"]", "[1250]"),
        ("333333333333|us-east-1", "Invocations", "[\"2026-10-05T00:00:00Z\"]", "[612]"),
    ];
    let result = |(nth, (place, metric, times, values)): (usize, &(&str, &str, &str, &str))| {
        format!(
            r#"{{"Id":"m{nth}","Label":"{place}|AWS/Bedrock|{metric}|Sum|86400|ModelId=m","Timestamps":{times},"Values":{values},"StatusCode":"Complete"}}"#
        )
    };
    let results: Vec<String> = results.iter().enumerate().map(result).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metrics.json");
    std::fs::write(&file, format!(r#"{{"MetricDataResults":[{}]}}"#, results.join(","))).expect("a file");
    let (estate, file) = (estate(), file.display().to_string());
    let run = |format: &str| lode(&["report", &estate, &file, "--as-of", "2026-11-05", "--format", format]).out;

    let expected = [
        "CloudWatch counts 1,250 calls in 222222222222 eu-west-1 on 1 day; the logs hold none of them. Next: ",
        "CloudWatch counts 1,108 calls in 111111111111 us-east-1 on 2 days; the logs hold 1,098 of them (99.1 %).",
        "CloudWatch counts 612 calls in 333333333333 us-east-1 on 1 day; the logs hold all of them.",
    ];
    for page in ["table", "markdown"] {
        let page = run(page).split_whitespace().collect::<Vec<_>>().join(" ");
        let at = expected.map(|line| page.find(line).unwrap_or_else(|| panic!("{line} is not in: {page}")));
        assert!(at.is_sorted(), "what lacks most comes first: {at:?}");
    }

    let mut with: Value = serde_json::from_str(&run("json")).expect("JSON");
    let metrics = with["tie_out"].as_object_mut().and_then(|tie| tie.remove("metrics")).expect("metrics");
    assert_eq!(metrics.as_array().map(Vec::len), Some(3));
    assert_eq!(
        metrics[0],
        serde_json::json!({
            "account": "111111111111", "region": "us-east-1", "days": 2, "calls_counted": 1108, "calls_logged": 1098,
            "input_counted": 1_809_139, "input_logged": 1_799_139, "days_not_logged": 0, "calls_not_logged": 0,
        })
    );
    assert_eq!(with, json(&estate), "nothing else depends on it");
}
