//! What the numbers of units chosen cost where demand is not as it was: at other volumes, and on single days.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::Offset};
use lode_model::Money;

use super::offers::{Covered, Sold, best};
use super::{CapacityPart, CapacityRegret, OtherVolume};
use crate::capacity::{Curve, Load, Offer, OverDays};

/// Volumes, in per cent, at which the number chosen is held against the best.
const VOLUMES: [u32; 2] = [70, 130];
const DAY: i64 = 86_400;

/// Of each part, what its number of units costs above what would be best for all parts together; `None` where what a unit
/// answers is not known.
pub(super) fn regrets(parts: &[CapacityPart], sold: &[Sold], covered: &Covered<'_>) -> Option<Vec<CapacityRegret>> {
    let chosen = |part: &CapacityPart| Some((part.offer()?.hourly, part.best()?.units));
    let chosen: Vec<(Money, u32)> = parts.iter().map(chosen).collect::<Option<_>>()?;
    let held = Held { sold, chosen, covered };
    let volumes = VOLUMES.map(|percent| (percent, held.at_volume(percent)));
    let (over, worst_day) = held.over_days()?;
    let of = |(place, days): (usize, OverDays)| {
        let volumes = volumes.iter().filter_map(|(percent, above)| {
            let (best_units, regret) = *above.get(place)?;
            Some(OtherVolume { percent: *percent, best_units, regret })
        });
        CapacityRegret { volumes: volumes.collect(), days, worst_day }
    };
    Some(over.into_iter().enumerate().map(of).collect())
}

/// What is held, of each part.
struct Held<'a> {
    sold: &'a [Sold],
    /// What a unit costs an hour, and how many are chosen.
    chosen: Vec<(Money, u32)>,
    covered: &'a Covered<'a>,
}

/// Loads of each day since 1970 that has any.
type ByDay = BTreeMap<i64, Vec<Load>>;

/// Of each part the best number of units, and what the one chosen costs above it.
type Above = Vec<(u32, Money)>;

impl Held<'_> {
    /// Against curves of another demand.
    fn above(&self, curves: &[Curve]) -> Above {
        let best = best(&curves.iter().collect::<Vec<_>>());
        let each = self.chosen.iter().zip(curves).zip(best);
        each.map(|(((_, units), curve), best)| (best.units, curve.cost(*units) - best.cost)).collect()
    }

    /// At another volume, in per cent.
    fn at_volume(&self, percent: u32) -> Above {
        let curve = |(sold, (hourly, _)): (&Sold, &(Money, u32))| {
            let unit_cost = self.covered.unit_cost(*hourly, self.covered.count()).pico();
            sold.curve(self.covered, Offer { unit_cost, ..sold.offer }, percent)
        };
        self.above(&self.sold.iter().zip(&self.chosen).map(curve).collect::<Vec<_>>())
    }

    /// Against the best of each UTC day, and which day is the worst for all parts together.
    fn over_days(&self) -> Option<(Vec<OverDays>, Option<jiff::civil::Date>)> {
        let covered = self.covered;
        let seconds = i64::from(covered.seconds);
        let day_of = |bin: i64| bin.saturating_mul(seconds).div_euclid(DAY);
        let (first, last) = (day_of(covered.start), day_of(covered.end - 1));
        // The first bin that starts on a day or later.
        let begins = |day: i64| {
            let bin = day.saturating_mul(DAY).saturating_add(seconds - 1).div_euclid(seconds);
            bin.clamp(covered.start, covered.end)
        };
        let by_day = |sold: &Sold| {
            let mut loads = ByDay::new();
            for (bin, load) in &sold.loads {
                loads.entry(day_of(*bin)).or_default().push(*load);
            }
            loads
        };
        let loads: Vec<ByDay> = self.sold.iter().map(by_day).collect();
        let mut sums = vec![Money::ZERO; self.sold.len()];
        let mut worst: Option<(Money, i64, Above)> = None;
        for day in first..=last {
            let bins = begins(day + 1).abs_diff(begins(day));
            let curve = |((sold, loads), (hourly, _)): ((&Sold, &ByDay), &(Money, u32))| {
                let offer = Offer { unit_cost: covered.unit_cost(*hourly, bins).pico(), ..sold.offer };
                Curve::of(loads.get(&day).into_iter().flatten().copied(), bins, offer)
            };
            let curves: Vec<Curve> = self.sold.iter().zip(&loads).zip(&self.chosen).map(curve).collect();
            let above = self.above(&curves);
            sums.iter_mut().zip(&above).for_each(|(sum, (_, regret))| *sum += *regret);
            let all: Money = above.iter().map(|(_, regret)| *regret).sum();
            if worst.as_ref().is_none_or(|(most, ..)| all > *most) {
                worst = Some((all, day, above));
            }
        }
        let (_, worst_day, above) = worst?;
        let days = last.abs_diff(first) + 1;
        let of = |(sum, (_, worst)): (Money, (u32, Money))| {
            let mean = crate::capacity::mean(sum, days);
            OverDays { days, mean, worst, worst_day: worst_day.abs_diff(first) }
        };
        let over = sums.into_iter().zip(above).map(of).collect();
        let date = worst_day.checked_mul(DAY).and_then(|second| Timestamp::from_second(second).ok());
        Some((over, date.map(|time| Offset::UTC.to_datetime(time).date())))
    }
}
