//! Logs against bill: the same dollars in sentences, by cause and line by line. All cents come from one rounding, so
//! that whatever is shown adds up to the token dollars of the bill.

use std::collections::{BTreeMap, BTreeSet};

use lode_engine::{Declined, Outcome, Reason};
use lode_model::{ContextBand, Money, Owner, Routing};
use lode_sim::{CacheCounters, CacheDay, Cause, Estate, ReplayCheck, TOLERANCE, TieOut, TieRow, ratio};

use crate::Labels;
use crate::coverage::Page;
use crate::text::{count, percent, place, short, usd, whole};

/// Heading of the comparison by cause.
pub(crate) const HEADING: &str = "Requests against the bill, token dollars by cause";
/// Heading of its lines.
pub(crate) const LINES: &str = "The largest differences";

/// Causes named in the report.
const MOST_CAUSES: usize = 5;
/// Lines listed with the bill.
const MOST_ROWS: usize = 12;
/// Names listed in a sentence.
const MOST_NAMES: usize = 3;
/// Days listed on which the cache counters of logs and bill differ.
const MOST_DAYS: usize = 3;

/// The token dollars that are not in the logs for one cause, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CauseSum {
    pub(crate) cause: Cause,
    pub(crate) unlogged: Money,
}

/// The comparison in cents that add up.
pub(crate) struct Cents<'a> {
    /// Largest unlogged dollars first.
    pub(crate) causes: Vec<CauseSum>,
    /// Rows with the dollars that are not in the logs, in the order of the comparison.
    pub(crate) rows: Vec<(&'a TieRow, Money)>,
    pub(crate) logged: Money,
    pub(crate) unlogged: Money,
}

impl<'a> Cents<'a> {
    pub(crate) fn of(tie: &'a TieOut) -> Self {
        let logged = tie.rows.iter().map(|row| row.billed - row.unlogged).sum::<Money>();
        let parts: Vec<Money> = std::iter::once(logged).chain(tie.rows.iter().map(|row| row.unlogged)).collect();
        let mut cents = Money::round_parts(&parts, 2).into_iter();
        let logged = cents.next().unwrap_or_default();
        let rows: Vec<(&TieRow, Money)> = tie.rows.iter().zip(cents).collect();
        let mut by_cause: BTreeMap<Cause, Money> = BTreeMap::new();
        for (row, unlogged) in &rows {
            *by_cause.entry(row.cause).or_default() += *unlogged;
        }
        let mut causes: Vec<CauseSum> =
            by_cause.into_iter().map(|(cause, unlogged)| CauseSum { cause, unlogged }).collect();
        causes.sort_by_key(|sum| (-sum.unlogged, sum.cause));
        let unlogged = causes.iter().map(|sum| sum.unlogged).sum();
        Self { causes, rows, logged, unlogged }
    }
}

/// How far the requests explain the bill, a sentence each.
pub(crate) fn sentences(tie: &TieOut, page: Page) -> Vec<String> {
    let mut lines = vec![coverage(tie)];
    if page == Page::Report {
        lines.extend(not_explained(tie));
    }
    if tie.calls_not_billed > 0 {
        lines.push(format!(
            "{} in the logs and not on the bill: free tier, an account that the export lacks, days outside \
             the bill, or billed rows that name no model.",
            count(tie.calls_not_billed, "call is", "calls are")
        ));
    }
    if tie.calls_on_capacity > 0 {
        lines.push(format!(
            "{} served by dedicated capacity, outside this comparison of tokens.",
            count(tie.calls_on_capacity, "call was", "calls were")
        ));
    }
    if !tie.unresolved.is_empty() {
        let mut models: Vec<&(String, u64)> = tie.unresolved.iter().collect();
        models.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let named =
            models.iter().map(|(name, calls)| format!("{} ({})", short(name, 80), count(*calls, "call", "calls")));
        lines.push(format!(
            "Called by names that neither catalogue, inventory nor bill resolve: {}. Give the inventory \
             (aws bedrock list-inference-profiles).",
            some(named.collect())
        ));
    }
    lines
}

/// How the replay of the cache markers in force compares with the records' own counters, and for how many kinds of calls
/// that kept a rule from changing their markers.
pub(crate) fn replay_sentence(check: &ReplayCheck, outcome: &Outcome) -> String {
    let too_far = |declined: &&Declined| matches!(&declined.reason, Reason::Clause { clause, .. } if clause.signal == "cache.replay_difference");
    let kinds: BTreeSet<&Owner> = outcome.declined.iter().filter(too_far).map(|declined| &declined.subject).collect();
    let kept = if kinds.is_empty() {
        String::new()
    } else {
        let kinds = count(kinds.len() as u64, "kind of calls is", "kinds of calls are");
        format!("; {kinds} too far off, and no change of their markers is recommended")
    };
    format!(
        "The cache markers in force, replayed, differ from the records by {} of the prompt tokens they stand in{kept}.",
        percent(check.share_off())
    )
}

/// How the cache counters of the logs compare with the bill: in one line where they agree, else with the days that are
/// furthest apart. `None` where there is no day of both.
pub(crate) fn cache_sentence(estate: &Estate) -> Option<String> {
    let counters = CacheCounters::of(estate)?;
    let CacheCounters { days_compared, days_off, days_not_comparable, .. } = counters;
    let not_comparable = |days: &str| {
        format!(
            "on {days} the logs hold less than half of the prompt tokens, or the bill does not tell them by the day."
        )
    };
    if days_compared == 0 {
        return (days_not_comparable > 0).then(|| {
            let days = not_comparable(&count(days_not_comparable, "day", "days"));
            format!("Cache counters: logs and bill cannot be compared: {days}")
        });
    }
    let mut text = format!(
        "Cache counters: logs and bill agree within {:.0} % on {} of {}, by account, region and model.",
        TOLERANCE * 100.0,
        whole(days_compared.saturating_sub(days_off).into()),
        count(days_compared, "day", "days")
    );
    if !counters.rows.is_empty() {
        let mut days: Vec<String> = counters.rows.iter().take(MOST_DAYS).map(apart).collect();
        if counters.rows.len() > MOST_DAYS {
            let more = count((counters.rows.len() - MOST_DAYS) as u64, "more day", "more days");
            days.push(format!("{more}, which --format json lists"));
        }
        text.push_str(&format!(" Furthest apart: {}.", days.join("; ")));
    }
    if days_not_comparable > 0 {
        let days = not_comparable(&count(days_not_comparable, "other day", "other days"));
        text.push_str(&format!(" Not compared: {days}"));
    }
    let models: BTreeSet<&str> = counters.reads_only.iter().map(|(_, _, model)| model.as_str()).collect();
    if !models.is_empty() {
        text.push_str(&format!(
            " Reads only, as the bill has no row of cache writes: {}.",
            some(models.into_iter().map(|model| short(model, 80)).collect())
        ));
    }
    Some(text)
}

/// A day on which the counters differ, by reads or writes, whichever are further apart.
fn apart(day: &CacheDay) -> String {
    let (logged, billed) = (&day.logged, &day.billed);
    let reads = (ratio(logged.read, logged.prompt), ratio(billed.read, billed.prompt));
    let writes = (ratio(logged.written, logged.prompt), ratio(billed.written, billed.prompt));
    let far = |(a, b): (f64, f64)| (a - b).abs();
    let (what, (by_logs, by_bill)) =
        if day.writes_compared && far(writes) > far(reads) { ("writes", writes) } else { ("reads", reads) };
    format!(
        "{} on {}, cache {what} {} of the prompt tokens by the logs and {} by the bill",
        short(&format!("{} · {} · {}", day.model, day.region, day.account), 240),
        day.date,
        percent(by_logs),
        percent(by_bill)
    )
}

/// What must stand before any figure: whose dollars are withheld.
pub(crate) fn warning(labels: &Labels, tie: &TieOut) -> Option<String> {
    // Cohorts of one caller share its place.
    let mut places: Vec<String> = tie.withheld.iter().map(|owner| place(labels, owner)).collect();
    places.sort();
    places.dedup();
    (!places.is_empty()).then(|| {
        format!(
            "Dollars withheld: the logs of {} hold over 5 % more tokens than the bill. Nothing that follows from \
             these requests is given dollars. Are logs of more days or accounts here than the bill has?",
            some(places)
        )
    })
}

fn coverage(tie: &TieOut) -> String {
    if tie.calls == 0 {
        return "Requests: no call in the logs read.".to_owned();
    }
    let bodies = match tie.calls_with_bodies {
        0 => "none with bodies".to_owned(),
        all if all >= tie.calls => "all with bodies".to_owned(),
        some => format!("{} with bodies", part(ratio(some, tie.calls))),
    };
    let calls = count(tie.calls, "call", "calls");
    match tie.coverage() {
        None => format!("Requests: {calls} read, {bodies}; the bill has no token dollars to explain."),
        Some(share) => {
            let cents = Cents::of(tie);
            format!(
                "Requests: {calls} read, {bodies}; they explain {} of the token dollars, {} of {}.",
                part(share),
                usd(cents.logged),
                usd(cents.logged + cents.unlogged)
            )
        }
    }
}

/// The largest causes of what the requests do not explain.
fn not_explained(tie: &TieOut) -> Option<String> {
    let cents = Cents::of(tie);
    if cents.unlogged.is_zero() {
        return None;
    }
    let causes: Vec<&CauseSum> = cents.causes.iter().filter(|sum| !sum.unlogged.is_zero()).collect();
    let mut named: Vec<String> =
        causes.iter().take(MOST_CAUSES).map(|sum| format!("{} {}", said(sum.cause), usd(sum.unlogged))).collect();
    if causes.len() > MOST_CAUSES {
        let rest = causes[MOST_CAUSES..].iter().map(|sum| sum.unlogged).sum();
        named.push(format!("{} more causes {}", causes.len() - MOST_CAUSES, usd(rest)));
    }
    Some(format!(
        "Token dollars without requests, {} in the window: {}; lode bill lists them line by line.",
        usd(cents.unlogged),
        named.join("; ")
    ))
}

/// A cause as a part of what is not explained.
fn said(cause: Cause) -> &'static str {
    match cause {
        Cause::Matched => "differences below 1 %",
        cause => cause.as_str(),
    }
}

/// The first few of a list, and how many more.
fn some(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// A share that is only called everything, or nothing, where it is.
pub(crate) fn part(share: f64) -> String {
    match percent(share).as_str() {
        "100.0 %" if share < 1.0 => "more than 99.9 %".to_owned(),
        "0.0 %" if share > 0.0 => "less than 0.1 %".to_owned(),
        "100.0 %" => "all".to_owned(),
        text => text.to_owned(),
    }
}

/// The section of the bill by cause: what is in the logs, then what is not and why, each with its dollars and their
/// share; the last line is the total. Each dollar stands in one line.
pub(crate) fn by_cause(tie: &TieOut) -> Vec<[String; 3]> {
    let cents = Cents::of(tie);
    let all = cents.logged + cents.unlogged;
    let line = |name: &str, dollars: Money| [name.to_owned(), dollars.to_string(), percent(dollars.share_of(all))];
    let causes = cents.causes.iter().filter(|sum| !sum.unlogged.is_zero());
    let causes = causes.map(|sum| line(&format!("not in the logs: {}", why(sum.cause)), sum.unlogged));
    std::iter::once(line("in the logs", cents.logged)).chain(causes).chain([line("token dollars", all)]).collect()
}

/// A cause after "not in the logs".
fn why(cause: Cause) -> &'static str {
    match cause {
        Cause::NotLogged => "on days with logs",
        Cause::LogsExceedBill => "other days have more",
        cause => said(cause),
    }
}

/// A line of the comparison as shown.
pub(crate) struct Shown {
    /// Where and what; the cause apart.
    pub(crate) what: String,
    pub(crate) cause: &'static str,
    /// Tokens on the bill, tokens in the logs, dollars that are not in the logs.
    pub(crate) numbers: [String; 3],
}

/// The lines that differ, largest first, then one for all others, then their sum.
pub(crate) fn by_line(tie: &TieOut) -> Vec<Shown> {
    let cents = Cents::of(tie);
    let (mut listed, mut rest): (Vec<_>, Vec<_>) = cents.rows.iter().partition(|(row, _)| row.cause != Cause::Matched);
    rest.extend(listed.split_off(listed.len().min(MOST_ROWS)));
    let mut shown: Vec<Shown> = listed
        .iter()
        .map(|(row, unlogged)| Shown {
            what: describe(row),
            cause: row.cause.as_str(),
            numbers: [whole(row.billed_tokens), whole(row.logged_tokens), unlogged.to_string()],
        })
        .collect();
    let sum = |what: String, unlogged: Money| Shown {
        what,
        cause: "",
        numbers: [String::new(), String::new(), unlogged.to_string()],
    };
    if shown.is_empty() {
        return shown;
    }
    if !rest.is_empty() {
        let unlogged = rest.iter().map(|(_, unlogged)| *unlogged).sum();
        let matched = rest.iter().filter(|(row, _)| row.cause == Cause::Matched).count();
        let what = if matched == rest.len() {
            count(matched as u64, "matching line", "matching lines")
        } else {
            format!("{} more, {matched} of them matched", count(rest.len() as u64, "line", "lines"))
        };
        shown.push(sum(what, unlogged));
    }
    shown.push(sum("token dollars not in the logs".to_owned(), cents.unlogged));
    shown
}

fn describe(row: &TieRow) -> String {
    let routing = if row.routing == Routing::Global { "global " } else { "" };
    let band = if row.band == ContextBand::Long { ", long context" } else { "" };
    let what = format!("{routing}{} {}{band}", row.mode, row.class);
    short(&format!("{} · {what} · {} · {}", row.model, row.region, row.account), 240)
}
