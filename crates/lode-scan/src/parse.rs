//! The one pass over the bytes.

use crate::blocks::Quotes;
use crate::value::{Kind, Node};
use crate::{Text, Value};

/// Objects and arrays inside of each other, at most: `serde_json`'s own limit.
pub const DEEPEST: usize = 127;

/// Values and keys of one document, at most: a bound on memory. A record of 100 KB has some thousands.
pub const MOST: usize = 4 * 1024 * 1024;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It ends inside of a value.
    EndsEarly,
    /// It is no JSON.
    Syntax,
    /// It is nested deeper than [`DEEPEST`].
    TooDeep,
    /// It is longer than 4 GiB.
    TooLong,
    /// It has more than [`MOST`] values.
    TooMany,
}

/// Where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte, counting from 0.
    pub byte: usize,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// Where the values of one JSON document begin and end. Reading another document reuses its memory.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    pub(crate) nodes: Vec<Node>,
    open: Vec<u32>,
}

impl Tape {
    /// A tape with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the document that begins at byte `from` of `text`, white space aside. Returns it and where it ends;
    /// nothing where only white space is left. What follows the document is not looked at.
    ///
    /// # Errors
    /// When what begins there is no JSON value.
    pub fn read<'a>(&'a mut self, text: &'a str, from: usize) -> Result<Option<(Value<'a>, usize)>, Fault> {
        self.nodes.clear();
        self.nodes.shrink_to(KEPT);
        self.open.clear();
        let bytes = text.as_bytes();
        let at = skip_space(bytes, from);
        if at >= bytes.len() {
            return Ok(None);
        }
        if u32::try_from(bytes.len()).is_err() {
            return Err(Fault { byte: at, kind: FaultKind::TooLong });
        }
        let end = document(bytes, at, &mut self.nodes, &mut self.open)?;
        Ok(Some((Value::new(text, &self.nodes, 0), end)))
    }

    /// Reads a text that is one document and nothing else.
    ///
    /// # Errors
    /// When it is not.
    pub fn read_all<'a>(&'a mut self, text: &'a str) -> Result<Value<'a>, Fault> {
        match self.read(text, 0)? {
            None => Err(Fault { byte: text.len(), kind: FaultKind::EndsEarly }),
            Some((value, end)) => {
                let after = skip_space(text.as_bytes(), end);
                if after < text.len() { Err(Fault { byte: after, kind: FaultKind::Syntax }) } else { Ok(value) }
            }
        }
    }
}

#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

struct Pass<'a> {
    bytes: &'a [u8],
    at: usize,
    quotes: Quotes<'a>,
    nodes: &'a mut Vec<Node>,
}

/// A document that begins at `at`; where it ends. One function, so that all of its state is in registers.
fn document(bytes: &[u8], at: usize, nodes: &mut Vec<Node>, open: &mut Vec<u32>) -> Result<usize, Fault> {
    let mut pass = Pass { bytes, at, quotes: Quotes::new(bytes, at), nodes };
    // Whether what is open innermost is an object.
    let mut in_object = false;
    loop {
        if pass.nodes.len() >= MOST {
            return Err(Fault { byte: pass.at, kind: FaultKind::TooMany });
        }
        // A value begins here.
        match pass.peek() {
            Some(b'"') => pass.string()?,
            Some(b'{') => {
                pass.open(Kind::Object, open)?;
                in_object = true;
                match pass.peek() {
                    Some(b'}') => {}
                    Some(b'"') => {
                        pass.key()?;
                        continue;
                    }
                    _ => return fault(bytes, pass.at),
                }
            }
            Some(b'[') => {
                pass.open(Kind::Array, open)?;
                in_object = false;
                if pass.peek() != Some(b']') {
                    continue;
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                let end = number(bytes, pass.at)?;
                pass.push(Kind::Number, false, pass.at, end);
                pass.at = end;
            }
            Some(b't') => pass.word(b"true", Kind::True)?,
            Some(b'f') => pass.word(b"false", Kind::False)?,
            Some(b'n') => pass.word(b"null", Kind::Null)?,
            _ => return fault(bytes, pass.at),
        }
        // A value, or the last of an object or array, ends here.
        loop {
            let Some(&holder) = open.last() else { return Ok(pass.at) };
            match pass.peek() {
                Some(b',') => {
                    pass.at += 1;
                    if in_object {
                        if pass.peek() != Some(b'"') {
                            return fault(bytes, pass.at);
                        }
                        pass.key()?;
                    }
                    break;
                }
                Some(close @ (b'}' | b']')) if in_object == (close == b'}') => {
                    pass.close(holder);
                    open.pop();
                    in_object = open.last().is_some_and(|holder| pass.nodes[*holder as usize].kind == Kind::Object);
                }
                _ => return fault(bytes, pass.at),
            }
        }
    }
}

/// What is found at a byte cannot be there, or the text is over.
#[cold]
#[inline(never)]
fn fault<T>(bytes: &[u8], byte: usize) -> Result<T, Fault> {
    let kind = if byte >= bytes.len() { FaultKind::EndsEarly } else { FaultKind::Syntax };
    Err(Fault { byte: byte.min(bytes.len()), kind })
}

impl Pass<'_> {
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        // Hardly any log has white space between its values.
        match self.bytes.get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => {
                self.at = skip_space(self.bytes, self.at);
                self.bytes.get(self.at).copied()
            }
        }
    }

    /// A node; offsets fit because the length of the text does.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Tape::read refuses texts of 4 GiB; a value has a byte at least"
    )]
    #[inline(always)]
    fn push(&mut self, kind: Kind, escaped: bool, start: usize, end: usize) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: start as u32, end: end as u32, next, kind, escaped });
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "Tape::read refuses texts of 4 GiB; a value has a byte at least"
    )]
    #[inline(always)]
    fn open(&mut self, kind: Kind, open: &mut Vec<u32>) -> Result<(), Fault> {
        if open.len() >= DEEPEST {
            return Err(Fault { byte: self.at, kind: FaultKind::TooDeep });
        }
        open.push(self.nodes.len() as u32);
        self.push(kind, false, self.at, self.at);
        self.at += 1;
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "Tape::read refuses texts of 4 GiB; a value has a byte at least"
    )]
    #[inline(always)]
    fn close(&mut self, holder: u32) {
        self.at += 1;
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[holder as usize];
        node.end = self.at as u32;
        node.next = next;
    }

    #[inline(always)]
    fn key(&mut self) -> Result<(), Fault> {
        self.string()?;
        if self.peek() != Some(b':') {
            return fault(self.bytes, self.at);
        }
        self.at += 1;
        Ok(())
    }

    /// A string; its node spans what is between the quotes.
    #[inline(always)]
    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at + 1;
        let (end, escaped) = self.quotes.next(start);
        if end >= self.bytes.len() {
            return fault(self.bytes, self.bytes.len());
        }
        self.push(Kind::Text, escaped, start, end);
        self.at = end + 1;
        Ok(())
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), Fault> {
        let start = self.at;
        for (place, byte) in word.iter().enumerate() {
            if self.bytes.get(start + place) != Some(byte) {
                return fault(self.bytes, start + place);
            }
        }
        self.at = start + word.len();
        self.push(kind, false, start, self.at);
        Ok(())
    }
}

/// Where a number ends, by JSON's grammar: no leading zeros, digits on both sides of a point, digits in an exponent.
fn number(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start + usize::from(bytes[start] == b'-');
    if bytes.get(at) == Some(&b'0') {
        at += 1;
        // `serde_json` refuses a digit after a leading zero at that digit.
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            return fault(bytes, at);
        }
    } else {
        at = digits(bytes, at)?;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        at = digits(bytes, at)?;
    }
    Ok(at)
}

fn digits(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let count = bytes.get(start..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 { fault(bytes, start) } else { Ok(start + count) }
}

/// Values that memory is kept for from one document to the next.
const KEPT: usize = 64 * 1024;

impl Tape {
    /// Unescapes and reads a text that is itself a JSON document, as wrappers of records hold it.
    ///
    /// # Errors
    /// When the text is not one document.
    pub fn read_inner<'a>(&'a mut self, text: Text<'_>, buffer: &'a mut String) -> Result<Value<'a>, Fault> {
        buffer.clear();
        text.push_to(buffer);
        self.read_all(buffer)
    }
}
