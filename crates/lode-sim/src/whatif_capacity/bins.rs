//! Demand by bin, with what it costs on demand.

use std::collections::BTreeMap;

use lode_model::{AccountId, ContextBand, DemandRow, Mode, ModelId, Money, Region, Request, Routing, Trace};
use lode_prices::Catalogue;

use super::{CapacityCalls, CapacityError, CapacityPool, CapacityQuestion, Measured, REGION};
use crate::list_rates::{Priced, RateBasis, Rates};

/// How logs begin the name of Provisioned Throughput.
const PROVISIONED: &str = "provisioned-model/";

/// What one bin asks for. Costs are tokens times pico-dollars for a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bin {
    /// Prompt tokens that were not read from a cache.
    pub(super) input: u64,
    /// Prompt tokens read from a cache.
    pub(super) read: u64,
    /// Generated tokens.
    pub(super) output: u64,
    pub(super) input_cost: i128,
    pub(super) read_cost: i128,
    pub(super) output_cost: i128,
}

impl Bin {
    pub(super) const fn tokens(&self) -> u64 {
        self.input.saturating_add(self.read).saturating_add(self.output)
    }

    const fn add(&mut self, more: &Self) {
        self.input = self.input.saturating_add(more.input);
        self.read = self.read.saturating_add(more.read);
        self.output = self.output.saturating_add(more.output);
        self.input_cost = self.input_cost.saturating_add(more.input_cost);
        self.read_cost = self.read_cost.saturating_add(more.read_cost);
        self.output_cost = self.output_cost.saturating_add(more.output_cost);
    }
}

/// On-demand rates as used, for showing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    pub(super) input: Option<Money>,
    pub(super) output: Option<Money>,
    pub(super) basis: Option<RateBasis>,
}

/// What shares capacity.
pub(super) struct Pool {
    /// `None` of a table.
    pub(super) place: Option<CapacityPool>,
    pub(super) model: Option<ModelId>,
    pub(super) region: Region,
    pub(super) bins: BTreeMap<i64, Bin>,
    pub(super) requests: u64,
    pub(super) dedicated: u64,
    /// Whether every call goes through a `global.` profile.
    pub(super) global: bool,
    pub(super) rates: Shown,
}

/// Demand; first the largest pool that can be priced, then the others, the largest first.
pub(super) struct Gathered {
    pub(super) pools: Vec<Pool>,
    pub(super) calls: CapacityCalls,
    /// Pools that were not asked for.
    pub(super) outside_pools: Vec<CapacityPool>,
    pub(super) step: Option<u64>,
}

pub(super) fn gather(
    measured: Measured<'_>,
    question: &CapacityQuestion,
    catalogue: &Catalogue,
) -> Result<Gathered, CapacityError> {
    match measured {
        Measured::Calls(trace) => calls(trace, question, catalogue),
        Measured::Rows(rows) => table(rows, question, catalogue),
    }
}

/// Whether a time counts.
fn is_asked(second: i64, question: &CapacityQuestion) -> bool {
    question.from.is_none_or(|from| second >= from) && question.to.is_none_or(|to| second < to)
}

fn bin_of(second: i64, question: &CapacityQuestion) -> i64 {
    second.div_euclid(i64::from(question.bin_seconds.max(1)))
}

fn table(rows: &[DemandRow], question: &CapacityQuestion, catalogue: &Catalogue) -> Result<Gathered, CapacityError> {
    let region = question.region.clone().unwrap_or_else(|| Region::from(REGION));
    let mut prices = Prices::new(question, catalogue, &region, question.model.clone());
    let mut calls = CapacityCalls::default();
    let mut bins: BTreeMap<i64, Bin> = BTreeMap::new();
    let mut requests: u64 = 0;
    let plain = Priced { routing: Routing::Regional, mode: Mode::Standard, band: ContextBand::Standard };
    for row in rows {
        if !is_asked(row.second, question) {
            calls.outside += 1;
            continue;
        }
        let bin = prices.bin(&plain, [row.input, 0, 0, 0, 0, row.output])?;
        bins.entry(bin_of(row.second, question)).or_default().add(&bin);
        requests = requests.saturating_add(row.requests);
    }
    let mut seconds: Vec<i64> = rows.iter().map(|row| row.second).collect();
    seconds.sort_unstable();
    let apart = seconds.windows(2).filter_map(|pair| Some(pair.last()?.abs_diff(*pair.first()?)));
    let step = apart.filter(|apart| *apart > 0).min();
    let rates = prices.shown();
    let global = false;
    let pool = Pool { place: None, model: question.model.clone(), region, bins, requests, dedicated: 0, global, rates };
    let pools = if pool.bins.is_empty() { Vec::new() } else { vec![pool] };
    Ok(Gathered { pools, calls, outside_pools: Vec::new(), step })
}

/// Account, source region and model.
type Place = (AccountId, Region, ModelId);

fn calls(trace: &dyn Trace, question: &CapacityQuestion, catalogue: &Catalogue) -> Result<Gathered, CapacityError> {
    let mut by_pool: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
    for called in trace.groups() {
        let name = question.names.get(&called.2).unwrap_or(&called.2);
        let model = catalogue.resolve(name.as_str()).map(|info| info.id.clone());
        // A name that nobody knows is taken for the model asked for.
        let model = model.or_else(|| question.model.clone()).unwrap_or_else(|| name.clone());
        by_pool.entry((called.0.clone(), called.1.clone(), model)).or_default().push(called);
    }
    let mut calls = CapacityCalls::default();
    let (mut pools, mut outside_pools) = (Vec::new(), Vec::new());
    for ((account, region, model), called) in by_pool {
        let asked = question.model.as_ref().is_none_or(|asked| *asked == model)
            && question.region.as_ref().is_none_or(|asked| *asked == region)
            && question.account.as_ref().is_none_or(|asked| *asked == account);
        let mut pool = Unpriced::default();
        for name in &called {
            trace.requests(name, &mut |request| {
                if asked {
                    pool.take(request, &model, question, catalogue, &mut calls);
                } else if request.error.is_none() {
                    pool.tokens =
                        pool.tokens.saturating_add(request.tokens.prompt()).saturating_add(request.tokens.output);
                }
            })?;
        }
        let place = CapacityPool { account, region, model, tokens: pool.tokens };
        if pool.requests > 0 {
            pools.push((place, pool));
        } else if place.tokens > 0 {
            outside_pools.push(place);
        }
    }
    let largest_first = |a: &CapacityPool, b: &CapacityPool| {
        (std::cmp::Reverse(a.tokens), &a.account, &a.region, &a.model).cmp(&(
            std::cmp::Reverse(b.tokens),
            &b.account,
            &b.region,
            &b.model,
        ))
    };
    pools.sort_by(|(a, _), (b, _)| largest_first(a, b));
    outside_pools.sort_by(largest_first);
    // The largest that can be priced; of the others nothing is told but their size.
    let (mut chosen, mut others, mut unpriced) = (None, Vec::new(), None);
    for (place, pool) in pools {
        if chosen.is_some() {
            others.push(Pool::other(place));
            continue;
        }
        match pool.priced(place.clone(), question, catalogue) {
            Ok(pool) => chosen = Some(pool),
            Err(error) => {
                unpriced = unpriced.or(Some(error));
                others.push(Pool::other(place));
            }
        }
    }
    let pools = match (chosen, unpriced) {
        (None, Some(error)) => return Err(error),
        (chosen, _) => chosen.into_iter().chain(others).collect(),
    };
    Ok(Gathered { pools, calls, outside_pools, step: None })
}

impl Pool {
    fn other(place: CapacityPool) -> Self {
        Self {
            model: Some(place.model.clone()),
            region: place.region.clone(),
            place: Some(place),
            bins: BTreeMap::new(),
            requests: 0,
            dedicated: 0,
            global: false,
            rates: Shown::default(),
        }
    }
}

/// Input, cache reads, cache writes of 5 minutes, 30 minutes and an hour, output.
type Classes = [u64; 6];

/// The tokens of a pool by bin and what is priced alike.
#[derive(Default)]
struct Unpriced {
    bins: BTreeMap<(i64, Priced), Classes>,
    tokens: u64,
    requests: u64,
    dedicated: u64,
    regional: u64,
}

impl Unpriced {
    /// Takes a call that counts; of another says why not.
    fn take(
        &mut self,
        request: &Request,
        model: &ModelId,
        question: &CapacityQuestion,
        catalogue: &Catalogue,
        calls: &mut CapacityCalls,
    ) {
        let mode = request.mode.unwrap_or(Mode::Standard);
        let second = request.time.as_second();
        let left_out = match () {
            () if request.error.is_some() => Some(&mut calls.failed),
            () if mode == Mode::Batch => Some(&mut calls.batch),
            () if !is_asked(second, question) => Some(&mut calls.outside),
            () => None,
        };
        if let Some(left_out) = left_out {
            *left_out += 1;
            return;
        }
        // What dedicated capacity answers would be asked of the Standard tier.
        let dedicated = mode == Mode::Provisioned || request.model.as_str().starts_with(PROVISIONED);
        let mode = if dedicated { Mode::Standard } else { mode };
        let tokens = &request.tokens;
        let band = catalogue.model(model).map_or(ContextBand::Standard, |info| info.band_for(tokens.prompt()));
        let priced = Priced { routing: request.routing, mode, band };
        let classes = [
            tokens.input,
            tokens.cache_read,
            tokens.cache_write_5m,
            tokens.cache_write_30m,
            tokens.cache_write_1h,
            tokens.output,
        ];
        let sums = self.bins.entry((bin_of(second, question), priced)).or_default();
        sums.iter_mut().zip(classes).for_each(|(sum, tokens)| *sum = sum.saturating_add(tokens));
        self.tokens = classes.into_iter().fold(self.tokens, u64::saturating_add);
        self.requests += 1;
        self.dedicated += u64::from(dedicated);
        self.regional += u64::from(request.routing != Routing::Global);
    }

    fn priced(
        self,
        place: CapacityPool,
        question: &CapacityQuestion,
        catalogue: &Catalogue,
    ) -> Result<Pool, CapacityError> {
        let region = place.region.clone();
        let mut prices = Prices::new(question, catalogue, &region, Some(place.model.clone()));
        let mut bins: BTreeMap<i64, Bin> = BTreeMap::new();
        for ((bin, priced), classes) in self.bins {
            bins.entry(bin).or_default().add(&prices.bin(&priced, classes)?);
        }
        let rates = prices.shown();
        let (requests, dedicated, global) = (self.requests, self.dedicated, self.regional == 0);
        Ok(Pool { bins, requests, dedicated, global, rates, ..Pool::other(place) })
    }
}

/// On-demand rates of one model in one region: the user's, else list prices.
struct Prices<'a> {
    question: &'a CapacityQuestion,
    catalogue: &'a Catalogue,
    region: &'a Region,
    model: Option<ModelId>,
    known: BTreeMap<Priced, [Option<i128>; 6]>,
    basis: Option<RateBasis>,
}

impl<'a> Prices<'a> {
    const fn new(
        question: &'a CapacityQuestion,
        catalogue: &'a Catalogue,
        region: &'a Region,
        model: Option<ModelId>,
    ) -> Self {
        Self { question, catalogue, region, model, known: BTreeMap::new(), basis: None }
    }

    /// Pico-dollars for a million tokens of each class, where known.
    fn rates(&mut self, priced: &Priced) -> [Option<i128>; 6] {
        if let Some(rates) = self.known.get(priced) {
            return *rates;
        }
        let nobody = ModelId::from("");
        let listed = Rates::of(self.catalogue, self.region, self.model.as_ref().unwrap_or(&nobody), priced);
        let asked = |price: Option<Money>| price.map(Money::pico);
        let own = asked(self.question.input_price);
        let known = listed.basis != RateBasis::Unpriced;
        if known && (own.is_none() || self.question.output_price.is_none()) {
            self.basis = self.basis.max(Some(listed.basis));
        }
        // The user's price of plain input keeps the model's proportions for what a cache reads and writes.
        let prompt = &listed.prompt;
        let of = |rate: i128| match own {
            Some(own) => Some(rate.saturating_mul(own) / prompt.input.max(1)),
            None => Some(rate).filter(|_| known),
        };
        let rates = [
            of(prompt.input),
            of(prompt.read),
            of(prompt.write_5m),
            of(prompt.write_30m),
            of(prompt.write_1h),
            asked(self.question.output_price).or(listed.output),
        ];
        self.known.insert(priced.clone(), rates);
        rates
    }

    /// What tokens come to.
    fn bin(&mut self, priced: &Priced, tokens: Classes) -> Result<Bin, CapacityError> {
        let rates = self.rates(priced);
        let mut costs = [0_i128; 6];
        for (place, (cost, (tokens, rate))) in costs.iter_mut().zip(tokens.into_iter().zip(rates)).enumerate() {
            *cost = match rate {
                Some(rate) => rate.saturating_mul(i128::from(tokens)),
                None if tokens == 0 => 0,
                None => {
                    let (model, region) = (self.model.clone(), self.region.clone());
                    return Err(CapacityError::NoOnDemandPrice { model, region, output: place == 5 });
                }
            };
        }
        let [plain, read, write_5m, write_30m, write_1h, output] = tokens;
        let [plain_cost, read_cost, cost_5m, cost_30m, cost_1h, output_cost] = costs;
        let input = [plain, write_5m, write_30m, write_1h].into_iter().fold(0, u64::saturating_add);
        Ok(Bin {
            input,
            read,
            output,
            input_cost: [plain_cost, cost_5m, cost_30m, cost_1h].into_iter().fold(0, i128::saturating_add),
            read_cost,
            output_cost,
        })
    }

    /// Rates of the Standard tier, in-Region.
    fn shown(&mut self) -> Shown {
        let plain = Priced { routing: Routing::Regional, mode: Mode::Standard, band: ContextBand::Standard };
        let basis = self.basis;
        let [input, .., output] = self.rates(&plain).map(|rate| rate.map(Money::from_pico));
        Shown { input, output, basis }
    }
}
