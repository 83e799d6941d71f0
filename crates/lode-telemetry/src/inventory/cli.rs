//! JSON as the AWS CLI prints it: documents of a file, fields that may be absent, `null`, numbers or strings, times in
//! both of its forms, and the folders that say whose it is.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lode_model::{AccountId, Region};
use serde_json::Value;

use crate::TelemetryError;

/// Calls `each` with every document of a text, those of an array one by one; what stands before a fault is told.
pub(crate) fn documents(file: &Path, text: &[u8], mut each: impl FnMut(Value)) -> Result<(), TelemetryError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    for document in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        match document {
            Ok(document) => one_by_one(document, &mut each),
            Err(fault) => {
                // In our words: the parser's might hold a word of the text.
                let found = if fault.is_eof() { "JSON that ends too early" } else { "a JSON error" };
                let (file, line, byte) = (file.to_path_buf(), fault.line(), fault.column());
                return Err(TelemetryError::NotJson { file, line, byte, found });
            }
        }
    }
    Ok(())
}

fn one_by_one(document: Value, each: &mut dyn FnMut(Value)) {
    match document {
        Value::Array(documents) => documents.into_iter().for_each(|document| one_by_one(document, each)),
        document => each(document),
    }
}

/// A text that is there and not empty.
pub(crate) fn text(object: &Value, field: &str) -> Option<Arc<str>> {
    object.get(field)?.as_str().filter(|text| !text.is_empty()).map(Arc::from)
}

/// A text, empty where it is not there.
pub(crate) fn name(object: &Value, field: &str) -> Arc<str> {
    text(object, field).unwrap_or_default()
}

/// A count: a whole number, as such or as a string.
pub(crate) fn whole(object: &Value, field: &str) -> Option<u64> {
    let (value, rest) =
        fixed(object.get(field)?, 6).map(|millionths| (millionths / 1_000_000, millionths % 1_000_000))?;
    u64::try_from(value).ok().filter(|_| rest == 0)
}

/// The same, small.
pub(crate) fn count(object: &Value, field: &str) -> Option<u32> {
    u32::try_from(whole(object, field)?).ok()
}

/// Yes or no, as such or as a string.
pub(crate) fn flag(object: &Value, field: &str) -> Option<bool> {
    match object.get(field)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) => word.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// `ENABLED` or `DISABLED`.
pub(crate) fn enabled(object: &Value, field: &str) -> Option<bool> {
    match object.get(field)?.as_str()? {
        "ENABLED" => Some(true),
        "DISABLED" => Some(false),
        _ => None,
    }
}

/// A decimal number, as such or as a string, in units of ten to the minus `places`, rounded half away from zero. Read
/// from its digits, so that no float comes between.
pub(crate) fn fixed(value: &Value, places: i32) -> Option<i128> {
    match value {
        Value::Number(number) => fixed_of(&number.to_string(), places),
        Value::String(text) => fixed_of(text.trim(), places),
        _ => None,
    }
}

/// Digits that a figure may have, zeros of its exponent included; more is no figure of AWS.
const MOST_DIGITS: i32 = 30;

fn fixed_of(text: &str, places: i32) -> Option<i128> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    if digits.is_empty() || digits.len() > 60 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Digits that stay: those before the point, moved by the exponent and by the places wanted.
    let keep = i32::try_from(before.len()).ok()?.checked_add(exponent)?.checked_add(places)?;
    if keep < 0 || digits.bytes().all(|byte| byte == b'0') {
        return Some(0);
    }
    let keep = usize::try_from(keep).ok()?;
    let significant = digits.trim_start_matches('0').len();
    let zeros = keep.saturating_sub(digits.len());
    if significant.checked_add(zeros)? > usize::try_from(MOST_DIGITS + places).ok()? {
        return None;
    }
    let kept = digits.get(..keep.min(digits.len())).unwrap_or_default();
    let all = format!("0{kept}{}", "0".repeat(zeros));
    let up = digits.as_bytes().get(keep).is_some_and(|digit| *digit >= b'5');
    let size = all.parse::<i128>().ok()?.checked_add(i128::from(up))?;
    Some(if negative { -size } else { size })
}

/// A moment: ISO 8601 (also with a blank for the `T`), or seconds since 1970 as the AWS CLI 1 prints them, or
/// milliseconds as OpenSearch Serverless does.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(_) => {
            // Seconds of the year 5138, milliseconds of 1973: what is more is milliseconds.
            const MOST_SECONDS: i128 = 100_000_000_000;
            let millis = fixed(value, 3)?;
            let millis = if millis.abs() >= MOST_SECONDS * 1_000 { millis / 1_000 } else { millis };
            Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
        }
        _ => None,
    }
}

/// A moment of a field.
pub(crate) fn time(object: &Value, field: &str) -> Option<Timestamp> {
    moment(object.get(field)?)
}

/// The UTC day of a time, or a day by itself.
pub(crate) fn day(value: &Value) -> Option<Date> {
    let moment = moment(value).map(|moment| TimeZone::UTC.to_datetime(moment).date());
    moment.or_else(|| value.as_str()?.parse().ok())
}

/// Region, account and resource of an ARN.
pub(crate) fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// Account and region, where they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Option<Region>,
}

impl Place {
    /// Of a path: two folders that look like an account and a region, one in the other; the innermost such.
    pub(crate) fn of(file: &Path) -> Self {
        let folders: Vec<&str> =
            file.parent().into_iter().flatten().map(|it| it.to_str().unwrap_or_default()).collect();
        let found = folders.windows(2).rev().find(|pair| is_account(pair[0]) && is_region(pair[1]));
        found.map_or_else(Self::default, |pair| Self { account: Some(pair[0].into()), region: Some(pair[1].into()) })
    }
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `ap-southeast-7`: letters, letters, a number.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match &parts[..] {
        [words @ .., number] if matches!(words.len(), 2 | 3) => {
            words.iter().all(letters) && words[0].len() == 2 && matches!(number.as_bytes(), [b'1'..=b'9'])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_read_from_their_digits() {
        for (value, expected) in [
            (json!(812_345.0), Some(812_345_000_000)),
            (json!("2.5"), Some(2_500_000)),
            (json!(1e16), Some(10_000_000_000_000_000_000_000)),
            (json!(1.5e-7), Some(0)),
            (json!(5e-7), Some(1)),
            (json!(-0.25), Some(-250_000)),
            (json!("0.0000009"), Some(1)),
            (json!(0.0), Some(0)),
            (json!("NaN"), None),
            (json!("1e99"), None),
            (json!("1e999999999999"), None),
            (json!("0e2147483647"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(fixed(&value, 6), expected, "{value}");
        }
    }

    #[test]
    fn account_and_region_are_taken_from_what_looks_like_them() {
        let of = |path: &str| {
            let place = Place::of(Path::new(path));
            (place.account.map(|it| it.to_string()), place.region.map(|it| it.to_string()))
        };
        let known = (Some("111111111111".to_owned()), Some("us-gov-west-1".to_owned()));
        assert_eq!(of("in/111111111111/us-gov-west-1/metrics/a.json"), known);
        for path in [
            "111111111111/a.json",
            "us-east-1/a.json",
            "111111111111/metrics/us-east-1.json",
            "11111111111/us-east-1/a",
            "a-b-1/a",
        ] {
            assert_eq!(of(path), (None, None), "{path}");
        }
    }

    #[test]
    fn times_have_three_forms() {
        let expected = Some("2026-05-01T01:00:00Z".parse().expect("a time"));
        for value in [
            json!("2026-05-01T01:00:00+00:00"),
            json!("2026-05-01 01:00:00+00:00"),
            json!("2026-05-01T03:00:00+02:00"),
            json!(1_777_597_200),
            json!(1_777_597_200.0),
            json!(1_777_597_200_000_i64),
        ] {
            assert_eq!(moment(&value), expected, "{value}");
        }
        assert_eq!((moment(&json!("soon")), moment(&json!(1e29))), (None, None));
    }
}
