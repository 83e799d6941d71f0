//! How often a collection is searched, and how much is in it, from the metrics of `AWS/AOSS`.
//!
//! `SearchRequestRate` is told by the minute, in requests, and only of minutes with any: an idle collection has no point.
//! Its mean over an hour is therefore that of the minutes that were told; times sixty it is at least what was asked. That
//! there is none says something only where it was asked for and answered: an empty answer counts, a metric that is not there
//! does not. In which hours somebody looked, the other metrics of the collection tell too: `ActiveCollection` is 1 as long as
//! it exists (AWS, Monitoring OpenSearch Serverless with CloudWatch, read 2026-11).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::Offset;
use lode_model::{AccountId, Collection, MetricValue, Region, Series};

use super::end_of;
use crate::Estate;

const HOUR: i64 = 3600;

/// How often something was searched in the hours in which it was watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searches {
    /// Requests, in millionths.
    requests: i128,
    /// Hours with any point of a metric, by their number since 1970.
    watched: BTreeSet<i64>,
    /// Of them, hours with a request.
    searched: BTreeSet<i64>,
}

impl Searches {
    /// Of one collection; `None` where CloudWatch was not asked for its searches, by the hour or finer, as a sum or a mean.
    pub(super) fn of(estate: &Estate, place: (&AccountId, &Region), collection: &Collection) -> Option<Self> {
        let mut all = Self::default();
        let mut rate: Option<(usize, bool, &Series)> = None;
        for (series, points) in series_of(estate, place, collection) {
            let in_window = || points.keys().copied().filter(|time| is_in(estate, *time));
            all.watched.extend(in_window().map(|time| time.as_second().div_euclid(HOUR)));
            // The same requests may be told by several statistics and periods: the one that tells of most hours counts.
            if &*series.metric == "SearchRequestRate" && is_whole(series) && matches!(&*series.stat, "Sum" | "Average")
            {
                let hours: BTreeSet<i64> = in_window().map(|time| time.as_second().div_euclid(HOUR)).collect();
                rate = rate.max(Some((hours.len(), &*series.stat == "Sum", series)));
            }
        }
        let (.., series) = rate?;
        let minutes = if &*series.stat == "Sum" { 1 } else { i128::from(series.period / 60).max(1) };
        for (time, value) in estate.metrics.series.get(series)?.iter().filter(|(time, _)| is_in(estate, **time)) {
            let requests = value.millionths().max(0).saturating_mul(minutes);
            all.requests = all.requests.saturating_add(requests);
            if requests > 0 {
                all.searched.insert(time.as_second().div_euclid(HOUR));
            }
        }
        Some(all)
    }

    /// This and another in the hours in which both were watched.
    pub(super) fn with(self, other: &Self) -> Self {
        let watched: BTreeSet<i64> = self.watched.intersection(&other.watched).copied().collect();
        let searched = self.searched.union(&other.searched).filter(|hour| watched.contains(hour)).copied().collect();
        Self { requests: self.requests.saturating_add(other.requests), watched, searched }
    }

    /// Hours in which it was watched.
    #[must_use]
    pub fn watched_hours(&self) -> u64 {
        self.watched.len() as u64
    }

    /// Hours in which it was searched.
    #[must_use]
    pub fn searched_hours(&self) -> u64 {
        self.searched.len() as u64
    }

    /// Stretches of searched hours: an hour without a request lies between two of them.
    #[must_use]
    pub fn stretches(&self) -> u64 {
        self.searched.iter().filter(|hour| !self.searched.contains(&(**hour - 1))).count() as u64
    }

    /// Requests in the watched hours, rounded up to whole ones.
    #[must_use]
    pub fn requests(&self) -> u64 {
        u64::try_from(self.requests.saturating_add(999_999) / 1_000_000).unwrap_or(u64::MAX)
    }

    /// Requests a minute.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate is compared and shown, not billed")]
    pub fn per_minute(&self) -> f64 {
        self.requests as f64 / 1e6 / (self.watched.len() as f64 * 60.0).max(1.0)
    }

    /// Requests a month of 730 hours.
    #[must_use]
    pub fn per_month(&self) -> u64 {
        let hours = i128::from(self.watched_hours()).max(1) * 1_000_000;
        u64::try_from((self.requests.saturating_mul(730) + hours / 2) / hours).unwrap_or(u64::MAX)
    }

    /// Sixths of an hour in which a group that sleeps after ten idle minutes would be awake: each searched
    /// hour whole, and ten minutes after each stretch; not more than it was watched.
    #[must_use]
    pub fn awake_sixths(&self) -> u64 {
        (self.searched_hours() * 6 + self.stretches()).min(self.watched_hours() * 6)
    }
}

/// Most documents of a collection over the window: those of its indexes added up where it does not tell itself.
pub(super) fn documents(estate: &Estate, place: (&AccountId, &Region), collection: &Collection) -> Option<u64> {
    let (mut whole, mut indexes): (Option<MetricValue>, BTreeMap<Option<&str>, MetricValue>) = <_>::default();
    for (series, points) in series_of(estate, place, collection) {
        if &*series.metric != "SearchableDocuments" || !matches!(&*series.stat, "Average" | "Maximum") {
            continue;
        }
        let values = points.iter().filter(|(time, _)| is_in(estate, **time)).map(|(_, value)| *value);
        let Some(most) = values.max() else { continue };
        if is_whole(series) {
            whole = whole.max(Some(most));
        } else {
            let index = ["IndexId", "IndexName"].iter().find_map(|name| series.dimensions.get(*name));
            let own = indexes.entry(index.map(|index| &**index)).or_default();
            *own = most.max(*own);
        }
    }
    let parts = || indexes.values().map(|most| most.floor()).sum();
    whole.map(MetricValue::floor).or_else(|| (!indexes.is_empty()).then(parts))
}

/// Whether a series is of a collection and not of one of its indexes.
fn is_whole(series: &Series) -> bool {
    !["IndexId", "IndexName"].iter().any(|name| series.dimensions.contains_key(*name))
}

type Points = BTreeMap<Timestamp, MetricValue>;

/// Series of a collection or one of its indexes, by the hour or finer.
fn series_of<'a>(
    estate: &'a Estate,
    (account, region): (&'a AccountId, &'a Region),
    collection: &'a Collection,
) -> impl Iterator<Item = (&'a Series, &'a Points)> {
    let id = end_of(&collection.arn);
    estate.metrics.series.iter().filter(move |(series, _)| {
        let is = |name: &str, value: &str| series.dimensions.get(name).is_none_or(|it| &**it == value);
        // Of this very collection: by its id, or by a name that it has.
        let has_name = !collection.name.is_empty() && series.dimensions.contains_key("CollectionName");
        let named = series.dimensions.contains_key("CollectionId") || has_name;
        &*series.namespace == "AWS/AOSS"
            && (60..=3600).contains(&series.period)
            && series.account.as_ref().is_none_or(|it| it == account)
            && series.region.as_ref().is_none_or(|it| it == region)
            && is("ClientId", account.as_str())
            && named
            && is("CollectionId", id)
            && (collection.name.is_empty() || is("CollectionName", &collection.name))
    })
}

fn is_in(estate: &Estate, time: Timestamp) -> bool {
    let day = Offset::UTC.to_datetime(time).date();
    (estate.window.first..=estate.window.last).contains(&day)
}
