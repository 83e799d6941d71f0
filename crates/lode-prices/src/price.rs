//! The list price of a price key: which table, which multiplier, or why there is none.
//!
//! Rules, with their sources (letters as in [`crate::Source`]; read until 2026-11-23):
//! - The US price holds in us-east-1, us-east-2 and us-west-2, in-Region and through a geographic profile;
//!   the global price is that of the `global.` profile (L, G).
//! - Marketplace models have one regional price in every commercial region (G, L). GovCloud has its own (L).
//! - Native models differ by region; the catalogue has input and output there (A, GovCloud: L). Other classes
//!   keep their ratio to the model's own US price: derived.
//! - Batch is 0.5 × input and output, without caching (D, AWS' prompt-caching page). Flex is 0.5 ×, Priority
//!   1.75 ×, cache reads included (D). Published figures go first; AWS rounds some of them.
//! - Above a model's long-context limit the whole request is priced higher (L, G).
//! - Claude's cache writes are 1.25 × input for 5 minutes, 2 × for an hour; Nova's are plain input (D).

use std::sync::Arc;

use lode_model::{
    Class, ContextBand, GuardrailPolicy, Mode, ModelId, Money, PriceKey, Rate, Region, Routing, Term, Ttl,
};

use crate::catalogue::Catalogue;
use crate::model_info::{Billing, ModelInfo, Provisioned};
use crate::sheet::{Letters, Sheet, Usd};

/// The regions in which the catalogue's US price holds.
const US: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];

const MILLION: i128 = 1_000_000;

/// A list price, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPrice {
    /// Dollars per step of the class's unit: per token, per micro-hour, per micro-GB-month.
    pub rate: Rate,
    /// Letters of the sources, as [`crate::Source::id`].
    pub sources: Vec<Arc<str>>,
    /// How it was computed from published prices, step by step; empty when it is published itself.
    pub derived: Vec<&'static str>,
}

impl ListPrice {
    /// Whether a source stronger than a secondary article or a single weak note says so.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.sources.iter().any(|source| !matches!(&**source, "S" | "U"))
    }
}

/// Why the catalogue has no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// No such model.
    #[error("{0} is not in the price catalogue")]
    UnknownModel(ModelId),
    /// The model has a price, but not there; or the region is not known.
    #[error("the price catalogue has no price for {what} in region {region}")]
    NoRegionPrice {
        /// The model, or the service.
        what: Arc<str>,
        /// The region asked for.
        region: Region,
    },
    /// AWS does not sell it.
    #[error("{model} does not offer {what}")]
    NotOffered {
        /// The model.
        model: ModelId,
        /// What is not on offer.
        what: &'static str,
    },
    /// AWS sells it, or may, and no public price was found.
    #[error("no public price was found for {what} of {model}")]
    NotFound {
        /// The model.
        model: ModelId,
        /// What has no price.
        what: &'static str,
    },
    /// Ask again in the standard band: [`ModelInfo::band_for`].
    #[error("{0} has one price whatever the length of the prompt")]
    NoLongContextPrice(ModelId),
    /// The figure looks wrong, and nobody verified it.
    #[error("the figure found for {model} in region {region} is doubtful and was not used")]
    Doubtful {
        /// The model.
        model: ModelId,
        /// The region asked for.
        region: Region,
    },
    /// The catalogue has no prices of this class.
    #[error("the price catalogue does not price {0}")]
    UnknownClass(Class),
}

/// A price on its way: a fraction of pico-dollars per step.
struct Found {
    pico: i128,
    per: i128,
    sources: Letters,
    derived: Vec<&'static str>,
}

impl Found {
    /// USD per a million steps: 1,000,000 tokens, or an hour.
    fn published(money: Money, sources: &[Arc<str>]) -> Self {
        Self { pico: money.pico(), per: MILLION, sources: sources.to_vec(), derived: Vec::new() }
    }

    fn times(mut self, top: i128, bottom: i128, why: &'static str) -> Self {
        self.pico *= top;
        self.per *= bottom;
        self.derived.push(why);
        self
    }

    /// The rate per a million steps where that is a whole number of pico-dollars, else the reduced fraction.
    fn finish(self) -> Option<ListPrice> {
        let whole = self.pico * MILLION;
        let rate = if self.per > 0 && whole % self.per == 0 {
            Rate::new(Money::from_pico(whole / self.per), MILLION)
        } else {
            let (mut a, mut b) = (self.pico, self.per);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            Rate::new(Money::from_pico(self.pico / a.max(1)), self.per / a.max(1))
        };
        rate.map(|rate| ListPrice { rate, sources: self.sources, derived: self.derived })
    }
}

fn is_us(region: &Region) -> bool {
    US.contains(&region.as_str())
}

/// Whether this is a region of the commercial partition: `eu-west-1`, not `us-gov-west-1`, not `unknown`.
fn is_commercial(region: &Region) -> bool {
    let mut parts = region.as_str().split('-');
    let (Some(area), Some(side), Some(number), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    area != "cn"
        && area.len() == 2
        && side.len() > 3
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

impl Catalogue {
    /// The list price of a key, in force on [`Catalogue::as_of`], before discounts and tax.
    ///
    /// The account and the billing source of the key do not matter: list prices are the same for all.
    /// Extended access is never switched on by itself: see [`Catalogue::extended_access_price`].
    ///
    /// # Errors
    /// Says why there is no price.
    pub fn list_price(&self, key: &PriceKey) -> Result<ListPrice, Unpriced> {
        match &key.class {
            Class::SearchOcuHour | Class::IndexingOcuHour => {
                return self.service(key, "opensearch_serverless.ocu_hour");
            }
            Class::StoreGbMonth => return self.service(key, "opensearch_serverless.storage_gb_month"),
            Class::GuardrailUnit(policy) => {
                let (name, per) = guardrail(*policy);
                return self.service_per(key, name, per);
            }
            Class::ModelStorageMonth => return self.service(key, "custom_model.storage_month"),
            Class::ImportStorageMonth => return self.service(key, "custom_model_import.storage_cmu_month"),
            Class::Other(_) | Class::ImportUnitMinute => return Err(Unpriced::UnknownClass(key.class.clone())),
            _ => {}
        }
        let model = self.model(&key.model).ok_or_else(|| Unpriced::UnknownModel(key.model.clone()))?;
        let asked = Asked { model, key };
        let found = match &key.class {
            Class::ModelUnitHour(term) => asked.model_unit(*term),
            Class::ReservedInputTpmHour(term) => asked.reserved(*term, 0),
            Class::ReservedOutputTpmHour(term) => asked.reserved(*term, 1),
            _ => asked.tokens(),
        }?;
        found.finish().ok_or_else(|| asked.not_found("this class"))
    }

    /// The price in public extended access, where the maker is known to charge more. It holds from
    /// [`crate::ExtendedAccess::from`] on; whether that day has come is for the caller to say.
    #[must_use]
    pub fn extended_access_price(&self, key: &PriceKey) -> Option<ListPrice> {
        let extended = self.model(&key.model)?.extended_access.as_ref()?;
        let plain = key.routing == Routing::Regional && key.band == ContextBand::Standard && !key.custom;
        if !plain || !extended.regions.contains(&key.region) {
            return None;
        }
        let money = extended.prices.published(key.mode, &key.class)?;
        Found::published(money, extended.prices.sources(key.mode)).finish()
    }

    fn service(&self, key: &PriceKey, name: &str) -> Result<ListPrice, Unpriced> {
        self.service_per(key, name, 1)
    }

    /// The price of a service that is published for so many hours or pieces.
    fn service_per(&self, key: &PriceKey, name: &str, per: i128) -> Result<ListPrice, Unpriced> {
        let what = match key.class {
            Class::SearchOcuHour | Class::IndexingOcuHour | Class::StoreGbMonth => {
                format!("OpenSearch Serverless ({})", key.class)
            }
            _ => key.class.to_string(),
        };
        let unknown = || Unpriced::NoRegionPrice { what: what.as_str().into(), region: key.region.clone() };
        let service = self.service_price(name).filter(|_| is_us(&key.region)).ok_or_else(unknown)?;
        let found = Found::published(service.price, &service.sources);
        Found { per: found.per * per, ..found }.finish().ok_or_else(unknown)
    }
}

/// What a policy of a guardrail is listed under, and for how many units. Of automated reasoning each of its policies is
/// billed; units of several may be one row each.
const fn guardrail(policy: GuardrailPolicy) -> (&'static str, i128) {
    match policy {
        GuardrailPolicy::Content => ("guardrails.content_filter", 1_000),
        GuardrailPolicy::ContentImages => ("guardrails.image_content", 1),
        GuardrailPolicy::Topic => ("guardrails.denied_topics", 1_000),
        GuardrailPolicy::Word => ("guardrails.word_filter", 1_000),
        GuardrailPolicy::SensitiveEntities => ("guardrails.sensitive_info_pii", 1_000),
        GuardrailPolicy::SensitiveRegexes => ("guardrails.sensitive_info_regex", 1_000),
        GuardrailPolicy::Grounding => ("guardrails.contextual_grounding", 1_000),
        GuardrailPolicy::Reasoning => ("guardrails.automated_reasoning", 1_000),
    }
}

/// A key and the model it names.
struct Asked<'a> {
    model: &'a ModelInfo,
    key: &'a PriceKey,
}

impl Asked<'_> {
    fn not_offered(&self, what: &'static str) -> Unpriced {
        Unpriced::NotOffered { model: self.model.id.clone(), what }
    }

    fn not_found(&self, what: &'static str) -> Unpriced {
        Unpriced::NotFound { model: self.model.id.clone(), what }
    }

    fn no_region(&self) -> Unpriced {
        Unpriced::NoRegionPrice { what: self.model.id.as_str().into(), region: self.key.region.clone() }
    }

    fn model_unit(&self, term: Term) -> Result<Found, Unpriced> {
        const WHAT: &str = "Provisioned Throughput";
        let sold = self.model.provisioned.as_ref().ok_or_else(|| self.not_offered(WHAT))?;
        let Provisioned { rates, custom_rates, sources, .. } = sold;
        let rates = if self.key.custom { custom_rates } else { rates };
        if rates.is_empty() {
            return Err(self.not_found("Provisioned Throughput model units"));
        }
        let us = || rates.get("us").filter(|_| is_us(&self.key.region));
        let terms = rates.get(self.key.region.as_str()).or_else(us).ok_or_else(|| self.no_region())?;
        let price = terms.get(&term).ok_or_else(|| self.not_found("Provisioned Throughput at this commitment"))?;
        Ok(Found::published(*price, sources))
    }

    /// `direction` 0 is input, 1 is output.
    fn reserved(&self, term: Term, direction: usize) -> Result<Found, Unpriced> {
        const WHAT: &str = "the Reserved tier";
        let rates = self.model.reserved_rates.as_ref().ok_or_else(|| self.not_offered(WHAT))?;
        if !is_commercial(&self.key.region) {
            return Err(self.no_region());
        }
        let terms = match self.key.routing {
            Routing::Regional => &rates.regional,
            Routing::Global => &rates.global,
        };
        let pair = terms.get(&term).ok_or_else(|| self.not_offered("the Reserved tier at this commitment"))?;
        let price = pair.get(direction).ok_or_else(|| self.not_found(WHAT))?;
        Ok(Found::published(price.0, &rates.src))
    }

    fn tokens(&self) -> Result<Found, Unpriced> {
        if matches!(self.key.mode, Mode::Provisioned | Mode::Reserved) {
            return Err(self.not_offered("prices by the token on dedicated capacity"));
        }
        if self.key.custom {
            return self.custom_tokens();
        }
        if self.key.mode == Mode::LatencyOptimized {
            return self.latency_optimized();
        }
        match self.key.routing {
            Routing::Global => {
                let sheet = self.band(self.model.prices.global.as_ref(), |long| &long.global)?;
                let sheet = sheet.ok_or_else(|| self.not_offered("a price through a global. inference profile"))?;
                if is_commercial(&self.key.region) || self.key.region.as_str() == "unknown" {
                    self.in_sheet(sheet)
                } else {
                    Err(self.no_region())
                }
            }
            Routing::Regional => self.regional(),
        }
    }

    /// The sheet of the key's context band.
    fn band<'s>(
        &'s self,
        standard: Option<&'s Sheet>,
        long: impl Fn(&'s crate::sheet::LongContext) -> &'s Sheet,
    ) -> Result<Option<&'s Sheet>, Unpriced> {
        match self.key.band {
            ContextBand::Standard => Ok(standard),
            ContextBand::Long => match &self.model.long_context {
                Some(band) => Ok(standard.map(|_| long(band))),
                None => Err(Unpriced::NoLongContextPrice(self.model.id.clone())),
            },
        }
    }

    fn regional(&self) -> Result<Found, Unpriced> {
        let region = &self.key.region;
        let standard = self.model.prices.us.as_ref();
        let sheet = self.band(standard, |long| &long.us)?;
        if self.model.doubtful_regions.contains(region) {
            return Err(Unpriced::Doubtful { model: self.model.id.clone(), region: region.clone() });
        }
        if let Some(local) = self.model.regions.get(region) {
            return self.scaled(local, standard, sheet);
        }
        // A Marketplace model that the catalogue has other commercial prices of is not priced alike everywhere.
        let everywhere = self.model.billing == Billing::Marketplace && !self.model.regions.keys().any(is_commercial);
        match sheet {
            Some(sheet) if is_us(region) || everywhere && is_commercial(region) => self.in_sheet(sheet),
            _ => Err(self.no_region()),
        }
    }

    /// The price of a region that the catalogue has `[input, output]` of.
    fn scaled(&self, local: &[Usd], standard: Option<&Sheet>, sheet: Option<&Sheet>) -> Result<Found, Unpriced> {
        const WHY: &str = "× this region's price ÷ the US price, of input or output";
        let sources: Letters = vec![if is_commercial(&self.key.region) { "A" } else { "L" }.into()];
        let output = self.key.class == Class::Output;
        let here = local.get(usize::from(output)).map(|usd| usd.0);
        let ordinary = self.key.mode == Mode::Standard && self.key.band == ContextBand::Standard;
        if let Some(price) = here.filter(|_| ordinary && matches!(self.key.class, Class::Input | Class::Output)) {
            return Ok(Found::published(price, &sources));
        }
        let sheet = sheet.ok_or_else(|| self.no_region())?;
        let found = self.in_sheet(sheet)?;
        let us = standard.and_then(|us| if output { us.output } else { us.input }).filter(|usd| !usd.0.is_zero());
        let (Some(here), Some(us)) = (here, us) else { return Err(self.no_region()) };
        let mut found = found.times(here.pico(), us.0.pico(), WHY);
        found.sources.extend(sources.into_iter().filter(|letter| !sheet.src.contains(letter)));
        Ok(found)
    }

    /// The price of the key's mode and class within one sheet.
    fn in_sheet(&self, sheet: &Sheet) -> Result<Found, Unpriced> {
        let class = &self.key.class;
        let mode = self.key.mode;
        if let Some(price) = sheet.published(mode, class) {
            return Ok(Found::published(price, self.sources(sheet, mode)));
        }
        let Sheet { input, .. } = sheet;
        let us = self.model.prices.us.as_ref();
        let published = |mode| us.is_some_and(|us| us.published(mode, &Class::Input).is_some());
        match mode {
            Mode::Batch if !matches!(class, Class::Input | Class::Output) => {
                Err(self.not_offered("prompt caching in batch inference"))
            }
            Mode::Batch if self.model.batch == Some(true) => {
                Ok(self.standard(sheet, *input)?.times(1, 2, "0.5 × standard (batch)"))
            }
            Mode::Batch => Err(self.not_offered("batch inference")),
            Mode::Flex if self.model.flex == Some(true) || published(Mode::Flex) => {
                self.tier(sheet, *input, (1, 2), "0.5 × standard (flex)")
            }
            Mode::Flex => Err(self.not_offered("the Flex tier")),
            Mode::Priority if self.model.priority == Some(true) || published(Mode::Priority) => {
                self.tier(sheet, *input, (7, 4), "1.75 × standard (priority)")
            }
            Mode::Priority => Err(self.not_offered("the Priority tier")),
            _ => self.standard(sheet, *input),
        }
    }

    /// A Flex or Priority price: its multiplier is documented for input, output and cache reads.
    fn tier(
        &self,
        sheet: &Sheet,
        input: Option<Usd>,
        factor: (i128, i128),
        why: &'static str,
    ) -> Result<Found, Unpriced> {
        if matches!(self.key.class, Class::CacheWrite(_)) && !self.model.is_nova() {
            return Err(self.not_found("cache writes in this service tier"));
        }
        Ok(self.standard(sheet, input)?.times(factor.0, factor.1, why))
    }

    /// The Standard price of the key's class, published or by the cache-write multipliers.
    fn standard(&self, sheet: &Sheet, input: Option<Usd>) -> Result<Found, Unpriced> {
        let class = &self.key.class;
        let sources = self.sources(sheet, Mode::Standard);
        if let Some(price) = sheet.published(Mode::Standard, class) {
            return Ok(Found::published(price, sources));
        }
        let ttls = self.model.cache.as_ref().map_or(&[][..], |cache| &cache.ttls);
        let claude = &*self.model.provider == "Anthropic";
        match (class, input) {
            (Class::CacheWrite(ttl), Some(input)) if ttls.contains(ttl) && (claude || self.model.is_nova()) => {
                let found = Found::published(input.0, sources);
                Ok(match ttl {
                    _ if self.model.is_nova() => found.times(1, 1, "plain input (Nova bills cache writes as input)"),
                    Ttl::OneHour => found.times(2, 1, "2 × input (one-hour cache write)"),
                    _ => found.times(5, 4, "1.25 × input (cache write)"),
                })
            }
            (Class::CacheWrite(ttl), _) if ttls.contains(ttl) => Err(self.not_found("cache writes")),
            (Class::CacheWrite(_), _) => Err(self.not_offered("prompt caching with this time to live")),
            (Class::CacheRead, _) if self.model.cache.is_some() => Err(self.not_found("cache reads")),
            (Class::CacheRead, _) => Err(self.not_offered("prompt caching")),
            (Class::Output, Some(_)) => Err(self.not_offered("output tokens")),
            _ => Err(self.not_found("tokens")),
        }
    }

    /// Sources of a sheet; long-context sheets cite theirs once for both scopes.
    fn sources<'s>(&'s self, sheet: &'s Sheet, mode: Mode) -> &'s [Arc<str>] {
        match (&self.model.long_context, self.key.band) {
            (Some(long), ContextBand::Long) => &long.src,
            _ => sheet.sources(mode),
        }
    }

    /// Latency-optimised inference (P, 2026-07-24): a table of its own, read for the US regions.
    fn latency_optimized(&self) -> Result<Found, Unpriced> {
        const WHAT: &str = "latency-optimised inference";
        let sheet = self.model.latency_optimized.as_ref().ok_or_else(|| self.not_offered(WHAT))?;
        if self.key.routing == Routing::Global || self.key.band == ContextBand::Long {
            return Err(self.not_offered("latency-optimised inference of this kind"));
        }
        if !is_us(&self.key.region) {
            return Err(self.no_region());
        }
        let price = sheet.published(Mode::Standard, &self.key.class).ok_or_else(|| self.not_found(WHAT))?;
        Ok(Found::published(price, &sheet.src))
    }

    /// Tokens of a customised model on demand: Nova at its base price, a few others at prices of their own (P).
    fn custom_tokens(&self) -> Result<Found, Unpriced> {
        let unknown = || self.not_found("inference of a custom model");
        let custom = self.model.custom.as_ref().ok_or_else(unknown)?;
        if custom.base_price {
            let base = PriceKey { custom: false, ..self.key.clone() };
            let found = Asked { model: self.model, key: &base }.tokens()?;
            return Ok(found.times(1, 1, "base model's price (custom Nova on demand)"));
        }
        let [input, output] = custom.inference.ok_or_else(unknown)?;
        let plain = self.key.mode == Mode::Standard
            && self.key.routing == Routing::Regional
            && self.key.band == ContextBand::Standard;
        match &self.key.class {
            _ if !plain => Err(unknown()),
            _ if !is_us(&self.key.region) => Err(self.no_region()),
            Class::Input => Ok(Found::published(input.0, &custom.sources)),
            Class::Output => Ok(Found::published(output.0, &custom.sources)),
            _ => Err(unknown()),
        }
    }
}
