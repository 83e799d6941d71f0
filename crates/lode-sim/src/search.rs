//! Where cache markers pay most: what a developer could write down for a workload, searched over its calls, beside two
//! bounds that nobody can write down.
//!
//! It knows blocks, landmarks, times and what the tokens of a prompt cost; no requests, no owners, no bill.

mod bounds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{MOST_MARKERS, Marker, Placement, Ttl};

use crate::landmarks::Landmarks;
use crate::replay::{Block, Replay, ReplayRules, Served};

/// One call, as the search replays it.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// Unix second; calls come in time order.
    pub(crate) second: i64,
    /// Seconds after which others can read what it writes.
    pub(crate) readable_after: u32,
    /// Empty where it cannot be cached.
    pub(crate) blocks: Arc<[Block]>,
    pub(crate) landmarks: Landmarks,
    /// Prompt tokens, cached or not.
    pub(crate) tokens: u64,
    pub(crate) rates: PromptRates,
}

/// What a million tokens of a prompt cost, in pico-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PromptRates {
    /// Plain input.
    pub(crate) input: i128,
    /// Read from the cache.
    pub(crate) read: i128,
    /// Written, to live five minutes.
    pub(crate) write_5m: i128,
    /// Written, to live thirty minutes.
    pub(crate) write_30m: i128,
    /// Written, to live an hour.
    pub(crate) write_1h: i128,
}

impl PromptRates {
    /// Written, to live so long.
    const fn write(&self, ttl: Ttl) -> i128 {
        match ttl {
            Ttl::FiveMinutes => self.write_5m,
            Ttl::ThirtyMinutes => self.write_30m,
            Ttl::OneHour => self.write_1h,
        }
    }

    /// Millionths of pico-dollars for a prompt of which so much was cached.
    pub(crate) fn cost(&self, tokens: u64, served: &Served) -> i128 {
        let uncached = tokens.saturating_sub(served.read).saturating_sub(served.written());
        let parts = [
            (self.input, uncached),
            (self.read, served.read),
            (self.write_5m, served.write_5m),
            (self.write_30m, served.write_30m),
            (self.write_1h, served.write_1h),
        ];
        parts.iter().map(|(rate, tokens)| rate.saturating_mul(i128::from(*tokens))).sum()
    }
}

/// The best markers found, and the bounds; costs in millionths of pico-dollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Best {
    /// In the order of the prompt, as far as it is the same in every prompt; empty where no marker pays.
    pub(crate) markers: Vec<Marker>,
    /// Prompts with these markers.
    pub(crate) cost: i128,
    /// Prompts without a cache.
    pub(crate) uncached: i128,
    /// Prompts with a checkpoint after every block, more than the service takes, at the time to live that costs less.
    pub(crate) every_block: i128,
    /// Prompts where each block is written only if reading it again pays for that: no policy costs less.
    pub(crate) oracle: i128,
}

/// A marker must save one part in so many of the uncached cost, or it is not worth its line of code.
const WORTH: i128 = 200;
/// Blocks from the front of a prompt where a fixed marker is tried.
const DEEPEST: usize = 64;
/// Depths tried: those at which prompts part most often.
const MOST_DEPTHS: usize = 4;
/// A depth is tried where one prompt in so many goes on otherwise than earlier ones.
const PART_OF_PROMPTS: u64 = 50;
/// Depths are looked for in so many calls, the first: more would tell the same.
const LOOKED_AT: usize = 20_000;

/// Searches the markers that cost least, each marker counted as [`WORTH`] beside its tokens. The one that saves most is
/// added, with another time to live of one that is set where that is better, or two where none does alone, until nothing
/// is worth it; then each is left out, and tried at other places and times to live. Of those that are as good within that worth, the plainest is taken. Every trial is a replay of all
/// prompts. What it finds cannot be bettered by one such move; three markers that pay only together it does not see.
pub(crate) fn best(prompts: &[Prompt], rules: &ReplayRules) -> Best {
    let uncached: i128 = prompts.iter().map(|prompt| prompt.rates.cost(prompt.tokens, &Served::default())).sum();
    let places = candidates(prompts, rules);
    let worth = (uncached / WORTH).max(1);
    let (mut chosen, mut cost): (Vec<Marker>, i128) = (Vec::new(), uncached);
    let most = MOST_MARKERS.min(rules.max_checkpoints);
    let marker = |place: &Placement, ttl: &Ttl| Marker { place: *place, ttl: *ttl };
    let with = |chosen: &[Marker], more: &[Marker]| {
        let mut markers = [chosen, more].concat();
        markers.sort_by_key(|marker| marker.place);
        markers
    };
    while chosen.len() < most {
        let free: Vec<&Placement> =
            places.iter().filter(|place| chosen.iter().all(|marker| marker.place != **place)).collect();
        // Also with another time to live of one that is set: the new one may do part of what it does.
        let bases: Vec<Vec<Marker>> = std::iter::once(chosen.clone()).chain(relived(&chosen, rules)).collect();
        let one_more = bases.iter().flat_map(|base| {
            free.iter().flat_map(|place| rules.ttls.iter().map(|ttl| with(base, &[marker(place, ttl)])))
        });
        let found = plainest(prompts, rules, one_more, cost, worth);
        // Two may pay where neither does alone: one leaves what the other finds.
        let found = found.or_else(|| {
            let pairs = free.iter().enumerate().filter(|_| chosen.len() + 1 < most).flat_map(|(at, first)| {
                let lives = rules.ttls.iter().flat_map(|ttl| rules.ttls.iter().map(move |other| (ttl, other)));
                let others =
                    free[at + 1..].iter().flat_map(move |other| lives.clone().map(move |lives| (other, lives)));
                others.map(|(other, (ttl, life))| [marker(first, ttl), marker(other, life)])
            });
            plainest(prompts, rules, pairs.map(|pair| with(&chosen, &pair)), cost, 2 * worth)
        });
        let Some(better) = found else { break };
        (cost, chosen) = better;
    }
    // Less markers at hardly more, or others at less: the cost with the worth of the markers falls each time.
    loop {
        let better = refined(&chosen, &places, rules).into_iter().find_map(|markers| {
            let trial = replayed(prompts, &markers, rules)?;
            let better = if markers.len() < chosen.len() { trial < cost + worth } else { trial + worth <= cost };
            better.then_some((trial, markers))
        });
        let Some(better) = better else { break };
        (cost, chosen) = better;
    }
    Best {
        markers: chosen,
        cost,
        uncached,
        every_block: bounds::every_block(prompts, rules).unwrap_or(uncached),
        oracle: bounds::oracle(prompts, rules),
    }
}

/// Of markers that cost at least `worth` less, the first that is as good as the best of them within it.
fn plainest(
    prompts: &[Prompt],
    rules: &ReplayRules,
    trials: impl Iterator<Item = Vec<Marker>>,
    cost: i128,
    worth: i128,
) -> Option<(i128, Vec<Marker>)> {
    let trials: Vec<_> = trials.filter_map(|markers| Some((replayed(prompts, &markers, rules)?, markers))).collect();
    let least = trials.iter().map(|(trial, _)| *trial).min().filter(|least| least + worth <= cost)?;
    trials.into_iter().find(|(trial, _)| *trial < least + worth && trial + worth <= cost)
}

/// The same markers, one with another time to live.
fn relived<'a>(chosen: &'a [Marker], rules: &'a ReplayRules) -> impl Iterator<Item = Vec<Marker>> + 'a {
    (0..chosen.len()).flat_map(move |at| {
        rules.ttls.iter().filter(move |ttl| **ttl != chosen[at].ttl).map(move |ttl| {
            let mut markers = chosen.to_vec();
            markers[at].ttl = *ttl;
            markers
        })
    })
}

/// The same markers with one less; with one at another place or time to live.
fn refined(chosen: &[Marker], places: &[Placement], rules: &ReplayRules) -> Vec<Vec<Marker>> {
    let without = |at: usize| {
        let mut markers = chosen.to_vec();
        markers.remove(at);
        markers
    };
    let mut trials: Vec<Vec<Marker>> = (0..chosen.len()).map(without).chain(relived(chosen, rules)).collect();
    for at in 0..chosen.len() {
        for place in places.iter().filter(|place| chosen.iter().all(|marker| marker.place != **place)) {
            for ttl in &rules.ttls {
                let mut markers = without(at);
                markers.push(Marker { place: *place, ttl: *ttl });
                markers.sort_by_key(|marker| marker.place);
                trials.push(markers);
            }
        }
    }
    trials
}

/// What all prompts cost with these markers; `None` where a longer time to live would follow a shorter one, which the
/// service refuses (AWS prompt-caching page, copy of 2026-10).
fn replayed(prompts: &[Prompt], markers: &[Marker], rules: &ReplayRules) -> Option<i128> {
    let mut cache = Replay::new(rules.clone());
    let mut sum = 0;
    for prompt in prompts {
        let places = || prompt.landmarks.places(markers);
        if !places().is_sorted_by(|(_, before), (_, behind)| before >= behind) {
            return None;
        }
        let served = cache.serve(prompt.second, prompt.readable_after, &prompt.blocks, places());
        sum += prompt.rates.cost(prompt.tokens, &served);
    }
    Some(sum)
}

/// Where markers may pay, the plainest first.
fn candidates(prompts: &[Prompt], rules: &ReplayRules) -> Vec<Placement> {
    let can = |place: Placement| {
        prompts.iter().any(|prompt| {
            let at = prompt.landmarks.place(place).and_then(|at| prompt.blocks.get(at as usize));
            at.is_some_and(|block| rules.takes(block))
        })
    };
    let named = [Placement::SystemEnd, Placement::PromptEnd, Placement::ToolsEnd, Placement::HistoryEnd];
    let depths = named.into_iter().chain(depths(prompts)).chain(deepest(prompts, rules));
    let mut places: Vec<Placement> = Vec::new();
    for place in depths.filter(|place| can(*place)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Depths at which many prompts go on otherwise than others before them. A conversation that grows goes on in one way only:
/// its depths are none.
fn depths(prompts: &[Prompt]) -> impl Iterator<Item = Placement> + use<> {
    let mut parts = vec![0u64; DEEPEST];
    let (mut seen, mut gone_on): (BTreeSet<u128>, BTreeSet<u128>) = (BTreeSet::new(), BTreeSet::new());
    let first = prompts.iter().take(LOOKED_AT);
    for prompt in first.clone() {
        for (pair, parts) in prompt.blocks.windows(2).zip(&mut parts) {
            let (new, again) = (seen.insert(pair[1].prefix), !gone_on.insert(pair[0].prefix));
            *parts += u64::from(new && again);
        }
    }
    let least = (first.len() as u64 / PART_OF_PROMPTS).max(1);
    let mut depths: Vec<(u64, u32)> = parts.into_iter().zip(1..).filter(|(parts, _)| *parts >= least).collect();
    depths.sort_by_key(|(parts, depth)| (std::cmp::Reverse(*parts), *depth));
    depths.truncate(MOST_DEPTHS);
    depths.sort_by_key(|(_, depth)| *depth);
    depths.into_iter().map(|(_, depth)| Placement::Leading(depth))
}

/// Where a model caches so many tokens at most: the depth that most prompts which are longer still have within it.
fn deepest(prompts: &[Prompt], rules: &ReplayRules) -> Option<Placement> {
    let most = rules.max_tokens?;
    let mut depths: BTreeMap<usize, u64> = BTreeMap::new();
    for prompt in prompts.iter().filter(|prompt| prompt.tokens > most) {
        *depths.entry(prompt.blocks.partition_point(|block| block.tokens <= most)).or_default() += 1;
    }
    let (depth, _) = depths.into_iter().max_by_key(|(depth, prompts)| (*prompts, *depth))?;
    u32::try_from(depth).ok().filter(|depth| *depth > 0).map(Placement::Leading)
}

#[cfg(test)]
mod tests;
