//! Commitments: what a pool costs with other units, what they serve minute by minute, and which number of units and
//! which term is the cheapest.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::{
    Action, ChargeKind, Class, ContextBand, Layer, Mode, Money, Owner, PoolId, PriceKey, Quantity, Routing, Span, Term,
    Unit,
};

use crate::apply::{NotSimulated, Simulator, describe};
use crate::cluster::Snapshot;
use crate::pool_demand::{by_minute, served_by_minute};
use crate::{Projection, SimCharge, State};

/// Hours of a day.
const HOURS: i128 = 24;

/// A commitment of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Model units.
    pub units: u32,
    /// Term; today's when absent.
    pub term: Option<Term>,
    /// Tokens the units answer a minute.
    pub per_minute: u64,
}

impl Simulator<'_> {
    /// The state with other units of a pool: today's hours end, and what the units do not serve is on demand.
    pub(crate) fn commit(
        &self,
        state: &State,
        action: &Action,
        id: &PoolId,
        units: u32,
        term: Option<Term>,
    ) -> Result<State, NotSimulated> {
        let owner = Owner::Pool(id.clone());
        let demand = &self.estate().demand;
        let served = demand.of(&owner);
        let cluster = demand.cluster(&id.account, &id.region).ok_or(NotSimulated::NeedsRequests("a commitment"))?;
        // What units in force serve is known from their own calls only.
        if served.is_none() && !State::charges_billed(self.estate(), &owner).is_empty() {
            return Err(NotSimulated::NeedsRequests("other units than those in force"));
        }
        let per_unit = match units {
            0 => 0,
            _ => self.capacity(id).ok_or(NotSimulated::CapacityUnknown)?,
        };
        let hours = self.hours(state, &owner, id, units, term)?;
        let mut next = state.with_pool(id, Held { units, term, per_minute: per_unit.saturating_mul(u64::from(units)) });
        if served.is_some() {
            next = next.with_edit(&owner, (action.selector.clone(), action.edits.clone()));
        }
        next = next.with(&owner, hours);
        let after = Snapshot::of(self.estate(), &next, cluster);
        self.reprice(next, &Snapshot::of(self.estate(), state, cluster), &after, &BTreeSet::from([&id.model]))
    }

    /// A pool's charges with so many units: everything that does not stand, and the units' hours.
    fn hours(
        &self,
        state: &State,
        owner: &Owner,
        id: &PoolId,
        units: u32,
        term: Option<Term>,
    ) -> Result<Vec<SimCharge>, NotSimulated> {
        let (standing, mut charges): (Vec<SimCharge>, Vec<SimCharge>) =
            state.charges(owner).iter().cloned().partition(|charge| charge.key.class.is_standing());
        if units == 0 {
            return Ok(charges);
        }
        let in_force = standing.iter().filter_map(|charge| match charge.key.class {
            Class::ModelUnitHour(term) => Some((term, charge)),
            _ => None,
        });
        let in_force: BTreeMap<Term, &SimCharge> = in_force.collect();
        // Which of several terms' units would go, the customer knows; the answer must not depend on a guess.
        if in_force.len() > 1 {
            return Err(NotSimulated::SeveralTerms);
        }
        let today = in_force.values().next().copied();
        let term = term.or_else(|| in_force.keys().next().copied()).unwrap_or(Term::NoCommitment);
        let key = PriceKey {
            account: id.account.clone(),
            region: id.region.clone(),
            model: id.model.clone(),
            routing: Routing::Regional,
            mode: Mode::Provisioned,
            band: ContextBand::Standard,
            class: Class::ModelUnitHour(term),
            source: today.map_or_else(|| self.seller_of(&id.model), |charge| charge.key.source),
            custom: false,
        };
        let quote = self
            .estate()
            .prices
            .quote(&key, today.map_or(&key, |charge| &charge.key), self.new_rates())
            .map_err(|why| NotSimulated::Unpriced { what: describe(&key), why })?;
        let steps = i128::from(units) * HOURS * Unit::MicroHour.steps();
        let window = &self.estate().window;
        charges.extend((0..window.days()).map(|day| SimCharge {
            key: key.clone(),
            span: Span::day(window.day(day)),
            layer: Layer::Capacity,
            kind: ChargeKind::Usage,
            quantity: Some(Quantity { steps, unit: Unit::MicroHour }),
            cost: quote.rate.cost(steps, 1),
        }));
        Ok(charges)
    }

    /// Tokens a unit of a pool answers a minute: what the user says; else, of units in force, what the busiest minute
    /// shows that they do, a lower bound.
    pub(crate) fn capacity(&self, id: &PoolId) -> Option<u64> {
        let demand = &self.estate().demand;
        if let Some(stated) = demand.capacity.get(&id.model) {
            return Some(*stated);
        }
        let units = self.units_in_force(id)?;
        let (cluster, place) = demand.of(&Owner::Pool(id.clone()))?;
        let logged = Snapshot::logged(self.estate(), cluster, place);
        let peak = by_minute(logged.calls.iter()).into_values().max()?;
        Some(peak / u64::from(units)).filter(|per_unit| *per_unit > 0)
    }

    /// Model units in force, from the inventory, else from the fullest day of the bill.
    pub(crate) fn units_in_force(&self, id: &PoolId) -> Option<u32> {
        let listed: u32 = self
            .estate()
            .inventory
            .provisioned
            .iter()
            .filter(|p| p.account == id.account && p.region == id.region)
            .filter(|p| matches!(&*p.status, "InService" | "Updating"))
            .filter(|p| self.estate().prices.catalogue().resolve(&p.foundation_model).is_some_and(|m| m.id == id.model))
            .map(|p| p.units)
            .sum();
        if listed > 0 {
            return Some(listed);
        }
        let mut days: BTreeMap<Span, i128> = BTreeMap::new();
        for charge in State::charges_billed(self.estate(), &Owner::Pool(id.clone())) {
            if let (Class::ModelUnitHour(_), Some(quantity)) = (&charge.key.class, charge.quantity) {
                *days.entry(charge.span).or_default() += quantity.steps;
            }
        }
        let full = days
            .iter()
            .map(|(span, steps)| steps / (Unit::MicroHour.steps() * HOURS * i128::try_from(span.days()).unwrap_or(1)))
            .max()?;
        u32::try_from(full.max(1)).ok()
    }

    /// Closes a commitment whose units and term are open: the cheapest, the fewest units first.
    pub(crate) fn close(&self, state: &State, action: &Action, id: &PoolId) -> Result<State, NotSimulated> {
        /// Units tried: beyond, the answer is not a commitment but a talk with AWS.
        const MOST_UNITS: u32 = 50;
        let per_unit = self.capacity(id).ok_or(NotSimulated::CapacityUnknown)?;
        let projection = Projection::of(&self.estate().window);
        let total = |state: &State| projection.monthly(&state.daily(&self.estate().window));
        let peak = served_by_minute(self.estate(), state, id).and_then(|(_, minutes)| minutes.into_values().max());
        let peak = peak.unwrap_or_default();
        let most = u32::try_from(peak.div_ceil(per_unit.max(1))).unwrap_or(MOST_UNITS).clamp(1, MOST_UNITS);
        let mut best: Option<(Money, State)> = None;
        let mut refused = None;
        for term in [Term::NoCommitment, Term::OneMonth, Term::SixMonths] {
            for units in 1..=most {
                match self.commit(state, action, id, units, Some(term)) {
                    Ok(next) => {
                        let cost = total(&next);
                        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                            best = Some((cost, next));
                        }
                    }
                    Err(error) => {
                        refused = refused.or(Some(error));
                        break;
                    }
                }
            }
        }
        best.map(|(_, state)| state).ok_or_else(|| refused.unwrap_or(NotSimulated::NothingSelected))
    }
}
