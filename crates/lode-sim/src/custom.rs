//! Models of one's own: which are stored and never called, and in what stretches of time imported ones are. No prices, no
//! thresholds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use lode_model::{AccountId, Class, ModelId, Owner, Region, ResourceId, Unit};

use crate::Estate;

/// Seconds of the window in which a copy of an imported model is billed (AWS, Custom Model Import pricing, copy of 2026-10).
const WINDOW: i64 = 300;

/// One call of an imported model that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportedCall {
    /// Unix time.
    pub second: i64,
    /// How long it took, where the record tells.
    pub latency_ms: Option<u64>,
}

/// Calls of imported models by place and model (`imported-model/…`), in time order.
pub type ImportedCalls = BTreeMap<(AccountId, Region), BTreeMap<ModelId, Vec<ImportedCall>>>;

/// The models that a resource of the bill stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredModels {
    /// Names of the customised models listed, in order.
    pub custom: Vec<Arc<str>>,
    /// Of them, those that nothing calls.
    pub custom_unused: Vec<Arc<str>>,
    /// Names of the imported models listed, in order.
    pub imported: Vec<Arc<str>>,
    /// Of them, those that nothing calls; all or none, where the bill does not tell them apart.
    pub imported_unused: Vec<Arc<str>>,
}

impl StoredModels {
    /// What a resource of the bill stores, as far as the inventory lists it: the model that it names, else all of its account
    /// and region. A customised model is called where a deployment or model units of its kind stand; an imported one where
    /// its units are billed or the logs name it. What was made after the window began may be called yet. A list of which
    /// the last pages were not read lists nothing: what is missing may be billed, or serve what is listed.
    #[must_use]
    pub fn of(estate: &Estate, owner: &Owner) -> Self {
        let Owner::Resource(account, region, resource) = owner else { return Self::default() };
        let setup = &estate.inventory.setup;
        let here = |arn: &str| place_of(arn) == Some((account.as_str(), region.as_str()));
        let is_it =
            |arn: &str| if resource.as_str().starts_with("arn:") { arn == resource.as_str() } else { here(arn) };
        let is_old = |created: Option<Timestamp>| {
            created.is_some_and(|time| Offset::UTC.to_datetime(time).date() < estate.window.first)
        };
        let mut stored = Self::default();
        let in_use = Bases::of(estate, account, region);
        let is_cut = |kind| setup.is_cut(kind, account, region);
        let is_whole = !is_cut("custom-model") && !is_cut("custom-model-deployment");
        for model in setup.custom_models.iter().filter(|model| is_whole && is_it(&model.arn)) {
            stored.custom.push(Arc::clone(&model.name));
            let deployed = setup.deployments.iter().any(|d| d.model.as_deref() == Some(&*model.arn));
            let base = model.base_model.as_deref().and_then(|arn| estate.prices.catalogue().resolve(end(arn)));
            // Of a model whose kind is not known nothing on the bill tells.
            let called = base.is_none_or(|base| in_use.may_call(&base.id, deployed));
            if !called && !deployed && is_old(model.created) {
                stored.custom_unused.push(Arc::clone(&model.name));
            }
        }
        let billed = |resource: &ResourceId| {
            let active = |charge: &&crate::Charge| charge.key.class == Class::ImportUnitMinute;
            estate.charges.iter().filter(active).any(|charge| match &charge.owner {
                Owner::Resource(a, r, own) => {
                    (a, r) == (account, region) && (own == resource || !own.as_str().starts_with("arn:"))
                }
                _ => false,
            })
        };
        let called = estate.demand.imported.get(&(account.clone(), region.clone()));
        let is_whole = !is_cut("imported-model");
        for model in setup.imported_models.iter().filter(|model| is_whole && is_it(&model.arn)) {
            stored.imported.push(Arc::clone(&model.name));
            let id = ModelId::from(format!("imported-model/{}", end(&model.arn)).as_str());
            let logged = called.is_some_and(|models| models.contains_key(&id));
            if !logged && !billed(&ResourceId::from(&*model.arn)) && is_old(model.created) {
                stored.imported_unused.push(Arc::clone(&model.name));
            }
        }
        if !resource.as_str().starts_with("arn:") && stored.imported_unused.len() < stored.imported.len() {
            // Of several models nothing on the bill tells how many units each has.
            stored.imported_unused.clear();
        }
        for names in [&mut stored.custom, &mut stored.custom_unused, &mut stored.imported, &mut stored.imported_unused]
        {
            names.sort();
        }
        stored
    }
}

/// Which base models customised ones are called of, in one place.
struct Bases {
    /// With tokens of customised models on the bill.
    on_demand: BTreeSet<ModelId>,
    /// With model units on the bill or listed.
    on_units: BTreeSet<ModelId>,
    /// With a deployment of a customised model that is listed.
    deployed: BTreeSet<ModelId>,
}

impl Bases {
    fn of(estate: &Estate, account: &AccountId, region: &Region) -> Self {
        let here = || estate.charges.iter().filter(|c| &c.key.account == account && &c.key.region == region);
        let models = |which: &dyn Fn(&crate::Charge) -> bool| {
            here().filter(|charge| which(charge)).map(|charge| charge.key.model.clone()).collect::<BTreeSet<_>>()
        };
        let catalogue = estate.prices.catalogue();
        let base = |arn: &str| catalogue.resolve(end(arn)).map(|info| info.id.clone());
        let mut on_units = models(&|charge| matches!(charge.key.class, Class::ModelUnitHour(_)));
        let listed = estate.inventory.provisioned.iter().filter(|p| &p.account == account && &p.region == region);
        on_units.extend(listed.filter_map(|throughput| base(&throughput.foundation_model)));
        let setup = &estate.inventory.setup;
        let deployed = setup.deployments.iter().filter_map(|deployment| deployment.model.as_deref());
        let custom = deployed.filter_map(|arn| setup.custom_models.iter().find(|model| &*model.arn == arn));
        Self {
            on_demand: models(&|charge| charge.key.custom && charge.key.class.is_token()),
            on_units,
            deployed: custom.filter_map(|model| base(model.base_model.as_deref()?)).collect(),
        }
    }

    /// Whether a customised model of a kind may be called. Tokens that no deployment explains may be anybody's.
    fn may_call(&self, base: &ModelId, deployed: bool) -> bool {
        let unexplained = self.on_demand.contains(base) && !self.deployed.contains(base);
        deployed || self.on_units.contains(base) || unexplained
    }
}

/// The end of an ARN after its last slash. A customised model's ARN has a part of its own there.
fn end(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, id)| id)
}

/// Account and region of an ARN.
fn place_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next()?, parts.next()?);
    Some((account, region))
}

/// In what stretches of time the imported models of a resource are billed, and would be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ImportWindows {
    /// Calls answered.
    pub calls: u64,
    /// Models called.
    pub models: u64,
    /// Five-minute windows that these calls keep a copy active.
    pub windows: u64,
    /// Hours (UTC) with a call, of each model.
    pub hours: u64,
    /// Windows billed, by one unit: minutes of units on the bill by five.
    pub billed: f64,
    /// Mean seconds of a call; `None` where no record tells.
    pub seconds_per_call: Option<f64>,
}

impl ImportWindows {
    /// Of the models that a resource stands for: the one that it names, else all of its account and region. `None` where no
    /// call of them is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
    pub fn of(estate: &Estate, owner: &Owner) -> Option<Self> {
        let calls = calls_of(estate, owner)?;
        let minutes = estate.charges.iter().filter(|c| &c.owner == owner && c.key.class == Class::ImportUnitMinute);
        let steps: i128 = minutes.filter_map(|charge| charge.quantity).map(|quantity| quantity.steps).sum();
        let all = || calls.iter().flat_map(|calls| calls.iter());
        let (told, seconds) = all()
            .filter_map(|call| call.latency_ms)
            .fold((0u64, 0.0), |(count, sum), latency| (count + 1, sum + latency as f64 / 1e3));
        Some(Self {
            calls: all().count() as u64,
            models: calls.len() as u64,
            windows: calls.iter().map(|calls| active(calls)).sum(),
            hours: calls.iter().map(|calls| hours(calls)).sum(),
            billed: steps as f64 / Unit::Micro.steps() as f64 / (WINDOW / 60) as f64,
            seconds_per_call: (told > 0).then(|| seconds / told as f64),
        })
    }

    /// Windows that the same calls take if each waits for the end of a stretch of so many minutes and they are then made one
    /// after the other: at least one for every stretch with a call. `None` where no call is known, or not how long one takes.
    #[must_use]
    pub fn in_batches(estate: &Estate, owner: &Owner, minutes: u32) -> Option<u64> {
        let known = Self::of(estate, owner)?;
        let per_call = known.seconds_per_call?;
        let length = i64::from(minutes.max(1)) * 60;
        let mut windows = 0;
        for calls in calls_of(estate, owner)? {
            let mut stretches: BTreeMap<i64, f64> = BTreeMap::new();
            for call in calls {
                #[expect(clippy::cast_precision_loss, reason = "milliseconds of one call")]
                let seconds = call.latency_ms.map_or(per_call, |latency| latency as f64 / 1e3);
                *stretches.entry(call.second.div_euclid(length)).or_default() += seconds;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of windows")]
            let taken = |seconds: &f64| (seconds / 300.0).ceil().clamp(1.0, 1e9) as u64;
            windows += stretches.values().map(taken).sum::<u64>();
        }
        Some(windows)
    }
}

/// Calls in the days of the estate, by model.
fn calls_of<'a>(estate: &'a Estate, owner: &Owner) -> Option<Vec<&'a [ImportedCall]>> {
    let Owner::Resource(account, region, resource) = owner else { return None };
    let models = estate.demand.imported.get(&(account.clone(), region.clone()))?;
    let named = resource.as_str().contains("imported-model/").then(|| end(resource.as_str()));
    let is_of = |model: &&ModelId| named.is_none_or(|id| end(model.as_str()) == id);
    let calls: Vec<&[ImportedCall]> =
        models.iter().filter(|(model, _)| is_of(model)).map(|(_, calls)| calls.as_slice()).collect();
    (!calls.is_empty()).then_some(calls)
}

/// Hours with a call.
fn hours(calls: &[ImportedCall]) -> u64 {
    calls.iter().map(|call| call.second.div_euclid(3600)).collect::<BTreeSet<_>>().len() as u64
}

/// Windows that calls keep one copy active: a window begins with a call that comes when none is open.
fn active(calls: &[ImportedCall]) -> u64 {
    let (mut windows, mut open_until) = (0, i64::MIN);
    for call in calls {
        if call.second >= open_until {
            windows += 1;
            open_until = call.second + WINDOW;
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(seconds: &[i64]) -> Vec<ImportedCall> {
        seconds.iter().map(|second| ImportedCall { second: *second, latency_ms: None }).collect()
    }

    #[test]
    fn a_window_begins_with_a_call_and_lasts_five_minutes() {
        assert_eq!(active(&calls(&[0])), 1);
        assert_eq!(active(&calls(&[0, 10, 299])), 1);
        assert_eq!(active(&calls(&[0, 299, 300])), 2, "the third opens another");
        assert_eq!(active(&calls(&[0, 3600, 7200])), 3);
        assert_eq!(active(&[]), 0);
    }

    #[test]
    fn an_arn_tells_its_place_and_its_end() {
        let arn = "arn:aws:bedrock:us-east-1:111111111111:custom-model/amazon.nova-lite-v1:0/c1";
        assert_eq!(place_of(arn), Some(("111111111111", "us-east-1")));
        assert_eq!(end(arn), "c1");
        assert_eq!(place_of("custom models"), None);
    }
}
