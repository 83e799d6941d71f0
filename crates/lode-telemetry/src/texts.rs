//! The only door by which text leaves this crate: the two bodies of calls that somebody names by their request ids.
//! It is used by an export that the user asked for, and by nothing else; no report, digest or trace goes through it.
//!
//! Logs are read as [`crate::LogReader`] reads them: every container and wrapper, bodies in the record, in it as a text,
//! or apart in `data/`. A body is handed over as the JSON text that it is, unread: what it means is the export's matter.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use lode_scan::Value;

use crate::json::trimmed;
use crate::offload::Offload;
use crate::reader::Wanted;
use crate::record::{Bodies, INPUT, Inner, OUTPUT, Side, unnamed};
use crate::{LogReader, TelemetryError};

/// A call with its text.
#[derive(Clone, Copy)]
pub struct CallText<'a> {
    /// Its request id, as [`lode_model::Request::id`] has it.
    pub id: &'a str,
    /// The model as it was called: an id, an inference profile or an ARN.
    pub model_id: &'a str,
    /// The region of the record, where it names one.
    pub region: Option<&'a str>,
    /// The operation of the record, such as `ConverseStream`, where it names one.
    pub operation: Option<&'a str>,
    /// Whether the record says that the request body was put into a file of its own.
    pub request_apart: bool,
    /// The request body, JSON. None where the record has none and none is beside it, or what is there is no JSON.
    pub request: Option<&'a str>,
    /// The response body, JSON: an object, or the events of a stream as an array.
    pub response: Option<&'a str>,
}

/// Without its text.
impl fmt::Debug for CallText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallText").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Reads the text of named calls out of log files.
pub struct TextReader {
    reader: LogReader,
}

impl Default for TextReader {
    fn default() -> Self {
        Self::new()
    }
}

impl TextReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { reader: LogReader::new(Vec::new()) }
    }

    /// Reads a file and hands over the calls whose request ids are among `ids`, in the order they stand. A call that
    /// stands twice in a file is handed over twice, with the same text. Records that cannot be used are passed over:
    /// whoever chose the ids has been told of them. `progress` is called with the bytes of this file read so far.
    ///
    /// # Errors
    /// When nothing of the file can be read, or it is JSON and no log; then nothing was handed over.
    pub fn read(
        &mut self,
        file: &Path,
        ids: &BTreeSet<Arc<str>>,
        progress: &mut dyn FnMut(u64),
        each: &mut dyn FnMut(CallText<'_>),
    ) -> Result<(), TelemetryError> {
        let texts = Texts { ids, each, inner: Inner::default() };
        self.reader.visit(file, progress, Wanted::Texts(texts)).map(drop)
    }
}

/// Whose text is asked for, and who gets it.
pub(crate) struct Texts<'a> {
    ids: &'a BTreeSet<Arc<str>>,
    each: &'a mut dyn FnMut(CallText<'_>),
    inner: Inner,
}

impl Texts<'_> {
    /// Hands over a record's text, if it is one of those asked for.
    pub(crate) fn take(&mut self, record: Value<'_>, line: u64, offload: &Offload) {
        let [id, model_id, region, operation, input, output] =
            record.pick(["requestId", "modelId", "region", "operation", "input", "output"]);
        let id = trimmed(id).map_or_else(|| unnamed(record, line), |id| id.into_owned());
        if !self.ids.contains(id.as_str()) {
            return;
        }
        let mut broken = Vec::new();
        let mut bodies = Bodies { call: &id, offload, broken: &mut broken };
        let mut body = |side: &Side, holder: Option<Value<'_>>| {
            let [body, path] = holder.map(|holder| holder.pick([side.body, side.path])).unwrap_or_default();
            bodies.read(side, body, path, &mut self.inner, |body| body.raw().to_owned())
        };
        let request = body(&INPUT, input);
        let response = body(&OUTPUT, output);
        let request_apart = input.and_then(|input| trimmed(input.get(INPUT.path))).is_some();
        let (model_id, region, operation) = (trimmed(model_id), trimmed(region), trimmed(operation));
        (self.each)(CallText {
            id: &id,
            model_id: model_id.as_deref().unwrap_or_default(),
            region: region.as_deref(),
            operation: operation.as_deref(),
            request_apart,
            request: request.as_deref(),
            response: response.as_deref(),
        });
    }
}
