//! What was billed, before any log is looked at: every line of the bill as a charge with an owner, or apart as
//! credit, refund or tax.
//!
//! Knows nothing of requests. It drops no dollar.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::{
    AccountId, Bill, BillLine, BilledAs, BillingSource, Caller, CallerKey, ChargeKind, Class, Cohort, Layer, Money,
    Owner, PoolId, PriceKey, Quantity, ResourceId, Span, Unit, WorkloadId,
};
use lode_prices::{Catalogue, ModelKind, is_implausible};
use lode_sim::{Adjustment, Anomaly, Charge, Misfit, Window};

use crate::models::Models;
use crate::{Options, discounts};

/// Days at the end of an export that are taken as not yet complete: exports lag 8 to 24 hours behind, so the day
/// of the report and the one before it (AWS, Data Exports documentation, copy of 2026-10).
const LAG_DAYS: i64 = 2;

/// The charges of a bill, and what stands apart from them.
pub(crate) struct Charges {
    /// Days.
    pub(crate) window: Window,
    /// Charges of the run rate, sorted.
    pub(crate) charges: Vec<Charge>,
    /// Credits, refunds and tax.
    pub(crate) aside: Vec<Adjustment>,
    /// Discounts that belong to no usage.
    pub(crate) unspread: Money,
    /// Discounts left out because the net columns hold them.
    pub(crate) in_net: Money,
    /// Of the charges, what commitments pay for.
    pub(crate) committed: Money,
    /// Usage types at rates that cannot be right.
    pub(crate) implausible: Vec<Anomaly>,
}

/// The charges of a bill. Lines in any order give the same charges.
pub(crate) fn charges(bill: &Bill, models: &Models<'_>, catalogue: &Catalogue, options: &Options) -> Charges {
    let window = window(bill, options.as_of);
    let mut lines: Vec<&BillLine> = bill.lines.iter().collect();
    lines.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
    let discounts::Costs { of_lines, unspread, in_net } = discounts::costs(&lines, options.basis);
    let mut sums: BTreeMap<Charge, (Option<i128>, Money)> = BTreeMap::new();
    let mut aside: BTreeMap<(ChargeKind, AccountId), Money> = BTreeMap::new();
    let mut committed = Money::ZERO;
    let mut implausible: BTreeMap<(Arc<str>, Misfit, Unit), (Money, Money)> = BTreeMap::new();
    for (line, cost) in lines.iter().zip(of_lines) {
        match line.kind {
            ChargeKind::Usage | ChargeKind::Fee => {
                let mut charge = charge(line, &window, models, options);
                let quantity = usable(line, &charge, cost, catalogue).unwrap_or_else(|unusable| {
                    if let Unusable::FarFromList(misfit, unit, list) = unusable {
                        let sum = implausible.entry((Arc::clone(&line.usage_type), misfit, unit)).or_default();
                        *sum = (sum.0 + cost, sum.1 + list);
                    }
                    charge.quantity = None;
                    None
                });
                let sum = sums.entry(charge).or_default();
                sum.0 = quantity.map(|quantity| quantity.steps + sum.0.unwrap_or_default());
                sum.1 += cost;
                if line.committed {
                    committed += cost;
                }
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
    for ((account, source), amount) in &unspread {
        charges.push(unspread_discount(account.clone(), *source, *amount, &window));
    }
    charges.sort();
    Charges {
        window,
        charges,
        aside: aside.into_iter().map(|((kind, account), amount)| Adjustment { kind, account, amount }).collect(),
        unspread: unspread.into_iter().map(|(_, amount)| amount).sum(),
        in_net,
        committed,
        implausible: implausible
            .into_iter()
            .map(|((usage_type, misfit, unit), (billed, list))| Anomaly {
                usage_type,
                misfit,
                unit,
                billed,
                list,
                used: false,
            })
            .collect(),
    }
}

/// Why a quantity that can be read is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unusable {
    /// Nothing was billed for it, as in a free tier: it says nothing of prices, and nothing can be saved on it.
    Free,
    /// Its rate is so far from list that a factor of a thousand is likelier than the price; what it is at list.
    FarFromList(Misfit, Unit, Money),
}

/// The quantity of a line, unless its rate says that it cannot be one. Negative dollars are left as fixed amounts too.
fn usable(line: &BillLine, charge: &Charge, cost: Money, catalogue: &Catalogue) -> Result<Option<Quantity>, Unusable> {
    let Some(quantity) = line.quantity.filter(|quantity| quantity.steps > 0) else { return Ok(line.quantity) };
    if cost <= Money::ZERO {
        return Err(Unusable::Free);
    }
    // Below a cent, rounding on the bill can look like anything.
    let cent = Money::from_micro(10_000);
    match catalogue.list_price(&charge.key).map(|list| list.rate.cost(quantity.steps, 1)) {
        Ok(list) if is_implausible(cost, list) && (cost > cent || list > cent) => {
            let misfit = Misfit::of(cost, list).unwrap_or(Misfit::Cheap);
            Err(Unusable::FarFromList(misfit, quantity.unit, list))
        }
        _ => Ok(Some(quantity)),
    }
}

/// Everything that tells lines apart, so that their order in the bill does not matter. It begins as the reader's order
/// does: a bill that was read is in order already.
fn sort_key(line: &BillLine) -> impl Ord + '_ {
    let who = (line.span, &line.account, &line.region, line.source, &line.usage_type);
    let what = (&line.billed_as, line.kind, &line.resource, &line.principal, &line.labels);
    (who, what, line.quantity, line.unblended, line.net, line.list)
}

/// From the start of the export to its last usage day; a month still running ends on the date of the report. Usage of an
/// earlier month that was billed late counts in the month it was billed.
fn window(bill: &Bill, as_of: Date) -> Window {
    let from = bill.covered.map_or(Date::MIN, |covered| covered.first);
    let spans = bill.lines.iter().map(|line| line.span).chain(bill.covered).map(|span| clipped(span, from, as_of));
    let (mut first, mut last) = (None::<Date>, None::<Date>);
    for span in spans {
        first = Some(first.map_or(span.first, |day| day.min(span.first)));
        last = Some(last.map_or(span.last, |day| day.max(span.last)));
    }
    let first = first.unwrap_or(as_of);
    let last = last.unwrap_or(as_of);
    let complete_to = last.min(as_of.saturating_sub(LAG_DAYS.days()));
    Window { first, last, complete_to: (complete_to >= first).then_some(complete_to) }
}

/// A charge for a whole month that is still running covers the days until the report. Days are left as they are, but for
/// those before the first.
fn clipped(span: Span, from: Date, as_of: Date) -> Span {
    let first = span.first.max(from);
    let last = if span.first < span.last { span.last.min(as_of) } else { span.last };
    Span { first, last: last.max(first) }
}

/// A charge without amounts: what lines with the same one are added up under.
fn charge(line: &BillLine, window: &Window, models: &Models<'_>, options: &Options) -> Charge {
    let (model, info) = (models.id(line), models.info(line));
    let embeds = info.is_some_and(|info| info.kind == ModelKind::Embedding);
    let layer =
        if line.billed_as.layer == Layer::Inference && embeds { Layer::Embedding } else { line.billed_as.layer };
    let caller = caller(line, &options.caller_keys);
    let (account, region) = (line.account.clone(), line.region.clone());
    let owner = match (&line.billed_as.class, layer) {
        (Class::ModelUnitHour(_) | Class::ReservedInputTpmHour(_) | Class::ReservedOutputTpmHour(_), _) => {
            Owner::Pool(PoolId { account, region, model: model.clone() })
        }
        (Class::SearchOcuHour | Class::IndexingOcuHour | Class::StoreGbMonth, _) => {
            let id = line.resource.as_deref().unwrap_or("OpenSearch Serverless");
            Owner::Resource(account, region, ResourceId::from(id))
        }
        (_, Layer::Guardrails) => {
            let id = line.resource.as_deref().unwrap_or("guardrails");
            Owner::Resource(account, region, ResourceId::from(id))
        }
        (_, Layer::CustomModels) => {
            let id = line.resource.as_deref().unwrap_or("custom models");
            Owner::Resource(account, region, ResourceId::from(id))
        }
        (_, Layer::Inference | Layer::Embedding) => {
            Owner::Workload(WorkloadId { account, region, model: model.clone(), caller, cohort: Cohort::all() })
        }
        _ => Owner::Account(account),
    };
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
        span: clipped(line.span, window.first, options.as_of),
        layer,
        kind: if is_training(&line.billed_as) { ChargeKind::Fee } else { line.kind },
        usage_type: Arc::clone(&line.usage_type),
        quantity: line.quantity.map(|quantity| Quantity { steps: 0, ..quantity }),
        billed: Money::ZERO,
    }
}

/// Whether a line is for the training of a customised model: it is paid once, and no month repeats it.
fn is_training(billed_as: &BilledAs) -> bool {
    let Class::Other(dimension) = &billed_as.class else { return false };
    let name = dimension.to_ascii_lowercase();
    billed_as.layer == Layer::CustomModels
        && ["training", "customizationtokencount"].iter().any(|word| name.contains(word))
}

/// The caller of a line by the first key that names one. No bill has request metadata.
fn caller(line: &BillLine, keys: &[CallerKey]) -> Caller {
    keys.iter()
        .find_map(|key| match key {
            CallerKey::RequestMetadata(_) => None,
            CallerKey::Tag(_) | CallerKey::CostCategory(_) => {
                let (_, value) = line.labels.iter().find(|(label, _)| label == key)?;
                Some(Caller::from_label(key, value))
            }
            CallerKey::ApplicationInferenceProfile => Caller::from_profile_arn(line.resource.as_deref()?),
            CallerKey::IamPrincipal => Caller::from_principal_arn(line.principal.as_deref()?),
        })
        .unwrap_or_else(|| Caller::from(Caller::UNATTRIBUTED))
}

/// A discount that belongs to no usage of its account: a fixed amount that no edit touches.
fn unspread_discount(account: AccountId, source: BillingSource, amount: Money, window: &Window) -> Charge {
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
            source,
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
