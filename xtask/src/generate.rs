//! The generated files, and whether the ones in the repository are theirs.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::Context as _;
use lode_recommenders::ALL;

use crate::page::{Entry, ranking};
use crate::tree::Tree;

/// Where the example export goes. Its README and expected totals are written by hand.
const DAY_ONE: &str = "testdata/exports/day-one/";

/// Where the synthetic estate goes. Its README is written by hand.
const ESTATE: &str = "testdata/estate/";
/// Its size, in per cent of the demonstration: large enough for most rules, small enough for a repository.
const ESTATE_SCALE: u32 = 20;

/// Folders that hold generated files and no others, so that one nobody generates any more is found.
const FOLDERS: &[&str] = &[
    "docs/recommenders/",
    "docs/schema/",
    "testdata/exports/day-one/data/",
    "testdata/estate/bill/",
    "testdata/estate/inventory/",
    "testdata/estate/logs/",
    "testdata/estate/metrics/",
];

/// Every generated file, by path.
pub(crate) type Outputs = BTreeMap<String, Vec<u8>>;

/// Generates everything.
pub(crate) fn outputs() -> anyhow::Result<Outputs> {
    let entries = Entry::all(ALL)?;
    let mut files = Outputs::new();
    files.extend(entries.iter().map(|entry| (entry.path(), entry.page().into_bytes())));
    files.insert("docs/ranking.md".to_owned(), ranking(&entries).into_bytes());
    files.insert("docs/schema/report.v1.json".to_owned(), lode_report::v1::schema().into_bytes());
    files.insert("docs/schema/whatif-caching.v1.json".to_owned(), lode_report::whatif_caching_schema().into_bytes());
    files.insert("docs/schema/whatif-capacity.v1.json".to_owned(), lode_report::whatif_capacity_schema().into_bytes());
    files.insert("docs/schema/whatif-chunking.v1.json".to_owned(), lode_report::whatif_chunking_schema().into_bytes());
    files.insert("docs/schema/lode.toml.v1.json".to_owned(), lode_settings::schema().into_bytes());
    files.extend(crate::export::day_one().into_iter().map(|(path, bytes)| (format!("{DAY_ONE}{path}"), bytes)));
    let options = lode_synth::Options { seed: 1, scale: ESTATE_SCALE, habits: lode_synth::Habits::all() };
    lode_synth::estate(&options).files(&mut |path, bytes| {
        files.insert(format!("{ESTATE}{path}"), bytes.to_vec());
        Ok(())
    })?;
    Ok(files)
}

/// How the repository's files differ, one line each.
pub(crate) fn differences(tree: &Tree, outputs: &Outputs) -> Vec<String> {
    let differ = outputs.iter().filter_map(|(path, wanted)| match tree.bytes(path) {
        Some(found) if same(path, found, wanted) => None,
        Some(_) => Some(format!("{path}: differs; run `cargo xtask generate`")),
        None => Some(format!("{path}: missing; run `cargo xtask generate`")),
    });
    differ.chain(strays(tree, outputs).map(|path| format!("{path}: nothing generates this; delete it"))).collect()
}

/// Whether two contents of a file are the same. Of a gzip file what is in it counts: the compressed bytes may differ
/// between versions of the library.
fn same(path: &str, left: &[u8], right: &[u8]) -> bool {
    let unpacked = |bytes: &[u8]| {
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).ok().map(|_| text)
    };
    left == right || path.ends_with(".gz") && unpacked(left).is_some_and(|text| Some(text) == unpacked(right))
}

fn strays<'a>(tree: &'a Tree, outputs: &'a Outputs) -> impl Iterator<Item = &'a str> {
    tree.files()
        .map(|(path, _)| path)
        .filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)) && !outputs.contains_key(*path))
}

/// Writes the files that differ and says which.
pub(crate) fn write(tree: &Tree, outputs: &Outputs) -> anyhow::Result<Vec<String>> {
    let mut said = Vec::new();
    let is_there = |path: &str, wanted: &[u8]| tree.bytes(path).is_some_and(|found| same(path, found, wanted));
    for (path, wanted) in outputs.iter().filter(|(path, wanted)| !is_there(path, wanted)) {
        let full = tree.root.join(path);
        if let Some(folder) = full.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::write(&full, wanted).with_context(|| full.display().to_string())?;
        said.push(format!("wrote {path}"));
    }
    said.extend(strays(tree, outputs).map(|path| format!("left {path}: nothing generates it; delete it")));
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    const NONE: [&str; 0] = [];

    #[test]
    fn generated_files_are_current() {
        let tree = Tree::read(&root()).expect("the repository");
        assert_eq!(differences(&tree, &outputs().expect("generated files")), NONE);
    }

    #[test]
    fn the_same_twice() {
        assert_eq!(outputs().expect("generated files"), outputs().expect("generated files"));
    }

    #[test]
    fn changed_missing_and_stray_files_are_named() {
        let outputs = Outputs::from([
            ("docs/recommenders/a.md".to_owned(), b"a".to_vec()),
            ("docs/recommenders/b.md".to_owned(), b"b".to_vec()),
            ("docs/recommenders/c.md".to_owned(), b"c".to_vec()),
        ]);
        let tree = Tree::of(&[
            ("docs/recommenders/a.md", "a"),
            ("docs/recommenders/b.md", "edited"),
            ("docs/recommenders/old.md", ""),
            ("docs/architecture.md", ""),
        ]);
        assert_eq!(
            differences(&tree, &outputs),
            [
                "docs/recommenders/b.md: differs; run `cargo xtask generate`",
                "docs/recommenders/c.md: missing; run `cargo xtask generate`",
                "docs/recommenders/old.md: nothing generates this; delete it",
            ]
        );
    }

    #[test]
    fn gzip_files_are_compared_by_what_is_in_them() {
        let packed = |level: u32| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
            std::io::Write::write_all(&mut encoder, &b"1,2,3\n".repeat(100)).expect("packed");
            encoder.finish().expect("packed")
        };
        let (stored, best) = (packed(0), packed(9));
        assert_ne!(stored, best);
        assert!(same("a.csv.gz", &stored, &best));
        assert!(!same("a.csv", &stored, &best));
        assert!(!same("a.csv.gz", b"no gzip", b"nor this"));
    }

    #[test]
    fn writing_settles_every_difference_but_strays() {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = Outputs::from([("docs/recommenders/a.md".to_owned(), b"a".to_vec())]);
        let read = || Tree::read(folder.path()).expect("a tree");
        assert_eq!(write(&read(), &outputs).expect("written"), ["wrote docs/recommenders/a.md"]);
        assert_eq!(differences(&read(), &outputs), NONE);
        assert_eq!(write(&read(), &outputs).expect("nothing to do"), NONE);
    }
}
