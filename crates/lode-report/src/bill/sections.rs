//! The parts of the bill's page, as rows of text: the table and Markdown show the same ones.

use lode_model::{Class, Money, Span, WorkloadId};
use lode_sim::{AgainstList, Anomaly, RateGroup, Slice, State};

use super::attribution;
use super::words::{class_words, group_words, kept_as, looks_like, nature_words, rate_text, times};
use crate::Report;
use crate::agents::{AgentLine, Agents, WHAT, figures};
use crate::retrieval::{self, Retrieval, RetrievalLine};
use crate::text::{count, labelled, percent, short, usd, whole};

/// Rows of a long part that are shown; the rest is one line.
pub(super) const MOST: usize = 12;

/// A row: a name, perhaps a remark under it, and figures.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) under: Option<String>,
    pub(super) figures: Vec<String>,
}

/// A part of the page.
pub(super) struct Section {
    pub(super) heading: &'static str,
    /// Heads of the figures.
    pub(super) heads: &'static [&'static str],
    pub(super) rows: Vec<Row>,
    /// Sentences after it.
    pub(super) notes: Vec<String>,
}

/// What the names in brackets are.
const NO_CALLERS: &str = "In brackets, what no caller has of its own: capacity that was bought, stores of vectors, \
                          guardrails and custom models, and what an account is billed for features.";

const CUT: &[&str] = &["Billed $", "Monthly $", "Share"];

/// Every part that has rows, in the order of the page.
pub(super) fn sections(report: &Report<'_>) -> Vec<Section> {
    let view = report.view;
    let cut = |heading, slices: &[Slice], name: &dyn Fn(&str) -> String| {
        let rows = rows(slices, view.billed, name);
        Section { heading, heads: CUT, rows, notes: Vec::new() }
    };
    let plain = |name: &str| short(name, 120);
    let account = |id: &str| account(report, id);
    let mut by_caller = cut("By caller", &view.by_caller, &|name| short(&labelled(report.labels, name), 160));
    by_caller.notes = attribution::unattributed(report).into_iter().chain(attribution::steps(report)).collect();
    if view.by_caller.iter().any(|slice| slice.name.starts_with('(')) {
        by_caller.notes.push(NO_CALLERS.to_owned());
    }
    let all = [
        anomalies(&view.anomalies),
        cut("Usage, standing, one-off", &view.by_nature, &|name| nature_words(name).to_owned()),
        cut("By layer", &view.by_layer, &plain),
        cut("By feature", &view.by_feature, &plain),
        cut("By billing source", &view.by_source, &plain),
        services(report),
        cut("By model", &view.by_model, &plain),
        by_caller,
        cut("By class", &view.by_class, &|name| class_words(&Class::from_word(name))),
        cut("By account", &view.by_account, &account),
        agents(report),
        retrieval(report),
        cut("Unclassified usage types", &view.unclassified, &plain),
        rates(report),
    ];
    all.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

/// An account with its label, else with its name where the export has one.
fn account(report: &Report<'_>, id: &str) -> String {
    let label = report.labels.get(id).map(String::as_str);
    match label.or_else(|| report.estate.account_names.get(&id.into()).map(|name| &**name)) {
        Some(name) => format!("{} ({})", short(id, 40), short(name, 80)),
        None => short(id, 120),
    }
}

/// A cut, in cents that add up.
fn rows(slices: &[Slice], billed: Money, name: &dyn Fn(&str) -> String) -> Vec<Row> {
    let cents = |pick: fn(&Slice) -> Money| -> Vec<Money> {
        Money::round_parts(&slices.iter().map(pick).collect::<Vec<_>>(), 2)
    };
    let (in_window, a_month) = (cents(|s| s.billed), cents(|s| s.monthly));
    let row = |name: String, billed_part: Money, month: Money, exact: Money| Row {
        name,
        under: None,
        figures: vec![billed_part.to_string(), month.to_string(), percent(exact.share_of(billed))],
    };
    let mut rows: Vec<Row> = slices
        .iter()
        .zip(in_window.iter().zip(&a_month))
        .map(|(slice, (billed_part, month))| row(name(&slice.name), *billed_part, *month, slice.billed))
        .collect();
    if rows.len() > MOST + 1 {
        let sum = |parts: &[Money]| parts[MOST..].iter().copied().sum::<Money>();
        let exact = slices[MOST..].iter().map(|slice| slice.billed).sum();
        let rest = row(format!("{} more", rows.len() - MOST), sum(&in_window), sum(&a_month), exact);
        rows.truncate(MOST);
        rows.push(rest);
    }
    rows
}

/// What a filter on each service would show. Shown and missed make the whole in each row.
fn services(report: &Report<'_>) -> Section {
    let view = report.view;
    let slices = &view.by_service;
    let cents = Money::round_parts(&slices.iter().map(|slice| slice.billed).collect::<Vec<_>>(), 2);
    let whole: Money = cents.iter().copied().sum();
    let row = |name: String, shown: Money, exact: Money| Row {
        name,
        under: None,
        figures: vec![shown.to_string(), (whole - shown).to_string(), percent(exact.share_of(view.billed))],
    };
    let mut rows: Vec<Row> =
        slices.iter().zip(&cents).map(|(slice, shown)| row(short(&slice.name, 160), *shown, slice.billed)).collect();
    if rows.len() > MOST + 1 {
        let exact = slices[MOST..].iter().map(|slice| slice.billed).sum();
        let rest = row(format!("{} more together", rows.len() - MOST), cents[MOST..].iter().copied().sum(), exact);
        rows.truncate(MOST);
        rows.push(rest);
    }
    let beside: Vec<&str> =
        slices.iter().map(|slice| slice.name.as_str()).filter(|name| !name.contains("Bedrock")).collect();
    let stores = if beside.is_empty() { String::new() } else { format!(", and {}", short(&beside.join(", "), 200)) };
    let note = format!("To see all of it, select every service whose name contains \"Bedrock\"{stores}.");
    let mut notes = vec![
        note,
        "Usage and fees of this page, on its basis: Cost Explorer shows unblended cost at first, and credits, refunds \
         and tax with it unless charge types are filtered."
            .to_owned(),
    ];
    if slices.iter().any(|slice| slice.name.contains("OpenSearch")) {
        notes.push(
            "Of OpenSearch only what vector stores use is here; the filter shows all its other charges, too."
                .to_owned(),
        );
    }
    Section {
        heading: "What a Cost Explorer filter on one service shows",
        heads: &["Shows $", "Misses $", "Share"],
        rows,
        notes,
    }
}

fn anomalies(found: &[Anomaly]) -> Section {
    let cents = Money::round_parts(&found.iter().map(|anomaly| anomaly.billed).collect::<Vec<_>>(), 2);
    let mut rows: Vec<Row> = found
        .iter()
        .zip(&cents)
        .map(|(anomaly, billed)| Row {
            name: short(&anomaly.usage_type, 120),
            under: Some(format!("{}; {}", looks_like(anomaly), kept_as(anomaly))),
            figures: vec![billed.to_string(), anomaly.list.to_string(), times(anomaly.billed, anomaly.list)],
        })
        .collect();
    if rows.len() > MOST + 1 {
        let list: Money = found[MOST..].iter().map(|anomaly| anomaly.list).sum();
        let billed: Money = cents[MOST..].iter().copied().sum();
        let figures = vec![billed.to_string(), list.to_string(), String::new()];
        let rest = Row { name: format!("{} more", rows.len() - MOST), under: None, figures };
        rows.truncate(MOST);
        rows.push(rest);
    }
    let notes = Vec::new();
    Section { heading: "Rates that do not fit list", heads: &["Billed $", "At list $", "Of list"], rows, notes }
}

/// A workload of an overlay, by caller and model.
fn workload(id: &WorkloadId) -> String {
    short(&format!("{}, {}", id.caller, id.model), 120)
}

/// Where it is, and which of the caller's calls it is.
fn whereabouts(id: &WorkloadId) -> String {
    let (account, region) = (short(id.account.as_str(), 20), short(id.region.as_str(), 20));
    format!("{account} in {region}, {}", short(id.cohort.as_str(), 40))
}

/// The rows of an overlay, with the dollars of each: the dearest, the rest in one, and what cannot be told apart.
fn overlay(lines: Vec<(Row, Money)>, not_separable: Money, unseen: &str) -> Vec<Row> {
    let figures = |first: Money| std::iter::once(first.to_string()).chain((0..3).map(|_| String::new())).collect();
    let (count, rest) = (lines.len(), lines.iter().skip(MOST).map(|(_, monthly)| *monthly).sum());
    let mut rows: Vec<Row> = lines.into_iter().take(MOST).map(|(row, _)| row).collect();
    if count > MOST {
        rows.push(Row { name: format!("{} more", count - MOST), under: None, figures: figures(rest) });
    }
    if not_separable > Money::ZERO {
        let (name, under) = ("not separable".to_owned(), Some(unseen.to_owned()));
        rows.push(Row { name, under, figures: figures(not_separable) });
    }
    rows
}

/// Calls in chains, the dearest workloads first.
fn agents(report: &Report<'_>) -> Section {
    let baseline = State::baseline(report.estate);
    let agents = Agents::of(report, &baseline);
    let row = |line: &AgentLine<'_>| Row {
        name: workload(line.id),
        under: Some(format!(
            "{}: {}",
            whereabouts(line.id),
            match line.calls {
                0 => "a role made for an agent; its calls are in no log".to_owned(),
                calls => format!(
                    "{} of {} logged calls are in {}",
                    whole(line.in_chains.into()),
                    whole(calls.into()),
                    count(line.tasks, "task", "tasks")
                ),
            }
        )),
        figures: figures(line),
    };
    let lines = agents.lines.iter().map(|line| (row(line), line.monthly)).collect();
    let rows = overlay(lines, agents.not_separable, "token use whose calls are in no log, or without bodies");
    Section {
        heading: "Agents and conversations (an overlay, in no total)",
        heads: &["Monthly $", "Calls a task", "Inflation", "Fixed"],
        rows,
        notes: vec![WHAT.to_owned()],
    }
}

/// What retrieval puts into prompts, the dearest workloads first.
fn retrieval(report: &Report<'_>) -> Section {
    let baseline = State::baseline(report.estate);
    let found = Retrieval::of(report, &baseline);
    let row = |line: &RetrievalLine<'_>| Row {
        name: workload(line.id),
        under: Some(format!("{}: {}", whereabouts(line.id), retrieval::under(line))),
        figures: retrieval::figures(line),
    };
    let lines = found.lines.iter().map(|line| (row(line), line.monthly)).collect();
    let rows = overlay(lines, found.not_separable, "prompts that are in no log, or without bodies");
    Section {
        heading: "Knowledge bases and retrieval (an overlay, in no total)",
        heads: &["Monthly $", "Context $", "Passages", "Tokens each"],
        rows,
        notes: vec![retrieval::WHAT.to_owned()],
    }
}

fn rates(report: &Report<'_>) -> Section {
    let groups = RateGroup::of(&report.view.rates);
    let cents = Money::round_parts(&groups.iter().map(|group| group.billed).collect::<Vec<_>>(), 2);
    let dash = || "–".to_owned();
    let row = |(group, billed): (&RateGroup, &Money)| Row {
        name: group_words(group),
        under: None,
        figures: vec![
            billed.to_string(),
            rate_text(group.effective_rate()),
            group.list_rate().map_or_else(dash, rate_text),
            group.at_list.filter(|list| !list.is_zero()).map_or_else(dash, |list| difference(group.billed, list)),
        ],
    };
    let mut rows: Vec<Row> = groups.iter().zip(&cents).map(row).collect();
    if rows.len() > MOST + 1 {
        let billed: Money = cents[MOST..].iter().copied().sum();
        let figures = vec![billed.to_string(), String::new(), String::new(), String::new()];
        let rest = Row { name: format!("{} more", rows.len() - MOST), under: None, figures };
        rows.truncate(MOST);
        rows.push(rest);
    }
    let mut notes = vec![
        "Dollars for 1M tokens, an hour, a GB-month or a unit; standard mode and regional price where nothing else is \
         said. All prices by account and region: --format csv or json."
            .to_owned(),
    ];
    notes.extend(report.view.against_list.iter().map(discount));
    Section {
        heading: "Effective rates against list",
        heads: &["Billed $", "Paid $", "List $", "vs list"],
        rows,
        notes,
    }
}

/// By how much a rate differs from list: `+10.0 %`.
fn difference(billed: Money, list: Money) -> String {
    let text = percent((billed - list).share_of(list));
    if text.starts_with('-') || text == "0.0 %" { text } else { format!("+{text}") }
}

/// What a seller is paid of list.
fn discount(seller: &AgainstList) -> String {
    let mut line = format!("{}: ", seller.source);
    if seller.list.is_zero() {
        line.push_str("no usage with a list price");
    } else {
        let off = (seller.list - seller.billed).share_of(seller.list);
        line.push_str(&match percent(off.abs()) {
            none if none == "0.0 %" => "at list".to_owned(),
            some if off > 0.0 => format!("{some} below list"),
            some => format!("{some} above list"),
        });
        line.push_str(&format!(" on {} of usage with a list price", usd(seller.billed)));
        // What is assumed of a model that the bill does not show.
        if let Some(every) = seller.every_model.filter(|every| every.ppm() < 1_000_000 && off > 0.0) {
            line.push_str(&format!(", at least {} on every model", percent(1.0 - every.to_f64())));
        }
    }
    if !seller.unpriced.is_zero() {
        line.push_str(&format!("; {} without list price or quantity", usd(seller.unpriced)));
    }
    line.push('.');
    line
}

/// Days named in a sentence before the rest is only counted.
const MOST_SPANS: usize = 5;

/// How the days move, in sentences.
pub(super) fn trend(report: &Report<'_>) -> Vec<String> {
    let trend = &report.view.trend;
    let mut lines = Vec::new();
    if let Some([(first, before), (last, after)]) = &trend.weeks {
        lines.push(format!(
            "First week, {}: {}; last full week, {}: {}{}.",
            span(*first),
            usd(*before),
            span(*last),
            usd(*after),
            if before.is_zero() { String::new() } else { format!(", {}", difference(*after, *before)) }
        ));
    }
    match &trend.peak {
        Some((day, billed)) => lines.push(format!("Peak: {day} with {}.", usd(*billed))),
        None if !report.view.billed.is_zero() && report.estate.window.days() > 1 => {
            lines.push("The export bills most of it for longer than a day; it is spread evenly.".to_owned());
        }
        None => {}
    }
    if !trend.missing.is_empty() {
        let days: usize = trend.missing.iter().map(|span| span.days()).sum();
        let mut named: Vec<String> = trend.missing.iter().take(MOST_SPANS).copied().map(span).collect();
        if trend.missing.len() > MOST_SPANS {
            named.push("…".to_owned());
        }
        lines.push(format!(
            "No usage billed on {}: {}. They count as nothing; check that the export is whole.",
            count(days as u64, "day", "days"),
            named.join(", ")
        ));
    }
    lines
}

fn span(span: Span) -> String {
    if span.first == span.last { span.first.to_string() } else { format!("{} to {}", span.first, span.last) }
}
