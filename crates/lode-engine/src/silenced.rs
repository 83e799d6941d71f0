//! What was silenced, what it would have saved, and which of the silences say nothing any more.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lode_model::{Money, Owner};
use lode_prices::NewRates;
use lode_sim::{Simulator, State};

use crate::outcome::Recommendation;
use crate::rules::{Checked, check};
use crate::settle::Settled;
use crate::walk::{OptionId, Walker, recommendation_id};
use crate::{Assumed, End, Reason, Silence, TestVerdict, Verdict};

/// What a silence does on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceState {
    /// It keeps something out of the plans, or will once the data that is missing there is.
    InForce,
    /// Its last day has passed: it is applied no more.
    Expired,
    /// It holds, and nothing that it names would be recommended here without it.
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
    /// Recommendations that it keeps out: those that would save something, each alone on today's bill. Of one that has
    /// expired, those it kept out before.
    pub matches: usize,
    /// Beside them those of which nothing is known to be saved, because the simulator does not answer it.
    pub unanswered: usize,
    /// What `matches` would save a month, each alone on today's bill and outside of any plan: of several ways the best.
    /// `None` where it keeps out none that is known to save, and of what is applied no more.
    pub monthly: Option<Money>,
    /// Whether that is not all: of some kinds of their calls it is not known.
    pub at_least: bool,
}

/// What is kept out of one recommendation.
#[derive(Clone, Copy, Default)]
struct KeptOut {
    /// What the subjects that can be answered save a month.
    saves: Money,
    /// Whether there are others.
    unanswered: bool,
}

impl Walker<'_> {
    /// The silences of the settings in their order, and what became of them.
    pub(crate) fn silenced(&self, settled: &[Settled], recommendations: &[Recommendation]) -> Vec<Silenced> {
        let of = |silence: &Silence| {
            let nothing = Silenced {
                silence: silence.clone(),
                state: SilenceState::MatchesNothing,
                matches: 0,
                unanswered: 0,
                monthly: None,
                at_least: false,
            };
            if !silence.holds(self.as_of) {
                let back = recommendations.iter().filter(|r| silence.covers(&r.rule_id, &r.id)).count();
                return Silenced { state: SilenceState::Expired, matches: back, ..nothing };
            }
            let mut waits = false;
            let mut kept_out: BTreeMap<String, KeptOut> = BTreeMap::new();
            let evaluations =
                settled.iter().flat_map(|owners| owners.walked.evaluations.iter().map(move |e| (owners, e)));
            for (owners, e) in evaluations {
                let id = || recommendation_id(&e.rule_id, &e.subject);
                match &e.verdict {
                    Verdict::Declined(Reason::Suppressed(by)) if by == silence => {
                        let one = kept_out.entry(id()).or_default();
                        match self.option(&e.rule_id, &e.subject).and_then(|id| self.best_alone(&owners.start, &id)) {
                            Some(saves) => one.saves += saves,
                            None => one.unanswered = true,
                        }
                    }
                    Verdict::Gap(..) => waits = waits || silence.covers(&e.rule_id, &id()),
                    _ => {}
                }
            }
            // What saves nothing would not be recommended anyway.
            let (known, other): (Vec<KeptOut>, Vec<_>) =
                kept_out.into_values().partition(|one| one.saves.round_micro() > Money::ZERO);
            let unanswered = other.iter().filter(|one| one.unanswered).count();
            if known.is_empty() && unanswered == 0 && !waits {
                return nothing;
            }
            let saves: Money = known.iter().map(|one| one.saves).sum();
            Silenced {
                state: SilenceState::InForce,
                matches: known.len(),
                unanswered,
                monthly: (!known.is_empty()).then(|| saves.round_micro()),
                at_least: known.iter().any(|one| one.unanswered),
                ..nothing
            }
        };
        self.settings.silenced.iter().map(of).collect()
    }

    /// Recommender and rule by the name of a rule.
    fn option(&self, rule_id: &str, subject: &Owner) -> Option<OptionId> {
        let (recommender, rule) = rule_id.split_once('.')?;
        let recommender = self.recommenders.iter().position(|known| known.meta().id == recommender)?;
        let rule = self.rules.get(recommender)?.iter().position(|known| known.id == rule)?;
        Some(OptionId { recommender, rule, subject: subject.clone(), key: "".into() })
    }

    /// What the best way of a rule saves a subject on today's bill, a month; at least nothing. `None` where that cannot
    /// be answered.
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
        let saves = open.map(|action| {
            let mut saved = today.clone();
            saved.sub_all(&simulator.apply(start, &action).ok()?.daily(window));
            Some(self.projection.monthly(&saved))
        });
        let saves: Vec<Option<Money>> = saves.collect();
        let best = saves.iter().flatten().copied().max().filter(|best| *best > Money::ZERO);
        // Without any way there is nothing to save.
        best.or_else(|| saves.iter().all(Option::is_some).then_some(Money::ZERO))
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
