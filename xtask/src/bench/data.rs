//! Large synthetic exports to read, made by `xtask/bench/make_exports.py` and kept for the next run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use serde::Deserialize;

/// Of what the script makes: another one, and exports that are there are made anew.
const VERSION: u32 = 1;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// CUR 2.0 in Parquet, packed with snappy, four row groups a file.
    Parquet,
    /// A legacy report in CSV.gz.
    Csv,
}

impl Form {
    /// The word the scripts know it by.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }

    /// Rows and files, where nobody says how many.
    pub(super) const fn size(self) -> Size {
        match self {
            Self::Parquet => Size { rows: 20_000_000, files: 20 },
            Self::Csv => Size { rows: 2_000_000, files: 2 },
        }
    }
}

/// How large an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: u64,
    pub(super) files: u64,
}

impl Size {
    /// Twice the rows in twice the files.
    pub(super) const fn doubled(self) -> Self {
        Self { rows: 2 * self.rows, files: 2 * self.files }
    }
}

/// What the script says it has made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Made {
    form: Form,
    rows: u64,
    files: u64,
    version: u32,
    /// Rows of Bedrock.
    pub(super) bedrock_rows: u64,
    /// Their unblended cost, exact.
    pub(super) unblended: String,
}

/// An export on disk.
#[derive(Debug)]
pub(super) struct Export {
    /// The folder to read.
    pub(super) data: PathBuf,
    /// What is in it.
    pub(super) made: Made,
}

/// The export of this form and size below `folder`: the one that is there, else a new one.
pub(super) fn export(root: &Path, python: &Path, folder: &Path, form: Form, size: Size) -> anyhow::Result<Export> {
    let here = folder.join(format!("{}-{}-{}", form.word(), size.rows, size.files));
    let is_there = made(&here).is_ok_and(|made| made.is(form, size));
    if !is_there {
        crate::say(&[format!("making {} rows in {} files below {}", size.rows, size.files, here.display())])?;
        let script = root.join("xtask/bench/make_exports.py");
        let numbers = [size.rows, size.files, VERSION.into()].map(|number| number.to_string());
        let status = Command::new(python).arg(script).arg(form.word()).arg(&here).args(numbers).status();
        let status = status.with_context(|| format!("{} cannot be run", python.display()))?;
        ensure!(status.success(), "no export was made; it takes a Python with pyarrow and numpy: --python PATH");
    }
    let made = made(&here)?;
    ensure!(made.is(form, size), "{} is not what was asked for", here.display());
    Ok(Export { data: here.join("data"), made })
}

fn made(folder: &Path) -> anyhow::Result<Made> {
    let path = folder.join("made.json");
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

impl Made {
    fn is(&self, form: Form, size: Size) -> bool {
        (self.form, self.rows, self.files, self.version) == (form, size.rows, size.files, VERSION)
    }
}

/// The files below a folder whose name has this end, in order.
pub(super) fn files(folder: &Path, end: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, end)?);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_export_of_the_same_form_size_and_version_is_used_again() {
        let text = r#"{"form": "csv", "rows": 10, "files": 2, "version": 1, "bedrock_rows": 1, "unblended": "0.5"}"#;
        let made: Made = serde_json::from_str(text).expect("made.json");
        let size = Size { rows: 10, files: 2 };
        assert!(made.is(Form::Csv, size));
        assert!(!made.is(Form::Parquet, size) && !made.is(Form::Csv, size.doubled()));
        assert!(!Made { version: VERSION + 1, ..made }.is(Form::Csv, size));
    }

    #[test]
    fn an_export_that_is_there_is_not_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path().join("csv-10-2");
        std::fs::create_dir_all(here.join("data/month")).expect("a folder");
        let text = r#"{"form": "csv", "rows": 10, "files": 2, "version": 1, "bedrock_rows": 1, "unblended": "0.5"}"#;
        std::fs::write(here.join("made.json"), text).expect("written");
        for name in ["b.csv.gz", "a.csv.gz", "c.txt"] {
            std::fs::write(here.join("data/month").join(name), "").expect("written");
        }
        let size = Size { rows: 10, files: 2 };
        let nobody = Path::new("no-such-python");
        let export = super::export(Path::new("."), nobody, folder.path(), Form::Csv, size).expect("it is there");
        let found = files(&export.data, ".csv.gz").expect("files");
        assert_eq!(found, ["a.csv.gz", "b.csv.gz"].map(|name| here.join("data/month").join(name)));
        let other = super::export(Path::new("."), nobody, folder.path(), Form::Csv, size.doubled());
        assert!(other.expect_err("nobody makes it").to_string().contains("no-such-python"));
    }
}
