//! Questions with the passages that answer them: JSON Lines, or the table of Chroma's evaluation of chunking.
//!
//! What cannot be used is counted with its line and why; its text is never repeated.

use serde::Deserialize;

/// A question whose answer is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// Line of the file on which it begins, from 1.
    pub line: u64,
    /// What is asked.
    pub text: String,
    /// The document that has the answer: its path below the folder, or that without its ending.
    pub document: String,
    /// What answers it; never empty.
    pub passages: Vec<Passage>,
}

/// A part of a document that answers a question.
#[derive(Clone, PartialEq, Eq)]
pub enum Passage {
    /// Characters (Unicode scalar values) from `start` on and before `end`, counted from 0. Where a text is given beside them and does
    /// not stand there, that text is looked for.
    Characters {
        /// The first.
        start: u64,
        /// The one after the last.
        end: u64,
        /// What stands there.
        text: Option<String>,
    },
    /// The one place at which this stands; white space between words does not matter.
    Text(String),
}

/// Why a line is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// No object of the fields that are needed.
    NoQuestion,
    /// No passage, or one without characters or words.
    NoPassage,
    /// The question stands on an earlier line.
    AskedBefore,
    /// No document of that name.
    NoDocument,
    /// Several documents of that name, with different endings.
    SeveralDocuments,
    /// The document ends before the passage.
    BeyondTheEnd,
    /// The passage is not in the document.
    NotFound,
    /// The passage is in the document at several places.
    SeveralPlaces,
    /// No object of the fields that are needed, in a file of results.
    NoResults,
    /// A label that names no configuration.
    NoConfiguration,
    /// A question that is not among those that can be used.
    NotAsked,
    /// Results of this configuration for this question stand on an earlier line.
    AnsweredBefore,
}

impl Why {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoQuestion => "no JSON object with question, document and passages",
            Self::NoPassage => "no passage, or an empty one",
            Self::AskedBefore => "the same question stands on an earlier line",
            Self::NoDocument => "its document is not among those read",
            Self::SeveralDocuments => "several documents have that name with different endings",
            Self::BeyondTheEnd => "a passage ends after its document",
            Self::NotFound => "a passage is not in its document",
            Self::SeveralPlaces => "a passage is in its document at several places",
            Self::NoResults => "no JSON object with configuration, question and retrievalResults",
            Self::NoConfiguration => "its configuration is no label of the table",
            Self::NotAsked => "its question is not among those that can be used",
            Self::AnsweredBefore => "results of the same configuration and question stand on an earlier line",
        }
    }
}

/// A line that is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub why: Why,
}

/// A file of questions, read.
#[derive(Clone, Default)]
pub struct Questions {
    /// Those that can be used so far.
    pub questions: Vec<Question>,
    /// The others.
    pub rejected: Vec<Rejection>,
}

#[derive(Deserialize)]
struct RawQuestion {
    question: String,
    document: String,
    passages: Vec<RawPassage>,
}

/// A passage in either file.
#[derive(Deserialize)]
struct RawPassage {
    #[serde(alias = "start_index")]
    start: Option<u64>,
    #[serde(alias = "end_index")]
    end: Option<u64>,
    #[serde(alias = "content")]
    text: Option<String>,
}

impl RawPassage {
    fn passage(self) -> Option<Passage> {
        let text = self.text.filter(|text| !text.trim().is_empty());
        match (self.start, self.end, text) {
            (Some(start), Some(end), text) if end > start => Some(Passage::Characters { start, end, text }),
            (None, None, Some(text)) => Some(Passage::Text(text)),
            _ => None,
        }
    }
}

impl Questions {
    /// Reads JSON Lines, or a CSV table with the columns `question`, `references` and `corpus_id`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut read = Self::default();
        if text.trim_start().starts_with('{') {
            read.lines(text)
        } else {
            read.table(text)
        }
        let mut seen = std::collections::BTreeSet::new();
        let Self { questions, rejected } = &mut read;
        questions.retain(|question| {
            let new = seen.insert(question.text.clone());
            if !new {
                rejected.push(Rejection { line: question.line, why: Why::AskedBefore });
            }
            new
        });
        rejected.sort_unstable();
        read
    }

    fn lines(&mut self, text: &str) {
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<RawQuestion>(text) {
                Ok(RawQuestion { question, document, passages }) => self.add(line, question, document, passages),
                Err(_) => self.rejected.push(Rejection { line, why: Why::NoQuestion }),
            }
        }
    }

    fn table(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let column = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        let columns = (column("question"), column("references"), column("corpus_id"));
        let (Some(question), Some(references), Some(document)) = columns else {
            self.rejected.push(Rejection { line: 1, why: Why::NoQuestion });
            return;
        };
        for record in reader.records() {
            let Ok(record) = record else { continue };
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
            match serde_json::from_str::<Vec<RawPassage>>(&cell(references)) {
                Ok(passages) => self.add(line, cell(question), cell(document), passages),
                Err(_) => self.rejected.push(Rejection { line, why: Why::NoQuestion }),
            }
        }
    }

    fn add(&mut self, line: u64, text: String, document: String, passages: Vec<RawPassage>) {
        let passages: Option<Vec<Passage>> = passages.into_iter().map(RawPassage::passage).collect();
        match passages.filter(|passages| !passages.is_empty()) {
            Some(passages) => self.questions.push(Question { line, text, document, passages }),
            None => self.rejected.push(Rejection { line, why: Why::NoPassage }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(questions: &Questions) -> Vec<(u64, Why)> {
        questions.rejected.iter().map(|rejection| (rejection.line, rejection.why)).collect()
    }

    #[test]
    fn json_lines_are_read_and_bad_ones_counted() {
        let text = r#"{"question": "A?", "document": "a.md", "passages": [{"start": 3, "end": 9}, {"text": "an answer"}]}

{"question": "B?", "document": "a.md", "passages": []}
{"question": "C?", "document": "a.md", "passages": [{"start": 9, "end": 9}]}
{"question": "D?", "document": "a.md"}
{"question": "A?", "document": "b.md", "passages": [{"text": "x"}]}
no JSON
{"question": "E?", "document": "b.md", "passages": [{"text": " "}]}"#;
        let read = Questions::of(text);
        assert_eq!(read.questions.len(), 1);
        let first = &read.questions[0];
        assert_eq!((first.line, &*first.document), (1, "a.md"));
        assert!(first.passages[0] == Passage::Characters { start: 3, end: 9, text: None });
        assert!(first.passages[1] == Passage::Text("an answer".to_owned()));
        assert_eq!(
            why(&read),
            [
                (3, Why::NoPassage),
                (4, Why::NoPassage),
                (5, Why::NoQuestion),
                (6, Why::AskedBefore),
                (7, Why::NoQuestion),
                (8, Why::NoPassage)
            ]
        );
    }

    #[test]
    fn the_table_of_chromas_evaluation_is_read() {
        let text = "question,references,corpus_id\n\
            \"What, then?\",\"[{\"\"content\"\": \"\"an answer\"\", \"\"start_index\"\": 3, \"\"end_index\"\": 12}]\",wiki\nB?,none,wiki\n";
        let read = Questions::of(text);
        assert!(
            read.questions[0].passages
                == [Passage::Characters { start: 3, end: 12, text: Some("an answer".to_owned()) }]
        );
        assert_eq!((&*read.questions[0].text, &*read.questions[0].document), ("What, then?", "wiki"));
        assert_eq!(why(&read), [(3, Why::NoQuestion)]);
        assert_eq!(why(&Questions::of("a,b\n1,2\n")), [(1, Why::NoQuestion)]);
    }
}
