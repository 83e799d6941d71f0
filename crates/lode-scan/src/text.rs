//! A string of a document, as it stands there: escapes and all.

use std::borrow::Cow;

use memchr::memchr;

/// A text that may hold escapes. It is unescaped when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    pub(crate) const fn new(raw: &'a str, escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// The text as it stands between the quotes. Two equal ones mean the same; two that differ may mean the same.
    #[must_use]
    pub const fn raw(self) -> &'a str {
        self.raw
    }

    /// Whether [`Text::raw`] holds an escape.
    #[must_use]
    pub const fn is_escaped(self) -> bool {
        self.escaped
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.raw.is_empty()
    }

    /// The text itself.
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
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        if self.escaped { self.get() == text } else { self.raw == text }
    }

    /// Appends the text itself. A lone surrogate becomes U+FFFD.
    pub fn push_to(self, out: &mut String) {
        let mut rest = self.raw;
        if !self.escaped {
            out.push_str(rest);
            return;
        }
        out.reserve(rest.len());
        while let Some(at) = memchr(b'\\', rest.as_bytes()) {
            let (before, escape) = rest.split_at(at);
            out.push_str(before);
            let (meant, length) = unescape(escape);
            out.push(meant);
            rest = escape.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
    }
}

/// What the escape at the start of a text means and how long it is. The pass over the document has checked its form.
fn unescape(escape: &str) -> (char, usize) {
    let meant = match escape.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode(escape),
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (meant, 2)
}

fn unicode(escape: &str) -> (char, usize) {
    let unit = |at: usize| u32::from_str_radix(escape.get(at..at + 4).unwrap_or_default(), 16).ok();
    let first = unit(2).unwrap_or(0xfffd);
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
