//! The valid word that somebody most likely meant.

/// The choice nearest to a word, where one is near enough to have been meant: at most a third of its letters differ, or
/// the word is the beginning of one choice alone. Of several that are equally near, the first by name.
#[must_use]
pub fn nearest<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let mut begins: Vec<&str> = Vec::new();
    let mut near: Option<(usize, &str)> = None;
    for choice in choices {
        let offered = choice.to_lowercase();
        if !wanted.is_empty() && offered.starts_with(&wanted) && !begins.contains(&choice) {
            begins.push(choice);
        }
        let distance = strsim::damerau_levenshtein(&wanted, &offered);
        let length = wanted.chars().count().max(offered.chars().count());
        if distance * 3 <= length && near.is_none_or(|best| (distance, choice) < best) {
            near = Some((distance, choice));
        }
    }
    match begins[..] {
        [one] => Some(one),
        _ => near.map(|(_, choice)| choice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let words = ["basis", "caller_keys", "time_zone"];
        assert_eq!(nearest("bases", words), Some("basis"));
        assert_eq!(nearest("Time_Zone", words), Some("time_zone"));
        assert_eq!(nearest("call", words), Some("caller_keys"), "the beginning of one");
        assert_eq!(nearest("colour", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("ab", ["abcdef", "abcxyz"]), None, "the beginning of two");
        assert_eq!(nearest("abd", ["abf", "abe"]), Some("abe"), "the first by name");
    }
}
