//! What could not be used: the first thousand notes in file and row order, and how many more there are. Which
//! ones are first does not depend on the order of reading.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lode_model::Rejected;

/// How many notes are listed.
const LISTED: usize = 1_000;

type Key = (PathBuf, Option<u64>, Option<String>, String);

#[derive(Debug, Default)]
pub(crate) struct Notes {
    first: BTreeMap<Key, Rejected>,
    more: u64,
}

impl Notes {
    /// Adds a note. A second one about the same place and fault (two records on one line) is only counted.
    pub(crate) fn add(&mut self, note: Rejected) {
        let key = (note.file.clone(), note.row, note.column.clone(), note.found.clone());
        let beyond = self.first.len() >= LISTED && self.first.last_key_value().is_some_and(|(last, _)| *last < key);
        if beyond || self.first.contains_key(&key) {
            self.more += 1;
            return;
        }
        self.first.insert(key, note);
        if self.first.len() > LISTED {
            self.first.pop_last();
            self.more += 1;
        }
    }

    /// The notes, and how many are not listed.
    pub(crate) fn finish(self) -> (Vec<Rejected>, u64) {
        (self.first.into_values().collect(), self.more)
    }
}
