//! Files as they are delivered: containers, wrappers, bodies apart, the same call twice.

mod common;

use std::path::Path;

use common::{Folder, Logs, gzip, lines, logs, read, record};
use lode_model::{Loss, OutputForm};
use serde_json::{Value, json};

fn numbered(ids: &[&str]) -> Vec<Value> {
    ids.iter().map(|id| record(json!({"requestId": id}))).collect()
}

fn ids(logs: &Logs) -> Vec<&str> {
    logs.requests.iter().map(|request| request.id.as_ref()).collect()
}

fn without_bodies(logs: &Logs) -> usize {
    logs.requests.iter().filter(|request| !request.has_body).count()
}

#[test]
fn containers_and_line_ends_do_not_matter() {
    let text = lines(&numbered(&["a", "b"]));
    let members = [gzip(&text.as_bytes()[..100]), gzip(&text.as_bytes()[100..])].concat();
    let crlf = format!("\u{feff}{}\r\n", text.replace('\n', "\r\n"));
    let joined = text.replace('\n', "");
    let pretty = format!("{:#}\n{:#}", numbered(&["a"])[0], numbered(&["b"])[0]);
    let array = format!("{:#}", Value::Array(numbered(&["a", "b"])));
    let unended = text.trim_end().to_owned();
    let folder = Folder::new();
    for (name, bytes) in [
        ("plain", text.clone().into_bytes()),
        ("gzip", gzip(text.as_bytes())),
        ("members", members),
        ("crlf", crlf.into_bytes()),
        ("joined", joined.into_bytes()),
        ("pretty", pretty.into_bytes()),
        ("array", array.into_bytes()),
        ("unended", unended.into_bytes()),
    ] {
        let logs = read(&[&folder.write(name, &bytes)]).expect(name);
        assert_eq!((ids(&logs), logs.records, logs.rejected.len()), (vec!["a", "b"], 2, 0), "{name}");
    }
    assert_eq!(logs("").records, 0);
}

#[test]
fn cloudwatch_wrappers() {
    let text = |id: &str| numbered(&[id])[0].to_string();
    let events = json!({"events": [{"timestamp": 1, "message": text("a")}, {"message": text("b")}], "nextToken": "t"});
    let insights = json!({"status": "Complete", "results": [
        [{"field": "@timestamp", "value": "x"}, {"field": "@message", "value": text("a")}],
        [{"field": "@message", "value": text("b")}]]});
    let control = json!({"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE"}]});
    let firehose = |id: &str| json!({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": text(id)}]});
    let firehose = format!("{control}{}{}", firehose("a"), firehose("b"));
    let export = format!("2026-10-01T10:00:00.000Z {}\n2026-10-01T10:00:01.000Z {}\n", text("a"), text("b"));
    let record = |id: &str| json!({"message": numbered(&[id])[0]}).to_string();
    let objects = format!("{}{}", record("a"), record("b"));
    for wrapped in [events.to_string(), format!("{events:#}"), insights.to_string(), firehose, export, objects] {
        let logs = logs(&wrapped);
        assert_eq!((ids(&logs), logs.records, logs.rejected.len()), (vec!["a", "b"], 2, 0), "{wrapped}");
    }
}

#[test]
fn fields_that_a_query_selected_are_a_record_of_counts() {
    let row = |id: &str| {
        let field = |name: &str, value: &str| json!({"field": name, "value": value});
        json!([
            field("@timestamp", "2026-10-01 10:00:00.000"),
            field("requestId", id),
            field("modelId", "amazon.nova-lite-v1:0"),
            field("accountId", "111111111111"),
            field("region", "us-east-1"),
            field("operation", "Converse"),
            field("input.inputTokenCount", "10"),
            field("output.outputTokenCount", "2"),
            field("@ptr", id)
        ])
    };
    let logs = logs(&json!({"status": "Complete", "results": [row("a"), row("b")]}).to_string());
    let request = &logs.requests[0];
    assert_eq!((ids(&logs), logs.rejected.len(), request.has_body), (vec!["a", "b"], 0, false));
    assert_eq!((request.tokens.input, request.tokens.output, request.region.as_str()), (10, 2, "us-east-1"));
    assert_eq!(request.time.to_string(), "2026-10-01T10:00:00Z");
}

#[test]
fn a_field_of_a_thousand_names_is_no_field_of_a_record() {
    let row = json!([{"field": "a.".repeat(500_000), "value": "1"}, {"field": "requestId", "value": "a"},
        {"field": "modelId", "value": "m"}, {"field": "timestamp", "value": "2026-10-01T10:00:00Z"},
        {"field": "input.inputTokenCount", "value": "10"}]);
    assert_eq!(ids(&logs(&json!({"results": [row]}).to_string())), ["a"]);
}

#[test]
fn requests_are_in_time_order_whatever_the_files_are() {
    let at =
        |id: &str, second: u32| record(json!({"requestId": id, "timestamp": format!("2026-10-01T10:00:{second:02}Z")}));
    let folder = Folder::new();
    let first = folder.write("1.json", lines(&[at("d", 5), at("c", 3), at("b", 3), at("a", 9)]).as_bytes());
    let second = folder.write("2.json", lines(&[at("e", 1)]).as_bytes());
    let logs = read(&[&first, &second]).expect("logs");
    assert_eq!(ids(&logs), ["e", "b", "c", "d", "a"]);
    assert_eq!(logs.sum(|file| file.clock_steps_back), 1);
    let other = read(&[&second, &first]).expect("logs");
    assert_eq!((other.requests, &other.files[0], &other.files[1]), (logs.requests, &logs.files[1], &logs.files[0]));
}

#[test]
fn records_without_an_id_are_kept_apart() {
    let unnamed = record(json!({"requestId": null}));
    let logs = logs(&lines(&[unnamed.clone(), unnamed]));
    assert_eq!(logs.requests.len(), 2);
    assert_ne!(logs.requests[0].id, logs.requests[1].id);
}

const HOUR: &str = "AWSLogs/111111111111/BedrockModelInvocationLogs/us-east-1/2026/10/01/10";

#[test]
fn bodies_delivered_apart_are_found_beside_the_record() {
    let folder = Folder::new();
    let named = record(json!({"input": {"inputBodyS3Path": "s3://b/AWSLogs/x/data/other_input.json.gz"}}));
    let usual = record(json!({"requestId": "r2"}));
    let missing = record(json!({"requestId": "r3", "input": {"inputBodyS3Path": "s3://b/data/r3_input.json.gz"}}));
    let file = folder.write(&format!("{HOUR}/1.json.gz"), &gzip(lines(&[named, usual, missing]).as_bytes()));
    let body = |text: &str| json!({"messages": [{"role": "user", "content": text}]}).to_string();
    let data = |name: &str, text: &str| folder.write(&format!("{HOUR}/data/{name}"), &gzip(text.as_bytes()));
    let first = data("other_input.json.gz", &body("one"));
    data("r2_input.json.gz", &body("three"));
    data("r2_output.json.gz", r#"{"content":[{"type":"text","text":"{}"}],"stop_reason":"end_turn"}"#);
    folder.write(&format!("{HOUR}/amazon-bedrock-logs-permission-check"), b"check");
    let check = folder.path(&format!("{HOUR}/amazon-bedrock-logs-permission-check"));
    let logs = read(&[&first, &check, &file]).expect("logs");
    let bytes: Vec<u64> =
        logs.requests.iter().map(|it| it.segments.iter().map(|segment| segment.bytes).sum()).collect();
    assert_eq!((ids(&logs), bytes), (vec!["r1", "r2", "r3"], vec![3, 5, 0]));
    assert_eq!((without_bodies(&logs), logs.records, logs.rejected.len()), (1, 3, 0));
    assert_eq!(logs.requests[1].output_form, OutputForm::Json);
    let records: Vec<u64> = logs.files.iter().map(|file| file.records).collect();
    assert_eq!(records, [0, 0, 3], "bodies and the write check are no record files");
}

#[test]
fn a_broken_body_costs_only_the_segments() {
    let folder = Folder::new();
    let file = folder.write("1.json", lines(&[record(json!({}))]).as_bytes());
    let body = gzip(br#"{"messages": []}"#);
    let body = folder.write("data/r1_input.json.gz", &body[..body.len() - 10]);
    let logs = read(&[&file]).expect("logs");
    assert_eq!((logs.requests.len(), without_bodies(&logs), logs.rejected.len()), (1, 1, 1));
    assert_eq!((&logs.rejected[0].file, logs.rejected[0].loss, logs.rejected[0].row), (&body, Loss::Nothing, None));
}

#[test]
fn a_path_in_a_log_leads_nowhere_else() {
    let folder = Folder::new();
    let body = json!({"messages": [{"role": "user", "content": "Hi"}]}).to_string();
    folder.write("secret_input.json", body.as_bytes());
    folder.write("data/keep", b"");
    for (id, path) in [("../secret", "s3://b/data/.."), ("r", "s3://b/data/..\\secret_input.json"), ("/etc/x", "")] {
        let record = record(json!({"requestId": id, "input": {"inputBodyS3Path": path}}));
        let logs = read(&[&folder.write("1.json", record.to_string().as_bytes())]).expect("logs");
        assert_eq!((without_bodies(&logs), logs.rejected.len()), (1, 0), "{id} {path}");
    }
}

#[test]
fn progress_ends_at_the_size_of_the_file() {
    let folder = Folder::new();
    let file = folder.write("1.json.gz", &gzip(lines(&numbered(&["a", "b"])).as_bytes()));
    let mut last = 0;
    let mut reader = lode_telemetry::LogReader::new(Vec::new());
    reader.read(&file, &mut |bytes| last = bytes, &mut |_| {}).expect("a log");
    assert_eq!(last, std::fs::metadata(&file).expect("a file").len());
    assert!(Path::new(&file).exists());
}
