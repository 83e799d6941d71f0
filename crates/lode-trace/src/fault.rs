//! What can be wrong with a table that claims to be part of a trace.

use lode_model::TraceError;

/// Why a table is no part of a trace, or a trace cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceFault {
    /// A column that every table has is not there.
    #[error("column {column} is missing")]
    Missing {
        /// Its name.
        column: &'static str,
    },
    /// A column that no table has, or the second of a name.
    #[error("found a column {found:?}, expected each of the trace's columns once and no other")]
    Unexpected {
        /// Its name.
        found: String,
    },
    /// A column of another type.
    #[error("column {column} holds {found}, expected {expected}")]
    Type {
        /// Its name.
        column: &'static str,
        /// What it holds.
        found: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// A column longer or shorter than the others.
    #[error("column {column} has {found} rows, expected {expected}")]
    Rows {
        /// Its name.
        column: &'static str,
        /// How many rows it has.
        found: usize,
        /// How many the first column has; at least one.
        expected: usize,
    },
    /// A value that cannot be.
    #[error("column {column}, row {row} (from 0): found {found}, expected {expected}")]
    Value {
        /// The name of the column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// What stands there.
        found: String,
        /// What could.
        expected: &'static str,
    },
    /// Blocks of one source that are not in order, or of another group.
    #[error("found a block {found}, expected one {expected}")]
    Block {
        /// What is wrong with it.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// More of something than four bytes can number.
    #[error("found more {what} than can be numbered, expected at most {}", u32::MAX - 1)]
    TooMany {
        /// Of what.
        what: &'static str,
    },
}

impl From<TraceFault> for TraceError {
    fn from(fault: TraceFault) -> Self {
        Self(fault.to_string())
    }
}

/// The number of a thing that comes after `len` others.
pub(crate) fn number(len: usize, what: &'static str) -> Result<u32, TraceFault> {
    u32::try_from(len).ok().filter(|number| *number != u32::MAX).ok_or(TraceFault::TooMany { what })
}
