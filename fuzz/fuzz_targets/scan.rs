//! Any text: the pass accepts what `serde_json` accepts and reads the same out of it, as `tests/same_as_serde.rs` of
//! `lode-scan` holds it to; and it unescapes whatever it accepts.

#![no_main]

#[path = "../../crates/lode-scan/tests/oracle/mod.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use lode_scan::{FaultKind, Tape, Value};
use oracle::{is_deep, json};
use serde::de::IgnoredAny;
use serde_json::Value as Json;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // One tape for all: what was on it before must not matter.
    let mut tape = Tape::new();
    check(&mut tape, &text);
    // A document may begin anywhere.
    let from = text.len() / 3;
    if text.is_char_boundary(from) {
        let ours = tape.read(&text, from).map(|read| read.map(|(value, end)| (value.raw().to_owned(), end - from)));
        let alone =
            Tape::new().read(&text[from..], 0).map(|read| read.map(|(value, end)| (value.raw().to_owned(), end)));
        assert_eq!(ours.ok(), alone.ok(), "from byte {from}");
    }
    check(&mut tape, &text);
});

/// Compares the two readers on one text.
fn check(tape: &mut Tape, text: &str) {
    let ours = tape.read_all(text);
    // `IgnoredAny` takes lone surrogates and numbers of any size, as we do, and knows no limit of depth.
    let theirs = serde_json::from_str::<IgnoredAny>(text);
    match (&ours, &theirs) {
        (Ok(_), Ok(_)) => {}
        (Err(fault), Err(_)) => return assert!(fault.byte <= text.len(), "{fault:?}"),
        (Err(fault), Ok(_)) => {
            return assert!(fault.kind == FaultKind::TooDeep && is_deep(text), "{text:?}: {fault:?}");
        }
        (Ok(_), Err(error)) => {
            // Only what is wrong inside of a string is let pass.
            let inside = ["invalid escape", "control character", "EOF while parsing a string"];
            assert!(inside.iter().any(|what| error.to_string().contains(what)), "{text:?} is not refused: {error}");
        }
    }
    if let Ok(ours) = ours {
        look_up(ours);
        // What `serde_json` reads into values (all but lone surrogates and huge numbers) is the same value.
        if let Ok(theirs) = serde_json::from_str::<Json>(text) {
            assert_eq!(json(ours), theirs, "{text:?}");
        }
    }
}

/// Looks up and unescapes everything; texts that are documents are read as such.
fn look_up(value: Value<'_>) {
    assert!(value.start() <= value.start() + value.raw().len());
    if let Some(text) = value.text() {
        let plain = unescaped(text.raw());
        assert_eq!(text.get(), plain, "{:?}", text.raw());
        assert!(text.is(&plain));
        let (mut tape, mut again, mut buffer) = (Tape::new(), Tape::new(), "left over".to_owned());
        let inner = tape.read_inner(text, &mut buffer).map(|inner| (inner.kind(), inner.raw().to_owned()));
        let outer = again.read_all(&plain).map(|inner| (inner.kind(), inner.raw().to_owned()));
        assert_eq!(inner, outer);
    }
    for (key, held) in value.entries() {
        let name = key.get();
        assert_eq!(name, unescaped(key.raw()));
        // The last of equal keys counts, whichever way it is asked for.
        let last = value.entries().filter(|(other, _)| other.get() == name).last().map(|(_, last)| last.start());
        assert_eq!(value.get(&name).map(Value::start), last);
        assert_eq!(value.pick([name.as_ref()])[0].map(Value::start), last);
        look_up(held);
    }
    value.items().for_each(look_up);
}

/// What is between quotes, unescaped letter by letter; what is no escape becomes U+FFFD.
fn unescaped(raw: &str) -> String {
    let chars: Vec<char> = raw.chars().collect();
    let unit = |at: usize| {
        let digits: Option<u32> =
            chars.get(at + 2..at + 6)?.iter().try_fold(0, |sum, c| Some(sum * 16 + c.to_digit(16)?));
        digits.filter(|_| chars[at] == '\\' && chars[at + 1] == 'u')
    };
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        if chars[at] != '\\' {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let short = ['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].iter().position(|c| chars.get(at + 1) == Some(c));
        if let Some(place) = short {
            out.push(['"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t'][place]);
            at += 2;
        } else if let Some(first) = unit(at) {
            let second =
                unit(at + 6).filter(|unit| (0xdc00..0xe000).contains(unit) && (0xd800..0xdc00).contains(&first));
            let units: Vec<u16> = [Some(first), second].into_iter().flatten().map(|unit| unit as u16).collect();
            out.push_str(&String::from_utf16_lossy(&units));
            at += 6 * units.len();
        } else {
            out.push(char::REPLACEMENT_CHARACTER);
            at += if chars.get(at + 1) == Some(&'u') { 2 } else { 1 };
        }
    }
    out
}
