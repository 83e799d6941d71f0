//! Tables small enough to read by eye, and what is none.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// 2026-10-05 14:03 UTC.
const TIME_OF_TEST: i64 = 1_791_208_980;

fn file(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text).expect("written");
    file
}

fn read(text: &str) -> DemandTable {
    let file = file(text.as_bytes());
    let mut reader = DemandReader::new();
    reader.read(file.path()).expect("a table");
    reader.finish()
}

fn row(second: i64, input: u64, output: u64, requests: u64) -> DemandRow {
    DemandRow { second, input, output, requests }
}

#[test]
fn columns_are_found_by_their_names() {
    let expected = vec![row(TIME_OF_TEST, 100, 20, 3)];
    for text in [
        "time,input_tokens,output_tokens,requests\n2026-10-05T14:03:00Z,100,20,3\n",
        "\u{feff}Timestamp,Input,Output,Calls\r\n2026-10-05 14:03,100,20,3\r\n",
        "requests;output tokens;Period Start;input-tokens\n3;20;2026-10-05T14:03:00;100",
        "minute\tprompt_tokens\tcompletion_tokens\tinvocations\tmodel\n2026-10-05 14:03:00 UTC\t100.0\t20\t3\tx\n",
        "\"time\",\"input\",\"output\",\"count\"\n\"2026-10-05T16:03:00+02:00\",\"100\",\"20\",\"3\"\n",
    ] {
        assert_eq!(read(text), DemandTable { rows: expected.clone(), ..DemandTable::default() }, "{text}");
    }
    // One count of tokens is enough, and calls may be left out.
    assert_eq!(read("ts,input\n1791208980,7\n").rows, [row(TIME_OF_TEST, 7, 0, 0)]);
    assert_eq!(read("ts,output,calls\n1791208980,7,\n").rows, [row(TIME_OF_TEST, 0, 7, 0)]);
}

#[test]
fn times_are_told_by_what_stands_there() {
    for text in ["1791208980", "1791208980.75", "1791208980000", "1791208980000000", "1791208980000000000"] {
        assert_eq!(cells::time(text), Some(TIME_OF_TEST), "{text}");
    }
    for text in ["2026-10-05T14:03Z", "2026-10-05 14:03:00", "2026-10-05T14:03:00.000Z", "2026-10-05T09:03:00-05:00"] {
        assert_eq!(cells::time(text), Some(TIME_OF_TEST), "{text}");
    }
    assert_eq!(["2015-01-01", "1420070400"].map(cells::time), [Some(1_420_070_400); 2]);
    assert_eq!(["2100-12-31T23:59:59Z", "4133980799"].map(cells::time), [Some(4_133_980_799); 2]);
    assert_eq!(cells::time("2026-10-05"), Some(TIME_OF_TEST - 14 * 3_600 - 180));
    for text in [
        "",
        "-1",
        "1e9",
        "05/10/2026 14:03",
        "2026-13-01",
        "9999-01-01",
        "1969-12-31",
        // A second before 2015, and the first of 2101, in both forms.
        "2014-12-31T23:59:59Z",
        "1420070399",
        "2101-01-01",
        "4133980800",
        "600",
        "noon",
        "2026-10-05T14:03+99:00",
    ] {
        assert_eq!(cells::time(text), None, "{text}");
    }
}

#[test]
fn a_bad_row_is_located_and_the_others_are_kept() {
    let table = read(
        "time,input_tokens,output_tokens\n2026-10-05T14:03:00Z,100,20\nyesterday,1,1\n2026-10-05T14:03:00Z,-5,1\n\
         2026-10-05T14:03:00Z,1\n2026-10-05T14:03:00Z,,1\n2026-10-05T14:04:00Z,1.5,1\n2026-10-05T14:04:00Z,5,1\n",
    );
    assert_eq!(table.rows, [row(TIME_OF_TEST, 100, 20, 0), row(TIME_OF_TEST + 60, 5, 1, 0)]);
    let found: Vec<_> = table
        .rejected
        .iter()
        .map(|r| (r.row.unwrap_or(0), r.column.as_deref().unwrap_or(""), r.found.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "time", "yesterday"),
            (3, "input_tokens", "-5"),
            (4, "output_tokens", "no such cell in this row"),
            (5, "input_tokens", "nothing"),
            (6, "input_tokens", "1.5"),
        ]
    );
    assert!(table.rejected.iter().all(|r| r.expected.contains("; help: ") && r.loss == Loss::Row));
}

#[test]
fn times_and_tokens_out_of_all_proportion_are_bad_rows() {
    let table = read(
        "time,input,output\n1970-01-01,1,1\n2101-05-05T00:00Z,1,1\n2026-10-05T14:03Z,1000000000001,1\n\
         2026-10-05T14:03Z,1,99999999999999999999\n2026-10-05T14:03Z,1000000000000,1\n",
    );
    assert_eq!(table.rows, [row(TIME_OF_TEST, 1_000_000_000_000, 1, 0)]);
    let found: Vec<_> = table
        .rejected
        .iter()
        .map(|r| (r.row.unwrap_or(0), r.column.as_deref().unwrap_or(""), r.found.as_str(), &r.expected[..18]))
        .collect();
    assert_eq!(
        found,
        [
            (1, "time", "1970-01-01", "a time from 2015 t"),
            (2, "time", "2101-05-05T00:00Z", "a time from 2015 t"),
            (3, "input", "1000000000001", "1,000,000,000,000 "),
            (4, "output", "99999999999999999999", "1,000,000,000,000 "),
        ]
    );
    assert!(table.rejected.iter().all(|r| r.expected.contains("; help: ") && r.loss == Loss::Row));
}

#[test]
fn what_is_no_table_of_demand_is_said() {
    let bill = file(b"line_item_usage_start_date,line_item_unblended_cost\n2026-10-05,1\n");
    assert!(!DemandReader::recognises(bill.path()).expect("a file"));
    let error = DemandReader::new().read(bill.path()).expect_err("a bill").to_string();
    assert!(error.contains("found columns line_item_usage_start_date, line_item_unblended_cost, expected"), "{error}");
    let hostile = file(b"a\x1b[31m,b\xff\n");
    let error = DemandReader::new().read(hostile.path()).expect_err("no table").to_string();
    assert!(!error.contains('\u{1b}'), "{error}");
    assert!(!DemandReader::recognises(file(b"").path()).expect("a file"));
    let error = DemandReader::new().read(file(b"").path()).expect_err("no table").to_string();
    assert!(error.contains(": header: found an empty file, expected a header with a time and tokens"), "{error}");
}

#[test]
fn a_thousand_bad_rows_are_listed_and_the_rest_counted() {
    let table = read(&format!("time,input\n{}", "x,1\n".repeat(1_500)));
    assert_eq!((table.rejected.len(), table.rejected_more), (1_000, 500));
}

#[test]
fn a_gzip_that_breaks_off_keeps_what_was_read() {
    let mut text = "time,input\n".to_owned();
    for minute in 0..200_000_u64 {
        text.push_str(&format!("{},{}\n", 1_791_208_980 + minute * 60, minute.wrapping_mul(2_654_435_761) % 1_000_003));
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed");
    let whole = file(&packed);
    assert!(DemandReader::recognises(whole.path()).expect("a file"));
    let mut reader = DemandReader::new();
    reader.read(whole.path()).expect("a table");
    assert_eq!(reader.finish().rows.len(), 200_000);
    let half = file(&packed[..packed.len() / 2]);
    let mut reader = DemandReader::new();
    reader.read(half.path()).expect("a table");
    let table = reader.finish();
    assert!(!table.rows.is_empty() && table.rows.len() < 200_000);
    assert_eq!(table.rejected.iter().map(|r| r.loss).collect::<Vec<_>>(), [Loss::RestOfFile]);
}
