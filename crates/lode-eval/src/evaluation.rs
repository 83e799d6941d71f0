//! What an evaluation says: counts, intervals and a verdict, cohort by cohort, as a document that is kept. No text of a
//! prompt or an answer is in it.

use jiff::civil::Date;
use lode_model::{Cohort, ModelId};
use lode_stats::{Pairs, newcombe_paired};
use serde::{Deserialize, Serialize};

use crate::manifest::{self, pretty};
use crate::{Design, DocumentError, Manifest, Measured, Outcome, Results};

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The candidate passes as often as today's model, less the margin at most.
    NonInferior,
    /// It passes less often by more than the margin.
    Inferior,
    /// Neither is shown.
    Undecided,
}

/// Why a cohort is decided, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// By where the interval lies.
    Interval,
    /// No call of it has a result on both models.
    NoResults,
    /// More than a tenth of its calls have no result on both models: what failed may be what differs.
    Errors,
    /// Today's model passes less than half of its calls: a test that it fails itself says nothing of another model.
    TodayFails,
}

/// The largest share of tests without a result on both models at which the others decide.
const MOST_WITHOUT: f64 = 0.10;
/// The lowest pass rate of today's model at which a test says something.
const LEAST_TODAY: f64 = 0.50;

/// The result of a cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortResult {
    /// Its name.
    pub cohort: Cohort,
    /// How many calls it has in the logs that could be taken.
    pub calls: u64,
    /// How many decide about it, by the design.
    pub needed: u64,
    /// Calls that both models pass.
    pub both: u64,
    /// Calls that only today's model passes.
    pub only_today: u64,
    /// Calls that only the candidate passes.
    pub only_candidate: u64,
    /// Calls that neither passes.
    pub neither: u64,
    /// Calls on which a model or the judge failed: they decide nothing.
    pub errors: u64,
    /// Calls that did not run on both models.
    pub missing: u64,
    /// Pass rate of the candidate minus that of today's model.
    pub difference: f64,
    /// The lower end of its interval (Newcombe's for pairs, two-sided at one minus twice alpha).
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// What it says.
    pub verdict: Verdict,
    /// Why.
    pub why: Why,
}

impl CohortResult {
    /// Calls with a result on both models: those that decide.
    #[must_use]
    pub const fn decided_by(&self) -> u64 {
        self.pairs().total()
    }

    /// The candidate first.
    const fn pairs(&self) -> Pairs {
        Pairs { both: self.both, only_first: self.only_candidate, only_second: self.only_today, neither: self.neither }
    }

    /// Fills in what follows from the counts.
    #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
    fn decided(mut self, design: &Design) -> Self {
        let pairs = self.pairs();
        let interval = newcombe_paired(&pairs, design.confidence());
        (self.difference, self.low, self.high) = (pairs.difference(), interval.low, interval.high);
        let decided = pairs.total();
        let without = self.errors.saturating_add(self.missing);
        let all = decided.saturating_add(without);
        let today = self.both.saturating_add(self.only_today);
        self.why = if decided == 0 {
            Why::NoResults
        } else if without as f64 > MOST_WITHOUT * all as f64 {
            Why::Errors
        } else if (today as f64) < LEAST_TODAY * decided as f64 {
            Why::TodayFails
        } else {
            Why::Interval
        };
        self.verdict = match self.why {
            Why::Interval if self.low > -design.margin => Verdict::NonInferior,
            Why::Interval if self.high < -design.margin => Verdict::Inferior,
            _ => Verdict::Undecided,
        };
        self
    }
}

/// An evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// [`Evaluation::VERSION`].
    pub schema_version: u32,
    /// The id of the recommendation that was tested.
    pub recommendation: String,
    /// Today's model.
    pub from: ModelId,
    /// The model that would take its place.
    pub to: ModelId,
    /// The day of the import, UTC: `2026-11-29`.
    pub date: String,
    /// The design of the test.
    pub design: Design,
    /// Cohorts, in the order of their names.
    pub cohorts: Vec<CohortResult>,
    /// Of all: as good when every cohort is, worse when one is, else undecided.
    pub verdict: Verdict,
    /// Tokens of answers on both models.
    pub output: Measured,
    /// Tokens of the same prompts on both models.
    pub prompt: Measured,
}

/// What results say of a project. `date` is the day of the import.
#[must_use]
pub fn evaluate(manifest: &Manifest, results: &Results, date: Date) -> Evaluation {
    let cohorts: Vec<CohortResult> = manifest
        .cohorts
        .iter()
        .map(|cohort| {
            let mut result = CohortResult {
                cohort: cohort.cohort.clone(),
                calls: cohort.calls,
                needed: cohort.needed,
                both: 0,
                only_today: 0,
                only_candidate: 0,
                neither: 0,
                errors: 0,
                missing: 0,
                difference: 0.0,
                low: -1.0,
                high: 1.0,
                verdict: Verdict::Undecided,
                why: Why::NoResults,
            };
            for test in manifest.tests.iter().filter(|test| test.cohort == cohort.cohort) {
                let pair = results.pairs.get(&test.test).copied().unwrap_or_default();
                let count = match (pair.today, pair.candidate) {
                    (None, _) | (_, None) => &mut result.missing,
                    (Some(Outcome::Error), _) | (_, Some(Outcome::Error)) => &mut result.errors,
                    (Some(Outcome::Pass), Some(Outcome::Pass)) => &mut result.both,
                    (Some(Outcome::Pass), Some(Outcome::Fail)) => &mut result.only_today,
                    (Some(Outcome::Fail), Some(Outcome::Pass)) => &mut result.only_candidate,
                    (Some(Outcome::Fail), Some(Outcome::Fail)) => &mut result.neither,
                };
                *count += 1;
            }
            result.decided(&manifest.design)
        })
        .collect();
    Evaluation {
        schema_version: Evaluation::VERSION,
        recommendation: manifest.recommendation.clone(),
        from: manifest.from.clone(),
        to: manifest.to.clone(),
        date: date.to_string(),
        design: manifest.design,
        verdict: overall(&cohorts),
        cohorts,
        output: results.output,
        prompt: results.prompt,
    }
}

fn overall(cohorts: &[CohortResult]) -> Verdict {
    if cohorts.iter().any(|cohort| cohort.verdict == Verdict::Inferior) {
        Verdict::Inferior
    } else if !cohorts.is_empty() && cohorts.iter().all(|cohort| cohort.verdict == Verdict::NonInferior) {
        Verdict::NonInferior
    } else {
        Verdict::Undecided
    }
}

/// Rounding between one machine's decimal digits and another's.
const CLOSE: f64 = 1e-9;

impl Evaluation {
    /// The version that this program writes and reads.
    pub const VERSION: u32 = 1;

    /// The result of a cohort.
    #[must_use]
    pub fn cohort(&self, cohort: &Cohort) -> Option<&CohortResult> {
        self.cohorts.iter().find(|result| result.cohort == *cohort)
    }

    /// As JSON, with a line break at its end.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        pretty(self)
    }

    /// Reads an evaluation. Its numbers and verdicts must follow from its counts: a figure that was changed by hand is
    /// refused, not believed.
    ///
    /// # Errors
    /// When it is none, of another version, or does not agree with itself.
    pub fn read(json: &[u8]) -> Result<Self, DocumentError> {
        let mut evaluation: Self =
            manifest::read(json, Self::VERSION, "import the results again with this version of lode")?;
        evaluation.agreed().map_err(DocumentError::Broken)?;
        // Decimal digits can be a hair off; the counts are exact.
        let design = evaluation.design;
        evaluation.cohorts = evaluation.cohorts.into_iter().map(|cohort| cohort.decided(&design)).collect();
        Ok(evaluation)
    }

    fn agreed(&self) -> Result<(), String> {
        self.design.checked().map_err(|fault| format!("the design: {fault}"))?;
        if self.date.parse::<Date>().is_err() {
            return Err("the date is no day such as 2026-11-29".to_owned());
        }
        for (place, cohort) in self.cohorts.iter().enumerate() {
            let name = format!("cohort {:?}", cohort.cohort.as_str());
            if self.cohorts.iter().take(place).any(|other| other.cohort == cohort.cohort) {
                return Err(format!("{name} stands twice"));
            }
            let expected = cohort.clone().decided(&self.design);
            let numbers =
                [(cohort.difference, expected.difference), (cohort.low, expected.low), (cohort.high, expected.high)];
            if !numbers.iter().all(|(told, expected)| (told - expected).abs() < CLOSE) {
                return Err(format!("{name}: difference and interval do not follow from its counts"));
            }
            if (cohort.verdict, cohort.why) != (expected.verdict, expected.why) {
                return Err(format!("{name}: the verdict does not follow from its counts"));
            }
            let tests = [cohort.errors, cohort.missing].iter().fold(cohort.decided_by(), |a, b| a.saturating_add(*b));
            if tests > cohort.calls {
                return Err(format!("{name} has more tests than calls"));
            }
        }
        if self.verdict != overall(&self.cohorts) {
            return Err("the verdict does not follow from its cohorts".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
