//! What `lode whatif chunking --for ID --format json` found, among the input of a report: told by content, read, and turned
//! into what the engine takes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use jiff::civil::Date;
use lode_engine::{TestVerdict, Tested};
use lode_model::Money;
use serde::Deserialize;

/// Configurations and what they come to: some lines each.
const LARGEST: u64 = 16 << 20;
/// What only such an answer has, all of it.
const KEYS: [&str; 4] = ["\"schema_version\"", "\"tokenizer\"", "\"configurations\"", "\"document_tokens\""];
/// The version that is read.
const VERSION: u64 = 1;
/// Fewer questions decide nothing, whatever they show: a mean of so few may be off by more than any loss that is asked for.
const LEAST_QUESTIONS: u64 = 30;
/// A recall less by less than this is not less: figures have six places.
const TOLERANCE: f64 = 1e-6;

/// What the user's own retrieval came to, as far as a report uses it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct ChunkingResults {
    schema_version: u64,
    /// Id of the recommendation that they decide.
    #[serde(rename = "for")]
    recommendation: Option<String>,
    date: Option<String>,
    in_force: Option<PointForm>,
    #[serde(default)]
    max_recall_loss: f64,
    #[serde(rename = "recommendation")]
    found: Option<FoundForm>,
    #[serde(default)]
    measured: Vec<PointForm>,
    embedding_price: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct FoundForm {
    label: String,
    results: u32,
    questions: u64,
    recall_of_best: f64,
    max_tokens: Option<u32>,
    parent_tokens: Option<u32>,
    embedded_tokens: u64,
    recall_difference_low: Option<f64>,
}

/// A configuration with a number of results.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct PointForm {
    label: String,
    results: u32,
}

/// The results in a file of JSON, where it has some; why they cannot be used.
pub(crate) fn results(file: &Path) -> Option<Result<ChunkingResults, String>> {
    let mut text = String::new();
    std::fs::File::open(file).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    if !KEYS.iter().all(|key| text.contains(key)) {
        return None;
    }
    Some(serde_json::from_str(text).map_err(|error| error.to_string()).and_then(ChunkingResults::checked))
}

impl ChunkingResults {
    fn checked(self) -> Result<Self, String> {
        if self.schema_version != VERSION {
            return Err(format!("found schema version {}, expected {VERSION}", self.schema_version));
        }
        if self.recommendation.is_none() {
            return Err("it does not say which recommendation it is for; help: run lode whatif chunking with --for ID"
                .to_owned());
        }
        if self.found.is_none() {
            return Err(
                "it has no results of a retrieval; help: run lode whatif chunking with --questions and --retrieved"
                    .to_owned(),
            );
        }
        Ok(self)
    }

    /// As the engine takes it.
    pub(crate) fn tested(&self) -> Option<Tested> {
        let (id, found) = (self.recommendation.as_ref()?, self.found.as_ref()?);
        let rule = id.split_once('/').map_or(id.as_str(), |(rule, _)| rule);
        let key = rule.strip_prefix("chunk-size.").unwrap_or(rule);
        // What is in force today must have been measured too, and the rule changes one thing: the number, or the size.
        let answers = self.in_force.as_ref().is_some_and(|today| {
            self.measured.contains(today)
                && match key {
                    "too-many-passages" => found.label == today.label,
                    "oversized-passages" => found.results == today.results,
                    _ => false,
                }
        });
        let enough = found.questions >= LEAST_QUESTIONS && found.recall_of_best > 0.0;
        let holds = found.recall_difference_low.is_none_or(|low| low >= -self.max_recall_loss - TOLERANCE);
        let mut given = BTreeMap::from([("passages-kept".to_owned(), f64::from(found.results))]);
        let size = found.parent_tokens.or(found.max_tokens);
        given.extend(size.map(|tokens| ("passage-tokens".to_owned(), f64::from(tokens))));
        // Another size is ingested and embedded again, another number of results is not.
        let one_off = (key == "oversized-passages").then(|| self.embedding(found.embedded_tokens)).flatten();
        Some(Tested {
            recommendation: id.clone(),
            key: key.into(),
            date: self.date.as_deref().and_then(|date| date.parse::<Date>().ok())?,
            cohorts: BTreeMap::new(),
            others: Some(if answers && enough && holds { TestVerdict::Passed } else { TestVerdict::Undecided }),
            given,
            one_off,
            prompt: None,
            output: None,
        })
    }

    fn embedding(&self, tokens: u64) -> Option<Money> {
        let million = Money::parse(self.embedding_price.as_deref()?).ok()?;
        lode_model::Rate::new(million, 1_000_000).map(|rate| rate.cost(i128::from(tokens), 1))
    }
}
