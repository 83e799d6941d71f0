//! Who calls: the apps with a planted habit, their twins that do the same thing right, and what lies beside them.

mod agents;
mod all;
mod answers;
mod code;
mod documents;
mod guarded;
mod jobs;
mod task;
mod tasks;
mod tiers;
mod units;
mod waiting;
mod writing;

use crate::call::{Block, Call, Content, Message, Mode, Piece, Prompt};
use crate::habits::HabitId;
use crate::month::{DAYS, Dice, HOUR, Hours, SLOT, day_of};
use crate::prices::Model;
use crate::voices;

#[cfg(test)]
pub(crate) use agents::TOOLS;
pub(crate) use all::ALL;
#[cfg(test)]
pub(crate) use jobs::FEWEST_RECORDS;
pub use task::Task;
#[cfg(test)]
pub(crate) use tasks::{EQUAL_CALLS, STEPS};
pub(crate) use units::{UNITS, UNLOGGED};

/// Pays for the organisation; buys Claude from AWS; the only account whose bill names principals.
pub(crate) const PAYER: &str = "111111111111";
/// Buys Claude through AWS Marketplace.
pub(crate) const MEMBER: &str = "222222222222";
pub(crate) const OTHER: &str = "333333333333";
pub(crate) const REGION: &str = "us-east-1";

/// How an app calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Converse,
    ConverseStream,
    Invoke,
    InvokeStream,
}

impl Operation {
    pub(crate) const fn streams(self) -> bool {
        matches!(self, Self::ConverseStream | Self::InvokeStream)
    }
}

/// One app: an IAM role of its own.
pub(crate) struct App {
    pub role: &'static str,
    pub account: &'static str,
    pub operation: Operation,
    /// The habit it has while that is on; the twin of a habit has none.
    pub part: Part,
    /// What its calls are for.
    pub task: Task,
    /// How it may speak, by files of `texts`; the seed decides.
    pub voices: &'static [&'static str],
    /// The application inference profile or provisioned model that it calls instead of the model.
    pub through: Option<&'static str>,
    pub hours: Hours,
    make: fn(&mut Making<'_>),
}

/// What an app stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Has(HabitId),
    TwinOf(HabitId),
    Beside,
}

const fn office(seconds: i64, gap: (u32, u32)) -> Hours {
    Hours { from: 8 * HOUR, seconds, weekends: false, least: 0, gap }
}

const fn round_the_clock(seconds: i64, gap: (u32, u32)) -> Hours {
    // Long gaps: a shorter day would hold a single call.
    Hours { from: 0, seconds, weekends: true, least: 160 * MINUTE, gap }
}

const MINUTE: i64 = 60;

/// An app that calls through nothing and says nothing: nobody can tell what its calls are for.
const fn app(
    role: &'static str,
    account: &'static str,
    operation: Operation,
    part: Part,
    hours: Hours,
    make: fn(&mut Making<'_>),
) -> App {
    App { role, account, operation, part, task: Task::Unknown, voices: &[], through: None, hours, make }
}

impl App {
    /// With bodies: what its calls are for, and its voices.
    const fn that(self, task: Task, voices: &'static [&'static str]) -> Self {
        Self { task, voices, ..self }
    }

    const fn through(self, path: &'static str) -> Self {
        Self { through: Some(path), ..self }
    }

    /// Whether its calls keep to a second of their own in each slot. Others call when their work comes, some at the same
    /// second, and models without a cache, where the order of such calls is all one.
    pub(crate) const fn keeps_slots(&self) -> bool {
        self.hours.gap.1 > 0
    }

    /// How bills and logs name the caller: an application inference profile stands before the role.
    pub(crate) fn caller(&self) -> String {
        match self.through {
            Some(profile) if profile.starts_with("application-inference-profile/") => profile.to_owned(),
            _ => format!("role/{}", self.role),
        }
    }
}

/// The app of a caller, as bills and logs name it, as `role/name`, or by the name of the role alone.
pub(crate) fn position(caller: &str) -> Option<usize> {
    let role = caller.strip_prefix("role/").unwrap_or(caller);
    ALL.iter().position(|app| app.role == role || app.caller() == caller)
}

/// An app at work.
pub(crate) struct Making<'a> {
    app: &'static App,
    position: usize,
    seed: u64,
    scale: u32,
    /// Whether this app has the habit of its part.
    habit: bool,
    dice: Dice,
    calls: &'a mut Vec<Call>,
    made: u64,
    /// Hundredths of a call that the scale has left over.
    due: u32,
}

/// The calls of all apps, in time order.
pub(crate) fn calls(seed: u64, scale: u32, on: impl Fn(HabitId) -> bool) -> Vec<Call> {
    let mut calls = Vec::new();
    for (position, app) in ALL.iter().enumerate() {
        let habit = matches!(app.part, Part::Has(habit) if on(habit));
        make(app, position, (seed, scale, habit), &mut calls);
    }
    calls.sort_by_key(|call| (call.time, call.app, call.number));
    calls
}

fn make(app: &'static App, position: usize, (seed, scale, habit): (u64, u32, bool), calls: &mut Vec<Call>) {
    let dice = Dice::of(seed, position);
    (app.make)(&mut Making { app, position, seed, scale, habit, dice, calls, made: 0, due: 0 });
}

/// The calls of one app, in time order: what a whole month has of it.
#[cfg(test)]
pub(crate) fn calls_of(role: &str, seed: u64, scale: u32, habit: bool) -> Vec<Call> {
    let mut calls = Vec::new();
    let position = position(role).expect("an app");
    make(&ALL[position], position, (seed, scale, habit), &mut calls);
    calls.sort_by_key(|call| (call.time, call.number));
    calls
}

impl Making<'_> {
    /// A text of this app.
    fn piece(&self, topic: &'static str, number: u64, tokens: u32) -> Piece {
        Piece { role: self.app.role, topic, number, tokens, seed: self.seed }
    }

    fn text(&self, topic: &'static str, number: u64, tokens: u32) -> Block {
        Block::of(Content::Text(self.piece(topic, number, tokens)))
    }

    /// A text as long as its words.
    fn short(&self, topic: &'static str, number: u64) -> Piece {
        let piece = self.piece(topic, number, 0);
        Piece { tokens: voices::natural(&piece), ..piece }
    }

    /// A call that is not made keeps its number.
    const fn skip(&mut self) {
        self.made += 1;
    }

    /// The second of a moment's slot that is this app's, if it keeps to slots.
    const fn own_second(&self, time: i64) -> i64 {
        if !self.app.keeps_slots() {
            return time;
        }
        time - time.rem_euclid(SLOT) + (self.position as i64) % SLOT
    }

    /// Calls `each` at every arrival of every day. What it returns is when it was done, for conversations.
    fn at_arrivals(&mut self, mut each: impl FnMut(&mut Self, i64) -> i64) {
        for day in 0..DAYS {
            let (mut time, end) = self.app.hours.of_day(day, self.scale);
            loop {
                time = each(self, time) + self.dice.slots(self.app.hours.gap);
                if time >= end {
                    break;
                }
            }
        }
    }

    /// So many calls at this scale. What is left over counts next time.
    const fn scaled(&mut self, calls: u32) -> u32 {
        self.due = self.due.saturating_add(calls.saturating_mul(self.scale));
        let whole = self.due / 100;
        self.due %= 100;
        whole
    }

    /// Calls `each` so many times, at moments of chance from `from` to `seconds` later, in time order.
    fn at_moments(&mut self, from: i64, seconds: u32, count: u32, mut each: impl FnMut(&mut Self, i64)) {
        let mut moments: Vec<i64> = (0..count).map(|_| from + i64::from(self.dice.within((0, seconds)))).collect();
        moments.sort_unstable();
        for time in moments {
            each(self, time);
        }
    }

    /// Calls `each` now and then from a moment to another, at most once a minute: so many times an hour on average, and
    /// no more likely soon after the last time than later.
    fn now_and_then(&mut self, (from, to): (i64, i64), an_hour: u32, mut each: impl FnMut(&mut Self, i64)) {
        for minute in 0..(to - from) / MINUTE {
            let (chance, second) = (self.dice.within((1, 60 * 100)), self.dice.within((0, 59)));
            if chance <= an_hour.saturating_mul(self.scale) {
                each(self, from + minute * MINUTE + i64::from(second));
            }
        }
    }

    fn push(&mut self, time: i64, model: &'static Model, prompt: Prompt, max_output: u32, answer: Content) {
        self.push_as(time, (model, model.global.is_some(), Mode::Standard), prompt, max_output, answer);
    }

    /// A call; nothing where it would fall out of the window.
    fn push_as(
        &mut self,
        time: i64,
        (model, global, mode): (&'static Model, bool, Mode),
        prompt: Prompt,
        max_output: u32,
        answer: Content,
    ) -> Option<&mut Call> {
        let time = self.own_second(time);
        if !(0..DAYS).contains(&day_of(time)) {
            self.skip();
            return None;
        }
        let (app, number) = (self.position, self.made);
        self.calls.push(Call {
            time,
            app,
            number,
            model,
            global,
            mode,
            prompt,
            max_output,
            answer,
            guard: None,
            malformed: false,
        });
        self.made += 1;
        self.calls.last_mut()
    }
}

/// A prompt without tools, of one message.
fn question(system: Vec<Block>, user: Vec<Block>) -> Prompt {
    Prompt::Full { tools: Vec::new(), system, messages: vec![Message::user(user)] }
}

/// Calls of one question and its answer: the topics `instructions`, `user` and `answer`.
struct Asked {
    model: &'static Model,
    /// Tokens of the system prompt; 0: none, what is asked stands in the user's message alone.
    system: u32,
    /// Tokens of the user's text; `None`: as long as its words.
    user: Option<(u32, u32)>,
    /// Tokens of the answer; `None`: as long as its words.
    output: Option<(u32, u32)>,
    max_output: u32,
}

fn asked(making: &mut Making<'_>, what: &Asked) {
    making.at_arrivals(|at, time| {
        ask(at, time, what, Mode::Standard);
        time
    });
}

fn ask(at: &mut Making<'_>, time: i64, what: &Asked, mode: Mode) {
    let mut sized = |topic: &'static str, range: Option<(u32, u32)>| match range {
        Some(range) => {
            let tokens = at.dice.within(range);
            at.piece(topic, at.made, tokens)
        }
        None => at.short(topic, at.made),
    };
    let (user, answer) = (sized("user", what.user), sized("answer", what.output));
    let system = if what.system > 0 { vec![at.text("instructions", 0, what.system)] } else { Vec::new() };
    let prompt = question(system, vec![Block::of(Content::Text(user))]);
    let how = (what.model, what.model.global.is_some(), mode);
    at.push_as(time, how, prompt, what.max_output, Content::Text(answer));
}
