#![doc = include_str!("../README.md")]

mod answer;
mod call;
mod design;
mod evaluation;
mod manifest;
mod plan;
mod project;
mod readme;
mod redact;
mod results;
mod rule;

pub use call::{RawCall, Skip};
pub use design::{Design, DesignError};
pub use evaluation::{CohortResult, Evaluation, Verdict, Why, evaluate};
pub use manifest::{DocumentError, Manifest, ManifestCohort, ManifestTest};
pub use plan::{Candidate, CohortPlan, Estimate, Plan, Tokens, plan};
pub use project::{Export, Project, Target, project};
pub use redact::{Pattern, Redactor};
pub use results::{Measured, Outcome, Pair, Results, ResultsError, results};
pub use rule::PassRule;
