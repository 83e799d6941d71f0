//! Commitments: what a pool costs with other units, what they serve minute by minute, and which number of units and
//! which term is the cheapest.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::{
    Action, BillingSource, ChargeKind, Class, ContextBand, Layer, Mode, Money, Owner, PoolId, PriceKey, Quantity,
    Reserved, Routing, Span, Term, Unit,
};
use lode_prices::Quote;

use crate::apply::{NotSimulated, Simulator, describe};
use crate::cluster::Snapshot;
use crate::group::Pool;
use crate::pool_demand::by_minute;
use crate::{PoolCase, SimCharge, State};

/// Hours of a day.
const HOURS: i128 = 24;
/// Hours of a month, as everywhere.
pub(crate) const MONTH: i128 = 730;

/// A commitment of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Model units.
    Units {
        /// How many.
        units: u32,
        /// Term; today's when absent.
        term: Option<Term>,
        /// Tokens they answer a minute.
        per_minute: u64,
    },
    /// The Reserved tier.
    Reserved {
        /// The routing of the calls it serves.
        routing: Routing,
        /// What is reserved.
        held: Reserved,
    },
}

impl Held {
    pub(crate) fn pool(&self, only: Option<usize>) -> Pool {
        match self {
            Self::Units { per_minute, .. } => Pool::Units { per_minute: *per_minute, only },
            Self::Reserved { routing, held } => {
                let tokens = |thousands: u32| u64::from(thousands) * RESERVED_STEP;
                Pool::Reserved { routing: *routing, per_minute: [tokens(held.input), tokens(held.output)] }
            }
        }
    }
}

/// Tokens a minute that the Reserved tier is priced by (AWS, service-tiers page, copy of 2026-10).
pub(crate) const RESERVED_STEP: u64 = 1_000;

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
        let per_minute = per_unit.saturating_mul(u64::from(units));
        let mut next = state.with_pool(id, Held::Units { units, term, per_minute });
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
        let (key, quote) = self.unit_quote(id, term, today.map(|charge| &charge.key))?;
        charges.extend(self.all_month(&key, &quote, units));
        Ok(charges)
    }

    /// The price of a model unit of a pool.
    pub(crate) fn unit_quote(
        &self,
        id: &PoolId,
        term: Term,
        today: Option<&PriceKey>,
    ) -> Result<(PriceKey, Quote), NotSimulated> {
        let source = today.map_or_else(|| self.seller_of(&id.model), |key| key.source);
        let key = pool_key(id, Routing::Regional, Mode::Provisioned, Class::ModelUnitHour(term), source);
        self.quoted(key, today)
    }

    /// The prices of a thousand input and a thousand output tokens a minute of the Reserved tier.
    pub(crate) fn reserved_quotes(
        &self,
        id: &PoolId,
        routing: Routing,
        term: Term,
    ) -> Result<[(PriceKey, Quote); 2], NotSimulated> {
        let source = self.seller_of(&id.model);
        let quote = |class| self.quoted(pool_key(id, routing, Mode::Reserved, class, source), None);
        Ok([quote(Class::ReservedInputTpmHour(term))?, quote(Class::ReservedOutputTpmHour(term))?])
    }

    fn quoted(&self, key: PriceKey, today: Option<&PriceKey>) -> Result<(PriceKey, Quote), NotSimulated> {
        let quote = self.estate().prices.quote(&key, today.unwrap_or(&key), self.new_rates());
        let quote = quote.map_err(|why| NotSimulated::Unpriced { what: describe(&key), why })?;
        Ok((key, quote))
    }

    /// What the least that is sold of the Reserved tier costs a month, at its cheapest; `None` where it is not sold.
    #[must_use]
    pub fn least_reserved(&self, id: &PoolId) -> Option<Money> {
        let minimum = self.estate().prices.catalogue().model(&id.model)?.reserved_minimum()?;
        let cost = |(routing, term)| {
            let quotes = self.reserved_quotes(id, routing, term).ok()?;
            let each = quotes.iter().zip(minimum).map(|((_, quote), tokens)| {
                let thousands = i128::from(tokens.div_ceil(RESERVED_STEP));
                quote.rate.cost(thousands * MONTH * Unit::MicroHour.steps(), 1)
            });
            Some(each.sum::<Money>())
        };
        let routings = [Routing::Regional, Routing::Global];
        let terms = [Term::OneMonth, Term::ThreeMonths];
        routings.into_iter().flat_map(|routing| terms.map(|term| (routing, term))).filter_map(cost).min()
    }

    /// The state with so much of the Reserved tier for the calls of a pool; what is beyond is billed as today.
    pub(crate) fn reserve(
        &self,
        state: &State,
        id: &PoolId,
        routing: Routing,
        held: Reserved,
    ) -> Result<State, NotSimulated> {
        let owner = Owner::Pool(id.clone());
        let cluster =
            self.estate().demand.cluster(&id.account, &id.region).ok_or(NotSimulated::NeedsRequests("a commitment"))?;
        // What is in force serves calls already, and which of them the bill does not show.
        if !State::charges_billed(self.estate(), &owner).is_empty() {
            return Err(NotSimulated::SeveralTerms);
        }
        let amounts = [held.input, held.output];
        let quotes = self.reserved_quotes(id, routing, held.term)?;
        let hours = quotes
            .iter()
            .zip(amounts)
            .filter(|(_, amount)| *amount > 0)
            .flat_map(|((key, quote), amount)| self.all_month(key, quote, amount));
        let next = state.with_pool(id, Held::Reserved { routing, held }).with(&owner, hours.collect());
        let after = Snapshot::of(self.estate(), &next, cluster);
        let before = Snapshot::of(self.estate(), state, cluster);
        self.reprice(next, &before, &after, &BTreeSet::from([&id.model]))
    }

    /// So many units in every hour of the window.
    fn all_month(&self, key: &PriceKey, quote: &Quote, units: u32) -> Vec<SimCharge> {
        let steps = i128::from(units) * HOURS * Unit::MicroHour.steps();
        let window = &self.estate().window;
        let on = |day| SimCharge {
            key: key.clone(),
            span: Span::day(window.day(day)),
            layer: Layer::Capacity,
            kind: ChargeKind::Usage,
            quantity: Some(Quantity { steps, unit: Unit::MicroHour }),
            cost: quote.rate.cost(steps, 1),
        };
        (0..window.days()).map(on).collect()
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

    /// Closes a commitment of model units: those that cost least, of every number and term; at least one.
    pub(crate) fn close(&self, state: &State, action: &Action, id: &PoolId) -> Result<State, NotSimulated> {
        self.capacity(id).ok_or(NotSimulated::CapacityUnknown)?;
        let case = PoolCase::of(self, state, id).ok_or(NotSimulated::NeedsRequests("a commitment"))?;
        let offers = case.units.iter().filter_map(|offer| Some((offer.bought()?, offer.term)));
        let bought = offers.min_by_key(|(point, term)| (point.cost, point.units, *term));
        let bought = bought.map(|(point, term)| (term, point.units));
        let Some((term, units)) = bought else {
            // Whatever keeps the price of a unit from being known.
            return Err(self.unit_quote(id, Term::NoCommitment, None).err().unwrap_or(NotSimulated::NothingSelected));
        };
        self.commit(state, action, id, units, Some(term))
    }

    /// Closes a commitment of the Reserved tier: of every term the cheapest amounts, bought apart; at least one of them.
    pub(crate) fn close_reserved(&self, state: &State, id: &PoolId, routing: Routing) -> Result<State, NotSimulated> {
        let case = PoolCase::of(self, state, id).ok_or(NotSimulated::NeedsRequests("a commitment"))?;
        let of = case.reserved.iter().filter(|offer| offer.routing == routing);
        let cheapest = of.min_by_key(|offer| offer.bought().1);
        let Some(offer) = cheapest else {
            let missing = self.reserved_quotes(id, routing, Term::OneMonth).err();
            return Err(missing.unwrap_or(NotSimulated::NothingSelected));
        };
        self.reserve(state, id, routing, offer.bought().0)
    }
}

/// What prices capacity of a pool.
fn pool_key(id: &PoolId, routing: Routing, mode: Mode, class: Class, source: BillingSource) -> PriceKey {
    PriceKey {
        account: id.account.clone(),
        region: id.region.clone(),
        model: id.model.clone(),
        routing,
        mode,
        band: ContextBand::Standard,
        class,
        source,
        custom: false,
    }
}
