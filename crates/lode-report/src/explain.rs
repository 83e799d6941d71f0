//! One figure, followed with a calculator; one rule, with its clauses; one recommender, with its page.

use std::fmt::Write;

use lode_engine::{
    Alternative, BreakEven, Evidence, Line, PlanName, RateFrom, Reason, Recommendation, Recommender, Rule, Silence,
    TestVerdict, Value,
};
use lode_model::{ContextBand, Money, Note, Owner, Rate, Unit};

use crate::text::{Cents, clean, count, exact_place, in_full, only, percent, place, short, usd, whole};
use crate::{Look, Report};
use crate::{cohorts, habits, misses, sketch};

/// A recommendation: what, where, arithmetic, clauses, the calls, assumptions, risk, next step.
#[must_use]
pub fn explain_recommendation(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", look.heading(&r.rule.title));
    let _ = writeln!(out, "{}\n", look.dim(&clean(&r.id)));
    out.push_str(&look.wrap(&clean(&r.action), ""));
    let _ = writeln!(out, "  {}", look.dim(&place(&r.subject)));
    for note in only(r).into_iter().chain(in_full(r)) {
        out.push_str(&look.hang(&note, "  "));
    }
    out.push('\n');
    out.push_str(&look.wrap(&format!("{} {}", r.rule.what, r.rule.why), ""));
    out.push('\n');
    savings(&mut out, report, r, look);
    break_even(&mut out, r, look);
    arithmetic(&mut out, report, r, look);
    clauses(&mut out, &r.rule, Some(r), look);
    out.push_str(&cohorts::block(report, r, look));
    out.push_str(&habits::calls(report, r, look));
    out.push_str(&misses::block(report, r, look));
    out.push_str(&sketch::block(report, r, look));
    assumptions(&mut out, &r.rule, look);
    for (name, text) in [
        ("Next step", &r.rule.next_step),
        ("What could go wrong", &r.rule.caution),
        ("How to undo it", &r.rule.rollback),
        ("How to see that it worked", &r.rule.verify),
    ] {
        let _ = writeln!(out, "{}", look.heading(name));
        out.push_str(&look.wrap(text, "  "));
    }
    if !r.waiting.is_empty() {
        let kinds: Vec<String> = r.waiting.iter().map(|cohort| clean(cohort.as_str())).collect();
        let text = format!("Of its calls, {} wait for a test of their own: in the full plan only.", kinds.join(", "));
        out.push_str(&look.wrap(&text, "  "));
    }
    if let Some((date, verdict)) = r.test {
        let said = match verdict {
            TestVerdict::Passed => "no worse than today's by the margin of the test",
            TestVerdict::Failed => "worse than today's",
            TestVerdict::Undecided => "not decided: more cases would",
        };
        out.push_str(&look.wrap(&format!("Test on your own calls, imported on {date}: {said}."), "  "));
    }
    if let Some(check) = &r.rule.check {
        out.push_str(&look.wrap(&format!("Check first: {check}. The saving is in the ready plan."), "  "));
    }
    if !r.one_off.is_zero() {
        let back = r
            .payback_days()
            .map(|days| format!(", earned back in {}", count(days.try_into().unwrap_or(u64::MAX), "day", "days")));
        out.push_str(&look.wrap(&format!("Once: {}{}.", r.one_off.to_usd(), back.unwrap_or_default()), "  "));
    }
    if let Some(gate) = r.gate {
        out.push_str(&look.wrap(
            &format!(
                "Gate: {gate}. Until it is passed the saving is in the full plan only, and its cautious end is 0."
            ),
            "  ",
        ));
    }
    if !r.alternatives.is_empty() {
        let _ = writeln!(out, "{}", look.heading("Other ways"));
        for alternative in &r.alternatives {
            out.push_str(&look.wrap(&other_way(alternative), "  "));
        }
    }
    out
}

/// An alternative in a sentence.
fn other_way(alternative: &Alternative) -> String {
    let by = |more: Money| {
        let (amount, word) = if more < Money::ZERO { (Money::ZERO - more, "smaller") } else { (more, "larger") };
        if amount.is_zero() { "as large".to_owned() } else { format!("{} a month {word}", usd(amount)) }
    };
    let title = clean(&alternative.title);
    match alternative.never_chosen {
        None => format!("{title}: leaves a bill {}.", by(alternative.costs_more)),
        Some((low, high)) => format!(
            "{title}: leaves a bill {}, between {} and {} at the ends of its assumptions. Listed for you to weigh, never \
             chosen by itself.",
            by(alternative.costs_more),
            by(low),
            by(high)
        ),
    }
}

/// From which part of the calls on a move to another model pays, followed with a calculator.
fn break_even(out: &mut String, r: &Recommendation, look: Look) {
    let Some((even, needed)) = r.break_even.and_then(|even| Some((even, at_least(&even)?))) else { return };
    let _ = writeln!(out, "{}", look.heading("Break-even"));
    out.push_str(&look.wrap(&format!("Worth it if at least {needed} of the calls can move: by tokens alone, were each call tried there first and repeated on today's model where its answer does not do."), "  "));
    let (there, today) = (exact(even.there), exact(even.today));
    let text = format!(
        "Try the cheaper model first on all the calls meant here, and repeat on today's model those whose answer does not \
         do. In the window the tries cost {there}; every call that can stay saves what it costs today, {today} for all of \
         them. {there} / {today} = {needed}"
    );
    out.push_str(&look.wrap(&text, "  "));
    out.push('\n');
}

/// The part of the calls that must be able to move, in per cent, rounded up to a tenth: `40 %`, `38.1 %`.
fn at_least(even: &BreakEven) -> Option<String> {
    even.share()?;
    let (there, today) = (even.there.pico(), even.today.pico());
    let tenths = (there.checked_mul(1000)? + today - 1).div_euclid(today);
    let (whole, tenth) = (tenths.div_euclid(10), tenths.rem_euclid(10));
    Some(if tenth == 0 { format!("{whole} %") } else { format!("{whole}.{tenth} %") })
}

fn savings(out: &mut String, report: &Report<'_>, r: &Recommendation, look: Look) {
    let _ = writeln!(out, "{}", look.heading("Savings a month"));
    let cents = Cents::of(report);
    for (name, marginal) in [(PlanName::Ready, cents.ready(r)), (PlanName::Full, cents.full(r))] {
        if let Some(marginal) = marginal {
            let _ = writeln!(out, "  {name:<6} plan        {:>14}", usd(marginal));
        }
    }
    let s = &r.savings;
    let _ = writeln!(out, "  90 % interval       {:>14} to {}", usd(s.low), usd(s.high));
    let ends = if r.rule.assumptions.is_empty() { "" } else { ", each assumption below at its ends" };
    let sources =
        format!("the days of the window resampled{ends}; prices that the bill does not show at list for the low");
    out.push_str(&look.wrap(&sources, "                      "));
    let _ = writeln!(out, "  alone, on today's bill {:>11}", usd(s.standalone));
    let scope = if r.current.is_zero() {
        // Capacity that is not bought yet costs nothing.
        String::new()
    } else {
        format!("{} of what it costs before this step ({}), ", percent(s.expected.share_of(r.current)), usd(r.current))
    };
    let shares = format!(
        "{scope}{} of the bill; evidence {}, effort {}, risk {}",
        percent(s.expected.share_of(report.outcome.ready.baseline)),
        r.grade,
        r.rule.effort,
        r.rule.risk
    );
    out.push_str(&look.hang(&shares, "  "));
    out.push('\n');
}

pub(crate) fn arithmetic(out: &mut String, report: &Report<'_>, r: &Recommendation, look: Look) {
    let window = &report.estate.window;
    let math = &r.arithmetic;
    let plan = r.plans.first().map_or("full", |(name, _)| name.as_str());
    let _ = writeln!(
        out,
        "{}",
        look.heading(&format!("Arithmetic of the {plan} plan, {} to {}", window.first, window.last))
    );
    if r.in_full.is_some() {
        out.push_str(&look.wrap(
            "In the full plan another option of the same rule stands in its place; the lines here are of the change \
             above.",
            "  ",
        ));
    } else if let [(_, ready), (_, full)] = r.plans[..]
        && ready != full
    {
        out.push_str(&look.wrap(
            "In the full plan the same change comes after the tested steps and works on what they leave over, \
             other models included.",
            "  ",
        ));
    }
    if let Some(rest) = other_parts(r) {
        out.push_str(&look.wrap(
            &format!(
                "This is the largest part. The other kinds of calls change in the same way and save {} a month.",
                usd(rest)
            ),
            "  ",
        ));
    }
    let sum = |lines: &[Line]| lines.iter().map(|line| line.cost).sum::<Money>();
    out.push_str(&look.wrap(&format!("what changes: {}", clean(&math.moves.join("; "))), "  "));
    for (name, lines) in [("before", &math.before), ("after", &math.after)] {
        let _ = writeln!(out, "  {name}{}", if lines.is_empty() { ": nothing" } else { "" });
        for line in lines {
            let (what, figures) = describe(line);
            if what.chars().count() + figures.chars().count() + 6 <= look.width {
                let _ = writeln!(out, "    {what}: {figures}");
            } else {
                out.push_str(&look.hang(&format!("{what}:"), "    "));
                out.push_str(&look.hang(&figures, "      "));
            }
            out.push_str(&look.hang(&look.dim(&rate_from(&line.from)), "      "));
        }
        let _ = writeln!(out, "    sum {}", exact(sum(lines)));
    }
    let (before, after, saved) = (sum(&math.before), sum(&math.after), math.saved.total());
    let own = before - after;
    let _ = writeln!(out, "  saved in the window: {} - {} = {}", exact(before), exact(after), exact(own));
    if own != saved {
        out.push_str(&look.hang(&format!("{}, together {}", others(&r.subject, saved - own), exact(saved)), "  "));
    }
    let _ = writeln!(out, "{}", look.heading("From the window to a month of 730 hours"));
    let flat = |what: &str, sum: Money| {
        format!("  {what} of {n} counted days {} × 730 / 24 / {n}", exact(sum), n = math.counted_days)
    };
    if math.by_weekday.is_empty() {
        let _ = writeln!(out, "{}", flat("sum", math.counted_usage + math.counted_standing));
    } else {
        for ((sum, days), name) in math.by_weekday.iter().zip(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) {
            if !sum.is_zero() {
                let _ = writeln!(out, "  {name}  {} over {days} days, × 730 / 168 / {days}", exact(*sum));
            }
        }
        if !math.counted_standing.is_zero() {
            let _ = writeln!(out, "{}", flat("standing costs", math.counted_standing));
        }
    }
    let _ = writeln!(out, "  together {} a month", exact(math.monthly));
    if !math.others.is_zero() {
        out.push_str(&look.hang(&format!("of it, {} a month", others(&r.subject, math.others)), "  "));
    }
    out.push_str(&look.wrap(
        "The plan's figure may differ from this line by a cent: its column is rounded so that it adds up.",
        "  ",
    ));
    out.push('\n');
}

/// What other owners of a shared cache or of capacity gain or lose by the change.
fn others(subject: &Owner, money: Money) -> String {
    let who = match subject {
        Owner::Pool(_) => "the callers that the capacity serves",
        _ => "other callers of the same cache or capacity",
    };
    if money < Money::ZERO {
        format!("{who} pay {} more", exact(Money::ZERO - money))
    } else {
        format!("{who} save {}", exact(money))
    }
}

/// What the parts save that the arithmetic does not show: kinds of calls that share a recommendation.
pub(crate) fn other_parts(r: &Recommendation) -> Option<Money> {
    let (_, marginal) = r.plans.first()?;
    let rest = *marginal - r.arithmetic.monthly;
    // A plan rounds each step to the micro-dollar.
    (rest >= Money::from_micro(10_000)).then_some(rest)
}

/// `input (regional, standard)` and `28,000,000 tokens × $3.30 a million = $92.40`.
fn describe(line: &Line) -> (String, String) {
    let key = &line.key;
    let class = clean(key.class.as_str());
    let band = if key.band == ContextBand::Long { ", long context" } else { "" };
    let custom = if key.custom { ", custom" } else { "" };
    let what = match line.unit {
        Some(Unit::Token) => {
            format!("{} {class} ({}, {}{band}{custom})", clean(key.model.as_str()), key.routing, key.mode)
        }
        _ => class,
    };
    let rate = |per: i128| Rate::new(line.cost, line.steps).map_or(Money::ZERO, |rate| rate.per(per));
    let figures = match line.unit {
        Some(Unit::Token) => {
            format!("{} tokens × {} a million = {}", whole(line.steps), exact(rate(1_000_000)), exact(line.cost))
        }
        Some(unit) => format!(
            "{} {}s × {} = {}",
            Money::from_micro(line.steps).to_decimal(2),
            unit.spoken(),
            exact(rate(unit.steps())),
            exact(line.cost)
        ),
        None => exact(line.cost),
    };
    (what, figures)
}

pub(crate) fn rate_from(from: &RateFrom) -> String {
    match from {
        RateFrom::Bill => "rate: billed dollars over billed quantity".to_owned(),
        RateFrom::List { kept, sources, derived } => {
            let derived = derived.as_ref().map(|how| format!(", {how}")).unwrap_or_default();
            let kept = if kept.ppm() == 1_000_000 {
                String::new()
            } else {
                format!(", times {} that this bill pays of list", percent(kept.to_f64()))
            };
            format!("rate: list price (sources {sources}{derived}){kept}")
        }
        RateFrom::Assumed => "a fixed amount".to_owned(),
    }
}

/// `2 OCUs`, `$350.40 per month`, `0.25 share`; words and dates speak for themselves.
fn with_unit(evidence: &Evidence) -> String {
    let unit = match evidence.value {
        Value::Money(_) => evidence.unit.trim_start_matches("USD").trim_start(),
        Value::Number(_) => evidence.unit,
        Value::Text(_) | Value::Flag(_) => "",
    };
    format!("{} {unit}", short(&evidence.value.to_string(), LONGEST_VALUE)).trim_end().to_owned()
}

/// Evidence on its own, not beside a threshold: shares in per cent.
pub(crate) fn alone(evidence: &Evidence) -> String {
    match (&evidence.value, evidence.unit.strip_prefix("share")) {
        (Value::Number(share), Some(of)) => format!("{}{of}", percent(*share)),
        _ => with_unit(evidence),
    }
}

/// Whether evidence says something without its clause: a yes or no does not.
pub(crate) fn speaks(evidence: &Evidence) -> bool {
    !matches!(evidence.value, Value::Flag(_))
}

/// The longest value shown: lists of tools can be long. JSON has all of it.
const LONGEST_VALUE: usize = 400;

/// Dollars with as many decimals as they have, at least two.
fn exact(money: Money) -> String {
    let text = money.to_decimal(6);
    let trimmed = text.trim_end_matches('0');
    let decimals = trimmed.len() - trimmed.find('.').map_or(trimmed.len(), |dot| dot + 1);
    let (sign, text) = (if text.starts_with('-') { "-" } else { "" }, text.trim_start_matches('-').to_owned());
    let shown = &text[..text.len() - (6 - decimals.max(2))];
    let (dollars, cents) = shown.split_once('.').unwrap_or((shown, "00"));
    format!("{sign}${}.{cents}", whole(dollars.parse().unwrap_or_default()))
}

/// A rule: its clauses and assumptions, and, with a report, what came of it everywhere.
#[must_use]
pub fn explain_rule(recommender: &dyn Recommender, rule: &Rule, report: Option<&Report<'_>>, look: Look) -> String {
    let mut out = String::new();
    let id = format!("{}.{}", recommender.meta().id, rule.id);
    let _ = writeln!(out, "{}\n{}\n", look.heading(&rule.title), look.dim(&id));
    out.push_str(&look.wrap(&format!("{} {}", rule.what, rule.why), ""));
    let gate = rule.gate.map(|gate| format!(", gate {gate}")).unwrap_or_default();
    let _ = writeln!(out, "Evidence {}, effort {}, risk {}{gate}\n", rule.grade, rule.effort, rule.risk);
    clauses(&mut out, rule, None, look);
    assumptions(&mut out, rule, look);
    let Some(report) = report else { return out };
    let _ = writeln!(out, "{}", look.heading("On this bill"));
    let mut said = false;
    for r in report.outcome.recommendations.iter().filter(|r| r.rule_id == id) {
        said = true;
        out.push_str(&look.wrap(
            &format!(
                "recommended, number {}: {} a month: {}{}",
                r.rank,
                usd(Cents::of(report).shown(r)),
                place(&r.subject),
                only(r).map(|only| format!(", {only}")).unwrap_or_default()
            ),
            "  ",
        ));
    }
    for gap in &report.outcome.gaps {
        for waiting in gap.waiting.iter().filter(|w| w.rule_id == id) {
            said = true;
            let (place, spend) = (exact_place(&waiting.subject), usd(waiting.spend));
            let text = format!("waits for {}: {place}, {spend} a month", gap.input);
            out.push_str(&look.wrap(&text, "  "));
            for e in &waiting.evidence {
                out.push_str(&look.hang(&format!("{} {}", e.signal, alone(e)), "    "));
            }
        }
    }
    for declined in report.outcome.declined.iter().filter(|d| d.rule_id == id) {
        said = true;
        let (place, why) = (exact_place(&declined.subject), because(&declined.reason));
        out.push_str(&look.wrap(&format!("declined: {place}: {why}"), "  "));
    }
    if !said {
        out.push_str("  nothing here to look at\n");
    }
    out
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

fn clauses(out: &mut String, rule: &Rule, measured: Option<&Recommendation>, look: Look) {
    let headed = [
        ("Clauses, all must hold", &rule.clauses),
        ("Where any of these holds, the evidence is a grade weaker", &rule.weaker),
    ];
    for (heading, clauses) in headed.into_iter().filter(|(_, clauses)| !clauses.is_empty()) {
        let _ = writeln!(out, "{}", look.heading(heading));
        for clause in clauses {
            let value = measured
                .and_then(|r| r.evidence.iter().find(|e| e.signal == clause.signal))
                .map_or_else(String::new, |e| format!(" (is {})", with_unit(e)));
            let any = clause.any.as_ref().map_or_else(String::new, |word| format!(" (one of \"{word}\" is enough)"));
            let text = format!("{} {} {}{value}{any}", clause.signal, clause.comparator.as_str(), clause.threshold);
            out.push_str(&look.hang(&text, "  "));
            out.push_str(&look.wrap(&format!("{} [{}]", clause.why, clause.source), "    "));
        }
    }
    if let Some(r) = measured {
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

fn assumptions(out: &mut String, rule: &Rule, look: Look) {
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
    for rule in rules {
        out.push_str(&explain_rule(recommender, rule, None, look));
        out.push('\n');
    }
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
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_must_be_able_to_move_is_rounded_up() {
        let shown =
            |there, today| at_least(&BreakEven { there: Money::from_micro(there), today: Money::from_micro(today) });
        assert_eq!(shown(2, 5).as_deref(), Some("40 %"));
        assert_eq!(shown(1, 3).as_deref(), Some("33.4 %"));
        assert_eq!(shown(5, 5), None, "it never pays");
    }

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
