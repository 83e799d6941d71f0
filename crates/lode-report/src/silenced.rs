//! What `lode.toml` keeps out of the plans: what, by whom, why, until when, and what it would save.

use std::collections::BTreeSet;

use lode_engine::{Reason, SilenceState, Silenced};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Report;
use crate::text::{Cents, clean, count, kind, usd, whole};
use crate::v1::Usd;

/// Above the lines.
pub(crate) const HEADING: &str = "Silenced in lode.toml";

/// A sentence for each suppression, in the order of the settings.
pub(crate) fn lines(report: &Report<'_>) -> Vec<String> {
    let said = |silenced| match instead(report, silenced) {
        Some(instead) => format!("{} {instead}.", line(silenced)),
        None => line(silenced),
    };
    report.outcome.silenced.iter().map(said).collect()
}

/// Recommendations that are named beside a suppression.
const MOST_NAMED: usize = 3;

/// What works on the same subjects as what is kept out, where something does.
fn instead(report: &Report<'_>, silenced: &Silenced) -> Option<String> {
    // An id is a rule and a place.
    let place = |id: &str| id.split_once('/').map(|(_, place)| place.to_owned());
    let kept_out = report.outcome.declined.iter().filter(|declined| {
        silenced.state == SilenceState::InForce
            && matches!(&declined.reason, Reason::Suppressed(by) if *by == silenced.silence)
    });
    let places: BTreeSet<String> = kept_out.filter_map(|declined| place(&declined.recommendation())).collect();
    let there = report.outcome.recommendations.iter().filter(|r| place(&r.id).is_some_and(|at| places.contains(&at)));
    let there: Vec<_> = there.collect();
    let cents = Cents::of(report);
    match there[..] {
        [] => None,
        [one] => {
            let plan = if cents.full(one).is_some() { "full" } else { "ready" };
            let saves = cents.full(one).unwrap_or_else(|| cents.shown(one));
            let kind = kind(&one.subject);
            Some(format!("Number {} works on the same {kind}, {} a month in the {plan} plan", one.rank, usd(saves)))
        }
        _ => {
            let named: Vec<String> = there.iter().take(MOST_NAMED).map(|r| r.rank.to_string()).collect();
            let more = there.len().saturating_sub(MOST_NAMED);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            Some(format!("Numbers {}{rest} work on the same charges", named.join(", ")))
        }
    }
}

fn line(silenced: &Silenced) -> String {
    let Silenced { silence, state, matches, unanswered, monthly, at_least } = silenced;
    let until = match (state, silence.expires) {
        (SilenceState::Expired, _) => String::new(),
        (_, Some(day)) => format!(" until {day}"),
        (_, None) => " without end".to_owned(),
    };
    let kept_out = |matches: usize| count(matches as u64, "recommendation", "recommendations");
    let effect = match (state, silence.expires, monthly) {
        (SilenceState::InForce, _, Some(saves)) => {
            let least = if *at_least { "at least " } else { "" };
            let other = match unanswered {
                0 => String::new(),
                n => format!(", and {} whose saving is not known", whole(*n as i128)),
            };
            format!(
                "Keeps out {}, which would save {least}{} a month{} alone and in no plan{other}",
                kept_out(*matches),
                usd(*saves),
                if *matches == 1 { "" } else { ", each" }
            )
        }
        (SilenceState::InForce, _, None) if *unanswered == 0 => {
            "Keeps out nothing yet: what it names waits for missing data".to_owned()
        }
        (SilenceState::InForce, _, None) => {
            format!("Keeps out {}; what would be saved is not known", kept_out(*unanswered))
        }
        (SilenceState::Expired, Some(day), _) if *matches > 0 => {
            format!("Expired on {day}, applied no more: {} back in the list", kept_out(*matches))
        }
        (SilenceState::Expired, Some(day), _) => format!("Expired on {day}, applied no more"),
        (SilenceState::Expired, None, _) => "Applied no more".to_owned(),
        (SilenceState::MatchesNothing, ..) => "Matches nothing on this input".to_owned(),
    };
    format!(
        "{}, by {}{until}: {}. {effect}.",
        clean(&silence.id),
        clean(&silence.owner),
        clean(silence.reason.trim().trim_end_matches('.'))
    )
}

/// A suppression of the settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SuppressionV1 {
    /// The rule, or the id of the recommendation.
    pub id: String,
    /// Why it is not wanted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// `in_force`, `expired`, or `matches_nothing` where it holds and nothing that it names would be recommended without it.
    pub state: String,
    /// Recommendations it keeps out, as far as they are known to save something; of one that has expired, those that are
    /// back. In force with 0 here and in `unanswered`, what it names waits for missing data.
    pub matches: usize,
    /// Beside them those whose saving is not known.
    pub unanswered: usize,
    /// What `matches` would save a month, each alone on today's bill: in no plan, and not to be added to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Usd>,
    /// Whether `monthly` is not all that they would save: of some of their calls it is not known.
    pub at_least: bool,
}

impl From<&Silenced> for SuppressionV1 {
    fn from(silenced: &Silenced) -> Self {
        let Silenced { silence, state, matches, unanswered, monthly, at_least } = silenced;
        Self {
            id: silence.id.clone(),
            reason: silence.reason.clone(),
            owner: silence.owner.clone(),
            expires: silence.expires.map(|day| day.to_string()),
            state: state.as_str().to_owned(),
            matches: *matches,
            unanswered: *unanswered,
            monthly: monthly.map(Usd::from),
            at_least: *at_least,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use lode_engine::Silence;
    use lode_model::Money;

    use super::*;

    #[test]
    fn a_suppression_says_whose_it_is_and_what_it_does() {
        let silence = Silence {
            id: "routing-tier.global-profile".to_owned(),
            reason: "EU data\u{1b} residency.".to_owned(),
            owner: "platform team".to_owned(),
            expires: Some(date(2027, 6, 30)),
        };
        let told = |state, (matches, unanswered), (monthly, at_least), expires| {
            let silence = Silence { expires, ..silence.clone() };
            line(&Silenced { silence, state, matches, unanswered, monthly, at_least })
        };
        let said = |state, matches, monthly, expires| told(state, (matches, 0), (monthly, false), expires);
        let (end, saves) = (silence.expires, Money::parse("12.5").ok());
        assert_eq!(
            said(SilenceState::InForce, 2, saves, end),
            "routing-tier.global-profile, by platform team until 2027-06-30: EU data  residency. Keeps out 2 \
             recommendations, which would save $12.50 a month, each alone and in no plan."
        );
        assert!(
            told(SilenceState::InForce, (1, 0), (saves, false), end)
                .ends_with("Keeps out 1 recommendation, which would save $12.50 a month alone and in no plan.")
        );
        assert!(told(SilenceState::InForce, (2, 1200), (saves, true), end).ends_with(
            "Keeps out 2 recommendations, which would save at least $12.50 a month, each alone and in no plan, and 1,200 \
             whose saving is not known."
        ));
        assert!(
            said(SilenceState::InForce, 0, None, end)
                .ends_with("Keeps out nothing yet: what it names waits for missing data.")
        );
        assert!(told(SilenceState::InForce, (0, 1), (None, false), None).ends_with(
            "by platform team without end: EU data  residency. Keeps out 1 recommendation; what would be saved is not known."
        ));
        assert!(said(SilenceState::Expired, 1, None, end).ends_with(
            "team: EU data  residency. Expired on 2027-06-30, applied no more: 1 recommendation back in the list."
        ));
        assert!(said(SilenceState::Expired, 0, None, end).ends_with("Expired on 2027-06-30, applied no more."));
        assert!(said(SilenceState::MatchesNothing, 0, None, None).ends_with("Matches nothing on this input."));
    }
}
