//! What a batch job may hold, as dated data (`data/batch.json`), and which models run in batch through inference profiles
//! alone.

use lode_model::ModelId;
use serde::{Deserialize, Serialize};

/// Quotas of batch inference. AWS can raise some of them for an account, and they differ by model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Fewest records of a job.
    pub min_records: u64,
    /// Most records of a file.
    pub records_per_file: u64,
    /// Most records of a job.
    pub records_per_job: u64,
    /// Most bytes of a file.
    pub bytes_per_file: u64,
    /// Most bytes of all files of a job.
    pub bytes_per_job: u64,
}

impl Default for Limits {
    /// AWS' own numbers, of [`Limits::as_of`].
    fn default() -> Self {
        data().limits
    }
}

impl Limits {
    /// The month in which the numbers were read, such as `2026-10`.
    #[must_use]
    pub fn as_of() -> String {
        data().as_of
    }

    /// Where they are from.
    #[must_use]
    pub fn source() -> String {
        data().source
    }

    /// Hours after which a job may be made to expire: the fewest and the most (AWS API model of `bedrock`,
    /// `CreateModelInvocationJob`, read 2026-11).
    #[must_use]
    pub fn hours() -> (u32, u32) {
        let data = data();
        (data.least_hours, data.most_hours)
    }
}

/// Whether batch takes this model through an inference profile alone, never by its own id.
#[must_use]
pub fn needs_profile(model: &ModelId) -> bool {
    data().profile_only.iter().any(|known| known == model.as_str())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    as_of: String,
    source: String,
    limits: Limits,
    least_hours: u32,
    most_hours: u32,
    #[serde(rename = "profile_source")]
    _profile_source: String,
    profile_only: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
fn data() -> Data {
    serde_json::from_str(include_str!("../data/batch.json")).expect("a sound file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_are_sound() {
        let limits = Limits::default();
        assert_eq!((limits.min_records, limits.records_per_file, limits.records_per_job), (100, 50_000, 50_000));
        assert_eq!((limits.bytes_per_file, limits.bytes_per_job), (1 << 30, 5 << 30));
        assert_eq!((Limits::as_of().as_str(), Limits::hours()), ("2026-10", (24, 168)));
        assert!(needs_profile(&ModelId::from("anthropic.claude-sonnet-4-6")));
        assert!(!needs_profile(&ModelId::from("amazon.nova-pro-v1:0")));
        assert!(data().profile_only.is_sorted() && Limits::source().contains("AWS"));
    }
}
