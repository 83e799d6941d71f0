//! In which form a call is written down, and whose model it goes to: together they say which fields it must have.

use lode_model::ModelId;
use serde::{Deserialize, Serialize};

/// The form of `modelInput`, in the words of `modelInvocationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// The body of `InvokeModel`, in the form of the model's maker.
    InvokeModel,
    /// The body of `Converse`.
    Converse,
}

impl Form {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvokeModel => "InvokeModel",
            Self::Converse => "Converse",
        }
    }

    /// The form of the calls of an operation, as a log names it; streams have the form of the operation they are of.
    /// `None` for any other operation.
    #[must_use]
    pub fn of_operation(operation: &str) -> Option<Self> {
        match operation {
            "InvokeModel" | "InvokeModelWithResponseStream" => Some(Self::InvokeModel),
            "Converse" | "ConverseStream" => Some(Self::Converse),
            _ => None,
        }
    }
}

/// Whose form an `InvokeModel` body has, as far as its fields differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Anthropic Messages.
    Claude,
    /// Amazon Nova.
    Nova,
    /// Amazon Titan embeddings.
    Titan,
    /// Meta Llama.
    Llama,
    /// Any other: a prompt under one of the usual names.
    Other,
}

impl Family {
    /// The family of a model, by the id in the catalogue or any longer name of it.
    #[must_use]
    pub fn of(model: &ModelId) -> Self {
        let id = model.as_str();
        if id.contains("anthropic.") {
            Self::Claude
        } else if id.contains("amazon.nova") && !id.contains("embed") {
            Self::Nova
        } else if id.contains("amazon.titan") {
            Self::Titan
        } else if id.contains("meta.llama") {
            Self::Llama
        } else {
            Self::Other
        }
    }
}
