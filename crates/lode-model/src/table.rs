//! Tables in columns, for what Lode itself keeps on disk. (What AWS exports is read as [`RowBatch`](crate::RowBatch)es:
//! any columns, cell by cell.)

use std::sync::Arc;

/// Values of one column, all of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Whole numbers, some of them absent.
    Optional(Vec<Option<i64>>),
    /// Moments in microseconds since 1970-01-01T00:00:00Z.
    Micros(Vec<i64>),
    /// Yes or no.
    Flags(Vec<bool>),
    /// Texts that repeat: each value is a place in the list of texts, or absent.
    Words {
        /// The texts, each once, in any order.
        texts: Vec<Arc<str>>,
        /// A place in `texts` for each value.
        places: Vec<Option<u32>>,
    },
    /// A list of whole numbers in each row.
    Lists {
        /// Where the list of each row ends in `values`; it begins where the one before ends.
        ends: Vec<u32>,
        /// All lists, one after the other.
        values: Vec<i64>,
    },
    /// A list of texts in each row.
    WordLists {
        /// Where the list of each row ends in `places`.
        ends: Vec<u32>,
        /// The texts, each once, in any order.
        texts: Vec<Arc<str>>,
        /// A place in `texts` for each value of each list, or absent.
        places: Vec<Option<u32>>,
    },
}

impl Values {
    /// How many rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Numbers(values) | Self::Micros(values) => values.len(),
            Self::Optional(values) => values.len(),
            Self::Flags(values) => values.len(),
            Self::Words { places, .. } => places.len(),
            Self::Lists { ends, .. } | Self::WordLists { ends, .. } => ends.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Columns of equal length, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Name and values of each column, in order.
    pub columns: Vec<(Arc<str>, Values)>,
}

impl Table {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// The values of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|(known, _)| **known == *name).map(|(_, values)| values)
    }
}
