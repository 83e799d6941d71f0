//! What the page calls things: classes, prices, factors.

use lode_model::{Class, ContextBand, GuardrailPolicy, Mode, Money, Routing, Term, Ttl, Unit};
use lode_sim::{Anomaly, Misfit, RateGroup};

use crate::text::{short, whole};

/// A class in words. A usage type stays as it is billed.
pub(crate) fn class_words(class: &Class) -> String {
    let term = |term: Term| match term {
        Term::NoCommitment => "no commitment",
        Term::OneMonth => "1 month",
        Term::ThreeMonths => "3 months",
        Term::SixMonths => "6 months",
    };
    match class {
        Class::Input => "input tokens".to_owned(),
        Class::Output => "output tokens".to_owned(),
        Class::CacheRead => "cache read tokens".to_owned(),
        Class::CacheWrite(Ttl::FiveMinutes) => "cache write tokens, 5 minutes".to_owned(),
        Class::CacheWrite(Ttl::ThirtyMinutes) => "cache write tokens, 30 minutes".to_owned(),
        Class::CacheWrite(Ttl::OneHour) => "cache write tokens, 1 hour".to_owned(),
        Class::ModelUnitHour(of) => format!("model-unit hours, {}", term(*of)),
        Class::ReservedInputTpmHour(of) => format!("reserved input hours, {}", term(*of)),
        Class::ReservedOutputTpmHour(of) => format!("reserved output hours, {}", term(*of)),
        Class::SearchOcuHour => "search OCU-hours".to_owned(),
        Class::IndexingOcuHour => "indexing OCU-hours".to_owned(),
        Class::StoreGbMonth => "vector storage, GB-months".to_owned(),
        Class::GuardrailUnit(policy) => match policy {
            GuardrailPolicy::ContentImages => "guardrail images, content policy".to_owned(),
            _ => format!("guardrail text units, {}", policy_words(*policy)),
        },
        Class::ModelStorageMonth => "custom model storage, model-months".to_owned(),
        Class::ImportStorageMonth => "imported model storage, unit-months".to_owned(),
        Class::ImportUnitMinute => "imported model units, minutes".to_owned(),
        Class::Replacement(name) | Class::Other(name) => short(name, 120),
    }
}

/// A policy of a guardrail, as people call it.
const fn policy_words(policy: GuardrailPolicy) -> &'static str {
    match policy {
        GuardrailPolicy::Content | GuardrailPolicy::ContentImages => "content policy",
        GuardrailPolicy::Topic => "denied topics",
        GuardrailPolicy::Word => "word filters",
        GuardrailPolicy::SensitiveEntities => "sensitive information",
        GuardrailPolicy::SensitiveRegexes => "sensitive information by regular expressions, free",
        GuardrailPolicy::Grounding => "contextual grounding",
        GuardrailPolicy::Reasoning => "automated reasoning",
    }
}

/// How a charge comes about, in words.
pub(crate) fn nature_words(nature: &str) -> &str {
    match nature {
        "usage" => "usage: by token or piece",
        "standing" => "standing: by the hour, used or not",
        "one-off" => "one-off: fees",
        other => other,
    }
}

/// What a rate is for: `1M tokens`, `hour`, …
pub(crate) const fn rate_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Token => "1M tokens",
        _ => unit.spoken(),
    }
}

/// What a group of rates is of. Standard mode, regional price and standard context are left out.
pub(crate) fn group_words(group: &RateGroup) -> String {
    let model = match group.model.as_str() {
        // What stands beside a model, such as a vector store, needs none.
        "unknown" | "" => group.class.is_token().then(|| "(no model)".to_owned()),
        model => Some(short(model, 120)),
    };
    let mode = Some(group.mode).filter(|mode| *mode != Mode::Standard && group.class.is_token()).map(Mode::as_str);
    let routing = Some(group.routing).filter(|routing| *routing != Routing::Regional).map(Routing::as_str);
    let band = Some(group.band).filter(|band| *band != ContextBand::Standard).map(ContextBand::as_str);
    let custom = group.custom.then_some("custom model");
    let mut parts: Vec<String> = model.into_iter().chain([class_words(&group.class)]).collect();
    parts.extend([mode, routing, band, custom].into_iter().flatten().map(str::to_owned));
    parts.push(group.source.to_string());
    let (low, high) = group.range;
    if high.share_of(low) > 1.001 {
        parts.push(format!("{} to {}", rate_text(low), rate_text(high)));
    }
    parts.join(" · ")
}

/// A rate with two to four decimals, small ones with up to eight.
pub(crate) fn rate_text(rate: Money) -> String {
    let small = rate.pico().abs() < 100_000_000_000;
    let text = rate.to_decimal(if small { 8 } else { 4 });
    trimmed(&text, 2)
}

/// A decimal without the zeros at its end, but with at least so many decimals.
#[must_use]
pub fn trimmed(text: &str, decimals: usize) -> String {
    let Some((whole, fraction)) = text.split_once('.') else { return text.to_owned() };
    let kept = fraction.trim_end_matches('0').len().max(decimals);
    if kept == 0 { whole.to_owned() } else { format!("{whole}.{}", &fraction[..kept.min(fraction.len())]) }
}

/// A multiple: `4.2 x`, `1/1,000`.
pub(crate) fn times(billed: Money, list: Money) -> String {
    // Counted in tenths; from ten on, in whole.
    let (top, bottom) = (billed.pico().max(1), list.pico().max(1));
    let (large, small) = if top >= bottom { (top, bottom) } else { (bottom, top) };
    let tenths = (large.saturating_mul(20) / small + 1) / 2;
    let number = match tenths {
        100.. => whole((tenths + 5) / 10),
        _ if tenths % 10 == 0 => format!("{}", tenths / 10),
        _ => format!("{}.{}", tenths / 10, tenths % 10),
    };
    if top >= bottom { format!("{number} x") } else { format!("1/{number}") }
}

/// What an anomaly looks like.
pub(crate) const fn looks_like(anomaly: &Anomaly) -> &'static str {
    match (anomaly.misfit, anomaly.unit) {
        (Misfit::MillionTooMany, Unit::Token) => "quantities look like raw tokens read as millions",
        (Misfit::ThousandTooMany, Unit::Token) => {
            "quantities look like raw tokens read as thousands, or thousands as millions"
        }
        (Misfit::ThousandTooFew, Unit::Token) => {
            "quantities look like thousands of tokens read as single ones, or millions as thousands"
        }
        (Misfit::MillionTooFew, Unit::Token) => "quantities look like millions of tokens read as single ones",
        (Misfit::MillionTooMany, _) => "quantities look a million times too large",
        (Misfit::ThousandTooMany, _) => "quantities look a thousand times too large",
        (Misfit::ThousandTooFew, _) => "quantities look a thousand times too small",
        (Misfit::MillionTooFew, _) => "quantities look a million times too small",
        (Misfit::Cheap, _) => "a deep private discount, a free allowance, or a model or mode that was misread",
        (Misfit::Dear, _) => "a price the catalogue does not have, or a model, mode or region that was misread",
    }
}

/// What becomes of it.
pub(crate) const fn kept_as(anomaly: &Anomaly) -> &'static str {
    if anomaly.used { "rate used as billed" } else { "dollars kept as fixed amounts" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text).expect("money")
    }

    #[test]
    fn rates_and_factors_are_short() {
        let rates = ["3", "0.0375", "0.00015", "3.30001", "-0.5", "0"].map(|text| rate_text(money(text)));
        assert_eq!(rates, ["3.00", "0.0375", "0.00015", "3.30", "-0.50", "0.00"]);
        let of = |billed, list| times(money(billed), money(list));
        assert_eq!(
            [of("3", "3000"), of("4", "1"), of("12.6", "3"), of("1", "3.1")],
            ["1/1,000", "4 x", "4.2 x", "1/3.1"]
        );
        assert_eq!(of("30000", "1"), "30,000 x");
    }

    #[test]
    fn classes_read_like_prose() {
        assert_eq!(class_words(&Class::from_word("cache-write-1h")), "cache write tokens, 1 hour");
        assert_eq!(class_words(&Class::from_word("model-unit-hour-6-month")), "model-unit hours, 6 months");
        assert_eq!(class_words(&Class::from_word("Guardrail-Units\u{1b}")), "Guardrail-Units ");
    }
}
