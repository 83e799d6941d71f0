//! The command line: it connects the rooms. The only crate that reads the clock, the environment, the terminal and
//! the arguments, and the only one that decides what goes to standard output (the report, nothing else) and what to
//! standard error (progress and notes).
//!
//! It computes no figure and words no recommendation.

mod args;
mod bill_files;
mod commands;
mod demo;
mod digest;
mod eval;
mod exit;
mod export;
mod fault;
mod init;
mod input;
mod kind;
mod only;
mod progress;
mod settings;
mod shell;
mod shells;
mod threads;
mod whatif;

use std::process::ExitCode;

use clap::Parser;

use args::ColorArg;

pub use args::Args;
pub use exit::Exit;
pub use shell::Shell;

/// The program: reads its surroundings and runs.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Made };
            // Printing help to a closed pipe is no fault.
            let _ = error.print();
            return code.into();
        }
    };
    run(&args, &mut Shell::of_process()).into()
}

/// Runs a command in a shell; what went wrong is said there.
pub fn run(args: &Args, shell: &mut Shell<'_>) -> Exit {
    shell.look.colour = match args.color {
        ColorArg::Auto => shell.look.colour,
        ColorArg::Always => true,
        ColorArg::Never => false,
    };
    match commands::run(args, shell) {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Made,
        Err(error) => {
            let exit = Exit::of(&error);
            shell.note(&format!("error: {}", fault::told(&error)));
            exit
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
