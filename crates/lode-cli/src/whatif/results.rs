//! What `lode whatif chunking --for ID --format json` found, among the input of a report: told by content, read, and turned
//! into what the engine takes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use jiff::civil::Date;
use lode_engine::{TestVerdict, Tested};
use lode_model::Money;
use lode_report::v1::{RetrievalFrontierV1, RetrievalPointV1};
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
    measured: Vec<MeasuredForm>,
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

/// What was measured of one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct MeasuredForm {
    #[serde(flatten)]
    point: PointForm,
    context_tokens_per_query: Option<f64>,
    recall: Option<f64>,
    #[serde(default)]
    on_frontier: bool,
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
            self.measured.iter().any(|measured| measured.point == *today)
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

    /// As the report shows it: recall against context tokens; `None` without both of any configuration.
    pub(crate) fn frontier(&self) -> Option<RetrievalFrontierV1> {
        let (id, found) = (self.recommendation.as_ref()?, self.found.as_ref()?);
        let point = |measured: &MeasuredForm| {
            let PointForm { label, results } = &measured.point;
            Some(RetrievalPointV1 {
                label: label.clone(),
                results: *results,
                context_tokens: measured.context_tokens_per_query?,
                recall: measured.recall?,
                on_frontier: measured.on_frontier,
                in_force: self.in_force.as_ref() == Some(&measured.point),
                recommended: (label, results) == (&found.label, &found.results),
            })
        };
        let mut points: Vec<RetrievalPointV1> = self.measured.iter().filter_map(point).collect();
        points.sort_by(|a, b| {
            let figures = a.context_tokens.total_cmp(&b.context_tokens).then(a.recall.total_cmp(&b.recall));
            figures.then_with(|| (&a.label, a.results).cmp(&(&b.label, b.results)))
        });
        (!points.is_empty()).then(|| RetrievalFrontierV1 {
            recommendation: id.clone(),
            date: self.date.clone(),
            questions: found.questions,
            max_recall_loss: self.max_recall_loss,
            points,
        })
    }

    fn embedding(&self, tokens: u64) -> Option<Money> {
        let million = Money::parse(self.embedding_price.as_deref()?).ok()?;
        lode_model::Rate::new(million, 1_000_000).map(|rate| rate.cost(i128::from(tokens), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_shown_by_context_tokens() {
        let text = r#"{
            "schema_version": 1, "tokenizer": "cl100k_base", "configurations": [], "document_tokens": 1,
            "for": "chunk-size.oversized-passages/111111111111/us-east-1/app", "date": "2026-11-01", "max_recall_loss": 0.02,
            "in_force": {"label": "fixed 300, 20 %", "results": 5},
            "recommendation": {"label": "fixed 100, 20 %", "results": 5, "questions": 40, "recall_of_best": 0.9, "embedded_tokens": 1},
            "measured": [
                {"label": "fixed 300, 20 %", "results": 5, "context_tokens_per_query": 1500.0, "recall": 0.9, "on_frontier": true},
                {"label": "fixed 100, 20 %", "results": 5, "context_tokens_per_query": 500.0, "recall": 0.89, "on_frontier": true},
                {"label": "none", "results": 5, "recall": 0.7}
            ]
        }"#;
        let results = serde_json::from_str(text).map_err(|error| error.to_string()).and_then(ChunkingResults::checked);
        let found = results.expect("results").frontier().expect("points");
        assert_eq!((found.questions, found.date.as_deref(), found.max_recall_loss), (40, Some("2026-11-01"), 0.02));
        let points: Vec<_> =
            found.points.iter().map(|p| (&*p.label, p.context_tokens, p.recall, p.in_force, p.recommended)).collect();
        assert_eq!(
            points,
            [("fixed 100, 20 %", 500.0, 0.89, false, true), ("fixed 300, 20 %", 1500.0, 0.9, true, false)]
        );
    }
}
