//! What the reader makes of good rows.

mod common;

use common::{COLUMNS, Folder, Row, batch, bill, csv, gzip, read};
use jiff::civil::date;
use lode_billing::{BillReader, Form, recognise};
use lode_model::{
    AccountId, Bill, BillLine, BillingSource, Cell, ChargeKind, Class, Money, Quantity, Region, Span, Unit,
};
use proptest::prelude::*;

fn usd(text: &str) -> Money {
    Money::parse(text).expect("money")
}

fn tokens(steps: i128) -> Option<Quantity> {
    Some(Quantity { steps, unit: Unit::Token })
}

fn only(bill: &Bill) -> &BillLine {
    assert_eq!(bill.lines.len(), 1, "{:?}", bill.lines);
    &bill.lines[0]
}

#[test]
fn a_row_becomes_a_line() {
    let bill = bill(&[Row::new()
        .with("line_item_resource_id", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0")
        .with("line_item_iam_principal", "arn:aws:iam::222222222222:user/ana")]);
    let line = only(&bill);
    assert_eq!(line.span, Span::day(date(2026, 10, 1)));
    assert_eq!(line.account, AccountId::from("222222222222"));
    assert_eq!(line.region, Region::from("us-east-1"));
    assert_eq!(line.source, BillingSource::AmazonBedrock);
    assert_eq!(line.usage_type.as_ref(), "USE1-NovaPro-input-tokens");
    assert_eq!(line.billed_as.class, Class::Input);
    assert_eq!(line.billed_as.model.as_deref(), Some("amazon.nova-pro-v1:0"));
    assert_eq!(line.kind, ChargeKind::Usage);
    assert_eq!(line.principal.as_deref(), Some("arn:aws:iam::222222222222:user/ana"));
    assert_eq!(line.quantity, tokens(1_000_000));
    assert_eq!((line.unblended, line.net, line.list, line.rows), (usd("0.80"), None, Some(usd("0.80")), 1));
    assert_eq!(bill.covered, Some(Span::day(date(2026, 10, 1))));
    assert_eq!(bill.currencies, [("USD".to_owned(), 1)]);
    assert!(bill.has_principals && !bill.has_net);
    assert_eq!((bill.rows_read, bill.rows_elsewhere, bill.rejected.len(), bill.rejected_more), (1, 0, 0, 0));
}

#[test]
fn figures_published_by_aws_come_out() {
    let row = |usage_type: &str, amount: &str, cost: &str| {
        Row::new()
            .with("line_item_product_code", "AmazonBedrockService")
            .with("line_item_usage_type", usage_type)
            .with("line_item_usage_amount", amount)
            .with("line_item_unblended_cost", cost)
    };
    let bill = bill(&[
        row("USW2-Claude4.6Sonnet-input-tokens", "29.481", "0.0972873"),
        row("USW2-Claude4.6Sonnet-output-tokens", "31.102", "0.513183"),
        row("USW2-Claude4.6Sonnet-cache-read-input-token-count", "5372.659", "1.77297747"),
        row("USW2-Claude4.6Sonnet-cache-write-input-token-count", "433.893", "1.789808625"),
    ]);
    let mut found: Vec<(Class, Option<Quantity>)> =
        bill.lines.iter().map(|line| (line.billed_as.class.clone(), line.quantity)).collect();
    found.sort();
    let expected = [
        (Class::Input, tokens(29_481)),
        (Class::Output, tokens(31_102)),
        (Class::CacheRead, tokens(5_372_659)),
        (Class::CacheWrite(lode_model::Ttl::FiveMinutes), tokens(433_893)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn units_may_change_within_a_month() {
    let bill = bill(&[
        Row::new().with("line_item_usage_amount", "1500"),
        Row::new().with("line_item_usage_amount", "1.5").with("pricing_unit", "1M tokens"),
        Row::new().with("line_item_usage_amount", "1500").with("pricing_unit", ""),
    ]);
    assert_eq!((only(&bill).quantity, only(&bill).rows), (tokens(4_500_000), 3));
}

#[test]
fn the_marketplace_counts_in_millions_and_gives_no_list_price() {
    let row = Row::new()
        .with("bill_billing_entity", "AWS Marketplace")
        .with("line_item_product_code", "4a524th30q694o538qndh9ucht")
        .with("line_item_usage_type", "USW2-MP:USW2_InputTokenCount_Global-Units")
        .with("line_item_usage_amount", "2.5")
        .with("line_item_unblended_cost", "7.50")
        .with("pricing_unit", "Units")
        .with("pricing_public_on_demand_cost", "0")
        .with("product_region_code", "");
    for product in [
        r#"{"product_name":"Claude Sonnet 4.6 (Amazon Bedrock Edition)","region":"us-west-2"}"#,
        "{region=us-west-2, product_name=Claude Sonnet 4.6 (Amazon Bedrock Edition)}",
    ] {
        let bill = bill(&[row.clone().with("product", product)]);
        let line = only(&bill);
        assert_eq!(line.source, BillingSource::AwsMarketplace);
        assert_eq!(line.billed_as.model.as_deref(), Some("Claude Sonnet 4.6"));
        assert_eq!((line.quantity, line.list, line.region.as_str()), (tokens(2_500_000), None, "us-west-2"));
    }
    let bill = bill(&[row.clone(), row.with("product", r#"{"product_name":"Some Firewall"}"#)]);
    assert_eq!((only(&bill).billed_as.model.as_deref(), bill.rows_elsewhere), (None, 1));
}

#[test]
fn a_flattened_product_name_serves_as_well() {
    let folder = Folder::new();
    let text = String::from_utf8(csv(&[Row::new()
        .with("bill_billing_entity", "AWS Marketplace")
        .with("line_item_usage_type", "EU-MP:EU_OutputTokenCount-Units")
        .with("product_region_code", "")
        .with("product", "Claude Opus 4.1 (Amazon Bedrock Edition)")]))
    .expect("text")
    .replacen(",product\n", ",product_product_name\n", 1);
    let bill = read(&[folder.file("a.csv", text.as_bytes())]).expect("a bill");
    assert_eq!(only(&bill).billed_as.model.as_deref(), Some("Claude Opus 4.1"));
    assert_eq!(only(&bill).region.as_str(), "eu-west-1");
}

#[test]
fn line_types_decide_what_a_row_is() {
    for (line_type, kind) in [
        ("", ChargeKind::Usage),
        ("NULL", ChargeKind::Usage),
        ("Usage", ChargeKind::Usage),
        ("FlatRateSubscription", ChargeKind::Usage),
        ("Fee", ChargeKind::Fee),
        ("EdpDiscount", ChargeKind::Discount),
        ("PrivateRateDiscount", ChargeKind::Discount),
        ("BundledDiscount", ChargeKind::Discount),
        ("Credit", ChargeKind::Credit),
        ("Refund", ChargeKind::Refund),
        ("Tax", ChargeKind::Tax),
    ] {
        let bill =
            bill(&[Row::new().with("line_item_line_item_type", line_type).with("line_item_unblended_cost", "-1")]);
        let line = only(&bill);
        assert_eq!((line.kind, line.unblended), (kind, usd("-1")), "{line_type}");
        assert_eq!(line.quantity.is_some(), kind == ChargeKind::Usage, "{line_type}");
        assert_eq!(bill.rejected, [], "{line_type}");
    }
    let bill = bill(&[Row::new().with("line_item_line_item_type", "Surprise")]);
    assert_eq!((only(&bill).kind, only(&bill).quantity), (ChargeKind::Fee, None));
    assert_eq!(bill.rejected[0].column.as_deref(), Some("line_item_line_item_type"));
}

#[test]
fn savings_plans_count_once_at_their_effective_cost() {
    let folder = Folder::new();
    let row = |line_type: &str, cost: &str| {
        Row::new()
            .with("line_item_product_code", "AmazonES")
            .with("line_item_usage_type", "USE1-SearchOCU")
            .with("pricing_unit", "OCU-hours")
            .with("line_item_usage_amount", "24")
            .with("line_item_line_item_type", line_type)
            .with("line_item_unblended_cost", cost)
    };
    // The region column is renamed to hold the effective cost.
    let rows = [
        row("SavingsPlanCoveredUsage", "5.76").with("product_region_code", "4.00"),
        row("SavingsPlanNegation", "-5.76").with("product_region_code", ""),
    ];
    let text = String::from_utf8(csv(&rows)).expect("text");
    let text = text.replacen("product_region_code", "savings_plan_savings_plan_effective_cost", 1);
    let with_column = read(&[folder.file("a.csv", text.as_bytes())]).expect("a bill");
    let line = only(&with_column);
    assert_eq!((line.unblended, line.kind, line.list), (usd("4.00"), ChargeKind::Usage, Some(usd("0.80"))));
    assert!(line.committed);
    // The commitment is paid whether the hours are used or not: no edit may save them.
    assert_eq!(line.quantity, None);
    assert_eq!((with_column.rows_read, with_column.rejected.len()), (2, 0));

    let without = bill(&[row("SavingsPlanCoveredUsage", "5.76"), row("SavingsPlanCoveredUsage", "5.76").day(2)]);
    assert_eq!(without.lines.iter().map(|line| line.unblended).sum::<Money>(), usd("11.52"));
    assert_eq!(without.rejected.len(), 1, "said once: {:?}", without.rejected);
}

#[test]
fn net_costs_are_kept_where_they_are() {
    let folder = Folder::new();
    let rows = [
        Row::new().with("pricing_public_on_demand_cost", "0.72"),
        Row::new().with("pricing_public_on_demand_cost", ""),
    ];
    let text = String::from_utf8(csv(&rows)).expect("text");
    let text = text.replacen("pricing_public_on_demand_cost", "line_item_net_unblended_cost", 1);
    let bill = read(&[folder.file("a.csv", text.as_bytes())]).expect("a bill");
    assert!(bill.has_net);
    let found: Vec<_> = bill.lines.iter().map(|line| (line.unblended, line.net, line.list)).collect();
    assert_eq!(found, [(usd("0.80"), None, None), (usd("0.80"), Some(usd("0.72")), None)]);
}

#[test]
fn spans_are_utc_days() {
    let at = |start: &str, end: &str| {
        let rows = [Row::new().with("line_item_usage_start_date", start).with("line_item_usage_end_date", end)];
        only(&bill(&rows)).span
    };
    let (first, last) = (date(2026, 10, 1), date(2026, 10, 31));
    assert_eq!(at("2026-10-01T23:00:00.000Z", "2026-10-02T00:00:00.000Z"), Span::day(first));
    assert_eq!(at("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z"), Span { first, last });
    assert_eq!(at("2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z"), Span { first, last });
    assert_eq!(at("2026-10-01 00:00:00", ""), Span::day(first));
    assert_eq!(at("2026-10-01", "2026-09-01"), Span::day(first), "an end before the start is none");
}

#[test]
fn the_days_covered_are_those_of_all_services() {
    let other = Row::new().with("line_item_product_code", "AmazonEC2").day(7);
    let tax =
        Row::new().with("line_item_line_item_type", "Tax").with("line_item_usage_end_date", "2026-11-01T00:00:00.000Z");
    let bill = bill(&[Row::new().day(3), other, tax]);
    let span = |first, last| Some(Span { first: date(2026, 10, first), last: date(2026, 10, last) });
    assert_eq!(bill.covered, span(1, 7));
    assert_eq!((bill.rows_read, bill.rows_elsewhere), (3, 1));
    let monthly = Row::new().with("line_item_usage_end_date", "2026-11-01T00:00:00.000Z");
    assert_eq!(common::bill(&[monthly]).covered, span(1, 31));
    let no_period = Row::new().with("bill_billing_period_start_date", "");
    assert_eq!(common::bill(&[no_period.clone().day(4), no_period.day(9)]).covered, span(4, 9));
}

#[test]
fn only_six_columns_are_required() {
    let folder = Folder::new();
    let text = "line_item_usage_start_date,line_item_usage_account_id,line_item_product_code,line_item_usage_type,\
                line_item_usage_amount,line_item_unblended_cost\n\
                2026-10-05 00:00:00,222222222222,AmazonBedrock,USE1-NovaPro-output-tokens,10,0.032\n\
                2026-10-05 00:00:00,222222222222,opaque,USE1-MP:USE1_OutputTokenCount-Units,10,150\n\
                2026-10-06 00:00:00,222222222222,AmazonEC2,USE1-BoxUsage:m5.large,24,2.3\n";
    let bill = read(&[folder.file("a.csv", text.as_bytes())]).expect("a bill");
    let found: Vec<_> = bill.lines.iter().map(|line| (line.source, line.quantity, line.region.as_str())).collect();
    let expected = [
        (BillingSource::AmazonBedrock, tokens(10_000), "us-east-1"),
        (BillingSource::AwsMarketplace, tokens(10_000_000), "us-east-1"),
    ];
    assert_eq!(found, expected);
    assert_eq!((bill.rows_elsewhere, bill.currencies.len(), bill.has_principals), (1, 0, false));
    assert_eq!(bill.covered, Some(Span { first: date(2026, 10, 5), last: date(2026, 10, 6) }));
}

#[test]
fn plain_gzip_and_many_members_read_alike() {
    let folder = Folder::new();
    let rows = [Row::new(), Row::new().day(2)];
    let text = csv(&rows);
    let (head, tail) = text.split_at(text.len() / 2);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(&text);
    let plain = read(&[folder.file("a.csv", &text)]).expect("plain");
    for (name, bytes) in [
        ("named-otherwise.csv", gzip(&text)),
        ("members.csv.gz", [gzip(head), gzip(tail)].concat()),
        ("marked.csv", marked.clone()),
        ("marked.csv.gz", gzip(&marked)),
        ("windows.csv", String::from_utf8(text.clone()).expect("text").replace('\n', "\r\n").into_bytes()),
    ] {
        let mut seen = Vec::new();
        let mut reader = BillReader::new();
        let path = folder.file(name, &bytes);
        reader.read_csv(&path, &mut |bytes| seen.push(bytes)).expect(name);
        let bill = reader.finish().expect(name);
        assert_eq!((bill.lines, bill.rejected), (plain.lines.clone(), vec![]), "{name}");
        assert_eq!(seen.last().copied(), Some(bytes.len() as u64), "{name}: progress is in bytes of the file");
    }
}

#[test]
fn batches_read_as_csv_does() {
    let folder = Folder::new();
    let marketplace = Row::new()
        .with("bill_billing_entity", "AWS Marketplace")
        .with("line_item_usage_type", "EU-MP:EU_OutputTokenCount-Units");
    let rows =
        [Row::new(), marketplace.with("product", r#"{"product_name":"Claude Opus 4.1 (Amazon Bedrock Edition)"}"#)];
    let expected = read(&[folder.file("a.csv", &csv(&rows))]).expect("a bill");

    let mut typed = batch(&rows);
    typed.first_row = 70_000;
    for column in &mut typed.columns {
        for cell in &mut column.cells {
            let Cell::Text(text) = cell.clone() else { continue };
            *cell = match column.name.as_str() {
                "line_item_unblended_cost" | "line_item_usage_amount" => Cell::Float(text.parse().expect("a number")),
                "line_item_usage_start_date" | "bill_billing_period_start_date" => Cell::Micros(1_790_812_800_000_000),
                "line_item_usage_end_date" => Cell::Micros(1_790_899_200_000_000),
                "line_item_usage_account_id" => Cell::Int(222_222_222_222),
                "product" => {
                    Cell::Map(vec![("product_name".into(), "Claude Opus 4.1 (Amazon Bedrock Edition)".into())])
                }
                _ => continue,
            };
        }
    }
    let mut reader = BillReader::new();
    let mut columns: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    columns.insert(0, "identity_line_item_id".to_owned());
    let wanted = reader.table(&folder.path("a.parquet"), &columns).expect("a table");
    assert_eq!(wanted.columns, COLUMNS, "only known columns are wanted, in the file's order");
    typed.columns.reverse();
    reader.push(&typed);
    let bill = reader.finish().expect("a bill");
    assert_eq!(bill.lines, expected.lines);
    assert_eq!((bill.covered, bill.rows_read, bill.rejected), (expected.covered, 2, vec![]));
}

#[test]
fn recognised_forms() {
    assert_eq!(recognise(&COLUMNS), Form::Cur2);
    assert_eq!(recognise(&["lineItem/UsageType", "lineItem/ProductCode"]), Form::LegacyCur);
}

/// Rows that differ in what matters: day, type, model, amounts, unit, and some that cannot be used.
fn any_row() -> impl Strategy<Value = Row> {
    let usage = prop::sample::select(vec![
        "USE1-NovaPro-input-tokens",
        "USE1-NovaPro-output-tokens",
        "EU-Claude4.6Sonnet-cache-read-input-token-count",
        "ZZZ9-NovaPro-input-tokens",
        "USE1-Quantum-Frobnications",
    ]);
    let amount = prop::sample::select(vec!["1", "2.5", "0.001", "-3", "x", "1e40"]);
    let kind = prop::sample::select(vec!["Usage", "Credit", "EdpDiscount", "Odd"]);
    let start = prop::sample::select(vec!["", "2026-10-05T00:00:00Z"]);
    (usage, amount, kind, start, 1_u8..=31, 0_u8..3).prop_map(|(usage, amount, kind, start, day, caller)| {
        let mut row = Row::new()
            .day(day)
            .with("line_item_usage_type", usage)
            .with("line_item_usage_amount", amount)
            .with("line_item_unblended_cost", if caller == 2 { amount } else { "0.7" })
            .with("line_item_line_item_type", kind)
            .with("product_region_code", "")
            .with("line_item_iam_principal", ["", "arn:aws:iam::222222222222:user/ana", "NULL"][usize::from(caller)]);
        if start.is_empty() && caller == 1 {
            row = row.with("line_item_usage_start_date", "sometime");
        }
        row
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_order_of_rows_and_files_gives_the_same_bill(
        rows in prop::collection::vec(any_row(), 1..40),
        keys in prop::collection::vec(any::<u16>(), 40),
        cut in 0_usize..40,
    ) {
        let rows: Vec<Row> = std::iter::once(Row::new()).chain(rows).collect();
        let mut shuffled: Vec<(u16, Row)> = keys.iter().copied().chain(std::iter::repeat(0)).zip(rows.clone()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<Row> = shuffled.into_iter().map(|(_, row)| row).collect();
        let (one, two) = shuffled.split_at(cut.min(shuffled.len()));
        let folder = Folder::new();
        let whole = read(&[folder.file("whole/a.csv", &csv(&rows))]).expect("a bill");
        let files = [folder.file("parts/b.csv", &csv(two)), folder.file("parts/a.csv.gz", &gzip(&csv(one)))];
        let parts = read(&files).expect("a bill");
        prop_assert_eq!(&whole.lines, &parts.lines);
        prop_assert_eq!(whole.covered, parts.covered);
        prop_assert_eq!(&whole.currencies, &parts.currencies);
        prop_assert_eq!(whole.rows_read, parts.rows_read);
        prop_assert_eq!(whole.rejected.len(), parts.rejected.len());
        let again = read(&[&files[1], &files[0]]).expect("a bill");
        prop_assert_eq!(parts.rejected, again.rejected);
        prop_assert_eq!(parts.files, again.files);
        prop_assert!(again.lines.iter().map(|line| line.rows).sum::<u64>() <= again.rows_read);
    }
}
