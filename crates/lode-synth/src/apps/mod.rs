//! Who calls: the apps with a planted habit, their twins that do the same thing right, and what lies beside them.

mod agents;
mod answers;
mod documents;
mod units;

use crate::call::{Block, Call, Content, Message, Mode, Piece, Prompt};
use crate::habits::HabitId;
use crate::month::{DAYS, Dice, HOUR, Hours, SLOT};
use crate::prices::Model;

#[cfg(test)]
pub(crate) use agents::TOOLS;
pub(crate) use units::{OCU_HOURS, UNITS, UNLOGGED};

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

/// An app with a habit, or a twin of one; nobody calls through anything.
const fn app(
    role: &'static str,
    account: &'static str,
    operation: Operation,
    part: Part,
    hours: Hours,
    make: fn(&mut Making<'_>),
) -> App {
    App { role, account, operation, part, through: None, hours, make }
}

/// Every app; its position is its second in each slot and its stream of chance, so new ones go to the end.
pub(crate) static ALL: [App; 21] = {
    use HabitId as H;
    use Operation::{Converse, ConverseStream, Invoke, InvokeStream};
    use Part::{Beside, Has, TwinOf};
    [
        app("ticket-triage", PAYER, Invoke, Has(H::SimpleTasks), office(6 * HOUR, (2, 4)), answers::labels),
        app("ticket-labels", PAYER, Invoke, TwinOf(H::SimpleTasks), office(3 * HOUR, (2, 4)), answers::labels),
        app("agent-desk", MEMBER, Converse, Has(H::UnusedTools), office(9 * HOUR, (10, 18)), agents::desk),
        app("agent-desk-lean", MEMBER, Converse, TwinOf(H::UnusedTools), office(270 * MINUTE, (10, 18)), agents::desk),
        app(
            "contract-review",
            PAYER,
            ConverseStream,
            Has(H::DuplicateBlocks),
            office(6 * HOUR, (5, 11)),
            documents::contracts,
        ),
        app(
            "contract-summary",
            PAYER,
            ConverseStream,
            TwinOf(H::DuplicateBlocks),
            office(3 * HOUR, (5, 11)),
            documents::contracts,
        ),
        app("helpdesk-chat", MEMBER, ConverseStream, Has(H::ResentHistory), office(6 * HOUR, (2, 5)), agents::chat),
        app(
            "helpdesk-window",
            MEMBER,
            ConverseStream,
            TwinOf(H::ResentHistory),
            office(3 * HOUR, (2, 5)),
            agents::chat,
        ),
        app("policy-qa", PAYER, ConverseStream, Has(H::NeverCached), office(330 * MINUTE, (1, 6)), answers::policy),
        App {
            through: Some("application-inference-profile/policyqa0001"),
            ..app(
                "policy-qa-cached",
                PAYER,
                ConverseStream,
                TwinOf(H::NeverCached),
                office(165 * MINUTE, (1, 6)),
                answers::policy,
            )
        },
        app(
            "shift-report",
            MEMBER,
            Converse,
            Has(H::NeverCachedHour),
            round_the_clock(24 * HOUR, (14, 75)),
            answers::shift,
        ),
        app(
            "shift-report-cached",
            MEMBER,
            Converse,
            TwinOf(H::NeverCachedHour),
            round_the_clock(12 * HOUR, (14, 75)),
            answers::shift,
        ),
        app("mail-drafts", PAYER, InvokeStream, Has(H::LosingCache), office(6 * HOUR, (4, 8)), answers::mail),
        app("mail-drafts-plain", PAYER, InvokeStream, TwinOf(H::LosingCache), office(3 * HOUR, (4, 8)), answers::mail),
        app("nightly-summaries", MEMBER, Invoke, Has(H::OvernightBatch), documents::NIGHT, documents::summaries),
        app(
            "live-summaries",
            MEMBER,
            ConverseStream,
            TwinOf(H::OvernightBatch),
            office(2 * HOUR, (2, 5)),
            documents::summaries,
        ),
        App {
            through: Some("provisioned-model/riskunit0001"),
            ..app("risk-engine", MEMBER, Converse, Has(H::IdleUnits), units::IDLE, units::risk)
        },
        App {
            through: Some("provisioned-model/riskunit0002"),
            ..app("risk-engine-busy", OTHER, Converse, TwinOf(H::IdleUnits), units::BUSY, units::risk)
        },
        app(
            "kb-assistant",
            PAYER,
            ConverseStream,
            Has(H::TooManyChunks),
            office(4 * HOUR, (3, 7)),
            documents::passages,
        ),
        app(
            "kb-assistant-small",
            PAYER,
            ConverseStream,
            TwinOf(H::TooManyChunks),
            office(2 * HOUR, (3, 7)),
            documents::passages,
        ),
        app("legacy-etl", OTHER, Converse, Beside, office(3 * HOUR, (8, 16)), units::etl),
    ]
};

impl App {
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
    scale: u32,
    /// Whether this app has the habit of its part.
    habit: bool,
    dice: Dice,
    calls: &'a mut Vec<Call>,
    made: u64,
}

/// The calls of all apps, in time order.
pub(crate) fn calls(seed: u64, scale: u32, on: impl Fn(HabitId) -> bool) -> Vec<Call> {
    let mut calls = Vec::new();
    for (position, app) in ALL.iter().enumerate() {
        let habit = matches!(app.part, Part::Has(habit) if on(habit));
        let dice = Dice::of(seed, position);
        (app.make)(&mut Making { app, position, scale, habit, dice, calls: &mut calls, made: 0 });
    }
    calls.sort_by_key(|call| (call.time, call.app, call.number));
    calls
}

impl Making<'_> {
    /// A text of this app.
    fn piece(&self, topic: &'static str, number: u64, tokens: u32) -> Piece {
        Piece { role: self.app.role, topic, number, tokens }
    }

    fn text(&self, topic: &'static str, number: u64, tokens: u32) -> Block {
        Block::of(Content::Text(self.piece(topic, number, tokens)))
    }

    /// The second of a moment's slot that is this app's.
    const fn own_second(&self, time: i64) -> i64 {
        time - time.rem_euclid(SLOT) + self.position as i64
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

    fn push(&mut self, time: i64, model: &'static Model, prompt: Prompt, max_output: u32, answer: Content) {
        self.push_as(time, (model, model.global.is_some(), Mode::Standard), prompt, max_output, answer);
    }

    fn push_as(
        &mut self,
        time: i64,
        (model, global, mode): (&'static Model, bool, Mode),
        prompt: Prompt,
        max_output: u32,
        answer: Content,
    ) {
        let time = self.own_second(time);
        let (app, number) = (self.position, self.made);
        self.calls.push(Call { time, app, number, model, global, mode, prompt, max_output, answer });
        self.made += 1;
    }
}

/// A prompt without tools, of one message.
fn question(system: Vec<Block>, user: Vec<Block>) -> Prompt {
    Prompt::Full { tools: Vec::new(), system, messages: vec![Message::user(user)] }
}
