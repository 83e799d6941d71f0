//! The files of the repository, read once: what git tracks or would track. Checks work on this, so that their
//! tests can be made of a few lines in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

/// The root of the repository this program was built from.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Files by their path from the root, with `/` between folders.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Where it was read.
    pub(crate) root: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// Reads what git tracks or would track; outside a git repository, everything but `target` and dot folders.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let listed = match git_files(root) {
            Some(listed) => listed,
            None => walk(root, root)?,
        };
        let mut files = BTreeMap::new();
        for path in listed {
            let full = root.join(&path);
            // git still lists a file that was deleted and not yet staged.
            if full.is_file() {
                files.insert(path, std::fs::read(&full).with_context(|| full.display().to_string())?);
            }
        }
        Ok(Self { root: root.to_path_buf(), files })
    }

    /// A tree in memory.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Self { root: PathBuf::new(), files }
    }

    /// All files, by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// All text files, by path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter_map(|(path, bytes)| Some((path, text(bytes)?)))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).and_then(|bytes| text(bytes))
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Whether a file or folder is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.contains_key(path) || self.files.keys().any(|file| is_below(file, path))
    }

    /// The names of the folders directly below a folder.
    pub(crate) fn folders(&self, below: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(below)?.strip_prefix('/')?.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}

fn is_below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn git_files(root: &Path) -> Option<Vec<String>> {
    let git =
        Command::new("git").args(["ls-files", "-z", "-co", "--exclude-standard"]).current_dir(root).output().ok()?;
    let listed = String::from_utf8(git.stdout).ok()?;
    git.status.success().then(|| listed.split_terminator('\0').map(ToOwned::to_owned).collect())
}

fn walk(root: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                found.extend(walk(root, &path)?);
            }
        } else if let Ok(relative) = path.strip_prefix(root) {
            let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            found.push(parts.join("/"));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_found_by_whole_names() {
        let tree = Tree::of(&[("crates/a/src/lib.rs", ""), ("crates/ab/Cargo.toml", ""), ("README.md", "")]);
        assert_eq!(tree.folders("crates"), ["a", "ab"]);
        assert!(tree.has("crates/a") && tree.has("crates/a/src/") && tree.has("README.md"));
        assert!(!tree.has("crates/a/s") && !tree.has("READ"));
    }

    #[test]
    fn the_repository_has_its_own_source() {
        let tree = Tree::read(&root()).expect("the repository can be read");
        assert!(tree.text("xtask/src/tree.rs").is_some());
        assert!(!tree.files().any(|(path, _)| path.starts_with("target/")));
    }

    #[test]
    fn outside_git_everything_but_build_output_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["a/b.txt", "target/c.txt"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, "x").expect("a file");
        }
        assert_eq!(walk(folder.path(), folder.path()).expect("a listing"), ["a/b.txt"]);
    }
}
