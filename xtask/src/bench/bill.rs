//! `cargo xtask bench bill`: a large export, read by `lode bill` and by general engines, round by round.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::data::{Export, Form, Size, export, files};
use super::rounds::{self, agreed, peers, text};
use super::stats::table;
use super::sums::{Sums, differences, of_lode, of_peer};
use crate::say;

const LODE: &str = "lode";
const FLOOR: &str = "inflate";
const PEERS: [&str; 3] = ["chdb", "duckdb", "polars"];

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Makes an export, wide as a real one (121 columns, 2 % of the rows Bedrock's), unless one of the same
size is there, and asks everybody for the unblended cost and the usage of Bedrock's rows by account,
usage type and day: `lode bill DIR --format json --basis unblended`, which answers more than that,
and chdb, DuckDB and polars through xtask/bench/peer.py. For CSV.gz, inflating alone is the floor.

Every engine runs as a whole process, start-up included. A round runs each once, in turns; the first
round only warms the file cache up. Shown are medians, and the median, least and greatest ratio of
the rounds. Fails when sums differ from what was made, or between engines.

Peers: python3 -m venv DIR && DIR/bin/pip install chdb duckdb polars pyarrow numpy, then
--python DIR/bin/python. Those that are not installed are left out.";

/// `cargo xtask bench bill`.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// How the export is written
    #[arg(long, value_enum, default_value = "parquet")]
    form: Form,
    /// Rows of the export [default: 20,000,000 in Parquet, 2,000,000 in CSV]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    rows: Option<u64>,
    /// Files of the export [default: 20 in Parquet, 2 in CSV]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    files: Option<u64>,
    /// Rounds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// The `lode` program to time [default: built from this repository]
    #[arg(long, value_name = "PATH")]
    lode: Option<PathBuf>,
    /// Where exports are kept [default: target/bench]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The Python that has the peers, and pyarrow and numpy to make exports with
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Instead of peers: lode on this export and on one of twice the rows in twice the files
    #[arg(long)]
    check: bool,
}

impl Options {
    fn size(&self) -> Size {
        let usual = self.form.size();
        Size { rows: self.rows.unwrap_or(usual.rows), files: self.files.unwrap_or(usual.files) }
    }
}

/// Somebody to be timed; the floor finds nothing.
type Engine = rounds::Engine<Sums>;

fn lode_engine(name: &str, program: &Path, export: &Export) -> Engine {
    // The synthetic month is October 2026; the bill is settled by then.
    let arguments = ["bill", &text(&export.data), "--format", "json", "--basis", "unblended", "--as-of", "2026-11-05"];
    Engine {
        name: name.to_owned(),
        program: program.to_path_buf(),
        arguments: arguments.map(str::to_owned).to_vec(),
        writes: None,
        answer: Some(of_lode),
    }
}

fn peer_engine(name: &str, script: &Path, options: &Options, export: &Export) -> Engine {
    let arguments = [&text(script), name, options.form.word(), &text(&export.data)];
    Engine {
        name: name.to_owned(),
        program: options.python.clone(),
        arguments: arguments.map(str::to_owned).to_vec(),
        writes: None,
        answer: Some(of_peer),
    }
}

/// Runs the benchmark, or the check of scale.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let lode = match &options.lode {
        Some(path) => std::path::absolute(path).with_context(|| path.display().to_string())?,
        None => crate::score::built(root)?,
    };
    let folder = options.dir.clone().unwrap_or_else(|| root.join("target/bench"));
    let of_size = |size: Size| export(root, &options.python, &folder, options.form, size);
    let export = of_size(options.size())?;
    if options.check {
        let twice = of_size(options.size().doubled())?;
        let engines = [lode_engine("twice", &lode, &twice), lode_engine("once", &lode, &export)];
        let (runs, sums) = rounds::rounds(&engines, options.runs, Sums::agrees)?;
        let one = |at: usize, export: &Export| differences(&export.made, &sums[at..=at]);
        agreed("sums", &[one(0, &twice)?, one(1, &export)?].concat())?;
        return say(&table(&runs));
    }
    let mut engines = vec![lode_engine(LODE, &lode, &export)];
    let script = root.join("xtask/bench/peer.py");
    let have = peers(&script, &options.python)?;
    for name in PEERS {
        if have.iter().any(|found| found == name) {
            engines.push(peer_engine(name, &script, options, &export));
        } else {
            say(&[format!("{name} is not installed in {}: left out", options.python.display())])?;
        }
    }
    if options.form == Form::Csv {
        engines.push(Engine::inflate(FLOOR, &[], &files(&export.data, ".csv.gz")?)?);
    }
    let (runs, sums) = rounds::rounds(&engines, options.runs, Sums::agrees)?;
    agreed("sums", &differences(&export.made, &sums)?)?;
    say(&[format!(
        "{} rows of Bedrock among {}, {} USD unblended: the same from {}",
        export.made.bedrock_rows,
        options.size().rows,
        export.made.unblended,
        sums.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    )])?;
    say(&table(&runs))
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    fn options(words: &[&str]) -> Result<Options, clap::Error> {
        let command = Options::augment_args(Command::new("bill"));
        Options::from_arg_matches(&command.try_get_matches_from([&["bill"], words].concat())?)
    }

    #[test]
    fn the_usual_size_depends_on_the_form() {
        let parquet = options(&[]).expect("options");
        assert_eq!((parquet.form, parquet.size()), (Form::Parquet, Size { rows: 20_000_000, files: 20 }));
        assert_eq!((parquet.runs, parquet.check, parquet.python), (5, false, PathBuf::from("python3")));
        let csv = options(&["--form", "csv", "--rows", "500"]).expect("options");
        assert_eq!(csv.size(), Size { rows: 500, files: 2 });
        assert_eq!(csv.size().doubled(), Size { rows: 1_000, files: 4 });
    }

    #[test]
    fn nothing_and_nonsense_are_refused() {
        for words in [&["--rows", "0"][..], &["--runs", "0"], &["--files", "0"], &["--form", "json"], &["--rows", "x"]]
        {
            assert!(options(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn differing_sums_fail() {
        assert!(agreed("sums", &[]).is_ok());
        assert!(agreed("sums", &["a: b".to_owned()]).is_err());
    }
}
