//! `lode.toml`: caller keys, basis, thresholds, suppressions. Unknown keys are errors, said with line and column.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use lode_engine::{Settings, Silence, Threshold};
use lode_model::{CallerKey, ModelId};
use lode_prices::Catalogue;
use lode_sim::Basis;
use serde::Deserialize;

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file cannot be read.
    #[error("{}: {source}; help: check the path given with --config", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// The file does not say what settings can say.
    #[error("{}: {message}", file.display())]
    Invalid { file: PathBuf, message: String },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    #[serde(default)]
    report: ReportForm,
    #[serde(default)]
    thresholds: BTreeMap<String, Threshold>,
    #[serde(default)]
    suppress: Vec<SuppressForm>,
    /// Tokens a minute that one model unit answers, by model id.
    #[serde(default)]
    capacity: BTreeMap<String, u64>,
    #[serde(default)]
    residency: ResidencyForm,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResidencyForm {
    /// Accounts, regions and beginnings of regions whose calls stay in their region.
    #[serde(default)]
    regional: Vec<String>,
}

/// Whether an entry of `regional` is an account, a region or the beginning of one.
fn is_place(entry: &str) -> bool {
    let account = entry.len() == 12 && entry.bytes().all(|byte| byte.is_ascii_digit());
    let letters = entry.bytes().take_while(u8::is_ascii_lowercase).count();
    let region = entry.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    account || region && letters == 2 && entry.as_bytes().get(2) == Some(&b'-')
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportForm {
    basis: Option<BasisForm>,
    caller_keys: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum BasisForm {
    Net,
    Unblended,
    List,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuppressForm {
    id: String,
    reason: String,
    owner: String,
    expires: Option<Date>,
}

/// Settings of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunSettings {
    pub(crate) basis: Option<Basis>,
    pub(crate) caller_keys: Option<Vec<CallerKey>>,
    pub(crate) capacity: BTreeMap<ModelId, u64>,
    pub(crate) engine: Settings,
}

impl RunSettings {
    /// The file given, else `lode.toml` of the current folder if there is one.
    pub(crate) fn read(given: Option<&Path>) -> Result<Self, SettingsError> {
        let default = Path::new("lode.toml");
        let Some(file) = given.or_else(|| default.is_file().then_some(default)) else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file)
            .map_err(|source| SettingsError::Unreadable { file: file.to_owned(), source })?;
        let invalid = |message: String| SettingsError::Invalid { file: file.to_owned(), message };
        let form: FileForm = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        if let Some(empty) = form.suppress.iter().find(|s| s.reason.trim().is_empty() || s.owner.trim().is_empty()) {
            return Err(invalid(format!("the suppression of {} needs a reason and an owner", empty.id)));
        }
        let keys = form.report.caller_keys.as_ref().map(|words| {
            let key = |word: &String| {
                CallerKey::from_word(word).ok_or_else(|| {
                    invalid(format!(
                        "caller_keys: found {word}, expected request-metadata:KEY, \
                         application-inference-profile, iam-principal, tag:KEY or cost-category:NAME"
                    ))
                })
            };
            words.iter().map(key).collect::<Result<Vec<_>, _>>()
        });
        let caller_keys = keys.transpose()?;
        let resolved = form.capacity.iter().map(|(name, tokens)| {
            let model = Catalogue::builtin().resolve(name).map(|info| info.id.clone());
            model.map(|model| (model, *tokens)).ok_or_else(|| {
                invalid(format!(
                    "capacity: found {name}, expected the id of a Bedrock model, such as amazon.nova-2-lite-v1:0"
                ))
            })
        });
        let capacity = resolved.collect::<Result<Vec<_>, _>>()?;
        if let Some((model, _)) = form.capacity.iter().find(|(_, tokens)| **tokens == 0) {
            return Err(invalid(format!("capacity: {model} has 0 tokens a minute, expected at least 1")));
        }
        if let Some(entry) = form.residency.regional.iter().find(|entry| !is_place(entry)) {
            return Err(invalid(format!(
                "residency: regional has {entry}, expected an account (111111111111), a region (eu-central-1) or the \
                 beginning of one (eu-)"
            )));
        }
        Ok(Self {
            basis: form.report.basis.map(|basis| match basis {
                BasisForm::Net => Basis::Net,
                BasisForm::Unblended => Basis::Unblended,
                BasisForm::List => Basis::List,
            }),
            caller_keys,
            capacity: capacity.into_iter().collect(),
            engine: Settings {
                tested: Vec::new(),
                regional: form.residency.regional.iter().map(|entry| entry.as_str().into()).collect(),
                thresholds: form.thresholds,
                silenced: form
                    .suppress
                    .into_iter()
                    .map(|s| Silence { id: s.id, reason: s.reason, owner: s.owner, expires: s.expires })
                    .collect(),
            },
        })
    }
}
