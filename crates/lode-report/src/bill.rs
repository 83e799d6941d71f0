//! Where the money goes, without a word on savings.

use std::fmt::Write;

use lode_model::Money;
use lode_sim::{Slice, TieOut};
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Padding, Style, Width};

use crate::coverage::{Page, basis, coverage_lines, warnings};
use crate::markdown::escape;
use crate::text::{percent, short, usd};
use crate::tie_out::{self, by_cause, by_line};
use crate::{Look, Report};

/// Rows of a long cut that are shown; the rest is one line.
const MOST: usize = 12;

/// A cut as shown: its heading and its lines of name, billed, monthly, share.
struct Shown {
    heading: &'static str,
    lines: Vec<[String; 4]>,
}

fn shown(report: &Report<'_>) -> Vec<Shown> {
    let view = report.view;
    [
        ("By layer", &view.by_layer),
        ("By billing source", &view.by_source),
        ("By model", &view.by_model),
        ("By caller", &view.by_caller),
        ("By class", &view.by_class),
        ("By account", &view.by_account),
        ("Unclassified usage types", &view.unclassified),
    ]
    .into_iter()
    .filter(|(_, slices)| !slices.is_empty())
    .map(|(heading, slices)| Shown { heading, lines: lines(slices, view.billed) })
    .collect()
}

fn lines(slices: &[Slice], billed: Money) -> Vec<[String; 4]> {
    let cents = |pick: fn(&Slice) -> Money| -> Vec<Money> {
        Money::round_parts(&slices.iter().map(pick).collect::<Vec<_>>(), 2)
    };
    let (in_window, a_month) = (cents(|s| s.billed), cents(|s| s.monthly));
    let line = |name: String, billed_part: Money, month: Money, exact: Money| {
        [name, billed_part.to_string(), month.to_string(), percent(exact.share_of(billed))]
    };
    let mut lines: Vec<[String; 4]> = slices
        .iter()
        .zip(in_window.iter().zip(&a_month))
        .map(|(slice, (billed_part, month))| line(short(&slice.name, 120), *billed_part, *month, slice.billed))
        .collect();
    if lines.len() > MOST + 1 {
        let sum = |parts: &[Money]| parts[MOST..].iter().copied().sum::<Money>();
        let exact = slices[MOST..].iter().map(|slice| slice.billed).sum();
        let rest = line(format!("{} more", lines.len() - MOST), sum(&in_window), sum(&a_month), exact);
        lines.truncate(MOST);
        lines.push(rest);
    }
    lines
}

fn headline(report: &Report<'_>) -> Vec<String> {
    let (view, window) = (report.view, &report.estate.window);
    let mut lines = warnings(report);
    lines.push(format!(
        "{} billed for Bedrock and the stores beside it from {} to {} ({}); {} a month of 730 hours at that pace.",
        usd(view.billed),
        window.first,
        window.last,
        basis(report),
        usd(view.monthly)
    ));
    let missed = &view.missed_by_service_filter;
    if !view.bedrock.billed.is_zero() {
        lines.push(format!(
            "A Cost Explorer filter on \"Amazon Bedrock\" shows {} of the {} that Bedrock bills and misses {} ({}).",
            usd(view.bedrock.billed - missed.billed),
            usd(view.bedrock.billed),
            usd(missed.billed),
            percent(missed.billed.share_of(view.bedrock.billed))
        ));
    }
    lines
}

/// The bill in a terminal.
#[must_use]
pub fn bill_table(report: &Report<'_>, look: Look) -> String {
    let mut out = String::new();
    for line in headline(report) {
        out.push_str(&look.wrap(&line, ""));
    }
    let name_width = look.width.saturating_sub(4 + 2 * 16 + 9).clamp(20, 90);
    for cut in shown(report) {
        let _ = writeln!(out, "\n{}", look.heading(cut.heading));
        let lines = cut.lines.into_iter().map(Vec::from);
        draw(&mut out, &["", "Billed $", "Monthly $", "Share"], lines, name_width);
    }
    days(&mut out, report, look);
    if let Some(tie) = &report.estate.tie_out {
        requests(&mut out, tie, look);
    }
    out.push('\n');
    for line in coverage_lines(report, Page::Bill) {
        out.push_str(&look.wrap(&line, ""));
    }
    let _ = writeln!(
        out,
        "\nnext: {}",
        look.heading(&format!("lode report {}{}", report.sources.input, report.sources.flags))
    );
    out
}

/// A table whose first column is a name of this width and whose others are figures.
fn draw(out: &mut String, header: &[&str], lines: impl Iterator<Item = Vec<String>>, name_width: usize) {
    let mut builder = Builder::default();
    builder.push_record(header.iter().copied());
    for line in lines {
        builder.push_record(line);
    }
    let mut table = builder.build();
    table
        .with(Style::blank())
        .with(Padding::new(2, 0, 0, 0))
        .with(Modify::new(Columns::new(1..header.len())).with(Alignment::right()))
        .with(Modify::new(Columns::one(0)).with(Width::wrap(name_width).keep_words(true)))
        .with(Modify::new(Columns::one(0)).with(Width::increase(name_width)));
    for line in table.to_string().lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

const BY_CAUSE: [&str; 3] = ["", "Billed $", "Share"];
const BY_LINE: [&str; 4] = ["", "Billed tokens", "Logged tokens", "Unlogged $"];

/// How bill and logs compare: by cause, then the largest lines that differ.
fn requests(out: &mut String, tie: &TieOut, look: Look) {
    let _ = writeln!(out, "\n{}", look.heading(tie_out::HEADING));
    let name_width = look.width.saturating_sub(4 + 16 + 9).clamp(20, 90);
    draw(out, &BY_CAUSE, by_cause(tie).into_iter().map(Vec::from), name_width);
    let lines = by_line(tie);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", look.heading(tie_out::LINES));
    let figures = |column: usize| {
        let widest = lines.iter().map(|line| line.numbers[column].len()).max().unwrap_or_default();
        widest.max(BY_LINE[column + 1].len()) + 3
    };
    let room = look.width.saturating_sub(3 + (0..3).map(figures).sum::<usize>()).clamp(24, 110);
    let wrap = |text: &str, indent: &str| {
        let lines = Look { width: room - 2, colour: false }.wrap_at(text);
        lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
    };
    let cell = |line: &tie_out::Shown| match line.cause {
        "" => wrap(&line.what, ""),
        cause => format!("{}\n{}", wrap(&line.what, ""), wrap(cause, "  ")),
    };
    let rows = lines.iter().map(|line| std::iter::once(cell(line)).chain(line.numbers.clone()).collect());
    draw(out, &BY_LINE, rows, room);
}

/// The same in Markdown.
pub(crate) fn requests_markdown(out: &mut String, tie: &TieOut) {
    let _ = writeln!(out, "| {} |\n|---|---:|---:|", BY_CAUSE.join(" | "));
    for line in by_cause(tie) {
        let _ = writeln!(out, "| {} |", line.map(|cell| escape(&cell)).join(" | "));
    }
    out.push('\n');
}

fn lines_markdown(out: &mut String, tie: &TieOut) {
    let lines = by_line(tie);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}:\n\n| {} | Cause |\n|---|---:|---:|---:|---|", tie_out::LINES, BY_LINE.join(" | "));
    for line in lines {
        let _ = writeln!(out, "| {} | {} | {} |", escape(&line.what), line.numbers.join(" | "), line.cause);
    }
    out.push('\n');
}

/// A line a week: seven days of dollars.
fn days(out: &mut String, report: &Report<'_>, look: Look) {
    let days = &report.view.by_day;
    if days.len() < 2 {
        return;
    }
    let _ = writeln!(out, "\n{}", look.heading("By day (UTC), fees left out"));
    let per_line = (look.width.saturating_sub(14) / 11).clamp(3, 7);
    for week in days.chunks(per_line) {
        let amounts: Vec<String> = week.iter().map(|day| format!("{:>10}", day.billed.to_string())).collect();
        let _ = writeln!(out, "  {}  {}", week.first().map_or("", |day| &day.name), amounts.join(" "));
    }
}

/// The bill as Markdown.
#[must_use]
pub fn bill_markdown(report: &Report<'_>) -> String {
    let mut out = String::from("# Amazon Bedrock: where the money goes\n\n");
    for line in headline(report) {
        let _ = writeln!(out, "{}\n", escape(&line));
    }
    for cut in shown(report) {
        let _ = writeln!(out, "## {}\n\n| | Billed $ | Monthly $ | Share |\n|---|---:|---:|---:|", cut.heading);
        for [name, billed, monthly, share] in cut.lines {
            let _ = writeln!(out, "| {} | {billed} | {monthly} | {share} |", escape(&name));
        }
        out.push('\n');
    }
    if let Some(tie) = &report.estate.tie_out {
        let _ = writeln!(out, "## {}\n", tie_out::HEADING);
        requests_markdown(&mut out, tie);
        lines_markdown(&mut out, tie);
    }
    for line in coverage_lines(report, Page::Bill) {
        let _ = writeln!(out, "- {}", escape(&line));
    }
    out
}
