//! What each call reads from and writes to the prompt cache. Slow and plain: prefixes are compared block by block.
//!
//! Rules (AWS' prompt-caching page, copy of 2026-10-04; the last two are assumed, the page says nothing of them):
//! - a marker makes a checkpoint of everything before it, in the order tools, system, messages; four at most;
//! - a checkpoint below the model's minimum, counted over the whole prefix, does nothing;
//! - an entry is looked for at each checkpoint and up to 20 blocks before it; the longest prefix found is read;
//! - what lies between it and each later checkpoint is written, to live five minutes or an hour;
//! - batch jobs and model units have no cache;
//! - a use restarts the life of the entry read, and of this call's own shorter checkpoints that still live;
//! - an entry can be read once the call that wrote it has ended, by every call of the account, region and model.

use crate::call::{Call, Content, Mode, Ttl};

/// Blocks before a checkpoint that are looked at beside its own.
const LOOK_BACK: usize = 20;
const CHECKPOINTS: usize = 4;

/// Tokens of a call's prompt, by what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    pub input: u64,
    pub read: u64,
    pub write_5m: u64,
    pub write_1h: u64,
}

struct Entry {
    prefix: Vec<Content>,
    ttl: Ttl,
    /// From when it can be read.
    readable: i64,
    used: i64,
}

impl Entry {
    fn lives(&self, now: i64) -> bool {
        now - self.used <= self.ttl.seconds()
    }

    fn is_of(&self, prefix: &[Content]) -> bool {
        self.prefix == prefix
    }
}

/// The cache of one account, region and model.
#[derive(Default)]
pub(crate) struct Cache {
    entries: Vec<Entry>,
}

impl Cache {
    /// The next call in time order.
    pub(crate) fn serve(&mut self, call: &Call) -> Split {
        let total = call.prompt_tokens();
        let uncached = Split { input: total, ..Split::default() };
        let (Some(minimum), Mode::Standard | Mode::Flex) = (call.model.cache_min, call.mode) else {
            return uncached;
        };
        let blocks = call.blocks();
        if blocks.iter().all(|block| block.marker.is_none()) {
            return uncached;
        }
        let contents: Vec<Content> = blocks.iter().map(|block| block.content.clone()).collect();
        let tokens_of = |length: usize| contents[..length].iter().map(Content::tokens).sum::<u64>();
        let checkpoints: Vec<(usize, Ttl)> = blocks
            .iter()
            .zip(1..)
            .filter_map(|(block, length)| block.marker.map(|ttl| (length, ttl)))
            .take(CHECKPOINTS)
            .filter(|(length, _)| tokens_of(*length) >= minimum)
            .collect();
        self.entries.retain(|entry| entry.lives(call.time));

        let hit = checkpoints.iter().filter_map(|(length, _)| self.longest(&contents[..*length], call.time)).max();
        let mut split = Split { read: hit.map_or(0, &tokens_of), ..Split::default() };
        if let Some(hit) = hit {
            self.restart(&contents[..hit], call.time);
        }
        let mut before = hit.unwrap_or(0);
        for (length, ttl) in checkpoints {
            let prefix = &contents[..length];
            if length <= before {
                self.restart(prefix, call.time);
                continue;
            }
            let written = tokens_of(length) - tokens_of(before);
            match ttl {
                Ttl::FiveMinutes => split.write_5m += written,
                Ttl::OneHour => split.write_1h += written,
            }
            self.write(prefix, ttl, call.time, call.time + call.seconds());
            before = length;
        }
        split.input = total - split.read - split.write_5m - split.write_1h;
        split
    }

    /// The length of the longest entry that is a prefix of this, within the look-back.
    fn longest(&self, prefix: &[Content], now: i64) -> Option<usize> {
        let readable =
            |length: &usize| self.entries.iter().any(|entry| entry.readable <= now && entry.is_of(&prefix[..*length]));
        (1..=prefix.len()).rev().take(1 + LOOK_BACK).find(readable)
    }

    /// A use of the entries of this prefix.
    fn restart(&mut self, prefix: &[Content], now: i64) {
        for entry in self.entries.iter_mut().filter(|entry| entry.is_of(prefix)) {
            entry.used = now;
        }
    }

    /// A write; of two that do not see each other the first to end counts.
    fn write(&mut self, prefix: &[Content], ttl: Ttl, now: i64, readable: i64) {
        let known = self.entries.iter_mut().find(|entry| entry.ttl == ttl && entry.is_of(prefix));
        match known {
            Some(entry) => {
                entry.used = now;
                entry.readable = entry.readable.min(readable);
            }
            None => self.entries.push(Entry { prefix: prefix.to_vec(), ttl, readable, used: now }),
        }
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
