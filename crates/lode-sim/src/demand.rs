//! What was requested, beside what was billed: the calls of each owner, by account and region.
//!
//! Two owners can touch each other's costs only within one account and region: prompt caches and dedicated capacity
//! end there. Such a place is a [`Cluster`]; who shares blocks within it, [`Cluster::sharing`] tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lode_model::{AccountId, Cohort, ModelId, Owner, Region, Request, Segment, TaskForm, WorkloadId};

use crate::ImportedCalls;
use crate::calls::front;
use crate::cluster::join_by;
use crate::memo::Memo;
use crate::token_sizes::{TokenSizes, Weights, by_model};

/// Why calls are taken to ask for what they do: a rule, and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The rule's id, such as `summary-asked`.
    pub rule: &'static str,
    /// Its clauses, all of which hold.
    pub clauses: Vec<ToldClause>,
}

/// One clause that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldClause {
    /// What was measured, such as `instructions.summarise_share`: a share of the calls, or tokens.
    pub signal: Arc<str>,
    /// Its value, to three decimals.
    pub value: f64,
    /// Whether it must reach the threshold; it may not exceed it otherwise.
    pub at_least: bool,
    /// The threshold.
    pub threshold: f64,
    /// What the clause is for.
    pub why: &'static str,
}

/// The calls of one owner: a workload's, or those that dedicated capacity serves.
#[derive(Clone, Debug)]
pub struct OwnerCalls {
    /// Whose: a workload or a pool.
    pub owner: Owner,
    /// What the calls ask for.
    pub task: TaskForm,
    /// The rule that tells so, where one does.
    pub told: Option<Arc<Told>>,
    /// Identity of the tools and system blocks with which the calls begin, where they share any.
    pub leading: Option<u128>,
    /// In time order, ties by id. Model, routing and mode are resolved: a model is the catalogue's id where it knows
    /// one, a mode is never absent.
    pub calls: Vec<Arc<Request>>,
    /// How their prompts are shared out over their blocks; [`Demand::new`] fits it.
    pub(crate) weights: Weights,
}

impl OwnerCalls {
    /// The calls of an owner, in time order, ties by id, as [`OwnerCalls::calls`] has them.
    #[must_use]
    pub fn new(owner: Owner, task: TaskForm, calls: Vec<Arc<Request>>) -> Self {
        Self { owner, task, told: None, leading: None, calls, weights: Weights::default() }
    }

    /// The same with how the calls begin.
    #[must_use]
    pub fn beginning_with(self, leading: Option<u128>) -> Self {
        Self { leading, ..self }
    }

    /// The name of a workload's cohort for tests: with a mark of how its prompts begin, since cohorts are numbered by size,
    /// and a test of one must not be taken for one of another. An edit of the prompt is another cohort: to be tested again.
    #[must_use]
    pub fn tested_as(&self) -> Option<Cohort> {
        let Owner::Workload(workload) = &self.owner else { return None };
        #[expect(clippy::cast_possible_truncation, reason = "a mark, not an identity")]
        let mark = self.leading.map_or_else(|| "varied".to_owned(), |leading| format!("{:08x}", leading as u32));
        Some(Cohort::from(format!("{}~{mark}", workload.cohort).as_str()))
    }

    /// The same with the rule that tells what they ask for.
    #[must_use]
    pub fn told_by(self, told: Option<Arc<Told>>) -> Self {
        Self { told, ..self }
    }
}

/// All calls of one account and region.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Account.
    pub account: AccountId,
    /// Source region.
    pub region: Region,
    /// Owners with calls, in order.
    pub owners: Vec<OwnerCalls>,
    pub(crate) memo: Memo,
}

impl Cluster {
    /// A cluster of these owners, in any order.
    #[must_use]
    pub fn new(account: AccountId, region: Region, mut owners: Vec<OwnerCalls>) -> Self {
        owners.sort_by(|a, b| a.owner.cmp(&b.owner));
        Self { account, region, owners, memo: Memo::default() }
    }
}

impl Cluster {
    /// Places of owners that can change each other's costs through a prompt cache, under any edit: a cached prefix begins
    /// with a block that both send, a tool or system block, or, where a prompt has neither, any block of its messages.
    #[must_use]
    pub fn sharing(&self) -> Vec<Vec<usize>> {
        let marks: Vec<Vec<u128>> = self.owners.iter().map(marks).collect();
        join_by(marks.iter().map(Vec::as_slice))
    }
}

fn marks(own: &OwnerCalls) -> Vec<u128> {
    let mut marks = BTreeSet::new();
    let mut before: &[Arc<Segment>] = &[];
    for call in &own.calls {
        let front = front(&call.segments);
        let front = &call.segments[..if front == 0 { call.segments.len() } else { front }];
        // Most calls of an owner begin like the one before.
        let same = front.len() == before.len() && front.iter().zip(before).all(|(a, b)| a.hash == b.hash);
        if !same {
            marks.extend(front.iter().map(|segment| segment.hash));
        }
        before = front;
    }
    marks.into_iter().collect()
}

/// All calls of the estate that could be tied to the bill.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    clusters: Vec<Cluster>,
    /// Cluster and place within it, by owner.
    places: BTreeMap<Owner, (usize, usize)>,
    /// Tokens that one model unit answers a minute, where the user says.
    pub capacity: BTreeMap<ModelId, u64>,
    /// Calls of imported models, which are billed by the minute and belong to no owner here.
    pub imported: ImportedCalls,
    token_sizes: BTreeMap<ModelId, Arc<TokenSizes>>,
}

impl Demand {
    /// The demand of these clusters. The bytes that a token of each model takes are fitted to all of them.
    #[must_use]
    pub fn new(mut clusters: Vec<Cluster>) -> Self {
        let token_sizes =
            by_model(clusters.iter().flat_map(|c| &c.owners).flat_map(|own| &own.calls).map(|call| &**call));
        for own in clusters.iter_mut().flat_map(|cluster| &mut cluster.owners) {
            let sizes = own.owner.model().and_then(|model| token_sizes.get(model));
            own.weights = sizes.map_or_else(Weights::default, |sizes| sizes.weights);
        }
        clusters.sort_by(|a, b| (&a.account, &a.region).cmp(&(&b.account, &b.region)));
        let places = clusters
            .iter()
            .enumerate()
            .flat_map(|(c, cluster)| cluster.owners.iter().enumerate().map(move |(o, own)| (own.owner.clone(), (c, o))))
            .collect();
        Self { clusters, places, capacity: BTreeMap::new(), imported: ImportedCalls::new(), token_sizes }
    }

    /// How prompts are shared out over their blocks, by model called; of every model with readable prompts.
    #[must_use]
    pub const fn token_sizes(&self) -> &BTreeMap<ModelId, Arc<TokenSizes>> {
        &self.token_sizes
    }

    /// The clusters, by account and region.
    #[must_use]
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The cluster of an account and region.
    #[must_use]
    pub fn cluster(&self, account: &AccountId, region: &Region) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.account == *account && cluster.region == *region)
    }

    /// The calls of one caller to one model in an account and region, of every kind whatever that of `workload` is, by
    /// kind.
    #[must_use]
    pub fn of_caller(&self, workload: &WorkloadId) -> Vec<&OwnerCalls> {
        // Owners are ordered by caller, then by kind.
        let first = Owner::Workload(WorkloadId { cohort: Cohort::from(""), ..workload.clone() });
        let own = self.places.range(first..).take_while(|(owner, _)| {
            let Owner::Workload(other) = owner else { return false };
            other.is_of_caller(workload)
        });
        own.filter_map(|(_, &(cluster, place))| self.clusters.get(cluster)?.owners.get(place)).collect()
    }

    /// The cluster of an owner and its place there, where its calls are known.
    #[must_use]
    pub fn of(&self, owner: &Owner) -> Option<(&Cluster, usize)> {
        let &(cluster, place) = self.places.get(owner)?;
        Some((self.clusters.get(cluster)?, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two kinds of calls of one caller, among neighbours that share all but one name each.
    #[test]
    fn the_calls_of_a_caller_are_found_whatever_their_kind() {
        let workload = |account: &str, region: &str, model: &str, caller: &str, cohort: &str| WorkloadId {
            account: account.into(),
            region: region.into(),
            model: model.into(),
            caller: caller.into(),
            cohort: cohort.into(),
        };
        let (one, two) = (workload("1", "r", "m", "app", "chat"), workload("1", "r", "m", "app", "all"));
        let others = [
            workload("0", "r", "m", "app", "chat"),
            workload("1", "s", "m", "app", "chat"),
            workload("1", "r", "n", "app", "chat"),
            workload("1", "r", "m", "ap", "chat"),
            workload("1", "r", "m", "app2", "chat"),
        ];
        let of = |account: &str, region: &str| {
            let all = [&one, &two].into_iter().chain(&others);
            let own = all.filter(|id| id.account.as_str() == account && id.region.as_str() == region);
            let owners = own.map(|id| OwnerCalls::new(Owner::Workload(id.clone()), TaskForm::Text, Vec::new()));
            Cluster::new(account.into(), region.into(), owners.collect())
        };
        let demand = Demand::new(vec![of("1", "s"), of("1", "r"), of("0", "r")]);
        let found = |id: &WorkloadId| demand.of_caller(id).into_iter().map(|own| own.owner.clone()).collect::<Vec<_>>();
        let both = [Owner::Workload(two.clone()), Owner::Workload(one.clone())];
        assert_eq!(found(&one), both);
        assert_eq!(found(&two), both);
        assert!(found(&workload("1", "r", "m", "nobody", "all")).is_empty());
    }
}
