//! Files that anybody wrote, and what a job would not take of them.

use lode_batch::{Checked, Checker, Family, Fault, Form, Limits};
use proptest::prelude::*;

fn limits() -> Limits {
    Limits {
        min_records: 1,
        records_per_file: 100,
        records_per_job: 100,
        bytes_per_file: 10_000,
        bytes_per_job: 10_000,
    }
}

fn check(limits: Limits, form: Option<Form>, family: Family, files: &[&[&str]]) -> Checked {
    let mut checker = Checker::new(limits, form, family);
    for lines in files {
        checker.file();
        lines.iter().for_each(|line| checker.line(line.as_bytes()));
    }
    checker.finish()
}

/// The faults of one line.
fn faults(form: Option<Form>, family: Family, line: &str) -> Vec<Fault> {
    let checked = check(limits(), form, family, &[&[line]]);
    assert!(checked.violations.iter().all(|found| (found.file, found.line) == (0, Some(1))));
    assert_eq!(checked.records, u64::from(checked.violations.is_empty()));
    checked.violations.into_iter().map(|found| found.fault).collect()
}

const MESSAGES: &str = r#""messages":[{"role":"user","content":[{"text":"?"}]}]"#;

#[test]
fn each_violation_is_found_with_its_reason() {
    let converse = Some(Form::Converse);
    let input = |input: &str| format!(r#"{{"recordId":"a","modelInput":{{{input}}}}}"#);
    let with = |more: &str| input(&format!("{MESSAGES},{more}"));
    let nested = |deep: usize| format!(r#"{{"recordId":"a","modelInput":{}1{}}}"#, "[".repeat(deep), "]".repeat(deep));
    for (line, expected) in [
        (input(MESSAGES), vec![]),
        (String::new(), vec![Fault::Empty]),
        ("  \r\n".to_owned(), vec![Fault::Empty]),
        ("{\"recordId\":".to_owned(), vec![Fault::NotJson]),
        (nested(200), vec![Fault::NotJson]),
        (format!("{} {}", input(MESSAGES), input(MESSAGES)), vec![Fault::NotJson]),
        ("[]".to_owned(), vec![Fault::NotAnObject]),
        ("{}".to_owned(), vec![Fault::NoRecordId, Fault::NoInput]),
        (format!(r#"{{"recordId":7,"modelInput":{{{MESSAGES}}}}}"#), vec![Fault::RecordId]),
        (format!(r#"{{"recordId":"a b","modelInput":{{{MESSAGES}}}}}"#), vec![Fault::RecordId]),
        (format!(r#"{{"recordId":"","modelInput":{{{MESSAGES}}}}}"#), vec![Fault::RecordId]),
        (r#"{"recordId":"a","modelInput":"text"}"#.to_owned(), vec![Fault::NoInput]),
        (input(""), vec![Fault::Missing("messages")]),
        (input(r#""messages":[]"#), vec![Fault::Missing("messages")]),
        (input(r#""messages":[{"role":"user","content":"?"}]"#), vec![Fault::Missing("role or content of a message")]),
        (input(r#""messages":[{"content":[{"text":"?"}]}]"#), vec![Fault::Missing("role or content of a message")]),
        (with(r#""stream":false"#), vec![Fault::Stream]),
        (with(r#""toolConfig":{}"#), vec![Fault::Tools]),
        (input(r#""messages":[{"role":"user","content":[{"toolResult":{}}]}]"#), vec![Fault::Tools]),
        (with(r#""outputConfig":{"textFormat":{"type":"json_schema"}}"#), vec![Fault::OutputFormat]),
        (with(r#""additionalModelRequestFields":{"output_config":{"format":{}}}"#), vec![Fault::OutputFormat]),
        (with(r#""system":[{"text":"a"},{"cachePoint":{"type":"default"}}]"#), vec![Fault::CacheMarker]),
        (with(r#""x":{"y":[{"cache_control":null}]}"#), vec![Fault::CacheMarker]),
        (with(r#""outputConfig":{"effort":"low"}"#), vec![]),
    ] {
        assert_eq!(faults(converse, Family::Claude, &line), expected, "{line}");
    }
    assert_eq!(check(limits(), converse, Family::Nova, &[&["\u{0}"]]).violations[0].fault, Fault::NotJson);
}

#[test]
fn required_fields_are_those_of_form_and_family() {
    let line = |input: &str| format!(r#"{{"recordId":"a","modelInput":{{{input}}}}}"#);
    let invoke = |family, input: &str| faults(Some(Form::InvokeModel), family, &line(input));
    let whole = format!(r#""anthropic_version":"bedrock-2023-05-31","max_tokens":5,{MESSAGES}"#);
    assert_eq!(invoke(Family::Claude, &whole), []);
    assert_eq!(
        invoke(Family::Claude, ""),
        [Fault::Missing("anthropic_version"), Fault::Missing("max_tokens"), Fault::Missing("messages")]
    );
    assert_eq!(invoke(Family::Nova, ""), [Fault::Missing("messages")]);
    assert_eq!(invoke(Family::Llama, MESSAGES), [Fault::Missing("prompt")]);
    assert_eq!(invoke(Family::Titan, r#""inputText":"?""#), []);
    assert_eq!(invoke(Family::Other, ""), [Fault::Missing("messages, prompt or input")]);
    // Where nobody says the form, the record does.
    assert_eq!(
        faults(None, Family::Other, &line(r#""anthropic_version":"x","max_tokens":5"#)),
        [Fault::Missing("messages")]
    );
    assert_eq!(faults(None, Family::Other, &line(r#""inferenceConfig":{}"#)), [Fault::Missing("messages")]);
    assert_eq!(faults(None, Family::Other, &line(r#""anything":1"#)), []);
}

#[test]
fn ids_counts_and_sizes_are_those_of_the_job() {
    let line = |id: usize| format!(r#"{{"recordId":"{id}","modelInput":{{{MESSAGES}}}}}"#);
    let lines: Vec<String> = (0..6).map(line).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = |limits, files: &[&[&str]]| -> Vec<(usize, Option<u64>, Fault)> {
        let checked = check(limits, Some(Form::Converse), Family::Claude, files);
        checked.violations.into_iter().map(|found| (found.file, found.line, found.fault)).collect()
    };
    assert_eq!(found(limits(), &[&lines[..3], &lines[3..]]), []);
    assert_eq!(found(limits(), &[&lines[..3], &lines[2..]]), [(1, Some(1), Fault::Twice)]);
    // Each limit is told once, at the line that passes it.
    let few = |file, job| Limits { records_per_file: file, records_per_job: job, ..limits() };
    assert_eq!(found(few(2, 9), &[&lines[..]]), [(0, Some(3), Fault::FileRecords(2))]);
    assert_eq!(found(few(3, 4), &[&lines[..3], &lines[3..]]), [(1, Some(2), Fault::JobRecords(4))]);
    let size = lines[0].len() as u64;
    let small = |file, job| Limits { bytes_per_file: file * size, bytes_per_job: job * size, ..limits() };
    assert_eq!(found(small(2, 9), &[&lines[..]]), [(0, Some(3), Fault::FileBytes(2 * size))]);
    assert_eq!(found(small(3, 5), &[&lines[..3], &lines[3..]]), [(1, Some(3), Fault::JobBytes(5 * size))]);
    let least = Limits { min_records: 7, ..limits() };
    assert_eq!(found(least, &[&lines[..]]), [(0, None, Fault::TooFew { found: 6, least: 7 })]);
    assert_eq!(found(limits(), &[]), [(0, None, Fault::TooFew { found: 0, least: 1 })]);
}

#[test]
fn a_file_of_nothing_but_faults_is_counted() {
    let lines = vec!["x"; 1_500];
    let many = Limits { records_per_file: 10_000, records_per_job: 10_000, ..limits() };
    let checked = check(many, None, Family::Other, &[&lines]);
    assert_eq!((checked.violations.len(), checked.more, checked.lines, checked.records), (1_000, 500, 1_500, 0));
    assert!(!checked.is_sound());
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20)) {
        let mut checker = Checker::new(limits(), None, Family::Other);
        checker.file();
        lines.iter().for_each(|line| checker.line(line));
        let checked = checker.finish();
        prop_assert_eq!(checked.lines, lines.len() as u64);
        // No text of a line is in what is said of it.
        prop_assert!(checked.violations.iter().all(|found| found.fault.to_string().is_ascii() || found.fault.to_string().contains('…')));
    }
}
