//! The arguments of `lode export`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use jiff::civil::Date;
use lode_batch::{Form, Limits};

use super::InputArgs;

/// `lode export`.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// Write the calls that a recommendation moves to batch as the input of a batch inference job, with the job and the
    /// commands. It holds text of your prompts; nothing is sent or started; described in docs/batch.md
    #[command(after_help = "\
Examples:
  lode export batch 3 exports/ -o job/                     the calls of number 3 on their newest day
  lode export batch 3 exports/ -o job/ --day 2026-10-30    another day
  lode export batch 3 exports/ -o job/ --all               all days in the logs
  lode export batch --check job/records.jsonl              what a job would not take, by line")]
    Batch(Box<BatchArgs>),
}

/// `lode export batch`.
#[derive(Debug, ClapArgs)]
pub struct BatchArgs {
    /// Number or id of a recommendation that moves calls to batch
    #[arg(value_name = "ID", required_unless_present = "check")]
    pub id: Option<String>,
    /// Folders or files: what `lode report` takes, with the invocation logs; a digested trace holds no text
    #[arg(value_name = "INPUT", required_unless_present = "check")]
    pub input: Vec<PathBuf>,
    /// Folder of the export, which must be empty or new
    #[arg(short, long, value_name = "DIR", required_unless_present = "check")]
    pub output: Option<PathBuf>,
    /// Calls of this day (UTC) [default: the last one on which there are any]
    #[arg(long, value_name = "DATE", conflicts_with = "all")]
    pub day: Option<Date>,
    /// Calls of all days in the logs
    #[arg(long)]
    pub all: bool,
    /// Form of the bodies; a job has one [default: that of most calls]
    #[arg(long, value_enum)]
    pub form: Option<FormArg>,
    /// Model of the job: an id, an inference profile or an ARN [default: as most of the calls name it, or a profile where
    /// batch takes no id]. With --check the model that the files are for
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Hours after which the job expires
    #[arg(long, value_name = "N", default_value_t = 72, value_parser = clap::value_parser!(u32).range(24..=168))]
    pub hours: u32,
    /// Replace an earlier export in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// Check files of a job that anybody wrote, and write nothing. A job.json beside them tells model and form; files of
    /// several folders are as many jobs
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["id", "output", "day", "all", "overwrite"])]
    pub check: Vec<PathBuf>,
    #[command(flatten)]
    pub quotas: QuotaArgs,
    #[command(flatten)]
    pub reading: InputArgs,
}

/// Quotas in place of AWS' defaults.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub struct QuotaArgs {
    /// Fewest records of a job, as Service Quotas of your account says [default: 100]
    #[arg(long, value_name = "N")]
    pub min_records: Option<u64>,
    /// Most records of a file [default: 50000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub records_per_file: Option<u64>,
    /// Most records of a job [default: 50000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub records_per_job: Option<u64>,
    /// Most bytes of a file [default: 1 GiB]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub bytes_per_file: Option<u64>,
    /// Most bytes of a job [default: 5 GiB]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub bytes_per_job: Option<u64>,
}

impl QuotaArgs {
    /// The quotas in force.
    pub(crate) fn limits(self) -> Limits {
        let built_in = Limits::default();
        Limits {
            min_records: self.min_records.unwrap_or(built_in.min_records),
            records_per_file: self.records_per_file.unwrap_or(built_in.records_per_file),
            records_per_job: self.records_per_job.unwrap_or(built_in.records_per_job),
            bytes_per_file: self.bytes_per_file.unwrap_or(built_in.bytes_per_file),
            bytes_per_job: self.bytes_per_job.unwrap_or(built_in.bytes_per_job),
        }
    }
}

/// Form of the bodies of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// The form of the model's maker
    InvokeModel,
    /// The form of Converse
    Converse,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::InvokeModel => Self::InvokeModel,
            FormArg::Converse => Self::Converse,
        }
    }
}
