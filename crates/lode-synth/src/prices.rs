//! The list prices that synthetic bills are made of, and how the bill spells the models. Copied by hand, and on
//! purpose not read from the catalogue that the bills are later judged with.
//!
//! Sources, read 2026-11: litellm 1.109.1 and genai-prices 0.2.3 (both cite AWS' price list) for tokens; AWS price
//! list rows of 2026-08-02 for model units; AWS' pricing page (2026-07-24) for Mistral and Kimi; AWS' prompt-caching page
//! (copy of 2026-10-04) for the cache minimum of 512 tokens.

/// One model at one list price per token class, in pico-dollars a token: 1 USD per million tokens is 1,000,000.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// Bare id, without a profile's prefix.
    pub id: &'static str,
    /// Name in usage types of rows that AWS sells.
    pub usage_name: &'static str,
    /// Name of the product in AWS Marketplace, for models that are sold there.
    pub marketplace: Option<(&'static str, &'static str)>,
    /// Whether calls without global routing go through the geographic profile `us.`.
    pub geographic: bool,
    pub regional: Rates,
    pub global: Option<Rates>,
    /// Fewest tokens of a cached prefix; `None` where nothing is cached here.
    pub cache_min: Option<u64>,
    /// A model unit by the hour, without commitment.
    pub unit_hour: Option<i128>,
}

/// Pico-dollars a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rates {
    pub input: i128,
    pub output: i128,
    pub cache: Option<CacheRates>,
    pub batch: Option<(i128, i128)>,
    pub flex: Option<(i128, i128)>,
    pub priority: Option<(i128, i128)>,
    pub latency_optimized: Option<(i128, i128)>,
}

impl Rates {
    /// Input and output in one mode, and in no other.
    const fn plain(input: i128, output: i128) -> Self {
        Self { input, output, cache: None, batch: None, flex: None, priority: None, latency_optimized: None }
    }
}

/// Pico-dollars a token read from or written to the cache.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CacheRates {
    pub read: i128,
    pub write_5m: i128,
    pub write_1h: i128,
}

/// Claude's writes cost 1.25 and 2 times the input; its read price is listed on its own.
const fn claude(input: i128, output: i128, read: i128) -> Rates {
    let cache = CacheRates { read, write_5m: input * 5 / 4, write_1h: input * 2 };
    Rates { cache: Some(cache), ..Rates::plain(input, output) }
}

pub(crate) static SONNET: Model = Model {
    id: "anthropic.claude-sonnet-5-5",
    usage_name: "Claude5.5Sonnet",
    marketplace: Some(("Claude Sonnet 5.5 (Amazon Bedrock Edition)", "7a8syntheticsonnet55")),
    geographic: true,
    regional: claude(2_200_000, 11_000_000, 110_000),
    global: Some(claude(2_000_000, 10_000_000, 100_000)),
    cache_min: Some(512),
    unit_hour: None,
};

pub(crate) static OPUS: Model = Model {
    id: "anthropic.claude-opus-5-5",
    usage_name: "Claude5.5Opus",
    marketplace: Some(("Claude Opus 5.5 (Amazon Bedrock Edition)", "6c7syntheticopus55")),
    geographic: true,
    regional: claude(4_400_000, 22_000_000, 220_000),
    global: Some(claude(4_000_000, 20_000_000, 200_000)),
    cache_min: Some(512),
    unit_hour: None,
};

pub(crate) static HAIKU: Model = Model {
    id: "anthropic.claude-haiku-5-5",
    usage_name: "Claude5.5Haiku",
    marketplace: Some(("Claude Haiku 5.5 (Amazon Bedrock Edition)", "8b9synthetichaiku55")),
    geographic: true,
    regional: claude(110_000, 550_000, 11_000),
    global: Some(claude(100_000, 500_000, 10_000)),
    cache_min: Some(512),
    unit_hour: None,
};

pub(crate) static NOVA: Model = Model {
    id: "amazon.nova-2-lite-v1:0",
    usage_name: "Nova2.0Lite",
    marketplace: None,
    geographic: true,
    regional: Rates {
        batch: Some((165_000, 1_375_000)),
        flex: Some((165_000, 1_375_000)),
        ..Rates::plain(330_000, 2_750_000)
    },
    global: Some(Rates { batch: Some((150_000, 1_250_000)), ..Rates::plain(300_000, 2_500_000) }),
    cache_min: None,
    unit_hour: Some(60_500_000_000_000),
};

pub(crate) static MISTRAL: Model = Model {
    id: "mistral.mistral-large-3-675b-instruct",
    usage_name: "MistralLarge3",
    marketplace: None,
    geographic: false,
    regional: Rates {
        batch: Some((250_000, 750_000)),
        flex: Some((250_000, 750_000)),
        ..Rates::plain(500_000, 1_500_000)
    },
    global: None,
    cache_min: None,
    unit_hour: None,
};

/// Sold in batch and at the flex price; neither global nor cached.
pub(crate) static KIMI: Model = Model {
    id: "moonshotai.kimi-k2.5",
    usage_name: "KimiK2.5",
    marketplace: None,
    geographic: false,
    regional: Rates {
        batch: Some((300_000, 1_500_000)),
        flex: Some((300_000, 1_500_000)),
        ..Rates::plain(600_000, 3_000_000)
    },
    global: None,
    cache_min: None,
    unit_hour: None,
};

/// Sold in batch, not at a flex price. So are some Claudes, but each of them has a newer model of its tier that costs
/// less: an app on one would have something else to find.
pub(crate) static KIMI_THINKING: Model = Model {
    id: "moonshot.kimi-k2-thinking",
    usage_name: "KimiK2Thinking",
    marketplace: None,
    geographic: false,
    regional: Rates {
        batch: Some((300_000, 1_250_000)),
        priority: Some((1_050_000, 4_380_000)),
        ..Rates::plain(600_000, 2_500_000)
    },
    global: None,
    cache_min: None,
    unit_hour: None,
};

/// Sold latency-optimised in US regions, at a quarter more (inferred from other models' prices, 2026-10), and in batch; no
/// newer model of its tier costs less.
pub(crate) static LLAMA: Model = Model {
    id: "meta.llama3-1-70b-instruct-v1:0",
    usage_name: "Llama3-1-70B",
    marketplace: None,
    geographic: true,
    regional: Rates {
        batch: Some((360_000, 360_000)),
        latency_optimized: Some((900_000, 900_000)),
        ..Rates::plain(720_000, 720_000)
    },
    global: None,
    cache_min: None,
    unit_hour: None,
};

/// Beneath a custom model.
pub(crate) static NOVA_MICRO: Model = Model {
    id: "amazon.nova-micro-v1:0",
    usage_name: "NovaMicro",
    marketplace: None,
    geographic: true,
    regional: Rates::plain(35_000, 140_000),
    global: None,
    cache_min: None,
    unit_hour: None,
};

pub(crate) static ALL: [&Model; 9] =
    [&OPUS, &SONNET, &HAIKU, &NOVA, &NOVA_MICRO, &MISTRAL, &KIMI, &KIMI_THINKING, &LLAMA];

/// An OpenSearch Serverless OCU by the hour, US regions: 0.24 USD (AWS' pricing page as noted 2026-11).
pub(crate) const OCU_HOUR: i128 = 240_000_000_000;

/// A custom model that is stored for a month: 1.95 USD (AWS' price list, copy of 2026-10).
pub(crate) const STORED_MONTH: i128 = 1_950_000_000_000;
/// A token that Nova Micro is trained on: 0.001 USD a thousand (one secondary source, 2026-10).
pub(crate) const TRAINING_TOKEN: i128 = 1_000_000;
/// A gigabyte in S3 Vectors for a month: 0.06 USD (AWS' price feed of 2026-09-28).
pub(crate) const VECTOR_GB_MONTH: i128 = 60_000_000_000;
/// A gigabyte that queries of S3 Vectors go through, of the first 100,000 vectors of an index: 0.004 USD a terabyte (the
/// same).
pub(crate) const VECTOR_GB_PROCESSED: i128 = 4_000_000;
/// A query of S3 Vectors: 2.50 USD a million (the same).
pub(crate) const VECTOR_QUERY: i128 = 2_500_000;

/// A text unit of content filters or denied topics: 0.15 USD a thousand (litellm 1.109.1 and AWS' guardrails pricing page
/// as noted 2026-10).
pub(crate) const FILTER_UNIT: i128 = 150_000_000;
/// A text unit of kinds of personal data: 0.10 USD a thousand (the same).
pub(crate) const ENTITY_UNIT: i128 = 100_000_000;

impl Model {
    /// The model of a bare id.
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|model| model.id == id)
    }

    /// The rates of a routing, where the model is sold with it.
    pub(crate) const fn rates(&self, global: bool) -> Option<&Rates> {
        if global { self.global.as_ref() } else { Some(&self.regional) }
    }

    /// The id that a caller passes for a routing.
    pub(crate) fn called(&self, global: bool) -> String {
        match (global, self.geographic) {
            (true, _) => format!("global.{}", self.id),
            (false, true) => format!("us.{}", self.id),
            (false, false) => self.id.to_owned(),
        }
    }
}
