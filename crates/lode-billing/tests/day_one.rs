//! The synthetic month of `testdata/exports/day-one`, read from its files and compared with sums made by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_billing::BillReader;
use lode_model::{AccountId, Bill, BillLine, ChargeKind, Loss, Money, Region};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    first_day: String,
    last_day: String,
    rows_read: u64,
    rows_elsewhere: u64,
    rows_not_counted: usize,
    total: BTreeMap<String, String>,
    by_source: BTreeMap<String, String>,
    by_layer: BTreeMap<String, String>,
    line: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    source: String,
    model: Option<String>,
    class: String,
    mode: String,
    quantity: Option<i128>,
    dollars: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/exports/day-one")
}

fn expected() -> Expected {
    let text = std::fs::read_to_string(folder().join("expected.toml")).expect("expected.toml");
    toml::from_str(&text).expect("expected.toml is well formed")
}

/// The bill, its files read in this order.
fn bill(chunks: [u8; 2]) -> Bill {
    let mut reader = BillReader::new();
    for chunk in chunks {
        let file = folder().join(format!("data/BILLING_PERIOD=2026-10/day-one-0000{chunk}.csv.gz"));
        reader.read_csv(&file, &mut |_| {}).expect("a chunk of the export");
    }
    reader.finish().expect("a bill")
}

fn usage(bill: &Bill) -> impl Iterator<Item = &BillLine> {
    bill.lines.iter().filter(|line| line.kind == ChargeKind::Usage)
}

/// Dollars of the usage lines, to the cent, by a word of theirs.
fn by<'a>(bill: &'a Bill, word: impl Fn(&'a BillLine) -> &'a str) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for line in usage(bill) {
        *sums.entry(word(line).to_owned()).or_default() += line.unblended;
    }
    sums.into_iter().map(|(word, sum)| (word, sum.to_decimal(2))).collect()
}

#[test]
fn totals_are_what_a_person_adds_up() {
    let (bill, expected) = (bill([1, 2]), expected());
    assert_eq!((bill.rows_read, bill.rows_elsewhere), (expected.rows_read, expected.rows_elsewhere));
    let (told, lost): (Vec<_>, Vec<_>) = bill.rejected.iter().partition(|note| note.loss == Loss::Nothing);
    assert_eq!(lost.len(), expected.rows_not_counted, "{lost:?}");
    // A row without a unit is counted, and that it was is said.
    assert_eq!(told.iter().map(|note| note.found.as_str()).collect::<Vec<_>>(), ["no unit"]);
    assert_eq!(lost[0].kept.map(|kept| kept.to_decimal(2)).as_deref(), Some("12.34"));
    let covered = bill.covered.expect("days");
    assert_eq!((covered.first.to_string(), covered.last.to_string()), (expected.first_day, expected.last_day));
    assert_eq!(by(&bill, |line| line.source.as_str()), expected.by_source);
    assert_eq!(by(&bill, |line| line.billed_as.layer.as_str()), expected.by_layer);
    for (word, kind) in [("usage", ChargeKind::Usage), ("tax", ChargeKind::Tax), ("credit", ChargeKind::Credit)] {
        let sum: Money = bill.lines.iter().filter(|line| line.kind == kind).map(|line| line.unblended).sum();
        assert_eq!(Some(&sum.to_decimal(2)), expected.total.get(word), "{word}");
    }
}

#[test]
fn every_model_and_class_is_what_a_person_adds_up() {
    let bill = bill([1, 2]);
    let mut left: Vec<&BillLine> = usage(&bill).collect();
    for line in expected().line {
        let (found, rest): (Vec<&BillLine>, Vec<&BillLine>) = left.into_iter().partition(|other| {
            other.source.as_str() == line.source
                && other.billed_as.model.as_deref() == line.model.as_deref()
                && other.billed_as.class.as_str() == line.class
                && other.billed_as.mode.as_str() == line.mode
        });
        left = rest;
        let what = format!("{} {:?} {} {}", line.source, line.model, line.class, line.mode);
        let dollars: Money = found.iter().map(|line| line.unblended).sum();
        assert_eq!(dollars.to_decimal(2), line.dollars, "{what}");
        let counted: Vec<i128> =
            found.iter().filter_map(|line| line.quantity).map(|q| q.steps / q.unit.steps()).collect();
        assert_eq!(counted.len(), if line.quantity.is_some() { found.len() } else { 0 }, "{what}");
        assert_eq!(counted.iter().sum::<i128>(), line.quantity.unwrap_or(0), "{what}");
        let lists = found.iter().filter(|line| line.list.is_some()).count();
        assert_eq!(lists == 0, line.source == "AWS Marketplace", "{what}: a list price");
    }
    assert_eq!(left, Vec::<&BillLine>::new(), "lines that nobody expected");
}

#[test]
fn callers_accounts_and_regions_are_kept() {
    let bill = bill([1, 2]);
    assert!(bill.has_principals && !bill.has_net);
    let with = |part: &str| -> Vec<&BillLine> { usage(&bill).filter(|line| line.usage_type.contains(part)).collect() };
    let role = "arn:aws:sts::222222222222:assumed-role/research-agents/run-7";
    assert!(with("Claude4.6Sonnet").iter().all(|line| line.principal.as_deref() == Some(role)));
    assert!(with("Nova2.0Lite").iter().all(|line| line.principal.is_none()), "the text NULL names nobody");
    let opus = with("USW2-MP:");
    assert!(opus.iter().all(|line| line.account == AccountId::from("111111111111")));
    assert!(opus.iter().all(|line| line.region == Region::from("us-west-2")), "the prefix tells");
    let profile = "arn:aws:bedrock:us-east-1:222222222222:application-inference-profile/claims0intake";
    assert!(with("USE1-MP:").iter().all(|line| line.resource.as_deref() == Some(profile)));
    // Four hourly rows are one day's line.
    let hourly: Vec<u64> = with("NovaPro-input-tokens").iter().map(|line| line.rows).filter(|rows| *rows > 1).collect();
    assert_eq!(hourly, [4]);
}

#[test]
fn the_order_of_files_does_not_show() {
    let (one, two) = (bill([1, 2]), bill([2, 1]));
    assert_eq!(one.lines, two.lines);
    assert_eq!(one.files, two.files);
    assert_eq!(one.rejected, two.rejected);
}
