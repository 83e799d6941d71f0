//! What is measured of capacity in force, of demand that capacity could serve, and of spend whose calls are not known.

use jiff::civil::Date;
use lode_engine::{Context, Input, Signals, Subject, Value};
use lode_model::{
    BillingSource, Class, ContextBand, Mode, ModelId, Money, Owner, PoolId, PriceKey, ProvisionedThroughput, Routing,
    Term, WorkloadId,
};
use lode_prices::{ModelInfo, ModelStatus};
use lode_sim::Stood;

/// Units of the signals.
const UNITS: &str = "model units";
const PER_MONTH: &str = "USD per month";
const PER_MINUTE: &str = "tokens a minute";
const GROWTH: &str = "second half of the window / first, minus one";
const STEADY: &str = "median minute / mean minute";

/// Whether a pool stands on the bill.
pub(crate) fn is_in_force(cx: &Context<'_>, subject: &Subject) -> bool {
    cx.charges(subject).iter().any(|charge| charge.key.class.is_standing())
}

/// Whether a pool is bound to a term.
pub(crate) fn is_committed(cx: &Context<'_>, subject: &Subject) -> bool {
    let bound = |class: &Class| matches!(class, Class::ModelUnitHour(term) if *term != Term::NoCommitment);
    cx.charges(subject).iter().any(|charge| bound(&charge.key.class))
}

/// The term of the units of a pool, the shortest of several.
pub(crate) fn term_in_force(cx: &Context<'_>, subject: &Subject) -> Option<Term> {
    let terms = cx.charges(subject).iter().filter_map(|charge| match charge.key.class {
        Class::ModelUnitHour(term) => Some(term),
        _ => None,
    });
    terms.min()
}

/// Capacity in force: what it costs standing, by term; and, where its own calls are in the logs, how it is used.
pub(crate) fn in_force(cx: &Context<'_>, subject: &Subject, pool: &PoolId) -> Signals {
    let profile = cx.profile(subject);
    let terms: Vec<&str> =
        profile.uses.iter().filter(|used| used.key.class.is_standing()).map(|used| used.key.class.as_str()).collect();
    let demand = cx.pool_demand(pool);
    let is_custom = profile.uses.iter().any(|used| used.key.custom);
    let signals = Signals::new()
        .flag("capacity.in_force", true)
        .flag("capacity.use_known", demand.is_some())
        .flag("capacity.customised", is_custom)
        .flag("capacity.custom_on_demand", is_custom && runs_custom_on_demand(pool))
        .flag("capacity.committed", is_committed(cx, subject))
        .money("capacity.standing_monthly", PER_MONTH, cx.monthly_of(subject, |c| c.key.class.is_standing()))
        .number("capacity.mean_units", UNITS, cx.mean_units(subject, |class| matches!(class, Class::ModelUnitHour(_))))
        .text("capacity.classes", "", terms.join(", "))
        // Whether the hours are used shows on no bill.
        .missing("capacity.used_share", "share of unit-hours", Input::ProvisionedInventory);
    let Some(demand) = demand else { return signals };
    let signals = match demand.stood {
        Some(stood) => signals
            .number("capacity.busy_share", "share of the minutes that units stood", demand.busy_share)
            .text("capacity.stood_hours", "", hours_of(stood))
            .number("capacity.stood_share", "share of hours, by billed unit-hours / units", stood.share()),
        None => signals.number("capacity.busy_share", "share of minutes with a call", demand.busy_share),
    };
    let signals = signals
        .count("demand.calls", "calls", demand.calls.into())
        .count("demand.tokens", "tokens", demand.tokens.into())
        .count("demand.peak_minute", PER_MINUTE, demand.peak_minute.into())
        .count("demand.median_minute", PER_MINUTE, demand.median_minute.into());
    let signals = match demand.units {
        Some(units) => signals.count("capacity.units", UNITS, units.into()),
        None => signals,
    };
    let signals = match demand.per_unit {
        Some(tokens) if demand.per_unit_stated => signals.count("capacity.per_unit", PER_MINUTE, tokens.into()),
        Some(tokens) => signals.count("capacity.per_unit_seen", "tokens a minute, at least", tokens.into()),
        None => signals,
    };
    match term_ends(cx, pool) {
        Some(end) => signals.text("capacity.term_ends", "", end.to_string()),
        None => signals,
    }
}

/// `16 of 672 hours`.
fn hours_of(stood: Stood) -> String {
    format!("{} of {} hours", Value::Number(stood.hours), Value::Number(stood.of))
}

/// Demand of one account, region and model that no capacity serves.
pub(crate) fn of_demand(cx: &Context<'_>, pool: &PoolId) -> Signals {
    let model = cx.catalogue().model(&pool.model);
    let spend = cx.pool_spend(pool);
    let (sold, priced, least) = (model.is_some_and(sells_units), has_price(cx, pool), cx.least_reserved(pool));
    let signals = Signals::new()
        .flag("capacity.in_force", false)
        .flag("capacity.sold", sold)
        .flag("capacity.price_known", priced);
    let signals = reserved(signals, least, spend).money("spend.standard_monthly", PER_MONTH, spend);
    let Some(demand) = cx.pool_demand(pool) else { return unknown_demand(signals) };
    let signals = signals
        .number("demand.steady_share", STEADY, steady_share(cx, pool, demand.median_minute, demand.tokens))
        .count("demand.calls", "calls", demand.calls.into())
        .count("demand.peak_minute", PER_MINUTE, demand.peak_minute.into())
        .count("demand.median_minute", PER_MINUTE, demand.median_minute.into());
    // Pricing every minute is work: only where capacity is sold and could pay.
    let could_pay = sold && priced || least.is_some_and(|least| spend >= least);
    let signals = if could_pay { case(signals, cx, pool) } else { signals };
    match demand.per_unit.filter(|_| demand.per_unit_stated) {
        Some(tokens) => signals.count("capacity.per_unit", PER_MINUTE, tokens.into()),
        None => signals.missing("capacity.per_unit", PER_MINUTE, Input::UnitCapacity),
    }
}

/// Whether the Reserved tier is sold, and how the spend compares with the least of it.
fn reserved(signals: Signals, least: Option<Money>, spend: Money) -> Signals {
    let times = least.map_or(0.0, |least| spend.to_f64() / least.to_f64());
    let signals = signals.flag("capacity.reserved_sold", least.is_some()).number(
        "capacity.spend_over_least",
        "spend / cost of the least amounts",
        times,
    );
    match least {
        Some(least) => signals.money("capacity.least_reserved_monthly", PER_MONTH, least),
        None => signals,
    }
}

/// What the demand says of any capacity: how long it was watched, whether it grows, and what a unit would have to answer.
#[expect(clippy::cast_precision_loss, reason = "a count of days")]
fn case(signals: Signals, cx: &Context<'_>, pool: &PoolId) -> Signals {
    let signals = signals.number("demand.days", "complete days", cx.complete_days() as f64);
    let Some(case) = cx.pool_case(pool) else {
        return signals.missing("demand.growth", GROWTH, Input::InvocationLogs);
    };
    let signals = match case.growth {
        Some(growth) => signals.number("demand.growth", GROWTH, growth),
        None => signals.missing("demand.growth", GROWTH, Input::InvocationLogs),
    };
    let least = case.units.iter().filter_map(|offer| Some((offer.break_even?, offer.term))).min();
    match least {
        Some((tokens, term)) => signals
            .count(
                "capacity.break_even_per_unit",
                "tokens a minute that a unit must answer, all the time",
                tokens.into(),
            )
            .text("capacity.break_even_term", "", term.to_string()),
        None => signals,
    }
}

/// Spend of one workload whose calls are not known.
pub(crate) fn of_workload(cx: &Context<'_>, subject: &Subject, workload: &WorkloadId) -> Signals {
    let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard);
    let model = cx.catalogue().model(&workload.model);
    let pool =
        PoolId { account: workload.account.clone(), region: workload.region.clone(), model: workload.model.clone() };
    let signals = Signals::new()
        .flag("capacity.in_force", false)
        .flag("capacity.sold", model.is_some_and(sells_units))
        .flag("capacity.price_known", has_price(cx, &pool));
    unknown_demand(reserved(signals, cx.least_reserved(&pool), spend).money("spend.standard_monthly", PER_MONTH, spend))
}

/// Demand by the minute shows only in the requests.
fn unknown_demand(signals: Signals) -> Signals {
    signals
        .missing("demand.peak_minute", PER_MINUTE, Input::InvocationLogs)
        .missing("demand.days", "complete days", Input::InvocationLogs)
        .missing("demand.growth", GROWTH, Input::InvocationLogs)
        .missing("capacity.per_unit", PER_MINUTE, Input::UnitCapacity)
}

/// Whether AWS sells new model units of a model: no longer once it is Legacy (User Guide, prov-throughput, copy of
/// 2026-10).
fn sells_units(model: &ModelInfo) -> bool {
    let open = !matches!(model.lifecycle.status, ModelStatus::Legacy | ModelStatus::EndOfLife);
    model.provisioned.is_some() && open
}

/// Whether AWS runs customised models of this kind on demand there (User Guide, custom-model-on-demand, copy of 2026-10).
fn runs_custom_on_demand(pool: &PoolId) -> bool {
    const MODELS: [(&str, &str); 5] = [
        ("amazon.nova-micro-v1:0", "us-east-1"),
        ("amazon.nova-lite-v1:0", "us-east-1"),
        ("amazon.nova-pro-v1:0", "us-east-1"),
        ("amazon.nova-2-lite-v1:0", "us-east-1"),
        ("meta.llama3-3-70b-instruct-v1:0", "us-west-2"),
    ];
    MODELS.contains(&(pool.model.as_str(), pool.region.as_str()))
}

/// Whether the catalogue has a price of a model unit there, for any term.
fn has_price(cx: &Context<'_>, pool: &PoolId) -> bool {
    [Term::NoCommitment, Term::OneMonth, Term::SixMonths].into_iter().any(|term| {
        let key = PriceKey {
            account: pool.account.clone(),
            region: pool.region.clone(),
            model: pool.model.clone(),
            routing: Routing::Regional,
            mode: Mode::Provisioned,
            band: ContextBand::Standard,
            class: Class::ModelUnitHour(term),
            source: BillingSource::AmazonBedrock,
            custom: false,
        };
        cx.catalogue().list_price(&key).is_ok()
    })
}

/// The median minute of the window, idle ones included, by the mean one: 1 for a flat load, 0 for one that rests more
/// than half of the time.
#[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
fn steady_share(cx: &Context<'_>, pool: &PoolId, median: u64, tokens: u64) -> f64 {
    let days = cx.profile(&Owner::Pool(pool.clone())).daily.usage.len();
    let minutes = (days * 24 * 60) as f64;
    if tokens == 0 { 0.0 } else { median as f64 * minutes / tokens as f64 }
}

/// The day on which the last listed commitment of a pool ends, where that day is still to come.
pub(crate) fn term_ends(cx: &Context<'_>, pool: &PoolId) -> Option<Date> {
    let is_of = |model: &ModelId| *model == pool.model;
    let listed = cx.inventory().provisioned.iter().filter(|listed: &&ProvisionedThroughput| {
        listed.account == pool.account
            && listed.region == pool.region
            && cx.catalogue().resolve(&listed.foundation_model).is_some_and(|model| is_of(&model.id))
    });
    listed.filter_map(|listed| listed.term_ends).max().filter(|end| *end > cx.as_of())
}
