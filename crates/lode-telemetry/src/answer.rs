//! A response body: usage, form of the answer, tools called, why it ended, how long it took.
//!
//! A body is one object, or the array of events of a stream; both are read the same way, key by key, because events
//! are pieces of the object. Shapes: as in `prompt`.

use std::sync::Arc;

use lode_model::{Mode, OutputForm};
use lode_scan::{Kind, Text, Value};
use serde::de::IgnoredAny;

use crate::code::{SAMPLE, is_code};
use crate::count::{Counts, told};
use crate::guarded::Assessed;
use crate::hash::id;
use crate::json::{list, text_of};
use crate::marks::Found;
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
    /// What links it to the prompt after it: the smallest hash of the ids of the calls it makes.
    pub(crate) opens: Option<u64>,
    /// What a guardrail did, as its trace tells.
    pub(crate) guarded: Assessed,
    /// Its text, UTF-8, as far as it may be JSON; it stays in this crate.
    text: Vec<u8>,
    /// Whether it begins as no JSON does: no more than a sample of it is kept then. `None` until it begins.
    is_prose: Option<bool>,
    has_prefill: bool,
    has_answer: bool,
    has_media: bool,
    has_vectors: bool,
}

/// Reads a response body. `has_prefill`: the caller wrote the beginning of the answer.
pub(crate) fn read(body: Value<'_>, has_prefill: bool, names: &mut Names) -> Answer {
    let mut answer = Answer { has_prefill, ..Answer::default() };
    if body.kind() == Kind::Array {
        body.items().for_each(|event| answer.see(event, names));
    } else {
        answer.see(body, names);
    }
    answer
}

impl Answer {
    /// What the answer looks like. `prefill` is the beginning of it that the caller wrote.
    pub(crate) fn form(&self, prefill: &str, found: &mut Found) -> OutputForm {
        let text = self.text.as_slice();
        let mut is_code = || {
            found.look(text);
            is_code(text, text.len(), found)
        };
        if !self.tools.is_empty() {
            OutputForm::ToolUse
        } else if self.has_vectors {
            OutputForm::Embedding
        } else if self.is_prose == Some(true) {
            if is_code() { OutputForm::Code } else { OutputForm::Text }
        } else if is_json(text) || (!prefill.is_empty() && is_json(&[prefill.as_bytes(), text].concat())) {
            OutputForm::Json
        } else if is_code() {
            OutputForm::Code
        } else if !String::from_utf8_lossy(text).trim().is_empty() {
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
    fn see(&mut self, event: Value<'_>, names: &mut Names) {
        let mut mode = [None; 3];
        for (key, value) in event.entries() {
            let name = key.get();
            if value.kind() == Kind::Number {
                self.counts.see_count(&name, value);
            } else if let Some(place) = prompt::MODE_KEYS.iter().position(|key| *key == name) {
                mode[place] = Some(value);
            } else {
                self.see_key(&name, value, names);
            }
            if name == "results" {
                let titan: Option<u64> = value.items().map(|result| told(result, ["tokenCount"])).sum();
                self.counts.output = titan.or(self.counts.output);
            }
        }
        self.mode = prompt::mode(mode).or(self.mode);
    }

    fn see_key(&mut self, key: &str, value: Value<'_>, names: &mut Names) {
        match key {
            "usage" => self.counts.see(value),
            "amazon-bedrock-invocationMetrics" => {
                self.counts.see(value);
                self.latency_ms = told(value, ["invocationLatency"]).or(self.latency_ms);
            }
            "trace" | "amazon-bedrock-trace" => self.guarded.see_trace(value, names),
            "amazon-bedrock-guardrailAction" => self.guarded.see_action(value),
            "metrics" => self.latency_ms = told(value, ["latencyMs"]).or(self.latency_ms),
            "stopReason" | "stop_reason" | "finish_reason" | "completionReason" => self.see_stop(value, names),
            // Events of Converse and Nova, and Anthropic's first and middle ones, hold their parts one level down.
            "metadata" | "messageStop" | "delta" | "contentBlockDelta" | "start" | "contentBlockStart" | "message" => {
                self.see_part(value, names);
            }
            "output" if value.kind() == Kind::Array => value.items().for_each(|item| self.see_block(item, names)),
            "output" => self.see_part(value, names),
            "content" => self.see_content(value, names),
            "content_block" => self.see_block(value, names),
            "choices" | "outputs" | "results" | "generations" => {
                value.items().for_each(|choice| self.see_choice(choice, names));
            }
            "generation" | "outputText" | "text" => self.see_text(value),
            "toolUse" => self.see_tool(value, value, names),
            "tool_calls" => {
                value.items().for_each(|call| self.see_tool(call, call.get("function").unwrap_or(call), names));
            }
            "embedding" | "embeddings" | "embeddingsByType" => self.has_vectors |= !value.is_null(),
            "images" | "artifacts" | "videos" => self.has_media |= !value.is_null(),
            _ => {}
        }
    }

    /// A part of an event. Its usage, where it has one, is the event's.
    fn see_part(&mut self, part: Value<'_>, names: &mut Names) {
        for (key, value) in part.entries() {
            self.see_key(&key.get(), value, names);
        }
    }

    fn see_choice(&mut self, choice: Value<'_>, names: &mut Names) {
        self.has_answer = true;
        self.see_part(choice, names);
    }

    fn see_content(&mut self, content: Value<'_>, names: &mut Names) {
        self.has_answer = true;
        self.see_text(content);
        content.items().for_each(|block| self.see_block(block, names));
    }

    fn see_block(&mut self, block: Value<'_>, names: &mut Names) {
        self.has_answer = true;
        let [kind, cited, media @ ..] = block.pick(["type", "citationsContent", "image", "video", "audio"]);
        let Some(kind) = kind.and_then(Value::text) else {
            self.has_media |= media.iter().any(Option::is_some);
            self.see_part(block, names);
            let cited = cited.and_then(|cited| cited.get("content"));
            return list(cited).filter_map(|part| part.get("text")).for_each(|text| self.see_text(text));
        };
        match kind.get().as_ref() {
            "text" | "output_text" => block.get("text").into_iter().for_each(|text| self.see_text(text)),
            "tool_use" | "function_call" => self.see_tool(block, block, names),
            "message" => block.get("content").into_iter().for_each(|content| self.see_content(content, names)),
            "image" => self.has_media = true,
            _ => {}
        }
    }

    fn see_text(&mut self, text: Value<'_>) {
        let Some(text) = text.text() else { return };
        self.has_answer = true;
        if self.is_prose != Some(true) || self.text.len() < SAMPLE {
            text.push_bytes_to(&mut self.text);
            if self.is_prose.is_none() {
                let first = first_char(&self.text);
                self.is_prose = first.map(|first| !self.has_prefill && !matches!(first, '{' | '[' | '`'));
            }
        }
    }

    /// A call of a tool: where its id stands, and where its name does.
    fn see_tool(&mut self, call: Value<'_>, tool: Value<'_>, names: &mut Names) {
        if let Some(name) = text_of(tool, "name") {
            self.tools.push(names.get(&name.get()));
        }
        let named = call.pick(["toolUseId", "call_id", "id"]).into_iter().flatten().find_map(Value::text);
        self.opens = [self.opens, named.map(|call| id(&call.get()))].into_iter().flatten().min();
    }

    fn see_stop(&mut self, reason: Value<'_>, names: &mut Names) {
        let Some(reason) = reason.text().map(Text::get) else { return };
        let Some(word) = word(&reason) else { return };
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

/// The first character that is no white space.
fn first_char(text: &[u8]) -> Option<char> {
    let text = text.trim_ascii_start();
    match text.first()? {
        byte if byte.is_ascii_graphic() => Some(char::from(*byte)),
        _ => String::from_utf8_lossy(text).trim_start().chars().next(),
    }
}

/// A word of AWS' or a provider's, and not a text that stands in its place.
pub(crate) fn word(text: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '#');
    (!text.is_empty() && text.len() <= 128 && text.chars().all(fits)).then_some(text)
}

/// Whether a text is one JSON object or array, alone or in a fence.
fn is_json(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
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
            assert!(is_json(text.as_bytes()), "{text}");
        }
        for text in ["", "1", "\"a\"", "{", "{} {}", "Here: {}", "```json\n{}"] {
            assert!(!is_json(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn words_are_short_and_plain() {
        assert_eq!(word("end_turn"), Some("end_turn"));
        assert_eq!(word("a sentence of someone"), None);
        assert_eq!(word(&"x".repeat(200)), None);
    }
}
