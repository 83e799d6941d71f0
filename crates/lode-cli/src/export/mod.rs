//! `lode export`: the files around `lode-batch`, which says what a batch job takes. Text of prompts goes from the log files
//! into the records and nowhere else: none is printed.

mod batch;
mod calls;
mod check;
mod folder;
mod model;
mod page;
mod price;
mod spool;

use std::path::PathBuf;

use lode_report::whole;

use crate::args::Export;
use crate::{Exit, Shell};

pub(crate) use folder::is_export;

/// What `lode export` cannot do with what it was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// An id that names nothing that can be exported.
    #[error("{id}: {why}; help: {help}")]
    Id { id: String, why: String, help: String },
    /// A folder that holds something else.
    #[error("{} holds files of somebody else; help: name a new folder, nothing is overwritten", .0.display())]
    NotOurs(PathBuf),
    /// A folder that holds an earlier export.
    #[error("{} holds an earlier export; help: name a new folder, or replace it with --overwrite", .0.display())]
    Earlier(PathBuf),
    /// No log file.
    #[error(
        "no invocation log in {input}; help: records take the text of calls, which a bill and a digested trace do not hold: \
         give the BedrockModelInvocationLogs folder too"
    )]
    NoLogs { input: String },
    /// Logs, but none of the calls.
    #[error("{id}: none of the calls it moves is in the logs{when}; help: {help}")]
    NoCalls { id: String, when: String, help: String },
    /// Fewer records than a job must have.
    #[error(
        "{id}: {} of the calls {when} can be records, a job needs {}{why}; help: {help}, or say with --min-records what \
         Service Quotas of your account asks", whole((*found).into()), whole((*least).into())
    )]
    TooFew { id: String, found: u64, when: String, least: u64, why: String, help: String },
    /// A name out of a log that does not belong into a script.
    #[error(
        "the job would run {found} in region {region}, which are not names of AWS' form; help: name the model with --model"
    )]
    Names { found: String, region: String },
    /// What was written is not what a job takes.
    #[error(
        "what was written is not what a job takes, and was taken away again: {0}; help: `lode export batch --help` lists the \
         quotas that can be set"
    )]
    Unsound(String),
    /// Files of jobs that are not alike.
    #[error(
        "--check: found files of jobs that differ: {0}, expected one form and model; help: check each job by itself, or say with \
         --form and --model what all files are for"
    )]
    OtherJobs(String),
}

/// Runs the command.
pub(crate) fn run(command: &Export, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    match command {
        Export::Batch(args) if !args.check.is_empty() => check::run(args, shell),
        Export::Batch(args) => batch::run(args, shell),
    }
}
