//! The catalogue itself: reads the embedded data once and answers questions about models.

use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use lode_model::ModelId;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model_info::ModelInfo;
use crate::moves::Move;
use crate::names::Names;
use crate::service::{ServiceCount, ServiceFile, ServicePrice, Services};
use crate::sheet;

/// Where prices and facts were read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The letter or letters that prices cite it by.
    pub id: Arc<str>,
    /// What it is.
    pub what: Arc<str>,
    /// Its date, as exactly as known: `2026-11-23`, `2026-11` or `2024`.
    pub date: Option<Arc<str>>,
    /// Its licence.
    pub licence: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    #[serde(deserialize_with = "sheet::day")]
    as_of: Date,
    sources: Vec<Source>,
}

/// Bedrock list prices, models, lifecycle and moves, as of one day.
#[derive(Clone, Debug)]
pub struct Catalogue {
    as_of: Date,
    sources: Vec<Source>,
    models: Vec<ModelInfo>,
    moves: Vec<Move>,
    services: Services,
    names: Names,
}

/// A data file that does not parse.
#[derive(Debug, thiserror::Error)]
#[error("price catalogue, file {file}: {source}")]
pub(crate) struct CatalogueError {
    file: &'static str,
    source: serde_json::Error,
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, CatalogueError> {
    serde_json::from_str(text).map_err(|source| CatalogueError { file, source })
}

impl Catalogue {
    /// The catalogue built into this program, parsed at the first call.
    ///
    /// # Panics
    /// Never in a build whose tests passed: they parse the same embedded text.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::embedded().unwrap_or_else(|error| panic!("{error}")));
        &BUILTIN
    }

    pub(crate) fn embedded() -> Result<Self, CatalogueError> {
        let SourceFile { as_of, sources } = read("sources.json", include_str!("../data/sources.json"))?;
        let mut models: Vec<ModelInfo> = read("models.json", include_str!("../data/models.json"))?;
        models.sort_by(|a, b| a.id.cmp(&b.id));
        let mut moves: Vec<Move> = read("moves.json", include_str!("../data/moves.json"))?;
        moves.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        let services = Services::from(read::<ServiceFile>("services.json", include_str!("../data/services.json"))?);
        let names = Names::of(&models);
        Ok(Self { as_of, sources, models, moves, services, names })
    }

    /// The day whose prices these are.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The sources, by their letters.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Every model, by id.
    #[must_use]
    pub fn models(&self) -> &[ModelInfo] {
        &self.models
    }

    /// The model of an exact id.
    #[must_use]
    pub fn model(&self, id: &ModelId) -> Option<&ModelInfo> {
        self.models.binary_search_by(|model| model.id.cmp(id)).ok().and_then(|at| self.models.get(at))
    }

    /// The model of a name in any form AWS writes it: an id with or without date and version, an inference
    /// profile id, a foundation-model or inference-profile ARN, a short name of a usage type
    /// (`Claude4.6Sonnet`), a Marketplace product name with or without its suffix, an alias, a Price List name.
    ///
    /// A name that fits two models, or none exactly, is `None`: never a guess. ARNs of custom models and
    /// application inference profiles do not name a model.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<&ModelInfo> {
        self.names.find(name).and_then(|at| self.models.get(at))
    }

    /// Every move, by model today and target.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// The moves away from a model, by target.
    #[must_use]
    pub fn moves_from(&self, id: &ModelId) -> &[Move] {
        let start = self.moves.partition_point(|candidate| candidate.from < *id);
        let end = self.moves.partition_point(|candidate| candidate.from <= *id);
        self.moves.get(start..end).unwrap_or_default()
    }

    /// The price of something that is not a model, such as `opensearch_serverless.ocu_hour`.
    #[must_use]
    pub fn service_price(&self, name: &str) -> Option<&ServicePrice> {
        self.services.prices.get(name)
    }

    /// A number that belongs to a price, such as `opensearch_serverless.classic_min_ocu_redundant`.
    #[must_use]
    pub fn service_count(&self, name: &str) -> Option<&ServiceCount> {
        self.services.counts.get(name)
    }

    /// Every price that is not a model's, by name.
    pub fn service_prices(&self) -> impl Iterator<Item = &ServicePrice> {
        self.services.prices.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_parses_and_nothing_is_lost() {
        let catalogue = Catalogue::embedded().expect("the embedded files parse");
        assert_eq!(catalogue.models.len(), 146);
        assert_eq!(catalogue.moves.len(), 86);
        assert_eq!(catalogue.services.prices.len(), 47);
        assert_eq!(catalogue.services.counts.len(), 8);
        assert_eq!(catalogue.sources.len(), 16);
        assert!(catalogue.models.windows(2).all(|pair| pair[0].id < pair[1].id), "ids are unique");
        assert!(catalogue.moves.windows(2).all(|pair| (&pair[0].from, &pair[0].to) < (&pair[1].from, &pair[1].to)));
    }

    #[test]
    fn a_faulty_file_is_named() {
        let error = read::<Vec<Source>>("sources.json", "[\n{\"id\": 3}]").expect_err("a number is no id");
        assert!(error.to_string().starts_with("price catalogue, file sources.json: invalid type"), "{error}");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
