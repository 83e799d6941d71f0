//! Evaluations among the input of a report: told by content, read, and turned into what the engine takes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lode_engine::{Outcome, Reason, TestVerdict, Tested};
use lode_eval::{DocumentError, Evaluation, Manifest, Verdict};
use lode_report::v1::RetrievalFrontierV1;

use crate::whatif::results::ChunkingResults;

/// An evaluation holds some lines for each cohort, of which there are a few.
const LARGEST: u64 = 4 << 20;
/// What only an evaluation has, all of it, in the order in which it stands there.
const KEYS: [&str; 5] = ["\"schema_version\"", "\"recommendation\"", "\"design\"", "\"cohorts\"", "\"verdict\""];

/// How the names of evaluations in a project begin, before their date.
pub(crate) const VERDICTS: &str = "lode-evaluation-";

/// Whether a folder is a project that `lode eval export` wrote.
pub(crate) fn is_project(folder: &Path) -> bool {
    folder.join(Manifest::FILE).is_file()
}

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) read: Vec<Evaluation>,
    /// What the user's own retrieval came to.
    pub(crate) retrieval: Vec<ChunkingResults>,
    /// Files that are evaluations and cannot be used, and why.
    pub(crate) unusable: Vec<(PathBuf, String)>,
}

impl Documents {
    /// As the engine takes them.
    pub(crate) fn tested(&self) -> Vec<Tested> {
        self.read.iter().filter_map(tested).chain(self.retrieval.iter().filter_map(ChunkingResults::tested)).collect()
    }

    /// What the report shows of the user's own retrieval.
    pub(crate) fn frontiers(&self) -> Vec<RetrievalFrontierV1> {
        self.retrieval.iter().filter_map(ChunkingResults::frontier).collect()
    }
}

/// The evaluation in a file of JSON, where it is one.
pub(crate) fn document(file: &Path) -> Option<Result<Evaluation, DocumentError>> {
    let mut text = String::new();
    std::fs::File::open(file).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    // Of one that is cut off the beginning is enough.
    if !KEYS.iter().take(3).all(|key| text.contains(key)) {
        return None;
    }
    // A report or the manifest of a project is none.
    let is_one = |value: serde_json::Value| {
        value.as_object().is_some_and(|keys| KEYS.iter().all(|key| keys.contains_key(key.trim_matches('"'))))
    };
    serde_json::from_str(text).map_or(true, is_one).then(|| Evaluation::read(text.as_bytes()))
}

fn tested(evaluation: &Evaluation) -> Option<Tested> {
    let verdict = |verdict| match verdict {
        Verdict::NonInferior => TestVerdict::Passed,
        Verdict::Inferior => TestVerdict::Failed,
        Verdict::Undecided => TestVerdict::Undecided,
    };
    Some(Tested {
        recommendation: evaluation.recommendation.clone(),
        // The option of a move is the model it moves to.
        key: evaluation.to.as_str().into(),
        date: evaluation.date.parse().ok()?,
        cohorts: evaluation.cohorts.iter().map(|result| (result.cohort.clone(), verdict(result.verdict))).collect(),
        others: None,
        given: BTreeMap::new(),
        one_off: None,
        prompt: evaluation.prompt.ratio(),
        output: evaluation.output.ratio(),
    })
}

/// Evaluations that say nothing of this report, and why.
pub(crate) fn notes(documents: &Documents, outcome: &Outcome) -> Vec<String> {
    let note = |evaluation: &Evaluation| {
        let (id, to) = (&evaluation.recommendation, &evaluation.to);
        let withdrawn = |declined: &lode_engine::Declined| {
            matches!(declined.reason, Reason::FailedTest { .. }) && declined.recommendation() == *id
        };
        if outcome.declined.iter().any(withdrawn) {
            return None;
        }
        match outcome.recommendations.iter().find(|r| r.id == *id) {
            None => Some(format!("the evaluation of {id} is about no recommendation of this report")),
            Some(r) if r.test.is_none() => Some(format!(
                "the evaluation of {id} is not used: it tested {to}, on other kinds of calls or another model than what is \
                 recommended now"
            )),
            Some(_) => None,
        }
    };
    let of_retrieval = |results: &ChunkingResults| {
        let id = &results.tested()?.recommendation;
        let known = outcome.recommendations.iter().any(|r| r.id == *id && r.test.is_some())
            || outcome.declined.iter().any(|declined| declined.recommendation() == *id);
        (!known).then(|| format!("the retrieval results for {id} are about no recommendation of this report"))
    };
    documents.read.iter().filter_map(note).chain(documents.retrieval.iter().filter_map(of_retrieval)).collect()
}
