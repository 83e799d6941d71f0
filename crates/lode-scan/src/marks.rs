//! Where some bytes stand in a text, all of them found in one pass.

use crate::lanes::{BLOCK, find, with_block};

/// Places of `N` bytes in a text, each byte by its number. They can be asked for in any order.
#[derive(Clone, Debug)]
pub struct Marks<const N: usize> {
    wanted: [u8; N],
    /// Of every block of the text and every byte that is wanted a bit for each place.
    blocks: Vec<[u64; N]>,
    length: usize,
}

impl<const N: usize> Marks<N> {
    /// Places of these bytes, in no text yet.
    #[must_use]
    pub const fn new(wanted: [u8; N]) -> Self {
        Self { wanted, blocks: Vec::new(), length: 0 }
    }

    /// Finds them in a text; what was known of another one is forgotten.
    pub fn look(&mut self, text: &[u8]) {
        self.length = text.len();
        self.blocks.clear();
        self.blocks.shrink_to(KEPT);
        self.blocks.reserve(text.len().div_ceil(BLOCK));
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        self.blocks.extend(blocks.iter().map(|block| find(block, self.wanted)));
        if !rest.is_empty() {
            // What fills the block up is no byte of the text: its bits are taken out.
            let inside = (1 << rest.len()) - 1;
            let found = with_block(rest, 0, |block| find(block, self.wanted));
            self.blocks.push(found.map(|bits| bits & inside));
        }
    }

    /// The first place at or after `at` of the byte with this number, or the end of the text.
    #[inline]
    #[must_use]
    pub fn next(&self, which: usize, at: usize) -> usize {
        self.next_of(at, |block| block[which])
    }

    /// The first place at or after `at` of one of these two bytes, or the end of the text.
    #[inline]
    #[must_use]
    pub fn next_of_two(&self, which: [usize; 2], at: usize) -> usize {
        self.next_of(at, |block| block[which[0]] | block[which[1]])
    }

    /// All places of the byte with this number: a list is walked faster than [`next`](Self::next) is asked. Of a text over
    /// 4 GiB those of its beginning.
    pub fn places(&self, which: usize, places: &mut Vec<u32>) {
        let blocks = || self.blocks.iter().take(u32::MAX as usize / BLOCK);
        let all: usize = blocks().map(|block| block[which].count_ones() as usize).sum();
        places.clear();
        places.shrink_to(KEPT);
        places.reserve_exact(all + AT_ONCE);
        for (at, block) in blocks().enumerate() {
            push_places(places, at * BLOCK, block[which]);
        }
    }

    #[inline]
    fn next_of(&self, at: usize, bits: impl Fn(&[u64; N]) -> u64) -> usize {
        let mut place = at / BLOCK;
        let Some(block) = self.blocks.get(place) else { return self.length };
        let mut left = bits(block) & u64::MAX << (at % BLOCK);
        while left == 0 {
            place += 1;
            let Some(block) = self.blocks.get(place) else { return self.length };
            left = bits(block);
        }
        place * BLOCK + left.trailing_zeros() as usize
    }
}

/// Places that are written together.
const AT_ONCE: usize = 8;

/// Appends the places of bits, eight at a time whether there are so many or not: how many there are cannot be guessed.
#[inline(always)]
pub(crate) fn push_places(places: &mut Vec<u32>, block: usize, mut bits: u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 4 GiB")]
    let block = block as u32;
    let all = places.len() + bits.count_ones() as usize;
    while bits != 0 {
        let mut some = [0; AT_ONCE];
        for place in &mut some {
            // Past the last bit this is no place; those are cut off.
            *place = block.wrapping_add(bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        places.extend_from_slice(&some);
    }
    places.truncate(all);
}

/// Blocks, and places, that memory is kept for from one text to the next.
const KEPT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_place_is_found(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'a'), Just(0), Just(b'\n')], 0..400),
            at in 0usize..500,
        ) {
            let mut marks = Marks::new([b'\n', 0, b'a']);
            marks.look(b"another text\n before");
            marks.look(&bytes);
            let expected = |wanted: &[u8]| {
                let mut places = (at..bytes.len()).filter(|place| wanted.contains(&bytes[*place]));
                places.next().unwrap_or(bytes.len())
            };
            for (which, byte) in [b'\n', 0, b'a'].into_iter().enumerate() {
                prop_assert_eq!(marks.next(which, at), expected(&[byte]));
                let mut places = vec![7];
                marks.places(which, &mut places);
                let all = bytes.iter().enumerate().filter(|(_, found)| **found == byte);
                prop_assert_eq!(places, all.filter_map(|(place, _)| u32::try_from(place).ok()).collect::<Vec<_>>());
            }
            prop_assert_eq!(marks.next_of_two([0, 2], at), expected(b"\na"));
        }
    }
}
