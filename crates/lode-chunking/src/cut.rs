//! The strategies. Every one works on the places where tokens start ([`Tokens`]); a chunk is a stretch of them.
//!
//! - **Fixed** (Bedrock's FIXED_SIZE). A chunk of `maxTokens` begins every `maxTokens − floor(maxTokens × percent / 100)`
//!   tokens, at least every one. The last ends with the document; none lies wholly inside of the one before it.
//! - **Default**. Sentences, a longer one cut every 300 tokens first, are packed while a chunk has 300 tokens or fewer. AWS says
//!   "approximately 300 tokens" and that sentences are kept; the rest is an approximation.
//! - **Hierarchical**. Parents begin every `parent − overlap` tokens; children are cut inside of each parent, every
//!   `child − overlap`. Children are embedded and found; results are their parents, each once.
//! - **Recursive**. LangChain's `RecursiveCharacterTextSplitter` with the separators `"\n\n"`, `"\n"`, `" "`, `""`; lengths and overlap
//!   are in tokens, and white space at both ends of a chunk is dropped.
//! - **None**. The document is the chunk.
//!
//! A document without tokens has no chunks. How Bedrock itself cuts within these settings is not published.

use crate::configuration::{Configuration, DEFAULT_TOKENS, overlap};
use crate::recursive::recursive;
use crate::sentences::sentences;
use crate::span::Span;
use crate::tokens::Tokens;

/// The chunks of a document, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What is embedded and found.
    pub embedded: Vec<Span>,
    /// What is put into the prompt in their place, where that is something else: parents.
    pub parents: Option<Vec<Span>>,
}

impl Cut {
    /// What is put into the prompt.
    #[must_use]
    pub fn results(&self) -> &[Span] {
        self.parents.as_deref().unwrap_or(&self.embedded)
    }
}

/// Cuts a document. `tokens` are those of `text`.
#[must_use]
pub fn cut(configuration: &Configuration, text: &str, tokens: &Tokens) -> Cut {
    let whole = Span::new(0, tokens.count());
    let plain = |embedded| Cut { embedded, parents: None };
    match *configuration {
        Configuration::Fixed { max_tokens, overlap_percent } => {
            plain(windows(whole, max_tokens, overlap(max_tokens, overlap_percent)))
        }
        Configuration::Default => plain(packed(text, tokens)),
        Configuration::Hierarchical { parent, child, overlap } => {
            let parents = windows(whole, parent, overlap);
            let embedded = parents.iter().flat_map(|parent| windows(*parent, child, overlap)).collect();
            Cut { embedded, parents: Some(parents) }
        }
        Configuration::Recursive { max_tokens, overlap_percent } => {
            plain(recursive(text, tokens, max_tokens, overlap(max_tokens, overlap_percent)))
        }
        Configuration::None => plain(if whole.is_empty() { Vec::new() } else { vec![whole] }),
    }
}

/// Chunks of `size` tokens with `overlap` of them repeated.
fn windows(whole: Span, size: u32, overlap: u32) -> Vec<Span> {
    let step = size.saturating_sub(overlap).max(1);
    let mut found = Vec::new();
    let mut start = whole.start;
    while start < whole.end {
        let end = start.saturating_add(size.max(1)).min(whole.end);
        found.push(Span::new(start, end));
        if end == whole.end {
            break;
        }
        start = start.saturating_add(step);
    }
    found
}

/// Sentences packed into chunks.
fn packed(text: &str, tokens: &Tokens) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut first = 0;
    let ends = sentences(text).into_iter().map(Some).chain([None]);
    for end in ends {
        let end = end.map_or_else(|| tokens.count(), |byte| tokens.before_from(byte, first));
        for piece in windows(Span::new(first, end), DEFAULT_TOKENS, 0) {
            match found.last_mut() {
                Some(chunk) if chunk.len() + piece.len() <= u64::from(DEFAULT_TOKENS) => chunk.end = piece.end,
                _ => found.push(piece),
            }
        }
        first = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(found: &[Span]) -> Vec<(u32, u32)> {
        found.iter().map(|span| (span.start, span.end)).collect()
    }

    /// The chunks of a text whose every character is a token.
    fn of(configuration: Configuration, text: &str) -> Vec<(u32, u32)> {
        spans(&cut(&configuration, text, &Tokens::characters(text).expect("short")).embedded)
    }

    #[test]
    fn fixed_chunks_step_by_what_is_not_repeated() {
        let fixed =
            |max_tokens, overlap_percent| of(Configuration::Fixed { max_tokens, overlap_percent }, "0123456789");
        assert_eq!(fixed(4, 0), [(0, 4), (4, 8), (8, 10)]);
        // floor(4 × 25 %) = 1 repeated: a step of 3. The chunk from 6 on ends the document; one from 9 on would lie in it.
        assert_eq!(fixed(4, 25), [(0, 4), (3, 7), (6, 10)]);
        // floor(3 × 20 %) = 0.
        assert_eq!(fixed(3, 20), [(0, 3), (3, 6), (6, 9), (9, 10)]);
        // floor(2 × 99 %) = 1.
        assert_eq!(fixed(2, 99).len(), 9);
        assert_eq!(fixed(10, 50), [(0, 10)]);
        assert_eq!(of(Configuration::Fixed { max_tokens: 4, overlap_percent: 0 }, ""), []);
    }

    #[test]
    fn sentences_are_packed_whole_and_long_ones_cut() {
        // Of 200, 100 and 1 characters, then of 650: 300 fit, 1 begins anew; 650 are 300, 300 and 50.
        let text = format!("{}. {}. .\n\n{}.", "a".repeat(199), "b".repeat(98), "c".repeat(647));
        // "aaa." is 200; " bbb." is 100; " ." is 2; "\n\nccc." is 650.
        assert_eq!(of(Configuration::Default, &text), [(0, 300), (300, 302), (302, 602), (602, 902), (902, 952)]);
        assert_eq!(of(Configuration::Default, ""), []);
    }

    #[test]
    fn children_are_cut_inside_of_their_parents() {
        let text = "0123456789";
        let found = cut(
            &Configuration::Hierarchical { parent: 6, child: 3, overlap: 1 },
            text,
            &Tokens::characters(text).expect("short"),
        );
        assert_eq!(spans(found.results()), [(0, 6), (5, 10)]);
        assert_eq!(spans(&found.embedded), [(0, 3), (2, 5), (4, 6), (5, 8), (7, 10)]);
    }

    #[test]
    fn a_file_is_a_chunk_and_an_empty_one_is_none() {
        assert_eq!(of(Configuration::None, "0123456789"), [(0, 10)]);
        assert_eq!(of(Configuration::None, ""), []);
    }
}
