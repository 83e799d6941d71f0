//! What the compiler does not check. One module a subject; every one of its checks is also a test.

mod arrows;
mod hygiene;
mod lints;
mod paths;
pub(crate) mod recommenders;
mod sources;

use std::path::Path;

use crate::tree::Tree;

/// What was found, one line each.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Must be put right.
    pub(crate) problems: Vec<String>,
    /// Worth a look.
    pub(crate) notes: Vec<String>,
}

/// Runs every check.
pub(crate) fn run(root: &Path) -> anyhow::Result<Found> {
    let tree = Tree::read(root)?;
    let packages = arrows::packages(root)?;
    let checks = [
        arrows::arrows(&packages),
        arrows::polars_named(&packages),
        arrows::polars_reached(tree.text("Cargo.lock").unwrap_or_default())?,
        lints::of_the_workspace(&tree),
        sources::module_docs(&tree),
        sources::budgets(&tree),
        recommenders::listed(&tree),
        recommenders::ids(),
        recommenders::pages(&tree),
        recommenders::scenarios(&tree),
        recommenders::silent(),
        recommenders::assumptions(&tree),
        paths::in_backticks(&tree),
        paths::links(&tree),
        paths::invariants(&tree),
        hygiene::local_paths(&tree),
        hygiene::registries(&tree),
        hygiene::account_ids(&tree),
    ];
    Ok(Found { problems: checks.concat(), notes: sources::notes(&tree) })
}
