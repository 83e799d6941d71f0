//! Who sells a row, if it belongs to Bedrock at all: by product code or service name where AWS sells it, by
//! product name, resource, publisher with operation, or dimension where AWS Marketplace does.

use lode_model::BillingSource;

use super::Named;
use super::shape::{Shape, Squeezed, contains_ignoring_case, find, strip_start};
use super::tokens::tokens_in;
use crate::tables::{
    BEDROCK, NAMED_RULES, NOT_BEDROCK, OPENSEARCH, OPENSEARCH_INGESTION, OPENSEARCH_SERVERLESS, PRODUCT_CODES, Reading,
    STORE_CODES,
};

/// A text that says something. FOCUS samples write nulls as `NULL`.
pub(super) fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty() && *text != "NULL")
}

/// Who sells the row; `None` for rows that are not ours.
pub(super) fn source_of(row: &Named<'_>) -> Option<BillingSource> {
    let entity = said(row.entity);
    let code = said(Some(row.product_code));
    // Service names are spelled as product codes are, with spaces.
    let service = code.or(said(row.service_name)).or(said(row.product_name)).map(squeeze);
    let aws = service.as_deref().and_then(|service| sold_by_aws(row, service));
    if entity.is_some_and(|entity| entity.eq_ignore_ascii_case("AWS Marketplace")) {
        let bedrock = aws.is_some_and(|source| source != BillingSource::Beside);
        return (bedrock || sold_on_marketplace(row)).then_some(BillingSource::AwsMarketplace);
    }
    if aws.is_some() {
        return aws;
    }
    // Codes of AWS' own services; those of Marketplace products are opaque.
    let other_service = code.is_some_and(|code| ["amazon", "aws"].iter().any(|own| strip_start(code, own).is_some()));
    let other_entity = entity.is_some() && (code.is_some() || said(row.service_name).is_some());
    (!other_service && !other_entity && sold_on_marketplace(row)).then_some(BillingSource::AwsMarketplace)
}

/// In lower case, without spaces, dashes and underscores.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

/// The seller of a service of AWS, by its squeezed code or name.
fn sold_by_aws(row: &Named<'_>, service: &str) -> Option<BillingSource> {
    if let Some((_, source)) = PRODUCT_CODES.iter().find(|(code, _)| service == *code) {
        return Some(*source);
    }
    // A code that AWS may add: no filter on "Amazon Bedrock" finds it. Product names end in "edition" instead.
    if BEDROCK.iter().any(|start| service.starts_with(start)) {
        return Some(BillingSource::AmazonBedrockService);
    }
    let says = |word: &str| contains_ignoring_case(row.usage_type, word);
    let serverless = OPENSEARCH.contains(&service) && is_serverless(row.usage_type);
    let store = row.knowledge_base_store && STORE_CODES.contains(&service) && !says(OPENSEARCH_INGESTION);
    (serverless || store).then_some(BillingSource::Beside)
}

/// Whether a usage type of OpenSearch is one of its serverless collections.
pub(crate) fn is_serverless(usage_type: &str) -> bool {
    OPENSEARCH_SERVERLESS.iter().any(|word| contains_ignoring_case(usage_type, word))
}

/// Whether a Marketplace row is Bedrock's: by the name of its product or service, and only where both are missing
/// by its resource, its publisher together with its operation, or its dimension.
fn sold_on_marketplace(row: &Named<'_>) -> bool {
    let names = [said(row.product_name), said(row.service_name)];
    let texts = names.into_iter().flatten().chain([row.usage_type]);
    if texts.map(squeeze).any(|text| NOT_BEDROCK.iter().any(|word| text.contains(word))) {
        return false;
    }
    if names.iter().any(Option::is_some) {
        return names.iter().flatten().any(|name| contains_ignoring_case(name, "bedrock"));
    }
    if said(row.resource).is_some_and(|resource| resource.contains(":bedrock")) {
        return true;
    }
    let invokes = said(row.operation).is_some_and(|operation| strip_start(operation, "InvokeModel").is_some());
    said(row.publisher).is_some() && invokes || is_marketplace_dimension(row.usage_type)
}

/// Whether a usage type is one that Marketplace products of Bedrock have: tokens, or dedicated capacity.
fn is_marketplace_dimension(usage_type: &str) -> bool {
    let shape = Shape::of(usage_type);
    let squeezed = Squeezed::of(shape.dimension);
    let capacity = || {
        NAMED_RULES.iter().any(|rule| {
            matches!(rule.reading, Reading::ProvisionedThroughput | Reading::Reserved)
                && find(rule, shape.dimension, &squeezed).is_some()
        })
    };
    shape.says_marketplace && (tokens_in(&squeezed.text).is_some() || capacity())
}
