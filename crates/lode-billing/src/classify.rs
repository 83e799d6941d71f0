//! What a row of the bill means, from the names it carries: a small engine over the tables of `tables`.
//!
//! Pure text in, plain values out: no amounts, no units, no catalogue. The order of the rules is the point:
//! capacity before tokens (`ModelUnits` rows hold no direction), named features before tokens
//! (`CustomizationTokenCount`), cache before input (`cache-read-input-token-count` holds both words).

mod seller;
mod shape;
mod tokens;

use std::sync::Arc;

use lode_model::{BilledAs, BillingSource, Class, ContextBand, Endpoint, Layer, Mode, Region, Routing, Term};
use memchr::memmem;

use crate::tables::{EDITIONS, EMBEDDING, GEOGRAPHIES, NAMED_RULES, NamedRule, POLICIES, Reading, TERMS};
use seller::said;
use shape::{Shape, Squeezed, contains_ignoring_case, find, find_ignoring_case, split_model};
use tokens::{token_meaning, tokens_in};

pub(crate) use seller::is_serverless;
pub(crate) use shape::{has_marketplace_form, has_unknown_prefix};

/// The names a row carries. An empty text, `NULL` and `None` all mean "not said".
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// `bill_billing_entity`; `None` for FOCUS, which has no such column.
    pub entity: Option<&'a str>,
    /// `line_item_product_code`; FOCUS `x_ServiceCode`.
    pub product_code: &'a str,
    /// The product's name: `product['product_name']`.
    pub product_name: Option<&'a str>,
    /// `line_item_usage_type`; FOCUS `x_UsageType` or `SkuMeter`, with or without its region prefix.
    pub usage_type: &'a str,
    /// `line_item_resource_id`; FOCUS `ResourceId`.
    pub resource: Option<&'a str>,
    /// `line_item_operation`; FOCUS `x_Operation`.
    pub operation: Option<&'a str>,
    /// FOCUS `PublisherName`, else `InvoiceIssuerName`: who made what is billed.
    pub publisher: Option<&'a str>,
    /// FOCUS `ServiceName`, or Cost Explorer's name of the service ("Amazon Bedrock Service").
    pub service_name: Option<&'a str>,
    /// Whether the row's resource is a store that a knowledge base of the inventory uses.
    pub knowledge_base_store: bool,
}

/// Says what a row is: who sells it, the region its usage type names, and what is metered. `None` for rows that
/// are neither Bedrock nor a vector store beside it.
#[must_use]
pub fn classify(row: &Named<'_>) -> Option<(BillingSource, Option<Region>, BilledAs)> {
    let source = seller::source_of(row)?;
    let (region, billed_as) = meaning(row, source);
    Some((source, region, billed_as))
}

fn meaning(row: &Named<'_>, source: BillingSource) -> (Option<Region>, BilledAs) {
    let shape = Shape::of(row.usage_type);
    let squeezed = Squeezed::of(shape.dimension);
    let (mut billed_as, text_model) = if source == BillingSource::Beside {
        (vector_store(shape.dimension), None)
    } else if let Some((rule, at)) = NAMED_RULES.iter().find_map(|rule| {
        let at = find(rule, shape.dimension, &squeezed)?;
        Some((rule, at))
    }) {
        named(rule, at, &shape, &squeezed)
    } else {
        let (model, kind) = split_model(shape.dimension);
        let kind_squeezed = Squeezed::of(kind);
        match tokens_in(&kind_squeezed.text) {
            Some(tokens) => (token_meaning(tokens, &kind_squeezed.text, shape.dimension), model_text(model)),
            None => (plain(Layer::Unclassified, shape.dimension), None),
        }
    };
    if find_ignoring_case(shape.dimension, MANTLE).is_some() && source != BillingSource::Beside {
        billed_as.endpoint = Endpoint::Mantle;
    }
    if !matches!(billed_as.layer, Layer::Guardrails | Layer::VectorStore) {
        billed_as.model =
            row.resource.and_then(model_in).or(text_model).map(Arc::from).or_else(|| model_of_names(row, source));
    }
    settle_layer(&mut billed_as, row, source, &squeezed.text);
    (shape.region, billed_as)
}

/// The mark of the `bedrock-mantle` endpoint in a usage type.
const MANTLE: &str = "-mantle-";

/// Embeddings are known by their names, and AgentCore has no unclassified usage: all of it is features.
fn settle_layer(billed_as: &mut BilledAs, row: &Named<'_>, source: BillingSource, squeezed: &str) {
    let named = |text: &str| EMBEDDING.iter().any(|word| contains_ignoring_case(text, word));
    let embeds = named(squeezed)
        || billed_as.model.as_deref().is_some_and(named)
        || [row.product_name, row.service_name].into_iter().flatten().any(|name| contains_ignoring_case(name, "embed"));
    match billed_as.layer {
        Layer::Inference | Layer::Unclassified if embeds => billed_as.layer = Layer::Embedding,
        // Images and seconds that an embedding model takes in; searches of a reranker stay a feature.
        Layer::Other if embeds && !squeezed.contains("searchunit") => billed_as.layer = Layer::Embedding,
        Layer::Unclassified if source == BillingSource::AmazonBedrockAgentCore => billed_as.layer = Layer::Other,
        _ => {}
    }
}

pub(crate) fn plain(layer: Layer, name: &str) -> BilledAs {
    BilledAs {
        layer,
        class: Class::Other(name.into()),
        mode: Mode::Standard,
        routing: Routing::Regional,
        band: ContextBand::Standard,
        model: None,
        custom: false,
        endpoint: Endpoint::Runtime,
    }
}

/// OpenSearch Serverless has classes of its own, and list prices with them; every other store is named by what
/// its service meters.
fn vector_store(dimension: &str) -> BilledAs {
    let class = if contains_ignoring_case(dimension, "SearchOCU") {
        Class::SearchOcuHour
    } else if contains_ignoring_case(dimension, "IndexingOCU") {
        Class::IndexingOcuHour
    } else if contains_ignoring_case(dimension, "StorageUsedInS3ByteHour") {
        Class::StoreGbMonth
    } else {
        Class::Other(dimension.into())
    };
    BilledAs { class, ..plain(Layer::VectorStore, dimension) }
}

/// What a named rule makes of a dimension, and the model in front of the matched words.
fn named<'a>(rule: &NamedRule, at: usize, shape: &Shape<'a>, squeezed: &Squeezed) -> (BilledAs, Option<&'a str>) {
    let dimension = shape.dimension;
    let text = &squeezed.text;
    // Dimensions of the Marketplace never hold the model's name.
    let names_model = rule.model_before && !shape.says_marketplace && dimension.contains('-');
    let model = names_model.then(|| model_text(dimension.get(..at))).flatten();
    let billed_as = match rule.reading {
        Reading::Named(layer) => BilledAs { routing: tokens::routing_in(text), ..plain(layer, dimension) },
        Reading::Guardrail => {
            let known = POLICIES.iter().find(|(word, _)| text.contains(word));
            let plain = plain(Layer::Guardrails, dimension);
            let class = known.map_or_else(|| plain.class.clone(), |(_, policy)| Class::GuardrailUnit(*policy));
            BilledAs { class, ..plain }
        }
        Reading::Custom => {
            let plain = plain(Layer::CustomModels, dimension);
            let class = match (text.contains("custommodelimport"), text.contains("storage")) {
                (true, true) => Class::ImportStorageMonth,
                (true, false) if text.contains("inference") => Class::ImportUnitMinute,
                (false, true) => Class::ModelStorageMonth,
                _ => plain.class.clone(),
            };
            BilledAs { class, custom: true, ..plain }
        }
        Reading::ProvisionedThroughput => provisioned(dimension, from(text, "provisionedthroughput")),
        Reading::Reserved => {
            let global = model.is_some_and(|_| ends_in(dimension.get(..at), "global"));
            let reserved = reserved(dimension, from(text, "reserved"));
            if global { BilledAs { routing: Routing::Global, ..reserved } } else { reserved }
        }
    };
    (billed_as, if rule.reading == Reading::Reserved { model.map(without_geography) } else { model })
}

/// The text from a word on; all of it where the word is not there.
fn from<'a>(text: &'a str, word: &str) -> &'a str {
    text.find(word).and_then(|at| text.get(at..)).unwrap_or(text)
}

/// Whether the text in front of a match ends in a word, dashes and underscores aside.
fn ends_in(text: Option<&str>, word: &str) -> bool {
    model_text(text).is_some_and(|text| text.rsplit(['-', '_']).next().is_some_and(|w| w.eq_ignore_ascii_case(word)))
}

/// `anthropic.claude-opus-5-5-global`, where routing stands before the term, without it.
fn without_geography(model: &str) -> &str {
    match model.rsplit_once('-') {
        Some((before, last)) if ["geo", "global"].iter().any(|word| last.eq_ignore_ascii_case(word)) => {
            model_text(Some(before)).unwrap_or(model)
        }
        _ => model,
    }
}

fn provisioned(dimension: &str, squeezed: &str) -> BilledAs {
    let class = term_in(squeezed).map_or_else(|| Class::Other(dimension.into()), Class::ModelUnitHour);
    BilledAs {
        class,
        mode: Mode::Provisioned,
        custom: squeezed.contains("custom"),
        ..plain(Layer::Capacity, dimension)
    }
}

fn reserved(dimension: &str, squeezed: &str) -> BilledAs {
    let class = match (term_in(squeezed), squeezed.contains("input"), squeezed.contains("output")) {
        (Some(term @ (Term::OneMonth | Term::ThreeMonths)), true, false) => Class::ReservedInputTpmHour(term),
        (Some(term @ (Term::OneMonth | Term::ThreeMonths)), false, true) => Class::ReservedOutputTpmHour(term),
        _ => Class::Other(dimension.into()),
    };
    let routing = tokens::routing_in(squeezed);
    BilledAs { class, mode: Mode::Reserved, routing, ..plain(Layer::Capacity, dimension) }
}

fn term_in(squeezed: &str) -> Option<Term> {
    TERMS.iter().find(|(word, _)| squeezed.contains(word)).map(|(_, term)| *term)
}

/// A model's name in a usage type, without the marks around it.
fn model_text(text: Option<&str>) -> Option<&str> {
    let trimmed = text?.trim_matches(['-', '_', ' ']);
    let bare = shape::strip_end(trimmed, "-mantle").unwrap_or(trimmed).trim_end_matches(['-', '_', ' ']);
    (!bare.is_empty()).then_some(bare)
}

/// The model in an ARN of a foundation model or of a system inference profile. An application inference profile's
/// ARN names no model.
pub(crate) fn model_in(resource: &str) -> Option<&str> {
    for (kind, is_profile) in [("foundation-model/", false), ("inference-profile/", true)] {
        let Some(at) = memmem::find(resource.as_bytes(), kind.as_bytes()) else { continue };
        if at > 0 && !matches!(resource.as_bytes().get(at - 1), Some(b':' | b'/')) {
            continue;
        }
        let id = resource[at + kind.len()..].split('/').next().unwrap_or_default().trim();
        let model = match id.split_once('.') {
            Some((geography, model)) if is_profile && GEOGRAPHIES.contains(&geography) => model,
            _ => id,
        };
        if !model.is_empty() {
            return Some(model);
        }
    }
    None
}

/// The model that a product or service is named after: `Claude Sonnet 4.5 (Amazon Bedrock Edition)`.
fn model_of_names(row: &Named<'_>, source: BillingSource) -> Option<Arc<str>> {
    [row.product_name, row.service_name].into_iter().filter_map(said).find_map(|name| model_of_product(name, source))
}

/// A product's name without its suffix. Names without one say a model only on rows of AWS Marketplace.
fn model_of_product(name: &str, source: BillingSource) -> Option<Arc<str>> {
    let edition = EDITIONS.iter().find_map(|suffix| find_ignoring_case(name, suffix));
    let end = edition.or((source == BillingSource::AwsMarketplace).then_some(name.len()))?;
    let model = name.get(..end)?.trim_end_matches([' ', '(', '-', ',']).trim();
    (!model.is_empty()).then(|| model.into())
}

#[cfg(test)]
mod tests;
