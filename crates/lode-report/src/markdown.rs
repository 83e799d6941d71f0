//! The ranked report as Markdown, for a pull request or a wiki.

use std::fmt::Write;

use lode_engine::Recommendation;
use lode_model::Money;

use crate::coverage::{Page, basis, coverage_lines, warnings};
use crate::explain::{alone, speaks};
use crate::silenced;
use crate::table::{at_most, before_it, declined_line, plan_lines, quiet_lines, told_lines, verdict};
use crate::text::{Cents, cell, clean, in_full, only, percent, place, savings_cents, short, usd};
use crate::{Look, Report};

/// Text of a bill or a log that must not become markup: no table cell, link, code or HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
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

/// The report as Markdown.
#[must_use]
pub fn report_markdown(report: &Report<'_>) -> String {
    let (ready, full) = (&report.outcome.ready, &report.outcome.full);
    let window = &report.estate.window;
    let mut out = String::from("# Amazon Bedrock savings\n\n");
    let share = |money: lode_model::Money| percent(money.share_of(ready.baseline));
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
    let missed = &report.view.missed_by_service_filter;
    if !missed.billed.is_zero() {
        let _ = writeln!(
            out,
            "A Cost Explorer filter on \"Amazon Bedrock\" misses {} a month, {} of what Bedrock bills.\n",
            usd(missed.monthly),
            percent(missed.billed.share_of(report.view.bedrock.billed))
        );
    }
    out.push_str("| # | Lever | Where | What to do | Now $/mo | Full $/mo | Share | Evidence | Effort | First |\n");
    out.push_str("|---:|---|---|---|---:|---:|---:|---|---|---|\n");
    let cents = Cents::of(report);
    let (shown, rest) = report.shown();
    for r in &shown {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            r.rank,
            r.lever.name,
            escape(&place(&r.subject)),
            escape(&action(r)),
            cell(cents.ready(r)),
            cell(cents.full(r)),
            share(cents.full(r).unwrap_or(r.savings.expected)),
            r.grade,
            r.rule.effort,
            before_it(r)
        );
    }
    if !rest.is_empty() {
        let sum = |of: &dyn Fn(&Recommendation) -> Option<Money>| -> Money { rest.iter().filter_map(|r| of(r)).sum() };
        let (now, in_full) = (sum(&|r| cents.ready(r)), sum(&|r| cents.full(r)));
        let _ = writeln!(out, "| | | | {} more | {now} | {in_full} | {} | | | |", rest.len(), share(in_full));
    }
    let _ = writeln!(out, "| | | | **Total** | **{}** | **{}** | | | | |\n", savings_cents(ready), savings_cents(full));
    for line in plan_lines(report) {
        let _ = writeln!(out, "{}\n", escape(&line));
    }
    let quiet = quiet_lines(report);
    if !quiet.is_empty() {
        out.push_str("No recommendation, and what came closest:\n\n");
        for line in quiet {
            let _ = writeln!(out, "- {}", escape(&line));
        }
        out.push('\n');
    }
    let told = told_lines(report);
    if !told.is_empty() {
        out.push_str("No saving, and to be known:\n\n");
        for line in told {
            let _ = writeln!(out, "- {}", escape(&line));
        }
        out.push('\n');
    }
    if let Some(line) = declined_line(report) {
        let _ = writeln!(out, "{}\n", escape(&line));
    }
    let silenced = silenced::lines(report);
    if !silenced.is_empty() {
        let _ = writeln!(out, "{}:\n", silenced::HEADING);
        for line in silenced {
            let _ = writeln!(out, "- {}", escape(&line));
        }
        out.push('\n');
    }
    details(&mut out, report, &shown, &cents);
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

fn details(out: &mut String, report: &Report<'_>, shown: &[&Recommendation], cents: &Cents<'_>) {
    for &r in shown {
        let _ = writeln!(out, "<details><summary>{}. {}</summary>\n", r.rank, escape(&r.rule.title));
        let _ = writeln!(out, "{}\n", escape(&place(&r.subject)));
        for note in only(r).into_iter().chain(in_full(r)) {
            let _ = writeln!(out, "{}\n", escape(&note));
        }
        let _ = writeln!(out, "{} {}\n", r.rule.what, r.rule.why);
        let _ = writeln!(
            out,
            "- **Saves** {} a month ({} to {}), {} alone",
            usd(cents.shown(r)),
            usd(r.savings.low),
            usd(r.savings.high),
            usd(r.savings.standalone)
        );
        let _ = writeln!(out, "- **Next step** {}", r.rule.next_step);
        let _ = writeln!(out, "- **Could go wrong** {}", r.rule.caution);
        let _ = writeln!(out, "- **Undo** {}", r.rule.rollback);
        let _ = writeln!(out, "- **Verify** {}", r.rule.verify);
        for e in r.evidence.iter().filter(|e| speaks(e)) {
            let _ = writeln!(out, "- {} = {}", escape(e.signal), escape(&alone(e)));
        }
        for a in &r.rule.assumptions {
            let _ =
                writeln!(out, "- assumed: {}: {} ({} to {} {})", escape(&a.text), a.expected, a.low, a.high, a.unit);
        }
        let mut text = String::new();
        crate::explain::arithmetic(&mut text, report, r, Look { width: 100, colour: false });
        let fence = fence(&text);
        let _ = write!(out, "\n{fence}text\n{text}{fence}\n\n</details>\n\n");
    }
}

/// A code fence that nothing in the text can close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}
