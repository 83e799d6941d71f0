//! What the sweep came to.

use crate::configuration::Configuration;
use crate::cut::Cut;
use crate::measured::Measured;
use crate::questions::Rejection;
use crate::recommend::{Recommendation, frontier};
use crate::span::total;

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Documents that were cut.
    pub documents: u64,
    /// Their tokens.
    pub document_tokens: u64,
    /// Numbers of results a query, in order.
    pub results: Vec<u32>,
    /// By configuration, in their order.
    pub figures: Vec<Figures>,
    /// Questions whose answers were found in their documents.
    pub questions: usize,
    /// Lines of the file of questions that cannot be used, in order.
    pub rejected_questions: Vec<Rejection>,
    /// Lines of the file of results that cannot be used, in order.
    pub rejected_results: Vec<Rejection>,
    /// With results of the user's own retrieval: what they found of the answers.
    pub measured: Option<Measured>,
    /// The configuration to take, where its recall is known.
    pub recommendation: Option<Recommendation>,
    /// The most recall that it may lose against the best.
    pub max_recall_loss: f64,
}

/// One configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Which.
    pub configuration: Configuration,
    /// Its chunks.
    pub totals: Totals,
    /// Precision-omega over the questions: precision, were every chunk found that holds a token of an answer, and no other.
    pub omega: Option<MeanSd>,
    /// Whether no other has both shorter results and a higher omega. Never without questions.
    pub on_frontier: bool,
}

/// Chunks and their tokens, added up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Chunks that are embedded.
    pub chunks: u64,
    /// Their tokens; repeated ones count again.
    pub embedded_tokens: u64,
    /// Chunks that are put into a prompt: parents, else the same.
    pub results: u64,
    /// Their tokens.
    pub result_tokens: u64,
}

impl Totals {
    /// Of one document.
    pub(crate) fn of(cut: &Cut) -> Self {
        let [embedded, results] = [&*cut.embedded, cut.results()];
        let count = |spans: usize| u64::try_from(spans).unwrap_or(u64::MAX);
        Self {
            chunks: count(embedded.len()),
            embedded_tokens: total(embedded),
            results: count(results.len()),
            result_tokens: total(results),
        }
    }

    pub(crate) const fn add(&mut self, other: &Self) {
        self.chunks += other.chunks;
        self.embedded_tokens += other.embedded_tokens;
        self.results += other.results;
        self.result_tokens += other.result_tokens;
    }

    /// Tokens of an embedded chunk on average; 0 without chunks.
    #[must_use]
    pub fn mean_chunk(&self) -> f64 {
        ratio(self.embedded_tokens, self.chunks)
    }

    /// Tokens that so many results of average length put into a prompt; of fewer chunks than that, all of them. With parents it is
    /// the most: several children of one parent are one result.
    #[must_use]
    pub fn context_tokens(&self, results: u32) -> f64 {
        ratio(self.result_tokens.saturating_mul(self.found(results)), self.results)
    }

    /// How many results a query has at the most.
    pub(crate) fn found(&self, results: u32) -> u64 {
        u64::from(results).min(self.results)
    }

    /// Tokens embedded beyond those of the documents, as a share of them. Below 0 where white space between chunks is dropped.
    #[must_use]
    pub fn overlap_share(&self, document_tokens: u64) -> f64 {
        if document_tokens == 0 { 0.0 } else { ratio(self.embedded_tokens, document_tokens) - 1.0 }
    }
}

/// A mean and the standard deviation around it, of all values (divided by their number, as Chroma's evaluation does).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanSd {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
}

impl MeanSd {
    /// Of these values; `None` of none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nobody asks 2^53 questions")]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let sd = (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt();
        Some(Self { mean, sd })
    }
}

/// A ratio of counts; 0 where there is nothing to divide by.
#[expect(clippy::cast_precision_loss, reason = "shares and means need no more than 53 bits")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl Answer {
    /// Marks what no other beats.
    pub(crate) fn mark_frontiers(&mut self) {
        let omegas: Vec<(usize, (f64, f64))> = self
            .figures
            .iter()
            .enumerate()
            .filter(|(_, figures)| figures.totals.results > 0)
            .filter_map(|(place, figures)| Some((place, (figures.totals.context_tokens(1), figures.omega?.mean))))
            .collect();
        let points: Vec<(f64, f64)> = omegas.iter().map(|(_, point)| *point).collect();
        for ((place, _), on) in omegas.into_iter().zip(frontier(&points)) {
            if let Some(figures) = self.figures.get_mut(place) {
                figures.on_frontier = on;
            }
        }
        let Some(measured) = &mut self.measured else { return };
        let points: Vec<(f64, f64)> =
            measured.points.iter().map(|point| (point.context_tokens(), point.recall.mean)).collect();
        for (point, on) in measured.points.iter_mut().zip(frontier(&points)) {
            point.on_frontier = on;
        }
    }

    /// The figures of a configuration.
    #[must_use]
    pub fn of(&self, configuration: &Configuration) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.configuration == *configuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations_are_of_all_values() {
        // 0.2, 0.4, 0.9: mean 0.5; squares 0.09, 0.01, 0.16: 0.26 / 3 = 0.0867; root 0.2944.
        let found = MeanSd::of(&[0.2, 0.4, 0.9]).expect("values");
        assert!((found.mean - 0.5).abs() < 1e-12 && (found.sd - 0.294_392_0).abs() < 1e-6, "{found:?}");
        assert_eq!(MeanSd::of(&[]), None);
    }

    #[test]
    fn a_query_has_no_more_results_than_there_are() {
        let totals = Totals { chunks: 4, embedded_tokens: 120, results: 4, result_tokens: 120 };
        assert_eq!((totals.mean_chunk(), totals.context_tokens(3), totals.context_tokens(10)), (30.0, 90.0, 120.0));
        assert!((totals.overlap_share(100) - 0.2).abs() < 1e-12);
        assert_eq!(Totals::default().context_tokens(5), 0.0);
    }
}
