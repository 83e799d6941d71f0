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
    #[error("{}: {}", file.display(), harmless(fault))]
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

/// A fault with the lines it shows, without what would turn a terminal's text round or hide in it.
fn harmless(fault: &Fault) -> String {
    fault.to_string().split('\n').map(lode_report::clean).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faulty_line_is_shown_without_marks_of_direction() {
        let text = "[labels]\n\"a\u{202e}b\u{200b}\" = \"\"\n";
        let fault = RunSettings::read(text, ALL).expect_err("an empty label");
        let said = SettingsError::Faulty { file: "lode.toml".into(), fault }.to_string();
        assert!(said.contains("\n2 | \"a b \" = \"\"\n"), "{said}");
        assert!(!said.contains(['\u{202e}', '\u{200b}']), "{said}");
    }
}
