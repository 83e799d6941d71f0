//! Small helpers of words and figures.

use std::collections::BTreeMap;

use lode_engine::{Plan, Recommendation, Step};
use lode_model::{Money, Owner};

use crate::Report;

/// Text from a bill, safe to print: control characters, line breaks and marks of direction become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if harmful(c) { ' ' } else { c }).collect()
}

/// The same, cut after so many characters: no name in AWS is longer than some hundred.
pub(crate) fn short(text: &str, most: usize) -> String {
    let mut shown: String = clean(text).chars().take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// `$1,234.50`.
pub(crate) fn usd(money: Money) -> String {
    money.to_usd()
}

/// `12.3 %`.
pub(crate) fn percent(share: f64) -> String {
    // A negative share that rounds to nothing is nothing.
    format!("{:.1} %", (share * 1000.0).round() / 10.0 + 0.0)
}

/// Whose charges, in words.
pub(crate) fn place(owner: &Owner) -> String {
    let text = match owner {
        Owner::Workload(w) => format!("{} · {} · {}", w.caller, w.region, w.account),
        Owner::Pool(p) => format!("committed capacity for {} · {} · {}", p.model, p.region, p.account),
        Owner::Resource(account, region, id) => format!("{id} · {region} · {account}"),
        Owner::Account(account) => account.to_string(),
    };
    short(&text, 240)
}

/// What each step saves, by recommendation, in cents that add up over each plan.
pub(crate) struct Cents<'a> {
    ready: BTreeMap<&'a str, Money>,
    full: BTreeMap<&'a str, Money>,
}

impl<'a> Cents<'a> {
    /// Of a report's plans.
    pub(crate) fn of(report: &Report<'a>) -> Self {
        let of = |plan: &'a Plan| {
            let marginals: Vec<Money> = plan.steps.iter().map(Step::marginal).collect();
            let ids = plan.steps.iter().map(|step| step.id.as_str());
            ids.zip(Money::round_parts(&marginals, 2)).collect()
        };
        Self { ready: of(&report.outcome.ready), full: of(&report.outcome.full) }
    }

    /// In the ready plan, where it is part of it.
    pub(crate) fn ready(&self, r: &Recommendation) -> Option<Money> {
        self.ready.get(r.id.as_str()).copied()
    }

    /// In the full plan, where it is part of it.
    pub(crate) fn full(&self, r: &Recommendation) -> Option<Money> {
        self.full.get(r.id.as_str()).copied()
    }

    /// In the ready plan, else in the full one.
    pub(crate) fn shown(&self, r: &Recommendation) -> Money {
        self.ready(r).or_else(|| self.full(r)).unwrap_or(r.savings.expected)
    }
}

/// An amount in a cell; a dash where there is none.
pub(crate) fn cell(money: Option<Money>) -> String {
    money.map_or_else(|| "–".to_owned(), |money| money.to_string())
}

/// The savings of a plan in cents: the sum of its [`Cents`].
pub(crate) fn savings_cents(plan: &Plan) -> Money {
    Money::round_parts(&[plan.savings()], 2).into_iter().sum()
}

/// `1 row`, `2 rows`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    let text = Money::from_pico(i128::from(n) * 1_000_000_000_000).to_string();
    format!("{} {}", text.trim_end_matches(".00"), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\u{202e}d"), "a [31mb  c d");
        assert_eq!(usd(Money::parse("-3.5").expect("money")), "-$3.50");
        assert_eq!(count(1234, "row", "rows"), "1,234 rows");
    }
}
