//! What holds of any text.

use std::sync::Arc;

use lode_model::{BilledAs, Class, Region};
use proptest::prelude::*;

use super::{A, M, N, Named, O, S, named};
use crate::classify;

/// Usage types of every form, to be written in other cases.
const FORMS: &[((&str, &str), &str)] = &[
    (S, "USE1-Claude4.6Sonnet-cache-write-1h-input-token-count"),
    (S, "USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-30m-global-standard"),
    (S, "USE1-anthropic.claude-opus-5-5-reserved-1-month-input-tokens-per-minute"),
    (N, "USE1-Nova2.0Lite-input-tokens-cross-region-global-batch"),
    (N, "USE1-NovaSonic-speech-input-tokens"),
    (N, "USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits"),
    (N, "USE1-Guardrail-ContentPolicyUnitsConsumed"),
    (N, "USE1-OSS-CustomModelImport-Inference-v2:0"),
    (N, "USE1-NovaCanvas-T2I-1024-Premium"),
    (M, "USE1-MP:USE1_InputTokenCount_LCtx_Global_Batch-Units"),
    (M, "USE1-MP:USE1_Reserved_3Month_OutputTPM_Global-Units"),
    (M, "input_tokens_global_standard"),
    (A, "USE1-Runtime:Consumption-based:vCPU"),
    (O, "USE1-IndexingOCU"),
    (O, "EU-StorageUsedInS3ByteHour"),
];

/// A meaning without its spelling: names as billed in lower case.
fn plain(meaning: (Option<Region>, BilledAs)) -> (Option<Region>, BilledAs) {
    let (region, mut billed_as) = meaning;
    billed_as.model = billed_as.model.map(|model| Arc::from(model.to_ascii_lowercase()));
    if let Class::Other(name) = &billed_as.class {
        billed_as.class = Class::Other(name.to_ascii_lowercase().into());
    }
    (region, billed_as)
}

proptest! {
    #[test]
    fn any_row_of_a_bedrock_code_keeps_a_meaning(
        code in prop::sample::select(vec![
            "AmazonBedrock",
            "AmazonBedrockService",
            "Amazon Bedrock Service",
            "AmazonBedrockFoundationModels",
            "AmazonBedrockAgentCore",
            "Amazon Bedrock Managed Knowledge Base",
            "amazonbedrock",
        ]),
        entity in prop::option::of(prop::sample::select(vec!["AWS", "AWS Marketplace", "AWS India", ""])),
        usage_type in any::<String>(),
        text in prop::option::of(any::<String>()),
        by_name in any::<bool>(),
        knowledge_base_store in any::<bool>(),
    ) {
        let (product_code, service_name) = if by_name { ("", Some(code)) } else { (code, text.as_deref()) };
        let row = Named {
            entity,
            product_code,
            usage_type: &usage_type,
            resource: text.as_deref(),
            operation: text.as_deref(),
            publisher: text.as_deref(),
            service_name,
            knowledge_base_store,
            ..Named::default()
        };
        prop_assert!(classify(&row).is_some());
    }

    #[test]
    fn words_of_usage_types_in_any_order_never_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "USE1", "EU", "XYZ9", "MP:", "-", "_", ":", "Units", "input", "output", "cache", "read", "write", "1h",
                "24h", "m", "token", "tokens", "mantle", "-mantle-", "speech", "image", "reserved", "1", "month",
                "ProvisionedThroughput", "ModelUnits", "Guardrail", ":Consumption-based:", "T2I", "embed", "é", "🦀",
                "foundation-model/", "global", "batch", "CustomModelImport", "searchunits", "InputTokenCount",
            ]),
            0..14,
        ),
        world in prop::sample::select(vec![N, S, M, A, O]),
    ) {
        let text = words.concat();
        let row = Named { resource: Some(&text), knowledge_base_store: true, ..named(world, &text) };
        let billed = classify(&row);
        prop_assert!(billed.is_some() || world == O, "{text}");
    }

    #[test]
    fn letter_case_changes_no_meaning(
        (world, usage_type) in prop::sample::select(FORMS.to_vec()),
        upper in prop::collection::vec(any::<bool>(), 96),
    ) {
        let noisy: String = usage_type
            .chars()
            .zip(upper)
            .map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
            .collect();
        let (source, region, billed_as) = classify(&named(world, usage_type)).expect(usage_type);
        let (noisy_source, noisy_region, noisy_as) = classify(&named(world, &noisy)).expect("the same row");
        prop_assert_eq!(source, noisy_source);
        prop_assert_eq!(plain((region, billed_as)), plain((noisy_region, noisy_as)), "{}", noisy);
    }
}
