//! A test of a move to a cheaper model, from the logs to the plan: the project that is written, results as promptfoo writes
//! them, and what the report makes of the verdict.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use common::{Ran, lode, root};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use lode_cli::Exit;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Ticket triage asks Sonnet for labels.
const ID: &str = "model-rightsizing.simple-tasks/111111111111/us-east-1/anthropic.claude-sonnet-5-5/role/ticket-triage";
/// What its prompts say, and nothing else.
const PROMPT: &str = "Ticket #";

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn estate() -> String {
    text(&root("testdata/estate"))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// All files below a folder, by their path.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// Margins of a tenth: 62 calls.
fn export(id: &str, input: &[&str], project: &Path, more: &[&str]) -> Ran {
    let project = text(project);
    let args = [&["eval", "export", id], input, &["-o", &project, "--as-of", "2026-11-05", "--margin", "0.1"], more];
    lode(&args.concat())
}

fn exported() -> (TempDir, PathBuf) {
    let folder = folder();
    let project = folder.path().join("test");
    let ran = export("1", &[&estate()], &project, &[]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    (folder, project)
}

/// Results of a project as promptfoo 0.121 writes them; of its tests the candidate gets the first `wrong` wrong, and
/// answers in 5 tokens where today's model takes 4.
fn results(project: &Path, wrong: usize) -> PathBuf {
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(project.join("lode-eval.json")).expect("a manifest")).expect("JSON");
    let mut rows = Vec::new();
    for (place, test) in manifest["tests"].as_array().expect("tests").iter().enumerate() {
        for (side, tokens) in [("today", 4), ("candidate", 5)] {
            let pass = side == "today" || place >= wrong;
            rows.push(json!({
                "vars": {"test": test["test"]},
                "provider": {"id": format!("lode:{side}"), "label": side},
                "success": pass,
                "failureReason": u8::from(!pass),
                "gradingResult": {"pass": pass, "score": 1},
                "response": {"output": "SECRET-ANSWER", "tokenUsage": {"prompt": 100, "completion": tokens, "total": 100 + tokens}},
            }));
        }
    }
    let file = project.join("results.json");
    std::fs::write(&file, json!({"results": {"version": 3, "results": rows}}).to_string()).expect("a file");
    file
}

fn import(project: &Path, wrong: usize) -> (Ran, PathBuf) {
    let results = results(project, wrong);
    let ran = lode(&["eval", "import", ID, &text(&results), "--as-of", "2026-11-29"]);
    (ran, project.join("lode-evaluation-2026-11-29.json"))
}

fn report(input: &[&str], more: &[&str]) -> Ran {
    lode(&[&["report"], input, &["--as-of", "2026-11-05"], more].concat())
}

fn report_json(input: &[&str]) -> Value {
    serde_json::from_str(&report(input, &["--format", "json"]).out).expect("JSON")
}

fn no_text(ran: &Ran) {
    for secret in [PROMPT, "SECRET-ANSWER", "Kind regards"] {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} is shown: {}{}", ran.out, ran.err);
    }
}

/// The estate, with an address in every ticket.
fn with_addresses() -> TempDir {
    let copy = folder();
    let source = root("testdata/estate");
    for file in files(&source) {
        let target = copy.path().join(file.strip_prefix(&source).expect("below"));
        std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        let bytes = std::fs::read(&file).expect("a file");
        if !text(&file).contains("BedrockModelInvocationLogs/us-east-1") {
            std::fs::write(target, bytes).expect("a file");
            continue;
        }
        let mut log = String::new();
        MultiGzDecoder::new(&bytes[..]).read_to_string(&mut log).expect("a log");
        let log = log.replace("From: customer ", "From: bob@example.com, customer ");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(log.as_bytes()).expect("in memory");
        std::fs::write(target, packed.finish().expect("in memory")).expect("a file");
    }
    copy
}

#[test]
fn an_export_writes_what_it_says_for_its_owner_alone() {
    let estate = with_addresses();
    let estate = text(estate.path());
    let folder = folder();
    let project = folder.path().join("test");
    let ran = export("1", &[&estate], &project, &[]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    no_text(&ran);
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = text(&project);
    for expected in [
        "62 calls of your own in 74 files in ",
        "today bedrock:converse:global.anthropic.claude-sonnet-5-5 ",
        "candidate bedrock:converse:global.anthropic.claude-haiku-5-5 ",
        "judge bedrock:converse:us.amazon.nova-pro-v1:0 models.json is the place to change",
        "label~05824fd5 1,322 62 62 ",
        "email 62, ",
        "today's model $0.54, the candidate $0.03, the judge nothing.",
        &format!("(cd {place} && npm install && npm run eval) lode eval import {ID} {place}/results.json"),
    ] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    let written = files(&project);
    assert_eq!(
        (written.len(), written.iter().filter(|file| file.parent() == Some(&project.join("calls"))).count()),
        (74, 62)
    );
    let mut prompts = 0;
    for file in &written {
        let text = std::fs::read_to_string(file).expect("text");
        assert!(!text.contains("bob@example.com"), "{}", file.display());
        prompts += usize::from(text.contains(PROMPT) && text.contains("From: [EMAIL-1], customer "));
    }
    assert_eq!(prompts, 62);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().expect("a file").permissions().mode() & 0o777;
        assert_eq!((mode(&project), mode(&project.join("calls"))), (0o700, 0o700));
        assert!(written.iter().all(|file| mode(file) == 0o600));
    }

    // The same seed gives the same bytes, another one other calls; what is kept is not replaced.
    let bytes = |folder: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        let read = |file: PathBuf| {
            (file.strip_prefix(folder).expect("below").to_owned(), std::fs::read(&file).expect("a file"))
        };
        files(folder).into_iter().map(read).collect()
    };
    let again = folder.path().join("again");
    export(ID, &[&estate], &again, &[]);
    assert_eq!(bytes(&again), bytes(&project));
    let other = folder.path().join("other");
    let ran = export("1", &[&estate], &other, &["--seed", "2", "--keep", "email,phone"]);
    assert!(ran.out.contains("not replaced: email, phone"), "{}", ran.out);
    let calls = |folder: &Path| std::fs::read_to_string(folder.join("lode-eval.json")).expect("a manifest");
    assert_ne!(calls(&other), calls(&project));
    assert!(std::fs::read_to_string(other.join("calls/t0001.json")).expect("a call").contains("bob@example.com"));
}

#[test]
fn what_cannot_be_exported_is_said_before_anything_is_written() {
    type Refused<'a> = (&'a str, &'a [&'a str], &'a Path, &'a [&'a str], &'a str);
    let (folder, project) = exported();
    let before = files(&project).len();
    let new = folder.path().join("new");
    let estate = estate();
    let bill = text(&root("testdata/estate/bill"));
    let trace = text(&folder.path().join("trace"));
    assert_eq!(lode(&["digest", &text(&root("testdata/estate/logs")), "-o", &trace]).exit, Exit::Made);
    let refused: [Refused<'_>; 7] = [
        ("1", &[&estate], &project, &[], "is not empty"),
        ("2", &[&estate], &new, &[], "moves no calls to another model"),
        ("99", &[&estate], &new, &[], "no such recommendation"),
        ("model-rightsizing", &[&estate], &new, &[], "those that can be tested are 1 (model-rightsizing.simple-tasks/"),
        ("1", &[&bill, &trace], &new, &[], "digested trace do not hold"),
        ("1", &[&estate], &new, &["--power", "0.1"], "--power is 0.1"),
        ("1", &[&estate], &new, &["--judge", "gpt"], "--judge: found gpt"),
    ];
    for (id, input, place, more, expected) in refused {
        let ran = export(id, input, place, more);
        assert_eq!(ran.exit, Exit::Usage, "{id} {more:?}");
        assert!(ran.err.contains(expected) && ran.out.is_empty(), "{expected} is not in {}", ran.err);
        no_text(&ran);
    }
    assert!(!new.exists() && files(&project).len() == before);
}

#[test]
fn a_model_that_passes_is_ready_and_measured() {
    let (_folder, project) = exported();
    let (ran, document) = import(&project, 0);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    no_text(&ran);
    for expected in
        ["as good on every kind of calls", "100.0 %    100.0 %", "is above the margin, -10.0", "lode report INPUT "]
    {
        assert!(ran.out.contains(expected), "{expected} is not in {}", ran.out);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(document.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }
    // Nothing is overwritten.
    assert_eq!(import(&project, 62).0.exit, Exit::Usage);

    let without = report_json(&[&estate()]);
    // The document, or the project with all that is in it.
    for input in [&document, &project] {
        let with = report_json(&[&estate(), &text(input)]);
        let step = |report: &Value| {
            let all = report["recommendations"].as_array().expect("recommendations");
            let r = all.iter().find(|r| r["id"] == ID).expect("the step");
            (r["evidence_grade"].clone(), r["quality_gate"].clone(), r["test"].clone())
        };
        assert_eq!(step(&without), (json!("modelled"), json!("evaluation"), Value::Null));
        assert_eq!(step(&with), (json!("measured"), Value::Null, json!({"date": "2026-11-29", "verdict": "passed"})));
        let ready = |report: &Value| {
            let steps = report["plans"][0]["steps"].as_array().expect("steps");
            steps.iter().any(|step| step["id"] == ID)
        };
        assert_eq!((ready(&without), ready(&with)), (false, true));
    }
    let page = report(&[&estate(), &text(&project)], &[]);
    no_text(&page);
    assert!(page.out.contains("Read 1 evaluation on your own calls."), "{}", page.out);
    assert!(!page.err.contains("results.json") && !page.err.contains("evaluation of"), "{}", page.err);
}

#[test]
fn a_model_that_fails_is_withdrawn() {
    let (_folder, project) = exported();
    let (ran, document) = import(&project, 31);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    // 31 of 62.
    assert!(ran.out.contains("50.0 %") && ran.out.contains("worse on some kind of calls"), "{}", ran.out);
    let report = report_json(&[&estate(), &text(&document)]);
    assert!(report["recommendations"].as_array().expect("recommendations").iter().all(|r| r["id"] != ID));
    let declined = report["declined"].as_array().expect("declined");
    let withdrawn = declined.iter().find(|d| d["reason"] == "failed_test").expect("withdrawn");
    assert_eq!(
        (&withdrawn["rule"], &withdrawn["subject"]["caller"]),
        (&json!("model-rightsizing.simple-tasks"), &json!("role/ticket-triage"))
    );
}

#[test]
fn results_are_imported_for_the_recommendation_of_their_project_only() {
    let (folder, project) = exported();
    let file = text(&results(&project, 0));
    let elsewhere = folder.path().join("elsewhere.json");
    std::fs::copy(&file, &elsewhere).expect("a copy");
    let elsewhere = text(&elsewhere);
    let manifest = text(&project.join("lode-eval.json"));
    for (args, expected) in [
        (vec!["1", &file], "a number is one of a report"),
        (vec!["model-rightsizing.simple", &file], "tests model-rightsizing.simple-tasks/"),
        (vec!["prompt-caching.never-enabled", &file], "tests model-rightsizing.simple-tasks/"),
        (vec![ID, &elsewhere], "--project"),
        (vec![ID, &manifest], "without promptfoo's results"),
        (vec![ID, "no-such.json"], "no-such.json"),
    ] {
        let ran = lode(&[&["eval", "import"], &args[..]].concat());
        assert_eq!(ran.exit, Exit::Usage, "{args:?}");
        assert!(ran.err.contains(expected), "{expected} is not in {}", ran.err);
        no_text(&ran);
    }
    let output = text(&folder.path().join("verdict.json"));
    let place = text(&project);
    let ran =
        lode(&["eval", "import", "model-rightsizing.simple-tasks", &elsewhere, "--project", &place, "-o", &output]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    // The day is that of the shell.
    assert!(std::fs::read_to_string(output).expect("a verdict").contains("\"date\": \"2026-11-05\""));
}

#[test]
fn evaluations_that_say_nothing_or_were_changed_are_told() {
    let (folder, project) = exported();
    let (_, document) = import(&project, 31);
    let elsewhere = report(&[&common::day_one(), &text(&document)], &[]);
    assert_eq!(elsewhere.exit, Exit::Made);
    assert!(
        elsewhere.err.contains("role/ticket-triage is about no recommendation of this report"),
        "{}",
        elsewhere.err
    );

    let whole = std::fs::read_to_string(&document).expect("a document");
    let changed = whole.replace("\"inferior\"", "\"non-inferior\"");
    let cut = whole[..whole.len() / 2].to_owned();
    let gated = report_json(&[&estate()]);
    for (text_of, expected) in [(changed, "does not follow from its counts"), (cut, "not a document of this kind")] {
        let file = folder.path().join("changed.json");
        std::fs::write(&file, text_of).expect("a file");
        let file = text(&file);
        let ran = report(&[&estate(), &file], &["--strict"]);
        assert_eq!(ran.exit, Exit::Rejected);
        assert!(ran.err.contains(&format!("not used {file}: ")) && ran.err.contains(expected), "{}", ran.err);
        assert!(
            ran.out.contains("1 evaluation cannot be used.") && !ran.out.contains("Totals are incomplete"),
            "{}",
            ran.out
        );
        assert_eq!(report_json(&[&estate(), &file]), gated, "it changes nothing");
    }
}
