//! The contract of a recommender: it measures and it proposes. It never prices, compares with a threshold, or
//! sees files, the clock or another recommender.

use lode_model::{Action, Owner};

use crate::{Assumed, Context, Rule, Signals};

/// Whose charges a rule looks at.
pub type Subject = Owner;

/// A lever: what kind of change saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lever {
    /// Kebab-case id, as in JSON.
    pub id: &'static str,
    /// Name, as in the table.
    pub name: &'static str,
}

/// What a recommender is.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Id: the crate's name without `lode-rec-`.
    pub id: &'static str,
    /// Its lever.
    pub lever: Lever,
    /// Its page: the crate's README.
    pub readme: &'static str,
    /// Its rules: the crate's `rules.toml`.
    pub rules: &'static str,
}

/// One recommender.
pub trait Recommender: Sync {
    /// What it is.
    fn meta(&self) -> &'static Meta;

    /// What it looks at; by default every workload.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        cx.owners().filter(|owner| matches!(owner, Owner::Workload(_))).cloned().collect()
    }

    /// What it measures of a subject: every signal that its rules name.
    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals;

    /// What it proposes where all clauses of `rule` hold; several actions are alternatives. Keys must not
    /// depend on `given`.
    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action>;
}
