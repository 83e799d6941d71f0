//! Opening a text file that AWS delivered: plain, gzip of one member or many, or a ZIP archive of one file, told by its
//! first bytes; streaming, and counting the bytes that were read of the file itself.
//!
//! It knows no rows, no records and no user: readers say in their own words what to do about what it finds.

mod archive;
mod whole;

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use crate::archive::Inside;
pub use crate::whole::{Unpacker, WholeText};

const GZIP: &[u8] = &[0x1f, 0x8b];
/// Begins of a ZIP archive with files and of one without.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const BUFFER: usize = 256 * 1024;

/// A container that holds no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A ZIP archive, inside of another.
    Zip,
    /// Parquet.
    Parquet,
}

impl Container {
    const PARQUET: &'static [u8] = b"PAR1";

    /// What it is, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "a ZIP archive inside of a ZIP archive",
            Self::Parquet => "Parquet",
        }
    }
}

/// A file whose text cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing could be read of it.
    #[error("cannot read past byte {byte}: {source}")]
    Unreadable {
        /// Bytes of the file (compressed, where it is) read before the fault.
        byte: u64,
        /// The operating system's or the decoder's words.
        source: std::io::Error,
    },
    /// A container, or an archive of one.
    #[error("byte 0: found {}", .0.as_str())]
    Container(Container),
    /// A ZIP archive that is not of one readable file: what it is, in words, with the names of what it holds.
    #[error("byte 0: found {0}")]
    Archive(String),
}

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

/// The text of a file, unpacked and without byte order mark, and the count of bytes read of the file.
pub struct TextFile {
    /// The text.
    pub text: Box<dyn BufRead>,
    /// Bytes of the file read so far.
    pub count: Rc<Cell<u64>>,
}

impl TextFile {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, its gzip is broken from the start, or it holds no text or several.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let count = Rc::new(Cell::new(0));
        let unreadable = |source| OpenError::Unreadable { byte: count.get(), source };
        let mut counting = Counting { file: File::open(path).map_err(unreadable)?, count: Rc::clone(&count) };
        let mut head = Vec::with_capacity(4);
        counting.by_ref().take(4).read_to_end(&mut head).map_err(unreadable)?;
        let starts = |magic: &&[u8]| head.starts_with(magic);
        let mut text: Box<dyn BufRead> = if starts(&Container::PARQUET) {
            return Err(OpenError::Container(Container::Parquet));
        } else if ZIP.iter().any(starts) {
            let inside = Inside::of(&counting.file)?;
            archive::seek(&mut counting.file, &inside).map_err(unreadable)?;
            count.set(inside.start);
            let mut text = BufReader::with_capacity(BUFFER, inside.unpack(counting));
            refuse_containers(text.fill_buf().map_err(unreadable)?)?;
            Box::new(text)
        } else {
            let gzip = starts(&GZIP);
            let whole = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(counting));
            if gzip { Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))) } else { Box::new(whole) }
        };
        // A decoder that failed may say next time that the file has ended: the first fault is the one to tell.
        skip_mark(&mut text).map_err(unreadable)?;
        Ok(Self { text, count })
    }
}

/// What is inside of an archive may be no text either.
fn refuse_containers(text: &[u8]) -> Result<(), OpenError> {
    if text.starts_with(Container::PARQUET) {
        return Err(OpenError::Container(Container::Parquet));
    }
    if ZIP.iter().any(|magic| text.starts_with(magic)) {
        return Err(OpenError::Container(Container::Zip));
    }
    Ok(())
}

/// UTF-8's byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A text without its byte order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Skips a byte order mark.
fn skip_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
