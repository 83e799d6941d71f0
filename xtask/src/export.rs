//! A month of a synthetic CUR 2.0 data export: what an organisation sees on day one, with invocation logging still
//! off. Amounts are round, so that every total can be checked by hand: `testdata/exports/day-one/expected.toml`
//! does, and nothing there comes from this code.
//!
//! Weekends carry half the usage of weekdays; what is paid by the hour does not rest. October 2026 has 22 weekdays
//! and 9 weekend days: 26.5 weekdays' worth.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use lode_synth::{CUR_COLUMNS, csv_record, decimal};

const PAYER: &str = "111111111111";
const MEMBER: &str = "222222222222";
const FOLDER: &str = "data/BILLING_PERIOD=2026-10";
/// First day of the second chunk.
const SECOND_CHUNK: u32 = 17;
const DAYS: u32 = 31;

/// A row before it is a row: what the columns are made of. Amounts are in thousandths of the pricing unit, costs in
/// millionths of a dollar.
#[derive(Clone, Copy)]
struct Charge {
    line_type: &'static str,
    marketplace: bool,
    account: &'static str,
    product_code: &'static str,
    product_name: &'static str,
    usage_type: &'static str,
    operation: &'static str,
    resource: &'static str,
    principal: &'static str,
    unit: &'static str,
    amount_milli: i64,
    cost_micro: i64,
    region: &'static str,
}

const NATIVE: Charge = Charge {
    line_type: "Usage",
    marketplace: false,
    account: MEMBER,
    product_code: "AmazonBedrock",
    product_name: "Amazon Bedrock",
    usage_type: "",
    operation: "InvokeModelInference",
    resource: "",
    principal: "",
    unit: "1K tokens",
    amount_milli: 0,
    cost_micro: 0,
    region: "us-east-1",
};

const NOVA_PRO: Charge = Charge {
    resource: "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
    principal: "arn:aws:sts::222222222222:assumed-role/support-chat/session-1",
    ..NATIVE
};

/// The principal is the text NULL, as some tools write it.
const NOVA_2_LITE: Charge = Charge {
    resource: "arn:aws:bedrock:us-east-1:222222222222:inference-profile/us.amazon.nova-2-lite-v1:0",
    principal: "NULL",
    ..NATIVE
};

const SONNET_4_6: Charge = Charge {
    product_code: "AmazonBedrockService",
    product_name: "Amazon Bedrock Service",
    operation: "InvokeModelStreamingInference",
    resource: "arn:aws:bedrock:us-east-1:222222222222:inference-profile/us.anthropic.claude-sonnet-4-6",
    principal: "arn:aws:sts::222222222222:assumed-role/research-agents/run-7",
    ..NATIVE
};

/// The Marketplace fills neither the region nor a list price.
const SONNET_4_5: Charge = Charge {
    marketplace: true,
    product_code: "5x6syntheticsonnet45",
    product_name: "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
    resource: "arn:aws:bedrock:us-east-1:222222222222:application-inference-profile/claims0intake",
    unit: "Units",
    region: "",
    ..NATIVE
};

const OPUS_4_1: Charge = Charge {
    account: PAYER,
    product_code: "6y7syntheticopus41",
    product_name: "Claude Opus 4.1 (Amazon Bedrock Edition)",
    resource: "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0",
    ..SONNET_4_5
};

const COLLECTION: Charge = Charge {
    product_code: "AmazonES",
    product_name: "Amazon OpenSearch Service",
    operation: "ESDomain",
    resource: "arn:aws:aoss:us-east-1:222222222222:collection/kb0vectors",
    unit: "OCU-hours",
    ..NATIVE
};

const fn usage(from: Charge, usage_type: &'static str, amount_milli: i64, cost_micro: i64) -> Charge {
    Charge { usage_type, amount_milli, cost_micro, ..from }
}

/// What a weekday uses; half of it on Saturdays and Sundays.
const BY_USE: [Charge; 16] = [
    usage(NOVA_PRO, "USE1-NovaPro-input-tokens", 100_000_000, 80_000_000),
    usage(NOVA_PRO, "USE1-NovaPro-output-tokens", 20_000_000, 64_000_000),
    usage(NOVA_PRO, "USE1-NovaPro-input-tokens-priority", 20_000_000, 28_000_000),
    usage(NOVA_PRO, "USE1-NovaPro-output-tokens-priority", 5_000_000, 28_000_000),
    usage(NOVA_2_LITE, "USE1-Nova2.0Lite-input-tokens", 200_000_000, 66_000_000),
    usage(NOVA_2_LITE, "USE1-Nova2.0Lite-output-tokens", 40_000_000, 110_000_000),
    usage(NATIVE, "USE1-TitanEmbeddingV2-Text-input-tokens", 500_000_000, 10_000_000),
    Charge {
        operation: "ApplyGuardrail",
        resource: "arn:aws:bedrock:us-east-1:222222222222:guardrail/content0guard",
        unit: "TextUnit",
        ..usage(NATIVE, "USE1-Guardrail-ContentPolicyUnitsConsumed", 100_000_000, 15_000_000)
    },
    usage(SONNET_4_6, "USE1-Claude4.6Sonnet-input-tokens", 40_000_000, 132_000_000),
    usage(SONNET_4_6, "USE1-Claude4.6Sonnet-output-tokens", 8_000_000, 132_000_000),
    usage(SONNET_4_6, "USE1-Claude4.6Sonnet-cache-write-input-token-count", 80_000_000, 330_000_000),
    usage(SONNET_4_6, "USE1-Claude4.6Sonnet-cache-read-input-token-count", 4_000_000, 1_320_000),
    usage(SONNET_4_5, "USE1-MP:USE1_InputTokenCount-Units", 60_000, 198_000_000),
    usage(SONNET_4_5, "USE1-MP:USE1_OutputTokenCount-Units", 12_000, 198_000_000),
    usage(OPUS_4_1, "USW2-MP:USW2_InputTokenCount-Units", 10_000, 150_000_000),
    usage(OPUS_4_1, "USW2-MP:USW2_OutputTokenCount-Units", 2_000, 150_000_000),
];

/// What every day costs, used or not.
const BY_DAY: [Charge; 4] = [
    Charge {
        operation: "CreateProvisionedModelThroughput",
        resource: "arn:aws:bedrock:us-east-1:222222222222:provisioned-model/unit0one",
        unit: "hour",
        ..usage(NATIVE, "USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits", 24_000, 1_452_000_000)
    },
    usage(COLLECTION, "USE1-SearchOCU", 24_000, 5_760_000),
    usage(COLLECTION, "USE1-IndexingOCU", 24_000, 5_760_000),
    Charge { unit: "GB-month", ..usage(COLLECTION, "USE1-StorageUsedInS3ByteHour", 5_000, 120_000) },
];

/// The files of the export: path below `testdata/exports/day-one`, and bytes that are the same on every run.
pub(crate) fn day_one() -> Vec<(String, Vec<u8>)> {
    let mut chunks = [Vec::new(), Vec::new()];
    for day in 1..=DAYS {
        chunks[usize::from(day >= SECOND_CHUNK)].extend(rows_of(day));
    }
    let mut line = 0;
    let files = chunks.iter().zip(1..).map(|(rows, number)| {
        let mut text = csv_record(&CUR_COLUMNS.map(str::to_owned));
        for (charge, start, end) in rows {
            line += 1;
            text.push_str(&csv_record(&cells(line, charge, start, end)));
        }
        (format!("{FOLDER}/day-one-{number:05}.csv.gz"), gzip(text.as_bytes()))
    });
    files.collect()
}

/// The rows of one day, with start and end.
fn rows_of(day: u32) -> Vec<(Charge, String, String)> {
    let midnight = |day: u32| match day {
        32 => "2026-11-01T00:00:00.000Z".to_owned(),
        _ => format!("2026-10-{day:02}T00:00:00.000Z"),
    };
    let whole_day = |charge| (charge, midnight(day), midnight(day + 1));
    let mut rows = Vec::new();
    for charge in BY_USE {
        // 1 October 2026 is a Thursday: Saturdays are the 3rd, 10th, …, Sundays the day after.
        let halves = if matches!(day % 7, 3 | 4) { 1 } else { 2 };
        let mut charge = Charge {
            amount_milli: charge.amount_milli / 2 * halves,
            cost_micro: charge.cost_micro / 2 * halves,
            ..charge
        };
        // AWS has moved prices from thousands to millions of tokens in mid-month.
        if charge.usage_type.contains("Nova2.0Lite") && day >= 16 {
            charge = Charge { unit: "1M tokens", amount_milli: charge.amount_milli / 1_000, ..charge };
        }
        // A row may lack its unit.
        if charge.usage_type.contains("TitanEmbedding") && day == 31 {
            charge.unit = "";
        }
        if charge.usage_type == "USE1-NovaPro-input-tokens" && day == 20 {
            // One day by the hour, from nine to one.
            let hourly = Charge { amount_milli: charge.amount_milli / 4, cost_micro: charge.cost_micro / 4, ..charge };
            for hour in 9..13 {
                let at = |hour: u32| format!("2026-10-20T{hour:02}:00:00.000Z");
                rows.push((hourly, at(hour), at(hour + 1)));
            }
        } else {
            rows.push(whole_day(charge));
        }
    }
    rows.extend(BY_DAY.map(whole_day));
    match day {
        1 => {
            let tax = Charge { line_type: "Tax", operation: "", unit: "", ..usage(NATIVE, "", 1_000, 100_000_000) };
            rows.push((tax, midnight(1), midnight(32)));
        }
        15 => rows.push(whole_day(Charge {
            operation: "",
            unit: "Frobnications",
            ..usage(NATIVE, "USE1-Quantum-Frobnications", 1_234_000, 12_340_000)
        })),
        30 => rows.push(whole_day(Charge {
            line_type: "Credit",
            ..usage(NATIVE, "USE1-NovaPro-input-tokens", 0, -50_000_000)
        })),
        31 => rows.push(whole_day(Charge {
            product_code: "AmazonEC2",
            product_name: "Amazon Elastic Compute Cloud",
            operation: "RunInstances",
            resource: "i-00000000000000001",
            unit: "Hrs",
            ..usage(NATIVE, "USE1-BoxUsage:m5.large", 24_000, 2_304_000)
        })),
        _ => {}
    }
    rows
}

fn cells(line: u32, charge: &Charge, start: &str, end: &str) -> [String; CUR_COLUMNS.len()] {
    let cost = decimal(charge.cost_micro.into(), 6);
    let public = if charge.marketplace { "0".to_owned() } else { cost.clone() };
    let description = format!("synthetic: {}", charge.usage_type);
    let product = format!(r#"{{"product_name":"{}"}}"#, charge.product_name);
    [
        format!("synthetic{line:06}").as_str(),
        "Anniversary",
        if charge.marketplace { "AWS Marketplace" } else { "AWS" },
        "2026-10-01T00:00:00.000Z",
        "2026-11-01T00:00:00.000Z",
        PAYER,
        "synthetic payer",
        charge.account,
        charge.line_type,
        start,
        end,
        charge.product_code,
        charge.usage_type,
        charge.operation,
        charge.resource,
        charge.principal,
        &decimal(charge.amount_milli.into(), 3),
        "USD",
        &cost,
        &description,
        charge.unit,
        if charge.line_type == "Usage" { "OnDemand" } else { "" },
        &public,
        &product,
        charge.region,
    ]
    .map(str::to_owned)
}

/// Gzip without name or time, so that equal text gives equal bytes.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    // Writing to memory cannot fail; if it could, the test that reads the file would say so.
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}
