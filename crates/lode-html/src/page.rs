//! What the templates see: the contract, the sentences, the drawings, and each listed recommendation with its cents.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::Money;
use lode_report::v1::{
    AttributionV1, ByServiceV1, PlanV1, PricesV1, RecommendationV1, RejectedV1, ReportV1, ScopeV1, Usd, WaitingV1,
    WindowV1,
};
use lode_report::{DeclinedGroup, Details, Labels, Prose, TieOutLine, labelled};
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
    /// Of what can go now, what waits for a check.
    checked: Option<String>,
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
    by_service: &'a [ByServiceV1],
    by_layer: Vec<Cut>,
    by_source: Vec<Cut>,
    by_model: Vec<Cut>,
    by_caller: Vec<Cut>,
    by_account: Vec<Cut>,
    by_class: Vec<Cut>,
    attribution: &'a AttributionV1,
}

/// A row of a cut, in cents that add up to the bill.
#[derive(Serialize)]
struct Cut {
    name: String,
    billed: String,
    share: String,
    /// Length of its bar, 0 to 100.
    bar: String,
    monthly: String,
}

/// The rows of a cut: names, dollars billed, dollars a month.
fn cut<'a>(labels: &Labels, rows: impl Iterator<Item = (&'a str, &'a Usd, &'a Usd)>) -> Vec<Cut> {
    let rows: Vec<(&str, Money, Money)> =
        rows.map(|(name, billed, month)| (name, billed.money(), month.money())).collect();
    let rounded =
        |of: fn(&(&str, Money, Money)) -> Money| Money::round_parts(&rows.iter().map(of).collect::<Vec<_>>(), 2);
    let whole: Money = rows.iter().map(|(_, billed, _)| *billed).sum();
    let cents = rounded(|row| row.1).into_iter().zip(rounded(|row| row.2));
    rows.iter()
        .zip(cents)
        .map(|((name, exact, _), (billed, monthly))| Cut {
            name: labelled(labels, name),
            billed: billed.to_usd(),
            share: lode_report::part(exact.share_of(whole)),
            bar: format!("{:.1}", (exact.share_of(whole) * 100.0).clamp(0.0, 100.0)),
            monthly: monthly.to_usd(),
        })
        .collect()
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
    /// Places that wait, the most expensive first, with what they cost a month.
    waiting: Vec<(String, String)>,
    /// How many more.
    more: usize,
}

/// Places named under a missing input.
const MOST_WAITING: usize = 5;

/// Each place once.
fn waiting(waiting: &[WaitingV1]) -> (Vec<(String, String)>, usize) {
    let mut places: Vec<(String, String)> = Vec::new();
    for one in waiting {
        let place = place(&one.scope);
        if !places.iter().any(|(other, _)| *other == place) {
            places.push((place, one.spend_monthly.money().to_usd()));
        }
    }
    let more = places.len().saturating_sub(MOST_WAITING);
    places.truncate(MOST_WAITING);
    (places, more)
}

/// Where, in words.
fn place(scope: &ScopeV1) -> String {
    let who = scope.caller.as_ref().or(scope.resource.as_ref()).or(scope.model.as_ref());
    let parts = [scope.cohort.as_ref(), who, scope.region.as_ref(), Some(&scope.account)];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}

impl<'a> Report<'a> {
    fn of(report: &'a ReportV1, prose: &'a Prose) -> Self {
        let (bill, labels) = (&report.bill, &report.labels);
        let gaps = report.data_gaps.iter().zip(&prose.at_most).map(|(gap, at_most)| {
            let (waiting, more) = waiting(&gap.waiting);
            Gap {
                missing: &gap.missing,
                unlocks: &gap.unlocks,
                rules: &gap.rules,
                spend_monthly: &gap.spend_monthly,
                how: &gap.how,
                at_most: at_most.as_deref(),
                waiting,
                more,
            }
        });
        Self {
            as_of: &report.as_of,
            window: &report.window,
            prices: &report.prices,
            bill: Bill {
                by_service: &bill.by_service,
                by_layer: cut(labels, bill.by_layer.iter().map(|row| (row.layer.as_str(), &row.billed, &row.monthly))),
                by_source: cut(
                    labels,
                    bill.by_source.iter().map(|row| (row.source.as_str(), &row.billed, &row.monthly)),
                ),
                by_model: cut(labels, bill.by_model.iter().map(|row| (row.model.as_str(), &row.billed, &row.monthly))),
                by_caller: cut(
                    labels,
                    bill.by_caller.iter().map(|row| (row.caller.as_str(), &row.billed, &row.monthly)),
                ),
                by_account: cut(
                    labels,
                    bill.by_account.iter().map(|row| (row.account.as_str(), &row.billed, &row.monthly)),
                ),
                by_class: cut(labels, bill.by_class.iter().map(|row| (row.class.as_str(), &row.billed, &row.monthly))),
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
    missed: Option<&'a str>,
    too_few: bool,
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
            missed: prose.missed.as_deref(),
            too_few: prose.too_few,
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

/// What can go now once something is checked; `None` where nothing is to be.
fn checked(report: &ReportV1, now: &BTreeMap<&str, Money>) -> Option<String> {
    let open = report.recommendations.iter().filter(|r| r.check.is_some());
    let sum: Money = open.filter_map(|r| now.get(r.id.as_str()).copied()).sum();
    (!sum.is_zero()).then(|| sum.to_usd())
}

/// The savings of a plan in cents.
fn saved(plan: &PlanV1) -> Money {
    crate::words::cents(plan.baseline_monthly.money() - plan.final_monthly.money())
}

fn total(plan: &PlanV1) -> Total {
    let today = crate::words::cents(plan.baseline_monthly.money());
    let savings = saved(plan);
    Total {
        baseline: today.to_usd(),
        remaining: (today - savings).to_usd(),
        savings: savings.to_usd(),
        plain: savings.to_decimal(2),
        low: plan.savings_low.money().min(savings).to_usd(),
        high: plan.savings_high.money().max(savings).to_usd(),
        share: lode_report::part(savings.share_of(today)),
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
                share: lode_report::part(in_full.unwrap_or(shown).share_of(today)),
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
            checked: checked(report, &now),
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
