//! Short questions: labels, policies, shift reports, mail drafts.

use super::{Making, question};
use crate::call::{Content, Ttl};
use crate::prices::{HAIKU, OPUS, SONNET};

/// Labels of a few tokens, asked of a model of the middle tier; right: of the lower tier. The system prompt is below
/// the cache minimum of both.
pub(super) fn labels(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, label) = (at.dice.within((3_600, 4_400)), at.dice.within((4, 8)));
        let prompt = question(vec![at.text("instructions", 0, 440)], vec![at.text("ticket", at.made, user)]);
        let answer = Content::Text(at.piece("label", u64::from(label), label));
        at.push(time, if at.habit { &SONNET } else { &HAIKU }, prompt, 16, answer);
        time
    });
}

/// A static system prompt, never more than 144 seconds apart within the day and not marked; right: a marker after
/// it.
pub(super) fn policy(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((120, 180)), at.dice.within((80, 200)));
        let policies = at.text("policies", 0, 7_000);
        let system = if at.habit { policies } else { policies.marked(Ttl::FiveMinutes) };
        let prompt = question(vec![system], vec![at.text("question", at.made, user)]);
        at.push(time, &OPUS, prompt, 1_024, Content::Text(at.piece("answer", at.made, output)));
        time
    });
}

/// The same 6 to 30 minutes apart, round the clock; right: a marker that lives an hour.
pub(super) fn shift(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((300, 500)), at.dice.within((150, 350)));
        let handbook = at.text("handbook", 0, 7_000);
        let system = if at.habit { handbook } else { handbook.marked(Ttl::OneHour) };
        let prompt = question(vec![system], vec![at.text("events", at.made, user)]);
        at.push(time, &OPUS, prompt, 2_048, Content::Text(at.piece("report", at.made, output)));
        time
    });
}

/// A block with the time stands before the marked static block: every call writes, none reads. Right: no marker.
pub(super) fn mail(making: &mut Making<'_>) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((200, 400)), at.dice.within((100, 300)));
        let style = at.text("style guide", 0, 7_000);
        let style = if at.habit { style.marked(Ttl::FiveMinutes) } else { style };
        let now = at.text("now", at.made, 16);
        let prompt = question(vec![now, style], vec![at.text("mail", at.made, user)]);
        at.push(time, &OPUS, prompt, 1_024, Content::Text(at.piece("draft", at.made, output)));
        time
    });
}
