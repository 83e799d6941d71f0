//! INPUT: folders and files become a bill, a trace of requests and an inventory. What was read, skipped and why is
//! kept for the report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_billing::{BillReader, Manifest};
use lode_frames::ParquetFile;
use lode_model::{Bill, CallerKey, Inventory, Loss, MemoryTrace, Rejected};
use lode_report::Sources;
use lode_telemetry::{InventoryReader, JsonKind, LogReader, TelemetryError};

use crate::Shell;
use crate::bill_files::{self, BillFiles};
use crate::kind::{self, Kind};
use crate::progress::Progress;

/// Input that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// A path that is not there, or not readable.
    #[error("{}: {cause}; help: check the path", path.display())]
    Unreadable { path: PathBuf, cause: std::io::Error },
    /// Nothing that could be read as a bill.
    #[error(
        "no billing export in {input}{}; help: point at a folder with a CUR 2.0, legacy CUR or FOCUS export (CSV, CSV.gz, CSV.zip or Parquet), beside logs and inventory",
        because(other, skipped)
    )]
    Nothing { input: String, other: OtherInput, skipped: Vec<(String, String)> },
    /// One chunk in two forms.
    #[error("{} and {}: one file in two forms; added up, every dollar would count twice; help: give one of the two", first.display(), second.display())]
    Twins { first: PathBuf, second: PathBuf },
    /// Amounts that are no US dollars.
    #[error(
        "the export is in {currency} (column line_item_currency_code), expected USD; help: prices and rules of this version are in USD; export the USD bill"
    )]
    Currency { currency: String },
}

/// Files that were understood, but are no bill.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OtherInput {
    /// Of invocation logs.
    logs: u64,
    /// With request bodies, which belong to records of the logs.
    bodies: u64,
    /// Of inventory.
    inventory: u64,
}

impl OtherInput {
    /// `12 files of invocation logs and 1 of inventory`; `None` where there are none.
    fn said(self) -> Option<String> {
        let parts =
            [(self.logs, "of invocation logs"), (self.bodies, "of request bodies"), (self.inventory, "of inventory")];
        let mut text = String::new();
        for (files, what) in parts.into_iter().filter(|(files, _)| *files > 0) {
            let noun = if !text.is_empty() {
                ""
            } else if files == 1 {
                " file"
            } else {
                " files"
            };
            let and = if text.is_empty() { "" } else { " and " };
            text.push_str(&format!("{and}{files}{noun} {what}"));
        }
        (!text.is_empty()).then_some(text)
    }
}

/// What was found instead, and the reasons for the first few files.
fn because(other: &OtherInput, skipped: &[(String, String)]) -> String {
    let mut text = match other.said() {
        Some(found) => format!(": found {found}, which need the bill beside them"),
        None if skipped.is_empty() => ": the folder holds no file".to_owned(),
        None => String::new(),
    };
    for (file, why) in skipped.iter().take(5) {
        text.push_str(&format!("\n  {file}: {why}"));
    }
    if skipped.len() > 5 {
        text.push_str(&format!("\n  and {} more files", skipped.len() - 5));
    }
    text
}

/// Everything read.
pub(crate) struct Inputs {
    pub(crate) bill: Bill,
    /// Requests, where there were logs.
    pub(crate) trace: Option<MemoryTrace>,
    pub(crate) inventory: Inventory,
    pub(crate) sources: Sources,
}

/// What was found, by kind.
#[derive(Default)]
struct Found {
    /// What may be files of the bill.
    bill: BTreeMap<PathBuf, Kind>,
    manifests: Vec<Manifest>,
    logs: Vec<PathBuf>,
    inventory: Vec<PathBuf>,
    bodies: u64,
    /// What came of a file, where that is known already.
    fates: BTreeMap<PathBuf, Read>,
}

/// Reads everything named.
pub(crate) fn read(input: &[PathBuf], caller_keys: Vec<CallerKey>, shell: &mut Shell<'_>) -> anyhow::Result<Inputs> {
    let mut sources = Sources {
        input: input.iter().map(|path| quoted(&path.display().to_string())).collect::<Vec<_>>().join(" "),
        ..Sources::default()
    };
    let mut files = Vec::new();
    for path in input {
        list(path, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut found = find(&files)?;
    let to_read = found.bill.keys().chain(&found.logs).chain(&found.inventory);
    let bytes = to_read.map(|file| file.metadata().map_or(0, |meta| meta.len())).sum();
    let progress = Progress::new(bytes, shell.draws);

    // Inventory first: it names the stores whose rows stand among those of other services.
    let inventory = read_inventory(&mut found, &progress);
    let reader = BillReader::new().with_labels(&caller_keys).with_stores(inventory.store_ids());
    let BillFiles { reader, fates, doubts } = bill_files::read(&found.bill, &found.manifests, reader, &progress)?;
    found.fates.extend(fates);
    let mut logs = LogReader::new(caller_keys);
    for file in &found.logs {
        let mut bar = progress.file(&file.display().to_string(), file.metadata().map_or(0, |meta| meta.len()));
        let fate = match logs.read(file, &mut |bytes| bar.bytes(bytes)) {
            Ok(()) => Read::Log,
            Err(error) => broken_json(error),
        };
        found.fates.insert(file.clone(), fate);
    }
    progress.finish();

    let (bill_files, mut broken) = sort(found.fates, &mut sources);
    broken.extend(doubts.into_iter().map(|(file, found)| {
        Rejected {
            expected:
                "the files that the manifest lists and no others; copy the billing period again, metadata included"
                    .to_owned(),
            ..rejected(&file, found, Loss::File)
        }
    }));
    if bill_files == 0 {
        let other = OtherInput { logs: sources.log_files, bodies: found.bodies, inventory: sources.inventory_files };
        return Err(InputError::Nothing { input: sources.input, other, skipped: sources.skipped }.into());
    }
    let bill = reader.finish()?;
    if let Some((currency, _)) = bill.currencies.iter().find(|(currency, _)| currency != "USD") {
        return Err(InputError::Currency { currency: currency.clone() }.into());
    }
    for (file, why) in &bill.superseded {
        let name = file.display().to_string();
        sources.files.retain(|read| *read != name);
        sources.skipped.push((name, why.clone()));
    }
    let logs = logs.finish();
    sources.rows_read = bill.rows_read;
    sources.rows_elsewhere = bill.rows_elsewhere;
    sources.log_records = logs.records;
    sources.log_duplicates = logs.duplicates;
    sources.log_without_counts = logs.without_counts;
    sources.rejected = broken.into_iter().chain(bill.rejected.iter().cloned()).chain(logs.rejected).collect();
    sources.rows_lost = bill.rows_lost;
    sources.rejected_more = bill.rejected_more + logs.rejected_more;
    say(&sources, shell);
    let trace = (sources.log_files > 0 || logs.records > 0).then(|| MemoryTrace::new(logs.requests));
    Ok(Inputs { bill, trace, inventory, sources })
}

/// What came of one file.
pub(crate) enum Read {
    Bill,
    Log,
    Inventory,
    /// Read with the record it belongs to.
    Body,
    /// Says which files are the bill.
    Manifest,
    Skipped(String),
    Broken(String),
    InPart(String),
}

/// Says of each file what it is.
fn find(files: &[PathBuf]) -> Result<Found, InputError> {
    let mut found = Found::default();
    for file in files {
        let kind = kind::of(file).map_err(|cause| InputError::Unreadable { path: file.clone(), cause })?;
        let fate = match kind {
            Kind::Parquet | Kind::Text | Kind::Empty | Kind::Zip => {
                found.bill.insert(file.clone(), kind);
                continue;
            }
            Kind::Json(JsonKind::Log) => {
                found.logs.push(file.clone());
                continue;
            }
            Kind::Json(JsonKind::Inventory) => {
                found.inventory.push(file.clone());
                continue;
            }
            Kind::Json(JsonKind::Body) => {
                found.bodies += 1;
                Read::Body
            }
            Kind::Json(JsonKind::Other) => match bill_files::manifest(file) {
                Some(manifest) => {
                    found.manifests.push(manifest);
                    Read::Manifest
                }
                None => Read::Skipped(NO_USE.to_owned()),
            },
            Kind::CutOff => Read::Broken("a gzip file that is cut off in its header; copy the file again".to_owned()),
            Kind::Utf16 => Read::Broken(
                "byte 0: found text in UTF-16, expected UTF-8; help: give the file as AWS delivered it, or save it as CSV \
                 UTF-8"
                    .to_owned(),
            ),
            Kind::Other if name_says_parquet(file) => {
                Read::Broken(ParquetFile::open(file).err().map_or_else(String::new, |error| short(&error.into())))
            }
            Kind::Other => Read::Skipped("neither CSV nor Parquet".to_owned()),
        };
        found.fates.insert(file.clone(), fate);
    }
    Ok(found)
}

fn read_inventory(found: &mut Found, progress: &Progress) -> Inventory {
    let mut reader = InventoryReader::new();
    for file in &found.inventory {
        let _bar = progress.file(&file.display().to_string(), file.metadata().map_or(0, |meta| meta.len()));
        let fate = match reader.read(file) {
            Ok(true) => Read::Inventory,
            Ok(false) => Read::Skipped(NO_USE.to_owned()),
            Err(error) => broken_json(error),
        };
        found.fates.insert(file.clone(), fate);
    }
    reader.finish()
}

/// Enters each file in the sources; returns how many are the bill's, and those that are damaged.
fn sort(fates: BTreeMap<PathBuf, Read>, sources: &mut Sources) -> (u64, Vec<Rejected>) {
    let mut bill_files = 0;
    let mut broken = Vec::new();
    for (file, fate) in fates {
        let name = file.display().to_string();
        match fate {
            Read::Bill => bill_files += 1,
            Read::Log => sources.log_files += 1,
            Read::Inventory => sources.inventory_files += 1,
            Read::Body | Read::Manifest => continue,
            Read::Skipped(why) => {
                sources.skipped.push((name, why));
                continue;
            }
            Read::Broken(error) => {
                sources.skipped.push((name, error.clone()));
                broken.push(rejected(&file, error, Loss::File));
                continue;
            }
            Read::InPart(error) => {
                bill_files += 1;
                broken.push(rejected(&file, error, Loss::RestOfFile));
            }
        }
        sources.files.push(name);
    }
    (bill_files, broken)
}

/// Why other JSON is left aside.
const NO_USE: &str = "JSON that is neither an invocation log, inventory nor a manifest of billing files; metrics are not \
                      yet read";

/// A JSON file that is damaged is counted; it decides no dollar of the bill.
fn broken_json(error: TelemetryError) -> Read {
    Read::Broken(short(&error.into()))
}

fn name_says_parquet(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// The error without the file's name in front, which the list already has.
pub(crate) fn short(error: &anyhow::Error) -> String {
    let text = error.to_string();
    text.split_once(": ").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

fn rejected(file: &Path, found: String, loss: Loss) -> Rejected {
    Rejected {
        file: file.to_owned(),
        row: None,
        column: None,
        found,
        expected: "a file that can be read".to_owned(),
        kept: None,
        loss,
    }
}

/// Files below a path, hidden ones left out.
fn list(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), InputError> {
    let unreadable = |cause| InputError::Unreadable { path: path.to_owned(), cause };
    if !path.metadata().map_err(unreadable)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in path.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            list(&entry.path(), files)?;
        }
    }
    Ok(())
}

fn say(sources: &Sources, shell: &mut Shell<'_>) {
    for (file, why) in sources.skipped.iter().take(10) {
        // The whole story is for a run that found nothing; here a word will do.
        let why = why.split(": ").find(|part| !part.starts_with("row 0")).unwrap_or(why);
        shell.note(&format!("skipped {file}: {why}"));
    }
    for r in sources.rejected.iter().take(5) {
        let row = r.row.map(|row| format!(": row {row}")).unwrap_or_default();
        let column = r.column.as_ref().map(|column| format!(": column {column}")).unwrap_or_default();
        let kept = r.kept.map(|kept| format!("; {} kept in the totals", kept.to_usd())).unwrap_or_default();
        let word = if r.loss == Loss::Nothing { "noted" } else { "rejected" };
        shell.note(&format!(
            "{word} {}{row}{column}: found {}, expected {}{kept}",
            r.file.display(),
            r.found,
            r.expected
        ));
    }
    let more = (sources.rejected.len() as u64 + sources.rejected_more).saturating_sub(5);
    if more > 0 {
        shell.note(&format!("rejected {more} more; --format json lists the first of them"));
    }
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_bill_what_was_found_is_said() {
        let said = |logs, bodies, inventory, skipped: &[(String, String)]| {
            let other = OtherInput { logs, bodies, inventory };
            InputError::Nothing { input: "in".to_owned(), other, skipped: skipped.to_vec() }.to_string()
        };
        assert!(said(0, 0, 0, &[]).starts_with("no billing export in in: the folder holds no file; help:"));
        let logs = said(12, 0, 1, &[]);
        let expected =
            "in in: found 12 files of invocation logs and 1 of inventory, which need the bill beside them; help:";
        assert!(logs.contains(expected), "{logs}");
        let both = said(1, 0, 0, &[("a.txt".to_owned(), "neither CSV nor Parquet".to_owned())]);
        assert!(both.contains("found 1 file of invocation logs") && both.contains("\n  a.txt: neither"), "{both}");
        assert!(!said(0, 3, 0, &[]).contains("no file"));
    }
}
