//! The columns of a table, checked as far as each one goes by itself.

use std::sync::Arc;

use lode_model::{Table, Values};

use super::fault;
use crate::TraceFault;
use crate::fault::number;
use crate::index::{NONE, Words};
use crate::schema::{Column, Type};

/// Whether the table has the columns of a block and no other, each of its type and of equal length; and whether places
/// and ends are inside of what they point into. After this, nothing that a column points to is missing.
pub(crate) fn shape(table: &Table) -> Result<(), TraceFault> {
    for (at, (name, _)) in table.columns.iter().enumerate() {
        let is_known = Column::ALL.iter().any(|column| column.name() == &**name);
        if !is_known || table.columns[..at].iter().any(|(other, _)| other == name) {
            return Err(TraceFault::Unexpected { found: name.to_string() });
        }
    }
    let rows = table.rows();
    number(rows, "rows of a table")?;
    for column in Column::ALL {
        let values = values(table, *column)?;
        if kind(values) != column.kind() {
            let (found, expected) = (kind(values).name(), column.kind().name());
            return Err(TraceFault::Type { column: column.name(), found, expected });
        }
        if values.len() != rows || rows == 0 {
            return Err(TraceFault::Rows { column: column.name(), found: values.len(), expected: rows.max(1) });
        }
        sound(*column, values)?;
    }
    Ok(())
}

const fn kind(values: &Values) -> Type {
    match values {
        Values::Numbers(_) => Type::Numbers,
        Values::Optional(_) => Type::Optional,
        Values::Micros(_) => Type::Micros,
        Values::Flags(_) => Type::Flags,
        Values::Words { .. } => Type::Words,
        Values::Lists { .. } => Type::Lists,
        Values::WordLists { .. } => Type::WordLists,
    }
}

fn sound(column: Column, values: &Values) -> Result<(), TraceFault> {
    let (ends, len) = match values {
        Values::Lists { ends, values } => (ends.as_slice(), values.len()),
        Values::WordLists { ends, places, .. } => (ends.as_slice(), places.len()),
        _ => (&[][..], 0),
    };
    let mut begin = 0;
    for (row, end) in ends.iter().enumerate() {
        if *end < begin || *end as usize > len {
            return Err(fault(column, row, &format!("a list up to {end}"), "lists that follow each other"));
        }
        begin = *end;
    }
    if begin as usize != len {
        return Err(fault(column, ends.len(), &format!("{len} values"), "as many as the last list ends with"));
    }
    let (texts, places) = match values {
        Values::Words { texts, places } | Values::WordLists { texts, places, .. } => (texts.len(), places.as_slice()),
        _ => return Ok(()),
    };
    match places.iter().position(|place| place.is_some_and(|place| place as usize >= texts)) {
        None => Ok(()),
        Some(at) => {
            let row = if ends.is_empty() { at } else { ends.partition_point(|end| *end as usize <= at) };
            let found = format!("text {} of {texts}", places[at].unwrap_or_default());
            Err(fault(column, row, &found, "a text that there is"))
        }
    }
}

fn values(table: &Table, column: Column) -> Result<&Values, TraceFault> {
    table.column(column.name()).ok_or(TraceFault::Missing { column: column.name() })
}

const fn other(column: Column) -> TraceFault {
    TraceFault::Type { column: column.name(), found: "something else", expected: column.kind().name() }
}

/// The values of a column of numbers or times.
pub(crate) fn numbers(table: &Table, column: Column) -> Result<&[i64], TraceFault> {
    match values(table, column)? {
        Values::Numbers(values) | Values::Micros(values) => Ok(values),
        _ => Err(other(column)),
    }
}

/// The values of a column of numbers, some absent.
pub(crate) fn optional(table: &Table, column: Column) -> Result<&[Option<i64>], TraceFault> {
    match values(table, column)? {
        Values::Optional(values) => Ok(values),
        _ => Err(other(column)),
    }
}

/// The values of a column of flags.
pub(crate) fn flags(table: &Table, column: Column) -> Result<&[bool], TraceFault> {
    match values(table, column)? {
        Values::Flags(values) => Ok(values),
        _ => Err(other(column)),
    }
}

/// The ends and values of a column of lists.
pub(crate) fn lists(table: &Table, column: Column) -> Result<(&[u32], &[i64]), TraceFault> {
    match values(table, column)? {
        Values::Lists { ends, values } => Ok((ends, values)),
        _ => Err(other(column)),
    }
}

/// The one text of a column.
pub(crate) fn constant(table: &Table, column: Column) -> Result<&str, TraceFault> {
    let Values::Words { texts, places } = values(table, column)? else { return Err(other(column)) };
    let text = |row: usize| places[row].map(|place| &*texts[place as usize]);
    let first = text(0).ok_or_else(|| fault(column, 0, &"nothing", "a name"))?;
    for (row, place) in places.iter().enumerate() {
        if *place != places[0] && text(row) != Some(first) {
            return Err(fault(column, row, &text(row).unwrap_or("nothing"), "the same in all rows"));
        }
    }
    Ok(first)
}

/// A column of words or of lists of words, with what each of its texts means.
pub(crate) struct Texts<'a, T> {
    pub(crate) column: Column,
    texts: &'a [Arc<str>],
    places: &'a [Option<u32>],
    ends: &'a [u32],
    meanings: Vec<T>,
}

/// A column of texts; `meaning` is called once for each text.
pub(crate) fn texts<T>(table: &Table, column: Column, meaning: impl Fn(&str) -> T) -> Result<Texts<'_, T>, TraceFault> {
    let (texts, places, ends) = match values(table, column)? {
        Values::Words { texts, places } => (texts, places, [].as_slice()),
        Values::WordLists { texts, places, ends } => (texts, places, ends.as_slice()),
        _ => return Err(other(column)),
    };
    let meanings = texts.iter().map(|text| meaning(text)).collect();
    Ok(Texts { column, texts, places, ends, meanings })
}

impl<'a, T> Texts<'a, T> {
    /// The text at a place of the column.
    pub(crate) fn text(&self, at: usize) -> Option<&'a Arc<str>> {
        self.places[at].map(|place| &self.texts[place as usize])
    }

    /// Where the lists end.
    pub(crate) const fn ends(&self) -> &'a [u32] {
        self.ends
    }
}

impl<T: Copy> Texts<'_, Option<T>> {
    /// What the text in a row means; a text that means nothing is a fault.
    pub(crate) fn value(&self, row: usize, expected: &'static str) -> Result<Option<T>, TraceFault> {
        let Some(place) = self.places[row] else { return Ok(None) };
        let meaning = self.meanings[place as usize];
        meaning.map(Some).ok_or_else(|| fault(self.column, row, &self.texts[place as usize], expected))
    }
}

impl Texts<'_, u32> {
    /// The block's word at a place of the column, or `NONE`.
    pub(crate) fn word(&mut self, at: usize, words: &mut Words) -> Result<u32, TraceFault> {
        let Some(place) = self.places[at] else { return Ok(NONE) };
        let place = place as usize;
        if self.meanings[place] == NONE {
            self.meanings[place] = words.number(&self.texts[place], || self.texts[place].clone())?;
        }
        Ok(self.meanings[place])
    }
}
