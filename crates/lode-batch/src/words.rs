//! Figures in words.

/// `1 record`, `1,200 records`.
pub(crate) fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", whole(number), if number == 1 { "" } else { "s" })
}

/// A whole number with separators: `1,234,567`.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_thousands_are_apart() {
        assert_eq!([0, 7, 999, 1_000, 65_536, 1_234_567].map(whole), ["0", "7", "999", "1,000", "65,536", "1,234,567"]);
        assert_eq!([0, 1, 2_100].map(|n| count(n, "record")), ["0 records", "1 record", "2,100 records"]);
    }
}
