//! Model units, calls that are logged without bodies, and what is on the bill alone.

use super::{Making, Part};
use crate::call::{Content, Mode, Prompt};
use crate::month::{DAYS, HOUR, Hours, weekday};
use crate::prices::{HAIKU, NOVA};

/// From nine to eleven, where there are units.
pub(super) const IDLE: Hours = Hours { from: 9 * HOUR, seconds: 2 * HOUR, weekends: true, least: 0, gap: (15, 15) };
/// From one to two in the afternoon.
pub(super) const BUSY: Hours = Hours { from: 13 * HOUR, seconds: HOUR, weekends: true, least: 0, gap: (1, 1) };

/// Seconds between two calls of the busy unit: 400 an hour at every scale, or it would not be busy.
const BUSY_GAP: i64 = 9;
const MONDAY: i64 = 0;
const THURSDAY: i64 = 3;

/// Model units on the bill: role, and the hours of one unit on a day of the window.
pub(crate) struct Units {
    pub role: &'static str,
    pub hours: fn(i64) -> u64,
}

/// One unit two hours every Monday and Thursday; and one for an hour on Mondays.
pub(crate) static UNITS: [Units; 2] = [
    Units { role: "risk-engine", hours: |day| if matches!(weekday(day), MONDAY | THURSDAY) { 2 } else { 0 } },
    Units { role: "risk-engine-busy", hours: |day| if weekday(day) == MONDAY { 1 } else { 0 } },
];

/// A few calls through a unit that costs far more than they would on demand; right: on demand, in the region, and no
/// unit. The twin's calls cost more on demand than its unit does, even at the flex price: 400 an hour of 900,000
/// tokens are 59.40 USD at 0.165 a million, and their answers 4.40.
pub(super) fn risk(making: &mut Making<'_>) {
    let busy = matches!(making.app.part, Part::TwinOf(_));
    let hours = UNITS.iter().find(|units| units.role == making.app.role).map(|units| units.hours);
    for day in (0..DAYS).filter(|day| hours.is_some_and(|hours| hours(*day) > 0)) {
        let (from, to) = making.app.hours.of_day(day, if busy { 100 } else { making.scale });
        let mut time = from;
        while time < to {
            let (prompt, output) = if busy {
                (making.dice.within((890_000, 910_000)), making.dice.within((7_000, 9_000)))
            } else {
                (making.dice.within((2_500, 3_500)), making.dice.within((200, 400)))
            };
            let mode = if busy || making.habit { Mode::Provisioned } else { Mode::Standard };
            let answer = Content::Text(making.piece("answer", making.made, output));
            making.push_as(time, (&NOVA, false, mode), Prompt::Counts(u64::from(prompt)), 16_384, answer);
            if busy {
                // Alone in its account, it needs no second of its own.
                if let Some(call) = making.calls.last_mut() {
                    call.time = time;
                }
                time += BUSY_GAP;
            } else {
                time += making.dice.slots(making.app.hours.gap);
            }
        }
    }
}

/// Small calls of which only the counts are logged.
pub(super) fn etl(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (prompt, output) = (at.dice.within((2_000, 6_000)), at.dice.within((100, 300)));
        let answer = Content::Text(at.piece("row", at.made, output));
        at.push(time, &HAIKU, Prompt::Counts(u64::from(prompt)), 1_024, answer);
        time
    });
}

/// Spend of a region without logging, per weekday at scale 100; half of it at weekends.
pub(crate) struct Unlogged {
    pub account: &'static str,
    pub region: &'static str,
    pub model: &'static crate::prices::Model,
    pub input: u64,
    pub output: u64,
}

pub(crate) static UNLOGGED: Unlogged =
    Unlogged { account: super::OTHER, region: "eu-west-1", model: &HAIKU, input: 20_000_000, output: 2_000_000 };
