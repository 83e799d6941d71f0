//! What the calls of one owner are to each other: steps of one chain, or the same prompt again.
//!
//! Two calls hang together where the prompt of one ends with the results of tool calls that the answer of the other
//! made; where no such id tells, where one prompt is the other one, an answer, and more. It is one pass over the
//! segments and one look-up per turn; about 150 bytes a call are held until it ends, and nothing after.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use lode_model::{Chain, SegmentKind};

use crate::calls::{Left, is_message};
use crate::lengths::Lengths;

/// Amounts by how long after something they come: each span includes the shorter ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// At most five minutes after.
    pub five_minutes: u64,
    /// At most an hour.
    pub hour: u64,
    /// At most 24 hours.
    pub day: u64,
    /// At any time.
    pub ever: u64,
}

impl Within {
    fn add(&mut self, seconds: u64, amount: u64) {
        for (span, most) in
            [(&mut self.five_minutes, 300), (&mut self.hour, 3600), (&mut self.day, 86_400), (&mut self.ever, u64::MAX)]
        {
            if seconds <= most {
                *span = span.saturating_add(amount);
            }
        }
    }

    /// Adds other amounts: a sum.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.five_minutes, other.five_minutes),
            (&mut self.hour, other.hour),
            (&mut self.day, other.day),
            (&mut self.ever, other.ever),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Chains of calls: two or more of one owner, of which each but the first follows one before it. Where two follow the
/// same (a step tried again, or several at once), all of them are one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    /// How many chains.
    pub chains: u64,
    /// Calls in them.
    pub calls: u64,
    /// Chains joined by the ids of tool calls alone.
    pub by_ids: u64,
    /// Chains joined by how prompts begin alone.
    pub by_prefixes: u64,
    /// Chains joined by both.
    pub by_both: u64,
    /// Calls of each chain.
    pub steps: Lengths,
    /// Prompt tokens of the calls in chains, cached or not.
    pub prompt_tokens: u64,
    /// Of them, sent before by the call that they follow: its prompt, or the own one where that is shorter. In a chain
    /// of prompts that only grow, all prompts but the last.
    pub resent_tokens: u64,
    /// Seconds from each step to the next, by the times of their records.
    pub gaps: Lengths,
    /// Calls by how soon the first call that follows them comes.
    pub followed: Within,
    /// Calls whose prompt ends with results of tool calls that no answer of the owner's made: another caller's or
    /// model's, or one that is not in the logs.
    pub unmatched: u64,
}

impl Chains {
    /// By what chains multiply their prompts: all prompt tokens, over those that were not sent before. `None` without
    /// any.
    #[must_use]
    pub const fn inflation(&self) -> Option<(u64, u64)> {
        match self.prompt_tokens.saturating_sub(self.resent_tokens) {
            0 => None,
            new => Some((self.prompt_tokens, new)),
        }
    }

    /// Adds the chains of another owner: a sum. The chains of two parts of one owner's calls are not those of the whole,
    /// since a chain may lie across both.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.chains, other.chains),
            (&mut self.calls, other.calls),
            (&mut self.by_ids, other.by_ids),
            (&mut self.by_prefixes, other.by_prefixes),
            (&mut self.by_both, other.by_both),
            (&mut self.prompt_tokens, other.prompt_tokens),
            (&mut self.resent_tokens, other.resent_tokens),
            (&mut self.unmatched, other.unmatched),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.steps.merge(&other.steps);
        self.gaps.merge(&other.gaps);
        self.followed.merge(&other.followed);
    }
}

/// Calls whose whole prompt their owner sent before, whatever limit it set for the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Calls that could be compared: with a body, and without images, video or documents.
    pub comparable: u64,
    /// Of them, those that repeat an earlier one, by how long ago that was sent last.
    pub calls: Within,
    /// Their prompt tokens, cached or not.
    pub prompt_tokens: Within,
    /// Their answer tokens.
    pub output_tokens: Within,
}

impl Repeats {
    /// Adds the repeats of another owner: a sum. Those of two parts of one owner's calls are not those of the whole,
    /// since one part may repeat the other.
    pub fn merge(&mut self, other: &Self) {
        self.comparable = self.comparable.saturating_add(other.comparable);
        self.calls.merge(&other.calls);
        self.prompt_tokens.merge(&other.prompt_tokens);
        self.output_tokens.merge(&other.output_tokens);
    }
}

/// What is kept of a call until its followers are known.
struct Step {
    second: i64,
    prompt: u64,
    chain: Chain,
    /// The latest call whose prompt this one begins with, the longest of them.
    extends: Option<usize>,
}

/// How a call was found to follow another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Ids,
    Prefix,
}

/// The calls of one owner, one after the other.
#[derive(Default)]
pub(crate) struct Sequence {
    steps: Vec<Step>,
    /// The latest call with a whole prompt. Identities are 64 bits (SipHash over segment hashes): among a million calls
    /// of ten turns, the chance that any two are confused is one in two million.
    latest: BTreeMap<u64, usize>,
    repeats: Repeats,
}

impl Sequence {
    /// Takes the next call, in time order.
    pub(crate) fn push(&mut self, left: &Left<'_>) {
        let second = left.request.time.as_second();
        let place = self.steps.len();
        let mut extends = None;
        if !left.parts.is_empty() {
            let (whole, beginnings) = identities(left);
            extends = beginnings.iter().rev().find_map(|beginning| self.latest.get(beginning).copied());
            let before = self.latest.insert(whole, place);
            if !left.parts.iter().any(|(segment, _)| segment.kind == SegmentKind::Media) {
                self.repeats.comparable += 1;
                if let Some(before) = before {
                    let ago = self.steps[before].second.abs_diff(second);
                    self.repeats.calls.add(ago, 1);
                    self.repeats.prompt_tokens.add(ago, left.prompt);
                    self.repeats.output_tokens.add(ago, left.output);
                }
            }
        }
        self.steps.push(Step { second, prompt: left.prompt, chain: left.request.chain, extends });
    }

    /// What came of them.
    pub(crate) fn finish(self) -> (Chains, Repeats) {
        (chains(&self.steps), self.repeats)
    }
}

/// Identity of a prompt, and those of its beginnings that may be a whole prompt to which it holds the answer: up to
/// each answer after a message, shortest first.
fn identities(left: &Left<'_>) -> (u64, Vec<u64>) {
    let mut beginnings = Vec::new();
    let mut hash = DefaultHasher::new();
    let mut before = SegmentKind::System;
    for (segment, _) in &left.parts {
        if segment.kind == SegmentKind::Assistant && before != segment.kind && is_message(before) {
            beginnings.push(hash.finish());
        }
        // A content does not tell who said it.
        (segment.kind, segment.hash).hash(&mut hash);
        before = segment.kind;
    }
    (hash.finish(), beginnings)
}

/// Which call each one follows.
fn links(steps: &[Step], chains: &mut Chains) -> Vec<Option<(usize, By)>> {
    let mut opened: BTreeMap<u64, usize> = BTreeMap::new();
    let mut links = Vec::with_capacity(steps.len());
    // Times are whole seconds: within one, order says nothing about which call came first.
    for at_once in steps.chunk_by(|a, b| a.second == b.second) {
        let first = links.len();
        for (nth, step) in at_once.iter().enumerate() {
            opened.extend(step.chain.opens.map(|id| (id, first + nth)));
        }
        for (nth, step) in at_once.iter().enumerate() {
            let by_ids = step.chain.continues.and_then(|id| opened.get(&id).copied()).filter(|at| *at != first + nth);
            chains.unmatched += u64::from(step.chain.continues.is_some() && by_ids.is_none());
            let by_ids = by_ids.map(|at| (at, By::Ids));
            links.push(by_ids.or_else(|| step.extends.map(|at| (at, By::Prefix))));
        }
    }
    links
}

/// Puts the links together.
fn chains(steps: &[Step]) -> Chains {
    let mut chains = Chains::default();
    let links = links(steps, &mut chains);
    let mut roots: Vec<usize> = (0..steps.len()).collect();
    let mut followed = vec![false; steps.len()];
    for (at, link) in links.iter().enumerate() {
        let Some((before, _)) = *link else { continue };
        let (own, root) = (root_of(&mut roots, at), root_of(&mut roots, before));
        roots[own] = root;
        let (step, earlier) = (&steps[at], &steps[before]);
        chains.resent_tokens = chains.resent_tokens.saturating_add(step.prompt.min(earlier.prompt));
        let gap = step.second.abs_diff(earlier.second);
        chains.gaps.add(gap);
        if !std::mem::replace(&mut followed[before], true) {
            chains.followed.add(gap, 1);
        }
    }
    // Of each chain, at the place of its root: calls, links by ids, links by prefixes.
    let mut sums = vec![[0u64; 3]; steps.len()];
    for (at, link) in links.iter().enumerate() {
        let sum = &mut sums[root_of(&mut roots, at)];
        sum[0] += 1;
        sum[1] += u64::from(matches!(link, Some((_, By::Ids))));
        sum[2] += u64::from(matches!(link, Some((_, By::Prefix))));
    }
    for (at, step) in steps.iter().enumerate() {
        if sums[root_of(&mut roots, at)][0] > 1 {
            chains.prompt_tokens = chains.prompt_tokens.saturating_add(step.prompt);
        }
    }
    for [calls, by_ids, by_prefixes] in sums.into_iter().filter(|[calls, ..]| *calls > 1) {
        chains.chains += 1;
        chains.calls += calls;
        chains.steps.add(calls);
        match (by_ids, by_prefixes) {
            (_, 0) => chains.by_ids += 1,
            (0, _) => chains.by_prefixes += 1,
            _ => chains.by_both += 1,
        }
    }
    chains
}

/// The call that speaks for a chain. Each look-up halves the way of the next.
fn root_of(roots: &mut [usize], mut at: usize) -> usize {
    while roots[at] != at {
        roots[at] = roots[roots[at]];
        at = roots[at];
    }
    at
}
