//! `lode whatif`: a simulator on its own, with the user's parameters. It reads requests, a table of demand or documents, and no bill.

mod caching;
mod capacity;
mod chunking;
pub(crate) mod results;

use std::collections::BTreeMap;

use lode_model::{Inventory, ModelId, Ttl};
use lode_prices::{Catalogue, ModelInfo};

use crate::args::WhatIf;
use crate::{Exit, Shell};

/// Runs a simulator.
pub(crate) fn run(args: &WhatIf, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    match args {
        WhatIf::Caching(args) => caching::run(args, shell),
        WhatIf::Capacity(args) => capacity::run(args, shell),
        WhatIf::Chunking(args) => chunking::run(args, shell),
    }
}

/// Parameters that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WhatIfError {
    /// No such place for markers.
    #[error("--placement: {0}")]
    Placement(String),
    /// No such model.
    #[error(
        "--model: found {found}, expected a model id of the catalogue, such as anthropic.claude-sonnet-4-6; help: \
         ids and aliases are those of the AWS pages, with or without the prefix of an inference profile{like}"
    )]
    Model { found: String, like: String },
    /// A model without cache markers.
    #[error(
        "--model: found {0}, which takes no cache markers, expected a model that does; help: leave --model out, or name \
         one of Claude or Nova"
    )]
    NoMarkers(ModelId),
    /// A time to live that is not on offer.
    #[error(
        "--ttl: found {asked}, expected {offered}; help: give a time to live that the model offers, or leave --ttl out"
    )]
    Ttl { asked: Ttl, offered: String },
    /// Calls, and none to replay.
    #[error(
        "no call to replay: found {failed} that failed and {not_on_demand} in batch or on dedicated capacity, expected \
         calls on demand; help: point at logs of another time"
    )]
    NoCalls { failed: u64, not_on_demand: u64 },
    /// No demand.
    #[error("no demand: found {found}, expected {expected}; help: {help}")]
    NoDemand { found: String, expected: String, help: &'static str },
    /// A time that ends before it begins.
    #[error(
        "--to: found {to}, expected a time after --from, which is {from}; help: demand counts from --from on and before --to"
    )]
    Times { from: String, to: String },
    /// No price of tokens.
    #[error(
        "--{flag}: the catalogue has no on-demand price of {what}, expected one; help: give --{flag} in USD per million \
         tokens, or --model and --region of which the catalogue has a price"
    )]
    NoOnDemandPrice { flag: &'static str, what: String },
    /// No price of a unit.
    #[error(
        "--unit-price: the catalogue has no price of {what}, expected what a unit costs; help: give --unit-price in USD an \
         hour{instead}"
    )]
    NoUnitPrice { what: String, instead: String },
    /// Not in the Reserved tier.
    #[error("--reserved: found {found}, expected {expected}; help: leave --reserved out to compare model units")]
    NotReserved { found: String, expected: String },
    /// No documents.
    #[error(
        "--documents: found {found} in {folder}, expected files of UTF-8 text; help: point at the folder of the documents that \
         were ingested; text of PDF and Office files has to be taken out first"
    )]
    NoDocuments { folder: String, found: String },
    /// No strategy, or no child that fits into a parent.
    #[error(
        "--strategy: found semantic alone, or children above their --parents, expected a strategy that can be simulated; help: \
         add fixed, default, recursive or none, or smaller --sizes"
    )]
    NothingToCut,
    /// A file that is no text.
    #[error("--{flag}: {file}: found bytes that are not UTF-8, expected text; help: save it as UTF-8")]
    NotText { flag: &'static str, file: String },
    /// A file without a line that can be used.
    #[error("--{flag}: found no line that can be used ({found}), expected {expected}; help: see docs/whatif.md")]
    NoLines { flag: &'static str, found: String, expected: &'static str },
    /// No such embedding model.
    #[error(
        "--embedding-model: found {found}, expected an embedding model of the catalogue, such as \
         amazon.titan-embed-text-v2:0; help: ids are those of the AWS pages{like}"
    )]
    EmbeddingModel { found: String, like: String },
    /// A model without a price.
    #[error(
        "--{flag}: the catalogue has no price of input tokens of {model} in {region} for this use, expected one; help: give \
         another model or --region"
    )]
    NoInputPrice { flag: &'static str, model: ModelId, region: String },
}

impl WhatIfError {
    /// No documents; the first of the files that are none.
    fn no_documents(folder: String, skipped: usize, first: Option<(String, &str)>) -> Self {
        let found = match (skipped, first) {
            (0, _) | (_, None) => "no file".to_owned(),
            (1, Some((file, why))) => format!("{file} alone: {why}"),
            (files, Some((file, why))) => format!("{files} files, of which {file}: {why}"),
        };
        Self::NoDocuments { folder, found }
    }
}

/// The catalogue's id of a name. Where it is none, ids like it of models that fit are named.
fn model(name: &str, catalogue: &Catalogue, fits: fn(&ModelInfo) -> bool) -> Result<ModelId, WhatIfError> {
    catalogue.resolve(name).map(|info| info.id.clone()).ok_or_else(|| {
        let alike = catalogue.models().iter().filter(|info| fits(info) && info.id.as_str().contains(name));
        let alike: Vec<&str> = alike.map(|info| info.id.as_str()).take(5).collect();
        let like = if alike.is_empty() { String::new() } else { format!("; ids like it: {}", alike.join(", ")) };
        WhatIfError::Model { found: name.to_owned(), like }
    })
}

/// What inference profiles call, as far as the inventory tells.
fn names(inventory: &Inventory, catalogue: &Catalogue) -> BTreeMap<ModelId, ModelId> {
    let model = |arn: &str| catalogue.resolve(arn).map(|info| info.id.clone());
    let profiles = inventory.profiles.iter();
    profiles
        .filter_map(|profile| {
            let called = profile.models.iter().find_map(|arn| model(arn))?;
            Some((ModelId::from(&*profile.id), called))
        })
        .collect()
}
