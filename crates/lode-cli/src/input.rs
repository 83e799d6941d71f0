//! INPUT: folders and files become a bill, a trace of requests and an inventory. What was read, skipped and why is
//! kept for the report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_billing::{BillReader, BillingError};
use lode_frames::{FramesError, ParquetFile};
use lode_model::{Bill, CallerKey, Inventory, Loss, MemoryTrace, Rejected};
use lode_report::Sources;
use lode_telemetry::{InventoryReader, JsonKind, LogReader, TelemetryError};

use crate::Shell;
use crate::kind::{self, Kind};
use crate::progress::Progress;

/// Input that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// A path that is not there, or not readable.
    #[error("{}: {source}; help: check the path", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// Nothing that could be read as a bill.
    #[error(
        "no billing export in {input}{}; help: point at the `data` folder of a CUR 2.0 data export (CSV.gz or Parquet), beside logs and inventory",
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

/// The readers, one for each kind of input.
struct Readers {
    bill: BillReader,
    logs: LogReader,
    inventory: InventoryReader,
    bill_files: u64,
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
    twins(&files)?;
    let size = |path: &Path| path.metadata().map_or(0, |meta| meta.len());
    let mut progress = Progress::new(files.iter().map(|path| size(path)).sum(), shell.draws);
    let mut readers = Readers {
        bill: BillReader::new(),
        logs: LogReader::new(caller_keys),
        inventory: InventoryReader::new(),
        bill_files: 0,
    };
    let mut broken: Vec<Rejected> = Vec::new();
    let mut bodies = 0;
    for file in &files {
        let name = file.display().to_string();
        progress.file(&name);
        match read_file(file, &mut readers, &progress)? {
            Read::Bill => {
                readers.bill_files += 1;
                sources.files.push(name);
            }
            Read::Log => {
                sources.log_files += 1;
                sources.files.push(name);
            }
            Read::Inventory => {
                sources.inventory_files += 1;
                sources.files.push(name);
            }
            Read::Body => bodies += 1,
            Read::Skipped(why) => sources.skipped.push((name, why)),
            Read::Broken(error) => {
                sources.skipped.push((name, error.clone()));
                broken.push(rejected(file, error, Loss::File));
            }
            Read::InPart(error) => {
                readers.bill_files += 1;
                sources.files.push(name);
                broken.push(rejected(file, error, Loss::RestOfFile));
            }
        }
        progress.done(size(file));
    }
    progress.finish();
    if readers.bill_files == 0 {
        let other = OtherInput { logs: sources.log_files, bodies, inventory: sources.inventory_files };
        return Err(InputError::Nothing { input: sources.input, other, skipped: sources.skipped }.into());
    }
    let bill = readers.bill.finish()?;
    if let Some((currency, _)) = bill.currencies.iter().find(|(currency, _)| currency != "USD") {
        return Err(InputError::Currency { currency: currency.clone() }.into());
    }
    let logs = readers.logs.finish();
    sources.rows_read = bill.rows_read;
    sources.rows_elsewhere = bill.rows_elsewhere;
    sources.log_records = logs.records;
    sources.log_duplicates = logs.duplicates;
    sources.log_without_counts = logs.without_counts;
    sources.rejected = broken.into_iter().chain(bill.rejected.iter().cloned()).chain(logs.rejected).collect();
    sources.rejected_more = bill.rejected_more + logs.rejected_more;
    say(&sources, shell);
    let trace = (sources.log_files > 0 || logs.records > 0).then(|| MemoryTrace::new(logs.requests));
    Ok(Inputs { bill, trace, inventory: readers.inventory.finish(), sources })
}

/// Refuses a chunk beside its own unpacked or converted copy.
fn twins(files: &[PathBuf]) -> Result<(), InputError> {
    let mut chunks: BTreeMap<PathBuf, &PathBuf> = BTreeMap::new();
    for file in files {
        let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let endings = [".csv.gz", ".csv", ".snappy.parquet", ".parquet"];
        let Some(stem) = endings.iter().find_map(|ending| name.strip_suffix(ending)) else { continue };
        if let Some(first) = chunks.insert(file.with_file_name(stem), file) {
            return Err(InputError::Twins { first: first.clone(), second: file.clone() });
        }
    }
    Ok(())
}

/// What came of one file.
enum Read {
    Bill,
    Log,
    Inventory,
    /// Read with the record it belongs to.
    Body,
    Skipped(String),
    Broken(String),
    InPart(String),
}

fn read_file(file: &Path, readers: &mut Readers, progress: &Progress) -> anyhow::Result<Read> {
    let kind = kind::of(file).map_err(|source| InputError::Unreadable { path: file.to_owned(), source })?;
    match kind {
        Kind::Parquet => {
            let mut pushed = false;
            match parquet(file, &mut readers.bill, progress, &mut pushed) {
                Ok(()) => Ok(Read::Bill),
                Err(error) if pushed && error.is::<FramesError>() => Ok(Read::InPart(short(&error))),
                Err(error) => sort_out(error),
            }
        }
        Kind::Text | Kind::Empty => match readers.bill.read_csv(file, &mut |bytes| progress.bytes(bytes)) {
            Ok(()) if kind == Kind::Empty => {
                Ok(Read::Skipped("empty, as overwriting exports leave chunks behind".to_owned()))
            }
            Ok(()) => Ok(Read::Bill),
            Err(error) => sort_out(error.into()),
        },
        Kind::Json(JsonKind::Body) => Ok(Read::Body),
        Kind::Json(JsonKind::Log) => match readers.logs.read(file, &mut |bytes| progress.bytes(bytes)) {
            Ok(()) => Ok(Read::Log),
            Err(error) => broken_json(error),
        },
        Kind::Json(JsonKind::Inventory) => match readers.inventory.read(file) {
            Ok(true) => Ok(Read::Inventory),
            Ok(false) => Ok(Read::Skipped(NO_USE.to_owned())),
            Err(error) => broken_json(error),
        },
        Kind::Json(JsonKind::Other) => Ok(Read::Skipped(NO_USE.to_owned())),
        Kind::CutOff => Ok(Read::Broken("a gzip file that is cut off in its header; copy the file again".to_owned())),
        Kind::Zip => Ok(Read::Skipped("a ZIP archive: unpack it first".to_owned())),
        Kind::Other if name_says_parquet(file) => {
            let found = ParquetFile::open(file).err().map_or_else(String::new, |error| error.to_string());
            Ok(Read::Broken(found))
        }
        Kind::Other => Ok(Read::Skipped("neither CSV nor Parquet".to_owned())),
    }
}

/// Why other JSON is left aside.
const NO_USE: &str = "JSON that is neither an invocation log nor inventory: manifests are not needed, and metrics are not \
                      yet read";

/// A JSON file that is damaged is counted; it decides no dollar of the bill.
fn broken_json(error: TelemetryError) -> anyhow::Result<Read> {
    Ok(Read::Broken(short(&error.into())))
}

fn name_says_parquet(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

fn parquet(file: &Path, reader: &mut BillReader, progress: &Progress, pushed: &mut bool) -> anyhow::Result<()> {
    let parquet = ParquetFile::open(file)?;
    let wanted = reader.table(file, parquet.columns())?;
    let rows = parquet.rows().max(1);
    let size = file.metadata().map_or(0, |meta| meta.len());
    parquet.read(&wanted, &mut |batch| {
        let read = batch.first_row + batch.rows() as u64;
        reader.push(&batch);
        *pushed = true;
        progress.bytes(size.saturating_mul(read) / rows);
    })?;
    Ok(())
}

/// A file that is no bill is left aside, one that is damaged is counted, and anything that would make the sum wrong
/// stops the run.
fn sort_out(error: anyhow::Error) -> anyhow::Result<Read> {
    match error.downcast_ref::<BillingError>() {
        Some(BillingError::NotBilling { .. } | BillingError::NotYetRead { .. } | BillingError::Container { .. }) => {
            return Ok(Read::Skipped(short(&error)));
        }
        Some(BillingError::Unreadable { .. }) => return Ok(Read::Broken(short(&error))),
        Some(_) => return Err(error),
        None => {}
    }
    if error.is::<FramesError>() { Ok(Read::Broken(short(&error))) } else { Err(error) }
}

/// The error without the file's name in front, which the list already has.
fn short(error: &anyhow::Error) -> String {
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
    let unreadable = |source| InputError::Unreadable { path: path.to_owned(), source };
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
        shell.note(&format!(
            "rejected {}{row}{column}: found {}, expected {}{kept}",
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
