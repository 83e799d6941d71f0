//! The JSON contract, `report` version 1. Plain structs copied from the outcome, never the model serialised: what
//! changes inside must not change here.
//!
//! Money is an exact decimal string in USD with six places; shares are fractions; dates are ISO 8601, UTC; what is
//! unknown is absent. Adding an optional field keeps the version; anything else makes a `v2` beside this one.

use jiff::civil::Date;
use lode_engine::{Evidence, Outcome, Plan, PlanName, Reason, Recommendation, Threshold, Value};
use lode_model::{Money, Owner};
use lode_sim::{BillView, Slice};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Report;

/// Version of this contract.
pub const SCHEMA_VERSION: u32 = 1;

/// Exact decimal amount of US dollars, six places, such as `"1234.500000"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Usd(String);

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
    /// The plans; in each the marginals add up to baseline minus final.
    pub plans: Vec<PlanV1>,
    /// Recommendations by rank.
    pub recommendations: Vec<RecommendationV1>,
    /// What was looked at and declined.
    pub declined: Vec<DeclinedV1>,
    /// What is missing.
    pub data_gaps: Vec<DataGapV1>,
    /// Rows and files that could not be used.
    pub rejected: RejectedV1,
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

/// The bill.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BillV1 {
    /// Dollars a month.
    pub monthly: Usd,
    /// Dollars billed in the window.
    pub billed: Usd,
    /// Of them one-off fees, which a month does not repeat.
    pub fees: Usd,
    /// By cost layer.
    pub by_layer: Vec<LayerV1>,
    /// By who sells it.
    pub by_source: Vec<BySourceV1>,
    /// By model.
    pub by_model: Vec<ByModelV1>,
    /// By caller.
    pub by_caller: Vec<ByCallerV1>,
    /// By class.
    pub by_class: Vec<ByClassV1>,
    /// By account.
    pub by_account: Vec<ByAccountV1>,
    /// By UTC day; fees left out.
    pub by_day: Vec<ByDayV1>,
    /// Usage types no rule knows.
    pub unclassified: Vec<ByUsageTypeV1>,
    /// Credits, refunds and tax: in no total.
    pub aside: Vec<AsideV1>,
    /// What a Cost Explorer filter on "Amazon Bedrock" leaves out of what Bedrock services bill.
    pub missed_by_service_filter: MissedV1,
}

macro_rules! cuts {
    ($($(#[$doc:meta])* $name:ident { $field:ident },)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, JsonSchema)]
        pub struct $name {
            /// Which.
            pub $field: String,
            /// Dollars a month.
            pub monthly: Usd,
            /// Dollars billed in the window.
            pub billed: Usd,
        }
        impl From<&Slice> for $name {
            fn from(slice: &Slice) -> Self {
                Self { $field: slice.name.clone(), monthly: slice.monthly.into(), billed: slice.billed.into() }
            }
        }
    )*};
}

cuts! {
    /// A cost layer.
    LayerV1 { layer },
    /// A billing source.
    BySourceV1 { source },
    /// A model.
    ByModelV1 { model },
    /// A caller.
    ByCallerV1 { caller },
    /// A class.
    ByClassV1 { class },
    /// An account.
    ByAccountV1 { account },
    /// A usage type.
    ByUsageTypeV1 { usage_type },
}

/// A day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ByDayV1 {
    /// UTC day.
    pub day: String,
    /// Dollars billed.
    pub billed: Usd,
}

/// An amount outside the run rate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AsideV1 {
    /// Credits, refunds or tax.
    pub kind: String,
    /// Amount; credits are negative.
    pub billed: Usd,
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

/// Logs against bill.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TieOutV1 {
    /// Share of billed tokens found in the logs; absent without logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Baseline minus bill, a month. Without logs the baseline is the bill.
    pub residual_monthly: Usd,
    /// Rows that differ.
    pub rows: Vec<TieOutRowV1>,
}

/// One row of the tie-out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TieOutRowV1 {
    /// UTC day.
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
    /// Class.
    pub class: String,
    /// Tokens on the bill.
    pub billed_tokens: u64,
    /// Tokens in the logs.
    pub logged_tokens: u64,
    /// Dollars billed.
    pub billed: Usd,
    /// Named cause of the difference.
    pub cause: String,
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
    /// What to do.
    pub action: String,
    /// Where.
    pub scope: ScopeV1,
    /// Marginals by plan.
    pub plans: Vec<PlanMarginalV1>,
    /// What the scope costs a month before this step.
    pub current_monthly: Usd,
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
    /// What is assumed.
    pub assumptions: Vec<AssumptionV1>,
    /// What was measured.
    pub evidence: Vec<EvidenceV1>,
    /// Other ways.
    pub alternatives: Vec<AlternativeV1>,
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
    /// How much larger the bill a month would be.
    pub costs_more: Usd,
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
    /// `clause`, `no_price`, `no_saving`, `negative_in_plan`, `alternative`, `not_simulated`, `nothing_to_propose`
    /// or `suppressed`.
    pub reason: String,
    /// More of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The clause that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<ClauseV1>,
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
    /// Rows.
    pub rows: u64,
    /// Files.
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

/// The report as JSON, indented, with a line break at the end.
#[must_use]
pub fn report_json(report: &Report<'_>) -> String {
    pretty(&ReportV1::from(report))
}

/// The bill alone, under the same names.
#[must_use]
pub fn bill_json(report: &Report<'_>) -> String {
    let ReportV1 { schema_version, as_of, window, currency, basis, bill, rejected, .. } = ReportV1::from(report);
    pretty(&BillOnlyV1 { schema_version, as_of, window, currency, basis, bill, rejected })
}

/// The JSON schema of [`ReportV1`].
#[must_use]
pub fn schema() -> String {
    pretty(&schemars::schema_for!(ReportV1))
}

fn pretty(value: &impl Serialize) -> String {
    // Plain structs of strings and numbers cannot fail to serialise.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct BillOnlyV1 {
    schema_version: u32,
    as_of: String,
    window: WindowV1,
    currency: String,
    basis: String,
    bill: BillV1,
    rejected: RejectedV1,
}

impl From<&Report<'_>> for ReportV1 {
    fn from(report: &Report<'_>) -> Self {
        let (estate, outcome) = (report.estate, report.outcome);
        let window = &estate.window;
        let catalogue = estate.prices.catalogue();
        Self {
            schema_version: SCHEMA_VERSION,
            as_of: iso(report.as_of),
            window: WindowV1 {
                from: iso(window.first),
                to: iso(window.last),
                days: window.days(),
                complete_days: window.complete_days(),
                billed: report.view.billed.into(),
            },
            currency: "USD".to_owned(),
            basis: estate.basis.as_str().to_owned(),
            prices: PricesV1 {
                as_of: iso(catalogue.as_of()),
                sources: catalogue
                    .sources()
                    .iter()
                    .map(|s| SourceV1 {
                        id: s.id.to_string(),
                        what: s.what.to_string(),
                        date: s.date.as_ref().map(ToString::to_string),
                    })
                    .collect(),
            },
            bill: bill(report.view),
            tie_out: TieOutV1 { coverage: None, residual_monthly: Money::ZERO.into(), rows: Vec::new() },
            plans: [&outcome.ready, &outcome.full].map(plan).into(),
            recommendations: outcome.recommendations.iter().map(|r| recommendation(r, outcome)).collect(),
            declined: declined(outcome),
            data_gaps: outcome
                .gaps
                .iter()
                .map(|gap| DataGapV1 {
                    missing: gap.input.to_string(),
                    unlocks: gap.input.unlocks().to_owned(),
                    rules: gap.rules().into_iter().map(str::to_owned).collect(),
                    spend_monthly: gap.spend.into(),
                    how: gap.input.how().iter().map(|line| (*line).to_owned()).collect(),
                    waiting: gap
                        .waiting
                        .iter()
                        .map(|w| WaitingV1 {
                            rule: w.rule_id.clone(),
                            scope: scope(&w.subject),
                            spend_monthly: w.spend.into(),
                            evidence: evidence(&w.evidence),
                        })
                        .collect(),
                })
                .collect(),
            rejected: rejected(report),
        }
    }
}

fn iso(day: Date) -> String {
    day.to_string()
}

fn bill(view: &BillView) -> BillV1 {
    fn cut<T: for<'a> From<&'a Slice>>(slices: &[Slice]) -> Vec<T> {
        slices.iter().map(T::from).collect()
    }
    BillV1 {
        monthly: view.monthly.into(),
        billed: view.billed.into(),
        fees: view.fees.into(),
        by_layer: cut(&view.by_layer),
        by_source: cut(&view.by_source),
        by_model: cut(&view.by_model),
        by_caller: cut(&view.by_caller),
        by_class: cut(&view.by_class),
        by_account: cut(&view.by_account),
        by_day: view.by_day.iter().map(|d| ByDayV1 { day: d.name.clone(), billed: d.billed.into() }).collect(),
        unclassified: cut(&view.unclassified),
        aside: view.aside.iter().map(|a| AsideV1 { kind: a.name.clone(), billed: a.billed.into() }).collect(),
        missed_by_service_filter: MissedV1 {
            monthly: view.missed_by_service_filter.monthly.into(),
            billed: view.missed_by_service_filter.billed.into(),
            share: share(view.missed_by_service_filter.billed, view.bedrock.billed),
        },
    }
}

/// A fraction to six places, so that bytes do not depend on the last bit of a division.
fn share(part: Money, whole: Money) -> f64 {
    (part.share_of(whole) * 1e6).round() / 1e6
}

fn plan(plan: &Plan) -> PlanV1 {
    PlanV1 {
        name: plan.name.to_string(),
        baseline_monthly: plan.baseline.into(),
        final_monthly: plan.remaining.into(),
        savings_monthly: plan.savings().into(),
        savings_low: plan.low.into(),
        savings_high: plan.high.into(),
        steps: plan
            .steps
            .iter()
            .map(|step| StepV1 {
                id: step.id.clone(),
                lever: step.lever.id.to_owned(),
                priority: step.priority,
                standalone: step.standalone.into(),
                marginal: step.marginal().into(),
            })
            .collect(),
    }
}

fn scope(owner: &Owner) -> ScopeV1 {
    let (kind, caller, resource) = match owner {
        Owner::Workload(w) => ("workload", Some(w.caller.to_string()), None),
        Owner::Pool(_) => ("pool", None, None),
        Owner::Resource(_, _, id) => ("resource", None, Some(id.to_string())),
        Owner::Account(_) => ("account", None, None),
    };
    ScopeV1 {
        kind: kind.to_owned(),
        account: owner.account().to_string(),
        region: owner.region().map(ToString::to_string),
        model: owner.model().map(ToString::to_string),
        caller,
        resource,
    }
}

fn recommendation(r: &Recommendation, outcome: &Outcome) -> RecommendationV1 {
    let marginal =
        |(name, marginal): &(PlanName, Money)| PlanMarginalV1 { name: name.to_string(), marginal: (*marginal).into() };
    RecommendationV1 {
        id: r.id.clone(),
        rule: r.rule_id.clone(),
        recommender: r.recommender.to_owned(),
        lever: r.lever.id.to_owned(),
        priority: r.priority,
        rank: r.rank,
        title: r.rule.title.clone(),
        action: r.action.clone(),
        scope: scope(&r.subject),
        plans: r.plans.iter().map(marginal).collect(),
        current_monthly: r.current.into(),
        savings: SavingsV1 {
            low: r.savings.low.into(),
            expected: r.savings.expected.into(),
            high: r.savings.high.into(),
            standalone: r.savings.standalone.into(),
            share_of_scope: share(r.savings.expected, r.current),
            share_of_bill: share(r.savings.expected, outcome.ready.baseline),
        },
        one_off_cost: r.one_off.into(),
        payback_days: r.payback_days().and_then(|days| i64::try_from(days).ok()),
        evidence_grade: r.grade.to_string(),
        effort: r.rule.effort.to_string(),
        risk: r.rule.risk.to_string(),
        quality_gate: r.gate.map(|gate| gate.to_string()),
        assumptions: r
            .assumptions
            .iter()
            .map(|a| AssumptionV1 {
                id: a.id.clone(),
                text: a.text.clone(),
                low: a.low,
                expected: a.expected,
                high: a.high,
                unit: a.unit.clone(),
                source: a.source.clone(),
            })
            .collect(),
        evidence: evidence(&r.evidence),
        alternatives: r
            .alternatives
            .iter()
            .map(|a| AlternativeV1 { action: a.title.clone(), costs_more: a.costs_more.into() })
            .collect(),
        verify: r.rule.verify.clone(),
    }
}

fn evidence(evidence: &[Evidence]) -> Vec<EvidenceV1> {
    evidence
        .iter()
        .map(|e| EvidenceV1 { signal: e.signal.to_owned(), value: value(&e.value), unit: e.unit.to_owned() })
        .collect()
}

fn value(value: &Value) -> ValueV1 {
    match value {
        Value::Number(number) => ValueV1::Number((number * 1e6).round() / 1e6),
        Value::Money(money) => ValueV1::Text(money.to_decimal(6)),
        Value::Text(text) => ValueV1::Text(text.clone()),
        Value::Flag(flag) => ValueV1::Flag(*flag),
    }
}

#[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
fn threshold(threshold: &Threshold) -> ValueV1 {
    match threshold {
        Threshold::Flag(flag) => ValueV1::Flag(*flag),
        Threshold::Whole(number) => ValueV1::Number(*number as f64),
        Threshold::Number(number) => ValueV1::Number(*number),
        Threshold::Text(text) => ValueV1::Text(text.clone()),
    }
}

fn declined(outcome: &Outcome) -> Vec<DeclinedV1> {
    outcome
        .declined
        .iter()
        .map(|d| {
            let (detail, clause) = match &d.reason {
                Reason::Clause { clause, value: measured } => (
                    Some(clause.why.clone()),
                    Some(ClauseV1 {
                        signal: clause.signal.clone(),
                        value: value(measured),
                        comparator: clause.comparator.as_str().to_owned(),
                        threshold: threshold(&clause.threshold),
                    }),
                ),
                Reason::NothingToPropose => (None, None),
                Reason::NotSimulated(text) | Reason::NoPrice(text) | Reason::Alternative(text) => {
                    (Some(text.clone()), None)
                }
                Reason::NoSaving(money) | Reason::NegativeInPlan(money) => (Some(money.to_decimal(6)), None),
                Reason::Suppressed(silence) => (Some(crate::explain::silenced(silence)), None),
            };
            DeclinedV1 {
                recommender: d.rule_id.split('.').next().unwrap_or_default().to_owned(),
                rule: d.rule_id.clone(),
                subject: scope(&d.subject),
                reason: d.reason.as_str().to_owned(),
                detail,
                clause,
            }
        })
        .collect()
}

fn rejected(report: &Report<'_>) -> RejectedV1 {
    let sources = report.sources;
    RejectedV1 {
        rows: sources.rejected_rows(),
        files: sources.rejected.iter().filter(|r| r.row.is_none()).count() as u64,
        samples: sources
            .rejected
            .iter()
            .take(20)
            .map(|r| RejectedSampleV1 {
                file: r.file.display().to_string(),
                row: r.row,
                column: r.column.clone(),
                found: r.found.clone(),
                expected: r.expected.clone(),
                kept: r.kept.map(Usd::from),
            })
            .collect(),
    }
}
