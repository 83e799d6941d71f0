//! The other files of an export. That AWS' own tools take `job.json` and that the script does what it says, the ignored test
//! holds against botocore's model of the API and a script in place of `aws`:
//!
//! ```text
//! python3 -m venv /tmp/boto && /tmp/boto/bin/pip install boto3
//! LODE_PYTHON=/tmp/boto/bin/python cargo test -p lode-batch --test botocore -- --ignored
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use jiff::civil::{Date, date};
use lode_batch::{Export, FilePart, Form, LeftOut, Limits, Manifest, ManifestError, Target, files, hex, jobs};
use serde_json::{Value, json};

fn target(form: Form) -> Target {
    Target {
        account: "111111111111".to_owned(),
        region: "eu-west-1".to_owned(),
        model_id: "eu.anthropic.claude-sonnet-4-6".to_owned(),
        form,
        hours: 72,
    }
}

/// An export of two jobs, the first of two files.
fn made(form: Form, parts: &[Vec<FilePart>]) -> BTreeMap<String, Vec<u8>> {
    let days: BTreeMap<Date, u64> = [(date(2026, 10, 29), 200), (date(2026, 10, 30), 101)].into();
    let export = Export {
        recommendation: "batch-inference.nobody-waits/111111111111/eu-west-1/`m`/role/nightly",
        caller: "role/nightly",
        target: &target(form),
        earlier: &["Move them to another model".to_owned()],
        days: &days,
        selected: 400,
        left_out: &[(LeftOut::Tools, vec!["r1".to_owned(), "r2".to_owned()])].into(),
        removed: &[("cache markers", 7)].into(),
        limits: Limits { min_records: 100, ..Limits::default() },
        price: "About $1.00 at your batch prices.",
    };
    let jobs = jobs(&export, parts);
    let sums = jobs.iter().flat_map(|job| &job.inputs).map(|name| (name.clone(), hex(b"{}\n"))).collect();
    files(&export, &jobs, &sums).expect("JSON").into_iter().collect()
}

fn part(begin: usize, end: usize) -> FilePart {
    FilePart { records: begin..end, bytes: 10 * (end - begin) as u64 }
}

fn json_of(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).expect("JSON")
}

#[test]
fn one_job_is_one_file_with_the_input_of_the_api() {
    let files = made(Form::Converse, &[vec![part(0, 301)]]);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, [".gitignore", "README.md", "create-job.sh", "job.json", "manifest.json"]);
    let name = "lode-role-nightly-2026-10-29-2026-10-30";
    let folder = |what: &str| format!("s3://replace-with-your-bucket/lode-batch/{name}/{what}/");
    assert_eq!(
        json_of(&files, "job.json"),
        json!({
            "jobName": name,
            "roleArn": "arn:aws:iam::111111111111:role/replace-with-your-batch-role",
            "modelId": "eu.anthropic.claude-sonnet-4-6",
            "modelInvocationType": "Converse",
            "inputDataConfig": {"s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": folder("input")}},
            "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": folder("output")}},
            "timeoutDurationInHours": 72,
        })
    );
}

#[test]
fn the_manifest_names_all_and_is_read_again() {
    let files = made(Form::InvokeModel, &[vec![part(0, 100), part(100, 151)], vec![part(151, 301)]]);
    let manifest = Manifest::read(&files["manifest.json"]).expect("its own");
    let jobs: Vec<_> = manifest.jobs.iter().map(|job| (job.file.as_str(), job.inputs.join(" "), job.records)).collect();
    assert_eq!(
        jobs,
        [
            ("job-001.json", "records-001.jsonl records-002.jsonl".to_owned(), 151),
            ("job-002.json", "records-003.jsonl".to_owned(), 150)
        ]
    );
    assert_eq!((manifest.records, manifest.selected), (301, 400));
    assert_eq!(manifest.left_out, [("tools".to_owned(), vec!["r1".to_owned(), "r2".to_owned()])].into());
    for (name, sum) in &manifest.files {
        let expected = files.get(name).map_or_else(|| hex(b"{}\n"), |bytes| hex(bytes));
        assert_eq!(*sum, expected, "{name}");
    }
    // As `sha256sum` says of an empty file.
    assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let newer = json_of(&files, "manifest.json").to_string().replace("\"schema_version\":1", "\"schema_version\":2");
    assert!(matches!(Manifest::read(newer.as_bytes()), Err(ManifestError::Version { found: 2 })));
    assert!(matches!(Manifest::read(b"{\"entries\": []}"), Err(ManifestError::Shape)));
}

#[test]
fn the_readme_says_what_it_takes() {
    let files = made(Form::InvokeModel, &[vec![part(0, 301)]]);
    let readme = std::str::from_utf8(&files["README.md"]).expect("text");
    for expected in [
        "301 records of your own calls, as 1 batch job",
        "200 of 2026-10-29, 101 of 2026-10-30",
        "Left out: 2 calls that offer tools.",
        "Taken out of the bodies: 7 cache markers.",
        "The plan first says: `Move them to another model`.",
        "7 cache markers are taken out, and every token is paid as input",
        "A guardrail of `InvokeModel` travels in a header",
        "| fewest records of a job | 100 |",
        "As of 2026-10: AWS",
        "eu-west-1/m/role/nightly`",
    ] {
        assert!(readme.contains(expected), "{expected} is not in\n{readme}");
    }
}

#[test]
#[ignore = "needs LODE_PYTHON, a Python with boto3, and bash"]
fn botocore_takes_the_job_and_the_script_makes_it() {
    #[expect(clippy::disallowed_methods, reason = "a test that is asked for by hand")]
    let python = std::env::var("LODE_PYTHON").expect("LODE_PYTHON");
    for (form, parts) in [
        (Form::Converse, vec![vec![part(0, 301)]]),
        (Form::InvokeModel, vec![vec![part(0, 100), part(100, 151)], vec![part(151, 301)]]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in made(form, &parts) {
            std::fs::write(folder.path().join(name), bytes).expect("a file");
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botocore/run.sh");
        let run =
            Command::new("bash").arg(script).arg(folder.path()).env("LODE_PYTHON", &python).output().expect("bash");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(said.lines().filter(|line| line.starts_with("taken: ")).count(), 2 * parts.len(), "{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("uploaded: ")).count(), parts.concat().len(), "{said}");
    }
}
