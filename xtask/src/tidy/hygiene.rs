//! What must not be in a public repository: paths of somebody's machine, package mirrors, account ids.

use crate::tree::Tree;

/// Top folders of a machine that a path must not begin with.
const LOCAL: &[&str] = &["home", "root", "work"];

/// Hosts of package registries and mirrors, in two parts so that this file does not name them itself.
const REGISTRIES: &[(&str, &str)] = &[
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("rubygems", ".org"),
    ("proxy.golang", ".org"),
    ("repo1.maven", ".org"),
    ("repo.maven", ".apache.org"),
    ("jfrog", ".io"),
    ("arti", "factory"),
];

/// The one source that `Cargo.lock` may name: Cargo's own.
const STANDARD: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// The script that sets up a build machine may name both.
const EXEMPT: &str = ".ci/run";

fn lines(tree: &Tree) -> impl Iterator<Item = (&str, usize, &str)> {
    let texts = tree.texts().filter(|(path, _)| *path != EXEMPT);
    texts.flat_map(|(path, text)| text.lines().enumerate().map(move |(number, line)| (path, number + 1, line)))
}

/// Absolute paths of somebody's machine.
pub(super) fn local_paths(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, number, line) in lines(tree) {
        for top in LOCAL {
            let folder = format!("/{top}/");
            // In the middle of a path or of an address it is a name like any other.
            let inside = |at: usize| line[..at].ends_with(|c: char| c.is_alphanumeric() || "_.-~*}".contains(c));
            if line.match_indices(&folder).any(|(at, _)| !inside(at)) {
                problems.push(format!("{path}:{number}: a path below {folder}"));
            }
        }
    }
    problems
}

/// Package registries, and sources of `Cargo.lock` other than the standard one.
pub(super) fn registries(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, number, line) in lines(tree) {
        if path == "Cargo.lock" {
            if line.starts_with("source = ") && line != STANDARD {
                problems.push(format!("{path}:{number}: not Cargo's own registry"));
            }
            continue;
        }
        for (host, end) in REGISTRIES.iter().filter(|(host, end)| line.contains(&format!("{host}{end}"))) {
            problems.push(format!("{path}:{number}: names the package registry {host}{end}"));
        }
    }
    problems
}

/// Twelve digits in test data that could be a real account: neither one digit repeated nor the one of AWS' examples.
pub(super) fn account_ids(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    // Bytes, since Parquet files hold text too. Packed ones hold none, and twelve of theirs may be digits by chance.
    let read = |path: &str| path.starts_with("testdata/") && !path.ends_with(".gz");
    for (path, bytes) in tree.files().filter(|(path, _)| read(path)) {
        let mut found: Vec<String> = twelve_digits(bytes).filter(|id| !is_made_up(id)).collect();
        found.sort();
        found.dedup();
        problems.extend(found.into_iter().map(|id| format!("{path}: {id} could be a real account id")));
    }
    problems
}

fn is_made_up(id: &str) -> bool {
    id == "123456789012" || id.bytes().all(|digit| id.bytes().next() == Some(digit))
}

/// Runs of exactly twelve digits that are no part of a word, of a decimal fraction or of a UUID.
fn twelve_digits(bytes: &[u8]) -> impl Iterator<Item = String> {
    let mut at = 0;
    bytes.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).filter_map(move |run| {
        let start = at;
        at += run.len();
        let before = &bytes[..start];
        let inside = before.last().is_some_and(|byte| byte.is_ascii_alphabetic() || b"._".contains(byte))
            || bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic());
        (run.len() == 12 && run[0].is_ascii_digit() && !inside && !ends_like_a_uuid(before))
            .then(|| String::from_utf8_lossy(run).into_owned())
    })
}

/// `…-1a2b-`, as before the last group of a UUID.
fn ends_like_a_uuid(before: &[u8]) -> bool {
    matches!(before, [.., b'-', a, b, c, d, b'-'] if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    const NONE: [&str; 0] = [];

    fn repository() -> Tree {
        Tree::read(&root()).expect("the repository")
    }

    #[test]
    fn no_file_names_a_place_on_somebodys_machine() {
        assert_eq!(local_paths(&repository()), NONE);
    }

    #[test]
    fn no_file_names_a_package_registry() {
        assert_eq!(registries(&repository()), NONE);
    }

    #[test]
    fn no_account_id_in_test_data_could_be_real() {
        assert_eq!(account_ids(&repository()), NONE);
    }

    #[test]
    fn local_paths_are_told_from_others() {
        let bad = [" /h@ome/me", "\"/r@oot/x\"", "file:///w@ork/x", "/h@ome/"].map(|line| line.replace('@', ""));
        for line in &bad {
            assert_eq!(local_paths(&Tree::of(&[("a.md", line)])).len(), 1, "{line}");
        }
        let good =
            ["https://example.com/h@ome/x", "docs/w@ork/x", "/h@omes/x", "~/w@ork/x"].map(|line| line.replace('@', ""));
        for line in &good {
            assert_eq!(local_paths(&Tree::of(&[("a.md", line)])), NONE, "{line}");
        }
        assert_eq!(local_paths(&Tree::of(&[(EXEMPT, &bad[0])])), NONE);
    }

    #[test]
    fn registries_are_found() {
        let mirror = format!("url = \"https://{}{}/simple\"", REGISTRIES[2].0, REGISTRIES[2].1);
        assert_eq!(registries(&Tree::of(&[("a.toml", &mirror)])).len(), 1);
        let lock = format!("{STANDARD}\nsource = \"sparse+https://mirror.example/\"\n");
        assert_eq!(registries(&Tree::of(&[("Cargo.lock", &lock)])), ["Cargo.lock:2: not Cargo's own registry"]);
    }

    #[test]
    fn account_ids_are_told_from_other_numbers() {
        // Written so that this file itself is no finding: the check looks at testdata only.
        let check = |text: &str| account_ids(&Tree::of(&[("testdata/a.csv", text)]));
        assert_eq!(
            check("arn:aws:iam::123456789013:role/x"),
            ["testdata/a.csv: 123456789013 could be a real account id"]
        );
        assert_eq!(check("987654321098,1"), ["testdata/a.csv: 987654321098 could be a real account id"]);
        assert_eq!(account_ids(&Tree::of(&[("testdata/a.csv.gz", "987654321098,1")])), NONE);
        for text in [
            "111111111111,123456789012,999999999999",
            "0.123456789013",
            "1234567890123",
            "12345678901",
            "x123456789013",
            "123456789013x",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(check(text), NONE, "{text}");
        }
    }
}
