//! The cells of a row.

use csv::ByteRecord;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use lode_model::DemandRow;

use super::{Columns, shown};

/// Seconds since 1970 from which on a time lies, 1 January 2015, and before which, 1 January 2101. Beyond, a number is a
/// mistake, or counts another unit than it seems; and idle time since then would count.
const TIMES: std::ops::Range<i64> = 1_420_070_400..4_133_980_800;
/// Tokens or calls of a row at the most: no table of an hour or a day has a millionth of them.
const MOST: u64 = 1_000_000_000_000;

/// What a cell should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Time,
    Count,
    /// A count within bounds.
    Less,
}

/// A cell that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) column: usize,
    pub(super) found: String,
    pub(super) form: Form,
}

/// Reads a row; the first cell that cannot be used decides.
pub(super) fn row(record: &ByteRecord, columns: &Columns) -> Result<DemandRow, Fault> {
    let cell = |column: usize| std::str::from_utf8(record.get(column).unwrap_or_default()).map(str::trim).ok();
    let fault = |column: usize, form| {
        let found = match record.get(column) {
            None => "no such cell in this row".to_owned(),
            Some(cell) if cell.trim_ascii().is_empty() => "nothing".to_owned(),
            Some(cell) => shown(cell),
        };
        Fault { column, found, form }
    };
    let second = cell(columns.time).and_then(time).ok_or_else(|| fault(columns.time, Form::Time))?;
    let tokens = |column: Option<usize>| match column {
        None => Ok(0),
        Some(column) => match cell(column).and_then(count) {
            Some(count @ ..=MOST) => Ok(count),
            Some(_) => Err(fault(column, Form::Less)),
            None => Err(fault(column, Form::Count)),
        },
    };
    let requests = match columns.requests {
        // A table may leave them out.
        Some(column) if cell(column).is_some_and(str::is_empty) => 0,
        requests => tokens(requests)?,
    };
    Ok(DemandRow { second, input: tokens(columns.input)?, output: tokens(columns.output)?, requests })
}

/// A whole number, also as `1200.0`; the largest there is where it is larger.
fn count(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && fraction.bytes().all(|byte| byte == b'0'))
        .then(|| whole.parse().unwrap_or(u64::MAX))
}

/// Seconds since 1970.
pub(super) fn time(text: &str) -> Option<i64> {
    let second = number(text).or_else(|| written(text))?;
    TIMES.contains(&second).then_some(second)
}

/// A number of seconds, milli-, micro- or nanoseconds, told by its size: none of them is the other's time of 1973 to
/// 2243. A fraction is cut off.
fn number(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    Some(match number.checked_ilog10().unwrap_or_default() {
        ..11 => number,
        11..14 => number / 1_000,
        14..17 => number / 1_000_000,
        _ => number / 1_000_000_000,
    })
}

/// ISO 8601, in UTC where it says nothing else.
fn written(text: &str) -> Option<i64> {
    let text = text.strip_suffix("UTC").map_or(text, str::trim_end);
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    // A time with an offset is a timestamp or nothing: read without it, it would be another hour.
    let clock = text.get(10..).unwrap_or_default();
    if clock.contains(['+', '-', 'Z', 'z', '[']) {
        return None;
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0))).ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(Timestamp::as_second)
}
