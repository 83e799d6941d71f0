//! Calls bought at a dearer price than they need: at the regional one, at the Priority tier, or latency-optimised.

use super::jobs::{at_night, nights};
use super::{Asked, Making, ask, question};
use crate::call::{Content, Mode};
use crate::prices::{KIMI_THINKING, LLAMA, OPUS};

/// Articles from an outline, through the regional profile of a model that is sold globally; right: through the global one.
pub(super) fn articles(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((300, 500)), at.dice.within((900, 1_500)));
        let prompt = question(vec![at.text("instructions", 0, 210)], vec![at.text("user", at.made, user)]);
        let answer = Content::Text(at.piece("answer", at.made, output));
        let global = !at.habit;
        at.push_as(time, (&OPUS, global, Mode::Standard), prompt, 4_096, answer);
        time
    });
}

const BRIEFS: Asked = Asked {
    model: &KIMI_THINKING,
    system: 210,
    user: Some((1_400, 2_000)),
    output: Some((6_500, 7_500)),
    max_output: 8_192,
};
/// As long as a body may be to stand in the log.
const CHANGES: Asked =
    Asked { model: &LLAMA, system: 0, user: Some((18_000, 22_000)), output: Some((350, 700)), max_output: 2_048 };

/// A change alone.
const CHANGE: Asked = Asked { user: Some((3_000, 5_000)), ..CHANGES };

/// Thirty to sixty a night: too few for a batch job, on models without a flex price.
fn nightly(making: &mut Making<'_>, what: &Asked, dear: Mode) {
    let (zone, begins) = at_night(making);
    let usual = making.dice.within((30, 45));
    let mode = if making.habit { dear } else { Mode::Standard };
    for day in nights() {
        let late = i64::from(making.dice.within((0, 120)));
        let count = making.dice.within((usual, usual + 15));
        let count = making.scaled(count).min(60);
        making.at_moments(zone.at(day, begins) + late, 300, count, |at, time| ask(at, time, what, mode));
    }
}

/// Reports at night, at the Priority tier; right: at the standard one.
pub(super) fn night_briefs(making: &mut Making<'_>) {
    nightly(making, &BRIEFS, Mode::Priority);
}

/// Reviews of the day's changes at night, latency-optimised; right: not.
pub(super) fn night_reviews(making: &mut Making<'_>) {
    nightly(making, &CHANGES, Mode::LatencyOptimized);
}

/// Reports that an editor waits for, at the Priority tier.
pub(super) fn live_briefs(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        ask(at, time, &BRIEFS, Mode::Priority);
        time
    });
}

/// Reviews that a developer waits for, latency-optimised.
pub(super) fn live_reviews(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        ask(at, time, &CHANGE, Mode::LatencyOptimized);
        time
    });
}
