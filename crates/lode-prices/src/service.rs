//! Prices of services beside the models: guardrails, vector stores, AgentCore and the like.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::Money;
use serde::Deserialize;

use crate::sheet;

/// A list price of something that is not a model, in the US regions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServicePrice {
    /// Its key, such as `opensearch_serverless.ocu_hour`.
    pub name: Arc<str>,
    /// USD for `per`.
    #[serde(rename = "usd", deserialize_with = "sheet::money")]
    pub price: Money,
    /// For how much: `OCU-hour`, `1,000 text units`, …
    pub per: Arc<str>,
    /// Sources.
    #[serde(rename = "src")]
    pub sources: Vec<Arc<str>>,
    /// Whether a source stronger than a secondary article says so.
    pub verified: bool,
    /// Conditions.
    pub note: Option<Arc<str>>,
}

/// A number that belongs to a price, such as the least OCUs of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCount {
    /// Its key, such as `opensearch_serverless.classic_min_ocu_redundant`.
    pub name: Arc<str>,
    /// The number.
    pub count: u64,
    /// Sources.
    #[serde(rename = "src")]
    pub sources: Vec<Arc<str>>,
    /// Conditions.
    pub note: Option<Arc<str>>,
}

/// `services.json`, by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceFile {
    pub(crate) prices: Vec<ServicePrice>,
    pub(crate) counts: Vec<ServiceCount>,
}

/// Services, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    pub(crate) prices: BTreeMap<Arc<str>, ServicePrice>,
    pub(crate) counts: BTreeMap<Arc<str>, ServiceCount>,
}

impl From<ServiceFile> for Services {
    fn from(file: ServiceFile) -> Self {
        Self {
            prices: file.prices.into_iter().map(|price| (price.name.clone(), price)).collect(),
            counts: file.counts.into_iter().map(|count| (count.name.clone(), count)).collect(),
        }
    }
}
