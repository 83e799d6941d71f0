//! What the AWS command line prints about the estate's configuration (API models of 2026-08).

use serde_json::{Value, json};

use crate::Estate;
use crate::apps::{ALL, PAYER, Part, REGION, UNITS, position};
use crate::guardrails;
use crate::habits::HabitId;
use crate::prices::{NOVA, OPUS};
use crate::record::through;

/// Path and content of each file.
pub(crate) fn files(estate: &Estate) -> Vec<(&'static str, Value)> {
    let units: Vec<Value> = UNITS.iter().filter_map(|units| unit(estate, units.role)).collect();
    vec![
        ("inventory/list-provisioned-model-throughputs.json", json!({"provisionedModelSummaries": units})),
        ("inventory/list-inference-profiles.json", json!({"inferenceProfileSummaries": profiles()})),
        ("inventory/get-knowledge-base.json", knowledge_base()),
        ("inventory/get-data-source.json", data_source()),
        ("inventory/batch-get-collection.json", collection()),
        ("inventory/get-guardrail.json", guardrails::inventory(estate)),
    ]
}

fn unit(estate: &Estate, role: &str) -> Option<Value> {
    let app = ALL.get(position(role)?)?;
    if app.part == Part::Has(HabitId::IdleUnits) && !estate.options.habits.has(HabitId::IdleUnits) {
        return None;
    }
    let (arn, model) = (through(app)?, format!("arn:aws:bedrock:{REGION}::foundation-model/{}", NOVA.id));
    Some(json!({
        "creationTime": "2026-09-28T08:55:00+00:00",
        "desiredModelArn": model,
        "desiredModelUnits": 1,
        "foundationModelArn": model,
        "lastModifiedTime": "2026-10-28T12:00:00+00:00",
        "modelArn": model,
        "modelUnits": 1,
        "provisionedModelArn": arn,
        "provisionedModelName": app.role,
        "status": "InService",
    }))
}

/// Every application profile is made from the global system profile of its model.
fn profiles() -> Vec<Value> {
    let applications = ALL.iter().filter(|app| app.through.is_some_and(|path| path.starts_with("application-")));
    let profile = |app: &crate::apps::App| {
        Some(json!({
            "createdAt": "2026-09-29T09:00:00+00:00",
            "description": "",
            "inferenceProfileArn": through(app)?,
            "inferenceProfileId": app.through?.rsplit('/').next()?,
            "inferenceProfileName": app.role,
            "models": [
                {"modelArn": format!("arn:aws:bedrock:{REGION}::foundation-model/{}", OPUS.id)},
                {"modelArn": format!("arn:aws:bedrock:::foundation-model/{}", OPUS.id)},
            ],
            "status": "ACTIVE",
            "type": "APPLICATION",
            "updatedAt": "2026-09-29T09:00:00+00:00",
        }))
    };
    applications.filter_map(profile).collect()
}

fn knowledge_base() -> Value {
    json!({"knowledgeBase": {
        "createdAt": "2026-09-01T09:00:00+00:00",
        "knowledgeBaseArn": format!("arn:aws:bedrock:{REGION}:{PAYER}:knowledge-base/KB00000001"),
        "knowledgeBaseConfiguration": {
            "type": "VECTOR",
            "vectorKnowledgeBaseConfiguration": {
                "embeddingModelArn": format!("arn:aws:bedrock:{REGION}::foundation-model/amazon.titan-embed-text-v2:0"),
            },
        },
        "knowledgeBaseId": "KB00000001",
        "name": "handbook",
        "roleArn": format!("arn:aws:iam::{PAYER}:role/kb-service"),
        "status": "ACTIVE",
        "storageConfiguration": {
            "opensearchServerlessConfiguration": {
                "collectionArn": format!("arn:aws:aoss:{REGION}:{PAYER}:collection/kb0vectors"),
                "fieldMapping": {"metadataField": "metadata", "textField": "text", "vectorField": "vector"},
                "vectorIndexName": "handbook",
            },
            "type": "OPENSEARCH_SERVERLESS",
        },
        "updatedAt": "2026-09-01T09:00:00+00:00",
    }})
}

fn data_source() -> Value {
    json!({"dataSource": {
        "createdAt": "2026-09-01T09:05:00+00:00",
        "dataDeletionPolicy": "DELETE",
        "dataSourceConfiguration": {
            "s3Configuration": {"bucketArn": "arn:aws:s3:::example-handbook"},
            "type": "S3",
        },
        "dataSourceId": "DS00000001",
        "knowledgeBaseId": "KB00000001",
        "name": "handbook-files",
        "status": "AVAILABLE",
        "updatedAt": "2026-09-01T09:05:00+00:00",
        "vectorIngestionConfiguration": {"chunkingConfiguration": {
            "chunkingStrategy": "FIXED_SIZE",
            "fixedSizeChunkingConfiguration": {"maxTokens": 300, "overlapPercentage": 20},
        }},
    }})
}

fn collection() -> Value {
    json!({"collectionDetails": [{
        "arn": format!("arn:aws:aoss:{REGION}:{PAYER}:collection/kb0vectors"),
        "createdDate": 1_788_253_200_000_i64,
        "id": "kb0vectors",
        "kmsKeyArn": "auto",
        "name": "handbook",
        "standbyReplicas": "ENABLED",
        "status": "ACTIVE",
        "type": "VECTORSEARCH",
    }], "collectionErrorDetails": []})
}
