//! What a recommender may see: the state that the walk has reached, measured; the catalogue; the date.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{
    AccountId, Class, Cohort, GuardrailPolicy, Inventory, Metrics, Mode, ModelId, Money, Owner, PoolId, PriceKey,
    Quantity, Rate, Region, Span, Unit, WorkloadId,
};
use lode_prices::{Catalogue, NewRates, PriceBook, Quote, Unpriced};
use lode_sim::{
    CacheCounters, CacheMisses, Caching, Daily, Estate, GuardrailUse, ImportWindows, Job, OwnerCalls, PolicyCounts,
    PoolCase, PoolDemand, Profile, Projection, S3Vectors, SimCharge, Simulator, State, StoredModels, Traffic,
    VectorStore, Window,
};

use crate::Settings;

/// The walk so far, as recommenders see it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) projection: &'a Projection,
    pub(crate) state: &'a State,
    pub(crate) counters: Option<&'a CacheCounters>,
    pub(crate) as_of: Date,
    pub(crate) settings: &'a Settings,
}

impl<'a> Context<'a> {
    /// The date of the report.
    #[must_use]
    pub const fn as_of(&self) -> Date {
        self.as_of
    }

    /// The owners of charges, in order.
    pub fn owners(&self) -> impl Iterator<Item = &'a Owner> {
        self.state.owners()
    }

    /// An owner's charges at this point of the walk.
    #[must_use]
    pub fn charges(&self, owner: &Owner) -> &'a [SimCharge] {
        self.state.charges(owner)
    }

    /// What an owner uses at this point of the walk.
    #[must_use]
    pub fn profile(&self, owner: &Owner) -> Profile {
        Profile::of(self.estate, self.projection, self.state, owner)
    }

    /// Dollars a month of the charges of an owner that `which` picks, at this point of the walk.
    #[must_use]
    pub fn monthly_of(&self, owner: &Owner, which: impl Fn(&SimCharge) -> bool) -> Money {
        self.monthly(self.charges(owner).iter().filter(|charge| which(charge)))
    }

    /// Whether caching pays for an owner at this point of the walk.
    #[must_use]
    pub fn cache_balance(&self, profile: &Profile) -> Option<lode_sim::CacheBalance> {
        profile.cache_balance(self.estate)
    }

    /// Mean of an hourly quantity (model units, OCUs) over the complete days of the window: its unit-hours by the
    /// hours. Without a complete day, over all days.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a signal is compared and shown, not billed")]
    pub fn mean_units(&self, owner: &Owner, which: impl Fn(&Class) -> bool) -> f64 {
        let window = &self.estate.window;
        let last = window.complete_to.unwrap_or(window.last);
        let steps: i128 = self
            .charges(owner)
            .iter()
            .filter(|charge| charge.span.last <= last && which(&charge.key.class))
            .filter_map(|charge| charge.quantity.filter(|quantity| quantity.unit == Unit::MicroHour))
            .map(|quantity| quantity.steps)
            .sum();
        let days = Span { first: window.first, last }.days();
        steps as f64 / Unit::MicroHour.steps() as f64 / (days * 24) as f64
    }

    /// Whether requests were read. Without, demand is not known.
    #[must_use]
    pub const fn has_requests(&self) -> bool {
        self.estate.tie_out.is_some()
    }

    /// What stands behind the OpenSearch Serverless charges of an owner at this point of the walk; `None` where it has none.
    #[must_use]
    pub fn vector_store(&self, owner: &Owner) -> Option<VectorStore> {
        VectorStore::of(self.estate, self.state, owner)
    }

    /// The indexes of a store on S3 Vectors, with so many bytes stored beside each vector and so many of them read by each
    /// query; `None` where vectors, dimensions or queries are not known.
    #[must_use]
    pub fn on_s3_vectors(&self, store: &VectorStore, stored: u64, read: u64) -> Option<S3Vectors> {
        store.s3_vectors(self.estate, stored, read)
    }

    /// A store as a managed knowledge base, with so many bytes of text a chunk, a month; `None` where chunks or searches
    /// are not known.
    #[must_use]
    pub fn as_managed_knowledge_base(&self, store: &VectorStore, text: u64) -> Option<Money> {
        store.managed(self.estate, text)
    }

    /// What an owner's calls look like at this point of the walk; `None` where they are not known.
    #[must_use]
    pub fn traffic(&self, owner: &Owner) -> Option<Arc<Traffic>> {
        Traffic::of(self.estate, self.state, owner)
    }

    /// The job among an owner's calls, as they were logged: runs on a schedule above a trickle.
    #[must_use]
    pub fn job(&self, owner: &Owner) -> Option<Arc<Job>> {
        Job::of(self.estate, owner)
    }

    /// The best cache markers of an owner at this point of the walk; `None` where bodies, prices or the model's rules are
    /// not known.
    #[must_use]
    pub fn caching(&self, owner: &Owner) -> Option<Caching> {
        Caching::of(self.estate, self.state, owner)
    }

    /// Why the cache markers of an owner's records write and do not read; `None` without any.
    #[must_use]
    pub fn cache_misses(&self, owner: &Owner) -> Option<Arc<CacheMisses>> {
        CacheMisses::logged(self.estate, owner)
    }

    /// By how much the cache counters of the logs differ from the bill, as a share of the prompt tokens of an account, region
    /// and model; `None` where they cannot be compared.
    #[must_use]
    pub fn cache_counters_off(&self, workload: &WorkloadId) -> Option<f64> {
        self.counters?.of_model(&workload.account, &workload.region, &workload.model)
    }

    /// What part of the on-demand tokens that may be an owner's is in the logs: its own calls, against those and what was
    /// billed beyond the logs to the same caller, or to nobody, for the same model in the same account and region.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
    pub fn logged_share(&self, owner: &Owner) -> f64 {
        let Owner::Workload(own) = owner else { return 0.0 };
        let (mut logged, mut beyond) = (0i128, 0i128);
        // Charges are sorted by owner: those of one account, region and model stand together.
        let charges = &self.estate.charges;
        let start = Owner::Workload(WorkloadId { caller: "".into(), cohort: "".into(), ..own.clone() });
        for charge in &charges[charges.partition_point(|charge| charge.owner < start)..] {
            let Owner::Workload(w) = &charge.owner else { break };
            if (&w.account, &w.region, &w.model) != (&own.account, &own.region, &own.model) {
                break;
            }
            let Some(quantity) = charge.quantity.filter(|_| charge.key.class.is_token()) else { continue };
            let mine = w.caller == own.caller || !w.caller.is_attributed();
            if !mine || charge.key.mode == Mode::Batch {
                continue;
            }
            if w == own {
                logged += quantity.steps;
            } else if w.cohort.as_str() == Cohort::UNLOGGED {
                beyond += quantity.steps;
            }
        }
        if logged > 0 { logged as f64 / (logged + beyond) as f64 } else { 0.0 }
    }

    /// What dedicated capacity of a model serves, or could serve, at this point of the walk; `None` without requests.
    #[must_use]
    pub fn pool_demand(&self, pool: &PoolId) -> Option<PoolDemand> {
        PoolDemand::of(self.estate, self.state, pool)
    }

    /// What capacity of a model would come to at this point of the walk, for every number of units and term; `None` without
    /// requests.
    #[must_use]
    pub fn pool_case(&self, pool: &PoolId) -> Option<PoolCase> {
        PoolCase::of(&Simulator::new(self.estate, NewRates::Inherit), self.state, pool)
    }

    /// What the least that is sold of the Reserved tier costs a month; `None` where it is not sold.
    #[must_use]
    pub fn least_reserved(&self, pool: &PoolId) -> Option<Money> {
        Simulator::new(self.estate, NewRates::Inherit).least_reserved(pool)
    }

    /// Complete days of the window.
    #[must_use]
    pub fn complete_days(&self) -> usize {
        self.estate.window.complete_days()
    }

    /// Every account, region and model with calls on demand or on capacity, in order. Of owners that are settled apart,
    /// the first speaks for all, and what is in force speaks for itself.
    #[must_use]
    pub fn pools(&self) -> BTreeSet<PoolId> {
        let of = |workload: &WorkloadId| PoolId {
            account: workload.account.clone(),
            region: workload.region.clone(),
            model: workload.model.clone(),
        };
        let mut pools = BTreeSet::new();
        for owner in self.owners() {
            match (owner, self.estate.demand.of(owner)) {
                (Owner::Pool(pool), Some(_)) => {
                    pools.insert(pool.clone());
                }
                (Owner::Workload(workload), Some((cluster, _))) => {
                    let same =
                        |other: &&OwnerCalls| matches!(&other.owner, Owner::Workload(w) if w.model == workload.model);
                    let speaks = cluster.owners.iter().find(same).is_some_and(|first| self.state.has(&first.owner));
                    let pool = Owner::Pool(of(workload));
                    let in_force = !State::charges_billed(self.estate, &pool).is_empty();
                    if speaks && (!in_force || self.state.has(&pool)) {
                        pools.insert(of(workload));
                    }
                }
                _ => {}
            }
        }
        pools
    }

    /// Dollars a month of the on-demand calls, Standard tier, that capacity of a model could serve: at this point of the
    /// walk for owners settled here, as billed for the others.
    #[must_use]
    pub fn pool_spend(&self, pool: &PoolId) -> Money {
        let Some(cluster) = self.estate.demand.cluster(&pool.account, &pool.region) else {
            return Money::ZERO;
        };
        let mut daily = Daily::zero(self.estate.window.days());
        for own in cluster.owners.iter().filter(|own| matches!(own.owner, Owner::Workload(_))) {
            let billed;
            let charges = if self.state.has(&own.owner) {
                self.charges(&own.owner)
            } else {
                billed = State::charges_billed(self.estate, &own.owner);
                &billed
            };
            let served = charges.iter().filter(|charge| {
                charge.key.model == pool.model && charge.key.class.is_token() && charge.key.mode == Mode::Standard
            });
            served.for_each(|charge| daily.add(&self.estate.window, charge));
        }
        self.projection.monthly(&daily)
    }

    /// What was listed of profiles, capacity and knowledge bases.
    #[must_use]
    pub const fn inventory(&self) -> &'a Inventory {
        &self.estate.inventory
    }

    /// What CloudWatch counted; empty where nothing was collected.
    #[must_use]
    pub const fn metrics(&self) -> &'a Metrics {
        &self.estate.metrics
    }

    /// Usable quantities of an owner as they were billed, at the start of the walk, by class.
    pub fn billed_quantities(&self, owner: &Owner) -> impl Iterator<Item = (&'a Class, Quantity)> {
        // Charges are sorted by owner.
        let charges = &self.estate.charges;
        let first = charges.partition_point(|charge| charge.owner < *owner);
        let own = charges.get(first..).unwrap_or_default().iter().take_while(move |charge| charge.owner == *owner);
        own.filter_map(|charge| Some((&charge.key.class, charge.quantity?)))
    }

    /// Whether a resource is used less for this reason already, at this point of the walk.
    #[must_use]
    pub fn is_reduced(&self, owner: &Owner, reason: &str) -> bool {
        self.state.is_reduced(owner, reason)
    }

    /// What the guardrails of a resource evaluated, as the traces of calls tell; `None` where no call is known there.
    #[must_use]
    pub fn guardrail_use(&self, owner: &Owner) -> Option<Arc<GuardrailUse>> {
        GuardrailUse::of(self.estate, owner)
    }

    /// What CloudWatch counted of the guardrails of a resource, by policy.
    #[must_use]
    pub fn guardrail_counts(&self, owner: &Owner) -> BTreeMap<GuardrailPolicy, PolicyCounts> {
        lode_sim::guardrail_counts(self.estate, owner)
    }

    /// The models that a resource stores, and those of them that nothing calls, as far as the inventory lists them.
    #[must_use]
    pub fn stored_models(&self, owner: &Owner) -> StoredModels {
        StoredModels::of(self.estate, owner)
    }

    /// In what stretches of time the imported models of a resource are called; `None` where no call of them is known.
    #[must_use]
    pub fn import_windows(&self, owner: &Owner) -> Option<ImportWindows> {
        ImportWindows::of(self.estate, owner)
    }

    /// Five-minute windows that the calls of imported models take in batches of so many minutes.
    #[must_use]
    pub fn import_batches(&self, owner: &Owner, minutes: u32) -> Option<u64> {
        ImportWindows::in_batches(self.estate, owner, minutes)
    }

    /// The days that the figures speak of.
    #[must_use]
    pub const fn window(&self) -> &'a Window {
        &self.estate.window
    }

    /// What is known of models and list prices.
    #[must_use]
    pub const fn catalogue(&self) -> &'static Catalogue {
        self.estate.prices.catalogue()
    }

    /// A model's name where the catalogue knows it, else what it is billed as.
    #[must_use]
    pub fn model_name(&self, model: &ModelId) -> String {
        self.catalogue().model(model).map_or_else(|| model.to_string(), |info| info.name.to_string())
    }

    /// What use that is billed under `today` would be billed at on another model, all else the same.
    ///
    /// # Errors
    /// When neither the bill nor the catalogue knows a price.
    pub fn price_on(&self, today: &PriceKey, model: &ModelId) -> Result<Quote, Unpriced> {
        let source = Simulator::new(self.estate, NewRates::Inherit).source_of(model, today.source);
        let key = PriceKey { model: model.clone(), source, ..today.clone() };
        self.estate.prices.quote(&key, today, NewRates::Inherit)
    }

    /// What of the settings keeps an owner's calls in their region, if anything.
    #[must_use]
    pub fn kept_in_region(&self, owner: &Owner) -> Option<&'a str> {
        self.settings.keeps_regional(owner)
    }

    /// What so many prompt tokens of an owner cost at this point of the walk, on average over what is cached and what is not;
    /// `None` without prompt tokens.
    #[must_use]
    pub fn prompt_cost(&self, owner: &Owner, tokens: u64) -> Option<Money> {
        let profile = self.profile(owner);
        let prompts =
            || profile.uses.iter().filter(|used| used.unit == Some(Unit::Token) && used.key.class.is_prompt());
        let steps: i128 = prompts().map(|used| used.steps).sum();
        let cost = prompts().fold(Money::ZERO, |sum, used| sum + used.cost);
        Some(Rate::new(cost, steps)?.cost(i128::from(tokens), 1))
    }

    /// What an account's workloads in a region were billed, by owner and with all charges: also of those that are settled
    /// apart, of which the walk knows nothing here.
    pub fn billed_in(&self, account: &AccountId, region: &Region) -> impl Iterator<Item = (&'a Owner, Vec<SimCharge>)> {
        let estate = self.estate;
        let here = |owner: &&Owner| matches!(owner, Owner::Workload(w) if w.account == *account && w.region == *region);
        let owners: BTreeSet<&Owner> = estate.charges.iter().map(|charge| &charge.owner).filter(here).collect();
        owners.into_iter().map(move |owner| (owner, State::charges_billed(estate, owner)))
    }

    /// Dollars a month of charges.
    #[must_use]
    pub fn monthly<'c>(&self, charges: impl IntoIterator<Item = &'c SimCharge>) -> Money {
        let mut daily = Daily::zero(self.estate.window.days());
        charges.into_iter().for_each(|charge| daily.add(&self.estate.window, charge));
        self.projection.monthly(&daily)
    }

    /// The bill's rates.
    #[must_use]
    pub const fn prices(&self) -> &'a PriceBook {
        &self.estate.prices
    }
}
