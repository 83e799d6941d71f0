//! `docs/collect.sh`, run against an `aws` that answers from a script: what it collects is what the readers read.

#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::Folder;
use lode_model::{Inventory, Metrics, Setup, UsageSpan};
use lode_telemetry::{InventoryReader, JsonKind, MetricsReader, sniff};

/// An AWS CLI of one account: two guardrail versions, one knowledge base, two pages of collections, three metrics, no
/// right to list agents. It writes down what it is asked, and answers metric queries with 5 under each label.
const AWS: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$*" >> "$STUB_CALLS"
text() { case " $ALL " in *' --output text '*) return 0 ;; *) return 1 ;; esac; }
ALL="$*"
case "$1 $2" in
  'sts get-caller-identity') echo 111111111111 ;;
  'bedrock get-model-invocation-logging-configuration')
    if text; then printf 'log-bucket\tbedrock\n'
    else echo '{"loggingConfig":{"s3Config":{"bucketName":"log-bucket","keyPrefix":"bedrock"},"textDataDeliveryEnabled":true}}'; fi ;;
  'bedrock list-inference-profiles')
    echo '{"inferenceProfileSummaries":[{"inferenceProfileArn":"arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1","models":[]}]}' ;;
  'bedrock list-guardrails')
    case $ALL in
      *--guardrail-identifier*) printf 'DRAFT\t1\n' ;;
      *) if text; then echo g1; else echo '{"guardrails":[{"id":"g1","version":"DRAFT","status":"READY"}]}'; fi ;;
    esac ;;
  'bedrock get-guardrail')
    case $ALL in *'--guardrail-version 1 '*) v=1 ;; *) v=DRAFT ;; esac
    echo "{\"guardrailId\":\"g1\",\"guardrailArn\":\"arn:g1\",\"version\":\"$v\",\"status\":\"READY\",\"wordPolicy\":{\"words\":[{\"text\":\"x\"}]}}" ;;
  'bedrock-agent list-knowledge-bases')
    if text; then echo KB1; else echo '{"knowledgeBaseSummaries":[{"knowledgeBaseId":"KB1"}]}'; fi ;;
  'bedrock-agent get-knowledge-base') echo '{"knowledgeBase":{"knowledgeBaseId":"KB1","name":"docs"}}' ;;
  'bedrock-agent list-data-sources') echo DS1 ;;
  'bedrock-agent get-data-source') echo '{"dataSource":{"dataSourceId":"DS1","knowledgeBaseId":"KB1"}}' ;;
  'bedrock-agent list-ingestion-jobs')
    echo '{"ingestionJobSummaries":[{"knowledgeBaseId":"KB1","dataSourceId":"DS1","ingestionJobId":"J1","status":"COMPLETE"}]}' ;;
  'bedrock-agent list-agents')
    echo 'An error occurred (AccessDeniedException) when calling the ListAgents operation: no' >&2; exit 254 ;;
  'opensearchserverless get-account-settings')
    echo '{"accountSettingsDetail":{"capacityLimits":{"maxIndexingCapacityInOCU":10,"maxSearchCapacityInOCU":10}}}' ;;
  'opensearchserverless list-collection-groups') if text; then echo None; else echo '{"collectionGroupSummaries":[]}'; fi ;;
  'opensearchserverless list-collections')
    case $ALL in
      *'--next-token page2 '*'--query nextToken'*) echo None ;;
      *'--query nextToken'*) echo page2 ;;
      *'--next-token page2 '*) echo c2 ;;
      *) echo c1 ;;
    esac ;;
  'opensearchserverless batch-get-collection')
    case $ALL in *'--ids c1 c2'*) echo '{"collectionDetails":[{"arn":"arn:c1"},{"arn":"arn:c2"}]}' ;; *) exit 1 ;; esac ;;
  'cloudwatch list-metrics')
    case $ALL in
      *'--namespace AWS/Bedrock '*)
        printf 'Invocations|ModelId=arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1\n'
        printf 'Invocations|ModelId=m1,ServiceTier=flex,ResolvedServiceTier=flex\nInvocationLatency|ModelId=m1\n' ;;
      *'--namespace AWS/AOSS '*) 
        printf 'SearchOCU|ClientId=111111111111\n'
        printf 'ActiveCollection|ClientId=111111111111,CollectionId=c%s,CollectionName=d\n' 1 2
        printf 'SearchRequestRate|ClientId=111111111111,CollectionId=c1,CollectionName=d\n' ;;
    esac ;;
  'cloudwatch get-metric-data')
    file=${ALL#*file://}; file=${file%% *}
    printf '{"MetricDataResults":['
    sep=
    grep -o '"Id":"[^"]*","Label":"[^"]*"' "$file" | while IFS= read -r it; do
      printf '%s{%s,"Timestamps":["2026-10-01T10:00:00+00:00"],"Values":[5.0],"StatusCode":"Complete"}' "$sep" "$it"; sep=,
    done
    printf ']}\n' ;;
  's3 sync') ;;
  *) if text; then echo None; else :; fi ;;
esac
"#;

/// Nothing to run the script with: say so, and count as passed.
fn bash() -> bool {
    let found = Command::new("bash").args(["-c", "date -u +%s"]).output().is_ok_and(|it| it.status.success());
    if !found {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"no bash here: docs/collect.sh is not tested\n");
    }
    found
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/collect.sh")
}

/// Runs the script in a folder; returns its output and the commands it ran.
fn run(folder: &Folder, arguments: &[&str]) -> (Output, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let aws = folder.write("bin/aws", AWS.as_bytes());
    std::fs::set_permissions(&aws, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let calls = folder.write("calls", b"");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.path("bin").display());
    let output = Command::new("bash")
        .arg(script())
        .args(arguments)
        .current_dir(folder.path(""))
        .env("PATH", path)
        .env("STUB_CALLS", &calls)
        .output()
        .expect("bash");
    (output, std::fs::read_to_string(calls).expect("calls"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Reads a collected folder; every file must be of a kind that is read.
fn collected(folder: &Path) -> (Inventory, Setup, Metrics) {
    let (mut inventory, mut metrics) = (InventoryReader::new(), MetricsReader::new());
    for file in files(folder) {
        let text = std::fs::read(&file).expect("a file");
        let known = match sniff(&text, &file) {
            Some(JsonKind::Inventory) => inventory.read(&file).expect("JSON"),
            Some(JsonKind::Metrics) => metrics.read(&file).expect("JSON"),
            _ => false,
        };
        assert!(known, "{}: {}", file.display(), String::from_utf8_lossy(&text));
    }
    let inventory = inventory.finish();
    (inventory.clone(), inventory.setup, metrics.finish())
}

#[test]
fn what_it_collects_is_read() {
    if !bash() {
        return;
    }
    let folder = Folder::new();
    let (output, calls) = run(&folder, &["--out", "in", "us-east-1", "eu-west-1"]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && output.stderr.is_empty(), "{said}{}", String::from_utf8_lossy(&output.stderr));

    let (inventory, setup, metrics) = collected(&folder.path("in"));
    assert_eq!((inventory.profiles.len(), inventory.knowledge_bases.len(), inventory.data_sources.len()), (1, 1, 1));
    assert_eq!(inventory.collections.len(), 2, "both pages");
    assert_eq!((setup.guardrails.len(), setup.ingestion_jobs.len(), setup.agents.len()), (2, 1, 0));
    assert_eq!((setup.logging.len(), setup.capacity.len()), (2, 2), "one each region");
    assert!(setup.logging.iter().all(|it| it.account.is_some() && it.region.is_some()));

    assert_eq!((metrics.series.len(), metrics.rejected.len()), (14, 0), "seven series a region; no latency");
    let searched = metrics.series.keys().filter(|series| &*series.metric == "SearchRequestRate").count();
    assert_eq!(searched, 4, "those of both collections a region, also of the one that list-metrics has forgotten");
    let lists: Vec<_> = setup.knowledge_base_lists.iter().map(|it| (it.account.as_str(), it.ids.len())).collect();
    assert_eq!(lists, [("111111111111", 1), ("111111111111", 1)]);
    let usage = metrics.usage(UsageSpan::Day);
    let calls_of: Vec<_> = usage.totals.iter().map(|(key, totals)| (key.region.clone(), totals.calls)).collect();
    assert_eq!(calls_of, [(Some("eu-west-1".into()), Some(5.into())), (Some("us-east-1".into()), Some(5.into()))]);

    assert!(
        said.contains("us-east-1 aws bedrock-agent list-agents: An error occurred (AccessDeniedException)"),
        "{said}"
    );
    assert!(
        said.contains("aws s3 sync s3://log-bucket/bedrock/AWSLogs/111111111111/BedrockModelInvocationLogs/us-east-1/")
    );
    assert!(said.contains("bedrock:ListIngestionJobs") && !calls.contains("s3 sync"));
    for call in calls.lines() {
        let verb = call.split(' ').nth(1).unwrap_or_default();
        assert!(["list-", "get-", "batch-get-"].iter().any(|it| verb.starts_with(it)), "not read-only: {call}");
    }
}

#[test]
fn logs_are_copied_when_their_bucket_is_named() {
    if !bash() {
        return;
    }
    let folder = Folder::new();
    let (output, calls) =
        run(&folder, &["--out", "in", "--days", "1", "--no-bodies", "--logs", "s3://own/p/", "us-east-1"]);
    assert!(output.status.success());
    let sync = calls.lines().find(|call| call.starts_with("s3 sync")).expect("a copy");
    assert!(
        sync.starts_with("s3 sync s3://own/p/AWSLogs/111111111111/BedrockModelInvocationLogs/us-east-1/20"),
        "{sync}"
    );
    assert!(sync.contains(" in/logs/AWSLogs/111111111111/") && sync.contains("--exclude */data/*"), "{sync}");
}

#[test]
fn wrong_arguments_stop_it_before_any_call() {
    if !bash() {
        return;
    }
    for arguments in [
        &["nowhere"][..],
        &[],
        &["--days", "9999", "us-east-1"],
        &["--days", "x", "us-east-1"],
        &["--frob", "us-east-1"],
    ] {
        let folder = Folder::new();
        let (output, calls) = run(&folder, arguments);
        assert_eq!((output.status.code(), calls.as_str()), (Some(2), ""), "{arguments:?}");
    }
    let folder = Folder::new();
    let (output, calls) = run(&folder, &["--permissions"]);
    assert!(output.status.success() && calls.is_empty());
    assert!(String::from_utf8_lossy(&output.stdout).contains("cloudwatch:GetMetricData"));
}
