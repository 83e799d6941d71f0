//! The form of a usage type: its region prefix, the marks of AWS Marketplace, where a model's name ends. Knows
//! spelling, nothing of what a word means.

use lode_model::Region;

use super::tokens::tokens_in;
use crate::regions::{region_of_prefix, split_prefix};
use crate::tables::{Look, MODALITIES, NamedRule};

/// A usage type taken apart: region prefix, Marketplace marks, and the dimension that is left.
pub(super) struct Shape<'a> {
    pub(super) region: Option<Region>,
    pub(super) says_marketplace: bool,
    pub(super) dimension: &'a str,
}

impl<'a> Shape<'a> {
    pub(super) fn of(usage_type: &'a str) -> Self {
        let (mut prefix, mut rest) = split_prefix(usage_type.trim());
        let mut says_marketplace = false;
        if let Some(after) = strip_start(rest, "MP:") {
            says_marketplace = true;
            // The prefix is repeated: `MP:USE1_InputTokenCount`.
            rest = match after.split_once('_') {
                Some((second, dimension))
                    if prefix.is_some_and(|first| first.eq_ignore_ascii_case(second))
                        || region_of_prefix(second).is_some() =>
                {
                    prefix = prefix.or(Some(second));
                    dimension
                }
                _ => after,
            };
        }
        // Rows AWS sells end in `-search-units`: only after "MP:" may the case differ.
        let units = if says_marketplace { strip_end(rest, "-Units") } else { rest.strip_suffix("-Units") };
        if let Some(before) = units {
            says_marketplace = true;
            rest = before;
        }
        Self { region: prefix.and_then(region_of_prefix), says_marketplace, dimension: rest }
    }
}

/// Whether the usage type has a region prefix that the table does not know.
pub(crate) fn has_unknown_prefix(usage_type: &str) -> bool {
    split_prefix(usage_type.trim()).0.is_some_and(|prefix| region_of_prefix(prefix).is_none())
}

/// Whether the usage type has one of the forms of AWS Marketplace, whose quantities are millions: marked as such,
/// or a kind of tokens without any model (`input_tokens_global_standard`, as agreement rate cards write it).
pub(crate) fn has_marketplace_form(usage_type: &str) -> bool {
    let shape = Shape::of(usage_type);
    shape.says_marketplace
        || (!shape.dimension.contains('-') && tokens_in(&Squeezed::of(shape.dimension).text).is_some())
}

/// Splits `Claude4.6Sonnet-cache-read-input-token-count-batch` before its direction, and mantle forms at their
/// mark. Words are compared whole, so that a model may be called anything.
pub(super) fn split_model(dimension: &str) -> (Option<&str>, &str) {
    if let Some(at) = find_ignoring_case(dimension, super::MANTLE) {
        return (dimension.get(..at), dimension.get(at + super::MANTLE.len()..).unwrap_or_default());
    }
    let mut at = 0;
    let words: Vec<(usize, &str)> = dimension
        .split('-')
        .map(|word| {
            let start = at;
            at += word.len() + 1;
            (start, word)
        })
        .collect();
    let word = |place: usize| words.get(place).map_or("", |(_, word)| *word);
    let Some(direction) = (0..words.len()).find(|&place| begins_a_kind(word(place), word(place + 1), word(place + 2)))
    else {
        return (None, dimension);
    };
    // `NovaSonic-speech-input-tokens`: the modality belongs to the direction. "text" in lower case only: the
    // "Text" of `TitanEmbeddingV2-Text-input-tokens` is the model's.
    let modality = direction.checked_sub(1).filter(|&before| word(before) == "text" || is_modality(word(before)));
    let start = words.get(modality.unwrap_or(direction)).map_or(0, |(start, _)| *start);
    (dimension.get(..start), dimension.get(start..).unwrap_or_default())
}

/// Whether a word begins the kind of tokens: `cache` before `read`, `input` before `tokens` or `image-token`.
fn begins_a_kind(word: &str, next: &str, after: &str) -> bool {
    let is = |text: &str, wanted: &str| text.eq_ignore_ascii_case(wanted);
    let counts = |text: &str| strip_start(text, "token").is_some();
    if is(word, "cache") {
        return is(next, "read") || is(next, "write");
    }
    if is(word, "input") || is(word, "output") {
        return counts(next) || (is(next, "text") || is_modality(next)) && counts(after);
    }
    ["inputtoken", "outputtoken", "cacheread", "cachewrite"].iter().any(|kind| strip_start(word, kind).is_some())
}

fn is_modality(word: &str) -> bool {
    MODALITIES.iter().any(|modality| word.eq_ignore_ascii_case(modality))
}

/// A text in lower case without dashes and underscores, with the way back.
pub(super) struct Squeezed {
    pub(super) text: String,
    /// Byte position in the original of each byte of `text`.
    origin: Vec<usize>,
}

impl Squeezed {
    pub(super) fn of(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len());
        for (at, c) in original.char_indices().filter(|(_, c)| !matches!(c, '-' | '_')) {
            text.push(c.to_ascii_lowercase());
            origin.resize(text.len(), at);
        }
        Self { text, origin }
    }
}

/// Where in the original dimension a rule's words are found.
pub(super) fn find(rule: &NamedRule, dimension: &str, squeezed: &Squeezed) -> Option<usize> {
    rule.words.iter().find_map(|word| match rule.look {
        Look::Code => dimension.find(word).or_else(|| whole_word(dimension, word)),
        Look::AsWritten => find_ignoring_case(dimension, word),
        Look::Anywhere => squeezed.text.find(word).and_then(|at| squeezed.origin.get(at).copied()),
        // The matched words are the model's name themselves; it ends at the next dash.
        Look::Start => squeezed.text.starts_with(word).then(|| dimension.find('-').unwrap_or(dimension.len())),
    })
}

/// Where a word stands whole between dashes, underscores or colons, in any case.
fn whole_word(dimension: &str, word: &str) -> Option<usize> {
    let mut at = 0;
    for part in dimension.split(['-', '_', ':']) {
        if part.eq_ignore_ascii_case(word) {
            return Some(at);
        }
        at += part.len() + 1;
    }
    None
}

/// Where an ASCII word stands, in any case.
pub(super) fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

pub(super) fn contains_ignoring_case(text: &str, word: &str) -> bool {
    find_ignoring_case(text, word).is_some()
}

/// A text without an ASCII word at its start, in any case.
pub(super) fn strip_start<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start.eq_ignore_ascii_case(word).then(|| text.get(word.len()..)).flatten()
}

/// A text without an ASCII word at its end, in any case.
pub(super) fn strip_end<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(word.len())?;
    text.get(at..)?.eq_ignore_ascii_case(word).then(|| text.get(..at)).flatten()
}
