//! Values of one column to the bytes of its pages, before compression.
//!
//! Which encoding a column gets depends on its values alone, so that the same values give the same bytes. Measured on
//! 65,536 rows like those of a trace (bytes a row after zstd level 1, by pyarrow 26, 2026-11): token counts 1.4 to 1.9
//! split in byte streams, 1.6 to 2.1 in deltas, 1.6 to 1.9 plain; numbers of segments 9.3 split, 14.9 plain, 16.8 in
//! deltas; times in whole seconds 0.06 in any encoding. Deltas would gain on times in milliseconds only (1.3 against
//! 2.1), which logs of invocations do not have.

use std::sync::Arc;

use polars_parquet::parquet::encoding::{Encoding, hybrid_rle};

/// Distinct numbers of a column that gets a dictionary, at most: their places fit a byte.
const MOST_DISTINCT: usize = 256;

/// The values of a column chunk that are there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// The dictionary, when there is one: its bytes, and how many values it has.
    pub(crate) dictionary: Option<(Vec<u8>, usize)>,
    /// How `values` are encoded; with a dictionary, they are places in it.
    pub(crate) encoding: Option<Encoding>,
    /// Appended to the levels.
    pub(crate) values: Vec<u8>,
}

/// Whole numbers: by a dictionary when few are distinct, plain when they look random, else in byte streams (all first
/// bytes, then all second ones), which compress well for numbers that are small or grow.
pub(crate) fn numbers(numbers: &[i64]) -> Encoded {
    if numbers.is_empty() {
        return Encoded { encoding: Some(Encoding::Plain), ..Encoded::default() };
    }
    if let Some((distinct, places)) = few_distinct(numbers) {
        let dictionary = distinct.iter().flat_map(|number| number.to_le_bytes()).collect();
        return by_place(dictionary, distinct.len(), &places);
    }
    if are_random(numbers) {
        let values = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        return Encoded { dictionary: None, encoding: Some(Encoding::Plain), values };
    }
    let mut values = Vec::with_capacity(numbers.len() * 8);
    for byte in 0..8 {
        values.extend(numbers.iter().map(|number| number.to_le_bytes()[byte]));
    }
    Encoded { dictionary: None, encoding: Some(Encoding::ByteStreamSplit), values }
}

/// The distinct numbers in order of first appearance, and each number's place among them; nothing when they are many.
fn few_distinct(numbers: &[i64]) -> Option<(Vec<i64>, Vec<u32>)> {
    const SLOTS: usize = 4 * MOST_DISTINCT;
    const _: () = assert!(SLOTS.is_power_of_two(), "see the mask");
    let mut slots = [0_u32; SLOTS];
    let mut distinct: Vec<i64> = Vec::new();
    let mut places = Vec::with_capacity(numbers.len());
    for number in numbers {
        // The multiplier is 2^64 by the golden ratio: it spreads numbers that follow each other.
        let hash = number.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let mut slot = usize::try_from(hash).unwrap_or(0);
        let place = loop {
            slot &= SLOTS - 1;
            let known = slots[slot];
            let Some(place) = known.checked_sub(1) else {
                if distinct.len() == MOST_DISTINCT {
                    return None;
                }
                let place = u32::try_from(distinct.len()).unwrap_or(0);
                distinct.push(*number);
                slots[slot] = place + 1;
                break place;
            };
            if usize::try_from(place).ok().and_then(|place| distinct.get(place)) == Some(number) {
                break place;
            }
            slot += 1;
        };
        places.push(place);
    }
    Some((distinct, places))
}

/// Whether the first bytes (big end first) differ in most of the numbers looked at, as those of hashes do.
fn are_random(numbers: &[i64]) -> bool {
    const LOOKED_AT: usize = 64;
    let step = (numbers.len() / LOOKED_AT).max(1);
    let mut seen = [false; 256];
    let (mut looked_at, mut distinct) = (0, 0);
    for number in numbers.iter().step_by(step).take(LOOKED_AT) {
        let seen = &mut seen[usize::from(number.to_be_bytes()[0])];
        looked_at += 1;
        distinct += usize::from(!*seen);
        *seen = true;
    }
    // Of 64 random bytes, 57 are distinct on average.
    distinct * 2 > looked_at
}

/// Texts by their place: a dictionary of those that are used, in order of first appearance; plain when most of them
/// are used once. A place outside `texts` is nobody's.
pub(crate) fn texts(texts: &[Arc<str>], places: impl Iterator<Item = u32> + Clone) -> Encoded {
    let mut new_places: Vec<Option<u32>> = vec![None; texts.len()];
    let mut used: Vec<&str> = Vec::new();
    let mut moved = Vec::new();
    let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
    for place in places.clone() {
        let (Some(new), Some(text)) = (new_places.get_mut(at(place)), texts.get(at(place))) else { continue };
        moved.push(*new.get_or_insert_with(|| {
            used.push(text);
            u32::try_from(used.len() - 1).unwrap_or(u32::MAX)
        }));
    }
    if used.len() > 1 && used.len() * 2 > moved.len() || used.is_empty() {
        let mut values = Vec::new();
        for text in places.filter_map(|place| texts.get(at(place))) {
            plain_text(&mut values, text);
        }
        return Encoded { dictionary: None, encoding: Some(Encoding::Plain), values };
    }
    let mut dictionary = Vec::new();
    for text in &used {
        plain_text(&mut dictionary, text);
    }
    by_place(dictionary, used.len(), &moved)
}

fn plain_text(bytes: &mut Vec<u8>, text: &str) {
    // Longer texts than this cannot be in a page; the writer says so when it sees the page's size.
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn by_place(dictionary: Vec<u8>, distinct: usize, places: &[u32]) -> Encoded {
    // Whole bytes, not the fewest bits: zstd finds what repeats only where it is aligned to bytes.
    let width: u8 = match distinct {
        0 | 1 => 0,
        2..=0x100 => 8,
        0x101..=0x1_0000 => 16,
        _ => 32,
    };
    let mut values = vec![width];
    hybrid(&mut values, places.iter().copied(), u32::from(width));
    Encoded { dictionary: Some((dictionary, distinct)), encoding: Some(Encoding::RleDictionary), values }
}

/// Levels, with their length before them, as pages of version 1 have them.
pub(crate) fn levels(bytes: &mut Vec<u8>, levels: impl Iterator<Item = u32>, width: u32) {
    let start = bytes.len();
    bytes.extend([0; 4]);
    hybrid(bytes, levels, width);
    let length = u32::try_from(bytes.len() - start - 4).unwrap_or(u32::MAX).to_le_bytes();
    for (place, byte) in bytes.iter_mut().skip(start).zip(length) {
        *place = byte;
    }
}

fn hybrid(bytes: &mut Vec<u8>, values: impl Iterator<Item = u32>, width: u32) {
    // Writing to a vector cannot fail.
    let _ = hybrid_rle::encode::<u32, _, _>(bytes, values, width);
}

/// Bits, eight to a byte, the lowest first.
pub(crate) fn flags(flags: &[bool]) -> Encoded {
    let byte = |bits: &[bool]| bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let values = flags.chunks(8).map(byte).collect();
    Encoded { dictionary: None, encoding: Some(Encoding::Plain), values }
}
