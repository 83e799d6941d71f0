//! JSON documents that are too large to hold, element by element: what the AWS CLI makes of all pages of a log group, or many
//! records over many lines.
//!
//! A list is taken apart, and so is an object that holds one under a key of CloudWatch's; another object is an element itself. It
//! knows where values begin and end and nothing else of JSON: whoever is given an element says whether it is any.

use std::io::{BufRead, ErrorKind};

/// Keys of the lists that hold records: `filter-log-events`, subscriptions.
const LISTS: [&[u8]; 2] = [b"events", b"logEvents"];
/// Key of the list that holds rows of Logs Insights.
const ROWS: &[u8] = b"results";
/// Bytes of a key that is looked at.
const LONGEST_KEY: usize = 64;

/// How a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// As it should.
    Whole,
    /// As it should, but it is longer than an element may be and holds no list.
    TooLong,
    /// Before its end.
    Early,
    /// With something that is no JSON, on the line at hand.
    Broken,
}

/// What is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'e> {
    /// Its bytes; none where it is too long.
    pub(crate) bytes: &'e [u8],
    /// The line that it begins on.
    pub(crate) line: u64,
    /// Whether it is a row of Logs Insights.
    pub(crate) is_row: bool,
}

/// Who is given elements.
pub(crate) type Each<'e, E> = &'e mut dyn FnMut(Element<'_>) -> Result<(), E>;

/// Documents, while they are read.
pub(crate) struct Elements<'a> {
    text: &'a mut dyn BufRead,
    /// The line at hand, counting from 1.
    pub(crate) line: u64,
    /// Bytes read.
    pub(crate) bytes: u64,
    /// Bytes of an element, at most.
    longest: usize,
    /// The object at hand, as long as it may be an element itself.
    object: Option<Vec<u8>>,
}

impl<'a> Elements<'a> {
    /// Begins on the line with the number `line`.
    pub(crate) fn new(text: &'a mut dyn BufRead, line: u64, longest: usize) -> Self {
        Self { text, line, bytes: 0, longest, object: None }
    }

    /// Whether nothing but white space is left.
    ///
    /// # Errors
    /// When the text cannot be read.
    pub(crate) fn is_over(&mut self) -> std::io::Result<bool> {
        Ok(self.peek()?.is_none())
    }

    /// Reads a document, and nothing after it.
    ///
    /// # Errors
    /// When the text cannot be read; inside, what `each` says.
    pub(crate) fn read<E>(&mut self, each: Each<'_, E>) -> std::io::Result<Result<Ended, E>> {
        let mut element = Vec::new();
        match self.peek()? {
            None => Ok(Ok(Ended::Early)),
            Some(b'[') => self.list(&mut element, false, each),
            Some(b'{') => {
                self.object = Some(Vec::new());
                let ended = self.object(&mut element, each);
                self.object = None;
                ended
            }
            Some(_) => Ok(Ok(Ended::Broken)),
        }
    }

    fn object<E>(&mut self, element: &mut Vec<u8>, each: Each<'_, E>) -> std::io::Result<Result<Ended, E>> {
        let begin = self.line;
        self.take(1)?;
        let (mut has_list, mut key) = (false, Vec::new());
        // Control messages hold a list of what is no record.
        let mut is_control = false;
        loop {
            match self.peek()? {
                None => return Ok(Ok(Ended::Early)),
                Some(b'}') => break,
                Some(b',') => {
                    self.take(1)?;
                    continue;
                }
                Some(b'"') => {}
                Some(_) => return Ok(Ok(Ended::Broken)),
            }
            if !self.value(&mut key, LONGEST_KEY)? {
                return Ok(Ok(Ended::Early));
            }
            match self.peek()? {
                Some(b':') => self.take(1)?,
                found => return Ok(Ok(found.map_or(Ended::Early, |_| Ended::Broken))),
            }
            let name = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")).unwrap_or_default();
            let first = self.peek()?;
            let is_row = name == ROWS;
            if first == Some(b'[') && (LISTS.contains(&name) || is_row) {
                has_list = true;
                self.object = None;
                let mut ignored = |_: Element<'_>| Ok(());
                match self.list(element, is_row, if is_control { &mut ignored } else { &mut *each })? {
                    Ok(Ended::Whole) => continue,
                    other => return Ok(other),
                }
            }
            if first.is_none() || !self.value(element, LONGEST_KEY)? {
                return Ok(Ok(Ended::Early));
            }
            is_control |= name == b"messageType" && element.as_slice() == b"\"CONTROL_MESSAGE\"";
        }
        self.take(1)?;
        Ok(match self.object.take() {
            Some(object) => each(Element { bytes: &object, line: begin, is_row: false }).map(|()| Ended::Whole),
            None if has_list => Ok(Ended::Whole),
            None => Ok(Ended::TooLong),
        })
    }

    fn list<E>(&mut self, element: &mut Vec<u8>, is_row: bool, each: Each<'_, E>) -> std::io::Result<Result<Ended, E>> {
        self.take(1)?;
        loop {
            match self.peek()? {
                None => return Ok(Ok(Ended::Early)),
                Some(b']') => {
                    self.take(1)?;
                    return Ok(Ok(Ended::Whole));
                }
                Some(b',') => {
                    self.take(1)?;
                    continue;
                }
                Some(b'}' | b':') => return Ok(Ok(Ended::Broken)),
                Some(_) => {}
            }
            let line = self.line;
            if !self.value(element, self.longest)? {
                return Ok(Ok(Ended::Early));
            }
            if let Err(fault) = each(Element { bytes: element, line, is_row }) {
                return Ok(Err(fault));
            }
        }
    }

    /// What is buffered; more is read where nothing is.
    fn fill(&mut self) -> std::io::Result<&[u8]> {
        while let Err(fault) = self.text.fill_buf() {
            if fault.kind() != ErrorKind::Interrupted {
                return Err(fault);
            }
        }
        self.text.fill_buf()
    }

    /// Takes bytes that are buffered.
    fn take(&mut self, length: usize) -> std::io::Result<()> {
        let taken = self.text.fill_buf()?.get(..length).unwrap_or_default();
        self.line += taken.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.bytes += taken.len() as u64;
        let fits = self.object.as_ref().is_some_and(|object| object.len() + taken.len() <= self.longest);
        match &mut self.object {
            Some(object) if fits => object.extend_from_slice(taken),
            _ => self.object = None,
        }
        self.text.consume(length);
        Ok(())
    }

    /// The first byte that is no white space; it is not taken.
    fn peek(&mut self) -> std::io::Result<Option<u8>> {
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let white = chunk.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let found = chunk.get(white).copied();
            self.take(white)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the value that begins here; of one that is longer than `longest` nothing is kept. False where the text ends inside
    /// of it, or behind a number: there is more to come after any value here.
    fn value(&mut self, out: &mut Vec<u8>, longest: usize) -> std::io::Result<bool> {
        out.clear();
        let (mut state, mut is_kept) = (State::default(), true);
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let (taken, ended) = state.take(chunk);
            let bytes = chunk.get(..taken).unwrap_or_default();
            is_kept &= out.len() + bytes.len() <= longest;
            if is_kept {
                out.extend_from_slice(bytes);
            } else {
                out.clear();
                out.shrink_to(LONGEST_KEY);
            }
            self.take(taken)?;
            if ended {
                return Ok(true);
            }
        }
    }
}

/// Where in a value the reading is.
#[derive(Default)]
struct State {
    depth: u64,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl State {
    /// How many bytes of a chunk belong to the value, and whether it ends with them.
    fn take(&mut self, chunk: &[u8]) -> (usize, bool) {
        for (place, byte) in chunk.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return (place + 1, true);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                // What follows a number or a word ends it.
                b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if self.begun && self.depth == 0 => {
                    return (place, true);
                }
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (place + 1, true);
                    }
                }
                _ => {}
            }
            self.begun = true;
        }
        (chunk.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use proptest::prelude::*;

    /// Elements with their lines, and how the first document ended; read in pieces of some bytes.
    fn read(text: &str, piece: usize, longest: usize) -> (Vec<(String, u64)>, Ended, String) {
        let mut bytes = BufReader::with_capacity(piece, text.as_bytes());
        let mut found = Vec::new();
        let mut elements = Elements::new(&mut bytes, 1, longest);
        let ended = elements.read::<()>(&mut |element| {
            found.push((String::from_utf8_lossy(element.bytes).into_owned(), element.line));
            Ok(())
        });
        let read = elements.bytes;
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut bytes, &mut rest).expect("text");
        assert_eq!(read, (text.len() - rest.len()) as u64);
        (found, ended.expect("read").expect("no fault"), rest)
    }

    fn elements(text: &str) -> Vec<String> {
        read(text, 7, 100).0.into_iter().map(|(element, _)| element).collect()
    }

    #[test]
    fn lists_are_taken_apart_wherever_they_stand() {
        assert_eq!(
            elements("[{\"a\": [1, \"]\"]}, 2 ,\"x\\\"y\",null]"),
            ["{\"a\": [1, \"]\"]}", "2", "\"x\\\"y\"", "null"]
        );
        let cli =
            "{\n  \"searched\": [{\"a\": 1}],\n  \"events\": [\n    {\"m\": \"1\"},\n    {\"m\": \"2\"}\n  ]\n}\nrest";
        let (found, ended, rest) = read(cli, 5, 100);
        assert_eq!(found, [("{\"m\": \"1\"}".to_owned(), 4), ("{\"m\": \"2\"}".to_owned(), 5)]);
        assert_eq!((ended, rest.as_str()), (Ended::Whole, "\nrest"));
        assert_eq!(elements("{\"results\": [[{\"field\": 1}], []]}"), ["[{\"field\": 1}]", "[]"]);
        assert!(elements("{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"a\":1}]}").is_empty());
    }

    #[test]
    fn what_is_no_list_or_breaks_off_is_told() {
        for (text, expected) in [
            ("{\"a\": {\"events\": [1]}}", Ended::Whole),
            ("{}", Ended::Whole),
            ("{\"a\": \"a text that is longer than an element may be\"}", Ended::TooLong),
            ("", Ended::Early),
            ("[1, {\"a\":", Ended::Early),
            ("[\"a", Ended::Early),
            ("{\"events\": [1", Ended::Early),
            ("{\"events\"", Ended::Early),
            ("{1}", Ended::Broken),
            ("{\"events\" 1}", Ended::Broken),
            ("[1}", Ended::Broken),
            ("x", Ended::Broken),
        ] {
            assert_eq!(read(text, 3, 40).1, expected, "{text}");
        }
    }

    #[test]
    fn an_object_without_a_list_is_an_element() {
        let (found, ended, rest) = read("\n {\"a\": {\"events\": [1]}\n}\n{}", 3, 100);
        assert_eq!(found, [("{\"a\": {\"events\": [1]}\n}".to_owned(), 2)]);
        assert_eq!((ended, rest.as_str()), (Ended::Whole, "\n{}"));
    }

    #[test]
    fn one_that_is_too_long_is_empty() {
        let text = format!("[1, \"{}\", 2]", "x".repeat(200));
        assert_eq!(elements(&text), ["1", "", "2"]);
    }

    proptest! {
        #[test]
        fn elements_are_those_of_a_parser(
            items in proptest::collection::vec("[a-z\\[\\]{}\",:\\\\ \n]{0,12}", 0..8),
            piece in 1usize..20,
        ) {
            let values: Vec<serde_json::Value> =
                items.iter().map(|item| serde_json::json!({"message": item, "list": [item, 1.5, null]})).collect();
            let document = serde_json::json!({"a": items, "events": values, "b": {"c": items}});
            let expected: Vec<String> = values.iter().map(ToString::to_string).collect();
            let (found, ended, _) = read(&document.to_string(), piece, 1000);
            prop_assert_eq!(ended, Ended::Whole);
            prop_assert_eq!(found.into_iter().map(|(element, _)| element).collect::<Vec<_>>(), expected);
            let (found, ..) = read(&format!("{document:#}"), piece, 1000);
            let again: Vec<serde_json::Value> =
                found.iter().map(|(element, _)| serde_json::from_str(element).expect("JSON")).collect();
            prop_assert_eq!(again, values);
        }
    }
}
