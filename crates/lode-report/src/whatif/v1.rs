//! `lode whatif caching --format json`, version 1. Plain structs copied from the answer: what changes inside must not
//! change here. Described in `docs/whatif.md`.
//!
//! Ratios and shares are numbers, tokens whole numbers, times to live `5m`, `30m` or `1h`; what is unknown or differs
//! is absent. Adding an optional field keeps the version.

use lode_model::Marker;
use lode_sim::{
    CachePlacement, CachedTokens, CachingCalls, CachingCheck, CachingGroup, CostRatio, LOOK_BACK, TOLERANCE,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{CachingPage, notes};

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatIfCachingV1 {
    /// Version of this contract: 1.
    pub schema_version: u32,
    /// Calls, tokens and cost.
    #[serde(flatten)]
    pub figures: FiguresV1,
    /// Calls whose record has no latency.
    pub requests_without_latency: u64,
    /// Left out: failed.
    pub failed_requests: u64,
    /// Left out: batch or dedicated capacity.
    pub requests_not_on_demand: u64,
    /// Time to live; absent where several occur.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
    /// Least tokens up to a checkpoint; absent where models differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_tokens: Option<u64>,
    /// Where markers stand, as given.
    pub placement: String,
    /// Whose rules and prices count; absent where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether a read restarts the time to live.
    pub refresh: bool,
    /// Seconds after which entries can be read, where a record has no latency.
    pub readable_after_seconds: u32,
    /// Blocks before a checkpoint that are searched for an entry.
    pub look_back_blocks: usize,
    /// Day of the list prices.
    pub prices_as_of: String,
    /// The counters of the records.
    pub recorded: RecordedV1,
    /// With the markers in force and nothing else changed: replay against counters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckV1>,
    /// By account, source region and model called.
    pub groups: Vec<GroupV1>,
    /// With the best placement, by caller.
    pub callers: Vec<CallerV1>,
    /// What the figures assume, in words. No contract.
    pub notes: Vec<String>,
}

/// What records say.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecordedV1 {
    /// Read.
    pub read_tokens: u64,
    /// Written.
    pub write_tokens: u64,
    /// Their cost at the same rates.
    pub cost_ratio: f64,
}

/// Replay against counters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckV1 {
    /// Prompt tokens of calls with markers.
    pub marked_tokens: u64,
    /// Of them, tokens read or written by one of the two only.
    pub tokens_off: u64,
    /// The same as a fraction.
    pub share_off: f64,
    /// The greatest share that is taken as agreement.
    pub tolerance: f64,
}

/// Calls, their prompt tokens, and what those cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FiguresV1 {
    /// Calls in the figures.
    pub requests: u64,
    /// Of them, those with a marker that stands for a block.
    pub marked_requests: u64,
    /// Of them, those whose prompt is not known block by block: plain input.
    pub requests_without_body: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub read_tokens: u64,
    /// Of them, written to it.
    pub write_tokens: u64,
    /// The rest.
    pub uncached_tokens: u64,
    /// Cost of the prompts as a multiple of the same tokens uncached.
    pub cost_ratio: f64,
    /// The least, by when entries can be read.
    pub cost_ratio_low: f64,
    /// The greatest.
    pub cost_ratio_high: f64,
}

/// Calls that share a cache.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroupV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model called.
    pub model_called: String,
    /// Whose rules and prices count.
    pub model: String,
    /// Calls, tokens and cost.
    #[serde(flatten)]
    pub figures: FiguresV1,
    /// Time to live of what is written; absent where several occur, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<String>,
    /// Least tokens up to a checkpoint; absent where the model takes no markers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_tokens: Option<u64>,
    /// The counters of the records.
    pub recorded: RecordedV1,
    /// Replay against counters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckV1>,
    /// Most cache entries held at a time.
    pub entries_held: usize,
}

/// A caller with the markers that cost it least.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CallerV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model called.
    pub model_called: String,
    /// Who.
    pub caller: String,
    /// Calls.
    pub requests: u64,
    /// The markers.
    pub markers: Vec<MarkerV1>,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Read.
    pub read_tokens: u64,
    /// Written.
    pub write_tokens: u64,
    /// Cost, with the best markers of every caller in place.
    pub cost_ratio: f64,
    /// Of this caller alone with a marker after every block.
    pub every_block_cost_ratio: f64,
    /// Of this caller alone, each block written only where reading it again pays for that: no policy costs less.
    pub oracle_cost_ratio: f64,
}

/// A marker.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MarkerV1 {
    /// Where it stands, as `--placement` takes it.
    pub placement: String,
    /// How long what it covers lives.
    pub ttl: String,
}

impl From<&Marker> for MarkerV1 {
    fn from(marker: &Marker) -> Self {
        Self { placement: marker.place.id(), ttl: marker.ttl.to_string() }
    }
}

impl FiguresV1 {
    const fn of(calls: &CachingCalls, tokens: &CachedTokens, cost: &CostRatio) -> Self {
        Self {
            requests: calls.requests,
            marked_requests: calls.marked,
            requests_without_body: calls.without_body,
            prompt_tokens: tokens.prompt,
            read_tokens: tokens.read,
            write_tokens: tokens.write,
            uncached_tokens: tokens.uncached(),
            cost_ratio: cost.expected,
            cost_ratio_low: cost.low,
            cost_ratio_high: cost.high,
        }
    }
}

impl CheckV1 {
    fn of(check: &CachingCheck) -> Self {
        let CachingCheck { marked_tokens, tokens_off } = *check;
        Self { marked_tokens, tokens_off, share_off: check.share_off(), tolerance: TOLERANCE }
    }
}

impl RecordedV1 {
    const fn of(recorded: &lode_sim::RecordedCaching) -> Self {
        let CachedTokens { read, write, .. } = recorded.tokens;
        Self { read_tokens: read, write_tokens: write, cost_ratio: recorded.cost_ratio }
    }
}

impl CachingPage<'_> {
    /// The self-check, where what is replayed is what was done.
    pub(super) fn check(&self) -> Option<&CachingCheck> {
        let question = self.question;
        let as_done = question.placement == CachePlacement::InForce
            && question.refresh
            && question.ttl.is_none()
            && question.min_tokens.is_none()
            && question.model.is_none();
        Some(&self.answer.check).filter(|check| as_done && check.marked_tokens > 0)
    }
}

impl GroupV1 {
    fn of(group: &CachingGroup, checked: bool) -> Self {
        Self {
            account: group.account.as_str().to_owned(),
            region: group.region.as_str().to_owned(),
            model_called: group.model.as_str().to_owned(),
            model: group.as_model.as_str().to_owned(),
            figures: FiguresV1::of(&group.calls, &group.tokens, &group.cost_ratio),
            ttl: group.ttl.map(|ttl| ttl.to_string()),
            min_tokens: group.min_tokens,
            recorded: RecordedV1::of(&group.recorded),
            check: (checked && group.check.marked_tokens > 0).then(|| CheckV1::of(&group.check)),
            entries_held: group.entries_held,
        }
    }

    fn callers(group: &CachingGroup) -> impl Iterator<Item = CallerV1> {
        group.callers.iter().map(|caller| CallerV1 {
            account: group.account.as_str().to_owned(),
            region: group.region.as_str().to_owned(),
            model_called: group.model.as_str().to_owned(),
            caller: caller.caller.as_str().to_owned(),
            requests: caller.calls.requests,
            markers: caller.markers.iter().map(MarkerV1::from).collect(),
            prompt_tokens: caller.tokens.prompt,
            read_tokens: caller.tokens.read,
            write_tokens: caller.tokens.write,
            cost_ratio: caller.cost_ratio,
            every_block_cost_ratio: caller.every_block_ratio,
            oracle_cost_ratio: caller.oracle_ratio,
        })
    }
}

impl From<&CachingPage<'_>> for WhatIfCachingV1 {
    fn from(page: &CachingPage<'_>) -> Self {
        let CachingPage { question, answer, prices_as_of } = page;
        let calls = &answer.calls;
        let checked = page.check().is_some();
        Self {
            schema_version: 1,
            figures: FiguresV1::of(calls, &answer.tokens, &answer.cost_ratio),
            requests_without_latency: calls.without_latency,
            failed_requests: calls.failed,
            requests_not_on_demand: calls.not_on_demand,
            ttl: answer.common(|group| group.ttl).map(|ttl| ttl.to_string()),
            min_tokens: answer.common(|group| group.min_tokens),
            placement: question.placement.to_string(),
            model: answer.common(|group| Some(group.as_model.clone())).map(|model| model.as_str().to_owned()),
            refresh: question.refresh,
            readable_after_seconds: question.readable_after,
            look_back_blocks: LOOK_BACK,
            prices_as_of: prices_as_of.to_string(),
            recorded: RecordedV1::of(&answer.recorded),
            check: page.check().map(CheckV1::of),
            groups: answer.groups.iter().map(|group| GroupV1::of(group, checked)).collect(),
            callers: answer.groups.iter().flat_map(GroupV1::callers).collect(),
            notes: notes::notes(page),
        }
    }
}

/// The answer as JSON.
#[must_use]
pub fn whatif_caching_json(page: &CachingPage<'_>) -> String {
    pretty(&WhatIfCachingV1::from(page))
}

/// The JSON schema of [`WhatIfCachingV1`].
#[must_use]
pub fn whatif_caching_schema() -> String {
    pretty(&schemars::schema_for!(WhatIfCachingV1))
}

/// As text, two spaces an indent, with a line break at the end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Plain structs of strings and numbers cannot fail to serialise.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
