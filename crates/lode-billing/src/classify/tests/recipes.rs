//! Rows as bills have them, from unit to tokens: made-up rows whose figures agree with AWS blog posts of 2026-08,
//! with public copies of price lists and with published bills (state of 2026-10). Rows 1, 2 and 4 were published
//! for Claude 4.5 Sonnet, which has the same prices.

use lode_model::{BillingSource, Money, Quantity, Unit};

use super::{A, M, N, Named, O, S, told};
use crate::classify::classify;
use crate::units::Measure;

/// World; product name; usage type; unit; amount; unblended cost; meaning; model; steps and what they count.
type Recipe = (
    (&'static str, &'static str),
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (i128, Unit),
);

const SONNET: &str = "Claude Sonnet 4.6 (Amazon Bedrock Edition)";
const OPUS: &str = "Claude Opus 5.5 (Amazon Bedrock Edition)";

#[rustfmt::skip]
const RECIPES: [Recipe; 15] = [
    (S, "Amazon Bedrock Service", "USW2-Claude4.6Sonnet-input-tokens", "1K tokens", "29.481", "0.0972873", "inference input", "Claude4.6Sonnet", (29_481, Unit::Token)),
    (S, "Amazon Bedrock Service", "USW2-Claude4.6Sonnet-output-tokens", "1K tokens", "31.102", "0.513183", "inference output", "Claude4.6Sonnet", (31_102, Unit::Token)),
    (S, "Amazon Bedrock Service", "USW2-Claude4.6Sonnet-cache-read-input-token-count", "1K tokens", "5372.659", "1.77297747", "inference cache-read", "Claude4.6Sonnet", (5_372_659, Unit::Token)),
    (S, "Amazon Bedrock Service", "USW2-Claude4.6Sonnet-cache-write-input-token-count", "1K tokens", "433.893", "1.789808625", "inference cache-write-5m", "Claude4.6Sonnet", (433_893, Unit::Token)),
    (N, "Amazon Bedrock", "USE1-Nova2.0Lite-input-tokens-cross-region-global", "1K tokens", "1000", "0.30", "inference input global", "Nova2.0Lite", (1_000_000, Unit::Token)),
    (N, "Amazon Bedrock", "USE1-Qwen3-32B-input-tokens-batch", "1K tokens", "2000", "0.15", "inference input batch", "Qwen3-32B", (2_000_000, Unit::Token)),
    (M, SONNET, "USE1-MP:USE1_InputTokenCount_Global-Units", "Units", "2.5", "7.50", "inference input global", "Claude Sonnet 4.6", (2_500_000, Unit::Token)),
    (M, SONNET, "USE1-MP:USE1_CacheWrite1hInputTokenCount-Units", "Units", "0.4", "2.64", "inference cache-write-1h", "Claude Sonnet 4.6", (400_000, Unit::Token)),
    (M, OPUS, "USW2-MP:USW2_output_tokens_standard-Units", "1M tokens", "0.1", "2.20", "inference output", "Claude Opus 5.5", (100_000, Unit::Token)),
    (N, "Amazon Bedrock", "USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits", "hour", "24", "1452.00", "capacity model-unit-hour-no-commitment provisioned", "Nova2.0Lite", (24_000_000, Unit::MicroHour)),
    (N, "Amazon Bedrock", "USE1-Guardrail-ContentPolicyUnitsConsumed", "TextUnit", "10000", "1.50", "guardrails guardrail-content-policy-unit", "-", (10_000_000_000, Unit::Micro)),
    (N, "Amazon Bedrock", "USE1-Nova2.0Lite-Customization-Storage", "Model/month", "1", "1.95", "custom-models model-storage-month custom", "Nova2.0Lite", (1_000_000, Unit::Micro)),
    (O, "Amazon OpenSearch Service", "USE1-SearchOCU", "OCU-hours", "24", "5.76", "vector-store search-ocu-hour", "-", (24_000_000, Unit::MicroHour)),
    (O, "Amazon OpenSearch Service", "USE1-IndexingOCU", "OCU-hours", "24", "5.76", "vector-store indexing-ocu-hour", "-", (24_000_000, Unit::MicroHour)),
    (A, "Amazon Bedrock AgentCore", "USE1-Runtime:Consumption-based:vCPU", "vCPU-Hours", "0.3", "0.02685", "other Runtime:Consumption-based:vCPU", "-", (300_000, Unit::MicroHour)),
];

#[test]
fn rows_of_a_bill_come_out_whole() {
    for (world, product, usage_type, unit, amount, cost, meaning, model, (steps, step)) in RECIPES {
        let row = Named {
            entity: Some(world.0),
            product_code: world.1,
            product_name: Some(product),
            usage_type,
            operation: Some("InvokeModelInference"),
            ..Named::default()
        };
        let (source, _, billed_as) = classify(&row).expect(usage_type);
        assert_eq!(source == BillingSource::AwsMarketplace, world == M, "{usage_type}");
        assert_eq!(told(&billed_as), meaning, "{usage_type}");
        assert_eq!(billed_as.model.as_deref().unwrap_or("-"), model, "{usage_type}");
        let measure = Measure::of(Some(unit), &billed_as.class, usage_type);
        let counted = measure.expect(unit).quantity(amount).expect(amount);
        assert_eq!(counted, Quantity { steps, unit: step }, "{usage_type}");
        assert!(Money::parse(cost).is_ok_and(|cost| cost > Money::ZERO), "{usage_type}");
    }
}

#[test]
fn costs_are_the_list_prices_of_the_quantities() {
    // Dollars for a million tokens, or for one of what is counted: written with the recipes they belong to.
    let list = [
        "3.30", "16.50", "0.33", "4.125", "0.30", "0.075", "3.00", "6.60", "22.00", "60.50", "0.00015", "1.95", "0.24",
        "0.24", "0.0895",
    ];
    for ((_, _, usage_type, _, _, cost, _, _, (steps, _)), list) in RECIPES.into_iter().zip(list) {
        let price = Money::parse(list).expect(list);
        let cost = Money::parse(cost).expect(cost);
        // A million steps are a million tokens, an hour or a piece.
        let expected = price.pico() * steps / 1_000_000;
        assert_eq!(expected, cost.pico(), "{usage_type}");
    }
}

#[test]
fn units_published_beside_their_costs_scale_right() {
    // AWS blog, 2026-08-12: thousands of tokens, list price of a thousand, cost as printed (some cut after three
    // decimals).
    for (amount, per_thousand, printed) in [
        ("17.33", "0.0033", "0.0572"),
        ("68.579", "0.0165", "1.131"),
        ("831.74", "0.004125", "3.4309"),
        ("5372.659", "0.00033", "1.77297747"),
        ("1629.5", "0.006875", "11.2029"),
    ] {
        let measure = Measure::of(Some("1K tokens"), &lode_model::Class::Input, "x").expect("a unit");
        let tokens = measure.quantity(amount).expect(amount).steps;
        let cost = Money::parse(per_thousand).expect("a price").pico() * tokens / 1_000;
        let printed = Money::parse(printed).expect("a cost").pico();
        assert!((cost - printed).abs() < 1_000_000_000, "{amount}: {cost} is not {printed}");
    }
}
