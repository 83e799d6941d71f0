//! One recommendation: what it is, what it saves and how sure that is, every figure followed with a calculator, what was
//! measured, what is assumed, what could go wrong, and what to type next.

use std::fmt::Write;

use lode_engine::{Alternative, BreakEven, Gate, Line, RateFrom, Recommendation, TestVerdict};
use lode_model::{ContextBand, Edit, Mode, Money, Owner, Unit};

use crate::bill::words::trimmed;
use crate::coverage::TOO_FEW;
use crate::evidence::clauses;
pub(crate) use crate::evidence::{alone, speaks};
use crate::look::{Tone, visible};
use crate::rounded::{Rounded, rate, rate_text};
use crate::rule_page::assumptions;
pub(crate) use crate::rule_page::{because, silenced};
use crate::table::before_it;
use crate::text::{
    Cents, alone_note, clean, count, dollars, in_full, is_too_short, only, part, percent, place, usd, whole,
};
use crate::{Look, Report};
use crate::{cohorts, habits, misses, sketch};

/// The last line of a page: what to type next, in the words of a shell.
pub(crate) fn next(command: &str, look: Look) -> String {
    format!("\nnext: {}\n", look.strong(command))
}

/// A recommendation: what, where, what it saves and how sure, the arithmetic, what was measured, the calls,
/// assumptions, other ways, risk, next step, how to see that it worked.
#[must_use]
pub fn explain_recommendation(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", look.heading(&r.rule.title));
    let _ = writeln!(out, "{}", look.dim(&clean(&r.id)));
    let of = report.outcome.recommendations.len();
    let line = format!(
        "number {} of {of} · {} · evidence {} · effort {} · risk {}",
        r.rank, r.lever.name, r.grade, r.rule.effort, r.rule.risk
    );
    out.push_str(&look.wrap_in(Tone::Dim, &line, ""));
    out.push('\n');
    out.push_str(&look.wrap(&clean(&r.action), ""));
    out.push_str(&look.wrap_in(Tone::Dim, &place(report.labels, &r.subject), "  "));
    for note in only(r).into_iter().chain(in_full(r)) {
        out.push_str(&look.hang(&note, "  "));
    }
    out.push('\n');
    out.push_str(&look.wrap(&format!("{} {}", r.rule.what, r.rule.why), ""));
    out.push('\n');
    savings(&mut out, report, r, look);
    break_even(&mut out, r, look);
    arithmetic(&mut out, report, r, look);
    clauses(&mut out, &r.rule, Some(r), &|_| 0, look);
    out.push_str(&cohorts::block(report, r, look));
    out.push_str(&habits::calls(report, r, look));
    out.push_str(&misses::block(report, r, look));
    out.push_str(&sketch::block(report, r, look));
    assumptions(&mut out, &r.rule, look);
    if !r.alternatives.is_empty() {
        let _ = writeln!(out, "{}", look.heading("Other ways"));
        for alternative in &r.alternatives {
            out.push_str(&look.hang(&other_way(alternative), "  "));
        }
        out.push('\n');
    }
    for (name, text) in [
        ("What could go wrong", &r.rule.caution),
        ("How to undo it", &r.rule.rollback),
        ("Next step", &r.rule.next_step),
        ("How to see that it worked", &r.rule.verify),
    ] {
        let _ = writeln!(out, "{}", look.heading(name));
        out.push_str(&look.wrap(text, "  "));
    }
    out.push_str(&next(&command(report, r), look));
    out
}

/// What to type next: what carries the step out or tests it, where there is such a command, else the rule everywhere.
fn command(report: &Report<'_>, r: &Recommendation) -> String {
    let input = format!("{}{}", report.sources.input, report.sources.flags);
    let edits = || r.parts.iter().flat_map(|part| &part.action.edits);
    if edits().any(|edit| *edit == Edit::Mode(Mode::Batch)) {
        format!("lode export batch {} {input} -o job/", r.rank)
    } else if r.gate == Some(Gate::Evaluation) && edits().any(|edit| matches!(edit, Edit::Model { .. })) {
        format!("lode eval export {} {input} -o test/", r.rank)
    } else {
        format!("lode explain {} {input}", r.rule_id)
    }
}

/// An alternative in a sentence.
pub(crate) fn other_way(alternative: &Alternative) -> String {
    let by = |more: Money| {
        let (amount, word) = if more < Money::ZERO { (Money::ZERO - more, "more") } else { (more, "less") };
        if amount.is_zero() { "as much".to_owned() } else { format!("{} a month {word}", usd(amount)) }
    };
    let title = clean(&alternative.title);
    let than = if alternative.costs_more.is_zero() { "as" } else { "than" };
    let saves = format!("{title}: saves {} {than} this one", by(alternative.costs_more));
    match alternative.never_chosen {
        None => format!("{saves}."),
        Some((low, high)) => format!(
            "{saves}, between {} and {} at the ends of its assumptions. Listed for you to weigh, never chosen by itself.",
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
pub(crate) fn at_least(even: &BreakEven) -> Option<String> {
    even.share()?;
    let (there, today) = (even.there.pico(), even.today.pico());
    let tenths = (there.checked_mul(1000)? + today - 1).div_euclid(today);
    let (whole, tenth) = (tenths.div_euclid(10), tenths.rem_euclid(10));
    Some(if tenth == 0 { format!("{whole} %") } else { format!("{whole}.{tenth} %") })
}

fn savings(out: &mut String, report: &Report<'_>, r: &Recommendation, look: Look) {
    let _ = writeln!(out, "{}", look.heading("Savings a month"));
    let cents = Cents::of(report);
    let (ready, full) = (cents.ready(r), cents.full(r));
    let first = before_it(r);
    let full_tone = if r.gate.is_some() { Tone::Caution } else { Tone::Good };
    let mut line = |name: &str, tone: Option<Tone>, amount: &str, note: &str| {
        // Padding counts characters, so that colour comes after it.
        let amount = format!("{amount:>14}");
        let amount = tone.map_or_else(|| amount.clone(), |tone| look.tone(tone, &amount));
        let head = format!("  {name:<24}{amount}");
        if visible(&head) + 2 + visible(note) <= look.width || note.is_empty() {
            let _ = writeln!(out, "{}", format!("{head}  {note}").trim_end());
        } else {
            let _ = writeln!(out, "{head}");
            out.push_str(&look.wrap(note, "      "));
        }
    };
    let of_bill = |saved: Money| format!("{} of the bill", part(saved.share_of(report.outcome.ready.baseline)));
    match ready {
        Some(saved) => line("now, in the ready plan", Some(Tone::Good), &usd(saved), &of_bill(saved)),
        None => line("now, in the ready plan", None, "–", &first),
    }
    if let Some(saved) = full {
        line("in the full plan", Some(full_tone), &usd(saved), &of_bill(saved));
    }
    let s = &r.savings;
    let ends = if r.rule.assumptions.is_empty() { "" } else { ", each assumption below at its ends" };
    if is_too_short(report) {
        line("90 % interval", None, "–", TOO_FEW);
    } else {
        line("90 % interval", None, &usd(s.low), &format!("to {}", usd(s.high)));
    }
    line("alone, on today's bill", None, &usd(s.standalone), "");
    if !r.current.is_zero() {
        // Capacity that is not bought yet costs nothing.
        let note = format!("before this step; {} of it is saved", part(s.expected.share_of(r.current)));
        line("what it costs", None, &usd(r.current), &note);
    }
    if !r.one_off.is_zero() {
        let days = r.payback_days().map(|days| count(days.try_into().unwrap_or(u64::MAX), "day", "days"));
        let back = days.map(|days| format!("earned back in {days}")).unwrap_or_default();
        line("once", None, &r.one_off.to_usd(), &back);
    }
    let sources = format!(
        "The interval: the days of the window resampled{ends}; prices that the bill does not show at list for the low."
    );
    if !is_too_short(report) {
        out.push_str(&look.hang(&sources, "  "));
    }
    if let Some(note) = alone_note(report, r) {
        out.push_str(&look.hang(&format!("{note}."), "  "));
    }
    if let Some(gate) = r.gate {
        let text =
            format!("Gate: {gate}. Until it is passed the saving is in the full plan only, and its cautious end is 0.");
        out.push_str(&look.hang(&text, "  "));
    }
    if let Some(check) = &r.rule.check {
        // A check holds nothing back; a gate does.
        let plan = if ready.is_some() { "ready" } else { "full" };
        out.push_str(&look.hang(&format!("Check first: {check}. The saving is in the {plan} plan."), "  "));
    }
    if !r.waiting.is_empty() {
        let kinds: Vec<String> = r.waiting.iter().map(|cohort| clean(cohort.as_str())).collect();
        let text = format!("Of its calls, {} wait for a test of their own: in the full plan only.", kinds.join(", "));
        out.push_str(&look.hang(&text, "  "));
    }
    if let Some((date, verdict)) = r.test {
        let said = match verdict {
            TestVerdict::Passed => "no worse than today's by the margin of the test",
            TestVerdict::Failed => "worse than today's",
            TestVerdict::Undecided => "not decided: more cases would",
        };
        out.push_str(&look.hang(&format!("Test on your own calls, imported on {date}: {said}."), "  "));
    }
    out.push('\n');
}

/// What to know before the lines of an arithmetic: of which part and of which plan they are.
pub(crate) fn arithmetic_notes(r: &Recommendation) -> Vec<String> {
    let mut notes = Vec::new();
    if r.in_full.is_some() {
        notes.push(
            "In the full plan another option of the same rule stands in its place; the lines here are of the change above."
                .to_owned(),
        );
    } else if let [(_, ready), (_, full)] = r.plans[..]
        && ready != full
    {
        notes.push(
            "In the full plan the same change comes after the tested steps and works on what they leave over, other \
             models included."
                .to_owned(),
        );
    }
    notes.extend(other_parts(r).map(|rest| {
        let rest = usd(rest);
        format!("This is the largest part. The other kinds of calls change in the same way and save {rest} a month.")
    }));
    notes
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
    for note in arithmetic_notes(r) {
        out.push_str(&look.wrap(&note, "  "));
    }
    let costs = Rounded::of(math);
    let (before, after) = (costs.before_cost(), costs.after_cost());
    out.push_str(&look.wrap(&format!("what changes: {}", clean(&math.moves.join("; "))), "  "));
    for (name, lines, costs, sum) in
        [("before", &math.before, &costs.before, before), ("after", &math.after, &costs.after, after)]
    {
        let _ = writeln!(out, "  {name}{}", if lines.is_empty() { ": nothing" } else { "" });
        for (line, cost) in lines.iter().zip(costs) {
            let (what, figures) = describe(line, *cost);
            if what.chars().count() + figures.chars().count() + 6 <= look.width {
                let _ = writeln!(out, "    {what}: {figures}");
            } else {
                out.push_str(&look.hang(&format!("{what}:"), "    "));
                out.push_str(&look.hang(&figures, "      "));
            }
            out.push_str(&look.hang(&look.dim(&rate_from(&line.from)), "      "));
        }
        let _ = writeln!(out, "    sum {}", exact(sum));
    }
    let _ = writeln!(out, "  saved in the window: {} - {} = {}", exact(before), exact(after), exact(before - after));
    if !costs.others.is_zero() {
        let text = format!("{}, together {}", others(&r.subject, costs.others), exact(costs.saved()));
        out.push_str(&look.hang(&text, "  "));
    }
    let _ = writeln!(out, "{}", look.heading("From the window to a month of 730 hours"));
    let flat = |what: &str, sum: Money| {
        format!("  {what} of {n} counted days {} × 730 / 24 / {n}", exact(sum), n = math.counted_days)
    };
    if math.by_weekday.is_empty() {
        let _ = writeln!(out, "{}", flat("sum", math.counted_usage + math.counted_standing));
    } else {
        let widest = math.by_weekday.iter().map(|(sum, _)| exact(*sum).len()).max().unwrap_or_default();
        for ((sum, days), name) in math.by_weekday.iter().zip(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) {
            if !sum.is_zero() {
                let _ = writeln!(out, "  {name}  {:>widest$} over {days} days, × 730 / 168 / {days}", exact(*sum));
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

/// `input (regional, standard)` and `28,000,000 tokens × $3.30 a million = $92.40`, of a line at its rounded cost.
fn describe(line: &Line, cost: Money) -> (String, String) {
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
    let rate = dollars(&rate_text(rate(line).unwrap_or_default()));
    let figures = match line.unit {
        Some(Unit::Token) => format!("{} tokens × {rate} a million = {}", whole(line.steps), exact(cost)),
        Some(unit) => {
            format!("{} {}s × {rate} = {}", Money::from_micro(line.steps).to_decimal(2), unit.spoken(), exact(cost))
        }
        None => exact(cost),
    };
    (what, figures)
}

pub(crate) fn rate_from(from: &RateFrom) -> String {
    match from {
        RateFrom::Bill => "at the rate of the bill: billed dollars over billed quantity".to_owned(),
        RateFrom::List { kept, sources, derived } => {
            let derived = derived.as_ref().map(|how| format!(", {how}")).unwrap_or_default();
            let word = if sources.contains(',') { "sources" } else { "source" };
            let sources = if sources.is_empty() { "no source".to_owned() } else { format!("{word} {sources}") };
            let kept = if kept.ppm() == 1_000_000 {
                String::new()
            } else {
                format!(", times {} that this bill pays of list", percent(kept.to_f64()))
            };
            format!("at list price ({sources}{derived}){kept}")
        }
        RateFrom::Assumed => "a fixed amount".to_owned(),
    }
}

/// Dollars with as many decimals as they have, at least two and at most six.
fn exact(money: Money) -> String {
    dollars(&trimmed(&money.to_decimal(6), 2))
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
}
