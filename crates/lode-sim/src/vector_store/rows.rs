//! Rows of the bill that pay for the same capacity. Each collection may have a row of its own and still share its OCUs with
//! others: then at least one has less than a store of its own is billed at least.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lode_model::{AccountId, Class, Collection, Layer, Owner, Region, ResourceId};

use crate::Estate;

/// What a row may lack of its floor: a store's first and last day.
const TOLERANCE: f64 = 0.95;

/// Whether a row outside of groups stands beside another of its kind in its account and region, and one of them is below
/// the floor of its standby setting. What kind or setting is not known may be either.
#[expect(clippy::cast_precision_loss, reason = "compared, not billed")]
pub(super) fn share_a_floor(
    estate: &Estate,
    place: (&AccountId, &Region),
    id: &ResourceId,
    members: &[Cow<'_, Collection>],
) -> bool {
    let hours = (estate.window.days() as f64 * 24.0).max(1.0);
    let mut ocus: BTreeMap<&ResourceId, f64> = BTreeMap::new();
    for charge in estate.charges.iter().filter(|charge| charge.layer == Layer::VectorStore) {
        if let Owner::Resource(account, region, row) = &charge.owner
            && (account, region) == place
            && matches!(charge.key.class, Class::SearchOcuHour | Class::IndexingOcuHour)
            && let Some(quantity) = charge.quantity
        {
            *ocus.entry(row).or_default() += quantity.steps as f64 / 1e6 / hours;
        }
    }
    let floor = |name: &str| {
        let count = estate.prices.catalogue().service_count(&format!("opensearch_serverless.{name}"));
        count.map_or(0.0, |it| it.count as f64)
    };
    let (alone, redundant) = (floor("classic_min_ocu_dev"), floor("classic_min_ocu_redundant"));
    let named = |row: &ResourceId| estate.inventory.collections.iter().find(|it| *it.arn == *row.as_str());
    let is_below = |(row, ocus): (&&ResourceId, &f64)| {
        let no_standby = named(row).is_some_and(|collection| collection.standby == Some(false));
        *ocus < TOLERANCE * if no_standby { alone } else { redundant }
    };
    let kind = members.first().map_or("", |member| &*member.kind);
    let is_like = |row: &ResourceId| {
        let of_group = estate.inventory.setup.collection_groups.iter().any(|group| *group.arn == *row.as_str());
        let alike =
            |it: &Collection| it.group.is_none() && (kind.is_empty() || it.kind.is_empty() || *it.kind == *kind);
        !of_group && named(row).is_none_or(alike)
    };
    let alike = || ocus.iter().filter(|(row, _)| **row == id || is_like(row));
    alike().any(|(row, _)| *row != id) && alike().any(is_below)
}
