//! What looks like work by the clock and has somebody waiting for every call: people at a desk, engineers in an
//! incident, families in the evening. Their models are sold in batch and at the flex price, which is not what they need.

use super::{Asked, Making, ask, question};
use crate::call::{Content, Mode};
use crate::month::{DAY, DAYS, HOUR, LOCAL_DAYS, START, Zone, is_weekend};
use crate::prices::KIMI;

const MINUTE: i64 = 60;

const PLANS: Asked =
    Asked { model: &KIMI, system: 200, user: Some((900, 1_500)), output: Some((3_000, 3_800)), max_output: 4_096 };
const STORIES: Asked =
    Asked { model: &KIMI, system: 190, user: Some((60, 110)), output: Some((3_000, 3_800)), max_output: 6_000 };

/// Developers who ask about code, not streamed: from nine to six on working days, most of all right after the meeting at
/// nine, and less at lunch.
pub(super) fn desk(making: &mut Making<'_>) {
    let zone = Zone::of(&mut making.dice);
    let (crowd, an_hour) = (making.dice.within((14, 18)), making.dice.within((6, 8)));
    for day in LOCAL_DAYS.filter(|day| !is_weekend(*day)) {
        let meeting = i64::from(making.dice.within((0, 3))) * MINUTE;
        let count = making.dice.within((crowd, crowd + 4));
        let count = making.scaled(count);
        making.at_moments(zone.at(day, 9 * HOUR) + meeting, 360, count, help);
        for (from, to, an_hour) in
            [(9 * HOUR + 900, 12 * HOUR, an_hour), (12 * HOUR, 13 * HOUR, 2), (13 * HOUR, 18 * HOUR, an_hour)]
        {
            making.now_and_then((zone.at(day, from), zone.at(day, to)), an_hour, help);
        }
    }
}

fn help(at: &mut Making<'_>, time: i64) {
    let (paste, output) = (at.dice.within((3_500, 5_500)), at.dice.within((2_400, 3_000)));
    let user = vec![at.text("user", at.made, 50), at.text("paste", at.made, paste)];
    let prompt = question(vec![at.text("instructions", 0, 230)], user);
    at.push(time, &KIMI, prompt, 4_096, Content::Text(at.piece("answer", at.made, output)));
}

/// A bot that helps in incidents. Each brings 10 to 30 calls within minutes, at any hour of any day; beside them a single
/// event now and then.
pub(super) fn incidents(making: &mut Making<'_>) {
    let (incidents, singles) = (making.dice.within((64, 84)), making.scaled(60));
    let window = u32::try_from(DAYS * DAY - 1).unwrap_or(u32::MAX);
    making.at_moments(START, window, singles, |at, time| ask(at, time, &PLANS, Mode::Standard));
    making.at_moments(START, window, incidents, |at, time| {
        let (count, seconds) = (at.dice.within((10, 30)), at.dice.within((180, 540)));
        let count = at.scaled(count);
        at.at_moments(time, seconds, count, |at, time| ask(at, time, &PLANS, Mode::Standard));
    });
}

/// Stories that are read aloud as they come, from seven to eleven every evening.
pub(super) fn evenings(making: &mut Making<'_>) {
    let zone = Zone::of(&mut making.dice);
    for day in LOCAL_DAYS {
        let open = (zone.at(day, 19 * HOUR), zone.at(day, 23 * HOUR));
        making.now_and_then(open, 14, |at, time| ask(at, time, &STORIES, Mode::Standard));
    }
}
