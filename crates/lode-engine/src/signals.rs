//! Signals: what a recommender measured, typed and named, with units. Clauses compare them; evidence shows
//! them.

use std::fmt;

use lode_model::Money;

use crate::{Evidence, Input, Rule};

/// A measured value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A count, share or factor.
    Number(f64),
    /// Dollars.
    Money(Money),
    /// A word.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) if value.abs() >= 1000.0 || value.fract() == 0.0 => {
                // Whole dollars' formatting without cents: reuse its separators.
                let text = Money::from_f64(value.round()).unwrap_or_default().to_string();
                f.pad(text.strip_suffix(".00").unwrap_or(&text))
            }
            Self::Number(value) => {
                let text = format!("{value:.4}");
                f.pad(text.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Money(money) => f.pad(&money.to_usd()),
            Self::Text(text) => f.pad(text),
            Self::Flag(true) => f.pad("yes"),
            Self::Flag(false) => f.pad("no"),
        }
    }
}

/// One signal: a value, or the input it would take to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Name, as clauses write it.
    pub name: &'static str,
    /// Unit, such as `tokens`, `share`, `USD per month`.
    pub unit: &'static str,
    /// The value, or what is missing.
    pub value: Result<Value, Input>,
    /// Why it is so, where that says more than the value: shown where a clause fails by it.
    pub because: Option<String>,
}

/// Signals of one subject, in the order they were measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals(Vec<Signal>);

impl Signals {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, name: &'static str, unit: &'static str, value: Result<Value, Input>) -> Self {
        self.0.push(Signal { name, unit, value, because: None });
        self
    }

    /// Adds a count, share or factor.
    #[must_use]
    pub fn number(self, name: &'static str, unit: &'static str, value: f64) -> Self {
        self.with(name, unit, Ok(Value::Number(value)))
    }

    /// Adds a count of tokens or other whole things.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "signals are compared and shown, not billed")]
    pub fn count(self, name: &'static str, unit: &'static str, value: i128) -> Self {
        self.number(name, unit, value as f64)
    }

    /// Adds dollars.
    #[must_use]
    pub fn money(self, name: &'static str, unit: &'static str, value: Money) -> Self {
        self.with(name, unit, Ok(Value::Money(value)))
    }

    /// Adds a word.
    #[must_use]
    pub fn text(self, name: &'static str, unit: &'static str, value: impl Into<String>) -> Self {
        self.with(name, unit, Ok(Value::Text(value.into())))
    }

    /// Adds a yes or no.
    #[must_use]
    pub fn flag(self, name: &'static str, value: bool) -> Self {
        self.with(name, "", Ok(Value::Flag(value)))
    }

    /// Says of the signal added last why it is so.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.because = Some(why.into());
        }
        self
    }

    /// Adds a signal that this estate cannot tell, and the input that would.
    #[must_use]
    pub fn missing(self, name: &'static str, unit: &'static str, input: Input) -> Self {
        self.with(name, unit, Err(input))
    }

    /// The signal of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Signal> {
        self.0.iter().find(|signal| signal.name == name)
    }

    /// The signals that are known, those of the rule's clauses first.
    #[must_use]
    pub(crate) fn evidence(&self, rule: &Rule) -> Vec<Evidence> {
        let mut signals: Vec<&Signal> = self.0.iter().collect();
        signals.sort_by_key(|signal| !rule.compares(signal.name));
        signals
            .into_iter()
            .filter_map(|s| Some(Evidence { signal: s.name, unit: s.unit, value: s.value.as_ref().ok()?.clone() }))
            .collect()
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Signal> {
        self.0.iter()
    }
}
