//! How a page looks in a terminal: its width, and colour where colour means something.
//!
//! Nothing is said by colour alone. Of the colours a terminal has, only the sixteen that everybody's own theme fits to a
//! dark or a light background are used.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a terminal page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns at hand.
    pub width: usize,
    /// Whether colour means something there. Nothing is said by colour alone.
    pub colour: bool,
}

/// What a colour says beside the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A heading, a command: bold.
    Strong,
    /// Said in passing: dim.
    Dim,
    /// Money that can go now: green.
    Good,
    /// What waits for a test or a check: yellow.
    Caution,
    /// A warning, what is withheld: red.
    Bad,
}

impl Tone {
    /// The parameter of Select Graphic Rendition (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Caution => "33",
            Self::Bad => "31",
        }
    }
}

impl Look {
    /// Text in a tone, where colour is on.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code())
        } else {
            text.to_owned()
        }
    }

    /// Bold, where colour is on.
    pub(crate) fn strong(self, text: &str) -> String {
        self.tone(Tone::Strong, text)
    }

    /// Dim, where colour is on.
    pub(crate) fn dim(self, text: &str) -> String {
        self.tone(Tone::Dim, text)
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.strong(text)
    }

    /// Wraps prose at the width, with an indent for every line.
    pub(crate) fn wrap(self, text: &str, indent: &str) -> String {
        let room = self.width.max(40).saturating_sub(indent.len());
        let lines = Self { width: room, ..self }.wrap_at(text);
        lines.iter().map(|line| format!("{indent}{line}\n")).collect()
    }

    /// The same, each line in a tone: a pager that starts in the middle shows it too.
    pub(crate) fn wrap_in(self, tone: Tone, text: &str, indent: &str) -> String {
        let room = self.width.max(40).saturating_sub(indent.len());
        let lines = Self { width: room, ..self }.wrap_at(text);
        lines.iter().map(|line| format!("{indent}{}\n", self.tone(tone, line))).collect()
    }

    /// The same as [`Look::wrap`]; the lines after the first stand two further in.
    pub(crate) fn hang(self, text: &str, indent: &str) -> String {
        let room = self.width.max(40).saturating_sub(indent.len() + 2);
        let lines = Self { width: room, ..self }.wrap_at(text);
        let line = |(place, line): (usize, &String)| format!("{indent}{}{line}\n", if place == 0 { "" } else { "  " });
        lines.iter().enumerate().map(line).collect()
    }

    /// The lines of a text wrapped at exactly this width; a word longer than it is broken.
    pub(crate) fn wrap_at(self, text: &str) -> Vec<String> {
        let width = self.width.max(2);
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for mut word in paragraph.split_whitespace() {
                if !line.is_empty() && visible(&line) + 1 + visible(word) > width {
                    lines.push(std::mem::take(&mut line));
                }
                while visible(word) > width && !word.contains('\u{1b}') {
                    let (head, tail) = split(word, width);
                    lines.push(head.to_owned());
                    word = tail;
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            lines.push(line);
        }
        lines
    }
}

/// What of a word fits into so many columns, at least one character, and the rest.
fn split(word: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    let fitting = word.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    let head: usize = fitting.map(char::len_utf8).sum();
    let first = word.chars().next().map_or(0, char::len_utf8);
    word.split_at(head.max(first))
}

/// Columns that a text takes: East Asian characters take two, colour codes none.
pub(crate) fn visible(text: &str) -> usize {
    let mut columns = 0;
    for (place, part) in text.split('\u{1b}').enumerate() {
        let shown = if place == 0 { part } else { part.split_once('m').map_or("", |(_, shown)| shown) };
        columns += shown.width();
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_screen() {
        assert_eq!(visible("\u{1b}[1mab\u{1b}[0m c"), 4);
        assert_eq!(visible("\u{6f22}\u{5b57}"), 4);
        let look = Look { width: 5, colour: false };
        assert_eq!(look.wrap_at("\u{6f22}\u{5b57}\u{6f22} ab"), ["\u{6f22}\u{5b57}", "\u{6f22} ab"]);
        assert_eq!(look.wrap_at("abcdefg"), ["abcde", "fg"]);
    }

    #[test]
    fn a_tone_is_left_out_without_colour() {
        let look = Look { width: 80, colour: true };
        assert_eq!(look.tone(Tone::Good, "x"), "\u{1b}[32mx\u{1b}[0m");
        assert_eq!(Look { colour: false, ..look }.tone(Tone::Good, "x"), "x");
    }
}
