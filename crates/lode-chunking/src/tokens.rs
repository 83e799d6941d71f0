//! Where the tokens of a document start. A text is tokenised once, whole; every strategy then works on these places.
//!
//! AWS publishes the tokenizer of no embedding model of Bedrock. cl100k_base, a byte-pair encoding of 100,256 tokens that
//! OpenAI published with tiktoken in 2022, stands in for it: counts are of the right size, and differ from the service's.
//!
//! The length of a piece of text is the number of document tokens that start in it. So lengths add up: the pieces of
//! a text are together as long as the text, wherever it is cut. A token starts at its first byte that is no ASCII white space, or,
//! where it has no other, at its first: most tokens are a space and a word, and a chunk that begins with the word has it.

use std::ops::Range;

use crate::span::Span;

/// A text that is too long: four gigabytes or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes, expected fewer than 4 GiB")]
pub struct TooLong(pub u64);

/// Where the tokens of a text start, in bytes. Holds four bytes a token, and no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    starts: Vec<u32>,
    bytes: u32,
}

impl Tokens {
    /// The tokens of cl100k_base.
    ///
    /// # Errors
    /// When the text has four gigabytes or more.
    pub fn of(text: &str) -> Result<Self, TooLong> {
        let bytes = length(text)?;
        let tokenizer = bpe_openai::cl100k_base();
        // English prose has some four and a half bytes a token.
        let mut starts = Vec::with_capacity(text.len() / 4);
        let mut at = 0_u32;
        for piece in tokenizer.split(text) {
            for token in tokenizer.bpe.encode_via_backtracking(piece.as_bytes()) {
                let bytes = tokenizer.bpe.token_bytes(token);
                let space = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
                starts.push(at.saturating_add(u32::try_from(space).unwrap_or(u32::MAX)));
                at = at.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            }
        }
        Ok(Self { starts, bytes })
    }

    /// Every character (Unicode scalar value) as a token: the length that LangChain's splitters take by default.
    ///
    /// # Errors
    /// When the text has four gigabytes or more.
    pub fn characters(text: &str) -> Result<Self, TooLong> {
        let bytes = length(text)?;
        let starts = text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        Ok(Self { starts, bytes })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The byte at which each token starts, in order.
    #[must_use]
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The byte at which a token starts; the end of the text where there is none of that number.
    #[must_use]
    pub fn start(&self, token: u32) -> u32 {
        usize::try_from(token).ok().and_then(|token| self.starts.get(token)).copied().unwrap_or(self.bytes)
    }

    /// Tokens that start before a byte.
    #[must_use]
    pub fn before(&self, byte: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start < byte)).unwrap_or(u32::MAX)
    }

    /// The same, where `from` is known to start before that byte or at it: quick where it is near.
    pub(crate) fn before_from(&self, byte: u32, from: u32) -> u32 {
        let mut low = usize::try_from(from).unwrap_or(usize::MAX).min(self.starts.len());
        let mut step = 1;
        let starts_before = |token: usize| self.starts.get(token).is_some_and(|start| *start < byte);
        if !starts_before(low) {
            return u32::try_from(low).unwrap_or(u32::MAX);
        }
        // Twice as far each time, until a token starts at the byte or after it.
        while starts_before(low + step) {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(self.starts.len());
        let between = self.starts.get(low..high).unwrap_or_default();
        u32::try_from(low + between.partition_point(|start| *start < byte)).unwrap_or(u32::MAX)
    }

    /// The tokens that start within these bytes.
    #[must_use]
    pub fn within(&self, bytes: Range<u32>) -> Span {
        let start = self.before(bytes.start);
        Span::new(start, self.before_from(bytes.end, start))
    }

    /// The same, or where none starts there the one token that the bytes are part of.
    #[must_use]
    pub fn within_or_around(&self, bytes: Range<u32>) -> Span {
        let span = self.within(bytes);
        if span.is_empty() && span.start > 0 { Span::new(span.start - 1, span.start) } else { span }
    }
}

fn length(text: &str) -> Result<u32, TooLong> {
    u32::try_from(text.len()).map_err(|_| TooLong(u64::try_from(text.len()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Tokens {
        Tokens::of(text).expect("short")
    }

    #[test]
    fn tokens_start_where_tiktoken_says() {
        // tiktoken: "tiktoken is great!" is [83, 1609, 5963, 374, 2294, 0]: t, ik, token, " is", " great", "!".
        assert_eq!(tokens("tiktoken is great!").starts(), [0, 1, 3, 9, 12, 17]);
        // "a", two line feeds, " b" with a space before it that is a token of its own.
        assert_eq!(tokens("a\n\n  b").starts(), [0, 1, 3, 5]);
        assert_eq!(tokens("").count(), 0);
        // A character of three bytes may be cut into several tokens; each start is a byte.
        assert!(tokens("\u{a8b2}").count() > 1);
        assert_eq!(Tokens::characters("aé b").expect("short").starts(), [0, 1, 3, 4]);
    }

    #[test]
    fn a_piece_is_as_long_as_the_tokens_that_start_in_it() {
        let tokens = tokens("tiktoken is great!");
        assert_eq!(tokens.within(0..18), Span::new(0, 6));
        assert_eq!(tokens.within(1..11), Span::new(1, 4));
        // " is" starts with its word, at 9; half a word holds no start.
        assert_eq!((tokens.within(9..11), tokens.within(8..9)), (Span::new(3, 4), Span::new(3, 3)));
        assert_eq!((tokens.within(14..17), tokens.within_or_around(14..17)), (Span::new(5, 5), Span::new(4, 5)));
        assert_eq!((tokens.start(4), tokens.start(6), tokens.start(99)), (12, 18, 18));
    }

    proptest! {
        #[test]
        fn lengths_add_up_wherever_a_text_is_cut(text in "(\\PC| |\n){0,200}", at in 0_usize..1_000) {
            let tokens = tokens(&text);
            let end = u32::try_from(text.len()).expect("short");
            let cut = u32::try_from(at % (text.len() + 1)).expect("short");
            prop_assert_eq!(tokens.within(0..cut).len() + tokens.within(cut..end).len(), u64::from(tokens.count()));
            prop_assert!(tokens.starts().windows(2).all(|pair| pair[0] < pair[1]));
            for from in 0..=tokens.before(cut) {
                prop_assert_eq!(tokens.before_from(cut, from), tokens.before(cut));
            }
        }

        #[test]
        fn the_pieces_of_the_tokenizer_are_the_whole_text(text in "(\\PC|[ \t\r\n]|[a-z0-9'])*") {
            let tokenizer = bpe_openai::cl100k_base();
            prop_assert_eq!(tokenizer.split(&text).collect::<String>(), text.clone());
            let tokens: usize = tokenizer.encode(text.as_str()).len();
            prop_assert_eq!(tokens, Tokens::of(&text).expect("short").starts().len());
        }
    }
}
