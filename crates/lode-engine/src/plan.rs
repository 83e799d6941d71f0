//! The plan: exclusive choices settled by the bill they leave, losing steps taken out, cumulative totals rounded
//! once so that the marginals add up exactly.
//!
//! Every edit of this version touches one owner's charges only, so choices are settled owner by owner: the owner's
//! walk *is* the part of the whole walk that the choice can change.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use jiff::civil::Date;
use lode_model::{Money, Owner};
use lode_prices::NewRates;
use lode_sim::{Estate, Projection, Simulator, State};

use crate::interval::Sequences;
use crate::outcome::{Alternative, DataGap, Declined, Outcome, Plan, PlanName, Recommendation, Savings, Step, Waiting};
use crate::walk::{OptionId, Taken, Walked, Walker, recommendation_id};
use crate::{Grade, Input, Reason, Recommender, Rule, RuleError, Settings, Verdict};

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

/// An option that lost, or saved nothing, in the settling of one owner.
struct Dropped {
    id: OptionId,
    title: String,
    reason: Reason,
    /// What it lost to, and how much larger the bill would be with it.
    lost_to: Option<(OptionId, Money)>,
}

/// One owner's settled plan.
struct Settled {
    start: State,
    walked: Walked,
    dropped: Vec<Dropped>,
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

    /// Recommenders with their rules, in documented order.
    pub fn rules(&self) -> impl Iterator<Item = (&'a dyn Recommender, &[Rule])> {
        self.recommenders.iter().copied().zip(self.rules.iter().map(Vec::as_slice))
    }

    /// Plans the estate as of a date.
    #[must_use]
    pub fn run(&self, estate: &Estate, as_of: Date) -> Outcome {
        let projection = Projection::of(&estate.window);
        let walker = Walker {
            estate,
            projection: &projection,
            recommenders: self.recommenders,
            rules: &self.rules,
            settings: &self.settings,
            as_of,
        };
        let baseline = State::baseline(estate);
        let settle_all = |gated: bool| self.settle_all(&walker, &baseline, gated);
        let (ready, full) = (settle_all(false), settle_all(true));
        let ready_plan = self.plan(&walker, PlanName::Ready, &baseline, &ready, &|_| false);
        // What is not ready waits for a test: its own, or that of a step it follows from.
        let is_ready: BTreeSet<&OptionId> = ready.iter().flat_map(|s| s.walked.taken.iter().map(|t| &t.id)).collect();
        let mut full_plan = self.plan(&walker, PlanName::Full, &baseline, &full, &|id| !is_ready.contains(id));
        // Should every test fail, the ready plan is still there.
        full_plan.plan.low = full_plan.plan.low.max(ready_plan.plan.low).min(full_plan.plan.savings());
        let mut recommendations = Vec::new();
        for (steps, settled) in [(&ready_plan, &ready), (&full_plan, &full)] {
            for &(owner, step) in &steps.places {
                let taken = &settled[owner].walked.taken[step];
                let id = recommendation_id(&walker.rule_id(&taken.id), &taken.id.subject);
                if !recommendations.iter().any(|r: &Recommendation| r.id == id) {
                    recommendations.push(self.recommendation(
                        &walker,
                        id,
                        taken,
                        &settled[owner],
                        [&ready_plan, &full_plan],
                    ));
                }
            }
        }
        recommendations.sort_by(|a, b| {
            (a.priority, -a.savings.expected.pico(), &a.id).cmp(&(b.priority, -b.savings.expected.pico(), &b.id))
        });
        for (place, recommendation) in recommendations.iter_mut().enumerate() {
            recommendation.rank = place + 1;
        }
        let declined = declined(&walker, &full, &recommendations);
        let gaps = gaps(&walker, &full);
        let evaluations = full.into_iter().flat_map(|settled| settled.walked.evaluations).collect();
        Outcome { ready: ready_plan.plan, full: full_plan.plan, recommendations, declined, gaps, evaluations }
    }

    /// Settles every owner, in order; owners are independent, so each thread takes a run of them.
    fn settle_all(&self, walker: &Walker<'_>, baseline: &State, gated: bool) -> Vec<Settled> {
        let owners: Vec<&Owner> = baseline.owners().collect();
        let run = owners.len().div_ceil(self.threads.get()).max(1);
        let settle_run = |owners: &[&Owner]| -> Vec<Settled> {
            owners.iter().map(|owner| settle(walker, baseline.only(owner), gated)).collect()
        };
        std::thread::scope(|scope| {
            let runs: Vec<_> = owners.chunks(run).map(|owners| scope.spawn(move || settle_run(owners))).collect();
            runs.into_iter()
                .flat_map(|thread| match thread.join() {
                    Ok(settled) => settled,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        })
    }

    /// Puts the owners' steps in documented order and adds them up.
    fn plan(
        &self,
        walker: &Walker<'_>,
        name: PlanName,
        baseline: &State,
        settled: &[Settled],
        gated: &dyn Fn(&OptionId) -> bool,
    ) -> Planned {
        let mut places: Vec<(usize, usize)> = settled
            .iter()
            .enumerate()
            .flat_map(|(owner, s)| (0..s.walked.taken.len()).map(move |step| (owner, step)))
            .collect();
        let taken = |&(owner, step): &(usize, usize)| &settled[owner].walked.taken[step];
        places.sort_by(|a, b| taken(a).id.cmp(&taken(b).id));
        let mut daily = baseline.daily(&walker.estate.window);
        let monthly = |daily: &lode_sim::Daily| walker.projection.monthly(daily).round_micro();
        let today = monthly(&daily);
        let mut before = today;
        let mut steps = Vec::with_capacity(places.len());
        for place in &places {
            let step = taken(place);
            daily.sub_all(&step.arithmetic.saved);
            let after = monthly(&daily);
            steps.push(Step {
                id: recommendation_id(&walker.rule_id(&step.id), &step.id.subject),
                lever: self.recommenders[step.id.recommender].meta().lever,
                priority: step.id.recommender + 1,
                before,
                after,
                standalone: standalone(walker, &settled[place.0].start, step).round_micro(),
            });
            before = after;
        }
        let sequences: Sequences =
            settled.iter().map(|s| (s.start.clone(), s.walked.taken.iter().map(|t| t.id.clone()).collect())).collect();
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
        taken: &Taken,
        settled: &Settled,
        plans: [&Planned; 2],
    ) -> Recommendation {
        let meta = self.recommenders[taken.id.recommender].meta();
        let rule = self.rules[taken.id.recommender][taken.id.rule].clone();
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
        let gate = rule.gate.or_else(|| if in_ready { None } else { self.gate_before(settled, taken) });
        let grade = if walker.estate.window.complete_days() < FULL_WINDOW {
            match rule.grade {
                Grade::Measured | Grade::Replayed => Grade::Modelled,
                Grade::Modelled | Grade::Assumed => Grade::Assumed,
            }
        } else {
            rule.grade
        };
        // What follows from a step that is assumed is no better than it.
        let grade = if gate.is_some() && rule.gate.is_none() { Grade::Assumed } else { grade };
        Recommendation {
            rule_id: walker.rule_id(&taken.id),
            recommender: meta.id,
            lever: meta.lever,
            priority: taken.id.recommender + 1,
            rank: 0,
            subject: taken.id.subject.clone(),
            action: taken.action.title.clone(),
            grade,
            plans: found.iter().map(|(name, step, _)| (*name, step.marginal())).collect(),
            current: taken.current.round_micro(),
            savings: Savings { low: low.min(expected), expected, high: high.max(expected), standalone },
            one_off: taken.action.one_off,
            gate,
            evidence: taken.signals.evidence(&rule),
            alternatives: settled
                .dropped
                .iter()
                .filter_map(|d| match &d.lost_to {
                    Some((winner, costs_more)) if *winner == taken.id => {
                        Some(Alternative { title: d.title.clone(), costs_more: costs_more.round_micro() })
                    }
                    _ => None,
                })
                .collect(),
            arithmetic: taken.arithmetic.clone(),
            rule,
            id,
        }
    }
}

impl Engine<'_> {
    /// The gate of the first gated step before one, in its owner's walk: a step that is there only because of a
    /// gated one waits for the same test.
    fn gate_before(&self, settled: &Settled, taken: &Taken) -> Option<crate::Gate> {
        let before = settled.walked.taken.iter().take_while(|step| step.id != taken.id);
        before.filter_map(|step| self.rules[step.id.recommender][step.id.rule].gate).next()
    }
}

/// A plan with the place of each step: owner, and step within it.
struct Planned {
    plan: Plan,
    places: Vec<(usize, usize)>,
    intervals: Vec<(Money, Money)>,
}

/// Walks one owner until no exclusive choice is open and no step loses money.
fn settle(walker: &Walker<'_>, start: State, gated: bool) -> Settled {
    let mut forbidden = BTreeSet::new();
    let mut dropped: Vec<Dropped> = Vec::new();
    loop {
        let walked = walker.walk(&start, gated, &forbidden);
        if let Some((first, _)) = walked.conflicts.iter().min() {
            let rivals: BTreeSet<&OptionId> = walked
                .conflicts
                .iter()
                .filter_map(|(a, b)| if a == first { Some(b) } else { (b == first).then_some(a) })
                .chain([first])
                .collect();
            choose(walker, &start, gated, &walked, &rivals, &mut forbidden, &mut dropped);
            continue;
        }
        let worst = walked
            .taken
            .iter()
            .filter(|t| t.arithmetic.monthly <= Money::ZERO)
            .min_by(|a, b| (a.arithmetic.monthly, &a.id).cmp(&(b.arithmetic.monthly, &b.id)));
        let Some(worst) = worst else { return Settled { start, walked, dropped } };
        let alone = standalone(walker, &start, worst);
        dropped.push(Dropped {
            id: worst.id.clone(),
            title: worst.action.title.clone(),
            reason: if alone > Money::ZERO {
                Reason::NegativeInPlan(worst.arithmetic.monthly)
            } else {
                Reason::NoSaving(worst.arithmetic.monthly)
            },
            lost_to: None,
        });
        forbidden.insert(worst.id.clone());
        // What lost to it gets another chance; it terminates, since what was dropped stays forbidden.
        let (released, kept) = std::mem::take(&mut dropped)
            .into_iter()
            .partition(|d| matches!(&d.lost_to, Some((winner, _)) if *winner == worst.id));
        dropped = kept;
        for option in released {
            forbidden.remove(&option.id);
        }
    }
}

/// Settles one choice: the option whose whole walk leaves the smallest bill stays, those it excludes go.
fn choose(
    walker: &Walker<'_>,
    start: &State,
    gated: bool,
    walked: &Walked,
    rivals: &BTreeSet<&OptionId>,
    forbidden: &mut BTreeSet<OptionId>,
    dropped: &mut Vec<Dropped>,
) {
    let excluded_by = |option: &OptionId| -> BTreeSet<OptionId> {
        rivals
            .iter()
            .filter(|rival| **rival != option)
            .filter(|rival| match (walked.options.get(option), walked.options.get(**rival)) {
                (Some(a), Some(b)) => a.excludes(b),
                _ => false,
            })
            .map(|rival| (*rival).clone())
            .collect()
    };
    let bill_with = |option: &OptionId| -> Money {
        let without = forbidden.union(&excluded_by(option)).cloned().collect();
        walker.projection.monthly(&walker.walk(start, gated, &without).state.daily(&walker.estate.window))
    };
    let bills: Vec<(Money, &OptionId)> = rivals.iter().map(|option| (bill_with(option), *option)).collect();
    let Some((least, winner)) = bills.iter().min().cloned() else { return };
    for loser in excluded_by(winner) {
        let bill = bills.iter().find(|(_, option)| **option == loser).map_or(least, |(bill, _)| *bill);
        dropped.push(Dropped {
            title: walked.options.get(&loser).map(|action| action.title.clone()).unwrap_or_default(),
            reason: Reason::Alternative(recommendation_id(&walker.rule_id(winner), &winner.subject)),
            lost_to: Some((winner.clone(), bill - least)),
            id: loser.clone(),
        });
        forbidden.insert(loser);
    }
}

/// What an action alone saves against today's bill; nothing where it needs an earlier step to make sense.
fn standalone(walker: &Walker<'_>, start: &State, taken: &Taken) -> Money {
    let window = &walker.estate.window;
    Simulator::new(walker.estate, NewRates::Inherit).apply(start, &taken.action).map_or(Money::ZERO, |after| {
        let mut saved = start.daily(window);
        saved.sub_all(&after.daily(window));
        walker.projection.monthly(&saved)
    })
}

fn declined(walker: &Walker<'_>, settled: &[Settled], recommendations: &[Recommendation]) -> Vec<Declined> {
    let mut all = Vec::new();
    for owner in settled {
        for evaluation in &owner.walked.evaluations {
            // What the ready plan recommends is not declined because the full one has no need of it.
            let id = recommendation_id(&evaluation.rule_id, &evaluation.subject);
            if let Verdict::Declined(reason) = &evaluation.verdict
                && !recommendations.iter().any(|r| r.id == id)
            {
                all.push(Declined {
                    rule_id: evaluation.rule_id.clone(),
                    subject: evaluation.subject.clone(),
                    reason: reason.clone(),
                });
            }
        }
        for dropped in &owner.dropped {
            let rule_id = walker.rule_id(&dropped.id);
            let id = recommendation_id(&rule_id, &dropped.id.subject);
            // Another option of the same recommendation is listed there as an alternative.
            if !recommendations.iter().any(|r| r.id == id) {
                all.push(Declined { rule_id, subject: dropped.id.subject.clone(), reason: dropped.reason.clone() });
            }
        }
    }
    all
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
