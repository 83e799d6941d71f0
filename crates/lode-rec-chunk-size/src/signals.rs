//! What prompts show of retrieval, and what its configuration and the bill tell where no prompt was read.

use std::collections::BTreeMap;

use lode_engine::{Context, Input, Signals};
use lode_model::{
    Chunking, Class, DataSource, Inventory, KnowledgeBase, Layer, ModelId, Money, Owner, Rate, ServiceRole,
};
use lode_sim::{Traffic, ratio};

use crate::whole;

/// Knowledge bases and data sources that evidence names before it breaks off.
const NAMED: usize = 5;
/// Results of a query unless it says otherwise (AWS, Bedrock knowledge-base documentation, copy of 2026-10).
const RESULTS: u64 = 5;
/// Tokens of a chunk unless the data source says otherwise (AWS User Guide, kb-chunking, copy of 2026-10).
const DEFAULT_TOKENS: u64 = 300;

/// For an embedding caller or a vector store: which input would show what is retrieved. Where requests were read, their
/// prompts show it.
pub(crate) fn context_per_query(signals: Signals, cx: &Context<'_>, subject: &Owner) -> Signals {
    let input = if cx.inventory().knowledge_bases.is_empty() {
        Input::KnowledgeBaseConfig
    } else {
        // The configuration tells the size of a passage, but neither how many a query takes nor how many queries.
        Input::InvocationLogs
    };
    let signals =
        signals.flag("requests.read", cx.has_requests()).missing("retrieval.tokens_per_query", "tokens", input);
    break_even(overlap(signals, cx, subject), cx, subject)
}

/// What every thousand queries cost at the number of results that AWS takes unless told otherwise, where the
/// configuration tells the size of a passage and one model alone can be the one that answers. How many queries there
/// are is not known: no dollars a month.
fn break_even(signals: Signals, cx: &Context<'_>, subject: &Owner) -> Signals {
    if cx.has_requests() {
        return signals;
    }
    let (Some(source), Some((model, rate))) = (only_source(cx.inventory()), answering(cx, subject)) else {
        return signals;
    };
    let Some(size) = returned_tokens(&source.chunking) else { return signals };
    let context = RESULTS.saturating_mul(size);
    signals
        .text("data_sources.chunking", "", format!("{}: {}", source.name, chunking(source)))
        .text("context.answering_model", "", cx.model_name(&model))
        .text("context.at_five_results", "tokens a query", format!("{RESULTS} × {size} = {context}"))
        .money("context.at_five_results.cost_of_1000_queries", "USD", rate.cost(i128::from(context) * 1000, 1))
}

/// The one model that can be the one that answers in the account and region of a subject, and what its prompt tokens were
/// billed at on average.
fn answering(cx: &Context<'_>, subject: &Owner) -> Option<(ModelId, Rate)> {
    let (account, region) = match subject {
        Owner::Workload(workload) => (&workload.account, &workload.region),
        Owner::Resource(account, region, _) => (account, region),
        Owner::Pool(_) | Owner::Account(_) => return None,
    };
    let mut prompts: BTreeMap<ModelId, (Money, i128)> = BTreeMap::new();
    for (owner, charges) in cx.billed_in(account, region) {
        let Some(model) = owner.model() else { continue };
        if charges.iter().any(|charge| charge.key.class == Class::Output && charge.layer != Layer::Embedding) {
            let sum = prompts.entry(model.clone()).or_default();
            for charge in charges.iter().filter(|charge| charge.key.class.is_prompt()) {
                sum.0 += charge.cost;
                sum.1 += charge.quantity.map_or(0, |quantity| quantity.steps);
            }
        }
    }
    if prompts.len() > 1 {
        return None;
    }
    let (model, (cost, tokens)) = prompts.pop_first()?;
    Some((model, Rate::new(cost, tokens)?))
}

/// The data source, where one alone is listed, of the one knowledge base that is.
fn only_source(inventory: &Inventory) -> Option<&DataSource> {
    match (&inventory.knowledge_bases[..], &inventory.data_sources[..]) {
        ([base], [source]) if source.knowledge_base == base.id => Some(source),
        _ => None,
    }
}

/// Tokens of a passage that a query returns, at most; `None` where the configuration does not tell.
fn returned_tokens(chunking: &Chunking) -> Option<u64> {
    match chunking {
        Chunking::Default => Some(DEFAULT_TOKENS),
        Chunking::Fixed { max_tokens, .. } | Chunking::Semantic { max_tokens } => Some(u64::from(*max_tokens)),
        // Children are searched, their parents returned.
        Chunking::Hierarchical { parent_tokens, .. } => Some(u64::from(*parent_tokens)),
        Chunking::None | Chunking::Other(_) => None,
    }
}

/// What the overlap of chunks is, and what it can cost at most: embedding tokens times the part that is embedded twice.
fn overlap(signals: Signals, cx: &Context<'_>, subject: &Owner) -> Signals {
    let percent = only_source(cx.inventory()).and_then(|source| match source.chunking {
        Chunking::Fixed { overlap_percent, .. } => Some(overlap_percent.min(100)),
        Chunking::Hierarchical { child_tokens, overlap_tokens, .. } => {
            Some(overlap_tokens.saturating_mul(100).checked_div(child_tokens)?.min(100))
        }
        _ => None,
    });
    let signals = signals.flag("overlap.known", percent.is_some());
    let Some(percent) = percent else { return signals };
    let all = cx.monthly_of(subject, |charge| charge.layer == Layer::Embedding);
    let twice = all.pico().saturating_mul(i128::from(percent)) / 100;
    signals
        .count("overlap.percent", "% of a chunk", percent.into())
        .money("overlap.most_monthly", "USD per month, at most", Money::from_pico(twice))
        .missing("overlap.ingested_share", "share of embedding tokens that are documents", Input::InvocationLogs)
}

/// What retrieval put into the prompts.
pub(crate) fn passages(signals: Signals, traffic: &Traffic) -> Signals {
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

/// What the context of a question costs, at the price of the model that answers at this point of the walk.
pub(crate) fn per_question(signals: Signals, cx: &Context<'_>, subject: &Owner, traffic: &Traffic) -> Signals {
    let tokens = u64::from(whole(ratio(traffic.passage_tokens, traffic.with_passages)));
    let signals = signals.count("context.tokens_per_question", "tokens", tokens.into());
    match cx.prompt_cost(subject, tokens.saturating_mul(1000)) {
        Some(cost) => signals.money("context.cost_of_1000_questions", "USD", cost),
        None => signals,
    }
}

/// What is known of knowledge bases. Which one a caller asks shows in no input, unless one alone is listed.
pub(crate) fn configured(signals: Signals, inventory: &Inventory, subject: &Owner) -> Signals {
    let is_role = matches!(subject, Owner::Workload(w) if w.caller.service_role() == Some(ServiceRole::KnowledgeBases));
    let signals = if is_role {
        signals.text("knowledge_base.role", "", "a knowledge base, by the name of the role")
    } else {
        signals
    };
    let named = |base: &KnowledgeBase| format!("{} ({})", base.name, base.id);
    // Those of another account or region are not the caller's; where they do not say, they may be.
    let here = |base: &&KnowledgeBase| base.arn.as_deref().is_none_or(|arn| is_in(arn, subject));
    let own: Vec<&KnowledgeBase> = inventory.knowledge_bases.iter().filter(here).collect();
    let bases: Vec<String> = own.iter().map(|base| named(base)).collect();
    let of_own = |source: &&DataSource| {
        let known = inventory.knowledge_bases.iter().any(|base| base.id == source.knowledge_base);
        !known || own.iter().any(|base| base.id == source.knowledge_base)
    };
    let sources: Vec<String> =
        inventory.data_sources.iter().filter(of_own).map(|s| format!("{}: {}", s.name, chunking(s))).collect();
    let name = if bases.len() == 1 { "knowledge_base.only_one_listed" } else { "knowledge_bases.listed" };
    let signals = if bases.is_empty() { signals } else { signals.text(name, "", first(bases, "knowledge bases")) };
    if sources.is_empty() { signals } else { signals.text("data_sources.chunking", "", first(sources, "data sources")) }
}

/// Whether an ARN is of the account and region of a subject.
fn is_in(arn: &str, subject: &Owner) -> bool {
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    account == subject.account().as_str() && subject.region().is_none_or(|own| own.as_str() == region)
}

/// What embedding costs in the account and region of a caller, documents and questions together.
pub(crate) fn embedding(signals: Signals, cx: &Context<'_>, subject: &Owner) -> Signals {
    let Owner::Workload(own) = subject else { return signals };
    let monthly = cx.billed_in(&own.account, &own.region).fold(Money::ZERO, |sum, (_, charges)| {
        sum + cx.monthly(charges.iter().filter(|charge| charge.layer == Layer::Embedding))
    });
    if monthly == Money::ZERO {
        return signals;
    }
    signals.money("embedding.monthly", "USD per month, account and region", monthly)
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
