//! Identity of a segment: 128 bits of XXH3, the same on every machine and in every version of this crate.

use lode_model::SegmentKind;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// The seed: "lode" in ASCII, and the version of what is hashed. Fixed, so that hashes of two runs can be compared; a
/// trace names it, and traces of two seeds are not mixed.
pub const SEED: u64 = 0x6c6f_6465_0000_0002;

/// Stands between the parts of a content: a byte that UTF-8 does not have.
pub(crate) const BETWEEN: u8 = 0xff;

/// The hash of a segment's kind and its content: one text, or several with [`BETWEEN`] between them.
pub(crate) fn hash(kind: SegmentKind, content: &[u8]) -> u128 {
    xxh3_128_with_seed(content, SEED ^ (tag(kind) << 56))
}

/// A hash of bytes that are no segment.
pub(crate) fn plain(bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(bytes, SEED)
}

/// A hash of an id.
pub(crate) fn id(id: &str) -> u64 {
    xxh3_64_with_seed(id.as_bytes(), SEED)
}

const fn tag(kind: SegmentKind) -> u64 {
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
