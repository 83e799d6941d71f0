//! A state: the estate as it would stand after some edits. Charges by owner; an owner keeps its baseline
//! identity under every edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{ChargeKind, Layer, Money, Owner, PriceKey, Quantity, Span};

use crate::{Daily, Estate, Window};

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

/// Charges by owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub(crate) owners: BTreeMap<Owner, Arc<Vec<SimCharge>>>,
}

impl State {
    /// The month as billed.
    #[must_use]
    pub fn baseline(estate: &Estate) -> Self {
        let mut owners: BTreeMap<Owner, Vec<SimCharge>> = BTreeMap::new();
        for charge in &estate.charges {
            owners.entry(charge.owner.clone()).or_default().push(SimCharge {
                key: charge.key.clone(),
                span: charge.span,
                layer: charge.layer,
                kind: charge.kind,
                quantity: charge.quantity,
                cost: charge.billed,
            });
        }
        Self { owners: owners.into_iter().map(|(owner, charges)| (owner, Arc::new(charges))).collect() }
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
        let mut owners = self.owners.clone();
        owners.insert(owner.clone(), Arc::new(charges));
        Self { owners }
    }

    /// Only this owner's charges: what a plan for it alone starts from.
    #[must_use]
    pub fn only(&self, owner: &Owner) -> Self {
        Self { owners: self.owners.get_key_value(owner).map(|(o, c)| (o.clone(), Arc::clone(c))).into_iter().collect() }
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
