//! The ranked report in a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use lode_engine::{DataGap, Gate, Quiet, Reason, Recommendation};
use lode_model::{Money, Owner};
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Modify, Padding, Style};

use crate::Report;
use crate::coverage::{Page, basis, coverage_lines, nothing, warnings};
use crate::explain::because;
use crate::silenced;
use crate::text::{Cents, cell, clean, count, exact_place, in_full, only, percent, place, savings_cents, short, usd};

/// How a terminal page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns at hand.
    pub width: usize,
    /// Whether colour means something there. Nothing is said by colour alone.
    pub colour: bool,
}

impl Look {
    /// Bold, where colour is on.
    pub(crate) fn strong(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Dim, where colour is on.
    pub(crate) fn dim(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.strong(text)
    }

    /// Wraps prose at the width, with an indent for every line.
    pub(crate) fn wrap(self, text: &str, indent: &str) -> String {
        let room = self.width.max(40).saturating_sub(indent.len());
        let lines = Self { width: room, ..self }.wrap_at(text);
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    /// The same; the lines after the first stand two further in.
    pub(crate) fn hang(self, text: &str, indent: &str) -> String {
        let room = self.width.max(40).saturating_sub(indent.len() + 2);
        let lines = Self { width: room, ..self }.wrap_at(text);
        let line = |(place, line): (usize, &String)| format!("{indent}{}{line}\n", if place == 0 { "" } else { "  " });
        lines.iter().enumerate().map(line).collect()
    }

    /// The lines of a text wrapped at exactly this width; a word longer than it is broken.
    pub(crate) fn wrap_at(self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let mut word = word;
                let length = |text: &str| visible(text);
                if !line.is_empty() && length(&line) + 1 + length(word) > self.width {
                    lines.push(std::mem::take(&mut line));
                }
                while length(word) > self.width && !word.contains('\u{1b}') {
                    let at = word.char_indices().nth(self.width).map_or(word.len(), |(at, _)| at);
                    lines.push(word[..at].to_owned());
                    word = &word[at..];
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            lines.push(line);
        }
        lines
    }
}

/// Characters that take room: colour codes do not.
fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut code = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => code = true,
            'm' if code => code = false,
            _ if code => {}
            _ => count += 1,
        }
    }
    count
}

/// The report: headline, ranked list with totals, what was declined, what is missing, coverage, next command.
#[must_use]
pub fn report_table(report: &Report<'_>, look: Look) -> String {
    let mut out = String::new();
    headline(&mut out, report, look);
    ranking(&mut out, report, look);
    declined(&mut out, report, look);
    gaps(&mut out, report, look);
    coverage(&mut out, report, look);
    next(&mut out, report, look);
    out
}

fn headline(out: &mut String, report: &Report<'_>, look: Look) {
    let window = &report.estate.window;
    if let Some(nothing) = nothing(report) {
        out.push_str(&look.wrap(&nothing, ""));
        out.push('\n');
        return;
    }
    let line = format!(
        "Amazon Bedrock · {} to {} · {}, {} complete · {}",
        window.first,
        window.last,
        count(window.days() as u64, "day", "days"),
        window.complete_days(),
        basis(report)
    );
    out.push_str(&look.wrap(&look.dim(&line), ""));
    for warning in warnings(report) {
        out.push_str(&look.wrap(&look.strong(&warning), ""));
    }
    out.push_str(&look.wrap(&verdict(report, |text| look.strong(text)), ""));
    let missed = &report.view.missed_by_service_filter;
    if !missed.billed.is_zero() {
        let of = missed.billed.share_of(report.view.bedrock.billed);
        out.push_str(&look.wrap(
            &format!(
                "A Cost Explorer filter on \"Amazon Bedrock\" misses {} a month, {} of what Bedrock bills.",
                usd(missed.monthly),
                percent(of)
            ),
            "",
        ));
    }
    out.push('\n');
}

/// The sentence that matters.
pub(crate) fn verdict(report: &Report<'_>, strong: impl Fn(&str) -> String) -> String {
    let (ready, full) = (&report.outcome.ready, &report.outcome.full);
    let share = |money: Money| percent(money.share_of(ready.baseline));
    let mut text = format!(
        "Bedrock and the stores beside it billed {}; that is {} a month of 730 hours. ",
        usd(report.view.billed),
        strong(&usd(ready.baseline))
    );
    let now = savings_cents(ready);
    if ready.steps.is_empty() {
        let _ = write!(text, "{} no saving that can go now", proof(report));
    } else {
        let _ = write!(text, "{} of it ({}) can go now", strong(&usd(now)), share(now));
    }
    for (check, sum) in checks(report) {
        let _ = write!(text, ", {} of that once {check} is checked", usd(sum));
    }
    let tested = savings_cents(full);
    if full.steps.iter().any(|step| !ready.steps.iter().any(|s| s.id == step.id)) {
        let _ =
            write!(text, "; {} ({}) once the gated steps are tested or their terms over", usd(tested), share(tested));
    }
    text.push('.');
    text
}

/// What was read, as what proves something or nothing.
fn proof(report: &Report<'_>) -> &'static str {
    let (estate, sources) = (report.estate, report.sources);
    let logs = estate.tie_out.is_some() || sources.log_files > 0 || sources.log_records > 0;
    match (logs, sources.inventory_files > 0) {
        (false, false) => "The bill alone proves",
        (true, false) => "Bill and logs prove",
        (false, true) => "Bill and inventory prove",
        (true, true) => "Bill, logs and inventory prove",
    }
}

/// What the ready plan saves under each open check.
fn checks(report: &Report<'_>) -> BTreeMap<String, Money> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    let cents = Cents::of(report);
    for r in &report.outcome.recommendations {
        if let (Some(check), Some(saved)) = (&r.rule.check, cents.ready(r)) {
            *sums.entry(check.clone()).or_default() += saved;
        }
    }
    sums
}

/// What comes before the change: a test, a check, or both.
pub(crate) fn before_it(r: &Recommendation) -> String {
    let gate = r.gate.map(|gate| match gate {
        Gate::TermEnd => "when the term has ended".to_owned(),
        Gate::Security => "needs a security review".to_owned(),
        gate => format!("needs a test: {gate}"),
    });
    let check = r.rule.check.as_ref().map(|check| format!("check {check}"));
    gate.into_iter().chain(check).collect::<Vec<_>>().join(", ")
}

fn ranking(out: &mut String, report: &Report<'_>, look: Look) {
    let all = report.recommendations();
    if report.estate.charges.is_empty() {
        return;
    }
    if all.is_empty() {
        out.push_str(&look.wrap("No recommendation: see below what was looked at, and what is missing.", ""));
        out.push('\n');
        return;
    }
    let wide = look.width >= 132;
    let mut builder = Builder::default();
    let mut header = vec!["#"];
    if wide {
        header.extend(["Lever", "Where"]);
    }
    header.extend(["What to do", "Now $/mo", "Full $/mo", "Share"]);
    if wide {
        header.extend(["Evidence", "Effort"]);
    }
    let columns = header.len();
    let prose = if wide { 3 } else { 1 };
    builder.push_record(header.iter().map(|text| (*text).to_owned()));
    // The numbers need what they need; prose takes the rest.
    let fixed: usize = if wide { 3 + 23 + 31 + 2 * 13 + 8 + 10 + 10 } else { 3 + 2 * 12 + 9 };
    let room = look.width.saturating_sub(fixed).clamp(24, 76);
    let cents = Cents::of(report);
    let (shown, rest) = report.shown();
    for recommendation in &shown {
        builder.push_record(row(report, recommendation, &cents, wide, room, look));
    }
    if !rest.is_empty() {
        let sum = |of: &dyn Fn(&Recommendation) -> Option<Money>| -> Money { rest.iter().filter_map(|r| of(r)).sum() };
        let (now, full) = (sum(&|r| cents.ready(r)), sum(&|r| cents.full(r)));
        let mut more = vec![String::new(); columns];
        more[prose] = format!("{} smaller ones (--top 0 shows all)", rest.len());
        more[prose + 1] = now.to_string();
        more[prose + 2] = full.to_string();
        more[prose + 3] = percent(full.share_of(report.outcome.full.baseline));
        builder.push_record(more);
    }
    let mut total = vec![String::new(); columns];
    total[prose] = "Total".to_owned();
    total[prose + 1] = report_total(&report.outcome.ready);
    total[prose + 2] = report_total(&report.outcome.full);
    total[prose + 3] = percent(savings_cents(&report.outcome.full).share_of(report.outcome.full.baseline));
    builder.push_record(total);
    let mut table = builder.build();
    let last = shown.len() + usize::from(!rest.is_empty()) + 1;
    let rule = HorizontalLine::new('─').intersection('─');
    table
        .with(Style::blank().horizontals([(1, rule), (last, rule)]))
        .with(Padding::new(0, 1, 0, 0))
        .with(Modify::new(Columns::new(prose + 1..prose + 4)).with(Alignment::right()))
        .with(Modify::new(Rows::first()).with(Alignment::left()))
        .with(Modify::new(Columns::first()).with(Alignment::right()));
    for line in table.to_string().lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for line in plan_lines(report) {
        out.push_str(&look.wrap(&line, ""));
    }
    out.push('\n');
}

/// What the two columns mean, and how sure they are, a sentence each.
pub(crate) fn plan_lines(report: &Report<'_>) -> Vec<String> {
    let plan_line = |plan: &&lode_engine::Plan| {
        format!(
            "{} plan: {} a month, 90 % interval {} to {}.",
            if plan.name == lode_engine::PlanName::Ready { "Ready" } else { "Full" },
            usd(savings_cents(plan)),
            usd(plan.low.min(savings_cents(plan))),
            usd(plan.high.max(savings_cents(plan)))
        )
    };
    let plans = [&report.outcome.ready, &report.outcome.full];
    let mut lines: Vec<String> = plans.iter().filter(|plan| !plan.steps.is_empty()).map(plan_line).collect();
    lines.push(
        "Now: the ready plan, without open quality gates. Full: once the steps marked with a test are passed; where \
         they come first, later ones save less. Each step is computed on what the ones before it leave over; both \
         columns add up."
            .to_owned(),
    );
    if let Some(larger) = report.larger_further_down() {
        lines.push(format!(
            "Ordered by documented priority; by savings, number {} would come first (--sort savings).",
            larger.rank
        ));
    }
    lines
}

fn report_total(plan: &lode_engine::Plan) -> String {
    savings_cents(plan).to_string()
}

fn row(
    report: &Report<'_>,
    recommendation: &Recommendation,
    cents: &Cents<'_>,
    wide: bool,
    room: usize,
    look: Look,
) -> Vec<String> {
    // Of the full plan where it is part of it, so that the column adds up.
    let full = cents.full(recommendation);
    let share = percent(full.unwrap_or(recommendation.savings.expected).share_of(report.outcome.ready.baseline));
    let first = before_it(recommendation);
    let gate = (!first.is_empty()).then_some(first);
    let narrow = |text: &str, width: usize| Look { width, colour: false }.wrap_at(text).join("\n");
    let mut cells = vec![recommendation.rank.to_string()];
    let mut action = short(&recommendation.action, 320);
    let mut notes: Vec<String> = only(recommendation).into_iter().collect();
    if wide {
        cells.push(narrow(recommendation.lever.name, 22));
        cells.push(narrow(&place(&recommendation.subject), 30));
        if let Some(gate) = gate {
            let _ = write!(action, " ({gate})");
        }
    } else {
        let mut note =
            format!("{} · {} · {} effort", recommendation.lever.name, recommendation.grade, recommendation.rule.effort);
        if let Some(gate) = gate {
            let _ = write!(note, " · {gate}");
        }
        notes.push(note);
    }
    notes.extend(in_full(recommendation));
    action = narrow(&action, room);
    for note in notes {
        for line in (Look { width: room, ..look }).wrap_at(&note) {
            let _ = write!(action, "\n{}", look.dim(&line));
        }
    }
    cells.extend([action, cell(cents.ready(recommendation)), cell(full), share]);
    if wide {
        cells.push(recommendation.grade.to_string());
        cells.push(recommendation.rule.effort.to_string());
    }
    cells
}

/// What each lever without a recommendation says: what it waits for, and what came closest.
pub(crate) fn quiet_lines(report: &Report<'_>) -> Vec<String> {
    let line = |quiet: &Quiet| {
        let waits: Vec<&str> = quiet.waits.iter().map(|input| input.as_str()).collect();
        let waits = (!waits.is_empty()).then(|| format!("waits for {}", waits.join(" and ")));
        let nearest = quiet.nearest.as_ref().map(|d| {
            let rule = d.rule_id.split_once('.').map_or(d.rule_id.as_str(), |(_, rule)| rule);
            format!("{rule}, at {}: {}", place(&d.subject), because(&d.reason))
        });
        let said = waits.or(nearest).unwrap_or_else(|| "nothing here to look at".to_owned());
        format!("{}: {said}.", quiet.lever.name)
    };
    report.outcome.quiet.iter().map(line).collect()
}

fn declined(out: &mut String, report: &Report<'_>, look: Look) {
    let quiet = quiet_lines(report);
    if !quiet.is_empty() {
        out.push_str("No recommendation, and what came closest:\n");
        for line in quiet {
            out.push_str(&look.hang(&line, "  "));
        }
        out.push('\n');
    }
    let told = told_lines(report);
    if !told.is_empty() {
        out.push_str("No saving, and to be known:\n");
        for line in told {
            out.push_str(&look.hang(&line, "  "));
        }
        out.push('\n');
    }
    if let Some(line) = declined_line(report) {
        out.push_str(&look.wrap(&line, ""));
        out.push('\n');
    }
    let silenced = silenced::lines(report);
    if !silenced.is_empty() {
        let _ = writeln!(out, "{}:", silenced::HEADING);
        for line in silenced {
            out.push_str(&look.hang(&line, "  "));
        }
        out.push('\n');
    }
}

/// What is told of savings that are none.
const MOST_TOLD: usize = 5;

/// What saves nothing and matters all the same, but for what a quiet lever says anyway.
pub(crate) fn told_lines(report: &Report<'_>) -> Vec<String> {
    let outcome = report.outcome;
    let said = outcome.quiet.iter().filter(|quiet| quiet.waits.is_empty()).filter_map(|quiet| quiet.nearest.as_ref());
    let said: Vec<_> = said.collect();
    let told = outcome.declined.iter().filter(|declined| declined.told && !said.contains(declined));
    let why = |reason: &Reason| match reason {
        // Its id names the place again.
        Reason::Alternative { title, winner } => {
            let rule = winner.split('/').next().unwrap_or_default();
            format!("{}: {} saves more on these calls", short(title, 400), clean(rule))
        }
        _ => because(reason),
    };
    let mut lines: Vec<String> = told.map(|d| format!("{}: {}.", place(&d.subject), why(&d.reason))).collect();
    let more = lines.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        lines.truncate(MOST_TOLD);
        lines.push(format!("{more} more, in --format json under declined."));
    }
    lines
}

/// What was declined, by reason.
pub(crate) fn declined_line(report: &Report<'_>) -> Option<String> {
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for declined in &report.outcome.declined {
        *by_reason.entry(declined.reason.as_str()).or_default() += 1;
    }
    let reasons: Vec<String> = by_reason.iter().map(|(reason, n)| format!("{} ({n})", said(reason))).collect();
    (!reasons.is_empty()).then(|| {
        format!(
            "Looked at and declined: {}. lode explain RULE says which clause, and by how much it missed.",
            reasons.join(", ")
        )
    })
}

/// A reason in words.
pub(crate) fn said(reason: &str) -> &str {
    match reason {
        "clause" => "below a threshold",
        "not_sold" => "not sold",
        "residency" => "kept in its region by lode.toml",
        "left_to" => "left to another rule",
        "nothing_to_propose" => "nothing to move to",
        "not_simulated" => "not answerable from this input",
        "no_price" => "no known price",
        "no_saving" => "no saving",
        "negative_in_plan" => "a loss after the earlier steps",
        "moves_cached_prefix" => "moves what the cache reads",
        "alternative" => "beaten by another option",
        "only_alternative" => "only offered as another way",
        "ended" => "not used for more than a week",
        "failed_test" => "worse in a test on own calls",
        "forbidden" => "forbidden in lode.toml",
        "suppressed" => "silenced in lode.toml",
        other => other,
    }
}

/// What could be saved of it at the very most.
pub(crate) fn at_most(gap: &DataGap) -> Option<String> {
    let (rules, most) = gap.at_most()?;
    let rules: Vec<&str> = rules.into_iter().collect();
    Some(format!("Assumed, and in no plan: between nothing and {} a month of it by {}.", usd(most), rules.join(", ")))
}

/// Subjects listed under a missing input.
const MOST_WAITING: usize = 3;

fn gaps(out: &mut String, report: &Report<'_>, look: Look) {
    for gap in &report.outcome.gaps {
        let _ = writeln!(out, "{}", look.heading(&format!("Missing: {}", gap.input)));
        out.push_str(&look.wrap(
            &format!(
                "Would show {}. Spend that cannot be judged without it: {} a month ({}).",
                gap.input.unlocks(),
                usd(gap.spend),
                gap.rules().join(", ")
            ),
            "  ",
        ));
        out.push_str(&at_most(gap).map(|text| look.wrap(&text, "  ")).unwrap_or_default());
        let mut subjects = BTreeSet::new();
        for waiting in gap.waiting.iter().filter(|w| subjects.insert(&w.subject)).take(MOST_WAITING) {
            let text = format!("{} a month: {}", usd(waiting.spend), exact_place(&waiting.subject));
            out.push_str(&look.wrap(&text, "    ").replacen("   ", "  ·", 1));
            // A commitment's units and terms are what there is to know before its use is.
            if matches!(waiting.subject, Owner::Pool(_)) {
                let known: Vec<String> =
                    waiting.evidence.iter().map(|e| format!("{} {}", e.signal, clean(&e.value.to_string()))).collect();
                out.push_str(&look.wrap(&known.join(", "), "      "));
            }
        }
        if subjects.len() > MOST_WAITING {
            let _ = writeln!(out, "  · and {} more", subjects.len() - MOST_WAITING);
        }
        for line in gap.input.how() {
            // A command is pasted whole; only prose is wrapped.
            if line.starts_with("aws ") {
                let _ = writeln!(out, "    {}", look.dim(line));
            } else {
                out.push_str(&look.wrap(line, "    "));
            }
        }
    }
    if !report.outcome.gaps.is_empty() {
        out.push('\n');
    }
}

fn coverage(out: &mut String, report: &Report<'_>, look: Look) {
    for line in coverage_lines(report, Page::Report) {
        out.push_str(&look.wrap(&line, ""));
    }
}

fn next(out: &mut String, report: &Report<'_>, look: Look) {
    let input = format!("{}{}", report.sources.input, report.sources.flags);
    let command = match report.recommendations().first() {
        Some(first) => format!("lode explain {} {input}", first.rank),
        None => format!("lode bill {input}"),
    };
    let _ = write!(out, "\nnext: {}\n", look.strong(&command));
}
