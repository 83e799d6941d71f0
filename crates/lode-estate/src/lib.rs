//! From a bill to an estate: whose each charge is, what it costs on the basis chosen, which model it is for, and
//! the effective rates it implies.
//!
//! Pure: it reads no file and no clock. It drops no dollar: every line of the bill becomes a charge, or stands
//! apart as credit, refund or tax.

mod callers;
mod discounts;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::{
    Bill, BillLine, BillingSource, ChargeKind, Class, Layer, ModelId, Money, Owner, PoolId, PriceKey, Quantity,
    ResourceId, Span, WorkloadId,
};
use lode_prices::{Catalogue, ModelKind, PriceBook};
use lode_sim::{Basis, Charge, Estate, OneOff, Window};

pub use callers::CallerKey;

/// How to read the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Date of the report.
    pub as_of: Date,
    /// Basis of all money.
    pub basis: Basis,
    /// What names a caller, first match first.
    pub caller_keys: Vec<CallerKey>,
}

impl Options {
    /// Defaults: what the customer really pays; profiles before principals.
    #[must_use]
    pub fn new(as_of: Date) -> Self {
        Self { as_of, basis: Basis::Net, caller_keys: CallerKey::ALL.to_vec() }
    }
}

/// Days at the end of an export that are taken as not yet complete: exports lag 8 to 24 hours behind, so the day
/// of the report and the one before it (AWS, Data Exports documentation, copy of 2026-10).
const LAG_DAYS: i64 = 2;

/// Builds the estate of a bill. Lines in any order give the same estate.
#[must_use]
pub fn build(bill: &Bill, catalogue: &'static Catalogue, options: &Options) -> Estate {
    let window = window(bill, options.as_of);
    let mut lines: Vec<&BillLine> = bill.lines.iter().collect();
    lines.sort_by_key(|line| sort_key(line));
    let (costs, unspread) = discounts::costs(&lines, bill.has_net, options.basis);
    let mut sums: BTreeMap<Charge, (Option<i128>, Money)> = BTreeMap::new();
    let mut aside: BTreeMap<(ChargeKind, lode_model::AccountId), Money> = BTreeMap::new();
    for (line, cost) in lines.iter().zip(costs) {
        match line.kind {
            ChargeKind::Usage | ChargeKind::Fee => {
                let sum = sums.entry(charge(line, catalogue, options)).or_default();
                sum.0 = line.quantity.map(|quantity| quantity.steps + sum.0.unwrap_or_default());
                sum.1 += cost;
            }
            // Spread over usage by `costs`.
            ChargeKind::Discount => {}
            ChargeKind::Credit | ChargeKind::Refund | ChargeKind::Tax => {
                *aside.entry((line.kind, line.account.clone())).or_default() += line.unblended;
            }
        }
    }
    let mut charges: Vec<Charge> = sums
        .into_iter()
        .map(|(charge, (steps, billed))| Charge {
            quantity: charge.quantity.zip(steps).map(|(quantity, steps)| Quantity { steps, ..quantity }),
            billed,
            ..charge
        })
        .collect();
    for (account, amount) in &unspread {
        charges.push(unspread_discount(account.clone(), *amount, &window));
    }
    charges.sort();
    let prices = PriceBook::new(
        catalogue,
        charges
            .iter()
            .filter(|charge| charge.kind == ChargeKind::Usage)
            .filter_map(|charge| Some((&charge.key, charge.quantity?.steps, charge.billed)))
            .filter(|(_, steps, _)| *steps > 0),
    );
    Estate {
        has_callers: charges.iter().any(|c| matches!(&c.owner, Owner::Workload(w) if w.caller.is_attributed())),
        window,
        basis: options.basis,
        charges,
        aside: aside.into_iter().map(|((kind, account), amount)| OneOff { kind, account, amount }).collect(),
        prices,
        has_requests: false,
        unspread_discounts: unspread.into_iter().map(|(_, amount)| amount).sum(),
    }
}

/// Everything that tells lines apart, so that their order in the bill does not matter.
fn sort_key(line: &BillLine) -> impl Ord {
    let who = (line.account.clone(), line.region.clone(), line.source, Arc::clone(&line.usage_type));
    let what = (line.span, line.kind, line.billed_as.clone(), line.resource.clone(), line.principal.clone());
    (who, what, line.quantity, line.unblended, line.net, line.list)
}

/// From the start of the export to its last usage day; a month still running ends on the date of the report.
fn window(bill: &Bill, as_of: Date) -> Window {
    let spans = bill.lines.iter().map(|line| line.span).chain(bill.covered);
    let (mut first, mut last) = (None::<Date>, None::<Date>);
    for span in spans {
        first = Some(first.map_or(span.first, |day| day.min(span.first)));
        last = Some(last.map_or(span.last, |day| day.max(span.last)));
    }
    let first = first.unwrap_or(as_of);
    let last = last.unwrap_or(as_of);
    let last = if as_of >= first { last.min(as_of) } else { last };
    let complete_to = last.min(as_of.saturating_sub(LAG_DAYS.days()));
    Window { first, last, complete_to: (complete_to >= first).then_some(complete_to) }
}

/// A charge without amounts: what lines with the same one are added up under.
fn charge(line: &BillLine, catalogue: &Catalogue, options: &Options) -> Charge {
    let named = line.billed_as.model.as_deref();
    let info = named.and_then(|name| catalogue.resolve(name));
    let model = match (info, named) {
        (Some(info), _) => info.id.clone(),
        (None, Some(name)) => ModelId::from(name),
        (None, None) => ModelId::from("unknown"),
    };
    let embeds = info.is_some_and(|info| info.kind == ModelKind::Embedding);
    let layer =
        if line.billed_as.layer == Layer::Inference && embeds { Layer::Embedding } else { line.billed_as.layer };
    let caller = callers::caller(line, &options.caller_keys);
    let (account, region) = (line.account.clone(), line.region.clone());
    let owner = match (&line.billed_as.class, layer) {
        (Class::ModelUnitHour(_) | Class::ReservedInputTpmHour(_) | Class::ReservedOutputTpmHour(_), _) => {
            Owner::Pool(PoolId { account, region, model: model.clone() })
        }
        (Class::SearchOcuHour | Class::IndexingOcuHour | Class::StoreGbMonth, _) => {
            let id = line.resource.as_deref().unwrap_or("OpenSearch Serverless");
            Owner::Resource(account, region, ResourceId::from(id))
        }
        (_, Layer::Inference | Layer::Embedding) => {
            Owner::Workload(WorkloadId { account, region, model: model.clone(), caller })
        }
        _ => Owner::Account(account),
    };
    let clipped = line.span.last.min(options.as_of).max(line.span.first);
    Charge {
        owner,
        key: PriceKey {
            account: line.account.clone(),
            region: line.region.clone(),
            model,
            routing: line.billed_as.routing,
            mode: line.billed_as.mode,
            band: line.billed_as.band,
            class: line.billed_as.class.clone(),
            source: line.source,
            custom: line.billed_as.custom,
        },
        span: Span { first: line.span.first, last: clipped },
        layer,
        kind: line.kind,
        usage_type: Arc::clone(&line.usage_type),
        quantity: line.quantity.map(|quantity| Quantity { steps: 0, ..quantity }),
        billed: Money::ZERO,
    }
}

/// A discount that belongs to no usage of its account: a fixed amount that no edit touches.
fn unspread_discount(account: lode_model::AccountId, amount: Money, window: &Window) -> Charge {
    Charge {
        owner: Owner::Account(account.clone()),
        key: PriceKey {
            account,
            region: "unknown".into(),
            model: "unknown".into(),
            routing: lode_model::Routing::Regional,
            mode: lode_model::Mode::Standard,
            band: lode_model::ContextBand::Standard,
            class: Class::Other("discount".into()),
            source: BillingSource::AmazonBedrock,
            custom: false,
        },
        span: Span { first: window.first, last: window.last },
        layer: Layer::Other,
        kind: ChargeKind::Usage,
        usage_type: "discount".into(),
        quantity: None,
        billed: amount,
    }
}
