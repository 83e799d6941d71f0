//! Folders and files for their owner alone, and nothing overwritten.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;

use super::EvalError;

/// Refuses a folder that is there and holds something.
pub(crate) fn check_empty(folder: &Path) -> anyhow::Result<()> {
    match folder.read_dir() {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(EvalError::NotEmpty(folder.to_owned()).into()),
            None => Ok(()),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot list {}", folder.display())),
    }
}

/// Writes files below a folder that is new or empty, by relative path.
pub(crate) fn write_all(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    check_empty(folder)?;
    let cannot = || format!("cannot write to {}; help: check the path and the disk", folder.display());
    make(folder).with_context(cannot)?;
    for (path, bytes) in files {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            make(parent).with_context(cannot)?;
        }
        create(&file).and_then(|mut file| file.write_all(bytes)).with_context(cannot)?;
    }
    Ok(())
}

/// Writes one new file.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut open = match create(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(EvalError::Taken(file.to_owned()).into()),
        open => open.with_context(|| format!("cannot write {}; help: check the path and the disk", file.display()))?,
    };
    open.write_all(bytes).with_context(|| format!("cannot write {}; help: check the disk", file.display()))
}

/// Makes a folder with those above it; one that is there becomes its owner's alone.
pub(crate) fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// A new file for its owner alone.
pub(crate) fn create(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
