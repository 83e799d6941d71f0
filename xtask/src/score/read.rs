//! The two files that are compared, as far as they are: `truth.json` of a synthetic estate, and the JSON report.
//! What else they hold is none of the score's business.

use anyhow::{Context as _, ensure};
use lode_model::Money;
use serde::{Deserialize, Deserializer};

/// Version of the report that this reads.
const REPORT_VERSION: u32 = 1;

/// What was planted.
#[derive(Debug, Deserialize)]
pub(super) struct Truth {
    /// Date to report as of.
    pub(super) as_of: String,
    /// What can be saved.
    pub(super) habits: Vec<Habit>,
    /// What looks like a habit and is none.
    #[serde(default)]
    pub(super) twins: Vec<Twin>,
    /// What the calls of every app on demand are for.
    #[serde(default)]
    pub(super) apps: Vec<App>,
}

/// An app and its class.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct App {
    pub(super) caller: String,
    pub(super) account: String,
    /// `unknown` where nobody can tell.
    pub(super) class: String,
}

/// Something that costs more than it need.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Habit {
    pub(super) id: String,
    /// Id of the lever that ends it.
    pub(super) lever: String,
    /// Nothing where no caller has it, but a resource.
    pub(super) caller: Option<String>,
    /// ARN of the resource that is billed for it.
    pub(super) resource: Option<String>,
    pub(super) account: String,
    pub(super) region: String,
    /// Nothing where no call has it.
    pub(super) model: Option<String>,
    /// Dollars a month that are gone when it is; negative is no habit.
    #[serde(deserialize_with = "usd")]
    pub(super) monthly: Money,
}

/// Something that looks like a habit of that lever and is none.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Twin {
    pub(super) id: String,
    pub(super) lever: String,
    pub(super) caller: Option<String>,
    pub(super) resource: Option<String>,
}

/// What was recommended.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    schema_version: u32,
    pub(super) recommendations: Vec<Recommendation>,
    /// What the calls of each workload are said to be for.
    pub(super) cohorts: Option<Vec<Cohort>>,
}

/// One workload and what its calls are said to be for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Cohort {
    pub(super) account: String,
    pub(super) caller: Option<String>,
    /// A class; `text` where nothing tells, `unknown` where there is nothing to tell it from.
    pub(super) task: String,
    /// Dollars a month.
    #[serde(deserialize_with = "usd")]
    pub(super) monthly: Money,
}

/// One recommendation.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Recommendation {
    pub(super) id: String,
    pub(super) lever: String,
    pub(super) scope: Scope,
    pub(super) savings: Savings,
}

/// Where.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Scope {
    pub(super) account: String,
    pub(super) region: Option<String>,
    pub(super) model: Option<String>,
    pub(super) caller: Option<String>,
    pub(super) resource: Option<String>,
}

/// Savings a month.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Savings {
    /// Of this step alone.
    #[serde(deserialize_with = "usd")]
    pub(super) standalone: Money,
}

impl Truth {
    /// Reads `truth.json`.
    pub(super) fn read(text: &[u8]) -> anyhow::Result<Self> {
        let truth: Self = serde_json::from_slice(text).context("truth.json")?;
        for habit in &truth.habits {
            ensure!(habit.monthly > Money::ZERO, "truth.json: habit {} saves nothing: {}", habit.id, habit.monthly);
        }
        Ok(truth)
    }
}

impl Report {
    /// Reads a JSON report.
    pub(super) fn read(text: &[u8]) -> anyhow::Result<Self> {
        let report: Self = serde_json::from_slice(text).context("the report of lode")?;
        let found = report.schema_version;
        ensure!(found == REPORT_VERSION, "the report of lode has version {found}, expected {REPORT_VERSION}");
        Ok(report)
    }
}

/// A decimal text of dollars, read exactly.
fn usd<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
    let text = String::deserialize(from)?;
    Money::parse(&text).map_err(|error| serde::de::Error::custom(format!("`{text}` is {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lode_recommenders::ALL;
    use lode_testkit::Scenario;

    #[test]
    fn a_truth_is_read_exactly_whatever_else_it_holds() {
        let text = br#"{"seed": 101, "scale": 100, "window": {"first": "2026-10-01", "last": "2026-10-31"},
            "as_of": "2026-11-05",
            "habits": [{"id": "h1", "lever": "prompt-caching", "caller": "role/app", "account": "111111111111",
                "region": "us-east-1", "model": "m", "with": "30.1", "without": "10", "saving": "20.1",
                "monthly": "19.733870967742", "gated": false}],
            "twins": [{"id": "t1", "lever": "prompt-caching", "caller": "role/other"}],
            "apps": [{"caller": "role/app", "account": "111111111111", "region": "us-east-1", "model": "m",
                "class": "label"}]}"#;
        let truth = Truth::read(text).expect("a truth");
        assert_eq!((truth.apps[0].caller.as_str(), truth.apps[0].class.as_str()), ("role/app", "label"));
        assert_eq!((truth.as_of.as_str(), truth.twins[0].caller.as_deref()), ("2026-11-05", Some("role/other")));
        assert_eq!(truth.habits[0].monthly.pico(), 19_733_870_967_742);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let habit = |monthly: &str| {
            format!(
                r#"{{"as_of": "2026-11-05", "habits": [{{"id": "h1", "lever": "l", "caller": "c", "account": "a",
                    "region": "r", "model": "m", "monthly": {monthly}}}]}}"#
            )
        };
        for monthly in ["1.5", r#""a lot""#, r#""0""#, r#""-1""#] {
            Truth::read(habit(monthly).as_bytes()).expect_err(monthly);
        }
        Truth::read(habit(r#""1.5""#).as_bytes()).expect("a decimal text");
        Report::read(br#"{"schema_version": 2, "recommendations": []}"#).expect_err("another version");
        let cohort = |monthly: &str| {
            format!(
                r#"{{"schema_version": 1, "recommendations": [], "cohorts": [{{"account": "a", "caller": "c",
                    "task": "label", "monthly": {monthly}}}]}}"#
            )
        };
        Report::read(cohort("1.5").as_bytes()).expect_err("a number is not exact");
        let read = Report::read(cohort(r#""1.5""#).as_bytes()).expect("a decimal text");
        assert_eq!(read.cohorts.expect("cohorts")[0].monthly.pico(), 1_500_000_000_000);
    }

    #[test]
    fn a_real_report_is_read() {
        let report = Report::read(Scenario::named("whole-plan").report_json(ALL).as_bytes()).expect("a report");
        let global = report.recommendations.iter().find(|r| r.lever == "routing-tier").expect("fires");
        assert_eq!(global.scope.region.as_deref(), Some("us-east-1"));
        assert!(global.scope.caller.is_some() && global.savings.standalone > Money::ZERO);
    }
}
