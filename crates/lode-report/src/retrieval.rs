//! The retrieval overlay of the bill: what knowledge bases and other retrieval put into prompts, and what models are called
//! for by a knowledge base itself. An overlay: its dollars are in the bill's totals already and are added to none.
//!
//! It reads what the simulator measured on the logged calls, and the names of roles; it prices nothing.

use lode_model::{Caller, Layer, Money, Owner, ServiceRole, WorkloadId};
use lode_sim::{Daily, Projection, State, Traffic, ratio};

use crate::Report;
use crate::text::{percent, whole};

/// The calls of one workload that carry retrieved passages, or that a knowledge base makes.
pub(crate) struct RetrievalLine<'a> {
    pub(crate) id: &'a WorkloadId,
    /// Dollars a month of the workload.
    pub(crate) monthly: Money,
    /// Of them, what the passages cost: their share of the prompt's tokens, of what prompts cost. `None` where no
    /// passages are seen.
    pub(crate) context: Option<Money>,
    /// Logged calls with passages.
    pub(crate) queries: u64,
    /// Passages a call with any, on average.
    pub(crate) passages_per_query: f64,
    /// Tokens of a passage, on average.
    pub(crate) tokens_per_passage: f64,
    /// Whether the caller's role is one that the console makes for a knowledge base.
    pub(crate) by_knowledge_base: bool,
    /// Whether it embeds, in place of answering.
    pub(crate) embeds: bool,
}

/// What is known of retrieval.
pub(crate) struct Retrieval<'a> {
    /// The dearest first.
    pub(crate) lines: Vec<RetrievalLine<'a>>,
    /// Dollars a month of prompts whose bodies are not known: passages in them cannot be told apart.
    pub(crate) not_separable: Money,
}

impl<'a> Retrieval<'a> {
    pub(crate) fn of(report: &Report<'a>, baseline: &'a State) -> Self {
        let estate = report.estate;
        let projection = Projection::of(&estate.window);
        let (mut lines, mut unseen) = (Vec::new(), Daily::zero(estate.window.days()));
        for owner in baseline.owners() {
            let Owner::Workload(id) = owner else { continue };
            let monthly = |which: &dyn Fn(&lode_sim::SimCharge) -> bool| {
                let mut daily = Daily::zero(estate.window.days());
                baseline
                    .charges(owner)
                    .iter()
                    .filter(|charge| which(charge))
                    .for_each(|c| daily.add(&estate.window, c));
                projection.monthly(&daily)
            };
            let traffic = Traffic::of(estate, baseline, owner);
            let seen = traffic.as_ref().is_some_and(|traffic| traffic.with_body > 0);
            let by_knowledge_base = is_of_knowledge_base(&id.caller);
            if !seen && !by_knowledge_base {
                let prompts = baseline.charges(owner).iter().filter(|c| c.layer == Layer::Inference);
                prompts.filter(|c| c.key.class.is_prompt()).for_each(|charge| unseen.add(&estate.window, charge));
            }
            let passages = traffic.filter(|traffic| traffic.with_passages > 0);
            let embeds = baseline.charges(owner).iter().any(|charge| charge.layer == Layer::Embedding);
            if passages.is_none() && !by_knowledge_base {
                continue;
            }
            let context = passages.as_ref().map(|traffic| {
                let share = ratio(traffic.passage_tokens, traffic.prompt_tokens);
                let prompts = monthly(&|charge| charge.key.class.is_prompt());
                Money::from_f64(prompts.to_f64() * share).unwrap_or_default()
            });
            let (queries, per_query, size) = passages.map_or((0, 0.0, 0.0), |traffic| {
                let size = ratio(traffic.passage_tokens, traffic.passages);
                (traffic.with_passages, ratio(traffic.passages, traffic.with_passages), size)
            });
            lines.push(RetrievalLine {
                id,
                monthly: monthly(&|_| true),
                context,
                queries,
                passages_per_query: per_query,
                tokens_per_passage: size,
                by_knowledge_base,
                embeds,
            });
        }
        lines.sort_by(|a, b| (b.context, b.monthly, a.id).cmp(&(a.context, a.monthly, b.id)));
        Self { lines, not_separable: projection.monthly(&unseen) }
    }
}

fn is_of_knowledge_base(caller: &Caller) -> bool {
    caller.service_role() == Some(ServiceRole::KnowledgeBases)
}

/// What the figures are.
pub(crate) const WHAT: &str = "An overlay: these dollars are in the totals above. Context: what retrieved passages cost in \
                               prompts, as their share of the prompt tokens; passages are known by the marks around them. \
                               Embeddings, rerank and vector stores are layers and features of their own above.";

/// Figures of a line, as text.
pub(crate) fn figures(line: &RetrievalLine<'_>) -> Vec<String> {
    let seen = |text: String| if line.queries > 0 { text } else { "–".to_owned() };
    vec![
        line.monthly.to_string(),
        line.context.map_or_else(|| "–".to_owned(), |context| context.to_string()),
        seen(format!("{:.1}", line.passages_per_query)),
        seen(format!("{:.0}", line.tokens_per_passage)),
    ]
}

/// What stands below the name.
pub(crate) fn under(line: &RetrievalLine<'_>) -> String {
    let calls = match (line.embeds, line.queries) {
        (true, _) => "embeds".to_owned(),
        (false, 0) => "no passages seen".to_owned(),
        (false, queries) => {
            let share = line.context.map(|context| percent(context.share_of(line.monthly))).unwrap_or_default();
            format!("{} logged calls with passages, {share} of its dollars", whole(queries.into()))
        }
    };
    if line.by_knowledge_base { format!("{calls}; a role made for a knowledge base") } else { calls }
}
