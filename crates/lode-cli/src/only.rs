//! The words of `--only`: levers, rules, and ids of recommendations. One that names nothing is an error, not an empty list.

use std::path::PathBuf;

use lode_engine::{Engine, Settings};
use lode_recommenders::ALL;
use lode_report::Report;
use lode_settings::nearest;

use crate::settings::SettingsError;

/// Stops before anything is read where a word names no lever and no rule; which ids there are is known afterwards.
pub(crate) fn check_rules(only: &[String]) -> anyhow::Result<()> {
    if only.is_empty() {
        return Ok(());
    }
    let engine = Engine::new(ALL, Settings::default())?;
    let mut known: Vec<String> = Vec::new();
    for (recommender, rules) in engine.rules() {
        let id = recommender.meta().id;
        known.push(id.to_owned());
        known.extend(rules.iter().map(|rule| format!("{id}.{}", rule.id)));
    }
    let rule_of = |word: &str| word.split('/').next().unwrap_or_default().to_owned();
    match only.iter().find(|word| !known.contains(&rule_of(word))) {
        Some(word) => Err(names_nothing(word, known.iter().map(String::as_str)).into()),
        None => Ok(()),
    }
}

/// Stops where an id is of no recommendation of the report.
pub(crate) fn check_ids(only: &[String], report: &Report<'_>) -> Result<(), SettingsError> {
    let ids: Vec<&str> = report.outcome.recommendations.iter().map(|r| r.id.as_str()).collect();
    match only.iter().find(|word| word.contains('/') && !ids.contains(&word.as_str())) {
        Some(word) => Err(names_nothing(word, ids)),
        None => Ok(()),
    }
}

fn names_nothing<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> SettingsError {
    let meant = nearest(word, known).map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    SettingsError::Invalid {
        file: PathBuf::from("--only"),
        message: format!(
            "found {word:?}, expected a lever (prompt-caching), a rule (recommender.rule) or the id of a recommendation on \
             this input{meant}; help: `lode explain` lists every lever and rule"
        ),
    }
}
