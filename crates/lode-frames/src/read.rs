//! Reading: open a file, see its columns, take the rows of some of them, all rows or those picked.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lode_model::{Cell, Column, RowBatch};
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::{ArrowField, ArrowSchema, IdxSize, ParquetReader, SerReader, Series};
use polars_parquet::parquet::metadata::{FileMetadata, RowGroupMetadata, SchemaDescriptor};
use polars_parquet::parquet::schema::types::{GroupConvertedType, GroupLogicalType, ParquetType};

use crate::FramesError;
use crate::bounds::bounds_of;
use crate::cells::{cells_of, is_supported};
use crate::chunks::{Chunks, Rows, guarded};
use crate::pick::{Pick, texts_of};

/// Rows of one batch, at most: few enough that their cells stay in a core's cache.
const BATCH_ROWS: usize = 4_096;
/// Rows decoded at once, at most. Row groups of AWS exports are mostly smaller; a bigger one is decoded in parts.
const DECODE_ROWS: usize = 262_144;

/// An open Parquet file: its table of contents is read, its rows are not.
pub struct ParquetFile {
    path: PathBuf,
    columns: Vec<String>,
    rows: usize,
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
        let (schema, metadata) = guarded(path, || {
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

    /// Hands the rows over in order, in batches of at most 4,096, with the wanted columns only, in the order they
    /// are wanted. Only those columns are decoded.
    ///
    /// # Errors
    /// When a wanted column is not there or has a type without a cell form, or when the file is damaged.
    pub fn read(&self, wanted: &[String], each: &mut dyn FnMut(RowBatch)) -> Result<(), FramesError> {
        self.walk(wanted, None, each)
    }

    /// Like [`ParquetFile::read`], for the rows picked only; their numbers are in [`RowBatch::picked`]. The columns
    /// of the pick are decoded for every row, those wanted for the picked rows only. Returns how many rows were looked
    /// at.
    ///
    /// # Errors
    /// As [`ParquetFile::read`]; also when a column of the pick is not there or is a map.
    pub fn read_where(
        &self,
        wanted: &[String],
        pick: &Pick<'_>,
        each: &mut dyn FnMut(RowBatch),
    ) -> Result<u64, FramesError> {
        self.walk(wanted, Some(pick), each)?;
        Ok(self.rows())
    }

    /// The smallest and the largest value of a column, nulls and NaN aside, as the table of contents tells for each
    /// row group. `None` when the column is not there or all null, when one row group does not tell or tells no exact
    /// values, and for types other than text, whole and floating-point numbers, dates and moments. A writer may
    /// shorten long texts without saying so: no text lies outside the bounds, but the bounds may be no cells.
    #[must_use]
    pub fn bounds(&self, column: &str) -> Option<(Cell, Cell)> {
        let field = self.schema.get(column)?;
        guarded(&self.path, || Ok(bounds_of(&self.metadata, field))).ok().flatten()
    }

    fn walk(
        &self,
        wanted: &[String],
        pick: Option<&Pick<'_>>,
        each: &mut dyn FnMut(RowBatch),
    ) -> Result<(), FramesError> {
        let fields = self.fields(wanted)?;
        let deciding = self.fields(pick.map_or(&[], |pick| pick.columns))?;
        if let Some(map) = deciding.iter().find(|field| field.dtype.is_nested()) {
            return Err(self.column_type(&map.name, format!("{:?}", map.dtype)));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let io = |source| FramesError::Io { file: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(io)?;
        let mut first_row = 0;
        for group in &self.metadata.row_groups {
            let group_rows = group.num_rows();
            let stretch = match pick {
                None => Stretch { first_row, group_rows, rows: Rows::Span(0..group_rows), known: Vec::new() },
                Some(pick) => self.picked(&mut file, group, first_row, pick, &deciding)?,
            };
            if stretch.rows.len() > 0 {
                let mut sources = Vec::with_capacity(fields.len());
                for field in &fields {
                    sources.push(match stretch.known.iter().find(|series| *series.name() == field.name) {
                        Some(series) => Source::Known(series),
                        None => Source::File(Chunks::load(&self.path, &mut file, group, field)?),
                    });
                }
                self.hand_over(&stretch, &sources, wanted, each)?;
            }
            first_row += group_rows as u64;
        }
        Ok(())
    }

    /// Where some columns are, when they are there and have a cell form.
    fn fields(&self, columns: &[String]) -> Result<Vec<&ArrowField>, FramesError> {
        let field = |name: &String| {
            let no_column = || FramesError::NoColumn { file: self.path.clone(), column: name.clone() };
            let field = self.schema.get(name.as_str()).ok_or_else(no_column)?;
            if is_supported(&field.dtype) {
                Ok(field)
            } else {
                Err(self.column_type(name, format!("{:?}", field.dtype)))
            }
        };
        columns.iter().map(field).collect()
    }

    /// The rows of a row group that are picked, with the columns they were picked by.
    fn picked(
        &self,
        file: &mut File,
        group: &RowGroupMetadata,
        first_row: u64,
        pick: &Pick<'_>,
        deciding: &[&ArrowField],
    ) -> Result<Stretch, FramesError> {
        let chunks = deciding.iter().map(|field| Chunks::load(&self.path, file, group, field));
        let chunks = chunks.collect::<Result<Vec<_>, _>>()?;
        let mut picked = Vec::new();
        let mut known: Vec<Series> = Vec::new();
        for start in (0..group.num_rows()).step_by(DECODE_ROWS) {
            let rows = DECODE_ROWS.min(group.num_rows() - start);
            let filter = Rows::Span(start..start + rows).filter(group.num_rows());
            let columns = chunks.iter().map(|chunks| chunks.decode(rows, &filter));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let mut texts = Vec::with_capacity(columns.len());
            for column in &columns {
                let column_texts = guarded(&self.path, || Ok(texts_of(column)))?;
                texts.push(column_texts.map_err(|found| self.column_type(column.name(), found))?);
            }
            let verdicts = pick.verdicts(&texts, first_row + start as u64, rows);
            let before = picked.len();
            picked.extend(verdicts.iter().enumerate().filter(|(_, is)| **is).map(|(row, _)| start + row));
            let kept = picked.iter().skip(before).filter_map(|row| IdxSize::try_from(row - start).ok());
            let kept: Vec<IdxSize> = kept.collect();
            for (place, column) in columns.iter().enumerate() {
                guarded(&self.path, || {
                    let kept = column.take_slice(&kept)?;
                    match known.get_mut(place) {
                        Some(known) => known.append(&kept).map(|_| ()),
                        None => {
                            known.push(kept);
                            Ok(())
                        }
                    }
                })?;
            }
        }
        Ok(Stretch { first_row, group_rows: group.num_rows(), rows: Rows::These(picked), known })
    }

    fn hand_over(
        &self,
        stretch: &Stretch,
        sources: &[Source<'_>],
        wanted: &[String],
        each: &mut dyn FnMut(RowBatch),
    ) -> Result<(), FramesError> {
        for start in (0..stretch.rows.len()).step_by(DECODE_ROWS) {
            let rows = stretch.rows.part(start..stretch.rows.len().min(start + DECODE_ROWS));
            let filter = rows.filter(stretch.group_rows);
            let columns = sources.iter().map(|source| match source {
                Source::File(chunks) => chunks.decode(rows.len(), &filter),
                Source::Known(series) => {
                    guarded(&self.path, || Ok(series.slice(i64::try_from(start).unwrap_or(i64::MAX), rows.len())))
                }
            });
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            for start in (0..rows.len()).step_by(BATCH_ROWS) {
                let rows = rows.part(start..rows.len().min(start + BATCH_ROWS));
                let mut cells = Vec::with_capacity(wanted.len());
                for (name, column) in wanted.iter().zip(&columns) {
                    let start = i64::try_from(start).unwrap_or(i64::MAX);
                    let found = guarded(&self.path, || Ok(cells_of(&column.slice(start, rows.len()).rechunk())))?;
                    let found = found.map_err(|found| self.column_type(name, found))?;
                    cells.push(Column { name: name.clone(), cells: found });
                }
                each(stretch.batch(&rows, cells));
            }
        }
        Ok(())
    }

    fn column_type(&self, column: &str, found: String) -> FramesError {
        FramesError::ColumnType { file: self.path.clone(), column: column.to_owned(), found }
    }
}

/// The rows of a row group that are to be handed over.
struct Stretch {
    /// The number of the row group's first row.
    first_row: u64,
    /// How many rows the row group has.
    group_rows: usize,
    rows: Rows,
    /// Columns decoded already, in these rows.
    known: Vec<Series>,
}

impl Stretch {
    fn batch(&self, rows: &Rows, columns: Vec<Column>) -> RowBatch {
        let number = |row: usize| self.first_row + row as u64;
        match rows {
            Rows::Span(span) => RowBatch { first_row: number(span.start), picked: None, columns },
            Rows::These(rows) => {
                let picked: Vec<u64> = rows.iter().map(|row| number(*row)).collect();
                RowBatch { first_row: picked.first().copied().unwrap_or_default(), picked: Some(picked), columns }
            }
        }
    }
}

/// Where a column's values come from.
enum Source<'a> {
    File(Chunks<'a>),
    Known(&'a Series),
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
pub(crate) fn check_ends(path: &Path) -> Result<(), FramesError> {
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
