//! What CloudWatch counted: series of points, and the sums that a check of coverage needs.
//!
//! Bedrock publishes the same call at several levels: under its `ModelId`, again under `ModelId` with its service
//! tier, in `AWS/BedrockMantle` even under no dimension at all. Sums here take one level only (AWS User Guide,
//! monitoring-runtime-metrics, copy of 2026-10).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::{AccountId, Endpoint, Region};

/// A figure of a metric, exact to a millionth: whole numbers are whole, and sums do not depend on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricValue(i128);

impl MetricValue {
    /// Millionths in one.
    const ONE: i128 = 1_000_000;

    /// Of millionths.
    #[must_use]
    pub const fn from_millionths(millionths: i128) -> Self {
        Self(millionths)
    }

    /// In millionths.
    #[must_use]
    pub const fn millionths(self) -> i128 {
        self.0
    }

    /// The whole number that it is, if it is one and not negative.
    #[must_use]
    pub fn whole(self) -> Option<u64> {
        (self.0 % Self::ONE == 0).then(|| u64::try_from(self.0 / Self::ONE).ok()).flatten()
    }

    /// Rounded down to a whole number; 0 where negative.
    #[must_use]
    pub fn floor(self) -> u64 {
        u64::try_from((self.0 / Self::ONE).max(0)).unwrap_or(u64::MAX)
    }

    const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<u64> for MetricValue {
    fn from(whole: u64) -> Self {
        Self(i128::from(whole) * Self::ONE)
    }
}

impl fmt::Display for MetricValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (size / Self::ONE.unsigned_abs(), size % Self::ONE.unsigned_abs());
        let text = if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:06}") };
        f.pad(if rest == 0 { &text } else { text.trim_end_matches('0') })
    }
}

/// Name of a dimension: `ModelId`, `ServiceTier`, …
pub type DimensionName = Arc<str>;

/// What a series of points is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// Account, where it is known: most answers of CloudWatch do not say.
    pub account: Option<AccountId>,
    /// Region, where it is known.
    pub region: Option<Region>,
    /// Namespace: `AWS/Bedrock`, …
    pub namespace: Arc<str>,
    /// Metric. The two names of each cache metric are one: `CacheReadInputTokens`, `CacheWriteInputTokens`.
    pub metric: Arc<str>,
    /// Dimensions by name.
    pub dimensions: BTreeMap<DimensionName, Arc<str>>,
    /// Statistic: `Sum`, `SampleCount`, `Average`, `p99`, …
    pub stat: Arc<str>,
    /// Seconds of a point.
    pub period: u32,
}

impl Series {
    /// The value of its dimension, where that is its only one.
    fn only(&self, name: &str) -> Option<&Arc<str>> {
        self.dimensions.get(name).filter(|_| self.dimensions.len() == 1)
    }
}

/// A result of CloudWatch that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectedMetric {
    /// File, as the user named it.
    pub file: PathBuf,
    /// The result's `Id` or `Label`, where it has one.
    pub name: Arc<str>,
    /// What was found.
    pub found: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// Metrics, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Points of each series by their start. Of OpenSearch Serverless a series may have none: it was asked for, and nothing
    /// happened.
    pub series: BTreeMap<Series, BTreeMap<Timestamp, MetricValue>>,
    /// Points that two files tell differently: the larger is kept, since CloudWatch only adds to a period.
    pub conflicting: u64,
    /// Points without a time or a figure.
    pub unreadable: u64,
    /// Results of namespaces that are neither Bedrock's nor OpenSearch Serverless'.
    pub other: u64,
    /// Results that could not be used, in order.
    pub rejected: Vec<RejectedMetric>,
}

/// What sums are made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsageSpan {
    /// UTC days.
    Day,
    /// UTC months.
    Month,
}

/// Whose usage a sum is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsageKey {
    /// Account, where it is known.
    pub account: Option<AccountId>,
    /// Region, where it is known.
    pub region: Option<Region>,
    /// Endpoint: logs have only those of the runtime.
    pub endpoint: Endpoint,
    /// The dimension's value: a model id with its profile prefix, or whatever else was called.
    pub model: Arc<str>,
    /// First day of the span.
    pub first: Date,
}

/// Calls and tokens; `None` where the metric was not collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageTotals {
    /// `Invocations`, of Mantle `Inferences`.
    pub calls: Option<MetricValue>,
    /// Input tokens, without those of the cache; of Mantle `TotalInputTokens`.
    pub input: Option<MetricValue>,
    /// Output tokens.
    pub output: Option<MetricValue>,
    /// Tokens read from the cache.
    pub cache_read: Option<MetricValue>,
    /// Tokens written to the cache.
    pub cache_write: Option<MetricValue>,
}

/// Sums over spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricUsage {
    /// Sums.
    pub totals: BTreeMap<UsageKey, UsageTotals>,
    /// Points left out because they reach into the next span.
    pub straddling: u64,
}

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Calls,
    Input,
    Output,
    CacheRead,
    CacheWrite,
}

/// The one level at which a series is counted: endpoint, model, and what.
fn counted(series: &Series) -> Option<(Endpoint, &Arc<str>, Counted)> {
    if &*series.stat != "Sum" {
        return None;
    }
    match &*series.namespace {
        "AWS/Bedrock" => {
            let what = match &*series.metric {
                "Invocations" => Counted::Calls,
                "InputTokenCount" => Counted::Input,
                "OutputTokenCount" => Counted::Output,
                "CacheReadInputTokens" => Counted::CacheRead,
                "CacheWriteInputTokens" => Counted::CacheWrite,
                _ => return None,
            };
            Some((Endpoint::Runtime, series.only("ModelId")?, what))
        }
        "AWS/BedrockMantle" => {
            let what = match &*series.metric {
                "Inferences" => Counted::Calls,
                "TotalInputTokens" => Counted::Input,
                "TotalOutputTokens" => Counted::Output,
                _ => return None,
            };
            Some((Endpoint::Mantle, series.only("Model")?, what))
        }
        _ => None,
    }
}

fn first_day(day: Date, span: UsageSpan) -> Date {
    match span {
        UsageSpan::Day => day,
        UsageSpan::Month => day.first_of_month(),
    }
}

/// The first day of a point's span, if the point ends within it.
fn span_of(start: Timestamp, period: u32, span: UsageSpan) -> Option<Date> {
    let day = |time| first_day(Offset::UTC.to_datetime(time).date(), span);
    let last = start.checked_add(SignedDuration::from_secs(i64::from(period.max(1)) - 1)).ok()?;
    Some(day(start)).filter(|first| *first == day(last))
}

impl Metrics {
    /// Calls and tokens by account, region, endpoint and model, over UTC days or months. Each level counts once: series
    /// of the model alone, never those with a service tier, a context window, a project or without a model beside it.
    /// Where one series was collected with several periods, each UTC day is counted from the one that has most of it.
    #[must_use]
    pub fn usage(&self, span: UsageSpan) -> MetricUsage {
        // The same figure by period: whichever files were collected, none is added to another.
        let mut days: BTreeMap<(UsageKey, Counted), BTreeMap<(Date, u32), MetricValue>> = BTreeMap::new();
        let mut straddling = 0;
        for (series, points) in &self.series {
            let Some((endpoint, model, what)) = counted(series) else { continue };
            for (&time, &value) in points {
                let Some(first) = span_of(time, series.period, span) else {
                    straddling += 1;
                    continue;
                };
                let (account, region) = (series.account.clone(), series.region.clone());
                let key = UsageKey { account, region, endpoint, model: Arc::clone(model), first };
                let day = Offset::UTC.to_datetime(time).date();
                let sum = days.entry((key, what)).or_default().entry((day, series.period)).or_default();
                *sum = sum.plus(value);
            }
        }
        let mut totals: BTreeMap<UsageKey, UsageTotals> = BTreeMap::new();
        for ((key, what), sums) in days {
            let mut best: BTreeMap<Date, MetricValue> = BTreeMap::new();
            for ((day, _), sum) in sums {
                let most = best.entry(day).or_insert(sum);
                *most = sum.max(*most);
            }
            let total = best.into_values().fold(MetricValue::default(), MetricValue::plus);
            *totals.entry(key).or_default().of(what) = Some(total);
        }
        MetricUsage { totals, straddling }
    }

    /// Namespaces with at least one point, in order.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<Arc<str>> {
        let told = self.series.iter().filter(|(_, points)| !points.is_empty());
        told.map(|(series, _)| Arc::clone(&series.namespace)).collect()
    }

    /// Whether nothing was read, not even something of no use.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl UsageTotals {
    fn of(&mut self, what: Counted) -> &mut Option<MetricValue> {
        match what {
            Counted::Calls => &mut self.calls,
            Counted::Input => &mut self.input,
            Counted::Output => &mut self.output,
            Counted::CacheRead => &mut self.cache_read,
            Counted::CacheWrite => &mut self.cache_write,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn series(namespace: &str, metric: &str, dimensions: &[(&str, &str)], period: u32) -> Series {
        Series {
            account: Some("111111111111".into()),
            region: Some("us-east-1".into()),
            namespace: namespace.into(),
            metric: metric.into(),
            dimensions: dimensions.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            stat: "Sum".into(),
            period,
        }
    }

    fn metrics(series: Vec<(Series, &[(&str, u64)])>) -> Metrics {
        let points = |points: &[(&str, u64)]| {
            points.iter().map(|&(time, value)| (time.parse().expect("a time"), value.into())).collect()
        };
        Metrics {
            series: series.into_iter().map(|(series, all)| (series, points(all))).collect(),
            ..Metrics::default()
        }
    }

    #[test]
    fn each_level_is_counted_once() {
        let (runtime, mantle) = ("AWS/Bedrock", "AWS/BedrockMantle");
        let at = "2026-10-01T10:00:00Z";
        let all = metrics(vec![
            (series(runtime, "Invocations", &[("ModelId", "m")], 3600), &[(at, 5), ("2026-10-01T23:00:00Z", 1)]),
            (series(runtime, "Invocations", &[("ModelId", "m"), ("ServiceTier", "flex")], 3600), &[(at, 5)]),
            (series(runtime, "Invocations", &[], 3600), &[(at, 5)]),
            (series(runtime, "InputTokenCount", &[("ModelId", "m")], 3600), &[(at, 700)]),
            (series(mantle, "Inferences", &[], 3600), &[(at, 3)]),
            (series(mantle, "Inferences", &[("Model", "m")], 3600), &[(at, 3)]),
            (series(mantle, "Inferences", &[("Model", "m"), ("Project", "p")], 3600), &[(at, 3)]),
        ]);
        let usage = all.usage(UsageSpan::Day);
        let [(runtime, first), (_, second)] = &usage.totals.iter().collect::<Vec<_>>()[..] else { panic!("two") };
        assert_eq!((runtime.endpoint, runtime.first), (Endpoint::Runtime, date(2026, 10, 1)));
        assert_eq!((first.calls, first.input, first.output), (Some(6.into()), Some(700.into()), None));
        assert_eq!(second.calls, Some(3.into()));
    }

    #[test]
    fn days_months_and_periods() {
        let minute = series("AWS/Bedrock", "Invocations", &[("ModelId", "m")], 60);
        let hour = Series { period: 3600, ..minute.clone() };
        let day = Series { period: 86_400, ..minute.clone() };
        // 1 October is known by the minute in part and by the hour whole, 2 October by the minute only; the last point
        // of a day's length begins at noon and reaches into November.
        let all = metrics(vec![
            (minute, &[("2026-10-01T10:00:00Z", 2), ("2026-10-02T10:00:00Z", 4)]),
            (hour, &[("2026-10-01T10:00:00Z", 7)]),
            (day, &[("2026-10-31T12:00:00Z", 9)]),
        ]);
        let of = |span| {
            let usage = all.usage(span);
            let totals =
                usage.totals.into_iter().map(|(key, totals)| (key.first, totals.calls.expect("calls").floor()));
            (totals.collect::<Vec<_>>(), usage.straddling)
        };
        assert_eq!(of(UsageSpan::Day), (vec![(date(2026, 10, 1), 7), (date(2026, 10, 2), 4)], 1));
        assert_eq!(of(UsageSpan::Month), (vec![(date(2026, 10, 1), 11)], 1));
    }

    #[test]
    fn values_are_exact() {
        assert_eq!(MetricValue::from(812_345).whole(), Some(812_345));
        let half = MetricValue::from_millionths(500_000);
        assert_eq!((half.whole(), half.floor(), half.to_string().as_str()), (None, 0, "0.5"));
        assert_eq!(MetricValue::from_millionths(-1_250_000).to_string(), "-1.25");
        assert_eq!(MetricValue::from(100).to_string(), "100");
    }
}
