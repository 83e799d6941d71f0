//! The ranked report as one flat CSV table: recommendations by rank, then the plans and the bill they come off, what is
//! missing, and what was declined.
//!
//! Amounts are those of JSON version 1, to the digit. A spreadsheet must not take text of a bill for a formula: see
//! [`field`]. What the columns mean is in `docs/report-csv.md`.

use std::collections::BTreeMap;

use lode_engine::{Plan, PlanName, Recommendation};
use lode_model::{Money, Owner};

use crate::Report;
use crate::bill::field;
use crate::explain::because;
use crate::v1::six_places;

/// The columns in their order. Those of amounts, shares and words are named as in JSON version 1.
const COLUMNS: [&str; 42] = [
    "row",
    "rank",
    "id",
    "lever",
    "rule",
    "account",
    "region",
    "model",
    "caller",
    "cohorts",
    "resource",
    "title",
    "action",
    "now_monthly",
    "full_monthly",
    "low",
    "expected",
    "high",
    "standalone",
    "current_monthly",
    "billed",
    "share_of_scope",
    "share_of_bill",
    "evidence_grade",
    "effort",
    "risk",
    "quality_gate",
    "check",
    "waiting",
    "test",
    "one_off_cost",
    "payback_days",
    "break_even_share",
    "calls",
    "calls_of",
    "in_full",
    "next_step",
    "caution",
    "verify",
    "rollback",
    "reason",
    "detail",
];

/// A row: values by column; what is not said stays empty.
type Row = BTreeMap<&'static str, String>;

/// The report as CSV: a header, then recommendations by rank, plans, bill, data gaps, and what was declined.
#[must_use]
pub fn report_csv(report: &Report<'_>) -> String {
    let mut out = COLUMNS.join(",");
    out.push('\n');
    for row in rows(report) {
        let cells: Vec<String> =
            COLUMNS.iter().map(|name| row.get(name).map_or_else(String::new, |c| field(c))).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

fn rows(report: &Report<'_>) -> Vec<Row> {
    let (outcome, view) = (report.outcome, report.view);
    let mut rows: Vec<Row> =
        outcome.recommendations.iter().map(|r| of_recommendation(r, outcome.ready.baseline)).collect();
    rows.extend([&outcome.ready, &outcome.full].map(of_plan));
    rows.push(Row::from([
        ("row", "bill".to_owned()),
        ("title", "everything billed for Bedrock and the stores beside it".to_owned()),
        ("current_monthly", usd(view.monthly)),
        ("billed", usd(view.billed)),
        ("share_of_bill", "1".to_owned()),
    ]));
    let missed = &view.missed_by_service_filter;
    rows.push(Row::from([
        ("row", "missed_by_service_filter".to_owned()),
        (
            "title",
            "not shown by a Cost Explorer filter on \"Amazon Bedrock\"; the share is of Bedrock alone".to_owned(),
        ),
        ("current_monthly", usd(missed.monthly)),
        ("billed", usd(missed.billed)),
        ("share_of_bill", number(missed.billed.share_of(view.bedrock.billed))),
    ]));
    rows.extend(outcome.gaps.iter().map(|gap| {
        let mut row = Row::from([
            ("row", "data_gap".to_owned()),
            ("title", format!("missing: {}", gap.input)),
            ("rule", list(gap.rules())),
            ("current_monthly", usd(gap.spend)),
            ("next_step", gap.input.how().join(" ; ")),
            ("detail", format!("would show {}", gap.input.unlocks())),
        ]);
        if let Some((_, most)) = gap.at_most() {
            row.extend([("low", usd(Money::ZERO)), ("high", usd(most))]);
        }
        row
    }));
    rows.extend(outcome.declined.iter().map(|declined| {
        let mut row = of_owner(&declined.subject);
        row.extend([
            ("row", "declined".to_owned()),
            ("lever", lever(&declined.rule_id).to_owned()),
            ("rule", declined.rule_id.clone()),
            ("reason", declined.reason.as_str().to_owned()),
            ("detail", because(&declined.reason)),
        ]);
        row.extend(crate::text::cohort(&declined.subject).map(|cohort| ("cohorts", cohort.to_owned())));
        row
    }));
    rows
}

fn of_recommendation(r: &Recommendation, baseline: Money) -> Row {
    let mut row = of_owner(&r.subject);
    let marginal = |plan| r.plans.iter().find(|(name, _)| *name == plan).map(|(_, marginal)| usd(*marginal));
    row.extend([
        ("row", "recommendation".to_owned()),
        ("rank", r.rank.to_string()),
        ("id", r.id.clone()),
        ("lever", r.lever.id.to_owned()),
        ("rule", r.rule_id.clone()),
        ("title", r.rule.title.clone()),
        ("action", r.action.clone()),
        ("low", usd(r.savings.low)),
        ("expected", usd(r.savings.expected)),
        ("high", usd(r.savings.high)),
        ("standalone", usd(r.savings.standalone)),
        ("current_monthly", usd(r.current)),
        ("share_of_scope", number(r.savings.expected.share_of(r.current))),
        ("share_of_bill", number(r.savings.expected.share_of(baseline))),
        ("evidence_grade", r.grade.to_string()),
        ("effort", r.rule.effort.to_string()),
        ("risk", r.rule.risk.to_string()),
        ("waiting", list(r.waiting.iter())),
        ("one_off_cost", usd(r.one_off)),
        ("next_step", r.rule.next_step.clone()),
        ("caution", r.rule.caution.clone()),
        ("verify", r.rule.verify.clone()),
        ("rollback", r.rule.rollback.clone()),
    ]);
    let only = r.only.as_ref();
    let known = [
        ("now_monthly", marginal(PlanName::Ready)),
        ("full_monthly", marginal(PlanName::Full)),
        ("quality_gate", r.gate.map(|gate| gate.to_string())),
        ("check", r.rule.check.clone()),
        ("test", r.test.map(|(date, verdict)| format!("{} {date}", verdict.as_str()))),
        ("payback_days", r.payback_days().map(|days| days.to_string())),
        ("break_even_share", r.break_even.and_then(|even| even.share()).map(number)),
        ("cohorts", only.map(|only| list(only.cohorts.iter()))),
        ("calls", only.map(|only| only.calls.to_string())),
        ("calls_of", only.map(|only| only.of.to_string())),
        ("in_full", r.in_full.clone()),
    ];
    row.extend(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
    row
}

/// A plan: its savings stand under the column that its steps are added up in.
fn of_plan(plan: &Plan) -> Row {
    let (name, column, title) = match plan.name {
        PlanName::Ready => ("ready", "now_monthly", "the ready plan: without open quality gates"),
        PlanName::Full => {
            ("full", "full_monthly", "the full plan: once the gated steps are tested or their terms over")
        }
    };
    Row::from([
        ("row", "plan".to_owned()),
        ("id", name.to_owned()),
        ("title", title.to_owned()),
        (column, usd(plan.savings())),
        ("low", usd(plan.low)),
        ("expected", usd(plan.savings())),
        ("high", usd(plan.high)),
        ("current_monthly", usd(plan.baseline)),
        ("share_of_bill", number(plan.savings().share_of(plan.baseline))),
    ])
}

fn of_owner(owner: &Owner) -> Row {
    let mut row = Row::from([("account", owner.account().to_string())]);
    row.extend(owner.region().map(|region| ("region", region.to_string())));
    row.extend(owner.model().map(|model| ("model", model.to_string())));
    match owner {
        Owner::Workload(workload) => row.extend([("caller", workload.caller.to_string())]),
        Owner::Resource(_, _, id) => row.extend([("resource", id.to_string())]),
        Owner::Pool(_) | Owner::Account(_) => {}
    }
    row
}

/// The recommender of a rule, which is its lever's id.
fn lever(rule_id: &str) -> &str {
    rule_id.split_once('.').map_or(rule_id, |(recommender, _)| recommender)
}

/// Names in one cell.
fn list(names: impl IntoIterator<Item = impl ToString>) -> String {
    names.into_iter().map(|name| name.to_string()).collect::<Vec<_>>().join("; ")
}

/// Dollars with six decimals, as in JSON version 1.
fn usd(money: Money) -> String {
    money.to_decimal(6)
}

/// A fraction to six places, as in JSON version 1.
fn number(share: f64) -> String {
    format!("{}", six_places(share) + 0.0)
}
