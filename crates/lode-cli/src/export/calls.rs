//! Which calls are exported, and their text as records.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::Date;
use jiff::tz::Offset;
use lode_batch::{Form, LeftOut, RawCall, record};
use lode_engine::{Part, Recommendation};
use lode_model::{Edit, Mode, ModelId, Request};
use lode_sim::{Estate, SelectedCall, selected};
use lode_telemetry::TextReader;

use super::ExportError;
use super::spool::{Lying, Spool};
use crate::Shell;
use crate::bill_files::size;
use crate::commands::find;
use crate::progress::Progress;
use crate::threads::on_all_cores;

/// The parts of a recommendation that move calls to batch.
fn batch_parts(r: &Recommendation) -> impl Iterator<Item = &Part> {
    r.parts.iter().filter(|part| part.action.edits.contains(&Edit::Mode(Mode::Batch)))
}

/// The recommendation that is named, if it moves calls to batch.
pub(crate) fn named<'a>(all: &'a [Recommendation], id: &str) -> Result<&'a Recommendation, ExportError> {
    let can = |r: &&Recommendation| batch_parts(r).next().is_some();
    let fault = |why: &str| {
        let others: Vec<String> = all.iter().filter(can).map(|r| format!("{} ({})", r.rank, r.id)).take(10).collect();
        let help = if others.is_empty() {
            "no recommendation on this input moves calls to batch".to_owned()
        } else {
            format!("those that move calls to batch are {}", others.join(", "))
        };
        ExportError::Id { id: id.to_owned(), why: why.to_owned(), help }
    };
    let moves = |r: &Recommendation, what: fn(&Edit) -> bool| r.edits.iter().any(what);
    match find(all, id)[..] {
        [one] if can(&one) => Ok(one),
        [one] if moves(one, |edit| *edit == Edit::Mode(Mode::Flex)) => Err(fault(
            "it moves calls to the Flex tier, which is a setting of each call and has no job to export: send them with \
             service tier flex",
        )),
        [one] if moves(one, |edit| matches!(edit, Edit::Model { .. })) => Err(fault(
            "it moves no calls to batch; a move to another model is exported as a test, with `lode eval export`",
        )),
        [_] => Err(fault("it moves no calls to batch, and there is no job to export")),
        [] => Err(fault("no such recommendation on this input")),
        _ => Err(fault("names more than one recommendation")),
    }
}

/// The UTC day of a call.
pub(crate) fn day(request: &Request) -> Date {
    Offset::UTC.to_datetime(request.time).date()
}

/// The calls that a recommendation moves to batch, each once, in time order.
pub(crate) fn moved(estate: &Estate, r: &Recommendation) -> Vec<SelectedCall> {
    let mut calls: Vec<SelectedCall> =
        batch_parts(r).flat_map(|part| selected(estate, &part.earlier, &part.action)).collect();
    calls.sort_by(|a, b| (a.request.time, &a.request.id).cmp(&(b.request.time, &b.request.id)));
    let mut seen = BTreeSet::new();
    calls.retain(|call| seen.insert(Arc::clone(&call.request.id)));
    calls
}

/// What the plan does before on the same calls.
pub(crate) fn earlier(r: &Recommendation) -> Vec<String> {
    let titles: BTreeSet<&str> = batch_parts(r).flat_map(|part| &part.earlier).map(|action| &*action.title).collect();
    titles.into_iter().map(str::to_owned).collect()
}

/// What came of a call whose record was read.
pub(crate) struct Made {
    /// The model as it was called.
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) lying: Lying,
    pub(crate) removed: BTreeMap<&'static str, u64>,
}

/// Reads the text of calls out of log files, on all cores, and makes records of it. Files that cannot be read were told of
/// before. A call that stands in several files is taken from the first that has its body.
pub(crate) fn read(
    files: &[PathBuf],
    wanted: &BTreeMap<Arc<str>, ModelId>,
    spool: &Spool,
    shell: &Shell<'_>,
) -> std::io::Result<BTreeMap<Arc<str>, Result<Made, LeftOut>>> {
    type Found = (bool, usize, Arc<str>, std::io::Result<Result<Made, LeftOut>>);
    let ids: BTreeSet<Arc<str>> = wanted.keys().cloned().collect();
    let progress = Progress::new(files.iter().map(|file| size(file)).sum(), shell.draws);
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut reader, mut found) = (TextReader::new(), Vec::<Found>::new());
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(place) else { return found };
            let mut bar = progress.file(&file.display().to_string(), size(file));
            let mut each = |text: lode_telemetry::CallText<'_>| {
                let Some((id, model)) = wanted.get_key_value(text.id) else { return };
                let call =
                    RawCall { id: text.id, operation: text.operation, body: text.request, apart: text.request_apart };
                let made = match record(call, model) {
                    Err(why) => Ok(Err(why)),
                    Ok(record) => spool.add(&record.line).map(|lying| {
                        let name = text.model_id.to_owned();
                        Ok(Made { name, form: record.form, lying, removed: record.removed })
                    }),
                };
                found.push((text.request.is_none(), place, Arc::clone(id), made));
            };
            let _ = reader.read(file, &ids, &mut |bytes| bar.bytes(bytes), &mut each);
        }
    };
    let mut found: Vec<Found> = on_all_cores(files.len(), work).into_iter().flatten().collect();
    progress.finish();
    found.sort_by_key(|(without, place, ..)| (*without, *place));
    let mut all = BTreeMap::new();
    for (.., id, made) in found {
        let made = made?;
        all.entry(id).or_insert(made);
    }
    Ok(all)
}
