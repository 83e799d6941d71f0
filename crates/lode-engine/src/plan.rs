//! The plan: exclusive choices settled by the bill they leave, losing steps taken out, cumulative totals rounded
//! once so that the marginals add up exactly.
//!
//! An edit can change what others pay only through a shared prompt cache or shared capacity, which end with account
//! and region. So choices are settled together for the owners there that share blocks of their prompts, or that model units
//! could serve together, and owner by owner for all others: that walk *is* the part of the whole walk that the choice can
//! change.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use jiff::civil::Date;
use lode_model::{Action, Cohort, Edit, Money, Note, Owner, Selector, WorkloadId};
use lode_sim::{CacheCounters, Estate, Projection, State};

use crate::declined::declined;
use crate::interval::{Parts, Sequence};
use crate::offers;
use crate::outcome::{
    Alternative, BreakEven, DataGap, Declined, Only, Outcome, Part, Plan, PlanName, Quiet, Recommendation, Savings,
    Step, Waiting,
};
use crate::rules::is_weaker;
use crate::settle::{Settled, moved_alone, settle, settle_full, settled_together, standalone};
use crate::walk::{OptionId, Taken, Walker, recommendation_id};
use crate::{Evidence, Grade, Input, Reason, Recommender, Rule, RuleError, Settings, Tested, Value, Verdict};

/// Complete days below which the evidence is a grade weaker: two of each weekday.
const FULL_WINDOW: usize = 14;

/// Why the engine could not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Rules or settings cannot be used.
    #[error(transparent)]
    Rules(#[from] RuleError),
}

/// The recommenders in documented order, with their rules.
pub struct Engine<'a> {
    recommenders: &'a [&'a dyn Recommender],
    rules: Vec<Vec<Rule>>,
    settings: Settings,
    threads: NonZeroUsize,
}

impl<'a> Engine<'a> {
    /// Reads the rules of all recommenders and applies the settings.
    ///
    /// # Errors
    /// When a rule file is no valid rule file, or a setting names something that does not exist.
    pub fn new(recommenders: &'a [&'a dyn Recommender], settings: Settings) -> Result<Self, EngineError> {
        let mut rules = Vec::with_capacity(recommenders.len());
        for recommender in recommenders {
            let meta = recommender.meta();
            rules.push(Rule::read_all(meta.id, meta.rules)?);
        }
        let ids: Vec<&str> = recommenders.iter().map(|recommender| recommender.meta().id).collect();
        let rules = settings.apply(&ids, rules)?;
        Ok(Self { recommenders, rules, settings, threads: NonZeroUsize::MIN })
    }

    /// Plans on so many threads. The outcome is the same for any number.
    #[must_use]
    pub fn on_threads(self, threads: NonZeroUsize) -> Self {
        Self { threads, ..self }
    }

    /// The same with these tests of gated options beside those of the settings.
    #[must_use]
    pub fn with_tests(mut self, tests: impl IntoIterator<Item = Tested>) -> Self {
        self.settings.tested.extend(tests);
        self
    }

    /// Recommenders with their rules, in documented order.
    pub fn rules(&self) -> impl Iterator<Item = (&'a dyn Recommender, &[Rule])> {
        self.recommenders.iter().copied().zip(self.rules.iter().map(Vec::as_slice))
    }

    fn walker<'w>(
        &'w self,
        estate: &'w Estate,
        projection: &'w Projection,
        counters: Option<&'w CacheCounters>,
        as_of: Date,
    ) -> Walker<'w> {
        Walker {
            estate,
            projection,
            recommenders: self.recommenders,
            rules: &self.rules,
            settings: &self.settings,
            counters,
            as_of,
        }
    }

    /// Plans the estate as of a date.
    #[must_use]
    pub fn run(&self, estate: &Estate, as_of: Date) -> Outcome {
        let projection = Projection::of(&estate.window);
        let counters = CacheCounters::of(estate);
        let walker = self.walker(estate, &projection, counters.as_ref(), as_of);
        let baseline = State::baseline(estate);
        let (ready, full) = self.settle_all(&walker, &baseline).into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let ready_plan = self.plan(&walker, PlanName::Ready, &baseline, &ready, &|_| false);
        // What is not ready waits for a test: its own, or that of a step it follows from.
        let is_ready: BTreeSet<&OptionId> = ready.iter().flat_map(|s| s.walked.taken.iter().map(|t| &t.id)).collect();
        let mut full_plan = self.plan(&walker, PlanName::Full, &baseline, &full, &|id| !is_ready.contains(id));
        // Should every test fail, the ready plan is still there.
        full_plan.plan.low = full_plan.plan.low.max(ready_plan.plan.low).min(full_plan.plan.savings());
        let mut recommendations = Vec::new();
        let mut keys_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut parts_of: BTreeMap<String, BTreeSet<&Owner>> = BTreeMap::new();
        for (steps, settled) in [(&ready_plan, &ready), (&full_plan, &full)] {
            for (step, parts) in steps.plan.steps.iter().zip(&steps.places) {
                let id = step.id.clone();
                let made = self.recommendation(&walker, id, parts, settled, [&ready_plan, &full_plan]);
                let keys = parts.iter().map(|&(place, step)| &*settled[place].walked.taken[step].id.key).collect();
                let subjects = parts.iter().map(|&(place, step)| &settled[place].walked.taken[step].id.subject);
                let subjects: BTreeSet<&Owner> = subjects.collect();
                match recommendations.iter_mut().find(|r: &&mut Recommendation| r.id == step.id) {
                    Some(ready) => {
                        // Another option, not only another model beneath it.
                        if keys_of.get(&step.id) != Some(&keys) {
                            ready.in_full = Some(made.action);
                        }
                        let known = parts_of.entry(step.id.clone()).or_default();
                        let more = subjects.iter().filter(|subject| !known.contains(*subject));
                        ready.waiting = more.filter_map(|subject| cohort_of(subject)).collect();
                        known.extend(subjects);
                    }
                    None => {
                        recommendations.push(made);
                        keys_of.insert(step.id.clone(), keys);
                        parts_of.insert(step.id.clone(), subjects);
                    }
                }
            }
        }
        recommendations.sort_by(|a, b| {
            (a.priority, -a.savings.expected.pico(), &a.id).cmp(&(b.priority, -b.savings.expected.pico(), &b.id))
        });
        for (place, recommendation) in recommendations.iter_mut().enumerate() {
            recommendation.rank = place + 1;
        }
        let declined = declined(&walker, &full, &parts_of);
        let gaps = gaps(&walker, &full);
        let quiet = self.quiet(&walker, &baseline, &recommendations, &declined, &gaps);
        let silenced = walker.silenced(&full, &recommendations);
        let evaluations = full.into_iter().flat_map(|settled| settled.walked.evaluations).collect();
        let (ready, full) = (ready_plan.plan, full_plan.plan);
        Outcome { ready, full, recommendations, declined, gaps, quiet, silenced, evaluations }
    }

    /// Levers that recommend nothing, with what comes closest.
    fn quiet(
        &self,
        walker: &Walker<'_>,
        baseline: &State,
        recommendations: &[Recommendation],
        declined: &[Declined],
        gaps: &[DataGap],
    ) -> Vec<Quiet> {
        let silent = |meta: &crate::Meta| !recommendations.iter().any(|r| r.recommender == meta.id);
        self.rules()
            .map(|(recommender, rules)| (recommender.meta(), rules))
            .filter(|(meta, _)| silent(meta))
            .map(|(meta, rules)| {
                let rule_of = |id: &str| {
                    let (recommender, rule) = id.split_once('.')?;
                    (recommender == meta.id).then(|| rules.iter().find(|known| known.id == rule))?
                };
                // How many clauses held before one did not.
                let held = |d: &Declined| match (&d.reason, rule_of(&d.rule_id)) {
                    (Reason::Clause { clause, .. }, Some(rule)) => rule.clauses.iter().position(|c| c == clause),
                    // What it was left to says more.
                    (Reason::LeftTo(_), _) => Some(0),
                    _ => None,
                };
                let spend =
                    |d: &Declined| walker.projection.monthly(&baseline.daily_of(&walker.estate.window, &d.subject));
                let own = declined.iter().filter(|d| rule_of(&d.rule_id).is_some());
                let nearest = own
                    .max_by_key(|d| (held(d).unwrap_or(usize::MAX), d.told, spend(d), std::cmp::Reverse(&d.subject)));
                let waits = gaps.iter().filter(|gap| gap.rules().iter().any(|id| rule_of(id).is_some()));
                Quiet { lever: meta.lever, nearest: nearest.cloned(), waits: waits.map(|gap| gap.input).collect() }
            })
            .collect()
    }

    /// Recommendations of the full plan that would be made again once the plan is carried out. There should be none: a
    /// rule whose change does not silence it would be recommended for ever.
    #[must_use]
    pub fn made_again(&self, estate: &Estate, as_of: Date) -> Vec<String> {
        let projection = Projection::of(&estate.window);
        let counters = CacheCounters::of(estate);
        let walker = self.walker(estate, &projection, counters.as_ref(), as_of);
        let mut again = Vec::new();
        for (_, settled) in self.settle_all(&walker, &State::baseline(estate)) {
            let id = |taken: &Taken| recommendation_id(&walker.rule_id(&taken.id), &taken.id.subject);
            let applied: BTreeSet<String> = settled.walked.taken.iter().map(id).collect();
            let second = settle(&walker, settled.walked.state, true, &BTreeSet::new());
            again.extend(second.walked.taken.iter().map(id).filter(|id| applied.contains(id)));
        }
        again
    }

    /// Settles everything, ready and full, in order; what is settled together is independent of the rest, so each thread
    /// takes a run.
    fn settle_all(&self, walker: &Walker<'_>, baseline: &State) -> Vec<(Settled, Settled)> {
        let together = settled_together(walker.estate, baseline);
        let run = together.len().div_ceil(self.threads.get()).max(1);
        let settle_run = |run: &[BTreeSet<Owner>]| -> Vec<(Settled, Settled)> {
            run.iter()
                .map(|owners| {
                    let start = baseline.only(owners);
                    let mut ready = settle(walker, start.clone(), false, &BTreeSet::new());
                    let mut full = settle_full(walker, start, &ready);
                    ready.offered = offers::priced(walker, &ready);
                    full.offered = offers::priced(walker, &full);
                    (ready, full)
                })
                .collect()
        };
        std::thread::scope(|scope| {
            let runs: Vec<_> = together.chunks(run).map(|run| scope.spawn(move || settle_run(run))).collect();
            runs.into_iter()
                .flat_map(|thread| match thread.join() {
                    Ok(settled) => settled,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        })
    }

    /// Puts the steps in documented order and adds them up. Steps that share an id are one step with several parts.
    fn plan(
        &self,
        walker: &Walker<'_>,
        name: PlanName,
        baseline: &State,
        settled: &[Settled],
        gated: &dyn Fn(&OptionId) -> bool,
    ) -> Planned {
        let mut all: Vec<(usize, usize)> = settled
            .iter()
            .enumerate()
            .flat_map(|(place, s)| (0..s.walked.taken.len()).map(move |step| (place, step)))
            .collect();
        let taken = |&(place, step): &(usize, usize)| &settled[place].walked.taken[step];
        all.sort_by(|a, b| taken(a).id.cmp(&taken(b).id));
        let mut daily = baseline.daily(&walker.estate.window);
        let monthly = |daily: &lode_sim::Daily| walker.projection.monthly(daily).round_micro();
        let today = monthly(&daily);
        let mut before = today;
        let mut steps: Vec<Step> = Vec::with_capacity(all.len());
        let mut places: Vec<Parts> = Vec::with_capacity(all.len());
        for place in all {
            let part = taken(&place);
            daily.sub_all(&part.arithmetic.saved);
            let after = monthly(&daily);
            let id = recommendation_id(&walker.rule_id(&part.id), &part.id.subject);
            let alone = standalone(walker, &settled[place.0].start, part).round_micro();
            match (steps.last_mut(), places.last_mut()) {
                (Some(step), Some(parts)) if step.id == id => {
                    step.after = after;
                    step.standalone += alone;
                    parts.push(place);
                }
                _ => {
                    steps.push(Step {
                        id,
                        lever: self.recommenders[part.id.recommender].meta().lever,
                        priority: part.id.recommender + 1,
                        before,
                        after,
                        standalone: alone,
                    });
                    places.push(vec![place]);
                }
            }
            before = after;
        }
        let sequences: Vec<Sequence<'_>> = settled
            .iter()
            .map(|s| Sequence {
                start: &s.start,
                chosen: s.walked.taken.iter().map(|t| t.id.clone()).collect(),
                choices: &s.choices,
            })
            .collect();
        let intervals = walker.intervals(&sequences, &places, gated);
        let savings = today - before;
        let plan = Plan {
            name,
            baseline: today,
            remaining: before,
            low: intervals.plan.0.min(savings),
            high: intervals.plan.1.max(savings),
            steps,
        };
        Planned { plan, places, intervals: intervals.steps }
    }

    fn recommendation(
        &self,
        walker: &Walker<'_>,
        id: String,
        parts: &Parts,
        all_settled: &[Settled],
        plans: [&Planned; 2],
    ) -> Recommendation {
        // The part that saves most speaks for all.
        let part = |&(place, step): &(usize, usize)| (&all_settled[place], &all_settled[place].walked.taken[step]);
        let most = parts.iter().max_by_key(|at| (part(at).1.arithmetic.monthly, std::cmp::Reverse(&part(at).1.id)));
        let (settled, taken) = part(most.unwrap_or(&parts[0]));
        let current: Money = parts.iter().map(|at| part(at).1.current).sum();
        let one_off: Money = parts.iter().map(|at| part(at).1.action.one_off).sum();
        let meta = self.recommenders[taken.id.recommender].meta();
        let mut rule = self.rules[taken.id.recommender][taken.id.rule].clone();
        rule.assumptions.retain(|assumption| walker.uses(&settled.start, &taken.id, &assumption.id));
        let found: Vec<_> = plans
            .iter()
            .filter_map(|planned| {
                let place = planned.plan.steps.iter().position(|step| step.id == id)?;
                Some((planned.plan.name, &planned.plan.steps[place], planned.intervals[place]))
            })
            .collect();
        let (expected, standalone, (low, high)) =
            found.first().map(|(_, step, interval)| (step.marginal(), step.standalone, *interval)).unwrap_or_default();
        let in_ready = found.iter().any(|(name, ..)| *name == PlanName::Ready);
        let waits = parts.iter().any(|at| walker.is_gated(&part(at).1.id));
        let passed = rule.gate.is_some() && !waits;
        let own = rule.gate.filter(|_| waits);
        let gate = own.or_else(|| if in_ready { None } else { Self::gate_before(walker, settled, taken) });
        let short = walker.estate.window.complete_days() < FULL_WINDOW;
        let grade = if passed { Grade::Measured } else { rule.grade };
        let grade = if short { grade.weaker() } else { grade };
        let weaker = parts.iter().any(|at| is_weaker(&rule, &part(at).1.signals));
        let grade = if weaker { grade.weaker() } else { grade };
        // What follows from a step that is assumed is no better than it.
        let grade = if gate.is_some() && own.is_none() { Grade::Assumed } else { grade };
        Recommendation {
            rule_id: walker.rule_id(&taken.id),
            recommender: meta.id,
            lever: meta.lever,
            priority: taken.id.recommender + 1,
            rank: 0,
            subject: taken.id.subject.clone(),
            action: match parts.len() - 1 {
                0 => taken.action.title.clone(),
                1 => format!("{} (and the like for another kind of its calls)", taken.action.title),
                others => format!("{} (and the like for {others} other kinds of its calls)", taken.action.title),
            },
            edits: taken.action.edits.clone(),
            parts: parts.iter().map(|at| part_of(part(at).0, at.1)).collect(),
            grade,
            plans: found.iter().map(|(name, step, _)| (*name, step.marginal())).collect(),
            current: current.round_micro(),
            savings: Savings { low: low.min(expected), expected, high: high.max(expected), standalone },
            one_off,
            gate,
            waiting: BTreeSet::new(),
            test: walker.test(&taken.id).map(|(test, verdict)| (test.date, verdict)),
            evidence: evidence(taken, &rule),
            alternatives: alternatives(settled, taken),
            break_even: parts
                .iter()
                .map(|at| moved_alone(walker, &part(at).0.start, part(at).1))
                .reduce(|all, more| {
                    let (all, more) = (all?, more?);
                    Some(BreakEven { today: all.today + more.today, there: all.there + more.there })
                })
                .flatten(),
            arithmetic: taken.arithmetic.clone(),
            in_full: None,
            only: only(walker, parts.iter().map(|at| &part(at).1.id.subject)),
            rule,
            id,
        }
    }
}

/// What one step of a walk does for its subject.
fn part_of(settled: &Settled, step: usize) -> Part {
    let taken = &settled.walked.taken;
    let action = taken[step].action.clone();
    let same = |earlier: &&Taken| earlier.action.selector.owner == action.selector.owner;
    let earlier = taken[..step].iter().filter(same).map(|earlier| earlier.action.clone()).collect();
    Part { action, earlier }
}

/// The cohort of a workload.
fn cohort_of(subject: &Owner) -> Option<Cohort> {
    if let Owner::Workload(workload) = subject { Some(workload.cohort.clone()) } else { None }
}

/// What was measured, and what the option says of itself.
fn evidence(taken: &Taken, rule: &Rule) -> Vec<Evidence> {
    let notes = Note::told(&taken.action.notes);
    let notes = notes.map(|note| Evidence { signal: note.name, unit: "", value: Value::Text(note.text.clone()) });
    taken.signals.evidence(rule).into_iter().chain(notes).collect()
}

/// The other ways to do it: what lost the choice, and what is only offered. The same change under another rule is no
/// other way.
fn alternatives(settled: &Settled, taken: &Taken) -> Vec<Alternative> {
    let mut seen: Vec<&Action> = vec![&taken.action];
    let mut new = |action| {
        let known = seen.iter().any(|other: &&Action| same_change(other) == same_change(action));
        if !known {
            seen.push(action);
        }
        !known
    };
    let mut all = Vec::new();
    for dropped in &settled.dropped {
        if let Some((winner, costs_more)) = &dropped.lost_to
            && *winner == taken.id
            && new(&dropped.action)
        {
            let title = dropped.action.title.clone();
            all.push(Alternative { title, costs_more: costs_more.round_micro(), never_chosen: None });
        }
    }
    for offered in settled.offered.iter().filter(|offered| offered.instead_of.as_ref() == Some(&taken.id)) {
        if new(&offered.action) {
            all.push(Alternative {
                title: offered.action.title.clone(),
                costs_more: offered.costs_more,
                never_chosen: Some(offered.range),
            });
        }
    }
    all
}

/// What makes two actions one change.
const fn same_change(action: &Action) -> (&Selector, &Vec<Edit>) {
    (&action.selector, &action.edits)
}

/// Which of a caller's calls these workloads are, where it makes others too.
fn only<'a>(walker: &Walker<'_>, subjects: impl Iterator<Item = &'a Owner>) -> Option<Only> {
    let demand = &walker.estate.demand;
    let meant: BTreeSet<&WorkloadId> = subjects
        .filter_map(|owner| if let Owner::Workload(workload) = owner { Some(workload) } else { None })
        .collect();
    let first = *meant.first()?;
    let (cluster, _) = demand.of(&Owner::Workload(first.clone()))?;
    let same = |w: &WorkloadId| w.model == first.model && w.caller == first.caller;
    let (mut calls, mut of) = (0, 0);
    for own in &cluster.owners {
        if let Owner::Workload(workload) = &own.owner
            && same(workload)
        {
            of += own.calls.len() as u64;
            calls += if meant.contains(workload) { own.calls.len() as u64 } else { 0 };
        }
    }
    let cohorts = meant.iter().map(|w| w.cohort.clone()).collect();
    (calls < of).then_some(Only { cohorts, calls, of })
}

impl Engine<'_> {
    /// The gate of the first gated step of the same owner before one, or, of capacity, of any owner of its model: a
    /// step that is there only because of a gated one waits for the same test.
    fn gate_before(walker: &Walker<'_>, settled: &Settled, taken: &Taken) -> Option<crate::Gate> {
        let (own, pooled) = (&taken.id.subject, matches!(taken.id.subject, Owner::Pool(_)));
        let concerns = |owner: &Owner| owner == own || pooled && owner.model() == own.model();
        let before = settled.walked.taken.iter().take_while(|step| step.id != taken.id);
        let before = before.filter(|step| concerns(&step.id.subject));
        let waiting = before.filter(|step| walker.is_gated(&step.id));
        waiting.filter_map(|step| walker.rules[step.id.recommender][step.id.rule].gate).next()
    }
}

/// A plan with the parts of each step.
struct Planned {
    plan: Plan,
    places: Vec<Parts>,
    intervals: Vec<(Money, Money)>,
}

fn gaps(walker: &Walker<'_>, settled: &[Settled]) -> Vec<DataGap> {
    let mut gaps: BTreeMap<Input, Vec<Waiting>> = BTreeMap::new();
    for owner in settled {
        for evaluation in &owner.walked.evaluations {
            if let Verdict::Gap(input, evidence) = &evaluation.verdict {
                let daily = owner.start.daily_of(&walker.estate.window, &evaluation.subject);
                gaps.entry(*input).or_default().push(Waiting {
                    rule_id: evaluation.rule_id.clone(),
                    subject: evaluation.subject.clone(),
                    spend: walker.projection.monthly(&daily).round_micro(),
                    evidence: evidence.clone(),
                });
            }
        }
    }
    gaps.into_iter()
        .map(|(input, mut waiting)| {
            waiting.sort_by(|a, b| {
                (-a.spend.pico(), &a.subject, &a.rule_id).cmp(&(-b.spend.pico(), &b.subject, &b.rule_id))
            });
            let spend: BTreeMap<&Owner, Money> = waiting.iter().map(|w| (&w.subject, w.spend)).collect();
            DataGap { input, spend: spend.into_values().sum(), waiting }
        })
        .collect()
}
