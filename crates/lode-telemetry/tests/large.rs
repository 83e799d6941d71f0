//! Documents that are too large to be held: the AWS CLI makes one of all pages of a log group.

mod common;

use common::{Folder, bodies, read, record};
use lode_model::Loss;
use serde_json::{Value, json};

/// Records that are more than 64 MiB together.
fn many() -> Vec<Value> {
    let text = "A long story, told again. ".repeat(40_000);
    (0..70)
        .map(|number| {
            let mut record = bodies(
                json!({"messages": [{"role": "user", "content": [{"text": text}]}]}),
                json!({"usage": {"inputTokens": 10, "outputTokens": 2}}),
            );
            record["requestId"] = json!(format!("r{number}"));
            record
        })
        .collect()
}

#[test]
fn every_form_is_read_record_by_record() {
    let records = many();
    let message = |record: &Value| json!({"timestamp": 1, "message": record.to_string()});
    let events = json!({"searchedLogStreams": [{"a": 1}], "events": records.iter().map(message).collect::<Vec<_>>()});
    let row = |record: &Value| json!([{"field": "@message", "value": record.to_string()}]);
    let insights = json!({"results": records.iter().map(row).collect::<Vec<_>>(), "status": "Complete"});
    let pretty = |value: &Value| format!("{value:#}\n");
    let folder = Folder::new();
    for (name, text) in [
        ("events of the CLI", pretty(&events)),
        ("events on one line, and one more line", format!("{events}\n{}\n", record(json!({"requestId": "last"})))),
        ("rows", pretty(&insights)),
        ("a list", pretty(&Value::Array(records.clone()))),
        ("records over many lines", records.iter().map(pretty).collect()),
    ] {
        let logs = read(&[&folder.write("large.json", text.as_bytes())]).expect(name);
        assert_eq!(logs.requests.len(), if name.contains("one more") { 71 } else { 70 }, "{name}: {:?}", logs.rejected);
        assert!(logs.rejected.is_empty(), "{name}: {:?}", logs.rejected);
        let whole = logs.requests.iter().filter(|request| request.segments.len() == 1);
        assert_eq!(whole.count(), 70, "{name}");
    }
}

#[test]
fn one_that_breaks_off_keeps_what_came_before() {
    let text = format!("{:#}", Value::Array(many()));
    let folder = Folder::new();
    let logs = read(&[&folder.write("cut.json", &text.as_bytes()[..text.len() - 1_000_000])]).expect("read");
    assert_eq!((logs.requests.len(), logs.rejected.len()), (69, 1));
    assert_eq!(
        (logs.rejected[0].loss, logs.rejected[0].found.as_str()),
        (Loss::RestOfFile, "JSON that ends too early")
    );
}

#[test]
fn one_line_that_is_no_record_costs_that_line() {
    let text = format!(
        "{}\n{{\"a\": \"{}\"}}\n{}\n",
        record(json!({})),
        "x".repeat(70_000_000),
        record(json!({"requestId": "b"}))
    );
    let folder = Folder::new();
    let logs = read(&[&folder.write("line.json", text.as_bytes())]).expect("read");
    assert_eq!((logs.requests.len(), logs.rejected.len()), (2, 1));
    assert_eq!((logs.rejected[0].row, logs.rejected[0].loss), (Some(2), Loss::Row));
}
