//! Reading log files on all cores into pieces of a trace, in flat memory: what is too much to hold is written out.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use lode_model::CallerKey;
use lode_telemetry::{LogReader, TelemetryError};
use lode_trace::{Collection, Run};
use tempfile::TempDir;

use super::contents::{Identity, SourceFile, Stamp, Unit, UnitPart};
use super::parts::{Part, PartFile, checksum, write_run};
use crate::progress::Progress;
use crate::threads::{cores, on_all_cores};

/// MiB of requests that all threads together hold before they are written out, where nobody says otherwise.
pub(crate) const MEMORY: u32 = 80;

/// What came of the log files.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) parts: Vec<Part>,
    pub(crate) sources: Vec<SourceFile>,
    /// Files of which nothing could be read.
    pub(crate) broken: BTreeMap<PathBuf, TelemetryError>,
}

/// Where pieces go that are too much to hold.
#[derive(Debug)]
pub(crate) struct Staging {
    /// Where a later run may go on with what is there; `None` for a folder that is gone with this run.
    lasting: Option<PathBuf>,
    fleeting: Mutex<Option<TempDir>>,
    /// The number of the next file.
    next: AtomicU64,
}

impl Staging {
    /// For a run that nobody goes on with. Nothing is written unless there is too much to hold.
    pub(crate) fn fleeting() -> Self {
        Self { lasting: None, fleeting: Mutex::default(), next: AtomicU64::new(0) }
    }

    /// For a run that may be broken off. New files get numbers from `next` on.
    pub(crate) fn lasting(folder: &Path, next: u64) -> Self {
        Self { lasting: Some(folder.to_owned()), fleeting: Mutex::default(), next: AtomicU64::new(next) }
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.lasting {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            return Ok(folder.clone());
        }
        let mut fleeting = self.fleeting.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match fleeting.take() {
            Some(folder) => folder,
            None => tempfile::tempdir()
                .context("a folder for temporary files; help: set TMPDIR to one that can be written to")?,
        };
        Ok(fleeting.insert(folder).path().to_owned())
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn write(&self, run: &Run, identity: &Identity) -> anyhow::Result<PartFile> {
        write_run(run, &self.folder()?.join(format!("part-{:06}.parquet", self.number())), identity)
    }

    /// A name for several parts merged.
    pub(crate) fn next_merged(&self) -> anyhow::Result<PathBuf> {
        Ok(self.folder()?.join(format!("merged-{:06}.parquet", self.number())))
    }

    /// Notes that some log files are wholly in some parts. The name in place says that the notes are whole.
    fn close(&self, unit: &Unit) -> anyhow::Result<()> {
        let Some(folder) = &self.lasting else { return Ok(()) };
        let file = folder.join(format!("unit-{:06}.json", self.number()));
        put(&file, serde_json::to_string(unit)?.as_bytes())
    }
}

/// Writes a file whole or not at all.
pub(crate) fn put(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let unfinished = file.with_extension("unfinished");
    let write = || {
        std::fs::write(&unfinished, bytes)?;
        std::fs::File::open(&unfinished)?.sync_all()?;
        std::fs::rename(&unfinished, file)
    };
    write().with_context(|| file.display().to_string())
}

/// Reads log files. What the result holds depends on neither their order nor the number of threads, but for how it
/// is divided into parts.
pub(crate) fn gather(
    files: &[Stamp],
    keys: &[CallerKey],
    staging: &Staging,
    memory: u32,
    progress: &Progress,
) -> anyhow::Result<Gathered> {
    let threads = cores(files.len());
    let queue = queue(files, threads);
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Gathered> {
        let mut worker = Worker::new(keys, staging, memory as usize * 1024 * 1024 / threads);
        while let Some(stamp) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(fault) = worker.read(stamp, progress) {
                // The others stop after the file at hand.
                next.store(queue.len(), Ordering::Relaxed);
                return Err(fault);
            }
        }
        Ok(worker.finish())
    };
    let mut all = Gathered::default();
    for result in on_all_cores(files.len(), work) {
        let result = result?;
        all.parts.extend(result.parts);
        all.sources.extend(result.sources);
        all.broken.extend(result.broken);
    }
    all.sources.sort();
    Ok(all)
}

/// The order to read in: the largest first, so that no thread is left alone with one at the end; those that cannot do
/// that in the order of their names, which is that of time, so that prompts follow those that they repeat.
fn queue(files: &[Stamp], threads: usize) -> Vec<&Stamp> {
    let all: u64 = files.iter().map(|file| file.bytes).sum();
    let large = all / (16 * threads as u64);
    let mut queue: Vec<&Stamp> = files.iter().collect();
    queue.sort_by_key(|file| (Reverse(if file.bytes > large { file.bytes } else { 0 }), &file.file));
    queue
}

/// One thread's part of the work.
struct Worker<'a> {
    reader: LogReader,
    identity: Identity,
    staging: &'a Staging,
    memory: usize,
    /// The most that one file has added to what is held.
    largest: usize,
    collection: Collection,
    /// What is written of the files since the last unit was closed.
    open: Vec<PartFile>,
    /// Files read since then.
    since: Vec<SourceFile>,
    done: Gathered,
}

impl<'a> Worker<'a> {
    fn new(keys: &[CallerKey], staging: &'a Staging, memory: usize) -> Self {
        Self {
            reader: LogReader::new(keys.to_vec()),
            identity: Identity::of(keys),
            staging,
            memory,
            largest: 0,
            collection: Collection::new(),
            open: Vec::new(),
            since: Vec::new(),
            done: Gathered::default(),
        }
    }

    fn read(&mut self, stamp: &Stamp, progress: &Progress) -> anyhow::Result<()> {
        let before = self.collection.bytes();
        let mut bar = progress.file(&stamp.file.display().to_string(), stamp.bytes);
        let Self { reader, collection, open, staging, memory, identity, .. } = self;
        let mut fault: Option<anyhow::Error> = None;
        let mut add = |request: &lode_model::Request| -> anyhow::Result<()> {
            collection.add(request)?;
            if collection.bytes() >= *memory {
                open.push(staging.write(&std::mem::take(collection).seal(), identity)?);
            }
            Ok(())
        };
        let read = reader.read(&stamp.file, &mut |bytes| bar.bytes(bytes), &mut |request| {
            if fault.is_none() {
                fault = add(request).err();
            }
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        match read {
            Ok(read) => self.since.push(SourceFile::new(stamp.clone(), read)),
            Err(error) => {
                self.done.broken.insert(stamp.file.clone(), error);
            }
        }
        // A unit ends with a file, so that it holds whole files: it is closed before one that may not go into it any more, and
        // at once where one had to be written in part.
        self.largest = self.largest.max(self.collection.bytes().saturating_sub(before));
        if !self.open.is_empty() || self.collection.bytes() + self.largest >= self.memory {
            self.close()?;
        }
        Ok(())
    }

    fn close(&mut self) -> anyhow::Result<()> {
        self.largest = 0;
        if !self.collection.is_empty() {
            let run = std::mem::take(&mut self.collection).seal();
            self.open.push(self.staging.write(&run, &self.identity)?);
        }
        let unit_part = |part: &PartFile| -> anyhow::Result<UnitPart> {
            Ok(UnitPart {
                file: part.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
                checksum: checksum(&part.path).with_context(|| part.path.display().to_string())?,
                stretches: part.stretches.clone(),
            })
        };
        let unit = Unit {
            identity: self.identity.clone(),
            parts: self.open.iter().map(unit_part).collect::<anyhow::Result<_>>()?,
            sources: std::mem::take(&mut self.since),
        };
        self.staging.close(&unit)?;
        self.done.sources.extend(unit.sources);
        self.done.parts.extend(std::mem::take(&mut self.open).into_iter().map(Part::File));
        Ok(())
    }

    fn finish(mut self) -> Gathered {
        self.done.sources.extend(self.since);
        if !self.collection.is_empty() {
            self.done.parts.push(Part::Memory(self.collection.seal()));
        }
        self.done
    }
}
