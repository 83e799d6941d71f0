#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Mode, Owner};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "batch-inference",
    lever: Lever { id: "batch-inference", name: "Batch inference" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Work nobody waits for, at about half the price.
#[derive(Debug)]
pub struct BatchInference;

impl Recommender for BatchInference {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let Owner::Workload(workload) = subject else { return Signals::new() };
        let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard);
        let model = cx.catalogue().model(&workload.model);
        Signals::new()
            .flag("model.batch_or_flex", model.is_some_and(|m| m.batch == Some(true) || m.flex == Some(true)))
            .money("spend.standard_monthly", "USD per month", spend)
            // Who waits for an answer shows only in the requests; this version reads none.
            .missing("demand.deferrable_share", "share of calls", Input::InvocationLogs)
    }

    fn actions(&self, _: &Context<'_>, _: &Subject, _: &Rule, _: &Assumed) -> Vec<Action> {
        Vec::new()
    }
}
