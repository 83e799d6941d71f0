//! The folder of a digested trace: `<account>/<region>/<model>/<month>.parquet` and the table of contents. It is
//! changed whole or not at all: new files are written beside it and moved into place, the table of contents last.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use lode_frames::TableWriter;
use lode_model::{Table, Values};
use lode_trace::{Group, Merge, Source, Tables};
use xxhash_rust::xxh3::xxh3_64;

use super::contents::{
    CONTENTS, Contents, ContentsError, Identity, MonthFile, SourceFile, Stamp, Tokens, Unit, UnitPart, is_inside, meta,
};
use super::gather::{Staging, put};
use super::parts::{Part, PartFile, ROWS_PER_BLOCK, Stretch, blocks, checksum};
use crate::threads::on_all_cores;

/// Below the folder of the trace, while a digest is under way or after one was broken off.
const STAGING: &str = ".unfinished";
/// Held by the run that writes.
const LOCK: &str = ".lock";
/// In there, the new table of contents once everything it names is written.
const COMMIT: &str = "commit.json";
/// How many files a merge reads at once: it holds a block of each.
const MERGED_AT_ONCE: usize = 16;

/// What a digest that was broken off has left: whole pieces of it.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) staging: Staging,
    pub(crate) parts: Vec<Part>,
    pub(crate) sources: Vec<SourceFile>,
}

/// Takes up what was left, as far as the log files are still the same; the rest is removed.
pub(crate) fn take_up(folder: &Path, identity: &Identity, stamps: &BTreeSet<Stamp>) -> anyhow::Result<Left> {
    let staging = folder.join(STAGING);
    let (mut parts, mut sources, mut used, mut next) = (Vec::new(), Vec::new(), BTreeSet::new(), 0);
    let entries = match staging.read_dir() {
        Ok(entries) => entries.collect::<Result<Vec<_>, _>>().with_context(|| staging.display().to_string())?,
        Err(_) => Vec::new(),
    };
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.sort();
    for file in &files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let number = name.split(['-', '.']).nth(1).and_then(|number| number.parse::<u64>().ok());
        next = next.max(number.map_or(0, |number| number + 1));
        let Some(unit) = unit(file, &name, identity, stamps) else { continue };
        used.insert(file.clone());
        for part in unit.parts {
            let path = staging.join(part.file);
            used.insert(path.clone());
            parts.push(Part::File(PartFile { path, checksum: None, stretches: part.stretches }));
        }
        sources.extend(unit.sources);
    }
    for file in files.iter().filter(|file| !used.contains(*file)) {
        let removed = if file.is_dir() { std::fs::remove_dir_all(file) } else { std::fs::remove_file(file) };
        removed.with_context(|| file.display().to_string())?;
    }
    Ok(Left { staging: Staging::lasting(&staging, next), parts, sources })
}

/// The notes of a finished unit that can still be used.
fn unit(file: &Path, name: &str, identity: &Identity, stamps: &BTreeSet<Stamp>) -> Option<Unit> {
    if !name.starts_with("unit-") || !name.ends_with(".json") {
        return None;
    }
    let unit: Unit = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    let folder = file.parent()?;
    let whole = |part: &UnitPart| checksum(&folder.join(&part.file)).is_ok_and(|found| found == part.checksum);
    let there = unit.parts.iter().all(|part| is_inside(&part.file) && whole(part));
    let same = unit.sources.iter().all(|source| stamps.contains(&source.stamp()));
    (unit.identity == *identity && there && same).then_some(unit)
}

/// Merges parts into the folder, and enters the log files they were read from. Rows out are in the contents.
pub(crate) fn merge(
    folder: &Path,
    contents: &mut Contents,
    mut parts: Vec<Part>,
    sources: Vec<SourceFile>,
    staging: &Staging,
) -> anyhow::Result<()> {
    let new = folder.join(STAGING).join("new");
    std::fs::create_dir_all(&new).with_context(|| new.display().to_string())?;
    while parts.len() > MERGED_AT_ONCE {
        let rest = parts.split_off(MERGED_AT_ONCE);
        let merged = merge_parts(&parts, staging, &contents.identity)?;
        parts = rest;
        parts.push(merged);
    }
    let groups: BTreeSet<Group> = parts.iter().flat_map(Part::groups).collect();
    let groups: Vec<&Group> = groups.iter().collect();
    let next = AtomicUsize::new(0);
    let written: Mutex<Vec<MonthFile>> = Mutex::default();
    let work = || -> anyhow::Result<()> {
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let job = Job { folder, contents, parts: &parts, group };
            let months = job.write()?;
            written.lock().unwrap_or_else(PoisonError::into_inner).extend(months);
        }
        Ok(())
    };
    on_all_cores(groups.len(), work).into_iter().collect::<anyhow::Result<()>>()?;
    let mut files: BTreeMap<String, MonthFile> =
        std::mem::take(&mut contents.files).into_iter().map(|file| (file.path.clone(), file)).collect();
    let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.extend(written.into_iter().map(|file| (file.path.clone(), file)));
    contents.files = files.into_values().collect();
    contents.files.sort();
    let mut known: BTreeMap<PathBuf, SourceFile> =
        std::mem::take(&mut contents.sources).into_iter().map(|source| (source.file.clone(), source)).collect();
    known.extend(sources.into_iter().map(|source| (source.file.clone(), source)));
    contents.sources = known.into_values().collect();
    put(&folder.join(STAGING).join(COMMIT), contents.to_json()?.as_bytes())?;
    go_on(folder)
}

/// Where a new file of the trace is until it is moved into place.
fn unfinished(folder: &Path, path: &str) -> PathBuf {
    folder.join(STAGING).join("new").join(format!("{:016x}.parquet", xxh3_64(path.as_bytes())))
}

/// Moves new files into place, the table of contents last. Once the new table of contents is whole, this is done even
/// if the run that wrote it was broken off.
pub(crate) fn go_on(folder: &Path) -> anyhow::Result<()> {
    let staging = folder.join(STAGING);
    let commit = staging.join(COMMIT);
    let Ok(text) = std::fs::read_to_string(&commit) else { return Ok(()) };
    let contents: Contents = serde_json::from_str(&text)
        .map_err(|error| ContentsError::Invalid { file: commit.clone(), message: error.to_string() })?;
    for file in contents.files.iter().filter(|file| is_inside(&file.path)) {
        let from = unfinished(folder, &file.path);
        if from.is_file() {
            let to = folder.join(&file.path);
            let parent = to.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
            std::fs::rename(&from, &to).with_context(|| to.display().to_string())?;
        }
    }
    std::fs::rename(&commit, folder.join(CONTENTS)).with_context(|| commit.display().to_string())?;
    std::fs::remove_dir_all(&staging).with_context(|| staging.display().to_string())
}

/// Several parts as one file.
fn merge_parts(parts: &[Part], staging: &Staging, identity: &Identity) -> anyhow::Result<Part> {
    let path = staging.next_merged()?;
    let mut writer = TableWriter::create(&path, &meta(identity))?;
    let groups: BTreeSet<Group> = parts.iter().flat_map(Part::groups).collect();
    let (mut stretches, mut written) = (Vec::new(), 0);
    for group in groups {
        let start = written;
        let sources = parts.iter().map(|part| part.source(&group));
        for table in Tables::with_rows(Merge::new(group.clone(), sources), ROWS_PER_BLOCK) {
            writer.write(&table?.table)?;
            written += 1;
        }
        let spans: Vec<(Timestamp, Timestamp)> = parts.iter().filter_map(|part| part.span(&group)).collect();
        let first = spans.iter().map(|span| span.0).min();
        let (Some(first), Some(last)) = (first, spans.iter().map(|span| span.1).max()) else { continue };
        stretches.push(Stretch::new(&group, start..written, (first, last)));
    }
    writer.finish()?;
    Ok(Part::File(PartFile { path, checksum: None, stretches }))
}

/// The writing of one group.
struct Job<'a> {
    folder: &'a Path,
    contents: &'a Contents,
    parts: &'a [Part],
    group: &'a Group,
}

/// A month that is being written.
struct Open {
    writer: TableWriter,
    path: PathBuf,
    file: MonthFile,
}

impl Job<'_> {
    /// Writes the months that have new requests, with what they had before, beside the trace.
    fn write(&self) -> anyhow::Result<Vec<MonthFile>> {
        let spans = self.parts.iter().filter_map(|part| part.span(self.group));
        let months = spans.fold(None, |months: Option<(Date, Date)>, (first, last)| {
            let (first, last) = (month_of(first), month_of(last));
            Some(months.map_or((first, last), |months| (months.0.min(first), months.1.max(last))))
        });
        let Some((first, last)) = months else { return Ok(Vec::new()) };
        let (account, region, model) = self.group;
        let name = (account.as_str(), region.as_str(), model.as_str());
        // They are in the order of their groups and months.
        let of =
            |file: &MonthFile, than: Date| ((&*file.account, &*file.region, &*file.model), file.month) < (name, than);
        let begin = self.contents.files.partition_point(|file| of(file, first));
        let before = self
            .contents
            .files
            .iter()
            .skip(begin)
            .take_while(|file| (&*file.account, &*file.region, &*file.model) == name && file.month <= last);
        // Months follow each other: their files are one source.
        let before: Vec<Source<'static, anyhow::Error>> = before.map(|file| self.blocks_of(file)).collect();
        let before: Source<'static, anyhow::Error> = Box::new(before.into_iter().flatten());
        let sources = self.parts.iter().map(|part| part.source(self.group)).chain([before]);
        let mut written = Vec::new();
        let mut open: Option<Open> = None;
        for table in Tables::new(Merge::new(self.group.clone(), sources)) {
            let table = table?;
            if open.as_ref().is_some_and(|open| open.file.month != table.month) {
                written.extend(open.take().map(Open::close).transpose()?);
            }
            let month = match &mut open {
                Some(open) => open,
                none => none.insert(self.open(table.month)?),
            };
            month.write(&table.table)?;
        }
        written.extend(open.map(Open::close).transpose()?);
        Ok(written)
    }

    fn blocks_of(&self, file: &MonthFile) -> Source<'static, anyhow::Error> {
        blocks(self.folder.join(&file.path), Some(file.checksum.clone()), (0..file.blocks).collect())
    }

    fn open(&self, month: Date) -> anyhow::Result<Open> {
        let (account, region, model) = self.group;
        let path = [account.as_str(), region.as_str(), model.as_str()].map(file_name).join("/");
        let path = format!("{path}/{}.parquet", month.strftime("%Y-%m"));
        let unfinished = unfinished(self.folder, &path);
        Ok(Open {
            writer: TableWriter::create(&unfinished, &meta(&self.contents.identity))?,
            path: unfinished,
            file: MonthFile {
                account: account.as_str().to_owned(),
                region: region.as_str().to_owned(),
                model: model.as_str().to_owned(),
                month,
                path,
                requests: 0,
                blocks: 0,
                bytes: 0,
                checksum: String::new(),
                tokens: Tokens::default(),
            },
        })
    }
}

impl Open {
    fn write(&mut self, table: &Table) -> anyhow::Result<()> {
        self.writer.write(table)?;
        let sum = |column: &str| match table.column(column) {
            Some(Values::Numbers(numbers)) => numbers.iter().map(|count| count.cast_unsigned()).sum(),
            _ => 0,
        };
        self.file.blocks += 1;
        self.file.requests += table.rows() as u64;
        self.file.tokens += Tokens {
            input: sum("input"),
            output: sum("output"),
            cache_read: sum("cache_read"),
            cache_write: sum("cache_write_5m") + sum("cache_write_30m") + sum("cache_write_1h"),
        };
        Ok(())
    }

    fn close(mut self) -> anyhow::Result<MonthFile> {
        self.file.bytes = self.writer.finish()?;
        self.file.checksum = checksum(&self.path).with_context(|| self.path.display().to_string())?;
        Ok(self.file)
    }
}

/// The first day of a moment's month, UTC.
fn month_of(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date().first_of_month()
}

/// A name as a file system takes it, another one for every name, in capitals or not.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 100;
    let mut safe = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => safe.push(char::from(byte)),
            // A dot in front would hide the file, or lead out of the folder.
            b'.' if !safe.is_empty() => safe.push('.'),
            _ => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.is_empty() {
        return "%".to_owned();
    }
    if safe.len() > LONGEST || name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        safe.truncate(LONGEST);
        safe.push_str(&format!("~{:016x}", xxh3_64(name.as_bytes())));
    }
    safe
}

/// Takes a folder for one run: two at once would write over each other. It is free again when the file is closed.
pub(crate) fn lock(folder: &Path) -> anyhow::Result<std::fs::File> {
    let file = std::fs::File::create(folder.join(LOCK)).with_context(|| folder.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ContentsError::Busy { folder: folder.to_owned() }.into()),
        // A file system without locks: whoever shares it must take care.
        Err(std::fs::TryLockError::Error(_)) => Ok(file),
    }
}

/// The parts of a digested folder, whole.
pub(crate) fn parts(folder: &Path, contents: &Contents) -> Vec<Part> {
    let part = |file: &MonthFile| {
        let path = folder.join(&file.path);
        let day = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or_default();
        let stretch = Stretch {
            account: file.account.clone(),
            region: file.region.clone(),
            model: file.model.clone(),
            blocks: 0..file.blocks,
            first: day(file.month),
            last: day(file.month.last_of_month()),
        };
        Part::File(PartFile { path, checksum: Some(file.checksum.clone()), stretches: vec![stretch] })
    };
    contents.files.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_their_folder_and_apart() {
        assert_eq!(file_name("anthropic.claude-haiku-4-5-20251001-v1:0"), "anthropic.claude-haiku-4-5-20251001-v1%3A0");
        assert_eq!(file_name("provisioned-model/a_b"), "provisioned-model%2Fa%5Fb");
        let long = |length| file_name(&"x".repeat(length));
        assert_eq!((long(100).len(), long(300).len()), (100, 117));
        assert_ne!(long(300), long(301));
        assert_ne!(file_name("A").to_ascii_lowercase(), file_name("a"));
        assert_eq!(
            (file_name(".."), file_name(""), file_name("%")),
            ("%2E.".to_owned(), "%".to_owned(), "%25".to_owned())
        );
    }
}
