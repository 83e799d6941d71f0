//! FOCUS and legacy exports: what each row's dollars are, in columns of other names.

mod common;

use std::collections::BTreeSet;

use common::{COLUMNS, Folder, Row, csv, read};
use lode_billing::BillReader;
use lode_model::{Bill, BillingSource, CallerKey, ChargeKind, Class, Layer, Money, Quantity, Unit};

fn usd(text: &str) -> Money {
    Money::parse(text).expect("money")
}

const FOCUS: &str = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargeClass,\
                     ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountId,ConsumedQuantity,ConsumedUnit,EffectiveCost,\
                     ListCost,PricingQuantity,PricingUnit,PublisherName,RegionId,ResourceId,ServiceName,SubAccountId,\
                     SubAccountName,Tags,x_Operation,x_ServiceCode,x_UsageType";

/// A FOCUS row: the cells that differ from an ordinary Nova Pro input row, by column.
fn focus(cells: &[(&str, &str)]) -> String {
    let ordinary = [
        ("BilledCost", "0.80"),
        ("BillingAccountId", "111111111111"),
        ("BillingCurrency", "USD"),
        ("BillingPeriodStart", "2026-10-01 00:00:00"),
        ("ChargeCategory", "Usage"),
        ("ChargePeriodStart", "2026-10-01 00:00:00"),
        ("ChargePeriodEnd", "2026-10-02 00:00:00"),
        ("EffectiveCost", "0.80"),
        ("ListCost", "0.80"),
        ("PricingQuantity", "1000"),
        ("PricingUnit", "1K tokens"),
        ("PublisherName", "AWS"),
        ("RegionId", "us-east-1"),
        ("ServiceName", "Amazon Bedrock"),
        ("SubAccountId", "222222222222"),
        ("SubAccountName", "research"),
        ("x_ServiceCode", "AmazonBedrock"),
        ("x_UsageType", "USE1-NovaPro-input-tokens"),
    ];
    let cell = |column: &str| {
        let of = |cells: &[(&str, &str)]| cells.iter().find(|(name, _)| *name == column).map(|(_, v)| (*v).to_owned());
        let value = of(cells).or_else(|| of(&ordinary)).unwrap_or_else(|| "NULL".to_owned());
        if value.contains(['"', ',']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    };
    FOCUS.split(',').map(cell).collect::<Vec<_>>().join(",") + "\n"
}

fn bill(rows: &[String], reader: BillReader) -> Bill {
    let folder = Folder::new();
    let file = folder.file("focus.csv", format!("{FOCUS}\n{}", rows.concat()).as_bytes());
    let mut reader = reader;
    reader.read_csv(&file, &mut |_| {}).expect("a FOCUS export");
    reader.finish().expect("a bill")
}

#[test]
fn a_focus_row_is_the_line_that_a_cur_row_is() {
    let folder = Folder::new();
    let cur = read(&[folder.file("cur.csv", &csv(&[Row::new()]))]).expect("a bill");
    let focus = bill(&[focus(&[])], BillReader::new());
    assert_eq!(focus.lines, cur.lines);
    assert_eq!(focus.covered, cur.covered);
    assert_eq!(focus.account_names.values().map(AsRef::as_ref).collect::<Vec<_>>(), ["research"]);
    // Glue lower-cases the columns.
    let lower = folder.file("lower.csv", format!("{}\n{}", FOCUS.to_ascii_lowercase(), self::focus(&[])).as_bytes());
    assert_eq!(read(&[lower]).expect("a bill").lines, cur.lines);
}

#[test]
fn charge_categories_decide_what_a_row_is() {
    let plan = "arn:aws:savingsplans::111111111111:savingsplan/1";
    let ocu = [
        ("x_ServiceCode", "AmazonES"),
        ("ServiceName", "Amazon OpenSearch Service"),
        ("x_UsageType", "USE1-SearchOCU"),
        ("PricingUnit", "OCU-hours"),
    ];
    let with = |more: &[(&'static str, &'static str)]| focus(&[&ocu[..], more].concat());
    let rows = [
        focus(&[]),
        focus(&[("ChargeCategory", "Tax"), ("BilledCost", "0.07")]),
        focus(&[("ChargeCategory", "Credit"), ("BilledCost", "-0.50")]),
        focus(&[("ChargeClass", "Correction"), ("BilledCost", "-0.10")]),
        focus(&[("ChargeCategory", "Purchase"), ("BilledCost", "5")]),
        focus(&[("ChargeCategory", "Purchase"), ("BilledCost", "900"), ("CommitmentDiscountId", plan)]),
        with(&[("BilledCost", "0"), ("EffectiveCost", "4.20"), ("CommitmentDiscountId", plan)]),
    ];
    let bill = bill(&rows, BillReader::new());
    let of = |kind| bill.lines.iter().filter(|line| line.kind == kind).map(|line| line.unblended).sum::<Money>();
    assert_eq!(of(ChargeKind::Usage), usd("5.00"), "0.80 and the 4.20 that the commitment's use comes to");
    assert_eq!(of(ChargeKind::Tax), usd("0.07"));
    assert_eq!(of(ChargeKind::Credit), usd("-0.50"));
    assert_eq!(of(ChargeKind::Refund), usd("-0.10"));
    assert_eq!(of(ChargeKind::Fee), usd("5"), "the commitment's purchase is in its use");
    let covered = bill.lines.iter().find(|line| line.billed_as.layer == Layer::VectorStore).expect("covered hours");
    assert_eq!(covered.quantity, None, "paid used or not");
}

#[test]
fn a_unit_of_pricing_that_is_missing_is_that_of_consumption() {
    let row = focus(&[("PricingUnit", "NULL"), ("ConsumedUnit", "1M tokens"), ("ConsumedQuantity", "1")]);
    let bill = bill(&[row], BillReader::new());
    assert_eq!(bill.lines[0].quantity, Some(Quantity { steps: 1_000_000, unit: Unit::Token }));
}

#[test]
fn marketplace_rows_are_told_by_publisher_and_operation() {
    let marketplace = |publisher, operation, usage_type| {
        focus(&[
            ("ServiceName", "NULL"),
            ("x_ServiceCode", "NULL"),
            ("PublisherName", publisher),
            ("x_Operation", operation),
            ("x_UsageType", usage_type),
            ("PricingUnit", "Units"),
            ("PricingQuantity", "2.5"),
            ("BilledCost", "7.50"),
            ("ListCost", "0"),
            ("ResourceId", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6"),
        ])
    };
    let ours = bill(
        &[marketplace("Anthropic", "InvokeModelInference", "USE1-MP:USE1_InputTokenCount_Global-Units")],
        BillReader::new(),
    );
    let line = &ours.lines[0];
    assert_eq!((line.source, &line.billed_as.class), (BillingSource::AwsMarketplace, &Class::Input));
    assert_eq!(line.billed_as.model.as_deref(), Some("anthropic.claude-sonnet-4-6"));
    assert_eq!(line.quantity, Some(Quantity { steps: 2_500_000, unit: Unit::Token }));
    assert_eq!((line.unblended, line.list), (usd("7.50"), None));
}

#[test]
fn tags_and_cost_categories_are_read_where_they_were_asked_for() {
    let keys = [CallerKey::Tag("team".into()), CallerKey::CostCategory("Unit".into()), CallerKey::IamPrincipal];
    let of = |bill: &Bill| -> Vec<String> {
        let labels = bill.lines.iter().flat_map(|line| &line.labels);
        labels.map(|(key, value)| format!("{key}={value}")).collect()
    };
    let tagged = focus(&[("Tags", r#"{"user:team": "search", "other": "x"}"#)]);
    assert_eq!(of(&bill(&[tagged], BillReader::new().with_labels(&keys))), ["tag:team=search"]);

    let folder = Folder::new();
    let table = |extra: &str, value: &str| {
        let header = COLUMNS.join(",");
        let row = Row::new().0.join(",");
        let file = folder.file("cur.csv", format!("{header},{extra}\n{row},{value}\n").as_bytes());
        let mut reader = BillReader::new().with_labels(&keys);
        reader.read_csv(&file, &mut |_| {}).expect("read");
        of(&reader.finish().expect("a bill"))
    };
    let json = r#""{""user_team"": ""search""}""#;
    assert_eq!(table("resource_tags", json), ["tag:team=search"]);
    assert_eq!(table("tags", r#""{""iamPrincipal/team"": ""search""}""#), ["tag:team=search"]);
    assert_eq!(table("resource_tags_user_team", "search"), ["tag:team=search"]);
    assert_eq!(table("resourceTags/user:team", "search"), ["tag:team=search"]);
    assert_eq!(table("cost_category", r#""{""Unit"": ""A, B""}""#), ["cost-category:Unit=A, B"]);
    assert_eq!(table("costCategory/Unit", "A"), ["cost-category:Unit=A"]);
    assert_eq!(table("resource_tags", ""), [""; 0]);
}

#[test]
fn stores_of_knowledge_bases_are_read_where_they_were_named() {
    let arn = "arn:aws:rds:us-east-1:222222222222:cluster:kb";
    let aurora = |resource: &str| {
        Row::new()
            .with("line_item_product_code", "AmazonRDS")
            .with("line_item_usage_type", "USE1-Aurora:ServerlessV2Usage")
            .with("line_item_resource_id", resource)
            .with("pricing_unit", "ACU-Hr")
    };
    let folder = Folder::new();
    let file = folder.file("a.csv", &csv(&[aurora(arn), aurora("arn:aws:rds:us-east-1:222222222222:cluster:shop")]));
    let mut reader = BillReader::new().with_stores(BTreeSet::from([arn.to_owned()]));
    reader.read_csv(&file, &mut |_| {}).expect("read");
    let bill = reader.finish().expect("a bill");
    assert_eq!((bill.lines.len(), bill.rows_elsewhere), (1, 1));
    assert_eq!((bill.lines[0].source, bill.lines[0].billed_as.layer), (BillingSource::Beside, Layer::VectorStore));
    assert!(read(&[file]).expect("a bill").lines.is_empty(), "without an inventory, Aurora is the shop's");
}

#[test]
fn readers_that_share_the_files_make_one_bill() {
    let folder = Folder::new();
    let first = folder.file("a.csv", &csv(&[Row::new(), Row::new().day(2)]));
    let second = folder.file("b.csv", &csv(&[Row::new().day(3), Row::new().with("line_item_unblended_cost", "x")]));
    let alone = read(&[&first, &second]).expect("a bill");
    let mut one = BillReader::new();
    let mut other = one.beside();
    one.read_csv(&second, &mut |_| {}).expect("read");
    other.read_csv(&first, &mut |_| {}).expect("read");
    one.merge(other);
    let shared = one.finish().expect("a bill");
    assert_eq!(format!("{shared:?}"), format!("{alone:?}"));
}

#[test]
fn of_one_period_in_two_forms_the_richer_is_used() {
    let folder = Folder::new();
    let cur = folder.file("cur/BILLING_PERIOD=2026-10/a.csv", &csv(&[Row::new()]));
    let text =
        format!("{FOCUS}\n{}{}", focus(&[]), focus(&[("BillingPeriodStart", "2026-09-01"), ("BilledCost", "3")]));
    let focus = folder.file("focus/a.csv", text.as_bytes());
    let bill = read(&[&focus, &cur]).expect("a bill");
    let total: Money = bill.lines.iter().map(|line| line.unblended).sum();
    assert_eq!(total, usd("3.80"), "October from CUR 2.0, September from FOCUS");
    assert!(bill.superseded.is_empty(), "the file is used for September: {:?}", bill.superseded);
    let october = folder.file("focus/b.csv", format!("{FOCUS}\n{}", self::focus(&[])).as_bytes());
    let bill = read(&[&october, &cur]).expect("a bill");
    assert_eq!(bill.superseded.len(), 1);
    assert!(bill.superseded[0].1.contains("is taken from the CUR 2.0 in CSV of "), "{:?}", bill.superseded);
}

#[test]
fn a_form_that_has_less_is_not_preferred() {
    let folder = Folder::new();
    let cur = folder.file("cur/a.csv", &csv(&[Row::new()]));
    let later = focus(&[("ChargePeriodStart", "2026-10-20 00:00:00"), ("ChargePeriodEnd", "2026-10-21 00:00:00")]);
    let other = focus(&[("SubAccountId", "333333333333")]);
    for row in [later, other] {
        let file = folder.file("focus/a.csv", format!("{FOCUS}\n{row}").as_bytes());
        let fault = read(&[&cur, &file]).expect_err("the CUR lacks a day or an account");
        assert!(fault.to_string().contains("dollars would count twice"), "{fault}");
    }
}

#[test]
fn two_exports_in_one_folder_are_two_places() {
    let folder = Folder::new();
    let hourly = folder.file("hourly-00001.csv", &csv(&[Row::new()]));
    let daily = folder.file("daily-00001.csv", &csv(&[Row::new()]));
    let more = folder.file("daily-00002.csv", &csv(&[Row::new()]));
    let bill = read(&[&hourly, &daily]).expect("the same month twice");
    assert_eq!((bill.lines[0].unblended, bill.superseded.len()), (usd("0.80"), 1));
    let fault = read(&[&hourly, &daily, &more]).expect_err("they differ").to_string();
    assert!(fault.contains("hourly-…") && fault.contains("daily-…"), "{fault}");
}

#[test]
fn rows_without_a_date_do_not_count_twice_either() {
    let folder = Folder::new();
    let rows =
        [Row::new(), Row::new().with("line_item_usage_start_date", "n/a").with("bill_billing_period_start_date", "")];
    let rows = [rows[0].clone().with("bill_billing_period_start_date", ""), rows[1].clone()];
    let (first, second) = (folder.file("a/x.csv", &csv(&rows)), folder.file("b/x.csv", &csv(&rows)));
    let bill = read(&[&first, &second]).expect("the same month twice");
    assert_eq!(bill.lines.iter().map(|line| line.unblended).sum::<Money>(), usd("1.60"));
}

#[test]
fn without_usage_types_the_dollars_are_kept_and_it_is_said() {
    let folder = Folder::new();
    let cut = |line: &str| line.rsplit_once(',').expect("columns").0.to_owned() + "\n";
    let text = format!("{}{}", cut(FOCUS), cut(&focus(&[])));
    let bill = read(&[folder.file("plain.csv", text.as_bytes())]).expect("a FOCUS export without AWS' columns");
    assert_eq!((bill.lines[0].unblended, bill.lines[0].billed_as.layer), (usd("0.80"), Layer::Unclassified));
    assert_eq!(bill.rejected.len(), 1);
    assert!(bill.rejected[0].expected.contains("what was metered is not known"), "{:?}", bill.rejected);
}
