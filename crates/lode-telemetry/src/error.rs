//! Why a file of telemetry cannot be read at all. What can be read in part is read, and the rest is listed in
//! `Logs::rejected` instead. No message holds a word of what a file says: logs are full of other people's text.

use std::path::PathBuf;

/// A fault that stops the reading of a file. The reader can go on with other files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The file cannot be opened, or nothing could be read of it.
    #[error("{}: cannot read past byte {byte}: {source}; help: check that the file is there and was copied whole", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Bytes of the file (compressed, where it is) read before the fault.
        byte: u64,
        /// The operating system's or the decoder's words.
        source: std::io::Error,
    },
    /// A container this crate does not open.
    #[error("{}: byte 0: found {found}, expected JSON text, gzip or a ZIP archive of one file; help: {help}", file.display())]
    Container {
        /// The file.
        file: PathBuf,
        /// What it is, in words.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// JSON, and no invocation log.
    #[error(
        "{}: line {line}: found {found}, expected a model invocation log record (an object with modelId and \
         operation); help: point at the BedrockModelInvocationLogs folder that invocation logging delivers to, or at \
         the events of its CloudWatch log group", file.display()
    )]
    NotALog {
        /// The file.
        file: PathBuf,
        /// Line of the first document, counting from 1.
        line: u64,
        /// What it is, in our words.
        found: &'static str,
    },
    /// Text, and no table of demand.
    #[error(
        "{}: header: found {found}, expected a header with a time and tokens, such as {}; help: name the columns \
         so", file.display(), crate::DEMAND_COLUMNS
    )]
    NotDemand {
        /// The file.
        file: PathBuf,
        /// Its columns, in words.
        found: String,
    },
    /// Not JSON, or broken JSON, where a whole file was expected to be JSON.
    #[error(
        "{}: line {line}, byte {byte} of it: {found}, expected JSON as the AWS CLI prints it; help: list it again with \
         --output json", file.display()
    )]
    NotJson {
        /// The file.
        file: PathBuf,
        /// Line, counting from 1.
        line: usize,
        /// Byte in the line, counting from 1.
        byte: usize,
        /// What it is, in our words.
        found: &'static str,
    },
    /// A file larger than anything that this reader was made for.
    #[error("{}: found one JSON document of more than {limit} bytes unpacked, expected a smaller one; help: list in pages, or write one record a line", file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
}
