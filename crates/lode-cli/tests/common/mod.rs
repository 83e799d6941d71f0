//! Runs of the program in process: own output, own date, own width.

use std::path::{Path, PathBuf};

use clap::Parser;
use jiff::civil::date;
use lode_cli::{Args, Exit, Shell, run};
use lode_report::Look;

/// What a run printed.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// `lode` with these arguments, 5 November 2026, 100 columns, no colour.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn lode(args: &[&str]) -> Ran {
    lode_at(100, args)
}

/// The same at another width.
pub(crate) fn lode_at(width: usize, args: &[&str]) -> Ran {
    let args = Args::try_parse_from(["lode"].iter().chain(args)).expect("valid arguments");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(
        &args,
        &mut Shell {
            out: &mut out,
            err: &mut err,
            draws: false,
            look: Look { width, colour: false },
            today: date(2026, 11, 5),
        },
    );
    Ran { exit, out: utf8(out), err: utf8(err) }
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

/// A path below the root of the repository.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The day-one export.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn day_one() -> String {
    root("testdata/exports/day-one").display().to_string()
}

/// Output without the place of the repository.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn placeless(text: &str) -> String {
    text.replace(&day_one(), "DAY_ONE")
}
