//! The skeleton of a typical call of an owner, and where its cache markers stand before and after a policy: kinds,
//! sizes and names of tools, never text.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{CachePolicy, Edit, Mode, ModelId, Owner, Request, SegmentKind, Selector, Ttl};

use crate::caching::STATIC_PER_CENT;
use crate::calls::{Edited, edited, is_on_demand};
use crate::{Estate, OwnerCalls};

/// Who sends a block, in the order the model reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The tools.
    Tools,
    /// The system prompt.
    System,
    /// A user turn: what the user says, passages, media, results of tools.
    User,
    /// An assistant turn.
    Assistant,
}

impl Role {
    const fn of(kind: SegmentKind) -> Self {
        match kind {
            SegmentKind::Tool => Self::Tools,
            SegmentKind::System => Self::System,
            SegmentKind::Assistant => Self::Assistant,
            SegmentKind::User | SegmentKind::ToolResult | SegmentKind::Retrieved | SegmentKind::Media => Self::User,
        }
    }
}

/// One block of the typical call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SketchBlock {
    /// What it is.
    pub kind: SegmentKind,
    /// Who sends it.
    pub role: Role,
    /// Its tokens, by its share of the prompt.
    pub tokens: u64,
    /// Name of the tool, of tools, their calls and their results. Hostile text, as logged.
    pub tool: Option<Arc<str>>,
    /// Whether at least 95 % of the calls send the very same block.
    pub is_static: bool,
}

/// A typical call and its markers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// The model called.
    pub model: ModelId,
    /// Calls with a body, of which it is the typical one.
    pub calls: u64,
    /// Its blocks in the order of the prompt.
    pub blocks: Vec<SketchBlock>,
    /// Markers of the record, by place of the block before them (from 0), in order.
    pub today: Vec<(usize, Ttl)>,
    /// Markers after the policy.
    pub after: Vec<(usize, Ttl)>,
}

impl Sketch {
    /// The call with the median number of blocks, ties by size, then id, under a policy; `None` without a call whose
    /// body is known and that is served on demand.
    #[must_use]
    pub fn of(estate: &Estate, owner: &Owner, policy: &CachePolicy) -> Option<Self> {
        let (cluster, place) = estate.demand.of(owner)?;
        let own = cluster.owners.get(place)?;
        let served = |call: &Request| is_on_demand(call.mode.unwrap_or(Mode::Standard));
        let mut readable: Vec<&Arc<Request>> =
            own.calls.iter().filter(|call| call.error.is_none() && !call.segments.is_empty() && served(call)).collect();
        readable.sort_by_key(|call| (call.segments.len(), call.tokens.prompt(), &call.id));
        let typical = *readable.get(readable.len().checked_sub(1)? / 2)?;
        let call = |edits: &[Edited]| {
            let one = OwnerCalls {
                weights: own.weights,
                ..OwnerCalls::new(owner.clone(), own.task, vec![Arc::clone(typical)])
            };
            edited(&one, edits, None, &estate.window, estate.prices.catalogue()).calls.pop()
        };
        let today = call(&[])?;
        let after = call(&[(Selector::all(owner.clone()), vec![Edit::Cache(policy.clone())])])?;
        if today.blocks.len() != typical.segments.len() {
            return None;
        }
        let sent = sent(&readable, typical);
        let calls = readable.len() as u64;
        let mut before = 0;
        let block = |(segment, block): (&Arc<lode_model::Segment>, &crate::Block)| {
            let tokens = block.tokens.saturating_sub(std::mem::replace(&mut before, block.tokens));
            let times = sent.get(&segment.hash).map_or(0, |(times, _)| *times);
            SketchBlock {
                kind: segment.kind,
                role: Role::of(segment.kind),
                tokens,
                tool: segment.tool.clone(),
                is_static: times.saturating_mul(100) >= calls.saturating_mul(STATIC_PER_CENT),
            }
        };
        let blocks = typical.segments.iter().zip(today.blocks.iter()).map(block).collect();
        Some(Self { model: typical.model.clone(), calls, blocks, today: today.markers, after: after.markers })
    }
}

/// How many calls send each block of the typical one, and the last of them that does.
fn sent(calls: &[&Arc<Request>], typical: &Request) -> BTreeMap<u128, (u64, usize)> {
    let mut sent: BTreeMap<u128, (u64, usize)> =
        typical.segments.iter().map(|segment| (segment.hash, (0, usize::MAX))).collect();
    for (at, call) in calls.iter().enumerate() {
        for segment in &call.segments {
            if let Some((times, last)) = sent.get_mut(&segment.hash)
                && *last != at
            {
                (*times, *last) = (*times + 1, at);
            }
        }
    }
    sent
}
