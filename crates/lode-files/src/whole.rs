//! A file's text in memory at once, where it fits: gzip is unpacked twice as fast as a stream that way (libdeflate).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use libdeflater::{Crc, DecompressionError, Decompressor};
use memchr::memmem;

use crate::{Container, GZIP, ZIP, without_mark};

/// Bytes of each buffer that are kept from one file to the next.
const KEPT: usize = 24 * 1024 * 1024;

/// Buffers that are used for one file after the other.
pub struct Unpacker {
    packed: Vec<u8>,
    text: Vec<u8>,
    decompressor: Decompressor,
    most: usize,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").field("most", &self.most).finish_non_exhaustive()
    }
}

/// Bytes of a file, and its whole text.
#[derive(Clone, Copy, Debug)]
pub struct WholeText<'a> {
    /// The text, without byte order mark.
    pub text: &'a [u8],
    /// Bytes of the file.
    pub file_bytes: u64,
}

impl Unpacker {
    /// Buffers for texts of up to `most` bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { packed: Vec::new(), text: Vec::new(), decompressor: Decompressor::new(), most }
    }

    /// The whole text of a file, plain or gzip of one member or many. `None` where that is not the way: the text is
    /// longer than the buffers may be, the file is damaged, cannot be read or is of another form.
    /// [`TextFile`](crate::TextFile) reads it then, as far as it goes, or says what is wrong.
    pub fn whole(&mut self, path: &Path) -> Option<WholeText<'_>> {
        let mut file = File::open(path).ok()?;
        let size = usize::try_from(file.metadata().ok()?.len()).ok().filter(|size| *size <= self.most)?;
        self.packed.clear();
        self.packed.shrink_to(KEPT);
        self.text.truncate(KEPT);
        self.text.shrink_to(KEPT);
        self.packed.reserve(size + 1);
        file.by_ref().take(self.most as u64 + 1).read_to_end(&mut self.packed).ok()?;
        let other = self.packed.starts_with(Container::PARQUET) || ZIP.iter().any(|zip| self.packed.starts_with(zip));
        if other || self.packed.len() > self.most {
            return None;
        }
        let file_bytes = self.packed.len() as u64;
        if !self.packed.starts_with(GZIP) {
            return Some(WholeText { text: without_mark(&self.packed), file_bytes });
        }
        let length = self.unpack()?;
        Some(WholeText { text: without_mark(&self.text[..length]), file_bytes })
    }

    /// Unpacks all members; how long the text is.
    fn unpack(&mut self) -> Option<usize> {
        // The last four bytes of a member are its length, modulo 4 GiB: right for one member, a start for many.
        let told = self.packed.last_chunk::<4>().map_or(0, |told| u32::from_le_bytes(*told) as usize);
        self.grow(told.max(self.packed.len()).min(self.most));
        let (mut at, mut length) = (0, 0);
        while at < self.packed.len() {
            match self.decompressor.gzip_decompress(&self.packed[at..], &mut self.text[length..]) {
                Ok(new) => {
                    at = self.end_of_member(at, length, new)?;
                    length += new;
                }
                Err(DecompressionError::InsufficientSpace) if self.text.len() < self.most => {
                    self.grow((self.text.len() * 2).min(self.most));
                }
                Err(_) => return None,
            }
        }
        Some(length)
    }

    /// Where the member ends that begins at `at` and has unpacked to `new` bytes from `length` on: at the end of the
    /// file, or where another member begins. `None` where anything else follows, which the stream tells. (libdeflate's
    /// binding does not say how far it has read; but it has checked that the member ends in its checksum and length.)
    fn end_of_member(&self, at: usize, length: usize, new: usize) -> Option<usize> {
        const MEMBER: &[u8] = &[0x1f, 0x8b, 0x08];
        const SHORTEST: usize = 18;
        const TRAILER: usize = 8;
        let told = u32::try_from(new).ok()?.to_le_bytes();
        let trailers = at + SHORTEST - TRAILER;
        let lengths = trailers + TRAILER - told.len();
        let first = lengths + memmem::find(self.packed.get(lengths..)?, &told)? + told.len();
        let end = if first == self.packed.len() {
            // The length stands nowhere before: it is that of this member.
            first
        } else {
            let mut sum = Crc::new();
            sum.update(self.text.get(length..length + new)?);
            let trailer = [sum.sum().to_le_bytes(), told].concat();
            trailers + memmem::find(self.packed.get(trailers..)?, &trailer)? + TRAILER
        };
        let rest = self.packed.get(end..)?;
        (rest.is_empty() || rest.starts_with(MEMBER)).then_some(end)
    }

    fn grow(&mut self, length: usize) {
        if self.text.len() < length {
            self.text.resize(length, 0);
        }
    }
}
