//! Whose inference is: how much of it no caller is named for, and what the bill has to name one by.

use std::collections::BTreeMap;

use lode_model::{BillingSource, Caller, Layer, Money, Owner};

use crate::Estate;

/// Whose the dollars of inference and embedding are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// All of them.
    pub inference: Money,
    /// Those without a caller.
    pub unattributed: Money,
    /// Of those without a caller, the dollars billed through AWS Marketplace.
    pub marketplace: Money,
    /// The role with the most dollars, and how many.
    pub largest_role: Option<(Caller, Money)>,
}

impl Attribution {
    /// Of an estate's bill.
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut whole = Self::default();
        let mut roles: BTreeMap<&Caller, Money> = BTreeMap::new();
        for charge in &estate.charges {
            let (Owner::Workload(workload), Layer::Inference | Layer::Embedding) = (&charge.owner, charge.layer) else {
                continue;
            };
            whole.inference += charge.billed;
            if !workload.caller.is_attributed() {
                whole.unattributed += charge.billed;
                if charge.key.source == BillingSource::AwsMarketplace {
                    whole.marketplace += charge.billed;
                }
            } else if workload.caller.as_str().starts_with("role/") {
                *roles.entry(&workload.caller).or_default() += charge.billed;
            }
        }
        let largest = roles.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
        whole.largest_role = largest.map(|(caller, billed)| (caller.clone(), billed));
        whole
    }
}
