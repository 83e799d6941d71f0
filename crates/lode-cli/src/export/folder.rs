//! The folder of an export: its owner's alone, never over what somebody else wrote, and empty again where it fails.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lode_batch::Manifest;

use super::ExportError;
use crate::eval::folder::{create, make};

/// Where records lie while they are made.
const UNFINISHED: &str = ".unfinished";
const SCRIPT: &str = "create-job.sh";

/// Whether a folder is an export: what it holds is no input of a report.
pub(crate) fn is_export(folder: &Path) -> bool {
    folder.join(SCRIPT).is_file() && folder.join(Manifest::FILE).is_file()
}

/// A folder that may be written to. What was written goes again unless it is kept.
pub(crate) struct Folder {
    path: PathBuf,
    /// Files of an earlier export, which go once there is something in their place.
    earlier: Vec<PathBuf>,
    /// Files written so far.
    written: Vec<PathBuf>,
    /// Whether it was made here.
    made: bool,
}

impl Folder {
    /// Looks at a folder, and changes nothing.
    ///
    /// # Errors
    /// When it holds something that may not be overwritten.
    pub(crate) fn at(path: &Path, overwrite: bool) -> anyhow::Result<Self> {
        let mut folder = Self { path: path.to_owned(), earlier: Vec::new(), written: Vec::new(), made: false };
        let entries = match path.read_dir() {
            Ok(entries) => entries.collect::<Result<Vec<_>, _>>(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder.made = true;
                return Ok(folder);
            }
            Err(error) => Err(error),
        };
        let entries = entries.with_context(|| format!("cannot list {}", path.display()))?;
        // What a run that was killed has left.
        if entries.iter().all(|entry| entry.file_name() == UNFINISHED) {
            return Ok(folder);
        }
        let manifest = std::fs::read(path.join(Manifest::FILE)).ok().and_then(|json| Manifest::read(&json).ok());
        let Some(manifest) = manifest else { return Err(ExportError::NotOurs(path.to_owned()).into()) };
        if !overwrite {
            return Err(ExportError::Earlier(path.to_owned()).into());
        }
        // A name comes out of a file: it may name a file of this folder and nothing else.
        let own = |name: &&String| !name.is_empty() && **name != ".." && !name.contains(['/', '\\', ':', '\0']);
        folder.earlier = manifest.files.keys().filter(own).map(|name| path.join(name)).collect();
        folder.earlier.push(path.join(Manifest::FILE));
        Ok(folder)
    }

    /// The hidden file for records on their way.
    pub(crate) fn unfinished(&mut self) -> anyhow::Result<File> {
        let file = self.path.join(UNFINISHED);
        let open = || {
            make(&self.path)?;
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&file)
        };
        open().with_context(|| self.cannot())
    }

    /// Takes an earlier export away.
    pub(crate) fn clear(&mut self) -> anyhow::Result<()> {
        for file in std::mem::take(&mut self.earlier) {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(|| self.cannot()),
                _ => {}
            }
        }
        Ok(())
    }

    /// A new file.
    pub(crate) fn create(&mut self, name: &str) -> anyhow::Result<File> {
        let path = self.path.join(name);
        let file = create(&path).with_context(|| self.cannot())?;
        self.written.push(path);
        Ok(file)
    }

    /// A new file of these bytes; a script can be run by its owner.
    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = self.create(name)?;
        file.write_all(bytes).with_context(|| self.cannot())?;
        #[cfg(unix)]
        if name == SCRIPT {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            file.set_permissions(mode).with_context(|| self.cannot())?;
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn cannot(&self) -> String {
        format!("cannot write to {}; help: check the path and the disk", self.path.display())
    }

    /// All is well: what was written stays.
    pub(crate) fn keep(mut self) {
        self.written.clear();
        self.made = false;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing can be done here about a file that does not go.
        let _ = std::fs::remove_file(self.path.join(UNFINISHED));
        for file in &self.written {
            let _ = std::fs::remove_file(file);
        }
        if self.made {
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}
