//! Identity of a segment: 128 bits of XXH3, the same on every machine and in every version of this crate.

use lode_model::SegmentKind;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// The seed: "lode" in ASCII, and the version of what is hashed. Fixed, so that hashes of two runs can be compared; a
/// trace names it, and traces of two seeds are not mixed.
pub const SEED: u64 = 0x6c6f_6465_0000_0003;

/// Stands between the parts of a content: a byte that UTF-8 does not have.
pub(crate) const BETWEEN: u8 = 0xff;

/// The hash of a segment's kind and its content: one text, or several with [`BETWEEN`] between them.
pub(crate) fn hash(kind: SegmentKind, content: &[u8]) -> u128 {
    // Not by the seed: in a short text a letter undoes what a bit of it does.
    plain(content) ^ tag(kind).wrapping_mul(SPREAD)
}

/// Spreads a small number over 128 bits: 2^128 divided by the golden ratio.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// A hash of bytes that are no segment.
pub(crate) fn plain(bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(bytes, SEED)
}

/// A hash of an id.
pub(crate) fn id(id: &str) -> u64 {
    xxh3_64_with_seed(id.as_bytes(), SEED)
}

const fn tag(kind: SegmentKind) -> u128 {
    match kind {
        SegmentKind::Tool => 1,
        SegmentKind::System => 2,
        SegmentKind::User => 3,
        SegmentKind::Assistant => 4,
        SegmentKind::ToolResult => 5,
        SegmentKind::Retrieved => 6,
        SegmentKind::Media => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SegmentKind::{Assistant, Media, Retrieved, System, Tool, ToolResult, User};

    #[test]
    fn no_letter_makes_a_kind_another() {
        let kinds = [Tool, System, User, Assistant, ToolResult, Retrieved, Media];
        for length in [1, 3, 4, 8, 9, 16, 17, 200] {
            let mut text = vec![b'x'; length];
            let mut seen = std::collections::BTreeSet::new();
            for last in 0..=255 {
                text[length - 1] = last;
                assert!(kinds.iter().all(|kind| seen.insert(hash(*kind, &text))), "{length} bytes");
            }
        }
    }
}
