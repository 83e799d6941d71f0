//! The sweep: every document is cut in every configuration once, questions and results are looked up in it while its text is
//! there, and what is kept are counts and stretches of tokens.

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::{Answer, Figures, MeanSd, Totals};
use crate::configuration::Configuration;
use crate::cut::cut;
use crate::measured::{Answered, Located, Measured, measured};
use crate::place::{bytes_of, places};
use crate::questions::{Passage, Question, Questions, Rejection, Why};
use crate::recommend::recommend;
use crate::retrieved::{Retrieved, RetrievedResult, document_of};
use crate::span::{Span, common, total, union};
use crate::tokens::{Tokens, TooLong};

/// What is asked of all documents. Holds questions and results with their text, and no document.
pub struct Study {
    configurations: Vec<Configuration>,
    results: Vec<u32>,
    asked: Vec<Question>,
    found: Vec<Found>,
    /// Questions by document.
    asked_of: BTreeMap<usize, Vec<usize>>,
    /// Places in `found` and in its results, by document.
    found_of: BTreeMap<usize, Vec<(usize, usize)>>,
    rejected_questions: Vec<Rejection>,
    rejected_results: Vec<Rejection>,
}

/// Results for a question under a configuration, by place.
struct Found {
    configuration: usize,
    question: usize,
    results: Vec<RetrievedResult>,
}

/// What one document came to.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentFindings {
    document: usize,
    tokens: u64,
    /// By configuration.
    totals: Vec<Totals>,
    answered: Vec<(usize, Result<InDocument, Why>)>,
    located: Vec<((usize, usize), Option<Span>)>,
}

/// A question's answer in its document.
#[derive(Clone, Debug, PartialEq)]
struct InDocument {
    spans: Vec<Span>,
    /// By configuration: tokens of the answer that chunks hold, and tokens of those chunks.
    covered: Vec<(u64, u64)>,
}

impl Study {
    /// Of these configurations and numbers of results a query, over documents of these paths (below their folder, with `/`).
    /// Configurations that results are of are looked at too.
    #[must_use]
    pub fn new(
        configurations: impl IntoIterator<Item = Configuration>,
        results: impl IntoIterator<Item = u32>,
        documents: &[String],
        questions: Questions,
        retrieved: Retrieved,
    ) -> Self {
        let of_results = retrieved.retrievals.iter().map(|retrieval| retrieval.configuration);
        let configurations: BTreeSet<Configuration> = configurations.into_iter().chain(of_results).collect();
        let results: BTreeSet<u32> = results.into_iter().filter(|results| *results > 0).collect();
        let mut study = Self {
            configurations: configurations.into_iter().collect(),
            results: results.into_iter().collect(),
            asked: Vec::new(),
            found: Vec::new(),
            asked_of: BTreeMap::new(),
            found_of: BTreeMap::new(),
            rejected_questions: questions.rejected,
            rejected_results: retrieved.rejected,
        };
        study.ask(questions.questions, documents);
        study.take(retrieved.retrievals, documents);
        study
    }

    /// The configurations, in the order of every answer.
    #[must_use]
    pub fn configurations(&self) -> &[Configuration] {
        &self.configurations
    }

    fn ask(&mut self, questions: Vec<Question>, documents: &[String]) {
        let by_path: BTreeMap<&str, usize> = (0..).zip(documents).map(|(place, path)| (&**path, place)).collect();
        let mut by_stem: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, path) in documents.iter().enumerate() {
            by_stem.entry(stem(path)).or_default().push(place);
        }
        for question in questions {
            let name = question.document.strip_prefix("./").unwrap_or(&question.document);
            let found = by_path.get(name).map_or_else(
                || match by_stem.get(name).map(Vec::as_slice) {
                    None | Some([]) => Err(Why::NoDocument),
                    Some([one]) => Ok(*one),
                    Some(_) => Err(Why::SeveralDocuments),
                },
                |place| Ok(*place),
            );
            match found {
                Ok(document) => {
                    self.asked_of.entry(document).or_default().push(self.asked.len());
                    self.asked.push(question);
                }
                Err(why) => self.rejected_questions.push(Rejection { line: question.line, why }),
            }
        }
    }

    fn take(&mut self, retrievals: Vec<crate::retrieved::Retrieval>, documents: &[String]) {
        let by_text: BTreeMap<&str, usize> =
            (0..).zip(&self.asked).map(|(place, asked)| (&*asked.text, place)).collect();
        let mut seen = BTreeSet::new();
        for retrieval in retrievals {
            let configuration = self.configurations.binary_search(&retrieval.configuration).unwrap_or_default();
            let line = retrieval.line;
            let Some(question) = by_text.get(&*retrieval.question).copied() else {
                self.rejected_results.push(Rejection { line, why: Why::NotAsked });
                continue;
            };
            if !seen.insert((configuration, question)) {
                self.rejected_results.push(Rejection { line, why: Why::AnsweredBefore });
                continue;
            }
            for (rank, result) in retrieval.results.iter().enumerate() {
                if let Some(document) = result.uri.as_deref().and_then(|uri| document_of(uri, documents)) {
                    self.found_of.entry(document).or_default().push((self.found.len(), rank));
                }
            }
            self.found.push(Found { configuration, question, results: retrieval.results });
        }
    }

    /// Looks at a document, by its place among the paths given. Its text is not kept.
    ///
    /// # Errors
    /// When it has four gigabytes or more.
    pub fn document(&self, document: usize, text: &str) -> Result<DocumentFindings, TooLong> {
        let tokens = Tokens::of(text)?;
        let asked = self.asked_of.get(&document).map(Vec::as_slice).unwrap_or_default();
        let mut answered: Vec<(usize, Result<InDocument, Why>)> = asked
            .iter()
            .filter_map(|place| {
                let spans = answer(self.asked.get(*place)?, text, &tokens);
                Some((*place, spans.map(|spans| InDocument { spans, covered: Vec::new() })))
            })
            .collect();
        let mut totals = Vec::with_capacity(self.configurations.len());
        for configuration in &self.configurations {
            let cut = cut(configuration, text, &tokens);
            totals.push(Totals::of(&cut));
            for (_, answer) in &mut answered {
                if let Ok(InDocument { spans, covered }) = answer {
                    covered.push(coverage(spans, cut.results()));
                }
            }
        }
        let spans: BTreeMap<usize, &[Span]> = answered
            .iter()
            .filter_map(|(place, answer)| Some((*place, answer.as_ref().ok()?.spans.as_slice())))
            .collect();
        let found = self.found_of.get(&document).map(Vec::as_slice).unwrap_or_default();
        let located = found.iter().map(|place| (*place, self.locate(*place, text, &tokens, &spans))).collect();
        Ok(DocumentFindings { document, tokens: u64::from(tokens.count()), totals, answered, located })
    }

    /// Where a result stands in its document. Of several places with the same words, the one that answers most.
    fn locate(
        &self,
        (found, rank): (usize, usize),
        text: &str,
        tokens: &Tokens,
        answers: &BTreeMap<usize, &[Span]>,
    ) -> Option<Span> {
        let found = self.found.get(found)?;
        let answer = answers.get(&found.question).copied().unwrap_or_default();
        let spans =
            places(text, &found.results.get(rank)?.text).map(|bytes| tokens.within(byte(bytes.start)..byte(bytes.end)));
        let mut best: Option<(u64, Span)> = None;
        for span in spans {
            let held = common(answer, &[span]);
            if best.is_none_or(|(most, _)| held > most) {
                best = Some((held, span));
            }
        }
        best.map(|(_, span)| span)
    }

    /// Adds up what documents came to, in any order. A configuration is recommended that loses at most this share of the best recall
    /// seen, where results were given.
    #[must_use]
    pub fn finish(self, mut documents: Vec<DocumentFindings>, max_recall_loss: f64) -> Answer {
        documents.sort_unstable_by_key(|findings| findings.document);
        let mut totals = vec![Totals::default(); self.configurations.len()];
        let mut answered: BTreeMap<usize, (usize, InDocument)> = BTreeMap::new();
        let mut located: BTreeMap<(usize, usize), (usize, Span)> = BTreeMap::new();
        let mut rejected_questions = self.rejected_questions;
        let mut looked_at = BTreeSet::new();
        let (mut read, mut tokens) = (0, 0);
        for findings in documents {
            read += 1;
            tokens += findings.tokens;
            for (sum, part) in totals.iter_mut().zip(&findings.totals) {
                sum.add(part);
            }
            for (place, answer) in findings.answered {
                looked_at.insert(place);
                match (answer, self.asked.get(place)) {
                    (Ok(answer), _) => drop(answered.insert(place, (findings.document, answer))),
                    (Err(why), Some(asked)) => {
                        rejected_questions.push(Rejection { line: asked.line, why });
                    }
                    (Err(_), None) => {}
                }
            }
            let places = findings.located.into_iter();
            located.extend(places.filter_map(|(place, span)| Some((place, (findings.document, span?)))));
        }
        // Their documents were listed and could not be read.
        let unread = self.asked.iter().enumerate().filter(|(place, _)| !looked_at.contains(place));
        rejected_questions.extend(unread.map(|(_, asked)| Rejection { line: asked.line, why: Why::NoDocument }));
        rejected_questions.sort_unstable();
        let mut rejected_results = self.rejected_results;
        rejected_results.sort_unstable();

        let figures = (0..).zip(self.configurations.iter().zip(&totals)).map(|(place, (configuration, totals))| {
            let omegas: Vec<f64> = answered.values().filter_map(|(_, answer)| omega(answer, place)).collect();
            Figures { configuration: *configuration, totals: *totals, omega: MeanSd::of(&omegas), on_frontier: false }
        });
        let figures = figures.collect();
        let questions = answered.len();
        let answered: BTreeMap<usize, Answered> = answered
            .into_iter()
            .map(|(place, (document, answer))| (place, Answered { document, spans: answer.spans }))
            .collect();
        let retrievals = self.found.iter().enumerate().map(|(place, found)| {
            let results = found.results.iter().enumerate().map(|(rank, result)| match located.get(&(place, rank)) {
                Some((document, span)) => Located::At(*document, *span),
                None => Located::Lost(Tokens::of(&result.text).map_or(0, |tokens| u64::from(tokens.count()))),
            });
            (found.configuration, found.question, results.collect())
        });
        let measured: Option<Measured> = (!self.found.is_empty())
            .then(|| measured(&self.configurations, &self.results, &answered, retrievals.collect()));
        let recommendation = measured.as_ref().and_then(|measured| recommend(measured, max_recall_loss));
        let mut answer = Answer {
            documents: read,
            document_tokens: tokens,
            results: self.results,
            figures,
            questions,
            rejected_questions,
            rejected_results,
            measured,
            recommendation,
            max_recall_loss,
        };
        answer.mark_frontiers();
        answer
    }
}

/// A path without the ending of its file name.
fn stem(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') && !stem.is_empty() && !stem.ends_with('/') => stem,
        _ => path,
    }
}

fn byte(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The tokens that answer a question, each once. Where a passage holds the start of no token, it is the one around it.
fn answer(question: &Question, text: &str, tokens: &Tokens) -> Result<Vec<Span>, Why> {
    let mut spans = Vec::new();
    for passage in &question.passages {
        let found = match passage {
            Passage::Text(wanted) => only_place(text, wanted)?,
            Passage::Characters { start, end, text: None } => bytes_of(text, *start..*end).ok_or(Why::BeyondTheEnd)?,
            Passage::Characters { start, end, text: Some(wanted) } => {
                let there = bytes_of(text, *start..*end).filter(|bytes| text.get(bytes.clone()) == Some(wanted));
                there.map_or_else(|| only_place(text, wanted), Ok)?
            }
        };
        spans.push(tokens.within_or_around(byte(found.start)..byte(found.end)));
    }
    let spans = union(spans);
    if spans.is_empty() { Err(Why::NoPassage) } else { Ok(spans) }
}

fn only_place(text: &str, wanted: &str) -> Result<std::ops::Range<usize>, Why> {
    let mut places = places(text, wanted);
    let first = places.next().ok_or(Why::NotFound)?;
    if places.next().is_none() { Ok(first) } else { Err(Why::SeveralPlaces) }
}

/// Tokens of the answer that chunks hold, each once; and the tokens of the chunks that hold any, a token that two chunks repeat
/// twice: it is put into the prompt and paid for twice.
fn coverage(answer: &[Span], chunks: &[Span]) -> (u64, u64) {
    let holding: Vec<Span> =
        chunks.iter().filter(|chunk| answer.iter().any(|part| !part.common(**chunk).is_empty())).copied().collect();
    (common(answer, &holding), total(&holding))
}

#[expect(clippy::cast_precision_loss, reason = "no document has 2^53 tokens")]
fn omega(answer: &InDocument, configuration: usize) -> Option<f64> {
    let (covered, chunks) = *answer.covered.get(configuration)?;
    Some(if chunks == 0 { 0.0 } else { covered as f64 / chunks as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_two_chunks_repeat_is_found_once_and_paid_for_twice() {
        // Chunks of 4 with a step of 3. The answer, tokens 3 to 5, is in 0..4 and in 3..7: 3 tokens found, 8 put into the
        // prompt, 3 / 8 = 0.375.
        let chunks = [Span::new(0, 4), Span::new(3, 7), Span::new(6, 10)];
        assert_eq!(coverage(&[Span::new(3, 6)], &chunks), (3, 8));
        assert_eq!(coverage(&[Span::new(0, 1), Span::new(9, 10)], &chunks), (2, 8));
        assert_eq!(coverage(&[Span::new(10, 12)], &chunks), (0, 0));
    }

    #[test]
    fn a_document_is_found_by_its_path_or_without_its_ending() {
        assert_eq!(
            ["x/a.md", ".hidden", "x.y/a", "a.tar.gz", "x/.a"].map(stem),
            ["x/a", ".hidden", "x.y/a", "a.tar", "x/.a"]
        );
    }
}
