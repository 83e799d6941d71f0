//! The arguments of `lode eval`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args as ClapArgs, Subcommand};
use jiff::civil::Date;
use lode_eval::Pattern;

use super::InputArgs;

/// `lode eval`.
#[derive(Debug, Subcommand)]
pub enum Eval {
    /// Write calls of your own logs as a promptfoo project that tests the cheaper model of a recommendation. It holds text
    /// of your prompts; described in docs/eval.md
    #[command(after_help = "\
Examples:
  lode eval export 1 exports/ -o test/                        the test of recommendation number 1
  lode eval export 1 exports/ -o test/ --margin 0.1           fewer calls, for a coarser answer
  lode eval export 1 exports/ -o test/ --keep aws-account     placeholders for all but this")]
    Export(ExportArgs),
    /// Read what promptfoo wrote, and write and print the verdict; `lode report` then reads it beside the bill
    #[command(after_help = "\
Examples:
  lode eval import model-rightsizing.simple-tasks/111111111111/us-east-1/MODEL/role/app test/results.json
  lode eval import model-rightsizing.simple-tasks test/results.json -o exports/evaluation.json
  lode report exports/ test/lode-evaluation-2026-11-29.json   the report with the verdict in it")]
    Import(ImportArgs),
}

/// `lode eval export`.
#[derive(Debug, ClapArgs)]
pub struct ExportArgs {
    /// Number or id of a recommendation that moves calls to another model
    #[arg(value_name = "ID")]
    pub id: String,
    /// Folders or files: what `lode report` takes, with the invocation logs; a digested trace holds no text
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    /// Folder of the project, which must be empty or new
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How much lower the share of passed answers may be: 0.05 is five in a hundred
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub margin: f64,
    /// How often a model that is as good is to be found so
    #[arg(long, value_name = "SHARE", default_value_t = 0.80)]
    pub power: f64,
    /// How often a model that is worse by the whole margin may be found as good
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub alpha: f64,
    /// Patterns whose values stay, with commas between [default: none; all become placeholders]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', value_parser = patterns(), conflicts_with = "no_redaction")]
    pub keep: Vec<Pattern>,
    /// Leave every value as it is in the logs
    #[arg(long)]
    pub no_redaction: bool,
    /// Model that judges answers that are neither labels nor JSON: an id of the catalogue, an inference profile or an ARN
    /// [default: one of another maker than both]
    #[arg(long, value_name = "MODEL")]
    pub judge: Option<String>,
    /// Another seed, another sample; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub reading: InputArgs,
}

/// `lode eval import`.
#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// Id of the recommendation that was tested, or its beginning: the rule at least
    #[arg(value_name = "ID")]
    pub id: String,
    /// What promptfoo wrote: results.json of the project
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Folder of the project [default: that of RESULTS]
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// File of the verdict [default: lode-evaluation-DATE.json in the project]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Date of the verdict, such as 2026-11-29 [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
}

/// Patterns by their names.
fn patterns() -> impl clap::builder::TypedValueParser<Value = Pattern> {
    PossibleValuesParser::new(Pattern::ALL.iter().map(|pattern| pattern.name()))
        .try_map(|name| Pattern::named(&name).ok_or_else(|| format!("no pattern {name}")))
}
