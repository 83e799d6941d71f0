//! Retrieved passages inside a text: what retrieval put into a user turn, told from what the user said.
//!
//! Two styles are recognised: elements such as `<document index="1">…</document>`, the form model providers advise,
//! and numbered headings such as `Search result 1:` at line starts, at least two of them. Elements may carry
//! attributes and are found whatever their case; nesting of the same name is not followed.

use std::ops::Range;

use crate::marks::{COLON, Found, LESS, TextMarks, lines};

/// Elements that hold one passage. `context` comes last: it may hold passages instead.
const ELEMENTS: [&str; 6] = ["search_result", "document", "passage", "chunk", "source", CONTEXT];
const CONTEXT: &str = "context";
/// Words of numbered headings.
const HEADINGS: [&str; 3] = ["search result", "passage", "source"];
/// The longest opening tag.
const LONGEST_TAG: usize = 1024;

/// A part of a text. The parts of a text make the whole text again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// Whether retrieval put it there.
    pub(crate) retrieved: bool,
}

impl<'a> Part<'a> {
    /// A text that is no passage.
    pub(crate) const fn all(text: &'a str) -> Self {
        Self { text, retrieved: false }
    }
}

/// Splits a text, by its marks, into passages and the rest. White space between passages belongs to the passage before it, or, at
/// the start, to the one after it.
pub(crate) fn split<'t>(text: &'t str, seen: &Found) -> Vec<Part<'t>> {
    let mut found = elements(text, &seen.marks);
    if found.is_empty() {
        found = numbered(text, seen);
    }
    let mut parts = Vec::with_capacity(found.len() * 2 + 1);
    let mut at = 0;
    for (index, passage) in found.iter().enumerate() {
        let mut start = passage.start;
        if text[at..start].trim().is_empty() {
            start = at;
        } else {
            parts.push(Part::all(&text[at..start]));
        }
        let next = found.get(index + 1).map_or(text.len(), |next| next.start);
        at = if text[passage.end..next].trim().is_empty() { next } else { passage.end };
        parts.push(Part { text: &text[start..at], retrieved: true });
    }
    if at < text.len() || parts.is_empty() {
        parts.push(Part::all(&text[at..]));
    }
    parts
}

/// A tag of one of the elements.
struct Tag {
    element: usize,
    closing: bool,
    range: Range<usize>,
}

/// All opening and closing tags, in order.
fn tags(text: &str, marks: &TextMarks) -> Vec<Tag> {
    let bytes = text.as_bytes();
    let mut tags = Vec::new();
    let mut at = 0;
    loop {
        let start = marks.next(LESS, at);
        if start >= bytes.len() {
            return tags;
        }
        at = start + 1;
        let closing = bytes.get(start + 1) == Some(&b'/');
        let name_at = start + 1 + usize::from(closing);
        let rest = bytes.get(name_at..).unwrap_or_default();
        let named = ELEMENTS.iter().position(|name| {
            let boundary = rest.get(name.len()).is_some_and(|b| *b == b'>' || b.is_ascii_whitespace());
            boundary && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        });
        let Some(element) = named else { continue };
        let tag = &rest[..rest.len().min(LONGEST_TAG)];
        let Some(end) = tag.iter().position(|b| *b == b'>') else { continue };
        if closing || tag[end - 1] != b'/' {
            tags.push(Tag { element, closing, range: start..name_at + end + 1 });
        }
    }
}

/// Whole elements, in order and apart from each other.
fn elements(text: &str, marks: &TextMarks) -> Vec<Range<usize>> {
    let tags = tags(text, marks);
    if tags.is_empty() {
        return Vec::new();
    }
    let context = ELEMENTS.len() - 1;
    let passages = pairs(&tags, |element| element != context, &[]);
    let mut all = pairs(&tags, |element| element == context, &passages);
    all.extend(passages);
    all.sort_by_key(|range| range.start);
    all
}

/// Elements from each opening tag to the next closing tag of its name, without those that touch `taken`.
fn pairs(tags: &[Tag], wanted: impl Fn(usize) -> bool, taken: &[Range<usize>]) -> Vec<Range<usize>> {
    // The next closing tag of each name from each tag on, found from the back in one pass.
    let mut next = [None; ELEMENTS.len()];
    let closes: Vec<Option<usize>> = tags
        .iter()
        .rev()
        .map(|tag| {
            if tag.closing {
                next[tag.element] = Some(tag.range.end);
            }
            next[tag.element]
        })
        .collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut past = 0;
    for (tag, close) in tags.iter().zip(closes.into_iter().rev()) {
        let Some(end) = close else { continue };
        let start = tag.range.start;
        if tag.closing || !wanted(tag.element) || start < past {
            continue;
        }
        let from = taken.partition_point(|range| range.end <= start);
        if taken.get(from).is_some_and(|range| range.start < end) {
            continue;
        }
        found.push(start..end);
        past = end;
    }
    found
}

/// Passages under numbered headings; none when there is only one heading. The last passage ends at an empty line,
/// because what follows the passages is usually the question.
fn numbered(text: &str, seen: &Found) -> Vec<Range<usize>> {
    // Headings have a colon after a digit; most texts have not two of those.
    let bytes = text.as_bytes();
    let (mut colons, mut at) = (0, 1);
    while colons < 2 {
        let colon = seen.marks.next(COLON, at);
        if colon >= bytes.len() {
            return Vec::new();
        }
        colons += u8::from(bytes[colon - 1].is_ascii_digit());
        at = colon + 1;
    }
    let headings = lines(&seen.ends, bytes.len()).filter(|(start, end)| text.get(*start..*end).is_some_and(is_heading));
    let starts: Vec<usize> = headings.map(|(start, _)| start).collect();
    if starts.len() < 2 {
        return Vec::new();
    }
    let last = starts.last().copied().unwrap_or_default();
    let end =
        ["\n\n", "\n\r\n"].iter().filter_map(|gap| text[last..].find(gap)).min().map_or(text.len(), |gap| last + gap);
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// `Search result 3:` and the like.
fn is_heading(line: &str) -> bool {
    let space = line.bytes().take_while(u8::is_ascii_whitespace).count();
    // Hardly any line gets further.
    if !matches!(line.as_bytes().get(space), Some(b's' | b'S' | b'p' | b'P')) {
        return false;
    }
    let line = line.get(space..).unwrap_or_default();
    HEADINGS.iter().any(|word| {
        let Some(start) = line.get(..word.len()) else { return false };
        let rest = line[word.len()..].trim_start_matches(' ');
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        start.eq_ignore_ascii_case(word) && number.len() < rest.len() && number.starts_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::found_in;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<Part<'_>> {
        super::split(text, &found_in(text))
    }

    /// Parts as text, passages in brackets.
    fn shown(text: &str) -> Vec<String> {
        split(text)
            .iter()
            .map(|part| if part.retrieved { format!("[{}]", part.text) } else { part.text.to_owned() })
            .collect()
    }

    #[test]
    fn elements_are_told_from_the_question() {
        assert_eq!(shown("<chunk>a</chunk>"), ["[<chunk>a</chunk>]"]);
        assert_eq!(
            shown("Use:\n<document index=\"1\"><source>f</source>a</document>\n<DOCUMENT>b</Document>\nWhy?"),
            [
                "Use:\n",
                "[<document index=\"1\"><source>f</source>a</document>\n]",
                "[<DOCUMENT>b</Document>]",
                "\nWhy?"
            ]
        );
        assert_eq!(shown("<context>a</context> q"), ["[<context>a</context>]", " q"]);
        assert_eq!(
            shown("<context><passage>a</passage><passage>b</passage></context>"),
            ["<context>", "[<passage>a</passage>]", "[<passage>b</passage>]", "</context>"]
        );
    }

    #[test]
    fn what_only_looks_like_an_element_is_text() {
        for text in
            ["", "plain", "<document>open", "a </chunk>", "<documents>x</documents>", "<source/>", "<chunk", "<"]
        {
            assert_eq!(shown(text), [text]);
        }
    }

    #[test]
    fn numbered_headings_need_company() {
        assert_eq!(
            shown("Results:\nSearch result 1: a\nb\nsearch result 2: c\n\nQuestion?"),
            ["Results:\n", "[Search result 1: a\nb\n]", "[search result 2: c]", "\n\nQuestion?"]
        );
        assert_eq!(shown("Source 1: a"), ["Source 1: a"]);
        assert_eq!(shown("Sources: a\nSource x: b"), ["Sources: a\nSource x: b"]);
    }

    #[test]
    fn tags_without_end_take_linear_time() {
        let text = "<context><chunk>".repeat(200_000) + "</context>";
        assert_eq!(split(&text).len(), 1);
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(words in proptest::collection::vec("<context>|</context>|<chunk a='1'>|</chunk>|<document>|</DOCUMENT>|\nPassage 1:|\n\n| |é|x", 0..40)) {
            let text = words.concat();
            let parts = split(&text);
            prop_assert_eq!(parts.iter().map(|part| part.text).collect::<String>(), text.clone());
            prop_assert!(parts.len() == 1 || parts.iter().all(|part| !part.text.is_empty()));
        }
    }
}
