//! The files of an export beside its records, by name.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::job::{self, Job, Target};
use crate::manifest::ManifestJob;
use crate::readme::readme;
use crate::record::hex;
use crate::split::FilePart;
use crate::{LeftOut, Limits, Manifest, job_name};

/// What an export is made of.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The id of the recommendation.
    pub recommendation: &'a str,
    /// Whose calls, for the name of the job.
    pub caller: &'a str,
    /// What the jobs share.
    pub target: &'a Target,
    /// Titles of the actions that the plan does before, on the same calls.
    pub earlier: &'a [String],
    /// Records by UTC day.
    pub days: &'a BTreeMap<Date, u64>,
    /// Calls that the recommendation selects on all days.
    pub selected: u64,
    /// Request ids of calls left out, by reason.
    pub left_out: &'a BTreeMap<LeftOut, Vec<String>>,
    /// What bodies are sent without.
    pub removed: &'a BTreeMap<&'static str, u64>,
    /// Quotas.
    pub limits: Limits,
    /// What running it costs, in a sentence.
    pub price: &'a str,
}

/// Names of the jobs of a division and of their files: `job.json` and `records.jsonl` where there is one of each.
#[must_use]
pub fn jobs(export: &Export<'_>, parts: &[Vec<FilePart>]) -> Vec<Job> {
    let files: usize = parts.iter().map(Vec::len).sum();
    let (mut number, mut all) = (0, Vec::with_capacity(parts.len()));
    let end = match (export.days.first_key_value(), export.days.last_key_value()) {
        (Some((first, _)), Some((last, _))) if first == last => first.to_string(),
        (Some((first, _)), Some((last, _))) => format!("{first}-{last}"),
        _ => "empty".to_owned(),
    };
    for (place, part) in parts.iter().enumerate() {
        let several = parts.len() > 1;
        let mut inputs = Vec::with_capacity(part.len());
        for _ in part {
            number += 1;
            inputs.push(if files == 1 { "records.jsonl".to_owned() } else { format!("records-{number:03}.jsonl") });
        }
        all.push(Job {
            name: job_name(export.caller, &if several { format!("{end}-{:03}", place + 1) } else { end.clone() }),
            file: if several { format!("job-{:03}.json", place + 1) } else { "job.json".to_owned() },
            inputs,
            records: part.iter().map(|file| file.records.len() as u64).sum(),
            bytes: part.iter().map(|file| file.bytes).sum(),
        });
    }
    all
}

/// All files but those of the records, of which `records` has the SHA-256 by name; the manifest is last.
///
/// # Errors
/// Never: they are JSON of texts and numbers.
pub fn files(
    export: &Export<'_>,
    jobs: &[Job],
    records: &BTreeMap<String, String>,
) -> Result<Vec<(String, Vec<u8>)>, serde_json::Error> {
    let mut all = Vec::with_capacity(jobs.len() + 3);
    for job in jobs {
        all.push((job.file.clone(), job::json(job, export.target)?));
    }
    all.push(("create-job.sh".to_owned(), job::script(jobs, &export.target.region)));
    let of = |job: &Job| ManifestJob {
        name: job.name.clone(),
        file: job.file.clone(),
        inputs: job.inputs.clone(),
        records: job.records,
        bytes: job.bytes,
    };
    let mut manifest = Manifest {
        kind: Manifest::KIND.to_owned(),
        schema_version: Manifest::VERSION,
        recommendation: export.recommendation.to_owned(),
        account: export.target.account.clone(),
        region: export.target.region.clone(),
        model_id: export.target.model_id.clone(),
        form: export.target.form,
        days: export.days.clone(),
        selected: export.selected,
        records: jobs.iter().map(|job| job.records).sum(),
        left_out: export.left_out.iter().map(|(why, ids)| (why.as_str().to_owned(), ids.clone())).collect(),
        removed: export.removed.iter().map(|(what, many)| ((*what).to_owned(), *many)).collect(),
        limits: export.limits,
        jobs: jobs.iter().map(of).collect(),
        files: BTreeMap::new(),
    };
    // The records are nobody else's.
    all.push((".gitignore".to_owned(), b"*\n".to_vec()));
    all.push(("README.md".to_owned(), readme(export, &manifest).into_bytes()));
    manifest.files = all.iter().map(|(name, bytes)| (name.clone(), hex(bytes))).collect();
    manifest.files.extend(records.clone());
    all.push((Manifest::FILE.to_owned(), manifest.to_json()?));
    Ok(all)
}
