//! `manifest.json` of an export: what was taken, what was left out and why, and what the files are. No text of a prompt
//! is in it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Form, Limits};

/// What an export wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`Manifest::KIND`].
    pub kind: String,
    /// [`Manifest::VERSION`].
    pub schema_version: u32,
    /// The id of the recommendation.
    pub recommendation: String,
    /// Account of the calls.
    pub account: String,
    /// Region of the calls.
    pub region: String,
    /// The model as the jobs name it.
    pub model_id: String,
    /// The form of the records.
    pub form: Form,
    /// Records by UTC day of their calls.
    pub days: BTreeMap<Date, u64>,
    /// Calls that the recommendation selects on all days of the logs.
    pub selected: u64,
    /// Records written.
    pub records: u64,
    /// Request ids of the calls of those days that are left out, in order, by reason.
    pub left_out: BTreeMap<String, Vec<String>>,
    /// What bodies are sent without, with how many there were.
    pub removed: BTreeMap<String, u64>,
    /// The quotas that it keeps to.
    pub limits: Limits,
    /// The jobs, in order.
    pub jobs: Vec<ManifestJob>,
    /// SHA-256 of every other file, in hexadecimal, by name.
    pub files: BTreeMap<String, String>,
}

/// A job of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestJob {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Its files of records, in order.
    pub inputs: Vec<String>,
    /// Records in them.
    pub records: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// No JSON, or not of the shape.
    #[error("no manifest of a batch export")]
    Shape,
    /// Written by another version.
    #[error("a manifest of schema version {found}, expected {}", Manifest::VERSION)]
    Version {
        /// What it says.
        found: u64,
    },
}

impl Manifest {
    /// The name of its file.
    pub const FILE: &'static str = "manifest.json";
    /// What it is.
    pub const KIND: &'static str = "lode-batch-export";
    /// The version of its shape.
    pub const VERSION: u32 = 1;

    /// Its bytes.
    ///
    /// # Errors
    /// Never: a struct of texts and numbers is always JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is none, or one of another version.
    pub fn read(json: &[u8]) -> Result<Self, ManifestError> {
        let value: serde_json::Value = serde_json::from_slice(json).map_err(|_| ManifestError::Shape)?;
        if value.get("kind").and_then(serde_json::Value::as_str) != Some(Self::KIND) {
            return Err(ManifestError::Shape);
        }
        let version = value.get("schema_version").and_then(serde_json::Value::as_u64);
        if let Some(found) = version.filter(|found| *found != u64::from(Self::VERSION)) {
            return Err(ManifestError::Version { found });
        }
        serde_json::from_value(value).map_err(|_| ManifestError::Shape)
    }
}
