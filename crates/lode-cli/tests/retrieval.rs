//! Results of the user's own retrieval decide a recommendation about retrieval: from `lode whatif chunking` to the report.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::path::Path;

use common::{lode, root};
use lode_cli::Exit;
use serde_json::Value;

fn ran(args: &[&str]) -> String {
    let ran = lode(args);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    ran.out
}

fn report(input: &[&str]) -> Value {
    let args = [["report"].as_slice(), input, &["--as-of", "2026-11-05", "--format", "json"]].concat();
    serde_json::from_str(&ran(&args)).expect("JSON")
}

fn passages(report: &Value) -> Option<&Value> {
    let all = report["recommendations"].as_array().expect("recommendations");
    all.iter().find(|r| r["rule"] == "chunk-size.too-many-passages")
}

/// The lines of the sample results that are of these configurations.
fn retrieved(folder: &Path, labels: &[&str]) -> String {
    let all = std::fs::read_to_string(root("testdata/chunking/retrieved.jsonl")).expect("sample results");
    let of = |line: &&str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        labels.iter().any(|label| line["configuration"] == *label)
    };
    let lines: Vec<&str> = all.lines().filter(of).collect();
    let file = folder.join("retrieved.jsonl");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    file.display().to_string()
}

fn whatif(folder: &Path, retrieved: &str, recommendation: &[&str], name: &str) -> String {
    let (documents, questions) = (root("testdata/chunking/documents"), root("testdata/chunking/questions.jsonl"));
    let out = folder.join(name).display().to_string();
    let (documents, questions) = (documents.display().to_string(), questions.display().to_string());
    let fixed = ["whatif", "chunking", "--documents", &documents, "--questions", &questions, "--retrieved", retrieved];
    let rest = ["--results", "3", "--as-of", "2026-11-03", "--format", "json", "-o", &out];
    ran(&[fixed.as_slice(), recommendation, &rest].concat());
    out
}

#[test]
fn results_of_the_configuration_in_force_pass_the_gate_with_what_they_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let estate = root("testdata/estate").display().to_string();
    let before = report(&[&estate]);
    let gated = passages(&before).expect("the estate has too many passages");
    assert!(gated["quality_gate"].is_string(), "{gated}");
    let id = gated["id"].as_str().expect("an id");
    let one = retrieved(folder.path(), &["fixed 25, 0 %"]);
    let measured = whatif(folder.path(), &one, &["--for", id], "measured.json");
    let after = report(&[&estate, &measured]);
    let ready = passages(&after).expect("still recommended");
    assert!(ready.get("quality_gate").is_none_or(Value::is_null), "{}", ready["quality_gate"]);
    assert!(ready["action"].as_str().is_some_and(|action| action.starts_with("Put 3 passages")), "{}", ready["action"]);
    assert_ne!(after["plans"][0]["savings_monthly"], before["plans"][0]["savings_monthly"], "it is in the ready plan");

    // Of several configurations nothing says which one is in force.
    let several = retrieved(folder.path(), &["fixed 25, 0 %", "fixed 25, 20 %"]);
    let unclear = whatif(folder.path(), &several, &["--for", id], "unclear.json");
    assert!(passages(&report(&[&estate, &unclear])).expect("recommended")["quality_gate"].is_string());
}

#[test]
fn results_that_do_not_say_what_for_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = retrieved(folder.path(), &["fixed 25, 0 %"]);
    let nameless = whatif(folder.path(), &one, &[], "nameless.json");
    let estate = root("testdata/estate").display().to_string();
    let said = lode(&["report", &estate, &nameless, "--as-of", "2026-11-05"]);
    assert!(said.err.contains("nameless.json: it does not say which recommendation it is for"), "{}", said.err);
    let other = whatif(folder.path(), &one, &["--for", "chunk-size.too-many-passages/nobody"], "other.json");
    let said = lode(&["report", &estate, &other, "--as-of", "2026-11-05"]);
    assert!(said.err.contains("are about no recommendation of this report"), "{}", said.err);
}
