//! What was silenced, what it would have saved, and which of the silences say nothing any more.

use std::collections::BTreeSet;

use jiff::civil::Date;
use lode_model::{Money, Owner};
use lode_prices::NewRates;
use lode_sim::{Simulator, State};

use crate::outcome::{Declined, Recommendation};
use crate::rules::{Checked, check};
use crate::settle::Settled;
use crate::walk::{OptionId, Walker};
use crate::{Assumed, End, Reason, Silence, TestVerdict, Verdict};

/// What a silence does on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceState {
    /// It keeps something out of the plans.
    InForce,
    /// Its last day has passed: it is applied no more.
    Expired,
    /// It holds, and there is nothing here for it to keep out.
    MatchesNothing,
}

impl SilenceState {
    /// The word of the JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Expired => "expired",
            Self::MatchesNothing => "matches_nothing",
        }
    }
}

/// A silence of the settings and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silenced {
    /// What the settings say.
    pub silence: Silence,
    /// What it does.
    pub state: SilenceState,
    /// Recommendations that it keeps out; of one that has expired, those it kept out before.
    pub matches: usize,
    /// What those kept out would save a month, each alone on today's bill and outside of any plan: of several ways the best,
    /// nothing where it would cost more. `None` where the simulator answers none of it, and of what is applied no more.
    pub monthly: Option<Money>,
}

impl Walker<'_> {
    /// The silences of the settings in their order, and what became of them.
    pub(crate) fn silenced(
        &self,
        settled: &[Settled],
        declined: &[Declined],
        recommendations: &[Recommendation],
    ) -> Vec<Silenced> {
        let of = |silence: &Silence| {
            if !silence.holds(self.as_of) {
                let back = recommendations.iter().filter(|r| silence.covers(&r.rule_id, &r.id)).count();
                return (SilenceState::Expired, back, None);
            }
            let kept_out = |declined: &&Declined| matches!(&declined.reason, Reason::Suppressed(by) if by == silence);
            let ids: BTreeSet<String> = declined.iter().filter(kept_out).map(Declined::recommendation).collect();
            if ids.is_empty() {
                return (SilenceState::MatchesNothing, 0, None);
            }
            let saved = settled.iter().flat_map(|owners| self.would_save(owners, silence));
            let saved: Option<Money> = saved.reduce(|all, more| all + more);
            (SilenceState::InForce, ids.len(), saved.map(Money::round_micro))
        };
        let all = self.settings.silenced.iter();
        all.map(|silence| {
            let (state, matches, monthly) = of(silence);
            Silenced { silence: silence.clone(), state, matches, monthly }
        })
        .collect()
    }

    /// What each subject that a silence keeps out would save, where that can be answered.
    fn would_save(&self, owners: &Settled, silence: &Silence) -> Vec<Money> {
        let kept_out = owners
            .walked
            .evaluations
            .iter()
            .filter(|e| matches!(&e.verdict, Verdict::Declined(Reason::Suppressed(by)) if by == silence));
        kept_out.filter_map(|e| self.best_alone(&owners.start, &self.option(&e.rule_id, &e.subject)?)).collect()
    }

    /// Recommender and rule by the name of a rule.
    fn option(&self, rule_id: &str, subject: &Owner) -> Option<OptionId> {
        let (recommender, rule) = rule_id.split_once('.')?;
        let recommender = self.recommenders.iter().position(|known| known.meta().id == recommender)?;
        let rule = self.rules.get(recommender)?.iter().position(|known| known.id == rule)?;
        Some(OptionId { recommender, rule, subject: subject.clone(), key: "".into() })
    }

    /// What the best way of a rule saves a subject on today's bill, a month; at least nothing.
    fn best_alone(&self, start: &State, id: &OptionId) -> Option<Money> {
        let (recommender, rule) = (self.recommenders[id.recommender], &self.rules[id.recommender][id.rule]);
        let cx = self.context(start);
        if check(rule, &recommender.signals(&cx, &id.subject)) != Checked::Holds {
            return None;
        }
        let simulator = Simulator::new(self.estate, NewRates::Inherit);
        let window = &self.estate.window;
        let today = start.daily(window);
        let actions = self.actions(&cx, id, &Assumed::of(rule, |_| End::Expected));
        let open = actions.into_iter().filter(|action| {
            let option = OptionId { key: action.key.clone(), ..id.clone() };
            let failed = self.test(&option).is_some_and(|(_, verdict)| verdict == TestVerdict::Failed);
            !failed && !action.only_alternative && self.forbids(&option, action).is_none()
        });
        let saves = open.filter_map(|action| {
            let mut saved = today.clone();
            saved.sub_all(&simulator.apply(start, &action).ok()?.daily(window));
            Some(self.projection.monthly(&saved))
        });
        saves.max().map(|saved| saved.max(Money::ZERO))
    }
}

impl Silence {
    /// Whether it names a rule or a recommendation of it.
    #[must_use]
    pub fn covers(&self, rule_id: &str, id: &str) -> bool {
        self.id == rule_id || self.id == id
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        self.expires.is_none_or(|last| today <= last)
    }
}
