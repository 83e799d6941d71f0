//! What was requested: one row per model call, without its text.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::dimension::words;
use crate::{AccountId, Caller, Class, Guarded, Mode, ModelId, Region, Routing, Traits, Ttl};

/// Token counts of one request, by class. `input` excludes what was read from or written to the cache,
/// as AWS counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Uncached prompt tokens.
    pub input: u64,
    /// Generated tokens.
    pub output: u64,
    /// Prompt tokens read from the cache.
    pub cache_read: u64,
    /// Prompt tokens written with five minutes to live.
    pub cache_write_5m: u64,
    /// Prompt tokens written with thirty minutes to live.
    pub cache_write_30m: u64,
    /// Prompt tokens written with one hour to live.
    pub cache_write_1h: u64,
}

impl TokenCounts {
    /// All prompt tokens, cached or not.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.written())
    }

    /// Prompt tokens written to the cache, however long they live.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.cache_write_5m.saturating_add(self.cache_write_30m).saturating_add(self.cache_write_1h)
    }

    /// The counts that are not zero, by the class that bills them.
    pub fn by_class(&self) -> impl Iterator<Item = (Class, u64)> {
        [
            (Class::Input, self.input),
            (Class::Output, self.output),
            (Class::CacheRead, self.cache_read),
            (Class::CacheWrite(Ttl::FiveMinutes), self.cache_write_5m),
            (Class::CacheWrite(Ttl::ThirtyMinutes), self.cache_write_30m),
            (Class::CacheWrite(Ttl::OneHour), self.cache_write_1h),
        ]
        .into_iter()
        .filter(|(_, tokens)| *tokens > 0)
    }
}

/// What a segment of a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// A tool definition.
    Tool,
    /// A block of the system prompt.
    System,
    /// A content block of a user turn.
    User,
    /// A content block of an assistant turn.
    Assistant,
    /// A tool result.
    ToolResult,
    /// A passage that retrieval put into a user turn.
    Retrieved,
    /// An image, video or document. Its bytes say little about its tokens.
    Media,
}

impl SegmentKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Tool, Self::System, Self::User, Self::Assistant, Self::ToolResult, Self::Retrieved, Self::Media];
}

words! {
    /// What an answer looks like.
    OutputForm {
        /// Prose or a word.
        Text = "text",
        /// One JSON value; also where the caller bound the answer to a schema and the answer was not logged.
        Json = "json",
        /// Code: most of it stands in fences, or reads as code.
        Code = "code",
        /// A call of a tool.
        ToolUse = "tool-use",
        /// Vectors.
        Embedding = "embedding",
        /// Images or video.
        Media = "media",
        /// The record does not show it.
        Unknown = "unknown",
    }
}

words! {
    /// What a call asks for, as far as its shape tells.
    TaskForm {
        /// A word or a number: short answers, no tools.
        Label = "label",
        /// One JSON value, or the forced call of one tool.
        Extraction = "extraction",
        /// A shorter form of a text.
        Summarisation = "summarisation",
        /// A question, answered in one go.
        Question = "question",
        /// The same in other words, or in another language.
        Rewriting = "rewriting",
        /// Code to be written, changed or reviewed.
        Code = "code",
        /// A long text from a brief.
        Generation = "generation",
        /// Tools are offered, or their results are in the prompt.
        Agentic = "agentic",
        /// Images, video or documents in the prompt.
        Vision = "vision",
        /// A question answered from retrieved passages, or from a long text in the prompt.
        Retrieval = "retrieval",
        /// A conversation of several turns.
        Chat = "chat",
        /// Vectors.
        Embedding = "embedding",
        /// Text in, text out: nothing tells more.
        Text = "text",
        /// The record shows neither prompt nor answer.
        Unknown = "unknown",
    }
}

/// One tool, system block or content block of a prompt: identity and size, never text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Hash of its own content alone.
    pub hash: u128,
    /// Size in bytes: of a text its UTF-8, of a tool its definition as compact JSON without cache marker, of a
    /// tool call its name and compact input, of a tool result its text.
    pub bytes: u64,
    /// Tool name, for tools, their calls and their results.
    pub tool: Option<Arc<str>>,
    /// A cache marker right after it.
    pub marker: Option<Ttl>,
    /// What else it shows.
    pub traits: Traits,
}

/// How a call hangs together with the one before it and the one after it: an answer that calls tools is followed by a
/// prompt that ends with their results. Each is 64 bits of a hash over the smallest of the ids of those tool calls,
/// which are drawn at random: two calls with the same one belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// Tools that this answer calls.
    pub opens: Option<u64>,
    /// Tool calls whose results end this prompt.
    pub continues: Option<u64>,
}

/// One model call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Request id, unique in the trace.
    pub id: Arc<str>,
    /// When it was made; AWS logs whole seconds.
    pub time: Timestamp,
    /// Account that called.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Model called: an id without profile prefix; or, as far as the record tells, `application-inference-profile/…`,
    /// `provisioned-model/…`, `custom-model/…`, which inventory or bill resolve.
    pub model: ModelId,
    /// Regional or global price.
    pub routing: Routing,
    /// Who called.
    pub caller: Caller,
    /// Pricing mode, where the record tells.
    pub mode: Option<Mode>,
    /// Whether the answer was streamed.
    pub streaming: bool,
    /// Tokens.
    pub tokens: TokenCounts,
    /// Error code of a failed call.
    pub error: Option<Arc<str>>,
    /// What the answer looks like.
    pub output_form: OutputForm,
    /// The limit the caller set for the answer, in tokens.
    pub output_limit: Option<u64>,
    /// Why the answer ended, in AWS' words: `end_turn`, `tool_use`, `max_tokens`, …
    pub stop_reason: Option<Arc<str>>,
    /// How long the call took, where the record tells.
    pub latency_ms: Option<u64>,
    /// Tools that the answer calls.
    pub tools_called: Vec<Arc<str>>,
    /// What links it to other calls.
    pub chain: Chain,
    /// Whether the request's body is known, in whatever form.
    pub has_body: bool,
    /// Whether the caller bound the answer to a schema, or to JSON. Never without a body. Batch takes no such call.
    pub schema_bound: bool,
    /// What a guardrail evaluated; `None` without one, or where the record does not tell.
    pub guarded: Option<Arc<Guarded>>,
    /// Segments in the order the model reads them: tools, system, messages. Empty without a body, or where its form is
    /// not known. Shared, because most prompts repeat most of an earlier one.
    pub segments: Vec<Arc<Segment>>,
}

/// A trace that could not be read to its end: the only error a plan can return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError(pub String);

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TraceError {}

/// Requests by account, region and model, in time order, whatever holds them.
pub trait Trace {
    /// The groups there are, in order.
    fn groups(&self) -> Vec<(AccountId, Region, ModelId)>;

    /// Calls `each` with every request of one group, in time order, ties by id.
    ///
    /// # Errors
    /// When the trace cannot be read to its end.
    fn requests(&self, group: &(AccountId, Region, ModelId), each: &mut dyn FnMut(&Request)) -> Result<(), TraceError>;
}

/// Requests in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryTrace(BTreeMap<(AccountId, Region, ModelId), Vec<Request>>);

impl MemoryTrace {
    /// A trace of these requests, in any order.
    #[must_use]
    pub fn new(requests: impl IntoIterator<Item = Request>) -> Self {
        let mut groups: BTreeMap<_, Vec<Request>> = BTreeMap::new();
        for request in requests {
            let group = (request.account.clone(), request.region.clone(), request.model.clone());
            groups.entry(group).or_default().push(request);
        }
        for requests in groups.values_mut() {
            requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        }
        Self(groups)
    }

    /// How many requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Trace for MemoryTrace {
    fn groups(&self) -> Vec<(AccountId, Region, ModelId)> {
        self.0.keys().cloned().collect()
    }

    fn requests(&self, group: &(AccountId, Region, ModelId), each: &mut dyn FnMut(&Request)) -> Result<(), TraceError> {
        self.0.get(group).into_iter().flatten().for_each(each);
        Ok(())
    }
}
