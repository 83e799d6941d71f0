//! A string of a document, as it stands there: escapes and all.

use std::borrow::Cow;

use crate::blocks::Places;

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
        if self.escaped {
            let mut text = String::with_capacity(self.raw.len());
            self.push_to(&mut text);
            Cow::Owned(text)
        } else {
            Cow::Borrowed(self.raw)
        }
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
        if !self.escaped {
            out.push_str(self.raw);
            return;
        }
        out.reserve(self.raw.len());
        let mut backslashes = Places::new(self.raw.as_bytes(), b'\\');
        let mut at = 0;
        loop {
            let found = backslashes.next(at);
            out.push_str(self.raw.get(at..found).unwrap_or_default());
            let Some(escape) = self.raw.get(found..).filter(|escape| !escape.is_empty()) else { return };
            let byte = escape.as_bytes().get(1).copied().unwrap_or_default();
            let (meant, length) = match SHORT_ESCAPES[usize::from(byte)] {
                0 if byte == b'u' => unicode(escape),
                0 => (char::REPLACEMENT_CHARACTER, 1),
                meant => (char::from(meant), 2),
            };
            out.push(meant);
            at = found + length;
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
fn unicode(escape: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if !(0xd800..0xdc00).contains(&first) {
        return (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
    }
    let second = if escape.get(6..8) == Some("\\u") { unit(8) } else { None };
    match second.filter(|unit| (0xdc00..0xe000).contains(unit)) {
        Some(second) => {
            let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            (char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        None => (char::REPLACEMENT_CHARACTER, 6),
    }
}
