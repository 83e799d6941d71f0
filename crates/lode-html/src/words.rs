//! Figures as a reader writes them. The page shows what the contract holds: dollars from its decimal strings, shares in per cent.

use lode_model::Money;
use lode_report::dollars;

/// `$1,234.50` of the contract's `1234.500000`; what is no amount stays as it is.
pub(crate) fn usd(text: &str) -> String {
    Money::parse(text).map_or_else(|_| text.to_owned(), Money::to_usd)
}

/// The same with all six decimals, so that a column lines up: `$1,234.503300`.
pub(crate) fn micro(text: &str) -> String {
    let Ok(money) = Money::parse(text) else { return text.to_owned() };
    dollars(&money.to_decimal(6))
}

/// The same with all its decimals, at least two: `$0.0033`.
pub(crate) fn exact(text: &str) -> String {
    let Ok(money) = Money::parse(text) else { return text.to_owned() };
    dollars(&lode_report::trimmed(&money.to_decimal(12), 2))
}

/// An amount in cents.
pub(crate) fn cents(money: Money) -> Money {
    Money::round_parts(&[money], 2).into_iter().sum()
}

/// A whole number or a decimal with separators: `1,234,567`, `0.25`.
pub(crate) fn number(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{dot}{fraction}", grouped(whole))
}

/// At most two decimals, none where they are 0.
pub(crate) fn trimmed(value: f64) -> String {
    number(&format!("{value:.2}"))
}

fn grouped(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_write_them() {
        assert_eq!(usd("1234.500000"), "$1,234.50");
        assert_eq!(usd("-0.5"), "-$0.50");
        assert_eq!(exact("1234.503300"), "$1,234.5033");
        assert_eq!(exact("-0.000001"), "-$0.000001");
        assert_eq!(exact("12.500000"), "$12.50");
        assert_eq!(exact("0.0001395"), "$0.0001395", "a rate has more than six decimals");
        assert_eq!(micro("1234.503300"), "$1,234.503300");
        assert_eq!(number("1234567"), "1,234,567");
        assert_eq!(number("-1234.5000"), "-1,234.5");
        assert_eq!(number("a word"), "a word");
        assert_eq!(trimmed(1500.0), "1,500");
        assert_eq!(trimmed(0.25), "0.25");
    }
}
