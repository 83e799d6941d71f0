//! Records on their way: they are made by several threads in the order of the log files and written in the order of time, and
//! a job may be larger than memory. So they lie in one hidden file of the export's own folder in between.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, PoisonError};

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lying {
    begin: u64,
    /// Its bytes.
    pub(crate) bytes: u64,
}

/// Records, added by any thread.
pub(crate) struct Spool(Mutex<(BufWriter<File>, u64)>);

impl Spool {
    pub(crate) fn new(file: File) -> Self {
        Self(Mutex::new((BufWriter::new(file), 0)))
    }

    /// Adds a record.
    pub(crate) fn add(&self, line: &str) -> std::io::Result<Lying> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *held;
        file.write_all(line.as_bytes())?;
        let lying = Lying { begin: *end, bytes: line.len() as u64 };
        *end += lying.bytes;
        Ok(lying)
    }

    /// All records, to be read.
    pub(crate) fn finish(self) -> std::io::Result<Spooled> {
        let (file, _) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Spooled(file.into_inner()?))
    }
}

/// Records, read in any order.
pub(crate) struct Spooled(File);

impl Spooled {
    /// Reads a record into `into`, in place of what is there.
    pub(crate) fn read(&mut self, lying: Lying, into: &mut Vec<u8>) -> std::io::Result<()> {
        into.clear();
        self.0.seek(SeekFrom::Start(lying.begin))?;
        let read = (&mut self.0).take(lying.bytes).read_to_end(into)?;
        if read as u64 == lying.bytes { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}
