"""One question about model invocation logs, asked of a general engine, for `cargo xtask bench logs`.

Usage: peer_logs.py have | peer_logs.py ENGINE DIR     (ENGINE chdb, duckdb or polars)

The question: requests and tokens by class, and the first and last time, by account, region and model. Every engine is
told the names and types of the fields it needs, so that none guesses and all may pass over the bodies; none is asked to
hash a prompt. Two threads each. Prints the sums, in all and by model, as one line of JSON.
"""

import importlib.util
import json
import os
import sys

THREADS = 2
COUNTS = ["requests", "input", "output", "cache_read", "cache_write"]
INPUT = ["inputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount"]
OUTPUT = ["outputTokenCount"]
HEAD = ["timestamp", "accountId", "region", "modelId"]


def sql(table):
    """The question in SQL, for engines that read a missing count as null."""
    count = "coalesce(sum({}), 0)".format
    return f"""
        SELECT accountId, region, modelId, min("timestamp"), max("timestamp"), count(*),
               {count("input.inputTokenCount")}, {count("output.outputTokenCount")},
               {count("input.cacheReadInputTokenCount")}, {count("input.cacheWriteInputTokenCount")}
        FROM {table} GROUP BY accountId, region, modelId"""


def chdb(folder):
    import chdb as engine

    def tuple_of(names):
        return f"Tuple({', '.join(f'{name} UInt64' for name in names)})"

    columns = [f"{name} LowCardinality(String)" if name != "timestamp" else "timestamp String" for name in HEAD]
    columns += [f"input {tuple_of(INPUT)}", f"output {tuple_of(OUTPUT)}"]
    # A missing count is 0 in ClickHouse. The tuples are told by name and pass over what else the log has in them.
    table = f"file('{folder}/**/*.json.gz', JSONEachRow, '{', '.join(columns)}')"
    settings = f" SETTINGS max_threads = {THREADS}, input_format_skip_unknown_fields = 1"
    settings += ", input_format_json_ignore_unknown_keys_in_named_tuple = 1"
    rows = engine.query(sql(table) + settings + " FORMAT JSONCompactEachRow").bytes().decode()
    return [json.loads(line) for line in rows.splitlines()]


def duckdb(folder):
    import duckdb as engine

    def struct_of(names):
        return f"STRUCT({', '.join(f'{name} BIGINT' for name in names)})"

    columns = dict.fromkeys(HEAD, "VARCHAR")
    columns |= {"input": struct_of(INPUT), "output": struct_of(OUTPUT)}
    told = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    engine.execute(f"SET threads = {THREADS}; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    table = f"read_json('{folder}/**/*.json.gz', format = 'newline_delimited', columns = {{{told}}})"
    return engine.sql(sql(table)).fetchall()


def polars(folder):
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when it is imported
    import polars as pl

    def struct_of(names):
        return pl.Struct(dict.fromkeys(names, pl.Int64))

    schema = dict.fromkeys(HEAD, pl.String) | {"input": struct_of(INPUT), "output": struct_of(OUTPUT)}
    scanned = pl.scan_ndjson(f"{folder}/**/*.json.gz", schema=schema)
    asked, answered, time = pl.col("input").struct, pl.col("output").struct, pl.col("timestamp")
    counts = [asked.field(INPUT[0]), answered.field(OUTPUT[0]), asked.field(INPUT[1]), asked.field(INPUT[2])]
    sums = [count.sum().alias(f"sum_{at}") for at, count in enumerate(counts)]
    groups = scanned.group_by("accountId", "region", "modelId")
    found = groups.agg(time.min().alias("first"), time.max().alias("last"), pl.len().alias("requests"), *sums)
    return found.collect(engine="streaming").rows()


ENGINES = {"chdb": chdb, "duckdb": duckdb, "polars": polars}


def main():
    if sys.argv[1] == "have":
        print(json.dumps([name for name in ENGINES if importlib.util.find_spec(name)]))
        return
    engine, folder = sys.argv[1:]
    by_model = {}
    for _, _, model, _, _, *counts in ENGINES[engine](folder):
        sums = by_model.setdefault(model, dict.fromkeys(COUNTS, 0))
        for name, count in zip(COUNTS, counts):
            sums[name] += int(count or 0)
    totals = {name: sum(sums[name] for sums in by_model.values()) for name in COUNTS}
    print(json.dumps({**totals, "by_model": by_model}))


if __name__ == "__main__":
    main()
