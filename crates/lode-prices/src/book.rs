//! The price book of one estate: the bill's own effective rates first, then the catalogue, with the
//! discount the bill shows kept where that is fair to assume.

use std::collections::BTreeMap;

use lode_model::{AccountId, BillingSource, ModelId, Money, PriceKey, Rate, Ratio};

use crate::{Catalogue, ListPrice, Unpriced};

/// What to assume of rates that this bill does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewRates {
    /// The discount that all models of the seller get is kept: the expected case.
    Inherit,
    /// A model that the bill does not show is priced at list: the cautious case.
    List,
}

/// Where a rate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Billed dollars over billed quantity of this very price key.
    Bill,
    /// The catalogue's list price, times what this bill pays of list (`kept`).
    List {
        /// The list price.
        list: ListPrice,
        /// What part of list is paid.
        kept: Ratio,
    },
}

/// A rate and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Dollars for the quantity's steps.
    pub rate: Rate,
    /// Where it comes from.
    pub origin: Origin,
}

/// Prices of one estate.
#[derive(Clone, Debug)]
pub struct PriceBook {
    catalogue: &'static Catalogue,
    effective: BTreeMap<PriceKey, Rate>,
    /// What is paid of list, by account, seller and model.
    by_model: BTreeMap<(AccountId, BillingSource, ModelId), Ratio>,
    /// The most that any model of a seller pays of list, by account: the discount that all of them get.
    by_source: BTreeMap<(AccountId, BillingSource), Ratio>,
}

impl PriceBook {
    /// A price book from what was billed: for each line its key, steps and dollars. Lines of one key are
    /// added up before they become a rate.
    #[must_use]
    pub fn new<'a>(
        catalogue: &'static Catalogue,
        billed: impl IntoIterator<Item = (&'a PriceKey, i128, Money)>,
    ) -> Self {
        let mut sums: BTreeMap<&PriceKey, (i128, Money)> = BTreeMap::new();
        for (key, steps, dollars) in billed {
            let sum = sums.entry(key).or_default();
            sum.0 += steps;
            sum.1 += dollars;
        }
        let mut models: BTreeMap<_, (Money, Money)> = BTreeMap::new();
        let mut effective = BTreeMap::new();
        for (key, (steps, dollars)) in sums {
            let Some(rate) = Rate::new(dollars, steps) else { continue };
            effective.insert(key.clone(), rate);
            if let Ok(list) = catalogue.list_price(key) {
                let sum: &mut (Money, Money) =
                    models.entry((key.account.clone(), key.source, key.model.clone())).or_default();
                sum.0 += dollars;
                sum.1 += list.rate.cost(steps, 1);
            }
        }
        let by_model: BTreeMap<_, Ratio> =
            models.into_iter().filter_map(|(key, sums)| Some((key, paid_of_list(sums)?))).collect();
        let mut by_source: BTreeMap<_, Ratio> = BTreeMap::new();
        for ((account, source, _), kept) in &by_model {
            let most = by_source.entry((account.clone(), *source)).or_insert(*kept);
            *most = (*most).max(*kept);
        }
        Self { catalogue, effective, by_model, by_source }
    }

    /// The catalogue behind it.
    #[must_use]
    pub const fn catalogue(&self) -> &'static Catalogue {
        self.catalogue
    }

    /// What the bill itself pays for a key.
    #[must_use]
    pub fn effective(&self, key: &PriceKey) -> Option<Rate> {
        self.effective.get(key).copied()
    }

    /// What this account pays of list for a model from a seller, where it can be told.
    #[must_use]
    pub fn paid_of_list(&self, key: &PriceKey) -> Option<Ratio> {
        self.by_model.get(&(key.account.clone(), key.source, key.model.clone())).copied()
    }

    /// Whether the bill's rate for a key is less than half of what the model otherwise pays of list: a rate to bill
    /// its own use with, and not one to promise for other use.
    fn is_outlier(&self, key: &PriceKey, rate: Rate) -> bool {
        let (Ok(list), Some(kept)) = (self.catalogue.list_price(key), self.paid_of_list(key)) else { return false };
        let million = 1_000_000;
        rate.cost(2 * million, 1) < list.rate.scaled(i128::from(kept.ppm())).cost(million, 1)
    }

    /// The price of `key` for use that is billed under `today`.
    ///
    /// In order: the bill's own rate for the key; list price at what the same model pays of list; list price at
    /// the discount that every model of the same seller gets (never a surcharge), or without it with
    /// [`NewRates::List`]; list price. A discount on one model says nothing of another, so the smallest counts.
    ///
    /// # Errors
    /// When neither the bill nor the catalogue knows a price.
    pub fn quote(&self, key: &PriceKey, today: &PriceKey, new_rates: NewRates) -> Result<Quote, Unpriced> {
        if let Some(rate) = self.effective.get(key)
            && (key == today || !self.is_outlier(key, *rate))
        {
            return Ok(Quote { rate: *rate, origin: Origin::Bill });
        }
        let list = self.catalogue.list_price(key)?;
        let same_source = (key.source == today.source && new_rates == NewRates::Inherit)
            .then(|| self.by_source.get(&(key.account.clone(), key.source)).copied())
            .flatten()
            .map(|kept| kept.min(Ratio::ONE));
        let kept = self.paid_of_list(key).or(same_source).unwrap_or(Ratio::ONE);
        Ok(Quote { rate: list.rate.scaled(i128::from(kept.ppm())), origin: Origin::List { list, kept } })
    }
}

/// Whether a rate is so far from list that the quantity, not the price, must be off: less than a twentieth or more
/// than twenty times. No public discount or surcharge comes near; a mistaken unit is off by 1,000.
#[must_use]
pub fn is_implausible(billed: Money, list: Money) -> bool {
    !list.is_zero() && (billed.pico() * 20 < list.pico() || billed.pico() > list.pico() * 20)
}

/// Billed over list in millionths; what lies within a tenth of a per cent of list is list, since exports and
/// price lists round.
fn paid_of_list((billed, list): (Money, Money)) -> Option<Ratio> {
    if list <= Money::ZERO || billed < Money::ZERO {
        return None;
    }
    let kept = Ratio::from_f64(billed.share_of(list));
    Some(if kept.ppm().abs_diff(Ratio::ONE.ppm()) <= 1_000 { Ratio::ONE } else { kept })
}
