//! From a bill and logs to an estate: whose each charge is, what it costs on the basis chosen, which model it is for,
//! the effective rates it implies, and which calls it pays for.
//!
//! Pure: it reads no file and no clock. It drops no dollar: every line of the bill becomes a charge, or stands
//! apart as credit, refund or tax; logs divide charges among workloads, they never add or remove any.

mod bill;
mod cohorts;
mod discounts;
mod join;
mod matching;
mod models;
mod resolve;
mod tasks;
mod tie_out;

pub use tasks::task_rules;

use std::collections::BTreeMap;

use jiff::civil::Date;
use lode_model::{Bill, CallerKey, ChargeKind, Inventory, Metrics, ModelId, Owner, Trace, TraceError};
use lode_prices::{Catalogue, PriceBook};
use lode_sim::{Basis, Estate};

use crate::join::Joined;
use crate::models::Models;

/// How to read bill and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Date of the report.
    pub as_of: Date,
    /// Basis of all money.
    pub basis: Basis,
    /// What names a caller, first match first. Request metadata names nobody on a bill.
    pub caller_keys: Vec<CallerKey>,
    /// Tokens that one model unit answers a minute, where the user says.
    pub capacity: BTreeMap<ModelId, u64>,
}

impl Options {
    /// Defaults: what the customer really pays; profiles before principals; no capacity known.
    #[must_use]
    pub fn new(as_of: Date) -> Self {
        Self { as_of, basis: Basis::Net, caller_keys: CallerKey::defaults(), capacity: BTreeMap::new() }
    }
}

/// What stands beside bill and logs.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// What is set up.
    pub inventory: &'a Inventory,
    /// What CloudWatch counted.
    pub metrics: &'a Metrics,
}

/// Builds the estate of a bill, and of what was requested where logs are given. Lines and requests in any order give
/// the same estate. Callers of requests are named by the trace already.
///
/// # Errors
/// When the trace cannot be read to its end.
pub fn build(
    bill: &Bill,
    trace: Option<&dyn Trace>,
    listed: Listed<'_>,
    catalogue: &'static Catalogue,
    options: &Options,
) -> Result<Estate, TraceError> {
    let Listed { inventory, metrics } = listed;
    let models = Models::of(bill, inventory, catalogue);
    let billed = bill::charges(bill, &models, catalogue, options);
    let usage = billed.charges.iter().filter(|charge| charge.kind == ChargeKind::Usage);
    let prices = PriceBook::new(
        catalogue,
        usage
            .filter_map(|charge| Some((&charge.key, charge.quantity?.steps, charge.billed)))
            .filter(|(_, steps, _)| *steps > 0),
    );
    let has_callers = billed.charges.iter().any(|c| matches!(&c.owner, Owner::Workload(w) if w.caller.is_attributed()));
    let mut joined = match trace {
        None => Joined::without_logs(billed.charges),
        Some(trace) => {
            let names = resolve::Names::of(bill, &models, &billed.charges, inventory, catalogue);
            let mut calls = resolve::read(trace, &names, &billed.window)?;
            let imported = std::mem::take(&mut calls.imported);
            let mut joined = join::join(billed.charges, calls, catalogue, billed.window.complete_to);
            joined.demand.imported = imported;
            joined
        }
    };
    joined.demand.capacity.clone_from(&options.capacity);
    Ok(Estate {
        has_callers,
        has_principals: bill.has_principals || bill.lines.iter().any(|line| line.principal.is_some()),
        caller_keys: options.caller_keys.clone(),
        account_names: bill.account_names.clone(),
        window: billed.window,
        basis: options.basis,
        charges: joined.charges,
        aside: billed.aside,
        prices,
        demand: joined.demand,
        tie_out: joined.tie_out,
        inventory: inventory.clone(),
        metrics: metrics.clone(),
        unspread_discounts: billed.unspread,
        after_discounts: bill.after_discounts,
        committed: billed.committed,
        has_discounts: bill.lines.iter().any(|line| line.kind == ChargeKind::Discount || line.net.is_some()),
        discounts_in_net: billed.in_net,
        missing_periods: bill.missing_periods.clone(),
        implausible: billed.implausible,
    })
}
