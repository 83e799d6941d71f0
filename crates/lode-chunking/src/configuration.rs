//! What a knowledge base can be told about chunks, and the label it is known by in tables and files.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// Tokens of a chunk of the default strategy: "approximately 300 tokens" (Amazon Bedrock user guide, How content chunking
/// works for knowledge bases, read 2026-11).
pub const DEFAULT_TOKENS: u32 = 300;

/// One way to cut documents. How each cuts: [`crate::cut()`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Configuration {
    /// Bedrock's FIXED_SIZE: so many tokens, a share of them repeated.
    Fixed {
        /// `maxTokens`, at least 1.
        max_tokens: u32,
        /// `overlapPercentage`, below 100.
        overlap_percent: u32,
    },
    /// Bedrock's default: about [`DEFAULT_TOKENS`], sentences kept whole.
    Default,
    /// Bedrock's HIERARCHICAL: children are found, their parents answer.
    Hierarchical {
        /// `maxTokens` of a parent.
        parent: u32,
        /// `maxTokens` of a child, at most the parent's.
        child: u32,
        /// `overlapTokens`, below the child's.
        overlap: u32,
    },
    /// LangChain's `RecursiveCharacterTextSplitter`, which needs a Lambda function in a knowledge base.
    Recursive {
        /// Tokens at the most.
        max_tokens: u32,
        /// Repeated, in per cent of them, below 100.
        overlap_percent: u32,
    },
    /// Bedrock's NONE: one file, one chunk.
    None,
}

impl Configuration {
    /// The name of its strategy.
    #[must_use]
    pub const fn strategy(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::Default => "default",
            Self::Hierarchical { .. } => "hierarchical",
            Self::Recursive { .. } => "recursive",
            Self::None => "none",
        }
    }

    /// The most tokens of a chunk that is embedded; `None` where it is as long as its file.
    #[must_use]
    pub const fn max_tokens(&self) -> Option<u32> {
        match *self {
            Self::Fixed { max_tokens, .. } | Self::Recursive { max_tokens, .. } => Some(max_tokens),
            Self::Hierarchical { child, .. } => Some(child),
            Self::Default => Some(DEFAULT_TOKENS),
            Self::None => None,
        }
    }

    /// Whether sizes and overlaps are such that chunks move on.
    const fn is_possible(&self) -> bool {
        match *self {
            Self::Fixed { max_tokens, overlap_percent } | Self::Recursive { max_tokens, overlap_percent } => {
                max_tokens > 0 && overlap_percent < 100
            }
            Self::Hierarchical { parent, child, overlap } => child > overlap && child <= parent,
            Self::Default | Self::None => true,
        }
    }
}

/// Tokens repeated: `percent` of `max_tokens`, rounded down.
pub(crate) fn overlap(max_tokens: u32, percent: u32) -> u32 {
    u32::try_from(u64::from(max_tokens) * u64::from(percent) / 100).unwrap_or(u32::MAX)
}

impl Display for Configuration {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed { max_tokens, overlap_percent } | Self::Recursive { max_tokens, overlap_percent } => {
                write!(f, "{} {max_tokens}, {overlap_percent} %", self.strategy())
            }
            Self::Default => write!(f, "default {DEFAULT_TOKENS}"),
            Self::Hierarchical { parent, child, overlap } => {
                write!(f, "hierarchical {parent}/{child}, {overlap} tokens")
            }
            Self::None => f.write_str("none"),
        }
    }
}

/// A label that names no configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no configuration; expected a label such as \"fixed 300, 20 %\" or \"hierarchical 1500/300, 60 tokens\"")]
pub struct NotAConfiguration;

impl FromStr for Configuration {
    type Err = NotAConfiguration;

    /// Reads a label, with or without its spaces and in any case.
    fn from_str(label: &str) -> Result<Self, NotAConfiguration> {
        let label: String = label.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let number = |text: &str| text.parse::<u32>().map_err(|_| NotAConfiguration);
        let sized = |rest: &str| {
            let (size, percent) = rest.split_once(',').ok_or(NotAConfiguration)?;
            Ok((number(size)?, number(percent.strip_suffix('%').unwrap_or(percent))?))
        };
        let found = if let Some(rest) = label.strip_prefix("fixed") {
            let (max_tokens, overlap_percent) = sized(rest)?;
            Self::Fixed { max_tokens, overlap_percent }
        } else if let Some(rest) = label.strip_prefix("recursive") {
            let (max_tokens, overlap_percent) = sized(rest)?;
            Self::Recursive { max_tokens, overlap_percent }
        } else if let Some(rest) = label.strip_prefix("hierarchical") {
            let (sizes, overlap) = rest.split_once(',').ok_or(NotAConfiguration)?;
            let (parent, child) = sizes.split_once('/').ok_or(NotAConfiguration)?;
            let overlap = number(overlap.strip_suffix("tokens").unwrap_or(overlap))?;
            Self::Hierarchical { parent: number(parent)?, child: number(child)?, overlap }
        } else {
            match &*label {
                "default" | "default300" => Self::Default,
                "none" => Self::None,
                _ => return Err(NotAConfiguration),
            }
        };
        if found.is_possible() { Ok(found) } else { Err(NotAConfiguration) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_as_it_is_printed() {
        for configuration in [
            Configuration::Fixed { max_tokens: 300, overlap_percent: 20 },
            Configuration::Recursive { max_tokens: 8, overlap_percent: 0 },
            Configuration::Hierarchical { parent: 1500, child: 300, overlap: 60 },
            Configuration::Default,
            Configuration::None,
        ] {
            assert_eq!(configuration.to_string().parse(), Ok(configuration));
        }
        assert_eq!("Fixed 300,20%".parse(), Ok(Configuration::Fixed { max_tokens: 300, overlap_percent: 20 }));
        for label in
            ["", "fixed", "fixed 0, 0 %", "fixed 300, 100 %", "semantic 300", "hierarchical 300/1500, 60 tokens"]
        {
            assert_eq!(label.parse::<Configuration>(), Err(NotAConfiguration), "{label}");
        }
    }
}
