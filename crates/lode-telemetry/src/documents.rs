//! From bytes to records: JSON documents of a line, and the wrappers that CloudWatch Logs puts around records.
//!
//! Wrappers: `filter-log-events`, Logs Insights, subscriptions through Firehose, export tasks (AWS API models and User
//! Guide, copy of 2026-10).

use std::io::{BufRead, Read as _};

use serde_json::Value;

use crate::source::LONGEST;

/// A JSON document that could not be read.
pub(crate) struct Fault {
    /// Byte in the text given, counting from 1.
    pub(crate) byte: usize,
    /// Line in the text given, counting from 1.
    pub(crate) line: usize,
    /// What it is, in our words: the parser's might hold a word of the text.
    pub(crate) what: &'static str,
}

impl Fault {
    pub(crate) fn of(fault: &serde_json::Error) -> Self {
        let what = if fault.is_eof() { "JSON that ends too early" } else { "a JSON error" };
        Self { byte: fault.column(), line: fault.line(), what }
    }
}

/// Calls `each` with every document of a text and the byte at which it begins.
pub(crate) fn documents<E>(
    text: &[u8],
    mut each: impl FnMut(usize, Value) -> Result<(), E>,
) -> Result<Result<(), Fault>, E> {
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
    loop {
        let start = stream.byte_offset();
        match stream.next() {
            None => return Ok(Ok(())),
            Some(Ok(document)) => each(start, document)?,
            Some(Err(fault)) => return Ok(Err(Fault::of(&fault))),
        }
    }
}

/// Where JSON begins in a line: lines of an export task have a time before it.
pub(crate) fn json_start(line: &[u8]) -> Option<usize> {
    const LONGEST_TIME: usize = 64;
    match line.first()? {
        b'{' | b'[' => Some(0),
        b'0'..=b'9' => line.iter().take(LONGEST_TIME).position(|b| *b == b'{'),
        _ => None,
    }
}

/// What a document holds.
pub(crate) enum Held {
    /// An invocation log record.
    Record(Value),
    /// Nothing to read, in our words.
    Nothing(&'static str),
}

/// How deep wrappers are unwrapped: an array of pages of events of records.
const DEEPEST: u8 = 4;

/// Calls `each` with every record of a document. Control messages hold nothing and are passed over.
pub(crate) fn unwrap<E>(document: Value, each: &mut dyn FnMut(Held) -> Result<(), E>) -> Result<(), E> {
    unwrap_at(document, DEEPEST, each)
}

fn unwrap_at<E>(document: Value, depth: u8, each: &mut dyn FnMut(Held) -> Result<(), E>) -> Result<(), E> {
    if depth == 0 {
        return each(Held::Nothing("JSON too deep for a log"));
    }
    match document {
        Value::Array(items) => items.into_iter().try_for_each(|item| unwrap_at(item, depth - 1, each)),
        Value::Object(map) if is_record(&map) => each(Held::Record(Value::Object(map))),
        Value::Object(mut map) => {
            if map.get("messageType").and_then(Value::as_str) == Some("CONTROL_MESSAGE") {
                return Ok(());
            }
            for key in ["logEvents", "events"] {
                if let Some(Value::Array(events)) = map.remove(key) {
                    return events.into_iter().try_for_each(|event| unwrap_at(event, depth - 1, each));
                }
            }
            if let Some(Value::Array(rows)) = map.remove("results") {
                return rows.into_iter().try_for_each(|row| unwrap_at(message_of(row), depth - 1, each));
            }
            match map.remove("message").or_else(|| map.remove("@message")) {
                Some(Value::String(text)) => match serde_json::from_str(&text) {
                    Ok(inner) => unwrap_at(inner, depth - 1, each),
                    Err(_) => each(Held::Nothing("an event whose message is not JSON")),
                },
                Some(inner @ Value::Object(_)) => unwrap_at(inner, depth - 1, each),
                _ => each(Held::Nothing("JSON that is no invocation log record")),
            }
        }
        _ => each(Held::Nothing("a JSON value that is no object")),
    }
}

/// The message of a row of Logs Insights: a list of fields and values.
fn message_of(row: Value) -> Value {
    let Value::Array(fields) = row else { return row };
    let message = fields.into_iter().find(|field| field.get("field").and_then(Value::as_str) == Some("@message"));
    let text = message.and_then(|mut field| field.get_mut("value").map(Value::take));
    Value::Object([("message".to_owned(), text.unwrap_or_default())].into_iter().collect())
}

fn is_record(map: &serde_json::Map<String, Value>) -> bool {
    const KEYS: [&str; 5] = ["modelId", "operation", "requestId", "input", "output"];
    map.get("schemaType").and_then(Value::as_str) == Some("ModelInvocationLog")
        || KEYS.iter().filter(|key| map.contains_key(**key)).count() >= 2
}

/// A line of a file.
pub(crate) enum Line {
    /// Its bytes are in the buffer.
    Text,
    /// Too long to be kept; passed over.
    TooLong,
    /// The file has ended.
    End,
}

/// Reads a line into the buffer, without keeping more than the longest line allowed.
pub(crate) fn next_line(text: &mut dyn BufRead, buffer: &mut Vec<u8>) -> std::io::Result<Line> {
    buffer.clear();
    let read = text.take(LONGEST).read_until(b'\n', buffer)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if read as u64 == LONGEST && buffer.last() != Some(&b'\n') {
        buffer.clear();
        buffer.shrink_to_fit();
        skip_line(text)?;
        return Ok(Line::TooLong);
    }
    Ok(Line::Text)
}

fn skip_line(text: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let chunk = text.fill_buf()?;
        let end = chunk.iter().position(|b| *b == b'\n');
        let used = end.map_or(chunk.len(), |end| end + 1);
        text.consume(used);
        if end.is_some() || used == 0 {
            return Ok(());
        }
    }
}
