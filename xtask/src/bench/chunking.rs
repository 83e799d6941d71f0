//! Documents cut in twenty configurations, with peak memory; and one configuration of them beside LangChain.
//!
//! What is timed is the example `sweep` of `lode-chunking`, which reads files and sweeps as `lode whatif chunking` does, without
//! the rest of the command. Nothing else of it is known here but its counts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Deserialize;

use super::capacity::mix;
use super::measure::{self, Cost};
use crate::tables::aligned;

/// What is asked and shown; part of `--help`.
const ABOUT: &str = "\
Writes documents of made-up sentences from a seed into a temporary folder, then cuts them in twenty configurations on two threads:
whole processes, with peak memory. Beside it, on one thread each, the recursive strategy with lengths in characters by the
same program and by LangChain's RecursiveCharacterTextSplitter: chunks and their characters must be equal.
Build what is measured first: cargo build --release -p lode-chunking --example sweep
Peer: python3 -m venv DIR && DIR/bin/pip install langchain-text-splitters, then --python DIR/bin/python.";

/// What to cut.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(crate) struct Options {
    /// Tokens of all documents, about
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(10_000..=1_000_000_000))]
    tokens: u64,
    /// Another seed, other documents
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The example of lode-chunking [default: target/release/examples/sweep]
    #[arg(long, value_name = "PATH")]
    sweep: Option<PathBuf>,
    /// Python with langchain-text-splitters
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Without the peer
    #[arg(long)]
    alone: bool,
}

/// The script of the peer.
const SCRIPT: &str = "xtask/bench/chunking.py";
/// Tokens of a document, about.
const DOCUMENT: u64 = 5_000;
/// Characters of a chunk, and per cent of them repeated, of the comparison.
const SIZE: u64 = 1_200;
const PERCENT: u64 = 10;
/// Words that are one token each after a space, mostly.
const WORDS: &str = "the of and to in is for that with as on by be are this from or an which can at it not have more other \
    also when its between one was than will each has these all if were their such only use into used after other during most \
    number system order time price part service customer data account result month report value model request answer document";

/// What a run printed.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Counts {
    #[serde(default)]
    tokens: u64,
    chunks: u64,
    #[serde(default)]
    characters: u64,
    #[serde(default)]
    version: String,
}

/// Cuts and prints.
pub(super) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut bytes = 0;
    for number in 0..options.tokens.div_ceil(DOCUMENT) {
        let text = document(options.seed, number);
        bytes += text.len();
        std::fs::write(folder.path().join(format!("{number:06}.txt")), text)?;
    }
    let sweep = options.sweep.clone().unwrap_or_else(|| root.join("target/release/examples/sweep"));
    let here = folder.path().to_string_lossy().into_owned();
    let (size, percent) = (SIZE.to_string(), PERCENT.to_string());
    let (all, cost) = counts(&sweep, &[&here])?;
    crate::say(&[format!("{} MiB of documents, {} tokens of cl100k_base", bytes >> 20, all.tokens)])?;
    let mut lines = vec![["", "s", "CPU s", "peak MiB", "chunks"].map(str::to_owned).to_vec()];
    lines.push(line("twenty configurations, two threads", &cost, &all));
    let (ours, cost) = counts(&sweep, &[&here, &size, &percent])?;
    lines.push(line("recursive by characters, one thread", &cost, &ours));
    if !options.alone {
        let overlap = (SIZE * PERCENT / 100).to_string();
        let script = root.join(SCRIPT).to_string_lossy().into_owned();
        let (theirs, cost) = counts(&options.python, &[&script, &here, &size, &overlap])
            .context("the peer takes a Python with langchain-text-splitters: --python PATH, or --alone")?;
        let same = (ours.chunks, ours.characters) == (theirs.chunks, theirs.characters);
        ensure!(same, "LangChain found {theirs:?} instead of {ours:?}");
        lines.push(line(&format!("LangChain {}, the same", theirs.version), &cost, &theirs));
    }
    crate::say(&aligned(&lines, 1))
}

fn counts(program: &Path, arguments: &[&str]) -> anyhow::Result<(Counts, Cost)> {
    let (out, cost) = measure::run(program, arguments)?;
    Ok((serde_json::from_str(&out).context("what was printed")?, cost))
}

fn line(name: &str, cost: &Cost, counts: &Counts) -> Vec<String> {
    let Cost { wall, cpu, peak } = cost;
    vec![name.to_owned(), format!("{wall:.2}"), format!("{cpu:.2}"), format!("{peak:.0}"), counts.chunks.to_string()]
}

/// Sentences of words, in paragraphs; one word in ten is made up of syllables.
fn document(seed: u64, number: u64) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut drawn = mix(seed ^ (number << 24));
    let mut below = |bound: u64| {
        drawn = mix(drawn);
        usize::try_from(drawn % bound.max(1)).unwrap_or_default()
    };
    let mut text = String::new();
    let mut tokens = 0;
    while tokens < DOCUMENT {
        let length = 6 + below(20);
        for place in 0..length {
            let space = if place == 0 { "" } else { " " };
            if below(10) == 0 {
                let _ = write!(text, "{space}{}{}{}", words[below(20)], words[20 + below(20)], below(1_000));
                tokens += 4;
            } else {
                let _ = write!(text, "{space}{}", words[below(words.len() as u64)]);
                tokens += 1;
            }
        }
        text.push_str(if below(6) == 0 { ".\n\n" } else { ". " });
        tokens += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_the_same_in_every_run_and_differ_by_number() {
        assert_eq!(document(1, 7), document(1, 7));
        assert_ne!(document(1, 7), document(1, 8));
        assert_ne!(document(1, 7), document(2, 7));
        let text = document(1, 7);
        assert!(text.contains("\n\n") && text.split_whitespace().count() > 3_000, "{}", text.len());
    }
}
