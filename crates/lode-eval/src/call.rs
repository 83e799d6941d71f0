//! A recorded call as one that can be made again: its conversation, tools and settings out of the request body, the
//! answer that was given out of the response body.
//!
//! Forms: Converse, Anthropic Messages and the like (Nova, OpenAI, Mistral), and prompts that are one text. Shapes: AWS
//! API model of bedrock-runtime and provider pages of the User Guide (copy of 2026-10).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::answer::Answer;

/// The two bodies of a call, JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawCall {
    /// The request body.
    pub request: Option<String>,
    /// The response body.
    pub response: Option<String>,
}

/// Without its text.
impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall").finish_non_exhaustive()
    }
}

/// Why a call cannot be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// Its request body is not there, or is no JSON.
    NoRequest,
    /// Its answer is not there, or holds neither text nor a call of a tool.
    NoAnswer,
    /// It holds an image, a document, audio or video.
    Media,
    /// Its form, or a part of it, is not one that can be sent again.
    Form,
    /// It asks for thinking, for a schema of the answer, or for a tool that the provider runs: what two models do with
    /// that cannot be compared here.
    Setting,
}

impl Skip {
    /// The reason in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoRequest => "no request body in the logs",
            Self::NoAnswer => "no answer in the logs",
            Self::Media => "images, documents, audio or video in the prompt",
            Self::Form => "a form of request that cannot be sent again",
            Self::Setting => "thinking, a schema of the answer, or a tool of the provider",
        }
    }
}

/// A call that can be made again.
pub(crate) struct Call {
    /// Messages as promptfoo's providers take them: role and content, a text or a list of blocks.
    pub(crate) messages: Vec<Value>,
    /// Limit, temperature, tools, by the names of promptfoo's Converse provider.
    pub(crate) config: Map<String, Value>,
    /// What was answered.
    pub(crate) answer: Answer,
}

impl Call {
    /// Reads the bodies of a call.
    pub(crate) fn read(raw: &RawCall) -> Result<Self, Skip> {
        let parsed = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let request = parsed(&raw.request).filter(Value::is_object).ok_or(Skip::NoRequest)?;
        let (messages, config) = read_request(&request)?;
        let answer = parsed(&raw.response).map(|body| Answer::read(&body)).filter(|answer| !answer.is_empty());
        Ok(Self { messages, config, answer: answer.ok_or(Skip::NoAnswer)? })
    }
}

/// Keys whose presence changes what an answer is, in ways that differ from model to model.
const SETTINGS: [&str; 7] = [
    "thinking",
    "reasoning_effort",
    "reasoningConfig",
    "outputConfig",
    "output_config",
    "output_format",
    "response_format",
];

fn read_request(request: &Value) -> Result<(Vec<Value>, Map<String, Value>), Skip> {
    let more = request.get("additionalModelRequestFields").unwrap_or(&Value::Null);
    let asks = |holder: &Value| SETTINGS.iter().any(|key| holder.get(key).is_some_and(|value| !value.is_null()));
    if asks(request) || asks(more) {
        return Err(Skip::Setting);
    }
    let mut messages = Vec::new();
    match request.get("messages").and_then(Value::as_array) {
        Some(turns) => {
            system(request.get("system"), &mut messages)?;
            turns.iter().try_for_each(|turn| message(turn, &mut messages))?;
        }
        // Prompts of Llama, Titan, Mistral, Cohere: one text, with the marks of its model in it.
        None => {
            let keys = ["prompt", "inputText", "message"];
            let only = request.get("chat_history").is_none() && request.get("documents").is_none();
            let text = keys.iter().find_map(|key| request.get(key)?.as_str()).filter(|_| only).ok_or(Skip::Form)?;
            messages.push(json!({"role": "user", "content": text}));
        }
    }
    let is_user = |message: &Value| message.get("role").and_then(Value::as_str) == Some("user");
    // An answer that the caller began is not one that every model can go on with.
    if !messages.last().is_some_and(is_user) {
        return Err(Skip::Form);
    }
    Ok((messages, config(request)?))
}

fn role(holder: &Value) -> &str {
    holder.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Each block of a system prompt is a message of its own, as promptfoo keeps them apart.
fn system(system: Option<&Value>, messages: &mut Vec<Value>) -> Result<(), Skip> {
    let texts = match system {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(blocks)) => texts(blocks)?,
        Some(_) => return Err(Skip::Form),
    };
    messages.extend(texts.into_iter().map(|text| json!({"role": "system", "content": text})));
    Ok(())
}

fn texts(blocks: &[Value]) -> Result<Vec<String>, Skip> {
    let blocks = blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?;
    let text = |block: Value| block.get("text").and_then(Value::as_str).map(str::to_owned).ok_or(Skip::Form);
    blocks.into_iter().flatten().map(text).collect()
}

fn message(turn: &Value, messages: &mut Vec<Value>) -> Result<(), Skip> {
    let role = match role(turn) {
        "system" | "developer" => return system(turn.get("content"), messages),
        role @ ("user" | "assistant") => role,
        _ => return Err(Skip::Form),
    };
    if turn.get("tool_calls").is_some_and(|calls| !calls.is_null()) {
        return Err(Skip::Form);
    }
    let content = match turn.get("content") {
        Some(Value::String(text)) => Value::from(text.as_str()),
        Some(Value::Array(blocks)) => {
            let blocks = blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?;
            let blocks: Vec<Value> = blocks.into_iter().flatten().collect();
            match blocks.as_slice() {
                [] => return Ok(()),
                // One text is a text: every provider takes it.
                [one] if one.get("text").is_some() => one.get("text").cloned().unwrap_or_default(),
                _ => Value::Array(blocks),
            }
        }
        _ => return Err(Skip::Form),
    };
    messages.push(json!({"role": role, "content": content}));
    Ok(())
}

const MEDIA: [&str; 6] = ["image", "document", "video", "audio", "image_url", "input_audio"];

/// A block of content as promptfoo takes it; nothing for marks of a cache and for thoughts of an earlier answer, which
/// a model need not be given again.
fn block(block: &Value) -> Result<Option<Value>, Skip> {
    let text = |text: &str| Ok(Some(json!({"type": "text", "text": text})));
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
    if MEDIA.contains(&kind) || MEDIA.iter().any(|key| block.get(key).is_some()) {
        return Err(Skip::Media);
    }
    if let Some(words) = block.as_str().or_else(|| block.get("text").and_then(Value::as_str)) {
        return text(words);
    }
    let cited = block.get("citationsContent").and_then(|cited| cited.get("content"));
    let guarded = block.get("guardContent").map(|guarded| guarded.get("text").and_then(|text| text.get("text")));
    match kind {
        "thinking" | "redacted_thinking" => return Ok(None),
        "tool_use" => return tool_use(block, "id").map(Some),
        "tool_result" => return tool_result(block, "tool_use_id").map(Some),
        _ => {}
    }
    if let Some(call) = block.get("toolUse") {
        tool_use(call, "toolUseId").map(Some)
    } else if let Some(result) = block.get("toolResult") {
        tool_result(result, "toolUseId").map(Some)
    } else if let Some(parts) = cited.and_then(Value::as_array) {
        text(&texts(parts)?.concat())
    } else if let Some(guarded) = guarded {
        text(guarded.and_then(Value::as_str).ok_or(Skip::Media)?)
    } else if block.get("cachePoint").is_some() || block.get("reasoningContent").is_some() {
        Ok(None)
    } else {
        Err(Skip::Form)
    }
}

fn tool_use(call: &Value, id: &str) -> Result<Value, Skip> {
    let field = |key: &str| call.get(key).and_then(Value::as_str).ok_or(Skip::Form);
    let input = call.get("input").cloned().unwrap_or_else(|| json!({}));
    Ok(json!({"toolUse": {"toolUseId": field(id)?, "name": field("name")?, "input": input}}))
}

fn tool_result(result: &Value, id: &str) -> Result<Value, Skip> {
    let id = result.get(id).and_then(Value::as_str).ok_or(Skip::Form)?;
    let content = match result.get("content") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![json!({"text": text})],
        Some(Value::Array(parts)) => parts.iter().map(result_part).collect::<Result<Vec<_>, _>>()?,
        Some(_) => return Err(Skip::Form),
    };
    let failed = result.get("status").and_then(Value::as_str) == Some("error")
        || result.get("is_error").and_then(Value::as_bool) == Some(true);
    let status = if failed { "error" } else { "success" };
    Ok(json!({"toolResult": {"toolUseId": id, "content": content, "status": status}}))
}

fn result_part(part: &Value) -> Result<Value, Skip> {
    if let Some(data) = part.get("json") {
        return Ok(json!({"json": data}));
    }
    let part = block(part)?.ok_or(Skip::Form)?;
    part.get("text").map(|text| json!({"text": text})).ok_or(Skip::Form)
}

/// Names of a setting in the forms of request, and its name in promptfoo's Converse provider.
const NAMES: [(&str, &[&str]); 4] = [
    (
        "maxTokens",
        &[
            "maxTokens",
            "max_tokens",
            "max_new_tokens",
            "max_completion_tokens",
            "maxTokenCount",
            "max_gen_len",
            "max_tokens_to_sample",
        ],
    ),
    ("temperature", &["temperature"]),
    ("topP", &["topP", "top_p", "p"]),
    ("stopSequences", &["stopSequences", "stop_sequences", "stop"]),
];

fn config(request: &Value) -> Result<Map<String, Value>, Skip> {
    let holders = [request.get("inferenceConfig"), request.get("textGenerationConfig"), Some(request)];
    let mut config = Map::new();
    for (name, keys) in NAMES {
        let value = holders.iter().flatten().find_map(|holder| keys.iter().find_map(|key| holder.get(key)));
        let fits = |value: &&Value| if name == "stopSequences" { value.is_array() } else { value.is_number() };
        if let Some(value) = value.filter(fits) {
            config.insert(name.to_owned(), value.clone());
        }
    }
    let tool_config = request.get("toolConfig");
    let listed = tool_config.and_then(|config| config.get("tools")).or_else(|| request.get("tools"));
    let mut tools = Vec::new();
    for one in listed.and_then(Value::as_array).into_iter().flatten() {
        if one.get("cachePoint").is_none() {
            tools.push(tool(one)?);
        }
    }
    if !tools.is_empty() {
        config.insert("tools".to_owned(), tools.into());
        let choice = tool_config.and_then(|config| config.get("toolChoice")).or_else(|| request.get("tool_choice"));
        if let Some(choice) = choice.and_then(tool_choice) {
            config.insert("toolChoice".to_owned(), choice);
        }
    }
    Ok(config)
}

/// A tool as Converse describes it.
fn tool(tool: &Value) -> Result<Value, Skip> {
    let (spec, schema) = match (tool.get("toolSpec"), tool.get("function")) {
        (Some(spec), _) => (spec, spec.get("inputSchema").and_then(|schema| schema.get("json"))),
        (None, Some(spec)) => (spec, spec.get("parameters")),
        (None, None) => (tool, tool.get("input_schema")),
    };
    let name = spec.get("name").and_then(Value::as_str).ok_or(Skip::Setting)?;
    // A tool without a schema is one that the provider knows and runs.
    let schema = schema.ok_or(Skip::Setting)?;
    let mut made = json!({"name": name, "inputSchema": {"json": schema}});
    if let (Some(text), Some(made)) = (spec.get("description"), made.as_object_mut()) {
        made.insert("description".to_owned(), text.clone());
    }
    Ok(json!({"toolSpec": made}))
}

/// As promptfoo takes it: `any`, or one tool by name. That a model may choose is the default.
fn tool_choice(choice: &Value) -> Option<Value> {
    let kind = choice.get("type").and_then(Value::as_str).or_else(|| choice.as_str()).unwrap_or_default();
    if choice.get("any").is_some() || kind == "any" || kind == "required" {
        return Some("any".into());
    }
    let holder = choice.get("tool").or_else(|| choice.get("function")).unwrap_or(choice);
    let name = holder.get("name").and_then(Value::as_str)?;
    Some(json!({"tool": {"name": name}}))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(request: Value, response: Value) -> Result<Call, Skip> {
        Call::read(&RawCall { request: Some(request.to_string()), response: Some(response.to_string()) })
    }

    fn said() -> Value {
        json!({"content": [{"type": "text", "text": "yes"}]})
    }

    fn skipped(request: Value) -> Option<Skip> {
        read(request, said()).err()
    }

    fn user(content: Value) -> Value {
        json!({"messages": [{"role": "user", "content": content}]})
    }

    #[test]
    fn converse_with_tools() {
        let request = json!({
            "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}, {"text": "Be kind."}],
            "messages": [
                {"role": "user", "content": [{"text": "Weather?"}, {"cachePoint": {"type": "default"}}]},
                {"role": "assistant", "content": [{"reasoningContent": {}}, {"toolUse": {"toolUseId": "t1", "name": "w", "input": {"a": 1}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": {"c": 20}}, {"text": "ok"}]}}]},
            ],
            "inferenceConfig": {"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]},
            "toolConfig": {
                "tools": [{"toolSpec": {"name": "w", "description": "d", "inputSchema": {"json": {"type": "object"}}}}, {"cachePoint": {}}],
                "toolChoice": {"tool": {"name": "w"}},
            },
        });
        let call = read(request, json!({"output": {"message": {"content": [{"text": "20"}]}}})).expect("a call");
        assert_eq!(
            Value::from(call.messages),
            json!([
                {"role": "system", "content": "Be brief."},
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "w", "input": {"a": 1}}}]},
                {"role": "user", "content": [{"toolResult": {
                    "toolUseId": "t1", "content": [{"json": {"c": 20}}, {"text": "ok"}], "status": "success"}}]},
            ])
        );
        assert_eq!(
            Value::from(call.config),
            json!({
                "maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"],
                "tools": [{"toolSpec": {"name": "w", "description": "d", "inputSchema": {"json": {"type": "object"}}}}],
                "toolChoice": {"tool": {"name": "w"}},
            })
        );
        assert_eq!(call.answer.text, "20");
    }

    #[test]
    fn anthropic_messages_with_tools_are_the_same_call() {
        let request = json!({
            "anthropic_version": "bedrock-2023-05-31",
            "system": "Be brief.",
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [{"type": "text", "text": "Wait."}, {"type": "tool_use", "id": "t1", "name": "w", "input": {"a": 1}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "20", "is_error": true, "cache_control": {}}]},
            ],
            "max_tokens": 100, "top_p": 0.9, "stop_sequences": ["x"],
            "tools": [{"name": "w", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": "any"},
        });
        let call = read(request, said()).expect("a call");
        assert_eq!(
            Value::from(call.messages),
            json!([
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [{"type": "text", "text": "Wait."},
                    {"toolUse": {"toolUseId": "t1", "name": "w", "input": {"a": 1}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "20"}], "status": "error"}}]},
            ])
        );
        assert_eq!(
            Value::from(call.config),
            json!({
                "maxTokens": 100, "topP": 0.9, "stopSequences": ["x"], "toolChoice": "any",
                "tools": [{"toolSpec": {"name": "w", "inputSchema": {"json": {"type": "object"}}}}],
            })
        );
    }

    #[test]
    fn prompts_that_are_one_text() {
        for (request, limit) in [
            (json!({"prompt": "Hi", "max_gen_len": 7}), json!({"maxTokens": 7})),
            (json!({"inputText": "Hi", "textGenerationConfig": {"maxTokenCount": 7}}), json!({"maxTokens": 7})),
            (json!({"message": "Hi"}), json!({})),
        ] {
            let call = read(request, json!({"generation": "Ho"})).expect("a call");
            assert_eq!(Value::from(call.messages), json!([{"role": "user", "content": "Hi"}]));
            assert_eq!(Value::from(call.config), limit);
        }
    }

    #[test]
    fn what_cannot_be_made_again_is_left_out_with_its_reason() {
        assert_eq!(skipped(user(json!([{"image": {"format": "png"}}, {"text": "?"}]))), Some(Skip::Media));
        assert_eq!(skipped(user(json!([{"type": "document", "source": {}}]))), Some(Skip::Media));
        let picture = json!([{"toolResult": {"toolUseId": "t", "content": [{"image": {}}]}}]);
        assert_eq!(skipped(user(picture)), Some(Skip::Media));
        assert_eq!(skipped(user(json!([{"new": 1}]))), Some(Skip::Form));
        assert_eq!(skipped(json!({"messages": [{"role": "assistant", "content": "{"}]})), Some(Skip::Form));
        assert_eq!(skipped(json!({"messages": []})), Some(Skip::Form));
        assert_eq!(skipped(json!({"inputImage": "x"})), Some(Skip::Form));
        let mut thinking = user(json!("?"));
        thinking["thinking"] = json!({"type": "enabled", "budget_tokens": 1024});
        assert_eq!(skipped(thinking), Some(Skip::Setting));
        let mut bash = user(json!("?"));
        bash["tools"] = json!([{"type": "bash_20250124", "name": "bash"}]);
        assert_eq!(skipped(bash), Some(Skip::Setting));
        assert_eq!(Call::read(&RawCall::default()).err(), Some(Skip::NoRequest));
        assert_eq!(read(user(json!("?")), json!({})).err(), Some(Skip::NoAnswer));
        let broken = RawCall { request: Some("{".to_owned()), response: None };
        assert_eq!(Call::read(&broken).err(), Some(Skip::NoRequest));
    }

    /// JSON of any shape, made of the keys that are looked for.
    fn any_json() -> impl Strategy<Value = Value> {
        let key = prop::sample::select(vec![
            "messages",
            "role",
            "content",
            "text",
            "type",
            "toolUse",
            "toolResult",
            "system",
            "tools",
            "toolConfig",
            "name",
            "input",
            "delta",
            "contentBlockDelta",
            "contentBlockIndex",
            "choices",
            "output",
            "message",
            "index",
            "function",
        ]);
        let word = prop::sample::select(vec!["user", "assistant", "text", "tool_use", "{", ""]);
        let leaf = prop_oneof![Just(Value::Null), any::<u64>().prop_map(Value::from), word.prop_map(Value::from)];
        leaf.prop_recursive(5, 60, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key.clone(), inner, 0..5).prop_map(|map| Value::Object(
                    map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
                )),
            ]
        })
    }

    proptest! {
        #[test]
        fn bodies_of_any_shape_are_read_or_left_out(request in any_json(), response in any_json()) {
            if let Ok(call) = read(request, response) {
                prop_assert!(!call.messages.is_empty() && !call.answer.is_empty());
            }
        }
    }
}
