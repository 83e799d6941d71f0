//! Whether an answer is code. Judged by the answer's shape alone: fences, and how its lines begin and end.

use memchr::memchr_iter;

/// Bytes of an answer that are kept to judge it by.
pub(crate) const SAMPLE: usize = 2 * 1024;
/// Fewest lines that read as code where no fence says so.
const LEAST_LINES: usize = 4;

/// Whether at least half of a text stands in fences, or two thirds of its lines read as code.
pub(crate) fn is_code(text: &str) -> bool {
    let (mut fenced, mut all, mut inside) = (0, 0, false);
    let (mut lines, mut as_code) = (0, 0);
    for line in each_line(text) {
        let bare = line.trim_matches([' ', '\t', '\r']);
        if bare.is_empty() {
            continue;
        }
        if bare.starts_with("```") {
            // A fence that says it holds data or prose holds no code.
            let language = bare.trim_start_matches('`').trim().to_ascii_lowercase();
            inside = !inside && !matches!(language.as_str(), "json" | "text" | "markdown" | "md" | "csv" | "yaml");
            continue;
        }
        all += bare.len();
        fenced += if inside { bare.len() } else { 0 };
        lines += 1;
        as_code += usize::from(reads_as_code(bare));
    }
    fenced > 0 && fenced * 2 >= all || lines >= LEAST_LINES && as_code * 3 >= lines * 2
}

fn each_line(text: &str) -> impl Iterator<Item = &str> {
    let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
    let mut start = 0;
    ends.filter_map(move |end| text.get(std::mem::replace(&mut start, end + 1)..end))
}

/// Whether a line begins or ends as lines of code do.
fn reads_as_code(line: &str) -> bool {
    const BEGINS: [&str; 21] = [
        "def ", "class ", "import ", "return", "if (", "const ", "let ", "var ", "func ", "fn ", "pub ", "public ",
        "private ", "#include", "select ", "group by", "order by", "//", "--", "@", "async ",
    ];
    /// Words that prose begins with as well, in capitals.
    const SQL: [&str; 7] = ["FROM ", "WHERE ", "JOIN ", "INSERT ", "UPDATE ", "CREATE ", "WITH "];
    /// Words of a line of code that ends with a colon.
    const OPENS: [&str; 7] = ["if ", "for ", "while ", "else", "elif ", "try", "with "];
    let opens = line.ends_with(':') && OPENS.iter().any(|begin| line.starts_with(begin));
    let ends = line.ends_with(['{', '}', ';']) || line.ends_with("):") || line.ends_with("})") || line.ends_with("()");
    ends || line.as_bytes().windows(3).any(|three| matches!(three, b" = " | b"=> " | b"-> "))
        || opens
        || SQL.iter().any(|begin| line.starts_with(begin))
        || BEGINS.iter().any(|begin| after(line, begin).is_some())
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
    use super::*;

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
