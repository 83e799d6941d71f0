#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Layer, Owner};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "chunk-size",
    lever: Lever { id: "chunk-size", name: "Knowledge-base chunks" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// What retrieval stuffs into prompts: chunk size, overlap and chunks per query.
#[derive(Debug)]
pub struct ChunkSize;

impl Recommender for ChunkSize {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Signs of retrieval on a bill: embedding tokens and vector stores.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        cx.owners().filter(|owner| matches!(owner, Owner::Workload(_) | Owner::Resource(..))).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let retrieval = cx.charges(subject).iter().any(|charge| {
            charge.layer == Layer::Embedding
                || charge.layer == Layer::VectorStore && charge.key.class == Class::SearchOcuHour
        });
        Signals::new().flag("retrieval.seen", retrieval).missing(
            "retrieval.tokens_per_query",
            "tokens",
            Input::KnowledgeBaseConfig,
        )
    }

    fn actions(&self, _: &Context<'_>, _: &Subject, _: &Rule, _: &Assumed) -> Vec<Action> {
        Vec::new()
    }
}
