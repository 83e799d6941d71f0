//! The HTML page of 500 recommendations among 5,000 workloads: time to render, and size.
//!
//! What is timed is inside of the example `pages` of `lode-html`: figures, sentences and page of a plan that is made already. The
//! peer is the JSON of the same report, the form that is written without a template.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::measure;
use crate::tables::aligned;

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Plans a bill of 5,000 workloads, 500 of which have something to save, and renders the report several times, as HTML and as JSON.
Build what is measured first: cargo build --release -p lode-html --example pages";

/// How often.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// How many runs
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// The example of lode-html [default: target/release/examples/pages]
    #[arg(long, value_name = "PATH")]
    pages: Option<PathBuf>,
}

/// What a run printed.
#[derive(Debug, Deserialize)]
struct Rendered {
    workloads: usize,
    recommendations: usize,
    render_ms: f64,
    json_ms: f64,
    bytes: usize,
    json_bytes: usize,
}

/// Renders and prints.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let pages = options.pages.clone().unwrap_or_else(|| root.join("target/release/examples/pages"));
    let here = folder.path().to_string_lossy().into_owned();
    let mut lines = vec![
        ["recommendations", "workloads", "HTML ms", "MB", "JSON ms", "MB", "HTML / JSON"].map(str::to_owned).to_vec(),
    ];
    for _ in 0..options.runs {
        let (out, _) = measure::run(&pages, &[&here])?;
        let found: Rendered = serde_json::from_str(&out).context("what was printed")?;
        #[expect(clippy::cast_precision_loss, reason = "bytes of a page")]
        let megabytes = |bytes: usize| format!("{:.2}", bytes as f64 / 1e6);
        lines.push(vec![
            found.recommendations.to_string(),
            found.workloads.to_string(),
            format!("{:.0}", found.render_ms),
            megabytes(found.bytes),
            format!("{:.0}", found.json_ms),
            megabytes(found.json_bytes),
            format!("{:.2}", found.render_ms / found.json_ms),
        ]);
    }
    crate::say(&aligned(&lines, 0))
}
