//! What people call the thing that was billed: "guardrails: content policy", "rerank", "AgentCore runtime". A name
//! for each kind of charge, for a cut of the bill by feature.
//!
//! Knows layers, classes and modes, no amounts. The words are tables, first match first; what no table knows gets the
//! name of its layer.

use lode_model::{Class, Layer, Mode, Term};

use crate::Charge;

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

/// The feature that a charge is for, in words for people. Every charge has one, and charges of one feature have one
/// name whatever their region and model.
pub(crate) fn feature_of(charge: &Charge) -> &'static str {
    feature(charge.layer, &charge.key.class, charge.key.mode, charge.key.custom)
}

fn feature(layer: Layer, class: &Class, mode: Mode, custom: bool) -> &'static str {
    match layer {
        Layer::Inference => inference(class, mode, custom),
        Layer::Embedding if mode == Mode::Batch => "embeddings: batch",
        Layer::Embedding => "embeddings",
        Layer::VectorStore => store(class),
        Layer::Guardrails => named(class, GUARDRAILS, "guardrails: other"),
        Layer::Capacity => capacity(class, mode),
        Layer::CustomModels => named(class, CUSTOM_MODELS, "custom models: other"),
        Layer::Other => other(class),
        Layer::Unclassified => "unclassified",
    }
}

fn inference(class: &Class, mode: Mode, custom: bool) -> &'static str {
    if matches!(class, Class::Other(_)) {
        return "inference: speech, image, audio and video tokens";
    }
    match (custom, mode) {
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

fn capacity(class: &Class, mode: Mode) -> &'static str {
    match class {
        Class::ModelUnitHour(Term::NoCommitment) => "Provisioned Throughput, no commitment",
        Class::ModelUnitHour(Term::OneMonth) => "Provisioned Throughput, 1 month",
        Class::ModelUnitHour(Term::ThreeMonths) => "Provisioned Throughput, 3 months",
        Class::ModelUnitHour(Term::SixMonths) => "Provisioned Throughput, 6 months",
        Class::ReservedInputTpmHour(Term::OneMonth) => "Reserved tier, 1 month, input",
        Class::ReservedInputTpmHour(Term::ThreeMonths) => "Reserved tier, 3 months, input",
        Class::ReservedOutputTpmHour(Term::OneMonth) => "Reserved tier, 1 month, output",
        Class::ReservedOutputTpmHour(Term::ThreeMonths) => "Reserved tier, 3 months, output",
        _ if mode == Mode::Reserved => "Reserved tier",
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

    #[test]
    fn what_is_metered_has_a_name_for_people() {
        for (layer, dimension, expected) in [
            (Layer::Guardrails, "Guardrail-ContentPolicyUnitsConsumed", "guardrails: content policy"),
            (Layer::Guardrails, "Guardrail-ContentPolicyImageUnitsConsumed", "guardrails: content policy, images"),
            (Layer::Guardrails, "Guardrail-TopicPolicyUnitsConsumed", "guardrails: topic policy"),
            (Layer::Guardrails, "Guardrail-WordPolicyUnitsConsumed", "guardrails: word policy"),
            (
                Layer::Guardrails,
                "Guardrail-SensitiveInformationPolicyPaidUnitsConsumed",
                "guardrails: sensitive information policy",
            ),
            (
                Layer::Guardrails,
                "Guardrail-SensitiveInformationPolicyFreeUnitsConsumed",
                "guardrails: sensitive information policy, free",
            ),
            (
                Layer::Guardrails,
                "Guardrail-ContextualGroundingPolicyUnitsConsumed",
                "guardrails: contextual grounding policy",
            ),
            (
                Layer::Guardrails,
                "Guardrail-AutomatedReasoningPolicyUnitsConsumed",
                "guardrails: automated reasoning policy",
            ),
            (Layer::Guardrails, "GuardrailChecks-PromptAttackCheckUnitsConsumed", "guardrails: prompt attack check"),
            (Layer::Guardrails, "Guardrail-NewPolicyUnitsConsumed", "guardrails: other"),
            (Layer::CustomModels, "Nova2.0Lite-Customization-Training", "custom models: training"),
            (Layer::CustomModels, "Nova2.0Lite-Customization-Storage", "custom models: storage"),
            (Layer::CustomModels, "Nova2.0Lite-RFT-Training-Hours", "custom models: reinforcement fine-tuning"),
            (Layer::CustomModels, "MP:USE1_ModelStorage-Units", "custom models: storage"),
            (Layer::CustomModels, "MP:USE1_CustomizationTokenCount-Units", "custom models: training"),
            (Layer::CustomModels, "OSS-CustomModelImport-Inference-v2:0", "custom model import: inference"),
            (Layer::CustomModels, "Llama-CustomModelImport-Storage-v1:0", "custom model import: storage"),
            (Layer::Other, "AmazonRerank-v1-searchunits", "rerank"),
            (Layer::Other, "cohere.rerank-english-v3-search-units", "rerank"),
            (Layer::Other, "DataAutomation-Standard-ImagesProcessed", "data automation"),
            (Layer::Other, "Nova2.0Lite-nova-grounding", "web grounding"),
            (Layer::Other, "APO-optimizePrompt-tokens", "prompt optimization"),
            (Layer::Other, "InvokeFlow-NodeTransitions", "flows"),
            (Layer::Other, "NovaCanvas-T2I-1024-Premium", "media: images"),
            (Layer::Other, "NovaReel-I2V-HD-24fps", "media: video"),
            (Layer::Other, "TitanImageGeneratorG1-512-Standard", "media: images"),
            (Layer::Other, "MP:USE1_inputAudioSecond-Units", "media: audio"),
            (Layer::Other, "Runtime:Consumption-based:vCPU", "AgentCore runtime"),
            (Layer::Other, "Runtime:Consumption-based:Memory", "AgentCore runtime"),
            (Layer::Other, "Memory:Consumption-based:Short-Term-Memory", "AgentCore memory"),
            (Layer::Other, "CodeInterpreter:Consumption-based:Memory", "AgentCore code interpreter"),
            (Layer::Other, "Gateway:Consumption-based:Search-API", "AgentCore gateway"),
            (Layer::Other, "Knowledge-Base:Consumption-based:Storage", "managed knowledge base"),
            (Layer::Other, "Fax:Consumption-based:Pages", "AgentCore: other"),
            (Layer::Other, "DataTransfer-Out-Bytes", "data transfer"),
            (Layer::Other, "USW2-AWS-Out-Bytes", "data transfer"),
            (Layer::VectorStore, "ESInstance:r6g.large", "vector store: OpenSearch domain"),
            (Layer::VectorStore, "Aurora:ServerlessV2Usage", "vector store: Aurora"),
            (Layer::VectorStore, "Something", "vector store: other"),
        ] {
            let class = Class::Other(dimension.into());
            assert_eq!(feature(layer, &class, Mode::Standard, false), expected, "{dimension}");
        }
    }

    #[test]
    fn tokens_and_capacity_are_named_by_tier_and_term() {
        for (layer, class, mode, custom, expected) in [
            (Layer::Inference, Class::Input, Mode::Standard, false, "inference: on demand"),
            (Layer::Inference, Class::Input, Mode::Batch, false, "inference: batch"),
            (Layer::Inference, Class::Output, Mode::Flex, false, "inference: Flex tier"),
            (Layer::Inference, Class::Output, Mode::Standard, true, "custom models: inference"),
            (
                Layer::Inference,
                Class::Other("NovaSonic-speech-input-tokens".into()),
                Mode::Standard,
                false,
                "inference: speech, image, audio and video tokens",
            ),
            (Layer::Embedding, Class::Input, Mode::Standard, false, "embeddings"),
            (Layer::Embedding, Class::Input, Mode::Batch, false, "embeddings: batch"),
            (
                Layer::Capacity,
                Class::ModelUnitHour(Term::NoCommitment),
                Mode::Provisioned,
                false,
                "Provisioned Throughput, no commitment",
            ),
            (
                Layer::Capacity,
                Class::Other("x-ProvisionedThroughput-9years-ModelUnits".into()),
                Mode::Provisioned,
                false,
                "Provisioned Throughput",
            ),
            (
                Layer::Capacity,
                Class::ReservedOutputTpmHour(Term::ThreeMonths),
                Mode::Reserved,
                false,
                "Reserved tier, 3 months, output",
            ),
            (
                Layer::VectorStore,
                Class::SearchOcuHour,
                Mode::Standard,
                false,
                "vector store: OpenSearch Serverless search",
            ),
            (Layer::Unclassified, Class::Other("Frobnications".into()), Mode::Standard, false, "unclassified"),
        ] {
            assert_eq!(feature(layer, &class, mode, custom), expected, "{class}");
        }
    }

    #[test]
    fn agent_core_components_are_not_taken_for_each_other() {
        // "Memory" also stands behind the colon, as the memory of a runtime.
        for component in ["Runtime", "BrowserTool", "CodeInterpreter"] {
            for metered in ["vCPU", "Memory"] {
                let class = Class::Other(format!("{component}:Consumption-based:{metered}").into());
                assert_ne!(feature(Layer::Other, &class, Mode::Standard, false), "AgentCore memory", "{class}");
            }
        }
    }
}
