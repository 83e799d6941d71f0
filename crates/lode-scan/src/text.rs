//! A string of a document, as it stands there: escapes and all.

use std::borrow::Cow;

use crate::lanes::{BLOCK, find, with_block};

/// A text that may hold escapes. It is unescaped when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    #[inline]
    pub(crate) const fn new(raw: &'a str, escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// The text as it stands between the quotes. Two equal ones mean the same; two that differ may mean the same.
    #[inline]
    #[must_use]
    pub const fn raw(self) -> &'a str {
        self.raw
    }

    /// Whether [`Text::raw`] holds an escape.
    #[inline]
    #[must_use]
    pub const fn is_escaped(self) -> bool {
        self.escaped
    }

    /// Whether nothing is in it.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.raw.is_empty()
    }

    /// The text itself.
    #[inline]
    #[must_use]
    pub fn get(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(self.unescaped()) } else { Cow::Borrowed(self.raw) }
    }

    fn unescaped(self) -> String {
        let mut bytes = Vec::new();
        self.push_bytes_to(&mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Whether it is this text.
    #[inline]
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        if self.escaped { self.get() == text } else { self.raw == text }
    }

    /// Appends the text itself. What is no escape becomes U+FFFD, a lone surrogate among them.
    #[inline]
    pub fn push_to(self, out: &mut String) {
        if self.escaped { out.push_str(&self.unescaped()) } else { out.push_str(self.raw) }
    }

    /// [`Text::push_to`] for bytes: UTF-8, as a text is.
    #[inline]
    pub fn push_bytes_to(self, out: &mut Vec<u8>) {
        if self.escaped {
            out.reserve(self.raw.len() + BLOCK);
            unescape(self.raw.as_bytes(), out);
        } else {
            out.extend_from_slice(self.raw.as_bytes());
        }
    }
}

/// Appends what a text means that holds escapes.
fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    // What is before `at` is in `out`.
    let mut at = 0;
    for block in (0..raw.len()).step_by(BLOCK) {
        let [mut backslashes] = with_block(raw, block, |bytes| find(bytes, [b'\\']));
        backslashes &= from(at, block);
        while backslashes != 0 {
            let found = block + backslashes.trailing_zeros() as usize;
            push(out, raw, at, found);
            at = found + push_escape(out, raw.get(found..).unwrap_or_default());
            backslashes &= from(at, block);
        }
    }
    push(out, raw, at, raw.len());
}

/// The bits of a block from a place on.
#[inline(always)]
fn from(at: usize, block: usize) -> u64 {
    let past = at.saturating_sub(block);
    if past < BLOCK { u64::MAX << past } else { 0 }
}

/// Appends a part of a text. Most parts are short, and a copy whose length is known beforehand is one of registers.
#[inline(always)]
fn push(out: &mut Vec<u8>, raw: &[u8], from: usize, to: usize) {
    let length = to - from;
    match raw.get(from..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        Some(chunk) if length <= BLOCK => {
            let end = out.len() + length;
            out.extend_from_slice(chunk);
            out.truncate(end);
        }
        _ => out.extend_from_slice(raw.get(from..to).unwrap_or_default()),
    }
}

/// Appends what an escape means; how long it is.
#[inline(always)]
fn push_escape(out: &mut Vec<u8>, escape: &[u8]) -> usize {
    let byte = escape.get(1).copied().unwrap_or_default();
    match SHORT_ESCAPES[usize::from(byte)] {
        0 => {
            let (meant, length) = if byte == b'u' { unicode(escape) } else { (char::REPLACEMENT_CHARACTER, 1) };
            out.extend_from_slice(meant.encode_utf8(&mut [0; 4]).as_bytes());
            length
        }
        meant => {
            out.push(meant);
            2
        }
    }
}

/// What an escape of one letter means, by that letter; 0 for letters that are none. A table, because which escape comes
/// next cannot be guessed.
const SHORT_ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let escapes = [
        (b'"', b'"'),
        (b'\\', b'\\'),
        (b'/', b'/'),
        (b'b', 8),
        (b'f', 0xc),
        (b'n', b'\n'),
        (b'r', b'\r'),
        (b't', b'\t'),
    ];
    let mut place = 0;
    while place < escapes.len() {
        table[escapes[place].0 as usize] = escapes[place].1;
        place += 1;
    }
    table
};

/// What the escape of a code unit means and how long it is. One without four digits is no escape, and neither is half
/// a pair.
#[inline(never)]
fn unicode(escape: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 4)?;
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    };
    let Some(first) = unit(2) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if !(0xd800..0xdc00).contains(&first) {
        return (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
    }
    let second = if escape.get(6..8) == Some(b"\\u") { unit(8) } else { None };
    match second.filter(|unit| (0xdc00..0xe000).contains(unit)) {
        Some(second) => {
            let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        None => (char::REPLACEMENT_CHARACTER, 6),
    }
}
