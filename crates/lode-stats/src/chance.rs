//! How likely chance alone does as much: the tail of a count.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The chance of at least `hits` among `trials`, each of which hits with `probability`: the tail of the binomial
/// distribution. 1 for no hits; a probability outside of 0 to 1 is taken as the nearer end.
#[must_use]
pub fn at_least(hits: u64, trials: u64, probability: f64) -> f64 {
    let Some(below) = hits.checked_sub(1) else { return 1.0 };
    let probability = if probability.is_nan() { 1.0 } else { probability.clamp(0.0, 1.0) };
    // The constructor refuses a probability outside of 0 to 1 only.
    Binomial::new(probability, trials).map_or(1.0, |binomial| binomial.sf(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_by_hand() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        near(at_least(0, 5, 0.1), 1.0);
        // Three coins: at least two heads in 4 of 8 cases.
        near(at_least(2, 3, 0.5), 0.5);
        near(at_least(3, 3, 0.1), 0.001);
        near(at_least(4, 3, 0.9), 0.0);
        near(at_least(1, 0, 0.5), 0.0);
        near(at_least(3, 3, 7.0), 1.0);
    }
}
