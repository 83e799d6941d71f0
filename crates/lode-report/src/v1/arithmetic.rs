//! The arithmetic of a recommendation in the contract: what `lode explain` prints, line by line.

use lode_engine::{Arithmetic, Line, Recommendation};
use lode_model::{ContextBand, Money, Unit};
use schemars::JsonSchema;
use serde::Serialize;

use super::{RateUsd, Usd, ValueV1, build};
use crate::rounded::{self, Rounded};

/// How the saving of a recommendation comes about: of several kinds of calls, that of the one that saves most.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ArithmeticV1 {
    /// The plan it is of: `ready` or `full`.
    pub plan: String,
    /// What the step does to the quantities, in words and factors.
    pub moves: Vec<String>,
    /// Uses of the window that become smaller or go away, as they stand before the step.
    pub before: Vec<LineV1>,
    /// The same and the new uses, as they stand after it.
    pub after: Vec<LineV1>,
    /// Sum of `before`.
    pub before_cost: Usd,
    /// Sum of `after`.
    pub after_cost: Usd,
    /// What is saved in the window: `before_cost` less `after_cost`, and `saved_by_others`.
    pub saved: Usd,
    /// Of `saved`, what other callers of the same cache or capacity save; negative where they pay more.
    pub saved_by_others: Usd,
    /// From the window to a month of 730 hours: usage by weekday, Monday first; empty where the projection is flat.
    pub by_weekday: Vec<WeekdayV1>,
    /// Without weekdays: what was saved on the counted days. With them: of it, standing costs.
    pub counted: Usd,
    /// Days counted.
    pub counted_days: i64,
    /// Saved a month.
    pub monthly: Usd,
    /// Saved a month by the other kinds of calls, which change in the same way.
    pub other_kinds_monthly: Usd,
}

/// Usage saved on a weekday.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WeekdayV1 {
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
    /// Saved on these days of the window.
    pub saved: Usd,
    /// How many of them.
    pub days: i64,
}

/// A quantity, its rate and its cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LineV1 {
    /// What is used: token class or unit.
    pub class: String,
    /// Model, of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Routing and pricing mode, of tokens, such as `regional, standard`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priced_as: Option<String>,
    /// How much, in `unit`; absent for a fixed amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// The unit: `tokens` or another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Dollars a million tokens, or a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateUsd>,
    /// Cost in the window.
    pub cost: Usd,
    /// Where the rate comes from: the bill, or list price with its sources and what the bill pays of it.
    pub rate_from: String,
}

/// A clause of the recommendation's rule with what was measured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HeldClauseV1 {
    /// Signal.
    pub signal: String,
    /// `>=`, `>`, `<=`, `<` or `==`.
    pub comparator: String,
    /// What it is compared with.
    pub threshold: ValueV1,
    /// What was measured; absent where another clause of the same `any` was enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueV1>,
    /// Of the clauses that share this word, one is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<String>,
    /// Why the threshold stands where it does.
    pub why: String,
    /// Its source.
    pub source: String,
}

/// The clauses that held.
pub(super) fn clauses(r: &Recommendation) -> Vec<HeldClauseV1> {
    let held = r.rule.clauses.iter().map(|clause| HeldClauseV1 {
        signal: clause.signal.clone(),
        comparator: clause.comparator.as_str().to_owned(),
        threshold: build::threshold(&clause.threshold),
        value: r.evidence.iter().find(|e| e.signal == clause.signal).map(|e| build::value(&e.value)),
        any: clause.any.as_ref().map(ToString::to_string),
        why: clause.why.clone(),
        source: clause.source.clone(),
    });
    held.collect()
}

impl From<&Recommendation> for ArithmeticV1 {
    fn from(r: &Recommendation) -> Self {
        let math: &Arithmetic = &r.arithmetic;
        let costs = Rounded::of(math);
        let lines = |lines: &[Line], costs: &[Money]| lines.iter().zip(costs).map(line).collect();
        let plan = r.plans.first();
        let weekday = |(place, (saved, days)): (u8, &(Money, i128))| WeekdayV1 {
            weekday: place,
            saved: (*saved).into(),
            days: i64::try_from(*days).unwrap_or(i64::MAX),
        };
        let counted =
            if math.by_weekday.is_empty() { math.counted_usage + math.counted_standing } else { math.counted_standing };
        Self {
            plan: plan.map_or("full", |(name, _)| name.as_str()).to_owned(),
            moves: math.moves.clone(),
            before: lines(&math.before, &costs.before),
            after: lines(&math.after, &costs.after),
            before_cost: costs.before_cost().into(),
            after_cost: costs.after_cost().into(),
            saved: costs.saved().into(),
            saved_by_others: costs.others.into(),
            by_weekday: (1..).zip(&math.by_weekday).map(weekday).collect(),
            counted: counted.into(),
            counted_days: i64::try_from(math.counted_days).unwrap_or(i64::MAX),
            monthly: math.monthly.into(),
            other_kinds_monthly: crate::explain::other_parts(r).unwrap_or_default().into(),
        }
    }
}

fn line((line, cost): (&Line, &Money)) -> LineV1 {
    let key = &line.key;
    let tokens = line.unit == Some(Unit::Token);
    let band = if key.band == ContextBand::Long { ", long context" } else { "" };
    let custom = if key.custom { ", custom" } else { "" };
    LineV1 {
        class: key.class.as_str().to_owned(),
        model: tokens.then(|| key.model.to_string()),
        priced_as: tokens.then(|| format!("{}, {}{band}{custom}", key.routing, key.mode)),
        quantity: line.unit.map(|unit| match unit {
            Unit::Token => line.steps.to_string(),
            _ => Money::from_micro(line.steps).to_decimal(6),
        }),
        unit: line.unit.map(|unit| if tokens { "tokens".to_owned() } else { format!("{}s", unit.spoken()) }),
        rate: rounded::rate(line).map(RateUsd::from),
        cost: (*cost).into(),
        rate_from: crate::explain::rate_from(&line.from),
    }
}
