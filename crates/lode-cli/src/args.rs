//! The arguments. Flags are API.

mod capacity;
mod chunking;
mod eval;
mod export;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use lode_model::Money;

use crate::digest::gather::MEMORY;

pub(crate) use capacity::CapacityArgs;
pub(crate) use chunking::{ChunkingArgs, StrategyArg};
pub(crate) use eval::{Eval, ExportArgs, ImportArgs};
pub(crate) use export::{BatchArgs, Export};

const EXAMPLES: &str = "\
Examples:
  lode report exports/                       the ranked report on everything in a folder
  lode report exports/ --format markdown -o savings.md
  lode bill exports/                         where the money goes
  lode explain 1 exports/                    the arithmetic of recommendation number 1
  lode explain prompt-caching                a lever, its page and its rules
  lode explain                               every lever and rule built in
  lode digest logs/ -o trace/                invocation logs, read once and kept small
  lode whatif caching logs/                  what prompt caching would come to, without a bill
  lode whatif capacity logs/                 which number of capacity units would cost least
  lode whatif chunking --documents docs/     what sizes of chunks would cost a knowledge base
  lode eval export 1 exports/ -o test/       a test of recommendation number 1 on calls of your own
  lode export batch 3 exports/ -o job/       the calls of recommendation number 3 for a batch job
  lode demo                                  the report on a synthetic month, without any input
  lode init                                  a commented lode.toml to start from

Exit codes: 0 printed, 1 a fault of the program or machine, 2 command line, settings or input cannot be used,
3 printed but rows were rejected and --strict was given.";

/// Finds the savings in an Amazon Bedrock bill, offline.
#[derive(Debug, Parser)]
#[command(name = "lode", version, about, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Colour on a page of standard output; a file is never coloured, and nothing is said by colour alone
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
}

/// When a page is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// In a terminal; not with NO_COLOR, in any case with CLICOLOR_FORCE
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the ranked report of savings: the main job
    #[command(
        after_help = "Examples:\n  lode report exports/ --as-of 2026-11-05\n  lode report exports/ --sort savings --min-savings 100\n  lode report exports/ --only prompt-caching,batch-inference"
    )]
    Report(ReportArgs),
    /// Show where the money goes: layers, billing sources, models, callers, classes, days
    #[command(
        after_help = "Examples:\n  lode bill exports/\n  lode bill exports/ --format csv -o bill.csv   every cut and every price, for a spreadsheet"
    )]
    Bill(BillArgs),
    /// Explain a recommendation (by its number or id), a rule or a recommender; without ID, list everything built in
    #[command(
        after_help = "Examples:\n  lode explain 1 exports/\n  lode explain prompt-caching.writes-not-repaid exports/\n  lode explain vector-store"
    )]
    Explain(ExplainArgs),
    /// Read invocation logs once into a compact trace without text, to keep and to report on again in seconds
    #[command(
        after_help = "Examples:\n  lode digest logs/ -o trace/           reads what trace/ does not have yet\n  lode report exports/ trace/           the report on the bill and the trace"
    )]
    Digest(DigestArgs),
    /// Run one of the simulators on its own, with your parameters
    #[command(subcommand, name = "whatif")]
    WhatIf(WhatIf),
    /// Test on your own calls whether a cheaper model answers as well: write the test, read its results
    #[command(subcommand)]
    Eval(Eval),
    /// Write what carries a recommendation out: the calls that move to batch, as the input of a batch job
    #[command(subcommand)]
    Export(Export),
    /// Print the report on a synthetic estate with planted habits, or write that estate's files
    #[command(
        after_help = "Examples:\n  lode demo                             the report on a synthetic month\n  lode demo --write estate/ --seed 7    its files: bill, logs, inventory, and the truth to compare with"
    )]
    Demo(DemoArgs),
    /// Write a commented settings file, lode.toml, in which every setting stands with what it does, its default and an example
    #[command(
        after_help = "Examples:\n  lode init                  lode.toml in the current folder, where it is found by itself\n  lode init --schema         with lode.schema.json beside it, for editors that know TOML schemas"
    )]
    Init(InitArgs),
    /// Print completions for a shell
    #[command(
        after_help = "Examples:\n  lode completions bash > ~/.local/share/bash-completion/completions/lode\n  lode completions zsh > \"${fpath[1]}/_lode\"\n  lode completions fish > ~/.config/fish/completions/lode.fish"
    )]
    Completions(CompletionsArgs),
    /// Print the manual page of lode, or write the pages of all commands
    #[command(after_help = "Example:\n  lode man -o ~/.local/share/man    then: man lode, man lode-report")]
    Man(ManArgs),
}

/// `lode whatif`.
#[derive(Debug, Subcommand)]
pub enum WhatIf {
    /// Replay a policy of prompt caching over invocation logs: tokens read and written, and what the prompts cost as a
    /// multiple of the same tokens uncached. Needs no bill; described in docs/whatif.md
    #[command(after_help = "\
Placements, one of:
  system-end+prompt-end   what never changes, and all that was said so far
  tools-end, system-end, history-end (before the newest turn), prompt-end,
  leading-N               after N blocks; of all these one to four, joined by +
  in-force                the markers of the records; compares the replay with their counters
  every-block             a marker after every block: a bound on what can be read, no policy to set
  best                    for each caller the markers that cost it least; takes longer
  off                     none

Examples:
  lode whatif caching logs/                                     two markers, the shortest time to live
  lode whatif caching trace/ --placement system-end --ttl 1h    the system prompt alone
  lode whatif caching logs/ --model anthropic.claude-haiku-5-5 --format json")]
    Caching(CachingArgs),
    /// Price committed capacity over the minutes of the demand: model units, or the Reserved tier, beside what stays on
    /// demand. Every number of units, and the best; described in docs/whatif.md
    #[command(after_help = "\
INPUT is invocation logs, a digested trace, or CSV with the columns time,input_tokens,output_tokens,requests.

Examples:
  lode whatif capacity logs/ --unit-tokens 50000 --unit-price 24     every number of units, and the best
  lode whatif capacity logs/ --unit-tokens 50000                     every commitment that the catalogue has a price of
  lode whatif capacity logs/ --model meta.llama3-1-70b-instruct-v1:0   what a unit would have to answer to be worth it
  lode whatif capacity demand.csv --unit-tokens 50000 --unit-price 24 --input-price 3 --output-price 15
  lode whatif capacity logs/ --model anthropic.claude-sonnet-4-6 --reserved   reserved input and output")]
    Capacity(Box<CapacityArgs>),
    /// Cut the documents of a knowledge base in many ways: chunks, context tokens and dollars of each; with questions and
    /// results of your own retrieval, recall and the size to take. Described in docs/whatif.md
    #[command(after_help = "\
Files:
  --questions   {\"question\": …, \"document\": path below DIR, \"passages\": [{\"start\": …, \"end\": …} or {\"text\": …}]}
                a line each, places in characters; or CSV with the columns question,references,corpus_id
  --retrieved   {\"configuration\": \"fixed 300, 20 %\", \"question\": …, \"retrievalResults\": [as Retrieve returns them]}
                a line each, the best result first

Examples:
  lode whatif chunking --documents docs/                              fixed sizes and the default, compared by cost
  lode whatif chunking --documents docs/ --model anthropic.claude-sonnet-4-6 --queries 500000
  lode whatif chunking --documents docs/ --questions questions.jsonl  how much of the chunks is answer, at best
  lode whatif chunking --documents docs/ --questions questions.jsonl --retrieved results.jsonl --svg recall.svg
  lode whatif chunking --documents docs/ --strategy fixed,recursive,hierarchical --sizes 200,400 --overlaps 0,15")]
    Chunking(Box<ChunkingArgs>),
}

/// `lode whatif caching`.
#[derive(Debug, ClapArgs)]
pub struct CachingArgs {
    /// Folders or files of model invocation logs, or of a digested trace; inventory JSON beside them tells what inference
    /// profiles call
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    /// Where cache markers stand, as listed below
    #[arg(long, value_name = "P", default_value = "system-end+prompt-end")]
    pub placement: String,
    /// How long an entry lives after its last use [default: the model's shortest; with in-force, that of each marker]
    #[arg(long, value_enum)]
    pub ttl: Option<TtlArg>,
    /// Least tokens that a marker must cover, in place of the model's own minimum
    #[arg(long, value_name = "N")]
    pub min_tokens: Option<u64>,
    /// Replay with this model's minimum, times to live and prices, whichever was called
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// A read does not restart an entry's time to live
    #[arg(long)]
    pub no_refresh: bool,
    /// Seconds until what a call has written can be read, where its record has no latency
    #[arg(long, value_name = "SECONDS", default_value_t = lode_model::READABLE_AFTER)]
    pub readable_after: u32,
    /// Settings, of which the caller keys count [default: lode.toml in the current folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep what was read of the logs in this folder, and read only new log files next time; the same as `lode digest`
    /// before
    #[arg(long, value_name = "DIR")]
    pub trace: Option<PathBuf>,
    /// End with code 3 when rows or files could not be used
    #[arg(long)]
    pub strict: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = WhatIfFormat::Table)]
    pub format: WhatIfFormat,
    /// Write to a file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How long a cache entry lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TtlArg {
    /// Five minutes
    #[value(name = "5m")]
    FiveMinutes,
    /// Thirty minutes
    #[value(name = "30m")]
    ThirtyMinutes,
    /// One hour
    #[value(name = "1h")]
    OneHour,
}

impl From<TtlArg> for lode_model::Ttl {
    fn from(ttl: TtlArg) -> Self {
        match ttl {
            TtlArg::FiveMinutes => Self::FiveMinutes,
            TtlArg::ThirtyMinutes => Self::ThirtyMinutes,
            TtlArg::OneHour => Self::OneHour,
        }
    }
}

/// Form of a simulator's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhatIfFormat {
    /// For a terminal
    Table,
    /// For programs: fields as in docs/whatif.md
    Json,
}

/// A day; what clap says before it names the flag and what was found.
fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day as year-month-day, such as 2026-11-05".to_owned())
}

/// What to read, and how.
#[derive(Debug, ClapArgs)]
pub struct InputArgs {
    /// Settings [default: lode.toml in the current folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Date of the report, such as 2026-11-05 [default: today, UTC]. Usage of that day and the day before is taken
    /// as incomplete
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Cost every figure stands on [default: net, what you really pay]
    #[arg(long, value_enum)]
    pub basis: Option<BasisArg>,
    /// Keep what was read of the invocation logs in this folder, and read only new log files next time; the same as
    /// `lode digest` before
    #[arg(long, value_name = "DIR")]
    pub trace: Option<PathBuf>,
    /// End with code 3 when rows or files could not be used
    #[arg(long)]
    pub strict: bool,
}

/// Where the output goes.
#[derive(Clone, Debug, ClapArgs)]
pub struct OutputArgs {
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Write to a file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `lode report`.
#[derive(Debug, ClapArgs)]
pub struct ReportArgs {
    /// Folders or files: billing exports (CUR 2.0, legacy CUR or FOCUS; CSV, CSV.gz, CSV.zip, Parquet), and beside it invocation logs (or their digested trace), inventory JSON and evaluations (of `lode eval import`)
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    /// Order of the list; ranks and plans stay the same
    #[arg(long, value_enum, default_value_t = SortArg::Priority)]
    pub sort: SortArg,
    /// How many recommendations a page lists, the largest; the others are one line. 0 lists all [default: 40; HTML, which
    /// can be searched, all]. JSON and CSV always have all
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// List only these, several with commas: levers (prompt-caching), rules (prompt-caching.never-enabled), ids. Plans,
    /// ranks and totals stay; a line adds up what is hidden. JSON and CSV always have all
    #[arg(long, value_name = "LEVER|RULE|ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// List only what saves so many dollars a month. Plans, ranks and totals stay; a line adds up what is hidden. JSON and
    /// CSV always have all
    #[arg(long, value_name = "USD", value_parser = dollars, allow_negative_numbers = true)]
    pub min_savings: Option<Money>,
    #[command(flatten)]
    pub reading: InputArgs,
    #[command(flatten)]
    pub writing: OutputArgs,
}

/// An amount of dollars, such as `100`, `99.50` or `$100`.
fn dollars(text: &str) -> Result<Money, String> {
    let amount = text.strip_prefix('$').unwrap_or(text);
    let money = Money::parse(amount).map_err(|_| "expected dollars a month, such as 100 or 99.50".to_owned())?;
    if money < Money::ZERO { Err("expected an amount of at least 0".to_owned()) } else { Ok(money) }
}

/// `lode bill`.
#[derive(Debug, ClapArgs)]
pub struct BillArgs {
    /// Folders or files: billing exports (CUR 2.0, legacy CUR or FOCUS; CSV, CSV.gz, CSV.zip, Parquet), and beside it invocation logs (or their digested trace), inventory JSON and evaluations (of `lode eval import`)
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: InputArgs,
    #[command(flatten)]
    pub writing: OutputArgs,
}

/// `lode explain`.
#[derive(Debug, ClapArgs)]
pub struct ExplainArgs {
    /// Number or id of a recommendation, a rule (recommender.rule), a recommender, or `cohorts`: how calls are told
    /// apart by what they ask for
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Folders or files of billing exports, and what lies beside them; needed for recommendations, and to see what a rule
    /// or cohorts measured
    #[arg(value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: InputArgs,
}

/// `lode digest`.
#[derive(Debug, ClapArgs)]
pub struct DigestArgs {
    /// Folders or files of model invocation logs, as delivered to S3 or exported from CloudWatch Logs
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    /// Folder of the trace: a new one, or one to bring up to date. A run that was broken off goes on there
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Settings, of which the caller keys count [default: lode.toml in the current folder, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// End with code 3 when rows or files could not be used
    #[arg(long)]
    pub strict: bool,
    /// Memory for requests, in MiB, before they are written out; more makes it a little faster
    #[arg(long, value_name = "MIB", default_value_t = MEMORY, value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: u32,
    /// Form of the summary
    #[arg(long, value_enum, default_value_t = DigestFormat::Table)]
    pub format: DigestFormat,
}

/// Form of a digest's summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DigestFormat {
    /// For a terminal
    Table,
    /// For programs
    Json,
}

/// `lode demo`.
#[derive(Debug, ClapArgs)]
pub struct DemoArgs {
    /// Write the files into this folder, which must be empty or new, and print no report
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    /// Another seed, another month; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many calls, in per cent of the full size
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub scale: u32,
    /// Which habits are planted
    #[arg(long, value_enum, default_value_t = HabitsArg::All)]
    pub habits: HabitsArg,
    #[command(flatten)]
    pub writing: OutputArgs,
}

/// `lode init`.
#[derive(Debug, ClapArgs)]
pub struct InitArgs {
    /// The file, which must not be there yet
    #[arg(short, long, value_name = "FILE", default_value = "lode.toml")]
    pub output: PathBuf,
    /// Write lode.schema.json beside it and name it in the first line: editors then complete, explain and check the keys
    #[arg(long)]
    pub schema: bool,
}

/// `lode completions`.
#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellArg,
}

/// A shell that completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShellArg {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    Powershell,
    /// Elvish
    Elvish,
}

/// `lode man`.
#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// Write a page for lode and one for each command into the folder man1 of this one, where man looks, in place of
    /// printing the page of lode
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Which habits a synthetic estate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HabitsArg {
    /// Every habit that costs money
    All,
    /// None: everything is right already, and a report should recommend nothing
    None,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    Table,
    /// For a wiki or a pull request; details that would make it longer than a comment may be are left out, and said
    Markdown,
    /// For programs: version 1 of the contract in docs/schema/report.v1.json
    Json,
    /// To look at and to forward: one self-contained page; of `lode report` and `lode demo`
    Html,
    /// For a spreadsheet: one flat table, described in docs/report-csv.md and, of `lode bill`, in docs/bill.md
    Csv,
}

/// Order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SortArg {
    /// Documented priority, then savings
    Priority,
    /// Savings
    Savings,
}

/// Cost every figure stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BasisArg {
    /// What you really pay: net cost, or unblended cost less the discount rows
    Net,
    /// Unblended cost, before discounts
    Unblended,
    /// Public on-demand cost, where the export has it
    List,
}

impl From<BasisArg> for lode_sim::Basis {
    fn from(basis: BasisArg) -> Self {
        match basis {
            BasisArg::Net => Self::Net,
            BasisArg::Unblended => Self::Unblended,
            BasisArg::List => Self::List,
        }
    }
}
