//! What a path says about the file: AWS delivers logs into folders that name account and region, and puts bodies over
//! 100 KB and media into a `data` folder beside the records.
//!
//! Layout: AWS User Guide, model-invocation-logging (copy of 2026-10), and delivered files.

use std::path::Path;

/// The folder that holds what was too large for the records beside it.
pub(crate) const DATA: &str = "data";
const LOGS: &str = "BedrockModelInvocationLogs";
const ROOT: &str = "AWSLogs";

/// Account and region of the folder, where it is AWS' own layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

fn names(path: &Path) -> Vec<&str> {
    path.iter().map(|name| name.to_str().unwrap_or_default()).collect()
}

impl Place {
    pub(crate) fn of(file: &Path) -> Self {
        let names = names(file);
        let Some(at) = names.iter().rposition(|name| *name == LOGS) else { return Self::default() };
        let account = (at >= 2 && names[at - 2] == ROOT).then(|| names[at - 1].to_owned());
        let region = names.get(at + 1).filter(|_| at + 2 < names.len()).map(|name| (*name).to_owned());
        Self { account, region }
    }
}

/// Whether the path is below AWS' folder of invocation logs.
pub(crate) fn is_log_path(file: &Path) -> bool {
    names(file).contains(&LOGS)
}

/// Whether the path is that of a record file in AWS' own layout:
/// `AWSLogs/<account>/BedrockModelInvocationLogs/<region>/<year>/<month>/<day>/<hour>/<name>.json.gz`.
#[must_use]
pub fn is_delivered_log(file: &Path) -> bool {
    let names = names(file);
    let Some(at) = names.iter().rposition(|name| *name == LOGS) else { return false };
    let Some(&[_, year, month, day, hour, name]) = names.get(at + 1..) else { return false };
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    at >= 2
        && names[at - 2] == ROOT
        && digits(year, 4)
        && [month, day, hour].iter().all(|part| digits(part, 2))
        && name.ends_with(".json.gz")
        && !is_apart(file)
}

/// Whether the file is no record file whatever it holds: a body or medium delivered apart, or the object by which AWS
/// checks that it may write.
pub(crate) fn is_apart(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let body = name.contains("_input") || name.contains("_output");
    name.contains("permission-check") || (folder == Some(DATA) && body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_region_are_read_from_the_layout_only() {
        let place =
            Place::of(Path::new("p/AWSLogs/111111111111/BedrockModelInvocationLogs/us-east-1/2026/10/01/00/a.json.gz"));
        assert_eq!((place.account.as_deref(), place.region.as_deref()), (Some("111111111111"), Some("us-east-1")));
        assert_eq!(Place::of(Path::new("logs/us-east-1/a.json")), Place::default());
        assert_eq!(Place::of(Path::new("BedrockModelInvocationLogs/a.json")), Place::default());
    }

    #[test]
    fn bodies_media_and_the_write_check_are_no_records() {
        for name in ["data/x_input.json.gz", "h/data/x_output.json", "h/data/x_input_media_00.pdf"] {
            assert!(is_apart(Path::new(name)), "{name}");
        }
        assert!(is_apart(Path::new("h/amazon-bedrock-logs-permission-check")));
        for name in ["data/part-0.csv.gz", "h/x_input.json.gz", "data/2026.json.gz"] {
            assert!(!is_apart(Path::new(name)), "{name}");
        }
    }
}
