//! Bodies as logs have them, and the records that come of them or the reason why none does.

use std::collections::BTreeMap;

use lode_batch::{Checker, Family, Form, LeftOut, Limits, RawCall, Record, record, record_id};
use lode_model::ModelId;
use proptest::prelude::*;
use serde_json::{Value, json};

const CLAUDE: &str = "anthropic.claude-sonnet-4-6";
const NOVA: &str = "amazon.nova-2-lite-v1:0";

fn made(operation: &str, model: &str, body: &Value) -> Result<Record, LeftOut> {
    let body = body.to_string();
    let call = RawCall { id: "r1", operation: Some(operation), body: Some(&body), apart: false };
    record(call, &ModelId::from(model))
}

/// `modelInput` and what was taken out.
fn input(operation: &str, model: &str, body: &Value) -> (Value, BTreeMap<&'static str, u64>) {
    let record = made(operation, model, body).expect("a record");
    assert!(record.line.ends_with("}\n") && record.line.matches('\n').count() == 1);
    let line: Value = serde_json::from_str(&record.line).expect("JSON");
    assert_eq!(line["recordId"], "r1");
    (line["modelInput"].clone(), record.removed)
}

fn converse() -> Value {
    json!({"system": [{"text": "Sum up."}], "messages": [{"role": "user", "content": [{"text": "A long text"}]}],
        "inferenceConfig": {"maxTokens": 300, "temperature": 0.2}})
}

fn claude() -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 300, "system": "Sum up.",
        "messages": [{"role": "user", "content": "A long text"}]})
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

#[test]
fn what_says_something_stays_as_it_is() {
    assert_eq!(input("Converse", CLAUDE, &converse()), (converse(), BTreeMap::new()));
    assert_eq!(input("InvokeModel", CLAUDE, &claude()), (claude(), BTreeMap::new()));
    let own = with(converse(), "additionalModelRequestFields", json!({"top_k": 5}));
    assert_eq!(input("ConverseStream", CLAUDE, &own), (own, BTreeMap::new()));
    let llama = json!({"prompt": "A long text", "max_gen_len": 100});
    assert_eq!(input("InvokeModel", "meta.llama3-3-70b-instruct-v1:0", &llama), (llama, BTreeMap::new()));
    assert_eq!(made("ConverseStream", CLAUDE, &converse()).map(|made| made.form).ok(), Some(Form::Converse));
    assert_eq!(
        made("InvokeModelWithResponseStream", CLAUDE, &claude()).map(|made| made.form).ok(),
        Some(Form::InvokeModel)
    );
}

#[test]
fn cache_markers_and_what_says_how_to_call_are_taken_out_and_counted() {
    let marked = json!({"system": [{"text": "Sum up."}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
        "messages": [{"role": "user", "content": [{"text": "A long text"}, {"cachePoint": {"type": "default"}}]}],
        "inferenceConfig": {"maxTokens": 300, "temperature": 0.2},
        "serviceTier": {"type": "default"}, "performanceConfig": {"latency": "standard"}, "requestMetadata": {"team": "a"},
        "modelId": "m", "somethingNew": 1, "toolConfig": {}});
    let removed = BTreeMap::from([
        ("cache markers", 2),
        ("fields that Converse does not have", 1),
        ("latency settings", 1),
        ("model ids", 1),
        ("request metadata", 1),
        ("service tiers", 1),
    ]);
    assert_eq!(input("Converse", CLAUDE, &marked), (converse(), removed));

    let marked = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 300, "stream": true,
        "cache_control": {"type": "ephemeral"},
        "system": [{"type": "text", "text": "Sum up.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "the word cache_control", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}]});
    let plain = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 300,
        "system": [{"type": "text", "text": "Sum up."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "the word cache_control"}]}]});
    let removed = BTreeMap::from([("cache markers", 3), ("streaming flags", 1)]);
    assert_eq!(input("InvokeModel", CLAUDE, &marked), (plain, removed));
    // A format that binds nothing.
    let (plain, removed) =
        input("Converse", CLAUDE, &with(converse(), "outputConfig", json!({"textFormat": {"type": "text"}})));
    assert_eq!((plain, removed), (converse(), BTreeMap::from([("output formats of plain text", 1)])));
}

#[test]
fn what_batch_cannot_answer_is_left_out_with_its_reason() {
    let block = |block: Value| json!({"messages": [{"role": "user", "content": [{"text": "?"}, block]}]});
    let format = json!({"type": "json_schema", "structure": {}});
    for (body, why) in [
        (with(converse(), "toolConfig", json!({"tools": [{"toolSpec": {"name": "find"}}]})), LeftOut::Tools),
        (with(converse(), "additionalModelRequestFields", json!({"tools": [{"name": "find"}]})), LeftOut::Tools),
        (block(json!({"toolResult": {"toolUseId": "t", "content": []}})), LeftOut::ToolResults),
        (block(json!({"toolUse": {"toolUseId": "t", "name": "find", "input": {}}})), LeftOut::ToolResults),
        (with(converse(), "outputConfig", json!({"textFormat": format})), LeftOut::SchemaBound),
        (
            with(converse(), "additionalModelRequestFields", json!({"output_config": {"format": format}})),
            LeftOut::SchemaBound,
        ),
        (with(converse(), "guardrailConfig", json!({"guardrailIdentifier": "g"})), LeftOut::Guardrail),
        (block(json!({"guardContent": {"text": {"text": "?"}}})), LeftOut::Guardrail),
        (with(converse(), "promptVariables", json!({"name": {"text": "x"}})), LeftOut::StoredPrompt),
        (
            block(
                json!({"document": {"format": "pdf", "source": {"s3Uri": "s3://bucket/data/r1_input_media_00.pdf"}}}),
            ),
            LeftOut::Media,
        ),
        (with(converse(), "messages", json!([])), LeftOut::Incomplete),
        (json!({"system": []}), LeftOut::Incomplete),
        (json!([1, 2]), LeftOut::NoBody),
    ] {
        assert_eq!(made("Converse", CLAUDE, &body).err(), Some(why), "{body}");
    }
    for (body, why) in [
        (with(claude(), "tools", json!([{"name": "find"}])), LeftOut::Tools),
        (with(claude(), "output_config", json!({"format": format})), LeftOut::SchemaBound),
        (with(claude(), "max_tokens", json!(0)), LeftOut::Incomplete),
        (with(claude(), "anthropic_version", Value::Null), LeftOut::Incomplete),
    ] {
        assert_eq!(made("InvokeModel", CLAUDE, &body).err(), Some(why), "{body}");
    }
    let chat = |message: Value| json!({"messages": [{"role": "user", "content": "?"}, message]});
    for (body, why) in [
        (chat(json!({"role": "tool", "tool_call_id": "t", "content": "1"})), LeftOut::ToolResults),
        (chat(json!({"role": "assistant", "content": null, "tool_calls": [{"id": "t"}]})), LeftOut::ToolResults),
        (
            with(chat(json!({"role": "user", "content": "x"})), "response_format", json!({"type": "json_object"})),
            LeftOut::SchemaBound,
        ),
    ] {
        assert_eq!(made("InvokeModel", "openai.gpt-oss-20b-1:0", &body).err(), Some(why), "{body}");
    }
    assert_eq!(made("ChatCompletions", CLAUDE, &claude()).err(), Some(LeftOut::OtherOperation));
    // Claude's form, for a job of Nova.
    assert_eq!(made("InvokeModel", NOVA, &json!({"prompt": "?"})).err(), Some(LeftOut::Incomplete));
}

#[test]
fn a_body_that_is_not_here_is_told_from_one_that_is_broken() {
    let of = |body, apart| {
        record(RawCall { id: "r1", operation: Some("Converse"), body, apart }, &ModelId::from(CLAUDE)).err()
    };
    assert_eq!(of(None, true), Some(LeftOut::Apart));
    assert_eq!(of(None, false), Some(LeftOut::NoBody));
    assert_eq!(of(Some("{\"messages\": [{\"role\": \"us"), false), Some(LeftOut::NoBody));
}

#[test]
fn no_two_requests_share_a_record_id() {
    let id = "0d1e2f3a-0000-4000-8000-00000000abcd";
    assert_eq!(record_id(id), "0d1e2f3a000040008000".to_owned() + "00000000abcd");
    assert_eq!(record_id("CALL0000001"), "CALL0000001");
    let hashed = ["a-b", "a_b", "", "日本", "a b", &"a".repeat(65), &id.to_uppercase()].map(record_id);
    for (place, one) in hashed.iter().enumerate() {
        assert!(
            one.len() == 32 && one.starts_with('x') && one.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{one}"
        );
        assert!(!hashed[..place].contains(one));
    }
}

/// Bodies of any shape, of the keys that mean something here.
fn bodies() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\\n\"{]{0,5}".prop_map(Value::from),
        Just(json!({"role": "user", "content": [{"text": "?"}]})),
    ];
    let keys = [
        "messages",
        "content",
        "system",
        "cachePoint",
        "cache_control",
        "role",
        "text",
        "type",
        "tools",
        "stream",
        "outputConfig",
        "textFormat",
        "source",
        "prompt",
        "additionalModelRequestFields",
        "max_tokens",
        "anthropic_version",
        "input",
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(keys.to_vec()), inner, 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_made_is_what_a_job_takes(
        body in bodies(),
        messages in prop::option::of(prop::collection::vec(prop::sample::select(vec![
            json!({"role": "user", "content": [{"text": "?"}]}),
            json!({"role": "user", "content": [{"text": "?"}, {"cachePoint": {"type": "default"}}]}),
            json!({"role": "assistant", "content": [{"text": "?", "cache_control": {"type": "ephemeral"}}]}),
        ]), 1..3)),
        operation in prop::sample::select(vec!["Converse", "InvokeModel"]),
        model in prop::sample::select(vec![CLAUDE, NOVA, "meta.llama3-3-70b-instruct-v1:0", "openai.gpt-oss-20b-1:0"]),
    ) {
        let mut body = body;
        let is_whole = messages.is_some() && body.is_object();
        if let (Some(messages), Some(fields)) = (messages, body.as_object_mut()) {
            fields.insert("messages".to_owned(), Value::from(messages));
            fields.insert("max_tokens".to_owned(), json!(5));
            fields.insert("anthropic_version".to_owned(), json!("bedrock-2023-05-31"));
            fields.insert("prompt".to_owned(), json!("?"));
        }
        let found = made(operation, model, &body);
        // Where every marker stands where the forms have it, none is what a call is left out for.
        let keys: Vec<&str> = body.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let plain = ["messages", "max_tokens", "anthropic_version", "prompt", "stream", "cachePoint", "cache_control"];
        if is_whole && keys.iter().all(|key| plain.contains(key)) {
            prop_assert!(found.is_ok(), "{found:?}: {body}");
        }
        if let Ok(record) = found {
            let model = ModelId::from(model);
            let limits = Limits { min_records: 1, ..Limits::default() };
            let mut checker = Checker::new(limits, Some(record.form), Family::of(&model));
            checker.file();
            checker.line(record.line.as_bytes());
            let checked = checker.finish();
            prop_assert!(checked.is_sound(), "{checked:?} of {}", record.line);
        }
    }
}
