//! Rules are data: one `rules.toml` per recommender crate. This file reads them and evaluates their clauses;
//! thresholds and assumptions live nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use lode_model::Ratio;
use serde::Deserialize;

use crate::{Input, Signals, Value};

macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        pub enum $name {$(
            $(#[$vdoc])*
            #[serde(rename = $text)]
            $variant,
        )*}

        impl $name {
            /// The word used in rules and reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use levels;

levels! {
    /// Work to make the change, in AWS Cost Optimization Hub's words.
    Effort {
        /// A setting.
        VeryLow = "very low",
        /// A line of code or configuration.
        Low = "low",
        /// A change with a test.
        Medium = "medium",
        /// A project.
        High = "high",
    }
}

levels! {
    /// What can go wrong.
    Risk {
        /// Nothing users would notice.
        Low = "low",
        /// Something a test shows beforehand.
        Medium = "medium",
        /// Something only users show.
        High = "high",
    }
}

levels! {
    /// What must be shown before the change may go live. A gated saving is not in the ready plan.
    Gate {
        /// An evaluation of answers on the customer's own prompts.
        Evaluation = "evaluation",
        /// Retrieval results on the customer's own questions.
        Recall = "recall",
        /// A look at load and latency on the replacement.
        Load = "load-test",
        /// The end of what is paid for already: until then nothing is saved.
        TermEnd = "term-end",
        /// A review of what an attacker could do with it.
        Security = "security-review",
    }
}

/// How a clause compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Comparator {
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than.
    #[serde(rename = ">")]
    MoreThan,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Less than.
    #[serde(rename = "<")]
    LessThan,
    /// Equal.
    #[serde(rename = "==")]
    Is,
}

impl Comparator {
    /// As written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::MoreThan => ">",
            Self::AtMost => "<=",
            Self::LessThan => "<",
            Self::Is => "==",
        }
    }
}

/// What a signal is compared with. Dollars are written as numbers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
}

impl Threshold {
    /// What it must be, in words.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Flag(_) => "true or false",
            Self::Whole(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
    fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Flag(_) | Self::Text(_) => None,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.pad("yes"),
            Self::Flag(false) => f.pad("no"),
            Self::Text(text) => f.pad(text),
            Self::Whole(_) | Self::Number(_) => fmt::Display::fmt(&Value::Number(self.number().unwrap_or_default()), f),
        }
    }
}

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Signal compared.
    pub signal: String,
    /// How.
    pub comparator: Comparator,
    /// With what.
    pub threshold: Threshold,
    /// Of the clauses of a rule with the same word here, one must hold; every clause without one must hold.
    #[serde(default)]
    pub any: Option<String>,
    /// The word of the JSON where it fails, in place of `clause`: `not_sold`, `residency`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why this threshold.
    pub why: String,
    /// Where the figure comes from, with its date; "Lode" for a choice of ours.
    pub source: String,
}

/// A number nobody measured: low, expected and high, with its source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Name, as the recommender asks for it.
    pub id: String,
    /// Smallest plausible.
    pub low: f64,
    /// What the plan uses.
    pub expected: f64,
    /// Largest plausible.
    pub high: f64,
    /// Unit.
    pub unit: String,
    /// What it says.
    pub text: String,
    /// Where it comes from, with its date.
    pub source: String,
}

/// Which end of an assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `low`.
    Low,
    /// `expected`.
    Expected,
    /// `high`.
    High,
}

impl Assumption {
    /// The value at an end.
    #[must_use]
    pub const fn at(&self, end: End) -> f64 {
        match end {
            End::Low => self.low,
            End::Expected => self.expected,
            End::High => self.high,
        }
    }
}

/// The values of a rule's assumptions in one walk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumed {
    values: BTreeMap<String, f64>,
    chosen: Option<Arc<str>>,
}

impl Assumed {
    /// All assumptions of a rule at the end that `end` picks.
    #[must_use]
    pub fn of(rule: &Rule, end: impl Fn(&Assumption) -> End) -> Self {
        let values = rule.assumptions.iter().map(|a| (a.id.clone(), a.at(end(a)))).collect();
        Self { values, chosen: None }
    }

    /// The same, where an option is chosen already and asked for again in another state.
    #[must_use]
    pub fn of_chosen(self, key: &Arc<str>) -> Self {
        Self { chosen: Some(Arc::clone(key)), ..self }
    }

    /// The same with values that were measured in place of assumed ones. What the rule does not assume is passed over.
    #[must_use]
    pub fn measured(mut self, given: &BTreeMap<String, f64>) -> Self {
        for (id, value) in &mut self.values {
            *value = given.get(id).copied().unwrap_or(*value);
        }
        self
    }

    /// The key of the option that is chosen already, whose cost under other assumptions is asked. Recommenders whose
    /// options follow from a search propose this one, and not what the search would find in another state.
    #[must_use]
    pub fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// A value; 0 for a name the rule does not have (`cargo xtask tidy` holds that none is asked for).
    #[must_use]
    pub fn get(&self, id: &str) -> f64 {
        self.values.get(id).copied().unwrap_or_default()
    }

    /// A value that counts things, rounded.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range first")]
    pub fn count(&self, id: &str) -> u32 {
        self.get(id).round().clamp(0.0, f64::from(u32::MAX)) as u32
    }

    /// A value as a ratio.
    #[must_use]
    pub fn ratio(&self, id: &str) -> Ratio {
        Ratio::from_f64(self.get(id))
    }
}

/// A rule: when it fires, what it assumes, and what it tells people.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id, unique within the recommender, kebab-case.
    pub id: String,
    /// What it finds, as a heading.
    pub title: String,
    /// What it finds, in a sentence.
    pub what: String,
    /// Why that costs more than it need.
    pub why: String,
    /// The next step.
    #[serde(rename = "do")]
    pub next_step: String,
    /// How to see afterwards that it worked.
    pub verify: String,
    /// What could go wrong.
    pub caution: String,
    /// How to undo it.
    pub rollback: String,
    /// Work.
    pub effort: Effort,
    /// Risk.
    pub risk: Risk,
    /// Grade of the evidence with a full window.
    pub grade: crate::Grade,
    /// What must be shown first.
    #[serde(default)]
    pub gate: Option<Gate>,
    /// What the customer must know before going ahead, without a test: a yes or no such as data residency.
    #[serde(default)]
    pub check: Option<String>,
    /// Whether what it finds matters without a saving: where its clauses hold and nothing would be saved, the report says so.
    #[serde(default)]
    pub told: bool,
    /// Earlier rules of the same recommender that go first: where one of them proposes something on a subject, or leaves it to
    /// another, this one leaves it to that.
    #[serde(default)]
    pub unless: Vec<String>,
    /// All must hold, of those that share a word in [`Clause::any`] one.
    #[serde(rename = "clause")]
    pub clauses: Vec<Clause>,
    /// Where any of these holds, the evidence is a grade weaker.
    #[serde(default)]
    pub weaker: Vec<Clause>,
    /// What is assumed.
    #[serde(rename = "assumption", default)]
    pub assumptions: Vec<Assumption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<Rule>,
}

/// A rule file that cannot be used, or a setting that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file of a recommender is no valid rule file.
    #[error("the rules of {recommender} cannot be read: {message}")]
    Unreadable {
        /// Whose.
        recommender: &'static str,
        /// Why, with line and column.
        message: String,
    },
    /// A setting names a threshold or rule that does not exist.
    #[error("the settings name {0}, which does not exist; `lode explain` lists every rule and clause")]
    UnknownSetting(String),
    /// A threshold names two clauses at once.
    #[error("the settings name {name}, which two clauses compare; say which: {}", choices.join(" or "))]
    AmbiguousSetting {
        /// As named.
        name: String,
        /// Names that mean one clause.
        choices: Vec<String>,
    },
    /// A threshold of another kind than the built-in one.
    #[error("the settings give {name} the threshold {found}, which must be {expected}")]
    SettingKind {
        /// As named.
        name: String,
        /// As given.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
}

impl Rule {
    /// Whether a clause of the rule compares a signal, for the rule to fire or for its grade.
    #[must_use]
    pub fn compares(&self, signal: &str) -> bool {
        self.clauses.iter().chain(&self.weaker).any(|clause| clause.signal == signal)
    }

    /// Reads a rule file.
    ///
    /// # Errors
    /// When the text is no TOML, lacks a field or has one too many, or a rule is left to one that is not before it.
    pub fn read_all(recommender: &'static str, text: &str) -> Result<Vec<Self>, RuleError> {
        let unreadable = |message: String| RuleError::Unreadable { recommender, message };
        let rules = toml::from_str::<RuleFile>(text).map_err(|error| unreadable(error.to_string()))?.rule;
        for (place, rule) in rules.iter().enumerate() {
            let is_before = |first: &&String| rules.iter().take(place).any(|earlier| earlier.id == **first);
            if let Some(first) = rule.unless.iter().find(|first| !is_before(first)) {
                return Err(unreadable(format!("{} is left to {first}, which is no rule before it", rule.id)));
            }
        }
        Ok(rules)
    }
}

/// What came of a rule's clauses on one subject.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Checked {
    /// All hold.
    Holds,
    /// This one does not, by its value.
    Fails(usize, Value),
    /// None fails, but this one's signal is not known.
    Missing(usize, Input),
}

/// Evaluates all clauses. A clause that fails decides, whatever else is missing; of a group of which one must hold, the
/// first speaks for all.
pub(crate) fn check(rule: &Rule, signals: &Signals) -> Checked {
    let mut missing = None;
    for (index, clause) in rule.clauses.iter().enumerate() {
        let group: Vec<usize> = match &clause.any {
            None => vec![index],
            Some(word) => {
                let same = |other: &Clause| other.any.as_ref() == Some(word);
                let places = (0..rule.clauses.len()).filter(|place| same(&rule.clauses[*place]));
                let group: Vec<usize> = places.collect();
                if group.first() != Some(&index) {
                    continue;
                }
                group
            }
        };
        let outcomes: Vec<Checked> =
            group.into_iter().map(|place| check_clause(place, &rule.clauses[place], signals)).collect();
        if outcomes.contains(&Checked::Holds) {
            continue;
        }
        match outcomes.iter().find(|outcome| matches!(outcome, Checked::Missing(..))).or(outcomes.first()) {
            Some(Checked::Missing(place, input)) => missing = missing.or(Some(Checked::Missing(*place, *input))),
            Some(fails) => return fails.clone(),
            None => {}
        }
    }
    missing.unwrap_or(Checked::Holds)
}

fn check_clause(place: usize, clause: &Clause, signals: &Signals) -> Checked {
    match signals.get(&clause.signal).map(|signal| &signal.value) {
        Some(Ok(value)) if holds(clause, value) => Checked::Holds,
        Some(Ok(value)) => Checked::Fails(place, value.clone()),
        Some(Err(input)) => Checked::Missing(place, *input),
        // A recommender that measures nothing of the kind for this subject: the clause cannot hold.
        None => Checked::Fails(place, Value::Text("not measured".to_owned())),
    }
}

/// Whether a condition that weakens the evidence of a rule holds. One that nobody measured does not.
pub(crate) fn is_weaker(rule: &Rule, signals: &Signals) -> bool {
    let value = |clause: &Clause| signals.get(&clause.signal).and_then(|signal| signal.value.as_ref().ok());
    rule.weaker.iter().any(|clause| value(clause).is_some_and(|value| holds(clause, value)))
}

fn holds(clause: &Clause, value: &Value) -> bool {
    let compare = |left: f64| {
        clause.threshold.number().is_some_and(|right| match clause.comparator {
            Comparator::AtLeast => left >= right,
            Comparator::MoreThan => left > right,
            Comparator::AtMost => left <= right,
            Comparator::LessThan => left < right,
            Comparator::Is => (left - right).abs() < f64::EPSILON,
        })
    };
    match value {
        Value::Number(value) => compare(*value),
        Value::Money(money) => compare(money.to_f64()),
        Value::Flag(flag) => clause.comparator == Comparator::Is && clause.threshold == Threshold::Flag(*flag),
        Value::Text(text) => {
            clause.comparator == Comparator::Is && matches!(&clause.threshold, Threshold::Text(t) if t == text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clauses of which one must hold, between two that must.
    fn rule() -> Rule {
        let clause = |signal: &str, any: Option<&str>| Clause {
            signal: signal.to_owned(),
            comparator: Comparator::AtLeast,
            threshold: Threshold::Whole(1),
            any: any.map(str::to_owned),
            reason: None,
            why: String::new(),
            source: String::new(),
        };
        let text = r#"
            [[rule]]
            id = "a"
            title = ""
            what = ""
            why = ""
            do = ""
            verify = ""
            caution = ""
            rollback = ""
            effort = "low"
            risk = "low"
            grade = "measured"
            clause = []
        "#;
        let mut rule = Rule::read_all("test", text).expect("a rule").remove(0);
        rule.clauses = vec![clause("a", None), clause("b", Some("who")), clause("c", Some("who")), clause("d", None)];
        rule
    }

    fn checked(values: [Option<f64>; 4]) -> Checked {
        let named = ["a", "b", "c", "d"].into_iter().zip(values);
        let signals = named.fold(Signals::new(), |signals, (name, value)| match value {
            Some(value) => signals.number(name, "", value),
            None => signals.missing(name, "", Input::InvocationLogs),
        });
        check(&rule(), &signals)
    }

    #[test]
    fn of_a_group_one_must_hold() {
        let (yes, no) = (Some(1.0), Some(0.0));
        assert_eq!(checked([yes, no, yes, yes]), Checked::Holds);
        assert_eq!(checked([yes, yes, no, yes]), Checked::Holds);
        assert_eq!(checked([yes, no, no, yes]), Checked::Fails(1, Value::Number(0.0)));
        assert_eq!(checked([yes, no, yes, no]), Checked::Fails(3, Value::Number(0.0)));
        assert_eq!(checked([no, yes, yes, yes]), Checked::Fails(0, Value::Number(0.0)));
        // What is not known might hold.
        assert_eq!(checked([yes, no, None, yes]), Checked::Missing(2, Input::InvocationLogs));
        assert_eq!(checked([yes, None, yes, yes]), Checked::Holds);
        assert_eq!(checked([yes, no, None, no]), Checked::Fails(3, Value::Number(0.0)));
    }
}
