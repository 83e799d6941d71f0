//! What no caller is named for, and the one step that would name one, chosen by what the bill lacks.
//!
//! How AWS fills principals: Bedrock user guide on cost attribution and AWS Machine Learning blog of 2026-04-17, copies
//! read 2026-10. Data from 2026-04-08 on; closed months are not back-filled; rows split by principal.

use lode_model::CallerKey;

use crate::Report;
use crate::text::{percent, short, usd};

/// A role with at least this share of the inference is worth a word: several features may share it.
const SHARED: f64 = 0.5;

/// How much no caller is named for; `None` where all of it has one.
pub(crate) fn unattributed(report: &Report<'_>) -> Option<String> {
    let found = &report.view.attribution;
    (!found.unattributed.is_zero()).then(|| {
        format!(
            "Unattributable: {} of {} of inference ({}) name no caller, {} a month.",
            usd(found.unattributed),
            usd(found.inference),
            percent(found.unattributed.share_of(found.inference)),
            usd(report.view.unattributed.monthly)
        )
    })
}

/// The steps that would shrink it.
pub(crate) fn steps(report: &Report<'_>) -> Vec<String> {
    let (estate, found) = (report.estate, &report.view.attribution);
    let mut steps = Vec::new();
    if !found.unattributed.is_zero() {
        let asked = estate.caller_keys.contains(&CallerKey::IamPrincipal);
        steps.push(match (estate.has_principals, asked) {
            (true, false) => "The bill names IAM principals, but caller_keys in lode.toml leaves them out: add \
                              iam-principal at its end."
                .to_owned(),
            (true, true) => "The bill names IAM principals, but not on these rows: give each feature an application \
                             inference profile, or tag its sessions and activate the tag as a cost allocation tag."
                .to_owned(),
            (false, _) => "The bill names no IAM principal: set INCLUDE_IAM_PRINCIPAL_DATA to TRUE in the table \
                           configuration of the CUR 2.0 export (console: include caller identity (IAM principal) \
                           allocation data); a legacy CUR has no such column. It fills usage from 2026-04-08 on, \
                           closed months are not back-filled, and rows split by principal: their number rises, \
                           their dollars stay the same."
                .to_owned(),
        });
    }
    if !found.marketplace.is_zero() {
        steps.push(format!(
            "{} of it is sold through AWS Marketplace, where it is not verified that AWS fills principals and tags; \
             invocation logs name the caller of every call.",
            usd(found.marketplace)
        ));
    }
    if let Some((role, billed)) = &found.largest_role {
        let share = billed.share_of(found.inference);
        if share >= SHARED {
            steps.push(format!(
                "{} makes {} of the inference. If several features share it, application inference profiles or session \
                 tags tell them apart.",
                short(role.as_str(), 120),
                percent(share)
            ));
        }
    }
    steps
}
