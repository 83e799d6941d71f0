//! A scenario: a folder of `testdata/scenarios/` with `scenario.toml` (what it shows) and `estate.json` (what was
//! billed and requested).

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use lode_engine::{Engine, Outcome, Recommender, Settings};
use lode_model::Bill;
use lode_sim::Estate;
use serde::Deserialize;

use crate::EstateFile;

/// One scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Folder name.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// Date of the report.
    pub as_of: Date,
    /// Rules (`recommender.rule`) that must recommend something here; no others may.
    pub fires: Vec<String>,
    /// What was billed and requested.
    pub estate: EstateFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    title: String,
    as_of: Date,
    fires: Vec<String>,
}

/// Every scenario, by name.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/scenarios");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("testdata/scenarios can be listed")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.iter().map(|folder| Scenario::read(folder)).collect()
}

impl Scenario {
    /// Reads one folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let text = |file: &str| {
            let path = folder.join(file);
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let header: Header = toml::from_str(&text("scenario.toml"))
            .unwrap_or_else(|e| panic!("{}/scenario.toml: {e}", folder.display()));
        let estate = serde_json::from_str(&text("estate.json"))
            .unwrap_or_else(|e| panic!("{}/estate.json: {e}", folder.display()));
        Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            title: header.title,
            as_of: header.as_of,
            fires: header.fires,
            estate,
        }
    }

    /// The scenario of a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        scenarios().into_iter().find(|s| s.name == name).unwrap_or_else(|| panic!("there is no scenario {name}"))
    }

    /// The bill it describes.
    #[must_use]
    pub fn bill(&self) -> Bill {
        self.estate.bill()
    }

    /// Its estate, through the real join.
    #[must_use]
    pub fn build(&self) -> Estate {
        self.estate.build(self.as_of)
    }

    /// What the engine concludes with these recommenders and no settings.
    #[must_use]
    pub fn run(&self, recommenders: &[&dyn Recommender]) -> (Estate, Outcome) {
        self.run_with(recommenders, Settings::default())
    }

    /// The same with settings.
    #[must_use]
    pub fn run_with(&self, recommenders: &[&dyn Recommender], settings: Settings) -> (Estate, Outcome) {
        let estate = self.build();
        let engine = Engine::new(recommenders, settings).expect("valid settings");
        let outcome = engine.run(&estate, self.as_of);
        (estate, outcome)
    }
}
