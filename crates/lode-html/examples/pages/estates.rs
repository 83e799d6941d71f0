//! Estates for pages that are hard to draw: names that would like to be markup, and a great many of everything.

use std::fmt::Write as _;

use lode_testkit::Scenario;
use serde_json::json;

/// Workloads of the large page.
pub(crate) const WORKLOADS: usize = 5_000;
/// Of them, those that one recommendation each is about.
pub(crate) const FOUND: usize = 500;

/// A scenario of these charges, read as every scenario is.
fn scenario(text: &str) -> Result<Scenario, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("scenario.toml"), "title = \"a page\"\nas_of = \"2026-11-05\"\nfires = []\n")?;
    std::fs::write(folder.path().join("estate.json"), text)?;
    Ok(Scenario::read(folder.path()))
}

/// Cache writes that no read repays, a caller each, among callers with nothing to find.
pub(crate) fn large() -> Result<Scenario, Box<dyn std::error::Error>> {
    let mut charges = String::new();
    for number in 0..WORKLOADS {
        let mut charge = |class: &str, tokens: usize, usd: &str| {
            let comma = if charges.is_empty() { "" } else { ",\n" };
            write!(
                charges,
                "{comma}{{\"source\": \"AmazonBedrock\", \"model\": \"anthropic.claude-sonnet-5-5\", \"role\": \
                 \"service-{number:04}\", \"routing\": \"global\", \"class\": \"{class}\", \"tokens\": {tokens}, \
                 \"usd\": \"{usd}\"}}"
            )
        };
        charge("input", 50_000, "0.15")?;
        if number < FOUND {
            charge("cache-write-5m", 300_000, "1.125")?;
            charge("cache-read", 50_000, "0.015")?;
        }
    }
    scenario(&format!("{{\"first\": \"2026-10-01\", \"last\": \"2026-10-28\", \"charges\": [\n{charges}\n]}}"))
}

/// The same of callers that would like to be markup. Of a role the last part of its path is shown: no name has a slash.
pub(crate) fn hostile() -> Result<Scenario, Box<dyn std::error::Error>> {
    let names = [
        "<script>window.hacked = 1",
        "\"><img src=x onerror=window.hacked=2>",
        "{{ 7 * 7 }}{% include 'page' %}",
        "' onmouseover='window.hacked=3",
        "<style><title><b>bold",
        "javascript:window.hacked=4",
        "&lt;i&gt; \u{202e}txet",
        "a-name-that-is-as-long-as-a-role-may-be-and-has-no-place-to-break-0123456789-0123456789-0123456789-0123456789-0123456789",
    ];
    let mut charges = Vec::new();
    for name in names {
        for (class, tokens, usd) in
            [("input", 1_000_000, "3"), ("cache-write-5m", 8_000_000, "30"), ("cache-read", 1_000_000, "0.3")]
        {
            charges.push(json!({
                "source": "AWS Marketplace", "model": "anthropic.claude-sonnet-4-6", "role": name, "routing": "global",
                "class": class, "tokens": tokens, "usd": usd,
            }));
        }
    }
    scenario(&json!({ "first": "2026-10-01", "last": "2026-10-28", "charges": charges }).to_string())
}
