//! The tie-out of the contract: logs against bill, line by line.

use std::collections::BTreeMap;

use lode_model::{ContextBand, Money};
use lode_sim::{
    CacheCounters, CacheDay, Cause, Counted, Estate, PlaceCoverage, ReplayCheck, TOLERANCE, TieOut, TieRow, TokenSizes,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ScopeV1, Usd, build};
use crate::block_tokens;

/// Logs against bill. Without logs only `residual_monthly` and an empty `rows`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TieOutV1 {
    /// Share of the token dollars whose requests are in the logs; absent without logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Baseline minus bill, a month. The baseline is the bill, with requests or without: what is not in the logs stays
    /// in it as billed.
    pub residual_monthly: Usd,
    /// Share of the prompt tokens of calls with cache markers that the replay of these markers reads or writes and the
    /// records do not, or the other way round; absent where no call carries a marker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_difference: Option<f64>,
    /// The cache counters of the logs against the bill; absent without logs or without any cache tokens. No dollar
    /// depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_counters: Option<CacheCountersV1>,
    /// How tokens of a part of a prompt, such as a tool, are told from those of the whole, which are all that the logs
    /// have: an assumption under every figure of such a part. By model called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub block_tokens: Vec<BlockTokensV1>,
    /// Dollars billed for tokens: the sum of the rows' `billed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed: Option<Usd>,
    /// Of them, dollars whose requests are known: `billed` minus the sum of the rows' `unlogged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged: Option<Usd>,
    /// Calls read from the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// Of them, with bodies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_with_bodies: Option<u64>,
    /// Calls of which the bill knows nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_not_billed: Option<u64>,
    /// Calls served by dedicated capacity, outside the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_on_capacity: Option<u64>,
    /// Models that could not be resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<UnresolvedV1>,
    /// Whose logs exceed the bill by more than five per cent: what follows from their requests has no dollars.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<ScopeV1>,
    /// What CloudWatch counted against what the logs hold, by account and region; empty without metrics of models. No
    /// dollar depends on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricsV1>,
    /// Token rows over the whole window, largest unlogged dollars first. A price has several where its tokens are
    /// missing in the logs for several causes: its days before the first log record and after the last are rows of
    /// their own. They add up to the price.
    pub rows: Vec<TieOutRowV1>,
}

/// CloudWatch's `AWS/Bedrock` metrics by `ModelId` against the logs of one account and region, on whole UTC days of the
/// window. Tokens are absent where CloudWatch does not have them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MetricsV1 {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// UTC days compared: those on which CloudWatch counts calls and the logs hold some.
    pub days: u64,
    /// `Invocations` on these days.
    pub calls_counted: u64,
    /// Calls in the logs on these days, failed ones included.
    pub calls_logged: u64,
    /// `InputTokenCount`: without what was read from the cache or written to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_counted: Option<u64>,
    /// The same in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_logged: Option<u64>,
    /// `OutputTokenCount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_counted: Option<u64>,
    /// The same in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_logged: Option<u64>,
    /// `CacheReadInputTokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_counted: Option<u64>,
    /// The same in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_logged: Option<u64>,
    /// `CacheWriteInputTokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_counted: Option<u64>,
    /// The same in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_logged: Option<u64>,
    /// UTC days on which CloudWatch counts calls and the logs hold none.
    pub days_not_logged: u64,
    /// `Invocations` on these days.
    pub calls_not_logged: u64,
}

/// Cache reads and writes as shares of the prompt tokens, by the logs and by the bill, day by day: of each account,
/// region and model with cache tokens, its successful calls on demand against what is billed on demand, on complete UTC
/// days that both have. Shares, because logs may hold only a part of a day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CacheCountersV1 {
    /// Shares that are no further apart agree.
    pub tolerance: f64,
    /// Days compared, each once an account, region and model.
    pub days_compared: u64,
    /// Of them, days on which they are further apart: the `rows`.
    pub days_off: u64,
    /// Days not compared, besides: the logs hold less than half of the billed prompt tokens, or the bill has some of them
    /// without a quantity, or for several days at once.
    pub days_not_comparable: u64,
    /// Prompt tokens of the days compared, by logs or bill, whichever has more.
    pub tokens_compared: u64,
    /// Of them, tokens by which the shares are apart, on whichever of these days.
    pub tokens_off: u64,
    /// Whose reads alone are compared: the bill has no row of their cache writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads_only: Vec<ReadsOnlyV1>,
    /// The days off, most tokens off first.
    pub rows: Vec<CacheDayV1>,
}

/// An account, region and model whose cache writes have no row on the bill: billed as input, or not at all.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReadsOnlyV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
}

/// A day on which the cache counters of logs and bill differ. All tokens are of prompts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CacheDayV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// UTC day.
    pub date: String,
    /// Prompt tokens by the logs.
    pub prompt_logged: u64,
    /// The same by the bill.
    pub prompt_billed: u64,
    /// Of the logs' prompt tokens, read from the cache.
    pub cache_read_logged: u64,
    /// The same by the bill.
    pub cache_read_billed: u64,
    /// Of the logs' prompt tokens, written to the cache, however long they live.
    pub cache_write_logged: u64,
    /// The same by the bill; absent where it has no row of them in the window, and writes are not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_billed: Option<u64>,
    /// How far the shares of reads, or of writes, are apart, whichever are further.
    pub share_off: f64,
}

/// How prompts of a model are shared out over their blocks; the total of each call is as logged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BlockTokensV1 {
    /// Model called.
    pub model: String,
    /// Calls looked at: with a body, no media and no error.
    pub calls: u64,
    /// Bytes a token by kind of content, fitted to the counts of these calls: `tool`, `system`, `user`, `assistant`,
    /// `tool_result`, `retrieved`. Absent where the counts do not tell kinds apart: a block has its share of the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_token: Option<BTreeMap<String, f64>>,
    /// Share of the prompt tokens by which these sizes miss the counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// The same with one size for all kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference_by_bytes: Option<f64>,
}

/// A model that neither catalogue, inventory nor bill resolve.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnresolvedV1 {
    /// Name as called.
    pub name: String,
    /// Calls.
    pub calls: u64,
}

/// One row of the tie-out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TieOutRowV1 {
    /// UTC day; absent where the row is of the whole window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Routing.
    pub routing: String,
    /// Pricing mode.
    pub mode: String,
    /// Context band, where it is not the standard one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// Class.
    pub class: String,
    /// Tokens on the bill; 0 where corrections outweigh them.
    pub billed_tokens: u64,
    /// Tokens in the logs.
    pub logged_tokens: u64,
    /// Tokens that both have, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_tokens: Option<u64>,
    /// Dollars billed.
    pub billed: Usd,
    /// Of them, dollars of what is not in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlogged: Option<Usd>,
    /// Cause of the difference, the main one where there are several: `matched` (none), `batch`, `logging_off`,
    /// `logging_began` (days before the first log record), `logs_end` (days after the last), `not_logged`, `mode_unknown`, `not_billed` or `logs_exceed_bill`.
    pub cause: String,
}

impl From<&Estate> for TieOutV1 {
    fn from(estate: &Estate) -> Self {
        let tie = estate.tie_out.as_ref();
        Self {
            coverage: tie.and_then(TieOut::coverage).map(build::six_places),
            residual_monthly: Money::ZERO.into(),
            replay_difference: ReplayCheck::of(estate).map(|check| build::six_places(check.share_off())),
            cache_counters: CacheCounters::of(estate).as_ref().map(cache_counters),
            block_tokens: block_tokens::models(&estate.demand)
                .map(|(model, sizes)| blocks(model.to_string(), sizes))
                .collect(),
            billed: tie.map(|tie| tie.billed.into()),
            logged: tie.map(|tie| logged(tie).into()),
            calls: tie.map(|tie| tie.calls),
            calls_with_bodies: tie.map(|tie| tie.calls_with_bodies),
            calls_not_billed: tie.map(|tie| tie.calls_not_billed),
            calls_on_capacity: tie.map(|tie| tie.calls_on_capacity),
            unresolved: tie
                .iter()
                .flat_map(|tie| &tie.unresolved)
                .map(|(name, calls)| UnresolvedV1 { name: name.clone(), calls: *calls })
                .collect(),
            withheld: tie.iter().flat_map(|tie| &tie.withheld).map(build::exact_scope).collect(),
            metrics: tie.iter().flat_map(|tie| &tie.metrics).flat_map(|metrics| &metrics.places).map(metrics).collect(),
            rows: tie.map(rows).unwrap_or_default(),
        }
    }
}

fn cache_counters(counters: &CacheCounters) -> CacheCountersV1 {
    CacheCountersV1 {
        tolerance: TOLERANCE,
        days_compared: counters.days_compared,
        days_off: counters.days_off,
        days_not_comparable: counters.days_not_comparable,
        tokens_compared: counters.tokens_compared,
        tokens_off: counters.tokens_off,
        reads_only: counters
            .reads_only
            .iter()
            .map(|(account, region, model)| ReadsOnlyV1 {
                account: account.to_string(),
                region: region.to_string(),
                model: model.to_string(),
            })
            .collect(),
        rows: counters.rows.iter().map(cache_day).collect(),
    }
}

fn cache_day(day: &CacheDay) -> CacheDayV1 {
    CacheDayV1 {
        account: day.account.to_string(),
        region: day.region.to_string(),
        model: day.model.to_string(),
        date: day.date.to_string(),
        prompt_logged: day.logged.prompt,
        prompt_billed: day.billed.prompt,
        cache_read_logged: day.logged.read,
        cache_read_billed: day.billed.read,
        cache_write_logged: day.logged.written,
        cache_write_billed: day.writes_compared.then_some(day.billed.written),
        share_off: build::six_places(day.share_off()),
    }
}

fn metrics(place: &PlaceCoverage) -> MetricsV1 {
    let both = |figure: Option<Counted>| (figure.map(|it| it.counted), figure.map(|it| it.logged));
    let (input_counted, input_logged) = both(place.input);
    let (output_counted, output_logged) = both(place.output);
    let (cache_read_counted, cache_read_logged) = both(place.cache_read);
    let (cache_write_counted, cache_write_logged) = both(place.cache_write);
    MetricsV1 {
        account: place.account.to_string(),
        region: place.region.to_string(),
        days: place.days,
        calls_counted: place.calls.counted,
        calls_logged: place.calls.logged,
        input_counted,
        input_logged,
        output_counted,
        output_logged,
        cache_read_counted,
        cache_read_logged,
        cache_write_counted,
        cache_write_logged,
        days_not_logged: place.days_not_logged,
        calls_not_logged: place.calls_not_logged,
    }
}

fn blocks(model: String, sizes: &TokenSizes) -> BlockTokensV1 {
    let fitted = block_tokens::is_fitted(sizes);
    let (off, plain) = block_tokens::missed(sizes);
    let size = |(kind, twentieths): (&_, &u32)| {
        (block_tokens::word(*kind).to_owned(), block_tokens::bytes_a_token(*twentieths))
    };
    BlockTokensV1 {
        model,
        calls: sizes.calls,
        bytes_per_token: fitted.then(|| sizes.twentieths.iter().map(size).collect()),
        difference: fitted.then(|| build::six_places(off)),
        difference_by_bytes: fitted.then(|| build::six_places(plain)),
    }
}

/// Rounded parts of the token dollars: what the requests explain, then what they do not, row by row.
fn parts(tie: &TieOut) -> Vec<Money> {
    let unlogged = tie.rows.iter().map(|row| row.unlogged);
    Money::round_parts(&std::iter::once(tie.logged).chain(unlogged).collect::<Vec<_>>(), 6)
}

fn logged(tie: &TieOut) -> Money {
    parts(tie).first().copied().unwrap_or_default()
}

fn rows(tie: &TieOut) -> Vec<TieOutRowV1> {
    let billed = Money::round_parts(&tie.rows.iter().map(|row| row.billed).collect::<Vec<_>>(), 6);
    let unlogged = parts(tie).into_iter().skip(1);
    tie.rows.iter().zip(billed.into_iter().zip(unlogged)).map(|(row, dollars)| one(row, dollars)).collect()
}

fn one(row: &TieRow, (billed, unlogged): (Money, Money)) -> TieOutRowV1 {
    let tokens = |count: i128| u64::try_from(count.max(0)).unwrap_or(u64::MAX);
    TieOutRowV1 {
        day: None,
        account: row.account.to_string(),
        region: row.region.to_string(),
        model: row.model.to_string(),
        routing: row.routing.to_string(),
        mode: row.mode.to_string(),
        band: (row.band != ContextBand::Standard).then(|| row.band.to_string()),
        class: row.class.to_string(),
        billed_tokens: tokens(row.billed_tokens),
        logged_tokens: tokens(row.logged_tokens),
        matched_tokens: Some(tokens(row.matched_tokens)),
        billed: billed.into(),
        unlogged: Some(unlogged.into()),
        cause: word(row.cause).to_owned(),
    }
}

const fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Matched => "matched",
        Cause::Batch => "batch",
        Cause::LoggingOff => "logging_off",
        Cause::LoggingBegan => "logging_began",
        Cause::LogsEnd => "logs_end",
        Cause::NotLogged => "not_logged",
        Cause::ModeUnknown => "mode_unknown",
        Cause::NotBilled => "not_billed",
        Cause::LogsExceedBill => "logs_exceed_bill",
    }
}
