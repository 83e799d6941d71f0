//! Whether two files of one export hold the same rows: an older copy beside a newer one, or a month beside the year that
//! has it. Chunks of an export share no row, so such files must not be added up.
//!
//! A row is told by all that its cells say of when, who, what and how much. Of each file the smallest hashes are kept,
//! which are a fair sample of its rows whatever their number: of two files with common rows, the samples have common
//! hashes in the same proportion.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use xxhash_rust::xxh3::xxh3_64;

use crate::columns::Col;
use crate::row::{Row, Value};

/// Hashes kept of each file.
const KEPT: usize = 1_024;
/// Fewer common rows may be chance: two halves of a day at one hourly price, in an export without hours.
const FEWEST: usize = 8;

/// The cells that tell a row from every other of its export, region and period being told by usage type and start.
const CELLS: [Col; 11] = [
    Col::Start,
    Col::Account,
    Col::LineType,
    Col::ProductCode,
    Col::UsageType,
    Col::Operation,
    Col::Resource,
    Col::Principal,
    Col::Amount,
    Col::Consumed,
    Col::Cost,
];

/// A sample of a file's rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    smallest: BTreeSet<u64>,
    row: Vec<u8>,
}

impl Sample {
    pub(crate) fn see(&mut self, row: &impl Row) {
        self.row.clear();
        for col in CELLS {
            match row.cell(col) {
                Value::Null | Value::Map(_) => {}
                Value::Text(text) => self.row.extend_from_slice(text.as_bytes()),
                Value::Bytes(bytes) => self.row.extend_from_slice(bytes),
                Value::Int(number) | Value::Micros(number) => self.row.extend_from_slice(&number.to_le_bytes()),
                Value::Float(number) => self.row.extend_from_slice(&number.to_le_bytes()),
            }
            self.row.push(0);
        }
        let hash = xxh3_64(&self.row);
        if hash < self.reach() {
            self.smallest.insert(hash);
            if self.smallest.len() > KEPT {
                self.smallest.pop_last();
            }
        }
    }

    /// Up to which hash all rows are known.
    fn reach(&self) -> u64 {
        self.smallest.last().copied().filter(|_| self.smallest.len() == KEPT).unwrap_or(u64::MAX)
    }

    fn up_to(&self, reach: u64) -> usize {
        self.smallest.range(..=reach).count()
    }
}

/// Two files of one export that share at least half of the rows of the smaller, if there are any.
pub(crate) fn overlapping(samples: &BTreeMap<PathBuf, Sample>) -> Option<(PathBuf, PathBuf)> {
    let files: Vec<(&PathBuf, &Sample)> = samples.iter().collect();
    let mut holders: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (file, (_, sample)) in files.iter().enumerate() {
        for hash in &sample.smallest {
            holders.entry(*hash).or_default().push(file);
        }
    }
    let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for of_row in holders.values().filter(|of_row| of_row.len() > 1) {
        for (at, one) in of_row.iter().enumerate() {
            for other in &of_row[at + 1..] {
                *common.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let same = common.into_iter().find(|((one, other), rows)| {
        let (one, other) = (files[*one].1, files[*other].1);
        let reach = one.reach().min(other.reach());
        *rows >= FEWEST && rows * 2 >= one.up_to(reach).min(other.up_to(reach))
    })?;
    let ((one, other), _) = same;
    Some((files[one].0.clone(), files[other].0.clone()))
}
