//! What a customer has set up, as a scenario writes it: one line each.

use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{Chunking, DataSource, InferenceProfile, KnowledgeBase, ProvisionedThroughput, Term};
use serde::Deserialize;

use crate::estate_file::{account, region};

/// An inference profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileRow {
    /// `application-inference-profile/<id>`.
    id: Arc<str>,
    #[serde(default)]
    name: Arc<str>,
    /// ARNs.
    models: Vec<Arc<str>>,
}

/// Provisioned Throughput.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProvisionedRow {
    /// `provisioned-model/<id>`.
    id: Arc<str>,
    #[serde(default = "account")]
    account: String,
    #[serde(default = "region")]
    region: String,
    #[serde(default)]
    name: Arc<str>,
    /// Model id or ARN.
    model: Arc<str>,
    #[serde(default = "one")]
    units: u32,
    #[serde(default = "in_service")]
    status: Arc<str>,
    term: Option<Term>,
    term_ends: Option<Date>,
}

/// A knowledge base.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeBaseRow {
    id: Arc<str>,
    #[serde(default)]
    name: Arc<str>,
    embedding_model: Option<Arc<str>>,
    storage: Option<Arc<str>>,
    collection: Option<Arc<str>>,
}

/// A data source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataSourceRow {
    id: Arc<str>,
    /// Id of its knowledge base.
    knowledge_base: Arc<str>,
    #[serde(default)]
    name: Arc<str>,
    #[serde(default)]
    chunking: ChunkingRow,
}

/// How it is cut: a word, or a word with its numbers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum ChunkingRow {
    #[default]
    Default,
    Fixed {
        max_tokens: u32,
        overlap_percent: u32,
    },
    Hierarchical {
        parent_tokens: u32,
        child_tokens: u32,
        overlap_tokens: u32,
    },
    Semantic {
        max_tokens: u32,
    },
    None,
    Other(Arc<str>),
}

fn one() -> u32 {
    1
}
fn in_service() -> Arc<str> {
    "InService".into()
}

impl From<&ProfileRow> for InferenceProfile {
    fn from(row: &ProfileRow) -> Self {
        Self { id: row.id.clone(), name: row.name.clone(), models: row.models.clone() }
    }
}

impl From<&ProvisionedRow> for ProvisionedThroughput {
    fn from(row: &ProvisionedRow) -> Self {
        Self {
            id: row.id.clone(),
            account: row.account.as_str().into(),
            region: row.region.as_str().into(),
            name: row.name.clone(),
            foundation_model: row.model.clone(),
            units: row.units,
            status: row.status.clone(),
            term: row.term,
            term_ends: row.term_ends,
        }
    }
}

impl From<&KnowledgeBaseRow> for KnowledgeBase {
    fn from(row: &KnowledgeBaseRow) -> Self {
        Self {
            id: row.id.clone(),
            arn: None,
            name: row.name.clone(),
            embedding_model: row.embedding_model.clone(),
            dimensions: None,
            storage: row.storage.clone(),
            collection: row.collection.clone(),
            stores: Vec::new(),
        }
    }
}

impl From<&DataSourceRow> for DataSource {
    fn from(row: &DataSourceRow) -> Self {
        Self {
            id: row.id.clone(),
            knowledge_base: row.knowledge_base.clone(),
            name: row.name.clone(),
            chunking: match &row.chunking {
                ChunkingRow::Default => Chunking::Default,
                &ChunkingRow::Fixed { max_tokens, overlap_percent } => Chunking::Fixed { max_tokens, overlap_percent },
                &ChunkingRow::Hierarchical { parent_tokens, child_tokens, overlap_tokens } => {
                    Chunking::Hierarchical { parent_tokens, child_tokens, overlap_tokens }
                }
                &ChunkingRow::Semantic { max_tokens } => Chunking::Semantic { max_tokens },
                ChunkingRow::None => Chunking::None,
                ChunkingRow::Other(word) => Chunking::Other(word.clone()),
            },
        }
    }
}
