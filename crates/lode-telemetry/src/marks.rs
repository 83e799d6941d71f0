//! The bytes of a text that the heuristics of this crate look for, found once for all of them.

use lode_scan::Marks;

/// Their places in one text.
pub(crate) type TextMarks = Marks<8>;

pub(crate) const NEWLINE: usize = 0;
pub(crate) const LESS: usize = 1;
pub(crate) const COLON: usize = 2;
pub(crate) const BRACE: usize = 3;
pub(crate) const BRACKET: usize = 4;
pub(crate) const EQUALS: usize = 5;
pub(crate) const GREATER: usize = 6;
pub(crate) const BACKTICK: usize = 7;

/// Marks of no text yet.
pub(crate) const fn text_marks() -> TextMarks {
    Marks::new([b'\n', b'<', b':', b'{', b'[', b'=', b'>', b'`'])
}

/// The marks of a text.
#[cfg(test)]
pub(crate) fn marks_of(text: &str) -> TextMarks {
    let mut marks = text_marks();
    marks.look(text.as_bytes());
    marks
}
