//! One record of a log becomes one request, or a refusal that says what is wrong with it.
//!
//! Fields: AWS User Guide, model-invocation-logging (copy of 2026-10), and delivered records of 2024 to 2026. Every
//! field may be absent, unknown ones are passed over.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use lode_model::{AccountId, Caller, CallerKey, Mode, ModelId, OutputForm, Region, Request, Routing, Ttl};
use serde_json::Value;

use crate::answer::{self, Answer, word};
use crate::count::Counts;
use crate::hash::plain;
use crate::model_id::called;
use crate::offload::{Broken, Offload};
use crate::place::Place;
use crate::prompt::{self, Prompt};
use crate::segments::Names;

/// A request, and what of it was there.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) request: Request,
    pub(crate) has_input_body: bool,
}

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

/// Values that repeat from record to record, kept once.
struct Pool<T>(BTreeMap<String, T>);

impl<T: Clone> Pool<T> {
    fn get(&mut self, text: &str, make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new = make();
        self.0.insert(text.to_owned(), new.clone());
        new
    }
}

/// What is needed to read records, whichever file they are in.
pub(crate) struct Reading {
    keys: Vec<CallerKey>,
    names: Names,
    accounts: Pool<AccountId>,
    regions: Pool<Region>,
    models: Pool<(ModelId, Routing, Option<Mode>)>,
    callers: Pool<Caller>,
}

/// The bodies of a record, and those that are there and cannot be read.
struct Bodies<'a> {
    input: Option<Cow<'a, Value>>,
    output: Option<Cow<'a, Value>>,
    broken: Vec<Broken>,
}

impl Reading {
    pub(crate) fn new(keys: Vec<CallerKey>) -> Self {
        Self {
            keys,
            names: Names::default(),
            accounts: Pool(BTreeMap::new()),
            regions: Pool(BTreeMap::new()),
            models: Pool(BTreeMap::new()),
            callers: Pool(BTreeMap::new()),
        }
    }

    /// Reads a record. `line` names a record without a request id. Broken body files come back beside the request:
    /// they cost it nothing but its segments.
    pub(crate) fn read(
        &mut self,
        record: &Value,
        line: u64,
        place: &Place,
        offload: &Offload,
    ) -> Result<(Read, Vec<Broken>), Refusal> {
        let id = text(record, "requestId");
        let Some(model_id) = text(record, "modelId") else { return Err(Refusal::NoModel) };
        let account = self.account(record, place)?;
        let time = text(record, "timestamp").and_then(|time| time.parse::<Timestamp>().ok()).ok_or(Refusal::NoTime)?;
        let error = error_code(record);
        let told = Counts::of_record(record).map_err(Refusal::BadCount)?;
        let Bodies { input, output, broken } = bodies(record, id, offload);
        let prompt = input.as_deref().map_or_else(Prompt::default, |body| prompt::read(body, &mut self.names));
        let answer = output.as_deref().map_or_else(Answer::default, |body| answer::read(body, &mut self.names));
        let counts = told.or_body(&answer.counts);
        if counts.are_unknown() && error.is_none() {
            return Err(Refusal::NoCounts);
        }
        let region = text(record, "region").or(place.region.as_deref()).unwrap_or("unknown");
        let (model, routing, own_mode) = self.models.get(model_id, || {
            let called = called(model_id);
            (ModelId::from(called.model.as_str()), called.routing, called.mode)
        });
        let request = Request {
            id: id.map_or_else(|| unnamed(record, line).into(), Into::into),
            time,
            account,
            region: self.regions.get(region, || Region::from(region)),
            model,
            routing,
            caller: self.caller(record, model_id),
            mode: own_mode.or(answer.mode).or(prompt.mode),
            streaming: text(record, "operation").is_some_and(|name| name.ends_with("Stream")),
            tokens: counts.tokens(prompt.ttl.unwrap_or(Ttl::FiveMinutes)),
            error: error.map(|code| self.names.get(code)),
            output_form: if output.is_some() { answer.form(&prompt.prefill) } else { OutputForm::Unknown },
            output_limit: prompt.output_limit,
            stop_reason: answer.stop_reason,
            latency_ms: answer.latency_ms,
            tools_called: answer.tools,
            segments: prompt.segments,
        };
        Ok((Read { request, has_input_body: input.is_some() }, broken))
    }

    /// The record's account, else the folder's. A tool that made it a number has dropped its leading zeros.
    fn account(&mut self, record: &Value, place: &Place) -> Result<AccountId, Refusal> {
        let named = match record.get("accountId") {
            Some(Value::Number(number)) => Some(Cow::from(format!("{:0>12}", number.to_string()))),
            _ => text(record, "accountId").map(Cow::from),
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
    fn caller(&mut self, record: &Value, model_id: &str) -> Caller {
        let named = self.keys.iter().find_map(|key| match key {
            CallerKey::RequestMetadata(key) => {
                let value = record.get("requestMetadata")?.get(key.as_ref())?.as_str()?;
                Some(Caller::from_metadata(key, value))
            }
            CallerKey::ApplicationInferenceProfile => Caller::from_profile_arn(model_id),
            CallerKey::IamPrincipal => Caller::from_principal_arn(text(record.get("identity")?, "arn")?),
            CallerKey::Tag(_) | CallerKey::CostCategory(_) => None,
        });
        let caller = named.unwrap_or_else(|| Caller::from(Caller::UNATTRIBUTED));
        self.callers.get(caller.as_str(), || caller.clone())
    }
}

/// A text of a field that is there and not empty.
fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The error code. One that is no word would be somebody's text: it is kept as a fact without its words.
fn error_code(record: &Value) -> Option<&str> {
    match record.get("errorCode")? {
        Value::Null => None,
        Value::String(code) if code.trim().is_empty() => None,
        Value::String(code) => Some(word(code.trim()).unwrap_or("error")),
        _ => Some("error"),
    }
}

/// A name for a record without a request id: the same whenever the same line is read.
fn unnamed(record: &Value, line: u64) -> String {
    let bytes = serde_json::to_vec(record).unwrap_or_default();
    format!("unnamed-{:032x}-{line}", plain(&bytes))
}

fn bodies<'a>(record: &'a Value, id: Option<&str>, offload: &Offload) -> Bodies<'a> {
    let mut broken = Vec::new();
    let mut body = |side: &str, field: &str, path: &str| {
        let part = record.get(side)?;
        match part.get(field) {
            None | Some(Value::Null) => match offload.body(text(part, path), id.unwrap_or_default(), side) {
                Ok(found) => found.map(Cow::Owned),
                Err(fault) => {
                    broken.push(fault);
                    None
                }
            },
            Some(Value::String(json)) => serde_json::from_str(json).ok().map(Cow::Owned),
            Some(body) => Some(Cow::Borrowed(body)),
        }
    };
    let input = body("input", "inputBodyJson", "inputBodyS3Path");
    let output = body("output", "outputBodyJson", "outputBodyS3Path");
    Bodies { input, output, broken }
}
