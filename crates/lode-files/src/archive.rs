//! The one file inside of a ZIP archive, streamed: legacy reports are delivered so.
//!
//! The archive's table of contents says where its bytes are; they are unpacked by the decoder that unpacks gzip.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::{BUFFER, OpenError};

/// Names of files told in a message, of those an archive holds.
const TOLD: usize = 3;

/// The file inside of an archive.
#[derive(Debug)]
pub(crate) struct Inside {
    name: String,
    packed: bool,
    /// Its first byte in the archive.
    pub(crate) start: u64,
    /// Bytes it takes there.
    length: u64,
    /// Bytes it has unpacked.
    size: u64,
    crc: u32,
}

impl Inside {
    /// Reads the table of contents.
    pub(crate) fn of(file: &File) -> Result<Self, OpenError> {
        let broken = |error| OpenError::Archive(format!("a broken or cut-off ZIP archive ({error})"));
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(broken)?;
            if entry.is_dir() {
                continue;
            }
            let inside = Self {
                name: String::from_utf8_lossy(entry.name_raw()).into_owned(),
                packed: entry.compression() == CompressionMethod::DEFLATE,
                start: entry.data_start().unwrap_or_default(),
                length: entry.compressed_size(),
                size: entry.size(),
                crc: entry.crc32(),
            };
            let readable = inside.packed || entry.compression() == CompressionMethod::STORE;
            let unread = if entry.encrypted() {
                Some("is encrypted".to_owned())
            } else {
                (!readable).then(|| format!("is packed by the method {}", entry.compression()))
            };
            files.push((inside, unread));
        }
        if files.len() > 1 {
            return Err(OpenError::Archive(several(&files)));
        }
        match files.pop() {
            None => Err(OpenError::Archive("a ZIP archive without a file".to_owned())),
            Some((inside, Some(unread))) => {
                Err(OpenError::Archive(format!("a ZIP archive whose file {} {unread}", inside.name)))
            }
            Some((inside, None)) => Ok(inside),
        }
    }

    /// Its text, from the archive that `reader` reads.
    pub(crate) fn unpack<R: Read + 'static>(self, reader: R) -> Box<dyn Read> {
        let taken = reader.take(self.length);
        if self.packed {
            let decoder = DeflateDecoder::new(BufReader::with_capacity(BUFFER, taken));
            Box::new(Checked { text: decoder, crc: Crc::new(), read: 0, inside: self })
        } else {
            Box::new(Checked { text: taken, crc: Crc::new(), read: 0, inside: self })
        }
    }
}

fn several(files: &[(Inside, Option<String>)]) -> String {
    let names: Vec<&str> = files.iter().take(TOLD).map(|(inside, _)| inside.name.as_str()).collect();
    let more = if files.len() > TOLD { ", …" } else { "" };
    format!("a ZIP archive of {} files ({}{more})", files.len(), names.join(", "))
}

/// Moves a file's position to the file inside.
pub(crate) fn seek(file: &mut File, inside: &Inside) -> Result<(), Error> {
    file.seek(SeekFrom::Start(inside.start)).map(|_| ())
}

/// Compares size and checksum at the end, as gzip decoders do: what differs was damaged on its way.
struct Checked<R> {
    text: R,
    crc: Crc,
    read: u64,
    inside: Inside,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.text.read(buffer)?;
        self.crc.update(buffer.get(..read).unwrap_or_default());
        self.read += read as u64;
        let whole = self.read == self.inside.size && self.crc.sum() == self.inside.crc;
        if read == 0 && !buffer.is_empty() && !whole {
            let found = "the text inside of the ZIP archive differs from its size or checksum";
            return Err(Error::new(ErrorKind::InvalidData, found));
        }
        Ok(read)
    }
}
