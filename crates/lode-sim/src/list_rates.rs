//! What the tokens of a call cost, as list prices: those of the catalogue, else, of a prompt, multiples of an input rate
//! that nobody knows.

use lode_model::{AccountId, BillingSource, Class, ContextBand, Mode, ModelId, PriceKey, Region, Routing, Ttl};
use lode_prices::Catalogue;

use crate::search::PromptRates;

/// Where a rate comes from. The weakest that any token of a group needed is the group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RateBasis {
    /// List prices of the model in the region.
    List,
    /// List prices of the model in us-east-1: the catalogue has none of the region.
    OtherRegion,
    /// The model has an input price, and some class of its prompt caching has none: Claude's multiple stands in.
    Multiples,
    /// No price is known: an input rate of one, and Claude's multiples of it.
    Unpriced,
}

/// Claude's multiples of the input rate, in hundredths: of a read, and of writes that live 5 minutes, 30 minutes and an
/// hour (AWS prompt-caching page, copy of 2026-10; 30 minutes as GPT models have it).
const MULTIPLES: [(Class, i128); 4] = [
    (Class::CacheRead, 10),
    (Class::CacheWrite(Ttl::FiveMinutes), 125),
    (Class::CacheWrite(Ttl::ThirtyMinutes), 125),
    (Class::CacheWrite(Ttl::OneHour), 200),
];
/// The input rate where none is known: any number, with no dollars behind it.
const UNIT: i128 = 1_000_000;
/// Rates are per this many tokens.
pub(crate) const TOKENS: i128 = 1_000_000;

/// What is priced alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Priced {
    pub(crate) routing: Routing,
    pub(crate) mode: Mode,
    pub(crate) band: ContextBand,
}

/// What the tokens of a call cost, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rates {
    pub(crate) prompt: PromptRates,
    /// Of an answer, where the key that prices the prompt has a price of it.
    pub(crate) output: Option<i128>,
    pub(crate) basis: RateBasis,
}

impl Rates {
    /// Those of a model's list prices in a region; pico-dollars for a million tokens.
    pub(crate) fn of(catalogue: &Catalogue, region: &Region, model: &ModelId, priced: &Priced) -> Self {
        let here = PriceKey {
            account: AccountId::from(""),
            region: region.clone(),
            model: model.clone(),
            routing: priced.routing,
            mode: priced.mode,
            band: priced.band,
            class: Class::Input,
            // List prices do not depend on the seller.
            source: BillingSource::AmazonBedrock,
            custom: false,
        };
        let standard = PriceKey { mode: Mode::Standard, ..here.clone() };
        let elsewhere = PriceKey { region: Region::from("us-east-1"), routing: Routing::Regional, ..standard.clone() };
        let price = |key: &PriceKey, class: &Class| {
            let list = catalogue.list_price(&PriceKey { class: class.clone(), ..key.clone() }).ok()?;
            Some(list.rate.per(TOKENS).pico()).filter(|rate| *rate > 0 || *class != Class::Input)
        };
        let places = [(&here, RateBasis::List), (&standard, RateBasis::List), (&elsewhere, RateBasis::OtherRegion)];
        let found = places.into_iter().find_map(|(key, basis)| Some((key, price(key, &Class::Input)?, basis)));
        let (key, input, mut basis) = found.unwrap_or((&here, UNIT, RateBasis::Unpriced));
        let [read, write_5m, write_30m, write_1h] = MULTIPLES.map(|(class, hundredths)| {
            // A tier without a price of its own for a class has the model's Standard multiple.
            let multiple =
                |key: &PriceKey| Some(price(key, &class)?.saturating_mul(input) / price(key, &Class::Input)?);
            let listed = price(key, &class).or_else(|| multiple(&standard)).or_else(|| multiple(&elsewhere));
            listed.unwrap_or_else(|| {
                let offered = match (&class, catalogue.model(model).map(|info| info.cache.as_ref())) {
                    (Class::CacheWrite(ttl), Some(Some(cache))) => cache.ttls.contains(ttl),
                    (_, Some(None)) => false,
                    _ => true,
                };
                if offered {
                    basis = basis.max(RateBasis::Multiples);
                }
                input * hundredths / 100
            })
        });
        let output = price(key, &Class::Output);
        Self { prompt: PromptRates { input, read, write_5m, write_30m, write_1h }, output, basis }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Served;

    fn rates(region: &str, model: &str, mode: Mode) -> Rates {
        let priced = Priced { routing: Routing::Regional, mode, band: ContextBand::Standard };
        Rates::of(Catalogue::builtin(), &Region::from(region), &ModelId::from(model), &priced)
    }

    fn multiples(rates: &Rates) -> [i128; 4] {
        let rates = &rates.prompt;
        [rates.read, rates.write_5m, rates.write_30m, rates.write_1h].map(|rate| rate * 1_000 / rates.input)
    }

    #[test]
    fn list_prices_decide_and_what_they_lack_is_said() {
        let sonnet = rates("us-east-1", "anthropic.claude-sonnet-4-6", Mode::Standard);
        assert_eq!((multiples(&sonnet), sonnet.basis), ([100, 1250, 1250, 2000], RateBasis::List));
        let newer = rates("us-east-1", "anthropic.claude-sonnet-5-5", Mode::Standard);
        assert_eq!((multiples(&newer), newer.basis), ([50, 1250, 1250, 2000], RateBasis::List));
        let nova = rates("us-east-1", "amazon.nova-pro-v1:0", Mode::Standard);
        assert_eq!((multiples(&nova)[..2].to_vec(), nova.basis), (vec![250, 1000], RateBasis::List));
        // The Flex tier halves every price, and has none of its own for what is not sold in it.
        let flex = rates("us-east-1", "amazon.nova-pro-v1:0", Mode::Flex);
        assert_eq!((flex.prompt.input * 2, multiples(&flex)[..2].to_vec()), (nova.prompt.input, vec![250, 1000]));
        let nowhere = rates("mars-north-1", "anthropic.claude-3-7-sonnet-20250219-v1:0", Mode::Standard);
        assert_eq!((multiples(&nowhere)[0], nowhere.basis), (100, RateBasis::OtherRegion));
        assert_eq!((sonnet.output, flex.output.map(|rate| rate * 2)), (Some(sonnet.prompt.input * 5), nova.output));
        let nobody = rates("us-east-1", "nobody.knows-this", Mode::Standard);
        assert_eq!(nobody.output, None);
        assert_eq!((multiples(&nobody), nobody.basis), ([100, 1250, 1250, 2000], RateBasis::Unpriced));
    }

    #[test]
    fn the_parts_of_a_prompt_cost_their_rates() {
        let nobody = rates("us-east-1", "nobody.knows-this", Mode::Standard);
        let served = Served { read: 1000, write_5m: 100, write_30m: 0, write_1h: 10 };
        // 890 × 1 + 1000 × 0.1 + 100 × 1.25 + 10 × 2
        assert_eq!(nobody.prompt.cost(2000, &served), 1135 * UNIT);
    }
}
