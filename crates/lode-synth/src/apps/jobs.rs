//! Work that comes by the clock in runs: jobs that nobody waits for, on demand; and runs beside them that no batch job
//! takes, because they use tools or are too few. When it comes, and how much of it, the seed decides; an app keeps to it.

use super::{Asked, Making, ask};
use crate::call::{Block, Content, Message, Mode, Prompt, Tool};
use crate::month::{DAY, DAYS, HOUR, Hours, LOCAL_DAYS, START, Zone, is_weekend, weekday};
use crate::prices::{KIMI, KIMI_THINKING};

/// Apps that keep times of their own.
pub(super) const TIMED: Hours = Hours { from: 0, seconds: DAY, weekends: true, least: 0, gap: (0, 0) };

const MINUTE: i64 = 60;
/// Fewest records of a batch job (AWS' quotas for batch inference, copy of 2026-10).
pub(crate) const FEWEST_RECORDS: u32 = 100;
/// Minutes of the local day in which nightly runs begin, wherever they do not pass midnight UTC: half past two to five.
const NIGHT: (u32, u32) = (150, 300);
/// The same by day: half past nine to five.
const BY_DAY: (u32, u32) = (570, 1_020);

const DOSSIERS: Asked =
    Asked { model: &KIMI, system: 240, user: Some((1_200, 1_600)), output: Some((1_900, 2_400)), max_output: 4_096 };
const MANUALS: Asked =
    Asked { model: &KIMI, system: 220, user: Some((1_600, 2_000)), output: Some((3_500, 4_100)), max_output: 6_000 };
const CHAPTERS: Asked =
    Asked { model: &KIMI, system: 230, user: Some((2_600, 3_200)), output: Some((8_400, 9_400)), max_output: 12_000 };
const REPORTS: Asked = Asked {
    model: &KIMI_THINKING,
    system: 210,
    user: Some((1_400, 2_000)),
    output: Some((6_500, 7_500)),
    max_output: 8_192,
};

/// How a run that can wait is bought right: as a batch job, or, in small months, at the flex price, which is the same.
const fn right(calls: u32) -> Mode {
    if calls >= FEWEST_RECORDS { Mode::Batch } else { Mode::Flex }
}

/// What has come into the catalogue: five to eight calls within a minute, every hour of every day; right: the same at the
/// flex price. A batch job a day would cost as much.
pub(super) fn hourly(making: &mut Making<'_>) {
    let (minute, jitter) = (i64::from(making.dice.within((2, 55))), making.dice.within((10, 40)));
    let mode = if making.habit { Mode::Standard } else { Mode::Flex };
    for hour in 0..DAYS * 24 {
        let late = i64::from(making.dice.within((0, jitter)));
        let count = making.dice.within((5, 8));
        let count = making.scaled(count);
        making.at_moments(START + hour * HOUR + minute * MINUTE + late, 50, count, |at, time| {
            ask(at, time, &DOSSIERS, mode);
        });
    }
}

/// Chapters of one handbook: by day somebody asks for one and waits; on working days all that changed are written anew,
/// at a fixed time of the day or of the night before. Right: that run as a batch job, the others as they are.
pub(super) fn in_trickle(making: &mut Making<'_>) {
    let zone = Zone::of(&mut making.dice);
    let an_hour = making.dice.within((2, 5));
    let by_day = making.dice.within((0, 1)) == 1;
    let minute = i64::from(making.dice.within(if by_day { BY_DAY } else { NIGHT }));
    let (jitter, pace) = (making.dice.within((2, 8)), making.dice.within((4, 12)));
    let usual = making.dice.within((110, 140));
    for day in LOCAL_DAYS {
        let open = (zone.at(day, 7 * HOUR), zone.at(day, 19 * HOUR));
        let an_hour = if is_weekend(day) { 1 } else { an_hour };
        making.now_and_then(open, an_hour, |at, time| ask(at, time, &MANUALS, Mode::Standard));
        let late = i64::from(making.dice.within((0, jitter * 60)));
        let count = making.dice.within((usual, usual + 20));
        if is_weekend(day) {
            continue;
        }
        // Workers side by side: some calls in the same second, then a few seconds without.
        let (mut time, mut left) = (zone.at(day, minute * MINUTE) + late, making.scaled(count));
        let mode = if making.habit { Mode::Standard } else { right(left) };
        while left > 0 {
            let together = making.dice.within((1, 6)).min(left);
            for _ in 0..together {
                ask(making, time, &MANUALS, mode);
            }
            left -= together;
            time += i64::from(making.dice.within((1, pace)));
        }
    }
}

/// Chapters for a course, in one hour of the week; right: as a batch job.
pub(super) fn weekly(making: &mut Making<'_>) {
    let (on, hour) = (i64::from(making.dice.within((0, 6))), i64::from(making.dice.within((0, 23))));
    let usual = making.dice.within((250, 370));
    for day in (0..DAYS).filter(|day| weekday(*day) == on) {
        let late = i64::from(making.dice.within((0, 300)));
        let count = making.dice.within((usual, usual + 30));
        let count = making.scaled(count);
        let mode = if making.habit { Mode::Standard } else { right(count) };
        making.at_moments(START + day * DAY + hour * HOUR + late, 3_000, count, |at, time| {
            ask(at, time, &CHAPTERS, mode);
        });
    }
}

/// The local days of the nights that end in a working day.
pub(super) fn nights() -> impl Iterator<Item = i64> {
    LOCAL_DAYS.filter(|day| !is_weekend(*day))
}

/// When a nightly run begins.
pub(super) fn at_night(making: &mut Making<'_>) -> (Zone, i64) {
    (Zone::of(&mut making.dice), i64::from(making.dice.within(NIGHT)) * MINUTE)
}

/// Briefs of the week, at night: 30 to 60 reports, too few for a batch job, on a model without a flex price.
pub(super) fn too_few(making: &mut Making<'_>) {
    let (zone, begins) = at_night(making);
    let usual = making.dice.within((30, 45));
    for day in nights() {
        let late = i64::from(making.dice.within((0, 120)));
        let count = making.dice.within((usual, usual + 15));
        let count = making.scaled(count).min(60);
        making.at_moments(zone.at(day, begins) + late, 300, count, |at, time| {
            ask(at, time, &REPORTS, Mode::Standard);
        });
    }
}

const TOOLS: [&str; 2] = ["read_metrics", "tail_logs"];
/// Questions of a nightly audit: with three calls each more than a batch job needs, if it took tools.
const AUDITS: u32 = 34;

/// An agent that looks at every service at night: two tools and a verdict, on a model without a flex price. No batch job
/// answers a tool.
pub(super) fn audits(making: &mut Making<'_>) {
    let (zone, begins) = at_night(making);
    for day in nights() {
        let late = i64::from(making.dice.within((0, 120)));
        let count = making.scaled(AUDITS);
        making.at_moments(zone.at(day, begins) + late, 600, count, audit);
    }
}

fn audit(at: &mut Making<'_>, start: i64) {
    let tools: Vec<Block> = TOOLS.iter().map(|name| Block::of(Content::Tool(Tool { name, tokens: 90 }))).collect();
    let system = vec![at.text("instructions", 0, 90)];
    let user = at.dice.within((60, 90));
    let mut messages = vec![Message::user(vec![at.text("request", at.made, user)])];
    let mut time = start;
    let how = (&KIMI_THINKING, false, Mode::Standard);
    for name in TOOLS {
        let (input, result) = (at.dice.within((20, 30)), at.dice.within((4_000, 5_000)));
        let call = Content::ToolUse(name, at.piece("tool input", at.made, input), at.made);
        let prompt = Prompt::Full { tools: tools.clone(), system: system.clone(), messages: messages.clone() };
        let result = Content::ToolResult(at.piece("tool result", at.made, result), at.made);
        at.push_as(time, how, prompt, 8_192, call.clone());
        messages.push(Message::assistant(vec![Block::of(call)]));
        messages.push(Message::user(vec![Block::of(result)]));
        time += i64::from(at.dice.within((4, 15)));
    }
    let output = at.dice.within((5_000, 6_000));
    let answer = Content::Text(at.piece("answer", at.made, output));
    at.push_as(time, how, Prompt::Full { tools, system, messages }, 8_192, answer);
}
