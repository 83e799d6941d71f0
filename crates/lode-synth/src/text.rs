//! Writes pieces out: text of exactly their size in bytes, and JSON whose keys are in order.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};

use crate::call::{BYTES_PER_TOKEN, Content, Piece, Tool};
use crate::{shapes, voices};

/// Bytes of so many tokens.
fn bytes(tokens: u32) -> usize {
    usize::try_from(u64::from(tokens) * BYTES_PER_TOKEN).unwrap_or(usize::MAX)
}

/// The text of a piece.
pub(crate) fn of(piece: &Piece) -> String {
    voices::write(piece, bytes(piece.tokens))
}

/// The text of a content that is one; empty for tools and their uses.
pub(crate) fn words(content: &Content) -> String {
    match content {
        Content::Text(piece) | Content::Guarded(piece) | Content::ToolResult(piece, _) => of(piece),
        Content::Passage(index, piece) => passage(*index, piece),
        Content::Json(piece, indent) => shapes::json(piece, *indent, bytes(piece.tokens)),
        Content::Examples(piece, count) => shapes::examples(piece, *count),
        Content::Tool(_) | Content::ToolUse(..) => String::new(),
    }
}

/// A retrieved passage in its wrapping.
fn passage(index: u32, piece: &Piece) -> String {
    let (open, close) = (format!("<search_result index=\"{index}\">"), "</search_result>");
    let inner = bytes(piece.tokens).saturating_sub(open.len() + close.len());
    format!("{open}{}{close}", voices::write(piece, inner))
}

/// What may stand in JSON as it is.
fn plain(text: &str) -> String {
    text.replace(['"', '\\', '\n', '\t'], " ")
}

/// The input of a tool use, so that name and compact input together have the piece's size.
pub(crate) fn tool_input(name: &str, piece: &Piece) -> Value {
    let around = name.len() + json!({"q": ""}).to_string().len();
    json!({"q": plain(&voices::write(piece, bytes(piece.tokens).saturating_sub(around)))})
}

/// The tool in Converse's form (the `toolSpec`) or in Anthropic's, whose compact JSON has the tool's size.
pub(crate) fn tool(tool: &Tool, anthropic: bool) -> Value {
    let schema = json!({"properties": {"q": {"type": "string"}}, "required": ["q"], "type": "object"});
    let with = |description: String| {
        if anthropic {
            json!({"description": description, "input_schema": schema, "name": tool.name})
        } else {
            json!({"description": description, "inputSchema": {"json": schema}, "name": tool.name})
        }
    };
    let around = with(String::new()).to_string().len();
    let piece = Piece { role: voices::TOOLS, topic: tool.name, number: 0, tokens: tool.tokens, seed: 0 };
    with(plain(&voices::write(&piece, bytes(tool.tokens).saturating_sub(around))))
}

/// The same value with the keys of every object in order, however the map that holds them orders them.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// JSON for people.
pub(crate) fn pretty(value: &Value) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&sorted(value.clone())).map(|text| text + "\n")
}

/// Gzip without name or time, so that equal text gives equal bytes.
pub(crate) fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: Piece = Piece { role: "kb-assistant", topic: "passage", number: 7, tokens: 30, seed: 1 };

    #[test]
    fn texts_have_their_size() {
        assert_eq!(of(&PIECE).len(), 120);
        assert_eq!(of(&Piece { tokens: 5, ..PIECE }).len(), 20);
        assert_ne!(of(&PIECE), of(&Piece { number: 8, ..PIECE }));
        let passage = passage(20, &PIECE);
        assert_eq!(passage.len(), 120);
        assert!(passage.starts_with("<search_result index=\"20\">") && passage.ends_with("</search_result>"));
        let asked = Piece { role: "agent-desk", topic: "tool input", ..PIECE };
        assert_eq!("find_customer".len() + tool_input("find_customer", &asked).to_string().len(), 120);
        for anthropic in [false, true] {
            let tool = Tool { name: "list_orders", tokens: 100 };
            assert_eq!(super::tool(&tool, anthropic).to_string().len(), 400);
        }
    }

    #[test]
    fn keys_are_in_order_at_every_depth() {
        let value = json!({"b": [{"z": 1, "a": 2}], "a": {"d": 1, "c": 2}});
        assert_eq!(sorted(value).to_string(), r#"{"a":{"c":2,"d":1},"b":[{"a":2,"z":1}]}"#);
    }
}
