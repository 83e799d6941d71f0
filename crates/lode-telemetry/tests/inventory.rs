//! What the AWS CLI lists, as it prints it.

mod common;
mod spoil;

use std::path::Path;

use common::{Folder, gzip};
use jiff::civil::date;
use lode_model::{Chunking, GuardrailPolicy, Inventory, LoggingConfiguration, Setup, Term};
use lode_telemetry::{InventoryReader, TelemetryError};
use proptest::prelude::*;
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
fn vectors_have_dimensions_and_lists_a_place() {
    let configuration = json!({"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": "arn:e",
        "embeddingModelConfiguration": {"bedrockEmbeddingModelConfiguration": {"dimensions": 512}}}});
    let arn = "arn:aws:bedrock:us-east-1:111111111111:knowledge-base/KB1";
    let all = one(&json!({"knowledgeBase": {"knowledgeBaseId": "KB1", "knowledgeBaseArn": arn,
        "knowledgeBaseConfiguration": configuration}}));
    let [first] = &all.knowledge_bases[..] else { panic!("one") };
    assert_eq!((first.dimensions, first.arn.as_deref()), (Some(512), Some(arn)));
    let listed = json!({"knowledgeBaseSummaries": [{"knowledgeBaseId": "KB2"}, {"knowledgeBaseId": "KB1"}]});
    let lists = setup("111111111111/us-east-1", &listed).knowledge_base_lists;
    let [list] = &lists[..] else { panic!("one list") };
    assert_eq!((list.account.as_str(), list.region.as_str()), ("111111111111", "us-east-1"));
    assert_eq!(list.ids.iter().map(|id| &**id).collect::<Vec<_>>(), ["KB1", "KB2"]);
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
    for text in [
        "{}",
        "[]",
        "7",
        "",
        r#"{"dataSource":{}}"#,
        r#"{"guardrail":{}}"#,
        r#"{"agent":null}"#,
        r#"{"modelArn":"a:b:c:d:e:f"}"#,
    ] {
        let (known, all) = inventory(text);
        assert!(!known && all.is_empty(), "{text}");
    }
    for text in [
        r#"{"provisionedModelSummaries":[]}"#,
        r#"{"knowledgeBaseSummaries":[{"knowledgeBaseId":"KB1"}]}"#,
        r#"{"guardrails":[]}"#,
        r#"{"collectionSummaries":[],"nextToken":"x"}"#,
    ] {
        let (known, all) = inventory(text);
        assert!(known && all.is_empty(), "an empty list and a list of ids are answers: {text}");
    }
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

fn setup(folder: &str, document: &Value) -> Setup {
    let place = Folder::new();
    let mut reader = InventoryReader::new();
    let file = place.write(&format!("in/{folder}/a.json"), document.to_string().as_bytes());
    assert!(reader.read(&file).expect("JSON"));
    reader.finish().setup
}

#[test]
fn guardrails_say_which_policies_evaluate() {
    use GuardrailPolicy::{Content, ContentImages, Grounding, Reasoning, SensitiveRegexes, Word};
    let arn = "arn:aws:bedrock:us-east-1:111111111111:guardrail/g1";
    let listed = json!({"guardrails": [{"id": "g1", "arn": arn, "status": "READY", "name": "safe", "version": "DRAFT",
        "createdAt": "2026-09-01T00:00:00Z", "updatedAt": "2026-09-02T00:00:00Z"}]});
    let looked_up = json!({"name": "safe", "guardrailId": "g1", "guardrailArn": arn, "version": "DRAFT", "status": "READY",
        "contentPolicy": {"filters": [
            {"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH", "inputModalities": ["TEXT", "IMAGE"]}]},
        "topicPolicy": {"topics": [{"name": "off", "inputEnabled": false, "outputEnabled": false}]},
        "wordPolicy": {"words": [], "managedWordLists": [{"type": "PROFANITY", "inputEnabled": false}]},
        "sensitiveInformationPolicy": {"piiEntities": [], "regexes": [{"name": "r", "pattern": "x"}]},
        "contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "threshold": 0.75}]},
        "automatedReasoningPolicy": {"policies": ["arn:p1", "arn:p2"], "confidenceThreshold": 1.0},
        "updatedAt": "2026-09-02T00:00:00Z"});
    let alone = setup("", &listed);
    assert_eq!(alone.guardrails[0].policies, None, "the list does not say");
    let both = setup("", &json!([looked_up, listed]));
    let [guardrail] = &both.guardrails[..] else { panic!("one") };
    assert_eq!(
        (guardrail.id.as_ref(), guardrail.version.as_ref(), guardrail.arn.as_deref()),
        ("g1", "DRAFT", Some(arn))
    );
    let policies: Vec<_> = guardrail.policies.iter().flatten().copied().collect();
    assert_eq!(policies, [Content, ContentImages, Word, SensitiveRegexes, Grounding, Reasoning], "topics are off");
    assert_eq!(guardrail.reasoning_policies, 2);
    assert_eq!(Word.as_str(), "wordPolicy");
    assert_eq!((&alone.guardrails[0].entities, guardrail.entities.iter().flatten().count()), (&None, 0));
}

#[test]
fn a_list_is_whole_once_its_last_page_was_read() {
    let arn = |kind: &str| format!("arn:aws:bedrock:us-east-1:111111111111:{kind}/a/b");
    let page = |kind: &str, token: Value| json!({"modelSummaries": [{"modelArn": arn(kind), "modelName": "m"}], "nextToken": token});
    let deployments = json!({"modelDeploymentSummaries": [{"customModelDeploymentArn": arn("custom-model-deployment")}], "nextToken": "x"});
    let is_cut = |pages: &[&Value], kind: &str| {
        setup("", &json!(pages)).is_cut(kind, &"111111111111".into(), &"us-east-1".into())
    };
    let (first, last, other) =
        (page("custom-model", json!("x")), page("custom-model", json!(null)), page("imported-model", json!(null)));
    assert!(is_cut(&[&first], "custom-model"));
    assert!(is_cut(&[&first, &other], "custom-model"), "the last page of another list");
    assert!(!is_cut(&[&first, &other], "imported-model"));
    assert!(!is_cut(&[&first, &last], "custom-model") && !is_cut(&[&last, &first], "custom-model"), "in any order");
    assert!(is_cut(&[&deployments, &last], "custom-model-deployment"));
    assert!(!is_cut(&[&other], "custom-model"), "what was not listed is not cut");
}

#[test]
fn guardrails_say_which_policies_act_on_what_they_find() {
    use GuardrailPolicy::{Content, Grounding, SensitiveEntities, Topic, Word};
    let acting = |policy: &str, entry: Value| {
        let list = match policy {
            "topicPolicy" => "topics",
            "wordPolicy" => "words",
            "sensitiveInformationPolicy" => "piiEntities",
            _ => "filters",
        };
        let configured = json!({"guardrailId": "g1", "status": "READY", "version": "1", policy: {list: [entry]}});
        let all = setup("", &configured);
        all.guardrails[0].acting.iter().flatten().copied().collect::<Vec<_>>()
    };
    let both = |input: &str, output: &str| json!({"inputAction": input, "outputAction": output});
    assert_eq!(acting("contentPolicy", both("BLOCK", "BLOCK")), [Content]);
    assert_eq!(acting("topicPolicy", both("BLOCK", "NONE")), [], "one side only reports");
    assert_eq!(acting("wordPolicy", both("NONE", "NONE")), []);
    assert_eq!(acting("contentPolicy", json!({"type": "HATE"})), [], "not said");
    let one_side = json!({"inputAction": "BLOCK", "outputAction": "NONE", "outputStrength": "NONE"});
    assert_eq!(acting("contentPolicy", one_side), [Content], "a side that is off need not act");
    let one_side = json!({"inputAction": "BLOCK", "outputEnabled": false});
    assert_eq!((acting("topicPolicy", one_side.clone()), acting("wordPolicy", one_side)), (vec![Topic], vec![Word]));
    assert_eq!(acting("sensitiveInformationPolicy", json!({"action": "ANONYMIZE"})), [SensitiveEntities]);
    assert_eq!(acting("sensitiveInformationPolicy", json!({"action": "BLOCK", "inputAction": "NONE"})), []);
    assert_eq!(acting("contextualGroundingPolicy", json!({"action": "BLOCK"})), [Grounding]);
    assert_eq!(acting("contextualGroundingPolicy", json!({"action": "SOMETHING"})), []);
}

#[test]
fn guardrails_say_which_entities_they_look_for() {
    let all = setup(
        "",
        &json!({"guardrailId": "g1", "status": "READY", "version": "1", "sensitiveInformationPolicy": {"piiEntities": [
            {"type": "EMAIL", "action": "ANONYMIZE"}, {"type": "NAME", "inputEnabled": false},
            {"type": "AGE", "inputEnabled": false, "outputEnabled": false}, {"type": 7}, "PHONE"]}}),
    );
    let entities: Vec<&str> = all.guardrails[0].entities.iter().flatten().map(AsRef::as_ref).collect();
    assert_eq!(entities, ["EMAIL", "NAME"], "an age is looked for on neither side");
}

#[test]
fn ingestion_jobs_and_agents() {
    let job = |status: &str, updated: &str, more: Value| {
        let mut job = json!({"knowledgeBaseId": "KB1", "dataSourceId": "DS1", "ingestionJobId": "J1", "status": status,
            "startedAt": "2026-10-01T00:00:00Z", "updatedAt": updated});
        job.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        job
    };
    let statistics = json!({"statistics": {"numberOfDocumentsScanned": 12, "numberOfNewDocumentsIndexed": "3",
        "numberOfModifiedDocumentsIndexed": 2, "numberOfDocumentsFailed": null}});
    let all = setup(
        "",
        &json!([
            {"ingestionJobSummaries": [job("COMPLETE", "2026-10-01T02:00:00Z", statistics), {}], "nextToken": null},
            {"ingestionJob": job("IN_PROGRESS", "2026-10-01T01:00:00Z", json!({}))},
            {"agentSummaries": [{"agentId": "A1", "agentName": "helper", "agentStatus": "PREPARED",
                "guardrailConfiguration": {"guardrailIdentifier": "g1", "guardrailVersion": "1"}}]},
            {"agent": {"agentId": "A1", "agentName": "helper", "agentArn": "arn:aws:bedrock:us-east-1:111111111111:agent/A1",
                "agentStatus": "PREPARED", "foundationModel": "amazon.nova-pro-v1:0",
                "agentResourceRoleArn": "arn:aws:iam::111111111111:role/helper", "instruction": "private"}}
        ]),
    );
    let [job] = &all.ingestion_jobs[..] else { panic!("one") };
    assert_eq!(
        (job.status.as_ref(), job.knowledge_base.as_ref(), job.data_source.as_ref()),
        ("COMPLETE", "KB1", "DS1")
    );
    let figures = job.statistics.expect("statistics");
    assert_eq!((figures.scanned, figures.new, figures.modified, figures.failed), (12, 3, 2, 0));
    let [agent] = &all.agents[..] else { panic!("one") };
    assert_eq!(agent.foundation_model.as_deref(), Some("amazon.nova-pro-v1:0"));
    assert_eq!(agent.role.as_deref(), Some("arn:aws:iam::111111111111:role/helper"));
    assert_eq!(agent.guardrail.as_deref(), Some("g1"));
    assert!(!format!("{all:?}").contains("private"), "instructions are text of people");
}

#[test]
fn models_routers_and_batch_jobs() {
    let custom = "arn:aws:bedrock:us-east-1:111111111111:custom-model/amazon.nova-lite-v1:0/c1";
    let imported = "arn:aws:bedrock:us-east-1:111111111111:imported-model/i1";
    let deployment = "arn:aws:bedrock:us-east-1:111111111111:custom-model-deployment/d1";
    let all = setup(
        "",
        &json!([
            {"modelSummaries": [{"modelArn": custom, "modelName": "tuned", "customizationType": "FINE_TUNING",
                "baseModelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
                "creationTime": 1_790_812_800.25}]},
            {"modelSummaries": [{"modelArn": imported, "modelName": "own", "modelArchitecture": "llama"}]},
            {"modelSummaries": [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/a", "modelId": "a"}]},
            {"modelDeploymentSummaries": [{"customModelDeploymentArn": deployment, "customModelDeploymentName": "d",
                "modelArn": custom, "status": "Active"}]},
            {"customModelDeploymentArn": deployment, "modelDeploymentName": "d", "modelArn": custom, "status": "Active"},
            {"promptRouterSummaries": [{"promptRouterArn": "arn:r", "promptRouterName": "r", "type": "custom",
                "status": "AVAILABLE", "models": [{"modelArn": "arn:m1"}, {"modelArn": "arn:m2"}],
                "fallbackModel": {"modelArn": "arn:m1"}}]},
            {"invocationJobSummaries": [{"jobArn": "arn:aws:bedrock:us-east-1:111111111111:model-invocation-job/j1",
                "jobName": "nightly", "modelId": "amazon.nova-lite-v1:0", "status": "Completed",
                "submitTime": "2026-10-01T00:00:00Z", "endTime": "2026-10-01T05:00:00Z", "timeoutDurationInHours": 24,
                "totalRecordCount": 1000, "processedRecordCount": 1000, "successRecordCount": 990, "errorRecordCount": 10,
                "modelInvocationType": "Converse"}]},
            {"jobArn": "arn:aws:bedrock:us-east-1:111111111111:model-customization-job/x", "status": "Completed"}
        ]),
    );
    let [model] = &all.custom_models[..] else { panic!("one: {:?}", all.custom_models) };
    assert_eq!((model.arn.as_ref(), model.customization.as_deref()), (custom, Some("FINE_TUNING")));
    assert_eq!(model.created.map(|time| time.as_second()), Some(1_790_812_800));
    assert_eq!((all.imported_models.len(), all.imported_models[0].architecture.as_deref()), (1, Some("llama")));
    assert_eq!((all.deployments.len(), all.deployments[0].model.as_deref()), (1, Some(custom)));
    assert_eq!((all.routers[0].models.len(), all.routers[0].fallback.as_deref()), (2, Some("arn:m1")));
    let [job] = &all.batch_jobs[..] else { panic!("one") };
    assert_eq!(
        (job.records, job.succeeded, job.failed, job.timeout_hours),
        (Some(1000), Some(990), Some(10), Some(24))
    );
    assert_eq!((job.status.as_ref(), job.invocation.as_deref()), ("Completed", Some("Converse")));
}

#[test]
fn collection_groups_and_limits() {
    let group = json!({"id": "g", "arn": "arn:g", "name": "shared", "generation": "NEXTGEN", "numberOfCollections": 2,
        "capacityLimits": {"minIndexingCapacityInOCU": 0.0, "maxIndexingCapacityInOCU": 4.0, "minSearchCapacityInOCU": 0.5}});
    let mut details = group.clone();
    details["standbyReplicas"] = json!("ENABLED");
    let all = setup(
        "222222222222/eu-west-1/inventory",
        &json!([{"collectionGroupSummaries": [group]}, {"collectionGroupDetails": [details]},
            {"accountSettingsDetail": {"capacityLimits": {"maxIndexingCapacityInOCU": 2, "maxSearchCapacityInOCU": "10"}}}]),
    );
    let [group] = &all.collection_groups[..] else { panic!("one") };
    assert_eq!((group.generation.as_deref(), group.standby, group.collections), (Some("NEXTGEN"), Some(true), Some(2)));
    let limits = group.limits;
    assert_eq!(
        (limits.min_indexing, limits.max_indexing, limits.min_search, limits.max_search),
        (Some(0), Some(4000), Some(500), None)
    );
    let [own] = &all.capacity[..] else { panic!("one") };
    assert_eq!(own.account.as_ref().map(|it| it.as_str()), Some("222222222222"));
    assert_eq!((own.limits.max_indexing, own.limits.max_search), (Some(2000), Some(10_000)));
    let grouped =
        one(&json!({"collectionDetails": [{"arn": "arn:c", "collectionGroupName": "shared", "status": "ACTIVE"}]}));
    assert_eq!(
        (grouped.collections[0].group.as_deref(), grouped.collections[0].status.as_ref()),
        (Some("shared"), "ACTIVE")
    );
}

#[test]
fn whether_calls_are_logged() {
    let config = json!({"loggingConfig": {"s3Config": {"bucketName": "logs", "keyPrefix": "bedrock"},
        "textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": false}});
    let all = setup("111111111111/us-east-1/inventory", &config);
    let [logging] = &all.logging[..] else { panic!("one") };
    assert!(logging.is_on());
    assert_eq!(
        (logging.bucket.as_deref(), logging.prefix.as_ref(), logging.log_group.as_deref()),
        (Some("logs"), "bedrock", None)
    );
    assert_eq!((logging.text, logging.images, logging.audio), (Some(true), Some(false), None));
    assert_eq!(logging.region.as_ref().map(|it| it.as_str()), Some("us-east-1"));
    let off = setup("", &json!({"loggingConfig": {}}));
    assert_eq!(off.logging, [LoggingConfiguration::default()], "asked, and nothing is logged");
    assert!(!off.logging[0].is_on());
}

/// Documents of every form, to be spoiled.
fn samples() -> Vec<Value> {
    vec![
        profile(),
        json!({"guardrails": [{"id": "g", "updatedAt": 1.5}]}),
        json!({"guardrailId": "g", "status": "READY", "contentPolicy": {"filters": [{"inputModalities": ["IMAGE"]}]}}),
        json!({"ingestionJob": {"ingestionJobId": "j", "statistics": {"numberOfDocumentsScanned": 1}}}),
        json!({"agent": {"agentId": "a", "updatedAt": "2026-10-01T00:00:00Z"}}),
        json!({"modelSummaries": [{"modelArn": "arn:aws:bedrock:r:a:custom-model/x"}]}),
        json!({"jobArn": "arn:aws:bedrock:r:a:model-invocation-job/j", "totalRecordCount": 1}),
        json!({"collectionGroupDetails": [{"arn": "arn:g", "capacityLimits": {"maxSearchCapacityInOCU": 0.5}}]}),
        json!({"loggingConfig": {"cloudWatchConfig": {"largeDataDeliveryS3Config": {}}}}),
        json!({"provisionedModelArn": "arn:aws:bedrock:r:a:p", "commitmentExpirationTime": 1e30}),
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_order_does_not_matter(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), spoil::leaf()), 1..6),
    ) {
        let folder = Folder::new();
        let samples = samples();
        let files: Vec<_> = picks
            .iter()
            .enumerate()
            .map(|(n, (sample, at, leaf))| {
                let mut document = sample.get(&samples).clone();
                spoil::spoil(&mut document, *at, leaf);
                folder.write(&format!("{n}.json"), document.to_string().as_bytes())
            })
            .collect();
        let all = |files: &mut dyn Iterator<Item = &std::path::PathBuf>| {
            let mut reader = InventoryReader::new();
            files.for_each(|file| { let _ = reader.read(file); });
            reader.finish()
        };
        prop_assert_eq!(all(&mut files.iter()), all(&mut files.iter().rev()));
    }
}
