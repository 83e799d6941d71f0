//! The columns of a block, in one place: what they are called, what they hold, and what their numbers mean.
//!
//! A block is a table of requests of one group in order: by time, then by id as text. It needs nothing but itself:
//! `segments` numbers the distinct segments of the block in order of first appearance, and the row in which one appears
//! first defines it in the `new_*` columns. A cache marker belongs to the request, not to the segment.

use lode_model::{Ask, SegmentKind, Ttl};

/// The version of this schema, and of what telemetry reads out of texts: other rules for traits are another version. A
/// reader refuses any other.
pub const VERSION: u32 = 5;

/// What a column holds: the [`Values`](lode_model::Values) of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Whole numbers.
    Numbers,
    /// Whole numbers, some absent.
    Optional,
    /// Microseconds since 1970 in UTC.
    Micros,
    /// Yes or no.
    Flags,
    /// Texts that repeat, or absent.
    Words,
    /// Lists of whole numbers.
    Lists,
    /// Lists of texts.
    WordLists,
}

impl Type {
    /// Its name, for errors and for the contents of a trace.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Optional => "numbers or nothing",
            Self::Micros => "times",
            Self::Flags => "flags",
            Self::Words => "words",
            Self::Lists => "lists of numbers",
            Self::WordLists => "lists of words",
        }
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $column:ident = $name:literal $kind:ident,)*) => {
        /// A column of a block.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Column {$($(#[$doc])* $column,)*}

        impl Column {
            /// Every column, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$column),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$column => $name,)* }
            }

            /// What it holds.
            #[must_use]
            pub const fn kind(self) -> Type {
                match self { $(Self::$column => Type::$kind,)* }
            }
        }
    };
}

columns! {
    /// The account that called; the same in all rows.
    Account = "account" Words,
    /// The source region; the same in all rows.
    Region = "region" Words,
    /// The model called; the same in all rows.
    Model = "model" Words,
    /// When.
    Time = "time" Micros,
    /// Upper 64 bits of an id that is a lower-case hyphenated uuid.
    IdHigh = "id_high" Optional,
    /// Lower 64 bits.
    IdLow = "id_low" Optional,
    /// Any other id.
    Id = "id" Words,
    /// Regional or global.
    Routing = "routing" Words,
    /// Pricing mode, where the record tells.
    Mode = "mode" Words,
    /// Who called.
    Caller = "caller" Words,
    /// Error code of a failed call.
    Error = "error" Words,
    /// What the answer looks like.
    OutputForm = "output_form" Words,
    /// Why the answer ended.
    StopReason = "stop_reason" Words,
    /// Whether the answer was streamed.
    Streaming = "streaming" Flags,
    /// Whether the request's body is known.
    HasBody = "has_body" Flags,
    /// Whether the caller bound the answer to a schema, or to JSON.
    SchemaBound = "schema_bound" Flags,
    /// What a guardrail evaluated.
    Guarded = "guarded" Words,
    /// Uncached prompt tokens.
    Input = "input" Numbers,
    /// Generated tokens.
    Output = "output" Numbers,
    /// Prompt tokens read from the cache.
    CacheRead = "cache_read" Numbers,
    /// Prompt tokens written with five minutes to live.
    CacheWrite5m = "cache_write_5m" Numbers,
    /// Prompt tokens written with thirty minutes to live.
    CacheWrite30m = "cache_write_30m" Numbers,
    /// Prompt tokens written with one hour to live.
    CacheWrite1h = "cache_write_1h" Numbers,
    /// The caller's limit for the answer, in tokens.
    OutputLimit = "output_limit" Optional,
    /// How long the call took.
    LatencyMs = "latency_ms" Optional,
    /// 64 bits that link the answer to the next prompt.
    ChainOpens = "chain_opens" Optional,
    /// 64 bits that link the prompt to the answer before.
    ChainContinues = "chain_continues" Optional,
    /// Tools that the answer calls.
    ToolsCalled = "tools_called" WordLists,
    /// The prompt: numbers of distinct segments of the block, from 0.
    Segments = "segments" Lists,
    /// Places in `segments`, from 0, that a cache marker follows.
    MarkerAt = "marker_at" Lists,
    /// Minutes to live of each marker: 5, 30 or 60.
    MarkerTtl = "marker_ttl" Lists,
    /// The kind of each segment that appears first in this row, by number.
    NewKind = "new_kind" Lists,
    /// Upper 64 bits of its hash.
    NewHigh = "new_high" Lists,
    /// Lower 64 bits of its hash.
    NewLow = "new_low" Lists,
    /// Its bytes.
    NewBytes = "new_bytes" Lists,
    /// Its tool.
    NewTool = "new_tool" WordLists,
    /// What it asks for, by number; 0 where nothing tells.
    NewAsks = "new_asks" Lists,
    /// Its bytes of white space between tokens of JSON.
    NewWhiteSpace = "new_white_space" Lists,
    /// Its worked examples.
    NewExamples = "new_examples" Lists,
    /// Their bytes.
    NewExampleBytes = "new_example_bytes" Lists,
}

/// The number of a kind of segment. Files hold it: never change one.
pub(crate) const fn number_of_kind(kind: SegmentKind) -> i64 {
    match kind {
        SegmentKind::Tool => 0,
        SegmentKind::System => 1,
        SegmentKind::User => 2,
        SegmentKind::Assistant => 3,
        SegmentKind::ToolResult => 4,
        SegmentKind::Retrieved => 5,
        SegmentKind::Media => 6,
    }
}

/// The kind of a number.
pub(crate) fn kind_of_number(number: i64) -> Option<SegmentKind> {
    SegmentKind::ALL.iter().copied().find(|kind| number_of_kind(*kind) == number)
}

/// The number that stands for what a segment asks for; 0 for nothing.
pub(crate) const fn number_of_ask(ask: Option<Ask>) -> i64 {
    match ask {
        None => 0,
        Some(Ask::Label) => 1,
        Some(Ask::Extract) => 2,
        Some(Ask::Summarise) => 3,
        Some(Ask::Answer) => 4,
        Some(Ask::Rewrite) => 5,
        Some(Ask::Code) => 6,
        Some(Ask::Write) => 7,
    }
}

/// What a number stands for.
pub(crate) fn ask_of_number(number: i64) -> Option<Option<Ask>> {
    let known = Ask::ALL.iter().copied().map(Some).chain([None]);
    known.into_iter().find(|ask| number_of_ask(*ask) == number)
}

/// The minutes a cache entry lives.
pub(crate) const fn minutes(ttl: Ttl) -> u32 {
    match ttl {
        Ttl::FiveMinutes => 5,
        Ttl::ThirtyMinutes => 30,
        Ttl::OneHour => 60,
    }
}

/// The time to live of so many minutes.
pub(crate) fn ttl_of(of: u32) -> Option<Ttl> {
    Ttl::ALL.iter().copied().find(|ttl| minutes(*ttl) == of)
}
