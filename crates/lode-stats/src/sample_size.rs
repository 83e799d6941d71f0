//! How many cases a test of non-inferiority needs: whether something cheaper passes at most so much less often.
//!
//! Both formulas are for large samples, with the rates that are expected: they plan a test, they do not decide one.

use crate::normal_quantile;

/// What a test is to be able to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonInferiority {
    /// How much lower a pass rate may be and still be as good: above 0, below 1.
    pub margin: f64,
    /// How often the test is to succeed where the rates are as expected: between 0.5 and 1.
    pub power: f64,
    /// How often it may succeed where the rate is lower by the whole margin, one-sided: above 0, at most 0.5.
    pub alpha: f64,
}

impl NonInferiority {
    /// The squared sum of the two quantiles; nothing for a test that is none.
    fn quantiles(&self) -> Option<f64> {
        let open = |value: f64, low: f64, high: f64| value > low && value < high;
        let is_test =
            open(self.margin, 0.0, 1.0) && open(self.power, 0.0, 1.0) && open(self.alpha, 0.0, 0.5 + f64::EPSILON);
        is_test.then(|| (normal_quantile(1.0 - self.alpha) + normal_quantile(self.power)).powi(2))
    }

    /// Cases for two rates measured on the same cases: `(z_alpha + z_power)² (ψ - δ²) / (margin + δ)²`, where `ψ`
    /// (`discordance`) is the share of cases that only one of the two passes and `δ` (`difference`) the expected rate
    /// of the cheaper minus that of today. Wald's test with the variance of the alternative: Liu, Hsueh, Hsieh and
    /// Chen, "Tests for equivalence or non-inferiority for paired binary data", Statistics in Medicine 21, 231 (2002);
    /// Nam, Biometrics 53, 1422 (1997).
    ///
    /// At least 1. Nothing where no number of cases is enough (the difference reaches the margin) or the numbers
    /// describe no test: a discordance outside of 0 to 1 or below the difference.
    #[must_use]
    pub fn paired_cases(&self, difference: f64, discordance: f64) -> Option<u64> {
        let possible = (0.0..=1.0).contains(&discordance) && difference.abs() <= discordance;
        possible.then_some(())?;
        self.cases(difference, discordance - difference * difference)
    }

    /// Cases on each side for two rates measured on cases of their own: `(z_alpha + z_power)² (p₁ (1 - p₁) + p₂ (1 -
    /// p₂)) / (margin + p₂ - p₁)²`. Blackwelder, "Proving the null hypothesis in clinical trials", Controlled Clinical
    /// Trials 3, 345 (1982). `today` and `cheaper` are the expected rates.
    ///
    /// At least 1. Nothing where no number of cases is enough or the numbers describe no test.
    #[must_use]
    pub fn independent_cases(&self, today: f64, cheaper: f64) -> Option<u64> {
        let possible = [today, cheaper].iter().all(|rate| (0.0..=1.0).contains(rate));
        possible.then_some(())?;
        self.cases(cheaper - today, today * (1.0 - today) + cheaper * (1.0 - cheaper))
    }

    fn cases(&self, difference: f64, variance: f64) -> Option<u64> {
        let room = self.margin + difference;
        let cases = self.quantiles()? * variance / (room * room);
        (room > 0.0 && cases.is_finite()).then(|| whole_above(cases))
    }
}

/// The next whole number; a hair above one is rounding.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn whole_above(cases: f64) -> u64 {
    ((cases - 1e-9).ceil() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(margin: f64, power: f64, alpha: f64) -> NonInferiority {
        NonInferiority { margin, power, alpha }
    }

    /// Chow, Shao and Wang, "Sample Size Calculations in Clinical Research", chapter 4.2, example of non-inferiority:
    /// rates of 0.65 and 0.85, margin 0.10, alpha 0.05, power 0.80: 25 on each side.
    #[test]
    fn the_textbook_example_of_independent_groups() {
        assert_eq!(test(0.10, 0.80, 0.05).independent_cases(0.65, 0.85), Some(25));
    }

    /// By hand, Blackwelder's formula: (1.6449 + 1.2816)² = 8.5639; times 2 × 0.85 × 0.15 = 0.255; over 0.10² gives 218.4.
    #[test]
    fn equal_rates_in_independent_groups() {
        assert_eq!(test(0.10, 0.90, 0.05).independent_cases(0.85, 0.85), Some(219));
    }

    /// By hand: (1.6449 + 0.8416)² = 6.1826; times 0.10, over 0.05², is 247.3. With a difference of -0.01: times 0.0999, over
    /// 0.04², is 386.03.
    #[test]
    fn paired_cases_by_hand() {
        assert_eq!(test(0.05, 0.80, 0.05).paired_cases(0.0, 0.10), Some(248));
        assert_eq!(test(0.05, 0.80, 0.05).paired_cases(-0.01, 0.10), Some(387));
        assert_eq!(test(0.10, 0.80, 0.05).paired_cases(0.0, 0.10), Some(62));
    }

    /// Without any agreement beyond chance, `p (1 - p)` twice is the discordance: the paired test is then the
    /// independent one.
    #[test]
    fn pairing_is_worth_what_the_two_agree() {
        let test = test(0.10, 0.90, 0.025);
        assert_eq!(test.paired_cases(0.0, 2.0 * 0.85 * 0.15), test.independent_cases(0.85, 0.85));
        assert!(test.paired_cases(0.0, 0.1) < test.independent_cases(0.85, 0.85));
    }

    #[test]
    fn what_is_no_test_has_no_size() {
        assert_eq!(test(0.05, 0.80, 0.05).paired_cases(-0.05, 0.10), None, "the margin is used up");
        assert_eq!(test(0.05, 0.80, 0.05).paired_cases(-0.2, 0.10), None, "more difference than discordance");
        assert_eq!(test(0.0, 0.80, 0.05).paired_cases(0.0, 0.10), None);
        assert_eq!(test(0.05, 1.0, 0.05).paired_cases(0.0, 0.10), None);
        assert_eq!(test(0.05, f64::NAN, 0.05).paired_cases(0.0, 0.10), None);
        assert_eq!(test(0.05, 0.80, 0.05).independent_cases(1.1, 0.5), None);
        assert_eq!(test(0.05, 0.80, 0.05).paired_cases(0.0, 0.0), Some(1), "nothing ever differs");
    }
}
