//! Which rows are ours, and who sells them.

use lode_model::BillingSource::{AmazonBedrock, AmazonBedrockAgentCore, AmazonBedrockService, AwsMarketplace, Beside};
use lode_model::{Class, Layer};

use super::Named;
use crate::classify;

#[test]
fn only_bedrock_and_its_vector_stores_are_ours() {
    let row = |entity, code, name, usage_type, resource| Named {
        entity,
        product_code: code,
        product_name: name,
        usage_type,
        resource,
        ..Named::default()
    };
    let tokens = "USE1-MP:USE1_InputTokenCount-Units";
    let aws = Some("AWS");
    let market = Some("AWS Marketplace");
    let arn = Some("arn:aws:bedrock:us-west-2::foundation-model/x");
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
        (row(aws, "AmazonBedrockNextThing", None, "x", None), Some(AmazonBedrockService)),
        (row(market, "AmazonBedrock", None, "x", None), Some(AwsMarketplace)),
        (row(None, "AmazonEC2", Some("Bedrock edition"), "x", arn), None),
        (row(None, "opaque", None, "USE1-MP:USE1_ConsumptionUnits-Units", arn), None),
        (row(aws, "", Some("Amazon Bedrock"), "x", None), Some(AmazonBedrock)),
    ] {
        assert_eq!(classify(&row).map(|(source, ..)| source), source, "{row:?}");
    }
}

#[test]
fn rows_of_focus_are_told_by_service_or_by_publisher_and_operation() {
    let tokens = "USE1-MP:USE1_InputTokenCount-Units";
    let row = |code, service, publisher, operation, usage_type| Named {
        product_code: code,
        service_name: service,
        publisher,
        operation,
        usage_type,
        ..Named::default()
    };
    let invoke = Some("InvokeModelInference");
    let anthropic = Some("Anthropic");
    for (row, source) in [
        // By service code, whatever the service is called and whoever publishes it.
        (row("AmazonBedrock", None, None, None, "NovaLite-input-tokens"), Some(AmazonBedrock)),
        (
            row("AmazonBedrockService", Some("Amazon Bedrock Service"), anthropic, invoke, "x"),
            Some(AmazonBedrockService),
        ),
        (row("AmazonEC2", None, Some("AWS"), None, "BoxUsage:m5.large"), None),
        // By service name where the code is blank: the names of Cost Explorer.
        (row("", Some("Amazon Bedrock"), None, None, "x"), Some(AmazonBedrock)),
        (row(" ", Some("amazon bedrock"), None, None, "x"), Some(AmazonBedrock)),
        (row("NULL", Some("Amazon Bedrock Service"), None, None, "x"), Some(AmazonBedrockService)),
        (row("", Some("Amazon Bedrock AgentCore"), None, None, "x"), Some(AmazonBedrockAgentCore)),
        (row("", Some("Amazon Bedrock Managed Knowledge Base"), None, None, "x"), Some(AmazonBedrockAgentCore)),
        (row("", Some("Claude Sonnet 5 (Amazon Bedrock Edition)"), None, None, tokens), Some(AwsMarketplace)),
        (row("", Some("Amazon OpenSearch Service"), None, None, "USE1-SearchOCU"), Some(Beside)),
        (row("", Some("Amazon OpenSearch Service"), None, None, "USE1-IngestionOCU"), None),
        (row("", Some("Amazon Elastic Compute Cloud"), None, invoke, "BoxUsage"), None),
        // Marketplace rows have neither.
        (row("", None, anthropic, invoke, tokens), Some(AwsMarketplace)),
        (row("", Some(""), anthropic, Some("InvokeModelStreamingInference"), "InputTokenCount"), Some(AwsMarketplace)),
        (row("", Some("NULL"), Some("Cohere"), Some("invokemodelinference"), "search_units"), Some(AwsMarketplace)),
        (row("", None, anthropic, None, tokens), Some(AwsMarketplace)),
        // A publisher alone says nothing, nor does an operation: Claude Platform on AWS has the same publisher.
        (row("", None, anthropic, None, "x"), None),
        (row("", None, anthropic, Some("Usage"), "ClaudeConsumptionUnits"), None),
        (row("", None, anthropic, Some("Usage"), "USE1-MP:USE1_consumption_units-Units"), None),
        (row("", None, anthropic, invoke, "USE1-MP:USE1_Claude_Consumption_Units-Units"), None),
        (row("", Some("Claude Platform on AWS"), anthropic, invoke, tokens), None),
        (row("", None, None, invoke, "x"), None),
        (row("", None, Some("NULL"), invoke, "x"), None),
        (row("", None, Some("Some Firewall Maker"), Some("Usage"), "USE1-MP:USE1_hours-Units"), None),
    ] {
        assert_eq!(classify(&row).map(|(source, ..)| source), source, "{row:?}");
    }
}

#[test]
fn services_name_the_model_where_no_product_does() {
    let row = |name, usage_type| Named { service_name: Some(name), usage_type, ..Named::default() };
    let tokens = row("Claude Sonnet 5 (Amazon Bedrock Edition)", "USE1-MP:USE1_input_tokens_global_standard-Units");
    assert_eq!(classify(&tokens).expect("ours").2.model.as_deref(), Some("Claude Sonnet 5"));
    let native = row("Amazon Bedrock", "USE1-Guardrail-x");
    assert_eq!(classify(&native).expect("ours").2.model, None);
    let unnamed = row("Amazon Bedrock", "USE1-frobnications");
    assert_eq!(classify(&unnamed).expect("ours").2.model, None, "a service is no model");
}

#[test]
fn stores_beside_bedrock_count_where_a_knowledge_base_uses_them() {
    // Product code or service name; usage type; what it is called.
    for (code, usage_type, class) in [
        ("AmazonRDS", "USE1-Aurora:ServerlessV2Usage", "Aurora:ServerlessV2Usage"),
        ("AmazonRDS", "Aurora:StorageUsage", "Aurora:StorageUsage"),
        ("AmazonRDS", "USE1-Aurora:StorageIOUsage", "Aurora:StorageIOUsage"),
        ("Amazon Relational Database Service", "USE1-Aurora:ServerlessV2Usage", "Aurora:ServerlessV2Usage"),
        ("AmazonNeptune", "USE1-StorageUsage", "StorageUsage"),
        ("AmazonKendra", "USE1-GenAIIndex-Hours", "GenAIIndex-Hours"),
        ("AmazonS3", "USE1-Vectors-Storage-ByteHrs", "Vectors-Storage-ByteHrs"),
        ("AmazonES", "USE1-ESInstance:r6g.large", "ESInstance:r6g.large"),
        ("AmazonES", "USE1-OpenSearch-Vectors-Storage", "OpenSearch-Vectors-Storage"),
        ("AmazonES", "USE1-input-tokens", "input-tokens"),
    ] {
        let row =
            |knowledge_base_store| Named { product_code: code, usage_type, knowledge_base_store, ..Named::default() };
        assert_eq!(classify(&row(false)), None, "{code} {usage_type}");
        let (source, _, billed_as) = classify(&row(true)).expect(usage_type);
        assert_eq!((source, billed_as.layer), (Beside, Layer::VectorStore), "{usage_type}");
        assert_eq!(billed_as.class, Class::Other(class.into()));
        assert_eq!(billed_as.model, None);
    }
    // Not a store: the pipeline into one, or another service's row.
    for (code, usage_type) in [("AmazonES", "USE1-IngestionOCU"), ("AmazonEC2", "USE1-BoxUsage:m5.large")] {
        let row = Named { product_code: code, usage_type, knowledge_base_store: true, ..Named::default() };
        assert_eq!(classify(&row), None, "{code}");
    }
}
