//! What the calls to one model in one account and region come to, in tokens by class: they share a prompt cache, and
//! dedicated capacity where there is some.

use std::collections::BTreeMap;

use lode_model::{Class, Mode, ModelId, Routing, TokenCounts, Ttl};
use lode_prices::Catalogue;

use crate::calls::{Call, Calls, Combo, scale};
use crate::replay::{Replay, ReplayRules, Served};

/// Token classes, as the sums count them.
pub(crate) const CLASSES: [Class; 6] = [
    Class::Input,
    Class::Output,
    Class::CacheRead,
    Class::CacheWrite(Ttl::FiveMinutes),
    Class::CacheWrite(Ttl::ThirtyMinutes),
    Class::CacheWrite(Ttl::OneHour),
];

/// Tokens by class.
pub(crate) type Sums = [u64; 6];

/// What the calls of one owner come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Place of the owner in its cluster.
    pub(crate) owner: usize,
    /// By combo and day: `combo × days + day`.
    pub(crate) sums: Vec<Sums>,
}

/// Capacity that serves calls of a group, Standard tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    /// Model units.
    Units {
        /// Tokens they answer a minute.
        per_minute: u64,
        /// Place of the one owner they serve, where they serve no other.
        only: Option<usize>,
    },
    /// The Reserved tier.
    Reserved {
        /// The routing of the calls it serves.
        routing: Routing,
        /// Tokens a minute: input and output.
        per_minute: [u64; 2],
    },
}

impl Pool {
    /// Whether it serves the calls of a combo of an owner.
    pub(crate) fn serves(&self, owner: usize, combo: &Combo) -> bool {
        let here = match self {
            Self::Units { only, .. } => only.is_none_or(|only| only == owner),
            Self::Reserved { routing, .. } => combo.routing == *routing,
        };
        here && combo.mode == Mode::Standard
    }

    /// Whether it serves more owners than one.
    pub(crate) const fn is_shared(&self) -> bool {
        !matches!(self, Self::Units { only: Some(_), .. })
    }

    const fn per_minute(&self) -> [u64; 2] {
        match self {
            Self::Units { per_minute, .. } => [*per_minute, 0],
            Self::Reserved { per_minute, .. } => *per_minute,
        }
    }

    /// Which of its capacities the tokens of a class take; `None`: none, they are billed as ever. Units read no cache: their
    /// demand is the whole prompt and the answer. Of the Reserved tier input and output are bought apart; cache writes count
    /// as input, cache reads do not (AWS, service-tiers page, copy of 2026-10).
    const fn takes(&self, class: usize) -> Option<usize> {
        match (self, &CLASSES[class]) {
            (Self::Units { .. }, _) => Some(0),
            (Self::Reserved { .. }, Class::CacheRead) => None,
            (Self::Reserved { .. }, Class::Output) => Some(1),
            (Self::Reserved { .. }, _) => Some(0),
        }
    }

    /// Of the tokens of a call or a minute, by class, those that take its capacities.
    pub(crate) fn demand(&self, counts: &Sums) -> [u64; 2] {
        let mut demand = [0u64; 2];
        for (class, tokens) in counts.iter().enumerate() {
            if let Some(which) = self.takes(class) {
                demand[which] = demand[which].saturating_add(*tokens);
            }
        }
        demand
    }

    /// Whether the tokens of a class take the capacity at a place.
    pub(crate) fn is_taken_by(&self, which: usize, class: usize) -> bool {
        self.takes(class) == Some(which)
    }
}

/// The group of `model` among the calls of a cluster.
pub(crate) struct Group<'a> {
    pub(crate) model: &'a ModelId,
    /// Owners with calls to the model, by place.
    pub(crate) members: Vec<(usize, &'a Calls)>,
    pub(crate) days: usize,
    pub(crate) catalogue: &'static Catalogue,
}

impl<'a> Group<'a> {
    /// Every call to the model, in time order.
    fn in_time_order(&self) -> Vec<(usize, &'a Calls, &'a Call)> {
        let mut all: Vec<_> = self
            .members
            .iter()
            .flat_map(|&(owner, calls)| calls.calls.iter().map(move |call| (owner, calls, call)))
            .filter(|(_, calls, call)| calls.combos[call.combo].model == *self.model)
            .collect();
        all.sort_by_key(|(owner, _, call)| (call.second, *owner, call.request));
        all
    }

    /// Replays the prompt cache, and hands each call to `each` with what of it was cached.
    fn replay(&self, mut each: impl FnMut(usize, &Calls, &Call, Served)) {
        let rules = self.catalogue.model(self.model).and_then(|info| info.cache.as_ref());
        let mut cache = rules.map(|rules| Replay::new(ReplayRules::of(rules)));
        for (owner, calls, call) in self.in_time_order() {
            let served = match &mut cache {
                Some(cache) if !call.markers.is_empty() => {
                    cache.serve(call.second, call.readable_after, &call.blocks, call.markers.iter().copied())
                }
                _ => Served::default(),
            };
            each(owner, calls, call, served);
        }
    }

    /// Writes what each call's own markers come to into `base`, by owner and call.
    pub(crate) fn replay_base(&self, base: &mut [Vec<Served>]) {
        self.replay(|owner, _, call, served| base[owner][call.request] = served);
    }

    /// Hands the tokens of each call, by class, to `each`: owner, call and tokens. `base` is the replay of the records' own
    /// markers.
    pub(crate) fn each(&self, base: &[Vec<Served>], mut each: impl FnMut(usize, &Calls, &Call, Sums)) {
        self.replay(|owner, calls, call, served| {
            each(owner, calls, call, settle(call, served, base[owner][call.request]));
        });
    }

    /// Tokens of each owner. `base` is the replay of the records' own markers.
    pub(crate) fn tokens(&self, base: &[Vec<Served>], pool: Option<Pool>) -> Vec<Tokens> {
        let mut counted: Vec<(usize, usize, usize, i64, Sums)> = Vec::new();
        let mut sums: BTreeMap<usize, Vec<Sums>> = self
            .members
            .iter()
            .map(|(owner, calls)| (*owner, vec![Sums::default(); calls.combos.len() * self.days]))
            .collect();
        let mut minutes: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
        self.each(base, |owner, calls, call, counts| match pool {
            Some(pool) if pool.serves(owner, &calls.combos[call.combo]) => {
                let minute = call.second.div_euclid(60);
                let demand = minutes.entry(minute).or_default();
                for (sum, more) in demand.iter_mut().zip(pool.demand(&counts)) {
                    *sum = sum.saturating_add(more);
                }
                counted.push((owner, call.combo, call.day, minute, counts));
            }
            _ => {
                if let Some(sum) = sums.get_mut(&owner).and_then(|sums| sums.get_mut(call.combo * self.days + call.day))
                {
                    add(sum, &counts);
                }
            }
        });
        let Some(pool) = pool else {
            return sums.into_iter().map(|(owner, sums)| Tokens { owner, sums }).collect();
        };
        for (owner, combo, day, minute, counts) in counted {
            let demand = minutes.get(&minute).copied().unwrap_or_default();
            let capacity = pool.per_minute();
            let left = std::array::from_fn(|class| match pool.takes(class) {
                Some(which) => scale(counts[class], demand[which].saturating_sub(capacity[which]), demand[which]),
                None => counts[class],
            });
            if let Some(sum) = sums.get_mut(&owner).and_then(|sums| sums.get_mut(combo * self.days + day)) {
                add(sum, &left);
            }
        }
        sums.into_iter().map(|(owner, sums)| Tokens { owner, sums }).collect()
    }
}

fn add(sum: &mut Sums, more: &Sums) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = sum.saturating_add(*more);
    }
}

/// Tokens by class of one call. A policy of the plan counts as replayed. The record's own markers count as recorded,
/// moved by what the replay now differs from the replay of the month as it was: what the replay cannot explain stays.
fn settle(call: &Call, now: Served, base: Served) -> Sums {
    let recorded = &call.recorded;
    let prompt = recorded.prompt();
    let output = recorded.output;
    let with = |[read, w5, w30, w1]: [u64; 4]| {
        let mut left = prompt;
        let mut take = |tokens: u64| {
            let taken = tokens.min(left);
            left -= taken;
            taken
        };
        let (w5, w30, w1, read) = (take(w5), take(w30), take(w1), take(read));
        [left, output, read, w5, w30, w1]
    };
    let parts = |served: Served| [served.read, served.write_5m, served.write_30m, served.write_1h];
    if call.blocks.is_empty() {
        return counts(recorded);
    }
    if call.policy {
        return with(parts(now));
    }
    let was = parts(base).map(|tokens| scale(tokens, prompt, call.prompt_before));
    if parts(now) == was {
        return counts(recorded);
    }
    let own = [recorded.cache_read, recorded.cache_write_5m, recorded.cache_write_30m, recorded.cache_write_1h];
    let now = parts(now);
    let moved = [0, 1, 2, 3].map(|class| (own[class] + now[class]).saturating_sub(was[class]));
    // What a class cannot give, because the record has less of it than the replay had, the others give: as much is
    // cached in all as the record has, moved by what the replay moved.
    let sum = |parts: [u64; 4]| parts.iter().sum::<u64>();
    let whole = (sum(own) + sum(now)).saturating_sub(sum(was));
    let mut over = sum(moved).saturating_sub(whole);
    with(moved.map(|tokens| {
        let given = tokens.min(over);
        over -= given;
        tokens - given
    }))
}

fn counts(tokens: &TokenCounts) -> Sums {
    [
        tokens.input,
        tokens.output,
        tokens.cache_read,
        tokens.cache_write_5m,
        tokens.cache_write_30m,
        tokens.cache_write_1h,
    ]
}
