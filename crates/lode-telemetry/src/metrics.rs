//! What CloudWatch counted, as the AWS CLI or a metric stream gives it.
//!
//! The output of `get-metric-data` names neither namespace nor metric, dimensions, statistic or period. They come from
//! its query file, joined by `Id`, or from labels that carry them (see [`MetricsReader::read`]). What neither tells is
//! listed as rejected, never guessed. Shapes: AWS API models (boto/botocore 1.44.8, 2026-10) and User Guide,
//! CloudWatch-metric-streams-formats-json (copy of 2026-10).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{MetricValue, Metrics, RejectedMetric, Series};

use crate::TelemetryError;
use crate::inventory::cli::{self, Place};
use crate::metrics_forms::{Found, Query, Told, see};
use crate::source;

const NO_QUERY: &str = "put the file of its MetricDataQueries beside it, or collect with docs/collect.sh";
const AMBIGUOUS: &str = "keep each query file in one folder with its results, or collect with docs/collect.sh";

/// Reads metrics. The order of files does not matter; what two files tell alike is taken once.
#[derive(Debug, Default)]
pub struct MetricsReader {
    /// Queries by their id, with the file they stand in.
    queries: BTreeMap<Arc<str>, BTreeSet<(PathBuf, Query)>>,
    /// Results whose query is still to be found.
    waiting: Vec<Waiting>,
    points: BTreeMap<Series, BTreeMap<Timestamp, Point>>,
    /// Series of which a point could not be read.
    broken: BTreeSet<Series>,
    unreadable: u64,
    other: u64,
    rejected: BTreeSet<RejectedMetric>,
}

/// A result whose query is still to be found.
#[derive(Debug)]
struct Waiting {
    file: PathBuf,
    place: Place,
    id: Arc<str>,
    told: Told,
}

/// The largest value told, and whether another was.
#[derive(Clone, Copy, Debug)]
struct Point {
    value: MetricValue,
    conflicting: bool,
}

impl MetricsReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file, plain or gzip: answers of `get-metric-data` (pages one after the other or in an array), query
    /// files, answers of `get-metric-statistics`, lines of a metric stream. Says whether something was recognised.
    ///
    /// - A **label** of the form `AWS/Bedrock|InputTokenCount|Sum|3600|ModelId=a,ServiceTier=b` tells what a result is
    ///   of: namespace, metric, statistic, seconds, dimensions (none is written as nothing). `<account>|<region>|` may
    ///   stand before it. It decides before a query does.
    /// - Else the **query** of the same `Id`: of the same file, else of a file in the same folder, else of any. Two
    ///   different ones equally near decide nothing.
    /// - `get-metric-statistics` names no dimensions. Its **file name** may: the same label with `_` for the `/` of the
    ///   namespace (`%2F` and `%3A` for `/` and `:` in values), and then `.json` or `.json.gz`. Without, its result is
    ///   rejected.
    /// - Account and region are those of a stream's line, of the label or of the query's `AccountId`; else two folders
    ///   of the path, `<twelve digits>/<region>`; else unknown.
    ///
    /// # Errors
    /// When the file cannot be read or is not JSON. What was read before stays; of the file nothing does.
    pub fn read(&mut self, file: &Path) -> Result<bool, TelemetryError> {
        let bytes = source::read_all(file)?;
        let mut found = Vec::new();
        let mut any = false;
        cli::documents(file, &bytes, |document| any |= see(&document, file, &mut found))?;
        let place = Place::of(file);
        found.into_iter().for_each(|found| self.take(found, file, &place));
        Ok(any)
    }

    fn take(&mut self, found: Found, file: &Path, place: &Place) {
        match found {
            Found::Query { id, query } => {
                self.queries.entry(id).or_default().insert((file.to_path_buf(), query));
            }
            Found::Named { series, told } => self.keep(series, place, told),
            Found::Unnamed { id, told } => {
                self.waiting.push(Waiting { file: file.to_path_buf(), place: place.clone(), id, told });
            }
            Found::Unreadable(points) => self.unreadable += points,
            Found::Useless { name, found, help } => self.reject(file, name, found, help),
        }
    }

    fn reject(&mut self, file: &Path, name: Arc<str>, found: &'static str, help: &'static str) {
        self.rejected.insert(RejectedMetric { file: file.to_path_buf(), name, found, help });
    }

    /// Keeps points. A complete answer without any is kept too, of OpenSearch Serverless: nobody searched.
    fn keep(&mut self, mut series: Series, place: &Place, told: Told) {
        let is_serverless = &*series.namespace == "AWS/AOSS";
        if !series.namespace.starts_with("AWS/Bedrock") && !is_serverless {
            self.other += 1;
            return;
        }
        series.account = series.account.or_else(|| place.account.clone());
        series.region = series.region.or_else(|| place.region.clone());
        if !told.is_readable && is_serverless {
            self.broken.insert(series.clone());
        }
        if told.points.is_empty() && !(is_serverless && told.is_complete) {
            return;
        }
        let kept = self.points.entry(series).or_default();
        for (time, value) in told.points {
            let point = kept.entry(time).or_insert(Point { value, conflicting: false });
            point.conflicting |= point.value != value;
            point.value = point.value.max(value);
        }
    }

    /// Everything read, in order. Results are joined with their queries here, so that these may come in any file.
    #[must_use]
    pub fn finish(mut self) -> Metrics {
        for Waiting { file, place, id, told } in std::mem::take(&mut self.waiting) {
            let near = self.queries.get(&id).map(|queries| nearest(queries, &file)).unwrap_or_default();
            let mut near = near.into_iter();
            match (near.next(), near.next()) {
                (Some(Query::Metric(series)), None) => self.keep(series, &place, told),
                (Some(Query::Other), None) => {
                    self.reject(&file, id, "a result of an expression", "query the metrics themselves");
                }
                (None, _) => self.reject(&file, id, "a result whose query is not known", NO_QUERY),
                _ => self.reject(&file, id, "a result with several queries of its Id", AMBIGUOUS),
            }
        }
        // What could be read says "nothing"; what could not may have said something.
        let broken = std::mem::take(&mut self.broken);
        let is_nothing =
            |points: &BTreeMap<Timestamp, Point>| points.values().all(|it| it.value <= MetricValue::default());
        self.points.retain(|series, points| !(broken.contains(series) && is_nothing(points)));
        let conflicting = self.points.values().flat_map(BTreeMap::values).filter(|point| point.conflicting).count();
        let values =
            |points: BTreeMap<Timestamp, Point>| points.into_iter().map(|(time, it)| (time, it.value)).collect();
        Metrics {
            series: self.points.into_iter().map(|(series, points)| (series, values(points))).collect(),
            conflicting: conflicting as u64,
            unreadable: self.unreadable,
            other: self.other,
            rejected: self.rejected.into_iter().collect(),
        }
    }
}

/// The different queries that stand nearest to a file: in it, else in its folder, else anywhere.
fn nearest(queries: &BTreeSet<(PathBuf, Query)>, file: &Path) -> BTreeSet<Query> {
    let of = |near: &dyn Fn(&Path) -> bool| -> BTreeSet<Query> {
        queries.iter().filter(|(path, _)| near(path)).map(|(_, query)| query.clone()).collect()
    };
    let found = of(&|path| path == file);
    if !found.is_empty() {
        return found;
    }
    let found = of(&|path| path.parent() == file.parent());
    if found.is_empty() { of(&|_| true) } else { found }
}
