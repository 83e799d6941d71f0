//! Which files of a folder are the bill: what manifests list, and of several executions of an export the newest.
//!
//! Pure: paths and the text of manifests in, lists of paths out. Files are told apart by their billing period's folder
//! (`BILLING_PERIOD=2026-10`, `20261001-20261101`, `year=2026/month=10`); below it, an export that keeps its versions has
//! one folder an execution. Sources: AWS, "Viewing Cost and Usage Report files" and "Data Exports delivery" (copies of
//! 2026); the key names of Data Exports' manifests are not documented, so any list of data files in one is taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::periods::{folder_of, period_at};

/// Endings of files that hold billing rows.
const DATA: [&str; 6] = [".csv", ".csv.gz", ".csv.zip", ".parquet", ".gz", ".zip"];

/// A manifest: which files AWS delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    file: PathBuf,
    /// Keys of objects in S3, as far as they hold billing rows.
    keys: Vec<String>,
}

impl Manifest {
    /// Reads the text of a JSON file; `None` where it lists no data file.
    #[must_use]
    pub fn parse(file: &Path, text: &str) -> Option<Self> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        let mut keys = BTreeSet::new();
        match json.get("reportKeys") {
            Some(listed) => collect(listed, &mut keys),
            None => collect(&json, &mut keys),
        }
        let keys: Vec<String> = keys.into_iter().collect();
        (!keys.is_empty()).then(|| Self { file: file.to_path_buf(), keys })
    }
}

fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => {
            let plain = text.to_ascii_lowercase();
            if DATA.iter().any(|ending| plain.ends_with(ending)) && plain.contains('/') {
                keys.insert(text.clone());
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        serde_json::Value::Object(fields) => fields.values().for_each(|item| collect(item, keys)),
        _ => {}
    }
}

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Files of the bill, in order.
    pub read: Vec<PathBuf>,
    /// Files of older versions, and why they are left aside.
    pub left: Vec<(PathBuf, String)>,
    /// What says that the bill is not whole: files that a manifest lists and that are not here, and files beside those
    /// listed that it does not list (nothing is amiss where such a file is empty).
    pub doubts: Vec<(PathBuf, String)>,
}

/// A path from its billing period on, and the folder before that.
struct Placed<'a> {
    root: Vec<&'a str>,
    /// The period's folder, lower case: one component or two.
    period: String,
    /// Folders below the period, and the file.
    below: Vec<&'a str>,
}

impl<'a> Placed<'a> {
    fn of(names: Vec<&'a str>) -> Option<Self> {
        let folders = names.len().checked_sub(1)?;
        let at = (0..folders).rev().find(|at| period_at(&names, *at).is_some())?;
        let start = if names[at].to_ascii_lowercase().starts_with("month=") { at - 1 } else { at };
        Some(Self {
            root: names[..start].to_vec(),
            period: names[start..=at].join("/").to_ascii_lowercase(),
            below: names[at + 1..].to_vec(),
        })
    }

    fn of_path(path: &'a Path) -> Option<Self> {
        Self::of(path.components().filter_map(|component| component.as_os_str().to_str()).collect())
    }

    /// The execution's folder; empty where files stand in the period's folder itself.
    fn version(&self) -> String {
        self.below[..self.below.len().saturating_sub(1)].join("/")
    }

    fn group(&self) -> (String, String) {
        (self.root.join("/"), self.period.clone())
    }
}

/// The components of an S3 key.
fn parts_of(key: &str) -> Vec<&str> {
    key.strip_prefix("s3://").unwrap_or(key).split('/').filter(|part| !part.is_empty()).collect()
}

/// Of files that may hold billing rows, those to read.
#[must_use]
pub fn deliver(files: &[PathBuf], manifests: &[Manifest]) -> Delivery {
    let mut delivery = Delivery::default();
    let mut groups: BTreeMap<(String, String), Vec<(&PathBuf, String)>> = BTreeMap::new();
    for file in files {
        match Placed::of_path(file) {
            Some(placed) => groups.entry(placed.group()).or_default().push((file, placed.version())),
            None => delivery.read.push(file.clone()),
        }
    }
    let listed: Vec<Listed<'_>> = manifests.iter().map(|manifest| Listed::of(manifest, files)).collect();
    for group in groups.values() {
        of_period(group, &listed, &mut delivery);
    }
    // A flat copy: manifest and files in one folder without a period's name.
    for list in &listed {
        let flat = list.here.iter().any(|file| Placed::of_path(file).is_none());
        if flat {
            delivery.doubts.extend(list.absent());
        }
    }
    delivery.read.sort();
    delivery.left.sort();
    delivery.doubts.sort();
    delivery.doubts.dedup();
    delivery
}

/// A manifest, and which of its files are here.
struct Listed<'a> {
    manifest: &'a Manifest,
    here: BTreeSet<&'a PathBuf>,
    missing: Vec<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(manifest: &'a Manifest, files: &'a [PathBuf]) -> Self {
        let mut listed = Self { manifest, here: BTreeSet::new(), missing: Vec::new() };
        for key in &manifest.keys {
            let found = find(key, manifest, files);
            if found.is_empty() {
                listed.missing.push(key);
            }
            listed.here.extend(found);
        }
        listed
    }

    fn absent(&self) -> Vec<(PathBuf, String)> {
        let said = |key: &&str| (self.manifest.file.clone(), format!("{key} is listed and not here"));
        self.missing.iter().map(said).collect()
    }

    /// Whether it stands in the folder of one execution and speaks of that alone.
    fn is_of_one_version(&self) -> bool {
        Placed::of_path(&self.manifest.file).is_some_and(|placed| !placed.version().is_empty())
    }
}

/// The files here that a key means: the same from the period's folder on, and of those the nearest by what stands
/// before it. Without a period's folder: the same name in the manifest's folder.
fn find<'a>(key: &str, manifest: &Manifest, files: &'a [PathBuf]) -> Vec<&'a PathBuf> {
    let parts = parts_of(key);
    let Some(wanted) = Placed::of(parts.clone()) else { return beside(&parts, manifest, files) };
    let mut best: (usize, Vec<&PathBuf>) = (0, Vec::new());
    for file in files {
        let Some(placed) = Placed::of_path(file) else { continue };
        if placed.period != wanted.period || placed.below != wanted.below {
            continue;
        }
        let before = placed.root.iter().rev().zip(wanted.root.iter().rev()).take_while(|(a, b)| a == b).count() + 1;
        match before.cmp(&best.0) {
            std::cmp::Ordering::Greater => best = (before, vec![file]),
            std::cmp::Ordering::Equal => best.1.push(file),
            std::cmp::Ordering::Less => {}
        }
    }
    if best.1.is_empty() { beside(&parts, manifest, files) } else { best.1 }
}

fn beside<'a>(parts: &[&str], manifest: &Manifest, files: &'a [PathBuf]) -> Vec<&'a PathBuf> {
    let Some(name) = parts.last() else { return Vec::new() };
    let folder = folder_of(&manifest.file);
    let same = |file: &&PathBuf| {
        file.file_name().is_some_and(|found| found.to_str() == Some(name))
            && folder_of(file) == folder
            && Placed::of_path(file).is_none()
    };
    files.iter().filter(same).collect()
}

/// One billing period of one export.
fn of_period(group: &[(&PathBuf, String)], listed: &[Listed<'_>], delivery: &mut Delivery) {
    let speaks = |list: &&Listed<'_>| group.iter().any(|(file, _)| list.here.contains(file));
    let deciding: Vec<&Listed<'_>> = listed.iter().filter(speaks).filter(|list| !list.is_of_one_version()).collect();
    if !deciding.is_empty() {
        let names = deciding[0].manifest.file.display();
        for (file, _) in group {
            if deciding.iter().any(|list| list.here.contains(file)) {
                delivery.read.push((*file).clone());
            } else {
                delivery
                    .left
                    .push(((*file).clone(), format!("not listed in {names}, which decides what its period is")));
                // An older execution has a folder of its own; a chunk beside those listed may be newer than the list.
                if deciding.iter().any(|list| list.here.iter().any(|listed| folder_of(listed) == folder_of(file))) {
                    delivery
                        .doubts
                        .push(((*file).clone(), format!("a file that {names} does not list beside its own")));
                }
            }
        }
        delivery.doubts.extend(deciding.iter().flat_map(|list| list.absent()));
        return;
    }
    let newest = newest_version(group);
    for (file, version) in group {
        match newest {
            Some(newest) if newest != version => {
                let why = format!("an older execution of the export: {newest} is the newest of its period here");
                delivery.left.push(((*file).clone(), why));
            }
            _ => delivery.read.push((*file).clone()),
        }
    }
    for list in listed.iter().filter(speaks) {
        if delivery.read.iter().any(|file| list.here.contains(file)) {
            delivery.doubts.extend(list.absent());
        }
    }
}

/// The newest of several executions, where all say when they ran.
fn newest_version<'a>(group: &'a [(&PathBuf, String)]) -> Option<&'a String> {
    let versions: BTreeSet<&String> = group.iter().map(|(_, version)| version).collect();
    if versions.len() < 2 {
        return None;
    }
    let dated: Option<Vec<(String, &String)>> =
        versions.into_iter().map(|version| Some((ran_at(version)?, version))).collect();
    dated?.into_iter().max().map(|(_, version)| version)
}

/// The digits of the time that an execution's folder begins with: `2024-05-18T20:16:37.306Z-<id>`,
/// `20250307T053621Z-<id>`.
fn ran_at(version: &str) -> Option<String> {
    let time = &version[..version.find('Z')?];
    let (day, clock) = time.split_once('T')?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'_'));
    let (day, seconds) = (digits(day), digits(clock));
    (plain(time.split_once('T')?.0) && plain(clock) && day.len() == 8 && seconds.len() >= 6)
        .then(|| format!("{day}{seconds}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    fn read(names: &[&str], manifests: &[(&str, &str)]) -> Delivery {
        let manifests: Vec<Manifest> =
            manifests.iter().map(|(file, text)| Manifest::parse(Path::new(file), text).expect("a manifest")).collect();
        deliver(&paths(names), &manifests)
    }

    #[test]
    fn of_several_executions_the_newest_counts() {
        let old = "x/data/BILLING_PERIOD=2026-10/2026-10-18T20:16:37.306Z-aa/e-00001.csv.gz";
        let new = "x/data/BILLING_PERIOD=2026-10/2026-11-02T00:16:37.306Z-00/e-00001.csv.gz";
        let september = "x/data/BILLING_PERIOD=2026-09/2026-10-02T20:16:37.306Z-bb/e-00001.csv.gz";
        let delivery = read(&[old, new, september], &[]);
        assert_eq!(delivery.read, paths(&[september, new]));
        assert_eq!(delivery.left.len(), 1);
        assert!(delivery.left[0].0 == Path::new(old) && delivery.left[0].1.contains("older execution"));
        // Without times nothing says which is newer: the reader compares them.
        let unknown = ["r/20261001-20261101/aa-1/r-1.csv.gz", "r/20261001-20261101/bb-2/r-1.csv.gz"];
        assert_eq!(read(&unknown, &[]).read, paths(&unknown));
    }

    #[test]
    fn the_manifest_of_the_period_decides() {
        let files = ["r/20261001-20261101/aa-1/r-1.csv.gz", "r/20261001-20261101/bb-2/r-1.csv.gz"];
        let of = |assembly: &str, chunks: u32| {
            let keys: Vec<String> =
                (1..=chunks).map(|n| format!("\"p/r/20261001-20261101/{assembly}/r-{n}.csv.gz\"")).collect();
            format!(r#"{{"assemblyId":"{assembly}","reportKeys":[{}]}}"#, keys.join(","))
        };
        let (first, second) = (of("aa-1", 1), of("bb-2", 2));
        // Each execution's own manifest, and the one above them, which is the newest.
        let delivery = read(
            &files,
            &[
                ("r/20261001-20261101/aa-1/r-Manifest.json", first.as_str()),
                ("r/20261001-20261101/bb-2/r-Manifest.json", second.as_str()),
                ("r/20261001-20261101/r-Manifest.json", second.as_str()),
            ],
        );
        assert_eq!(delivery.read, paths(&files[1..]));
        assert!(delivery.left[0].1.contains("not listed in r/20261001-20261101/r-Manifest.json"), "{delivery:?}");
        assert_eq!(delivery.doubts.len(), 1, "the second chunk was never delivered: {delivery:?}");
        assert_eq!(delivery.doubts[0].1, "p/r/20261001-20261101/bb-2/r-2.csv.gz is listed and not here");
    }

    #[test]
    fn a_data_export_has_its_manifest_in_another_folder() {
        let files = [
            "e/data/BILLING_PERIOD=2026-10/e-00001.snappy.parquet",
            "e/data/BILLING_PERIOD=2026-10/e-00009.snappy.parquet",
            "other/data/BILLING_PERIOD=2026-10/e-00001.snappy.parquet",
        ];
        let manifest = r#"{"files":[{"uri":"s3://bucket/p/e/data/BILLING_PERIOD=2026-10/e-00001.snappy.parquet"}]}"#;
        let delivery = read(&files, &[("e/metadata/BILLING_PERIOD=2026-10/e-Manifest.json", manifest)]);
        assert_eq!(delivery.read, paths(&[files[0], files[2]]), "another export is not its business");
        assert_eq!(delivery.left.iter().map(|(file, _)| file.as_path()).collect::<Vec<_>>(), [Path::new(files[1])]);
        assert_eq!(delivery.doubts.len(), 1, "a chunk beside the listed one may be newer than the list");
        assert!(
            delivery.doubts[0].0 == Path::new(files[1]) && delivery.doubts[0].1.starts_with("a file that e/metadata")
        );
        let executions = read(
            &[
                "e/data/BILLING_PERIOD=2026-10/20261018T000000Z-aa/e-00001.csv.gz",
                "e/data/BILLING_PERIOD=2026-10/20261102T000000Z-bb/e-00001.csv.gz",
            ],
            &[
                (
                    "e/metadata/BILLING_PERIOD=2026-10/20261018T000000Z-aa/e-Manifest.json",
                    r#"["b/e/data/BILLING_PERIOD=2026-10/20261018T000000Z-aa/e-00001.csv.gz"]"#,
                ),
                (
                    "e/metadata/BILLING_PERIOD=2026-10/20261102T000000Z-bb/e-Manifest.json",
                    r#"["b/e/data/BILLING_PERIOD=2026-10/20261102T000000Z-bb/e-00001.csv.gz"]"#,
                ),
            ],
        );
        assert_eq!(executions.read.len(), 1, "each execution's own manifest decides nothing: {executions:?}");
        assert!(executions.read[0].to_string_lossy().contains("-bb/"));
    }

    #[test]
    fn a_flat_copy_is_matched_by_name() {
        let manifest =
            r#"{"reportKeys":["p/r/20261001-20261101/aa/r-1.csv.gz","p/r/20261001-20261101/aa/r-2.csv.gz"]}"#;
        let delivery = read(&["copy/r-1.csv.gz"], &[("copy/r-Manifest.json", manifest)]);
        assert_eq!((delivery.read.len(), delivery.doubts.len()), (1, 1), "{delivery:?}");
        let nothing = read(&["elsewhere/r-1.csv.gz"], &[("copy/r-Manifest.json", manifest)]);
        assert_eq!((nothing.read.len(), nothing.doubts.len()), (1, 0), "it speaks of nothing here");
    }

    #[test]
    fn other_json_is_no_manifest() {
        for text in ["{}", "[1]", "{", r#"{"columns":[{"name":"a.csv"}]}"#] {
            assert_eq!(Manifest::parse(Path::new("m.json"), text), None, "{text}");
        }
    }
}
