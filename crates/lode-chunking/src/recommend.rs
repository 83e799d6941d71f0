//! Which configuration to take: the cheapest whose recall is near enough to the best.

use crate::configuration::Configuration;
use crate::measured::{Measured, MeasuredPoint};

/// A recall less by less than this is not less: sums of shares round.
const TOLERANCE: f64 = 1e-9;

/// A configuration with a number of results, and what it loses.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// How to cut documents.
    pub configuration: Configuration,
    /// Results a query.
    pub results: u32,
    /// Tokens of the results of a query, on average over the questions.
    pub context_tokens: f64,
    /// The same of the best, in whose place it stands.
    pub best_context_tokens: f64,
    /// Its recall.
    pub recall: f64,
    /// The best recall seen.
    pub best_recall: f64,
    /// Who has it.
    pub best: (Configuration, u32),
    /// Questions that both were asked.
    pub questions: usize,
    /// Its recall less the best, question by question; `None` where it is the best.
    pub difference: Option<Difference>,
}

/// A mean of differences, with its 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean; 0 or below.
    pub mean: f64,
    /// 5th percentile of the bootstrap over questions.
    pub low: f64,
    /// 95th percentile.
    pub high: f64,
}

/// The point with the fewest tokens a query whose recall is at most `max_loss` below the best. Of equal ones the first.
pub(crate) fn recommend(measured: &Measured, max_loss: f64) -> Option<Recommendation> {
    let cost = |point: &MeasuredPoint| point.context;
    let best = measured.points.iter().reduce(|best, point| {
        let higher = point.recall.mean > best.recall.mean + TOLERANCE;
        let same = (point.recall.mean - best.recall.mean).abs() <= TOLERANCE;
        if higher || same && cost(point) < cost(best) { point } else { best }
    })?;
    let near = measured.points.iter().filter(|point| best.recall.mean - point.recall.mean <= max_loss + TOLERANCE);
    let chosen = near.min_by_key(|point| cost(point))?;
    let differences: Vec<f64> = chosen.recalls.iter().zip(&best.recalls).map(|(chosen, best)| chosen - best).collect();
    let same = (chosen.configuration, chosen.results) == (best.configuration, best.results);
    let interval = lode_stats::paired_bootstrap(&differences);
    Some(Recommendation {
        configuration: chosen.configuration,
        results: chosen.results,
        context_tokens: chosen.context_tokens(),
        best_context_tokens: best.context_tokens(),
        recall: chosen.recall.mean,
        best_recall: best.recall.mean,
        best: (best.configuration, best.results),
        questions: measured.questions,
        difference: (!same).then_some(Difference {
            mean: chosen.recall.mean - best.recall.mean,
            low: interval.low,
            high: interval.high,
        }),
    })
}

/// Of points of cost and quality: those that no other beats, which costs no more and is no worse, and is better in one.
#[must_use]
pub fn frontier(points: &[(f64, f64)]) -> Vec<bool> {
    let beats = |other: (f64, f64), point: (f64, f64)| {
        other.0 <= point.0 && other.1 >= point.1 && (other.0 < point.0 || other.1 > point.1)
    };
    points.iter().map(|point| !points.iter().any(|other| beats(*other, *point))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::MeanSd;

    fn point(max_tokens: u32, context: u64, recalls: &[f64]) -> MeasuredPoint {
        let zero = MeanSd { mean: 0.0, sd: 0.0 };
        MeasuredPoint {
            configuration: Configuration::Fixed { max_tokens, overlap_percent: 0 },
            results: 5,
            context,
            questions: recalls.len(),
            fewer: 0,
            lost: 0,
            recall: MeanSd::of(recalls).expect("questions"),
            precision: zero,
            iou: zero,
            on_frontier: false,
            recalls: recalls.to_vec(),
        }
    }

    #[test]
    fn the_cheapest_that_loses_little_is_taken() {
        // Recall 0.95, 0.98, 1 and 1 at 1,000, 2,000, 4,000 and 3,000 tokens over two questions.
        let points = vec![
            point(100, 1000, &[1.0, 0.9]),
            point(200, 2000, &[1.0, 0.96]),
            point(400, 4000, &[1.0, 1.0]),
            point(300, 3000, &[1.0, 1.0]),
        ];
        let measured = Measured { questions: 2, points, left_out: Vec::new() };
        let of = |loss| recommend(&measured, loss).expect("points");
        let size = |found: &Recommendation| found.configuration.max_tokens();
        assert_eq!([0.05, 0.02, 0.019].map(|loss| size(&of(loss))), [Some(100), Some(200), Some(300)]);
        let found = of(0.02);
        assert_eq!(found.best, (Configuration::Fixed { max_tokens: 300, overlap_percent: 0 }, 5));
        assert_eq!((found.context_tokens, found.best_context_tokens, found.best_recall), (1000.0, 1500.0, 1.0));
        let difference = found.difference.expect("another is best");
        assert!((difference.mean + 0.02).abs() < 1e-12 && (difference.low + 0.04).abs() < 1e-12, "{difference:?}");
        assert_eq!(difference.high, 0.0);
        assert_eq!(of(0.0).difference, None);
        assert_eq!(recommend(&Measured { questions: 0, points: Vec::new(), left_out: Vec::new() }, 0.02), None);
    }

    #[test]
    fn what_another_beats_in_both_is_not_on_the_frontier() {
        let points = [(1.0, 0.5), (2.0, 0.7), (3.0, 0.6), (2.0, 0.7), (4.0, 0.7), (1.0, 0.4)];
        assert_eq!(frontier(&points), [true, true, false, true, false, false]);
    }
}
