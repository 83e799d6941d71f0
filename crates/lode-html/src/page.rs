//! What the templates see: the contract, the sentences, the drawings, and each listed recommendation with its cents.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::Money;
use lode_report::v1::{
    AttributionV1, ByAccountV1, ByCallerV1, ByClassV1, ByModelV1, ByServiceV1, BySourceV1, LayerV1, MissedV1, PlanV1,
    PricesV1, RecommendationV1, RejectedV1, ReportV1, Usd, WindowV1,
};
use lode_report::{DeclinedGroup, Details, Prose, TieOutLine};
use serde::Serialize;

use crate::picture::Picture;
use crate::pictures;

/// The billing source of what is not Bedrock's own, in the contract.
const BESIDE: &str = "beside Bedrock";

/// Everything the page shows.
#[derive(Serialize)]
pub(crate) struct Page<'a> {
    report: Report<'a>,
    prose: Sentences<'a>,
    version: &'static str,
    ready: Total,
    full: Total,
    /// Whether the full plan has steps that the ready plan has not.
    gated: bool,
    /// What the full plan saves beyond the ready one; where later steps save so much less that it is less, how much.
    more: String,
    /// Whether anything can go now.
    saves: bool,
    /// Whether stores beside Bedrock are in the bill.
    beside: bool,
    more_is_more: bool,
    waterfalls: Vec<Picture>,
    days: Option<Picture>,
    /// How the month ran: demand, cache, retrieval.
    month: Vec<Picture>,
    rows: Vec<Row<'a>>,
    /// What rules say, each once: a recommendation of it.
    rules: Vec<&'a RecommendationV1>,
    /// Recommendations that are not listed: how many, and their savings in both plans.
    rest: Option<(usize, String, String)>,
    levers: Vec<(&'a str, &'a str)>,
    declined: Vec<DeclinedLever<'a>>,
}

/// What the rules of a lever declined.
#[derive(Serialize)]
struct DeclinedLever<'a> {
    name: &'a str,
    places: usize,
    /// How many rules.
    count: usize,
    /// They, by reason.
    rules: Vec<&'a DeclinedGroup>,
}

/// Of the contract, what the templates show: of a large bill it is the smaller part.
#[derive(Serialize)]
struct Report<'a> {
    as_of: &'a str,
    window: &'a WindowV1,
    prices: &'a PricesV1,
    bill: Bill<'a>,
    tie_out: TieOut<'a>,
    data_gaps: Vec<Gap<'a>>,
    rejected: &'a RejectedV1,
}

/// Of the bill.
#[derive(Serialize)]
struct Bill<'a> {
    monthly: &'a Usd,
    missed_by_service_filter: &'a MissedV1,
    by_service: &'a [ByServiceV1],
    by_layer: &'a [LayerV1],
    by_source: &'a [BySourceV1],
    by_model: &'a [ByModelV1],
    by_caller: &'a [ByCallerV1],
    by_account: &'a [ByAccountV1],
    by_class: &'a [ByClassV1],
    attribution: &'a AttributionV1,
}

/// Of the tie-out.
#[derive(Serialize)]
struct TieOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed: Option<&'a Usd>,
}

/// Of a missing input, without the places that wait for it.
#[derive(Serialize)]
struct Gap<'a> {
    missing: &'a str,
    unlocks: &'a str,
    rules: &'a [String],
    spend_monthly: &'a Usd,
    how: &'a [String],
    at_most: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(report: &'a ReportV1, prose: &'a Prose) -> Self {
        let bill = &report.bill;
        let gaps = report.data_gaps.iter().zip(&prose.at_most).map(|(gap, at_most)| Gap {
            missing: &gap.missing,
            unlocks: &gap.unlocks,
            rules: &gap.rules,
            spend_monthly: &gap.spend_monthly,
            how: &gap.how,
            at_most: at_most.as_deref(),
        });
        Self {
            as_of: &report.as_of,
            window: &report.window,
            prices: &report.prices,
            bill: Bill {
                monthly: &bill.monthly,
                missed_by_service_filter: &bill.missed_by_service_filter,
                by_service: &bill.by_service,
                by_layer: &bill.by_layer,
                by_source: &bill.by_source,
                by_model: &bill.by_model,
                by_caller: &bill.by_caller,
                by_account: &bill.by_account,
                by_class: &bill.by_class,
                attribution: &bill.attribution,
            },
            tie_out: TieOut { coverage: report.tie_out.coverage, billed: report.tie_out.billed.as_ref() },
            data_gaps: gaps.collect(),
            rejected: &report.rejected,
        }
    }
}

/// Of the sentences, those that stand as they are.
#[derive(Serialize)]
struct Sentences<'a> {
    nothing: Option<&'a str>,
    proof: &'a str,
    warnings: &'a [String],
    headline: &'a [(String, bool)],
    basis: &'a str,
    plans: &'a [String],
    quiet: &'a [String],
    told: &'a [String],
    unlisted: &'a [String],
    declined: Option<&'a str>,
    silenced: &'a [String],
    tie_out: &'a [TieOutLine],
    coverage: &'a [String],
    skipped: &'a [(String, String)],
    input: &'a str,
}

impl<'a> From<&'a Prose> for Sentences<'a> {
    fn from(prose: &'a Prose) -> Self {
        Self {
            nothing: prose.nothing.as_deref(),
            proof: &prose.proof,
            warnings: &prose.warnings,
            headline: &prose.headline,
            basis: &prose.basis,
            plans: &prose.plans,
            quiet: &prose.quiet,
            told: &prose.told,
            unlisted: &prose.unlisted,
            declined: prose.declined.as_deref(),
            silenced: &prose.silenced,
            tie_out: &prose.tie_out,
            coverage: &prose.coverage,
            skipped: &prose.skipped,
            input: &prose.input,
        }
    }
}

/// A plan in cents.
#[derive(Serialize)]
struct Total {
    baseline: String,
    remaining: String,
    savings: String,
    /// The same as a plain decimal, for programs.
    plain: String,
    low: String,
    high: String,
    share: String,
}

/// A listed recommendation.
#[derive(Serialize)]
struct Row<'a> {
    r: &'a RecommendationV1,
    d: &'a Details,
    lever: &'a str,
    /// Savings in the ready plan, as dollars and as a plain decimal.
    now: Option<(String, String)>,
    /// And in the full one.
    full: Option<(String, String)>,
    /// The one that the recommendation is known by.
    shown: (String, String),
    share: String,
    /// `now`, `check` or `gated`.
    when: &'static str,
    curves: Vec<Picture>,
    /// Its place among the rules' texts.
    rule: usize,
}

/// Marginals of a plan in cents that add up to its savings, by recommendation.
fn cents(plan: &PlanV1) -> BTreeMap<&str, Money> {
    let marginals: Vec<Money> = plan.steps.iter().map(|step| step.marginal.money()).collect();
    plan.steps.iter().map(|step| step.id.as_str()).zip(Money::round_parts(&marginals, 2)).collect()
}

/// The texts of the rows' rules, each once; where thresholds or assumptions differ they are two.
fn rules<'a>(rows: &mut [Row<'a>]) -> Vec<&'a RecommendationV1> {
    let mut places: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut all = Vec::new();
    for row in rows {
        let r = row.r;
        let used = r.assumptions.iter().map(|a| format!("{} {} {} {}", a.id, a.low, a.expected, a.high));
        let held = r.clauses.iter().map(|c| format!("{} {:?}", c.signal, c.threshold));
        let key = (r.rule.as_str(), used.chain(held).collect::<Vec<_>>().join("; "));
        row.rule = *places.entry(key).or_insert_with(|| {
            all.push(r);
            all.len() - 1
        });
    }
    all
}

/// What was declined, rules of one lever together, in the order they were looked at.
fn declined(prose: &Prose) -> Vec<DeclinedLever<'_>> {
    let mut levers: Vec<(&str, DeclinedLever<'_>)> = Vec::new();
    for group in &prose.declined_by_rule {
        let id = group.rule.split('.').next().unwrap_or_default();
        let place = levers.iter().position(|(lever, _)| *lever == id).unwrap_or_else(|| {
            let name = prose.levers.get(id).map_or(id, String::as_str);
            levers.push((id, DeclinedLever { name, places: 0, count: 0, rules: Vec::new() }));
            levers.len() - 1
        });
        if let Some((_, lever)) = levers.get_mut(place) {
            lever.count += usize::from(!lever.rules.iter().any(|other| other.rule == group.rule));
            lever.places += group.places;
            lever.rules.push(group);
        }
    }
    levers.into_iter().map(|(_, lever)| lever).collect()
}

/// The savings of a plan in cents.
fn saved(plan: &PlanV1) -> Money {
    Money::round_parts(&[plan.baseline_monthly.money() - plan.final_monthly.money()], 2).into_iter().sum()
}

fn total(plan: &PlanV1) -> Total {
    let (today, after) = (plan.baseline_monthly.money(), plan.final_monthly.money());
    let savings = saved(plan);
    Total {
        baseline: today.to_usd(),
        remaining: after.to_usd(),
        savings: savings.to_usd(),
        plain: savings.to_decimal(2),
        low: plan.savings_low.money().min(savings).to_usd(),
        high: plan.savings_high.money().max(savings).to_usd(),
        share: crate::words::percent(savings.share_of(today)),
    }
}

impl<'a> Page<'a> {
    pub(crate) fn of(report: &'a ReportV1, prose: &'a Prose) -> Option<Self> {
        let plan = |name: &str| report.plans.iter().find(|plan| plan.name == name);
        let (ready, full) = (plan("ready")?, plan("full")?);
        let (now, later) = (cents(ready), cents(full));
        let by_id: BTreeMap<&str, &RecommendationV1> =
            report.recommendations.iter().map(|r| (r.id.as_str(), r)).collect();
        let today = ready.baseline_monthly.money();
        let row = |(id, d): &'a (String, Details)| {
            let r = *by_id.get(id.as_str())?;
            let both = |money: Money| (money.to_usd(), money.to_decimal(2));
            let (in_ready, in_full) = (now.get(r.id.as_str()).copied(), later.get(r.id.as_str()).copied());
            let shown = in_ready.or(in_full).unwrap_or_else(|| r.savings.expected.money());
            let lever = prose.levers.get(&r.lever).map_or(r.lever.as_str(), String::as_str);
            Some(Row {
                r,
                d,
                lever,
                now: in_ready.map(both),
                full: in_full.map(both),
                shown: both(shown),
                share: crate::words::percent(in_full.unwrap_or(shown).share_of(today)),
                when: match (in_ready, &r.check) {
                    (None, _) => "gated",
                    (Some(_), Some(_)) => "check",
                    (Some(_), None) => "now",
                },
                curves: pictures::curves(&r.curves, &format!("curve-{}", r.rank)),
                rule: 0,
            })
        };
        let mut rows: Vec<Row<'a>> = prose.listed.iter().filter_map(row).collect();
        let rules = rules(&mut rows);
        let listed: BTreeSet<&str> = rows.iter().map(|row| row.r.id.as_str()).collect();
        let rest = |of: &BTreeMap<&str, Money>| -> Money {
            of.iter().filter(|(id, _)| !listed.contains(*id)).map(|(_, cents)| *cents).sum()
        };
        let hidden = report.recommendations.len().saturating_sub(rows.len());
        let mut levers: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row.r.priority, row.r.lever.as_str(), row.lever))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|(_, id, name)| (id, name))
            .collect();
        levers.dedup();
        let gated = full.steps.iter().any(|step| !now.contains_key(step.id.as_str()));
        let ids: BTreeSet<&str> = now.keys().copied().collect();
        // Where nothing waits both plans are one.
        let plans: &[&PlanV1] = if gated { &[ready, full] } else { &[ready] };
        let more = saved(full) - saved(ready);
        Some(Self {
            more: (if more < Money::ZERO { Money::ZERO - more } else { more }).to_usd(),
            more_is_more: more >= Money::ZERO,
            saves: !ready.steps.is_empty(),
            beside: report
                .bill
                .by_source
                .iter()
                .any(|source| source.source == BESIDE && !source.billed.money().is_zero()),
            report: Report::of(report, prose),
            prose: Sentences::from(prose),
            version: env!("CARGO_PKG_VERSION"),
            ready: total(ready),
            full: total(full),
            gated,
            waterfalls: plans.iter().filter_map(|plan| pictures::waterfall(plan, &ids, &prose.levers)).collect(),
            days: pictures::days(report),
            month: [pictures::demand(report), pictures::cache_days(report)]
                .into_iter()
                .flatten()
                .chain(pictures::frontiers(report))
                .collect(),
            rest: (hidden > 0).then(|| (hidden, rest(&now).to_usd(), rest(&later).to_usd())),
            rows,
            rules,
            levers,
            declined: declined(prose),
        })
    }
}
