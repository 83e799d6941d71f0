//! `lode whatif chunking`.

mod documents;

use std::path::Path;

use anyhow::Context as _;
use lode_chunking::{Configuration, Questions, Retrieved, Study};
use lode_model::{AccountId, BillingSource, Class, ContextBand, Mode, ModelId, PriceKey, Region, Routing};
use lode_prices::{Catalogue, ModelInfo, ModelKind};
use lode_report::{
    ChunkingPage, ChunkingPrice, Look, whatif_chunking_json, whatif_chunking_svg, whatif_chunking_table,
};

use super::{WhatIfError, model};
use crate::args::{ChunkingArgs, StrategyArg, WhatIfFormat};
use crate::commands::write;
use crate::input::InputError;
use crate::{Exit, Shell};

/// Who embeds where nobody says: what the console of a knowledge base offers first.
const EMBEDDING: &str = "amazon.titan-embed-text-v2:0";

/// Runs `lode whatif chunking`.
pub(super) fn run(args: &ChunkingArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let catalogue = Catalogue::builtin();
    let region = Region::from(&*args.region);
    let answers = |info: &ModelInfo| info.kind != ModelKind::Embedding;
    let embeds = |info: &ModelInfo| info.kind == ModelKind::Embedding;
    let context = price_of(args.model.as_deref(), "model", answers, catalogue, &region)?;
    let embedding = match args.embedding_model.as_deref() {
        Some(name) => price_of(Some(name), "embedding-model", embeds, catalogue, &region)?,
        // Where the default has no price, there are no dollars of embedding.
        None => catalogue.resolve(EMBEDDING).and_then(|info| price(info, catalogue, &region)),
    };
    let questions = args.questions.as_deref().map(questions).transpose()?.unwrap_or_default();
    let retrieved = args.retrieved.as_deref().map(retrieved).transpose()?.unwrap_or_default();

    let mut listed = documents::list(&args.documents)?;
    let paths: Vec<String> = listed.files.keys().cloned().collect();
    let configurations = configurations(args);
    if configurations.is_empty() {
        return Err(WhatIfError::NothingToCut.into());
    }
    let results = args.results.iter().copied();
    let study = Study::new(configurations, results, &paths, questions, retrieved);
    let findings = documents::study(&mut listed, &study, shell.draws);
    if findings.is_empty() {
        let folder = args.documents.display().to_string();
        let first = listed.skipped.first().map(|file| (file.path.clone(), file.why));
        return Err(WhatIfError::no_documents(folder, listed.skipped.len(), first).into());
    }
    let answer = study.finish(findings, args.max_recall_loss);

    let semantic = args.strategy.contains(&StrategyArg::Semantic);
    let page = ChunkingPage {
        answer: &answer,
        recommendation_id: args.recommendation.as_deref(),
        in_force: args.in_force.zip(args.in_force_results),
        date: args.as_of.unwrap_or(shell.today),
        not_simulated: if semantic { &["semantic"] } else { &[] },
        skipped: &listed.skipped,
        context: args.queries.zip(context.as_ref()),
        embedding: embedding.as_ref(),
        region: &region,
        prices_as_of: catalogue.as_of(),
    };
    if let Some(file) = &args.svg {
        std::fs::write(file, whatif_chunking_svg(&page)).with_context(|| {
            format!("cannot write the picture to {}; help: check the path and the disk", file.display())
        })?;
    }
    let look = Look { colour: shell.look.colour && args.output.is_none(), ..shell.look };
    let text = match args.format {
        WhatIfFormat::Table => whatif_chunking_table(&page, look),
        WhatIfFormat::Json => whatif_chunking_json(&page),
    };
    write(&text, args.output.as_deref(), shell)?;
    let lost = listed.skipped.iter().any(|file| file.why != documents::ATTRIBUTES)
        || !answer.rejected_questions.is_empty()
        || !answer.rejected_results.is_empty();
    Ok(if args.strict && lost { Exit::Rejected } else { Exit::Made })
}

/// Every size with every overlap, of the strategies asked for.
fn configurations(args: &ChunkingArgs) -> Vec<Configuration> {
    let mut all = Vec::new();
    for strategy in &args.strategy {
        match strategy {
            StrategyArg::Default => all.push(Configuration::Default),
            StrategyArg::None => all.push(Configuration::None),
            StrategyArg::Semantic => {}
            StrategyArg::Fixed | StrategyArg::Recursive | StrategyArg::Hierarchical => {
                for (size, percent) in
                    args.sizes.iter().flat_map(|size| args.overlaps.iter().map(|percent| (*size, *percent)))
                {
                    match strategy {
                        StrategyArg::Fixed => {
                            all.push(Configuration::Fixed { max_tokens: size, overlap_percent: percent });
                        }
                        StrategyArg::Recursive => {
                            all.push(Configuration::Recursive { max_tokens: size, overlap_percent: percent });
                        }
                        _ => all.extend(args.parents.iter().filter(|parent| size <= **parent).map(|parent| {
                            Configuration::Hierarchical { parent: *parent, child: size, overlap: size * percent / 100 }
                        })),
                    }
                }
            }
        }
    }
    all
}

/// A text file, whole.
fn text(file: &Path, flag: &'static str) -> anyhow::Result<String> {
    let unreadable = |cause| InputError::Unreadable { path: file.to_owned(), cause };
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| WhatIfError::NotText { flag, file: file.display().to_string() })?;
    Ok(text)
}

fn questions(file: &Path) -> anyhow::Result<Questions> {
    let text = text(file, "questions")?;
    let read = Questions::of(&text);
    if read.questions.is_empty() {
        let first = read.rejected.first().filter(|_| !text.trim().is_empty());
        return Err(WhatIfError::NoLines {
            flag: "questions",
            found: first.map_or_else(
                || "an empty file".to_owned(),
                |first| format!("line {}: {}", first.line, first.why.words()),
            ),
            expected: "JSON Lines of {\"question\": …, \"document\": …, \"passages\": [{\"start\": …, \"end\": …}]}, or CSV with \
                       the columns question, references and corpus_id",
        }
        .into());
    }
    Ok(read)
}

fn retrieved(file: &Path) -> anyhow::Result<Retrieved> {
    let text = text(file, "retrieved")?;
    let read = Retrieved::of(&text);
    if read.retrievals.is_empty() {
        let first = read.rejected.first().filter(|_| !text.trim().is_empty());
        return Err(WhatIfError::NoLines {
            flag: "retrieved",
            found: first.map_or_else(
                || "an empty file".to_owned(),
                |first| format!("line {}: {}", first.line, first.why.words()),
            ),
            expected: "JSON Lines of {\"configuration\": \"fixed 300, 20 %\", \"question\": …, \"retrievalResults\": […]} with \
                       items as Retrieve returns them",
        }
        .into());
    }
    Ok(read)
}

/// The price of a model that is named; it must have one.
fn price_of(
    name: Option<&str>,
    flag: &'static str,
    fits: fn(&ModelInfo) -> bool,
    catalogue: &Catalogue,
    region: &Region,
) -> anyhow::Result<Option<ChunkingPrice>> {
    let Some(name) = name else { return Ok(None) };
    let id = model(name, catalogue, fits).map_err(|error| match error {
        WhatIfError::Model { found, like } if flag == "embedding-model" => WhatIfError::EmbeddingModel { found, like },
        other => other,
    })?;
    let found = catalogue.model(&id).filter(|info| fits(info)).and_then(|info| price(info, catalogue, region));
    found
        .map(Some)
        .ok_or_else(|| WhatIfError::NoInputPrice { flag, model: id, region: region.as_str().to_owned() }.into())
}

/// What an input token costs at list price, on demand: regional, or global where that alone is sold.
fn price(info: &ModelInfo, catalogue: &Catalogue, region: &Region) -> Option<ChunkingPrice> {
    let key = |routing| PriceKey {
        account: AccountId::from(""),
        region: region.clone(),
        model: ModelId::from(info.id.as_str()),
        routing,
        mode: Mode::Standard,
        band: ContextBand::Standard,
        class: Class::Input,
        // List prices do not depend on the seller.
        source: BillingSource::AmazonBedrock,
        custom: false,
    };
    let listed = [Routing::Regional, Routing::Global];
    let list = listed.into_iter().find_map(|routing| catalogue.list_price(&key(routing)).ok())?;
    Some(ChunkingPrice { model: info.id.clone(), input: list.rate, most_tokens: info.context })
}
