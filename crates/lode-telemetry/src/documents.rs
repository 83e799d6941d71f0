//! From bytes to records: JSON documents of a line, and the wrappers that CloudWatch Logs puts around records.
//!
//! Wrappers: `filter-log-events`, Logs Insights, subscriptions through Firehose, export tasks (AWS API models and User
//! Guide, copy of 2026-10).

use std::io::{BufRead, Read as _};

use lode_scan::{Fault, Kind, Tape, Text, Value};

use crate::json::{list, text_of};

/// Calls `each` with every document of a text and the byte at which it begins.
pub(crate) fn documents<E>(
    tape: &mut Tape,
    text: &str,
    mut each: impl FnMut(usize, Value<'_>) -> Result<(), E>,
) -> Result<Result<(), Fault>, E> {
    let mut at = 0;
    loop {
        match tape.read(text, at) {
            Ok(None) => return Ok(Ok(())),
            Ok(Some((document, end))) => {
                at = end;
                each(document.start(), document)?;
            }
            Err(fault) => return Ok(Err(fault)),
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
pub(crate) enum Held<'a> {
    /// An invocation log record.
    Record(Value<'a>),
    /// Nothing to read, in our words.
    Nothing(&'static str),
}

/// How deep wrappers are unwrapped: an array of pages of events of records.
const DEEPEST: u8 = 4;

/// Calls `each` with every record of a document. Control messages hold nothing and are passed over.
pub(crate) fn unwrap<E>(document: Value<'_>, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    unwrap_at(document, DEEPEST, each)
}

/// The same of a row of Logs Insights, alone.
pub(crate) fn unwrap_result<E>(row: Value<'_>, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    unwrap_row(row, DEEPEST - 1, each)
}

fn unwrap_at<E>(document: Value<'_>, depth: u8, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    if depth == 0 {
        return each(Held::Nothing("JSON too deep for a log"));
    }
    match document.kind() {
        Kind::Array => document.items().try_for_each(|item| unwrap_at(item, depth - 1, each)),
        Kind::Object if is_record(document) => each(Held::Record(document)),
        Kind::Object => unwrap_object(document, depth, each),
        _ => each(Held::Nothing("a JSON value that is no object")),
    }
}

fn unwrap_object<E>(document: Value<'_>, depth: u8, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    if text_of(document, "messageType").is_some_and(|kind| kind.is("CONTROL_MESSAGE")) {
        return Ok(());
    }
    let is_list = |value: &Value<'_>| value.kind() == Kind::Array;
    if let Some(events) = ["logEvents", "events"].iter().find_map(|key| document.get(key).filter(is_list)) {
        return events.items().try_for_each(|event| unwrap_at(event, depth - 1, each));
    }
    if let Some(rows) = document.get("results").filter(is_list) {
        return rows.items().try_for_each(|row| unwrap_row(row, depth - 1, each));
    }
    match document.get("message").or_else(|| document.get("@message")) {
        Some(message) => match message.text() {
            Some(text) => unwrap_text(text, depth, each),
            None if message.is_object() => unwrap_at(message, depth - 1, each),
            None => each(Held::Nothing("JSON that is no invocation log record")),
        },
        None => each(Held::Nothing("JSON that is no invocation log record")),
    }
}

/// A message: a record as text.
fn unwrap_text<E>(text: Text<'_>, depth: u8, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    let (mut tape, mut buffer) = (Tape::new(), String::new());
    match tape.read_inner(text, &mut buffer) {
        Ok(inner) => unwrap_at(inner, depth - 1, each),
        Err(_) => each(Held::Nothing("an event whose message is not JSON")),
    }
}

/// A row of Logs Insights: a list of fields and values, one of them the record; or, where the query selected fields,
/// those of the record by their dotted names.
fn unwrap_row<E>(row: Value<'_>, depth: u8, each: &mut dyn FnMut(Held<'_>) -> Result<(), E>) -> Result<(), E> {
    if row.kind() != Kind::Array {
        return unwrap_at(row, depth, each);
    }
    if depth == 0 {
        return each(Held::Nothing("JSON too deep for a log"));
    }
    let field = |name: &str| row.items().find(|field| text_of(*field, "field").is_some_and(|field| field.is(name)));
    match field("@message").and_then(|field| text_of(field, "value")) {
        Some(message) => unwrap_text(message, depth, each),
        None => {
            let (mut tape, text) = (Tape::new(), selected(row).to_string());
            match tape.read_all(&text) {
                Ok(record) => unwrap_at(record, depth, each),
                Err(_) => each(Held::Nothing("a row without a record")),
            }
        }
    }
}

/// The record that the selected fields of a row make. The row's own pointer tells it from equal ones.
fn selected(row: Value<'_>) -> serde_json::Value {
    let mut record = serde_json::Map::new();
    for field in list(Some(row)) {
        let (Some(name), Some(value)) = (text_of(field, "field"), text_of(field, "value")) else { continue };
        let (name, value) = (name.get(), value.get());
        // A field of a record is a few names deep.
        if name.split('.').count() > 8 {
            continue;
        }
        let mut parts = name.split('.').peekable();
        let mut holder = &mut record;
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                let (key, value) = match part {
                    "@timestamp" => ("timestamp", format!("{}Z", value.replacen(' ', "T", 1))),
                    key => (key, value.into_owned()),
                };
                // The record's own time is better than that of its event.
                if key == part || !holder.contains_key(key) {
                    holder.insert(key.to_owned(), value.into());
                }
                break;
            }
            let inner = holder.entry(part.to_owned()).or_insert_with(|| serde_json::Map::new().into());
            let Some(inner) = inner.as_object_mut() else { break };
            holder = inner;
        }
    }
    record.into()
}

fn is_record(document: Value<'_>) -> bool {
    const KEYS: [&str; 5] = ["modelId", "operation", "requestId", "input", "output"];
    let mut found = 0;
    for (key, value) in document.entries() {
        if key.is("schemaType") && value.text().is_some_and(|kind| kind.is("ModelInvocationLog")) {
            return true;
        }
        found += u8::from(KEYS.iter().any(|known| key.is(known)));
        if found >= 2 {
            return true;
        }
    }
    false
}

/// A line of a file.
pub(crate) enum Line {
    /// Its bytes are in the buffer.
    Text,
    /// Longer than it may be: its beginning is in the buffer, the rest still in the file.
    TooLong,
    /// The file has ended.
    End,
}

/// Reads a line into the buffer, no more than the longest line allowed.
pub(crate) fn next_line(text: &mut dyn BufRead, buffer: &mut Vec<u8>, longest: u64) -> std::io::Result<Line> {
    buffer.clear();
    let read = text.take(longest).read_until(b'\n', buffer)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if read as u64 == longest && buffer.last() != Some(&b'\n') {
        return Ok(Line::TooLong);
    }
    Ok(Line::Text)
}
