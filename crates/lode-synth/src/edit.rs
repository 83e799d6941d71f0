//! Edits of the raw month, call by call. What cannot be bought (a batch price that the model does not have, a cache
//! that it does not have) leaves the call as it is.

use crate::apps::position;
use crate::call::{Block, Call, Content, Message, Mode, Piece, Prompt, Ttl};
use crate::prices::Model;

/// Where cache markers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// After the last tool.
    ToolsEnd,
    /// After the last block of the system prompt.
    SystemEnd,
    /// After the last block of the last message.
    PromptEnd,
    /// After both.
    SystemAndPromptEnd,
}

/// An edit of all calls of one caller, named `role/policy-qa` or `policy-qa`. An unknown caller has no calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawEdit {
    /// Offer these tools no longer.
    DropTools {
        /// Whose calls.
        caller: String,
        /// Names of the tools.
        tools: Vec<String>,
    },
    /// Send the last turns only. A turn is what a person says and everything until they speak again; the question
    /// that is being asked is the last of them. 0 counts as 1.
    WindowHistory {
        /// Whose calls.
        caller: String,
        /// Turns to keep.
        turns: u32,
    },
    /// Send each text and passage of the user's messages once: the first time. Messages that would become empty are
    /// left as they are.
    DropDuplicateBlocks {
        /// Whose calls.
        caller: String,
    },
    /// Cut a block of the system prompt down to so many tokens; shorter ones stay.
    ShortenSegment {
        /// Whose calls.
        caller: String,
        /// Which block, from 0.
        block: usize,
        /// Its new size.
        tokens: u32,
    },
    /// Cut answers down to so many tokens. History that holds them stays as it was sent.
    CapOutput {
        /// Whose calls.
        caller: String,
        /// Largest size.
        tokens: u32,
    },
    /// No cache markers.
    MarkersOff {
        /// Whose calls.
        caller: String,
    },
    /// Cache markers here, and nowhere else.
    Markers {
        /// Whose calls.
        caller: String,
        /// Where.
        placement: Placement,
        /// Life of the entries.
        ttl: Ttl,
    },
    /// Another model, by its bare id. Token counts stay: models of one maker share a tokenizer here.
    Model {
        /// Whose calls.
        caller: String,
        /// A model that the estate has prices for; another one changes nothing.
        to: String,
    },
    /// Another pricing mode. Batch takes the calls out of the log and the cache.
    Mode {
        /// Whose calls.
        caller: String,
        /// The mode.
        mode: Mode,
    },
    /// The other routing price.
    Routing {
        /// Whose calls.
        caller: String,
        /// Whether global.
        global: bool,
    },
    /// The first passages only, each cut down to so many tokens; shorter ones stay.
    Retrieval {
        /// Whose calls.
        caller: String,
        /// Passages kept.
        chunks: u32,
        /// Most tokens of each, with its wrapping.
        chunk_tokens: u32,
    },
}

impl RawEdit {
    fn caller(&self) -> &str {
        match self {
            Self::DropTools { caller, .. }
            | Self::WindowHistory { caller, .. }
            | Self::DropDuplicateBlocks { caller }
            | Self::ShortenSegment { caller, .. }
            | Self::CapOutput { caller, .. }
            | Self::MarkersOff { caller }
            | Self::Markers { caller, .. }
            | Self::Model { caller, .. }
            | Self::Mode { caller, .. }
            | Self::Routing { caller, .. }
            | Self::Retrieval { caller, .. } => caller,
        }
    }
}

/// Applies an edit.
pub(crate) fn apply(calls: &mut [Call], edit: &RawEdit) {
    let Some(app) = position(edit.caller()) else { return };
    for call in calls.iter_mut().filter(|call| call.app == app) {
        edit_call(call, edit);
    }
}

fn edit_call(call: &mut Call, edit: &RawEdit) {
    match edit {
        RawEdit::CapOutput { tokens, .. } => cap(call, *tokens),
        RawEdit::Model { to, .. } => change(call, Model::of(to).unwrap_or(call.model), call.global, call.mode),
        RawEdit::Mode { mode, .. } => change(call, call.model, call.global, *mode),
        RawEdit::Routing { global, .. } => change(call, call.model, *global, call.mode),
        _ => {
            let caches = call.model.cache_min.is_some();
            if let Prompt::Full { tools, system, messages } = &mut call.prompt {
                edit_prompt(tools, system, messages, edit, caches);
            }
        }
    }
}

/// Another way to buy, where it is sold.
fn change(call: &mut Call, model: &'static Model, global: bool, mode: Mode) {
    let sold = model.rates(global).is_some_and(|rates| match mode {
        Mode::Standard => true,
        Mode::Flex => rates.flex.is_some(),
        Mode::Batch => rates.batch.is_some(),
        Mode::Priority => rates.priority.is_some(),
        Mode::LatencyOptimized => rates.latency_optimized.is_some(),
        // Capacity is bought by the hour, not by the call.
        Mode::Provisioned => call.mode == Mode::Provisioned && call.model == model,
    });
    if sold {
        (call.model, call.global, call.mode) = (model, global, mode);
    }
}

fn cap(call: &mut Call, tokens: u32) {
    call.max_output = call.max_output.min(tokens);
    if let Content::Text(piece) | Content::ToolUse(_, piece, _) = &mut call.answer {
        piece.tokens = piece.tokens.min(tokens);
    }
}

fn edit_prompt(
    tools: &mut Vec<Block>,
    system: &mut [Block],
    messages: &mut Vec<Message>,
    edit: &RawEdit,
    caches: bool,
) {
    match edit {
        RawEdit::DropTools { tools: names, .. } => tools.retain(|block| match &block.content {
            Content::Tool(tool) => !names.iter().any(|name| name == tool.name),
            _ => true,
        }),
        RawEdit::WindowHistory { turns, .. } => keep_turns(messages, *turns),
        RawEdit::DropDuplicateBlocks { .. } => drop_duplicates(messages),
        RawEdit::ShortenSegment { block, tokens, .. } => {
            if let Some(Content::Text(piece)) = system.get_mut(*block).map(|block| &mut block.content) {
                piece.tokens = piece.tokens.min(*tokens);
            }
        }
        RawEdit::MarkersOff { .. } => clear(tools, system, messages),
        RawEdit::Markers { placement, ttl, .. } if caches => {
            clear(tools, system, messages);
            let ends = match placement {
                Placement::ToolsEnd => [tools.last_mut(), None],
                Placement::SystemEnd => [system.last_mut(), None],
                Placement::PromptEnd => [None, messages.last_mut().and_then(|last| last.blocks.last_mut())],
                Placement::SystemAndPromptEnd => {
                    [system.last_mut(), messages.last_mut().and_then(|last| last.blocks.last_mut())]
                }
            };
            for end in ends.into_iter().flatten() {
                end.marker = Some(*ttl);
            }
        }
        RawEdit::Retrieval { chunks, chunk_tokens, .. } => retrieve(messages, *chunks, *chunk_tokens),
        _ => {}
    }
}

fn keep_turns(messages: &mut Vec<Message>, turns: u32) {
    let opens: Vec<usize> =
        messages.iter().enumerate().filter(|(_, message)| message.opens_turn()).map(|(at, _)| at).collect();
    let keep = usize::try_from(turns.max(1)).unwrap_or(usize::MAX);
    if let Some(first) = opens.len().checked_sub(keep).and_then(|at| opens.get(at)) {
        messages.drain(..*first);
    }
}

fn drop_duplicates(messages: &mut [Message]) {
    let mut seen: Vec<Content> = Vec::new();
    for message in messages.iter_mut().filter(|message| !message.assistant) {
        let mut kept = Vec::new();
        for block in &message.blocks {
            let is_sent = matches!(block.content, Content::Text(_) | Content::Passage(..));
            if !is_sent || !seen.contains(&block.content) {
                seen.push(block.content.clone());
                kept.push(block.clone());
            }
        }
        if !kept.is_empty() {
            message.blocks = kept;
        }
    }
}

fn clear(tools: &mut [Block], system: &mut [Block], messages: &mut [Message]) {
    let spoken = messages.iter_mut().flat_map(|message| &mut message.blocks);
    for block in tools.iter_mut().chain(system).chain(spoken) {
        block.marker = None;
    }
}

fn retrieve(messages: &mut [Message], chunks: u32, chunk_tokens: u32) {
    for message in messages {
        message.blocks.retain(|block| !matches!(block.content, Content::Passage(index, _) if index > chunks));
        for block in &mut message.blocks {
            if let Content::Passage(_, Piece { tokens, .. }) = &mut block.content {
                *tokens = chunk_tokens.min(*tokens);
            }
        }
    }
}
