//! The text of named calls: from every place where a body can stand, and of no other call.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use common::{Folder, gzip, lines, read, record};
use lode_telemetry::TextReader;
use serde_json::{Value, json};

/// Id, request body, response body.
type Found = (String, Option<Value>, Option<Value>);

fn texts(file: &Path, ids: &[&str]) -> Vec<Found> {
    let ids: BTreeSet<Arc<str>> = ids.iter().map(|id| Arc::from(*id)).collect();
    let mut found = Vec::new();
    let value = |text: Option<&str>| text.map(|text| serde_json::from_str(text).expect("JSON"));
    TextReader::new()
        .read(file, &ids, &mut |_| {}, &mut |call| {
            assert_eq!((call.model_id, call.region), ("anthropic.claude-sonnet-4-6", Some("us-east-1")));
            assert!(!format!("{call:?}").contains("secret"), "text in a debug form");
            found.push((call.id.to_owned(), value(call.request), value(call.response)));
        })
        .expect("a log");
    found
}

fn request(word: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": format!("secret \"{word}\"\n")}]}]})
}

fn response(word: &str) -> Value {
    json!({"output": {"message": {"role": "assistant", "content": [{"text": word}]}}})
}

#[test]
fn only_the_calls_that_are_named_are_handed_over_from_wherever_their_bodies_stand() {
    let folder = Folder::new();
    let inside = |id: &str| {
        record(
            json!({"requestId": id, "input": {"inputBodyJson": request(id)}, "output": {"outputBodyJson": response(id)}}),
        )
    };
    let as_text = record(json!({"requestId": "text",
        "input": {"inputBodyJson": request("text").to_string()},
        "output": {"outputBodyJson": response("text").to_string()}}));
    let apart =
        record(json!({"requestId": "apart", "input": {"inputBodyS3Path": "s3://bucket/data/apart_input.json.gz"}}));
    folder.write("data/apart_input.json.gz", &gzip(request("apart").to_string().as_bytes()));
    folder.write("data/apart_output.json.gz", &gzip(response("apart").to_string().as_bytes()));
    let bare = record(json!({"requestId": "bare"}));
    let text = lines(&[inside("one"), inside("other"), as_text, apart, bare]);
    let file = folder.write("log.json.gz", &gzip(text.as_bytes()));
    let whole = |id: &str| (id.to_owned(), Some(request(id)), Some(response(id)));
    assert_eq!(
        texts(&file, &["one", "text", "apart", "bare", "not there"]),
        [whole("one"), whole("text"), whole("apart"), ("bare".to_owned(), None, None)]
    );
    assert_eq!(texts(&file, &[]), []);
}

#[test]
fn the_operation_and_a_body_that_stands_apart_are_told() {
    let folder = Folder::new();
    let apart = record(json!({"requestId": "apart", "operation": "ConverseStream",
        "input": {"inputBodyS3Path": "s3://bucket/data/apart_input.json.gz"}}));
    let one =
        record(json!({"requestId": "one", "operation": "InvokeModel", "input": {"inputBodyJson": request("one")}}));
    let file = folder.write("log.json", lines(&[apart, one]).as_bytes());
    let ids: BTreeSet<Arc<str>> = ["apart", "one"].map(Arc::from).into();
    let mut found = Vec::new();
    TextReader::new()
        .read(&file, &ids, &mut |_| {}, &mut |call| {
            found.push((call.operation.map(str::to_owned), call.request_apart, call.request.is_some()));
        })
        .expect("a log");
    assert_eq!(
        found,
        [(Some("ConverseStream".to_owned()), true, false), (Some("InvokeModel".to_owned()), false, true)]
    );
}

#[test]
fn wrapped_and_pretty_records_are_found_too() {
    let folder = Folder::new();
    let call = record(json!({"requestId": "one", "input": {"inputBodyJson": request("one")}}));
    let expected = [("one".to_owned(), Some(request("one")), None)];
    let events = json!({"events": [{"timestamp": 1, "message": call.to_string()}]});
    assert_eq!(texts(&folder.write("events.json", events.to_string().as_bytes()), &["one"]), expected);
    assert_eq!(texts(&folder.write("pretty.json", format!("{call:#}").as_bytes()), &["one"]), expected);
}

#[test]
fn a_record_without_an_id_is_found_by_the_name_that_the_reader_gives_it() {
    let folder = Folder::new();
    let call = record(json!({"requestId": null, "input": {"inputBodyJson": request("one")}}));
    let file = folder.write("log.json", lines(&[call]).as_bytes());
    let id = read(&[&file]).expect("a log").requests[0].id.to_string();
    assert_eq!(texts(&file, &[&id]), [(id.clone(), Some(request("one")), None)]);
}

#[test]
fn bodies_that_are_no_json_are_not_there() {
    let folder = Folder::new();
    let call = record(json!({"requestId": "one", "input": {"inputBodyJson": "secret {"}}));
    let file = folder.write("log.json", lines(&[call]).as_bytes());
    assert_eq!(texts(&file, &["one"]), [("one".to_owned(), None, None)]);
    let stranger = folder.write("other.json", b"{\"a\": 1}\n");
    let fault = TextReader::new().read(&stranger, &BTreeSet::new(), &mut |_| {}, &mut |_| {}).expect_err("no log");
    assert!(fault.to_string().contains("expected a model invocation log record"), "{fault}");
}
