//! The rows of CSV text that may be Bedrock's, found without parsing the others.
//!
//! In a bill of millions of rows a few in a hundred are Bedrock's. This module searches the text for the words that
//! every such row holds ([`Needles`]), and gives only the rows around them to the CSV parser; the others are counted.
//! It must agree with the parser on what a row is: row ends inside of quotes, and quotes that stand where no CSV
//! writer puts them, send the rest of the text through the parser, row by row.
//!
//! It knows no columns and no meaning of a row: it may hand over rows that are not Bedrock's, and never keeps back
//! one that is.

use std::collections::BTreeSet;
use std::io::{BufRead, Cursor, Error, ErrorKind, Read};

use aho_corasick::{AhoCorasick, MatchKind, Span, packed};
use csv::ByteRecord;
use memchr::{memchr, memchr3, memrchr};

use crate::tables::{OPENSEARCH_SERVERLESS, PRODUCT_CODES};

/// The longest row, in bytes: thousands of times a real one. It bounds the memory that an unclosed quote can take.
const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// Rows handed over whatever they hold, so that the caller sees the dates and periods of a file without Bedrock.
#[derive(Clone, Copy, Debug)]
struct Sampling {
    /// All of the first rows.
    head: u64,
    /// Then every row whose number is a multiple of this.
    every: u64,
}

const SAMPLING: Sampling = Sampling { head: 4_096, every: 64 };

impl Sampling {
    const fn takes(self, row: u64) -> bool {
        row <= self.head || row.is_multiple_of(self.every)
    }
}

/// A row handed over.
#[derive(Debug)]
pub(crate) struct Picked<'a> {
    /// Its number; 1 is the first after the header. Empty lines are no rows.
    pub(crate) number: u64,
    /// Its cells.
    pub(crate) record: &'a ByteRecord,
}

/// What a scan went through.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// All whole rows, handed over or not.
    pub(crate) rows: u64,
    /// Why the text ended early, if it did: the rows before are whole. `InvalidData` where a row does not end.
    pub(crate) fault: Option<Error>,
}

/// Takes a row, or says why to stop.
pub(crate) type Each<'a, E> = dyn FnMut(Picked<'_>) -> Result<(), E> + 'a;

/// Reads the first row that is not empty (line breaks in quotes are part of it), and not a byte past it; `None` where there is none.
pub(crate) fn header(text: &mut dyn BufRead) -> Result<Option<ByteRecord>, Error> {
    let mut record = ByteRecord::new();
    // A parser that buffers one byte takes no more than the row.
    let mut csv = parser().buffer_capacity(1).from_reader(Read::take(text, LONGEST_ROW as u64));
    Ok(csv.read_byte_record(&mut record).map_err(into_io)?.then_some(record))
}

/// Streams the rows of CSV text whose header was read, and hands over every row that holds a needle, the first
/// 4,096, and every 64th of the others.
pub(crate) fn scan<E>(text: &mut dyn BufRead, needles: &Needles, each: &mut Each<'_, E>) -> Result<Scanned, E> {
    Scan { needles, sampling: SAMPLING, each, rows: 0, line: LineParser::new() }.run(text)
}

/// Hands over every row, by the parser alone: what [`scan`] must agree with.
#[cfg(test)]
pub(crate) fn every_row<E>(text: &mut dyn BufRead, each: &mut Each<'_, E>) -> Result<Scanned, E> {
    let needles = Needles { list: Vec::new(), finder: Finder::Everywhere };
    let sampling = Sampling { head: u64::MAX, every: 1 };
    Scan { needles: &needles, sampling, each, rows: 0, line: LineParser::new() }.in_full(Vec::new(), text)
}

struct Scan<'a, 'b, E> {
    needles: &'a Needles,
    sampling: Sampling,
    each: &'a mut Each<'b, E>,
    rows: u64,
    line: LineParser,
}

impl<E> Scan<'_, '_, E> {
    fn run(mut self, text: &mut dyn BufRead) -> Result<Scanned, E> {
        // The begin of a row whose end is in a later window.
        let mut begun: Vec<u8> = Vec::new();
        loop {
            let window = match text.fill_buf() {
                Ok([]) => break,
                Ok(window) => window,
                Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
                Err(fault) => return Ok(Scanned { rows: self.rows, fault: Some(fault) }),
            };
            if begun.is_empty() {
                let (length, whole) = (window.len(), memrchr(b'\n', window).map_or(0, |at| at + 1));
                let taken = self.rows_of(&window[..whole])?;
                if taken < whole {
                    text.consume(taken);
                    return self.in_full(begun, text);
                }
                begun.extend_from_slice(&window[whole..]);
                text.consume(length);
                continue;
            }
            let (length, ended) = memchr(b'\n', window).map_or((window.len(), false), |at| (at + 1, true));
            begun.extend_from_slice(&window[..length]);
            text.consume(length);
            let taken = if ended { self.rows_of(&begun)? } else { 0 };
            if (ended && taken < begun.len()) || begun.len() > LONGEST_ROW {
                begun.drain(..taken);
                return self.in_full(begun, text);
            }
            if ended {
                begun.clear();
            }
        }
        let taken = self.rows_of(&begun)?;
        if taken < begun.len() {
            begun.drain(..taken);
            return self.in_full(begun, text);
        }
        Ok(Scanned { rows: self.rows, fault: None })
    }

    /// Goes through whole lines. Returns how many bytes it took: fewer than all where a line needs the parser.
    fn rows_of(&mut self, text: &[u8]) -> Result<usize, E> {
        let mut hit = self.needles.find(text, 0);
        let mut start = 0;
        while start < text.len() {
            let Some((end, next)) = end_of_row(text, start) else { return Ok(start) };
            if start < end {
                let number = self.rows + 1;
                if hit.is_some_and(|at| at < end) || self.sampling.takes(number) {
                    let Some(record) = self.line.parse(&text[start..end]) else { return Ok(start) };
                    (self.each)(Picked { number, record })?;
                }
                self.rows = number;
            }
            start = next;
            if hit.is_some_and(|at| at < next) {
                hit = self.needles.find(text, next);
            }
        }
        Ok(start)
    }

    /// Parses every row of `head` and of the text after it.
    fn in_full(self, head: Vec<u8>, text: &mut dyn BufRead) -> Result<Scanned, E> {
        let Self { needles, sampling, each, mut rows, .. } = self;
        // The empty line keeps the parser from taking a byte order mark off a row's first cell.
        let text = Cursor::new(b"\n").chain(Cursor::new(head)).chain(text);
        let guard = Guard { text, row: rows + 1, taken: 0, end: End::Ahead };
        let mut csv = parser().buffer_capacity(64 * 1024).from_reader(guard);
        let mut record = ByteRecord::new();
        let fault = loop {
            let guard = csv.get_mut();
            (guard.row, guard.taken) = (rows + 1, 0);
            match csv.read_byte_record(&mut record) {
                Ok(false) => break None,
                Ok(true) if csv.get_ref().end == End::Told => break Some(unclosed(rows + 1)),
                Ok(true) => {}
                Err(fault) => break Some(into_io(fault)),
            }
            rows += 1;
            if sampling.takes(rows) || record.iter().any(|cell| needles.find(cell, 0).is_some()) {
                each(Picked { number: rows, record: &record })?;
            }
        };
        Ok(Scanned { rows, fault })
    }
}

/// The end of the row that starts here, without and with its line break; `None` where it has a line break inside of
/// quotes, or a quote where no CSV writer puts one.
///
/// Quotes open a cell at its start and close it at its end, and stand doubled in between. As long as that holds, the
/// parser and this function agree on where cells and rows end. A row ends at a line feed, at a carriage return or at
/// both, as in the parser.
fn end_of_row(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    loop {
        let Some(found) = memchr3(b'\n', b'\r', b'"', &text[at..]) else { return Some((text.len(), text.len())) };
        let found = at + found;
        match text[found] {
            b'\n' => return Some((found, found + 1)),
            b'\r' => return Some((found, if text.get(found + 1) == Some(&b'\n') { found + 2 } else { found + 1 })),
            _ if found > start && text[found - 1] != b',' => return None,
            _ => at = end_of_quotes(text, found + 1)?,
        }
    }
}

/// Where a quoted cell ends, from its first byte.
fn end_of_quotes(text: &[u8], first: usize) -> Option<usize> {
    let mut at = first;
    loop {
        let found = at + next_mark(&text[at..])?;
        match (text[found], text.get(found + 1)) {
            (b'"', Some(b'"')) => at = found + 2,
            (b'"', None | Some(b',' | b'\n' | b'\r')) => return Some(found + 1),
            _ => return None,
        }
    }
}

/// Where the next quote or line break is. In maps of JSON quotes are nearer than `memchr3` pays off.
fn next_mark(text: &[u8]) -> Option<usize> {
    const NEAR: usize = 64;
    let (near, far) = text.split_at(text.len().min(NEAR));
    let is_mark = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'"');
    near.iter().position(is_mark).or_else(|| memchr3(b'\n', b'\r', b'"', far).map(|at| NEAR + at))
}

fn parser() -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true);
    builder
}

fn into_io(fault: csv::Error) -> Error {
    match fault.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => Error::other(format!("{other:?}")),
    }
}

fn unclosed(row: u64) -> Error {
    Error::new(ErrorKind::InvalidData, format!("row {row} opens a quote that is never closed"))
}

/// One parser for many lines: its tables are built once.
struct LineParser {
    csv: csv::Reader<Cursor<Vec<u8>>>,
    record: ByteRecord,
}

impl LineParser {
    fn new() -> Self {
        Self { csv: parser().from_reader(Cursor::default()), record: ByteRecord::new() }
    }

    /// The cells of a line without its line break; `None` where it is no whole row.
    fn parse(&mut self, line: &[u8]) -> Option<&ByteRecord> {
        let fed = self.csv.get_mut();
        fed.set_position(0);
        let bytes = fed.get_mut();
        bytes.clear();
        // See `in_full` for the first.
        bytes.push(b'\n');
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
        matches!(self.csv.read_byte_record(&mut self.record), Ok(true)).then_some(&self.record)
    }
}

/// How far a [`Guard`] is with the end of its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Ahead,
    /// A last line break was added.
    Added,
    /// The parser was told. It asks for more after the last line break only inside of quotes, or between rows.
    Told,
}

/// Text for the parser, with a limit to what one row may take of it.
struct Guard<R> {
    text: R,
    row: u64,
    /// Bytes read since the row began, or since the buffer before it was filled.
    taken: usize,
    end: End,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.taken > LONGEST_ROW {
            let (row, limit) = (self.row, LONGEST_ROW / 1024 / 1024);
            let found = format!("row {row} is longer than {limit} MiB: it opens a quote that is not closed");
            return Err(Error::new(ErrorKind::InvalidData, found));
        }
        let read = loop {
            match self.text.read(buffer) {
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.taken += read;
        match (read, self.end, buffer.first_mut()) {
            (0, End::Ahead, Some(first)) => {
                *first = b'\n';
                self.end = End::Added;
                Ok(1)
            }
            (0, _, _) => {
                self.end = End::Told;
                Ok(0)
            }
            _ => Ok(read),
        }
    }
}

/// What product codes, service and product names, and ARNs of Bedrock hold, however they are written but in one word.
const WORD: &str = "bedrock";

/// Where its rarest letters stand: hexadecimal ids never hold "edr".
const WORD_AT: usize = 1;

/// What usage types of the Marketplace begin or end with.
const MARKS: &[&str] = &["MP:", "-Units"];

/// How the operations begin that alone tell a FOCUS row of the Marketplace: as AWS writes it, and as a query may have
/// changed it. In any case it would be too much for the fast search.
const OPERATIONS: &[&str] = &["InvokeModel", "invokemodel", "INVOKEMODEL"];

/// Bytes of a needle that are searched for; the rest is compared where they are found.
const FRAGMENT: usize = 3;

/// Bytes of an extra needle that are searched for: its last, because ARNs begin alike.
const EXTRA_FRAGMENT: usize = 8;

/// The words of which every row holds one that [`classify`](crate::classify()) knows.
pub(crate) struct Needles {
    list: Vec<Needle>,
    finder: Finder,
}

struct Needle {
    text: Vec<u8>,
    any_case: bool,
    /// The fragment that is searched for.
    from: usize,
    to: usize,
}

enum Finder {
    Packed(packed::Searcher),
    General(AhoCorasick),
    /// Any place may be one: slow, and never wrong.
    Everywhere,
}

impl Needles {
    /// The built-in needles, and these texts, exactly as they stand in a cell.
    pub(crate) fn new(extra: &[&str]) -> Self {
        let mut list = vec![Needle::new(WORD, WORD_AT, FRAGMENT, true)];
        let codes = PRODUCT_CODES.iter().map(|(code, _)| code).filter(|code| !code.contains(WORD));
        let words = codes.chain(OPENSEARCH_SERVERLESS).chain(MARKS);
        list.extend(words.map(|word| Needle::new(word, rarest(word), FRAGMENT, true)));
        list.extend(OPERATIONS.iter().map(|word| Needle::new(word, rarest(OPERATIONS[0]), FRAGMENT, false)));
        for text in extra.iter().filter(|text| !text.is_empty()) {
            // In a quoted cell, quotes are doubled.
            for spelling in [(*text).to_owned(), text.replace('"', "\"\"")] {
                let from = spelling.len().saturating_sub(EXTRA_FRAGMENT);
                list.push(Needle::new(&spelling, from, EXTRA_FRAGMENT, false));
            }
        }
        let finder = Finder::of(&list);
        Self { list, finder }
    }

    /// Where the first needle is that ends past `from`: a byte of it.
    fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let found = self.finder.next(text, at)?;
            if matches!(self.finder, Finder::Everywhere) || self.list.iter().any(|needle| needle.is_at(text, found)) {
                return Some(found);
            }
            at = found + 1;
        }
    }
}

impl Needle {
    fn new(text: &str, from: usize, length: usize, any_case: bool) -> Self {
        let to = text.len().min(from + length);
        Self { text: text.as_bytes().to_vec(), any_case, from, to }
    }

    /// Whether its fragment, and all around it, stands here.
    fn is_at(&self, text: &[u8], fragment: usize) -> bool {
        let Some(start) = fragment.checked_sub(self.from) else { return false };
        let Some(there) = text.get(start..start + self.text.len()) else { return false };
        if self.any_case { there.eq_ignore_ascii_case(&self.text) } else { there == self.text }
    }

    /// Its fragment, in every case if need be.
    fn fragments(&self) -> Vec<Vec<u8>> {
        let mut all = vec![Vec::new()];
        for byte in &self.text[self.from..self.to] {
            let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
            let cases: &[u8] = match (self.any_case, cases) {
                (true, [lower, upper]) if lower != upper => &[lower, upper],
                _ => std::slice::from_ref(byte),
            };
            all = all.iter().flat_map(|begun| cases.iter().map(|case| [begun, &[*case][..]].concat())).collect();
        }
        all
    }
}

/// Where the fragment begins that fewest rows hold by chance: capitals, digits and marks are rarer than small
/// letters, most of all after them.
fn rarest(text: &str) -> usize {
    let rare = |byte: &u8| !byte.is_ascii_lowercase();
    let windows = text.as_bytes().windows(FRAGMENT).enumerate();
    windows
        .max_by_key(|(_, window)| (window.iter().filter(|byte| rare(byte)).count(), window.last().is_some_and(rare)))
        .map_or(0, |(at, _)| at)
}

impl Finder {
    fn of(list: &[Needle]) -> Self {
        let all: BTreeSet<Vec<u8>> = list.iter().flat_map(Needle::fragments).collect();
        // The packed search keeps words apart by the place of their first spelling in the list: those stand together.
        let mut words = BTreeSet::new();
        let (mut fragments, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|fragment| words.insert(fragment.to_ascii_lowercase()));
        fragments.extend(others);
        // Both find the leftmost, so that a search goes from start to start and passes none.
        if let Some(searcher) = packed::Searcher::new(&fragments) {
            return Self::Packed(searcher);
        }
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(&fragments)
            .map_or(Self::Everywhere, Self::General)
    }

    /// The start of the next fragment.
    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = Span { start: from, end: text.len() };
        match self {
            Self::Packed(searcher) => searcher.find_in(text, rest).map(|found| found.start()),
            Self::General(automaton) => {
                automaton.find(aho_corasick::Input::new(text).span(rest)).map(|found| found.start())
            }
            Self::Everywhere => (from < text.len()).then_some(from),
        }
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
