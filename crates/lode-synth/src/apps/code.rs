//! Work on programs, for which the dearer models are there: types for payloads, queries, help with pasted files, reviews.

use super::{Asked, Making, asked, question};
use crate::call::{Block, Content};
use crate::prices::{MISTRAL, OPUS};
use crate::{shapes, voices};

/// Types for a payload that is sent pretty-printed; right: compact. Nothing but the short instructions is the same in
/// two prompts.
pub(super) fn types(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (compact, output) = (at.dice.within((2_600, 2_900)), at.dice.within((400, 700)));
        let indent = voices::indent(&at.piece("json", 0, 0));
        let payload = if at.habit {
            Content::Json(at.piece("json", at.made, compact + shapes::white_tokens(indent)), Some(indent))
        } else {
            Content::Json(at.piece("json", at.made, compact), None)
        };
        let user = vec![at.text("user", at.made, 40), Block::of(payload)];
        let prompt = question(vec![at.text("instructions", 0, 160)], user);
        at.push(time, &OPUS, prompt, 2_048, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Queries after twenty worked examples; right: after five. The model has no cache.
pub(super) fn queries(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let user = at.dice.within((40, 70));
        let count = if at.habit { 20 } else { 5 };
        let examples = at.piece("examples", 0, shapes::examples_tokens(count));
        let prompt =
            question(vec![Block::of(Content::Examples(examples, count))], vec![at.text("user", at.made, user)]);
        at.push(time, &MISTRAL, prompt, 1_024, Content::Text(at.short("answer", at.made)));
        time
    });
}

/// Tokens of the instructions and of the question around a pasted text.
const AROUND_PASTE: (u32, u32) = (240, 60);
/// Tokens of whole prompts, but for the outliers.
const USUAL_PROMPT: (u32, u32) = (3_000, 4_000);

/// Help with pasted code. In one call of a hundred somebody pastes a file some forty times as long; right: cut, so that
/// the prompt is as long as the longest of the others.
pub(super) fn pastes(making: &mut Making<'_>) {
    let (system, asks) = AROUND_PASTE;
    making.at_arrivals(|at, time| {
        let (usual, long) = (at.dice.within(USUAL_PROMPT), at.dice.within((120_000, 130_000)));
        let output = at.dice.within((300, 600));
        let paste = match at.made % 100 {
            20 if at.habit => long,
            20 => USUAL_PROMPT.1 - system - asks,
            _ => usual - system - asks,
        };
        let user = vec![at.text("user", at.made, asks), at.text("paste", at.made, paste)];
        let prompt = question(vec![at.text("instructions", 0, system)], user);
        at.push(time, &OPUS, prompt, 2_048, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Reviews of changes; what is asked stands before each change.
pub(super) fn reviews(making: &mut Making<'_>) {
    let (user, output) = (Some((1_200, 2_400)), Some((350, 700)));
    asked(making, &Asked { model: &OPUS, system: 0, user, output, max_output: 2_048 });
}
