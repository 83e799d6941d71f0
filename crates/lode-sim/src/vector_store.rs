//! OpenSearch Serverless: which collections a row of the bill stands for, who uses them, how often they are searched, and
//! what the same index would cost elsewhere. Knows no rules.
//!
//! Capacity is shared: collections outside of groups share the OCUs of their account and region where they share an
//! encryption key, collections of a group have OCUs of their own (AWS, OpenSearch Serverless capacity and scaling, copy of
//! 2026-10). A bill may name the collection, or nothing; what it does not name is looked up in the inventory.

mod costs;
mod rows;
mod searches;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use lode_model::{
    AccountId, Chunking, Class, Collection, CollectionGroup, Inventory, KnowledgeBase, Layer, Money, Owner, Rate,
    Region, ResourceId,
};

use crate::{Estate, State};

pub use costs::S3Vectors;
pub use searches::Searches;

/// A knowledge base that keeps its index in a collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreUser {
    /// Name of the knowledge base, else its id.
    pub name: Arc<str>,
    /// Names of its data sources, else their ids.
    pub sources: Vec<Arc<str>>,
    /// Dimensions of its vectors, where the knowledge base or the catalogue's model tells them.
    pub dimensions: Option<u64>,
    /// Whether a data source is cut into chunks of two levels.
    pub hierarchical: bool,
    /// Tokens of a chunk, where all its data sources tell.
    pub(crate) chunk_tokens: Option<u64>,
    /// Its embedding model, as named.
    pub(crate) embedding_model: Option<Arc<str>>,
}

/// A collection that a row of the bill stands for.
#[derive(Clone, Debug)]
pub struct StoreCollection {
    /// Name, else the end of its ARN.
    pub name: Arc<str>,
    /// Whether the inventory has it; else the bill alone names it, by its id.
    pub is_listed: bool,
    /// Whether it holds vectors, and not logs or documents, where the inventory says.
    pub holds_vectors: Option<bool>,
    /// Whether standby replicas are on, where its group or it says.
    pub standby: Option<bool>,
    /// Name of its group.
    pub group: Option<Arc<str>>,
    /// Knowledge bases that use it.
    pub users: Vec<StoreUser>,
    /// Most documents in it over the window: of a vector index, one a vector. `None` where nobody counted them.
    pub documents: Option<u64>,
    /// How often it was searched; `None` where CloudWatch was not asked for its searches, or did not answer.
    pub searches: Option<Searches>,
}

/// What stands behind the OpenSearch Serverless rows of one owner.
#[derive(Clone, Debug)]
pub struct VectorStore {
    /// The collections, in order; none where the inventory does not tell.
    pub collections: Vec<StoreCollection>,
    /// The group whose capacity it is, where all collections are in one.
    pub group: Option<CollectionGroup>,
    /// Whether knowledge bases were listed in its account and region, so that one that is not there is not.
    pub users_listed: bool,
    /// Whether another row pays for the same capacity: one of the two is below what a store of its own costs at least.
    shares_floor: bool,
    /// Name of the account, where the export has it.
    account_name: Option<Arc<str>>,
    /// Hours of the window.
    hours: u64,
    /// What an OCU-hour costs on the bill, by steps.
    ocu: Option<Rate>,
    /// Where it is.
    place: (AccountId, Region),
}

impl VectorStore {
    /// What stands behind an owner's charges in a state; `None` of what is no resource with such charges on the bill.
    #[must_use]
    pub fn of(estate: &Estate, state: &State, owner: &Owner) -> Option<Self> {
        let Owner::Resource(account, region, id) = owner else { return None };
        let charges = state.charges(owner);
        if !charges.iter().any(|charge| charge.layer == Layer::VectorStore) {
            return None;
        }
        let inventory = &estate.inventory;
        let members = members(estate, (account, region), id);
        let group = group_of(inventory, &members);
        let mut collections: Vec<StoreCollection> = members
            .iter()
            .map(|collection| StoreCollection {
                name: name_of(collection),
                is_listed: matches!(collection, Cow::Borrowed(_)),
                holds_vectors: (!collection.kind.is_empty()).then(|| &*collection.kind == "VECTORSEARCH"),
                standby: group.as_ref().and_then(|group| group.standby).or(collection.standby),
                group: collection.group.clone(),
                users: users(estate, &collection.arn),
                documents: searches::documents(estate, (account, region), collection),
                searches: Searches::of(estate, (account, region), collection),
            })
            .collect();
        collections.sort_by(|a, b| a.name.cmp(&b.name));
        let ocu =
            charges.iter().filter(|charge| matches!(charge.key.class, Class::SearchOcuHour | Class::IndexingOcuHour));
        let (cost, steps) = ocu
            .filter_map(|charge| Some((charge.cost, charge.quantity?.steps)))
            .fold((Money::ZERO, 0), |(cost, steps), (more, further)| (cost + more, steps + further));
        let shares_floor = group.is_none() && rows::share_a_floor(estate, (account, region), id, &members);
        Some(Self {
            shares_floor,
            collections,
            group,
            users_listed: users_listed(inventory, account, region),
            account_name: estate.account_names.get(account).cloned(),
            hours: estate.window.days() as u64 * 24,
            ocu: Rate::new(cost, steps),
            place: (account.clone(), region.clone()),
        })
    }

    /// Whether the inventory tells which collections it is.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.collections.is_empty()
    }

    /// Whether all collections hold vectors; `None` where that is not known.
    #[must_use]
    pub fn holds_vectors(&self) -> Option<bool> {
        all_of(self.collections.iter().map(|collection| collection.holds_vectors))
    }

    /// Whether collections of groups share rows with others, or rows share capacity: which OCUs are whose, or would go with
    /// one of them, the bill does not say.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let has_group = |collection: &StoreCollection| collection.group.is_some();
        self.shares_floor || (self.group.is_none() && self.collections.iter().any(has_group))
    }

    /// Whether its capacity is that of a NextGen group, which can scale to zero.
    #[must_use]
    pub fn is_next_generation(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.generation.as_deref() == Some("NEXTGEN"))
    }

    /// The least OCUs of its group, search and indexing added up, in thousandths; `None` where it has no group or does not say.
    #[must_use]
    pub fn minimum(&self) -> Option<u64> {
        let limits = self.group.as_ref()?.limits;
        Some(limits.min_search?.saturating_add(limits.min_indexing?))
    }

    /// Whether a knowledge base uses one of its collections; `None` where that is not known.
    #[must_use]
    pub fn is_used(&self) -> Option<bool> {
        if self.collections.iter().any(|collection| !collection.users.is_empty()) {
            return Some(true);
        }
        (self.is_known() && self.users_listed).then_some(false)
    }

    /// Whether standby replicas are on for all of it; `None` where that is not known.
    #[must_use]
    pub fn has_standby(&self) -> Option<bool> {
        all_of(self.collections.iter().map(|collection| collection.standby))
    }

    /// Whether every collection is named as one for development or tests, by itself, its knowledge bases or its account, and
    /// nothing as one for production; `None` where their names are not known.
    #[must_use]
    pub fn is_for_development(&self) -> Option<bool> {
        let names = |collection: &StoreCollection| {
            let users = collection.users.iter().map(|user| Arc::clone(&user.name));
            let own = [Some(Arc::clone(&collection.name)), collection.group.clone(), self.account_name.clone()];
            own.into_iter().flatten().chain(users).collect::<Vec<_>>()
        };
        let listed = self.is_known() && self.collections.iter().all(|collection| collection.is_listed);
        listed.then(|| {
            self.collections.iter().map(names).all(|names| {
                let any = |words: &[&str]| names.iter().any(|name| has_word(name, words));
                any(&DEVELOPMENT) && !any(&PRODUCTION)
            })
        })
    }

    /// Hours in which it was watched and searched, all collections together; `None` where CloudWatch was not asked for one
    /// of them, or where they are not known.
    #[must_use]
    pub fn searches(&self) -> Option<Searches> {
        let mut all: Option<Searches> = None;
        for collection in &self.collections {
            let own = collection.searches.as_ref()?;
            all = Some(all.map_or_else(|| own.clone(), |all| all.with(own)));
        }
        all.filter(|all| all.watched_hours() > 0)
    }

    /// The part of the window's hours in which CloudWatch watched all of it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share is compared and shown, not billed")]
    pub fn watched_share(&self) -> Option<f64> {
        Some(self.searches()?.watched_hours() as f64 / self.hours.max(1) as f64)
    }

    /// Documents of all its collections; `None` where one is not counted.
    #[must_use]
    pub fn documents(&self) -> Option<u64> {
        let counted: Option<Vec<u64>> = self.collections.iter().map(|collection| collection.documents).collect();
        counted.filter(|counted| !counted.is_empty()).map(|counted| counted.into_iter().sum())
    }

    /// Whether the dimensions of all vectors are known: each collection is used, by knowledge bases of one length.
    #[must_use]
    pub fn dimensions(&self) -> Option<Vec<u64>> {
        let known: Option<Vec<u64>> = self.collections.iter().map(StoreCollection::dimensions).collect();
        known.filter(|known| !known.is_empty())
    }
}

impl StoreCollection {
    /// The longest vectors of its knowledge bases; `None` where one does not tell or nobody uses it.
    fn dimensions(&self) -> Option<u64> {
        let told: Option<Vec<u64>> = self.users.iter().map(|user| user.dimensions).collect();
        told?.into_iter().max()
    }
}

/// Whether all are true: one that is not decides, else one that is not known; of none nothing is known.
fn all_of(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let each: Vec<Option<bool>> = each.collect();
    if each.contains(&Some(false)) {
        return Some(false);
    }
    (!each.is_empty() && !each.contains(&None)).then_some(true)
}

/// Words of names by which people tell what is not for production.
const DEVELOPMENT: [&str; 12] = [
    "dev",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "sandbox",
    "staging",
    "poc",
    "demo",
    "playground",
    "experiment",
];
/// Words by which they tell what is.
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// Whether one of the words stands in a name, as a word of its own or with a number behind it.
fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_lowercase();
    let mut parts = name.split(|c: char| !c.is_alphanumeric());
    parts.any(|part| words.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit())))
}

/// Account and region of an ARN.
fn place_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':');
    let region = parts.nth(3)?;
    Some((parts.next()?, region))
}

fn name_of(collection: &Collection) -> Arc<str> {
    if collection.name.is_empty() { end_of(&collection.arn).into() } else { Arc::clone(&collection.name) }
}

/// What stands behind the last `/` or `:`.
pub(crate) fn end_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// The collections behind a row: the one it names, and those that no row names and that share its capacity; all that no
/// row names where it names none; those of a group where it names that.
fn members<'a>(
    estate: &'a Estate,
    (account, region): (&AccountId, &Region),
    id: &ResourceId,
) -> Vec<Cow<'a, Collection>> {
    let billed: BTreeSet<&str> = estate
        .charges
        .iter()
        .filter(|charge| charge.layer == Layer::VectorStore)
        .filter_map(|charge| if let Owner::Resource(_, _, id) = &charge.owner { Some(id.as_str()) } else { None })
        .collect();
    let here = |collection: &&Collection| {
        let there = place_of(&collection.arn) == Some((account.as_str(), region.as_str()));
        there && matches!(&*collection.status, "" | "ACTIVE" | "UPDATING")
    };
    let groups = &estate.inventory.setup.collection_groups;
    let collections = || estate.inventory.collections.iter().filter(here);
    if let Some(group) = groups.iter().find(|group| *group.arn == *id.as_str()) {
        let own = collections().filter(|collection| collection.group.as_ref() == Some(&group.name));
        return own.map(Cow::Borrowed).collect();
    }
    let free = |collection: &&Collection| {
        let of_group = |group: &&CollectionGroup| Some(&group.name) == collection.group.as_ref();
        let group_billed = groups.iter().find(of_group).is_some_and(|group| billed.contains(&*group.arn));
        !billed.contains(&*collection.arn) && !group_billed
    };
    match collections().find(|collection| *collection.arn == *id.as_str()) {
        Some(named) => {
            let shares = |other: &&Collection| other.group == named.group && other.kind == named.kind;
            std::iter::once(named).chain(collections().filter(free).filter(shares)).map(Cow::Borrowed).collect()
        }
        // One that is not listed is still known by its name.
        None if id.as_str().contains(":collection/") => vec![Cow::Owned(Collection {
            arn: id.as_str().into(),
            name: "".into(),
            kind: "".into(),
            standby: None,
            status: "".into(),
            group: None,
        })],
        None => collections().filter(free).map(Cow::Borrowed).collect(),
    }
}

/// The group that all collections are in.
fn group_of(inventory: &Inventory, members: &[Cow<'_, Collection>]) -> Option<CollectionGroup> {
    let first = members.first()?.group.as_ref()?;
    let same = members.iter().all(|member| member.group.as_ref() == Some(first));
    let place = place_of(&members.first()?.arn);
    let groups = &inventory.setup.collection_groups;
    groups.iter().find(|group| same && group.name == *first && place_of(&group.arn) == place).cloned()
}

/// The knowledge bases that use a collection.
fn users(estate: &Estate, arn: &str) -> Vec<StoreUser> {
    let inventory = &estate.inventory;
    let own = |knowledge_base: &&KnowledgeBase| knowledge_base.collection.as_deref() == Some(arn);
    let or_id = |name: &Arc<str>, id: &Arc<str>| Arc::clone(if name.is_empty() { id } else { name });
    let mut users: Vec<StoreUser> = inventory
        .knowledge_bases
        .iter()
        .filter(own)
        .map(|knowledge_base| {
            let sources = || inventory.data_sources.iter().filter(|it| it.knowledge_base == knowledge_base.id);
            let model = knowledge_base.embedding_model.as_deref().and_then(|it| estate.prices.catalogue().resolve(it));
            let tokens: Option<Vec<u64>> = sources().map(|source| costs::chunk_tokens(&source.chunking)).collect();
            StoreUser {
                name: or_id(&knowledge_base.name, &knowledge_base.id),
                sources: sources().map(|source| or_id(&source.name, &source.id)).collect(),
                dimensions: knowledge_base.dimensions.map(u64::from).or(model.and_then(|model| model.dimensions)),
                hierarchical: sources().any(|source| matches!(source.chunking, Chunking::Hierarchical { .. })),
                chunk_tokens: tokens.and_then(|tokens| tokens.into_iter().max()),
                embedding_model: knowledge_base.embedding_model.clone(),
            }
        })
        .collect();
    users.sort();
    users
}

/// Whether the knowledge bases of a place are known: a list of it was read and all that it names were looked up. Without a
/// list nobody knows which were not looked up.
fn users_listed(inventory: &Inventory, account: &AccountId, region: &Region) -> bool {
    let lists = || {
        let lists = inventory.setup.knowledge_base_lists.iter();
        lists.filter(|list| list.account == *account && list.region == *region)
    };
    let looked_up = |id: &Arc<str>| inventory.knowledge_bases.iter().any(|it| it.id == *id);
    lists().next().is_some() && lists().flat_map(|list| &list.ids).all(looked_up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_whole_words() {
        for (name, expected) in [("docs-dev", true), ("DEV2.docs", true), ("device-docs", false), ("latest", false)] {
            assert_eq!(has_word(name, &DEVELOPMENT), expected, "{name}");
        }
        assert!(has_word("docs_prod", &PRODUCTION) && !has_word("products", &PRODUCTION));
    }

    #[test]
    fn one_that_is_not_decides_and_of_none_nothing_is_known() {
        let of = |each: &[Option<bool>]| all_of(each.iter().copied());
        assert_eq!(of(&[Some(true), Some(true)]), Some(true));
        assert_eq!(of(&[None, Some(false)]), Some(false));
        assert_eq!(of(&[None, Some(true)]), None);
        assert_eq!(of(&[]), None);
    }
}
