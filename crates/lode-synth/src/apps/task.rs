//! What an app's calls are for. The label comes from what the app is, never from its texts.

use serde::{Serialize, Serializer};

/// The class of an app's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// A word or two from a closed list.
    Label,
    /// Fields read out of a text.
    Extraction,
    /// A text made shorter.
    Summarisation,
    /// A simple question, answered in a sentence or two.
    Question,
    /// A text said in another way or language.
    Rewriting,
    /// Programs, queries, reviews of them.
    Code,
    /// A long text written from a brief.
    Generation,
    /// Tools and chains of calls.
    Agentic,
    /// A conversation of several turns without tools.
    Chat,
    /// A question over retrieved passages.
    Retrieval,
    /// Logged without bodies: nobody can tell.
    Unknown,
}

impl Task {
    /// The word for it, such as `summarisation`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Extraction => "extraction",
            Self::Summarisation => "summarisation",
            Self::Question => "question",
            Self::Rewriting => "rewriting",
            Self::Code => "code",
            Self::Generation => "generation",
            Self::Agentic => "agentic",
            Self::Chat => "chat",
            Self::Retrieval => "retrieval",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a lower tier does it as well, where it is asked in single turns.
    #[cfg(test)]
    pub(crate) const fn is_modest(self) -> bool {
        matches!(self, Self::Label | Self::Extraction | Self::Summarisation | Self::Question | Self::Rewriting)
    }
}

impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
