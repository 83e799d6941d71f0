//! Merged rows as requests again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use lode_model::{Caller, Chain, Guarded, OutputForm, Request, Routing, Segment, TokenCounts};

use crate::block::{Block, Distinct, RowRef};
use crate::guarded;
use crate::merge::{Counts, Merge, Merged};
use crate::schema::{Column, ttl_of};
use crate::{Group, TraceFault};

/// Calls `each` with every request of a merge, in order. The request is the same one each time, filled anew; its
/// segments are shared by all requests of a block that have them.
///
/// # Errors
/// Those of the sources, and blocks of a source that do not follow each other.
pub fn requests<S, E>(mut merge: Merge<S>, each: &mut dyn FnMut(&Request)) -> Result<Counts, E>
where
    S: Iterator<Item = Result<Arc<Block>, E>>,
    E: From<TraceFault>,
{
    let mut request = blank(merge.group());
    let mut sources: Vec<Shared> = Vec::new();
    while let Some(merged) = merge.next_row()? {
        if merged.source >= sources.len() {
            sources.resize_with(merged.source + 1, Shared::default);
        }
        let shared = &mut sources[merged.source];
        shared.begin(&merged);
        fill(&mut request, merged.row, shared)?;
        each(&request);
    }
    Ok(merge.counts())
}

/// How many segments of one source are kept to be shared. A file's block has about this many; a run in memory may have
/// far more, and is not to be held twice.
const KEPT: usize = 1 << 18;

/// What the requests of one block share.
#[derive(Debug, Default)]
struct Shared {
    serial: u64,
    callers: Vec<Option<Caller>>,
    guarded: BTreeMap<u32, Option<Arc<Guarded>>>,
    segments: Vec<Option<Arc<Segment>>>,
    /// With a marker, by number and minutes.
    marked: BTreeMap<(u32, u32), Arc<Segment>>,
    kept: usize,
}

impl Shared {
    fn begin(&mut self, merged: &Merged<'_>) {
        let block = merged.row.block;
        if self.serial != merged.serial || self.kept >= KEPT {
            self.serial = merged.serial;
            self.kept = 0;
            self.segments.clear();
            self.segments.resize(block.segments.len(), None);
            self.marked.clear();
            self.callers.clear();
            self.guarded.clear();
            self.callers.resize(block.words.len(), None);
        }
    }

    fn segment(&mut self, block: &Block, number: u32) -> Arc<Segment> {
        let place = number as usize;
        let kept = &mut self.kept;
        let segment = self.segments[place].get_or_insert_with(|| {
            *kept += 1;
            Arc::new(segment(block, &block.segments[place]))
        });
        segment.clone()
    }

    fn marked(&mut self, plain: &Segment, number: u32, minutes: u32) -> Arc<Segment> {
        let kept = &mut self.kept;
        let segment = self.marked.entry((number, minutes)).or_insert_with(|| {
            *kept += 1;
            Arc::new(Segment { marker: ttl_of(minutes), ..plain.clone() })
        });
        segment.clone()
    }

    fn guarded(&mut self, block: &Block, word: u32) -> Option<Arc<Guarded>> {
        let text = block.word(word)?;
        self.guarded.entry(word).or_insert_with(|| guarded::decode(text).map(Arc::new)).clone()
    }

    fn caller(&mut self, block: &Block, word: u32) -> Caller {
        let text = || Caller::from(block.word(word).map_or("", |text| &**text));
        self.callers.get_mut(word as usize).map_or_else(text, |caller| caller.get_or_insert_with(text).clone())
    }
}

fn segment(block: &Block, distinct: &Distinct) -> Segment {
    Segment {
        kind: distinct.kind,
        hash: u128::from(distinct.high) << 64 | u128::from(distinct.low),
        bytes: distinct.bytes.cast_unsigned(),
        tool: block.word(distinct.tool).cloned(),
        marker: None,
        traits: distinct.traits,
    }
}

fn fill(request: &mut Request, from: RowRef<'_>, shared: &mut Shared) -> Result<(), TraceFault> {
    let (block, row) = (from.block, from.row);
    request.id = from.id().text();
    request.time = Timestamp::from_microsecond(row.time).map_err(|_| TraceFault::Value {
        column: Column::Time.name(),
        row: 0,
        found: row.time.to_string(),
        expected: "a time",
    })?;
    request.routing = row.routing;
    request.caller = shared.caller(block, row.caller);
    request.mode = row.mode;
    request.streaming = row.streaming;
    request.tokens = from.tokens();
    request.error = block.word(row.error).cloned();
    request.output_form = row.output_form;
    request.output_limit = row.output_limit.get();
    request.stop_reason = block.word(row.stop_reason).cloned();
    request.latency_ms = row.latency_ms.get();
    request.tools_called.clear();
    request.tools_called.extend(from.tools().iter().filter_map(|word| block.word(*word).cloned()));
    request.chain = Chain { opens: from.opens(), continues: from.continues() };
    request.has_body = row.has_body;
    request.schema_bound = row.schema_bound;
    request.guarded = shared.guarded(block, row.guarded);
    request.segments.clear();
    request.segments.extend(from.segments().iter().map(|number| shared.segment(block, *number)));
    for marker in from.markers().chunks_exact(2) {
        let place = marker[0] as usize;
        if let (Some(segment), Some(number)) = (request.segments.get_mut(place), from.segments().get(place)) {
            *segment = shared.marked(segment, *number, marker[1]);
        }
    }
    Ok(())
}

fn blank((account, region, model): &Group) -> Request {
    Request {
        id: "".into(),
        time: Timestamp::UNIX_EPOCH,
        account: account.clone(),
        region: region.clone(),
        model: model.clone(),
        routing: Routing::Regional,
        caller: Caller::from(""),
        mode: None,
        streaming: false,
        tokens: TokenCounts::default(),
        error: None,
        output_form: OutputForm::Unknown,
        output_limit: None,
        stop_reason: None,
        latency_ms: None,
        tools_called: Vec::new(),
        chain: Chain::default(),
        has_body: false,
        schema_bound: false,
        guarded: None,
        segments: Vec::new(),
    }
}
