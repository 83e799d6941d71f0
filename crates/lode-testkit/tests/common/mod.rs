//! Synthetic months through the real readers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lode_billing::BillReader;
use lode_estate::{Listed, Options};
use lode_model::{CallerKey, MemoryTrace, Metrics, Money, Owner, PriceKey, Trace};
use lode_prices::Catalogue;
use lode_sim::{Estate, State};
use lode_telemetry::{InventoryReader, JsonKind, LogReader, sniff};

/// Writes the month as AWS would deliver it, and reads it back.
pub(crate) fn read_back(month: &lode_synth::Estate) -> Estate {
    let folder = tempfile::tempdir().expect("a folder");
    month
        .files(&mut |path, bytes| {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a parent"))?;
            std::fs::write(file, bytes)
        })
        .expect("written");
    read(folder.path())
}

fn read(folder: &Path) -> Estate {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let mut bill = BillReader::new();
    let mut logs = LogReader::new(CallerKey::defaults());
    let mut requests = Vec::new();
    let mut inventory = InventoryReader::new();
    for file in &files {
        let name = file.to_string_lossy();
        if name.ends_with(".csv.gz") {
            bill.read_csv(file, &mut |_| {}).expect("a bill");
        } else if name.ends_with(".json.gz") {
            if sniff(b"{", file) == Some(JsonKind::Log) {
                let read = logs.read(file, &mut |_| {}, &mut |request| requests.push(request.clone())).expect("a log");
                assert_eq!(read.rejected, [], "every record is read");
            }
        } else if name.ends_with(".json") {
            inventory.read(file).expect("JSON");
        }
    }
    let bill = bill.finish().expect("a bill");
    assert_eq!(bill.rejected, [], "every row is read");
    let trace = MemoryTrace::new(requests);
    let options = Options::new(lode_synth::AS_OF.parse().expect("a date"));
    let listed = Listed { inventory: &inventory.finish(), metrics: &Metrics::default() };
    lode_estate::build(&bill, Some(&trace as &dyn Trace), listed, Catalogue::builtin(), &options).expect("in memory")
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// The workloads of a caller, in order.
pub(crate) fn workloads(estate: &Estate, caller: &str) -> Vec<Owner> {
    let baseline = State::baseline(estate);
    let own = baseline.owners().filter(|owner| match owner {
        Owner::Workload(workload) => workload.caller.as_str() == caller && estate.demand.of(owner).is_some(),
        _ => false,
    });
    own.cloned().collect()
}

/// Steps and dollars by price key.
pub(crate) type Totals = BTreeMap<PriceKey, (i128, Money)>;

/// What a state comes to, by price key.
pub(crate) fn totals(state: &State) -> Totals {
    let mut totals = Totals::new();
    for charge in state.owners().flat_map(|owner| state.charges(owner)) {
        let sum = totals.entry(charge.key.clone()).or_default();
        sum.0 += charge.quantity.map_or(0, |quantity| quantity.steps);
        sum.1 += charge.cost;
    }
    totals.retain(|_, (steps, cost)| *steps != 0 || !cost.is_zero());
    totals
}
