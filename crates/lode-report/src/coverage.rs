//! What the figures stand on, in sentences: what was read, what was left out, what to be wary of.

use lode_model::Money;
use lode_sim::{Anomaly, Basis, ReplayCheck};

use crate::bill::words::{looks_like, times};
use crate::block_tokens;
use crate::metrics;
use crate::text::{count, part, percent, short, usd};
use crate::tie_out;
use crate::{Report, Sources};

/// In place of an interval, where there are too few days to resample.
pub(crate) const TOO_FEW: &str = "too few days for an interval";

/// What a filter on the service misses; `None` where it misses nothing.
pub(crate) fn missed_line(report: &Report<'_>) -> Option<String> {
    let (missed, all) = (&report.view.missed_by_service_filter, &report.view.bedrock);
    (!missed.billed.is_zero()).then(|| {
        format!(
            "A Cost Explorer filter on \"Amazon Bedrock\" misses {} a month: in the window {} of the {} that Bedrock \
             billed ({}).",
            usd(missed.monthly),
            usd(missed.billed),
            usd(all.billed),
            part(missed.billed.share_of(all.billed))
        )
    })
}

/// Where the report's date leaves no complete day: why, and what counts then.
fn no_complete_day(report: &Report<'_>) -> Option<String> {
    let window = &report.estate.window;
    if window.complete_days() > 0 || report.estate.charges.is_empty() {
        return None;
    }
    let why = if report.as_of < window.first {
        format!("is before the usage, which begins on {}", window.first)
    } else {
        "is less than two days after the first usage, and usage of that day and the day before is taken as incomplete"
            .to_owned()
    };
    let counted = match window.days() {
        1 => "The one day counts as if it were".to_owned(),
        days => format!("All {} count as if they were", count(days as u64, "day", "days")),
    };
    Some(format!("The report's date, {}, {why}: no day is complete. {counted}.", report.as_of))
}

/// Where the sentences stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The report, which only sums up how bill and logs compare.
    Report,
    /// The bill, which has a section on it.
    Bill,
}

/// The basis in words: without a discount on the export, net cost is unblended cost.
pub(crate) fn basis(report: &Report<'_>) -> String {
    match report.estate.basis {
        Basis::Net | Basis::Unblended if report.estate.after_discounts => {
            "billed cost, after discounts: FOCUS has none before".to_owned()
        }
        Basis::Net if !report.estate.has_discounts => "unblended cost (no discounts)".to_owned(),
        Basis::List => "list cost: at public prices, not what was paid".to_owned(),
        basis => format!("{} cost", basis.as_str()),
    }
}

/// What must stand before any figure.
pub(crate) fn warnings(report: &Report<'_>) -> Vec<String> {
    let (sources, estate) = (report.sources, report.estate);
    let mut warnings = Vec::new();
    let files = sources.incomplete_files();
    if files > 0 {
        warnings.push(format!(
            "Totals are incomplete: {} could not be read to the end, or is not here. Copy it again.",
            count(files, "file", "files")
        ));
    }
    if sources.rows_lost > 0 {
        warnings.push(format!(
            "Totals are incomplete: the cost of {} could not be read, and those dollars are in no total. --format json \
             lists the first of them.",
            count(sources.rows_lost, "row", "rows")
        ));
    }
    warnings.extend(estate.tie_out.as_ref().and_then(|tie| tie_out::warning(report.labels, tie)));
    if !estate.implausible.is_empty() {
        let dollars: Money = estate.implausible.iter().map(|anomaly| anomaly.billed).sum();
        let name = |a: &Anomaly| format!("{} ({} of list)", short(&a.usage_type, 80), times(a.billed, a.list));
        let mut names: Vec<String> = estate.implausible.iter().take(3).map(name).collect();
        if estate.implausible.len() > 3 {
            names.push(format!("{} more", estate.implausible.len() - 3));
        }
        let mut causes: Vec<&str> = estate.implausible.iter().map(looks_like).collect();
        causes.sort_unstable();
        causes.dedup();
        warnings.push(format!(
            "Quantities do not fit their dollars: {} of {}. What it may be: {}. The dollars stay in the totals as fixed \
             amounts; no step is computed on them.",
            usd(dollars),
            names.join(", "),
            causes.join("; ")
        ));
    }
    if !estate.missing_periods.is_empty() {
        let months: Vec<String> =
            estate.missing_periods.iter().map(|span| span.first.strftime("%Y-%m").to_string()).collect();
        warnings.push(format!(
            "No row at all for {}: those days count as nothing. Give the missing months too, or only one period.",
            months.join(", ")
        ));
    }
    warnings.extend(no_complete_day(report));
    let complete = estate.window.complete_days();
    if complete < 14 && !estate.charges.is_empty() {
        warnings.push(format!(
            "A short window: {}. Monthly figures are a projection; every evidence is a grade weaker.",
            count(complete as u64, "complete day", "complete days")
        ));
    }
    if let Some(recent) = recent(report) {
        warnings.push(recent);
    }
    warnings
}

/// Says so when the last two weeks run at another pace than the window.
fn recent(report: &Report<'_>) -> Option<String> {
    const DAYS: usize = 14;
    let window = &report.estate.window;
    let complete = window.complete_days();
    if complete < 2 * DAYS {
        return None;
    }
    let days = report.view.by_day.get(complete - DAYS..complete)?;
    let sum: Money = days.iter().map(|day| day.billed).sum();
    let monthly = lode_model::Rate::new(sum, 14 * 24)?.per(730);
    let change = (monthly - report.view.monthly).share_of(report.view.monthly);
    (change.abs() > 0.15).then(|| {
        format!(
            "The last 14 complete days run at {} a month, {} than the window: give only the latest period to plan on it.",
            usd(monthly),
            if change > 0.0 { format!("{} more", percent(change)) } else { format!("{} less", percent(-change)) }
        )
    })
}

/// What was read.
fn read(sources: &Sources) -> Vec<String> {
    let mut lines = vec![format!(
        "Read {} in {}; {} of other services left aside.",
        count(sources.rows_read, "row", "rows"),
        count(sources.bill_files(), "file", "files"),
        count(sources.rows_elsewhere, "row", "rows")
    )];
    if sources.log_files > 0 || sources.log_records > 0 {
        let mut line = format!(
            "Read {} of invocation logs in {}",
            count(sources.log_records, "record", "records"),
            count(sources.log_files, "file", "files")
        );
        if sources.log_duplicates > 0 {
            line.push_str(&format!("; {} left out", count(sources.log_duplicates, "repeat", "repeats")));
        }
        if sources.log_without_counts > 0 {
            let without = count(sources.log_without_counts, "has", "have");
            line.push_str(&format!("; {without} no token counts, such as failed calls"));
        }
        line.push('.');
        lines.push(line);
    }
    if sources.inventory_files > 0 {
        lines.push(format!("Read {} of inventory.", count(sources.inventory_files, "file", "files")));
    }
    let read = (sources.evaluation_files > 0).then(|| {
        format!(
            "Read {}",
            count(sources.evaluation_files, "evaluation on your own calls", "evaluations on your own calls")
        )
    });
    let unusable = (sources.evaluations_unusable > 0)
        .then(|| count(sources.evaluations_unusable, "evaluation cannot be used", "evaluations cannot be used"));
    let evaluations: Vec<String> = read.into_iter().chain(unusable).collect();
    if !evaluations.is_empty() {
        lines.push(format!("{}.", evaluations.join("; ")));
    }
    lines
}

/// What the figures stand on, a sentence each.
pub(crate) fn coverage_lines(report: &Report<'_>, page: Page) -> Vec<String> {
    let (sources, view, estate) = (report.sources, report.view, report.estate);
    let mut lines = read(sources);
    if let Some(tie) = &estate.tie_out {
        lines.extend(tie_out::sentences(tie, page));
        lines.extend(tie.metrics.iter().flat_map(metrics::sentences));
        lines.extend(ReplayCheck::of(report.estate).map(|check| tie_out::replay_sentence(&check, report.outcome)));
        lines.extend(tie_out::cache_sentence(estate));
        // The bill has no figure of a part of prompts.
        lines.extend(block_tokens::sentence(&estate.demand).filter(|_| page == Page::Report));
    }
    let fees = if view.fees.is_zero() { String::new() } else { format!(", of it {} one-off fees", usd(view.fees)) };
    lines.push(format!("Billed in the window: {}{fees}.", usd(view.billed)));
    let uncounted = sources.rejected_rows().saturating_sub(sources.rows_lost);
    if uncounted > 0 {
        lines.push(format!(
            "{} could not be counted; {} of unblended cost stay in the totals as fixed amounts.",
            count(uncounted, "row", "rows"),
            usd(sources.kept())
        ));
    }
    if !estate.committed.is_zero() {
        lines.push(format!(
            "{} are what a Savings Plan or a reservation pays for, at their effective cost: the same used or not, so no \
             quantity stands beside them and no step is computed on them before the commitment ends.",
            usd(estate.committed)
        ));
    }
    if !estate.discounts_in_net.is_zero() {
        lines.push(format!(
            "Discount rows of {} are left out: the net columns hold them already.",
            usd(estate.discounts_in_net)
        ));
    }
    let unclassified: Money = view.unclassified.iter().map(|slice| slice.billed).sum();
    if !unclassified.is_zero() {
        let names: Vec<String> = view.unclassified.iter().take(3).map(|slice| short(&slice.name, 80)).collect();
        lines.push(format!(
            "Unclassified: {} ({}), in the totals, touched by no step.",
            usd(unclassified),
            names.join(", ")
        ));
    }
    for slice in &view.aside {
        lines.push(format!("Apart, in no total: {} of {}.", usd(slice.billed), slice.name));
    }
    if !estate.unspread_discounts.is_zero() {
        lines.push(format!(
            "Discounts of {} belong to no usage that is here; they stand as a fixed amount.",
            usd(estate.unspread_discounts)
        ));
    }
    if !estate.has_callers {
        lines.push(
            "No caller is named: the export has neither IAM principals nor application inference profiles.".to_owned(),
        );
    }
    lines.push(format!(
        "Month = 730 hours, usage by the weekday mix of {} days. List prices as of {}; rates of your own bill come first.",
        if estate.window.complete_days() > 0 || estate.charges.is_empty() { "complete" } else { "all" },
        estate.prices.catalogue().as_of()
    ));
    lines
}

/// What there is to say of input without a Bedrock charge; `None` where there is one.
pub(crate) fn nothing(report: &Report<'_>) -> Option<String> {
    let rows = count(report.sources.rows_read, "row", "rows");
    report.estate.charges.is_empty().then(|| match report.sources.rows_lost {
        0 => format!("No Bedrock charge among the {rows} read, and no vector store beside it."),
        lost => format!(
            "No charge that can be read among the {rows}: the cost of {} could not be.",
            count(lost, "row", "rows")
        ),
    })
}
