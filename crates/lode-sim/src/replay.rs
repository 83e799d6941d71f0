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
//! model; a read also restarts the shorter checkpoints of the same request; an entry can be read once the call that
//! wrote it has ended, where its record says how long it took, else after the seconds the caller of this module gives;
//! calls before that all write.
//!
//! It knows no prices and no requests: hashes, sizes and times in, token counts out. What it keeps is the entries that
//! can still be read, whatever the number of calls.

#[expect(clippy::disallowed_types, reason = "looked up and swept, never listed: its order shows nowhere")]
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use lode_model::{MOST_MARKERS, TokenCounts, Ttl};
use lode_prices::CacheRules;

/// How many blocks before a checkpoint are searched for an entry (AWS prompt-caching page, copy of 2026-10: "approximately 20
/// content blocks").
pub const LOOK_BACK: usize = 20;
/// Entries above which dead ones are swept out.
const SWEEP_ABOVE: usize = 4096;

/// One block of a prompt: where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Identity of the prompt up to and including this block.
    pub prefix: u128,
    /// Tokens of the prompt up to and including this block.
    pub tokens: u64,
    /// Whether it is a tool.
    pub tool: bool,
}

/// What came of a prompt's cacheable part, in tokens; the rest is plain input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Read from the cache.
    pub read: u64,
    /// Written, to live five minutes.
    pub write_5m: u64,
    /// Written, to live thirty minutes.
    pub write_30m: u64,
    /// Written, to live an hour.
    pub write_1h: u64,
}

impl Served {
    /// What a record counts.
    #[must_use]
    pub const fn of(recorded: &TokenCounts) -> Self {
        Self {
            read: recorded.cache_read,
            write_5m: recorded.cache_write_5m,
            write_30m: recorded.cache_write_30m,
            write_1h: recorded.cache_write_1h,
        }
    }

    /// Written, however long it lives.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.write_5m.saturating_add(self.write_30m).saturating_add(self.write_1h)
    }
}

/// What the cache of a model does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayRules {
    /// Least tokens of the prompt up to a checkpoint.
    pub min_tokens: u64,
    /// Most tokens of the prompt up to a checkpoint, where there is a limit.
    pub max_tokens: Option<u64>,
    /// Checkpoints honoured, the first ones.
    pub max_checkpoints: usize,
    /// Whether tools can carry a checkpoint.
    pub tools: bool,
    /// Times to live on offer. Another one asked for becomes the shortest of them; any is taken where the list is empty.
    pub ttls: Vec<Ttl>,
    /// Whether a read restarts the time to live.
    pub refresh: bool,
}

impl ReplayRules {
    /// The rules that the catalogue has of a model.
    #[must_use]
    pub fn of(rules: &CacheRules) -> Self {
        Self {
            min_tokens: rules.min_tokens,
            max_tokens: rules.max_cached_tokens,
            max_checkpoints: usize::try_from(rules.max_checkpoints).unwrap_or(MOST_MARKERS),
            tools: rules.fields.iter().any(|field| &**field == "tools"),
            ttls: rules.ttls.clone(),
            refresh: true,
        }
    }

    /// A time to live that the model offers: the one asked for, else its shortest.
    #[must_use]
    pub fn ttl(&self, asked: Ttl) -> Ttl {
        if self.ttls.contains(&asked) { asked } else { self.ttls.iter().copied().min().unwrap_or(asked) }
    }

    /// Whether a prompt can be cached up to this block.
    #[must_use]
    pub fn takes(&self, block: &Block) -> bool {
        block.tokens >= self.min_tokens
            && (self.tools || !block.tool)
            && self.max_tokens.is_none_or(|most| block.tokens <= most)
    }
}

/// A prefix in the cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// First second in which it can be read.
    pub(crate) readable_from: i64,
    /// Last second in which it can be read.
    pub(crate) lives_to: i64,
    ttl: Ttl,
}

impl Entry {
    /// What a call writes over the entry `before` of the same prefix. Calls that do not see each other's entry write the
    /// same one: it is there from the first that has ended.
    pub(crate) fn written(before: Option<Self>, second: i64, readable_after: u32, ttl: Ttl) -> Self {
        let ended = second + i64::from(readable_after);
        let standing = before.filter(|entry| entry.lives_to >= second);
        let readable_from = standing.map_or(ended, |entry| entry.readable_from.min(ended));
        Self { readable_from, lives_to: second + lifetime(ttl), ttl }
    }

    /// A use.
    pub(crate) const fn restart(&mut self, second: i64) {
        self.lives_to = second + lifetime(self.ttl);
    }

    const fn is_live(&self, second: i64) -> bool {
        self.readable_from <= second && second <= self.lives_to
    }
}

/// The keys are hashes already: a part of them serves as it is.
#[derive(Clone, Copy, Debug, Default)]
struct Prehashed(u64);

impl Hasher for Prehashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    fn write_u128(&mut self, key: u128) {
        self.0 = (key as u64) ^ ((key >> 64) as u64);
    }
}

/// The cache of one account, source region and model.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "looked up and swept, never listed: its order shows nowhere")]
pub struct Replay {
    rules: ReplayRules,
    entries: HashMap<u128, Entry, BuildHasherDefault<Prehashed>>,
    /// Entries above which the next sweep comes: twice what the last one left, so that sweeps stay cheap.
    sweep_above: usize,
    /// Most entries held at a time.
    held: usize,
    /// Checkpoints of the prompt being served, kept for its allocation.
    checkpoints: Vec<(usize, Ttl)>,
}

/// Seconds that an entry lives after its last use.
#[must_use]
pub const fn lifetime(ttl: Ttl) -> i64 {
    match ttl {
        Ttl::FiveMinutes => 5 * 60,
        Ttl::ThirtyMinutes => 30 * 60,
        Ttl::OneHour => 60 * 60,
    }
}

impl Replay {
    /// An empty cache.
    #[must_use]
    #[expect(clippy::disallowed_types, reason = "see the struct")]
    pub fn new(rules: ReplayRules) -> Self {
        Self { rules, entries: HashMap::default(), sweep_above: SWEEP_ABOVE, held: 0, checkpoints: Vec::new() }
    }

    /// The rules it replays.
    #[must_use]
    pub const fn rules(&self) -> &ReplayRules {
        &self.rules
    }

    /// Most entries that it held at a time.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held
    }

    /// Serves one prompt. `markers` are places in `blocks` with their time to live, in order; calls come in time order.
    /// What this call writes can be read `readable_after` seconds later.
    pub fn serve(
        &mut self,
        second: i64,
        readable_after: u32,
        blocks: &[Block],
        markers: impl IntoIterator<Item = (usize, Ttl)>,
    ) -> Served {
        let mut served = Served::default();
        let mut checkpoints = std::mem::take(&mut self.checkpoints);
        checkpoints.clear();
        for (place, ttl) in markers {
            let honoured = blocks.get(place).is_some_and(|block| self.rules.takes(block));
            if honoured && checkpoints.len() < self.rules.max_checkpoints {
                checkpoints.push((place, self.rules.ttl(ttl)));
            }
        }
        let hit = self.longest_live(second, blocks, &checkpoints);
        served.read = hit.map_or(0, |place| blocks[place].tokens);
        if let Some(place) = hit.filter(|_| self.rules.refresh) {
            let restarted = checkpoints.iter().map(|(at, _)| *at).filter(|at| *at < place).chain([place]);
            for at in restarted {
                if let Some(entry) = self.entries.get_mut(&blocks[at].prefix).filter(|entry| entry.is_live(second)) {
                    entry.restart(second);
                }
            }
        }
        let mut covered = served.read;
        for &(place, ttl) in &checkpoints {
            let block = &blocks[place];
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
            self.write(second, readable_after, block.prefix, ttl);
        }
        self.checkpoints = checkpoints;
        served
    }

    /// The longest prefix with a live entry that ends at a checkpoint or at most 20 blocks before it.
    fn longest_live(&self, second: i64, blocks: &[Block], checkpoints: &[(usize, Ttl)]) -> Option<usize> {
        let live = |place: usize| self.entries.get(&blocks[place].prefix).is_some_and(|entry| entry.is_live(second));
        // From the last checkpoint down, so that what two of them look back over is looked at once.
        let mut above = usize::MAX;
        for &(checkpoint, _) in checkpoints.iter().rev() {
            let from = checkpoint.saturating_sub(LOOK_BACK);
            if let Some(place) = (from..=checkpoint).rev().filter(|place| *place < above).find(|place| live(*place)) {
                return Some(place);
            }
            above = from.min(above);
        }
        None
    }

    fn write(&mut self, second: i64, readable_after: u32, prefix: u128, ttl: Ttl) {
        if self.entries.len() >= self.sweep_above {
            self.entries.retain(|_, entry| entry.lives_to >= second);
            self.sweep_above = SWEEP_ABOVE.max(self.entries.len() * 2);
        }
        let entry = self.entries.entry(prefix);
        let entry = entry.and_modify(|entry| *entry = Entry::written(Some(*entry), second, readable_after, ttl));
        entry.or_insert_with(|| Entry::written(None, second, readable_after, ttl));
        self.held = self.held.max(self.entries.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(min_tokens: u64) -> Replay {
        let sonnet = lode_prices::Catalogue::builtin().resolve("anthropic.claude-sonnet-5-5").expect("known");
        Replay::new(ReplayRules { min_tokens, ..ReplayRules::of(sonnet.cache.as_ref().expect("caches")) })
    }

    /// Blocks of 1,000 tokens each, named by letters; a prefix is the letters up to there.
    fn prompt(names: &str) -> Vec<Block> {
        let mut prefix = 0u128;
        names
            .bytes()
            .zip(1u64..)
            .map(|(name, place)| {
                prefix = prefix.wrapping_mul(257).wrapping_add(u128::from(name));
                Block { prefix, tokens: place * 1000, tool: false }
            })
            .collect()
    }

    fn read_written(served: Served) -> (u64, u64) {
        (served.read, served.written())
    }

    #[test]
    fn a_static_prefix_is_written_once_and_read_within_five_minutes_of_its_last_use() {
        let mut cache = cache(512);
        let five =
            |cache: &mut Replay, at, names| read_written(cache.serve(at, 1, &prompt(names), [(0, Ttl::FiveMinutes)]));
        assert_eq!(five(&mut cache, 0, "Sx"), (0, 1000));
        assert_eq!(five(&mut cache, 300, "Sy"), (1000, 0), "the last second still counts");
        assert_eq!(five(&mut cache, 600, "Sz"), (1000, 0), "the read restarted it");
        assert_eq!(five(&mut cache, 901, "Sz"), (0, 1000), "a second too late");
    }

    #[test]
    fn a_change_before_the_marker_writes_again() {
        let mut cache = cache(512);
        for (at, names) in [(0, "aS"), (10, "bS"), (20, "cS")] {
            assert_eq!(read_written(cache.serve(at, 1, &prompt(names), [(1, Ttl::FiveMinutes)])), (0, 2000));
        }
    }

    #[test]
    fn below_the_minimum_nothing_happens() {
        let mut cache = cache(1024);
        for at in [0, 10] {
            assert_eq!(cache.serve(at, 1, &prompt("S"), [(0, Ttl::FiveMinutes)]), Served::default());
        }
    }

    #[test]
    fn a_conversation_reads_what_the_turn_before_wrote_and_writes_only_what_is_new() {
        let mut cache = cache(512);
        let turn = |cache: &mut Replay, at, names: &str| {
            read_written(cache.serve(at, 1, &prompt(names), [(names.len() - 1, Ttl::FiveMinutes)]))
        };
        assert_eq!(turn(&mut cache, 0, "Sa"), (0, 2000));
        assert_eq!(turn(&mut cache, 60, "SaAb"), (2000, 2000));
        assert_eq!(turn(&mut cache, 120, "SaAbBc"), (4000, 2000));
    }

    #[test]
    fn the_look_back_ends_after_twenty_blocks() {
        let long = format!("S{}", "x".repeat(25));
        for (blocks, expected) in [(21, (1000, 20_000)), (22, (0, 22_000))] {
            let mut cache = cache(512);
            cache.serve(0, 1, &prompt("S"), [(0, Ttl::FiveMinutes)]);
            let names = &long[..blocks];
            assert_eq!(
                read_written(cache.serve(10, 1, &prompt(names), [(blocks - 1, Ttl::FiveMinutes)])),
                expected,
                "{blocks} blocks"
            );
        }
    }

    #[test]
    fn calls_of_one_second_all_write() {
        let mut cache = cache(512);
        let call = |cache: &mut Replay, at| read_written(cache.serve(at, 1, &prompt("S"), [(0, Ttl::OneHour)]));
        assert_eq!([call(&mut cache, 5), call(&mut cache, 5), call(&mut cache, 6)], [(0, 1000), (0, 1000), (1000, 0)]);
    }

    #[test]
    fn each_checkpoint_writes_its_part_at_its_own_time_to_live() {
        let mut cache = cache(512);
        let served = cache.serve(0, 1, &prompt("SUV"), [(0, Ttl::OneHour), (2, Ttl::FiveMinutes)]);
        assert_eq!((served.write_1h, served.write_5m), (1000, 2000));
        // After ten minutes only the hour's part is left.
        let served = cache.serve(600, 1, &prompt("SUV"), [(0, Ttl::OneHour), (2, Ttl::FiveMinutes)]);
        assert_eq!((served.read, served.write_1h, served.write_5m), (1000, 0, 2000));
    }
}
