//! Sixty-four bytes at once: which of them are some byte, a bit for each.
//!
//! Sixteen at a time, which every x86-64 and ARM64 processor can (`wide` does it byte by byte elsewhere). AVX2 and AVX-512 need
//! `unsafe`, and a digest took only three to four per cent less with them (2026-11-30).

use wide::u8x16;

/// Bytes looked at together: a bit for each.
pub(crate) const BLOCK: usize = 64;

/// What distinguishes the two cases of a letter of ASCII.
const CASE: u8 = 0x20;
/// The least byte with which a character beyond ASCII begins.
const WIDE: u8 = 0xc0;

/// For each of `wanted` the bytes of a block that are it.
#[inline(always)]
pub(crate) fn find<const N: usize>(block: &[u8; BLOCK], wanted: [u8; N]) -> [u64; N] {
    let wanted = wanted.map(u8x16::splat);
    bits(block, |lane| wanted.map(|byte| lane.simd_eq(byte)))
}

/// The letters of ASCII in a block, and the first bytes of characters beyond it.
#[inline(always)]
pub(crate) fn letters(block: &[u8; BLOCK]) -> [u64; 2] {
    let (case, first, last, wide) = (u8x16::splat(CASE), u8x16::splat(b'a'), u8x16::splat(b'z'), u8x16::splat(WIDE));
    bits(block, |lane| {
        let lower = lane | case;
        let letter = lower.max(first).simd_eq(lower) & lower.min(last).simd_eq(lower);
        [letter, lane.max(wide).simd_eq(lane)]
    })
}

/// The bits of a block that `found` finds in each of its lanes.
#[inline(always)]
fn bits<const N: usize>(block: &[u8; BLOCK], found: impl Fn(u8x16) -> [u8x16; N]) -> [u64; N] {
    let mut bits = [0; N];
    for (place, lane) in block.as_chunks::<16>().0.iter().enumerate() {
        for (bits, found) in bits.iter_mut().zip(found(u8x16::new(*lane))) {
            *bits |= u64::from(found.to_bitmask()) << (place * 16);
        }
    }
    bits
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
        fn a_block_is_seen_as_byte_by_byte(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'\\')], BLOCK),
        ) {
            let block: &[u8; BLOCK] = bytes.first_chunk().expect("a block");
            let wanted = [b'"', b'\\', 0, 0xff];
            let bits =
                |is: &dyn Fn(u8) -> bool| bytes.iter().rev().fold(0, |bits, found| bits << 1 | u64::from(is(*found)));
            prop_assert_eq!(find(block, wanted), wanted.map(|byte| bits(&|found| found == byte)));
            let expected = [bits(&|found| found.is_ascii_alphabetic()), bits(&|found| found >= WIDE)];
            prop_assert_eq!(letters(block), expected);
        }
    }
}
