//! What a text of a prompt shows beside its size: what it asks for, white space in its JSON, worked examples. Counts
//! and a word of ours come out; the text stays here.
//!
//! It judges one text alone, once: texts that repeat are remembered by their hash. What a call asks for is decided
//! later, from all blocks of many calls. Other rules here are another version of the trace
//! (`lode_trace::VERSION`): the same text must have the same traits in every file of a trace.

use lode_model::{SegmentKind, Traits};
use memchr::memchr;
use serde::de::IgnoredAny;

use crate::asks::asks;
use crate::code::after;
use crate::marks::{BRACE, BRACKET, Found, LESS, TextMarks, after_spaces, lines};

/// The traits of a text of this kind, by its marks.
pub(crate) fn traits(kind: SegmentKind, text: &str, found: &mut Found) -> Traits {
    let (examples, example_bytes) = match kind {
        SegmentKind::System | SegmentKind::User => examples(text, found),
        _ => (0, 0),
    };
    Traits { asks: asks(kind, text, found), white_space: white_space(text, &found.marks), examples, example_bytes }
}

fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Brackets that look as if they opened JSON and do not, after which the rest of a text is taken to hold none: each may
/// be read to the end of the text.
const MOST_FAILURES: usize = 16;

/// Bytes of white space between tokens of the JSON objects and lists in a text that stand on several lines.
pub(crate) fn white_space(text: &str, marks: &TextMarks) -> u32 {
    let (mut bytes, mut at, mut failures) = (0, 0, 0);
    loop {
        let open = marks.next_of_two([BRACE, BRACKET], at);
        let rest = text.get(open..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        if !may_open_json(rest.as_bytes()) {
            at = open + 1;
            continue;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        if let Some(Ok(_)) = values.next() {
            let len = values.byte_offset();
            // On one line it is not indented: a list in prose or in code.
            let json = rest.get(..len).unwrap_or_default();
            bytes += if memchr(b'\n', json.as_bytes()).is_some() { between_tokens(json) } else { 0 };
            at = open + len.max(1);
        } else {
            at = open + 1;
            failures += 1;
            if failures > MOST_FAILURES {
                break;
            }
        }
    }
    count(bytes)
}

/// Whether a bracket can open an object or a list, by what follows it: most brackets of prose and code do not.
fn may_open_json(from: &[u8]) -> bool {
    let next = from.iter().skip(1).find(|byte| !byte.is_ascii_whitespace());
    match (from.first(), next) {
        (Some(b'{'), Some(next)) => matches!(next, b'"' | b'}'),
        (Some(_), Some(next)) => matches!(next, b'"' | b'{' | b'[' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'),
        _ => false,
    }
}

/// White space outside the strings of a JSON value.
fn between_tokens(json: &str) -> usize {
    let (mut bytes, mut in_string, mut escaped) = (0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b' ' | b'\n' | b'\r' | b'\t' if !in_string => bytes += 1,
            _ => {}
        }
    }
    bytes
}

/// Fewest worked examples that count: one or two are the least an instruction can do with.
const LEAST_EXAMPLES: usize = 3;
/// How a worked example begins, in whatever case, after marks such as `###` and `**`.
const EXAMPLE: [&str; 8] = ["example", "beispiel", "exemple", "ejemplo", "exemplo", "esempio", "例", "示例"];
/// What the two lines of an example begin with where none is called so. Questions and answers are as often the knowledge
/// that a prompt gives as they are examples.
const INPUTS: [&str; 2] = ["input:", "eingabe:"];
const OUTPUTS: [&str; 2] = ["output:", "ausgabe:"];
const TAG: &str = "<example";
const END_TAG: &str = "</example>";

/// Worked examples in a text and their bytes: from the beginning of the first to the end of the last.
fn examples(text: &str, found: &Found) -> (u32, u32) {
    let tagged = tags(text, &found.marks);
    if tagged.len() >= LEAST_EXAMPLES {
        let end = text.rfind(END_TAG).map_or(text.len(), |at| at + END_TAG.len());
        let first = tagged.first().copied().unwrap_or_default();
        return (count(tagged.len()), count(end.saturating_sub(first)));
    }
    let candidates = candidates(text, &found.ends);
    if candidates.len() < LEAST_EXAMPLES {
        return (0, 0);
    }
    let those = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let begins = |at: usize| text.get(at..).is_some_and(is);
        candidates.iter().filter(|(_, at)| begins(*at)).map(|(start, _)| *start).collect()
    };
    let called =
        those(&|line| EXAMPLE.iter().any(|word| after(line, word).is_some_and(|rest| is_heading(rest.trim_start()))));
    let starts = if called.len() >= LEAST_EXAMPLES {
        called
    } else {
        let of = |words: [&str; 2]| those(&|line| words.iter().any(|word| after(line, word).is_some()));
        let (inputs, outputs) = (of(INPUTS), of(OUTPUTS));
        if outputs.len() >= inputs.len() { inputs } else { Vec::new() }
    };
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return (0, 0) };
    if starts.len() < LEAST_EXAMPLES {
        return (0, 0);
    }
    // Where the last one ends is told by the others: it is as long as they are on average, and ends with the text.
    let mean = (last - first) / (starts.len() - 1);
    (count(starts.len()), count((last + mean).min(text.len()) - first))
}

/// Where a tag of an example opens.
fn tags(text: &str, marks: &TextMarks) -> Vec<usize> {
    let (mut at, mut found) = (0, Vec::new());
    loop {
        let open = marks.next(LESS, at);
        let Some(rest) = text.as_bytes().get(open..).filter(|rest| !rest.is_empty()) else { return found };
        if rest.starts_with(TAG.as_bytes()) && is_tag(text, open) {
            found.push(open);
        }
        at = open + 1;
    }
}

/// `<example>` or `<example index="3">`, and not `<examples>`.
fn is_tag(text: &str, at: usize) -> bool {
    text.get(at + TAG.len()..).is_some_and(|rest| rest.starts_with(['>', ' ', '-', '_']))
}

/// What follows the word `example` where it heads one: a number, a letter, a colon.
fn is_heading(rest: &str) -> bool {
    rest.starts_with([':', '：', '#']) || rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Lines that may begin with one of the words, by their first letters: where they begin and where they do without marks.
/// Most lines begin with others.
fn candidates(text: &str, ends: &[u32]) -> Vec<(usize, usize)> {
    let (bytes, mut found) = (text.as_bytes(), Vec::new());
    for (start, end) in lines(ends, bytes.len()) {
        let mut at = after_spaces(bytes, start);
        while at < end && IS_MARK[usize::from(bytes[at])] {
            at += 1;
        }
        let Some([first, second]) = bytes.get(at..).and_then(<[u8]>::first_chunk) else { continue };
        let head = [first.to_ascii_lowercase(), second.to_ascii_lowercase()];
        let may = MAY_BEGIN[usize::from(*first)]
            && matches!(&head, b"ex" | b"be" | b"ej" | b"es" | b"in" | b"ei" | b"ou" | b"au");
        found.extend((may || !first.is_ascii()).then_some((start, at)));
    }
    found
}

/// ASCII letters that one of the words begins with, in whatever case.
const MAY_BEGIN: [bool; 256] = table(b"ebioaEBIOA");
/// Marks before a heading: `###`, `**`, `-`.
const IS_MARK: [bool; 256] = table(b" \t#*->_[(");

/// Which bytes are among these.
const fn table(bytes: &[u8]) -> [bool; 256] {
    let (mut table, mut place) = ([false; 256], 0);
    while place < bytes.len() {
        table[bytes[place] as usize] = true;
        place += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use crate::marks::found_in;

    fn white_space(text: &str) -> u32 {
        super::white_space(text, &found_in(text).marks)
    }

    fn examples(text: &str) -> (u32, u32) {
        super::examples(text, &found_in(text))
    }

    #[test]
    fn white_space_counts_between_the_tokens_of_json_alone() {
        assert_eq!(white_space("{\n  \"a\": 1\n}"), 5, "a break and two spaces, a space, a break");
        assert_eq!(white_space("{\"a\":1}"), 0);
        assert_eq!(white_space("{\n\"a b\": \"c  \\\"  d\"}"), 2, "white space in strings is content");
        assert_eq!(white_space("Here:\n\n{\"a\":\n [1, 2]}\nand  [ ] and [not this]  "), 3);
        assert_eq!(white_space("{\"a\": [1, 2]}"), 0, "one line is not indented");
        assert_eq!(white_space("no  json\n\n at all"), 0);
        assert_eq!(white_space("fn main() {\n    let a = [1, 2];\n}"), 0, "code is no JSON");
        assert_eq!(white_space(&"[".repeat(100_000)), 0, "and it ends");
    }

    #[test]
    fn examples_are_found_by_their_headings_tags_or_pairs() {
        let numbered = "Sort them.\nExample 1: aaaa\nExample 2: bbbb\nExample 3: cccc\nNow do it, please, for these.\n";
        assert_eq!(examples(numbered), (3, 48), "three of sixteen bytes");
        assert_eq!(examples(&numbered.replace("Example", "### Beispiel")).0, 3);
        let tagged = "<examples><example>a</example><example>b</example>\n<example id=\"3\">c</example></examples>";
        assert_eq!(examples(tagged), (3, 68));
        assert_eq!(examples("Input: a\nOutput: b\n\n".repeat(3).as_str()), (3, 60));
        assert_eq!(examples("Q: a\nA: b\nQ: c\nA: d\nQ: e\nA: f\n"), (0, 0), "knowledge");
        assert_eq!(examples("For example, this.\nExamples help.\nAn example: none."), (0, 0));
        assert_eq!(examples("Example 1: a\nExample 2: b\n"), (0, 0), "two are none too many");
    }
}
