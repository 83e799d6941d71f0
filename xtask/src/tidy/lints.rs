//! One set of lints for all crates, which forbids `unsafe`.

use toml::Table;

use crate::tree::Tree;

/// Crates without the workspace's lints, and a workspace that lets `unsafe` pass.
pub(super) fn of_the_workspace(tree: &Tree) -> Vec<String> {
    let table = |path: &str| tree.text(path).and_then(|text| text.parse::<Table>().ok());
    let is_crate =
        |path: &&str| (path.starts_with("crates/") || path.starts_with("xtask/")) && path.ends_with("/Cargo.toml");
    let own = |path: &str| table(path).and_then(|table| table.get("lints")?.get("workspace")?.as_bool()) != Some(true);
    let crates = tree.texts().map(|(path, _)| path).filter(is_crate).filter(|path| own(path));
    let mut problems: Vec<String> =
        crates.map(|path| format!("{path}: lints that are not the workspace's: [lints] workspace = true")).collect();
    let level = table("Cargo.toml").and_then(|table| {
        Some(table.get("workspace")?.get("lints")?.get("rust")?.get("unsafe_code")?.as_str()?.to_owned())
    });
    if level.as_deref() != Some("forbid") {
        problems.push("Cargo.toml: unsafe_code = \"forbid\" is missing".to_owned());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::root;

    #[test]
    fn crates_have_one_set_of_lints_and_no_unsafe() {
        assert_eq!(of_the_workspace(&Tree::read(&root()).expect("the repository")), Vec::<String>::new());
    }

    #[test]
    fn another_set_is_found() {
        let workspace = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        let good = [("Cargo.toml", workspace), ("xtask/Cargo.toml", "[lints]\nworkspace = true")];
        assert_eq!(of_the_workspace(&Tree::of(&good)), Vec::<String>::new());
        let bad = [("Cargo.toml", ""), ("crates/a/Cargo.toml", "[lints.rust]\nunsafe_code = \"deny\"")];
        assert_eq!(of_the_workspace(&Tree::of(&bad)).len(), 2);
    }
}
