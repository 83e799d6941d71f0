//! A call as a line of a job's input.

use std::collections::BTreeMap;

use lode_model::ModelId;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::input::{self, Removed};
use crate::{Family, Form, LeftOut};

/// A call as the log has it.
#[derive(Clone, Copy)]
pub struct RawCall<'a> {
    /// Its request id.
    pub id: &'a str,
    /// The operation of the record.
    pub operation: Option<&'a str>,
    /// The request body, JSON.
    pub body: Option<&'a str>,
    /// Whether the record says that its body is in a file of its own.
    pub apart: bool,
}

/// Without its text.
impl std::fmt::Debug for RawCall<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawCall").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A record, ready to be written.
pub struct Record {
    /// The form that its `modelInput` has.
    pub form: Form,
    /// One line of JSON with its line break.
    pub line: String,
    /// What was taken out of the body, with how many there were.
    pub removed: BTreeMap<&'static str, u64>,
}

/// Without its text.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("form", &self.form).finish_non_exhaustive()
    }
}

/// The `recordId` of a request: its letters and digits where it is a UUID or has no others, else `x` and 31 digits of its
/// SHA-256, so that two requests never share one. The User Guide has named it an alphanumeric text, without a hyphen in
/// any example (batch-inference-data, copies of 2024 to 2026-10).
#[must_use]
pub fn record_id(request: &str) -> String {
    let plain = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts: Vec<&str> = request.split('-').collect();
    let is_uuid = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    if is_uuid {
        parts.concat()
    } else if plain(request) {
        request.to_owned()
    } else {
        format!("x{}", hex(request.as_bytes()).get(..31).unwrap_or_default())
    }
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    Digest::default().with(bytes).hex()
}

/// A SHA-256 over what comes bit by bit.
#[derive(Clone, Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// The same with these bytes after the others.
    #[must_use]
    pub fn with(mut self, bytes: &[u8]) -> Self {
        self.add(bytes);
        self
    }

    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// All so far, in lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Makes a record for a job of `model`.
///
/// # Errors
/// Why the call cannot be in a batch job.
pub fn record(call: RawCall<'_>, model: &ModelId) -> Result<Record, LeftOut> {
    let without = if call.apart { LeftOut::Apart } else { LeftOut::NoBody };
    let body = call.body.ok_or(without)?;
    let form = call.operation.and_then(Form::of_operation).ok_or(LeftOut::OtherOperation)?;
    let Ok(Value::Object(body)) = serde_json::from_str(body) else { return Err(LeftOut::NoBody) };
    let mut removed = Removed::new();
    let input = input::clean(form, body, &mut removed)?;
    if !input::faults(Some(form), Family::of(model), &input).is_empty() {
        return Err(LeftOut::Incomplete);
    }
    let id = Value::String(record_id(call.id));
    let line = format!("{{\"recordId\":{id},\"modelInput\":{}}}\n", Value::Object(input));
    Ok(Record { form, line, removed })
}
