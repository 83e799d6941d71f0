#![doc = include_str!("../README.md")]

use lode_engine::{Assumed, Context, Input, Lever, Meta, Recommender, Rule, Signals, Subject};
use lode_model::{Action, Chunking, Class, DataSource, Edit, Inventory, Layer, Mode, Money, Owner, Selector};
use lode_sim::{Traffic, ratio};

/// What this recommender is.
pub const META: Meta = Meta {
    id: "chunk-size",
    lever: Lever { id: "chunk-size", name: "Knowledge-base chunks" },
    readme: include_str!("../README.md"),
    rules: include_str!("../rules.toml"),
};

/// Knowledge bases and data sources that evidence names before it breaks off.
const NAMED: usize = 5;

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
        let signals = if on_bill { context_per_query(signals, cx) } else { signals };
        let Some(traffic) = cx.traffic(subject).filter(|traffic| traffic.with_passages > 0) else {
            return signals.flag("passages.seen", false);
        };
        let spend = cx.monthly_of(subject, |c| c.key.class.is_prompt() && c.key.mode == Mode::Standard);
        let signals = signals.flag("passages.seen", true).money("spend.prompt_monthly", "USD per month", spend);
        configured(passages(signals, &traffic), cx.inventory())
    }

    fn actions(&self, cx: &Context<'_>, subject: &Subject, rule: &Rule, given: &Assumed) -> Vec<Action> {
        let (Owner::Workload(workload), Some(traffic)) = (subject, cx.traffic(subject)) else { return Vec::new() };
        if rule.id != "too-many-passages" {
            return Vec::new();
        }
        let chunks = given.count("passages-kept").max(1);
        let today = whole(ratio(traffic.passages, traffic.with_passages));
        let (calls, region) = (workload.caller.calls("the"), &workload.region);
        let model = cx.model_name(&workload.model);
        vec![Action {
            key: rule.id.as_str().into(),
            selector: Selector::all(subject.clone()),
            edits: vec![Edit::Retrieval { chunks, chunk_tokens: None }],
            // How many are retrieved is a setting of the query: nothing is ingested again.
            one_off: Money::ZERO,
            title: format!("Put {chunks} passages in place of {today} into {calls} to {model} in {region}"),
            only_alternative: false,
            notes: Vec::new(),
        }]
    }
}

/// For an embedding caller or a vector store: which input would show what is retrieved. Where requests were read, their
/// prompts show it.
fn context_per_query(signals: Signals, cx: &Context<'_>) -> Signals {
    let input = if cx.inventory().knowledge_bases.is_empty() {
        Input::KnowledgeBaseConfig
    } else {
        // The configuration tells the size of a passage, but neither how many a query takes nor how many queries.
        Input::InvocationLogs
    };
    signals.flag("requests.read", cx.has_requests()).missing("retrieval.tokens_per_query", "tokens", input)
}

/// What retrieval put into the prompts.
fn passages(signals: Signals, traffic: &Traffic) -> Signals {
    let one_turn = traffic.calls_by_turns.iter().take(2).sum();
    let most = traffic.calls_by_passages.keys().next_back().copied().unwrap_or_default();
    let signals = signals
        .count("passages.calls", "calls", i128::from(traffic.with_passages))
        .number("passages.mean", "passages per prompt", ratio(traffic.passages, traffic.with_passages))
        .count("passages.most", "passages per prompt", i128::from(most))
        .number("passages.size", "tokens per passage", ratio(traffic.passage_tokens, traffic.passages))
        .number("passages.share", "share of prompt tokens", ratio(traffic.passage_tokens, traffic.prompt_tokens))
        .number("prompts.one_turn.share", "share of calls", ratio(one_turn, traffic.with_body));
    if traffic.examples.is_empty() {
        return signals;
    }
    signals.text("requests.examples", "request ids", traffic.examples.join(", "))
}

/// What is known of knowledge bases. Which one a caller asks, if any, shows in no input.
fn configured(signals: Signals, inventory: &Inventory) -> Signals {
    let bases: Vec<String> = inventory.knowledge_bases.iter().map(|b| format!("{} ({})", b.name, b.id)).collect();
    let sources: Vec<String> = inventory.data_sources.iter().map(|s| format!("{}: {}", s.name, chunking(s))).collect();
    let name = if bases.len() == 1 { "knowledge_base.only_one_listed" } else { "knowledge_bases.listed" };
    let signals = if bases.is_empty() { signals } else { signals.text(name, "", first(bases, "knowledge bases")) };
    if sources.is_empty() { signals } else { signals.text("data_sources.chunking", "", first(sources, "data sources")) }
}

/// The first few, and how many there are beside them.
fn first(mut names: Vec<String>, what: &str) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let names = names.join("; ");
    if more > 0 { format!("{names}; and {more} other {what}") } else { names }
}

fn chunking(source: &DataSource) -> String {
    match &source.chunking {
        Chunking::Default => "default chunks of about 300 tokens".to_owned(),
        Chunking::Fixed { max_tokens, overlap_percent } => {
            format!("fixed chunks of {max_tokens} tokens, {overlap_percent} % overlap")
        }
        Chunking::Hierarchical { parent_tokens, child_tokens, overlap_tokens } => {
            format!("parents of {parent_tokens} tokens, children of {child_tokens}, {overlap_tokens} overlap")
        }
        Chunking::Semantic { max_tokens } => format!("semantic chunks of at most {max_tokens} tokens"),
        Chunking::None => "one chunk a file".to_owned(),
        Chunking::Other(word) => format!("strategy {word}"),
    }
}

/// A number that counts things, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range first")]
fn whole(number: f64) -> u32 {
    number.round().clamp(1.0, f64::from(u32::MAX)) as u32
}
