//! Which crate may know which: the arrows of the drawing in `docs/architecture.md`, and the one user of polars.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// What a crate may depend on among our own.
enum May {
    /// These, and no other; a name that ends in `*` stands for all that begin so.
    Only(&'static [&'static str]),
    /// All but those that read files or the command line: [`FRAMES`] and [`CLI`].
    Pure,
    /// All.
    All,
}

const FRAMES: &str = "lode-frames";
const CLI: &str = "lode-cli";

/// Every crate and what it may depend on. A new arrow is a change of the design: draw it there first.
const ARROWS: &[(&str, May)] = &[
    ("lode-model", May::Only(&[])),
    ("lode-stats", May::Only(&[])),
    ("lode-prices", May::Only(&["lode-model"])),
    ("lode-sim", May::Only(&["lode-model", "lode-prices", "lode-stats"])),
    ("lode-engine", May::Only(&["lode-model", "lode-prices", "lode-sim", "lode-stats"])),
    ("lode-rec-*", May::Only(&["lode-engine", "lode-model", "lode-prices", "lode-sim"])),
    ("lode-recommenders", May::Only(&["lode-engine", "lode-rec-*"])),
    ("lode-estate", May::Only(&["lode-model", "lode-prices", "lode-sim"])),
    ("lode-batch", May::Only(&["lode-model"])),
    ("lode-chunking", May::Only(&["lode-model", "lode-stats"])),
    ("lode-eval", May::Only(&["lode-model", "lode-stats"])),
    ("lode-html", May::Only(&["lode-model", "lode-report"])),
    ("lode-report", May::Only(&["lode-chunking", "lode-engine", "lode-model", "lode-prices", "lode-sim"])),
    ("lode-settings", May::Only(&["lode-engine", "lode-model", "lode-prices", "lode-sim"])),
    ("lode-files", May::Only(&[])),
    ("lode-billing", May::Only(&["lode-files", "lode-model"])),
    (FRAMES, May::Only(&["lode-model"])),
    ("lode-scan", May::Only(&[])),
    ("lode-trace", May::Only(&["lode-model"])),
    ("lode-telemetry", May::Only(&["lode-files", "lode-model", "lode-scan"])),
    ("lode-synth", May::Only(&["lode-model", "lode-prices"])),
    ("lode-testkit", May::Pure),
    ("xtask", May::Pure),
    (CLI, May::All),
];

/// What a crate may depend on in its tests on top: everybody the scenarios; the reader of bills the synthetic month in
/// every form of export; the list of recommenders the report, whose snapshots are taken with all of them together; and
/// settings the rules that they name.
const IN_TESTS: &[(&str, &str)] = &[
    ("*", "lode-testkit"),
    ("lode-billing", "lode-synth"),
    ("lode-html", "lode-recommenders"),
    ("lode-recommenders", "lode-model"),
    ("lode-recommenders", "lode-report"),
    ("lode-recommenders", "lode-sim"),
    ("lode-settings", "lode-recommenders"),
];

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or none.
    kind: Option<String>,
}

/// The packages of the workspace.
pub(super) fn packages(root: &Path) -> anyhow::Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()
        .context("cargo metadata cannot be run")?;
    ensure!(run.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&run.stderr));
    let metadata: Metadata = serde_json::from_slice(&run.stdout).context("cargo metadata")?;
    Ok(metadata.packages)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

fn may(from: &str) -> Option<&'static May> {
    ARROWS.iter().find(|(pattern, _)| matches(pattern, from)).map(|(_, may)| may)
}

/// Arrows that the table does not have.
pub(super) fn arrows(packages: &[Package]) -> Vec<String> {
    let own: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for Package { name, dependencies } in packages {
        let Some(may) = may(name) else {
            problems.push(format!("{name}: not in the table of arrows (xtask/src/tidy/arrows.rs)"));
            continue;
        };
        for dependency in dependencies.iter().filter(|d| own.contains(d.name.as_str())) {
            let to = dependency.name.as_str();
            let allowed = match may {
                May::Only(names) => names.iter().any(|pattern| matches(pattern, to)),
                May::Pure => to != FRAMES && to != CLI,
                May::All => true,
            };
            let in_tests = dependency.kind.as_deref() == Some("dev")
                && IN_TESTS.iter().any(|(pattern, tested)| matches(pattern, name) && to == *tested);
            if to == "xtask" || !allowed && !in_tests {
                problems.push(format!("{name}: must not depend on {to}"));
            }
        }
    }
    problems
}

/// Manifests other than lode-frames' that name polars or a part of it.
pub(super) fn polars_named(packages: &[Package]) -> Vec<String> {
    let others = packages.iter().filter(|package| package.name != FRAMES);
    others
        .filter(|package| package.dependencies.iter().any(|dependency| is_polars(&dependency.name)))
        .map(|package| format!("{}: names polars; only {FRAMES} may", package.name))
        .collect()
}

fn is_polars(name: &str) -> bool {
    name == "polars" || name.starts_with("polars-")
}

/// Packages of the workspace from which polars is reached over any number of steps, with the way, other than
/// those that may. `Cargo.lock` is the whole resolved graph, and can be read without a network.
pub(super) fn polars_reached(lock: &str) -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        source: Option<String>,
        #[serde(default)]
        dependencies: Vec<String>,
    }
    let lock: Lock = toml::from_str(lock).context("Cargo.lock")?;
    // Versions of one name are taken together: the graph can only get larger by it.
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &lock.package {
        let names = package.dependencies.iter().filter_map(|text| text.split(' ').next());
        graph.entry(&package.name).or_default().extend(names);
    }
    let own = lock.package.iter().filter(|package| package.source.is_none()).map(|package| package.name.as_str());
    Ok(own
        .filter(|name| ![FRAMES, CLI].contains(name))
        .filter_map(|name| way_to_polars(&graph, name))
        .map(|way| format!("{}: reaches polars: {}", way[0], way.join(" → ")))
        .collect())
}

/// The shortest way from a package to polars.
fn way_to_polars<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> Option<Vec<&'a str>> {
    let mut seen = BTreeSet::from([from]);
    let mut open = VecDeque::from([vec![from]]);
    while let Some(way) = open.pop_front() {
        let last = way.last()?;
        if is_polars(last) {
            return Some(way);
        }
        for next in graph.get(last).into_iter().flatten().filter(|next| seen.insert(next)) {
            open.push_back([way.as_slice(), &[next]].concat());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::REC;
    use crate::tree::{Tree, root};

    const NONE: [&str; 0] = [];

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind)| Dependency { name: (*name).to_owned(), kind: kind.map(ToOwned::to_owned) })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    #[test]
    fn arrows_point_one_way() {
        assert_eq!(arrows(&packages(&root()).expect("cargo metadata")), NONE);
    }

    #[test]
    fn polars_stays_in_its_room() {
        let packages = packages(&root()).expect("cargo metadata");
        assert_eq!(polars_named(&packages), NONE);
        let frames = packages.iter().find(|package| package.name == FRAMES).expect("lode-frames");
        assert!(frames.dependencies.iter().any(|dependency| dependency.name == "polars"));
        let tree = Tree::read(&root()).expect("the repository");
        assert_eq!(polars_reached(tree.text("Cargo.lock").expect("Cargo.lock")).expect("a graph"), NONE);
    }

    #[test]
    fn a_wrong_arrow_is_found() {
        let packages = [
            package("lode-model", &[("serde", None), ("lode-prices", None)]),
            package("lode-prices", &[("lode-model", None), ("lode-testkit", Some("dev")), ("xtask", Some("dev"))]),
            package("lode-rec-one", &[("lode-rec-two", Some("dev")), ("lode-engine", None)]),
            package("lode-rec-two", &[("lode-testkit", Some("build"))]),
            package("lode-engine", &[]),
            package("lode-testkit", &[("lode-frames", None), ("lode-engine", None)]),
            package("lode-frames", &[]),
            package("lode-new", &[]),
            package("xtask", &[("lode-frames", Some("dev"))]),
        ];
        assert_eq!(
            arrows(&packages),
            [
                "lode-model: must not depend on lode-prices",
                "lode-prices: must not depend on xtask",
                "lode-rec-one: must not depend on lode-rec-two",
                "lode-rec-two: must not depend on lode-testkit",
                "lode-testkit: must not depend on lode-frames",
                "lode-new: not in the table of arrows (xtask/src/tidy/arrows.rs)",
                "xtask: must not depend on lode-frames",
            ]
        );
    }

    #[test]
    fn polars_is_found_in_a_manifest_and_behind_others() {
        let packages =
            [package("lode-frames", &[("polars", None)]), package("lode-report", &[("polars-core", Some("dev"))])];
        assert_eq!(polars_named(&packages), ["lode-report: names polars; only lode-frames may"]);
        let lock = r#"
            [[package]]
            name = "helper"
            source = "elsewhere"
            dependencies = ["polars 0.55.2"]
            [[package]]
            name = "lode-report"
            dependencies = ["helper", "serde"]
            [[package]]
            name = "lode-cli"
            dependencies = ["lode-frames"]
            [[package]]
            name = "lode-frames"
            dependencies = ["polars"]
        "#;
        assert_eq!(
            polars_reached(lock).expect("a graph"),
            ["lode-report: reaches polars: lode-report → helper → polars"]
        );
    }

    #[test]
    fn every_row_of_the_table_is_a_crate() {
        let packages = packages(&root()).expect("cargo metadata");
        for (pattern, _) in ARROWS {
            assert!(packages.iter().any(|package| matches(pattern, &package.name)), "no crate {pattern}");
        }
        assert!(ARROWS.iter().any(|(pattern, _)| pattern.strip_suffix('*') == Some(REC)));
    }
}
