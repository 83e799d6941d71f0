//! Where `lode.toml` is: the file given, else the one of the current folder. What it says is `lode-settings`' to know.

use std::path::{Path, PathBuf};

use lode_recommenders::ALL;
use lode_settings::{Fault, RunSettings};

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file cannot be read.
    #[error("{}: {source}; help: check the path given with --config", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// The file does not say what settings can say.
    #[error("{}: {fault}", file.display())]
    Faulty { file: PathBuf, fault: Fault },
    /// An argument that cannot be used.
    #[error("{}: {message}", file.display())]
    Invalid { file: PathBuf, message: String },
}

/// The file given, else `lode.toml` of the current folder if there is one.
pub(crate) fn read(given: Option<&Path>) -> Result<RunSettings, SettingsError> {
    let default = Path::new("lode.toml");
    let Some(file) = given.or_else(|| default.is_file().then_some(default)) else { return Ok(RunSettings::default()) };
    let text =
        std::fs::read_to_string(file).map_err(|source| SettingsError::Unreadable { file: file.to_owned(), source })?;
    RunSettings::read(&text, ALL).map_err(|fault| SettingsError::Faulty { file: file.to_owned(), fault })
}
