//! Sixty-four bytes at once: which of them are some byte, a bit for each.
//!
//! Two processors' instructions beside what every processor can. This room alone is `unsafe`: what it does is one load of an
//! array that is there, and a call of instructions that were asked for. A property test holds the three to each other.

#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "instructions of a processor, asked for before they are used")
)]

use wide::u8x16;

/// Bytes looked at together: a bit for each.
pub(crate) const BLOCK: usize = 64;

/// A way to look at a block.
pub(crate) trait Lanes: Copy {
    /// For each of `wanted` the bytes of a block that are it.
    fn find<const N: usize>(self, block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N];

    /// The letters of ASCII in a block, and the first bytes of characters beyond it.
    fn letters(self, block: &[u8; BLOCK]) -> [u64; 2];
}

/// What distinguishes the two cases of a letter of ASCII.
const CASE: u8 = 0x20;
/// The least byte with which a character beyond ASCII begins.
const WIDE: u8 = 0xc0;

/// What every x86-64 and ARM64 processor can, sixteen bytes at a time (`wide` does it byte by byte elsewhere).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn find<const N: usize>(self, block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
        let wanted = wanted.map(u8x16::splat);
        let mut bits = [0; N];
        for (place, lane) in block.as_chunks::<16>().0.iter().enumerate() {
            let lane = u8x16::new(*lane);
            for (bits, byte) in bits.iter_mut().zip(wanted) {
                *bits |= u64::from(lane.simd_eq(byte).to_bitmask()) << (place * 16);
            }
        }
        bits
    }

    #[inline(always)]
    fn letters(self, block: &[u8; BLOCK]) -> [u64; 2] {
        let (case, first, last, wide) =
            (u8x16::splat(CASE), u8x16::splat(b'a'), u8x16::splat(b'z'), u8x16::splat(WIDE));
        let mut bits = [0; 2];
        for (place, lane) in block.as_chunks::<16>().0.iter().enumerate() {
            let lane = u8x16::new(*lane);
            let lower = lane | case;
            let letter = lower.max(first).simd_eq(lower) & lower.min(last).simd_eq(lower);
            for (bits, found) in bits.iter_mut().zip([letter, lane.max(wide).simd_eq(lane)]) {
                *bits |= u64::from(found.to_bitmask()) << (place * 16);
            }
        }
        bits
    }
}

/// Work on many blocks. Its `look` must be inlined, so that it is compiled for each processor.
pub(crate) trait Look {
    type Found;

    fn look<L: Lanes>(self, lanes: L) -> Self::Found;
}

/// Does work with the best that this processor has.
#[inline]
pub(crate) fn on_this_processor<W: Look>(work: W) -> W::Found {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(lanes) = Avx512::detected() {
            return lanes.run(work);
        }
        if let Some(lanes) = Avx2::detected() {
            return lanes.run(work);
        }
    }
    work.look(Portable)
}

#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_max_epu8, _mm256_min_epu8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_cmpge_epu8_mask,
        _mm512_cmple_epu8_mask, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8,
    };

    use super::{BLOCK, CASE, Lanes, Look, WIDE};

    /// AVX2: thirty-two bytes at a time. There is one only where the processor has it.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx2(());

    impl Avx2 {
        pub(crate) fn detected() -> Option<Self> {
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1")).then_some(Self(()))
        }
    }

    impl Lanes for Avx2 {
        #[inline(always)]
        fn find<const N: usize>(self, block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
            // SAFETY: that there is an `Avx2` says that the processor has it.
            unsafe { find_avx2(block, wanted) }
        }

        #[inline(always)]
        fn letters(self, block: &[u8; BLOCK]) -> [u64; 2] {
            // SAFETY: that there is an `Avx2` says that the processor has it.
            unsafe { letters_avx2(block) }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn letters_avx2(block: &[u8; BLOCK]) -> [u64; 2] {
        let splat = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        let mut bits = [0; 2];
        for (place, half) in block.as_chunks::<32>().0.iter().enumerate() {
            // SAFETY: an array of thirty-two bytes; the load needs no alignment.
            let lane = unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) };
            let lower = _mm256_or_si256(lane, splat(CASE));
            let above = _mm256_cmpeq_epi8(_mm256_max_epu8(lower, splat(b'a')), lower);
            let below = _mm256_cmpeq_epi8(_mm256_min_epu8(lower, splat(b'z')), lower);
            let wide = _mm256_cmpeq_epi8(_mm256_max_epu8(lane, splat(WIDE)), lane);
            for (bits, found) in bits.iter_mut().zip([_mm256_and_si256(above, below), wide]) {
                *bits |= u64::from(_mm256_movemask_epi8(found).cast_unsigned()) << (place * 32);
            }
        }
        bits
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn find_avx2<const N: usize>(block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
        let halves = block.as_chunks::<32>().0;
        let mut bits = [0; N];
        for (place, half) in halves.iter().enumerate() {
            // SAFETY: an array of thirty-two bytes; the load needs no alignment.
            let lane = unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) };
            for (bits, byte) in bits.iter_mut().zip(wanted) {
                let found = _mm256_movemask_epi8(_mm256_cmpeq_epi8(lane, _mm256_set1_epi8(byte.cast_signed())));
                *bits |= u64::from(found.cast_unsigned()) << (place * 32);
            }
        }
        bits
    }

    /// AVX-512: all at once. There is one only where the processor has it.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx512(());

    impl Avx512 {
        pub(crate) fn detected() -> Option<Self> {
            let all = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("bmi1");
            all.then_some(Self(()))
        }
    }

    impl Lanes for Avx512 {
        #[inline(always)]
        fn find<const N: usize>(self, block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
            // SAFETY: that there is an `Avx512` says that the processor has it.
            unsafe { find_avx512(block, wanted) }
        }

        #[inline(always)]
        fn letters(self, block: &[u8; BLOCK]) -> [u64; 2] {
            // SAFETY: that there is an `Avx512` says that the processor has it.
            unsafe { letters_avx512(block) }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn letters_avx512(block: &[u8; BLOCK]) -> [u64; 2] {
        let splat = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
        // SAFETY: an array of sixty-four bytes; the load needs no alignment.
        let lane = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let lower = _mm512_or_si512(lane, splat(CASE));
        let above = _mm512_cmpge_epu8_mask(lower, splat(b'a'));
        [above & _mm512_cmple_epu8_mask(lower, splat(b'z')), _mm512_cmpge_epu8_mask(lane, splat(WIDE))]
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn find_avx512<const N: usize>(block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
        // SAFETY: an array of sixty-four bytes; the load needs no alignment.
        let lane = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        wanted.map(|byte| _mm512_cmpeq_epi8_mask(lane, _mm512_set1_epi8(byte.cast_signed())))
    }

    #[target_feature(enable = "avx2,bmi1")]
    fn compiled_for_avx2<W: Look>(lanes: Avx2, work: W) -> W::Found {
        work.look(lanes)
    }

    #[target_feature(enable = "avx512f,avx512bw,bmi1")]
    fn compiled_for_avx512<W: Look>(lanes: Avx512, work: W) -> W::Found {
        work.look(lanes)
    }

    impl Avx2 {
        pub(super) fn run<W: Look>(self, work: W) -> W::Found {
            // SAFETY: that there is an `Avx2` says that the processor has it.
            unsafe { compiled_for_avx2(self, work) }
        }
    }

    impl Avx512 {
        pub(super) fn run<W: Look>(self, work: W) -> W::Found {
            // SAFETY: that there is an `Avx512` says that the processor has it.
            unsafe { compiled_for_avx512(self, work) }
        }
    }
}

/// The block at a place; past the end of the text it holds zeros.
#[inline(always)]
pub(crate) fn with_block<T>(bytes: &[u8], at: usize, look: impl FnOnce(&[u8; BLOCK]) -> T) -> T {
    match bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        Some(block) => look(block),
        None => look(&last_block(bytes, at)),
    }
}

#[cold]
#[inline(never)]
fn last_block(bytes: &[u8], at: usize) -> [u8; BLOCK] {
    let rest = bytes.get(at..).unwrap_or_default();
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_processor_finds_the_same(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'\\')], BLOCK),
        ) {
            let block: &[u8; BLOCK] = bytes.first_chunk().expect("a block");
            let wanted = [b'"', b'\\', 0, 0xff];
            let bits = |is: &dyn Fn(u8) -> bool| bytes.iter().rev().fold(0, |bits, found| bits << 1 | u64::from(is(*found)));
            let expected = wanted.map(|byte| bits(&|found| found == byte));
            let letters = [bits(&|found| found.is_ascii_alphabetic()), bits(&|found| found >= WIDE)];
            prop_assert_eq!(Portable.find(block, wanted), expected);
            prop_assert_eq!(Portable.letters(block), letters);
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(lanes) = Avx2::detected() {
                    prop_assert_eq!(lanes.find(block, wanted), expected);
                    prop_assert_eq!(lanes.letters(block), letters);
                }
                if let Some(lanes) = Avx512::detected() {
                    prop_assert_eq!(lanes.find(block, wanted), expected);
                    prop_assert_eq!(lanes.letters(block), letters);
                }
            }
        }
    }
}
