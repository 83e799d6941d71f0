//! The `lode` program: argv, environment, terminal and clock in, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    lode_cli::main()
}
