//! What the catalogue knows of one model. Plain values; prices are asked of [`crate::Catalogue`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{ContextBand, ModelId, Money, Ratio, Region, Term, Ttl};
use serde::Deserialize;

use crate::sheet::{self, Letters, LongContext, Prices, ReservedRates, Sheet, Usd};

/// Gives an enum of the data files its word.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Deserialize)]
        pub enum $name {$(
            $(#[$vdoc])*
            #[serde(rename = $text)]
            $variant,
        )*}
        impl $name {
            /// The word of the data files and of reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use word_enum;

word_enum! {
    /// What a model is for.
    ModelKind {
        /// Text out, from text and perhaps images, video or documents.
        Text = "text",
        /// Vectors out.
        Embedding = "embedding",
        /// Images out.
        Image = "image",
        /// Speech in and out.
        Speech = "speech",
        /// Video out.
        Video = "video",
        /// Scores of passages.
        Rerank = "rerank",
        /// Text out of video.
        VideoUnderstanding = "video-understanding",
    }
}

word_enum! {
    /// Capability tier, least first: the catalogue's own judgement from the maker's positioning at launch,
    /// not a measurement.
    Tier {
        /// Small and cheap.
        Lightweight = "lightweight",
        /// The everyday model.
        Mid = "mid",
        /// The maker's best.
        Frontier = "frontier",
    }
}

word_enum! {
    /// Who sells a model.
    Billing {
        /// An AWS Marketplace offer of the maker, "… (Amazon Bedrock Edition)"; some accounts see
        /// Claude sold by AWS as "Amazon Bedrock Service", at the same price.
        Marketplace = "marketplace",
        /// Billed as "Amazon Bedrock".
        Native = "native",
    }
}

word_enum! {
    /// What goes into or comes out of a model.
    Modality {
        /// Text.
        Text = "text",
        /// Images.
        Image = "image",
        /// Video.
        Video = "video",
        /// Audio files.
        Audio = "audio",
        /// Speech streams.
        Speech = "speech",
        /// Vectors.
        Embedding = "embedding",
    }
}

word_enum! {
    /// Where a model is in its life, on the catalogue's date. Can differ by region.
    ModelStatus {
        /// On offer to everyone.
        Active = "active",
        /// On offer to those who ask.
        Gated = "gated",
        /// Not yet generally available.
        Preview = "preview",
        /// End of life announced; no new Provisioned Throughput or fine-tuning.
        Legacy = "legacy",
        /// Calls fail.
        EndOfLife = "eol",
    }
}

word_enum! {
    /// Which of Claude's tokenizers counts.
    TokenizerGroup {
        /// Claude before Opus 4.7.
        ClaudePre47 = "claude-pre-4.7",
        /// Opus 4.7 and later: the same text makes 1.0 to 1.35 times the tokens.
        Claude47 = "claude-4.7+",
    }
}

/// How many tokens the same text makes on another model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenizerChange {
    /// As many.
    Same,
    /// Between these multiples. Source: Anthropic's migration guide and pricing page, as quoted in public
    /// articles of April to June 2026; measured English prose 1.20, Python 1.29, technical docs 1.47, CJK 1.01.
    Between(Ratio, Ratio),
    /// Not recorded; across makers, token counts are not comparable at all.
    Unknown,
}

/// Dates of a model's life. `None` is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// State on the catalogue's date.
    pub status: ModelStatus,
    /// Launch on the model card; for open weights usually the maker's date. The first of the month where only
    /// the month is known.
    #[serde(default, deserialize_with = "sheet::month")]
    pub launch: Option<Date>,
    /// Since when it is Legacy.
    #[serde(default, deserialize_with = "sheet::date")]
    pub legacy: Option<Date>,
    /// Since when it is in public extended access, in which the maker may charge more.
    #[serde(default, deserialize_with = "sheet::date")]
    pub extended_access: Option<Date>,
    /// End of life: calls fail from here on.
    #[serde(default, deserialize_with = "sheet::date")]
    pub eol: Option<Date>,
    /// The earliest day end of life can be.
    #[serde(default, deserialize_with = "sheet::date")]
    pub eol_no_sooner_than: Option<Date>,
    /// What else is known of the dates.
    pub note: Option<Arc<str>>,
    /// Sources of the dates.
    #[serde(default, rename = "src")]
    pub sources: Vec<Arc<str>>,
}

impl Lifecycle {
    /// Whether calls fail on `day`, as far as the catalogue knows.
    #[must_use]
    pub fn has_ended(&self, day: Date) -> bool {
        self.eol.map_or(self.status == ModelStatus::EndOfLife, |eol| eol <= day)
    }
}

/// What prompt caching asks of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheRules {
    /// Least tokens of the prefix up to a checkpoint (cumulative over tools, system, messages). Below it the
    /// call works and nothing is cached.
    pub min_tokens: u64,
    /// Most checkpoints in a request; 0 where caching is implicit only.
    pub max_checkpoints: u64,
    /// Times to live on offer; empty where caching is implicit only.
    pub ttls: Vec<Ttl>,
    /// Parts of a request that can carry a checkpoint.
    pub fields: Vec<Arc<str>>,
    /// Most tokens that are cached, where the card names a limit.
    pub max_cached_tokens: Option<u64>,
    /// Whether the model also caches on its own, best effort.
    pub implicit: bool,
    /// Whether a page was read for this very model, rather than inferred from a sibling.
    pub verified: bool,
    /// Conflicting statements, where there are any.
    pub note: Option<Arc<str>>,
    /// Sources.
    #[serde(rename = "src")]
    pub sources: Vec<Arc<str>>,
}

impl CacheRules {
    /// Whether a request can carry markers; without, what is cached is cached implicitly.
    #[must_use]
    pub const fn takes_markers(&self) -> bool {
        self.max_checkpoints > 0 && !self.ttls.is_empty()
    }
}

/// Provisioned Throughput: that a model can be bought by the hour, and for how much where that is public.
/// Tokens per minute of a model unit are not published for any model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioned {
    /// Context variants on sale, such as `24k`.
    #[serde(default)]
    pub variants: Vec<Arc<str>>,
    /// USD per model-unit hour of the base model, by region (`us` is us-east-1, us-east-2 and us-west-2) and term.
    #[serde(default, rename = "usd_per_mu_hour", deserialize_with = "sheet::term_map")]
    pub rates: BTreeMap<Arc<str>, BTreeMap<Term, Money>>,
    /// The same for a customised model.
    #[serde(default, rename = "custom_usd_per_mu_hour", deserialize_with = "sheet::term_map")]
    pub custom_rates: BTreeMap<Arc<str>, BTreeMap<Term, Money>>,
    /// What else is known.
    pub note: Option<Arc<str>>,
    /// Sources.
    #[serde(rename = "src")]
    pub sources: Vec<Arc<str>>,
}

/// Higher prices a maker asks in public extended access.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendedAccess {
    /// From when on.
    #[serde(deserialize_with = "sheet::day")]
    pub from: Date,
    /// Where.
    pub regions: Vec<Region>,
    /// Asked through [`crate::Catalogue::extended_access_price`].
    pub(crate) prices: Sheet,
}

/// Prices of media, requests and queries: not by text token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPrices {
    /// USD, by what is counted: `image`, `video_second`, `per_1000_queries`, `input_audio_per_mtok`, …
    #[serde(deserialize_with = "sheet::money_map")]
    pub usd: BTreeMap<Arc<str>, Money>,
    /// Sources.
    #[serde(rename = "src")]
    pub sources: Vec<Arc<str>>,
}

/// What customising a model costs, where known, and what its tokens cost afterwards.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomPrices {
    /// On demand at the base model's price.
    pub base_price: bool,
    /// `[input, output]` of the customised model on demand, USD per 1,000,000 tokens.
    pub(crate) inference: Option<[Usd; 2]>,
    pub(crate) train_per_mtok: Option<Usd>,
    pub(crate) train_per_image_seen: Option<Usd>,
    pub(crate) rft_per_training_hour: Option<Usd>,
    pub(crate) storage_month: Option<Usd>,
    #[serde(rename = "src")]
    pub(crate) sources: Letters,
}

impl CustomPrices {
    /// USD per 1,000,000 tokens trained.
    #[must_use]
    pub fn training_per_mtok(&self) -> Option<Money> {
        self.train_per_mtok.map(|usd| usd.0)
    }

    /// USD per image seen in training.
    #[must_use]
    pub fn training_per_image(&self) -> Option<Money> {
        self.train_per_image_seen.map(|usd| usd.0)
    }

    /// USD per hour of reinforcement fine-tuning.
    #[must_use]
    pub fn reinforcement_hour(&self) -> Option<Money> {
        self.rft_per_training_hour.map(|usd| usd.0)
    }

    /// USD per month to keep one custom model.
    #[must_use]
    pub fn storage_month(&self) -> Option<Money> {
        self.storage_month.map(|usd| usd.0)
    }
}

/// One model of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInfo {
    /// Bedrock model id.
    pub id: ModelId,
    /// Name in AWS' pages.
    pub name: Arc<str>,
    /// Maker.
    pub provider: Arc<str>,
    /// Model line, such as `Claude Sonnet`.
    pub family: Arc<str>,
    /// What it is for.
    pub kind: ModelKind,
    /// Capability tier.
    pub tier: Tier,
    /// Who sells it.
    pub billing: Billing,
    /// Prefixes of its inference profiles: `us`, `eu`, `global`, …
    #[serde(default)]
    pub profiles: Vec<Arc<str>>,
    /// Names in the AWS Price List, Marketplace names without their suffix.
    #[serde(default)]
    pub price_list_names: Vec<Arc<str>>,
    /// Other ids of the same model at the same price.
    #[serde(default)]
    pub aliases: Vec<Arc<str>>,
    /// What goes in; `None` is not recorded.
    #[serde(rename = "in")]
    pub input: Option<Vec<Modality>>,
    /// What comes out; `None` is not recorded.
    #[serde(rename = "out")]
    pub output: Option<Vec<Modality>>,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Longest answer in tokens.
    pub max_output: Option<u64>,
    /// Whether calls can offer tools; `None` is not recorded. Source: L (2026-11); Jamba 1.5: AWS' table of features of
    /// the Converse API.
    pub tools: Option<bool>,
    /// Whether the model itself holds an answer to a JSON schema; `None` is not recorded, or said otherwise by one of the
    /// entries of the source. Source: L (2026-11).
    pub structured_output: Option<bool>,
    /// Length of the vectors.
    pub dimensions: Option<u64>,
    /// Which tokenizer counts, where recorded (Claude only).
    pub tokenizer: Option<TokenizerGroup>,
    /// Whether the tokenizer is assumed from the model's age.
    #[serde(default)]
    pub tokenizer_assumed: bool,
    /// Whether batch inference takes it; `None`: a price is published, or may be, but AWS' page does not list it.
    pub batch: Option<bool>,
    /// Whether the Flex tier takes it; `None`: the card says no, or nothing, but a price may be published.
    pub flex: Option<bool>,
    /// Whether the Priority tier takes it; `None` as for Flex.
    pub priority: Option<bool>,
    /// Whether the Reserved tier takes it.
    #[serde(default)]
    pub reserved: bool,
    /// Rules of prompt caching; `None`: none recorded for this model.
    pub cache: Option<CacheRules>,
    /// Provisioned Throughput; `None`: not on sale.
    pub provisioned: Option<Provisioned>,
    /// Prices of media and requests.
    pub unit_prices: Option<UnitPrices>,
    /// Customisation.
    pub custom: Option<CustomPrices>,
    /// Prices in public extended access, where known.
    pub extended_access: Option<ExtendedAccess>,
    /// Dates.
    pub lifecycle: Lifecycle,
    /// What else is known.
    pub notes: Option<Arc<str>>,
    #[serde(default)]
    pub(crate) prices: Prices,
    pub(crate) long_context: Option<LongContext>,
    /// `[input, output]` (embeddings: `[input]`) where a region's price differs from the US one.
    #[serde(default)]
    pub(crate) regions: BTreeMap<Region, Vec<Usd>>,
    /// Regions whose figure looks wrong in the source and was not verified.
    #[serde(default)]
    pub(crate) doubtful_regions: Vec<Region>,
    pub(crate) latency_optimized: Option<Sheet>,
    pub(crate) reserved_rates: Option<ReservedRates>,
}

impl ModelInfo {
    /// Whether it has a `global.` inference profile.
    #[must_use]
    pub fn offers_global(&self) -> bool {
        self.profiles.iter().any(|profile| &**profile == "global")
    }

    /// The prompt size in tokens above which the whole request moves to the long-context price.
    #[must_use]
    pub fn long_context_above(&self) -> Option<u64> {
        self.long_context.as_ref().map(|long| long.above_input_tokens)
    }

    /// The band a request of `prompt_tokens` (uncached, read and written) is priced in.
    #[must_use]
    pub fn band_for(&self, prompt_tokens: u64) -> ContextBand {
        match self.long_context_above() {
            Some(above) if prompt_tokens > above => ContextBand::Long,
            _ => ContextBand::Standard,
        }
    }

    /// Least input and output tokens per minute that the Reserved tier sells.
    #[must_use]
    pub fn reserved_minimum(&self) -> Option<[u64; 2]> {
        self.reserved_rates.as_ref().map(|rates| rates.min_tpm)
    }

    /// Whether this is one of Amazon's Nova models, which bill cache writes as plain input.
    pub(crate) fn is_nova(&self) -> bool {
        &*self.provider == "Amazon" && self.family.starts_with("Nova")
    }

    /// How many tokens this model's text makes on `other`.
    #[must_use]
    pub fn tokenizer_change(&self, other: &Self) -> TokenizerChange {
        use TokenizerGroup::{Claude47, ClaudePre47};
        match (self.tokenizer, other.tokenizer) {
            _ if self.id == other.id => TokenizerChange::Same,
            (Some(from), Some(to)) if from == to => TokenizerChange::Same,
            (Some(ClaudePre47), Some(Claude47)) => TokenizerChange::Between(Ratio::ONE, Ratio::from_ppm(1_350_000)),
            (Some(Claude47), Some(ClaudePre47)) => TokenizerChange::Between(Ratio::from_ppm(740_741), Ratio::ONE),
            _ => TokenizerChange::Unknown,
        }
    }
}
