//! What CloudWatch counted, as a scenario writes it: a series, and its points at a steady pace.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lode_model::{MetricValue, Series};
use serde::Deserialize;

use crate::estate_file::{account, region};

/// A series whose points follow each other by its period.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesRow {
    #[serde(default = "account")]
    account: String,
    #[serde(default = "region")]
    region: String,
    /// `AWS/AOSS`, …
    namespace: Arc<str>,
    metric: Arc<str>,
    #[serde(default)]
    dimensions: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(default = "sum")]
    stat: Arc<str>,
    /// Seconds of a point.
    #[serde(default = "hour")]
    period: u32,
    /// Start of the first point.
    from: Timestamp,
    /// One value a point, in millionths where it is not whole: `2`, `0.5`.
    values: Vec<f64>,
    /// So many times one after the other.
    #[serde(default = "once")]
    times: u32,
}

fn sum() -> Arc<str> {
    "Sum".into()
}
fn hour() -> u32 {
    3600
}
fn once() -> u32 {
    1
}

impl SeriesRow {
    pub(crate) fn series(&self) -> Series {
        Series {
            account: Some(self.account.as_str().into()),
            region: Some(self.region.as_str().into()),
            namespace: self.namespace.clone(),
            metric: self.metric.clone(),
            dimensions: self.dimensions.clone(),
            stat: self.stat.clone(),
            period: self.period,
        }
    }

    pub(crate) fn points(&self) -> impl Iterator<Item = (Timestamp, MetricValue)> {
        let values = (0..self.times).flat_map(|_| self.values.iter().copied());
        let step = SignedDuration::from_secs(i64::from(self.period));
        #[expect(clippy::cast_possible_truncation, reason = "small numbers of a scenario")]
        let millionths = |value: f64| MetricValue::from_millionths((value * 1e6).round() as i128);
        values.scan(self.from, move |at, value| {
            let point = (*at, millionths(value));
            *at += step;
            Some(point)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_each_other_by_the_period() {
        let row: SeriesRow = serde_json::from_str(
            r#"{"namespace": "AWS/AOSS", "metric": "SearchOCU", "from": "2026-10-01T23:00:00Z", "values": [2, 0.5], "times": 2}"#,
        )
        .expect("a row");
        let points: Vec<String> = row.points().map(|(at, value)| format!("{at} {value}")).collect();
        assert_eq!(
            points,
            [
                "2026-10-01T23:00:00Z 2",
                "2026-10-02T00:00:00Z 0.5",
                "2026-10-02T01:00:00Z 2",
                "2026-10-02T02:00:00Z 0.5"
            ]
        );
    }
}
