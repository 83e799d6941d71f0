//! Opening a text file that AWS delivered: plain or gzip by its first bytes, one member or many, streaming, and counting
//! the bytes that were read of the file itself.
//!
//! It knows no rows, no records and no user: readers say in their own words what to do about what it finds.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

const GZIP: &[u8] = &[0x1f, 0x8b];
const BUFFER: usize = 256 * 1024;

/// A container that holds files rather than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// A ZIP archive.
    Zip,
    /// Parquet.
    Parquet,
}

impl Container {
    const ALL: [(&'static [u8], Self); 2] = [(b"PK\x03\x04", Self::Zip), (b"PAR1", Self::Parquet)];

    /// What it is, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "a ZIP archive",
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
    /// A container.
    #[error("byte 0: found {}", .0.as_str())]
    Container(Container),
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
    /// When it cannot be read, its gzip is broken from the start, or it is a container.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let count = Rc::new(Cell::new(0));
        let unreadable = |source| OpenError::Unreadable { byte: count.get(), source };
        let mut counting = Counting { file: File::open(path).map_err(unreadable)?, count: Rc::clone(&count) };
        let mut head = Vec::with_capacity(4);
        counting.by_ref().take(4).read_to_end(&mut head).map_err(unreadable)?;
        if let Some((_, container)) = Container::ALL.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(OpenError::Container(*container));
        }
        let gzip = head.starts_with(GZIP);
        let whole = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(counting));
        let mut text: Box<dyn BufRead> =
            if gzip { Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))) } else { Box::new(whole) };
        // A decoder that failed may say next time that the file has ended: the first fault is the one to tell.
        skip_mark(&mut text).map_err(unreadable)?;
        Ok(Self { text, count })
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn open(bytes: &[u8]) -> Result<String, OpenError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        TextFile::open(file.path()).map(|mut opened| {
            let mut text = String::new();
            opened.text.read_to_string(&mut text).expect("text");
            text
        })
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text.as_bytes()).expect("in memory");
        packed.finish().expect("in memory")
    }

    #[test]
    fn plain_and_gzip_of_one_member_or_many_are_text_without_a_mark() {
        let members = [gzip("\u{feff}a,b\n"), gzip("1,2\n")].concat();
        assert_eq!(open("\u{feff}a,b\n1,2\n".as_bytes()).expect("plain"), "a,b\n1,2\n");
        assert_eq!(open(&members).expect("gzip"), "a,b\n1,2\n");
        assert_eq!(open(b"").expect("empty"), "");
    }

    #[test]
    fn containers_are_named() {
        for (magic, container) in Container::ALL {
            assert!(matches!(open(magic), Err(OpenError::Container(found)) if found == container));
        }
    }

    #[test]
    fn a_gzip_that_is_cut_in_its_header_is_not_an_empty_file() {
        let packed = gzip("a,b\n");
        for cut in 4..12 {
            assert!(matches!(open(&packed[..cut]), Err(OpenError::Unreadable { .. })), "cut at byte {cut}");
        }
    }
}
