#![doc = include_str!("../README.md")]

use std::collections::BTreeSet;

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, ModelId, Money, Owner, PriceKey, Routing, Selector};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "routing-tier",
    lever: Lever { id: "routing-tier", name: "Routing and service tier" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// The same model at a lower price: the global inference profile, and Standard in place of what answers faster.
#[derive(Debug)]
pub struct RoutingTier;

impl Recommender for RoutingTier {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let sold = sold_globally(cx, subject);
        let regional = cx.monthly_of(subject, |c| {
            c.key.routing == Routing::Regional && !c.key.custom && sold.contains(&c.key.model)
        });
        let priority = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Priority);
        let fast = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::LatencyOptimized);
        let signals = Signals::new()
            .flag("global.sold", !sold.is_empty())
            .money("spend.regional_monthly", "USD per month", regional)
            .money("spend.priority_monthly", "USD per month", priority)
            .flag("tier.latency_optimized", fast > Money::ZERO)
            .money("spend.latency_optimized_monthly", "USD per month", fast);
        let signals = match cx.kept_in_region(subject) {
            Some(entry) => signals
                .flag("residency.regional", true)
                .because(format!("lode.toml keeps calls in region: [residency] regional names {entry}")),
            None => signals.flag("residency.regional", false),
        };
        who_waits(signals, cx, subject)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let calls = |models: &[ModelId]| {
            let names: Vec<String> = models.iter().map(|model| cx.model_name(model)).collect();
            format!("{} to {} in {}", workload.caller.calls("the"), names.join(" and "), workload.region)
        };
        let sold = sold_globally(cx, subject);
        let all = Selector::all(subject.clone());
        let slower = |mode: Mode, name: &str| {
            let title = format!(
                "Send {} at the Standard tier in place of {name}",
                calls(&models(cx, subject, |key| key.mode == mode))
            );
            ("standard", Selector { mode: Some(mode), ..all.clone() }, Edit::Mode(Mode::Standard), title)
        };
        let (key, selector, edit, title) = match rule.id.as_str() {
            "global-profile" => (
                "global",
                Selector { routing: Some(Routing::Regional), models: sold.clone(), ..all.clone() },
                Edit::Routing(Routing::Global),
                format!("Send {} through the global. inference profile", calls(&sold)),
            ),
            "priority-tier" => slower(Mode::Priority, "Priority"),
            "latency-optimized" => slower(Mode::LatencyOptimized, "latency-optimised inference"),
            _ => return Vec::new(),
        };
        vec![Action {
            key: key.into(),
            selector,
            edits: vec![edit],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        }]
    }
}

/// Whether somebody waits for the answers: who streams reads as it comes, and few people work at night. A schedule that
/// runs at night is a job, whatever comes besides.
fn who_waits(signals: Signals, cx: &Context<'_>, subject: &Subject) -> Signals {
    const OF_CALLS: &str = "share of calls";
    let (Owner::Workload(workload), Some(traffic)) = (subject, cx.traffic(subject)) else {
        let logs = Input::InvocationLogs;
        return signals
            .missing("requests.streamed_share", OF_CALLS, logs)
            .missing("demand.off_hours_share", OF_CALLS, logs)
            .missing("job.off_hours_share", OF_CALLS, logs);
    };
    let job = cx
        .job(subject)
        .map_or(0, |job| lode_sim::off_hours_of_job(&job.by_hour_of_week, &job.others_by_hour, &workload.region));
    let off_hours = lode_sim::off_hours(&traffic.by_hour_of_week, &workload.region);
    signals
        .number("requests.streamed_share", OF_CALLS, lode_sim::ratio(traffic.streamed, traffic.calls))
        .number("demand.off_hours_share", OF_CALLS, lode_sim::ratio(off_hours, traffic.calls))
        .number("job.off_hours_share", OF_CALLS, lode_sim::ratio(job.min(traffic.calls), traffic.calls))
}

/// The models this subject calls at the regional price, at this point of the walk, that have a global profile.
/// GovCloud accounts have none.
fn sold_globally(cx: &Context<'_>, subject: &Subject) -> Vec<ModelId> {
    let government = subject.region().is_some_and(|region| region.as_str().starts_with("us-gov-"));
    let mut sold = models(cx, subject, |key| key.routing == Routing::Regional);
    sold.retain(|model| !government && cx.catalogue().model(model).is_some_and(|info| info.offers_global()));
    sold
}

/// The models of the token charges that `which` picks.
fn models(cx: &Context<'_>, subject: &Subject, which: impl Fn(&PriceKey) -> bool) -> Vec<ModelId> {
    let keys = cx.charges(subject).iter().map(|charge| &charge.key);
    let models: BTreeSet<&ModelId> =
        keys.filter(|key| key.class.is_token() && !key.custom && which(key)).map(|key| &key.model).collect();
    models.into_iter().cloned().collect()
}
