//! Rules, the [`Recommender`] trait, and the plan: which changes are worth making, in the documented order,
//! each computed on what the ones before it leave over.
//!
//! The engine alone evaluates clauses and handles money. It knows no files, no clock, no terminal and no
//! particular recommender; the slice it is given *is* the documented priority.

mod arithmetic;
mod context;
mod declined;
mod input;
mod interval;
mod offers;
mod outcome;
mod plan;
mod recommender;
mod rules;
mod settings;
mod settle;
mod signals;
mod silenced;
mod tested;
mod walk;

pub use arithmetic::{Arithmetic, Line, RateFrom};
pub use context::Context;
pub use input::Input;
pub use outcome::{
    AT_MOST, Alternative, BreakEven, DataGap, Declined, Evaluation, Evidence, Grade, Only, Outcome, Part, Plan,
    PlanName, Quiet, Reason, Recommendation, Savings, Step, Verdict, Waiting,
};
pub use plan::{Engine, EngineError};
pub use recommender::{Lever, Meta, Recommender, Subject};
pub use rules::{Assumed, Assumption, Clause, Comparator, Effort, End, Gate, Risk, Rule, RuleError, Threshold};
pub use settings::{ForbiddenMove, Settings, Silence, fits};
pub use signals::{Signal, Signals, Value};
pub use silenced::{SilenceState, Silenced};
pub use tested::{TestVerdict, Tested};
