//! What is printed of an export: counts and names, no text of a call.

use std::fmt::Write as _;
use std::path::Path;

use lode_batch::{Export, Job};
use lode_report::{clean, whole};

use crate::input::quoted;

/// What the export itself does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// Days of the logs with calls that are moved.
    pub(crate) all_days: usize,
    /// Files written.
    pub(crate) files: usize,
}

/// How many days are listed one by one.
const LISTED: usize = 7;

fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", whole(number.into()), if number == 1 { "" } else { "s" })
}

/// The page.
pub(crate) fn page(export: &Export<'_>, jobs: &[Job], folder: &Path, said: Said) -> String {
    let folder = quoted(&clean(&folder.display().to_string()));
    let records: u64 = jobs.iter().map(|job| job.records).sum();
    let bytes: u64 = jobs.iter().map(|job| job.bytes).sum();
    let mut out = String::new();
    let mut add = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let in_jobs = count(jobs.len() as u64, "batch job");
    add(format!(
        "{} for {in_jobs} in {folder}, {}, readable for you alone",
        count(records, "record"),
        count(said.files as u64, "file")
    ));
    add(String::new());
    add(format!("  {:<12}{}", "moves", clean(export.recommendation)));
    add(format!("  {:<12}{} in {}", "model", clean(&export.target.model_id), clean(&export.target.region)));
    add(format!("  {:<12}{}", "form", export.target.form.as_str()));
    let days = match (export.days.first_key_value(), export.days.last_key_value()) {
        (Some((first, _)), Some((last, _))) if export.days.len() > LISTED => {
            format!("{} from {first} to {last}", count(export.days.len() as u64, "day"))
        }
        _ => export
            .days
            .iter()
            .map(|(day, of)| format!("{} of {day}", whole((*of).into())))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let others = said.all_days.saturating_sub(export.days.len());
    let more = if others > 0 {
        format!("; {} more with such calls (--day, --all)", count(others as u64, "day"))
    } else {
        String::new()
    };
    add(format!("  {:<12}{days}{more}", "days"));
    add(format!("  {:<12}{}", "size", count(bytes, "byte")));
    add(String::new());
    let left: Vec<String> = export
        .left_out
        .iter()
        .map(|(why, ids)| format!("{} {}", count(ids.len() as u64, "call"), why.words()))
        .collect();
    if !left.is_empty() {
        add(format!("left out, by request id in manifest.json: {}", left.join("; ")));
    }
    let removed = export.removed.iter().map(|(what, many)| format!("{} {what}", whole((*many).into())));
    let removed: Vec<String> = removed.collect();
    if !removed.is_empty() {
        add(format!("taken out of the bodies: {}", removed.join(", ")));
    }
    for earlier in export.earlier {
        add(format!("not in the records, though the plan does it first: {}", clean(earlier)));
    }
    add(format!("what the run costs: {}", export.price));
    add(String::new());
    add("Nothing was sent. The records hold text of your prompts; README.md says what to check. Next:".to_owned());
    let job = if jobs.len() > 1 { "job-*.json" } else { "job.json" };
    add(format!("  fill in bucket and role in {folder}/{job}, then {folder}/create-job.sh"));
    out
}
