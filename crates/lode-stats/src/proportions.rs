//! Intervals for pass rates: one rate, the difference of two independent ones, and the difference of two that were
//! measured on the same cases. They are score intervals, which stay inside of what is possible and hold what they
//! promise where few cases or none fail; the textbook interval (plus or minus so many standard errors) does neither.

use statrs::distribution::{ContinuousCDF, Normal};

/// The ends of an interval. For a rate between 0 and 1, for a difference between -1 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Passes of two candidates on the same cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Cases that both pass.
    pub both: u64,
    /// Cases that only the first passes.
    pub only_first: u64,
    /// Cases that only the second passes.
    pub only_second: u64,
    /// Cases that neither passes.
    pub neither: u64,
}

impl Pairs {
    /// All cases.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.both.saturating_add(self.only_first).saturating_add(self.only_second).saturating_add(self.neither)
    }

    /// The pass rate of the first minus that of the second, between -1 and 1; 0 without cases.
    #[must_use]
    pub fn difference(&self) -> f64 {
        let cases = self.total();
        if cases == 0 { 0.0 } else { (self.only_first as f64 - self.only_second as f64) / cases as f64 }
    }

    /// The same cases with the two candidates exchanged.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { only_first: self.only_second, only_second: self.only_first, ..self }
    }
}

/// The quantile of the standard normal distribution, the `z` of the formulas. `probability` is between 0 and 1; its
/// ends give an infinity, anything else no number.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    Normal::standard().inverse_cdf(probability)
}

fn two_sided(confidence: f64) -> f64 {
    normal_quantile(1.0 - (1.0 - confidence) / 2.0)
}

/// Wilson's score interval for a rate (Wilson 1927). Without cases nothing is known: 0 to 1.
/// `confidence` is two-sided, such as 0.95.
#[must_use]
pub fn wilson(passes: u64, cases: u64, confidence: f64) -> Bounds {
    wilson_at(passes, cases, two_sided(confidence))
}

fn wilson_at(passes: u64, cases: u64, z: f64) -> Bounds {
    if cases == 0 {
        return Bounds { low: 0.0, high: 1.0 };
    }
    let (passes, cases) = (passes.min(cases) as f64, cases as f64);
    let rate = passes / cases;
    let middle = 2.0 * passes + z * z;
    let reach = z * (z * z + 4.0 * passes * (1.0 - rate)).sqrt();
    let whole = 2.0 * (cases + z * z);
    Bounds { low: ((middle - reach) / whole).max(0.0), high: ((middle + reach) / whole).min(1.0) }
}

/// A rate and how far it is to the ends of its interval.
struct Reach {
    rate: f64,
    down: f64,
    up: f64,
}

impl Reach {
    fn of(passes: u64, cases: u64, z: f64) -> Self {
        let rate = if cases == 0 { 0.0 } else { passes.min(cases) as f64 / cases as f64 };
        let Bounds { low, high } = wilson_at(passes, cases, z);
        Self { rate, down: rate - low, up: high - rate }
    }
}

/// Newcombe's interval for the difference of two independent rates, first minus second: method 10 of "Interval
/// estimation for the difference between independent proportions" (Statistics in Medicine 17, 873, 1998). Each side is
/// passes and cases; `confidence` is two-sided. Without cases on a side nothing is known: -1 to 1.
#[must_use]
pub fn newcombe_independent(first: (u64, u64), second: (u64, u64), confidence: f64) -> Bounds {
    if first.1 == 0 || second.1 == 0 {
        return Bounds { low: -1.0, high: 1.0 };
    }
    let z = two_sided(confidence);
    joined(&Reach::of(first.0, first.1, z), &Reach::of(second.0, second.1, z), 0.0)
}

/// Newcombe's interval for the difference of two rates measured on the same cases, first minus second: method 10 of
/// "Improved confidence intervals for the difference between binomial proportions based on paired data" (Statistics in
/// Medicine 17, 2635, 1998), with its corrected phi for how far the two agree. `confidence` is two-sided. Without cases
/// nothing is known: -1 to 1.
#[must_use]
pub fn newcombe_paired(pairs: &Pairs, confidence: f64) -> Bounds {
    let cases = pairs.total();
    if cases == 0 {
        return Bounds { low: -1.0, high: 1.0 };
    }
    let z = two_sided(confidence);
    let first = Reach::of(pairs.both.saturating_add(pairs.only_first), cases, z);
    let second = Reach::of(pairs.both.saturating_add(pairs.only_second), cases, z);
    joined(&first, &second, phi(pairs))
}

/// How far the two agree, between -1 and 1. Where they agree more often than by chance, half a case is taken off
/// each of the products, as the paper does against intervals that are too narrow.
fn phi(pairs: &Pairs) -> f64 {
    let [a, b, c, d] = [pairs.both, pairs.only_first, pairs.only_second, pairs.neither].map(|cases| cases as f64);
    let product = (a + b) * (c + d) * (a + c) * (b + d);
    if product <= 0.0 {
        return 0.0;
    }
    let agreement = a * d - b * c;
    let corrected = if agreement > 0.0 { (agreement - (a + b + c + d) / 2.0).max(0.0) } else { agreement };
    corrected / product.sqrt()
}

fn joined(first: &Reach, second: &Reach, phi: f64) -> Bounds {
    let difference = first.rate - second.rate;
    // Rounding can put a hair below zero where both are equal.
    let reach = |one: f64, other: f64| (one * one - 2.0 * phi * one * other + other * other).max(0.0).sqrt();
    Bounds {
        low: (difference - reach(first.down, second.up)).max(-1.0),
        high: (difference + reach(first.up, second.down)).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: Bounds, low: f64, high: f64) {
        let near = |a: f64, b: f64| (a - b).abs() < 0.000_05;
        assert!(near(found.low, low) && near(found.high, high), "{found:?}, published {low} to {high}");
    }

    #[test]
    fn the_quantiles_are_those_of_every_table() {
        assert!((normal_quantile(0.975) - 1.959_964).abs() < 1e-6);
        assert!((normal_quantile(0.95) - 1.644_854).abs() < 1e-6);
        assert!((normal_quantile(0.8) - 0.841_621).abs() < 1e-6);
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    /// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 857 (1998),
    /// table I, method 3.
    #[test]
    fn wilson_gives_the_published_intervals() {
        close(wilson(81, 263, 0.95), 0.2553, 0.3662);
        close(wilson(15, 148, 0.95), 0.0624, 0.1605);
        close(wilson(0, 20, 0.95), 0.0, 0.1611);
        close(wilson(1, 29, 0.95), 0.0061, 0.1718);
    }

    /// Newcombe, Statistics in Medicine 17, 873 (1998), table II, method 10; the same from statsmodels 0.14,
    /// `confint_proportions_2indep(method="newcomb")`.
    #[test]
    fn independent_differences_have_the_published_intervals() {
        close(newcombe_independent((56, 70), (48, 80), 0.95), 0.0524, 0.3339);
        close(newcombe_independent((9, 10), (3, 10), 0.95), 0.1705, 0.8090);
        close(newcombe_independent((6, 7), (2, 7), 0.95), 0.0582, 0.8062);
        close(newcombe_independent((5, 56), (0, 29), 0.95), -0.0381, 0.1926);
        close(newcombe_independent((0, 10), (0, 20), 0.95), -0.1611, 0.2775);
        close(newcombe_independent((10, 10), (0, 20), 0.95), 0.6791, 1.0);
    }

    fn pairs(both: u64, only_first: u64, only_second: u64, neither: u64) -> Pairs {
        Pairs { both, only_first, only_second, neither }
    }

    /// 36, 12, 2, 0: Newcombe, Statistics in Medicine 17, 2635 (1998), table II, method 10. 1, 1, 7, 12: Fagerland,
    /// Lydersen and Laake, "Recommended tests and confidence intervals for paired binomial proportions", Statistics in
    /// Medicine 33, 2850 (2014), Newcombe's square-and-add interval (-0.507 to -0.026; to four places by the oracle).
    #[test]
    fn paired_differences_have_the_published_intervals() {
        close(newcombe_paired(&pairs(36, 12, 2, 0), 0.95), 0.0569, 0.3404);
        close(newcombe_paired(&pairs(1, 1, 7, 12), 0.95), -0.5069, -0.0256);
    }

    /// The same formulas written once more in Python, with scipy's quantile: what the correction of phi, an empty
    /// margin and perfect agreement come to.
    #[test]
    fn paired_differences_agree_with_a_second_implementation() {
        close(newcombe_paired(&pairs(28, 12, 2, 8), 0.95), 0.0557, 0.3346);
        close(newcombe_paired(&pairs(20, 12, 2, 16), 0.95), 0.0562, 0.3292);
        close(newcombe_paired(&pairs(43, 0, 1, 0), 0.95), -0.1181, 0.0597);
        close(newcombe_paired(&pairs(20, 0, 0, 30), 0.95), -0.0404, 0.0404);
        close(newcombe_paired(&pairs(53, 0, 0, 1), 0.95), -0.0729, 0.0729);
        close(newcombe_paired(&pairs(54, 0, 0, 0), 0.95), -0.0664, 0.0664);
    }

    #[test]
    fn without_cases_nothing_is_known() {
        assert_eq!(wilson(0, 0, 0.95), Bounds { low: 0.0, high: 1.0 });
        assert_eq!(newcombe_paired(&Pairs::default(), 0.95), Bounds { low: -1.0, high: 1.0 });
        assert_eq!(newcombe_independent((0, 0), (1, 2), 0.95), Bounds { low: -1.0, high: 1.0 });
    }

    proptest! {
        #[test]
        fn intervals_hold_the_difference_and_turn_with_the_sides(
            cells in prop::array::uniform4(0_u64..300), confidence in 0.5_f64..0.999,
        ) {
            let pairs = pairs(cells[0], cells[1], cells[2], cells[3]);
            let found = newcombe_paired(&pairs, confidence);
            let turned = newcombe_paired(&pairs.swapped(), confidence);
            prop_assert!(-1.0 <= found.low && found.low <= pairs.difference() + 1e-12);
            prop_assert!(pairs.difference() <= found.high + 1e-12 && found.high <= 1.0);
            prop_assert!((found.low + turned.high).abs() < 1e-12 && (found.high + turned.low).abs() < 1e-12);
        }
    }
}
