//! What the engine concludes: two plans that add up, the recommendations in them, everything that was declined
//! and why, and what is missing.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{Action, Cohort, Edit, Money, Note, Owner};
use serde::Deserialize;

use crate::rules::levels;
use crate::{Arithmetic, Clause, Gate, Input, Lever, Rule, Silence, Silenced, Subject, TestVerdict, Value};

levels! {
    /// How strong the evidence is.
    Grade {
        /// Counters on the bill or in the log.
        Measured = "measured",
        /// Simulated over real requests.
        Replayed = "replayed",
        /// Arithmetic on aggregates.
        Modelled = "modelled",
        /// A published prior, named.
        Assumed = "assumed",
    }
}

impl Grade {
    /// The next weaker grade: of what is computed on requests or counters, arithmetic; of that, a prior.
    #[must_use]
    pub const fn weaker(self) -> Self {
        match self {
            Self::Measured | Self::Replayed => Self::Modelled,
            Self::Modelled | Self::Assumed => Self::Assumed,
        }
    }
}

levels! {
    /// Which plan.
    PlanName {
        /// No open quality gate: what can go now. The headline.
        Ready = "ready",
        /// Everything, once its gates are passed.
        Full = "full",
    }
}

/// One change of a plan, and the bill before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Id of the recommendation.
    pub id: String,
    /// Its lever.
    pub lever: Lever,
    /// Its place in the documented order, from 1.
    pub priority: usize,
    /// The bill a month before this step, rounded to the micro-dollar.
    pub before: Money,
    /// The bill a month after it.
    pub after: Money,
    /// What the change alone would save against today's bill.
    pub standalone: Money,
}

impl Step {
    /// What the step saves on what the earlier ones left over.
    #[must_use]
    pub fn marginal(&self) -> Money {
        self.before - self.after
    }
}

/// A plan: steps whose marginals add up exactly to its savings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Which.
    pub name: PlanName,
    /// Today's bill a month.
    pub baseline: Money,
    /// The bill after all steps.
    pub remaining: Money,
    /// 5th percentile of the savings at the worse end of every assumption.
    pub low: Money,
    /// 95th percentile at the better end.
    pub high: Money,
    /// Steps in order.
    pub steps: Vec<Step>,
}

impl Plan {
    /// What the plan saves a month.
    #[must_use]
    pub fn savings(&self) -> Money {
        self.baseline - self.remaining
    }
}

/// Savings of one recommendation a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Savings {
    /// Cautious; 0 while a gate is open.
    pub low: Money,
    /// The marginal in the ready plan, else in the full one.
    pub expected: Money,
    /// Hopeful.
    pub high: Money,
    /// Alone, against today's bill.
    pub standalone: Money,
}

/// A signal that speaks for a recommendation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Signal.
    pub signal: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Value.
    pub value: Value,
}

/// Another way to do it: one that leaves a larger bill, or one that is never chosen by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// What to do instead.
    pub title: String,
    /// How much larger the bill a month would be with it; negative where it would be smaller.
    pub costs_more: Money,
    /// Of what is never chosen by itself: the same with every assumption of its rule at one end and at the other, the
    /// smaller first.
    pub never_chosen: Option<(Money, Money)>,
}

/// What the calls that are moved to another model cost, in dollars of the window: the arithmetic of trying the cheaper
/// model first and repeating on today's the calls whose answer does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakEven {
    /// Today.
    pub today: Money,
    /// On the other model.
    pub there: Money,
}

impl BreakEven {
    /// The part of the calls that must be able to move for this to pay. All are tried there; of those that can stay, what
    /// they cost today is saved: it pays from `there / today` on. `None` where nothing can pay, or nothing moves.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let pays = Money::ZERO < self.there && self.there < self.today;
        pays.then(|| self.there.share_of(self.today))
    }
}

/// One recommendation.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// `recommender.rule/account/region/…`: stays the same as long as the finding does.
    pub id: String,
    /// `recommender.rule`.
    pub rule_id: String,
    /// Recommender.
    pub recommender: &'static str,
    /// Lever.
    pub lever: Lever,
    /// Place of the lever in the documented order, from 1.
    pub priority: usize,
    /// Place in the report, from 1.
    pub rank: usize,
    /// Whose charges.
    pub subject: Subject,
    /// What to do.
    pub action: String,
    /// What changes, in order; of several parts those of the one that saves most.
    pub edits: Vec<Edit>,
    /// What is done for each kind of its calls, the parts that make up this one, by subject.
    pub parts: Vec<Part>,
    /// The rule, with the thresholds in force and the assumptions used.
    pub rule: Rule,
    /// Grade of the evidence, lowered where the window is short or a condition of the rule weakens it.
    pub grade: Grade,
    /// Marginal in each plan that holds it.
    pub plans: Vec<(PlanName, Money)>,
    /// What the subject costs a month before this step.
    pub current: Money,
    /// Savings a month.
    pub savings: Savings,
    /// Cost of the change, once.
    pub one_off: Money,
    /// Open gate.
    pub gate: Option<Gate>,
    /// Kinds of its calls that are in the full plan alone, because they wait for a test that others passed.
    pub waiting: BTreeSet<Cohort>,
    /// The test on the customer's own calls, where one was made: its day, and what it says of the part that saves most.
    pub test: Option<(Date, TestVerdict)>,
    /// Evidence.
    pub evidence: Vec<Evidence>,
    /// Other ways.
    pub alternatives: Vec<Alternative>,
    /// How the figure comes about.
    pub arithmetic: Arithmetic,
    /// What the full plan does in its place, where that is another option of the same rule.
    pub in_full: Option<String>,
    /// Which of the caller's calls are meant, where it makes others too that are not.
    pub only: Option<Only>,
    /// Where calls move to another model: what they cost before and after, all parts together.
    pub break_even: Option<BreakEven>,
}

/// What a recommendation does for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The action, at the expected values of its assumptions.
    pub action: Action,
    /// The actions of the plan on the same subject that come before it, in order.
    pub earlier: Vec<Action>,
}

/// A part of a caller's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// Kinds of calls, by cohort.
    pub cohorts: Vec<Cohort>,
    /// Calls of these kinds.
    pub calls: u64,
    /// All logged calls of the caller to the model.
    pub of: u64,
}

impl Recommendation {
    /// Days until the one-off cost is earned back, rounded up; 0 without one.
    #[must_use]
    pub fn payback_days(&self) -> Option<i128> {
        let saved = self.savings.expected.pico();
        // A month is 730 hours.
        (saved > 0).then(|| (self.one_off.pico() * 730).div_euclid(saved * 24) + i128::from(!self.one_off.is_zero()))
    }
}

/// Why something is not recommended.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// A clause does not hold.
    Clause {
        /// The clause.
        clause: Clause,
        /// What was measured.
        value: Value,
        /// Why it is so, where the recommender says.
        because: Option<String>,
    },
    /// This earlier rule, as `recommender.rule`, proposes something on the subject and goes first.
    LeftTo(String),
    /// The clauses hold, but there is nothing to move to.
    NothingToPropose,
    /// The simulator cannot answer it from this input.
    NotSimulated(String),
    /// A price is not known.
    NoPrice(String),
    /// It would not save anything.
    NoSaving {
        /// What was tried.
        title: String,
        /// What it would save a month: nothing, or less.
        saves: Money,
        /// What else to know of it, by name, such as the curve of a commitment.
        notes: Vec<Note>,
    },
    /// Alone it would save, after the earlier steps it costs this much.
    NegativeInPlan(Money),
    /// It shortens prompts and costs more than it brings, because what was read from the cache is sent anew: so many
    /// tokens of the window that are read today are not read then.
    MovesPrefix {
        /// What it would save a month; not positive.
        brings: Money,
        /// Tokens no longer read.
        reads_lost: i128,
    },
    /// Another option of the same choice leaves a smaller bill.
    Alternative {
        /// What was tried.
        title: String,
        /// The recommendation that holds the other option.
        winner: String,
    },
    /// It is only ever offered, never chosen by itself.
    OnlyAlternative {
        /// What it would be.
        title: String,
        /// The recommendation it is listed with, where something stands in its place.
        instead_of: Option<String>,
        /// What it would save a month, in place of that recommendation or alone.
        saves: Money,
    },
    /// Nothing was used since this day: what has ended cannot be saved on.
    Ended(Date),
    /// A test on the customer's own calls says that it is worse.
    FailedTest {
        /// What was tested.
        title: String,
        /// The day of the result.
        date: Date,
    },
    /// The settings forbid the move to this model.
    Forbidden {
        /// What would have been proposed.
        title: String,
        /// Why, as the settings say.
        why: String,
    },
    /// Someone silenced it.
    Suppressed(Silence),
}

impl Reason {
    /// The word of the JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Clause { clause, .. } => clause.reason.as_deref().unwrap_or("clause"),
            Self::LeftTo(_) => "left_to",
            Self::NothingToPropose => "nothing_to_propose",
            Self::NotSimulated(_) => "not_simulated",
            Self::NoPrice(_) => "no_price",
            Self::NoSaving { .. } => "no_saving",
            Self::NegativeInPlan(_) => "negative_in_plan",
            Self::MovesPrefix { .. } => "moves_cached_prefix",
            Self::Alternative { .. } => "alternative",
            Self::OnlyAlternative { .. } => "only_alternative",
            Self::Ended(_) => "ended",
            Self::FailedTest { .. } => "failed_test",
            Self::Forbidden { .. } => "forbidden",
            Self::Suppressed(_) => "suppressed",
        }
    }
}

/// What came of one rule on one subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Proposed, under these keys.
    Proposed(Vec<Arc<str>>),
    /// Declined.
    Declined(Reason),
    /// An input is missing; what is known without it.
    Gap(Input, Vec<Evidence>),
}

/// A rule, a subject, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// `recommender.rule`.
    pub rule_id: String,
    /// Subject.
    pub subject: Subject,
    /// What came of it.
    pub verdict: Verdict,
}

/// Something not recommended.
#[derive(Clone, Debug, PartialEq)]
pub struct Declined {
    /// `recommender.rule`.
    pub rule_id: String,
    /// Whose charges.
    pub subject: Owner,
    /// Why.
    pub reason: Reason,
    /// Whether the rule matters without a saving, so that people should read of it.
    pub told: bool,
}

impl Declined {
    /// The id that the recommendation would have.
    #[must_use]
    pub fn recommendation(&self) -> String {
        crate::walk::recommendation_id(&self.rule_id, &self.subject)
    }
}

/// A missing input.
#[derive(Clone, Debug, PartialEq)]
pub struct DataGap {
    /// Which.
    pub input: Input,
    /// What waits for it, the most expensive first.
    pub waiting: Vec<Waiting>,
    /// What the subjects that wait cost a month, each counted once.
    pub spend: Money,
}

impl DataGap {
    /// `recommender.rule` of the rules that wait, each once, by name.
    #[must_use]
    pub fn rules(&self) -> Vec<&str> {
        let rules: BTreeSet<&str> = self.waiting.iter().map(|waiting| waiting.rule_id.as_str()).collect();
        rules.into_iter().collect()
    }

    /// The rules that can say without the input what they could save at the very most, and how much that is, a month:
    /// nothing of it is in any plan, and nothing at all may be saved. `None` where none can.
    #[must_use]
    pub fn at_most(&self) -> Option<(BTreeSet<&str>, Money)> {
        let most = |waiting: &Waiting| {
            let found = waiting.evidence.iter().find(|evidence| evidence.signal == AT_MOST)?;
            if let Value::Money(most) = found.value { Some(most) } else { None }
        };
        let told = self.waiting.iter().filter_map(|waiting| Some((&*waiting.rule_id, most(waiting)?)));
        let (rules, most): (BTreeSet<&str>, Vec<Money>) = told.unzip();
        (!rules.is_empty()).then(|| (rules, most.into_iter().sum()))
    }
}

/// The signal by which a recommender says what it could save at the very most, a month, in dollars, where it waits for an
/// input.
pub const AT_MOST: &str = "savings.at_most";

/// A rule that waits for an input on one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// `recommender.rule`.
    pub rule_id: String,
    /// Subject.
    pub subject: Subject,
    /// What the subject costs a month.
    pub spend: Money,
    /// What is known without the input.
    pub evidence: Vec<Evidence>,
}

/// A lever that recommends nothing, and what comes closest.
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    /// The lever.
    pub lever: Lever,
    /// What was declined last: most clauses held, on the most expensive subject. `None` where it looked at nothing.
    pub nearest: Option<Declined>,
    /// Inputs that it waits for.
    pub waits: Vec<Input>,
}

/// Everything the engine concludes.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What can go now.
    pub ready: Plan,
    /// Everything, once gates are passed.
    pub full: Plan,
    /// Recommendations by rank.
    pub recommendations: Vec<Recommendation>,
    /// Everything else, by rule and subject.
    pub declined: Vec<Declined>,
    /// Missing inputs.
    pub gaps: Vec<DataGap>,
    /// Levers without a recommendation, in documented order.
    pub quiet: Vec<Quiet>,
    /// The silences of the settings, in their order, and what became of each.
    pub silenced: Vec<Silenced>,
    /// Every rule on every subject, for snapshots and `explain`.
    pub evaluations: Vec<Evaluation>,
}
