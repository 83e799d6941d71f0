#![doc = include_str!("../README.md")]

use std::collections::BTreeSet;

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, ModelId, Money, Owner, PriceKey, Routing, Selector};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "routing-tier",
    lever: Lever { id: "routing-tier", name: "Routing and service tier" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// The same model at a lower price: the global inference profile, and Standard in place of Priority.
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
        Signals::new()
            .flag("global.sold", !sold.is_empty())
            .money("spend.regional_monthly", "USD per month", regional)
            .money("spend.priority_monthly", "USD per month", priority)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let calls = |models: &[ModelId]| {
            let names: Vec<String> = models.iter().map(|model| cx.model_name(model)).collect();
            format!("{} to {} in {}", workload.caller.calls("the"), names.join(" and "), workload.region)
        };
        let sold = sold_globally(cx, subject);
        let all = Selector::all(subject.clone());
        let (key, selector, edit, title) = match rule.id.as_str() {
            "global-profile" => (
                "global",
                Selector { routing: Some(Routing::Regional), models: sold.clone(), ..all },
                Edit::Routing(Routing::Global),
                format!("Send {} through the global. inference profile", calls(&sold)),
            ),
            "priority-tier" => (
                "standard",
                Selector { mode: Some(Mode::Priority), ..all },
                Edit::Mode(Mode::Standard),
                format!(
                    "Send {} at the Standard tier in place of Priority",
                    calls(&models(cx, subject, |key| key.mode == Mode::Priority))
                ),
            ),
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
