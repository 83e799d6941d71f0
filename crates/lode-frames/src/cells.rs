//! Columns of polars to cells.

use std::sync::Arc;

use lode_model::Cell;
use polars::prelude::{ArrowDataType, DataType, PolarsResult, Series, StringChunked, TimeUnit};

use crate::pick::slot_of;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Whether a column of this type has a cell form. Asked before polars is, which panics on types that were not
/// compiled into it.
pub(crate) fn is_supported(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Null
        | T::Boolean
        | T::Int32
        | T::Int64
        | T::UInt32
        | T::UInt64
        | T::Float32
        | T::Float64
        | T::Date32
        | T::Timestamp(..)
        | T::Utf8
        | T::LargeUtf8
        | T::Utf8View
        | T::Binary
        | T::LargeBinary
        | T::BinaryView
        | T::Decimal(..)
        | T::Decimal32(..)
        | T::Decimal64(..)
        | T::Decimal256(..) => true,
        T::Struct(fields) => fields.iter().all(|field| is_supported(&field.dtype)),
        T::List(entry) | T::LargeList(entry) | T::Map(entry, _) => match &entry.dtype {
            T::Struct(fields) => fields.len() == 2 && fields.iter().all(|field| is_supported(&field.dtype)),
            _ => false,
        },
        _ => false,
    }
}

/// The cells of a column of one chunk, or the name of its type when it has no cell form.
pub(crate) fn cells_of(series: &Series) -> Result<Vec<Cell>, String> {
    let unknown = || format!("{:?}", series.dtype());
    let cells: PolarsResult<Vec<Cell>> = match series.dtype() {
        DataType::Null => Ok(vec![Cell::Null; series.len()]),
        DataType::String => series.str().map(text_cells),
        DataType::Binary => {
            series.binary().map(|all| collect(all.iter(), |bytes| Cell::Text(String::from_utf8_lossy(bytes).into())))
        }
        DataType::Boolean => series.bool().map(|all| collect(all.iter(), |is| Cell::Text(is.to_string().into()))),
        DataType::Int64 => series.i64().map(|all| collect(all.iter(), Cell::Int)),
        DataType::Int32 => series.i32().map(|all| collect(all.iter(), |number| Cell::Int(i64::from(number)))),
        DataType::UInt32 => series.u32().map(|all| collect(all.iter(), |number| Cell::Int(i64::from(number)))),
        DataType::UInt64 => series.u64().map(|all| {
            collect(all.iter(), |number| {
                i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string().into()), Cell::Int)
            })
        }),
        DataType::Float64 => series.f64().map(|all| collect(all.iter(), Cell::Float)),
        // By its shortest decimal form, so that 0.1 stays 0.1.
        DataType::Float32 => series.f32().map(|all| {
            collect(all.iter(), |number| Cell::Float(number.to_string().parse().unwrap_or_else(|_| f64::from(number))))
        }),
        DataType::Date => {
            series.date().map(|all| collect(all.physical().iter(), |days| Cell::Micros(i64::from(days) * MICROS_A_DAY)))
        }
        DataType::Datetime(unit, _) => series.datetime().map(|all| {
            collect(all.physical().iter(), |ticks| match unit {
                TimeUnit::Nanoseconds => Cell::Micros(ticks.div_euclid(1_000)),
                TimeUnit::Microseconds => Cell::Micros(ticks),
                TimeUnit::Milliseconds => ticks.checked_mul(1_000).map_or(Cell::Null, Cell::Micros),
            })
        }),
        DataType::Decimal(_, scale) => series
            .decimal()
            .map(|all| collect(all.physical().iter(), |digits| Cell::Text(decimal(digits, *scale).into()))),
        DataType::List(_) => return map_cells(series),
        DataType::Struct(_) => return struct_cells(series),
        _ => return Err(unknown()),
    };
    cells.map_err(|_| unknown())
}

/// Texts seen last that a column's next rows may point to again.
const RECENT: usize = 512;
const _: () = assert!(RECENT.is_power_of_two(), "see slot_of");

/// Texts that are stored once in the file, as those of a dictionary are, are one text here, too.
fn text_cells(texts: &StringChunked) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(texts.len());
    for array in texts.downcast_iter() {
        // A view is a short text itself, or the place where the text is.
        let mut recent: Vec<Option<(u128, Arc<str>)>> = vec![None; RECENT];
        for (view, text) in array.views().iter().zip(array.iter()) {
            let Some(text) = text else {
                cells.push(Cell::Null);
                continue;
            };
            let view = view.as_u128();
            let slot = &mut recent[slot_of(&[view], RECENT)];
            let shared = match slot {
                Some((known, shared)) if *known == view => Arc::clone(shared),
                _ => Arc::clone(&slot.insert((view, text.into())).1),
            };
            cells.push(Cell::Text(shared));
        }
    }
    cells
}

fn collect<T>(values: impl Iterator<Item = Option<T>>, cell: impl Fn(T) -> Cell) -> Vec<Cell> {
    values.map(|value| value.map_or(Cell::Null, &cell)).collect()
}

/// `12345` of scale 3 is `12.345`, digit by digit.
fn decimal(digits: i128, scale: usize) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let magnitude = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = magnitude.split_at(magnitude.len() - scale);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Maps, which Parquet holds as lists of key and value.
fn map_cells(series: &Series) -> Result<Vec<Cell>, String> {
    let unknown = || format!("{:?}", series.dtype());
    let lists = series.list().map_err(|_| unknown())?;
    // A slice of a column still holds the entries of the rows around it.
    let offsets = lists.downcast_iter().next().map(|list| list.offsets());
    let (first, end) = offsets.map_or((0, 0), |offsets| (*offsets.first(), *offsets.last()));
    let entries = lists.get_inner().slice(first, usize::try_from(end - first).map_err(|_| unknown())?);
    let fields = entries.struct_().map_err(|_| unknown())?.fields_as_series();
    let [keys, values] = fields.as_slice() else { return Err(unknown()) };
    let (keys, values) = (cells_of(&keys.rechunk())?, cells_of(&values.rechunk())?);
    // Lists follow each other in the entries, so that each entry is taken once.
    let mut pairs = keys.into_iter().zip(values);
    let mut cells = Vec::with_capacity(series.len());
    for list in lists.downcast_iter() {
        let ends = list.offsets().iter().skip(1);
        for (row, (start, end)) in list.offsets().iter().zip(ends).enumerate() {
            let entries = pairs.by_ref().take(usize::try_from(*end - *start).map_err(|_| unknown())?);
            let entries = entries.filter_map(|(key, value)| Some((into_text(key)?, into_text(value)?))).collect();
            let is_null = list.validity().is_some_and(|valid| !valid.get_bit(row));
            cells.push(if is_null { Cell::Null } else { Cell::Map(entries) });
        }
    }
    Ok(cells)
}

/// A struct is a map whose keys are known; fields without a value are left out, as in a map.
fn struct_cells(series: &Series) -> Result<Vec<Cell>, String> {
    let table = series.struct_().map_err(|_| format!("{:?}", series.dtype()))?;
    let mut columns = Vec::new();
    for field in table.fields_as_series() {
        columns.push((Arc::<str>::from(field.name().as_str()), cells_of(&field.rechunk())?));
    }
    let nulls = series.is_null();
    Ok((0..series.len())
        .map(|row| {
            if nulls.get(row) == Some(true) {
                return Cell::Null;
            }
            let pairs = columns.iter().filter_map(|(name, cells)| Some((Arc::clone(name), text_of(cells.get(row)?)?)));
            Cell::Map(pairs.collect())
        })
        .collect())
}

/// A cell as text; nulls and maps have none.
pub(crate) fn text_of(cell: &Cell) -> Option<Arc<str>> {
    match cell {
        Cell::Map(_) => None,
        other => into_text(other.clone()),
    }
}

fn into_text(cell: Cell) -> Option<Arc<str>> {
    match cell {
        Cell::Null | Cell::Map(_) => None,
        Cell::Text(text) => Some(text),
        Cell::Int(number) | Cell::Micros(number) => Some(number.to_string().into()),
        Cell::Float(number) => Some(number.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{IdxSize, IntoSeries, NamedFrom, NewChunkedArray, StructChunked};

    fn ticks(unit: TimeUnit, ticks: &[i64]) -> Vec<Cell> {
        let numbers = Series::new("t".into(), ticks);
        cells_of(&numbers.cast(&DataType::Datetime(unit, None)).expect("a time")).expect("cells")
    }

    #[test]
    fn moments_of_any_unit_are_microseconds() {
        assert_eq!(ticks(TimeUnit::Milliseconds, &[1_500, -1]), [Cell::Micros(1_500_000), Cell::Micros(-1_000)]);
        assert_eq!(ticks(TimeUnit::Microseconds, &[1_500]), [Cell::Micros(1_500)]);
        assert_eq!(ticks(TimeUnit::Nanoseconds, &[1_500, -1]), [Cell::Micros(1), Cell::Micros(-1)]);
        assert_eq!(ticks(TimeUnit::Milliseconds, &[i64::MAX]), [Cell::Null], "a time no calendar has");
        let days = Series::new("d".into(), [1_i32]).cast(&DataType::Date).expect("a date");
        assert_eq!(cells_of(&days), Ok(vec![Cell::Micros(MICROS_A_DAY)]));
    }

    #[test]
    fn numbers_and_decimals_are_exact() {
        let amounts = Series::new("a".into(), ["12.345", "-0.005"]);
        let amounts = amounts.cast(&DataType::Decimal(20, 3)).expect("decimals");
        assert_eq!(cells_of(&amounts), Ok(vec![Cell::Text("12.345".into()), Cell::Text("-0.005".into())]));
        assert_eq!(cells_of(&Series::new("f".into(), [0.1_f32])), Ok(vec![Cell::Float(0.1)]));
        assert_eq!(cells_of(&Series::new("u".into(), [u64::MAX])), Ok(vec![Cell::Text(u64::MAX.to_string().into())]));
        assert_eq!(cells_of(&Series::new("b".into(), [true])), Ok(vec![Cell::Text("true".into())]));
    }

    #[test]
    fn a_struct_is_a_map_of_its_filled_fields() {
        let fields = [Series::new("region".into(), [Some("x"), None]), Series::new("n".into(), [1_i64, 2])];
        let table = StructChunked::from_series("product".into(), 2, fields.iter()).expect("a struct").into_series();
        let pair = |key: &str, value: &str| (Arc::from(key), Arc::from(value));
        let (first, second) = (vec![pair("region", "x"), pair("n", "1")], vec![pair("n", "2")]);
        assert_eq!(cells_of(&table), Ok(vec![Cell::Map(first), Cell::Map(second)]));
    }

    fn check_texts(texts: &StringChunked) -> Vec<Arc<str>> {
        let cells = text_cells(texts);
        let expected: Vec<Cell> =
            texts.iter().map(|text| text.map_or(Cell::Null, |text| Cell::Text(text.into()))).collect();
        assert_eq!(cells, expected);
        cells.into_iter().filter_map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None }).collect()
    }

    #[test]
    fn texts_that_are_stored_once_are_shared_and_others_never_mixed_up() {
        let alike = ["a text of some length", "a text of SOME length", "short", ""];
        let few = StringChunked::from_iter_options("t".into(), alike.iter().map(|text| Some(*text)).chain([None]));
        // Rows that point to the same texts, as those of a dictionary do.
        let places: Vec<IdxSize> = (0..3_000).map(|row| row * 7 % 5).collect();
        let many = few.into_series().take_slice(&places).expect("places");
        let many = many.str().expect("texts").clone();
        let shared = check_texts(&many);
        assert!(Arc::ptr_eq(&shared[0], &shared[4]), "five rows on, the same text");
        // More texts than are remembered, in two chunks, cut across the seam.
        let numbered = |from: u32| (from..from + 1_000).map(|n| Some(format!("text number {:08}", n * n % 777)));
        let mut all = StringChunked::from_iter_options("t".into(), numbered(0));
        all.append(&StringChunked::from_iter_options("t".into(), numbered(500))).expect("texts");
        all.append(&many).expect("texts");
        check_texts(&all);
        check_texts(&all.slice(900, 1_500));
        check_texts(&all.slice(900, 1_500).rechunk());
    }

    #[test]
    fn lists_of_anything_else_have_no_cell_form() {
        let list = Series::new("l".into(), [Series::new("".into(), [1_i64, 2])]);
        assert!(cells_of(&list).is_err());
    }

    #[test]
    fn decimals_keep_every_digit() {
        assert_eq!(decimal(12_345, 3), "12.345");
        assert_eq!(decimal(-5, 3), "-0.005");
        assert_eq!(decimal(7, 0), "7");
        assert_eq!(decimal(0, 2), "0.00");
    }
}
