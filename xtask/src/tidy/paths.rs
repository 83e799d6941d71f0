//! What the documentation names must be there: paths in backticks, targets of links, and the tests that hold the
//! invariants.

use crate::tree::Tree;

/// What a path of this repository begins with.
const FOLDERS: &[&str] = &["crates/", "docs/", "testdata/", "xtask/", ".cargo/", ".ci/", ".github/"];

/// The page with the invariants, and the heading they stand under.
const ARCHITECTURE: &str = "docs/architecture.md";
const INVARIANTS: &str = "## Invariants";

fn pages(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| {
        let in_docs = path.starts_with("docs/") && path.ends_with(".md");
        in_docs || ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].contains(path)
    })
}

/// Texts in backticks on one line.
fn backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Paths in backticks that are not there. A part with a placeholder (`*`, `<id>`, `NAME`) stands for anything; what
/// comes before it must be there.
pub(super) fn in_backticks(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (page, text) in pages(tree) {
        for (number, line) in text.lines().enumerate() {
            for path in backticks(line).filter_map(repository_path) {
                if !tree.has(&path) {
                    problems.push(format!("{page}:{}: `{path}` is not there", number + 1));
                }
            }
        }
    }
    problems
}

/// Links to files of the repository that are not there.
pub(super) fn links(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (page, text) in pages(tree) {
        for (number, line) in text.lines().enumerate() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for target in targets.filter(|target| !target.contains("://") && !target.starts_with(['#', '`'])) {
                let file = target.split('#').next().unwrap_or(target);
                if !tree.has(&resolved(page, file)) {
                    problems.push(format!("{page}:{}: the link to {target} leads nowhere", number + 1));
                }
            }
        }
    }
    problems
}

/// The path from the root of a link on a page.
fn resolved(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The part of a repository path that must be there.
fn repository_path(quoted: &str) -> Option<String> {
    if !FOLDERS.iter().any(|folder| quoted.starts_with(folder)) || quoted.contains(' ') {
        return None;
    }
    // `file.rs:12` names a line.
    let path = quoted.split(':').next()?.trim_end_matches('/');
    let fixed: Vec<&str> = path.split('/').take_while(|part| !is_placeholder(part)).collect();
    Some(fixed.join("/"))
}

fn is_placeholder(part: &str) -> bool {
    let shouted = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    part.contains(['*', '<', '{', '…']) || part.contains("...") || !part.contains('.') && part.split('-').any(shouted)
}

/// Invariants that name no test, and tests they name that are not there.
pub(super) fn invariants(tree: &Tree) -> Vec<String> {
    // A repository without that page has broken references to it elsewhere.
    let Some(text) = tree.text(ARCHITECTURE) else { return Vec::new() };
    let section = text.split_once(INVARIANTS).map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest));
    // The first two rows are the header and the line under it.
    let rows: Vec<&str> = section.unwrap_or_default().lines().filter(|line| line.starts_with('|')).skip(2).collect();
    if rows.is_empty() {
        return vec![format!("{ARCHITECTURE}: no table under `{INVARIANTS}`")];
    }
    rows.into_iter().flat_map(|row| row_problems(tree, row)).collect()
}

fn row_problems(tree: &Tree, row: &str) -> Vec<String> {
    let cells: Vec<&str> = row.trim().trim_matches('|').split('|').map(str::trim).collect();
    let (what, holds) = (cells.first().copied().unwrap_or_default(), cells.last().copied().unwrap_or_default());
    let named: Vec<&str> = backticks(holds).filter(|name| is_test_name(name)).collect();
    if named.is_empty() {
        return vec![format!("{ARCHITECTURE}: no test named for `{what}`")];
    }
    let missing = named.into_iter().filter(|name| !has_test(tree, name));
    missing.map(|name| format!("{ARCHITECTURE}: there is no test `{name}`")).collect()
}

/// `crate::path::test_name` or `test_name`.
fn is_test_name(name: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    };
    name.split("::").all(word) && name.contains('_')
}

/// Whether the source has the function of that name, in the crate that is named first, where one is.
fn has_test(tree: &Tree, name: &str) -> bool {
    let function = format!("fn {}(", name.rsplit("::").next().unwrap_or(name));
    let folder = name.split_once("::").map(|(first, _)| first.replace('_', "-"));
    let folder = match folder.as_deref() {
        Some("xtask") => "xtask/".to_owned(),
        Some(first) if first.starts_with("lode-") => format!("crates/{first}/"),
        _ => String::new(),
    };
    tree.texts().any(|(path, text)| path.ends_with(".rs") && path.starts_with(&folder) && text.contains(&function))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    const NONE: [&str; 0] = [];

    #[test]
    fn paths_in_the_docs_are_there() {
        assert_eq!(in_backticks(&Tree::read(&root()).expect("the repository")), NONE);
    }

    #[test]
    fn links_in_the_docs_lead_somewhere() {
        assert_eq!(links(&Tree::read(&root()).expect("the repository")), NONE);
    }

    #[test]
    fn a_broken_link_is_found() {
        let tree = Tree::of(&[
            ("docs/a.md", "[b](b/c.md) [d](../README.md#top) [e](#here) [f](https://example.com/x)\n"),
            ("docs/b/c.md", "[a](../a.md), [gone](gone.md)\n"),
            ("README.md", "[a](docs/a.md) and [x](a.md)\n"),
        ]);
        let expected =
            ["README.md:1: the link to a.md leads nowhere", "docs/b/c.md:1: the link to gone.md leads nowhere"];
        assert_eq!(links(&tree), expected);
    }

    #[test]
    fn every_invariant_names_a_test_that_is_there() {
        assert_eq!(invariants(&Tree::read(&root()).expect("the repository")), NONE);
    }

    #[test]
    fn a_path_that_is_not_there_is_found() {
        let tree = Tree::of(&[
            ("docs/a.md", "See `crates/x/src/lib.rs`, `crates/x/src/lib.rs:7` and `crates/x/`.\n`docs/b.md`\n"),
            (
                "README.md",
                "`testdata/` and `lode report`, `crates/lode-rec-*/README.md`, `crates/NAME/x`, `docs/x y`\n",
            ),
            ("crates/x/src/lib.rs", "// `crates/none`\n"),
            ("crates/x/README.md", "`crates/none`\n"),
            ("CHANGELOG.md", "`crates/x/src/<id>.rs` and `crates/y/*`\n"),
        ]);
        assert_eq!(
            in_backticks(&tree),
            [
                "CHANGELOG.md:1: `crates/y` is not there",
                "README.md:1: `testdata` is not there",
                "docs/a.md:2: `docs/b.md` is not there",
            ]
        );
    }

    #[test]
    fn an_invariant_without_a_test_is_found() {
        let table = "# A\n\n## Invariants\n\n| what | test |\n|---|---|\n\
            | adds up | `lode_engine::plan::adds_up` |\n\
            | same bytes | `same_bytes_out`, `cargo xtask tidy` |\n\
            | elsewhere | `lode_report::adds_up` |\n\
            | hoped | the reviewers |\n\n## Next\n\n| no | row |\n|---|---|\n| of | it |\n";
        let source = "#[test]\nfn adds_up() {}\n";
        let tree = Tree::of(&[(ARCHITECTURE, table), ("crates/lode-engine/src/plan.rs", source)]);
        assert_eq!(
            invariants(&tree),
            [
                "docs/architecture.md: there is no test `same_bytes_out`",
                "docs/architecture.md: there is no test `lode_report::adds_up`",
                "docs/architecture.md: no test named for `hoped`",
            ]
        );
        assert_eq!(
            invariants(&Tree::of(&[(ARCHITECTURE, "# A\n")])),
            ["docs/architecture.md: no table under `## Invariants`"]
        );
    }
}
