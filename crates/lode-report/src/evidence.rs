//! Evidence and clauses in words: what was measured beside what it is compared with.

use std::fmt::Write;

use lode_engine::{Clause, Comparator, Evidence, Reason, Recommendation, Rule, Threshold, Value};

use crate::Look;
use crate::text::{count, percent, short};

/// The longest value shown: lists of tools can be long. JSON has all of it.
pub(crate) const LONGEST_VALUE: usize = 400;

/// From so many seconds on hours are easier to read.
const HOURS_FROM: f64 = 7200.0;

/// What of a unit is said after a per cent sign, where the number is a share: `share of calls` and, of what is named a
/// share, `of the units billed`.
fn share_of<'a>(signal: &str, unit: &'a str) -> Option<&'a str> {
    unit.strip_prefix("share").or_else(|| (signal.contains("share") && unit.starts_with("of ")).then_some(unit))
}

/// `94.84 %`: with as many decimals, up to four, as it takes to tell it from the threshold it is compared with.
fn share(share: f64, threshold: Option<f64>) -> String {
    let text = |share: f64, places: usize| {
        let text = format!("{:.places$}", share * 100.0 + 0.0);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        format!("{text} %")
    };
    let told = |places: &usize| {
        threshold.is_none_or(|other| other.to_bits() == share.to_bits() || text(other, *places) != text(share, *places))
    };
    text(share, [1, 2, 4].into_iter().find(told).unwrap_or(4))
}

/// A number of a signal whose unit is in its name: shares in per cent, the others with separators.
pub(crate) fn plain(signal: &str, number: f64) -> String {
    if signal.ends_with("share") { share(number, None) } else { Value::Number(number).to_string() }
}

/// A value with its unit: `94.84 % of prompt tokens`, `1,322 calls`, `$12.40 per month`, `6.5 hours`.
fn with_unit(e: &Evidence, threshold: Option<f64>) -> String {
    let unit = match e.value {
        Value::Money(_) => e.unit.trim_start_matches("USD").trim_start(),
        Value::Number(_) => e.unit,
        Value::Text(_) | Value::Flag(_) => "",
    };
    let text = match (&e.value, share_of(e.signal, e.unit)) {
        (Value::Number(part), Some(of)) => format!("{} {}", share(*part, threshold), of.trim_start()),
        (Value::Number(seconds), _) if e.unit == "seconds" && *seconds >= HOURS_FROM => {
            format!("{} hours", Value::Number((seconds / 360.0).round() / 10.0))
        }
        _ => format!("{} {unit}", short(&e.value.to_string(), LONGEST_VALUE)),
    };
    text.trim_end().to_owned()
}

/// Evidence on its own, not beside a threshold: shares in per cent.
pub(crate) fn alone(e: &Evidence) -> String {
    match (&e.value, share_of(e.signal, e.unit)) {
        (Value::Number(part), Some(of)) => format!("{} {}", percent(*part), of.trim_start()).trim_end().to_owned(),
        _ => with_unit(e, None),
    }
}

/// Whether evidence says something without its clause: a yes or no does not.
pub(crate) fn speaks(e: &Evidence) -> bool {
    !matches!(e.value, Value::Flag(_))
}

/// The number a clause compares with, where it is one.
#[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
pub(crate) fn number(threshold: &Threshold) -> Option<f64> {
    match threshold {
        Threshold::Whole(value) => Some(*value as f64),
        Threshold::Number(value) => Some(*value),
        Threshold::Flag(_) | Threshold::Text(_) => None,
    }
}

/// How near something declined came, to list the nearest first: how far the measured number is from the threshold of the
/// clause that stopped it, as a part of the larger of the two. A word or a yes or no misses by all; what no clause stopped came
/// furthest, and misses by nothing.
pub(crate) fn missed_by(reason: &Reason) -> f64 {
    let Reason::Clause { clause, value, .. } = reason else { return 0.0 };
    let value = match value {
        Value::Number(number) => *number,
        Value::Money(money) => money.to_f64(),
        Value::Text(_) | Value::Flag(_) => return f64::INFINITY,
    };
    let Some(threshold) = number(&clause.threshold) else { return f64::INFINITY };
    let larger = value.abs().max(threshold.abs());
    if larger > 0.0 { (value - threshold).abs() / larger } else { 0.0 }
}

/// What a clause needs, in the unit of what was measured: `>= 100`, `>= 2 %`, `yes`.
fn needed(clause: &Clause, measured: Option<&Evidence>) -> String {
    let threshold = match (measured.and_then(|e| share_of(e.signal, e.unit)), number(&clause.threshold)) {
        (Some(_), Some(bound)) => share(bound, None),
        _ => clause.threshold.to_string(),
    };
    match (clause.comparator, measured) {
        (Comparator::Is, Some(_)) => threshold,
        (comparator, _) => format!("{} {threshold}", comparator.as_str()),
    }
}

/// `calls.count is 1,322 calls, needs >= 100`; without a measurement `calls.count >= 100`.
pub(crate) fn clause_text(clause: &Clause, measured: Option<&Evidence>, needs: &str) -> String {
    let any = clause.any.as_ref().map_or_else(String::new, |word| format!(" (one of \"{word}\" is enough)"));
    let than = needed(clause, measured);
    match measured {
        None => format!("{} {than}{any}", clause.signal),
        Some(e) => {
            let value = with_unit(e, number(&clause.threshold));
            format!("{} is {value}, {needs} {than}{any}", clause.signal)
        }
    }
}

/// What a recommendation measured of a clause and what it had to be, apart.
pub(crate) fn held(r: &Recommendation, clause: &Clause) -> (Option<String>, String) {
    let e = measured(r, clause);
    (e.map(|e| with_unit(e, number(&clause.threshold))), needed(clause, e))
}

/// The evidence of a clause.
pub(crate) fn measured<'a>(r: &'a Recommendation, clause: &Clause) -> Option<&'a Evidence> {
    r.evidence.iter().find(|e| e.signal == clause.signal)
}

/// The clauses of a rule: as written, or with what was measured for a recommendation.
/// `missed` counts the places of which a clause was the first that did not hold, by signal.
pub(crate) fn clauses(
    out: &mut String,
    rule: &Rule,
    r: Option<&Recommendation>,
    missed: &dyn Fn(&Clause) -> u64,
    look: Look,
) {
    let headed = [
        ("Clauses, all must hold", "What was measured, and what it must be: all hold", &rule.clauses, "needs"),
        (
            "Where any of these holds, the evidence is a grade weaker",
            "Where any of these holds, the evidence is a grade weaker",
            &rule.weaker,
            "weaker if",
        ),
    ];
    for (written, found, clauses, needs) in headed.into_iter().filter(|(_, _, clauses, _)| !clauses.is_empty()) {
        let _ = writeln!(out, "{}", look.heading(if r.is_some() { found } else { written }));
        for clause in clauses {
            let mut text = clause_text(clause, r.and_then(|r| measured(r, clause)), needs);
            let places = missed(clause);
            if places > 0 {
                let _ = write!(text, " · the first to fail at {}", count(places, "place", "places"));
            }
            out.push_str(&look.hang(&text, "  "));
            out.push_str(&look.wrap(&format!("{} [{}]", clause.why, clause.source), "      "));
        }
    }
    if let Some(r) = r {
        let others: Vec<_> = r.evidence.iter().filter(|e| speaks(e) && !rule.compares(e.signal)).collect();
        if !others.is_empty() {
            let _ = writeln!(out, "{}", look.heading("Also measured"));
            for e in others {
                out.push_str(&look.hang(&format!("{} {}", e.signal, alone(e)), "  "));
            }
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(unit: &'static str, value: f64) -> Evidence {
        Evidence { signal: "a.share", unit, value: Value::Number(value) }
    }

    #[test]
    fn values_have_the_unit_people_use() {
        assert_eq!(with_unit(&evidence("share of calls", 0.25), None), "25 % of calls");
        assert_eq!(with_unit(&evidence("of the units billed", 0.5), None), "50 % of the units billed");
        assert_eq!(with_unit(&evidence("seconds", 23_400.0), None), "6.5 hours");
        assert_eq!(with_unit(&evidence("seconds", 90.0), None), "90 seconds");
        assert_eq!(with_unit(&evidence("calls", 3_416_296.0), None), "3,416,296 calls");
    }

    /// 8 misses 10 by a fifth, 0 by all of it, and 40 misses 10 by three quarters of 40.
    #[test]
    fn what_comes_near_misses_by_a_small_part() {
        let clause = |comparator, threshold| Clause {
            signal: "a".to_owned(),
            comparator,
            threshold,
            why: String::new(),
            source: String::new(),
            reason: None,
            any: None,
        };
        let by = |comparator, threshold, value| {
            missed_by(&Reason::Clause { clause: clause(comparator, threshold), value, because: None }).to_string()
        };
        let number = |value| by(Comparator::AtLeast, Threshold::Whole(10), Value::Number(value));
        assert_eq!([number(8.0), number(0.0), number(10.0), number(40.0)], ["0.2", "1", "0", "0.75"]);
        assert_eq!(by(Comparator::AtLeast, Threshold::Number(0.0), Value::Number(0.0)), "0");
        assert_eq!(by(Comparator::Is, Threshold::Flag(true), Value::Flag(false)), "inf");
        assert_eq!(missed_by(&Reason::NothingToPropose).to_string(), "0");
    }

    #[test]
    fn a_share_is_never_rounded_to_its_threshold() {
        assert_eq!(share(0.9, Some(0.9)), "90 %");
        assert_eq!(share(0.89996, Some(0.9)), "89.996 %");
        assert_eq!(share(0.94837, Some(0.1)), "94.8 %");
    }
}
