//! Tables into blocks. A table comes from a file, so nothing of it is taken on trust: whatever it holds, the outcome is
//! a block in order whose every number means something, or an error that says what is wrong where.

mod columns;
mod lists;

use jiff::Timestamp;
use lode_model::{Mode, OutputForm, Routing, Table, TokenCounts};

use crate::block::{Block, Maybe, Row, RowRef};
use crate::guarded;
use crate::id::Id;
use crate::index::{NONE, Words};
use crate::order::order;
use crate::schema::Column;
use crate::{Group, TraceFault};
use columns::{Texts, constant, flags, numbers, optional, shape, texts};
use lists::Lists;

impl Block {
    /// The requests of a table.
    ///
    /// # Errors
    /// When the table is not a block of a trace of this [`VERSION`](crate::VERSION): a column missing, unknown, of
    /// another type or length; a value that cannot be; rows out of order; no rows at all.
    pub fn of(table: &Table) -> Result<Self, TraceFault> {
        shape(table)?;
        let group: Group = (
            constant(table, Column::Account)?.into(),
            constant(table, Column::Region)?.into(),
            constant(table, Column::Model)?.into(),
        );
        let mut words = Words::default();
        let mut block = Self::empty(group);
        block.rows = Vec::with_capacity(table.rows());
        let mut plain = Plain::of(table)?;
        let mut lists = Lists::of(table)?;
        for row in 0..table.rows() {
            let fixed = plain.row(row, &mut block, &mut words)?;
            let row = lists.row(row, fixed, &mut block, &mut words)?;
            block.rows.push(row);
        }
        block.words = words.texts;
        in_order(&block)?;
        Ok(block)
    }
}

/// A fault in a value.
#[cold]
pub(crate) fn fault(column: Column, row: usize, found: &impl ToString, expected: &'static str) -> TraceFault {
    TraceFault::Value { column: column.name(), row, found: found.to_string(), expected }
}

/// Columns with one value in each row.
struct Plain<'a> {
    time: &'a [i64],
    id: (&'a [Option<i64>], &'a [Option<i64>], Texts<'a, ()>),
    routing: Texts<'a, Option<Routing>>,
    mode: Texts<'a, Option<Mode>>,
    output_form: Texts<'a, Option<OutputForm>>,
    caller: Texts<'a, u32>,
    error: Texts<'a, u32>,
    stop_reason: Texts<'a, u32>,
    guarded: Texts<'a, u32>,
    streaming: &'a [bool],
    has_body: &'a [bool],
    schema_bound: &'a [bool],
    tokens: [(Column, &'a [i64]); 6],
    output_limit: &'a [Option<i64>],
    latency_ms: &'a [Option<i64>],
    opens: &'a [Option<i64>],
    continues: &'a [Option<i64>],
    times: std::ops::RangeInclusive<i64>,
}

impl<'a> Plain<'a> {
    fn of(table: &'a Table) -> Result<Self, TraceFault> {
        let tokens = |column| numbers(table, column).map(|values| (column, values));
        Ok(Self {
            time: numbers(table, Column::Time)?,
            id: (optional(table, Column::IdHigh)?, optional(table, Column::IdLow)?, texts(table, Column::Id, |_| ())?),
            routing: texts(table, Column::Routing, Routing::from_word)?,
            mode: texts(table, Column::Mode, Mode::from_word)?,
            output_form: texts(table, Column::OutputForm, OutputForm::from_word)?,
            caller: texts(table, Column::Caller, |_| NONE)?,
            error: texts(table, Column::Error, |_| NONE)?,
            stop_reason: texts(table, Column::StopReason, |_| NONE)?,
            guarded: guarded(table)?,
            streaming: flags(table, Column::Streaming)?,
            has_body: flags(table, Column::HasBody)?,
            schema_bound: flags(table, Column::SchemaBound)?,
            tokens: [
                tokens(Column::Input)?,
                tokens(Column::Output)?,
                tokens(Column::CacheRead)?,
                tokens(Column::CacheWrite5m)?,
                tokens(Column::CacheWrite30m)?,
                tokens(Column::CacheWrite1h)?,
            ],
            output_limit: optional(table, Column::OutputLimit)?,
            latency_ms: optional(table, Column::LatencyMs)?,
            opens: optional(table, Column::ChainOpens)?,
            continues: optional(table, Column::ChainContinues)?,
            times: Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond(),
        })
    }

    /// The row, still without its lists.
    fn row(&mut self, row: usize, block: &mut Block, words: &mut Words) -> Result<Row, TraceFault> {
        let time = self.time[row];
        if !self.times.contains(&time) {
            return Err(fault(Column::Time, row, &time, "microseconds of a year from -9999 to 9999"));
        }
        let (is_uuid, id) = self.id(row, &mut block.ids)?;
        let caller = self.caller.word(row, words)?;
        if caller == NONE {
            return Err(fault(Column::Caller, row, &"nothing", "a caller"));
        }
        let (opens, continues) = (self.opens[row], self.continues[row]);
        Ok(Row {
            time,
            id,
            tokens: block.pack(self.tokens(row)?)?,
            output_limit: maybe(Column::OutputLimit, row, self.output_limit)?,
            latency_ms: maybe(Column::LatencyMs, row, self.latency_ms)?,
            opens: opens.unwrap_or(0).cast_unsigned(),
            continues: continues.unwrap_or(0).cast_unsigned(),
            lists: 0,
            segments: 0,
            markers: 0,
            tools: 0,
            caller,
            error: self.error.word(row, words)?,
            stop_reason: self.stop_reason.word(row, words)?,
            guarded: self.guarded.word(row, words)?,
            routing: told(&self.routing, row, "regional or global")?,
            mode: self.mode.value(row, "a pricing mode of this version, or nothing")?,
            output_form: told(&self.output_form, row, "an output form of this version")?,
            is_uuid,
            streaming: self.streaming[row],
            has_body: self.has_body[row],
            schema_bound: self.schema_bound[row],
            has_opens: opens.is_some(),
            has_continues: continues.is_some(),
        })
    }

    fn id(&self, row: usize, ids: &mut String) -> Result<(bool, (u64, u64)), TraceFault> {
        let (high, low, other) = &self.id;
        match (high[row], low[row], other.text(row)) {
            (Some(high), Some(low), None) => Ok((true, (high.cast_unsigned(), low.cast_unsigned()))),
            (None, None, Some(text)) => {
                if matches!(Id::of(text), Id::Uuid(_)) {
                    return Err(fault(Column::Id, row, text, "an id that is no uuid: that stands in id_high, id_low"));
                }
                let begin = ids.len() as u64;
                ids.push_str(text);
                Ok((false, (begin, text.len() as u64)))
            }
            (None, None, None) => Err(fault(Column::Id, row, &"nothing", "an id, here or in id_high and id_low")),
            (Some(_), Some(_), Some(text)) => Err(fault(Column::Id, row, text, "nothing beside id_high and id_low")),
            (Some(_), None, _) => Err(fault(Column::IdLow, row, &"nothing", "the other half of id_high")),
            (None, Some(_), _) => Err(fault(Column::IdHigh, row, &"nothing", "the other half of id_low")),
        }
    }

    fn tokens(&self, row: usize) -> Result<TokenCounts, TraceFault> {
        let count = |at: usize| {
            let (column, values) = self.tokens[at];
            u64::try_from(values[row]).map_err(|_| fault(column, row, &values[row], "a count"))
        };
        Ok(TokenCounts {
            input: count(0)?,
            output: count(1)?,
            cache_read: count(2)?,
            cache_write_5m: count(3)?,
            cache_write_30m: count(4)?,
            cache_write_1h: count(5)?,
        })
    }
}

/// What guardrails evaluated: texts that say it.
fn guarded(table: &Table) -> Result<Texts<'_, u32>, TraceFault> {
    let column = Column::Guarded;
    let said = texts(table, column, |text| guarded::decode(text).map(|_| ()))?;
    for row in 0..table.rows() {
        said.value(row, "what a guardrail evaluated, in the form of this version")?;
    }
    texts(table, column, |_| NONE)
}

fn maybe(column: Column, row: usize, values: &[Option<i64>]) -> Result<Maybe, TraceFault> {
    let count = values[row].map(u64::try_from).transpose();
    count.map(Maybe::new).map_err(|_| fault(column, row, &values[row].unwrap_or_default(), "a count or nothing"))
}

fn told<T: Copy>(texts: &Texts<'_, Option<T>>, row: usize, expected: &'static str) -> Result<T, TraceFault> {
    texts.value(row, expected)?.ok_or_else(|| fault(texts.column, row, &"nothing", expected))
}

fn in_order(block: &Block) -> Result<(), TraceFault> {
    let see = |row| RowRef { block, row };
    for (at, pair) in block.rows.windows(2).enumerate() {
        if let [a, b] = pair
            && order(see(a), see(b)).is_ge()
        {
            let found = format!("{} {}", b.time, see(b).id().text());
            return Err(fault(Column::Time, at + 1, &found, "a time and id after those of the row before"));
        }
    }
    Ok(())
}
