//! Times of the day in the reader's time zone, beside UTC. Days of the bill stay UTC, as AWS bills them.

use std::fmt::Write;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use lode_engine::{Outcome, Reason, Value};

/// Says the times of the day in the texts of an outcome in a time zone too: `every day, about 01:30 UTC, 02:30 in
/// Europe/Berlin`. As clocks stand there in the days given, first and last; where they are changed within them, both are said.
/// Where it is another day there, that is said too. Nothing changes in UTC, in a zone without a name, and in texts that name no
/// such time.
pub fn say_local_times(outcome: &mut Outcome, zone: &TimeZone, (first, last): (Date, Date)) {
    let Some(name) = zone.iana_name().filter(|name| *name != "UTC") else { return };
    let Some(clocks) = Clocks::of(zone, name, first, last) else { return };
    let say = |text: &mut String| {
        if let Some(said) = clocks.said(text) {
            *text = said;
        }
    };
    let say_value = |value: &mut Value| {
        if let Value::Text(text) = value {
            say(text);
        }
    };
    for recommendation in &mut outcome.recommendations {
        say(&mut recommendation.action);
        recommendation.in_full.iter_mut().for_each(say);
        recommendation.alternatives.iter_mut().for_each(|other| say(&mut other.title));
        recommendation.evidence.iter_mut().for_each(|evidence| say_value(&mut evidence.value));
    }
    for waiting in outcome.gaps.iter_mut().flat_map(|gap| &mut gap.waiting) {
        waiting.evidence.iter_mut().for_each(|evidence| say_value(&mut evidence.value));
    }
    let declined = outcome.declined.iter_mut();
    for declined in declined.chain(outcome.quiet.iter_mut().filter_map(|quiet| quiet.nearest.as_mut())) {
        match &mut declined.reason {
            Reason::NoSaving { title, notes, .. } => {
                say(title);
                notes.iter_mut().for_each(|note| say(&mut note.text));
            }
            Reason::Alternative { title, .. }
            | Reason::OnlyAlternative { title, .. }
            | Reason::FailedTest { title, .. }
            | Reason::Forbidden { title, .. } => say(title),
            Reason::Clause { value, because, .. } => {
                say_value(value);
                because.iter_mut().for_each(say);
            }
            _ => {}
        }
    }
}

/// How clocks stand in a zone over some days.
struct Clocks<'a> {
    zone: &'a str,
    /// Some day, to ask for its times.
    day: Date,
    /// Offsets from UTC one after the other, each with the day there on which it begins.
    offsets: Vec<(Date, Offset)>,
}

impl<'a> Clocks<'a> {
    fn of(zone: &TimeZone, name: &'a str, first: Date, last: Date) -> Option<Self> {
        let start = Offset::UTC.to_timestamp(first.at(0, 0, 0, 0)).ok()?;
        let end = Offset::UTC.to_timestamp(last.at(23, 59, 59, 0)).ok()?;
        let mut offsets = vec![(first, zone.to_offset(start))];
        for change in zone.following(start).take_while(|change| change.timestamp() <= end) {
            let offset = change.offset();
            // A zone may change its name alone.
            if offsets.last().is_some_and(|(_, before)| *before != offset) {
                offsets.push((offset.to_datetime(change.timestamp()).date(), offset));
            }
        }
        Some(Self { zone: name, day: first, offsets })
    }

    /// A text with its times in UTC said in the zone behind each word UTC; `None` where it has none.
    fn said(&self, text: &str) -> Option<String> {
        let (mut out, mut rest, mut changed) = (String::new(), text, false);
        while let Some((before, after)) = rest.find(UTC).and_then(|at| rest.split_at_checked(at + UTC.len())) {
            out.push_str(before);
            rest = after;
            let times: Vec<Time> = before.split(' ').filter_map(clock).collect();
            if times.is_empty() || after.starts_with(|next: char| next.is_alphanumeric() || next == '+') {
                continue;
            }
            changed = true;
            for (place, (from, offset)) in self.offsets.iter().enumerate() {
                let there: Vec<String> = times.iter().filter_map(|time| self.there(*time, *offset)).collect();
                let there = there.join(", ");
                let _ = match place {
                    0 => write!(out, ", {there} in {}", self.zone),
                    _ => write!(out, ", from {from} on {there}"),
                };
            }
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    /// What a clock shows there: `02:30`, with the day where that is another one.
    fn there(&self, time: Time, offset: Offset) -> Option<String> {
        let at = offset.to_datetime(Offset::UTC.to_timestamp(self.day.to_datetime(time)).ok()?);
        let which = match at.date().cmp(&self.day) {
            std::cmp::Ordering::Less => " the day before",
            std::cmp::Ordering::Equal => "",
            std::cmp::Ordering::Greater => " the day after",
        };
        Some(format!("{:02}:{:02}{which}", at.hour(), at.minute()))
    }
}

/// Behind a time of the day.
const UTC: &str = " UTC";

/// A time of the day: `01:30`, with two digits each.
fn clock(word: &str) -> Option<Time> {
    let (hour, minute) = word.trim_start_matches('(').trim_end_matches([',', ';']).split_once(':')?;
    let digits = |part: &str| part.parse().ok().filter(|_| part.len() == 2);
    Time::new(digits(hour)?, digits(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn times_of_the_day_are_said_in_the_zone_too() {
        let said = |text: &str, name: &str| {
            let zone = TimeZone::get(name).expect("in the bundled database");
            let day = date(2026, 11, 5);
            Clocks::of(&zone, name, day, day).and_then(|clocks| clocks.said(text)).unwrap_or_default()
        };
        assert_eq!(
            said("Run it (every day, about 01:30 UTC) in batch", "Europe/Berlin"),
            "Run it (every day, about 01:30 UTC, 02:30 in Europe/Berlin) in batch"
        );
        assert_eq!(
            said("Monday, about 06:00, 23:30; Sunday, about 22:00 UTC", "Europe/Berlin"),
            "Monday, about 06:00, 23:30; Sunday, about 22:00 UTC, 07:00, 00:30 the day after, 23:00 in Europe/Berlin"
        );
        assert_eq!(
            said("every day, about 01:30 UTC", "America/New_York"),
            "every day, about 01:30 UTC, 20:30 the day before in America/New_York"
        );
        assert_eq!(said("every day, 24 times a day around minute 7 of the hour, UTC", "Europe/Berlin"), "");
        assert_eq!(said("model a:b 1:2 99:99 UTC", "Europe/Berlin"), "");
        assert_eq!(said("at 01:30", "Europe/Berlin"), "", "not said to be UTC");
        assert_eq!(
            said("at 01:30 UTC, once more at 02:00 UTC, never", "Europe/Berlin"),
            "at 01:30 UTC, 02:30 in Europe/Berlin, once more at 02:00 UTC, 03:00 in Europe/Berlin, never"
        );
        assert_eq!(said("at 01:30 UTC+02", "Europe/Berlin"), "");
    }

    /// Berlin puts its clocks back on 2026-10-25, New York on 2026-11-01.
    #[test]
    fn where_clocks_are_changed_within_the_days_both_times_are_said() {
        let said = |text: &str, name: &str, last: Date| {
            let zone = TimeZone::get(name).expect("in the bundled database");
            Clocks::of(&zone, name, date(2026, 10, 1), last).and_then(|clocks| clocks.said(text)).unwrap_or_default()
        };
        let (before, in_october) = (date(2026, 10, 24), date(2026, 10, 31));
        assert_eq!(
            said("about 08:02 UTC", "Europe/Berlin", in_october),
            "about 08:02 UTC, 10:02 in Europe/Berlin, from 2026-10-25 on 09:02"
        );
        assert_eq!(said("about 08:02 UTC", "Europe/Berlin", before), "about 08:02 UTC, 10:02 in Europe/Berlin");
        assert_eq!(
            said("about 22:30, 23:30 UTC", "Europe/Berlin", in_october),
            "about 22:30, 23:30 UTC, 00:30 the day after, 01:30 the day after in Europe/Berlin, from 2026-10-25 on 23:30, 00:30 \
             the day after"
        );
        assert_eq!(said("08:02 UTC", "America/New_York", in_october), "08:02 UTC, 04:02 in America/New_York");
    }
}
