//! The JSON contract, `report` version 1. Plain structs copied from the outcome, never the model serialised: what
//! changes inside must not change here.
//!
//! Money is an exact decimal string in USD with six places; shares are fractions; dates are ISO 8601, UTC; what is
//! unknown is absent. Adding an optional field keeps the version; anything else makes a `v2` beside this one.

mod arithmetic;
mod bill;
mod build;
mod overlays;
mod pictures;
mod tie_out;

use lode_model::Money;
use schemars::JsonSchema;
use serde::Serialize;

pub use crate::silenced::SuppressionV1;
pub use arithmetic::{ArithmeticV1, HeldClauseV1, LineV1, WeekdayV1};
pub use bill::{
    AgainstListV1, AnomalyV1, AsideV1, AttributionV1, BillV1, ByAccountV1, ByCallerV1, ByClassV1, ByDayV1, ByModelV1,
    ByNatureV1, ByServiceV1, BySourceV1, ByUsageTypeV1, DayLayerV1, DaysV1, LayerV1, RateUsd, RateV1, SpanV1, TrendV1,
};
pub(crate) use build::six_places;
pub use build::{bill_json, report_json, schema};
pub use overlays::{AgentsV1, RetrievalV1};
pub use pictures::{
    CacheDaysV1, CachedDayV1, CallerCacheV1, CurvePointV1, CurveV1, DemandV1, HourOfWeekV1, MovedCallsV1, OtherCacheV1,
    RetrievalFrontierV1, RetrievalPointV1,
};
pub use tie_out::{
    BlockTokensV1, CacheCountersV1, CacheDayV1, MetricsV1, ReadsOnlyV1, TieOutRowV1, TieOutV1, UnresolvedV1,
};

/// Version of this contract.
pub const SCHEMA_VERSION: u32 = 1;

/// Exact decimal amount of US dollars, six places, such as `"1234.500000"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Usd(String);

impl Usd {
    /// The text: a decimal number with six places.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount.
    #[must_use]
    pub fn money(&self) -> Money {
        // It was written from one.
        Money::parse(&self.0).unwrap_or_default()
    }
}

impl From<Money> for Usd {
    fn from(money: Money) -> Self {
        Self(money.to_decimal(6))
    }
}

/// The report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReportV1 {
    /// Version of this contract: 1.
    pub schema_version: u32,
    /// Date of the report.
    pub as_of: String,
    /// Days the figures speak of.
    pub window: WindowV1,
    /// Always USD.
    pub currency: String,
    /// Basis of all money: net, unblended or list.
    pub basis: String,
    /// List prices built in.
    pub prices: PricesV1,
    /// Where the money goes.
    pub bill: BillV1,
    /// Logs against bill.
    pub tie_out: TieOutV1,
    /// What the calls of each workload ask for; workloads whose calls are not known are absent.
    pub cohorts: Vec<CohortV1>,
    /// When calls are made, by hour of the week; absent without logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand: Option<DemandV1>,
    /// Cache reads and writes by day; absent where nobody reads or writes, or no day is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_days: Option<CacheDaysV1>,
    /// Recall against context tokens, of results of `lode whatif chunking` among the input; absent without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retrieval_frontier: Vec<RetrievalFrontierV1>,
    /// The plans; in each the marginals add up to baseline minus final.
    pub plans: Vec<PlanV1>,
    /// Recommendations by rank.
    pub recommendations: Vec<RecommendationV1>,
    /// What was looked at and declined.
    pub declined: Vec<DeclinedV1>,
    /// Names that people know accounts, callers and resources by, from the settings; everything else here has raw names.
    pub labels: std::collections::BTreeMap<String, String>,
    /// What the settings keep out of the plans, and what of it says nothing any more.
    pub suppressions: Vec<SuppressionV1>,
    /// What is missing.
    pub data_gaps: Vec<DataGapV1>,
    /// Rows and files that could not be used.
    pub rejected: RejectedV1,
}

/// What the calls of a workload ask for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CohortV1 {
    /// Account.
    pub account: String,
    /// Source region.
    pub region: String,
    /// Model.
    pub model: String,
    /// Caller.
    pub caller: String,
    /// The cohort's name, one of its kind among the caller's calls to the model.
    pub cohort: String,
    /// What the calls ask for: `label`, `extraction`, `summarisation`, `question`, `rewriting`, `code`, `generation`,
    /// `agentic`, `vision`, `retrieval`, `chat`, `embedding`; `text` where no rule tells, `unknown` where nothing was logged.
    pub task: String,
    /// Logged calls.
    pub calls: usize,
    /// Billed for them a month, before any change.
    pub monthly: Usd,
    /// The rule that tells what they ask for, where the prompt's parts do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Its clauses; all hold.
    pub clauses: Vec<CohortClauseV1>,
}

/// A clause of a rule for cohorts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CohortClauseV1 {
    /// What was measured.
    pub signal: String,
    /// Its value.
    pub value: f64,
    /// `>=` or `<=`.
    pub comparator: String,
    /// What it is compared with.
    pub threshold: f64,
    /// Why.
    pub why: String,
}

/// A test on the customer's own calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TestV1 {
    /// The day of its result.
    pub date: String,
    /// `passed`, `failed` or `undecided`, of the kind of calls that saves most.
    pub verdict: String,
}

/// Days.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WindowV1 {
    /// First day.
    pub from: String,
    /// Last day, included.
    pub to: String,
    /// Days.
    pub days: usize,
    /// Days whose charges are complete.
    pub complete_days: usize,
    /// Billed in the window.
    pub billed: Usd,
}

/// Prices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricesV1 {
    /// Date of the catalogue.
    pub as_of: String,
    /// Its sources.
    pub sources: Vec<SourceV1>,
}

/// A source of prices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceV1 {
    /// Letter used where a price is shown.
    pub id: String,
    /// What it is.
    pub what: String,
    /// Its date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What a service filter misses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MissedV1 {
    /// Dollars a month.
    pub monthly: Usd,
    /// Dollars billed in the window.
    pub billed: Usd,
    /// Share of what all Bedrock services bill in the window.
    pub share: f64,
}

/// A plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanV1 {
    /// `ready` or `full`.
    pub name: String,
    /// Today's bill a month.
    pub baseline_monthly: Usd,
    /// The bill after all steps.
    pub final_monthly: Usd,
    /// Their difference: the sum of the marginals.
    pub savings_monthly: Usd,
    /// Cautious end of the savings.
    pub savings_low: Usd,
    /// Hopeful end of the savings.
    pub savings_high: Usd,
    /// Steps in documented order.
    pub steps: Vec<StepV1>,
}

/// A step of a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepV1 {
    /// Id of the recommendation.
    pub id: String,
    /// Lever.
    pub lever: String,
    /// Place of the lever in the documented order.
    pub priority: usize,
    /// What the change alone saves.
    pub standalone: Usd,
    /// What it saves on what the steps before it leave over.
    pub marginal: Usd,
}

/// A recommendation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecommendationV1 {
    /// Stable id.
    pub id: String,
    /// `recommender.rule`.
    pub rule: String,
    /// Recommender.
    pub recommender: String,
    /// Lever.
    pub lever: String,
    /// Place of the lever in the documented order.
    pub priority: usize,
    /// Place in the report.
    pub rank: usize,
    /// What was found.
    pub title: String,
    /// The same in a sentence.
    pub what: String,
    /// Why that costs more than it need.
    pub why: String,
    /// What to do.
    pub action: String,
    /// Where.
    pub scope: ScopeV1,
    /// Marginals by plan.
    pub plans: Vec<PlanMarginalV1>,
    /// What the scope costs a month before this step.
    pub current_monthly: Usd,
    /// Where calls move to another model: the part of them, 0 to 1, that must be able to move for it to pay to try all of
    /// them there first and to repeat the others on today's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_even_share: Option<f64>,
    /// Savings.
    pub savings: SavingsV1,
    /// Cost of the change, once.
    pub one_off_cost: Usd,
    /// Days until that is earned back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payback_days: Option<i64>,
    /// `measured`, `replayed`, `modelled` or `assumed`.
    pub evidence_grade: String,
    /// Work.
    pub effort: String,
    /// Risk.
    pub risk: String,
    /// Test that must be passed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_gate: Option<String>,
    /// Cohorts of its calls that are in the full plan alone, because they wait for a test that others passed.
    pub waiting: Vec<String>,
    /// The test of it on the customer's own calls: its day and `passed`, `failed` or `undecided`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestV1>,
    /// What the customer must know before going ahead, such as data residency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What is assumed.
    pub assumptions: Vec<AssumptionV1>,
    /// What was measured.
    pub evidence: Vec<EvidenceV1>,
    /// What its capacity costs by the number of units; absent where it is about none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<CurveV1>,
    /// Other ways.
    pub alternatives: Vec<AlternativeV1>,
    /// The clauses of its rule, all of which hold.
    pub clauses: Vec<HeldClauseV1>,
    /// How the figure comes about.
    pub arithmetic: ArithmeticV1,
    /// The next step.
    pub next_step: String,
    /// What could go wrong.
    pub caution: String,
    /// How to undo it.
    pub rollback: String,
    /// How to see afterwards that it worked.
    pub verify: String,
}

/// Where.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScopeV1 {
    /// `workload`, `pool`, `resource` or `account`.
    pub kind: String,
    /// Account.
    pub account: String,
    /// Source region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Which of the caller's calls: a task form, with a number where there are several. Absent where all of them are
    /// meant; recommendations have `cohorts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// In recommendations: the kinds of calls that are meant, where the caller makes others too that are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohorts: Option<Vec<String>>,
    /// With `cohorts`: logged calls of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// With `cohorts`: all logged calls of the caller to the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_of: Option<u64>,
    /// Resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// A marginal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanMarginalV1 {
    /// Plan.
    pub name: String,
    /// Savings a month in it.
    pub marginal: Usd,
    /// What this plan does in place of the recommendation's action, where that is another option of the same rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

/// Savings a month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SavingsV1 {
    /// Cautious; 0 while a test is open.
    pub low: Usd,
    /// Marginal in the ready plan, else in the full one.
    pub expected: Usd,
    /// Hopeful.
    pub high: Usd,
    /// Alone.
    pub standalone: Usd,
    /// Expected as a share of what the scope costs before the step.
    pub share_of_scope: f64,
    /// Expected as a share of the whole bill.
    pub share_of_bill: f64,
}

/// An assumption.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AssumptionV1 {
    /// Name.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Smallest plausible.
    pub low: f64,
    /// Used.
    pub expected: f64,
    /// Largest plausible.
    pub high: f64,
    /// Unit.
    pub unit: String,
    /// Source and date.
    pub source: String,
}

/// A value: a number, a decimal text of dollars, a word, or yes and no.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ValueV1 {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Dollars, or a word.
    Text(String),
}

/// Evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EvidenceV1 {
    /// Signal.
    pub signal: String,
    /// Value.
    pub value: ValueV1,
    /// Unit; empty for words.
    pub unit: String,
}

/// Another way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AlternativeV1 {
    /// What to do instead.
    pub action: String,
    /// How much larger the bill a month would be; negative where it would be smaller.
    pub costs_more: Usd,
    /// Whether it is only offered and never chosen by itself, whatever it saves.
    pub only_alternative: bool,
    /// Of what is only offered: the same at the better end of its rule's assumptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs_more_low: Option<Usd>,
    /// And at the worse end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs_more_high: Option<Usd>,
}

/// Something declined.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeclinedV1 {
    /// Recommender.
    pub recommender: String,
    /// `recommender.rule`.
    pub rule: String,
    /// Where.
    pub subject: ScopeV1,
    /// `clause`, `not_sold`, `no_price`, `no_saving`, `negative_in_plan`, `moves_cached_prefix`, `alternative`, `only_alternative`,
    /// `left_to`, `not_simulated`, `nothing_to_propose`, `ended`, `failed_test`, `residency`, `forbidden` or
    /// `suppressed`.
    pub reason: String,
    /// What was tried, where that can be named: of `no_saving`, `alternative`,
    /// `only_alternative` and `forbidden`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// More of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The clause that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<ClauseV1>,
    /// What else to know of what was tried, such as the curve of a commitment that would not save.
    pub notes: Vec<NoteV1>,
    /// What capacity that would not save costs by the number of units; absent where it is about none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<CurveV1>,
}

/// Something named.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NoteV1 {
    /// Name, such as `capacity.curve`.
    pub name: String,
    /// In words.
    pub text: String,
}

/// A clause that does not hold.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClauseV1 {
    /// Signal.
    pub signal: String,
    /// What was measured.
    pub value: ValueV1,
    /// `>=`, `>`, `<=`, `<` or `==`.
    pub comparator: String,
    /// What it was compared with.
    pub threshold: ValueV1,
    /// Why the value is what it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// A missing input.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DataGapV1 {
    /// Which.
    pub missing: String,
    /// What it would show.
    pub unlocks: String,
    /// Rules that wait for it.
    pub rules: Vec<String>,
    /// What the scopes that wait cost a month.
    pub spend_monthly: Usd,
    /// What could be saved of it at the very most, in no plan; absent where no rule can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most_monthly: Option<Usd>,
    /// How to get it.
    pub how: Vec<String>,
    /// What waits for it, the most expensive first.
    pub waiting: Vec<WaitingV1>,
}

/// A rule that waits for an input in one place.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaitingV1 {
    /// `recommender.rule`.
    pub rule: String,
    /// Where.
    pub scope: ScopeV1,
    /// What the scope costs a month.
    pub spend_monthly: Usd,
    /// What is known without the input.
    pub evidence: Vec<EvidenceV1>,
}

/// What could not be used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RejectedV1 {
    /// Rows whose quantity or dollars could not be read.
    pub rows: u64,
    /// Of the rows of the bill, those whose cost could not be read: their dollars are in no total.
    pub rows_lost: u64,
    /// Files that could not be read, or not to their end: the totals are incomplete by them.
    pub files: u64,
    /// The first of them.
    pub samples: Vec<RejectedSampleV1>,
}

/// One row or file that could not be used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RejectedSampleV1 {
    /// File.
    pub file: String,
    /// Row of data, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Found.
    pub found: String,
    /// Expected.
    pub expected: String,
    /// Dollars of it that stay in the totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Usd>,
}
