//! The scaffolder on the whole workspace: a copy of it gets a new recommender, and cargo tests it there, without the
//! network and without polars.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{LIST, new_recommender};
use crate::tree::{Tree, root};

const ID: &str = "prompt-routing";
/// A test of the copy alone: what the new recommender is in the list there.
const SEEN: &str = "crates/lode-recommenders/tests/seen.rs";
const SEEN_TEXT: &str = r#"//! Written by the test of the scaffolder.

#[test]
fn the_new_recommender_is_the_last_of_all() {
    let ids: Vec<&str> = lode_recommenders::ALL.iter().map(|recommender| recommender.meta().id).collect();
    assert_eq!(ids.last(), Some(&"prompt-routing"));
}
"#;

#[test]
fn a_scaffolded_recommender_is_in_all_and_its_tests_pass_in_a_copy_of_the_workspace() {
    let (copy, target) = places();
    let tree = Tree::read(&root()).expect("the repository");
    make_equal(&copy, &tree);
    let locked = packages(&copy);

    new_recommender(&copy, ID).expect("scaffolded");
    std::fs::write(copy.join(SEEN), SEEN_TEXT).expect("a test");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Command::new(cargo)
        .args(["test", "--offline", "-p", "lode-recommenders", "-p", &format!("lode-rec-{ID}")])
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", &target)
        // Reports list the rules of the new recommender among what was declined, and its own snapshot is new: a
        // person reviews both. Here they are taken as they are; that no other rule fires is no snapshot.
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "0")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));

    let passed = |test: &str| said.lines().any(|line| line == format!("test {test} ... ok"));
    assert!(passed("the_new_recommender_is_the_last_of_all"), "not seen in ALL:\n{said}");
    assert!(passed("a_scenario_fires_what_it_says_and_nothing_else"), "{said}");
    // Twice: all recommenders together, and the new one alone.
    assert_eq!(said.matches("test properties_hold_on_every_scenario ... ok").count(), 2, "{said}");
    let outcomes = copy.join(format!("crates/lode-rec-{ID}/tests/snapshots/scenarios__outcomes.snap"));
    let outcomes = std::fs::read_to_string(outcomes).expect("the new recommender's snapshot");
    assert!(outcomes.contains(&format!("{ID}-fires:\n  {ID}.first-rule @ ")), "{outcomes}");

    // The lock file gains the new crate, and the list its dependency on it: nothing else.
    let (mut expected, found) = (locked, packages(&copy));
    expected.get_mut("lode-recommenders").expect("the list").insert(format!("lode-rec-{ID}"));
    expected.insert(format!("lode-rec-{ID}"), found.get(&format!("lode-rec-{ID}")).cloned().unwrap_or_default());
    assert_eq!(found, expected);
    let built: Vec<_> = std::fs::read_dir(target.join("debug/deps")).expect("what was built").flatten().collect();
    assert!(
        !built.iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libpolars")),
        "polars was built"
    );
}

/// The copy and what is built of it. Both stay where this test was built, so that a second run compiles little.
fn places() -> (PathBuf, PathBuf) {
    let program = std::env::current_exe().expect("this test");
    // target/debug/deps/xtask-…
    let target = program.ancestors().nth(3).expect("a target folder").join("scaffold-test");
    (target.join("workspace"), target.join("target"))
}

/// Makes the copy hold what the repository holds and nothing else. What is equal keeps its time of change, which is
/// what cargo compares.
fn make_equal(copy: &Path, tree: &Tree) {
    let wanted: BTreeSet<PathBuf> = tree.files().map(|(path, _)| copy.join(path)).collect();
    clear(copy, &wanted);
    for (path, bytes) in tree.files() {
        let path = copy.join(path);
        if std::fs::read(&path).ok().as_deref() != Some(bytes) {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        }
    }
    assert!(copy.join(LIST).is_file());
}

/// Removes the files below a folder that are not wanted, and the folders that are left without any.
fn clear(folder: &Path, wanted: &BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            clear(&path, wanted);
            // A folder that is not empty stays.
            let _ = std::fs::remove_dir(path);
        } else if !wanted.contains(&path) {
            std::fs::remove_file(path).expect("removed");
        }
    }
}

/// The packages of the lock file, by name and version where there are several, with what they depend on.
fn packages(copy: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(copy.join("Cargo.lock")).expect("a lock file");
    let lock: toml::Table = text.parse().expect("valid");
    let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
    let package = |entry: &toml::Value| {
        let source = entry.get("source").map(|_| text(&entry["version"])).unwrap_or_default();
        let name = format!("{} {source}", text(&entry["name"])).trim_end().to_owned();
        let dependencies = entry.get("dependencies").and_then(toml::Value::as_array);
        (name, dependencies.into_iter().flatten().map(text).collect())
    };
    lock["package"].as_array().expect("packages").iter().map(package).collect()
}
