//! Short questions: labels, policies, fields, facts; and what is written under long rules: shift reports, mail drafts.

use super::{Asked, Making, asked, question};
use crate::call::{Content, Ttl};
use crate::prices::{HAIKU, NOVA, OPUS, SONNET};

/// Labels of a few tokens, asked of a model of the middle tier; right: of the lower tier. The system prompt is below
/// the cache minimum of both.
pub(super) fn labels(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let user = at.dice.within((3_600, 4_400));
        let prompt = question(vec![at.text("instructions", 0, 300)], vec![at.text("user", at.made, user)]);
        let answer = Content::Text(at.short("answer", at.made));
        at.push(time, if at.habit { &SONNET } else { &HAIKU }, prompt, 16, answer);
        time
    });
}

/// A static system prompt, never more than 144 seconds apart within the day and not marked; right: a marker after
/// it. The user's message has the few excerpts that were found for the question.
pub(super) fn policy(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((420, 620)), at.dice.within((80, 200)));
        let policies = at.text("handbook", 0, 5_000);
        let system = if at.habit { policies } else { policies.marked(Ttl::FiveMinutes) };
        let prompt = question(vec![system], vec![at.text("user", at.made, user)]);
        at.push(time, &OPUS, prompt, 1_024, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Whole reports from a few notes. The same 6 to 30 minutes apart, round the clock; right: a marker that lives an hour.
pub(super) fn shift(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((300, 500)), at.dice.within((900, 1_500)));
        let handbook = at.text("handbook", 0, 5_000);
        let system = if at.habit { handbook } else { handbook.marked(Ttl::OneHour) };
        let prompt = question(vec![system], vec![at.text("user", at.made, user)]);
        at.push(time, &OPUS, prompt, 4_096, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Letters from a brief. A block with the time stands before the marked static block: every call writes, none reads. Right: no marker.
pub(super) fn mail(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((200, 400)), at.dice.within((800, 1_400)));
        let style = at.text("handbook", 0, 5_000);
        let style = if at.habit { style.marked(Ttl::FiveMinutes) } else { style };
        let now = at.text("now", at.made, 16);
        let prompt = question(vec![now, style], vec![at.text("user", at.made, user)]);
        at.push(time, &OPUS, prompt, 4_096, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// Questions that every help desk knows, on the lower tier; below its cache minimum.
pub(super) fn faq(making: &mut Making<'_>) {
    asked(making, &Asked { model: &HAIKU, system: 180, user: None, output: None, max_output: 512 });
}

/// Questions without any instructions.
pub(super) fn facts(making: &mut Making<'_>) {
    asked(making, &Asked { model: &NOVA, system: 0, user: None, output: None, max_output: 512 });
}

/// The fields of invoices, on the lower tier; below its cache minimum.
pub(super) fn invoices(making: &mut Making<'_>) {
    asked(making, &Asked { model: &HAIKU, system: 260, user: Some((500, 1_100)), output: None, max_output: 1_024 });
}

/// The fields of applications; what is asked stands before each.
pub(super) fn profiles(making: &mut Making<'_>) {
    asked(making, &Asked { model: &NOVA, system: 0, user: Some((900, 1_600)), output: None, max_output: 1_024 });
}
