//! What dedicated capacity serves, or could serve: minute demand and what it would cost on demand. Prices only where
//! a saving is the difference of two states; here are tokens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use lode_model::{Class, Mode, Owner, PoolId, Span, Unit};
use lode_prices::NewRates;

use crate::apply::Simulator;
use crate::calls::Call;
use crate::cluster::Snapshot;
use crate::{Estate, State};

/// Demand of one account, region and model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolDemand {
    /// Calls.
    pub calls: u64,
    /// Tokens, prompt and answer.
    pub tokens: u64,
    /// Tokens of the busiest minute.
    pub peak_minute: u64,
    /// Tokens of the median minute of the window, idle minutes included.
    pub median_minute: u64,
    /// Share with any call, 0 to 1: of the minutes that units in force stood; of all minutes of the window where none are
    /// in force, or their hours are not known.
    pub busy_share: f64,
    /// How long units in force stood; `None` where none are, or their hours are not on the bill.
    pub stood: Option<Stood>,
    /// Tokens that one unit answers a minute, where known.
    pub per_unit: Option<u64>,
    /// Whether the user stated it; else it is what the busiest minute of the units in force shows, a lower bound.
    pub per_unit_stated: bool,
    /// Units in force, where there are any.
    pub units: Option<u32>,
}

/// How long units in force stood, in the complete days of the window; without a complete day, in all days. Bills are kept
/// by the day, so that the hours of a day are its unit-hours by the units in force. The units may have been fewer on that
/// day, or its bill be late: an hour with a call counts in any case, since a unit answers only while it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stood {
    /// Hours in which any unit stood; at most `of`.
    pub hours: f64,
    /// Hours of the days.
    pub of: f64,
}

impl Stood {
    /// Share of the hours, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        self.hours / self.of
    }
}

impl PoolDemand {
    /// Measures a pool: the calls its units serve where it is in force, else the on-demand calls of its model.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
    pub fn of(estate: &Estate, state: &State, id: &PoolId) -> Option<Self> {
        let owner = Owner::Pool(id.clone());
        let simulator = Simulator::new(estate, NewRates::Inherit);
        let in_force = !State::charges_billed(estate, &owner).is_empty();
        if in_force && estate.demand.of(&owner).is_none() {
            return None;
        }
        let (calls, minutes) = served_by_minute(estate, state, id)?;
        let all = estate.window.days() * 24 * 60;
        let busy: BTreeSet<i64> = minutes.keys().copied().collect();
        let mut sorted: Vec<u64> = minutes.into_values().collect();
        sorted.sort_unstable();
        let idle = all.saturating_sub(sorted.len());
        let units = if in_force { simulator.units_in_force(id) } else { None };
        let stood = units.and_then(|units| standing(estate, &owner, units, &busy));
        Some(Self {
            calls,
            tokens: sorted.iter().fold(0, |sum, tokens| sum.saturating_add(*tokens)),
            peak_minute: sorted.last().copied().unwrap_or_default(),
            median_minute: (all / 2).checked_sub(idle).and_then(|at| sorted.get(at)).copied().unwrap_or_default(),
            busy_share: stood.map_or(sorted.len() as f64 / all.max(1) as f64, |(_, busy_share)| busy_share),
            stood: stood.map(|(stood, _)| stood),
            per_unit: simulator.capacity(id),
            per_unit_stated: estate.demand.capacity.contains_key(&id.model),
            units,
        })
    }
}

/// How long so many units stood, and in what share of those minutes there is a call; `None` where no unit-hours are billed.
/// `busy` are the minutes with a call, counted since 1970.
#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn standing(estate: &Estate, owner: &Owner, units: u32, busy: &BTreeSet<i64>) -> Option<(Stood, f64)> {
    let window = &estate.window;
    let last = window.complete_to.unwrap_or(window.last).max(window.first);
    let mut billed: BTreeMap<Span, i128> = BTreeMap::new();
    for charge in State::charges_billed(estate, owner) {
        if let (Class::ModelUnitHour(_), Some(quantity)) = (&charge.key.class, charge.quantity)
            && charge.span.last <= last
        {
            *billed.entry(charge.span).or_default() += quantity.steps;
        }
    }
    if billed.is_empty() {
        return None;
    }
    // Hours and minutes since 1970.
    let (from, to) = (hours_to(window.first), hours_to(last) + HOURS);
    let mut with_calls: BTreeSet<i64> = busy.range(from * 60..to * 60).map(|minute| minute.div_euclid(60)).collect();
    let mut stood = 0.0;
    for (span, steps) in billed {
        let first = hours_to(span.first);
        let end = first.saturating_add(i64::try_from(span.days()).unwrap_or(1) * HOURS);
        let called = with_calls.range(first..end).count();
        // An hour belongs to one charge.
        with_calls.retain(|hour| !(first..end).contains(hour));
        let hours = steps as f64 / Unit::MicroHour.steps() as f64 / f64::from(units.max(1));
        stood += hours.min((end - first) as f64).max(called as f64);
    }
    let of = (to - from) as f64;
    let stood = Stood { hours: (stood + with_calls.len() as f64).min(of), of };
    let minutes = busy.range(from * 60..to * 60).count() as f64;
    Some((stood, if minutes > 0.0 { minutes / (stood.hours * 60.0) } else { 0.0 }))
}

const HOURS: i64 = 24;

/// Hours from 1970 to the start of a day, UTC.
fn hours_to(day: Date) -> i64 {
    i64::from((day - date(1970, 1, 1)).get_days()) * HOURS
}

/// How many calls a pool serves or could serve, and their tokens by minute: its own calls where it has any, else the
/// on-demand calls of its model, Standard tier.
pub(crate) fn served_by_minute(estate: &Estate, state: &State, id: &PoolId) -> Option<(u64, BTreeMap<i64, u64>)> {
    let cluster = estate.demand.cluster(&id.account, &id.region)?;
    let only = estate.demand.of(&Owner::Pool(id.clone())).map(|(_, place)| place);
    let snapshot = Snapshot::of(estate, state, cluster);
    let places = (0..cluster.owners.len()).filter(|place| only.is_none_or(|only| only == *place));
    let calls: Vec<_> = places.map(|place| snapshot.calls(place).1).collect();
    let served = || {
        calls.iter().flat_map(|own| own.calls.iter().map(move |call| (&own.combos[call.combo], call))).filter_map(
            |(combo, call)| {
                let made = call.recorded.prompt().saturating_add(call.recorded.output) > 0;
                (made && combo.model == id.model && (only.is_some() || combo.mode == Mode::Standard)).then_some(call)
            },
        )
    };
    Some((served().count() as u64, by_minute(served())))
}

/// Tokens of calls, prompt and answer, by minute.
pub(crate) fn by_minute<'c>(calls: impl Iterator<Item = &'c Call>) -> BTreeMap<i64, u64> {
    let mut minutes = BTreeMap::new();
    for call in calls {
        let sum: &mut u64 = minutes.entry(call.second.div_euclid(60)).or_default();
        *sum = sum.saturating_add(call.recorded.prompt()).saturating_add(call.recorded.output);
    }
    minutes
}
