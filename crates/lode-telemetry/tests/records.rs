//! One record at a time: each operation and provider, and what its request says.

mod common;

use common::{bodies, lines, logs, record, request};
use lode_model::{CallerKey, Mode, OutputForm, Routing, TokenCounts};
use serde_json::{Value, json};

fn tokens(input: u64, output: u64, cache_read: u64, write_5m: u64, write_1h: u64) -> TokenCounts {
    TokenCounts { input, output, cache_read, cache_write_5m: write_5m, cache_write_30m: 0, cache_write_1h: write_1h }
}

/// A record whose counts are in its bodies only.
fn uncounted(operation: &str, input: Value, output: Value) -> Value {
    record(json!({
        "operation": operation,
        "input": {"inputTokenCount": null, "inputBodyJson": input},
        "output": {"outputTokenCount": null, "outputBodyJson": output},
    }))
}

#[test]
fn converse() {
    let mut record = record(json!({
        "operation": "ConverseStream",
        "modelId": "global.anthropic.claude-sonnet-4-6",
        "input": {"inputTokenCount": 210, "cacheReadInputTokenCount": 5300, "cacheWriteInputTokenCount": 640},
        "output": {"outputTokenCount": 95},
    }));
    record["input"]["inputBodyJson"] = json!({
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "inferenceConfig": {"maxTokens": 4096},
        "serviceTier": {"type": "priority"},
    });
    record["output"]["outputBodyJson"] = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
        "stopReason": "end_turn",
        "metrics": {"latencyMs": 2210},
        "serviceTier": {"type": "default"},
        "usage": {"inputTokens": 1, "outputTokens": 1,
            "cacheDetails": [{"ttl": "1h", "inputTokens": 600}, {"ttl": "5m", "inputTokens": 40}]},
    });
    let request = request(&record);
    assert_eq!(request.id.as_ref(), "r1");
    assert_eq!(request.time.to_string(), "2026-10-01T10:00:00Z");
    assert_eq!((request.account.as_str(), request.region.as_str()), ("111111111111", "us-east-1"));
    assert_eq!((request.model.as_str(), request.routing), ("anthropic.claude-sonnet-4-6", Routing::Global));
    assert_eq!(request.caller.as_str(), "role/App");
    assert_eq!(request.mode, Some(Mode::Standard), "the tier that served, not the one asked for");
    assert!(request.streaming);
    assert_eq!(request.tokens, tokens(210, 95, 5300, 40, 600), "the record's counts, the body's split");
    assert_eq!((request.error.as_deref(), request.output_form), (None, OutputForm::Text));
    assert_eq!((request.output_limit, request.latency_ms), (Some(4096), Some(2210)));
    assert_eq!(request.stop_reason.as_deref(), Some("end_turn"));
    assert_eq!(request.segments.len(), 1);
}

#[test]
fn anthropic_invoke() {
    let request = request(&uncounted(
        "InvokeModel",
        json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "system": "Be brief.",
            "messages": [{"role": "user", "content": "Hi"}]}),
        json!({"type": "message", "content": [{"type": "text", "text": "Hello"}], "stop_reason": "max_tokens",
            "usage": {"input_tokens": 7, "output_tokens": 100, "cache_read_input_tokens": 20,
                "cache_creation_input_tokens": 30,
                "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}}),
    ));
    assert_eq!(request.tokens, tokens(7, 100, 20, 10, 20));
    assert_eq!((request.output_limit, request.stop_reason.as_deref()), (Some(100), Some("max_tokens")));
    assert_eq!((request.streaming, request.mode, request.latency_ms), (false, None, None));
}

#[test]
fn anthropic_stream() {
    let request = request(&uncounted(
        "InvokeModelWithResponseStream",
        json!({"max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}),
        json!([
            {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 1, "output_tokens": 1,
                "cache_creation_input_tokens": 411, "cache_read_input_tokens": 900,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 411}}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "lookup", "input": {}}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 281}},
            {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 1, "outputTokenCount": 281,
                "invocationLatency": 3848, "firstByteLatency": 509, "cacheReadInputTokenCount": 900, "cacheWriteInputTokenCount": 411}},
            "[DONE]"
        ]),
    ));
    assert_eq!(request.tokens, tokens(1, 281, 900, 0, 411));
    assert_eq!((request.latency_ms, request.stop_reason.as_deref()), (Some(3848), Some("tool_use")));
    assert_eq!((request.tools_called, request.output_form), (vec!["lookup".into()], OutputForm::ToolUse));
    assert!(request.streaming);
}

#[test]
fn nova_invoke() {
    let body =
        json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "inferenceConfig": {"max_new_tokens": 50}});
    let plain = request(&uncounted(
        "InvokeModel",
        body.clone(),
        json!({"output": {"message": {"role": "assistant", "content": [{"toolUse": {"name": "f", "input": {}}}]}},
            "stopReason": "tool_use",
            "usage": {"inputTokens": 5, "outputTokens": 6, "cacheReadInputTokenCount": 7, "cacheWriteInputTokenCount": 8}}),
    ));
    assert_eq!(plain.tokens, tokens(5, 6, 7, 8, 0));
    assert_eq!((plain.output_limit, plain.output_form), (Some(50), OutputForm::ToolUse));
    let stream = request(&uncounted(
        "InvokeModelWithResponseStream",
        body,
        json!([
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"delta": {"text": "He"}, "contentBlockIndex": 0}},
            {"contentBlockStart": {"start": {"toolUse": {"toolUseId": "t", "name": "g"}}, "contentBlockIndex": 1}},
            {"contentBlockDelta": {"delta": {"toolUse": {"input": "{}"}}, "contentBlockIndex": 1}},
            {"messageStop": {"stopReason": "tool_use"}},
            {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 9}, "metrics": {}}},
        ]),
    ));
    assert_eq!(stream.tokens, tokens(5, 9, 0, 0, 0));
    assert_eq!((stream.tools_called, stream.stop_reason.as_deref()), (vec!["g".into()], Some("tool_use")));
}

#[test]
fn other_providers() {
    let check = |input: Value, output: Value, expected: TokenCounts, limit: Option<u64>, stop: Option<&str>| {
        let request = request(&uncounted("InvokeModel", input, output));
        assert_eq!((request.tokens, request.output_limit, request.stop_reason.as_deref()), (expected, limit, stop));
        assert_eq!((request.segments.len(), request.segments[0].bytes), (1, 2));
        request.output_form
    };
    let llama = check(
        json!({"prompt": "Hi", "max_gen_len": 64}),
        json!({"generation": "x", "prompt_token_count": 3, "generation_token_count": 64, "stop_reason": "length"}),
        tokens(3, 64, 0, 0, 0),
        Some(64),
        Some("max_tokens"),
    );
    let titan = check(
        json!({"inputText": "Hi", "textGenerationConfig": {"maxTokenCount": 9}}),
        json!({"inputTextTokenCount": 3, "results": [{"tokenCount": 4, "outputText": "x", "completionReason": "FINISH"}]}),
        tokens(3, 4, 0, 0, 0),
        Some(9),
        Some("end_turn"),
    );
    let openai = check(
        json!({"messages": [{"role": "user", "content": "Hi"}], "max_completion_tokens": 8}),
        json!({"choices": [{"message": {"content": "{\"a\": 1}"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}}),
        tokens(6, 5, 4, 0, 0),
        Some(8),
        Some("end_turn"),
    );
    let embedding = check(
        json!({"inputText": "Hi", "dimensions": 256}),
        json!({"embedding": [0.1, 0.2], "inputTextTokenCount": 2}),
        tokens(2, 0, 0, 0, 0),
        None,
        None,
    );
    use OutputForm::{Embedding, Json, Text};
    assert_eq!([llama, titan, openai, embedding], [Text, Text, Json, Embedding]);
}

#[test]
fn forms_of_answers() {
    let form = |text: &str| {
        let output = json!({"output": {"message": {"content": [{"text": text}]}}});
        request(&bodies(json!({}), output)).output_form
    };
    assert_eq!(form("A word."), OutputForm::Text);
    assert_eq!(form("```json\n{\"a\": [1]}\n```"), OutputForm::Json);
    assert_eq!(form("{\"a\": 1} is it"), OutputForm::Text);
    let media = request(&bodies(json!({"taskType": "TEXT_IMAGE"}), json!({"images": [{"s3Uri": "s3://b/k"}]})));
    assert_eq!(media.output_form, OutputForm::Media);
    assert_eq!(request(&record(json!({}))).output_form, OutputForm::Unknown);
    let prefilled = json!({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}]});
    let rest = json!({"content": [{"type": "text", "text": "\"a\": 1}"}]});
    assert_eq!(request(&bodies(prefilled, rest)).output_form, OutputForm::Json, "the caller wrote the first brace");
}

#[test]
fn bodies_may_be_text_or_anything() {
    let text = request(&bodies(
        json!("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"),
        json!("{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}"),
    ));
    assert_eq!((text.segments.len(), text.output_form), (1, OutputForm::Text));
    for body in [json!("not JSON"), json!([1, null, "x", {"a": []}]), json!(7), json!(true), json!({}), json!([])] {
        let request = request(&bodies(body.clone(), body.clone()));
        assert_eq!(request.tokens, tokens(10, 2, 0, 0, 0), "{body}");
        assert!(request.segments.is_empty(), "{body}");
    }
}

#[test]
fn writes_without_a_split_live_as_long_as_the_markers_say() {
    let with = |ttls: &[&str]| {
        let content: Vec<Value> = ttls
            .iter()
            .flat_map(|ttl| [json!({"text": "x"}), json!({"cachePoint": {"type": "default", "ttl": ttl}})])
            .collect();
        let mut record = bodies(json!({"messages": [{"role": "user", "content": content}]}), json!({}));
        record["input"]["cacheWriteInputTokenCount"] = json!(50);
        let tokens = request(&record).tokens;
        (tokens.cache_write_5m, tokens.cache_write_1h)
    };
    assert_eq!(with(&["1h", "1h"]), (0, 50));
    assert_eq!(with(&["1h", "5m"]), (50, 0), "markers that disagree say nothing");
    assert_eq!(with(&[]), (50, 0));
    assert_eq!(with(&["later"]), (50, 0));
}

#[test]
fn modes() {
    let mode = |input: Value, output: Value| request(&bodies(input, output)).mode;
    for (word, expected) in [
        ("default", Some(Mode::Standard)),
        ("flex", Some(Mode::Flex)),
        ("priority", Some(Mode::Priority)),
        ("reserved", Some(Mode::Reserved)),
        ("new", None),
    ] {
        assert_eq!(mode(json!({}), json!({"serviceTier": {"type": word}})), expected, "{word}");
    }
    assert_eq!(mode(json!({"serviceTier": {"type": "flex"}}), json!({})), Some(Mode::Flex));
    let fast = json!({"performanceConfig": {"latency": "optimized"}});
    assert_eq!(mode(fast.clone(), json!({})), Some(Mode::LatencyOptimized));
    let fell_back = json!({"performanceConfig": {"latency": "standard"}, "serviceTier": {"type": "default"}});
    assert_eq!(mode(fast, fell_back), Some(Mode::Standard));
    let arn = "arn:aws:bedrock:us-east-1:111111111111:provisioned-model/abc";
    let provisioned = request(&record(json!({"modelId": arn})));
    assert_eq!((provisioned.model.as_str(), provisioned.mode), ("provisioned-model/abc", Some(Mode::Provisioned)));
}

#[test]
fn callers_by_the_first_key_that_names_one() {
    let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1";
    let full = record(json!({"modelId": arn, "requestMetadata": {"team": "search"}}));
    let caller = |keys: &[&str], record: &Value| {
        let folder = common::Folder::new();
        let keys = keys.iter().map(|word| CallerKey::from_word(word).expect("a key")).collect();
        let mut reader = lode_telemetry::LogReader::new(keys);
        let mut callers = Vec::new();
        let file = folder.write("a.json", record.to_string().as_bytes());
        reader.read(&file, &mut |_| {}, &mut |request| callers.push(request.caller.to_string())).expect("a log");
        callers.remove(0)
    };
    let keys = ["request-metadata:team", "application-inference-profile", "iam-principal"];
    assert_eq!(caller(&keys, &full), "team=search");
    assert_eq!(caller(&keys[1..], &full), "application-inference-profile/a1");
    assert_eq!(caller(&keys[2..], &full), "role/App");
    assert_eq!(caller(&["request-metadata:app"], &full), "unattributed");
    assert_eq!(caller(&keys, &record(json!({"identity": null}))), "unattributed");
}

#[test]
fn failed_calls_are_kept_with_their_error() {
    let failed = record(json!({
        "errorCode": "ValidationException",
        "input": {"inputTokenCount": null},
        "output": {"outputTokenCount": null},
    }));
    let logs = logs(&lines(&[failed]));
    assert_eq!((logs.sum(|file| file.without_counts), logs.requests.len()), (0, 1));
    assert_eq!(logs.requests[0].error.as_deref(), Some("ValidationException"));
    assert_eq!(logs.requests[0].tokens, TokenCounts::default());
    let counted = request(&record(json!({"errorCode": "ModelStreamErrorException"})));
    assert_eq!((counted.tokens.input, counted.error.as_deref()), (10, Some("ModelStreamErrorException")));
    assert_eq!(request(&record(json!({"errorCode": "someone's secret text"}))).error.as_deref(), Some("error"));
}
