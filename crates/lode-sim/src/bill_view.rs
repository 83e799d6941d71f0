//! Where the money goes: the same dollars cut by layer, by billing source, by model, caller, class and day.
//! Every cut adds up to the same total.

use std::collections::BTreeMap;

use jiff::ToSpan;
use lode_model::{BillingSource, ChargeKind, Layer, Money, Owner};

use crate::state::billed;
use crate::{Daily, Estate, Projection, State};

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

/// The bill, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillView {
    /// Everything of the run rate billed in the window.
    pub billed: Money,
    /// The same a month.
    pub monthly: Money,
    /// Of it, one-off fees, which a month does not repeat.
    pub fees: Money,
    /// By cost layer, in the order of [`Layer::ALL`].
    pub by_layer: Vec<Slice>,
    /// By who sells it, in the order of [`BillingSource::ALL`].
    pub by_source: Vec<Slice>,
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
        Self {
            billed: daily.total(),
            monthly,
            fees: daily.fees,
            by_layer: adding_up(Cut::by(estate, |charge| charge.layer).in_order(&projection), monthly),
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
    if let Some(largest) = slices.iter_mut().max_by_key(|slice| slice.billed) {
        largest.monthly += left;
    }
    slices
}

fn by_day(estate: &Estate, daily: &Daily) -> Vec<Slice> {
    let mut day = estate.window.first;
    let mut slices = Vec::with_capacity(daily.usage.len());
    for (usage, standing) in daily.usage.iter().zip(&daily.standing) {
        slices.push(Slice { name: day.to_string(), billed: *usage + *standing, monthly: Money::ZERO });
        day = day.saturating_add(1.day());
    }
    slices
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
