//! Where the money goes, without a word on savings.

pub(crate) mod attribution;
mod csv;
mod sections;
pub(crate) mod words;

use std::fmt::Write;

use lode_sim::TieOut;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Padding, Style, Width};

use self::sections::{Row, sections, trend};
use crate::coverage::{Page, basis, coverage_lines, nothing, warnings};
use crate::markdown::escape;
use crate::text::{part, usd};
use crate::tie_out::{self, by_cause, by_line};
use crate::{Look, Report};

pub use self::csv::bill_csv;
pub(crate) use self::csv::field;

fn headline(report: &Report<'_>) -> Vec<String> {
    let (view, window) = (report.view, &report.estate.window);
    let mut lines = warnings(report);
    if let Some(nothing) = nothing(report) {
        lines.push(nothing);
        return lines;
    }
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
            part(missed.billed.share_of(view.bedrock.billed))
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
    for section in sections(report) {
        let _ = writeln!(out, "\n{}", look.heading(section.heading));
        let header: Vec<&str> = std::iter::once("").chain(section.heads.iter().copied()).collect();
        let room = room(&section.rows, &header, look);
        let rows = section.rows.into_iter().map(|row| {
            let name = cell(&row.name, row.under.as_deref(), room);
            std::iter::once(name).chain(row.figures).collect()
        });
        draw(&mut out, &header, rows, room);
        for note in &section.notes {
            out.push_str(&look.hang(note, "  "));
        }
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

/// Columns left for the names beside the figures. Cuts have three, as wide as those of the other cuts.
fn room(rows: &[Row], header: &[&str], look: Look) -> usize {
    let least = if header.len() > 4 { 0 } else { 10 };
    let figures = |column: usize| {
        let widest = rows.iter().filter_map(|row| Some(row.figures.get(column)?.chars().count())).max();
        widest.unwrap_or_default().max(header[column + 1].len()).max(least) + 3
    };
    look.width.saturating_sub(3 + (0..header.len() - 1).map(figures).sum::<usize>()).clamp(20, 90)
}

/// A name, and under it a remark, in so many columns.
pub(crate) fn cell(name: &str, under: Option<&str>, room: usize) -> String {
    let wrap = |text: &str, indent: &str| {
        let lines = Look { width: room - 2, colour: false }.wrap_at(text);
        lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
    };
    match under {
        None => wrap(name, ""),
        Some(under) => format!("{}\n{}", wrap(name, ""), wrap(under, "  ")),
    }
}

/// A table whose first column is a name of this width and whose others are figures.
pub(crate) fn draw(out: &mut String, header: &[&str], lines: impl Iterator<Item = Vec<String>>, name_width: usize) {
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
    let rows = lines.iter().map(|line| {
        let name = cell(&line.what, Some(line.cause).filter(|cause| !cause.is_empty()), room);
        std::iter::once(name).chain(line.numbers.clone()).collect()
    });
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
    if days.len() < 2 || report.estate.charges.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", look.heading("By day (UTC), fees left out"));
    let per_line = (look.width.saturating_sub(14) / 11).clamp(3, 7);
    for week in days.chunks(per_line) {
        let amounts: Vec<String> = week.iter().map(|day| format!("{:>10}", day.billed.to_string())).collect();
        let _ = writeln!(out, "  {}  {}", week.first().map_or("", |day| &day.name), amounts.join(" "));
    }
    for line in trend(report) {
        out.push_str(&look.hang(&line, "  "));
    }
}

/// The bill as Markdown.
#[must_use]
pub fn bill_markdown(report: &Report<'_>) -> String {
    let mut out = String::from("# Amazon Bedrock: where the money goes\n\n");
    for line in headline(report) {
        let _ = writeln!(out, "{}\n", escape(&line));
    }
    for section in sections(report) {
        let rule = "|---:".repeat(section.heads.len());
        let _ = writeln!(out, "## {}\n\n| | {} |\n|---{rule}|", section.heading, section.heads.join(" | "));
        for Row { name, under, figures } in section.rows {
            let under = under.map(|under| format!(": {under}")).unwrap_or_default();
            let _ = writeln!(out, "| {} | {} |", escape(&format!("{name}{under}")), figures.join(" | "));
        }
        out.push('\n');
        for note in &section.notes {
            let _ = writeln!(out, "{}\n", escape(note));
        }
    }
    let trend = trend(report);
    if !trend.is_empty() {
        let _ = writeln!(out, "## By day (UTC), fees left out\n\n{}\n", escape(&trend.join(" ")));
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
