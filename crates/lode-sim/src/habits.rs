//! How an owner calls: how long its prompts and answers are, what its answers look like, what its calls are to each
//! other. No prices, no caches: those of [`crate::Traffic`] are measured among other owners.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{OutputForm, Owner, SegmentKind};

use crate::Estate;
use crate::calls::{Left, each_left};
use crate::lengths::Lengths;
use crate::sequence::{Chains, Repeats, Sequence};

/// What answers look like and why they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Calls by the form of the answer.
    pub by_form: BTreeMap<OutputForm, u64>,
    /// Calls by why the answer ended, in AWS' words; those whose record does not tell are in none.
    pub by_stop_reason: BTreeMap<Arc<str>, u64>,
}

impl Answers {
    /// Calls whose record tells why the answer ended.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.by_stop_reason.values().sum()
    }

    /// Of them, those whose answer was cut at the limit that the caller set.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.by_stop_reason.get("max_tokens").copied().unwrap_or_default()
    }

    /// Adds other answers: a sum.
    pub fn merge(&mut self, other: &Self) {
        for (form, calls) in &other.by_form {
            *self.by_form.entry(*form).or_default() += calls;
        }
        for (reason, calls) in &other.by_stop_reason {
            *self.by_stop_reason.entry(Arc::clone(reason)).or_default() += calls;
        }
    }
}

/// The calls of one owner that succeeded, or of several owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Prompt tokens of each call, cached or not.
    pub prompt: Lengths,
    /// Answer tokens of each call.
    pub output: Lengths,
    /// Tokens of the retrieved passages of each call that has any.
    pub retrieved: Lengths,
    /// Milliseconds of each call whose record tells.
    pub latency_ms: Lengths,
    /// Forms and ends of the answers.
    pub answers: Answers,
    /// Calls that follow each other.
    pub chains: Chains,
    /// Calls that repeat each other.
    pub repeats: Repeats,
}

impl Habits {
    /// Those of an owner's calls as they were logged; `None` where they are not known.
    #[must_use]
    pub fn logged(estate: &Estate, owner: &Owner) -> Option<Self> {
        let (cluster, place) = estate.demand.of(owner)?;
        let mut measured = Measured::default();
        each_left(cluster.owners.get(place)?, &[], estate.prices.catalogue(), |left| {
            if left.request.error.is_none() {
                measured.push(&left);
            }
        });
        Some(measured.finish())
    }

    /// How many calls.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.prompt.count()
    }

    /// Adds the habits of another owner: a sum. Of two parts of one owner's calls, lengths and answers add up to the
    /// whole; chains and repeats do not, since they may lie across both ([`Chains::merge`], [`Repeats::merge`]).
    pub fn merge(&mut self, other: &Self) {
        self.prompt.merge(&other.prompt);
        self.output.merge(&other.output);
        self.retrieved.merge(&other.retrieved);
        self.latency_ms.merge(&other.latency_ms);
        self.answers.merge(&other.answers);
        self.chains.merge(&other.chains);
        self.repeats.merge(&other.repeats);
    }
}

/// The habits of the calls so far.
#[derive(Default)]
pub(crate) struct Measured {
    habits: Habits,
    sequence: Sequence,
}

impl Measured {
    /// Takes the next call that succeeded, in time order.
    pub(crate) fn push(&mut self, left: &Left<'_>) {
        let habits = &mut self.habits;
        habits.prompt.add(left.prompt);
        habits.output.add(left.output);
        left.request.latency_ms.into_iter().for_each(|ms| habits.latency_ms.add(ms));
        let passages = left.parts.iter().filter(|(segment, _)| segment.kind == SegmentKind::Retrieved);
        let retrieved = passages.map(|(_, tokens)| *tokens).reduce(u64::saturating_add);
        retrieved.into_iter().for_each(|tokens| habits.retrieved.add(tokens));
        *habits.answers.by_form.entry(left.request.output_form).or_default() += 1;
        if let Some(reason) = &left.request.stop_reason {
            *habits.answers.by_stop_reason.entry(Arc::clone(reason)).or_default() += 1;
        }
        self.sequence.push(left);
    }

    /// What came of them.
    pub(crate) fn finish(self) -> Habits {
        let (chains, repeats) = self.sequence.finish();
        Habits { chains, repeats, ..self.habits }
    }
}

#[cfg(test)]
mod tests;
