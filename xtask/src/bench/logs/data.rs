//! Model invocation logs to read, made by `xtask/bench/make_logs.py` and kept for the next run: a first part, and a
//! second one that is as large and repeats nothing of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::super::data::files;
use super::answer::Totals;

/// Of what the script makes: another one, and logs that are there are made anew.
const FORM: u32 = 1;
/// About the bytes of text where nobody says how many.
const BYTES: u64 = 2_700_000_000;

/// Where logs are, and how large a part is to be.
#[derive(Debug)]
pub(super) struct Logs {
    script: PathBuf,
    python: PathBuf,
    folder: PathBuf,
    bytes: Option<u64>,
}

/// Half of the logs; the benchmark takes the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    First,
    Second,
}

impl Part {
    /// Its name, its seed and its first day: a week lies between the two.
    const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::First => ("first", "1", "2026-10-06"),
            Self::Second => ("second", "2", "2026-10-13"),
        }
    }
}

/// What the script counted while it made a part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Truth {
    form: u32,
    /// Asked for.
    bytes: u64,
    /// Made, of text.
    pub(super) text_bytes: u64,
    /// Made, as they lie there.
    pub(super) gz_bytes: u64,
    objects: u64,
    #[serde(flatten)]
    pub(super) totals: Totals,
    /// By the model as the log names it.
    pub(super) by_model: BTreeMap<String, Totals>,
}

/// A part on disk.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// The folder to read.
    pub(super) input: PathBuf,
    /// What is in it.
    pub(super) made: Truth,
}

impl Logs {
    pub(super) fn new(root: &Path, python: &Path, folder: Option<PathBuf>, bytes: Option<u64>) -> Self {
        let usual = || root.join("target/bench").join(format!("logs-{}", bytes.unwrap_or(BYTES) / 1_000_000));
        Self {
            script: root.join("xtask/bench/make_logs.py"),
            python: python.to_path_buf(),
            folder: folder.unwrap_or_else(usual),
            bytes,
        }
    }

    /// The folder of both parts.
    pub(super) fn both(&self) -> PathBuf {
        self.folder.join("logs")
    }

    fn truth(&self, name: &str) -> anyhow::Result<Truth> {
        let path = self.folder.join(format!("{name}.json"));
        let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| path.display().to_string())
    }

    fn make(&self, part: Part, bytes: u64) -> anyhow::Result<()> {
        let (name, seed, day) = part.facts();
        crate::say(&[format!("making {bytes} bytes of logs below {}", self.both().join(name).display())])?;
        let (form, bytes) = (FORM.to_string(), bytes.to_string());
        let options = ["--part", name, "--seed", seed, "--day", day, "--form", &form, "--bytes", &bytes];
        let status = Command::new(&self.python).arg(&self.script).arg(&self.folder).args(options).status();
        let status = status.with_context(|| format!("{} cannot be run", self.python.display()))?;
        ensure!(status.success(), "no logs were made");
        Ok(())
    }
}

/// A part: the one that is there, else a new one. The second is as large as the first.
pub(super) fn logs(set: &Logs, part: Part) -> anyhow::Result<Made> {
    let (name, ..) = part.facts();
    let first = set.truth(Part::First.facts().0).ok().filter(|made| made.form == FORM);
    let bytes = set.bytes.or(first.map(|made| made.bytes)).unwrap_or(BYTES);
    if !set.truth(name).is_ok_and(|made| made.form == FORM) {
        set.make(part, bytes)?;
    }
    let made = set.truth(name)?;
    let has = (made.form, made.bytes);
    let folder = set.folder.display();
    ensure!(has == (FORM, bytes), "{folder} holds {} bytes, asked for are {bytes}: another folder with --data", has.1);
    Ok(Made { input: set.both().join(name), made })
}

impl Truth {
    /// Both together; models by name.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.text_bytes += other.text_bytes;
        both.gz_bytes += other.gz_bytes;
        both.objects += other.objects;
        both.totals = self.totals.plus(&other.totals);
        for (model, totals) in &other.by_model {
            let sums = both.by_model.entry(model.clone()).or_default();
            *sums = sums.plus(totals);
        }
        both
    }

    /// One line about it.
    pub(super) fn told(&self) -> String {
        format!(
            "{} requests in {} objects, {} bytes of text, {} of gzip: {} tokens in, {} out, {} read, {} written",
            self.totals.requests,
            self.objects,
            self.text_bytes,
            self.gz_bytes,
            self.totals.input,
            self.totals.output,
            self.totals.cache_read,
            self.totals.cache_write
        )
    }
}

/// The bytes of all files below a folder.
pub(super) fn bytes_below(folder: &Path) -> anyhow::Result<u64> {
    files(folder, "")?.iter().map(|file| Ok(std::fs::metadata(file)?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(bytes: u64) -> String {
        format!(
            r#"{{"form": {FORM}, "bytes": {bytes}, "seed": 1, "requests": 2, "input": 10, "output": 4, "cache_read": 7,
            "cache_write": 2, "segments": 9, "text_bytes": 900, "gz_bytes": 200, "objects": 1, "by_model":
            {{"a": {{"requests": 2, "input": 10, "output": 4, "cache_read": 7, "cache_write": 2}}}}}}"#
        )
    }

    fn set(folder: &Path, bytes: Option<u64>) -> Logs {
        Logs::new(Path::new("."), Path::new("no-such-python"), Some(folder.to_path_buf()), bytes)
    }

    #[test]
    fn logs_that_are_there_are_not_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("first.json"), truth(5_000_000)).expect("written");
        let found = logs(&set(folder.path(), None), Part::First).expect("they are there");
        assert_eq!(found.input, folder.path().join("logs/first"));
        assert_eq!((found.made.totals.requests, found.made.totals.cache_write), (2, 2));
        assert!(logs(&set(folder.path(), Some(5_000_000)), Part::First).is_ok());
        let other = logs(&set(folder.path(), Some(6_000_000)), Part::First).expect_err("another size");
        assert!(other.to_string().contains("holds 5000000 bytes"), "{other}");
        let second = logs(&set(folder.path(), None), Part::Second).expect_err("nobody makes it");
        assert!(second.to_string().contains("no-such-python"), "{second}");
    }

    #[test]
    fn two_parts_are_added_up() {
        let one: Truth = serde_json::from_str(&truth(5)).expect("truth");
        let mut other = one.clone();
        other.by_model = BTreeMap::from([("b".to_owned(), one.totals)]);
        let both = one.plus(&other);
        assert_eq!((both.text_bytes, both.gz_bytes, both.totals.input), (1_800, 400, 20));
        assert_eq!(both.by_model, BTreeMap::from([("a".to_owned(), one.totals), ("b".to_owned(), one.totals)]));
        assert_eq!(one.plus(&one).by_model["a"].requests, 4);
        assert_eq!(
            one.told(),
            "2 requests in 1 objects, 900 bytes of text, 200 of gzip: 10 tokens in, 4 out, 7 read, 2 written"
        );
    }

    #[test]
    fn the_usual_folder_tells_the_size() {
        let usual = |bytes| Logs::new(Path::new("/r"), Path::new("p"), None, bytes).both();
        assert_eq!(usual(None), Path::new("/r/target/bench/logs-2700/logs"));
        assert_eq!(usual(Some(20_000_000)), Path::new("/r/target/bench/logs-20/logs"));
    }

    #[test]
    fn bytes_of_files_in_folders_count() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("a folder");
        std::fs::write(folder.path().join("a.json"), "123").expect("written");
        std::fs::write(folder.path().join("in/b.parquet"), "45").expect("written");
        assert_eq!(bytes_below(folder.path()).expect("bytes"), 5);
    }
}
