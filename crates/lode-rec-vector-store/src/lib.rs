#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, Layer, Money, Owner, ResourceChange, ResourceId, Selector};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "vector-store",
    lever: Lever { id: "vector-store", name: "Vector store" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// OpenSearch Serverless that stands at its floor.
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
        let search = cx.mean_units(subject, |class| *class == Class::SearchOcuHour);
        let indexing = cx.mean_units(subject, |class| *class == Class::IndexingOcuHour);
        let standing = cx.monthly_of(subject, |charge| charge.key.class.is_standing());
        Signals::new()
            .number("ocu.mean", "OCUs", search + indexing)
            .number("ocu.mean_search", "OCUs", search)
            .number("ocu.mean_indexing", "OCUs", indexing)
            .money("spend.standing_monthly", "USD per month", standing)
    }

    fn actions(&self, _: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let Owner::Resource(account, region, resource) = subject else { return Vec::new() };
        if rule.id != "floor" {
            return Vec::new();
        }
        let monthly = Money::from_f64(given.get("s3-vectors-monthly")).unwrap_or_default();
        vec![Action {
            key: "s3-vectors".into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Resource(ResourceChange::ReplaceBy { what: "S3 Vectors".into(), monthly })],
            one_off: Money::ZERO,
            title: format!(
                "Move {} in {region} ({account}) off its OpenSearch Serverless floor, for example to S3 Vectors",
                short(resource)
            ),
            only_alternative: false,
            notes: Vec::new(),
        }]
    }
}

/// `collection/docs` of a collection's ARN, else the resource as billed.
fn short(resource: &ResourceId) -> &str {
    resource.as_str().rsplit_once(':').map_or(resource.as_str(), |(_, name)| name)
}
