//! Where strings end, sixty-four bytes at a time and without a step for each escape.
//!
//! Which quotes are escaped is found for a whole block by arithmetic on its bits (Langdale and Lemire, Parsing Gigabytes
//! of JSON per Second, VLDB Journal 28, 2019, section 3.1.1).

use crate::lanes::{BLOCK, find, with_block};

/// Finds the quotes that end strings. Blocks are looked at one after the other, each once.
pub(crate) struct Quotes<'a> {
    bytes: &'a [u8],
    /// First byte of the block at hand; a multiple of [`BLOCK`] from where the reading began.
    block: usize,
    /// Its quotes, but for those that are escaped.
    quotes: u64,
    /// Its backslashes.
    backslashes: u64,
    /// One where the first byte of the next block is escaped, otherwise zero.
    carry: u64,
}

impl<'a> Quotes<'a> {
    /// Begins at a byte that is not escaped.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        let mut quotes = Self { bytes, block: at, quotes: 0, backslashes: 0, carry: 0 };
        quotes.look();
        quotes
    }

    /// The first quote at or after `at` that is not escaped, or the end of the text; and whether a backslash is before
    /// it. `at` may not go back.
    #[inline(always)]
    pub(crate) fn next(&mut self, at: usize) -> (usize, bool) {
        if at >= self.bytes.len() {
            return (self.bytes.len(), false);
        }
        while at >= self.block + BLOCK {
            self.block += BLOCK;
            self.look();
        }
        // `at` is in the block: its bit and those after it.
        let from = u64::MAX << (at - self.block);
        let (mut quotes, mut backslashes) = (self.quotes & from, self.backslashes & from);
        let mut escapes = 0;
        while quotes == 0 {
            escapes |= backslashes;
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                (self.quotes, self.backslashes) = (0, 0);
                return (self.bytes.len(), escapes != 0);
            }
            self.look();
            (quotes, backslashes) = (self.quotes, self.backslashes);
        }
        let before = (quotes & quotes.wrapping_neg()) - 1;
        (self.block + quotes.trailing_zeros() as usize, escapes | backslashes & before != 0)
    }

    /// Looks at the block at hand.
    #[inline(always)]
    fn look(&mut self) {
        let [quotes, backslashes] = with_block(self.bytes, self.block, |block| find(block, [b'"', b'\\']));
        self.backslashes = backslashes;
        self.quotes = quotes & !self.escaped(backslashes);
    }

    /// The bytes of the block at hand that a backslash stands before which is not escaped itself.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let carried = self.carry;
        if backslashes == 0 {
            self.carry = 0;
            return carried;
        }
        let backslashes = backslashes & !carried;
        let follows = backslashes << 1 | carried;
        // Runs of backslashes that begin at odd places end at the other parity: adding the starts finds their ends.
        let odd_starts = backslashes & !EVEN & !follows;
        let (ends, carry) = odd_starts.overflowing_add(backslashes);
        self.carry = u64::from(carry);
        (EVEN ^ (ends << 1)) & follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, byte by byte.
    fn plain(bytes: &[u8], from: usize, at: usize) -> (usize, bool) {
        let mut escaped = false;
        for (place, byte) in bytes.iter().enumerate().skip(from) {
            if place >= at && *byte == b'"' && !escaped {
                return (place, bytes[at..place].contains(&b'\\'));
            }
            escaped = *byte == b'\\' && !escaped;
        }
        (bytes.len(), bytes[at..].contains(&b'\\'))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_next_quote_is_found(
            bytes in proptest::collection::vec(prop_oneof![4 => any::<u8>(), 2 => Just(b'"'), 5 => Just(b'\\')], 0..400),
            from in 0usize..100,
            steps in proptest::collection::vec(0usize..90, 1..20),
        ) {
            let mut at = from.min(bytes.len());
            let from = at;
            let mut quotes = Quotes::new(&bytes, from);
            for step in steps {
                at = (at + step).min(bytes.len());
                let expected = plain(&bytes, from, at);
                prop_assert_eq!(quotes.next(at), expected);
                at = expected.0;
            }
        }
    }
}
