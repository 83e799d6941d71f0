//! Where sentences end, for the default strategy. AWS does not say how it tells them; this is a plain rule.

/// Marks that end a sentence where white space follows.
const ENDS: [char; 4] = ['.', '!', '?', '…'];
/// Marks of Chinese and Japanese, which no space follows.
const WIDE_ENDS: [char; 3] = ['。', '！', '？'];
/// What may close a sentence after its mark.
const CLOSES: [char; 9] = ['"', '\'', ')', ']', '}', '»', '”', '’', '」'];

/// The bytes at which sentences begin, the first aside, in order.
///
/// A sentence ends (1) after one or more of `. ! ? … 。 ！ ？` and any closing quotes or brackets after them, where white
/// space follows, or where the last mark is one of `。 ！ ？` and anything follows; (2) before white space with at least two
/// line feeds. White space (Unicode's White_Space) belongs to the sentence after it.
pub(crate) fn sentences(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut push = |byte: usize| {
        let byte = u32::try_from(byte).unwrap_or(u32::MAX);
        if byte > 0 && found.last() != Some(&byte) {
            found.push(byte);
        }
    };
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if ENDS.contains(&c) || WIDE_ENDS.contains(&c) {
            let mut wide = WIDE_ENDS.contains(&c);
            while let Some((_, mark)) = rest.next_if(|(_, next)| ENDS.contains(next) || WIDE_ENDS.contains(next)) {
                wide = WIDE_ENDS.contains(&mark);
            }
            while rest.next_if(|(_, next)| CLOSES.contains(next)).is_some() {}
            if let Some((byte, next)) = rest.peek()
                && (wide || next.is_whitespace())
            {
                push(*byte);
            }
        } else if c.is_whitespace() {
            let mut lines = usize::from(c == '\n');
            while let Some((_, next)) = rest.next_if(|(_, next)| next.is_whitespace()) {
                lines += usize::from(next == '\n');
            }
            if lines > 1 {
                push(at);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_before_space_and_at_blank_lines() {
        let parts = |text: &'static str| {
            let mut places: Vec<usize> = sentences(text).into_iter().map(|byte| byte as usize).collect();
            places.push(text.len());
            let mut from = 0;
            places.into_iter().map(|to| &text[std::mem::replace(&mut from, to)..to]).collect::<Vec<_>>()
        };
        assert_eq!(parts("One. Two?! (Three.) Four"), ["One.", " Two?!", " (Three.)", " Four"]);
        assert_eq!(parts("Version 1.5 of a.b is out."), ["Version 1.5 of a.b is out."]);
        assert_eq!(parts("Title\n\nText\nmore"), ["Title", "\n\nText\nmore"]);
        assert_eq!(parts("一。二！」三"), ["一。", "二！」", "三"]);
        assert_eq!(parts("\n\nStart"), ["\n\nStart"]);
        assert_eq!(parts("End.  \n \n Next."), ["End.", "  \n \n Next."]);
    }
}
