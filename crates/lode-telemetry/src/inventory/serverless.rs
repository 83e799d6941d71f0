//! OpenSearch Serverless: collections, collection groups, the account's own limits.

use lode_model::{CapacityLimits, CapacitySettings, Collection, CollectionGroup, Inventory};
use serde_json::Value;

use super::cli::{Place, count, enabled, fixed, name, text};
use super::{list, single};

/// Takes what a document lists of these; says whether it is one of their forms.
pub(super) fn see(document: &Value, place: &Place, all: &mut Inventory) -> bool {
    // The list of collections lacks type and replicas.
    let mut any = document.get("collectionSummaries").is_some_and(Value::is_array);
    any |= list(document, "collectionDetails", &mut all.collections, collection);
    for key in ["collectionGroupSummaries", "collectionGroupDetails"] {
        any |= list(document, key, &mut all.setup.collection_groups, group);
    }
    let settings = document.get("accountSettingsDetail").map(|settings| CapacitySettings {
        account: place.account.clone(),
        region: place.region.clone(),
        limits: limits(settings),
    });
    any | single(settings, &mut all.setup.capacity)
}

fn collection(object: &Value) -> Option<Collection> {
    Some(Collection {
        arn: text(object, "arn")?,
        name: name(object, "name"),
        kind: name(object, "type"),
        standby: enabled(object, "standbyReplicas"),
        status: name(object, "status"),
        group: text(object, "collectionGroupName"),
    })
}

fn group(object: &Value) -> Option<CollectionGroup> {
    Some(CollectionGroup {
        arn: text(object, "arn")?,
        name: name(object, "name"),
        generation: text(object, "generation"),
        standby: enabled(object, "standbyReplicas"),
        collections: count(object, "numberOfCollections"),
        limits: limits(object),
    })
}

fn limits(object: &Value) -> CapacityLimits {
    let limit = |field: &str| {
        let ocu = object.get("capacityLimits")?.get(field)?;
        u64::try_from(fixed(ocu, 3)?).ok()
    };
    CapacityLimits {
        min_indexing: limit("minIndexingCapacityInOCU"),
        max_indexing: limit("maxIndexingCapacityInOCU"),
        min_search: limit("minSearchCapacityInOCU"),
        max_search: limit("maxSearchCapacityInOCU"),
    }
}
