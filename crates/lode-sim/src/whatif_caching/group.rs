//! The calls that share a cache, replayed under one policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{AccountId, Caller, ContextBand, Marker, Mode, ModelId, Region, Request, Ttl};
use lode_prices::Catalogue;

use super::{
    CachePlacement, CachedTokens, CachingCaller, CachingCalls, CachingCheck, CachingGroup, CachingQuestion, CostRatio,
    LATE, RecordedCaching, rules_of,
};
use crate::calls::{blocks_of, has_media, is_on_demand, readable_after};
use crate::landmarks::Landmarks;
use crate::list_rates::{Priced, RateBasis, Rates};
use crate::replay::{Block, Replay, ReplayRules, Served};
use crate::replay_check::differs;
use crate::search::{Best, Prompt, PromptRates, best};
use crate::token_sizes::{Weights, by_model};

/// How logs begin the name of Provisioned Throughput.
pub(super) const PROVISIONED: &str = "provisioned-model/";

/// Millionths of pico-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Costs {
    /// Of all tokens uncached.
    pub(super) plain: i128,
    /// Of the replay: as asked, with entries readable at once, and late.
    pub(super) replayed: [i128; 3],
    /// Of what is recorded.
    pub(super) recorded: i128,
}

impl Costs {
    pub(super) fn add(&mut self, more: &Self) {
        self.plain += more.plain;
        self.recorded += more.recorded;
        self.replayed.iter_mut().zip(more.replayed).for_each(|(cost, more)| *cost += more);
    }

    /// The same ratios, every token costing a million uncached.
    pub(super) fn by_tokens(&self, tokens: u64) -> Self {
        let rate = (self.plain / i128::from(tokens.max(1))).max(1);
        let scale = |cost: i128| cost.saturating_mul(1_000_000) / rate;
        Self { plain: scale(self.plain), replayed: self.replayed.map(scale), recorded: scale(self.recorded) }
    }

    /// Their ratios to the tokens uncached; of nothing they are 1.
    pub(super) fn ratios(&self) -> (CostRatio, f64) {
        let [expected, early, late] = self.replayed.map(|cost| part(cost, self.plain));
        let low = expected.min(early).min(late);
        let high = expected.max(early).max(late);
        (CostRatio { expected, low, high }, part(self.recorded, self.plain))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is shown, not billed")]
const fn part(cost: i128, of: i128) -> f64 {
    if of > 0 { cost as f64 / of as f64 } else { 1.0 }
}

/// What every call of a group has in common.
struct Common<'a> {
    question: &'a CachingQuestion,
    rules: Option<ReplayRules>,
    /// The time to live of markers that are placed.
    ttl: Ttl,
    weights: Weights,
}

/// One call to replay.
struct Placed<'a> {
    request: &'a Request,
    /// Empty where it cannot be cached.
    blocks: Arc<[Block]>,
    markers: Vec<(usize, Ttl)>,
}

/// Replays the calls of a group, which come in time order.
pub(super) fn replayed(
    (account, region, model): (AccountId, Region, ModelId),
    requests: &[Request],
    question: &CachingQuestion,
    catalogue: &Catalogue,
) -> (CachingGroup, Costs) {
    let as_model = question.model.clone().unwrap_or_else(|| model.clone());
    let mut rules = rules_of(&as_model, catalogue);
    if let Some(rules) = &mut rules {
        rules.refresh = question.refresh;
        rules.min_tokens = question.min_tokens.unwrap_or(rules.min_tokens);
        if question.placement == CachePlacement::EveryBlock {
            rules.max_checkpoints = usize::MAX;
        }
    }
    let sizes = by_model(requests.iter());
    let shortest = rules.as_ref().and_then(|rules| rules.ttls.iter().copied().min()).unwrap_or(Ttl::FiveMinutes);
    let asked = question.ttl.unwrap_or(shortest);
    let common = Common {
        question,
        ttl: rules.as_ref().map_or(asked, |rules| rules.ttl(asked)),
        rules,
        weights: sizes.get(&model).map_or_else(Weights::default, |sizes| sizes.weights),
    };
    let mut sums = Sums::new(&common, RateTable::new(&region, &as_model, catalogue));
    let dedicated = model.as_str().starts_with(PROVISIONED);
    let failed = |request: &Request| request.error.is_some();
    let served =
        |request: &&Request| !failed(request) && !dedicated && is_on_demand(request.mode.unwrap_or(Mode::Standard));
    let best = match &question.placement {
        CachePlacement::Best => common.best(requests.iter().filter(served), &mut sums.rates),
        _ => BTreeMap::new(),
    };
    for request in requests {
        if served(&request) {
            sums.take(&common.placed(request, &best));
        } else if failed(request) {
            sums.all.calls.failed += 1;
        } else {
            sums.all.calls.not_on_demand += 1;
        }
    }
    let known = catalogue.model(&as_model).is_some();
    let costs = sums.all.costs;
    let (cost_ratio, recorded) = costs.ratios();
    // Of markers that are placed it is known, of others what was written tells.
    let placed = !matches!(question.placement, CachePlacement::InForce | CachePlacement::Best);
    let mut ttls = std::mem::take(&mut sums.ttls);
    if placed || question.ttl.is_some() {
        ttls = common.rules.iter().map(|_| common.ttl).collect();
    }
    let group = CachingGroup {
        account,
        region: region.clone(),
        model,
        as_model: as_model.clone(),
        min_tokens: common.rules.as_ref().map(|rules| rules.min_tokens),
        max_tokens: common.rules.as_ref().and_then(|rules| rules.max_tokens),
        ttl: ttls.pop_first().filter(|_| ttls.is_empty()),
        basis: sums.rates.basis,
        known,
        calls: sums.all.calls,
        tokens: sums.all.tokens,
        cost_ratio,
        recorded: RecordedCaching { tokens: sums.recorded, cost_ratio: recorded },
        check: sums.check,
        callers: best.into_iter().map(|(caller, found)| sums.caller(caller, found)).collect(),
        entries_held: sums.caches.iter().flatten().map(Replay::held).max().unwrap_or_default(),
    };
    (group, costs)
}

impl Common<'_> {
    /// The best markers of each caller, one caller in memory at a time.
    fn best<'r>(
        &self,
        requests: impl Iterator<Item = &'r Request>,
        rates: &mut RateTable<'_>,
    ) -> BTreeMap<&'r Caller, Best> {
        let Some(mut rules) = self.rules.clone() else { return BTreeMap::new() };
        if self.question.ttl.is_some() {
            rules.ttls = vec![self.ttl];
        }
        let mut by_caller: BTreeMap<&Caller, Vec<&Request>> = BTreeMap::new();
        for request in requests {
            by_caller.entry(&request.caller).or_default().push(request);
        }
        let found = |(caller, requests): (&'r Caller, Vec<&'r Request>)| {
            let prompt = |request: &&Request| Prompt {
                second: request.time.as_second(),
                readable_after: readable_after(request).unwrap_or(self.question.readable_after),
                blocks: self.blocks(request),
                landmarks: Landmarks::of(request.segments.iter().map(|segment| segment.kind)),
                tokens: request.tokens.prompt(),
                rates: rates.of(request),
            };
            let prompts: Vec<Prompt> = requests.iter().map(prompt).collect();
            let found = best(&prompts, &rules);
            (caller, found)
        };
        by_caller.into_iter().map(found).collect()
    }

    /// The blocks that can be cached; none of a call that cannot.
    fn blocks(&self, request: &Request) -> Arc<[Block]> {
        // Bytes of media tell no tokens: where markers are to be placed, what they would cover is not known.
        let placed = !matches!(self.question.placement, CachePlacement::InForce);
        let media = has_media(request.segments.iter().map(|segment| segment.kind));
        if placed && media { Arc::default() } else { blocks_of(request, self.weights) }
    }

    fn placed<'r>(&self, request: &'r Request, best: &BTreeMap<&Caller, Best>) -> Placed<'r> {
        let mut prompt = Placed { request, blocks: self.blocks(request), markers: Vec::new() };
        if prompt.blocks.is_empty() || self.rules.is_none() {
            return prompt;
        }
        let kinds = request.segments.iter().map(|segment| segment.kind);
        prompt.markers = match &self.question.placement {
            CachePlacement::Off => Vec::new(),
            CachePlacement::InForce => {
                let own = request.segments.iter().enumerate();
                let own = own.filter_map(|(place, segment)| Some((place, segment.marker?)));
                own.map(|(place, ttl)| (place, self.question.ttl.map_or(ttl, |_| self.ttl))).collect()
            }
            CachePlacement::EveryBlock => (0..prompt.blocks.len()).map(|place| (place, self.ttl)).collect(),
            CachePlacement::At(places) => {
                let markers: Vec<Marker> = places.iter().map(|place| Marker { place: *place, ttl: self.ttl }).collect();
                Landmarks::of(kinds).places(&markers).collect()
            }
            CachePlacement::Best => {
                let markers = best.get(&request.caller).map(|found| &*found.markers).unwrap_or_default();
                Landmarks::of(kinds).places(markers).collect()
            }
        };
        prompt
    }
}

/// Rates by what is priced alike.
struct RateTable<'a> {
    region: &'a Region,
    model: &'a ModelId,
    catalogue: &'a Catalogue,
    known: BTreeMap<Priced, Rates>,
    /// The weakest so far.
    basis: RateBasis,
}

impl<'a> RateTable<'a> {
    const fn new(region: &'a Region, model: &'a ModelId, catalogue: &'a Catalogue) -> Self {
        Self { region, model, catalogue, known: BTreeMap::new(), basis: RateBasis::List }
    }

    fn of(&mut self, request: &Request) -> PromptRates {
        let info = self.catalogue.model(self.model);
        let band = info.map_or(ContextBand::Standard, |info| info.band_for(request.tokens.prompt()));
        let priced = Priced { routing: request.routing, mode: request.mode.unwrap_or(Mode::Standard), band };
        if let Some(rates) = self.known.get(&priced) {
            return rates.prompt;
        }
        let rates = Rates::of(self.catalogue, self.region, self.model, &priced);
        self.basis = self.basis.max(rates.basis);
        self.known.insert(priced, rates);
        rates.prompt
    }
}

/// What is added up over calls.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    calls: CachingCalls,
    tokens: CachedTokens,
    costs: Costs,
}

/// What is added up over a group.
struct Sums<'a> {
    placement: &'a CachePlacement,
    /// Seconds of the question where a record has no latency.
    assumed: u32,
    /// As asked, with entries readable at once, and late.
    caches: [Option<Replay>; 3],
    rates: RateTable<'a>,
    ttls: BTreeSet<Ttl>,
    all: Tally,
    recorded: CachedTokens,
    check: CachingCheck,
    /// With the best placement.
    by_caller: BTreeMap<Caller, Tally>,
}

impl<'a> Sums<'a> {
    fn new(common: &Common<'a>, rates: RateTable<'a>) -> Self {
        let cache = || common.rules.clone().map(Replay::new);
        Self {
            placement: &common.question.placement,
            assumed: common.question.readable_after,
            caches: [cache(), cache(), cache()],
            rates,
            ttls: BTreeSet::new(),
            all: Tally::default(),
            recorded: CachedTokens::default(),
            check: CachingCheck::default(),
            by_caller: BTreeMap::new(),
        }
    }

    fn take(&mut self, prompt: &Placed<'_>) {
        let request = prompt.request;
        let tokens = request.tokens.prompt();
        let own = Served::of(&request.tokens);
        let latency = readable_after(request);
        let second = request.time.as_second();
        let mut served = [Served::default(); 3];
        let after = [latency.unwrap_or(self.assumed), 0, latency.unwrap_or(LATE.max(self.assumed))];
        if !prompt.markers.is_empty() {
            for ((cache, served), after) in self.caches.iter_mut().zip(&mut served).zip(after) {
                if let Some(cache) = cache {
                    *served = cache.serve(second, after, &prompt.blocks, prompt.markers.iter().copied());
                }
            }
        }
        let [expected, ..] = served;
        let rates = self.rates.of(request);
        let one = Tally {
            calls: CachingCalls {
                requests: 1,
                marked: u64::from(!prompt.markers.is_empty()),
                without_body: u64::from(prompt.blocks.is_empty()),
                without_latency: u64::from(latency.is_none()),
                ..CachingCalls::default()
            },
            tokens: CachedTokens { prompt: tokens, read: expected.read, write: expected.written() },
            costs: Costs {
                plain: rates.cost(tokens, &Served::default()),
                replayed: served.map(|served| rates.cost(tokens, &served)),
                recorded: rates.cost(tokens, &own),
            },
        };
        self.all.add(&one);
        self.recorded.add(&CachedTokens { prompt: tokens, read: own.read, write: own.written() });
        match self.placement {
            CachePlacement::InForce if one.calls.marked > 0 => {
                self.check.marked_tokens += tokens;
                self.check.tokens_off += differs(&request.tokens, &expected);
            }
            CachePlacement::Best => self.by_caller.entry(request.caller.clone()).or_default().add(&one),
            _ => {}
        }
        let lives = [
            (expected.write_5m, Ttl::FiveMinutes),
            (expected.write_30m, Ttl::ThirtyMinutes),
            (expected.write_1h, Ttl::OneHour),
        ];
        self.ttls.extend(lives.into_iter().filter(|(tokens, _)| *tokens > 0).map(|(_, ttl)| ttl));
    }

    /// What a caller comes to beside the others.
    fn caller(&self, caller: &Caller, found: Best) -> CachingCaller {
        let tally = self.by_caller.get(caller).copied().unwrap_or_default();
        CachingCaller {
            caller: caller.clone(),
            calls: tally.calls,
            markers: found.markers,
            tokens: tally.tokens,
            cost_ratio: tally.costs.ratios().0.expected,
            every_block_ratio: part(found.every_block, found.uncached),
            oracle_ratio: part(found.oracle, found.uncached),
        }
    }
}

impl Tally {
    fn add(&mut self, more: &Self) {
        self.calls.add(&more.calls);
        self.tokens.add(&more.tokens);
        self.costs.add(&more.costs);
    }
}
