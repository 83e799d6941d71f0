//! Settings that are read, and every way in which they cannot be.

use jiff::civil::date;
use lode_recommenders::ALL;

use super::*;

fn read(text: &str) -> RunSettings {
    RunSettings::read(text, ALL).expect("valid settings")
}

/// Line, column and message of the fault.
fn fault(text: &str) -> (usize, usize, String) {
    let fault = RunSettings::read(text, ALL).expect_err("a fault");
    (fault.line, fault.column, fault.message)
}

/// Holds that a text is refused at a place, in words that hold these.
fn refused(text: &str, place: (usize, usize), words: &[&str]) {
    let (line, column, message) = fault(text);
    assert_eq!((line, column), place, "{message}");
    for word in words {
        assert!(message.contains(word), "{word} is not in: {message}");
    }
}

#[test]
fn what_is_said_is_taken() {
    let settings = read(
        r#"
            [report]
            basis = "list"
            caller_keys = ["request-metadata:team", "iam-principal"]
            [capacity]
            "amazon.nova-2-lite-v1:0" = 500000
            [residency]
            regional = ["eu-", "111111111111"]
            [thresholds]
            "prompt-caching.writes-not-repaid.cache.written" = 500000
            [[suppress]]
            id = "routing-tier.global-profile"
            reason = "EU data residency"
            owner = "platform team"
            expires = "2027-06-30"
            [[suppress]]
            id = "vector-store.floor/111111111111"
            reason = "kept for a launch"
            owner = "search team"
            expires = 2027-01-31
        "#,
    );
    assert_eq!(settings.basis, Some(Basis::List));
    let keys: Vec<String> = settings.caller_keys.into_iter().flatten().map(|key| key.to_string()).collect();
    assert_eq!(keys, ["request-metadata:team", "iam-principal"]);
    assert_eq!(settings.capacity, BTreeMap::from([("amazon.nova-2-lite-v1:0".into(), 500_000)]));
    assert_eq!(settings.engine.regional, ["eu-".into(), "111111111111".into()]);
    assert_eq!(settings.engine.thresholds.len(), 1);
    let ends: Vec<_> = settings.engine.silenced.iter().map(|silence| silence.expires).collect();
    assert_eq!(ends, [Some(date(2027, 6, 30)), Some(date(2027, 1, 31))], "as text and as a date of TOML");
}

#[test]
fn an_empty_file_changes_nothing() {
    let settings = read("# nothing yet\n");
    assert_eq!(settings.basis, None);
    assert!(settings.caller_keys.is_none());
    assert_eq!(settings.engine, Settings::default());
}

#[test]
fn what_toml_or_the_form_refuses_has_a_place() {
    refused("[report\nbasis = 1", (1, 8), &[]);
    refused(
        "[report]\nbasis = \"nett\"\n",
        (2, 9),
        &["report.basis: found \"nett\", expected one of net, unblended, list; did you mean net?"],
    );
    refused("[report]\nbasis = 5\n", (2, 9), &["report.basis: found integer `5`, expected a string"]);
    let known = ["unknown field `bases`", "`basis`", "`caller_keys`", "did you mean basis?"];
    refused("[report]\nbases = \"net\"\n", (2, 1), &known);
    refused("[reports]\n", (1, 2), &["did you mean report?", "`suppress`"]);
    refused("[residency]\nregionals = []\n", (2, 1), &["did you mean regional?"]);
    refused("[[suppress]]\nid = \"x\"\n", (1, 1), &["reason"]);
    for found in ["-1", "0.5", "\"many\"", "0"] {
        refused(
            &format!("[capacity]\n\"amazon.nova-2-lite-v1:0\" = {found}\n"),
            (2, 29),
            &[&format!("capacity.\"amazon.nova-2-lite-v1:0\": found {found} tokens a minute, expected a whole number")],
        );
    }
    let several = "[models]\nforbidden = [\n  { to = \"*\" },\n]\n";
    refused(several, (3, 3), &["models.forbidden: found no `reason`, which is needed"]);
    refused("[[suppress]]\nid = \"x\"\n", (1, 1), &["suppress: found no `reason`"]);
}

#[test]
fn a_word_that_names_nothing_has_a_place_and_the_nearest_that_does() {
    refused(
        "[report]\ncaller_keys = [\"iam-principal\", \"iam-principle\"]\n",
        (2, 33),
        &["\"iam-principle\"", "application-inference-profile", "did you mean iam-principal?"],
    );
    refused("[report]\ncaller_keys = [\"metadata:team\"]\n", (2, 16), &["request-metadata:KEY"]);
    refused("[report]\ncaller_keys = [\"request_metadata:team\"]\n", (2, 16), &["did you mean request-metadata:team?"]);
    refused("[report]\ncaller_keys = [\"tag:\"]\n", (2, 16), &["did you mean tag:KEY?"]);
    refused(
        "[capacity]\n\"amazon.nova-2-light-v1:0\" = 5\n",
        (2, 1),
        &["capacity", "did you mean amazon.nova-2-lite-v1:0?"],
    );
    refused("[capacity]\n\"amazon.nova-2-lite-v1:0\" = 0\n", (2, 29), &["0 tokens", "at least 1"]);
    refused("[residency]\nregional = [\"eu-\", \"Europe\"]\n", (2, 20), &["Europe", "eu-central-1"]);
    for known in ["eu-", "eu-central", "eu-central-1", "us-gov-west-1", "ap-southeast-"] {
        assert_eq!(read(&format!("[residency]\nregional = [\"{known}\"]\n")).engine.regional, [known.into()]);
    }
    for unknown in ["eu-central-11", "eu-1", "eu--1", "eu1-", "e-central-1"] {
        refused(&format!("[residency]\nregional = [\"{unknown}\"]\n"), (2, 13), &[unknown, "eu-central-1"]);
    }
}

#[test]
fn a_model_has_one_capacity_whatever_it_is_called() {
    let (short, long) = ("\"amazon.nova-2-lite-v1:0\" = 5", "\"us.amazon.nova-2-lite-v1:0\" = 6");
    assert_eq!(read(&format!("[capacity]\n{long}\n")).capacity.into_values().collect::<Vec<_>>(), [6]);
    // The second in the file is refused, whichever comes first by name.
    refused(
        &format!("[capacity]\n{short}\n{long}\n"),
        (3, 1),
        &["us.amazon.nova-2-lite-v1:0", "as amazon.nova-2-lite-v1:0 is"],
    );
    refused(
        &format!("[capacity]\n{long}\n{short}\n"),
        (3, 1),
        &["found \"amazon.nova-2-lite-v1:0\"", "as us.amazon.nova-2-lite-v1:0 is"],
    );
}

#[test]
fn a_time_zone_is_of_the_bundled_database() {
    let zone = |name: &str| format!("[report]\ntime_zone = \"{name}\"\n");
    let berlin = read(&zone("Europe/Berlin")).time_zone.expect("a time zone");
    assert_eq!(berlin.iana_name(), Some("Europe/Berlin"));
    refused(&zone("Europe/Berln"), (2, 13), &["did you mean Europe/Berlin?"]);
    refused(&zone("Berlin"), (2, 13), &["\"Berlin\"", "did you mean Europe/Berlin?"]);
    refused(&zone("new york"), (2, 13), &["did you mean America/New_York?"]);
    refused(&zone("+01:00"), (2, 13), &["an IANA name"]);
    refused(&zone("Etc/Unknown"), (2, 13), &["an IANA name"]);
}

#[test]
fn a_label_is_a_name_to_show() {
    let labels = read("[labels]\n\"111111111111\" = \"Production \"\n\"team=checkout\" = \"Checkout\"\n").labels;
    assert_eq!(labels.get("111111111111").map(String::as_str), Some("Production"));
    assert_eq!(labels.len(), 2);
    refused("[labels]\n\"111111111111\" = \" \"\n", (2, 18), &["111111111111", "empty"]);
    refused("[labels]\n\" \" = \"Production\"\n", (2, 1), &["is empty", "an account"]);
}

#[test]
fn a_forbidden_move_names_models_and_a_reason() {
    let entry = |entry: &str| format!("[models]\nforbidden = [{{ {entry} }}]\n");
    let settings = read(&entry("from = \"anthropic.*\", to = \"amazon.nova-*\", reason = \"approved for one maker\""));
    let [only] = &settings.engine.forbidden[..] else { panic!("{settings:?}") };
    assert_eq!((only.from.as_deref(), &*only.to), (Some("anthropic.*"), "amazon.nova-*"));
    assert_eq!(read(&entry("to = \"*\", reason = \"none\"")).engine.forbidden[0].from, None);
    refused(
        &entry("to = \"amazon.nova-2-light-v1:0\", reason = \"x\""),
        (2, 21),
        &["did you mean amazon.nova-2-lite-v1:0?"],
    );
    refused(&entry("from = \"nobody.*\", to = \"*\", reason = \"x\""), (2, 23), &["nobody.*", "amazon.nova-*"]);
    refused(&entry("to = \"*\", reason = \"\""), (2, 35), &["needs a reason"]);
    refused(&entry("to = \"*\""), (2, 14), &["reason"]);
}

const SILENCE: &str = "[[suppress]]\nid = \"routing-tier.global-profile\"\n";

#[test]
fn a_suppression_names_a_rule_a_reason_an_owner_and_a_day() {
    refused(&format!("{SILENCE}reason = \" \"\nowner = \"x\"\n"), (3, 10), &["reason", "global-profile"]);
    refused(&format!("{SILENCE}reason = \"x\"\nowner = \"\"\n"), (4, 9), &["owner"]);
    let ends = |day: &str| format!("{SILENCE}reason = \"x\"\nowner = \"x\"\nexpires = {day}\n");
    refused(&ends("\"2027-02-30\""), (5, 11), &["2027-02-30", "2027-06-30"]);
    refused(&ends("12"), (5, 11), &["found 12"]);
    refused(&ends("\"2027-06-30T10:00\""), (5, 11), &["2027-06-30T10:00", "a day"]);
    refused(&ends("2027-06-30T10:00:00"), (5, 11), &["2027-06-30T10:00:00", "a day"]);
    refused(
        "[[suppress]]\nid = \"routing-tier.global-profiles/111111111111\"\nreason = \"x\"\nowner = \"x\"\n",
        (2, 6),
        &["did you mean routing-tier.global-profile/111111111111?"],
    );
}

#[test]
fn a_threshold_names_a_clause_and_is_of_its_kind() {
    let entry = |name: &str, value: &str| format!("[thresholds]\n\"{name}\" = {value}\n");
    refused(
        &entry("prompt-caching.writes-not-repaid.cache.writen", "5"),
        (2, 1),
        &["did you mean prompt-caching.writes-not-repaid.cache.written?", "lode explain"],
    );
    refused(&entry("prompt-caching.no-such.rule", "1"), (2, 1), &["prompt-caching.no-such.rule", "lode explain"]);
    refused(&entry("prompt-caching.writes-not-repaid.cache.written", "\"many\""), (2, 1), &["many", "a number"]);
    refused(&entry("vector-store.floor.ocu.mean", "1.5"), (2, 1), &["two clauses", "vector-store.floor.ocu.mean <="]);
    // What is advised can be typed.
    refused(
        &entry("vector-store.floor.ocu.means <=", "1.5"),
        (2, 1),
        &["did you mean vector-store.floor.ocu.mean <=?"],
    );
    read(&entry("vector-store.floor.ocu.mean <=", "1.5"));
    refused(
        &entry("vector-store.floor.ocu.mean <=", "-1.5"),
        (2, 36),
        &["vector-store.floor.ocu.mean <=", "found -1.5", "at least 0"],
    );
    assert!(!is_never_negative("prompt-caching.lost.cache.loss"), "a loss may be none");
}
