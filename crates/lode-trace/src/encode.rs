//! Rows into tables. Rows come from any blocks; each table numbers its words and segments anew, as they appear.

use std::sync::Arc;

use lode_model::{Table, Values};

use crate::block::{Block, Distinct, RowRef};
use crate::fault::number;
use crate::id::Id;
use crate::index::{Index, NONE, Words};
use crate::schema::{Column, number_of_ask, number_of_kind};
use crate::{Group, TraceFault};

/// A table in the making.
#[derive(Debug)]
pub(crate) struct Encoder {
    group: Group,
    columns: Columns,
    known: Known,
    sources: Vec<Seen>,
}

/// What the table has of words and distinct segments.
#[derive(Debug, Default)]
struct Known {
    /// Which table this is: what another one saw does not count.
    epoch: u32,
    words: Words,
    segments: Vec<Distinct>,
    index: Index,
}

/// The numbers that the words and segments of one block have in the table: the epoch above the number. Found by place,
/// because most prompts repeat most of an earlier one.
#[derive(Debug, Default)]
struct Seen {
    serial: u64,
    words: Vec<u64>,
    segments: Vec<u64>,
}

impl Seen {
    fn begin(&mut self, serial: u64, block: &Block) {
        if self.serial != serial || self.words.len() != block.words.len() {
            self.serial = serial;
            for (slots, len) in [(&mut self.words, block.words.len()), (&mut self.segments, block.segments.len())] {
                slots.clear();
                slots.resize(len, 0);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "two halves")]
const fn halves(slot: u64) -> (u32, u32) {
    ((slot >> 32) as u32, slot as u32)
}

impl Known {
    fn reset(&mut self) {
        self.epoch += 1;
        self.words.clear();
        self.segments.clear();
        self.index.clear();
    }

    fn word(&mut self, seen: &mut Seen, block: &Block, word: u32) -> Result<u32, TraceFault> {
        let Some(slot) = seen.words.get_mut(word as usize) else { return Ok(NONE) };
        if let (epoch, known) = halves(*slot)
            && epoch == self.epoch
        {
            return Ok(known);
        }
        let text = &block.words[word as usize];
        let number = self.words.number(text, || text.clone())?;
        *slot = u64::from(self.epoch) << 32 | u64::from(number);
        Ok(number)
    }

    /// The number of a segment, and the segment if it is new to the table.
    fn segment(&mut self, seen: &mut Seen, block: &Block, segment: u32) -> Result<(u32, Option<Distinct>), TraceFault> {
        if let (epoch, known) = halves(seen.segments[segment as usize])
            && epoch == self.epoch
        {
            return Ok((known, None));
        }
        let mut distinct = block.segments[segment as usize];
        distinct.tool = self.word(seen, block, distinct.tool)?;
        let segments = &self.segments;
        let known = self.index.find(distinct.key(), |at| {
            segments.get(at as usize).is_some_and(|at| at.is_like(&distinct) && at.tool == distinct.tool)
        });
        let (number, new) = match known {
            Some(known) => (known, None),
            None => {
                let number = number(self.segments.len(), "distinct segments of a table")?;
                self.index.insert(distinct.key(), number);
                self.segments.push(distinct);
                (number, Some(distinct))
            }
        };
        seen.segments[segment as usize] = u64::from(self.epoch) << 32 | u64::from(number);
        Ok((number, new))
    }
}

/// Words of one column. `of` has their places by a number that the caller gives each word.
#[derive(Debug, Default)]
struct WordColumn {
    of: Vec<u32>,
    texts: Vec<Arc<str>>,
    places: Vec<Option<u32>>,
}

impl WordColumn {
    fn push(&mut self, word: u32, text: impl FnOnce() -> Arc<str>) -> Result<(), TraceFault> {
        let place = if word == NONE { None } else { Some(self.place(word as usize, text)?) };
        self.places.push(place);
        Ok(())
    }

    fn place(&mut self, word: usize, text: impl FnOnce() -> Arc<str>) -> Result<u32, TraceFault> {
        if word >= self.of.len() {
            self.of.resize(word + 1, NONE);
        }
        if self.of[word] == NONE {
            self.of[word] = number(self.texts.len(), "texts of a table")?;
            self.texts.push(text());
        }
        Ok(self.of[word])
    }

    fn take(&mut self) -> (Vec<Arc<str>>, Vec<Option<u32>>) {
        self.of.clear();
        (std::mem::take(&mut self.texts), std::mem::take(&mut self.places))
    }

    fn words(&mut self) -> Values {
        let (texts, places) = self.take();
        Values::Words { texts, places }
    }

    fn lists(&mut self, ends: Vec<u32>) -> Values {
        let (texts, places) = self.take();
        Values::WordLists { ends, texts, places }
    }
}

#[derive(Debug, Default)]
struct Columns {
    time: Vec<i64>,
    id_high: Vec<Option<i64>>,
    id_low: Vec<Option<i64>>,
    id: WordColumn,
    routing: WordColumn,
    mode: WordColumn,
    caller: WordColumn,
    error: WordColumn,
    output_form: WordColumn,
    stop_reason: WordColumn,
    guarded: WordColumn,
    streaming: Vec<bool>,
    has_body: Vec<bool>,
    schema_bound: Vec<bool>,
    /// As in `TokenCounts`: input, output, cache read, cache writes by time to live.
    tokens: [Vec<i64>; 6],
    /// Output limit, latency, chain opens and continues.
    optional: [Vec<Option<i64>>; 4],
    tools: WordColumn,
    tools_ends: Vec<u32>,
    segments: Vec<i64>,
    segments_ends: Vec<u32>,
    marker_at: Vec<i64>,
    marker_ttl: Vec<i64>,
    marker_ends: Vec<u32>,
    /// Kind, both halves of the hash, bytes; then the traits: asks, white space, examples and their bytes.
    new: [Vec<i64>; 8],
    new_tool: WordColumn,
    new_ends: Vec<u32>,
}

impl Encoder {
    pub(crate) fn new(group: Group) -> Self {
        let known = Known { epoch: 1, ..Known::default() };
        Self { group, columns: Columns::default(), known, sources: Vec::new() }
    }

    /// How many rows the table has so far.
    pub(crate) const fn rows(&self) -> usize {
        self.columns.time.len()
    }

    /// Adds a row of a block. The serial tells apart the blocks of one source.
    ///
    /// # Errors
    /// When the table cannot hold it; the encoder is not to be used any more then.
    pub(crate) fn push(&mut self, source: usize, serial: u64, row: RowRef<'_>) -> Result<(), TraceFault> {
        if source >= self.sources.len() {
            self.sources.resize_with(source + 1, Seen::default);
        }
        let seen = &mut self.sources[source];
        seen.begin(serial, row.block);
        self.columns.plain(row);
        self.columns.words(&mut self.known, seen, row)?;
        self.columns.lists(&mut self.known, seen, row)
    }

    /// The table, and begins the next one.
    pub(crate) fn take(&mut self) -> Table {
        let rows = self.rows();
        let (columns, group) = (&mut self.columns, &self.group);
        let columns = Column::ALL.iter().map(|column| (column.name().into(), columns.take(*column, group, rows)));
        let table = Table { columns: columns.collect() };
        self.columns.reset(rows);
        self.known.reset();
        table
    }
}

impl Columns {
    fn plain(&mut self, of: RowRef<'_>) {
        let row = of.row;
        let tokens = of.tokens();
        self.time.push(row.time);
        self.id_high.push(row.is_uuid.then(|| row.id.0.cast_signed()));
        self.id_low.push(row.is_uuid.then(|| row.id.1.cast_signed()));
        self.streaming.push(row.streaming);
        self.has_body.push(row.has_body);
        self.schema_bound.push(row.schema_bound);
        let [input, output, read, five, thirty, hour] = &mut self.tokens;
        input.push(tokens.input.cast_signed());
        output.push(tokens.output.cast_signed());
        read.push(tokens.cache_read.cast_signed());
        five.push(tokens.cache_write_5m.cast_signed());
        thirty.push(tokens.cache_write_30m.cast_signed());
        hour.push(tokens.cache_write_1h.cast_signed());
        let [limit, latency, opens, continues] = &mut self.optional;
        limit.push(row.output_limit.get().map(u64::cast_signed));
        latency.push(row.latency_ms.get().map(u64::cast_signed));
        opens.push(of.opens().map(u64::cast_signed));
        continues.push(of.continues().map(u64::cast_signed));
    }

    fn words(&mut self, known: &mut Known, seen: &mut Seen, of: RowRef<'_>) -> Result<(), TraceFault> {
        let (block, row) = (of.block, of.row);
        self.routing.push(row.routing as u32, || row.routing.as_str().into())?;
        self.mode
            .push(row.mode.map_or(NONE, |mode| mode as u32), || row.mode.map_or("", |mode| mode.as_str()).into())?;
        self.output_form.push(row.output_form as u32, || row.output_form.as_str().into())?;
        match of.id() {
            Id::Uuid(_) => self.id.places.push(None),
            Id::Text(text) => {
                let word = known.words.number(text, || text.into())?;
                self.id.push(word, || text.into())?;
            }
        }
        let columns = [
            (&mut self.caller, row.caller),
            (&mut self.error, row.error),
            (&mut self.stop_reason, row.stop_reason),
            (&mut self.guarded, row.guarded),
        ];
        for (column, word) in columns {
            let word = known.word(seen, block, word)?;
            column.push(word, || known.words.texts[word as usize].clone())?;
        }
        Ok(())
    }

    fn lists(&mut self, known: &mut Known, seen: &mut Seen, of: RowRef<'_>) -> Result<(), TraceFault> {
        for segment in of.segments() {
            let (number, new) = known.segment(seen, of.block, *segment)?;
            self.segments.push(i64::from(number));
            if let Some(new) = new {
                let [kind, high, low, bytes, asks, white_space, examples, example_bytes] = &mut self.new;
                kind.push(number_of_kind(new.kind));
                high.push(new.high.cast_signed());
                low.push(new.low.cast_signed());
                bytes.push(new.bytes);
                asks.push(number_of_ask(new.traits.asks));
                white_space.push(new.traits.white_space.into());
                examples.push(new.traits.examples.into());
                example_bytes.push(new.traits.example_bytes.into());
                self.new_tool.push(new.tool, || known.words.texts[new.tool as usize].clone())?;
            }
        }
        for marker in of.markers().chunks_exact(2) {
            self.marker_at.push(i64::from(marker[0]));
            self.marker_ttl.push(i64::from(marker[1]));
        }
        for tool in of.tools() {
            let word = known.word(seen, of.block, *tool)?;
            self.tools.push(word, || known.words.texts[word as usize].clone())?;
        }
        self.tools_ends.push(number(self.tools.places.len(), "tool calls of a table")?);
        self.segments_ends.push(number(self.segments.len(), "segments of a table")?);
        self.marker_ends.push(number(self.marker_at.len(), "markers of a table")?);
        self.new_ends.push(number(self.new_tool.places.len(), "distinct segments of a table")?);
        Ok(())
    }

    fn take(&mut self, column: Column, (account, region, model): &Group, rows: usize) -> Values {
        // The same in all rows, so no column of its own is kept of them.
        let constant = |text: &str| Values::Words { texts: vec![text.into()], places: vec![Some(0); rows] };
        let numbers = |values: &mut Vec<i64>| Values::Numbers(std::mem::take(values));
        let optional = |values: &mut Vec<Option<i64>>| Values::Optional(std::mem::take(values));
        let flags = |values: &mut Vec<bool>| Values::Flags(std::mem::take(values));
        let lists =
            |ends: &[u32], values: &mut Vec<i64>| Values::Lists { ends: ends.to_vec(), values: std::mem::take(values) };
        let [input, output, read, five, thirty, hour] = &mut self.tokens;
        let [limit, latency, opens, continues] = &mut self.optional;
        let [kind, high, low, bytes, asks, white_space, examples, example_bytes] = &mut self.new;
        match column {
            Column::Account => constant(account.as_str()),
            Column::Region => constant(region.as_str()),
            Column::Model => constant(model.as_str()),
            Column::Time => Values::Micros(std::mem::take(&mut self.time)),
            Column::IdHigh => optional(&mut self.id_high),
            Column::IdLow => optional(&mut self.id_low),
            Column::Id => self.id.words(),
            Column::Routing => self.routing.words(),
            Column::Mode => self.mode.words(),
            Column::Caller => self.caller.words(),
            Column::Error => self.error.words(),
            Column::OutputForm => self.output_form.words(),
            Column::StopReason => self.stop_reason.words(),
            Column::Guarded => self.guarded.words(),
            Column::Streaming => flags(&mut self.streaming),
            Column::HasBody => flags(&mut self.has_body),
            Column::SchemaBound => flags(&mut self.schema_bound),
            Column::Input => numbers(input),
            Column::Output => numbers(output),
            Column::CacheRead => numbers(read),
            Column::CacheWrite5m => numbers(five),
            Column::CacheWrite30m => numbers(thirty),
            Column::CacheWrite1h => numbers(hour),
            Column::OutputLimit => optional(limit),
            Column::LatencyMs => optional(latency),
            Column::ChainOpens => optional(opens),
            Column::ChainContinues => optional(continues),
            Column::ToolsCalled => self.tools.lists(std::mem::take(&mut self.tools_ends)),
            Column::Segments => lists(&self.segments_ends, &mut self.segments),
            Column::MarkerAt => lists(&self.marker_ends, &mut self.marker_at),
            Column::MarkerTtl => lists(&self.marker_ends, &mut self.marker_ttl),
            Column::NewKind => lists(&self.new_ends, kind),
            Column::NewHigh => lists(&self.new_ends, high),
            Column::NewLow => lists(&self.new_ends, low),
            Column::NewBytes => lists(&self.new_ends, bytes),
            Column::NewTool => self.new_tool.lists(self.new_ends.clone()),
            Column::NewAsks => lists(&self.new_ends, asks),
            Column::NewWhiteSpace => lists(&self.new_ends, white_space),
            Column::NewExamples => lists(&self.new_ends, examples),
            Column::NewExampleBytes => lists(&self.new_ends, example_bytes),
        }
    }

    /// Begins anew, with room for as many rows as before.
    fn reset(&mut self, rows: usize) {
        *self = Self::default();
        for values in self.tokens.iter_mut().chain([&mut self.time]) {
            values.reserve(rows);
        }
        for values in self.optional.iter_mut().chain([&mut self.id_high, &mut self.id_low]) {
            values.reserve(rows);
        }
        for column in [&mut self.routing, &mut self.mode, &mut self.caller, &mut self.error, &mut self.output_form] {
            column.places.reserve(rows);
        }
    }
}
