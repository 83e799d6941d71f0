//! A fault of a settings file: where it is, what stands there and what could.

use std::fmt;
use std::ops::Range;

use crate::nearest;

/// Why a settings file cannot be used: the first fault found, with its place. Printed, it shows the line itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found, what is expected, and a help where there is one.
    pub message: String,
    /// The line as it stands in the file, and how many characters of it are meant.
    shown: (String, usize),
}

impl Fault {
    /// A fault at a place of the text, in bytes.
    pub(crate) fn at(text: &str, span: Range<usize>, message: String) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = text.get(..start).unwrap_or_default();
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let whole = text.get(first..).unwrap_or_default().lines().next().unwrap_or_default();
        let column = text.get(first..start).unwrap_or_default().chars().count() + 1;
        let end = text.floor_char_boundary(span.end.min(first + whole.len()).max(start));
        let length = text.get(start..end).unwrap_or_default().chars().count().max(1);
        Self { line: before.matches('\n').count() + 1, column, message: clean(&message), shown: (clean(whole), length) }
    }

    /// What TOML or a form says, with the known word that is nearest to an unknown one.
    pub(crate) fn of(text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or_default();
        let mut message = error.message().trim_end().to_owned();
        // "unknown field `bases`, expected `basis` or `caller_keys`"
        let mut quoted = message.split('`').skip(1).step_by(2);
        let meant = quoted.next().and_then(|found| nearest(found, quoted));
        if let Some(meant) = meant.filter(|_| message.starts_with("unknown ")) {
            message = format!("{message}; did you mean {meant}?");
        }
        // What TOML itself says needs no key: there may be none.
        let of_the_form = ["unknown ", "missing field ", "invalid type: ", "invalid value: "];
        if of_the_form.iter().any(|start| message.starts_with(start)) {
            for start in ["invalid type: ", "invalid value: "] {
                if let Some(rest) = message.strip_prefix(start) {
                    message = format!("found {rest}");
                }
            }
            if let Some(field) = message.strip_prefix("missing field ") {
                message = format!("found no {field}, which is needed");
            }
            let path = path(text, span.start);
            if !path.is_empty() {
                message = format!("{path}: {message}");
            }
        }
        Self::at(text, span, message)
    }
}

/// The key at a place, by its table: `models.forbidden`.
fn path(text: &str, at: usize) -> String {
    let at = text.floor_char_boundary(at);
    let end = text.get(at..).unwrap_or_default().find('\n').map_or(text.len(), |length| at + length);
    let (mut table, mut key) = ("", "");
    for line in text.get(..end).unwrap_or_default().lines().map(str::trim) {
        // A list that goes on has `[` at its lines' beginning too, and no word behind.
        let header = line.trim_matches(['[', ']']);
        let named = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.\"':".contains(c));
        if line.starts_with('[') && named(header) {
            (table, key) = (header, "");
        } else if let Some((name, _)) = line.split_once('=').filter(|(name, _)| named(name.trim())) {
            key = name.trim();
        }
    }
    match (table.is_empty(), key.is_empty()) {
        (false, false) => format!("{table}.{key}"),
        _ => format!("{table}{key}"),
    }
}

/// Without what would move the cursor.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message, shown: (whole, length) } = self;
        let margin = " ".repeat(line.to_string().len());
        let (space, marks) = (" ".repeat(column.saturating_sub(1)), "^".repeat(*length));
        write!(f, "line {line}, column {column}: {message}\n{margin} |\n{line} | {whole}\n{margin} | {space}{marks}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_in_its_line() {
        let text = "a = 1\nbé = \"xy\"\n";
        let at = text.find("\"xy\"").expect("there");
        let fault = Fault::at(text, at..at + 4, "found xy".to_owned());
        assert_eq!((fault.line, fault.column), (2, 6));
        assert_eq!(fault.to_string(), "line 2, column 6: found xy\n  |\n2 | bé = \"xy\"\n  |      ^^^^");
    }

    #[test]
    fn any_place_is_shown_without_harm() {
        for (text, span) in [("", 0..0), ("é", 1..9), ("a\n", 2..2), ("a\u{1b}[2J = 1", 0..usize::MAX)] {
            let said = Fault::at(text, span, "no\u{1b}".to_owned()).to_string();
            assert!(!said.contains('\u{1b}'), "{said:?}");
        }
    }
}
