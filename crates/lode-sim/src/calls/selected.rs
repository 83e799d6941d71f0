//! Which calls an action is about, by the conditions that the simulator applies: for who carries the action out.

use std::sync::Arc;

use lode_model::{Action, ModelId, Request};

use super::{Edited, Took, each_draft};
use crate::Estate;

/// A call that an action selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedCall {
    /// The call as it was made.
    pub request: Arc<Request>,
    /// The model that it goes to once the action and those before it are carried out.
    pub model: ModelId,
}

/// The calls of an action's owner that it selects once the `earlier` actions are carried out, in time order, ties by id.
/// Earlier actions for other owners are passed over; a call that an earlier one answers from a store is made no more and is
/// none of them. Empty where the owner's calls are not known.
#[must_use]
pub fn selected(estate: &Estate, earlier: &[Action], action: &Action) -> Vec<SelectedCall> {
    let owner = &action.selector.owner;
    let Some((cluster, place)) = estate.demand.of(owner) else { return Vec::new() };
    let Some(own) = cluster.owners.get(place) else { return Vec::new() };
    let before = earlier.iter().filter(|earlier| earlier.selector.owner == *owner);
    let edits: Vec<Edited> =
        before.chain([action]).map(|action| (action.selector.clone(), action.edits.clone())).collect();
    let mut all = Vec::new();
    each_draft(own, &edits, estate.prices.catalogue(), |at, draft, took| {
        if took != Took::Passed && draft.made {
            all.push(SelectedCall { request: Arc::clone(&own.calls[at]), model: draft.model });
        }
    });
    all
}
