//! Bad input, one test each: what can be kept is kept and listed; what cannot is an error that says where and why.

mod common;

use common::{COLUMNS, Folder, Row, batch, bill, csv, gzip, read};
use jiff::civil::date;
use lode_billing::{BillReader, BillingError};
use lode_model::{Bill, Money, Rejected};

fn usd(text: &str) -> Money {
    Money::parse(text).expect("money")
}

fn total(bill: &Bill) -> Money {
    bill.lines.iter().map(|line| line.unblended).sum()
}

fn one(bill: &Bill) -> &Rejected {
    assert_eq!(bill.rejected.len(), 1, "{:?}", bill.rejected);
    &bill.rejected[0]
}

/// The bill of one bad row after a good one; the note is about row 2 and this column, and the bad row's cost is
/// kept as a fixed amount, or not at all.
fn check(bad: Row, column: Option<&str>, kept: Option<&str>) -> Bill {
    let bill = bill(&[Row::new(), bad]);
    let note = one(&bill);
    assert_eq!((note.row, note.column.as_deref()), (Some(2), column), "{note:?}");
    assert_eq!(note.kept, kept.map(usd), "{note:?}");
    assert_eq!(total(&bill), usd("0.80") + kept.map_or(Money::ZERO, usd), "{note:?}");
    assert!(!note.found.is_empty() && !note.expected.is_empty());
    let fixed: Money = bill.lines.iter().filter(|line| line.quantity.is_none()).map(|line| line.unblended).sum();
    assert_eq!(fixed, kept.map_or(Money::ZERO, usd), "{note:?}");
    assert_eq!(bill.rows_read, 2);
    bill
}

#[test]
fn amounts_that_no_bill_can_have() {
    for amount in ["1e40", "-5", "many", "", "NaN"] {
        let bill = check(
            Row::new().with("line_item_usage_amount", amount).with("line_item_unblended_cost", "3"),
            Some("line_item_usage_amount"),
            Some("3"),
        );
        let shown = if amount.is_empty() { "nothing" } else { amount };
        assert_eq!(one(&bill).found, shown);
    }
}

#[test]
fn costs_that_cannot_be_read() {
    for cost in ["1e40", "", "free", "1,5"] {
        check(Row::new().with("line_item_unblended_cost", cost), Some("line_item_unblended_cost"), None);
    }
}

#[test]
fn an_unknown_unit_keeps_the_dollars() {
    let bill = check(Row::new().with("pricing_unit", "furlong"), Some("pricing_unit"), Some("0.80"));
    assert_eq!(one(&bill).found, "furlong");
    assert!(one(&bill).expected.contains("input"), "{:?}", one(&bill));
}

#[test]
fn a_date_that_cannot_be_read_keeps_the_dollars_in_the_covered_period() {
    let bad = Row::new().with("line_item_usage_start_date", "10/04/2026");
    let bill = check(bad.clone(), Some("line_item_usage_start_date"), Some("0.80"));
    let fixed = bill.lines.iter().find(|line| line.quantity.is_none()).expect("a fixed line");
    assert_eq!(Some(fixed.span), bill.covered);
    // Without any date the billing period is the best that is known; without that, nothing is.
    let alone = common::bill(std::slice::from_ref(&bad));
    assert_eq!(alone.lines[0].span.days(), 31);
    let folder = Folder::new();
    let file = folder.file("a.csv", &csv(&[bad.with("bill_billing_period_start_date", "")]));
    let fault = read(&[file]).expect_err("no date at all");
    assert!(matches!(&fault, BillingError::NoDates { row: 1, found, .. } if found == "10/04/2026"), "{fault}");
}

#[test]
fn a_row_with_too_few_or_too_many_cells() {
    for change in [0, 2] {
        let mut bad = Row::new();
        bad.0.resize(COLUMNS.len() - 1 + change, "x".to_owned());
        let folder = Folder::new();
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for record in [&COLUMNS.map(str::to_owned).to_vec(), &Row::new().0, &bad.0, &Row::new().0] {
            writer.write_record(record).expect("memory");
        }
        let bill = read(&[folder.file("a.csv", &writer.into_inner().expect("memory"))]).expect("a bill");
        assert_eq!((total(&bill), bill.rows_read), (usd("1.60"), 3));
        assert_eq!(one(&bill).row, Some(2));
        assert_eq!(one(&bill).found, format!("{} cells", bad.0.len()));
    }
}

#[test]
fn a_cell_that_is_no_text() {
    let folder = Folder::new();
    let rows = [Row::new(), Row::new().with("line_item_resource_id", "arn:XX")];
    let mut bytes = csv(&rows);
    let at = bytes.windows(2).position(|pair| pair == b"XX").expect("the marker");
    bytes[at] = 0xff;
    let bill = read(&[folder.file("a.csv", &bytes)]).expect("a bill");
    assert_eq!(total(&bill), usd("1.60"));
    assert_eq!((one(&bill).row, one(&bill).column.as_deref()), (Some(2), Some("line_item_resource_id")));
    assert_eq!(one(&bill).kept, Some(usd("0.80")));
}

#[test]
fn an_unknown_region_prefix_is_said_once_and_costs_nothing() {
    let row = Row::new().with("line_item_usage_type", "ZZZ9-NovaPro-input-tokens").with("product_region_code", "");
    let bill = bill(&[row.clone(), row.clone().day(2), row.day(3)]);
    assert_eq!(one(&bill).row, Some(1));
    assert!(bill.lines.iter().all(|line| line.region.as_str() == "unknown" && line.quantity.is_some()));
}

#[test]
fn a_truncated_gzip_keeps_the_rows_before_the_cut() {
    let folder = Folder::new();
    let rows: Vec<Row> = (0..2_000_u32)
        .map(|n| {
            // Something that does not compress away.
            let scrambled = n.wrapping_mul(2_654_435_761);
            Row::new().with("line_item_resource_id", &format!("arn:aws:bedrock:us-east-1::{scrambled:x}"))
        })
        .collect();
    let packed = gzip(&csv(&rows));
    let cut = packed.len() / 2;
    let bill = read(&[folder.file("a.csv.gz", &packed[..cut])]).expect("a bill");
    let note = one(&bill);
    assert!(bill.rows_read > 0 && bill.rows_read < 2_000, "{}", bill.rows_read);
    assert_eq!(total(&bill), Money::from_pico(usd("0.80").pico() * i128::from(bill.rows_read)));
    assert_eq!(note.row, Some(bill.rows_read + 1));
    assert!(note.found.contains(&format!("byte {cut}")), "{note:?}");
    let fault = read(&[folder.file("b.csv.gz", &packed[..15])]).expect_err("nothing to read");
    assert!(matches!(&fault, BillingError::Unreadable { byte: 15, .. }), "{fault}");
    assert!(fault.to_string().contains("b.csv.gz"), "{fault}");
}

#[test]
fn empty_chunks_are_accepted() {
    let folder = Folder::new();
    let files = [
        folder.file("a.csv", b""),
        folder.file("b.csv.gz", &gzip(b"")),
        folder.file("c.csv", &csv(&[])),
        folder.file("d.csv", &csv(&[Row::new()])),
    ];
    let bill = read(&files).expect("a bill");
    assert_eq!((total(&bill), bill.files.len(), bill.rejected.len()), (usd("0.80"), 4, 0));
    let nothing = read(&[folder.file("e.csv", b"")]).expect("a bill");
    assert_eq!((nothing.lines.len(), nothing.covered), (0, None));
}

#[test]
fn missing_columns_are_named() {
    let folder = Folder::new();
    let text = "line_item_usage_type,line_item_product_code,line_item_unblended_cost\nx,AmazonBedrock,1\n";
    let fault = read(&[folder.file("a.csv", text.as_bytes())]).expect_err("columns are missing");
    let BillingError::MissingColumns { missing, found, .. } = &fault else { panic!("{fault}") };
    assert_eq!(missing, &["line_item_usage_account_id", "line_item_usage_start_date", "line_item_usage_amount"]);
    assert_eq!(found.len(), 3);
    let told = fault.to_string();
    for part in ["a.csv", "line_item_usage_amount", "found line_item_usage_type", "SQL"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn what_is_no_billing_export_is_refused() {
    let folder = Folder::new();
    let file = folder.file("calls.csv", b"timestamp,modelId\n2026-10-01,x\n");
    let fault = read(&[file]).expect_err("no bill");
    assert!(matches!(&fault, BillingError::NotBilling { found, .. } if found == &["timestamp", "modelId"]), "{fault}");
    for (header, form, missing) in [
        ("identity/LineItemId,lineItem/UsageType,lineItem/ProductCode", "legacy CUR", "line_item_unblended_cost"),
        ("BilledCost,ChargePeriodStart,ServiceName", "FOCUS", "SubAccountId"),
    ] {
        let fault = read(&[folder.file("old.csv", header.as_bytes())]).expect_err("columns are missing");
        let told = fault.to_string();
        assert!(matches!(fault, BillingError::MissingColumns { .. }), "{told}");
        assert!(told.contains(form) && told.contains(missing), "{told}");
    }
    let fault = read(&[folder.file("ls", b"\x7fELF\x02\x1b[2J\n")]).expect_err("a program");
    assert!(!fault.to_string().contains(char::is_control), "{fault:?}");
    for (bytes, found) in [(&b"PK\x03\x04zip"[..], "ZIP"), (b"PAR1....PAR1", "Parquet")] {
        let fault = read(&[folder.file("other.csv", bytes)]).expect_err("a container");
        assert!(fault.to_string().contains(found), "{fault}");
    }
    let fault = read(&[folder.path("missing.csv")]).expect_err("no file");
    assert!(matches!(&fault, BillingError::Unreadable { byte: 0, .. }), "{fault}");
}

#[test]
fn two_currencies_cannot_be_added_up() {
    let folder = Folder::new();
    let elsewhere = Row::new().with("line_item_product_code", "AmazonEC2").with("line_item_currency_code", "EUR");
    let fine = folder.file("a.csv", &csv(&[Row::new(), elsewhere]));
    let bill = read(&[&fine]).expect("other services may be in any currency");
    assert_eq!(bill.currencies, [("USD".to_owned(), 1)]);
    let second = folder.file("b.csv", &csv(&[Row::new(), Row::new().with("line_item_currency_code", "CNY")]));
    let fault = read(&[&fine, &second]).expect_err("two currencies");
    let BillingError::TwoCurrencies { file, row, found, expected, .. } = &fault else { panic!("{fault}") };
    assert_eq!((file, *row, found.as_str(), expected.as_str()), (&second, 2, "CNY", "USD"));
}

#[test]
fn a_billing_period_from_two_folders_is_never_added_up() {
    let folder = Folder::new();
    let csv_file = folder.file("csv/BILLING_PERIOD=2026-10/a-00001.csv", &csv(&[Row::new()]));
    let chunk = folder.file("csv/BILLING_PERIOD=2026-10/a-00002.csv", &csv(&[Row::new()]));
    let copy = folder.file("copy/BILLING_PERIOD=2026-10/a-00001.csv", &csv(&[Row::new()]));
    let september = Row::new().with("bill_billing_period_start_date", "2026-09-01T00:00:00.000Z");
    let before = folder.file("csv/BILLING_PERIOD=2026-09/a-00001.csv", &csv(&[september]));
    let other = folder.file("other/a.csv", &csv(&[Row::new().with("bill_payer_account_id", "333333333333")]));
    let bill = read(&[&before, &csv_file, &chunk, &other]).expect("chunks, months and payers add up");
    assert_eq!(total(&bill), usd("3.20"));

    // A whole copy is used once, and said; two places that differ are refused: nothing says which of them is right.
    let twice = read(&[&before, &csv_file, &copy]).expect("one of two copies");
    assert_eq!((total(&twice), twice.superseded.len()), (usd("1.60"), 1));
    let (left, why) = &twice.superseded[0];
    assert_eq!(left, &csv_file);
    assert!(why.starts_with("the same as the CUR 2.0 in CSV of "), "{why}");
    assert!(why.ends_with("(billing period 2026-10, $0.80 of Bedrock in 1 row); counted once"), "{why}");
    let fault = read(&[&copy, &csv_file, &chunk]).expect_err("one chunk of two");
    let BillingError::PeriodTwice { first, second, payer, period, first_has, second_has } = &fault else {
        panic!("{fault}")
    };
    assert_eq!(
        (first.as_path(), second.as_path()),
        (copy.parent().expect("a folder"), csv_file.parent().expect("a folder"))
    );
    assert_eq!((&**payer, *period), ("111111111111", date(2026, 10, 1)));
    assert_eq!((&**first_has, &**second_has), ("$0.80 of Bedrock in 1 row", "$1.60 of Bedrock in 2 rows"));
    assert!(matches!(read(&[&csv_file, &csv_file]), Err(BillingError::FileTwice { .. })));

    // The Parquet form of the same export, even in the same folder: half of it differs, all of it is the same.
    let parquet = csv_file.with_file_name("a-00001.snappy.parquet");
    let with_parquet = |rows: usize| {
        let mut reader = BillReader::new();
        reader.read_csv(&csv_file, &mut |_| {}).expect("read");
        reader.read_csv(&chunk, &mut |_| {}).expect("read");
        reader.table(&parquet, &COLUMNS.map(str::to_owned)).expect("a table");
        (0..rows).for_each(|_| reader.push(&batch(&[Row::new()])));
        reader.finish()
    };
    assert!(matches!(with_parquet(1), Err(BillingError::PeriodTwice { .. })));
    let both = with_parquet(2).expect("the same rows");
    assert_eq!(total(&both), usd("1.60"));
    assert_eq!(both.superseded.iter().map(|(file, _)| file).collect::<Vec<_>>(), [&parquet]);
}

#[test]
fn without_a_period_column_the_folder_or_the_month_tells() {
    let folder = Folder::new();
    let row = Row::new().with("bill_billing_period_start_date", "");
    let first = folder.file("a/BILLING_PERIOD=2026-10/x.csv", &csv(std::slice::from_ref(&row)));
    let second = folder.file("b/x.csv", &csv(std::slice::from_ref(&row)));
    let copied = read(&[&first, &second]).expect("the same month twice");
    assert_eq!((total(&copied), copied.superseded.len()), (usd("0.80"), 1));
    let november = row.with("line_item_usage_start_date", "2026-11-01T00:00:00Z").with("line_item_usage_end_date", "");
    let third = folder.file("c/x.csv", &csv(&[november]));
    assert_eq!(total(&read(&[&first, &third]).expect("two months")), usd("1.60"));
}

#[test]
fn a_thousand_notes_are_listed_and_the_rest_is_counted() {
    let folder = Folder::new();
    let bad = Row::new().with("pricing_unit", "furlong");
    let files = [folder.file("b.csv", &csv(&vec![bad.clone(); 700])), folder.file("a.csv", &csv(&vec![bad; 700]))];
    let bill = read(&files).expect("a bill");
    assert_eq!((bill.rejected.len(), bill.rejected_more), (1_000, 400));
    assert_eq!(bill.rejected[0].file, files[1]);
    assert_eq!(bill.rejected[999].row, Some(300));
    assert_eq!(total(&bill), Money::from_pico(usd("0.80").pico() * 1_400));
}

/// So many rows of Bedrock from this one on, no two alike.
fn distinct(rows: std::ops::Range<u32>) -> Vec<Row> {
    let row = |n: u32| {
        let day = u8::try_from(1 + n % 28).expect("a day");
        Row::new().day(day).with("line_item_usage_amount", &format!("{n}.5"))
    };
    rows.map(row).collect()
}

#[test]
fn an_older_copy_beside_a_newer_one_is_never_added_up() {
    let folder = Folder::new();
    let file = |name: &str, rows| folder.file(name, &csv(&distinct(rows)));
    for (size, name) in [(10, "small"), (3_000, "large")] {
        let older = file(&format!("{name}/october-1015.csv"), 0..size);
        let newer = file(&format!("{name}/october-1103.csv"), 0..2 * size);
        for files in [[&older, &newer], [&newer, &older]] {
            let fault = read(&files).expect_err("the same rows");
            let BillingError::RowsTwice { first, second } = &fault else { panic!("{fault}") };
            assert_eq!((first, second), (&older, &newer));
        }
        // Chunks share no row, and a few rows that look alike are no copy.
        let chunk = file(&format!("{name}/october-1104.csv"), 2 * size - 5..4 * size);
        let bill = read(&[&newer, &chunk]).expect("two chunks");
        assert_eq!(bill.lines.iter().map(|line| line.rows).sum::<u64>(), u64::from(4 * size + 5));
    }
    let august = |row: Row| row.with("bill_billing_period_start_date", "2026-08-01T00:00:00.000Z");
    let year: Vec<Row> = distinct(0..20).into_iter().chain(distinct(50..90).into_iter().map(august)).collect();
    let year = folder.file("year/all.csv", &csv(&year));
    let month = folder.file("year/october.csv", &csv(&distinct(0..20)));
    let fault = read(&[&year, &month]).expect_err("a month inside of the year");
    assert!(matches!(fault, BillingError::RowsTwice { .. }), "{fault}");
}

#[test]
fn rows_whose_dollars_are_lost_are_counted_past_what_is_listed() {
    let folder = Folder::new();
    let cost = |cost: &str| Row::new().with("line_item_unblended_cost", cost);
    let rows: Vec<Row> = (0..1_500).map(|n| cost(&format!("1,{n:03}.00"))).chain([cost("2")]).collect();
    let bill = read(&[&folder.file("a.csv", &csv(&rows))]).expect("a bill");
    assert_eq!((bill.rows_lost, bill.rejected.len(), bill.rejected_more), (1_500, 1_000, 500));
}

#[test]
fn what_a_missing_column_hides_is_said() {
    let folder = Folder::new();
    let without = |column: &str| {
        let text = String::from_utf8(csv(&[Row::new()])).expect("text").replace(column, "something_else");
        let bill = read(&[&folder.file("a.csv", text.as_bytes())]).expect("a bill");
        bill.rejected.iter().map(|note| note.expected.clone()).collect::<Vec<_>>().join("; ")
    };
    assert!(without("line_item_line_item_type").contains("taken for usage"));
    let rounded = Row::new().with("line_item_usage_account_id", "2.22222E+11");
    let bill = read(&[&folder.file("b.csv", &csv(&[rounded]))]).expect("a bill");
    assert!(bill.rejected[0].expected.contains("twelve digits"), "{:?}", bill.rejected);
}

#[test]
fn a_file_that_a_spreadsheet_has_saved_is_told() {
    let folder = Folder::new();
    let text = String::from_utf8(csv(&[Row::new()])).expect("text").replace(',', ";");
    for text in [text.clone(), format!("\u{feff}{text}"), text.replace(';', "\t")] {
        let fault = read(&[&folder.file("a.csv", text.as_bytes())]).expect_err("no commas");
        assert!(fault.to_string().contains("not separated by commas"), "{fault}");
    }
}
