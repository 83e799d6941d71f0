//! What a customer may change of the engine: thresholds, and rules or recommendations they do not want.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::Threshold;

/// A rule or recommendation that is not wanted, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// A rule (`recommender.rule`) or the id of a recommendation.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds; from the next day on the recommendation is back.
    pub expires: Option<Date>,
}

/// Settings of the engine. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Thresholds by `recommender.rule.signal`.
    pub thresholds: BTreeMap<String, Threshold>,
    /// What is not wanted.
    pub silenced: Vec<Silence>,
}

impl Settings {
    /// The silence that covers a recommendation on a day, if any.
    #[must_use]
    pub fn silence(&self, rule: &str, id: &str, today: Date) -> Option<&Silence> {
        self.silenced
            .iter()
            .filter(|silence| silence.expires.is_none_or(|last| today <= last))
            .find(|silence| silence.id == rule || silence.id == id)
    }
}
