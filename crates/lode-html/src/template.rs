//! The templates and what they are filled with. Everything is escaped but drawings, style and script, which are our own.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::svg::escape;
use crate::words;

const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/page.js");

/// Every template by its name.
const TEMPLATES: [(&str, &str); 9] = [
    ("page", include_str!("../templates/page.html")),
    ("macros", include_str!("../templates/macros.html")),
    ("plan", include_str!("../templates/plan.html")),
    ("list", include_str!("../templates/list.html")),
    ("bill", include_str!("../templates/bill.html")),
    ("tie_out", include_str!("../templates/tie_out.html")),
    ("declined", include_str!("../templates/declined.html")),
    ("rules", include_str!("../templates/rules.html")),
    ("stands_on", include_str!("../templates/stands_on.html")),
];

/// The page. A fault of a template, which the tests would find, is said in its place.
pub(crate) fn render(page: &impl Serialize) -> String {
    filled(page).unwrap_or_else(|fault| {
        format!("<!doctype html><meta charset=utf-8><title>Lode</title><p>{}</p>\n", escape(&format!("{fault:#}")))
    })
}

fn filled(page: &impl Serialize) -> Result<String, Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    // Every text is cleaned as it is on a terminal, and then escaped: marks of direction can turn a figure round here too.
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => out.write_str(&escape(text)).map_err(Error::from),
        _ => minijinja::escape_formatter(out, state, value),
    });
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_filter("usd", |text: &str| words::usd(text));
    env.add_filter("exact", |text: &str| words::exact(text));
    env.add_filter("micro", |text: &str| words::micro(text));
    env.add_filter("percent", lode_report::part);
    env.add_filter("number", |value: Value| words::number(&value.to_string()));
    env.add_filter("value", value);
    for (name, text) in TEMPLATES {
        // Indents are for those who read the template.
        let text: String = text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
        env.add_template_owned(name, text)?;
    }
    env.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    env.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
    env.add_global("style_hash", hash(STYLE));
    env.add_global("script_hash", hash(SCRIPT));
    env.get_template("page")?.render(Serde(page))
}

/// A value of the contract: a number with separators, yes or no, words.
fn value(value: &Value) -> String {
    match value.kind() {
        minijinja::value::ValueKind::Bool => if value.is_true() { "yes" } else { "no" }.to_owned(),
        minijinja::value::ValueKind::Number => words::number(&value.to_string()),
        _ => value.to_string(),
    }
}

/// What the page's policy knows style and script by: base64 of SHA-256.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("sha256-");
    let digest = Sha256::digest(text.as_bytes());
    for three in digest.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_what_a_browser_computes() {
        // printf abc | openssl dgst -sha256 -binary | base64
        assert_eq!(hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
