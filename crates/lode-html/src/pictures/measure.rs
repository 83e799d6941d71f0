//! Figures as drawings write and place them.

use lode_report::whole;

/// Width of every picture in its own units.
pub(crate) const WIDTH: f64 = 720.0;

/// A whole number with separators.
pub(crate) fn number(count: u64) -> String {
    whole(i128::from(count))
}

/// A count for a drawing, which needs no more than 53 bits.
#[expect(clippy::cast_precision_loss, reason = "a place on a drawing")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// A float as a whole number with separators; what is no number is 0, and nothing is above a quadrillion.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range first")]
pub(crate) fn rounded(value: f64) -> String {
    whole(value.round().clamp(-1e15, 1e15) as i128)
}

/// An average: whole from ten on, else with one decimal.
pub(crate) fn amount(value: f64) -> String {
    if value >= 9.95 { rounded(value) } else { format!("{value:.1}") }
}

/// Dollars on an axis: whole where its steps are.
pub(crate) fn dollars(value: f64, step: f64) -> String {
    if step >= 1.0 { format!("${}", rounded(value)) } else { format!("${value:.2}") }
}

/// The larger of all values; 0 without any.
pub(crate) fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}
