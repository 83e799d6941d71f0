//! Medians of runs, ratios of runs made side by side, and the table of both.

use super::measure::Cost;
use crate::tables::aligned;

/// The runs of one engine, one a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    /// Its name.
    pub(super) name: String,
    /// One a round, in order.
    pub(super) costs: Vec<Cost>,
}

impl Runs {
    /// Seconds from start to end, one a round.
    pub(super) fn walls(&self) -> Vec<f64> {
        self.costs.iter().map(|cost| cost.wall).collect()
    }
}

/// The middle value; of an even number of values the mean of the two in the middle. `None` of none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], upper) } else { upper })
}

/// Ratios `left / right` of each round: median, least, greatest.
pub(super) fn ratio(left: &Runs, right: &Runs, of: fn(&Cost) -> f64) -> Option<(f64, f64, f64)> {
    let paired = left.costs.iter().zip(&right.costs);
    let ratios: Vec<f64> = paired.map(|(left, right)| of(left) / of(right)).collect();
    let least = ratios.iter().copied().min_by(f64::total_cmp)?;
    Some((median(&ratios)?, least, ratios.iter().copied().max_by(f64::total_cmp)?))
}

/// Medians of every engine, and of the ratios of the first to each other one.
pub(super) fn table(all: &[Runs]) -> Vec<String> {
    let Some(first) = all.first() else { return Vec::new() };
    let ratios = ["wall", "cpu", "peak"].map(|what| format!("{}/engine {what}", first.name));
    let mut rows =
        vec![["engine", "wall s", "cpu s", "peak MiB"].map(str::to_owned).into_iter().chain(ratios).collect()];
    for runs in all {
        let middle = |of: fn(&Cost) -> f64, places: usize| {
            let values: Vec<f64> = runs.costs.iter().map(of).collect();
            median(&values).map_or_else(String::new, |value| format!("{value:.places$}"))
        };
        let ratio = |of| {
            let ratio = if runs.name == first.name { None } else { ratio(first, runs, of) };
            ratio.map_or_else(String::new, |(middle, least, most)| format!("{middle:.2} ({least:.2}-{most:.2})"))
        };
        rows.push(vec![
            runs.name.clone(),
            middle(|cost| cost.wall, 2),
            middle(|cost| cost.cpu, 2),
            middle(|cost| cost.peak, 0),
            ratio(|cost| cost.wall),
            ratio(|cost| cost.cpu),
            ratio(|cost| cost.peak),
        ]);
    }
    aligned(&rows, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(name: &str, walls: &[f64]) -> Runs {
        let costs = walls.iter().map(|&wall| Cost { wall, cpu: 2.0 * wall, peak: 100.0 }).collect();
        Runs { name: name.to_owned(), costs }
    }

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 9.0, 2.0]), Some(3.0));
    }

    #[test]
    fn ratios_are_of_rounds_and_not_of_medians() {
        // Rounds 1/2, 8/2, 3/4: the medians would give 3/2.
        let found = ratio(&runs("a", &[1.0, 8.0, 3.0]), &runs("b", &[2.0, 2.0, 4.0]), |cost| cost.wall);
        assert_eq!(found, Some((0.75, 0.5, 4.0)));
        assert_eq!(ratio(&runs("a", &[]), &runs("b", &[]), |cost| cost.wall), None);
    }

    #[test]
    fn the_table_has_a_line_an_engine() {
        let lines = table(&[runs("lode", &[1.0, 2.0, 3.0]), runs("peer", &[4.0, 4.0, 4.0])]);
        assert_eq!(
            lines,
            [
                "engine  wall s  cpu s  peak MiB  lode/engine wall   lode/engine cpu  lode/engine peak",
                "lode      2.00   4.00       100",
                "peer      4.00   8.00       100  0.50 (0.25-0.75)  0.50 (0.25-0.75)  1.00 (1.00-1.00)",
            ]
        );
        assert_eq!(table(&[]), Vec::<String>::new());
    }
}
