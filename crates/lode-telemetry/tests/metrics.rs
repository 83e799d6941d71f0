//! Metrics, as CloudWatch gives them.

mod common;
mod spoil;

use std::path::{Path, PathBuf};

use common::{Folder, gzip};
use jiff::Timestamp;
use jiff::civil::date;
use lode_model::{MetricValue, Metrics, UsageSpan};
use lode_telemetry::{JsonKind, MetricsReader, TelemetryError, sniff};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(files: &[&Path]) -> Metrics {
    let mut reader = MetricsReader::new();
    for file in files {
        assert!(reader.read(file).expect("JSON"), "{}", file.display());
    }
    reader.finish()
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn query(id: &str, metric: &str, model: &str) -> Value {
    json!({"Id": id, "MetricStat": {"Metric": {"Namespace": "AWS/Bedrock", "MetricName": metric,
        "Dimensions": [{"Name": "ModelId", "Value": model}]}, "Period": 3600, "Stat": "Sum"}})
}

fn result(id: &str, label: &str, points: &[(&str, f64)]) -> Value {
    let (times, values): (Vec<&str>, Vec<f64>) = points.iter().copied().unzip();
    json!({"Id": id, "Label": label, "Timestamps": times, "Values": values, "StatusCode": "Complete"})
}

fn results(results: &[Value]) -> Value {
    json!({"MetricDataResults": results, "Messages": []})
}

const TEN: &str = "2026-10-01T10:00:00+00:00";
const ELEVEN: &str = "2026-10-01T11:00:00Z";
const LABEL: &str = "AWS/Bedrock|InputTokenCount|Sum|3600|ModelId=amazon.nova-pro-v1:0";

/// Metric, dimensions, points of each series.
fn shapes(metrics: &Metrics) -> Vec<(String, Vec<(String, String)>)> {
    let all = metrics.series.iter().map(|(series, points)| {
        let dimensions: Vec<String> = series.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let points = points.iter().map(|(time, value)| (time.to_string(), value.to_string())).collect();
        (
            format!(
                "{}|{}|{}|{}|{}",
                series.namespace,
                series.metric,
                series.stat,
                series.period,
                dimensions.join(",")
            ),
            points,
        )
    });
    all.collect()
}

#[test]
fn results_are_joined_with_their_queries_in_any_file() {
    let folder = Folder::new();
    let pages =
        [result("m1", "InputTokenCount", &[(ELEVEN, 5.0)]), result("m1", "InputTokenCount", &[(TEN, 812_345.0)])];
    let text = pages.map(|page| results(&[page]).to_string()).join("\n");
    let data = folder.write("d/data.json.gz", &gzip(text.as_bytes()));
    let queries = json!({"MetricDataQueries": [query("m1", "InputTokenCount", "m")], "StartTime": "2026-10-01"});
    let queries = folder.write("q/queries.json", queries.to_string().as_bytes());
    let list = folder.write("list.json", json!([query("m1", "InputTokenCount", "m")]).to_string().as_bytes());
    let expected = vec![(
        "AWS/Bedrock|InputTokenCount|Sum|3600|ModelId=m".to_owned(),
        vec![("2026-10-01T10:00:00Z".into(), "812345".into()), ("2026-10-01T11:00:00Z".into(), "5".into())],
    )];
    for files in [[&*data, &*queries], [&*queries, &*data], [&*data, &*list]] {
        let all = read(&files);
        assert_eq!((shapes(&all), all.rejected.len(), all.conflicting), (expected.clone(), 0, 0));
    }
    let twice = read(&[&data, &queries, &list, &data]);
    assert_eq!((shapes(&twice), twice.conflicting), (expected, 0), "the same query and the same points twice are one");
}

#[test]
fn what_no_query_explains_is_rejected_with_help() {
    let folder = Folder::new();
    let data = results(&[result("m1", "InputTokenCount", &[(TEN, 1.0)])]).to_string();
    let data = folder.write("data/d.json", data.as_bytes());
    let alone = read(&[&data]);
    assert!(alone.series.is_empty());
    assert_eq!((&*alone.rejected[0].name, alone.rejected[0].found), ("m1", "a result whose query is not known"));
    assert!(alone.rejected[0].help.contains("MetricDataQueries"));

    let first = folder.write("one/q.json", json!([query("m1", "InputTokenCount", "a")]).to_string().as_bytes());
    let second = folder.write("two/q.json", json!([query("m1", "InputTokenCount", "b")]).to_string().as_bytes());
    let both = read(&[&data, &first, &second]);
    assert_eq!(both.rejected[0].found, "a result with several queries of its Id");
    let near = folder.write("data/q.json", json!([query("m1", "InputTokenCount", "c")]).to_string().as_bytes());
    let nearest = read(&[&data, &first, &second, &near]);
    assert_eq!(shapes(&nearest)[0].0, "AWS/Bedrock|InputTokenCount|Sum|3600|ModelId=c", "the query beside it decides");

    let sum = folder.write("e/q.json", json!([{"Id": "e1", "Expression": "m1+m2"}]).to_string().as_bytes());
    let data = folder.write("e/d.json", results(&[result("e1", "total", &[(TEN, 1.0)])]).to_string().as_bytes());
    assert_eq!(read(&[&sum, &data]).rejected[0].found, "a result of an expression");
    let refused = json!({"Id": "m1", "Label": LABEL, "Timestamps": [], "Values": [], "StatusCode": "Forbidden"});
    let refused = folder.write("f/d.json", results(&[refused]).to_string().as_bytes());
    assert_eq!(read(&[&refused]).rejected[0].found, "a result that CloudWatch refused");
}

/// Whether somebody searched decides what is deleted: no answer must look like "nobody".
#[test]
fn only_a_complete_answer_says_that_nothing_happened() {
    const SEARCHES: &str = "AWS/AOSS|SearchRequestRate|Sum|3600|CollectionId=c1";
    let folder = Folder::new();
    let told = |label: &str, status: &str, times: &[&str], values: Value| {
        let one = json!({"Id": "m1", "Label": label, "Timestamps": times, "Values": values, "StatusCode": status});
        read(&[&folder.write("d.json", results(&[one]).to_string().as_bytes())])
    };
    assert_eq!(shapes(&told(SEARCHES, "Complete", &[], json!([]))), [(SEARCHES.to_owned(), Vec::new())]);
    assert!(told(SEARCHES, "PartialData", &[], json!([])).series.is_empty());
    for (status, why) in
        [("InternalError", "a result at which CloudWatch failed"), ("Forbidden", "a result that CloudWatch refused")]
    {
        let failed = told(SEARCHES, status, &[], json!([]));
        assert_eq!((failed.series.len(), failed.rejected[0].found), (0, why));
    }
    // A figure that cannot be read may be any.
    let unread = told(SEARCHES, "Complete", &[TEN, ELEVEN], json!([0, 1e30]));
    assert_eq!((unread.series.len(), unread.unreadable), (0, 1));
    assert_eq!(shapes(&told(SEARCHES, "Complete", &[TEN, ELEVEN], json!([7, 1e30])))[0].1.len(), 1);
    assert!(told(LABEL, "Complete", &[], json!([])).series.is_empty(), "of Bedrock nothing is told by it");
}

#[test]
fn labels_explain_results_and_folders_say_whose_they_are() {
    let folder = Folder::new();
    let text = results(&[result("m0", LABEL, &[(TEN, 2.0), (ELEVEN, 0.5)])]).to_string();
    let data = folder.write("111111111111/us-east-1/metrics/d.json", text.as_bytes());
    let other = folder.write("somewhere/d.json", text.as_bytes());
    let all = read(&[&data, &other]);
    let places: Vec<_> =
        all.series.keys().map(|it| (it.account.as_ref().map(|id| id.as_str()), it.region.is_some())).collect();
    assert_eq!(places, [(None, false), (Some("111111111111"), true)], "what is not known stays unknown");
    let points: Vec<_> = all.series.values().flat_map(|points| points.values().copied()).collect();
    assert_eq!(points[..2], [MetricValue::from(2), MetricValue::from_millionths(500_000)]);
    let month = all.usage(UsageSpan::Month);
    assert_eq!(month.totals.len(), 2);
    let known = month.totals.iter().find(|(key, _)| key.account.is_some()).expect("one");
    assert_eq!((known.0.first, known.1.input), (date(2026, 10, 1), Some(MetricValue::from_millionths(2_500_000))));
}

#[test]
fn points_told_differently_are_counted_whatever_the_order() {
    let folder = Folder::new();
    let file = |name: &str, value: f64| {
        folder.write(name, results(&[result("m", LABEL, &[(TEN, value), (ELEVEN, 9.0)])]).to_string().as_bytes())
    };
    let (a, b, c) = (file("a.json", 4.0), file("b.json", 7.0), file("c.json", 4.0));
    for files in [[&*a, &*b, &*c], [&*b, &*a, &*c], [&*a, &*c, &*b]] {
        let all = read(&files);
        let points = all.series.values().next().expect("a series");
        assert_eq!((points[&at(TEN)], points.len(), all.conflicting), (7.into(), 2, 1));
    }
}

#[test]
fn both_names_of_a_cache_metric_are_one() {
    let folder = Folder::new();
    let results_of = |name: &str| {
        let label = format!("AWS/Bedrock|{name}|Sum|3600|ModelId=m");
        results(&[result("m", &label, &[(TEN, 40.0)])]).to_string()
    };
    let first = folder.write("a.json", results_of("CacheReadInputTokens").as_bytes());
    let second = folder.write("b.json", results_of("CacheReadInputTokenCount").as_bytes());
    let all = read(&[&first, &second]);
    assert_eq!((all.series.len(), all.conflicting), (1, 0));
    let usage = all.usage(UsageSpan::Day);
    assert_eq!(usage.totals.values().next().and_then(|totals| totals.cache_read), Some(40.into()), "counted once");
}

#[test]
fn statistics_need_a_name_that_says_what_they_are_of() {
    let folder = Folder::new();
    let text = json!({"Label": "InputTokenCount", "Datapoints": [
        {"Timestamp": ELEVEN, "Sum": 3.0, "SampleCount": 1.0, "Unit": "Count"}, {"Timestamp": TEN, "Sum": 2.0}, {"Sum": 1.0}]});
    let plain = folder.write("input.json", text.to_string().as_bytes());
    let all = read(&[&plain]);
    assert!(all.series.is_empty());
    assert_eq!(
        (&*all.rejected[0].name, all.rejected[0].found),
        ("InputTokenCount", "statistics that do not say what they are of")
    );
    if cfg!(unix) {
        let wrong = folder.write("AWS_Bedrock|OutputTokenCount|Sum|3600|ModelId=m.json", text.to_string().as_bytes());
        assert_eq!(read(&[&wrong]).rejected.len(), 1, "the name contradicts the answer");
        let named = folder.write("AWS_Bedrock|InputTokenCount|Sum|3600|ModelId=m.json", text.to_string().as_bytes());
        let all = read(&[&named]);
        let points = &shapes(&all)[0].1;
        assert_eq!((points.len(), points[0].1.as_str(), all.unreadable, all.rejected.len()), (2, "2", 1, 0));
    }
}

#[test]
fn lines_of_a_metric_stream() {
    let folder = Folder::new();
    let line = |namespace: &str, minute: i64| {
        json!({"metric_stream_name": "s", "account_id": "111111111111", "region": "us-east-1", "namespace": namespace,
            "metric_name": "InputTokenCount", "dimensions": {"ModelId": "amazon.nova-lite-v1:0"},
            "timestamp": 1_777_600_000_000_i64 + minute * 60_000,
            "value": {"count": 12.0, "sum": 40_321.0, "max": 9_000.0, "min": 12.0}, "unit": "Count"})
    };
    let lines: Vec<Value> = vec![line("AWS/Bedrock", 0), line("AWS/Bedrock", 1), line("AWS/EC2", 0)];
    let file = folder.write("stream.gz", &gzip(common::lines(&lines).as_bytes()));
    let all = read(&[&file]);
    let stats: Vec<_> =
        all.series.iter().map(|(series, points)| (&*series.stat, series.period, points.len())).collect();
    assert_eq!(stats, [("Maximum", 60, 2), ("Minimum", 60, 2), ("SampleCount", 60, 2), ("Sum", 60, 2)]);
    assert_eq!(all.other, 4, "four statistics of a namespace that is of no use");
    let usage = all.usage(UsageSpan::Day);
    let (key, totals) = usage.totals.iter().next().expect("one");
    assert_eq!((key.account.as_ref().map(|it| it.as_str()), totals.input), (Some("111111111111"), Some(80_642.into())));
}

#[test]
fn what_cannot_be_read() {
    let folder = Folder::new();
    let mut reader = MetricsReader::new();
    let broken = folder.write("a.json", b"{\n \"MetricDataResults\": secret");
    let fault = reader.read(&broken).expect_err("not JSON");
    assert!(
        matches!(fault, TelemetryError::NotJson { line: 2, .. }) && !fault.to_string().contains("secret"),
        "{fault}"
    );
    assert!(!reader.read(&folder.write("b.json", b"{\"Metrics\":[]}")).expect("JSON"));
    let odd = json!({"MetricDataResults": [{"Id": "m", "Label": LABEL, "Timestamps": [TEN, "soon", ELEVEN], "Values": ["7.0", 1, null, 4]}]});
    assert!(reader.read(&folder.write("c.json", odd.to_string().as_bytes())).expect("JSON"));
    let all = reader.finish();
    assert_eq!((all.unreadable, shapes(&all)[0].1.len()), (3, 1));
}

#[test]
fn metrics_are_known_by_their_keys() {
    let kind = |text: &Value| sniff(text.to_string().as_bytes(), "a.json".as_ref());
    assert_eq!(kind(&results(&[])), Some(JsonKind::Metrics));
    let deliveries = "AWS/Bedrock|ModelInvocationLogsS3DeliveryFailure|Sum|3600|";
    assert_eq!(kind(&results(&[result("m", deliveries, &[])])), Some(JsonKind::Metrics), "no log, for all its name");
}

fn samples() -> Vec<Value> {
    vec![
        results(&[result("m1", LABEL, &[(TEN, 1.0), (ELEVEN, 2.5)])]),
        results(&[result("m1", "x", &[(TEN, 3.0)])]),
        json!({"MetricDataQueries": [query("m1", "InputTokenCount", "a")]}),
        json!([query("m1", "InputTokenCount", "b")]),
        json!({"Label": "InputTokenCount", "Datapoints": [{"Timestamp": TEN, "Sum": 1.0}]}),
        json!({"namespace": "AWS/Bedrock", "metric_name": "Invocations", "dimensions": {"ModelId": "a"},
            "timestamp": 1_777_600_000_000_i64, "value": {"count": 1.0, "sum": 1.0}}),
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_order_does_not_matter(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), spoil::leaf()), 1..7),
    ) {
        let folder = Folder::new();
        let samples = samples();
        let files: Vec<PathBuf> = picks
            .iter()
            .enumerate()
            .map(|(n, (sample, at, leaf))| {
                let mut document = sample.get(&samples).clone();
                spoil::spoil(&mut document, *at, leaf);
                folder.write(&format!("{}/{n}.json", n % 2), document.to_string().as_bytes())
            })
            .collect();
        let all = |files: &mut dyn Iterator<Item = &PathBuf>| {
            let mut reader = MetricsReader::new();
            files.for_each(|file| { let _ = reader.read(file); });
            reader.finish()
        };
        let forward = all(&mut files.iter());
        let _ = (forward.usage(UsageSpan::Day), forward.usage(UsageSpan::Month));
        prop_assert_eq!(forward, all(&mut files.iter().rev()));
    }
}
