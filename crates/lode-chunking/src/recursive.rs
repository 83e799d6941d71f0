//! LangChain's `RecursiveCharacterTextSplitter` (langchain-text-splitters 1.1.3, `keep_separator` and `strip_whitespace` on), with
//! lengths in tokens.
//!
//! A text is cut before every place of the first separator that it has. Pieces shorter than the limit are merged while they
//! fit; a piece as long as the limit or longer is cut in the same way by the separators after that one. When a chunk is full, its
//! first pieces are let go until what is left is no longer than the overlap and the next piece fits.
//!
//! With a token for every character the chunks are LangChain's. A piece in its own right may have another number of tokens than
//! start in it here, so with tokens they can differ from those of a LangChain splitter that counts each piece anew.

use crate::span::Span;
use crate::tokens::Tokens;

/// Tried in this order; the last cuts between characters.
const SEPARATORS: [&str; 4] = ["\n\n", "\n", " ", ""];

/// Bytes of the text, and the tokens that start in them.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    end: usize,
    tokens: Span,
}

/// The chunks, white space at their ends dropped; those in which no token starts are left out.
pub(crate) fn recursive(text: &str, tokens: &Tokens, size: u32, overlap: u32) -> Vec<Span> {
    let mut splitter = Splitter { text, tokens, size: u64::from(size), overlap: u64::from(overlap), found: Vec::new() };
    let whole = Piece { start: 0, end: text.len(), tokens: Span::new(0, tokens.count()) };
    splitter.split(whole, &SEPARATORS);
    splitter.found
}

struct Splitter<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    size: u64,
    overlap: u64,
    found: Vec<Span>,
}

impl Splitter<'_> {
    /// Cuts a piece by the first of these separators that it has.
    fn split(&mut self, piece: Piece, separators: &[&str]) {
        let text = self.text.get(piece.start..piece.end).unwrap_or_default();
        let at = separators.iter().position(|separator| text.contains(separator));
        let (separator, finer) = match at {
            Some(at) => (separators.get(at).copied().unwrap_or_default(), separators.get(at + 1..).unwrap_or_default()),
            None => ("", [].as_slice()),
        };
        let mut open: Vec<Piece> = Vec::new();
        for part in self.parts(piece, separator) {
            if part.tokens.len() < self.size {
                open.push(part);
                continue;
            }
            self.merge(&open);
            open.clear();
            if finer.is_empty() {
                self.push(part.start, part.end);
            } else {
                self.split(part, finer);
            }
        }
        self.merge(&open);
    }

    /// The parts of a piece between the places of a separator, each with the one before it.
    fn parts(&self, piece: Piece, separator: &str) -> Vec<Piece> {
        let text = self.text.get(piece.start..piece.end).unwrap_or_default();
        let mut parts = Vec::new();
        let mut from = piece.start;
        let mut first = piece.tokens.start;
        let mut part = |to: usize| {
            if to > from {
                let last = self.tokens.before_from(u32::try_from(to).unwrap_or(u32::MAX), first);
                parts.push(Piece { start: from, end: to, tokens: Span::new(first, last) });
                (from, first) = (to, last);
            }
        };
        match separator {
            "" => text.char_indices().for_each(|(at, _)| part(piece.start + at)),
            " " => text.match_indices(' ').for_each(|(at, _)| part(piece.start + at)),
            "\n" => text.match_indices('\n').for_each(|(at, _)| part(piece.start + at)),
            other => text.match_indices(other).for_each(|(at, _)| part(piece.start + at)),
        }
        part(piece.end);
        parts
    }

    /// Merges pieces that follow each other, while they fit.
    fn merge(&mut self, pieces: &[Piece]) {
        let (mut first, mut total) = (0, 0);
        let bytes = |first: usize, end: usize| {
            let open = pieces.get(first..end)?;
            Some((open.first()?.start, open.last()?.end))
        };
        for (place, piece) in pieces.iter().enumerate() {
            let length = piece.tokens.len();
            if total + length > self.size && first < place {
                if let Some((start, end)) = bytes(first, place) {
                    self.push_stripped(start, end);
                }
                while total > self.overlap || total + length > self.size && total > 0 {
                    total -= pieces.get(first).map_or(total, |piece| piece.tokens.len());
                    first += 1;
                }
            }
            total += length;
        }
        if let Some((start, end)) = bytes(first, pieces.len()) {
            self.push_stripped(start, end);
        }
    }

    fn push_stripped(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default();
        let begin = start + (text.len() - text.trim_start().len());
        self.push(begin, begin + text.trim().len());
    }

    fn push(&mut self, start: usize, end: usize) {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = self.tokens.within(byte(start)..byte(end));
        if !span.is_empty() {
            self.found.push(span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(text: &str, size: u32, overlap: u32) -> Vec<&str> {
        let tokens = Tokens::characters(text).expect("short");
        let found = recursive(text, &tokens, size, overlap);
        found
            .into_iter()
            .map(|span| &text[tokens.start(span.start) as usize..tokens.start(span.end) as usize])
            .collect()
    }

    #[test]
    fn paragraphs_lines_and_words_are_kept_while_they_fit() {
        // The example of LangChain's own tests: chunk_size 10, chunk_overlap 1.
        let text = "Hi.\n\nI'm Harrison.\n\nHow? Are? You?\nOkay then f f f f.\nThis is a weird text to write, but gotta test \
            the splittingggg some how.\n\nBye!\n\n-H.";
        let expected = [
            "Hi.",
            "I'm",
            "Harrison.",
            "How? Are?",
            "You?",
            "Okay then",
            "f f f f.",
            "This is a",
            "weird",
            "text to",
            "write,",
            "but gotta",
            "test the",
            "splitting",
            "gggg",
            "some how.",
            "Bye!",
            "-H.",
        ];
        assert_eq!(chunks(text, 10, 1), expected);
    }

    #[test]
    fn whole_pieces_are_repeated_up_to_the_overlap() {
        // Pieces "aa", " bb", " cc", " dd". "aa bb" is 5; with " cc" 8 > 7. Of its pieces " bb" is 3 ≤ 3 and stays.
        assert_eq!(chunks("aa bb cc dd", 7, 3), ["aa bb", "bb cc", "cc dd"]);
        assert_eq!(chunks("aa bb cc dd", 7, 2), ["aa bb", "cc dd"]);
        assert_eq!(chunks("", 7, 2), [""; 0]);
        assert_eq!(chunks(" \n ", 7, 2), [""; 0]);
    }
}
