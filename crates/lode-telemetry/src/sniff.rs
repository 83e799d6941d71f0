//! What a JSON file is, by its first bytes and its path.

use std::path::Path;

use crate::place::{is_apart, is_log_path};

/// A kind of JSON file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JsonKind {
    /// Model invocation log records, as delivered to S3 or wrapped by CloudWatch Logs.
    Log,
    /// What is delivered beside records: a body or medium in a `data` folder, or the object by which AWS checks that
    /// it may write. [`LogReader`](crate::LogReader) finds the bodies it needs itself.
    Body,
    /// Something [`InventoryReader`](crate::InventoryReader) reads.
    Inventory,
    /// Something [`MetricsReader`](crate::MetricsReader) reads: figures of CloudWatch, or the queries they answer.
    Metrics,
    /// JSON of another kind.
    Other,
}

/// Names that only invocation logs have. Bare, so that they are found in records that are wrapped as strings too.
const LOG: &[&str] = &["inputContentType", "inputBodyJson", "inputTokenCount"];
/// The name of the schema, which some metrics of CloudWatch begin with as well.
const SCHEMA: &[&str] = &["ModelInvocationLog"];
/// Keys of what the metrics reader takes something from.
const METRICS: &[&str] =
    &["\"MetricDataResults\"", "\"MetricDataQueries\"", "\"MetricStat\"", "\"Datapoints\"", "\"metric_stream_name\""];
/// Keys of the outputs that the inventory reader knows.
const INVENTORY: &[&str] = &[
    "\"inferenceProfileSummaries\"",
    "\"inferenceProfileArn\"",
    "\"provisionedModelSummaries\"",
    "\"provisionedModelArn\"",
    "\"modelSummaries\"",
    "\"modelDeploymentSummaries\"",
    "\"customModelDeploymentArn\"",
    "\"customizationType\"",
    "\"modelArchitecture\"",
    "\"promptRouterSummaries\"",
    "\"promptRouterArn\"",
    "\"invocationJobSummaries\"",
    ":model-invocation-job/",
    "\"loggingConfig\"",
    "\"guardrails\"",
    "\"guardrailArn\"",
    "\"knowledgeBaseSummaries\"",
    "\"knowledgeBase\"",
    "\"dataSourceSummaries\"",
    "\"dataSource\"",
    "\"ingestionJobSummaries\"",
    "\"ingestionJob\"",
    "\"agentSummaries\"",
    "\"agentStatus\"",
    "\"collectionSummaries\"",
    "\"collectionDetails\"",
    "\"collectionGroupSummaries\"",
    "\"collectionGroupDetails\"",
    "\"accountSettingsDetail\"",
];

/// Says what a file is. `start` are its first bytes, unpacked: some ten thousand are enough. `None` when it is not
/// JSON, as far as they show.
#[must_use]
pub fn sniff(start: &[u8], path: &Path) -> Option<JsonKind> {
    if is_apart(path) {
        return Some(JsonKind::Body);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let has = |names: &[&str]| names.iter().any(|name| contains(text, name.as_bytes()));
    // Lines of a CloudWatch export begin with their time.
    let timed = text.first().is_some_and(u8::is_ascii_digit) && contains(&text[..text.len().min(64)], b"Z {");
    match text.first() {
        Some(b'{' | b'[') if is_log_path(path) || has(LOG) => Some(JsonKind::Log),
        Some(_) if timed && (has(LOG) || has(SCHEMA)) => Some(JsonKind::Log),
        Some(b'{' | b'[') if has(METRICS) => Some(JsonKind::Metrics),
        Some(b'{' | b'[') if has(SCHEMA) => Some(JsonKind::Log),
        Some(b'{' | b'[') if has(INVENTORY) => Some(JsonKind::Inventory),
        Some(b'{' | b'[') => Some(JsonKind::Other),
        _ => None,
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str, path: &str) -> Option<JsonKind> {
        sniff(text.as_bytes(), Path::new(path))
    }

    #[test]
    fn kinds() {
        use JsonKind::{Body, Inventory, Log, Metrics, Other};
        let record =
            r#"{"timestamp":"2026-10-01T00:00:00Z","modelId":"m","input":{"inputContentType":"application/json"}}"#;
        assert_eq!(kind(record, "a.json"), Some(Log));
        assert_eq!(kind(&format!("2026-10-01T00:00:00.000Z {record}"), "000000"), Some(Log));
        assert_eq!(kind(r#"{"events":[{"message":"{\"schemaType\":\"ModelInvocationLog\""#, "a"), Some(Log));
        assert_eq!(kind("{\"a\":1}", "BedrockModelInvocationLogs/us-east-1/a.json.gz"), Some(Log));
        assert_eq!(kind("{\"a\":1}", "h/data/x_input.json.gz"), Some(Body));
        assert_eq!(kind("{\n  \"knowledgeBase\": {", "kb.json"), Some(Inventory));
        assert_eq!(kind("\u{feff}{\"inferenceProfileSummaries\":[]}", "p.json"), Some(Inventory));
        assert_eq!(kind("{\"loggingConfig\":{}}", "l.json"), Some(Inventory));
        assert_eq!(kind("{\"MetricDataResults\":[]}", "m.json"), Some(Metrics));
        assert_eq!(kind("[{\"Id\":\"m1\",\"MetricStat\":{}}]", "q.json"), Some(Metrics));
        assert_eq!(kind("{\"Label\":\"ModelInvocationLogsS3DeliveryFailure\",\"Datapoints\":[]}", "s"), Some(Metrics));
        let asked = r#"{"inputBodyJson":{"toolResult":{"json":{"MetricDataResults":[]}}}}"#;
        assert_eq!(kind(asked, "a.json"), Some(Log), "a call that handed figures to a model is a call");
        assert_eq!(kind("{\"Metrics\":[]}", "m.json"), Some(Other));
        assert_eq!(kind("a,b\n1,2\n", "a.csv"), None);
        assert_eq!(kind("", "a.json"), None);
    }
}
