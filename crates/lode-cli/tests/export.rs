//! The calls that a recommendation moves to batch, from the logs to the input of a job.

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

/// Reports of technicians are summed up at night: 30 calls to Nova 2 Lite on each of 28 days, the last one 28 October.
const ID: &str = "batch-inference.nobody-waits/222222222222/us-east-1/amazon.nova-2-lite-v1:0/role/nightly-summaries";
/// What their prompts say.
const PROMPT: &str = "service manual";
/// The estate is small: its job is below the thresholds of the rule.
const SETTINGS: &str = r#"[thresholds]
"batch-inference.nobody-waits.spend.standard_monthly" = 1
"batch-inference.nobody-waits.demand.calls_per_active_day" = 20
"batch-inference.nobody-waits.requests.tools_share" = 0.1
"batch-inference.nobody-waits.requests.schema_bound_share" = 0.1
"#;

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn estate() -> String {
    text(&root("testdata/estate"))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// An export into `job` of a folder that holds the settings, with at least 20 records.
fn export(folder: &Path, job: &str, id: &str, input: &[&str], more: &[&str]) -> Ran {
    let settings = folder.join("lode.toml");
    std::fs::write(&settings, SETTINGS).expect("settings");
    let (job, settings) = (text(&folder.join(job)), text(&settings));
    let args = [&["export", "batch", id], input, &["-o", &job, "--as-of", "2026-11-05", "--config", &settings]];
    lode(&[&args.concat(), more].concat())
}

const LEAST: [&str; 2] = ["--min-records", "20"];

fn no_text(ran: &Ran) {
    assert!(!ran.out.contains(PROMPT) && !ran.err.contains(PROMPT), "text is shown: {}{}", ran.out, ran.err);
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a file")
}

fn json_of(file: &Path) -> Value {
    serde_json::from_str(&read(file)).expect("JSON")
}

fn records(file: &Path) -> Vec<Value> {
    read(file).lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// The logs of the estate with other records of the job on its last day; `edit` is given a record and its place there.
fn with_records(edit: impl Fn(usize, &mut Value)) -> TempDir {
    let copy = folder();
    let source = root("testdata/estate");
    let mut place = 0;
    for file in files(&source) {
        let target = copy.path().join(file.strip_prefix(&source).expect("below"));
        std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
        if !text(&file).contains("222222222222/BedrockModelInvocationLogs") {
            std::fs::copy(&file, target).expect("a copy");
            continue;
        }
        let mut log = String::new();
        MultiGzDecoder::new(&std::fs::read(&file).expect("a file")[..]).read_to_string(&mut log).expect("a log");
        let mut lines = String::new();
        for line in log.lines() {
            let mut record: Value = serde_json::from_str(line).expect("a record");
            let is_of = |key: &str, part: &str| record[key].to_string().contains(part);
            if is_of("identity", "nightly-summaries") && is_of("timestamp", "2026-10-28") {
                edit(place, &mut record);
                place += 1;
            }
            lines.push_str(&format!("{record}\n"));
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(lines.as_bytes()).expect("in memory");
        std::fs::write(target, packed.finish().expect("in memory")).expect("a file");
    }
    assert_eq!(place, 30);
    copy
}

#[test]
fn the_newest_day_is_written_for_its_owner_alone() {
    let folder = folder();
    let ran = export(folder.path(), "job", ID, &[&estate()], &LEAST);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    no_text(&ran);
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "30 records for 1 batch job in ",
        &format!("moves {ID} "),
        "model global.amazon.nova-2-lite-v1:0 in us-east-1 form InvokeModel ",
        "days 30 of 2026-10-28; 27 days more with such calls (--day, --all)",
        "About $0.04 at your batch prices, paid once more on top of the $0.07 that these calls cost as they were made.",
        "Nothing was sent.",
    ] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    let job = folder.path().join("job");
    let written = files(&job);
    let names: Vec<_> = written.iter().map(|file| file.file_name().expect("a name").to_string_lossy()).collect();
    assert_eq!(names, [".gitignore", "README.md", "create-job.sh", "job.json", "manifest.json", "records.jsonl"]);
    for file in &written {
        assert_eq!(read(file).contains(PROMPT), file.ends_with("records.jsonl"), "{}", file.display());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| path.metadata().expect("a file").permissions().mode() & 0o777;
        assert_eq!((mode(&job), mode(&job.join("create-job.sh"))), (0o700, 0o700));
        let others = written.iter().filter(|file| !file.ends_with("create-job.sh"));
        assert!({ others }.all(|file| mode(file) == 0o600));
    }
    let records = records(&job.join("records.jsonl"));
    assert_eq!(records.len(), 30);
    for record in &records {
        let keys: Vec<&str> = record["modelInput"].as_object().expect("a body").keys().map(String::as_str).collect();
        assert_eq!(keys, ["inferenceConfig", "messages", "system"]);
        assert_eq!(record["recordId"].as_str().map(str::len), Some(32));
    }
    let manifest = json_of(&job.join("manifest.json"));
    assert_eq!(
        (&manifest["records"], &manifest["selected"], &manifest["days"]),
        (&json!(30), &json!(840), &json!({"2026-10-28": 30}))
    );
    assert_eq!(json_of(&job.join("job.json"))["modelInvocationType"], "InvokeModel");

    // The same bytes again, by its number too; and the report does not take it for input.
    let bytes = |job: &str| -> BTreeMap<PathBuf, Vec<u8>> {
        let job = folder.path().join(job);
        let read =
            |file: PathBuf| (file.strip_prefix(&job).expect("below").to_owned(), std::fs::read(&file).expect("a file"));
        files(&job).into_iter().map(read).collect()
    };
    let rank = json_rank(folder.path());
    export(folder.path(), "again", &rank, &[&estate()], &LEAST);
    assert_eq!(bytes("again"), bytes("job"));
    let report = lode(&["report", &estate(), &text(&job), "--as-of", "2026-11-05"]);
    assert!(!report.err.contains("records.jsonl") && !report.err.contains("job.json"), "{}", report.err);
}

/// The number of the recommendation in the report.
fn json_rank(folder: &Path) -> String {
    let settings = text(&folder.join("lode.toml"));
    let report = lode(&["report", &estate(), "--as-of", "2026-11-05", "--config", &settings, "--format", "json"]);
    let report: Value = serde_json::from_str(&report.out).expect("JSON");
    let all = report["recommendations"].as_array().expect("recommendations");
    all.iter().find(|r| r["id"] == ID).expect("the job")["rank"].to_string()
}

#[test]
fn other_days_are_taken_when_asked_for_and_divided_into_files_and_jobs() {
    let folder = folder();
    let of = |job: &str, more: &[&str]| {
        let ran = export(folder.path(), job, ID, &[&estate()], more);
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        json_of(&folder.path().join(job).join("manifest.json"))
    };
    let one = of("day", &["--day", "2026-10-01", "--min-records", "30"]);
    assert_eq!(one["days"], json!({"2026-10-01": 30}));
    let all = of("all", &["--all"]);
    assert_eq!((&all["records"], all["days"].as_object().map(serde_json::Map::len)), (&json!(840), Some(28)));
    let divided = of("divided", &["--all", "--records-per-job", "500", "--records-per-file", "300"]);
    let jobs: Vec<String> =
        divided["jobs"].as_array().expect("jobs").iter().map(|job| job["inputs"].to_string()).collect();
    assert_eq!(jobs, [r#"["records-001.jsonl","records-002.jsonl"]"#, r#"["records-003.jsonl","records-004.jsonl"]"#]);
    let lines = |file: &str| read(&folder.path().join("divided").join(file)).lines().count();
    assert_eq!(
        ["records-001.jsonl", "records-002.jsonl", "records-003.jsonl", "records-004.jsonl"].map(lines),
        [300, 120, 300, 120]
    );
    // In time order over all files.
    let whole = read(&folder.path().join("all/records.jsonl"));
    let parts: String = (1..=4).map(|n| read(&folder.path().join(format!("divided/records-00{n}.jsonl")))).collect();
    assert_eq!(parts, whole);
}

#[test]
fn what_batch_does_not_take_is_left_out_by_reason() {
    let estate = with_records(|place, record| {
        let schema = json!({"type": "json_schema", "json_schema": {}});
        let body = &mut record["input"]["inputBodyJson"];
        match place {
            0 => body["toolConfig"] = json!({"tools": [{"toolSpec": {"name": "find", "inputSchema": {"json": {}}}}]}),
            1 => body["response_format"] = schema,
            2 => {
                record["input"] = json!({"inputTokenCount": record["input"]["inputTokenCount"],
                    "inputBodyS3Path": "s3://bucket/data/x_input.json.gz"});
            }
            3 => *body = Value::Null,
            4 => record["errorCode"] = json!("ThrottlingException"),
            5 | 6 => record["operation"] = json!("Converse"),
            7 => {
                let content = body["messages"][0]["content"].as_array_mut().expect("blocks");
                content.push(json!({"cachePoint": {"type": "default"}}));
            }
            8 => record["operation"] = json!("ChatCompletions"),
            _ => {}
        }
    });
    let estate = text(estate.path());
    let folder = folder();
    // The trace knows the calls from when their bodies were there; the logs given do not have all of them any more.
    let trace = text(&folder.path().join("trace"));
    assert_eq!(lode(&["digest", &text(&root("testdata/estate/logs")), "-o", &trace]).exit, Exit::Made);
    let ran = export(folder.path(), "job", ID, &[&estate, &trace], &LEAST);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    no_text(&ran);
    let manifest = json_of(&folder.path().join("job/manifest.json"));
    let left: BTreeMap<&str, usize> = manifest["left_out"]
        .as_object()
        .expect("reasons")
        .iter()
        .map(|(why, ids)| (why.as_str(), ids.as_array().map_or(0, Vec::len)))
        .collect();
    let expected = [
        ("body_not_here", 1),
        ("failed", 1),
        ("no_body", 1),
        ("other_form", 2),
        ("other_operation", 1),
        ("structured_output", 1),
        ("tools", 1),
    ];
    assert_eq!(left, expected.into());
    assert_eq!((&manifest["records"], &manifest["removed"]), (&json!(22), &json!({"cache markers": 1})));
    assert!(!read(&folder.path().join("job/records.jsonl")).contains("cachePoint"));
    for expected in ["1 call that offer tools", "1 cache markers", "2 calls whose body has the other form"] {
        assert!(ran.out.contains(expected), "{expected} is not in {}", ran.out);
    }
    // The other form is a job of its own.
    let ran = export(folder.path(), "converse", ID, &[&estate], &["--form", "converse", "--min-records", "2"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    assert_eq!(json_of(&folder.path().join("converse/job.json"))["modelInvocationType"], "Converse");
    assert_eq!(records(&folder.path().join("converse/records.jsonl")).len(), 2);
}

#[test]
fn what_cannot_be_exported_is_said_and_nothing_is_written() {
    type Refused<'a> = (&'a str, &'a [&'a str], &'a str, &'a [&'a str], &'a str);
    let folder = folder();
    let estate = estate();
    let bill = text(&root("testdata/estate/bill"));
    let trace = text(&folder.path().join("trace"));
    assert_eq!(lode(&["digest", &text(&root("testdata/estate/logs")), "-o", &trace]).exit, Exit::Made);
    std::fs::create_dir(folder.path().join("taken")).expect("a folder");
    std::fs::write(folder.path().join("taken/manifest.json"), "{\"entries\": []}").expect("a file");
    let eval = "model-rightsizing.simple-tasks/111111111111/us-east-1/anthropic.claude-sonnet-5-5/role/ticket-triage";
    let refused: [Refused<'_>; 10] = [
        (
            ID,
            &[&estate],
            "new",
            &[],
            "30 of the calls of 2026-10-28 can be records, a job needs 100; help: --all takes all 28 days",
        ),
        (
            ID,
            &[&estate],
            "new",
            &["--all", "--min-records", "1000"],
            "840 of the calls of all days can be records, a job needs 1,000",
        ),
        (
            ID,
            &[&estate],
            "new",
            &["--day", "2026-11-01"],
            "is in the logs on 2026-11-01; help: the newest day with calls is 2026-10-28",
        ),
        (eval, &[&estate], "new", &[], "is exported as a test, with `lode eval export`"),
        ("2", &[&estate], "new", &[], "and there is no job to export; help: those that move calls to batch are "),
        ("99", &[&estate], "new", &[], "no such recommendation"),
        (ID, &[&bill, &trace], "new", &[], "digested trace do not hold"),
        (
            ID,
            &[&estate],
            "new",
            &["--model", "m; rm -rf ~", "--min-records", "1"],
            "the job would run m; rm -rf ~ in region us-east-1",
        ),
        (ID, &[&estate], "taken", &["--overwrite", "--min-records", "1"], "holds files of somebody else"),
        (ID, &[&estate], "new", &["--bytes-per-file", "100", "--min-records", "1"], "more than 100 bytes in a file"),
    ];
    for (id, input, job, more, expected) in refused {
        let ran = export(folder.path(), job, id, input, more);
        assert_eq!(ran.exit, Exit::Usage, "{id} {more:?} {}", ran.out);
        assert!(ran.err.contains(expected) && ran.out.is_empty(), "{expected} is not in {}", ran.err);
        no_text(&ran);
        assert!(!folder.path().join("new").exists(), "{id} {more:?}");
    }
    assert_eq!(files(&folder.path().join("taken")).len(), 1);
}

#[test]
fn an_earlier_export_is_replaced_only_when_asked() {
    let folder = folder();
    let job = folder.path().join("job");
    let divided = ["--min-records", "1", "--records-per-file", "10"];
    assert_eq!(export(folder.path(), "job", ID, &[&estate()], &divided).exit, Exit::Made);
    assert!(job.join("records-003.jsonl").is_file());
    std::fs::write(job.join("answers.jsonl.out"), "mine").expect("a file");
    let ran = export(folder.path(), "job", ID, &[&estate()], &LEAST);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("holds an earlier export") && ran.err.contains("--overwrite"), "{}", ran.err);
    // What fails replaces nothing.
    assert_eq!(export(folder.path(), "job", ID, &[&estate()], &["--overwrite"]).exit, Exit::Usage);
    assert!(job.join("records-003.jsonl").is_file() && !job.join(".unfinished").exists());
    let ran = export(folder.path(), "job", ID, &[&estate()], &["--overwrite", "--min-records", "20"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    assert!(job.join("records.jsonl").is_file() && !job.join("records-001.jsonl").exists());
    assert_eq!(read(&job.join("answers.jsonl.out")), "mine");
}

#[test]
fn files_of_anybody_are_checked_line_by_line() {
    let folder = folder();
    export(folder.path(), "job", ID, &[&estate()], &LEAST);
    let sound = text(&folder.path().join("job/records.jsonl"));
    let ran = lode(&["export", "batch", "--check", &sound, "--min-records", "30"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Made, ""));
    assert_eq!(ran.out, "30 records, all as a job takes them (InvokeModel, global.amazon.nova-2-lite-v1:0)\n");
    let ran = lode(&["export", "batch", "--check", &sound]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.out.starts_with("30 records in a job, which needs 100\n30 lines, 1 thing not as"), "{}", ran.out);

    let broken = folder.path().join("broken.jsonl");
    let lines = [
        r#"{"recordId":"a","modelInput":{"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"SECRET"}]}}"#,
        r#"{"recordId":"a","modelInput":{"SECRET":"#,
        r#"{"recordId":"b","modelInput":{"inferenceConfig":{},"messages":[{"role":"user","content":[{"text":"?"}]}],"toolConfig":{}}}"#,
    ];
    std::fs::write(&broken, lines.join("\n")).expect("a file");
    let ran = lode(&["export", "batch", "--check", &text(&broken), "--min-records", "1"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(!ran.out.contains("SECRET"), "{}", ran.out);
    let place = text(&broken);
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [
            &format!("{place}:1: modelInput lacks max_tokens"),
            &format!("{place}:2: no JSON; expected {{\"recordId\": …, \"modelInput\": {{…}}}} on one line"),
            &format!("{place}:3: tools or tool results, which batch does not take"),
            "3 lines, 3 things not as a job takes them",
        ]
    );
    let ran = lode(&["export", "batch", "--check", "no-such.jsonl"]);
    assert!(ran.exit == Exit::Usage && ran.err.contains("no-such.jsonl"), "{}", ran.err);
}

#[test]
fn files_of_several_jobs_are_checked_job_by_job() {
    let folder = folder();
    let record =
        |id: &str| format!(r#"{{"recordId":"{id}","modelInput":{{"messages":[{{"role":"user","content":"?"}}]}}}}"#);
    let put = |job: &str, ids: &[&str], model: &str| {
        let at = folder.path().join(job);
        std::fs::create_dir_all(&at).expect("a folder");
        let records: Vec<String> = ids.iter().map(|id| record(id)).collect();
        std::fs::write(at.join("records.jsonl"), records.join("\n")).expect("records");
        std::fs::write(at.join("job.json"), json!({"modelId": model, "jobName": job}).to_string()).expect("a job");
        text(&at)
    };
    let records = |job: &str| format!("{job}/records.jsonl");
    let nova = "amazon.nova-2-lite-v1:0";
    // The same record ids in two jobs are no fault, and each job needs its own two records.
    let [a, b, c] = [("a", &["x", "y"][..]), ("b", &["x", "y"]), ("c", &["x"])].map(|(job, ids)| put(job, ids, nova));
    let check = |jobs: &[&str], more: &[&str]| {
        let files: Vec<String> = jobs.iter().map(|job| records(job)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        lode(&[&["export", "batch", "--min-records", "2", "--check"], &files[..], more].concat())
    };
    let ran = check(&[&a, &b], &[]);
    assert_eq!(
        (ran.exit, ran.out.lines().collect::<Vec<_>>()),
        (
            Exit::Made,
            vec![
                &*format!("{a}/job.json: 2 records, all as a job takes them (InvokeModel, {nova})"),
                &*format!("{b}/job.json: 2 records, all as a job takes them (InvokeModel, {nova})"),
            ]
        )
    );
    let ran = check(&[&a, &c], &[]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.out.contains(&format!("{c}/job.json: 1 record in a job, which needs 2\n")), "{}", ran.out);
    assert!(ran.out.contains(&format!("{c}/job.json: 1 line, 1 thing not as a job takes them")), "{}", ran.out);
    // Jobs of other models are no one check.
    let d = put("d", &["x", "y"], "amazon.nova-pro-v1:0");
    let ran = check(&[&a, &b, &d], &[]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    for words in [
        format!("{a}/job.json (InvokeModel, {nova})"),
        format!("{d}/job.json (InvokeModel, amazon.nova-pro-v1:0)"),
        "help: check each job by itself".to_owned(),
    ] {
        assert!(ran.err.contains(&words), "{words} is not in {}", ran.err);
    }
    assert_eq!(check(&[&a, &d], &["--model", nova]).exit, Exit::Made);
}

#[test]
fn the_jobs_of_one_export_are_checked_one_by_one() {
    let folder = folder();
    // 840 records in two jobs of 420, each below the limit of 500.
    let ran = export(folder.path(), "job", ID, &[&estate()], &["--all", "--records-per-job", "500"]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    let job = text(&folder.path().join("job"));
    let files = [1, 2].map(|number| format!("{job}/records-00{number}.jsonl"));
    let ran = lode(&["export", "batch", "--records-per-job", "500", "--check", &files[0], &files[1]]);
    assert_eq!(ran.exit, Exit::Made, "{}", ran.out);
    for number in [1, 2] {
        assert!(ran.out.contains(&format!("{job}/job-00{number}.json: 420 records, all as")), "{}", ran.out);
    }
}
