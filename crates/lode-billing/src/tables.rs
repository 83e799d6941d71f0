//! What the words of usage types mean, as data. The engine that walks these tables is `classify`.
//!
//! Sources: AWS' Bedrock user guide page on cost data (2026-08), the product codes and substrings of the CUDOS
//! dashboard (commit 9cecc158, 2026-08-14), and usage types seen in public copies of AWS' price list and of real
//! bills up to 2026-10.

use lode_model::{BillingSource, GuardrailPolicy, Layer, Mode, Term, Ttl};

/// Product codes of Bedrock, lower case and without spaces: bills and AWS' own lists spell them with and without.
/// The names of Cost Explorer and FOCUS, squeezed, are the same words.
pub(crate) const PRODUCT_CODES: &[(&str, BillingSource)] = &[
    ("amazonbedrock", BillingSource::AmazonBedrock),
    ("amazonbedrockservice", BillingSource::AmazonBedrockService),
    ("amazonbedrockfoundationmodels", BillingSource::AmazonBedrockService),
    ("amazonbedrockagentcore", BillingSource::AmazonBedrockAgentCore),
    ("amazonbedrockmanagedknowledgebase", BillingSource::AmazonBedrockAgentCore),
];

/// How codes of Bedrock begin that AWS may add to those above, squeezed.
pub(crate) const BEDROCK: &[&str] = &["amazonbedrock", "awsbedrock"];

/// What says that a Marketplace row is another product, squeezed: "Claude Platform on AWS" is billed in Claude
/// Consumption Units of one cent (AWS, billing page of Claude Platform, 2026-10).
pub(crate) const NOT_BEDROCK: &[&str] = &["claudeplatform", "consumptionunit"];

/// What a named rule makes of a usage type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A class of its own in this layer; the model's name, if any, stands before the matched words.
    Named(Layer),
    /// Units of a guardrail's policy.
    Guardrail,
    /// A custom model's training, storage or import.
    Custom,
    /// Model units by the hour.
    ProvisionedThroughput,
    /// Reserved tokens per minute, by the hour.
    Reserved,
}

/// Where a rule looks for its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Anywhere, after lower-casing and dropping dashes and underscores.
    Anywhere,
    /// At the start, after the same.
    Start,
    /// Anywhere as written, in any case: with its dashes and colons.
    AsWritten,
    /// Anywhere in capitals, or as a whole word in any case: short codes would otherwise be found across word ends.
    Code,
}

/// One named rule.
pub(crate) struct NamedRule {
    pub(crate) look: Look,
    pub(crate) words: &'static [&'static str],
    pub(crate) reading: Reading,
    /// Whether the text before the match is a model's name.
    pub(crate) model_before: bool,
}

/// The rules that come before any token rule, in their order. `NoCommit` names hold no "reserved", and
/// "grounding" of guardrails is met by the guardrail rule first.
pub(crate) const NAMED_RULES: &[NamedRule] = &[
    named(Look::AsWritten, &[":Consumption-based:"], Reading::Named(Layer::Other), false),
    named(Look::Start, &["guardrail"], Reading::Guardrail, false),
    named(Look::Anywhere, &["provisionedthroughput", "modelunits"], Reading::ProvisionedThroughput, true),
    named(Look::Anywhere, &["reserved"], Reading::Reserved, true),
    named(Look::Anywhere, &["custommodelimport"], Reading::Custom, false),
    named(Look::Anywhere, &["customization", "rfttraining", "modelstorage"], Reading::Custom, true),
    named(Look::Anywhere, &["searchunit", "novagrounding"], Reading::Named(Layer::Other), true),
    named(
        Look::Anywhere,
        &[
            "dataautomation",
            "grounding",
            "optimizeprompt",
            "promptrouting",
            "invokeflow",
            "bedrockflows",
            "generatesql",
            "structuredretrieve",
            "evaluations",
            "datatransfer",
            "awsoutbytes",
            "awsinbytes",
        ],
        Reading::Named(Layer::Other),
        false,
    ),
    named(Look::Code, &["T2I", "I2I", "T2V", "I2V"], Reading::Named(Layer::Other), true),
    named(
        Look::Anywhere,
        &["createdimage", "imagecount", "videosecond", "audiosecond"],
        Reading::Named(Layer::Other),
        true,
    ),
    named(
        Look::Start,
        &["titanimagegenerator", "novacanvas", "novareel", "lumaray", "luma.ray"],
        Reading::Named(Layer::Other),
        true,
    ),
];

const fn named(look: Look, words: &'static [&'static str], reading: Reading, model_before: bool) -> NamedRule {
    NamedRule { look, words, reading, model_before }
}

/// Policies of guardrails, in squeezed text; the longer word first. The checks of the GuardrailChecks API are priced apart
/// and stay classes of their own.
pub(crate) const POLICIES: &[(&str, GuardrailPolicy)] = &[
    ("contentpolicyimageunits", GuardrailPolicy::ContentImages),
    ("contentpolicyunits", GuardrailPolicy::Content),
    ("topicpolicyunits", GuardrailPolicy::Topic),
    ("wordpolicyunits", GuardrailPolicy::Word),
    ("sensitiveinformationpolicyfreeunits", GuardrailPolicy::SensitiveRegexes),
    ("sensitiveinformationpolicypaidunits", GuardrailPolicy::SensitiveEntities),
    ("contextualgroundingpolicyunits", GuardrailPolicy::Grounding),
    ("automatedreasoningpolicyunits", GuardrailPolicy::Reasoning),
];

/// Code and service name of OpenSearch, squeezed.
pub(crate) const OPENSEARCH: &[&str] = &["amazones", "amazonopensearchservice"];

/// Words of OpenSearch Serverless. Its collections stand beside Bedrock whoever uses them: bills rarely say.
pub(crate) const OPENSEARCH_SERVERLESS: &[&str] = &["SearchOCU", "IndexingOCU", "StorageUsedInS3ByteHour"];

/// OpenSearch Ingestion pipelines have the same product code and are no store.
pub(crate) const OPENSEARCH_INGESTION: &str = "IngestionOCU";

/// Codes and service names, squeezed, of services whose resources a knowledge base may keep its vectors in. They
/// count only where the inventory says that one does. `AmazonS3` for S3 Vectors is an inference: no row was seen.
pub(crate) const STORE_CODES: &[&str] = &[
    "amazones",
    "amazonopensearchservice",
    "amazonrds",
    "amazonrelationaldatabaseservice",
    "amazonneptune",
    "amazonkendra",
    "amazons3",
    "amazons3vectors",
    "amazonsimplestorageservice",
];

/// Terms of dedicated capacity, in squeezed text.
pub(crate) const TERMS: &[(&str, Term)] = &[
    ("nocommit", Term::NoCommitment),
    ("1month", Term::OneMonth),
    ("onemonth", Term::OneMonth),
    ("3month", Term::ThreeMonths),
    ("threemonth", Term::ThreeMonths),
    ("6month", Term::SixMonths),
    ("sixmonth", Term::SixMonths),
];

/// Pricing modes, in squeezed text after the model's name. "standard" is no price difference: no word, no entry.
pub(crate) const MODES: &[(&str, Mode)] = &[
    ("batch", Mode::Batch),
    ("flex", Mode::Flex),
    ("priority", Mode::Priority),
    ("latencyoptimized", Mode::LatencyOptimized),
];

/// Lives of cache entries, in squeezed text after "cachewrite".
pub(crate) const TTLS: &[(&str, Ttl)] = &[("30m", Ttl::ThirtyMinutes), ("5m", Ttl::FiveMinutes), ("1h", Ttl::OneHour)];

/// Words of the long-context price band, in squeezed text.
pub(crate) const LONG_CONTEXT: &[&str] = &["longcontext", "longctx", "lctx"];

/// Tokens of these are priced apart from text tokens when the word stands beside "input", "output" or "token".
pub(crate) const MODALITIES: &[&str] = &["speech", "image", "audio", "video"];

/// Words that say a model makes embeddings, in squeezed text.
pub(crate) const EMBEDDING: &[&str] = &["embed", "inputtextrequestcount"];

/// Prefixes of inference profile ids: the rest is the model's id.
pub(crate) const GEOGRAPHIES: &[&str] =
    &["us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "mx", "me", "il", "af", "in", "global"];

/// What follows the model in the product names of AWS Marketplace, the longer first; in any case.
pub(crate) const EDITIONS: &[&str] = &["amazon bedrock edition", "bedrock edition"];
