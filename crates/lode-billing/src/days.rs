//! The days that an export speaks of: from the start of its first billing period to the last day of usage.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::Span;

use crate::moment::Moment;

/// The days that rows speak of.
#[derive(Debug, Default)]
pub(crate) struct Days {
    /// Earliest billing period start.
    period: Option<Date>,
    /// Earliest and latest start of rows of a day or less, and how many they are.
    short: Option<(Date, Date)>,
    short_rows: u64,
    /// Earliest start and latest end of longer rows, and how many they are.
    long: Option<(Date, Date)>,
    long_rows: u64,
    /// Earliest and latest start of rows that were passed over unread.
    starts: Option<(Date, Date)>,
    /// First days of the months that some row falls in.
    months: BTreeSet<Date>,
    last_month: Option<Date>,
}

impl Days {
    pub(crate) fn see_period(&mut self, start: Date) {
        self.period = Some(self.period.map_or(start, |known| known.min(start)));
    }

    /// Rows that were not read start on these days, the first and the last.
    pub(crate) fn see_starts(&mut self, first: Date, last: Date) {
        self.starts = wider(self.starts, Some((first, last)));
    }

    pub(crate) fn see(&mut self, span: Span) {
        let month = Some(span.first.first_of_month());
        if month != self.last_month {
            self.months.extend(month);
            self.last_month = month;
        }
        let (seen, rows) = if span.first == span.last {
            (&mut self.short, &mut self.short_rows)
        } else {
            (&mut self.long, &mut self.long_rows)
        };
        *rows += 1;
        *seen = Some(match *seen {
            None => (span.first, span.last),
            Some((first, last)) => (first.min(span.first), last.max(span.last)),
        });
    }

    /// The days of both.
    pub(crate) fn merge(&mut self, other: Self) {
        if let Some(period) = other.period {
            self.see_period(period);
        }
        self.short = wider(self.short, other.short);
        self.long = wider(self.long, other.long);
        self.starts = wider(self.starts, other.starts);
        self.short_rows += other.short_rows;
        self.long_rows += other.long_rows;
        self.months.extend(other.months);
        self.last_month = None;
    }

    /// Months between the first and the last that no row falls in.
    pub(crate) fn missing(&self) -> Vec<Span> {
        let (Some(first), Some(last)) = (self.months.first(), self.months.last()) else { return Vec::new() };
        first
            .series(1.month())
            .take_while(|month| month < last)
            .filter(|month| !self.months.contains(month))
            .map(|month| Span { first: month, last: month.last_of_month() })
            .collect()
    }

    /// From the start of the first billing period to the last usage day. Rows longer than a day speak of days
    /// yet to come (a month's tax, a monthly fee), so they count only where most rows are such: in monthly exports.
    pub(crate) fn covered(&self) -> Option<Span> {
        let usage = match (self.short, self.long) {
            (short, Some(long)) if short.is_none() || self.long_rows > self.short_rows => Some(long),
            (short, _) => wider(short, self.starts),
        };
        match (self.period, usage) {
            (Some(first), Some((_, last))) => Some(Span { first, last: last.max(first) }),
            (Some(first), None) => Some(Span { first, last: first.last_of_month() }),
            (None, Some((first, last))) => Some(Span { first, last }),
            (None, None) => None,
        }
    }
}

fn wider(one: Option<(Date, Date)>, other: Option<(Date, Date)>) -> Option<(Date, Date)> {
    match (one, other) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// The days from a start to an end that is not included.
pub(crate) fn span_of(start: Moment, end: Option<Moment>) -> Span {
    let last = end.map_or(start.day, |end| end.day_before().max(start.day));
    Span { first: start.day, last }
}
