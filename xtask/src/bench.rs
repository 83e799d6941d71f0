//! Time and memory of `lode` beside general engines that are asked the same question, as whole processes on this
//! machine. It knows command lines and printed sums; it shares no code with what it times. The exceptions are
//! `replay`, which has no peer, and `capacity`, whose demand is made in memory on both sides: they call the simulator.

mod bill;
mod capacity;
mod chunking;
mod data;
mod html;
mod inflate;
mod logs;
mod measure;
mod replay;
mod rounds;
mod stats;
mod sums;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Subcommand;

/// `cargo xtask bench`.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Read a billing export of millions of rows: `lode bill` beside chdb, DuckDB and polars.
    Bill(bill::Options),
    /// Read gigabytes of model invocation logs: `lode digest` beside inflating alone, chdb, DuckDB and polars.
    Logs(logs::Options),
    /// Price committed capacity over a year of minutes, on one core: `lode_sim` beside numpy.
    Capacity(capacity::Options),
    /// Cut ten million tokens of documents in twenty configurations; one of them beside LangChain.
    Chunking(chunking::Options),
    /// Render the HTML page of 500 recommendations among 5,000 workloads, beside the JSON of the same report.
    Html(html::Options),
    /// Replay prompt caches on one core: calls a second, entries held.
    Replay(replay::Options),
    /// Inflate gzip files on two threads and do nothing with them: the floor under every reader of them.
    Inflate {
        /// The files, or folders: the files below whose name ends in .gz
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Each file at once into memory, with libdeflate, instead of as a stream
        #[arg(long)]
        whole: bool,
    },
}

/// Runs it and prints as it goes.
#[expect(clippy::disallowed_methods, reason = "how long it took is the result")]
pub(crate) fn run(root: &Path, bench: &Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Bill(options) => bill::run(root, options),
        Bench::Logs(options) => logs::run(root, options),
        Bench::Capacity(options) => capacity::run(root, options),
        Bench::Chunking(options) => chunking::run(root, options),
        Bench::Html(options) => html::run(root, options),
        Bench::Replay(options) => replay::run(options),
        Bench::Inflate { files, whole } => {
            let start = Instant::now();
            let bytes = if *whole { inflate::whole(files)? } else { inflate::stream(files)? };
            crate::say(&[format!("{bytes} bytes in {:.3} s", start.elapsed().as_secs_f64())])
        }
    }
}
