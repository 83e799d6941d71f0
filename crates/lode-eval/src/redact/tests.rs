//! Texts as they come, and texts made to slip through or to break something.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Pattern, Redactor};

fn redacted(text: &str) -> String {
    Redactor::new(BTreeSet::new()).text(text)
}

#[test]
fn each_pattern_finds_its_forms() {
    for (text, expected) in [
        ("Write to Bob.Smith+tag@mail.example.com.", "Write to [EMAIL-1]."),
        ("<bob@example.com>;ann@example.com", "<[EMAIL-1]>;[EMAIL-2]"),
        ("mailto:bob@example.com?x", "mailto:[EMAIL-1]?x"),
        ("jürgen@bücher.example.com", "[EMAIL-1]"),
        ("请联系bob@example.com。电话4111111111111111号", "请联系[EMAIL-1]。电话[CARD-1]号"),
        ("'bob@example.com' and o'brien@example.com, «ann@example.com»", "'[EMAIL-1]' and [EMAIL-2], «[EMAIL-3]»"),
        ("https://x.example.com/?a=1&to=bob@example.com&b", "https://x.example.com/?a=1&to=[EMAIL-1]&b"),
        ("иван@пример.example.com", "[EMAIL-1]"),
        ("4111111111111111", "[CARD-1]"),
        ("4111 1111 1111 1111 12/29", "[CARD-1] 12/29"),
        ("4111-1111-1111-1111, 3782 822463 10005", "[CARD-1], [CARD-2]"),
        ("4111.1111.1111.1111", "[CARD-1]"),
        ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "[CARD-1]"),
        ("+1 (555) 010-1234 or +44 20 7946 0958", "[PHONE-1] or [PHONE-2]"),
        ("(555) 010-1234, 555-010-1234, 555.010.1234", "[PHONE-1], [PHONE-1], [PHONE-1]"),
        ("call 030 1234567", "call [PHONE-1]"),
        ("DE89 3704 0044 0532 0130 00 and", "[IBAN-1] and"),
        ("GB82WEST12345698765432", "[IBAN-1]"),
        ("iban gb82 west 1234 5698 7654 32.", "iban [IBAN-1]."),
        ("arn:aws:iam::111111111111:role/x", "arn:aws:iam::[AWS-ACCOUNT-1]:role/x"),
        ("1111-1111-1111", "[AWS-ACCOUNT-1]"),
        ("Account no. 12345678", "Account no. [ACCOUNT-1]"),
        ("routing 021000021 account 000123456789", "routing [ACCOUNT-1] account [AWS-ACCOUNT-1]"),
        ("021000021 / 1234567", "[ACCOUNT-1] / [ACCOUNT-2]"),
        ("ref 98765432109876", "ref [ACCOUNT-1]"),
    ] {
        assert_eq!(redacted(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "",
        "a @ b, @handle, x@y, user@localhost",
        "4111 1111 1111 1112 is no card; 20 digits: 41111111111111111111",
        "550e8400-e29b-41d4-a716-446655440000",
        "3f2a1b4c-1234-1234-1234-111111111111",
        "0.123456789012 and 123456789012.5",
        "id_111111111111 x111111111111 111111111111x",
        "2026-11-29 10:15:00, 1764411300, 1764411300123",
        "version 1.2.3.4, 10.0.0.1, 1,000,000",
        "The account was opened on 2026-11-29 by 12 people.",
        "tooluse_a1b2c3d4e5f6a7b8",
        "[EMAIL-1]",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn the_same_value_has_the_same_placeholder_however_it_is_written() {
    let mut redactor = Redactor::new(BTreeSet::new());
    assert_eq!(redactor.text("bob@example.com, ann@example.com"), "[EMAIL-1], [EMAIL-2]");
    assert_eq!(redactor.text("ANN@Example.com 4111 1111 1111 1111"), "[EMAIL-2] [CARD-1]");
    assert_eq!(redactor.text("4111111111111111"), "[CARD-1]");
    let counts = redactor.counts();
    assert_eq!((counts[&Pattern::Email], counts[&Pattern::Card], counts[&Pattern::Phone]), (3, 2, 0));
}

#[test]
fn a_pattern_that_is_off_finds_nothing_and_leaves_its_places_to_no_other() {
    let mut redactor = Redactor::new(BTreeSet::from([Pattern::AwsAccount, Pattern::Email]));
    let text = "account 111111111111 of bob@example.com";
    assert_eq!(redactor.text(text), text);
    assert_eq!(redactor.text("4111111111111111"), "[CARD-1]");
    let on = [(Pattern::Card, 1), (Pattern::Phone, 0), (Pattern::Iban, 0), (Pattern::Account, 0)];
    assert_eq!(redactor.counts(), BTreeMap::from(on));
}

#[test]
fn json_in_a_text_stays_json() {
    for (text, expected) in [
        (r#"{"to": "bob@example.com"}"#, r#"{"to": "[EMAIL-1]"}"#),
        (r#"{"account": 111111111111, "n": 1}"#, r#"{"account": "[AWS-ACCOUNT-1]", "n": 1}"#),
        (r#"[4111111111111111,-111111111111]"#, r#"["[CARD-1]","[AWS-ACCOUNT-1]"]"#),
        // An escape before a value is no letter of it.
        (r#"{"a": "x\nbob@example.com\n4111111111111111"}"#, r#"{"a": "x\n[EMAIL-1]\n[CARD-1]"}"#),
        (r#"{"a": "say \"bob@example.com\" \\ 111111111111"}"#, r#"{"a": "say \"[EMAIL-1]\" \\ [AWS-ACCOUNT-1]"}"#),
        // Letters hidden behind escapes are seen.
        (r#"{"a":"bob\u0040example.com"}"#, r#"{"a":"[EMAIL-1]"}"#),
        (r#"{"a":"\u0022bob@example.com"}"#, r#"{"a":"\u0022[EMAIL-1]"}"#),
    ] {
        let found = redacted(text);
        assert_eq!(found, expected);
        assert!(serde_json::from_str::<Value>(&found).is_ok(), "{found}");
    }
    let inner = r#"{"arguments": "{\"account\": 111111111111, \"x\": 1}"}"#;
    assert_eq!(redacted(inner), r#"{"arguments": "{\"account\": \"[AWS-ACCOUNT-1]\", \"x\": 1}"}"#);
    let prose = r#"Here it is: {"account": 111111111111, "x": "\tbob@example.com"} - thanks"#;
    assert_eq!(redacted(prose), r#"Here it is: {"account": "[AWS-ACCOUNT-1]", "x": "\t[EMAIL-1]"} - thanks"#);
}

#[test]
fn values_are_walked_with_their_keys_and_numbers() {
    let mut redactor = Redactor::new(BTreeSet::new());
    let mut value = json!({"bob@example.com": [4_111_111_111_111_111_u64, 5, null, {"x": "BOB@example.com"}]});
    redactor.value(&mut value);
    assert_eq!(value, json!({"[EMAIL-1]": ["[CARD-1]", 5, null, {"x": "[EMAIL-1]"}]}));
    let mut schema = json!({"maximum": 999_999_999_999_u64, "description": "such as bob@example.com"});
    redactor.strings(&mut schema);
    assert_eq!(schema, json!({"maximum": 999_999_999_999_u64, "description": "such as [EMAIL-1]"}));
}

#[test]
fn a_long_text_without_end_is_no_trouble() {
    let long = "a@".repeat(20_000) + &"1 ".repeat(20_000) + &"-".repeat(20_000);
    assert_eq!(redacted(&long), long);
}

proptest! {
    /// Any text, with values put in where they stand alone: none survives, nothing panics, and twice is once.
    #[test]
    fn no_value_survives(before in ".{0,40}", after in ".{0,40}") {
        for value in ["bob@example.com", "4111 1111 1111 1111", "DE89370400440532013000", "+44 20 7946 0958"] {
            let text = format!("{before} \"{value}\" {after}");
            let found = redacted(&text);
            prop_assert!(!found.contains(value), "{found}");
            prop_assert_eq!(redacted(&found), found);
        }
    }

    /// Any JSON stays JSON, as a text and as a value.
    #[test]
    fn json_stays_json(texts in prop::collection::vec("[a-z0-9@.\\\\\" \n{}\\[\\]-]{0,30}", 0..6), number in any::<u64>()) {
        let value = json!({"texts": texts, "number": number, "mail": "\nbob@example.com"});
        for text in [value.to_string(), format!("{value:#}"), Value::String(value.to_string()).to_string()] {
            let found = redacted(&text);
            prop_assert!(serde_json::from_str::<Value>(&found).is_ok(), "{found}");
            prop_assert!(!found.contains("bob@example.com"), "{found}");
        }
    }
}
