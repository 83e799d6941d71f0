//! `lode-eval.json` of a project: which test is which call, and what the results will be held against. No text of a
//! prompt is in it.

use lode_model::{Cohort, ModelId};
use serde::{Deserialize, Serialize};

use crate::{Design, PassRule};

/// What an export wrote down for the import of its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`Manifest::VERSION`].
    pub schema_version: u32,
    /// The id of the recommendation that is tested.
    pub recommendation: String,
    /// Today's model.
    pub from: ModelId,
    /// The model that would take its place.
    pub to: ModelId,
    /// The design of the test.
    pub design: Design,
    /// The cohorts, in the order of their names.
    pub cohorts: Vec<ManifestCohort>,
    /// The tests, in the order of their ids.
    pub tests: Vec<ManifestTest>,
}

/// A cohort of the sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestCohort {
    /// Its name.
    pub cohort: Cohort,
    /// How many calls it has in the logs that could be taken.
    pub calls: u64,
    /// How many decide about it.
    pub needed: u64,
    /// How many tests there are of it.
    pub tests: u64,
}

/// A test of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestTest {
    /// Its id in the project: `t0001`.
    pub test: String,
    /// The request id of the call.
    pub request: String,
    /// The cohort of the call.
    pub cohort: Cohort,
    /// When an answer passes.
    pub rule: PassRule,
}

/// A document that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// No JSON, or not of the shape.
    #[error("not a document of this kind: {}; help: take the file that lode wrote, unchanged", harmless(.0))]
    Shape(serde_json::Error),
    /// Written by another version.
    #[error("schema version {found}, expected {expected}; help: {help}")]
    Version {
        /// What it says.
        found: String,
        /// What this version reads.
        expected: u32,
        /// What to do.
        help: &'static str,
    },
    /// Numbers that cannot be.
    #[error("{0}; help: take the file that lode wrote, unchanged")]
    Broken(String),
}

/// A parser's words, which may quote the file: its beginning, with nothing in it that a terminal would obey.
fn harmless(error: &serde_json::Error) -> String {
    error.to_string().chars().take(200).flat_map(char::escape_debug).collect()
}

/// Reads a document of a version.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    json: &[u8],
    expected: u32,
    help: &'static str,
) -> Result<T, DocumentError> {
    let value: serde_json::Value = serde_json::from_slice(json).map_err(DocumentError::Shape)?;
    let found = value.get("schema_version");
    if found.and_then(serde_json::Value::as_u64) != Some(u64::from(expected)) {
        // A number, or nothing of what stands there: it may be anything.
        let found = found.and_then(serde_json::Value::as_u64).map_or("missing".to_owned(), |found| found.to_string());
        return Err(DocumentError::Version { found, expected, help });
    }
    serde_json::from_value(value).map_err(DocumentError::Shape)
}

impl Manifest {
    /// The version that this program writes and reads.
    pub const VERSION: u32 = 1;
    /// Its name in a project.
    pub const FILE: &'static str = "lode-eval.json";

    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is none, of another version, or does not agree with itself.
    pub fn read(json: &[u8]) -> Result<Self, DocumentError> {
        let manifest: Self = read(json, Self::VERSION, "export the evaluation again")?;
        let broken = |what: String| Err(DocumentError::Broken(what));
        if let Err(fault) = manifest.design.checked() {
            return broken(format!("the design: {fault}"));
        }
        let mut tests = std::collections::BTreeSet::new();
        for test in &manifest.tests {
            if !tests.insert(&test.test) {
                return broken(format!("the test {:?} stands twice", test.test));
            }
            if !manifest.cohorts.iter().any(|cohort| cohort.cohort == test.cohort) {
                return broken(format!("the test {:?} is of no cohort", test.test));
            }
        }
        for (place, cohort) in manifest.cohorts.iter().enumerate() {
            let tests = manifest.tests.iter().filter(|test| test.cohort == cohort.cohort).count() as u64;
            let twice = manifest.cohorts.iter().take(place).any(|other| other.cohort == cohort.cohort);
            if tests != cohort.tests || twice {
                return broken(format!("the tests of the cohort {:?} do not add up", cohort.cohort.as_str()));
            }
        }
        Ok(manifest)
    }

    /// As JSON, with a line break at its end.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        pretty(self)
    }
}

/// A document as JSON to be read by people too.
pub(crate) fn pretty(document: &impl Serialize) -> Vec<u8> {
    // Structs of strings and numbers: there is nothing in them that JSON cannot say.
    let mut text = serde_json::to_vec_pretty(document).unwrap_or_default();
    text.push(b'\n');
    text
}
