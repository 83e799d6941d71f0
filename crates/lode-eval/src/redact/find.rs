//! Where in a text something has the form of personal data. What has a check digit is checked; what stands inside of a
//! word, of a decimal fraction or of a UUID is none of it.

use regex::Regex;

use super::Pattern;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pattern: Pattern,
    /// First byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
    /// The value however it is written: digits alone, an address in small letters.
    pub(super) value: String,
}

/// The expressions, compiled once.
#[derive(Debug)]
pub(super) struct Finder {
    email: Option<Regex>,
    iban: Option<Regex>,
    runs: Option<Regex>,
    dotted_card: Option<Regex>,
    keyword: Option<Regex>,
    phones: Option<Regex>,
    uuid: Option<Regex>,
}

/// An address: letters of any alphabet, digits and signs around an `@`, then a domain of two parts or more. Scripts that
/// are written without spaces stand beside an address, not in it.
const EMAIL: &str = r"[0-9A-Za-z\x{C0}-\x{1FFF}.!#$%&'*+?^_~-]+@(?:[0-9A-Za-z\x{C0}-\x{1FFF}](?:[0-9A-Za-z\x{C0}-\x{1FFF}-]*[0-9A-Za-z\x{C0}-\x{1FFF}])?\.)+[A-Za-z\x{C0}-\x{1FFF}]{2,}";
/// Country, check digits, 11 to 30 letters or digits, in one piece or in fours.
const IBAN: &str = r"[A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}";
/// Digits with single separators; `\x{a0}` is the space that does not break.
const RUNS: &str = r"[0-9]+(?:[ \x{a0}-][0-9]+)*";
const DOTTED_CARD: &str = r"[0-9]{4}\.[0-9]{4}\.[0-9]{4}\.[0-9]{4}";
/// A word that announces an account number, and the number.
const KEYWORD: &str = r"(?i-u:account|acct|a/c|routing|aba|iban|konto|kontonummer|bank)[^0-9\n]{0,24}([0-9]{6,17})";
const PHONES: &str = r"\+[1-9][0-9 ().\x{a0}-]{5,19}[0-9]|\([0-9]{3}\) ?[0-9]{3}[-. ][0-9]{4}|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}|0[0-9]{1,4}[ /-][0-9]{5,9}";
const UUID: &str = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}";

impl Finder {
    pub(super) fn new() -> Self {
        let compiled = |text: &str| Regex::new(text).ok();
        Self {
            email: compiled(EMAIL),
            iban: compiled(IBAN),
            runs: compiled(RUNS),
            dotted_card: compiled(DOTTED_CARD),
            keyword: compiled(KEYWORD),
            phones: compiled(PHONES),
            uuid: compiled(UUID),
        }
    }

    /// Every place, in order, none over another: where two patterns fit, the surer one counts.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let mut places = Places::default();
        let uuids: Vec<(usize, usize)> = matches(self.uuid.as_ref(), text).collect();
        if text.contains('@') {
            for (start, end) in matches(self.email.as_ref(), text) {
                let start = after_escape(text, start, end);
                let written = text.get(start..end).unwrap_or_default();
                // A quote before an address is no letter of it.
                let value = written.trim_start_matches(['\'', '*', '#', '.', '?', '!', '&']);
                let start = end - value.len();
                if !value.starts_with('@') {
                    places.add(Pattern::Email, start, end, value.to_lowercase());
                }
            }
        }
        // Without a digit there is nothing more to find.
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return places.in_order();
        }
        for (start, end) in matches(self.iban.as_ref(), text) {
            let start = after_escape(text, start, end);
            if let Some((end, value)) = iban(text, start, end) {
                places.add(Pattern::Iban, start, end, value);
            }
        }
        let runs: Vec<Vec<Group>> = matches(self.runs.as_ref(), text)
            .filter(|(start, _)| !uuids.iter().any(|(first, last)| (first..last).contains(&start)))
            .map(|(start, end)| groups(text, start, end))
            .collect();
        runs.iter().for_each(|run| cards(text, run, &mut places));
        for (start, end) in matches(self.dotted_card.as_ref(), text) {
            let value = digits(text, start, end);
            if stands_alone(text, start, end) && is_card(&value) {
                places.add(Pattern::Card, start, end, value);
            }
        }
        runs.iter().for_each(|run| aws_accounts(text, run, &mut places));
        // Runs of digits in a UUID are gone from `runs`; a word before one is no account.
        let announced = self.keyword.iter().flat_map(|regex| regex.captures_iter(text));
        for number in announced.filter_map(|captures| captures.get(1)) {
            if stands_alone(text, number.start(), number.end()) && !within(&uuids, number.start()) {
                places.add(Pattern::Account, number.start(), number.end(), number.as_str().to_owned());
            }
        }
        let all: Vec<&Group> = runs.iter().flatten().collect();
        accounts(text, &all, &mut places);
        for (start, end) in matches(self.phones.as_ref(), text) {
            let value = digits(text, start, end);
            let alone = text.get(start..).is_some_and(|rest| rest.starts_with(['+', '(']))
                && !text.get(end..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                || stands_alone(text, start, end);
            if alone && (7..=15).contains(&value.len()) && !within(&uuids, start) {
                places.add(Pattern::Phone, start, end, value);
            }
        }
        places.in_order()
    }
}

fn within(spans: &[(usize, usize)], place: usize) -> bool {
    spans.iter().any(|(start, end)| (*start..*end).contains(&place))
}

fn matches<'a>(regex: Option<&'a Regex>, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    regex.into_iter().flat_map(|regex| regex.find_iter(text)).map(|found| (found.start(), found.end()))
}

#[derive(Default)]
struct Places(Vec<Found>);

impl Places {
    fn add(&mut self, pattern: Pattern, start: usize, end: usize, value: String) {
        if start < end && !self.0.iter().any(|found| start < found.end && found.start < end) {
            self.0.push(Found { pattern, start, end, value });
        }
    }

    fn in_order(mut self) -> Vec<Found> {
        self.0.sort_by_key(|found| found.start);
        self.0
    }
}

fn digits(text: &str, start: usize, end: usize) -> String {
    text.get(start..end).unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}

/// Where a match really begins. In JSON that stands in a text as it is written, `\n` before an address looks like a
/// letter of it, and `\u0022` like five.
fn after_escape(text: &str, start: usize, end: usize) -> usize {
    if !text.get(..start).is_some_and(|before| before.ends_with('\\')) {
        return start;
    }
    let inside = text.get(start..end).unwrap_or_default().as_bytes();
    match inside {
        [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()) => start + 5,
        [b'n' | b't' | b'r' | b'b' | b'f', ..] => start + 1,
        _ => start,
    }
}

/// Whether digits are no part of a word in Latin letters, of a longer number or of a decimal fraction.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let mut back = before.chars().rev();
    let glued_before = match (back.next(), back.next()) {
        (Some('n' | 't' | 'r' | 'b' | 'f'), Some('\\')) => false,
        (Some('.'), Some(digit)) => digit.is_ascii_digit(),
        (Some(last), _) => last.is_ascii_alphanumeric() || last == '_',
        (None, _) => false,
    };
    let mut ahead = after.chars();
    let glued_after = match (ahead.next(), ahead.next()) {
        (Some('.'), Some(digit)) => digit.is_ascii_digit(),
        (Some(next), _) => next.is_ascii_alphanumeric() || next == '_',
        (None, _) => false,
    };
    !glued_before && !glued_after
}

/// Digits without a separator between them.
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn len(&self) -> usize {
        self.end - self.start
    }
}

fn groups(text: &str, start: usize, end: usize) -> Vec<Group> {
    let run = text.get(start..end).unwrap_or_default();
    let mut groups = Vec::new();
    let mut at = start;
    for part in run.split(|c: char| !c.is_ascii_digit()) {
        groups.push(Group { start: at, end: at + part.len() });
        let separator = text.get(at + part.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        at += part.len() + separator;
    }
    groups
}

/// The likeliest lengths of card numbers first.
const CARD_LENGTHS: [usize; 7] = [16, 15, 14, 13, 19, 18, 17];

fn cards(text: &str, run: &[Group], places: &mut Places) {
    let mut first = 0;
    while let Some(group) = run.get(first) {
        // In one piece, or in groups as printed on a card: 4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3.
        let fits = |parts: &[Group]| match parts {
            [_] => true,
            [head, middle @ .., _] => head.len() == 4 && middle.iter().all(|part| (4..=6).contains(&part.len())),
            [] => false,
        };
        let found = CARD_LENGTHS.iter().find_map(|length| {
            let (last, parts) = (first..run.len().min(first + 19)).find_map(|last| {
                let parts = run.get(first..=last)?;
                (parts.iter().map(Group::len).sum::<usize>() == *length && fits(parts)).then_some((last, parts))
            })?;
            let end = parts.last()?.end;
            let value = digits(text, group.start, end);
            (is_card(&value) && stands_alone(text, group.start, end)).then_some((last, end, value))
        });
        match found {
            Some((last, end, value)) => {
                places.add(Pattern::Card, group.start, end, value);
                first = last + 1;
            }
            None => first += 1,
        }
    }
}

/// A first digit of a card issuer, and the check digit of Luhn (ISO/IEC 7812).
fn is_card(digits: &str) -> bool {
    let issued = digits.starts_with(['2', '3', '4', '5', '6']);
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    issued && (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

/// Twelve digits in one piece or in fours, and nothing else in the run.
fn aws_accounts(text: &str, run: &[Group], places: &mut Places) {
    let whole = match run {
        [a, b, c] if [a, b, c].iter().all(|part| part.len() == 4) => vec![(a.start, c.end)],
        _ => run.iter().filter(|group| group.len() == 12).map(|group| (group.start, group.end)).collect(),
    };
    for (start, end) in whole {
        if stands_alone(text, start, end) {
            places.add(Pattern::AwsAccount, start, end, digits(text, start, end));
        }
    }
}

/// How far an account number may stand from its routing number, in bytes.
const NEAR: usize = 24;

fn accounts(text: &str, groups: &[&Group], places: &mut Places) {
    for (place, group) in groups.iter().enumerate() {
        let alone = stands_alone(text, group.start, group.end);
        let value = digits(text, group.start, group.end);
        // A time in milliseconds or microseconds is long too.
        let is_time = value.starts_with('1') && matches!(value.len(), 13 | 16);
        if alone && (13..=17).contains(&value.len()) && !is_time {
            places.add(Pattern::Account, group.start, group.end, value);
        } else if alone && is_routing(&value) {
            let next = groups.get(place + 1).filter(|next| {
                let between = text.get(group.end..next.start).unwrap_or("\n");
                (6..=17).contains(&next.len()) && between.len() <= NEAR && !between.contains('\n')
            });
            if let Some(next) = next {
                places.add(Pattern::Account, group.start, group.end, value);
                places.add(Pattern::Account, next.start, next.end, digits(text, next.start, next.end));
            }
        }
    }
}

/// Nine digits with the check digit of the American Bankers Association.
fn is_routing(value: &str) -> bool {
    let sum: u32 = value
        .bytes()
        .zip([3, 7, 1].into_iter().cycle())
        .map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')) * weight)
        .sum();
    value.len() == 9 && sum > 0 && sum.is_multiple_of(10)
}

/// The longest beginning of a match that is an IBAN: what follows it may look like more of it.
fn iban(text: &str, start: usize, end: usize) -> Option<(usize, String)> {
    let glued = text.get(..start)?.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
    let escaped = start > 0 && after_escape(text, start - 1, end) == start;
    if glued && !escaped {
        return None;
    }
    let ends = text.get(start..end)?.char_indices().map(|(at, c)| start + at + c.len_utf8()).rev();
    for end in ends {
        let written = text.get(start..end)?;
        if text.get(end..)?.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !written.ends_with(|c: char| c.is_ascii_alphanumeric())
        {
            continue;
        }
        let value: String =
            written.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        if (15..=34).contains(&value.len()) && remainder_97(&value) == Some(1) {
            return Some((end, value));
        }
    }
    None
}

/// ISO 7064: the first four characters to the end, letters as 10 to 35, modulo 97.
fn remainder_97(iban: &str) -> Option<u32> {
    let (head, tail) = iban.split_at_checked(4)?;
    tail.chars().chain(head.chars()).try_fold(0_u32, |rest, c| {
        let value = c.to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for text in [EMAIL, IBAN, RUNS, DOTTED_CARD, KEYWORD, PHONES, UUID] {
            assert!(Regex::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn check_digits() {
        assert!(is_card("4111111111111111") && !is_card("4111111111111112"));
        assert!(!is_card("1111111111111117"), "no issuer");
        // JPMorgan's public routing number in every textbook: 021000021.
        assert!(is_routing("021000021") && !is_routing("021000022") && !is_routing("000000000"));
        assert_eq!(remainder_97("DE89370400440532013000"), Some(1));
        assert_ne!(remainder_97("DE88370400440532013000"), Some(1));
    }
}
