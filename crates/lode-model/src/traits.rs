//! What a block of a prompt shows beside its size: counts, and a word of ours for what it asks. Never its text.

use crate::dimension::words;

words! {
    /// What the words of an instruction ask for.
    Ask {
        /// To choose a label: classify, rate, yes or no.
        Label = "label",
        /// To take fields out of a text.
        Extract = "extract",
        /// To shorten a text.
        Summarise = "summarise",
        /// To answer a question.
        Answer = "answer",
        /// To say the same in other words or in another language.
        Rewrite = "rewrite",
        /// To write or change code.
        Code = "code",
        /// To write a text from a brief.
        Write = "write",
    }
}

/// Traits of one block. Nothing of it where nothing was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traits {
    /// What it asks for, where its words ask for one thing above others.
    pub asks: Option<Ask>,
    /// Bytes of white space between the tokens of the JSON it holds: a compact form has none.
    pub white_space: u32,
    /// Worked examples it holds.
    pub examples: u32,
    /// Their bytes.
    pub example_bytes: u32,
}

impl Traits {
    /// No trait at all.
    pub const NONE: Self = Self { asks: None, white_space: 0, examples: 0, example_bytes: 0 };
}
