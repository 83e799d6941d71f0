//! Edits that shorten a prompt by what its blocks show of themselves, and calls that a store answers or that are left out.

use lode_model::{Ratio, SegmentKind, Waste};

use super::{CAPPED, Draft, Part, WITHOUT_WHITE_SPACE, Watch, scale};
use crate::store::Store;

impl Draft<'_> {
    /// Takes white space out of JSON. A byte of it weighs less than another, in the prompt as it was too: the other bytes
    /// have more of its tokens than their share of the bytes.
    pub(super) fn drop_white_space(&mut self, weight: Ratio) -> Option<bool> {
        self.with_body(|draft| {
            let mut before = 0u64;
            for part in &mut draft.parts {
                let white = u64::from(part.segment.traits.white_space).min(part.bytes);
                if part.cut.is_none() && white > 0 {
                    let weighs = u64::try_from(weight.of(i128::from(white))).unwrap_or(u64::MAX);
                    let bytes = part.bytes - white;
                    before =
                        before.saturating_add(draft.weights.weigh(part.segment.kind, bytes.saturating_add(weighs)));
                    (part.bytes, part.cut) = (bytes, Some(WITHOUT_WHITE_SPACE));
                } else {
                    before = before.saturating_add(draft.weights.weigh(part.segment.kind, part.bytes));
                }
            }
            let after = draft.weight();
            draft.prompt = scale(draft.prompt, after, before);
            after != before
        })
    }

    /// Cuts the longest blocks of the conversation until the prompt has at most so many tokens, or nothing is left to cut.
    pub(super) fn cap(&mut self, most: u64) -> Option<bool> {
        let excess = self.prompt.saturating_sub(most);
        if excess == 0 {
            return Some(false);
        }
        // In what the whole prompt weighs, since a byte of one kind weighs more than one of another.
        let (mut excess, weights) = (scale(excess, self.weight(), self.prompt), self.weights);
        self.reshape(|parts| {
            let cuttable = |part: &Part<'_>| {
                matches!(part.segment.kind, SegmentKind::User | SegmentKind::ToolResult | SegmentKind::Retrieved)
            };
            let mut longest: Vec<&mut Part<'_>> = parts.iter_mut().filter(|part| cuttable(part)).collect();
            longest.sort_by_key(|part| std::cmp::Reverse((part.bytes, part.segment.hash)));
            for part in longest {
                if excess == 0 {
                    break;
                }
                let bytes = excess.div_ceil(weights.of(part.segment.kind).max(1)).min(part.bytes);
                excess = excess.saturating_sub(weights.weigh(part.segment.kind, bytes));
                part.bytes -= bytes;
                // What is left of a block depends on the rest of its prompt: two cuts are the same only at the same place.
                part.cut = Some(part.cut.unwrap_or_default() ^ (CAPPED + part.bytes));
            }
        })
    }

    /// Leaves the call out where a store answers it.
    pub(super) fn answer_from(&mut self, store: &mut Store, seconds: u32) -> Option<bool> {
        let answered = store.answers(self.request, seconds)?;
        if !self.made {
            return Some(false);
        }
        if answered {
            self.never_made();
        }
        Some(answered)
    }

    /// Leaves out a call that bought nothing. One that is not made any more is none.
    pub(super) fn leave_out(&mut self, watch: &mut Watch, waste: Waste) -> Option<bool> {
        if !self.made {
            return Some(false);
        }
        let wasted = watch.is_waste(self.request, waste)?;
        if wasted {
            self.never_made();
        }
        Some(wasted)
    }

    fn never_made(&mut self) {
        self.parts.clear();
        (self.prompt, self.output, self.made) = (0, 0, false);
    }
}
