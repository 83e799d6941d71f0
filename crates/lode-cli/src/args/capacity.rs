//! `lode whatif capacity`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use lode_model::{Money, Term};

use super::WhatIfFormat;

/// `lode whatif capacity`.
#[derive(Debug, ClapArgs)]
pub struct CapacityArgs {
    /// Folders or files of model invocation logs, or of a digested trace, with inventory JSON beside them; or tables of
    /// demand as CSV
    #[arg(required = true, value_name = "INPUT")]
    pub input: Vec<PathBuf>,
    /// Tokens that one unit answers a minute; AWS publishes none [default: that of the model in lode.toml; else only the
    /// break-even is told]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "reserved")]
    pub unit_tokens: Option<u64>,
    /// What one unit costs, USD an hour [default: list prices of the model]
    #[arg(long, value_name = "USD", value_parser = unit_price, conflicts_with = "reserved")]
    pub unit_price: Option<Money>,
    /// What a million prompt tokens cost on demand, USD [default: list price of the model]
    #[arg(long, value_name = "USD", value_parser = usd)]
    pub input_price: Option<Money>,
    /// What a million generated tokens cost on demand, USD [default: list price of the model]
    #[arg(long, value_name = "USD", value_parser = usd)]
    pub output_price: Option<Money>,
    /// Calls of this model; of a table, whose prices count
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// Calls of this source region; of a table, whose prices count [default there: us-east-1]
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Calls of this account
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// One commitment [default: every one with a price is compared]
    #[arg(long, value_enum)]
    pub term: Option<TermArg>,
    /// The fewest units that are sold [default: 1; with --reserved what the model card says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub min_units: Option<u32>,
    /// The Reserved tier in place of model units: input and output tokens a minute by the thousand, sold together, at least
    /// the minimum of each
    #[arg(long)]
    pub reserved: bool,
    /// Seconds of a bin, in which demand is added up
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub bin_seconds: u32,
    /// Demand from this time on, such as 2026-10-01 or 2026-10-01T06:00Z; idle time up to the first call counts then
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<i64>,
    /// Demand before this time; idle time after the last call counts then
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<i64>,
    /// Settings, of which capacity and caller keys count [default: lode.toml in the current folder, if there is one]
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

/// A commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TermArg {
    /// Billed by the hour, ended at any time
    #[value(name = "no-commitment")]
    NoCommitment,
    /// One month
    #[value(name = "1-month", alias = "1-months")]
    OneMonth,
    /// Three months, of the Reserved tier
    #[value(name = "3-months", alias = "3-month")]
    ThreeMonths,
    /// Six months
    #[value(name = "6-months", alias = "6-month")]
    SixMonths,
}

impl From<TermArg> for Term {
    fn from(term: TermArg) -> Self {
        match term {
            TermArg::NoCommitment => Self::NoCommitment,
            TermArg::OneMonth => Self::OneMonth,
            TermArg::ThreeMonths => Self::ThreeMonths,
            TermArg::SixMonths => Self::SixMonths,
        }
    }
}

/// An amount of US dollars from 0 to a billion.
fn usd(text: &str) -> Result<Money, String> {
    let most = Money::from_micro(1_000_000_000_000_000);
    let amount = text.strip_prefix('$').unwrap_or(text);
    let found =
        Money::parse(amount).map_err(|error| format!("{error}; expected an amount of US dollars such as 24.50"))?;
    if found < Money::ZERO || found > most {
        return Err("expected an amount of US dollars from 0 to a billion".to_owned());
    }
    Ok(found)
}

/// The same above 0: units that cost nothing would be bought without end.
fn unit_price(text: &str) -> Result<Money, String> {
    match usd(text)? {
        Money::ZERO => Err("expected what a unit costs an hour, above 0".to_owned()),
        price => Ok(price),
    }
}

/// Seconds since 1970.
fn time(text: &str) -> Result<i64, String> {
    lode_telemetry::demand_time(text).ok_or_else(|| {
        "expected a date or time from 2015 to 2100, in UTC where it says nothing else, such as 2026-10-01T06:00"
            .to_owned()
    })
}
