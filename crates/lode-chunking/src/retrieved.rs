//! Results of the user's own retrieval: which chunks a knowledge base found for each question, under each configuration.

use serde::Deserialize;

use crate::configuration::Configuration;
use crate::questions::{Rejection, Why};

/// What was found for a question under a configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Retrieval {
    /// Line of the file, from 1.
    pub line: u64,
    /// How the documents were cut.
    pub configuration: Configuration,
    /// What was asked, as in the file of questions.
    pub question: String,
    /// What was found, the best first.
    pub results: Vec<RetrievedResult>,
}

/// One result.
#[derive(Clone, PartialEq, Eq)]
pub struct RetrievedResult {
    /// Its text.
    pub text: String,
    /// Where its document is, where the result says so.
    pub uri: Option<String>,
}

/// A file of results, read.
#[derive(Clone, Default)]
pub struct Retrieved {
    /// Those that can be used so far.
    pub retrievals: Vec<Retrieval>,
    /// Lines that cannot.
    pub rejected: Vec<Rejection>,
}

/// A line. `retrievalResults` is as the Retrieve operation of Agents for Amazon Bedrock Runtime returns it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRetrieval {
    configuration: String,
    question: String,
    retrieval_results: Vec<RawResult>,
}

#[derive(Deserialize)]
struct RawResult {
    content: Content,
    location: Option<Location>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Content {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    s3_location: Option<S3Location>,
}

#[derive(Deserialize)]
struct S3Location {
    uri: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "x-amz-bedrock-kb-source-uri")]
    source: Option<String>,
}

impl Retrieved {
    /// Reads JSON Lines.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut read = Self::default();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<RawRetrieval>(text) {
                Ok(raw) => match raw.configuration.parse() {
                    Ok(configuration) => read.retrievals.push(Retrieval {
                        line,
                        configuration,
                        question: raw.question,
                        results: raw.retrieval_results.into_iter().map(RawResult::result).collect(),
                    }),
                    Err(_) => read.rejected.push(Rejection { line, why: Why::NoConfiguration }),
                },
                Err(_) => read.rejected.push(Rejection { line, why: Why::NoResults }),
            }
        }
        read
    }
}

impl RawResult {
    fn result(self) -> RetrievedResult {
        let place = self.location.and_then(|location| location.s3_location?.uri);
        let uri = place.or_else(|| self.metadata?.source);
        RetrievedResult { text: self.content.text, uri }
    }
}

/// The document of a place: the one with the longest path that the place ends in.
pub(crate) fn document_of(uri: &str, documents: &[String]) -> Option<usize> {
    let ends = |path: &str| uri.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    let fit = documents.iter().enumerate().filter(|(_, path)| ends(path));
    fit.max_by_key(|(_, path)| path.len()).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_bedrock_returns_them() {
        let text = r#"{"configuration": "fixed 300, 20 %", "question": "A?", "retrievalResults": [{"content": {"text": "one", "type": "TEXT"}, "location": {"s3Location": {"uri": "s3://docs/a.md"}, "type": "S3"}, "score": 0.7}, {"content": {"text": "two"}, "metadata": {"x-amz-bedrock-kb-source-uri": "s3://docs/b.md", "page": 3}}, {"content": {"text": "three"}}]}
{"configuration": "semantic", "question": "A?", "retrievalResults": []}
{"configuration": "none", "question": "A?"}"#;
        let read = Retrieved::of(text);
        assert_eq!(read.retrievals.len(), 1);
        let found: Vec<_> =
            read.retrievals[0].results.iter().map(|result| (&*result.text, result.uri.as_deref())).collect();
        assert_eq!(found, [("one", Some("s3://docs/a.md")), ("two", Some("s3://docs/b.md")), ("three", None)]);
        assert_eq!(
            read.rejected,
            [Rejection { line: 2, why: Why::NoConfiguration }, Rejection { line: 3, why: Why::NoResults }]
        );
    }

    #[test]
    fn a_place_is_the_document_whose_path_it_ends_in() {
        let documents = ["a.md".to_owned(), "x/a.md".to_owned(), "b.md".to_owned()];
        let of = |uri| document_of(uri, &documents);
        assert_eq!((of("s3://docs/x/a.md"), of("s3://docs/y/a.md"), of("b.md")), (Some(1), Some(0), Some(2)));
        assert_eq!((of("s3://docs/bb.md"), of("s3://docs/c.md")), (None, None));
    }
}
