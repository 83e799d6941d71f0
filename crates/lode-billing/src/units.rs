//! From a billed amount and its unit to a quantity. AWS has changed pricing units in mid-month, so each row is
//! converted before any row is added to another; an unknown unit gives no quantity, never a default.
//!
//! Source of the factors: the CUDOS dashboard's token expressions (2026-08-14) and AWS blog figures of 2026-08
//! whose cost per unit is the list price per 1,000 tokens.

use lode_model::{Class, Quantity, Unit};

use crate::classify::has_marketplace_form;
use crate::columns::squeezed;

/// Units by their letters and digits, lower case; the power of ten of steps in one of them; and the step. Those of
/// AWS' price lists of Bedrock and its stores and of FOCUS (`Hours`, `GB-Hours`), state of 2026-10.
const UNITS: &[(&[&str], i32, Unit)] = &[
    (&["1ktokens", "1ktoken", "1000tokens", "per1000tokens", "ktokens", "thousandtokens"], 3, Unit::Token),
    (
        &[
            "1mtokens",
            "1mtoken",
            "1000000tokens",
            "per1000000tokens",
            "mtokens",
            "milliontokens",
            "millioninputtokens",
            "millionoutputtokens",
            "millionbatchinputtokens",
            "millionbatchoutputtokens",
        ],
        6,
        Unit::Token,
    ),
    (&["tokens", "token"], 0, Unit::Token),
    (&["hour", "hours", "hrs", "hr"], 6, Unit::MicroHour),
    // Hours of something: of OpenSearch, a CPU, a model unit, Aurora, Neptune.
    (&["ocuhours", "ocuhour", "ocuhr", "ocuhrs", "vcpuhours", "vcpuhour"], 6, Unit::MicroHour),
    (&["modelunithour", "modelunithours", "acuhr", "acuhrs", "acuhours"], 6, Unit::MicroHour),
    (&["ncuhr", "ncuhrs", "ncuhours"], 6, Unit::MicroHour),
    (&["gbmonth", "gbmonths", "gbmo"], 6, Unit::MicroGbMonth),
    (&["textunit", "textunits", "imageunit", "imageunits"], 6, Unit::Micro),
    (&["image", "images", "imagesprocessed", "page", "pages", "pagesprocessed"], 6, Unit::Micro),
    (&["minute", "minutes", "minutesprocessed", "second", "seconds", "video", "videos"], 6, Unit::Micro),
    (&["searchunit", "searchunits", "query", "queries", "request", "requests", "apirequests"], 6, Unit::Micro),
    (&["textrequest", "textrequests", "apicall", "apicalls", "event", "events"], 6, Unit::Micro),
    (&["embedding", "embeddings", "count", "quantity", "ios", "io", "gb"], 6, Unit::Micro),
    (&["modelmonth", "modelmonths", "recordmonth", "recordmonths", "record", "records"], 6, Unit::Micro),
    (&["custommodelunitpermin", "custommodelunitperminute", "gbhour", "gbhours"], 6, Unit::Micro),
    (&["per1000requests", "1krequests", "1000requests"], 9, Unit::Micro),
];

/// Thousands and millions of reserved tokens per minute, by the hour; the class counts in thousands.
const RESERVED_UNITS: &[(&str, i32)] = &[("1ktpmhour", 6), ("1ktpmhours", 6), ("1mtpmhour", 9), ("1mtpmhours", 9)];

/// How an amount is to be read: the power of ten of steps in it, and the step.
type Scale = (i32, Unit);

/// How the amounts of rows with the same unit and meaning are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measure {
    scale: Scale,
    /// What was assumed of rows without a unit, for the reader to be told.
    pub(crate) assumed: Option<&'static str>,
}

impl Measure {
    /// `None` when nobody can say how to read them.
    pub(crate) fn of(unit: Option<&str>, class: &Class, usage_type: &str) -> Option<Self> {
        let scale = scale_of(unit, class, usage_type, has_marketplace_form(usage_type))?;
        Some(Self { scale, assumed: assumed(unit, scale) })
    }

    /// The quantity of an amount, or what was expected of it.
    pub(crate) fn quantity(self, amount: &str) -> Result<Quantity, &'static str> {
        quantity(amount, self.scale)
    }
}

/// How amounts of this class in this unit are read; `None` when nobody can say.
///
/// `usage_type` tells what a unit that says nothing may mean, `marketplace` whether it has a form of AWS
/// Marketplace, where a bare or missing unit means millions of tokens.
fn scale_of(unit: Option<&str>, class: &Class, usage_type: &str, marketplace: bool) -> Option<Scale> {
    let reserved = matches!(class, Class::ReservedInputTpmHour(_) | Class::ReservedOutputTpmHour(_));
    let scale = match squeezed(unit.unwrap_or_default()).as_str() {
        "" if reserved && !marketplace => (6, Unit::MicroHour),
        // Neither "Units" nor nothing tells thousands from millions of reserved tokens per minute on the Marketplace.
        "" | "units" | "unit" if reserved => return None,
        "" => missing(class, usage_type, marketplace)?,
        "units" | "unit" => units(class, usage_type),
        known if reserved => {
            let (_, power) = RESERVED_UNITS.iter().find(|(name, _)| *name == known)?;
            (*power, Unit::MicroHour)
        }
        known => UNITS.iter().find(|(names, ..)| names.contains(&known)).map(|(_, power, unit)| (*power, *unit))?,
    };
    let fits = match scale.1 {
        Unit::Token => class.is_token() || matches!(class, Class::Other(_)),
        Unit::MicroHour => !class.is_token() && !matches!(class, Class::StoreGbMonth),
        Unit::MicroGbMonth => matches!(class, Class::StoreGbMonth | Class::Other(_)),
        Unit::Micro => matches!(
            class,
            Class::Other(_)
                | Class::GuardrailUnit(_)
                | Class::ModelStorageMonth
                | Class::ImportStorageMonth
                | Class::ImportUnitMinute
        ),
    };
    fits.then_some(scale)
}

/// What was assumed of a row without a unit; `None` where the row has one.
fn assumed(unit: Option<&str>, scale: Scale) -> Option<&'static str> {
    squeezed(unit.unwrap_or_default()).is_empty().then_some(match scale {
        (3, Unit::Token) => "a unit; amounts without one are read as thousands of tokens, as AWS-sold rows have them",
        (_, Unit::Token) => "a unit; amounts without one are read as millions of tokens, as Marketplace rows have them",
        (_, Unit::MicroHour) => "a unit; amounts without one are read as hours, from the usage type",
        (_, Unit::MicroGbMonth) => "a unit; amounts without one are read as GB-months, from the usage type",
        (_, Unit::Micro) => "a unit; amounts without one are read as the pieces that the usage type names",
    })
}

/// The unit "Units" says nothing: the dimension does. Tokens of Marketplace rows come in millions.
fn units(class: &Class, usage_type: &str) -> Scale {
    match class {
        Class::ModelUnitHour(_) | Class::SearchOcuHour | Class::IndexingOcuHour => (6, Unit::MicroHour),
        _ if class.is_token() || counts_tokens(usage_type) => (6, Unit::Token),
        Class::Other(_) if says(usage_type, "hour") => (6, Unit::MicroHour),
        _ => (6, Unit::Micro),
    }
}

/// What a row without a unit may be read as. Tokens of a class without list prices are left uncounted: nothing
/// could show that a thousand was a million.
fn missing(class: &Class, usage_type: &str, marketplace: bool) -> Option<Scale> {
    match class {
        Class::ModelUnitHour(_) | Class::SearchOcuHour | Class::IndexingOcuHour => Some((6, Unit::MicroHour)),
        Class::StoreGbMonth => Some((6, Unit::MicroGbMonth)),
        _ if class.is_token() => Some((if marketplace { 6 } else { 3 }, Unit::Token)),
        Class::Other(_) | Class::GuardrailUnit(_) => {
            SAID_PIECES.iter().any(|word| says(usage_type, word)).then_some((6, Unit::Micro))
        }
        _ => None,
    }
}

/// Usage types that name their own piece.
const SAID_PIECES: &[&str] = &["unitsconsumed", "searchunit", "imagesprocessed", "pagesprocessed", "minutesprocessed"];

/// Whether a usage type without a class of its own (speech, image tokens, training) counts tokens.
fn counts_tokens(usage_type: &str) -> bool {
    says(usage_type, "token") && !says(usage_type, "search")
}

/// Whether a usage type, dashes and underscores aside, holds a word.
fn says(usage_type: &str, word: &str) -> bool {
    squeezed(usage_type).contains(word)
}

fn quantity(amount: &str, scale: Scale) -> Result<Quantity, &'static str> {
    match Quantity::parse(amount, scale.0, scale.1) {
        Ok(quantity) if quantity.steps < 0 => Err("an amount that is not negative"),
        Ok(quantity) => Ok(quantity),
        Err(_) => Err("a decimal number of a size that a bill can have"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lode_model::{Term, Ttl};

    #[test]
    fn tokens_are_scaled_by_their_unit() {
        let other = Class::Other("x".into());
        let reserved = Class::ReservedInputTpmHour(Term::OneMonth);
        let reserved_out = Class::ReservedOutputTpmHour(Term::ThreeMonths);
        let hour = Class::ModelUnitHour(Term::NoCommitment);
        for (unit, class, usage_type, marketplace, expected) in [
            (Some("1K tokens"), Class::Input, "USE1-NovaPro-input-tokens", false, Some((3, Unit::Token))),
            (Some("1k Tokens"), Class::Input, "USE1-NovaPro-input-tokens", false, Some((3, Unit::Token))),
            (Some("1000 tokens"), Class::Output, "x-output-tokens", false, Some((3, Unit::Token))),
            (Some("1M tokens"), Class::CacheRead, "x", false, Some((6, Unit::Token))),
            (Some("1,000,000 tokens"), Class::CacheRead, "x", false, Some((6, Unit::Token))),
            (Some("Units"), Class::CacheWrite(Ttl::OneHour), "x", true, Some((6, Unit::Token))),
            (Some("MillionBatchInputTokens"), Class::Input, "x", true, Some((6, Unit::Token))),
            (Some("tokens"), Class::Input, "x", false, Some((0, Unit::Token))),
            (None, Class::Input, "x", false, Some((3, Unit::Token))),
            (None, Class::Input, "x", true, Some((6, Unit::Token))),
            (Some("hour"), hour.clone(), "x", false, Some((6, Unit::MicroHour))),
            (Some("Hrs"), hour.clone(), "x", false, Some((6, Unit::MicroHour))),
            (Some("Units"), hour.clone(), "x", true, Some((6, Unit::MicroHour))),
            (None, hour.clone(), "x", true, Some((6, Unit::MicroHour))),
            (Some("OCU-hours"), Class::SearchOcuHour, "x", false, Some((6, Unit::MicroHour))),
            (Some("GB-Mo"), Class::StoreGbMonth, "x", false, Some((6, Unit::MicroGbMonth))),
            (Some("GB-month"), Class::StoreGbMonth, "x", false, Some((6, Unit::MicroGbMonth))),
            (Some("1K TPM Hour"), reserved.clone(), "x", false, Some((6, Unit::MicroHour))),
            (Some("1KTPMHour"), reserved.clone(), "x", false, Some((6, Unit::MicroHour))),
            (Some("1M TPM Hour"), reserved.clone(), "x", true, Some((9, Unit::MicroHour))),
            (None, reserved.clone(), "x", false, Some((6, Unit::MicroHour))),
            (Some("Units"), reserved.clone(), "x", true, None),
            (Some("hour"), reserved, "x", true, None),
            (Some("TextUnit"), other.clone(), "Guardrail-x", false, Some((6, Unit::Micro))),
            (Some("Per 1000 requests"), other.clone(), "x", false, Some((9, Unit::Micro))),
            (Some("Custom Model Unit per Min"), other.clone(), "x", false, Some((6, Unit::Micro))),
            (Some("Units"), other.clone(), "MP:USE1_search_units-Units", true, Some((6, Unit::Micro))),
            (Some("Units"), other.clone(), "USE1-NovaSonic-speech-input-tokens", true, Some((6, Unit::Token))),
            (Some("1K tokens"), other.clone(), "USE1-NovaSonic-speech-input-tokens", false, Some((3, Unit::Token))),
            (None, other.clone(), "Guardrail-x", false, None),
            (None, other.clone(), "USE1-Guardrail-TopicPolicyUnitsConsumed", false, Some((6, Unit::Micro))),
            (None, other.clone(), "USE1-NovaSonic-speech-input-tokens", false, None),
            (None, Class::StoreGbMonth, "USE1-StorageUsedInS3ByteHour", false, Some((6, Unit::MicroGbMonth))),
            (Some("-"), Class::Input, "x", false, Some((3, Unit::Token))),
            (None, reserved_out, "x", true, None),
            (Some("furlong"), other, "x", false, None),
            (Some("hour"), Class::Input, "x", false, None),
            (Some("1K tokens"), hour, "x", false, None),
        ] {
            assert_eq!(scale_of(unit, &class, usage_type, marketplace), expected, "{unit:?} of {class}");
        }
    }

    #[test]
    fn every_unit_of_the_price_lists_is_known() {
        // Spelling; usage type; how it is read. Price lists and bills until 2026-10.
        for (spellings, power, step) in [
            (
                &["TextUnit", "Text Units", "Search Units", "image", "Images Processed", "Pages Processed"][..],
                6,
                Unit::Micro,
            ),
            (&["Minutes Processed", "video", "seconds", "Requests", "Text Requests", "Embeddings"], 6, Unit::Micro),
            (&["API calls", "Model/month", "Custom Model Unit per Min", "GB-Hour", "GB-Hours"], 6, Unit::Micro),
            (&["event", "record-month", "IOs", "GB", "Queries"], 6, Unit::Micro),
            (&["Per 1000 requests"], 9, Unit::Micro),
            (&["hour", "hours", "hour(s)", "Hrs", "vCPU-Hour", "vCPU-Hours", "OCU-hours"], 6, Unit::MicroHour),
            (&["ACU-Hr", "NCU-Hr", "HOURS"], 6, Unit::MicroHour),
            (&["GB-month", "GB-Mo", "GB-Months"], 6, Unit::MicroGbMonth),
            (&["1K tokens", "1k tokens", "1000 tokens", "1K Tokens"], 3, Unit::Token),
            (&["1M tokens", "1000000 tokens", "MillionBatchInputTokens", "Million Input Tokens"], 6, Unit::Token),
        ] {
            for spelling in spellings {
                let other = Class::Other("x".into());
                assert_eq!(scale_of(Some(spelling), &other, "x", false), Some((power, step)), "{spelling}");
            }
        }
        for unknown in ["parsec", "1K", "1 G tokens", "TPM", "Hour Units"] {
            assert_eq!(scale_of(Some(unknown), &Class::Input, "x", false), None, "{unknown}");
        }
    }

    #[test]
    fn units_mean_what_the_dimension_counts() {
        let other = Class::Other("x".into());
        for (usage_type, scale) in [
            ("USE1-MP:USE1_search_units-Units", (6, Unit::Micro)),
            ("USE1-MP:USE1_created_image-Units", (6, Unit::Micro)),
            ("USE1-MP:USE1_inputVideoSecond_Global-Units", (6, Unit::Micro)),
            ("USE1-MP:USE1_Cohere_Embed_V4-Units", (6, Unit::Micro)),
            ("USE1-MP:USE1_ModelStorage-Units", (6, Unit::Micro)),
            ("USE1-MP:USE1_CustomizationTokenCount-Units", (6, Unit::Token)),
            ("USE1-MP:USE1_Training_Hours-Units", (6, Unit::MicroHour)),
        ] {
            assert_eq!(scale_of(Some("Units"), &other, usage_type, true), Some(scale), "{usage_type}");
        }
    }

    #[test]
    fn what_is_assumed_is_said() {
        let said = |unit, scale| assumed(unit, scale).unwrap_or("nothing");
        assert!(said(None, (3, Unit::Token)).contains("thousands of tokens"));
        assert!(said(Some(" "), (6, Unit::Token)).contains("millions of tokens"));
        assert!(said(None, (6, Unit::MicroHour)).contains("hours"));
        assert_eq!(said(Some("1K tokens"), (3, Unit::Token)), "nothing");
    }

    #[test]
    fn amounts_give_whole_steps() {
        let steps = |text, scale| quantity(text, scale).map(|q| q.steps);
        assert_eq!(steps("29.481", (3, Unit::Token)), Ok(29_481));
        assert_eq!(steps("0.02645", (6, Unit::Token)), Ok(26_450));
        assert_eq!(steps("24", (6, Unit::MicroHour)), Ok(24_000_000));
        assert!(steps("-1", (3, Unit::Token)).is_err());
        assert!(steps("1e40", (3, Unit::Token)).is_err());
        assert!(steps("NaN", (3, Unit::Token)).is_err());
    }
}
