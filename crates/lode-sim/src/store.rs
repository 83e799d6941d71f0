//! A store of answers: a prompt that was answered a short while ago is answered from it, and the model is not called.
//!
//! It tells whether a call would be made. Two calls ask the same when all blocks of their prompts, in order, the model
//! and the limit of the answer are the same; images, video and documents are never the same in two records.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use lode_model::Request;

use crate::calls::has_media;

/// Answers kept, by what was asked.
#[derive(Debug, Default)]
pub(crate) struct Store(BTreeMap<u64, i64>);

impl Store {
    /// Whether the store answers the next call, in time order; else the model does, and its answer is kept for so many
    /// seconds from then on. A failed call leaves nothing to keep. `None` where the prompt cannot be compared.
    pub(crate) fn answers(&mut self, request: &Request, seconds: u32) -> Option<bool> {
        self.answers_to(asked(request)?, request, seconds)
    }

    /// The same of a prompt whose identity is known.
    pub(crate) fn answers_to(&mut self, key: u64, request: &Request, seconds: u32) -> Option<bool> {
        let second = request.time.as_second();
        let ended = seconds_to_answer(request).unwrap_or(1);
        let known = self.0.get(&key).copied();
        let ago = known.map(|made| second.saturating_sub(made));
        let kept = ago.is_some_and(|ago| (0..=i64::from(seconds)).contains(&ago));
        // An answer that is on its way is kept when it comes, whoever asks meanwhile.
        let on_its_way = ago.is_some_and(|ago| ago < 0);
        if !kept && !on_its_way && request.error.is_none() {
            self.0.insert(key, second.saturating_add(ended));
        }
        Some(kept)
    }
}

/// Seconds from a call to its answer, which is there when the call has ended; `None` where its record does not tell.
pub(crate) fn seconds_to_answer(request: &Request) -> Option<i64> {
    request.latency_ms.map(|ms| i64::try_from(ms.div_ceil(1000)).unwrap_or(i64::MAX).max(1))
}

/// What a call asks. Identities are 64 bits (SipHash over segment hashes). `None` where the prompt cannot be compared.
pub(crate) fn asked(request: &Request) -> Option<u64> {
    if request.segments.is_empty() || has_media(request.segments.iter().map(|segment| segment.kind)) {
        return None;
    }
    let mut hash = DefaultHasher::new();
    (&request.model, request.output_limit).hash(&mut hash);
    request.segments.iter().for_each(|segment| (segment.kind, segment.hash).hash(&mut hash));
    Some(hash.finish())
}
