//! Reading: open a file, see its columns, take the rows of some of them in slices.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{Column, RowBatch};
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::{ArrowSchema, DataFrame, ParquetReader, PolarsResult, SerReader};
use polars_parquet::parquet::metadata::{FileMetadata, SchemaDescriptor};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::PageReader;
use polars_parquet::parquet::schema::types::{GroupConvertedType, GroupLogicalType, ParquetType};

use crate::FramesError;
use crate::cells::{cells_of, is_supported};

/// Rows of one batch, at most.
const BATCH_ROWS: usize = 65_536;
/// Rows decoded at once, at most. Row groups of AWS exports are mostly smaller; a bigger one is decoded in parts.
const DECODE_ROWS: usize = 4 * BATCH_ROWS;

/// An open Parquet file: its table of contents is read, its rows are not.
pub struct ParquetFile {
    path: PathBuf,
    columns: Vec<String>,
    rows: usize,
    groups: Vec<usize>,
    schema: Arc<ArrowSchema>,
    metadata: FileMetadataRef,
}

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetFile").field("path", &self.path).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl ParquetFile {
    /// Opens a file and reads its table of contents.
    ///
    /// # Errors
    /// When the file cannot be read, is no Parquet file, or is cut off or damaged.
    pub fn open(path: &Path) -> Result<Self, FramesError> {
        check_ends(path)?;
        let (schema, metadata) = decode(path, || {
            let mut reader = ParquetReader::new(File::open(path)?);
            // What a writer says about its own types (ARROW:schema) is set aside: the Parquet types say enough,
            // and the same table then reads alike whoever wrote it (dictionaries are plain text, for one).
            let mut metadata = reader.get_metadata()?.as_ref().clone();
            metadata.key_value_metadata = None;
            name_maps(&mut metadata);
            let metadata = Arc::new(metadata);
            reader.set_metadata(Arc::clone(&metadata));
            Ok((reader.schema()?, metadata))
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            columns: schema.iter_names().map(ToString::to_string).collect(),
            rows: metadata.num_rows,
            groups: metadata.row_groups.iter().map(|group| group.num_rows()).collect(),
            schema,
            metadata,
        })
    }

    /// The names of the columns, in the file's order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows as u64
    }

    /// Hands the rows over in order, in batches of at most 65,536, with the wanted columns only, in the order they
    /// are wanted. Only those columns are decoded.
    ///
    /// # Errors
    /// When a wanted column is not there or has a type without a cell form, or when the file is damaged.
    pub fn read(&self, wanted: &[String], each: &mut dyn FnMut(RowBatch)) -> Result<(), FramesError> {
        let mut projection = Vec::with_capacity(wanted.len());
        for name in wanted {
            let place = self
                .columns
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| FramesError::NoColumn { file: self.path.clone(), column: name.clone() })?;
            if let Some((_, field)) = self.schema.get_at_index(place)
                && !is_supported(&field.dtype)
            {
                return Err(self.column_type(name, format!("{:?}", field.dtype)));
            }
            projection.push(place);
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut first_row = 0;
        for (place, group) in self.groups.iter().enumerate() {
            self.check_pages(place, wanted)?;
            let end = first_row + group;
            while first_row < end {
                let rows = DECODE_ROWS.min(end - first_row);
                let frame = self.decode(&projection, first_row, rows)?;
                if frame.height() != rows {
                    return Err(FramesError::Damaged {
                        file: self.path.clone(),
                        reason: format!("row {}: found {} rows, expected {rows}", first_row + 1, frame.height()),
                    });
                }
                self.hand_over(&frame, wanted, first_row, each)?;
                first_row += rows;
            }
        }
        Ok(())
    }

    /// Looks at the page headers of a row group before anything is decoded. polars 0.55 believes a page's count of
    /// values, and asks for memory accordingly: a damaged header would end the process, which no caller can catch.
    fn check_pages(&self, group: usize, wanted: &[String]) -> Result<(), FramesError> {
        let io = |source| FramesError::Io { file: self.path.clone(), source };
        let Some(group) = self.metadata.row_groups.get(group) else { return Ok(()) };
        let mut file = File::open(&self.path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        for chunk in group.parquet_columns() {
            if !chunk.descriptor().path_in_schema.first().is_some_and(|top| wanted.iter().any(|name| *name == **top)) {
                continue;
            }
            let damaged = |reason: String| FramesError::Damaged { file: self.path.clone(), reason };
            let range = decode(&self.path, || Ok(chunk.byte_range()))?;
            if range.start > range.end || range.end > length {
                return Err(damaged(format!("byte {}: a column is said to lie outside the file", range.start)));
            }
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start)).map_err(io)?;
            file.by_ref().take(range.end - range.start).read_to_end(&mut bytes).map_err(io)?;
            let most = usize::try_from(chunk.num_values()).unwrap_or(0);
            let largest = decode(&self.path, || {
                let mut largest = 0;
                for page in PageReader::new(Cursor::new(bytes.into()), chunk, Vec::new(), usize::MAX) {
                    largest = largest.max(match page? {
                        CompressedPage::Data(page) => page.num_values(),
                        CompressedPage::Dict(_) => 0,
                    });
                    if largest > most {
                        break;
                    }
                }
                Ok(largest)
            })?;
            if largest > most {
                return Err(damaged(format!("byte {}: a page counts {largest} of {most} values", range.start)));
            }
        }
        Ok(())
    }

    fn decode(&self, projection: &[usize], offset: usize, rows: usize) -> Result<DataFrame, FramesError> {
        // The reader gives columns in the file's order.
        let mut sorted = projection.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        decode(&self.path, || {
            let mut reader = ParquetReader::new(File::open(&self.path)?);
            reader.set_metadata(Arc::clone(&self.metadata));
            reader.with_projection(Some(sorted.clone())).with_slice(Some((offset, rows))).finish()
        })
    }

    fn hand_over(
        &self,
        frame: &DataFrame,
        wanted: &[String],
        first_row: usize,
        each: &mut dyn FnMut(RowBatch),
    ) -> Result<(), FramesError> {
        let mut start = 0;
        while start < frame.height() {
            let rows = BATCH_ROWS.min(frame.height() - start);
            let mut columns = Vec::with_capacity(wanted.len());
            for name in wanted {
                let cells = decode(&self.path, || {
                    let column = frame.column(name)?;
                    let start = i64::try_from(start).unwrap_or(i64::MAX);
                    Ok(cells_of(&column.as_materialized_series().slice(start, rows).rechunk()))
                })?;
                let cells = cells.map_err(|found| self.column_type(name, found))?;
                columns.push(Column { name: name.clone(), cells });
            }
            each(RowBatch { first_row: (first_row + start) as u64, columns });
            start += rows;
        }
        Ok(())
    }

    fn column_type(&self, column: &str, found: String) -> FramesError {
        FramesError::ColumnType { file: self.path.clone(), column: column.to_owned(), found }
    }
}

/// Gives maps that older writers mark in the older way only (Hive, DuckDB) the mark of today. polars reads the two
/// into different types, and stops at one of them in builds with debug assertions (seen in 0.55.2).
fn name_maps(metadata: &mut FileMetadata) {
    let schema = &metadata.schema_descr;
    let mut fields = schema.fields().to_vec();
    for field in &mut fields {
        if let ParquetType::GroupType { logical_type: logical @ None, converted_type, .. } = field
            && matches!(converted_type, Some(GroupConvertedType::Map | GroupConvertedType::MapKeyValue))
        {
            *logical = Some(GroupLogicalType::Map);
        }
    }
    metadata.schema_descr = SchemaDescriptor::new(schema.name().into(), fields);
}

/// A Parquet file starts and ends with four known bytes.
fn check_ends(path: &Path) -> Result<(), FramesError> {
    const MAGIC: &[u8] = b"PAR1";
    let io = |source| FramesError::Io { file: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(io)?;
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(io)?;
    if start != MAGIC {
        let found = String::from_utf8_lossy(&start).into_owned();
        return Err(FramesError::NotParquet { file: path.to_path_buf(), found });
    }
    let bytes = file.seek(SeekFrom::End(0)).map_err(io)?;
    let mut end = Vec::new();
    if bytes >= 12 {
        file.seek(SeekFrom::End(-4)).map_err(io)?;
        file.read_to_end(&mut end).map_err(io)?;
    }
    if end == MAGIC { Ok(()) } else { Err(FramesError::CutOff { file: path.to_path_buf(), bytes }) }
}

/// Runs a step of the decoder. A damaged file may make it panic; that, too, is a fault of the file.
fn decode<T>(path: &Path, step: impl FnOnce() -> PolarsResult<T>) -> Result<T, FramesError> {
    let damaged = |reason| FramesError::Damaged { file: path.to_path_buf(), reason };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(fault)) => Err(damaged(fault.to_string())),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(ToString::to_string);
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(damaged(words.unwrap_or_else(|| "the decoder gave up".to_owned())))
        }
    }
}
