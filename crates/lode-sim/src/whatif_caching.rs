//! One policy of prompt caching over the calls of a trace: what would have been read and written, and what the prompts
//! cost by it, as a multiple of the same tokens uncached.
//!
//! It needs no bill: tokens are those of the records, rates are list prices. Calls are replayed by account, source region
//! and model, one such group in memory at a time. It knows no files and words no sentence.

mod group;
mod placement;

use std::collections::BTreeMap;

use lode_model::{AccountId, Caller, Marker, ModelId, READABLE_AFTER, Region, Request, Trace, TraceError, Ttl};
use lode_prices::Catalogue;

use self::group::Costs;
use crate::list_rates::RateBasis;
use crate::ratio;
use crate::replay::ReplayRules;

pub use placement::{CachePlacement, UnknownPlacement};

/// Seconds after which entries can be read at the late end, where a record has no latency: longer than most answers take.
pub const LATE: u32 = 60;
/// What the counters of records may differ from the replay of their own markers, of the prompt tokens of marked calls.
pub const TOLERANCE: f64 = 0.05;
/// Least tokens up to a checkpoint of a model that the catalogue does not know: what most of Claude's ask.
const LIKELY_MINIMUM: u64 = 1024;

/// What is asked.
#[derive(Clone, Debug)]
pub struct CachingQuestion {
    /// Where markers stand.
    pub placement: CachePlacement,
    /// How long entries live. `None`: the shortest time that the model offers; with markers in force, their own.
    pub ttl: Option<Ttl>,
    /// Least tokens up to a checkpoint, in place of the model's.
    pub min_tokens: Option<u64>,
    /// A model of the catalogue whose minimum, times to live and prices count in place of those of the model called.
    pub model: Option<ModelId>,
    /// Whether a read restarts the time to live.
    pub refresh: bool,
    /// Seconds after which entries of a call can be read, where its record has no latency.
    pub readable_after: u32,
    /// What opaque names of models stand for.
    pub names: BTreeMap<ModelId, ModelId>,
}

impl CachingQuestion {
    /// The question after a placement, all else as the models have it.
    #[must_use]
    pub const fn new(placement: CachePlacement) -> Self {
        let names = BTreeMap::new();
        Self {
            placement,
            ttl: None,
            min_tokens: None,
            model: None,
            refresh: true,
            readable_after: READABLE_AFTER,
            names,
        }
    }
}

/// Tokens of prompts by what the cache did with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CachedTokens {
    /// All of the prompts.
    pub prompt: u64,
    /// Read.
    pub read: u64,
    /// Written.
    pub write: u64,
}

impl CachedTokens {
    /// Neither read nor written.
    #[must_use]
    pub const fn uncached(&self) -> u64 {
        self.prompt.saturating_sub(self.read).saturating_sub(self.write)
    }

    const fn add(&mut self, more: &Self) {
        self.prompt += more.prompt;
        self.read += more.read;
        self.write += more.write;
    }
}

/// Calls, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CachingCalls {
    /// Replayed or taken as plain input: all that follow are among them, but the last two.
    pub requests: u64,
    /// With a marker that stands for a block of their prompt.
    pub marked: u64,
    /// Whose prompt is not known block by block, or holds media where markers are to be placed: plain input.
    pub without_body: u64,
    /// Whose record has no latency.
    pub without_latency: u64,
    /// Left out: they failed.
    pub failed: u64,
    /// Left out: batch, or dedicated capacity, where nothing is cached or billed by the token.
    pub not_on_demand: u64,
}

impl CachingCalls {
    const fn add(&mut self, more: &Self) {
        self.requests += more.requests;
        self.marked += more.marked;
        self.without_body += more.without_body;
        self.without_latency += more.without_latency;
        self.failed += more.failed;
        self.not_on_demand += more.not_on_demand;
    }
}

/// What prompts cost, as a multiple of the same tokens uncached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostRatio {
    /// With entries readable as asked.
    pub expected: f64,
    /// The least of: as asked, at once, and late (a call's latency, else [`LATE`] seconds).
    pub low: f64,
    /// The greatest of them.
    pub high: f64,
}

/// The records' own markers, replayed, against the records' own counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CachingCheck {
    /// Prompt tokens of the calls with markers.
    pub marked_tokens: u64,
    /// Of them, tokens that the replay reads or writes and the records do not, or the other way round.
    pub tokens_off: u64,
}

impl CachingCheck {
    /// What the replay misses, as a fraction.
    #[must_use]
    pub fn share_off(&self) -> f64 {
        ratio(self.tokens_off, self.marked_tokens)
    }
}

/// What the records say themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedCaching {
    /// By their counters.
    pub tokens: CachedTokens,
    /// Their cost at the same rates.
    pub cost_ratio: f64,
}

/// One caller of a group, with the markers that cost it least.
#[derive(Clone, Debug, PartialEq)]
pub struct CachingCaller {
    /// Who.
    pub caller: Caller,
    /// Its calls.
    pub calls: CachingCalls,
    /// The markers found.
    pub markers: Vec<Marker>,
    /// What it reads and writes, all callers of the group having their own best markers.
    pub tokens: CachedTokens,
    /// What that costs.
    pub cost_ratio: f64,
    /// With a marker after every block, the caller alone.
    pub every_block_ratio: f64,
    /// With each block written only where reading it again pays for that, the caller alone: no policy costs less.
    pub oracle_ratio: f64,
}

/// The calls that share a cache.
#[derive(Clone, Debug, PartialEq)]
pub struct CachingGroup {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model called.
    pub model: ModelId,
    /// Whose rules and prices count: the model called, or the one asked for.
    pub as_model: ModelId,
    /// Least tokens up to a checkpoint; `None` where the model takes no markers.
    pub min_tokens: Option<u64>,
    /// Most tokens up to a checkpoint, where there is a limit.
    pub max_tokens: Option<u64>,
    /// Time to live of what is written; `None` where several occur, or none.
    pub ttl: Option<Ttl>,
    /// Where the rates come from.
    pub basis: RateBasis,
    /// Whether the catalogue knows the model; where it does not, it is taken for one of Claude's.
    pub known: bool,
    /// Its calls.
    pub calls: CachingCalls,
    /// What is read and written.
    pub tokens: CachedTokens,
    /// What that costs.
    pub cost_ratio: CostRatio,
    /// As recorded.
    pub recorded: RecordedCaching,
    /// With markers in force: whether the replay tells what the records do.
    pub check: CachingCheck,
    /// With the best placement: each caller.
    pub callers: Vec<CachingCaller>,
    /// Most entries held at a time.
    pub entries_held: usize,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfCaching {
    /// Calls that share a cache, by account, region and model; those of which no call is replayed are left out.
    pub groups: Vec<CachingGroup>,
    /// All calls.
    pub calls: CachingCalls,
    /// All that is read and written.
    pub tokens: CachedTokens,
    /// What all of it costs: by dollars, or where a group has no price, each token weighing the same.
    pub cost_ratio: CostRatio,
    /// All that is recorded.
    pub recorded: RecordedCaching,
    /// Over all groups.
    pub check: CachingCheck,
    /// Models that do not offer the time to live asked for, and what they offer; their shortest counts.
    pub other_ttls: BTreeMap<ModelId, Vec<Ttl>>,
}

impl WhatIfCaching {
    /// What all groups agree on; `None` where they do not, or there is none.
    pub fn common<T: PartialEq>(&self, of: impl Fn(&CachingGroup) -> Option<T>) -> Option<T> {
        let mut found = self.groups.iter().filter_map(of);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CachingError {
    /// The trace could not be read to its end.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// No model offers the time to live asked for.
    #[error("no model offers it")]
    Ttl {
        /// What was asked for.
        asked: Ttl,
        /// What each model offers.
        offered: BTreeMap<ModelId, Vec<Ttl>>,
    },
    /// The model asked for takes no cache markers.
    #[error("{0} takes no cache markers")]
    NoMarkers(ModelId),
}

/// Account, source region and model.
type Place = (AccountId, Region, ModelId);

/// Replays a policy over the calls of a trace.
///
/// # Errors
/// When the trace cannot be read, or no model has what is asked.
pub fn whatif_caching(
    trace: &dyn Trace,
    question: &CachingQuestion,
    catalogue: &Catalogue,
) -> Result<WhatIfCaching, CachingError> {
    let mut names: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
    for called in trace.groups() {
        let model = resolved(&called.2, question, catalogue);
        names.entry((called.0.clone(), called.1.clone(), model)).or_default().push(called);
    }
    let other_ttls = check(question, catalogue, names.keys().map(|(_, _, model)| model))?;
    let mut groups = Vec::new();
    let mut calls = CachingCalls::default();
    for ((account, region, model), called) in names {
        let mut requests: Vec<Request> = Vec::new();
        for name in &called {
            trace.requests(name, &mut |request| {
                requests.push(Request { model: model.clone(), ..request.clone() });
            })?;
        }
        if called.len() > 1 {
            requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        }
        let replayed = group::replayed((account, region, model), &requests, question, catalogue);
        calls.add(&replayed.0.calls);
        if replayed.0.calls.requests > 0 {
            groups.push(replayed);
        }
    }
    Ok(whole(groups, calls, other_ttls))
}

/// The catalogue's id of a model as called, or the name as it is.
fn resolved(name: &ModelId, question: &CachingQuestion, catalogue: &Catalogue) -> ModelId {
    let name = question.names.get(name).unwrap_or(name);
    catalogue.resolve(name.as_str()).map_or_else(|| name.clone(), |info| info.id.clone())
}

/// The rules of a model; `None` where it takes no markers. One that the catalogue does not know is taken for one of
/// Claude's.
fn rules_of(model: &ModelId, catalogue: &Catalogue) -> Option<ReplayRules> {
    match catalogue.model(model) {
        Some(info) => info.cache.as_ref().map(ReplayRules::of).filter(|rules| rules.max_checkpoints > 0),
        None => Some(ReplayRules {
            min_tokens: LIKELY_MINIMUM,
            max_tokens: None,
            max_checkpoints: lode_model::MOST_MARKERS,
            tools: true,
            ttls: vec![Ttl::FiveMinutes, Ttl::OneHour],
            refresh: true,
        }),
    }
}

/// Models without the time to live asked for.
fn check<'a>(
    question: &CachingQuestion,
    catalogue: &Catalogue,
    called: impl Iterator<Item = &'a ModelId>,
) -> Result<BTreeMap<ModelId, Vec<Ttl>>, CachingError> {
    if let Some(model) = &question.model
        && rules_of(model, catalogue).is_none()
    {
        return Err(CachingError::NoMarkers(model.clone()));
    }
    let Some(asked) = question.ttl else { return Ok(BTreeMap::new()) };
    let (mut with, mut without) = (0, BTreeMap::new());
    for model in called.filter(|model| !model.as_str().starts_with(group::PROVISIONED)) {
        let model = question.model.as_ref().unwrap_or(model);
        match rules_of(model, catalogue) {
            Some(rules) if rules.ttls.contains(&asked) => with += 1,
            Some(rules) => drop(without.insert(model.clone(), rules.ttls)),
            None => {}
        }
    }
    if with == 0 && !without.is_empty() {
        return Err(CachingError::Ttl { asked, offered: without });
    }
    Ok(without)
}

/// The groups, added up.
fn whole(
    groups: Vec<(CachingGroup, Costs)>,
    calls: CachingCalls,
    other_ttls: BTreeMap<ModelId, Vec<Ttl>>,
) -> WhatIfCaching {
    let (mut tokens, mut recorded) = (CachedTokens::default(), CachedTokens::default());
    let mut check = CachingCheck::default();
    // Dollars add up; a group without any counts by its tokens, and so do then the others.
    let by_tokens = groups.iter().any(|(group, _)| group.basis == RateBasis::Unpriced);
    let mut costs = Costs::default();
    for (group, own) in &groups {
        costs.add(&if by_tokens { own.by_tokens(group.tokens.prompt) } else { *own });
        tokens.add(&group.tokens);
        recorded.add(&group.recorded.tokens);
        check.marked_tokens += group.check.marked_tokens;
        check.tokens_off += group.check.tokens_off;
    }
    let (cost_ratio, recorded_ratio) = costs.ratios();
    WhatIfCaching {
        cost_ratio,
        recorded: RecordedCaching { tokens: recorded, cost_ratio: recorded_ratio },
        groups: groups.into_iter().map(|(group, _)| group).collect(),
        calls,
        tokens,
        check,
        other_ttls,
    }
}
