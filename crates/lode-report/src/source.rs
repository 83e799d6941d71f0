//! What a report is made from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use lode_engine::{Outcome, Recommendation};
use lode_model::{Loss, Money, Rejected};
use lode_sim::{BillView, Estate};

use crate::text::clean;
use crate::v1::RetrievalFrontierV1;

/// What was read, what was skipped, and what could not be used.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files read, as the user would name them: exports, logs and inventory.
    pub files: Vec<String>,
    /// Files left aside, and why.
    pub skipped: Vec<(String, String)>,
    /// Rows read.
    pub rows_read: u64,
    /// Rows of other services.
    pub rows_elsewhere: u64,
    /// Of the files, those of invocation logs.
    pub log_files: u64,
    /// Of the files, those of inventory.
    pub inventory_files: u64,
    /// Of the files, evaluations: verdicts of tests on the user's own calls.
    pub evaluation_files: u64,
    /// What the customer's own retrieval came to, of the evaluations that measured one.
    pub retrieval: Vec<RetrievalFrontierV1>,
    /// Evaluations that cannot be used.
    pub evaluations_unusable: u64,
    /// Records of invocation logs read, each once.
    pub log_records: u64,
    /// Records that were there more than once: how many copies were left out.
    pub log_duplicates: u64,
    /// Of the records, those without token counts.
    pub log_without_counts: u64,
    /// Rows and files that could not be used.
    pub rejected: Vec<Rejected>,
    /// How many more.
    pub rejected_more: u64,
    /// Of the rows of the bill, those whose dollars are in no total.
    pub rows_lost: u64,
    /// What to type after `lode` and a command to read the same input again.
    pub input: String,
    /// Flags that were given, to type after it: empty, or with a space in front.
    pub flags: String,
}

impl Sources {
    /// Of the files, those of billing exports.
    pub(crate) fn bill_files(&self) -> u64 {
        let others = [self.log_files, self.inventory_files, self.evaluation_files];
        others.iter().fold(self.files.len() as u64, |files, others| files.saturating_sub(*others))
    }

    /// Rows whose quantity or dollars could not be read.
    #[must_use]
    pub fn rejected_rows(&self) -> u64 {
        let lost = self.rejected.iter().filter(|r| matches!(r.loss, Loss::Quantity | Loss::Row));
        // A row may have several faults.
        let rows: BTreeSet<_> = lost.map(|r| (&r.file, r.row)).collect();
        rows.len() as u64 + self.rejected_more
    }

    /// Dollars of rows that stay in the totals as fixed amounts.
    #[must_use]
    pub fn kept(&self) -> Money {
        let kept = self.rejected.iter().filter_map(|r| Some(((&r.file, r.row), r.kept?)));
        kept.collect::<BTreeMap<_, _>>().into_values().sum()
    }

    /// Files that could not be read, or not to their end.
    #[must_use]
    pub fn incomplete_files(&self) -> u64 {
        self.rejected.iter().filter(|r| matches!(r.loss, Loss::File | Loss::RestOfFile)).count() as u64
    }
}

/// A report to render.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// Its bill, cut.
    pub view: &'a BillView,
    /// What the engine concludes.
    pub outcome: &'a Outcome,
    /// What was read.
    pub sources: &'a Sources,
    /// Date of the report.
    pub as_of: Date,
    /// Time zone of hours of the day. Days are UTC everywhere, as AWS bills them.
    pub time_zone: &'a TimeZone,
    /// Names that people know accounts, callers and resources by.
    pub labels: &'a Labels,
    /// Order of the recommendations.
    pub sort: Sort,
    /// Which of them a page lists.
    pub filter: &'a Filter,
    /// How many of them a page lists, the largest; all when 0. JSON always has all.
    pub top: usize,
}

/// Names to show beside raw ones, by account, caller or resource. Ids of recommendations never change by them.
pub type Labels = BTreeMap<String, String>;

/// Which recommendations a page lists. What it hides stays in the plans, in their ranks and in every total; JSON always
/// has all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of these levers (`prompt-caching`), rules (`prompt-caching.never-enabled`) and ids; all when empty.
    pub only: Vec<String>,
    /// Only those that save so much a month, in the ready plan, else in the full one.
    pub min_savings: Option<Money>,
}

/// Recommendations that a page does not list, why, and what to do to see them: a line of the table.
#[derive(Clone, Debug)]
pub struct Unlisted<'a> {
    /// In words, such as `12 hidden by --only prompt-caching`.
    pub said: String,
    /// Them, in the order chosen. Never empty.
    pub recommendations: Vec<&'a Recommendation>,
}

/// Order of the recommendations on the page. Ranks and plans stay the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Documented priority, then savings.
    #[default]
    Priority,
    /// Savings.
    Savings,
}

impl<'a> Report<'a> {
    /// The recommendations in the order chosen.
    #[must_use]
    pub fn recommendations(&self) -> Vec<&'a Recommendation> {
        let mut all: Vec<&Recommendation> = self.outcome.recommendations.iter().collect();
        if self.sort == Sort::Savings {
            all.sort_by_key(|r| (-r.savings.expected.pico(), r.rank));
        }
        all
    }

    /// The recommendations a page lists, in the order chosen, and all others, which it adds up: [`Report::unlisted`] says
    /// them by reason.
    #[must_use]
    pub fn shown(&self) -> (Vec<&'a Recommendation>, Vec<&'a Recommendation>) {
        let hidden: BTreeSet<usize> =
            self.unlisted().iter().flat_map(|hidden| &hidden.recommendations).map(|r| r.rank).collect();
        self.recommendations().into_iter().partition(|r| !hidden.contains(&r.rank))
    }

    /// What a page does not list, by reason: each recommendation once. With those listed it adds up to the plans.
    #[must_use]
    pub fn unlisted(&self) -> Vec<Unlisted<'a>> {
        let Filter { only, min_savings } = self.filter;
        let meant = |r: &Recommendation| {
            only.is_empty() || only.iter().any(|word| [r.recommender, &r.rule_id, &r.id].contains(&word.as_str()))
        };
        let (left, others): (Vec<_>, Vec<_>) = self.recommendations().into_iter().partition(|r| meant(r));
        let (left, little): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|r| min_savings.is_none_or(|least| r.savings.expected >= least));
        let mut largest = left.clone();
        largest.sort_by_key(|r| (-r.savings.expected.pico(), r.rank));
        let most = if self.top == 0 { usize::MAX } else { self.top };
        let listed: BTreeSet<usize> = largest.iter().take(most).map(|r| r.rank).collect();
        let smaller: Vec<_> = left.into_iter().filter(|r| !listed.contains(&r.rank)).collect();
        let few = smaller.len() == 1;
        let words: Vec<String> = only.iter().map(|word| clean(word)).collect();
        let said = [
            (others, format!("hidden by --only {}", words.join(","))),
            (little, format!("hidden by --min-savings {}", min_savings.unwrap_or_default().to_usd())),
            (
                smaller,
                if few { "smaller one (--top 0 shows it)" } else { "smaller ones (--top 0 shows all)" }.to_owned(),
            ),
        ];
        let some = said.into_iter().filter(|(hidden, _)| !hidden.is_empty());
        some.map(|(recommendations, why)| Unlisted {
            said: format!("{} {why}", recommendations.len()),
            recommendations,
        })
        .collect()
    }

    /// The recommendation that would come first by savings, where the order shown puts another first.
    #[must_use]
    pub fn larger_further_down(&self) -> Option<&'a Recommendation> {
        let (shown, _) = self.shown();
        let first = shown.first()?;
        let largest = shown.iter().min_by_key(|r| (-r.savings.expected.pico(), r.rank))?;
        (largest.savings.expected > first.savings.expected).then_some(*largest)
    }
}
