//! INPUT: folders and files become a bill, a trace of requests and an inventory. What was read, skipped and why is
//! kept for the report.

mod demand;
mod requests;
mod say;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use lode_billing::{BillReader, Manifest};
use lode_frames::ParquetFile;
use lode_model::{Bill, CallerKey, Inventory, Loss, Metrics, Rejected};
use lode_report::Sources;
use lode_telemetry::{InventoryReader, JsonKind, MetricsReader, TelemetryError};

use crate::Shell;
use crate::bill_files::{self, BillFiles, size};
use crate::digest::contents::{CONTENTS, Contents, Identity, SourceFile, Stamp};
use crate::digest::gather::{MEMORY, Staging, gather};
use crate::digest::parts::{Part, Parts};
use crate::digest::{self, store};
use crate::eval::{self, Documents, document};
use crate::export;
use crate::kind::{self, Kind};
use crate::progress::Progress;
use crate::threads::on_all_cores;
use crate::whatif::results::results;

pub(crate) use demand::{Demand, demand};
pub(crate) use requests::{Requests, requests};
pub(crate) use say::say_rejected;
use say::{say, say_metrics};

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
    /// Nothing that could be read as an invocation log.
    #[error(
        "no invocation log in {input}; help: point at the BedrockModelInvocationLogs folder that invocation logging delivers to, or at exported events of its CloudWatch log group"
    )]
    NoLogs { input: String },
    /// Nothing that holds requests.
    #[error(
        "no requests in {input}: found {found}, expected model invocation logs or a trace that `lode digest` has written{or}; help: point at the BedrockModelInvocationLogs folder that invocation logging delivers to, or at exported events of its CloudWatch log group"
    )]
    NoRequests { input: String, found: String, or: String },
    /// Demand told twice.
    #[error(
        "found {tables} of demand beside {others}, expected one of them; added up, calls would count twice; help: give one"
    )]
    Mixed { tables: String, others: String },
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
    pub(crate) trace: Option<Parts>,
    pub(crate) inventory: Inventory,
    /// What CloudWatch counted.
    pub(crate) metrics: Metrics,
    /// Requests that were read of the logs, duplicates included.
    pub(crate) log_requests: u64,
    pub(crate) sources: Sources,
    /// What `lode eval import` wrote.
    pub(crate) documents: Documents,
    /// Files of invocation logs, those of traces aside.
    pub(crate) log_files: Vec<PathBuf>,
}

/// What was found, by kind.
#[derive(Default)]
struct Found {
    /// What may be files of the bill.
    bill: BTreeMap<PathBuf, Kind>,
    manifests: Vec<Manifest>,
    logs: Vec<PathBuf>,
    /// Folders of digested traces.
    traces: Vec<PathBuf>,
    inventory: Vec<PathBuf>,
    metrics: Vec<PathBuf>,
    bodies: u64,
    documents: Documents,
    /// What came of a file, where that is known already.
    fates: BTreeMap<PathBuf, Read>,
}

/// Reads everything named.
/// Logs are digested into the folder `keep` where one is given, and else for this run only.
pub(crate) fn read(
    input: &[PathBuf],
    caller_keys: Vec<CallerKey>,
    keep: Option<&Path>,
    shell: &mut Shell<'_>,
) -> anyhow::Result<Inputs> {
    let mut sources = Sources {
        input: input.iter().map(|path| quoted(&path.display().to_string())).collect::<Vec<_>>().join(" "),
        ..Sources::default()
    };
    let Listed { files, mut traces } = list_all(input)?;
    traces.retain(|folder| !is_kept(folder, keep));
    let mut found = Found { traces, ..find(&files)? };
    let to_read = found.bill.keys().chain(&found.logs).chain(&found.inventory);
    let bytes = to_read.map(|file| size(file)).sum();
    let progress = Progress::new(bytes, shell.draws);

    // Inventory first: it names the stores whose rows stand among those of other services.
    let inventory = read_inventory(&mut found, &progress);
    let metrics = read_metrics(&mut found);
    let reader = BillReader::new().with_labels(&caller_keys).with_stores(inventory.store_ids());
    let BillFiles { reader, fates, doubts } = bill_files::read(&found.bill, &found.manifests, reader, &progress)?;
    found.fates.extend(fates);
    let logs = read_logs(&mut found, &caller_keys, keep, MEMORY, &progress)?;
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
    sources.rows_read = bill.rows_read;
    sources.rows_elsewhere = bill.rows_elsewhere;
    let sum = |count: fn(&SourceFile) -> u64| logs.sources.iter().map(count).sum::<u64>();
    sources.log_records = sum(|source| source.records);
    sources.log_without_counts = sum(|source| source.without_counts);
    let mut rejected: Vec<Rejected> = digest::rejected(&logs.sources).collect();
    let beyond = rejected.len().saturating_sub(LISTED);
    rejected.truncate(LISTED);
    sources.rejected = broken.into_iter().chain(bill.rejected.iter().cloned()).chain(rejected).collect();
    sources.rows_lost = bill.rows_lost;
    sources.rejected_more = bill.rejected_more + beyond as u64 + sum(|source| source.rejected_more);
    say(&sources, shell);
    say_metrics(&metrics, shell);
    let log_requests = sum(|source| source.requests);
    let trace = (sources.log_files > 0).then(|| Parts::new(logs.parts, logs.staging));
    let (documents, log_files) = (found.documents, found.logs);
    sources.retrieval = documents.frontiers();
    sources.evaluations_unusable = documents.unusable.len() as u64;
    for (file, why) in documents.unusable.iter().take(LISTED) {
        shell.note(&format!("not used {}: {why}", file.display()));
    }
    Ok(Inputs { bill, trace, inventory, metrics, log_requests, sources, documents, log_files })
}

/// How many notes on rows of logs are listed.
const LISTED: usize = 1_000;

/// Whether a trace is the one to keep, which is read once, brought up to date.
fn is_kept(folder: &Path, keep: Option<&Path>) -> bool {
    keep.is_some_and(|keep| keep.canonicalize().ok() == folder.canonicalize().ok())
}

/// What is known of invocation logs.
struct Logs {
    parts: Vec<Part>,
    sources: Vec<SourceFile>,
    /// Holds the parts that were too much for memory.
    staging: Option<Staging>,
}

/// Reads the logs and takes the digested traces.
fn read_logs(
    found: &mut Found,
    keys: &[CallerKey],
    keep: Option<&Path>,
    memory: u32,
    progress: &Progress,
) -> anyhow::Result<Logs> {
    let identity = Identity::of(keys);
    let mut logs = Logs { parts: Vec::new(), sources: Vec::new(), staging: None };
    let mut traces = std::mem::take(&mut found.traces);
    traces.extend(keep.map(Path::to_owned));
    let broken = match keep {
        _ if found.logs.is_empty() => BTreeMap::new(),
        Some(folder) => digest::into_folder(folder, &found.logs, keys, memory, progress)?.broken,
        None => {
            let stamps: Vec<Stamp> = found.logs.iter().map(|file| Stamp::of(file)).collect();
            let staging = Staging::fleeting();
            let gathered = gather(&stamps, keys, &staging, memory, progress)?;
            logs.parts = gathered.parts;
            logs.sources = gathered.sources;
            logs.staging = Some(staging);
            gathered.broken
        }
    };
    for folder in traces {
        let Some(contents) = Contents::read(&folder, &identity)? else { continue };
        logs.parts.extend(store::parts(&folder, &contents));
        logs.sources.extend(contents.sources);
    }
    // A file that was read here and is in a trace, too, is one file.
    logs.sources.sort();
    logs.sources.dedup_by_key(|source| source.stamp());
    found.fates.extend(logs.sources.iter().map(|source| (source.file.clone(), Read::Log)));
    found.fates.extend(broken.into_iter().map(|(file, error)| (file, broken_json(error))));
    Ok(logs)
}

/// Files of logs among some input.
pub(crate) struct LogFiles {
    pub(crate) files: Vec<PathBuf>,
    /// Other files, bodies aside.
    pub(crate) others: Vec<PathBuf>,
}

/// Finds the logs below some paths; a trace that is to be written there is left out.
pub(crate) fn logs(input: &[PathBuf], output: &Path) -> Result<LogFiles, InputError> {
    let Listed { mut files, .. } = list_all(input)?;
    files.retain(|file| !file.starts_with(output));
    let found = find(&files)?;
    let left = found.fates.into_iter().filter(|(_, fate)| !matches!(fate, Read::Body | Read::Manifest));
    let left = left.map(|(file, _)| file);
    let others = found.bill.into_keys().chain(found.inventory).chain(found.metrics).chain(left).collect();
    Ok(LogFiles { files: found.logs, others })
}

/// What came of one file.
pub(crate) enum Read {
    Bill,
    Log,
    Inventory,
    Metrics,
    /// Read with the record it belongs to.
    Body,
    /// Says which files are the bill.
    Manifest,
    /// A verdict of a test on the user's own calls.
    Evaluation,
    Skipped(String),
    Broken(String),
    InPart(String),
}

/// Says of each file what it is. Files are looked into by all cores: there may be a hundred thousand.
fn find(files: &[PathBuf]) -> Result<Found, InputError> {
    let next = AtomicUsize::new(0);
    let looked = on_all_cores(files.len(), || {
        let mut kinds = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            kinds.push((file, kind::of(file)));
        }
        kinds
    });
    let kinds: BTreeMap<&PathBuf, std::io::Result<Kind>> = looked.into_iter().flatten().collect();
    let mut found = Found::default();
    for (file, kind) in kinds {
        let kind = kind.map_err(|cause| InputError::Unreadable { path: file.clone(), cause })?;
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
            Kind::Json(JsonKind::Metrics) => {
                found.metrics.push(file.clone());
                continue;
            }
            Kind::Json(JsonKind::Body) => {
                found.bodies += 1;
                Read::Body
            }
            Kind::Json(JsonKind::Other) => match other_json(file, &mut found) {
                Some(fate) => fate,
                None => continue,
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

/// Says of JSON that is no telemetry what it is; nothing where it is told elsewhere.
fn other_json(file: &Path, found: &mut Found) -> Option<Read> {
    if let Some(manifest) = bill_files::manifest(file) {
        found.manifests.push(manifest);
        return Some(Read::Manifest);
    }
    match results(file) {
        Some(Ok(found_by)) => {
            found.documents.retrieval.push(found_by);
            return Some(Read::Evaluation);
        }
        Some(Err(why)) => {
            found.documents.unusable.push((file.to_owned(), why));
            return None;
        }
        None => {}
    }
    match document(file) {
        Some(Ok(evaluation)) => found.documents.read.push(evaluation),
        Some(Err(error)) => {
            found.documents.unusable.push((file.to_owned(), error.to_string()));
            return None;
        }
        None => return Some(Read::Skipped(NO_USE.to_owned())),
    }
    Some(Read::Evaluation)
}

fn read_inventory(found: &mut Found, progress: &Progress) -> Inventory {
    let mut reader = InventoryReader::new();
    for file in &found.inventory {
        let _bar = progress.file(&file.display().to_string(), size(file));
        let fate = match reader.read(file) {
            Ok(true) => Read::Inventory,
            Ok(false) => Read::Skipped(NO_USE.to_owned()),
            Err(error) => broken_json(error),
        };
        found.fates.insert(file.clone(), fate);
    }
    reader.finish()
}

fn read_metrics(found: &mut Found) -> Metrics {
    let mut reader = MetricsReader::new();
    for file in &found.metrics {
        let fate = match reader.read(file) {
            Ok(true) => Read::Metrics,
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
            // Metrics are listed beside the inventory: both are what the AWS CLI printed.
            Read::Inventory | Read::Metrics => sources.inventory_files += 1,
            Read::Evaluation => sources.evaluation_files += 1,
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
const NO_USE: &str =
    "JSON that is neither an invocation log, inventory, metrics, a manifest of billing files nor an evaluation";

/// A JSON file that is damaged is counted; it decides no dollar of the bill.
fn broken_json(error: TelemetryError) -> Read {
    Read::Broken(short(&error.into()))
}

fn name_says_parquet(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// The error without the file's name in front, which the list already has.
pub(crate) fn short(error: &anyhow::Error) -> String {
    short_of(error.as_ref())
}

pub(crate) fn short_of(error: &dyn std::error::Error) -> String {
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

/// What is below some paths.
#[derive(Default)]
struct Listed {
    /// Files, each once, in order.
    files: Vec<PathBuf>,
    /// Folders of digested traces, whose files are not among them.
    traces: Vec<PathBuf>,
}

fn list_all(input: &[PathBuf]) -> Result<Listed, InputError> {
    let mut listed = Listed::default();
    for path in input {
        list(path, &mut listed)?;
    }
    for paths in [&mut listed.files, &mut listed.traces] {
        paths.sort();
        paths.dedup();
    }
    Ok(listed)
}

/// Files below a path, hidden ones left out.
fn list(path: &Path, listed: &mut Listed) -> Result<(), InputError> {
    let unreadable = |cause| InputError::Unreadable { path: path.to_owned(), cause };
    let meta = path.metadata().map_err(unreadable)?;
    if !meta.is_dir() {
        // A pipe or a device has no end.
        listed.files.extend(meta.is_file().then(|| path.to_owned()));
        return Ok(());
    }
    if path.join(CONTENTS).is_file() {
        listed.traces.push(path.to_owned());
        return Ok(());
    }
    // What was exported for a job is no input.
    if export::is_export(path) {
        return Ok(());
    }
    // A project of `lode eval` holds text of calls, and what npm brought. Only its verdicts are meant.
    let start = if eval::is_project(path) { eval::VERDICTS } else { "" };
    for entry in path.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(start) && !name.starts_with('.') {
            list(&entry.path(), listed)?;
        }
    }
    Ok(())
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests;
