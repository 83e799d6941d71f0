//! Behind a guardrail: a chat, letters, notes of meetings. Their models have nothing to cache, and their texts are of
//! plain letters, so that a byte is a character.

use super::{Making, Part, question};
use crate::call::{Block, Content, Message, Mode, Prompt};
use crate::guardrails;
use crate::habits::HabitId;
use crate::month::day_of;
use crate::prices::{MISTRAL, Model, NOVA};

const TURNS_KEPT: usize = 4;

impl Making<'_> {
    /// A call behind the guardrail of this app.
    fn push_guarded(&mut self, time: i64, model: &'static Model, prompt: Prompt, answer: Content) {
        let guard = guardrails::of_part(self.app.part, self.habit);
        let how = (model, model.global.is_some(), Mode::Standard);
        if let Some(call) = self.push_as(time, how, prompt, 1_024, answer) {
            call.guard = guard;
        }
    }
}

/// A chat that keeps four turns, all of which are evaluated on every turn; right: only what was said last is marked for it.
pub(super) fn claims(making: &mut Making<'_>) {
    let all = making.app.part == Part::Has(HabitId::GuardedHistory) && making.habit;
    making.at_arrivals(|at, start| {
        let system = vec![at.text("instructions", 0, 200)];
        let turns = at.dice.within((10, 16));
        let (mut messages, mut time) = (Vec::new(), start);
        for turn in 0..turns {
            if turn > 0 {
                time += at.dice.slots(at.app.hours.gap);
            }
            if day_of(time) != day_of(start) {
                break;
            }
            let (user, output) = (at.dice.within((520, 680)), at.dice.within((260, 340)));
            let said = at.piece("question", at.made, user);
            let newest = Message::user(vec![Block::of(if all { Content::Text(said) } else { Content::Guarded(said) })]);
            let answer = at.piece("answer", at.made, output);
            let mut sent: Vec<Message> = messages[messages.len().saturating_sub(2 * TURNS_KEPT - 2)..].to_vec();
            sent.push(newest);
            let prompt = Prompt::Full { tools: Vec::new(), system: system.clone(), messages: sent };
            at.push_guarded(time, &MISTRAL, prompt, Content::Text(answer));
            messages.push(Message::user(vec![Block::of(Content::Text(said))]));
            messages.push(Message::assistant(vec![Block::of(Content::Text(answer))]));
        }
        time
    });
}

/// Reports made shorter, one a call: what is evaluated is what is asked.
pub(super) fn digests(making: &mut Making<'_>) {
    shortened(making, (220, 300));
}

/// Meetings in a few sentences, the same way.
pub(super) fn recaps(making: &mut Making<'_>) {
    shortened(making, (80, 160));
}

fn shortened(making: &mut Making<'_>, output: (u32, u32)) {
    making.at_arrivals(|at, time| {
        let (user, output) = (at.dice.within((1_100, 1_500)), at.dice.within(output));
        let prompt = question(vec![at.text("instructions", 0, 220)], vec![at.text("user", at.made, user)]);
        let answer = Content::Text(at.piece("answer", at.made, output));
        at.push_guarded(time, &NOVA, prompt, answer);
        time
    });
}
