//! Which model a name means. Names differ by where they stand: model ids in logs, profile ids in ARNs, short
//! names in usage types, product names on Marketplace rows. Knows spelling, nothing of prices.

use std::collections::{BTreeMap, BTreeSet};

use crate::model_info::ModelInfo;

/// Geography prefixes of inference profiles (AWS user guide, October 2026, and the catalogue's `profiles`).
const PROFILES: [&str; 9] = ["apac.", "au.", "ca.", "eu.", "global.", "in.", "jp.", "us-gov.", "us."];

/// Places of models by spelling; `None` where two models share one.
type Index = BTreeMap<String, Option<usize>>;

/// Every spelling of every model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Ids and aliases, exactly.
    ids: Index,
    /// Ids without date or version.
    short_ids: Index,
    /// Names of AWS' pages and price lists, by letters and numbers in order.
    spoken: Index,
    /// The same by words in any order: `Claude4.6Sonnet` is `Claude Sonnet 4.6`.
    shuffled: Index,
    /// Ids without their maker.
    bare_ids: Index,
    /// First parts of ids: `anthropic`, `amazon`, …
    makers: BTreeSet<String>,
}

fn put(index: &mut Index, spelling: String, at: usize) {
    index.entry(spelling).and_modify(|known| *known = known.filter(|&other| other == at)).or_insert(Some(at));
}

impl Names {
    /// The spellings of `models`, by their place in the slice.
    pub(crate) fn of(models: &[ModelInfo]) -> Self {
        let mut names = Self::default();
        for (at, model) in models.iter().enumerate() {
            for id in std::iter::once(model.id.as_str()).chain(model.aliases.iter().map(|alias| &**alias)) {
                put(&mut names.ids, id.to_lowercase(), at);
                names.makers.extend(id.split_once('.').map(|(maker, _)| maker.to_owned()));
                for form in shorter_forms(id).filter(|form| !is_family(form, at, models)) {
                    put(&mut names.bare_ids, in_order(bare(&form)), at);
                    put(&mut names.short_ids, form.to_lowercase(), at);
                }
                put(&mut names.bare_ids, in_order(bare(id)), at);
            }
            let plain = model.name.split(" (").next().unwrap_or_default();
            for name in [&*model.name, plain].into_iter().chain(model.price_list_names.iter().map(|name| &**name)) {
                for spoken in [name.to_owned(), format!("{} {name}", model.provider)] {
                    put(&mut names.shuffled, any_order(&spoken), at);
                    put(&mut names.spoken, in_order(&spoken), at);
                }
            }
        }
        names
    }

    /// The place of the model that `name` means.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name = without_edition(name.trim());
        if let Some(arn) = name.strip_prefix("arn:") {
            let resource = arn.splitn(5, ':').nth(4)?;
            return self.find_id(&resource_tail(resource)?.to_lowercase());
        }
        let lower = name.to_lowercase();
        if let Some(tail) = resource_tail(&lower) {
            return self.find_id(tail);
        }
        // What is written like an id is an id: `anthropic.claude-3-5-sonnet` is short for two of them, although
        // only one is called "Claude 3.5 Sonnet".
        let maker = without_profile(&lower).split_once('.').map(|(maker, _)| maker);
        if maker.is_some_and(|maker| self.makers.contains(maker)) {
            return self.find_id(&lower);
        }
        let steps =
            [(&self.spoken, in_order(name)), (&self.shuffled, any_order(name)), (&self.bare_ids, in_order(name))];
        steps.iter().find_map(|(index, spelling)| index.get(spelling).copied()).flatten()
    }

    /// The place of the model of an id in lower case, perhaps of a profile, perhaps shortened.
    fn find_id(&self, id: &str) -> Option<usize> {
        let id = without_variant(without_profile(id));
        // A version that our id does not write may be dropped, but never swapped for another one.
        let known = self.ids.get(id).or_else(|| self.short_ids.get(id)).or_else(|| self.ids.get(unversioned(id)));
        known.copied().flatten()
    }
}

/// An id, or a profile's id without its geography.
fn without_profile(id: &str) -> &str {
    PROFILES.iter().find_map(|prefix| id.strip_prefix(prefix)).unwrap_or(id)
}

/// The id in `foundation-model/<id>` or `inference-profile/<id>`; other resources do not name a model.
fn resource_tail(resource: &str) -> Option<&str> {
    resource.strip_prefix("foundation-model/").or_else(|| resource.strip_prefix("inference-profile/"))
}

/// A Marketplace product name without its suffix.
fn without_edition(name: &str) -> &str {
    const SUFFIX: &str = "(amazon bedrock edition)";
    match name.len().checked_sub(SUFFIX.len()) {
        Some(at) if name.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(SUFFIX)) => {
            name.get(..at).unwrap_or(name).trim_end()
        }
        _ => name,
    }
}

/// An id without the context variant that Provisioned Throughput adds, `:24k`.
fn without_variant(id: &str) -> &str {
    match id.rsplit_once(':') {
        Some((rest, variant)) if variant.strip_suffix('k').is_some_and(is_number) => rest,
        _ => id,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An id without its maker: `claude-sonnet-4-6` of `anthropic.claude-sonnet-4-6`.
fn bare(id: &str) -> &str {
    id.split_once('.').map_or(id, |(_, rest)| rest)
}

/// An id without `-v1:0`, `-v1` or `-1:0`.
fn unversioned(id: &str) -> &str {
    let (rest, minor) = match id.rsplit_once(':') {
        Some((rest, minor)) if is_number(minor) => (rest, true),
        _ => (id, false),
    };
    match rest.rsplit_once('-') {
        Some((name, version)) if version.strip_prefix('v').is_some_and(is_number) => name,
        Some((name, version)) if minor && is_number(version) => name,
        _ => rest,
    }
}

/// An id without a `-20250929`.
fn undated(id: &str) -> String {
    let keep = |part: &&str| !(part.len() == 8 && is_number(part));
    id.split('-').filter(keep).collect::<Vec<_>>().join("-")
}

/// The shorter forms of an id: without `:0`, without version, without date, without both.
fn shorter_forms(id: &str) -> impl Iterator<Item = String> {
    // `anthropic.claude-v2` is not `anthropic.claude-v2:1`: only a `:0` may go on its own.
    let major = id.strip_suffix(":0").unwrap_or(id);
    let version = unversioned(id);
    [major.to_owned(), undated(id), undated(major), version.to_owned(), undated(version)].into_iter()
}

/// Whether a shortened id is only the name of a family, such as `anthropic.claude`.
fn is_family(form: &str, at: usize, models: &[ModelInfo]) -> bool {
    let begins = |model: &ModelInfo| model.id.as_str().strip_prefix(form).is_some_and(|rest| rest.starts_with('-'));
    !bare(form).contains(|letter: char| letter.is_ascii_digit())
        && models.iter().enumerate().any(|(other, model)| other != at && begins(model))
}

/// Runs of letters and of digits in lower case, split also where `camelCase` does. `2.0` is `2`, `R+` is
/// `R plus`.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = ' ';
    let mut rest = name;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let zero = after.strip_prefix('0').filter(|tail| !tail.starts_with(|next: char| next.is_ascii_digit()));
        if let Some(tail) = zero.filter(|_| letter == '.' && last.is_ascii_digit()) {
            (rest, last) = (tail, ' ');
            continue;
        }
        let joins = letter.is_ascii_digit() && last.is_ascii_digit()
            || letter.is_alphabetic() && last.is_alphabetic() && !(last.is_lowercase() && letter.is_uppercase());
        if letter.is_alphanumeric() {
            match tokens.last_mut().filter(|_| joins) {
                Some(token) => token.extend(letter.to_lowercase()),
                None => tokens.push(letter.to_lowercase().collect()),
            }
        } else if letter == '+' {
            tokens.push("plus".to_owned());
        }
        (rest, last) = (after, letter);
    }
    tokens
}

/// Letters and numbers in order, numbers kept apart: `claude3.5sonnet`.
fn in_order(name: &str) -> String {
    let mut spelling = String::new();
    for token in tokens(name) {
        if is_number(&token) && spelling.ends_with(|last: char| last.is_ascii_digit()) {
            spelling.push('.');
        }
        spelling.push_str(&token);
    }
    spelling
}

/// Words in alphabetical order, then numbers in their own: `claude sonnet|4.6`. A `v` before a number is
/// not a word.
fn any_order(name: &str) -> String {
    let tokens = tokens(name);
    let next_is_number = |at: usize| tokens.get(at + 1).is_some_and(|next| is_number(next));
    let mut words: Vec<&str> = Vec::new();
    let mut numbers: Vec<&str> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if is_number(token) {
            numbers.push(token);
        } else if token != "v" || !next_is_number(at) {
            words.push(token);
        }
    }
    words.sort_unstable();
    format!("{}|{}", words.join(" "), numbers.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_names_alike() {
        assert_eq!(tokens("Claude4.6Sonnet"), ["claude", "4", "6", "sonnet"]);
        assert_eq!(tokens("Nova2.0Lite"), ["nova", "2", "lite"]);
        assert_eq!(tokens("Nova 2.05"), ["nova", "2", "05"]);
        assert_eq!(any_order("Claude4.6Sonnet"), any_order("Claude Sonnet 4.6"));
        assert_ne!(any_order("Claude4.6Sonnet"), any_order("Claude Sonnet 6.4"));
        assert_ne!(in_order("Opus 4.5"), in_order("Opus 45"));
        assert_eq!(in_order("DeepSeek V3.1"), in_order("deepseek-v3-1"));
    }

    #[test]
    fn shortens_ids() {
        assert_eq!(unversioned("openai.gpt-oss-120b-1:0"), "openai.gpt-oss-120b");
        assert_eq!(unversioned("anthropic.claude-sonnet-5"), "anthropic.claude-sonnet-5");
        assert_eq!(undated("anthropic.claude-sonnet-4-5-20250929-v1:0"), "anthropic.claude-sonnet-4-5-v1:0");
        assert_eq!(without_variant("amazon.nova-lite-v1:0:300k"), "amazon.nova-lite-v1:0");
        assert_eq!(without_edition("Claude 3 Haiku (Amazon Bedrock Edition)"), "Claude 3 Haiku");
    }
}
