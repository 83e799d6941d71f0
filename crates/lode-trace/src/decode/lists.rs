//! Columns with a list in each row: the prompt, its markers, the segments that are new, the tools called.

use lode_model::{Table, Traits};

use super::columns::{Texts, lists, texts};
use super::fault;
use crate::TraceFault;
use crate::block::{Block, Distinct, Row};
use crate::fault::number;
use crate::index::{NONE, Words};
use crate::schema::{Column, ask_of_number, kind_of_number, ttl_of};

/// The lists of a table, read row by row.
pub(crate) struct Lists<'a> {
    tools: Texts<'a, u32>,
    segments: (&'a [u32], &'a [i64]),
    marker_at: (&'a [u32], &'a [i64]),
    marker_ttl: &'a [i64],
    kind: (&'a [u32], &'a [i64]),
    high: &'a [i64],
    low: &'a [i64],
    bytes: &'a [i64],
    /// Asks, white space, examples, their bytes.
    traits: [&'a [i64]; 4],
    tool: Texts<'a, u32>,
}

impl<'a> Lists<'a> {
    pub(crate) fn of(table: &'a Table) -> Result<Self, TraceFault> {
        let marker_at = lists(table, Column::MarkerAt)?;
        let kind = lists(table, Column::NewKind)?;
        let tool = texts(table, Column::NewTool, |_| NONE)?;
        same_ends(Column::NewTool, tool.ends(), kind.0)?;
        let like = |column: Column, ends: &[u32]| {
            let (own, values) = lists(table, column)?;
            same_ends(column, own, ends).map(|()| values)
        };
        Ok(Self {
            tools: texts(table, Column::ToolsCalled, |_| NONE)?,
            segments: lists(table, Column::Segments)?,
            marker_ttl: like(Column::MarkerTtl, marker_at.0)?,
            marker_at,
            high: like(Column::NewHigh, kind.0)?,
            low: like(Column::NewLow, kind.0)?,
            bytes: like(Column::NewBytes, kind.0)?,
            traits: [
                like(Column::NewAsks, kind.0)?,
                like(Column::NewWhiteSpace, kind.0)?,
                like(Column::NewExamples, kind.0)?,
                like(Column::NewExampleBytes, kind.0)?,
            ],
            kind,
            tool,
        })
    }

    /// The row with its lists, which are added to the block's; as are the segments that it defines.
    pub(crate) fn row(
        &mut self,
        row: usize,
        fixed: Row,
        block: &mut Block,
        words: &mut Words,
    ) -> Result<Row, TraceFault> {
        self.define(row, block, words)?;
        let lists = block.lists.len();
        let segments = self.segments(row, block)?;
        let markers = self.markers(row, segments, block)?;
        let mut tools = 0;
        for at in range(self.tools.ends(), row) {
            let word = self.tools.word(at, words)?;
            if word == NONE {
                return Err(fault(Column::ToolsCalled, row, &"nothing", "a tool's name"));
            }
            block.lists.push(word);
            tools += 1;
        }
        Ok(Row { lists, segments, markers, tools, ..fixed })
    }

    fn define(&mut self, row: usize, block: &mut Block, words: &mut Words) -> Result<(), TraceFault> {
        for at in range(self.kind.0, row) {
            let Some(kind) = kind_of_number(self.kind.1[at]) else {
                return Err(fault(Column::NewKind, row, &self.kind.1[at], "a kind of segment, 0 to 6"));
            };
            if self.bytes[at] < 0 {
                return Err(fault(Column::NewBytes, row, &self.bytes[at], "a count"));
            }
            number(block.segments.len(), "distinct segments of a table")?;
            block.segments.push(Distinct {
                high: self.high[at].cast_unsigned(),
                low: self.low[at].cast_unsigned(),
                bytes: self.bytes[at],
                tool: self.tool.word(at, words)?,
                kind,
                traits: self.traits(row, at)?,
            });
        }
        Ok(())
    }

    /// The traits of the segment that is defined at a place.
    fn traits(&self, row: usize, at: usize) -> Result<Traits, TraceFault> {
        let [asks, white_space, examples, example_bytes] = self.traits.map(|column| column[at]);
        let count = |column, found: i64| {
            u32::try_from(found).map_err(|_| fault(column, row, &found, "a count, at most 4294967295"))
        };
        Ok(Traits {
            asks: ask_of_number(asks).ok_or_else(|| fault(Column::NewAsks, row, &asks, "what is asked for, 0 to 7"))?,
            white_space: count(Column::NewWhiteSpace, white_space)?,
            examples: count(Column::NewExamples, examples)?,
            example_bytes: count(Column::NewExampleBytes, example_bytes)?,
        })
    }

    fn segments(&self, row: usize, block: &mut Block) -> Result<u32, TraceFault> {
        let (ends, values) = self.segments;
        let segments = range(ends, row);
        let len = number(segments.len(), "segments of a request")?;
        for value in &values[segments] {
            let segment = u32::try_from(*value).ok().filter(|segment| (*segment as usize) < block.segments.len());
            let wrong = || fault(Column::Segments, row, value, "a segment that this row or one before it defines");
            block.lists.push(segment.ok_or_else(wrong)?);
        }
        Ok(len)
    }

    fn markers(&self, row: usize, segments: u32, block: &mut Block) -> Result<u32, TraceFault> {
        let (ends, places) = self.marker_at;
        let (mut first, mut markers) = (0, 0);
        for at in range(ends, row) {
            let place = u32::try_from(places[at]).ok().filter(|place| (first..segments).contains(place));
            let Some(place) = place else {
                return Err(fault(
                    Column::MarkerAt,
                    row,
                    &places[at],
                    "a place among the segments, after the one before",
                ));
            };
            let minutes = u32::try_from(self.marker_ttl[at]).ok().filter(|minutes| ttl_of(*minutes).is_some());
            let Some(minutes) = minutes else {
                return Err(fault(Column::MarkerTtl, row, &self.marker_ttl[at], "5, 30 or 60 minutes"));
            };
            block.lists.extend([place, minutes]);
            (first, markers) = (place + 1, markers + 1);
        }
        Ok(markers)
    }
}

/// Where the list of a row is.
fn range(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let begin = row.checked_sub(1).map_or(0, |before| ends[before] as usize);
    begin..ends[row] as usize
}

fn same_ends(column: Column, ends: &[u32], expected: &[u32]) -> Result<(), TraceFault> {
    match ends.iter().zip(expected).position(|(end, expected)| end != expected) {
        None => Ok(()),
        Some(row) => {
            let found = format!("a list up to {}", ends[row]);
            Err(fault(column, row, &found, "lists as long as those of the columns that belong to it"))
        }
    }
}
