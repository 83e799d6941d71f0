//! Opening a file: plain or gzip by its first bytes, one member or many, streaming, and counting the bytes that were
//! read of the file itself.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::TelemetryError;

const GZIP: &[u8] = &[0x1f, 0x8b];
const CONTAINERS: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive", "unpack it and point at the JSON inside"),
    (b"PAR1", "Parquet", "point at the delivered JSON files instead"),
];
const BUFFER: usize = 256 * 1024;
/// The longest line, body or inventory file, in bytes unpacked. Bodies over 100 KB are delivered apart, so this is far
/// more than any record; it bounds the memory that a file which is no log can take.
pub(crate) const LONGEST: u64 = 64 * 1024 * 1024;

/// A reader that counts.
struct Counting {
    file: File,
    count: Rc<Cell<u64>>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// The text of a file, unpacked, and the count of bytes read of the file.
pub(crate) struct Source {
    pub(crate) text: Box<dyn BufRead>,
    pub(crate) count: Rc<Cell<u64>>,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, TelemetryError> {
        let unreadable = |source| TelemetryError::Unreadable { file: path.to_path_buf(), byte: 0, source };
        let count = Rc::new(Cell::new(0));
        let mut counting = Counting { file: File::open(path).map_err(unreadable)?, count: Rc::clone(&count) };
        let mut head = Vec::with_capacity(4);
        counting.by_ref().take(4).read_to_end(&mut head).map_err(unreadable)?;
        for (magic, found, help) in CONTAINERS {
            if head.starts_with(magic) {
                return Err(TelemetryError::Container { file: path.to_path_buf(), found, help });
            }
        }
        let gzip = head.starts_with(GZIP);
        let whole = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(counting));
        let mut text: Box<dyn BufRead> =
            if gzip { Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))) } else { Box::new(whole) };
        // A decoder that failed may say next time that the file has ended: the first fault is the one to tell.
        skip_mark(&mut text).map_err(|source| TelemetryError::Unreadable {
            file: path.to_path_buf(),
            byte: count.get(),
            source,
        })?;
        Ok(Self { text, count })
    }

    /// The whole text of a file that is read at once.
    pub(crate) fn read_all(path: &Path) -> Result<Vec<u8>, TelemetryError> {
        let Self { text, count } = Self::open(path)?;
        let mut bytes = Vec::new();
        text.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|source| TelemetryError::Unreadable {
            file: path.to_path_buf(),
            byte: count.get(),
            source,
        })?;
        if bytes.len() as u64 > LONGEST {
            return Err(TelemetryError::TooLong { file: path.to_path_buf(), limit: LONGEST });
        }
        Ok(bytes)
    }
}

/// Skips a UTF-8 byte order mark.
fn skip_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}
