//! The pass accepts what `serde_json` accepts and reads the same out of it.

mod oracle;

use lode_scan::{FaultKind, Tape, Value};
use oracle::{is_deep, json};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// Compares the two readers on one text.
fn check(text: &str) {
    let mut tape = Tape::new();
    let ours = tape.read_all(text);
    // `IgnoredAny` takes lone surrogates and numbers of any size, as we do, and knows no limit of depth.
    let theirs = serde_json::from_str::<IgnoredAny>(text);
    match (&ours, &theirs) {
        (Ok(_), Ok(_)) => {}
        (Err(_), Err(_)) => return,
        (Err(fault), Ok(_)) => {
            assert!(fault.kind == FaultKind::TooDeep && is_deep(text), "{text:?}: {fault:?}");
            return;
        }
        (Ok(_), Err(error)) => {
            // Only what is wrong inside of a string is let pass.
            let inside = ["invalid escape", "control character", "EOF while parsing a string"];
            let inside = inside.iter().any(|what| error.to_string().contains(what));
            assert!(inside, "{text:?} is not refused: {error}");
            return;
        }
    }
    // What `serde_json` reads into values (all but lone surrogates and huge numbers) is the same value.
    if let (Ok(ours), Ok(theirs)) = (ours, serde_json::from_str::<Json>(text)) {
        assert_eq!(json(ours), theirs, "{text:?}");
    }
}

#[test]
fn corners_are_read_alike() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let texts = [
        "",
        " ",
        "null",
        "nul",
        "nulll",
        "true",
        "tru",
        "false",
        "fals",
        "0",
        "-",
        "-0",
        "01",
        "1.",
        "1.5",
        ".5",
        "1e",
        "1e+",
        "1E-2",
        "-1.5e10",
        "1e400",
        "123456789012345678901234567890",
        "\"\"",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u0041\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n\"",
        "\"\\ud83d\\ud83d\\ude00\"",
        "\"\\b\\f\\n\\r\\t\\/\"",
        "\"tab\there\"",
        "\"line\nhere\"",
        "[]",
        "[ ]",
        "[1]",
        "[1,]",
        "[,]",
        "[1 2]",
        "[",
        "[1",
        "[1,",
        "]",
        "{}",
        "{ }",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":[{\"b\":null}]}",
        "[}",
        "{]",
        "[1}",
        "{\"a\":1]",
        "1 2",
        "{} {}",
        "{}x",
        "\u{feff}{}",
        "\"é漢😀\"",
        "\u{0}",
        "\"\u{0}\"",
        "\r\n\t {\t\"a\"\r:\n1 }",
        "\"12345678\"",
        "\"1234567\\\"\"",
        "\"a long text that goes past the first bytes \\\" and on\"",
        "\"a long text without end",
    ];
    texts.iter().for_each(|text| check(text));
    [126, 127, 128, 10_000].iter().for_each(|depth| check(&deep(*depth)));
    check(&"{\"a\":".repeat(200));
}

#[test]
fn a_text_that_is_cut_off_ends_early() {
    let text = r#"{"a":[1,-2.5e+3,"b\u0041\"",true],"c":{"d":null}}"#;
    for cut in 0..text.len() {
        let fault = Tape::new().read_all(&text[..cut]).expect_err("cut off");
        assert_eq!((fault.kind, fault.byte), (FaultKind::EndsEarly, cut), "{}", &text[..cut]);
    }
}

#[test]
fn depth_is_bounded_without_recursion() {
    let text = "[".repeat(1_000_000);
    assert_eq!(Tape::new().read(&text, 0).expect_err("deep").kind, FaultKind::TooDeep);
}

#[test]
fn the_last_of_equal_keys_counts_and_lone_surrogates_are_replaced() {
    let mut tape = Tape::new();
    let value = tape.read_all(r#"{"a":1,"\u0061":"x\ud83dy","b":{}}"#).expect("JSON");
    let a = value.get("a").and_then(Value::text).expect("a text");
    assert_eq!((a.get().as_ref(), a.is("x\u{fffd}y"), value.get("c").is_none()), ("x\u{fffd}y", true, true));
    assert_eq!(value.get("b").map(|b| (b.raw(), b.is_object(), b.entries().count())), Some(("{}", true, 0)));
    assert_eq!(value.items().count(), 0);
}

#[test]
fn what_is_no_escape_is_replaced() {
    let mut tape = Tape::new();
    let text =
        |tape: &mut Tape, json: &str| tape.read_all(json).expect("a string").text().expect("a text").get().into_owned();
    assert_eq!(text(&mut tape, r#""a\xb""#), "a\u{fffd}xb");
    assert_eq!(text(&mut tape, r#""\u12g4 \u12""#), "\u{fffd}12g4 \u{fffd}12");
    assert_eq!(text(&mut tape, r#""\ud83d\u""#), "\u{fffd}\u{fffd}");
    assert_eq!(text(&mut tape, "\"a\tb\""), "a\tb");
}

#[test]
fn documents_may_follow_each_other() {
    let text = " {\"a\":1}{}\n[2] ";
    let mut tape = Tape::new();
    let mut at = 0;
    let mut found = Vec::new();
    while let Some((value, end)) = tape.read(text, at).expect("JSON") {
        found.push(value.raw().to_owned());
        at = end;
    }
    assert_eq!(found, ["{\"a\":1}", "{}", "[2]"]);
}

/// JSON, and what is nearly JSON.
fn nearly() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?([eE][+-]?[0-9]{1,2})?",
        "\"([ -!#-\\[\\]-~é漢😀]|\\\\[\"\\\\/bfnrt]|\\\\u(00[0-7][0-9a-f]|d83d|de00|20ac)){0,30}\"",
    ];
    let value = leaf.prop_recursive(5, 60, 6, |inner| {
        let key = "\"([a-c]|\\\\u006[1-3]|\\\\n){0,12}\"";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(" ,"))),
            proptest::collection::vec((key, inner), 0..6).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} : {value}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    });
    (
        value,
        proptest::option::of((any::<proptest::sample::Index>(), "[\\[\\]{}\",:\\\\ue0-9 \t\n\u{1}é-]{0,2}", 0usize..3)),
    )
        .prop_map(|(text, damage)| match damage {
            None => text,
            Some((place, with, without)) => {
                let mut chars: Vec<char> = text.chars().collect();
                let at = place.index(chars.len());
                let end = (at + without).min(chars.len());
                chars.splice(at..end, with.chars());
                chars.into_iter().collect()
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_alike(text in nearly()) {
        check(&text);
    }

    #[test]
    fn noise_is_read_alike(text in "[\\[\\]{}\",:\\\\untrefalse0-9 .eE+-]{0,40}") {
        check(&text);
    }
}
