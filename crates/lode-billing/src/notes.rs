//! What could not be used: the first thousand notes in file and row order, and how many more there are. Which
//! ones are first does not depend on the order of reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_model::Rejected;

/// How many notes a bill lists.
const LISTED: usize = 1_000;

type Key = (PathBuf, Option<u64>, Option<String>, String);

#[derive(Debug, Default)]
pub(crate) struct Notes {
    first: BTreeMap<Key, Rejected>,
    more: u64,
    once: BTreeMap<String, Rejected>,
}

fn key(note: &Rejected) -> Key {
    (note.file.clone(), note.row, note.column.clone(), note.found.clone())
}

impl Notes {
    pub(crate) fn add(&mut self, note: Rejected) {
        let key = key(&note);
        if self.first.len() >= LISTED && self.first.last_key_value().is_some_and(|(last, _)| *last < key) {
            self.more += 1;
            return;
        }
        self.first.insert(key, note);
        if self.first.len() > LISTED {
            self.first.pop_last();
            self.more += 1;
        }
    }

    /// Keeps only the earliest note of a topic.
    pub(crate) fn once(&mut self, topic: &str, note: Rejected) {
        match self.once.get_mut(topic) {
            Some(known) if key(known) <= key(&note) => {}
            Some(known) => *known = note,
            None => {
                self.once.insert(topic.to_owned(), note);
            }
        }
    }

    /// The notes of both.
    pub(crate) fn merge(&mut self, other: Self) {
        self.more += other.more;
        for note in other.first.into_values() {
            self.add(note);
        }
        for (topic, note) in other.once {
            self.once(&topic, note);
        }
    }

    /// Drops the notes of files that are not used after all.
    pub(crate) fn forget(&mut self, unused: impl Fn(&Path) -> bool) {
        self.first.retain(|_, note| !unused(&note.file));
        self.once.retain(|_, note| !unused(&note.file));
    }

    /// The notes, and how many are not listed.
    pub(crate) fn finish(mut self) -> (Vec<Rejected>, u64) {
        for note in std::mem::take(&mut self.once).into_values() {
            self.add(note);
        }
        (self.first.into_values().collect(), self.more)
    }
}
