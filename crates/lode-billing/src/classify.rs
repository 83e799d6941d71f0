//! What a row of the bill means, from the names it carries: a small engine over the tables of `tables`.
//!
//! Pure text in, plain values out: no amounts, no units, no catalogue. The order of the rules is the point:
//! capacity before tokens (`ModelUnits` rows hold no direction), named features before tokens
//! (`CustomizationTokenCount`), cache before input (`cache-read-input-token-count` holds both words).

use std::sync::Arc;

use lode_model::{BilledAs, BillingSource, Class, ContextBand, Layer, Mode, Region, Routing, Term, Ttl};

use crate::regions::{region_of_prefix, split_prefix};
use crate::tables::{
    EDITION, EMBEDDING, GEOGRAPHIES, LONG_CONTEXT, Look, MODALITIES, MODES, NAMED_RULES, NamedRule, OPENSEARCH,
    OPENSEARCH_SERVERLESS, PRODUCT_CODES, Reading, TERMS, TTLS,
};

/// The names a row carries. An empty text and `None` both mean "not said".
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// `bill_billing_entity`.
    pub entity: Option<&'a str>,
    /// `line_item_product_code`.
    pub product_code: &'a str,
    /// The product's name: `product['product_name']`.
    pub product_name: Option<&'a str>,
    /// `line_item_usage_type`.
    pub usage_type: &'a str,
    /// `line_item_resource_id`.
    pub resource: Option<&'a str>,
}

/// Says what a row is: who sells it, the region its usage type names, and what is metered. `None` for rows that
/// are neither Bedrock nor a vector store beside it.
#[must_use]
pub fn classify(row: &Named<'_>) -> Option<(BillingSource, Option<Region>, BilledAs)> {
    let source = source_of(row)?;
    let (region, billed_as) = meaning(row, source);
    Some((source, region, billed_as))
}

/// Who sells the row, if it belongs to Bedrock at all.
pub(crate) fn source_of(row: &Named<'_>) -> Option<BillingSource> {
    let entity = row.entity.filter(|text| !text.trim().is_empty());
    let marketplace = entity.is_some_and(|text| text.trim().eq_ignore_ascii_case("AWS Marketplace"));
    if !marketplace {
        if let Some((_, source)) = PRODUCT_CODES.iter().find(|(code, _)| is_code(row.product_code, code)) {
            return Some(*source);
        }
        if is_code(row.product_code, OPENSEARCH) {
            let ours = OPENSEARCH_SERVERLESS.iter().any(|word| row.usage_type.contains(word));
            return ours.then_some(BillingSource::Beside);
        }
        if entity.is_some() {
            return None;
        }
    }
    sold_on_marketplace(row).then_some(BillingSource::AwsMarketplace)
}

/// Whether a product code is this one, whatever its spaces and case.
fn is_code(found: &str, code: &str) -> bool {
    let squeezed = found.bytes().filter(|b| !b.is_ascii_whitespace()).map(|b| b.to_ascii_lowercase());
    squeezed.eq(code.bytes())
}

/// Whether a Marketplace row is Bedrock's: by its product name, and only where that is missing by its resource or
/// its dimension.
fn sold_on_marketplace(row: &Named<'_>) -> bool {
    if let Some(name) = row.product_name.filter(|name| !name.trim().is_empty()) {
        return contains_ignoring_case(name, "bedrock");
    }
    if row.resource.is_some_and(|resource| resource.contains(":bedrock:")) {
        return true;
    }
    let shape = Shape::of(row.usage_type);
    let squeezed = Squeezed::of(shape.dimension);
    shape.says_marketplace
        && (tokens_in(&squeezed.text).is_some()
            || NAMED_RULES.iter().any(|rule| {
                matches!(rule.reading, Reading::ProvisionedThroughput | Reading::Reserved)
                    && find(rule, shape.dimension, &squeezed).is_some()
            }))
}

/// A usage type taken apart: region prefix, Marketplace marks, and the dimension that is left.
struct Shape<'a> {
    region: Option<Region>,
    says_marketplace: bool,
    dimension: &'a str,
}

impl<'a> Shape<'a> {
    fn of(usage_type: &'a str) -> Self {
        let (prefix, mut rest) = split_prefix(usage_type.trim());
        let mut says_marketplace = false;
        if let Some(after) = rest.strip_prefix("MP:") {
            says_marketplace = true;
            // The prefix is repeated: `MP:USE1_InputTokenCount`.
            rest = match after.split_once('_') {
                Some((second, dimension)) if Some(second) == prefix || region_of_prefix(second).is_some() => dimension,
                _ => after,
            };
        }
        if let Some(before) = rest.strip_suffix("-Units") {
            says_marketplace = true;
            rest = before;
        }
        Self { region: prefix.and_then(region_of_prefix), says_marketplace, dimension: rest }
    }
}

/// Whether the usage type has a region prefix that the table does not know.
pub(crate) fn has_unknown_prefix(usage_type: &str) -> bool {
    split_prefix(usage_type.trim()).0.is_some_and(|prefix| region_of_prefix(prefix).is_none())
}

/// Whether the usage type has one of the forms of AWS Marketplace, whose quantities are millions.
pub(crate) fn has_marketplace_form(usage_type: &str) -> bool {
    Shape::of(usage_type).says_marketplace
}

fn meaning(row: &Named<'_>, source: BillingSource) -> (Option<Region>, BilledAs) {
    let shape = Shape::of(row.usage_type);
    let squeezed = Squeezed::of(shape.dimension);
    // Dimensions of the Marketplace never hold the model's name.
    let dimension_only =
        shape.says_marketplace || source == BillingSource::AwsMarketplace || !shape.dimension.contains('-');
    let (mut billed_as, text_model) = if source == BillingSource::Beside {
        (vector_store(shape.dimension), None)
    } else if let Some((rule, at)) = NAMED_RULES.iter().find_map(|rule| {
        let at = find(rule, shape.dimension, &squeezed)?;
        Some((rule, at))
    }) {
        let model = (rule.model_before && !dimension_only).then(|| model_text(shape.dimension.get(..at))).flatten();
        (named(rule.reading, shape.dimension, &squeezed.text), model)
    } else {
        let (model, kind) = if dimension_only { (None, shape.dimension) } else { split_model(shape.dimension) };
        let kind_squeezed = Squeezed::of(kind);
        match tokens_in(&kind_squeezed.text) {
            Some(tokens) => (token_meaning(tokens, &kind_squeezed.text, shape.dimension), model_text(model)),
            None => (plain(Layer::Unclassified, shape.dimension), None),
        }
    };
    if !matches!(billed_as.layer, Layer::Guardrails | Layer::VectorStore) {
        billed_as.model = model_of_resource(row.resource).or(text_model.map(Arc::from)).or_else(|| {
            row.product_name.filter(|_| source == BillingSource::AwsMarketplace).and_then(model_of_product)
        });
    }
    settle_layer(&mut billed_as, row, source, &squeezed.text);
    (shape.region, billed_as)
}

/// Embeddings are known by their names, and AgentCore has no unclassified usage: all of it is features.
fn settle_layer(billed_as: &mut BilledAs, row: &Named<'_>, source: BillingSource, squeezed: &str) {
    let named = |text: &str| EMBEDDING.iter().any(|word| contains_ignoring_case(text, word));
    let embeds = named(squeezed)
        || billed_as.model.as_deref().is_some_and(named)
        || row.product_name.is_some_and(|name| contains_ignoring_case(name, "embed"));
    match billed_as.layer {
        Layer::Inference | Layer::Unclassified if embeds => billed_as.layer = Layer::Embedding,
        // Images and seconds that an embedding model takes in; searches of a reranker stay a feature.
        Layer::Other if embeds && !squeezed.contains("searchunits") => billed_as.layer = Layer::Embedding,
        Layer::Unclassified if source == BillingSource::AmazonBedrockAgentCore => billed_as.layer = Layer::Other,
        _ => {}
    }
}

fn plain(layer: Layer, name: &str) -> BilledAs {
    BilledAs {
        layer,
        class: Class::Other(name.into()),
        mode: Mode::Standard,
        routing: Routing::Regional,
        band: ContextBand::Standard,
        model: None,
        custom: false,
    }
}

fn vector_store(dimension: &str) -> BilledAs {
    let class = if dimension.contains("SearchOCU") {
        Class::SearchOcuHour
    } else if dimension.contains("IndexingOCU") {
        Class::IndexingOcuHour
    } else {
        Class::StoreGbMonth
    };
    BilledAs { class, ..plain(Layer::VectorStore, dimension) }
}

fn named(reading: Reading, dimension: &str, squeezed: &str) -> BilledAs {
    let routing = routing_in(squeezed);
    match reading {
        Reading::Named(layer) => BilledAs { routing, ..plain(layer, dimension) },
        Reading::Custom => BilledAs { custom: true, ..plain(Layer::CustomModels, dimension) },
        Reading::ProvisionedThroughput => {
            let after = squeezed.find("provisionedthroughput").map_or(squeezed, |at| &squeezed[at..]);
            let as_billed = BilledAs {
                mode: Mode::Provisioned,
                custom: after.contains("custom"),
                ..plain(Layer::Capacity, dimension)
            };
            match term_in(squeezed) {
                Some(term) => BilledAs { class: Class::ModelUnitHour(term), ..as_billed },
                None => as_billed,
            }
        }
        Reading::Reserved => {
            let after = squeezed.find("reserved").map_or(squeezed, |at| &squeezed[at..]);
            let class = match (term_in(after), after.contains("input"), after.contains("output")) {
                (Some(term @ (Term::OneMonth | Term::ThreeMonths)), true, false) => Class::ReservedInputTpmHour(term),
                (Some(term @ (Term::OneMonth | Term::ThreeMonths)), false, true) => Class::ReservedOutputTpmHour(term),
                _ => Class::Other(dimension.into()),
            };
            BilledAs { class, mode: Mode::Reserved, routing, ..plain(Layer::Capacity, dimension) }
        }
    }
}

fn term_in(squeezed: &str) -> Option<Term> {
    TERMS.iter().find(|(word, _)| squeezed.contains(word)).map(|(_, term)| *term)
}

fn routing_in(squeezed: &str) -> Routing {
    if squeezed.contains("global") { Routing::Global } else { Routing::Regional }
}

/// What kind of tokens a squeezed dimension counts.
enum Tokens {
    Text(Class),
    /// Tokens of another modality, priced apart.
    Apart,
}

/// Cache before input: cache kinds hold the word "input" too.
fn tokens_in(squeezed: &str) -> Option<Tokens> {
    if !squeezed.contains("token") {
        return None;
    }
    let class = if squeezed.contains("cacheread") {
        Class::CacheRead
    } else if let Some(at) = squeezed.find("cachewrite") {
        let after = &squeezed[at..];
        let ttl = TTLS.iter().find(|(word, _)| after.contains(word)).map_or(Ttl::FiveMinutes, |(_, ttl)| *ttl);
        Class::CacheWrite(ttl)
    } else if squeezed.contains("input") {
        Class::Input
    } else if squeezed.contains("output") {
        Class::Output
    } else {
        return None;
    };
    let apart = MODALITIES.iter().any(|modality| {
        squeezed.match_indices(modality).any(|(at, word)| {
            let (before, after) = (&squeezed[..at], &squeezed[at + word.len()..]);
            before.ends_with("input")
                || before.ends_with("output")
                || ["input", "output", "token"].iter().any(|beside| after.starts_with(beside))
        })
    });
    Some(if apart { Tokens::Apart } else { Tokens::Text(class) })
}

fn token_meaning(tokens: Tokens, kind: &str, dimension: &str) -> BilledAs {
    BilledAs {
        mode: MODES.iter().find(|(word, _)| kind.contains(word)).map_or(Mode::Standard, |(_, mode)| *mode),
        routing: routing_in(kind),
        band: if LONG_CONTEXT.iter().any(|word| kind.contains(word)) {
            ContextBand::Long
        } else {
            ContextBand::Standard
        },
        custom: kind.contains("custommodel"),
        class: match tokens {
            Tokens::Text(class) => class,
            Tokens::Apart => Class::Other(dimension.into()),
        },
        ..plain(Layer::Inference, dimension)
    }
}

/// Splits `Claude4.6Sonnet-cache-read-input-token-count-batch` before its direction, and mantle forms at their
/// mark. Words are compared whole, so that a model may be called anything.
fn split_model(dimension: &str) -> (Option<&str>, &str) {
    if let Some((model, kind)) = dimension.split_once("-mantle-") {
        return (Some(model), kind);
    }
    let mut at = 0;
    let mut last_word: Option<(usize, &str)> = None;
    for word in dimension.split('-') {
        if ["cache", "input", "output"].contains(&word) && dimension[at..].contains("token") {
            // `NovaSonic-speech-input-tokens`: the modality belongs to the direction. Lower case only: the
            // "Text" of `TitanEmbeddingV2-Text-input-tokens` is the model's.
            let start = match last_word {
                Some((start, before)) if before == "text" || MODALITIES.contains(&before) => start,
                _ => at,
            };
            return (Some(&dimension[..start]), &dimension[start..]);
        }
        last_word = Some((at, word));
        at += word.len() + 1;
    }
    (None, dimension)
}

fn model_text(text: Option<&str>) -> Option<&str> {
    text.map(|text| text.trim_matches(['-', '_', ' '])).filter(|text| !text.is_empty())
}

/// The model in an ARN of a foundation model or of a system inference profile. An application inference profile's
/// ARN names no model.
fn model_of_resource(resource: Option<&str>) -> Option<Arc<str>> {
    let resource = resource?;
    for (kind, is_profile) in [("foundation-model/", false), ("inference-profile/", true)] {
        let Some(at) = resource.find(kind) else { continue };
        if at > 0 && !matches!(resource.as_bytes().get(at - 1), Some(b':' | b'/')) {
            continue;
        }
        let id = resource[at + kind.len()..].split('/').next().unwrap_or_default().trim();
        let model = match id.split_once('.') {
            Some((geography, model)) if is_profile && GEOGRAPHIES.contains(&geography) => model,
            _ => id,
        };
        if !model.is_empty() {
            return Some(model.into());
        }
    }
    None
}

/// `Claude Sonnet 4.5 (Amazon Bedrock Edition)` without its suffix.
fn model_of_product(name: &str) -> Option<Arc<str>> {
    let lower = name.to_ascii_lowercase();
    let end = lower.find(EDITION).unwrap_or(name.len());
    let model = name.get(..end)?.trim_end_matches([' ', '(', '-', ',']).trim();
    (!model.is_empty()).then(|| model.into())
}

/// A text in lower case without dashes and underscores, with the way back.
struct Squeezed {
    text: String,
    /// Byte position in the original of each byte of `text`.
    origin: Vec<usize>,
}

impl Squeezed {
    fn of(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len());
        for (at, c) in original.char_indices().filter(|(_, c)| !matches!(c, '-' | '_')) {
            text.push(c.to_ascii_lowercase());
            origin.resize(text.len(), at);
        }
        Self { text, origin }
    }
}

/// Where in the original dimension a rule's words are found.
fn find(rule: &NamedRule, dimension: &str, squeezed: &Squeezed) -> Option<usize> {
    rule.words.iter().find_map(|word| match rule.look {
        Look::Exactly => dimension.find(word),
        Look::Anywhere => squeezed.text.find(word).and_then(|at| squeezed.origin.get(at).copied()),
        // The matched words are the model's name themselves; it ends at the next dash.
        Look::Start => squeezed.text.starts_with(word).then(|| dimension.find('-').unwrap_or(dimension.len())),
    })
}

fn contains_ignoring_case(text: &str, lower: &str) -> bool {
    text.as_bytes().windows(lower.len()).any(|window| window.eq_ignore_ascii_case(lower.as_bytes()))
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
