//! `lode digest`: invocation logs become a trace in a folder, to keep and to read again in seconds.
//!
//! The reading is in `gather`, the pieces of a trace in `parts`, the folder in `store` and what is noted of it in
//! `contents`. What a row of a trace is, `lode-trace` knows.

pub(crate) mod contents;
pub(crate) mod gather;
pub(crate) mod parts;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lode_model::{CallerKey, Loss, Rejected};
use lode_report::{clean, whole};
use lode_telemetry::TelemetryError;
use serde::Serialize;

use self::contents::{CONTENTS, Contents, Identity, SourceFile, Stamp, Tokens};
use self::gather::gather;
use crate::args::{DigestArgs, DigestFormat};
use crate::bill_files::size;
use crate::input::{self, InputError};
use crate::progress::Progress;
use crate::settings;
use crate::{Exit, Shell};

/// A folder that is up to date with some log files.
pub(crate) struct Digested {
    pub(crate) contents: Contents,
    /// Log files that were read for it now, or taken up from a digest that was broken off.
    pub(crate) new: u64,
    /// Of them, those that were digested before, when they were others: what they held then stays.
    pub(crate) changed: u64,
    /// Files of which nothing could be read.
    pub(crate) broken: BTreeMap<PathBuf, TelemetryError>,
}

/// Digests those log files that the folder does not have yet.
pub(crate) fn into_folder(
    folder: &Path,
    files: &[PathBuf],
    keys: &[CallerKey],
    memory: u32,
    progress: &Progress,
) -> anyhow::Result<Digested> {
    let identity = Identity::of(keys);
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let _lock = store::lock(folder)?;
    store::go_on(folder)?;
    let mut contents = Contents::read(folder, &identity)?.unwrap_or_else(|| Contents::empty(identity.clone()));
    contents.check_files(folder)?;
    let known: BTreeSet<Stamp> = contents.sources.iter().map(SourceFile::stamp).collect();
    let stamps: BTreeSet<Stamp> =
        files.iter().map(|file| Stamp::of(file)).filter(|stamp| !known.contains(stamp)).collect();
    let names: BTreeSet<&PathBuf> = known.iter().map(|stamp| &stamp.file).collect();
    let changed = stamps.iter().filter(|stamp| names.contains(&stamp.file)).count() as u64;
    let left = store::take_up(folder, &identity, &stamps)?;
    let taken_up: BTreeSet<Stamp> = left.sources.iter().map(SourceFile::stamp).collect();
    let to_read: Vec<Stamp> = stamps.difference(&taken_up).cloned().collect();
    let mut found = gather(&to_read, keys, &left.staging, memory, progress)?;
    found.parts.extend(left.parts);
    found.sources.extend(left.sources);
    let new = found.sources.len() as u64;
    // A folder without a table of contents is none: the first one is written though there were no requests.
    if new > 0 || known.is_empty() {
        store::merge(folder, &mut contents, found.parts, found.sources, &left.staging)?;
    }
    Ok(Digested { contents, new, changed, broken: found.broken })
}

/// What `lode digest` prints.
#[derive(Debug, Serialize)]
struct Summary {
    schema_version: u32,
    folder: String,
    /// Log files in the trace, and those of them that are new.
    log_files: u64,
    new_log_files: u64,
    text_bytes: u64,
    records: u64,
    requests: u64,
    duplicates: u64,
    without_counts: u64,
    rejected: u64,
    /// Log files of which nothing could be read.
    unreadable_files: u64,
    tokens: Tokens,
    trace_files: u64,
    trace_bytes: u64,
}

impl Summary {
    fn of(folder: &Path, digested: &Digested) -> Self {
        let Contents { identity, files, sources } = &digested.contents;
        let sum = |count: fn(&SourceFile) -> u64| sources.iter().map(count).sum::<u64>();
        let requests = files.iter().map(|file| file.requests).sum();
        let mut tokens = Tokens::default();
        files.iter().for_each(|file| tokens += file.tokens);
        Self {
            schema_version: identity.schema_version,
            folder: folder.display().to_string(),
            log_files: sources.len() as u64,
            new_log_files: digested.new,
            text_bytes: sum(|source| source.text_bytes),
            records: sum(|source| source.records),
            requests,
            duplicates: sum(|source| source.requests).saturating_sub(requests),
            without_counts: sum(|source| source.without_counts),
            rejected: rejected(sources).filter(|note| note.loss != Loss::Nothing).count() as u64
                + sum(|source| source.rejected_more),
            unreadable_files: digested.broken.len() as u64,
            tokens,
            trace_files: files.len() as u64,
            trace_bytes: files.iter().map(|file| file.bytes).sum(),
        }
    }

    fn text(&self) -> String {
        let row = |name: &str, value: u64, more: &str| format!("  {name:<26}{:>20}{more}\n", whole(value.into()));
        let Tokens { input, output, cache_read, cache_write } = self.tokens;
        [
            format!("trace in {}\n", clean(&self.folder)),
            row("log files", self.log_files, &format!("   {} new", whole(self.new_log_files.into()))),
            row("bytes of text", self.text_bytes, ""),
            row("records", self.records, ""),
            row("requests", self.requests, "   each once"),
            row("duplicates left out", self.duplicates, ""),
            row("without token counts", self.without_counts, "   not in the trace, and not counted as free"),
            row("rejected", self.rejected, "   those without token counts among them"),
            row("log files not readable", self.unreadable_files, ""),
            row("input tokens", input, ""),
            row("output tokens", output, ""),
            row("cache read tokens", cache_read, ""),
            row("cache write tokens", cache_write, ""),
            row("bytes of trace", self.trace_bytes, &format!("   in {} files", whole(self.trace_files.into()))),
        ]
        .concat()
    }
}

/// What could not be used of all log files.
pub(crate) fn rejected(sources: &[SourceFile]) -> impl Iterator<Item = Rejected> {
    sources.iter().flat_map(SourceFile::rejected)
}

/// Runs the command.
pub(crate) fn run(args: &DigestArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let settings = settings::read(args.config.as_deref())?;
    let keys = settings.caller_keys.unwrap_or_else(CallerKey::defaults);
    let logs = input::logs(&args.input, &args.output)?;
    if logs.files.is_empty() {
        let input = args.input.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
        return Err(InputError::NoLogs { input }.into());
    }
    let bytes = logs.files.iter().map(|file| size(file)).sum();
    let progress = Progress::new(bytes, shell.draws);
    let digested = into_folder(&args.output, &logs.files, &keys, args.memory, &progress)?;
    progress.finish();
    for file in logs.others.iter().take(5) {
        shell.note(&format!("left aside {}: no invocation log", file.display()));
    }
    if logs.others.len() > 5 {
        shell.note(&format!("left aside {} more files that are no invocation logs", logs.others.len() - 5));
    }
    if digested.changed > 0 {
        let (files, it) = if digested.changed == 1 { ("file has", "it was") } else { ("files have", "they were") };
        let count = digested.changed;
        shell.note(&format!(
            "{count} log {files} changed since {it} digested; requests of the earlier version stay in the trace"
        ));
    }
    for (file, error) in &digested.broken {
        shell.note(&format!("skipped {}: {}", file.display(), input::short_of(error)));
    }
    let sources = &digested.contents.sources;
    let not_listed = sources.iter().map(|source| source.rejected_more).sum();
    input::say_rejected(rejected(sources), not_listed, CONTENTS, shell);
    let summary = Summary::of(&args.output, &digested);
    let page = match args.format {
        DigestFormat::Table => summary.text(),
        DigestFormat::Json => serde_json::to_string_pretty(&summary)? + "\n",
    };
    shell.out.write_all(page.as_bytes())?;
    let unusable = summary.rejected > 0 || !digested.broken.is_empty();
    Ok(if args.strict && unusable { Exit::Rejected } else { Exit::Made })
}
