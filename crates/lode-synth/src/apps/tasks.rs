//! Agents that waste calls: some of an answer that nobody can use, some sent again too early, some in circles, some on and
//! on. Their model has nothing to cache, and no flex price; no batch job answers a tool. A call that is not made keeps its
//! number, so that the month without a habit has the other calls as they are.

use super::{Making, Part, question};
use crate::call::{Block, Content, Message, Mode, Piece, Prompt, Tool};
use crate::month::SLOT;
use crate::prices::KIMI_THINKING;

const TOOLS: [&str; 3] = ["read_metrics", "tail_logs", "create_ticket"];
const LONGEST: u32 = 8_192;

/// A task under way: what has been said so far, and when it goes on.
struct Task {
    tools: Vec<Block>,
    system: Vec<Block>,
    messages: Vec<Message>,
    time: i64,
}

impl Task {
    /// Offers the tools that the app calls, and no others.
    fn begin(at: &mut Making<'_>, time: i64, tools: &[&'static str]) -> Self {
        let tools = tools.iter().map(|name| Block::of(Content::Tool(Tool { name, tokens: 90 }))).collect();
        let system = vec![at.text("instructions", 0, 90)];
        let asked = at.dice.within((60, 90));
        let messages = vec![Message::user(vec![at.text("request", at.made, asked)])];
        Self { tools, system, messages, time }
    }

    /// A call with all that has been said, if it is made; the next comes a slot later.
    fn call(&mut self, at: &mut Making<'_>, made: bool, answer: Content, malformed: bool) {
        let Self { tools, system, messages, .. } = self;
        let (tools, system, messages) = (tools.clone(), system.clone(), messages.clone());
        let prompt = Prompt::Full { tools, system, messages };
        if !made {
            at.skip();
        } else if let Some(call) =
            at.push_as(self.time, (&KIMI_THINKING, false, Mode::Standard), prompt, LONGEST, answer)
        {
            call.malformed = malformed;
        }
        self.time += SLOT;
    }

    /// A tool is called, and its result added to what has been said.
    fn step(&mut self, at: &mut Making<'_>, made: bool, (name, input): (&'static str, Piece), result: u32) {
        let number = at.made;
        let used = Content::ToolUse(name, input, number);
        let result = Content::ToolResult(at.piece("tool result", number, result), number);
        self.call(at, made, used.clone(), false);
        if made {
            self.messages.push(Message::assistant(vec![Block::of(used)]));
            self.messages.push(Message::user(vec![Block::of(result)]));
        }
    }

    fn finish(mut self, at: &mut Making<'_>, made: bool) -> i64 {
        let output = at.dice.within((60, 140));
        let answer = Content::Text(at.piece("answer", at.made, output));
        self.call(at, made, answer, false);
        self.time
    }
}

fn input(at: &mut Making<'_>) -> Piece {
    let tokens = at.dice.within((20, 30));
    at.piece("tool input", at.made, tokens)
}

/// Three calls a task, the second of which files a long ticket. In three tasks of four its first attempt is no valid tool
/// call, and is asked again with a hint; right: the attempts that failed are not paid for. The twin's never fail.
pub(super) fn tickets(making: &mut Making<'_>) {
    let mut tasks = 0_u32;
    making.at_arrivals(|at, start| {
        let fails = matches!(at.app.part, Part::Has(_)) && tasks % 4 != 3;
        tasks += 1;
        let mut task = Task::begin(at, start, &["read_metrics", "create_ticket"]);
        let (asked, result) = (input(at), at.dice.within((1_600, 2_200)));
        task.step(at, true, ("read_metrics", asked), result);
        if fails {
            let output = at.dice.within((4_000, 5_000));
            let answer = Content::Text(at.piece("answer", at.made, output));
            let made = at.habit;
            task.call(at, made, answer, true);
            let hint = at.text("request", at.made, 24);
            if let Some(last) = task.messages.last_mut() {
                last.blocks.push(hint);
            }
        }
        let output = at.dice.within((4_000, 5_000));
        let ticket = at.piece("tool input", at.made, output);
        task.step(at, true, ("create_ticket", ticket), 40);
        task.finish(at, true)
    });
}

/// How often the same is asked of a tool: more of it tells nothing new.
pub(crate) const EQUAL_CALLS: u32 = 3;
const CIRCLES: u32 = 10;

/// A tool is asked the same until something has happened. A third of the tasks ask ten times; right: three times, as all the
/// others do.
pub(super) fn polls(making: &mut Making<'_>) {
    let mut tasks = 0_u32;
    making.at_arrivals(|at, start| {
        let circles = matches!(at.app.part, Part::Has(_)) && tasks.is_multiple_of(3);
        tasks += 1;
        let mut task = Task::begin(at, start, &["tail_logs"]);
        let asked = input(at);
        for step in 0..if circles { CIRCLES } else { EQUAL_CALLS } {
            let result = at.dice.within((900, 1_100));
            let made = at.habit || step < EQUAL_CALLS;
            task.step(at, made, ("tail_logs", asked), result);
        }
        task.finish(at, true)
    });
}

/// Calls of a task that it takes at most, where it comes to an end.
pub(crate) const STEPS: u32 = 15;
const ENDLESS: u32 = 30;

/// Four to six calls a task. A tenth of the tasks go on to thirty; right: they are stopped after fifteen. Of the twin's a tenth have
/// twelve to fourteen.
pub(super) fn cases(making: &mut Making<'_>) {
    let mut tasks = 0_u32;
    making.at_arrivals(|at, start| {
        let long = tasks.is_multiple_of(10);
        tasks += 1;
        let (usual, longer) = (at.dice.within((4, 6)), at.dice.within((12, 14)));
        let steps = match at.app.part {
            Part::Has(_) if long => ENDLESS,
            _ if long => longer,
            _ => usual,
        };
        let mut task = Task::begin(at, start, &TOOLS);
        for step in 1..steps {
            let (asked, result) = (input(at), at.dice.within((250, 350)));
            let made = at.habit || step <= STEPS;
            task.step(at, made, (TOOLS[step as usize % TOOLS.len()], asked), result);
        }
        let made = at.habit || steps <= STEPS;
        task.finish(at, made)
    });
}

/// Long texts and short ones, in turn. A long one takes more than twice as long as its client waits: the same is sent again after each
/// wait, twice, while the first call is under way. Right: the client waits, as the twin's does.
pub(super) fn briefs(making: &mut Making<'_>) {
    let mut asked = 0_u32;
    making.at_arrivals(|at, start| {
        let (user, long, short) =
            (at.dice.within((1_400, 2_000)), at.dice.within((6_500, 7_500)), at.dice.within((2_000, 2_400)));
        let is_long = asked.is_multiple_of(2);
        asked += 1;
        let prompt = question(vec![at.text("instructions", 0, 210)], vec![at.text("user", at.made, user)]);
        let again = if is_long && matches!(at.app.part, Part::Has(_)) { 2 } else { 0 };
        let how = (&KIMI_THINKING, false, Mode::Standard);
        let mut time = start;
        for attempt in 0..=again {
            if attempt > 0 && !at.habit {
                at.skip();
            } else {
                let answer = Content::Text(at.piece("answer", at.made, if is_long { long } else { short }));
                at.push_as(time, how, prompt.clone(), LONGEST, answer);
            }
            time += SLOT;
        }
        time
    });
}
