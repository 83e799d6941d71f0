//! What the read-only AWS CLI lists: inference profiles, Provisioned Throughput, models of one's own, jobs, guardrails,
//! knowledge bases, agents, OpenSearch Serverless.
//!
//! Shapes: AWS API models (boto/botocore 1.44.8, 2026-10). Fields may be absent; what an entry cannot do without is its
//! id or ARN. Prices, and what any of it means for a bill, are others' business.

use std::path::Path;

use lode_model::Inventory;
use serde_json::Value;

use crate::TelemetryError;
use crate::source;

pub(crate) mod cli;
mod knowledge;
mod models;
mod serverless;

use cli::Place;

/// Reads what the AWS CLI listed. The order of files does not matter; what is listed twice is listed once.
#[derive(Debug, Default)]
pub struct InventoryReader {
    all: Inventory,
}

impl InventoryReader {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file, plain or gzip: the output of one command or of several, one after the other or in an array; the
    /// pages of one command are several outputs. Says whether something was recognised: an empty list is an answer, and
    /// lists of ids alone (`list-data-sources`, `list-collections`) are too, though nothing is kept of them; of
    /// `list-knowledge-bases` the ids are, where account and region are known.
    ///
    /// Account settings, the logging configuration and lists of ids do not say whose they are: account and region come from two
    /// folders of the path, `<twelve digits>/<region>`, else they stay unknown.
    ///
    /// # Errors
    /// When the file cannot be read or is not JSON. What was read before stays.
    pub fn read(&mut self, file: &Path) -> Result<bool, TelemetryError> {
        let bytes = source::read_all(file)?;
        let place = Place::of(file);
        let mut new = Inventory::default();
        let mut any = false;
        cli::documents(file, &bytes, |document| any |= see(&document, &place, &mut new))?;
        let all = &mut self.all;
        all.profiles.append(&mut new.profiles);
        all.provisioned.append(&mut new.provisioned);
        all.knowledge_bases.append(&mut new.knowledge_bases);
        all.data_sources.append(&mut new.data_sources);
        all.collections.append(&mut new.collections);
        all.setup.append(new.setup);
        Ok(any)
    }

    /// Takes the answer of one command, as JSON, that stands or would stand in a file; says whether it was recognised.
    pub fn read_answer(&mut self, answer: &Value, file: &Path) -> bool {
        see(answer, &Place::of(file), &mut self.all)
    }

    /// Everything listed, each kind in order and without repeats.
    #[must_use]
    pub fn finish(self) -> Inventory {
        self.all.sorted()
    }
}

/// Takes what a document lists; says whether it is a form that is known.
fn see(document: &Value, place: &Place, all: &mut Inventory) -> bool {
    let any = models::see(document, place, all);
    let any = knowledge::see(document, place, all) | any;
    serverless::see(document, place, all) | any
}

/// Takes the entries of a list; says whether the list is there.
fn list<T>(document: &Value, key: &str, into: &mut Vec<T>, entry: impl Fn(&Value) -> Option<T>) -> bool {
    let Some(entries) = document.get(key).and_then(Value::as_array) else { return false };
    into.extend(entries.iter().filter_map(entry));
    true
}

/// Takes a single entry; says whether it is one.
fn single<T>(entry: Option<T>, into: &mut Vec<T>) -> bool {
    let any = entry.is_some();
    into.extend(entry);
    any
}
