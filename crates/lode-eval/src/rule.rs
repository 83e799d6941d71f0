//! When an answer passes, by what the call asks for.

use lode_model::TaskForm;
use serde::{Deserialize, Serialize};

/// How an answer is held against the one that is in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassRule {
    /// The same word: equal once case, white space, quotes and a full stop are taken off.
    Label,
    /// The same JSON: of all its fields, a stated share has the same value.
    Extraction,
    /// A judge finds it no worse than the recorded one.
    Judged,
}

impl PassRule {
    /// The rule for a kind of call; none for those whose answers are no text, or whose prompts are not.
    #[must_use]
    pub const fn of(task: TaskForm) -> Option<Self> {
        match task {
            TaskForm::Label => Some(Self::Label),
            TaskForm::Extraction => Some(Self::Extraction),
            TaskForm::Vision | TaskForm::Embedding => None,
            TaskForm::Summarisation
            | TaskForm::Question
            | TaskForm::Rewriting
            | TaskForm::Code
            | TaskForm::Generation
            | TaskForm::Agentic
            | TaskForm::Retrieval
            | TaskForm::Chat
            | TaskForm::Text
            | TaskForm::Unknown => Some(Self::Judged),
        }
    }
}
