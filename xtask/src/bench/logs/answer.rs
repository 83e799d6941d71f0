//! What an engine counted in the logs, and whether that is what was made: a fast wrong answer is no answer.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use super::data::Truth;

/// Requests and tokens by class; `input` is what was neither read from a cache nor written to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Totals {
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cache_read: u64,
    pub(super) cache_write: u64,
}

impl Totals {
    pub(super) const fn plus(&self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            input: self.input + other.input,
            output: self.output + other.output,
            cache_read: self.cache_read + other.cache_read,
            cache_write: self.cache_write + other.cache_write,
        }
    }
}

/// Of one engine, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) totals: Option<Totals>,
    pub(super) by_model: Option<BTreeMap<String, Totals>>,
    pub(super) text_bytes: Option<u64>,
}

/// From what `peer_logs.py` prints.
pub(super) fn of_peer(text: &str) -> anyhow::Result<Answer> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(flatten)]
        totals: Totals,
        by_model: BTreeMap<String, Totals>,
    }
    let said: Said = serde_json::from_str(text).context("the totals of a peer")?;
    Ok(Answer { totals: Some(said.totals), by_model: Some(said.by_model), text_bytes: None })
}

/// From the summary that `lode digest --format json` prints. Its models are without profile prefix: they are no key here.
pub(super) fn of_lode(text: &str) -> anyhow::Result<Answer> {
    #[derive(Deserialize)]
    struct Said {
        requests: u64,
        tokens: Tokens,
        text_bytes: u64,
    }
    #[derive(Deserialize)]
    struct Tokens {
        input: u64,
        output: u64,
        cache_read: u64,
        cache_write: u64,
    }
    let Said { requests, tokens, text_bytes } = serde_json::from_str(text).context("the summary of lode digest")?;
    let Tokens { input, output, cache_read, cache_write } = tokens;
    let totals = Totals { requests, input, output, cache_read, cache_write };
    Ok(Answer { totals: Some(totals), by_model: None, text_bytes: Some(text_bytes) })
}

/// From what `bench inflate` prints: bytes alone.
pub(super) fn of_floor(text: &str) -> anyhow::Result<Answer> {
    let (bytes, _) = text.split_once(" bytes").context("bytes inflated")?;
    Ok(Answer { text_bytes: Some(bytes.parse().context("bytes inflated")?), ..Answer::default() })
}

/// Where an engine differs from what was made: one line each.
pub(super) fn differences(made: &Truth, found: &[(String, Answer)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, answer) in found {
        if let Some(totals) = answer.totals.filter(|totals| *totals != made.totals) {
            problems.push(format!("{name}: {totals:?}, but {:?} were made", made.totals));
        }
        if let Some(bytes) = answer.text_bytes.filter(|bytes| *bytes != made.text_bytes) {
            problems.push(format!("{name}: {bytes} bytes of text, but {} were made", made.text_bytes));
        }
        let Some(by_model) = &answer.by_model else { continue };
        let models = made.by_model.keys().chain(by_model.keys().filter(|model| !made.by_model.contains_key(*model)));
        let differing = models.filter(|model| made.by_model.get(*model) != by_model.get(*model));
        problems.extend(differing.map(|model| format!("{name}: another count of {model}")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = r#"{"requests": 3, "input": 10, "output": 4, "cache_read": 7, "cache_write": 2, "by_model":
        {"a": {"requests": 1, "input": 10, "output": 1, "cache_read": 0, "cache_write": 0},
         "b": {"requests": 2, "input": 0, "output": 3, "cache_read": 7, "cache_write": 2}}}"#;
    const LODE: &str = r#"{"requests": 3, "tokens": {"input": 10, "output": 4, "cache_read": 7, "cache_write": 2},
        "text_bytes": 900, "trace_bytes": 40}"#;

    fn truth() -> Truth {
        let text =
            PEER.replacen('{', r#"{"form": 1, "bytes": 1000, "text_bytes": 900, "gz_bytes": 200, "objects": 1, "#, 1);
        serde_json::from_str(&text).expect("truth")
    }

    fn named(name: &str, answer: anyhow::Result<Answer>) -> (String, Answer) {
        (name.to_owned(), answer.expect("an answer"))
    }

    #[test]
    fn equal_totals_are_equal() {
        let found = [
            named("lode", of_lode(LODE)),
            named("inflate", of_floor("900 bytes in 0.100 s\n")),
            named("chdb", of_peer(PEER)),
        ];
        assert_eq!(differences(&truth(), &found), Vec::<String>::new());
    }

    #[test]
    fn every_total_that_differs_is_named() {
        let found = [
            named("lode", of_lode(&LODE.replace(r#""cache_write": 2"#, r#""cache_write": 1"#))),
            named("inflate", of_floor("899 bytes in 0.100 s\n")),
            named("chdb", of_peer(&PEER.replace(r#""b""#, r#""c""#))),
        ];
        let problems = differences(&truth(), &found);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems[0].starts_with("lode: Totals { requests: 3, input: 10"), "{problems:?}");
        assert_eq!(
            problems[1..],
            ["inflate: 899 bytes of text, but 900 were made", "chdb: another count of b", "chdb: another count of c"]
        );
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        assert!(of_lode(r#"{"requests": 3}"#).is_err() && of_lode("digested").is_err());
        assert!(of_peer(LODE).is_err() && of_floor("many bytes in 1 s").is_err() && of_floor("9").is_err());
    }
}
