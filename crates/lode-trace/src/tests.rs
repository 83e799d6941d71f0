//! The crate as a whole: any split, merged in any order, gives what one collection gives, and what a plain list gives.

mod damage;
mod random;
mod speed;
mod whole;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use lode_model::{OutputForm, Request, Segment};

use crate::{Block, Collection, Counts, Group, Merge, MonthTable, Run, Source, Tables, TraceFault, requests};

pub(crate) fn run(requests: &[Request]) -> Run {
    let mut collection = Collection::new();
    for request in requests {
        collection.add(request).expect("few");
    }
    assert_eq!(collection.rows(), requests.len());
    collection.seal()
}

pub(crate) fn group(request: &Request) -> Group {
    (request.account.clone(), request.region.clone(), request.model.clone())
}

/// A group of a run as if it came from a file with so many rows in a table.
pub(crate) fn from_file(run: &Run, group: &Group, rows: usize) -> Source<'static, TraceFault> {
    let tables: Vec<_> = run.block(group).into_iter().flat_map(|block| block.tables(rows)).collect();
    Box::new(tables.into_iter().map(|table| Block::of(&table?).map(Arc::new)))
}

pub(crate) fn tables(group: &Group, sources: Vec<Source<'_, TraceFault>>, rows: usize) -> (Vec<MonthTable>, Counts) {
    let mut tables = Tables::with_rows(Merge::new(group.clone(), sources), rows);
    let all = tables.by_ref().collect::<Result<_, _>>().expect("sound");
    (all, tables.counts())
}

pub(crate) fn merged(group: &Group, sources: Vec<Source<'_, TraceFault>>) -> Vec<Request> {
    let mut all = Vec::new();
    requests(Merge::new(group.clone(), sources), &mut |request| all.push(request.clone())).expect("sound");
    all
}

/// What the trace should hold: a plain sort of plain requests, the better record of each.
pub(crate) fn naive(requests: &[Request]) -> BTreeMap<Group, Vec<Request>> {
    let mut groups: BTreeMap<Group, Vec<Request>> = BTreeMap::new();
    for request in requests {
        groups.entry(group(request)).or_default().push(request.clone());
    }
    for requests in groups.values_mut() {
        requests.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)).then_with(|| better(b, a)));
        requests.dedup_by(|later, earlier| (later.time, &later.id) == (earlier.time, &earlier.id));
    }
    groups
}

fn better(a: &Request, b: &Request) -> Ordering {
    let plain = |of: &Request| {
        let tokens = of.tokens;
        (
            (of.has_body, of.output_form != OutputForm::Unknown),
            [tokens.input, tokens.output, tokens.cache_read],
            [tokens.cache_write_5m, tokens.cache_write_30m, tokens.cache_write_1h],
            (of.output_limit, of.latency_ms, of.streaming, of.schema_bound),
            (of.routing, of.mode, of.output_form),
            (of.chain.opens, of.chain.continues),
            (
                of.caller.clone(),
                of.error.clone(),
                of.stop_reason.clone(),
                of.guarded.as_deref().map(crate::guarded::encode),
                of.tools_called.clone(),
            ),
        )
    };
    let segments = |of: &Request| {
        let segment = |at: &Arc<Segment>| (at.kind, at.hash, at.bytes, at.tool.clone());
        of.segments.iter().map(segment).collect::<Vec<_>>()
    };
    let markers = |of: &Request| {
        let places = of.segments.iter().enumerate();
        places.filter_map(|(at, segment)| Some((at, segment.marker?))).collect::<Vec<_>>()
    };
    (plain(a), segments(a), markers(a)).cmp(&(plain(b), segments(b), markers(b)))
}
