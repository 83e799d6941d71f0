//! Texts that have a shape: JSON, compact or pretty-printed, and instructions with worked examples. Their sizes follow
//! from their shape, so that nothing is written to be measured.

use crate::call::Piece;
use crate::voices;

/// Records of a JSON text without indentation or with two spaces of it; with four there is one more, so that the
/// white space is whole tokens either way.
const RECORDS: usize = 40;
/// Keys of each record.
const KEYS: usize = 8;
/// Different records of an app.
const KNOWN: u64 = 120;
/// Tokens of the instructions before the worked examples.
const INSTRUCTIONS: u32 = 150;

/// How many records.
const fn records(indent: u8) -> usize {
    if indent == 4 { RECORDS + 1 } else { RECORDS }
}

/// Tokens of white space that an indentation of 2 or 4 adds to the compact JSON, as Python's `json.dumps(indent=…)`
/// writes it: a line break and the indentation before each of the 4 keys of the outer object (depth 1), before each
/// record's brackets (2) and keys (3), before the closing bracket of the list (1) and of the object (0); and a space
/// after each colon.
pub(crate) fn white_tokens(indent: u8) -> u32 {
    let spaces = usize::from(indent);
    let outer = 4 * (1 + spaces + 1) + (1 + spaces) + 1;
    let each = 2 * (1 + 2 * spaces) + KEYS * (1 + 3 * spaces + 1);
    u32::try_from((outer + records(indent) * each) / 4).unwrap_or(u32::MAX)
}

/// JSON of so many bytes: a list of records that the piece's voice names (`record`: eight keys and values a line), and
/// a note that makes up its size. `like` is the indentation that fixes how many records there are; compact JSON of a
/// piece has as many as its pretty-printed form.
pub(crate) fn json(piece: &Piece, indent: Option<u8>, bytes: usize) -> String {
    let spaces = voices::indent(piece);
    let (line, space) = match indent {
        Some(spaces) => (Some(usize::from(spaces)), " "),
        None => (None, ""),
    };
    let mut text = String::from("{");
    let open = |text: &mut String, depth: usize| {
        if let Some(spaces) = line {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', spaces * depth));
        }
    };
    let part = |topic: &'static str, number: u64| voices::whole(&Piece { topic, number, ..*piece });
    open(&mut text, 1);
    text.push_str(&format!("\"source\":{space}\"{}\",", part("source", piece.number)));
    open(&mut text, 1);
    text.push_str(&format!("\"total\":{space}{},", records(spaces)));
    open(&mut text, 1);
    text.push_str(&format!("\"items\":{space}["));
    for index in 0..records(spaces) {
        open(&mut text, 2);
        text.push('{');
        let record = part("record", (piece.number + index as u64) % KNOWN);
        for (place, field) in record.lines().take(KEYS).enumerate() {
            let (key, value) = field.split_once('=').unwrap_or((field, "null"));
            open(&mut text, 3);
            let comma = if place + 1 < KEYS { "," } else { "" };
            text.push_str(&format!("\"{key}\":{space}{value}{comma}"));
        }
        open(&mut text, 2);
        text.push_str(if index + 1 < records(spaces) { "}," } else { "}" });
    }
    open(&mut text, 1);
    text.push_str("],");
    open(&mut text, 1);
    text.push_str(&format!("\"note\":{space}\""));
    let end = 2 + usize::from(line.is_some());
    let note = Piece { topic: "note", ..*piece };
    text.push_str(&voices::write(&note, bytes.saturating_sub(text.len() + end)));
    text.push('"');
    open(&mut text, 0);
    text.push('}');
    text
}

/// Tokens of a worked example, from 1: all about as long.
const fn example_tokens(number: u32) -> u32 {
    190 + number * 7 % 20
}

/// Tokens of the instructions and so many examples.
pub(crate) fn examples_tokens(count: u32) -> u32 {
    INSTRUCTIONS + (1..=count).map(example_tokens).sum::<u32>()
}

/// Instructions and so many examples in the voice's wording of `open` and `close`, each from the beginning of a line.
pub(crate) fn examples(piece: &Piece, count: u32) -> String {
    let bytes = |tokens: u32| tokens as usize * 4;
    let mut text = voices::write(&Piece { topic: "instructions", ..*piece }, bytes(INSTRUCTIONS) - 1);
    text.push('\n');
    for number in 1..=count {
        let of = |topic: &'static str| {
            voices::whole(&Piece { topic, number: 0, ..*piece }).replace("NUMBER", &number.to_string())
        };
        let (open, close) = (of("open"), of("close"));
        let close = if close.starts_with('<') { format!("\n{close}") } else { String::new() };
        let inner = bytes(example_tokens(number)) - open.len() - close.len() - 2;
        let example = Piece { topic: "example", number: u64::from(number), ..*piece };
        text.push_str(&open);
        text.push('\n');
        text.push_str(&voices::write(&example, inner));
        text.push_str(&close);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Content;
    use crate::text;

    #[test]
    fn pretty_json_is_compact_json_and_white_space() {
        for seed in 1..9 {
            let piece = |tokens| Piece { role: "api-types", topic: "json", number: 3, tokens, seed };
            let indent = voices::indent(&piece(0));
            let compact = text::words(&Content::Json(piece(2_600), None));
            let pretty = text::words(&Content::Json(piece(2_600 + white_tokens(indent)), Some(indent)));
            assert_eq!(compact.len(), 4 * 2_600);
            assert_eq!(pretty.len(), 4 * (2_600 + white_tokens(indent)) as usize, "indent {indent}");
            let value: serde_json::Value = serde_json::from_str(&pretty).expect("JSON");
            assert_eq!(value, serde_json::from_str::<serde_json::Value>(&compact).expect("JSON"));
            // Outside strings nothing else is white.
            let mut stripped = String::new();
            let mut quoted = false;
            for character in pretty.chars() {
                quoted ^= character == '"';
                if quoted || !character.is_whitespace() {
                    stripped.push(character);
                }
            }
            assert_eq!(stripped, compact);
        }
    }

    #[test]
    fn white_space_is_as_counted_by_hand() {
        // Two spaces: 4 * 4 + 3 + 1 around, 40 records of 2 * 5 + 8 * 8.
        assert_eq!(white_tokens(2) * 4, 20 + 40 * 74);
        // Four: 4 * 6 + 5 + 1 around, 41 records of 2 * 9 + 8 * 14.
        assert_eq!(white_tokens(4) * 4, 30 + 41 * 130);
    }

    #[test]
    fn five_examples_are_the_beginning_of_twenty() {
        for seed in 1..9 {
            let piece = |tokens| Piece { role: "sql-writer", topic: "examples", number: 0, tokens, seed };
            let of = |count| text::words(&Content::Examples(piece(examples_tokens(count)), count));
            let (twenty, five) = (of(20), of(5));
            assert_eq!((twenty.len(), five.len()), (4 * examples_tokens(20) as usize, 4 * examples_tokens(5) as usize));
            assert!(twenty.starts_with(&five));
            let opened = |text: &str| {
                let opens = |line: &&str| {
                    line.starts_with("Example ") || line.starts_with("### Example ") || line.starts_with("<example")
                };
                text.lines().filter(opens).count()
            };
            assert_eq!((opened(&twenty), opened(&five)), (20, 5), "{five}");
        }
    }
}
