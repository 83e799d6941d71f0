//! Which model each line of a bill is for: the catalogue's id of the name as billed; where a line names none, the model
//! that the inventory says its application inference profile calls.

use std::collections::BTreeMap;

use lode_model::{Bill, BillLine, Caller, Inventory, ModelId};
use lode_prices::{Catalogue, ModelInfo};

/// The model of lines that name none.
pub(crate) const UNKNOWN: &str = "unknown";

/// The models of a bill's lines. Each name is looked up once: a bill has few, on many lines.
pub(crate) struct Models<'a> {
    named: BTreeMap<&'a str, Option<&'static ModelInfo>>,
    /// Models by application inference profile.
    profiles: BTreeMap<Caller, &'static ModelInfo>,
}

impl<'a> Models<'a> {
    pub(crate) fn of(bill: &'a Bill, inventory: &Inventory, catalogue: &'static Catalogue) -> Self {
        let mut named = BTreeMap::new();
        for name in bill.lines.iter().filter_map(|line| line.billed_as.model.as_deref()) {
            named.entry(name).or_insert_with(|| catalogue.resolve(name));
        }
        let model = |arn: &str| catalogue.resolve(arn).or_else(|| catalogue.resolve(arn.rsplit('/').next()?));
        let listed = inventory.profiles.iter().filter_map(|profile| {
            let info = profile.models.iter().find_map(|arn| model(arn))?;
            Some((Caller::from(&*profile.id), info))
        });
        Self { named, profiles: listed.collect() }
    }

    /// What the catalogue knows of a line's model.
    pub(crate) fn info(&self, line: &BillLine) -> Option<&'static ModelInfo> {
        match line.billed_as.model.as_deref() {
            Some(name) => self.named.get(name).copied().flatten(),
            None => self.profiles.get(&Caller::from_profile_arn(line.resource.as_deref()?)?).copied(),
        }
    }

    /// The model of a line: the catalogue's id, else the name as billed, else `unknown`.
    pub(crate) fn id(&self, line: &BillLine) -> ModelId {
        match (self.info(line), line.billed_as.model.as_deref()) {
            (Some(info), _) => info.id.clone(),
            (None, name) => ModelId::from(name.unwrap_or(UNKNOWN)),
        }
    }
}
