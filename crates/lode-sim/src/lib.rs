//! The simulator: an estate plus an ordered list of edits in, charges out. Every saving Lode reports is
//! the difference of two of its answers.
//!
//! It answers exactly what it can answer from what it was given and says [`NotSimulated`] otherwise; it
//! never interpolates. Where the calls of an owner are known ([`Demand`]), its edits change the calls, prompt caches are
//! replayed over them, and the tokens that come out are priced; owners without calls know only token-linear edits:
//! another model, pricing mode or routing, caching switched off, a standing resource replaced.
//!
//! This crate knows no files, no rules, no thresholds and no recommender. Prices come from
//! [`lode_prices::PriceBook`].

mod agents;
mod apply;
mod attribution;
mod bill_view;
mod cache_counters;
mod cache_days;
mod caching;
mod calls;
pub mod capacity;
mod cluster;
mod commitment;
mod counted;
mod custom;
mod demand;
mod estate;
mod features;
mod group;
mod guarded;
mod habits;
mod hours;
mod jobs;
mod landmarks;
mod lengths;
mod list_rates;
mod memo;
mod metrics_coverage;
mod minutes;
mod misses;
mod outliers;
mod pool_case;
mod pool_demand;
mod profile;
mod project;
mod rates;
mod replay;
mod replay_check;
mod search;
mod sequence;
mod sketch;
mod state;
mod store;
mod tie_out;
mod token_sizes;
mod traffic;
mod trend;
mod vector_store;
mod whatif_caching;
mod whatif_capacity;
mod white_space;

pub use agents::{Agents, EQUAL_CALLS, FOLLOWED_WITHIN, ON_ITS_WAY, RETRIED_AFTER, WastedCalls};
pub use apply::{NotSimulated, Simulator};
pub use attribution::Attribution;
pub use bill_view::{BillView, Nature, Slice};
pub use cache_counters::{CacheCounters, CacheDay, CacheTokens};
pub use cache_days::CacheUse;
pub use caching::Caching;
pub use calls::{SelectedCall, selected};
pub use commitment::Held;
pub use custom::{ImportWindows, ImportedCall, ImportedCalls, StoredModels};
pub use demand::{Cluster, Demand, OwnerCalls, Told, ToldClause};
pub use estate::{Adjustment, Basis, Charge, Estate, Window};
pub use guarded::{GuardrailUse, PolicyCounts, PolicyUse, SideUse, guardrail_counts, guardrail_id};
pub use habits::{Answers, Habits};
pub use hours::{off_hours, off_hours_of_job};
pub use jobs::Job;
pub use lengths::Lengths;
pub use list_rates::RateBasis;
pub use metrics_coverage::{CallCounts, Counted, MetricsCoverage, PlaceCoverage};
pub use minutes::MinuteDemand;
pub use misses::{CacheMisses, FirstDifference, MissCause};
pub use outliers::Outliers;
pub use pool_case::{PoolCase, ReservedOffer, UnitOffer};
pub use pool_demand::{PoolDemand, Stood};
pub use profile::{CacheBalance, Profile, Use};
pub use project::{Daily, Projection};
pub use rates::{AgainstList, Anomaly, Misfit, RateGroup, RateRow, SHOWN_STEPS};
pub use replay::{Block, LOOK_BACK, Replay, ReplayRules, Served, lifetime};
pub use replay_check::{ReplayCheck, ratio};
pub use sequence::{Chains, Repeats, Within};
pub use sketch::{Role, Sketch, SketchBlock};
pub use state::{SimCharge, State};
pub use tie_out::{Cause, TieOut, TieRow};
pub use token_sizes::TokenSizes;
pub use traffic::{RepeatedCalls, ToolTraffic, Traffic};
pub use trend::Trend;
pub use vector_store::{S3Vectors, Searches, StoreCollection, StoreUser, VectorStore};
pub use whatif_caching::{
    CachePlacement, CachedTokens, CachingCaller, CachingCalls, CachingCheck, CachingError, CachingGroup,
    CachingQuestion, CostRatio, LATE, RecordedCaching, TOLERANCE, UnknownPlacement, WhatIfCaching, whatif_caching,
};
pub use whatif_capacity::{
    CapacityCalls, CapacityError, CapacityOffer, CapacityPart, CapacityPool, CapacityQuestion, CapacityRegret,
    Measured, OfferedUnits, OtherVolume, WhatIfCapacity, whatif_capacity,
};
