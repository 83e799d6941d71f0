//! A new recommender: its crate, its two scenarios, one line in the list, two dependency lines. Nothing else in
//! the repository has to change.

use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::names::{REC, camel, heading, is_kebab, snake};

const LIST: &str = "crates/lode-recommenders/src/lib.rs";
const LIST_MANIFEST: &str = "crates/lode-recommenders/Cargo.toml";
const ROOT_MANIFEST: &str = "Cargo.toml";

/// New files of a recommender: path and template, `{{id}}`, `{{lever}}`, `{{camel}}` and `{{snake}}` to be filled in.
const NEW: &[(&str, &str)] = &[
    ("crates/lode-rec-{{id}}/Cargo.toml", include_str!("../templates/Cargo.toml.in")),
    ("crates/lode-rec-{{id}}/README.md", include_str!("../templates/README.md.in")),
    ("crates/lode-rec-{{id}}/rules.toml", include_str!("../templates/rules.toml.in")),
    ("crates/lode-rec-{{id}}/src/lib.rs", include_str!("../templates/lib.rs.in")),
    ("crates/lode-rec-{{id}}/tests/scenarios.rs", include_str!("../templates/scenarios.rs.in")),
    ("testdata/scenarios/{{id}}-fires/scenario.toml", include_str!("../templates/fires.toml.in")),
    ("testdata/scenarios/{{id}}-fires/estate.json", include_str!("../templates/fires.json.in")),
    ("testdata/scenarios/{{id}}-silent/scenario.toml", include_str!("../templates/silent.toml.in")),
    ("testdata/scenarios/{{id}}-silent/estate.json", include_str!("../templates/silent.json.in")),
];

/// Writes everything below `root` and says what was done and what comes next.
pub(crate) fn new_recommender(root: &Path, id: &str) -> anyhow::Result<Vec<String>> {
    ensure!(is_kebab(id), "`{id}` is no kebab-case name, such as `prompt-routing`");
    ensure!(!id.starts_with("lode-"), "leave out the prefix {REC}: the crate's name gets it");
    let fill = |text: &str| {
        text.replace("{{id}}", id)
            .replace("{{lever}}", &heading(id))
            .replace("{{camel}}", &camel(id))
            .replace("{{snake}}", &snake(id))
    };
    // Everything is worked out before anything is written.
    let mut files: Vec<(String, String)> = NEW.iter().map(|(path, text)| (fill(path), fill(text))).collect();
    for (path, _) in &files {
        ensure!(!root.join(path).exists(), "{path} is there already");
    }
    let name = format!("{REC}{id}");
    for (path, edited) in [
        (LIST, add_to_list(&read(root, LIST)?, &format!("    &{}::{},", snake(&name), camel(id)))),
        (
            LIST_MANIFEST,
            add_sorted(&read(root, LIST_MANIFEST)?, "[dependencies]", &format!("{name} = {{ workspace = true }}")),
        ),
        (
            ROOT_MANIFEST,
            add_sorted(
                &read(root, ROOT_MANIFEST)?,
                "[workspace.dependencies]",
                &format!("{name} = {{ path = \"crates/{name}\" }}"),
            ),
        ),
    ] {
        files.push((path.to_owned(), edited.with_context(|| format!("{path}: no place found for a line"))?));
    }
    for (path, text) in &files {
        let full = root.join(path);
        if let Some(folder) = full.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::write(&full, text).with_context(|| full.display().to_string())?;
    }
    let written = files
        .iter()
        .enumerate()
        .map(|(n, (path, _))| if n < NEW.len() { format!("wrote {path}") } else { format!("added a line to {path}") });
    let next = [
        String::new(),
        "Next:".to_owned(),
        format!("  edit crates/{name}/src/lib.rs, rules.toml and README.md, and both scenarios"),
        format!("  move its line in {LIST} to its place: the order is the documented priority"),
        format!(
            "  INSTA_UPDATE=always cargo test -p lode-recommenders -p {name}, then read the snapshots that changed"
        ),
        "  cargo xtask generate    (its page and its row in docs/ranking.md)".to_owned(),
        "  cargo xtask tidy        (says so as long as it proposes nothing in its scenario)".to_owned(),
        "docs/adding-a-recommender.md has the whole way.".to_owned(),
    ];
    Ok(written.chain(next).collect())
}

fn read(root: &Path, path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(root.join(path)).with_context(|| path.to_owned())
}

/// Adds a line at the end of `ALL`: the lowest priority, until somebody decides.
fn add_to_list(text: &str, line: &str) -> Option<String> {
    let list = text.find("pub const ALL")?;
    let end = list + text[list..].find("\n];")? + 1;
    Some(format!("{}{line}\n{}", &text[..end], &text[end..]))
}

/// Adds a line among the lines of our own crates below a heading, in the order of their names.
fn add_sorted(text: &str, heading: &str, line: &str) -> Option<String> {
    let mut at = text.find(heading)? + heading.len();
    at += text[at..].find('\n')? + 1;
    let mut place = None;
    for other in text[at..].split_inclusive('\n').take_while(|other| !other.starts_with('[')) {
        let ours = other.starts_with("lode-");
        if ours && name(other) > name(line) {
            place = Some(at);
            break;
        }
        at += other.len();
        if ours {
            place = Some(at);
        }
    }
    let place = place?;
    Some(format!("{}{line}\n{}", &text[..place], &text[place..]))
}

/// The name before the first space.
fn name(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

#[cfg(test)]
mod end_to_end;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::tidy::recommenders::page;
    use crate::tree::{Tree, root};
    use lode_engine::Rule;
    use lode_testkit::Scenario;

    /// The files that the scaffolder edits and two that it must leave alone, in a folder of their own.
    fn copy() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let others = ["crates/lode-rec-vector-store/src/lib.rs", "testdata/scenarios/vector-store-fires/scenario.toml"];
        for path in [LIST, LIST_MANIFEST, ROOT_MANIFEST].iter().chain(&others) {
            let to = folder.path().join(path);
            std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
            std::fs::copy(root().join(path), to).expect("a copy");
        }
        folder
    }

    fn contents(folder: &Path) -> BTreeMap<String, String> {
        let tree = Tree::read(folder).expect("a tree");
        tree.texts().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
    }

    /// Lines of `after` that `before` lacks; panics when one of `before` is gone or moved.
    fn added(before: &str, after: &str) -> Vec<String> {
        let mut old = before.lines().peekable();
        let new = after.lines().filter(|line| old.next_if_eq(line).is_none()).map(ToOwned::to_owned).collect();
        assert_eq!(old.next(), None, "a line is gone or moved");
        new
    }

    #[test]
    fn a_new_recommender_is_complete_and_nothing_else_is_touched() {
        let folder = copy();
        let before = contents(folder.path());
        new_recommender(folder.path(), "prompt-routing").expect("scaffolded");
        let after = contents(folder.path());

        let mut new: Vec<&String> = after.keys().filter(|path| !before.contains_key(*path)).collect();
        let mut expected: Vec<String> = NEW.iter().map(|(path, _)| path.replace("{{id}}", "prompt-routing")).collect();
        expected.sort();
        new.sort();
        assert_eq!(new, expected.iter().collect::<Vec<_>>());

        let edited: BTreeMap<&str, Vec<String>> = before
            .iter()
            .filter(|(path, text)| after[*path] != **text)
            .map(|(path, text)| (path.as_str(), added(text, &after[path])))
            .collect();
        assert_eq!(
            edited,
            BTreeMap::from([
                (LIST, vec!["    &lode_rec_prompt_routing::PromptRouting,".to_owned()]),
                (LIST_MANIFEST, vec!["lode-rec-prompt-routing = { workspace = true }".to_owned()]),
                (
                    ROOT_MANIFEST,
                    vec!["lode-rec-prompt-routing = { path = \"crates/lode-rec-prompt-routing\" }".to_owned()]
                ),
            ])
        );
        assert!(after.values().all(|text| !text.contains("{{")), "a placeholder was not filled in");
    }

    #[test]
    fn what_is_written_is_valid() {
        let folder = copy();
        new_recommender(folder.path(), "prompt-routing").expect("scaffolded");
        let tree = Tree::read(folder.path()).expect("a tree");
        let text = |file: &str| tree.text(&format!("crates/lode-rec-prompt-routing/{file}")).expect("a file");

        let rules = Rule::read_all("prompt-routing", text("rules.toml")).expect("valid rules");
        assert_eq!(rules.len(), 1);
        assert_eq!(page(&tree, "prompt-routing", "Prompt routing", text("README.md")), [""; 0]);
        assert!(text("src/lib.rs").contains("pub struct PromptRouting;"));
        let manifest: toml::Table = text("Cargo.toml").parse().expect("a manifest");
        assert_eq!(manifest["package"]["name"].as_str(), Some("lode-rec-prompt-routing"));

        let scenario = |name: &str| Scenario::read(&folder.path().join("testdata/scenarios").join(name));
        // Green from the start; tidy holds that it must fire one day.
        assert_eq!(scenario("prompt-routing-fires").fires, [""; 0]);
        assert_eq!(scenario("prompt-routing-silent").fires, [""; 0]);
        // Nova Micro at 0.035 and 0.14 dollars a million, 28 days: 200 and 10 million tokens a day, and 8 million.
        let billed = |name: &str| scenario(name).build().billed().to_string();
        assert_eq!(billed("prompt-routing-fires"), "235.20");
        assert_eq!(billed("prompt-routing-silent"), "7.84");
    }

    #[test]
    fn a_dependency_line_finds_its_place() {
        let text = "[a]\nx = 1\n\n[dependencies]\n# ours\nlode-engine = 1\nlode-rec-b = 1\nlode-rec-d = 1\n\nserde = 1\n\n[b]\n";
        let with = |line: &str| add_sorted(text, "[dependencies]", line).expect("a place");
        assert!(with("lode-a = 1").contains("# ours\nlode-a = 1\nlode-engine"));
        assert!(with("lode-rec-c = 1").contains("lode-rec-b = 1\nlode-rec-c = 1\nlode-rec-d"));
        assert!(with("lode-rec-e = 1").contains("lode-rec-d = 1\nlode-rec-e = 1\n\nserde"));
        // A name that begins another comes before it.
        assert!(with("lode-rec-b-two = 1").contains("lode-rec-b = 1\nlode-rec-b-two = 1\nlode-rec-d"));
        assert_eq!(add_sorted(text, "[b]", "lode-a = 1"), None);
        assert_eq!(add_sorted(text, "[c]", "lode-a = 1"), None);
    }

    #[test]
    fn bad_names_and_names_taken_are_refused_and_nothing_is_written() {
        let folder = copy();
        let before = contents(folder.path());
        for name in ["Prompt", "prompt_routing", "", "lode-rec-x", "vector-store"] {
            new_recommender(folder.path(), name).expect_err(name);
        }
        assert_eq!(contents(folder.path()), before);
    }
}
