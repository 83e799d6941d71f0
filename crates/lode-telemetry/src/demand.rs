//! A table of demand: CSV with a time and the tokens asked for in it, from whatever counted them.
//!
//! Columns are found by their names, in any order; times are ISO 8601 or seconds, milli-, micro- or nanoseconds since
//! 1970, told by what stands there. Rows come in any order. A row that cannot be used is located and counted, and the
//! others are kept.

mod cells;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use lode_files::TextFile;
use lode_model::{DemandRow, Loss, Rejected};

use self::cells::{Fault, Form};
use crate::{TelemetryError, source};

/// Rows listed that could not be used; more are counted.
const LISTED: usize = 1_000;
/// Names of columns shown where none fits.
const SHOWN: usize = 6;

/// Names of each column, in small letters and without anything between them.
const TIME: &[&str] = &[
    "time",
    "timestamp",
    "minute",
    "periodstart",
    "period",
    "starttime",
    "start",
    "datetime",
    "date",
    "hour",
    "bucket",
    "bin",
    "ts",
    "timeutc",
    "timestamputc",
];
const INPUT: &[&str] = &[
    "inputtokens",
    "input",
    "inputtokencount",
    "tokensin",
    "inputtoken",
    "prompttokens",
    "prompt",
    "tokensinput",
    "intokens",
];
const OUTPUT: &[&str] = &[
    "outputtokens",
    "output",
    "outputtokencount",
    "tokensout",
    "outputtoken",
    "completiontokens",
    "completion",
    "tokensoutput",
    "outtokens",
    "generatedtokens",
];
const REQUESTS: &[&str] =
    &["requests", "requestcount", "calls", "callcount", "invocations", "invocationcount", "count"];

/// What a table of demand says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemandTable {
    /// Rows kept, as they came.
    pub rows: Vec<DemandRow>,
    /// Rows that could not be used, and files that broke off: the first thousand.
    pub rejected: Vec<Rejected>,
    /// How many more could not be used.
    pub rejected_more: u64,
}

/// Where the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    time: usize,
    input: Option<usize>,
    output: Option<usize>,
    requests: Option<usize>,
}

impl Columns {
    /// Of a header with a time and at least one count of tokens.
    fn of(header: &ByteRecord) -> Option<Self> {
        let names: Vec<String> = header.iter().map(plain).collect();
        let find = |wanted: &[&str]| wanted.iter().find_map(|name| names.iter().position(|found| found == name));
        let (input, output) = (find(INPUT), find(OUTPUT));
        let time = find(TIME).filter(|_| input.is_some() || output.is_some())?;
        Some(Self { time, input, output, requests: find(REQUESTS) })
    }
}

/// A column's name in small letters, without anything between them.
fn plain(name: &[u8]) -> String {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// What separates the cells of a header: the most frequent of comma, semicolon and tab.
fn delimiter(line: &[u8]) -> u8 {
    let count = |wanted: &u8| line.iter().filter(|byte| *byte == wanted).count();
    b",;\t".iter().copied().rev().max_by_key(count).unwrap_or(b',')
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
}

/// The first line, as far as a header may go.
fn head(text: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    /// Bytes of the longest header.
    const LONGEST: u64 = 64 * 1024;
    let mut head = Vec::new();
    text.take(LONGEST).read_until(b'\n', &mut head)?;
    Ok(head)
}

/// The cells of a header.
fn header(head: &[u8]) -> ByteRecord {
    let line = first_line(head);
    let mut reader = ReaderBuilder::new().has_headers(false).delimiter(delimiter(line)).from_reader(line);
    let mut record = ByteRecord::new();
    let _ = reader.read_byte_record(&mut record);
    record
}

/// The columns that a table is made of, as a header should name them.
pub const DEMAND_COLUMNS: &str = "time,input_tokens,output_tokens,requests";

/// Seconds since 1970 of a time as a table of demand writes it: ISO 8601, in UTC where it says nothing else, or a number
/// of seconds, milli-, micro- or nanoseconds. `None` before 2015 and after 2100, too.
#[must_use]
pub fn demand_time(text: &str) -> Option<i64> {
    cells::time(text.trim())
}

/// Reads tables of demand.
#[derive(Debug, Default)]
pub struct DemandReader {
    table: DemandTable,
}

impl DemandReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a file is a table of demand, by its header.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn recognises(file: &Path) -> Result<bool, TelemetryError> {
        let TextFile { mut text, count } = source::open(file)?;
        let head = head(&mut text).map_err(|source| unreadable(file, count.get(), source))?;
        Ok(Columns::of(&header(&head)).is_some())
    }

    /// Reads a file, plain, gzip or a ZIP archive of one.
    ///
    /// # Errors
    /// When the file cannot be opened, or its header names no time and tokens.
    pub fn read(&mut self, file: &Path) -> Result<(), TelemetryError> {
        let TextFile { mut text, count } = source::open(file)?;
        let head = head(&mut text).map_err(|source| unreadable(file, count.get(), source))?;
        let (header, delimiter) = (header(&head), delimiter(first_line(&head)));
        let columns = Columns::of(&header)
            .ok_or_else(|| TelemetryError::NotDemand { file: file.to_path_buf(), found: said(&head, &header) })?;
        let mut reader = ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(head.chain(text));
        let mut record = ByteRecord::new();
        for row in 1.. {
            match reader.read_byte_record(&mut record) {
                Ok(false) => break,
                Ok(true) => match cells::row(&record, &columns) {
                    Ok(demand) => self.table.rows.push(demand),
                    Err(fault) => self.reject(file, row, &header, &fault),
                },
                Err(error) => {
                    // Text that breaks off: what was read before stays.
                    self.table.rejected.push(Rejected {
                        file: file.to_path_buf(),
                        row: Some(row),
                        column: None,
                        found: format!("the text breaks off at byte {} ({error})", count.get()),
                        expected: "a file that can be read to its end; help: copy it again".to_owned(),
                        kept: None,
                        loss: Loss::RestOfFile,
                    });
                    break;
                }
            }
        }
        Ok(())
    }

    fn reject(&mut self, file: &Path, row: u64, header: &ByteRecord, fault: &Fault) {
        if self.table.rejected.len() >= LISTED {
            self.table.rejected_more += 1;
            return;
        }
        let expected = match fault.form {
            Form::Time => {
                "a time from 2015 to 2100, such as 2026-10-05T14:03:00Z, or seconds since 1970; help: write times in UTC or \
                 with their offset"
            }
            Form::Count => "a whole number from 0 on; help: write 0 where there was none",
            Form::Less => {
                "1,000,000,000,000 at the most; help: check what the column counts, or give a row for each hour or minute"
            }
        };
        self.table.rejected.push(Rejected {
            file: file.to_path_buf(),
            row: Some(row),
            column: header.get(fault.column).map(shown),
            found: fault.found.clone(),
            expected: expected.to_owned(),
            kept: None,
            loss: Loss::Row,
        });
    }

    /// What was read.
    #[must_use]
    pub fn finish(self) -> DemandTable {
        self.table
    }
}

fn unreadable(file: &Path, byte: u64, source: std::io::Error) -> TelemetryError {
    TelemetryError::Unreadable { file: PathBuf::from(file), byte, source }
}

/// A cell or name, short and harmless.
fn shown(text: &[u8]) -> String {
    /// Characters of a cell that are shown.
    const MOST: usize = 40;
    let text = String::from_utf8_lossy(text);
    let mut shown: String = text.trim().chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.trim().chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// The names of a header, in words.
fn said(head: &[u8], header: &ByteRecord) -> String {
    if head.is_empty() {
        return "an empty file".to_owned();
    }
    let names: Vec<String> = header.iter().map(shown).filter(|name| !name.is_empty()).take(SHOWN).collect();
    match (names.is_empty(), header.len() > SHOWN) {
        (true, _) => "no header".to_owned(),
        (false, more) => format!("columns {}{}", names.join(", "), if more { ", …" } else { "" }),
    }
}
