//! What a recommendation would change. A closed list: the simulator answers each edit exactly or
//! declines it, and nothing else can move a dollar.

use std::fmt;
use std::sync::Arc;

use crate::{Class, ContextBand, Mode, ModelId, Money, Note, Owner, Routing, Term, Ttl};

/// A share or a factor, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(i64);

impl Ratio {
    /// The whole; a factor that changes nothing.
    pub const ONE: Self = Self(1_000_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths; negative values become 0.
    #[must_use]
    pub const fn from_ppm(ppm: i64) -> Self {
        Self(if ppm < 0 { 0 } else { ppm })
    }

    /// The nearest millionth of a float; 0 when it is negative or not finite, at most a million.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range first")]
    pub fn from_f64(value: f64) -> Self {
        if value.is_finite() { Self((value.clamp(0.0, 1e6) * 1e6).round() as i64) } else { Self::ZERO }
    }

    /// In millionths.
    #[must_use]
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// As a float, for display and statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "display only")]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// This ratio of an integer count, rounded half away from zero.
    #[must_use]
    pub fn of(self, steps: i128) -> i128 {
        crate::money::div_round(steps.saturating_mul(i128::from(self.0)), 1_000_000)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_f64(), f)
    }
}

/// Which requests of which owner an edit touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// Whose charges.
    pub owner: Owner,
    /// The share of its requests, evenly across days and token classes.
    pub share: Ratio,
    /// Only requests of this pricing mode, when given.
    pub mode: Option<Mode>,
    /// Only requests at this routing's price, when given.
    pub routing: Option<Routing>,
    /// Only requests of this context band, when given.
    pub band: Option<ContextBand>,
    /// Only requests to these models; to any when empty.
    pub models: Vec<ModelId>,
    /// Only requests of these runs, in the order of time; at any time when empty. Needs the requests.
    pub runs: Arc<[Run]>,
}

/// A run of a job: a stretch of time in which an owner's calls come in numbers above its trickle. Of the calls in it,
/// those whose answer somebody may wait for, or that batch does not take, stay where they are: streamed, with tools, a step of
/// a chain, or bound to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// First second, Unix time.
    pub from: i64,
    /// The second after the last.
    pub until: i64,
    /// Calls in it.
    pub calls: u32,
    /// Of them, the trickle's: so many stay, evenly spread over the run.
    pub stay: u32,
}

impl Run {
    /// Whether the call at this place among the calls of the run (0 the first) moves with the job.
    #[must_use]
    pub fn moves(&self, place: u32) -> bool {
        let moving = u64::from(self.calls.saturating_sub(self.stay));
        let calls = u64::from(self.calls.max(1));
        let before = u64::from(place) * moving / calls;
        (u64::from(place) + 1) * moving / calls > before
    }
}

impl Selector {
    /// All requests of `owner`.
    #[must_use]
    pub fn all(owner: Owner) -> Self {
        let runs = Arc::default();
        Self { owner, share: Ratio::ONE, mode: None, routing: None, band: None, models: Vec::new(), runs }
    }

    /// Whether some request may be selected by both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(left: Option<T>, right: Option<T>) -> bool {
            left.zip(right).is_none_or(|(l, r)| l == r)
        }
        let models = self.models.is_empty()
            || other.models.is_empty()
            || self.models.iter().any(|model| other.models.contains(model));
        let runs = self.runs.is_empty()
            || other.runs.is_empty()
            || self.runs.iter().any(|a| other.runs.iter().any(|b| a.from < b.until && b.from < a.until));
        self.owner == other.owner
            && runs
            && meet(self.mode, other.mode)
            && meet(self.routing, other.routing)
            && meet(self.band, other.band)
            && models
    }
}

/// Most cache markers that a request can carry (AWS prompt-caching page, copy of 2026-10).
pub const MOST_MARKERS: usize = 4;

/// Seconds after which the cache entries of a call can be read, where nothing tells how long it took: a call of a later
/// second finds them.
pub const READABLE_AFTER: u32 = 1;

/// Where cache markers stand, for a change of prompt caching.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CachePolicy {
    /// No markers: what was written or read is billed as plain input.
    Off,
    /// These markers in place of the record's own. Needs the requests.
    Markers {
        /// In the order they stand in a prompt, at most [`MOST_MARKERS`].
        markers: Vec<Marker>,
        /// Seconds after which a call's entries can be read, where its record has no latency.
        readable_after: u32,
    },
    /// The record's own markers, all to live this long. Needs the requests.
    Lifetime(Ttl),
}

impl CachePolicy {
    /// Markers in these places, in the order of the prompt, readable as soon as records can tell.
    #[must_use]
    pub fn markers(markers: impl IntoIterator<Item = (Placement, Ttl)>) -> Self {
        let markers = markers.into_iter().map(|(place, ttl)| Marker { place, ttl }).collect();
        Self::Markers { markers, readable_after: READABLE_AFTER }
    }
}

/// One cache marker as a developer writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marker {
    /// Where it stands.
    pub place: Placement,
    /// How long what it covers lives after each use.
    pub ttl: Ttl,
}

/// Where a developer writes a cache marker. The model reads tools, then system, then messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// After the last tool.
    ToolsEnd,
    /// After so many blocks from the front of the prompt.
    Leading(u32),
    /// After the last block of the system prompt.
    SystemEnd,
    /// After the last block before the newest turn: what the user says now stands behind it.
    HistoryEnd,
    /// After the last block of the prompt.
    PromptEnd,
}

impl Placement {
    /// Its id, such as `system-end` or `leading-3`.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::ToolsEnd => "tools-end".to_owned(),
            Self::Leading(blocks) => format!("leading-{blocks}"),
            Self::SystemEnd => "system-end".to_owned(),
            Self::HistoryEnd => "history-end".to_owned(),
            Self::PromptEnd => "prompt-end".to_owned(),
        }
    }

    /// The place with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let named = [Self::ToolsEnd, Self::SystemEnd, Self::HistoryEnd, Self::PromptEnd];
        named.into_iter().find(|place| place.id() == id).or_else(|| {
            let blocks = id.strip_prefix("leading-")?.parse().ok()?;
            (blocks > 0).then_some(Self::Leading(blocks))
        })
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToolsEnd => f.write_str("end of the tools"),
            Self::Leading(1) => f.write_str("end of the first block"),
            Self::Leading(blocks) => write!(f, "end of the first {blocks} blocks"),
            Self::SystemEnd => f.write_str("end of the system prompt"),
            Self::HistoryEnd => f.write_str("end of the history, before the newest turn"),
            Self::PromptEnd => f.write_str("end of the prompt"),
        }
    }
}

/// A change of a standing resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceChange {
    /// Deleted, nothing in its place.
    Delete,
    /// Less of some classes of it: of each charge this part stays. Two such changes for different reasons multiply.
    Reduce {
        /// Why it is less, such as `guard the newest turn`: a change for the same reason excludes this one.
        reason: Arc<str>,
        /// What is used less; never empty.
        classes: Vec<Class>,
        /// What stays.
        keep: Ratio,
    },
    /// Replaced by something that costs this much a month (730 hours).
    ReplaceBy {
        /// What takes its place.
        what: Arc<str>,
        /// Its cost a month.
        monthly: Money,
    },
}

/// What is bought of the Reserved tier. Input and output are bought apart; what is beyond them is billed at Standard rates
/// (AWS, service-tiers page, copy of 2026-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reserved {
    /// Thousands of input tokens a minute. Cache writes count, cache reads do not.
    pub input: u32,
    /// Thousands of output tokens a minute.
    pub output: u32,
    /// One month or three.
    pub term: Term,
}

/// Why a call need not be made: what it cost bought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waste {
    /// It failed, or its answer could not be used, and its tokens were billed.
    Failed {
        /// The share of such calls that need not be made, evenly spread over them in time order.
        avoidable: Ratio,
    },
    /// Its prompt was on its way already, to the same model with the same limit, and that call gave an answer. Needs the
    /// bodies.
    Retried {
        /// Seconds for which a call counts as on its way where its record does not tell how long it took.
        seconds: u32,
        /// Seconds after the last call with that prompt from which one counts: those made at once are drawn on purpose.
        after: u32,
    },
    /// A step that comes after a tool call which the same task made so many times before, with the same input. Needs the
    /// bodies.
    Loops {
        /// Equal tool calls of a task that are in order.
        most: u32,
    },
    /// A step beyond so many after what the user said last. Needs the bodies.
    StepsBeyond(u32),
}

impl Waste {
    /// Why answers end that nobody can use: they are no message or no tool call (stop reasons of the Converse API; AWS API
    /// model, boto/botocore of 2026-08-07). One that was cut, at the caller's limit or because the model's context was full
    /// (`model_context_window_exceeded`), can be used as far as it goes.
    pub const UNUSABLE: &'static [&'static str] = &["malformed_model_output", "malformed_tool_use"];
}

/// One change of the estate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edit {
    /// Another model for these requests.
    Model {
        /// The model to call.
        to: ModelId,
        /// Tokens of the same prompt on the new model, as a multiple (another tokenizer).
        input: Ratio,
        /// Tokens of the answer on the new model, as a multiple (tokenizer and verbosity).
        output: Ratio,
    },
    /// Leave out these tools. Needs the requests.
    DropTools(Vec<Arc<str>>),
    /// Keep the last so many turns, a turn being what the user says and all that follows until the user speaks
    /// again. Needs the requests.
    WindowHistory(u32),
    /// Send every block that the user wrote once, the first time it occurs in a prompt. Tool calls and results keep their
    /// place, and retrieved passages are another edit's. Needs the requests.
    DropDuplicateBlocks,
    /// Send JSON without white space between its tokens. A byte of it weighs this much against another byte of the
    /// prompt. Needs the requests.
    DropWhiteSpace(Ratio),
    /// Of the worked examples in an instruction keep the first so many; those of one block are taken to be equally
    /// long. Needs the requests.
    KeepExamples(u32),
    /// Send prompts of at most so many tokens: the longest blocks of users, tools or retrieval are cut. Needs the
    /// requests.
    CapPrompt(u32),
    /// Answer a prompt from a store, for so many seconds after the model did. Needs the requests.
    AnswerRepeats(u32),
    /// Leave out calls that bought nothing. Needs the requests.
    DropCalls(Waste),
    /// Shorten one static segment to so many tokens. Needs the requests.
    ShortenSegment {
        /// Hash of the segment's content.
        segment: u128,
        /// What it is, in words, such as `system prompt`.
        what: Arc<str>,
        /// Tokens left.
        tokens: u32,
    },
    /// Cap the answer at so many tokens. Needs the requests.
    CapOutput(u32),
    /// Another cache policy.
    Cache(CachePolicy),
    /// Another pricing mode.
    Mode(Mode),
    /// The other routing price.
    Routing(Routing),
    /// Another retrieval: at most so many passages a prompt, the first ones, and of each at most so many tokens.
    /// Needs the requests.
    Retrieval {
        /// Passages a prompt.
        chunks: u32,
        /// Tokens a passage; as today when absent.
        chunk_tokens: Option<u32>,
    },
    /// Model units of a pool; units and term are closed by the simulator. Needs the demand.
    Commitment {
        /// Units, when fixed.
        units: Option<u32>,
        /// Term, when fixed.
        term: Option<Term>,
    },
    /// The Reserved tier for the calls of a pool at one routing; what is reserved is closed by the simulator. Needs the
    /// demand.
    Reserve {
        /// The routing of the calls it serves.
        routing: Routing,
        /// What is reserved, when fixed.
        held: Option<Reserved>,
    },
    /// A change of a standing resource.
    Resource(ResourceChange),
}

/// What an edit sets. Two edits that set the same property on overlapping requests exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// The model called.
    Model,
    /// Tools offered.
    Tools,
    /// Turns of history sent.
    History,
    /// Blocks sent more than once.
    Duplicates,
    /// White space in JSON.
    WhiteSpace,
    /// Worked examples sent.
    Examples,
    /// The longest prompt.
    Prompt,
    /// Answers kept in a store.
    Store,
    /// Calls that fail.
    Failures,
    /// Calls made while the same one is on its way.
    Retries,
    /// Equal tool calls of a task.
    Loops,
    /// Steps of a task.
    Steps,
    /// The length of a static segment.
    Segment,
    /// The answer's limit.
    Output,
    /// Cache markers.
    Cache,
    /// Pricing mode.
    Mode,
    /// Routing.
    Routing,
    /// Retrieval settings.
    Retrieval,
    /// Capacity.
    Commitment,
    /// A resource's existence.
    Resource,
}

impl Edit {
    /// Whether both set one property. Two reductions of one resource do where their reason is the same.
    fn sets_what(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Resource(ResourceChange::Reduce { reason: one, .. }),
                Self::Resource(ResourceChange::Reduce { reason: another, .. }),
            ) => one == another,
            _ => self.property() == other.property(),
        }
    }

    /// The change of a resource, where it is one.
    #[must_use]
    pub const fn of_resource(&self) -> Option<&ResourceChange> {
        match self {
            Self::Resource(change) => Some(change),
            _ => None,
        }
    }

    /// The property this edit sets.
    #[must_use]
    pub const fn property(&self) -> Property {
        match self {
            Self::Model { .. } => Property::Model,
            Self::DropTools(_) => Property::Tools,
            Self::WindowHistory(_) => Property::History,
            Self::DropDuplicateBlocks => Property::Duplicates,
            Self::DropWhiteSpace(_) => Property::WhiteSpace,
            Self::KeepExamples(_) => Property::Examples,
            Self::CapPrompt(_) => Property::Prompt,
            Self::AnswerRepeats(_) => Property::Store,
            Self::DropCalls(Waste::Failed { .. }) => Property::Failures,
            Self::DropCalls(Waste::Retried { .. }) => Property::Retries,
            Self::DropCalls(Waste::Loops { .. }) => Property::Loops,
            Self::DropCalls(Waste::StepsBeyond(_)) => Property::Steps,
            Self::ShortenSegment { .. } => Property::Segment,
            Self::CapOutput(_) => Property::Output,
            Self::Cache(_) => Property::Cache,
            Self::Mode(_) => Property::Mode,
            Self::Routing(_) => Property::Routing,
            Self::Retrieval { .. } => Property::Retrieval,
            Self::Commitment { .. } | Self::Reserve { .. } => Property::Commitment,
            Self::Resource(_) => Property::Resource,
        }
    }
}

/// What a recommender proposes for one subject: edits of the selected requests, under a key that does not
/// depend on the assumptions given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Names the option among alternatives, such as the target model or pricing mode.
    pub key: Arc<str>,
    /// Which requests.
    pub selector: Selector,
    /// What changes, in order.
    pub edits: Vec<Edit>,
    /// Cost of making the change, paid once.
    pub one_off: Money,
    /// What to do, in the imperative, with the names a person needs.
    pub title: String,
    /// Whether it is only ever listed beside what is recommended and never chosen, whatever it saves: its figure is too
    /// uncertain to decide by, such as a move to another maker's model.
    pub only_alternative: bool,
    /// What else a person should know of this very option, by name, as evidence beside the signals. Does not depend on the
    /// assumptions given.
    pub notes: Vec<Note>,
}

impl Action {
    /// Whether the two set one property on overlapping requests, or empty a cache policy into batch,
    /// where nothing is cached (AWS prompt-caching page, read 2026-10).
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        fn sets_cache(action: &Action) -> bool {
            action.edits.iter().any(|e| matches!(e, Edit::Cache(policy) if *policy != CachePolicy::Off))
        }
        fn moves_all_to_batch(action: &Action) -> bool {
            let all = action.selector.share == Ratio::ONE && action.selector.runs.is_empty();
            all && action.edits.contains(&Edit::Mode(Mode::Batch))
        }
        self.selector.overlaps(&other.selector)
            && (self.edits.iter().any(|a| other.edits.iter().any(|b| a.sets_what(b)))
                || sets_cache(self) && moves_all_to_batch(other)
                || sets_cache(other) && moves_all_to_batch(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trickle_stays_evenly_spread() {
        let moving = |calls, stay| {
            let run = Run { from: 0, until: 1, calls, stay };
            (0..calls).map(|place| if run.moves(place) { 'm' } else { '-' }).collect::<String>()
        };
        assert_eq!(moving(8, 0), "mmmmmmmm");
        assert_eq!(moving(8, 2), "-mmm-mmm");
        assert_eq!(moving(3, 2), "--m");
        assert_eq!(moving(3, 3), "---");
        assert_eq!(moving(2, 5), "--", "a trickle above the run is all of it");
    }

    #[test]
    fn runs_at_other_times_do_not_overlap() {
        let owner = || Owner::Account("111111111111".into());
        let at =
            |from, until| Selector { runs: [Run { from, until, calls: 1, stay: 0 }].into(), ..Selector::all(owner()) };
        assert!(!at(0, 10).overlaps(&at(10, 20)));
        assert!(at(0, 11).overlaps(&at(10, 20)));
        assert!(at(0, 10).overlaps(&Selector::all(owner())), "without runs at any time");
    }
}
