//! `lode whatif chunking`: what sizes of chunks come to over documents, and which to take where recall is known.

mod notes;
mod plot;
mod svg;
mod v1;
mod verdict;

use std::fmt::Write;

use jiff::civil::Date;
use lode_chunking::{Answer, Configuration, Figures, MeasuredPoint, Totals, context_cost, embedding_cost};
use lode_model::{ModelId, Money, Rate, Region};

use super::room;
use crate::Look;
use crate::bill::{cell, draw};
use crate::text::{count, percent, whole};

pub use svg::whatif_chunking_svg;
pub use v1::{WhatIfChunkingV1, whatif_chunking_json, whatif_chunking_schema};

/// What was asked of chunking, and the answer.
#[derive(Clone, Copy, Debug)]
pub struct ChunkingPage<'a> {
    /// The answer.
    pub answer: &'a Answer,
    /// Id of the recommendation that the results decide, where it was given.
    pub recommendation_id: Option<&'a str>,
    /// Configuration and number of results in force, where given.
    pub in_force: Option<(Configuration, u32)>,
    /// The day of the answer.
    pub date: Date,
    /// Strategies asked for that are not simulated.
    pub not_simulated: &'a [&'static str],
    /// Files that are no documents, by path.
    pub skipped: &'a [SkippedFile],
    /// Queries a month, and whose input tokens pay for their context.
    pub context: Option<(u64, &'a ChunkingPrice)>,
    /// Who embeds the chunks.
    pub embedding: Option<&'a ChunkingPrice>,
    /// Region whose prices count.
    pub region: &'a Region,
    /// The day of the list prices.
    pub prices_as_of: Date,
}

/// What an input token of a model costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkingPrice {
    /// The model.
    pub model: ModelId,
    /// List price of its input tokens.
    pub input: Rate,
    /// Tokens that it takes at the most, where that is known.
    pub most_tokens: Option<u64>,
}

/// A file that is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedFile {
    /// Its path below the folder.
    pub path: String,
    /// Why, as in `no text: a byte that is not UTF-8`.
    pub why: &'static str,
}

/// Columns from which a table has more figures.
const WIDE: usize = 120;
/// Numbers of results that a narrow table and a wide one have columns for.
const NUMBERS: [usize; 2] = [3, 6];
/// Configurations that a table lists.
const MOST: usize = 60;
/// Measured points that a table lists; of more, those that no other beats.
const MOST_POINTS: usize = 40;

/// The answer, for a terminal.
#[must_use]
pub fn whatif_chunking_table(page: &ChunkingPage<'_>, look: Look) -> String {
    let mut out = String::new();
    let answer = page.answer;
    let title = format!(
        "Chunking · {} · {} of cl100k_base",
        count(answer.documents, "document", "documents"),
        count(answer.document_tokens, "token", "tokens"),
    );
    out.push_str(&look.wrap(&look.dim(&title), ""));
    out.push_str(&look.wrap(&look.strong(&verdict::verdict(answer)), ""));
    measured(&mut out, page, look);
    configurations(&mut out, answer, look);
    dollars(&mut out, page, look);
    plot::plot(&mut out, answer, look);
    out.push('\n');
    for note in notes::notes(page) {
        out.push_str(&look.wrap(&note, ""));
    }
    out
}

/// Tokens on average, as a whole number.
fn tokens(mean: f64) -> String {
    whole(format!("{mean:.0}").parse().unwrap_or_default())
}

/// `0.913`.
fn score(share: f64) -> String {
    format!("{share:.3}")
}

/// `fixed 300, 20 %, 5 results`.
fn point_name(configuration: &Configuration, results: u32) -> String {
    format!("{configuration}, {}", count(u64::from(results), "result", "results"))
}

/// A name, marked where no other beats it.
fn marked(name: String, on_frontier: bool) -> String {
    if on_frontier { format!("{name} *") } else { name }
}

/// The head of a column of so many results.
fn of_results(results: u32, wide: bool) -> String {
    if wide { format!("{results} results") } else { format!("k = {results}") }
}

/// What a retrieval found.
fn measured(out: &mut String, page: &ChunkingPage<'_>, look: Look) {
    let Some(measured) = page.answer.measured.as_ref().filter(|measured| !measured.points.is_empty()) else { return };
    let wide = look.width >= WIDE;
    let header: &[&str] = if wide {
        &["", "Context tokens", "$ a month", "Recall", "±", "Precision", "±", "IoU", "±", "Chunks"]
    } else {
        &["", "Context", "Recall", "±", "Precision", "IoU"]
    };
    let mut points: Vec<&MeasuredPoint> = measured.points.iter().collect();
    points.sort_by_key(|point| (point.context, point.configuration, point.results));
    let chosen = page.answer.recommendation.as_ref().map(|chosen| (chosen.configuration, chosen.results));
    let all = points.len();
    if all > MOST_POINTS {
        points.retain(|point| point.on_frontier || chosen == Some((point.configuration, point.results)));
        points.truncate(MOST_POINTS);
    }
    let figures = |point: &MeasuredPoint| -> Vec<String> {
        let MeasuredPoint { recall, precision, iou, .. } = point;
        if wide {
            let chunks = page.answer.of(&point.configuration).map_or(0, |figures| figures.totals.chunks);
            vec![
                tokens(point.context_tokens()),
                measured_cost(page, point).map_or_else(|| "–".to_owned(), |cost| cost.to_string()),
                score(recall.mean),
                score(recall.sd),
                score(precision.mean),
                score(precision.sd),
                score(iou.mean),
                score(iou.sd),
                whole(i128::from(chunks)),
            ]
        } else {
            vec![
                tokens(point.context_tokens()),
                score(recall.mean),
                score(recall.sd),
                score(precision.mean),
                score(iou.mean),
            ]
        }
    };
    let lines: Vec<Vec<String>> = points.iter().map(|point| figures(point)).collect();
    let room = room(header, &lines, look);
    let questions = count(u64::try_from(measured.questions).unwrap_or(u64::MAX), "question", "questions");
    let _ = writeln!(out, "\n{}", look.heading(&format!("What your retrieval found, over {questions}")));
    let records = points.iter().zip(lines).map(|(point, figures)| {
        let name = marked(point_name(&point.configuration, point.results), point.on_frontier);
        let name = if chosen == Some((point.configuration, point.results)) { format!("{name}: take") } else { name };
        std::iter::once(cell(&name, None, room)).chain(figures).collect()
    });
    draw(out, header, records, room);
    if points.len() < all {
        let more = u64::try_from(all - points.len()).unwrap_or(u64::MAX);
        let _ = writeln!(out, "  and {} that others beat, which --format json lists", whole(i128::from(more)));
    }
}

/// A month of the tokens measured.
fn measured_cost(page: &ChunkingPage<'_>, point: &MeasuredPoint) -> Option<Money> {
    let (queries, price) = page.context?;
    let questions = i128::try_from(point.questions).ok().filter(|questions| *questions > 0)?;
    Some(price.input.cost(i128::from(point.context) * i128::from(queries), questions))
}

/// What every configuration comes to.
fn configurations(out: &mut String, answer: &Answer, look: Look) {
    let wide = look.width >= WIDE;
    let numbers: Vec<u32> = answer.results.iter().take(NUMBERS[usize::from(wide)]).copied().collect();
    let asked = answer.questions > 0;
    let mut header: Vec<String> = ["", "Chunks", if wide { "Tokens each" } else { "Mean" }].map(str::to_owned).to_vec();
    if wide {
        header.extend(["Embedded tokens", "Overlap"].map(str::to_owned));
    }
    header.extend(numbers.iter().map(|number| of_results(*number, wide)));
    if asked {
        header.push("Omega".to_owned());
    }
    if asked && wide {
        header.push("±".to_owned());
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let figures = |figures: &Figures| -> Vec<String> {
        let Totals { chunks, embedded_tokens, .. } = figures.totals;
        let mut line = vec![whole(i128::from(chunks)), tokens(figures.totals.mean_chunk())];
        if wide {
            let share = figures.totals.overlap_share(answer.document_tokens);
            line.extend([whole(i128::from(embedded_tokens)), percent(share)]);
        }
        line.extend(numbers.iter().map(|number| tokens(figures.totals.context_tokens(*number))));
        let omega = figures.omega.filter(|_| asked);
        line.extend(omega.map(|omega| score(omega.mean)));
        line.extend(omega.filter(|_| wide).map(|omega| score(omega.sd)));
        line
    };
    let lines: Vec<Vec<String>> = answer.figures.iter().take(MOST).map(figures).collect();
    let room = room(&header, &lines, look);
    let _ = writeln!(out, "\n{}", look.heading("Chunks, and context tokens a query by number of results"));
    let records = answer.figures.iter().zip(lines).map(|(figures, line)| {
        // Where recall is known, its frontier counts.
        let name = marked(figures.configuration.to_string(), figures.on_frontier && answer.measured.is_none());
        std::iter::once(cell(&name, None, room)).chain(line).collect()
    });
    draw(out, &header, records, room);
    more(out, answer);
}

/// How many configurations are in no table.
fn more(out: &mut String, answer: &Answer) {
    if answer.figures.len() > MOST {
        let more = i128::try_from(answer.figures.len() - MOST).unwrap_or_default();
        let _ = writeln!(out, "  and {} more, which --format json lists", whole(more));
    }
}

/// What the tokens cost.
fn dollars(out: &mut String, page: &ChunkingPage<'_>, look: Look) {
    let answer = page.answer;
    let numbers: Vec<u32> = answer
        .results
        .iter()
        .take(NUMBERS[usize::from(look.width >= WIDE)])
        .copied()
        .filter(|_| page.context.is_some())
        .collect();
    let mut header = vec![String::new()];
    let wide = look.width >= WIDE;
    header.extend(numbers.iter().map(|number| format!("{} $", of_results(*number, wide))));
    header.extend(page.embedding.map(|_| if wide { "Embedding once $" } else { "Embedding $" }.to_owned()));
    if header.len() < 2 {
        return;
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let figures = |figures: &Figures| -> Vec<String> {
        let context = page.context.into_iter().flat_map(|(queries, price)| {
            let cost = move |number: &u32| context_cost(&figures.totals, *number, queries, price.input).to_string();
            numbers.iter().map(cost)
        });
        let once = page.embedding.map(|price| embedding_cost(&figures.totals, price.input).to_decimal(4));
        context.chain(once).collect()
    };
    let lines: Vec<Vec<String>> = answer.figures.iter().take(MOST).map(figures).collect();
    let room = room(&header, &lines, look);
    let heading = match page.context {
        Some((queries, _)) => format!("Dollars of context, a month of {}", count(queries, "query", "queries")),
        None => "Dollars of embedding".to_owned(),
    };
    let _ = writeln!(out, "\n{}", look.heading(&heading));
    let records = answer.figures.iter().zip(lines).map(|(figures, line)| {
        std::iter::once(cell(&figures.configuration.to_string(), None, room)).chain(line).collect()
    });
    draw(out, &header, records, room);
    more(out, answer);
}
