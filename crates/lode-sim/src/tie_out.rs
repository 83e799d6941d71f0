//! How the bill and the logs compare: the self-check every figure from requests stands on.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use lode_model::{AccountId, Class, ContextBand, Mode, ModelId, Money, Region, Routing};

use crate::{CallCounts, MetricsCoverage};

/// Why bill and logs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// They agree: within one per cent of tokens.
    Matched,
    /// Batch jobs are not logged (AWS User Guide, model-invocation-logging, copy of 2026-10).
    Batch,
    /// Nothing of this account and region is in the logs: logging is off there, or its logs were not given.
    LoggingOff,
    /// The first log record is younger than the first billed day: logging began later.
    LoggingBegan,
    /// The last log record is older than the last billed day: later logs were not given.
    LogsEnd,
    /// Other models of this account and region are in the logs, this one is not, or only in part: other endpoints
    /// (`bedrock-mantle`), bidirectional streams, or delivery failures.
    NotLogged,
    /// The logs name another pricing mode, or none, where this one is billed.
    ModeUnknown,
    /// The bill has no token row where the logs have calls: free tier, an export that lacks the account, or rows
    /// that name no model.
    NotBilled,
    /// The logs have more tokens than the bill: scaled down to it.
    LogsExceedBill,
}

impl Cause {
    /// A few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Batch => "batch jobs are not logged",
            Self::LoggingOff => "no logs of this account and region",
            Self::LoggingBegan => "logging began later",
            Self::LogsEnd => "logs end earlier",
            Self::NotLogged => "billed, not in the logs",
            Self::ModeUnknown => "the logs do not tell the pricing mode",
            Self::NotBilled => "in the logs, not on the bill",
            Self::LogsExceedBill => "more in the logs than billed",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One line of the comparison: a price over the whole window, or over the part of it that one cause explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieRow {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model.
    pub model: ModelId,
    /// Routing.
    pub routing: Routing,
    /// Pricing mode.
    pub mode: Mode,
    /// Context band.
    pub band: ContextBand,
    /// Token class.
    pub class: Class,
    /// Tokens on the bill.
    pub billed_tokens: i128,
    /// Tokens in the logs.
    pub logged_tokens: i128,
    /// Tokens that both have, day by day.
    pub matched_tokens: i128,
    /// Dollars on the bill.
    pub billed: Money,
    /// Dollars of what is not in the logs.
    pub unlogged: Money,
    /// Why they differ; the main reason where there are several.
    pub cause: Cause,
}

/// The whole comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TieOut {
    /// Token rows, largest unlogged dollars first, then by key.
    pub rows: Vec<TieRow>,
    /// Dollars billed for tokens of text models and embeddings.
    pub billed: Money,
    /// Of them, dollars whose requests are known.
    pub logged: Money,
    /// Calls of which the bill knows nothing.
    pub calls_not_billed: u64,
    /// Calls of models that neither catalogue, inventory nor bill resolve, by name as called.
    pub unresolved: Vec<(String, u64)>,
    /// Calls served by dedicated capacity, outside the token comparison.
    pub calls_on_capacity: u64,
    /// All calls read.
    pub calls: u64,
    /// Of them, with bodies.
    pub calls_with_bodies: u64,
    /// Owners whose logs exceed the bill by more than five per cent: what follows from their requests has no dollars.
    pub withheld: Vec<lode_model::Owner>,
    /// What the logs hold by account, region and UTC day, whatever the model.
    pub by_day: BTreeMap<(AccountId, Region, Date), CallCounts>,
    /// What CloudWatch counted against it; `None` without its metrics.
    pub metrics: Option<MetricsCoverage>,
}

impl TieOut {
    /// Share of the token dollars whose requests are known; `None` without token dollars.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.billed > Money::ZERO).then(|| self.logged.share_of(self.billed))
    }
}
