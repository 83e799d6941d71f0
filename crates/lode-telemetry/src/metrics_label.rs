//! Labels that say what a result is of: `AWS/Bedrock|InputTokenCount|Sum|3600|ModelId=a,ServiceTier=b`. CloudWatch
//! gives a query's label back with its result, so that the result explains itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lode_model::Series;

use crate::inventory::cli::{is_account, is_region};

/// The one name of a metric that has two: the metrics page and the quota page of the User Guide differ (copies of
/// 2026-10).
pub(crate) fn canonical(namespace: &str, metric: &str) -> Arc<str> {
    match (namespace, metric) {
        ("AWS/Bedrock", "CacheReadInputTokenCount") => "CacheReadInputTokens".into(),
        ("AWS/Bedrock", "CacheWriteInputTokenCount") => "CacheWriteInputTokens".into(),
        _ => metric.into(),
    }
}

/// What a label says, if it is of this form.
pub(crate) fn of_label(label: &str) -> Option<Series> {
    let (account, region, label) = match label.splitn(3, '|').collect::<Vec<_>>()[..] {
        [account, region, label] if is_account(account) && is_region(region) => (Some(account), Some(region), label),
        _ => (None, None, label),
    };
    let mut parts = label.splitn(5, '|');
    let (namespace, metric, stat) = (parts.next()?, parts.next()?, parts.next()?);
    let period = parts.next()?.parse().ok().filter(|seconds| *seconds > 0)?;
    if !namespace.starts_with("AWS/") || metric.is_empty() || stat.is_empty() {
        return None;
    }
    Some(Series {
        account: account.map(Into::into),
        region: region.map(Into::into),
        namespace: namespace.into(),
        metric: canonical(namespace, metric),
        dimensions: dimensions(parts.next().unwrap_or_default())?,
        stat: stat.into(),
        period,
    })
}

/// Dimensions; a comma that no name follows belongs to the value before it.
fn dimensions(text: &str) -> Option<BTreeMap<Arc<str>, Arc<str>>> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        match (part.split_once('='), pairs.last_mut()) {
            (Some((name, value)), _) => pairs.push((name, value.to_owned())),
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(part);
            }
            (None, None) => return None,
        }
    }
    Some(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}

/// What a file name says, if it is of this form: `AWS_Bedrock|InputTokenCount|Sum|3600|ModelId=a.json`.
pub(crate) fn of_file(file: &Path) -> Option<Series> {
    let name = file.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let (namespace, rest) = name.split_once('|')?;
    let rest = [("%2F", "/"), ("%2f", "/"), ("%3A", ":"), ("%3a", ":")]
        .iter()
        .fold(rest.to_owned(), |text, (code, sign)| text.replace(code, sign));
    of_label(&format!("{}|{rest}", namespace.replace('_', "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let series = of_label("AWS/Bedrock|CacheReadInputTokenCount|Sum|3600|ModelId=arn:aws:x/y=1,z,Tier=flex");
        let series = series.expect("a label");
        assert_eq!(
            (&*series.namespace, &*series.metric, &*series.stat),
            ("AWS/Bedrock", "CacheReadInputTokens", "Sum")
        );
        let dimensions: Vec<_> = series.dimensions.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!((series.period, dimensions), (3600, vec![("ModelId", "arn:aws:x/y=1,z"), ("Tier", "flex")]));
        let place = of_label("111111111111|us-east-1|AWS/AOSS|SearchOCU|Average|60").expect("a label");
        assert_eq!(place.account.map(|it| it.to_string()).as_deref(), Some("111111111111"));
        assert!(place.dimensions.is_empty());
        for text in
            ["InputTokenCount", "AWS/Bedrock|a|Sum|hour|", "AWS/Bedrock|a|Sum|0", "x|a|Sum|60", "AWS/B|a|Sum|60|m", ""]
        {
            assert_eq!(of_label(text), None, "{text}");
        }
    }

    #[test]
    fn file_names() {
        let series =
            of_file(Path::new("a/AWS_Bedrock_Agents|outputTokenCount|Sum|3600|AgentAliasArn=arn%3Aa%2Fb.json.gz"));
        let series = series.expect("a name");
        assert_eq!((&*series.namespace, &*series.dimensions["AgentAliasArn"]), ("AWS/Bedrock/Agents", "arn:a/b"));
        assert_eq!(of_file(Path::new("metrics/input.json")), None);
    }
}
