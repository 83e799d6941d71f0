//! The documents of a knowledge base: which files below a folder they are, each read once, on all cores.
//!
//! A thread holds the text of one document at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use lode_chunking::{DocumentFindings, Study};
use lode_report::SkippedFile;

use crate::input::InputError;
use crate::progress::Progress;
use crate::threads::on_all_cores;

/// Bytes of a document at the most: an ingestion job of a knowledge base takes files up to 50 MB (Amazon Bedrock service
/// quotas, as of 2026-11).
const LARGEST: u64 = 50 * 1_024 * 1_024;
/// What a knowledge base takes for attributes of the file beside it.
const METADATA: &str = ".metadata.json";

/// Why a file that is skipped on purpose is no loss.
pub(super) const ATTRIBUTES: &str = "attributes of the file beside it";

/// Files below a folder.
#[derive(Default)]
pub(super) struct Listed {
    /// By path below the folder, with `/`.
    pub(super) files: BTreeMap<String, (PathBuf, u64)>,
    /// Those that are not read.
    pub(super) skipped: Vec<SkippedFile>,
}

/// Lists what is below a folder, hidden files left out. Links are not followed: they could lead anywhere, or round and round.
pub(super) fn list(folder: &Path) -> Result<Listed, InputError> {
    let mut listed = Listed::default();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, below)) = open.pop() {
        let unreadable = |cause| InputError::Unreadable { path: folder.clone(), cause };
        for entry in folder.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{below}{name}");
            let kind = entry.file_type().map_err(unreadable)?;
            let size = entry.metadata().map_or(0, |meta| meta.len());
            if kind.is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else if !kind.is_file() {
                listed.skipped.push(SkippedFile { path, why: "no regular file" });
            } else if size > LARGEST {
                listed.skipped.push(SkippedFile { path, why: "above 50 MB, which a knowledge base does not take" });
            } else {
                listed.files.insert(path, (entry.path(), size));
            }
        }
    }
    let attributes = |path: &String| path.strip_suffix(METADATA).is_some_and(|of| listed.files.contains_key(of));
    let attributes: Vec<String> = listed.files.keys().filter(|path| attributes(path)).cloned().collect();
    for path in attributes {
        listed.files.remove(&path);
        listed.skipped.push(SkippedFile { path, why: ATTRIBUTES });
    }
    Ok(listed)
}

/// Reads every file and looks at it; those that are no text are added to the skipped, which come out in order.
pub(super) fn study(listed: &mut Listed, study: &Study, draws: bool) -> Vec<DocumentFindings> {
    let progress = Progress::new(listed.files.values().map(|(_, size)| size).sum(), draws);
    let mut queue: Vec<(usize, &String, &PathBuf, u64)> =
        (0..).zip(&listed.files).map(|(place, (path, (file, size)))| (place, path, file, *size)).collect();
    // The largest first, so that no thread is left alone with one at the end.
    queue.sort_by_key(|(place, _, _, size)| (std::cmp::Reverse(*size), *place));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some((place, path, file, size)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            let _bar = progress.file(path, *size);
            found.push((*path, look(*place, file, study)));
        }
        found
    };
    let results: Vec<_> = on_all_cores(queue.len(), work).into_iter().flatten().collect();
    let mut findings = Vec::new();
    for (path, result) in results {
        match result {
            Ok(found) => findings.push(found),
            Err(why) => listed.skipped.push(SkippedFile { path: path.clone(), why }),
        }
    }
    listed.skipped.sort_by(|left, right| left.path.cmp(&right.path));
    progress.finish();
    findings
}

fn look(place: usize, file: &Path, study: &Study) -> Result<DocumentFindings, &'static str> {
    let bytes = std::fs::read(file).map_err(|_| "cannot be read")?;
    if bytes.contains(&0) {
        return Err("no text: a zero byte");
    }
    let text = String::from_utf8(bytes).map_err(|_| "no text: a byte that is not UTF-8")?;
    study.document(place, &text).map_err(|_| "four gigabytes or more")
}
