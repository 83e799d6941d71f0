//! What no developer can write down, and what bounds every policy: a marker after every block, and an oracle that writes a
//! block only where reading it again pays for that.
//!
//! Like the search it knows blocks, times and prices only.

use std::collections::BTreeMap;

use lode_model::Ttl;

use super::Prompt;
use crate::replay::{Replay, ReplayRules, lifetime};

/// Prompts with a checkpoint after every block, more than the service takes, at the time to live that costs less; `None`
/// where the model caches nothing.
pub(crate) fn every_block(prompts: &[Prompt], rules: &ReplayRules) -> Option<i128> {
    let of = |ttl: &Ttl| -> i128 {
        let mut cache = Replay::new(ReplayRules { max_checkpoints: usize::MAX, ..rules.clone() });
        let each = prompts.iter().map(|prompt| {
            let all = (0..prompt.blocks.len()).map(|place| (place, *ttl));
            let served = cache.serve(prompt.second, prompt.readable_after, &prompt.blocks, all);
            prompt.rates.cost(prompt.tokens, &served)
        });
        each.sum()
    };
    rules.ttls.iter().map(of).min()
}

/// Times to live there can be.
const TTLS: [Ttl; 3] = [Ttl::FiveMinutes, Ttl::ThirtyMinutes, Ttl::OneHour];
/// Blocks followed above which those that cannot return are settled.
const SETTLE_ABOVE: usize = 65_536;

/// The least that one block of one prefix can have cost so far, by what is in the cache now.
#[derive(Clone, Copy, Debug)]
struct Block {
    last: i64,
    /// Nothing is.
    none: i128,
    /// An entry of this time to live is.
    alive: [Option<i128>; TTLS.len()],
}

impl Block {
    /// At a later second only entries that live so long are left.
    fn at(self, second: i64) -> Self {
        let mut now = Self { last: second, ..self };
        for (ttl, alive) in TTLS.iter().zip(&mut now.alive) {
            if let Some(cost) = alive.take_if(|_| second - self.last > lifetime(*ttl)) {
                now.none = now.none.min(cost);
            }
        }
        now
    }

    fn least(&self) -> i128 {
        self.alive.iter().flatten().copied().fold(self.none, i128::min)
    }
}

/// The least that the prompts can cost under any policy: for each block by itself, knowing what comes, it is plain input,
/// or written and read as long as it lives. It needs no markers, no minimum and no look-back, and calls at once find each
/// other's entries, so no policy costs less; most cost more.
pub(crate) fn oracle(prompts: &[Prompt], rules: &ReplayRules) -> i128 {
    let mut blocks: BTreeMap<u128, Block> = BTreeMap::new();
    let (mut settled, mut settle_above) = (0i128, SETTLE_ABOVE);
    for prompt in prompts {
        let mut before = 0;
        let rates = &prompt.rates;
        let last = prompt.blocks.len().saturating_sub(1);
        for (place, end) in prompt.blocks.iter().enumerate() {
            let tokens = i128::from(end.tokens.saturating_sub(before));
            before = before.max(end.tokens);
            let new = Block { last: prompt.second, none: 0, alive: [None; TTLS.len()] };
            let block = blocks.entry(end.prefix).or_insert(new);
            let now = block.at(prompt.second);
            *block = Block { none: now.none + tokens * rates.input, ..now };
            // What is written behind a block that is read covers it too, and may live longer than what was read.
            let from_any = if place < last { now.alive.iter().flatten().copied().min() } else { None };
            for ((ttl, was), alive) in TTLS.iter().zip(now.alive).zip(&mut block.alive) {
                let offered = rules.ttls.contains(ttl);
                let from = was.into_iter().chain(from_any.filter(|_| offered)).min();
                let read = from.map(|cost| cost + tokens * rates.read.min(rates.input));
                let written = offered.then(|| now.least() + tokens * rates.write(*ttl));
                *alive = match (read, written) {
                    (Some(read), Some(written)) => Some(read.min(written)),
                    (read, written) => read.or(written),
                };
            }
        }
        // What no block covers is plain.
        settled += i128::from(prompt.tokens.saturating_sub(before)) * rates.input;
        if blocks.len() > settle_above {
            let longest = TTLS.iter().map(|ttl| lifetime(*ttl)).max().unwrap_or_default();
            blocks.retain(|_, block| {
                let returns = prompt.second - block.last <= longest;
                settled += if returns { 0 } else { block.least() };
                returns
            });
            settle_above = SETTLE_ABOVE.max(blocks.len() * 2);
        }
    }
    settled + blocks.values().map(Block::least).sum::<i128>()
}
