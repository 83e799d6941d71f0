//! Tests of the files of whole months: the export against the bill, the log against both.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde_json::Value;

use crate::apps;
use crate::tests::{SMALL, caller, without};
use crate::{BillRow, Class, Estate, HabitId, Habits, Mode, Options, RawEdit, Usd, estate, prices};

fn files_of(estate: &Estate) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let added = estate.files(&mut |path, bytes| {
        assert!(files.insert(path.to_owned(), bytes.to_vec()).is_none(), "{path} twice");
        Ok(())
    });
    added.expect("memory has room");
    files
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip of text");
    text
}

fn records(files: &BTreeMap<String, Vec<u8>>) -> Vec<Value> {
    let logs = files.iter().filter(|(path, _)| path.starts_with("logs/") && !path.contains("/data/"));
    logs.flat_map(|(_, bytes)| unpacked(bytes).lines().map(serde_json::from_str).collect::<Vec<_>>())
        .map(|record| record.expect("a record"))
        .collect()
}

#[test]
fn same_options_same_bytes_and_another_seed_others() {
    let files = files_of(&estate(&SMALL));
    assert!(files == files_of(&estate(&SMALL)));
    assert!(files != files_of(&estate(&Options { seed: 2, ..SMALL })));
    let size: usize = files.values().map(Vec::len).sum();
    // What forty-eight apps took, no more for each that came since, and the metrics.
    assert!(size < apps::ALL.len() * 4_000_000 / 48 + 100_000, "{size} bytes");
    assert!(files.keys().any(|path| path.contains("/data/") && path.ends_with("_input.json.gz")));
    let truth: Value = serde_json::from_slice(&files["truth.json"]).expect("JSON");
    assert_eq!(truth["habits"].as_array().map(Vec::len), Some(HabitId::ALL.len()));
    assert_eq!(truth["window"]["last"], "2026-10-28");
    assert_eq!(
        (&truth["habits"][9]["id"], &truth["habits"][9]["lever"]),
        (&"never-cached".into(), &"prompt-caching".into())
    );
    assert!(truth["habits"][9]["saving"].is_string());
}

/// Bytes of the segments of a body, by the rule of the crate's page.
fn segment_bytes(body: &Value) -> usize {
    let blocks = |value: &Value| -> usize {
        match value {
            Value::String(text) => text.len(),
            Value::Array(blocks) => blocks.iter().map(block_bytes).sum(),
            _ => 0,
        }
    };
    let messages = body["messages"].as_array().expect("messages");
    blocks(&body["system"])
        + blocks(&body["toolConfig"]["tools"])
        + messages.iter().map(|message| blocks(&message["content"])).sum::<usize>()
}

fn block_bytes(block: &Value) -> usize {
    if let Some(text) = block["text"].as_str() {
        return text.len();
    }
    if block.get("toolSpec").is_some() {
        return block["toolSpec"].to_string().len();
    }
    if let Some(text) = block["guardContent"]["text"]["text"].as_str() {
        return text.len();
    }
    if let Some(used) = block.get("toolUse") {
        return used["name"].as_str().map_or(0, str::len) + used["input"].to_string().len();
    }
    if let Some(result) = block.get("toolResult") {
        return result["content"][0]["text"].as_str().map_or(0, str::len);
    }
    0
}

#[test]
fn records_hold_four_bytes_a_token_and_agree_with_the_bill() {
    let whole = estate(&SMALL);
    let files = files_of(&whole);
    let mut logged: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
    let (mut bodies, mut beside, mut counts) = (0, 0, 0);
    for record in records(&files) {
        let (input, output) = (&record["input"], &record["output"]);
        let count = |value: &Value, name: &str| value[name].as_u64().expect("a count");
        let (plain, read, write) = (
            count(input, "inputTokenCount"),
            count(input, "cacheReadInputTokenCount"),
            count(input, "cacheWriteInputTokenCount"),
        );
        let body = match (input.get("inputBodyJson"), input.get("inputBodyS3Path")) {
            (Some(body), None) => {
                bodies += 1;
                assert!(body.to_string().len() <= 100_000);
                Some(body.clone())
            }
            (None, Some(path)) => {
                beside += 1;
                let path = path.as_str().expect("a path").replace("s3://example-invocation-logs/", "logs/");
                Some(serde_json::from_str(&unpacked(&files[&path])).expect("a body"))
            }
            _ => {
                counts += 1;
                None
            }
        };
        if let Some(body) = body {
            assert_eq!(segment_bytes(&body) as u64, 4 * (plain + read + write), "{}", record["requestId"]);
        }
        let model = record["modelId"].as_str().expect("a model");
        if model.contains("provisioned-model/") {
            continue;
        }
        let model =
            if model.contains("application-inference-profile/") { "global.anthropic.claude-opus-5-5" } else { model };
        let account = record["accountId"].as_str().expect("an account");
        let mut add = |class, tokens| *logged.entry((account.into(), model.into(), class)).or_default() += tokens;
        add("input", plain);
        add("read", read);
        add("write", write);
        add("output", count(output, "outputTokenCount"));
    }
    assert!(bodies > 1_000 && beside > 0 && counts > 1_000, "{bodies} {beside} {counts}");

    let mut billed: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
    for row in whole
        .bill()
        .rows
        .iter()
        .filter(|row| row.region == "us-east-1" && row.class.counts_tokens() && row.resource.is_none())
    {
        let class = match row.class {
            Class::Input => "input",
            Class::Output => "output",
            Class::CacheRead => "read",
            _ => "write",
        };
        let model = prices::Model::of(row.model.expect("a model")).expect("a known model").called(row.global);
        *billed.entry((row.account.into(), model, class)).or_default() += row.quantity;
    }
    logged.retain(|_, tokens| *tokens > 0);
    assert_eq!(logged, billed);
}

#[test]
fn batch_jobs_are_billed_and_not_logged() {
    let right = without(HabitId::OvernightBatch);
    let batch: Vec<BillRow> = right.bill().rows.into_iter().filter(|row| row.mode == Mode::Batch).collect();
    assert_eq!(batch.len(), 56, "28 days of input and output");
    assert!(records(&files_of(&right)).iter().all(|record| !record.to_string().contains("nightly-summaries")));
    let before: Usd = estate(&SMALL).bill().rows.iter().filter(|row| is_nova(row)).map(|row| row.cost).sum();
    let after: Usd = right.bill().rows.iter().filter(|row| is_nova(row)).map(|row| row.cost).sum();
    let batched: Usd = batch.iter().map(|row| row.cost).sum();
    assert_eq!(before - after, batched, "half price saves as much as it costs");
}

fn is_nova(row: &BillRow) -> bool {
    row.model == Some("amazon.nova-2-lite-v1:0")
}

/// The cells of the export, by column.
fn bill_lines(files: &BTreeMap<String, Vec<u8>>) -> Vec<BTreeMap<String, String>> {
    let text = unpacked(&files["bill/data/BILLING_PERIOD=2026-10/estate-00001.csv.gz"]);
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    lines
        .map(|cells| {
            assert_eq!(cells.len(), header.len());
            header.iter().cloned().zip(cells).collect()
        })
        .collect()
}

/// Whole and fraction as an integer of `10^-12`.
fn pico(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<12}").parse().expect("a decimal")
}

#[test]
fn the_export_has_the_bill_to_the_last_digit() {
    for habits in [Habits::all(), Habits::none()] {
        let whole = estate(&Options { habits, ..SMALL });
        let lines = bill_lines(&files_of(&whole));
        let cost: i128 = lines.iter().map(|line| pico(&line["line_item_unblended_cost"])).sum();
        assert_eq!(Usd::from_pico(cost), whole.bill().total());
        let tokens: i128 = lines
            .iter()
            .filter_map(|line| {
                let per = match line["pricing_unit"].as_str() {
                    "1K tokens" => 1_000,
                    "Units" => 1_000_000,
                    _ => return None,
                };
                Some(pico(&line["line_item_usage_amount"]) * per / 1_000_000_000_000)
            })
            .sum();
        let rows = whole.bill().rows;
        let billed: u64 = rows.iter().filter(|row| row.class.counts_tokens()).map(|row| row.quantity).sum();
        assert_eq!(tokens, i128::from(billed));
    }
}

#[test]
fn claude_is_sold_in_two_worlds_and_one_account_names_principals() {
    let lines = bill_lines(&files_of(&estate(&SMALL)));
    let seen: BTreeSet<(&str, &str)> = lines
        .iter()
        .map(|line| (line["line_item_usage_account_id"].as_str(), line["line_item_usage_type"].as_str()))
        .collect();
    for expected in [
        ("111111111111", "USE1-Claude5.5Sonnet-input-tokens-cross-region-global"),
        ("111111111111", "USE1-Claude5.5Opus-cache-read-input-token-count-cross-region-global"),
        ("111111111111", "USE1-Claude5.5Opus-cache-write-input-token-count-cross-region-global"),
        ("111111111111", "USE1-SearchOCU"),
        ("222222222222", "USE1-MP:USE1_InputTokenCount_Global-Units"),
        ("222222222222", "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units"),
        ("222222222222", "USE1-MistralLarge3-output-tokens"),
        ("222222222222", "USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits"),
        ("333333333333", "EU-Claude5.5Haiku-input-tokens-cross-region-global"),
    ] {
        assert!(seen.contains(&expected), "{expected:?} is not in {seen:?}");
    }
    for line in &lines {
        let named = !line["line_item_iam_principal"].is_empty();
        let tokens = line["pricing_unit"] == "1K tokens";
        assert_eq!(named, tokens && line["line_item_usage_account_id"] == "111111111111");
        assert_eq!(line["bill_billing_entity"] == "AWS Marketplace", line["pricing_unit"] == "Units");
    }
}

#[test]
fn a_profile_is_left_with_its_model_or_price() {
    let whole = estate(&Options { scale: 1, ..SMALL });
    let of = |estate: &Estate| {
        let records = records(&files_of(estate));
        let its = records.iter().filter(|record| record["identity"].to_string().contains("/policy-qa-cached/"));
        its.map(|record| record["modelId"].as_str().expect("an id").to_owned()).collect::<BTreeSet<_>>()
    };
    let caller = || "application-inference-profile/policyqa0001".to_owned();
    let profile = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/policyqa0001";
    assert_eq!(of(&whole), BTreeSet::from([profile.to_owned()]));
    let regional = whole.edited(&RawEdit::Routing { caller: caller(), global: false });
    assert_eq!(of(&regional), BTreeSet::from(["us.anthropic.claude-opus-5-5".to_owned()]));
    let lower = whole.edited(&RawEdit::Model { caller: caller(), to: "anthropic.claude-haiku-5-5".into() });
    assert_eq!(of(&lower), BTreeSet::from(["global.anthropic.claude-haiku-5-5".to_owned()]));
    let lines = bill_lines(&files_of(&lower));
    assert!(lines.iter().all(|line| !line["line_item_resource_id"].contains("policyqa0001")));
}

#[test]
fn edited_months_write_no_truth() {
    let edited = estate(&SMALL).edited(&RawEdit::MarkersOff { caller: caller("mail-drafts") });
    let files = files_of(&edited);
    assert!(!files.contains_key("truth.json"));
    // Its log has no marker left in that app's bodies, and no writes.
    for record in records(&files).iter().filter(|record| record["identity"].to_string().contains("/mail-drafts/")) {
        assert_eq!(record["input"]["cacheWriteInputTokenCount"], 0);
        assert!(!record.to_string().contains("cache_control"));
    }
}
