//! What the AWS CLI lists, as it prints it.

mod common;

use std::path::Path;

use common::{Folder, gzip};
use jiff::civil::date;
use lode_model::{Chunking, Inventory, Term};
use lode_telemetry::{InventoryReader, TelemetryError};
use serde_json::{Value, json};

fn read(files: &[&Path]) -> Result<(Vec<bool>, Inventory), TelemetryError> {
    let mut reader = InventoryReader::new();
    let known = files.iter().map(|file| reader.read(file)).collect::<Result<_, _>>()?;
    Ok((known, reader.finish()))
}

fn inventory(text: &str) -> (bool, Inventory) {
    let folder = Folder::new();
    let (known, inventory) = read(&[&folder.write("a.json", text.as_bytes())]).expect("JSON");
    (known[0], inventory)
}

fn one(document: &Value) -> Inventory {
    let (known, inventory) = inventory(&document.to_string());
    assert!(known);
    inventory
}

fn profile() -> Value {
    json!({"inferenceProfileName": "search", "status": "ACTIVE", "type": "APPLICATION", "inferenceProfileId": "a1",
        "inferenceProfileArn": "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1",
        "models": [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"}]})
}

#[test]
fn profiles() {
    let single = one(&profile());
    assert_eq!(single.profiles[0].id.as_ref(), "application-inference-profile/a1");
    assert_eq!(single.profiles[0].name.as_ref(), "search");
    assert_eq!(single.profiles[0].models, ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0".into()]);
    let list = one(&json!({"inferenceProfileSummaries": [profile(), profile(), {"inferenceProfileName": "no ARN"}]}));
    assert_eq!(list, single, "repeats and entries without an ARN are left out");
}

#[test]
fn provisioned_throughput() {
    let entry = |more: Value| {
        let mut entry = json!({"provisionedModelName": "pt", "modelUnits": 2, "status": "InService",
            "provisionedModelArn": "arn:aws:bedrock:eu-west-1:222222222222:provisioned-model/p1",
            "modelArn": "arn:aws:bedrock:eu-west-1:222222222222:custom-model/x/y",
            "foundationModelArn": "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"});
        entry.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        entry
    };
    let commitment =
        json!({"commitmentDuration": "SixMonths", "commitmentExpirationTime": "2027-01-31T23:30:00-02:00"});
    let all = one(&json!({"provisionedModelSummaries": [entry(commitment)]}));
    let unit = &all.provisioned[0];
    assert_eq!(
        (unit.id.as_ref(), unit.account.as_str(), unit.region.as_str()),
        ("provisioned-model/p1", "222222222222", "eu-west-1")
    );
    assert_eq!((unit.units, unit.status.as_ref(), unit.name.as_ref()), (2, "InService", "pt"));
    assert!(unit.foundation_model.ends_with("nova-lite-v1:0"));
    assert_eq!((unit.term, unit.term_ends), (Some(Term::SixMonths), Some(date(2027, 2, 1))), "days are UTC");
    let hourly = one(&entry(json!({"commitmentExpirationTime": 1_798_761_600.5})));
    assert_eq!((hourly.provisioned[0].term, hourly.provisioned[0].term_ends), (None, Some(date(2027, 1, 1))));
}

#[test]
fn knowledge_bases_and_collections() {
    let all = one(&json!([
        {"knowledgeBase": {"knowledgeBaseId": "KB1", "name": "docs",
            "knowledgeBaseConfiguration": {"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": "arn:e"}},
            "storageConfiguration": {"type": "OPENSEARCH_SERVERLESS", "opensearchServerlessConfiguration": {"collectionArn": "arn:c"}}}},
        {"knowledgeBase": {"knowledgeBaseId": "KB2", "knowledgeBaseConfiguration": {"type": "MANAGED"}}},
        {"knowledgeBase": {"knowledgeBaseId": "KB3", "storageConfiguration": {"type": "RDS",
            "rdsConfiguration": {"resourceArn": "arn:aws:rds:us-east-1:111111111111:cluster:kb", "tableName": "rds"}}}},
        {"collectionDetails": [{"arn": "arn:c", "name": "vectors", "type": "VECTORSEARCH", "standbyReplicas": "DISABLED"}, {}]}
    ]));
    let [first, second, third] = &all.knowledge_bases[..] else { panic!("three") };
    assert!(first.stores.is_empty(), "a collection is no other service's store");
    assert_eq!(third.stores, ["arn:aws:rds:us-east-1:111111111111:cluster:kb".into()]);
    assert_eq!(
        (first.embedding_model.as_deref(), first.storage.as_deref()),
        (Some("arn:e"), Some("OPENSEARCH_SERVERLESS"))
    );
    assert_eq!((first.collection.as_deref(), first.name.as_ref()), (Some("arn:c"), "docs"));
    assert_eq!((second.embedding_model.as_deref(), second.storage.as_deref(), second.name.as_ref()), (None, None, ""));
    assert_eq!(
        (all.collections.len(), all.collections[0].standby, all.collections[0].kind.as_ref()),
        (1, Some(false), "VECTORSEARCH")
    );
}

#[test]
fn chunking() {
    let of = |configuration: Value| {
        let source = json!({"dataSource": {"dataSourceId": "DS1", "knowledgeBaseId": "KB1", "name": "files",
            "vectorIngestionConfiguration": configuration}});
        one(&source).data_sources.remove(0).chunking
    };
    let with = |chunking: Value| of(json!({"chunkingConfiguration": chunking}));
    assert_eq!(of(Value::Null), Chunking::Default);
    assert_eq!(of(json!({"parsingConfiguration": {}})), Chunking::Default);
    assert_eq!(with(json!({"chunkingStrategy": "NONE"})), Chunking::None);
    assert_eq!(
        with(
            json!({"chunkingStrategy": "FIXED_SIZE", "fixedSizeChunkingConfiguration": {"maxTokens": 300, "overlapPercentage": 20}})
        ),
        Chunking::Fixed { max_tokens: 300, overlap_percent: 20 }
    );
    assert_eq!(
        with(json!({"chunkingStrategy": "HIERARCHICAL", "hierarchicalChunkingConfiguration":
            {"levelConfigurations": [{"maxTokens": 1500}, {"maxTokens": 300}], "overlapTokens": 60}})),
        Chunking::Hierarchical { parent_tokens: 1500, child_tokens: 300, overlap_tokens: 60 }
    );
    assert_eq!(
        with(
            json!({"chunkingStrategy": "SEMANTIC", "semanticChunkingConfiguration": {"maxTokens": 400, "bufferSize": 0}})
        ),
        Chunking::Semantic { max_tokens: 400 }
    );
    assert_eq!(with(json!({"chunkingStrategy": "MAGIC"})), Chunking::Other("MAGIC".into()));
    assert_eq!(
        with(json!({"chunkingStrategy": "FIXED_SIZE"})),
        Chunking::Other("FIXED_SIZE".into()),
        "figures missing"
    );
}

#[test]
fn several_documents_in_one_file_and_any_order_of_files() {
    let folder = Folder::new();
    let two = format!("{:#}\n{}", profile(), json!({"collectionDetails": [{"arn": "arn:c"}]}));
    let first = folder.write("a.json.gz", &gzip(two.as_bytes()));
    let second = folder.write("b.json", json!({"collectionDetails": [{"arn": "arn:b"}]}).to_string().as_bytes());
    let (known, all) = read(&[&first, &second]).expect("JSON");
    assert_eq!(known, [true, true]);
    assert_eq!((all.profiles.len(), all.collections.len()), (1, 2));
    assert_eq!(read(&[&second, &first]).expect("JSON").1, all);
}

#[test]
fn what_is_not_recognised_is_said() {
    for text in
        ["{}", "[]", "7", "", r#"{"knowledgeBaseSummaries":[{"knowledgeBaseId":"KB1"}]}"#, r#"{"dataSource":{}}"#]
    {
        let (known, all) = inventory(text);
        assert!(!known && all.is_empty(), "{text}");
    }
    let (known, all) = inventory(r#"{"provisionedModelSummaries":[]}"#);
    assert!(known && all.is_empty(), "an empty list is an answer");
}

#[test]
fn faults_name_the_place_and_not_the_words() {
    let folder = Folder::new();
    let broken = folder.write("a.json", b"{\n  \"secret\": oops}");
    let fault = read(&[&broken]).expect_err("not JSON");
    assert!(matches!(fault, TelemetryError::NotJson { line: 2, .. }), "{fault}");
    assert!(fault.to_string().contains("a.json: line 2") && !fault.to_string().contains("oops"), "{fault}");
    let cut = gzip(profile().to_string().as_bytes());
    let cut = folder.write("b.json.gz", &cut[..cut.len() - 9]);
    assert!(matches!(read(&[&cut]), Err(TelemetryError::Unreadable { .. })));
    assert!(matches!(read(&[&folder.path("none.json")]), Err(TelemetryError::Unreadable { byte: 0, .. })));
    let zip = folder.write("c.zip", b"PK\x03\x04....");
    assert!(matches!(read(&[&zip]), Err(TelemetryError::Container { .. })));
}
