//! The self-check of the cache replay: the markers in force, replayed, against the records' own counters.

use crate::Estate;
use crate::cluster::Snapshot;
use crate::group::differs;

/// How the replay of the month as it was compares with the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayCheck {
    /// Owners whose calls carry markers.
    pub owners: u64,
    /// Of them, those whose counters the replay misses by more than a twentieth of their prompt tokens: no change of
    /// their markers is recommended.
    pub owners_off: u64,
    /// Prompt tokens of the calls with markers.
    pub prompt_tokens: u64,
    /// Of them, tokens that the replay reads or writes and the records do not, or the other way round.
    pub tokens_off: u64,
}

/// Above one part in so many the replay is off.
const TOLERATED: u64 = 20;

impl ReplayCheck {
    /// Compares the whole estate; `None` where no call carries a marker.
    #[must_use]
    pub fn of(estate: &Estate) -> Option<Self> {
        let mut check = Self::default();
        for cluster in estate.demand.clusters() {
            let marked = |own: &crate::OwnerCalls| {
                own.calls.iter().any(|call| call.segments.iter().any(|segment| segment.marker.is_some()))
            };
            if !cluster.owners.iter().any(marked) {
                continue;
            }
            let replayed = Snapshot::replay_base(estate, cluster);
            for (place, _) in cluster.owners.iter().enumerate().filter(|(_, own)| marked(own)) {
                let logged = Snapshot::logged(estate, cluster, place);
                let calls = || logged.calls.iter().filter(|call| !call.markers.is_empty());
                let off: u64 = calls().map(|call| differs(call, replayed[place][call.request])).sum();
                let prompts: u64 = calls().map(|call| call.prompt_before).sum();
                check.owners += 1;
                check.owners_off += u64::from(off.saturating_mul(TOLERATED) > prompts);
                check.prompt_tokens += prompts;
                check.tokens_off += off;
            }
        }
        (check.owners > 0).then_some(check)
    }

    /// What the replay misses, of the prompt tokens of calls with markers.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is shown, not billed")]
    pub fn share_off(&self) -> f64 {
        self.tokens_off as f64 / self.prompt_tokens.max(1) as f64
    }
}
