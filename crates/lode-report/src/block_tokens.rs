//! How the tokens of a prompt were shared out over its blocks, which no log tells: said once a report, as what it is, an
//! assumption.

use lode_model::{ModelId, SegmentKind};
use lode_sim::{Demand, TokenSizes};

use crate::text::{count, percent, short};

/// Models named in the sentence.
const MOST_MODELS: usize = 3;

/// The assumption under every figure that is of a part of prompts; `None` without readable prompts.
pub(crate) fn sentence(demand: &Demand) -> Option<String> {
    let mut fitted: Vec<(&ModelId, &TokenSizes)> = models(demand).filter(|(_, sizes)| is_fitted(sizes)).collect();
    fitted.sort_by(|a, b| b.1.prompt_tokens.cmp(&a.1.prompt_tokens).then_with(|| a.0.cmp(b.0)));
    let calls = |of: &mut dyn Iterator<Item = &TokenSizes>| of.map(|sizes| sizes.calls).sum::<u64>();
    let all = calls(&mut models(demand).map(|(_, sizes)| sizes));
    if all == 0 {
        return None;
    }
    if fitted.is_empty() {
        return Some(format!(
            "Tokens of a block, assumed: its share of the prompt by bytes; the counts of {} show no difference between \
             kinds of content. The total of each call is exact.",
            count(all, "call", "calls")
        ));
    }
    let mut named: Vec<String> = fitted.iter().take(MOST_MODELS).map(|(model, sizes)| one(model, sizes)).collect();
    if fitted.len() > MOST_MODELS {
        named.push(count((fitted.len() - MOST_MODELS) as u64, "more model", "more models"));
    }
    let others = all - calls(&mut fitted.iter().map(|(_, sizes)| *sizes));
    let others = match others {
        0 => String::new(),
        some => {
            format!("; by bytes alone in {} of models whose counts show no difference", count(some, "call", "calls"))
        }
    };
    Some(format!(
        "Tokens of a block, assumed: its share of the prompt by bytes a token, fitted on {}{others}. The total of each \
         call is exact.",
        named.join("; on ")
    ))
}

/// Every model with readable prompts.
pub(crate) fn models(demand: &Demand) -> impl Iterator<Item = (&ModelId, &TokenSizes)> {
    demand.token_sizes().iter().map(|(model, sizes)| (model, &**sizes))
}

/// Whether kinds have sizes of their own.
pub(crate) fn is_fitted(sizes: &TokenSizes) -> bool {
    !sizes.twentieths.is_empty()
}

/// Tokens missed by the sizes, and by one size for all kinds, of all prompt tokens.
pub(crate) fn missed(sizes: &TokenSizes) -> (f64, f64) {
    let share = |tokens| lode_sim::ratio(tokens, sizes.prompt_tokens);
    (share(sizes.tokens_off), share(sizes.tokens_off_plain))
}

/// Bytes a token: twentieths are decimals of two places at most.
pub(crate) fn bytes_a_token(twentieths: u32) -> f64 {
    f64::from(twentieths) / 20.0
}

fn one(model: &ModelId, sizes: &TokenSizes) -> String {
    let kinds = sizes.twentieths.iter().map(|(kind, size)| format!("{} {}", said(*kind), bytes_a_token(*size)));
    let (off, plain) = missed(sizes);
    format!(
        "{} of {} ({}), which miss the counts by {}, bytes alone by {}",
        count(sizes.calls, "call", "calls"),
        short(model.as_str(), 80),
        kinds.collect::<Vec<_>>().join(", "),
        percent(off),
        percent(plain)
    )
}

const fn said(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Tool => "tools",
        SegmentKind::System => "system",
        SegmentKind::User => "user",
        SegmentKind::Assistant => "assistant",
        SegmentKind::ToolResult => "tool results",
        SegmentKind::Retrieved => "passages",
        SegmentKind::Media => "media",
    }
}

/// The name of a kind in JSON.
pub(crate) const fn word(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Tool => "tool",
        SegmentKind::System => "system",
        SegmentKind::User => "user",
        SegmentKind::Assistant => "assistant",
        SegmentKind::ToolResult => "tool_result",
        SegmentKind::Retrieved => "retrieved",
        SegmentKind::Media => "media",
    }
}
