//! Cost against quality, as points: for the picture in the table, and the drawing.

use std::fmt::Write;

use lode_chunking::Answer;

use super::{point_name, score, tokens};
use crate::Look;

/// Lines and columns of the picture.
const LINES: usize = 12;
const COLUMNS: [usize; 2] = [24, 72];

/// One configuration in the picture.
pub(super) struct Point {
    /// What it is.
    pub(super) name: String,
    /// Tokens.
    pub(super) x: f64,
    /// The better, the higher.
    pub(super) y: f64,
    /// Whether no other beats it.
    pub(super) on_frontier: bool,
    /// Whether it is the one to take.
    pub(super) chosen: bool,
}

/// The points, with what they are in.
pub(super) struct Picture {
    /// What stands over it.
    pub(super) title: &'static str,
    /// What is on the axis of tokens.
    pub(super) across: String,
    /// What is on the other.
    pub(super) up: &'static str,
    /// In order.
    pub(super) points: Vec<Point>,
    /// Whether values on the other axis are shares.
    pub(super) shares: bool,
}

impl Picture {
    /// Recall where it was measured, else omega, else tokens that are embedded.
    pub(super) fn of(answer: &Answer) -> Self {
        if let Some(measured) = answer.measured.as_ref().filter(|measured| !measured.points.is_empty()) {
            let chosen = answer.recommendation.as_ref().map(|chosen| (chosen.configuration, chosen.results));
            let points = measured.points.iter().map(|point| Point {
                name: point_name(&point.configuration, point.results),
                x: point.context_tokens(),
                y: point.recall.mean,
                on_frontier: point.on_frontier,
                chosen: chosen == Some((point.configuration, point.results)),
            });
            return Self {
                title: "Recall against context tokens",
                across: "context tokens a query".to_owned(),
                up: "recall",
                points: points.collect(),
                shares: true,
            };
        }
        let asked = answer.questions > 0;
        let results = answer.results.get(answer.results.len() / 2).copied().unwrap_or(1);
        let figures = answer.figures.iter().filter(|figures| figures.totals.results > 0);
        let points = figures.filter_map(|figures| {
            let embedded = count_of(figures.totals.embedded_tokens);
            Some(Point {
                name: figures.configuration.to_string(),
                x: figures.totals.context_tokens(results),
                y: if asked { figures.omega?.mean } else { embedded },
                on_frontier: figures.on_frontier,
                chosen: false,
            })
        });
        Self {
            title: if asked { "Omega against context tokens" } else { "Embedded tokens against context tokens" },
            across: format!("context tokens a query of {results} results"),
            up: if asked { "omega" } else { "embedded tokens" },
            points: points.collect(),
            shares: asked,
        }
    }

    /// The least and the greatest of the values; a little apart where they are one.
    pub(super) fn range(&self, of: impl Fn(&Point) -> f64) -> (f64, f64) {
        let (least, most) = self
            .points
            .iter()
            .map(of)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
        if most - least > 1e-9 {
            (least, most)
        } else {
            (least - least.abs() * 0.05 - 0.01, most + most.abs() * 0.05 + 0.01)
        }
    }

    /// A value on the axis that goes up.
    pub(super) fn value(&self, y: f64) -> String {
        if self.shares { score(y) } else { tokens(y) }
    }

    /// Where a point is, from 0 to 1: on the axis of tokens by their logarithm.
    pub(super) fn place(&self, point: &Point) -> (f64, f64) {
        let ((left, right), (low, high)) = (self.range(across), self.range(|point| point.y));
        ((across(point) - left) / (right - left), (point.y - low) / (high - low))
    }
}

/// The logarithm of the tokens.
fn across(point: &Point) -> f64 {
    point.x.max(1.0).ln()
}

/// The picture, where there are two points or more.
pub(super) fn plot(out: &mut String, answer: &Answer, look: Look) {
    let picture = Picture::of(answer);
    if picture.points.len() < 2 {
        return;
    }
    let (low, high) = picture.range(|point| point.y);
    let labels = [picture.value(high), picture.value(low)];
    let margin = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default() + 3;
    let columns = look.width.saturating_sub(margin + 2).clamp(COLUMNS[0], COLUMNS[1]);
    let mut grid = vec![vec![' '; columns]; LINES];
    // The one to take is drawn last, over what is at the same place.
    let mut points: Vec<&Point> = picture.points.iter().collect();
    points.sort_by_key(|point| (point.chosen, point.on_frontier));
    for point in points {
        let (x, y) = picture.place(point);
        let (column, line) = (step(x, columns), LINES - 1 - step(y, LINES));
        if let Some(place) = grid.get_mut(line).and_then(|line| line.get_mut(column)) {
            *place = mark(point);
        }
    }
    let _ = writeln!(out, "\n{}", look.heading(picture.title));
    let _ = writeln!(out, "  {}", picture.up);
    for (number, line) in grid.iter().enumerate() {
        let label = match number {
            0 => labels[0].as_str(),
            _ if number == LINES - 1 => labels[1].as_str(),
            _ => "",
        };
        let line: String = line.iter().collect();
        let _ = writeln!(out, "{}", format!("{label:>width$} |{line}", width = margin - 1).trim_end());
    }
    let of = |extreme: fn(f64, f64) -> f64, from: f64| picture.points.iter().map(|point| point.x).fold(from, extreme);
    let (least, most) = (tokens(of(f64::min, f64::INFINITY)), tokens(of(f64::max, 0.0)));
    let _ = writeln!(out, "{:>margin$}{}", "+", "-".repeat(columns));
    let between = columns.saturating_sub(least.len());
    let _ = writeln!(out, "{:margin$}{least}{most:>between$}", "");
    let legend = "o no other beats it, . another does, T the one to take";
    out.push_str(&look.wrap(&format!("{} (logarithmic): {legend}", picture.across), "  "));
}

const fn mark(point: &Point) -> char {
    match (point.chosen, point.on_frontier) {
        (true, _) => 'T',
        (false, true) => 'o',
        (false, false) => '.',
    }
}

/// Which of so many equal steps from 0 to 1 a value is in.
fn step(value: f64, steps: usize) -> usize {
    let last = steps.saturating_sub(1);
    (0..last).take_while(|step| value * count_of(last as u64) >= count_of(*step as u64) + 0.5).count()
}

/// A count on an axis.
#[expect(clippy::cast_precision_loss, reason = "a picture needs no more than 53 bits")]
const fn count_of(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_nearest_step() {
        assert_eq!([0.0, 0.049, 0.05, 0.5, 0.96, 1.0].map(|value| step(value, 11)), [0, 0, 1, 5, 10, 10]);
        assert_eq!(step(0.7, 1), 0);
    }
}
