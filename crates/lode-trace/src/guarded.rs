//! What a guardrail did, as one text: most calls of a guardrail have one of few, so a column of words holds them.
//!
//! `flags;characters;units;found;characters;units;found;=id`: `i` intervened and `s` selective; then characters evaluated,
//! `policy=units` and policies that found something, of the prompt's side and of the answer's; the id after `=`, or nothing.

use std::fmt::Write as _;
use std::str::FromStr;

use lode_model::{Guarded, GuardedSide, GuardrailPolicy};

/// The number of a policy. Files hold it: never change one.
const fn number(policy: GuardrailPolicy) -> u8 {
    match policy {
        GuardrailPolicy::Content => 0,
        GuardrailPolicy::ContentImages => 1,
        GuardrailPolicy::Topic => 2,
        GuardrailPolicy::Word => 3,
        GuardrailPolicy::SensitiveEntities => 4,
        GuardrailPolicy::SensitiveRegexes => 5,
        GuardrailPolicy::Grounding => 6,
        GuardrailPolicy::Reasoning => 7,
    }
}

fn policy(text: &str) -> Option<GuardrailPolicy> {
    let wanted: u8 = text.parse().ok()?;
    GuardrailPolicy::ALL.iter().copied().find(|policy| number(*policy) == wanted)
}

/// Its text.
pub(crate) fn encode(guarded: &Guarded) -> String {
    let mut text = String::new();
    if guarded.intervened {
        text.push('i');
    }
    if guarded.selective {
        text.push('s');
    }
    for side in [&guarded.input, &guarded.output] {
        text.push(';');
        if let Some(characters) = side.characters {
            let _ = write!(text, "{characters}");
        }
        let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
        let units = list(&mut side.units.iter().map(|(policy, units)| format!("{}={units}", number(*policy))));
        let found = list(&mut side.found.iter().map(|policy| number(*policy).to_string()));
        let _ = write!(text, ";{units};{found}");
    }
    text.push(';');
    if let Some(id) = &guarded.guardrail {
        text.push('=');
        text.push_str(id);
    }
    text
}

/// What a text says; `None` where it is no such text.
pub(crate) fn decode(text: &str) -> Option<Guarded> {
    let fields: Vec<&str> = text.splitn(8, ';').collect();
    let [flags, characters, units, found, out_characters, out_units, out_found, id] = fields[..] else { return None };
    if !matches!(flags, "" | "i" | "s" | "is") {
        return None;
    }
    Some(Guarded {
        guardrail: if id.is_empty() { None } else { Some(id.strip_prefix('=')?.into()) },
        input: side(characters, units, found)?,
        output: side(out_characters, out_units, out_found)?,
        intervened: flags.contains('i'),
        selective: flags.contains('s'),
    })
}

fn side(characters: &str, units: &str, found: &str) -> Option<GuardedSide> {
    let list = |text: &str| text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let unit = |item: &String| {
        let (name, count) = item.split_once('=')?;
        Some((policy(name)?, u64::from_str(count).ok()?))
    };
    Some(GuardedSide {
        units: list(units).iter().map(unit).collect::<Option<_>>()?,
        characters: if characters.is_empty() { None } else { Some(characters.parse().ok()?) },
        found: list(found).iter().map(|item| policy(item)).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_says_what_it_was_made_of() {
        let side = GuardedSide {
            units: [(GuardrailPolicy::Content, 2), (GuardrailPolicy::SensitiveRegexes, 0)].into(),
            characters: Some(1_500),
            found: [GuardrailPolicy::Content, GuardrailPolicy::Word].into(),
        };
        let full = Guarded {
            guardrail: Some("a;b=c".into()),
            input: side.clone(),
            output: GuardedSide { characters: None, ..side },
            intervened: true,
            selective: true,
        };
        assert_eq!(encode(&full), "is;1500;0=2,5=0;0,3;;0=2,5=0;0,3;=a;b=c");
        assert_eq!(encode(&Guarded::default()), ";;;;;;;");
        for guarded in [full, Guarded::default(), Guarded { guardrail: Some("".into()), ..Guarded::default() }] {
            assert_eq!(decode(&encode(&guarded)), Some(guarded));
        }
    }

    #[test]
    fn any_other_text_is_none() {
        for text in ["", "x;;;;;;;", ";;;;;;", ";a;;;;;;", ";;9=1;;;;;", ";;0=x;;;;;", ";;;9;;;;", ";;;;;;;id"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn policies_have_numbers_of_their_own() {
        let numbers: std::collections::BTreeSet<u8> =
            GuardrailPolicy::ALL.iter().map(|policy| number(*policy)).collect();
        assert_eq!(numbers.len(), GuardrailPolicy::ALL.len());
    }
}
