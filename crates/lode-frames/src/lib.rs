//! Parquet files to row batches and back. The only crate that names polars; no polars type leaves it.
//!
//! It must not know what the rows mean: no billing, no telemetry, no prices. Cells leave it exactly as the file
//! holds them: decimals as text, timestamps of any unit as microseconds, maps as pairs of text.

mod bounds;
mod cells;
mod chunks;
mod error;
mod pick;
mod read;
mod write;

pub use error::FramesError;
pub use pick::Pick;
pub use read::ParquetFile;
pub use write::write;
