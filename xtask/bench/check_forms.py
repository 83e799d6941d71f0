"""Checks that `lode digest` counts the same in every form that invocation logs come in, and as an independent reader.

Usage: check_forms.py LODE DIR [--bytes 40000000] [--apart 8000] [--only FORM ...]

Makes logs with make_logs.py below DIR/source, writes their records in every form below DIR/forms, digests each and
compares, exactly: requests, duplicates and tokens by class, by account, region and model, with those that a small reader
of its own counts in the files of the form, and those with what was counted when the records were made. Forms that hold
the same requests (with their bodies, or without) must make the same Parquet files, byte by byte. Prints a table; exit
code 1 on any difference. Everything is invented. Standard library only.
"""

import argparse
import copy
import glob
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys

CLASSES = ["requests", "input", "output", "cache_read", "cache_write"]
LINES = 200  # records of a member, a page or a Firehose document
BODIES = [("input", "inputBodyJson", "inputBodyS3Path"), ("output", "outputBodyJson", "outputBodyS3Path")]
SELECTED = ["requestId", "accountId", "region", "modelId", "operation", "errorCode", "identity.arn", "input.inputTokenCount",
            "input.cacheReadInputTokenCount", "input.cacheWriteInputTokenCount", "output.outputTokenCount"]  # fmt: skip


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parts(list_, size=LINES):
    return [list_[at : at + size] for at in range(0, len(list_), size)]


# Writing. Each form gets the objects, as (path below the folder of logs, lines), and how to put a file.


def s3(objects, put):
    for path, lines in objects:
        put(path, "".join(line + "\n" for line in lines), packed=True)


def s3_apart(objects, put, least):
    """Bodies of `least` bytes and more stand in files of their own, as AWS does it over 100 KB."""
    for path, lines in objects:
        folder, kept = os.path.dirname(path), []
        for line in lines:
            record = json.loads(line)
            for side, body, place in BODIES:
                text = dumps(record.get(side, {}).get(body))
                if len(text.encode()) >= least:
                    name = f"{folder}/data/{record['requestId']}_{side}.json.gz"
                    put(name, text, packed=True)
                    del record[side][body]
                    record[side][place] = f"s3://bedrock-logs/{name}"
            kept.append(dumps(record))
        put(path, "".join(line + "\n" for line in kept), packed=True)


def plain(objects, put):
    for number, (_, lines) in enumerate(objects):
        put(f"{number}.json", "\n".join(lines))


def crlf(objects, put):
    for number, (_, lines) in enumerate(objects):
        put(f"{number}.json", "\ufeff" + "".join(line + "\r\n" for line in lines))


def members(objects, put):
    for number, (_, lines) in enumerate(objects):
        for some in parts(lines):
            put(f"{number}.json.gz", "".join(line + "\n" for line in some), packed=True, add=True)


def pretty(objects, put):
    """A record a file, as a person saves it."""
    for _, lines in objects:
        for line in lines:
            record = json.loads(line)
            put(f"{record['requestId']}.json", json.dumps(record, indent=2))


def pretty_list(objects, put):
    for number, (_, lines) in enumerate(objects):
        put(f"{number}.json", json.dumps([json.loads(line) for line in lines], indent=2, ensure_ascii=False) + "\n")


def events_of(lines):
    return [{"logStreamName": "aws/bedrock/modelinvocations", "timestamp": 1_790_000_000_000, "message": line,
             "ingestionTime": 1_790_000_001_000, "eventId": f"{at:056}"} for at, line in enumerate(lines)]  # fmt: skip


def filter_log_events(objects, put):
    for number, (_, lines) in enumerate(objects):
        for page, some in enumerate(parts(lines)):
            shown = {"events": events_of(some), "searchedLogStreams": [], "nextToken": f"token-{page}"}
            put(f"{number}-{page}.json", json.dumps(shown, indent=4, ensure_ascii=False) + "\n")


def insights(objects, put):
    for number, (_, lines) in enumerate(objects):
        rows = [[{"field": "@timestamp", "value": "2026-10-06 07:00:00.000"}, {"field": "@message", "value": line},
                 {"field": "@ptr", "value": f"ptr-{number}-{at}"}] for at, line in enumerate(lines)]  # fmt: skip
        shown = {"results": rows, "statistics": {"recordsMatched": float(len(rows))}, "status": "Complete"}
        put(f"{number}.json", json.dumps(shown, indent=4) + "\n")


def insights_fields(objects, put):
    for number, (_, lines) in enumerate(objects):
        rows = []
        for at, line in enumerate(lines):
            record = json.loads(line)
            time = record["timestamp"].replace("T", " ").replace("Z", ".000")
            row = [{"field": "@timestamp", "value": time}]
            for name in SELECTED:
                value = record
                for part in name.split("."):
                    value = value.get(part) if isinstance(value, dict) else None
                if value is not None:
                    row.append({"field": name, "value": str(value)})
            rows.append([*row, {"field": "@ptr", "value": f"ptr-{number}-{at}"}])
        put(f"{number}.json", json.dumps({"results": rows, "status": "Complete"}, indent=4) + "\n")


def export_task(objects, put):
    put("aws-logs-write-test", "Permission Check Successful")
    for number, (_, lines) in enumerate(objects):
        text = "".join(f"{json.loads(line)['timestamp'].replace('Z', '.000Z')} {line}\n" for line in lines)
        put(f"3f1d2c4b/aws-bedrock-modelinvocations/{number:06}.gz", text, packed=True)


def firehose(objects, put):
    """Documents with nothing between them."""
    head = {"owner": "111111111111", "logGroup": "/bedrock", "logStream": "aws/bedrock/modelinvocations", "subscriptionFilters": ["all"]}
    control = {"messageType": "CONTROL_MESSAGE", **head, "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE"}]}
    for number, (_, lines) in enumerate(objects):
        text = [dumps(control)]
        for some in parts(lines):
            events = [{"id": event["eventId"], "timestamp": 1, "message": event["message"]} for event in events_of(some)]
            text.append(dumps({"messageType": "DATA_MESSAGE", **head, "logEvents": events}))
        put(f"2026/10/06/07/logs-1-{number}.gz", "".join(text), packed=True)


def changed(objects, change):
    for path, lines in objects:
        records = [json.loads(line) for line in lines]
        for record in records:
            for side, body, _ in BODIES:
                if body in record.get(side, {}):
                    change(record[side], body)
        yield path, [dumps(record) for record in records]


def counts_only(objects, put):
    s3(changed(objects, lambda side, body: side.pop(body)), put)


def strings(objects, put):
    s3(changed(objects, lambda side, body: side.update({body: dumps(side[body])})), put)


def twice(objects, put):
    """Delivered to S3 and to CloudWatch Logs, and both copied."""
    s3(objects, lambda path, *rest, **how: put(f"s3/{path}", *rest, **how))
    filter_log_events(objects, lambda path, *rest, **how: put(f"cloudwatch/{path}", *rest, **how))


def in_part(objects, put):
    """In S3 with bodies, in CloudWatch Logs without: the better copy is kept."""
    s3(objects, lambda path, *rest, **how: put(f"b/{path}", *rest, **how))
    bare = list(changed(objects, lambda side, body: side.pop(body)))
    filter_log_events(bare, lambda path, *rest, **how: put(f"a/{path}", *rest, **how))


# What holds the same requests makes the same trace: with bodies, with counts only.
FORMS = [
    ("s3", s3, "bodies"), ("s3-apart", s3_apart, "bodies"), ("plain", plain, "bodies"), ("crlf", crlf, "bodies"),
    ("members", members, "bodies"), ("pretty", pretty, "bodies"), ("pretty-list", pretty_list, "bodies"),
    ("filter-log-events", filter_log_events, "bodies"), ("insights", insights, "bodies"), ("export-task", export_task, "bodies"),
    ("firehose", firehose, "bodies"), ("strings", strings, "bodies"), ("twice", twice, "bodies"), ("in-part", in_part, "bodies"),
    ("counts-only", counts_only, "counts"), ("insights-fields", insights_fields, "counts"),
]  # fmt: skip


def write(form, objects, folder, least):
    shutil.rmtree(folder, ignore_errors=True)

    def put(path, text, packed=False, add=False):
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text.encode()
        with open(path, "ab" if add else "xb") as file:
            file.write(gzip.compress(data, 1, mtime=0) if packed else data)

    if form is s3_apart:
        form(objects, put, least)
    else:
        form(objects, put)


# The independent reader.


def documents(text):
    """Every JSON value of a text, with anything but an opening bracket passed over between them."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        starts = [place for place in (text.find("{", at), text.find("[", at)) if place >= 0]
        if not starts:
            return
        value, at = decoder.raw_decode(text, min(starts))
        yield value


def records_in(value):
    """The records in a value, whatever is around them."""
    if isinstance(value, list):
        fields = {field["field"]: field["value"] for field in value if isinstance(field, dict) and "field" in field}
        if "@message" in fields:
            yield from records_in(json.loads(fields["@message"]))
        elif "modelId" in fields:
            record = {"timestamp": fields["@timestamp"].replace(" ", "T").replace(".000", "Z"), "input": {}, "output": {}}
            for name, field in fields.items():
                side, dot, key = name.partition(".")
                if dot and side in record:
                    record[side][key] = field
                else:
                    record[name] = field
            yield record
        else:
            for item in value:
                yield from records_in(item)
    elif "modelId" in value:
        yield value
    elif value.get("messageType") != "CONTROL_MESSAGE":
        for item in value.get("events") or value.get("logEvents") or value.get("results") or []:
            yield from records_in(json.loads(item["message"]) if "message" in item else item)


def model_of(name):
    """Without the profile's prefix or the ARN around it."""
    if name.startswith("arn:"):
        return name.split(":", 5)[5]
    prefix, _, rest = name.partition(".")
    return rest if prefix in ("us", "eu", "global") else name


def count(folder):
    """Records, and sums by account, region and model of the distinct ones."""
    seen, sums, records = set(), {}, 0
    for path in sorted(glob.glob(f"{folder}/**/*", recursive=True)):
        if os.path.isdir(path) or "/data/" in path or path.endswith("write-test"):
            continue
        with open(path, "rb") as file:
            data = file.read()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
        for record in (record for value in documents(text) for record in records_in(value)):
            records += 1
            group = (record["accountId"], record["region"], model_of(record["modelId"]))
            key = (*group, record["timestamp"], record["requestId"])
            if key in seen:
                continue
            seen.add(key)
            given, answered = record.get("input", {}), record.get("output", {})
            counts = [1, given.get("inputTokenCount", 0), answered.get("outputTokenCount", 0),
                      given.get("cacheReadInputTokenCount", 0), given.get("cacheWriteInputTokenCount", 0)]  # fmt: skip
            ours = sums.setdefault(group, dict.fromkeys(CLASSES, 0))
            for name, more in zip(CLASSES, counts):
                ours[name] += int(more)
    return records, sums


def digest(lode, folder, trace):
    """The same as `count`, by `lode`; the summary, and a hash of the Parquet files."""
    shutil.rmtree(trace, ignore_errors=True)
    ran = subprocess.run([lode, "digest", folder, "-o", trace, "--format", "json"], capture_output=True, text=True)
    if ran.returncode != 0:
        return None, {}, f"exit code {ran.returncode}: {ran.stderr.strip()[:500]}"
    summary, sums = json.loads(ran.stdout), {}
    with open(os.path.join(trace, "lode-trace.json"), encoding="utf-8") as file:
        contents = json.load(file)
    for month in contents["files"]:
        ours = sums.setdefault((month["account"], month["region"], month["model"]), dict.fromkeys(CLASSES, 0))
        for name, more in {"requests": month["requests"], **month["tokens"]}.items():
            ours[name] += more
    hashes = {}
    for path in sorted(glob.glob(f"{trace}/**/*.parquet", recursive=True)):
        with open(path, "rb") as file:
            hashes[os.path.relpath(path, trace)] = hashlib.sha256(file.read()).hexdigest()
    return summary, sums, hashes


def total(sums):
    return {name: sum(group[name] for group in sums.values()) for name in CLASSES}


def compare(told, records, expected, truth, summary, sums, hashes, first):
    """What differs, in words."""
    if summary is None:
        return [hashes]
    found = []
    for group in sorted(set(expected) | set(sums)):
        if expected.get(group) != sums.get(group):
            found.append(f"{' '.join(group)}: lode {sums.get(group)}, expected {expected.get(group)}")
    whole = total(expected)
    if whole != truth:
        found.append(f"the records are not those that were made: {whole} of {truth}")
    said = {"records": records, "duplicates": records - whole["requests"], "requests": whole["requests"], "without_counts": 0, "rejected": 0}
    ours = {name: summary[name] for name in said} | {"tokens": summary["tokens"]}
    said["tokens"] = {name: whole[name] for name in CLASSES[1:]}
    if ours != said:
        found.append(f"summary: lode {ours}, expected {said}")
    other = [path for path in sorted(set(hashes) | set(first)) if hashes.get(path) != first.get(path)]
    if other:
        found.append(f"{len(other)} of {len(first)} Parquet files are not those of the first form with {told}: {other[0]}")
    return found


def source(folder, size):
    """The objects that make_logs.py made, and what it counted."""
    said = os.path.join(folder, "first.json")
    if not os.path.exists(said) or json.load(open(said, encoding="utf-8"))["bytes"] != size:
        make = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make_logs.py")
        subprocess.run([sys.executable, make, folder, "--bytes", str(size)], check=True)
    objects, below = [], os.path.join(folder, "logs", "first")
    for path in sorted(glob.glob(f"{below}/**/*.json.gz", recursive=True)):
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            objects.append((os.path.relpath(path, below), file.read().split("\n")[:-1]))
    with open(said, encoding="utf-8") as file:
        truth = json.load(file)
    return objects, {name: truth[name] for name in CLASSES}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lode")
    parser.add_argument("dir")
    parser.add_argument("--bytes", type=int, default=40_000_000)
    parser.add_argument("--apart", type=int, default=8_000, help="bytes of the shortest body that stands apart")
    parser.add_argument("--only", nargs="+", choices=[name for name, _, _ in FORMS])
    given = parser.parse_args()
    objects, truth = source(os.path.join(given.dir, "source"), given.bytes)
    first, wrong = {}, 0
    print(f"{'form':18} {'files':>6} {'records':>8} {'requests':>8} {'duplicates':>10} {'input':>10} {'output':>9} {'read':>9} {'write':>8}")
    for name, form, told in FORMS:
        if given.only and name not in given.only:
            continue
        folder, trace = os.path.join(given.dir, "forms", name), os.path.join(given.dir, "traces", name)
        write(form, objects, folder, given.apart)
        records, expected = count(folder)
        summary, sums, hashes = digest(given.lode, folder, trace)
        found = compare(told, records, expected, truth, summary, sums, hashes, first.setdefault(told, copy.copy(hashes)))
        files, whole = sum(len(names) for _, _, names in os.walk(folder)), total(sums)
        shown = [whole[key] for key in CLASSES[1:]]
        print(f"{name:18} {files:6} {records:8} {whole['requests']:8} {records - whole['requests']:10} {shown[0]:10} {shown[1]:9}"
              f" {shown[2]:9} {shown[3]:8}  {'differs' if found else 'equal'}", flush=True)  # fmt: skip
        for line in found:
            print(f"    {line}")
        wrong += bool(found)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{wrong} forms differ" if wrong else "all forms are equal")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
