//! The estate file of a scenario: charges and resources a person can write by hand, one line each, repeated over
//! days; and, optionally, requests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use lode_estate::{Listed, Options};
use lode_model::{
    Bill, BillLine, BilledAs, BillingSource, ChargeKind, Class, ContextBand, Endpoint, Inventory, Layer, MemoryTrace,
    Metrics, Mode, ModelId, Money, Quantity, Routing, Span, Trace, Unit,
};
use lode_prices::Catalogue;
use lode_sim::Estate;
use lode_telemetry::InventoryReader;
use serde::Deserialize;

use crate::RequestRow;
use crate::inventory::{DataSourceRow, KnowledgeBaseRow, ProfileRow, ProvisionedRow};
use crate::metrics::SeriesRow;

/// What was billed and requested.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstateFile {
    /// First day of the export.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// Charges.
    #[serde(default)]
    charges: Vec<ChargeRow>,
    /// Requests.
    #[serde(default)]
    pub requests: Vec<RequestRow>,
    /// Inference profiles listed.
    #[serde(default)]
    profiles: Vec<ProfileRow>,
    /// Provisioned Throughput listed.
    #[serde(default)]
    provisioned: Vec<ProvisionedRow>,
    /// Knowledge bases listed.
    #[serde(default)]
    knowledge_bases: Vec<KnowledgeBaseRow>,
    /// Data sources listed.
    #[serde(default)]
    data_sources: Vec<DataSourceRow>,
    /// What else the AWS CLI lists: answers of its commands as they come, read as files of them are.
    #[serde(default)]
    inventory: Vec<serde_json::Value>,
    /// What CloudWatch counted.
    #[serde(default)]
    metrics: Vec<SeriesRow>,
    /// Tokens that one model unit answers a minute, by model id.
    #[serde(default)]
    capacity: BTreeMap<ModelId, u64>,
}

/// One charge a day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChargeRow {
    #[serde(default = "account")]
    account: String,
    #[serde(default = "region")]
    region: String,
    #[serde(default = "source")]
    source: BillingSource,
    /// As billed: a model id, a short name or a product name.
    model: Option<String>,
    /// A role, without `role/`.
    role: Option<String>,
    /// Resource id, for standing resources.
    resource: Option<String>,
    #[serde(default = "routing")]
    routing: Routing,
    #[serde(default = "mode")]
    mode: Mode,
    #[serde(default = "band")]
    band: ContextBand,
    /// `input`, `output`, `cache-read`, …, or a usage type without region prefix.
    class: String,
    layer: Option<Layer>,
    /// Quantity a day: exactly one of these, or none for a fixed amount.
    tokens: Option<u64>,
    hours: Option<String>,
    gb_months: Option<String>,
    pieces: Option<String>,
    /// Dollars a day.
    usd: String,
    /// Net dollars a day, for exports with net columns.
    net: Option<String>,
    /// A custom model's own price line.
    #[serde(default)]
    custom: bool,
    #[serde(default)]
    days: Days,
    #[serde(default)]
    kind: Kind,
}

pub(crate) fn account() -> String {
    "111111111111".to_owned()
}
pub(crate) fn region() -> String {
    "us-east-1".to_owned()
}
fn source() -> BillingSource {
    BillingSource::AmazonBedrock
}
pub(crate) fn routing() -> Routing {
    Routing::Regional
}
fn mode() -> Mode {
    Mode::Standard
}
fn band() -> ContextBand {
    ContextBand::Standard
}

/// On which days.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Days {
    /// All.
    #[default]
    Every,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekends,
    /// The first day only.
    First,
    /// One charge for the whole window.
    Whole,
}

/// What kind of line.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Usage,
    Fee,
    Credit,
    Refund,
    Tax,
    Discount,
}

impl EstateFile {
    /// Its estate as of a date, through the real join, with no settings but its own capacity.
    #[must_use]
    pub fn build(&self, as_of: Date) -> Estate {
        self.build_with(&self.bill(), &self.options(as_of))
    }

    /// The estate of its requests and another bill, or other options.
    #[must_use]
    pub fn build_with(&self, bill: &Bill, options: &Options) -> Estate {
        let trace = self.trace();
        let trace = trace.as_ref().map(|trace| trace as &dyn Trace);
        let listed = Listed { inventory: &self.inventory(), metrics: &self.metrics() };
        lode_estate::build(bill, trace, listed, Catalogue::builtin(), options).expect("requests in memory")
    }

    /// Default options, with the capacity it gives.
    #[must_use]
    pub fn options(&self, as_of: Date) -> Options {
        Options { capacity: self.capacity.clone(), ..Options::new(as_of) }
    }

    /// Its requests, where it has any.
    #[must_use]
    pub fn trace(&self) -> Option<MemoryTrace> {
        (!self.requests.is_empty()).then(|| crate::trace(&self.requests))
    }

    /// What it lists.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let mut reader = InventoryReader::new();
        for answer in &self.inventory {
            assert!(
                reader.read_answer(answer, Path::new("111111111111/us-east-1/answer.json")),
                "no answer of a command that is known: {answer}"
            );
        }
        let mut all = reader.finish();
        all.profiles.extend(self.profiles.iter().map(Into::into));
        all.provisioned.extend(self.provisioned.iter().map(Into::into));
        all.knowledge_bases.extend(self.knowledge_bases.iter().map(Into::into));
        all.data_sources.extend(self.data_sources.iter().map(Into::into));
        all.sorted()
    }

    /// What CloudWatch counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for row in &self.metrics {
            metrics.series.entry(row.series()).or_default().extend(row.points());
        }
        metrics
    }

    /// The bill of the file.
    #[must_use]
    pub fn bill(&self) -> Bill {
        let covered = Span { first: self.first, last: self.last };
        let lines = self.charges.iter().flat_map(|row| {
            let spans = spans(covered, row.days);
            spans.into_iter().map(|span| row.line(span))
        });
        Bill { lines: lines.collect(), covered: Some(covered), ..Bill::default() }
    }
}

fn spans(covered: Span, days: Days) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut day = covered.first;
    while day <= covered.last {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        match days {
            Days::Every => spans.push(Span::day(day)),
            Days::Weekdays if !weekend => spans.push(Span::day(day)),
            Days::Weekends if weekend => spans.push(Span::day(day)),
            Days::First if day == covered.first => spans.push(Span::day(day)),
            Days::Whole if day == covered.first => spans.push(covered),
            _ => {}
        }
        day = day.saturating_add(1.day());
    }
    spans
}

impl ChargeRow {
    fn line(&self, span: Span) -> BillLine {
        let class = Class::from_word(&self.class);
        let parse = |text: &str, unit: Unit| Quantity::parse(text, 6, unit).expect("a decimal quantity");
        let quantity = self
            .tokens
            .map(|tokens| Quantity { steps: i128::from(tokens), unit: Unit::Token })
            .or_else(|| self.hours.as_deref().map(|text| parse(text, Unit::MicroHour)))
            .or_else(|| self.gb_months.as_deref().map(|text| parse(text, Unit::MicroGbMonth)))
            .or_else(|| self.pieces.as_deref().map(|text| parse(text, Unit::Micro)));
        let layer = self.layer.unwrap_or(match &class {
            class if class.is_token() => Layer::Inference,
            Class::SearchOcuHour | Class::IndexingOcuHour | Class::StoreGbMonth => Layer::VectorStore,
            Class::GuardrailUnit(_) => Layer::Guardrails,
            Class::ModelStorageMonth | Class::ImportStorageMonth | Class::ImportUnitMinute => Layer::CustomModels,
            class if class.is_standing() => Layer::Capacity,
            _ => Layer::Other,
        });
        let account = self.account.as_str();
        BillLine {
            span,
            account: account.into(),
            region: self.region.as_str().into(),
            source: self.source,
            usage_type: self.class.as_str().into(),
            billed_as: BilledAs {
                layer,
                class,
                mode: self.mode,
                routing: self.routing,
                band: self.band,
                model: self.model.as_deref().map(Arc::from),
                custom: self.custom,
                endpoint: Endpoint::Runtime,
            },
            kind: match self.kind {
                Kind::Usage => ChargeKind::Usage,
                Kind::Fee => ChargeKind::Fee,
                Kind::Credit => ChargeKind::Credit,
                Kind::Refund => ChargeKind::Refund,
                Kind::Tax => ChargeKind::Tax,
                Kind::Discount => ChargeKind::Discount,
            },
            resource: self.resource.as_deref().map(Arc::from),
            principal: self.role.as_ref().map(|role| format!("arn:aws:iam::{account}:role/{role}").into()),
            labels: Vec::new(),
            quantity,
            unblended: Money::parse(&self.usd).expect("a decimal amount of dollars"),
            net: self.net.as_deref().map(|net| Money::parse(net).expect("a decimal amount of dollars")),
            list: None,
            committed: false,
            rows: 1,
        }
    }
}
