//! Where words begin.

use crate::lanes::{BLOCK, letters, with_block};
use crate::marks::push_places;

/// Finds where words begin in one text after the other.
#[derive(Clone, Debug, Default)]
pub struct WordStarts {
    starts: Vec<u32>,
}

impl WordStarts {
    /// No text yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { starts: Vec::new() }
    }

    /// The places in a text where a word may begin: letters of ASCII that follow none, and the first bytes of all characters
    /// beyond ASCII. Of a text over 4 GiB those of its beginning.
    pub fn of(&mut self, text: &[u8]) -> &[u32] {
        self.starts.clear();
        self.starts.shrink_to(KEPT);
        let text = text.get(..u32::MAX as usize).unwrap_or(text);
        let mut carry = 0;
        for at in (0..text.len()).step_by(BLOCK) {
            let [letters, wide] = with_block(text, at, letters);
            push_places(&mut self.starts, at, letters & !(letters << 1 | carry) | wide);
            carry = letters >> (BLOCK - 1);
        }
        &self.starts
    }
}

/// Places that memory is kept for from one text to the next.
const KEPT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Places where a word may begin, byte by byte.
    fn plain(bytes: &[u8]) -> Vec<u32> {
        let after_letter = |at: usize| at > 0 && bytes[at - 1].is_ascii_alphabetic();
        let starts = |at: &usize| bytes[*at] >= 0xc0 || bytes[*at].is_ascii_alphabetic() && !after_letter(*at);
        (0..bytes.len()).filter(starts).filter_map(|at| u32::try_from(at).ok()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_are_found_where_they_begin(
            bytes in proptest::collection::vec(prop_oneof![2 => any::<u8>(), 2 => Just(b'a'), 1 => Just(b' ')], 0..400),
        ) {
            let mut words = WordStarts::new();
            words.of(b"another text");
            prop_assert_eq!(words.of(&bytes), plain(&bytes));
        }
    }
}
