//! The same bill in every form that AWS exports: CUR 2.0 as its customers cut it, legacy reports, FOCUS. One source of
//! rows, `cur`; here are only the names of the columns and what stands in them.
//!
//! Sources: AWS' CUR 2.0, legacy and FOCUS 1.0 and 1.2 table dictionaries and the column lists of AWS'
//! data-exports-aggregation template (2026-07-23).

use crate::cur::{COLUMNS, PAYER_NAME, PERIOD, Row, cells, record, rows};
use crate::{Estate, focus};

/// A form in which AWS exports a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BillForm {
    /// CUR 2.0 with the `product` map, as [`Estate::files`] hands it out.
    Cur2,
    /// CUR 2.0 as somebody's SQL may leave it: `product_product_name` in place of the map, other columns dropped,
    /// another order.
    Cur2Flat,
    /// CUR 2.0 without resources and without principals, which both have to be asked for.
    Cur2Bare,
    /// A legacy report's CSV: `lineItem/UsageType`, `resourceTags/user:team`. It knows no principals.
    Legacy,
    /// A legacy report as Athena has it: `line_item_usage_type`, `resource_tags_user_team`.
    LegacyUnderscore,
    /// FOCUS 1.0 with AWS columns. It knows no principals, and the Marketplace's rows have no service.
    Focus10,
    /// FOCUS 1.2 with AWS columns: the usage type has become `SkuMeter`.
    Focus12,
}

impl BillForm {
    /// Every form.
    pub const ALL: [Self; 7] = [
        Self::Cur2,
        Self::Cur2Flat,
        Self::Cur2Bare,
        Self::Legacy,
        Self::LegacyUnderscore,
        Self::Focus10,
        Self::Focus12,
    ];
}

/// A column of a form: its name, and its cell of a row.
pub(crate) type Column = (&'static str, fn(&Row) -> String);

/// The bill in a form: the names of its columns, and its rows. The rows are the same in every form, in the same order;
/// every cell is text as a CSV export has it, an unknown one empty (`NULL` in FOCUS).
#[must_use]
pub fn export_in(estate: &Estate, form: BillForm) -> (Vec<String>, Vec<Vec<String>>) {
    let rows = rows(estate);
    let columns = match form {
        BillForm::Cur2 => {
            let cells = rows.iter().map(|row| cells(row).to_vec());
            return (COLUMNS.map(str::to_owned).to_vec(), cells.collect());
        }
        BillForm::Cur2Flat => FLAT,
        BillForm::Cur2Bare => BARE,
        BillForm::Legacy => LEGACY,
        BillForm::LegacyUnderscore => UNDERSCORE,
        BillForm::Focus10 => &focus::columns(focus::Version::V1_0),
        BillForm::Focus12 => &focus::columns(focus::Version::V1_2),
    };
    let header = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    (header, rows.iter().map(|row| columns.iter().map(|(_, cell)| cell(row)).collect()).collect())
}

/// The CSV text of a header and rows.
#[must_use]
pub fn csv_text(header: &[String], rows: &[Vec<String>]) -> String {
    std::iter::once(record(header)).chain(rows.iter().map(|row| record(row))).collect()
}

fn entity(row: &Row) -> String {
    if row.marketplace { "AWS Marketplace" } else { "AWS" }.to_owned()
}

fn payer(_: &Row) -> String {
    crate::apps::PAYER.to_owned()
}

fn period_start(_: &Row) -> String {
    PERIOD.0.to_owned()
}

fn period_end(_: &Row) -> String {
    PERIOD.1.to_owned()
}

fn usage(_: &Row) -> String {
    "Usage".to_owned()
}

fn dollars(_: &Row) -> String {
    "USD".to_owned()
}

const FLAT: &[Column] = &[
    ("line_item_unblended_cost", |row| row.cost.clone()),
    ("line_item_usage_amount", |row| row.amount.clone()),
    ("pricing_unit", |row| row.unit.to_owned()),
    ("line_item_usage_start_date", |row| row.start.clone()),
    ("line_item_usage_account_id", |row| row.account.to_owned()),
    ("line_item_product_code", |row| row.product_code.to_owned()),
    ("product_product_name", |row| row.product_name.to_owned()),
    ("line_item_usage_type", |row| row.usage_type.clone()),
    ("line_item_resource_id", |row| row.resource.clone()),
    ("line_item_iam_principal", |row| row.principal.clone()),
    ("line_item_line_item_type", usage),
    ("line_item_currency_code", dollars),
    ("bill_billing_entity", entity),
    ("bill_payer_account_id", payer),
    ("resource_tags", |row| match row.team {
        "" => String::new(),
        team => format!(r#"{{"user_team":"{team}"}}"#),
    }),
];

const BARE: &[Column] = &[
    ("bill_billing_entity", entity),
    ("bill_billing_period_start_date", period_start),
    ("bill_payer_account_id", payer),
    ("bill_payer_account_name", |_| PAYER_NAME.to_owned()),
    ("line_item_usage_account_id", |row| row.account.to_owned()),
    ("line_item_line_item_type", usage),
    ("line_item_usage_start_date", |row| row.start.clone()),
    ("line_item_usage_end_date", |row| row.end.clone()),
    ("line_item_product_code", |row| row.product_code.to_owned()),
    ("line_item_usage_type", |row| row.usage_type.clone()),
    ("line_item_operation", |row| row.operation.to_owned()),
    ("line_item_usage_amount", |row| row.amount.clone()),
    ("line_item_currency_code", dollars),
    ("line_item_unblended_cost", |row| row.cost.clone()),
    ("pricing_unit", |row| row.unit.to_owned()),
    ("pricing_public_on_demand_cost", |row| row.list.clone()),
    ("product", |row| format!(r#"{{"product_name":"{}"}}"#, row.product_name)),
    ("product_region_code", |row| row.region.to_owned()),
];

/// In the order of a legacy report. Its dates have no fractions of a second.
const LEGACY: &[Column] = &[
    ("identity/LineItemId", |row| row.id.clone()),
    ("identity/TimeInterval", |row| format!("{}/{}", whole(&row.start), whole(&row.end))),
    ("bill/BillingEntity", entity),
    ("bill/BillType", |_| "Anniversary".to_owned()),
    ("bill/PayerAccountId", payer),
    ("bill/BillingPeriodStartDate", |_| whole(PERIOD.0)),
    ("bill/BillingPeriodEndDate", |_| whole(PERIOD.1)),
    ("lineItem/UsageAccountId", |row| row.account.to_owned()),
    ("lineItem/LineItemType", usage),
    ("lineItem/UsageStartDate", |row| whole(&row.start)),
    ("lineItem/UsageEndDate", |row| whole(&row.end)),
    ("lineItem/ProductCode", |row| row.product_code.to_owned()),
    ("lineItem/UsageType", |row| row.usage_type.clone()),
    ("lineItem/Operation", |row| row.operation.to_owned()),
    ("lineItem/ResourceId", |row| row.resource.clone()),
    ("lineItem/UsageAmount", |row| row.amount.clone()),
    ("lineItem/CurrencyCode", dollars),
    ("lineItem/UnblendedCost", |row| row.cost.clone()),
    ("lineItem/LineItemDescription", |row| format!("synthetic: {}", row.usage_type)),
    ("product/ProductName", |row| row.product_name.to_owned()),
    ("product/region", |row| row.region.to_owned()),
    ("product/servicecode", service_code),
    ("pricing/publicOnDemandCost", |row| row.list.clone()),
    ("pricing/term", |_| "OnDemand".to_owned()),
    ("pricing/unit", |row| row.unit.to_owned()),
    ("reservation/EffectiveCost", |_| String::new()),
    ("savingsPlan/SavingsPlanEffectiveCost", |_| String::new()),
    ("resourceTags/user:team", |row| row.team.to_owned()),
];

const UNDERSCORE: &[Column] = &[
    ("identity_line_item_id", |row| row.id.clone()),
    ("identity_time_interval", |row| format!("{}/{}", whole(&row.start), whole(&row.end))),
    ("bill_billing_entity", entity),
    ("bill_bill_type", |_| "Anniversary".to_owned()),
    ("bill_payer_account_id", payer),
    ("bill_billing_period_start_date", period_start),
    ("bill_billing_period_end_date", period_end),
    ("line_item_usage_account_id", |row| row.account.to_owned()),
    ("line_item_line_item_type", usage),
    ("line_item_usage_start_date", |row| row.start.clone()),
    ("line_item_usage_end_date", |row| row.end.clone()),
    ("line_item_product_code", |row| row.product_code.to_owned()),
    ("line_item_usage_type", |row| row.usage_type.clone()),
    ("line_item_operation", |row| row.operation.to_owned()),
    ("line_item_resource_id", |row| row.resource.clone()),
    ("line_item_usage_amount", |row| row.amount.clone()),
    ("line_item_currency_code", dollars),
    ("line_item_unblended_cost", |row| row.cost.clone()),
    ("line_item_line_item_description", |row| format!("synthetic: {}", row.usage_type)),
    ("product_product_name", |row| row.product_name.to_owned()),
    ("product_region", |row| row.region.to_owned()),
    ("product_servicecode", service_code),
    ("pricing_public_on_demand_cost", |row| row.list.clone()),
    ("pricing_term", |_| "OnDemand".to_owned()),
    ("pricing_unit", |row| row.unit.to_owned()),
    ("reservation_effective_cost", |_| String::new()),
    ("savings_plan_savings_plan_effective_cost", |_| String::new()),
    ("resource_tags_user_team", |row| row.team.to_owned()),
];

/// A time of CUR 2.0 as legacy reports write it.
fn whole(time: &str) -> String {
    time.replace(".000Z", "Z")
}

/// The service of a row; the Marketplace has none.
fn service_code(row: &Row) -> String {
    if row.marketplace { String::new() } else { row.product_code.to_owned() }
}
