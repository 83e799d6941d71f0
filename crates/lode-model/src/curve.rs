//! What every number of units of committed capacity costs, as figures: what the words of a note are made from, for who
//! draws it.

use std::sync::Arc;

use crate::{Money, Ratio, Term};

/// What units are bought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// Model units of Provisioned Throughput.
    ModelUnit,
    /// A thousand input tokens a minute of the Reserved tier.
    ReservedInput,
    /// A thousand output tokens a minute of the Reserved tier.
    ReservedOutput,
}

impl UnitKind {
    /// The word of the JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ModelUnit => "model-unit",
            Self::ReservedInput => "reserved-input",
            Self::ReservedOutput => "reserved-output",
        }
    }

    /// Several of them, in words.
    #[must_use]
    pub const fn several(self) -> &'static str {
        match self {
            Self::ModelUnit => "units",
            Self::ReservedInput => "thousand input tokens a minute",
            Self::ReservedOutput => "thousand output tokens a minute",
        }
    }
}

/// One number of units and what it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostPoint {
    /// Units.
    pub units: u32,
    /// The units and what is beyond them on demand, dollars a month.
    pub cost: Money,
    /// Tokens that the units answer, as a share of what they could; 0 without units.
    pub used: Ratio,
    /// Tokens beyond the units, as a share of all.
    pub beyond: Ratio,
}

/// What capacity costs by the number of units, at one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostCurve {
    /// What units are bought in.
    pub kind: UnitKind,
    /// How long they are bought for.
    pub term: Term,
    /// By number of units, rising, 0 first: all numbers on sale, or of very many a part that holds those named below.
    pub points: Vec<CostPoint>,
    /// The number that costs least; 0 says: do not buy.
    pub best: u32,
    /// The cheapest number above 0, where one is on sale.
    pub bought: Option<u32>,
    /// The number in force today.
    pub owned: Option<u32>,
    /// Tokens a minute that one unit has to answer, all the time, to be worth what it costs.
    pub break_even: Option<u64>,
    /// Whether the busiest minute of the units in force is all that tells what a unit answers: at least so much, and fewer
    /// units may do.
    pub capacity_seen: bool,
}

/// What else a person should know of an option, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Name, such as `capacity.curve`.
    pub name: &'static str,
    /// In words; empty where the curve alone is meant.
    pub text: String,
    /// The same as figures, where it is a curve.
    pub curve: Option<Arc<CostCurve>>,
}

impl Note {
    /// The notes that have words.
    pub fn told(notes: &[Self]) -> impl Iterator<Item = &Self> {
        notes.iter().filter(|note| !note.text.is_empty())
    }
}

impl From<(&'static str, String)> for Note {
    fn from((name, text): (&'static str, String)) -> Self {
        Self { name, text, curve: None }
    }
}
