//! The bytes of a text that the heuristics of this crate look for, found once for all of them.

use lode_scan::{Marks, WordStarts};

/// Their places in one text.
pub(crate) type TextMarks = Marks<8>;

/// Memory for what is found in one text after the other.
pub(crate) struct Found {
    pub(crate) marks: TextMarks,
    /// Where lines end, the last one apart.
    pub(crate) ends: Vec<u32>,
    pub(crate) words: WordStarts,
}

impl Default for Found {
    fn default() -> Self {
        Self { marks: text_marks(), ends: Vec::new(), words: WordStarts::new() }
    }
}

impl Found {
    /// Looks at a text.
    pub(crate) fn look(&mut self, text: &[u8]) {
        self.marks.look(text);
        self.marks.places(NEWLINE, &mut self.ends);
    }
}

/// Where lines begin and end, in a text of which the ends of all but the last are told.
pub(crate) fn lines(ends: &[u32], length: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut start = 0;
    let ends = ends.iter().map(|end| *end as usize).chain([length]);
    ends.map(move |end| (std::mem::replace(&mut start, end + 1), end))
}

/// The first place from `at` on without a space.
pub(crate) fn after_spaces(bytes: &[u8], mut at: usize) -> usize {
    const SPACES: u64 = u64::from_le_bytes([b' '; 8]);
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let others = u64::from_le_bytes(*eight) ^ SPACES;
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

pub(crate) const NEWLINE: usize = 0;
pub(crate) const LESS: usize = 1;
pub(crate) const COLON: usize = 2;
pub(crate) const BRACE: usize = 3;
pub(crate) const BRACKET: usize = 4;
pub(crate) const EQUALS: usize = 5;
pub(crate) const GREATER: usize = 6;
pub(crate) const BACKTICK: usize = 7;

/// Marks of no text yet.
const fn text_marks() -> TextMarks {
    Marks::new([b'\n', b'<', b':', b'{', b'[', b'=', b'>', b'`'])
}

/// What is found in a text.
#[cfg(test)]
pub(crate) fn found_in(text: &str) -> Found {
    let mut found = Found::default();
    found.look(text.as_bytes());
    found
}
