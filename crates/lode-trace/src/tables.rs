//! The final layout: merged requests in tables of a fixed size, none across the border of a month. Where one table ends
//! and the next one begins depends on nothing but the requests.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use lode_model::Table;

use crate::encode::Encoder;
use crate::merge::{Counts, Merge};
use crate::{Block, TraceFault};

/// Requests of a table of the final layout; the last one of a month has fewer.
const ROWS_PER_BLOCK: usize = 65_536;

/// A table of the final layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthTable {
    /// The first day of its month in UTC.
    pub month: Date,
    /// Requests of one group and month in order, `ROWS_PER_BLOCK` of them or, in the last table of the month, fewer.
    pub table: Table,
}

/// The tables of one group, in order. After an error there is none.
#[derive(Debug)]
pub struct Tables<S> {
    merge: Merge<S>,
    encoder: Encoder,
    rows: usize,
    month: Month,
    done: bool,
}

/// A month in UTC: its first day, its first microsecond and the first one of the next month.
#[derive(Clone, Copy, Debug, Default)]
struct Month {
    first: Date,
    begin: i64,
    end: i64,
}

impl Month {
    fn of(time: i64) -> Self {
        let day = Timestamp::from_microsecond(time).unwrap_or_default();
        let first = Offset::UTC.to_datetime(day).date().first_of_month();
        let micros = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map(Timestamp::as_microsecond);
        let next = first.checked_add(1.month()).and_then(micros);
        Self { first, begin: micros(first).unwrap_or(i64::MIN), end: next.unwrap_or(i64::MAX) }
    }

    const fn has(&self, time: i64) -> bool {
        self.begin <= time && time < self.end
    }
}

impl<S, E> Tables<S>
where
    S: Iterator<Item = Result<Arc<Block>, E>>,
    E: From<TraceFault>,
{
    /// The tables of merged requests.
    pub fn new(merge: Merge<S>) -> Self {
        Self::with_rows(merge, ROWS_PER_BLOCK)
    }

    /// Tables of another size, at least one row.
    pub fn with_rows(merge: Merge<S>, rows: usize) -> Self {
        let encoder = Encoder::new(merge.group().clone());
        Self { merge, encoder, rows: rows.max(1), month: Month::default(), done: false }
    }

    /// How many rows were read and how many requests are in the tables so far.
    pub const fn counts(&self) -> Counts {
        self.merge.counts()
    }

    fn advance(&mut self) -> Result<Option<MonthTable>, E> {
        loop {
            if self.encoder.rows() >= self.rows {
                return Ok(Some(self.take()));
            }
            let Some(merged) = self.merge.next_row()? else {
                self.done = true;
                return Ok((self.encoder.rows() > 0).then(|| self.take()));
            };
            let time = merged.row.row.time;
            let mut full = None;
            if !self.month.has(time) {
                if self.encoder.rows() > 0 {
                    full = Some(MonthTable { month: self.month.first, table: self.encoder.take() });
                }
                self.month = Month::of(time);
            }
            self.encoder.push(merged.source, merged.serial, merged.row)?;
            if full.is_some() {
                return Ok(full);
            }
        }
    }

    fn take(&mut self) -> MonthTable {
        MonthTable { month: self.month.first, table: self.encoder.take() }
    }
}

impl<S, E> Iterator for Tables<S>
where
    S: Iterator<Item = Result<Arc<Block>, E>>,
    E: From<TraceFault>,
{
    type Item = Result<MonthTable, E>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance().transpose();
        self.done |= matches!(next, None | Some(Err(_)));
        next
    }
}
