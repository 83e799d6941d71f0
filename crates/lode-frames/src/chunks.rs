//! One column of one row group: its bytes are fetched once, looked through, then decoded for all rows or for some.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::prelude::{ArrowField, PolarsResult, Series};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::metadata::{ColumnChunkMetadata, RowGroupMetadata};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::{BasicDecompressor, PageReader};
use polars_parquet::read::{Filter, column_iter_to_arrays};

use crate::FramesError;

/// Rows of one row group, in order, numbered from 0 within it.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    /// Rows that follow each other.
    Span(Range<usize>),
    /// Some rows.
    These(Vec<usize>),
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Span(span) => span.len(),
            Self::These(rows) => rows.len(),
        }
    }

    /// The rows at these places among them.
    pub(crate) fn part(&self, places: Range<usize>) -> Self {
        match self {
            Self::Span(span) => Self::Span(span.start + places.start..span.start + places.end),
            Self::These(rows) => Self::These(rows.get(places).unwrap_or_default().to_vec()),
        }
    }

    /// The same in polars' words, for a row group of this many rows.
    pub(crate) fn filter(&self, group_rows: usize) -> Filter {
        match self {
            Self::Span(span) => Filter::new_ranged(span.start, span.end),
            Self::These(rows) => {
                let mut mask = vec![false; group_rows];
                for row in rows {
                    if let Some(picked) = mask.get_mut(*row) {
                        *picked = true;
                    }
                }
                Filter::new_masked(mask.into_iter().collect())
            }
        }
    }
}

/// The bytes of one column, one part for each of its leaves (a map has two).
pub(crate) struct Chunks<'a> {
    path: &'a Path,
    field: &'a ArrowField,
    parts: Vec<(&'a ColumnChunkMetadata, CowBuffer)>,
}

impl<'a> Chunks<'a> {
    /// Fetches the bytes of a column and looks at its page headers.
    pub(crate) fn load(
        path: &'a Path,
        file: &mut File,
        group: &'a RowGroupMetadata,
        field: &'a ArrowField,
    ) -> Result<Self, FramesError> {
        let leaves = group.columns_under_root_iter(&field.name).into_iter().flatten();
        let parts = leaves.map(|leaf| Ok((leaf, bytes_of(path, file, leaf)?)));
        let parts = parts.collect::<Result<Vec<_>, FramesError>>()?;
        if parts.is_empty() {
            return Err(damaged(path, format!("column {}: a row group is without it", field.name)));
        }
        Ok(Self { path, field, parts })
    }

    /// Decodes the column's values in some rows, given also as a filter over the row group. Pages without any of them are not even decompressed (but for maps,
    /// whose rows cannot be counted without).
    pub(crate) fn decode(&self, rows: usize, filter: &Filter) -> Result<Series, FramesError> {
        let series = guarded(self.path, || {
            let (mut pages, mut types) = (Vec::new(), Vec::new());
            for (leaf, bytes) in &self.parts {
                let CowBuffer::Borrowed(bytes) = bytes.clone() else { continue };
                let reader = PageReader::new(Cursor::new(bytes), leaf, Vec::new(), usize::MAX);
                pages.push(BasicDecompressor::new(reader, Vec::new()));
                types.push(&leaf.descriptor().descriptor.primitive_type);
            }
            let (arrays, _) = column_iter_to_arrays(pages, types, self.field.clone(), Some(filter.clone()))?;
            Ok(Series::try_from((self.field, arrays))?.rechunk())
        })?;
        if series.len() == rows {
            return Ok(series);
        }
        let (found, expected) = (series.len(), rows);
        Err(damaged(self.path, format!("column {}: found {found} rows, expected {expected}", self.field.name)))
    }
}

/// Reads a column chunk and looks at its page headers before anything is decoded. polars 0.55 believes a page's count
/// of values, and asks for memory accordingly: a damaged header would end the process, which no caller can catch.
pub(crate) fn bytes_of(path: &Path, file: &mut File, chunk: &ColumnChunkMetadata) -> Result<CowBuffer, FramesError> {
    let io = |source| FramesError::Io { file: path.to_path_buf(), source };
    let length = file.metadata().map_err(io)?.len();
    let range = guarded(path, || Ok(chunk.byte_range()))?;
    if range.start > range.end || range.end > length {
        return Err(damaged(path, format!("byte {}: a column is said to lie outside the file", range.start)));
    }
    let size = range.end - range.start;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.seek(SeekFrom::Start(range.start)).map_err(io)?;
    file.take(size).read_to_end(&mut bytes).map_err(io)?;
    let bytes = CowBuffer::Borrowed(bytes.into());
    let most = usize::try_from(chunk.num_values()).unwrap_or(0);
    let largest = guarded(path, || {
        let CowBuffer::Borrowed(bytes) = bytes.clone() else { return Ok(0) };
        let mut largest = 0;
        for page in PageReader::new(Cursor::new(bytes), chunk, Vec::new(), usize::MAX) {
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
        return Err(damaged(path, format!("byte {}: a page counts {largest} of {most} values", range.start)));
    }
    Ok(bytes)
}

pub(crate) fn damaged(path: &Path, reason: String) -> FramesError {
    FramesError::Damaged { file: path.to_path_buf(), reason }
}

/// Runs a step of the decoder. A damaged file may make it panic; that, too, is a fault of the file.
pub(crate) fn guarded<T>(path: &Path, step: impl FnOnce() -> PolarsResult<T>) -> Result<T, FramesError> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(fault)) => Err(damaged(path, fault.to_string())),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(ToString::to_string);
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(damaged(path, words.unwrap_or_else(|| "the decoder gave up".to_owned())))
        }
    }
}
