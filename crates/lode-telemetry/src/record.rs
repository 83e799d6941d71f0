//! One record of a log becomes one request, or a refusal that says what is wrong with it.
//!
//! Fields: AWS User Guide, model-invocation-logging (copy of 2026-10), and delivered records of 2024 to 2026. Every
//! field may be absent, unknown ones are passed over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{AccountId, Caller, CallerKey, Chain, Mode, ModelId, OutputForm, Region, Request, Routing, Ttl};
use lode_scan::{Kind, Tape, Value};

use crate::answer::{self, Answer, word};
use crate::count::Counts;
use crate::hash::plain;
use crate::json::{text_of, trimmed};
use crate::model_id::called;
use crate::offload::{Broken, Offload};
use crate::place::Place;
use crate::prompt::{self, Prompt};
use crate::segments::Memory;

/// Why a record is no request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It names no model.
    NoModel,
    /// Its account is not that of the folder it was delivered to.
    OtherAccount,
    /// Its time cannot be read.
    NoTime,
    /// A count, by its name, that is no count.
    BadCount(&'static str),
    /// No count at all: as a request it would be free.
    NoCounts,
}

impl Refusal {
    /// Field, what was found, what was expected.
    pub(crate) const fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoModel => ("modelId", "a record without a model", "the id or ARN of the model called"),
            Self::OtherAccount => (
                "accountId",
                "another account than that of the folder",
                "the account of the folder AWSLogs/<account>/; copy each account's logs to its own folder",
            ),
            Self::NoTime => ("timestamp", "no time that can be read", "a UTC time such as 2026-10-01T00:00:00Z"),
            Self::BadCount(field) => (field, "a value that is no token count", "a whole number of tokens"),
            Self::NoCounts => (
                "input.inputTokenCount",
                "a record without token counts",
                "token counts in the record or in the usage of its output body; the call is left out, not counted as free",
            ),
        }
    }
}

/// Values that repeat from record to record, kept once. Where they do not repeat (a session name in each), they are
/// forgotten in time: a bound on memory.
struct Pool<T>(BTreeMap<String, T>);

/// How many values are kept before all are forgotten.
const POOLED: usize = 16 * 1024;

impl<T: Clone> Pool<T> {
    fn get(&mut self, text: &str, make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        if self.0.len() >= POOLED {
            self.0.clear();
        }
        let new = make();
        self.0.insert(text.to_owned(), new.clone());
        new
    }
}

/// A request, and what is to be said of its record beside.
pub(crate) struct Read {
    pub(crate) request: Request,
    /// Body files that are there and cannot be used: they cost the request nothing but its segments.
    pub(crate) broken: Vec<Broken>,
    /// A key that stands twice, of those that are read.
    pub(crate) twice: Option<&'static str>,
}

/// The keys of a record that are read, and those of its two sides, by their full names.
const KEYS: [&str; 11] = [
    "requestId",
    "modelId",
    "accountId",
    "timestamp",
    "errorCode",
    "region",
    "operation",
    "identity",
    "requestMetadata",
    "input",
    "output",
];
const COUNTS: [&str; 4] = [
    "input.inputTokenCount",
    "input.cacheReadInputTokenCount",
    "input.cacheWriteInputTokenCount",
    "output.outputTokenCount",
];

/// What is needed to read records, whichever file they are in.
pub(crate) struct Reading {
    keys: Vec<CallerKey>,
    memory: Memory,
    accounts: Pool<AccountId>,
    regions: Pool<Region>,
    models: Pool<(ModelId, Routing, Option<Mode>)>,
    callers: Pool<Caller>,
    principals: Pool<Option<Caller>>,
    inner: Inner,
    text: String,
}

/// Memory for bodies that are documents of their own.
#[derive(Default)]
pub(crate) struct Inner {
    tape: Tape,
    text: String,
}

impl Reading {
    pub(crate) fn new(keys: Vec<CallerKey>) -> Self {
        Self {
            keys,
            memory: Memory::default(),
            inner: Inner::default(),
            text: String::new(),
            accounts: Pool(BTreeMap::new()),
            regions: Pool(BTreeMap::new()),
            models: Pool(BTreeMap::new()),
            callers: Pool(BTreeMap::new()),
            principals: Pool(BTreeMap::new()),
        }
    }

    /// Takes a request back that nobody needs any more: the next one has use for its memory.
    pub(crate) fn take_back(&mut self, request: Request) {
        self.memory.take_back(request.segments);
    }

    /// Reads a record. `line` names a record without a request id.
    pub(crate) fn read(
        &mut self,
        record: Value<'_>,
        line: u64,
        place: &Place,
        offload: &Offload,
    ) -> Result<Read, Refusal> {
        let (found, twice) = record.pick_noting(KEYS);
        let [id, model_id, account, time, error, region, operation, identity, metadata, input, output] = found;
        let side = ["inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount", INPUT.body, INPUT.path];
        let (input, twice_in) = input.map(|input| input.pick_noting(side)).unwrap_or_default();
        let side = ["outputTokenCount", OUTPUT.body, OUTPUT.path];
        let (output, twice_out) = output.map(|output| output.pick_noting(side)).unwrap_or_default();
        let [told_input, told_read, told_write, input_body, input_path] = input;
        let [told_output, output_body, output_path] = output;

        let id = trimmed(id);
        let Some(model_id) = trimmed(model_id) else { return Err(Refusal::NoModel) };
        let account = self.account(account, place)?;
        let time = trimmed(time).and_then(|time| time.parse::<Timestamp>().ok()).ok_or(Refusal::NoTime)?;
        let error = error_code(error);
        let told = Counts::of_record([told_input, told_read, told_write, told_output])
            .map_err(|place| Refusal::BadCount(COUNTS[place]))?;
        let mut broken = Vec::new();
        let mut inner = std::mem::take(&mut self.inner);
        let mut bodies = Bodies { call: id.as_deref().unwrap_or_default(), offload, broken: &mut broken };
        let prompt =
            bodies.read(&INPUT, input_body, input_path, &mut inner, |body| prompt::read(body, &mut self.memory));
        let answer = bodies.read(&OUTPUT, output_body, output_path, &mut inner, |body| {
            let has_prefill = prompt.as_ref().is_some_and(|prompt| !prompt.prefill.is_empty());
            answer::read(body, has_prefill, &mut self.memory.names)
        });
        self.inner = inner;
        let (has_body, has_answer) = (prompt.is_some(), answer.is_some());
        let (prompt, mut answer): (Prompt, Answer) = (prompt.unwrap_or_default(), answer.unwrap_or_default());
        let guarded = std::mem::take(&mut answer.guarded).with(&prompt.guarded, answer.stop_reason.as_deref());
        let counts = told.or_body(&answer.counts);
        if counts.are_unknown() && error.is_none() {
            return Err(Refusal::NoCounts);
        }
        let region = trimmed(region);
        let region = region.as_deref().or(place.region.as_deref()).unwrap_or("unknown");
        let (model, routing, own_mode) = self.models.get(&model_id, || {
            let called = called(&model_id);
            (ModelId::from(called.model.as_str()), called.routing, called.mode)
        });
        let request = Request {
            id: id.map_or_else(|| unnamed(record, line).into(), Into::into),
            time,
            account,
            region: self.regions.get(region, || Region::from(region)),
            model,
            routing,
            caller: self.caller(metadata, identity, &model_id),
            mode: own_mode.or(answer.mode).or(prompt.mode),
            streaming: trimmed(operation).is_some_and(|name| name.ends_with("Stream")),
            tokens: counts.tokens(prompt.ttl.unwrap_or(Ttl::FiveMinutes)),
            error: error.map(|code| self.memory.names.get(&code)),
            output_form: if has_answer {
                answer.form(&prompt.prefill, &mut self.memory.found)
            } else if prompt.is_bound {
                OutputForm::Json
            } else {
                OutputForm::Unknown
            },
            output_limit: prompt.output_limit,
            stop_reason: answer.stop_reason,
            latency_ms: answer.latency_ms,
            tools_called: answer.tools,
            chain: Chain { opens: answer.opens, continues: prompt.continues },
            has_body,
            schema_bound: prompt.is_bound,
            guarded: guarded.map(Arc::new),
            segments: prompt.segments,
        };
        let twice_in = twice_in.map(|key| COUNTS.get(key).filter(|_| key < 3).copied().unwrap_or("input"));
        let twice_out = twice_out.map(|key| COUNTS.get(key + 3).copied().unwrap_or("output"));
        let twice = twice.map(|key| KEYS[key]).or(twice_in).or(twice_out);
        Ok(Read { request, broken, twice })
    }

    /// The record's account, else the folder's. A tool that made it a number has dropped its leading zeros.
    fn account(&mut self, account: Option<Value<'_>>, place: &Place) -> Result<AccountId, Refusal> {
        let named = match account.and_then(Value::number) {
            Some(digits) => Some(Cow::from(format!("{digits:0>12}"))),
            None => trimmed(account),
        };
        if let (Some(named), Some(folder)) = (&named, &place.account)
            && named != folder
        {
            return Err(Refusal::OtherAccount);
        }
        let account = named.as_deref().or(place.account.as_deref()).unwrap_or("unknown");
        Ok(self.accounts.get(account, || AccountId::from(account)))
    }

    /// The first key that names a caller.
    fn caller(&mut self, metadata: Option<Value<'_>>, identity: Option<Value<'_>>, model_id: &str) -> Caller {
        let named = self.keys.iter().find_map(|key| match key {
            CallerKey::RequestMetadata(key) => {
                let value = text_of(metadata?, key)?.get();
                self.text.clear();
                self.text.extend([key, "=", &*value]);
                Some(self.callers.get(&self.text, || Caller::from_metadata(key, &value)))
            }
            CallerKey::ApplicationInferenceProfile => Caller::from_profile_arn(model_id),
            CallerKey::IamPrincipal => {
                let arn = text_of(identity?, "arn")?.get();
                self.principals.get(&arn, || Caller::from_principal_arn(&arn))
            }
            CallerKey::Tag(_) | CallerKey::CostCategory(_) => None,
        });
        named.unwrap_or_else(|| self.callers.get(Caller::UNATTRIBUTED, || Caller::from(Caller::UNATTRIBUTED)))
    }
}

/// The error code. One that is no word would be somebody's text: it is kept as a fact without its words.
fn error_code(code: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    let code = code.filter(|code| !code.is_null())?;
    let Some(text) = code.text() else { return Some("error".into()) };
    let text = text.get();
    match text.trim() {
        "" => None,
        code => Some(word(code).unwrap_or("error").to_owned().into()),
    }
}

/// A name for a record without a request id: the same whenever the same line is read.
pub(crate) fn unnamed(record: Value<'_>, line: u64) -> String {
    format!("unnamed-{:032x}-{line}", plain(record.raw().as_bytes()))
}

/// Where a body stands in a record.
pub(crate) struct Side {
    name: &'static str,
    pub(crate) body: &'static str,
    pub(crate) path: &'static str,
}

pub(crate) const INPUT: Side = Side { name: "input", body: "inputBodyJson", path: "inputBodyS3Path" };
pub(crate) const OUTPUT: Side = Side { name: "output", body: "outputBodyJson", path: "outputBodyS3Path" };

/// Finds bodies, wherever they are: in the record, in the record as a text of its own, or delivered apart.
pub(crate) struct Bodies<'a> {
    pub(crate) call: &'a str,
    pub(crate) offload: &'a Offload,
    pub(crate) broken: &'a mut Vec<Broken>,
}

impl Bodies<'_> {
    pub(crate) fn read<T>(
        &mut self,
        side: &Side,
        body: Option<Value<'_>>,
        path: Option<Value<'_>>,
        inner: &mut Inner,
        read: impl FnOnce(Value<'_>) -> T,
    ) -> Option<T> {
        let Inner { tape, text } = inner;
        match body.map(|body| (body, body.kind())) {
            None | Some((_, Kind::Null)) => {
                let file = self.offload.body(trimmed(path).as_deref(), self.call, side.name, text);
                let found = file.and_then(|file| {
                    let body = |file| tape.read_all(text).map(read).map_err(|_| Broken::not_json(file));
                    file.map(body).transpose()
                });
                found.unwrap_or_else(|fault| {
                    self.broken.push(fault);
                    None
                })
            }
            Some((body, Kind::Text)) => tape.read_inner(body.text()?, text).ok().map(read),
            Some((body, _)) => Some(read(body)),
        }
    }
}
