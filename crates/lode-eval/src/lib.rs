#![doc = include_str!("../README.md")]

mod design;
mod plan;
mod redact;
mod rule;

pub use design::{Design, DesignError};
pub use plan::{Candidate, CohortPlan, Estimate, Plan, Tokens, plan};
pub use redact::{Pattern, Redactor};
pub use rule::PassRule;
