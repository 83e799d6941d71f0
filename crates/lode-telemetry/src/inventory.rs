//! What the read-only AWS CLI lists: inference profiles, Provisioned Throughput, knowledge bases, data sources,
//! OpenSearch Serverless collections.
//!
//! Shapes: AWS API models (boto/botocore, 2026-08-07). Fields may be absent; what an entry cannot do without is its
//! id or ARN.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lode_model::{
    AccountId, Chunking, Collection, DataSource, InferenceProfile, Inventory, KnowledgeBase, ProvisionedThroughput,
    Region, Term,
};
use serde_json::Value;

use crate::TelemetryError;
use crate::documents::documents;
use crate::source;

/// Reads what the AWS CLI listed. The order of files does not matter; what is listed twice is listed once.
#[derive(Debug, Default)]
pub struct InventoryReader {
    inventory: Inventory,
}

impl InventoryReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file, plain or gzip: the output of one command or of several, one after the other or in an array.
    /// Says whether something was recognised. Lists of ids alone (`list-knowledge-bases`, `list-data-sources`,
    /// `list-collections`) say nothing that is used, and are not.
    ///
    /// # Errors
    /// When the file cannot be read or is not JSON. What was read before stays.
    pub fn read(&mut self, file: &Path) -> Result<bool, TelemetryError> {
        let bytes = source::read_all(file)?;
        let mut new = Inventory::default();
        let mut any = false;
        let read = documents(&bytes, |_, document| {
            any |= see(&document, &mut new);
            Ok::<(), TelemetryError>(())
        })?;
        if let Err(fault) = read {
            let (file, found) = (file.to_path_buf(), fault.what);
            return Err(TelemetryError::NotJson { file, line: fault.line, byte: fault.byte, found });
        }
        let all = &mut self.inventory;
        all.profiles.append(&mut new.profiles);
        all.provisioned.append(&mut new.provisioned);
        all.knowledge_bases.append(&mut new.knowledge_bases);
        all.data_sources.append(&mut new.data_sources);
        all.collections.append(&mut new.collections);
        Ok(any)
    }

    /// Everything listed, each kind in order and without repeats.
    #[must_use]
    pub fn finish(self) -> Inventory {
        self.inventory.sorted()
    }
}

/// Takes what a document lists; says whether it is a form that is known.
fn see(document: &Value, all: &mut Inventory) -> bool {
    if let Value::Array(documents) = document {
        return documents.iter().fold(false, |any, document| see(document, all) | any);
    }
    let mut any = false;
    if let Some(list) = document.get("inferenceProfileSummaries").and_then(Value::as_array) {
        any = true;
        all.profiles.extend(list.iter().filter_map(profile));
    } else if let Some(profile) = profile(document) {
        any = true;
        all.profiles.push(profile);
    }
    if let Some(list) = document.get("provisionedModelSummaries").and_then(Value::as_array) {
        any = true;
        all.provisioned.extend(list.iter().filter_map(provisioned));
    } else if let Some(provisioned) = provisioned(document) {
        any = true;
        all.provisioned.push(provisioned);
    }
    if let Some(base) = document.get("knowledgeBase").and_then(knowledge_base) {
        any = true;
        all.knowledge_bases.push(base);
    }
    if let Some(source) = document.get("dataSource").and_then(data_source) {
        any = true;
        all.data_sources.push(source);
    }
    if let Some(list) = document.get("collectionDetails").and_then(Value::as_array) {
        any = true;
        all.collections.extend(list.iter().filter_map(collection));
    }
    any
}

fn text(object: &Value, field: &str) -> Option<Arc<str>> {
    object.get(field)?.as_str().filter(|text| !text.is_empty()).map(Arc::from)
}

fn name(object: &Value, field: &str) -> Arc<str> {
    text(object, field).unwrap_or_default()
}

fn count(object: &Value, field: &str) -> Option<u32> {
    u32::try_from(object.get(field)?.as_u64()?).ok()
}

/// Region, account and resource of an ARN.
fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn profile(object: &Value) -> Option<InferenceProfile> {
    let arn = text(object, "inferenceProfileArn")?;
    let (_, _, id) = parts(&arn)?;
    let models = object.get("models").and_then(Value::as_array);
    let models = models.into_iter().flatten().filter_map(|model| text(model, "modelArn")).collect();
    Some(InferenceProfile { id: id.into(), name: name(object, "inferenceProfileName"), models })
}

fn provisioned(object: &Value) -> Option<ProvisionedThroughput> {
    let arn = text(object, "provisionedModelArn")?;
    let (region, account, id) = parts(&arn)?;
    let term = object.get("commitmentDuration").and_then(Value::as_str).and_then(|word| match word {
        "OneMonth" => Some(Term::OneMonth),
        "SixMonths" => Some(Term::SixMonths),
        _ => None,
    });
    Some(ProvisionedThroughput {
        id: id.into(),
        account: AccountId::from(account),
        region: Region::from(region),
        name: name(object, "provisionedModelName"),
        foundation_model: text(object, "foundationModelArn").unwrap_or_else(|| name(object, "modelArn")),
        units: count(object, "modelUnits").unwrap_or_default(),
        status: name(object, "status"),
        term,
        term_ends: object.get("commitmentExpirationTime").and_then(day),
    })
}

/// The UTC day of a time: ISO 8601, or seconds since 1970 as the AWS CLI 1 prints them.
fn day(time: &Value) -> Option<Date> {
    let moment = match time {
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(moment) => moment,
            Err(_) => return text.parse().ok(),
        },
        Value::Number(seconds) => {
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds are wanted; Timestamp checks the range")]
            let whole = seconds.as_f64()?.floor() as i64;
            Timestamp::from_second(whole).ok()?
        }
        _ => return None,
    };
    Some(TimeZone::UTC.to_datetime(moment).date())
}

fn knowledge_base(object: &Value) -> Option<KnowledgeBase> {
    let vector = object.get("knowledgeBaseConfiguration").and_then(|it| it.get("vectorKnowledgeBaseConfiguration"));
    let storage = object.get("storageConfiguration");
    let serverless = storage.and_then(|storage| storage.get("opensearchServerlessConfiguration"));
    Some(KnowledgeBase {
        id: text(object, "knowledgeBaseId")?,
        name: name(object, "name"),
        embedding_model: vector.and_then(|vector| text(vector, "embeddingModelArn")),
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

fn collection(object: &Value) -> Option<Collection> {
    let standby = object.get("standbyReplicas").and_then(Value::as_str).and_then(|word| match word {
        "ENABLED" => Some(true),
        "DISABLED" => Some(false),
        _ => None,
    });
    Some(Collection { arn: text(object, "arn")?, name: name(object, "name"), kind: name(object, "type"), standby })
}
