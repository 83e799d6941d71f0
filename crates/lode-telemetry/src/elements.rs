//! JSON documents that may be too large to hold, one after the other, each as far as possible whole: what the AWS CLI makes of all
//! pages of a log group, or many records over many lines.
//!
//! A document that can be held is handed over as it is. One that cannot is taken apart where it is a list, or an object with a list
//! under a key of CloudWatch's, as deep as wrappers go. This room knows where values begin and end and nothing else of JSON: whoever
//! is given one says whether it is any.

use std::io::{BufRead, Cursor, Error, ErrorKind, Read};

/// Keys of the lists that hold records: subscriptions, `filter-log-events`, Logs Insights.
const LISTS: [&str; 3] = ["logEvents", "events", ROWS];
/// The key of rows.
const ROWS: &str = "results";
/// Bytes of a key that is looked at.
const LONGEST_KEY: usize = 64;
/// How deep lists and pages are taken apart: as deep as wrappers are unwrapped.
const DEEPEST: u8 = 4;

/// What is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'e> {
    /// A value, as it stands there.
    Value {
        /// Its bytes.
        bytes: &'e [u8],
        /// Whether it is a row of Logs Insights.
        is_row: bool,
    },
    /// A value that cannot be held, and holds no list.
    TooLong,
    /// Bytes that are no JSON: nothing after them can be read.
    Broken,
    /// The end, inside of a value: nothing after it can be read.
    Early,
}

/// Who is told what is found, and on which line it begins.
pub(crate) type Each<'e, E> = &'e mut dyn FnMut(Found<'_>, u64) -> Result<(), E>;

/// Why a reading ends early.
#[derive(Debug)]
pub(crate) enum Stop<E> {
    /// The text cannot be read.
    Unreadable(Error),
    /// Who is told what is found wants no more.
    Refused(E),
    /// [`Found::Broken`] or [`Found::Early`] was told.
    Over,
}

/// Values of a text, one after the other.
pub(crate) struct Elements<'a> {
    text: &'a mut dyn BufRead,
    /// The line at hand.
    line: u64,
    /// Bytes of a value that is handed over, at most.
    longest: usize,
}

/// How a value was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Whole,
    /// As far as the limit: the rest is still there.
    Part,
    Early,
}

impl<'a> Elements<'a> {
    /// Values of a text that begins on the line with the number `line`.
    pub(crate) fn new(text: &'a mut dyn BufRead, line: u64, longest: usize) -> Self {
        Self { text, line, longest }
    }

    /// Reads all values up to the end.
    ///
    /// # Errors
    /// When it ends before that.
    pub(crate) fn read<E>(&mut self, each: Each<'_, E>) -> Result<(), Stop<E>> {
        let mut held = Vec::new();
        while let Some(first) = self.peek()? {
            if matches!(first, b',' | b':' | b']' | b'}') {
                return self.broken(each);
            }
            self.element(&mut held, false, DEEPEST, each)?;
        }
        Ok(())
    }

    /// The value that begins here: handed over, or taken apart.
    fn element<E>(&mut self, held: &mut Vec<u8>, is_row: bool, depth: u8, each: Each<'_, E>) -> Result<(), Stop<E>> {
        let (line, mut state) = (self.line, State::default());
        held.clear();
        match self.value(&mut state, held)? {
            Taken::Whole => each(Found::Value { bytes: held, is_row }, line).map_err(Stop::Refused),
            Taken::Early => over(Found::Early, line, each),
            Taken::Part if depth > 0 && matches!(held.first(), Some(b'{' | b'[')) => {
                // From its beginning again, which is held, and then from where the reading is.
                let begin = std::mem::take(held);
                let is_list = begin.first() == Some(&b'[');
                let mut whole = Cursor::new(begin).chain(&mut *self.text);
                let mut inside = Elements { text: &mut whole, line, longest: self.longest };
                if is_list { inside.list(is_row, depth - 1, each) } else { inside.object(depth, each) }?;
                self.line = inside.line;
                Ok(())
            }
            Taken::Part => self.skip(&mut state, line, each),
        }
    }

    /// Passes over the rest of a value that was begun, and tells that it was too long.
    fn skip<E>(&mut self, state: &mut State, line: u64, each: Each<'_, E>) -> Result<(), Stop<E>> {
        let mut part = Vec::new();
        loop {
            part.clear();
            match self.value(state, &mut part)? {
                Taken::Whole => return each(Found::TooLong, line).map_err(Stop::Refused),
                Taken::Part => {}
                Taken::Early => return over(Found::Early, line, each),
            }
        }
    }

    fn list<E>(&mut self, is_row: bool, depth: u8, each: Each<'_, E>) -> Result<(), Stop<E>> {
        self.consume(1)?;
        let mut held = Vec::new();
        loop {
            match self.peek()? {
                Some(b']') => return Ok(self.consume(1)?),
                Some(b',') => self.consume(1)?,
                None => return self.early(each),
                Some(b'}' | b':') => return self.broken(each),
                Some(_) => self.element(&mut held, is_row, depth, each)?,
            }
        }
    }

    /// An object that cannot be held: the first list in it that can hold records.
    fn object<E>(&mut self, depth: u8, each: Each<'_, E>) -> Result<(), Stop<E>> {
        let begin = self.line;
        self.consume(1)?;
        let (mut has_list, mut is_control, mut key) = (false, false, Vec::new());
        loop {
            match self.peek()? {
                Some(b'"') => {}
                Some(b',') => {
                    self.consume(1)?;
                    continue;
                }
                Some(b'}') => break,
                None => return self.early(each),
                Some(_) => return self.broken(each),
            }
            let name = self.short(&mut key, each)?;
            match self.peek()? {
                Some(b':') => self.consume(1)?,
                None => return self.early(each),
                Some(_) => return self.broken(each),
            }
            match self.peek()? {
                Some(b'[') if !has_list && !is_control && LISTS.iter().any(|list| name.as_deref() == Some(*list)) => {
                    has_list = true;
                    self.list(name.as_deref() == Some(ROWS), depth - 1, each)?;
                }
                Some(b',' | b':' | b']' | b'}') => return self.broken(each),
                Some(_) => {
                    let value = self.short(&mut key, each)?;
                    // Control messages hold a list of what is no record.
                    let kind = name.as_deref() == Some("messageType");
                    is_control |= kind && value.as_deref() == Some("CONTROL_MESSAGE");
                }
                None => return self.early(each),
            }
        }
        self.consume(1)?;
        if has_list || is_control { Ok(()) } else { each(Found::TooLong, begin).map_err(Stop::Refused) }
    }

    /// Takes a value; what it says, where it is a short text.
    fn short<E>(&mut self, held: &mut Vec<u8>, each: Each<'_, E>) -> Result<Option<String>, Stop<E>> {
        held.clear();
        let (line, mut state) = (self.line, State::default());
        let longest = std::mem::replace(&mut self.longest, LONGEST_KEY);
        let taken = self.value(&mut state, held);
        self.longest = longest;
        match taken? {
            Taken::Whole => Ok(serde_json::from_slice(held).ok()),
            Taken::Early => self.early(each).map(|()| None),
            Taken::Part => {
                let mut nobody =
                    |found: Found<'_>, line| if found == Found::Early { each(found, line) } else { Ok(()) };
                self.skip(&mut state, line, &mut nobody).map(|()| None)
            }
        }
    }

    fn early<E>(&self, each: Each<'_, E>) -> Result<(), Stop<E>> {
        over(Found::Early, self.line, each)
    }

    fn broken<E>(&self, each: Each<'_, E>) -> Result<(), Stop<E>> {
        over(Found::Broken, self.line, each)
    }

    /// Takes bytes that are buffered.
    fn consume(&mut self, length: usize) -> Result<(), Error> {
        let taken = self.text.fill_buf()?.get(..length).unwrap_or_default();
        self.line += taken.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.text.consume(length);
        Ok(())
    }

    /// The first byte that is no white space; it is not taken.
    fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let chunk = fill(self.text)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let white = chunk.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
            let found = chunk.get(white).copied();
            self.consume(white)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the value that begins here, or goes on with one, as far as it fits.
    fn value(&mut self, state: &mut State, held: &mut Vec<u8>) -> Result<Taken, Error> {
        loop {
            let room = self.longest.saturating_sub(held.len());
            if room == 0 {
                return Ok(Taken::Part);
            }
            let chunk = fill(self.text)?;
            if chunk.is_empty() {
                // A number or a word may end with the text.
                return Ok(if state.is_bare() { Taken::Whole } else { Taken::Early });
            }
            let (taken, ended) = state.take(chunk.get(..chunk.len().min(room)).unwrap_or_default());
            held.extend_from_slice(chunk.get(..taken).unwrap_or_default());
            self.consume(taken)?;
            if ended {
                return Ok(Taken::Whole);
            }
        }
    }
}

impl<E> From<Error> for Stop<E> {
    fn from(fault: Error) -> Self {
        Self::Unreadable(fault)
    }
}

/// Tells what nothing can be read after.
fn over<E>(found: Found<'_>, line: u64, each: Each<'_, E>) -> Result<(), Stop<E>> {
    each(found, line).map_err(Stop::Refused)?;
    Err(Stop::Over)
}

/// What is buffered; more is read where nothing is.
fn fill(text: &mut dyn BufRead) -> Result<&[u8], Error> {
    while let Err(fault) = text.fill_buf() {
        if fault.kind() != ErrorKind::Interrupted {
            return Err(fault);
        }
    }
    text.fill_buf()
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
    /// Whether it is in a number or a word.
    const fn is_bare(&self) -> bool {
        self.begun && self.depth == 0 && !self.in_string
    }

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
            // What follows a number or a word ends it.
            if self.is_bare()
                && matches!(byte, b',' | b':' | b'"' | b'{' | b'[' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
            {
                return (place, true);
            }
            self.begun = true;
            match byte {
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
        }
        (chunk.len(), false)
    }
}

/// What has been read of a text and what is still to be read of it, to its end or to that of its line; it counts and says how far
/// it is.
pub(crate) struct Rest<'a> {
    begin: Cursor<Vec<u8>>,
    text: &'a mut dyn BufRead,
    /// Whether it ends before the end of a line.
    is_line: bool,
    /// Bytes taken, and breaks of lines.
    pub(crate) bytes: u64,
    pub(crate) breaks: u64,
    /// Called every so often.
    progress: &'a mut dyn FnMut(),
    next: u64,
}

/// Bytes between two reports of progress.
const BYTES_PER_REPORT: u64 = 4 * 1024 * 1024;

impl<'a> Rest<'a> {
    pub(crate) fn new(begin: Vec<u8>, text: &'a mut dyn BufRead, is_line: bool, progress: &'a mut dyn FnMut()) -> Self {
        Self { begin: Cursor::new(begin), text, is_line, bytes: 0, breaks: 0, progress, next: BYTES_PER_REPORT }
    }

    /// Whether what was read before is still at hand.
    fn has_begin(&self) -> bool {
        self.begin.position() < self.begin.get_ref().len() as u64
    }

    pub(crate) const fn is_line(&self) -> bool {
        self.is_line
    }

    /// Passes over what is left, a line's end with it; whether it was anything but white space.
    pub(crate) fn pass(&mut self) -> Result<bool, Error> {
        let mut is_something = false;
        loop {
            let chunk = fill(self)?;
            let length = chunk.len();
            if length == 0 {
                break;
            }
            is_something |= !chunk.trim_ascii().is_empty();
            self.consume(length);
        }
        if std::mem::take(&mut self.is_line) && !fill(self)?.is_empty() {
            self.consume(1);
        }
        Ok(is_something)
    }
}

impl Read for Rest<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Rest<'_> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        let chunk = if self.has_begin() { self.begin.fill_buf()? } else { self.text.fill_buf()? };
        let end = if self.is_line { memchr::memchr(b'\n', chunk) } else { None };
        Ok(end.and_then(|end| chunk.get(..end)).unwrap_or(chunk))
    }

    fn consume(&mut self, length: usize) {
        let has_begin = self.has_begin();
        let chunk = if has_begin { self.begin.fill_buf() } else { self.text.fill_buf() };
        let taken = chunk.ok().and_then(|chunk| chunk.get(..length)).unwrap_or_default();
        self.breaks += taken.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.bytes += length as u64;
        if has_begin {
            self.begin.consume(length)
        } else {
            self.text.consume(length)
        }
        if self.bytes >= self.next {
            self.next = self.bytes + BYTES_PER_REPORT;
            (self.progress)();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use proptest::prelude::*;

    /// What is found in a text, with lines; read in pieces of some bytes.
    fn read(text: &str, piece: usize, longest: usize) -> Vec<(String, u64)> {
        let mut bytes = BufReader::with_capacity(piece, text.as_bytes());
        let mut all = Vec::new();
        let read = Elements::new(&mut bytes, 1, longest).read::<()>(&mut |found, line| {
            let shown = match found {
                Found::Value { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
                other => format!("{other:?}"),
            };
            all.push((shown, line));
            Ok(())
        });
        let is_over = all.last().is_some_and(|(last, _)| matches!(last.as_str(), "Early" | "Broken"));
        assert_eq!(matches!(read, Err(Stop::Over)), is_over, "{text}");
        all
    }

    fn elements(text: &str, longest: usize) -> Vec<String> {
        read(text, 7, longest).into_iter().map(|(element, _)| element).collect()
    }

    #[test]
    fn what_can_be_held_is_whole_and_what_cannot_is_taken_apart() {
        let list = "[{\"a\": [1, \"]\"]}, 2 ,\"x\\\"y\",null]";
        assert_eq!(elements(list, 100), [list]);
        assert_eq!(elements(list, 20), ["{\"a\": [1, \"]\"]}", "2", "\"x\\\"y\"", "null"]);
        let cli =
            "{\n  \"searched\": [{\"a\": 1}],\n  \"events\": [\n    {\"m\": \"1\"},\n    {\"m\": \"2\"}\n  ]\n}\n{}";
        let found = read(cli, 5, 20);
        assert_eq!(found, [("{\"m\": \"1\"}".to_owned(), 4), ("{\"m\": \"2\"}".to_owned(), 5), ("{}".to_owned(), 8)]);
        assert_eq!(elements("{\"results\": [[{\"field\": 1}], []]}", 20), ["[{\"field\": 1}]", "[]"]);
        let pages = "[{\"events\":[\"1111111\",\"2222222\"]},{\"events\":[\"3333333\"]}]";
        assert_eq!(elements(pages, 15), ["\"1111111\"", "\"2222222\"", "\"3333333\""]);
        assert!(elements("{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"a\":1}]}", 20).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (text, expected) in [
            ("{\"a\": \"a text that is longer than an element\"} 1", &["TooLong", "1"][..]),
            ("\"a text that is longer than an element may be\"", &["TooLong"]),
            ("[1, {\"a\":", &["Early"]),
            ("[\"a", &["Early"]),
            ("{\"events\": [1, 2, 3, 4, 5, 6, 7, \"and more", &["1", "2", "3", "4", "5", "6", "7", "Early"]),
            ("{} }", &["{}", "Broken"]),
            ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10}", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "Broken"]),
            ("x 12", &["x", "12"]),
            ("", &[]),
        ] {
            assert_eq!(elements(text, 20), expected, "{text}");
        }
    }

    #[test]
    fn a_line_ends_with_itself() {
        let mut text = BufReader::with_capacity(3, "c d\n\ne".as_bytes());
        let mut reports = 0;
        let mut report = || reports += 1;
        let mut rest = Rest::new(b"a b".to_vec(), &mut text, true, &mut report);
        let mut line = String::new();
        rest.read_to_string(&mut line).expect("text");
        assert_eq!((line.as_str(), rest.pass().expect("text")), ("a bc d", false));
        assert_eq!((rest.bytes, rest.breaks), (7, 1));
        let mut after = String::new();
        text.read_to_string(&mut after).expect("text");
        assert_eq!(after, "\ne");
    }

    proptest! {
        #[test]
        fn elements_are_those_of_a_parser(
            items in proptest::collection::vec("[a-z\\[\\]{}\",:\\\\ \n]{0,12}", 3..8),
            piece in 1usize..20,
        ) {
            let values: Vec<serde_json::Value> =
                items.iter().map(|item| serde_json::json!({"message": item, "list": [item, 1.5, null]})).collect();
            let document = serde_json::json!({"a": items, "events": values, "b": {"c": items}}).to_string();
            let expected: Vec<String> = values.iter().map(ToString::to_string).collect();
            let longest = expected.iter().map(String::len).max().unwrap_or_default() + 1;
            prop_assume!(document.len() > longest);
            prop_assert_eq!(&elements(&document, longest), &expected);
            let found: Vec<String> = read(&document, piece, longest).into_iter().map(|(element, _)| element).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(elements(&document, document.len() + 1), [document]);
        }
    }
}
