//! The ranked report as Markdown, for a pull request or a wiki.

use std::fmt::Write;

use lode_engine::Recommendation;
use lode_model::Money;

use crate::coverage::{Page, TOO_FEW, basis, coverage_lines, missed_line, warnings};
use crate::explain::{alone, speaks};
use crate::silenced;
use crate::source::Unlisted;
use crate::table::{at_most, before_it, declined_by_reason, plan_lines, quiet_lines, told_lines, verdict};
use crate::text::{
    Cents, alone_note, cell, clean, in_full, is_too_short, only, percent, place, savings_cents, short, usd, whole,
};
use crate::{Look, Report};

/// A comment without words: nobody sees it, and no name or address goes on behind it.
const BREAK: &str = "<!-- -->";

/// Text of a bill or a log that must not become markup: no table cell, link, code or HTML, and on GitHub no address
/// that becomes a link and no name that notifies people.
pub(crate) fn escape(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let before = at.checked_sub(3).and_then(|start| text.get(start..at)).unwrap_or_default();
        if rest.starts_with("://") || c == '.' && before.eq_ignore_ascii_case("www") {
            out.push_str(BREAK);
        }
        match c {
            '@' => {
                out.push(c);
                out.push_str(BREAK);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// The longest page, in bytes: GitHub takes 65,536 characters in a comment (GraphQL API, `body is too long`, read 2026-11).
const LONGEST: usize = 65_536;

/// What a note on what is left out may take of it.
const NOTE: usize = 1_000;

/// The report as Markdown, short enough for a comment: where the details of all recommendations do not fit, the last ones
/// are left out, and the page says so.
#[must_use]
pub fn report_markdown(report: &Report<'_>) -> String {
    let mut out = head(report);
    let cents = Cents::of(report);
    let (shown, _) = report.shown();
    ranking(&mut out, report, &shown, &cents);
    let tail = tail(report);
    let tie_out = tie_out(report);
    let input = escape(&format!("{}{}", report.sources.input, report.sources.flags));
    let mut left = LONGEST.saturating_sub(out.len() + tail.len() + NOTE);
    let mut told = 0;
    if !shown.is_empty() {
        out.push_str("## One by one\n\n");
    }
    for &r in &shown {
        let own = detail(report, r, &cents);
        if own.len() > left {
            break;
        }
        left -= own.len();
        told += 1;
        out.push_str(&own);
    }
    if told < shown.len() {
        let _ = writeln!(
            out,
            "The details of {} more are left out, so that this page fits into a comment: lode explain {input} prints all \
             of them.\n",
            shown.len() - told
        );
    }
    out.push_str(&tail);
    if tie_out.len() <= left {
        out.push_str(&tie_out);
    } else {
        let _ = writeln!(out, "\nHow logs and bill compare line by line is left out here: lode bill {input} lists it.");
    }
    out
}

/// Warnings, and the sentences that matter.
fn head(report: &Report<'_>) -> String {
    let window = &report.estate.window;
    let mut out = String::from("# Amazon Bedrock savings\n\n");
    for warning in warnings(report) {
        let _ = writeln!(out, "**{}**\n", escape(&warning));
    }
    let _ = writeln!(out, "{}\n", verdict(report, |text| format!("**{text}**")));
    let _ = writeln!(
        out,
        "Window {} to {}, {} complete days, {}.\n",
        window.first,
        window.last,
        window.complete_days(),
        basis(report)
    );
    if let Some(missed) = missed_line(report) {
        let _ = writeln!(out, "{missed}\n");
    }
    out
}

/// The ranked list with its total, and what its columns mean.
fn ranking(out: &mut String, report: &Report<'_>, shown: &[&Recommendation], cents: &Cents<'_>) {
    let (ready, full) = (&report.outcome.ready, &report.outcome.full);
    let share = |money: Money| percent(money.share_of(ready.baseline));
    out.push_str("| # | Lever | Where | What to do | Now $/mo | Full $/mo | Share | Evidence | Effort | First |\n");
    out.push_str("|---:|---|---|---|---:|---:|---:|---|---|---|\n");
    for r in shown {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            r.rank,
            r.lever.name,
            escape(&place(report.labels, &r.subject)),
            escape(&action(r)),
            cell(cents.ready(r)),
            cell(cents.full(r)),
            share(cents.full(r).unwrap_or(r.savings.expected)),
            r.grade,
            r.rule.effort,
            escape(&before_it(r))
        );
    }
    for Unlisted { said, recommendations: rest } in report.unlisted() {
        let sum = |of: &dyn Fn(&Recommendation) -> Option<Money>| -> Money { rest.iter().filter_map(|r| of(r)).sum() };
        let (now, in_full) = (sum(&|r| cents.ready(r)), sum(&|r| cents.full(r)));
        let _ = writeln!(out, "| | | | {} | {now} | {in_full} | {} | | | |", escape(&said), share(in_full));
    }
    let _ = writeln!(
        out,
        "| | | | **Total** | **{}** | **{}** | {} | | | |\n",
        savings_cents(ready),
        savings_cents(full),
        share(savings_cents(full))
    );
    for line in plan_lines(report) {
        let _ = writeln!(out, "- {}", escape(&line));
    }
    out.push('\n');
}

/// What is not recommended, where the money goes, what is missing, and what all of it stands on.
fn tail(report: &Report<'_>) -> String {
    let mut out = String::new();
    let points = |out: &mut String, heading: &str, lines: Vec<String>| {
        if lines.is_empty() {
            return;
        }
        let _ = writeln!(out, "{heading}\n");
        for line in lines {
            let _ = writeln!(out, "- {}", escape(&line));
        }
        out.push('\n');
    };
    points(&mut out, "## No recommendation, and what came closest", quiet_lines(report));
    points(&mut out, "## No saving, and to be known", told_lines(report));
    let reasons = declined_by_reason(report);
    if !reasons.is_empty() {
        out.push_str("## Looked at and declined\n\n| Why | Places |\n|---|---:|\n");
        for (reason, places) in reasons {
            let _ = writeln!(out, "| {} | {} |", escape(reason), whole(i128::from(places)));
        }
        out.push_str("\nlode explain RULE says which clause, and by how much it missed.\n\n");
    }
    let layers = &report.view.by_layer;
    if !layers.is_empty() {
        out.push_str("## Where the money goes\n\n| Layer | Billed | $/mo | Share |\n|---|---:|---:|---:|\n");
        for layer in layers {
            let share = percent(layer.billed.share_of(report.view.billed));
            let _ = writeln!(out, "| {} | {} | {} | {share} |", escape(&layer.name), layer.billed, layer.monthly);
        }
        let (billed, monthly) = (report.view.billed, report.view.monthly);
        let _ = writeln!(out, "| **Total** | **{billed}** | **{monthly}** | |\n");
    }
    let silenced = silenced::lines(report);
    if !silenced.is_empty() {
        let _ = writeln!(out, "## {}\n", silenced::HEADING);
        for line in silenced {
            let _ = writeln!(out, "- {}", escape(&line));
        }
        out.push('\n');
    }
    if !report.outcome.gaps.is_empty() {
        out.push_str("## Missing\n\n");
        for gap in &report.outcome.gaps {
            let _ = writeln!(
                out,
                "**{}** would show {}. Spend that cannot be judged without it: {} a month.{}\n\n```sh",
                gap.input,
                gap.input.unlocks(),
                usd(gap.spend),
                at_most(gap).map(|text| format!(" {}", escape(&text))).unwrap_or_default()
            );
            for line in gap.input.how() {
                let _ = writeln!(out, "{}{line}", if line.starts_with("aws ") { "" } else { "# " });
            }
            out.push_str("```\n\n");
        }
    }
    out.push_str("## What this stands on\n\n");
    for line in coverage_lines(report, Page::Report) {
        let _ = writeln!(out, "- {}", escape(&line));
    }
    out
}

/// How logs and bill compare, line by line; empty without logs.
fn tie_out(report: &Report<'_>) -> String {
    let mut out = String::new();
    if let Some(tie) = &report.estate.tie_out {
        let _ = writeln!(out, "\n{}:\n", crate::tie_out::HEADING);
        crate::bill::requests_markdown(&mut out, tie);
    }
    out
}

/// What to do, with which calls are meant and what the full plan does in its place.
fn action(r: &Recommendation) -> String {
    let notes: Vec<String> = only(r).into_iter().chain(in_full(r)).collect();
    let action = short(&r.action, 320);
    if notes.is_empty() { action } else { format!("{action} ({})", notes.join("; ")) }
}

/// A recommendation, folded.
fn detail(report: &Report<'_>, r: &Recommendation, cents: &Cents<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "<details><summary>{}. {}</summary>\n", r.rank, escape(&r.rule.title));
    let _ = writeln!(out, "{}\n", escape(&place(report.labels, &r.subject)));
    for note in only(r).into_iter().chain(in_full(r)).chain(alone_note(report, r)) {
        let _ = writeln!(out, "{}\n", escape(&note));
    }
    let _ = writeln!(out, "{} {}\n", escape(&r.rule.what), escape(&r.rule.why));
    let _ = writeln!(
        out,
        "- **Saves** {} a month ({}), {} alone",
        usd(cents.shown(r)),
        if is_too_short(report) {
            TOO_FEW.to_owned()
        } else {
            format!("{} to {}", usd(r.savings.low), usd(r.savings.high))
        },
        usd(r.savings.standalone)
    );
    let first = before_it(r);
    if !first.is_empty() {
        let _ = writeln!(out, "- **First** {}", escape(&first));
    }
    let steps = [
        ("Next step", &r.rule.next_step),
        ("Could go wrong", &r.rule.caution),
        ("Undo", &r.rule.rollback),
        ("Verify", &r.rule.verify),
    ];
    for (name, text) in steps.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(out, "- **{name}** {}", escape(text));
    }
    for e in r.evidence.iter().filter(|e| speaks(e)) {
        let _ = writeln!(out, "- {} = {}", escape(e.signal), escape(&alone(e)));
    }
    for a in &r.rule.assumptions {
        let _ = writeln!(
            out,
            "- assumed: {}: {} ({} to {} {})",
            escape(&a.text),
            a.expected,
            a.low,
            a.high,
            escape(&a.unit)
        );
    }
    let mut text = String::new();
    crate::explain::arithmetic(&mut text, report, r, Look { width: 100, colour: false });
    let fence = fence(&text);
    let _ = write!(out, "\n{fence}text\n{text}{fence}\n\n</details>\n\n");
    out
}

/// A code fence that nothing in the text can close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_notified_and_nothing_becomes_a_link() {
        assert_eq!(escape("role/@org/team"), "role/@<!-- -->org/team");
        assert_eq!(escape("HTTPS://example.com"), "HTTPS<!-- -->://example.com");
        assert_eq!(escape("http://WWW.example.com"), "http<!-- -->://WWW<!-- -->.example.com");
        assert_eq!(escape("a@example.com"), "a@<!-- -->example.com");
        assert_eq!(escape("ww.x \u{6f22}w. a:/b"), "ww.x \u{6f22}w. a:/b", "nothing else changes");
        assert_eq!(escape("<b>|"), "&lt;b&gt;\\|");
    }
}
