//! Committed capacity over a demand: what every number of units would cost beside what stays on demand, and the best.
//!
//! It needs no bill: demand is that of logged calls or of a table, on-demand rates are list prices or the user's. It
//! knows no files and words no sentence. How a curve is made: [`crate::capacity`].

mod bins;
mod offers;
mod regret;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use lode_model::{AccountId, DemandRow, ModelId, Money, Region, Term, Trace, TraceError};
use lode_prices::Catalogue;

use self::bins::{Gathered, Pool};
use crate::capacity::{Curve, OverDays, Point, Series};
use crate::list_rates::RateBasis;

/// Where a table's prices count when nothing is said: the region of most list prices.
const REGION: &str = "us-east-1";

/// Where demand comes from.
#[derive(Clone, Copy)]
pub enum Measured<'a> {
    /// Logged calls.
    Calls(&'a dyn Trace),
    /// Rows of a table, in any order.
    Rows(&'a [DemandRow]),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct CapacityQuestion {
    /// Tokens that one unit answers a minute; `None`: not known.
    pub unit_tokens: Option<u64>,
    /// What one unit costs an hour; `None`: the catalogue's price.
    pub unit_price: Option<Money>,
    /// What a million uncached prompt tokens cost on demand; `None`: the catalogue's price.
    pub input_price: Option<Money>,
    /// The same of generated tokens.
    pub output_price: Option<Money>,
    /// The model whose calls and prices count.
    pub model: Option<ModelId>,
    /// Only calls of this source region; of a table, whose prices count.
    pub region: Option<Region>,
    /// Only calls of this account.
    pub account: Option<AccountId>,
    /// The commitment; `None`: all on offer are compared.
    pub term: Option<Term>,
    /// The fewest units that are sold; `None`: 1, or of the Reserved tier what the catalogue says.
    pub least: Option<u32>,
    /// Seconds of a bin.
    pub bin_seconds: u32,
    /// Seconds since 1970 from which on demand counts; `None`: from the first.
    pub from: Option<i64>,
    /// Seconds since 1970 up to which demand counts; `None`: to the last.
    pub to: Option<i64>,
    /// The Reserved tier in place of model units: input and output tokens a minute, both bought or none.
    pub reserved: bool,
    /// What opaque names of models stand for.
    pub names: BTreeMap<ModelId, ModelId>,
    /// Tokens a unit answers a minute by model, where nothing is asked.
    pub known_units: BTreeMap<ModelId, u64>,
}

impl Default for CapacityQuestion {
    fn default() -> Self {
        Self {
            unit_tokens: None,
            unit_price: None,
            input_price: None,
            output_price: None,
            model: None,
            region: None,
            account: None,
            term: None,
            least: None,
            bin_seconds: 60,
            from: None,
            to: None,
            reserved: false,
            names: BTreeMap::new(),
            known_units: BTreeMap::new(),
        }
    }
}

/// Calls, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapacityCalls {
    /// In the figures; of a table, what it counts.
    pub requests: u64,
    /// Of them, on dedicated capacity today: what they would cost on demand counts.
    pub dedicated: u64,
    /// Left out: they failed.
    pub failed: u64,
    /// Left out: batch.
    pub batch: u64,
    /// Left out: before or after the time asked for.
    pub outside: u64,
}

/// What shares capacity: an account, a source region and a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityPool {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model.
    pub model: ModelId,
    /// Tokens.
    pub tokens: u64,
}

/// What a unit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferedUnits {
    /// Model units, which answer prompts and answers alike.
    Model,
    /// Reserved input: a thousand prompt tokens a minute, written to a cache or not; cache reads are not counted.
    ReservedInput,
    /// Reserved output: a thousand generated tokens a minute.
    ReservedOutput,
}

/// A commitment, and what it would come to.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityOffer {
    /// How long it binds; `None`: the user's price, which says nothing of it.
    pub term: Option<Term>,
    /// What a unit costs an hour.
    pub hourly: Money,
    /// Tokens a minute that a unit has to answer all the time to be worth it. `None`: no unit could.
    pub break_even: Option<u64>,
    /// The best number of units: of all parts together, of which none is bought alone. `None`: what a unit answers is not
    /// known.
    pub best: Option<Point>,
}

/// The best number of units at another volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherVolume {
    /// The volume, in per cent of the one measured.
    pub percent: u32,
    /// Units that would be best, for all parts together.
    pub best_units: u32,
    /// What the units chosen cost above them. Of one of several parts it may be negative; their sum is not.
    pub regret: Money,
}

/// What the number of units chosen costs where demand is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityRegret {
    /// At 70 % and 130 % of the volume.
    pub volumes: Vec<OtherVolume>,
    /// Above each UTC day's own best numbers; the worst day is that of all parts together.
    pub days: OverDays,
    /// The worst of the days.
    pub worst_day: Option<Date>,
}

/// One kind of units.
#[derive(Clone, Debug)]
pub struct CapacityPart {
    /// What they answer.
    pub units: OfferedUnits,
    /// Tokens a bin.
    pub series: Series,
    /// What those tokens cost on demand.
    pub on_demand: Money,
    /// Tokens that a unit answers a minute, where known.
    pub unit_tokens: Option<u64>,
    /// The fewest units that are sold.
    pub least: u32,
    /// Commitments compared, the shortest first.
    pub offers: Vec<CapacityOffer>,
    /// The one that costs least with its best number of units; where none is worth it, the one whose unit costs least.
    pub chosen: usize,
    /// Of the one chosen.
    pub curve: Option<Curve>,
    /// Of the one chosen.
    pub regret: Option<CapacityRegret>,
}

impl CapacityPart {
    /// The commitment chosen.
    #[must_use]
    pub fn offer(&self) -> Option<&CapacityOffer> {
        self.offers.get(self.chosen)
    }

    /// Its best number of units.
    #[must_use]
    pub fn best(&self) -> Option<Point> {
        self.offer()?.best
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct WhatIfCapacity {
    /// Whose calls these are: of those asked for the most tokens with a price; `None` of a table.
    pub pool: Option<CapacityPool>,
    /// Other pools of the input, the largest first: capacity of one does not serve another.
    pub others: Vec<CapacityPool>,
    /// Whose prices count, where any model's do.
    pub model: Option<ModelId>,
    /// Where.
    pub region: Region,
    /// Calls.
    pub calls: CapacityCalls,
    /// Start of the first bin, seconds since 1970.
    pub first: i64,
    /// Bins, idle ones included.
    pub bins: u64,
    /// Seconds of one.
    pub bin_seconds: u32,
    /// Seconds between a table's rows, at the least.
    pub step: Option<u64>,
    /// What a million prompt tokens cost, Standard tier.
    pub input_price: Option<Money>,
    /// The same of generated tokens.
    pub output_price: Option<Money>,
    /// Where the weakest of the on-demand rates comes from; `None`: from the user alone.
    pub basis: Option<RateBasis>,
    /// Model units; or of the Reserved tier input and output, under one commitment.
    pub parts: Vec<CapacityPart>,
}

impl WhatIfCapacity {
    /// What all of it costs on demand.
    #[must_use]
    pub fn on_demand(&self) -> Money {
        self.parts.iter().map(|part| part.on_demand).sum()
    }

    /// What it costs with the best numbers of units; `None` where what a unit answers is not known.
    #[must_use]
    pub fn best_cost(&self) -> Option<Money> {
        self.parts.iter().map(|part| Some(part.best()?.cost)).sum()
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// The trace could not be read to its end.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// No demand to answer.
    #[error("no demand")]
    NoDemand {
        /// What was left out.
        calls: CapacityCalls,
        /// What is there of other models, accounts and regions.
        others: Vec<CapacityPool>,
    },
    /// No on-demand price of prompt or answer.
    #[error("no on-demand price")]
    NoOnDemandPrice {
        /// The model, where one is known.
        model: Option<ModelId>,
        /// Where.
        region: Region,
        /// Whether it is the price of generated tokens.
        output: bool,
    },
    /// No price of a unit.
    #[error("no price of a unit")]
    NoUnitPrice {
        /// The model, where one is known.
        model: Option<ModelId>,
        /// Where.
        region: Region,
        /// Commitments with a price there.
        terms: Vec<Term>,
        /// Regions of which the catalogue has prices of model units.
        regions: Vec<String>,
    },
    /// The Reserved tier does not take the model.
    #[error("not in the Reserved tier")]
    NotReserved {
        /// The model, where one is known.
        model: Option<ModelId>,
        /// Commitments with a price there.
        terms: Vec<Term>,
    },
}

/// Prices committed capacity over a demand.
///
/// # Errors
/// When the trace cannot be read, nothing of it is asked for, or a price is missing.
pub fn whatif_capacity(
    measured: Measured<'_>,
    question: &CapacityQuestion,
    catalogue: &Catalogue,
) -> Result<WhatIfCapacity, CapacityError> {
    let Gathered { mut pools, mut calls, outside_pools, step } = bins::gather(measured, question, catalogue)?;
    if pools.is_empty() {
        return Err(CapacityError::NoDemand { calls, others: outside_pools });
    }
    let Pool { place, bins, requests, dedicated, global, model, region, rates, .. } = pools.remove(0);
    calls.requests = requests;
    calls.dedicated = dedicated;
    let length = i64::from(question.bin_seconds.max(1));
    let start = question.from.map(|from| from.div_euclid(length));
    let start = start.or_else(|| bins.keys().next().copied()).unwrap_or_default();
    let end = question.to.map(|to| to.saturating_add(length - 1).div_euclid(length));
    let end = end.or_else(|| bins.keys().next_back().map(|last| last.saturating_add(1))).unwrap_or(start);
    let covered = offers::Covered { bins: &bins, start, end: end.max(start + 1), seconds: question.bin_seconds.max(1) };
    let held = offers::Seller { question, catalogue, model: model.as_ref(), region: &region, global };
    let parts = offers::parts(&held, &covered)?;
    Ok(WhatIfCapacity {
        pool: place,
        others: pools.into_iter().filter_map(|pool| pool.place).collect(),
        model,
        region,
        calls,
        first: start.saturating_mul(length),
        bins: covered.count(),
        bin_seconds: covered.seconds,
        step,
        input_price: rates.input,
        output_price: rates.output,
        basis: rates.basis,
        parts,
    })
}
