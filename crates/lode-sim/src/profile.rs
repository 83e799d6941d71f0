//! What an owner uses in a state: quantities and dollars by price key, and what they come to a month.
//! Recommenders measure here; they never price.

use std::collections::BTreeMap;

use lode_model::{ChargeKind, Class, Layer, Money, Owner, PriceKey, Unit};
use lode_prices::NewRates;

use crate::{Daily, Estate, Projection, State};

/// Use under one price key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What decides the price.
    pub key: PriceKey,
    /// Cost layer.
    pub layer: Layer,
    /// Steps of the unit; 0 for fixed amounts.
    pub steps: i128,
    /// Unit, where the quantity is usable.
    pub unit: Option<Unit>,
    /// Dollars in the window.
    pub cost: Money,
}

/// What prompt caching cost and brought, against the same tokens at the plain input price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheBalance {
    /// Tokens written.
    pub written: i128,
    /// Tokens read.
    pub read: i128,
    /// Dollars paid for writing above the plain input price.
    pub premium: Money,
    /// Dollars saved by reading below the plain input price.
    pub saved: Money,
}

/// What an owner uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// By price key, in order.
    pub uses: Vec<Use>,
    /// Dollars by day.
    pub daily: Daily,
    /// Dollars in the window.
    pub cost: Money,
    /// Dollars a month.
    pub monthly: Money,
}

impl Profile {
    /// Measures one owner in a state.
    #[must_use]
    pub fn of(estate: &Estate, projection: &Projection, state: &State, owner: &Owner) -> Self {
        let mut uses: BTreeMap<(PriceKey, Layer, Option<Unit>), (i128, Money)> = BTreeMap::new();
        for charge in state.charges(owner).iter().filter(|charge| charge.kind == ChargeKind::Usage) {
            let unit = charge.quantity.map(|quantity| quantity.unit);
            let sum = uses.entry((charge.key.clone(), charge.layer, unit)).or_default();
            sum.0 += charge.quantity.map_or(0, |quantity| quantity.steps);
            sum.1 += charge.cost;
        }
        let daily = state.daily_of(&estate.window, owner);
        Self {
            uses: uses
                .into_iter()
                .map(|((key, layer, unit), (steps, cost))| Use { key, layer, steps, unit, cost })
                .collect(),
            cost: daily.total(),
            monthly: projection.monthly(&daily),
            daily,
        }
    }

    /// Tokens of the uses that `which` picks.
    pub fn tokens(&self, which: impl Fn(&PriceKey) -> bool) -> i128 {
        self.uses.iter().filter(|u| u.unit == Some(Unit::Token) && which(&u.key)).map(|u| u.steps).sum()
    }

    /// Whether caching paid, on the bill's own rates. `None` when nothing was written, or an input price is
    /// not known.
    #[must_use]
    pub fn cache_balance(&self, estate: &Estate) -> Option<CacheBalance> {
        let mut balance = CacheBalance { written: 0, read: 0, premium: Money::ZERO, saved: Money::ZERO };
        for used in self.uses.iter().filter(|used| used.unit == Some(Unit::Token)) {
            let (write, read) = (matches!(used.key.class, Class::CacheWrite(_)), used.key.class == Class::CacheRead);
            if !write && !read {
                continue;
            }
            let plain = PriceKey { class: Class::Input, ..used.key.clone() };
            let as_input = estate.prices.quote(&plain, &used.key, NewRates::Inherit).ok()?.rate.cost(used.steps, 1);
            if write {
                balance.written += used.steps;
                balance.premium += used.cost - as_input;
            } else {
                balance.read += used.steps;
                balance.saved += as_input - used.cost;
            }
        }
        (balance.written > 0).then_some(balance)
    }
}
