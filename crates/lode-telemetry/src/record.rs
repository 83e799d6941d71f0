//! One record of a log becomes one request, or a refusal that says what is wrong with it.
//!
//! Fields: AWS User Guide, model-invocation-logging (copy of 2026-10), and delivered records of 2024 to 2026. Every
//! field may be absent, unknown ones are passed over.

use std::borrow::Cow;
use std::collections::BTreeMap;

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
}

/// Memory for bodies that are documents of their own.
#[derive(Default)]
struct Inner {
    tape: Tape,
    text: String,
}

impl Reading {
    pub(crate) fn new(keys: Vec<CallerKey>) -> Self {
        Self {
            keys,
            memory: Memory::default(),
            inner: Inner::default(),
            accounts: Pool(BTreeMap::new()),
            regions: Pool(BTreeMap::new()),
            models: Pool(BTreeMap::new()),
            callers: Pool(BTreeMap::new()),
            principals: Pool(BTreeMap::new()),
        }
    }

    /// Reads a record. `line` names a record without a request id. Broken body files come back beside the request:
    /// they cost it nothing but its segments.
    pub(crate) fn read(
        &mut self,
        record: Value<'_>,
        line: u64,
        place: &Place,
        offload: &Offload,
    ) -> Result<(Request, Vec<Broken>), Refusal> {
        let id = trimmed(record, "requestId");
        let Some(model_id) = trimmed(record, "modelId") else { return Err(Refusal::NoModel) };
        let account = self.account(record, place)?;
        let time = trimmed(record, "timestamp").and_then(|time| time.parse::<Timestamp>().ok());
        let time = time.ok_or(Refusal::NoTime)?;
        let error = error_code(record);
        let told = Counts::of_record(record).map_err(Refusal::BadCount)?;
        let mut broken = Vec::new();
        let mut inner = std::mem::take(&mut self.inner);
        let call = id.as_deref().unwrap_or_default();
        let prompt =
            body(record, &INPUT, call, offload, &mut inner, &mut broken, |body| prompt::read(body, &mut self.memory));
        let answer = body(record, &OUTPUT, call, offload, &mut inner, &mut broken, |body| {
            answer::read(body, &mut self.memory.names)
        });
        self.inner = inner;
        let (has_body, has_answer) = (prompt.is_some(), answer.is_some());
        let (prompt, answer): (Prompt, Answer) = (prompt.unwrap_or_default(), answer.unwrap_or_default());
        let counts = told.or_body(&answer.counts);
        if counts.are_unknown() && error.is_none() {
            return Err(Refusal::NoCounts);
        }
        let region = trimmed(record, "region");
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
            caller: self.caller(record, &model_id),
            mode: own_mode.or(answer.mode).or(prompt.mode),
            streaming: trimmed(record, "operation").is_some_and(|name| name.ends_with("Stream")),
            tokens: counts.tokens(prompt.ttl.unwrap_or(Ttl::FiveMinutes)),
            error: error.map(|code| self.memory.names.get(&code)),
            output_form: if has_answer { answer.form(&prompt.prefill) } else { OutputForm::Unknown },
            output_limit: prompt.output_limit,
            stop_reason: answer.stop_reason,
            latency_ms: answer.latency_ms,
            tools_called: answer.tools,
            chain: Chain { opens: answer.opens, continues: prompt.continues },
            has_body,
            segments: prompt.segments,
        };
        Ok((request, broken))
    }

    /// The record's account, else the folder's. A tool that made it a number has dropped its leading zeros.
    fn account(&mut self, record: Value<'_>, place: &Place) -> Result<AccountId, Refusal> {
        let named = match record.get("accountId").and_then(Value::number) {
            Some(digits) => Some(Cow::from(format!("{digits:0>12}"))),
            None => trimmed(record, "accountId"),
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
    fn caller(&mut self, record: Value<'_>, model_id: &str) -> Caller {
        let named = self.keys.iter().find_map(|key| match key {
            CallerKey::RequestMetadata(key) => {
                let value = text_of(record.get("requestMetadata")?, key)?.get();
                Some(self.callers.get(&format!("{key}={value}"), || Caller::from_metadata(key, &value)))
            }
            CallerKey::ApplicationInferenceProfile => Caller::from_profile_arn(model_id),
            CallerKey::IamPrincipal => {
                let arn = text_of(record.get("identity")?, "arn")?.get();
                self.principals.get(&arn, || Caller::from_principal_arn(&arn))
            }
            CallerKey::Tag(_) | CallerKey::CostCategory(_) => None,
        });
        named.unwrap_or_else(|| self.callers.get(Caller::UNATTRIBUTED, || Caller::from(Caller::UNATTRIBUTED)))
    }
}

/// The error code. One that is no word would be somebody's text: it is kept as a fact without its words.
fn error_code(record: Value<'_>) -> Option<Cow<'_, str>> {
    let code = record.get("errorCode").filter(|code| !code.is_null())?;
    let Some(text) = code.text() else { return Some("error".into()) };
    let text = text.get();
    match text.trim() {
        "" => None,
        code => Some(word(code).unwrap_or("error").to_owned().into()),
    }
}

/// The count that stands twice in a record, by its name: which of the two is billed cannot be told.
pub(crate) fn repeated_key(record: Value<'_>) -> Option<&'static str> {
    const COUNTS: [(&str, &str, &str); 4] = [
        ("input", "inputTokenCount", "input.inputTokenCount"),
        ("input", "cacheReadInputTokenCount", "input.cacheReadInputTokenCount"),
        ("input", "cacheWriteInputTokenCount", "input.cacheWriteInputTokenCount"),
        ("output", "outputTokenCount", "output.outputTokenCount"),
    ];
    const KEYS: [&str; 5] = ["modelId", "requestId", "timestamp", "input", "output"];
    let twice = |object: Value<'_>, key: &str| object.entries().filter(|(name, _)| name.is(key)).count() > 1;
    KEYS.into_iter().find(|key| twice(record, key)).or_else(|| {
        let count = COUNTS.iter().find(|(part, key, _)| record.get(part).is_some_and(|part| twice(part, key)));
        count.map(|(_, _, name)| *name)
    })
}

/// A name for a record without a request id: the same whenever the same line is read.
fn unnamed(record: Value<'_>, line: u64) -> String {
    format!("unnamed-{:032x}-{line}", plain(record.raw().as_bytes()))
}

/// Where a body stands in a record.
struct Side {
    name: &'static str,
    body: &'static str,
    path: &'static str,
}

const INPUT: Side = Side { name: "input", body: "inputBodyJson", path: "inputBodyS3Path" };
const OUTPUT: Side = Side { name: "output", body: "outputBodyJson", path: "outputBodyS3Path" };

/// Reads a body, wherever it is: in the record, in the record as a text of its own, or delivered apart.
fn body<T>(
    record: Value<'_>,
    side: &Side,
    call: &str,
    offload: &Offload,
    inner: &mut Inner,
    broken: &mut Vec<Broken>,
    read: impl FnOnce(Value<'_>) -> T,
) -> Option<T> {
    let part = record.get(side.name)?;
    let Inner { tape, text } = inner;
    match part.get(side.body).map(|body| (body, body.kind())) {
        None | Some((_, Kind::Null)) => {
            let told = trimmed(part, side.path);
            match offload.body(told.as_deref(), call, side.name, text).and_then(|found| {
                found.map(|file| tape.read_all(text).map(read).map_err(|_| Broken::not_json(file))).transpose()
            }) {
                Ok(found) => found,
                Err(fault) => {
                    broken.push(fault);
                    None
                }
            }
        }
        Some((body, Kind::Text)) => tape.read_inner(body.text()?, text).ok().map(read),
        Some((body, _)) => Some(read(body)),
    }
}
