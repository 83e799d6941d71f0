//! INPUT of a command that needs requests and no bill.

use std::path::{Path, PathBuf};

use lode_model::{CallerKey, Inventory};
use lode_report::Sources;

use super::{Found, InputError, LISTED, Listed, find, is_kept, list_all, read_inventory, read_logs, say, sort};
use crate::Shell;
use crate::bill_files::size;
use crate::digest;
use crate::digest::gather::MEMORY;
use crate::digest::parts::Parts;
use crate::progress::Progress;

/// What is known of requests, whatever was billed.
pub(crate) struct Requests {
    pub(crate) trace: Parts,
    pub(crate) inventory: Inventory,
    /// Whether rows or files could not be used.
    pub(crate) rejected: bool,
}

/// Reads the logs and traces named, and inventory beside them; bills are left aside unread.
pub(crate) fn requests(
    input: &[PathBuf],
    caller_keys: &[CallerKey],
    keep: Option<&Path>,
    shell: &mut Shell<'_>,
) -> anyhow::Result<Requests> {
    requests_of(input, look(input, keep)?, "", caller_keys, keep, shell)
}

/// Finds out what the files are.
pub(super) fn look(input: &[PathBuf], keep: Option<&Path>) -> Result<Found, InputError> {
    let Listed { files, mut traces } = list_all(input)?;
    traces.retain(|folder| !is_kept(folder, keep));
    Ok(Found { traces, ..find(&files)? })
}

/// Reads the logs and traces found; `or` is what else could have been among them.
pub(super) fn requests_of(
    input: &[PathBuf],
    mut found: Found,
    or: &str,
    caller_keys: &[CallerKey],
    keep: Option<&Path>,
    shell: &mut Shell<'_>,
) -> anyhow::Result<Requests> {
    let bytes = found.logs.iter().chain(&found.inventory).map(|file| size(file)).sum();
    let progress = Progress::new(bytes, shell.draws);
    let inventory = read_inventory(&mut found, &progress);
    let logs = read_logs(&mut found, caller_keys, keep, MEMORY, &progress)?;
    progress.finish();
    let mut sources = Sources::default();
    let (_, mut broken) = sort(found.fates, &mut sources);
    if logs.sources.is_empty() {
        let bills = found.bill.len() as u64;
        let found = [
            (bills, "of a bill or a table"),
            (sources.inventory_files, "of inventory"),
            (sources.skipped.len() as u64, "of no use"),
        ];
        let found: Vec<String> =
            found.iter().filter(|(files, _)| *files > 0).map(|(files, what)| format!("{files} {what}")).collect();
        let found = if found.is_empty() { "no file".to_owned() } else { format!("files, {}", found.join(", ")) };
        let input = input.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
        return Err(InputError::NoRequests { input, found, or: or.to_owned() }.into());
    }
    broken.extend(digest::rejected(&logs.sources).take(LISTED));
    sources.rejected = broken;
    sources.rejected_more = logs.sources.iter().map(|source| source.rejected_more).sum();
    say(&sources, shell);
    let rejected = sources.rejected_rows() > 0 || sources.incomplete_files() > 0;
    Ok(Requests { trace: Parts::new(logs.parts, logs.staging), inventory, rejected })
}
