//! What was requested: one row per model call, without its text.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{AccountId, Caller, Mode, ModelId, Region, Routing, Ttl};

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
    /// Prompt tokens written with one hour to live.
    pub cache_write_1h: u64,
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
}

/// One tool, system block or content block of a prompt: identity and size, never text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Hash of its own content alone.
    pub hash: u128,
    /// Size in bytes.
    pub bytes: u64,
    /// Tool name, for tools and their results.
    pub tool: Option<Arc<str>>,
    /// A cache marker right after it.
    pub marker: Option<Ttl>,
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
    /// Model called.
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
    /// Segments in the order the model reads them: tools, system, messages. Empty without bodies.
    pub segments: Vec<Segment>,
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
