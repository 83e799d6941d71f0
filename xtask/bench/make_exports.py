"""Writes a large synthetic billing export for `cargo xtask bench bill`, and what is in it.

Usage: make_exports.py parquet|csv DIR ROWS FILES VERSION

Wide like a real export: 121 columns, mostly text of other services, a fifth of them empty, line ids of 52 characters
that never repeat, and (in Parquet) one map column on 40 % of the rows. 2 % of the rows are Bedrock's, spread evenly
over all files and row groups, which is the worst case for a reader that could skip. Same arguments, same rows.

  parquet  CUR 2.0: data/BILLING_PERIOD=2026-10/bench-00001.snappy.parquet, ...: four row groups each
  csv      legacy CUR: data/20261001-20261101/bench-1.csv.gz, ...: gzip level 6

Beside `data` it writes made.json: rows, Bedrock rows, and their exact unblended cost and tokens. VERSION is noted there
too: `cargo xtask bench` makes a new one when what is made here changes. Everything is invented: accounts, amounts,
prices. Needs pyarrow and numpy.
"""

import csv
import gzip
import json
import multiprocessing
import os
import shutil
import sys
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet

SEED = 20261001
GROUPS = 4  # row groups of a Parquet file
HOURS = 31 * 24
BEDROCK = 0.02
MAPPED = 0.40
RESOURCES = 60_000
ACCOUNTS = [str(digit) * 12 for digit in range(1, 10)]
REGIONS = [("USE1", "us-east-1"), ("USW2", "us-west-2"), ("EU", "eu-west-1")]
MEMORY = b"abcdefghijklmnopqrstuvwxyz234567"

# product code, product name, usage types, unit: other services, in no way Bedrock's.
OTHERS = [
    ("AmazonEC2", "Amazon Elastic Compute Cloud", ["BoxUsage:m5.large", "BoxUsage:c6g.xlarge", "EBS:VolumeUsage.gp3"], "Hrs"),
    ("AmazonS3", "Amazon Simple Storage Service", ["TimedStorage-ByteHrs", "Requests-Tier1", "Requests-Tier2"], "GB-Mo"),
    ("AWSLambda", "AWS Lambda", ["Lambda-GB-Second", "Request-ARM"], "Lambda-GB-Second"),
    ("AmazonCloudWatch", "AmazonCloudWatch", ["DataProcessing-Bytes", "CW:MetricMonitorUsage"], "GB"),
    ("AmazonDynamoDB", "Amazon DynamoDB", ["WriteRequestUnits", "ReadRequestUnits"], "WriteRequestUnits"),
    ("AWSDataTransfer", "AWS Data Transfer", ["DataTransfer-Out-Bytes", "DataTransfer-Regional-Bytes"], "GB"),
    ("awskms", "AWS Key Management Service", ["KMS-Requests", "KMS-Keys"], "Requests"),
]
# Marketplace products that are none of Bedrock's.
SOLD = ("9z8syntheticlogtool", "Log Tool for Teams", ["MP:HourlyUsage-Units"], "Units")

TOKENS = ["input-tokens", "output-tokens", "cache-read-input-token-count", "cache-write-input-token-count"]
DIMENSIONS = ["InputTokenCount", "OutputTokenCount", "CacheReadInputTokenCount", "CacheWriteInputTokenCount"]
NATIVE = ["NovaPro", "Nova2.0Lite", "NovaMicro"]
CLAUDE = ["Claude4.6Sonnet", "Claude4.6Opus"]
EDITIONS = [
    ("5x6syntheticsonnet45", "Claude Sonnet 4.5 (Amazon Bedrock Edition)"),
    ("6y7syntheticopus41", "Claude Opus 4.1 (Amazon Bedrock Edition)"),
]


def kinds():
    """Every kind of row: other services first, then W1 (native), W2 (sold by AWS), W3 (Marketplace)."""
    others, bedrock = [], []

    def kind(entity, code, name, usage_type, operation, unit, region, scale):
        return {
            "entity": entity, "code": code, "name": name, "usage_type": usage_type, "operation": operation,
            "unit": unit, "region": region, "scale": scale,
        }

    for prefix, region in REGIONS:
        for code, name, usage_types, unit in OTHERS:
            for usage_type in usage_types:
                others.append(kind("AWS", code, name, f"{prefix}-{usage_type}", "RunInstances", unit, region, 3))
        others.append(kind("AWS Marketplace", SOLD[0], SOLD[1], f"{prefix}-{SOLD[2][0]}", "Hourly", SOLD[3], "", 3))
        for routing in ["", "-cross-region-global"]:
            for code, name, models in [
                ("AmazonBedrock", "Amazon Bedrock", NATIVE),
                ("AmazonBedrockService", "Amazon Bedrock Service", CLAUDE),
            ]:
                for model in models:
                    for token in TOKENS:
                        usage = f"{prefix}-{model}-{token}{routing}"
                        bedrock.append(kind("AWS", code, name, usage, "InvokeModelInference", "1K tokens", region, 3))
        for routing in ["", "_Global"]:
            for code, name in EDITIONS:
                for token in DIMENSIONS:
                    usage = f"{prefix}-MP:{prefix}_{token}{routing}-Units"
                    bedrock.append(
                        kind("AWS Marketplace", code, name, usage, "InvokeModelStreamingInference", "Units", "", 6)
                    )
    return others, bedrock


def worlds(bedrock):
    """Positions of W1, W2 and W3 among Bedrock's kinds."""
    is_world = [
        lambda k: k["code"] == "AmazonBedrock",
        lambda k: k["code"] == "AmazonBedrockService",
        lambda k: k["entity"] == "AWS Marketplace",
    ]
    return [np.array([at for at, k in enumerate(bedrock) if test(k)]) for test in is_world]


def picked(values, at):
    """A text column: values[at], with nulls where a value is None."""
    indices = pa.array(at.astype(np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string())).dictionary_decode()


def line_ids(rng, n):
    table = np.frombuffer(MEMORY, np.uint8)
    data = table[rng.integers(0, 32, n * 52, np.uint8)]
    offsets = np.arange(0, (n + 1) * 52, 52, dtype=np.int32)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))


def decimals(values, scale):
    """Integers of 10^-scale as plain decimal text, never 1e-05."""
    one = 10**scale
    return pa.array([f"{value // one}.{value % one:0{scale}}" for value in values.tolist()])


class Slice:
    """Some rows of an export, column by column."""

    def __init__(self, rng, n, parquet):
        self.rng, self.n, self.parquet = rng, n, parquet
        others, bedrock = kinds()
        self.all = others + bedrock
        ours = rng.random(n) < BEDROCK
        world = rng.integers(0, 3, n)
        at = rng.integers(0, len(others), n)
        for number, places in enumerate(worlds(bedrock)):
            chosen = len(others) + places[rng.integers(0, len(places), n)]
            at = np.where(ours & (world == number), chosen, at)
        self.at, self.ours = at, ours
        self.hour = rng.integers(0, HOURS, n)
        # Nano-dollars, and thousandths or millionths of the pricing unit: exact in text, shortest in doubles.
        self.cost = rng.integers(1, 40_000_000_000, n)
        self.scale = np.array([kind["scale"] for kind in self.all])[at]
        self.steps = rng.integers(1, 4_000_000, n)

    def on_marketplace(self):
        return np.array([kind["entity"] == "AWS Marketplace" for kind in self.all])[self.at]

    def of_kind(self, key):
        return picked([kind[key] or None for kind in self.all], self.at)

    def some(self, values):
        return picked(values, self.rng.integers(0, len(values), self.n))

    def constant(self, value):
        return picked([value], np.zeros(self.n, np.int32))

    def moments(self, hours):
        if self.parquet:
            start = np.datetime64("2026-10-01T00", "h").astype(np.int64)
            return pa.array(((start + hours) * 3_600_000).astype("datetime64[ms]"))
        return picked([moment(hour) for hour in range(HOURS + 1)], hours)

    def money(self, nanos):
        return pa.array(nanos / 1e9) if self.parquet else decimals(nanos, 9)

    def amount(self):
        if self.parquet:
            return pa.array(np.where(self.scale == 3, self.steps / 1e3, self.steps / 1e6))
        return decimals(np.where(self.scale == 3, self.steps * 1_000, self.steps), 6)

    def product(self):
        """The map: on Bedrock's rows and on 40 % of all."""
        filled = self.ours | (self.rng.random(self.n) < MAPPED)
        counts = np.where(filled, 2, 0)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        at = self.at[filled]
        keys = picked(["product_name", "servicename"], np.tile([0, 1], len(at)))
        values = picked([kind["name"] for kind in self.all], np.repeat(at, 2))
        entries = pa.StructArray.from_arrays([keys, values], fields=[
            pa.field("key", pa.string(), False), pa.field("value", pa.string()),
        ])
        validity = pa.array(filled).buffers()[1]
        kind = pa.map_(pa.string(), pa.string())
        return pa.Array.from_buffers(kind, self.n, [validity, pa.py_buffer(offsets)], children=[entries])


def moment(hour):
    return "2026-11-01T00:00:00Z" if hour == HOURS else f"2026-10-{hour // 24 + 1:02}T{hour % 24:02}:00:00Z"


def rate(number):
    return f"0.{number * 7919 % 1_000_000:06}0000"


RESERVATION = [
    "AmortizedUpfrontCostForUsage", "AmortizedUpfrontFeeForBillingPeriod", "AvailabilityZone", "EffectiveCost",
    "EndTime", "ModificationStatus", "NormalizedUnitsPerReservation", "NumberOfReservations", "RecurringFeeForUsage",
    "ReservationARN", "StartTime", "SubscriptionId", "TotalReservedNormalizedUnits", "TotalReservedUnits",
    "UnitsPerReservation", "UnusedAmortizedUpfrontFeeForBillingPeriod", "UnusedNormalizedUnitQuantity",
    "UnusedQuantity", "UnusedRecurringFee", "UpfrontValue",
]  # fmt: skip
SAVINGS = [
    "AmortizedUpfrontCommitmentForBillingPeriod", "RecurringCommitmentForBillingPeriod", "SavingsPlanARN",
    "SavingsPlanEffectiveCost", "SavingsPlanRate", "TotalCommitmentToDate", "UsedCommitment",
]  # fmt: skip
# Attributes of products, with invented values on every row.
ATTRIBUTES = [
    "availability", "cacheEngine", "capacitystatus", "clockSpeed", "comment", "currentGeneration", "databaseEngine",
    "dataTransferQuota", "dedicatedEbsThroughput", "deploymentOption", "durability", "ecu", "endpointType",
    "engineCode", "enhancedNetworkingSupported", "eventType", "feeCode", "fromLocation", "fromLocationType",
    "fromRegionCode", "gpu", "group", "groupDescription", "instanceFamily", "instanceType", "instanceTypeFamily",
    "intelAvxAvailable", "licenseModel", "location", "locationType", "marketoption", "maxIopsvolume",
    "maxThroughputvolume", "maxVolumeSize", "memory", "messageDeliveryFrequency", "networkPerformance",
    "normalizationSizeFactor", "operatingSystem", "operation", "physicalProcessor", "platoclassificationtype",
    "preInstalledSw", "processorArchitecture", "processorFeatures", "productFamily", "provisioned", "purchaseOption",
]  # fmt: skip


def snake(name):
    out = ""
    for at, letter in enumerate(name):
        if letter.isupper() and at and not name[at - 1].isupper():
            out += "_"
        out += letter.lower()
    return out


def columns(s):
    """Name in CUR 2.0, name in a legacy report, and cells: 121 in either form."""
    legacy_interval = [f"{moment(hour)}/{moment(hour + 1)}" for hour in range(HOURS)]
    resources = [f"arn:aws:service:us-east-1:{ACCOUNTS[at % 9]}:thing/{at:08x}" for at in range(RESOURCES)]
    rates = [rate(number) for number in range(2_000)]
    words = [f"synthetic text {number:03} of kind" for number in range(200)]
    yield "identity_line_item_id", "identity/LineItemId", line_ids(s.rng, s.n)
    yield "identity_time_interval", "identity/TimeInterval", picked(legacy_interval, s.hour)
    yield "bill_invoice_id", "bill/InvoiceId", s.constant("2026100001")
    yield "bill_invoicing_entity", "bill/InvoicingEntity", s.constant("Synthetic Web Services, Inc.")
    yield "bill_billing_entity", "bill/BillingEntity", s.of_kind("entity")
    yield "bill_bill_type", "bill/BillType", s.constant("Anniversary")
    yield "bill_payer_account_id", "bill/PayerAccountId", s.constant(ACCOUNTS[0])
    yield "bill_billing_period_start_date", "bill/BillingPeriodStartDate", s.moments(np.zeros(s.n, np.int64))
    yield "bill_billing_period_end_date", "bill/BillingPeriodEndDate", s.moments(np.full(s.n, HOURS))
    yield "line_item_usage_account_id", "lineItem/UsageAccountId", s.some(ACCOUNTS)
    yield "line_item_line_item_type", "lineItem/LineItemType", s.constant("Usage")
    yield "line_item_usage_start_date", "lineItem/UsageStartDate", s.moments(s.hour)
    yield "line_item_usage_end_date", "lineItem/UsageEndDate", s.moments(s.hour + 1)
    yield "line_item_product_code", "lineItem/ProductCode", s.of_kind("code")
    yield "line_item_usage_type", "lineItem/UsageType", s.of_kind("usage_type")
    yield "line_item_operation", "lineItem/Operation", s.of_kind("operation")
    yield "line_item_availability_zone", "lineItem/AvailabilityZone", s.some(["us-east-1a", "us-east-1b", None])
    yield "line_item_resource_id", "lineItem/ResourceId", s.some(resources)
    yield "line_item_usage_amount", "lineItem/UsageAmount", s.amount()
    yield "line_item_normalization_factor", "lineItem/NormalizationFactor", s.money(s.steps)
    yield "line_item_normalized_usage_amount", "lineItem/NormalizedUsageAmount", s.money(s.steps * 3)
    yield "line_item_currency_code", "lineItem/CurrencyCode", s.constant("USD")
    yield "line_item_unblended_rate", "lineItem/UnblendedRate", s.some(rates)
    yield "line_item_unblended_cost", "lineItem/UnblendedCost", s.money(s.cost)
    yield "line_item_blended_rate", "lineItem/BlendedRate", s.some(rates)
    yield "line_item_blended_cost", "lineItem/BlendedCost", s.money(s.cost)
    yield "line_item_line_item_description", "lineItem/LineItemDescription", s.some(
        [f"${text} per synthetic unit, first tier" for text in rates]
    )
    yield "line_item_tax_type", "lineItem/TaxType", s.constant(None)
    yield "line_item_legal_entity", "lineItem/LegalEntity", s.constant("Synthetic Web Services, Inc.")
    yield "pricing_public_on_demand_cost", "pricing/publicOnDemandCost", s.money(
        np.where(s.on_marketplace(), 0, s.cost)
    )
    yield "pricing_public_on_demand_rate", "pricing/publicOnDemandRate", s.some(rates)
    yield "pricing_term", "pricing/term", s.constant("OnDemand")
    yield "pricing_unit", "pricing/unit", s.of_kind("unit")
    yield "pricing_currency", "pricing/currency", s.constant("USD")
    yield "pricing_rate_code", "pricing/RateCode", s.some([f"SYNTH{n:011}.JRTCKXETXF.6YS6EN2CT7" for n in range(2_000)])
    yield "pricing_rate_id", "pricing/RateId", s.some([str(10_000_000 + n) for n in range(2_000)])
    if s.parquet:
        yield "product", "", s.product()
    else:
        yield "", "product/ProductName", s.of_kind("name")
    yield "product_region_code", "product/regionCode", s.of_kind("region")
    yield "product_servicecode", "product/servicecode", s.of_kind("code")
    yield "product_sku", "product/sku", s.some([f"SYNTH{n:011}" for n in range(2_000)])
    for at, name in enumerate(ATTRIBUTES):
        values = [None] if name == "feeCode" else [words[(at * 17 + n) % 200] for n in range(40)]
        yield f"product_{snake(name)}", f"product/{name}", s.some(values)
    for name in RESERVATION:
        yield f"reservation_{snake(name)}", f"reservation/{name}", s.constant(None)
    for name in SAVINGS:
        yield f"savings_plan_{snake(name)}", f"savingsPlan/{name}", s.constant(None)
    for name in ["team", "environment", "cost-center", "owner", "service", "stage"]:
        yield f"resource_tags_user_{name.replace('-', '_')}", f"resourceTags/user:{name}", s.some(
            [f"{name}-{n}" for n in range(30)] + [None] * 10
        )


def made(s):
    """What a slice holds of Bedrock, in exact integers."""
    ours = s.ours
    return {"bedrock_rows": int(ours.sum()), "nano_usd": int(s.cost[ours].sum()), "tokens": int(s.steps[ours].sum())}


def write(job):
    form, path, number, rows = job
    parquet = form == "parquet"
    totals = {"bedrock_rows": 0, "nano_usd": 0, "tokens": 0}
    per = -(-rows // GROUPS)
    writer = stream = None
    for group in range(GROUPS):
        n = min(per, rows - group * per)
        if n <= 0:
            break
        s = Slice(np.random.default_rng([SEED, number, group]), n, parquet)
        found = list(columns(s))
        assert len(found) == 121, len(found)
        names = [cur2 if parquet else legacy for cur2, legacy, _ in found]
        table = pa.table([cells for _, _, cells in found], names)
        if parquet:
            writer = writer or pa.parquet.ParquetWriter(path, table.schema, compression="snappy", store_schema=False)
            writer.write_table(table, row_group_size=n)
        else:
            if not stream:
                stream = gzip.open(path, "wt", 6, encoding="utf-8", newline="")
                csv.writer(stream, lineterminator="\n").writerow(names)
            for at in range(0, n, 20_000):
                cells = [column.to_pylist() for column in table.slice(at, 20_000).columns]
                csv.writer(stream, lineterminator="\n").writerows(zip(*cells))
        for key, value in made(s).items():
            totals[key] += value
    for open_file in (writer, stream):
        if open_file:
            open_file.close()
    return totals


def main():
    form, folder = sys.argv[1:3]
    rows, files, version = map(int, sys.argv[3:])
    shutil.rmtree(folder, ignore_errors=True)
    parquet = form == "parquet"
    data = os.path.join(folder, "data", "BILLING_PERIOD=2026-10" if parquet else "20261001-20261101")
    os.makedirs(data)
    jobs = []
    for number in range(files):
        name = f"bench-{number + 1:05}.snappy.parquet" if parquet else f"bench-{number + 1}.csv.gz"
        count = rows // files + (1 if number < rows % files else 0)
        jobs.append((form, os.path.join(data, name), number, count))
    totals = {"bedrock_rows": 0, "nano_usd": 0, "tokens": 0}
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        for done, some in enumerate(pool.imap(write, jobs), 1):
            for key, value in some.items():
                totals[key] += value
            print(f"{done} of {files} files", file=sys.stderr)
    unblended = str(Decimal(totals["nano_usd"]).scaleb(-9))
    said = {"form": form, "rows": rows, "files": files, "version": version, "bedrock_rows": totals["bedrock_rows"],
            "unblended": unblended, "tokens": totals["tokens"]}
    # Last: a folder without it was left half-written.
    with open(os.path.join(folder, "made.json"), "w", encoding="utf-8") as out:
        json.dump(said, out, indent=2)


if __name__ == "__main__":
    main()
