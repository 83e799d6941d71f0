//! Where a piece of text stands in a document, whatever white space is between its words.

use std::ops::Range;

/// The places, in bytes and in order, at which the words of `wanted` follow each other in `text` with white space between them. The
/// first word may begin, and the last end, inside of a word of the document. None for a text without words.
pub(crate) fn places<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let mut words = wanted.split_whitespace();
    let first = words.next();
    let mut from = 0;
    std::iter::from_fn(move || {
        let first = first?;
        loop {
            let start = from + text.get(from..)?.find(first)?;
            from = start + text.get(start..)?.chars().next()?.len_utf8();
            if let Some(end) = end(text, start + first.len(), words.clone()) {
                return Some(start..end);
            }
        }
    })
}

/// Where the last of these words ends, if they follow each other from `at` on.
fn end<'a>(text: &str, mut at: usize, words: impl Iterator<Item = &'a str>) -> Option<usize> {
    for word in words {
        let rest = text.get(at..)?;
        let next = rest.trim_start();
        if next.len() == rest.len() || !next.starts_with(word) {
            return None;
        }
        at += rest.len() - next.len() + word.len();
    }
    Some(at)
}

/// The bytes of these characters (Unicode scalar values, counted from 0); `None` where the text ends before.
pub(crate) fn bytes_of(text: &str, characters: Range<u64>) -> Option<Range<usize>> {
    let start = usize::try_from(characters.start).ok()?;
    let length = usize::try_from(characters.end.checked_sub(characters.start)?).ok()?;
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let first = places.nth(start)?;
    let last = if length == 0 { first } else { places.nth(length - 1)? };
    Some(first..last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_between_words_does_not_matter_and_words_do() {
        let text = "The  answer\n\tis 42. The answer is 43.";
        let none = |text, wanted| places(text, wanted).next().is_none();
        assert!(none(text, " the ") && none(text, "Theanswer") && none(text, " "));
        let all = |text, wanted| places(text, wanted).collect::<Vec<_>>();
        assert_eq!(all(text, "The answer"), [0..11, 20..30]);
        assert_eq!(places(text, "\nswer is 42.").next(), Some(7..19));
        assert_eq!(all("aaa", "aa"), [0..2, 1..3]);
        assert_eq!(all("ééé", "éé"), [0..4, 2..6]);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(bytes_of("aé b", 1..3), Some(1..4));
        assert_eq!(bytes_of("aé b", 0..4), Some(0..5));
        assert_eq!(bytes_of("aé b", 4..4), Some(5..5));
        assert_eq!((bytes_of("aé b", 3..5), bytes_of("", 0..1)), (None, None));
        let (start, end) = (3, 2);
        assert_eq!(bytes_of("aé b", start..end), None);
    }
}
