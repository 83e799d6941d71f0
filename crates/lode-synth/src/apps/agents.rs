//! Conversations: agents with tools, and a chat that sends its history again.

use super::Making;
use crate::call::{Block, Content, Message, Prompt, Tool};
use crate::month::{SLOT, day_of};
use crate::prices::{MISTRAL, SONNET};

/// Every tool that the agent may be offered; only the first three are ever called.
pub(crate) const TOOLS: [&str; 14] = [
    "find_customer",
    "list_orders",
    "create_ticket",
    "cancel_order",
    "refund_order",
    "change_address",
    "check_stock",
    "book_courier",
    "translate_text",
    "convert_currency",
    "send_survey",
    "update_profile",
    "read_calendar",
    "search_archive",
];
const USED: usize = 3;
const TURNS_KEPT: usize = 4;

/// Fourteen tools offered, three called; right: those three. A question takes one or two tool calls and an answer.
pub(super) fn desk(making: &mut Making<'_>) {
    let mut asked = 0;
    making.at_arrivals(|at, start| {
        let offered = if at.habit { TOOLS.len() } else { USED };
        let tools: Vec<Block> =
            TOOLS[..offered].iter().map(|name| Block::of(Content::Tool(Tool { name, tokens: 440 }))).collect();
        let system = vec![at.text("instructions", 0, 200)];
        let (user, steps) = (at.dice.within((80, 160)), at.dice.within((1, 2)));
        let mut messages = vec![Message::user(vec![at.text("request", at.made, user)])];
        let mut time = start;
        for _ in 0..steps {
            let (input, result) = (at.dice.within((20, 40)), at.dice.within((150, 450)));
            let called = TOOLS[asked % USED];
            asked += 1;
            let call = Content::ToolUse(called, at.piece("tool input", at.made, input), at.made);
            let prompt = Prompt::Full { tools: tools.clone(), system: system.clone(), messages: messages.clone() };
            let result = Content::ToolResult(at.piece("tool result", at.made, result), at.made);
            at.push(time, &MISTRAL, prompt, 1_024, call.clone());
            messages.push(Message::assistant(vec![Block::of(call)]));
            messages.push(Message::user(vec![Block::of(result)]));
            time += SLOT;
        }
        let output = at.dice.within((60, 140));
        let answer = Content::Text(at.piece("answer", at.made, output));
        at.push(time, &MISTRAL, Prompt::Full { tools, system, messages }, 1_024, answer);
        time
    });
}

const OPS_TOOLS: [&str; 2] = ["read_metrics", "tail_logs"];

/// A small agent of the middle tier that uses all it is offered: two steps and an answer. No prompt but the last reaches
/// the cache minimum, so that there is nothing to cache.
pub(super) fn ops(making: &mut Making<'_>) {
    making.at_arrivals(|at, start| {
        let tools: Vec<Block> =
            OPS_TOOLS.iter().map(|name| Block::of(Content::Tool(Tool { name, tokens: 70 }))).collect();
        let system = vec![at.text("instructions", 0, 70)];
        let user = at.dice.within((40, 60));
        let mut messages = vec![Message::user(vec![at.text("request", at.made, user)])];
        let mut time = start;
        for name in OPS_TOOLS {
            let (input, result) = (at.dice.within((20, 30)), at.dice.within((50, 70)));
            let call = Content::ToolUse(name, at.piece("tool input", at.made, input), at.made);
            let prompt = Prompt::Full { tools: tools.clone(), system: system.clone(), messages: messages.clone() };
            let result = Content::ToolResult(at.piece("tool result", at.made, result), at.made);
            at.push(time, &SONNET, prompt, 1_024, call.clone());
            messages.push(Message::assistant(vec![Block::of(call)]));
            messages.push(Message::user(vec![Block::of(result)]));
            time += SLOT;
        }
        let output = at.dice.within((80, 200));
        let answer = Content::Text(at.piece("answer", at.made, output));
        at.push(time, &SONNET, Prompt::Full { tools, system, messages }, 1_024, answer);
        time
    });
}

/// Conversations of 20 to 28 turns (until midnight at most), each of which sends all earlier ones again; right: only the last four.
pub(super) fn chat(making: &mut Making<'_>) {
    making.at_arrivals(|at, start| {
        let system = vec![at.text("instructions", 0, 200)];
        let turns = at.dice.within((20, 28));
        let (mut messages, mut time) = (Vec::new(), start);
        for turn in 0..turns {
            if turn > 0 {
                time += at.dice.slots(at.app.hours.gap);
            }
            if day_of(time) != day_of(start) {
                break;
            }
            let (user, output) = (at.dice.within((110, 170)), at.dice.within((200, 320)));
            messages.push(Message::user(vec![at.text("question", at.made, user)]));
            let answer = at.piece("answer", at.made, output);
            let kept = if at.habit { messages.len() } else { 2 * TURNS_KEPT - 1 };
            let sent = messages[messages.len().saturating_sub(kept)..].to_vec();
            let prompt = Prompt::Full { tools: Vec::new(), system: system.clone(), messages: sent };
            at.push(time, &MISTRAL, prompt, 1_024, Content::Text(answer));
            messages.push(Message::assistant(vec![Block::of(Content::Text(answer))]));
        }
        time
    });
}
