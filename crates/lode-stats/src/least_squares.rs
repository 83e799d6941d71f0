//! Least squares with coefficients that cannot be negative, from sums alone: whoever has the observations adds them up in
//! whole numbers, so that their order does not matter.
//!
//! The active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23) on the normal equations,
//! as Bro and de Jong arrange it (A fast non-negativity-constrained least squares algorithm, Journal of Chemometrics 11,
//! 1997). For a handful of columns.

/// The sums over observations `y ≈ Σ coefficient × x` that least squares needs.
#[derive(Clone, Debug, PartialEq)]
pub struct NormalEquations {
    /// `Σ x_i × x_j`, row by row.
    pub products: Vec<Vec<f64>>,
    /// `Σ x_i × y`.
    pub moments: Vec<f64>,
    /// `Σ y × y`.
    pub squares: f64,
    /// Observations.
    pub count: u64,
}

/// One coefficient, and how well the observations tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// At least 0.
    pub value: f64,
    /// Standard error, of the fit without the bound at 0.
    pub error: f64,
    /// How many times larger its variance is than if the other columns were unlike it (variance inflation factor, taken
    /// about 0); at least 1.
    pub inflation: f64,
}

/// Solves the equations. `least_variance` is the variance of an observation that is there whatever the fit, such as that
/// of rounding. `None` where columns are one another's sums, where one is nothing but zeros, or without an observation
/// more than columns.
#[must_use]
pub fn nonnegative_least_squares(equations: &NormalEquations, least_variance: f64) -> Option<Vec<Coefficient>> {
    let size = equations.moments.len();
    let free = equations.count.checked_sub(size as u64).filter(|free| *free > 0)?;
    // Columns of length 1, so that sizes do not matter.
    let lengths: Vec<f64> = (0..size).map(|at| equations.products[at][at].sqrt()).collect();
    if lengths.iter().any(|length| !length.is_normal()) {
        return None;
    }
    let products: Vec<Vec<f64>> = (0..size)
        .map(|row| (0..size).map(|column| equations.products[row][column] / (lengths[row] * lengths[column])).collect())
        .collect();
    let moments: Vec<f64> = equations.moments.iter().zip(&lengths).map(|(moment, length)| moment / length).collect();
    let all: Vec<usize> = (0..size).collect();
    let mut inflations = Vec::with_capacity(size);
    for at in 0..size {
        let unit: Vec<f64> = (0..size).map(|other| if other == at { 1.0 } else { 0.0 }).collect();
        inflations.push(solve(&products, &unit, &all)?[at].max(1.0));
    }
    let values = bounded(&products, &moments)?;
    let explained: f64 = (0..size).map(|at| values[at] * (2.0 * moments[at] - dot(&products[at], &values))).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of observations are far below 2^52")]
    let variance = ((equations.squares - explained) / free as f64).max(least_variance);
    let coefficient = |at: usize| Coefficient {
        value: values[at] / lengths[at],
        error: (variance * inflations[at]).sqrt() / lengths[at],
        inflation: inflations[at],
    };
    Some((0..size).map(coefficient).collect())
}

/// The active set: columns enter while the fit gains by them, and leave where they would be negative.
fn bounded(products: &[Vec<f64>], moments: &[f64]) -> Option<Vec<f64>> {
    let size = moments.len();
    let tolerance = 1e-12 * moments.iter().fold(0.0_f64, |most, moment| most.max(moment.abs()));
    let mut values = vec![0.0; size];
    let mut within = vec![false; size];
    // Each set of columns is visited at most once, so the bound is never reached but by rounding.
    for _ in 0..1_usize << size.min(16) {
        let gain = |at: usize| moments[at] - dot(&products[at], &values);
        let best = (0..size).filter(|at| !within[*at]).max_by(|a, b| gain(*a).total_cmp(&gain(*b)));
        let Some(enters) = best.filter(|at| gain(*at) > tolerance) else { return Some(values) };
        within[enters] = true;
        loop {
            let chosen: Vec<usize> = (0..size).filter(|at| within[*at]).collect();
            let wanted = solve(products, moments, &chosen)?;
            let negative = chosen.iter().copied().filter(|at| wanted[*at] <= 0.0);
            let steps = negative.map(|at| (values[at] / (values[at] - wanted[at]), at));
            let Some((step, leaves)) = steps.min_by(|a, b| a.0.total_cmp(&b.0)) else {
                values = wanted;
                break;
            };
            for &at in &chosen {
                values[at] = (values[at] + step * (wanted[at] - values[at])).max(0.0);
            }
            (values[leaves], within[leaves]) = (0.0, false);
        }
    }
    None
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The solution within the chosen columns, 0 in the others, by Cholesky's decomposition; `None` where a column is as good as
/// a sum of others.
fn solve(products: &[Vec<f64>], moments: &[f64], chosen: &[usize]) -> Option<Vec<f64>> {
    const LEAST: f64 = 1e-10;
    let size = chosen.len();
    let mut lower = vec![vec![0.0_f64; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let rest = products[chosen[row]][chosen[column]] - dot(&lower[row][..column], &lower[column][..column]);
            lower[row][column] = if row > column {
                rest / lower[column][column]
            } else if rest > LEAST {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    let mut half = vec![0.0; size];
    for row in 0..size {
        half[row] = (moments[chosen[row]] - dot(&lower[row][..row], &half[..row])) / lower[row][row];
    }
    let mut solution = vec![0.0; moments.len()];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|below| lower[below][row] * solution[chosen[below]]).sum();
        solution[chosen[row]] = (half[row] - known) / lower[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The equations of rows of x, with y last.
    fn equations(rows: &[Vec<f64>]) -> NormalEquations {
        let size = rows[0].len() - 1;
        let sum = |a: usize, b: usize| rows.iter().map(|row| row[a] * row[b]).sum();
        NormalEquations {
            products: (0..size).map(|a| (0..size).map(|b| sum(a, b)).collect()).collect(),
            moments: (0..size).map(|a| sum(a, size)).collect(),
            squares: sum(size, size),
            count: rows.len() as u64,
        }
    }

    fn values(rows: &[Vec<f64>]) -> Vec<f64> {
        let fit = nonnegative_least_squares(&equations(rows), 0.0).expect("columns that differ");
        fit.iter().map(|coefficient| coefficient.value).collect()
    }

    #[test]
    fn exact_data_give_exact_coefficients() {
        // y = 2a + 3b.
        let found = values(&[vec![1.0, 0.0, 2.0], vec![0.0, 1.0, 3.0], vec![1.0, 1.0, 5.0]]);
        assert!((found[0] - 2.0).abs() < 1e-12 && (found[1] - 3.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn what_would_be_negative_is_nothing_and_the_rest_is_fitted_without_it() {
        // y = 3a − b: alone, a is (1×3 + 1×2 + 0) / 2 = 2.5.
        let found = values(&[vec![1.0, 0.0, 3.0], vec![0.0, 1.0, -1.0], vec![1.0, 1.0, 2.0]]);
        assert!((found[0] - 2.5).abs() < 1e-12 && found[1] == 0.0, "{found:?}");
    }

    #[test]
    fn errors_are_those_of_the_textbook() {
        // One column of ones: the mean of 1, 2, 3 is 2, its standard error sqrt(1 / 3).
        let rows = [vec![1.0, 1.0], vec![1.0, 2.0], vec![1.0, 3.0]];
        let fit = nonnegative_least_squares(&equations(&rows), 0.0).expect("a column");
        assert!((fit[0].value - 2.0).abs() < 1e-12 && (fit[0].error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        // Columns at an angle of cosine 0.6: inflation 1 / (1 − 0.36). Rounding alone: variance 1 / 12.
        let rows = [vec![1.0, 0.6, 1.0], vec![0.0, 0.8, 0.0], vec![0.0, 0.0, 0.0]];
        let fit = nonnegative_least_squares(&equations(&rows), 1.0 / 12.0).expect("two columns");
        assert!((fit[1].inflation - 1.5625).abs() < 1e-12, "{fit:?}");
        assert!((fit[1].error - (1.5625_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn columns_that_say_the_same_are_not_solved() {
        assert_eq!(
            nonnegative_least_squares(
                &equations(&[vec![1.0, 2.0, 1.0], vec![2.0, 4.0, 2.0], vec![3.0, 6.0, 3.0]]),
                0.0
            ),
            None
        );
        assert_eq!(nonnegative_least_squares(&equations(&[vec![1.0, 1.0]]), 0.0), None, "nothing left to judge by");
        assert_eq!(nonnegative_least_squares(&equations(&[vec![0.0, 1.0], vec![0.0, 1.0]]), 0.0), None);
    }

    proptest! {
        /// The Karush-Kuhn-Tucker conditions say what is best: no gain is left in a column at 0, none in either
        /// direction in a column above it.
        #[test]
        fn no_other_coefficients_fit_better(
            rows in proptest::collection::vec(proptest::collection::vec(0.0_f64..10.0, 5), 8..20)
        ) {
            let e = equations(&rows);
            if let Some(fit) = nonnegative_least_squares(&e, 0.0) {
                let values: Vec<f64> = fit.iter().map(|c| c.value).collect();
                for at in 0..4 {
                    let gain = e.moments[at] - dot(&e.products[at], &values);
                    prop_assert!(values[at] >= 0.0 && gain < 1e-6, "{values:?}: {gain}");
                    prop_assert!(values[at] == 0.0 || gain > -1e-6, "{values:?}: {gain}");
                }
            }
        }
    }
}
