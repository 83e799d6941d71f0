//! What records show beside sizes: what is asked for, white space, examples, code; and that no word of it comes out.

mod common;

use common::{record, request};
use lode_model::{Ask, OutputForm, SegmentKind, Traits};
use serde_json::{Value, json};

fn converse(input: Value, output: Value) -> lode_model::Request {
    request(&record(json!({
        "operation": "Converse",
        "modelId": "amazon.nova-pro-v1:0",
        "input": {"inputTokenCount": 100, "inputBodyJson": input},
        "output": {"outputTokenCount": 10, "outputBodyJson": output},
    })))
}

fn answer(text: &str) -> Value {
    json!({"output": {"message": {"role": "assistant", "content": [{"text": text}]}}, "stopReason": "end_turn"})
}

#[test]
fn blocks_show_what_they_ask_for_and_what_they_hold() {
    let request = converse(
        json!({
            "system": [{"text": "Summarise the report.\nExample 1: a\nExample 2: b\nExample 3: c\n"}],
            "messages": [
                {"role": "user", "content": [{"text": "{\n  \"a\": 1\n}"}]},
                {"role": "assistant", "content": [{"text": "Translate this, please."}]},
                {"role": "user", "content": [{"text": "And in German?"}]},
            ],
        }),
        answer("Kurz: eins."),
    );
    let traits: Vec<(SegmentKind, Traits)> = request.segments.iter().map(|s| (s.kind, s.traits)).collect();
    let with = |asks| Traits { asks, ..Traits::NONE };
    assert_eq!(
        traits,
        [
            (SegmentKind::System, Traits { examples: 3, example_bytes: 39, ..with(Some(Ask::Summarise)) }),
            (SegmentKind::User, Traits { white_space: 5, ..Traits::NONE }),
            (SegmentKind::Assistant, Traits::NONE),
            (SegmentKind::User, with(Some(Ask::Answer))),
        ]
    );
}

#[test]
fn a_tool_result_has_its_white_space_and_asks_for_nothing() {
    let request = converse(
        json!({"messages": [
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "find", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "[\n 1,\n 2\n]"}, {"text": "Translate {\"a\":\n1}"}]}}]},
        ]}),
        answer("Two."),
    );
    let result = request.segments.iter().find(|s| s.kind == SegmentKind::ToolResult).expect("a result");
    assert_eq!(result.traits, Traits { white_space: 6, ..Traits::NONE });
}

#[test]
fn an_answer_in_a_fence_is_code_and_one_bound_to_a_schema_is_json_unseen() {
    let asked = || json!({"messages": [{"role": "user", "content": [{"text": "Go on"}]}]});
    let of = |text: &str| converse(asked(), answer(text)).output_form;
    assert_eq!(of("Here:\n```python\ndef f(x):\n    return x\n```"), OutputForm::Code);
    assert_eq!(of("```\n{\"a\": 1}\n```"), OutputForm::Json);
    assert_eq!(of("Dear all,\n\nwe meet at nine.\n\nRegards"), OutputForm::Text);
    let mut bound = asked();
    bound["outputConfig"] = json!({"textFormat": {"type": "json_schema", "structure": {}}});
    assert_eq!(converse(bound, Value::Null).output_form, OutputForm::Json);
    assert_eq!(converse(asked(), Value::Null).output_form, OutputForm::Unknown);
}

#[test]
fn a_call_bound_to_a_schema_or_to_json_is_told_in_every_form() {
    let with = |key: &str, value: Value| {
        let mut body = json!({"messages": [{"role": "user", "content": [{"text": "Go on"}]}]});
        if !key.is_empty() {
            body[key] = value;
        }
        converse(body, answer("{}")).schema_bound
    };
    assert!(!with("", Value::Null));
    // Converse, and the fields that it hands on as they are; Anthropic; OpenAI and Mistral.
    assert!(with("outputConfig", json!({"textFormat": {"type": "json_schema", "structure": {}}})));
    let own = json!({"output_config": {"format": {"type": "json_schema", "schema": {}}}});
    assert!(with("additionalModelRequestFields", own.clone()));
    assert!(with("output_config", own["output_config"].clone()));
    assert!(with("response_format", json!({"type": "json_object"})));
    // An output configuration that binds nothing.
    assert!(!with("outputConfig", json!({"effort": "low"})));
    assert!(!with("response_format", json!({"type": "text"})));
    assert!(!with("additionalModelRequestFields", json!({"top_k": 5})));
}

#[test]
fn equal_texts_have_equal_traits_however_often_they_come() {
    let body = || json!({"messages": [{"role": "user", "content": [{"text": "Classify: yes or no"}]}]});
    let (first, second) = (converse(body(), answer("yes")), converse(body(), answer("no")));
    assert_eq!(first.segments, second.segments);
    assert_eq!(first.segments[0].traits.asks, Some(Ask::Label));
}
