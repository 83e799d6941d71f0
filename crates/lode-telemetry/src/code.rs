//! Whether an answer is code. Judged by the answer's shape alone: fences, and how its lines begin and end.

use std::ops::Range;

use crate::marks::{BACKTICK, EQUALS, Found, GREATER, TextMarks, after_spaces, lines as each_line};

/// Bytes of an answer that are kept to judge it by.
pub(crate) const SAMPLE: usize = 2 * 1024;
/// Fewest lines that read as code where no fence says so.
const LEAST_LINES: usize = 4;

/// Whether at least half of a text stands in fences, or two thirds of its lines read as code. The first `length` bytes of it
/// are judged, by what was found in all of it.
pub(crate) fn is_code(text: &[u8], length: usize, found: &Found) -> bool {
    let Found { marks, ends, .. } = found;
    let bytes = text.get(..length).unwrap_or(text);
    let ends = &ends[..ends.partition_point(|end| (*end as usize) < bytes.len())];
    let (mut fenced, mut all, mut inside) = (0, 0, false);
    let (mut lines, mut as_code) = (0, 0);
    // Without a fence lines decide, and often before the last of them.
    let has_fence = marks.next(BACKTICK, 0) < bytes.len();
    let mut left = ends.len() + 1;
    let mut arrow = 0;
    for (start, end) in each_line(ends, bytes.len()) {
        left -= 1;
        let (start, bare) = trimmed(bytes, start, end);
        if bare.is_empty() {
            continue;
        }
        if bare.starts_with(b"```") {
            // A fence that says it holds data or prose holds no code.
            let language = String::from_utf8_lossy(bare).trim_start_matches('`').trim().to_ascii_lowercase();
            inside = !inside && !matches!(language.as_str(), "json" | "text" | "markdown" | "md" | "csv" | "yaml");
            continue;
        }
        all += bare.len();
        fenced += if inside { bare.len() } else { 0 };
        lines += 1;
        let is_code_line = ends_as_code(bare)
            || has_arrow(bytes, start..start + bare.len(), marks, &mut arrow)
            || begins_as_code(bare);
        as_code += usize::from(is_code_line);
        if !has_fence {
            if (as_code + left) * 3 < (lines + left) * 2 {
                return false;
            }
            if lines >= LEAST_LINES && as_code * 3 >= (lines + left) * 2 {
                return true;
            }
        }
    }
    fenced > 0 && fenced * 2 >= all || lines >= LEAST_LINES && as_code * 3 >= lines * 2
}

/// A line without white space around it, and where it begins.
fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, &[u8]) {
    let is_white = |at: usize| matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r'));
    start = after_spaces(bytes, start).min(end);
    while start < end && is_white(start) {
        start += 1;
    }
    while start < end && is_white(end - 1) {
        end -= 1;
    }
    (start, bytes.get(start..end).unwrap_or_default())
}

/// Whether a line ends as lines of code do.
fn ends_as_code(line: &[u8]) -> bool {
    match line {
        [.., b'{' | b'}' | b';'] | [.., b')', b':'] | [.., b'}', b')'] | [.., b'(', b')'] => true,
        [.., b':'] => OPENS.iter().any(|begin| line.starts_with(begin.as_bytes())),
        _ => false,
    }
}

/// Whether ` = `, `=> ` or `-> ` stands in a line. `at` is the last `=` or `>` that was found, which may be in a line to come: none
/// is looked for twice.
fn has_arrow(bytes: &[u8], line: Range<usize>, marks: &TextMarks, at: &mut usize) -> bool {
    if *at <= line.start {
        *at = marks.next_of_two([EQUALS, GREATER], line.start + 1);
    }
    while *at + 1 < line.end {
        if matches!(&bytes[*at - 1..*at + 2], b" = " | b"=> " | b"-> ") {
            return true;
        }
        *at = marks.next_of_two([EQUALS, GREATER], *at + 1);
    }
    false
}

/// Words of a line of code that ends with a colon.
const OPENS: [&str; 7] = ["if ", "for ", "while ", "else", "elif ", "try", "with "];
/// Words that prose begins with as well, in capitals.
const SQL: [&str; 7] = ["FROM ", "WHERE ", "JOIN ", "INSERT ", "UPDATE ", "CREATE ", "WITH "];
/// Words that lines of code begin with, in whatever case.
const BEGINS: [&str; 21] = [
    "def ", "class ", "import ", "return", "if (", "const ", "let ", "var ", "func ", "fn ", "pub ", "public ",
    "private ", "#include", "select ", "group by", "order by", "//", "--", "@", "async ",
];
/// Which of [`BEGINS`] begin with a byte, a bit for each.
const BY_FIRST: [u32; 256] = {
    let mut by_first = [0; 256];
    let mut place = 0;
    while place < BEGINS.len() {
        let first = BEGINS[place].as_bytes()[0];
        by_first[first as usize] |= 1 << place;
        by_first[first.to_ascii_uppercase() as usize] |= 1 << place;
        place += 1;
    }
    by_first
};

/// Whether a line begins as lines of code do.
fn begins_as_code(line: &[u8]) -> bool {
    let Some(first) = line.first() else { return false };
    let is = |begin: &str| line.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin.as_bytes()));
    let mut left = BY_FIRST[usize::from(*first)];
    while left != 0 {
        if is(BEGINS[left.trailing_zeros() as usize]) {
            return true;
        }
        left &= left - 1;
    }
    first.is_ascii_uppercase() && SQL.iter().any(|begin| line.starts_with(begin.as_bytes()))
}

/// What follows a beginning, in whatever case its ASCII letters are.
pub(crate) fn after<'t>(text: &'t str, begin: &str) -> Option<&'t str> {
    // Most texts begin with another letter.
    let same = text.as_bytes().first()?.eq_ignore_ascii_case(begin.as_bytes().first()?);
    let (head, rest) = text.split_at_checked(begin.len()).filter(|_| same)?;
    head.eq_ignore_ascii_case(begin).then_some(rest)
}

#[cfg(test)]
mod tests {
    use crate::marks::found_in;

    fn is_code(text: &str) -> bool {
        super::is_code(text.as_bytes(), text.len(), &found_in(text))
    }

    #[test]
    fn many_lines_without_an_arrow_take_linear_time() {
        // Looked for from each line on, the arrow that is not there would take hours.
        assert!(!is_code(&format!("```\n```\n{}", "x\n".repeat(4_000_000))));
    }

    #[test]
    fn fences_and_lines_make_code() {
        assert!(is_code("Here it is:\n```rust\nfn add(a: i64, b: i64) -> i64 {\n    a + b\n}\n```\nIt adds."));
        assert!(is_code("import os\n\ndef main():\n    path = os.getcwd()\n    return path\n"));
        assert!(is_code("SELECT a, b\nFROM orders\nWHERE a = 1\nORDER BY b;"));
        assert!(!is_code("Dear Ms Example,\n\nThank you for your letter.\nWe will answer soon.\n\nBest regards"));
        assert!(!is_code("```json\n{\"a\": 1}\n```"));
        assert!(!is_code(
            "Use `cargo test`. A long explanation follows, and it is far longer.\n```sh\ncargo test\n```"
        ));
        assert!(!is_code("For the team\nUpdate on Monday\nCreate a list\nFrom the office"));
        assert!(!is_code(""));
    }
}
