//! Where strings end, sixty-four bytes at a time and without a step for each escape.
//!
//! Which quotes are escaped is found for a whole block by arithmetic on its bits (Langdale and Lemire, Parsing Gigabytes
//! of JSON per Second, VLDB Journal 28, 2019, section 3.1.1).

use wide::u8x16;

/// Bytes looked at together: a bit for each.
pub(crate) const BLOCK: usize = 64;

/// Finds the quotes that end strings. Blocks are looked at one after the other, each once.
pub(crate) struct Quotes<'a> {
    bytes: &'a [u8],
    /// First byte of the block at hand; a multiple of [`BLOCK`] from where the reading began.
    block: usize,
    /// Its quotes, but for those that are escaped.
    quotes: u64,
    /// Its backslashes.
    backslashes: u64,
    /// Whether the first byte of the next block is escaped.
    carry: bool,
}

impl<'a> Quotes<'a> {
    /// Begins at a byte that is not escaped.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        let mut quotes = Self { bytes, block: at, quotes: 0, backslashes: 0, carry: false };
        quotes.look();
        quotes
    }

    /// The first quote at or after `at` that is not escaped, or the end of the text; and whether a backslash is before
    /// it. `at` may not go back.
    #[inline]
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
        let mut escapes = false;
        while quotes == 0 {
            escapes |= backslashes != 0;
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                (self.quotes, self.backslashes) = (0, 0);
                return (self.bytes.len(), escapes);
            }
            self.look();
            (quotes, backslashes) = (self.quotes, self.backslashes);
        }
        let before = (quotes & quotes.wrapping_neg()) - 1;
        (self.block + quotes.trailing_zeros() as usize, escapes | (backslashes & before != 0))
    }

    /// Looks at the block at hand.
    #[inline]
    fn look(&mut self) {
        let (quote, backslash) = (u8x16::splat(b'"'), u8x16::splat(b'\\'));
        let found = |lane: u8x16| [lane.simd_eq(quote), lane.simd_eq(backslash)];
        let [quotes, backslashes] = with_block(self.bytes, self.block, 0, found);
        self.backslashes = backslashes;
        self.quotes = quotes & !self.escaped(backslashes);
    }

    /// The bytes of the block at hand that a backslash stands before which is not escaped itself.
    #[inline]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let carried = u64::from(self.carry);
        if backslashes == 0 {
            self.carry = false;
            return carried;
        }
        let backslashes = backslashes & !carried;
        let follows = backslashes << 1 | carried;
        // Runs of backslashes that begin at odd places end at the other parity: adding the starts finds their ends.
        let odd_starts = backslashes & !EVEN & !follows;
        let (ends, carry) = odd_starts.overflowing_add(backslashes);
        self.carry = carry;
        (EVEN ^ (ends << 1)) & follows
    }
}

/// Finds one byte again and again, each block looked at once.
pub(crate) struct Places<'a> {
    bytes: &'a [u8],
    byte: u8,
    block: usize,
    mask: u64,
}

impl<'a> Places<'a> {
    pub(crate) fn new(bytes: &'a [u8], byte: u8) -> Self {
        let mut places = Self { bytes, byte, block: 0, mask: 0 };
        places.look();
        places
    }

    /// The first one at or after `at`, or the end. `at` may not go back.
    #[inline]
    pub(crate) fn next(&mut self, at: usize) -> usize {
        if at >= self.bytes.len() {
            return self.bytes.len();
        }
        if at >= self.block + BLOCK {
            self.block = at - at % BLOCK;
            self.look();
        }
        let mut left = self.mask & (u64::MAX << (at - self.block));
        while left == 0 {
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                self.mask = 0;
                return self.bytes.len();
            }
            self.look();
            left = self.mask;
        }
        self.block + left.trailing_zeros() as usize
    }

    #[inline]
    fn look(&mut self) {
        let byte = u8x16::splat(self.byte);
        [self.mask] = with_block(self.bytes, self.block, !self.byte, |lane| [lane.simd_eq(byte)]);
    }
}

/// The bits of a block that `found` finds, sixteen bytes at a time, which every x86-64 and ARM64 processor can (`wide` does
/// it byte by byte elsewhere). Past the end the block holds `filler`.
#[inline]
fn with_block<const N: usize>(bytes: &[u8], block: usize, filler: u8, found: impl Fn(u8x16) -> [u8x16; N]) -> [u64; N] {
    let bits = |chunk: &[u8; BLOCK]| {
        let mut bits = [0; N];
        for (place, lane) in chunk.as_chunks::<16>().0.iter().enumerate() {
            for (bits, found) in bits.iter_mut().zip(found(u8x16::new(*lane))) {
                *bits |= u64::from(found.to_bitmask()) << (place * 16);
            }
        }
        bits
    };
    match bytes.get(block..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        Some(chunk) => bits(chunk),
        None => {
            let rest = bytes.get(block..).unwrap_or_default();
            let mut chunk = [filler; BLOCK];
            chunk[..rest.len()].copy_from_slice(rest);
            bits(&chunk)
        }
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
