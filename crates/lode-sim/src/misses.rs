//! Why the cache markers in force write and do not read: each call that wrote, held against the owner's earlier calls.
//!
//! What was written and read is what the records' counters say. What a marker covers is what the record's body says,
//! in tokens by the share of its bytes. It knows list prices only, and no other owner: an entry
//! that another caller left counts as none. What it remembers is what was sent in the last two hours: the longest time
//! to live on offer, and as long again to tell late from new.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{ContextBand, Mode, ModelId, Owner, Request, Routing, Segment, SegmentKind, Ttl};

use crate::calls::{Call, front, is_message};
use crate::cluster::Snapshot;
use crate::list_rates::{Priced, Rates};
use crate::replay::{Entry, LOOK_BACK, ReplayRules, Served};
use crate::search::PromptRates;
use crate::{Cluster, Estate};

/// Seconds after which what was sent is forgotten.
const MEMORY: i64 = 2 * 3600;
/// Prefixes remembered above which old ones are swept out.
const SWEEP_ABOVE: usize = 4096;
/// Two blocks that differ by no more are alike: a date, an id or a name has changed. In bytes, and in per cent.
const ALIKE_BYTES: u64 = 64;
const ALIKE_PER_CENT: u64 = 5;
/// Request ids named.
const EXAMPLES: usize = 3;

/// Why tokens were written to the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissCause {
    /// Nothing like it was sent before, or it is the new part of a conversation that grows: the write is needed.
    FirstUse,
    /// The same was cached before, longer ago than it lived.
    TooLate,
    /// The same was being written by a call that had not ended yet.
    AtOnce,
    /// A block before the marker changes from call to call: a date, an id, a user's name, a question.
    Changing,
    /// The same tools in another order.
    ToolOrder,
    /// Other tools.
    ToolsChanged,
    /// History cut from its front.
    Sliding,
    /// History changed in its middle: tool results cleared, turns summed up.
    Edited,
    /// A live entry ends more blocks before the marker than the service looks back.
    FarBack,
    /// A live entry was there, as far as the requests tell.
    Other,
}

impl MissCause {
    /// Every cause, in the order reports list equal ones.
    pub const ALL: &'static [Self] = &[
        Self::FirstUse,
        Self::TooLate,
        Self::AtOnce,
        Self::Changing,
        Self::ToolOrder,
        Self::ToolsChanged,
        Self::Sliding,
        Self::Edited,
        Self::FarBack,
        Self::Other,
    ];

    /// Whether the write could have been a read.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        !matches!(self, Self::FirstUse)
    }

    /// What to change, one sentence. The rules behind it: AWS prompt-caching page, copy of 2026-10.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::FirstUse => "Keep these markers where later calls read them, and drop them where none does.",
            Self::TooLate => {
                "Ask for one hour to live, where the model offers it and the prefix is used at least three times in it; \
                 else send the calls closer together."
            }
            Self::AtOnce => "Send one call first, and the others once it has ended.",
            Self::Changing => "Move what changes (a date, an id, a name, the question) behind the marker.",
            Self::ToolOrder => "Send the tools in the same order in every call.",
            Self::ToolsChanged => {
                "Offer the same tools in every call, or put those that vary last and a marker before them."
            }
            Self::Sliding => "Cut the history rarely and in large steps, not with every turn.",
            Self::Edited => "Leave earlier turns as they were sent; clear or sum them up rarely, many at once.",
            Self::FarBack => "Put one more marker within 20 blocks behind the one that was written last.",
            Self::Other => {
                "Compare with peak hours and profiles: calls that cross-Region inference serves in another Region find no \
                 entry there."
            }
        }
    }
}

impl fmt::Display for MissCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstUse => "first use, or the new part of a conversation",
            Self::TooLate => "sent again after its time to live",
            Self::AtOnce => "sent at once, before the first call had ended",
            Self::Changing => "a block before the marker changes from call to call",
            Self::ToolOrder => "the same tools in another order",
            Self::ToolsChanged => "other tools than before",
            Self::Sliding => "history cut from its front",
            Self::Edited => "history changed in its middle",
            Self::FarBack => "more than 20 blocks added since the last marker",
            Self::Other => "no cause seen in the requests",
        })
    }
}

/// Tokens of one day.
#[derive(Clone, Copy, Debug, Default)]
struct DayTokens {
    read: u64,
    written: [u64; 3],
}

impl DayTokens {
    /// Whether the reads of a day save at least what its writes cost above plain input.
    fn is_repaid(&self, rates: &PromptRates) -> bool {
        let [write_5m, write_30m, write_1h] = self.written;
        let served = Served { read: self.read, write_5m, write_30m, write_1h };
        let tokens = self.read.saturating_add(served.written());
        rates.cost(tokens, &served) <= rates.cost(tokens, &Served::default())
    }
}

/// Where a prompt first differs from an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstDifference {
    /// What the block is.
    pub kind: SegmentKind,
    /// Its place in the prompt, counted from 1.
    pub place: u64,
    /// Tokens before it, in the first such call.
    pub tokens_before: u64,
    /// Tokens of the block, in the first such call.
    pub tokens: u64,
    /// Calls that differ there.
    pub calls: u64,
}

/// What the markers of an owner's records write and read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheMisses {
    /// Calls that succeeded and have markers.
    pub marked: u64,
    /// Of them, those that wrote.
    pub wrote: u64,
    /// Tokens that they wrote.
    pub written_tokens: u64,
    /// Tokens that calls with markers read.
    pub read_tokens: u64,
    /// Tokens written, by cause: they add up to all that were written.
    pub tokens: BTreeMap<MissCause, u64>,
    /// Calls by cause; a call may have several.
    pub calls: BTreeMap<MissCause, u64>,
    /// The cause that loses most tokens, where any is lost.
    pub main: Option<MissCause>,
    /// Where most prompts of the main cause first differ, where it is one of content.
    pub difference: Option<FirstDifference>,
    /// Request ids of the largest writes of the main cause, up to three.
    pub examples: Vec<Arc<str>>,
    /// The day from which on reads no longer repay the writes, where they did before.
    pub since: Option<Date>,
}

impl CacheMisses {
    /// Those of an owner's calls as they were logged; `None` without calls with markers. [`CacheMisses::since`] is by the
    /// list prices of the model that most of them call.
    #[must_use]
    pub fn logged(estate: &Estate, owner: &Owner) -> Option<Arc<Self>> {
        let (cluster, place) = estate.demand.of(owner)?;
        cluster.memo.misses(place, || Self::found(estate, cluster, place))
    }

    fn found(estate: &Estate, cluster: &Cluster, place: usize) -> Option<Self> {
        let own = cluster.owners.get(place)?;
        if !own.calls.iter().any(|call| call.segments.iter().any(|segment| segment.marker.is_some())) {
            return None;
        }
        let logged = Snapshot::logged(estate, cluster, place);
        let mut ledger = Ledger { calls: &own.calls, ..Ledger::default() };
        for call in &logged.calls {
            let request = &own.calls[call.request];
            if request.error.is_none() && !call.blocks.is_empty() && call.blocks.len() == request.segments.len() {
                let info = estate.prices.catalogue().model(&request.model);
                let rules = info.and_then(|info| info.cache.as_ref()).map(ReplayRules::of);
                ledger.push(call, rules.as_ref());
            }
        }
        let catalogue = estate.prices.catalogue();
        let mut called: BTreeMap<&ModelId, u64> = BTreeMap::new();
        for call in &own.calls {
            *called.entry(&call.model).or_default() += 1;
        }
        let (model, _) = called.into_iter().max_by_key(|(model, calls)| (*calls, std::cmp::Reverse(*model)))?;
        let priced = Priced { routing: Routing::Regional, mode: Mode::Standard, band: ContextBand::Standard };
        let rates = Rates::of(catalogue, &cluster.region, model, &priced).prompt;
        let since = since(&ledger.days, &rates).map(|day| estate.window.day(day));
        ledger.finish(since)
    }
}

/// The first day of the last unbroken run of days with writes that reads do not repay, where an earlier day did.
fn since(days: &BTreeMap<usize, DayTokens>, rates: &PromptRates) -> Option<usize> {
    let mut began = None;
    for (day, tokens) in days.iter().rev().filter(|(_, tokens)| tokens.written.iter().any(|written| *written > 0)) {
        if tokens.is_repaid(rates) {
            return began;
        }
        began = Some(*day);
    }
    None
}

/// The last time that a prefix was sent, and the cache entry at its end.
#[derive(Clone, Copy, Debug)]
struct Sent {
    second: i64,
    call: usize,
    entry: Option<Entry>,
}

/// Where and why a prompt departs from an earlier one.
struct Departure {
    cause: MissCause,
    /// Blocks in common.
    place: usize,
    /// Tokens up to which the departure is to blame; what is behind is new.
    blamed_to: u64,
}

/// Everything counted so far, and what is remembered.
#[derive(Default)]
struct Ledger<'a> {
    calls: &'a [Arc<Request>],
    found: CacheMisses,
    days: BTreeMap<usize, DayTokens>,
    sent: BTreeMap<u128, Sent>,
    sweep_above: usize,
    /// The latest call whose prompt ends with a block.
    by_last: BTreeMap<u128, (i64, usize)>,
    /// The latest call with so many tools and system blocks.
    by_shape: BTreeMap<(usize, usize), (i64, usize)>,
    latest: Option<(i64, usize)>,
    largest: BTreeMap<MissCause, Vec<(u64, Arc<str>)>>,
    differences: BTreeMap<(MissCause, usize, SegmentKind), FirstDifference>,
}

impl Ledger<'_> {
    fn push(&mut self, call: &Call, rules: Option<&ReplayRules>) {
        let takes =
            |place: usize| call.blocks.get(place).is_some_and(|block| rules.is_none_or(|rules| rules.takes(block)));
        let markers: Vec<(usize, Ttl)> = call.markers.iter().copied().filter(|(place, _)| takes(*place)).collect();
        let recorded = &call.recorded;
        let by_ttl = [recorded.cache_write_5m, recorded.cache_write_30m, recorded.cache_write_1h];
        let written = recorded.written();
        if !call.markers.is_empty() {
            self.found.marked += 1;
            self.found.read_tokens += recorded.cache_read;
            self.found.written_tokens += written;
            let day = self.days.entry(call.day).or_default();
            day.read += recorded.cache_read;
            day.written.iter_mut().zip(by_ttl).for_each(|(sum, tokens)| *sum += tokens);
        }
        // The deepest prefix sent before, up to the last marker.
        let end = markers.last().map(|(place, _)| *place);
        let common = end.map_or(0, |end| {
            (0..=end).rev().find(|place| self.recent(call, *place).is_some()).map_or(0, |place| place + 1)
        });
        let entry = (0..common).rev().find_map(|place| Some((place, self.recent(call, place)?.entry?)));
        if written > 0 && !call.markers.is_empty() {
            self.found.wrote += 1;
            // A marker that the catalogue's minimum rules out was taken all the same: the record is right.
            let end = end.or_else(|| call.markers.last().map(|(place, _)| *place)).unwrap_or_default();
            self.explain(call, &markers, (end, common), entry, written);
        }
        let used = written > 0 || recorded.cache_read > 0;
        self.remember(call, if used { &markers } else { &[] }, entry);
    }

    /// The last time that the prompt up to this block was sent, where that is not too long ago.
    fn recent(&self, call: &Call, place: usize) -> Option<Sent> {
        self.sent.get(&call.blocks[place].prefix).copied().filter(|sent| call.second - sent.second <= MEMORY)
    }

    /// Puts down why a call wrote: what an earlier entry covered and was not read, what departs from an earlier
    /// prompt, and what is new.
    fn explain(
        &mut self,
        call: &Call,
        markers: &[(usize, Ttl)],
        (end, common): (usize, usize),
        entry: Option<(usize, Entry)>,
        written: u64,
    ) {
        let read = call.recorded.cache_read;
        let mut left = written;
        let mut causes: Vec<(MissCause, u64)> = Vec::new();
        let mut take = |cause: MissCause, tokens: u64| {
            let taken = tokens.min(left);
            left -= taken;
            if taken > 0 {
                causes.push((cause, taken));
            }
        };
        let mut from = read;
        if let Some((place, entry)) = entry {
            let covered = call.blocks[place].tokens;
            // Blocks end where bytes say: a tenth is no finding.
            if u128::from(read) * 10 < u128::from(covered) * 9 {
                let reach = markers.iter().any(|(at, _)| (place..=place + LOOK_BACK).contains(at));
                let cause = if call.second < entry.readable_from {
                    MissCause::AtOnce
                } else if call.second > entry.lives_to {
                    MissCause::TooLate
                } else if reach {
                    MissCause::Other
                } else {
                    MissCause::FarBack
                };
                // Where the whole marked prefix was cached before, all that was written is the entry's.
                let lost = if place == end { written } else { covered - read };
                take(cause, lost);
            }
            from = from.max(covered);
        }
        let departure = if common <= end { self.departure(call, common, end, entry.is_some()) } else { None };
        if let Some(departure) = &departure {
            let whole = departure.blamed_to >= call.blocks[end].tokens;
            take(departure.cause, if whole { u64::MAX } else { departure.blamed_to.saturating_sub(from) });
        }
        take(MissCause::FirstUse, u64::MAX);
        let id = &self.calls[call.request].id;
        for (cause, tokens) in causes {
            *self.found.tokens.entry(cause).or_default() += tokens;
            *self.found.calls.entry(cause).or_default() += 1;
            let largest = self.largest.entry(cause).or_default();
            largest.push((tokens, Arc::clone(id)));
            largest.sort_by_key(|found| std::cmp::Reverse(found.0));
            largest.truncate(EXAMPLES);
            if let Some(departure) = departure.as_ref().filter(|departure| departure.cause == cause) {
                self.note(call, departure);
            }
        }
    }

    fn note(&mut self, call: &Call, departure: &Departure) {
        let place = departure.place;
        let kind = self.calls[call.request].segments[place].kind;
        let tokens_before = place.checked_sub(1).map_or(0, |before| call.blocks[before].tokens);
        let tokens = call.blocks[place].tokens - tokens_before;
        let first = FirstDifference { kind, place: place as u64 + 1, tokens_before, tokens, calls: 0 };
        self.differences.entry((departure.cause, place, kind)).or_insert(first).calls += 1;
    }

    /// Why a prompt departs from an earlier one after `common` blocks, at or before the marker at `end`; `None` where
    /// what follows is new.
    fn departure(&self, call: &Call, common: usize, end: usize, has_entry: bool) -> Option<Departure> {
        let own = &self.calls[call.request].segments;
        let whole = |cause| Some(Departure { cause, place: common, blamed_to: u64::MAX });
        let other = match common.checked_sub(1) {
            Some(before) => self.recent(call, before).map(|sent| sent.call),
            None => {
                let alike = self.by_shape.get(&shape(own)).copied().or(self.latest);
                alike.filter(|(second, _)| call.second - second <= MEMORY).map(|(_, at)| at)
            }
        };
        let other: &[Arc<Segment>] = &self.calls[other?].segments;
        let block = &own[common];
        let before = other.get(common);
        if block.kind == SegmentKind::Tool || before.is_some_and(|before| before.kind == SegmentKind::Tool) {
            return whole(tools(own, other, common)?);
        }
        let next_same = common < end
            && matches!((own.get(common + 1), other.get(common + 1)), (Some(a), Some(b)) if a.hash == b.hash);
        if block.kind == SegmentKind::System {
            let before = before.filter(|before| before.kind == SegmentKind::System)?;
            return if alike(block, before) || next_same { whole(MissCause::Changing) } else { None };
        }
        if let Some(departure) = self.rewritten(call, end) {
            return Some(departure);
        }
        let before = before?;
        let leading = common == front(own);
        if !leading || before.kind != block.kind {
            return None;
        }
        if next_same || (common == end && !has_entry && common > 0 && alike(block, before)) {
            return whole(MissCause::Changing);
        }
        // What stands before is sent by every call, and no marker of any call ends there.
        let shared = common.checked_sub(1).filter(|_| !has_entry).map(|before| call.blocks[before].tokens);
        shared.map(|blamed_to| Departure { cause: MissCause::Changing, place: common, blamed_to })
    }

    /// Whether the history is that of an earlier call, cut or changed: a call whose last block stands in this prompt.
    fn rewritten(&self, call: &Call, end: usize) -> Option<Departure> {
        let own = &self.calls[call.request].segments;
        let front = front(own);
        let known = |segment: &Segment| {
            self.by_last.get(&segment.hash).filter(|(second, _)| call.second - second <= MEMORY).map(|(_, at)| *at)
        };
        let (last, at) = (front..own.len()).rev().find_map(|place| Some((place, known(&own[place])?)))?;
        let other = &self.calls[at].segments;
        let same = own.iter().zip(other).take_while(|(a, b)| a.hash == b.hash).count();
        if same < front || same > end || same > last || same >= other.len() {
            return None;
        }
        let run = own[same..=last].iter().rev().zip(other[same..].iter().rev());
        let run = run.take_while(|(a, b)| a.hash == b.hash).count();
        let cut = run == last + 1 - same;
        let cause = match (cut, run) {
            (true, _) if other.len() - 1 > last => MissCause::Sliding,
            (false, 2..) => MissCause::Edited,
            _ => return None,
        };
        let blamed_to = if last >= end { u64::MAX } else { call.blocks[last].tokens };
        Some(Departure { cause, place: same, blamed_to })
    }

    fn remember(&mut self, call: &Call, markers: &[(usize, Ttl)], read: Option<(usize, Entry)>) {
        let oldest = call.second - MEMORY;
        if self.sent.len() >= self.sweep_above.max(SWEEP_ABOVE) {
            self.sent.retain(|_, sent| sent.second >= oldest);
            self.by_last.retain(|_, (second, _)| *second >= oldest);
            self.by_shape.retain(|_, (second, _)| *second >= oldest);
            self.sweep_above = self.sent.len() * 2;
        }
        for (place, block) in call.blocks.iter().enumerate() {
            let sent =
                self.sent.entry(block.prefix).or_insert(Sent { second: call.second, call: call.request, entry: None });
            if sent.second < oldest {
                sent.entry = None;
            }
            (sent.second, sent.call) = (call.second, call.request);
            if let Some((_, ttl)) = markers.iter().find(|(at, _)| *at == place) {
                sent.entry = Some(Entry::written(sent.entry, call.second, call.readable_after, *ttl));
            } else if let (Some((at, _)), Some(entry)) = (read, &mut sent.entry)
                && at == place
                && call.recorded.cache_read > 0
                && entry.lives_to >= call.second
            {
                entry.restart(call.second);
            }
        }
        let own = &self.calls[call.request].segments;
        let now = (call.second, call.request);
        if let Some(last) = own.last().filter(|last| is_message(last.kind)) {
            self.by_last.insert(last.hash, now);
        }
        if !call.markers.is_empty() {
            self.by_shape.insert(shape(own), now);
            self.latest = Some(now);
        }
    }

    fn finish(self, since: Option<Date>) -> Option<CacheMisses> {
        let mut found = self.found;
        let lost = found.tokens.iter().filter(|(cause, _)| cause.is_loss());
        found.main = lost.max_by_key(|(cause, tokens)| (**tokens, std::cmp::Reverse(**cause))).map(|(cause, _)| *cause);
        let of_main = self.differences.iter().filter(|((cause, ..), _)| Some(*cause) == found.main);
        let most = of_main.max_by_key(|((_, place, kind), first)| (first.calls, std::cmp::Reverse((*place, *kind))));
        found.difference = most.map(|(_, first)| *first);
        let largest = found.main.and_then(|cause| self.largest.get(&cause));
        found.examples = largest.into_iter().flatten().map(|(_, id)| Arc::clone(id)).collect();
        found.since = since;
        (found.marked > 0).then_some(found)
    }
}

/// How many tools and system blocks.
fn shape(segments: &[Arc<Segment>]) -> (usize, usize) {
    let of = |kind| segments.iter().filter(|segment| segment.kind == kind).count();
    (of(SegmentKind::Tool), of(SegmentKind::System))
}

/// Whether two blocks that differ are the same but for a few bytes.
fn alike(a: &Segment, b: &Segment) -> bool {
    let most = ALIKE_BYTES.max(a.bytes.max(b.bytes).saturating_mul(ALIKE_PER_CENT) / 100);
    a.kind == b.kind && a.bytes.abs_diff(b.bytes) <= most
}

/// What of the tools differs; `None` where the two have nothing in common.
fn tools(own: &[Arc<Segment>], other: &[Arc<Segment>], place: usize) -> Option<MissCause> {
    let tools = |segments: &[Arc<Segment>]| -> Vec<u128> {
        let mut tools: Vec<u128> = segments.iter().filter(|s| s.kind == SegmentKind::Tool).map(|s| s.hash).collect();
        tools.sort_unstable();
        tools
    };
    if tools(own) == tools(other) {
        return Some(MissCause::ToolOrder);
    }
    if let (Some(a), Some(b)) = (own.get(place), other.get(place))
        && a.kind == SegmentKind::Tool
        && a.tool == b.tool
        && alike(a, b)
    {
        return Some(MissCause::Changing);
    }
    let names = |segments: &[Arc<Segment>]| -> BTreeSet<Arc<str>> {
        segments.iter().filter(|s| s.kind == SegmentKind::Tool).filter_map(|s| s.tool.clone()).collect()
    };
    (place > 0 || !names(own).is_disjoint(&names(other))).then_some(MissCause::ToolsChanged)
}

#[cfg(test)]
mod tests;
