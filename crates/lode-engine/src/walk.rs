//! One walk along the documented order, for owners that can change each other's costs: evaluate, propose, simulate, and hand what is left to the
//! next recommender.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use lode_model::{Action, Cohort, Edit, Money, Owner};
use lode_prices::NewRates;
use lode_sim::{CacheCounters, Daily, Estate, Held, NotSimulated, Profile, Projection, Simulator, State};

use crate::rules::{Checked, check};
use crate::tested::{Tests, measured};
use crate::{
    Arithmetic, Assumed, Assumption, Context, End, Evaluation, Reason, Recommender, Rule, Settings, Signals,
    TestVerdict, Tested, Verdict,
};

/// Days without use after which a subject has ended: a week holds every weekday.
const ENDED_AFTER_DAYS: i64 = 7;

/// Names one option: recommender and rule by place, subject, key. Orders as the plan does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OptionId {
    pub(crate) recommender: usize,
    pub(crate) rule: usize,
    pub(crate) subject: Owner,
    pub(crate) key: Arc<str>,
}

/// An option that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) id: OptionId,
    pub(crate) action: Action,
    pub(crate) signals: Signals,
    /// What the subject cost a month before.
    pub(crate) current: Money,
    pub(crate) arithmetic: Arithmetic,
}

/// What a walk came to.
#[derive(Clone, Debug)]
pub(crate) struct Walked {
    pub(crate) taken: Vec<Taken>,
    pub(crate) state: State,
    pub(crate) evaluations: Vec<Evaluation>,
    /// Pairs that exclude each other, earlier first.
    pub(crate) conflicts: Vec<(OptionId, OptionId)>,
    /// Every option that could be simulated.
    pub(crate) options: BTreeMap<OptionId, Action>,
    /// What could be simulated and is never chosen.
    pub(crate) offers: BTreeMap<OptionId, Action>,
    /// What the settings forbid, and why, with the title it would have.
    pub(crate) forbidden: BTreeMap<OptionId, Reason>,
}

/// What was decided between walks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    /// Options that lost.
    pub(crate) forbidden: BTreeSet<OptionId>,
    /// What is held of commitments that a recommender left open.
    pub(crate) held: BTreeMap<OptionId, Held>,
}

impl Choices {
    /// The same, and these options lost too.
    pub(crate) fn without(&self, more: &BTreeSet<OptionId>) -> Self {
        Self { forbidden: self.forbidden.union(more).cloned().collect(), held: self.held.clone() }
    }

    /// An action with its open commitment filled in.
    pub(crate) fn closed(&self, option: &OptionId, mut action: Action) -> Action {
        let Some(held) = self.held.get(option) else { return action };
        for edit in &mut action.edits {
            let what = match (&mut *edit, held) {
                (Edit::Commitment { units: open @ None, term: open_term }, Held::Units { units, term, .. }) => {
                    (*open, *open_term) = (Some(*units), *term);
                    let term = term.map(|term| format!(", {term}")).unwrap_or_default();
                    format!("{units} model {}{term}", if *units == 1 { "unit" } else { "units" })
                }
                (Edit::Reserve { held: open @ None, .. }, Held::Reserved { held, .. }) => {
                    *open = Some(*held);
                    format!(
                        "{} input and {} output tokens a minute, {}",
                        thousands(held.input),
                        thousands(held.output),
                        held.term
                    )
                }
                _ => continue,
            };
            action.title = format!("{}: {what}", action.title);
        }
        action
    }
}

/// Thousands in words.
fn thousands(count: u32) -> String {
    if count == 0 { "no".to_owned() } else { format!("{count},000") }
}

/// Everything that stays the same between walks.
#[derive(Clone, Copy)]
pub(crate) struct Walker<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) projection: &'a Projection,
    pub(crate) recommenders: &'a [&'a dyn Recommender],
    pub(crate) rules: &'a [Vec<Rule>],
    pub(crate) settings: &'a Settings,
    pub(crate) counters: Option<&'a CacheCounters>,
    pub(crate) as_of: Date,
}

impl Walker<'_> {
    pub(crate) fn context<'s>(&'s self, state: &'s State) -> Context<'s> {
        let Self { estate, projection, counters, as_of, settings, .. } = *self;
        Context { estate, projection, state, counters, as_of, settings }
    }

    /// What a state costs a month.
    pub(crate) fn bill(&self, state: &State) -> Money {
        self.projection.monthly(&state.daily(&self.estate.window))
    }

    pub(crate) fn rule_id(&self, id: &OptionId) -> String {
        format!("{}.{}", self.recommenders[id.recommender].meta().id, self.rules[id.recommender][id.rule].id)
    }

    /// `recommender.rule` of the rules that matter without a saving.
    pub(crate) fn told_rules(&self) -> BTreeSet<String> {
        let ids = self.recommenders.iter().zip(self.rules).flat_map(|(recommender, rules)| {
            let told = rules.iter().filter(|rule| rule.told);
            told.map(|rule| format!("{}.{}", recommender.meta().id, rule.id))
        });
        ids.collect()
    }

    /// Walks from `start`, which holds owners that can change each other's costs. `gated` lets rules with an open gate
    /// take part.
    pub(crate) fn walk(&self, start: &State, gated: bool, choices: &Choices) -> Walked {
        let mut walked = Walked {
            taken: Vec::new(),
            state: start.clone(),
            evaluations: Vec::new(),
            conflicts: Vec::new(),
            options: BTreeMap::new(),
            offers: BTreeMap::new(),
            forbidden: BTreeMap::new(),
        };
        for (place, recommender) in self.recommenders.iter().enumerate() {
            // A recommender sees the state that the earlier ones left, not what its own first rule made of it.
            let entered = walked.state.clone();
            let cx = self.context(&entered);
            let subjects: BTreeSet<Owner> = recommender.subjects(&cx).into_iter().collect();
            for subject in subjects {
                let signals = recommender.signals(&cx, &subject);
                for (index, rule) in self.rules[place].iter().enumerate() {
                    let id = OptionId { recommender: place, rule: index, subject: subject.clone(), key: "".into() };
                    if gated || rule.gate.is_none() || self.any_passed(&id) {
                        let verdict = self.evaluate(&mut walked, (&cx, gated), &id, rule, &signals, choices);
                        let rule_id = self.rule_id(&id);
                        walked.evaluations.push(Evaluation { rule_id, subject: subject.clone(), verdict });
                    }
                }
            }
        }
        walked
    }

    /// Evaluates one rule on one subject and takes the first option that nothing taken excludes.
    fn evaluate(
        &self,
        walked: &mut Walked,
        (cx, gated): (&Context<'_>, bool),
        id: &OptionId,
        rule: &Rule,
        signals: &Signals,
        choices: &Choices,
    ) -> Verdict {
        let state = walked.state.clone();
        let checked = check(rule, signals);
        if let Checked::Fails(index, value) = checked {
            let clause = rule.clauses[index].clone();
            let because = signals.get(&clause.signal).and_then(|signal| signal.because.clone());
            return Verdict::Declined(Reason::Clause { clause, value, because });
        }
        if let Some(last) = self.ended(&id.subject) {
            return Verdict::Declined(Reason::Ended(last));
        }
        for first in &rule.unless {
            let first = format!("{}.{first}", self.recommenders[id.recommender].meta().id);
            let mut before = walked.evaluations.iter();
            if before.any(|e| e.rule_id == first && e.subject == id.subject && goes_first(&e.verdict)) {
                return Verdict::Declined(Reason::LeftTo(first));
            }
        }
        // What is missing is missing, wanted or not: nothing is known there that could be kept out.
        if let Checked::Missing(_, input) = checked {
            return Verdict::Gap(input, signals.evidence(rule));
        }
        let rule_id = self.rule_id(id);
        if let Some(silence) = self.settings.silence(&rule_id, &recommendation_id(&rule_id, &id.subject), self.as_of) {
            return Verdict::Declined(Reason::Suppressed(silence.clone()));
        }
        let given = Assumed::of(rule, |_| End::Expected);
        let simulator = Simulator::new(self.estate, NewRates::Inherit);
        let mut keys = Vec::new();
        let mut refused = None;
        let mut failed = None;
        let mut forbidden = None;
        for action in self.actions(cx, id, &given) {
            let option = OptionId { key: Arc::clone(&action.key), ..id.clone() };
            if let Some(reason) = self.forbids(&option, &action) {
                walked.forbidden.insert(option, reason.clone());
                forbidden = forbidden.or(Some(reason));
                continue;
            }
            match self.test(&option) {
                Some((test, TestVerdict::Failed)) => {
                    failed = failed.or(Some((action.title, test.date)));
                    continue;
                }
                _ if !gated && self.is_gated(&option) => continue,
                _ => {}
            }
            let action = choices.closed(&option, action);
            if choices.forbidden.contains(&option) {
                keys.push(Arc::clone(&action.key));
                continue;
            }
            // A key names one option.
            if keys.contains(&action.key) {
                continue;
            }
            // What is never chosen takes nothing: it is compared with what the earlier recommenders left.
            let on = if action.only_alternative { cx.state } else { &walked.state };
            let next = match simulator.apply(on, &action) {
                Ok(next) => Some(next),
                // An earlier option of the same rule has taken what this one selects: it is a rival on the state
                // before, and cannot be taken here.
                Err(NotSimulated::NothingSelected) if simulator.apply(&state, &action).is_ok() => None,
                Err(error) => {
                    refused = refused.or(Some(error));
                    continue;
                }
            };
            keys.push(Arc::clone(&action.key));
            if action.only_alternative {
                walked.offers.insert(option, action);
                continue;
            }
            let rivals: Vec<OptionId> =
                walked.options.iter().filter(|(_, other)| other.excludes(&action)).map(|(id, _)| id.clone()).collect();
            let blocked = walked.taken.iter().any(|taken| taken.action.excludes(&action));
            walked.conflicts.extend(rivals.into_iter().map(|rival| (rival, option.clone())));
            walked.options.insert(option.clone(), action.clone());
            if let (Some(next), false) = (next, blocked) {
                walked.taken.push(self.take(&walked.state, &next, option, action, signals.clone()));
                walked.state = next;
            }
        }
        if let (true, Some((title, date))) = (keys.is_empty(), failed) {
            return Verdict::Declined(Reason::FailedTest { title, date });
        }
        if let (true, Some(reason)) = (keys.is_empty(), forbidden) {
            return Verdict::Declined(reason);
        }
        match (keys.is_empty(), refused) {
            (false, _) => Verdict::Proposed(keys),
            (true, None) => Verdict::Declined(Reason::NothingToPropose),
            (true, Some(error @ NotSimulated::Unpriced { .. })) => {
                Verdict::Declined(Reason::NoPrice(error.to_string()))
            }
            (true, Some(error)) => Verdict::Declined(Reason::NotSimulated(error.to_string())),
        }
    }

    /// What a recommender proposes, with the lengths that tests measured in place of assumed ones.
    pub(crate) fn actions(&self, cx: &Context<'_>, id: &OptionId, given: &Assumed) -> Vec<Action> {
        let rule = &self.rules[id.recommender][id.rule];
        let recommender = self.recommenders[id.recommender];
        let actions = recommender.actions(cx, &id.subject, rule, given);
        let test = |action: &Action| {
            let option = OptionId { key: Arc::clone(&action.key), ..id.clone() };
            // What was measured of an assumption counts once it has decided; lengths of prompts and answers count anyway.
            self.test(&option)
                .filter(|(test, verdict)| test.given.is_empty() || *verdict == TestVerdict::Passed)
                .map(|(test, _)| test)
        };
        // Keys do not depend on what is assumed: an option that was tested is asked for with what the test measured.
        let with = |action: Action| match test(&action) {
            Some(found) if !found.given.is_empty() => {
                let again = recommender.actions(cx, &id.subject, rule, &given.clone().measured(&found.given));
                measured(found, again.into_iter().find(|other| other.key == action.key).unwrap_or(action))
            }
            Some(found) => measured(found, action),
            None => action,
        };
        actions.into_iter().map(with).collect()
    }

    /// Why the settings forbid an option, if they do: it moves calls to a model that they must not move to.
    pub(crate) fn forbids(&self, id: &OptionId, action: &Action) -> Option<Reason> {
        let from = id.subject.model();
        action.edits.iter().find_map(|edit| {
            let Edit::Model { to, .. } = edit else { return None };
            let rule = self.settings.forbidden.iter().find(|rule| rule.covers(from, to))?;
            Some(Reason::Forbidden { title: action.title.clone(), why: rule.reason.clone() })
        })
    }

    /// The id of the recommendation that an option belongs to.
    fn recommendation_of(&self, id: &OptionId) -> String {
        recommendation_id(&self.rule_id(id), &id.subject)
    }

    /// The cohort of an option's subject, as tests name it.
    fn cohort_of(&self, id: &OptionId) -> Option<Cohort> {
        let (cluster, place) = self.estate.demand.of(&id.subject)?;
        cluster.owners.get(place)?.tested_as()
    }

    /// The test of a gated option, and what it says.
    pub(crate) fn test(&self, id: &OptionId) -> Option<(&Tested, TestVerdict)> {
        if self.settings.tested.is_empty() {
            return None;
        }
        self.rules[id.recommender][id.rule].gate?;
        Tests(&self.settings.tested).of(&self.recommendation_of(id), &self.cohort_of(id)?, &id.key)
    }

    /// Whether an option waits for a test that it has not passed.
    pub(crate) fn is_gated(&self, id: &OptionId) -> bool {
        let passed = || self.test(id).is_some_and(|(_, verdict)| verdict == TestVerdict::Passed);
        self.rules[id.recommender][id.rule].gate.is_some() && !passed()
    }

    /// Whether some option of a gated rule passed its test for a subject.
    fn any_passed(&self, id: &OptionId) -> bool {
        let passed = |cohort: &Cohort| Tests(&self.settings.tested).any_passed(&self.recommendation_of(id), cohort);
        !self.settings.tested.is_empty() && self.cohort_of(id).as_ref().is_some_and(passed)
    }

    /// Whether no clause of an option's rule fails in a state.
    pub(crate) fn holds(&self, state: &State, id: &OptionId) -> bool {
        let signals = self.recommenders[id.recommender].signals(&self.context(state), &id.subject);
        !matches!(check(&self.rules[id.recommender][id.rule], &signals), Checked::Fails(..))
    }

    /// Whether an assumption of its rule changes an option. One that cannot be told from where the walk starts counts.
    pub(crate) fn uses(&self, start: &State, id: &OptionId, assumption: &str) -> bool {
        let rule = &self.rules[id.recommender][id.rule];
        let at = |tried: End| {
            let given = Assumed::of(rule, |a| if a.id == assumption { tried } else { End::Expected });
            let given = given.of_chosen(&id.key);
            let actions = self.actions(&self.context(start), id, &given);
            actions.into_iter().find(|action| action.key == id.key)
        };
        let (low, high) = (at(End::Low), at(End::High));
        low.is_none() || low != high
    }

    /// The last day a subject was used, where that lies more than a week before the last complete day.
    fn ended(&self, subject: &Owner) -> Option<Date> {
        // Charges are sorted by owner.
        let charges = &self.estate.charges;
        let first = charges.partition_point(|charge| charge.owner < *subject);
        let own = charges[first..].iter().take_while(|charge| charge.owner == *subject);
        let last = own.map(|charge| charge.span.last).max()?;
        let complete_to = self.estate.window.complete_to?;
        (last < complete_to.saturating_sub(ENDED_AFTER_DAYS.days())).then_some(last)
    }

    fn take(&self, before: &State, after: &State, id: OptionId, action: Action, signals: Signals) -> Taken {
        let profile = |state| Profile::of(self.estate, self.projection, state, &action.selector.owner);
        let mut saved = before.daily(&self.estate.window);
        saved.sub_all(&after.daily(&self.estate.window));
        let (before, after) = (profile(before), profile(after));
        let arithmetic = Arithmetic::of(self.estate, self.projection, &action, (&before, &after), saved);
        Taken { id, action, signals, current: before.monthly, arithmetic }
    }

    /// Walks a chosen sequence again with other assumptions and rates, and returns the dollars each step saves
    /// by day. A step that cannot be answered there saves nothing.
    pub(crate) fn replay(
        &self,
        start: &State,
        chosen: &[OptionId],
        choices: &Choices,
        end: &dyn Fn(&OptionId, &Assumption) -> End,
        new_rates: NewRates,
    ) -> Vec<Daily> {
        let simulator = Simulator::new(self.estate, new_rates);
        let mut state = start.clone();
        // What the earlier recommenders left, as in a walk.
        let mut entered: Option<(usize, State)> = None;
        chosen
            .iter()
            .map(|id| {
                if entered.as_ref().is_none_or(|(recommender, _)| *recommender != id.recommender) {
                    entered = Some((id.recommender, state.clone()));
                }
                let seen = entered.as_ref().map_or(&state, |(_, state)| state);
                let rule = &self.rules[id.recommender][id.rule];
                let given = Assumed::of(rule, |assumption| end(id, assumption)).of_chosen(&id.key);
                let actions = self.actions(&self.context(seen), id, &given);
                let mut saved = Daily::zero(self.estate.window.days());
                if let Some(action) = actions.into_iter().find(|action| action.key == id.key)
                    && let Ok(next) = simulator.apply(&state, &choices.closed(id, action))
                {
                    saved = state.daily(&self.estate.window);
                    saved.sub_all(&next.daily(&self.estate.window));
                    state = next;
                }
                saved
            })
            .collect()
    }
}

/// Whether a rule that is left to another waits for this: for a proposal, or for what that was left to.
const fn goes_first(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Proposed(_) | Verdict::Declined(Reason::LeftTo(_)))
}

/// `recommender.rule/account/region/model/caller`, or what names the subject in its place.
pub(crate) fn recommendation_id(rule_id: &str, subject: &Owner) -> String {
    match subject {
        Owner::Workload(w) => format!("{rule_id}/{}/{}/{}/{}", w.account, w.region, w.model, w.caller),
        Owner::Pool(p) => format!("{rule_id}/{}/{}/{}", p.account, p.region, p.model),
        Owner::Resource(account, region, id) => format!("{rule_id}/{account}/{region}/{id}"),
        Owner::Account(account) => format!("{rule_id}/{account}"),
    }
}
