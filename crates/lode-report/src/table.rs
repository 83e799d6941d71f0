//! The ranked report in a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use lode_engine::{DataGap, Gate, Quiet, Reason, Recommendation};
use lode_model::{Money, Owner};
use tabled::builder::Builder;
use tabled::settings::object::Rows;
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Modify, Padding, Style};

use crate::coverage::{Page, TOO_FEW, basis, coverage_lines, missed_line, nothing, warnings};
use crate::explain::because;
use crate::look::{Look, Tone, visible};
use crate::silenced;
use crate::source::Unlisted;
use crate::text::{
    Cents, cell, clean, count, exact_place, in_full, is_too_short, labelled, only, part, percent, place, place_lines,
    savings_cents, short, usd, whole,
};
use crate::{Labels, Report};

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
    out.push_str(&look.wrap_in(Tone::Dim, &line, ""));
    for warning in warnings(report) {
        out.push_str(&look.wrap_in(Tone::Bad, &warning, ""));
    }
    out.push_str(&look.wrap(&verdict_in(report, |tone, text| look.tone(tone, text)), ""));
    if let Some(missed) = missed_line(report) {
        out.push_str(&look.wrap(&missed, ""));
    }
    out.push('\n');
}

/// The sentences that matter.
pub(crate) fn verdict(report: &Report<'_>, strong: impl Fn(&str) -> String) -> String {
    verdict_in(report, |_, text| strong(text))
}

/// The same, each amount in the tone of what it is.
fn verdict_in(report: &Report<'_>, toned: impl Fn(Tone, &str) -> String) -> String {
    let (ready, full) = (&report.outcome.ready, &report.outcome.full);
    let share = |money: Money| part(money.share_of(ready.baseline));
    let mut text = format!(
        "Bedrock and the stores beside it billed {}; that is {} a month of 730 hours.\n",
        usd(report.view.billed),
        toned(Tone::Strong, &usd(ready.baseline))
    );
    let now = savings_cents(ready);
    if ready.steps.is_empty() {
        let _ = write!(text, "{} no saving that can go now", proof(report));
    } else {
        let _ = write!(text, "{} of it ({}) can go now", toned(Tone::Good, &usd(now)), share(now));
    }
    let tested = savings_cents(full);
    if full.steps.iter().any(|step| !ready.steps.iter().any(|s| s.id == step.id)) {
        let tested_usd = toned(Tone::Caution, &usd(tested));
        let _ = write!(text, "; {tested_usd} ({}) once the gated steps are tested or their terms over", share(tested));
    }
    text.push('.');
    let checks: Vec<String> = checks(report).iter().map(|(sum, check)| format!("{check} ({})", usd(*sum))).collect();
    if !checks.is_empty() {
        let _ = write!(text, "\nTo be checked first, of what can go now: {}.", checks.join(", "));
    }
    text
}

/// What was read, as what proves something or nothing.
pub(crate) fn proof(report: &Report<'_>) -> &'static str {
    let (estate, sources) = (report.estate, report.sources);
    let logs = estate.tie_out.is_some() || sources.log_files > 0 || sources.log_records > 0;
    match (logs, sources.inventory_files > 0) {
        (false, false) => "The bill alone proves",
        (true, false) => "Bill and logs prove",
        (false, true) => "Bill and inventory prove",
        (true, true) => "Bill, logs and inventory prove",
    }
}

/// What the ready plan saves under each open check, the largest first.
fn checks(report: &Report<'_>) -> Vec<(Money, String)> {
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    let cents = Cents::of(report);
    for r in &report.outcome.recommendations {
        if let (Some(check), Some(saved)) = (&r.rule.check, cents.ready(r)) {
            *sums.entry(check.clone()).or_default() += saved;
        }
    }
    let mut checks: Vec<(Money, String)> = sums.into_iter().map(|(check, sum)| (sum, check)).collect();
    checks.sort_by_key(|(sum, _)| -sum.pico());
    checks
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

/// From how many columns on each place has a column of its own.
const WITH_PLACES: usize = 110;

/// From how many columns on the lever, the evidence and the effort have columns of their own too.
const WITH_ALL: usize = 150;

/// The widest prose column: longer lines are hard to read.
const WIDEST: usize = 76;

/// What the ranked list shows at a width.
#[derive(Clone, Copy)]
struct Columns {
    lever: bool,
    place: bool,
}

impl Columns {
    fn of(look: Look) -> Self {
        Self { lever: look.width >= WITH_ALL, place: look.width >= WITH_PLACES }
    }

    /// A row: the cells before the prose, the prose, the amounts, and the words after them.
    fn row(self, [rank, lever, place, prose]: [String; 4], amounts: [String; 3], words: [String; 2]) -> Vec<String> {
        let mut cells = vec![rank];
        cells.extend(self.lever.then_some(lever));
        cells.extend(self.place.then_some(place));
        cells.push(prose);
        cells.extend(amounts);
        cells.extend(self.lever.then_some(words).into_iter().flatten());
        cells
    }

    /// The place of the prose.
    fn prose(self) -> usize {
        1 + usize::from(self.lever) + usize::from(self.place)
    }
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
    let columns = Columns::of(look);
    let prose = columns.prose();
    let text = |text: &str| text.to_owned();
    let header = columns.row(
        ["#", "Lever", "Where", "What to do"].map(text),
        ["Now $/mo", "Full $/mo", "Share"].map(text),
        ["Evidence", "Effort"].map(text),
    );
    let (shown, _) = report.shown();
    let mut rows: Vec<Vec<String>> = vec![header];
    let cents = Cents::of(report);
    rows.extend(shown.iter().map(|r| row(report, r, &cents, columns, look)));
    let unlisted = report.unlisted();
    rows.extend(unlisted.iter().map(|unlisted| rest_row(report, unlisted, &cents, columns)));
    rows.push(total_row(report, columns, look));
    // The other columns need what they need; prose takes what is left.
    let needs = |column: usize| {
        let lines = rows.iter().filter_map(|row| row.get(column)).flat_map(|cell| cell.lines());
        lines.map(visible).max().unwrap_or_default()
    };
    let count = rows.first().map_or(0, Vec::len);
    let others: usize = (0..count).filter(|column| *column != prose).map(needs).sum();
    let room = look.width.saturating_sub(others + 2 * count - 1).clamp(10, WIDEST);
    for (row, r) in rows.iter_mut().skip(1).zip(&shown) {
        if let Some(cell) = row.get_mut(prose) {
            *cell = what_to_do(report.labels, r, columns, Look { width: room, ..look });
        }
    }
    for (row, unlisted) in rows.iter_mut().skip(1 + shown.len()).zip(&unlisted) {
        if let Some(cell) = row.get_mut(prose) {
            *cell = Look { width: room, colour: false }.wrap_at(&unlisted.said).join("\n");
        }
    }
    let last = rows.len() - 1;
    let mut builder = Builder::default();
    for row in rows {
        builder.push_record(row);
    }
    let mut table = builder.build();
    let rule = HorizontalLine::new('─').intersection('─');
    table
        .with(Style::blank().horizontals([(1, rule), (last, rule)]))
        .with(Padding::new(0, 1, 0, 0))
        .with(Modify::new(tabled::settings::object::Columns::new(prose + 1..prose + 4)).with(Alignment::right()))
        .with(Modify::new(Rows::first()).with(Alignment::left()))
        .with(Modify::new(tabled::settings::object::Columns::first()).with(Alignment::right()));
    for line in table.to_string().lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for line in plan_lines(report) {
        out.push_str(&look.hang(&line, ""));
    }
    out.push('\n');
}

/// The smaller recommendations in one line.
fn rest_row(report: &Report<'_>, unlisted: &Unlisted<'_>, cents: &Cents<'_>, columns: Columns) -> Vec<String> {
    let rest = &unlisted.recommendations;
    let sum = |of: &dyn Fn(&Recommendation) -> Option<Money>| -> Money { rest.iter().filter_map(|r| of(r)).sum() };
    let (now, full) = (sum(&|r| cents.ready(r)), sum(&|r| cents.full(r)));
    let share = percent(full.share_of(report.outcome.full.baseline));
    let none = String::new;
    columns.row(
        [none(), none(), none(), unlisted.said.clone()],
        [now.to_string(), full.to_string(), share],
        [none(), none()],
    )
}

fn total_row(report: &Report<'_>, columns: Columns, look: Look) -> Vec<String> {
    let (now, full) = (savings_cents(&report.outcome.ready), savings_cents(&report.outcome.full));
    let share = percent(full.share_of(report.outcome.full.baseline));
    let amounts = [now.to_string(), full.to_string(), share].map(|amount| look.strong(&amount));
    let none = String::new;
    columns.row([none(), none(), none(), look.strong("Total")], amounts, [none(), none()])
}

/// What the two columns mean, and how sure they are, a sentence each.
pub(crate) fn plan_lines(report: &Report<'_>) -> Vec<String> {
    let plan_line = |plan: &lode_engine::Plan| {
        let what = match plan.name {
            lode_engine::PlanName::Ready => "Now (the ready plan, no test open)",
            lode_engine::PlanName::Full => "Full (the full plan, once its tests are passed)",
        };
        if plan.steps.is_empty() {
            return format!("{what}: nothing.");
        }
        let checked = |r: &Recommendation| {
            r.rule.check.is_some() && plan.steps.iter().any(|step| step.id == r.id && !step.marginal().is_zero())
        };
        let open = report.outcome.recommendations.iter().any(checked);
        let saves =
            format!("{what}: {} a month{}", usd(savings_cents(plan)), if open { " if every check passes" } else { "" });
        if is_too_short(report) {
            return format!("{saves}; {TOO_FEW}.");
        }
        format!(
            "{saves}, 90 % interval {} to {}.",
            usd(plan.low.min(savings_cents(plan))),
            usd(plan.high.max(savings_cents(plan)))
        )
    };
    let mut lines = vec![plan_line(&report.outcome.ready), plan_line(&report.outcome.full)];
    lines.push(
        "Each step is computed on what the ones before it leave over, so that both columns add up; where tested steps \
         come first, later ones save less."
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

/// A row but for its prose, whose width follows from the others.
fn row(report: &Report<'_>, r: &Recommendation, cents: &Cents<'_>, columns: Columns, look: Look) -> Vec<String> {
    // Of the full plan where it is part of it, so that the column adds up.
    let (now, full) = (cents.ready(r), cents.full(r));
    let share = percent(full.unwrap_or(r.savings.expected).share_of(report.outcome.ready.baseline));
    let narrow = |text: &str, width: usize| Look { width, colour: false }.wrap_at(text).join("\n");
    let places: Vec<String> = place_lines(report.labels, &r.subject).iter().map(|line| narrow(line, 28)).collect();
    let full_tone = if r.gate.is_some() { Tone::Caution } else { Tone::Good };
    columns.row(
        [r.rank.to_string(), narrow(r.lever.name, 22), places.join("\n"), String::new()],
        [
            now.map_or_else(|| cell(None), |_| look.tone(Tone::Good, &cell(now))),
            full.map_or_else(|| cell(None), |_| look.tone(full_tone, &cell(full))),
            share,
        ],
        [r.grade.to_string(), r.rule.effort.to_string()],
    )
}

/// What to do, and under it what has no column at this width.
fn what_to_do(labels: &Labels, r: &Recommendation, columns: Columns, look: Look) -> String {
    let action = short(&r.action, 320);
    let mut lines = look.wrap_at(&action);
    let indented = Look { width: look.width.saturating_sub(2), ..look };
    let mut note = |tone: Tone, text: &str| {
        lines.extend(indented.wrap_at(text).iter().map(|line| format!("  {}", look.tone(tone, line))));
    };
    if let Some(text) = only(r) {
        note(Tone::Dim, &text);
    }
    if !columns.lever {
        let account = r.subject.account().as_str();
        let who = match &r.subject {
            Owner::Workload(workload) => Some(workload.caller.as_str()),
            Owner::Resource(_, _, id) => Some(id.as_str()),
            Owner::Pool(_) | Owner::Account(_) => None,
        };
        // A name that the action has, or the column beside it, need not stand here again, but for its label.
        let labelled_there = |raw: &str| r.action.contains(raw) && labels.contains_key(raw);
        let account = Some(account).filter(|raw| !r.action.contains(raw) || labelled_there(raw));
        let names = who.filter(|raw| labelled_there(raw)).into_iter().chain(account).filter(|_| !columns.place);
        let names: String = names.map(|raw| format!(" · {}", clean(&labelled(labels, raw)))).collect();
        note(Tone::Dim, &format!("{}{names} · {} · {} effort", r.lever.name, r.grade, r.rule.effort));
    }
    let first = before_it(r);
    if !first.is_empty() {
        note(Tone::Caution, &first);
    }
    if let Some(text) = in_full(r) {
        note(Tone::Dim, &text);
    }
    lines.join("\n")
}

/// What each lever without a recommendation says: what it waits for, and what came closest.
pub(crate) fn quiet_lines(report: &Report<'_>) -> Vec<String> {
    let line = |quiet: &Quiet| {
        let waits: Vec<&str> = quiet.waits.iter().map(|input| input.as_str()).collect();
        let waits = (!waits.is_empty()).then(|| format!("waits for {}", waits.join(" and ")));
        let nearest = quiet.nearest.as_ref().map(|d| {
            let rule = d.rule_id.split_once('.').map_or(d.rule_id.as_str(), |(_, rule)| rule);
            format!("{rule}, at {}: {}", place(report.labels, &d.subject), because(&d.reason))
        });
        let said = waits.or(nearest).unwrap_or_else(|| "nothing here to look at".to_owned());
        format!("{}: {said}.", quiet.lever.name)
    };
    report.outcome.quiet.iter().map(line).collect()
}

fn declined(out: &mut String, report: &Report<'_>, look: Look) {
    let quiet = quiet_lines(report);
    if !quiet.is_empty() {
        let _ = writeln!(out, "{}", look.heading("No recommendation, and what came closest"));
        for line in quiet {
            out.push_str(&look.hang(&line, "  "));
        }
        out.push('\n');
    }
    let told = told_lines(report);
    if !told.is_empty() {
        let _ = writeln!(out, "{}", look.heading("No saving, and to be known"));
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
        let _ = writeln!(out, "{}", look.heading(silenced::HEADING));
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
    let mut lines: Vec<String> =
        told.map(|d| format!("{}: {}.", place(report.labels, &d.subject), why(&d.reason))).collect();
    let more = lines.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        lines.truncate(MOST_TOLD);
        lines.push(format!("{more} more, in --format json under declined."));
    }
    lines
}

/// What was declined: reasons in words, and at how many places.
pub(crate) fn declined_by_reason<'a>(report: &Report<'a>) -> Vec<(&'a str, u64)> {
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for declined in &report.outcome.declined {
        *by_reason.entry(declined.reason.as_str()).or_default() += 1;
    }
    by_reason.into_iter().map(|(reason, places)| (said(reason), places)).collect()
}

/// What was declined, by reason, in a sentence.
pub(crate) fn declined_line(report: &Report<'_>) -> Option<String> {
    let reasons = declined_by_reason(report);
    let reasons: Vec<String> =
        reasons.iter().map(|(reason, places)| format!("{reason} ({})", whole(i128::from(*places)))).collect();
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
            let text = format!("{} a month: {}", usd(waiting.spend), exact_place(report.labels, &waiting.subject));
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
    let _ = writeln!(out, "{}", look.heading("What this stands on"));
    for line in coverage_lines(report, Page::Report) {
        out.push_str(&look.hang(&line, "  "));
    }
}

fn next(out: &mut String, report: &Report<'_>, look: Look) {
    let input = format!("{}{}", report.sources.input, report.sources.flags);
    // One that is hidden is no next step, but for want of another.
    let (listed, hidden) = report.shown();
    let command = match listed.first().or(hidden.first()) {
        Some(first) => format!("lode explain {} {input}", first.rank),
        None => format!("lode bill {input}"),
    };
    out.push_str(&crate::explain::next(&command, look));
}
