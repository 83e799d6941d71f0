//! Ids of requests: almost always a uuid, which is sixteen bytes instead of thirty-six.

use std::cmp::Ordering;
use std::sync::Arc;

/// An id, in the form it is kept in. A lower-case hyphenated uuid is always a `Uuid`, so equal ids are equal here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id<'a> {
    /// The 128 bits of a lower-case hyphenated uuid.
    Uuid(u128),
    /// Any other text.
    Text(&'a str),
}

impl<'a> Id<'a> {
    /// The id of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        parsed(text.as_bytes()).map_or(Self::Text(text), Self::Uuid)
    }

    /// Its text.
    pub(crate) fn text(self) -> Arc<str> {
        match self {
            Self::Uuid(bits) => str::from_utf8(&written(bits)).unwrap_or_default().into(),
            Self::Text(text) => text.into(),
        }
    }

    /// The first eight bytes of its text: where they differ, they order as the texts do.
    pub(crate) fn prefix(self) -> u64 {
        match self {
            Self::Uuid(bits) => digits(bits >> 96),
            Self::Text(text) => {
                let mut first = [0; 8];
                first.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
                u64::from_be_bytes(first)
            }
        }
    }
}

impl Ord for Id<'_> {
    /// The order of the texts. Digits come before letters and the hyphens stand at the same places, so uuids order as
    /// their bits do.
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(&b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Uuid(a), Self::Text(b)) => written(a).as_slice().cmp(b.as_bytes()),
            (Self::Text(a), Self::Uuid(b)) => a.as_bytes().cmp(written(b).as_slice()),
        }
    }
}

impl PartialOrd for Id<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The value of each lower-case digit; 255 for what is none.
const NIBBLES: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0_u8;
    while value < 16 {
        table[digit(value) as usize] = value;
        value += 1;
    }
    table
};

const fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

fn parsed(text: &[u8]) -> Option<u128> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if HYPHENS.iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let (a, wrong_a) = value(&[&text[..8], &text[9..13], &text[14..18]]);
    let (b, wrong_b) = value(&[&text[19..23], &text[24..36]]);
    (wrong_a | wrong_b < 16).then_some(u128::from(a) << 64 | u128::from(b))
}

/// The value of digits, and a number from 16 if one of them is none.
fn value(parts: &[&[u8]]) -> (u64, u8) {
    parts.iter().copied().flatten().fold((0, 0), |(value, wrong), byte| {
        let nibble = NIBBLES[usize::from(*byte)];
        (value << 4 | u64::from(nibble & 15), wrong | nibble)
    })
}

fn written(bits: u128) -> [u8; 36] {
    let mut all = [0; 32];
    for (eight, shift) in all.chunks_exact_mut(8).zip([96, 64, 32, 0]) {
        eight.copy_from_slice(&digits(bits >> shift).to_be_bytes());
    }
    let mut text = [b'-'; 36];
    for (to, from) in [(0..8, 0..8), (9..13, 8..12), (14..18, 12..16), (19..23, 16..20), (24..36, 20..32)] {
        text[to].copy_from_slice(&all[from]);
    }
    text
}

/// The lowest 32 bits as eight digits, the first of them in the highest byte.
#[expect(clippy::cast_possible_truncation, reason = "the lowest 32 bits are what is wanted")]
const fn digits(bits: u128) -> u64 {
    // A nibble to each byte, then '0' to all of them and the 39 from '9' + 1 to 'a' to those over 9.
    let mut wide = bits as u32 as u64;
    wide = (wide | wide << 16) & 0x0000_ffff_0000_ffff;
    wide = (wide | wide << 8) & 0x00ff_00ff_00ff_00ff;
    wide = (wide | wide << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = (wide + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    wide + 0x3030_3030_3030_3030 + letters * 39
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_uuid_is_its_bits_and_only_in_lower_case_with_hyphens() {
        let id = Id::of("0123abcd-4567-89ef-0000-00000000000f");
        assert_eq!(id, Id::Uuid(0x0123_abcd_4567_89ef_0000_0000_0000_000f));
        assert_eq!(&*id.text(), "0123abcd-4567-89ef-0000-00000000000f");
        assert_eq!(id.prefix().to_be_bytes(), *b"0123abcd");
        for other in [
            "",
            "0123ABCD-4567-89ef-0000-00000000000f",
            "0123abcd-4567-89ef-0000-00000000000g",
            "0123abcd-4567-89ef-0000-00000000000",
            "0123abcd-4567-89ef-0000_00000000000f",
            "0123abcd45-67-89ef-0000-00000000000f",
        ] {
            assert_eq!(Id::of(other), Id::Text(other));
        }
    }

    proptest! {
        #[test]
        fn ids_order_as_their_texts(a in ids(), b in ids()) {
            let (x, y) = (Id::of(&a), Id::of(&b));
            prop_assert_eq!(&*x.text(), &*a);
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x == y, a == b);
            prop_assert!(x.prefix().cmp(&y.prefix()).then(a.cmp(&b)) == a.cmp(&b));
        }
    }

    fn ids() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<u128>().prop_map(|bits| Id::Uuid(bits).text().to_string()),
            (0_u128..4).prop_map(|bits| Id::Uuid(bits << 96).text().to_string()),
            "[0-3a-c\\-]{0,10}",
            "0000000[0-3]-0000-0000-0000-00000000000[0-3A]{0,2}",
            any::<String>(),
        ]
    }
}
