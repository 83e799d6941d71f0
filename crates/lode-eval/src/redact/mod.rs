//! Personal data out of texts: e-mail addresses, payment cards, phone and account numbers become placeholders such as
//! `[EMAIL-1]`. The same value has the same placeholder within one export, so that a model can still tell two people
//! apart and repeat the one that it is asked for.
//!
//! Patterns find what has a form. Names, postal addresses and anything written in words have none and stay.

mod find;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use find::{Finder, Found};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// E-mail addresses.
    Email,
    /// Numbers of payment cards: 13 to 19 digits, their check digit right (Luhn).
    Card,
    /// Phone numbers: international, in the North American form, or with a leading zero and a separator.
    Phone,
    /// International bank account numbers, their check digits right (ISO 13616).
    Iban,
    /// AWS account ids: twelve digits.
    AwsAccount,
    /// Other account numbers: US routing and account numbers, digits after a word such as `account`, long runs of digits.
    Account,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: &'static [Self] =
        &[Self::Email, Self::Card, Self::Phone, Self::Iban, Self::AwsAccount, Self::Account];

    /// The word of its placeholders: `EMAIL` in `[EMAIL-1]`.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Card => "CARD",
            Self::Phone => "PHONE",
            Self::Iban => "IBAN",
            Self::AwsAccount => "AWS-ACCOUNT",
            Self::Account => "ACCOUNT",
        }
    }

    /// Its name, as it is written where it is switched off: `aws-account`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Card => "card",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::AwsAccount => "aws-account",
            Self::Account => "account",
        }
    }

    /// The pattern of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|pattern| pattern.name() == name)
    }
}

/// The expressions take a while to compile.
static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

/// Replaces values by placeholders, and remembers which is which for the length of one export.
#[derive(Debug)]
pub struct Redactor {
    off: BTreeSet<Pattern>,
    numbers: BTreeMap<Pattern, BTreeMap<String, u64>>,
    counts: BTreeMap<Pattern, u64>,
}

impl Redactor {
    /// All patterns are on but these.
    #[must_use]
    pub fn new(off: BTreeSet<Pattern>) -> Self {
        Self { off, numbers: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// How many places were replaced, by pattern; patterns that are off are not in it.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Pattern, u64> {
        let on = Pattern::ALL.iter().filter(|pattern| !self.off.contains(pattern));
        on.map(|pattern| (*pattern, self.counts.get(pattern).copied().unwrap_or(0))).collect()
    }

    /// A text without what was found in it. A text that is JSON stays JSON: a number that is replaced becomes a string.
    pub fn text(&mut self, text: &str) -> String {
        let found = FINDER.find(text);
        let is_json = is_json(text);
        // Letters of an address can hide behind escapes; only what the JSON means shows them.
        let hides = is_json && text.contains("\\u");
        if found.iter().all(|found| self.off.contains(&found.pattern)) && !hides {
            return text.to_owned();
        }
        let replaced = self.replaced(text, &found, is_json);
        if is_json && (hides || !self::is_json(&replaced)) {
            return self.json_text(if self::is_json(&replaced) { &replaced } else { text });
        }
        replaced
    }

    /// A text that is JSON, by what it means.
    fn json_text(&mut self, text: &str) -> String {
        let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
        let before = value.clone();
        self.value(&mut value);
        if value == before { text.to_owned() } else { value.to_string() }
    }

    /// Every text in a value, keys of objects and numbers too: a number that is replaced becomes a string.
    pub fn value(&mut self, value: &mut Value) {
        self.walk(value, true);
    }

    /// Every text in a value, but no number: for what describes data and holds none, such as the schema of a tool.
    pub fn strings(&mut self, value: &mut Value) {
        self.walk(value, false);
    }

    fn walk(&mut self, value: &mut Value, numbers: bool) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, numbers)),
            Value::Object(entries) => {
                for (key, mut value) in std::mem::take(entries) {
                    self.walk(&mut value, numbers);
                    let new = self.text(&key);
                    // Two keys never become one.
                    let new = if entries.contains_key(&new) { key } else { new };
                    entries.insert(new, value);
                }
            }
            Value::Number(number) if numbers => {
                let text = number.to_string();
                let new = self.text(&text);
                if new != text {
                    *value = Value::String(new.trim_matches('"').to_owned());
                }
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    fn replaced(&mut self, text: &str, found: &[Found], is_json: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut quotes = Quotes::default();
        let mut at = 0;
        for one in found.iter().filter(|found| !self.off.contains(&found.pattern)) {
            let before = text.get(at..one.start).unwrap_or_default();
            let inside = quotes.inside_after(before);
            let quote = if is_json && !inside { Some("\"") } else { bare_value(text, one.start, one.end) };
            let placeholder = placeholder(&mut self.numbers, one);
            *self.counts.entry(one.pattern).or_default() += 1;
            // The sign of a number goes with it.
            let before = if quote.is_some() { before.strip_suffix('-').unwrap_or(before) } else { before };
            let quote = quote.unwrap_or_default();
            for part in [before, quote, &placeholder, quote] {
                out.push_str(part);
            }
            at = one.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

fn placeholder(numbers: &mut BTreeMap<Pattern, BTreeMap<String, u64>>, found: &Found) -> String {
    let known = numbers.entry(found.pattern).or_default();
    let next = known.len() as u64 + 1;
    let number = *known.entry(found.value.clone()).or_insert(next);
    format!("[{}-{number}]", found.pattern.placeholder())
}

/// Whether a text as a whole is a JSON object or array.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether a place of JSON is inside of a string, following the text from its beginning.
#[derive(Default)]
struct Quotes {
    inside: bool,
    escaped: bool,
}

impl Quotes {
    fn inside_after(&mut self, text: &str) -> bool {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.inside => self.escaped = true,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
        }
        self.inside
    }
}

/// Where a place in a text is the bare value of a key, as in JSON that stands in prose or in another JSON's string:
/// the quote of that key, with the backslashes before it.
fn bare_value(text: &str, start: usize, end: usize) -> Option<&str> {
    let before = text.get(..start)?.trim_end_matches('-').trim_end();
    let key = before.strip_suffix(':')?.trim_end();
    let name = key.strip_suffix('"')?.trim_end_matches('\\');
    let after = text.get(end..)?.trim_start();
    after.starts_with([',', '}']).then(|| key.get(name.len()..))?
}

#[cfg(test)]
mod tests;
