//! Which model a call went to, at which price: names in logs are opaque at times, inventory and bill resolve them.
//!
//! A name that fits nothing, or two things, is unresolved: its calls are counted, never guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use lode_model::{
    AccountId, Bill, Caller, Class, Inventory, Mode, ModelId, Owner, PoolId, Region, Request, Routing, Trace,
    TraceError,
};
use lode_prices::Catalogue;
use lode_sim::{CallCounts, Charge, ImportedCall, ImportedCalls, Window};

use crate::models::{Models, UNKNOWN};

/// How logs begin the name of an application inference profile.
const PROFILE: &str = "application-inference-profile/";
/// How logs begin the name of Provisioned Throughput.
const PROVISIONED: &str = "provisioned-model/";
/// How logs begin the name of an imported model.
const IMPORTED: &str = "imported-model/";

type Place = (AccountId, Region);
/// What is bought, and by whom where one caller is meant.
type Bought = (AccountId, Region, ModelId, Routing, Option<Caller>);

/// What names mean, from everything but the logs themselves.
pub(crate) struct Names<'a> {
    catalogue: &'a Catalogue,
    inventory: &'a Inventory,
    /// Models and routings on the lines of each application inference profile.
    profiles: BTreeMap<Caller, BTreeSet<(ModelId, Routing)>>,
    /// Models with model-unit hours.
    pools: BTreeMap<Place, BTreeSet<ModelId>>,
    /// Models that the bill names.
    billed: BTreeSet<ModelId>,
    /// On-demand modes with billed tokens, of everybody and of each caller that the bill names.
    modes: BTreeMap<Bought, BTreeSet<Mode>>,
}

/// What a name as called turns out to be.
enum Target {
    /// A model billed by the token, with the routing where the name decides it.
    OnDemand(ModelId, Option<Routing>),
    /// Dedicated capacity.
    Pool(PoolId),
    Unresolved,
}

impl<'a> Names<'a> {
    pub(crate) fn of(
        bill: &Bill,
        models: &Models<'_>,
        charges: &[Charge],
        inventory: &'a Inventory,
        catalogue: &'a Catalogue,
    ) -> Self {
        let mut names = Self {
            catalogue,
            inventory,
            profiles: BTreeMap::new(),
            pools: BTreeMap::new(),
            billed: BTreeSet::new(),
            modes: BTreeMap::new(),
        };
        for line in bill.lines.iter().filter(|line| line.billed_as.model.is_some()) {
            if let Some(profile) = line.resource.as_deref().and_then(Caller::from_profile_arn) {
                let named = (models.id(line), line.billed_as.routing);
                names.profiles.entry(profile).or_default().insert(named);
            }
        }
        for charge in charges.iter().filter(|charge| charge.key.model.as_str() != UNKNOWN) {
            let key = &charge.key;
            names.billed.insert(key.model.clone());
            let on_demand = !matches!(key.mode, Mode::Batch | Mode::Provisioned | Mode::Reserved);
            if let (Owner::Workload(id), true) = (&charge.owner, key.class.is_token() && !key.custom && on_demand) {
                // Nobody named is everybody.
                for caller in [None, Some(id.caller.clone()).filter(Caller::is_attributed)] {
                    let place = (key.account.clone(), key.region.clone(), key.model.clone(), key.routing, caller);
                    names.modes.entry(place).or_default().insert(key.mode);
                }
            }
            if matches!(key.class, Class::ModelUnitHour(_)) {
                let place = (key.account.clone(), key.region.clone());
                names.pools.entry(place).or_default().insert(key.model.clone());
            }
        }
        names
    }

    fn target(&self, account: &AccountId, region: &Region, name: &ModelId) -> Target {
        if name.as_str().starts_with(PROFILE) {
            return self.profile(name.as_str());
        }
        if name.as_str().starts_with(PROVISIONED) {
            let model = self.provisioned(account, region, name.as_str());
            let pool = |model| PoolId { account: account.clone(), region: region.clone(), model };
            return model.map_or(Target::Unresolved, |model| Target::Pool(pool(model)));
        }
        self.model(name.as_str()).map_or(Target::Unresolved, |model| Target::OnDemand(model, None))
    }

    /// The catalogue's id, or a name that the bill has exactly.
    fn model(&self, name: &str) -> Option<ModelId> {
        let known = self.catalogue.resolve(name).map(|info| info.id.clone());
        known.or_else(|| self.billed.get(&ModelId::from(name)).cloned())
    }

    /// The model beneath an ARN; that of a model which the catalogue does not know is the end of its ARN.
    fn model_of_arn(&self, arn: &str) -> Option<ModelId> {
        self.model(arn).or_else(|| self.model(arn.rsplit('/').next()?))
    }

    /// The inventory says what a profile calls; else the bill, where its lines name one model only. The routing is
    /// what the bill says where it says one, else global for a profile made from a global one.
    fn profile(&self, id: &str) -> Target {
        let billed = self.profiles.get(&Caller::from(id));
        let only = |mut items: BTreeSet<Routing>| items.pop_first().filter(|_| items.is_empty());
        let routing = billed.and_then(|lines| only(lines.iter().map(|(_, routing)| *routing).collect()));
        if let Some(profile) = self.inventory.profiles.iter().find(|profile| &*profile.id == id) {
            let global = profile.models.iter().any(|arn| is_global(arn));
            if let Some(model) = profile.models.iter().find_map(|arn| self.model_of_arn(arn)) {
                let listed = if global { Routing::Global } else { Routing::Regional };
                return Target::OnDemand(model, Some(routing.unwrap_or(listed)));
            }
        }
        let mut models: BTreeSet<&ModelId> = billed.into_iter().flatten().map(|(model, _)| model).collect();
        match models.pop_first() {
            Some(model) if models.is_empty() => Target::OnDemand(model.clone(), routing),
            _ => Target::Unresolved,
        }
    }

    /// The inventory says which model is beneath; else the bill, where it has model units of one model only.
    fn provisioned(&self, account: &AccountId, region: &Region, id: &str) -> Option<ModelId> {
        let listed = self.inventory.provisioned.iter().find(|throughput| &*throughput.id == id);
        listed.and_then(|throughput| self.model_of_arn(&throughput.foundation_model)).or_else(|| {
            let pools = self.pools.get(&(account.clone(), region.clone()))?;
            pools.first().filter(|_| pools.len() == 1).cloned()
        })
    }

    /// The mode of a call whose record tells none: the only on-demand mode billed to its caller, else the only one
    /// billed to anybody, else Standard.
    fn mode(&self, call: &Request, model: &ModelId, routing: Routing) -> Mode {
        let only = |caller| {
            let place = (call.account.clone(), call.region.clone(), model.clone(), routing, caller);
            let modes = self.modes.get(&place)?;
            modes.first().copied().filter(|_| modes.len() == 1)
        };
        only(Some(call.caller.clone())).or_else(|| only(None)).unwrap_or(Mode::Standard)
    }
}

/// Whether an ARN is of a global profile, or of the foundation model beneath one, which names no region (AWS user
/// guide, global cross-Region inference, copy of 2026-10).
fn is_global(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let region = parts.nth(3);
    let resource = parts.nth(1).unwrap_or(arn);
    resource.starts_with("inference-profile/global.")
        || (region == Some("") && resource.starts_with("foundation-model/"))
}

/// Calls by where they belong.
#[derive(Default)]
pub(crate) struct Calls {
    /// Calls billed by the token, in time order, ties by id. Model, routing and mode are resolved.
    pub(crate) on_demand: Vec<Arc<Request>>,
    /// Calls that dedicated capacity serves, in the same order.
    pub(crate) on_capacity: BTreeMap<PoolId, Vec<Arc<Request>>>,
    /// Calls of imported models that were answered, in time order.
    pub(crate) imported: ImportedCalls,
    /// Calls of names that nothing resolves.
    pub(crate) unresolved: BTreeMap<String, u64>,
    /// Calls before or after the bill's window.
    pub(crate) outside: u64,
    /// All calls.
    pub(crate) all: u64,
    /// Of them, with bodies.
    pub(crate) with_bodies: u64,
    /// Calls and tokens by day, whatever the model and the window.
    pub(crate) by_day: BTreeMap<(AccountId, Region, Date), CallCounts>,
}

/// The UTC day of a call.
pub(crate) fn day_of(request: &Request) -> Date {
    Offset::UTC.to_datetime(request.time).date()
}

/// Reads all calls of a trace.
pub(crate) fn read(trace: &dyn Trace, names: &Names<'_>, window: &Window) -> Result<Calls, TraceError> {
    let mut calls = Calls::default();
    for group in trace.groups() {
        let (account, region, name) = &group;
        let target = names.target(account, region, name);
        let mut days: BTreeMap<Date, CallCounts> = BTreeMap::new();
        trace.requests(&group, &mut |request| {
            let day = day_of(request);
            *days.entry(day).or_default() += CallCounts::of_call(&request.tokens);
            calls.all += 1;
            calls.with_bodies += u64::from(!request.segments.is_empty());
            if day < window.first || window.last < day {
                calls.outside += 1;
            } else {
                calls.take(request, &target, names);
            }
        })?;
        for (day, counts) in days {
            *calls.by_day.entry((account.clone(), region.clone(), day)).or_default() += counts;
        }
    }
    let in_order = |calls: &mut Vec<Arc<Request>>| calls.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    in_order(&mut calls.on_demand);
    calls.on_capacity.values_mut().for_each(in_order);
    Ok(calls)
}

impl Calls {
    /// An imported model is on no bill by its name, and its calls are billed by no token.
    fn see_imported(&mut self, request: &Request) {
        if request.error.is_none() && request.model.as_str().starts_with(IMPORTED) {
            let models = self.imported.entry((request.account.clone(), request.region.clone())).or_default();
            let call = ImportedCall { second: request.time.as_second(), latency_ms: request.latency_ms };
            models.entry(request.model.clone()).or_default().push(call);
        }
    }

    fn take(&mut self, request: &Request, target: &Target, names: &Names<'_>) {
        let (account, region) = (&request.account, &request.region);
        let dedicated = request.mode.filter(|mode| matches!(mode, Mode::Provisioned | Mode::Reserved));
        let pool = match target {
            Target::Unresolved => {
                self.see_imported(request);
                *self.unresolved.entry(request.model.to_string()).or_default() += 1;
                return;
            }
            Target::Pool(pool) => pool.clone(),
            Target::OnDemand(model, _) if dedicated.is_some() => {
                PoolId { account: account.clone(), region: region.clone(), model: model.clone() }
            }
            Target::OnDemand(model, routing) => {
                let routing = routing.unwrap_or(request.routing);
                let mode = request.mode.unwrap_or_else(|| names.mode(request, model, routing));
                let resolved = Request { model: model.clone(), routing, mode: Some(mode), ..request.clone() };
                self.on_demand.push(Arc::new(resolved));
                return;
            }
        };
        let mode = Some(dedicated.unwrap_or(Mode::Provisioned));
        let resolved = Request { model: pool.model.clone(), mode, ..request.clone() };
        self.on_capacity.entry(pool).or_default().push(Arc::new(resolved));
    }
}
