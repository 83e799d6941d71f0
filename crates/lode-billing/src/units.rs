//! From a billed amount and its unit to a quantity. AWS has changed pricing units in mid-month, so each row is
//! converted before any row is added to another; an unknown unit gives no quantity, never a default.
//!
//! Source of the factors: the CUDOS dashboard's token expressions (2026-08-14) and AWS blog figures of 2026-08
//! whose cost per unit is the list price per 1,000 tokens.

use lode_model::{Class, Quantity, Unit};

/// Units by their letters and digits, lower case; the power of ten of steps in one of them; and the step.
const UNITS: &[(&[&str], i32, Unit)] = &[
    (&["1ktokens", "1ktoken", "1000tokens", "ktokens", "thousandtokens"], 3, Unit::Token),
    (
        &[
            "1mtokens",
            "1mtoken",
            "1000000tokens",
            "milliontokens",
            "millionbatchinputtokens",
            "millionbatchoutputtokens",
        ],
        6,
        Unit::Token,
    ),
    (&["tokens", "token"], 0, Unit::Token),
    (&["hour", "hours", "hrs", "hr", "ocuhours", "ocuhour", "vcpuhours", "vcpuhour"], 6, Unit::MicroHour),
    (&["gbmonth", "gbmonths", "gbmo"], 6, Unit::MicroGbMonth),
    (
        &[
            "textunit",
            "textunits",
            "image",
            "images",
            "imagesprocessed",
            "pagesprocessed",
            "minutesprocessed",
            "video",
            "videos",
            "second",
            "seconds",
            "searchunit",
            "searchunits",
            "request",
            "requests",
            "textrequests",
            "embeddings",
            "apicalls",
            "modelmonth",
            "custommodelunitpermin",
            "gbhour",
            "gbhours",
            "event",
            "events",
            "recordmonth",
            "count",
        ],
        6,
        Unit::Micro,
    ),
    (&["per1000requests", "1krequests", "1000requests"], 9, Unit::Micro),
];

/// Thousands and millions of reserved tokens per minute, by the hour; the class counts in thousands.
const RESERVED_UNITS: &[(&str, i32)] = &[("1ktpmhour", 6), ("1ktpmhours", 6), ("1mtpmhour", 9), ("1mtpmhours", 9)];

/// How an amount is to be read.
pub(crate) type Scale = (i32, Unit);

/// How amounts of this class in this unit are read; `None` when nobody can say.
///
/// `dimension` is the usage type, `marketplace` whether it has a form of AWS Marketplace, where a bare or missing
/// unit means millions of tokens.
pub(crate) fn scale_of(unit: Option<&str>, class: &Class, usage_type: &str, marketplace: bool) -> Option<Scale> {
    let reserved = matches!(class, Class::ReservedInputTpmHour(_) | Class::ReservedOutputTpmHour(_));
    let hours = matches!(class, Class::ModelUnitHour(_) | Class::SearchOcuHour | Class::IndexingOcuHour);
    let tokens = class.is_token() || (matches!(class, Class::Other(_)) && counts_tokens(usage_type));
    let unit: String =
        unit.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let scale = match unit.as_str() {
        // The unit "Units" says nothing: the dimension does. Of reserved capacity even that does not tell
        // thousands from millions of tokens per minute.
        "units" | "unit" if reserved => return None,
        "units" | "unit" if tokens => (6, Unit::Token),
        "units" | "unit" if hours => (6, Unit::MicroHour),
        "units" | "unit" => (6, Unit::Micro),
        "" if tokens && class.is_token() => (if marketplace { 6 } else { 3 }, Unit::Token),
        "" if hours => (6, Unit::MicroHour),
        "" if matches!(class, Class::StoreGbMonth) => (6, Unit::MicroGbMonth),
        "" if reserved && !marketplace => (6, Unit::MicroHour),
        known if reserved => {
            let (_, power) = RESERVED_UNITS.iter().find(|(name, _)| *name == known)?;
            (*power, Unit::MicroHour)
        }
        known => UNITS.iter().find(|(names, ..)| names.contains(&known)).map(|(_, power, unit)| (*power, *unit))?,
    };
    let fits = match scale.1 {
        Unit::Token => !hours && !reserved && !matches!(class, Class::StoreGbMonth),
        Unit::MicroHour => !class.is_token() && !matches!(class, Class::StoreGbMonth),
        Unit::MicroGbMonth => matches!(class, Class::StoreGbMonth | Class::Other(_)),
        Unit::Micro => matches!(class, Class::Other(_)),
    };
    fits.then_some(scale)
}

/// Whether a usage type without a class of its own (speech, image tokens, training) counts tokens.
fn counts_tokens(usage_type: &str) -> bool {
    let lower = usage_type.to_ascii_lowercase();
    lower.contains("token") && !lower.contains("search")
}

/// The quantity of an amount, or why there is none, as (found, expected).
pub(crate) fn quantity(amount: &str, scale: Scale) -> Result<Quantity, &'static str> {
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
            (Some("furlong"), other, "x", false, None),
            (Some("hour"), Class::Input, "x", false, None),
            (Some("1K tokens"), hour, "x", false, None),
        ] {
            assert_eq!(scale_of(unit, &class, usage_type, marketplace), expected, "{unit:?} of {class}");
        }
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
