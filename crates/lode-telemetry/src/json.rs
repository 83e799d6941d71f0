//! What reading a record needs of JSON beyond looking values up: compact forms, and words for faults.

use std::borrow::Cow;

use lode_scan::{Fault, FaultKind, Items, Kind, Text, Value};

/// What is wrong with a text, in our words: a parser's might hold a word of the text.
pub(crate) const fn words(fault: Fault) -> &'static str {
    match fault.kind {
        FaultKind::EndsEarly => "JSON that ends too early",
        FaultKind::Syntax => "a JSON error",
        FaultKind::TooDeep => "JSON nested too deeply",
        FaultKind::TooLong | FaultKind::TooMany => "JSON of more than four million values in one document",
    }
}

/// The byte at which a text stops being JSON, counting from 1; the last one where it ends too early.
pub(crate) fn byte(fault: Fault) -> usize {
    fault.byte + usize::from(fault.kind != FaultKind::EndsEarly)
}

/// The items of a list that may not be there.
pub(crate) fn list(value: Option<Value<'_>>) -> impl Iterator<Item = Value<'_>> {
    let items: Option<Items<'_>> = value.map(Value::items);
    items.into_iter().flatten()
}

/// The text of a field.
pub(crate) fn text_of<'a>(value: Value<'a>, key: &str) -> Option<Text<'a>> {
    value.get(key)?.text()
}

/// A text that is there and not empty, without white space around it.
pub(crate) fn trimmed(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    let text = match value?.text()?.get() {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// Keys that carry a cache marker: Anthropic's, and that of Nova and Converse.
pub(crate) const MARKERS: [&str; 2] = ["cache_control", "cachePoint"];

pub(crate) fn is_marker(key: Text<'_>) -> bool {
    MARKERS.iter().any(|marker| key.is(marker))
}

/// Appends compact JSON with the keys of objects in order, without the value's own cache marker.
pub(crate) fn push_compact(value: Value<'_>, out: &mut String) {
    push_object(value, out, &|key| !is_marker(key));
}

/// Appends compact JSON with the keys of objects in order: clients that order them otherwise mean the same.
pub(crate) fn push_whole(value: Value<'_>, out: &mut String) {
    push_object(value, out, &|_| true);
}

fn push_object(value: Value<'_>, out: &mut String, wanted: &dyn Fn(Text<'_>) -> bool) {
    match value.kind() {
        Kind::Object => {
            let wanted = value.entries().filter(|(key, _)| wanted(*key));
            let mut entries: Vec<(Cow<'_, str>, Text<'_>, Value<'_>)> =
                wanted.map(|(key, value)| (key.get(), key, value)).collect();
            // Of equal keys the last one counts: it comes first, and the others are dropped.
            entries.reverse();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.dedup_by(|after, before| after.0 == before.0);
            out.push('{');
            for (place, (_, key, value)) in entries.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                push_text(key, out);
                out.push(':');
                push_whole(value, out);
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                push_whole(item, out);
            }
            out.push(']');
        }
        Kind::Text => value.text().into_iter().for_each(|text| push_text(text, out)),
        Kind::Null | Kind::True | Kind::False | Kind::Number => out.push_str(value.raw()),
    }
}

/// A text in quotes, escaped in one way whatever way it was escaped in.
fn push_text(text: Text<'_>, out: &mut String) {
    if text.is_escaped() {
        out.push_str(&serde_json::to_string(text.get().as_ref()).unwrap_or_default());
    } else {
        out.push('"');
        out.push_str(text.raw());
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lode_scan::Tape;

    #[test]
    fn compact_json_is_the_same_however_it_was_written() {
        let compact = |text: &str| {
            let mut out = String::new();
            push_compact(Tape::new().read_all(text).expect("JSON"), &mut out);
            out
        };
        let expected = r#"{"a":[1,{"cachePoint":{},"x":"\"\n"}],"b":null}"#;
        for text in [
            r#"{"b":null,"a":[1,{"x":"\"\n","cachePoint":{}}],"cache_control":{"type":"ephemeral"}}"#,
            r#"{ "cachePoint" : {}, "a" : [ 1 , { "cachePoint" : {}, "\u0078" : "\u0022\u000a" } ], "b" : 1, "b" : null }"#,
        ] {
            assert_eq!(compact(text), expected);
            let value: serde_json::Value = serde_json::from_str(&compact(text)).expect("JSON");
            assert_eq!(value.to_string(), expected, "as serde_json writes it");
        }
    }
}
