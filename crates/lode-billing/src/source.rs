//! Opening a CSV file, with this crate's words for what cannot be opened.

use std::path::Path;

use lode_files::{Container, OpenError, TextFile};

use crate::BillingError;

const UNPACK: &str = "unpack it and point at the CSV inside";

pub(crate) fn open(path: &Path) -> Result<TextFile, BillingError> {
    TextFile::open(path).map_err(|error| match error {
        OpenError::Unreadable { byte, source } => BillingError::Unreadable { file: path.to_path_buf(), byte, source },
        OpenError::Container(container) => BillingError::Container {
            file: path.to_path_buf(),
            found: container.as_str().to_owned(),
            help: match container {
                Container::Zip => UNPACK,
                Container::Parquet => "give it to the Parquet reader",
            },
        },
        OpenError::Archive(found) => BillingError::Container { file: path.to_path_buf(), found, help: UNPACK },
    })
}
