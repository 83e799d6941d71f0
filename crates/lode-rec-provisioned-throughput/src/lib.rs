#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Mode, Owner};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "provisioned-throughput",
    lever: Lever { id: "provisioned-throughput", name: "Provisioned throughput" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Committed capacity: the units a customer pays for, and those worth buying.
#[derive(Debug)]
pub struct ProvisionedThroughput;

impl Recommender for ProvisionedThroughput {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        cx.owners().filter(|owner| matches!(owner, Owner::Workload(_) | Owner::Pool(_))).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        match subject {
            Owner::Pool(_) => pool(cx, subject),
            Owner::Workload(workload) => {
                let spend = cx.monthly_of(subject, |c| c.key.class.is_token() && c.key.mode == Mode::Standard);
                let model = cx.catalogue().model(&workload.model);
                let sold = model.is_some_and(|m| m.provisioned.is_some() || m.reserved);
                Signals::new()
                    .flag("capacity.in_force", false)
                    .flag("capacity.sold", sold)
                    .money("spend.standard_monthly", "USD per month", spend)
                    // Demand by the minute shows only in the requests; this version reads none.
                    .missing("demand.steady_share", "share of tokens under the steady level", Input::InvocationLogs)
            }
            Owner::Resource(..) | Owner::Account(_) => Signals::new(),
        }
    }

    fn actions(&self, _: &Context<'_>, _: &Subject, _: &Rule, _: &Assumed) -> Vec<Action> {
        Vec::new()
    }
}

/// What a pool costs standing, by term. Whether it is used does not show on the bill.
fn pool(cx: &Context<'_>, subject: &Subject) -> Signals {
    let profile = cx.profile(subject);
    let terms: Vec<&str> =
        profile.uses.iter().filter(|used| used.key.class.is_standing()).map(|used| used.key.class.as_str()).collect();
    Signals::new()
        .flag("capacity.in_force", true)
        .money("capacity.standing_monthly", "USD per month", cx.monthly_of(subject, |c| c.key.class.is_standing()))
        .number(
            "capacity.mean_units",
            "model units",
            cx.mean_units(subject, |class| matches!(class, Class::ModelUnitHour(_))),
        )
        .text("capacity.classes", "", terms.join(", "))
        .missing("capacity.used_share", "share of unit-hours", Input::ProvisionedInventory)
}
