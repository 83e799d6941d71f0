//! The outcome copied into the contract's structs, and those into text. Nothing is computed here but shares.

use jiff::civil::Date;
use lode_engine::{Evidence, Outcome, Plan, PlanName, Reason, Recommendation, Threshold, Value};
use lode_model::{Money, Note, Owner};
use lode_sim::ToldClause;
use serde::Serialize;

use super::*;
use crate::Report;
use crate::cohorts::CohortLine;
use crate::pictures;

/// The report as JSON, indented, with a line break at the end.
#[must_use]
pub fn report_json(report: &Report<'_>) -> String {
    pretty(&ReportV1::from(report))
}

/// The bill alone, under the same names.
#[must_use]
pub fn bill_json(report: &Report<'_>) -> String {
    let ReportV1 { schema_version, as_of, window, currency, basis, bill, tie_out, rejected, .. } =
        ReportV1::from(report);
    pretty(&BillOnlyV1 { schema_version, as_of, window, currency, basis, bill, tie_out, rejected })
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
    tie_out: TieOutV1,
    rejected: RejectedV1,
}

impl From<&Report<'_>> for ReportV1 {
    fn from(report: &Report<'_>) -> Self {
        let mut whole = Self::for_page(report);
        whole.cohorts = crate::cohorts::lines(report).iter().map(cohort).collect();
        whole.declined = declined(report.outcome);
        whole.bill.rates = super::bill::rates(&report.view.rates);
        whole
    }
}

impl ReportV1 {
    /// The same for a page that says the rest in words: `cohorts`, `declined` and `bill.rates`, of which a large bill has
    /// hundreds of thousands, are empty.
    #[must_use]
    pub fn for_page(report: &Report<'_>) -> Self {
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
            bill: super::bill::bill(report),
            tie_out: TieOutV1::from(estate),
            cohorts: Vec::new(),
            demand: pictures::demand(report),
            cache_days: pictures::cache_days(report),
            retrieval_frontier: report.sources.retrieval.clone(),
            plans: [&outcome.ready, &outcome.full].map(plan).into(),
            recommendations: outcome.recommendations.iter().map(|r| recommendation(r, outcome)).collect(),
            declined: Vec::new(),
            labels: report.labels.clone(),
            suppressions: outcome.silenced.iter().map(SuppressionV1::from).collect(),
            data_gaps: outcome
                .gaps
                .iter()
                .map(|gap| DataGapV1 {
                    missing: gap.input.to_string(),
                    unlocks: gap.input.unlocks().to_owned(),
                    rules: gap.rules().into_iter().map(str::to_owned).collect(),
                    spend_monthly: gap.spend.into(),
                    at_most_monthly: gap.at_most().map(|(_, most)| most.into()),
                    how: gap.input.how().iter().map(|line| (*line).to_owned()).collect(),
                    waiting: gap
                        .waiting
                        .iter()
                        .map(|w| WaitingV1 {
                            rule: w.rule_id.clone(),
                            scope: exact_scope(&w.subject),
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

fn cohort(line: &CohortLine<'_>) -> CohortV1 {
    let (id, own) = (line.id, line.own);
    let clause = |clause: &ToldClause| CohortClauseV1 {
        signal: clause.signal.to_string(),
        value: clause.value,
        comparator: if clause.at_least { ">=" } else { "<=" }.to_owned(),
        threshold: clause.threshold,
        why: clause.why.to_owned(),
    };
    CohortV1 {
        account: id.account.to_string(),
        region: id.region.to_string(),
        model: id.model.to_string(),
        caller: id.caller.to_string(),
        cohort: id.cohort.to_string(),
        task: own.task.as_str().to_owned(),
        calls: own.calls.len(),
        monthly: line.monthly.into(),
        rule: own.told.as_ref().map(|told| told.rule.to_owned()),
        clauses: own.told.iter().flat_map(|told| told.clauses.iter().map(clause)).collect(),
    }
}

fn iso(day: Date) -> String {
    day.to_string()
}

/// A fraction to six places, so that bytes do not depend on the last bit of a division.
fn share(part: Money, whole: Money) -> f64 {
    six_places(part.share_of(whole))
}

/// A number to six places.
pub(crate) fn six_places(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
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

/// Where, down to the kind of calls.
pub(super) fn exact_scope(owner: &Owner) -> ScopeV1 {
    ScopeV1 { cohort: crate::text::cohort(owner).map(str::to_owned), ..scope(owner) }
}

/// Where, all kinds of a caller's calls together.
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
        cohort: None,
        cohorts: None,
        calls: None,
        calls_of: None,
        resource,
    }
}

/// Where, with the kinds of calls that a recommendation means, where not all.
fn scope_of(r: &Recommendation) -> ScopeV1 {
    let only = r.only.as_ref();
    ScopeV1 {
        cohorts: only.map(|only| only.cohorts.iter().map(|cohort| cohort.as_str().to_owned()).collect()),
        calls: only.map(|only| only.calls),
        calls_of: only.map(|only| only.of),
        ..scope(&r.subject)
    }
}

fn recommendation(r: &Recommendation, outcome: &Outcome) -> RecommendationV1 {
    let marginal = |(name, marginal): &(PlanName, Money)| PlanMarginalV1 {
        name: name.to_string(),
        marginal: (*marginal).into(),
        action: r.in_full.clone().filter(|_| *name == PlanName::Full),
    };
    RecommendationV1 {
        id: r.id.clone(),
        rule: r.rule_id.clone(),
        recommender: r.recommender.to_owned(),
        lever: r.lever.id.to_owned(),
        priority: r.priority,
        rank: r.rank,
        title: r.rule.title.clone(),
        what: r.rule.what.clone(),
        why: r.rule.why.clone(),
        action: r.action.clone(),
        scope: scope_of(r),
        plans: r.plans.iter().map(marginal).collect(),
        current_monthly: r.current.into(),
        break_even_share: r.break_even.and_then(|even| even.share()).map(six_places),
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
        waiting: r.waiting.iter().map(ToString::to_string).collect(),
        test: r.test.map(|(date, verdict)| TestV1 { date: iso(date), verdict: verdict.as_str().to_owned() }),
        check: r.rule.check.clone(),
        assumptions: r
            .rule
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
        curves: pictures::curves(r.parts.iter().flat_map(|part| &part.action.notes)),
        alternatives: r
            .alternatives
            .iter()
            .map(|a| AlternativeV1 {
                action: a.title.clone(),
                costs_more: a.costs_more.into(),
                only_alternative: a.never_chosen.is_some(),
                costs_more_low: a.never_chosen.map(|(low, _)| low.into()),
                costs_more_high: a.never_chosen.map(|(_, high)| high.into()),
            })
            .collect(),
        clauses: super::arithmetic::clauses(r),
        arithmetic: ArithmeticV1::from(r),
        next_step: r.rule.next_step.clone(),
        caution: r.rule.caution.clone(),
        rollback: r.rule.rollback.clone(),
        verify: r.rule.verify.clone(),
    }
}

fn evidence(evidence: &[Evidence]) -> Vec<EvidenceV1> {
    evidence
        .iter()
        .map(|e| EvidenceV1 { signal: e.signal.to_owned(), value: value(&e.value), unit: e.unit.to_owned() })
        .collect()
}

pub(super) fn value(value: &Value) -> ValueV1 {
    match value {
        Value::Number(number) => ValueV1::Number(six_places(*number)),
        Value::Money(money) => ValueV1::Text(money.to_decimal(6)),
        Value::Text(text) => ValueV1::Text(text.clone()),
        Value::Flag(flag) => ValueV1::Flag(*flag),
    }
}

#[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
pub(super) fn threshold(threshold: &Threshold) -> ValueV1 {
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
                Reason::Clause { clause, value: measured, because } => (
                    Some(clause.why.clone()),
                    Some(ClauseV1 {
                        signal: clause.signal.clone(),
                        value: value(measured),
                        comparator: clause.comparator.as_str().to_owned(),
                        threshold: threshold(&clause.threshold),
                        because: because.clone(),
                    }),
                ),
                Reason::NothingToPropose => (None, None),
                Reason::LeftTo(text)
                | Reason::NotSimulated(text)
                | Reason::NoPrice(text)
                | Reason::Alternative { winner: text, .. } => (Some(text.clone()), None),
                Reason::NoSaving { saves, .. }
                | Reason::OnlyAlternative { saves, .. }
                | Reason::NegativeInPlan(saves) => (Some(saves.to_decimal(6)), None),
                Reason::MovesPrefix { brings, .. } => (Some(brings.to_decimal(6)), None),
                Reason::Ended(last) => (Some(last.to_string()), None),
                Reason::FailedTest { date, .. } => (Some(date.to_string()), None),
                Reason::Forbidden { why, .. } => (Some(why.clone()), None),
                Reason::Suppressed(silence) => (Some(crate::explain::silenced(silence)), None),
            };
            DeclinedV1 {
                recommender: d.rule_id.split('.').next().unwrap_or_default().to_owned(),
                rule: d.rule_id.clone(),
                subject: exact_scope(&d.subject),
                reason: d.reason.as_str().to_owned(),
                action: match &d.reason {
                    Reason::NoSaving { title, .. }
                    | Reason::Alternative { title, .. }
                    | Reason::Forbidden { title, .. }
                    | Reason::OnlyAlternative { title, .. } => Some(title.clone()),
                    _ => None,
                },
                detail,
                clause,
                notes: match &d.reason {
                    Reason::NoSaving { notes, .. } => Note::told(notes)
                        .map(|note| NoteV1 { name: note.name.to_owned(), text: note.text.clone() })
                        .collect(),
                    _ => Vec::new(),
                },
                curves: match &d.reason {
                    Reason::NoSaving { notes, .. } => pictures::curves(notes),
                    _ => Vec::new(),
                },
            }
        })
        .collect()
}

fn rejected(report: &Report<'_>) -> RejectedV1 {
    let sources = report.sources;
    RejectedV1 {
        rows: sources.rejected_rows(),
        rows_lost: sources.rows_lost,
        files: sources.incomplete_files(),
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
