//! Opening a JSON file, with this crate's words for what cannot be opened, and reading one whole within a limit.

use std::io::Read;
use std::path::Path;

use lode_files::{Container, OpenError, TextFile};

use crate::TelemetryError;

/// The longest line, body or inventory file, in bytes unpacked. Bodies over 100 KB are delivered apart, so this is far
/// more than any record; it bounds the memory that a file which is no log can take.
pub(crate) const LONGEST: u64 = 64 * 1024 * 1024;

const UNPACK: &str = "unpack it and point at the JSON inside";

pub(crate) fn open(path: &Path) -> Result<TextFile, TelemetryError> {
    TextFile::open(path).map_err(|error| match error {
        OpenError::Unreadable { byte, source } => TelemetryError::Unreadable { file: path.to_path_buf(), byte, source },
        OpenError::Container(container) => TelemetryError::Container {
            file: path.to_path_buf(),
            found: container.as_str().to_owned(),
            help: match container {
                Container::Zip => UNPACK,
                Container::Parquet => "point at the delivered JSON files instead",
            },
        },
        OpenError::Archive(found) => TelemetryError::Container { file: path.to_path_buf(), found, help: UNPACK },
    })
}

/// The whole text of a file that is read at once.
pub(crate) fn read_all(path: &Path) -> Result<Vec<u8>, TelemetryError> {
    let TextFile { text, count } = open(path)?;
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
