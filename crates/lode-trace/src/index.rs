//! Finding things by hash among things that are numbered and kept elsewhere; and texts, each once.
//!
//! A `HashMap` would hold the keys a second time. Nothing here is ever walked, so no order can leak.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::TraceFault;
use crate::fault::number;

/// Absent: the number of no word and no segment.
pub(crate) const NONE: u32 = u32::MAX;

/// Numbers by the hash of what they number: open addressing with linear probing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// 0 where free; otherwise 32 bits of the hash above the number plus one. A power of two, at most three quarters
    /// full.
    slots: Vec<u64>,
    len: usize,
}

impl Index {
    /// The number of the thing with this hash that `is_it`.
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (tag, mask) = (mixed(hash), self.slots.len() - 1);
        let mut at = place(tag, mask);
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            if slot & TAG == tag {
                let number = number_of(slot);
                if is_it(number) {
                    return Some(number);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a thing that is not there.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.len += 1;
        self.put(mixed(hash) | (u64::from(number) + 1));
    }

    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(0);
        self.len = 0;
    }

    /// Memory held.
    pub(crate) const fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u64>()
    }

    fn put(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = place(slot, mask);
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let larger = vec![0; (self.slots.len() * 2).max(16)];
        for slot in std::mem::replace(&mut self.slots, larger) {
            if slot != 0 {
                self.put(slot);
            }
        }
    }
}

/// The bits of a slot that are of the hash.
const TAG: u64 = 0xffff_ffff_0000_0000;

/// Spreads a hash over the upper half, in case its bits are not all alike.
const fn mixed(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) & TAG
}

const fn place(slot: u64, mask: usize) -> usize {
    (slot >> 32) as usize & mask
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted; it is not 0")]
const fn number_of(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

/// Texts, each once, numbered as they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) texts: Vec<Arc<str>>,
    index: Index,
    hasher: RandomState,
    letters: usize,
}

impl Words {
    /// The number of a text; `share` makes the text to keep if it is new.
    pub(crate) fn number(&mut self, text: &str, share: impl FnOnce() -> Arc<str>) -> Result<u32, TraceFault> {
        let hash = self.hasher.hash_one(text);
        let texts = &self.texts;
        if let Some(known) = self.index.find(hash, |number| texts.get(number as usize).is_some_and(|at| **at == *text))
        {
            return Ok(known);
        }
        let new = number(self.texts.len(), "texts")?;
        self.letters += text.len();
        self.texts.push(share());
        self.index.insert(hash, new);
        Ok(new)
    }

    /// Memory held, about: the allocator's own share of each text is taken as 16 bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.letters + self.texts.len() * (size_of::<Arc<str>>() + 32) + self.index.bytes()
    }

    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.texts.clear();
        self.index.clear();
        self.letters = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_even_where_hashes_collide() {
        let mut index = Index::default();
        assert_eq!(index.find(7, |_| true), None);
        for number in 0..1000_u32 {
            index.insert(u64::from(number % 10), number);
        }
        for number in 0..1000_u32 {
            assert_eq!(index.find(u64::from(number % 10), |at| at == number), Some(number));
        }
        assert_eq!(index.find(3, |at| at == 4), None);
        assert!(index.slots.len() * 3 >= 4000, "at most three quarters full");
        index.clear();
        assert_eq!(index.find(3, |at| at == 3), None);
    }

    #[test]
    fn texts_are_numbered_as_they_came() {
        let mut words = Words::default();
        let numbers: Vec<u32> =
            ["b", "a", "b", ""].iter().map(|text| words.number(text, || (*text).into()).expect("few")).collect();
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!(words.texts.iter().map(|text| &**text).collect::<Vec<_>>(), ["b", "a", ""]);
    }
}
