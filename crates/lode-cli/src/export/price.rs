//! What a job costs beside what its calls cost: their tokens at the prices of the estate.

use std::collections::BTreeMap;

use lode_model::{Class, ContextBand, Mode, ModelId, Money, Owner, PriceKey, Request, Routing};
use lode_prices::NewRates;
use lode_sim::{Estate, SelectedCall, Simulator};

/// Dollars, where the prices are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// In batch, where nothing is cached.
    pub(crate) batch: Option<Money>,
    /// As they were made.
    pub(crate) paid: Option<Money>,
}

impl Cost {
    /// Of these calls of one owner, or of several that pay alike.
    pub(crate) fn of(estate: &Estate, owner: &Owner, calls: &[SelectedCall]) -> Self {
        let Some(today) = estate.charges.iter().find(|charge| charge.owner == *owner && charge.key.class.is_token())
        else {
            return Self { batch: None, paid: None };
        };
        let own = |request: &Request| PriceKey {
            model: request.model.clone(),
            routing: request.routing,
            mode: request.mode.unwrap_or(Mode::Standard),
            band: band(estate, &request.model, request),
            ..today.key.clone()
        };
        let batch = |call: &SelectedCall| PriceKey {
            model: call.model.clone(),
            mode: Mode::Batch,
            band: band(estate, &call.model, &call.request),
            source: Simulator::new(estate, NewRates::Inherit).source_of(&call.model, today.key.source),
            ..own(&call.request)
        };
        let mut paid = Tokens::default();
        let mut moved = Tokens::default();
        for call in calls {
            let (key, tokens) = (own(&call.request), &call.request.tokens);
            for (class, count) in tokens.by_class() {
                paid.add(&key, class, count);
            }
            let key = batch(call);
            moved.add(&key, Class::Input, tokens.prompt());
            moved.add(&key, Class::Output, tokens.output);
        }
        Self { batch: moved.cost(estate, &today.key), paid: paid.cost(estate, &today.key) }
    }

    /// In a sentence or two.
    pub(crate) fn words(self) -> String {
        let usd = |money: Money| format!("${}", money.to_decimal(2));
        let batch = match self.batch {
            Some(batch) => format!("About {} at your batch prices", usd(batch)),
            None => "Its price in batch is not known: it would be paid".to_owned(),
        };
        let paid = match self.paid {
            Some(paid) => format!("the {} that these calls cost as they were made", usd(paid)),
            None => "what these calls cost as they were made".to_owned(),
        };
        match self.batch {
            Some(_) => format!("{batch}, paid once more on top of {paid}."),
            None => format!("{batch} on top of {paid}."),
        }
    }
}

fn band(estate: &Estate, model: &ModelId, request: &Request) -> ContextBand {
    let info = estate.prices.catalogue().model(model);
    info.map_or(ContextBand::Standard, |info| info.band_for(request.tokens.prompt()))
}

/// Tokens by what decides their price.
#[derive(Default)]
struct Tokens(BTreeMap<PriceKey, u64>);

impl Tokens {
    fn add(&mut self, key: &PriceKey, class: Class, count: u64) {
        if count > 0 {
            *self.0.entry(PriceKey { class, ..key.clone() }).or_default() += count;
        }
    }

    fn cost(&self, estate: &Estate, today: &PriceKey) -> Option<Money> {
        let cost = |(key, count): (&PriceKey, &u64)| {
            let quote = estate.prices.quote(key, today, NewRates::Inherit).ok()?;
            Some(quote.rate.cost(i128::from(*count), 1))
        };
        self.0.iter().map(cost).sum()
    }
}

/// How most of some calls pay.
pub(crate) fn routing(calls: &[SelectedCall]) -> Routing {
    let global = calls.iter().filter(|call| call.request.routing == Routing::Global).count();
    if global * 2 > calls.len() { Routing::Global } else { Routing::Regional }
}
