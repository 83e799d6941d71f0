//! One synthetic month, exported in every form that AWS knows, is one bill: the same dollars to the last digit and the
//! same quantities to the last token, whatever the columns are called.
//!
//! The month has rows of all sellers (`AmazonBedrock`, `AmazonBedrockService`, AWS Marketplace, OpenSearch beside
//! them), both routings, three modes and capacity by the hour. Forms differ in what they can name: resources,
//! principals and a Marketplace row's model are not compared; everything that is priced is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use lode_billing::BillReader;
use lode_model::{Bill, CallerKey, ChargeKind, Money, Quantity, Unit};
use lode_synth::{BillForm, Class, Estate, Habits, Options, csv_text, estate, export_in};

fn month() -> Estate {
    estate(&Options { seed: 1, scale: 5, habits: Habits::all() })
}

/// A table: its header and its rows.
type Table = (Vec<String>, Vec<Vec<String>>);

/// Where a form is delivered, without the number of the chunk.
fn place(form: BillForm) -> &'static str {
    match form {
        BillForm::Legacy => "reports/team/20261001-20261101/0a1b2c3d-0000-4000-8000-000000000001/team-",
        BillForm::LegacyUnderscore => "reports/team/team/year=2026/month=10/team-0000",
        _ => "exports/team/data/BILLING_PERIOD=2026-10/team-0000",
    }
}

/// Reads files of these names and bytes.
fn read(form: BillForm, reader: BillReader, files: &[(&str, Vec<u8>)]) -> Bill {
    let folder = tempfile::tempdir().expect("a folder");
    let mut reader = reader;
    for (name, bytes) in files {
        let path: PathBuf = folder.path().join(format!("{}{name}", place(form)));
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("written");
        reader.read_csv(&path, &mut |_| {}).unwrap_or_else(|fault| panic!("{form:?}: {fault}"));
    }
    reader.finish().unwrap_or_else(|fault| panic!("{form:?}: {fault}"))
}

fn bill_of_table(form: BillForm, (header, rows): &Table) -> Bill {
    read(form, BillReader::new(), &[("1.csv", csv_text(header, rows).into_bytes())])
}

fn bill_of(month: &Estate, form: BillForm) -> Bill {
    bill_of_table(form, &export_in(month, form))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// The place of the column that has one of these names.
fn column(header: &[String], names: &[&str]) -> usize {
    header.iter().position(|name| names.contains(&name.as_str())).expect("a column of that name")
}

/// Dollars and quantity of everything that is priced apart: day, account, region, seller, class, mode, routing, band.
fn sums(bill: &Bill) -> BTreeMap<String, (Money, BTreeMap<Unit, i128>, u64)> {
    let mut sums = BTreeMap::<String, (Money, BTreeMap<Unit, i128>, u64)>::new();
    for line in &bill.lines {
        let billed_as = &line.billed_as;
        let key = format!(
            "{}..{} {} {} {} {:?} {} {} {} {}",
            line.span.first,
            line.span.last,
            line.account,
            line.region,
            line.source,
            line.kind,
            billed_as.class,
            billed_as.mode,
            billed_as.routing,
            billed_as.band,
        );
        let sum = sums.entry(key).or_default();
        sum.0 += line.unblended;
        if let Some(Quantity { steps, unit }) = line.quantity {
            *sum.1.entry(unit).or_default() += steps;
        }
        sum.2 += line.rows;
    }
    sums
}

/// The first few sums that differ, each as left and right.
fn differences(left: &Bill, right: &Bill) -> Vec<String> {
    let (left, right) = (sums(left), sums(right));
    let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
    let differ = keys.filter(|key| left.get(*key) != right.get(*key));
    differ.take(5).map(|key| format!("{key}: {:?} against {:?}", left.get(key), right.get(key))).collect()
}

#[test]
fn the_month_is_what_was_generated() {
    let month = month();
    let (truth, bill) = (month.bill(), bill_of(&month, BillForm::Cur2));
    let unblended: Money = bill.lines.iter().map(|line| line.unblended).sum();
    assert_eq!(unblended, Money::from_pico(truth.total().pico()));
    let tokens = |name: &str| -> i128 {
        let of_class = bill.lines.iter().filter(|line| line.billed_as.class.to_string() == name);
        of_class.filter_map(|line| line.quantity).map(|quantity| quantity.steps).sum()
    };
    for (name, class) in [
        ("input", Class::Input),
        ("output", Class::Output),
        ("cache-read", Class::CacheRead),
        ("cache-write-5m", Class::CacheWrite5m),
        ("cache-write-1h", Class::CacheWrite1h),
        ("search-ocu-hour", Class::SearchOcuHour),
        ("model-unit-hour-no-commitment", Class::ModelUnitHour),
    ] {
        assert_eq!(tokens(name), i128::from(truth.quantity(class)), "{name}");
    }
    let sellers: Vec<String> = bill.lines.iter().map(|line| line.source.to_string()).collect();
    for seller in ["AmazonBedrock", "AmazonBedrockService", "AWS Marketplace", "beside Bedrock"] {
        assert!(sellers.iter().any(|found| found == seller), "no row of {seller}");
    }
}

fn same_bill(form: BillForm) {
    let month = month();
    let (wanted, found) = (bill_of(&month, BillForm::Cur2), bill_of(&month, form));
    assert_eq!(differences(&wanted, &found), Vec::<String>::new(), "{form:?}");
    assert_eq!(found.covered, wanted.covered, "{form:?}");
    assert_eq!(found.currencies, wanted.currencies, "{form:?}");
    assert_eq!((found.rows_read, found.rows_elsewhere), (wanted.rows_read, wanted.rows_elsewhere), "{form:?}");
    let said: Vec<String> = found.rejected.iter().map(|rejected| format!("{rejected:?}")).collect();
    assert_eq!(said, Vec::<String>::new(), "{form:?}");
}

#[test]
fn cur_2_without_the_map_and_in_another_order() {
    same_bill(BillForm::Cur2Flat);
}

#[test]
fn cur_2_without_resources_and_principals() {
    same_bill(BillForm::Cur2Bare);
}

#[test]
fn a_legacy_report() {
    same_bill(BillForm::Legacy);
}

#[test]
fn a_legacy_report_in_athena_names() {
    same_bill(BillForm::LegacyUnderscore);
}

#[test]
fn focus_1_0() {
    same_bill(BillForm::Focus10);
}

#[test]
fn focus_1_2() {
    same_bill(BillForm::Focus12);
}

#[test]
fn packed_or_not_is_the_same_bill() {
    let month = month();
    for form in BillForm::ALL {
        let (header, rows) = export_in(&month, form);
        let packed = read(form, BillReader::new(), &[("1.csv.gz", gzip(&csv_text(&header, &rows)))]);
        assert_eq!(differences(&bill_of(&month, form), &packed), Vec::<String>::new(), "{form:?}");
    }
}

/// Rows of a form in two files, the second first: chunks of one delivery come in any order.
#[test]
fn two_chunks_in_any_order_are_the_same_bill() {
    let month = month();
    for form in BillForm::ALL {
        let (header, rows) = export_in(&month, form);
        let (first, second) = rows.split_at(rows.len() / 2);
        let chunk = |rows: &[Vec<String>]| csv_text(&header, rows).into_bytes();
        let found = read(form, BillReader::new(), &[("2.csv", chunk(second)), ("1.csv", chunk(first))]);
        assert_eq!(differences(&bill_of(&month, form), &found), Vec::<String>::new(), "{form:?}");
    }
}

/// A credit and a tax row beside the usage: set aside under their own kinds in every form.
#[test]
fn credits_and_taxes_are_told_from_usage_in_every_form() {
    let month = month();
    for form in BillForm::ALL {
        let mut table = export_in(&month, form);
        let line_type = column(&table.0, &["line_item_line_item_type", "lineItem/LineItemType", "ChargeCategory"]);
        let cost = column(&table.0, &["line_item_unblended_cost", "lineItem/UnblendedCost", "BilledCost"]);
        for (word, dollars) in [("Credit", "-5.25"), ("Tax", "7.75")] {
            let mut row = table.1[0].clone();
            row[line_type] = word.to_owned();
            row[cost] = dollars.to_owned();
            table.1.push(row);
        }
        let bill = bill_of_table(form, &table);
        let of = |kind: ChargeKind| -> Money {
            bill.lines.iter().filter(|line| line.kind == kind).map(|line| line.unblended).sum()
        };
        assert_eq!(of(ChargeKind::Credit), Money::from_micro(-5_250_000), "{form:?}");
        assert_eq!(of(ChargeKind::Tax), Money::from_micro(7_750_000), "{form:?}");
        assert_eq!(of(ChargeKind::Usage), Money::from_pico(month.bill().total().pico()), "{form:?}");
    }
}

/// `SkuMeter` may lack the region's prefix; `RegionId` then says where it was.
#[test]
fn a_sku_meter_without_its_region_is_the_same_bill() {
    let month = month();
    let mut table = export_in(&month, BillForm::Focus12);
    let [meter, region] = ["SkuMeter", "RegionId"].map(|name| column(&table.0, &[name]));
    let mut cut = 0;
    for row in table.1.iter_mut().filter(|row| row[region] != "NULL") {
        let bare = row[meter].strip_prefix("USE1-").map(str::to_owned);
        cut += usize::from(bare.is_some());
        row[meter] = bare.unwrap_or_else(|| row[meter].clone());
    }
    assert!(cut > 100);
    let found = bill_of_table(BillForm::Focus12, &table);
    assert_eq!(differences(&bill_of(&month, BillForm::Cur2), &found), Vec::<String>::new());
}

/// Glue writes FOCUS names in lower case.
#[test]
fn focus_names_in_lower_case_are_the_same_bill() {
    let month = month();
    for form in [BillForm::Focus10, BillForm::Focus12] {
        let (header, rows) = export_in(&month, form);
        let lower: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
        let found = bill_of_table(form, &(lower, rows));
        assert_eq!(differences(&bill_of(&month, form), &found), Vec::<String>::new(), "{form:?}");
    }
}

/// The tag `team` is a column of its own in legacy reports and an entry of a map elsewhere: the same dollars have it.
#[test]
fn the_tag_is_on_the_same_dollars_in_every_form_that_has_tags() {
    let month = month();
    let key = CallerKey::Tag("team".into());
    let tagged = |form: BillForm| -> BTreeMap<String, Money> {
        let (header, rows) = export_in(&month, form);
        let reader = BillReader::new().with_labels(std::slice::from_ref(&key));
        let bill = read(form, reader, &[("1.csv", csv_text(&header, &rows).into_bytes())]);
        let mut sums = BTreeMap::<String, Money>::new();
        for line in &bill.lines {
            for (_, value) in &line.labels {
                *sums.entry(value.to_string()).or_default() += line.unblended;
            }
        }
        sums
    };
    let wanted = tagged(BillForm::Legacy);
    assert_eq!(wanted.keys().collect::<Vec<_>>(), ["policy"]);
    assert!(wanted["policy"] > Money::ZERO);
    for form in [BillForm::Cur2Flat, BillForm::LegacyUnderscore, BillForm::Focus10, BillForm::Focus12] {
        assert_eq!(tagged(form), wanted, "{form:?}");
    }
}

/// What a form can name beside the sums: principals only CUR 2.0, resources all but the bare one.
#[test]
fn a_form_names_what_it_has() {
    let month = month();
    for form in BillForm::ALL {
        let bill = bill_of(&month, form);
        let principals = matches!(form, BillForm::Cur2 | BillForm::Cur2Flat);
        assert_eq!(bill.lines.iter().any(|line| line.principal.is_some()), principals, "{form:?}");
        assert_eq!(bill.has_principals, principals, "{form:?}");
        let resources = form != BillForm::Cur2Bare;
        assert_eq!(bill.lines.iter().any(|line| line.resource.is_some()), resources, "{form:?}");
        let lists = form != BillForm::Cur2Flat;
        assert_eq!(bill.lines.iter().any(|line| line.list.is_some()), lists, "{form:?}");
        // The Marketplace gives no list price, in any form.
        let sold = bill.lines.iter().filter(|line| line.source.to_string() == "AWS Marketplace");
        assert!(sold.clone().count() > 0 && sold.clone().all(|line| line.list.is_none()), "{form:?}");
    }
}
