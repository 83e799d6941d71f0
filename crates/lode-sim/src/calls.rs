//! The calls of one owner after its edits: which blocks a prompt still has, what it costs by tokens before any cache,
//! where its markers stand. Everything here is about one owner alone; what calls do to each other is in `group`.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::Offset;
use lode_model::{
    CachePolicy, ContextBand, Edit, Mode, ModelId, READABLE_AFTER, Ratio, Request, Routing, Segment, SegmentKind,
    Selector, TokenCounts, Ttl,
};
use lode_prices::Catalogue;

use crate::calls::runs::InRuns;
use crate::counted::Counted;
use crate::landmarks::Landmarks;
use crate::replay::Block;
use crate::store::Store;
use crate::token_sizes::Weights;
use crate::{OwnerCalls, Window};

/// What one action does to an owner.
pub(crate) type Edited = (Selector, Vec<Edit>);

/// What is priced alike, apart from day and class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Combo {
    pub(crate) model: ModelId,
    pub(crate) routing: Routing,
    pub(crate) mode: Mode,
    pub(crate) band: ContextBand,
}

/// One call after the edits.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Unix second.
    pub(crate) second: i64,
    /// Place of its UTC day in the window.
    pub(crate) day: usize,
    /// Place of its combo in [`Calls::combos`].
    pub(crate) combo: usize,
    /// Place of the request in the owner's calls.
    pub(crate) request: usize,
    /// Tokens as recorded, by class, in the proportion of what is left of the prompt.
    pub(crate) recorded: TokenCounts,
    /// Prompt tokens before the edits.
    pub(crate) prompt_before: u64,
    /// What is left of the prompt, block by block; empty without a body.
    pub(crate) blocks: Arc<[Block]>,
    /// Markers in force.
    pub(crate) markers: Vec<(usize, Ttl)>,
    /// Seconds after which others can read what this call writes.
    pub(crate) readable_after: u32,
    /// Whether a cache policy of the plan stands in place of the record's own markers.
    pub(crate) policy: bool,
}

/// All calls of one owner after its edits, in time order.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pub(crate) calls: Vec<Call>,
    pub(crate) combos: Vec<Combo>,
    /// How the prompts with markers begin: owners without a common beginning share no cache entry.
    pub(crate) heads: Vec<u128>,
    /// Whether the last edit changed any call.
    pub(crate) last_took: bool,
    /// Whether it would have, had the bodies been there.
    pub(crate) wants_bodies: bool,
}

impl Calls {
    /// The models called, in order.
    pub(crate) fn models(&self) -> BTreeSet<&ModelId> {
        self.combos.iter().map(|combo| &combo.model).collect()
    }
}

/// One call while its edits are applied.
struct Draft<'a> {
    request: &'a Request,
    model: ModelId,
    routing: Routing,
    mode: Mode,
    /// Segments left.
    parts: Vec<Part<'a>>,
    /// What a byte of each kind weighs when the prompt's tokens are shared out.
    weights: Weights,
    /// Prompt tokens in the tokens of the model called.
    prompt: u64,
    output: u64,
    policy: Option<CachePolicy>,
    /// Whether the model is called: a store may answer, or the call may be left out.
    made: bool,
    /// Of an owner without any body.
    counted: Option<Arc<Counted>>,
}

/// What is left of a segment.
#[derive(Clone, Copy)]
struct Part<'a> {
    segment: &'a Segment,
    bytes: u64,
    /// What it was cut to: tokens, or one of the marks below.
    cut: Option<u64>,
}

/// Marks of parts that were changed: no prompt has so many tokens.
const WITHOUT_WHITE_SPACE: u64 = 1 << 63;
const FEWER_EXAMPLES: u64 = 1 << 62;
const CAPPED: u64 = 1 << 61;

/// The calls of an owner after `edits`, in order. `unedited` are the same without any: prompts that stay the same are
/// shared with it.
pub(crate) fn edited(
    owner: &OwnerCalls,
    edits: &[Edited],
    unedited: Option<&Calls>,
    window: &Window,
    catalogue: &Catalogue,
) -> Calls {
    let mut calls: Vec<Call> = Vec::with_capacity(owner.calls.len());
    let mut combos: Vec<Combo> = Vec::new();
    let (mut last_took, mut wants_bodies) = (false, false);
    each_draft(owner, edits, catalogue, |place, draft, took| {
        last_took |= took == Took::Changed;
        wants_bodies |= took == Took::WantsBody;
        let combo = draft.combo(catalogue);
        // A model that calls are moved to and that has no cache reads none; what is called today is as recorded.
        let moved = draft.model != draft.request.model;
        let caches = !moved || catalogue.model(&combo.model).is_none_or(|info| info.cache.is_some());
        let combo = combos.iter().position(|known| *known == combo).unwrap_or_else(|| {
            combos.push(combo);
            combos.len() - 1
        });
        calls.push(draft.finish(place, combo, unedited.map(|calls| &calls.calls[place]), window, caches));
    });
    let marked = calls.iter().filter(|call| !call.markers.is_empty());
    let heads: BTreeSet<u128> = marked.filter_map(|call| Some(call.blocks.first()?.prefix)).collect();
    Calls { calls, combos, heads: heads.into_iter().collect(), last_took, wants_bodies }
}

/// What the last edit did to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Took {
    /// It was not for this call.
    Passed,
    Nothing,
    Changed,
    WantsBody,
}

/// Applies `edits` to each call of an owner, in time order.
fn each_draft<'a>(
    owner: &'a OwnerCalls,
    edits: &[Edited],
    catalogue: &Catalogue,
    mut each: impl FnMut(usize, Draft<'a>, Took),
) {
    let mut taken = vec![0i128; edits.len()];
    let mut stores: Vec<Store> = edits.iter().map(|_| Store::default()).collect();
    let mut watches: Vec<Watch> = edits.iter().map(|_| Watch::default()).collect();
    let mut runs: Vec<InRuns<'_>> = edits.iter().map(|(selector, _)| InRuns::of(&selector.runs)).collect();
    let counted = Counted::of(owner).map(Arc::new);
    for (place, request) in owner.calls.iter().enumerate() {
        let mut draft = Draft { counted: counted.clone(), ..Draft::of(request, owner.weights) };
        let mut took = Took::Passed;
        for (index, (selector, list)) in edits.iter().enumerate() {
            took = Took::Passed;
            if !draft.is_selected(selector, &mut taken[index], catalogue) || !runs[index].moves(&draft) {
                continue;
            }
            took = Took::Nothing;
            for edit in list {
                let applied = match edit {
                    Edit::AnswerRepeats(seconds) => draft.answer_from(&mut stores[index], *seconds),
                    Edit::DropCalls(waste) => draft.leave_out(&mut watches[index], *waste),
                    edit => draft.apply(edit),
                };
                match applied {
                    Some(true) => took = Took::Changed,
                    None if took == Took::Nothing => took = Took::WantsBody,
                    Some(false) | None => {}
                }
            }
        }
        each(place, draft, took);
    }
}

/// The blocks of a prompt as recorded; none without a body.
pub(crate) fn blocks_of(request: &Request, weights: Weights) -> Arc<[Block]> {
    Draft::of(request, weights).blocks()
}

/// What is left of a prompt, part by part, with its tokens.
pub(crate) struct Left<'a> {
    pub(crate) request: &'a Request,
    /// Segments left, with their tokens; empty without a body.
    pub(crate) parts: Vec<(&'a Segment, u64)>,
    pub(crate) prompt: u64,
    pub(crate) output: u64,
    /// Whether the model is called.
    pub(crate) made: bool,
}

/// What is left of each prompt of an owner after `edits`, in time order.
pub(crate) fn each_left<'a>(
    owner: &'a OwnerCalls,
    edits: &[Edited],
    catalogue: &Catalogue,
    mut each: impl FnMut(Left<'a>),
) {
    each_draft(owner, edits, catalogue, |_, draft, _| {
        let total = draft.weight();
        let tokens = |part: &Part<'a>| (part.segment, scale(draft.prompt, draft.weight_of(part), total));
        let parts = draft.parts.iter().map(tokens).collect();
        each(Left { request: draft.request, parts, prompt: draft.prompt, output: draft.output, made: draft.made });
    });
}

impl<'a> Draft<'a> {
    fn of(request: &'a Request, weights: Weights) -> Self {
        let part = |segment: &'a Arc<Segment>| Part { segment, bytes: segment.bytes, cut: None };
        Self {
            request,
            model: request.model.clone(),
            routing: request.routing,
            mode: request.mode.unwrap_or(Mode::Standard),
            parts: request.segments.iter().map(part).collect(),
            weights,
            prompt: request.tokens.prompt(),
            output: request.tokens.output,
            policy: None,
            made: true,
            counted: None,
        }
    }

    /// Whether a selector picks this call; `taken` spreads a share evenly over the calls in time order.
    fn is_selected(&self, selector: &Selector, taken: &mut i128, catalogue: &Catalogue) -> bool {
        let matches = selector.mode.is_none_or(|mode| mode == self.mode)
            && selector.routing.is_none_or(|routing| routing == self.routing)
            && (selector.models.is_empty() || selector.models.contains(&self.model))
            && selector.band.is_none_or(|band| band == self.combo(catalogue).band);
        if !matches || selector.share == Ratio::ZERO {
            return false;
        }
        if selector.share >= Ratio::ONE {
            return true;
        }
        let before = selector.share.of(*taken);
        *taken += 1;
        selector.share.of(*taken) > before
    }

    /// Applies one edit: whether it changed the call, or `None` where that takes the body, which is not there.
    fn apply(&mut self, edit: &Edit) -> Option<bool> {
        let tokens = |ratio: &Ratio, of: u64| u64::try_from(ratio.of(i128::from(of))).unwrap_or(u64::MAX);
        match edit {
            Edit::Model { to, input, output } => {
                let changed = self.model != *to;
                self.model = to.clone();
                self.prompt = tokens(input, self.prompt);
                self.output = tokens(output, self.output);
                Some(changed)
            }
            Edit::Mode(mode) => Some(std::mem::replace(&mut self.mode, *mode) != *mode),
            Edit::Routing(routing) => Some(std::mem::replace(&mut self.routing, *routing) != *routing),
            Edit::CapOutput(most) => {
                let capped = self.output.min(u64::from(*most));
                Some(std::mem::replace(&mut self.output, capped) != capped)
            }
            Edit::Cache(CachePolicy::Off) => {
                self.policy = Some(CachePolicy::Off);
                let cached = self.request.tokens.prompt() != self.request.tokens.input;
                Some(cached || self.request.segments.iter().any(|segment| segment.marker.is_some()))
            }
            Edit::Cache(CachePolicy::Lifetime(ttl)) if self.counted.is_some() => {
                self.policy = Some(CachePolicy::Lifetime(*ttl));
                Some(self.request.tokens.prompt() != self.request.tokens.input)
            }
            Edit::Cache(policy) => self.with_body(|draft| {
                draft.policy = Some(policy.clone());
                let own = || draft.parts.iter().any(|part| part.segment.marker.is_some());
                !matches!(policy, CachePolicy::Lifetime(_)) || own()
            }),
            Edit::DropTools(names) => self.keep(|segment, _| {
                segment.kind != SegmentKind::Tool || !segment.tool.as_ref().is_some_and(|name| names.contains(name))
            }),
            Edit::DropDuplicateBlocks => {
                let mut seen = BTreeSet::new();
                self.keep(|segment, _| segment.kind != SegmentKind::User || seen.insert(segment.hash))
            }
            Edit::DropWhiteSpace(weight) => self.drop_white_space(*weight),
            Edit::KeepExamples(most) => self.reshape(|parts| {
                let more = |part: &&mut Part<'_>| {
                    part.segment.traits.examples > *most && part.cut.unwrap_or_default() & FEWER_EXAMPLES == 0
                };
                for part in parts.iter_mut().filter(more) {
                    let traits = part.segment.traits;
                    // Examples have lost white space with the rest.
                    let left = scale(traits.example_bytes.into(), part.bytes, part.segment.bytes);
                    let bytes = scale(left, u64::from(traits.examples - most), traits.examples.into());
                    part.bytes = part.bytes.saturating_sub(bytes);
                    part.cut = Some(part.cut.unwrap_or_default() ^ (FEWER_EXAMPLES + u64::from(*most)));
                }
            }),
            Edit::CapPrompt(most) => self.cap(u64::from(*most)),
            // Of the order of calls: each_draft asks the store and the watch.
            Edit::AnswerRepeats(_) | Edit::DropCalls(_) => Some(false),
            Edit::WindowHistory(turns) => {
                let starts = turn_starts(self.parts.iter().map(|part| part.segment.kind));
                // What stands before the first turn belongs to it.
                let older = starts.len().saturating_sub((*turns).max(1) as usize);
                let keep_from = starts.get(older).copied().filter(|_| older > 0).unwrap_or_default();
                self.keep(|segment, place| !is_message(segment.kind) || place >= keep_from)
            }
            Edit::Retrieval { chunks, chunk_tokens } => self.retrieve(*chunks, *chunk_tokens),
            Edit::ShortenSegment { segment, tokens, .. } => {
                let tokens = u64::from(*tokens);
                self.shrink(|found| found.hash == *segment, tokens, self.bytes_of(tokens))
            }
            // Its calls stay calls: what is reserved is settled among all of the pool.
            Edit::Reserve { .. } => Some(false),
            // Other units than today's: what they do not serve is on demand, at the regional price.
            Edit::Commitment { .. } => {
                self.routing = Routing::Regional;
                Some(std::mem::replace(&mut self.mode, Mode::Standard) != Mode::Standard)
            }
            Edit::Resource(_) => Some(false),
        }
    }

    /// What a part weighs, of the whole of [`Draft::weight`].
    const fn weight_of(&self, part: &Part<'_>) -> u64 {
        self.weights.weigh(part.segment.kind, part.bytes)
    }

    fn weight(&self) -> u64 {
        self.parts.iter().fold(0, |all, part| all.saturating_add(self.weight_of(part)))
    }

    /// Runs `change` where the body is known and its bytes tell its tokens: media do not.
    fn with_body(&mut self, change: impl FnOnce(&mut Self) -> bool) -> Option<bool> {
        let readable = self.weight() > 0 && !has_media(self.parts.iter().map(|part| part.segment.kind));
        readable.then(|| change(self))
    }

    /// Changes the parts and takes from the prompt's tokens what was taken from its weight.
    fn reshape(&mut self, change: impl FnOnce(&mut Vec<Part<'a>>)) -> Option<bool> {
        self.with_body(|draft| {
            let before = draft.weight();
            change(&mut draft.parts);
            let after = draft.weight();
            draft.prompt = scale(draft.prompt, after, before);
            after != before
        })
    }

    fn keep(&mut self, mut which: impl FnMut(&Segment, usize) -> bool) -> Option<bool> {
        self.reshape(|parts| {
            let mut place = 0;
            parts.retain(|part| {
                let kept = which(part.segment, place);
                place += 1;
                kept
            });
        })
    }

    /// Bytes of so many tokens of a kind, at what the prompt as it is now weighs.
    fn bytes_of(&self, tokens: u64) -> impl Fn(SegmentKind) -> u64 + use<> {
        let (whole, prompt, weights) = (self.weight(), self.prompt, self.weights);
        move |kind| scale(tokens, whole, prompt.saturating_mul(weights.of(kind)))
    }

    /// Leaves at most so many tokens, in `bytes` by kind, of each part that `which` picks.
    fn shrink(
        &mut self,
        which: impl Fn(&Segment) -> bool,
        tokens: u64,
        bytes: impl Fn(SegmentKind) -> u64,
    ) -> Option<bool> {
        self.reshape(|parts| {
            for part in parts.iter_mut().filter(|part| which(part.segment)) {
                let most = bytes(part.segment.kind);
                if most < part.bytes {
                    (part.bytes, part.cut) = (most, Some(tokens));
                }
            }
        })
    }

    /// The first `chunks` passages stay, each at most so long.
    fn retrieve(&mut self, chunks: u32, chunk_tokens: Option<u32>) -> Option<bool> {
        let most = chunk_tokens.map(u64::from).map(|tokens| (tokens, self.bytes_of(tokens)));
        let mut passages = 0;
        let dropped = self.keep(|segment, _| {
            passages += u32::from(segment.kind == SegmentKind::Retrieved);
            segment.kind != SegmentKind::Retrieved || passages <= chunks
        })?;
        let shrunk = most
            .and_then(|(tokens, bytes)| self.shrink(|segment| segment.kind == SegmentKind::Retrieved, tokens, bytes));
        Some(dropped || shrunk == Some(true))
    }

    fn combo(&self, catalogue: &Catalogue) -> Combo {
        let band = catalogue.model(&self.model).map_or(ContextBand::Standard, |info| info.band_for(self.prompt));
        Combo { model: self.model.clone(), routing: self.routing, mode: self.mode, band }
    }

    fn finish(self, request: usize, combo: usize, unedited: Option<&Call>, window: &Window, caches: bool) -> Call {
        let was = &self.request.tokens;
        let mut recorded = TokenCounts { output: self.output, ..*was };
        if self.prompt != was.prompt() {
            let part = |tokens| scale(tokens, self.prompt, was.prompt());
            recorded.cache_read = part(was.cache_read);
            recorded.cache_write_5m = part(was.cache_write_5m);
            recorded.cache_write_30m = part(was.cache_write_30m);
            recorded.cache_write_1h = part(was.cache_write_1h);
            recorded.input = 0;
            recorded.input = self.prompt.saturating_sub(recorded.prompt());
        }
        let on_demand = is_on_demand(self.mode);
        if !on_demand || !caches || self.policy == Some(CachePolicy::Off) {
            recorded = TokenCounts { input: self.prompt, output: self.output, ..TokenCounts::default() };
        }
        let unchanged = self.prompt == was.prompt() && self.parts.len() == self.request.segments.len();
        let (blocks, markers) = match (&self.counted, unedited.filter(|call| unchanged && !call.blocks.is_empty())) {
            _ if !on_demand || !self.made => (Arc::default(), Vec::new()),
            (Some(counted), _) => counted.prompt(was, self.prompt, self.policy.as_ref(), request),
            (None, Some(call)) => (Arc::clone(&call.blocks), self.markers()),
            (None, None) => (self.blocks(), self.markers()),
        };
        let markers = if blocks.is_empty() { Vec::new() } else { markers };
        let assumed = match &self.policy {
            Some(CachePolicy::Markers { readable_after, .. }) => *readable_after,
            _ => READABLE_AFTER,
        };
        let day = Offset::UTC.to_datetime(self.request.time).date();
        Call {
            second: self.request.time.as_second(),
            day: window.index(day),
            combo,
            request,
            recorded,
            prompt_before: was.prompt(),
            blocks,
            markers,
            readable_after: readable_after(self.request).unwrap_or(assumed),
            policy: matches!(self.policy, Some(CachePolicy::Off | CachePolicy::Markers { .. })) || !on_demand,
        }
    }

    fn blocks(&self) -> Arc<[Block]> {
        let total = self.weight();
        if total == 0 {
            return Arc::default();
        }
        let (mut prefix, mut weight) = (0u128, 0u64);
        let block = |part: &Part<'_>| {
            // A shortened block is another block, the same in every call: cut to so many tokens, whatever bytes these are
            // in each prompt.
            let cut = part.cut.map_or(0, |tokens| u128::from(tokens) + 1);
            prefix = fold(fold(prefix, part.segment.hash), cut);
            weight = weight.saturating_add(self.weight_of(part));
            Block { prefix, tokens: scale(self.prompt, weight, total), tool: part.segment.kind == SegmentKind::Tool }
        };
        self.parts.iter().map(block).collect()
    }

    /// Markers in force: those of the record, or those of the policy.
    fn markers(&self) -> Vec<(usize, Ttl)> {
        let own = self.parts.iter().enumerate().filter_map(|(place, part)| Some((place, part.segment.marker?)));
        match &self.policy {
            None => own.collect(),
            Some(CachePolicy::Off) => Vec::new(),
            Some(CachePolicy::Lifetime(ttl)) => own.map(|(place, _)| (place, *ttl)).collect(),
            Some(CachePolicy::Markers { markers, .. }) => {
                Landmarks::of(self.parts.iter().map(|part| part.segment.kind)).places(markers).collect()
            }
        }
    }
}

/// Seconds after which the entries of a call can be read, where its record tells: when it has ended. AWS says no more than
/// that an entry is there once it is written, so this is the late end; records have whole seconds.
pub(crate) fn readable_after(request: &Request) -> Option<u32> {
    let seconds = request.latency_ms?.div_ceil(1000).max(1);
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// Whether a mode is served on demand, where prompts are cached. Nothing is cached in batch, and dedicated capacity
/// bills no tokens (AWS prompt-caching page, copy of 2026-10).
pub(crate) const fn is_on_demand(mode: Mode) -> bool {
    !matches!(mode, Mode::Batch | Mode::Provisioned)
}

/// Whether any block is an image, video or document, whose bytes do not tell its tokens.
pub(crate) fn has_media(mut kinds: impl Iterator<Item = SegmentKind>) -> bool {
    kinds.any(|kind| kind == SegmentKind::Media)
}

/// Part of a conversation, rather than tools or instructions.
pub(crate) const fn is_message(kind: SegmentKind) -> bool {
    !matches!(kind, SegmentKind::Tool | SegmentKind::System)
}

/// How many tools and system blocks stand before the messages.
pub(crate) fn front(segments: &[Arc<Segment>]) -> usize {
    segments.iter().take_while(|segment| !is_message(segment.kind)).count()
}

/// Where each turn starts: at what the user says, unless the user was speaking already.
pub(crate) fn turn_starts(kinds: impl Iterator<Item = SegmentKind>) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut before = None;
    for (place, kind) in kinds.enumerate().filter(|(_, kind)| is_message(*kind)) {
        let user = matches!(kind, SegmentKind::User | SegmentKind::Retrieved | SegmentKind::Media);
        if user && matches!(before, None | Some(SegmentKind::Assistant)) {
            starts.push(place);
        }
        before = Some(kind);
    }
    starts
}

/// `of × top / bottom`, rounded half up; 0 of nothing.
pub(crate) fn scale(of: u64, top: u64, bottom: u64) -> u64 {
    if bottom == 0 {
        return 0;
    }
    let (of, top, bottom) = (u128::from(of), u128::from(top), u128::from(bottom));
    u64::try_from((of * top + bottom / 2) / bottom).unwrap_or(u64::MAX)
}

/// Identity of a prompt from that of its part before and the next block: a fixed mix of both, not a secret.
pub(crate) fn fold(prefix: u128, next: u128) -> u128 {
    // The odd 128-bit multiplier of PCG's MCG (O'Neill, PCG: A Family of Simple Fast Space-Efficient Statistically Good
    // Algorithms for Random Number Generation, 2014).
    const MIX: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;
    let mixed = (prefix ^ next.rotate_left(41)).wrapping_mul(MIX);
    mixed ^ (mixed >> 64) ^ prefix.rotate_left(17)
}

mod runs;
mod selected;
mod trims;
mod waste;

pub(crate) use runs::may_run_alone;
pub use selected::{SelectedCall, selected};
pub(crate) use waste::{OnItsWay, Watch, equal_calls, is_failed, is_in_a_row, step};

#[cfg(test)]
mod tests;
