//! `lode whatif capacity` on demand small enough to work out by hand.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Parser;
use common::{Ran, lode, lode_at};
use lode_cli::{Args, Exit};
use serde_json::{Value, json};
use tempfile::TempDir;

const LLAMA: &str = "meta.llama3-1-8b-instruct-v1:0";
const SONNET: &str = "anthropic.claude-sonnet-4-6";
/// A thousand tokens cost $1, whichever they are; a unit answers a thousand a minute and costs $5 in ten.
const DOLLARS: [&str; 8] =
    ["--unit-tokens", "1000", "--unit-price", "30", "--input-price", "1000", "--output-price", "1000"];

/// A folder with a file of this text.
fn folder(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file: PathBuf = folder.path().join(name);
    std::fs::write(&file, text).expect("a file");
    let path = file.display().to_string();
    (folder, path)
}

/// Eight minutes of 1,000 tokens and two of 4,000, newest first.
fn demand() -> String {
    let mut text = "time,input_tokens,output_tokens,requests\n".to_owned();
    for minute in (0..10).rev() {
        let (input, output) = if minute < 8 { (600, 400) } else { (3_000, 1_000) };
        let _ = writeln!(text, "2026-10-05T14:{minute:02}:00Z,{input},{output},2");
    }
    text
}

#[track_caller]
fn made(args: &[&str]) -> Ran {
    let ran = lode(&[&["whatif", "capacity"], args].concat());
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    ran
}

#[track_caller]
fn answer(input: &str, more: &[&str]) -> Value {
    serde_json::from_str(&made(&[&[input, "--format", "json"], more].concat()).out).expect("JSON")
}

/// One call.
fn call(time: &str, model: &str, tokens: [u64; 4]) -> Value {
    let [input, read, write, output] = tokens;
    json!({
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": time,
        "accountId": "111111111111",
        "region": "us-west-2",
        "requestId": format!("{model}-{time}"),
        "operation": "Converse",
        "modelId": model,
        "identity": {"arn": "arn:aws:sts::111111111111:assumed-role/app/session"},
        "input": {
            "inputContentType": "application/json",
            "inputTokenCount": input,
            "cacheReadInputTokenCount": read,
            "cacheWriteInputTokenCount": write,
        },
        "output": {"outputContentType": "application/json", "outputTokenCount": output},
    })
}

fn logs(records: &[Value]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    std::fs::write(folder.path().join("log.json"), lines.join("\n")).expect("a file");
    folder
}

fn path(folder: &Path) -> String {
    folder.display().to_string()
}

#[test]
fn the_best_number_of_units_is_not_that_of_a_percentile() {
    let (_folder, file) = folder("demand.csv", &demand());
    let answer = answer(&file, &DOLLARS);
    // $16 on demand; a unit costs $5 in ten minutes; one leaves 2 × 3,000 tokens: $11; each further one saves $2.
    assert_eq!(
        answer["series"],
        json!({
            "bins": 10, "bin_seconds": 60, "mean": 1600, "p50": 1000, "p90": 4000, "p95": 4000, "p99": 4000, "max": 4000
        })
    );
    assert_eq!((&answer["on_demand_cost"], &answer["requests"]), (&json!("16.000000"), &json!(20)));
    let best = json!({"units": 1, "cost": "11.000000", "utilisation": 1.0, "overflow_share": 0.375});
    assert_eq!(answer["best"], best);
    let curve: Vec<(u64, &str)> = answer["curve"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| (point["units"].as_u64().expect("units"), point["cost"].as_str().expect("money")))
        .collect();
    assert_eq!(curve, [(0, "16.000000"), (1, "11.000000"), (2, "14.000000"), (3, "17.000000"), (4, "20.000000")]);
    for (field, value) in [
        ("unit_tokens", json!(1000)),
        ("unit_price", json!("30.000000")),
        ("input_price", json!("1000.000000")),
        ("output_price", json!("1000.000000")),
        ("best_cost", json!("11.000000")),
        ("break_even_unit_tokens", json!(500)),
        ("min_units", json!(1)),
        ("from", json!("2026-10-05T14:00:00Z")),
        ("to", json!("2026-10-05T14:10:00Z")),
    ] {
        assert_eq!(answer[field], value, "{field}");
    }
    // At 70 %: $11.20 on demand, $8.60 with one. The day is the best of itself.
    assert_eq!(answer["regret"]["volumes"][0], json!({"volume": 0.7, "best_units": 1, "cost": "0.000000"}));
    assert_eq!((&answer["regret"]["days"], &answer["regret"]["day_worst"]), (&json!(1), &json!("0.000000")));
    let table = made(&[&[&*file], &DOLLARS[..]].concat()).out;
    assert!(table.contains("Buy 1 unit: $11.00 in place of $16.00 on demand, 31.3 % less."), "{table}");
    assert!(table.contains("takes 4 units, which would cost $20.00"), "{table}");
}

#[test]
fn the_fewest_that_are_sold_may_be_too_many() {
    let (_folder, file) = folder("demand.csv", &demand());
    let three = answer(&file, &[&DOLLARS[..], &["--min-units", "3"]].concat());
    assert_eq!(three["best"]["units"], 0);
    assert_eq!(three["curve"].as_array().map(Vec::len), Some(3));
    let table = made(&[&[&*file], &DOLLARS[..], &["--min-units", "3"]].concat()).out;
    assert!(
        table.contains("Do not buy: no number of units costs less than the $16.00 on demand. The nearest, 3 units,"),
        "{table}"
    );
}

#[test]
fn a_table_is_read_by_content_and_bad_rows_are_shown() {
    // Epoch milliseconds, other names, semicolons, no telling extension; two rows of one minute add up.
    let other = "Timestamp;Calls;Output;Input\n1791209340000;1;400;600\n1791209355000;1;0;1000\n";
    let (_folder, file) = folder("export.txt", other);
    let found = answer(&file, &DOLLARS);
    assert_eq!(
        (&found["series"]["max"], &found["series"]["bins"], &found["requests"]),
        (&json!(2000), &json!(1), &json!(2))
    );

    let bad = format!("{}noon,1,1,1\n2026-10-05T14:00:00Z,many,1,1\n2026-10-05T14:01:00Z,5\n", demand());
    let (_folder, file) = folder("demand.csv", &bad);
    let ran = made(&[&[&*file, "--format", "json"], &DOLLARS[..]].concat());
    for words in [
        "demand.csv: row 11: column time: found noon, expected a time from 2015 to 2100",
        "row 12: column input_tokens: found many, expected a whole number from 0 on; help: write 0",
        "row 13: column output_tokens: found no such cell in this row, expected a whole number",
    ] {
        assert!(ran.err.contains(words), "{words:?} is not in: {}", ran.err);
    }
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&found["rejected_rows"], &found["best_cost"]), (&json!(3), &json!("11.000000")), "good rows are kept");
    assert_eq!(found["rejected"][0]["found"], "noon");
    let strict = lode(&[&["whatif", "capacity", &file, "--strict"], &DOLLARS[..]].concat());
    assert_eq!(strict.exit, Exit::Rejected);
}

#[test]
fn logged_calls_count_all_tokens_and_cost_what_each_class_costs() {
    // Sonnet: $3.30 and $16.50 a million, a read a tenth, a write 1.25: 1,000 + 10,000 + 2,000 + 500 tokens cost
    // $0.0033 + $0.0033 + $0.00825 + $0.00825 = $0.0231.
    let folder = logs(&[
        call("2026-10-05T14:00:10Z", SONNET, [1000, 10_000, 2000, 500]),
        call("2026-10-05T14:00:50Z", SONNET, [1000, 10_000, 2000, 500]),
        call("2026-10-05T14:02:00Z", LLAMA, [100, 0, 0, 0]),
    ]);
    let found = answer(&path(folder.path()), &["--unit-tokens", "20000", "--unit-price", "1.2"]);
    assert_eq!(
        (&found["model"], &found["region"], &found["account"]),
        (&json!(SONNET), &json!("us-west-2"), &json!("111111111111"))
    );
    assert_eq!((&found["series"]["max"], &found["series"]["bins"]), (&json!(27_000), &json!(1)));
    assert_eq!(found["on_demand_cost"], "0.046200");
    // One unit for a minute: $0.02 and 7,000 of 27,000 tokens: $0.0119778. Two: $0.04.
    assert_eq!((&found["best"]["units"], &found["best"]["cost"]), (&json!(1), &json!("0.031978")));
    assert_eq!(
        found["others"],
        json!([{"account": "111111111111", "region": "us-west-2", "model": LLAMA, "tokens": 100}])
    );
    // A larger pool that nobody has a price of is named, not priced.
    let nobody = call("2026-10-05T14:00:00Z", "nobody.knows-this", [90_000, 0, 0, 0]);
    std::fs::write(folder.path().join("more.json"), nobody.to_string()).expect("a file");
    let with = answer(&path(folder.path()), &["--unit-tokens", "20000", "--unit-price", "1.2"]);
    assert_eq!((&with["best"], &with["others"][0]["model"]), (&found["best"], &json!("nobody.knows-this")));
    std::fs::remove_file(folder.path().join("more.json")).expect("removed");
    // The other model by its name, and from a trace the same.
    let llama = answer(&path(folder.path()), &["--model", LLAMA, "--unit-tokens", "20000"]);
    assert_eq!((&llama["series"]["max"], &llama["terms"].as_array().map(Vec::len)), (&json!(100), &Some(3)));
    assert_eq!((&llama["best"]["units"], &llama["term"]), (&json!(0), &json!("6-month")));
    let trace = tempfile::tempdir().expect("a folder");
    let asked = ["--unit-tokens", "20000", "--unit-price", "1.2"];
    let kept = path(trace.path());
    let by_trace = answer(&path(folder.path()), &[&asked[..], &["--trace", &kept]].concat());
    assert_eq!((&by_trace, &answer(&kept, &asked)), (&found, &found));
}

#[test]
fn calls_that_are_not_demand_are_counted_apart() {
    let mut failed = call("2026-10-05T14:00:00Z", SONNET, [9000, 0, 0, 0]);
    failed["errorCode"] = "ThrottlingException".into();
    let dedicated = "arn:aws:bedrock:us-west-2:111111111111:provisioned-model/abc123def456";
    let folder = logs(&[
        failed,
        call("2026-10-05T14:00:20Z", SONNET, [1000, 0, 0, 0]),
        call("2026-10-05T14:00:30Z", dedicated, [500, 0, 0, 0]),
        call("2026-10-05T15:00:00Z", SONNET, [7, 0, 0, 0]),
    ]);
    // A name that nobody knows is of the model asked for; the hour after is not asked for.
    let found = answer(
        &path(folder.path()),
        &["--model", SONNET, "--unit-tokens", "1000", "--unit-price", "1", "--to", "2026-10-05T14:05:00Z"],
    );
    let counts = ["requests", "dedicated_requests", "failed_requests", "batch_requests", "outside"];
    assert_eq!(counts.map(|field| found[field].as_u64().expect("a number")), [2, 1, 1, 0, 1]);
    assert_eq!((&found["series"]["bins"], &found["series"]["max"]), (&json!(5), &json!(1500)));
}

#[test]
fn without_the_capacity_of_a_unit_the_break_even_is_the_answer() {
    // 60 minutes of a million tokens: $13.20. $13.08 ÷ $0.22 a million ÷ 60 minutes: 990,909.1 tokens a minute.
    let mut text = "minute,input,output\n".to_owned();
    (0..60).for_each(|minute| text.push_str(&format!("2026-10-05 14:{minute:02},900000,100000\n")));
    let (_folder, file) = folder("demand.csv", &text);
    let asked = ["--model", LLAMA, "--region", "us-west-2"];
    let found = answer(&file, &asked);
    assert_eq!([found.get("best"), found.get("best_cost"), found.get("regret"), found.get("unit_tokens")], [None; 4]);
    assert_eq!((&found["curve"], &found["on_demand_cost"]), (&json!([]), &json!("13.200000")));
    let terms: Vec<_> = found["terms"]
        .as_array()
        .expect("terms")
        .iter()
        .map(|term| (&term["term"], &term["unit_price"], &term["break_even_unit_tokens"]))
        .collect();
    assert_eq!(
        terms,
        [
            (&json!("no-commitment"), &json!("24.000000"), &json!(1_818_182)),
            (&json!("1-month"), &json!("21.180000"), &json!(1_604_546)),
            (&json!("6-month"), &json!("13.080000"), &json!(990_910)),
        ]
    );
    let table = made(&[&[&*file], &asked[..]].concat()).out;
    assert!(
        table.contains("at least 990,910\ntokens a minute") || table.contains("at least 990,910 tokens"),
        "{table}"
    );
    // lode.toml may know it.
    let (_settings, settings) = self::folder("lode.toml", &format!("[capacity]\n\"{LLAMA}\" = 2000000\n"));
    let known = answer(&file, &[&asked[..], &["--config", &settings]].concat());
    assert_eq!(
        (&known["best"]["units"], &known["best_cost"], &known["term"]),
        (&json!(1), &json!("13.080000"), &json!("6-month"))
    );
    let one = answer(&file, &[&asked[..], &["--config", &settings, "--term", "1-month"]].concat());
    assert_eq!((&one["best"]["units"], &one["term"]), (&json!(0), &json!("1-month")));
}

/// A text in one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// So many minutes of this input and output, from 5 October.
fn minutes(count: i64, input: u64, output: u64) -> (TempDir, String) {
    let mut text = "time,input,output\n".to_owned();
    (0..count).for_each(|minute| text.push_str(&format!("{},{input},{output}\n", 1_791_158_400 + minute * 60)));
    folder("demand.csv", &text)
}

#[test]
fn reserved_input_and_output_are_bought_together_or_not_at_all() {
    let parts = |found: &Value| -> Vec<Value> {
        let parts = found["parts"].as_array().expect("parts").iter();
        parts.map(|part| json!([part["part"], part["best"]["units"], part["min_units"], part["term"]])).collect()
    };
    // 300 thousand tokens a minute for three months at $0.1782 an hour, $53.46, in place of $59.40; with them at least ten
    // thousand of output, $8.91 in place of $4.95.
    let (_folder, file) = minutes(60, 300_000, 5_000);
    let found = answer(&file, &["--model", SONNET, "--reserved"]);
    assert_eq!(
        (&found["tier"], &found["on_demand_cost"], &found["best_cost"]),
        (&json!("reserved"), &json!("64.350000"), &json!("62.370000"))
    );
    assert_eq!(parts(&found), [json!(["input", 300, 100, "3-month"]), json!(["output", 10, 10, "3-month"])]);
    let table = flat(&made(&[&*file, "--model", SONNET, "--reserved"]).out);
    for words in [
        "Buy 300 units of reserved input and 10 units of reserved output (3 months): $62.37 in place of $64.35 on demand, 3.1 \
         % less. This is of less than 1 day;",
        "reserved input 300 53.46 59.40 10.0 % reserved output 10 8.91 4.95 -80.0 % both 62.37 64.35 3.1 %",
        // $11.88 and $5.445; $1.782 and nothing.
        "would cost at 70 % of the volume $17.33 above the best (none); at 130 % of the volume $1.78 above the best (390 units \
         of reserved input and 10 units of reserved output)",
    ] {
        assert!(table.contains(words), "{words:?} is not in: {table}");
    }
    // A week of little output: input alone would be worth it, and is not sold alone.
    let (_folder, file) = minutes(7 * 1_440, 202_000, 2_000);
    let week = answer(&file, &["--model", SONNET, "--reserved"]);
    assert_eq!(parts(&week), [json!(["input", 0, 100, "3-month"]), json!(["output", 0, 10, "3-month"])]);
    assert_eq!((&week["on_demand_cost"], &week["best_cost"]), (&json!("7051.968000"), &json!("7051.968000")));
    let table = flat(&made(&[&*file, "--model", SONNET, "--reserved"]).out);
    // 202 × $0.1782 and 10 × $0.891, for 168 hours.
    for words in [
        "Do not buy the Reserved tier: no numbers of input and output units, which are sold together, cost less than the \
         $7,051.97 on demand. The nearest, 202 units of reserved input and 10 units of reserved output, would cost $7,544.28.",
        "This is of 7 days; 14 days or more say what is usual.",
    ] {
        assert!(table.contains(words), "{words:?} is not in: {table}");
    }
    assert!(!table.contains("of the volume"), "nothing is bought: {table}");
    // Fewer may be sold to whom has it in writing.
    let fewer = answer(&file, &["--model", SONNET, "--reserved", "--min-units", "2"]);
    assert_eq!(parts(&fewer), [json!(["input", 202, 2, "3-month"]), json!(["output", 2, 2, "3-month"])]);
}

#[test]
fn a_unit_without_commitment_is_said_to_be_held_around_the_clock() {
    let (_folder, file) = folder("demand.csv", &demand());
    let words = "Units are held around the clock here; a unit without commitment can be had for hours only.";
    let of = |term: &str| flat(&made(&[&[&*file, "--term", term], &DOLLARS[..]].concat()).out);
    assert!(of("no-commitment").contains(words), "{}", of("no-commitment"));
    assert!(!of("1-month").contains(words));
    // Also where it is not worth it; and two weeks are long enough to say no more.
    let (_folder, file) = minutes(14 * 1_440, 10, 0);
    let not = |term: &str| flat(&made(&[&[&*file, "--term", term], &DOLLARS[..]].concat()).out);
    assert!(not("no-commitment").contains("Do not buy: no number") && not("no-commitment").contains(words));
    assert!(!not("1-month").contains("This is of"), "{}", not("1-month"));
    assert!(!not("1-month").contains("of the volume"), "nothing is bought: {}", not("1-month"));
}

#[test]
fn a_time_that_ends_before_it_begins_and_units_for_nothing_are_refused() {
    let (_folder, file) = folder("demand.csv", &demand());
    let (_empty, empty) = folder("empty.csv", "");
    let late = [&[&*file, "--from", "2026-10-06", "--to", "2026-10-05"], &DOLLARS[..]].concat();
    for (args, words) in [
        (late, "--to: found 2026-10-05T00:00:00Z, expected a time after --from, which is 2026-10-06T00:00:00Z; help: "),
        (vec![&*empty], "empty.csv: header: found an empty file, expected a header with a time and tokens"),
    ] {
        let ran = lode(&[&["whatif", "capacity"], &*args].concat());
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{args:?}");
        assert!(ran.err.contains(words), "{words:?} is not in: {}", ran.err);
        assert!(!ran.err.contains("BedrockModelInvocationLogs"), "{}", ran.err);
    }
    for (option, value, words) in [
        ("--unit-price", "0", "expected what a unit costs an hour, above 0"),
        ("--unit-price", "$0.00", "expected what a unit costs an hour, above 0"),
        ("--from", "1970-01-01", "expected a date or time from 2015 to 2100"),
    ] {
        let error = Args::try_parse_from(["lode", "whatif", "capacity", &file, option, value]).expect_err("refused");
        assert!(error.to_string().contains(words), "{words:?} is not in: {error}");
    }
    let (_one, one) = folder("one.csv", "time,input\n2026-10-05,5\n");
    let ran = lode(&[&["whatif", "capacity", &one, "--from", "2027-01-01"], &DOLLARS[..]].concat());
    assert!(ran.err.contains("found 1 row outside of the time asked for"), "{}", ran.err);
}

#[test]
fn what_cannot_be_used_is_said_in_full() {
    let (_folder, file) = folder("demand.csv", &demand());
    let (_bill, bill) = folder("bill.csv", "day,dollars\n2026-10-05,1\n");
    let folder = logs(&[call("2026-10-05T14:00:00Z", SONNET, [1, 0, 0, 1])]);
    let logs = path(folder.path());
    let empty = tempfile::tempdir().expect("a folder");
    let nothing = path(empty.path());
    for (args, words) in [
        (
            vec![&*file],
            "--input-price: the catalogue has no on-demand price of a model that is not named, expected one; help:",
        ),
        (vec![&file, "--input-price", "1"], "--output-price: the catalogue has no on-demand price of"),
        (
            vec![&file, "--input-price", "1", "--output-price", "1"],
            "--unit-price: the catalogue has no price of model units of a model in us-east-1",
        ),
        (vec![&file, "--model", LLAMA], "the catalogue has prices of it in us-west-2"),
        (
            vec![&file, "--model", LLAMA, "--region", "us-west-2", "--term", "3-months"],
            "or --term no-commitment or 1-month or 6-month",
        ),
        (vec![&file, "--model", "claude-nine"], "--model: found claude-nine, expected"),
        (
            vec![&file, "--model", LLAMA, "--reserved"],
            "--reserved: found meta.llama3-1-8b-instruct-v1:0, expected --model with one",
        ),
        (vec![&file, "--model", SONNET, "--reserved", "--term", "6-months"], "expected --term 1-month or 3-month"),
        (
            vec![&file, "--from", "2027-01-01", "--unit-price", "1"],
            "found 10 rows outside of the time asked for, expected rows",
        ),
        (vec![&file, &logs], "found 1 table of demand beside 1 log or trace"),
        (vec![&logs, "--model", LLAMA], "found calls of anthropic.claude-sonnet-4-6 in us-west-2 of 111111111111"),
        (vec![&bill], "found columns day, dollars, expected a header with a time and tokens"),
        (vec![&nothing], "or a CSV table of demand with the columns time,input_tokens,output_tokens,requests"),
    ] {
        let ran = lode(&[&["whatif", "capacity"], &*args].concat());
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{args:?}");
        assert!(ran.err.contains(words) && ran.err.contains("help: "), "{words:?} is not in: {}", ran.err);
    }
}

#[test]
fn a_long_curve_is_cut_to_a_thousand_points_with_the_best() {
    let mut text = "time,input\n".to_owned();
    (1..=60).for_each(|minute| text.push_str(&format!("{},{}\n", 1_791_208_800 + minute * 60, minute * 100)));
    let (_folder, file) = folder("demand.csv", &text);
    let found =
        answer(&file, &["--unit-tokens", "1", "--unit-price", "0.03", "--input-price", "1000", "--output-price", "0"]);
    let curve = found["curve"].as_array().expect("points");
    assert_eq!((&found["curve_points"], &found["curve_capped"]), (&json!(6001), &json!(false)));
    assert!(curve.len() <= 1_000 && curve.contains(&found["best"]), "{}", found["best"]);
    // A unit costs $0.03 and saves $0.001 in each minute that it is used in: the best is used in half of 60.
    assert_eq!(found["best"]["units"], 3000);
}

#[test]
fn json_has_the_fields_of_its_schema_and_no_other() {
    let schema: Value = serde_json::from_str(&lode_report::whatif_capacity_schema()).expect("JSON");
    let known = schema["properties"].as_object().expect("properties");
    let (_folder, file) = folder("demand.csv", &demand());
    for found in [answer(&file, &DOLLARS), answer(&file, &["--model", SONNET, "--reserved"])] {
        for field in schema["required"].as_array().expect("fields") {
            assert!(found.get(field.as_str().expect("a name")).is_some(), "{field}");
        }
        let unknown: Vec<&String> =
            found.as_object().expect("an object").keys().filter(|field| !known.contains_key(*field)).collect();
        assert_eq!(unknown, [""; 0]);
    }
}

#[test]
fn the_pages_are_reviewed() {
    let (_folder, file) = folder("demand.csv", &demand());
    let mut llama = "time,input,output\n".to_owned();
    (0..60).for_each(|minute| llama.push_str(&format!("2026-10-05 14:{minute:02},900000,100000\n")));
    let (_llama, llama) = folder("llama.csv", &llama);
    let run = |width, args: &[&str]| {
        let ran = lode_at(width, &[&["whatif", "capacity"], args].concat());
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        assert!(ran.out.lines().all(|line| line.chars().count() <= width), "{}", ran.out);
        ran.out
    };
    let dollars = [&[&*file], &DOLLARS[..]].concat();
    insta::assert_snapshot!("capacity-80", run(80, &dollars));
    insta::assert_snapshot!("capacity-160", run(160, &dollars));
    insta::assert_snapshot!("capacity-json", run(1000, &[&dollars[..], &["--format", "json"]].concat()));
    let known = [&*llama, "--model", LLAMA, "--region", "us-west-2", "--unit-tokens", "2000000"];
    insta::assert_snapshot!("capacity-terms-80", run(80, &known));
    insta::assert_snapshot!("capacity-break-even-80", run(80, &known[..5]));
    insta::assert_snapshot!("capacity-reserved-80", run(80, &[&*llama, "--model", SONNET, "--reserved"]));
}
