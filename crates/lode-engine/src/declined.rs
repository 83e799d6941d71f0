//! What was looked at and not recommended, and what of it people should read of all the same.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::{Money, Owner, Ratio};

use crate::offers::Offered;
use crate::outcome::Declined;
use crate::settle::{Dropped, Settled};
use crate::walk::{Walker, recommendation_id};
use crate::{Reason, Verdict};

/// Everything that is in no recommendation, by rule and subject; `made` has the subjects of each that is made.
pub(crate) fn declined(
    walker: &Walker<'_>,
    settled: &[Settled],
    made: &BTreeMap<String, BTreeSet<&Owner>>,
) -> Vec<Declined> {
    let matters = walker.told_rules();
    let is_made = |rule_id: &str, subject: &Owner| {
        made.get(&recommendation_id(rule_id, subject)).is_some_and(|parts| parts.contains(subject))
    };
    let mut all = Vec::new();
    for owner in settled {
        for evaluation in &owner.walked.evaluations {
            let (rule_id, subject) = (evaluation.rule_id.clone(), evaluation.subject.clone());
            // What the ready plan recommends is not declined because the full one has no need of it.
            if let Verdict::Declined(reason) = &evaluation.verdict
                && !matches!(reason, Reason::Forbidden { .. })
                && !is_made(&rule_id, &subject)
            {
                let told = matches!(reason, Reason::NoPrice(_)) && matters.contains(&rule_id);
                all.push(Declined { rule_id, subject, reason: reason.clone(), told });
            }
        }
        // What is forbidden is said even where another way is taken.
        for (id, reason) in &owner.walked.forbidden {
            let (rule_id, subject) = (walker.rule_id(id), id.subject.clone());
            all.push(Declined { rule_id, subject, reason: reason.clone(), told: false });
        }
        for dropped in &owner.dropped {
            let (rule_id, subject) = (walker.rule_id(&dropped.id), dropped.id.subject.clone());
            // Another option of the same recommendation is listed there as an alternative.
            if !is_made(&rule_id, &subject) {
                let told =
                    matters.contains(&rule_id) && is_best_of_its_rule(owner, dropped) && !is_replaced(owner, dropped);
                all.push(Declined { rule_id, subject, reason: dropped.reason.clone(), told });
            }
        }
        for offered in &owner.offered {
            let (rule_id, subject) = (walker.rule_id(&offered.id), offered.id.subject.clone());
            all.push(Declined { rule_id, subject, reason: why_not_chosen(walker, offered), told: false });
        }
    }
    all
}

/// Of several options of one rule on one subject, the one that costs least speaks for all.
fn is_best_of_its_rule(owner: &Settled, dropped: &Dropped) -> bool {
    let of = |d: &Dropped| (d.id.recommender, d.id.rule, d.id.subject.clone());
    let own = of(dropped);
    let of_rule = owner.dropped.iter().filter(|other| of(other) == own);
    of_rule.min_by_key(|other| (other.costs_more(), &other.id)).is_some_and(|best| best.id == dropped.id)
}

/// Whether all of the calls change in another way in its place: then nothing of it is left to tell.
fn is_replaced(owner: &Settled, dropped: &Dropped) -> bool {
    let Some((winner, _)) = &dropped.lost_to else { return false };
    let won = owner.walked.taken.iter().find(|taken| taken.id == *winner);
    won.is_some_and(|taken| taken.action.selector.share == Ratio::ONE)
}

/// Why something that is only offered is in no plan.
fn why_not_chosen(walker: &Walker<'_>, offered: &Offered) -> Reason {
    let (title, saves) = (offered.action.title.clone(), Money::ZERO - offered.costs_more);
    match &offered.instead_of {
        None if saves <= Money::ZERO => Reason::NoSaving { title, saves, notes: offered.action.notes.clone() },
        other => {
            let instead_of = other.as_ref().map(|id| recommendation_id(&walker.rule_id(id), &id.subject));
            Reason::OnlyAlternative { title, instead_of, saves }
        }
    }
}
