//! What the user's own retrieval found of the answers.
//!
//! Recall is the share of an answer's tokens that the first k results hold; precision is those tokens as a share of the
//! tokens of the results; IoU is those tokens over the tokens of the results and of the answer less what both have. A token
//! found is counted once; a token that two results repeat is twice among the tokens of the results, since it is put into the prompt
//! twice (Smith and Troynikov, Evaluating Chunking Strategies for Retrieval, Chroma, July 2024).

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::{MeanSd, ratio};
use crate::configuration::Configuration;
use crate::span::{Span, common, total};

/// A configuration with more than one in so many results that could not be found is left out: its recall would be too low.
const MOST_LOST: u64 = 20;

/// Where a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// In a document.
    At(usize, Span),
    /// Nowhere; so many tokens.
    Lost(u64),
}

/// A question whose answer is known.
pub(crate) struct Answered {
    pub(crate) document: usize,
    pub(crate) spans: Vec<Span>,
}

/// What the results came to. All figures are over the same questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Questions that all configurations compared have results for.
    pub questions: usize,
    /// Configurations and numbers of results, in order.
    pub points: Vec<MeasuredPoint>,
    /// Configurations that are not compared.
    pub left_out: Vec<LeftOut>,
}

/// A configuration with a number of results.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredPoint {
    /// How documents are cut.
    pub configuration: Configuration,
    /// Results a query.
    pub results: u32,
    /// Tokens of the results, over all questions.
    pub context: u64,
    /// Questions.
    pub questions: usize,
    /// Questions with fewer results than that.
    pub fewer: usize,
    /// Results that could not be found in their document, over all questions. They are in no recall, and in the tokens.
    pub lost: u64,
    /// Share of an answer that was found.
    pub recall: MeanSd,
    /// Share of the results that answers.
    pub precision: MeanSd,
    /// What both have over what either has.
    pub iou: MeanSd,
    /// Whether no other has both fewer tokens a query and more recall.
    pub on_frontier: bool,
    /// Recall by question, in one order for all points.
    pub recalls: Vec<f64>,
}

impl MeasuredPoint {
    /// Tokens of the results of a query, on average.
    #[must_use]
    pub fn context_tokens(&self) -> f64 {
        ratio(self.context, u64::try_from(self.questions).unwrap_or(u64::MAX))
    }
}

/// A configuration that is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Results for fewer than half of the questions that another has.
    FewQuestions {
        /// How documents are cut.
        configuration: Configuration,
        /// Questions with results.
        has: usize,
        /// The most that another has.
        of: usize,
    },
    /// More than one result in twenty could not be found in its document.
    Lost {
        /// How documents are cut.
        configuration: Configuration,
        /// Results that were not found.
        lost: u64,
        /// All results.
        of: u64,
    },
}

/// Results by configuration and question.
type Retrievals = Vec<(usize, usize, Vec<Located>)>;

/// Compares configurations by what was found.
pub(crate) fn measured(
    configurations: &[Configuration],
    numbers: &[u32],
    answered: &BTreeMap<usize, Answered>,
    retrievals: Retrievals,
) -> Measured {
    let mut by: BTreeMap<usize, BTreeMap<usize, Vec<Located>>> = BTreeMap::new();
    for (configuration, question, results) in retrievals {
        if answered.contains_key(&question) {
            by.entry(configuration).or_default().insert(question, results);
        }
    }
    let most = by.values().map(BTreeMap::len).max().unwrap_or_default();
    let mut left_out = Vec::new();
    by.retain(|place, questions| {
        let Some(configuration) = configurations.get(*place).copied() else { return false };
        let all = questions.values().flatten();
        let of = u64::try_from(all.clone().count()).unwrap_or(u64::MAX);
        let lost = lost(all);
        if questions.len() * 2 < most {
            left_out.push(LeftOut::FewQuestions { configuration, has: questions.len(), of: most });
        } else if lost * MOST_LOST > of {
            left_out.push(LeftOut::Lost { configuration, lost, of });
        } else {
            return true;
        }
        false
    });
    let sets: Vec<BTreeSet<usize>> = by.values().map(|questions| questions.keys().copied().collect()).collect();
    let shared = sets.iter().skip(1).fold(sets.first().cloned().unwrap_or_default(), |all, set| &all & set);
    let mut points = Vec::new();
    for (place, questions) in &by {
        let rows: Vec<(&Answered, &[Located])> = shared
            .iter()
            .filter_map(|question| Some((answered.get(question)?, questions.get(question)?.as_slice())))
            .collect();
        let Some(configuration) = configurations.get(*place) else { continue };
        points.extend(numbers.iter().filter_map(|number| point(*configuration, *number, &rows)));
    }
    Measured { questions: shared.len(), points, left_out }
}

fn lost<'a>(results: impl Iterator<Item = &'a Located>) -> u64 {
    u64::try_from(results.filter(|result| matches!(result, Located::Lost(_))).count()).unwrap_or(u64::MAX)
}

/// A number of results, where at least half of the questions have so many.
fn point(configuration: Configuration, number: u32, rows: &[(&Answered, &[Located])]) -> Option<MeasuredPoint> {
    let wanted = usize::try_from(number).unwrap_or(usize::MAX);
    let fewer = rows.iter().filter(|(_, results)| results.len() < wanted).count();
    if fewer * 2 > rows.len() {
        return None;
    }
    let (mut context, mut missing) = (0, 0);
    let [mut recalls, mut precisions, mut ious] = [const { Vec::new() }; 3];
    for (answer, results) in rows {
        let results = results.get(..wanted.min(results.len())).unwrap_or_default();
        let scores = scores(answer, results);
        missing += lost(results.iter());
        context += scores.retrieved;
        recalls.push(ratio(scores.found, scores.answer));
        precisions.push(ratio(scores.found, scores.retrieved));
        ious.push(ratio(scores.found, scores.retrieved + scores.answer - scores.found));
    }
    Some(MeasuredPoint {
        configuration,
        results: number,
        context,
        questions: rows.len(),
        fewer,
        lost: missing,
        recall: MeanSd::of(&recalls)?,
        precision: MeanSd::of(&precisions)?,
        iou: MeanSd::of(&ious)?,
        on_frontier: false,
        recalls,
    })
}

/// Tokens.
struct Scores {
    /// Of the answer.
    answer: u64,
    /// Of the results, repeated ones again.
    retrieved: u64,
    /// Of the answer that the results hold, each once.
    found: u64,
}

fn scores(answer: &Answered, results: &[Located]) -> Scores {
    let tokens = |result: &Located| match result {
        Located::At(_, span) => span.len(),
        Located::Lost(tokens) => *tokens,
    };
    let there: Vec<Span> = results
        .iter()
        .filter_map(|result| match result {
            Located::At(document, span) if *document == answer.document => Some(*span),
            _ => None,
        })
        .collect();
    Scores {
        answer: total(&answer.spans),
        retrieved: results.iter().map(tokens).sum(),
        found: common(&answer.spans, &there),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Configuration = Configuration::Fixed { max_tokens: 10, overlap_percent: 0 };
    const B: Configuration = Configuration::Fixed { max_tokens: 20, overlap_percent: 0 };

    fn at(document: usize, start: u32, end: u32) -> Located {
        Located::At(document, Span::new(start, end))
    }

    fn asked(count: usize) -> BTreeMap<usize, Answered> {
        (0..count).map(|place| (place, Answered { document: 0, spans: vec![Span::new(5, 15)] })).collect()
    }

    #[test]
    fn scores_are_those_of_chromas_definitions() {
        // The answer is 5..15, ten tokens. Results: 0..8 and 6..14 of its document, which have 5..14 of it (nine tokens, one
        // of them, 6 and 7, in both), and ten tokens of another: 26 in all. Recall 9 / 10, precision 9 / 26, IoU 9 / 27.
        let found = measured(&[A], &[1, 3, 4], &asked(1), vec![(0, 0, vec![at(0, 0, 8), at(0, 6, 14), at(1, 5, 15)])]);
        assert_eq!((found.questions, found.points.len()), (1, 2), "of four results nothing is known");
        let [one, three] = &found.points[..] else { panic!("two points") };
        assert!((three.recall.mean - 0.9).abs() < 1e-12);
        assert!((three.precision.mean - 9.0 / 26.0).abs() < 1e-12);
        assert!((three.iou.mean - 9.0 / 27.0).abs() < 1e-12);
        assert_eq!((three.context, three.context_tokens()), (26, 26.0));
        assert!((one.recall.mean - 0.3).abs() < 1e-12);
    }

    #[test]
    fn all_are_compared_over_the_questions_that_all_have() {
        let full = || vec![at(0, 5, 15)];
        let none = || vec![at(1, 0, 20)];
        // A: questions 0, 1, 2; B: 1, 2, 3. Common: 1 and 2. A finds 1 only, B both.
        let rows = vec![
            (0, 0, full()),
            (0, 1, full()),
            (0, 2, none()),
            (1, 1, full()),
            (1, 2, full()),
            (1, 3, none()),
            (1, 9, full()),
        ];
        let found = measured(&[A, B], &[1], &asked(4), rows);
        assert_eq!(found.questions, 2);
        let recalls: Vec<_> = found.points.iter().map(|point| point.recalls.clone()).collect();
        assert_eq!(recalls, [vec![1.0, 0.0], vec![1.0, 1.0]]);
        // One question of three is too few, and a result in twenty that is not found too many.
        let few =
            measured(&[A, B], &[1], &asked(3), vec![(0, 0, full()), (0, 1, full()), (0, 2, full()), (1, 0, full())]);
        assert_eq!(few.left_out, [LeftOut::FewQuestions { configuration: B, has: 1, of: 3 }]);
        assert_eq!((few.questions, few.points.len()), (3, 1));
        let lost = measured(&[A], &[1], &asked(1), vec![(0, 0, vec![at(0, 5, 15), Located::Lost(7)])]);
        assert_eq!(lost.left_out, [LeftOut::Lost { configuration: A, lost: 1, of: 2 }]);
    }

    #[test]
    fn questions_with_fewer_results_count_with_what_they_have() {
        let rows = vec![(0, 0, vec![at(0, 5, 15), at(0, 20, 30)]), (0, 1, vec![])];
        let found = measured(&[A], &[1, 2], &asked(2), rows);
        let fewer: Vec<_> = found.points.iter().map(|point| (point.results, point.fewer, point.recall.mean)).collect();
        assert_eq!(fewer, [(1, 1, 0.5), (2, 1, 0.5)]);
    }
}
