//! Which rows become one line: what tells rows apart is kept, what does not is left out.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use common::{Folder, Row, csv, read};
use lode_billing::{BillReader, BillingError};
use lode_model::Bill;

fn bill(rows: &[Row]) -> Bill {
    let folder = Folder::new();
    read(&[&folder.file("a.csv", &csv(rows))]).expect("a bill")
}

fn on(resource: &str) -> Row {
    Row::new().with("line_item_resource_id", resource)
}

const PROFILE: &str = "arn:aws:bedrock:us-east-1:222222222222:application-inference-profile/claims0intake";

#[test]
fn a_resource_stays_where_it_says_more_than_the_row() {
    let model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0";
    let profile = "arn:aws:bedrock:us-east-1:222222222222:inference-profile/us.amazon.nova-pro-v1:0";
    let of_model = bill(&[on(model), on(model), on(profile)]);
    assert_eq!(of_model.lines.len(), 1, "one model, whatever it ran on: {:?}", of_model.lines);
    assert_eq!((of_model.lines[0].resource.as_deref(), of_model.lines[0].rows), (None, 3));
    let of_caller = bill(&[on(model), on(PROFILE), on(PROFILE)]);
    let resources: Vec<_> = of_caller.lines.iter().map(|line| (line.resource.as_deref(), line.rows)).collect();
    assert_eq!(resources, [(Some(PROFILE), 2), (None, 1)], "the profile names no model, so it comes first");
    for (code, usage_type, resource) in [
        (
            "AmazonBedrock",
            "USE1-Guardrail-TopicPolicyUnitsConsumed",
            "arn:aws:bedrock:us-east-1:222222222222:guardrail/g",
        ),
        (
            "AmazonBedrock",
            "USE1-NovaPro-ProvisionedThroughput-NoCommit-ModelUnits",
            "arn:aws:bedrock:x:y:provisioned-model/p",
        ),
        ("AmazonBedrock", "USE1-NovaLite-output-tokens-custom-model", "arn:aws:bedrock:x:y:custom-model-deployment/d"),
        ("AmazonES", "USE1-SearchOCU", "arn:aws:aoss:us-east-1:222222222222:collection/c"),
    ] {
        let row = on(resource).with("line_item_product_code", code).with("line_item_usage_type", usage_type);
        assert_eq!(bill(&[row]).lines[0].resource.as_deref(), Some(resource), "{usage_type}");
    }
}

#[test]
fn what_is_free_does_not_bend_the_price_of_what_is_not() {
    let free = Row::new().with("line_item_unblended_cost", "0").with("pricing_public_on_demand_cost", "0");
    let found = bill(&[Row::new(), free.clone(), Row::new(), free]);
    assert_eq!(found.lines.iter().map(|line| line.rows).collect::<Vec<_>>(), [2, 2]);
    assert!(found.lines.iter().all(|line| line.quantity.is_some()));
    let free = found.lines.iter().filter(|line| line.unblended.is_zero()).count();
    assert_eq!(free, 1);
}

#[test]
fn rows_of_a_file_may_belong_to_several_periods_and_payers() {
    let row = |period: &str, payer: &str| {
        Row::new()
            .with("bill_billing_period_start_date", &format!("{period}-01T00:00:00.000Z"))
            .with("line_item_usage_start_date", &format!("{period}-02T00:00:00.000Z"))
            .with("line_item_usage_end_date", &format!("{period}-03T00:00:00.000Z"))
            .with("bill_payer_account_id", payer)
    };
    let [a, b, c] = [row("2026-09", "111111111111"), row("2026-10", "111111111111"), row("2026-10", "333333333333")];
    let rows = [a.clone(), b.clone(), a, c.clone(), b, c];
    let folder = Folder::new();
    let first = folder.file("e/e-00001.csv", &csv(&rows));
    let second = folder.file("e/e-00002.csv", &csv(&rows));
    let whole = read(&[&first, &second]).expect("a bill");
    assert_eq!(whole.lines.iter().map(|line| line.rows).sum::<u64>(), 12);
    assert_eq!(format!("{:?}", read(&[&second, &first]).expect("a bill")), format!("{whole:?}"));
    let reader = |file| {
        let mut reader = BillReader::new();
        reader.read_csv(file, &mut |_| {}).expect("a file");
        reader
    };
    for (one, other) in [(&first, &second), (&second, &first)] {
        let mut merged = reader(one);
        merged.merge(reader(other));
        assert_eq!(format!("{:?}", merged.finish().expect("a bill")), format!("{whole:?}"));
    }
    // October of one payer, once more in another folder: the rest of the file stays.
    let copy =
        folder.file("copy/e-00001.csv", &csv(&[rows[1].clone(), rows[1].clone(), rows[1].clone(), rows[1].clone()]));
    let again = read(&[&first, &second, &copy]).expect("a bill");
    assert_eq!(again.lines, whole.lines);
    assert_eq!(again.superseded, [], "every file is still used for some period");
}

#[test]
fn models_of_one_usage_type_stay_apart_in_any_order() {
    let row = |name: &str| {
        Row::new()
            .with("bill_billing_entity", "AWS Marketplace")
            .with("line_item_product_code", &format!("opaque-{}", name.len()))
            .with("line_item_usage_type", "USE1-MP:USE1_InputTokenCount-Units")
            .with("pricing_unit", "Units")
            .with("product", &format!("{{\"product_name\": \"{name} (Amazon Bedrock Edition)\"}}"))
    };
    let [a, b] = [row("Claude Opus 4.1"), row("Claude Sonnet 4.5")];
    let found = bill(&[a.clone(), b.clone(), a.clone()]);
    let models: Vec<_> = found.lines.iter().map(|line| (line.billed_as.model.as_deref(), line.rows)).collect();
    assert_eq!(models, [(Some("Claude Opus 4.1"), 2), (Some("Claude Sonnet 4.5"), 1)]);
    assert_eq!(bill(&[b, a.clone(), a]).lines, found.lines);
}

#[test]
fn the_first_row_of_a_currency_is_named_in_whatever_order_rows_come() {
    let mut reader = BillReader::new();
    let rows = [Row::new(), Row::new().with("line_item_currency_code", "CNY")];
    let columns: Vec<String> = common::batch(&rows).columns.iter().map(|column| column.name.clone()).collect();
    reader.table(std::path::Path::new("a.parquet"), &columns).expect("an export");
    for first_row in [10, 4, 8] {
        reader.push(&lode_model::RowBatch { first_row, ..common::batch(&rows) });
    }
    let fault = reader.finish().expect_err("two currencies");
    let BillingError::TwoCurrencies { row, found, .. } = &fault else { panic!("{fault}") };
    assert_eq!((*row, found.as_str()), (6, "CNY"));
}
