//! Requests in memory: taken in any order, handed out in order.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use lode_model::{Request, Trace, TraceError};

use crate::builder::Builder;
use crate::fault::number;
use crate::index::Index;
use crate::merge::{Merge, Source};
use crate::{Block, Group, TraceFault, requests};

/// What a group takes without any request, about.
const GROUP_BYTES: usize = 1024;

/// Requests as they come. Times are kept to the microsecond.
#[derive(Debug, Default)]
pub struct Collection {
    groups: Vec<Builder>,
    index: Index,
    hasher: RandomState,
    /// The group of the request before.
    last: usize,
    rows: usize,
    bytes: usize,
}

impl Collection {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a copy of what a request says.
    ///
    /// # Errors
    /// [`TraceFault::TooMany`] when a group holds more than four bytes can number, which takes hundreds of gigabytes:
    /// seal before that.
    pub fn add(&mut self, request: &Request) -> Result<(), TraceFault> {
        let place = self.place(request)?;
        let Some(group) = self.groups.get_mut(place) else { return Ok(()) };
        let before = group.bytes();
        let added = group.add(request);
        self.bytes += group.bytes() - before;
        self.rows += usize::from(added.is_ok());
        added
    }

    /// Memory held, about. Sealing takes up to a sixth of it more for a while.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many requests were added.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Whether none was.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The requests in order, each once.
    #[must_use]
    pub fn seal(self) -> Run {
        let mut run = Run::default();
        for builder in self.groups {
            let (block, added) = builder.build();
            run.added += added;
            if block.rows() > 0 {
                run.blocks.insert(block.group.clone(), Arc::new(block));
            }
        }
        run
    }

    fn place(&mut self, request: &Request) -> Result<usize, TraceFault> {
        let is_of = |group: &Builder| {
            let (account, region, model) = group.group();
            *model == request.model && *region == request.region && *account == request.account
        };
        if self.groups.get(self.last).is_some_and(is_of) {
            return Ok(self.last);
        }
        let hash = self.hasher.hash_one((&request.account, &request.region, &request.model));
        let known = self.index.find(hash, |number| self.groups.get(number as usize).is_some_and(is_of));
        self.last = match known {
            Some(known) => known as usize,
            None => {
                self.index.insert(hash, number(self.groups.len(), "groups")?);
                let group = (request.account.clone(), request.region.clone(), request.model.clone());
                self.groups.push(Builder::new(group));
                self.bytes += GROUP_BYTES;
                self.groups.len() - 1
            }
        };
        Ok(self.last)
    }
}

/// A sealed collection: of each group one block.
#[derive(Clone, Debug, Default)]
pub struct Run {
    blocks: BTreeMap<Group, Arc<Block>>,
    added: usize,
}

impl Run {
    /// The groups there are, in order.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.blocks.keys()
    }

    /// The blocks, in order of their groups.
    pub fn blocks(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.blocks.values()
    }

    /// The requests of a group.
    #[must_use]
    pub fn block(&self, group: &Group) -> Option<&Arc<Block>> {
        self.blocks.get(group)
    }

    /// How many requests.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.blocks.values().map(|block| block.rows()).sum()
    }

    /// How many records of them were added: with [`rows`](Self::rows), how many were duplicates.
    #[must_use]
    pub const fn added(&self) -> usize {
        self.added
    }

    /// The requests of a group, to be merged with others.
    #[must_use]
    pub fn source<E: 'static>(&self, group: &Group) -> Source<'static, E> {
        Box::new(self.block(group).cloned().into_iter().map(Ok))
    }
}

/// Runs in memory as one trace.
#[derive(Clone, Debug, Default)]
pub struct Runs(pub Vec<Run>);

impl Trace for Runs {
    fn groups(&self) -> Vec<Group> {
        let groups: std::collections::BTreeSet<&Group> = self.0.iter().flat_map(Run::groups).collect();
        groups.into_iter().cloned().collect()
    }

    fn requests(&self, group: &Group, each: &mut dyn FnMut(&Request)) -> Result<(), TraceError> {
        let sources = self.0.iter().map(|run| run.source::<TraceError>(group));
        requests(Merge::new(group.clone(), sources), each).map(|_| ())
    }
}
