//! The join: which billed tokens each workload's calls are, price by price and day by day.
//!
//! Logs never change what was billed. Within a day, account, region, model, routing, mode, context band and token
//! class the billed tokens are divided among the workloads that logged them; what no log has stays with whom the bill
//! names. A price whose charges span several days is matched once, over all their days. Logs of more than was billed
//! are scaled down, never the bill up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use lode_model::{
    AccountId, BillingSource, Caller, ChargeKind, Class, Cohort, ContextBand, Layer, Mode, ModelId, Money, Owner,
    PriceKey, Quantity, Region, Request, Span, Unit, WorkloadId,
};
use lode_prices::{Catalogue, ModelKind};
use lode_sim::{Charge, Cluster, Demand, OwnerCalls, TieOut};

use crate::cohorts::{self, Label};
use crate::matching::{Billed, Logged, match_up};
use crate::resolve::{Calls, day_of};
use crate::tie_out::{self, Facts, Key};

/// One in so many tokens of a workload may be in the logs and not on the bill; above, nothing that follows from its
/// requests has dollars.
const WITHHELD_ABOVE: i128 = 20;

/// The charges after the join, and what else comes of it.
pub(crate) struct Joined {
    pub(crate) charges: Vec<Charge>,
    pub(crate) demand: Demand,
    pub(crate) tie_out: Option<TieOut>,
}

impl Joined {
    /// Nothing to join with.
    pub(crate) fn without_logs(charges: Vec<Charge>) -> Self {
        Self { charges, demand: Demand::default(), tie_out: None }
    }
}

/// The calls of one workload.
struct Workload {
    id: WorkloadId,
    label: Label,
    calls: Vec<Arc<Request>>,
    /// Tokens in the logs, on days that the export has completely.
    logged: i128,
    /// Of them, tokens on the bill.
    matched: i128,
    /// Whether the bill has any of its calls, on whatever day.
    billed: bool,
}

/// Everything of one key.
#[derive(Default)]
struct Cell {
    /// Places of charges.
    charges: Vec<usize>,
    /// Tokens by day and workload.
    logged: BTreeMap<(Date, usize), i128>,
    /// Tokens of calls of which the bill knows nothing.
    not_billed: i128,
}

/// Joins charges with calls. The last days of an export lag: up to `complete_to`, logs of more than was billed count.
pub(crate) fn join(charges: Vec<Charge>, calls: Calls, catalogue: &Catalogue, complete_to: Option<Date>) -> Joined {
    let is_complete = |day: Date| complete_to.is_none_or(|last| day <= last);
    let mut cells = Cells::of(&charges, catalogue);
    let callers: BTreeSet<_> = calls.on_demand.iter().map(|call| place(call)).collect();
    let (known, calls_not_billed) = cells.billed_calls(&calls.on_demand);
    let mut workloads = workloads(known, catalogue);
    for (at, workload) in workloads.iter_mut().enumerate() {
        workload.logged = cells.add(at, &workload.calls, &is_complete);
    }
    let mut sums = Sums::default();
    let mut facts = BTreeMap::new();
    let mut joined: Vec<bool> = vec![false; charges.len()];
    // First and last day with a record of each place, whatever the model: days ascend.
    let mut seen: BTreeMap<(AccountId, Region), (Date, Date)> = BTreeMap::new();
    for (account, region, day) in calls.by_day.keys() {
        seen.entry((account.clone(), region.clone())).or_insert((*day, *day)).1 = *day;
    }
    for (key, cell) in &cells.by_key {
        let seen = seen.get(&(key.account.clone(), key.region.clone())).copied();
        let mut matching = Matching {
            key,
            charges: &charges,
            workloads: &mut workloads,
            callers: &callers,
            seen,
            complete_to,
            facts: Facts::default(),
        };
        matching.cell(cell, &mut sums);
        facts.insert(key.clone(), matching.facts);
        cell.charges.iter().for_each(|&charge| joined[charge] = true);
    }
    for (charge, _) in charges.into_iter().zip(joined).filter(|(_, joined)| !joined) {
        sums.as_is.push(charge);
    }
    let withheld: BTreeSet<WorkloadId> = workloads.iter().filter(|w| w.exceeds()).map(|w| w.id.clone()).collect();
    let tie_out = TieOut {
        calls_not_billed: calls_not_billed + calls.outside,
        unresolved: calls.unresolved.into_iter().collect(),
        calls_on_capacity: calls.on_capacity.values().map(|calls| calls.len() as u64).sum(),
        calls: calls.all,
        calls_with_bodies: calls.with_bodies,
        by_day: calls.by_day,
        withheld: withheld.iter().cloned().map(Owner::Workload).collect(),
        ..tie_out::with_dollars(tie_out::rows(&facts, &seen))
    };
    let pools = calls.on_capacity.into_iter().map(|(pool, calls)| {
        let task = cohorts::task_of(&calls, embeds(catalogue, &pool.model));
        OwnerCalls::new(Owner::Pool(pool), task, calls)
    });
    let known =
        workloads.into_iter().filter(|workload| workload.billed && !withheld.contains(&workload.id)).map(|of| {
            let Label { task, told, leading, .. } = of.label;
            OwnerCalls::new(Owner::Workload(of.id), task, of.calls).told_by(told).beginning_with(leading)
        });
    Joined { charges: sums.charges(), demand: demand(known.chain(pools)), tie_out: Some(tie_out) }
}

impl Workload {
    fn exceeds(&self) -> bool {
        (self.logged - self.matched) * WITHHELD_ABOVE > self.logged
    }
}

type Place = (AccountId, Region, ModelId, Caller);

fn place(call: &Request) -> Place {
    (call.account.clone(), call.region.clone(), call.model.clone(), call.caller.clone())
}

fn embeds(catalogue: &Catalogue, model: &ModelId) -> bool {
    catalogue.model(model).is_some_and(|info| info.kind == ModelKind::Embedding)
}

/// What calls are, and the calls.
type Labelled = (Label, Vec<Arc<Request>>);

/// Calls by workload, in order of their ids. Calls keep their order.
fn workloads(calls: Vec<Arc<Request>>, catalogue: &Catalogue) -> Vec<Workload> {
    let mut by_caller: BTreeMap<Place, Vec<Arc<Request>>> = BTreeMap::new();
    for call in calls {
        by_caller.entry(place(&call)).or_default().push(call);
    }
    let mut workloads: BTreeMap<WorkloadId, Labelled> = BTreeMap::new();
    for ((account, region, model, caller), calls) in by_caller {
        let labels = cohorts::cohorts(&calls, embeds(catalogue, &model));
        for (call, label) in calls.into_iter().zip(labels) {
            let (account, region, model, caller) = (account.clone(), region.clone(), model.clone(), caller.clone());
            let id = WorkloadId { account, region, model, caller, cohort: label.cohort.clone() };
            workloads.entry(id).or_insert_with(|| (label.clone(), Vec::new())).1.push(call);
        }
    }
    let workload = |(id, (label, calls))| Workload { id, label, calls, logged: 0, matched: 0, billed: false };
    workloads.into_iter().map(workload).collect()
}

fn demand(owners: impl Iterator<Item = OwnerCalls>) -> Demand {
    let mut clusters: BTreeMap<(AccountId, Region), Vec<OwnerCalls>> = BTreeMap::new();
    for owner in owners {
        let place = match &owner.owner {
            Owner::Workload(id) => (id.account.clone(), id.region.clone()),
            Owner::Pool(id) => (id.account.clone(), id.region.clone()),
            Owner::Resource(..) | Owner::Account(_) => continue,
        };
        clusters.entry(place).or_default().push(owner);
    }
    let cluster = |((account, region), owners)| Cluster::new(account, region, owners);
    Demand::new(clusters.into_iter().map(cluster).collect())
}

/// Bill and logs by key.
struct Cells<'a> {
    catalogue: &'a Catalogue,
    by_key: BTreeMap<Key, Cell>,
}

/// Whether a charge is compared with logs: usable tokens of a text or embedding model.
fn is_compared(charge: &Charge) -> bool {
    charge.kind == ChargeKind::Usage
        && charge.key.class.is_token()
        && !charge.key.custom
        && matches!(charge.layer, Layer::Inference | Layer::Embedding)
        && !matches!(charge.key.mode, Mode::Provisioned | Mode::Reserved)
        && matches!(charge.owner, Owner::Workload(_))
        && charge.quantity.is_some_and(|quantity| quantity.unit == Unit::Token && quantity.steps > 0)
}

impl<'a> Cells<'a> {
    fn of(charges: &[Charge], catalogue: &'a Catalogue) -> Self {
        let mut by_key: BTreeMap<Key, Cell> = BTreeMap::new();
        for (at, charge) in charges.iter().enumerate().filter(|(_, charge)| is_compared(charge)) {
            by_key.entry(Key::of_charge(&charge.key)).or_default().charges.push(at);
        }
        Self { catalogue, by_key }
    }

    fn is_billed(&self, key: &Key) -> bool {
        self.by_key.get(key).is_some_and(|cell| !cell.charges.is_empty())
    }

    /// The tokens of a call by the key they are billed under.
    fn tokens(&self, call: &Request) -> impl Iterator<Item = (Key, i128)> {
        let info = self.catalogue.model(&call.model);
        let band = info.map_or(ContextBand::Standard, |info| info.band_for(call.tokens.prompt()));
        // Nova's cache writes are plain input (AWS price list, copy of 2026-10).
        let nova = info.is_some_and(|info| &*info.provider == "Amazon" && info.family.starts_with("Nova"));
        call.tokens.by_class().map(move |(class, tokens)| {
            let key = Key::of_call(call, band, class);
            (self.as_billed(key, nova), i128::from(tokens))
        })
    }

    /// Cache writes may be billed under another name than the log counts them: the only time to live on the bill, or
    /// as input.
    fn as_billed(&self, key: Key, nova: bool) -> Key {
        if !matches!(key.class, Class::CacheWrite(_)) || self.is_billed(&key) {
            return key;
        }
        let mut writes = lode_model::Ttl::ALL.iter().map(|ttl| key.with_class(Class::CacheWrite(*ttl)));
        let mut billed = writes.by_ref().filter(|write| self.is_billed(write));
        match (billed.next(), billed.next()) {
            (Some(only), None) => only,
            (None, _) if nova => key.with_class(Class::Input),
            _ => key,
        }
    }

    /// Calls that the bill knows by at least one class of tokens, or that have none; and how many others there are.
    fn billed_calls(&mut self, calls: &[Arc<Request>]) -> (Vec<Arc<Request>>, u64) {
        let (mut known, mut not_billed) = (Vec::new(), 0);
        for call in calls {
            let tokens: Vec<(Key, i128)> = self.tokens(call).collect();
            if tokens.is_empty() || tokens.iter().any(|(key, _)| self.is_billed(key)) {
                known.push(Arc::clone(call));
                continue;
            }
            not_billed += 1;
            for (key, tokens) in tokens {
                self.by_key.entry(key).or_default().not_billed += tokens;
            }
        }
        (known, not_billed)
    }

    /// Adds the calls of a workload; how many tokens those of complete days have.
    fn add(&mut self, workload: usize, calls: &[Arc<Request>], is_complete: &dyn Fn(Date) -> bool) -> i128 {
        let mut all = 0;
        for call in calls {
            let tokens: Vec<(Key, i128)> = self.tokens(call).collect();
            for (key, tokens) in tokens {
                *self.by_key.entry(key).or_default().logged.entry((day_of(call), workload)).or_default() += tokens;
                all += if is_complete(day_of(call)) { tokens } else { 0 };
            }
        }
        all
    }
}

/// The charges that come out: parts of one charge under one name are added up.
#[derive(Default)]
struct Sums {
    by_charge: BTreeMap<Charge, (i128, Money)>,
    as_is: Vec<Charge>,
}

impl Sums {
    fn add(&mut self, charge: Charge, tokens: i128, billed: Money) {
        let name = Charge { quantity: None, billed: Money::ZERO, ..charge };
        let sum = self.by_charge.entry(name).or_default();
        sum.0 += tokens;
        sum.1 += billed;
    }

    fn charges(self) -> Vec<Charge> {
        let tokens = |steps| Some(Quantity { steps, unit: Unit::Token });
        let whole = self.by_charge.into_iter().map(|(name, (steps, billed))| Charge {
            quantity: tokens(steps),
            billed,
            ..name
        });
        let mut charges: Vec<Charge> = whole.chain(self.as_is).collect();
        charges.sort();
        charges
    }
}

/// The matching of one key.
struct Matching<'a> {
    key: &'a Key,
    charges: &'a [Charge],
    workloads: &'a mut [Workload],
    /// Callers with any call.
    callers: &'a BTreeSet<Place>,
    /// First and last day with a record of the account and region.
    seen: Option<(Date, Date)>,
    /// Last day that the export has completely.
    complete_to: Option<Date>,
    facts: Facts,
}

impl Matching<'_> {
    fn cell(&mut self, cell: &Cell, sums: &mut Sums) {
        self.facts.logged_tokens = cell.logged.values().sum::<i128>() + cell.not_billed;
        let daily = cell.charges.iter().all(|&at| self.charges[at].span.days() == 1);
        // By first day where all are days, else all at once.
        let mut periods: BTreeMap<Option<Date>, Vec<usize>> = BTreeMap::new();
        for &at in &cell.charges {
            periods.entry(daily.then_some(self.charges[at].span.first)).or_default().push(at);
        }
        for (day, charges) in periods {
            let logged: Vec<(Date, usize, i128)> = match day {
                Some(day) => cell.logged.range((day, 0)..=(day, usize::MAX)).map(|(&(d, w), &t)| (d, w, t)).collect(),
                None => {
                    let days: BTreeSet<Date> =
                        charges.iter().flat_map(|&at| self.charges[at].span.each_day()).collect();
                    let within = cell.logged.iter().filter(|((day, _), _)| days.contains(day));
                    within.map(|(&(d, w), &t)| (d, w, t)).collect()
                }
            };
            self.period(&charges, &logged, sums);
        }
    }

    /// Matches charges with the tokens of days and workloads.
    fn period(&mut self, charges: &[usize], calls: &[(Date, usize, i128)], sums: &mut Sums) {
        let all = self.charges;
        let mut kinds: BTreeMap<(BillingSource, &Arc<str>, Layer), usize> = BTreeMap::new();
        for &at in charges {
            let next = kinds.len();
            kinds.entry(kind(&all[at])).or_insert(next);
        }
        let mut billed: Vec<Billed<'_>> = charges
            .iter()
            .filter_map(|&at| {
                let charge = &all[at];
                let Owner::Workload(id) = &charge.owner else { return None };
                let tokens = charge.quantity.map_or(0, |quantity| quantity.steps);
                Some(Billed { caller: &id.caller, kind: kinds[&kind(charge)], tokens, dollars: charge.billed })
            })
            .collect();
        self.facts.billed_tokens += billed.iter().map(|charge| charge.tokens).sum::<i128>();
        self.facts.billed += billed.iter().map(|charge| charge.dollars).sum::<Money>();
        let flows = {
            let mut logged: Vec<Logged<'_>> = calls
                .iter()
                .map(|&(_, workload, tokens)| Logged { caller: &self.workloads[workload].id.caller, tokens })
                .collect();
            match_up(&mut billed, &mut logged)
        };
        let names: BTreeMap<usize, (BillingSource, &Arc<str>, Layer)> =
            kinds.into_iter().map(|(kind, at)| (at, kind)).collect();
        for flow in flows {
            let (day, workload, _) = calls[flow.logged];
            self.workloads[workload].billed = true;
            if self.complete_to.is_none_or(|last| day <= last) {
                self.workloads[workload].matched += flow.tokens;
            }
            self.facts.matched_tokens += flow.tokens;
            let (source, usage_type, layer) = names[&flow.kind];
            let charge = self.charge(workload, day, source, Arc::clone(usage_type), layer);
            sums.add(charge, flow.tokens, flow.dollars);
        }
        for (&at, left) in charges.iter().zip(&billed) {
            self.unlogged(&all[at], left.tokens, left.dollars, sums);
        }
    }

    fn charge(&self, workload: usize, day: Date, source: BillingSource, usage_type: Arc<str>, layer: Layer) -> Charge {
        let key = self.key;
        Charge {
            owner: Owner::Workload(self.workloads[workload].id.clone()),
            key: PriceKey {
                account: key.account.clone(),
                region: key.region.clone(),
                model: key.model.clone(),
                routing: key.routing,
                mode: key.mode,
                band: key.band,
                class: key.class.clone(),
                source,
                custom: false,
            },
            span: Span::day(day),
            layer,
            kind: ChargeKind::Usage,
            usage_type,
            quantity: None,
            billed: Money::ZERO,
        }
    }

    /// What no log has stays with whom the bill names.
    fn unlogged(&mut self, charge: &Charge, tokens: i128, dollars: Money, sums: &mut Sums) {
        let Owner::Workload(id) = &charge.owner else { return };
        if tokens == 0 && dollars.is_zero() {
            return;
        }
        self.facts.unlogged += dollars;
        let days = charge.span.each_day();
        if let Some((first, last)) = self.seen {
            // A charge of several days does not say when: taken as even.
            let all = charge.quantity.map_or(0, |quantity| quantity.steps);
            let share = |count: usize| all / charge.span.days() as i128 * count as i128;
            let (early, late) = days
                .fold((0, 0), |(early, late), day| (early + usize::from(day < first), late + usize::from(day > last)));
            self.facts.outside(tokens, dollars, share(early), share(late));
        }
        let place = (id.account.clone(), id.region.clone(), id.model.clone(), id.caller.clone());
        let cohort = if self.callers.contains(&place) { Cohort::UNLOGGED } else { Cohort::ALL };
        let owner = Owner::Workload(WorkloadId { cohort: Cohort::from(cohort), ..id.clone() });
        sums.add(Charge { owner, ..charge.clone() }, tokens, dollars);
    }
}

/// Under which names a charge is found on the bill.
fn kind(charge: &Charge) -> (BillingSource, &Arc<str>, Layer) {
    (charge.key.source, &charge.usage_type, charge.layer)
}
