//! The sentences of the report, for renderers that are not here. The figures are in [`crate::v1::ReportV1`]; what a sentence
//! says of them stands once, in the terminal page's words.

use std::collections::BTreeMap;

use lode_engine::Recommendation;

use crate::coverage::{Page, basis, coverage_lines, warnings};
use crate::table::{before_it, declined_line, plan_lines, quiet_lines, told_lines, verdict};
use crate::text::{in_full, only, place};
use crate::{Look, Report, cohorts, habits, misses, sketch};

/// The sentences of a report.
#[derive(Clone, Debug, Default)]
pub struct Prose {
    /// What must stand before any figure.
    pub warnings: Vec<String>,
    /// The sentence that matters, in parts: `true` marks the amounts to stress.
    pub headline: Vec<(String, bool)>,
    /// What all money is, such as `net cost`.
    pub basis: String,
    /// What the columns mean, and how sure the plans are.
    pub plans: Vec<String>,
    /// What each lever without a recommendation says.
    pub quiet: Vec<String>,
    /// What saves nothing and is to be known all the same.
    pub told: Vec<String>,
    /// What was declined, by reason.
    pub declined: Option<String>,
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
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Where, in words.
    pub place: String,
    /// Which of the caller's calls are meant, and what the full plan does in its place.
    pub notes: Vec<String>,
    /// What comes before the change: a test, a check, or both; else empty.
    pub before: String,
    /// What its calls show: a heading and sentences.
    pub seen: Vec<(String, Vec<String>)>,
}

impl Prose {
    /// The sentences of this report.
    #[must_use]
    pub fn of(report: &Report<'_>) -> Self {
        // A control character cannot be in the text: everything in it is cleaned.
        let text = verdict(report, |text| format!("\u{1}{text}\u{1}"));
        let headline = text.split('\u{1}').enumerate().map(|(place, part)| (part.to_owned(), place % 2 == 1));
        let (shown, _) = report.shown();
        Self {
            warnings: warnings(report),
            headline: headline.filter(|(part, _)| !part.is_empty()).collect(),
            basis: basis(report),
            plans: plan_lines(report),
            quiet: quiet_lines(report),
            told: told_lines(report),
            declined: declined_line(report),
            coverage: coverage_lines(report, Page::Report),
            skipped: report.sources.skipped.clone(),
            input: format!("{}{}", report.sources.input, report.sources.flags),
            listed: shown.into_iter().map(|r| (r.id.clone(), details(report, r))).collect(),
        }
    }

    /// The sentences of each listed recommendation, by id.
    #[must_use]
    pub fn by_id(&self) -> BTreeMap<&str, &Details> {
        self.listed.iter().map(|(id, details)| (id.as_str(), details)).collect()
    }
}

fn details(report: &Report<'_>, r: &Recommendation) -> Details {
    // As wide as a line may get: a renderer wraps by itself.
    let look = Look { width: 100_000, colour: false };
    let blocks = [
        cohorts::block(report, r, look),
        habits::calls(report, r, look),
        misses::block(report, r, look),
        sketch::block(report, r, look),
    ];
    let seen = blocks.iter().filter_map(|block| {
        let mut lines = block.lines().filter(|line| !line.is_empty());
        let heading = lines.next()?.trim().to_owned();
        Some((heading, lines.map(|line| line.trim_end().to_owned()).collect()))
    });
    Details {
        place: place(&r.subject),
        notes: only(r).into_iter().chain(in_full(r)).collect(),
        before: before_it(r),
        seen: seen.collect(),
    }
}
