#![doc = include_str!("../README.md")]

mod signals;

use lode_engine::{Assumed, Context, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Class, Edit, Layer, Mode, Money, Note, Owner, Selector};
use lode_sim::{Traffic, ratio};

use crate::signals::{configured, context_per_query, embedding, passages, per_question};

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

    /// Prompts with passages, and signs of retrieval on a bill: embedding tokens and vector stores.
    fn subjects(&self, cx: &Context<'_>) -> Vec<Subject> {
        let stores = |owner: &Owner| cx.charges(owner).iter().any(|charge| charge.layer == Layer::VectorStore);
        let retrieves = |owner: &&Owner| match owner {
            Owner::Workload(_) => true,
            Owner::Resource(..) => stores(owner),
            Owner::Pool(_) | Owner::Account(_) => false,
        };
        cx.owners().filter(retrieves).cloned().collect()
    }

    fn signals(&self, cx: &Context<'_>, subject: &Subject) -> Signals {
        let on_bill = cx.charges(subject).iter().any(|charge| {
            charge.layer == Layer::Embedding
                || charge.layer == Layer::VectorStore && charge.key.class == Class::SearchOcuHour
        });
        let signals = Signals::new().flag("retrieval.on_bill", on_bill);
        let signals = if on_bill { context_per_query(signals, cx, subject) } else { signals };
        let Some(traffic) = cx.traffic(subject).filter(|traffic| traffic.with_passages > 0) else {
            return signals.flag("passages.seen", false);
        };
        let spend = cx.monthly_of(subject, |c| c.key.class.is_prompt() && c.key.mode == Mode::Standard);
        let signals = signals.flag("passages.seen", true).money("spend.prompt_monthly", "USD per month", spend);
        let signals = per_question(passages(signals, &traffic), cx, subject, &traffic);
        embedding(configured(signals, cx.inventory(), subject), cx, subject)
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let (Owner::Workload(workload), Some(traffic)) = (subject, cx.traffic(subject)) else { return Vec::new() };
        let (calls, region) = (workload.caller.calls("the"), &workload.region);
        let to = format!("{calls} to {} in {region}", cx.model_name(&workload.model));
        let (chunks, chunk_tokens, title) = match rule.id.as_str() {
            "too-many-passages" => {
                let chunks = given.count("passages-kept").max(1);
                let today = whole(ratio(traffic.passages, traffic.with_passages));
                (chunks, None, format!("Put {chunks} passages in place of {today} into {to}"))
            }
            "oversized-passages" => {
                let tokens = given.count("passage-tokens").max(1);
                let today = whole(ratio(traffic.passage_tokens, traffic.passages));
                // As many passages as today: no prompt has more than the most.
                let title = format!("Put passages of {tokens} tokens in place of {today} into {to}");
                (most_passages(&traffic), Some(tokens), title)
            }
            _ => return Vec::new(),
        };
        let ingested_again = chunk_tokens.map(|_| ("reingestion.payback", PAYBACK.to_owned()));
        vec![Action {
            key: rule.id.as_str().into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Retrieval { chunks, chunk_tokens }],
            // How many are retrieved is a setting of the query: nothing is ingested again. Another size is; what that costs
            // follows from the tokens of the documents, which no input tells.
            one_off: Money::ZERO,
            title,
            only_alternative: false,
            notes: ingested_again.into_iter().map(Note::from).collect(),
        }]
    }
}

/// What is known of the way back of the one-off cost.
const PAYBACK: &str = "not known: the documents are ingested and embedded again, once, and no input tells their tokens; compare \
                       them, times the embedding price, with the saving of a month";

fn most_passages(traffic: &Traffic) -> u32 {
    let most = traffic.calls_by_passages.keys().next_back().copied().unwrap_or(1);
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// A number that counts things, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range first")]
pub(crate) fn whole(number: f64) -> u32 {
    number.round().clamp(1.0, f64::from(u32::MAX)) as u32
}
