//! Prompts of an owner none of whose bodies is known, as far as the counters of its calls tell: which part was read, which
//! written, and which of them can have been the same.
//!
//! It knows counters and times to live; no content, no prices.

use std::collections::BTreeSet;
use std::sync::Arc;

use lode_model::{CachePolicy, TokenCounts, Ttl};

use crate::OwnerCalls;
use crate::calls::{fold, scale};
use crate::replay::Block;

/// What counters tell of an owner none of whose bodies is known.
pub(crate) struct Counted {
    /// What tells its prefixes from those of others.
    owner: u128,
    /// Sizes that any of its calls read: what was written with one of them can have been read again.
    read: BTreeSet<u64>,
}

impl Counted {
    pub(crate) fn of(owner: &OwnerCalls) -> Option<Self> {
        if owner.calls.iter().any(|call| !call.segments.is_empty()) {
            return None;
        }
        let read = owner.calls.iter().map(|call| call.tokens.cache_read).filter(|tokens| *tokens > 0).collect();
        Some(Self { owner: format!("{:?}", owner.owner).bytes().fold(0, |all, byte| fold(all, byte.into())), read })
    }

    /// Identity of the first `tokens` of a call's prompt. Of a size that was read, the same in every call; of another, one
    /// of its own, as nothing shows that it was ever the same.
    fn prefix(&self, tokens: u64, call: usize) -> u128 {
        let alike = fold(self.owner, tokens.into());
        if self.read.contains(&tokens) { alike } else { fold(alike, call as u128 + 1) }
    }

    /// What the counters say of a prompt whose body is not known: the part that was read, and behind it what was written,
    /// longest time to live first as the service asks. A marker stands after each part written; after what was read where
    /// nothing was. `prompt` are its tokens after the edits, `call` its place among the owner's.
    pub(crate) fn prompt(
        &self,
        was: &TokenCounts,
        prompt: u64,
        policy: Option<&CachePolicy>,
        call: usize,
    ) -> (Arc<[Block]>, Vec<(usize, Ttl)>) {
        let written = [
            (was.cache_write_1h, Ttl::OneHour),
            (was.cache_write_30m, Ttl::ThirtyMinutes),
            (was.cache_write_5m, Ttl::FiveMinutes),
        ];
        let (mut blocks, mut markers): (Vec<Block>, Vec<(usize, Ttl)>) = (Vec::new(), Vec::new());
        let mut end = |tokens: u64| {
            blocks.push(Block {
                prefix: self.prefix(tokens, call),
                tokens: scale(tokens, prompt, was.prompt()),
                tool: false,
            });
            blocks.len() - 1
        };
        let mut tokens = was.cache_read;
        let read = (tokens > 0).then(|| end(tokens));
        for (more, own) in written.into_iter().filter(|(more, _)| *more > 0) {
            tokens = tokens.saturating_add(more);
            let ttl = if let Some(CachePolicy::Lifetime(ttl)) = policy { *ttl } else { own };
            markers.push((end(tokens), ttl));
        }
        if let (Some(read), true) = (read, markers.is_empty()) {
            // It lives on as it was written.
            markers.push((read, Ttl::FiveMinutes));
        }
        if policy == Some(&CachePolicy::Off) {
            markers.clear();
        }
        (blocks.into(), markers)
    }
}
