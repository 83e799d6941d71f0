//! What promptfoo wrote (`promptfoo eval -o results.json`), back to the tests of the project.
//!
//! Shapes: promptfoo 0.121 as it writes, and 0.60 to 0.120 by their documentation: the rows stand in `results.results`,
//! in older files in `results`. Of a row only its test, its provider, how it ended and its tokens are read.

use std::collections::{BTreeMap, BTreeSet};

use lode_model::Ratio;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Manifest;

/// How a call of one model ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer passed.
    Pass,
    /// It did not.
    Fail,
    /// There is none, or none that was judged: the provider or the judge failed. It decides nothing.
    Error,
}

/// What the two models did with a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// Today's model; none where it did not run.
    pub today: Option<Outcome>,
    /// The candidate.
    pub candidate: Option<Outcome>,
}

/// Tokens of the same calls on both models, over the calls for which both are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// How many calls.
    pub calls: u64,
    /// Tokens on today's model.
    pub today: u64,
    /// Tokens on the candidate.
    pub candidate: u64,
}

impl Measured {
    /// Candidate over today; none where nothing was measured.
    #[must_use]
    pub fn ratio(&self) -> Option<Ratio> {
        let ppm = u128::from(self.candidate) * 1_000_000 / u128::from(self.today).max(1);
        (self.today > 0 && self.candidate > 0).then(|| Ratio::from_ppm(i64::try_from(ppm).unwrap_or(i64::MAX)))
    }

    fn add(&mut self, today: u64, candidate: u64) {
        self.calls = self.calls.saturating_add(1);
        self.today = self.today.saturating_add(today);
        self.candidate = self.candidate.saturating_add(candidate);
    }
}

/// The results of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// By test id, every test of the manifest.
    pub pairs: BTreeMap<String, Pair>,
    /// Tokens of answers.
    pub output: Measured,
    /// Tokens of prompts.
    pub prompt: Measured,
}

/// Results that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// No JSON.
    #[error("no JSON: {0}; help: run `npm run eval` in the project; it writes results.json")]
    NotJson(serde_json::Error),
    /// No list of results.
    #[error("JSON without promptfoo's results; help: run `npm run eval` in the project; it writes results.json")]
    NoResults,
    /// A row that is of no test of the manifest.
    #[error(
        "result {row} is of no test of this project; help: import the results beside the lode-eval.json of their project"
    )]
    Stranger {
        /// Its place in the list, counting from 1.
        row: usize,
    },
    /// A row of neither model.
    #[error("result {row} is of neither `today` nor `candidate`; help: keep the labels in promptfooconfig.yaml")]
    NoSide {
        /// Its place in the list, counting from 1.
        row: usize,
    },
    /// Two rows of the same call.
    #[error("test {test:?} ran twice on the same model; help: run it without --repeat, and with one prompt")]
    Twice {
        /// The test.
        test: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Today,
    Candidate,
}

/// Tokens of a row: of the prompt and of the answer.
type RowTokens = (Option<u64>, Option<u64>);

/// Reads results.
///
/// # Errors
/// When they are none, or not of this project.
pub fn results(json: &[u8], manifest: &Manifest) -> Result<Results, ResultsError> {
    let value: Value = serde_json::from_slice(json).map_err(ResultsError::NotJson)?;
    let rows = value.get("results").and_then(|inner| inner.as_array().or_else(|| inner.get("results")?.as_array()));
    let rows = rows.ok_or(ResultsError::NoResults)?;
    let tests: BTreeSet<&str> = manifest.tests.iter().map(|test| test.test.as_str()).collect();
    let mut results = Results::default();
    let mut tokens: BTreeMap<(&str, Side), RowTokens> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let test = test_of(row).and_then(|test| tests.get(test).copied());
        let test = test.ok_or(ResultsError::Stranger { row: place + 1 })?;
        let side = side_of(row).ok_or(ResultsError::NoSide { row: place + 1 })?;
        let pair = results.pairs.entry(test.to_owned()).or_default();
        let kept = match side {
            Side::Today => &mut pair.today,
            Side::Candidate => &mut pair.candidate,
        };
        if kept.replace(outcome(row)).is_some() {
            return Err(ResultsError::Twice { test: test.to_owned() });
        }
        tokens.insert((test, side), tokens_of(row));
    }
    for test in tests {
        results.pairs.entry(test.to_owned()).or_default();
        let of = |side| tokens.get(&(test, side)).copied().unwrap_or_default();
        let (today, candidate) = (of(Side::Today), of(Side::Candidate));
        if let (Some(today), Some(candidate)) = (today.0, candidate.0) {
            results.prompt.add(today, candidate);
        }
        if let (Some(today), Some(candidate)) = (today.1, candidate.1) {
            results.output.add(today, candidate);
        }
    }
    Ok(results)
}

/// The variable that names the test.
fn test_of(row: &Value) -> Option<&str> {
    let holders = [Some(row), row.get("testCase"), row.get("test")];
    holders.into_iter().flatten().find_map(|holder| holder.get("vars")?.get("test")?.as_str())
}

fn side_of(row: &Value) -> Option<Side> {
    let provider = row.get("provider")?;
    let names = [provider.get("label"), provider.get("id"), Some(provider)];
    names.into_iter().flatten().filter_map(Value::as_str).find_map(|name| match name {
        "today" | "lode:today" => Some(Side::Today),
        "candidate" | "lode:candidate" => Some(Side::Candidate),
        _ => None,
    })
}

/// promptfoo's reasons of failure (`ResultFailureReason`): none, an assertion, an error.
const BY_ASSERTION: u64 = 1;
const BY_ERROR: u64 = 2;

fn outcome(row: &Value) -> Outcome {
    let is_there =
        |holder: Option<&Value>, key: &str| holder.and_then(|it| it.get(key)).is_some_and(|it| !it.is_null());
    let failed = is_there(row.get("response"), "error");
    let graded = is_there(Some(row), "gradingResult");
    let by = row.get("failureReason").and_then(Value::as_u64);
    if by == Some(BY_ERROR) || failed || judge_failed(row) {
        return Outcome::Error;
    }
    match row.get("success").and_then(Value::as_bool) {
        Some(true) => Outcome::Pass,
        Some(false) if by == Some(BY_ASSERTION) || graded => Outcome::Fail,
        // Older versions tell an error by what is missing.
        _ => Outcome::Error,
    }
}

/// A judge without a verdict is in promptfoo a failed assertion; the component says that it is none.
fn judge_failed(row: &Value) -> bool {
    let parts = row.get("gradingResult").and_then(|grading| grading.get("componentResults")).and_then(Value::as_array);
    parts.into_iter().flatten().any(|part| {
        let told = |key: &str| part.get("metadata").and_then(|it| it.get(key)).and_then(Value::as_bool) == Some(true);
        told("graderError")
    })
}

fn tokens_of(row: &Value) -> RowTokens {
    let usage = row.get("response").and_then(|response| response.get("tokenUsage")).or_else(|| row.get("tokenUsage"));
    let count = |key: &str| usage.and_then(|usage| usage.get(key)).and_then(Value::as_u64).filter(|count| *count > 0);
    (count("prompt"), count("completion"))
}

#[cfg(test)]
mod tests {
    use lode_model::{Cohort, ModelId};
    use serde_json::json;

    use super::*;
    use crate::{Design, ManifestCohort, ManifestTest, PassRule};

    /// One cohort, two tests.
    fn manifest() -> Manifest {
        let test = |test: &str| ManifestTest {
            test: test.to_owned(),
            request: test.to_owned(),
            cohort: Cohort::all(),
            rule: PassRule::Label,
        };
        Manifest {
            schema_version: 1,
            recommendation: "r".to_owned(),
            from: ModelId::from("a"),
            to: ModelId::from("b"),
            design: Design::default(),
            cohorts: vec![ManifestCohort { cohort: Cohort::all(), calls: 2, needed: 248, tests: 2 }],
            tests: vec![test("t0001"), test("t0002")],
        }
    }

    fn read(rows: Value) -> Result<Results, ResultsError> {
        results(json!({"results": {"version": 3, "results": rows}}).to_string().as_bytes(), &manifest())
    }

    fn row(side: &str, more: Value) -> Value {
        let mut row = json!({"vars": {"test": "t0001"}, "provider": {"id": "x", "label": side}});
        row.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        row
    }

    fn today(more: Value) -> Option<Outcome> {
        read(json!([row("today", more)])).expect("results").pairs["t0001"].today
    }

    #[test]
    fn what_failed_is_told_from_what_did_not_pass() {
        assert_eq!(today(json!({"success": true, "failureReason": 0})), Some(Outcome::Pass));
        assert_eq!(today(json!({"success": false, "failureReason": 1, "error": "worse"})), Some(Outcome::Fail));
        assert_eq!(today(json!({"success": false, "failureReason": 2, "error": "throttled"})), Some(Outcome::Error));
        // A judge without a verdict.
        let grading = json!({"pass": false, "componentResults": [{"pass": false, "metadata": {"graderError": true}}]});
        let told = json!({"success": false, "failureReason": 1, "gradingResult": grading});
        assert_eq!(today(told), Some(Outcome::Error));
        // Before there was a reason of failure.
        assert_eq!(today(json!({"success": true, "gradingResult": {"pass": true}})), Some(Outcome::Pass));
        assert_eq!(
            today(json!({"success": false, "error": "no", "gradingResult": {"pass": false}})),
            Some(Outcome::Fail)
        );
        assert_eq!(today(json!({"success": false, "error": "no", "gradingResult": null})), Some(Outcome::Error));
        assert_eq!(
            today(json!({"success": false, "response": {"error": "no"}, "gradingResult": {}})),
            Some(Outcome::Error)
        );
        assert_eq!(today(json!({})), Some(Outcome::Error));
    }

    #[test]
    fn rows_are_found_in_older_files_and_tests_that_did_not_run_are_there() {
        let rows = json!([
            {"testCase": {"vars": {"test": "t0001"}}, "provider": "today", "success": true},
            {"test": {"vars": {"test": "t0001"}}, "provider": {"id": "lode:candidate"}, "success": true},
        ]);
        for file in [json!({"results": rows}), json!({"version": 1, "results": {"results": rows}})] {
            let found = results(file.to_string().as_bytes(), &manifest()).expect("results");
            let passed = Some(Outcome::Pass);
            assert_eq!(found.pairs["t0001"], Pair { today: passed, candidate: passed });
            assert_eq!(found.pairs["t0002"], Pair::default());
            assert_eq!((found.output, found.output.ratio()), (Measured::default(), None));
        }
    }

    #[test]
    fn tokens_count_where_both_sides_tell_them() {
        let usage = |prompt: u64, completion: u64| json!({"success": true, "response": {"tokenUsage": {"prompt": prompt, "completion": completion}}});
        let mut second = row("today", usage(1_000, 1_000));
        second["vars"]["test"] = json!("t0002");
        let found =
            read(json!([row("today", usage(100, 20)), row("candidate", usage(120, 30)), second])).expect("results");
        assert_eq!(found.prompt, Measured { calls: 1, today: 100, candidate: 120 });
        assert_eq!(found.output, Measured { calls: 1, today: 20, candidate: 30 });
        assert_eq!(found.prompt.ratio().map(|ratio| ratio.ppm()), Some(1_200_000));
        // From a cache, promptfoo tells neither prompt nor answer.
        let cached =
            json!({"success": true, "response": {"cached": true, "tokenUsage": {"total": 120, "cached": 120}}});
        let found = read(json!([row("today", cached.clone()), row("candidate", cached)])).expect("results");
        assert_eq!(found.prompt, Measured::default());
    }

    #[test]
    fn results_of_something_else_are_refused() {
        let said = |rows: Value| read(rows).expect_err("not usable").to_string();
        let twice = json!([row("today", json!({"success": true})), row("today", json!({"success": true}))]);
        assert!(said(twice).contains("test \"t0001\" ran twice"), "repeated");
        assert!(said(json!([{"vars": {"test": "t0009"}, "provider": "today"}])).contains("result 1 is of no test"));
        assert!(said(json!([row("bedrock:x", json!({}))])).contains("neither `today` nor `candidate`"));
        assert!(said(json!([17])).contains("result 1 is of no test"));
        for file in ["{}", "[]", r#"{"results": {}}"#, r#"{"results": "secret"}"#] {
            let fault = results(file.as_bytes(), &manifest()).expect_err("no results").to_string();
            assert!(fault.contains("without promptfoo's results") && !fault.contains("secret"), "{fault}");
        }
        assert!(results(b"{", &manifest()).expect_err("no JSON").to_string().starts_with("no JSON"));
    }
}
