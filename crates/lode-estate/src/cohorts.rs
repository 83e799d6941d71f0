//! Kinds of call within one caller's: what the simulator and the recommenders treat alike.
//!
//! A cohort is a task form, a pricing mode and the longest leading part of the prompt (tools, system blocks) that
//! calls share. The form of a call with tools, media or passages is in its own prompt. What tells the other forms
//! apart flickers from call to call of one application, so `tasks` decides it once for all calls of a mode and leading
//! part.
//!
//! Pure: shapes in, names out. It knows no prices and no bill.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{Cohort, Mode, Request, SegmentKind, TaskForm};
use lode_sim::Told;

use crate::tasks::Shape;

/// A leading part is stable when one in so many calls of the caller begins with it…
const SHARED_BY: usize = 100;
/// … and at least so many calls do.
const SHARED_CALLS: usize = 2;
/// Most cohorts of a caller that have a name; the others are one.
const NAMED: usize = 32;

/// The cohort of a call, and what the calls of that cohort ask for.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) cohort: Cohort,
    pub(crate) task: TaskForm,
    /// What tells so, where a rule does.
    pub(crate) told: Option<Arc<Told>>,
    /// How the prompts begin, where they share a beginning.
    pub(crate) leading: Option<u128>,
}

/// How a prompt begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leading {
    /// The record has no body.
    Unseen,
    /// No tools and no system prompt, or some that hardly any other call begins with.
    Varied,
    /// These tools and system blocks, by their folded hash.
    Shared(u128),
}

/// Calls that one application is likely to make.
type Group = (Mode, Leading);
/// What makes a cohort.
type Kind = (TaskForm, Group);
/// Tokens and calls of each kind.
type Sizes = BTreeMap<Kind, (u64, usize)>;

/// Labels the calls of one caller to one model, each at its place. `embeds` when the model embeds.
pub(crate) fn cohorts<R: AsRef<Request>>(calls: &[R], embeds: bool) -> Vec<Label> {
    let calls: Vec<&Request> = calls.iter().map(AsRef::as_ref).collect();
    let groups = groups(&calls);
    let forms = if embeds { vec![Some((TaskForm::Embedding, None)); calls.len()] } else { forms(&calls, &groups) };
    let mut told: BTreeMap<Kind, Arc<Told>> = BTreeMap::new();
    let mut sizes = Sizes::new();
    for ((call, group), form) in calls.iter().zip(&groups).zip(&forms) {
        if let Some((form, why)) = form {
            if let Some(why) = why {
                told.entry((*form, *group)).or_insert_with(|| Arc::clone(why));
            }
            let size = sizes.entry((*form, *group)).or_default();
            size.0 = size.0.saturating_add(call.tokens.prompt()).saturating_add(call.tokens.output);
            size.1 += 1;
        }
    }
    let labels = names(&sizes, &told);
    let largest = largest(&sizes).and_then(|key| labels.get(&key).cloned());
    // Failed calls of which nothing else tells the form go with most of the caller's tokens.
    let orphans = largest.unwrap_or_else(|| label((TaskForm::Unknown, None), 1, None));
    let of = |(group, form): (&Group, &Option<Formed>)| labels.get(&(form.as_ref()?.0, *group)).cloned();
    groups.iter().zip(&forms).map(|place| of(place).unwrap_or_else(|| orphans.clone())).collect()
}

/// What most of some calls ask for, whoever makes them.
pub(crate) fn task_of<R: AsRef<Request>>(calls: &[R], embeds: bool) -> TaskForm {
    let mut counts: BTreeMap<TaskForm, usize> = BTreeMap::new();
    for label in cohorts(calls, embeds) {
        *counts.entry(label.task).or_default() += 1;
    }
    most(&counts).unwrap_or(TaskForm::Unknown)
}

/// The form with the highest count; of equal ones the last, which promises least.
fn most(counts: &BTreeMap<TaskForm, usize>) -> Option<TaskForm> {
    counts.iter().max_by_key(|(form, count)| (**count, **form)).map(|(form, _)| *form)
}

/// The group of each call.
fn groups(calls: &[&Request]) -> Vec<Group> {
    let mut counts: BTreeMap<u128, usize> = BTreeMap::new();
    for call in calls {
        for prefix in prefixes(call) {
            *counts.entry(prefix).or_default() += 1;
        }
    }
    let least = SHARED_CALLS.max(calls.len().div_ceil(SHARED_BY));
    let leading = |call: &Request| {
        if call.segments.is_empty() {
            return Leading::Unseen;
        }
        let shared = prefixes(call).take_while(|prefix| counts.get(prefix).is_some_and(|count| *count >= least));
        shared.last().map_or(Leading::Varied, Leading::Shared)
    };
    calls.iter().map(|call| (call.mode.unwrap_or(Mode::Standard), leading(call))).collect()
}

/// Folded hashes of the first tool or system block, the first two, … up to the first segment that is neither. FNV-1a
/// over the segments' own hashes: they are hashes already.
fn prefixes(call: &Request) -> impl Iterator<Item = u128> {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let run = call.segments.iter().take_while(|s| matches!(s.kind, SegmentKind::Tool | SegmentKind::System));
    run.scan(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |folded: &mut u128, segment| {
        *folded = (*folded ^ segment.hash).wrapping_mul(PRIME) ^ u128::from(segment.kind == SegmentKind::Tool);
        Some(*folded)
    })
}

/// What the calls of a group agree on.
#[derive(Default)]
struct Votes<'a> {
    /// Calls whose prompt alone does not tell the form.
    plain: Shape<'a>,
    /// Calls with tools, answered.
    with_tools: usize,
    /// Of them, offered a single tool and answered by its call.
    forced: usize,
}

/// A form, and what tells it where a rule does.
type Formed = (TaskForm, Option<Arc<Told>>);

/// The form of each call; none for a failed one that nothing tells.
fn forms(calls: &[&Request], groups: &[Group]) -> Vec<Option<Formed>> {
    let mut votes: BTreeMap<Group, Votes<'_>> = BTreeMap::new();
    for (call, group) in calls.iter().zip(groups).filter(|(call, _)| call.error.is_none()) {
        let votes = votes.entry(*group).or_default();
        match of_prompt(call) {
            Some(TaskForm::Agentic) => {
                votes.with_tools += 1;
                votes.forced += usize::from(is_forced(call));
            }
            Some(_) => {}
            None => votes.plain.push(call),
        }
    }
    let decided: BTreeMap<Group, (Option<Formed>, TaskForm)> = votes
        .into_iter()
        .map(|(group, votes)| {
            let tools = if votes.with_tools == votes.forced && votes.forced > 0 {
                TaskForm::Extraction
            } else {
                TaskForm::Agentic
            };
            (group, (votes.plain.form(), tools))
        })
        .collect();
    let form = |(call, group): (&&Request, &Group)| match of_prompt(call) {
        Some(TaskForm::Agentic) => Some((decided.get(group).map_or(TaskForm::Agentic, |(_, tools)| *tools), None)),
        Some(form) => Some((form, None)),
        None => decided.get(group).and_then(|(plain, _)| plain.clone()),
    };
    calls.iter().zip(groups).map(form).collect()
}

/// The form that a prompt alone tells.
fn of_prompt(call: &Request) -> Option<TaskForm> {
    let has = |kind| call.segments.iter().any(|segment| segment.kind == kind);
    match () {
        () if has(SegmentKind::Tool) || has(SegmentKind::ToolResult) => Some(TaskForm::Agentic),
        () if has(SegmentKind::Media) => Some(TaskForm::Vision),
        () if has(SegmentKind::Retrieved) => Some(TaskForm::Retrieval),
        () => None,
    }
}

/// Whether a call offers one tool and is answered by its call alone: the tool is the form of the answer.
fn is_forced(call: &Request) -> bool {
    let mut tools = call.segments.iter().filter(|segment| segment.kind == SegmentKind::Tool);
    let (Some(tool), None) = (tools.next(), tools.next()) else { return false };
    let chained = call.segments.iter().any(|segment| segment.kind == SegmentKind::ToolResult);
    let [called] = &call.tools_called[..] else { return false };
    !chained && tool.tool.as_ref() == Some(called)
}

/// The cohort with most tokens.
fn largest(sizes: &Sizes) -> Option<Kind> {
    sizes.iter().min_by_key(|(key, (tokens, _))| (Reverse(*tokens), **key)).map(|(key, _)| *key)
}

/// Names by tokens, largest first: the form, with a number from the second of a form on.
fn names(sizes: &Sizes, told: &BTreeMap<Kind, Arc<Told>>) -> BTreeMap<Kind, Label> {
    let mut ranked: Vec<(Kind, u64, usize)> =
        sizes.iter().map(|(kind, (tokens, calls))| (*kind, *tokens, *calls)).collect();
    ranked.sort_by_key(|(kind, tokens, _)| (Reverse(*tokens), *kind));
    let mut seen: BTreeMap<TaskForm, usize> = BTreeMap::new();
    let mut others: BTreeMap<TaskForm, usize> = BTreeMap::new();
    for ((form, _), _, calls) in ranked.iter().skip(NAMED) {
        *others.entry(*form).or_default() += calls;
    }
    let other = Label {
        cohort: Cohort::from(Cohort::OTHER),
        task: most(&others).unwrap_or(TaskForm::Unknown),
        told: None,
        leading: None,
    };
    let name = |(rank, (kind, ..)): (usize, &(Kind, u64, usize))| {
        if rank >= NAMED {
            return (*kind, other.clone());
        }
        let nth = seen.entry(kind.0).or_default();
        *nth += 1;
        (*kind, label((kind.0, leading(kind.1.1)), *nth, told.get(kind).cloned()))
    };
    ranked.iter().enumerate().map(name).collect()
}

const fn leading(leading: Leading) -> Option<u128> {
    match leading {
        Leading::Shared(prefix) => Some(prefix),
        Leading::Unseen | Leading::Varied => None,
    }
}

fn label((task, leading): (TaskForm, Option<u128>), nth: usize, told: Option<Arc<Told>>) -> Label {
    let word = task.as_str();
    Label {
        cohort: Cohort::from(if nth > 1 { format!("{word}-{nth}") } else { word.to_owned() }.as_str()),
        task,
        told,
        leading,
    }
}
