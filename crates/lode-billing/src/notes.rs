//! What could not be used: the first thousand notes in file and row order, and how many more there are. Which
//! ones are first does not depend on the order of reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_model::{Loss, Rejected};

/// How many notes a bill lists.
const LISTED: usize = 1_000;

type Key = (PathBuf, Option<u64>, Option<String>, String);

#[derive(Debug, Default)]
pub(crate) struct Notes {
    first: BTreeMap<Key, Rejected>,
    /// Rows beyond those, by file.
    more: BTreeMap<PathBuf, u64>,
    /// By topic and file.
    once: BTreeMap<(String, PathBuf), Rejected>,
    /// Rows whose dollars are in no total, by file: each once, however many faults it has.
    lost: BTreeMap<PathBuf, u64>,
    /// Files that could not be read to their end: always listed.
    files: BTreeMap<Key, Rejected>,
}

fn key(note: &Rejected) -> Key {
    (note.file.clone(), note.row, note.column.clone(), note.found.clone())
}

impl Notes {
    pub(crate) fn add(&mut self, note: Rejected) {
        let key = key(&note);
        if matches!(note.loss, Loss::File | Loss::RestOfFile) {
            self.files.insert(key, note);
            return;
        }
        self.first.insert(key, note);
        if self.first.len() > LISTED
            && let Some((_, last)) = self.first.pop_last()
        {
            self.count(&last);
        }
    }

    fn count(&mut self, note: &Rejected) {
        // What costs nothing is no row that could not be used.
        if note.loss != Loss::Nothing {
            *self.more.entry(note.file.clone()).or_default() += 1;
        }
    }

    /// Counts a row whose dollars are in no total.
    pub(crate) fn lose(&mut self, file: &Path) {
        *self.lost.entry(file.to_path_buf()).or_default() += 1;
    }

    /// How many rows' dollars are in no total.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.values().sum()
    }

    /// Keeps only the earliest note of a topic.
    pub(crate) fn once(&mut self, topic: &str, note: Rejected) {
        let known = self.once.entry((topic.to_owned(), note.file.clone())).or_insert_with(|| note.clone());
        if key(&note) < key(known) {
            *known = note;
        }
    }

    /// The notes of both.
    pub(crate) fn merge(&mut self, other: Self) {
        for (file, more) in other.more {
            *self.more.entry(file).or_default() += more;
        }
        for (file, lost) in other.lost {
            *self.lost.entry(file).or_default() += lost;
        }
        for note in other.first.into_values().chain(other.files.into_values()) {
            self.add(note);
        }
        for ((topic, _), note) in other.once {
            self.once(&topic, note);
        }
    }

    /// Drops the notes of files that are not used after all.
    pub(crate) fn forget(&mut self, unused: impl Fn(&Path) -> bool) {
        self.first.retain(|_, note| !unused(&note.file));
        self.once.retain(|_, note| !unused(&note.file));
        self.files.retain(|_, note| !unused(&note.file));
        self.more.retain(|file, _| !unused(file));
        self.lost.retain(|file, _| !unused(file));
    }

    /// The notes, and how many are not listed.
    pub(crate) fn finish(mut self) -> (Vec<Rejected>, u64) {
        let mut earliest: BTreeMap<String, Rejected> = BTreeMap::new();
        // By file within a topic: the first is the earliest.
        for ((topic, _), note) in std::mem::take(&mut self.once) {
            earliest.entry(topic).or_insert(note);
        }
        for note in earliest.into_values() {
            self.add(note);
        }
        let more = self.more.values().sum();
        self.first.append(&mut self.files);
        (self.first.into_values().collect(), more)
    }
}
