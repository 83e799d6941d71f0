//! `lode whatif chunking --format json`, version 1. Plain structs copied from the answer: what changes inside must not
//! change here. Described in `docs/whatif.md`.
//!
//! Money is decimal text with six places, counts whole numbers, means and shares numbers; what is unknown is absent.
//! Adding an optional field keeps the version.

use lode_chunking::{
    Answer, Configuration, Figures, LeftOut, MeasuredPoint, Recommendation, Rejection, context_cost, embedding_cost,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ChunkingPage, ChunkingPrice, notes};
use crate::text::clean;
use crate::v1::Usd;
use crate::whatif::v1::pretty;

/// Files and lines that are listed; more are a number.
const MOST: usize = 1_000;

/// A configuration with a number of results.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InForceV1 {
    /// The configuration, as the table prints it.
    pub label: String,
    /// Results a query.
    pub results: u32,
}

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatIfChunkingV1 {
    /// Version of this contract: 1.
    pub schema_version: u32,
    /// Whose tokens are counted: `cl100k_base`, which stands in for the tokenizer of the embedding model.
    pub tokenizer: String,
    /// Id of the recommendation of a report that the results of retrieval decide, as given.
    #[serde(skip_serializing_if = "Option::is_none", rename = "for")]
    pub recommendation_id: Option<String>,
    /// What is in force, as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<InForceV1>,
    /// The day of the answer.
    pub date: String,
    /// Documents that were cut.
    pub documents: u64,
    /// Their tokens.
    pub document_tokens: u64,
    /// Files that are no documents.
    pub skipped_files: usize,
    /// The first thousand of them.
    pub skipped: Vec<SkippedV1>,
    /// Numbers of results a query, as asked.
    pub results: Vec<u32>,
    /// Strategies asked for that are not simulated.
    pub not_simulated: Vec<String>,
    /// Questions whose answers were found in their documents.
    pub questions: usize,
    /// Lines of the files of questions and of results that cannot be used.
    pub rejected_lines: usize,
    /// The first thousand of them of each file.
    pub rejected: Vec<RejectedLineV1>,
    /// Region whose prices count.
    pub region: String,
    /// Day of the list prices.
    pub prices_as_of: String,
    /// Queries a month, as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queries: Option<u64>,
    /// Model whose input tokens pay for the context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What a million of them cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_price: Option<Usd>,
    /// Model that embeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_model: Option<String>,
    /// What a million of its input tokens cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_price: Option<Usd>,
    /// The most recall that the configuration recommended may lose against the best.
    pub max_recall_loss: f64,
    /// The configuration to take; only where results of the user's own retrieval were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationV1>,
    /// What the user's own retrieval found, by configuration and number of results; all over the same questions.
    pub measured: Vec<MeasuredV1>,
    /// Configurations with results that are not compared.
    pub left_out: Vec<LeftOutV1>,
    /// Every configuration.
    pub configurations: Vec<ConfigurationV1>,
    /// What the figures assume, in words. No contract.
    pub notes: Vec<String>,
}

/// A file that is no document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SkippedV1 {
    /// Its path below the folder; control characters are spaces.
    pub file: String,
    /// Why.
    pub why: String,
}

/// A line that cannot be used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RejectedLineV1 {
    /// `questions` or `retrieved`.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// How documents are cut. Fields that a strategy does not have are absent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SettingsV1 {
    /// As tables print it and `--retrieved` takes it: `fixed 300, 20 %`.
    pub label: String,
    /// `fixed`, `default`, `hierarchical`, `recursive` or `none`.
    pub strategy: String,
    /// Most tokens of a chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Repeated, in per cent of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_percent: Option<u32>,
    /// Most tokens of a parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_tokens: Option<u32>,
    /// Most tokens of a child.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_tokens: Option<u32>,
    /// Tokens repeated between parents, and between children.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_tokens: Option<u32>,
}

/// What the documents come to in a configuration.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CorpusV1 {
    /// Chunks that are embedded.
    pub chunks: u64,
    /// Their tokens; repeated ones count again.
    pub embedded_tokens: u64,
    /// Tokens of the documents.
    pub document_tokens: u64,
}

/// A configuration.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConfigurationV1 {
    /// Which.
    #[serde(flatten)]
    pub settings: SettingsV1,
    /// Its chunks.
    #[serde(flatten)]
    pub corpus: CorpusV1,
    /// Tokens of an embedded chunk on average.
    pub mean_tokens: f64,
    /// Embedded tokens over document tokens, less 1.
    pub overlap_share: f64,
    /// What embedding every chunk once costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_cost: Option<Usd>,
    /// By number of results.
    pub contexts: Vec<ContextV1>,
    /// Precision-omega, mean over the questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omega: Option<f64>,
    /// Its standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omega_sd: Option<f64>,
    /// Whether no other has both shorter results and a higher omega; false without questions.
    pub on_frontier: bool,
}

/// What results put into a prompt.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ContextV1 {
    /// Results a query.
    pub results: u32,
    /// Their tokens, at the average length; with parents the most.
    pub context_tokens_per_query: f64,
    /// What a month of the queries given costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_cost: Option<Usd>,
}

/// What a retrieval found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MeasuredV1 {
    /// How documents are cut.
    #[serde(flatten)]
    pub settings: SettingsV1,
    /// Results a query.
    pub results: u32,
    /// What the documents come to.
    #[serde(flatten)]
    pub corpus: CorpusV1,
    /// Questions.
    pub questions: usize,
    /// Of them, those with fewer results.
    pub questions_with_fewer_results: usize,
    /// Results that are not in their document.
    pub results_not_found: u64,
    /// Tokens of the results of a query, on average over the questions.
    pub context_tokens_per_query: f64,
    /// Share of the answers that was found, mean over the questions.
    pub recall: f64,
    /// Its standard deviation.
    pub recall_sd: f64,
    /// The best recall of all.
    pub recall_of_best: f64,
    /// Share of the results that answers.
    pub precision: f64,
    /// Its standard deviation.
    pub precision_sd: f64,
    /// What results and answers share, over what either has.
    pub iou: f64,
    /// Its standard deviation.
    pub iou_sd: f64,
    /// Whether no other has both fewer context tokens and more recall.
    pub on_frontier: bool,
}

/// The configuration to take: the fewest context tokens whose recall is within `max_recall_loss` of the best.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RecommendationV1 {
    /// How to cut documents.
    #[serde(flatten)]
    pub settings: SettingsV1,
    /// Results a query.
    pub results: u32,
    /// What the documents come to.
    #[serde(flatten)]
    pub corpus: CorpusV1,
    /// Questions.
    pub questions: usize,
    /// Tokens of the results of a query, on average over the questions.
    pub context_tokens_per_query: f64,
    /// Its recall.
    pub recall: f64,
    /// The best recall seen.
    pub recall_of_best: f64,
    /// Label of the configuration that has it.
    pub best_label: String,
    /// Its results a query.
    pub best_results: u32,
    /// Its context tokens a query.
    pub best_context_tokens_per_query: f64,
    /// Recall less the best, question by question; absent where it is the best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall_difference: Option<f64>,
    /// 5th percentile of it by a bootstrap over the questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall_difference_low: Option<f64>,
    /// 95th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall_difference_high: Option<f64>,
}

/// A configuration that is not compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOutV1 {
    /// How documents are cut.
    #[serde(flatten)]
    pub settings: SettingsV1,
    /// `few-questions`: results for `count` questions of `of`; or `results-not-found`: `count` results of `of`.
    pub why: String,
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl From<&Configuration> for SettingsV1 {
    fn from(configuration: &Configuration) -> Self {
        let plain = Self {
            label: configuration.to_string(),
            strategy: configuration.strategy().to_owned(),
            max_tokens: None,
            overlap_percent: None,
            parent_tokens: None,
            child_tokens: None,
            overlap_tokens: None,
        };
        match *configuration {
            Configuration::Fixed { max_tokens, overlap_percent }
            | Configuration::Recursive { max_tokens, overlap_percent } => {
                Self { max_tokens: Some(max_tokens), overlap_percent: Some(overlap_percent), ..plain }
            }
            Configuration::Hierarchical { parent, child, overlap } => {
                Self { parent_tokens: Some(parent), child_tokens: Some(child), overlap_tokens: Some(overlap), ..plain }
            }
            Configuration::Default | Configuration::None => Self { max_tokens: configuration.max_tokens(), ..plain },
        }
    }
}

impl CorpusV1 {
    fn of(answer: &Answer, configuration: &Configuration) -> Self {
        let totals = answer.of(configuration).map(|figures| figures.totals).unwrap_or_default();
        Self { chunks: totals.chunks, embedded_tokens: totals.embedded_tokens, document_tokens: answer.document_tokens }
    }
}

impl ConfigurationV1 {
    fn of(page: &ChunkingPage<'_>, figures: &Figures) -> Self {
        let totals = &figures.totals;
        let context = |results: &u32| ContextV1 {
            results: *results,
            context_tokens_per_query: totals.context_tokens(*results),
            monthly_cost: page
                .context
                .map(|(queries, price)| context_cost(totals, *results, queries, price.input).into()),
        };
        Self {
            settings: (&figures.configuration).into(),
            corpus: CorpusV1::of(page.answer, &figures.configuration),
            mean_tokens: totals.mean_chunk(),
            overlap_share: totals.overlap_share(page.answer.document_tokens),
            embedding_cost: page.embedding.map(|price| embedding_cost(totals, price.input).into()),
            contexts: page.answer.results.iter().map(context).collect(),
            omega: figures.omega.map(|omega| omega.mean),
            omega_sd: figures.omega.map(|omega| omega.sd),
            on_frontier: figures.on_frontier,
        }
    }
}

impl MeasuredV1 {
    fn of(answer: &Answer, point: &MeasuredPoint) -> Self {
        Self {
            settings: (&point.configuration).into(),
            results: point.results,
            corpus: CorpusV1::of(answer, &point.configuration),
            questions: point.questions,
            questions_with_fewer_results: point.fewer,
            results_not_found: point.lost,
            context_tokens_per_query: point.context_tokens(),
            recall: point.recall.mean,
            recall_sd: point.recall.sd,
            recall_of_best: answer.recommendation.as_ref().map_or(point.recall.mean, |chosen| chosen.best_recall),
            precision: point.precision.mean,
            precision_sd: point.precision.sd,
            iou: point.iou.mean,
            iou_sd: point.iou.sd,
            on_frontier: point.on_frontier,
        }
    }
}

impl RecommendationV1 {
    fn of(answer: &Answer, chosen: &Recommendation) -> Self {
        Self {
            settings: (&chosen.configuration).into(),
            results: chosen.results,
            corpus: CorpusV1::of(answer, &chosen.configuration),
            questions: chosen.questions,
            context_tokens_per_query: chosen.context_tokens,
            recall: chosen.recall,
            recall_of_best: chosen.best_recall,
            best_label: chosen.best.0.to_string(),
            best_results: chosen.best.1,
            best_context_tokens_per_query: chosen.best_context_tokens,
            recall_difference: chosen.difference.map(|difference| difference.mean),
            recall_difference_low: chosen.difference.map(|difference| difference.low),
            recall_difference_high: chosen.difference.map(|difference| difference.high),
        }
    }
}

impl From<&LeftOut> for LeftOutV1 {
    fn from(left_out: &LeftOut) -> Self {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let of = |configuration, why: &str, count, of| Self {
            settings: SettingsV1::from(configuration),
            why: why.to_owned(),
            count,
            of,
        };
        match left_out {
            LeftOut::FewQuestions { configuration, has, of: all } => {
                of(configuration, "few-questions", number(*has), number(*all))
            }
            LeftOut::Lost { configuration, lost, of: all } => of(configuration, "results-not-found", *lost, *all),
        }
    }
}

impl From<&ChunkingPage<'_>> for WhatIfChunkingV1 {
    fn from(page: &ChunkingPage<'_>) -> Self {
        let answer = page.answer;
        let line = |file: &'static str| {
            move |rejection: &Rejection| RejectedLineV1 {
                file: file.to_owned(),
                line: rejection.line,
                why: rejection.why.words().to_owned(),
            }
        };
        let lines = [("questions", &answer.rejected_questions), ("retrieved", &answer.rejected_results)];
        let million = |price: &ChunkingPrice| price.input.per(1_000_000).into();
        let skipped = page.skipped.iter().take(MOST);
        Self {
            schema_version: 1,
            tokenizer: "cl100k_base".to_owned(),
            recommendation_id: page.recommendation_id.map(clean),
            in_force: page
                .in_force
                .map(|(configuration, results)| InForceV1 { label: configuration.to_string(), results }),
            date: page.date.to_string(),
            documents: answer.documents,
            document_tokens: answer.document_tokens,
            skipped_files: page.skipped.len(),
            skipped: skipped.map(|file| SkippedV1 { file: clean(&file.path), why: file.why.to_owned() }).collect(),
            results: answer.results.clone(),
            not_simulated: page.not_simulated.iter().map(|strategy| (*strategy).to_owned()).collect(),
            questions: answer.questions,
            rejected_lines: lines.iter().map(|(_, rejected)| rejected.len()).sum(),
            rejected: lines.iter().flat_map(|(file, rejected)| rejected.iter().take(MOST).map(line(file))).collect(),
            region: clean(page.region.as_str()),
            prices_as_of: page.prices_as_of.to_string(),
            queries: page.context.map(|(queries, _)| queries),
            model: page.context.map(|(_, price)| price.model.as_str().to_owned()),
            input_price: page.context.map(|(_, price)| million(price)),
            embedding_model: page.embedding.map(|price| price.model.as_str().to_owned()),
            embedding_price: page.embedding.map(million),
            max_recall_loss: answer.max_recall_loss,
            recommendation: answer.recommendation.as_ref().map(|chosen| RecommendationV1::of(answer, chosen)),
            measured: answer
                .measured
                .iter()
                .flat_map(|measured| &measured.points)
                .map(|point| MeasuredV1::of(answer, point))
                .collect(),
            left_out: answer.measured.iter().flat_map(|measured| &measured.left_out).map(LeftOutV1::from).collect(),
            configurations: answer.figures.iter().map(|figures| ConfigurationV1::of(page, figures)).collect(),
            notes: notes::notes(page),
        }
    }
}

/// The answer as JSON.
#[must_use]
pub fn whatif_chunking_json(page: &ChunkingPage<'_>) -> String {
    pretty(&WhatIfChunkingV1::from(page))
}

/// The JSON schema of [`WhatIfChunkingV1`].
#[must_use]
pub fn whatif_chunking_schema() -> String {
    pretty(&schemars::schema_for!(WhatIfChunkingV1))
}
