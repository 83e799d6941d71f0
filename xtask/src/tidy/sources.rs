//! Rules for source files: each says first what it is for, and none grows without bound.

use crate::names::REC;
use crate::tree::Tree;

/// Lines of code above which a recommender is worth a second look, and above which it must be split.
const RECOMMENDER: (usize, usize) = (300, 500);

/// Lines of any kind from which on a file must be split.
const FILE: usize = 600;

fn rust(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| path.ends_with(".rs"))
}

fn is_source(path: &str) -> bool {
    let of_a_crate = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
    path.starts_with("xtask/src/") || of_a_crate.is_some_and(|(_, rest)| rest.starts_with("src/"))
}

/// Source files that do not begin with a module doc or with their page.
pub(super) fn module_docs(tree: &Tree) -> Vec<String> {
    rust(tree)
        .filter(|(path, _)| is_source(path))
        .filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#![doc = include_str!("))
        .map(|(path, _)| format!("{path}: must begin with a `//!` module doc"))
        .collect()
}

/// Files over their budget.
pub(super) fn budgets(tree: &Tree) -> Vec<String> {
    let long = rust(tree).filter(|(_, text)| text.lines().count() >= FILE);
    let long = long.map(|(path, text)| format!("{path}: {} lines; must be under {FILE}", text.lines().count()));
    let large = recommenders(tree).filter(|(_, code)| *code > RECOMMENDER.1);
    long.chain(large.map(|(path, code)| format!("{path}: {code} lines of code; at most {}", RECOMMENDER.1))).collect()
}

/// Recommenders that come near it.
pub(super) fn notes(tree: &Tree) -> Vec<String> {
    recommenders(tree)
        .filter(|(_, code)| (RECOMMENDER.0 + 1..=RECOMMENDER.1).contains(code))
        .map(|(path, code)| format!("note: {path}: {code} lines of code, over the budget of {}", RECOMMENDER.0))
        .collect()
}

/// Recommenders with their lines of code.
fn recommenders(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    let prefix = format!("crates/{REC}");
    rust(tree)
        .filter(move |(path, _)| path.starts_with(&prefix) && path.ends_with("/src/lib.rs"))
        .map(|(path, text)| (path, lines_of_code(text)))
}

/// Lines that are neither blank nor a comment alone.
fn lines_of_code(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    const NONE: [&str; 0] = [];

    #[test]
    fn every_source_file_says_first_what_it_is_for() {
        assert_eq!(module_docs(&Tree::read(&root()).expect("the repository")), NONE);
    }

    #[test]
    fn files_keep_their_budgets() {
        assert_eq!(budgets(&Tree::read(&root()).expect("the repository")), NONE);
    }

    #[test]
    fn a_file_without_a_doc_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n"),
            ("crates/a/src/b.rs", "//! What it is for.\n"),
            ("crates/a/src/c/d.rs", "\n//! Too late.\n"),
            ("crates/a/tests/src.rs", "fn main() {}\n"),
            ("xtask/src/e.rs", "use std::io;\n"),
        ]);
        let expected =
            ["crates/a/src/c/d.rs", "xtask/src/e.rs"].map(|p| format!("{p}: must begin with a `//!` module doc"));
        assert_eq!(module_docs(&tree), expected);
    }

    #[test]
    fn comments_and_blank_lines_are_not_code() {
        assert_eq!(lines_of_code("//! Doc.\n\nfn a() {\n    // why\n    b(); // how\n}\n"), 3);
    }

    #[test]
    fn a_large_recommender_is_noted_and_a_larger_one_a_problem() {
        let of = |lines: usize| "a();\n".repeat(lines);
        let (fits, near, over, long) = (of(300), of(301), of(501), of(600));
        let tree = Tree::of(&[
            ("crates/lode-rec-a/src/lib.rs", &fits),
            ("crates/lode-rec-b/src/lib.rs", &near),
            ("crates/lode-rec-c/src/lib.rs", &over),
            ("crates/d/tests/long.rs", &long),
        ]);
        assert_eq!(notes(&tree), ["note: crates/lode-rec-b/src/lib.rs: 301 lines of code, over the budget of 300"]);
        assert_eq!(
            budgets(&tree),
            [
                "crates/d/tests/long.rs: 600 lines; must be under 600",
                "crates/lode-rec-c/src/lib.rs: 501 lines of code; at most 500"
            ]
        );
    }
}
