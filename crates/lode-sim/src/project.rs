//! From a window to a month. Usage is projected by the weekday mix of the complete days, standing costs
//! by 730 hours, one-off fees not at all. A month is 730 hours (AWS' own convention on its pricing pages).

use jiff::civil::Weekday;
use lode_model::{Money, Rate, Span};

use crate::{SimCharge, Window};

/// Hours of a month.
const HOURS: i128 = 730;
/// Hours of a week.
const WEEK: i128 = 168;

/// Dollars by day of the window. A sum: it can be added and subtracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daily {
    /// Dollars that follow use, by day.
    pub usage: Vec<Money>,
    /// Dollars that accrue by the hour whether used or not, by day.
    pub standing: Vec<Money>,
    /// One-off fees.
    pub fees: Money,
}

impl Daily {
    /// Nothing, for a window of so many days.
    #[must_use]
    pub fn zero(days: usize) -> Self {
        Self { usage: vec![Money::ZERO; days], standing: vec![Money::ZERO; days], fees: Money::ZERO }
    }

    /// Adds a charge; one that covers several days is spread evenly over them, the last takes the rest.
    pub fn add(&mut self, window: &Window, charge: &SimCharge) {
        if charge.kind == lode_model::ChargeKind::Fee {
            self.fees += charge.cost;
            return;
        }
        let series = if charge.key.class.is_standing() { &mut self.standing } else { &mut self.usage };
        for (day, part) in spread(window, charge.span, charge.cost) {
            if let Some(sum) = series.get_mut(day) {
                *sum += part;
            }
        }
    }

    /// Adds another, day by day.
    pub fn add_all(&mut self, other: &Self) {
        zip(&mut self.usage, &other.usage, |sum, part| *sum += part);
        zip(&mut self.standing, &other.standing, |sum, part| *sum += part);
        self.fees += other.fees;
    }

    /// Takes another away, day by day.
    pub fn sub_all(&mut self, other: &Self) {
        zip(&mut self.usage, &other.usage, |sum, part| *sum -= part);
        zip(&mut self.standing, &other.standing, |sum, part| *sum -= part);
        self.fees -= other.fees;
    }

    /// Dollars of each day, fees left out.
    pub(crate) fn days(&self) -> impl Iterator<Item = Money> + '_ {
        self.usage.iter().zip(&self.standing).map(|(usage, standing)| *usage + *standing)
    }

    /// Everything in the window.
    #[must_use]
    pub fn total(&self) -> Money {
        self.usage.iter().chain(&self.standing).copied().sum::<Money>() + self.fees
    }
}

fn zip(sums: &mut [Money], parts: &[Money], mut with: impl FnMut(&mut Money, Money)) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        with(sum, *part);
    }
}

/// The dollars of a span by day of the window; they add up to the whole.
fn spread(window: &Window, span: Span, cost: Money) -> impl Iterator<Item = (usize, Money)> {
    let (first, last) = (window.index(span.first), window.index(span.last));
    let days = i128::try_from(last.saturating_sub(first)).unwrap_or(0) + 1;
    let each = Money::from_pico(cost.pico() / days);
    let rest = Money::from_pico(cost.pico() % days);
    (first..=last.max(first)).map(move |day| (day, if day == last.max(first) { each + rest } else { each }))
}

/// How much a day of the window counts towards a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// Weekday of each day of the window, Monday = 0; `None` for a day that is left out.
    weekdays: Vec<Option<usize>>,
    /// Counted days by weekday.
    counts: [i128; 7],
}

impl Projection {
    /// The projection of a window. Without a complete day all days count.
    #[must_use]
    pub fn of(window: &Window) -> Self {
        let complete = match window.complete_days() {
            0 => window.days(),
            some => some.min(window.days()),
        };
        let mut counts = [0; 7];
        let mut weekdays = Vec::with_capacity(window.days());
        let mut weekday = window.first.weekday();
        for day in 0..window.days() {
            let index = monday_zero(weekday);
            if day < complete {
                counts[index] += 1;
            }
            weekdays.push((day < complete).then_some(index));
            weekday = weekday.next();
        }
        Self { weekdays, counts }
    }

    /// Whether every weekday was seen, so that the weekday mix is used; else all counted days weigh alike.
    #[must_use]
    pub fn by_weekday(&self) -> bool {
        self.counts.iter().all(|&count| count > 0)
    }

    /// Counted days.
    #[must_use]
    pub fn counted_days(&self) -> i128 {
        self.counts.iter().sum()
    }

    /// Dollars of the counted days.
    #[must_use]
    pub fn counted(&self, series: &[Money]) -> Money {
        self.weekdays.iter().zip(series).filter(|(day, _)| day.is_some()).map(|(_, dollars)| *dollars).sum()
    }

    /// Sums by weekday, Monday first, with the days behind each: what the projection multiplies.
    #[must_use]
    pub fn weekday_sums(&self, usage: &[Money]) -> [(Money, i128); 7] {
        let mut sums = self.counts.map(|count| (Money::ZERO, count));
        for (weekday, dollars) in self.weekdays.iter().zip(usage) {
            if let Some(weekday) = weekday {
                sums[*weekday].0 += *dollars;
            }
        }
        sums
    }

    /// Dollars a month: usage by weekday, standing costs by the hour, fees left out. Exact up to one
    /// rounding to the pico-dollar each for usage and standing costs.
    #[must_use]
    pub fn monthly(&self, daily: &Daily) -> Money {
        let usage = if self.by_weekday() {
            // Over the common multiple of the counts, so that it is rounded once.
            let common = self.counts.iter().fold(1, |common, count| common / gcd(common, *count) * count);
            let sums = self.weekday_sums(&daily.usage).into_iter();
            let sum = sums.map(|(sum, days)| Money::from_pico(sum.pico() * (common / days))).sum();
            times(sum, HOURS, WEEK * common)
        } else {
            self.flat(&daily.usage)
        };
        usage + self.flat(&daily.standing)
    }

    /// What usage of one day of the window adds to a month: its part of [`Self::monthly`]; `None` for a day that is left
    /// out.
    #[must_use]
    pub fn of_day(&self, day: usize, usage: Money) -> Option<Money> {
        let weekday = (*self.weekdays.get(day)?)?;
        let days = if self.by_weekday() { WEEK * self.counts[weekday] } else { 24 * self.counted_days() };
        Some(times(usage, HOURS, days))
    }

    /// Mean of the counted days, for 730 hours.
    fn flat(&self, series: &[Money]) -> Money {
        times(self.counted(series), HOURS, 24 * self.counted_days())
    }

    /// What each counted day adds to a month, for resampling: one value a counted day, their sum is
    /// [`Self::monthly`] up to float rounding.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "statistics need no more than 53 bits")]
    pub fn weighted(&self, daily: &Daily) -> Vec<f64> {
        let flat = HOURS as f64 / (24 * self.counted_days().max(1)) as f64;
        let days = self.weekdays.iter().zip(daily.usage.iter().zip(&daily.standing));
        days.filter_map(|(weekday, (usage, standing))| {
            let weight = if self.by_weekday() { HOURS as f64 / (WEEK * self.counts[(*weekday)?]) as f64 } else { flat };
            weekday.map(|_| usage.to_f64() * weight + standing.to_f64() * flat)
        })
        .collect()
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn times(money: Money, top: i128, bottom: i128) -> Money {
    Rate::new(money, 1).map_or(money, |rate| rate.cost(top, bottom.max(1)))
}

fn monday_zero(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn dollars(text: &str) -> Money {
        Money::parse(text).expect("money")
    }

    #[test]
    fn four_whole_weeks_count_as_a_month_of_730_hours() {
        let window =
            Window { first: date(2026, 10, 1), last: date(2026, 10, 28), complete_to: Some(date(2026, 10, 28)) };
        let projection = Projection::of(&window);
        let mut daily = Daily::zero(28);
        daily.usage.fill(dollars("24"));
        daily.standing.fill(dollars("24"));
        daily.fees = dollars("1000");
        // 1 dollar an hour is 730 dollars a month, and a fee is nothing.
        assert_eq!(projection.monthly(&daily), dollars("1460"));
        assert_eq!(daily.total(), dollars("2344"));
    }

    #[test]
    fn the_weekday_mix_is_not_the_mean_of_the_days() {
        // Eight days, Thursday to Thursday: two Thursdays. Only Thursdays cost 7 dollars.
        let window = Window { first: date(2026, 10, 1), last: date(2026, 10, 8), complete_to: Some(date(2026, 10, 8)) };
        let mut daily = Daily::zero(8);
        daily.usage[0] = dollars("7");
        daily.usage[7] = dollars("7");
        // 7 dollars each Thursday, 730 / 168 Thursdays a month.
        assert_eq!(Projection::of(&window).monthly(&daily), dollars("30.416666666667"));
    }

    #[test]
    fn incomplete_days_do_not_count_and_a_short_window_is_flat() {
        let window = Window { first: date(2026, 10, 1), last: date(2026, 10, 3), complete_to: Some(date(2026, 10, 2)) };
        let mut daily = Daily::zero(3);
        daily.usage = vec![dollars("24"), dollars("48"), dollars("1")];
        assert_eq!(Projection::of(&window).monthly(&daily), dollars("1095"));
    }

    #[test]
    fn a_month_long_charge_is_spread_without_losing_a_pico() {
        let window = Window { first: date(2026, 10, 1), last: date(2026, 10, 3), complete_to: None };
        let parts: Vec<_> =
            spread(&window, Span { first: date(2026, 10, 1), last: date(2026, 10, 3) }, Money::from_pico(100))
                .collect();
        assert_eq!(parts.iter().map(|(_, part)| part.pico()).collect::<Vec<_>>(), [33, 33, 34]);
    }
}
