//! What a settings file may hold, key by key. The JSON schema for editors is made from these structs and their comments.

use std::collections::BTreeMap;

use lode_engine::Threshold;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// Settings of Lode, `lode.toml`. Every key is optional.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "lode.toml")]
pub(crate) struct File {
    /// What every report stands on.
    #[serde(default)]
    pub(crate) report: Report,
    /// Tokens a minute that one model unit of Provisioned Throughput answers, by model id; AWS tells its customers.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Positive>")]
    pub(crate) capacity: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    /// Where calls must stay in their region.
    #[serde(default)]
    pub(crate) residency: Residency,
    /// Names to show beside raw ones, by account, caller or resource as the report shows it. Ids never change by them.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) labels: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Which models may be recommended.
    #[serde(default)]
    pub(crate) models: Models,
    /// Thresholds in place of the built-in ones, by `recommender.rule.signal`; where two clauses of a rule compare one
    /// signal, with the comparator behind: `vector-store.floor.ocu.mean <=`. `lode explain` lists all.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, AnyThreshold>")]
    pub(crate) thresholds: BTreeMap<Spanned<String>, Spanned<Threshold>>,
    /// Rules and recommendations that are not wanted. They are listed as silenced, never dropped.
    #[serde(default)]
    pub(crate) suppress: Vec<Suppress>,
}

/// A number from 1 on.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Positive(#[schemars(range(min = 1))] u64);

/// What can name a caller, as `lode_model::CallerKey::from_word` reads it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct CallerKeyWord(
    #[schemars(regex(
        pattern = "^(application-inference-profile|iam-principal|request-metadata:.+|tag:.+|cost-category:.+)$"
    ))]
    String,
);

/// An account, a region or the beginning of one.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Place(#[schemars(regex(pattern = "^([0-9]{12}|[a-z]{2}-[a-z-]*|[a-z]{2}(-[a-z]+)+-[0-9])$"))] String);

/// A day, such as 2027-06-30.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Day(#[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))] String);

/// True or false, a number or a word.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum AnyThreshold {
    /// Yes or no.
    Flag(bool),
    /// A number; dollars too.
    Number(f64),
    /// A word.
    Text(String),
}

/// `[report]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    /// Cost every figure stands on. Default: net, what you really pay. `--basis` goes first.
    #[schemars(with = "Option<Basis>")]
    pub(crate) basis: Option<Spanned<String>>,
    /// What names the caller of a call, the first that is there: `request-metadata:KEY`, `application-inference-profile`,
    /// `iam-principal`, `tag:KEY`, `cost-category:NAME`. Default: application inference profile, then IAM principal.
    #[schemars(with = "Option<Vec<CallerKeyWord>>")]
    pub(crate) caller_keys: Option<Vec<Spanned<String>>>,
    /// The IANA time zone in which times of the day are said beside UTC, such as `Europe/Berlin`. Days of the bill stay UTC,
    /// as AWS bills them. Default: UTC alone.
    #[schemars(with = "Option<String>")]
    pub(crate) time_zone: Option<Spanned<String>>,
}

/// A cost basis.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
enum Basis {
    /// What you really pay: net cost, or unblended cost less the discount rows.
    Net,
    /// Unblended cost, before discounts.
    Unblended,
    /// Public on-demand cost, where the export has it.
    List,
}

/// `[residency]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Residency {
    /// Accounts (`111111111111`), regions (`eu-central-1`) and beginnings of regions (`eu-`) whose calls stay in their
    /// region: no global inference profile is recommended there.
    #[serde(default)]
    #[schemars(with = "Vec<Place>")]
    pub(crate) regional: Vec<Spanned<String>>,
}

/// `[models]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Models {
    /// Moves between models that are never proposed; listed as declined, and the next best model is taken.
    #[serde(default)]
    pub(crate) forbidden: Vec<Forbidden>,
}

/// A move that is never proposed. In patterns `*` stands for any characters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forbidden {
    /// Model ids of today, as a pattern. Default: any.
    #[schemars(with = "Option<String>")]
    pub(crate) from: Option<Spanned<String>>,
    /// Model ids that calls must not move to, as a pattern.
    #[schemars(with = "String")]
    pub(crate) to: Spanned<String>,
    /// Why; the report shows it.
    #[schemars(with = "String", length(min = 1))]
    pub(crate) reason: Spanned<String>,
}

/// `[[suppress]]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suppress {
    /// A rule (`recommender.rule`), or the id of a recommendation as `--format json` has it.
    #[schemars(with = "String")]
    pub(crate) id: Spanned<String>,
    /// Why it is not wanted; the report shows it.
    #[schemars(with = "String", length(min = 1))]
    pub(crate) reason: Spanned<String>,
    /// Who answers for that; the report shows it.
    #[schemars(with = "String", length(min = 1))]
    pub(crate) owner: Spanned<String>,
    /// The last day it holds, such as 2027-06-30; from the next day on the recommendation is back. Default: for ever.
    #[schemars(with = "Option<Day>")]
    pub(crate) expires: Option<Spanned<toml::Value>>,
}
