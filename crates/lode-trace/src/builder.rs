//! A block in the making: requests are copied into rows, their words and segments kept once.

use std::sync::Arc;

use lode_model::{Guarded, Request, Segment, TokenCounts};

use crate::block::{Block, Distinct, Maybe, Row, RowRef, held};
use crate::fault::number;
use crate::guarded;
use crate::id::Id;
use crate::index::{Index, NONE, Words};
use crate::order::{better, order};
use crate::schema::minutes;
use crate::{Group, TraceFault};

/// Requests of one group, in the order they came.
#[derive(Debug)]
pub(crate) struct Builder {
    /// Its words are in `words` until the end.
    block: Block,
    words: Words,
    /// Segments by their hash.
    index: Index,
    /// The words of the request before, which are often those of the next one.
    last: [u32; 4],
}

impl Builder {
    pub(crate) fn new(group: Group) -> Self {
        Self { block: Block::empty(group), words: Words::default(), index: Index::default(), last: [NONE; 4] }
    }

    pub(crate) const fn group(&self) -> &Group {
        &self.block.group
    }

    /// Memory held, about. Room that vectors keep for growing is not counted: it is not touched yet.
    pub(crate) const fn bytes(&self) -> usize {
        let block = &self.block;
        block.rows.len() * size_of::<Row>()
            + block.lists.len() * size_of::<u32>()
            + block.segments.len() * size_of::<Distinct>()
            + block.ids.len()
            + block.large.len() * size_of::<TokenCounts>()
            + self.words.bytes()
            + self.index.bytes()
    }

    pub(crate) fn add(&mut self, request: &Request) -> Result<(), TraceFault> {
        let lists = self.block.lists.len();
        let mut markers = 0;
        for segment in &request.segments {
            let number = self.segment(segment)?;
            self.block.lists.push(number);
        }
        for (at, segment) in request.segments.iter().enumerate() {
            if let Some(ttl) = segment.marker {
                markers += 1;
                self.block.lists.extend([number(at, "segments of a request")?, minutes(ttl)]);
            }
        }
        for tool in &request.tools_called {
            let tool = self.words.number(tool, || tool.clone())?;
            self.block.lists.push(tool);
        }
        let caller = request.caller.as_str();
        let (is_uuid, id) = self.id(&request.id);
        let row = Row {
            time: request.time.as_microsecond(),
            id,
            tokens: self.block.pack(held_tokens(request.tokens))?,
            output_limit: Maybe::new(request.output_limit),
            latency_ms: Maybe::new(request.latency_ms),
            opens: request.chain.opens.unwrap_or(0),
            continues: request.chain.continues.unwrap_or(0),
            lists,
            segments: number(request.segments.len(), "segments of a request")?,
            markers,
            tools: number(request.tools_called.len(), "tool calls of a request")?,
            caller: self.word(0, Some(caller), || caller.into())?,
            error: self.shared(1, request.error.as_ref())?,
            stop_reason: self.shared(2, request.stop_reason.as_ref())?,
            guarded: self.guarded(request.guarded.as_deref())?,
            routing: request.routing,
            mode: request.mode,
            output_form: request.output_form,
            is_uuid,
            streaming: request.streaming,
            has_body: request.has_body,
            schema_bound: request.schema_bound,
            has_opens: request.chain.opens.is_some(),
            has_continues: request.chain.continues.is_some(),
        };
        number(self.block.rows.len(), "requests of a group in memory")?;
        self.block.rows.push(row);
        Ok(())
    }

    /// The block: in order, each request once. Also how many records there were.
    pub(crate) fn build(self) -> (Block, usize) {
        let Self { mut block, words, index, .. } = self;
        drop(index);
        block.words = words.texts;
        let added = block.rows.len();
        sort(&mut block);
        (block, added)
    }

    fn id(&mut self, id: &str) -> (bool, (u64, u64)) {
        match Id::of(id) {
            #[expect(clippy::cast_possible_truncation, reason = "two halves")]
            Id::Uuid(bits) => (true, ((bits >> 64) as u64, bits as u64)),
            Id::Text(text) => {
                let begin = self.block.ids.len() as u64;
                self.block.ids.push_str(text);
                (false, (begin, text.len() as u64))
            }
        }
    }

    fn shared(&mut self, column: usize, text: Option<&Arc<str>>) -> Result<u32, TraceFault> {
        self.word(column, text.map(|text| &**text), || text.cloned().unwrap_or_default())
    }

    fn guarded(&mut self, guarded: Option<&Guarded>) -> Result<u32, TraceFault> {
        let text = guarded.map(guarded::encode);
        self.word(3, text.as_deref(), || text.as_deref().unwrap_or_default().into())
    }

    fn word(&mut self, column: usize, text: Option<&str>, share: impl FnOnce() -> Arc<str>) -> Result<u32, TraceFault> {
        let Some(text) = text else { return Ok(NONE) };
        let last = self.last[column];
        if self.words.texts.get(last as usize).is_some_and(|known| **known == *text) {
            return Ok(last);
        }
        let number = self.words.number(text, share)?;
        self.last[column] = number;
        Ok(number)
    }

    fn segment(&mut self, segment: &Segment) -> Result<u32, TraceFault> {
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        let (high, low) = ((segment.hash >> 64) as u64, segment.hash as u64);
        let bytes = held(segment.bytes).cast_signed();
        let mut distinct = Distinct { high, low, bytes, tool: NONE, kind: segment.kind, traits: segment.traits };
        let (segments, words) = (&self.block.segments, &self.words.texts);
        let known = self.index.find(distinct.key(), |number| {
            segments.get(number as usize).is_some_and(|at| {
                at.is_like(&distinct) && words.get(at.tool as usize).map(|tool| &**tool) == segment.tool.as_deref()
            })
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let new = number(self.block.segments.len(), "distinct segments of a group in memory")?;
        if let Some(tool) = &segment.tool {
            distinct.tool = self.words.number(tool, || tool.clone())?;
        }
        self.block.segments.push(distinct);
        self.index.insert(distinct.key(), new);
        Ok(new)
    }
}

fn held_tokens(tokens: TokenCounts) -> TokenCounts {
    TokenCounts {
        input: held(tokens.input),
        output: held(tokens.output),
        cache_read: held(tokens.cache_read),
        cache_write_5m: held(tokens.cache_write_5m),
        cache_write_30m: held(tokens.cache_write_30m),
        cache_write_1h: held(tokens.cache_write_1h),
    }
}

/// Where a row stands now, with what decides almost every comparison.
struct Place {
    time: i64,
    prefix: u64,
    at: u32,
}

/// Brings the rows in order and keeps the better of two records of one request.
fn sort(block: &mut Block) {
    let mut rows = std::mem::take(&mut block.rows);
    if rows.is_sorted_by(|a, b| order(see(block, a), see(block, b)).is_lt()) {
        block.rows = rows;
        return;
    }
    let mut places: Vec<Place> =
        (0..).zip(&rows).map(|(at, row)| Place { time: row.time, prefix: block.id(row).prefix(), at }).collect();
    places.sort_unstable_by(|a, b| {
        (a.time, a.prefix).cmp(&(b.time, b.prefix)).then_with(|| {
            let (a, b) = (see(block, &rows[a.at as usize]), see(block, &rows[b.at as usize]));
            order(a, b).then_with(|| better(b, a))
        })
    });
    permute(&mut rows, &mut places);
    rows.dedup_by(|later, earlier| order(see(block, later), see(block, earlier)).is_eq());
    block.rows = rows;
}

const fn see<'a>(block: &'a Block, row: &'a Row) -> RowRef<'a> {
    RowRef { block, row }
}

/// Brings each row where it belongs, without room for a second copy of them: along the cycles of the permutation.
fn permute(rows: &mut [Row], places: &mut [Place]) {
    for start in 0..rows.len() {
        let first = rows[start];
        let mut to = start;
        loop {
            let from = places[to].at as usize;
            // A row that stands where it belongs is its own cycle, as is one that was moved.
            places[to].at = u32::try_from(to).unwrap_or(NONE);
            if from == start {
                rows[to] = first;
                break;
            }
            rows[to] = rows[from];
            to = from;
        }
    }
}
