//! What an evaluation is to be able to say, and how many calls of a cohort that takes.

use lode_stats::NonInferiority;
use serde::{Deserialize, Serialize};

/// The design of a non-inferiority test of two pass rates measured on the same calls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// How much lower the pass rate of the candidate may be and still count as good enough: 0.05 is five in a hundred.
    pub margin: f64,
    /// How often the test is to succeed where the two pass equally often.
    pub power: f64,
    /// How often it may succeed where the candidate is worse by the whole margin; one-sided.
    pub alpha: f64,
    /// The pass rate expected of today's model.
    pub expected_pass: f64,
    /// The share of calls expected to pass with one of the two only.
    pub discordance: f64,
}

impl Default for Design {
    /// Five in a hundred, found four times of five, wrong once in twenty; nine of ten calls pass and one of ten differs.
    /// The first three are the usual ones of such tests; the last two are guesses, and only decide how many calls are
    /// taken, not the verdict.
    fn default() -> Self {
        Self { margin: 0.05, power: 0.80, alpha: 0.05, expected_pass: 0.90, discordance: 0.10 }
    }
}

/// Numbers that describe no test.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{name} is {found}; expected {expected}")]
pub struct DesignError {
    /// Which of the design's numbers.
    pub name: &'static str,
    /// What it is.
    pub found: f64,
    /// What it may be.
    pub expected: &'static str,
}

impl Design {
    /// The design, if it is one.
    ///
    /// # Errors
    /// When one of its numbers is not possible, or not with the others.
    pub fn checked(self) -> Result<Self, DesignError> {
        let rate = self.expected_pass;
        let checks = [
            ("margin", self.margin, self.margin > 0.0 && self.margin < 1.0, "a share above 0 and below 1"),
            ("power", self.power, (0.5..1.0).contains(&self.power), "a share from 0.5 to below 1"),
            ("alpha", self.alpha, self.alpha > 0.0 && self.alpha <= 0.5, "a share above 0 and up to 0.5"),
            ("expected_pass", rate, rate > 0.0 && rate < 1.0, "a share above 0 and below 1"),
            (
                "discordance",
                self.discordance,
                // Of two that pass equally often, each can pass alone where the other fails, and no more often.
                self.discordance > 0.0 && self.discordance <= 2.0 * rate.min(1.0 - rate) + 1e-9,
                "a share above 0 and up to twice the smaller of expected_pass and its rest",
            ),
        ];
        match checks.into_iter().find(|(_, _, holds, _)| !holds) {
            Some((name, found, _, expected)) => Err(DesignError { name, found, expected }),
            None => Ok(self),
        }
    }

    /// How many calls of a cohort decide about it, where both models pass equally often.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn cases(&self) -> Result<u64, DesignError> {
        let Self { margin, power, alpha, discordance, .. } = self.checked()?;
        let cases = NonInferiority { margin, power, alpha }.paired_cases(0.0, discordance);
        cases.ok_or(DesignError {
            name: "margin",
            found: margin,
            expected: "a margin that some number of calls can show",
        })
    }

    /// The confidence of the two-sided interval whose one end decides at `alpha`: 0.90 for 0.05.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        1.0 - 2.0 * self.alpha
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_takes_248_calls_of_a_cohort() {
        // (1.6449 + 0.8416)² × 0.10 / 0.05² = 247.3.
        assert_eq!(Design::default().cases(), Ok(248));
        assert_eq!(Design { margin: 0.10, ..Design::default() }.cases(), Ok(62));
    }

    #[test]
    fn what_is_no_test_is_named() {
        let name = |design: Design| design.checked().expect_err("no test").name;
        let right = Design::default();
        assert_eq!(name(Design { margin: 0.0, ..right }), "margin");
        assert_eq!(name(Design { power: 1.0, ..right }), "power");
        assert_eq!(name(Design { alpha: f64::NAN, ..right }), "alpha");
        assert_eq!(name(Design { expected_pass: 1.0, ..right }), "expected_pass");
        assert_eq!(name(Design { expected_pass: 0.97, ..right }), "discordance");
        assert!(Design { expected_pass: 0.95, ..right }.checked().is_ok(), "one fails alone in 5 %, the other in 5 %");
    }
}
