//! Chores of the repository: `cargo xtask tidy`, `generate`, `new-recommender`, `score`, `bench`.
//!
//! Everything that can be wrong here is also a test, so that plain `cargo test` finds it. It must stay quick to
//! build: it never links polars.

mod bench;
mod export;
mod generate;
mod names;
mod page;
mod scaffold;
mod score;
mod tables;
mod tidy;
mod tree;

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Parser, Subcommand};

use crate::tree::Tree;

/// Chores of the Lode repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check what the compiler does not: arrows between crates, budgets, pages, paths in the docs.
    Tidy,
    /// Write the generated files: recommender pages, ranking, report schema, the example export.
    Generate {
        /// Write nothing; fail and name the files that differ.
        #[arg(long)]
        check: bool,
    },
    /// Write a new recommender crate with its scenarios, and list it.
    NewRecommender {
        /// The noun of the lever in AWS' or FinOps' words, in kebab-case, such as `prompt-routing`.
        name: String,
    },
    /// Judge `lode` on synthetic estates whose savings are known: recall, false dollars, error by lever.
    Score(score::Options),
    /// Time `lode` beside general engines on large synthetic exports.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code says it.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    let root = tree::root();
    match command {
        Command::Tidy => {
            let found = tidy::run(&root)?;
            say(&found.notes)?;
            fail("tidy", &found.problems)
        }
        Command::Generate { check: true } => {
            fail("generate --check", &generate::differences(&Tree::read(&root)?, &generate::outputs()?))
        }
        Command::Generate { check: false } => say(&generate::write(&Tree::read(&root)?, &generate::outputs()?)?),
        Command::NewRecommender { name } => say(&scaffold::new_recommender(&root, name)?),
        Command::Score(options) => {
            let judged = score::run(&root, options)?;
            say(&judged.lines)?;
            fail("score", &judged.problems)
        }
        Command::Bench(bench) => bench::run(&root, bench),
    }
}

fn say(lines: &[String]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn fail(what: &str, problems: &[String]) -> anyhow::Result<()> {
    say(problems)?;
    match problems.len() {
        0 => Ok(()),
        1 => bail!("{what}: 1 problem"),
        many => bail!("{what}: {many} problems"),
    }
}
