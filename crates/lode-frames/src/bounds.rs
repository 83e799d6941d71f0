//! The smallest and the largest value of a column, from the table of contents alone.

use std::cmp::Ordering;

use lode_model::Cell;
use polars::prelude::{ArrowDataType, ArrowField, Series};
use polars_parquet::parquet::metadata::{ColumnChunkMetadata, ColumnOrder, FileMetadata};
use polars_parquet::parquet::statistics::{PrimitiveStatistics, Statistics};
use polars_parquet::parquet::types::NativeType;

use crate::cells::cells_of;

/// Smallest and largest value over all row groups, or nothing when one of them does not say.
pub(crate) fn bounds_of(metadata: &FileMetadata, field: &ArrowField) -> Option<(Cell, Cell)> {
    let mut found: Option<(Cell, Cell)> = None;
    for group in &metadata.row_groups {
        let mut leaves = group.columns_idxs_under_root_iter(&field.name)?.iter();
        let (Some(place), None) = (leaves.next(), leaves.next()) else { return None };
        let chunk = group.parquet_columns().get(*place)?;
        let statistics = chunk.statistics(&metadata.footer_buf)?.ok()?;
        // A row group without any value adds nothing.
        if usize::try_from(statistics.null_count().unwrap_or(-1)) == Ok(group.num_rows()) {
            continue;
        }
        // Old writers compared texts as signed bytes; files that do not name their order may be theirs.
        let is_ordered = metadata.column_orders.as_ref().and_then(|orders| orders.get(*place));
        let is_ordered = is_ordered.is_some_and(|order| matches!(order, ColumnOrder::TypeDefinedOrder(_)));
        let (low, high) = bounds_in(chunk, statistics, field, is_ordered)?;
        found = Some(match found {
            None => (low, high),
            Some((lowest, highest)) => (
                if order(&low, &lowest)? == Ordering::Less { low } else { lowest },
                if order(&high, &highest)? == Ordering::Greater { high } else { highest },
            ),
        });
    }
    found
}

fn bounds_in(
    chunk: &ColumnChunkMetadata,
    statistics: Statistics,
    field: &ArrowField,
    is_ordered: bool,
) -> Option<(Cell, Cell)> {
    if chunk.descriptor().path_in_schema.len() != 1 {
        return None;
    }
    let ends = match (statistics, &field.dtype) {
        (Statistics::Int32(ends), ArrowDataType::Int32 | ArrowDataType::Date32) => series(&ends, Series::from_iter),
        (Statistics::Int64(ends), ArrowDataType::Int64 | ArrowDataType::Timestamp(..)) => {
            series(&ends, Series::from_iter)
        }
        (Statistics::Float(ends), ArrowDataType::Float32) => series(&ends, Series::from_iter),
        (Statistics::Double(ends), ArrowDataType::Float64) => series(&ends, Series::from_iter),
        (Statistics::Binary(ends), ArrowDataType::Utf8View | ArrowDataType::Utf8 | ArrowDataType::LargeUtf8)
            if is_ordered =>
        {
            let text = |bytes| String::from_utf8(bytes).ok().map(|text| Cell::Text(text.into()));
            return Some((text(ends.min_value?)?, text(ends.max_value?)?));
        }
        _ => return None,
    };
    // The same way to a cell as the values themselves take.
    let dtype = polars::prelude::DataType::from_arrow_field(field);
    let cells = cells_of(&ends?.cast(&dtype).ok()?).ok()?;
    let [low, high] = <[Cell; 2]>::try_from(cells).ok()?;
    (low != Cell::Null && high != Cell::Null).then_some((low, high))
}

fn series<T: NativeType>(ends: &PrimitiveStatistics<T>, collect: impl Fn([T; 2]) -> Series) -> Option<Series> {
    Some(collect([ends.min_value?, ends.max_value?]))
}

fn order(left: &Cell, right: &Cell) -> Option<Ordering> {
    match (left, right) {
        (Cell::Int(left), Cell::Int(right)) | (Cell::Micros(left), Cell::Micros(right)) => Some(left.cmp(right)),
        (Cell::Float(left), Cell::Float(right)) => left.partial_cmp(right),
        (Cell::Text(left), Cell::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        _ => None,
    }
}
