//! The figures of an arithmetic as they are printed: costs in micro-dollars that add up, and rates that are not cut.
//! JSON and the page of one recommendation show the same.

use lode_engine::{Arithmetic, Line};
use lode_model::{Money, Rate, Unit};

use crate::bill::words::trimmed;

/// The costs of an arithmetic, rounded to micro-dollars so that what is printed can be followed with a calculator: lines add
/// up to their sum, and before less after, with what others save, is what is saved.
pub(crate) struct Rounded {
    /// Of the lines before, in their order.
    pub(crate) before: Vec<Money>,
    /// Of the lines after, in their order.
    pub(crate) after: Vec<Money>,
    /// What other callers save; negative where they pay more.
    pub(crate) others: Money,
}

impl Rounded {
    /// The costs of one step.
    pub(crate) fn of(math: &Arithmetic) -> Self {
        let costs = |lines: &[Line]| lines.iter().map(|line| line.cost).collect::<Vec<_>>();
        let (before, after) = (costs(&math.before), costs(&math.after));
        let own = before.iter().copied().sum::<Money>() - after.iter().copied().sum();
        Self {
            before: Money::round_parts(&before, 6),
            after: Money::round_parts(&after, 6),
            others: (math.saved.total() - own).round_micro(),
        }
    }

    /// The sum of the lines before.
    pub(crate) fn before_cost(&self) -> Money {
        self.before.iter().copied().sum()
    }

    /// The sum of the lines after.
    pub(crate) fn after_cost(&self) -> Money {
        self.after.iter().copied().sum()
    }

    /// What is saved in the window.
    pub(crate) fn saved(&self) -> Money {
        self.before_cost() - self.after_cost() + self.others
    }
}

/// What a line is priced at: dollars a million tokens, or a unit. `None` for a fixed amount.
pub(crate) fn rate(line: &Line) -> Option<Money> {
    let per = match line.unit? {
        Unit::Token => 1_000_000,
        unit => unit.steps(),
    };
    Rate::new(line.cost, line.steps).map(|rate| rate.per(per))
}

/// A rate with up to twelve decimals, at least two: `0.0001395`. Six would cut what a guardrail's unit costs.
pub(crate) fn rate_text(rate: Money) -> String {
    trimmed(&rate.to_decimal(12), 2)
}
