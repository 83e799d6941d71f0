//! The sentences of the report, for renderers that are not here. The figures are in [`crate::v1::ReportV1`]; what a sentence
//! says of them stands once, in the terminal page's words.

use std::collections::BTreeMap;

use lode_engine::{Clause, Declined, Recommendation};
use lode_model::Money;
use serde::Serialize;

use crate::coverage::{Page, basis, coverage_lines, missed_line, nothing, warnings};
use crate::evidence::{alone, held, missed_by, speaks};
use crate::explain::{arithmetic_notes, at_least, because, other_way};
use crate::table::{at_most, before_it, declined_line, plan_lines, proof, quiet_lines, said, told_lines, verdict};
use crate::text::{alone_note, exact_place, in_full, is_too_short, only, place};
use crate::{Look, Report, cohorts, habits, misses, silenced, sketch, tie_out};

/// The sentences of a report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Prose {
    /// Where there is no Bedrock charge at all: what was read.
    pub nothing: Option<String>,
    /// What proves something or nothing, such as `Bill and logs prove`.
    pub proof: String,
    /// What must stand before any figure.
    pub warnings: Vec<String>,
    /// The sentence that matters, in parts: `true` marks the amounts to stress.
    pub headline: Vec<(String, bool)>,
    /// What a Cost Explorer filter on the service misses; `None` where it misses nothing.
    pub missed: Option<String>,
    /// What all money is, such as `net cost`.
    pub basis: String,
    /// Whether there are too few days for an interval.
    pub too_few: bool,
    /// What the columns mean, and how sure the plans are.
    pub plans: Vec<String>,
    /// Names of levers, by id.
    pub levers: BTreeMap<String, String>,
    /// What each lever without a recommendation says.
    pub quiet: Vec<String>,
    /// What saves nothing and is to be known all the same.
    pub told: Vec<String>,
    /// What was declined, by reason, in one line.
    pub declined: Option<String>,
    /// The same, rule by rule.
    pub declined_by_rule: Vec<DeclinedGroup>,
    /// What the settings keep out of the plans, a sentence each.
    pub silenced: Vec<String>,
    /// What is not listed, by reason, such as `3 hidden by --min-savings $100.00`.
    pub unlisted: Vec<String>,
    /// Of each missing input, in the order of the contract: what could be saved of it at most, in a sentence.
    pub at_most: Vec<Option<String>>,
    /// Token dollars by cause, what the logs explain first; empty without logs.
    pub tie_out: Vec<TieOutLine>,
    /// What the figures stand on.
    pub coverage: Vec<String>,
    /// What was left aside, and why.
    pub skipped: Vec<(String, String)>,
    /// What to type after `lode` and a command to read the same input again, with the flags given.
    pub input: String,
    /// Of each recommendation that the page lists, by id and in the order chosen.
    pub listed: Vec<(String, Details)>,
}

/// The sentences of a recommendation.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Details {
    /// Where, in words.
    pub place: String,
    /// Which of the caller's calls are meant, what the full plan does in its place, and why it saves less alone.
    pub notes: Vec<String>,
    /// What comes before the change: a test, a check, or both; else empty.
    pub before: String,
    /// The clauses of its rule: signal, what was measured, what it had to be.
    pub held: Vec<(String, Option<String>, String)>,
    /// What was measured beside them: signal and value with its unit.
    pub also: Vec<(String, String)>,
    /// What to know before the lines of its arithmetic.
    pub arithmetic: Vec<String>,
    /// Other ways to do it, a sentence each.
    pub other_ways: Vec<String>,
    /// The part of the calls that must be able to move, rounded up, where that decides whether it pays.
    pub pays_from: Option<String>,
    /// What its calls show.
    pub seen: Vec<Seen>,
}

/// Something that the calls of a recommendation show.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// Its heading.
    pub heading: String,
    /// Sentences, or lines of a drawing.
    pub lines: Vec<String>,
    /// Whether the lines are drawn with spaces.
    pub drawn: bool,
}

/// What a rule declined for one reason.
#[derive(Clone, Debug, Serialize)]
pub struct DeclinedGroup {
    /// `recommender.rule`.
    pub rule: String,
    /// The reason in words.
    pub reason: String,
    /// How many places.
    pub places: usize,
    /// Those that came closest, at most [`DeclinedGroup::MOST`]: where, and why.
    pub nearest: Vec<(String, String)>,
}

impl DeclinedGroup {
    /// Places that are named.
    pub const MOST: usize = 5;
}

/// Token dollars that have one cause.
#[derive(Clone, Debug, Serialize)]
pub struct TieOutLine {
    /// The cause.
    pub cause: String,
    /// Dollars of the window, in cents that add up to the token dollars of the bill.
    pub usd: String,
}

impl Prose {
    /// The sentences of this report.
    #[must_use]
    pub fn of(report: &Report<'_>) -> Self {
        // A control character cannot be in the text: everything in it is cleaned.
        let text = verdict(report, |text| format!("\u{1}{text}\u{1}"));
        let headline = text.split('\u{1}').enumerate().map(|(place, part)| (part.to_owned(), place % 2 == 1));
        let (shown, _) = report.shown();
        let outcome = report.outcome;
        let found = outcome.recommendations.iter().map(|r| r.lever);
        let levers = found.chain(outcome.quiet.iter().map(|quiet| quiet.lever));
        Self {
            nothing: nothing(report),
            proof: proof(report).to_owned(),
            warnings: warnings(report),
            headline: headline.filter(|(part, _)| !part.is_empty()).collect(),
            missed: missed_line(report),
            basis: basis(report),
            too_few: is_too_short(report),
            plans: plan_lines(report),
            levers: levers.map(|lever| (lever.id.to_owned(), lever.name.to_owned())).collect(),
            quiet: quiet_lines(report),
            told: told_lines(report),
            declined: declined_line(report),
            declined_by_rule: declined_by_rule(report, &outcome.declined),
            silenced: silenced::lines(report),
            unlisted: report.unlisted().into_iter().map(|hidden| hidden.said).collect(),
            at_most: outcome.gaps.iter().map(at_most).collect(),
            tie_out: report.estate.tie_out.as_ref().map(tie_out_lines).unwrap_or_default(),
            coverage: coverage_lines(report, Page::Report),
            skipped: report.sources.skipped.clone(),
            input: format!("{}{}", report.sources.input, report.sources.flags),
            listed: shown.into_iter().map(|r| (r.id.clone(), details(report, r))).collect(),
        }
    }
}

fn details(report: &Report<'_>, r: &Recommendation) -> Details {
    // As wide as a line may get: a renderer wraps by itself.
    let look = Look { width: 100_000, colour: false };
    let blocks = [
        (cohorts::block(report, r, look), false),
        (habits::calls(report, r, look), false),
        (misses::block(report, r, look), false),
        (sketch::block(report, r, look), true),
    ];
    let seen = blocks.iter().filter_map(|(block, drawn)| {
        let mut lines = block.lines().filter(|line| !line.is_empty());
        let heading = lines.next()?.trim().to_owned();
        let line = |line: &str| line.strip_prefix("  ").unwrap_or(line).trim_end().to_owned();
        Some(Seen { heading, lines: lines.map(line).collect(), drawn: *drawn })
    });
    let clause = |clause: &Clause| {
        let (measured, needed) = held(r, clause);
        (clause.signal.clone(), measured, needed)
    };
    let also = r.evidence.iter().filter(|e| speaks(e) && !r.rule.compares(e.signal));
    Details {
        place: place(report.labels, &r.subject),
        notes: only(r).into_iter().chain(in_full(r)).chain(alone_note(report, r)).collect(),
        before: before_it(r),
        held: r.rule.clauses.iter().map(clause).collect(),
        also: also.map(|e| (e.signal.to_owned(), alone(e))).collect(),
        arithmetic: arithmetic_notes(r),
        other_ways: r.alternatives.iter().map(other_way).collect(),
        pays_from: r.break_even.as_ref().and_then(at_least),
        seen: seen.collect(),
    }
}

fn tie_out_lines(tie: &lode_sim::TieOut) -> Vec<TieOutLine> {
    let cents = tie_out::Cents::of(tie);
    let line = |cause: String, money: Money| TieOutLine { cause, usd: money.to_usd() };
    let causes =
        cents.causes.iter().filter(|sum| !sum.unlogged.is_zero()).map(|sum| line(sum.cause.to_string(), sum.unlogged));
    std::iter::once(line("in the logs".to_owned(), cents.logged)).chain(causes).collect()
}

/// Everything declined, by rule and reason in the order it was looked at; of thresholds those missed least first.
fn declined_by_rule(report: &Report<'_>, declined: &[Declined]) -> Vec<DeclinedGroup> {
    let mut groups: Vec<(&str, &str, Vec<&Declined>)> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in declined {
        let key = (one.rule_id.as_str(), one.reason.as_str());
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((key.0, key.1, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, _, of)) = groups.get_mut(place) {
            of.push(one);
        }
    }
    let group = |(rule, reason, mut of): (&str, &str, Vec<&Declined>)| {
        // Stable: equal ones stay in order.
        of.sort_by(|a, b| missed_by(&a.reason).total_cmp(&missed_by(&b.reason)));
        DeclinedGroup {
            rule: rule.to_owned(),
            reason: said(reason).to_owned(),
            places: of.len(),
            nearest: of
                .iter()
                .take(DeclinedGroup::MOST)
                .map(|one| (exact_place(report.labels, &one.subject), because(&one.reason)))
                .collect(),
        }
    };
    groups.into_iter().map(group).collect()
}
