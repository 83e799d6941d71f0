//! Identity of a segment: 128 bits of XXH3, the same on every machine and in every version of this crate.

use lode_model::SegmentKind;
use xxhash_rust::xxh3::Xxh3;

/// The seed: "lode" in ASCII, and the version of what is hashed. Fixed, so that hashes of two runs can be compared.
const SEED: u64 = 0x6c6f_6465_0000_0001;

/// The hash of a segment's kind and the parts of its content, each ended by a byte that UTF-8 does not have.
pub(crate) fn hash(kind: SegmentKind, parts: &[&str]) -> u128 {
    let mut state = Xxh3::with_seed(SEED);
    state.update(&[tag(kind)]);
    for part in parts {
        state.update(part.as_bytes());
        state.update(&[0xff]);
    }
    state.digest128()
}

/// A hash of bytes that are no segment.
pub(crate) fn plain(bytes: &[u8]) -> u128 {
    xxhash_rust::xxh3::xxh3_128_with_seed(bytes, SEED)
}

const fn tag(kind: SegmentKind) -> u8 {
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
