//! Every form in which AWS writes a model's name.

use lode_prices::Catalogue;

fn resolve(name: &str) -> Option<&'static str> {
    Catalogue::builtin().resolve(name).map(|model| model.id.as_str())
}

#[test]
fn every_id_alias_and_profile_is_its_model() {
    for model in Catalogue::builtin().models() {
        let id = model.id.as_str();
        assert_eq!(resolve(id), Some(id));
        for alias in &model.aliases {
            assert_eq!(resolve(alias), Some(id), "{alias}");
        }
        for prefix in ["us", "eu", "apac", "jp", "au", "us-gov", "global"] {
            assert_eq!(resolve(&format!("{prefix}.{id}")), Some(id));
        }
        assert_eq!(resolve(&format!("arn:aws:bedrock:us-east-1::foundation-model/{id}")), Some(id));
        let profile = format!("arn:aws:bedrock:eu-west-1:111111111111:inference-profile/eu.{id}");
        assert_eq!(resolve(&profile), Some(id));
    }
}

#[test]
fn every_name_of_the_price_list_is_its_model() {
    for model in Catalogue::builtin().models() {
        let id = model.id.as_str();
        for name in model.price_list_names.iter().chain([&model.name]) {
            assert_eq!(resolve(name), Some(id), "{name}");
            assert_eq!(resolve(&format!("{name} (Amazon Bedrock Edition)")), Some(id), "{name}");
        }
    }
}

#[test]
fn short_names_of_usage_types() {
    // Billing facts, section 4.1 and 4.5; read until 2026-10.
    let known = [
        ("Claude2.1", "anthropic.claude-v2:1"),
        ("Claude3Haiku", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("Claude3Sonnet", "anthropic.claude-3-sonnet-20240229-v1:0"),
        ("Claude3-5Haiku", "anthropic.claude-3-5-haiku-20241022-v1:0"),
        ("Claude4Sonnet", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("Claude4.5Haiku", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("Claude4.5Sonnet", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("Claude4.6Sonnet", "anthropic.claude-sonnet-4-6"),
        ("Claude4.6Opus", "anthropic.claude-opus-4-6-v1"),
        ("NovaMicro", "amazon.nova-micro-v1:0"),
        ("NovaLite", "amazon.nova-lite-v1:0"),
        ("NovaPro", "amazon.nova-pro-v1:0"),
        ("NovaPremier", "amazon.nova-premier-v1:0"),
        ("NovaSonic", "amazon.nova-sonic-v1:0"),
        ("NovaCanvas", "amazon.nova-canvas-v1:0"),
        ("NovaReel", "amazon.nova-reel-v1:1"),
        ("Nova2.0Lite", "amazon.nova-2-lite-v1:0"),
        ("Nova2.0Pro", "amazon.nova-2-pro-preview-20251202-v1:0"),
        ("TitanEmbeddingV2-Text", "amazon.titan-embed-text-v2:0"),
        ("TitanText-Premier", "amazon.titan-text-premier-v1:0"),
        ("Llama3-1-70B", "meta.llama3-1-70b-instruct-v1:0"),
        ("Llama3-1-405B", "meta.llama3-1-405b-instruct-v1:0"),
        ("Llama3-2-1B", "meta.llama3-2-1b-instruct-v1:0"),
        ("Llama4-Maverick-17B", "meta.llama4-maverick-17b-instruct-v1:0"),
        ("MistralSmall", "mistral.mistral-small-2402-v1:0"),
        ("gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("GPT-OSS-Safeguard-20B", "openai.gpt-oss-safeguard-20b"),
        ("Gemma-3-4B-IT", "google.gemma-3-4b-it"),
        ("Qwen3-32B", "qwen.qwen3-32b-v1:0"),
        ("Qwen3-VL-235B-A22B", "qwen.qwen3-vl-235b-a22b"),
        ("deepseek.v3.2", "deepseek.v3.2"),
        ("AmazonRerank-v1", "amazon.rerank-v1:0"),
    ];
    for (name, id) in known {
        assert_eq!(resolve(name), Some(id), "{name}");
    }
    // Not in the catalogue, or the name of two versions.
    for name in ["Claude2.0", "Nova2.0Omni", "TitanImageGeneratorG1", "cohere.rerank-english-v3"] {
        assert_eq!(resolve(name), None, "{name}");
    }
}

#[test]
fn ids_of_mantle_usage_types() {
    let known = [
        ("openai.gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("qwen.qwen3-32b", "qwen.qwen3-32b-v1:0"),
        ("anthropic.claude-opus-4-8", "anthropic.claude-opus-4-8"),
        ("anthropic.claude-opus-5-5", "anthropic.claude-opus-5-5"),
        ("anthropic.claude-haiku-4-5", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("anthropic.claude-sonnet-4-5", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("openai.gpt-5.6-luna", "openai.gpt-5.6-luna"),
        ("openai.gpt-5.6-terra", "openai.gpt-5.6-terra"),
        ("xai.grok-4.3", "xai.grok-4.3"),
        ("xai.grok-4.7", "xai.grok-4.7"),
    ];
    for (name, id) in known {
        assert_eq!(resolve(name), Some(id), "{name}");
    }
}

#[test]
fn product_names_of_marketplace_rows() {
    // Billing facts, section 4.3.
    let known = [
        ("Claude 3 Haiku (Amazon Bedrock Edition)", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("Claude 3.5 Sonnet (Amazon Bedrock Edition)", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ("Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("Claude 3.7 Sonnet (Amazon Bedrock Edition)", "anthropic.claude-3-7-sonnet-20250219-v1:0"),
        ("Claude Sonnet 4.5 (Amazon Bedrock Edition)", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("Claude Sonnet 4.6 (Amazon Bedrock Edition)", "anthropic.claude-sonnet-4-6"),
        ("Claude Sonnet 5 (Amazon Bedrock Edition)", "anthropic.claude-sonnet-5"),
        ("Claude Opus 5.5 (Amazon Bedrock Edition)", "anthropic.claude-opus-5-5"),
        ("Cohere Embed 4 Model (Amazon Bedrock Edition)", "cohere.embed-v4:0"),
        ("Cohere Rerank v3.5 (Amazon Bedrock Edition)", "cohere.rerank-v3-5:0"),
        ("Jamba 1.5 Large (Amazon Bedrock Edition)", "ai21.jamba-1-5-large-v1:0"),
        ("Palmyra X5 (Amazon Bedrock Edition)", "writer.palmyra-x5-v1:0"),
        ("TwelveLabs Marengo Embed 3.0 (Amazon Bedrock Edition)", "twelvelabs.marengo-embed-3-0-v1:0"),
        ("OpenAI GPT-5.6 Terra (Amazon Bedrock Edition)", "openai.gpt-5.6-terra"),
    ];
    for (name, id) in known {
        assert_eq!(resolve(name), Some(id), "{name}");
    }
    // Generations that the catalogue has not, and the family itself.
    for name in [
        "Claude (Amazon Bedrock Edition)",
        "Meta Llama 2 Chat 70B (Amazon Bedrock Edition)",
        "Jurassic-2 Ultra (Amazon Bedrock Edition)",
        "Stable Diffusion 3 Large v1.0 (Amazon Bedrock Edition)",
    ] {
        assert_eq!(resolve(name), None, "{name}");
    }
}

#[test]
fn ids_with_less_and_with_more() {
    let known = [
        ("anthropic.claude-sonnet-4-5-20250929", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic.claude-sonnet-4-5-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("anthropic.claude-sonnet-4", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("anthropic.claude-opus-4-6-v1:0", "anthropic.claude-opus-4-6-v1"),
        ("anthropic.claude-sonnet-4-6-v1:0", "anthropic.claude-sonnet-4-6"),
        ("anthropic.claude-3-5-sonnet-20241022", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("amazon.nova-lite", "amazon.nova-lite-v1:0"),
        ("amazon.nova-lite-v1:0:300k", "amazon.nova-lite-v1:0"),
        ("US.Amazon.Nova-Lite-v1:0", "amazon.nova-lite-v1:0"),
        ("global.anthropic.claude-haiku-4-5", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("foundation-model/amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("Cohere Command R", "cohere.command-r-v1:0"),
        ("cohere.command-r-plus", "cohere.command-r-plus-v1:0"),
        ("claude-haiku-4-5", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("  Claude Sonnet 4.6 ", "anthropic.claude-sonnet-4-6"),
    ];
    for (name, id) in known {
        assert_eq!(resolve(name), Some(id), "{name}");
    }
}

#[test]
fn never_a_guess() {
    for name in [
        "",
        " ",
        "-",
        "claude",
        "anthropic.claude",
        "anthropic.claude-v2",             // Claude 2.0, not 2.1
        "anthropic.claude-v2:0",           // another version
        "anthropic.claude-3-5-sonnet",     // two versions
        "amazon.titan-embed-text",         // two versions
        "amazon.titan-image-generator-v1", // version 1 is not version 2
        "amazon.titan-image-generator-v1:0",
        "cohere.embed",
        "anthropic.claude-sonnet-6",
        "Claude Sonnet 6",
        "Claude Sonnet 6.4",
        "GPT-61 Sol",
        "us.",
        "(Amazon Bedrock Edition)",
        "arn:aws:bedrock",
        "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1b2c3d4e5f6",
        "arn:aws:bedrock:us-east-1:111111111111:custom-model/amazon.nova-lite-v1:0/a1b2c3d4e5f6",
        "arn:aws:bedrock:us-east-1:111111111111:provisioned-model/a1b2c3d4e5f6",
        "Größe 4.6 ☃",
    ] {
        assert_eq!(resolve(name), None, "{name}");
    }
}
