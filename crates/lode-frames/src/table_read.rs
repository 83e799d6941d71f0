//! Reading tables, row group by row group.
//!
//! Pages are decoded here, not by polars: its decoder believes the counts it reads (a damaged one may end the process)
//! and goes by way of arrow arrays, while places in a dictionary are what [`Values::Words`] holds anyway.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{Table, Values};
use polars::prelude::{PolarsError, PolarsResult};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::DecompressionContext;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::metadata::{ColumnChunkMetadata, FileMetadata, RowGroupMetadata};
use polars_parquet::parquet::page::{CompressedPage, Page};
use polars_parquet::parquet::read::{PageReader, decompress, read_metadata};

use crate::FramesError;
use crate::chunks::{bytes_of, damaged, guarded};
use crate::decode::{Numbers, Texts, dictionary_size, flags, hybrid, parts};
use crate::kinds::{Kind, Shape};
use crate::read::check_ends;

/// What polars adds to the metadata of a file by itself.
const NOT_OURS: &str = "ARROW:schema";

/// An open file of [`Table`]s: its table of contents is read, its rows are not.
pub struct TableFile {
    path: PathBuf,
    contents: FileMetadata,
    metadata: BTreeMap<String, String>,
}

impl std::fmt::Debug for TableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableFile").field("path", &self.path).field("rows", &self.rows()).finish_non_exhaustive()
    }
}

impl TableFile {
    /// Opens a file and reads its table of contents.
    ///
    /// # Errors
    /// When the file cannot be read, is no Parquet file, or is cut off or damaged.
    pub fn open(path: &Path) -> Result<Self, FramesError> {
        check_ends(path)?;
        let contents = guarded(path, || Ok(read_metadata(&mut File::open(path)?)?))?;
        let pairs = contents.key_value_metadata.iter().flatten();
        let pairs = pairs.filter(|pair| pair.key != NOT_OURS);
        let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)));
        Ok(Self { path: path.to_path_buf(), metadata: pairs.collect(), contents })
    }

    /// What the writer of the file put into its metadata.
    #[must_use]
    pub const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// How many tables (row groups) there are.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.contents.row_groups.len()
    }

    /// How many rows there are in all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.contents.row_groups.iter().map(|group| group.num_rows() as u64).sum()
    }

    /// One table, with all its columns. Texts come in the order of the file's dictionary, each once, which need not be
    /// the order they were written from; texts that no row has are gone.
    ///
    /// # Errors
    /// When there is no such table, a column has a type or values that a [`Table`] cannot hold, or the file is damaged
    /// or cannot be read.
    pub fn read(&self, group: usize) -> Result<Table, FramesError> {
        let names: Vec<&str> = self.contents.schema_descr.fields().iter().map(|field| field.name()).collect();
        self.read_columns(group, &names)
    }

    /// One table, with the wanted columns only, in the order they are wanted.
    ///
    /// # Errors
    /// As [`TableFile::read`]; also when a wanted column is not there.
    pub fn read_columns(&self, group: usize, wanted: &[&str]) -> Result<Table, FramesError> {
        let found = self.contents.row_groups.get(group).ok_or_else(|| {
            damaged(&self.path, format!("found {} row groups, expected number {group}, from 0", self.groups()))
        })?;
        let mut file = File::open(&self.path).map_err(|source| FramesError::Io { file: self.path.clone(), source })?;
        let mut columns = Vec::with_capacity(wanted.len());
        for name in wanted {
            columns.push((Arc::from(*name), self.column(&mut file, found, name)?));
        }
        Ok(Table { columns })
    }

    fn column(&self, file: &mut File, group: &RowGroupMetadata, name: &str) -> Result<Values, FramesError> {
        let no_column = || FramesError::NoColumn { file: self.path.clone(), column: name.to_owned() };
        let unfit = |found| FramesError::TableType { file: self.path.clone(), column: name.to_owned(), found };
        let schema = &self.contents.schema_descr;
        let field = schema.fields().iter().find(|field| field.name() == name).ok_or_else(no_column)?;
        let mut leaves = group.columns_idxs_under_root_iter(name).unwrap_or_default().iter();
        let (Some(place), None) = (leaves.next(), leaves.next()) else { return Err(unfit("a group".to_owned())) };
        let chunk = group.parquet_columns().get(*place).ok_or_else(no_column)?;
        let shape = Shape::of(field, chunk.descriptor()).map_err(unfit)?;
        let bytes = bytes_of(&self.path, file, chunk)?;
        let fault = |fault: String| damaged(&self.path, format!("column {name}: {fault}"));
        let cells = guarded(&self.path, || cells_of(chunk, shape, &bytes))?.map_err(fault)?;
        cells.values(shape, group.num_rows()).map_err(|found| match found {
            Unfit::Damaged(words) => fault(words),
            Unfit::Absent => unfit(format!("{} with some absent", shape.kind.name())),
        })
    }
}

/// Why the cells of a column are no values.
enum Unfit {
    Damaged(String),
    Absent,
}

/// A column chunk, decoded.
#[derive(Default)]
struct Cells {
    /// 0 where a list begins.
    begins: Vec<u32>,
    /// How much of each value is there; empty when all are.
    levels: Vec<u32>,
    count: usize,
    numbers: Numbers,
    texts: Texts,
    flags: Vec<bool>,
}

fn fault_of(fault: impl std::fmt::Display) -> PolarsError {
    PolarsError::ComputeError(fault.to_string().into())
}

fn cells_of(chunk: &ColumnChunkMetadata, shape: Shape, bytes: &CowBuffer) -> PolarsResult<Result<Cells, String>> {
    let CowBuffer::Borrowed(bytes) = bytes.clone() else { return Ok(Err("it has no bytes".to_owned())) };
    let most = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
    let dictionary = dictionary_size(&bytes).is_some_and(|size| size <= most);
    let mut cells = Cells::default();
    let mut context = DecompressionContext::Unset;
    for page in PageReader::new(Cursor::new(bytes), chunk, Vec::new(), usize::MAX) {
        let page = page.map_err(fault_of)?;
        let fits = match &page {
            CompressedPage::Data(page) => page.uncompressed_size() as u64 <= most,
            CompressedPage::Dict(_) => dictionary,
        };
        if !fits {
            return Ok(Err("a page is larger than its column".to_owned()));
        }
        let page = decompress(page, &mut Vec::new(), &mut context).map_err(fault_of)?;
        if let Err(fault) = cells.add(shape, &page) {
            return Ok(Err(fault));
        }
    }
    if usize::try_from(chunk.num_values()) != Ok(cells.count) {
        return Ok(Err(format!("found {} values, expected {}", cells.count, chunk.num_values())));
    }
    Ok(Ok(cells))
}

impl Cells {
    fn add(&mut self, shape: Shape, page: &Page) -> Result<(), String> {
        let has_lists = matches!(shape.kind, Kind::Lists | Kind::WordLists);
        let has_texts = matches!(shape.kind, Kind::Words | Kind::WordLists);
        let page = match page {
            Page::Dict(page) if has_texts => return self.texts.dictionary(page),
            Page::Dict(page) => return self.numbers.dictionary(page),
            Page::Data(page) => page,
        };
        let count = page.num_values();
        let [repetition, definition, values] = parts(page, has_lists, shape.full > 0)?;
        if has_lists {
            hybrid(repetition, 1, count, &mut self.begins)?;
        }
        let mut there = count;
        if shape.full > 0 {
            let start = self.levels.len();
            hybrid(definition, u32::BITS - shape.full.leading_zeros(), count, &mut self.levels)?;
            there = self.levels.iter().skip(start).filter(|level| **level == shape.full).count();
            if self.levels.iter().skip(start).any(|level| *level > shape.full) {
                return Err("a page has a level that is none".to_owned());
            }
        }
        self.count += count;
        // With no value there, some writers leave out the values' bytes altogether.
        let encoding: Encoding = page.encoding();
        match shape.kind {
            _ if there == 0 => Ok(()),
            Kind::Flags => flags(encoding, values, there, &mut self.flags),
            Kind::Words | Kind::WordLists => self.texts.page(encoding, values, there),
            _ => self.numbers.page(encoding, values, there),
        }
    }

    fn values(self, shape: Shape, rows: usize) -> Result<Values, Unfit> {
        let Shape { kind, full, .. } = shape;
        let is_full = self.levels.iter().all(|level| *level == full);
        let (numbers, Texts { texts, found: places, .. }) = (self.numbers.found, self.texts);
        let (ends, absent) = match kind {
            Kind::Lists | Kind::WordLists => ends(shape, &self.begins, &self.levels)?,
            _ => (Vec::new(), !is_full),
        };
        let values = match kind {
            Kind::Numbers => Values::Numbers(numbers),
            Kind::Micros if is_full => Values::Micros(numbers),
            Kind::Flags if is_full => Values::Flags(self.flags),
            Kind::Lists if !absent => Values::Lists { ends, values: numbers },
            Kind::Micros | Kind::Flags | Kind::Lists => return Err(Unfit::Absent),
            Kind::Optional => Values::Optional(with_absent(numbers, self.levels.iter(), full)),
            Kind::Words if full == 0 => Values::Words { texts, places: places.into_iter().map(Some).collect() },
            Kind::Words => Values::Words { texts, places: with_absent(places, self.levels.iter(), full) },
            Kind::WordLists => {
                let elements = self.levels.iter().filter(|level| **level > shape.empty);
                Values::WordLists { ends, texts, places: with_absent(places, elements, full) }
            }
        };
        if values.len() == rows {
            return Ok(values);
        }
        Err(Unfit::Damaged(format!("found {} rows, expected {rows}", values.len())))
    }
}

/// Where lists end, and whether any element is absent.
fn ends(shape: Shape, begins: &[u32], levels: &[u32]) -> Result<(Vec<u32>, bool), Unfit> {
    if begins.first().is_some_and(|begins| *begins != 0) {
        return Err(Unfit::Damaged("the first list has no beginning".to_owned()));
    }
    let (mut ends, mut elements, mut absent) = (Vec::new(), 0_u32, false);
    for (place, (begins, level)) in begins.iter().zip(levels).enumerate() {
        if *begins == 0 && place > 0 {
            ends.push(elements);
        }
        if *level < shape.empty {
            return Err(Unfit::Absent);
        }
        if *level > shape.empty {
            elements = elements.checked_add(1).ok_or_else(|| Unfit::Damaged("too many elements".to_owned()))?;
            absent |= *level < shape.full;
        }
    }
    if !begins.is_empty() {
        ends.push(elements);
    }
    Ok((ends, absent))
}

fn with_absent<'a, T>(values: Vec<T>, levels: impl Iterator<Item = &'a u32>, full: u32) -> Vec<Option<T>> {
    let mut values = values.into_iter();
    levels.map(|level| if *level == full { values.next() } else { None }).collect()
}
