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

/// Lines of a sample file, those that are `kept`, several times over under questions of other words: enough to decide by.
fn sample(folder: &Path, name: &str, times: usize, kept: impl Fn(&Value) -> bool) -> String {
    let all = std::fs::read_to_string(root("testdata/chunking").join(name)).expect("a sample");
    let lines: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let again = |time: usize, line: &Value| {
        let mut line = line.clone();
        line["question"] = format!("{} ({time})", line["question"].as_str().expect("a question")).into();
        line.to_string()
    };
    let kept: Vec<&Value> = lines.iter().filter(|line| kept(line)).collect();
    let text: Vec<String> = (0..times).flat_map(|time| kept.iter().map(move |line| again(time, line))).collect();
    let file = folder.join(name);
    std::fs::write(&file, text.join("\n")).expect("a file");
    file.display().to_string()
}

const TODAY: &str = "fixed 25, 0 %";

fn whatif(folder: &Path, times: usize, labels: &[&str], told: &[&str]) -> String {
    let questions = sample(folder, "questions.jsonl", times, |_| true);
    let is_of = |line: &Value| labels.iter().any(|label| line["configuration"] == *label);
    let retrieved = sample(folder, "retrieved.jsonl", times, is_of);
    let documents = root("testdata/chunking/documents").display().to_string();
    let out = folder.join("measured.json").display().to_string();
    let fixed = ["whatif", "chunking", "--documents", &documents, "--questions", &questions, "--retrieved", &retrieved];
    let rest = ["--results", "2,3", "--max-recall-loss", "1", "--as-of", "2026-11-03", "--format", "json", "-o", &out];
    ran(&[fixed.as_slice(), told, &rest].concat());
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
    let told = ["--for", id, "--in-force", TODAY, "--in-force-results", "3"];
    let of = |times, labels: &[&str], told: &[&str]| {
        let measured = whatif(folder.path(), times, labels, told);
        report(&[&estate, &measured])
    };
    let after = of(5, &[TODAY], &told);
    let ready = passages(&after).expect("still recommended");
    assert!(ready.get("quality_gate").is_none_or(Value::is_null), "{}", ready["quality_gate"]);
    assert!(ready["action"].as_str().is_some_and(|action| action.starts_with("Put 2 passages")), "{}", ready["action"]);
    assert_ne!(after["plans"][0]["savings_monthly"], before["plans"][0]["savings_monthly"], "it is in the ready plan");

    let stays = |report: &Value, why| {
        assert!(passages(report).expect("recommended")["quality_gate"].is_string(), "{why}");
    };
    stays(&of(1, &[TODAY], &told), "eight questions decide nothing");
    stays(&of(5, &[TODAY], &["--for", id]), "what is in force is not said");
    stays(&of(5, &[TODAY], &["--for", id, "--in-force", TODAY, "--in-force-results", "10"]), "it was not measured");
}

#[test]
fn results_that_do_not_say_what_for_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let nameless = whatif(folder.path(), 5, &[TODAY], &[]);
    let estate = root("testdata/estate").display().to_string();
    let said = lode(&["report", &estate, &nameless, "--as-of", "2026-11-05"]);
    assert!(said.err.contains("measured.json: it does not say which recommendation it is for"), "{}", said.err);
    let other = whatif(folder.path(), 5, &[TODAY], &["--for", "chunk-size.too-many-passages/nobody"]);
    let said = lode(&["report", &estate, &other, "--as-of", "2026-11-05"]);
    assert!(said.err.contains("are about no recommendation of this report"), "{}", said.err);
}
