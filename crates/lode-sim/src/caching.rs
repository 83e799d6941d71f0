//! What prompt caching could come to for an owner at a point of the walk: the best markers that could be written down,
//! beside what is in force and what nobody can reach.
//!
//! The search knows the owner's own calls only: what others read of its entries is the simulator's. Costs are at the
//! owner's rates, of prompts on demand, in proportion to the logs; no dollars of the bill come from here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{Marker, ModelId, Owner, Segment, SegmentKind, Ttl};
use lode_prices::NewRates;

use crate::calls::{Calls, Combo, Edited, each_left, fold, has_media, is_message, is_on_demand};
use crate::cluster::Snapshot;
use crate::group::CLASSES;
use crate::landmarks::Landmarks;
use crate::list_rates::TOKENS;
use crate::replay::{Block, Replay, ReplayRules, Served};
use crate::search::{Best, Prompt, PromptRates, best};
use crate::{Estate, OwnerCalls, State, ratio};

/// Prompt caching of an owner, best and in force.
#[derive(Clone, Debug)]
pub struct Caching {
    searched: Arc<Searched>,
    /// What the prompts cost as they are cached now.
    now: i128,
}

/// What is the same whatever other owners do.
#[derive(Clone, Debug)]
pub(crate) struct Searched {
    /// By combo of the calls: of the model that caches, on demand, with a price.
    rates: Vec<Option<PromptRates>>,
    best: Best,
    /// Prompts of which no block is known, as they are recorded: whatever the markers of others.
    fixed: i128,
    /// Prompts with the best markers for them, their system blocks in another order; `None` where it would be the same.
    reordered: Option<i128>,
    /// Calls with markers.
    marked: u64,
    /// Of them, those whose markers all cover less than the model caches.
    below_minimum: u64,
    /// Prompts with the markers in force, replayed for the owner alone, as they are; without the fixed ones.
    as_marked: i128,
    /// The same, every marker to live so long.
    living: BTreeMap<Ttl, i128>,
}

impl Caching {
    /// Searches the calls of an owner in a state. `None` where the model that most prompt tokens go to takes no markers,
    /// no body is known, or no price.
    #[must_use]
    pub fn of(estate: &Estate, state: &State, owner: &Owner) -> Option<Self> {
        let (cluster, place) = estate.demand.of(owner)?;
        let snapshot = Snapshot::of(estate, state, cluster);
        let (version, calls) = snapshot.calls(place);
        let (model, rules) = caching_model(estate, &calls)?;
        let searched = cluster.memo.searched(version, || {
            let baseline = State::charges_billed(estate, owner);
            let billed_as = snapshot.write_classes(&baseline, place);
            let rates = |combo: &Combo| {
                let price = |class: usize| {
                    let class = billed_as.get(&(combo.clone(), class)).copied().unwrap_or(class);
                    let (_, quote) = snapshot.price(&baseline, combo, &CLASSES[class], NewRates::Inherit).ok()?;
                    Some(quote.rate.per(TOKENS).pico())
                };
                let [input, _, read, writes @ ..] = [0, 1, 2, 3, 4, 5].map(price);
                let input = input.filter(|input| *input > 0 && combo.model == model && is_on_demand(combo.mode))?;
                // What has no price of its own is plain input: no reason to write or read it.
                let [write_5m, write_30m, write_1h] = writes.map(|write| write.unwrap_or(input));
                Some(PromptRates { input, read: read.unwrap_or(input), write_5m, write_30m, write_1h })
            };
            let rates = calls.combos.iter().map(rates).collect();
            Searched::of(&cluster.owners[place], state.edits(owner), &calls, estate, rates, &rules)
        });
        let mut now = 0;
        let groups = snapshot.tokens(&model);
        for own in groups.iter().flat_map(|part| part.iter()).filter(|tokens| tokens.owner == place) {
            for (at, [input, _, read, write_5m, write_30m, write_1h]) in own.sums.iter().copied().enumerate() {
                let Some(rates) = searched.rates[at / estate.window.days()] else { continue };
                let served = Served { read, write_5m, write_30m, write_1h };
                now += rates.cost(input + read + served.written(), &served);
            }
        }
        (searched.best.uncached > 0).then_some(Self { searched, now })
    }

    /// The best markers found; empty where none pays.
    #[must_use]
    pub fn markers(&self) -> &[Marker] {
        &self.searched.best.markers
    }

    /// What the best markers save of what the prompts cost now; negative where caching in force does better, 0 where no
    /// marker pays.
    #[must_use]
    pub fn best_saves(&self) -> f64 {
        if self.markers().is_empty() { 0.0 } else { self.saves(self.searched.best.cost) }
    }

    /// What prompts would save with each block written only where reading it again pays for that: no markers save more.
    #[must_use]
    pub fn oracle_saves(&self) -> f64 {
        self.saves(self.searched.best.oracle)
    }

    /// The same, with a checkpoint after every block.
    #[must_use]
    pub fn every_block_saves(&self) -> f64 {
        self.saves(self.searched.best.every_block)
    }

    /// Calls whose markers all cover less than the model caches, of those with markers.
    #[must_use]
    pub fn below_minimum_share(&self) -> f64 {
        ratio(self.searched.below_minimum, self.searched.marked)
    }

    /// What prompts would save with the best markers for another order of the system prompt: blocks that nearly every call
    /// sends before those that change. `None` where that is their order.
    #[must_use]
    pub fn reordered_saves(&self) -> Option<f64> {
        self.searched.reordered.map(|cost| self.saves(cost))
    }

    /// What the markers in force save of the prompts as they are marked when all live so long; of each time to live that
    /// the model offers and that changes any marker. Empty where no marker is in force.
    pub fn other_lifetimes(&self) -> impl Iterator<Item = (Ttl, f64)> {
        let Searched { as_marked, fixed, .. } = *self.searched;
        let changed = self.searched.living.iter().filter(move |(_, cost)| **cost != as_marked);
        changed.map(move |(ttl, cost)| (*ttl, part(as_marked - cost, as_marked + fixed)))
    }

    fn saves(&self, cost: i128) -> f64 {
        part(self.now - self.searched.fixed - cost, self.now)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
const fn part(of: i128, whole: i128) -> f64 {
    if whole > 0 { of as f64 / whole as f64 } else { 0.0 }
}

/// The model that most prompt tokens on demand go to, and its rules; `None` where it takes no markers.
fn caching_model(estate: &Estate, calls: &Calls) -> Option<(ModelId, ReplayRules)> {
    let mut tokens = vec![0u64; calls.combos.len()];
    for call in &calls.calls {
        tokens[call.combo] += call.recorded.prompt();
    }
    let mut by_model = BTreeMap::new();
    for (combo, tokens) in calls.combos.iter().zip(tokens).filter(|(combo, _)| is_on_demand(combo.mode)) {
        *by_model.entry(&combo.model).or_insert(0u64) += tokens;
    }
    let (model, _) = by_model.into_iter().max_by_key(|(model, tokens)| (*tokens, std::cmp::Reverse(*model)))?;
    let rules = estate.prices.catalogue().model(model)?.cache.as_ref().filter(|rules| rules.takes_markers())?;
    Some((model.clone(), ReplayRules::of(rules)))
}

/// The markers in force of a call.
struct Marked<'a> {
    places: &'a [(usize, Ttl)],
    /// Whether another time to live is another one for them.
    changes: bool,
}

impl Searched {
    fn of(
        own: &OwnerCalls,
        edits: &[Edited],
        calls: &Calls,
        estate: &Estate,
        rates: Vec<Option<PromptRates>>,
        rules: &ReplayRules,
    ) -> Self {
        let mut shapes = Vec::with_capacity(calls.calls.len());
        each_left(own, edits, estate.prices.catalogue(), |left| {
            let kinds = left.parts.iter().map(|(segment, _)| segment.kind);
            shapes.push((Landmarks::of(kinds.clone()), has_media(kinds)));
        });
        let order = static_first(own, edits, estate);
        let (mut prompts, mut marked) = (Vec::new(), Vec::new());
        let mut reordered: Vec<Prompt> = Vec::new();
        // Without bodies, what is only read lives as it was written, whatever is written from now on.
        let has_bodies = own.calls.iter().any(|call| !call.segments.is_empty());
        let mut fixed = 0;
        for (place, (call, (landmarks, has_media))) in calls.calls.iter().zip(shapes).enumerate() {
            let tokens = call.recorded.prompt();
            let Some(rates) = rates[call.combo].filter(|_| tokens > 0) else { continue };
            // Bytes of media tell no tokens: no marker can be set there.
            if has_media || call.blocks.is_empty() {
                fixed += rates.cost(tokens, &Served::of(&call.recorded));
                continue;
            }
            let prompt = Prompt {
                second: call.second,
                readable_after: call.readable_after,
                blocks: Arc::clone(&call.blocks),
                landmarks,
                tokens,
                rates,
            };
            if let Some(order) = &order {
                reordered.push(Prompt { blocks: Arc::clone(&order[place]), ..prompt.clone() });
            }
            prompts.push(prompt);
            marked.push(Marked { places: &call.markers, changes: has_bodies || call.recorded.written() > 0 });
        }
        let replayed = |ttl: Option<Ttl>| -> i128 {
            let mut cache = Replay::new(rules.clone());
            let each = prompts.iter().zip(&marked).map(|(prompt, marked)| {
                let ttl = ttl.filter(|_| marked.changes);
                let markers = marked.places.iter().map(|(place, own)| (*place, ttl.unwrap_or(*own)));
                let served = cache.serve(prompt.second, prompt.readable_after, &prompt.blocks, markers);
                prompt.rates.cost(prompt.tokens, &served)
            });
            each.sum()
        };
        let any_marked = marked.iter().any(|marked| !marked.places.is_empty());
        let is_short = |prompt: &Prompt, place: usize| {
            prompt.blocks.get(place).is_some_and(|block| block.tokens < rules.min_tokens)
        };
        let below = prompts.iter().zip(&marked).filter(|(prompt, Marked { places, .. })| {
            !places.is_empty() && places.iter().all(|(place, _)| is_short(prompt, *place))
        });
        Self {
            marked: marked.iter().filter(|marked| !marked.places.is_empty()).count() as u64,
            below_minimum: below.count() as u64,
            as_marked: replayed(None),
            living: rules.ttls.iter().filter(|_| any_marked).map(|ttl| (*ttl, replayed(Some(*ttl)))).collect(),
            best: best(&prompts, rules),
            fixed,
            reordered: order.map(|_| best(&reordered, rules).cost),
            rates,
        }
    }
}

/// A block that so many calls of a hundred send is static.
pub(crate) const STATIC_PER_CENT: u64 = 95;

/// The blocks of each call with its static system blocks before the others; `None` where no prompt has a system block that
/// changes before one that does not.
fn static_first(own: &OwnerCalls, edits: &[Edited], estate: &Estate) -> Option<Vec<Arc<[Block]>>> {
    let catalogue = estate.prices.catalogue();
    let (mut bodies, mut sent): (u64, BTreeMap<u128, u64>) = (0, BTreeMap::new());
    each_left(own, edits, catalogue, |left| {
        bodies += u64::from(!left.parts.is_empty());
        let system = left.parts.iter().filter(|(segment, _)| segment.kind == SegmentKind::System);
        let hashes: BTreeSet<u128> = system.map(|(segment, _)| segment.hash).collect();
        hashes.into_iter().for_each(|hash| *sent.entry(hash).or_default() += 1);
    });
    sent.retain(|_, calls| calls.saturating_mul(100) >= bodies.saturating_mul(STATIC_PER_CENT));
    let changes = |segment: &Segment| segment.kind == SegmentKind::System && !sent.contains_key(&segment.hash);
    let (mut blocks, mut differs) = (Vec::with_capacity(own.calls.len()), false);
    each_left(own, edits, catalogue, |left| {
        // Tools, static instructions, the others: each in its order. Messages stay.
        let rank = |segment: &Segment| u8::from(segment.kind == SegmentKind::System) + u8::from(changes(segment));
        let mut parts: Vec<(&Segment, u64)> = left.parts.clone();
        let front = parts.iter().take_while(|(segment, _)| !is_message(segment.kind)).count();
        differs |= !parts[..front].is_sorted_by_key(|(segment, _)| rank(segment));
        parts[..front].sort_by_key(|(segment, _)| rank(segment));
        let (mut prefix, mut tokens) = (0u128, 0u64);
        let block = |(segment, more): (&Segment, u64)| {
            prefix = fold(prefix, segment.hash);
            tokens = tokens.saturating_add(more);
            Block { prefix, tokens, tool: segment.kind == SegmentKind::Tool }
        };
        blocks.push(parts.into_iter().map(block).collect());
    });
    differs.then_some(blocks)
}
