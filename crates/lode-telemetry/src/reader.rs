//! The reader of logs: files in, requests out.

use std::borrow::Cow;
use std::io::{BufRead as _, Read as _};
use std::path::Path;

use jiff::Timestamp;
use lode_files::{TextFile, Unpacker, WholeText};
use lode_model::{CallerKey, Loss, Rejected, Request};
use lode_scan::{FaultKind, Tape, Value};
use memchr::memchr;

use crate::TelemetryError;
use crate::documents::{Held, Line, documents, json_start, next_line, unwrap, unwrap_result};
use crate::elements::{Elements, Found, Rest, Stop};
use crate::json::{byte, words};
use crate::notes::Notes;
use crate::offload::Offload;
use crate::place::{Place, is_apart};
use crate::record::{Read, Reading, Refusal};
use crate::source::{self, LONGEST};
use crate::texts::Texts;

/// What is held at once, in bytes.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The longest text that is unpacked at once. AWS delivers a few MB an object; what is longer is read as a stream.
    whole: usize,
    /// The longest line of one that is read as a stream, and the longest file of documents over several lines.
    line: u64,
    /// The longest value of a line or file that is longer: far more than any record.
    element: usize,
}

impl Limits {
    const USUAL: Self = Self { whole: 64 * 1024 * 1024, line: LONGEST, element: 16 * 1024 * 1024 };
}

/// Bytes of the line buffer that are kept from one file to the next.
const KEPT: usize = 1024 * 1024;
/// Lines between two reports of progress.
const LINES_PER_REPORT: u64 = 256;
/// Documents that are no records, before the first that is one, after which a file is no log.
const MOST_STRANGERS: usize = 100;

/// One log file, read. It depends on nothing but the file, so that files can be read in any order, by anybody, once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFile {
    /// Records found, whether used or not.
    pub records: u64,
    /// Of them, those that were handed over as requests.
    pub requests: u64,
    /// Of them, those without any token count and without an error: not handed over, listed as rejected.
    pub without_counts: u64,
    /// Records with a time before that of the record before them. Order does not matter; many of them are a sign of
    /// files that were put together.
    pub clock_steps_back: u64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// What could not be used: the first thousand, in line order. `row` is the line.
    pub rejected: Vec<Rejected>,
    /// How many more could not be used.
    pub rejected_more: u64,
}

/// Reads model invocation logs: gzip or plain, one record a line as delivered to S3, a pretty-printed record or
/// list, or what CloudWatch Logs wraps around records. It keeps nothing of one file for the next but memory.
pub struct LogReader {
    reading: Reading,
    unpacker: Unpacker,
    tape: Tape,
    line: Vec<u8>,
    limits: Limits,
}

/// The file being read, and what comes of it.
struct Visit<'a> {
    file: &'a Path,
    place: Place,
    offload: Offload,
    last: Option<Timestamp>,
    /// Documents before the first record that are none: line and what was found.
    strangers: Vec<(u64, &'static str)>,
    found: LogFile,
    notes: Notes,
    wanted: Wanted<'a>,
}

/// What records are read for.
pub(crate) enum Wanted<'a> {
    /// Each as a request.
    Requests(&'a mut dyn FnMut(&Request)),
    /// The text of some, and nothing else.
    Texts(Texts<'a>),
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
        Self::with(caller_keys, Limits::USUAL)
    }

    fn with(caller_keys: Vec<CallerKey>, limits: Limits) -> Self {
        Self {
            reading: Reading::new(caller_keys),
            unpacker: Unpacker::new(limits.whole),
            tape: Tape::new(),
            line: Vec::new(),
            limits,
        }
    }

    /// Reads a file and hands over its requests in the order they stand. Bodies delivered apart are looked for in the
    /// `data` folder beside it; given such a body itself, or AWS' write check, this does nothing. An empty file is a
    /// log without records. `progress` is called with the bytes of this file read so far.
    ///
    /// # Errors
    /// When nothing of the file can be read, or it is JSON and no log; then nothing was handed over.
    pub fn read(
        &mut self,
        file: &Path,
        progress: &mut dyn FnMut(u64),
        each: &mut dyn FnMut(&Request),
    ) -> Result<LogFile, TelemetryError> {
        self.visit(file, progress, Wanted::Requests(each))
    }

    /// [`Self::read`], for whatever is wanted.
    pub(crate) fn visit<'a>(
        &mut self,
        file: &'a Path,
        progress: &mut dyn FnMut(u64),
        wanted: Wanted<'a>,
    ) -> Result<LogFile, TelemetryError> {
        if is_apart(file) {
            return Ok(LogFile::default());
        }
        let mut visit = Visit {
            file,
            place: Place::of(file),
            offload: Offload::beside(file),
            last: None,
            strangers: Vec::new(),
            found: LogFile::default(),
            notes: Notes::default(),
            wanted,
        };
        let Self { reading, unpacker, tape, line, limits } = self;
        let mut parser = Parser { reading, tape, limits: *limits };
        match unpacker.whole(file) {
            Some(whole) => parser.whole(&mut visit, whole, progress)?,
            None => parser.stream(&mut visit, line, progress)?,
        }
        if let Some(fault) = visit.not_a_log() {
            return Err(fault);
        }
        (visit.found.rejected, visit.found.rejected_more) = visit.notes.finish();
        Ok(visit.found)
    }
}

/// What turns text into requests.
struct Parser<'a> {
    reading: &'a mut Reading,
    tape: &'a mut Tape,
    limits: Limits,
}

/// Whether a line begins a document that is spread over lines.
fn begins_pretty(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"{" | b"[")
}

impl Parser<'_> {
    /// A text in memory.
    fn whole(
        &mut self,
        visit: &mut Visit<'_>,
        whole: WholeText<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), TelemetryError> {
        let WholeText { text, file_bytes } = whole;
        visit.found.text_bytes = text.len() as u64;
        let (mut at, mut line) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            line += 1;
            let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let taken = rest.get(..end).unwrap_or_default();
            if visit.found.records == 0 && begins_pretty(taken) {
                self.take_pretty(visit, rest, line)?;
                break;
            }
            self.take_line(visit, taken.trim_ascii(), line)?;
            at += end;
            if line % LINES_PER_REPORT == 0 {
                let share = u128::from(file_bytes) * at as u128 / text.len() as u128;
                progress(u64::try_from(share).unwrap_or(file_bytes));
            }
        }
        progress(file_bytes);
        Ok(())
    }

    /// A text too large to be in memory, or one that breaks off.
    fn stream(
        &mut self,
        visit: &mut Visit<'_>,
        buffer: &mut Vec<u8>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), TelemetryError> {
        let file = visit.file;
        let TextFile { mut text, count } = source::open(file)?;
        let longest = self.limits.line;
        let mut line = 0;
        loop {
            match next_line(&mut text, buffer, longest) {
                Ok(Line::End) => break,
                Ok(Line::TooLong) => {
                    let mut report = || progress(count.get());
                    let rest = Rest::new(std::mem::take(buffer), &mut text, true, &mut report);
                    line += 1;
                    if let (_, Some(fault)) = self.take_elements(visit, rest, line)? {
                        visit.notes.add(cut_off(file, line, count.get(), &fault));
                        break;
                    }
                }
                Ok(Line::Text) => {
                    line += 1;
                    if visit.found.records == 0 && begins_pretty(buffer) {
                        let fault = text.by_ref().take(longest).read_to_end(buffer).err();
                        if buffer.len() as u64 > longest && fault.is_none() {
                            let begin = std::mem::take(buffer);
                            let mut report = || progress(count.get());
                            let rest = Rest::new(begin, &mut text, false, &mut report);
                            if let (last, Some(fault)) = self.take_elements(visit, rest, line)? {
                                visit.notes.add(cut_off(file, last, count.get(), &fault));
                            }
                            break;
                        }
                        visit.found.text_bytes += buffer.len() as u64;
                        self.take_pretty(visit, buffer, line)?;
                        if let Some(fault) = fault {
                            visit.notes.add(cut_off(file, line, count.get(), &fault));
                        }
                        break;
                    }
                    visit.found.text_bytes += buffer.len() as u64;
                    self.take_line(visit, buffer.trim_ascii(), line)?;
                }
                Err(source) if line == 0 => {
                    return Err(TelemetryError::Unreadable { file: file.to_path_buf(), byte: count.get(), source });
                }
                Err(fault) => {
                    visit.notes.add(cut_off(file, line, count.get(), &fault));
                    break;
                }
            }
            if line % LINES_PER_REPORT == 0 {
                progress(count.get());
            }
        }
        buffer.shrink_to(KEPT);
        progress(count.get());
        Ok(())
    }

    /// A line, or the rest of a file, that is too long to be held. Returns the line at hand at the end, and the fault where it could
    /// not be read to its end.
    fn take_elements(
        &mut self,
        visit: &mut Visit<'_>,
        mut rest: Rest<'_>,
        line: u64,
    ) -> Result<(u64, Option<std::io::Error>), TelemetryError> {
        let loss = if rest.is_line() { Loss::Row } else { Loss::RestOfFile };
        // Lines of an export task have a time before their JSON.
        if let Some(time) = rest.fill_buf().ok().and_then(json_start) {
            rest.consume(time);
        }
        let Self { reading, tape, limits } = self;
        let mut elements = Elements::new(&mut rest, line, limits.element);
        let read = elements.read(&mut |found, line| match found {
            Found::Value { bytes, is_row } => {
                let text = visit.utf8(bytes, line, 0);
                match tape.read_all(&text) {
                    Ok(row) if is_row => unwrap_result(row, &mut |held| visit.take_held(reading, held, line)),
                    Ok(document) => take(reading, visit, document, line),
                    Err(fault) => {
                        visit.reject(line, &format!("{} at byte {}", words(fault), byte(fault)), Loss::Row);
                        Ok(())
                    }
                }
            }
            Found::TooLong => visit.take_held(reading, Held::Nothing("JSON that is too long for a record"), line),
            Found::Broken => {
                visit.reject(line, "a JSON error", loss);
                Ok(())
            }
            Found::Early => {
                visit.reject(line, "JSON that ends too early", loss);
                Ok(())
            }
        });
        let fault = match read {
            Ok(()) | Err(Stop::Over) => rest.pass().err(),
            Err(Stop::Unreadable(fault)) => Some(fault),
            Err(Stop::Refused(fault)) => return Err(fault),
        };
        visit.found.text_bytes += rest.bytes;
        Ok((line + rest.breaks, fault))
    }

    /// A line: usually one record, or several documents without a line break between them.
    fn take_line(&mut self, visit: &mut Visit<'_>, bytes: &[u8], line: u64) -> Result<(), TelemetryError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let Some(start) = json_start(bytes) else {
            visit.reject(line, "a line that is not JSON", Loss::Row);
            return Ok(());
        };
        let text = visit.utf8(bytes.get(start..).unwrap_or_default(), line, start);
        let Self { reading, tape, .. } = self;
        let read = documents(tape, &text, |_, document| take(reading, visit, document, line))?;
        if let Err(fault) = read {
            let place = start + byte(fault);
            visit.reject(line, &format!("{} at byte {place}", words(fault)), Loss::Row);
        }
        Ok(())
    }

    /// The rest of a file whose documents are spread over lines.
    fn take_pretty(&mut self, visit: &mut Visit<'_>, bytes: &[u8], first: u64) -> Result<(), TelemetryError> {
        let text = visit.utf8(bytes, first, 0);
        let Self { reading, tape, .. } = self;
        let (mut line, mut at) = (first, 0);
        let read = documents(tape, &text, |start, document| {
            line += newlines(&text.as_bytes()[at..start]);
            at = start;
            take(reading, visit, document, line)
        })?;
        if let Err(fault) = read {
            let before = &text.as_bytes()[..fault.byte];
            let begin = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
            let place = fault.byte - begin + usize::from(fault.kind != FaultKind::EndsEarly);
            let found = format!("{} at byte {place}", words(fault));
            visit.reject(first + newlines(before), &found, Loss::RestOfFile);
        }
        Ok(())
    }
}

fn take(reading: &mut Reading, visit: &mut Visit<'_>, document: Value<'_>, line: u64) -> Result<(), TelemetryError> {
    unwrap(document, &mut |held| visit.take_held(reading, held, line))
}

impl Visit<'_> {
    /// A line as text. Bytes that are no UTF-8 are replaced and told: the counts of the record are none the worse.
    fn utf8<'b>(&mut self, bytes: &'b [u8], line: u64, before: usize) -> Cow<'b, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(fault) => {
                let found = format!("bytes that are not UTF-8 at byte {}", before + fault.valid_up_to() + 1);
                self.reject(line, &found, Loss::Nothing);
                Cow::Owned(String::from_utf8_lossy(bytes).into_owned())
            }
        }
    }

    fn take_held(&mut self, reading: &mut Reading, held: Held<'_>, line: u64) -> Result<(), TelemetryError> {
        match held {
            Held::Record(record) => self.take_record(reading, record, line),
            Held::Nothing(found) if self.found.records == 0 => {
                self.strangers.push((line, found));
                let is_enough = self.strangers.len() >= MOST_STRANGERS;
                return self.not_a_log().filter(|_| is_enough).map_or(Ok(()), Err);
            }
            Held::Nothing(found) => self.reject(line, found, Loss::Row),
        }
        Ok(())
    }

    fn take_record(&mut self, reading: &mut Reading, record: Value<'_>, line: u64) {
        self.found.records += 1;
        for (line, found) in std::mem::take(&mut self.strangers) {
            self.reject(line, found, Loss::Row);
        }
        if let Wanted::Texts(texts) = &mut self.wanted {
            return texts.take(record, line, &self.offload);
        }
        let Read { request, broken, twice } = match reading.read(record, line, &self.place, &self.offload) {
            Ok(read) => read,
            Err(refusal) => {
                self.found.without_counts += u64::from(refusal == Refusal::NoCounts);
                let (column, found, expected) = refusal.words();
                self.notes.add(note(self.file, line, Some(column), found, expected, Loss::Row));
                return;
            }
        };
        if let Some(column) = twice {
            let expected = "each key once; the last value is used";
            self.notes.add(note(self.file, line, Some(column), "a key that stands twice", expected, Loss::Nothing));
        }
        for body in broken {
            let expected = "the body of a request or an answer; its request is used with its counts only";
            self.notes.add(Rejected { row: None, ..note(&body.file, 0, None, body.found, expected, Loss::Nothing) });
        }
        self.found.clock_steps_back += u64::from(self.last.is_some_and(|last| request.time < last));
        self.last = Some(request.time);
        self.found.requests += 1;
        if let Wanted::Requests(each) = &mut self.wanted {
            each(&request);
        }
        reading.take_back(request);
    }

    fn reject(&mut self, line: u64, found: &str, loss: Loss) {
        let expected = "a model invocation log record, one JSON object a line";
        self.notes.add(note(self.file, line, None, found, expected, loss));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of requests, rows that were rejected, and bytes.
    type Told = (Vec<String>, Vec<(Option<u64>, Loss)>, u64);

    /// What is read of a text with these limits.
    fn read(text: &str, limits: Limits) -> Told {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("log.json");
        std::fs::write(&file, text).expect("written");
        let mut ids = Vec::new();
        let read = LogReader::with(Vec::new(), limits)
            .read(&file, &mut |_| {}, &mut |request| ids.push(request.id.to_string()))
            .expect("a log");
        (ids, read.rejected.iter().map(|note| (note.row, note.loss)).collect(), read.text_bytes)
    }

    fn record(id: usize) -> serde_json::Value {
        serde_json::json!({"requestId": format!("r{id}"), "modelId": "m", "operation": "Converse",
            "timestamp": "2026-10-01T10:00:00Z", "input": {"inputTokenCount": 10}, "output": {"outputTokenCount": 2}})
    }

    /// Texts of every form, above all limits but those of a record.
    fn texts() -> Vec<String> {
        let records: Vec<serde_json::Value> = (0..9).map(record).collect();
        let message = |record: &serde_json::Value| serde_json::json!({"message": record.to_string()});
        let row = |record: &serde_json::Value| serde_json::json!([{"field": "@message", "value": record.to_string()}]);
        let messages: Vec<_> = records.iter().map(message).collect();
        let page = serde_json::json!({"events": messages, "searchedLogStreams": []});
        let documents = [
            serde_json::json!(records),
            page.clone(),
            serde_json::json!({"messageType": "DATA_MESSAGE", "logEvents": messages}),
            serde_json::json!({"results": records.iter().map(row).collect::<Vec<_>>()}),
            serde_json::json!([page, page]),
            serde_json::json!([[records], records]),
        ];
        let (before, after) = (record(10), record(11));
        let mut texts: Vec<String> = Vec::new();
        for document in documents {
            texts.push(format!("{document}\n"));
            texts.push(format!("\u{feff}{document:#}\n"));
            texts.push(format!("{document:#}").replace('\n', "\r\n"));
            texts.push(format!("{before}\n{document}{document}\n{after}\n"));
            texts.push(format!("{before}\n2026-10-01T10:00:00.000Z {document}\n{after}"));
            texts.push(format!("{document:#}\n{document:#}\n"));
            // What is broken is told on its line, and costs no other.
            texts.push(format!("{before}\n{{\"a\": \"{}\n{after}\n", "x".repeat(3000)));
            texts.push(format!("{before}\n{document} and more\n{after}\n"));
        }
        texts.push(records.iter().map(|record| format!("{record:#}\n")).collect());
        texts.push(records.iter().map(ToString::to_string).collect());
        texts.push(format!("{before}\n{}\n{}{after}", " ".repeat(3000), " ".repeat(3000)));
        texts
    }

    #[test]
    fn what_cannot_be_held_is_read_as_what_can() {
        let longest = record(10).to_string().len() * 2;
        let small = Limits { whole: 400, line: 700, element: longest };
        for text in texts() {
            let (ids, rejected, bytes) = read(&text, Limits::USUAL);
            assert!(!ids.is_empty());
            assert_eq!(read(&text, small), (ids, rejected, bytes), "{text}");
        }
    }
}
