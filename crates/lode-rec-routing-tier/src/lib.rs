#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Mode, Money, Owner, Routing, Selector};

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
        let Owner::Workload(workload) = subject else { return Signals::new() };
        let model = cx.catalogue().model(&workload.model);
        let government = workload.region.as_str().starts_with("us-gov-");
        let regional = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.routing == Routing::Regional);
        let priority = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Priority);
        Signals::new()
            .flag("global.sold", model.is_some_and(|m| m.offers_global()) && !government)
            .money("spend.regional_monthly", "USD per month", regional)
            .money("spend.priority_monthly", "USD per month", priority)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Workload(workload) = subject else { return Vec::new() };
        let calls = workload.caller.calls("the");
        let who = format!("{calls} to {} in {}", cx.model_name(&workload.model), workload.region);
        let all = Selector::all(subject.clone());
        let (key, selector, edit, title) = match rule.id.as_str() {
            "global-profile" => (
                "global",
                Selector { routing: Some(Routing::Regional), ..all },
                Edit::Routing(Routing::Global),
                format!("Send {who} through the global. inference profile"),
            ),
            "priority-tier" => (
                "standard",
                Selector { mode: Some(Mode::Priority), ..all },
                Edit::Mode(Mode::Standard),
                format!("Send {who} at the Standard tier in place of Priority"),
            ),
            _ => return Vec::new(),
        };
        vec![Action { key: key.into(), selector, edits: vec![edit], one_off: Money::ZERO, title }]
    }
}
