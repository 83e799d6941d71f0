//! Parquet files to rows and back. The only crate that names polars; no polars type leaves it.
//!
//! Two ways in and out. [`ParquetFile`] reads what others write (AWS' exports), any columns, cell by cell, and
//! [`write()`] makes such files: decimals are text, timestamps of any unit microseconds, maps pairs of text.
//! [`TableWriter`] and [`TableFile`] keep what Lode derives for itself: typed columns, a row group for each table,
//! small, quick to read, and the same bytes for the same tables. Any Parquet reader reads those files, too.
//!
//! It must not know what the rows mean: no billing, no telemetry, no prices.

mod bounds;
mod cells;
mod chunks;
mod decode;
mod encode;
mod error;
mod kinds;
mod pick;
mod read;
mod table_read;
mod table_write;
mod write;

pub use error::FramesError;
pub use pick::Pick;
pub use read::ParquetFile;
pub use table_read::TableFile;
pub use table_write::TableWriter;
pub use write::write;
