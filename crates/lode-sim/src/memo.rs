//! What was simulated already. A walk asks for the same group of calls over and over; only what changed is computed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lode_model::{ModelId, ResourceId};

use crate::caching::Searched;
use crate::calls::{Calls, Edited};
use crate::group::{Pool, Tokens};
use crate::replay::Served;
use crate::{CacheMisses, GuardrailUse, Job, Traffic};

/// Groups kept; beyond, all are dropped and built up again.
const MOST_GROUPS: usize = 20_000;
/// Edited calls kept, over all versions.
const MOST_CALLS: usize = 1_000_000;

/// An owner's calls under edits, by owner and number.
pub(crate) type Version = (usize, usize);

/// Versions of the owners that call the same models, and their capacity.
pub(crate) type Neighbours = (Vec<Version>, Vec<Pool>);

/// What names a group: model, versions of its owners, capacity.
type GroupKey = (ModelId, Vec<Version>, Option<Pool>);

/// The results of one cluster. A clone starts empty.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<Results>);

#[derive(Debug, Default)]
pub(crate) struct Results {
    versions: BTreeMap<(usize, Vec<Edited>), (usize, Arc<Calls>)>,
    /// Calls held by `versions`.
    held: usize,
    /// Number of the next version: numbers are never used again.
    next: usize,
    groups: BTreeMap<GroupKey, Arc<Vec<Tokens>>>,
    traffic: BTreeMap<(Version, Neighbours), Arc<Traffic>>,
    searched: BTreeMap<Version, Arc<Searched>>,
    misses: BTreeMap<usize, Option<Arc<CacheMisses>>>,
    jobs: BTreeMap<usize, Option<Arc<Job>>>,
    guarded: BTreeMap<ResourceId, Arc<GuardrailUse>>,
    /// The replay of the markers in force, by owner and call.
    pub(crate) base: Option<Arc<Vec<Vec<Served>>>>,
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memo {
    /// The results; a panic elsewhere leaves them usable, since each is whole.
    fn with<T>(&self, what: impl FnOnce(&mut Results) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The calls of an owner under edits, with the number that names this version.
    pub(crate) fn calls(&self, owner: usize, edits: &[Edited], make: impl FnOnce() -> Calls) -> (Version, Arc<Calls>) {
        let key = (owner, edits.to_vec());
        if let Some((number, calls)) = self.with(|results| results.versions.get(&key).cloned()) {
            return ((owner, number), calls);
        }
        let calls = Arc::new(make());
        self.with(|results| {
            // The calls as logged are needed in every step: they stay.
            if !edits.is_empty() {
                results.held += calls.calls.len();
                if results.held > MOST_CALLS {
                    results.versions.retain(|(_, edits), _| edits.is_empty());
                    results.held = calls.calls.len();
                }
            }
            let number = results.next;
            results.next += 1;
            results.versions.insert(key, (number, Arc::clone(&calls)));
            ((owner, number), calls)
        })
    }

    /// What is kept under a key, made where it is not. Of more than [`MOST_GROUPS`] all are dropped and built up again.
    fn kept<K: Ord, V: Clone>(
        &self,
        of: impl Fn(&mut Results) -> &mut BTreeMap<K, V>,
        key: K,
        make: impl FnOnce() -> V,
    ) -> V {
        if let Some(kept) = self.with(|results| of(results).get(&key).cloned()) {
            return kept;
        }
        let made = make();
        self.with(|results| {
            let all = of(results);
            if all.len() > MOST_GROUPS {
                all.clear();
            }
            all.insert(key, made.clone());
        });
        made
    }

    /// What the calls of a group come to.
    pub(crate) fn group(
        &self,
        model: &ModelId,
        members: &[Version],
        pool: Option<Pool>,
        make: impl FnOnce() -> Vec<Tokens>,
    ) -> Arc<Vec<Tokens>> {
        self.kept(|results| &mut results.groups, (model.clone(), members.to_vec(), pool), || Arc::new(make()))
    }

    /// What an owner's calls look like among these neighbours.
    pub(crate) fn traffic(&self, owner: Version, among: Neighbours, make: impl FnOnce() -> Traffic) -> Arc<Traffic> {
        self.kept(|results| &mut results.traffic, (owner, among), || Arc::new(make()))
    }

    /// The best cache markers of an owner.
    pub(crate) fn searched(&self, owner: Version, make: impl FnOnce() -> Searched) -> Arc<Searched> {
        self.kept(|results| &mut results.searched, owner, || Arc::new(make()))
    }

    /// Why the markers of an owner's records miss.
    pub(crate) fn misses(&self, owner: usize, make: impl FnOnce() -> Option<CacheMisses>) -> Option<Arc<CacheMisses>> {
        self.kept(|results| &mut results.misses, owner, || make().map(Arc::new))
    }

    /// The job among the calls of an owner.
    pub(crate) fn job(&self, owner: usize, make: impl FnOnce() -> Option<Job>) -> Option<Arc<Job>> {
        self.kept(|results| &mut results.jobs, owner, || make().map(Arc::new))
    }

    /// What the guardrails of a resource evaluated.
    pub(crate) fn guarded(&self, resource: &ResourceId, make: impl FnOnce() -> GuardrailUse) -> Arc<GuardrailUse> {
        self.kept(|results| &mut results.guarded, resource.clone(), || Arc::new(make()))
    }

    /// The replay of the markers in force.
    pub(crate) fn base(&self, make: impl FnOnce() -> Vec<Vec<Served>>) -> Arc<Vec<Vec<Served>>> {
        if let Some(base) = self.with(|results| results.base.clone()) {
            return base;
        }
        let base = Arc::new(make());
        self.with(|results| results.base = Some(Arc::clone(&base)));
        base
    }
}
