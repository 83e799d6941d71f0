//! The README of an export: what it is, what to check before it is run, what it costs.

use std::fmt::Write as _;

use crate::input::MARKERS;
use crate::words::{count, whole};
use crate::{Export, Form, LeftOut, Limits, Manifest};

/// A name out of a log or a bill, harmless in Markdown.
fn name(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() && *c != '`').take(300).collect();
    format!("`{text}`")
}

/// A shift of the sentence: what was taken out.
fn removed(manifest: &Manifest) -> String {
    let parts: Vec<String> = manifest.removed.iter().map(|(what, many)| format!("{} {what}", whole(*many))).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

pub(crate) fn readme(export: &Export<'_>, manifest: &Manifest) -> String {
    let mut out = String::new();
    let mut add = |text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{text}");
    };
    let jobs = manifest.jobs.len() as u64;
    add("# Input of a batch inference job\n");
    add(&format!(
        "{} of your own calls, as {} of Amazon Bedrock, for the recommendation\n{}.\n",
        count(manifest.records, "record"),
        count(jobs, "batch job"),
        name(&manifest.recommendation)
    ));
    add(
        "**The `records` files hold text of your prompts.** Keep them where only those who may read the logs can read them, and",
    );
    add("delete the folder when the job has run. Nothing has been sent anywhere and nothing has been started.\n");
    add(
        "These calls were answered once already. Running them is a trial: of the way (role, bucket, quotas, how long it takes)",
    );
    add(
        "and of the answers. To save, let the application write such records itself in place of calling, and read the answers",
    );
    add("when the job is done.\n");
    add("| file | what it is |\n|---|---|");
    add("| `records….jsonl` | a call a line: `{\"recordId\": …, \"modelInput\": {…}}` |");
    add("| `job….json` | the input of `CreateModelInvocationJob`, with placeholders for the bucket and the role |");
    add("| `create-job.sh` | uploads the records and makes the job |");
    add("| `manifest.json` | counts, what was left out by request id, SHA-256 of the files |\n");
    add("## What is in it\n");
    add(&format!(
        "- Model: {}, form {}, in {}.",
        name(&manifest.model_id),
        manifest.form.as_str(),
        name(&manifest.region)
    ));
    let days: Vec<String> =
        manifest.days.iter().map(|(day, records)| format!("{} of {day}", whole(*records))).collect();
    add(&format!(
        "- Days (UTC): {}. The recommendation selects {} in the logs.",
        days.join(", "),
        count(manifest.selected, "call")
    ));
    add(&format!("- Taken out of the bodies: {}.", removed(manifest)));
    for reason in LeftOut::ALL {
        if let Some(ids) = manifest.left_out.get(reason.as_str()) {
            add(&format!("- Left out: {} {}.", count(ids.len() as u64, "call"), reason.words()));
        }
    }
    for earlier in export.earlier {
        add(&format!(
            "- The plan first says: {}. The records are the calls as they were made, without it.",
            name(earlier)
        ));
    }
    add(
        "- A `recordId` is the request id without its hyphens (where it is no UUID and has other characters, `x` and 31 digits of",
    );
    add("  its SHA-256). Answers come in any order and are told by it.\n");
    add("## What it costs\n");
    add(&format!("{}\n", export.price.trim()));
    add("## Before you run it\n");
    add(&format!(
        "1. Fill in the bucket and the role in {}. Both belong to account {} and the bucket best to {}.",
        list_of(manifest),
        name(&manifest.account),
        name(&manifest.region)
    ));
    add(
        "   The role trusts `bedrock.amazonaws.com` and may read the input, write the output and call the model and, of an inference",
    );
    add("   profile, its model in every region (User Guide, batch-iam-sr).");
    add("2. Look up the quotas of the model in Service Quotas; what this folder keeps to stands below.");
    if manifest.form == Form::InvokeModel {
        add(
            "3. A guardrail of `InvokeModel` travels in a header, which logs do not show: if the application uses one, the job will not.",
        );
    } else {
        add("3. Calls that ask for a guardrail are left out: AWS does not say that batch applies one.");
    }
    let markers = manifest.removed.get(MARKERS).copied().unwrap_or_default();
    add(&format!(
        "4. Nothing is cached in batch{}.",
        if markers > 0 {
            format!(
                ": {} {} taken out, and every token is paid as input",
                count(markers, "cache marker"),
                if markers == 1 { "is" } else { "are" }
            )
        } else {
            String::new()
        }
    ));
    add(&format!(
        "5. There is no promise of when a job is done: a day is usual. This one expires after {}, and what is not done by then is not\n   done at all.",
        count(export.target.hours.into(), "hour")
    ));
    add("6. `lode export batch --check records….jsonl` says line by line what a job would not take.\n");
    add("```\n./create-job.sh\naws bedrock list-model-invocation-jobs --name-contains lode-\n```\n");
    add("## Limits\n");
    let limits = manifest.limits;
    add("| | |\n|---|---|");
    for (what, number) in [
        ("fewest records of a job", limits.min_records),
        ("most records of a file", limits.records_per_file),
        ("most records of a job", limits.records_per_job),
        ("most bytes of a file", limits.bytes_per_file),
        ("most bytes of a job", limits.bytes_per_job),
    ] {
        add(&format!("| {what} | {} |", whole(number)));
    }
    let own =
        if limits == Limits::default() { "As of" } else { "Some are given on the command line; the others as of" };
    add(&format!("\n{own} {}: {}", Limits::as_of(), Limits::source()));
    out
}

fn list_of(manifest: &Manifest) -> String {
    let files: Vec<String> = manifest.jobs.iter().map(|job| format!("`{}`", job.file)).collect();
    match &files[..] {
        [one] => one.clone(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    }
}
