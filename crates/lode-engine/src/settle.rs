//! Settling: which options of a walk stay. Exclusive choices go to the option that leaves the smallest bill, steps that
//! cost more than they bring are taken out, and open commitments are fitted to the demand at the walk's end.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::{Action, Class, Edit, ModelId, Money, Owner, PoolId, Property, Reserved};
use lode_prices::NewRates;
use lode_sim::{Cluster, Daily, Estate, Held, Profile, Projection, Simulator, State};

use crate::offers::Offered;
use crate::walk::{Choices, OptionId, Taken, Walked, Walker, recommendation_id};
use crate::{BreakEven, Line, Reason};

/// An option that lost, or saved nothing.
#[derive(Clone)]
pub(crate) struct Dropped {
    pub(crate) id: OptionId,
    pub(crate) action: Action,
    pub(crate) reason: Reason,
    /// What it lost to, and how much larger the bill would be with it.
    pub(crate) lost_to: Option<(OptionId, Money)>,
}

/// The settled plan of owners that can change each other's costs.
#[derive(Clone)]
pub(crate) struct Settled {
    pub(crate) start: State,
    pub(crate) walked: Walked,
    pub(crate) dropped: Vec<Dropped>,
    pub(crate) choices: Choices,
    /// What is never chosen, priced once everything else is settled.
    pub(crate) offered: Vec<Offered>,
}

impl Dropped {
    /// How much larger the bill a month would be with it.
    pub(crate) fn costs_more(&self) -> Money {
        match (&self.lost_to, &self.reason) {
            (Some((_, more)), _) => *more,
            (
                None,
                Reason::NoSaving { saves, .. }
                | Reason::NegativeInPlan(saves)
                | Reason::MovesPrefix { brings: saves, .. },
            ) => Money::ZERO - *saves,
            (None, _) => Money::ZERO,
        }
    }

    /// A step that costs more of the whole plan than it brings.
    fn lossy(taken: &Taken, brings: Money) -> Self {
        Self {
            id: taken.id.clone(),
            action: taken.action.clone(),
            reason: Reason::NegativeInPlan(brings),
            lost_to: None,
        }
    }
}

/// Owners that can change each other's costs: those with known calls in one account and region that share blocks of
/// their prompts, or all of them where model units could serve them together; every other owner by itself.
pub(crate) fn settled_together(estate: &Estate, baseline: &State) -> Vec<BTreeSet<Owner>> {
    let mut together: Vec<BTreeSet<Owner>> = Vec::new();
    let mut alone: BTreeSet<&Owner> = baseline.owners().collect();
    for cluster in estate.demand.clusters() {
        let mut sets: Vec<BTreeSet<Owner>> = cluster
            .sharing()
            .into_iter()
            .map(|places| places.into_iter().map(|place| cluster.owners[place].owner.clone()).collect())
            .collect();
        if !estate.demand.capacity.is_empty() || reserved_may_pay(estate, baseline, cluster) {
            let here = |owner: &&Owner| matches!(owner, Owner::Pool(pool) if pool.account == cluster.account && pool.region == cluster.region);
            let pools = baseline.owners().filter(here).cloned();
            sets = vec![sets.into_iter().flatten().chain(pools).collect()];
        }
        for set in &sets {
            for owner in set {
                alone.remove(owner);
            }
        }
        together.extend(sets);
    }
    together.extend(alone.into_iter().map(|owner| BTreeSet::from([owner.clone()])));
    together.retain(|owners| !owners.is_empty());
    together.sort();
    together
}

/// Whether some model of a place costs as much on demand as the least that is sold of its Reserved tier: only then can that
/// pay, and what it serves are the calls of all callers together.
fn reserved_may_pay(estate: &Estate, baseline: &State, cluster: &Cluster) -> bool {
    let simulator = Simulator::new(estate, NewRates::Inherit);
    let projection = Projection::of(&estate.window);
    let mut spend: BTreeMap<&ModelId, Daily> = BTreeMap::new();
    for own in &cluster.owners {
        let Owner::Workload(workload) = &own.owner else { continue };
        let daily = spend.entry(&workload.model).or_insert_with(|| Daily::zero(estate.window.days()));
        for charge in baseline.charges(&own.owner).iter().filter(|charge| charge.key.class.is_token()) {
            daily.add(&estate.window, charge);
        }
    }
    spend.into_iter().any(|(model, daily)| {
        let id = PoolId { account: cluster.account.clone(), region: cluster.region.clone(), model: model.clone() };
        simulator.least_reserved(&id).is_some_and(|least| projection.monthly(&daily) >= least)
    })
}

/// The full plan: with gated steps, but without those that take more from the steps that could go now than they bring.
pub(crate) fn settle_full(walker: &Walker<'_>, start: State, ready: &Settled) -> Settled {
    let bill = |settled: &Settled| walker.bill(&settled.walked.state);
    let ids = |settled: &Settled| -> BTreeSet<OptionId> { settled.walked.taken.iter().map(|t| t.id.clone()).collect() };
    let mut barred: BTreeSet<OptionId> = BTreeSet::new();
    let mut given_up: Vec<Dropped> = Vec::new();
    let mut full = settle(walker, start.clone(), true, &barred);
    // Only where a gated step displaced one that could go now can it have cost more than it brings.
    while !ids(ready).is_subset(&ids(&full)) {
        let is_gated = |t: &&Taken| walker.is_gated(&t.id);
        let tried = full.walked.taken.iter().filter(is_gated).map(|taken| {
            let without: BTreeSet<OptionId> = barred.iter().chain([&taken.id]).cloned().collect();
            (taken, settle(walker, start.clone(), true, &without))
        });
        let Some((taken, without)) = tried.min_by(|a, b| (bill(&a.1), &a.0.id).cmp(&(bill(&b.1), &b.0.id))) else {
            break;
        };
        let brings = bill(&without) - bill(&full);
        if brings >= Money::ZERO {
            break;
        }
        given_up.push(Dropped::lossy(taken, brings));
        barred.insert(taken.id.clone());
        full = without;
    }
    if bill(ready) < bill(&full) {
        // Whatever was gated is not worth what it displaces.
        let (kept, brings) = (ids(ready), bill(ready) - bill(&full));
        given_up.extend(full.walked.taken.iter().filter(|t| !kept.contains(&t.id)).map(|t| Dropped::lossy(t, brings)));
        // What the gated rules said stays said.
        let (evaluations, offers) = (full.walked.evaluations, full.walked.offers);
        full = ready.clone();
        full.walked.evaluations = evaluations;
        full.walked.offers = offers;
    }
    full.dropped.extend(given_up);
    full
}

/// Walks until no exclusive choice is open, no step loses money, and open commitments fit the demand at the end.
/// Options in `barred` take no part.
pub(crate) fn settle(walker: &Walker<'_>, start: State, gated: bool, barred: &BTreeSet<OptionId>) -> Settled {
    let mut choices = Choices { forbidden: barred.clone(), ..Choices::default() };
    let mut dropped: Vec<Dropped> = Vec::new();
    let mut closings = 0;
    loop {
        let walked = walker.walk(&start, gated, &choices);
        if let Some((first, _)) = walked.conflicts.iter().min() {
            let rivals: BTreeSet<&OptionId> = walked
                .conflicts
                .iter()
                .filter_map(|(a, b)| if a == first { Some(b) } else { (b == first).then_some(a) })
                .chain([first])
                .collect();
            choose(walker, &start, gated, &walked, &rivals, &mut choices, &mut dropped);
            continue;
        }
        if closings < MOST_CLOSINGS && close_commitments(walker, &walked, &mut choices) {
            closings += 1;
            continue;
        }
        let worst = walked
            .taken
            .iter()
            .filter(|t| t.arithmetic.monthly <= Money::ZERO)
            .min_by(|a, b| (a.arithmetic.monthly, &a.id).cmp(&(b.arithmetic.monthly, &b.id)))
            .map(|taken| (taken, taken.arithmetic.monthly));
        // A step can save where it stands and still cost more than it brings, by what it takes from later ones.
        let worst = worst.or_else(|| {
            let several = walked.taken.len() > 1;
            let whole = walker.bill(&walked.state);
            let without = |taken: &Taken| {
                let others = choices.without(&BTreeSet::from([taken.id.clone()]));
                walker.bill(&walker.walk(&start, gated, &others).state) - whole
            };
            let steps = walked.taken.iter().filter(|_| several).map(|taken| (taken, without(taken)));
            steps.filter(|(_, more)| *more < Money::ZERO).min_by(|a, b| (a.1, &a.0.id).cmp(&(b.1, &b.0.id)))
        });
        let Some((worst, brings)) = worst else {
            return Settled { start, walked, dropped, choices, offered: Vec::new() };
        };
        let alone = standalone(walker, &start, worst);
        let reason = match reads_lost(worst) {
            Some(reads_lost) => Reason::MovesPrefix { brings, reads_lost },
            None if alone > Money::ZERO => Reason::NegativeInPlan(brings),
            None => {
                Reason::NoSaving { title: worst.action.title.clone(), saves: brings, notes: worst.action.notes.clone() }
            }
        };
        dropped.push(Dropped { reason, ..Dropped::lossy(worst, brings) });
        choices.forbidden.insert(worst.id.clone());
        // What lost to it gets another chance; it terminates, since what was dropped stays forbidden.
        let (released, kept) = std::mem::take(&mut dropped)
            .into_iter()
            .partition(|d| matches!(&d.lost_to, Some((winner, _)) if *winner == worst.id));
        dropped = kept;
        for option in released {
            choices.forbidden.remove(&option.id);
        }
    }
}

/// Tokens that a step which shortens prompts keeps from being read from the cache, where they are more than those it
/// takes out of the prompts: then the prefix has moved.
fn reads_lost(taken: &Taken) -> Option<i128> {
    let shortens = |edit: &Edit| {
        matches!(
            edit.property(),
            Property::Tools
                | Property::History
                | Property::Duplicates
                | Property::WhiteSpace
                | Property::Examples
                | Property::Prompt
                | Property::Segment
        )
    };
    if !taken.action.edits.iter().all(shortens) {
        return None;
    }
    let tokens = |lines: &[Line], which: fn(&Class) -> bool| -> i128 {
        lines.iter().filter(|line| which(&line.key.class)).map(|line| line.steps).sum()
    };
    let fell = |which| tokens(&taken.arithmetic.before, which) - tokens(&taken.arithmetic.after, which);
    let (reads, prompt) = (fell(|class| *class == Class::CacheRead), fell(Class::is_prompt));
    (reads > prompt.max(0)).then_some(reads)
}

/// Walks that fit open commitments to the demand at the end before the last fit is kept.
const MOST_CLOSINGS: usize = 4;

/// Of two commitments of one kind the smaller amounts, at the term of the later.
fn fewer(before: Held, now: Held) -> Held {
    match (before, now) {
        (Held::Units { units: a, per_minute: x, .. }, Held::Units { units: b, term, per_minute: y }) => {
            Held::Units { units: a.min(b), term, per_minute: x.min(y) }
        }
        (Held::Reserved { held: a, .. }, Held::Reserved { routing, held: b }) => {
            let held = Reserved { input: a.input.min(b.input), output: a.output.min(b.output), term: b.term };
            Held::Reserved { routing, held }
        }
        _ => now,
    }
}

/// Fits the commitments that recommenders left open to the demand at the walk's end; whether any changed.
fn close_commitments(walker: &Walker<'_>, walked: &Walked, choices: &mut Choices) -> bool {
    let simulator = Simulator::new(walker.estate, NewRates::Inherit);
    let mut changed = false;
    for taken in &walked.taken {
        let Owner::Pool(pool) = &taken.id.subject else { continue };
        let (open, reopened) = match taken.action.edits[..] {
            [Edit::Commitment { units, .. }] => (units.is_none(), Edit::Commitment { units: None, term: None }),
            [Edit::Reserve { routing, held }] => (held.is_none(), Edit::Reserve { routing, held: None }),
            _ => continue,
        };
        let Some(held) = walked.state.held(pool) else { continue };
        let known = choices.held.get(&taken.id).copied();
        if !open && known.is_none() {
            continue;
        }
        let reopened = Action { edits: vec![reopened], ..taken.action.clone() };
        let best = simulator.apply(&walked.state, &reopened).ok().and_then(|state| state.held(pool)).unwrap_or(held);
        // A cycle ends with the fewest units.
        let fewest = known.map_or(best, |before| fewer(before, best));
        if known != Some(fewest) {
            choices.held.insert(taken.id.clone(), fewest);
            changed = true;
        }
    }
    changed
}

/// Settles one choice: the option whose whole walk leaves the smallest bill stays, those it excludes go.
fn choose(
    walker: &Walker<'_>,
    start: &State,
    gated: bool,
    walked: &Walked,
    rivals: &BTreeSet<&OptionId>,
    choices: &mut Choices,
    dropped: &mut Vec<Dropped>,
) {
    let excluded_by = |option: &OptionId| -> BTreeSet<OptionId> {
        rivals
            .iter()
            .filter(|rival| **rival != option)
            .filter(|rival| match (walked.options.get(option), walked.options.get(**rival)) {
                (Some(a), Some(b)) => a.excludes(b),
                _ => false,
            })
            .map(|rival| (*rival).clone())
            .collect()
    };
    let bill_with = |option: &OptionId| -> Money {
        let without = choices.without(&excluded_by(option));
        walker.bill(&walker.walk(start, gated, &without).state)
    };
    let bills: Vec<(Money, &OptionId)> = rivals.iter().map(|option| (bill_with(option), *option)).collect();
    let Some((least, winner)) = bills.iter().min().cloned() else { return };
    for loser in excluded_by(winner) {
        let bill = bills.iter().find(|(_, option)| **option == loser).map_or(least, |(bill, _)| *bill);
        choices.forbidden.insert(loser.clone());
        let Some(action) = walked.options.get(&loser).cloned() else { continue };
        dropped.push(Dropped {
            reason: Reason::Alternative {
                title: action.title.clone(),
                winner: recommendation_id(&walker.rule_id(winner), &winner.subject),
            },
            action,
            lost_to: Some((winner.clone(), bill - least)),
            id: loser,
        });
    }
}

/// The bill after an action alone, where it makes sense without the earlier steps.
fn alone(walker: &Walker<'_>, start: &State, taken: &Taken) -> Option<State> {
    let holds = walker.holds(start, &taken.id);
    holds.then(|| Simulator::new(walker.estate, NewRates::Inherit).apply(start, &taken.action).ok())?
}

/// What an action alone saves against today's bill; nothing where it needs an earlier step to make sense.
pub(crate) fn standalone(walker: &Walker<'_>, start: &State, taken: &Taken) -> Money {
    let window = &walker.estate.window;
    alone(walker, start, taken).map_or(Money::ZERO, |after| {
        let mut saved = start.daily(window);
        saved.sub_all(&after.daily(window));
        walker.projection.monthly(&saved)
    })
}

/// What the calls that an action alone moves to another model cost today, and what they cost there.
pub(crate) fn moved_alone(walker: &Walker<'_>, start: &State, taken: &Taken) -> Option<BreakEven> {
    let to = taken.action.edits.iter().find_map(|edit| match edit {
        Edit::Model { to, .. } => Some(to),
        _ => None,
    })?;
    let after = alone(walker, start, taken)?;
    // Dollars of the window, on the new model and on any other.
    let cost = |state: &State| {
        let profile = Profile::of(walker.estate, walker.projection, state, &taken.action.selector.owner);
        let sum = |there: bool| -> Money {
            profile.uses.iter().filter(|used| (used.key.model == *to) == there).map(|used| used.cost).sum()
        };
        (sum(false), sum(true))
    };
    let ((today_before, there_before), (today_after, there_after)) = (cost(start), cost(&after));
    Some(BreakEven { today: today_before - today_after, there: there_after - there_before })
}
