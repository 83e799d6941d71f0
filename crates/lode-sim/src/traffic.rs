//! What an owner's calls look like at a point of the walk: shapes and counts that recommenders measure by. No prices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::Offset;
use lode_model::{Owner, SegmentKind, TaskForm};
use lode_prices::Catalogue;

use crate::agents::{Agents, Steps};
use crate::calls::{Calls, Edited, Left, each_left, has_media, is_message, scale, turn_starts};
use crate::cluster::Snapshot;
use crate::habits::{Habits, Measured};
use crate::minutes::{MinuteDemand, Minutes};
use crate::outliers::Outliers;
use crate::store::{Store, asked};
use crate::white_space::WhiteSpace;
use crate::{Estate, OwnerCalls, ReplayCheck, State, Told, ratio};

/// One tool, over all calls of an owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolTraffic {
    /// Calls that offer it.
    pub offered: u64,
    /// Times an answer called it, or a prompt shows that an earlier answer did.
    pub called: u64,
    /// Prompt tokens its definition took.
    pub tokens: u64,
}

/// The calls of one owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Calls that succeeded.
    pub calls: u64,
    /// Of them, with a request body.
    pub with_body: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Streamed.
    pub streamed: u64,
    /// Without a latency in their record.
    pub without_latency: u64,
    /// With tools in the prompt.
    pub with_tools: u64,
    /// With results of tool calls in the prompt: steps of a chain.
    pub chained: u64,
    /// With images, video or documents in the prompt.
    pub with_media: u64,
    /// With an answer that is bound to a schema or to JSON.
    pub schema_bound: u64,
    /// What the calls ask for.
    pub task: Option<TaskForm>,
    /// The rule that tells what they ask for, where one does.
    pub told: Option<Arc<Told>>,
    /// Prompt tokens of all calls, cached or not.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub read_tokens: u64,
    /// Of them, written to the cache.
    pub written_tokens: u64,
    /// Answer tokens.
    pub output_tokens: u64,
    /// Largest prompt, tokens.
    pub longest_prompt: u64,
    /// Longest answer, tokens.
    pub longest_output: u64,
    /// Tools by name.
    pub tools: BTreeMap<Arc<str>, ToolTraffic>,
    /// Prompt tokens in blocks of the user that the same prompt already holds.
    pub duplicate_tokens: u64,
    /// Calls with such blocks.
    pub with_duplicates: u64,
    /// Prompt tokens that white space in JSON takes, were each of its bytes to weigh as much as another.
    pub white_space_tokens: u64,
    /// Calls with such white space.
    pub with_white_space: u64,
    /// What a byte of white space weighs against another, where the calls tell it.
    pub white_space_weight: Option<f64>,
    /// Prompt tokens of worked examples, by how many their block holds.
    pub example_tokens: BTreeMap<u32, u64>,
    /// Calls with worked examples.
    pub with_examples: u64,
    /// Calls that a store of answers kept for a day would answer.
    pub repeats_in_a_day: RepeatedCalls,
    /// Prompts by length.
    pub prompt_outliers: Outliers,
    /// Answers by length.
    pub answer_outliers: Outliers,
    /// Message tokens by turns back from the newest: `[0]` the newest turn, `[1]` the one before it, …
    pub turns_back: Vec<u64>,
    /// Calls by how many turns their prompt holds, the newest included: `[n]` calls have `n` turns.
    pub calls_by_turns: Vec<u64>,
    /// Prompt tokens of those calls, in the same places: how prompts grow with the conversation.
    pub tokens_by_turns: Vec<u64>,
    /// Calls with retrieved passages.
    pub with_passages: u64,
    /// Calls by how many passages.
    pub calls_by_passages: BTreeMap<u64, u64>,
    /// Passages in all.
    pub passages: u64,
    /// Prompt tokens in passages.
    pub passage_tokens: u64,
    /// Tokens of tools and system prompt that all calls with a body share, at the front of each prompt.
    pub static_tokens: u64,
    /// Tokens of messages with which all calls with a body begin, behind the same tools and system prompt: worked examples
    /// in the form of a conversation.
    pub static_message_tokens: u64,
    /// Prompt tokens at the front of prompts that an earlier call of the same owner sent within the hour before: what
    /// caching could read at most.
    pub resent_tokens: u64,
    /// Cache markers in force, over all calls: those of the records, or of the policy in their place; without any body one
    /// of each call that read or wrote.
    pub markers: u64,
    /// By hour of the week (Monday 00:00 UTC first), calls.
    pub by_hour_of_week: Vec<u64>,
    /// Calls of each UTC day with any.
    pub by_day: Vec<u64>,
    /// Calls that fall into the busiest six hours of the day (the same six consecutive hours, UTC, of every day).
    pub in_busiest_six_hours: u64,
    /// Calls by minute.
    pub minutes: MinuteDemand,
    /// How long prompts and answers are, what answers look like, what calls are to each other.
    pub habits: Habits,
    /// The calls as steps of tasks, those that failed included.
    pub agents: Agents,
    /// By how much the replay of the cache markers in force differs from the records' counters, as a share of the
    /// prompt tokens. Without bodies the markers are those that the counters tell of; `None` where they tell of none.
    pub replay_difference: Option<f64>,
    /// Up to three request ids, those of the largest prompts, so that engineers find them in their own logs.
    pub examples: Vec<Arc<str>>,
}

/// Calls that need not be made, and their tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepeatedCalls {
    /// How many.
    pub calls: u64,
    /// Prompt tokens, cached or not.
    pub prompt_tokens: u64,
    /// Answer tokens.
    pub output_tokens: u64,
}

/// Seconds of a day.
const DAY: u32 = 86_400;

impl Traffic {
    /// Prompt tokens of worked examples beyond the first `kept` of each block; those of a block are taken to be equally
    /// long.
    #[must_use]
    pub fn example_tokens_beyond(&self, kept: u32) -> u64 {
        let beyond = |(count, tokens): (&u32, &u64)| scale(*tokens, count.saturating_sub(kept).into(), (*count).into());
        self.example_tokens.iter().map(beyond).sum()
    }

    /// Prompt tokens in turns older than the newest `turns`.
    #[must_use]
    pub fn tokens_beyond_turns(&self, turns: usize) -> u64 {
        self.turns_back.iter().skip(turns).sum()
    }

    /// Prompt tokens of a call with so many turns, on average, rounded down; `None` without such a call.
    #[must_use]
    pub fn mean_prompt_of_turns(&self, turns: usize) -> Option<u64> {
        self.tokens_by_turns.get(turns)?.checked_div(*self.calls_by_turns.get(turns)?)
    }
}

/// Hours of a week.
const HOURS_OF_WEEK: usize = 168;
/// Consecutive hours of the day that count as one stretch.
const STRETCH: usize = 6;

impl Traffic {
    /// Measures an owner's calls in a state; `None` where they are not known.
    #[must_use]
    pub fn of(estate: &Estate, state: &State, owner: &Owner) -> Option<Arc<Self>> {
        let (cluster, place) = estate.demand.of(owner)?;
        let snapshot = Snapshot::of(estate, state, cluster);
        let (version, _) = snapshot.calls(place);
        Some(cluster.memo.traffic(version, snapshot.neighbours(place), || {
            let own = &cluster.owners[place];
            let mut traffic = Self::shapes(own, state.edits(owner), estate.prices.catalogue());
            let (_, calls) = snapshot.calls(place);
            for model in calls.models() {
                let tokens = snapshot.tokens(model);
                for [_, _, read, written @ ..] in
                    tokens.iter().flat_map(|part| part.iter()).filter(|t| t.owner == place).flat_map(|t| &t.sums)
                {
                    traffic.read_tokens += read;
                    traffic.written_tokens += written.iter().sum::<u64>();
                }
            }
            traffic.resent_tokens = resent(&calls);
            traffic.markers = calls.calls.iter().map(|call| call.markers.len() as u64).sum();
            if traffic.with_body > 0 || traffic.markers > 0 {
                let check = ReplayCheck::of_owner(estate, cluster, place);
                traffic.replay_difference = Some(ratio(check.tokens_off, check.prompt_tokens));
            }
            traffic
        }))
    }

    /// Everything that a prompt and its answer show by themselves.
    fn shapes(own: &OwnerCalls, edits: &[Edited], catalogue: &Catalogue) -> Self {
        let mut traffic = Self {
            task: Some(own.task),
            told: own.told.clone(),
            by_hour_of_week: vec![0; HOURS_OF_WEEK],
            ..Self::default()
        };
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        let mut shared: Option<Vec<SharedBlock>> = None;
        let mut longest: Vec<(u64, &Arc<str>)> = Vec::new();
        let (mut measured, mut minutes) = (Measured::default(), Minutes::default());
        let mut steps = Steps::default();
        let (mut store, mut white_space) = (Store::default(), WhiteSpace::default());
        let (mut prompts, mut answers) = (Vec::new(), Vec::new());
        each_left(own, edits, catalogue, |left| {
            let asked = if left.made { asked(left.request) } else { None };
            if left.made {
                steps.push(&left, asked);
            }
            if left.request.error.is_some() {
                traffic.failed += u64::from(left.made);
                return;
            }
            if !left.made {
                return;
            }
            traffic.count(&left);
            if asked.and_then(|key| store.answers_to(key, left.request, DAY)) == Some(true) {
                traffic.repeats_in_a_day.calls += 1;
                traffic.repeats_in_a_day.prompt_tokens += left.prompt;
                traffic.repeats_in_a_day.output_tokens += left.output;
            }
            white_space.add(left.request);
            // Prompts with media keep what they hold.
            if !has_media(left.parts.iter().map(|(segment, _)| segment.kind)) {
                prompts.push(left.prompt);
            }
            answers.push(left.output);
            measured.push(&left);
            let second = left.request.time.as_second();
            minutes.push(second, left.prompt.saturating_add(left.output));
            *days.entry(second.div_euclid(86_400)).or_default() += 1;
            if !left.parts.is_empty() {
                keep_shared(&mut shared, &left);
            }
            longest.push((left.prompt, &left.request.id));
            longest.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
            longest.truncate(3);
        });
        traffic.habits = measured.finish();
        traffic.agents = steps.finish();
        traffic.white_space_weight = white_space.weight();
        traffic.prompt_outliers = Outliers::of(prompts);
        traffic.answer_outliers = Outliers::of(answers);
        traffic.minutes = minutes.finish();
        traffic.examples = longest.into_iter().map(|(_, id)| Arc::clone(id)).collect();
        traffic.by_day = days.into_values().collect();
        let shared = shared.unwrap_or_default();
        let of =
            |message| shared.iter().filter(move |block| block.is_message == message).map(|block| block.tokens).sum();
        (traffic.static_tokens, traffic.static_message_tokens) =
            (of(false), if traffic.with_body > 1 { of(true) } else { 0 });
        let by_hour = |hour: usize| -> u64 { traffic.by_hour_of_week.iter().skip(hour % 24).step_by(24).sum() };
        traffic.in_busiest_six_hours =
            (0..24).map(|first| (first..first + STRETCH).map(by_hour).sum()).max().unwrap_or_default();
        traffic
    }

    fn count(&mut self, left: &Left<'_>) {
        let request = left.request;
        self.calls += 1;
        self.streamed += u64::from(request.streaming);
        self.schema_bound += u64::from(request.schema_bound);
        self.without_latency += u64::from(request.latency_ms.is_none());
        self.prompt_tokens += left.prompt;
        self.output_tokens += left.output;
        self.longest_prompt = self.longest_prompt.max(left.prompt);
        self.longest_output = self.longest_output.max(left.output);
        let time = Offset::UTC.to_datetime(request.time);
        let weekday = usize::try_from(time.weekday().to_monday_zero_offset()).unwrap_or_default();
        let hour = usize::try_from(time.hour()).unwrap_or_default();
        if let Some(calls) = self.by_hour_of_week.get_mut(weekday * 24 + hour) {
            *calls += 1;
        }
        for tool in &request.tools_called {
            self.tools.entry(Arc::clone(tool)).or_default().called += 1;
        }
        if left.parts.is_empty() {
            return;
        }
        self.with_body += 1;
        let has = |kind| left.parts.iter().any(|(segment, _)| segment.kind == kind);
        self.with_tools += u64::from(has(SegmentKind::Tool));
        self.chained += u64::from(has(SegmentKind::ToolResult));
        let media = has(SegmentKind::Media);
        self.with_media += u64::from(media);
        let (mut seen, mut passages, mut repeated) = (BTreeSet::new(), 0, 0);
        let (mut white, mut examples) = (0, 0);
        for (segment, tokens) in &left.parts {
            let traits = segment.traits;
            white += scale(*tokens, traits.white_space.into(), segment.bytes);
            if traits.examples > 0 {
                let own = scale(*tokens, traits.example_bytes.into(), segment.bytes);
                if !media {
                    *self.example_tokens.entry(traits.examples).or_default() += own;
                }
                examples += own;
            }
            match (segment.kind, &segment.tool) {
                (SegmentKind::Tool, Some(name)) => {
                    let tool = self.tools.entry(Arc::clone(name)).or_default();
                    tool.offered += 1;
                    tool.tokens += tokens;
                }
                // What an earlier answer called, in a log that may not hold that answer.
                (SegmentKind::Assistant | SegmentKind::ToolResult, Some(name)) => {
                    self.tools.entry(Arc::clone(name)).or_default().called += 1;
                }
                (SegmentKind::Retrieved, _) => {
                    passages += 1;
                    self.passage_tokens += tokens;
                }
                _ => {}
            }
            if segment.kind == SegmentKind::User && !seen.insert(segment.hash) {
                repeated += tokens;
            }
        }
        if media {
            (white, examples) = (0, 0);
        }
        self.white_space_tokens += white;
        self.with_white_space += u64::from(white > 0);
        self.with_examples += u64::from(examples > 0);
        self.duplicate_tokens += repeated;
        self.with_duplicates += u64::from(repeated > 0);
        self.passages += passages;
        if passages > 0 {
            self.with_passages += 1;
            *self.calls_by_passages.entry(passages).or_default() += 1;
        }
        self.count_turns(left);
    }

    /// Message tokens by turns back.
    fn count_turns(&mut self, left: &Left<'_>) {
        let starts = turn_starts(left.parts.iter().map(|(segment, _)| segment.kind));
        if self.calls_by_turns.len() <= starts.len() {
            self.calls_by_turns.resize(starts.len() + 1, 0);
            self.tokens_by_turns.resize(starts.len() + 1, 0);
        }
        self.calls_by_turns[starts.len()] += 1;
        self.tokens_by_turns[starts.len()] += left.prompt;
        if self.turns_back.len() < starts.len() {
            self.turns_back.resize(starts.len(), 0);
        }
        // What stands before the first turn belongs to it.
        let mut later = starts.iter().skip(1).peekable();
        let mut back = starts.len().saturating_sub(1);
        for (place, (segment, tokens)) in left.parts.iter().enumerate() {
            if later.next_if(|start| **start <= place).is_some() {
                back -= 1;
            }
            if is_message(segment.kind)
                && let Some(sum) = self.turns_back.get_mut(back)
            {
                *sum += tokens;
            }
        }
    }
}

/// A block with which all prompts so far begin.
struct SharedBlock {
    hash: u128,
    tokens: u64,
    is_message: bool,
}

/// Keeps what this prompt shares with those before it, from its front on.
fn keep_shared(shared: &mut Option<Vec<SharedBlock>>, left: &Left<'_>) {
    let hashes = || left.parts.iter().map(|(segment, _)| segment.hash);
    match shared {
        None => {
            let block = |(segment, tokens): &(&lode_model::Segment, u64)| SharedBlock {
                hash: segment.hash,
                tokens: *tokens,
                is_message: is_message(segment.kind),
            };
            *shared = Some(left.parts.iter().map(block).collect());
        }
        Some(known) => {
            let same = known.iter().zip(hashes()).take_while(|(known, new)| known.hash == *new).count();
            known.truncate(same);
        }
    }
}

/// Tokens at the front of prompts that an earlier call sent within the hour before, the longest time to live on offer.
fn resent(calls: &Calls) -> u64 {
    const HOUR: i64 = 3600;
    let mut seen: BTreeMap<u128, i64> = BTreeMap::new();
    let mut tokens = 0u64;
    for call in &calls.calls {
        let again = call
            .blocks
            .iter()
            .rev()
            .find(|block| seen.get(&block.prefix).is_some_and(|last| (1..=HOUR).contains(&(call.second - last))));
        tokens += again.map_or(0, |block| block.tokens);
        for block in call.blocks.iter() {
            seen.insert(block.prefix, call.second);
        }
    }
    tokens
}
