//! The bill in the contract: cuts that add up, rates, what does not fit, whose it is.

use lode_model::{ChargeKind, Money, Span};
use lode_sim::{BillView, RateRow, Slice, Trend};
use schemars::JsonSchema;
use serde::Serialize;

use super::build::six_places;
use super::overlays::{AgentsV1, Overlays, RetrievalV1};
use super::{MissedV1, Usd};
use crate::Report;
use crate::bill::attribution;
use crate::bill::words::{looks_like, rate_unit};
use crate::rounded::rate_text;

/// The bill.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BillV1 {
    /// Dollars a month.
    pub monthly: Usd,
    /// Dollars billed in the window.
    pub billed: Usd,
    /// Of them one-off fees, which a month does not repeat.
    pub fees: Usd,
    /// By how it comes about: `usage`, `standing` (by the hour, used or not), `one-off` (fees).
    pub by_nature: Vec<ByNatureV1>,
    /// By cost layer.
    pub by_layer: Vec<LayerV1>,
    /// By what people call it: `inference: on demand`, `guardrails: content policy`, `rerank`.
    pub by_feature: Vec<ByFeatureV1>,
    /// By who sells it.
    pub by_source: Vec<BySourceV1>,
    /// By the service name that Cost Explorer lists it under.
    pub by_service: Vec<ByServiceV1>,
    /// By model.
    pub by_model: Vec<ByModelV1>,
    /// By caller.
    pub by_caller: Vec<ByCallerV1>,
    /// By class.
    pub by_class: Vec<ByClassV1>,
    /// By account.
    pub by_account: Vec<ByAccountV1>,
    /// By UTC day; fees left out.
    pub by_day: Vec<ByDayV1>,
    /// How the days move.
    pub trend: TrendV1,
    /// Every price key: what is paid and what list is. Billed adds up to the bill.
    pub rates: Vec<RateV1>,
    /// What each seller is paid of list.
    pub against_list: Vec<AgainstListV1>,
    /// Usage whose rate does not fit list.
    pub anomalies: Vec<AnomalyV1>,
    /// Whose inference is.
    pub attribution: AttributionV1,
    /// Calls that follow each other, as agents and conversations make them: an overlay, in no total.
    pub agents: Vec<AgentsV1>,
    /// Dollars a month of token use whose calls are in no log or without bodies: chains in it cannot be told apart.
    pub agents_not_separable: Usd,
    /// What retrieval puts into prompts, and what knowledge bases call models for: an overlay, in no total.
    pub retrieval: Vec<RetrievalV1>,
    /// Dollars a month of prompts that are in no log or without bodies: passages in them cannot be told apart.
    pub retrieval_not_separable: Usd,
    /// Usage types no rule knows.
    pub unclassified: Vec<ByUsageTypeV1>,
    /// Credits, refunds and tax: in no total.
    pub aside: Vec<AsideV1>,
    /// What a Cost Explorer filter on "Amazon Bedrock" leaves out of what Bedrock services bill.
    pub missed_by_service_filter: MissedV1,
}

macro_rules! cuts {
    ($($(#[$doc:meta])* $name:ident { $field:ident },)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, JsonSchema)]
        pub struct $name {
            /// Which.
            pub $field: String,
            /// Dollars a month.
            pub monthly: Usd,
            /// Dollars billed in the window.
            pub billed: Usd,
        }
        impl From<&Slice> for $name {
            fn from(slice: &Slice) -> Self {
                Self { $field: slice.name.clone(), monthly: slice.monthly.into(), billed: slice.billed.into() }
            }
        }
    )*};
}

cuts! {
    /// How a charge comes about.
    ByNatureV1 { nature },
    /// A cost layer.
    LayerV1 { layer },
    /// A feature.
    ByFeatureV1 { feature },
    /// A billing source.
    BySourceV1 { source },
    /// A model.
    ByModelV1 { model },
    /// A caller.
    ByCallerV1 { caller },
    /// A class.
    ByClassV1 { class },
    /// A usage type.
    ByUsageTypeV1 { usage_type },
}

/// A service of Cost Explorer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ByServiceV1 {
    /// Its name.
    pub service: String,
    /// Dollars a month.
    pub monthly: Usd,
    /// Dollars billed in the window: what a filter on it shows.
    pub billed: Usd,
    /// What a filter on it misses of the bill.
    pub missed: Usd,
}

/// An account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ByAccountV1 {
    /// Which.
    pub account: String,
    /// Its name, where the export has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Dollars a month.
    pub monthly: Usd,
    /// Dollars billed in the window.
    pub billed: Usd,
}

/// A day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ByDayV1 {
    /// UTC day.
    pub day: String,
    /// Dollars billed.
    pub billed: Usd,
    /// The same by cost layer, those without dollars left out.
    pub by_layer: Vec<DayLayerV1>,
}

/// A layer on a day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DayLayerV1 {
    /// Which.
    pub layer: String,
    /// Dollars billed.
    pub billed: Usd,
}

/// How the days move.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TrendV1 {
    /// First seven days; absent under 14 complete days, or where the export does not tell days apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_week: Option<DaysV1>,
    /// Last seven complete days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_week: Option<DaysV1>,
    /// Last over first week, less one: 0.1 is a tenth more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The most expensive day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak: Option<DaysV1>,
    /// Complete days without any charge.
    pub missing: Vec<SpanV1>,
}

/// Some days and their dollars.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DaysV1 {
    /// First day.
    pub from: String,
    /// Last day, included.
    pub to: String,
    /// Dollars billed.
    pub billed: Usd,
}

/// Some days.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SpanV1 {
    /// First day.
    pub from: String,
    /// Last day, included.
    pub to: String,
}

/// Exact decimal amount of US dollars with up to twelve places, such as `"0.00015"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct RateUsd(String);

impl From<Money> for RateUsd {
    fn from(money: Money) -> Self {
        Self(rate_text(money))
    }
}

/// What is paid for one price key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RateV1 {
    /// Usage account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model; `unknown` where there is none.
    pub model: String,
    /// `regional` or `global`.
    pub routing: String,
    /// Pricing mode.
    pub mode: String,
    /// Context band.
    pub context_band: String,
    /// Class.
    pub class: String,
    /// Who sells it.
    pub source: String,
    /// Whether it is a custom model's own price line.
    pub custom: bool,
    /// `usage` or `fee`.
    pub kind: String,
    /// Quantity in the smallest step of its unit; absent for fixed amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// `token`, `micro-hour`, `micro-GB-month` or `micro-unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Dollars billed in the window.
    pub billed: Usd,
    /// What the rates are for: `1M tokens`, `hour`, `GB-month` or `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_unit: Option<String>,
    /// Paid for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_rate: Option<RateUsd>,
    /// List price of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_rate: Option<RateUsd>,
    /// The quantity at list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_list: Option<Usd>,
    /// Billed over list, less one: -0.1 is a tenth below list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// Why there is no list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpriced: Option<String>,
}

/// What a seller is paid of list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AgainstListV1 {
    /// Who sells it.
    pub source: String,
    /// Dollars billed for usage with a list price.
    pub billed: Usd,
    /// The same usage at list.
    pub at_list: Usd,
    /// Billed over list, less one; absent without a list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// The most that any model is paid of list: what is assumed of its other models, as far as it is a discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_model_of_list: Option<f64>,
    /// Dollars without a list price.
    pub unpriced: Usd,
}

/// Usage whose rate does not fit list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnomalyV1 {
    /// Usage type as billed.
    pub usage_type: String,
    /// `quantity-a-thousand-times-too-large`, `quantity-a-million-times-too-large`, the same with `too-small`,
    /// `far-below-list` or `far-above-list`.
    pub misfit: String,
    /// What it looks like, in words.
    pub looks_like: String,
    /// Dollars billed.
    pub billed: Usd,
    /// The quantity at list.
    pub at_list: Usd,
    /// Billed over list.
    pub times_list: f64,
    /// Whether the rate is used all the same; else the dollars stand as a fixed amount.
    pub used: bool,
}

/// Whose inference is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AttributionV1 {
    /// Dollars of inference and embedding in the window.
    pub inference: Usd,
    /// Of them, those that name no caller.
    pub unattributed: Usd,
    /// The same a month.
    pub unattributed_monthly: Usd,
    /// Of those without a caller, those sold through AWS Marketplace.
    pub unattributed_marketplace: Usd,
    /// What would name more.
    pub steps: Vec<String>,
}

/// An amount outside the run rate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AsideV1 {
    /// Credits, refunds or tax.
    pub kind: String,
    /// Amount; credits are negative.
    pub billed: Usd,
}

/// Amounts rounded to six places so that they add up to the rounded whole.
fn six(amounts: impl Iterator<Item = Money>) -> Vec<Money> {
    Money::round_parts(&amounts.collect::<Vec<_>>(), 6)
}

fn rounded(slices: &[Slice]) -> Vec<Slice> {
    let rounded = six(slices.iter().map(|slice| slice.billed));
    slices.iter().zip(rounded).map(|(slice, billed)| Slice { billed, ..slice.clone() }).collect()
}

fn cut<T: for<'a> From<&'a Slice>>(slices: &[Slice]) -> Vec<T> {
    rounded(slices).iter().map(T::from).collect()
}

/// A fraction, to six places; absent of nothing.
fn less_one(part: Money, whole: Money) -> Option<f64> {
    (!whole.is_zero()).then(|| six_places((part - whole).share_of(whole)))
}

/// The bill of a report, without its rates.
pub(super) fn bill(report: &Report<'_>) -> BillV1 {
    let view = report.view;
    let services = rounded(&view.by_service);
    let whole: Money = services.iter().map(|slice| slice.billed).sum();
    let overlays = Overlays::of(report);
    BillV1 {
        monthly: view.monthly.into(),
        billed: view.billed.into(),
        fees: view.fees.into(),
        by_nature: cut(&view.by_nature),
        by_layer: cut(&view.by_layer),
        by_feature: cut(&view.by_feature),
        by_source: cut(&view.by_source),
        by_service: services
            .into_iter()
            .map(|slice| ByServiceV1 {
                monthly: slice.monthly.into(),
                billed: slice.billed.into(),
                missed: (whole - slice.billed).into(),
                service: slice.name,
            })
            .collect(),
        by_model: cut(&view.by_model),
        by_caller: cut(&view.by_caller),
        by_class: cut(&view.by_class),
        by_account: rounded(&view.by_account)
            .into_iter()
            .map(|slice| ByAccountV1 {
                name: report.estate.account_names.get(&slice.name.as_str().into()).map(ToString::to_string),
                monthly: slice.monthly.into(),
                billed: slice.billed.into(),
                account: slice.name,
            })
            .collect(),
        by_day: by_day(view),
        trend: trend(&view.trend),
        rates: Vec::new(),
        against_list: view
            .against_list
            .iter()
            .map(|seller| AgainstListV1 {
                source: seller.source.to_string(),
                billed: seller.billed.into(),
                at_list: seller.list.into(),
                difference: less_one(seller.billed, seller.list),
                every_model_of_list: seller.every_model.map(|ratio| six_places(ratio.to_f64())),
                unpriced: seller.unpriced.into(),
            })
            .collect(),
        anomalies: view
            .anomalies
            .iter()
            .map(|anomaly| AnomalyV1 {
                usage_type: anomaly.usage_type.to_string(),
                misfit: anomaly.misfit.as_str().to_owned(),
                looks_like: looks_like(anomaly).to_owned(),
                billed: anomaly.billed.into(),
                at_list: anomaly.list.into(),
                times_list: six_places(anomaly.billed.share_of(anomaly.list)),
                used: anomaly.used,
            })
            .collect(),
        attribution: AttributionV1 {
            inference: view.attribution.inference.into(),
            unattributed: view.attribution.unattributed.into(),
            unattributed_monthly: view.unattributed.monthly.into(),
            unattributed_marketplace: view.attribution.marketplace.into(),
            steps: attribution::steps(report),
        },
        agents: overlays.agents,
        agents_not_separable: overlays.agents_not_separable,
        retrieval: overlays.retrieval,
        retrieval_not_separable: overlays.retrieval_not_separable,
        unclassified: cut(&view.unclassified),
        aside: view.aside.iter().map(|a| AsideV1 { kind: a.name.clone(), billed: a.billed.into() }).collect(),
        missed_by_service_filter: MissedV1 {
            monthly: view.missed_by_service_filter.monthly.into(),
            billed: view.missed_by_service_filter.billed.into(),
            share: six_places(view.missed_by_service_filter.billed.share_of(view.bedrock.billed)),
        },
    }
}

/// Days, and in each its layers: both add up.
fn by_day(view: &BillView) -> Vec<ByDayV1> {
    let days = rounded(&view.by_day);
    let day = |(place, day): (usize, &Slice)| {
        let of_day = |dollars: &Vec<Money>| dollars.get(place).copied().unwrap_or(Money::ZERO);
        let exact: Vec<_> = view.trend.by_layer.iter().map(|(layer, dollars)| (*layer, of_day(dollars))).collect();
        let mut parts = six(exact.iter().map(|(_, billed)| *billed));
        // Days were rounded against each other; the largest layer takes what that moved.
        let left = day.billed - parts.iter().copied().sum();
        if let Some(largest) = parts.iter_mut().max() {
            *largest += left;
        }
        let by_layer = exact.iter().zip(parts).filter(|(_, billed)| !billed.is_zero());
        ByDayV1 {
            day: day.name.clone(),
            billed: day.billed.into(),
            by_layer: by_layer
                .map(|((layer, _), billed)| DayLayerV1 { layer: layer.to_string(), billed: billed.into() })
                .collect(),
        }
    };
    days.iter().enumerate().map(day).collect()
}

fn trend(trend: &Trend) -> TrendV1 {
    let days = |(span, billed): (Span, Money)| DaysV1 {
        from: span.first.to_string(),
        to: span.last.to_string(),
        billed: billed.into(),
    };
    let (first, last) = trend.weeks.map_or((None, None), |[first, last]| (Some(first), Some(last)));
    TrendV1 {
        first_week: first.map(days),
        last_week: last.map(days),
        change: first.zip(last).and_then(|(first, last)| less_one(last.1, first.1)),
        peak: trend.peak.map(|(day, billed)| days((Span::day(day), billed))),
        missing: trend
            .missing
            .iter()
            .map(|span| SpanV1 { from: span.first.to_string(), to: span.last.to_string() })
            .collect(),
    }
}

/// Every price key, what is paid and what list is.
pub(super) fn rates(rows: &[RateRow]) -> Vec<RateV1> {
    let billed = six(rows.iter().map(|row| row.billed));
    let row = |(row, billed): (&RateRow, Money)| {
        let (key, at_list) = (&row.key, row.at_list());
        RateV1 {
            account: key.account.to_string(),
            region: key.region.to_string(),
            model: key.model.to_string(),
            routing: key.routing.to_string(),
            mode: key.mode.to_string(),
            context_band: key.band.to_string(),
            class: key.class.to_string(),
            source: key.source.to_string(),
            custom: key.custom,
            kind: if row.kind == ChargeKind::Fee { "fee" } else { "usage" }.to_owned(),
            quantity: row.quantity.map(|quantity| quantity.steps.to_string()),
            unit: row.quantity.map(|quantity| quantity.unit.to_string()),
            billed: billed.into(),
            rate_unit: row.quantity.map(|quantity| rate_unit(quantity.unit).to_owned()),
            effective_rate: row.effective_rate().map(RateUsd::from),
            list_rate: row.list_rate().map(RateUsd::from),
            at_list: at_list.map(Usd::from),
            difference: at_list.and_then(|list| less_one(row.billed, list)),
            unpriced: row.unpriced.as_ref().map(ToString::to_string),
        }
    };
    rows.iter().zip(billed).map(row).collect()
}
