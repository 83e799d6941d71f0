//! Small logs to read, written into a folder that is gone after the test.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use lode_model::{CallerKey, Rejected, Request, Segment, SegmentKind, Ttl};
use lode_telemetry::{LogFile, LogReader, TelemetryError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder of files.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An ordinary Converse record of 10 tokens in and 2 out, with these fields in place of its own; `null` removes one.
pub(crate) fn record(changes: Value) -> Value {
    let mut record = json!({
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-10-01T10:00:00Z",
        "accountId": "111111111111",
        "region": "us-east-1",
        "requestId": "r1",
        "operation": "Converse",
        "modelId": "anthropic.claude-sonnet-4-6",
        "identity": {"arn": "arn:aws:sts::111111111111:assumed-role/App/i-0abc"},
        "input": {"inputContentType": "application/json", "inputTokenCount": 10},
        "output": {"outputContentType": "application/json", "outputTokenCount": 2},
    });
    merge(&mut record, changes);
    record
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, change) in changes {
                // Bodies are given whole.
                if change.is_null() {
                    into.remove(&key);
                } else if key.ends_with("BodyJson") {
                    into.insert(key, change);
                } else {
                    merge(into.entry(key).or_insert(Value::Null), change);
                }
            }
        }
        (into, change) => *into = change,
    }
}

/// A record with these bodies.
pub(crate) fn bodies(input: Value, output: Value) -> Value {
    record(json!({"input": {"inputBodyJson": input}, "output": {"outputBodyJson": output}}))
}

pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// What was read of some files.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// By time, ties by id.
    pub(crate) requests: Vec<Request>,
    pub(crate) files: Vec<LogFile>,
    pub(crate) records: u64,
    pub(crate) rejected: Vec<Rejected>,
}

impl Logs {
    pub(crate) fn sum(&self, count: impl Fn(&LogFile) -> u64) -> u64 {
        self.files.iter().map(count).sum()
    }
}

pub(crate) fn read(files: &[&Path]) -> Result<Logs, TelemetryError> {
    let mut reader = LogReader::new(CallerKey::defaults());
    let mut logs = Logs::default();
    for file in files {
        let found = reader.read(file, &mut |_| {}, &mut |request| logs.requests.push(request.clone()))?;
        logs.records += found.records;
        logs.rejected.extend(found.rejected.iter().cloned());
        logs.files.push(found);
    }
    logs.requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    assert_eq!(logs.requests.len() as u64, logs.sum(|file| file.requests));
    Ok(logs)
}

/// The logs of one file of this text.
pub(crate) fn logs(text: &str) -> Logs {
    let folder = Folder::new();
    read(&[&folder.write("log.json.gz", &gzip(text.as_bytes()))]).expect("a log")
}

/// The one request of one record.
pub(crate) fn request(record: &Value) -> Request {
    let mut logs = logs(&lines(std::slice::from_ref(record)));
    assert_eq!((logs.requests.len(), &logs.rejected[..]), (1, &[][..]));
    logs.requests.remove(0)
}

/// Kind, bytes, tool and marker of each segment.
pub(crate) fn shapes(segments: &[Arc<Segment>]) -> Vec<(SegmentKind, u64, Option<&str>, Option<Ttl>)> {
    segments.iter().map(|it| (it.kind, it.bytes, it.tool.as_deref(), it.marker)).collect()
}
