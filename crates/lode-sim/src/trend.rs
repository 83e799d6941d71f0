//! How the dollars move over the window's days, and the days that have none.

use jiff::civil::Date;
use lode_model::{Layer, Money, Span};

use crate::{Daily, Estate};

/// Days of a week.
const WEEK: usize = 7;

/// The window by its days; fees are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// First seven days and last seven complete days, with their dollars; `None` under 14 complete days, or where
    /// the export does not tell days apart.
    pub weeks: Option<[(Span, Money); 2]>,
    /// The most expensive day; `None` where the export does not tell days apart.
    pub peak: Option<(Date, Money)>,
    /// Complete days without any charge of their own, outside billing periods that are missing as a whole: where days
    /// are told apart, a month's fee is no sign of them.
    pub missing: Vec<Span>,
    /// Dollars of each layer by day of the window, in the order of [`Layer::ALL`].
    pub by_layer: Vec<(Layer, Vec<Money>)>,
}

impl Trend {
    pub(crate) fn of(estate: &Estate, daily: &Daily, by_layer: Vec<(Layer, Vec<Money>)>) -> Self {
        let (window, complete) = (&estate.window, estate.window.complete_days().min(estate.window.days()));
        let by_day = tells_days(estate);
        let missing = missing(estate, if complete == 0 { window.days() } else { complete }, by_day);
        if !by_day {
            return Self { missing, by_layer, ..Self::default() };
        }
        let days: Vec<Money> = daily.days().collect();
        let week = |from: usize| {
            let span = Span { first: window.day(from), last: window.day(from + WEEK - 1) };
            (span, days.iter().skip(from).take(WEEK).copied().sum())
        };
        let weeks = (complete >= 2 * WEEK).then(|| [week(0), week(complete - WEEK)]);
        // The first of equals.
        let peak = days.iter().enumerate().rev().max_by_key(|(_, dollars)| **dollars);
        let peak = peak.filter(|(_, dollars)| **dollars > Money::ZERO).map(|(at, dollars)| (window.day(at), *dollars));
        Self { weeks, peak, missing, by_layer }
    }
}

/// Whether most dollars of use are billed by the day: an export by months would look flat.
fn tells_days(estate: &Estate) -> bool {
    let (mut by_day, mut whole) = (Money::ZERO, Money::ZERO);
    for charge in estate.charges.iter().filter(|charge| charge.kind == lode_model::ChargeKind::Usage) {
        whole += charge.billed;
        if charge.span.first == charge.span.last {
            by_day += charge.billed;
        }
    }
    by_day.pico() * 2 > whole.pico()
}

/// Days of the first so many of the window that no charge covers, neighbours together. `by_day`: only charges of a day
/// count.
fn missing(estate: &Estate, days: usize, by_day: bool) -> Vec<Span> {
    let window = &estate.window;
    let mut seen = vec![false; window.days()];
    let mut see = |span: Span| {
        let last = window.index(span.last);
        seen.iter_mut().take(last + 1).skip(window.index(span.first)).for_each(|day| *day = true);
    };
    // A discount that belongs to no usage stands for the whole window: it is no sign of use.
    let real = |charge: &&crate::Charge| {
        let is_use = charge.quantity.is_some() || &*charge.usage_type != "discount";
        is_use && (!by_day || charge.span.first == charge.span.last)
    };
    estate.charges.iter().filter(real).for_each(|charge| see(charge.span));
    estate.missing_periods.iter().copied().for_each(see);
    if estate.charges.is_empty() {
        return Vec::new();
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut open = false;
    for (place, seen) in seen.iter().take(days).enumerate() {
        match spans.last_mut().filter(|_| open) {
            Some(span) if !seen => span.last = window.day(place),
            _ if !seen => spans.push(Span::day(window.day(place))),
            _ => {}
        }
        open = !seen;
    }
    spans
}
