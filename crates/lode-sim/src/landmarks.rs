//! Where cache markers can stand in a prompt: the ends of its tools, its system prompt, its history. It knows kinds of
//! blocks in their order, and nothing of what they hold.

use lode_model::{MOST_MARKERS, Marker, Placement, SegmentKind, Ttl};

use crate::calls::{is_message, turn_starts};

/// Where cache markers can stand in a prompt, by place of the block before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Landmarks {
    blocks: u32,
    tools_end: Option<u32>,
    system_end: Option<u32>,
    history_end: Option<u32>,
}

impl Landmarks {
    pub(crate) fn of(kinds: impl Iterator<Item = SegmentKind> + Clone) -> Self {
        let mut marks = Self::default();
        for (place, kind) in (0u32..).zip(kinds.clone()) {
            marks.blocks = place + 1;
            if kind == SegmentKind::Tool {
                marks.tools_end = Some(place);
            }
            if !is_message(kind) {
                marks.system_end = Some(place);
            }
        }
        let newest = turn_starts(kinds).last().copied().and_then(|place| u32::try_from(place).ok());
        marks.history_end = newest.and_then(|start| start.checked_sub(1));
        marks
    }

    /// The place that a marker stands for; `None` where the prompt has none.
    pub(crate) fn place(self, placement: Placement) -> Option<u32> {
        match placement {
            Placement::ToolsEnd => self.tools_end,
            Placement::SystemEnd => self.system_end,
            Placement::Leading(count) => count.checked_sub(1).filter(|place| *place < self.blocks),
            Placement::HistoryEnd => self.history_end,
            Placement::PromptEnd => self.blocks.checked_sub(1),
        }
    }

    /// Places of markers in the order of the prompt, each once; of two in one place the first given counts.
    pub(crate) fn places(self, markers: &[Marker]) -> impl Iterator<Item = (usize, Ttl)> {
        let mut found = [None; MOST_MARKERS];
        for (slot, marker) in found.iter_mut().zip(markers) {
            *slot = self.place(marker.place).map(|place| (place, marker.ttl));
        }
        // Stable, and absent ones first.
        found.sort_by_key(|slot| slot.map(|(place, _)| place));
        let mut before = None;
        found.into_iter().flatten().filter_map(move |(place, ttl)| {
            let again = before.replace(place) == Some(place);
            (!again).then_some((place as usize, ttl))
        })
    }
}
