//! A state: the estate as it would stand after some edits. Charges by owner; an owner keeps its baseline
//! identity under every edit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{ChargeKind, Layer, Money, Owner, PoolId, PriceKey, Quantity, Span};

use crate::calls::Edited;
use crate::{Charge, Daily, Estate, Held, Window};

/// One charge of a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SimCharge {
    /// What decides its price.
    pub key: PriceKey,
    /// Days covered.
    pub span: Span,
    /// Cost layer.
    pub layer: Layer,
    /// Usage or fee.
    pub kind: ChargeKind,
    /// Usable quantity; without one no edit touches the charge.
    pub quantity: Option<Quantity>,
    /// Dollars in the window.
    pub cost: Money,
}

/// Charges by owner, and the edits of those whose calls are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub(crate) owners: BTreeMap<Owner, Arc<Vec<SimCharge>>>,
    edits: BTreeMap<Owner, Arc<Vec<Edited>>>,
    /// Dedicated capacity that the edits decide, in place of what was billed.
    pub(crate) pools: BTreeMap<PoolId, Held>,
    /// Why resources are used less than was billed.
    reduced: BTreeMap<Owner, BTreeSet<Arc<str>>>,
}

impl State {
    /// The month as billed.
    #[must_use]
    pub fn baseline(estate: &Estate) -> Self {
        let mut owners: BTreeMap<Owner, Vec<SimCharge>> = BTreeMap::new();
        for charge in &estate.charges {
            owners.entry(charge.owner.clone()).or_default().push(billed(charge));
        }
        let called = estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners);
        for own in called {
            owners.entry(own.owner.clone()).or_default();
        }
        Self {
            owners: owners.into_iter().map(|(owner, charges)| (owner, Arc::new(charges))).collect(),
            edits: BTreeMap::new(),
            pools: BTreeMap::new(),
            reduced: BTreeMap::new(),
        }
    }

    /// Whether an owner is in this state.
    #[must_use]
    pub fn has(&self, owner: &Owner) -> bool {
        self.owners.contains_key(owner)
    }

    /// The charges of one owner as billed.
    #[must_use]
    pub fn charges_billed(estate: &Estate, owner: &Owner) -> Vec<SimCharge> {
        // Charges are sorted by owner.
        let first = estate.charges.partition_point(|charge| charge.owner < *owner);
        estate.charges[first..].iter().take_while(|charge| charge.owner == *owner).map(billed).collect()
    }

    /// What the edits so far do to the calls of an owner.
    pub(crate) fn edits(&self, owner: &Owner) -> &[Edited] {
        self.edits.get(owner).map_or(&[], |edits| edits)
    }

    pub(crate) fn with_edit(&self, owner: &Owner, edited: Edited) -> Self {
        let mut next = self.clone();
        let mut edits = next.edits.get(owner).map(|edits| edits.to_vec()).unwrap_or_default();
        edits.push(edited);
        next.edits.insert(owner.clone(), Arc::new(edits));
        next
    }

    pub(crate) fn with_pool(&self, id: &PoolId, held: Held) -> Self {
        let mut next = self.clone();
        next.pools.insert(id.clone(), held);
        next
    }

    /// The same without what the edits so far hold of a pool.
    pub(crate) fn without_pool(&self, id: &PoolId) -> Self {
        let mut next = self.clone();
        next.pools.remove(id);
        next
    }

    /// The commitment that the edits so far give a pool.
    #[must_use]
    pub fn held(&self, id: &PoolId) -> Option<Held> {
        self.pools.get(id).copied()
    }

    /// The owners there are, in order.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.owners.keys()
    }

    /// The charges of one owner; none for an unknown owner.
    #[must_use]
    pub fn charges(&self, owner: &Owner) -> &[SimCharge] {
        self.owners.get(owner).map_or(&[], |charges| charges)
    }

    /// The same with other charges for one owner.
    pub(crate) fn with(&self, owner: &Owner, charges: Vec<SimCharge>) -> Self {
        let mut next = self.clone();
        next.owners.insert(owner.clone(), Arc::new(charges));
        next
    }

    /// The same, where a resource is used less for these reasons.
    pub(crate) fn reduced_for<'r>(mut self, owner: &Owner, reasons: impl Iterator<Item = &'r Arc<str>>) -> Self {
        let mut reasons = reasons.peekable();
        if reasons.peek().is_some() {
            self.reduced.entry(owner.clone()).or_default().extend(reasons.cloned());
        }
        self
    }

    /// Whether the edits so far use a resource less for this reason.
    #[must_use]
    pub fn is_reduced(&self, owner: &Owner, reason: &str) -> bool {
        self.reduced.get(owner).is_some_and(|reasons| reasons.contains(reason))
    }

    /// Only these owners: what a plan for them alone starts from.
    #[must_use]
    pub fn only(&self, owners: &BTreeSet<Owner>) -> Self {
        let mut next = self.clone();
        next.owners.retain(|owner, _| owners.contains(owner));
        next
    }

    /// Dollars of one owner by day.
    #[must_use]
    pub fn daily_of(&self, window: &Window, owner: &Owner) -> Daily {
        let mut daily = Daily::zero(window.days());
        for charge in self.charges(owner) {
            daily.add(window, charge);
        }
        daily
    }

    /// All dollars by day.
    #[must_use]
    pub fn daily(&self, window: &Window) -> Daily {
        let mut daily = Daily::zero(window.days());
        for charge in self.owners.values().flat_map(|charges| charges.iter()) {
            daily.add(window, charge);
        }
        daily
    }
}

/// A charge of the baseline.
pub(crate) fn billed(charge: &Charge) -> SimCharge {
    SimCharge {
        key: charge.key.clone(),
        span: charge.span,
        layer: charge.layer,
        kind: charge.kind,
        quantity: charge.quantity,
        cost: charge.billed,
    }
}
