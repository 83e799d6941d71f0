//! One row of a table, whatever file it came from: the one form in which rows reach the bill.

use std::borrow::Cow;
use std::sync::Arc;

use lode_model::{CallerKey, Cell, Money, ParseMoneyError, RowBatch};

use crate::columns::{Col, Label, Layout};
use crate::error::printable;
use crate::moment::Moment;

/// One cell, borrowed.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Text(&'a str),
    /// Bytes that are no UTF-8.
    Bytes(&'a [u8]),
    Int(i64),
    Float(f64),
    Micros(i64),
    Map(&'a [(Arc<str>, Arc<str>)]),
}

impl<'a> Value<'a> {
    /// Bytes of a text cell. Empty cells and the text NULL are null.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        std::str::from_utf8(bytes).map_or(Self::Bytes(bytes.trim_ascii()), Self::of_text)
    }

    /// A text cell.
    pub(crate) fn of_text(text: &'a str) -> Self {
        let text = text.trim_ascii();
        if text.is_empty() || text.eq_ignore_ascii_case("NULL") { Self::Null } else { Self::Text(text) }
    }

    /// A cell of a batch.
    pub(crate) fn of_cell(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Text(text) => Self::of_text(text),
            Cell::Int(number) => Self::Int(*number),
            Cell::Float(number) => Self::Float(*number),
            Cell::Micros(micros) => Self::Micros(*micros),
            Cell::Map(entries) => Self::Map(entries),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The cell as text; accounts that some tool turned into numbers get their leading zeros back elsewhere.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match *self {
            Self::Null | Self::Map(_) => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes)),
            Self::Int(number) | Self::Micros(number) => Some(Cow::Owned(number.to_string())),
            // The shortest decimal form: what a person would see, without binary noise.
            Self::Float(number) => Some(Cow::Owned(format!("{number:e}"))),
        }
    }

    pub(crate) fn money(&self) -> Option<Result<Money, ParseMoneyError>> {
        match *self {
            Self::Float(number) => Some(Money::from_f64(number)),
            _ => self.text().map(|text| Money::parse(&text)),
        }
    }

    pub(crate) fn moment(&self) -> Option<Moment> {
        match *self {
            Self::Micros(micros) => Moment::of_micros(micros),
            _ => self.text().and_then(|text| Moment::parse(&text)),
        }
    }

    /// What stands in the cell, for messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Map(entries) => format!("a map of {} entries", entries.len()),
            _ => printable(&self.text().unwrap_or_default()),
        }
    }
}

/// A row that can be asked for its cells.
pub(crate) trait Row {
    fn layout(&self) -> &Layout;

    /// The cell at a place of the table.
    fn at(&self, place: usize) -> Value<'_>;

    fn cell(&self, col: Col) -> Value<'_> {
        self.layout().place(col).map_or(Value::Null, |place| self.at(place))
    }

    /// The tags and cost categories that were asked for, where they have a value.
    fn labels(&self) -> Vec<(CallerKey, Arc<str>)> {
        let value = |label: &Label| {
            label.places().iter().find_map(|&(place, is_map)| {
                let cell = self.at(place);
                let found = if is_map { map_entry(&cell, label.entries()) } else { cell.text().map(Cow::into_owned) };
                found.filter(|text| !text.trim().is_empty())
            })
        };
        self.layout().labels.iter().filter_map(|label| Some((label.key.clone(), value(label)?.into()))).collect()
    }
}

/// A row of a CSV file.
pub(crate) struct CsvRow<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) record: &'a csv::ByteRecord,
}

impl Row for CsvRow<'_> {
    fn layout(&self) -> &Layout {
        self.layout
    }

    fn at(&self, place: usize) -> Value<'_> {
        self.record.get(place).map_or(Value::Null, Value::of_bytes)
    }
}

/// A row of a batch.
pub(crate) struct BatchRow<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) batch: &'a RowBatch,
    pub(crate) row: usize,
}

impl Row for BatchRow<'_> {
    fn layout(&self) -> &Layout {
        self.layout
    }

    fn at(&self, place: usize) -> Value<'_> {
        let column = self.batch.columns.get(place);
        column.and_then(|column| column.cells.get(self.row)).map_or(Value::Null, Value::of_cell)
    }
}

/// An entry of a map cell, by the first of these keys that has a value: a real map, or text that holds one as JSON (`{"k": "v"}`) or as Athena shows it
/// (`{k=v, l=w}`).
pub(crate) fn map_entry<K: AsRef<str>>(value: &Value<'_>, keys: &[K]) -> Option<String> {
    let json = match value {
        Value::Text(text) if text.starts_with('{') => serde_json::from_str::<serde_json::Value>(text).ok(),
        _ => None,
    };
    keys.iter().map(AsRef::as_ref).find_map(|key: &str| {
        let found = match (value, &json) {
            (Value::Map(entries), _) => {
                entries.iter().find(|(name, _)| **name == *key).map(|(_, value)| value.to_string())
            }
            (_, Some(map)) => map.get(key).and_then(|value| value.as_str()).map(str::to_owned),
            (Value::Text(text), None) => shown_entry(text, key),
            _ => None,
        };
        found.filter(|text| !text.trim().is_empty())
    })
}

/// `v` of `{k=v, l=w}`. A value ends before the next `, name=` or at the closing brace.
fn shown_entry(text: &str, key: &str) -> Option<String> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut value: Option<String> = None;
    for part in inner.split(", ") {
        match (part.split_once('='), &mut value) {
            (Some((name, _)), Some(found)) if !name.contains(' ') => return Some(found.clone()),
            (Some((name, start)), None) if name.trim() == key => value = Some(start.to_owned()),
            (_, Some(found)) => {
                found.push_str(", ");
                found.push_str(part);
            }
            _ => {}
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_cells_are_read_in_three_forms() {
        let entries = [("region".into(), "us-east-1".into()), ("product_name".into(), "A, b".into())];
        for value in [
            Value::Map(&entries),
            Value::Text(r#"{"region": "us-east-1", "product_name": "A, b"}"#),
            Value::Text("{region=us-east-1, product_name=A, b}"),
            Value::Text("{product_name=A, b, region=us-east-1}"),
        ] {
            assert_eq!(map_entry(&value, &["product_name"]).as_deref(), Some("A, b"), "{value:?}");
            assert_eq!(map_entry(&value, &["sku"]), None);
        }
        for text in ["{", "{}", "[1]", "{\"product_name\": 3}", "{\"product_name\": \"\"}", "product_name=x"] {
            assert_eq!(map_entry(&Value::Text(text), &["product_name"]), None, "{text}");
        }
    }

    #[test]
    fn null_text_and_empty_cells_are_null() {
        for text in ["", "  ", "NULL", "null"] {
            assert!(Value::of_bytes(text.as_bytes()).is_null(), "{text}");
        }
        assert!(matches!(Value::of_bytes(b"\xff\xfe"), Value::Bytes(_)));
    }
}
