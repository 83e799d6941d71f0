//! Every usage type that AWS' documents, price lists and published bills show, and what it must mean.

mod examples;
mod properties;
mod recipes;
mod sellers;

use lode_model::{BilledAs, ContextBand, Endpoint, Layer, Mode, Routing};

use super::*;

pub(super) const N: (&str, &str) = ("AWS", "AmazonBedrock");
pub(super) const S: (&str, &str) = ("AWS", "AmazonBedrockService");
pub(super) const M: (&str, &str) = ("AWS Marketplace", "4a524th30q694o538qndh9ucht");
pub(super) const A: (&str, &str) = ("AWS", "AmazonBedrockAgentCore");
pub(super) const O: (&str, &str) = ("AWS", "AmazonES");

/// Where a row without a model stands in the table.
pub(super) const NONE: &str = "-";

pub(super) fn named<'a>(world: (&'a str, &'a str), usage_type: &'a str) -> Named<'a> {
    Named {
        entity: Some(world.0),
        product_code: world.1,
        product_name: (world == M).then_some("Claude Sonnet 4.6 (Amazon Bedrock Edition)"),
        usage_type,
        ..Named::default()
    }
}

pub(super) fn told(billed_as: &BilledAs) -> String {
    let mut words = format!("{} {}", billed_as.layer, billed_as.class);
    let parts = [
        (billed_as.mode != Mode::Standard, billed_as.mode.as_str()),
        (billed_as.routing == Routing::Global, "global"),
        (billed_as.band == ContextBand::Long, "long-context"),
        (billed_as.custom, "custom"),
        (billed_as.endpoint == Endpoint::Mantle, "mantle"),
    ];
    for (_, word) in parts.iter().filter(|(said, _)| *said) {
        words.push(' ');
        words.push_str(word);
    }
    words
}

#[test]
fn short_model_names_stay_whole() {
    for model in [
        "Claude2.0",
        "Claude2.1",
        "Claude3Haiku",
        "Claude3Sonnet",
        "Claude4Sonnet",
        "Claude4.5Haiku",
        "Claude4.5Sonnet",
        "Claude4.6Sonnet",
        "Claude4.6Opus",
        "NovaMicro",
        "NovaLite",
        "NovaPro",
        "NovaPremier",
        "NovaSonic",
        "Nova2.0Lite",
        "Nova2.0Pro",
        "Nova2.0Omni",
        "TitanEmbeddingV2-Text",
        "TitanText-Premier",
        "Llama3-1-70B",
        "Llama3-1-405B",
        "Llama3-2-1B",
        "Llama4-Maverick-17B",
        "MistralSmall",
        "gpt-oss-120b",
        "GPT-OSS-Safeguard-20B",
        "Gemma-3-4B-IT",
        "Qwen3-32B",
        "deepseek.v3.2",
    ] {
        // With a region prefix and, as older rows have it, without.
        for usage_type in [format!("USE1-{model}-output-tokens"), format!("{model}-output-tokens")] {
            let (_, _, billed_as) = classify(&named(N, &usage_type)).expect("Bedrock");
            assert_eq!((billed_as.model.as_deref(), billed_as.class), (Some(model), Class::Output), "{usage_type}");
        }
    }
}

#[test]
fn product_names_lose_their_suffix() {
    for (name, model) in [
        ("Claude (Amazon Bedrock Edition)", "Claude"),
        ("Claude 3 Haiku (Amazon Bedrock Edition)", "Claude 3 Haiku"),
        ("Claude 3.5 Sonnet (Amazon Bedrock Edition)", "Claude 3.5 Sonnet"),
        ("Claude 3.7 Sonnet (Amazon Bedrock Edition)", "Claude 3.7 Sonnet"),
        ("Claude Sonnet 4.5 (Amazon Bedrock Edition)", "Claude Sonnet 4.5"),
        ("Claude Opus 5.5 (Amazon Bedrock Edition)", "Claude Opus 5.5"),
        ("Claude Sonnet 5 (Amazon Bedrock Edition)", "Claude Sonnet 5"),
        ("Meta Llama 2 Chat 70B (Amazon Bedrock Edition)", "Meta Llama 2 Chat 70B"),
        ("Jamba 1.5 Large (Amazon Bedrock Edition)", "Jamba 1.5 Large"),
        ("Jurassic-2 Ultra (Amazon Bedrock Edition)", "Jurassic-2 Ultra"),
        ("Palmyra X5 (Amazon Bedrock Edition)", "Palmyra X5"),
        ("Stable Diffusion 3 Large v1.0 (Amazon Bedrock Edition)", "Stable Diffusion 3 Large v1.0"),
        ("OpenAI GPT-5.6 Terra (Amazon Bedrock Edition)", "OpenAI GPT-5.6 Terra"),
        ("Cohere Rerank v3.5 - Amazon Bedrock Edition", "Cohere Rerank v3.5"),
        ("Bedrock Something", "Bedrock Something"),
    ] {
        let row = Named { product_name: Some(name), ..named(M, "USE1-MP:USE1_InputTokenCount-Units") };
        let (_, _, billed_as) = classify(&row).expect(name);
        assert_eq!((billed_as.model.as_deref(), billed_as.layer), (Some(model), Layer::Inference), "{name}");
    }
    for name in
        ["Cohere Embed 4 Model (Amazon Bedrock Edition)", "TwelveLabs Marengo Embed 3.0 (Amazon Bedrock Edition)"]
    {
        for dimension in ["InputTokenCount", "inputVideoSecond", "InputImageCount", "Cohere_Embed_V4"] {
            let usage_type = format!("USE1-MP:USE1_{dimension}-Units");
            let row = Named { product_name: Some(name), ..named(M, &usage_type) };
            assert_eq!(classify(&row).expect(name).2.layer, Layer::Embedding, "{name} {dimension}");
        }
    }
}

#[test]
fn resources_name_the_model_before_the_text_does() {
    for (resource, model) in [
        (
            "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0",
            "anthropic.claude-3-5-sonnet-20240620-v1:0",
        ),
        (
            "arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.anthropic.claude-sonnet-4-6",
            "anthropic.claude-sonnet-4-6",
        ),
        (
            "arn:aws:bedrock:us-east-1:111111111111:inference-profile/global.anthropic.claude-sonnet-5",
            "anthropic.claude-sonnet-5",
        ),
        (
            "arn:aws-us-gov:bedrock:us-gov-west-1:111111111111:inference-profile/us-gov.amazon.nova-pro-v1:0",
            "amazon.nova-pro-v1:0",
        ),
        ("foundation-model/amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        // Only the text names the model here.
        ("arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1b2c3d4e5f6", "Claude4.6Sonnet"),
        ("arn:aws:bedrock:us-east-1:111111111111:guardrail/abc", "Claude4.6Sonnet"),
        ("arn:aws:bedrock:us-east-1:111111111111:inference-profile/", "Claude4.6Sonnet"),
        ("", "Claude4.6Sonnet"),
    ] {
        let row = Named { resource: Some(resource), ..named(S, "USE1-Claude4.6Sonnet-input-tokens") };
        let (_, _, billed_as) = classify(&row).expect("Bedrock");
        assert_eq!(billed_as.model.as_deref(), Some(model), "{resource}");
    }
}

#[test]
fn known_pitfalls() {
    for (world, usage_type, meaning, model) in [
        // A modality in the model's name says nothing about the tokens.
        (N, "USE1-acme.audio-video-9-mantle-input-tokens-standard", "inference input mantle", "acme.audio-video-9"),
        (N, "USE1-ImageWriter2-output-tokens", "inference output", "ImageWriter2"),
        // "t2i" over a word's end is no image.
        (N, "USE1-TitanText2-input-tokens", "inference input", "TitanText2"),
        // A mode in the model's name is none.
        (N, "USE1-acme.flex-1-input-tokens", "inference input", "acme.flex-1"),
        // A batch row of cache tokens is both.
        (S, "USE1-Claude4.5Haiku-cache-read-input-token-count-batch", "inference cache-read batch", "Claude4.5Haiku"),
        (M, "USE1-MP:USE1_CacheReadInputTokenCount_Batch-Units", "inference cache-read batch", "Claude Sonnet 4.6"),
        // Version digits belong to the model.
        (
            S,
            "USE1-anthropic.claude-sonnet-5-mantle-output-tokens-standard",
            "inference output mantle",
            "anthropic.claude-sonnet-5",
        ),
        (
            S,
            "USE1-anthropic.claude-opus-5-5-mantle-input-tokens-batch",
            "inference input batch mantle",
            "anthropic.claude-opus-5-5",
        ),
        // "NoCommit" is not Reserved; a second prefix of another region is still a prefix.
        (
            N,
            "USE1-NovaPro-ProvisionedThroughput-NoCommit-ModelUnits",
            "capacity model-unit-hour-no-commitment provisioned",
            "NovaPro",
        ),
        (M, "USE1-MP:EU_InputTokenCount-Units", "inference input", "Claude Sonnet 4.6"),
    ] {
        let (_, _, billed_as) = classify(&named(world, usage_type)).expect(usage_type);
        assert_eq!(told(&billed_as), meaning, "{usage_type}");
        assert_eq!(billed_as.model.as_deref(), Some(model), "{usage_type}");
    }
}

#[test]
fn nothing_panics() {
    for usage_type in [
        "-",
        "MP:",
        "USE1-MP:",
        "USE1-MP:_",
        "-Units",
        "é-input-tokens",
        "USE1-ÉÄ-mantle-",
        "-mantle-",
        "USE1--input-tokens",
        "_-_-",
    ] {
        for world in [N, M, O, A] {
            let _ = classify(&named(world, usage_type));
        }
    }
}
