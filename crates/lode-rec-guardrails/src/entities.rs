//! How guardrails are set up: kinds of sensitive information, and which have a fixed form; policies that act on what they find.

use std::collections::BTreeSet;

use lode_engine::{Context, Subject};
use lode_model::{Guardrail, GuardrailPolicy, Owner};

/// Kinds whose form a regular expression tells, in AWS' words (AWS API model, `GuardrailPiiEntityType`, copy of 2026-10). Which
/// of them are of a fixed form is Lode's judgement of 2026-11-29, not AWS': names, addresses, ages, user names and passwords
/// have none, and numbers that are digits alone (account, routing, PIN, CVV, passport) meet too much else.
const BY_REGEX: [&str; 12] = [
    "AWS_ACCESS_KEY",
    "CREDIT_DEBIT_CARD_NUMBER",
    "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "IP_ADDRESS",
    "MAC_ADDRESS",
    "PHONE",
    "UK_NATIONAL_INSURANCE_NUMBER",
    "URL",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    "US_SOCIAL_SECURITY_NUMBER",
    "VEHICLE_IDENTIFICATION_NUMBER",
];

/// Whether a regular expression tells a kind.
pub(crate) fn told_by_regex(kind: &str) -> bool {
    BY_REGEX.contains(&kind)
}

/// The kinds that the guardrails of a subject look for, in all their versions: which of them is called is not known. `None`
/// where the configuration of one of them was not read, or of none.
pub(crate) fn looked_for<'a>(cx: &Context<'a>, subject: &Subject) -> Option<BTreeSet<&'a str>> {
    let mut kinds = BTreeSet::new();
    for guardrail in guardrails(cx, subject)? {
        kinds.extend(guardrail.entities.as_ref()?.iter().map(|kind| &**kind));
    }
    Some(kinds)
}

/// Policies that act on all they find, in every version of the guardrails of a subject that has them: of others, that nothing
/// was blocked or masked does not say that nothing was found. `None` as for the kinds.
pub(crate) fn acting(cx: &Context<'_>, subject: &Subject) -> Option<BTreeSet<GuardrailPolicy>> {
    let (mut acting, mut reporting) = (BTreeSet::new(), BTreeSet::new());
    for guardrail in guardrails(cx, subject)? {
        let acts = guardrail.acting.as_ref()?;
        reporting.extend(guardrail.policies.as_ref()?.difference(acts).copied());
        acting.extend(acts);
    }
    acting.retain(|policy| !reporting.contains(policy));
    Some(acting)
}

/// The guardrails of a subject that the inventory tells of, in all their versions; `None` where it tells of none.
fn guardrails<'a>(cx: &Context<'a>, subject: &Subject) -> Option<Vec<&'a Guardrail>> {
    let Owner::Resource(account, region, resource) = subject else { return None };
    let id = lode_sim::guardrail_id(resource);
    let place = format!(":{region}:{account}:");
    let is_it = |guardrail: &&Guardrail| match id {
        Some(id) => *guardrail.id == *id,
        None => guardrail.arn.as_deref().is_none_or(|arn| arn.contains(&place)),
    };
    let all: Vec<_> = cx.inventory().setup.guardrails.iter().filter(is_it).collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_a_fixed_form_are_told_and_names_are_not() {
        assert!(BY_REGEX.is_sorted(), "to be found by a reader");
        assert!(told_by_regex("EMAIL") && told_by_regex("PHONE"));
        for kind in ["NAME", "ADDRESS", "AGE", "PASSWORD", "US_BANK_ACCOUNT_NUMBER", "email", "something new"] {
            assert!(!told_by_regex(kind), "{kind}");
        }
    }
}
