#![doc = include_str!("../README.md")]

mod notes;
mod signals;

use std::collections::BTreeSet;

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Edit, Money, Owner, Routing, Selector};
use lode_sim::PoolDemand;

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

    /// Capacity in force, and every account, region and model with calls; workloads only where their calls are not
    /// known: capacity serves all callers of a model together.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        let owners = cx.owners().filter(|owner| match owner {
            Owner::Workload(_) => cx.traffic(owner).is_none(),
            Owner::Pool(_) => true,
            Owner::Resource(..) | Owner::Account(_) => false,
        });
        let subjects: BTreeSet<Subject> = owners.cloned().chain(cx.pools().into_iter().map(Owner::Pool)).collect();
        subjects.into_iter().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        match subject {
            Owner::Pool(pool) if signals::is_in_force(cx, subject) => signals::in_force(cx, subject, pool),
            Owner::Pool(pool) => signals::of_demand(cx, pool),
            Owner::Workload(workload) => signals::of_workload(cx, subject, workload),
            Owner::Resource(..) | Owner::Account(_) => Signals::new(),
        }
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, _: &Assumed) -> Vec<Action> {
        let Owner::Pool(pool) = subject else { return Vec::new() };
        let action = |key: String, edit: Edit, title: String| Action {
            key: key.into(),
            selector: Selector::all(subject.clone()),
            edits: vec![edit],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        };
        let units = |units| Edit::Commitment { units, term: None };
        let place = format!("{} in {}", cx.model_name(&pool.model), pool.region);
        match rule.id.as_str() {
            "idle-units" | "expiring-units" | "custom-units" => {
                let Some(demand) = cx.pool_demand(pool) else { return Vec::new() };
                let notes = cx.pool_case(pool).map_or_else(Vec::new, |case| {
                    notes::of_units_in_force(&case, signals::term_in_force(cx, subject), &demand)
                });
                let (end, when) = (signals::term_ends(cx, pool), signals::is_committed(cx, subject));
                let (verb, when) = match (end, when) {
                    (Some(end), _) => ("Do not renew", format!(" when the commitment ends on {end}")),
                    (None, true) => ("Do not renew", " when the commitment ends".to_owned()),
                    (None, false) => ("Delete", String::new()),
                };
                let all = demand.units.map_or("the model units".to_owned(), counted);
                let gone = format!("{verb} {all} of {place}{when}, and send the calls on demand");
                let fewer = fewer(&demand).into_iter().map(|left| {
                    let all = demand.units.unwrap_or_default();
                    let title =
                        format!("Keep {left} of the {all} model units of {place}{when}, the overflow on demand");
                    action(format!("units-{left}"), units(Some(left)), title)
                });
                let options = std::iter::once(action("on-demand".to_owned(), units(Some(0)), gone)).chain(fewer);
                options.map(|option| Action { notes: notes.clone(), ..option }).collect()
            }
            "worth-buying" => {
                let title = format!("Buy model units for the calls to {place}, the overflow on demand");
                let notes = cx.pool_case(pool).map_or_else(Vec::new, |case| notes::of_units(cx, pool, &case));
                vec![Action { notes, ..action("buy".to_owned(), units(None), title) }]
            }
            "worth-reserving" => {
                let Some(case) = cx.pool_case(pool) else { return Vec::new() };
                let routings: BTreeSet<Routing> = case.reserved.iter().map(|offer| offer.routing).collect();
                let reserve = |routing: Routing| {
                    let title = format!("Reserve capacity for the {routing} calls to {place}");
                    let notes = notes::of_reserved(cx, pool, &case, routing);
                    let edit = Edit::Reserve { routing, held: None };
                    Action { notes, ..action(routing.as_str().to_owned(), edit, title) }
                };
                routings.into_iter().map(reserve).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn counted(units: u32) -> String {
    if units == 1 { "the model unit".to_owned() } else { format!("the {units} model units") }
}

/// Fewer units than those in force that may be enough, each a simulation of its own: what the busiest minute takes,
/// what the median minute takes, half, and one less.
fn fewer(demand: &PoolDemand) -> Vec<u32> {
    let (Some(units), Some(per_unit)) = (demand.units, demand.per_unit.filter(|tokens| *tokens > 0)) else {
        return Vec::new();
    };
    let takes = |tokens: u64| u32::try_from(tokens.div_ceil(per_unit)).unwrap_or(u32::MAX);
    let tried = [takes(demand.peak_minute), takes(demand.median_minute), units / 2, units.saturating_sub(1)];
    let fewer: BTreeSet<u32> = tried.into_iter().filter(|tried| (1..units).contains(tried)).collect();
    fewer.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(units: u32, peak_minute: u64, median_minute: u64) -> PoolDemand {
        PoolDemand {
            calls: 1,
            tokens: 1,
            peak_minute,
            median_minute,
            busy_share: 0.1,
            stood: None,
            per_unit: Some(100),
            per_unit_stated: true,
            units: Some(units),
        }
    }

    #[test]
    fn fewer_units_are_few_options_below_those_in_force() {
        assert_eq!(fewer(&demand(1, 50, 0)), [] as [u32; 0], "one unit has no fewer but none");
        assert_eq!(fewer(&demand(2, 150, 0)), [1]);
        assert_eq!(fewer(&demand(20, 710, 220)), [3, 8, 10, 19]);
        assert_eq!(fewer(&PoolDemand { per_unit: None, ..demand(20, 710, 220) }), [] as [u32; 0]);
    }
}
