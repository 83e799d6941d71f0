//! What `lode.toml` keeps out of the plans: what, by whom, why, until when, and what it would save.

use lode_engine::{SilenceState, Silenced};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Report;
use crate::text::{clean, count, usd};
use crate::v1::Usd;

/// Above the lines.
pub(crate) const HEADING: &str = "Silenced in lode.toml";

/// A sentence for each suppression, in the order of the settings.
pub(crate) fn lines(report: &Report<'_>) -> Vec<String> {
    report.outcome.silenced.iter().map(line).collect()
}

fn line(silenced: &Silenced) -> String {
    let Silenced { silence, state, matches, monthly } = silenced;
    let until = match (state, silence.expires) {
        (SilenceState::Expired, _) => String::new(),
        (_, Some(day)) => format!(" until {day}"),
        (_, None) => " without end".to_owned(),
    };
    let kept_out = |matches: usize| count(matches as u64, "recommendation", "recommendations");
    let effect = match (state, silence.expires, monthly) {
        (SilenceState::InForce, _, Some(saves)) => format!(
            "Keeps out {}, which would save {} a month, each alone and in no plan",
            kept_out(*matches),
            usd(*saves)
        ),
        (SilenceState::InForce, _, None) => {
            format!("Keeps out {}; what would be saved is not known", kept_out(*matches))
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
    /// `in_force`, `expired`, or `matches_nothing` where it holds and there is nothing to keep out.
    pub state: String,
    /// Recommendations it keeps out; of one that has expired, those that are back.
    pub matches: usize,
    /// What those kept out would save a month, each alone on today's bill: in no plan, and not to be added to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Usd>,
}

impl From<&Silenced> for SuppressionV1 {
    fn from(silenced: &Silenced) -> Self {
        let Silenced { silence, state, matches, monthly } = silenced;
        Self {
            id: silence.id.clone(),
            reason: silence.reason.clone(),
            owner: silence.owner.clone(),
            expires: silence.expires.map(|day| day.to_string()),
            state: state.as_str().to_owned(),
            matches: *matches,
            monthly: monthly.map(Usd::from),
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
        let said = |state, matches, monthly, expires| {
            line(&Silenced { silence: Silence { expires, ..silence.clone() }, state, matches, monthly })
        };
        let (end, saves) = (silence.expires, Money::parse("12.5").ok());
        assert_eq!(
            said(SilenceState::InForce, 2, saves, end),
            "routing-tier.global-profile, by platform team until 2027-06-30: EU data  residency. Keeps out 2 \
             recommendations, which would save $12.50 a month, each alone and in no plan."
        );
        assert!(said(SilenceState::InForce, 1, None, None).ends_with(
            "by platform team without end: EU data  residency. Keeps out 1 recommendation; what would be saved is not known."
        ));
        assert!(said(SilenceState::Expired, 1, None, end).ends_with(
            "team: EU data  residency. Expired on 2027-06-30, applied no more: 1 recommendation back in the list."
        ));
        assert!(said(SilenceState::Expired, 0, None, end).ends_with("Expired on 2027-06-30, applied no more."));
        assert!(said(SilenceState::MatchesNothing, 0, None, None).ends_with("Matches nothing on this input."));
    }
}
