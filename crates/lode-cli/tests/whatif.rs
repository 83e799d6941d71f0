//! `lode whatif caching` on logs small enough to work out by hand. Texts take four bytes a token.

#![expect(clippy::expect_used, reason = "a test says what is wrong by panicking")]

mod common;

use std::path::Path;

use common::{lode, lode_at};
use lode_cli::Exit;
use serde_json::{Value, json};
use tempfile::TempDir;

const SONNET: &str = "anthropic.claude-sonnet-4-6";
const NOVA: &str = "amazon.nova-pro-v1:0";

/// A text of so many tokens that no other name has.
fn text(name: &str, tokens: usize) -> String {
    let mut text = name.repeat(tokens * 4 / name.len() + 1);
    text.truncate(tokens * 4);
    text
}

/// One call: its system prompt, and a conversation in which user and assistant take turns, as names and tokens.
struct Call<'a> {
    second: u32,
    system: (&'a str, usize),
    turns: &'a [(&'a str, usize)],
}

impl Call<'_> {
    fn tokens(&self) -> usize {
        self.system.1 + self.turns.iter().map(|(_, tokens)| tokens).sum::<usize>()
    }

    /// Its record, all of the prompt being plain input.
    fn record(&self) -> Value {
        let turn = |(place, (name, tokens)): (usize, &(&str, usize))| {
            let role = if place % 2 == 0 { "user" } else { "assistant" };
            json!({"role": role, "content": [{"text": text(name, *tokens)}]})
        };
        let (hour, minute, second) = (self.second / 3600, self.second / 60 % 60, self.second % 60);
        json!({
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
            "timestamp": format!("2026-10-05T{hour:02}:{minute:02}:{second:02}Z"),
            "accountId": "111122223333",
            "region": "us-east-1",
            "requestId": format!("call-{:05}-{}", self.second, self.turns[0].0),
            "operation": "Converse",
            "modelId": SONNET,
            "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/app/session"},
            "input": {
                "inputContentType": "application/json",
                "inputTokenCount": self.tokens(),
                "inputBodyJson": {
                    "system": [{"text": text(self.system.0, self.system.1)}],
                    "messages": self.turns.iter().enumerate().map(turn).collect::<Vec<_>>(),
                },
            },
            "output": {"outputContentType": "application/json", "outputTokenCount": 10},
        })
    }
}

/// A folder with a log of these records.
fn logs(records: &[Value]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    std::fs::write(folder.path().join("log.json"), lines.join("\n")).expect("a file");
    folder
}

fn path(folder: &Path) -> String {
    folder.display().to_string()
}

/// The answer as JSON.
#[track_caller]
fn answer(folder: &Path, more: &[&str]) -> Value {
    let input = path(folder);
    let ran = lode(&[&["whatif", "caching", &input, "--format", "json"], more].concat());
    assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Read and written tokens, and the cost ratio.
#[track_caller]
fn figures(answer: &Value) -> (u64, u64, f64) {
    let tokens = |name: &str| answer[name].as_u64().expect("a number");
    let [prompt, read, write, uncached] =
        ["prompt_tokens", "read_tokens", "write_tokens", "uncached_tokens"].map(tokens);
    assert_eq!(read + write + uncached, prompt);
    (read, write, answer["cost_ratio"].as_f64().expect("a number"))
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "found {found}, expected {expected}");
}

/// A conversation that grows by two turns twice, and an hour after its last call another one with the same system
/// prompt: prompts of 3,000, 5,000, 7,000 and 3,000 tokens.
fn conversation() -> [Call<'static>; 4] {
    const TURNS: [(&str, usize); 5] = [("one", 1000), ("two", 1000), ("three", 1000), ("four", 1000), ("five", 1000)];
    let system = ("system", 2000);
    [
        Call { second: 0, system, turns: const { TURNS.split_at(1).0 } },
        Call { second: 200, system, turns: const { TURNS.split_at(3).0 } },
        Call { second: 400, system, turns: &TURNS },
        Call { second: 4000, system, turns: &[("other", 1000)] },
    ]
}

fn conversation_logs() -> TempDir {
    logs(&conversation().iter().map(Call::record).collect::<Vec<_>>())
}

#[test]
fn every_placement_and_time_to_live_is_as_worked_out_by_hand() {
    // (placement, time to live, more) → (read, written, multiple of a write).
    // Sonnet 4.6: least 1,024 tokens; a read costs 0.1, a write 1.25 or, for an hour, 2.
    type Case<'a> = (&'a str, &'a str, &'a [&'a str], u64, u64, f64);
    let cases: &[Case<'_>] = &[
        ("off", "5m", &[], 0, 0, 1.25),
        // No tools: the marker stands nowhere.
        ("tools-end", "5m", &[], 0, 0, 1.25),
        // The system prompt is written by call 1, read by 2 and 3, and dead for 4.
        ("system-end", "5m", &[], 4000, 4000, 1.25),
        // Call 3 restarted it at second 400, and second 4000 is the last of its hour.
        ("system-end", "1h", &[], 6000, 2000, 2.0),
        // Of an entry that is not restarted call 3 comes 100 seconds too late, though 200 after call 2.
        ("system-end", "5m", &["--no-refresh"], 2000, 6000, 1.25),
        ("system-end", "1h", &["--no-refresh"], 4000, 4000, 2.0),
        ("system-end", "5m", &["--min-tokens", "2000"], 4000, 4000, 1.25),
        ("system-end", "5m", &["--min-tokens", "2001"], 0, 0, 1.25),
        // 3,000 written; 3,000 read and 2,000 written; 5,000 and 2,000; 3,000 written: the other conversation shares the
        // system prompt only, whose end carries no marker.
        ("prompt-end", "5m", &[], 8000, 10_000, 1.25),
        ("prompt-end", "1h", &[], 8000, 10_000, 2.0),
        // Calls 1 and 4 are too short; 5,000 written; 5,000 read and 2,000 written.
        ("prompt-end", "5m", &["--min-tokens", "4000"], 5000, 7000, 1.25),
        // As the prompt's end, but within the hour call 4 reads the 2,000 of the system prompt.
        ("system-end+prompt-end", "5m", &[], 8000, 10_000, 1.25),
        ("system-end+prompt-end", "1h", &[], 10_000, 8000, 2.0),
        ("prompt-end+system-end", "1h", &[], 10_000, 8000, 2.0),
        // Below the minimum for the one, above it for the other.
        ("system-end+prompt-end", "1h", &["--min-tokens", "2001"], 8000, 10_000, 2.0),
        // Before the newest turn stand 2,000, 4,000, 6,000 and 2,000: written; 2,000 read and written; 4,000 read and
        // 2,000 written; written, because the system prompt was last read by call 2.
        ("history-end", "5m", &[], 6000, 8000, 1.25),
        ("history-end", "1h", &[], 6000, 8000, 2.0),
        // System prompt and first turn: written, read, read, and another one written.
        ("leading-2", "5m", &[], 6000, 6000, 1.25),
        ("leading-1", "1h", &[], 6000, 2000, 2.0),
        ("every-block", "5m", &[], 8000, 10_000, 1.25),
        ("every-block", "1h", &[], 10_000, 8000, 2.0),
        // No record has a marker.
        ("in-force", "5m", &[], 0, 0, 1.25),
    ];
    let folder = conversation_logs();
    for (placement, ttl, more, read, written, multiple) in cases {
        let answer = answer(folder.path(), &[&["--placement", placement, "--ttl", ttl], *more].concat());
        let found = figures(&answer);
        assert_eq!((found.0, found.1), (*read, *written), "{placement} {ttl} {more:?}");
        let [reads, writes] = [*read, *written].map(|tokens| f64::from(u32::try_from(tokens).expect("small")));
        close(found.2, (18_000.0 - reads - writes + 0.1 * reads + multiple * writes) / 18_000.0);
        assert_eq!(answer["prompt_tokens"], 18_000);
        assert_eq!((&answer["requests"], &answer["ttl"]), (&json!(4), &json!(ttl)), "{placement}");
        assert_eq!((&answer["placement"], &answer["model"]), (&json!(placement), &json!(SONNET)));
        let minimum = more.iter().skip_while(|word| **word != "--min-tokens").nth(1);
        assert_eq!(answer["min_tokens"], minimum.map_or(1024, |tokens| tokens.parse().expect("a number")));
    }
}

#[test]
fn another_model_brings_its_own_minimum_times_and_prices() {
    let folder = conversation_logs();
    let by = |model: &str, more: &[&str]| {
        let more = [&["--model", model, "--placement", "prompt-end"], more].concat();
        answer(folder.path(), &more)
    };
    // Least 4,096 tokens: calls 1 and 4 are too short; 5,000 written; 5,000 read and 2,000 written.
    let haiku = by("anthropic.claude-haiku-4-5-20251001-v1:0", &[]);
    assert_eq!((figures(&haiku).0, figures(&haiku).1), (5000, 7000));
    assert_eq!((&haiku["min_tokens"], &haiku["groups"][0]["model_called"]), (&json!(4096), &json!(SONNET)));
    // Nova reads at a quarter of the input rate and writes at the plain rate: (10,000 + 8,000 × 0.25) / 18,000.
    let nova = by(NOVA, &[]);
    close(figures(&nova).2, 12.0 / 18.0);
    assert_eq!(nova["model"], NOVA);
    // Half an hour, under an alias of a profile: call 4 comes an hour after call 3.
    let gpt = by("openai.gpt-5.6-sol", &["--ttl", "30m"]);
    assert_eq!((figures(&gpt).0, figures(&gpt).1, &gpt["ttl"]), (8000, 10_000, &json!("30m")));
}

#[test]
fn writing_all_for_an_hour_loses_where_nothing_returns() {
    let calls = [0, 8000, 16_000].map(|second| Call { second, system: ("same", 2000), turns: &[("news", 3000)] });
    let folder = logs(&calls.iter().map(Call::record).collect::<Vec<_>>());
    let answer = answer(folder.path(), &["--placement", "prompt-end", "--ttl", "1h"]);
    assert_eq!(figures(&answer), (0, 15_000, 2.0));
    let table = lode(&["whatif", "caching", &path(folder.path()), "--placement", "prompt-end", "--ttl", "1h"]);
    assert!(table.out.contains("cost 2.000 times what they cost uncached: 100.0 % more: a\nloss."), "{}", table.out);
}

#[test]
fn when_entries_can_be_read_is_a_range() {
    let calls = [0, 10].map(|second| Call { second, system: ("same", 2000), turns: &[("news", 2000)] });
    let folder = logs(&calls.iter().map(Call::record).collect::<Vec<_>>());
    let ratios = |answer: &Value| {
        ["cost_ratio_low", "cost_ratio", "cost_ratio_high"].map(|name| answer[name].as_f64().expect("a number"))
    };
    // Written and read, 4,000 each: (1.25 + 0.1) / 2. After 60 seconds both write.
    let at = |more: &[&str]| ratios(&answer(folder.path(), &[&["--placement", "prompt-end"], more].concat()));
    for (found, expected) in at(&[]).into_iter().zip([0.675, 0.675, 1.25]) {
        close(found, expected);
    }
    for (found, expected) in at(&["--readable-after", "11"]).into_iter().zip([0.675, 1.25, 1.25]) {
        close(found, expected);
    }
    // A latency of 12 seconds is known: only reading at once is cheaper.
    let slow = calls.iter().map(|call| {
        let mut record = call.record();
        record["output"]["outputBodyJson"] = json!({"metrics": {"latencyMs": 12_000}});
        record
    });
    let folder = logs(&slow.collect::<Vec<_>>());
    let answer = answer(folder.path(), &["--placement", "prompt-end"]);
    for (found, expected) in ratios(&answer).into_iter().zip([0.675, 1.25, 1.25]) {
        close(found, expected);
    }
    assert_eq!(answer["requests_without_latency"], 0);
}

/// The first two calls of the conversation with a marker after the system prompt, and what the service counted.
fn marked(second_call: (u64, u64, u64)) -> TempDir {
    let counted = [(1000, 0, 2000), second_call];
    let records = conversation().into_iter().zip(counted).map(|(call, (input, read, write))| {
        let mut record = call.record();
        let body = &mut record["input"]["inputBodyJson"];
        body["system"].as_array_mut().expect("blocks").push(json!({"cachePoint": {"type": "default"}}));
        record["input"]["inputTokenCount"] = input.into();
        record["input"]["cacheReadInputTokenCount"] = read.into();
        record["input"]["cacheWriteInputTokenCount"] = write.into();
        record
    });
    logs(&records.collect::<Vec<_>>())
}

#[test]
fn what_was_cached_is_counted_once_and_the_markers_in_force_are_checked() {
    let folder = marked((3000, 2000, 0));
    let own = answer(folder.path(), &["--placement", "in-force"]);
    // 3,000 + 5,000, of which 2,000 were written and 2,000 read.
    assert_eq!((&own["prompt_tokens"], &own["marked_requests"]), (&json!(8000), &json!(2)));
    assert_eq!((figures(&own).0, figures(&own).1), (2000, 2000));
    assert_eq!(own["recorded"]["read_tokens"], 2000);
    assert_eq!(own["recorded"]["cost_ratio"], own["cost_ratio"]);
    assert_eq!((&own["check"]["marked_tokens"], &own["check"]["tokens_off"]), (&json!(8000), &json!(0)));
    assert_eq!(own["ttl"], "5m");
    let off = answer(folder.path(), &["--placement", "off"]);
    assert_eq!((figures(&off), &off["prompt_tokens"], off.get("check")), ((0, 0, 1.0), &json!(8000), None));
    let all = answer(folder.path(), &["--placement", "prompt-end"]);
    assert_eq!((figures(&all).0, figures(&all).1), (3000, 5000));

    // The service wrote again what the replay reads: 2,000 of 8,000 tokens.
    let folder = marked((3000, 0, 2000));
    let own = answer(folder.path(), &["--placement", "in-force"]);
    assert_eq!((figures(&own).0, &own["check"]["share_off"]), (2000, &json!(0.25)));
    let table = lode(&["whatif", "caching", &path(folder.path()), "--placement", "in-force"]);
    assert!(table.out.contains("Self-check failed: replay and records differ by 25.0 %"), "{}", table.out);
    // What is asked otherwise than it was done checks nothing.
    let asked = answer(folder.path(), &["--placement", "in-force", "--ttl", "1h"]);
    assert_eq!((asked.get("check"), &asked["ttl"]), (None, &json!("1h")));
}

#[test]
fn what_cannot_be_cached_is_counted_apart() {
    let [first, second, ..] = conversation();
    let mut failed = first.record();
    failed["errorCode"] = "ThrottlingException".into();
    failed["requestId"] = "failed".into();
    let mut bare = second.record();
    bare["input"].as_object_mut().expect("an object").remove("inputBodyJson");
    let mut dedicated = first.record();
    dedicated["modelId"] = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc123def456".into();
    dedicated["requestId"] = "dedicated".into();
    let folder = logs(&[first.record(), failed, bare, dedicated]);
    let answer = answer(folder.path(), &["--placement", "prompt-end"]);
    assert_eq!((&answer["requests"], &answer["failed_requests"]), (&json!(2), &json!(1)));
    assert_eq!((&answer["requests_without_body"], &answer["requests_not_on_demand"]), (&json!(1), &json!(1)));
    // 3,000 written, 5,000 plain.
    assert_eq!(figures(&answer), (0, 3000, 8750.0 / 8000.0));
}

#[test]
fn models_apart_have_caches_apart_and_a_time_that_one_lacks_is_said() {
    let records: Vec<Value> = conversation()
        .iter()
        .flat_map(|call| {
            let mut nova = call.record();
            nova["modelId"] = NOVA.into();
            nova["requestId"] = format!("nova-{}", call.second).into();
            [call.record(), nova]
        })
        .collect();
    let folder = logs(&records);
    let both = answer(folder.path(), &["--placement", "system-end", "--ttl", "1h"]);
    // Sonnet as for an hour, Nova as for five minutes: at $3.30 and $0.80 a million.
    let (read, written, cost) = figures(&both);
    assert_eq!((read, written), (6000 + 4000, 2000 + 4000));
    close(cost, (3.3 * (10_000.0 + 600.0 + 4000.0) + 0.8 * (14_000.0 + 1000.0)) / (4.1 * 18_000.0));
    let groups = both["groups"].as_array().expect("groups");
    let of: Vec<_> = groups.iter().map(|group| (&group["model"], &group["ttl"], &group["min_tokens"])).collect();
    assert_eq!(of, [(&json!(NOVA), &json!("5m"), &json!(1000)), (&json!(SONNET), &json!("1h"), &json!(1024))]);
    assert_eq!([both.get("ttl"), both.get("model"), both.get("min_tokens")], [None; 3]);
    let notes = both["notes"].to_string();
    assert!(notes.contains("amazon.nova-pro-v1:0 does not offer the time to live asked for"), "{notes}");
}

#[test]
fn a_model_that_nobody_knows_is_taken_for_one_of_claude() {
    let records = conversation().map(|call| {
        let mut record = call.record();
        record["modelId"] = "nobody.knows-this".into();
        record
    });
    let folder = logs(&records);
    let answer = answer(folder.path(), &["--placement", "system-end"]);
    // (10,000 + 4,000 × 0.1 + 4,000 × 1.25) / 18,000
    assert_eq!((figures(&answer).0, figures(&answer).1), (4000, 4000));
    close(figures(&answer).2, 15.4 / 18.0);
    let notes = answer["notes"].to_string();
    assert!(notes.contains("does not know nobody.knows-this: taken for a Claude model"), "{notes}");
}

#[test]
fn the_best_markers_are_each_callers_own() {
    // `app` has the conversation. `batch` asks something else each time, for which any marker is written for nothing.
    let mut records: Vec<Value> = conversation().iter().map(Call::record).collect();
    for second in [100, 8000, 16_000] {
        let name = format!("question {second}");
        let mut record = Call { second, system: (&name, 2000), turns: &[("news", 1000)] }.record();
        record["identity"]["arn"] = "arn:aws:sts::111122223333:assumed-role/batch/session".into();
        records.push(record);
    }
    let folder = logs(&records);
    let answer = answer(folder.path(), &["--placement", "best"]);
    // Of the sets worked out above, per 18,000 tokens:
    // prompt end, 5 minutes: 8,000 × 0.1 + 10,000 × 1.25 = 13,300
    // system end and prompt end, 1 hour: 10,000 × 0.1 + 8,000 × 2 = 17,000
    // system end, 5 minutes: 10,000 + 400 + 5,000 = 15,400; 1 hour: 10,000 + 600 + 4,000 = 14,600
    // history end, 5 minutes: 4,000 + 600 + 10,000 = 14,600
    // system end for an hour and prompt end for 5 minutes: (2,000 × 2 + 1,000 × 1.25) + (3,000 × 0.1 + 2,000 × 1.25)
    // + (5,000 × 0.1 + 2,000 × 1.25) + (2,000 × 0.1 + 1,000 × 1.25) = 12,500, the least.
    let app = &answer["callers"][0];
    let markers = json!([{"placement": "system-end", "ttl": "1h"}, {"placement": "prompt-end", "ttl": "5m"}]);
    assert_eq!((&app["caller"], &app["markers"]), (&json!("role/app"), &markers));
    close(app["cost_ratio"].as_f64().expect("a number"), 12.5 / 18.0);
    close(app["every_block_cost_ratio"].as_f64().expect("a number"), 13.3 / 18.0);
    // The last two turns and the other conversation are never sent again, and plain. The system prompt is written for
    // minutes, and lives an hour by what is written behind it when it is read:
    // 2,000 × (1.25 + 0.3) + 1,000 × (1.25 + 0.2) + 2,000 × (1.25 + 0.1) + 3,000 = 10,250
    close(app["oracle_cost_ratio"].as_f64().expect("a number"), 10.25 / 18.0);
    let batch = &answer["callers"][1];
    assert_eq!((&batch["caller"], &batch["markers"]), (&json!("role/batch"), &json!([])));
    // Nothing returns: writing every block costs a quarter more.
    assert_eq!((&batch["cost_ratio"], &batch["every_block_cost_ratio"]), (&json!(1.0), &json!(1.25)));
    close(figures(&answer).2, (12.5 + 9.0) / 27.0);
    // For an hour: the system prompt alone.
    let hour = self::answer(folder.path(), &["--placement", "best", "--ttl", "1h"]);
    assert_eq!(hour["callers"][0]["markers"], json!([{"placement": "system-end", "ttl": "1h"}]));
    close(hour["callers"][0]["cost_ratio"].as_f64().expect("a number"), 14.6 / 18.0);
    insta::assert_snapshot!(
        "caching-best-80",
        lode_at(80, &["whatif", "caching", &path(folder.path()), "--placement", "best"]).out
    );
}

#[test]
fn a_digested_trace_gives_the_same_answer() {
    let folder = conversation_logs();
    let trace = tempfile::tempdir().expect("a folder");
    let direct = answer(folder.path(), &[]);
    assert_eq!(answer(folder.path(), &["--trace", &path(trace.path())]), direct);
    assert_eq!(answer(trace.path(), &[]), direct);
}

#[test]
fn what_cannot_be_used_is_said_in_full() {
    let folder = conversation_logs();
    let input = path(folder.path());
    let empty = tempfile::tempdir().expect("a folder");
    let nothing = path(empty.path());
    for (args, words) in [
        (vec![&*input, "--placement", "end"], vec!["--placement: found \"end\", expected off", "help:"]),
        (vec![&input, "--model", "claude-nine"], vec!["--model: found claude-nine, expected", "help:"]),
        (vec![&input, "--model", "haiku-4-5"], vec!["ids like it: anthropic.claude-haiku-4-5-20251001-v1:0"]),
        (vec![&input, "--model", "meta.llama3-3-70b-instruct-v1:0"], vec!["takes no cache markers", "help:"]),
        (
            vec![&input, "--ttl", "30m"],
            vec!["--ttl: found 30m, expected 5m or 1h of anthropic.claude-sonnet-4-6", "help:"],
        ),
        (vec![&input, "--ttl", "1h", "--model", NOVA], vec!["--ttl: found 1h, expected 5m of amazon.nova-pro-v1:0"]),
        (vec![&nothing], vec!["no requests in", "found no file, expected model invocation logs", "help:"]),
    ] {
        let ran = lode(&[&["whatif", "caching"], &*args].concat());
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{args:?}");
        for word in words {
            assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
        }
        assert_eq!(ran.err.matches("expected").count().min(2), 1, "said once: {}", ran.err);
    }
}

#[test]
fn the_pages_are_reviewed() {
    let folder = conversation_logs();
    let input = path(folder.path());
    let run = |width, more: &[&str]| {
        let ran = lode_at(width, &[&["whatif", "caching", &input], more].concat());
        assert_eq!(ran.exit, Exit::Made, "{}", ran.err);
        assert!(ran.out.lines().all(|line| line.chars().count() <= width), "{}", ran.out);
        ran.out
    };
    insta::assert_snapshot!("caching-80", run(80, &[]));
    insta::assert_snapshot!("caching-160", run(160, &["--ttl", "1h"]));
    insta::assert_snapshot!("caching-json", run(1000, &["--format", "json"]));
}
