//! Logs, from any bytes and from records made of the words that the reader knows: nothing panics, and what comes of a
//! file depends on its text alone, not on its container, on how it is unpacked, or on what was read before.

#![no_main]

use std::cell::RefCell;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use arbitrary::{Result, Unstructured};
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use lode_model::{CallerKey, Request};
use lode_telemetry::{LogFile, LogReader, TelemetryError};
use zip::write::SimpleFileOptions;

/// Keys that mean something somewhere in a record, a body or a wrapper.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "messages", "content", "role", "text", "type", "system", "tools", "toolConfig", "toolSpec", "name", "inputSchema",
    "json", "toolUse", "toolUseId", "toolResult", "input", "id", "tool_use_id", "cachePoint", "cache_control", "ttl",
    "image", "document", "source", "data", "searchResult", "title", "citationsContent", "reasoningContent",
    "reasoningText", "guardContent", "thinking", "usage", "inputTokens", "outputTokens", "cacheReadInputTokens",
    "cacheWriteInputTokens", "cacheDetails", "cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens",
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "prompt_tokens",
    "completion_tokens", "prompt_tokens_details", "cached_tokens", "output", "message", "stopReason", "stop_reason",
    "metrics", "latencyMs", "choices", "delta", "contentBlockDelta", "contentBlockStart", "start", "messageStop",
    "metadata", "content_block", "amazon-bedrock-invocationMetrics", "inputTokenCount", "outputTokenCount",
    "invocationLatency", "results", "tokenCount", "outputText", "generation", "embedding", "images", "tool_calls",
    "function", "arguments", "tool_call_id", "call_id", "inferenceConfig", "maxTokens", "max_tokens",
    "performanceConfig", "latency", "serviceTier", "prompt", "inputText", "documents", "query", "texts", "chat_history",
    "preamble", "events", "logEvents", "@message", "results", "messageType", "a", "b", "\\u0061", "mess\\u0061ges",
];
/// Words that mean something as a value, as they stand in JSON.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "user", "assistant", "tool", "text", "tool_use", "tool_result", "function_call", "function_call_output", "5m", "1h",
    "30m", "x", "call-1", "call-2", "get_order", "end_turn", "ephemeral", "default", "optimized",
    "<passage>a</passage>", "<document>b", "Passage 1: a\\nPassage 2: b\\n\\nq", "{\\\"a\\\":1}", "[]", "", " ",
    "\\ud83d", "\\u0000", "é漢", "7", "search_result", "image", "CONTROL_MESSAGE", "</passage>", "123", "null", "\\q",
];
const NUMBERS: &[&str] =
    &["0", "1", "7", "7.0", "1e3", "-1", "1.5", "1000000000000", "18446744073709551615", "1e400", "123"];
/// What a record has of its own, each with some values.
const HEAD: &[(&str, &[&str])] = &[
    ("schemaType", &["\"ModelInvocationLog\""]),
    (
        "timestamp",
        &["\"2026-10-01T10:00:00Z\"", "\"2026-10-01T09:59:59.5Z\"", "\"2026-10-01T10:00:00+02:00\"", "\"x\"", "1"],
    ),
    ("accountId", &["\"111111111111\"", "\"222222222222\"", "111111111111", "11", "null"]),
    ("region", &["\"us-east-1\"", "\"\"", "7"]),
    ("requestId", &["\"r1\"", "\"r2\"", "\" \"", "\"../r1\"", "null"]),
    ("operation", &["\"Converse\"", "\"InvokeModelWithResponseStream\""]),
    (
        "modelId",
        &[
            "\"anthropic.claude-sonnet-4-6\"",
            "\"us.amazon.nova-lite-v1:0\"",
            "\"\"",
            "\"arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1\"",
        ],
    ),
    ("errorCode", &["\"ThrottlingException\"", "\"some words of it\"", "1"]),
    ("identity", &["{\"arn\":\"arn:aws:sts::111111111111:assumed-role/App/i-1\"}", "{}", "[]"]),
    ("requestMetadata", &["{\"app\":\"shop\"}", "{\"app\":7}"]),
];
const COUNTS: &[&str] =
    &["inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount", "outputTokenCount"];

/// Makes JSON text of what a fuzzer gives.
struct Maker<'a, 'u>(&'a mut Unstructured<'u>, String);

impl Maker<'_, '_> {
    fn one_in(&mut self, of: u8) -> Result<bool> {
        Ok(self.0.arbitrary::<u8>()? % of == 0)
    }

    fn put(&mut self, text: &str) {
        self.1.push_str(text);
    }

    fn choose(&mut self, of: &[&str]) -> Result<()> {
        let chosen = *self.0.choose(of)?;
        self.put(chosen);
        Ok(())
    }

    fn object(&mut self, most: u8, mut entry: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let count = self.0.arbitrary::<u8>()? % (most + 1);
        self.put("{");
        for place in 0..count {
            self.put(if place > 0 { "," } else { "" });
            entry(self)?;
        }
        self.put("}");
        Ok(())
    }

    fn value(&mut self, depth: u8) -> Result<()> {
        match self.0.arbitrary::<u8>()? % if depth > 5 { 5 } else { 16 } {
            0 => self.choose(&["null", "true", "false"]),
            1 => self.choose(NUMBERS),
            2..5 => {
                self.put("\"");
                self.choose(WORDS)?;
                self.put("\"");
                Ok(())
            }
            5..10 => {
                let count = self.0.arbitrary::<u8>()? % 4;
                self.put("[");
                for place in 0..count {
                    self.put(if place > 0 { "," } else { "" });
                    self.value(depth + 1)?;
                }
                self.put("]");
                Ok(())
            }
            _ => self.object(4, |maker| {
                maker.put("\"");
                maker.choose(KEYS)?;
                maker.put("\":");
                maker.value(depth + 1)
            }),
        }
    }

    /// A body: a value, or the text of one.
    fn body(&mut self, key: &str) -> Result<()> {
        self.put(&format!("\"{key}\":"));
        let start = self.1.len();
        self.value(0)?;
        if self.one_in(4)? {
            let inner = self.1.split_off(start);
            self.put(&serde_json::to_string(&inner).expect("a text"));
        }
        Ok(())
    }

    fn side(&mut self, body: &str, path: &str) -> Result<()> {
        self.object(5, |maker| match maker.0.arbitrary::<u8>()? % 8 {
            0..4 => maker.body(body),
            4 => {
                maker.put(&format!("\"{path}\":"));
                maker.choose(&["\"s3://bucket/data/r1_input.json\"", "\"r2_output.json.gz\"", "\"x/..\"", "7"])
            }
            _ => {
                maker.put("\"");
                maker.choose(COUNTS)?;
                maker.put("\":");
                maker.choose(NUMBERS)
            }
        })
    }

    fn record(&mut self) -> Result<()> {
        self.put("{");
        for (key, values) in HEAD {
            if !self.one_in(8)? {
                self.put(&format!("\"{key}\":"));
                // Mostly the ordinary value.
                if self.one_in(3)? {
                    self.choose(values)?
                } else {
                    self.put(values[0])
                }
                self.put(",");
            }
        }
        self.put("\"input\":");
        self.side("inputBodyJson", "inputBodyS3Path")?;
        self.put(",\"output\":");
        self.side("outputBodyJson", "outputBodyS3Path")?;
        self.put("}");
        Ok(())
    }

    /// A record in what may be around it.
    fn document(&mut self) -> Result<()> {
        let start = self.1.len();
        self.record()?;
        let form = self.0.arbitrary::<u8>()? % 16;
        if form > 6 {
            return Ok(());
        }
        let record = self.1.split_off(start);
        let text = serde_json::to_string(&record).expect("a text");
        let wrapped = match form {
            0 => format!("{{\"events\":[{{\"message\":{text}}},{{\"message\":{record}}}]}}"),
            1 => format!("{{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{{\"message\":{text}}}]}}"),
            2 => format!("{{\"results\":[[{{\"field\":\"@message\",\"value\":{text}}}]]}}"),
            3 => format!("2026-10-01T10:00:00.000Z {record}"),
            4 => format!("[{record},[{record}]]"),
            5 => record.replace(",\"", ",\n  \"").replace('{', "{\n"),
            _ => {
                let field = |name: &str, value: &str| format!("{{\"field\":\"{name}\",\"value\":\"{value}\"}}");
                let (key, word) = (*self.0.choose(KEYS)?, *self.0.choose(WORDS)?);
                let fields = [
                    field("modelId", "m"),
                    field("@timestamp", "2026-10-01 10:00:00.000"),
                    field("requestId", "r3"),
                    field("input.inputTokenCount", "7"),
                    field(&format!("input.{key}"), word),
                    field(key, word),
                ];
                format!("{{\"results\":[[{}]]}}", fields.join(","))
            }
        };
        self.put(&wrapped);
        Ok(())
    }

    fn log(&mut self) -> Result<()> {
        for _ in 0..1 + self.0.arbitrary::<u8>()? % 5 {
            self.document()?;
            self.choose(&["\n", "\n", "\n", "\r\n", "", "\n\n"])?;
        }
        Ok(())
    }
}

/// The text of a log: bytes as they are, or records of known words.
fn text(data: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = data.split_first() else { return Vec::new() };
    if first % 4 == 0 {
        return rest.to_vec();
    }
    let mut unstructured = Unstructured::new(rest);
    let mut maker = Maker(&mut unstructured, String::new());
    // Where the input ends, so does the log: a record that is cut off.
    let _ = maker.log();
    maker.1.into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An archive of one file, which is read as a stream.
fn archive(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("log.json", SimpleFileOptions::default()).expect("memory");
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory").into_inner()
}

type Found = std::result::Result<(LogFile, Vec<Request>), String>;

struct Bench {
    folder: tempfile::TempDir,
    /// It has read all the logs before.
    old: LogReader,
    /// Reads what breaks off: it needs a buffer of the length that such a file ends in.
    cut: LogReader,
    age: u32,
}

fn reader() -> LogReader {
    LogReader::new([CallerKey::RequestMetadata("app".into())].into_iter().chain(CallerKey::defaults()).collect())
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a folder");
        let body = r#"{"messages":[{"role":"user","content":[{"text":"apart"}]}]}"#;
        fs::write(data.join("r1_input.json"), body).expect("a file");
        fs::write(data.join("r2_output.json.gz"), "{").expect("a file");
        Self { folder, old: reader(), cut: reader(), age: 0 }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    }
}

/// Reads a file and checks what holds of every file.
fn read(reader: &mut LogReader, path: &Path) -> Found {
    let mut requests: Vec<Request> = Vec::new();
    let found = reader.read(path, &mut |_| {}, &mut |request| requests.push(request.clone()));
    let mut found = found.map_err(|error| match error {
        TelemetryError::NotALog { line, found, .. } => {
            assert!(requests.is_empty(), "requests of what is no log");
            format!("line {line}: {found}")
        }
        TelemetryError::Unreadable { .. } => "unreadable".to_owned(),
        other => format!("{other:?}"),
    })?;
    assert!(found.records >= found.requests + found.without_counts);
    assert_eq!(found.requests, requests.len() as u64);
    assert!(found.rejected.len() as u64 + found.rejected_more >= found.records - found.requests);
    for request in &requests {
        assert!(request.tokens.prompt() < 1 << 53 && request.tokens.output < 1 << 53, "{request:?}");
        let known = request.has_body || request.segments.is_empty();
        assert!(known, "{request:?}");
    }
    for rejected in &mut found.rejected {
        rejected.file = rejected.file.strip_prefix(path).unwrap_or(Path::new("other")).to_path_buf();
    }
    Ok((found, requests))
}

/// Names of records without an id end in their line.
fn without_line(mut request: Request) -> Request {
    if let Some(name) = request.id.strip_prefix("unnamed-") {
        request.id = name.split('-').next().unwrap_or_default().into();
    }
    request
}

/// The lines, each read as a file of its own by a reader of its own, where that must be the same.
fn by_line(bench: &Bench, text: &[u8]) -> Option<Vec<Request>> {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let apart =
        lines.iter().skip(1).all(|line| line.trim_ascii_start().first().is_none_or(|byte| (b' '..0x7f).contains(byte)));
    let apart = apart && lines.iter().skip(1).all(|line| !line.starts_with(b"P"));
    let pretty =
        lines.iter().any(|line| matches!(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii(), b"{" | b"["));
    if !apart || pretty || lines.len() > 12 {
        return None;
    }
    let mut requests = Vec::new();
    for line in lines {
        requests
            .extend(read(&mut reader(), &bench.file("line", line)).map(|(_, requests)| requests).unwrap_or_default());
    }
    Some(requests)
}

fn check(bench: &mut Bench, text: &[u8]) {
    let (plain, packed) = (bench.file("plain", text), gzip(text));
    let members = [gzip(&text[..text.len() / 2]), gzip(&text[text.len() / 2..])].concat();
    let files = [bench.file("gzip", &packed), bench.file("members", &members)];
    let first = read(&mut reader(), &plain);
    assert_eq!(read(&mut bench.old, &plain), first, "what was read before matters");
    assert_eq!(read(&mut bench.old, &plain), first, "what was read before matters");
    for file in &files {
        assert_eq!(read(&mut reader(), file), first, "the container matters");
    }
    let streamed = read(&mut reader(), &bench.file("zip", &archive(text)));
    let untold = |found: &Found| found.clone().map(|(file, requests)| (LogFile { text_bytes: 0, ..file }, requests));
    assert_eq!(untold(&streamed), untold(&first), "streaming matters");
    // A file that breaks off has the first of the requests, and no other.
    let cut = bench.file("cut", &packed[..packed.len() * 3 / 4]);
    if let (Ok((_, some)), Ok((_, all))) = (read(&mut bench.cut, &cut), &first) {
        assert!(all.starts_with(&some), "a file that breaks off has other requests");
    }
    if let Ok((_, all)) = first
        && let Some(lines) = by_line(bench, text)
    {
        let all: Vec<Request> = all.into_iter().map(without_line).collect();
        assert_eq!(lines.into_iter().map(without_line).collect::<Vec<_>>(), all, "the lines before matter");
    }
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::new(Bench::new());
}

fuzz_target!(|data: &[u8]| {
    let text = text(data);
    // Those are other containers.
    if [&b"\x1f\x8b"[..], b"PAR1", b"PK\x03\x04", b"PK\x05\x06"].iter().any(|magic| text.starts_with(magic)) {
        return;
    }
    BENCH.with_borrow_mut(|bench| {
        bench.age += 1;
        if bench.age % 1_000 == 0 {
            bench.old = reader();
        }
        check(bench, &text);
    });
});
