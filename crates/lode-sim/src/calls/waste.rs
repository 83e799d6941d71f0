//! Which calls bought nothing: those that failed, those whose prompt was on its way already, steps of a task that goes in a
//! circle, steps beyond a number.
//!
//! It tells of each call, in time order, whether it is waste of one kind. What leaving it out saves, others say.

use std::collections::BTreeMap;

use lode_model::{Ratio, Request, Segment, SegmentKind, Waste};

use super::turn_starts;
use crate::store::{asked, seconds_to_answer};

/// What is remembered of the calls before.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// By what was asked: the second at which it was asked last, and the one at which the last of the calls that overlap
    /// has its answer.
    on_its_way: BTreeMap<u64, (i64, i64)>,
    /// Calls that failed so far.
    failed: i128,
}

impl Watch {
    /// Whether a call, the next in time order, is waste of this kind. `None` where that takes the body, which is not there.
    pub(crate) fn is_waste(&mut self, request: &Request, waste: Waste) -> Option<bool> {
        match waste {
            Waste::Failed { avoidable } => Some(is_failed(request) && self.is_avoidable(avoidable)),
            Waste::Retried { seconds, after } => {
                Some(self.is_sent_again(asked(request)?, request, OnItsWay { seconds, after }))
            }
            Waste::Loops { most } => Some(equal_calls(request)? > most),
            Waste::StepsBeyond(most) => Some(step(request)? > most),
        }
    }

    /// Whether the next of the calls that failed is among so many of them, evenly spread.
    fn is_avoidable(&mut self, share: Ratio) -> bool {
        let before = share.of(self.failed);
        self.failed += 1;
        share.of(self.failed) > before
    }

    /// Whether the same was on its way when this call was made, and nobody had asked it just before: calls made at once are
    /// answers drawn on purpose. A call that fails gives no answer: the one beside it is needed.
    pub(crate) fn is_sent_again(&mut self, key: u64, request: &Request, given: OnItsWay) -> bool {
        if is_useless(request) {
            return false;
        }
        let second = request.time.as_second();
        let answered = second.saturating_add(seconds_to_answer(request).unwrap_or_else(|| i64::from(given.seconds)));
        let (last, until) = self.on_its_way.entry(key).or_insert((i64::MIN, i64::MIN));
        let again = second < *until && second >= last.saturating_add(i64::from(given.after));
        (*last, *until) = (second, answered.max(*until));
        again
    }
}

/// When a call counts as sent again; see [`Waste::Retried`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnItsWay {
    pub(crate) seconds: u32,
    pub(crate) after: u32,
}

/// Whether the answer of a call cannot be used, or there is none.
fn is_useless(request: &Request) -> bool {
    let reason = request.stop_reason.as_deref();
    request.error.is_some() || reason.is_some_and(|reason| Waste::UNUSABLE.contains(&reason))
}

/// Whether a call gave nothing of use and was billed for tokens.
pub(crate) fn is_failed(request: &Request) -> bool {
    is_useless(request) && (request.tokens.prompt() > 0 || request.tokens.output > 0)
}

/// What stands in a prompt from what the user said last: the steps of a task so far. `None` without a body.
fn task(request: &Request) -> Option<&[std::sync::Arc<Segment>]> {
    let segments = &request.segments;
    let start = turn_starts(segments.iter().map(|segment| segment.kind)).last().copied().unwrap_or_default();
    segments.get(start..).filter(|task| !task.is_empty())
}

/// Answers of a task that call tools, oldest first: each the hashes of its calls.
fn answers(task: &[std::sync::Arc<Segment>]) -> impl DoubleEndedIterator<Item = Vec<u128>> {
    let runs = task.chunk_by(|a, b| (a.kind == SegmentKind::Assistant) == (b.kind == SegmentKind::Assistant));
    let calls = |run: &[std::sync::Arc<Segment>]| -> Vec<u128> {
        let is_call =
            |segment: &&std::sync::Arc<Segment>| segment.kind == SegmentKind::Assistant && segment.tool.is_some();
        run.iter().filter(is_call).map(|segment| segment.hash).collect()
    };
    runs.map(calls).filter(|calls| !calls.is_empty())
}

/// Which step of its task a call is: the first is 1, and each answer that calls tools leads to the next.
pub(crate) fn step(request: &Request) -> Option<u32> {
    let before = answers(task(request)?).count();
    Some(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
}

/// Whether the newest so many answers of a task make the same tool calls: nothing else was done in between.
pub(crate) fn is_in_a_row(request: &Request, times: usize) -> bool {
    let Some(task) = task(request) else { return false };
    let newest: Vec<Vec<u128>> = answers(task).rev().take(times).collect();
    newest.len() == times && newest.windows(2).all(|pair| pair.first() == pair.last())
}

/// How many times its task has made the tool call whose result a call goes on from, with the same input; of several made at
/// once, the one made least. 0 where it goes on from none. The id of a tool call is no part of its hash.
pub(crate) fn equal_calls(request: &Request) -> Option<u32> {
    let answers: Vec<Vec<u128>> = answers(task(request)?).collect();
    let Some(newest) = answers.last() else { return Some(0) };
    let times = |call: &u128| answers.iter().flatten().filter(|other| *other == call).count();
    let least = newest.iter().map(times).min().unwrap_or_default();
    Some(u32::try_from(least).unwrap_or(u32::MAX))
}
