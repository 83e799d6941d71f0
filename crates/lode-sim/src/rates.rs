//! What the bill pays for each price, against list: effective rates, the discount each seller gives, and usage whose
//! rate does not fit.
//!
//! Knows no words for people; pages name what is found here.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{BillingSource, ChargeKind, ContextBand, Mode, Money, PriceKey, Quantity, Rate, Ratio, Routing, Unit};
use lode_model::{Class, ModelId};
use lode_prices::Unpriced;

use crate::Estate;

/// Steps that a rate is shown for: a million tokens, an hour, a GB-month, a piece.
pub const SHOWN_STEPS: i128 = 1_000_000;

/// Above this multiple of list, or below its inverse, a rate is an anomaly. The deepest public discount is that of
/// batch and Flex, half of list, and has list prices of its own (AWS, Bedrock pricing page, read 2026-11); private
/// discounts of two thirds are not known.
const FAR: i128 = 3;

/// What is billed under one price key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRow {
    /// The price key.
    pub key: PriceKey,
    /// Usage or fee.
    pub kind: ChargeKind,
    /// How much of it; `None` for fixed amounts, which have no rate.
    pub quantity: Option<Quantity>,
    /// Dollars billed.
    pub billed: Money,
    /// List price, where the catalogue has one.
    pub list: Option<Rate>,
    /// Why it has none.
    pub unpriced: Option<Unpriced>,
}

impl RateRow {
    /// What the bill pays for [`SHOWN_STEPS`].
    #[must_use]
    pub fn effective_rate(&self) -> Option<Money> {
        Some(Rate::new(self.billed, self.quantity?.steps)?.per(SHOWN_STEPS))
    }

    /// List price of [`SHOWN_STEPS`].
    #[must_use]
    pub fn list_rate(&self) -> Option<Money> {
        self.list.map(|rate| rate.per(SHOWN_STEPS))
    }

    /// The quantity at list.
    #[must_use]
    pub fn at_list(&self) -> Option<Money> {
        Some(self.list?.cost(self.quantity?.steps, 1))
    }
}

/// Every price key of the bill, the most expensive first. Their dollars add up to the bill.
pub(crate) fn rates(estate: &Estate) -> Vec<RateRow> {
    let mut sums: BTreeMap<(&PriceKey, ChargeKind, Option<Unit>), (i128, Money)> = BTreeMap::new();
    for charge in &estate.charges {
        let quantity = charge.quantity.filter(|quantity| quantity.steps > 0);
        let sum = sums.entry((&charge.key, charge.kind, quantity.map(|quantity| quantity.unit))).or_default();
        sum.0 += quantity.map_or(0, |quantity| quantity.steps);
        sum.1 += charge.billed;
    }
    let row = |((key, kind, unit), (steps, billed)): ((&PriceKey, ChargeKind, Option<Unit>), (i128, Money))| {
        let quantity = unit.map(|unit| Quantity { steps, unit });
        let list = quantity.filter(|_| kind == ChargeKind::Usage).map(|_| estate.prices.catalogue().list_price(key));
        let (list, unpriced) = match list {
            None => (None, None),
            Some(Ok(list)) => (Some(list.rate), None),
            Some(Err(why)) => (None, Some(why)),
        };
        RateRow { key: key.clone(), kind, quantity, billed, list, unpriced }
    };
    let mut rows: Vec<RateRow> = sums.into_iter().map(row).collect();
    // Stable: what costs the same stays in the order of the keys.
    rows.sort_by_key(|row| -row.billed.pico());
    rows
}

/// Rates of one model, class, mode, routing, band and seller over accounts and regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateGroup {
    /// Model.
    pub model: ModelId,
    /// What is metered.
    pub class: Class,
    /// Pricing mode.
    pub mode: Mode,
    /// Regional or global.
    pub routing: Routing,
    /// Context band.
    pub band: ContextBand,
    /// A custom model's own price line.
    pub custom: bool,
    /// Who sells it.
    pub source: BillingSource,
    /// How much of it.
    pub quantity: Quantity,
    /// Dollars billed.
    pub billed: Money,
    /// The same at list, where every part has a list price.
    pub at_list: Option<Money>,
    /// Smallest and largest effective rate of its parts.
    pub range: (Money, Money),
}

impl RateGroup {
    /// The groups of some rates, the most expensive first. Fees and fixed amounts have no rate and are left out.
    #[must_use]
    pub fn of(rows: &[RateRow]) -> Vec<Self> {
        let mut groups: BTreeMap<_, Self> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.kind == ChargeKind::Usage) {
            let (Some(quantity), Some(rate)) = (row.quantity, row.effective_rate()) else { continue };
            let key = &row.key;
            let one = Self {
                model: key.model.clone(),
                class: key.class.clone(),
                mode: key.mode,
                routing: key.routing,
                band: key.band,
                custom: key.custom,
                source: key.source,
                quantity,
                billed: row.billed,
                at_list: row.at_list(),
                range: (rate, rate),
            };
            let what = (one.model.clone(), one.class.clone(), one.mode, one.routing, one.band, one.custom, one.source);
            match groups.entry((what, quantity.unit)) {
                std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(one)),
                std::collections::btree_map::Entry::Occupied(mut group) => group.get_mut().add(&one),
            }
        }
        let mut groups: Vec<Self> = groups.into_values().collect();
        groups.sort_by_key(|group| -group.billed.pico());
        groups
    }

    fn add(&mut self, other: &Self) {
        self.quantity.steps += other.quantity.steps;
        self.billed += other.billed;
        self.at_list = self.at_list.zip(other.at_list).map(|(a, b)| a + b);
        self.range = (self.range.0.min(other.range.0), self.range.1.max(other.range.1));
    }

    /// What the bill pays for [`SHOWN_STEPS`], on average.
    #[must_use]
    pub fn effective_rate(&self) -> Money {
        self.average(self.billed)
    }

    /// The list price of [`SHOWN_STEPS`], on average.
    #[must_use]
    pub fn list_rate(&self) -> Option<Money> {
        self.at_list.map(|list| self.average(list))
    }

    fn average(&self, dollars: Money) -> Money {
        Rate::new(dollars, self.quantity.steps).map_or(dollars, |rate| rate.per(SHOWN_STEPS))
    }
}

/// What one seller is paid, against list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgainstList {
    /// Who sells it.
    pub source: BillingSource,
    /// Dollars billed for usage that has a list price.
    pub billed: Money,
    /// The same usage at list.
    pub list: Money,
    /// Dollars of usage without a list price, and fixed amounts.
    pub unpriced: Money,
    /// The most that any model of it is paid of list in any account: what is assumed of other models.
    pub every_model: Option<Ratio>,
}

/// What each seller is paid, in the order of [`BillingSource::ALL`].
pub(crate) fn against_list(estate: &Estate, rows: &[RateRow]) -> Vec<AgainstList> {
    let mut sellers: BTreeMap<BillingSource, AgainstList> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.kind == ChargeKind::Usage) {
        let source = row.key.source;
        let seller = sellers.entry(source).or_insert(AgainstList {
            source,
            billed: Money::ZERO,
            list: Money::ZERO,
            unpriced: Money::ZERO,
            every_model: None,
        });
        match row.at_list() {
            Some(list) => {
                seller.billed += row.billed;
                seller.list += list;
                seller.every_model = seller.every_model.max(estate.prices.paid_of_list(&row.key));
            }
            None => seller.unpriced += row.billed,
        }
    }
    sellers.into_values().collect()
}

/// How a quantity and its dollars do not fit, by the factor between rate and list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// A millionth of list: the quantity is a million times too large.
    MillionTooMany,
    /// A thousandth of list: the quantity is a thousand times too large.
    ThousandTooMany,
    /// Far below list, and by no power of a thousand.
    Cheap,
    /// Far above list, and by no power of a thousand.
    Dear,
    /// A thousand times list: the quantity is a thousand times too small.
    ThousandTooFew,
    /// A million times list: the quantity is a million times too small.
    MillionTooFew,
}

impl Misfit {
    /// Of dollars and the same quantity at list; `None` where they fit.
    #[must_use]
    pub fn of(billed: Money, list: Money) -> Option<Self> {
        let (billed, list) = (billed.pico(), list.pico());
        if billed <= 0 || list <= 0 {
            return None;
        }
        // Half a power of ten to either side: a discount does not hide the factor.
        let about = |large: i128, small: i128, power: i128| {
            large.saturating_mul(1_000) >= small.saturating_mul(power.saturating_mul(316))
                && large.saturating_mul(1_000) <= small.saturating_mul(power.saturating_mul(3_162))
        };
        Some(match () {
            () if about(billed, list, 1_000_000) => Self::MillionTooFew,
            () if about(billed, list, 1_000) => Self::ThousandTooFew,
            () if about(list, billed, 1_000_000) => Self::MillionTooMany,
            () if about(list, billed, 1_000) => Self::ThousandTooMany,
            () if billed > list.saturating_mul(FAR) => Self::Dear,
            () if list > billed.saturating_mul(FAR) => Self::Cheap,
            () => return None,
        })
    }

    /// The word JSON and CSV use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MillionTooMany => "quantity-a-million-times-too-large",
            Self::ThousandTooMany => "quantity-a-thousand-times-too-large",
            Self::Cheap => "far-below-list",
            Self::Dear => "far-above-list",
            Self::ThousandTooFew => "quantity-a-thousand-times-too-small",
            Self::MillionTooFew => "quantity-a-million-times-too-small",
        }
    }
}

/// Usage of one type whose rate does not fit list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Usage type as billed.
    pub usage_type: Arc<str>,
    /// How it does not fit.
    pub misfit: Misfit,
    /// Unit of its quantity.
    pub unit: Unit,
    /// Dollars billed.
    pub billed: Money,
    /// The quantity at list.
    pub list: Money,
    /// Whether rate and quantity are used all the same; else the dollars stand as a fixed amount.
    pub used: bool,
}

/// Everything that does not fit, the most expensive first: what the estate withholds, and what it uses.
pub(crate) fn anomalies(estate: &Estate) -> Vec<Anomaly> {
    let mut by_key: BTreeMap<(&Arc<str>, &PriceKey), (Quantity, Money)> = BTreeMap::new();
    for charge in estate.charges.iter().filter(|charge| charge.kind == ChargeKind::Usage) {
        let Some(quantity) = charge.quantity.filter(|quantity| quantity.steps > 0) else { continue };
        let nothing = (Quantity { steps: 0, ..quantity }, Money::ZERO);
        let sum = by_key.entry((&charge.usage_type, &charge.key)).or_insert(nothing);
        sum.0.steps += quantity.steps;
        sum.1 += charge.billed;
    }
    let mut found: BTreeMap<(&Arc<str>, Misfit, Unit), (Money, Money)> = BTreeMap::new();
    for ((usage_type, key), (quantity, billed)) in by_key {
        let Ok(list) = estate.prices.catalogue().list_price(key) else { continue };
        let list = list.rate.cost(quantity.steps, 1);
        // Below a cent, rounding on the bill can look like anything.
        let cent = Money::from_micro(10_000);
        if let Some(misfit) = Misfit::of(billed, list).filter(|_| billed > cent || list > cent) {
            let sum = found.entry((usage_type, misfit, quantity.unit)).or_default();
            sum.0 += billed;
            sum.1 += list;
        }
    }
    let used = found.into_iter().map(|((usage_type, misfit, unit), (billed, list))| Anomaly {
        usage_type: Arc::clone(usage_type),
        misfit,
        unit,
        billed,
        list,
        used: true,
    });
    let mut all: Vec<Anomaly> = estate.implausible.iter().cloned().chain(used).collect();
    all.sort_by(|a, b| b.billed.cmp(&a.billed).then_with(|| (&a.usage_type, a.misfit).cmp(&(&b.usage_type, b.misfit))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_named_as_what_they_are() {
        let of = |billed: &str, list: &str| {
            Misfit::of(Money::parse(billed).expect("money"), Money::parse(list).expect("money"))
        };
        assert_eq!(of("3", "3"), None);
        assert_eq!(of("9", "3"), None, "three times is still shown as a rate");
        assert_eq!(of("9.01", "3"), Some(Misfit::Dear));
        assert_eq!(of("0.99", "3"), Some(Misfit::Cheap));
        assert_eq!(of("0.0024", "3"), Some(Misfit::ThousandTooMany), "a fifth of discount on top");
        assert_eq!(of("0.000003", "3"), Some(Misfit::MillionTooMany));
        assert_eq!(of("3000", "3"), Some(Misfit::ThousandTooFew));
        assert_eq!(of("3000000", "3"), Some(Misfit::MillionTooFew));
        assert_eq!(of("150", "3"), Some(Misfit::Dear), "50 times is no power of a thousand");
        assert_eq!(of("0", "3"), None, "free is not cheap");
        assert_eq!(of("3", "0"), None);
    }
}
