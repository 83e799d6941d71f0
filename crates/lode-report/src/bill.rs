//! Where the money goes, without a word on savings.

use std::fmt::Write;

use lode_model::Money;
use lode_sim::Slice;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Padding, Style, Width};

use crate::table::{basis, coverage_lines, warnings};
use crate::text::{percent, short, usd};
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
        let mut builder = Builder::default();
        builder.push_record(["", "Billed $", "Monthly $", "Share"]);
        for line in cut.lines {
            builder.push_record(line);
        }
        let mut table = builder.build();
        table
            .with(Style::blank())
            .with(Padding::new(2, 0, 0, 0))
            .with(Modify::new(Columns::new(1..4)).with(Alignment::right()))
            .with(Modify::new(Columns::one(0)).with(Width::wrap(name_width)))
            .with(Modify::new(Columns::one(0)).with(Width::increase(name_width)));
        for line in table.to_string().lines() {
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    days(&mut out, report, look);
    out.push('\n');
    for line in coverage_lines(report) {
        out.push_str(&look.wrap(&line, ""));
    }
    let _ = writeln!(
        out,
        "\nnext: {}",
        look.heading(&format!("lode report {}{}", report.sources.input, report.sources.flags))
    );
    out
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
        let _ = writeln!(out, "{}\n", crate::markdown::escape(&line));
    }
    for cut in shown(report) {
        let _ = writeln!(out, "## {}\n\n| | Billed $ | Monthly $ | Share |\n|---|---:|---:|---:|", cut.heading);
        for [name, billed, monthly, share] in cut.lines {
            let _ = writeln!(out, "| {} | {billed} | {monthly} | {share} |", crate::markdown::escape(&name));
        }
        out.push('\n');
    }
    for line in coverage_lines(report) {
        let _ = writeln!(out, "- {}", crate::markdown::escape(&line));
    }
    out
}
