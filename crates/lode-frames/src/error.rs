//! Why a Parquet file cannot be read or written.

use std::path::PathBuf;

/// A fault with a Parquet file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FramesError {
    /// The file cannot be opened, created or written.
    #[error("{}: {source}; help: check the path and its permissions", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The operating system's words.
        source: std::io::Error,
    },
    /// Some other kind of file.
    #[error("{}: byte 0: found {found:?}, expected \"PAR1\"; help: this is no Parquet file", file.display())]
    NotParquet {
        /// The file.
        file: PathBuf,
        /// Its first bytes.
        found: String,
    },
    /// A Parquet file whose end is missing.
    #[error(
        "{}: byte {bytes} (end of file): expected \"PAR1\"; the file is cut off and its table of contents is lost; \
         help: copy the file again", file.display()
    )]
    CutOff {
        /// The file.
        file: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A Parquet file that cannot be decoded.
    #[error("{}: {reason}; help: copy or export the file again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The decoder's words.
        reason: String,
    },
    /// A column that was asked for is not there.
    #[error("{}: column {column}: found none, expected one as in the schema of the file; help: export the file again", file.display())]
    NoColumn {
        /// The file.
        file: PathBuf,
        /// The column's name.
        column: String,
    },
    /// A column of a type that has no cell form.
    #[error(
        "{}: column {column}: found type {found}, expected text, a number, a timestamp or a map of text; help: \
         export the column unchanged, or leave it out", file.display()
    )]
    ColumnType {
        /// The file.
        file: PathBuf,
        /// The column's name.
        column: String,
        /// Its type in the file.
        found: String,
    },
    /// A column of a type, or with values, that a table of Lode's own cannot hold.
    #[error(
        "{}: column {column}: found {found}, expected whole numbers, UTC timestamps in microseconds, yes or no, texts, \
         or lists of whole numbers or texts; help: give a file that Lode wrote", file.display()
    )]
    TableType {
        /// The file.
        file: PathBuf,
        /// The column's name.
        column: String,
        /// What it is in the file.
        found: String,
    },
    /// Batches or columns that do not make one table.
    #[error("{}: column {column}: found {found}, expected {expected}; help: give all parts the same columns and values of one kind", file.display())]
    Uneven {
        /// The file to be written.
        file: PathBuf,
        /// The column's name.
        column: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
}
