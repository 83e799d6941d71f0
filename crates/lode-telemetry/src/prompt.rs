//! A request body: the segments of its prompt, its limit, and what it asks for beside.
//!
//! Shapes: AWS API model of bedrock-runtime (Converse), provider pages of the User Guide (Anthropic, Nova, Llama,
//! Titan, Cohere, Mistral, OpenAI; copy of 2026-10) and delivered records. A body of another shape has no segments.

use std::borrow::Cow;
use std::sync::Arc;

use lode_model::{Mode, Segment, SegmentKind, Ttl};
use lode_scan::{Kind, Text, Value};

use crate::count::told;
use crate::guarded::{Asked, asked};
use crate::json::{MARKERS, list, text_of};
use crate::segments::{Made, Memory, Segments, is_media, is_only_marker, marker, marker_in};

/// What a request body says.
#[derive(Default)]
pub(crate) struct Prompt {
    /// Tools, system, messages.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// Longest answer asked for, in tokens.
    pub(crate) output_limit: Option<u64>,
    /// The time to live all cache markers agree on.
    pub(crate) ttl: Option<Ttl>,
    /// The mode asked for.
    pub(crate) mode: Option<Mode>,
    /// The beginning of the answer, where the caller wrote it. Text: it stays in this crate.
    pub(crate) prefill: String,
    /// What links it to the answer before it.
    pub(crate) continues: Option<u64>,
    /// Whether the caller bound the answer to a schema, or to JSON.
    pub(crate) is_bound: bool,
    /// What it says of a guardrail.
    pub(crate) guarded: Asked,
}

/// Reads a request body.
pub(crate) fn read(body: Value<'_>, memory: &mut Memory) -> Prompt {
    let [tool_config, tools, system, preamble, instructions, chat_history, messages, input, documents] = body.pick([
        "toolConfig",
        "tools",
        "system",
        "preamble",
        "instructions",
        "chat_history",
        "messages",
        "input",
        "documents",
    ]);
    let mut segments = Segments::new(memory);
    for tool in list(tool_config.and_then(|config| config.get("tools"))).chain(list(tools)) {
        read_tool(tool, &mut segments);
    }
    for content in [system, preamble, instructions] {
        read_content(content, SegmentKind::System, &mut segments);
    }
    for turns in [chat_history, messages] {
        list(turns).for_each(|message| read_message(message, &mut segments));
    }
    match input {
        Some(items) if items.kind() == Kind::Array => items.items().for_each(|item| read_message(item, &mut segments)),
        other => read_content(other, SegmentKind::User, &mut segments),
    }
    let [message, prompt, text, query, texts, config, text_config] =
        body.pick(["message", "prompt", "inputText", "query", "texts", "inferenceConfig", "textGenerationConfig"]);
    // What retrieval gave to Cohere's chat models; beside a query it is what a reranker is to order.
    for document in list(documents) {
        let texts = strings(document);
        if query.is_some() {
            segments.texts(SegmentKind::User, texts.into_iter());
        } else {
            read_passage(texts.into_iter(), &mut segments);
        }
    }
    for content in [message, prompt, text, query, texts] {
        read_content(content, SegmentKind::User, &mut segments);
    }
    if let Some(ttl) = marker_in(body) {
        segments.mark_end(ttl);
    }
    let [converse, invoke] = body.pick(["guardrailConfig", "amazon-bedrock-guardrailConfig"]);
    let Made { segments, ttl, continues, is_marked } = segments.finish();
    let mut guarded = asked(converse, invoke, &mut memory.names);
    guarded.selective |= is_marked;
    let output_limit = [config, text_config, Some(body)].into_iter().flatten().find_map(output_limit);
    let mode = mode(body.pick(MODE_KEYS));
    let is_bound = is_bound(body);
    Prompt { segments, ttl, output_limit, mode, prefill: prefill(messages), continues, is_bound, guarded }
}

/// The text of a value: itself, or the strings of an object, in the order of its keys.
fn strings(value: Value<'_>) -> Vec<Text<'_>> {
    let mut texts: Vec<(Cow<'_, str>, Text<'_>)> =
        value.entries().filter_map(|(key, value)| Some((key.get(), value.text()?))).collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    value.text().into_iter().chain(texts.into_iter().map(|(_, text)| text)).collect()
}

fn read_passage<'t>(texts: impl Iterator<Item = Text<'t>>, segments: &mut Segments<'_>) {
    let texts: Vec<Cow<'_, str>> = texts.map(Text::get).collect();
    segments.passage(&texts, texts.iter().map(|text| text.len()).sum());
}

/// Converse and Nova wrap a definition, OpenAI's form holds it beside a type; Anthropic's and Cohere's is itself.
fn read_tool(tool: Value<'_>, segments: &mut Segments<'_>) {
    // Only objects: a string holds the bytes of another value.
    if tool.is_object() && segments.known_tool(tool) {
        return;
    }
    let is_tool = !is_only_marker(tool);
    if is_tool {
        let definition = tool.get("toolSpec").or_else(|| tool.get("systemTool")).unwrap_or(tool);
        let name = definition.get("function").unwrap_or(definition);
        segments.tool(definition, text_of(name, "name"));
    }
    match marker_in(tool) {
        Some(ttl) => segments.mark(ttl),
        None if is_tool && tool.is_object() => segments.remember_tool(tool),
        None => {}
    }
}

fn read_message(message: Value<'_>, segments: &mut Segments<'_>) {
    let [role, name, content, calls, other, markers @ ..] =
        message.pick(["role", "type", "content", "tool_calls", "message", MARKERS[0], MARKERS[1]]);
    let kind = role.and_then(Value::text).map_or(SegmentKind::User, |role| kind_of(&role.get()));
    match name.and_then(Value::text).map(Text::get).as_deref() {
        Some("function_call") => {
            let name = text_of(message, "name");
            return segments.call(text_of(message, "call_id"), name, message.get("arguments"));
        }
        Some("function_call_output") => return segments.result(text_of(message, "call_id"), message.get("output")),
        _ => {}
    }
    let content = content.or(other);
    if kind == SegmentKind::ToolResult {
        segments.result(text_of(message, "tool_call_id"), content);
    } else {
        read_content(content, kind, segments);
    }
    for call in list(calls) {
        let function = call.get("function").unwrap_or(call);
        let input = function.get("arguments").or_else(|| function.get("parameters"));
        segments.call(text_of(call, "id"), text_of(function, "name"), input);
    }
    if let Some(ttl) = markers.into_iter().flatten().find_map(marker) {
        segments.mark(ttl);
    }
}

/// Whose turn it is, by the name of a role in whatever case.
fn kind_of(role: &str) -> SegmentKind {
    const ROLES: [(&str, SegmentKind); 7] = [
        ("assistant", SegmentKind::Assistant),
        ("system", SegmentKind::System),
        ("tool", SegmentKind::ToolResult),
        ("developer", SegmentKind::System),
        ("function", SegmentKind::ToolResult),
        ("chatbot", SegmentKind::Assistant),
        ("model", SegmentKind::Assistant),
    ];
    let known = ROLES.iter().find(|(name, _)| name.eq_ignore_ascii_case(role));
    known.map_or(SegmentKind::User, |(_, kind)| *kind)
}

/// A text, or a list of texts and blocks.
fn read_content(content: Option<Value<'_>>, kind: SegmentKind, segments: &mut Segments<'_>) {
    let Some(content) = content else { return };
    match content.kind() {
        Kind::Array => content.items().for_each(|block| read_block(block, kind, segments)),
        _ => read_block(content, kind, segments),
    }
}

fn read_block(block: Value<'_>, kind: SegmentKind, segments: &mut Segments<'_>) {
    if let Some(text) = block.text() {
        return segments.text(kind, text);
    }
    if !block.is_object() {
        return;
    }
    let [name, text, call, result, markers @ ..] =
        block.pick(["type", "text", "toolUse", "toolResult", MARKERS[0], MARKERS[1]]);
    let (name, text) = (name.and_then(Value::text), text.and_then(Value::text));
    match (name, text, call, result) {
        (None, Some(text), ..) => segments.text(kind, text),
        (Some(name), Some(text), ..) if name.is("text") => segments.text(kind, text),
        (None, None, Some(call), _) => {
            let [id, name, input] = call.pick(["toolUseId", "name", "input"]);
            segments.call(id.and_then(Value::text), name.and_then(Value::text), input);
        }
        (None, None, None, Some(result)) => {
            let [id, content] = result.pick(["toolUseId", "content"]);
            segments.result(id.and_then(Value::text), content);
        }
        _ if is_only_marker(block) => {}
        (Some(name), ..) => read_typed(&name.get(), block, kind, segments),
        (None, ..) => read_union(block, kind, segments),
    }
    if let Some(ttl) = markers.into_iter().flatten().find_map(marker) {
        segments.mark(ttl);
    }
}

/// A block that names its type: Anthropic and OpenAI.
fn read_typed(name: &str, block: Value<'_>, kind: SegmentKind, segments: &mut Segments<'_>) {
    match name {
        "text" | "input_text" | "output_text" => segments.texts(kind, text_of(block, "text").into_iter()),
        "thinking" => segments.texts(kind, text_of(block, "thinking").into_iter()),
        "tool_use" => segments.call(text_of(block, "id"), text_of(block, "name"), block.get("input")),
        "tool_result" => segments.result(text_of(block, "tool_use_id"), block.get("content")),
        "search_result" => read_search_result(block, segments),
        _ if is_media(block) => segments.media(block),
        _ => segments.unknown(kind, block),
    }
}

/// A block that is known by its one key: Converse and Nova. Texts, calls and results are read already.
fn read_union(block: Value<'_>, kind: SegmentKind, segments: &mut Segments<'_>) {
    if let Some(guarded) = block.get("guardContent") {
        segments.mark_guarded();
        match guarded.get("text").and_then(|text| text_of(text, "text")) {
            Some(text) => segments.text(kind, text),
            None => segments.media(guarded),
        }
    } else if let Some(result) = block.get("searchResult") {
        read_search_result(result, segments);
    } else if let Some(reasoning) = block.get("reasoningContent") {
        match reasoning.get("reasoningText").and_then(|text| text_of(text, "text")) {
            Some(text) => segments.text(kind, text),
            None => segments.unknown(kind, block),
        }
    } else if let Some(cited) = block.get("citationsContent") {
        segments.texts(kind, list(cited.get("content")).filter_map(|part| text_of(part, "text")));
    } else if is_media(block) {
        segments.media(block);
    } else {
        segments.unknown(kind, block);
    }
}

/// A passage that the application marked as one: source, title and texts.
fn read_search_result(result: Value<'_>, segments: &mut Segments<'_>) {
    let named = ["source", "title"].into_iter().filter_map(|key| text_of(result, key));
    let texts = list(result.get("content")).filter_map(|part| text_of(part, "text"));
    read_passage(named.chain(texts), segments);
}

/// Whether the answer must be JSON: Converse' and Anthropic's output formats, OpenAI's and Mistral's `response_format`;
/// in Converse also among the fields that go to the model as they are.
fn is_bound(body: Value<'_>) -> bool {
    let own = body.get("additionalModelRequestFields");
    own.into_iter().chain([body]).any(binds)
}

fn binds(body: Value<'_>) -> bool {
    let [config, own, format, text] = body.pick(["outputConfig", "output_config", "response_format", "text"]);
    let [converse, own] = [(config, "textFormat"), (own, "format")].map(|(holder, key)| holder?.get(key));
    let formats = [converse, own, format, text.and_then(|text| text.get("format"))];
    let kinds = formats.into_iter().flatten().filter_map(|format| text_of(format, "type"));
    kinds.into_iter().any(|kind| matches!(kind.get().as_ref(), "json_schema" | "json_object" | "json"))
}

fn output_limit(holder: Value<'_>) -> Option<u64> {
    told(
        holder,
        [
            "maxTokens",
            "max_new_tokens",
            "maxTokenCount",
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "max_gen_len",
            "max_tokens_to_sample",
        ],
    )
}

/// The keys that tell a pricing mode.
pub(crate) const MODE_KEYS: [&str; 3] = ["performanceConfig", "serviceTier", "service_tier"];

/// The pricing mode a body names, by [`MODE_KEYS`]. Converse names the tier in both bodies: in the answer's it is the
/// one that served. Latency-optimised inference has a price of its own, whatever the tier.
pub(crate) fn mode([performance, tier, tier_word]: [Option<Value<'_>>; 3]) -> Option<Mode> {
    let latency = performance.and_then(|config| text_of(config, "latency"));
    if latency.is_some_and(|latency| latency.is("optimized")) {
        return Some(Mode::LatencyOptimized);
    }
    let tier = tier.and_then(|tier| tier.text().or_else(|| text_of(tier, "type")));
    match tier.or_else(|| tier_word?.text())?.get().as_ref() {
        "default" => Some(Mode::Standard),
        "flex" => Some(Mode::Flex),
        "priority" => Some(Mode::Priority),
        "reserved" => Some(Mode::Reserved),
        _ => None,
    }
}

/// The text of a last assistant turn.
fn prefill(messages: Option<Value<'_>>) -> String {
    let mut prefill = String::new();
    let last = list(messages).last();
    let Some(last) = last.filter(|last| text_of(*last, "role").is_some_and(|role| role.is("assistant"))) else {
        return prefill;
    };
    let Some(content) = last.get("content") else { return prefill };
    let texts = content.items().filter_map(|block| text_of(block, "text"));
    content.text().into_iter().chain(texts).for_each(|text| text.push_to(&mut prefill));
    prefill
}
