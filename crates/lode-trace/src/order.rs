//! The order of requests, and which of two records of one request is kept.

use std::cmp::Ordering;

use lode_model::OutputForm;

use crate::block::{Block, Row, RowRef};

/// The order of requests of a group: by time, then by id as text. Equal means that it is the same request.
pub(crate) fn order(a: RowRef<'_>, b: RowRef<'_>) -> Ordering {
    a.row.time.cmp(&b.row.time).then_with(|| a.id().cmp(&b.id()))
}

/// Which of two records of the same request is the better one (`Greater`: `a` is). It has to be a total order over what
/// the records say, or else the outcome would depend on which file was read first. The one with the request's body is
/// better, then the one that knows what the answer looks like; the rest decides nothing that matters, but decides.
pub(crate) fn better(a: RowRef<'_>, b: RowRef<'_>) -> Ordering {
    fn knows(row: &Row) -> bool {
        row.output_form != OutputForm::Unknown
    }
    (a.row.has_body.cmp(&b.row.has_body)).then_with(|| knows(a.row).cmp(&knows(b.row))).then_with(|| content(a, b))
}

/// The order of everything a record says beside group, time and id, field by field as below. Absent comes before
/// present.
fn content(a: RowRef<'_>, b: RowRef<'_>) -> Ordering {
    let plain = |of: RowRef<'_>| {
        let (row, tokens) = (of.row, of.tokens());
        (
            [tokens.input, tokens.output, tokens.cache_read],
            [tokens.cache_write_5m, tokens.cache_write_30m, tokens.cache_write_1h],
            (row.output_limit, row.latency_ms, row.streaming, row.schema_bound),
            (row.routing, row.mode, row.output_form),
        )
    };
    (plain(a).cmp(&plain(b)))
        .then_with(|| (a.opens(), a.continues()).cmp(&(b.opens(), b.continues())))
        .then_with(|| words(a).cmp(&words(b)))
        .then_with(|| listed(a.tools(), b.tools(), |of, tool| of.word(tool), (a.block, b.block)))
        .then_with(|| listed(a.segments(), b.segments(), segment, (a.block, b.block)))
        .then_with(|| a.markers().cmp(b.markers()))
}

fn words(of: RowRef<'_>) -> [Option<&str>; 4] {
    [of.row.caller, of.row.error, of.row.stop_reason, of.row.guarded]
        .map(|word| of.block.word(word).map(|text| &**text))
}

fn listed<'a, T: Ord>(
    a: &[u32],
    b: &[u32],
    meaning: impl Fn(&'a Block, u32) -> T,
    (block_a, block_b): (&'a Block, &'a Block),
) -> Ordering {
    a.iter().map(|number| meaning(block_a, *number)).cmp(b.iter().map(|number| meaning(block_b, *number)))
}

fn segment(of: &Block, number: u32) -> impl Ord {
    of.segments.get(number as usize).map(|at| (at.kind, at.high, at.low, at.bytes, of.word(at.tool)))
}
