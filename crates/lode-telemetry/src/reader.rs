//! The reader of logs: files in, requests out.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use lode_files::TextFile;
use lode_model::{AccountId, CallerKey, Loss, OutputForm, Rejected, Request};
use serde_json::Value;

use crate::TelemetryError;
use crate::documents::{Fault, Held, Line, documents, json_start, next_line, unwrap};
use crate::notes::Notes;
use crate::offload::Offload;
use crate::place::{Place, is_apart};
use crate::record::{Read, Reading, Refusal};
use crate::source::{self, LONGEST};

/// Lines between two reports of progress.
const LINES_PER_REPORT: u64 = 256;
/// Documents that are no records, before the first that is one, after which a file is no log.
const MOST_STRANGERS: usize = 100;

/// Logs, read.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// Requests by time, ties by id; each id once.
    pub requests: Vec<Request>,
    /// Records found, whether used or not: the requests, the duplicates, and those rejected.
    pub records: u64,
    /// Records whose request id was there already. The one with more in it is kept.
    pub duplicates: u64,
    /// Records without any token count and without an error: kept out of the requests, listed as rejected.
    pub without_counts: u64,
    /// Requests kept whose request body is neither in the record nor beside it: counts only.
    pub without_bodies: u64,
    /// Requests kept that failed.
    pub failed: u64,
    /// Records with a time before that of the record before them in the same file. Order does not matter; many of
    /// them are a sign of files that were put together.
    pub clock_steps_back: u64,
    /// Requests kept, by account.
    pub accounts: BTreeMap<AccountId, u64>,
    /// Records and files that could not be used: the first thousand, in file and line order. `row` is the line.
    pub rejected: Vec<Rejected>,
    /// How many more could not be used.
    pub rejected_more: u64,
    /// Record files read, in order; bodies beside them are not listed.
    pub files: Vec<PathBuf>,
}

/// Reads model invocation logs: gzip or plain, one record a line as delivered to S3, a pretty-printed record or
/// list, or what CloudWatch Logs wraps around records. The order of files does not matter, and the same call in two
/// of them is one request.
pub struct LogReader {
    reading: Reading,
    requests: BTreeMap<Arc<str>, Kept>,
    notes: Notes,
    records: u64,
    duplicates: u64,
    without_counts: u64,
    clock_steps_back: u64,
    files: BTreeSet<Arc<Path>>,
}

/// A request kept, and where it stands.
struct Kept {
    read: Read,
    file: Arc<Path>,
    line: u64,
}

/// The file being read.
struct Visit<'a> {
    file: &'a Arc<Path>,
    place: Place,
    offload: Offload,
    records: u64,
    last: Option<Timestamp>,
    /// Documents before the first record that are none: line and what was found.
    strangers: Vec<(u64, &'static str)>,
}

impl Visit<'_> {
    /// The error of a file that has no record and something else.
    fn not_a_log(&self) -> Option<TelemetryError> {
        let (line, found) = *self.strangers.first()?;
        Some(TelemetryError::NotALog { file: self.file.to_path_buf(), line, found })
    }
}

impl LogReader {
    /// A reader that has read nothing. A caller is named by the first of these keys that names one.
    #[must_use]
    pub fn new(caller_keys: Vec<CallerKey>) -> Self {
        Self {
            reading: Reading::new(caller_keys),
            requests: BTreeMap::new(),
            notes: Notes::default(),
            records: 0,
            duplicates: 0,
            without_counts: 0,
            clock_steps_back: 0,
            files: BTreeSet::new(),
        }
    }

    /// Reads a file. Bodies delivered apart are looked for in the `data` folder beside it; given such a body itself,
    /// or AWS' write check, this does nothing. An empty file is a log without records, and a file given twice
    /// is read once. `progress` is called with the bytes of this file read so far.
    ///
    /// # Errors
    /// When nothing of the file can be read, or it is JSON and no log. What was read before stays, and the next file
    /// can be read.
    pub fn read(&mut self, file: &Path, progress: &mut dyn FnMut(u64)) -> Result<(), TelemetryError> {
        if is_apart(file) || self.files.contains(file) {
            return Ok(());
        }
        let TextFile { mut text, count } = source::open(file)?;
        let shared: Arc<Path> = file.into();
        let mut visit = Visit {
            file: &shared,
            place: Place::of(file),
            offload: Offload::beside(file),
            records: 0,
            last: None,
            strangers: Vec::new(),
        };
        let mut buffer = Vec::new();
        let mut line = 0;
        loop {
            match next_line(&mut text, &mut buffer) {
                Ok(Line::End) => break,
                Ok(Line::TooLong) => {
                    line += 1;
                    self.reject(file, line, "a line that is too long", Loss::Row);
                }
                Ok(Line::Text) => {
                    line += 1;
                    if matches!(buffer.trim_ascii(), b"{" | b"[") && visit.records == 0 {
                        let fault = text.take(LONGEST).read_to_end(&mut buffer).err();
                        if buffer.len() as u64 > LONGEST {
                            return Err(TelemetryError::TooLong { file: file.to_path_buf(), limit: LONGEST });
                        }
                        self.take_pretty(&mut visit, &buffer, line)?;
                        if let Some(fault) = fault {
                            self.notes.add(cut_off(file, line, count.get(), &fault));
                        }
                        break;
                    }
                    self.take_line(&mut visit, buffer.trim_ascii(), line)?;
                }
                Err(source) if line == 0 => {
                    return Err(TelemetryError::Unreadable { file: file.to_path_buf(), byte: count.get(), source });
                }
                Err(fault) => {
                    self.notes.add(cut_off(file, line, count.get(), &fault));
                    break;
                }
            }
            if line % LINES_PER_REPORT == 0 {
                progress(count.get());
            }
        }
        progress(count.get());
        if let Some(fault) = visit.not_a_log() {
            return Err(fault);
        }
        self.files.insert(shared);
        Ok(())
    }

    /// What was read.
    #[must_use]
    pub fn finish(self) -> Logs {
        let (rejected, rejected_more) = self.notes.finish();
        let mut logs = Logs {
            records: self.records,
            duplicates: self.duplicates,
            without_counts: self.without_counts,
            clock_steps_back: self.clock_steps_back,
            rejected,
            rejected_more,
            files: self.files.iter().map(|file| file.to_path_buf()).collect(),
            ..Logs::default()
        };
        logs.requests.reserve(self.requests.len());
        for Kept { read: Read { request, has_input_body }, .. } in self.requests.into_values() {
            logs.without_bodies += u64::from(!has_input_body);
            logs.failed += u64::from(request.error.is_some());
            *logs.accounts.entry(request.account.clone()).or_default() += 1;
            logs.requests.push(request);
        }
        logs.requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        logs
    }

    /// A line: usually one record, or several documents without a line break between them.
    fn take_line(&mut self, visit: &mut Visit<'_>, text: &[u8], line: u64) -> Result<(), TelemetryError> {
        if text.is_empty() {
            return Ok(());
        }
        let Some(start) = json_start(text) else {
            self.reject(visit.file, line, "a line that is not JSON", Loss::Row);
            return Ok(());
        };
        let read = documents(&text[start..], |_, document| self.take(visit, document, line))?;
        if let Err(Fault { byte, what, .. }) = read {
            self.reject(visit.file, line, &format!("{what} at byte {}", start + byte), Loss::Row);
        }
        Ok(())
    }

    /// The rest of a file whose documents are spread over lines.
    fn take_pretty(&mut self, visit: &mut Visit<'_>, text: &[u8], first: u64) -> Result<(), TelemetryError> {
        let mut line = first;
        let mut at = 0;
        let read = documents(text, |start, document| {
            // A document begins after the white space that follows the one before it.
            let begin = start + text[start..].iter().take_while(|b| b.is_ascii_whitespace()).count();
            line += newlines(&text[at..begin]);
            at = begin;
            self.take(visit, document, line)
        })?;
        if let Err(fault) = read {
            let line = first + fault.line as u64 - 1;
            let found = format!("{} at byte {}", fault.what, fault.byte);
            self.reject(visit.file, line, &found, Loss::RestOfFile);
        }
        Ok(())
    }

    fn take(&mut self, visit: &mut Visit<'_>, document: Value, line: u64) -> Result<(), TelemetryError> {
        unwrap(document, &mut |held| match held {
            Held::Record(record) => {
                self.take_record(visit, &record, line);
                Ok(())
            }
            Held::Nothing(found) if visit.records == 0 => {
                visit.strangers.push((line, found));
                let is_enough = visit.strangers.len() >= MOST_STRANGERS;
                visit.not_a_log().filter(|_| is_enough).map_or(Ok(()), Err)
            }
            Held::Nothing(found) => {
                self.reject(visit.file, line, found, Loss::Row);
                Ok(())
            }
        })
    }

    fn take_record(&mut self, visit: &mut Visit<'_>, record: &Value, line: u64) {
        self.records += 1;
        visit.records += 1;
        for (line, found) in std::mem::take(&mut visit.strangers) {
            self.reject(visit.file, line, found, Loss::Row);
        }
        let (read, broken) = match self.reading.read(record, line, &visit.place, &visit.offload) {
            Ok(read) => read,
            Err(refusal) => {
                self.without_counts += u64::from(refusal == Refusal::NoCounts);
                let (column, found, expected) = refusal.words();
                self.notes.add(note(visit.file, line, Some(column), found, expected, Loss::Row));
                return;
            }
        };
        for body in broken {
            let expected = "the body of a request or an answer; its request is used with its counts only";
            self.notes.add(Rejected { row: None, ..note(&body.file, 0, None, body.found, expected, Loss::Nothing) });
        }
        self.clock_steps_back += u64::from(visit.last.is_some_and(|last| read.request.time < last));
        visit.last = Some(read.request.time);
        self.keep(Kept { read, file: Arc::clone(visit.file), line });
    }

    /// Keeps a request once: the record with more in it, of equals the first by file and line.
    fn keep(&mut self, new: Kept) {
        match self.requests.entry(Arc::clone(&new.read.request.id)) {
            Entry::Vacant(slot) => {
                slot.insert(new);
            }
            Entry::Occupied(mut slot) => {
                self.duplicates += 1;
                if new.rank() < slot.get().rank() {
                    slot.insert(new);
                }
            }
        }
    }

    fn reject(&mut self, file: &Path, line: u64, found: &str, loss: Loss) {
        let expected = "a model invocation log record, one JSON object a line";
        self.notes.add(note(file, line, None, found, expected, loss));
    }
}

impl Kept {
    /// The order in which records of one call are preferred: by how much of it they show, then by place.
    fn rank(&self) -> (Reverse<(bool, bool)>, &Path, u64) {
        let Read { request, has_input_body } = &self.read;
        (Reverse((*has_input_body, request.output_form != OutputForm::Unknown)), &self.file, self.line)
    }
}

fn newlines(text: &[u8]) -> u64 {
    text.iter().map(|b| u64::from(*b == b'\n')).sum()
}

fn note(file: &Path, line: u64, column: Option<&str>, found: &str, expected: &str, loss: Loss) -> Rejected {
    Rejected {
        file: file.to_path_buf(),
        row: Some(line),
        column: column.map(str::to_owned),
        found: found.to_owned(),
        expected: expected.to_owned(),
        kept: None,
        loss,
    }
}

/// The note for a file that ends too early.
fn cut_off(file: &Path, lines: u64, byte: u64, fault: &std::io::Error) -> Rejected {
    let found = format!("a file that cannot be read past byte {byte}: {fault}");
    let expected = format!("a whole file; the {lines} lines before are used; copy the file again");
    note(file, lines + 1, None, &found, &expected, Loss::RestOfFile)
}
