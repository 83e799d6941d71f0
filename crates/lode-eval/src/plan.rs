//! Which calls are taken: of every cohort as many as decide about it, spread over the sizes of its prompts, chosen by a
//! hash, so that the same calls in any order give the same sample.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{Cohort, TaskForm};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{Design, DesignError, PassRule};

/// A call that could be taken. Failed calls are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its request id.
    pub request: Arc<str>,
    /// The cohort it belongs to. Cohorts of several callers need names of their own here.
    pub cohort: Cohort,
    /// What it asks for.
    pub task: TaskForm,
    /// All tokens of its prompt, cached or not.
    pub prompt_tokens: u64,
    /// Tokens of its answer.
    pub output_tokens: u64,
}

/// Groups of prompts by size within a cohort: quartiles of prompt tokens.
const STRATA: usize = 4;

/// The calls of a cohort in the order in which they are to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortPlan {
    /// The cohort.
    pub cohort: Cohort,
    /// How many calls decide about it.
    pub needed: u64,
    /// Every call that could be taken, the sample first: any beginning of it is spread over the sizes.
    pub order: Vec<Candidate>,
}

impl CohortPlan {
    /// How many calls it has that could be taken.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.order.len() as u64
    }

    /// Whether all its calls together are too few to decide. All are taken then, and it may still be decided: by a
    /// difference larger than expected.
    #[must_use]
    pub fn is_too_small(&self) -> bool {
        self.calls() < self.needed
    }

    /// How many calls are taken if each can be used.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.needed.min(self.calls())
    }

    /// The calls that are taken if each can be used.
    #[must_use]
    pub fn sample(&self) -> &[Candidate] {
        let taken = usize::try_from(self.taken()).unwrap_or(usize::MAX);
        self.order.get(..taken).unwrap_or(&self.order)
    }
}

/// A sample of calls, cohort by cohort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of their names.
    pub cohorts: Vec<CohortPlan>,
    /// Calls that no rule can judge, by what they ask for: embeddings and pictures.
    pub not_judged: BTreeMap<&'static str, u64>,
}

/// Tokens in and out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens of prompts.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
}

/// What running the sample takes, in tokens as the model of today counts them. Who prices it scales the candidate's by
/// what its tokenizer makes of the same text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Calls of today's model.
    pub today: Tokens,
    /// Calls of the candidate.
    pub candidate: Tokens,
    /// Calls of the judge, two for each call that it judges.
    pub judge: Tokens,
}

/// Tokens of the judge's instructions: the text of `assets/judge.md` is some 330 words.
const JUDGE_INSTRUCTIONS: u64 = 600;
/// Tokens of a judgement: a sentence and a verdict.
const JUDGEMENT: u64 = 100;
/// Calls beyond the sample that are read too, in place of those whose bodies turn out to be of no use: one in four of
/// the sample, and 8.
const SPARE: (u64, u64) = (4, 8);

impl Plan {
    /// The calls whose bodies are to be read: the sample, and some to take the place of those that cannot be used.
    #[must_use]
    pub fn to_read(&self) -> BTreeSet<Arc<str>> {
        let wanted = self.cohorts.iter().flat_map(|cohort| {
            let read = cohort.needed + cohort.needed / SPARE.0 + SPARE.1;
            cohort.order.iter().take(usize::try_from(read).unwrap_or(usize::MAX))
        });
        wanted.map(|candidate| candidate.request.clone()).collect()
    }

    /// What running the sample takes.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let mut all = Estimate::default();
        for call in self.cohorts.iter().flat_map(CohortPlan::sample) {
            for model in [&mut all.today, &mut all.candidate] {
                model.input = model.input.saturating_add(call.prompt_tokens);
                model.output = model.output.saturating_add(call.output_tokens);
            }
            if PassRule::of(call.task) == Some(PassRule::Judged) {
                // The conversation, the recorded answer and the one to be judged.
                let once = call.output_tokens.saturating_mul(2).saturating_add(call.prompt_tokens);
                let both = once.saturating_add(JUDGE_INSTRUCTIONS).saturating_mul(2);
                all.judge.input = all.judge.input.saturating_add(both);
                all.judge.output = all.judge.output.saturating_add(2 * JUDGEMENT);
            }
        }
        all
    }
}

/// Chooses. A request id that stands twice counts once. Another seed gives another sample.
///
/// # Errors
/// When the design is none.
pub fn plan(candidates: &[Candidate], design: &Design, seed: u64) -> Result<Plan, DesignError> {
    let needed = design.cases()?;
    let mut plan = Plan::default();
    let mut cohorts: BTreeMap<&Cohort, BTreeMap<&Arc<str>, &Candidate>> = BTreeMap::new();
    for candidate in candidates {
        if PassRule::of(candidate.task).is_none() {
            *plan.not_judged.entry(candidate.task.as_str()).or_default() += 1;
            continue;
        }
        let calls = cohorts.entry(&candidate.cohort).or_default();
        let kept = calls.entry(&candidate.request).or_insert(candidate);
        // Of two that share an id, the same whatever the order.
        let size = |call: &Candidate| (call.prompt_tokens, call.output_tokens, call.task);
        if size(candidate) < size(kept) {
            *kept = candidate;
        }
    }
    for (cohort, calls) in cohorts {
        let order = spread(calls.into_values().cloned().collect(), seed);
        plan.cohorts.push(CohortPlan { cohort: cohort.clone(), needed, order });
    }
    Ok(plan)
}

/// Orders the calls of a cohort so that every beginning takes of each stratum its share.
fn spread(mut calls: Vec<Candidate>, seed: u64) -> Vec<Candidate> {
    calls.sort_by(|a, b| (a.prompt_tokens, &a.request).cmp(&(b.prompt_tokens, &b.request)));
    let draw = |call: &Candidate| xxh3_64_with_seed(call.request.as_bytes(), seed);
    let whole = calls.len();
    let mut places: Vec<((u64, u64), Candidate)> = Vec::with_capacity(whole);
    let mut calls = calls.into_iter();
    for stratum in 0..STRATA {
        let size = (stratum + 1) * whole / STRATA - stratum * whole / STRATA;
        let mut members: Vec<Candidate> = calls.by_ref().take(size).collect();
        members.sort_by_key(|call| (draw(call), call.request.clone()));
        for (rank, call) in (0_u64..).zip(members) {
            // The middle of its place among the members, in millionths, then the stratum.
            let place = (2 * rank + 1) * 500_000 / size.max(1) as u64;
            places.push(((place, draw(&call)), call));
        }
    }
    places.sort_by(|a, b| (a.0, &a.1.request).cmp(&(b.0, &b.1.request)));
    places.into_iter().map(|(_, call)| call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(number: u64, cohort: &str, task: TaskForm) -> Candidate {
        Candidate {
            request: format!("r{number}").into(),
            cohort: Cohort::from(cohort),
            task,
            prompt_tokens: 100 + number,
            output_tokens: 10,
        }
    }

    /// Needs 62 of each cohort.
    fn design() -> Design {
        Design { margin: 0.10, ..Design::default() }
    }

    fn labels(calls: u64) -> Vec<Candidate> {
        (0..calls).map(|number| call(number, "label", TaskForm::Label)).collect()
    }

    #[test]
    fn every_cohort_is_decidable_by_itself_and_small_ones_are_taken_whole() {
        let mut calls = labels(1_000);
        calls.extend((1_000..1_010).map(|number| call(number, "chat", TaskForm::Chat)));
        let plan = plan(&calls, &design(), 1).expect("a design");
        let [chat, label] = plan.cohorts.as_slice() else { panic!("two cohorts") };
        assert_eq!((chat.calls(), chat.sample().len(), chat.needed, chat.is_too_small()), (10, 10, 62, true));
        assert_eq!((label.calls(), label.sample().len(), label.needed, label.is_too_small()), (1_000, 62, 62, false));
        // 62 + 62 / 4 + 8 of the one, all of the other.
        assert_eq!(plan.to_read().len(), 85 + 10);
    }

    #[test]
    fn the_sample_takes_a_quarter_of_each_quartile() {
        let calls = labels(400);
        let plan = plan(&calls, &Design { discordance: 0.064, ..design() }, 7).expect("a design");
        // 6.1826 × 0.064 / 0.01 = 39.6, so 40: ten of each hundred.
        let sample = plan.cohorts[0].sample();
        for quartile in 0..4 {
            let inside = |call: &&Candidate| (call.prompt_tokens - 100) / 100 == quartile;
            assert_eq!(sample.iter().filter(inside).count(), 10, "quartile {quartile}");
        }
    }

    #[test]
    fn another_seed_gives_another_sample() {
        let of = |seed| plan(&labels(400), &design(), seed).expect("a design").cohorts[0].sample().to_vec();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn what_cannot_be_judged_is_counted_and_left_out() {
        let calls = [call(1, "vision", TaskForm::Vision), call(2, "embedding", TaskForm::Embedding)];
        let plan = plan(&calls, &design(), 1).expect("a design");
        assert!(plan.cohorts.is_empty());
        assert_eq!(plan.not_judged, BTreeMap::from([("embedding", 1), ("vision", 1)]));
    }

    #[test]
    fn the_estimate_adds_up() {
        let mut calls = vec![call(0, "label", TaskForm::Label), call(0, "label", TaskForm::Label)];
        calls.push(call(100, "chat", TaskForm::Chat));
        let estimate = plan(&calls, &design(), 1).expect("a design").estimate();
        assert_eq!(estimate.today, Tokens { input: 100 + 200, output: 20 });
        assert_eq!(estimate.candidate, estimate.today);
        // Twice: a prompt of 200, two answers of 10, and the instructions.
        assert_eq!(estimate.judge, Tokens { input: 2 * (200 + 20 + 600), output: 200 });
    }

    proptest! {
        #[test]
        fn the_order_of_the_calls_leaves_no_mark(
            order in Just((0_u64..120).collect::<Vec<_>>()).prop_shuffle(), seed in 0_u64..5,
        ) {
            let shuffled: Vec<Candidate> = order.iter().map(|number| call(number % 100, "text", TaskForm::Text)).collect();
            let sorted: Vec<Candidate> = (0..100).map(|number| call(number, "text", TaskForm::Text)).collect();
            prop_assert_eq!(plan(&shuffled, &design(), seed), plan(&sorted, &design(), seed));
        }
    }
}
