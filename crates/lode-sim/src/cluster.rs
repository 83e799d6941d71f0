//! Edits of owners whose calls are known: their calls are edited, the groups they call are replayed, and the tokens
//! that come out are priced beside what was billed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{Action, Class, Edit, Mode, ModelId, Owner, PriceKey, Quantity, Rate, Span, Unit};
use lode_prices::{NewRates, Quote};

use crate::apply::{NotSimulated, Simulator, describe};
use crate::calls::{Calls, Combo, Edited, edited, scale};
use crate::group::{CLASSES, Group, Pool, Sums, Tokens};
use crate::memo::Version;
use crate::replay::Served;
use crate::{Cluster, Estate, SimCharge, State};

/// What one combo, day and class were billed and logged.
type Cell = (Combo, usize, usize);

/// The calls of a cluster in a state.
pub(crate) struct Snapshot<'a> {
    estate: &'a Estate,
    cluster: &'a Cluster,
    /// By place of the owner: those of the state.
    versions: BTreeMap<usize, (Version, Arc<Calls>)>,
    /// Capacity by model.
    pools: BTreeMap<ModelId, Pool>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn of(estate: &'a Estate, state: &State, cluster: &'a Cluster) -> Self {
        let versions = present(estate, state, cluster)
            .map(|place| (place, version(estate, cluster, place, state.edits(&cluster.owners[place].owner))))
            .collect();
        let pools = state
            .pools
            .iter()
            .filter(|(id, _)| id.account == cluster.account && id.region == cluster.region)
            .map(|(id, held)| {
                let only = cluster.owners.iter().position(|own| own.owner == Owner::Pool(id.clone()));
                (id.model.clone(), held.pool(only))
            })
            .collect();
        Self { estate, cluster, versions, pools }
    }

    /// The month as logged.
    fn base(estate: &'a Estate, cluster: &'a Cluster, places: impl Iterator<Item = usize>) -> Self {
        let versions = places.map(|place| (place, version(estate, cluster, place, &[]))).collect();
        Self { estate, cluster, versions, pools: BTreeMap::new() }
    }

    /// The calls of an owner as logged.
    pub(crate) fn logged(estate: &Estate, cluster: &Cluster, place: usize) -> Arc<Calls> {
        version(estate, cluster, place, &[]).1
    }

    /// The calls of an owner: as edited where the state has it, else as logged.
    pub(crate) fn calls(&self, place: usize) -> (Version, Arc<Calls>) {
        let known = self.versions.get(&place).cloned();
        known.unwrap_or_else(|| version(self.estate, self.cluster, place, &[]))
    }

    /// The versions of the owners of the state that share a group with one, and the capacity of their models.
    pub(crate) fn neighbours(&self, place: usize) -> (Vec<Version>, Vec<Pool>) {
        let own = self.calls(place).1;
        let models = own.models();
        let near =
            self.versions.values().filter(|(_, calls)| calls.models().iter().any(|model| models.contains(model)));
        let pools = models.iter().filter_map(|model| self.pools.get(*model).copied());
        (near.map(|(version, _)| *version).collect(), pools.collect())
    }

    /// The replay of the records' own markers, by owner and call.
    pub(crate) fn replay_base(estate: &'a Estate, cluster: &'a Cluster) -> Arc<Vec<Vec<Served>>> {
        cluster.memo.base(|| {
            let base = Self::base(estate, cluster, 0..cluster.owners.len());
            let mut served: Vec<Vec<Served>> =
                cluster.owners.iter().map(|own| vec![Served::default(); own.calls.len()]).collect();
            let models: BTreeSet<ModelId> =
                base.versions.values().flat_map(|(_, calls)| calls.models().into_iter().cloned()).collect();
            for model in &models {
                base.group(model, &base.callers(model)).replay_base(&mut served);
            }
            served
        })
    }

    /// Places of the owners that call a model.
    fn callers(&self, model: &ModelId) -> Vec<usize> {
        let calls = self.versions.iter().filter(|(_, (_, calls))| calls.combos.iter().any(|c| c.model == *model));
        calls.map(|(place, _)| *place).collect()
    }

    fn group<'s>(&'s self, model: &'s ModelId, places: &[usize]) -> Group<'s> {
        let members = places.iter().filter_map(|place| Some((*place, &*self.versions.get(place)?.1)));
        Group {
            model,
            members: members.collect(),
            days: self.estate.window.days(),
            catalogue: self.estate.prices.catalogue(),
        }
    }

    /// Owners that call a model, by who can change whose tokens: all, where units serve them all; else those whose
    /// marked prompts begin alike.
    fn apart(&self, model: &ModelId) -> Vec<Vec<usize>> {
        let callers = self.callers(model);
        if self.pools.get(model).is_some_and(Pool::is_shared) {
            return vec![callers];
        }
        let heads = callers.iter().map(|place| self.versions[place].1.heads.as_slice());
        let parts = join_by(heads);
        parts.into_iter().map(|part| part.into_iter().map(|at| callers[at]).collect()).collect()
    }

    /// Tokens of all owners that call a model.
    pub(crate) fn tokens(&self, model: &ModelId) -> Vec<Arc<Vec<Tokens>>> {
        let pool = self.pools.get(model).copied();
        let served = Self::replay_base(self.estate, self.cluster);
        let of = |part: Vec<usize>| {
            let versions: Vec<Version> = part.iter().map(|place| self.versions[place].0).collect();
            self.cluster.memo.group(model, &versions, pool, || self.group(model, &part).tokens(&served, pool))
        };
        self.apart(model).into_iter().map(of).collect()
    }

    /// Hands the tokens of every call to a model, as they are without capacity, to `each`: place of the owner, combo, second,
    /// day and tokens by class.
    pub(crate) fn each_call(&self, model: &ModelId, mut each: impl FnMut(usize, &Combo, i64, usize, Sums)) {
        let served = Self::replay_base(self.estate, self.cluster);
        let callers = self.callers(model);
        self.group(model, &callers).each(&served, |owner, calls, call, counts| {
            each(owner, &calls.combos[call.combo], call.second, call.day, counts);
        });
    }

    /// The owner at a place.
    pub(crate) fn owner(&self, place: usize) -> &'a Owner {
        &self.cluster.owners[place].owner
    }

    /// Tokens of one owner by combo, day and class.
    fn cells(&self, place: usize) -> BTreeMap<Cell, u64> {
        let (_, calls) = self.calls(place);
        let days = self.estate.window.days();
        let mut cells = BTreeMap::new();
        for model in calls.models() {
            let tokens = self.tokens(model);
            let Some(own) = tokens.iter().flat_map(|part| part.iter()).find(|tokens| tokens.owner == place) else {
                continue;
            };
            for (at, sums) in own.sums.iter().enumerate() {
                let combo = &calls.combos[at / days];
                // Dedicated capacity bills its hours, not tokens.
                if matches!(combo.mode, Mode::Provisioned | Mode::Reserved) {
                    continue;
                }
                for (class, &count) in sums.iter().enumerate().filter(|(_, count)| **count > 0) {
                    *cells.entry((combo.clone(), at % days, class)).or_default() += count;
                }
            }
        }
        cells
    }

    /// What an owner's calls cost in this state, with everything of it that is no call.
    pub(crate) fn charges(
        &self,
        base: &Snapshot<'_>,
        place: usize,
        new_rates: NewRates,
    ) -> Result<Vec<SimCharge>, NotSimulated> {
        let baseline = State::charges_billed(self.estate, &self.cluster.owners[place].owner);
        let (mut now, mut was) = (self.cells(place), base.cells(place));
        let billed_as = written_as(self.estate, &baseline, &was);
        for cells in [&mut now, &mut was] {
            *cells = std::mem::take(cells).into_iter().fold(BTreeMap::new(), |mut folded, (cell, tokens)| {
                let (combo, day, class) = cell;
                let class = billed_as.get(&(combo.clone(), class)).copied().unwrap_or(class);
                *folded.entry((combo, day, class)).or_default() += tokens;
                folded
            });
        }
        let mut charges: Vec<SimCharge> = Vec::with_capacity(baseline.len());
        let mut priced: BTreeSet<&Cell> = BTreeSet::new();
        for charge in &baseline {
            let cell = cell_of(self.estate, charge);
            let Some((cell, tokens_before)) = cell.and_then(|cell| was.get_key_value(&cell)) else {
                charges.push(charge.clone());
                continue;
            };
            priced.insert(cell);
            let tokens = now.get(cell).copied().unwrap_or_default();
            if tokens == *tokens_before {
                charges.push(charge.clone());
            } else if let Some(quantity) = charge.quantity.filter(|_| tokens > 0) {
                let steps = proportion(quantity.steps, tokens, *tokens_before);
                let cost = Rate::new(charge.cost, quantity.steps).map_or(charge.cost, |rate| rate.cost(steps, 1));
                charges.push(SimCharge { quantity: Some(Quantity { steps, ..quantity }), cost, ..charge.clone() });
            }
        }
        // New kinds of use, at the part of the logs that the bill has.
        let billed: i128 = baseline.iter().filter_map(token_steps).sum();
        let logged: u64 = was.values().sum();
        for (cell, tokens) in now.iter().filter(|(cell, _)| !priced.contains(cell)) {
            // What was logged and not billed stays unbilled: only what is more than that is new.
            let tokens = &tokens.saturating_sub(was.get(cell).copied().unwrap_or_default());
            if *tokens == 0 {
                continue;
            }
            let steps = if logged > 0 && billed > 0 {
                proportion(i128::from(*tokens), u64::try_from(billed).unwrap_or(u64::MAX), logged)
            } else {
                i128::from(*tokens)
            };
            charges.push(self.new_charge(&baseline, cell, steps, new_rates)?);
        }
        Ok(charges)
    }

    fn new_charge(
        &self,
        baseline: &[SimCharge],
        (combo, day, class): &Cell,
        steps: i128,
        new_rates: NewRates,
    ) -> Result<SimCharge, NotSimulated> {
        let class = &CLASSES[*class];
        let (key, quote) = self.price(baseline, combo, class, new_rates)?;
        let layer = near(baseline, combo, class).map_or(lode_model::Layer::Inference, |charge| charge.layer);
        Ok(SimCharge {
            key,
            span: Span::day(self.estate.window.day(*day)),
            layer,
            kind: lode_model::ChargeKind::Usage,
            quantity: Some(Quantity { steps, unit: Unit::Token }),
            cost: quote.rate.cost(steps, 1),
        })
    }

    /// Which class bills the cache writes that an owner's logs count: see [`written_as`].
    pub(crate) fn write_classes(&self, baseline: &[SimCharge], place: usize) -> BTreeMap<(Combo, usize), usize> {
        let base = Self::base(self.estate, self.cluster, self.versions.keys().copied());
        written_as(self.estate, baseline, &base.cells(place))
    }

    /// What tokens of a class would be billed at, beside what an owner is billed today.
    pub(crate) fn price(
        &self,
        baseline: &[SimCharge],
        combo: &Combo,
        class: &Class,
        new_rates: NewRates,
    ) -> Result<(PriceKey, Quote), NotSimulated> {
        let simulator = Simulator::new(self.estate, new_rates);
        let today = near(baseline, combo, class).map(|charge| charge.key.clone());
        let source = match &today {
            Some(key) if key.model == combo.model => key.source,
            Some(key) => simulator.source_of(&combo.model, key.source),
            None => simulator.seller_of(&combo.model),
        };
        let key = PriceKey {
            account: self.cluster.account.clone(),
            region: self.cluster.region.clone(),
            model: combo.model.clone(),
            routing: combo.routing,
            mode: combo.mode,
            band: combo.band,
            class: class.clone(),
            source,
            custom: false,
        };
        let quote = self.estate.prices.quote(&key, today.as_ref().unwrap_or(&key), new_rates);
        let quote = quote.map_err(|why| NotSimulated::Unpriced { what: describe(&key), why })?;
        Ok((key, quote))
    }
}

/// The charge of today that a new one resembles most.
fn near<'c>(baseline: &'c [SimCharge], combo: &Combo, class: &Class) -> Option<&'c SimCharge> {
    let tokens = || baseline.iter().filter(|charge| charge.key.class.is_token());
    tokens()
        .find(|charge| charge.key.model == combo.model && charge.key.class == *class)
        .or_else(|| tokens().find(|charge| charge.key.class == *class))
        .or_else(|| tokens().next())
}

/// Places of the owners of a state in a cluster.
fn present<'s>(estate: &'s Estate, state: &'s State, cluster: &'s Cluster) -> impl Iterator<Item = usize> + 's {
    let here = state.owners.keys().filter_map(|owner| estate.demand.of(owner));
    here.filter(move |(of, _)| std::ptr::eq(*of, cluster)).map(|(_, place)| place)
}

/// Puts together whatever has a mark in common, by place; each set in order, the sets by their first.
pub(crate) fn join_by<'m>(marks: impl Iterator<Item = &'m [u128]>) -> Vec<Vec<usize>> {
    fn top(up: &[usize], mut at: usize) -> usize {
        while up[at] != at {
            at = up[at];
        }
        at
    }
    let mut first: BTreeMap<u128, usize> = BTreeMap::new();
    let mut up: Vec<usize> = Vec::new();
    for (place, marks) in marks.enumerate() {
        up.push(place);
        for mark in marks {
            let other = *first.entry(*mark).or_insert(place);
            let (a, b) = (top(&up, place), top(&up, other));
            up[a.max(b)] = a.min(b);
        }
    }
    let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..up.len() {
        sets.entry(top(&up, place)).or_default().push(place);
    }
    sets.into_values().collect()
}

/// The calls of an owner under edits.
fn version(estate: &Estate, cluster: &Cluster, place: usize, edits: &[Edited]) -> (Version, Arc<Calls>) {
    let own = &cluster.owners[place];
    let catalogue = estate.prices.catalogue();
    let unedited = (!edits.is_empty()).then(|| version(estate, cluster, place, &[]).1);
    cluster.memo.calls(place, edits, || edited(own, edits, unedited.as_deref(), &estate.window, catalogue))
}

/// `steps × top / bottom`, rounded.
fn proportion(steps: i128, top: u64, bottom: u64) -> i128 {
    match u64::try_from(steps) {
        Ok(steps) => i128::from(scale(steps, top, bottom)),
        Err(_) => steps,
    }
}

fn token_steps(charge: &SimCharge) -> Option<i128> {
    charge.quantity.filter(|q| q.unit == Unit::Token && charge.key.class.is_token()).map(|q| q.steps)
}

/// Which class bills the cache writes that logs count: some bills name them by another time to live, and Nova bills
/// them as plain input. Only classes that the logs have and the bill has not are in it.
fn written_as(estate: &Estate, baseline: &[SimCharge], was: &BTreeMap<Cell, u64>) -> BTreeMap<(Combo, usize), usize> {
    let billed: BTreeSet<(Combo, usize)> =
        baseline.iter().filter_map(|charge| cell_of(estate, charge)).map(|(combo, _, class)| (combo, class)).collect();
    let is_write = |class: usize| matches!(CLASSES[class], Class::CacheWrite(_));
    let lacking = was.keys().filter(|(combo, _, class)| is_write(*class) && !billed.contains(&(combo.clone(), *class)));
    lacking
        .map(|(combo, _, class)| {
            let other = (0..CLASSES.len()).find(|other| is_write(*other) && billed.contains(&(combo.clone(), *other)));
            ((combo.clone(), *class), other.unwrap_or_default())
        })
        .collect()
}

/// The cell of a billed charge of tokens on demand or in batch, on one day.
fn cell_of(estate: &Estate, charge: &SimCharge) -> Option<Cell> {
    token_steps(charge)?;
    let class = CLASSES.iter().position(|class| *class == charge.key.class)?;
    let key = &charge.key;
    let combo = Combo { model: key.model.clone(), routing: key.routing, mode: key.mode, band: key.band };
    Some((combo, estate.window.index(charge.span.first), class))
}

impl Simulator<'_> {
    /// The state after an action on an owner whose calls are known.
    pub(crate) fn apply_to_calls(
        &self,
        state: &State,
        action: &Action,
        cluster: &Cluster,
        place: usize,
    ) -> Result<State, NotSimulated> {
        let owner = &cluster.owners[place].owner;
        if action.edits.iter().any(|edit| matches!(edit, Edit::Resource(_))) {
            return Err(NotSimulated::NothingSelected);
        }
        let before = Snapshot::of(self.estate(), state, cluster);
        let next = state.with_edit(owner, (action.selector.clone(), action.edits.clone()));
        let after = Snapshot::of(self.estate(), &next, cluster);
        let (_, calls) = after.calls(place);
        if !calls.last_took {
            return Err(if calls.wants_bodies { NotSimulated::NeedsBodies } else { NotSimulated::NothingSelected });
        }
        let earlier = before.calls(place).1;
        let touched: BTreeSet<&ModelId> = earlier.models().into_iter().chain(calls.models()).collect();
        self.reprice(next, &before, &after, &touched)
    }

    /// Prices anew the owners that call any of `models`.
    pub(crate) fn reprice(
        &self,
        mut state: State,
        before: &Snapshot<'_>,
        after: &Snapshot<'_>,
        models: &BTreeSet<&ModelId>,
    ) -> Result<State, NotSimulated> {
        let version = |snapshot: &Snapshot<'_>, place| snapshot.versions.get(&place).map(|(version, _)| *version);
        let places = after.versions.keys().copied();
        let mut changed: BTreeSet<usize> =
            places.filter(|&place| version(before, place) != version(after, place)).collect();
        for model in models {
            let (was, now) = (before.tokens(model), after.tokens(model));
            let was: BTreeMap<usize, &Tokens> =
                was.iter().flat_map(|part| part.iter()).map(|tokens| (tokens.owner, tokens)).collect();
            changed.extend(
                now.iter().flat_map(|part| part.iter()).filter(|t| was.get(&t.owner) != Some(t)).map(|t| t.owner),
            );
        }
        let base = Snapshot::base(after.estate, after.cluster, after.versions.keys().copied());
        for place in changed {
            let owner = &after.cluster.owners[place].owner;
            let mut charges = after.charges(&base, place, self.new_rates())?;
            // A pool's own charges are its hours, which its commitment decides.
            if let Owner::Pool(id) = owner
                && state.pools.contains_key(id)
            {
                charges.retain(|charge| charge.key.class.is_token());
                charges.extend(state.charges(owner).iter().filter(|c| !c.key.class.is_token()).cloned());
            }
            state.owners.insert(owner.clone(), Arc::new(charges));
        }
        Ok(state)
    }
}
