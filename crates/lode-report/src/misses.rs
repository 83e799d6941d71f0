//! Why the cache markers in force write and do not read, in a few lines that can be checked against the logs.

use std::sync::Arc;

use lode_engine::Recommendation;
use lode_model::{Owner, SegmentKind};
use lode_sim::{CacheMisses, FirstDifference, MissCause, ratio};

use crate::habits::owners;
use crate::text::{cohort, count, percent, short, whole};
use crate::{Look, Report};

/// The block of a recommendation; empty where no owner that it means has markers that write. Of several owners it speaks
/// of the one that writes most.
pub(crate) fn block(report: &Report<'_>, r: &Recommendation, look: Look) -> String {
    let all: Vec<(&Owner, Arc<CacheMisses>)> = owners(report.estate, r)
        .into_iter()
        .map(|own| &own.owner)
        .filter_map(|owner| Some((owner, CacheMisses::logged(report.estate, owner)?)))
        .filter(|(_, found)| found.written_tokens > 0)
        .collect();
    let most = all.iter().max_by_key(|(owner, found)| (found.written_tokens, std::cmp::Reverse(*owner)));
    let Some((owner, found)) = most else {
        return String::new();
    };
    let mut out = format!("{}\n", look.heading("Why the cache misses"));
    let kind = cohort(owner).filter(|_| all.len() > 1);
    let kind = kind.map(|kind| format!("the {} calls, which write most", short(kind, 60)));
    for line in kind.into_iter().chain(lines(found)) {
        out.push_str(&look.hang(&line, "  "));
    }
    out.push('\n');
    out
}

fn lines(found: &CacheMisses) -> Vec<String> {
    let tokens = |tokens: u64| whole(i128::from(tokens));
    let mut lines = vec![format!(
        "{}: {} of them wrote {} tokens, together they read {}",
        count(found.marked, "call with markers", "calls with markers"),
        tokens(found.wrote),
        tokens(found.written_tokens),
        tokens(found.read_tokens),
    )];
    let mut causes: Vec<(MissCause, u64)> = found.tokens.iter().map(|(cause, tokens)| (*cause, *tokens)).collect();
    // The largest first; equal ones in the order of the causes.
    causes.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    lines.extend(causes.into_iter().map(|(cause, written)| {
        let calls = found.calls.get(&cause).copied().unwrap_or_default();
        let share = percent(ratio(written, found.written_tokens));
        format!("{} tokens ({share}) in {}: {cause}", tokens(written), count(calls, "call", "calls"))
    }));
    lines.extend(found.difference.as_ref().map(difference));
    lines.extend(found.since.map(|day| format!("reads no longer repay the writes since {day}")));
    if let Some(main) = found.main {
        lines.push(format!("what to change: {}", main.advice()));
    }
    if !found.examples.is_empty() {
        let ids: Vec<String> = found.examples.iter().map(|id| short(id, 80)).collect();
        lines.push(format!("largest such writes, by request id: {}", ids.join(", ")));
    }
    lines
}

fn difference(first: &FirstDifference) -> String {
    format!(
        "prompts first differ at block {} ({}), {} tokens after {}, in {}",
        whole(i128::from(first.place)),
        said(first.kind),
        whole(i128::from(first.tokens)),
        whole(i128::from(first.tokens_before)),
        count(first.calls, "call", "calls"),
    )
}

/// One block, in words.
pub(crate) const fn said(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Tool => "a tool",
        SegmentKind::System => "system prompt",
        SegmentKind::User => "user",
        SegmentKind::Assistant => "assistant",
        SegmentKind::ToolResult => "a tool result",
        SegmentKind::Retrieved => "a passage",
        SegmentKind::Media => "image, video or document",
    }
}
