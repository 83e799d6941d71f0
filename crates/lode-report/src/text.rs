//! Small helpers of words and figures.

use std::collections::BTreeMap;

use lode_engine::{Plan, Recommendation, Step};
use lode_model::{Cohort, Money, Owner};

use crate::{Labels, Report};

/// Text from bills and logs, safe to print: control characters, line breaks, marks of direction and what cannot be
/// seen become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { ' ' } else { c }).collect()
}

/// Characters that move the cursor, turn the text round or hide in it: controls, line and paragraph separators, marks
/// of direction, zero-width characters and tags (Unicode 16, general categories Cc, Cf, Zl and Zp, as far as names
/// have no use for them).
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The same, cut after so many characters: no name in AWS is longer than some hundred.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
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

/// A decimal text with a dollar and separators: `$1,234.5033`.
#[must_use]
pub fn dollars(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (dollars, cents) = text.split_once('.').unwrap_or((text, "00"));
    format!("{sign}${}.{cents}", whole(dollars.parse().unwrap_or_default()))
}

/// `12.3 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    // A negative share that rounds to nothing is nothing.
    format!("{:.1} %", (share * 1000.0).round() / 10.0 + 0.0)
}

/// The same of a part: what is not all is never shown as all, and what is not nothing never as nothing.
#[must_use]
pub fn part(share: f64) -> String {
    let tenths = (share * 1000.0).round();
    if share < 1.0 && tenths >= 1000.0 {
        "over 99.9 %".to_owned()
    } else if share > 0.0 && tenths <= 0.0 {
        "under 0.1 %".to_owned()
    } else {
        percent(share)
    }
}

/// Whether there are too few complete days for what resampled days would say.
pub(crate) fn is_too_short(report: &Report<'_>) -> bool {
    // Under a week not every weekday was seen.
    report.estate.window.complete_days() < 7
}

/// Where a change saves on today's bill less than half of what it saves in its plan: why.
pub(crate) fn alone_note(report: &Report<'_>, r: &Recommendation) -> Option<String> {
    let in_plan = Cents::of(report).shown(r);
    if in_plan <= Money::ZERO || r.savings.standalone + r.savings.standalone >= in_plan {
        return None;
    }
    let (ready, full) = (&report.outcome.ready, &report.outcome.full);
    let steps = if ready.steps.iter().any(|step| step.id == r.id) { &ready.steps } else { &full.steps };
    let earlier = steps.iter().take_while(|step| step.id != r.id).filter_map(|step| {
        report.outcome.recommendations.iter().find(|other| other.id == step.id && other.subject == r.subject)
    });
    let number = earlier.last().map(|other| format!(", number {} on the same {}", other.rank, kind(&r.subject)));
    Some(format!(
        "Alone, on today's bill, it saves {}: it works on what the steps before it leave{}",
        usd(r.savings.standalone),
        number.unwrap_or_default()
    ))
}

/// What is meant by an owner's charges.
pub(crate) fn kind(owner: &Owner) -> &'static str {
    match owner {
        Owner::Workload(_) => "calls",
        Owner::Pool(_) => "capacity",
        Owner::Resource(..) => "resource",
        Owner::Account(_) => "account",
    }
}

/// Whose charges, in words, with the kind of calls where a caller has several.
pub(crate) fn exact_place(labels: &Labels, owner: &Owner) -> String {
    match cohort(owner) {
        Some(cohort) => short(&format!("{} · {}", short(cohort, 60), place(labels, owner)), 300),
        None => place(labels, owner),
    }
}

/// The kind of calls, where a caller has several.
pub(crate) fn cohort(owner: &Owner) -> Option<&str> {
    match owner {
        Owner::Workload(w) if w.cohort.as_str() != Cohort::ALL => Some(w.cohort.as_str()),
        _ => None,
    }
}

/// Whose charges, in words: what recommendations speak of, all kinds of a caller's calls.
pub(crate) fn place(labels: &Labels, owner: &Owner) -> String {
    let account = labelled(labels, owner.account().as_str());
    let text = match owner {
        Owner::Workload(w) => format!("{} · {} · {account}", labelled(labels, w.caller.as_str()), w.region),
        Owner::Pool(p) => format!("committed capacity for {} · {} · {account}", p.model, p.region),
        Owner::Resource(_, region, id) => format!("{} · {region} · {account}", labelled(labels, id.as_str())),
        Owner::Account(_) => account,
    };
    short(&text, 240)
}

/// The same for a narrow column: who, then region and account. Of a resource's ARN the part that names it.
pub(crate) fn place_lines(labels: &Labels, owner: &Owner) -> Vec<String> {
    let named = |arn: &str| arn.splitn(6, ':').nth(5).filter(|_| arn.starts_with("arn:")).unwrap_or(arn).to_owned();
    let (who, there) = match owner {
        Owner::Workload(w) => {
            (labelled(labels, w.caller.as_str()), format!("{} · {}", w.region, labelled(labels, w.account.as_str())))
        }
        Owner::Pool(p) => {
            (format!("capacity for {}", p.model), format!("{} · {}", p.region, labelled(labels, p.account.as_str())))
        }
        Owner::Resource(account, region, id) => (
            labels.get(id.as_str()).cloned().unwrap_or_else(|| named(id.as_str())),
            format!("{region} · {}", labelled(labels, account.as_str())),
        ),
        Owner::Account(account) => return vec![short(&labelled(labels, account.as_str()), 240)],
    };
    vec![short(&who, 240), short(&there, 240)]
}

/// A raw name, behind the label that people know it by: `Production (111111111111)`.
#[must_use]
pub fn labelled(labels: &Labels, raw: &str) -> String {
    labels.get(raw).map_or_else(|| raw.to_owned(), |label| format!("{label} ({raw})"))
}

/// Kinds of calls named in a note.
const MOST_KINDS: usize = 3;

/// Which of the caller's calls a recommendation means, where not all of them.
pub(crate) fn only(r: &Recommendation) -> Option<String> {
    let only = r.only.as_ref()?;
    let mut kinds: Vec<String> = only.cohorts.iter().map(|cohort| short(cohort.as_str(), 60)).collect();
    let more = kinds.len().saturating_sub(MOST_KINDS);
    kinds.truncate(MOST_KINDS);
    if more > 0 {
        kinds.push(count(more as u64, "more kind of", "more kinds of"));
    }
    let named = match &kinds[..] {
        [] => "some of its".to_owned(),
        [one] => format!("its {one}"),
        [several @ .., last] => format!("its {} and {last}", several.join(", ")),
    };
    let calls = |calls: u64| whole(i128::from(calls));
    Some(format!("only {named} calls: {} of {}", calls(only.calls), calls(only.of)))
}

/// What the full plan does in its place.
pub(crate) fn in_full(r: &Recommendation) -> Option<String> {
    r.in_full.as_ref().map(|title| format!("in the full plan: {}", short(title, 320)))
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
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(i128::from(n)), if n == 1 { one } else { many })
}

/// A whole number with separators: `1,234,567`.
#[must_use]
pub fn whole(number: i128) -> String {
    let text = Money::from_micro(number.saturating_mul(1_000_000)).to_string();
    text.strip_suffix(".00").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\u{202e}d"), "a [31mb  c d");
        assert_eq!(clean("\u{9b}2J\u{200b}\u{2028}\u{e0041}\u{feff}x"), " 2J    x");
        assert_eq!(usd(Money::parse("-3.5").expect("money")), "-$3.50");
        assert_eq!(count(1234, "row", "rows"), "1,234 rows");
    }

    #[test]
    fn a_part_is_neither_all_nor_nothing() {
        let shown = [0.0, 0.0004, 0.0005, 0.5, 0.9994, 0.9996, 1.0].map(part);
        assert_eq!(shown, ["0.0 %", "under 0.1 %", "0.1 %", "50.0 %", "99.9 %", "over 99.9 %", "100.0 %"]);
    }

    #[test]
    fn a_label_stands_before_the_raw_name() {
        let labels = Labels::from([("111111111111".to_owned(), "Production".to_owned())]);
        assert_eq!(labelled(&labels, "111111111111"), "Production (111111111111)");
        assert_eq!(labelled(&labels, "222222222222"), "222222222222");
    }
}
