//! `lode whatif chunking`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use jiff::civil::Date;
use lode_chunking::Configuration;

use super::WhatIfFormat;

/// `lode whatif chunking`.
#[derive(Debug, ClapArgs)]
pub struct ChunkingArgs {
    /// Folder of the documents that a knowledge base holds; every file of UTF-8 text below it counts, whatever its name
    #[arg(long, value_name = "DIR")]
    pub documents: PathBuf,
    /// Questions with the passages that answer them: JSON Lines, or the CSV of Chroma's evaluation of chunking
    #[arg(long, value_name = "FILE")]
    pub questions: Option<PathBuf>,
    /// What your own retrieval found for these questions in each configuration, as JSON Lines: only with it a size is
    /// recommended
    #[arg(long, value_name = "FILE", requires = "questions")]
    pub retrieved: Option<PathBuf>,
    /// Most tokens of a chunk; of a child, where there are parents
    #[arg(long, value_name = "TOKENS", value_delimiter = ',', default_values_t = [100, 200, 300, 500, 1000],
        value_parser = clap::value_parser!(u32).range(1..=8192))]
    pub sizes: Vec<u32>,
    /// Tokens repeated from one chunk to the next, in per cent of its size
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', default_values_t = [0, 10, 20],
        value_parser = clap::value_parser!(u32).range(0..=99))]
    pub overlaps: Vec<u32>,
    /// Results a query
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [3, 5, 10],
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub results: Vec<u32>,
    /// Most tokens of a parent, with --strategy hierarchical; children are of --sizes up to it
    #[arg(long, value_name = "TOKENS", value_delimiter = ',', default_values_t = [1500],
        value_parser = clap::value_parser!(u32).range(1..=8192))]
    pub parents: Vec<u32>,
    /// How documents are cut; several are compared
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [StrategyArg::Fixed, StrategyArg::Default])]
    pub strategy: Vec<StrategyArg>,
    /// How much less recall than the best a recommended configuration may have, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.02, value_parser = share)]
    pub max_recall_loss: f64,
    /// Whose input tokens pay for the context
    #[arg(long, value_name = "ID", requires = "queries")]
    pub model: Option<String>,
    /// Queries a month
    #[arg(long, value_name = "N", requires = "model", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub queries: Option<u64>,
    /// Who embeds the chunks [default: amazon.titan-embed-text-v2:0]
    #[arg(long, value_name = "ID")]
    pub embedding_model: Option<String>,
    /// Whose prices count
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: String,
    /// The recommendation of `lode report` that these results decide: the JSON beside the report's other input passes its
    /// gate with what was measured
    #[arg(long = "for", value_name = "ID", requires = "retrieved", value_parser = recommendation)]
    pub recommendation: Option<String>,
    /// The configuration in force today, as the table prints it; it must be among the results of --retrieved
    #[arg(long, value_name = "LABEL", requires = "recommendation", value_parser = label)]
    pub in_force: Option<Configuration>,
    /// Results a query today
    #[arg(long, value_name = "N", requires = "in_force", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub in_force_results: Option<u32>,
    /// Date of the answer, such as 2026-11-05 [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// End with code 3 when files or lines could not be used
    #[arg(long)]
    pub strict: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = WhatIfFormat::Table)]
    pub format: WhatIfFormat,
    /// Write to a file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Draw cost against recall (else omega) as SVG into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// How documents are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StrategyArg {
    /// So many tokens, some of them repeated (`FIXED_SIZE`)
    Fixed,
    /// About 300 tokens, sentences kept whole: what Bedrock does by itself
    Default,
    /// Children are found, their parents put into the prompt
    Hierarchical,
    /// Paragraphs, lines, words: LangChain's recursive splitter, with lengths in tokens
    Recursive,
    /// One file, one chunk
    None,
    /// Needs an embedding model: listed as not simulated
    Semantic,
}

/// A number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let found = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    found.ok_or_else(|| "expected a number from 0 to 1, such as 0.02".to_owned())
}

fn label(text: &str) -> Result<Configuration, String> {
    text.parse().map_err(|_| format!("found {text:?}, expected a label of the table, such as \"fixed 300, 20 %\""))
}

fn recommendation(text: &str) -> Result<String, String> {
    let known = ["chunk-size.too-many-passages/", "chunk-size.oversized-passages/"];
    if known.iter().any(|rule| text.starts_with(rule)) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "found {text:?}, expected the id of a recommendation of lode report that begins with {}",
        known.join(" or ")
    ))
}
