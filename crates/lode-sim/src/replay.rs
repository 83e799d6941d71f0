//! Prompt caching, replayed: which part of each prompt is read, written or neither, call by call in time order.
//!
//! The rules are those of the AWS User Guide, prompt-caching (copy of 2026-10):
//! - a checkpoint covers everything before it, in the order tools, system, messages; at most four are honoured, and one
//!   that covers fewer tokens than the model's minimum is silently not cached;
//! - an entry exists only where a checkpoint was written; from each checkpoint the service looks back over the 20
//!   blocks before it, and the longest live prefix wins;
//! - only the part between what was read and the checkpoint is written; each read restarts the entry's time to live.
//!
//! What the guide leaves open is assumed, and said so in reports: entries are shared within account, source region and
//! model; a read also restarts the shorter checkpoints of the same request; an entry can be read from the second after
//! the one it was written in, so that calls of the same second all write.
//!
//! It knows no prices and no requests: hashes, sizes and times in, token counts out.

use std::collections::BTreeMap;

use lode_model::Ttl;
use lode_prices::CacheRules;

/// How many blocks before a checkpoint are searched for an entry.
const LOOK_BACK: usize = 20;
/// Entries above which dead ones are swept out.
const SWEEP_ABOVE: usize = 4096;

/// One block of a prompt: where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Identity of the prompt up to and including this block.
    pub(crate) prefix: u128,
    /// Tokens of the prompt up to and including this block.
    pub(crate) tokens: u64,
    /// Whether it is a tool.
    pub(crate) tool: bool,
    /// Whether it is a tool or a block of the system prompt.
    pub(crate) front: bool,
}

/// What came of a prompt's cacheable part, in tokens; the rest is plain input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) read: u64,
    pub(crate) write_5m: u64,
    pub(crate) write_30m: u64,
    pub(crate) write_1h: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// First second in which it can be read.
    readable_from: i64,
    /// Last second in which it can be read.
    lives_to: i64,
    ttl: Ttl,
}

impl Entry {
    fn is_live(&self, second: i64) -> bool {
        self.readable_from <= second && second <= self.lives_to
    }
}

/// The cache of one account, source region and model.
#[derive(Debug)]
pub(crate) struct Cache<'a> {
    rules: &'a CacheRules,
    entries: BTreeMap<u128, Entry>,
    /// Entries above which the next sweep comes: twice what the last one left, so that sweeps stay cheap.
    sweep_above: usize,
}

/// Seconds that an entry lives after its last use.
const fn seconds(ttl: Ttl) -> i64 {
    match ttl {
        Ttl::FiveMinutes => 5 * 60,
        Ttl::ThirtyMinutes => 30 * 60,
        Ttl::OneHour => 60 * 60,
    }
}

impl<'a> Cache<'a> {
    pub(crate) const fn new(rules: &'a CacheRules) -> Self {
        Self { rules, entries: BTreeMap::new(), sweep_above: SWEEP_ABOVE }
    }

    /// Serves one prompt. `markers` are places in `blocks` with their time to live, in order; calls come in time order.
    pub(crate) fn serve(&mut self, second: i64, blocks: &[Block], markers: &[(usize, Ttl)]) -> Served {
        let mut served = Served::default();
        let tools_cached = self.rules.fields.iter().any(|field| &**field == "tools");
        let checkpoints: Vec<(usize, &Block, Ttl)> = markers
            .iter()
            .filter_map(|&(place, ttl)| Some((place, blocks.get(place)?, ttl)))
            .filter(|(_, block, _)| block.tokens >= self.rules.min_tokens && (tools_cached || !block.tool))
            .filter(|(_, block, _)| self.rules.max_cached_tokens.is_none_or(|most| block.tokens <= most))
            .map(|(place, block, ttl)| (place, block, self.ttl(ttl)))
            .take(usize::try_from(self.rules.max_checkpoints).unwrap_or(usize::MAX))
            .collect();
        let hit = checkpoints.iter().filter_map(|(place, ..)| self.longest_live(second, blocks, *place)).max();
        let read_to = hit.map(|place| blocks[place].tokens).unwrap_or_default();
        served.read = read_to;
        if let Some(place) = hit {
            let restarted = checkpoints.iter().map(|(at, ..)| *at).filter(|at| *at < place).chain([place]);
            for at in restarted {
                if let Some(entry) = self.entries.get_mut(&blocks[at].prefix).filter(|entry| entry.is_live(second)) {
                    entry.lives_to = second + seconds(entry.ttl);
                }
            }
        }
        let mut covered = read_to;
        for (_, block, ttl) in checkpoints {
            if block.tokens <= covered {
                continue;
            }
            let written = block.tokens - covered;
            match ttl {
                Ttl::FiveMinutes => served.write_5m += written,
                Ttl::ThirtyMinutes => served.write_30m += written,
                Ttl::OneHour => served.write_1h += written,
            }
            covered = block.tokens;
            self.write(second, block.prefix, ttl);
        }
        served
    }

    /// A time to live that the model offers: the one asked for, else its shortest.
    fn ttl(&self, asked: Ttl) -> Ttl {
        let offered = &self.rules.ttls;
        if offered.contains(&asked) { asked } else { offered.iter().copied().min().unwrap_or(Ttl::FiveMinutes) }
    }

    /// The longest prefix with a live entry that ends at a checkpoint or at most 20 blocks before it.
    fn longest_live(&self, second: i64, blocks: &[Block], checkpoint: usize) -> Option<usize> {
        let live = |place: &usize| self.entries.get(&blocks[*place].prefix).is_some_and(|entry| entry.is_live(second));
        (checkpoint.saturating_sub(LOOK_BACK)..=checkpoint).rev().find(live)
    }

    fn write(&mut self, second: i64, prefix: u128, ttl: Ttl) {
        if self.entries.len() > self.sweep_above {
            self.entries.retain(|_, entry| entry.lives_to >= second);
            self.sweep_above = SWEEP_ABOVE.max(self.entries.len() * 2);
        }
        let fresh = Entry { readable_from: second + 1, lives_to: second + seconds(ttl), ttl };
        let entry = self.entries.entry(prefix).or_insert(fresh);
        // Calls of one second write the same entry; it is there from the first of them on.
        let readable_from = if entry.lives_to >= second { entry.readable_from } else { fresh.readable_from };
        *entry = Entry { readable_from, ..fresh };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(min_tokens: u64) -> CacheRules {
        let sonnet = lode_prices::Catalogue::builtin().resolve("anthropic.claude-sonnet-5-5").expect("known");
        CacheRules { min_tokens, ..sonnet.cache.clone().expect("caches") }
    }

    /// Blocks of 1,000 tokens each, named by letters; a prefix is the letters up to there.
    fn prompt(names: &str) -> Vec<Block> {
        let mut prefix = 0u128;
        names
            .bytes()
            .zip(1u64..)
            .map(|(name, place)| {
                prefix = prefix.wrapping_mul(257).wrapping_add(u128::from(name));
                Block { prefix, tokens: place * 1000, tool: false, front: false }
            })
            .collect()
    }

    fn read_written(served: Served) -> (u64, u64) {
        (served.read, served.write_5m + served.write_30m + served.write_1h)
    }

    #[test]
    fn a_static_prefix_is_written_once_and_read_within_five_minutes_of_its_last_use() {
        let rules = rules(512);
        let mut cache = Cache::new(&rules);
        let five =
            |cache: &mut Cache<'_>, at, names| read_written(cache.serve(at, &prompt(names), &[(0, Ttl::FiveMinutes)]));
        assert_eq!(five(&mut cache, 0, "Sx"), (0, 1000));
        assert_eq!(five(&mut cache, 300, "Sy"), (1000, 0), "the last second still counts");
        assert_eq!(five(&mut cache, 600, "Sz"), (1000, 0), "the read restarted it");
        assert_eq!(five(&mut cache, 901, "Sz"), (0, 1000), "a second too late");
    }

    #[test]
    fn a_change_before_the_marker_writes_again() {
        let rules = rules(512);
        let mut cache = Cache::new(&rules);
        for (at, names) in [(0, "aS"), (10, "bS"), (20, "cS")] {
            assert_eq!(read_written(cache.serve(at, &prompt(names), &[(1, Ttl::FiveMinutes)])), (0, 2000));
        }
    }

    #[test]
    fn below_the_minimum_nothing_happens() {
        let rules = rules(1024);
        let mut cache = Cache::new(&rules);
        for at in [0, 10] {
            assert_eq!(cache.serve(at, &prompt("S"), &[(0, Ttl::FiveMinutes)]), Served::default());
        }
    }

    #[test]
    fn a_conversation_reads_what_the_turn_before_wrote_and_writes_only_what_is_new() {
        let rules = rules(512);
        let mut cache = Cache::new(&rules);
        let turn = |cache: &mut Cache<'_>, at, names: &str| {
            read_written(cache.serve(at, &prompt(names), &[(names.len() - 1, Ttl::FiveMinutes)]))
        };
        assert_eq!(turn(&mut cache, 0, "Sa"), (0, 2000));
        assert_eq!(turn(&mut cache, 60, "SaAb"), (2000, 2000));
        assert_eq!(turn(&mut cache, 120, "SaAbBc"), (4000, 2000));
    }

    #[test]
    fn the_look_back_ends_after_twenty_blocks() {
        let rules = rules(512);
        let long = format!("S{}", "x".repeat(25));
        for (blocks, expected) in [(21, (1000, 20_000)), (22, (0, 22_000))] {
            let mut cache = Cache::new(&rules);
            cache.serve(0, &prompt("S"), &[(0, Ttl::FiveMinutes)]);
            let names = &long[..blocks];
            assert_eq!(
                read_written(cache.serve(10, &prompt(names), &[(blocks - 1, Ttl::FiveMinutes)])),
                expected,
                "{blocks} blocks"
            );
        }
    }

    #[test]
    fn calls_of_one_second_all_write() {
        let rules = rules(512);
        let mut cache = Cache::new(&rules);
        let call = |cache: &mut Cache<'_>, at| read_written(cache.serve(at, &prompt("S"), &[(0, Ttl::OneHour)]));
        assert_eq!([call(&mut cache, 5), call(&mut cache, 5), call(&mut cache, 6)], [(0, 1000), (0, 1000), (1000, 0)]);
    }

    #[test]
    fn each_checkpoint_writes_its_part_at_its_own_time_to_live() {
        let rules = rules(512);
        let mut cache = Cache::new(&rules);
        let served = cache.serve(0, &prompt("SUV"), &[(0, Ttl::OneHour), (2, Ttl::FiveMinutes)]);
        assert_eq!((served.write_1h, served.write_5m), (1000, 2000));
        // After ten minutes only the hour's part is left.
        let served = cache.serve(600, &prompt("SUV"), &[(0, Ttl::OneHour), (2, Ttl::FiveMinutes)]);
        assert_eq!((served.read, served.write_1h, served.write_5m), (1000, 0, 2000));
    }
}
