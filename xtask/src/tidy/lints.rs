//! One set of lints for all crates; and one room where `unsafe` may be.

use toml::Table;

use crate::tree::Tree;

/// The crate that may hold `unsafe`, and its room.
const SCAN: &str = "crates/lode-scan/Cargo.toml";
const ROOM: &str = "crates/lode-scan/src/lanes.rs";
/// What it says otherwise than the workspace, or besides.
const OWN: [(&str, &str); 3] =
    [("unsafe_code", "deny"), ("unsafe_op_in_unsafe_fn", "deny"), ("undocumented_unsafe_blocks", "deny")];

/// Crates without the workspace's lints.
pub(super) fn of_the_workspace(tree: &Tree) -> Vec<String> {
    let table = |path: &str| tree.text(path).and_then(|text| text.parse::<Table>().ok());
    let mut problems = Vec::new();
    let crates = tree
        .texts()
        .map(|(path, _)| path)
        .filter(|path| (path.starts_with("crates/") || path.starts_with("xtask/")) && path.ends_with("/Cargo.toml"));
    for path in crates.filter(|path| *path != SCAN && !path.contains("/templates/")) {
        let own = table(path).and_then(|table| table.get("lints")?.get("workspace")?.as_bool());
        if own != Some(true) {
            problems.push(format!("{path}: lints that are not the workspace's: [lints] workspace = true"));
        }
    }
    let ours = table("Cargo.toml").and_then(|table| table.get("workspace")?.get("lints").cloned());
    let theirs = table(SCAN).and_then(|table| table.get("lints").cloned());
    if ours.as_ref().map(without) != theirs.as_ref().map(without) {
        problems.push(format!("{SCAN}: lints other than the workspace's, but for those of `unsafe`"));
    }
    problems
}

/// Lints but for those of `unsafe`, by tool.
fn without(lints: &toml::Value) -> Vec<(String, Vec<(String, toml::Value)>)> {
    let tools = lints.as_table().into_iter().flatten();
    tools
        .map(|(tool, lints)| {
            let kept = lints.as_table().into_iter().flatten();
            let kept = kept.filter(|(name, _)| OWN.iter().all(|(own, _)| own != name));
            (tool.clone(), kept.map(|(name, level)| (name.clone(), level.clone())).collect())
        })
        .collect()
}

/// Rooms that let themselves have `unsafe`, and levels of that crate that are not as they should be.
pub(super) fn one_room(tree: &Tree) -> Vec<String> {
    // In two parts, so that this file is none.
    let lets = |line: &str| ["expect(", "allow("].iter().any(|word| line.contains(&format!("{word}unsafe{}", "_code")));
    let rooms = tree.texts().filter(|(path, text)| path.ends_with(".rs") && *path != ROOM && text.lines().any(lets));
    let mut problems: Vec<String> = rooms.map(|(path, _)| format!("{path}: `unsafe` outside of {ROOM}")).collect();
    let text = tree.text(SCAN).unwrap_or_default();
    let missing = OWN.iter().filter(|(name, level)| !text.contains(&format!("{name} = \"{level}\"")));
    problems.extend(missing.map(|(name, level)| format!("{SCAN}: {name} = \"{level}\" is missing")));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    #[test]
    fn crates_have_one_set_of_lints_and_unsafe_one_room() {
        let tree = Tree::read(&root()).expect("the repository");
        assert_eq!((of_the_workspace(&tree), one_room(&tree)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn another_lint_and_another_room_are_found() {
        let levels: String = OWN.iter().map(|(name, level)| format!("{name} = \"{level}\"\n")).collect();
        let scan = format!("[lints.rust]\nmissing_docs = \"warn\"\n{levels}");
        let room = format!("#![{}(unsafe{}, reason = \"speed\")]\n", "expect", "_code");
        let workspace = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n";
        let good = [
            ("Cargo.toml", workspace),
            (SCAN, &scan),
            (ROOM, &room),
            ("xtask/Cargo.toml", "[lints]\nworkspace = true"),
        ];
        let tree = Tree::of(&good);
        assert_eq!((of_the_workspace(&tree), one_room(&tree)), (Vec::new(), Vec::new()));
        let tree =
            Tree::of(&[good[0], (SCAN, "[lints.rust]\n"), ("crates/a/Cargo.toml", ""), ("crates/a/src/lib.rs", &room)]);
        assert_eq!((of_the_workspace(&tree).len(), one_room(&tree).len()), (2, 1 + OWN.len()));
    }
}
