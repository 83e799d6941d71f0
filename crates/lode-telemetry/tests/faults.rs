//! Bad input, one test each: what can be kept is kept, what cannot is counted and located, and no word of a log gets
//! into a message.

mod common;

use common::{Folder, Logs, bodies, gzip, lines, logs, read, record, request};
use lode_model::{CallerKey, Loss, Rejected};
use lode_telemetry::{InventoryReader, JsonKind, LogReader, TelemetryError, sniff};
use proptest::prelude::*;
use serde_json::{Value, json};

fn one(logs: &Logs) -> &Rejected {
    assert_eq!((logs.rejected.len(), logs.sum(|file| file.rejected_more)), (1, 0), "{:?}", logs.rejected);
    &logs.rejected[0]
}

/// The logs of a good record, this text on line 2, and another good record.
fn between(text: &str) -> Logs {
    let good = |id: &str| record(json!({"requestId": id})).to_string();
    let logs = logs(&format!("{}\n{text}\n{}\n", good("a"), good("b")));
    assert_eq!(logs.requests.len(), 2, "{text}");
    assert_eq!((one(&logs).row, one(&logs).loss), (Some(2), Loss::Row), "{text}");
    assert!(!one(&logs).found.is_empty() && !one(&logs).expected.is_empty());
    logs
}

#[test]
fn lines_that_are_no_records() {
    for text in
        ["oops secret", "{\"secret\": ", "{\"a\": secret}", "{\"a\": 1}", "[7]", "\u{1f600}", "{\"events\": [7]}"]
    {
        let logs = between(text);
        assert!(!format!("{:?}", logs.rejected).contains("secret"), "{text}");
        assert_eq!(logs.records, 2);
    }
    assert_eq!(one(&between("{\"a\": x}")).found, "a JSON error at byte 7");
    assert_eq!(one(&between("{\"a\": ")).found, "JSON that ends too early at byte 5");
    for depth in [10_000, 100_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(one(&between(&deep)).found, "JSON nested too deeply at byte 128");
    }
}

#[test]
fn a_stranger_before_the_first_record_costs_one_line() {
    let logs = logs(&format!("{{\"a\": 1}}\n{}", lines(&[record(json!({}))])));
    assert_eq!((logs.requests.len(), logs.files.len()), (1, 1));
    assert_eq!((one(&logs).row, one(&logs).loss), (Some(1), Loss::Row));
}

#[test]
fn bytes_that_are_no_utf8() {
    let folder = Folder::new();
    let mut text = lines(&[record(json!({"requestId": "secret"})), record(json!({}))]).into_bytes();
    let at = text.windows(6).position(|window| window == b"secret").expect("the id");
    text[at] = 0xff;
    let logs = read(&[&folder.write("a.json", &text)]).expect("a log");
    assert_eq!((logs.requests.len(), one(&logs).row, one(&logs).loss), (2, Some(1), Loss::Nothing));
    assert_eq!(one(&logs).found, format!("bytes that are not UTF-8 at byte {}", at + 1));
}

#[test]
fn records_that_are_no_requests() {
    for (change, column) in [
        (json!({"modelId": null}), "modelId"),
        (json!({"modelId": " "}), "modelId"),
        (json!({"timestamp": "yesterday"}), "timestamp"),
        (json!({"timestamp": null}), "timestamp"),
        (json!({"timestamp": 7}), "timestamp"),
        (json!({"input": {"inputTokenCount": -1}}), "input.inputTokenCount"),
        (json!({"input": {"cacheReadInputTokenCount": "many"}}), "input.cacheReadInputTokenCount"),
        (json!({"output": {"outputTokenCount": 1.5}}), "output.outputTokenCount"),
        (json!({"input": {"inputTokenCount": 1e300}}), "input.inputTokenCount"),
        (json!({"input": {"inputTokenCount": (1_u64 << 53) + 1}}), "input.inputTokenCount"),
        (json!({"timestamp": "2026-10-01T10:00:00"}), "timestamp"),
    ] {
        let logs = between(&record(change.clone()).to_string());
        assert_eq!(one(&logs).column.as_deref(), Some(column), "{change}");
        assert_eq!((logs.records, logs.sum(|file| file.without_counts)), (3, 0));
    }
}

#[test]
fn times_of_other_zones_are_the_same_moment() {
    for time in ["2026-10-01T12:00:00+02:00", "2026-10-01T05:30:00-04:30", "2026-10-01T10:00:00.000Z"] {
        assert_eq!(request(&record(json!({"timestamp": time}))).time.to_string(), "2026-10-01T10:00:00Z");
    }
}

#[test]
fn a_lone_surrogate_costs_nothing() {
    let body = json!({"messages": [{"role": "user", "content": "AB"}]});
    let text = bodies(body, json!({})).to_string().replace("AB", "A\\ud83d");
    let logs = logs(&text);
    assert_eq!((logs.rejected.len(), logs.requests[0].segments[0].bytes), (0, 1 + '\u{fffd}'.len_utf8() as u64));
}

#[test]
fn a_key_that_stands_twice_is_told_and_the_last_one_used() {
    let text = record(json!({"requestId": "twice"})).to_string();
    let counts = text.replace("\"inputTokenCount\":10", "\"inputTokenCount\":7,\"inputTokenCount\":8");
    let model = text.replace("{\"accountId\"", "{\"modelId\":\"other\",\"accountId\"");
    for (text, column, tokens) in [(counts, "input.inputTokenCount", 8), (model, "modelId", 10)] {
        let logs = logs(&text);
        assert_eq!((one(&logs).column.as_deref(), one(&logs).loss), (Some(column), Loss::Nothing));
        let request = &logs.requests[0];
        assert_eq!((request.tokens.input, request.model.as_str()), (tokens, "anthropic.claude-sonnet-4-6"));
    }
}

#[test]
fn objects_of_many_keys_take_linear_time() {
    let keys: serde_json::Map<String, Value> = (0..200_000).map(|key| (format!("k{key}"), json!(1))).collect();
    let logs = logs(&lines(&[bodies(json!({"tools": [{"name": "f", "input_schema": keys}]}), json!({}))]));
    assert_eq!(logs.requests[0].segments.len(), 1);
}

#[test]
fn names_that_are_none_are_cut() {
    let named = |end: char| {
        let name = "x".repeat(5_000) + &end.to_string();
        request(&bodies(json!({"tools": [{"name": name, "input_schema": {}}]}), json!({}))).segments[0].tool.clone()
    };
    let (a, b) = (named('a').expect("a name"), named('b').expect("a name"));
    assert!(a != b && a.len() < 300, "{a}");
}

#[test]
fn a_line_of_fifty_megabytes_is_read() {
    let text = "x".repeat(50 * 1024 * 1024);
    let long = bodies(json!({"messages": [{"role": "user", "content": text}]}), json!({}));
    let good = record(json!({"requestId": "good"}));
    let folder = Folder::new();
    let logs = read(&[&folder.write("a.json", lines(&[long, good]).as_bytes())]).expect("a log");
    assert_eq!((logs.requests.len(), logs.rejected.len()), (2, 0));
    assert_eq!(logs.requests[1].segments[0].bytes, 50 * 1024 * 1024);
}

#[test]
fn a_record_without_counts_is_not_free() {
    let uncounted = json!({"input": {"inputTokenCount": null}, "output": {"outputTokenCount": null}});
    let logs = between(&record(uncounted).to_string());
    assert_eq!((logs.sum(|file| file.without_counts), logs.records), (1, 3));
    assert!(one(&logs).expected.contains("not counted as free"));
    let blocked = record(json!({"input": {"inputTokenCount": 0}, "output": {"outputTokenCount": 0}}));
    assert_eq!(common::request(&blocked).tokens.prompt(), 0, "a guardrail's block has counts, and they are 0");
}

#[test]
fn a_record_in_another_accounts_folder() {
    let folder = Folder::new();
    let name = "AWSLogs/222222222222/BedrockModelInvocationLogs/us-east-1/2026/10/01/10/1.json.gz";
    let own = record(json!({"requestId": "own", "accountId": "222222222222"}));
    let silent = record(json!({"requestId": "silent", "accountId": null, "region": null}));
    let file = folder.write(name, &gzip(lines(&[own, record(json!({})), silent]).as_bytes()));
    let logs = read(&[&file]).expect("a log");
    assert_eq!((one(&logs).row, one(&logs).column.as_deref()), (Some(2), Some("accountId")));
    let of: Vec<_> = logs.requests.iter().map(|it| (it.id.as_ref(), it.account.as_str(), it.region.as_str())).collect();
    assert_eq!(of, [("own", "222222222222", "us-east-1"), ("silent", "222222222222", "us-east-1")]);
}

#[test]
fn a_file_that_ends_too_early() {
    let folder = Folder::new();
    // Text that does not compress, so that whole lines are unpacked before the cut.
    let mut state = 1_u64;
    let noise = |state: &mut u64| {
        (0..4_000)
            .map(|_| {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b'a' + u8::try_from(*state >> 60).expect("four bits"))
            })
            .collect::<String>()
    };
    let records: Vec<Value> = (0..200)
        .map(|number| record(json!({"requestId": format!("r{number}"), "requestMetadata": {"k": noise(&mut state)}})))
        .collect();
    let whole = gzip(lines(&records).as_bytes());
    let cut = folder.write("a.json.gz", &whole[..whole.len() / 2]);
    let logs = read(&[&cut]).expect("half a log");
    let note = one(&logs);
    assert!((50..150).contains(&logs.requests.len()), "{}", logs.requests.len());
    assert_eq!((note.row, note.loss), (Some(logs.records + 1), Loss::RestOfFile));
    assert!(note.found.contains(&format!("past byte {}", whole.len() / 2)), "{}", note.found);
    let mut garbage = gzip(lines(&records[..3]).as_bytes());
    garbage.extend(b"\x1f\x8bgarbage");
    let logs = read(&[&folder.write("b.json.gz", &garbage)]).expect("a log and garbage");
    assert_eq!((logs.requests.len(), one(&logs).loss), (3, Loss::RestOfFile));
    let pretty = format!("{:#}\n{:#}", records[0], records[1]);
    let logs =
        read(&[&folder.write("c.json", &pretty.as_bytes()[..pretty.len() - 20])]).expect("one record and a half");
    assert_eq!((logs.requests.len(), one(&logs).loss), (1, Loss::RestOfFile));
    assert!(one(&logs).row > Some(10), "{:?}", one(&logs).row);
}

#[test]
fn files_that_are_no_logs_are_errors_and_the_reader_goes_on() {
    let folder = Folder::new();
    let other = folder.write("a.json", b"{\"inferenceProfileSummaries\": [{\"secret\": 1}]}");
    let zip = folder.write("b.zip", b"PK\x03\x04");
    let header = folder.write("c.json.gz", b"\x1f\x8b\x08\x00");
    let good = folder.write("d.json", lines(&[record(json!({}))]).as_bytes());
    let mut reader = LogReader::new(CallerKey::defaults());
    let mut read = |file: &std::path::Path| reader.read(file, &mut |_| {}, &mut |_| {});
    let fault = read(&other).expect_err("an inventory");
    assert!(
        matches!(fault, TelemetryError::NotALog { line: 1, .. }) && !fault.to_string().contains("secret"),
        "{fault}"
    );
    assert!(matches!(read(&zip), Err(TelemetryError::Container { .. })));
    assert!(matches!(read(&header), Err(TelemetryError::Unreadable { .. })));
    assert!(matches!(read(&folder.path("none")), Err(TelemetryError::Unreadable { byte: 0, .. })));
    let found = read(&good).expect("a log");
    assert_eq!((found.requests, found.records, found.rejected.len()), (1, 1, 0));
}

#[test]
fn the_first_thousand_faults_are_listed() {
    let text = "oops\n".repeat(1_500) + &lines(&[record(json!({}))]);
    let logs = logs(&text);
    assert_eq!((logs.rejected.len(), logs.sum(|file| file.rejected_more), logs.requests.len()), (1_000, 500, 1));
    assert_eq!((logs.rejected[0].row, logs.rejected[999].row), (Some(1), Some(1_000)));
}

#[test]
fn a_line_too_long_is_passed_over() {
    let long = "x".repeat(64 * 1024 * 1024 + 10);
    between(&long);
}

#[test]
fn no_debug_form_holds_a_text() {
    let secret = "zebra";
    let body = json!({"system": secret, "messages": [{"role": "user", "content": [{"text": secret},
        {"toolResult": {"toolUseId": "t", "content": [{"text": secret}]}}, {"image": {"source": {"s3Uri": secret}}}]}]});
    let answer = json!({"output": {"message": {"content": [{"text": secret}]}}, "stopReason": "said the zebra"});
    let logs = logs(&lines(&[bodies(body, answer)]));
    assert_eq!(logs.requests[0].segments.len(), 4);
    assert!(!format!("{logs:?}").contains(secret));
}

/// JSON of any shape under the keys that the readers look for.
fn shapes() -> impl Strategy<Value = Value> {
    let keys = "messages|content|role|text|type|toolUse|tools|toolConfig|toolSpec|name|usage|output|message|cachePoint|\
                cache_control|ttl|cacheDetails|inputTokens|results|choices|delta|documents|input|toolResult|source";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "assistant|user|tool_use|tool_result|text|1h|<chunk>a</chunk>|\\{\\}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(keys, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_are_an_answer_or_an_error(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), packed in any::<bool>(), brace in any::<bool>()) {
        let folder = Folder::new();
        if brace && !bytes.is_empty() {
            bytes[0] = b'{';
        }
        let bytes = if packed { gzip(&bytes) } else { bytes };
        let file = folder.write("a.json", &bytes);
        let _ = read(&[&file]);
        let _ = InventoryReader::new().read(&file);
        let _ = sniff(&bytes, &file);
    }

    #[test]
    fn a_log_cut_or_changed_anywhere_is_read_around(at in 0_usize..400, byte in any::<u8>(), cut in any::<bool>()) {
        let folder = Folder::new();
        let mut bytes = gzip(lines(&[record(json!({"requestId": "a"})), record(json!({"requestId": "b"}))]).as_bytes());
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(logs) = read(&[&folder.write("a.json.gz", &bytes)]) {
            prop_assert!(logs.requests.len() <= 2);
        }
    }

    #[test]
    fn bodies_of_any_shape_keep_the_counts(input in shapes(), output in shapes()) {
        let folder = Folder::new();
        let file = folder.write("a.json", lines(&[bodies(input, output)]).as_bytes());
        let logs = read(&[&file]).expect("a log");
        prop_assert_eq!(logs.requests.len(), 1, "{:?}", logs.rejected);
        prop_assert_eq!((logs.requests[0].tokens.input, logs.requests[0].tokens.output), (10, 2));
    }
}

#[test]
fn sniffing_a_log_and_reading_it_agree() {
    let text = record(json!({})).to_string();
    assert_eq!(sniff(text.as_bytes(), "a.json".as_ref()), Some(JsonKind::Log));
}
