//! Kinds of sensitive information, and which of them have a fixed form.

use std::collections::BTreeSet;

use lode_engine::{Context, Subject};
use lode_model::Owner;

use crate::guardrail_id;

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
    let Owner::Resource(account, region, resource) = subject else { return None };
    let id = guardrail_id(resource);
    let place = format!(":{region}:{account}:");
    let mut kinds = BTreeSet::new();
    let mut any = false;
    for guardrail in &cx.inventory().setup.guardrails {
        let is_it = match id {
            Some(id) => *guardrail.id == *id,
            None => guardrail.arn.as_deref().is_none_or(|arn| arn.contains(&place)),
        };
        if is_it {
            any = true;
            kinds.extend(guardrail.entities.as_ref()?.iter().map(|kind| &**kind));
        }
    }
    any.then_some(kinds)
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
