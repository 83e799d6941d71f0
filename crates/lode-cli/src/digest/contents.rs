//! `lode-trace.json`: the table of contents of a digested trace, and the notes beside its unfinished pieces. Frozen
//! plain structs: these files outlive the program that wrote them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use lode_model::{CallerKey, Loss, Rejected};
use lode_telemetry::LogFile;
use serde::{Deserialize, Serialize};

use super::parts::Stretch;

/// The name of the table of contents.
pub(crate) const CONTENTS: &str = "lode-trace.json";

/// A trace that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentsError {
    /// The file cannot be read.
    #[error("{}: {source}; help: check that the folder of the trace was copied whole", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// The file is no table of contents.
    #[error("{}: {message}; help: digest the logs again into an empty folder", file.display())]
    Invalid { file: PathBuf, message: String },
    /// A file of the trace is not what was written.
    #[error(
        "{}: found bytes of checksum {found}, expected {expected}; help: run lode digest again if it was broken off, \
         copy the trace again if it was copied, or digest the logs again into an empty folder", file.display()
    )]
    Changed { file: PathBuf, found: String, expected: String },
    /// A file of the trace is not there, or of another size.
    #[error(
        "{}: found {found}, expected a file of {expected} bytes; help: copy the trace again if it was copied, or digest \
         the logs again into an empty folder", file.display()
    )]
    Missing { file: PathBuf, found: String, expected: u64 },
    /// Another digest writes there.
    #[error("{}: another run of lode digest is at work there; help: wait until it is done, or stop it", folder.display())]
    Busy { folder: PathBuf },
    /// Another version of Lode wrote it.
    #[error(
        "{}: found {found}, expected {expected}; help: digest the logs again into an empty folder, or use the version of \
         lode that wrote it", file.display()
    )]
    Version { file: PathBuf, found: String, expected: String },
    /// It hashes or names callers otherwise.
    #[error(
        "{}: its requests were digested with caller keys {found}, expected {expected} as lode.toml says; help: digest \
         the logs again into an empty folder, or set caller_keys back", file.display()
    )]
    CallerKeys { file: PathBuf, found: String, expected: String },
}

/// What two traces must agree on to be one: they are made by equal rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    /// Version of this file and of the columns.
    pub(crate) schema_version: u32,
    /// Seed of the hashes, hexadecimal.
    pub(crate) hash_seed: String,
    /// What names a caller, in order.
    pub(crate) caller_keys: Vec<String>,
}

impl Identity {
    pub(crate) fn of(keys: &[CallerKey]) -> Self {
        Self {
            schema_version: lode_trace::VERSION,
            hash_seed: format!("{:016x}", lode_telemetry::SEED),
            caller_keys: keys.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether a trace of this identity can be read as one of `expected`.
    fn check(&self, file: &Path, expected: &Self) -> Result<(), ContentsError> {
        let file = file.to_path_buf();
        if self.hash_seed != expected.hash_seed {
            let seed = |identity: &Self| format!("hash seed {}", identity.hash_seed);
            return Err(ContentsError::Version { file, found: seed(self), expected: seed(expected) });
        }
        if self.caller_keys != expected.caller_keys {
            let (found, expected) = (self.caller_keys.join(", "), expected.caller_keys.join(", "));
            return Err(ContentsError::CallerKeys { file, found, expected });
        }
        Ok(())
    }
}

/// What is written into each Parquet file, so that it says what it is.
pub(crate) fn meta(identity: &Identity) -> BTreeMap<String, String> {
    [
        ("lode.trace.version".to_owned(), identity.schema_version.to_string()),
        ("lode.trace.hash_seed".to_owned(), identity.hash_seed.clone()),
        ("lode.trace.caller_keys".to_owned(), identity.caller_keys.join(", ")),
    ]
    .into()
}

/// The table of contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    #[serde(flatten)]
    pub(crate) identity: Identity,
    /// Files of the trace, by account, region, model and month.
    pub(crate) files: Vec<MonthFile>,
    /// Log files digested, in order.
    pub(crate) sources: Vec<SourceFile>,
}

/// The requests of one group and month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MonthFile {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) model: String,
    /// Its first day, UTC.
    pub(crate) month: Date,
    /// Below the folder, with `/`.
    pub(crate) path: String,
    pub(crate) requests: u64,
    pub(crate) blocks: usize,
    pub(crate) bytes: u64,
    /// XXH3, 64 bits, hexadecimal: Parquet does not tell a changed hash from another one.
    pub(crate) checksum: String,
    pub(crate) tokens: Tokens,
}

/// Sums of tokens by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write: u64,
}

impl std::ops::AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
    }
}

/// A log file, as it was when it was digested, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceFile {
    /// Its full path.
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    /// Nanoseconds since 1970, as text, for they do not fit a JSON number; and those of the `data` folder beside it.
    pub(crate) modified: String,
    pub(crate) records: u64,
    pub(crate) requests: u64,
    pub(crate) without_counts: u64,
    pub(crate) clock_steps_back: u64,
    pub(crate) text_bytes: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rejected: Vec<Note>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) rejected_more: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// Where it is not the log file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    found: String,
    expected: String,
    loss: NoteLoss,
}

/// What is lost of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NoteLoss {
    Nothing,
    Row,
    RestOfFile,
}

impl SourceFile {
    /// What a file was when it was read, and what came of it.
    pub(crate) fn new(stamp: Stamp, read: LogFile) -> Self {
        let Stamp { file, bytes, modified } = stamp;
        let note = |rejected: Rejected| Note {
            file: (rejected.file != file).then_some(rejected.file),
            row: rejected.row,
            column: rejected.column,
            found: rejected.found,
            expected: rejected.expected,
            loss: match rejected.loss {
                Loss::Nothing => NoteLoss::Nothing,
                Loss::RestOfFile | Loss::File => NoteLoss::RestOfFile,
                Loss::Row | Loss::Quantity => NoteLoss::Row,
            },
        };
        Self {
            bytes,
            modified,
            records: read.records,
            requests: read.requests,
            without_counts: read.without_counts,
            clock_steps_back: read.clock_steps_back,
            text_bytes: read.text_bytes,
            rejected_more: read.rejected_more + read.rejected.len().saturating_sub(NOTES) as u64,
            rejected: read.rejected.into_iter().take(NOTES).map(note).collect(),
            file,
        }
    }

    /// What the file was.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { file: self.file.clone(), bytes: self.bytes, modified: self.modified.clone() }
    }

    /// What could not be used of it.
    pub(crate) fn rejected(&self) -> impl Iterator<Item = Rejected> {
        self.rejected.iter().map(|note| Rejected {
            file: note.file.clone().unwrap_or_else(|| self.file.clone()),
            row: note.row,
            column: note.column.clone(),
            found: note.found.clone(),
            expected: note.expected.clone(),
            kept: None,
            loss: match note.loss {
                NoteLoss::Nothing => Loss::Nothing,
                NoteLoss::Row => Loss::Row,
                NoteLoss::RestOfFile => Loss::RestOfFile,
            },
        })
    }
}

/// What tells whether a file is one that was digested: its name, size and time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) modified: String,
}

impl Stamp {
    pub(crate) fn of(file: &Path) -> Self {
        let meta = file.metadata().ok();
        let modified = meta.as_ref().and_then(|meta| meta.modified().ok());
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
        // Bodies delivered apart are read with their records: where some arrive later, the records are read again.
        let bodies = file.parent().and_then(|folder| folder.join("data").metadata().ok()?.modified().ok());
        let modified = [modified, bodies].into_iter().flatten().map(nanos).collect::<Vec<_>>().join("+");
        Self { file, bytes: meta.map_or(0, |meta| meta.len()), modified }
    }
}

fn nanos(time: std::time::SystemTime) -> String {
    time.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos()).to_string()
}

/// A finished piece of a digest that was not finished: the log files it has, whole, and its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unit {
    #[serde(flatten)]
    pub(crate) identity: Identity,
    pub(crate) parts: Vec<UnitPart>,
    pub(crate) sources: Vec<SourceFile>,
}

/// A file of a unit, beside its notes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitPart {
    pub(crate) file: String,
    pub(crate) checksum: String,
    pub(crate) stretches: Vec<Stretch>,
}

/// Notes of one log file that are kept: there may be a hundred thousand files.
const NOTES: usize = 10;

impl Contents {
    pub(crate) const fn empty(identity: Identity) -> Self {
        Self { identity, files: Vec::new(), sources: Vec::new() }
    }

    /// The table of contents of a folder; `None` where there is none.
    pub(crate) fn read(folder: &Path, expected: &Identity) -> Result<Option<Self>, ContentsError> {
        let file = folder.join(CONTENTS);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ContentsError::Unreadable { file, source }),
        };
        let invalid = |message: String| ContentsError::Invalid { file: file.clone(), message };
        // The version first: another one may have other fields.
        let loose: serde_json::Value = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        let version = loose.get("schema_version").and_then(serde_json::Value::as_u64);
        let found = version.and_then(|version| u32::try_from(version).ok());
        let found = found.ok_or_else(|| invalid("no schema_version".to_owned()))?;
        if found != expected.schema_version {
            let version = |version| format!("schema version {version}");
            let (found, expected) = (version(found), version(expected.schema_version));
            return Err(ContentsError::Version { file, found, expected });
        }
        let contents: Self = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        contents.identity.check(&file, expected)?;
        if let Some(outside) = contents.files.iter().find(|file| !is_inside(&file.path)) {
            return Err(invalid(format!("a file outside of the folder: {}", outside.path)));
        }
        Ok(Some(contents))
    }

    /// Whether all files are there, as far as their sizes tell.
    pub(crate) fn check_files(&self, folder: &Path) -> Result<(), ContentsError> {
        for file in &self.files {
            let path = folder.join(&file.path);
            let found = match path.metadata() {
                Ok(meta) if meta.len() == file.bytes => continue,
                Ok(meta) => format!("a file of {} bytes", meta.len()),
                Err(_) => "no file".to_owned(),
            };
            return Err(ContentsError::Missing { file: path, found, expected: file.bytes });
        }
        Ok(())
    }

    /// As text, the same for the same contents.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Whether a path leads below the folder it is relative to.
pub(crate) fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}
