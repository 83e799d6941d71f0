//! A response body: usage, form of the answer, tools called, why it ended, how long it took.
//!
//! A body is one object, or the array of events of a stream; both are read the same way, key by key, because events
//! are pieces of the object. Shapes: as in `prompt`.

use std::sync::Arc;

use lode_model::{Mode, OutputForm};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::count::{Counts, told};
use crate::prompt;
use crate::segments::Names;

/// What a response body says.
#[derive(Default)]
pub(crate) struct Answer {
    /// The usage it carries.
    pub(crate) counts: Counts,
    /// Tools called, in order.
    pub(crate) tools: Vec<Arc<str>>,
    /// Why it ended, in Converse' words.
    pub(crate) stop_reason: Option<Arc<str>>,
    /// Milliseconds.
    pub(crate) latency_ms: Option<u64>,
    /// The mode that served it.
    pub(crate) mode: Option<Mode>,
    /// Its text; it stays in this crate.
    text: String,
    has_answer: bool,
    has_media: bool,
    has_vectors: bool,
}

/// Reads a response body.
pub(crate) fn read(body: &Value, names: &mut Names) -> Answer {
    let mut answer = Answer::default();
    match body {
        Value::Array(events) => events.iter().for_each(|event| answer.see(event, names)),
        other => answer.see(other, names),
    }
    answer
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

impl Answer {
    /// What the answer looks like. `prefill` is the beginning of it that the caller wrote.
    pub(crate) fn form(&self, prefill: &str) -> OutputForm {
        if !self.tools.is_empty() {
            OutputForm::ToolUse
        } else if self.has_vectors {
            OutputForm::Embedding
        } else if is_json(&self.text) || (!prefill.is_empty() && is_json(&format!("{prefill}{}", self.text))) {
            OutputForm::Json
        } else if !self.text.trim().is_empty() {
            OutputForm::Text
        } else if self.has_media {
            OutputForm::Media
        } else if self.has_answer {
            OutputForm::Text
        } else {
            OutputForm::Unknown
        }
    }

    /// One object of a body: all of it, or an event of a stream.
    fn see(&mut self, event: &Value, names: &mut Names) {
        let Value::Object(map) = event else { return };
        self.counts.see(event);
        self.mode = prompt::mode(event).or(self.mode);
        for (key, value) in map {
            self.see_key(key, value, names);
        }
        let titan: Option<u64> = list(map.get("results")).map(|result| told(result, &["tokenCount"])).sum();
        if map.contains_key("results") && titan.is_some() {
            self.counts.output = titan;
        }
    }

    fn see_key(&mut self, key: &str, value: &Value, names: &mut Names) {
        match key {
            "usage" => self.counts.see(value),
            "amazon-bedrock-invocationMetrics" => {
                self.counts.see(value);
                self.latency_ms = told(value, &["invocationLatency"]).or(self.latency_ms);
            }
            "metrics" => self.latency_ms = told(value, &["latencyMs"]).or(self.latency_ms),
            "stopReason" | "stop_reason" | "finish_reason" | "completionReason" => self.see_stop(value, names),
            // Events of Converse and Nova, and Anthropic's first and middle ones, hold their parts one level down.
            "metadata" | "messageStop" | "delta" | "contentBlockDelta" | "start" | "contentBlockStart" => {
                self.see_part(value, names);
            }
            "message" => self.see_part(value, names),
            "output" => match value {
                Value::Array(items) => items.iter().for_each(|item| self.see_block(item, names)),
                other => self.see_part(other, names),
            },
            "content" => self.see_content(value, names),
            "content_block" => self.see_block(value, names),
            "choices" | "outputs" | "results" | "generations" => {
                list(Some(value)).for_each(|choice| self.see_choice(choice, names));
            }
            "generation" | "outputText" | "text" => self.see_text(value),
            "toolUse" => self.see_tool(value, names),
            "tool_calls" => {
                list(Some(value)).for_each(|call| self.see_tool(call.get("function").unwrap_or(call), names))
            }
            "embedding" | "embeddings" | "embeddingsByType" => self.has_vectors |= !value.is_null(),
            "images" | "artifacts" | "videos" => self.has_media |= !value.is_null(),
            _ => {}
        }
    }

    /// A part of an event. Its usage, where it has one, is the event's.
    fn see_part(&mut self, part: &Value, names: &mut Names) {
        for (key, value) in part.as_object().into_iter().flatten() {
            self.see_key(key, value, names);
        }
    }

    fn see_choice(&mut self, choice: &Value, names: &mut Names) {
        self.has_answer = true;
        self.see_part(choice, names);
    }

    fn see_content(&mut self, content: &Value, names: &mut Names) {
        self.has_answer = true;
        match content {
            Value::String(text) => self.text.push_str(text),
            Value::Array(blocks) => blocks.iter().for_each(|block| self.see_block(block, names)),
            _ => {}
        }
    }

    fn see_block(&mut self, block: &Value, names: &mut Names) {
        self.has_answer = true;
        match block.get("type").and_then(Value::as_str) {
            Some("text" | "output_text") => block.get("text").into_iter().for_each(|text| self.see_text(text)),
            Some("tool_use" | "function_call") => self.see_tool(block, names),
            Some("message") => block.get("content").into_iter().for_each(|content| self.see_content(content, names)),
            Some("image") => self.has_media = true,
            Some(_) => {}
            None => {
                self.has_media |= ["image", "video", "audio"].iter().any(|key| block.get(key).is_some());
                self.see_part(block, names);
                let cited = block.get("citationsContent").and_then(|cited| cited.get("content"));
                list(cited).for_each(|part| part.get("text").into_iter().for_each(|text| self.see_text(text)));
            }
        }
    }

    fn see_text(&mut self, text: &Value) {
        if let Some(text) = text.as_str() {
            self.has_answer = true;
            self.text.push_str(text);
        }
    }

    fn see_tool(&mut self, tool: &Value, names: &mut Names) {
        if let Some(name) = tool.get("name").and_then(Value::as_str) {
            self.tools.push(names.get(name));
        }
    }

    fn see_stop(&mut self, reason: &Value, names: &mut Names) {
        let Some(word) = reason.as_str().and_then(word) else { return };
        self.stop_reason = Some(names.get(match word {
            "length" | "LENGTH" | "MAX_TOKENS" => "max_tokens",
            "stop" | "STOP" | "FINISH" | "COMPLETE" => "end_turn",
            "tool_calls" | "TOOL_CALL" | "TOOL_CALLS" => "tool_use",
            "content_filter" | "CONTENT_FILTERED" => "content_filtered",
            "STOP_SEQUENCE" | "STOP_CRITERIA_MET" => "stop_sequence",
            other => other,
        }));
    }
}

/// A word of AWS' or a provider's, and not a text that stands in its place.
pub(crate) fn word(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '#');
    (!text.is_empty() && text.len() <= 128 && text.chars().all(fits)).then_some(text)
}

/// Whether a text is one JSON object or array, alone or in a fence.
fn is_json(text: &str) -> bool {
    let text = text.trim();
    let fenced = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inner =
        fenced.map_or(text, |rest| rest.strip_prefix("json").or(rest.strip_prefix("JSON")).unwrap_or(rest).trim());
    inner.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(inner).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_json_value_is_json() {
        for text in ["{}", " [1]\n", "```json\n{\"a\":1}\n```", "```\n[]\n```"] {
            assert!(is_json(text), "{text}");
        }
        for text in ["", "1", "\"a\"", "{", "{} {}", "Here: {}", "```json\n{}"] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn words_are_short_and_plain() {
        assert_eq!(word("end_turn"), Some("end_turn"));
        assert_eq!(word("a sentence of someone"), None);
        assert_eq!(word(&"x".repeat(200)), None);
    }
}
