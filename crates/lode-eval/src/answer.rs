//! The answer in a response body: its text and the tools it calls. A body is one object, or the events of a stream.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What was answered.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// Its text, thoughts apart.
    pub(crate) text: String,
    /// The tools it calls, in order: name and input.
    pub(crate) tools: Vec<(String, Value)>,
}

/// The parts of an answer by their place in it.
#[derive(Default)]
struct Parts {
    blocks: BTreeMap<u64, Part>,
}

#[derive(Default)]
struct Part {
    text: String,
    name: Option<String>,
    input: Option<Value>,
    /// Pieces of the input of a tool, as a stream brings them.
    pieces: String,
}

fn text_of<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

impl Answer {
    /// Reads a response body.
    pub(crate) fn read(body: &Value) -> Self {
        let mut parts = Parts::default();
        match body {
            Value::Array(events) => events.iter().for_each(|event| parts.see(event)),
            event => parts.see(event),
        }
        let mut answer = Self::default();
        for part in parts.blocks.into_values() {
            answer.text.push_str(&part.text);
            if let Some(name) = part.name {
                let input = part.input.or_else(|| serde_json::from_str(&part.pieces).ok());
                answer.tools.push((name, input.unwrap_or_else(|| json!({}))));
            }
        }
        answer
    }

    /// Whether there is nothing to hold another answer against.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.tools.is_empty()
    }

    /// Whether it is one JSON object or array, alone or in a fence, or calls tools.
    pub(crate) fn is_structured(&self) -> bool {
        let text = self.text.trim();
        let fenced = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
        let text = fenced.map_or(text, |rest| rest.strip_prefix("json").unwrap_or(rest).trim());
        let is_json = text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        is_json || !self.tools.is_empty()
    }
}

impl Parts {
    /// An object of a body: all of it, or an event of a stream.
    fn see(&mut self, event: &Value) {
        let index = ["index", "contentBlockIndex"].iter().find_map(|key| event.get(key)?.as_u64()).unwrap_or(0);
        let message = event.get("output").and_then(|output| output.get("message")).unwrap_or(event);
        match message.get("content") {
            Some(Value::String(text)) => self.text(text),
            content => items(content).for_each(|block| self.block(block)),
        }
        // Streams: a block begins, and grows.
        for (key, inner) in [("content_block", None), ("contentBlockStart", Some("start"))] {
            if let Some(start) = event.get(key) {
                let index = start.get("contentBlockIndex").and_then(Value::as_u64).unwrap_or(index);
                let start = inner.and_then(|inner| start.get(inner)).unwrap_or(start);
                self.begin(index, start.get("toolUse").unwrap_or(start));
            }
        }
        if let Some(grown) = event.get("contentBlockDelta") {
            let index = grown.get("contentBlockIndex").and_then(Value::as_u64).unwrap_or(index);
            grown.get("delta").into_iter().for_each(|delta| self.grow(index, delta));
        } else if let Some(delta) = event.get("delta") {
            self.grow(index, delta);
        }
        // Other providers.
        for choice in items(event.get("choices")) {
            let message = choice.get("message").or_else(|| choice.get("delta")).unwrap_or(choice);
            ["content", "text"].iter().filter_map(|key| text_of(message, key)).for_each(|text| self.text(text));
            items(message.get("tool_calls")).for_each(|call| self.function(call));
        }
        for (list, key) in [("results", "outputText"), ("outputs", "text"), ("generations", "text")] {
            items(event.get(list)).filter_map(|one| text_of(one, key)).for_each(|text| self.text(text));
        }
        let plain = ["generation", "outputText", "completion", "text"];
        plain.iter().filter_map(|key| text_of(event, key)).for_each(|text| self.text(text));
    }

    fn text(&mut self, text: &str) {
        self.blocks.entry(0).or_default().text.push_str(text);
    }

    fn next(&self) -> u64 {
        self.blocks.last_key_value().map_or(0, |(index, _)| index.saturating_add(1))
    }

    /// A whole block.
    fn block(&mut self, block: &Value) {
        let call = block.get("toolUse").or_else(|| (text_of(block, "type") == Some("tool_use")).then_some(block));
        let mut part = Part::default();
        if let Some(call) = call {
            part.name = text_of(call, "name").map(str::to_owned);
            part.input = call.get("input").cloned();
        } else if let Some(text) = text_of(block, "text") {
            part.text.push_str(text);
        } else if let Some(cited) = block.get("citationsContent") {
            items(cited.get("content"))
                .filter_map(|one| text_of(one, "text"))
                .for_each(|text| part.text.push_str(text));
        }
        let index = self.next();
        self.blocks.insert(index, part);
    }

    fn begin(&mut self, index: u64, start: &Value) {
        let part = self.blocks.entry(index).or_default();
        part.name = text_of(start, "name").map(str::to_owned).or_else(|| part.name.take());
        part.text.push_str(text_of(start, "text").unwrap_or_default());
    }

    fn grow(&mut self, index: u64, delta: &Value) {
        let part = self.blocks.entry(index).or_default();
        part.text.push_str(text_of(delta, "text").unwrap_or_default());
        let input = delta.get("toolUse").and_then(|call| text_of(call, "input"));
        part.pieces.push_str(input.or_else(|| text_of(delta, "partial_json")).unwrap_or_default());
    }

    /// A call in OpenAI's form: its input is a text.
    fn function(&mut self, call: &Value) {
        let function = call.get("function").unwrap_or(call);
        let input = text_of(function, "arguments").and_then(|text| serde_json::from_str(text).ok());
        let name = text_of(function, "name").map(str::to_owned);
        let index = self.next();
        self.blocks.insert(index, Part { name, input, ..Part::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> (String, Vec<(String, Value)>) {
        let answer = Answer::read(body);
        (answer.text, answer.tools)
    }

    #[test]
    fn whole_bodies() {
        let said = ("yes".to_owned(), Vec::new());
        for body in [
            json!({"output": {"message": {"role": "assistant", "content": [{"text": "yes"}]}}, "usage": {}}),
            json!({"content": [{"type": "thinking", "thinking": "no"}, {"type": "text", "text": "yes"}]}),
            json!({"choices": [{"message": {"content": "yes"}}]}),
            json!({"results": [{"outputText": "yes"}]}),
            json!({"outputs": [{"text": "yes"}]}),
            json!({"generations": [{"text": "yes"}]}),
            json!({"generation": "yes"}),
            json!({"completion": "yes"}),
        ] {
            assert_eq!(read(&body), said, "{body}");
        }
    }

    #[test]
    fn streams_are_put_together() {
        let called = ("So: ".to_owned(), vec![("w".to_owned(), json!({"a": 1}))]);
        let anthropic = json!([
            {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "So"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ": "}},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "w", "input": {}}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"a\":"}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "1}"}},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        ]);
        let converse = json!([
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "So: "}}},
            {"contentBlockStart": {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "w"}}}},
            {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{\"a\":1}"}}}},
            {"messageStop": {"stopReason": "tool_use"}},
        ]);
        assert_eq!(read(&anthropic), called);
        assert_eq!(read(&converse), called);
        let openai = json!({"choices": [{"message": {"content": "So: ", "tool_calls": [{"function": {"name": "w", "arguments": "{\"a\":1}"}}]}}]});
        assert_eq!(read(&openai), called);
    }

    #[test]
    fn structured_answers() {
        let of = |text: &str| Answer { text: text.to_owned(), tools: Vec::new() }.is_structured();
        assert!(of("{\"a\": 1}") && of("```json\n[1]\n```"));
        assert!(!of("yes") && !of("{") && !of("Here: {}"));
        assert!(Answer { text: String::new(), tools: vec![("w".to_owned(), json!({}))] }.is_structured());
        assert!(Answer::read(&json!(null)).is_empty() && Answer::read(&json!([1, "x", {"delta": 1}])).is_empty());
    }
}
