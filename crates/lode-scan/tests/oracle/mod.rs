//! What `serde_json` makes of a text, to compare the pass with: for the tests here and the fuzz target `scan`.

use lode_scan::{DEEPEST, Kind, Value};
use serde_json::Value as Json;

/// A value of a tape as `serde_json` would have it.
pub(crate) fn json(value: Value<'_>) -> Json {
    match value.kind() {
        Kind::Null => Json::Null,
        Kind::True => Json::Bool(true),
        Kind::False => Json::Bool(false),
        Kind::Number => serde_json::from_str(value.number().expect("a number")).expect("in range"),
        Kind::Text => Json::String(value.text().expect("a text").get().into_owned()),
        Kind::Array => Json::Array(value.items().map(json).collect()),
        Kind::Object => {
            Json::Object(value.entries().map(|(key, value)| (key.get().into_owned(), json(value))).collect())
        }
    }
}

/// Whether a text is nested deeper than the pass goes.
pub(crate) fn is_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest > DEEPEST
}
