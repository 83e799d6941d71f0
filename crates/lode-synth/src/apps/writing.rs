//! Texts written from a brief, and texts said again in another way.

use std::collections::BTreeMap;

use super::{Asked, Making, asked, question};
use crate::call::Content;
use crate::month::DAY;
use crate::prices::{HAIKU, NOVA, SONNET};

/// Products whose pages are asked for again and again.
const PRODUCTS: u32 = 30;

/// Pages of a few products, the same prompt and the same answer each time; right: what was answered within 24 hours is
/// not asked again. The twin has a new product every time. Prompts are below the cache minimum.
pub(super) fn pages(making: &mut Making<'_>) {
    let repeats = matches!(making.app.part, super::Part::Has(_));
    let mut asked: BTreeMap<u64, i64> = BTreeMap::new();
    making.at_arrivals(|at, time| {
        let product = u64::from(at.dice.within((1, PRODUCTS)));
        let number = if repeats { product } else { at.made };
        let output = 700 + u32::try_from(number * 37 % 300).unwrap_or_default();
        if !at.habit && repeats && asked.get(&number).is_some_and(|before| time - before <= DAY) {
            at.skip();
            return time;
        }
        asked.insert(number, time);
        let prompt = question(vec![at.text("instructions", 0, 150)], vec![at.text("user", number, 180)]);
        at.push(time, &SONNET, prompt, 2_048, Content::Text(at.piece("answer", number, output)));
        time
    });
}

/// Long reports from a brief.
pub(super) fn reports(making: &mut Making<'_>) {
    let (user, output) = (Some((200, 400)), Some((1_800, 2_600)));
    asked(making, &Asked { model: &SONNET, system: 220, user, output, max_output: 4_096 });
}

/// Translations; what is asked stands before each text.
pub(super) fn translate(making: &mut Making<'_>) {
    let (user, output) = (Some((500, 900)), Some((450, 800)));
    asked(making, &Asked { model: &HAIKU, system: 0, user, output, max_output: 2_048 });
}

/// Drafts in a better tone.
pub(super) fn polish(making: &mut Making<'_>) {
    let (user, output) = (Some((200, 450)), Some((180, 420)));
    asked(making, &Asked { model: &NOVA, system: 130, user, output, max_output: 1_024 });
}
