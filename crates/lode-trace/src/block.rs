//! Requests of one group in memory, in order: fixed-size rows, and beside them what they share.

use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{Mode, OutputForm, Routing, SegmentKind, Table, TokenCounts, Traits};

use crate::counts::Packed;
use crate::encode::Encoder;
use crate::id::Id;
use crate::index::NONE;
use crate::{Group, TraceFault};

/// Requests of one group in order (by time, then by id), each once. What a [`Run`](crate::Run) holds of a group, or what
/// one table of a file holds.
#[derive(Clone, Debug)]
pub struct Block {
    pub(crate) group: Group,
    pub(crate) rows: Vec<Row>,
    /// What each row lists, one row after the other: its segments, its markers (place and minutes), its tools called.
    pub(crate) lists: Vec<u32>,
    /// Ids that are no uuid, one after the other.
    pub(crate) ids: String,
    pub(crate) words: Vec<Arc<str>>,
    pub(crate) segments: Vec<Distinct>,
    /// Counts of rows that four bytes are too few for.
    pub(crate) large: Vec<TokenCounts>,
}

/// A segment without its marker. Numbers are as large as a column can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distinct {
    pub(crate) high: u64,
    pub(crate) low: u64,
    pub(crate) bytes: i64,
    /// A word, or `NONE`.
    pub(crate) tool: u32,
    pub(crate) kind: SegmentKind,
    pub(crate) traits: Traits,
}

impl Distinct {
    /// What an index finds it by. The hash is of good quality already.
    pub(crate) const fn key(&self) -> u64 {
        self.low ^ self.high
    }

    /// Whether both are the same apart from their tools.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.low == other.low
            && self.high == other.high
            && self.bytes == other.bytes
            && self.kind == other.kind
            && self.traits == other.traits
    }
}

/// A request. Words are numbers of its block's words, or `NONE`; counts are as large as a column can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Microseconds since 1970.
    pub(crate) time: i64,
    /// Both halves of a uuid, or begin and length in `ids`.
    pub(crate) id: (u64, u64),
    pub(crate) tokens: Packed,
    pub(crate) output_limit: Maybe,
    pub(crate) latency_ms: Maybe,
    pub(crate) opens: u64,
    pub(crate) continues: u64,
    /// Where its part of `lists` begins.
    pub(crate) lists: usize,
    pub(crate) segments: u32,
    pub(crate) markers: u32,
    pub(crate) tools: u32,
    pub(crate) caller: u32,
    pub(crate) error: u32,
    pub(crate) stop_reason: u32,
    /// What a guardrail evaluated, as a text.
    pub(crate) guarded: u32,
    pub(crate) routing: Routing,
    pub(crate) mode: Option<Mode>,
    pub(crate) output_form: OutputForm,
    pub(crate) is_uuid: bool,
    pub(crate) streaming: bool,
    pub(crate) has_body: bool,
    pub(crate) schema_bound: bool,
    pub(crate) has_opens: bool,
    pub(crate) has_continues: bool,
}

/// A count that may be absent, in eight bytes: negative where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Maybe(i64);

impl Maybe {
    pub(crate) fn new(count: Option<u64>) -> Self {
        Self(count.map_or(-1, |count| held(count).cast_signed()))
    }

    pub(crate) fn get(self) -> Option<u64> {
        u64::try_from(self.0).ok()
    }
}

/// A count as large as a column can hold; nothing real comes near the limit.
pub(crate) const fn held(count: u64) -> u64 {
    if count > i64::MAX as u64 { i64::MAX as u64 } else { count }
}

/// A row with the block that explains its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRef<'a> {
    pub(crate) block: &'a Block,
    pub(crate) row: &'a Row,
}

impl<'a> RowRef<'a> {
    pub(crate) fn id(self) -> Id<'a> {
        self.block.id(self.row)
    }

    /// Numbers of segments.
    pub(crate) fn segments(self) -> &'a [u32] {
        self.list(0, self.row.segments as usize)
    }

    /// Places among the segments and minutes to live, in turn.
    pub(crate) fn markers(self) -> &'a [u32] {
        self.list(self.row.segments as usize, self.row.markers as usize * 2)
    }

    /// Words.
    pub(crate) fn tools(self) -> &'a [u32] {
        self.list(self.row.segments as usize + self.row.markers as usize * 2, self.row.tools as usize)
    }

    pub(crate) fn tokens(self) -> TokenCounts {
        self.block.unpack(self.row.tokens)
    }

    pub(crate) fn opens(self) -> Option<u64> {
        self.row.has_opens.then_some(self.row.opens)
    }

    pub(crate) fn continues(self) -> Option<u64> {
        self.row.has_continues.then_some(self.row.continues)
    }

    fn list(self, skip: usize, len: usize) -> &'a [u32] {
        let begin = self.row.lists + skip;
        &self.block.lists[begin..begin + len]
    }
}

impl Block {
    pub(crate) const fn empty(group: Group) -> Self {
        Self {
            group,
            rows: Vec::new(),
            lists: Vec::new(),
            ids: String::new(),
            words: Vec::new(),
            segments: Vec::new(),
            large: Vec::new(),
        }
    }

    /// Whose requests these are.
    #[must_use]
    pub const fn group(&self) -> &Group {
        &self.group
    }

    /// How many requests.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows.len()
    }

    /// When the first request was made and when the last one.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let time = |row: &Row| Timestamp::from_microsecond(row.time).ok();
        Some((time(self.rows.first()?)?, time(self.rows.last()?)?))
    }

    /// The requests as tables of `rows` rows, at least one; the last has fewer.
    ///
    /// # Errors
    /// [`TraceFault::TooMany`] when the lists of one table are longer than it can say.
    pub fn tables(&self, rows: usize) -> impl Iterator<Item = Result<Table, TraceFault>> {
        let mut encoder = Encoder::new(self.group.clone());
        self.rows.chunks(rows.max(1)).map(move |rows| {
            for row in rows {
                encoder.push(0, 0, RowRef { block: self, row })?;
            }
            Ok(encoder.take())
        })
    }

    pub(crate) fn row(&self, at: usize) -> Option<RowRef<'_>> {
        self.rows.get(at).map(|row| RowRef { block: self, row })
    }

    pub(crate) fn id(&self, row: &Row) -> Id<'_> {
        let (a, b) = row.id;
        if row.is_uuid {
            return Id::Uuid(u128::from(a) << 64 | u128::from(b));
        }
        let begin = usize::try_from(a).unwrap_or(usize::MAX);
        let end = begin.saturating_add(usize::try_from(b).unwrap_or(usize::MAX));
        Id::Text(self.ids.get(begin..end).unwrap_or_default())
    }

    /// A word, unless it is absent.
    pub(crate) fn word(&self, number: u32) -> Option<&Arc<str>> {
        if number == NONE { None } else { self.words.get(number as usize) }
    }
}
