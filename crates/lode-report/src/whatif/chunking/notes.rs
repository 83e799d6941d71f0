//! What the figures of chunking assume, and what is in none of them.

use std::collections::BTreeMap;

use lode_chunking::{Configuration, LeftOut, Rejection};

use super::verdict::{FEW, points};
use super::{ChunkingPage, ChunkingPrice, SkippedFile};
use crate::text::{count, short, usd, whole};
use crate::whatif::and;

/// Names or lines in a sentence; more are a number.
const MOST: usize = 3;

/// The sentences under the tables, and in JSON.
pub(super) fn notes(page: &ChunkingPage<'_>) -> Vec<String> {
    let answer = page.answer;
    let mut notes = Vec::new();
    notes.extend(measured(page));
    notes.extend(omega(page));
    notes.extend(lines("question", &answer.rejected_questions));
    notes.extend(lines("result", &answer.rejected_results));
    notes.extend(skipped(page.skipped));
    notes.extend(not_simulated(page.not_simulated));
    notes.push(
        "Tokens are those of cl100k_base, OpenAI's public byte-pair encoding: AWS publishes the tokenizer of no embedding \
         model, so the service's own chunks differ in places and counts. Files are taken as they are; markup that a parser \
         takes out counts here."
            .to_owned(),
    );
    notes.extend(strategies(page));
    notes.extend(limits(page));
    notes.extend(prices(page));
    notes.push(
        "Chunking cannot be changed on an existing data source: another configuration means a new one, with every document \
         embedded and stored again."
            .to_owned(),
    );
    notes
}

/// What recall was measured on.
fn measured(page: &ChunkingPage<'_>) -> Vec<String> {
    let Some(measured) = &page.answer.measured else { return Vec::new() };
    let mut notes: Vec<String> = measured.left_out.iter().map(left_out).collect();
    if measured.points.is_empty() {
        return notes;
    }
    if measured.questions < FEW {
        let questions = count(u64::try_from(measured.questions).unwrap_or(u64::MAX), "question", "questions");
        notes.push(format!("{questions} say little: the interval is of these, and others may be harder."));
    }
    let lost: u64 = measured.points.iter().map(|point| point.lost).max().unwrap_or_default();
    if lost > 0 {
        notes.push(format!(
            "Up to {} of a configuration and number of results could not be found in their document, and count as no answer.",
            count(lost, "result", "results")
        ));
    }
    let fewer = measured.points.iter().map(|point| point.fewer).max().unwrap_or_default();
    if fewer > 0 {
        notes.push(format!(
            "Up to {} fewer results than a row says, and count with those.",
            count(u64::try_from(fewer).unwrap_or(u64::MAX), "question has", "questions have")
        ));
    }
    notes.push(format!(
        "Recall is the share of an answer's tokens that the results hold, precision their share of the tokens of the results, \
         IoU their share of both together; a token found counts once, one that two results repeat is paid for twice. Means over \
         the questions, ± the standard deviation. Taken is the configuration with the fewest context tokens whose recall is \
         at most {} below the best (--max-recall-loss). * No other has both fewer context tokens and more recall.",
        points(page.answer.max_recall_loss)
    ));
    notes
}

fn left_out(left_out: &LeftOut) -> String {
    match left_out {
        LeftOut::FewQuestions { configuration, has, of } => {
            let number = |count: usize| whole(i128::try_from(count).unwrap_or(i128::MAX));
            format!("Left out: {configuration}, with results for {} of {} questions.", number(*has), number(*of))
        }
        LeftOut::Lost { configuration, lost, of } => format!(
            "Left out: {configuration}, of which {} of {} are not in the document that they name: are these the documents that \
             were ingested?",
            whole(i128::from(*lost)),
            count(*of, "result", "results")
        ),
    }
}

/// What omega is, where there are questions.
fn omega(page: &ChunkingPage<'_>) -> Option<String> {
    (page.answer.questions > 0).then(|| {
        let asked = count(u64::try_from(page.answer.questions).unwrap_or(u64::MAX), "question", "questions");
        let mark = if page.answer.measured.is_some() { "" } else { " * No other has both shorter results and a higher omega." };
        format!(
            "Omega is the precision were every chunk found that holds a token of the answer, and no other: the mean over \
             {asked}. It takes retrieval as perfect, so it favours small chunks; it is no recall.{mark}"
        )
    })
}

/// Lines that cannot be used, by reason.
fn lines(what: &str, rejected: &[Rejection]) -> Option<String> {
    let mut by: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for rejection in rejected {
        by.entry(rejection.why).or_default().push(rejection.line);
    }
    let reason = |(why, lines): (&lode_chunking::Why, &Vec<u64>)| {
        let first: Vec<String> = lines.iter().take(MOST).map(|line| whole(i128::from(*line))).collect();
        let more = lines.len().saturating_sub(MOST);
        let more = if more > 0 {
            format!(" and {} more", whole(i128::try_from(more).unwrap_or(i128::MAX)))
        } else {
            String::new()
        };
        let word = if lines.len() == 1 { "line" } else { "lines" };
        format!("{} ({word} {}{more})", why.words(), first.join(", "))
    };
    let all = u64::try_from(rejected.len()).unwrap_or(u64::MAX);
    let many = format!("{what}s");
    (all > 0).then(|| {
        let reasons: Vec<String> = by.iter().map(reason).collect();
        format!(
            "Left out: {}: {}.",
            count(all, &format!("line of {many}"), &format!("lines of {many}")),
            reasons.join("; ")
        )
    })
}

/// Files that are no documents, by reason.
fn skipped(files: &[SkippedFile]) -> Option<String> {
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        by.entry(file.why).or_default().push(&file.path);
    }
    let reason = |(why, files): (&&str, &Vec<&str>)| {
        let first: Vec<String> = files.iter().take(MOST).map(|file| short(file, 80)).collect();
        let more = files.len().saturating_sub(MOST);
        let more = if more > 0 {
            format!(" and {} more", whole(i128::try_from(more).unwrap_or(i128::MAX)))
        } else {
            String::new()
        };
        format!("{why} ({}{more})", first.join(", "))
    };
    let all = u64::try_from(files.len()).unwrap_or(u64::MAX);
    (all > 0).then(|| {
        let reasons: Vec<String> = by.iter().map(reason).collect();
        format!("Skipped: {}: {}.", count(all, "file", "files"), reasons.join("; "))
    })
}

fn not_simulated(strategies: &[&str]) -> Option<String> {
    let names: Vec<String> = strategies.iter().map(|strategy| (*strategy).to_owned()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Not simulated: {}. Its boundaries follow from an embedding model, which is not called here.",
            and(&names)
        )
    })
}

/// How the strategies shown cut.
fn strategies(page: &ChunkingPage<'_>) -> Vec<String> {
    let has = |fits: fn(&Configuration) -> bool| page.answer.figures.iter().any(|figures| fits(&figures.configuration));
    let mut notes = Vec::new();
    if has(|configuration| matches!(configuration, Configuration::Default)) {
        notes.push(
            "Default approximates AWS' default chunking: whole sentences, packed up to 300 tokens; how AWS tells sentences is not \
             published."
                .to_owned(),
        );
    }
    if has(|configuration| matches!(configuration, Configuration::Fixed { overlap_percent: 0, .. })) {
        notes.push("A knowledge base takes an overlap of 1 to 99 %: 0 % is set as 1 %.".to_owned());
    }
    if has(|configuration| matches!(configuration, Configuration::Hierarchical { .. })) {
        notes.push(
            "Hierarchical: children are found, and parents put into the prompt, each once; context tokens are the most that \
             so many results come to."
                .to_owned(),
        );
    }
    if has(|configuration| matches!(configuration, Configuration::Recursive { .. })) {
        notes.push(
            "Recursive is LangChain's RecursiveCharacterTextSplitter with lengths in tokens; a knowledge base needs a Lambda \
             function for it."
                .to_owned(),
        );
    }
    notes
}

/// Chunks longer than the embedding model takes.
fn limits(page: &ChunkingPage<'_>) -> Option<String> {
    let price = page.embedding?;
    let most = price.most_tokens?;
    let longer =
        |configuration: &Configuration| configuration.max_tokens().is_some_and(|tokens| u64::from(tokens) > most);
    let over: Vec<String> = page
        .answer
        .figures
        .iter()
        .map(|figures| figures.configuration)
        .filter(longer)
        .map(|configuration| configuration.to_string())
        .collect();
    (!over.is_empty()).then(|| {
        let first: Vec<String> = over.iter().take(MOST).cloned().collect();
        let more = if over.len() > MOST { " and more" } else { "" };
        format!("{} takes {} tokens: {}{more} would be cut off.", price.model, whole(i128::from(most)), and(&first))
    })
}

/// Whose prices count.
fn prices(page: &ChunkingPage<'_>) -> Option<String> {
    let of = |price: &ChunkingPrice| {
        format!("{} per million input tokens of {}", usd(price.input.per(1_000_000)), price.model)
    };
    let mut words = Vec::new();
    words.extend(page.context.map(|(_, price)| format!("{} for context", of(price))));
    words.extend(page.embedding.map(|price| format!("{} for embedding", of(price))));
    (!words.is_empty()).then(|| {
        format!(
            "List prices in {} as of {}: {}; discounts and prompt caching are not in them.",
            short(page.region.as_str(), 40),
            page.prices_as_of,
            and(&words)
        )
    })
}
