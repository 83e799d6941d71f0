"""One question about a billing export, asked of a general engine, for `cargo xtask bench bill`.

Usage: peer.py have | peer.py ENGINE FORM DATA     (ENGINE chdb, duckdb or polars; FORM parquet or csv)

The question: unblended cost and usage amount of Bedrock's rows by usage account, usage type and day. Bedrock's rows are
told as the CUDOS dashboard tells them: AWS is the seller and the product code is one of Bedrock's, or AWS Marketplace
is and the product's name says Bedrock. Prints the sums as one line of JSON.
"""

import importlib.util
import json
import sys

CODES = ["AmazonBedrock", "AmazonBedrockAgentCore", "AmazonBedrockService", "AmazonBedrockFoundationModels"]

CUR2 = {
    "entity": "bill_billing_entity",
    "code": "line_item_product_code",
    "account": "line_item_usage_account_id",
    "usage": "line_item_usage_type",
    "start": "line_item_usage_start_date",
    "cost": "line_item_unblended_cost",
    "amount": "line_item_usage_amount",
    "name": "product",
}
LEGACY = {
    "entity": "bill/BillingEntity",
    "code": "lineItem/ProductCode",
    "account": "lineItem/UsageAccountId",
    "usage": "lineItem/UsageType",
    "start": "lineItem/UsageStartDate",
    "cost": "lineItem/UnblendedCost",
    "amount": "lineItem/UsageAmount",
    "name": "product/ProductName",
}


def sql(form, table, number, day):
    """The question in SQL; `number` and `day` say how a column becomes one."""
    names = {key: f'"{name}"' for key, name in (CUR2 if form == "parquet" else LEGACY).items()}
    name = f"{names['name']}['product_name']" if form == "parquet" else names["name"]
    codes = ", ".join(f"'{code}'" for code in CODES)
    return f"""
        SELECT {names['account']} AS account, {names['usage']} AS usage, {day(names['start'])} AS day,
               sum({number(names['cost'])}) AS cost, sum({number(names['amount'])}) AS amount, count(*) AS n
        FROM {table}
        WHERE ({names['entity']} = 'AWS' AND {names['code']} IN ({codes}))
           OR ({names['entity']} = 'AWS Marketplace' AND {name} LIKE '%Bedrock%')
        GROUP BY 1, 2, 3"""


def duckdb(form, data):
    import duckdb as engine

    if form == "parquet":
        table, number, day = f"read_parquet('{data}/**/*.parquet')", str, lambda c: f"CAST(CAST({c} AS DATE) AS VARCHAR)"
    else:
        table = f"read_csv('{data}/**/*.csv.gz', header = true, all_varchar = true)"
        number, day = lambda c: f"CAST({c} AS DOUBLE)", lambda c: f"{c}[:10]"
    return engine.sql(sql(form, table, number, day)).fetchall()


def chdb(form, data):
    import chdb as engine

    if form == "parquet":
        table, number, day = f"file('{data}/**/*.parquet', Parquet)", str, lambda c: f"toString(toDate({c}))"
    else:
        # Only the columns that are asked for have to be told; the others are passed over.
        texts = [name for key, name in LEGACY.items() if key not in ("cost", "amount")]
        columns = [f'"{name}" String' for name in texts] + [f'"{LEGACY[key]}" Float64' for key in ("cost", "amount")]
        table = f"file('{data}/**/*.csv.gz', CSVWithNames, '{', '.join(columns)}')"
        number, day = str, lambda c: f"substring({c}, 1, 10)"
    rows = engine.query(sql(form, table, number, day) + " FORMAT JSONCompactEachRow").bytes().decode()
    return [json.loads(line) for line in rows.splitlines()]


def polars(form, data):
    import polars as pl

    names = CUR2 if form == "parquet" else LEGACY
    column = {key: pl.col(name) for key, name in names.items()}
    if form == "parquet":
        scanned = pl.scan_parquet(f"{data}/**/*.parquet")
        sold = column["name"].map.get("product_name").str.contains("Bedrock", literal=True)
        day, number = column["start"].dt.strftime("%Y-%m-%d"), lambda c: c
    else:
        scanned = pl.scan_csv(f"{data}/**/*.csv.gz", infer_schema=False)
        sold = column["name"].str.contains("Bedrock", literal=True)
        day, number = column["start"].str.slice(0, 10), lambda c: c.cast(pl.Float64)
    ours = (column["entity"] == "AWS") & column["code"].is_in(CODES)
    market = (column["entity"] == "AWS Marketplace") & sold
    found = scanned.filter(ours | market).group_by(
        column["account"].alias("account"), column["usage"].alias("usage"), day.alias("day")
    )
    sums = found.agg(number(column["cost"]).sum(), number(column["amount"]).sum().alias("amount"), pl.len())
    return sums.collect(engine="streaming").rows()


ENGINES = {"chdb": chdb, "duckdb": duckdb, "polars": polars}


def main():
    if sys.argv[1] == "have":
        print(json.dumps([name for name in ENGINES if importlib.util.find_spec(name)]))
        return
    engine, form, data = sys.argv[1:]
    groups = ENGINES[engine](form, data)
    by_account, by_day = {}, {}
    for account, _, day, cost, _, _ in groups:
        by_account[account] = by_account.get(account, 0.0) + cost
        by_day[day] = by_day.get(day, 0.0) + cost
    said = {
        "rows": sum(int(group[5]) for group in groups),
        "groups": len(groups),
        "unblended": sum(group[3] for group in groups),
        "amount": sum(group[4] for group in groups),
        "by_account": by_account,
        "by_day": by_day,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
