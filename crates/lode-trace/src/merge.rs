//! Many sorted sources of one group as one, each request once.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::block::RowRef;
use crate::order::{better, order};
use crate::{Block, Group, TraceFault};

/// Blocks of one group in order, from a file or from memory.
pub type Source<'a, E> = Box<dyn Iterator<Item = Result<Arc<Block>, E>> + Send + 'a>;

/// What a merge has read and handed out. The difference is duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of all sources.
    pub rows_in: u64,
    /// Requests, each once.
    pub rows_out: u64,
}

/// The requests of one group from many sources, in order. Of two records of one request the better one is taken.
/// Holds one block of each source.
#[derive(Debug)]
pub struct Merge<S> {
    group: Group,
    heads: Vec<Head<S>>,
    /// Places in `heads` as a heap, the first request on top. Only those that have one.
    heap: Vec<usize>,
    /// The sources of the request last handed out, which are to move on.
    used: Vec<usize>,
    begun: bool,
    serials: u64,
    counts: Counts,
}

/// A source, its block at hand and the row that is next.
#[derive(Debug)]
struct Head<S> {
    blocks: S,
    block: Option<Arc<Block>>,
    at: usize,
    /// Time and begin of the id of the row that is next: they decide almost every comparison.
    key: (i64, u64),
    serial: u64,
}

/// A row, and which block it is of: of which source, and a number that no other block of the merge has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merged<'a> {
    pub(crate) source: usize,
    pub(crate) serial: u64,
    pub(crate) row: RowRef<'a>,
}

impl<S> Head<S> {
    fn row(&self) -> Option<RowRef<'_>> {
        self.block.as_ref()?.row(self.at)
    }
}

impl<S, E> Merge<S>
where
    S: Iterator<Item = Result<Arc<Block>, E>>,
    E: From<TraceFault>,
{
    /// A merge of these sources of a group. Nothing is read yet.
    pub fn new(group: Group, sources: impl IntoIterator<Item = S>) -> Self {
        let head = |blocks| Head { blocks, block: None, at: 0, key: (0, 0), serial: 0 };
        Self {
            group,
            heads: sources.into_iter().map(head).collect(),
            heap: Vec::new(),
            used: Vec::new(),
            begun: false,
            serials: 0,
            counts: Counts::default(),
        }
    }

    /// Whose requests these are.
    pub const fn group(&self) -> &Group {
        &self.group
    }

    /// What was read and handed out so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The next request.
    pub(crate) fn next_row(&mut self) -> Result<Option<Merged<'_>>, E> {
        if !self.begun {
            self.begun = true;
            self.used = (0..self.heads.len()).collect();
        }
        self.advance()?;
        let Some(mut best) = self.pop() else { return Ok(None) };
        self.used.push(best);
        while let Some(next) = self.heap.first().copied()
            && self.compare(best, next).is_eq()
        {
            self.pop();
            self.used.push(next);
            if let (Some(a), Some(b)) = (self.heads[next].row(), self.heads[best].row())
                && better(a, b).is_gt()
            {
                best = next;
            }
        }
        self.counts.rows_in += self.used.len() as u64;
        self.counts.rows_out += 1;
        let head = &self.heads[best];
        Ok(head.row().map(|row| Merged { source: best, serial: head.serial, row }))
    }

    /// Moves the sources that were used on, and puts them back on the heap.
    fn advance(&mut self) -> Result<(), E> {
        while let Some(source) = self.used.pop() {
            let head = &mut self.heads[source];
            head.at += 1;
            if head.row().is_none() {
                self.read(source)?;
            }
            let head = &mut self.heads[source];
            if let Some(row) = head.row() {
                head.key = (row.row.time, row.id().prefix());
                self.push(source);
            }
        }
        Ok(())
    }

    /// The next block of a source that has a row; it must follow the one before.
    fn read(&mut self, source: usize) -> Result<(), E> {
        let head = &mut self.heads[source];
        for block in head.blocks.by_ref() {
            let block = block?;
            check(&self.group, head.block.as_deref(), &block)?;
            if block.rows() > 0 {
                self.serials += 1;
                (head.block, head.at, head.serial) = (Some(block), 0, self.serials);
                return Ok(());
            }
        }
        head.block = None;
        Ok(())
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let (a, b) = (&self.heads[a], &self.heads[b]);
        a.key.cmp(&b.key).then_with(|| match (a.row(), b.row()) {
            (Some(a), Some(b)) => order(a, b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        })
    }

    fn push(&mut self, source: usize) {
        let mut at = self.heap.len();
        self.heap.push(source);
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.compare(self.heap[at], self.heap[parent]).is_ge() {
                return;
            }
            self.heap.swap(at, parent);
            at = parent;
        }
    }

    fn pop(&mut self) -> Option<usize> {
        let last = self.heap.len().checked_sub(1)?;
        self.heap.swap(0, last);
        let top = self.heap.pop();
        let mut at = 0;
        loop {
            let mut first = at;
            for child in [at * 2 + 1, at * 2 + 2] {
                if child < last && self.compare(self.heap[child], self.heap[first]).is_lt() {
                    first = child;
                }
            }
            if first == at {
                return top;
            }
            self.heap.swap(at, first);
            at = first;
        }
    }
}

/// Whether a block can follow another one of its source.
fn check(group: &Group, before: Option<&Block>, block: &Block) -> Result<(), TraceFault> {
    if block.group != *group {
        let name = |(account, region, model): &Group| format!("of {account} {region} {model}");
        return Err(TraceFault::Block { found: name(&block.group), expected: name(group) });
    }
    let last = before.and_then(|before| before.rows().checked_sub(1).and_then(|last| before.row(last)));
    if let (Some(last), Some(first)) = (last, block.row(0))
        && order(last, first).is_ge()
    {
        let at = |row: RowRef<'_>| jiff::Timestamp::from_microsecond(row.row.time).map(|time| time.to_string());
        let text = |row, word| format!("{word} {}, {}", at(row).unwrap_or_default(), row.id().text());
        return Err(TraceFault::Block { found: text(first, "from"), expected: text(last, "after") });
    }
    Ok(())
}
