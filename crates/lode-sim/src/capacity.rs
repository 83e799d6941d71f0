//! Committed capacity: what any number of units costs over a series of minutes, and which number costs least. Units
//! answer so many tokens a minute; what is beyond them in a minute stays on demand, pro rata of what was asked in it:
//!
//! cost(units) = units × price of a unit + Σ of minutes: on-demand cost × max(0, tokens − units × tokens a unit) / tokens
//!
//! A percentile of the demand does not answer this question: a minute counts by what it costs on demand, and a unit is
//! paid for in every minute, also in those in which nobody asks.
//!
//! **How exact.** A minute's dollars a token are kept as whole pico-dollars and a fraction of 2⁻⁶⁴, rounded down. As long
//! as all tokens of the series are fewer than 2⁶⁴, every cost is right to two pico-dollars, a five-hundred-thousandth of
//! a micro-dollar, for however many minutes.
//!
//! This room knows no estate, no model and no price book; it must not know where a load came from or what a unit is.

mod regret;
mod series;
#[cfg(test)]
mod tests;

use lode_model::Money;

pub(crate) use regret::mean;
pub use regret::{Day, OverDays, over_days};
pub use series::Series;

/// Units up to which a curve goes. Beyond, the answer is not a number of units but a talk with the seller, and what a
/// curve holds must not grow with a typing error in the tokens of a unit.
pub const MOST_UNITS: u32 = 1 << 20;

/// The largest amount that is taken for a minute or a unit, in pico-dollars: far above any bill, and sums of a million
/// of them still fit.
const LARGEST: i128 = 1 << 96;

/// What one minute asks for. Idle minutes need not be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Tokens that a unit would have to answer.
    pub tokens: u64,
    /// What the minute costs at on-demand rates, in pico-dollars.
    pub cost: i128,
}

/// Units that are on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Tokens that one unit answers a minute. With 0 it answers none, and buying nothing is the only choice.
    pub per_unit: u64,
    /// What one unit costs over all minutes of the series, in pico-dollars. Taken as 0 when it is negative.
    pub unit_cost: i128,
    /// The fewest units that are sold; 0 and 1 are the same.
    pub least: u32,
}

/// One number of units and what it comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Units bought.
    pub units: u32,
    /// The units and what is beyond them, over all minutes.
    pub cost: Money,
    /// Tokens that the units answer, as a share of what they could answer in all minutes; 0 without units.
    pub utilisation: f64,
    /// Tokens beyond the units, as a share of all; 0 when there are none.
    pub overflow_share: f64,
}

/// Minutes that are beyond so many units and no more; after the pass, minutes beyond at least so many.
#[derive(Clone, Copy, Debug, Default)]
struct Beyond {
    /// Tokens of the minutes, as they came.
    tokens: u128,
    /// On-demand cost of the minutes, pico-dollars.
    cost: i128,
    /// Σ of the minutes' pico-dollars a token: whole ones,
    per_token: i128,
    /// and a fraction of 2⁶⁴.
    fraction: u64,
    minutes: u64,
}

impl Beyond {
    fn add(&mut self, other: &Self) {
        let (fraction, carried) = self.fraction.overflowing_add(other.fraction);
        self.tokens += other.tokens;
        self.cost += other.cost;
        self.per_token += other.per_token + i128::from(carried);
        self.fraction = fraction;
        self.minutes += other.minutes;
    }

    /// A minute with tokens.
    fn of(load: Load) -> Self {
        let cost = load.cost.clamp(-LARGEST, LARGEST);
        let (per_token, rest) = match u64::try_from(cost) {
            Ok(cost) => (i128::from(cost / load.tokens), cost % load.tokens),
            Err(_) => {
                let tokens = i128::from(load.tokens);
                (cost.div_euclid(tokens), u64::try_from(cost.rem_euclid(tokens)).unwrap_or_default())
            }
        };
        // The rest is less than the tokens, so that the fraction fits.
        let fraction = (u128::from(rest) << 64) / u128::from(load.tokens);
        let fraction = u64::try_from(fraction).unwrap_or(u64::MAX);
        Self { tokens: u128::from(load.tokens), cost, per_token, fraction, minutes: 1 }
    }
}

/// What every number of units costs over one series, made in one pass over its minutes, in any order.
#[derive(Clone, Debug)]
pub struct Curve {
    offer: Offer,
    /// The volume: every minute's tokens and cost times `times`, over `over`.
    times: u64,
    over: u64,
    minutes: u64,
    /// What no unit takes over: dollars of minutes without tokens.
    fixed: i128,
    /// At each number of units, the minutes that are beyond it. None is beyond more units than there are entries.
    beyond: Vec<Beyond>,
    capped: bool,
}

impl Curve {
    /// The curve of a series of `minutes` minutes, idle ones included: fewer than the loads given are taken as that many.
    pub fn of(loads: impl IntoIterator<Item = Load>, minutes: u64, offer: Offer) -> Self {
        Self::at_percent(loads, minutes, offer, 100)
    }

    /// The curve of the series at another volume: tokens and cost of every minute times `percent` / 100.
    pub fn at_percent(loads: impl IntoIterator<Item = Load>, minutes: u64, offer: Offer, percent: u32) -> Self {
        let (times, over) = match percent {
            100 => (1, 1),
            _ => (u64::from(percent), 100),
        };
        let offer = Offer { unit_cost: offer.unit_cost.clamp(0, LARGEST), least: offer.least.max(1), ..offer };
        let mut curve = Self { offer, times, over, minutes, fixed: 0, beyond: Vec::new(), capped: false };
        let mut given = 0;
        for load in loads {
            given += 1;
            curve.take(load);
        }
        curve.minutes = minutes.max(given);
        let mut sum = Beyond::default();
        for beyond in curve.beyond.iter_mut().rev() {
            sum.add(beyond);
            *beyond = sum;
        }
        curve
    }

    fn take(&mut self, load: Load) {
        if load.tokens == 0 || self.times == 0 {
            self.fixed += load.cost.clamp(-LARGEST, LARGEST);
            return;
        }
        // The last number of units that the minute is beyond.
        let last = match (self.offer.per_unit, self.over) {
            (0, _) => 0,
            (per_unit, 1) => (load.tokens - 1) / per_unit,
            (per_unit, over) => {
                let tokens = u128::from(load.tokens) * u128::from(self.times);
                u64::try_from((tokens - 1) / (u128::from(per_unit) * u128::from(over))).unwrap_or(u64::MAX)
            }
        };
        let last = u32::try_from(last).unwrap_or(u32::MAX);
        self.capped |= last >= MOST_UNITS;
        let place = last.min(MOST_UNITS) as usize;
        if place >= self.beyond.len() {
            self.beyond.resize(place + 1, Beyond::default());
        }
        if let Some(beyond) = self.beyond.get_mut(place) {
            beyond.add(&Beyond::of(load));
        }
    }

    /// Minutes beyond so many units. Units that answer nothing are as good as none.
    fn beyond(&self, units: u32) -> Beyond {
        let place = if self.offer.per_unit == 0 { 0 } else { units as usize };
        self.beyond.get(place).copied().unwrap_or_default()
    }

    /// Numbers of units that can be bought and may be worth it, rising: none, then the fewest that are sold up to as
    /// many as answer the busiest minute.
    pub fn units(&self) -> impl Iterator<Item = u32> + '_ {
        let all = u32::try_from(self.beyond.len()).unwrap_or(u32::MAX);
        let least = self.offer.least;
        let last = if self.offer.per_unit == 0 || least > MOST_UNITS { 0 } else { all.max(least).min(MOST_UNITS) };
        std::iter::once(0).chain(least..=last)
    }

    /// Whether the busiest minute needs more than [`MOST_UNITS`], beyond which the curve does not go.
    #[must_use]
    pub const fn is_capped(&self) -> bool {
        self.capped
    }

    /// Minutes of the series, idle ones included.
    #[must_use]
    pub const fn minutes(&self) -> u64 {
        self.minutes
    }

    /// What so many units and what is beyond them cost over all minutes, whether or not they are sold; more than
    /// [`MOST_UNITS`] are taken as that many.
    #[must_use]
    pub fn cost(&self, units: u32) -> Money {
        let units = units.min(MOST_UNITS);
        let beyond = self.beyond(units);
        let (times, over) = (i128::from(self.times), i128::from(self.over));
        let on_demand = div_round(self.fixed.saturating_add(beyond.cost).saturating_mul(times), over);
        Money::from_pico(
            (i128::from(units) * self.offer.unit_cost).saturating_add(on_demand) - self.saved(units, &beyond),
        )
    }

    /// What the units save of the minutes that are beyond them: their tokens of a minute at each minute's price.
    fn saved(&self, units: u32, beyond: &Beyond) -> i128 {
        if beyond.minutes == 0 {
            return 0;
        }
        // Below the tokens of a minute at this volume, so it fits, and so does its price.
        let tokens = u128::from(units) * u128::from(self.offer.per_unit);
        let whole = i128::try_from(tokens).unwrap_or(i128::MAX).saturating_mul(beyond.per_token);
        let fraction = tokens.checked_mul(u128::from(beyond.fraction)).map_or_else(
            || (tokens >> 64).saturating_mul(u128::from(beyond.fraction)),
            |product| (product >> 64) + ((product >> 63) & 1),
        );
        whole.saturating_add(i128::try_from(fraction).unwrap_or(i128::MAX))
    }

    /// What so many units come to, whether or not they are sold; more than [`MOST_UNITS`] are taken as that many.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "shares are shown, not billed")]
    pub fn point(&self, units: u32) -> Point {
        let units = units.min(MOST_UNITS);
        let answered = u128::from(units) * u128::from(self.offer.per_unit) * u128::from(self.over);
        let times = u128::from(self.times);
        let (all, beyond) = (self.beyond(0), self.beyond(units));
        let all = all.tokens.saturating_mul(times);
        let beyond =
            beyond.tokens.saturating_mul(times).saturating_sub(answered.saturating_mul(u128::from(beyond.minutes)));
        let could = answered as f64 * self.minutes as f64;
        Point {
            units,
            cost: self.cost(units),
            utilisation: if could > 0.0 { all.saturating_sub(beyond) as f64 / could } else { 0.0 },
            overflow_share: if all == 0 { 0.0 } else { beyond as f64 / all as f64 },
        }
    }

    /// What every number of [`Self::units`] comes to.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        self.units().map(|units| self.point(units))
    }

    /// The number of units that costs least; the fewest of those that cost the same, to the pico-dollar that a cost may
    /// be off. 0 says: do not buy.
    #[must_use]
    pub fn best(&self) -> Point {
        self.cheapest(0).unwrap_or_else(|| self.point(0))
    }

    /// The same of the numbers above 0; `None` where none is sold.
    #[must_use]
    pub fn best_bought(&self) -> Option<Point> {
        self.cheapest(1)
    }

    fn cheapest(&self, from: u32) -> Option<Point> {
        let units = || self.units().filter(|units| *units >= from);
        let least = units().map(|units| self.cost(units)).min()?;
        let same = Money::from_pico(least.pico().saturating_add(1));
        units().find(|units| self.cost(*units) <= same).map(|units| self.point(units))
    }

    /// What so many units cost beyond the best number; never negative.
    #[must_use]
    pub fn regret(&self, units: u32) -> Money {
        (self.cost(units) - self.best().cost).max(Money::ZERO)
    }
}

/// Tokens a minute that one unit has to answer, in every minute, to be worth what it costs: rounded up. `unit_cost` is
/// what a unit costs over `minutes`; `on_demand` is any sum of tokens with their on-demand cost, whose quotient is the
/// blended price of a token. `None` when tokens cost nothing, or no unit could answer as many.
#[must_use]
pub fn break_even(unit_cost: Money, minutes: u64, on_demand: Load) -> Option<u64> {
    let tokens = u128::from(on_demand.tokens);
    let mut cost = u128::try_from(on_demand.cost).ok()?.checked_mul(u128::from(minutes))?;
    let mut unit = u128::try_from(unit_cost.pico()).ok()?;
    // Larger than any bill; a share of 2⁻⁶⁰ is lost.
    while unit.leading_zeros() < 64 {
        (unit, cost) = (unit >> 1, cost >> 1);
    }
    if cost == 0 || tokens == 0 {
        return None;
    }
    u64::try_from((unit * tokens).div_ceil(cost)).ok()
}

/// Division rounded half away from zero, by a positive number.
fn div_round(top: i128, bottom: i128) -> i128 {
    let (whole, rest) = (top / bottom, top % bottom);
    if rest.abs() >= bottom - rest.abs() { whole + top.signum() } else { whole }
}
