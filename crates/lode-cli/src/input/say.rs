//! What is said, beside the report, of files and rows that could not be used.

use lode_model::{Loss, Metrics, Rejected};
use lode_report::Sources;

use crate::Shell;

pub(super) fn say(sources: &Sources, shell: &mut Shell<'_>) {
    for (file, why) in sources.skipped.iter().take(10) {
        // The whole story is for a run that found nothing; here a word will do.
        let why = why.split(": ").find(|part| !part.starts_with("row 0")).unwrap_or(why);
        shell.note(&format!("skipped {file}: {why}"));
    }
    say_rejected(sources.rejected.iter().cloned(), sources.rejected_more, "--format json", shell);
}

/// Says which metrics cannot be used.
pub(super) fn say_metrics(metrics: &Metrics, shell: &mut Shell<'_>) {
    for metric in metrics.rejected.iter().take(5) {
        let (file, name) = (metric.file.display(), &metric.name);
        shell.note(&format!("rejected {file}: {name}: found {}; help: {}", metric.found, metric.help));
    }
    let more = metrics.rejected.len().saturating_sub(5);
    if more > 0 {
        shell.note(&format!("rejected {more} more metrics"));
    }
}

/// Says of the first few rows or files what is wrong with them, and what lists more; `not_listed` are beyond those.
pub(crate) fn say_rejected(
    rejected: impl Iterator<Item = Rejected>,
    not_listed: u64,
    list: &str,
    shell: &mut Shell<'_>,
) {
    let mut more = 0;
    for (place, r) in rejected.enumerate() {
        if place >= 5 {
            more += 1;
            continue;
        }
        let row = r.row.map(|row| format!(": row {row}")).unwrap_or_default();
        let column = r.column.as_ref().map(|column| format!(": column {column}")).unwrap_or_default();
        let kept = r.kept.map(|kept| format!("; {} kept in the totals", kept.to_usd())).unwrap_or_default();
        let word = if r.loss == Loss::Nothing { "noted" } else { "rejected" };
        shell.note(&format!(
            "{word} {}{row}{column}: found {}, expected {}{kept}",
            r.file.display(),
            r.found,
            r.expected
        ));
    }
    if more > 0 {
        shell.note(&format!("rejected {more} more; {list} lists the first of them"));
    }
    if not_listed > 0 {
        shell.note(&format!("rejected {not_listed} more that are not listed"));
    }
}
