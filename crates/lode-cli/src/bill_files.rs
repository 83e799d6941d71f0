//! The files of the bill, read on all cores: which of them are the bill, each through the reader of its kind, and what
//! came of each. Knows no logs and no inventory but the names of stores.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use lode_billing::{BillReader, BillingError, Delivery, Manifest, deliver};
use lode_frames::{FramesError, ParquetFile, Pick};

use crate::input::{InputError, Read, short};
use crate::kind::Kind;
use crate::progress::{FileProgress, Progress};

/// Files with fewer rows are read whole.
const FEW_ROWS: u64 = 100_000;
/// Of rows of other services in larger files, one in so many is looked at: for the months and the length of rows.
const SAMPLE: u64 = 2_048;
/// A manifest lists a few thousand files at most; its list of columns is longer.
const LARGEST_MANIFEST: u64 = 64 << 20;

/// A manifest, where the file is one.
pub(crate) fn manifest(file: &Path) -> Option<Manifest> {
    let mut text = String::new();
    std::fs::File::open(file).ok()?.take(LARGEST_MANIFEST).read_to_string(&mut text).ok()?;
    Manifest::parse(file, &text)
}

/// What came of the bill's files: the reader that has them all, and each file's fate.
pub(crate) struct BillFiles {
    pub(crate) reader: BillReader,
    pub(crate) fates: BTreeMap<PathBuf, Read>,
    /// What says that the bill is not whole.
    pub(crate) doubts: Vec<(PathBuf, String)>,
}

/// Reads the files of the bill.
pub(crate) fn read(
    files: &BTreeMap<PathBuf, Kind>,
    manifests: &[Manifest],
    reader: BillReader,
    progress: &Progress,
) -> anyhow::Result<BillFiles> {
    let Delivery { read, left, mut doubts } = deliver(&files.keys().cloned().collect::<Vec<_>>(), manifests);
    doubts.retain(|(file, _)| files.get(file) != Some(&Kind::Empty));
    twins(&read)?;
    // The largest first, so that no thread is left alone with one at the end.
    let mut queue: Vec<(&PathBuf, Kind)> = read.iter().filter_map(|file| Some((file, *files.get(file)?))).collect();
    queue.sort_by_key(|(file, _)| std::cmp::Reverse(size(file)));
    let next = AtomicUsize::new(0);
    let work = |mut reader: BillReader| {
        let mut fates = Vec::new();
        while let Some(&(file, kind)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            fates.push((file.clone(), read_file(file, kind, &mut reader, progress)));
        }
        (reader, fates)
    };
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN).get().min(queue.len());
    let (reader, mut results) = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| reader.beside()).map(|beside| scope.spawn(|| work(beside))).collect();
        let (mut reader, mut results) = work(reader);
        for other in others {
            match other.join() {
                Ok((read, fates)) => {
                    reader.merge(read);
                    results.extend(fates);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (reader, results)
    });
    // Of several faults, the first file's is told, whichever thread met it first.
    results.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut fates: BTreeMap<PathBuf, Read> = left.into_iter().map(|(file, why)| (file, Read::Skipped(why))).collect();
    for (file, fate) in results {
        fates.insert(file, fate?);
    }
    Ok(BillFiles { reader, fates, doubts })
}

/// Bytes of a file, as far as it tells.
pub(crate) fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |meta| meta.len())
}

/// Refuses a chunk beside its own unpacked or packed copy.
fn twins(files: &[PathBuf]) -> Result<(), InputError> {
    let mut chunks: BTreeMap<PathBuf, &PathBuf> = BTreeMap::new();
    for file in files {
        let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let endings = [".csv.gz", ".csv.zip", ".csv"];
        let Some(stem) = endings.iter().find_map(|ending| name.strip_suffix(ending)) else { continue };
        if let Some(first) = chunks.insert(file.with_file_name(stem), file) {
            return Err(InputError::Twins { first: first.clone(), second: file.clone() });
        }
    }
    Ok(())
}

fn read_file(file: &Path, kind: Kind, reader: &mut BillReader, progress: &Progress) -> anyhow::Result<Read> {
    let mut bar = progress.file(&file.display().to_string(), size(file));
    if kind == Kind::Parquet {
        let mut pushed = false;
        return match parquet(file, reader, &mut bar, &mut pushed) {
            Ok(()) => Ok(Read::Bill),
            Err(error) if pushed && error.is::<FramesError>() => Ok(Read::InPart(short(&error))),
            Err(error) => sort_out(error),
        };
    }
    match reader.read_csv(file, &mut |bytes| bar.bytes(bytes)) {
        Ok(()) if kind == Kind::Empty => {
            Ok(Read::Skipped("empty, as overwriting exports leave chunks behind".to_owned()))
        }
        Ok(()) => Ok(Read::Bill),
        Err(error @ BillingError::Container { .. }) if kind == Kind::Zip && says_csv(file) => {
            Ok(Read::Broken(short(&error.into())))
        }
        Err(error) => sort_out(error.into()),
    }
}

/// Whether the name is that of a chunk of a legacy report: an archive of that name that cannot be read is missed.
fn says_csv(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().to_ascii_lowercase().ends_with(".csv.zip"))
}

fn parquet(file: &Path, reader: &mut BillReader, bar: &mut FileProgress<'_>, pushed: &mut bool) -> anyhow::Result<()> {
    let parquet = ParquetFile::open(file)?;
    let wanted = reader.table(file, parquet.columns())?;
    let rows = parquet.rows().max(1);
    let size = size(file);
    let mut taken = 0;
    let mut each = |batch: lode_model::RowBatch| {
        reader.push(&batch);
        *pushed = true;
        taken += batch.rows() as u64;
        let last = batch.rows().checked_sub(1).map_or(0, |last| batch.number(last));
        bar.bytes(u64::try_from(u128::from(size) * u128::from(last + 1) / u128::from(rows)).unwrap_or(size));
    };
    if parquet.rows() < FEW_ROWS {
        parquet.read(&wanted.columns, &mut each)?;
        return Ok(());
    }
    let columns = wanted.rows.columns();
    let keep = |texts: &[Option<&str>]| wanted.rows.may_be_ours(texts);
    let pick = Pick { columns: &columns, keep: &keep, sample_every: SAMPLE };
    let seen = parquet.read_where(&wanted.columns, &pick, &mut each)?;
    reader.passed_over(seen.saturating_sub(taken), parquet.bounds(&wanted.start));
    Ok(())
}

/// A file that is no bill is left aside, one that is damaged is counted, and anything that would make the sum wrong
/// stops the run.
fn sort_out(error: anyhow::Error) -> anyhow::Result<Read> {
    match error.downcast_ref::<BillingError>() {
        Some(BillingError::NotBilling { .. } | BillingError::Container { .. }) => Ok(Read::Skipped(short(&error))),
        Some(BillingError::Unreadable { .. }) => Ok(Read::Broken(short(&error))),
        Some(_) => Err(error),
        None if error.is::<FramesError>() => Ok(Read::Broken(short(&error))),
        None => Err(error),
    }
}
