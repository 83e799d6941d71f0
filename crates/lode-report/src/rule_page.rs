//! One rule with its clauses and what they measured here, one recommender with its page, and everything built in.

use std::collections::BTreeMap;
use std::fmt::Write;

use lode_engine::{Clause, Declined, Reason, Recommendation, Recommender, Rule, Silence, Value};
use lode_model::{Money, Note};

use crate::evidence::{LONGEST_VALUE, alone, clause_text, clauses, measured, missed_by, number};
use crate::text::{Cents, clean, count, exact_place, only, place, short, usd, whole};
use crate::{Look, Report};

/// Places at which a rule was declined that a page lists, the nearest first. JSON has all.
const MOST_DECLINED: usize = 20;

/// Rules of a recommender: clauses and assumptions and, with a report, what came of each everywhere.
#[must_use]
pub fn explain_rules(
    recommender: &dyn Recommender,
    rules: &[&Rule],
    report: Option<&Report<'_>>,
    look: Look,
) -> String {
    let mut pages: Vec<String> = rules.iter().map(|rule| rule_page(recommender, rule, report, look)).collect();
    let ids: Vec<String> = rules.iter().map(|rule| format!("{}.{}", recommender.meta().id, rule.id)).collect();
    let id = ids.first().map_or(recommender.meta().id, String::as_str);
    let next = match report {
        None => format!("lode explain {id} INPUT"),
        Some(report) => {
            let found = report.outcome.recommendations.iter().find(|r| ids.contains(&r.rule_id));
            let input = format!("{}{}", report.sources.input, report.sources.flags);
            found.map_or_else(|| format!("lode report {input}"), |r| format!("lode explain {} {input}", r.rank))
        }
    };
    pages.push(crate::explain::next(&next, look));
    pages.join("\n")
}

fn rule_page(recommender: &dyn Recommender, rule: &Rule, report: Option<&Report<'_>>, look: Look) -> String {
    let mut out = String::new();
    let id = format!("{}.{}", recommender.meta().id, rule.id);
    let _ = writeln!(out, "{}\n{}\n", look.heading(&rule.title), look.dim(&id));
    out.push_str(&look.wrap(&format!("{} {}", rule.what, rule.why), ""));
    let gate = rule.gate.map(|gate| format!(", gate {gate}")).unwrap_or_default();
    let _ = writeln!(out, "Evidence {}, effort {}, risk {}{gate}\n", rule.grade, rule.effort, rule.risk);
    let declined: Vec<&Declined> =
        report.map(|report| report.outcome.declined.iter().filter(|d| d.rule_id == id).collect()).unwrap_or_default();
    let mut missed: BTreeMap<&str, u64> = BTreeMap::new();
    for declined in &declined {
        if let Reason::Clause { clause, .. } = &declined.reason {
            *missed.entry(clause.signal.as_str()).or_default() += 1;
        }
    }
    let first = |clause: &Clause| missed.get(clause.signal.as_str()).copied().unwrap_or_default();
    clauses(&mut out, rule, None, &first, look);
    assumptions(&mut out, rule, look);
    if let Some(report) = report {
        here(&mut out, report, (rule, &id), declined, look);
    }
    out
}

/// What came of a rule: where it recommends, what waits, and where it was declined, by how much.
fn here(out: &mut String, report: &Report<'_>, (rule, id): (&Rule, &str), declined: Vec<&Declined>, look: Look) {
    let _ = writeln!(out, "{}", look.heading("On this bill"));
    let found: Vec<&Recommendation> = report.outcome.recommendations.iter().filter(|r| r.rule_id == id).collect();
    let waiting: Vec<_> = report
        .outcome
        .gaps
        .iter()
        .flat_map(|gap| gap.waiting.iter().filter(|w| w.rule_id == id).map(move |w| (gap.input, w)))
        .collect();
    if found.is_empty() && waiting.is_empty() && declined.is_empty() {
        out.push_str("  nothing here to look at\n");
        return;
    }
    let at = |n: usize| count(n as u64, "place", "places");
    let sum = format!(
        "recommended at {}, waiting for an input at {}, declined at {}",
        at(found.len()),
        at(waiting.len()),
        at(declined.len())
    );
    out.push_str(&look.wrap(&sum, "  "));
    let cents = Cents::of(report);
    for r in found {
        let only = only(r).map(|only| format!(", {only}")).unwrap_or_default();
        let saved = usd(cents.shown(r));
        let text =
            format!("recommended, number {}: {saved} a month: {}{only}", r.rank, place(report.labels, &r.subject));
        out.push_str(&look.hang(&text, "  "));
        for clause in &rule.clauses {
            out.push_str(&look.hang(&clause_text(clause, measured(r, clause), "needs"), "    "));
        }
    }
    for (input, waiting) in waiting {
        let (place, spend) = (exact_place(report.labels, &waiting.subject), usd(waiting.spend));
        let text = format!("waits for {input}: {place}, {spend} a month");
        out.push_str(&look.hang(&text, "  "));
        for e in &waiting.evidence {
            out.push_str(&look.hang(&format!("{} {}", e.signal, alone(e)), "    "));
        }
    }
    let mut nearest = declined;
    // Stable: equal ones stay in order.
    nearest.sort_by(|a, b| missed_by(&a.reason).total_cmp(&missed_by(&b.reason)));
    let more = nearest.len().saturating_sub(MOST_DECLINED);
    for declined in nearest.into_iter().take(MOST_DECLINED) {
        let by = miss(&declined.reason).map(|by| format!(", misses by {by}"));
        let (place, why) = (exact_place(report.labels, &declined.subject), because(&declined.reason));
        out.push_str(&look.hang(&format!("declined: {place}: {why}{}", by.unwrap_or_default()), "  "));
    }
    if more > 0 {
        let text = format!("declined: {} further from it, in --format json under declined", at(more));
        out.push_str(&look.hang(&text, "  "));
    }
}

/// How far a measured number is from its threshold, in words. `None` of words and yes or no, and where it is just at it.
fn miss(reason: &Reason) -> Option<String> {
    let Reason::Clause { clause, value, .. } = reason else { return None };
    let bound = number(&clause.threshold)?;
    let by = match value {
        Value::Number(measured) => (measured - bound).abs(),
        Value::Money(money) => (money.to_f64() - bound).abs(),
        Value::Text(_) | Value::Flag(_) => return None,
    };
    let text = match value {
        Value::Money(_) => usd(Money::from_f64(by).unwrap_or_default()),
        _ => Value::Number(by).to_string(),
    };
    (by > 0.0).then_some(text)
}

/// A reason with its figures.
pub(crate) fn because(reason: &Reason) -> String {
    match reason {
        Reason::Clause { clause, value, because } => {
            let by = match (value, &clause.threshold) {
                (Value::Number(_) | Value::Money(_), threshold) => {
                    format!(" {} {threshold}", clause.comparator.as_str())
                }
                (_, threshold) => format!(" to be {threshold}"),
            };
            let why = because.as_ref().map(|why| format!(" ({})", short(why, LONGEST_VALUE))).unwrap_or_default();
            format!("{} is {}{why}, needs{by}", clause.signal, clean(&value.to_string()))
        }
        Reason::LeftTo(first) => format!("left to {}, which goes first", clean(first)),
        Reason::NothingToPropose => "the clauses hold, but there is nothing to move to".to_owned(),
        Reason::NotSimulated(text) | Reason::NoPrice(text) => clean(text),
        Reason::NoSaving { title, saves, notes } => {
            let title = short(title, LONGEST_VALUE);
            let notes: String =
                Note::told(notes).map(|note| format!("; {}: {}", note.name, clean(&note.text))).collect();
            match Money::ZERO - *saves {
                more if more > Money::ZERO => format!("{title}: would cost {} a month more{notes}", usd(more)),
                _ => format!("{title}: would save nothing{notes}"),
            }
        }
        Reason::NegativeInPlan(money) => format!("within the plan it would save {} a month", usd(*money)),
        Reason::MovesPrefix { brings, reads_lost } => format!(
            "would cost {} more a month: shorter prompts, but {} tokens of the window that are read from the cache today \
             would not be",
            usd(Money::ZERO - *brings),
            whole(*reads_lost)
        ),
        Reason::Alternative { title, winner } => {
            format!("{}: beaten by {}", short(title, LONGEST_VALUE), clean(winner))
        }
        Reason::OnlyAlternative { title, instead_of, saves } => {
            let title = short(title, LONGEST_VALUE);
            match instead_of {
                Some(other) => format!("{title}: listed as another way of {}, never chosen by itself", clean(other)),
                None => format!("{title}: would save {} a month, never chosen by itself", usd(*saves)),
            }
        }
        Reason::Ended(last) => format!("nothing was used since {last}"),
        Reason::FailedTest { title, date } => format!("{}: the test imported on {date} says it is worse", clean(title)),
        Reason::Forbidden { title, why } => {
            format!("{}: forbidden in lode.toml: {}", short(title, LONGEST_VALUE), short(why, LONGEST_VALUE))
        }
        Reason::Suppressed(silence) => silenced(silence),
    }
}

pub(crate) fn silenced(silence: &Silence) -> String {
    let until = silence.expires.map_or_else(|| "without end".to_owned(), |day| format!("until {day}"));
    format!("silenced by {} {until}: {}", clean(&silence.owner), clean(&silence.reason))
}

pub(crate) fn assumptions(out: &mut String, rule: &Rule, look: Look) {
    if rule.assumptions.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", look.heading("Assumptions: low, used, high"));
    for a in &rule.assumptions {
        let _ = writeln!(out, "  {}: {}, {}, {} {}", a.id, a.low, a.expected, a.high, a.unit);
        out.push_str(&look.wrap(&format!("{} [{}]", a.text, a.source), "    "));
    }
    out.push('\n');
}

/// A recommender: its page and its rules.
#[must_use]
pub fn explain_recommender(recommender: &dyn Recommender, rules: &[Rule], look: Look) -> String {
    let mut out = String::new();
    out.push_str(&page(recommender.meta().readme, look));
    out.push('\n');
    out.push_str(&explain_rules(recommender, &rules.iter().collect::<Vec<_>>(), None, look));
    out
}

/// A page of Markdown as wide as the terminal: paragraphs and points are wrapped anew, code and tables stay.
fn page(markdown: &str, look: Look) -> String {
    let mut out = String::new();
    let mut open = String::new();
    let mut code = false;
    let close = |out: &mut String, open: &mut String| {
        let text = std::mem::take(open);
        let point = text.starts_with("- ");
        if !text.is_empty() {
            out.push_str(&if point { look.hang(&text, "") } else { look.wrap(&text, "") });
        }
    };
    for line in markdown.trim_end().lines() {
        let fence = line.starts_with("```");
        let stands = code || fence || line.is_empty() || line.starts_with('|') || line.starts_with('#');
        if stands || line.starts_with("- ") {
            close(&mut out, &mut open);
        }
        code ^= fence;
        if stands {
            out.push_str(line);
            out.push('\n');
        } else {
            open.push_str(if open.is_empty() { "" } else { " " });
            open.push_str(line.trim());
        }
    }
    close(&mut out, &mut open);
    out
}

/// Everything built in, in documented order.
#[must_use]
pub fn explain_all<'a>(all: impl Iterator<Item = (&'a dyn Recommender, &'a [Rule])>, look: Look) -> String {
    let mut out = String::from(
        "Levers in documented order, with their rules. lode explain ID says more of each; lode explain cohorts, how calls \
         are told apart by what they ask for.\n\n",
    );
    out = look.wrap(out.trim_end(), "");
    out.push('\n');
    for (place, (recommender, rules)) in all.enumerate() {
        let meta = recommender.meta();
        let _ = writeln!(out, "{}. {} ({})", place + 1, look.heading(meta.lever.name), meta.id);
        for rule in rules {
            let gate = rule.gate.map(|gate| format!(" [needs a test: {gate}]")).unwrap_or_default();
            let _ = writeln!(out, "   {}.{}{gate}", meta.id, rule.id);
            out.push_str(&look.wrap(&rule.title, "     "));
        }
    }
    out.push_str(&crate::explain::next("lode report INPUT", look));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_wrapped_but_for_code_and_tables() {
        let look = Look { width: 40, colour: false };
        let code = "x".repeat(60);
        let text = format!(
            "# Head\n\nOne paragraph of several words that\nis long enough.\n\n- a point of several words\n  that is long too\n- b\n\n```text\n{code}\n- c\n```\n"
        );
        let lines = [
            "# Head",
            "",
            "One paragraph of several words that is",
            "long enough.",
            "",
            "- a point of several words that is",
            "  long too",
            "- b",
            "",
            "```text",
            &code,
            "- c",
            "```",
        ];
        assert_eq!(page(&text, look).lines().collect::<Vec<_>>(), lines);
    }
}
