//! What the calls of one owner are as steps of tasks, and which of them bought nothing: failed, sent again while the same
//! was on its way, going in a circle, or far beyond the steps that tasks take.
//!
//! A task is what follows after the user spoke, until the user speaks again. Counts and tokens; no prices.

use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{Request, SegmentKind};

use crate::calls::{Left, OnItsWay, Watch, equal_calls, fold, is_failed, is_in_a_row, step};

/// Equal tool calls of a task that [`Agents::looping`] takes to be in order. A choice of ours, 2026-11: a first try, one
/// more, and one after something else was put right.
pub const EQUAL_CALLS: u32 = 3;
/// Seconds for which a call counts as on its way in [`Agents::retried`], where its record does not tell how long it took.
pub const ON_ITS_WAY: u32 = 5;
/// Seconds after the last call with its prompt from which a call counts in [`Agents::retried`]. A choice of ours, 2026-11:
/// no client gives up waiting within a second, and answers drawn on purpose are asked for at once.
pub const RETRIED_AFTER: u32 = 2;

/// Seconds within which the call that goes on from a failed one comes ([`Agents::failed_followed`]). A choice of ours,
/// 2026-11: the same prompt a day later is another task.
pub const FOLLOWED_WITHIN: i64 = 3_600;

/// Calls of one kind, and their tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WastedCalls {
    /// How many.
    pub calls: u64,
    /// Prompt tokens, cached or not.
    pub prompt_tokens: u64,
    /// Answer tokens.
    pub output_tokens: u64,
    /// Up to three request ids, those with the most tokens.
    pub examples: Vec<Arc<str>>,
    largest: Vec<(u64, Arc<str>)>,
}

impl WastedCalls {
    /// Prompt and answer tokens.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.output_tokens)
    }

    fn add(&mut self, left: &Left<'_>) {
        self.calls += 1;
        self.prompt_tokens += left.prompt;
        self.output_tokens += left.output;
        let tokens = left.prompt.saturating_add(left.output);
        if self.largest.len() < EXAMPLES || self.largest.last().is_some_and(|(least, _)| tokens > *least) {
            self.largest.push((tokens, Arc::clone(&left.request.id)));
            self.largest.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
            self.largest.truncate(EXAMPLES);
        }
    }

    fn finish(&mut self) {
        self.examples = std::mem::take(&mut self.largest).into_iter().map(|(_, id)| id).collect();
    }
}

/// Request ids that are named.
const EXAMPLES: usize = 3;

/// The calls of one owner as steps of tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agents {
    /// Calls that were made, those that failed included.
    pub calls: u64,
    /// Prompt and answer tokens of them.
    pub tokens: u64,
    /// Calls that failed or whose answer could not be used, and that have tokens.
    pub failed: WastedCalls,
    /// Of them, by why: the stop reason, else the error, in AWS' words.
    pub failed_by_reason: BTreeMap<Arc<str>, u64>,
    /// Of them, those whose prompt was sent again later.
    pub failed_sent_again: u64,
    /// Of them, those whose prompt can be compared with others: its body is there, without media.
    pub failed_compared: u64,
    /// Of those, those from which the task went on: within [`FOLLOWED_WITHIN`] seconds, and not in the same one, a prompt
    /// was sent that is the same or begins with it. Had they succeeded, that call need not have been made.
    pub failed_followed: u64,
    /// Calls whose prompt was on its way ([`ON_ITS_WAY`], [`RETRIED_AFTER`]); none of those that failed.
    pub retried: WastedCalls,
    /// Steps after a tool call that the task made more than [`EQUAL_CALLS`] times; none of those above.
    pub looping: WastedCalls,
    /// Of them, those whose newest tool result their prompt had before.
    pub looping_same_result: u64,
    /// Of [`Agents::looping`], those that go on from more than [`EQUAL_CALLS`] equal answers with nothing else in between.
    pub looping_in_a_row: u64,
    /// Calls by which step of a task they are, of calls that offer tools or go on from their results: `[0]` first steps.
    /// None of those above.
    pub by_step: Vec<u64>,
    /// Prompt and answer tokens of those, in the same places.
    pub tokens_by_step: Vec<u64>,
}

impl Agents {
    /// Tasks: their first steps are in the logs.
    #[must_use]
    pub fn tasks(&self) -> u64 {
        self.by_step.first().copied().unwrap_or_default()
    }

    /// Steps within which so many per cent of the tasks end: the least number that fewer than the others go beyond. Every
    /// task of `n` steps has one call of each number up to `n`. `None` without a task.
    #[must_use]
    pub fn steps_of(&self, percent: u64) -> Option<u64> {
        let tasks = self.tasks();
        let beyond = |steps: usize| self.by_step.get(steps).copied().unwrap_or_default().min(tasks);
        let enough = |steps: &usize| {
            u128::from(tasks - beyond(*steps)) * 100 >= u128::from(tasks) * u128::from(percent.min(100))
        };
        (1..=self.by_step.len()).find(enough).filter(|_| tasks > 0).map(|steps| steps as u64)
    }

    /// The most steps of a task.
    #[must_use]
    pub fn most_steps(&self) -> u64 {
        self.by_step.len() as u64
    }

    /// Calls beyond so many steps, and their prompt and answer tokens.
    #[must_use]
    pub fn beyond(&self, steps: u64) -> (u64, u64) {
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        (self.by_step.iter().skip(steps).sum(), self.tokens_by_step.iter().skip(steps).sum())
    }
}

/// The calls so far.
#[derive(Default)]
pub(crate) struct Steps {
    agents: Agents,
    watch: Watch,
    /// Calls that failed, by what they asked.
    failed: BTreeMap<u64, u64>,
    /// Seconds of calls that failed and from which nothing has gone on, by what their prompts hold.
    left_standing: BTreeMap<u128, i64>,
}

impl Steps {
    /// Takes the next call that was made, in time order, with the identity of what it asks.
    pub(crate) fn push(&mut self, left: &Left<'_>, asked: Option<u64>) {
        let (agents, request) = (&mut self.agents, left.request);
        agents.calls += 1;
        agents.tokens += left.prompt.saturating_add(left.output);
        if let Some(failures) = asked.and_then(|key| self.failed.remove(&key)) {
            agents.failed_sent_again += failures;
        }
        if asked.is_some() {
            agents.failed_followed += goes_on_from(&mut self.left_standing, request);
        }
        if is_failed(request) {
            agents.failed.add(left);
            if asked.is_some() {
                agents.failed_compared += 1;
                let whole = beginnings(request).last();
                whole.map(|whole| self.left_standing.insert(whole, request.time.as_second()));
            }
            let reason = request.error.as_ref().or(request.stop_reason.as_ref());
            reason.into_iter().for_each(|why| *agents.failed_by_reason.entry(Arc::clone(why)).or_default() += 1);
            asked.into_iter().for_each(|key| *self.failed.entry(key).or_default() += 1);
            return;
        }
        if request.error.is_some() {
            return;
        }
        let given = OnItsWay { seconds: ON_ITS_WAY, after: RETRIED_AFTER };
        if asked.is_some_and(|key| self.watch.is_sent_again(key, request, given)) {
            agents.retried.add(left);
            return;
        }
        let has = |kind| request.segments.iter().any(|segment| segment.kind == kind);
        let Some(step) = step(request).filter(|step| *step > 1 || has(SegmentKind::Tool)) else { return };
        if equal_calls(request).is_some_and(|times| times > EQUAL_CALLS) {
            agents.looping.add(left);
            let results: Vec<u128> =
                request.segments.iter().filter(|s| s.kind == SegmentKind::ToolResult).map(|s| s.hash).collect();
            let before = results.split_last().is_some_and(|(newest, older)| older.contains(newest));
            agents.looping_same_result += u64::from(before);
            agents.looping_in_a_row += u64::from(is_in_a_row(request, EQUAL_CALLS as usize + 1));
            return;
        }
        let place = usize::try_from(step).unwrap_or(usize::MAX).min(MOST_STEPS) - 1;
        if agents.by_step.len() <= place {
            agents.by_step.resize(place + 1, 0);
            agents.tokens_by_step.resize(place + 1, 0);
        }
        agents.by_step[place] += 1;
        agents.tokens_by_step[place] += left.prompt.saturating_add(left.output);
    }

    /// What came of them.
    pub(crate) fn finish(mut self) -> Agents {
        let agents = &mut self.agents;
        [&mut agents.failed, &mut agents.retried, &mut agents.looping].into_iter().for_each(WastedCalls::finish);
        self.agents
    }
}

/// Of the calls that failed before, how many this one goes on from. None is gone on from twice.
fn goes_on_from(left_standing: &mut BTreeMap<u128, i64>, request: &Request) -> u64 {
    if left_standing.is_empty() {
        return 0;
    }
    let second = request.time.as_second();
    let mut followed = 0;
    for beginning in beginnings(request) {
        let Some(failed) = left_standing.get(&beginning).copied().filter(|failed| *failed < second) else { continue };
        left_standing.remove(&beginning);
        followed += u64::from(second.saturating_sub(failed) <= FOLLOWED_WITHIN);
    }
    followed
}

/// Identities of how a prompt begins, segment by segment: the last is that of the whole.
fn beginnings(request: &Request) -> impl Iterator<Item = u128> {
    request.segments.iter().scan(0u128, |prefix, segment| {
        *prefix = fold(*prefix, segment.hash);
        Some(*prefix)
    })
}

/// Steps of a task that are told apart: a bound on memory against hostile logs.
const MOST_STEPS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_tasks_are_told_by_how_many_go_on() {
        // Ten tasks: five of two steps, four of three, one of six.
        let agents = Agents { by_step: vec![10, 10, 5, 1, 1, 1], tokens_by_step: vec![9; 6], ..Agents::default() };
        assert_eq!(agents.tasks(), 10);
        assert_eq!(agents.steps_of(50), Some(2));
        assert_eq!(agents.steps_of(51), Some(3));
        assert_eq!(agents.steps_of(90), Some(3));
        assert_eq!(agents.steps_of(95), Some(6));
        assert_eq!(agents.steps_of(100), Some(6));
        assert_eq!(agents.beyond(3), (3, 27));
        assert_eq!(Agents::default().steps_of(50), None);
    }
}
