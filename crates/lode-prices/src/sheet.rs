//! Tables of prices as the data files hold them. Knows the shape of the files, none of the pricing rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{Class, Mode, Money, Term, Ttl};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Letters of sources, as [`crate::Source::id`].
pub(crate) type Letters = Vec<Arc<str>>;

/// Dollars by region (or `us`) and term.
type ByRegionAndTerm = BTreeMap<Arc<str>, BTreeMap<Term, Money>>;

/// Dollars written as decimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usd(pub(crate) Money);

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Money::parse(&text).map(Self).map_err(|error| D::Error::custom(format!("price `{text}`: {error}")))
    }
}

/// Reads money where the field itself is public.
pub(crate) fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    Usd::deserialize(deserializer).map(|usd| usd.0)
}

/// Reads a map of money.
pub(crate) fn money_map<'de, K, D>(deserializer: D) -> Result<BTreeMap<K, Money>, D::Error>
where
    K: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    let map = BTreeMap::<K, Usd>::deserialize(deserializer)?;
    Ok(map.into_iter().map(|(key, usd)| (key, usd.0)).collect())
}

/// Reads prices by region and term.
pub(crate) fn term_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ByRegionAndTerm, D::Error> {
    let map = BTreeMap::<Arc<str>, BTreeMap<Term, Usd>>::deserialize(deserializer)?;
    let terms = |row: BTreeMap<Term, Usd>| row.into_iter().map(|(term, usd)| (term, usd.0)).collect();
    Ok(map.into_iter().map(|(region, row)| (region, terms(row))).collect())
}

/// Reads a date that may be absent.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    Ok(Some(day(deserializer)?))
}

/// Reads a date of which perhaps only the month is known (`2025-03`): its first day.
pub(crate) fn month<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = if text.len() == "2025-03".len() { format!("{text}-01") } else { text };
    day.parse().map(Some).map_err(|error| D::Error::custom(format!("date `{day}`: {error}")))
}

/// Reads a date.
pub(crate) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|error| D::Error::custom(format!("date `{text}`: {error}")))
}

/// Prices of one scope (the US regional price, or the `global.` profile's), in USD per 1,000,000 tokens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sheet {
    pub(crate) input: Option<Usd>,
    pub(crate) output: Option<Usd>,
    cache_read: Option<Usd>,
    cache_write_5m: Option<Usd>,
    cache_write_30m: Option<Usd>,
    cache_write_1h: Option<Usd>,
    batch_input: Option<Usd>,
    batch_output: Option<Usd>,
    flex_input: Option<Usd>,
    flex_output: Option<Usd>,
    priority_input: Option<Usd>,
    priority_output: Option<Usd>,
    /// Sources of the batch prices, where they differ from `src`.
    batch_src: Letters,
    pub(crate) src: Letters,
}

impl Sheet {
    /// The published price of a token class in a mode, if the sheet has one.
    pub(crate) fn published(&self, mode: Mode, class: &Class) -> Option<Money> {
        let cell = match (mode, class) {
            (Mode::Standard, Class::Input) => self.input,
            (Mode::Standard, Class::Output) => self.output,
            (Mode::Standard, Class::CacheRead) => self.cache_read,
            (Mode::Standard, Class::CacheWrite(Ttl::FiveMinutes)) => self.cache_write_5m,
            (Mode::Standard, Class::CacheWrite(Ttl::ThirtyMinutes)) => self.cache_write_30m,
            (Mode::Standard, Class::CacheWrite(Ttl::OneHour)) => self.cache_write_1h,
            (Mode::Batch, Class::Input) => self.batch_input,
            (Mode::Batch, Class::Output) => self.batch_output,
            (Mode::Flex, Class::Input) => self.flex_input,
            (Mode::Flex, Class::Output) => self.flex_output,
            (Mode::Priority, Class::Input) => self.priority_input,
            (Mode::Priority, Class::Output) => self.priority_output,
            _ => None,
        };
        cell.map(|usd| usd.0)
    }

    /// The sources of a published price.
    pub(crate) fn sources(&self, mode: Mode) -> &[Arc<str>] {
        if mode == Mode::Batch && !self.batch_src.is_empty() { &self.batch_src } else { &self.src }
    }
}

/// The two scopes of a model's prices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Prices {
    pub(crate) us: Option<Sheet>,
    pub(crate) global: Option<Sheet>,
}

/// Prices of prompts above a size; the whole request moves to them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongContext {
    pub(crate) above_input_tokens: u64,
    pub(crate) us: Sheet,
    pub(crate) global: Sheet,
    pub(crate) src: Letters,
}

/// Rates of the Reserved tier, `[input, output]`, in USD per hour and 1,000 tokens per minute.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReservedRates {
    pub(crate) regional: BTreeMap<Term, [Usd; 2]>,
    pub(crate) global: BTreeMap<Term, [Usd; 2]>,
    /// Least `[input, output]` tokens per minute that can be reserved.
    pub(crate) min_tpm: [u64; 2],
    pub(crate) src: Letters,
}
