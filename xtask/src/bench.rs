//! Time and memory of `lode` beside general engines that are asked the same question, as whole processes on this
//! machine. It knows command lines and printed sums; it shares no code with what it times.

mod bill;
mod data;
mod inflate;
mod measure;
mod stats;
mod sums;

use std::path::{Path, PathBuf};

use clap::Subcommand;

/// `cargo xtask bench`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Read a billing export of millions of rows: `lode bill` beside chdb, DuckDB and polars.
    Bill(bill::Options),
    /// Inflate gzip files on two threads and do nothing with them: the floor under every reader of CSV.gz.
    Inflate {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Runs it and prints as it goes.
pub(crate) fn run(root: &Path, bench: &Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Bill(options) => bill::run(root, options),
        Bench::Inflate { files } => crate::say(&[format!("{} bytes", inflate::inflate(files)?)]),
    }
}
