//! `modelInput`: what of a logged body can go into a batch job, and what a record must have.
//!
//! Batch takes no tools, no structured output and no cache markers, and a record is answered by itself (AWS User Guide,
//! batch-inference and prompt-caching, copies of 2026-10). Forms: AWS API model of `bedrock-runtime` (Converse) and the
//! makers' pages of the User Guide.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::words::{count, whole};
use crate::{Family, Form};

/// Why a call is left out of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// It failed.
    Failed,
    /// The logs hold no body of it, or one that is cut off or is no JSON.
    NoBody,
    /// Its body was too long for the log, and the file it was put into is not here.
    Apart,
    /// It was made by an operation that batch does not have.
    OtherOperation,
    /// Its body has the other form than the job.
    OtherForm,
    /// The plan has it call another model than the job.
    OtherModel,
    /// Tools are offered.
    Tools,
    /// Tool calls or their results are in the prompt.
    ToolResults,
    /// The answer is bound to a schema, or to JSON.
    SchemaBound,
    /// It asks for a guardrail.
    Guardrail,
    /// Its text is a prompt that is kept in Bedrock.
    StoredPrompt,
    /// Images, documents or video are in S3, not in the body.
    Media,
    /// Its record would lack a field or have one that batch does not take.
    Incomplete,
}

impl LeftOut {
    /// Every reason, in order.
    pub const ALL: [Self; 13] = [
        Self::Failed,
        Self::NoBody,
        Self::Apart,
        Self::OtherOperation,
        Self::OtherForm,
        Self::OtherModel,
        Self::Tools,
        Self::ToolResults,
        Self::SchemaBound,
        Self::Guardrail,
        Self::StoredPrompt,
        Self::Media,
        Self::Incomplete,
    ];

    /// Its word in the manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NoBody => "no_body",
            Self::Apart => "body_not_here",
            Self::OtherOperation => "other_operation",
            Self::OtherForm => "other_form",
            Self::OtherModel => "other_model",
            Self::Tools => "tools",
            Self::ToolResults => "tool_results",
            Self::SchemaBound => "structured_output",
            Self::Guardrail => "guardrail",
            Self::StoredPrompt => "stored_prompt",
            Self::Media => "media_in_s3",
            Self::Incomplete => "incomplete",
        }
    }

    /// In words, to stand after "calls": `that failed`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Failed => "that failed",
            Self::NoBody => "without a whole body in the logs given",
            Self::Apart => "whose body is over 100 KB and not in the data/ folder beside its log",
            Self::OtherOperation => "of an operation that batch does not have",
            Self::OtherForm => "whose body has the other form (one job has one form; --form picks it)",
            Self::OtherModel => "that the plan has on another model than most",
            Self::Tools => "that offer tools",
            Self::ToolResults => "with tool calls or their results in the prompt",
            Self::SchemaBound => "bound to structured output",
            Self::Guardrail => "that ask for a guardrail, of which AWS does not say that batch applies it",
            Self::StoredPrompt => "whose text is a prompt kept in Bedrock",
            Self::Media => "with images, documents or video that are in S3",
            Self::Incomplete => "that lack a field every record needs",
        }
    }
}

/// What was taken out of bodies that are sent without it, with how many there were.
pub(crate) type Removed = BTreeMap<&'static str, u64>;

/// How cache markers are called where removals are counted.
pub(crate) const MARKERS: &str = "cache markers";

/// Fields of Converse that batch can take; of the others, those below are told by name.
const OF_CONVERSE: [&str; 6] = [
    "messages",
    "system",
    "inferenceConfig",
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "outputConfig",
];

/// Fields that say how a call is made, not what it says: they have no place in a record.
const HOW: [(&str, &str); 8] = [
    ("stream", "streaming flags"),
    ("stream_options", "streaming flags"),
    ("service_tier", "service tiers"),
    ("serviceTier", "service tiers"),
    ("performanceConfig", "latency settings"),
    ("requestMetadata", "request metadata"),
    ("modelId", "model ids"),
    ("model_id", "model ids"),
];

const TOOLS: [&str; 7] =
    ["tools", "toolConfig", "tool_choice", "toolChoice", "functions", "function_call", "mcp_servers"];

/// Keys under which formats of the answer stand: in the body, or below another key of it.
const FORMATS: [(Option<&str>, &str); 5] = [
    (Some("outputConfig"), "textFormat"),
    (Some("output_config"), "format"),
    (None, "output_format"),
    (None, "response_format"),
    (Some("text"), "format"),
];

/// The fields of one level that Converse hands on to the model as they are.
const HANDED_ON: &str = "additionalModelRequestFields";

/// Takes out of a logged body what batch cannot have and the answer does not depend on.
///
/// # Errors
/// Where what batch cannot have is what the call is about.
pub(crate) fn clean(
    form: Form,
    mut body: Map<String, Value>,
    removed: &mut Removed,
) -> Result<Map<String, Value>, LeftOut> {
    if has_tools(&body) {
        return Err(LeftOut::Tools);
    }
    if blocks(&body).any(is_tool_block) || messages(&body).any(is_tool_message) {
        return Err(LeftOut::ToolResults);
    }
    if is_bound(&body) {
        return Err(LeftOut::SchemaBound);
    }
    if ["guardrailConfig", "amazon-bedrock-guardrailConfig"].iter().any(|key| is_there(body.get(*key)))
        || blocks(&body).any(|block| block.get("guardContent").is_some())
    {
        return Err(LeftOut::Guardrail);
    }
    if is_there(body.get("promptVariables")) {
        return Err(LeftOut::StoredPrompt);
    }
    if blocks(&body).any(is_in_s3) {
        return Err(LeftOut::Media);
    }
    for (key, name) in HOW {
        if body.remove(key).is_some() {
            *removed.entry(name).or_default() += 1;
        }
    }
    for key in TOOLS {
        // Empty, as was seen above.
        body.remove(key);
    }
    drop_formats(&mut body, removed);
    if form == Form::Converse {
        let before = body.len();
        body.retain(|key, _| OF_CONVERSE.contains(&key.as_str()));
        if body.len() < before {
            *removed.entry("fields that Converse does not have").or_default() += (before - body.len()) as u64;
        }
    }
    let markers = drop_markers(&mut body);
    if markers > 0 {
        *removed.entry(MARKERS).or_default() += markers;
    }
    Ok(body)
}

/// Whether a value says anything: `null` and what is empty do not.
fn is_there(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    }
}

fn levels(body: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    std::iter::once(body).chain(body.get(HANDED_ON).and_then(Value::as_object))
}

fn has_tools(body: &Map<String, Value>) -> bool {
    levels(body).any(|fields| TOOLS.iter().any(|key| is_there(fields.get(*key))))
}

fn format_in<'a>(fields: &'a Map<String, Value>, (holder, key): (Option<&str>, &str)) -> Option<&'a Value> {
    match holder {
        Some(holder) => fields.get(holder)?.get(key),
        None => fields.get(key),
    }
}

/// Whether the answer must be JSON. Any type but plain text counts: what is not known here may be refused there.
fn is_bound(body: &Map<String, Value>) -> bool {
    let formats = levels(body).flat_map(|fields| FORMATS.into_iter().filter_map(|place| format_in(fields, place)));
    { formats }.any(|format| is_there(Some(format)) && format.get("type").and_then(Value::as_str) != Some("text"))
}

/// Formats that bind nothing are taken out too: batch takes none.
fn drop_formats(body: &mut Map<String, Value>, removed: &mut Removed) {
    fn of(fields: &mut Map<String, Value>) -> u64 {
        let mut dropped = 0;
        for (holder, key) in FORMATS {
            let Some(holder) = holder else {
                dropped += u64::from(fields.remove(key).is_some());
                continue;
            };
            let Some(Value::Object(inner)) = fields.get_mut(holder) else { continue };
            if inner.remove(key).is_some() {
                dropped += 1;
                if inner.is_empty() {
                    fields.remove(holder);
                }
            }
        }
        dropped
    }
    let mut dropped = of(body);
    if let Some(Value::Object(fields)) = body.get_mut(HANDED_ON) {
        dropped += of(fields);
    }
    if dropped > 0 {
        *removed.entry("output formats of plain text").or_default() += dropped;
    }
}

fn list<'a>(value: Option<&'a Value>) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn messages(body: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    list(body.get("messages")).chain(list(body.get("input")))
}

/// The content blocks of the prompt, system and messages.
fn blocks(body: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    list(body.get("system")).chain(messages(body).flat_map(|message| list(message.get("content"))))
}

fn is_tool_block(block: &Value) -> bool {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
    ["toolUse", "toolResult"].iter().any(|key| block.get(key).is_some())
        || kind.contains("tool_use")
        || kind.contains("tool_result")
}

fn is_tool_message(message: &Value) -> bool {
    let word = |key| message.get(key).and_then(Value::as_str).unwrap_or_default();
    matches!(word("role"), "tool" | "function")
        || word("type").starts_with("function_call")
        || is_there(message.get("tool_calls"))
}

/// Whether something in a block stands for a file in S3: the log's own pointer, or the caller's.
fn is_in_s3(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| matches!(key.as_str(), "s3Uri" | "s3Location") || is_in_s3(value))
        }
        Value::Array(items) => items.iter().any(is_in_s3),
        _ => false,
    }
}

const MARKER_KEYS: [&str; 2] = ["cachePoint", "cache_control"];

/// Takes cache markers out of a body, from where the forms have them, and says how many. A block that is a marker and
/// nothing else goes.
fn drop_markers(body: &mut Map<String, Value>) -> u64 {
    fn of(value: &mut Value) -> u64 {
        match value {
            Value::Object(fields) => {
                let own = MARKER_KEYS.iter().filter(|key| fields.remove(**key).is_some()).count() as u64;
                own + fields.get_mut("content").map_or(0, of)
            }
            Value::Array(items) => {
                let dropped = items.iter_mut().map(of).sum();
                items.retain(|item| item.as_object().is_none_or(|fields| !fields.is_empty()));
                dropped
            }
            _ => 0,
        }
    }
    let own = MARKER_KEYS.iter().filter(|key| body.remove(**key).is_some()).count() as u64;
    own + ["system", "messages", "input"].iter().filter_map(|key| body.get_mut(*key).map(of)).sum::<u64>()
}

/// What is wrong with a record. No text of it is in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Nothing on the line.
    Empty,
    /// Not UTF-8, or no JSON, or nested too deep.
    NotJson,
    /// JSON, and no object.
    NotAnObject,
    /// No `recordId`: Bedrock makes one up, and no answer can be told from another.
    NoRecordId,
    /// A `recordId` of other characters than letters, digits, `-` and `_`, or none.
    RecordId,
    /// A `recordId` that an earlier line has.
    Twice,
    /// No `modelInput`, or one that is no object.
    NoInput,
    /// A required field is missing or of another type.
    Missing(&'static str),
    /// Streaming is asked for.
    Stream,
    /// Tools are offered, or tool calls or results are in the prompt.
    Tools,
    /// The answer is given a format.
    OutputFormat,
    /// A cache marker.
    CacheMarker,
    /// More records than a file may have: so many at most.
    FileRecords(u64),
    /// More bytes than a file may have.
    FileBytes(u64),
    /// More records than a job may have.
    JobRecords(u64),
    /// More bytes than a job may have.
    JobBytes(u64),
    /// Fewer records than a job must have.
    TooFew {
        /// So many there are.
        found: u64,
        /// So many there must be.
        least: u64,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty line; expected a record"),
            Self::NotJson => f.write_str("no JSON; expected {\"recordId\": …, \"modelInput\": {…}} on one line"),
            Self::NotAnObject => f.write_str("JSON that is no object; expected {\"recordId\": …, \"modelInput\": {…}}"),
            Self::NoRecordId => f.write_str("no recordId; the answers come in any order and are told by it"),
            Self::RecordId => f.write_str("a recordId that is not a text of letters, digits, - and _"),
            Self::Twice => f.write_str("a recordId that an earlier record has"),
            Self::NoInput => f.write_str("no modelInput, or one that is no object"),
            Self::Missing(field) => write!(f, "modelInput lacks {field}"),
            Self::Stream => f.write_str("a streaming flag, which batch does not take"),
            Self::Tools => f.write_str("tools or tool results, which batch does not take"),
            Self::OutputFormat => f.write_str("an output format, which batch does not take"),
            Self::CacheMarker => f.write_str("a cache marker, which batch does not take"),
            Self::FileRecords(most) => write!(f, "more than {} in a file", count(*most, "record")),
            Self::FileBytes(most) => write!(f, "more than {} in a file", count(*most, "byte")),
            Self::JobRecords(most) => write!(f, "more than {} in a job", count(*most, "record")),
            Self::JobBytes(most) => write!(f, "more than {} in a job", count(*most, "byte")),
            Self::TooFew { found, least } => {
                write!(f, "{} in a job, which needs {}", count(*found, "record"), whole(*least))
            }
        }
    }
}

/// What is wrong with a `modelInput`. Without a form, only what no form may have.
pub(crate) fn faults(form: Option<Form>, family: Family, input: &Map<String, Value>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut need = |field: &'static str, has: bool| {
        if !has {
            faults.push(Fault::Missing(field));
        }
    };
    let text = |key: &str| input.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let list = |key: &str| input.get(key).and_then(Value::as_array).is_some_and(|items| !items.is_empty());
    match (form, family) {
        (Some(Form::Converse), _) | (Some(Form::InvokeModel), Family::Nova) => need("messages", list("messages")),
        (Some(Form::InvokeModel), Family::Claude) => {
            need("anthropic_version", text("anthropic_version"));
            need("max_tokens", input.get("max_tokens").and_then(Value::as_u64).is_some_and(|most| most > 0));
            need("messages", list("messages"));
        }
        (Some(Form::InvokeModel), Family::Llama) => need("prompt", text("prompt")),
        (Some(Form::InvokeModel), Family::Titan) => {
            need("inputText or inputImage", text("inputText") || text("inputImage"))
        }
        (Some(Form::InvokeModel), Family::Other) => {
            let keys = ["messages", "prompt", "input", "inputText", "texts", "taskType"];
            need("messages, prompt or input", keys.iter().any(|key| is_there(input.get(*key))));
        }
        (None, _) => {}
    }
    if list("messages") {
        let whole = |message: &Value| {
            message.get("role").is_some_and(Value::is_string)
                && match message.get("content") {
                    Some(Value::String(text)) => form != Some(Form::Converse) && !text.is_empty(),
                    content => is_there(content),
                }
        };
        need("role or content of a message", messages(input).all(whole));
    }
    if ["stream", "stream_options"].iter().any(|key| input.contains_key(*key)) {
        faults.push(Fault::Stream);
    }
    let offered = levels(input).any(|fields| TOOLS.iter().any(|key| fields.contains_key(*key)));
    if offered || blocks(input).any(is_tool_block) || messages(input).any(is_tool_message) {
        faults.push(Fault::Tools);
    }
    if levels(input).any(|fields| FORMATS.into_iter().any(|place| format_in(fields, place).is_some())) {
        faults.push(Fault::OutputFormat);
    }
    if input.iter().any(|(key, value)| MARKER_KEYS.contains(&key.as_str()) || has_marker(value)) {
        faults.push(Fault::CacheMarker);
    }
    faults
}

/// Whether a cache marker stands anywhere in a value: the checker takes no form's word for where they can be.
fn has_marker(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| MARKER_KEYS.contains(&key.as_str()) || has_marker(value))
        }
        Value::Array(items) => items.iter().any(has_marker),
        _ => false,
    }
}
