//! Opening a CSV file: plain or gzip by its first bytes, one member or many, streaming, and counting the bytes
//! that were read of the file itself.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::BillingError;

const GZIP: &[u8] = &[0x1f, 0x8b];
const CONTAINERS: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive", "unpack it and point at the CSV inside"),
    (b"PAR1", "Parquet", "give it to the Parquet reader"),
];
const BUFFER: usize = 256 * 1024;

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
    pub(crate) text: Box<dyn Read>,
    pub(crate) count: Rc<Cell<u64>>,
}

type Start = Chain<Cursor<Vec<u8>>, Counting>;

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, BillingError> {
        let unreadable = |source| BillingError::Unreadable { file: path.to_path_buf(), byte: 0, source };
        let count = Rc::new(Cell::new(0));
        let mut counting = Counting { file: File::open(path).map_err(unreadable)?, count: Rc::clone(&count) };
        let mut head = Vec::with_capacity(4);
        counting.by_ref().take(4).read_to_end(&mut head).map_err(unreadable)?;
        for (magic, found, help) in CONTAINERS {
            if head.starts_with(magic) {
                return Err(BillingError::Container { file: path.to_path_buf(), found, help });
            }
        }
        let gzip = head.starts_with(GZIP);
        let whole: BufReader<Start> = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(counting));
        let text: Box<dyn Read> = if gzip {
            let mut unpacked = BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole));
            skip_mark(&mut unpacked);
            Box::new(unpacked)
        } else {
            let mut plain = whole;
            skip_mark(&mut plain);
            Box::new(plain)
        };
        Ok(Self { text, count })
    }
}

/// Skips a UTF-8 byte order mark. A fault is met again by the next read, and reported there.
fn skip_mark(reader: &mut impl BufRead) {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if reader.fill_buf().is_ok_and(|start| start.starts_with(MARK)) {
        reader.consume(MARK.len());
    }
}
