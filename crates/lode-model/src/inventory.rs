//! What a customer has set up, as the read-only AWS CLI lists it: it resolves opaque names in logs and bills, and
//! tells what no bill does (chunk sizes, commitment ends).

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::{AccountId, Region, Term};

mod setup;

pub use setup::{
    Agent, BatchJob, CapacityLimits, CapacitySettings, CollectionGroup, CustomModel, CustomModelDeployment, Guardrail,
    GuardrailPolicy, ImportedModel, IngestionJob, IngestionStatistics, KnowledgeBaseList, LoggingConfiguration,
    PromptRouter, Setup,
};

/// An inference profile (`aws bedrock list-inference-profiles`, `get-inference-profile`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InferenceProfile {
    /// `application-inference-profile/<id>` or `inference-profile/<id>`.
    pub id: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// What it calls: ARNs of foundation models or of the system-defined profile it was made from.
    pub models: Vec<Arc<str>>,
}

/// Provisioned Throughput (`aws bedrock list-provisioned-model-throughputs`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvisionedThroughput {
    /// `provisioned-model/<id>`.
    pub id: Arc<str>,
    /// Account, from its ARN.
    pub account: AccountId,
    /// Region, from its ARN.
    pub region: Region,
    /// Name given.
    pub name: Arc<str>,
    /// ARN of the foundation model beneath.
    pub foundation_model: Arc<str>,
    /// Model units.
    pub units: u32,
    /// Status, in AWS' word: `InService`, …
    pub status: Arc<str>,
    /// Commitment; `None` where it has none or does not say.
    pub term: Option<Term>,
    /// Day the commitment ends.
    pub term_ends: Option<Date>,
}

/// How a data source is cut into chunks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chunking {
    /// No configuration: about 300 tokens, sentences kept whole (AWS User Guide, kb-chunking, copy of 2026-10).
    Default,
    /// Fixed size.
    Fixed {
        /// Tokens a chunk.
        max_tokens: u32,
        /// Overlap, per cent.
        overlap_percent: u32,
    },
    /// Children are searched, parents returned.
    Hierarchical {
        /// Tokens of a parent.
        parent_tokens: u32,
        /// Tokens of a child.
        child_tokens: u32,
        /// Overlap, tokens.
        overlap_tokens: u32,
    },
    /// Cut where the meaning changes.
    Semantic {
        /// Most tokens a chunk.
        max_tokens: u32,
    },
    /// One file, one chunk.
    None,
    /// A strategy this version does not know, by AWS' word.
    Other(Arc<str>),
}

/// A data source (`aws bedrock-agent get-data-source`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataSource {
    /// Id.
    pub id: Arc<str>,
    /// Id of its knowledge base.
    pub knowledge_base: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// Chunking.
    pub chunking: Chunking,
}

/// A knowledge base (`aws bedrock-agent get-knowledge-base`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnowledgeBase {
    /// Id.
    pub id: Arc<str>,
    /// ARN, where it says.
    pub arn: Option<Arc<str>>,
    /// Name given.
    pub name: Arc<str>,
    /// ARN of the embedding model.
    pub embedding_model: Option<Arc<str>>,
    /// Dimensions of its vectors, where it says; else the model's own.
    pub dimensions: Option<u32>,
    /// Storage type, in AWS' word: `OPENSEARCH_SERVERLESS`, `S3_VECTORS`, …
    pub storage: Option<Arc<str>>,
    /// ARN of the OpenSearch Serverless collection.
    pub collection: Option<Arc<str>>,
    /// ARNs of other stores: an Aurora cluster, a vector bucket or index, a graph, a search domain, a Kendra index.
    pub stores: Vec<Arc<str>>,
}

/// An OpenSearch Serverless collection (`aws opensearchserverless batch-get-collection`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collection {
    /// ARN.
    pub arn: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// Type, in AWS' word: `VECTORSEARCH`, …
    pub kind: Arc<str>,
    /// Whether standby replicas are on, where it says.
    pub standby: Option<bool>,
    /// Status, in AWS' word: `ACTIVE`, …; empty where it does not say.
    pub status: Arc<str>,
    /// Name of its collection group, where it is in one: capacity is then the group's, not the account's.
    pub group: Option<Arc<str>>,
}

/// Everything listed, each kind in order and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Inference profiles.
    pub profiles: Vec<InferenceProfile>,
    /// Provisioned Throughput.
    pub provisioned: Vec<ProvisionedThroughput>,
    /// Knowledge bases.
    pub knowledge_bases: Vec<KnowledgeBase>,
    /// Data sources.
    pub data_sources: Vec<DataSource>,
    /// Vector collections.
    pub collections: Vec<Collection>,
    /// What else is set up.
    pub setup: Setup,
}

fn tidy<T: Ord>(items: &mut Vec<T>) {
    items.sort();
    items.dedup();
}

impl Inventory {
    /// Sorts each kind and drops repeats, so that pages and order of files do not matter.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        tidy(&mut self.profiles);
        tidy(&mut self.provisioned);
        tidy(&mut self.knowledge_bases);
        tidy(&mut self.data_sources);
        tidy(&mut self.collections);
        self.setup = self.setup.sorted();
        self
    }

    /// What bills call the stores of knowledge bases that other services bill: their ARNs, and the names at the end.
    #[must_use]
    pub fn store_ids(&self) -> BTreeSet<String> {
        let arns = self.knowledge_bases.iter().flat_map(|knowledge_base| &knowledge_base.stores);
        arns.flat_map(|arn| {
            // `arn:aws:s3vectors:<region>:<account>:bucket/<name>/index/<index>`: the bucket is billed.
            let bucket = arn.split_once("/index/").map_or(&**arn, |(bucket, _)| bucket);
            let name = bucket.rsplit([':', '/']).next().unwrap_or_default();
            [&**arn, bucket, name].map(str::to_owned)
        })
        .filter(|id| !id.is_empty())
        .collect()
    }

    /// Whether nothing was listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_known_by_arn_and_by_name() {
        let knowledge_base = KnowledgeBase {
            id: "KB1".into(),
            arn: None,
            name: "docs".into(),
            embedding_model: None,
            dimensions: None,
            storage: Some("S3_VECTORS".into()),
            collection: None,
            stores: vec!["arn:aws:s3vectors:us-east-1:111111111111:bucket/docs-vectors/index/i".into()],
        };
        let ids = Inventory { knowledge_bases: vec![knowledge_base], ..Inventory::default() }.store_ids();
        let expected = [
            "arn:aws:s3vectors:us-east-1:111111111111:bucket/docs-vectors",
            "arn:aws:s3vectors:us-east-1:111111111111:bucket/docs-vectors/index/i",
            "docs-vectors",
        ];
        assert_eq!(ids.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
