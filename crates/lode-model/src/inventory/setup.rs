//! What else is set up: guardrails, jobs, agents, models of one's own, routers, limits, and whether calls are logged.
//! None of it resolves a name of a bill.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::tidy;
use crate::dimension::words;
use crate::{AccountId, Region};

words! {
    /// A policy of a guardrail, in AWS' words. Each is billed apart; regular expressions are free.
    GuardrailPolicy {
        /// Content filters on text.
        Content = "contentPolicy",
        /// Content filters that look at images too.
        ContentImages = "contentPolicy images",
        /// Denied topics.
        Topic = "topicPolicy",
        /// Words and managed word lists.
        Word = "wordPolicy",
        /// Sensitive information: entities of AWS' list.
        SensitiveEntities = "sensitiveInformationPolicy",
        /// Sensitive information: regular expressions, with entities or alone.
        SensitiveRegexes = "sensitiveInformationPolicy regexes",
        /// Contextual grounding.
        Grounding = "contextualGroundingPolicy",
        /// Automated reasoning.
        Reasoning = "automatedReasoningPolicy",
    }
}

/// A guardrail (`aws bedrock list-guardrails`, `get-guardrail`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guardrail {
    /// Id.
    pub id: Arc<str>,
    /// Version, in AWS' word: `DRAFT`, `1`, …
    pub version: Arc<str>,
    /// When it was last changed, where it says.
    pub updated: Option<Timestamp>,
    /// Status at that time, in AWS' word: `READY`, …
    pub status: Arc<str>,
    /// ARN, where it says.
    pub arn: Option<Arc<str>>,
    /// Name given.
    pub name: Arc<str>,
    /// Policies that evaluate something; `None` where only the list was read, which does not say.
    pub policies: Option<BTreeSet<GuardrailPolicy>>,
    /// Policies of automated reasoning: each is billed.
    pub reasoning_policies: u32,
    /// Kinds of sensitive information that are looked for, in AWS' words: `EMAIL`, `NAME`, …; `None` where only the list was
    /// read. Regular expressions are not among them.
    pub entities: Option<BTreeSet<Arc<str>>>,
    /// Policies that act on all they find: each entry, on each side that is switched on, blocks or masks. One that only
    /// reports, or does not say, is not among them. `None` where only the list was read.
    pub acting: Option<BTreeSet<GuardrailPolicy>>,
}

/// Documents of an ingestion job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IngestionStatistics {
    /// Documents looked at.
    pub scanned: u64,
    /// Metadata files looked at.
    pub metadata_scanned: u64,
    /// New documents indexed.
    pub new: u64,
    /// Changed documents indexed again.
    pub modified: u64,
    /// Metadata files that had changed.
    pub metadata_modified: u64,
    /// Documents deleted.
    pub deleted: u64,
    /// Documents that failed.
    pub failed: u64,
    /// Documents passed over.
    pub skipped: u64,
}

/// A run that reads a data source into its knowledge base (`aws bedrock-agent list-ingestion-jobs`,
/// `get-ingestion-job`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IngestionJob {
    /// Id of the knowledge base.
    pub knowledge_base: Arc<str>,
    /// Id of the data source.
    pub data_source: Arc<str>,
    /// Id of the job.
    pub id: Arc<str>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Status at that time, in AWS' word: `COMPLETE`, `FAILED`, …
    pub status: Arc<str>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// Documents, where it says.
    pub statistics: Option<IngestionStatistics>,
}

/// A Bedrock agent (`aws bedrock-agent list-agents`, `get-agent`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agent {
    /// Id.
    pub id: Arc<str>,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
    /// Status at that time, in AWS' word: `PREPARED`, …
    pub status: Arc<str>,
    /// ARN; the list does not say.
    pub arn: Option<Arc<str>>,
    /// Name given.
    pub name: Arc<str>,
    /// Id or ARN of the model; the list does not say.
    pub foundation_model: Option<Arc<str>>,
    /// ARN of the role that calls the model: the caller in logs. The list does not say.
    pub role: Option<Arc<str>>,
    /// Id or ARN of its guardrail, where it has one.
    pub guardrail: Option<Arc<str>>,
}

/// A customised model (`aws bedrock list-custom-models`, `get-custom-model`): stored by the month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomModel {
    /// ARN.
    pub arn: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// ARN of the model it was made from.
    pub base_model: Option<Arc<str>>,
    /// How, in AWS' word: `FINE_TUNING`, `DISTILLATION`, …
    pub customization: Option<Arc<str>>,
    /// Status, in AWS' word: `Active`, …
    pub status: Option<Arc<str>>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// An on-demand deployment of a custom model (`aws bedrock list-custom-model-deployments`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomModelDeployment {
    /// ARN: what callers name.
    pub arn: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// ARN of the custom model.
    pub model: Option<Arc<str>>,
    /// Status, in AWS' word: `Active`, …
    pub status: Arc<str>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// An imported model (`aws bedrock list-imported-models`): billed by units and minutes, not by the token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportedModel {
    /// ARN.
    pub arn: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// Architecture, in AWS' word.
    pub architecture: Option<Arc<str>>,
    /// When it was imported.
    pub created: Option<Timestamp>,
}

/// A prompt router (`aws bedrock list-prompt-routers`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromptRouter {
    /// ARN: what callers name.
    pub arn: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// `default` (AWS') or `custom`.
    pub kind: Arc<str>,
    /// Status, in AWS' word.
    pub status: Arc<str>,
    /// ARNs of the models it chooses from, in order.
    pub models: Vec<Arc<str>>,
    /// ARN of the model it falls back to.
    pub fallback: Option<Arc<str>>,
}

/// A batch inference job (`aws bedrock list-model-invocation-jobs`, `get-model-invocation-job`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchJob {
    /// ARN.
    pub arn: Arc<str>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Status at that time, in AWS' word: `Completed`, `Expired`, …
    pub status: Arc<str>,
    /// Name given.
    pub name: Arc<str>,
    /// Model, as named by the caller.
    pub model: Arc<str>,
    /// ARN of its role: the caller.
    pub role: Option<Arc<str>>,
    /// What records are written as: `InvokeModel`, `Converse`.
    pub invocation: Option<Arc<str>>,
    /// When it was submitted.
    pub submitted: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Hours after which it expires.
    pub timeout_hours: Option<u32>,
    /// Records in all.
    pub records: Option<u64>,
    /// Records worked on.
    pub processed: Option<u64>,
    /// Records answered.
    pub succeeded: Option<u64>,
    /// Records that failed.
    pub failed: Option<u64>,
}

/// Limits of OpenSearch Serverless capacity, in thousandths of an OCU; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapacityLimits {
    /// Least for indexing.
    pub min_indexing: Option<u64>,
    /// Most for indexing.
    pub max_indexing: Option<u64>,
    /// Least for search.
    pub min_search: Option<u64>,
    /// Most for search.
    pub max_search: Option<u64>,
}

/// A collection group of OpenSearch Serverless (`list-collection-groups`, `batch-get-collection-group`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CollectionGroup {
    /// ARN.
    pub arn: Arc<str>,
    /// Name given, which collections name.
    pub name: Arc<str>,
    /// `CLASSIC` or `NEXTGEN`, where it says.
    pub generation: Option<Arc<str>>,
    /// Whether standby replicas are on; the list does not say.
    pub standby: Option<bool>,
    /// Collections in it.
    pub collections: Option<u32>,
    /// Limits.
    pub limits: CapacityLimits,
}

/// The account's own limits of OpenSearch Serverless (`aws opensearchserverless get-account-settings`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapacitySettings {
    /// Account, where the folder says: the answer does not.
    pub account: Option<AccountId>,
    /// Region, where the folder says.
    pub region: Option<Region>,
    /// Limits of all collections outside a group.
    pub limits: CapacityLimits,
}

/// A list of knowledge bases (`aws bedrock-agent list-knowledge-bases`): what is not on it is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnowledgeBaseList {
    /// Account, from the folder: the answer does not say.
    pub account: AccountId,
    /// Region, from the folder.
    pub region: Region,
    /// Ids.
    pub ids: BTreeSet<Arc<str>>,
}

/// Whether calls are logged (`aws bedrock get-model-invocation-logging-configuration`).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoggingConfiguration {
    /// Account, where the folder says: the answer does not.
    pub account: Option<AccountId>,
    /// Region, where the folder says.
    pub region: Option<Region>,
    /// Bucket that records are delivered to.
    pub bucket: Option<Arc<str>>,
    /// Key prefix in that bucket; empty where there is none.
    pub prefix: Arc<str>,
    /// CloudWatch log group that records are delivered to.
    pub log_group: Option<Arc<str>>,
    /// Bucket of what is too large for the log group.
    pub large_bucket: Option<Arc<str>>,
    /// Whether text is delivered, where it says; the same of the others.
    pub text: Option<bool>,
    /// Images.
    pub images: Option<bool>,
    /// Embeddings.
    pub embeddings: Option<bool>,
    /// Video.
    pub video: Option<bool>,
    /// Audio.
    pub audio: Option<bool>,
}

impl LoggingConfiguration {
    /// Whether records are delivered anywhere.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.bucket.is_some() || self.log_group.is_some()
    }
}

/// What else is set up, each kind in order and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Guardrails.
    pub guardrails: Vec<Guardrail>,
    /// Ingestion jobs.
    pub ingestion_jobs: Vec<IngestionJob>,
    /// Agents.
    pub agents: Vec<Agent>,
    /// Custom models.
    pub custom_models: Vec<CustomModel>,
    /// Deployments of custom models.
    pub deployments: Vec<CustomModelDeployment>,
    /// Imported models.
    pub imported_models: Vec<ImportedModel>,
    /// Prompt routers.
    pub routers: Vec<PromptRouter>,
    /// Batch inference jobs.
    pub batch_jobs: Vec<BatchJob>,
    /// Collection groups.
    pub collection_groups: Vec<CollectionGroup>,
    /// Account settings of OpenSearch Serverless.
    pub capacity: Vec<CapacitySettings>,
    /// Logging configurations.
    pub logging: Vec<LoggingConfiguration>,
    /// Lists of knowledge bases.
    pub knowledge_base_lists: Vec<KnowledgeBaseList>,
    /// Lists of models and deployments that were read, by the first word of what they list (`custom-model`,
    /// `custom-model-deployment`, `imported-model`) and its place: whether a page was read behind which no other follows.
    pub model_lists: BTreeMap<(Arc<str>, AccountId, Region), bool>,
}

/// One thing that several commands tell about: the list says less than the single look-up, and an older file may say
/// what a newer one does not.
trait Told: Ord {
    /// Whether both tell about one thing. Its key must be what `Ord` looks at first.
    fn is_same(&self, other: &Self) -> bool;
    /// Takes over what the other knows: of two figures or words the larger, of two states the later.
    fn take(&mut self, other: Self);
}

/// Sorts and makes one of what tells about one thing: whatever the order and the grouping, the result is the same.
fn merge<T: Told>(items: &mut Vec<T>) {
    items.sort();
    let mut merged: Vec<T> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        match merged.last_mut() {
            Some(last) if last.is_same(&item) => last.take(item),
            _ => merged.push(item),
        }
    }
    *items = merged;
}

fn larger<T: Ord>(into: &mut T, other: T) {
    if other > *into {
        *into = other;
    }
}

/// The later state; of the same time the larger word.
fn later(time: &mut Option<Timestamp>, status: &mut Arc<str>, other: (Option<Timestamp>, Arc<str>)) {
    if other > (*time, Arc::clone(status)) {
        (*time, *status) = other;
    }
}

impl Told for Guardrail {
    fn is_same(&self, other: &Self) -> bool {
        (&self.id, &self.version) == (&other.id, &other.version)
    }

    fn take(&mut self, other: Self) {
        later(&mut self.updated, &mut self.status, (other.updated, other.status));
        larger(&mut self.arn, other.arn);
        larger(&mut self.name, other.name);
        larger(&mut self.policies, other.policies);
        larger(&mut self.reasoning_policies, other.reasoning_policies);
        larger(&mut self.entities, other.entities);
        larger(&mut self.acting, other.acting);
    }
}

impl Told for IngestionJob {
    fn is_same(&self, other: &Self) -> bool {
        (&self.knowledge_base, &self.data_source, &self.id) == (&other.knowledge_base, &other.data_source, &other.id)
    }

    fn take(&mut self, other: Self) {
        later(&mut self.updated, &mut self.status, (other.updated, other.status));
        larger(&mut self.started, other.started);
        larger(&mut self.statistics, other.statistics);
    }
}

impl Told for Agent {
    fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    fn take(&mut self, other: Self) {
        later(&mut self.updated, &mut self.status, (other.updated, other.status));
        larger(&mut self.arn, other.arn);
        larger(&mut self.name, other.name);
        larger(&mut self.foundation_model, other.foundation_model);
        larger(&mut self.role, other.role);
        larger(&mut self.guardrail, other.guardrail);
    }
}

impl Told for BatchJob {
    fn is_same(&self, other: &Self) -> bool {
        self.arn == other.arn
    }

    fn take(&mut self, other: Self) {
        later(&mut self.updated, &mut self.status, (other.updated, other.status));
        larger(&mut self.name, other.name);
        larger(&mut self.model, other.model);
        larger(&mut self.role, other.role);
        larger(&mut self.invocation, other.invocation);
        larger(&mut self.submitted, other.submitted);
        larger(&mut self.ended, other.ended);
        larger(&mut self.timeout_hours, other.timeout_hours);
        larger(&mut self.records, other.records);
        larger(&mut self.processed, other.processed);
        larger(&mut self.succeeded, other.succeeded);
        larger(&mut self.failed, other.failed);
    }
}

impl Told for CollectionGroup {
    fn is_same(&self, other: &Self) -> bool {
        self.arn == other.arn
    }

    fn take(&mut self, other: Self) {
        larger(&mut self.name, other.name);
        larger(&mut self.generation, other.generation);
        larger(&mut self.standby, other.standby);
        larger(&mut self.collections, other.collections);
        let CapacityLimits { min_indexing, max_indexing, min_search, max_search } = other.limits;
        larger(&mut self.limits.min_indexing, min_indexing);
        larger(&mut self.limits.max_indexing, max_indexing);
        larger(&mut self.limits.min_search, min_search);
        larger(&mut self.limits.max_search, max_search);
    }
}

impl Setup {
    /// Whether a list was read of which the last pages are missing.
    #[must_use]
    pub fn is_cut(&self, kind: &str, account: &AccountId, region: &Region) -> bool {
        self.model_lists.get(&(Arc::from(kind), account.clone(), region.clone())) == Some(&false)
    }

    /// Sorts each kind, drops repeats, and makes one entry of what a list and a single look-up say of one thing: pages
    /// and order of files do not matter, nor does sorting parts before the whole.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        merge(&mut self.guardrails);
        merge(&mut self.ingestion_jobs);
        merge(&mut self.agents);
        tidy(&mut self.custom_models);
        tidy(&mut self.deployments);
        tidy(&mut self.imported_models);
        tidy(&mut self.routers);
        merge(&mut self.batch_jobs);
        merge(&mut self.collection_groups);
        tidy(&mut self.capacity);
        tidy(&mut self.logging);
        tidy(&mut self.knowledge_base_lists);
        self
    }

    /// Takes over what another lists, unsorted.
    pub fn append(&mut self, mut other: Self) {
        self.guardrails.append(&mut other.guardrails);
        self.ingestion_jobs.append(&mut other.ingestion_jobs);
        self.agents.append(&mut other.agents);
        self.custom_models.append(&mut other.custom_models);
        self.deployments.append(&mut other.deployments);
        self.imported_models.append(&mut other.imported_models);
        self.routers.append(&mut other.routers);
        self.batch_jobs.append(&mut other.batch_jobs);
        self.collection_groups.append(&mut other.collection_groups);
        self.capacity.append(&mut other.capacity);
        self.logging.append(&mut other.logging);
        self.knowledge_base_lists.append(&mut other.knowledge_base_lists);
        for (list, is_whole) in other.model_lists {
            *self.model_lists.entry(list).or_default() |= is_whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_and_look_up_make_one_entry_in_any_order() {
        let time = |second| Timestamp::from_second(second).ok();
        let agent = |updated, status: &str, role: Option<&str>| Agent {
            id: "A1".into(),
            updated,
            status: status.into(),
            arn: None,
            name: "helper".into(),
            foundation_model: None,
            role: role.map(Into::into),
            guardrail: None,
        };
        let told = [
            agent(time(10), "PREPARED", None),
            agent(time(20), "FAILED", None),
            agent(None, "", Some("arn:aws:iam::111111111111:role/helper")),
        ];
        let expected = agent(time(20), "FAILED", Some("arn:aws:iam::111111111111:role/helper"));
        let sorted = |agents: Vec<Agent>| Setup { agents, ..Setup::default() }.sorted();
        let [a, b, c] = told;
        for order in [vec![a.clone(), b.clone(), c.clone()], vec![c.clone(), b.clone(), a.clone()]] {
            assert_eq!(sorted(order).agents, std::slice::from_ref(&expected));
        }
        // Parts first, then the whole.
        let mut parts = sorted(vec![b, c]);
        parts.append(Setup { agents: vec![a], ..Setup::default() });
        assert_eq!(parts.sorted().agents, [expected]);
    }
}
