//! Times as exports write them, reduced to what a bill needs: the UTC day, and whether it is midnight.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A moment, by its UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) day: Date,
    /// Whether it is the first moment of the day: an end at midnight belongs to the day before.
    pub(crate) midnight: bool,
}

impl Moment {
    /// Reads `2026-10-01T00:00:00.000Z`, `2026-10-01 00:00:00`, `2026-10-01 00:00:00 UTC`, `2026-10-01`, or a time
    /// with an offset.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = parse_day(text)?;
        let rest = text.get(10..)?;
        if rest.is_empty() {
            return Some(Self { day, midnight: true });
        }
        let clock = rest.strip_prefix(['T', ' '])?;
        let utc = clock.strip_suffix('Z').or_else(|| clock.strip_suffix("UTC")).map(str::trim_end);
        let clock_only = utc.unwrap_or(clock);
        if clock_only.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')) {
            let hour: u8 = clock_only.split(':').next()?.parse().ok()?;
            if clock_only.split(':').count() > 3 || clock_only.split(':').any(str::is_empty) || hour > 23 {
                return None;
            }
            return Some(Self { day, midnight: clock_only.bytes().all(|b| matches!(b, b'0' | b':' | b'.')) });
        }
        Self::of_timestamp(text.replacen(' ', "T", 1).parse().ok()?)
    }

    /// The moment so many microseconds after 1970-01-01T00:00:00Z.
    pub(crate) fn of_micros(micros: i64) -> Option<Self> {
        Self::of_timestamp(Timestamp::from_microsecond(micros).ok()?)
    }

    fn of_timestamp(timestamp: Timestamp) -> Option<Self> {
        let utc = TimeZone::UTC.to_datetime(timestamp);
        Some(Self { day: utc.date(), midnight: utc.time() == jiff::civil::Time::midnight() })
    }

    /// The last day before this moment, for ends that are not included.
    pub(crate) fn day_before(self) -> Date {
        if self.midnight { self.day.checked_sub(SignedDuration::from_hours(24)).unwrap_or(self.day) } else { self.day }
    }
}

/// The leading `YYYY-MM-DD`.
fn parse_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes().get(..10)?;
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_i16, |n, b| b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0')))
    };
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let small = |n: i16| i8::try_from(n).ok();
    Date::new(number(0, 4)?, small(number(5, 7)?)?, small(number(8, 10)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(text: &str, expected: Option<(Date, bool)>) {
        assert_eq!(Moment::parse(text).map(|m| (m.day, m.midnight)), expected, "{text}");
    }

    #[test]
    fn times_are_read_as_exports_write_them() {
        let first = date(2026, 10, 1);
        for text in [
            "2026-10-01T00:00:00.000Z",
            "2026-10-01T00:00:00Z",
            "2026-10-01 00:00:00",
            "2026-10-01 00:00:00.000 UTC",
            "2026-10-01",
            " 2026-10-01T00:00:00+00:00 ",
            "2026-10-01 02:00:00+02:00",
        ] {
            check(text, Some((first, true)));
        }
        check("2026-10-01T23:00:00.000Z", Some((first, false)));
        check("2026-10-01T01:00:00+02:00", Some((date(2026, 9, 30), false)));
        for text in [
            "",
            "2026-13-01",
            "2026-02-30T00:00:00Z",
            "10/01/2026",
            "2026-10-01T",
            "2026-10-01Tx",
            "2026-10-01T25:00:00Z",
            "20261001",
            "２０２６-10-01",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn an_end_at_midnight_is_the_day_before() {
        let end = |text: &str| Moment::parse(text).expect("a time").day_before();
        assert_eq!(end("2026-11-01T00:00:00Z"), date(2026, 10, 31));
        assert_eq!(end("2026-10-31T23:59:59Z"), date(2026, 10, 31));
        assert_eq!(Moment::of_micros(1_759_276_800_000_000).map(|m| m.day), Some(date(2025, 10, 1)));
    }
}
