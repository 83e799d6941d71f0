//! Pieces of a trace, in memory or in a file, and all of them together as one [`Trace`].

use std::collections::BTreeMap;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use jiff::Timestamp;
use lode_frames::{TableFile, TableWriter};
use lode_model::{AccountId, ModelId, Region, Request, Trace, TraceError};
use lode_trace::{Block, Group, Merge, Run, Source, requests};
use serde::{Deserialize, Serialize};

use super::contents::{ContentsError, Identity, meta};
use super::gather::Staging;

/// Requests of a block of a part: few, because a merge holds a block of every part.
pub(crate) const ROWS_PER_BLOCK: usize = 8_192;

/// A piece of a trace. What is in two of them is there once when they are merged.
#[derive(Debug)]
pub(crate) enum Part {
    Memory(Run),
    File(PartFile),
}

/// A piece in a file.
#[derive(Clone, Debug)]
pub(crate) struct PartFile {
    pub(crate) path: PathBuf,
    /// What its bytes must hash to, where that is known.
    pub(crate) checksum: Option<String>,
    pub(crate) stretches: Vec<Stretch>,
}

/// The blocks of one group in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stretch {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) model: String,
    /// Row groups of the file.
    pub(crate) blocks: Range<usize>,
    /// When the first request was made.
    pub(crate) first: Timestamp,
    /// When the last one was.
    pub(crate) last: Timestamp,
}

impl Stretch {
    pub(crate) fn new(group: &Group, blocks: Range<usize>, (first, last): (Timestamp, Timestamp)) -> Self {
        let (account, region, model) = group;
        Self {
            account: account.as_str().to_owned(),
            region: region.as_str().to_owned(),
            model: model.as_str().to_owned(),
            blocks,
            first,
            last,
        }
    }

    fn group(&self) -> Group {
        let Self { account, region, model, .. } = self;
        (AccountId::from(account.as_str()), Region::from(region.as_str()), ModelId::from(model.as_str()))
    }

    fn is_of(&self, (account, region, model): &Group) -> bool {
        self.account == account.as_str() && self.region == region.as_str() && self.model == model.as_str()
    }
}

impl Part {
    pub(crate) fn groups(&self) -> Vec<Group> {
        match self {
            Self::Memory(run) => run.groups().cloned().collect(),
            Self::File(file) => file.stretches.iter().map(Stretch::group).collect(),
        }
    }

    /// When the first and the last request of a group were made.
    pub(crate) fn span(&self, group: &Group) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Memory(run) => run.block(group)?.span(),
            Self::File(file) => {
                file.stretches.iter().find(|stretch| stretch.is_of(group)).map(|it| (it.first, it.last))
            }
        }
    }

    /// The requests of a group.
    pub(crate) fn source(&self, group: &Group) -> Source<'static, anyhow::Error> {
        match self {
            Self::Memory(run) => run.source(group),
            Self::File(file) => {
                let of_group: Vec<Range<usize>> = file
                    .stretches
                    .iter()
                    .filter(|stretch| stretch.is_of(group))
                    .map(|stretch| stretch.blocks.clone())
                    .collect();
                blocks(file.path.clone(), file.checksum.clone(), of_group.into_iter().flatten().collect())
            }
        }
    }
}

/// Blocks of a file, by number. The file is opened, and compared with its checksum, when the first one is asked for.
pub(crate) fn blocks(
    path: PathBuf,
    mut expected: Option<String>,
    numbers: Vec<usize>,
) -> Source<'static, anyhow::Error> {
    let mut open: Option<TableFile> = None;
    Box::new(numbers.into_iter().map(move |number| {
        if let Some(expected) = expected.take() {
            let found = checksum(&path).with_context(|| path.display().to_string())?;
            if found != expected {
                let file = path.clone();
                return Err(ContentsError::Changed { file, found, expected }.into());
            }
        }
        let file = match open.take() {
            Some(file) => file,
            None => TableFile::open(&path)?,
        };
        let block = Block::of(&file.read(number)?).with_context(|| format!("{}: block {number}", path.display()))?;
        open = Some(file);
        Ok(Arc::new(block))
    }))
}

/// The checksum of a file, hexadecimal.
pub(crate) fn checksum(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(format!("{:016x}", hash.digest())),
            read => hash.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

/// Writes a run to a file.
pub(crate) fn write_run(run: &Run, path: &Path, identity: &Identity) -> anyhow::Result<PartFile> {
    let mut writer = TableWriter::create(path, &meta(identity))?;
    let mut stretches = Vec::new();
    let mut written = 0;
    for block in run.blocks() {
        let start = written;
        for table in block.tables(ROWS_PER_BLOCK) {
            writer.write(&table?)?;
            written += 1;
        }
        let Some(span) = block.span() else { continue };
        stretches.push(Stretch::new(block.group(), start..written, span));
    }
    writer.finish()?;
    Ok(PartFile { path: path.to_owned(), checksum: None, stretches })
}

/// All parts as one trace.
#[derive(Debug)]
pub(crate) struct Parts {
    parts: Vec<Part>,
    /// Places in `parts` of those that have a group.
    places: BTreeMap<Group, Vec<usize>>,
    /// Holds what was too much for memory.
    _staging: Option<Staging>,
    /// Requests of each group that was read, each once.
    read: Mutex<BTreeMap<Group, u64>>,
}

impl Parts {
    /// A trace of these parts; those of this run are in `staging`.
    pub(crate) fn new(parts: Vec<Part>, staging: Option<Staging>) -> Self {
        let mut places: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
        for (place, part) in parts.iter().enumerate() {
            for group in part.groups() {
                places.entry(group).or_default().push(place);
            }
        }
        Self { parts, places, _staging: staging, read: Mutex::default() }
    }

    /// How many requests the groups read so far have, each once.
    pub(crate) fn requests_read(&self) -> u64 {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Trace for Parts {
    fn groups(&self) -> Vec<Group> {
        self.places.keys().cloned().collect()
    }

    fn requests(&self, group: &Group, each: &mut dyn FnMut(&Request)) -> Result<(), TraceError> {
        let places = self.places.get(group).into_iter().flatten();
        let sources = places.filter_map(|place| self.parts.get(*place)).map(|part| part.source(group));
        let counts =
            requests(Merge::new(group.clone(), sources), each).map_err(|error| TraceError(format!("{error:#}")))?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(group.clone(), counts.rows_out);
        Ok(())
    }
}
