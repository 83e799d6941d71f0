//! One raw call: who asked which model, when, with what. Texts are held as [`Piece`]s, which `text` writes out;
//! equal pieces are equal texts and unequal ones are not, so that comparing pieces compares texts.

use crate::guardrails::Guard;
use crate::prices::Model;

/// Bytes of one token. The estate counts this way so that prompt tokens can be shared out over segments exactly.
pub(crate) const BYTES_PER_TOKEN: u64 = 4;

/// A text: whose, what it is about, which of that kind, its size, and the seed of its month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub role: &'static str,
    pub topic: &'static str,
    pub number: u64,
    pub tokens: u32,
    pub seed: u64,
}

/// What a tool offers. Its compact JSON has this many tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tool {
    pub name: &'static str,
    pub tokens: u32,
}

/// How long a cache entry lives after its last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ttl {
    /// Five minutes.
    FiveMinutes,
    /// One hour.
    OneHour,
}

impl Ttl {
    /// In seconds.
    pub(crate) const fn seconds(self) -> i64 {
        match self {
            Self::FiveMinutes => 300,
            Self::OneHour => 3_600,
        }
    }
}

/// What a block of a prompt holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Content {
    Tool(Tool),
    Text(Piece),
    /// A retrieved passage, wrapped; its tokens include the wrapping.
    Passage(u32, Piece),
    /// The model's call of a tool: name, what it asks, and the id that the result names. Its tokens are those of
    /// the name and the compact input.
    ToolUse(&'static str, Piece, u64),
    ToolResult(Piece, u64),
    /// JSON: compact, or pretty-printed with so many spaces a level.
    Json(Piece, Option<u8>),
    /// Instructions and so many worked examples in one text.
    Examples(Piece, u32),
    /// A text that is marked for a guardrail.
    Guarded(Piece),
}

impl Content {
    pub(crate) const fn tokens(&self) -> u64 {
        match self {
            Self::Tool(tool) => tool.tokens as u64,
            Self::Text(piece)
            | Self::Passage(_, piece)
            | Self::ToolUse(_, piece, _)
            | Self::ToolResult(piece, _)
            | Self::Json(piece, _)
            | Self::Examples(piece, _)
            | Self::Guarded(piece) => piece.tokens as u64,
        }
    }
}

/// One block and the cache marker right after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Block {
    pub content: Content,
    pub marker: Option<Ttl>,
}

impl Block {
    pub(crate) const fn of(content: Content) -> Self {
        Self { content, marker: None }
    }

    pub(crate) const fn marked(self, ttl: Ttl) -> Self {
        Self { content: self.content, marker: Some(ttl) }
    }
}

/// A message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Message {
    pub assistant: bool,
    pub blocks: Vec<Block>,
}

impl Message {
    pub(crate) const fn user(blocks: Vec<Block>) -> Self {
        Self { assistant: false, blocks }
    }

    pub(crate) const fn assistant(blocks: Vec<Block>) -> Self {
        Self { assistant: true, blocks }
    }

    /// Whether a person speaks: a message of tool results alone goes on with the turn before.
    pub(crate) fn opens_turn(&self) -> bool {
        !self.assistant && self.blocks.iter().any(|block| !matches!(block.content, Content::ToolResult(..)))
    }
}

/// At which price, and by which way, a call is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// On demand.
    Standard,
    /// On demand at the flex price.
    Flex,
    /// On demand at the Priority price.
    Priority,
    /// On demand, latency-optimised.
    LatencyOptimized,
    /// In a batch job: half price, nothing cached, nothing in the invocation log.
    Batch,
    /// By a provisioned model unit: tokens cost nothing, the unit's hours do.
    Provisioned,
}

/// What is known of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Prompt {
    /// All of it: logged with its body.
    Full { tools: Vec<Block>, system: Vec<Block>, messages: Vec<Message> },
    /// Its tokens: logged without a body.
    Counts(u64),
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Seconds since 1970, UTC.
    pub time: i64,
    /// Position of its app in `apps::ALL`.
    pub app: usize,
    /// Which of its app's calls, from 0.
    pub number: u64,
    pub model: &'static Model,
    pub global: bool,
    pub mode: Mode,
    pub prompt: Prompt,
    pub max_output: u32,
    pub answer: Content,
    pub guard: Option<Guard>,
    /// Whether the answer was meant to call a tool, and cannot be used.
    pub malformed: bool,
}

impl Call {
    /// Blocks in the order the model reads them: tools, system, messages.
    pub(crate) fn blocks(&self) -> Vec<&Block> {
        match &self.prompt {
            Prompt::Counts(_) => Vec::new(),
            Prompt::Full { tools, system, messages } => {
                tools.iter().chain(system).chain(messages.iter().flat_map(|message| &message.blocks)).collect()
            }
        }
    }

    /// How long the call takes, in milliseconds: a third of a second and eight a token.
    pub(crate) fn latency_ms(&self) -> u64 {
        300 + 8 * self.answer.tokens()
    }

    /// The same in whole seconds, rounded up.
    pub(crate) fn seconds(&self) -> i64 {
        i64::try_from(self.latency_ms().div_ceil(1000)).unwrap_or(i64::MAX)
    }

    /// Tokens of the whole prompt.
    pub(crate) fn prompt_tokens(&self) -> u64 {
        match &self.prompt {
            Prompt::Counts(tokens) => *tokens,
            Prompt::Full { .. } => self.blocks().iter().map(|block| block.content.tokens()).sum(),
        }
    }
}
