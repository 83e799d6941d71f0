//! Exact money. The unit is the pico-dollar (1e-12 USD): the finest list rate in our catalogue,
//! 0.000126175 USD per 1,000 tokens, is 126,175 pico-dollars a token, so token prices are integers.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount of US dollars, exact to the pico-dollar (1e-12 USD). May be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

/// Why a text is not an amount of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseMoneyError {
    /// The text is not a decimal number.
    NotANumber,
    /// The number is larger than any bill: its magnitude is a quintillion dollars or more.
    OutOfRange,
}

impl fmt::Display for ParseMoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("not a decimal number"),
            Self::OutOfRange => f.write_str("larger than any bill can be"),
        }
    }
}

impl std::error::Error for ParseMoneyError {}

const PICO: i128 = 1_000_000_000_000;
/// A quintillion dollars, in pico-dollars. Far above any bill, far below what `i128` holds.
const LIMIT: i128 = 1_000_000_000_000_000_000 * PICO;

impl Money {
    /// No dollars.
    pub const ZERO: Self = Self(0);

    /// An amount given in pico-dollars.
    #[must_use]
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// An amount given in micro-dollars, the step of the report's JSON.
    #[must_use]
    pub const fn from_micro(micro: i128) -> Self {
        Self(micro * 1_000_000)
    }

    /// The amount in pico-dollars.
    #[must_use]
    pub const fn pico(self) -> i128 {
        self.0
    }

    /// Reads a decimal number of dollars, with optional sign and exponent: what CUR and FOCUS
    /// write in text cells. Digits beyond the twelfth decimal are rounded, half away from zero.
    ///
    /// # Errors
    /// When the text is no finite decimal number, or is absurdly large.
    pub fn parse(text: &str) -> Result<Self, ParseMoneyError> {
        parse_decimal(text, 12).map(Self)
    }

    /// The shortest decimal form of a double, read as a decimal: what a person would see in the
    /// Parquet cell. This avoids carrying binary noise such as `0.30000000000000004` into sums
    /// beyond the twelfth decimal.
    ///
    /// # Errors
    /// When the value is not finite, or is absurdly large.
    pub fn from_f64(value: f64) -> Result<Self, ParseMoneyError> {
        if value.is_finite() { Self::parse(&format!("{value:e}")) } else { Err(ParseMoneyError::NotANumber) }
    }

    /// Dollars as a float, for statistics and shares only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "statistics need no more than 53 bits")]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1e12
    }

    /// This amount as a fraction of `whole`; 0 when `whole` is zero.
    #[must_use]
    pub fn share_of(self, whole: Self) -> f64 {
        if whole.0 == 0 { 0.0 } else { self.to_f64() / whole.to_f64() }
    }

    /// Rounded to whole micro-dollars, half away from zero. The one rounding of the report.
    #[must_use]
    pub fn round_micro(self) -> Self {
        Self(div_round(self.0, 1_000_000) * 1_000_000)
    }

    /// Parts rounded to whole steps of `10^-places` dollars so that they add up to the rounded sum of all: each is
    /// rounded down, then the parts with the largest remainders take a step more, the first first.
    #[must_use]
    pub fn round_parts(parts: &[Self], places: u32) -> Vec<Self> {
        let step = 10_i128.pow(12 - places.min(12));
        let whole = div_round(parts.iter().copied().sum::<Self>().0, step);
        let mut steps: Vec<i128> = parts.iter().map(|part| part.0.div_euclid(step)).collect();
        let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
        by_remainder.sort_by_key(|&index| -parts[index].0.rem_euclid(step));
        let left = usize::try_from(whole - steps.iter().sum::<i128>()).unwrap_or(0);
        for index in by_remainder.into_iter().take(left) {
            steps[index] += 1;
        }
        steps.into_iter().map(|count| Self(count * step)).collect()
    }

    /// Dollars and cents with the sign before the dollar: `-$1,234.50`.
    #[must_use]
    pub fn to_usd(self) -> String {
        let text = self.to_string();
        text.strip_prefix('-').map_or_else(|| format!("${text}"), |amount| format!("-${amount}"))
    }

    /// The decimal text with exactly `places` decimals (at most 12), half away from zero.
    #[must_use]
    pub fn to_decimal(self, places: u32) -> String {
        let places = places.min(12);
        let scaled = div_round(self.0, 10_i128.pow(12 - places));
        let unit = 10_u128.pow(places);
        let sign = if scaled < 0 { "-" } else { "" };
        let magnitude = scaled.unsigned_abs();
        if places == 0 {
            format!("{sign}{magnitude}")
        } else {
            let width = places as usize;
            format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
        }
    }

    /// Whether the amount is exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_decimal(12))
    }
}

impl fmt::Display for Money {
    /// Dollars and cents with thousands separators: `1,234.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_decimal(2);
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |d| ("-", d));
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&format!("{sign}{grouped}.{cents}"))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}
impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// A price as a fraction: `pico` pico-dollars for every `per` steps of a quantity.
///
/// An effective rate taken from a bill is (billed dollars, billed quantity), so that pricing the
/// billed quantity gives the billed dollars back exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pico: i128,
    per: i128,
}

impl Rate {
    /// `money` for every `per` steps. `None` unless `per` is positive.
    #[must_use]
    pub fn new(money: Money, per: i128) -> Option<Self> {
        (per > 0).then_some(Self { pico: money.0, per })
    }

    /// The cost of `numerator / denominator` steps, rounded once to the pico-dollar, half away
    /// from zero: the one documented rounding of a charge.
    ///
    /// Saturates for quantities no bill can hold instead of overflowing.
    #[must_use]
    pub fn cost(self, numerator: i128, denominator: i128) -> Money {
        let whole = gcd(self.pico, self.per);
        let (pico, per) = (self.pico / whole, self.per / whole);
        let part = gcd(numerator, per);
        let (numerator, per) = (numerator / part, per / part);
        let cost = match numerator.checked_mul(pico).zip(per.checked_mul(denominator)) {
            Some((top, bottom)) => div_round(top, bottom),
            None => div_round(numerator, denominator).saturating_mul(div_round(pico, per)),
        };
        Money(cost.clamp(-LIMIT, LIMIT))
    }

    /// The same price with `ppm` millionths of it left: a discount kept on another price.
    #[must_use]
    pub fn scaled(self, ppm: i128) -> Self {
        Self { pico: self.pico * ppm, per: self.per * 1_000_000 }
    }

    /// What `steps` of the quantity cost: for showing a rate per million tokens or per hour.
    #[must_use]
    pub fn per(self, steps: i128) -> Money {
        self.cost(steps, 1)
    }
}

/// Greatest common divisor, at least 1, so that it is always safe to divide by.
fn gcd(left: i128, right: i128) -> i128 {
    let (mut a, mut b) = (left.abs(), right.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Division rounded half away from zero; `bottom` is taken as 1 when it is not positive.
pub(crate) fn div_round(top: i128, bottom: i128) -> i128 {
    let bottom = bottom.max(1);
    let (quotient, rest) = (top / bottom, top % bottom);
    if rest.unsigned_abs() >= bottom.unsigned_abs() - rest.unsigned_abs() { quotient + top.signum() } else { quotient }
}

/// Reads a decimal text into an integer count of `10^-places`, rounding half away from zero.
pub(crate) fn parse_decimal(text: &str, places: i32) -> Result<i128, ParseMoneyError> {
    let text = text.trim();
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => {
            let exponent: i32 = unsigned[at + 1..].parse().map_err(|_| ParseMoneyError::NotANumber)?;
            (&unsigned[..at], exponent)
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(ParseMoneyError::NotANumber);
    }
    // The value is `digits * 10^(exponent - fraction.len())`; we want it times `10^places`.
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
    let digits = &digits[digits.iter().take_while(|&&d| d == 0).count()..];
    let fraction_len = i32::try_from(fraction.len()).map_err(|_| ParseMoneyError::OutOfRange)?;
    let shift =
        exponent.checked_sub(fraction_len).and_then(|e| e.checked_add(places)).ok_or(ParseMoneyError::OutOfRange)?;
    if digits.is_empty() {
        return Ok(0);
    }
    let kept = i32::try_from(digits.len()).map_err(|_| ParseMoneyError::OutOfRange)?.saturating_add(shift.min(0));
    let mut value: i128 = 0;
    for &digit in digits.iter().take(usize::try_from(kept).unwrap_or(0)) {
        value =
            value.checked_mul(10).and_then(|v| v.checked_add(i128::from(digit))).ok_or(ParseMoneyError::OutOfRange)?;
    }
    let next_digit = usize::try_from(kept).ok().and_then(|at| digits.get(at));
    if shift < 0 && next_digit.is_some_and(|&digit| digit >= 5) {
        value += 1;
    }
    for _ in 0..shift.max(0) {
        value = value.checked_mul(10).ok_or(ParseMoneyError::OutOfRange)?;
        if value > LIMIT {
            break;
        }
    }
    if value > LIMIT {
        return Err(ParseMoneyError::OutOfRange);
    }
    Ok(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pico(text: &str) -> i128 {
        Money::parse(text).expect("a decimal").pico()
    }

    #[test]
    fn reads_what_aws_writes() {
        assert_eq!(pico("3.30"), 3_300_000_000_000);
        assert_eq!(pico("0.0000033000"), 3_300_000);
        assert_eq!(pico("-12"), -12_000_000_000_000);
        assert_eq!(pico("1.25E-5"), 12_500_000);
        assert_eq!(pico(".5"), 500_000_000_000);
        assert_eq!(pico("0"), 0);
        assert_eq!(pico("0.0000000000005"), 1, "half a pico-dollar rounds away from zero");
        assert_eq!(pico("0.00000000000049"), 0);
        assert_eq!(pico("1e-400"), 0);
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for text in ["", "-", ".", "NULL", "NaN", "inf", "1,000", "0x10", "1e", "--1", "1.2.3"] {
            assert_eq!(Money::parse(text), Err(ParseMoneyError::NotANumber), "{text}");
        }
        for text in ["1e30", "99999999999999999999999", "1e2000000000", "1e2147483647"] {
            assert_eq!(Money::parse(text), Err(ParseMoneyError::OutOfRange), "{text}");
        }
        assert_eq!(Money::from_f64(f64::NAN), Err(ParseMoneyError::NotANumber));
    }

    #[test]
    fn a_double_is_read_as_a_person_sees_it() {
        assert_eq!(Money::from_f64(0.1 + 0.2).map(Money::pico), Ok(300_000_000_000));
        assert_eq!(Money::from_f64(1.77297747).map(Money::pico), Ok(1_772_977_470_000));
    }

    #[test]
    fn shows_cents_with_separators() {
        assert_eq!(Money::parse("1234567.895").expect("money").to_string(), "1,234,567.90");
        assert_eq!(Money::parse("-0.004").expect("money").to_string(), "0.00");
        assert_eq!(Money::parse("-1234.5").expect("money").to_string(), "-1,234.50");
        assert_eq!(Money::parse("0.1234567").expect("money").to_decimal(6), "0.123457");
    }

    #[test]
    fn a_rate_gives_the_bill_back() {
        let rate = Rate::new(Money::parse("0.0972873").expect("money"), 29_481).expect("positive");
        assert_eq!(rate.cost(29_481, 1), Money::parse("0.0972873").expect("money"));
        assert_eq!(rate.per(1_000_000), Money::parse("3.3").expect("money"));
        assert_eq!(Rate::new(Money::ZERO, 0), None);
    }

    #[test]
    fn parts_add_up_and_a_whole_one_stays_whole() {
        let money = |text| Money::parse(text).expect("money");
        let parts = [money("5.00"), money("0.333"), money("0.333"), money("0.334"), money("-1.005")];
        let rounded = Money::round_parts(&parts, 2);
        assert_eq!(rounded, ["5.00", "0.33", "0.33", "0.34", "-1.00"].map(money));
        assert_eq!(rounded.into_iter().sum::<Money>(), money("5.00"));
    }

    proptest! {
        #[test]
        fn rounded_parts_add_up(parts in proptest::collection::vec(-1_000_000_000_000_i128..1_000_000_000_000, 0..20)) {
            let parts: Vec<Money> = parts.into_iter().map(Money::from_pico).collect();
            let whole = Money::from_pico(div_round(parts.iter().copied().sum::<Money>().pico(), 10_000_000_000) * 10_000_000_000);
            prop_assert_eq!(Money::round_parts(&parts, 2).into_iter().sum::<Money>(), whole);
        }

        #[test]
        fn parsing_what_was_shown_changes_nothing(pico in -1_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000) {
            let money = Money::from_pico(pico);
            prop_assert_eq!(Money::parse(&money.to_decimal(12)), Ok(money));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = Money::parse(&text);
        }

        #[test]
        fn an_effective_rate_is_exact(billed in 0_i128..1_000_000_000_000_000_000_000, quantity in 1_i128..1_000_000_000_000_000) {
            let rate = Rate::new(Money::from_pico(billed), quantity).expect("positive");
            prop_assert_eq!(rate.cost(quantity, 1), Money::from_pico(billed));
        }
    }
}
