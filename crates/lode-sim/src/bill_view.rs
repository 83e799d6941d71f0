//! Where the money goes: the same dollars cut by layer, by billing source, by model, caller, class and day.
//! Every cut adds up to the same total.

use std::collections::BTreeMap;
use std::fmt;

use lode_model::{BillingSource, ChargeKind, Layer, Money, Owner, PriceKey};

use crate::features::feature_of;
use crate::rates::{against_list, anomalies, rates};
use crate::state::billed;
use crate::{AgainstList, Anomaly, Attribution, Daily, Estate, Projection, RateRow, State, Trend};

/// One part of a cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// What it is.
    pub name: String,
    /// Dollars billed in the window.
    pub billed: Money,
    /// Dollars a month.
    pub monthly: Money,
}

/// How a charge comes about, which decides how it is projected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// With every token, text unit or other piece used.
    Usage,
    /// By the hour or the month, used or not.
    Standing,
    /// Once: fees.
    OneOff,
}

impl Nature {
    fn of(charge: &crate::Charge) -> Self {
        match charge.kind {
            ChargeKind::Fee => Self::OneOff,
            _ if charge.key.class.is_standing() => Self::Standing,
            _ => Self::Usage,
        }
    }

    /// The word JSON and CSV use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Standing => "standing",
            Self::OneOff => "one-off",
        }
    }
}

impl fmt::Display for Nature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The bill, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillView {
    /// Everything of the run rate billed in the window.
    pub billed: Money,
    /// The same a month.
    pub monthly: Money,
    /// Of it, one-off fees, which a month does not repeat.
    pub fees: Money,
    /// By how it comes about: usage, standing, one-off.
    pub by_nature: Vec<Slice>,
    /// By cost layer, in the order of [`Layer::ALL`].
    pub by_layer: Vec<Slice>,
    /// By what people call it ("guardrails: content policy", "rerank"), largest first.
    pub by_feature: Vec<Slice>,
    /// By who sells it, in the order of [`BillingSource::ALL`].
    pub by_source: Vec<Slice>,
    /// By the service name that Cost Explorer lists it under, largest first.
    pub by_service: Vec<Slice>,
    /// By model, largest first.
    pub by_model: Vec<Slice>,
    /// By caller, largest first.
    pub by_caller: Vec<Slice>,
    /// By class (token class, hours, …), largest first.
    pub by_class: Vec<Slice>,
    /// By account, largest first.
    pub by_account: Vec<Slice>,
    /// By UTC day; a charge that covers several days is spread over them.
    pub by_day: Vec<Slice>,
    /// How the days move.
    pub trend: Trend,
    /// Every price key with what is paid and what list is, the most expensive first.
    pub rates: Vec<RateRow>,
    /// What each seller is paid of list.
    pub against_list: Vec<AgainstList>,
    /// Usage whose rate does not fit list.
    pub anomalies: Vec<Anomaly>,
    /// Whose inference is.
    pub attribution: Attribution,
    /// Of the inference, what no caller is named for, a month too.
    pub unattributed: Slice,
    /// Usage types no rule knows, largest first: part of the total, touched by no edit.
    pub unclassified: Vec<Slice>,
    /// What filtering Cost Explorer on "Amazon Bedrock" would leave out, of what any Bedrock service bills.
    pub missed_by_service_filter: Slice,
    /// What any Bedrock service bills: all but the services beside it.
    pub bedrock: Slice,
    /// Credits, refunds and tax, apart.
    pub aside: Vec<Slice>,
}

impl BillView {
    /// Cuts the estate's bill.
    #[must_use]
    pub fn of(estate: &Estate) -> Self {
        let projection = Projection::of(&estate.window);
        let by_model = Cut::by(estate, |charge| match charge.owner.model() {
            Some(model) => model.to_string(),
            None => "(no model)".to_owned(),
        });
        let by_caller = Cut::by(estate, |charge| match &charge.owner {
            Owner::Workload(workload) => workload.caller.to_string(),
            Owner::Pool(_) => "(capacity)".to_owned(),
            Owner::Resource(..) => "(resources)".to_owned(),
            Owner::Account(_) => "(account)".to_owned(),
        });
        let by_source = Cut::by(estate, |charge| charge.key.source);
        let daily = State::baseline(estate).daily(&estate.window);
        let sum = |name: &str, which: &dyn Fn(BillingSource) -> bool| {
            let mut part = Daily::zero(estate.window.days());
            by_source.0.iter().filter(|(source, _)| which(**source)).for_each(|(_, daily)| part.add_all(daily));
            Slice { name: name.to_owned(), billed: part.total(), monthly: projection.monthly(&part).round_micro() }
        };
        let monthly = projection.monthly(&daily).round_micro();
        let by_layer = Cut::by(estate, |charge| charge.layer);
        let mut by_service = Cut::by(estate, |charge| service(estate, &charge.key));
        // The filter people try first, whether it shows anything or not.
        if !estate.charges.is_empty() {
            by_service.0.entry("Amazon Bedrock".to_owned()).or_insert_with(|| Daily::zero(estate.window.days()));
        }
        let rates = rates(estate);
        Self {
            billed: daily.total(),
            monthly,
            fees: daily.fees,
            by_nature: adding_up(Cut::by(estate, Nature::of).in_order(&projection), monthly),
            by_feature: adding_up(Cut::by(estate, feature_of).largest_first(&projection), monthly),
            by_service: adding_up(by_service.largest_first(&projection), monthly),
            trend: Trend::of(estate, &daily, by_layer.days()),
            against_list: against_list(estate, &rates),
            rates,
            anomalies: anomalies(estate),
            attribution: Attribution::of(estate),
            unattributed: unattributed(estate, &projection),
            by_layer: adding_up(by_layer.in_order(&projection), monthly),
            by_model: adding_up(by_model.largest_first(&projection), monthly),
            by_caller: adding_up(by_caller.largest_first(&projection), monthly),
            by_class: adding_up(
                Cut::by(estate, |charge| charge.key.class.to_string()).largest_first(&projection),
                monthly,
            ),
            by_account: adding_up(
                Cut::by(estate, |charge| charge.owner.account().to_string()).largest_first(&projection),
                monthly,
            ),
            by_day: by_day(estate, &daily),
            unclassified: Cut::by_some(estate, |charge| {
                (charge.layer == Layer::Unclassified).then(|| charge.usage_type.to_string())
            })
            .largest_first(&projection),
            missed_by_service_filter: sum("missed by a filter on Amazon Bedrock", &|source| {
                !matches!(source, BillingSource::AmazonBedrock | BillingSource::Beside)
            }),
            bedrock: sum("all Bedrock services", &|source| source != BillingSource::Beside),
            by_source: adding_up(by_source.in_order(&projection), monthly),
            aside: aside(estate),
        }
    }
}

/// Dollars by day for each part of a cut.
struct Cut<K>(BTreeMap<K, Daily>);

impl<K: Ord + std::fmt::Display> Cut<K> {
    fn by(estate: &Estate, part: impl Fn(&crate::Charge) -> K) -> Self {
        Self::by_some(estate, |charge| Some(part(charge)))
    }

    fn by_some(estate: &Estate, part: impl Fn(&crate::Charge) -> Option<K>) -> Self {
        let mut parts = BTreeMap::new();
        for charge in &estate.charges {
            let Some(part) = part(charge) else { continue };
            let daily = parts.entry(part).or_insert_with(|| Daily::zero(estate.window.days()));
            daily.add(&estate.window, &billed(charge));
        }
        Self(parts)
    }

    fn in_order(&self, projection: &Projection) -> Vec<Slice> {
        let slice = |(name, daily): (&K, &Daily)| Slice {
            name: name.to_string(),
            billed: daily.total(),
            monthly: projection.monthly(daily),
        };
        self.0.iter().map(slice).collect()
    }

    /// Dollars of each part by day of the window, fees left out.
    fn days(&self) -> Vec<(K, Vec<Money>)>
    where
        K: Clone,
    {
        self.0.iter().map(|(part, daily)| (part.clone(), daily.days().collect())).collect()
    }

    fn largest_first(&self, projection: &Projection) -> Vec<Slice> {
        let mut slices = self.in_order(projection);
        slices.sort_by(|a, b| b.billed.cmp(&a.billed).then_with(|| a.name.cmp(&b.name)));
        slices
    }
}

/// Rounds the monthly dollars of a cut to micro-dollars so that they add up to the rounded whole.
fn adding_up(mut slices: Vec<Slice>, whole: Money) -> Vec<Slice> {
    let monthly: Vec<Money> = slices.iter().map(|slice| slice.monthly).collect();
    for (slice, rounded) in slices.iter_mut().zip(Money::round_parts(&monthly, 6)) {
        slice.monthly = rounded;
    }
    // Each part was projected and rounded to the pico-dollar on its own; that may tip the sum over a half.
    let left = whole - slices.iter().map(|slice| slice.monthly).sum();
    // Not to one-off fees: no month repeats them.
    if let Some(largest) = slices.iter_mut().max_by_key(|slice| slice.monthly) {
        largest.monthly += left;
    }
    slices
}

/// The service that Cost Explorer lists a charge under (Cost Explorer readings of 2026-06 to 2026-10: models sold
/// through AWS Marketplace are a service each, named by the offer). The seller of what stands beside Bedrock is told by
/// its class: only OpenSearch Serverless is metered in OCU-hours and in store GB-months.
fn service(estate: &Estate, key: &PriceKey) -> String {
    match key.source {
        BillingSource::AmazonBedrock => "Amazon Bedrock".to_owned(),
        BillingSource::AmazonBedrockService => "Amazon Bedrock Service".to_owned(),
        BillingSource::AmazonBedrockAgentCore => "Amazon Bedrock AgentCore".to_owned(),
        BillingSource::Beside if key.class.is_standing() => "Amazon OpenSearch Service".to_owned(),
        BillingSource::Beside => "the services of other vector stores".to_owned(),
        BillingSource::AwsMarketplace if matches!(key.model.as_str(), "unknown" | "") => {
            "AWS Marketplace, model not named".to_owned()
        }
        BillingSource::AwsMarketplace => {
            let model = estate.prices.catalogue().model(&key.model);
            let name = model.map_or(key.model.as_str(), |model| &model.name);
            format!("{name} (Amazon Bedrock Edition)")
        }
    }
}

/// Inference and embedding of no named caller.
fn unattributed(estate: &Estate, projection: &Projection) -> Slice {
    let nobody = |charge: &crate::Charge| match &charge.owner {
        Owner::Workload(workload) if !workload.caller.is_attributed() => {
            matches!(charge.layer, Layer::Inference | Layer::Embedding).then_some("unattributed")
        }
        _ => None,
    };
    let found = Cut::by_some(estate, nobody).largest_first(projection).pop();
    let nothing = Slice { name: "unattributed".to_owned(), billed: Money::ZERO, monthly: Money::ZERO };
    found.map_or(nothing, |slice| Slice { monthly: slice.monthly.round_micro(), ..slice })
}

fn by_day(estate: &Estate, daily: &Daily) -> Vec<Slice> {
    let slice = |(place, billed)| Slice { name: estate.window.day(place).to_string(), billed, monthly: Money::ZERO };
    daily.days().enumerate().map(slice).collect()
}

fn aside(estate: &Estate) -> Vec<Slice> {
    let kinds = [(ChargeKind::Credit, "credits"), (ChargeKind::Refund, "refunds"), (ChargeKind::Tax, "tax")];
    kinds
        .into_iter()
        .map(|(kind, name)| (estate.aside.iter().filter(|a| a.kind == kind).map(|a| a.amount).sum::<Money>(), name))
        .filter(|(sum, _)| !sum.is_zero())
        .map(|(billed, name)| Slice { name: name.to_owned(), billed, monthly: Money::ZERO })
        .collect()
}
