//! The columns of a FOCUS export with AWS columns, versions 1.0 and 1.2, and what AWS puts in them.
//!
//! Sources: AWS' table dictionaries of both versions and the column lists of AWS' data-exports-aggregation template
//! (2026-07-23); rows of the Marketplace as a public tool describes them from real exports (2026): blank service,
//! publisher `Anthropic`, list cost 0. Missing values are the text `NULL`, as in the FinOps Foundation's sample files.

use crate::apps::PAYER;
use crate::cur::{PAYER_NAME, PERIOD, Row};
use crate::forms::Column;

/// Which FOCUS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V1_0,
    V1_2,
}

/// The columns of a version, in AWS' order: by name, AWS' own last.
pub(crate) fn columns(version: Version) -> Vec<Column> {
    let of = |(since, until, name, cell): &(Version, Version, _, _)| {
        (*since..=*until).contains(&version).then_some((*name, *cell))
    };
    COLUMNS.iter().filter_map(of).collect()
}

fn null(_: &Row) -> String {
    "NULL".to_owned()
}

fn or_null(text: &str) -> String {
    if text.is_empty() { "NULL" } else { text }.to_owned()
}

fn cost(row: &Row) -> String {
    row.cost.clone()
}

fn amount(row: &Row) -> String {
    row.amount.clone()
}

fn unit(row: &Row) -> String {
    row.unit.to_owned()
}

fn usage_type(row: &Row) -> String {
    row.usage_type.clone()
}

fn region(row: &Row) -> String {
    or_null(row.region)
}

/// `text`, but nothing for the Marketplace: not even `NULL`.
fn of_aws(row: &Row, text: &str) -> String {
    if row.marketplace { String::new() } else { text.to_owned() }
}

/// First and last version with the column, its name, its cells.
type Spanned = (Version, Version, &'static str, fn(&Row) -> String);

const fn always(name: &'static str, cell: fn(&Row) -> String) -> Spanned {
    (Version::V1_0, Version::V1_2, name, cell)
}

const fn only(version: Version, name: &'static str, cell: fn(&Row) -> String) -> Spanned {
    (version, version, name, cell)
}

const COLUMNS: &[Spanned] = &[
    always("AvailabilityZone", null),
    always("BilledCost", cost),
    always("BillingAccountId", |_| PAYER.to_owned()),
    always("BillingAccountName", |_| PAYER_NAME.to_owned()),
    only(Version::V1_2, "BillingAccountType", |_| "Payer".to_owned()),
    always("BillingCurrency", |_| "USD".to_owned()),
    always("BillingPeriodEnd", |_| PERIOD.1.to_owned()),
    always("BillingPeriodStart", |_| PERIOD.0.to_owned()),
    only(Version::V1_2, "CapacityReservationId", null),
    only(Version::V1_2, "CapacityReservationStatus", null),
    always("ChargeCategory", |_| "Usage".to_owned()),
    always("ChargeClass", null),
    always("ChargeDescription", |row| format!("synthetic: {}", row.usage_type)),
    always("ChargeFrequency", |_| "Usage-Based".to_owned()),
    always("ChargePeriodEnd", |row| row.end.clone()),
    always("ChargePeriodStart", |row| row.start.clone()),
    always("CommitmentDiscountCategory", null),
    always("CommitmentDiscountId", null),
    always("CommitmentDiscountName", null),
    only(Version::V1_2, "CommitmentDiscountQuantity", null),
    always("CommitmentDiscountStatus", null),
    always("CommitmentDiscountType", null),
    only(Version::V1_2, "CommitmentDiscountUnit", null),
    always("ConsumedQuantity", amount),
    always("ConsumedUnit", unit),
    always("ContractedCost", cost),
    always("ContractedUnitPrice", null),
    always("EffectiveCost", cost),
    only(Version::V1_2, "InvoiceId", null),
    always("InvoiceIssuerName", |_| "Amazon Web Services, Inc.".to_owned()),
    always("ListCost", |row| row.list.clone()),
    always("ListUnitPrice", null),
    always("PricingCategory", |_| "Standard".to_owned()),
    only(Version::V1_2, "PricingCurrency", |_| "USD".to_owned()),
    only(Version::V1_2, "PricingCurrencyContractedUnitPrice", null),
    only(Version::V1_2, "PricingCurrencyEffectiveCost", cost),
    only(Version::V1_2, "PricingCurrencyListUnitPrice", null),
    always("PricingQuantity", amount),
    always("PricingUnit", unit),
    always("ProviderName", |_| "AWS".to_owned()),
    always("PublisherName", |row| if row.marketplace { "Anthropic" } else { "Amazon Web Services, Inc." }.to_owned()),
    always("RegionId", region),
    always("RegionName", region),
    always("ResourceId", |row| or_null(&row.resource)),
    always("ResourceName", null),
    always("ResourceType", null),
    always("ServiceCategory", |_| "AI and Machine Learning".to_owned()),
    always("ServiceName", |row| of_aws(row, row.product_name)),
    only(Version::V1_2, "ServiceSubcategory", |_| "Generative AI".to_owned()),
    always("SkuId", null),
    only(Version::V1_2, "SkuMeter", usage_type),
    only(Version::V1_2, "SkuPriceDetails", null),
    always("SkuPriceId", null),
    always("SubAccountId", |row| row.account.to_owned()),
    always("SubAccountName", |row| format!("synthetic {}", row.account)),
    only(Version::V1_2, "SubAccountType", |_| "Linked".to_owned()),
    always("Tags", |row| match row.team {
        "" => "NULL".to_owned(),
        team => format!(r#"{{"user_team":"{team}"}}"#),
    }),
    only(Version::V1_0, "x_CostCategories", null),
    always("x_Discounts", null),
    always("x_Operation", |row| row.operation.to_owned()),
    always("x_ServiceCode", |row| of_aws(row, row.product_code)),
    only(Version::V1_0, "x_UsageType", usage_type),
];
