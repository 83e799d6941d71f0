//! What a number of units costs beyond each day's own best: a commitment holds while days differ.

use lode_model::Money;

use super::{Curve, Load, Offer, div_round};

/// One day of a series.
#[derive(Clone, Copy, Debug)]
pub struct Day<'l> {
    /// Its minutes with any token, in any order.
    pub loads: &'l [Load],
    /// Its minutes, idle ones included; fewer at the ends of a series.
    pub minutes: u64,
    /// What one unit costs over these minutes.
    pub unit_cost: Money,
}

/// What a fixed number of units costs beyond the best number of each day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverDays {
    /// Days compared.
    pub days: u64,
    /// A day on average, rounded to the pico-dollar.
    pub mean: Money,
    /// The worst day.
    pub worst: Money,
    /// Which day that is, counted from 0; the first of several.
    pub worst_day: u64,
}

/// Compares `units` with each day's own best number, at the day's price of a unit; the offer's own price is not read.
/// `None` without days.
pub fn over_days<'l>(days: impl IntoIterator<Item = Day<'l>>, offer: Offer, units: u32) -> Option<OverDays> {
    let mut sum = Money::ZERO;
    let mut found: Option<OverDays> = None;
    for (day, place) in days.into_iter().zip(0..) {
        let offer = Offer { unit_cost: day.unit_cost.pico(), ..offer };
        let regret = Curve::of(day.loads.iter().copied(), day.minutes, offer).regret(units);
        sum += regret;
        let (worst, worst_day) = match found {
            Some(found) if found.worst >= regret => (found.worst, found.worst_day),
            _ => (regret, place),
        };
        let mean = mean(sum, place + 1);
        found = Some(OverDays { days: place + 1, mean, worst, worst_day });
    }
    found
}

/// A sum over so many days, for one of them; rounded to the pico-dollar.
pub(crate) fn mean(sum: Money, days: u64) -> Money {
    Money::from_pico(div_round(sum.pico(), i128::from(days.max(1))))
}
