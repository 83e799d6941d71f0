//! Writing tables: each becomes one row group, each of its columns one page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{Table, Values};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::{Compression, compress};
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::error::{ParquetError, ParquetResult};
use polars_parquet::parquet::metadata::{ColumnDescriptor, SchemaDescriptor};
use polars_parquet::parquet::page::{CompressedDataPage, CompressedDictPage, DataPageHeader, DataPageHeaderV1};
use polars_parquet::parquet::statistics::PrimitiveStatistics;
use polars_parquet::parquet::write::{FileWriter, WriteOptions};
use polars_parquet::write::{
    CompressedPage, CompressionOptions, DynIter, DynStreamingIterator, KeyValue, Version, ZstdLevel,
    fallible_streaming_iterator,
};

use crate::FramesError;
use crate::encode::{Encoded, flags, levels, numbers, texts};
use crate::kinds::Kind;

/// What the file says it was made by. No version: the bytes must depend on nothing but the tables.
const MADE_BY: &str = "Lode";
/// Level 3 of zstd. Level 1 makes a trace 5 % larger (66.6 bytes a row against 63.7; lists of segments 8.5 against 5.7)
/// and its writing a quarter quicker (0.5 against 0.65 microseconds a row; measured 2026-11, `sizes_and_times`).
const ZSTD_LEVEL: i32 = 3;

/// Writes [`Table`]s to a Parquet file, one row group each. The same tables and metadata give the same bytes.
///
/// Other readers find whole numbers as 64-bit ones, moments as UTC timestamps in microseconds, texts as strings and
/// lists as lists. Moments have their smallest and largest value in the table of contents, other columns do not.
pub struct TableWriter {
    path: PathBuf,
    metadata: Vec<KeyValue>,
    state: State,
}

enum State {
    /// The columns are not known yet.
    Empty(BufWriter<File>),
    Begun(Box<Begun>),
    /// A write went wrong.
    Broken,
}

struct Begun {
    file: FileWriter<BufWriter<File>>,
    columns: Vec<(Arc<str>, Kind)>,
}

impl std::fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

impl TableWriter {
    /// Creates a file, in place of one that is there. `metadata` is kept in the table of contents.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, metadata: &BTreeMap<String, String>) -> Result<Self, FramesError> {
        let file = File::create(path).map_err(|source| FramesError::Io { file: path.to_path_buf(), source })?;
        let metadata = metadata.iter().map(|(key, value)| KeyValue { key: key.clone(), value: Some(value.clone()) });
        Ok(Self {
            path: path.to_path_buf(),
            metadata: metadata.collect(),
            state: State::Empty(BufWriter::with_capacity(1 << 20, file)),
        })
    }

    /// Appends a table as one row group, whatever its size. The first table says which columns there are; one without
    /// rows says so, too, and is no row group.
    ///
    /// # Errors
    /// When the table has no columns, other columns than the first one, or columns that are no table (of unequal
    /// length, or with places that are nowhere), or when the file cannot be written. After that, nothing more can be
    /// written.
    pub fn write(&mut self, table: &Table) -> Result<(), FramesError> {
        self.check(table)?;
        let io = |fault: ParquetError| io_fault(&self.path, fault);
        let mut begun = match std::mem::replace(&mut self.state, State::Broken) {
            State::Empty(file) => Box::new(begin(file, table).map_err(io)?),
            State::Begun(begun) => begun,
            State::Broken => return Err(broken(&self.path)),
        };
        self.check_same(&begun.columns, table)?;
        let rows = table.rows();
        if rows > 0 {
            let mut chunks = Vec::with_capacity(table.columns.len());
            for ((name, values), leaf) in table.columns.iter().zip(begun.file.schema().columns()) {
                let pages = pages(values, leaf).map_err(io)?;
                let pages = pages.ok_or_else(|| self.uneven(name, "too many values", "fewer in one table"))?;
                chunks.push(pages);
            }
            let chunks = chunks.iter().map(|pages| {
                let pages = pages.iter().map(Ok::<_, ParquetError>);
                Ok::<_, ParquetError>(DynStreamingIterator::new(fallible_streaming_iterator::convert(pages)))
            });
            begun.file.write(rows as u64, DynIter::new(chunks)).map_err(io)?;
        }
        self.state = State::Begun(begun);
        Ok(())
    }

    /// Writes the table of contents and waits until everything is on the disk. Returns the file's size in bytes.
    ///
    /// # Errors
    /// When no table was written, a write failed before, or the file cannot be written.
    pub fn finish(self) -> Result<u64, FramesError> {
        let mut begun = match self.state {
            State::Begun(begun) => begun,
            State::Broken => return Err(broken(&self.path)),
            State::Empty(_) => {
                let source = std::io::Error::other("no table was written to it");
                return Err(FramesError::Io { file: self.path, source });
            }
        };
        begun.file.end(Some(self.metadata)).map_err(|fault| io_fault(&self.path, fault))?;
        let written = begun.file.into_inner().into_inner().map_err(std::io::IntoInnerError::into_error);
        let size = written.and_then(|file| {
            file.sync_all()?;
            Ok(file.metadata()?.len())
        });
        size.map_err(|source| FramesError::Io { file: self.path, source })
    }

    /// Whether the columns make a table.
    fn check(&self, table: &Table) -> Result<(), FramesError> {
        if table.columns.is_empty() {
            return Err(self.uneven("", "no columns", "at least one"));
        }
        let mut names = BTreeSet::new();
        for (name, values) in &table.columns {
            if !names.insert(name) {
                return Err(self.uneven(name, "the column twice", "each column once"));
            }
            if values.len() != table.rows() {
                let found = format!("{} values", values.len());
                return Err(self.uneven(name, &found, &format!("{}, as in the first column", table.rows())));
            }
            let nowhere = match values {
                Values::Words { texts, places } => outside(texts, places),
                Values::WordLists { ends, texts, places } => !are_ends(ends, places.len()) || outside(texts, places),
                Values::Lists { ends, values } => !are_ends(ends, values.len()),
                _ => false,
            };
            if nowhere {
                return Err(self.uneven(name, "a place that is nowhere", "places in its texts, ends in its values"));
            }
        }
        Ok(())
    }

    /// Whether a table has the columns of the first one.
    fn check_same(&self, columns: &[(Arc<str>, Kind)], table: &Table) -> Result<(), FramesError> {
        for (place, (name, values)) in table.columns.iter().enumerate() {
            match columns.get(place) {
                Some((known, kind)) if known == name && *kind == Kind::of(values) => {}
                Some((known, kind)) if known == name => {
                    return Err(self.uneven(name, Kind::of(values).name(), kind.name()));
                }
                _ => return Err(self.uneven(name, "a new column", "the columns of the first table")),
            }
        }
        match columns.get(table.columns.len()) {
            Some((missing, _)) => Err(self.uneven(missing, "a table without it", "the columns of the first table")),
            None => Ok(()),
        }
    }

    fn uneven(&self, column: &str, found: &str, expected: &str) -> FramesError {
        FramesError::Uneven {
            file: self.path.clone(),
            column: column.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

fn io_fault(path: &Path, fault: ParquetError) -> FramesError {
    FramesError::Io { file: path.to_path_buf(), source: std::io::Error::other(fault.to_string()) }
}

fn broken(path: &Path) -> FramesError {
    let source = std::io::Error::other("an earlier write to it failed");
    FramesError::Io { file: path.to_path_buf(), source }
}

fn outside(texts: &[Arc<str>], places: &[Option<u32>]) -> bool {
    let count = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    places.iter().flatten().any(|place| *place >= count)
}

fn are_ends(ends: &[u32], values: usize) -> bool {
    ends.is_sorted() && usize::try_from(ends.last().copied().unwrap_or(0)) == Ok(values)
}

fn begin(file: BufWriter<File>, table: &Table) -> ParquetResult<Begun> {
    let columns: Vec<(Arc<str>, Kind)> =
        table.columns.iter().map(|(name, values)| (Arc::clone(name), Kind::of(values))).collect();
    let fields = columns.iter().map(|(name, kind)| kind.parquet_type(name)).collect::<ParquetResult<_>>()?;
    let schema = SchemaDescriptor::new("table".into(), fields);
    // Statistics are in the pages of those columns that have any; this is about an index of pages.
    let options = WriteOptions { write_statistics: false, version: Version::V1 };
    Ok(Begun { file: FileWriter::new(file, schema, options, Some(MADE_BY.to_owned())), columns })
}

/// The levels of a page, encoded, and how many there are.
#[derive(Default)]
struct Levels {
    bytes: Vec<u8>,
    count: usize,
}

/// The pages of a column chunk, or nothing when there are more values than a page can have.
fn pages(values: &Values, leaf: &ColumnDescriptor) -> ParquetResult<Option<Vec<CompressedPage>>> {
    let none = |count: usize| Levels { bytes: Vec::new(), count };
    let (levels, encoded) = match values {
        Values::Numbers(values) | Values::Micros(values) => (none(values.len()), numbers(values)),
        Values::Flags(values) => (none(values.len()), flags(values)),
        Values::Optional(values) => {
            let there: Vec<i64> = values.iter().flatten().copied().collect();
            (of_options(values), numbers(&there))
        }
        Values::Words { texts: all, places } => (of_options(places), texts(all, places.iter().flatten().copied())),
        Values::Lists { ends, values } => (of_lists(ends, 1, |_| 1), numbers(values)),
        Values::WordLists { ends, texts: all, places } => {
            let level = |place: usize| if places.get(place).is_some_and(Option::is_some) { 2 } else { 1 };
            (of_lists(ends, 2, level), texts(all, places.iter().flatten().copied()))
        }
    };
    let statistics = match values {
        Values::Micros(values) => Some(PrimitiveStatistics::<i64> {
            primitive_type: leaf.descriptor.primitive_type.clone(),
            null_count: Some(0),
            distinct_count: None,
            min_value: values.iter().min().copied(),
            max_value: values.iter().max().copied(),
        }),
        _ => None,
    };
    let Encoded { dictionary, encoding, values: tail } = encoded;
    let Ok(num_values) = i32::try_from(levels.count) else { return Ok(None) };
    let mut pages = Vec::new();
    if let Some((bytes, distinct)) = dictionary {
        let Ok(_) = i32::try_from(bytes.len()) else { return Ok(None) };
        let packed = CowBuffer::Owned(packed(&bytes)?);
        pages.push(CompressedPage::Dict(CompressedDictPage::new(
            packed,
            Compression::Zstd,
            bytes.len(),
            distinct,
            false,
        )));
    }
    let header = DataPageHeader::V1(DataPageHeaderV1 {
        num_values,
        encoding: encoding.unwrap_or(Encoding::Plain).into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: statistics.map(|statistics| statistics.serialize()),
    });
    let mut bytes = levels.bytes;
    bytes.extend(tail);
    let Ok(_) = i32::try_from(bytes.len()) else { return Ok(None) };
    let compressed = CowBuffer::Owned(packed(&bytes)?);
    pages.push(CompressedPage::Data(CompressedDataPage::new(
        header,
        compressed,
        Compression::Zstd,
        bytes.len(),
        leaf.descriptor.clone(),
        values.len(),
    )));
    Ok(Some(pages))
}

fn of_options<T>(values: &[Option<T>]) -> Levels {
    let mut bytes = Vec::new();
    levels(&mut bytes, values.iter().map(|value| u32::from(value.is_some())), 1);
    Levels { bytes, count: values.len() }
}

/// Levels of lists that are all there; `level` is that of the element at a place.
fn of_lists(ends: &[u32], width: u32, level: impl Fn(usize) -> u32) -> Levels {
    let (mut begins, mut there) = (Vec::new(), Vec::new());
    let mut start = 0;
    for end in ends.iter().map(|end| usize::try_from(*end).unwrap_or(usize::MAX)) {
        begins.push(0);
        if end == start {
            there.push(0);
        } else {
            begins.resize(begins.len() + end - start - 1, 1);
            there.extend((start..end).map(&level));
        }
        start = end;
    }
    let mut bytes = Vec::new();
    levels(&mut bytes, begins.iter().copied(), 1);
    levels(&mut bytes, there.iter().copied(), width);
    Levels { bytes, count: there.len() }
}

fn packed(bytes: &[u8]) -> ParquetResult<Vec<u8>> {
    let mut packed = Vec::new();
    let level = ZstdLevel::try_new(ZSTD_LEVEL)?;
    compress(CompressionOptions::Zstd(Some(level)), bytes, &mut packed)?;
    Ok(packed)
}
