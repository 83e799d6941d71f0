//! Rows of a table whatever file they came from: what the readers of Parquet hand over.

use std::sync::Arc;

/// One cell, as the file holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// Text. Shared, because most columns of a bill say a few texts over and over.
    Text(Arc<str>),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    Micros(i64),
    /// A map of text to text.
    Map(Vec<(Arc<str>, Arc<str>)>),
}

/// One column of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, as the file spells it.
    pub name: String,
    /// Its cells, one a row.
    pub cells: Vec<Cell>,
}

/// Some rows of a table, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowBatch {
    /// Row number of the first row within the file, counting from 0.
    pub first_row: u64,
    /// Row numbers, counting from 0, where only some rows of the file were picked; `None` when they follow each other.
    pub picked: Option<Vec<u64>>,
    /// Columns of equal length.
    pub columns: Vec<Column>,
}

impl RowBatch {
    /// How many rows the batch has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// Number within the file of the row at this place, counting from 0.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        let picked = self.picked.as_ref().and_then(|picked| picked.get(row).copied());
        picked.unwrap_or(self.first_row + row as u64)
    }
}
