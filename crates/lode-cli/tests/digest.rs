//! Logs digested into a trace: in one run or several, broken off or not, of whatever form, it is the same trace, and the
//! report on it is the report on the logs.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{lode, root};
use lode_cli::Exit;
use serde_json::Value;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn estate(part: &str) -> String {
    text(&root("testdata/estate").join(part))
}

/// All files below a folder, by their path there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn list(folder: &Path, below: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = below.join(path.file_name().expect("a name"));
            if path.is_dir() {
                list(&path, &name, all);
            } else {
                all.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    let mut all = BTreeMap::new();
    list(folder, Path::new(""), &mut all);
    all
}

/// Of them, those with requests.
fn requests(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(folder).into_iter().filter(|(name, _)| name.extension().is_some_and(|it| it == "parquet")).collect()
}

/// Digests; what it said.
fn digest(input: &[&str], trace: &Path, more: &[&str]) -> Value {
    let trace = text(trace);
    let args = [&["digest"], input, &["-o", &trace, "--format", "json"], more].concat();
    let ran = lode(&args);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// The logs of the estate, as files.
fn logs() -> Vec<String> {
    let all = files(&root("testdata/estate/logs"));
    let records = all.into_keys().filter(|name| !name.iter().any(|part| part == "data"));
    records.map(|name| text(&root("testdata/estate/logs").join(name))).collect()
}

#[test]
fn the_report_on_a_trace_is_the_report_on_its_logs() {
    let trace = folder();
    digest(&[&estate("logs")], trace.path(), &[]);
    let report = |input: &[&str]| -> Value {
        let ran = lode(&[&["report"], input, &["--format", "json", "--as-of", "2026-11-05"]].concat());
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        serde_json::from_str(&ran.out).expect("JSON")
    };
    let (bill, inventory) = (estate("bill"), estate("inventory"));
    let on_logs = report(&[&bill, &inventory, &estate("logs")]);
    assert_eq!(report(&[&bill, &inventory, &text(trace.path())]), on_logs);
    let kept = folder();
    for _ in 0..2 {
        let kept = text(kept.path());
        assert_eq!(report(&[&bill, &inventory, &estate("logs"), "--trace", &kept]), on_logs);
    }
    assert!(files(kept.path()) == files(trace.path()));
    // The logs may be gone by then.
    let kept = text(kept.path());
    assert_eq!(report(&[&bill, &inventory, "--trace", &kept]), on_logs);
    assert_eq!(report(&[&bill, &inventory, &format!("{kept}/."), "--trace", &kept]), on_logs);
}

#[test]
fn several_runs_make_the_trace_of_one() {
    let (whole, grown) = (folder(), folder());
    let all = logs();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let once = digest(&all, whole.path(), &[]);
    assert_eq!(
        (&once["new_log_files"], &once["requests"], &once["duplicates"]),
        (&84.into(), &31_520.into(), &0.into())
    );
    // Every other file first, with so little memory that pieces are written out, then the rest.
    let some: Vec<&str> = all.iter().step_by(2).copied().collect();
    digest(&some, grown.path(), &["--memory", "1"]);
    let rest = digest(&all, grown.path(), &[]);
    assert_eq!((&rest["new_log_files"], &rest["requests"]), (&42.into(), &31_520.into()));
    assert!(files(grown.path()) == files(whole.path()));
    let again = digest(&all, grown.path(), &[]);
    assert_eq!(again["new_log_files"], 0);
    assert!(files(grown.path()) == files(whole.path()));
}

/// The program itself, killed after ever longer times: what is in place is whole, and the next run goes on.
#[test]
fn a_digest_that_was_broken_off_goes_on() {
    let whole = folder();
    digest(&[&estate("logs")], whole.path(), &[]);
    let expected = files(whole.path());
    let trace = folder();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lode"));
        command.args(["digest", &estate("logs"), "--memory", "1", "-o", &text(trace.path())]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("lode runs")
    };
    let mut killed = 0;
    for millis in (0..400).step_by(25).chain([60_000]) {
        let mut child = run();
        let mut waited = 0;
        let done = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break Some(status);
            }
            if waited >= millis {
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
            waited += 5;
        };
        if done.is_none() {
            child.kill().expect("killed");
            child.wait().expect("gone");
            killed += 1;
        }
        let now = files(trace.path());
        for (name, bytes) in now.iter().filter(|(name, _)| !name.starts_with(".unfinished")) {
            assert!(Some(bytes) == expected.get(name), "{} after {millis} ms", name.display());
        }
        if done.is_some() {
            break;
        }
    }
    assert!(killed > 0, "no run was broken off");
    assert!(files(trace.path()) == expected, "{killed} runs were killed");
}

#[test]
fn what_a_run_has_left_is_taken_up() {
    let (whole, trace) = (folder(), folder());
    let all = logs();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    digest(&all, whole.path(), &[]);
    // A trace without its table of contents: as if the last step had not been made.
    digest(&all, trace.path(), &["--memory", "1"]);
    let contents = trace.path().join("lode-trace.json");
    let staging = trace.path().join(".unfinished");
    std::fs::create_dir(&staging).expect("a folder");
    std::fs::rename(&contents, staging.join("commit.json")).expect("moved");
    std::fs::create_dir(staging.join("new")).expect("a folder");
    let (name, _) = requests(trace.path()).pop_first().expect("a file");
    let aside = format!("{:016x}.parquet", xxhash_rust::xxh3::xxh3_64(text(&name).as_bytes()));
    std::fs::rename(trace.path().join(&name), staging.join("new").join(aside)).expect("moved");
    assert_eq!(digest(&all, trace.path(), &[])["new_log_files"], 0);
    assert!(files(trace.path()) == files(whole.path()));
}

/// A run that is broken off by a fault leaves the pieces it has finished; they are taken up where their logs are still
/// the same.
#[test]
fn whole_pieces_are_taken_up() {
    let (whole, trace) = (folder(), folder());
    let all = logs();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    digest(&all, whole.path(), &[]);
    // Nothing can be moved into place, because a file is where a folder must be.
    std::fs::write(trace.path().join("111111111111"), b"").expect("a file");
    let broken = lode(&[&["digest"], &all[..], &["-o", &text(trace.path()), "--memory", "1"]].concat());
    assert_ne!(broken.exit, Exit::Made);
    std::fs::remove_file(trace.path().join("111111111111")).expect("removed");
    let staging = trace.path().join(".unfinished");
    let commit = std::fs::read_to_string(staging.join("commit.json")).expect("a table of contents");
    std::fs::remove_file(staging.join("commit.json")).expect("removed");
    let units = || files(&staging).into_keys().filter(|name| text(name).starts_with("unit-")).count();
    assert!(units() > 2, "{} units", units());
    // One part is not what was written: its unit is read again, the others are not.
    let part = files(&staging).into_keys().find(|name| text(name).starts_with("part-")).expect("a part");
    std::fs::write(staging.join(part), b"PAR1").expect("written");
    let sources = serde_json::from_str::<Value>(&commit).expect("JSON")["sources"].as_array().expect("a list").len();
    assert_eq!(digest(&all, trace.path(), &[])["new_log_files"], sources);
    assert!(files(trace.path()) == files(whole.path()));
}

#[test]
fn two_runs_do_not_write_over_each_other() {
    let trace = folder();
    let lock = std::fs::File::create(trace.path().join(".lock")).expect("a file");
    lock.lock().expect("locked");
    let ran = lode(&["digest", &estate("logs"), "-o", &text(trace.path())]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("another run of lode digest is at work there; help: wait"), "{}", ran.err);
    drop(lock);
    digest(&[&logs()[0]], trace.path(), &[]);
}

#[test]
fn bodies_that_arrive_later_are_read_with_their_records() {
    let (late, whole, input) = (folder(), folder(), folder());
    let hour = input.path().join("hour");
    std::fs::create_dir(&hour).expect("a folder");
    let record = r#"{"schemaType":"ModelInvocationLog","timestamp":"2026-10-01T00:00:00Z","accountId":"111111111111",
        "region":"us-east-1","requestId":"r","modelId":"amazon.nova-lite-v1:0","input":{"inputTokenCount":7}}"#;
    std::fs::write(hour.join("log.json"), record.replace('\n', "")).expect("written");
    let input = text(&hour);
    digest(&[&input], late.path(), &[]);
    std::fs::create_dir(hour.join("data")).expect("a folder");
    std::fs::write(hour.join("data/r_input.json"), r#"{"messages":[{"role":"user","content":"Hi"}]}"#)
        .expect("written");
    let again = digest(&[&input], late.path(), &[]);
    assert_eq!((&again["new_log_files"], &again["requests"]), (&1.into(), &1.into()));
    digest(&[&input], whole.path(), &[]);
    assert!(files(late.path()) == files(whole.path()));
}

#[test]
fn copies_from_cloudwatch_are_duplicates() {
    let (s3, both, input) = (folder(), folder(), folder());
    let log = &logs()[0];
    let one = digest(&[log], s3.path(), &[]);
    let mut unpacked = String::new();
    let packed = std::fs::File::open(log).expect("a log");
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(packed), &mut unpacked).expect("text");
    let events: Vec<Value> =
        unpacked.lines().map(|line| serde_json::json!({"timestamp": 1, "message": line})).collect();
    let page = input.path().join("events.json");
    std::fs::write(&page, serde_json::json!({"events": events}).to_string()).expect("written");
    let two = digest(&[log, &text(&page)], both.path(), &[]);
    assert_eq!((&two["requests"], &two["tokens"]), (&one["requests"], &one["tokens"]));
    assert_eq!(two["duplicates"], one["requests"]);
    assert!(requests(both.path()) == requests(s3.path()));
}

#[test]
fn a_trace_that_cannot_be_used_says_why() {
    let (trace, other) = (folder(), folder());
    let log = &logs()[0];
    digest(&[log], trace.path(), &[]);
    let report = |more: &[&str]| {
        let ran = lode(&[&["report", &estate("bill"), &text(trace.path())], more].concat());
        assert_eq!(ran.exit, Exit::Usage, "{}", ran.out);
        ran.err
    };
    // Callers named by other keys.
    let settings = other.path().join("lode.toml");
    std::fs::write(&settings, "[report]\ncaller_keys = [\"request-metadata:team\"]\n").expect("written");
    let fault = report(&["--config", &text(&settings)]);
    assert!(fault.contains("digested with caller keys application-inference-profile, iam-principal"), "{fault}");
    // A byte of a hash.
    let (name, mut bytes) = requests(trace.path()).pop_first().expect("a file");
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    std::fs::write(trace.path().join(&name), bytes).expect("written");
    let fault = report(&[]);
    assert!(fault.contains("expected") && fault.contains("help: run lode digest again"), "{fault}");
    std::fs::remove_file(trace.path().join(&name)).expect("removed");
    let again = lode(&["digest", log, "-o", &text(trace.path())]);
    assert_eq!(again.exit, Exit::Usage);
    assert!(again.err.contains("found no file") && again.err.contains("2026-10.parquet"), "{}", again.err);
    // A newer version.
    let contents = trace.path().join("lode-trace.json");
    let newer =
        std::fs::read_to_string(&contents).expect("text").replacen("\"schema_version\": 5", "\"schema_version\": 6", 1);
    std::fs::write(&contents, newer).expect("written");
    let fault = report(&[]);
    assert!(fault.contains("found schema version 6, expected schema version 5"), "{fault}");
    std::fs::write(&contents, "{").expect("written");
    assert!(report(&[]).contains("lode-trace.json"));
    let nothing = lode(&["digest", &estate("bill"), "-o", &text(other.path())]);
    assert_eq!(nothing.exit, Exit::Usage);
    assert!(nothing.err.contains("no invocation log in"), "{}", nothing.err);
}

#[test]
fn rows_that_cannot_be_used_are_told_again_from_the_trace() {
    let (trace, input) = (folder(), folder());
    let log = input.path().join("log.json");
    let record = r#"{"schemaType":"ModelInvocationLog","timestamp":"2026-10-01T00:00:00Z","accountId":"111111111111",
        "region":"us-east-1","requestId":"r","modelId":"amazon.nova-lite-v1:0","input":{"inputTokenCount":7}}"#;
    std::fs::write(&log, format!("{}\noops\n", record.replace('\n', ""))).expect("written");
    for new in [1, 0] {
        let args = ["digest", &text(&log), "-o", &text(trace.path()), "--format", "json", "--strict"];
        let ran = lode(&args);
        let said: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!((ran.exit, &said["rejected"], &said["new_log_files"]), (Exit::Rejected, &1.into(), &new.into()));
        assert!(ran.err.contains("log.json: row 2: found a line that is not JSON"), "{}", ran.err);
    }
    let page = lode(&["digest", &text(&log), "-o", &text(trace.path())]).out;
    std::fs::write(&log, record.replace('\n', "").replace("\"r\"", "\"other\"")).expect("written");
    let changed = lode(&["digest", &text(&log), "-o", &text(trace.path())]);
    assert!(changed.err.contains("1 log file has changed since it was digested"), "{}", changed.err);
    assert!(changed.out.contains("requests                                     2"), "{}", changed.out);
    insta::assert_snapshot!("digest", page.replace(&text(trace.path()), "TRACE"));
}
