//! What dedicated capacity serves, or could serve: minute demand and what it would cost on demand. Prices only where
//! a saving is the difference of two states; here are tokens.

use std::collections::BTreeMap;

use lode_model::{Mode, Owner, PoolId};
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
    /// Share of the minutes of the window with any call.
    pub busy_share: f64,
    /// Tokens that one unit answers a minute, where known.
    pub per_unit: Option<u64>,
    /// Whether the user stated it; else it is what the busiest minute of the units in force shows, a lower bound.
    pub per_unit_stated: bool,
    /// Units in force, where there are any.
    pub units: Option<u32>,
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
        let mut sorted: Vec<u64> = minutes.into_values().collect();
        sorted.sort_unstable();
        let idle = all.saturating_sub(sorted.len());
        Some(Self {
            calls,
            tokens: sorted.iter().fold(0, |sum, tokens| sum.saturating_add(*tokens)),
            peak_minute: sorted.last().copied().unwrap_or_default(),
            median_minute: (all / 2).checked_sub(idle).and_then(|at| sorted.get(at)).copied().unwrap_or_default(),
            busy_share: sorted.len() as f64 / all.max(1) as f64,
            per_unit: simulator.capacity(id),
            per_unit_stated: estate.demand.capacity.contains_key(&id.model),
            units: if in_force { simulator.units_in_force(id) } else { None },
        })
    }
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
