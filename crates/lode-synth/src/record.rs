//! One call as a record of the model invocation log, schema version 1.0 (AWS' model-invocation-logging page and
//! records published with public log parsers, 2024 to 2026).

use serde_json::{Value, json};

use crate::apps::{ALL, App, Operation, REGION};
use crate::cache::Split;
use crate::call::{Block, Call, Content, Message, Mode, Prompt, Ttl};
use crate::month::day_of;
use crate::prices::OPUS;
use crate::{guardrails, text};

/// Above this many bytes a body is kept beside the log.
const LARGEST_BODY: usize = 100_000;

/// A record, and the input body that is kept beside it, if it is too large.
pub(crate) struct Record {
    pub line: String,
    pub beside: Option<String>,
}

/// Id of a call: unique in the estate, and the same with and without its habit.
pub(crate) fn request_id(call: &Call, seed: u64) -> String {
    format!("{:08x}-{:04x}-4000-8000-{:012x}", seed & 0xffff_ffff, call.app, call.number)
}

/// The format of bodies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Converse,
    Anthropic,
    Nova,
}

/// What the log says of a call; `folder` is where bodies beside the log go, as an S3 address.
pub(crate) fn record(call: &Call, split: &Split, seed: u64, folder: &str) -> Record {
    let app = &ALL[call.app];
    let id = request_id(call, seed);
    let (operation, format) = operation_of(app, call);
    let time = jiff::Timestamp::from_second(call.time).unwrap_or_default();
    let mut input = json!({
        "cacheReadInputTokenCount": split.read,
        "cacheWriteInputTokenCount": split.write_5m + split.write_1h,
        "inputContentType": "application/json",
        "inputTokenCount": split.input,
    });
    let mut output = json!({
        "outputContentType": "application/json",
        "outputTokenCount": call.answer.tokens(),
    });
    let mut beside = None;
    if let Prompt::Full { tools, system, messages } = &call.prompt {
        let body = text::sorted(match format {
            Format::Anthropic => anthropic_input(call, tools, system, messages),
            Format::Converse | Format::Nova => converse_input(call, tools, system, messages),
        });
        let size = body.to_string();
        if size.len() > LARGEST_BODY {
            input["inputBodyS3Path"] = json!(format!("{folder}/data/{id}_input.json.gz"));
            beside = Some(size);
        } else {
            input["inputBodyJson"] = body;
        }
        output["outputBodyJson"] = match (format, operation) {
            (Format::Anthropic, Operation::InvokeStream) => anthropic_events(call, split),
            (Format::Anthropic, _) => anthropic_output(call, split),
            (Format::Converse, _) => converse_output(call, split),
            (Format::Nova, _) => nova_output(call, split),
        };
    }
    let mut record = json!({
        "accountId": app.account,
        "identity": {"arn": principal(app, day_of(call.time))},
        "input": input,
        "modelId": model_id(app, call),
        "operation": name_of(operation),
        "output": output,
        "region": REGION,
        "requestId": id,
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": time.to_string(),
    });
    if call.global {
        record["inferenceRegion"] = json!("us-east-2");
    }
    Record { line: text::sorted(record).to_string(), beside }
}

/// The caller's session, a new one every day.
pub(crate) fn principal(app: &App, day: i64) -> String {
    format!("arn:aws:sts::{}:assumed-role/{}/day-{:02}", app.account, app.role, day + 1)
}

/// The ARN of what an app calls instead of a model.
pub(crate) fn through(app: &App) -> Option<String> {
    app.through.map(|path| format!("arn:aws:bedrock:{REGION}:{}:{path}", app.account))
}

/// Whether a call goes through what its app calls through: a model unit serves its own calls alone, and a profile is
/// one of its model at the global price.
pub(crate) fn goes_through(app: &App, model: &str, global: bool, mode: Mode) -> bool {
    app.through.is_some_and(|path| {
        if path.starts_with("provisioned-model/") { mode == Mode::Provisioned } else { global && model == OPUS.id }
    })
}

fn model_id(app: &App, call: &Call) -> String {
    let arn = through(app).filter(|_| goes_through(app, call.model.id, call.global, call.mode));
    arn.unwrap_or_else(|| call.model.called(call.global))
}

/// Operation and body format; a model whose own format is not spoken here is called by Converse.
fn operation_of(app: &App, call: &Call) -> (Operation, Format) {
    let own = match call.model.id.split('.').next() {
        Some("anthropic") => Some(Format::Anthropic),
        Some("amazon") => Some(Format::Nova),
        _ => None,
    };
    match (app.operation, own) {
        (Operation::Converse | Operation::ConverseStream, _) => (app.operation, Format::Converse),
        (Operation::Invoke, Some(format)) => (Operation::Invoke, format),
        (Operation::InvokeStream, Some(Format::Anthropic)) => (Operation::InvokeStream, Format::Anthropic),
        (Operation::Invoke, None) => (Operation::Converse, Format::Converse),
        (Operation::InvokeStream, _) => (Operation::ConverseStream, Format::Converse),
    }
}

const fn name_of(operation: Operation) -> &'static str {
    match operation {
        Operation::Converse => "Converse",
        Operation::ConverseStream => "ConverseStream",
        Operation::Invoke => "InvokeModel",
        Operation::InvokeStream => "InvokeModelWithResponseStream",
    }
}

const fn ttl_name(ttl: Ttl) -> &'static str {
    match ttl {
        Ttl::FiveMinutes => "5m",
        Ttl::OneHour => "1h",
    }
}

const fn role_of(message: &Message) -> &'static str {
    if message.assistant { "assistant" } else { "user" }
}

// Converse, and Nova's own format, which is like it.

fn converse_input(call: &Call, tools: &[Block], system: &[Block], messages: &[Message]) -> Value {
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| json!({"content": converse_blocks(&message.blocks), "role": role_of(message)}))
        .collect();
    let mut body = json!({
        "inferenceConfig": {"maxTokens": call.max_output},
        "messages": messages,
    });
    if !system.is_empty() {
        body["system"] = json!(converse_blocks(system));
    }
    if !tools.is_empty() {
        body["toolConfig"] = json!({"tools": converse_blocks(tools)});
    }
    name_mode(call, &mut body);
    if let Some(guard) = &call.guard {
        body["guardrailConfig"] = guardrails::config(guard);
    }
    body
}

/// The tier or the latency asked for, which the answer names again.
fn name_mode(call: &Call, body: &mut Value) {
    match call.mode {
        Mode::Flex => body["serviceTier"] = json!({"type": "flex"}),
        Mode::Priority => body["serviceTier"] = json!({"type": "priority"}),
        Mode::LatencyOptimized => body["performanceConfig"] = json!({"latency": "optimized"}),
        Mode::Standard | Mode::Batch | Mode::Provisioned => {}
    }
}

fn converse_blocks(blocks: &[Block]) -> Vec<Value> {
    let mut values = Vec::new();
    for block in blocks {
        values.push(converse_content(&block.content));
        match block.marker {
            None => {}
            Some(Ttl::FiveMinutes) => values.push(json!({"cachePoint": {"type": "default"}})),
            Some(ttl) => values.push(json!({"cachePoint": {"ttl": ttl_name(ttl), "type": "default"}})),
        }
    }
    values
}

fn converse_content(content: &Content) -> Value {
    match content {
        Content::Tool(tool) => json!({"toolSpec": text::tool(tool, false)}),
        Content::Text(_) | Content::Passage(..) | Content::Json(..) | Content::Examples(..) => {
            json!({"text": text::words(content)})
        }
        Content::Guarded(_) => json!({"guardContent": {"text": {"text": text::words(content)}}}),
        Content::ToolUse(name, piece, id) => json!({"toolUse": {
            "input": text::tool_input(name, piece), "name": name, "toolUseId": format!("tooluse_{id:08}")}}),
        Content::ToolResult(piece, id) => json!({"toolResult": {
            "content": [{"text": text::of(piece)}], "status": "success", "toolUseId": format!("tooluse_{id:08}")}}),
    }
}

/// `max_tokens` where the answer fills its limit, as when it was cut. AWS' word for an unusable tool call is that of the
/// Converse API (model of 2026-08).
fn stop_reason(call: &Call) -> &'static str {
    match call.answer {
        Content::ToolUse(..) => "tool_use",
        _ if call.malformed => "malformed_tool_use",
        _ if call.answer.tokens() >= u64::from(call.max_output) => "max_tokens",
        _ => "end_turn",
    }
}

fn converse_output(call: &Call, split: &Split) -> Value {
    let output = call.answer.tokens();
    let mut usage = json!({
        "cacheReadInputTokens": split.read,
        "cacheWriteInputTokens": split.write_5m + split.write_1h,
        "inputTokens": split.input,
        "outputTokens": output,
        "totalTokens": call.prompt_tokens() + output,
    });
    let details: Vec<Value> = [("1h", split.write_1h), ("5m", split.write_5m)]
        .into_iter()
        .filter(|(_, tokens)| *tokens > 0)
        .map(|(ttl, tokens)| json!({"inputTokens": tokens, "ttl": ttl}))
        .collect();
    if !details.is_empty() {
        usage["cacheDetails"] = Value::Array(details);
    }
    let mut body = json!({
        "metrics": {"latencyMs": call.latency_ms()},
        "output": {"message": {"content": [converse_content(&call.answer)], "role": "assistant"}},
        "stopReason": stop_reason(call),
        "usage": usage,
    });
    name_mode(call, &mut body);
    if let Some(guard) = &call.guard {
        body["trace"] = guardrails::trace(guard, call);
    }
    body
}

fn nova_output(call: &Call, split: &Split) -> Value {
    let output = call.answer.tokens();
    json!({
        "output": {"message": {"content": [converse_content(&call.answer)], "role": "assistant"}},
        "stopReason": stop_reason(call),
        "usage": {
            "cacheReadInputTokenCount": split.read,
            "cacheWriteInputTokenCount": split.write_5m + split.write_1h,
            "inputTokens": split.input,
            "outputTokens": output,
            "totalTokens": call.prompt_tokens() + output,
        },
    })
}

// Anthropic's format.

fn anthropic_input(call: &Call, tools: &[Block], system: &[Block], messages: &[Message]) -> Value {
    let messages: Vec<Value> = messages
        .iter()
        .map(|message| json!({"content": anthropic_blocks(&message.blocks), "role": role_of(message)}))
        .collect();
    let mut body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": call.max_output,
        "messages": messages,
    });
    if !system.is_empty() {
        body["system"] = anthropic_blocks(system);
    }
    if !tools.is_empty() {
        body["tools"] = Value::Array(tools.iter().map(anthropic_block).collect());
    }
    body
}

/// One text without a marker is a plain string.
fn anthropic_blocks(blocks: &[Block]) -> Value {
    match blocks {
        [Block { content: Content::Text(piece), marker: None }] => json!(text::of(piece)),
        _ => Value::Array(blocks.iter().map(anthropic_block).collect()),
    }
}

fn anthropic_block(block: &Block) -> Value {
    let mut value = anthropic_content(&block.content);
    match block.marker {
        None => {}
        Some(Ttl::FiveMinutes) => value["cache_control"] = json!({"type": "ephemeral"}),
        Some(ttl) => value["cache_control"] = json!({"ttl": ttl_name(ttl), "type": "ephemeral"}),
    }
    value
}

fn anthropic_content(content: &Content) -> Value {
    match content {
        Content::Tool(tool) => text::tool(tool, true),
        // Only Converse has a block for what a guardrail sees, and guarded apps speak nothing else.
        Content::Text(_) | Content::Guarded(_) | Content::Passage(..) | Content::Json(..) | Content::Examples(..) => {
            json!({"text": text::words(content), "type": "text"})
        }
        Content::ToolUse(name, piece, id) => json!({
            "id": format!("toolu_{id:08}"), "input": text::tool_input(name, piece), "name": name, "type": "tool_use"}),
        Content::ToolResult(piece, id) => json!({
            "content": text::of(piece), "tool_use_id": format!("toolu_{id:08}"), "type": "tool_result"}),
    }
}

fn anthropic_usage(split: &Split, output: u64) -> Value {
    json!({
        "cache_creation": {
            "ephemeral_1h_input_tokens": split.write_1h,
            "ephemeral_5m_input_tokens": split.write_5m,
        },
        "cache_creation_input_tokens": split.write_5m + split.write_1h,
        "cache_read_input_tokens": split.read,
        "input_tokens": split.input,
        "output_tokens": output,
    })
}

fn anthropic_output(call: &Call, split: &Split) -> Value {
    json!({
        "content": [anthropic_content(&call.answer)],
        "model": call.model.id.trim_start_matches("anthropic."),
        "role": "assistant",
        "stop_reason": stop_reason(call),
        "type": "message",
        "usage": anthropic_usage(split, call.answer.tokens()),
    })
}

/// The events of a stream; a text comes in one piece.
fn anthropic_events(call: &Call, split: &Split) -> Value {
    let output = call.answer.tokens();
    let answer = match &call.answer {
        Content::Text(piece) => text::of(piece),
        _ => String::new(),
    };
    let metrics = json!({
        "cacheReadInputTokenCount": split.read,
        "cacheWriteInputTokenCount": split.write_5m + split.write_1h,
        "firstByteLatency": 300,
        "inputTokenCount": split.input,
        "invocationLatency": call.latency_ms(),
        "outputTokenCount": output,
    });
    json!([
        {"message": {
            "model": call.model.id.trim_start_matches("anthropic."),
            "role": "assistant",
            "usage": anthropic_usage(split, 1),
        }, "type": "message_start"},
        {"content_block": {"text": "", "type": "text"}, "index": 0, "type": "content_block_start"},
        {"delta": {"text": answer, "type": "text_delta"}, "index": 0, "type": "content_block_delta"},
        {"index": 0, "type": "content_block_stop"},
        {"delta": {"stop_reason": stop_reason(call)}, "type": "message_delta", "usage": {"output_tokens": output}},
        {"amazon-bedrock-invocationMetrics": metrics, "type": "message_stop"},
    ])
}
