//! What a file is, by its first bytes: never by its name alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use lode_telemetry::{JsonKind, is_delivered_log, sniff};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Parquet.
    Parquet,
    /// Text that may be CSV, plain or gzip.
    Text,
    /// JSON, plain or gzip, and what it holds.
    Json(JsonKind),
    /// Nothing in it: overwriting exports leave empty chunks behind.
    Empty,
    /// A gzip file too short to hold anything, even nothing.
    CutOff,
    /// A ZIP archive, which may hold CSV.
    Zip,
    /// Text in UTF-16: a spreadsheet's export.
    Utf16,
    /// Something else.
    Other,
}

/// Ten bytes of header and eight of trailer (RFC 1952).
const SHORTEST_GZIP: usize = 18;
/// Bytes looked at: keys of a log record have no fixed order.
const HEAD: usize = 64 * 1024;

/// Looks at the first bytes, unpacked where they are gzip. A record file in AWS' own layout is taken for what it says
/// it is: there may be a hundred thousand of them, and who reads them says so where one is something else.
pub(crate) fn of(path: &Path) -> std::io::Result<Kind> {
    if is_delivered_log(path) {
        return Ok(Kind::Json(JsonKind::Log));
    }
    let mut head = vec![0_u8; HEAD];
    let read = fill(&mut File::open(path)?, &mut head)?;
    let head = &head[..read];
    if head.is_empty() {
        return Ok(Kind::Empty);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Kind::Parquet);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Kind::Zip);
    }
    if !head.starts_with(&[0x1f, 0x8b]) {
        return Ok(text(head, path));
    }
    if head.len() < SHORTEST_GZIP {
        return Ok(Kind::CutOff);
    }
    let mut unpacked = vec![0_u8; HEAD];
    // A cut-off gzip is for the reader to report, with its byte: what comes before the cut says what it is.
    let read = fill_to_fault(&mut MultiGzDecoder::new(File::open(path)?), &mut unpacked);
    Ok(if read == 0 { Kind::Text } else { text(&unpacked[..read], path) })
}

fn text(head: &[u8], path: &Path) -> Kind {
    if let Some(kind) = sniff(head, path) {
        return Kind::Json(kind);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Kind::Utf16;
    }
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(_) if head.contains(&0) => Kind::Other,
        Some(_) => Kind::Text,
        None => Kind::Empty,
    }
}

fn fill(source: &mut impl Read, head: &mut [u8]) -> std::io::Result<usize> {
    let mut read = 0;
    while read < head.len() {
        match source.read(&mut head[read..])? {
            0 => break,
            n => read += n,
        }
    }
    Ok(read)
}

/// The same, up to the first fault.
fn fill_to_fault(source: &mut impl Read, head: &mut [u8]) -> usize {
    let mut read = 0;
    while let Ok(n @ 1..) = source.read(&mut head[read..]) {
        read += n;
    }
    read
}
