//! Every recommender is complete and listed: crate, id, page with its fixed headings, rules, scenarios.

use std::collections::BTreeSet;

use lode_engine::{Meta, Rule, Verdict};
use lode_recommenders::ALL;
use lode_testkit::Scenario;

use crate::names::{REC, is_kebab};
use crate::tree::Tree;

/// The headings of a recommender's page below its title, in order.
pub(crate) const HEADINGS: &[&str] = &[
    "What it finds",
    "Why it saves",
    "How the saving is computed",
    "When it stays silent",
    "Thresholds",
    "What could go wrong",
    "Example",
    "Sources",
];

/// Begins the line under "Example" that names a scenario.
const SCENARIO: &str = "Scenario: ";

fn metas() -> impl Iterator<Item = &'static Meta> {
    ALL.iter().map(|recommender| recommender.meta())
}

/// Folders that are not in `ALL`, and ids of `ALL` without a folder.
pub(super) fn listed(tree: &Tree) -> Vec<String> {
    unlisted(tree, &metas().map(|meta| meta.id).collect())
}

fn unlisted(tree: &Tree, ids: &BTreeSet<&str>) -> Vec<String> {
    let folders: BTreeSet<&str> =
        tree.folders("crates").into_iter().filter_map(|name| name.strip_prefix(REC)).collect();
    let missing =
        folders.difference(ids).map(|id| format!("crates/{REC}{id}: not in lode_recommenders::ALL by its id"));
    let strays = ids
        .difference(&folders)
        .map(|id| format!("{id}: in lode_recommenders::ALL, but crates/{REC}{id} is not there"));
    missing.chain(strays).collect()
}

/// Ids of recommenders and rules that are not kebab-case or not unique, and rule files that cannot be read.
pub(super) fn ids() -> Vec<String> {
    let mut problems = names("recommender", metas().map(|meta| meta.id));
    for meta in metas() {
        match Rule::read_all(meta.id, meta.rules) {
            Ok(rules) => {
                let what = format!("rule of {}", meta.id);
                problems.extend(names(&what, rules.iter().map(|rule| rule.id.as_str())));
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    problems
}

fn names<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .flat_map(|name| {
            let shape = (!is_kebab(name)).then(|| format!("{what} `{name}`: not kebab-case"));
            let twice = (!seen.insert(name)).then(|| format!("{what} `{name}`: there are two"));
            [shape, twice]
        })
        .flatten()
        .collect()
}

/// What is wrong with the pages.
pub(super) fn pages(tree: &Tree) -> Vec<String> {
    metas().flat_map(|meta| page(tree, meta.id, meta.lever.name, meta.readme)).collect()
}

/// What is wrong with one page.
pub(crate) fn page(tree: &Tree, id: &str, lever: &str, readme: &str) -> Vec<String> {
    let file = format!("crates/{REC}{id}/README.md");
    let mut problems = Vec::new();
    let headings: Vec<&str> = headings(readme);
    let title = format!("# {lever}");
    if headings.first() != Some(&title.as_str()) {
        problems.push(format!("{file}: must begin with `{title}`"));
    }
    let rest: Vec<&str> = headings.iter().skip(1).filter_map(|heading| heading.strip_prefix("## ")).collect();
    if rest != HEADINGS || headings.len() != HEADINGS.len() + 1 {
        problems.push(format!(
            "{file}: its headings must be, in order, {}; found {}",
            HEADINGS.join(", "),
            rest.join(", ")
        ));
    }
    match scenario(readme) {
        Some(name) if tree.has(&format!("testdata/scenarios/{name}")) => {}
        Some(name) => problems.push(format!("{file}: there is no testdata/scenarios/{name}")),
        None => problems.push(format!("{file}: no line `{SCENARIO}…` under Example")),
    }
    problems
}

/// Lines that begin with `#`, outside code blocks.
fn headings(readme: &str) -> Vec<&str> {
    let mut code = false;
    readme
        .lines()
        .filter(|line| {
            code ^= line.starts_with("```");
            !code && line.starts_with('#')
        })
        .collect()
}

/// The scenario that a page names under "Example".
pub(crate) fn scenario(readme: &str) -> Option<&str> {
    let (_, example) = readme.split_once("\n## Example\n")?;
    let section = example.split("\n## ").next()?;
    section.lines().find_map(|line| line.strip_prefix(SCENARIO)).map(str::trim)
}

/// Recommenders without the scenario that fires or the one that stays silent.
pub(super) fn scenarios(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for meta in metas() {
        for folder in [format!("{}-fires", meta.id), format!("{}-silent", meta.id)] {
            for file in ["scenario.toml", "estate.json"] {
                let path = format!("testdata/scenarios/{folder}/{file}");
                if !tree.has(&path) {
                    problems.push(format!("{}: {path} is not there", meta.id));
                }
            }
        }
    }
    problems
}

/// Recommenders with nothing to say on the scenario that must make them fire.
pub(super) fn silent() -> Vec<String> {
    silent_on(&lode_testkit::scenarios())
}

/// Those that neither propose anything on their scenario nor wait for an input there. A scenario that is not there is
/// found elsewhere.
fn silent_on(scenarios: &[Scenario]) -> Vec<String> {
    let speaks = |verdict: &Verdict| matches!(verdict, Verdict::Proposed(_) | Verdict::Gap(..));
    let mut problems = Vec::new();
    for recommender in ALL {
        let name = format!("{}-fires", recommender.meta().id);
        for scenario in scenarios.iter().filter(|scenario| scenario.name == name) {
            let (_, outcome) = scenario.run(&[*recommender]);
            if !outcome.evaluations.iter().any(|evaluation| speaks(&evaluation.verdict)) {
                problems
                    .push(format!("testdata/scenarios/{name}: its recommender proposes nothing and waits for nothing"));
            }
        }
    }
    problems
}

/// Assumptions that a recommender asks for and none of its rules has.
pub(super) fn assumptions(tree: &Tree) -> Vec<String> {
    metas()
        .flat_map(|meta| {
            let file = format!("crates/{REC}{}/src/lib.rs", meta.id);
            let known: BTreeSet<String> = Rule::read_all(meta.id, meta.rules)
                .into_iter()
                .flatten()
                .flat_map(|rule| rule.assumptions.into_iter().map(|assumption| assumption.id))
                .collect();
            asked(tree.text(&file).unwrap_or_default())
                .into_iter()
                .filter(|asked| !known.contains(*asked))
                .map(|asked| format!("{file}: asks for the assumption `{asked}`, which no rule has"))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The names in `given.get("…")` and `given.ratio("…")`.
fn asked(source: &str) -> Vec<&str> {
    let after = |call: &'static str| source.split(call).skip(1).filter_map(|rest| rest.split('"').next());
    after("given.get(\"").chain(after("given.ratio(\"")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    const NONE: [&str; 0] = [];

    #[test]
    fn every_recommender_is_complete() {
        let tree = Tree::read(&root()).expect("the repository");
        let problems = [listed(&tree), ids(), pages(&tree), scenarios(&tree), silent(), assumptions(&tree)];
        assert_eq!(problems.concat(), NONE);
    }

    #[test]
    fn a_recommender_that_does_not_fire_is_found() {
        let mut scenario = Scenario::named("custom-models-silent");
        scenario.name = "custom-models-fires".to_owned();
        assert_eq!(
            silent_on(&[scenario]),
            ["testdata/scenarios/custom-models-fires: its recommender proposes nothing and waits for nothing"]
        );
    }

    #[test]
    fn an_assumption_that_no_rule_has_is_found() {
        assert_eq!(asked(r#"given.ratio("a") + given.get("b")"#), ["b", "a"]);
        let file = "crates/lode-rec-vector-store/src/lib.rs";
        let tree = Tree::of(&[(file, r#"given.get("s3-vectors-monthly"); given.get("gone")"#)]);
        assert_eq!(assumptions(&tree), [format!("{file}: asks for the assumption `gone`, which no rule has")]);
    }

    #[test]
    fn a_crate_that_is_not_listed_is_found() {
        let tree = Tree::of(&[("crates/lode-rec-one/Cargo.toml", ""), ("crates/lode-rec-two/Cargo.toml", "")]);
        assert_eq!(
            unlisted(&tree, &BTreeSet::from(["two", "three"])),
            [
                "crates/lode-rec-one: not in lode_recommenders::ALL by its id",
                "three: in lode_recommenders::ALL, but crates/lode-rec-three is not there"
            ]
        );
    }

    #[test]
    fn bad_and_double_ids_are_found() {
        assert_eq!(
            names("rule", ["floor", "Floor", "floor"].into_iter()),
            ["rule `Floor`: not kebab-case", "rule `floor`: there are two"]
        );
    }

    #[test]
    fn a_page_with_a_heading_missing_or_moved_is_found() {
        let tree = Tree::of(&[("testdata/scenarios/one-fires/scenario.toml", "")]);
        let sections =
            |names: &[&str]| -> String { names.iter().map(|name| format!("\n## {name}\n\ntext\n")).collect() };
        let whole = format!("# One\n\nLead.\n{}", sections(HEADINGS))
            .replace("## Example\n", "## Example\n\nScenario: one-fires\n");
        assert_eq!(page(&tree, "one", "One", &whole), NONE);
        let in_code = whole.replace("text", "```text\n# not a heading\n```");
        assert_eq!(page(&tree, "one", "One", &in_code), NONE);
        let moved = whole.replace("## Sources", "## Thresholds");
        assert_eq!(page(&tree, "one", "One", &moved).len(), 1);
        let deeper = whole.replace("\n## Sources", "\n### Aside\n\n## Sources");
        assert_eq!(page(&tree, "one", "One", &deeper).len(), 1);
        assert_eq!(page(&tree, "one", "Two", &whole), ["crates/lode-rec-one/README.md: must begin with `# Two`"]);
        assert_eq!(
            page(&tree, "one", "One", &whole.replace("one-fires", "two-fires")),
            ["crates/lode-rec-one/README.md: there is no testdata/scenarios/two-fires"]
        );
        let elsewhere = whole.replace("Scenario: one-fires\n", "").replace("# One\n", "# One\nScenario: one-fires\n");
        assert_eq!(page(&tree, "one", "One", &elsewhere).len(), 1);
    }
}
