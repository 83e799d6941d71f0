//! What people call the thing that was billed: "guardrails: content policy", "rerank", "AgentCore runtime". A name
//! for each meaning of a usage type, for a cut of the bill by feature.
//!
//! Knows only what [`classify`](crate::classify) made of a row. The words are tables, first match first; what no
//! table knows gets the name of its layer.

use lode_model::{BilledAs, Class, Layer, Mode, Term};

/// A word of a squeezed dimension (lower case, no dashes and underscores), and the feature it means.
type Words = &'static [(&'static str, &'static str)];

/// Policies of guardrails and the checks of the GuardrailChecks API. Longer words first: `ContentPolicyImage`
/// before `ContentPolicy`.
const GUARDRAILS: Words = &[
    ("contentpolicyimage", "guardrails: content policy, images"),
    ("contentpolicy", "guardrails: content policy"),
    ("topicpolicy", "guardrails: topic policy"),
    ("wordpolicy", "guardrails: word policy"),
    ("sensitiveinformationpolicyfree", "guardrails: sensitive information policy, free"),
    ("sensitiveinformationpolicy", "guardrails: sensitive information policy"),
    ("contextualgroundingpolicy", "guardrails: contextual grounding policy"),
    ("automatedreasoningpolicy", "guardrails: automated reasoning policy"),
    ("contentfiltercheck", "guardrails: content filter check"),
    ("promptattackcheck", "guardrails: prompt attack check"),
    ("sensitiveinformationcheck", "guardrails: sensitive information check"),
];

/// Custom models. Import before the rest: its storage is another one.
const CUSTOM_MODELS: Words = &[
    ("custommodelimportstorage", "custom model import: storage"),
    ("custommodelimport", "custom model import: inference"),
    ("rft", "custom models: reinforcement fine-tuning"),
    ("storage", "custom models: storage"),
    ("training", "custom models: training"),
    ("customizationtokencount", "custom models: training"),
];

/// Components of AgentCore and of the managed knowledge base, by what stands before `:Consumption-based:`.
const AGENT_CORE: Words = &[
    ("runtime:", "AgentCore runtime"),
    ("browsertool:", "AgentCore browser"),
    ("codeinterpreter:", "AgentCore code interpreter"),
    ("memory:", "AgentCore memory"),
    ("gateway:", "AgentCore gateway"),
    ("knowledgebase:", "managed knowledge base"),
    ("websearchtool", "AgentCore web search"),
    ("evaluations:", "AgentCore evaluations"),
    ("policy", "AgentCore policy"),
];

/// Features with a usage type of their own.
const FEATURES: Words = &[
    ("datatransfer", "data transfer"),
    ("awsoutbytes", "data transfer"),
    ("awsinbytes", "data transfer"),
    ("searchunit", "rerank"),
    ("dataautomation", "data automation"),
    ("grounding", "web grounding"),
    ("optimizeprompt", "prompt optimization"),
    ("promptrouting", "prompt routing"),
    ("invokeflow", "flows"),
    ("bedrockflows", "flows"),
    ("generatesql", "structured data retrieval"),
    ("structuredretrieve", "structured data retrieval"),
    ("evaluations", "model evaluation"),
    ("t2v", "media: video"),
    ("i2v", "media: video"),
    ("video", "media: video"),
    ("novareel", "media: video"),
    ("lumaray", "media: video"),
    ("luma.ray", "media: video"),
    ("audio", "media: audio"),
    ("t2i", "media: images"),
    ("i2i", "media: images"),
    ("image", "media: images"),
    ("novacanvas", "media: images"),
    // AgentCore components, where a row writes them alone.
    ("websearchtool", "AgentCore web search"),
    ("policy", "AgentCore policy"),
];

/// Vector stores beside Bedrock, by words their usage types hold.
const STORES: Words = &[
    ("opensearchvectors", "vector store: OpenSearch on S3 vectors"),
    ("esinstance", "vector store: OpenSearch domain"),
    ("es:gp", "vector store: OpenSearch domain"),
    ("aurora", "vector store: Aurora"),
    ("neptune", "vector store: Neptune"),
    ("kendra", "vector store: Kendra"),
    ("vectors", "vector store: S3 Vectors"),
];

/// The feature that a billed row is for, in words for people. Every row has one, and rows of one feature have one
/// name whatever their region and model.
#[must_use]
pub fn feature_of(billed_as: &BilledAs) -> &'static str {
    match billed_as.layer {
        Layer::Inference => inference(billed_as),
        Layer::Embedding if billed_as.mode == Mode::Batch => "embeddings: batch",
        Layer::Embedding => "embeddings",
        Layer::VectorStore => store(&billed_as.class),
        Layer::Guardrails => named(&billed_as.class, GUARDRAILS, "guardrails: other"),
        Layer::Capacity => capacity(billed_as),
        Layer::CustomModels => named(&billed_as.class, CUSTOM_MODELS, "custom models: other"),
        Layer::Other => other(&billed_as.class),
        Layer::Unclassified => "unclassified",
    }
}

fn inference(billed_as: &BilledAs) -> &'static str {
    if matches!(billed_as.class, Class::Other(_)) {
        return "inference: speech, image, audio and video tokens";
    }
    match (billed_as.custom, billed_as.mode) {
        (true, Mode::Batch) => "custom models: batch inference",
        (true, _) => "custom models: inference",
        (false, Mode::Standard) => "inference: on demand",
        (false, Mode::Flex) => "inference: Flex tier",
        (false, Mode::Priority) => "inference: Priority tier",
        (false, Mode::LatencyOptimized) => "inference: latency-optimized",
        (false, Mode::Batch) => "inference: batch",
        (false, Mode::Provisioned) => "Provisioned Throughput",
        (false, Mode::Reserved) => "Reserved tier",
    }
}

fn capacity(billed_as: &BilledAs) -> &'static str {
    match billed_as.class {
        Class::ModelUnitHour(Term::NoCommitment) => "Provisioned Throughput, no commitment",
        Class::ModelUnitHour(Term::OneMonth) => "Provisioned Throughput, 1 month",
        Class::ModelUnitHour(Term::ThreeMonths) => "Provisioned Throughput, 3 months",
        Class::ModelUnitHour(Term::SixMonths) => "Provisioned Throughput, 6 months",
        Class::ReservedInputTpmHour(Term::OneMonth) => "Reserved tier, 1 month, input",
        Class::ReservedInputTpmHour(Term::ThreeMonths) => "Reserved tier, 3 months, input",
        Class::ReservedOutputTpmHour(Term::OneMonth) => "Reserved tier, 1 month, output",
        Class::ReservedOutputTpmHour(Term::ThreeMonths) => "Reserved tier, 3 months, output",
        _ if billed_as.mode == Mode::Reserved => "Reserved tier",
        _ => "Provisioned Throughput",
    }
}

fn store(class: &Class) -> &'static str {
    match class {
        Class::SearchOcuHour => "vector store: OpenSearch Serverless search",
        Class::IndexingOcuHour => "vector store: OpenSearch Serverless indexing",
        Class::StoreGbMonth => "vector store: OpenSearch Serverless storage",
        other => named(other, STORES, "vector store: other"),
    }
}

fn other(class: &Class) -> &'static str {
    let agent_core = class.as_str().to_ascii_lowercase().contains(":consumption-based:");
    if agent_core { named(class, AGENT_CORE, "AgentCore: other") } else { named(class, FEATURES, "other features") }
}

/// The feature of the first word that the class' name holds.
fn named(class: &Class, words: Words, otherwise: &'static str) -> &'static str {
    let kept = class.as_str().chars().filter(|c| !matches!(c, '-' | '_'));
    let squeezed: String = kept.map(|c| c.to_ascii_lowercase()).collect();
    words.iter().find(|(word, _)| squeezed.contains(word)).map_or(otherwise, |(_, feature)| feature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Named, classify};

    fn feature(code: &str, usage_type: &str) -> &'static str {
        let row = Named { product_code: code, usage_type, knowledge_base_store: true, ..Named::default() };
        feature_of(&classify(&row).expect(usage_type).2)
    }

    #[test]
    fn usage_types_have_a_name_for_people() {
        for (code, usage_type, expected) in [
            ("AmazonBedrock", "USE1-NovaLite-input-tokens", "inference: on demand"),
            ("AmazonBedrock", "USE1-NovaLite-input-tokens-batch", "inference: batch"),
            ("AmazonBedrock", "USE1-NovaLite-output-tokens-flex", "inference: Flex tier"),
            ("AmazonBedrock", "USE1-NovaLite-output-tokens-custom-model", "custom models: inference"),
            ("AmazonBedrock", "USE1-NovaSonic-speech-input-tokens", "inference: speech, image, audio and video tokens"),
            ("AmazonBedrock", "EU-TitanEmbeddingV2-Text-input-tokens", "embeddings"),
            ("AmazonBedrock", "USE1-Guardrail-ContentPolicyUnitsConsumed", "guardrails: content policy"),
            ("AmazonBedrock", "USE1-Guardrail-ContentPolicyImageUnitsConsumed", "guardrails: content policy, images"),
            ("AmazonBedrock", "USE1-Guardrail-TopicPolicyUnitsConsumed", "guardrails: topic policy"),
            ("AmazonBedrock", "USE1-Guardrail-WordPolicyUnitsConsumed", "guardrails: word policy"),
            (
                "AmazonBedrock",
                "USE1-Guardrail-SensitiveInformationPolicyPaidUnitsConsumed",
                "guardrails: sensitive information policy",
            ),
            (
                "AmazonBedrock",
                "USE1-Guardrail-SensitiveInformationPolicyFreeUnitsConsumed",
                "guardrails: sensitive information policy, free",
            ),
            (
                "AmazonBedrock",
                "USE1-Guardrail-ContextualGroundingPolicyUnitsConsumed",
                "guardrails: contextual grounding policy",
            ),
            (
                "AmazonBedrock",
                "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed",
                "guardrails: automated reasoning policy",
            ),
            ("AmazonBedrock", "USE1-GuardrailChecks-PromptAttackCheckUnitsConsumed", "guardrails: prompt attack check"),
            ("AmazonBedrock", "USE1-Guardrail-NewPolicyUnitsConsumed", "guardrails: other"),
            (
                "AmazonBedrock",
                "USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits",
                "Provisioned Throughput, no commitment",
            ),
            (
                "AmazonBedrock",
                "USE1-Nova2.0Lite-ProvisionedThroughput-1month-ModelUnits",
                "Provisioned Throughput, 1 month",
            ),
            ("AmazonBedrock", "USE1-x-ProvisionedThroughput-9years-ModelUnits", "Provisioned Throughput"),
            ("opaque", "USE1-MP:USE1_Reserved_3Month_OutputTPM_Global-Units", "Reserved tier, 3 months, output"),
            ("AmazonBedrock", "USE1-Nova2.0Lite-Customization-Training", "custom models: training"),
            ("AmazonBedrock", "USE1-Nova2.0Lite-Customization-Storage", "custom models: storage"),
            ("AmazonBedrock", "USE1-Nova2.0Lite-RFT-Training-Hours", "custom models: reinforcement fine-tuning"),
            ("AmazonBedrock", "USE1-MP:USE1_ModelStorage-Units", "custom models: storage"),
            ("AmazonBedrock", "USE1-MP:USE1_CustomizationTokenCount-Units", "custom models: training"),
            ("AmazonBedrock", "USE1-OSS-CustomModelImport-Inference-v2:0", "custom model import: inference"),
            ("AmazonBedrock", "USE1-Llama-CustomModelImport-Storage-v1:0", "custom model import: storage"),
            ("AmazonBedrock", "USW2-AmazonRerank-v1-searchunits", "rerank"),
            ("AmazonBedrock", "USE1-cohere.rerank-english-v3-search-units", "rerank"),
            ("AmazonBedrock", "USE1-DataAutomation-Standard-ImagesProcessed", "data automation"),
            ("AmazonBedrock", "USE1-Nova2.0Lite-nova-grounding", "web grounding"),
            ("AmazonBedrock", "USE1-APO-optimizePrompt-tokens", "prompt optimization"),
            ("AmazonBedrock", "USE1-InvokeFlow-NodeTransitions", "flows"),
            ("AmazonBedrock", "USE1-NovaCanvas-T2I-1024-Premium", "media: images"),
            ("AmazonBedrock", "USE1-NovaReel-I2V-HD-24fps", "media: video"),
            ("AmazonBedrock", "USE1-TitanImageGeneratorG1-512-Standard", "media: images"),
            ("AmazonBedrock", "USE1-MP:USE1_inputAudioSecond-Units", "media: audio"),
            ("AmazonBedrockAgentCore", "USE1-Runtime:Consumption-based:vCPU", "AgentCore runtime"),
            ("AmazonBedrockAgentCore", "USE1-Runtime:Consumption-based:Memory", "AgentCore runtime"),
            ("AmazonBedrockAgentCore", "USE1-Memory:Consumption-based:Short-Term-Memory", "AgentCore memory"),
            ("AmazonBedrockAgentCore", "USE1-CodeInterpreter:Consumption-based:Memory", "AgentCore code interpreter"),
            ("AmazonBedrockAgentCore", "USE1-Gateway:Consumption-based:Search-API", "AgentCore gateway"),
            ("AmazonBedrockAgentCore", "USE1-Knowledge-Base:Consumption-based:Storage", "managed knowledge base"),
            ("AmazonBedrockAgentCore", "USE1-Fax:Consumption-based:Pages", "AgentCore: other"),
            ("AmazonBedrockAgentCore", "USE1-DataTransfer-Out-Bytes", "data transfer"),
            ("AmazonBedrockAgentCore", "USE1-USW2-AWS-Out-Bytes", "data transfer"),
            ("AmazonES", "USE1-SearchOCU", "vector store: OpenSearch Serverless search"),
            ("AmazonES", "USE1-ESInstance:r6g.large", "vector store: OpenSearch domain"),
            ("AmazonRDS", "USE1-Aurora:ServerlessV2Usage", "vector store: Aurora"),
            ("AmazonKendra", "USE1-Something", "vector store: other"),
            ("AmazonBedrock", "USE1-Quantum-Frobnications", "unclassified"),
        ] {
            assert_eq!(feature(code, usage_type), expected, "{usage_type}");
        }
    }

    #[test]
    fn agent_core_components_are_not_taken_for_each_other() {
        // "Memory" also stands behind the colon, as the memory of a runtime.
        for component in ["Runtime", "BrowserTool", "CodeInterpreter"] {
            for metered in ["vCPU", "Memory"] {
                let usage_type = format!("USE1-{component}:Consumption-based:{metered}");
                assert_ne!(feature("AmazonBedrockAgentCore", &usage_type), "AgentCore memory", "{usage_type}");
            }
        }
    }
}
