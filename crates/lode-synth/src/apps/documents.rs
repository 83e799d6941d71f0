//! Long inputs that differ from call to call: contracts, summaries, notes of meetings, retrieved passages.

use super::{Making, Operation, question};
use crate::call::{Block, Content, Mode};
use crate::month::{HOUR, Hours};
use crate::prices::{HAIKU, NOVA, OPUS, SONNET};

/// One to three at night, every night.
pub(super) const NIGHT: Hours = Hours { from: HOUR, seconds: 2 * HOUR, weekends: true, least: 0, gap: (2, 2) };

/// Long memoranda on a document. Each document twice, around what is asked; right: once. Every hundredth is so long that its body is kept beside
/// the log (over 100 KB).
pub(super) fn contracts(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (long, short, output) =
            (at.dice.within((14_000, 15_000)), at.dice.within((2_800, 3_600)), at.dice.within((1_000, 1_600)));
        let document = at.text("contract", at.made, if at.made % 100 == 0 { long } else { short });
        let mut user = vec![document.clone(), at.text("user", at.made, 90)];
        if at.habit {
            user.push(document);
        }
        let prompt = question(vec![at.text("instructions", 0, 300)], user);
        at.push(time, &OPUS, prompt, 4_096, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Summaries at night on demand; right: as a batch job. The twin streams them by day to people.
pub(super) fn summaries(making: &mut Making<'_>) {
    let streams = making.app.operation == Operation::ConverseStream;
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((2_700, 3_300)), at.dice.within((450, 700)));
        let prompt = question(vec![at.text("instructions", 0, 280)], vec![at.text("user", at.made, user)]);
        let mode = if at.habit || streams { Mode::Standard } else { Mode::Batch };
        let answer = Content::Text(at.piece("answer", at.made, output));
        at.push_as(time, (&NOVA, true, mode), prompt, 4_096, answer);
        time
    });
}

/// Short summaries of meetings, asked of a model of the middle tier; right: of the lower tier. The system prompt is below
/// the cache minimum of both.
pub(super) fn notes(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((1_500, 2_500)), at.dice.within((80, 160)));
        let prompt = question(vec![at.text("instructions", 0, 220)], vec![at.text("user", at.made, user)]);
        let answer = Content::Text(at.piece("answer", at.made, output));
        at.push(time, if at.habit { &SONNET } else { &HAIKU }, prompt, 512, answer);
        time
    });
}

/// Twenty passages of 300 tokens for each question; right: the first five.
pub(super) fn passages(making: &mut Making<'_>) {
    retrieved(making, |habit| (if habit { 20 } else { 5 }, 300));
}

/// Five passages of 1,600 tokens for each question; right: the first 500 of each.
pub(super) fn long_passages(making: &mut Making<'_>) {
    retrieved(making, |habit| (5, if habit { 1_600 } else { 500 }));
}

/// How many passages, and of how many tokens, with the habit or without.
fn retrieved(making: &mut Making<'_>, size: fn(bool) -> (u32, u32)) {
    making.at_arrivals(|at, time| {
        let output = at.dice.within((150, 350));
        let (chunks, tokens) = size(at.habit);
        let mut user: Vec<Block> = (1..=chunks)
            .map(|index| {
                Block::of(Content::Passage(index, at.piece("passage", at.made * 100 + u64::from(index), tokens)))
            })
            .collect();
        user.push(Block::of(Content::Text(at.short("user", at.made))));
        let prompt = question(vec![at.text("instructions", 0, 300)], user);
        at.push(time, &OPUS, prompt, 1_024, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}
