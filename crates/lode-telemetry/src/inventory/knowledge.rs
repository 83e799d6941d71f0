//! Knowledge bases, their data sources and ingestion jobs, agents, guardrails.

use std::collections::BTreeSet;
use std::sync::Arc;

use lode_model::{
    Agent, Chunking, DataSource, Guardrail, GuardrailPolicy, IngestionJob, IngestionStatistics, Inventory,
    KnowledgeBase, KnowledgeBaseList,
};
use serde_json::Value;

use super::cli::{Place, count, flag, name, text, time, whole};
use super::{list, single};

/// Takes what a document lists of these; says whether it is one of their forms.
pub(super) fn see(document: &Value, place: &Place, all: &mut Inventory) -> bool {
    let of = |key: &str| document.get(key);
    // Lists of ids: what they list is looked up one by one.
    let mut any = of("dataSourceSummaries").is_some_and(Value::is_array);
    if let Some(entries) = of("knowledgeBaseSummaries").and_then(Value::as_array) {
        any = true;
        // Of use where it is known whose knowledge bases these are: what is not among them is not there.
        all.setup.knowledge_base_lists.extend(place.account.clone().zip(place.region.clone()).map(
            |(account, region)| {
                let ids = entries.iter().filter_map(|entry| text(entry, "knowledgeBaseId")).collect();
                KnowledgeBaseList { account, region, ids }
            },
        ));
    }
    any |= single(of("knowledgeBase").and_then(knowledge_base), &mut all.knowledge_bases);
    any |= single(of("dataSource").and_then(data_source), &mut all.data_sources);
    any |= list(document, "ingestionJobSummaries", &mut all.setup.ingestion_jobs, ingestion_job);
    any |= single(of("ingestionJob").and_then(ingestion_job), &mut all.setup.ingestion_jobs);
    any |= list(document, "agentSummaries", &mut all.setup.agents, agent);
    any |= single(of("agent").and_then(agent), &mut all.setup.agents);
    any |= list(document, "guardrails", &mut all.setup.guardrails, listed_guardrail);
    any | single(guardrail(document), &mut all.setup.guardrails)
}

fn knowledge_base(object: &Value) -> Option<KnowledgeBase> {
    let vector = object.get("knowledgeBaseConfiguration").and_then(|it| it.get("vectorKnowledgeBaseConfiguration"));
    let embedding = vector.and_then(|vector| vector.get("embeddingModelConfiguration"));
    let embedding = embedding.and_then(|embedding| embedding.get("bedrockEmbeddingModelConfiguration"));
    let storage = object.get("storageConfiguration");
    let serverless = storage.and_then(|storage| storage.get("opensearchServerlessConfiguration"));
    Some(KnowledgeBase {
        id: text(object, "knowledgeBaseId")?,
        arn: text(object, "knowledgeBaseArn"),
        name: name(object, "name"),
        embedding_model: vector.and_then(|vector| text(vector, "embeddingModelArn")),
        dimensions: embedding.and_then(|embedding| count(embedding, "dimensions")),
        storage: storage.and_then(|storage| text(storage, "type")),
        collection: serverless.and_then(|serverless| text(serverless, "collectionArn")),
        stores: stores(&[storage, object.get("knowledgeBaseConfiguration")]),
    })
}

/// ARNs of the stores that other services bill, wherever they stand: each storage type has a key of its own.
fn stores(configurations: &[Option<&Value>]) -> Vec<Arc<str>> {
    const SERVICES: [&str; 5] = ["rds", "s3vectors", "neptune-graph", "es", "kendra"];
    let mut found = Vec::new();
    let mut left: Vec<&Value> = configurations.iter().copied().flatten().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::String(arn) if arn.split(':').nth(2).is_some_and(|service| SERVICES.contains(&service)) => {
                found.push(Arc::from(arn.as_str()));
            }
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

fn data_source(object: &Value) -> Option<DataSource> {
    let chunking = object.get("vectorIngestionConfiguration").and_then(|it| it.get("chunkingConfiguration"));
    Some(DataSource {
        id: text(object, "dataSourceId")?,
        knowledge_base: name(object, "knowledgeBaseId"),
        name: name(object, "name"),
        chunking: chunking.map_or(Chunking::Default, chunking_of),
    })
}

/// A strategy without its figures is kept by its word alone.
fn chunking_of(object: &Value) -> Chunking {
    let word = name(object, "chunkingStrategy");
    let read = match word.as_ref() {
        "NONE" => Some(Chunking::None),
        "FIXED_SIZE" => object.get("fixedSizeChunkingConfiguration").and_then(|fixed| {
            let overlap_percent = count(fixed, "overlapPercentage")?;
            Some(Chunking::Fixed { max_tokens: count(fixed, "maxTokens")?, overlap_percent })
        }),
        "HIERARCHICAL" => object.get("hierarchicalChunkingConfiguration").and_then(|levels| {
            let level = |at: usize| count(levels.get("levelConfigurations")?.get(at)?, "maxTokens");
            Some(Chunking::Hierarchical {
                parent_tokens: level(0)?,
                child_tokens: level(1)?,
                overlap_tokens: count(levels, "overlapTokens")?,
            })
        }),
        "SEMANTIC" => object
            .get("semanticChunkingConfiguration")
            .and_then(|semantic| Some(Chunking::Semantic { max_tokens: count(semantic, "maxTokens")? })),
        "" => Some(Chunking::Default),
        _ => None,
    };
    read.unwrap_or(Chunking::Other(word))
}

fn ingestion_job(object: &Value) -> Option<IngestionJob> {
    let figures = object.get("statistics").filter(|figures| figures.is_object());
    let statistics = figures.map(|figures| {
        let documents = |field: &str| whole(figures, field).unwrap_or_default();
        IngestionStatistics {
            scanned: documents("numberOfDocumentsScanned"),
            metadata_scanned: documents("numberOfMetadataDocumentsScanned"),
            new: documents("numberOfNewDocumentsIndexed"),
            modified: documents("numberOfModifiedDocumentsIndexed"),
            metadata_modified: documents("numberOfMetadataDocumentsModified"),
            deleted: documents("numberOfDocumentsDeleted"),
            failed: documents("numberOfDocumentsFailed"),
            skipped: documents("numberOfDocumentsSkipped"),
        }
    });
    Some(IngestionJob {
        knowledge_base: name(object, "knowledgeBaseId"),
        data_source: name(object, "dataSourceId"),
        id: text(object, "ingestionJobId")?,
        updated: time(object, "updatedAt"),
        status: name(object, "status"),
        started: time(object, "startedAt"),
        statistics,
    })
}

fn agent(object: &Value) -> Option<Agent> {
    let guardrail = object.get("guardrailConfiguration");
    Some(Agent {
        id: text(object, "agentId")?,
        updated: time(object, "updatedAt"),
        status: name(object, "agentStatus"),
        arn: text(object, "agentArn"),
        name: name(object, "agentName"),
        foundation_model: text(object, "foundationModel"),
        role: text(object, "agentResourceRoleArn"),
        guardrail: guardrail.and_then(|guardrail| text(guardrail, "guardrailIdentifier")),
    })
}

/// An entry of the list, which does not say what is configured.
fn listed_guardrail(object: &Value) -> Option<Guardrail> {
    Some(Guardrail {
        id: text(object, "id")?,
        version: name(object, "version"),
        updated: time(object, "updatedAt"),
        status: name(object, "status"),
        arn: text(object, "arn"),
        name: name(object, "name"),
        policies: None,
        reasoning_policies: 0,
        entities: None,
        acting: None,
    })
}

/// The answer of `get-guardrail`. A trace names a guardrail too, but no status.
fn guardrail(object: &Value) -> Option<Guardrail> {
    let reasoning = object.get("automatedReasoningPolicy").and_then(|policy| policy.get("policies"));
    Some(Guardrail {
        id: text(object, "guardrailId")?,
        status: text(object, "status")?,
        version: name(object, "version"),
        updated: time(object, "updatedAt"),
        arn: text(object, "guardrailArn"),
        name: name(object, "name"),
        policies: Some(policies(object)),
        reasoning_policies: reasoning
            .and_then(Value::as_array)
            .map_or(0, |policies| u32::try_from(policies.len()).unwrap_or(u32::MAX)),
        entities: Some(entities(object)),
        acting: Some(acting(object)),
    })
}

/// Where the entries of each policy stand.
const PARTS: [(GuardrailPolicy, &str, &[&str]); 6] = [
    (GuardrailPolicy::Content, "contentPolicy", &["filters"]),
    (GuardrailPolicy::Topic, "topicPolicy", &["topics"]),
    (GuardrailPolicy::Word, "wordPolicy", &["words", "managedWordLists"]),
    (GuardrailPolicy::SensitiveEntities, "sensitiveInformationPolicy", &["piiEntities"]),
    (GuardrailPolicy::SensitiveRegexes, "sensitiveInformationPolicy", &["regexes"]),
    (GuardrailPolicy::Grounding, "contextualGroundingPolicy", &["filters"]),
];

fn entries<'a>(object: &'a Value, policy: &str, list: &str) -> impl Iterator<Item = &'a Value> {
    let entries = object.get(policy).and_then(|it| it.get(list)).and_then(Value::as_array);
    entries.into_iter().flatten()
}

/// The policies that evaluate something.
fn policies(object: &Value) -> BTreeSet<GuardrailPolicy> {
    use GuardrailPolicy as Policy;
    let mut found: BTreeSet<Policy> = PARTS
        .iter()
        .filter(|(_, policy, lists)| lists.iter().flat_map(|list| entries(object, policy, list)).any(evaluates))
        .map(|(policy, ..)| *policy)
        .collect();
    let images = |filter: &&Value| {
        let modalities = ["inputModalities", "outputModalities"].iter().filter_map(|key| filter.get(key)?.as_array());
        modalities.flatten().any(|modality| modality.as_str() == Some("IMAGE"))
    };
    let mut filters = entries(object, "contentPolicy", "filters").filter(|filter| evaluates(filter));
    if filters.any(|filter| images(&filter)) {
        found.insert(Policy::ContentImages);
    }
    let reasoning = object.get("automatedReasoningPolicy").and_then(|policy| policy.get("policies"));
    if reasoning.and_then(Value::as_array).is_some_and(|policies| !policies.is_empty()) {
        found.insert(Policy::Reasoning);
    }
    found
}

/// Kinds of sensitive information that are switched on, of AWS' list.
fn entities(object: &Value) -> BTreeSet<Arc<str>> {
    let entries = object.get("sensitiveInformationPolicy").and_then(|policy| policy.get("piiEntities"));
    let entries = entries.and_then(Value::as_array).into_iter().flatten();
    entries.filter(|entry| evaluates(entry)).filter_map(|entry| text(entry, "type")).collect()
}

/// The policies of which every entry that is switched on acts on what it finds.
fn acting(object: &Value) -> BTreeSet<GuardrailPolicy> {
    let all = policies(object);
    let act = |policy: &str, lists: &[&str]| {
        lists.iter().flat_map(|list| entries(object, policy, list)).filter(|entry| evaluates(entry)).all(acts)
    };
    let acting = PARTS.iter().filter(|(policy, name, lists)| all.contains(policy) && act(name, lists));
    acting.map(|(policy, ..)| *policy).collect()
}

/// Whether an entry blocks or masks what it finds, on each side that is switched on. A side may have an action of its own
/// (AWS API model, get-guardrail, copy of 2026-10).
fn acts(entry: &Value) -> bool {
    let word = |field: &str| entry.get(field).and_then(Value::as_str);
    [("inputEnabled", "inputStrength", "inputAction"), ("outputEnabled", "outputStrength", "outputAction")].iter().all(
        |(enabled, strength, action)| {
            let is_off = flag(entry, enabled) == Some(false) || word(strength) == Some("NONE");
            is_off || matches!(word(action).or_else(|| word("action")), Some("BLOCK" | "ANONYMIZE"))
        },
    )
}

/// Whether an entry is switched on for either side; what does not say is.
fn evaluates(entry: &Value) -> bool {
    let on = |field: &str| flag(entry, field) != Some(false);
    on("enabled") && (on("inputEnabled") || on("outputEnabled"))
}
