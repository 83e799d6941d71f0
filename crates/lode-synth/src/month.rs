//! The month: its days, when calls arrive, and the dice. One source of chance per app, so that no app's habit moves
//! another app's calls.

use jiff::civil::Date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// 2026-10-01T00:00:00Z, a Thursday.
pub(crate) const START: i64 = 1_790_812_800;
/// Four of each weekday.
pub(crate) const DAYS: i64 = 28;
pub(crate) const DAY: i64 = 86_400;
pub(crate) const HOUR: i64 = 3_600;
/// Apps that call the same model from the same account have their own second of each slot, so that no two of their calls
/// share a second.
pub(crate) const SLOT: i64 = 24;

/// Time before midnight for the calls of a question that came last.
const EVENING: i64 = 4 * SLOT;

/// Day of the window, from 0, that a moment falls on.
pub(crate) const fn day_of(time: i64) -> i64 {
    (time - START).div_euclid(DAY)
}

/// The date of a day of the window.
pub(crate) fn date(day: i64) -> Date {
    let first = Date::constant(2026, 10, 1);
    jiff::Span::new().try_days(day).and_then(|span| first.checked_add(span)).unwrap_or(first)
}

/// Monday is 0.
pub(crate) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

pub(crate) const fn is_weekend(day: i64) -> bool {
    weekday(day) >= 5
}

/// Days of any local calendar that have an hour in the window.
pub(crate) const LOCAL_DAYS: std::ops::Range<i64> = -1..DAYS + 1;

/// By which clock people and their jobs work. Offsets: IANA time zone database, 2026; Europe puts its clocks back on 25 October, America only in November.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    NewYork,
    Berlin,
    Kolkata,
}

impl Zone {
    /// One of them, by chance.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        match dice.within((0, 2)) {
            0 => Self::NewYork,
            1 => Self::Berlin,
            _ => Self::Kolkata,
        }
    }

    /// The moment of a second of a local day.
    pub(crate) const fn at(self, day: i64, second: i64) -> i64 {
        const CLOCKS_BACK: i64 = 24;
        let ahead = match self {
            Self::NewYork => -4 * HOUR,
            Self::Berlin if day < CLOCKS_BACK => 2 * HOUR,
            Self::Berlin => HOUR,
            Self::Kolkata => 5 * HOUR + HOUR / 2,
        };
        START + day * DAY + second - ahead
    }
}

/// When an app is busy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hours {
    /// Second of the day it begins.
    pub from: i64,
    /// How long, at scale 100.
    pub seconds: i64,
    /// Whether weekends are as busy as weekdays; otherwise a quarter as long.
    pub weekends: bool,
    /// The least it may shrink to, in seconds.
    pub least: i64,
    /// Slots between one call, or conversation, and the next: from, to.
    pub gap: (u32, u32),
}

impl Hours {
    /// First and last second of the busy time of a day. Scale makes the time longer or shorter, not denser, so that
    /// caches are as warm at every scale.
    pub(crate) fn of_day(&self, day: i64, scale: u32) -> (i64, i64) {
        let weekday = self.seconds * i64::from(scale) / 100;
        let length = if self.weekends || !is_weekend(day) { weekday } else { weekday / 4 };
        let length = length.max(self.least).min(DAY - EVENING);
        let from = START + day * DAY + self.from.min(DAY - EVENING - length);
        (from, from + length)
    }
}

/// Deterministic chance.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one app.
    pub(crate) fn of(seed: u64, app: usize) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(app as u64);
        Self(chance)
    }

    /// A number from `range.0` to `range.1`, both included.
    pub(crate) fn within(&mut self, range: (u32, u32)) -> u32 {
        let (low, high) = range;
        low + self.0.next_u32() % (high.saturating_sub(low) + 1)
    }

    /// Slots, in seconds.
    pub(crate) fn slots(&mut self, range: (u32, u32)) -> i64 {
        i64::from(self.within(range)) * SLOT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_four_weeks_from_a_thursday() {
        let start = jiff::Timestamp::from_second(START).map(|time| time.to_string());
        assert_eq!(start.expect("a time"), "2026-10-01T00:00:00Z");
        assert_eq!(date(0).weekday(), jiff::civil::Weekday::Thursday);
        assert_eq!(date(27).to_string(), "2026-10-28");
        assert_eq!((weekday(0), weekday(2), weekday(3), weekday(4)), (3, 5, 6, 0));
        assert_eq!((day_of(START), day_of(START + DAY - 1), day_of(START + DAY)), (0, 0, 1));
    }

    #[test]
    fn local_clocks_are_ahead_or_behind() {
        let nine = |zone: Zone, day| (zone.at(day, 9 * HOUR) - START - day * DAY) * 10 / HOUR;
        // 9:00 is 13:00, 7:00, and 3:30 UTC; 8:00 in Berlin from 25 October on.
        assert_eq!([Zone::NewYork, Zone::Berlin, Zone::Kolkata].map(|zone| nine(zone, 0)), [130, 70, 35]);
        assert_eq!((nine(Zone::NewYork, 24), nine(Zone::Berlin, 23), nine(Zone::Berlin, 24)), (130, 70, 80));
    }

    #[test]
    fn scale_makes_busy_times_longer() {
        let office = Hours { from: 8 * HOUR, seconds: 8 * HOUR, weekends: false, least: 0, gap: (1, 1) };
        let length = |day, scale| {
            let (from, to) = office.of_day(day, scale);
            to - from
        };
        assert_eq!((length(0, 100), length(2, 100), length(0, 10), length(2, 10)), (28_800, 7_200, 2_880, 720));
        // At 400 percent the day is full, and still within itself.
        let (from, to) = office.of_day(0, 400);
        assert!(from >= START && to < START + DAY);
    }

    #[test]
    fn dice_differ_by_seed_and_app_and_not_by_run() {
        let roll = |seed, app| {
            let mut dice = Dice::of(seed, app);
            (0..8).map(|_| dice.within((1, 1_000_000))).collect::<Vec<_>>()
        };
        assert_eq!(roll(1, 2), roll(1, 2));
        assert_ne!(roll(1, 2), roll(2, 2));
        assert_ne!(roll(1, 2), roll(1, 3));
    }
}
