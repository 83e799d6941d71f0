//! What running a test costs: the plan's tokens at the prices of the estate.

use lode_engine::Recommendation;
use lode_eval::{Plan, Tokens};
use lode_model::{BillingSource, Class, Mode, ModelId, Money, PriceKey, Ratio, Routing, WorkloadId};
use lode_prices::NewRates;
use lode_report::means;
use lode_sim::{Estate, Simulator};

/// What the parts cost, none where a price is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Calls of today's model.
    pub(crate) today: Option<Money>,
    /// Calls of the candidate.
    pub(crate) candidate: Option<Money>,
    /// Calls of the judge; `Some` of nothing where it judges nothing.
    pub(crate) judge: Option<Money>,
}

/// The models of a test, and how much longer texts are on the candidate.
pub(crate) struct Models<'a> {
    pub(crate) today: &'a ModelId,
    pub(crate) candidate: &'a ModelId,
    /// Not known where it is an ARN of the user's own.
    pub(crate) judge: Option<&'a ModelId>,
    /// Tokens of prompts and of answers on the candidate.
    pub(crate) ratios: [Ratio; 2],
    /// Which price today's model, the candidate and the judge are called at.
    pub(crate) routings: [Routing; 3],
}

impl Cost {
    /// Prices a plan. Nothing is cached in a test; a prompt that is long enough for another price is priced so.
    pub(crate) fn of(
        plan: &Plan,
        models: &Models<'_>,
        workload: &WorkloadId,
        r: &Recommendation,
        estate: &Estate,
    ) -> Self {
        let estimate = plan.estimate();
        let own = estate.charges.iter().filter(|charge| means(r, &charge.owner));
        let today = own.map(|charge| &charge.key).find(|key| matches!(key.class, Class::Input | Class::Output));
        let today = today.cloned().unwrap_or_else(|| PriceKey {
            account: workload.account.clone(),
            region: workload.region.clone(),
            model: models.today.clone(),
            routing: models.routings[0],
            mode: Mode::Standard,
            band: lode_model::ContextBand::Standard,
            class: Class::Input,
            source: BillingSource::AmazonBedrock,
            custom: false,
        });
        let longest = plan.cohorts.iter().flat_map(|cohort| cohort.sample()).map(|call| call.prompt_tokens).max();
        let price = |model: &ModelId, routing: Routing, tokens: Tokens| {
            let info = estate.prices.catalogue().model(model)?;
            let source = Simulator::new(estate, NewRates::Inherit).source_of(model, today.source);
            let cost = |class: Class, tokens: u64| {
                let key = PriceKey {
                    model: model.clone(),
                    routing,
                    mode: Mode::Standard,
                    band: info.band_for(longest.unwrap_or_default()),
                    class,
                    source,
                    custom: false,
                    ..today.clone()
                };
                let quote = estate.prices.quote(&key, &today, NewRates::Inherit).ok()?;
                Some(quote.rate.cost(i128::from(tokens), 1))
            };
            Some(cost(Class::Input, tokens.input)? + cost(Class::Output, tokens.output)?)
        };
        let [for_today, for_candidate, for_judge] = models.routings;
        let scaled = |tokens: u64, ratio: Ratio| u64::try_from(ratio.of(i128::from(tokens))).unwrap_or(u64::MAX);
        let candidate = Tokens {
            input: scaled(estimate.candidate.input, models.ratios[0]),
            output: scaled(estimate.candidate.output, models.ratios[1]),
        };
        let judged = estimate.judge != Tokens::default();
        Self {
            today: price(models.today, for_today, estimate.today),
            candidate: price(models.candidate, for_candidate, candidate),
            judge: if judged {
                models.judge.and_then(|judge| price(judge, for_judge, estimate.judge))
            } else {
                Some(Money::ZERO)
            },
        }
    }

    /// In a sentence or two.
    pub(crate) fn words(&self) -> String {
        let parts = [("today's model", self.today), ("the candidate", self.candidate), ("the judge", self.judge)];
        let usd = |money: Money| format!("${}", money.to_decimal(2));
        let amount = |money: Money| if money.is_zero() { "nothing".to_owned() } else { usd(money) };
        let known: Money = parts.iter().filter_map(|(_, cost)| *cost).sum();
        let told = parts.map(|(who, cost)| format!("{who} {}", cost.map_or_else(|| "not known".to_owned(), amount)));
        let unknown = parts.iter().any(|(_, cost)| cost.is_none());
        let more = if unknown { " and what has no known price" } else { "" };
        format!("About {}{more} at your prices: {}.", usd(known), told.join(", "))
    }
}
