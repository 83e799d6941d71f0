//! Times of the day in the reader's time zone, beside UTC. Days of the bill stay UTC, as AWS bills them.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use lode_engine::{Outcome, Reason, Value};

/// Says the times of the day in the texts of an outcome in a time zone too: `every day, about 01:30 UTC, 02:30 in
/// Europe/Berlin`. As clocks stand there on `day`; where it is another day there, that is said. Nothing changes in UTC, in a
/// zone without a name, and in texts that name no such time.
pub fn say_local_times(outcome: &mut Outcome, zone: &TimeZone, day: Date) {
    let Some(name) = zone.iana_name().filter(|name| *name != "UTC") else { return };
    let say = |text: &mut String| {
        if let Some(said) = with_local(text, zone, name, day) {
            *text = said;
        }
    };
    for recommendation in &mut outcome.recommendations {
        say(&mut recommendation.action);
        recommendation.in_full.iter_mut().for_each(say);
        recommendation.alternatives.iter_mut().for_each(|other| say(&mut other.title));
        for evidence in &mut recommendation.evidence {
            if let Value::Text(text) = &mut evidence.value {
                say(text);
            }
        }
    }
    let declined = outcome.declined.iter_mut();
    for declined in declined.chain(outcome.quiet.iter_mut().filter_map(|quiet| quiet.nearest.as_mut())) {
        match &mut declined.reason {
            Reason::NoSaving { title, .. }
            | Reason::Alternative { title, .. }
            | Reason::OnlyAlternative { title, .. }
            | Reason::FailedTest { title, .. }
            | Reason::Forbidden { title, .. } => say(title),
            _ => {}
        }
    }
}

/// A text with its times in UTC said in the zone behind the word UTC; `None` where it has none.
fn with_local(text: &str, zone: &TimeZone, name: &str, day: Date) -> Option<String> {
    let end = text.find(" UTC")? + " UTC".len();
    let (before, after) = text.split_at_checked(end)?;
    let clock = |word: &str| -> Option<Time> {
        let (hour, minute) = word.trim_end_matches([',', ';']).split_once(':')?;
        let digits = |part: &str| part.parse().ok().filter(|_| part.len() == 2);
        Time::new(digits(hour)?, digits(minute)?, 0, 0).ok()
    };
    let there = |time: Time| {
        let at = zone.to_datetime(Offset::UTC.to_timestamp(day.to_datetime(time)).ok()?);
        let which = match at.date().cmp(&day) {
            std::cmp::Ordering::Less => " the day before",
            std::cmp::Ordering::Equal => "",
            std::cmp::Ordering::Greater => " the day after",
        };
        Some(format!("{:02}:{:02}{which}", at.hour(), at.minute()))
    };
    let times: Vec<String> = before.split(' ').filter_map(clock).filter_map(there).collect();
    (!times.is_empty()).then(|| format!("{before}, {} in {name}{after}", times.join(", ")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn times_of_the_day_are_said_in_the_zone_too() {
        let said = |text: &str, name: &str| {
            let zone = TimeZone::get(name).expect("in the bundled database");
            with_local(text, &zone, name, date(2026, 11, 5)).unwrap_or_default()
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
    }
}
