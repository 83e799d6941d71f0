//! Pairs of models worth comparing: from one that people pay for to one that may do for less.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use lode_model::{ModelId, Ratio, Routing};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::model_info::{Modality, ModelStatus, word_enum};
use crate::sheet::Usd;

word_enum! {
    /// What kind of move it is.
    MoveKind {
        /// A newer model of the same tier and maker.
        NewerSameTier = "newer-same-tier",
        /// A newer model of a lower tier of the same maker.
        NewerLowerTier = "newer-lower-tier",
        /// A lower tier of the same maker.
        TierDown = "tier-down",
        /// Another maker or model line.
        CrossFamily = "cross-family",
    }
}

word_enum! {
    /// How likely answers get worse, before any test: low = newer with a higher score; medium = a lower tier
    /// with evidence on some task; high = without.
    Risk {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

/// What a move gives up or changes, as the catalogue noted it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watch {
    /// The target takes no batch jobs.
    NoBatch,
    /// The target counts more tokens for the same text: 1.0 to 1.35 times.
    TokenizerGrows,
    /// Another maker's tokenizer: token counts are not comparable.
    TokenizerDiffers,
    /// The target's price jumps above this many prompt tokens.
    PriceJumpsAbove(u64),
    /// The target has no one-hour cache.
    NoOneHourCache,
    /// The target does not take these.
    Loses(Vec<Modality>),
    /// The context window shrinks.
    Context {
        /// Tokens today.
        from: u64,
        /// Tokens on the target.
        to: u64,
    },
    /// The longest answer shrinks.
    MaxOutput {
        /// Tokens today.
        from: u64,
        /// Tokens on the target.
        to: u64,
    },
}

impl Watch {
    /// Reads the data file's text.
    fn read(text: &str) -> Option<Self> {
        let shrinks = |rest: &str| {
            let (from, to) = rest.split_once("->")?;
            Some((from.parse().ok()?, to.parse().ok()?))
        };
        let modality = |word: &str| match word {
            "text" => Some(Modality::Text),
            "image" => Some(Modality::Image),
            "video" => Some(Modality::Video),
            _ => None,
        };
        match text {
            "batch" => return Some(Self::NoBatch),
            "tokenizer x1.0-1.35" => return Some(Self::TokenizerGrows),
            "tokenizer differs" => return Some(Self::TokenizerDiffers),
            "cache_ttl_1h" => return Some(Self::NoOneHourCache),
            _ => {}
        }
        if let Some(rest) = text.strip_prefix("price jumps above ") {
            rest.strip_suffix(" input tokens")?.parse().ok().map(Self::PriceJumpsAbove)
        } else if let Some(rest) = text.strip_prefix("modalities:") {
            rest.split(',').map(modality).collect::<Option<_>>().map(Self::Loses)
        } else if let Some(rest) = text.strip_prefix("context ") {
            shrinks(rest).map(|(from, to)| Self::Context { from, to })
        } else {
            shrinks(text.strip_prefix("max_output ")?).map(|(from, to)| Self::MaxOutput { from, to })
        }
    }
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom(format!("unknown watch-out `{text}`")))
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBatch => f.write_str("no batch inference"),
            Self::TokenizerGrows => f.write_str("same text counts 1.0 to 1.35 times the tokens"),
            Self::TokenizerDiffers => f.write_str("another tokenizer: token counts are not comparable"),
            Self::PriceJumpsAbove(tokens) => write!(f, "price jumps above {tokens} prompt tokens"),
            Self::NoOneHourCache => f.write_str("no one-hour prompt cache"),
            Self::Loses(modalities) => {
                f.write_str("does not take ")?;
                for (place, modality) in modalities.iter().enumerate() {
                    write!(f, "{}{modality}", if place > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
            Self::Context { from, to } => write!(f, "context shrinks from {from} to {to} tokens"),
            Self::MaxOutput { from, to } => write!(f, "longest answer shrinks from {from} to {to} tokens"),
        }
    }
}

/// One public score of both models, from one source; scores of different sources do not compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// What was measured, such as `gpqa`; percent.
    pub name: Arc<str>,
    /// Of the model today.
    pub from: Arc<str>,
    /// Of the target.
    pub to: Arc<str>,
    /// Letter of the source.
    pub source: Arc<str>,
}

/// A pair of models worth comparing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The model today.
    pub from: ModelId,
    /// The target.
    pub to: ModelId,
    /// What kind of move.
    pub kind: MoveKind,
    /// How likely answers get worse.
    pub risk: Risk,
    /// Target price of input as a multiple of today's, rounded to three digits; for show, prices decide.
    #[serde(default, deserialize_with = "ratio")]
    pub ratio_input: Option<Ratio>,
    /// The same of output.
    #[serde(default, deserialize_with = "ratio")]
    pub ratio_output: Option<Ratio>,
    /// The same of a query, for rerankers.
    #[serde(default, deserialize_with = "ratio")]
    pub ratio_unit: Option<Ratio>,
    /// At which of the two prices the ratios were taken.
    pub scope: Option<Routing>,
    /// What to watch.
    #[serde(default)]
    pub watch: Vec<Watch>,
    /// What else is known.
    pub note: Option<Arc<str>>,
    /// State of the target where it is not active.
    pub target_status: Option<ModelStatus>,
    /// Public scores of both.
    #[serde(default, rename = "quality_from_to", deserialize_with = "scores")]
    pub scores: Vec<Score>,
}

fn ratio<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ratio>, D::Error> {
    let usd = Usd::deserialize(deserializer)?;
    let ppm = i64::try_from(usd.0.pico() / 1_000_000).map_err(|_| D::Error::custom("ratio out of range"))?;
    Ok(Some(Ratio::from_ppm(ppm)))
}

fn scores<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Score>, D::Error> {
    let map = BTreeMap::<Arc<str>, [Arc<str>; 3]>::deserialize(deserializer)?;
    Ok(map.into_iter().map(|(name, [from, to, source])| Score { name, from, to, source }).collect())
}
