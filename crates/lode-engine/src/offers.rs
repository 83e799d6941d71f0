//! Options that are never chosen by themselves, because their figure is too uncertain to decide by: what the settled plan
//! would be with one of them in place of what it excludes. Knows no reason why an option is of that kind.

use std::cmp::Ordering;

use lode_model::{Action, Money};
use lode_prices::NewRates;

use crate::settle::Settled;
use crate::walk::{OptionId, Walker};
use crate::{Assumption, End};

/// An option that is only offered.
#[derive(Clone)]
pub(crate) struct Offered {
    pub(crate) id: OptionId,
    pub(crate) action: Action,
    /// The first step of the plan that it would take the place of.
    pub(crate) instead_of: Option<OptionId>,
    /// How much larger the bill a month would be with it; negative where it would be smaller.
    pub(crate) costs_more: Money,
    /// The same with every assumption of its rule at one end and at the other, the smaller first.
    pub(crate) range: (Money, Money),
}

/// Prices what the walk of a settled plan offers. The other steps stay what they are.
pub(crate) fn priced(walker: &Walker<'_>, settled: &Settled) -> Vec<Offered> {
    if settled.walked.offers.is_empty() {
        return Vec::new();
    }
    let taken = &settled.walked.taken;
    let saved = |chosen: &[OptionId], end: &dyn Fn(&OptionId, &Assumption) -> End| -> Money {
        let steps = walker.replay(&settled.start, chosen, &settled.choices, end, NewRates::Inherit);
        steps.iter().map(|daily| walker.projection.monthly(daily)).sum()
    };
    let as_is: Vec<OptionId> = taken.iter().map(|taken| taken.id.clone()).collect();
    let plan = saved(&as_is, &|_, _| End::Expected);
    let price = |(id, action): (&OptionId, &Action)| {
        let displaced = |at: &&crate::walk::Taken| at.action.excludes(action);
        let instead_of = taken.iter().find(displaced).map(|taken| taken.id.clone());
        let mut chosen: Vec<OptionId> = taken.iter().filter(|at| !displaced(at)).map(|at| at.id.clone()).collect();
        let place = chosen.partition_point(|other| walk_order(other, id) == Ordering::Less);
        chosen.insert(place, id.clone());
        let own = |other: &OptionId| (other.recommender, other.rule) == (id.recommender, id.rule);
        let at = |tried: End| plan - saved(&chosen, &|other, _| if own(other) { tried } else { End::Expected });
        let ends = (at(End::Low), at(End::High));
        Offered {
            id: id.clone(),
            action: action.clone(),
            instead_of,
            costs_more: at(End::Expected).round_micro(),
            range: (ends.0.min(ends.1).round_micro(), ends.0.max(ends.1).round_micro()),
        }
    };
    settled.walked.offers.iter().map(price).collect()
}

/// The order in which a walk comes to options.
fn walk_order(a: &OptionId, b: &OptionId) -> Ordering {
    (a.recommender, &a.subject, a.rule, &a.key).cmp(&(b.recommender, &b.subject, b.rule, &b.key))
}
