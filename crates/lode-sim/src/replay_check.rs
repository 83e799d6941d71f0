//! The self-check of the cache replay: the markers in force, replayed, against the records' own counters.

use lode_model::TokenCounts;

use crate::cluster::Snapshot;
use crate::replay::Served;
use crate::{Cluster, Estate};

/// How the replay of the month as it was compares with the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayCheck {
    /// Prompt tokens of all calls looked at.
    pub prompt_tokens: u64,
    /// Prompt tokens of the calls with markers.
    pub marked_tokens: u64,
    /// Of them, tokens that the replay reads or writes and the records do not, or the other way round.
    pub tokens_off: u64,
}

impl ReplayCheck {
    /// Compares the whole estate; `None` where no call carries a marker.
    #[must_use]
    pub fn of(estate: &Estate) -> Option<Self> {
        let mut whole = Self::default();
        for cluster in estate.demand.clusters() {
            let marked = |own: &crate::OwnerCalls| {
                own.calls.iter().any(|call| call.segments.iter().any(|segment| segment.marker.is_some()))
            };
            for place in (0..cluster.owners.len()).filter(|place| marked(&cluster.owners[*place])) {
                let own = Self::of_owner(estate, cluster, place);
                whole.prompt_tokens += own.prompt_tokens;
                whole.marked_tokens += own.marked_tokens;
                whole.tokens_off += own.tokens_off;
            }
        }
        (whole.marked_tokens > 0).then_some(whole)
    }

    /// Compares one owner's calls, as logged.
    pub(crate) fn of_owner(estate: &Estate, cluster: &Cluster, place: usize) -> Self {
        let replayed = Snapshot::replay_base(estate, cluster);
        let logged = Snapshot::logged(estate, cluster, place);
        let mut check = Self::default();
        for call in &logged.calls {
            check.prompt_tokens += call.prompt_before;
            if !call.markers.is_empty() {
                check.marked_tokens += call.prompt_before;
                check.tokens_off += differs(&call.recorded, &replayed[place][call.request]);
            }
        }
        check
    }

    /// What the replay misses, of the prompt tokens of calls with markers.
    #[must_use]
    pub fn share_off(&self) -> f64 {
        ratio(self.tokens_off, self.marked_tokens)
    }
}

/// A count by another, for signals and pages; 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
pub fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of.max(1) as f64
}

/// By how much the replay of a call's own markers differs from its counters, in tokens. Calls without markers are not
/// asked: their reads are implicit caching.
pub(crate) const fn differs(recorded: &TokenCounts, replayed: &Served) -> u64 {
    let read = recorded.cache_read.abs_diff(replayed.read);
    let written = recorded.written().abs_diff(replayed.written());
    if read > written { read } else { written }
}
