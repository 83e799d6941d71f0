//! Statistics, and the only place where floats are more than display: resampling over days for the intervals of a report, and
//! over cases for the difference of two ways; least squares, the tail of a count, and the test by which an evaluation says
//! whether one model passes as often as another. Deterministic: the same numbers give the same bytes on any machine and
//! thread.
//!
//! This crate knows no charges, no rules and no dollars: only series by day, differences by case, sums over
//! observations, and counts of passes.

mod chance;
mod least_squares;
mod proportions;
mod sample_size;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::statistics::{Data, OrderStatistics};

pub use chance::at_least;
pub use least_squares::{Coefficient, NormalEquations, nonnegative_least_squares};
pub use proportions::{Bounds, Pairs, newcombe_independent, newcombe_paired, normal_quantile, wilson};
pub use sample_size::NonInferiority;

/// Resamples taken. The 5th and 95th percentile of 1,000 are stable to about 1 % of the spread.
const RESAMPLES: usize = 1_000;
/// Days resampled together, so that weekdays stay with their neighbours (block bootstrap, Künsch 1989).
const BLOCK: usize = 7;

/// The 5th and 95th percentile of a sum over resampled days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// 5th percentile.
    pub low: f64,
    /// 95th percentile.
    pub high: f64,
}

/// Block bootstrap over days. `series` holds one row of weighted daily values per quantity, all of equal
/// length; every resample draws the same days for all rows, so that their sum is resampled jointly. Returns an
/// interval per row and, last, one for their sum.
#[must_use]
pub fn block_bootstrap(series: &[Vec<f64>]) -> Vec<Interval> {
    let days = series.iter().map(Vec::len).min().unwrap_or(0);
    if days == 0 {
        return vec![Interval { low: 0.0, high: 0.0 }; series.len() + 1];
    }
    let block = BLOCK.min(days);
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_123);
    let mut sums = vec![Vec::with_capacity(RESAMPLES); series.len() + 1];
    for _ in 0..RESAMPLES {
        let mut drawn = Vec::with_capacity(days);
        while drawn.len() < days {
            let start = below(&mut rng, days);
            // Circular, so that every day is drawn equally often.
            drawn.extend((0..block).map(|step| (start + step) % days).take(days - drawn.len()));
        }
        let mut total = 0.0;
        for (row, sum) in series.iter().zip(&mut sums) {
            let value: f64 = drawn.iter().map(|&day| row[day]).sum();
            total += value;
            sum.push(value);
        }
        if let Some(sum) = sums.last_mut() {
            sum.push(total);
        }
    }
    sums.into_iter()
        .map(|values| {
            let mut values = Data::new(values);
            Interval { low: values.quantile(0.05), high: values.quantile(0.95) }
        })
        .collect()
}

/// The 5th and 95th percentile of the mean of paired differences, by drawing as many of them as there are, with repetition (Efron
/// 1979). One difference a case: between cases nothing is assumed, so their order does not matter but for the draw. Without any,
/// both are 0.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 cases")]
pub fn paired_bootstrap(differences: &[f64]) -> Interval {
    let cases = differences.len();
    if cases == 0 {
        return Interval { low: 0.0, high: 0.0 };
    }
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_129);
    let draw = |rng: &mut ChaCha8Rng| differences.get(below(rng, cases)).copied().unwrap_or_default();
    let mean = |rng: &mut ChaCha8Rng| (0..cases).map(|_| draw(rng)).sum::<f64>() / cases as f64;
    let mut means = Data::new((0..RESAMPLES).map(|_| mean(&mut rng)).collect::<Vec<f64>>());
    Interval { low: means.quantile(0.05), high: means.quantile(0.95) }
}

/// A whole number below `bound`, evenly enough for fewer days than a century has.
fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    usize::try_from((u64::from(rng.next_u32()) * u64::try_from(bound).unwrap_or(1)) >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_constant_series_has_no_spread() {
        let intervals = block_bootstrap(&[vec![2.0; 30], vec![1.0; 30]]);
        assert_eq!(intervals[0], Interval { low: 60.0, high: 60.0 });
        assert_eq!(intervals[2], Interval { low: 90.0, high: 90.0 });
    }

    #[test]
    fn no_days_give_nothing() {
        assert_eq!(block_bootstrap(&[Vec::new()]).len(), 2);
        assert_eq!(block_bootstrap(&[])[0], Interval { low: 0.0, high: 0.0 });
    }

    #[test]
    fn the_spread_of_independent_days_is_that_of_theory() {
        // Days of 0 and 2 in an order without weekly pattern: mean 1, variance 1 a day. The block sum has a
        // standard deviation near sqrt(280) = 16.7, so the 90 % interval is about 280 ± 27.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let days: Vec<f64> = (0..280).map(|_| if below(&mut rng, 2) == 0 { 0.0 } else { 2.0 }).collect();
        let mean: f64 = days.iter().sum();
        let interval = block_bootstrap(&[days])[0];
        assert!((interval.low - (mean - 27.0)).abs() < 9.0, "{interval:?} around {mean}");
        assert!((interval.high - (mean + 27.0)).abs() < 9.0, "{interval:?} around {mean}");
    }

    #[test]
    fn the_spread_of_a_mean_of_differences_is_that_of_theory() {
        // 400 cases, half of them 0 and half -0.2: a mean of -0.1 with a standard error of 0.1 / 20 = 0.005, so the 90 %
        // interval is about -0.1 ± 0.00822.
        let differences: Vec<f64> = (0..400).map(|case| if case % 2 == 0 { 0.0 } else { -0.2 }).collect();
        let interval = paired_bootstrap(&differences);
        assert!((interval.low + 0.108_2).abs() < 0.001, "{interval:?}");
        assert!((interval.high + 0.091_8).abs() < 0.001, "{interval:?}");
        assert_eq!(paired_bootstrap(&[0.25; 7]), Interval { low: 0.25, high: 0.25 });
        assert_eq!(paired_bootstrap(&[]), Interval { low: 0.0, high: 0.0 });
    }

    proptest! {
        #[test]
        fn the_sum_lies_within_what_days_allow(days in proptest::collection::vec(0.0_f64..100.0, 1..60)) {
            let (least, most) = days.iter().fold((f64::MAX, 0.0_f64), |(l, m), &d| (l.min(d), m.max(d)));
            let count = days.len() as f64;
            let interval = block_bootstrap(&[days])[0];
            prop_assert!(interval.low <= interval.high);
            prop_assert!(interval.low >= least * count - 1e-6 && interval.high <= most * count + 1e-6);
        }
    }
}
