//! The forms in which CloudWatch hands over metrics: queries, results, statistics, lines of a stream. One document in,
//! what it holds out; joining and keeping are the reader's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{MetricValue, Series};
use serde_json::Value;

use crate::inventory::cli::{count, fixed, moment, name, text, time};
use crate::metrics_label::{canonical, of_file, of_label};

/// Seconds of a point of a metric stream.
const STREAM_PERIOD: u32 = 60;

/// What a query asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Query {
    /// A metric.
    Metric(Series),
    /// An expression.
    Other,
}

/// A piece of a document.
pub(crate) enum Found {
    Query {
        id: Arc<str>,
        query: Query,
    },
    Named {
        series: Series,
        told: Told,
    },
    Unnamed {
        id: Arc<str>,
        told: Told,
    },
    /// Points without a time or a figure.
    Unreadable(u64),
    Useless {
        name: Arc<str>,
        found: &'static str,
        help: &'static str,
    },
}

type Points = Vec<(Timestamp, MetricValue)>;

/// What an answer tells of a series.
#[derive(Debug)]
pub(crate) struct Told {
    pub points: Points,
    /// Whether every point was readable.
    pub is_readable: bool,
    /// Whether it says that there is nothing more: then no point means that nothing happened.
    pub is_complete: bool,
}

/// Takes what a document holds; says whether it is a form that is known.
pub(crate) fn see(document: &Value, file: &Path, found: &mut Vec<Found>) -> bool {
    let list = |key: &str| document.get(key).and_then(Value::as_array);
    let mut any = false;
    if let Some(queries) = list("MetricDataQueries") {
        any = true;
        found.extend(queries.iter().filter_map(query));
    } else if let Some(query) = query(document) {
        any = true;
        found.push(query);
    }
    if let Some(results) = list("MetricDataResults") {
        any = true;
        results.iter().for_each(|it| result(it, found));
    }
    if let Some(points) = list("Datapoints") {
        any = true;
        statistics(document, points, file, found);
    }
    any | stream(document, found)
}

fn query(object: &Value) -> Option<Found> {
    let id = text(object, "Id")?;
    let Some(stat) = object.get("MetricStat").filter(|stat| stat.is_object()) else {
        return object.get("Expression").map(|_| Found::Query { id, query: Query::Other });
    };
    let metric = stat.get("Metric")?;
    let (namespace, metric_name) = (text(metric, "Namespace")?, text(metric, "MetricName")?);
    let listed = metric.get("Dimensions").and_then(Value::as_array);
    let dimensions = listed.into_iter().flatten().filter_map(|it| Some((text(it, "Name")?, name(it, "Value"))));
    let series = Series {
        account: text(object, "AccountId").map(|account| (&*account).into()),
        region: None,
        metric: canonical(&namespace, &metric_name),
        namespace,
        dimensions: dimensions.collect(),
        stat: text(stat, "Stat")?,
        period: count(stat, "Period")?,
    };
    Some(Found::Query { id, query: Query::Metric(series) })
}

fn result(object: &Value, found: &mut Vec<Found>) {
    let label = text(object, "Label");
    let id = name(object, "Id");
    let status = object.get("StatusCode").and_then(Value::as_str);
    let failed = match status {
        Some("Forbidden") => {
            Some(("a result that CloudWatch refused", "collect with a role that may read this account's metrics"))
        }
        Some("InternalError") => Some(("a result at which CloudWatch failed", "collect it again")),
        _ => None,
    };
    if let Some((what, help)) = failed {
        found.push(Found::Useless { name: label.unwrap_or(id), found: what, help });
        return;
    }
    let list = |key: &str| object.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (times, values) = (list("Timestamps"), list("Values"));
    let pairs = times.iter().zip(values).map(|(time, value)| point(moment(time), value));
    let told = readable(pairs, times.len().abs_diff(values.len()), status == Some("Complete"), found);
    found.push(match label.as_deref().and_then(of_label) {
        Some(series) => Found::Named { series, told },
        None => Found::Unnamed { id, told },
    });
}

fn point(time: Option<Timestamp>, value: &Value) -> Option<(Timestamp, MetricValue)> {
    Some((time?, MetricValue::from_millionths(fixed(value, 6)?)))
}

/// The points that can be read; notes the others, and those that lack a partner.
fn readable(
    points: impl Iterator<Item = Option<(Timestamp, MetricValue)>>,
    alone: usize,
    is_complete: bool,
    found: &mut Vec<Found>,
) -> Told {
    let all: Vec<_> = points.collect();
    let asked = all.len() + alone;
    let points: Points = all.into_iter().flatten().collect();
    let is_readable = points.len() == asked;
    if !is_readable {
        found.push(Found::Unreadable((asked - points.len()) as u64));
    }
    Told { points, is_readable, is_complete }
}

fn statistics(object: &Value, listed: &[Value], file: &Path, found: &mut Vec<Found>) {
    let label = name(object, "Label");
    let series = of_file(file).filter(|series| canonical(&series.namespace, &label) == series.metric);
    let Some(series) = series else {
        let help = "name the file after what it is of, as docs/collecting.md says, or take get-metric-data";
        found.push(Found::Useless { name: label, found: "statistics that do not say what they are of", help });
        return;
    };
    let value = |it: &Value| {
        let extended = it.get("ExtendedStatistics").and_then(|all| all.get(&*series.stat));
        it.get(&*series.stat).or(extended).cloned().unwrap_or_default()
    };
    let points = listed.iter().map(|it| point(time(it, "Timestamp"), &value(it)));
    let told = readable(points, 0, true, found);
    found.push(Found::Named { series, told });
}

/// One line of a metric stream: four statistics of one minute.
fn stream(object: &Value, found: &mut Vec<Found>) -> bool {
    const STATS: [(&str, &str); 4] = [("sum", "Sum"), ("count", "SampleCount"), ("max", "Maximum"), ("min", "Minimum")];
    let names = (text(object, "namespace"), text(object, "metric_name"));
    let ((Some(namespace), Some(metric)), Some(values)) = (names, object.get("value").filter(|it| it.is_object()))
    else {
        return false;
    };
    let listed = object.get("dimensions").and_then(Value::as_object).into_iter().flatten();
    let dimensions: BTreeMap<Arc<str>, Arc<str>> =
        listed.filter_map(|(name, value)| Some((name.as_str().into(), value.as_str()?.into()))).collect();
    for (key, stat) in STATS {
        let Some(value) = values.get(key) else { continue };
        let told = readable(std::iter::once(point(time(object, "timestamp"), value)), 0, true, found);
        let series = Series {
            account: text(object, "account_id").map(|account| (&*account).into()),
            region: text(object, "region").map(|region| (&*region).into()),
            namespace: Arc::clone(&namespace),
            metric: canonical(&namespace, &metric),
            dimensions: dimensions.clone(),
            stat: stat.into(),
            period: STREAM_PERIOD,
        };
        found.push(Found::Named { series, told });
    }
    true
}
