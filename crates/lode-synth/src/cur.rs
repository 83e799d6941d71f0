//! The rows of the bill, daily, and the CUR 2.0 data export made of them: CSV, packed (AWS' data-exports and Bedrock
//! cost-data pages, copies of 2026-08). The payer buys Claude from AWS, with principals on its rows; the member buys it
//! through AWS Marketplace, whose rows have neither region, list price nor principal. What the same rows look like in
//! AWS' other exports is for `forms` to say.

use std::collections::BTreeMap;
use std::io;

use crate::Estate;
use crate::apps::{ALL, MEMBER, PAYER};
use crate::bill::{Class, Use, cost, uses};
use crate::call::Mode;
use crate::month::date;
use crate::prices::Model;
use crate::record::{goes_through, principal, through};
use crate::text::gzip;
use crate::usd::{Usd, decimal};

const PATH: &str = "bill/data/BILLING_PERIOD=2026-10/estate-00001.csv.gz";

/// Start and end of the billing period.
pub(crate) const PERIOD: (&str, &str) = ("2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z");
pub(crate) const PAYER_NAME: &str = "synthetic payer";

/// The columns of a synthetic export, as AWS names them.
pub const COLUMNS: [&str; 25] = [
    "identity_line_item_id",
    "bill_bill_type",
    "bill_billing_entity",
    "bill_billing_period_start_date",
    "bill_billing_period_end_date",
    "bill_payer_account_id",
    "bill_payer_account_name",
    "line_item_usage_account_id",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_operation",
    "line_item_resource_id",
    "line_item_iam_principal",
    "line_item_usage_amount",
    "line_item_currency_code",
    "line_item_unblended_cost",
    "line_item_line_item_description",
    "pricing_unit",
    "pricing_term",
    "pricing_public_on_demand_cost",
    "product",
    "product_region_code",
];

/// Who sells a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seller {
    Bedrock,
    BedrockService,
    Marketplace,
    OpenSearch,
    Storage,
}

/// What makes two quantities one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    used: Use,
    seller: Seller,
    operation: &'static str,
    resource: String,
    principal: String,
}

/// A row of the month, in the values that every form of export shows under names of its own.
pub(crate) struct Row {
    pub id: String,
    pub marketplace: bool,
    pub account: &'static str,
    pub start: String,
    pub end: String,
    pub product_code: &'static str,
    pub product_name: &'static str,
    pub usage_type: String,
    pub operation: &'static str,
    /// Empty where nobody is named; so with every other text.
    pub resource: String,
    pub principal: String,
    pub amount: String,
    pub unit: &'static str,
    pub cost: String,
    pub list: String,
    pub region: &'static str,
    /// Value of the tag `team`.
    pub team: &'static str,
}

/// The export: path, and bytes.
pub(crate) fn export(estate: &Estate) -> io::Result<(String, Vec<u8>)> {
    let mut text = record(&COLUMNS.map(str::to_owned));
    for row in rows(estate) {
        text.push_str(&record(&cells(&row)));
    }
    Ok((PATH.to_owned(), gzip(text.as_bytes())?))
}

/// The rows of the month, in a fixed order.
pub(crate) fn rows(estate: &Estate) -> Vec<Row> {
    let mut lines: BTreeMap<Line, (u64, Usd)> = BTreeMap::new();
    for (used, quantity) in uses(estate) {
        let sums = lines.entry(line_of(used)).or_default();
        sums.0 += quantity;
        sums.1 += cost(&used, quantity);
    }
    lines.into_iter().zip(1..).map(|((line, (quantity, cost)), number)| row(number, line, quantity, cost)).collect()
}

fn line_of(used: Use) -> Line {
    let app = used.app.map(|app| &ALL[app]);
    let claude = used.model.is_some_and(|model| model.starts_with("anthropic."));
    let seller = match (used.class, claude, used.account) {
        (Class::SearchOcuHour | Class::IndexingOcuHour, ..) => Seller::OpenSearch,
        (class, ..) if class.is_vectors() => Seller::Storage,
        (_, true, MEMBER) => Seller::Marketplace,
        (_, true, _) => Seller::BedrockService,
        (_, false, _) => Seller::Bedrock,
    };
    let operation = match (used.class, used.mode) {
        (Class::SearchOcuHour | Class::IndexingOcuHour, _) => "ESDomain",
        (Class::ModelUnitHour, _) => "CreateProvisionedModelThroughput",
        _ if used.class.is_guardrail() => "ApplyGuardrail",
        _ if used.class.is_vectors() => "QueryVectors",
        (Class::ModelStorageMonth | Class::TrainingToken, _) => "CreateModelCustomizationJob",
        (_, Mode::Batch) => "InvokeModelInference",
        _ if app.is_some_and(|app| app.operation.streams()) => "InvokeModelStreamingInference",
        _ => "InvokeModelInference",
    };
    let named = app.filter(|app| used.account == PAYER && app.account == PAYER && used.class.counts_tokens());
    Line {
        seller,
        operation,
        resource: resource_of(&used),
        principal: named.map_or_else(String::new, |app| principal(app, used.day)),
        used: Use { app: None, ..used },
    }
}

fn resource_of(used: &Use) -> String {
    let (region, account) = (used.region, used.account);
    if let Some(path) = used.resource {
        return arn(account, region, path);
    }
    let app = used.app.map(|app| &ALL[app]);
    let model = used.model.unwrap_or_default();
    if let Some(arn) = app.filter(|app| goes_through(app, model, used.global, used.mode)).and_then(through) {
        return arn;
    }
    match used.model.and_then(Model::of) {
        None => String::new(),
        Some(model) if used.global || model.geographic => {
            format!("arn:aws:bedrock:{region}:{account}:inference-profile/{}", model.called(used.global))
        }
        Some(model) => format!("arn:aws:bedrock:{region}::foundation-model/{}", model.id),
    }
}

/// The ARN of what is billed by its own name, by its path: `collection/kb0vectors`.
pub(crate) fn arn(account: &str, region: &str, path: &str) -> String {
    let service = match path.split('/').next() {
        Some("collection") => "aoss",
        Some("bucket") => "s3vectors",
        _ => "bedrock",
    };
    format!("arn:aws:{service}:{region}:{account}:{path}")
}

/// What usage types begin with.
fn prefix(region: &str) -> &'static str {
    match region {
        "eu-west-1" => "EU",
        "us-west-2" => "USW2",
        _ => "USE1",
    }
}

fn usage_type(line: &Line) -> String {
    let used = &line.used;
    let prefix = prefix(used.region);
    let name = used.model.and_then(Model::of).map_or("", |model| model.usage_name);
    if line.seller == Seller::Marketplace {
        let class = match used.class {
            Class::Output => "OutputTokenCount",
            Class::CacheRead => "CacheReadInputTokenCount",
            Class::CacheWrite5m => "CacheWriteInputTokenCount",
            Class::CacheWrite1h => "CacheWrite1hInputTokenCount",
            _ => "InputTokenCount",
        };
        let global = if used.global { "_Global" } else { "" };
        let mode = match used.mode {
            Mode::Batch => "_Batch",
            Mode::Flex => "_Flex",
            Mode::Priority => "_Priority",
            Mode::LatencyOptimized => "_LatencyOptimized",
            Mode::Standard | Mode::Provisioned => "",
        };
        return format!("{prefix}-MP:{prefix}_{class}{global}{mode}-Units");
    }
    let class = match used.class {
        Class::Input => "input-tokens",
        Class::Output => "output-tokens",
        Class::CacheRead => "cache-read-input-token-count",
        Class::CacheWrite5m => "cache-write-input-token-count",
        Class::CacheWrite1h => "cache-write-1h-input-token-count",
        Class::ModelUnitHour => return format!("{prefix}-{name}-ProvisionedThroughput-NoCommit-ModelUnits"),
        Class::GuardrailContentUnit => return format!("{prefix}-Guardrail-ContentPolicyUnitsConsumed"),
        Class::GuardrailTopicUnit => return format!("{prefix}-Guardrail-TopicPolicyUnitsConsumed"),
        Class::GuardrailEntityUnit => {
            return format!("{prefix}-Guardrail-SensitiveInformationPolicyPaidUnitsConsumed");
        }
        Class::GuardrailRegexUnit => {
            return format!("{prefix}-Guardrail-SensitiveInformationPolicyFreeUnitsConsumed");
        }
        Class::ModelStorageMonth => return format!("{prefix}-{name}-Customization-Storage"),
        Class::TrainingToken => return format!("{prefix}-{name}-Customization-Training"),
        // Nobody has published how bills spell these.
        Class::VectorGbMonth => return format!("{prefix}-Vectors-TimedStorage-ByteHrs"),
        Class::VectorGbProcessed => return format!("{prefix}-Vectors-QueryProcessed-Bytes"),
        Class::VectorQuery => return format!("{prefix}-Vectors-Requests-Query"),
        Class::SearchOcuHour => return format!("{prefix}-SearchOCU"),
        Class::IndexingOcuHour => return format!("{prefix}-IndexingOCU"),
    };
    let global = if used.global { "-cross-region-global" } else { "" };
    let mode = match used.mode {
        Mode::Batch => "-batch",
        Mode::Flex => "-flex",
        Mode::Priority => "-priority",
        Mode::LatencyOptimized => "-latency-optimized",
        Mode::Standard | Mode::Provisioned => "",
    };
    let custom = if used.resource.is_some() { "-custom-model" } else { "" };
    format!("{prefix}-{name}-{class}{global}{mode}{custom}")
}

/// Pricing unit, and the decimal places of a quantity in it.
fn unit(line: &Line) -> (&'static str, usize) {
    match (line.used.class, line.seller) {
        (Class::ModelUnitHour, _) => ("hour", 6),
        (Class::SearchOcuHour | Class::IndexingOcuHour, _) => ("OCU-hours", 6),
        (class, _) if class.is_guardrail() => ("TextUnit", 0),
        (Class::ModelStorageMonth, _) => ("Model/month", 6),
        (Class::VectorGbMonth, _) => ("GB-Mo", 6),
        (Class::VectorGbProcessed, _) => ("GB", 6),
        (Class::VectorQuery, _) => ("Requests", 0),
        (_, Seller::Marketplace) => ("Units", 6),
        _ => ("1K tokens", 3),
    }
}

fn row(number: u64, line: Line, quantity: u64, cost: Usd) -> Row {
    let marketplace = line.seller == Seller::Marketplace;
    let sold = line.used.model.and_then(Model::of).and_then(|model| model.marketplace);
    let (product_name, product_code) = match line.seller {
        Seller::Bedrock => ("Amazon Bedrock", "AmazonBedrock"),
        Seller::BedrockService => ("Amazon Bedrock Service", "AmazonBedrockService"),
        Seller::OpenSearch => ("Amazon OpenSearch Service", "AmazonES"),
        Seller::Storage => ("Amazon Simple Storage Service", "AmazonS3"),
        Seller::Marketplace => sold.unwrap_or(("Amazon Bedrock Edition", "0synthetic")),
    };
    let (unit, places) = unit(&line);
    let midnight = |day: i64| format!("{}T00:00:00.000Z", date(day));
    let cost = cost.to_string();
    Row {
        id: format!("synthetic{number:06}"),
        marketplace,
        account: line.used.account,
        start: midnight(line.used.day),
        end: midnight(line.used.day + 1),
        product_code,
        product_name,
        usage_type: usage_type(&line),
        operation: line.operation,
        amount: decimal(i128::from(quantity), places),
        unit,
        list: if marketplace { "0".to_owned() } else { cost.clone() },
        cost,
        region: if marketplace { "" } else { line.used.region },
        team: if line.resource.contains("application-inference-profile/") { "policy" } else { "" },
        resource: line.resource,
        principal: line.principal,
    }
}

/// The cells of a row under [`COLUMNS`].
pub(crate) fn cells(row: &Row) -> [String; COLUMNS.len()] {
    [
        row.id.as_str(),
        "Anniversary",
        if row.marketplace { "AWS Marketplace" } else { "AWS" },
        PERIOD.0,
        PERIOD.1,
        PAYER,
        PAYER_NAME,
        row.account,
        "Usage",
        &row.start,
        &row.end,
        row.product_code,
        &row.usage_type,
        row.operation,
        &row.resource,
        &row.principal,
        &row.amount,
        "USD",
        &row.cost,
        &format!("synthetic: {}", row.usage_type),
        row.unit,
        "OnDemand",
        &row.list,
        &format!(r#"{{"product_name":"{}"}}"#, row.product_name),
        row.region,
    ]
    .map(str::to_owned)
}

/// One line of CSV.
#[must_use]
pub fn record(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains(['"', ',', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    });
    let mut text = quoted.collect::<Vec<_>>().join(",");
    text.push('\n');
    text
}
