//! Every usage type that AWS' documents, price lists and published bills show, and what it must mean.

use lode_model::{BillingSource, ContextBand, Mode, Region, Routing};

use super::*;

const N: (&str, &str) = ("AWS", "AmazonBedrock");
const S: (&str, &str) = ("AWS", "AmazonBedrockService");
const M: (&str, &str) = ("AWS Marketplace", "4a524th30q694o538qndh9ucht");
const A: (&str, &str) = ("AWS", "AmazonBedrockAgentCore");
const O: (&str, &str) = ("AWS", "AmazonES");

/// Where a row without a model stands in the table.
const NONE: &str = "-";

/// World (N native, S AWS-sold, M Marketplace, A AgentCore, O OpenSearch); usage type; what it means: layer and
/// class, then whatever is not the default of mode, routing, band, custom; model.
///
/// Every usage type that our collection of public examples holds is here.
#[rustfmt::skip]
const EXAMPLES: &[((&str, &str), &str, &str, &str)] = &[
    // Tokens, short model names.
    (S, "USE1-Claude4.6Sonnet-input-tokens", "inference input", "Claude4.6Sonnet"),
    (S, "USE1-Claude4.6Sonnet-cache-read-input-token-count", "inference cache-read", "Claude4.6Sonnet"),
    (S, "USE1-Claude4.6Sonnet-cache-write-input-token-count", "inference cache-write-5m", "Claude4.6Sonnet"),
    (S, "USE1-Claude4.6Sonnet-cache-write-1h-input-token-count", "inference cache-write-1h", "Claude4.6Sonnet"),
    (S, "USE1-Claude4.6Sonnet-output-tokens-cross-region-global", "inference output global", "Claude4.6Sonnet"),
    (S, "USE1-Claude4.6Opus-input-tokens-cross-region-global", "inference input global", "Claude4.6Opus"),
    (N, "USE1-gpt-oss-120b-output-tokens-priority", "inference output priority", "gpt-oss-120b"),
    (N, "USE1-Nova2.0Lite-input-tokens-flex", "inference input flex", "Nova2.0Lite"),
    (N, "USE1-NovaMicro-cache-write-input-token-count", "inference cache-write-5m", "NovaMicro"),
    (N, "USE1-NovaLite-input-tokens", "inference input", "NovaLite"),
    (N, "USE1-Llama4-Maverick-17B-input-tokens-batch", "inference input batch", "Llama4-Maverick-17B"),
    (N, "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch", "inference input batch global", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Lite-input-tokens-cross-region-global", "inference input global", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global", "inference input priority global", "Nova2.0Pro"),
    (N, "USE1-NovaPro-input-tokens-latency-optimized", "inference input latency-optimized", "NovaPro"),
    (N, "USE1-Claude3-5Haiku-input-tokens-latency-optimized", "inference input latency-optimized", "Claude3-5Haiku"),
    (S, "USE1-Claude4Sonnet-cache-write-input-token-count-long-context-cross-region-global", "inference cache-write-5m global long-context", "Claude4Sonnet"),
    (S, "USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global", "inference input global long-context", "Claude4Sonnet"),
    (N, "USE1-deepseek.v3.2-input-tokens", "inference input", "deepseek.v3.2"),
    (N, "EU-Qwen3-VL-235B-A22B-output-tokens", "inference output", "Qwen3-VL-235B-A22B"),
    (N, "EU-TitanEmbeddingV2-Text-input-tokens", "embedding input", "TitanEmbeddingV2-Text"),
    (N, "USE1-Qwen3-32B-input-tokens-batch", "inference input batch", "Qwen3-32B"),
    (N, "USE1-Claude2.0-input-tokens", "inference input", "Claude2.0"),
    (S, "USW2-Claude4.6Sonnet-input-tokens", "inference input", "Claude4.6Sonnet"),
    (S, "USW2-Claude4.6Sonnet-output-tokens", "inference output", "Claude4.6Sonnet"),
    (S, "USW2-Claude4.6Sonnet-cache-read-input-token-count", "inference cache-read", "Claude4.6Sonnet"),
    (S, "USW2-Claude4.6Sonnet-cache-write-input-token-count", "inference cache-write-5m", "Claude4.6Sonnet"),
    // Tokens of other modalities are priced apart from text.
    (N, "USE1-NovaSonic-text-input-tokens", "inference input", "NovaSonic"),
    (N, "USE1-NovaSonic-text-output-tokens", "inference output", "NovaSonic"),
    (N, "USE1-NovaSonic-speech-input-tokens", "inference NovaSonic-speech-input-tokens", "NovaSonic"),
    (N, "USE1-NovaSonic-speech-output-tokens", "inference NovaSonic-speech-output-tokens", "NovaSonic"),
    (N, "USE1-Nova2.0Omni-input-image-token-count", "inference Nova2.0Omni-input-image-token-count", "Nova2.0Omni"),
    (N, "USE1-Nova2.0Omni-input-audio-token-count", "inference Nova2.0Omni-input-audio-token-count", "Nova2.0Omni"),
    (N, "USE1-Nova2.0Omni-input-video-token-count", "inference Nova2.0Omni-input-video-token-count", "Nova2.0Omni"),
    (N, "USE1-Nova2.0Omni-output-image-token-count", "inference Nova2.0Omni-output-image-token-count", "Nova2.0Omni"),
    // Tokens, mantle form.
    (N, "USE1-openai.gpt-oss-120b-mantle-input-tokens-standard", "inference input", "openai.gpt-oss-120b"),
    (N, "USE1-qwen.qwen3-32b-mantle-input-tokens-flex", "inference input flex", "qwen.qwen3-32b"),
    (N, "USE1-qwen.qwen3-32b-mantle-input-tokens-batch", "inference input batch", "qwen.qwen3-32b"),
    (N, "USE1-xai.grok-4.3-mantle-input-tokens-standard", "inference input", "xai.grok-4.3"),
    (S, "USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard", "inference input global", "anthropic.claude-opus-4-8"),
    (S, "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-standard", "inference cache-write-5m", "anthropic.claude-opus-4-8"),
    (S, "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global-standard", "inference cache-write-5m global", "anthropic.claude-opus-4-8"),
    (S, "USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-1h-standard", "inference cache-write-1h", "anthropic.claude-haiku-4-5"),
    (S, "USE1-anthropic.claude-haiku-4-5-mantle-cache-read-tokens-standard", "inference cache-read", "anthropic.claude-haiku-4-5"),
    (N, "USE1-openai.gpt-5.6-luna-mantle-cache-write-tokens-5m-long-ctx-flex", "inference cache-write-5m flex long-context", "openai.gpt-5.6-luna"),
    (N, "UGW1-openai.gpt-5.6-terra-mantle-cache-write-tokens-30m-long-ctx-standard", "inference cache-write-30m long-context", "openai.gpt-5.6-terra"),
    // Tokens, Marketplace: camel.
    (M, "USW2-MP:USW2_InputTokenCount-Units", "inference input", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_InputTokenCount-Units", "inference input", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_InputTokenCount_Global-Units", "inference input global", "Claude Sonnet 4.6"),
    (M, "EU-MP:EU_InputTokenCount_Global-Units", "inference input global", "Claude Sonnet 4.6"),
    (M, "EU-MP:EU_OutputTokenCount_Global-Units", "inference output global", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_OutputTokenCount-Units", "inference output", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CacheReadInputTokenCount-Units", "inference cache-read", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CacheWriteInputTokenCount-Units", "inference cache-write-5m", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CacheWrite1hInputTokenCount-Units", "inference cache-write-1h", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_InputTokenCount_LCtx_Global_Batch-Units", "inference input batch global long-context", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_OutputTokenCount_LatencyOptimized-Units", "inference output latency-optimized", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_MillionBatchInputTokens-Units", "inference input batch", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_MillionBatchOutputTokens-Units", "inference output batch", "Claude Sonnet 4.6"),
    // Tokens, Marketplace: snake.
    (M, "USW2-MP:USW2_output_tokens_standard-Units", "inference output", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_input_tokens_global_standard-Units", "inference input global", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_cache_read_tokens_global_standard-Units", "inference cache-read global", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_cache_write_tokens_standard-Units", "inference cache-write-5m", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_cache_write_tokens_5m_long_ctx_global_flex-Units", "inference cache-write-5m flex global long-context", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_cache_write_tokens_30m_priority-Units", "inference cache-write-30m priority", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_cache_write_tokens_1h_standard-Units", "inference cache-write-1h", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_input_tokens_batch-Units", "inference input batch", "Claude Sonnet 4.6"),
    (M, "USE1_input_tokens_standard-Units", "inference input", "Claude Sonnet 4.6"),
    (M, "input_tokens_global_standard", "inference input global", "Claude Sonnet 4.6"),
    // Marketplace: embeddings, media, search units, custom models.
    (M, "USE1-MP:USE1_Cohere_Embed_V4-Units", "embedding Cohere_Embed_V4", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_inputTextRequestCount-Units", "embedding inputTextRequestCount", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_InputImageCount-Units", "other InputImageCount", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_created_image-Units", "other created_image", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CreatedImageUltra-Units", "other CreatedImageUltra", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_inputVideoSecond_Global-Units", "other inputVideoSecond_Global global", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_inputVideoSecond-Units", "other inputVideoSecond", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_inputAudioSecond-Units", "other inputAudioSecond", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_search_units-Units", "other search_units", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CustomModelInputTokenCount-Units", "inference input custom", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_CustomizationTokenCount-Units", "custom-models CustomizationTokenCount custom", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_ModelStorage-Units", "custom-models ModelStorage custom", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_haiku_customization_training-Units", "custom-models haiku_customization_training custom", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_haiku_customization_storage-Units", "custom-models haiku_customization_storage custom", "Claude Sonnet 4.6"),
    // Capacity.
    (N, "USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits", "capacity model-unit-hour-no-commitment provisioned", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Lite-ProvisionedThroughput-1month-ModelUnits", "capacity model-unit-hour-1-month provisioned", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Lite-ProvisionedThroughput-6months-ModelUnits", "capacity model-unit-hour-6-month provisioned", "Nova2.0Lite"),
    (N, "USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits", "capacity model-unit-hour-no-commitment provisioned custom", "TitanText-Premier"),
    (N, "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits", "capacity model-unit-hour-no-commitment provisioned", "Llama3-1-70B"),
    (M, "USW2-MP:USW2_ProvisionedThroughput_1MonthCommit_ModelUnits_Usage-Units", "capacity model-unit-hour-1-month provisioned", "Claude Sonnet 4.6"),
    (M, "USW2-MP:USW2_ProvisionedThroughput_NoCommit_ModelUnits_Usage-Units", "capacity model-unit-hour-no-commitment provisioned", "Claude Sonnet 4.6"),
    (N, "USE1-NovaPro-ProvisionedThroughput-9years-ModelUnits", "capacity NovaPro-ProvisionedThroughput-9years-ModelUnits provisioned", "NovaPro"),
    (M, "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", "capacity reserved-input-tpm-hour-1-month reserved", "Claude Sonnet 4.6"),
    (M, "USE1-MP:USE1_Reserved_3Month_OutputTPM_Global-Units", "capacity reserved-output-tpm-hour-3-month reserved global", "Claude Sonnet 4.6"),
    (S, "USE1-anthropic.claude-opus-5-5-reserved-1-month-input-tokens-per-minute", "capacity reserved-input-tpm-hour-1-month reserved", "anthropic.claude-opus-5-5"),
    // Custom models.
    (N, "USE1-Nova2.0Lite-Customization-Training", "custom-models Nova2.0Lite-Customization-Training custom", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Lite-RFT-Training-Hours", "custom-models Nova2.0Lite-RFT-Training-Hours custom", "Nova2.0Lite"),
    (N, "USE1-Nova2.0Lite-Customization-Storage", "custom-models Nova2.0Lite-Customization-Storage custom", "Nova2.0Lite"),
    (N, "USE1-NovaLite-input-tokens-custom-model", "inference input custom", "NovaLite"),
    (N, "USE1-NovaLite-cache-read-input-token-count-custom-model", "inference cache-read custom", "NovaLite"),
    (N, "USE1-Llama-CustomModelImport-Inference-v1:0", "custom-models Llama-CustomModelImport-Inference-v1:0 custom", NONE),
    (N, "USE1-OSS-CustomModelImport-Inference-v2:0", "custom-models OSS-CustomModelImport-Inference-v2:0 custom", NONE),
    (N, "USE1-Llama-CustomModelImport-Storage-v1:0", "custom-models Llama-CustomModelImport-Storage-v1:0 custom", NONE),
    // Guardrails.
    (N, "USE1-Guardrail-ContentPolicyUnitsConsumed", "guardrails Guardrail-ContentPolicyUnitsConsumed", NONE),
    (N, "USE1-Guardrail-ContentPolicyImageUnitsConsumed", "guardrails Guardrail-ContentPolicyImageUnitsConsumed", NONE),
    (N, "USE1-Guardrail-TopicPolicyUnitsConsumed", "guardrails Guardrail-TopicPolicyUnitsConsumed", NONE),
    (N, "USE1-Guardrail-WordPolicyUnitsConsumed", "guardrails Guardrail-WordPolicyUnitsConsumed", NONE),
    (N, "USE1-Guardrail-SensitiveInformationPolicyPaidUnitsConsumed", "guardrails Guardrail-SensitiveInformationPolicyPaidUnitsConsumed", NONE),
    (N, "USE1-Guardrail-SensitiveInformationPolicyFreeUnitsConsumed", "guardrails Guardrail-SensitiveInformationPolicyFreeUnitsConsumed", NONE),
    (N, "USE1-Guardrail-ContextualGroundingPolicyUnitsConsumed", "guardrails Guardrail-ContextualGroundingPolicyUnitsConsumed", NONE),
    (N, "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed", "guardrails Guardrail-AutomatedReasoningPolicyUnitsConsumed", NONE),
    (N, "USE1-GuardrailChecks-ContentFilterCheckUnitsConsumed", "guardrails GuardrailChecks-ContentFilterCheckUnitsConsumed", NONE),
    (N, "USE1-GuardrailChecks-PromptAttackCheckUnitsConsumed", "guardrails GuardrailChecks-PromptAttackCheckUnitsConsumed", NONE),
    (N, "USE1-GuardrailChecks-SensitiveInformationCheckUnitsConsumed", "guardrails GuardrailChecks-SensitiveInformationCheckUnitsConsumed", NONE),
    // Features.
    (N, "USW2-AmazonRerank-v1-searchunits", "other AmazonRerank-v1-searchunits", "AmazonRerank-v1"),
    (N, "USE1-cohere.rerank-english-v3-search-units", "other cohere.rerank-english-v3-search-units", "cohere.rerank-english-v3"),
    (N, "USE1-DataAutomation-Standard-ImagesProcessed", "other DataAutomation-Standard-ImagesProcessed", NONE),
    (N, "USE1-DataAutomation-Custom-PagesProcessed", "other DataAutomation-Custom-PagesProcessed", NONE),
    (N, "USE1-DataAutomation-Custom-PagesProcessed-AddOnFields", "other DataAutomation-Custom-PagesProcessed-AddOnFields", NONE),
    (N, "USE1-APO-optimizePrompt-tokens", "other APO-optimizePrompt-tokens", NONE),
    (N, "USE1-Nova2.0Lite-nova-grounding", "other Nova2.0Lite-nova-grounding", "Nova2.0Lite"),
    (N, "USE1-InvokeFlow-NodeTransitions", "other InvokeFlow-NodeTransitions", NONE),
    (N, "USE1-BedrockFlows-NodeTransitions", "other BedrockFlows-NodeTransitions", NONE),
    (N, "USE1-prompt-routing-requests", "other prompt-routing-requests", NONE),
    (N, "USE1-GenerateSQL-requests", "other GenerateSQL-requests", NONE),
    (N, "USE1-StructuredRetrieve-requests", "other StructuredRetrieve-requests", NONE),
    (N, "USE1-model-evaluations", "other model-evaluations", NONE),
    // Media.
    (N, "USE1-NovaCanvas-T2I-1024-Premium", "other NovaCanvas-T2I-1024-Premium", "NovaCanvas"),
    (N, "USE1-NovaCanvas-I2I-1024-Standard", "other NovaCanvas-I2I-1024-Standard", "NovaCanvas"),
    (N, "USE1-NovaReel-T2V-HD-24fps", "other NovaReel-T2V-HD-24fps", "NovaReel"),
    (N, "USE1-NovaReel-I2V-HD-24fps", "other NovaReel-I2V-HD-24fps", "NovaReel"),
    (N, "USE1-TitanImageGeneratorG1-512-Standard", "other TitanImageGeneratorG1-512-Standard", "TitanImageGeneratorG1"),
    // AgentCore and the managed knowledge base.
    (A, "USE1-Runtime:Consumption-based:vCPU", "other Runtime:Consumption-based:vCPU", NONE),
    (A, "USE1-Runtime:Consumption-based:Memory", "other Runtime:Consumption-based:Memory", NONE),
    (A, "USE1-BrowserTool:Consumption-based:vCPU", "other BrowserTool:Consumption-based:vCPU", NONE),
    (A, "USE1-CodeInterpreter:Consumption-based:Memory", "other CodeInterpreter:Consumption-based:Memory", NONE),
    (A, "USE1-Memory:Consumption-based:Short-Term-Memory", "other Memory:Consumption-based:Short-Term-Memory", NONE),
    (A, "USE1-Memory:Consumption-based:Long-Term-Memory-Storage:Built-in-memory", "other Memory:Consumption-based:Long-Term-Memory-Storage:Built-in-memory", NONE),
    (A, "USE1-Memory:Consumption-based:Long-Term-Memory-Retrieval", "other Memory:Consumption-based:Long-Term-Memory-Retrieval", NONE),
    (A, "USE1-Gateway:Consumption-based:API-Invocations", "other Gateway:Consumption-based:API-Invocations", NONE),
    (A, "USE1-Gateway:Consumption-based:Search-API", "other Gateway:Consumption-based:Search-API", NONE),
    (A, "USE1-Gateway:Consumption-based:Tool-Indexing", "other Gateway:Consumption-based:Tool-Indexing", NONE),
    (A, "USE1-Gateway:Consumption-based:DataProcessing", "other Gateway:Consumption-based:DataProcessing", NONE),
    (A, "USE1-Knowledge-Base:Consumption-based:Retrieval", "other Knowledge-Base:Consumption-based:Retrieval", NONE),
    (A, "USE1-Knowledge-Base:Consumption-based:Storage", "other Knowledge-Base:Consumption-based:Storage", NONE),
    (A, "USE1-Knowledge-Base:Consumption-based:AgenticRetrieval", "other Knowledge-Base:Consumption-based:AgenticRetrieval", NONE),
    (A, "USE1-WebSearchTool:Consumption-based:v2", "other WebSearchTool:Consumption-based:v2", NONE),
    (A, "USE1-Policy", "other Policy", NONE),
    (A, "USE1-Evaluations", "other Evaluations", NONE),
    (A, "USE1-DataTransfer-Out-Bytes", "other DataTransfer-Out-Bytes", NONE),
    // Vector stores.
    (O, "USE1-SearchOCU", "vector-store search-ocu-hour", NONE),
    (O, "USE1-IndexingOCU", "vector-store indexing-ocu-hour", NONE),
    (O, "USE1-StorageUsedInS3ByteHour", "vector-store store-gb-month", NONE),
    (O, "SearchOCU", "vector-store search-ocu-hour", NONE),
    // What no rule knows.
    (N, "USE1-Quantum-Frobnications", "unclassified Quantum-Frobnications", NONE),
    (M, "USE1-MP:USE1_frobnications-Units", "unclassified frobnications", "Claude Sonnet 4.6"),
    (N, "", "unclassified ", NONE),
];

fn named<'a>(world: (&'a str, &'a str), usage_type: &'a str) -> Named<'a> {
    Named {
        entity: Some(world.0),
        product_code: world.1,
        product_name: (world == M).then_some("Claude Sonnet 4.6 (Amazon Bedrock Edition)"),
        usage_type,
        resource: None,
    }
}

fn told(billed_as: &BilledAs) -> String {
    let mut words = format!("{} {}", billed_as.layer, billed_as.class);
    let parts = [
        (billed_as.mode != Mode::Standard, billed_as.mode.as_str()),
        (billed_as.routing == Routing::Global, "global"),
        (billed_as.band == ContextBand::Long, "long-context"),
        (billed_as.custom, "custom"),
    ];
    for (_, word) in parts.iter().filter(|(said, _)| *said) {
        words.push(' ');
        words.push_str(word);
    }
    words
}

#[test]
fn every_known_usage_type_is_understood() {
    for (world, usage_type, meaning, model) in EXAMPLES {
        let (source, region, billed_as) = classify(&named(*world, usage_type)).expect(usage_type);
        let expected_source = match *world {
            N => BillingSource::AmazonBedrock,
            S => BillingSource::AmazonBedrockService,
            M => BillingSource::AwsMarketplace,
            A => BillingSource::AmazonBedrockAgentCore,
            _ => BillingSource::Beside,
        };
        assert_eq!(source, expected_source, "{usage_type}");
        assert_eq!(told(&billed_as), *meaning, "{usage_type}");
        assert_eq!(billed_as.model.as_deref().unwrap_or(NONE), *model, "{usage_type}");
        let expected_region = match usage_type.split(['-', '_']).next() {
            Some("USE1") => Some("us-east-1"),
            Some("USW2") => Some("us-west-2"),
            Some("UGW1") => Some("us-gov-west-1"),
            Some("EU") => Some("eu-west-1"),
            _ => None,
        };
        assert_eq!(region, expected_region.map(Region::from), "{usage_type}");
    }
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
        (N, "USE1-acme.audio-video-9-mantle-input-tokens-standard", "inference input", "acme.audio-video-9"),
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
            "inference output",
            "anthropic.claude-sonnet-5",
        ),
        (
            S,
            "USE1-anthropic.claude-opus-5-5-mantle-input-tokens-batch",
            "inference input batch",
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
fn only_bedrock_and_its_vector_stores_are_ours() {
    let row = |entity, code, name, usage_type, resource| Named {
        entity,
        product_code: code,
        product_name: name,
        usage_type,
        resource,
    };
    let tokens = "USE1-MP:USE1_InputTokenCount-Units";
    let aws = Some("AWS");
    let market = Some("AWS Marketplace");
    let arn = Some("arn:aws:bedrock:us-west-2::foundation-model/x");
    use BillingSource::{AmazonBedrock, AmazonBedrockAgentCore, AmazonBedrockService, AwsMarketplace, Beside};
    for (row, source) in [
        (row(aws, "AmazonBedrock", None, "x", None), Some(AmazonBedrock)),
        (row(aws, "Amazon Bedrock", None, "x", None), Some(AmazonBedrock)),
        (row(aws, "amazonbedrock", None, "x", None), Some(AmazonBedrock)),
        (row(Some("AWS India"), "AmazonBedrock", None, "x", None), Some(AmazonBedrock)),
        (row(aws, "Amazon Bedrock Service", None, "x", None), Some(AmazonBedrockService)),
        (row(aws, "AmazonBedrockFoundationModels", None, "x", None), Some(AmazonBedrockService)),
        (row(aws, "Amazon Bedrock AgentCore", None, "x", None), Some(AmazonBedrockAgentCore)),
        (row(aws, "Amazon Bedrock Managed Knowledge Base", None, "x", None), Some(AmazonBedrockAgentCore)),
        (row(aws, "AmazonES", None, "USE1-SearchOCU", None), Some(Beside)),
        (row(None, "AmazonES", None, "USE1-IndexingOCU", None), Some(Beside)),
        (row(aws, "AmazonES", None, "USE1-IngestionOCU", None), None),
        (row(aws, "AmazonES", None, "USE1-ESInstance:m5.large", None), None),
        (row(aws, "AmazonEC2", Some("Bedrock"), "USE1-BoxUsage:m5.large", None), None),
        (row(aws, "opaque", Some("Claude (Amazon Bedrock Edition)"), tokens, None), None),
        (row(market, "opaque", Some("Claude (Amazon Bedrock Edition)"), tokens, None), Some(AwsMarketplace)),
        (row(market, "opaque", Some("claude (amazon bedrock edition)"), "anything", None), Some(AwsMarketplace)),
        (row(market, "opaque", Some("Claude Platform on AWS"), tokens, None), None),
        (row(market, "opaque", Some("Some Firewall"), "USE1-MP:USE1_hours-Units", None), None),
        (row(market, "opaque", None, tokens, None), Some(AwsMarketplace)),
        (row(market, "opaque", Some(" "), tokens, None), Some(AwsMarketplace)),
        (row(market, "opaque", None, "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", None), Some(AwsMarketplace)),
        (row(market, "opaque", None, "USE1-MP:USE1_hours-Units", None), None),
        (row(market, "opaque", None, "USE1-MP:USE1_hours-Units", arn), Some(AwsMarketplace)),
        (row(None, "opaque", None, tokens, None), Some(AwsMarketplace)),
        (row(None, "AmazonEC2", None, "USE1-BoxUsage:m5.large", None), None),
        (row(None, "", None, "", None), None),
    ] {
        assert_eq!(classify(&row).map(|(source, ..)| source), source, "{row:?}");
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
