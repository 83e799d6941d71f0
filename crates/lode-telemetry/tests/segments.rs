//! The segments of prompts: order, sizes, markers, identity.

mod common;

use std::sync::Arc;

use common::{bodies, request, shapes};
use lode_model::SegmentKind::{Assistant, Media, Retrieved, System, Tool, ToolResult, User};
use lode_model::{Segment, Ttl};
use serde_json::{Value, json};

const FIVE: Option<Ttl> = Some(Ttl::FiveMinutes);
const HOUR: Option<Ttl> = Some(Ttl::OneHour);

fn segments(body: Value) -> Vec<Arc<Segment>> {
    request(&bodies(body, json!({}))).segments
}

#[test]
fn converse_in_the_order_the_model_reads() {
    let spec = json!({"name": "lookup", "inputSchema": {"json": {}}});
    let all = segments(json!({
        "messages": [
            {"role": "user", "content": [{"text": "What is é?"}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "lookup", "input": {"q": "x"}}}]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "t1", "content": [{"text": "four"}, {"json": {"a": 1}}, {"image": {"format": "png"}}]}},
                {"cachePoint": {"type": "default"}}]}],
        "system": [{"text": "You are"}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
        "toolConfig": {"tools": [{"toolSpec": spec}, {"cachePoint": {"type": "default", "ttl": "1h"}}]},
    }));
    assert_eq!(
        shapes(&all),
        [
            // {"inputSchema":{"json":{}},"name":"lookup"}
            (Tool, 43, Some("lookup"), HOUR),
            (System, 7, None, HOUR),
            // é is two bytes
            (User, 11, None, None),
            // lookup and {"q":"x"}
            (Assistant, 6 + 9, Some("lookup"), None),
            // four and {"a":1}
            (ToolResult, 4 + 7, Some("lookup"), None),
            (Media, 0, None, FIVE),
        ]
    );
}

#[test]
fn anthropic_markers_are_inside_blocks_and_are_no_part_of_them() {
    let body = |marker: Value| {
        let mut tool = json!({"name": "f", "input_schema": {}});
        let mut system = json!({"type": "text", "text": "You are"});
        if marker.is_object() {
            tool["cache_control"] = marker.clone();
            system["cache_control"] = marker;
        }
        segments(json!({"tools": [tool], "system": [system], "messages": [{"role": "user", "content": [
            {"type": "image", "source": {"type": "base64", "data": "AAAA"}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "five!"}}]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "done"}]}]}))
    };
    let marked = body(json!({"type": "ephemeral", "ttl": "1h"}));
    assert_eq!(
        shapes(&marked),
        [
            // {"input_schema":{},"name":"f"}
            (Tool, 30, Some("f"), HOUR),
            (System, 7, None, HOUR),
            (Media, 0, None, None),
            (Media, 5, None, None),
            (Assistant, 2, None, None),
            (Assistant, 1 + 2, Some("f"), None),
            (ToolResult, 4, Some("f"), None),
        ]
    );
    let plain = body(Value::Null);
    assert!(plain.iter().all(|segment| segment.marker.is_none()));
    let hashes = |all: &[Arc<Segment>]| all.iter().map(|segment| segment.hash).collect::<Vec<_>>();
    assert_eq!(hashes(&plain), hashes(&marked));
    assert_eq!(body(json!({"type": "ephemeral"}))[0].marker, FIVE);
}

#[test]
fn automatic_caching_marks_the_last_block() {
    let body = |control: Value| {
        segments(json!({"cache_control": control, "system": "a",
            "messages": [{"role": "user", "content": "b"}, {"role": "user", "content": "c"}]}))
    };
    let markers = |all: &[Arc<Segment>]| all.iter().map(|segment| segment.marker).collect::<Vec<_>>();
    assert_eq!(markers(&body(json!({"type": "ephemeral"}))), [None, None, FIVE]);
    assert_eq!(markers(&body(Value::Null)), [None, None, None]);
}

#[test]
fn nova_markers_are_inside_text_blocks() {
    let all = segments(json!({"system": [{"text": "You are", "cachePoint": {"type": "default"}}],
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}));
    assert_eq!(shapes(&all), [(System, 7, None, FIVE), (User, 2, None, None)]);
}

#[test]
fn a_marker_before_everything_marks_nothing() {
    let all = segments(json!({"system": [{"cachePoint": {"type": "default"}}],
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}));
    assert_eq!(shapes(&all), [(User, 2, None, None)]);
}

#[test]
fn openai_and_cohere_shapes() {
    let openai = segments(json!({
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "messages": [{"role": "system", "content": "abc"}, {"role": "user", "content": [{"type": "text", "text": "de"}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "t", "content": "done"}]}));
    assert_eq!(
        shapes(&openai),
        [
            // {"function":{"name":"f"},"type":"function"}
            (Tool, 43, Some("f"), None),
            (System, 3, None, None),
            (User, 2, None, None),
            (Assistant, 3, Some("f"), None),
            (ToolResult, 4, Some("f"), None),
        ]
    );
    let cohere = segments(json!({"preamble": "abc", "message": "q?",
        "chat_history": [{"role": "USER", "message": "a"}, {"role": "CHATBOT", "message": "bc"}],
        "documents": [{"title": "t", "snippet": "four"}]}));
    assert_eq!(
        shapes(&cohere),
        [
            (System, 3, None, None),
            (User, 1, None, None),
            (Assistant, 2, None, None),
            (Retrieved, 5, None, None),
            (User, 2, None, None),
        ]
    );
}

#[test]
fn passages_are_split_out_of_user_turns_only() {
    let text = "Use these.\n<document>one</document>\n<document>two</document>\nWhat?";
    let turn =
        |role: &str| segments(json!({"messages": [{"role": role, "content": [{"text": text}, {"cachePoint": {}}]}]}));
    let user = turn("user");
    assert_eq!(
        shapes(&user),
        [(User, 11, None, None), (Retrieved, 25, None, None), (Retrieved, 24, None, None), (User, 6, None, FIVE)]
    );
    assert_eq!(user.iter().map(|segment| segment.bytes).sum::<u64>(), text.len() as u64);
    assert_eq!(shapes(&turn("assistant")), [(Assistant, text.len() as u64, None, FIVE)]);
    let one = |text: &str| segments(json!({"messages": [{"role": "user", "content": text}]}))[0].hash;
    assert_eq!(user[1].hash, one("<document>one</document>"), "white space after it is no part of a passage");
    assert_ne!(user[1].hash, user[2].hash);
    let marked = segments(json!({"messages": [{"role": "user", "content": [
        {"type": "search_result", "source": "s", "title": "tt", "content": [{"type": "text", "text": "four"}]},
        {"searchResult": {"source": "s", "title": "tt", "content": [{"text": "four"}]}}]}]}));
    assert_eq!(shapes(&marked), [(Retrieved, 7, None, None), (Retrieved, 7, None, None)]);
    assert_eq!(marked[0].hash, marked[1].hash);
}

#[test]
fn equal_tool_calls_are_equal_whatever_their_ids() {
    let converse =
        |id: &str, name: &str, input: Value| json!({"toolUse": {"toolUseId": id, "name": name, "input": input}});
    let anthropic =
        |id: &str, name: &str, input: Value| json!({"type": "tool_use", "id": id, "name": name, "input": input});
    for call in [converse as fn(&str, &str, Value) -> Value, anthropic] {
        let all = segments(json!({"messages": [{"role": "assistant", "content": [
            call("one", "f", json!({"q": 1})), call("two", "f", json!({"q": 1})),
            call("three", "f", json!({"q": 2})), call("four", "g", json!({"q": 1}))]}]}));
        let hashes: Vec<u128> = all.iter().map(|segment| segment.hash).collect();
        assert_eq!(hashes[0], hashes[1], "the id is no part of it");
        assert!(hashes[2] != hashes[0] && hashes[3] != hashes[0], "input and name are");
    }
}

#[test]
fn what_is_remembered_of_one_prompt_is_the_same_in_the_next() {
    let control = json!({"type": "ephemeral"});
    let tool = |name: &str| json!({"name": name, "input_schema": {"type": "object"}});
    let marked = json!({"name": "f", "input_schema": {"type": "object"}, "cache_control": control});
    let user = |text: &str| json!({"role": "user", "content": text});
    let passage = "<document>a\\</document> and <document>b</document>?";
    let call = |name: &str, input: Value| json!({"type": "tool_use", "id": name, "name": name, "input": input});
    let result = |id: &str, content: Value| json!({"type": "tool_result", "tool_use_id": id, "content": content});
    let text = json!("{\"q\":1}");
    let calls = json!([call("f", json!({"q": 1})), call("g", json!({"q": 1})), call("h", text.clone())]);
    let chain = |end: Value| {
        let results = json!([result("f", text.clone()), result("g", text.clone()), result("h", json!({"q": 1})), end]);
        json!({"messages": [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]})
    };
    let body = |tools: Value| {
        json!({"tools": tools, "system": [{"type": "text", "text": passage, "cache_control": control}],
        "messages": [user(passage), {"role": "assistant", "content": passage}, user("x"), user("x\n")]})
    };
    let all = [
        body(json!([tool("f"), {"cachePoint": null}, tool("g")])),
        body(json!([marked, tool("g")])),
        body(json!([tool("f"), tool("g")])),
        body(json!(["{}", {}, "null", null])),
        chain(result("x", json!([{"type": "text", "text": "a"}, {"type": "image"}]))),
        chain(result("x", json!([{"type": "text", "text": "a", "cache_control": control}]))),
        chain(result("x", json!([{"type": "text", "text": "a"}]))),
    ];
    let alone: Vec<_> = all.iter().map(|body| segments(body.clone())).collect();
    let records: Vec<Value> = all.iter().chain(&all).map(|body| bodies(body.clone(), json!({}))).collect();
    let (mut together, mut links) = (Vec::new(), Vec::new());
    let folder = common::Folder::new();
    let file = folder.write("log.json", common::lines(&records).as_bytes());
    let mut reader = lode_telemetry::LogReader::new(Vec::new());
    reader
        .read(&file, &mut |_| {}, &mut |request| {
            together.push(request.segments.clone());
            links.push(request.chain.continues);
        })
        .expect("a log");
    assert_eq!(together, [&alone[..], &alone[..]].concat());
    let linked = |place: usize| links[place].is_some();
    assert_eq!((0..14).map(linked).collect::<Vec<_>>(), [false, false, false, false, true, true, true].repeat(2));
    assert_eq!((links[4], links[5]), (links[11], links[12]));
}

#[test]
fn the_order_of_keys_is_no_part_of_a_tool() {
    let tool = |spec: &str| {
        let body = format!(r#"{{"toolConfig":{{"tools":[{{"toolSpec":{spec}}}]}}}}"#);
        segments(Value::String(body)).remove(0)
    };
    let one = tool(r#"{"name":"f","inputSchema":{"json":{"type":"object","a":1}}}"#);
    assert_eq!(one, tool(r#"{ "inputSchema": {"json": {"a": 1, "type": "object"}}, "name": "f" }"#));
    assert_ne!(one.hash, tool(r#"{"name":"g","inputSchema":{"json":{"type":"object","a":1}}}"#).hash);
}

/// Hashes are compared between runs and machines: they may not change unnoticed.
#[test]
fn hashes_are_fixed_and_tell_kinds_apart() {
    let all = segments(json!({"system": "Hi", "messages": [
        {"role": "user", "content": "Hi"}, {"role": "user", "content": [{"text": "Hi"}]}]}));
    assert_ne!(all[0].hash, all[1].hash);
    assert_eq!(all[1].hash, all[2].hash);
    assert_eq!(format!("{:032x}", all[1].hash), "36d68adbe09ad0a2c26cc721d0c185ca");
}
