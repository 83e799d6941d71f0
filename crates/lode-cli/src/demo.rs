//! `lode demo`: a synthetic estate, written as the files AWS would deliver and, where no folder is named, read back
//! like any other. No short cut: the report comes through the same readers.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lode_synth::{Estate, Habits, Options};

use crate::args::{DemoArgs, HabitsArg, InputArgs, ReportArgs, SortArg};
use crate::{Exit, Shell, commands};

/// A folder that cannot take the files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// There is something in it.
    #[error("{}: found files, expected an empty folder or none; help: name a new folder, nothing is overwritten", .0.display())]
    NotEmpty(PathBuf),
}

pub(crate) fn run(args: &DemoArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let habits = match args.habits {
        HabitsArg::All => Habits::all(),
        HabitsArg::None => Habits::none(),
    };
    let estate = lode_synth::estate(&Options { seed: args.seed, scale: args.scale, habits });
    let as_of = lode_synth::AS_OF.parse().context("the date of the synthetic estate")?;
    if let Some(folder) = &args.write {
        let files = write(&estate, folder)?;
        shell.note(&format!(
            "wrote {files} files to {}; next: lode report {} --as-of {as_of}",
            folder.display(),
            crate::input::quoted(&folder.display().to_string())
        ));
        return Ok(Exit::Made);
    }
    let folder =
        tempfile::Builder::new().prefix("lode-demo-").tempdir().context("a folder for the synthetic estate")?;
    write(&estate, folder.path())?;
    shell.note(&format!(
        "a synthetic month, seed {}, {} per cent: no figure below is anybody's; `lode demo --write DIR` keeps its files",
        args.seed, args.scale
    ));
    let report = ReportArgs {
        input: vec![folder.path().to_owned()],
        sort: SortArg::Priority,
        top: None,
        only: Vec::new(),
        min_savings: None,
        reading: InputArgs { config: None, as_of: Some(as_of), basis: None, trace: None, strict: false },
        writing: args.writing.clone(),
    };
    commands::report(&report, shell)
}

/// Writes the files below `folder`; how many there are.
fn write(estate: &Estate, folder: &Path) -> anyhow::Result<u64> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    if folder.read_dir().with_context(|| format!("cannot list {}", folder.display()))?.next().is_some() {
        return Err(DemoError::NotEmpty(folder.to_owned()).into());
    }
    let mut files = 0;
    estate
        .files(&mut |path, bytes| {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent)?;
            }
            files += 1;
            std::fs::write(file, bytes)
        })
        .with_context(|| format!("cannot write to {}; help: check the path and the disk", folder.display()))?;
    Ok(files)
}
