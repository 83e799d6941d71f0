//! `lode eval`: the files around `lode-eval`, which says which calls are taken and what their results mean. Text of
//! prompts goes from the log files into the project's files and nowhere else: none is printed.

pub(crate) mod called;
mod documents;
mod export;
pub(crate) mod folder;
mod import;
mod price;

use std::path::PathBuf;

use crate::args::Eval;
use crate::{Exit, Shell};

pub(crate) use documents::{Documents, VERDICTS, document, is_project, notes};

/// What `lode eval` cannot do with what it was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EvalError {
    /// Numbers that describe no test.
    #[error("--{0}; help: docs/eval.md says what the numbers mean")]
    Design(lode_eval::DesignError),
    /// An id that names nothing, or several.
    #[error("{id}: {why}; help: {help}")]
    Id { id: String, why: String, help: String },
    /// A folder that is taken.
    #[error("{} is not empty; help: name a new folder, nothing is overwritten", .0.display())]
    NotEmpty(PathBuf),
    /// A file that is there.
    #[error("{} is there already; help: name another file with -o, nothing is overwritten", .0.display())]
    Taken(PathBuf),
    /// No log file.
    #[error(
        "no invocation log in {input}; help: a test takes the text of calls, which a bill and a digested trace do not hold: \
         give the BedrockModelInvocationLogs folder too"
    )]
    NoLogs { input: String },
    /// Logs, but none of the calls.
    #[error(
        "{id}: no call of it that succeeded is in the logs; help: give the logs of its account and region, or test it with \
         prompts of your own"
    )]
    NoCalls { id: String },
    /// Calls, but no text.
    #[error(
        "{id}: none of its calls can be made again ({why}); help: invocation logging delivers text where text data is \
         switched on, and long bodies into data/ beside the records: give that folder too"
    )]
    NoText { id: String, why: String },
    /// No such judge.
    #[error(
        "--judge: found {0}, expected a model id of the catalogue, an inference profile or an ARN, such as \
         amazon.nova-pro-v1:0; help: other providers of promptfoo go into models.json of the project"
    )]
    Judge(String),
    /// Results of another recommendation.
    #[error(
        "{id}: the project in {} tests {recommendation}; help: name that one, or the project that the results belong to \
         with --project", project.display()
    )]
    Another { id: String, project: PathBuf, recommendation: String },
    /// A file of the project that cannot be used.
    #[error("{}: {fault}", path.display())]
    Document { path: PathBuf, fault: String },
    /// A folder without a manifest.
    #[error(
        "{}: {cause}; help: name the folder that `lode eval export` wrote with --project", path.display()
    )]
    NoProject { path: PathBuf, cause: std::io::Error },
}

/// Runs the command.
pub(crate) fn run(command: &Eval, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    match command {
        Eval::Export(args) => export::run(args, shell),
        Eval::Import(args) => import::run(args, shell),
    }
}
