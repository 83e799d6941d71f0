//! Writing: batches to one Parquet file, for test data and for what is derived from a user's files.

use std::fs::File;
use std::path::Path;

use lode_model::{Cell, RowBatch};
use polars::chunked_array::builder::get_list_builder;
use polars::prelude::{
    DataFrame, DataType, Field, IntoColumn, IntoSeries, NamedFrom, ParquetCompression, ParquetWriter, PlSmallStr,
    PolarsResult, Series, StructChunked, TimeUnit,
};

use crate::FramesError;

/// The kind of a column's cells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Int,
    Float,
    Micros,
    Map,
}

impl Kind {
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => None,
            Cell::Text(_) => Some(Self::Text),
            Cell::Int(_) => Some(Self::Int),
            Cell::Float(_) => Some(Self::Float),
            Cell::Micros(_) => Some(Self::Micros),
            Cell::Map(_) => Some(Self::Map),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "a whole number",
            Self::Float => "a floating-point number",
            Self::Micros => "a moment",
            Self::Map => "a map",
        }
    }
}

/// Writes batches of equal columns to a file, Snappy-compressed as AWS' exports are. A column of nulls only becomes
/// text; maps become lists of key and value.
///
/// # Errors
/// When the batches do not have the same columns of one kind of cell each, or the file cannot be written.
pub fn write(path: &Path, batches: &[RowBatch]) -> Result<(), FramesError> {
    let mut columns = Vec::new();
    for (place, first) in batches.first().map(|batch| batch.columns.as_slice()).unwrap_or_default().iter().enumerate() {
        let name = first.name.as_str();
        let uneven = |found: &str, expected: &str| FramesError::Uneven {
            file: path.to_path_buf(),
            column: name.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        let mut cells: Vec<&Cell> = Vec::new();
        for batch in batches {
            let column = batch.columns.get(place).filter(|column| column.name == name);
            let column = column.ok_or_else(|| uneven("a batch without it", "the columns of the first batch"))?;
            if column.cells.len() != batch.rows() || batch.columns.len() != batches[0].columns.len() {
                return Err(uneven("columns of unequal number or length", "equal ones"));
            }
            cells.extend(&column.cells);
        }
        let kind = cells.iter().find_map(|cell| Kind::of(cell)).unwrap_or(Kind::Text);
        if let Some(other) = cells.iter().filter_map(|cell| Kind::of(cell)).find(|other| *other != kind) {
            return Err(uneven(other.name(), kind.name()));
        }
        let damaged = |fault: polars::prelude::PolarsError| FramesError::Damaged {
            file: path.to_path_buf(),
            reason: fault.to_string(),
        };
        columns.push(series(name.into(), kind, &cells).map_err(damaged)?.into_column());
    }
    let io = |source| FramesError::Io { file: path.to_path_buf(), source };
    let height = columns.first().map_or(0, polars::prelude::Column::len);
    let written = DataFrame::new(height, columns).and_then(|mut frame| {
        ParquetWriter::new(File::create(path)?).with_compression(ParquetCompression::Snappy).finish(&mut frame)
    });
    written.map(|_| ()).map_err(|fault| io(std::io::Error::other(fault.to_string())))
}

fn series(name: PlSmallStr, kind: Kind, cells: &[&Cell]) -> PolarsResult<Series> {
    Ok(match kind {
        Kind::Text => Series::new(name, cells.iter().map(|cell| text(cell)).collect::<Vec<_>>()),
        Kind::Int | Kind::Micros => {
            let numbers: Vec<Option<i64>> = cells
                .iter()
                .map(|cell| match cell {
                    Cell::Int(number) | Cell::Micros(number) => Some(*number),
                    _ => None,
                })
                .collect();
            let numbers = Series::new(name, numbers);
            if kind == Kind::Micros {
                numbers.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
            } else {
                numbers
            }
        }
        Kind::Float => {
            let numbers = cells.iter().map(|cell| if let Cell::Float(number) = cell { Some(*number) } else { None });
            Series::new(name, numbers.collect::<Vec<_>>())
        }
        Kind::Map => maps(name, cells)?,
    })
}

fn text(cell: &Cell) -> Option<&str> {
    if let Cell::Text(text) = cell { Some(text) } else { None }
}

fn maps(name: PlSmallStr, cells: &[&Cell]) -> PolarsResult<Series> {
    let entry = DataType::Struct(vec![
        Field::new("key".into(), DataType::String),
        Field::new("value".into(), DataType::String),
    ]);
    let mut lists = get_list_builder(&entry, cells.len(), cells.len(), name);
    // The builder borrows what it is given until it is finished.
    for cell in cells {
        match cell {
            Cell::Map(pairs) => {
                let keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_ref()).collect();
                let values: Vec<&str> = pairs.iter().map(|(_, value)| value.as_ref()).collect();
                let fields = [Series::new("key".into(), keys), Series::new("value".into(), values)];
                let entries = StructChunked::from_series(PlSmallStr::EMPTY, pairs.len(), fields.iter())?;
                lists.append_series(&entries.into_series())?;
            }
            _ => lists.append_null(),
        }
    }
    Ok(lists.finish().into_series())
}
