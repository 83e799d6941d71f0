//! Months of four days, written as scenario files.

use jiff::civil::{Date, date};
use lode_model::{Cohort, Money, Owner};
use lode_sim::{Charge, Estate, OwnerCalls};
use lode_testkit::EstateFile;

pub(crate) const AS_OF: Date = date(2026, 11, 5);

/// A file of charges and requests; `more` are further sections, with their comma.
pub(crate) fn file(charges: &str, requests: &str, more: &str) -> EstateFile {
    let text = format!(
        r#"{{"first": "2026-10-01", "last": "2026-10-04", "charges": [{charges}], "requests": [{requests}]{more}}}"#
    );
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn estate(charges: &str, requests: &str) -> Estate {
    file(charges, requests, "").build(AS_OF)
}

pub(crate) fn dollars(text: &str) -> Money {
    Money::parse(text).expect("money")
}

/// `caller cohort` of a workload; other owners as they are.
pub(crate) fn name(owner: &Owner) -> String {
    match owner {
        Owner::Workload(id) => format!("{} {}", id.caller, id.cohort),
        other => format!("{other:?}"),
    }
}

/// Tokens and dollars by owner and class, in order.
pub(crate) fn sums(estate: &Estate) -> Vec<String> {
    let mut sums = std::collections::BTreeMap::<(String, String), (i128, Money)>::new();
    for charge in &estate.charges {
        let sum = sums.entry((name(&charge.owner), charge.key.class.to_string())).or_default();
        sum.0 += charge.quantity.map_or(0, |quantity| quantity.steps);
        sum.1 += charge.billed;
    }
    sums.into_iter()
        .map(|((owner, class), (tokens, usd))| format!("{owner} {class} {tokens} {}", usd.to_decimal(6)))
        .collect()
}

/// Owners with known calls, in order.
pub(crate) fn owners(estate: &Estate) -> Vec<&OwnerCalls> {
    estate.demand.clusters().iter().flat_map(|cluster| &cluster.owners).collect()
}

/// `caller cohort: calls` of each.
pub(crate) fn demand(estate: &Estate) -> Vec<String> {
    owners(estate).iter().map(|owner| format!("{}: {}", name(&owner.owner), owner.calls.len())).collect()
}

pub(crate) fn of_cohort<'a>(estate: &'a Estate, cohort: &Cohort) -> Vec<&'a Charge> {
    let is = |charge: &&Charge| matches!(&charge.owner, Owner::Workload(id) if id.cohort == *cohort);
    estate.charges.iter().filter(is).collect()
}
