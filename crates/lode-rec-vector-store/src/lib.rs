#![doc = include_str!("../README.md")]

mod signals;

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, Layer, Money, Note, Owner, Ratio, ResourceChange, ResourceId, Selector};
use lode_sim::VectorStore as Store;

/// What this recommender is.
pub const META: Meta = Meta {
    id: "vector-store",
    lever: Lever { id: "vector-store", name: "Vector store" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// OpenSearch Serverless that nobody uses, that stands at its floor, or that has more than it needs.
#[derive(Debug)]
pub struct VectorStore;

impl Recommender for VectorStore {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        let stores = |owner: &&Owner| cx.charges(owner).iter().any(|charge| charge.layer == Layer::VectorStore);
        cx.owners().filter(|owner| matches!(owner, Owner::Resource(..))).filter(stores).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        signals::of(cx, subject)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let (Owner::Resource(account, region, resource), Some(store)) = (subject, cx.vector_store(subject)) else {
            return Vec::new();
        };
        let what = format!("{} in {region} ({account})", named(&store, resource));
        let action = |key: &str, change: ResourceChange, title: String| Action {
            key: key.into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Resource(change)],
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: Vec::new(),
        };
        let replaced = |key: &str, by: &str, monthly: Money, title: String| {
            action(key, ResourceChange::ReplaceBy { what: by.into(), monthly }, title)
        };
        let asleep = || {
            let stored = cx.monthly_of(subject, |charge| charge.key.class == Class::StoreGbMonth);
            let awake = store.next_generation(given.count("awake-ocus").into())?;
            let title = format!("Move {what} to a NextGen collection group that scales to zero");
            Some(replaced("next-generation", "NextGen collection group", awake + stored, title))
        };
        match rule.id.as_str() {
            "orphan" => {
                vec![action(
                    "delete",
                    ResourceChange::Delete,
                    format!("Delete {what}: nobody searched and no knowledge base uses it"),
                )]
            }
            "idle-floor" => {
                let managed =
                    cx.as_managed_knowledge_base(&store, given.count("text-bytes").into()).map(|monthly| Action {
                        only_alternative: true,
                        ..replaced(
                            "managed",
                            "managed knowledge base",
                            monthly,
                            format!("Move {what} to a managed knowledge base"),
                        )
                    });
                on_s3_vectors(cx, &store, given)
                    .map(|(monthly, one_off)| Action {
                        one_off,
                        notes: notes(&store).into_iter().map(Note::from).collect(),
                        ..replaced(
                            "s3-vectors",
                            "S3 Vectors",
                            monthly,
                            format!("Move the index of {what} to S3 Vectors"),
                        )
                    })
                    .into_iter()
                    .chain(asleep())
                    .chain(managed)
                    .collect()
            }
            "floor" => {
                let monthly = Money::from_f64(given.get("s3-vectors-monthly")).unwrap_or_default();
                let title = format!("Move {what} off its OpenSearch Serverless floor, for example to S3 Vectors");
                let assumed = replaced("s3-vectors", "S3 Vectors", monthly, title);
                std::iter::once(assumed).chain(asleep()).collect()
            }
            "standby" => {
                let title = format!("Create {what} again without standby replicas");
                let keep = left_without_standby(cx);
                keep.map(|keep| action("no-standby", reduced("no standby replicas", keep), title)).into_iter().collect()
            }
            "scale-to-zero" => {
                let ocus = cx.mean_units(subject, |class| OCUS.contains(class));
                let Some((awake, least)) = store.awake_share().zip(store.minimum()) else { return Vec::new() };
                let keep = Ratio::from_f64(left_asleep(ocus, least, awake, given.get("awake-ocus")));
                let title = format!("Set the least OCUs of the collection group of {what} to zero");
                vec![action("zero", reduced("scale to zero", keep), title)]
            }
            _ => Vec::new(),
        }
    }
}

const OCUS: [Class; 2] = [Class::SearchOcuHour, Class::IndexingOcuHour];

/// Fewer OCUs.
fn reduced(reason: &str, keep: Ratio) -> ResourceChange {
    ResourceChange::Reduce { reason: reason.into(), classes: OCUS.into(), keep }
}

/// The part that is left of so many mean OCUs where the least (thousandths) is no longer billed in idle hours: above it a
/// group scales down by itself. Awake it has at least so many.
#[expect(clippy::cast_precision_loss, reason = "a share becomes a ratio, which is exact to a millionth")]
fn left_asleep(mean: f64, least: u64, awake: f64, while_awake: f64) -> f64 {
    let saved = (least as f64 / 1000.0).min(mean) * (1.0 - awake) - (while_awake - mean).max(0.0) * awake;
    (1.0 - saved / mean).clamp(0.0, 1.0)
}

/// The part of the floor that is left without standby replicas, as the catalogue has the two floors.
fn left_without_standby(cx: &Context<'_>) -> Option<Ratio> {
    let floor = |name: &str| Some(cx.catalogue().service_count(&format!("opensearch_serverless.{name}"))?.count);
    let (alone, redundant) = (floor("classic_min_ocu_dev")?, floor("classic_min_ocu_redundant")?);
    Some(Ratio::from_ppm(i64::try_from(alone * 1_000_000 / redundant.max(1)).ok()?))
}

/// What the indexes cost a month on S3 Vectors, and once: written, and embedded again where that is known.
fn on_s3_vectors(cx: &Context<'_>, store: &Store, given: &Assumed) -> Option<(Money, Money)> {
    let there = cx.on_s3_vectors(store, given.count("stored-bytes").into(), given.count("read-bytes").into())?;
    Some((there.monthly(), there.writing + there.embedding.unwrap_or_default()))
}

/// What a person should know of a move to S3 Vectors.
fn notes(store: &Store) -> Vec<(&'static str, String)> {
    let users = || store.collections.iter().flat_map(|collection| &collection.users);
    let mut notes = vec![(
        "aurora",
        "Aurora PostgreSQL is another store; without a verified price it has no dollars here".to_owned(),
    )];
    if users().any(|user| user.hierarchical) {
        let text = "AWS advises against chunks of two levels on S3 Vectors: cut the data sources otherwise";
        notes.push(("chunking.hierarchical", text.to_owned()));
    }
    notes
}

/// The names of its collections; without them `collection/docs` of a collection's ARN, else the resource as billed.
fn named(store: &Store, resource: &ResourceId) -> String {
    let names: Vec<&str> = store.collections.iter().map(|collection| &*collection.name).collect();
    match &names[..] {
        [] => resource.as_str().to_owned(),
        [name] => format!("collection/{name}"),
        several => format!("the collections {}", signals::shown(several)),
    }
}

#[cfg(test)]
mod tests {
    use super::left_asleep;

    #[test]
    fn a_group_that_sleeps_saves_its_least_in_idle_hours_and_no_more() {
        for (mean, least, awake, expected) in [
            // 2 by night and 18 by day: of 10 on average, 2 in half of the hours.
            (10.0, 2_000, 0.5, 0.9),
            // At its least of 2, and awake with 3: half of 2 less, and half of 1 more.
            (2.0, 2_000, 0.5, 0.75),
            (4.0, 4_000, 0.25, 0.25),
            // Always awake.
            (4.0, 4_000, 1.0, 1.0),
            // Never awake, and billed less than its least: nothing is left, and not less than that.
            (1.9, 2_000, 0.0, 0.0),
        ] {
            let left = left_asleep(mean, least, awake, 3.0);
            assert!((left - expected).abs() < 1e-9, "{mean} {least} {awake}: {left}");
        }
    }
}
