//! The dimensions of a Bedrock price, in AWS' words.

use std::fmt;
use std::sync::Arc;

use crate::GuardrailPolicy;

/// Gives a fieldless enum its text form, both ways.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {$(
            $(#[$vdoc])*
            #[serde(rename = $text)]
            $variant,
        )*}

        impl $name {
            /// Every value, in the order reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word reports and scenario files use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Who sells the row, which decides under which name it is found in Cost Explorer.
    BillingSource {
        /// Product code `AmazonBedrock`: "Amazon Bedrock".
        AmazonBedrock = "AmazonBedrock",
        /// Product code `AmazonBedrockService` (or `AmazonBedrockFoundationModels`): "Amazon Bedrock Service".
        AmazonBedrockService = "AmazonBedrockService",
        /// Sold through AWS Marketplace: one Cost Explorer service per model, "… (Amazon Bedrock Edition)".
        AwsMarketplace = "AWS Marketplace",
        /// Product code `AmazonBedrockAgentCore`: AgentCore and managed knowledge bases.
        AmazonBedrockAgentCore = "AmazonBedrockAgentCore",
        /// Billed by another service beside Bedrock, such as OpenSearch Serverless.
        Beside = "beside Bedrock",
    }
}

words! {
    /// Which of the two on-demand prices applies.
    Routing {
        /// In-Region call or geographic profile (`us.`, `eu.`, …): the regional price of the source region.
        Regional = "regional",
        /// `global.` inference profile: the global price.
        Global = "global",
    }
}

words! {
    /// Pricing mode (service tier, batch, or dedicated capacity).
    Mode {
        /// On-demand, Standard tier.
        Standard = "standard",
        /// On-demand, Flex tier.
        Flex = "flex",
        /// On-demand, Priority tier.
        Priority = "priority",
        /// Latency-optimised inference.
        LatencyOptimized = "latency-optimized",
        /// Batch inference.
        Batch = "batch",
        /// Provisioned Throughput: hourly model units.
        Provisioned = "provisioned",
        /// Reserved tier: tokens per minute, by the hour.
        Reserved = "reserved",
    }
}

words! {
    /// The price band by size of the prompt.
    ContextBand {
        /// The ordinary price.
        Standard = "standard",
        /// The long-context price.
        Long = "long-context",
    }
}

words! {
    /// How long a prompt-cache entry lives after its last use.
    Ttl {
        /// Five minutes; also what rows that name no TTL mean.
        FiveMinutes = "5m",
        /// Thirty minutes.
        ThirtyMinutes = "30m",
        /// One hour.
        OneHour = "1h",
    }
}

words! {
    /// The commitment of dedicated capacity.
    Term {
        /// Hourly, deletable at any time.
        NoCommitment = "no-commitment",
        /// One month.
        OneMonth = "1-month",
        /// Three months.
        ThreeMonths = "3-month",
        /// Six months.
        SixMonths = "6-month",
    }
}

/// What is metered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Uncached prompt tokens.
    Input,
    /// Generated tokens.
    Output,
    /// Prompt tokens read from the cache.
    CacheRead,
    /// Prompt tokens written to the cache, by time to live.
    CacheWrite(Ttl),
    /// Hours of Provisioned Throughput model units.
    ModelUnitHour(Term),
    /// Hours of one thousand reserved input tokens per minute.
    ReservedInputTpmHour(Term),
    /// Hours of one thousand reserved output tokens per minute.
    ReservedOutputTpmHour(Term),
    /// OpenSearch Serverless search capacity, OCU-hours.
    SearchOcuHour,
    /// OpenSearch Serverless indexing capacity, OCU-hours.
    IndexingOcuHour,
    /// OpenSearch Serverless storage, GB-months.
    StoreGbMonth,
    /// What a guardrail's policy evaluated: text units of up to a thousand characters, or images.
    GuardrailUnit(GuardrailPolicy),
    /// Custom models stored, model-months.
    ModelStorageMonth,
    /// Imported models stored, unit-months.
    ImportStorageMonth,
    /// Custom Model Units of an imported model, minutes.
    ImportUnitMinute,
    /// What takes a resource's place in a state, by name: it stands all month. Never on a bill.
    Replacement(Arc<str>),
    /// Anything else, named by its usage type without the region prefix.
    Other(Arc<str>),
}

impl Class {
    /// The word reports and scenario files use.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache-read",
            Self::CacheWrite(Ttl::FiveMinutes) => "cache-write-5m",
            Self::CacheWrite(Ttl::ThirtyMinutes) => "cache-write-30m",
            Self::CacheWrite(Ttl::OneHour) => "cache-write-1h",
            Self::ModelUnitHour(Term::NoCommitment) => "model-unit-hour-no-commitment",
            Self::ModelUnitHour(Term::OneMonth) => "model-unit-hour-1-month",
            Self::ModelUnitHour(Term::ThreeMonths) => "model-unit-hour-3-month",
            Self::ModelUnitHour(Term::SixMonths) => "model-unit-hour-6-month",
            Self::ReservedInputTpmHour(Term::ThreeMonths) => "reserved-input-tpm-hour-3-month",
            Self::ReservedInputTpmHour(_) => "reserved-input-tpm-hour-1-month",
            Self::ReservedOutputTpmHour(Term::ThreeMonths) => "reserved-output-tpm-hour-3-month",
            Self::ReservedOutputTpmHour(_) => "reserved-output-tpm-hour-1-month",
            Self::SearchOcuHour => "search-ocu-hour",
            Self::IndexingOcuHour => "indexing-ocu-hour",
            Self::StoreGbMonth => "store-gb-month",
            Self::GuardrailUnit(policy) => guardrail_word(*policy),
            Self::ModelStorageMonth => "model-storage-month",
            Self::ImportStorageMonth => "custom-model-import-storage-month",
            Self::ImportUnitMinute => "custom-model-import-unit-minute",
            Self::Replacement(name) | Self::Other(name) => name,
        }
    }

    /// The class of a word; a word that names none is a class of its own.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        let known = [
            Self::Input,
            Self::Output,
            Self::CacheRead,
            Self::CacheWrite(Ttl::FiveMinutes),
            Self::CacheWrite(Ttl::ThirtyMinutes),
            Self::CacheWrite(Ttl::OneHour),
            Self::ModelUnitHour(Term::NoCommitment),
            Self::ModelUnitHour(Term::OneMonth),
            Self::ModelUnitHour(Term::ThreeMonths),
            Self::ModelUnitHour(Term::SixMonths),
            Self::ReservedInputTpmHour(Term::OneMonth),
            Self::ReservedInputTpmHour(Term::ThreeMonths),
            Self::ReservedOutputTpmHour(Term::OneMonth),
            Self::ReservedOutputTpmHour(Term::ThreeMonths),
            Self::SearchOcuHour,
            Self::IndexingOcuHour,
            Self::StoreGbMonth,
            Self::ModelStorageMonth,
            Self::ImportStorageMonth,
            Self::ImportUnitMinute,
        ];
        let units = GuardrailPolicy::ALL.iter().map(|policy| Self::GuardrailUnit(*policy));
        known.into_iter().chain(units).find(|class| class.as_str() == word).unwrap_or_else(|| Self::Other(word.into()))
    }

    /// Whether this meters text tokens of inference.
    #[must_use]
    pub const fn is_token(&self) -> bool {
        matches!(self, Self::Input | Self::Output | Self::CacheRead | Self::CacheWrite(_))
    }

    /// Whether this meters prompt tokens, cached or not.
    #[must_use]
    pub const fn is_prompt(&self) -> bool {
        matches!(self, Self::Input | Self::CacheRead | Self::CacheWrite(_))
    }

    /// Whether this accrues by the hour whether used or not, and so is projected by hours.
    #[must_use]
    pub const fn is_standing(&self) -> bool {
        matches!(
            self,
            Self::ModelUnitHour(_)
                | Self::ReservedInputTpmHour(_)
                | Self::ReservedOutputTpmHour(_)
                | Self::SearchOcuHour
                | Self::IndexingOcuHour
                | Self::StoreGbMonth
                | Self::ModelStorageMonth
                | Self::ImportStorageMonth
                | Self::Replacement(_)
        )
    }
}

/// The word of what a policy is billed by. Sensitive information by entities is paid for, by regular expressions free.
const fn guardrail_word(policy: GuardrailPolicy) -> &'static str {
    match policy {
        GuardrailPolicy::Content => "guardrail-content-policy-unit",
        GuardrailPolicy::ContentImages => "guardrail-content-policy-image-unit",
        GuardrailPolicy::Topic => "guardrail-topic-policy-unit",
        GuardrailPolicy::Word => "guardrail-word-policy-unit",
        GuardrailPolicy::SensitiveEntities => "guardrail-sensitive-information-policy-unit",
        GuardrailPolicy::SensitiveRegexes => "guardrail-sensitive-information-policy-free-unit",
        GuardrailPolicy::Grounding => "guardrail-contextual-grounding-policy-unit",
        GuardrailPolicy::Reasoning => "guardrail-automated-reasoning-policy-unit",
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
