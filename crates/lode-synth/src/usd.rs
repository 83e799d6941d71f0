//! Dollars and integer amounts as exact decimal text. Nothing here divides but [`Usd::times`].

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Serialize, Serializer};

/// An exact amount of US dollars, in pico-dollars (10^-12): a token at 0.01 USD a million is 10,000 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i128);

impl Usd {
    /// From pico-dollars.
    #[must_use]
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// In pico-dollars.
    #[must_use]
    pub const fn pico(self) -> i128 {
        self.0
    }

    /// This amount times `numerator / denominator`, to the nearest pico-dollar, halves away from zero. A
    /// `denominator` of 0 or less counts as 1.
    #[must_use]
    pub const fn times(self, numerator: i128, denominator: i128) -> Self {
        let denominator = if denominator < 1 { 1 } else { denominator };
        let product = self.0 * numerator;
        let half = if product < 0 { -(denominator / 2) } else { denominator / 2 };
        Self((product + half) / denominator)
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0, 12))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An integer count of `10^-places` as the shortest decimal text.
#[must_use]
pub fn decimal(value: i128, places: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_exactly() {
        assert_eq!(Usd::from_pico(60_500_000_000_000).to_string(), "60.5");
        assert_eq!(Usd::from_pico(10_000).to_string(), "0.00000001");
        assert_eq!(Usd::from_pico(-1).to_string(), "-0.000000000001");
        assert_eq!(Usd::default().to_string(), "0");
        assert_eq!(decimal(29_481, 3), "29.481");
    }

    #[test]
    fn a_month_is_730_hours() {
        // 28 days have 672 hours: 67.2 dollars in the window are 73 a month; 1 pico rounds to 1, 336 / 672 up.
        assert_eq!(Usd::from_pico(67_200_000_000_000).times(730, 672).to_string(), "73");
        assert_eq!(Usd::from_pico(1).times(1, 2).pico(), 1);
        assert_eq!(Usd::from_pico(-1).times(1, 2).pico(), -1);
        assert_eq!(Usd::from_pico(5).times(1, 0).pico(), 5);
    }
}
