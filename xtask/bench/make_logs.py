"""Writes synthetic model invocation logs for `cargo xtask bench logs`, and what is in them.

Usage: make_logs.py DIR [--part first] [--bytes 2700000000] [--seed 1] [--day 2026-10-06] [--form 1]

Below DIR/logs/PART, in AWS' S3 layout: AWSLogs/<account>/BedrockModelInvocationLogs/<region>/YYYY/MM/DD/HH/<name>.json.gz,
one record a line, gzip level 6, objects of 16 MB of text. Twelve apps in two account-regions: Converse, ConverseStream,
InvokeModel and InvokeModelWithResponseStream (event arrays), system prompts of 0.6 to 3.5 KB, up to six tools,
conversations that grow turn by turn, calls of tools and their results, cache markers in some apps with counters that
agree with them (minimum size, five minutes or an hour to live), requestMetadata, a few failed calls. The texts are slices
of the sources of Python's standard library and of /usr/share/common-licenses where it is there: prose and code, with
newlines, quotes, escapes and letters that are not ASCII. No body reaches the 100 KB where AWS puts it into a file.

DIR/PART.json says what was made, counted while making it: requests and tokens by class, in all and by model. It is
written last: without it a part is not whole. Same arguments on the same machine, same bytes; another seed and another day
make another part that repeats no request of the first. Everything is invented. Standard library only.
"""

import argparse
import datetime
import gzip
import heapq
import json
import multiprocessing
import os
import random
import shutil
import string
import sys
import sysconfig
import uuid

OBJECT = 16_000_000  # bytes of text in an object
BODY = 100 * 1024  # AWS puts larger bodies into files of their own
HOUR = 128_000_000  # about the bytes of an account-region in an hour, where there are many
HOURS, BEGIN = 12, 7  # hours of a day, and the first of them
LETTERS = string.ascii_letters + string.digits
NOT_ASCII = [
    "Grüße aus Köln — hier ist, worum es geht: ", "Le café préféré d’Élodie, à 3 € : ", "状態を確認してください。",
    "Проверьте, пожалуйста: ", "✓ done, “as agreed” … ", "🚚 ",
]  # fmt: skip

LANES = [("111111111111", "us-east-1"), ("222222222222", "eu-west-1")]
SONNET45 = "anthropic.claude-sonnet-4-5-20250929-v1:0"
HAIKU45 = "anthropic.claude-haiku-4-5-20251001-v1:0"
PROFILE = "arn:aws:bedrock:eu-west-1:222222222222:application-inference-profile/a1b2c3d4e5f6"


class App:
    """One caller: six an account-region. Bytes are ranges; `marks` says where cache markers are, and for how long."""

    def __init__(self, lane, name, operation, model, system, tools, requests, user, reply, often, **more):
        self.lane, self.name, self.operation, self.model = lane, name, operation, model
        self.requests, self.user, self.reply, self.often = requests, user, reply, often
        self.agent = more.get("agent", 0.0)  # how often an answer calls a tool
        self.marks = more.get("marks", {})  # tools, system, message: 5m or 1h
        self.least = more.get("least", 1024)  # tokens of the shortest prefix that is cached
        self.passages = more.get("passages", 0)  # retrieved passages in a question
        self.dated = more.get("dated", False)  # whether the system prompt begins with the time
        self.metadata = more.get("metadata", True)
        self.anthropic = operation.startswith("InvokeModel")
        self.stream = operation.endswith("Stream")
        rng = random.Random(f"app {name}")  # prompts are the same whatever the seed
        self.system = f"You are the assistant of {name}. " + text(rng, system)
        self.tools = [tool(rng, name, number) for number in range(tools)]
        self.pool = [text(rng, rng.randint(800, 1600)) for _ in range(300 if self.passages else 0)]
        self.roles = [f"arn:aws:sts::{LANES[lane][0]}:assumed-role/{name}-role/i-0{rng.getrandbits(64):016x}" for _ in range(6)]
        if self.anthropic:
            self.shown = [{"name": n, "description": d, "input_schema": s} for n, d, s in self.tools]
        else:
            self.shown = [{"toolSpec": {"name": n, "description": d, "inputSchema": {"json": s}}} for n, d, s in self.tools]
        self.tool_tokens = sum(tokens(dumps(shown)) for shown in self.shown)


def apps():
    return [
        App(0, "support-chat", "ConverseStream", "us.anthropic.claude-sonnet-4-6", 3000, 4, (2, 6), (80, 900), (300, 1400), 5,
            agent=0.3, marks={"system": "5m", "message": "5m"}),
        App(0, "coding-agent", "InvokeModelWithResponseStream", "global.anthropic.claude-opus-5", 3500, 6, (3, 9), (200, 1500),
            (150, 700), 2, agent=0.8, marks={"system": "5m", "message": "5m"}, least=512, metadata=False),
        App(0, "ticket-label", "Converse", "amazon.nova-micro-v1:0", 900, 0, (1, 1), (300, 2500), (5, 20), 12),
        App(0, "doc-answers", "Converse", HAIKU45, 1400, 0, (1, 3), (60, 300), (300, 1200), 4, passages=4, least=4096),
        App(0, "contract-review", "InvokeModel", f"us.{SONNET45}", 2000, 0, (1, 1), (6000, 14000), (800, 2500), 5,
            marks={"system": "1h"}),
        App(0, "sales-coach", "ConverseStream", "amazon.nova-pro-v1:0", 1800, 2, (2, 6), (100, 1200), (300, 1500), 3,
            agent=0.2, marks={"system": "5m"}),
        App(1, "booking-agent", "Converse", f"eu.{SONNET45}", 2800, 5, (2, 7), (80, 600), (100, 800), 3, agent=0.6,
            marks={"tools": "1h", "system": "1h", "message": "5m"}),
        App(1, "translate", "InvokeModel", PROFILE, 600, 0, (1, 1), (1500, 6000), (1500, 5000), 8, metadata=False, least=4096),
        App(1, "data-extraction", "Converse", "amazon.nova-lite-v1:0", 1600, 1, (1, 1), (1500, 7000), (100, 200), 8, agent=1.0),
        App(1, "research-agent", "ConverseStream", "eu.anthropic.claude-opus-4-6-v1", 3200, 4, (2, 7), (150, 900), (200, 900), 2,
            agent=0.7, least=4096),
        App(1, "email-drafts", "InvokeModelWithResponseStream", HAIKU45, 1200, 0, (1, 4), (400, 2500), (500, 1800), 5, least=4096),
        App(1, "product-search", "ConverseStream", "eu.anthropic.claude-sonnet-4-6", 2200, 3, (2, 5), (60, 400), (200, 1000), 4,
            agent=0.4, marks={"system": "5m"}, dated=True, metadata=False),
    ]  # fmt: skip


CORPUS = ""


def read_corpus():
    """Sources of the standard library without its tests, and licence texts: about 12 MB."""
    global CORPUS
    found = []
    library, licences = sysconfig.get_paths()["stdlib"], "/usr/share/common-licenses"
    for folder, below, names in os.walk(library):
        below[:] = sorted(name for name in below if name not in ("site-packages", "test", "tests", "__pycache__"))
        found += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
    if os.path.isdir(licences):
        found += [os.path.join(licences, name) for name in sorted(os.listdir(licences))]
    parts = []
    for path in found:
        with open(path, encoding="utf-8", errors="ignore") as file:
            parts.append(file.read())
    CORPUS = "\n".join(parts)
    if len(CORPUS) < 1_000_000:
        raise SystemExit(f"{library} has too little source to make texts of")


def text(rng, size):
    at = rng.randrange(len(CORPUS) - size)
    begin = rng.choice(NOT_ASCII) if rng.random() < 0.1 else ""
    return begin + CORPUS[at : at + size]


def tool(rng, app, number):
    names = [f"{rng.choice(['item', 'order', 'account', 'query', 'path', 'limit', 'since'])}_{at}" for at in range(rng.randint(1, 5))]
    fields = {name: {"type": "string", "description": text(rng, rng.randint(30, 110))} for name in names}
    name = f"{rng.choice(['get', 'find', 'list', 'update', 'check'])}_{app.split('-')[0]}_{number}"
    return name, text(rng, rng.randint(120, 420)), {"type": "object", "properties": fields, "required": names[:1]}


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tokens(shown):
    """Four letters a token; what matters is that the sums are known."""
    return len(shown) // 4 + 1


def block_tokens(block):
    return tokens(block[1] if block[0] == "text" else dumps(block[2:]))


def converse_block(block):
    if block[0] == "text":
        return {"text": block[1]}
    if block[0] == "use":
        return {"toolUse": {"toolUseId": block[1], "name": block[2], "input": block[3]}}
    return {"toolResult": {"toolUseId": block[1], "content": [{"text": block[2]}], "status": "success"}}


def anthropic_block(block):
    if block[0] == "text":
        return {"type": "text", "text": block[1]}
    if block[0] == "use":
        return {"type": "tool_use", "id": block[1], "name": block[2], "input": block[3]}
    return {"type": "tool_result", "tool_use_id": block[1], "content": block[2]}


def marker(app, ttl):
    if app.anthropic:
        return {"type": "ephemeral", **({"ttl": ttl} if ttl != "5m" else {})}
    return {"cachePoint": {"type": "default", **({"ttl": ttl} if ttl != "5m" else {})}}


class Conversation:
    """What is said so far: messages of blocks, each with its rendering."""

    def __init__(self, rng, app, number, time):
        self.app, self.number, self.left = app, number, rng.randint(*app.requests)
        self.system = f"It is {time:%Y-%m-%d %H:%M:%S}.\n{app.system}" if app.dated else app.system
        self.role = rng.choice(app.roles)
        self.tenant = f"tenant-{rng.randint(1, 40)}"
        self.messages, self.tokens, self.blocks = [], 0, 0
        self.ask(rng)

    def add(self, role, blocks):
        render = anthropic_block if self.app.anthropic else converse_block
        self.messages.append({"role": role, "content": [render(block) for block in blocks]})
        self.tokens += sum(map(block_tokens, blocks))
        self.blocks += len(blocks)

    def ask(self, rng):
        asked = text(rng, rng.randint(*self.app.user))
        found = [("text", f"<passage>{rng.choice(self.app.pool)}</passage>") for _ in range(self.app.passages)]
        self.add("user", [*found, ("text", asked)])

    def answer(self, rng):
        """Blocks of the next answer, without adding them yet."""
        app = self.app
        if not app.tools or rng.random() >= app.agent:
            return [("text", text(rng, rng.randint(*app.reply)))]
        blocks = [("text", text(rng, rng.randint(30, 200)))] if rng.random() < 0.5 else []
        for _ in range(2 if rng.random() < 0.1 else 1):
            name, _, schema = rng.choice(app.tools)
            given = {key: text(rng, rng.randint(8, 60)) for key in schema["properties"]}
            start, length = ("toolu_bdrk_", 24) if app.anthropic else ("tooluse_", 22)
            blocks.append(("use", start + "".join(rng.choices(LETTERS, k=length)), name, given))
        return blocks

    def go_on(self, rng, answer):
        """Adds the answer and what follows it; seconds until the next call."""
        self.add("assistant", answer)
        used = [block for block in answer if block[0] == "use"]
        if used:
            self.add("user", [("result", block[1], text(rng, rng.randint(150, 1800))) for block in used])
            return rng.uniform(1, 6)
        self.ask(rng)
        return rng.uniform(15, 150) if rng.random() < 0.9 else rng.uniform(150, 900)


class Cache:
    """Prefixes and until when they live."""

    def __init__(self):
        self.until = {}

    def use(self, conversation, now):
        """Tokens of one call: uncached, read, written for five minutes, written for an hour."""
        app = conversation.app
        at_tools, at_system = app.tool_tokens, app.tool_tokens + tokens(conversation.system)
        total = at_system + conversation.tokens
        ends = {"tools": ((app.name, "tools"), at_tools), "system": ((app.name, conversation.system), at_system),
                "message": ((conversation.number, len(conversation.messages)), total)}  # fmt: skip
        marks = [(*ends[place], ttl) for place, ttl in app.marks.items() if ends[place][1] >= app.least]
        if not marks:
            return total + 3, 0, 0, 0
        read = 0
        known = [(key, end) for key, end, _ in marks]
        if "message" in app.marks:
            known.append(((conversation.number, len(conversation.messages) - 2), self.until.get(("size", conversation.number), 0)))
        for key, end in known:
            if self.until.get(key, 0) >= now:
                read = max(read, end)
        hours = [end for _, end, ttl in marks if ttl == "1h"]
        hour = max(0, max(hours, default=0) - read)
        five = max(0, max(end for _, end, _ in marks) - read - hour)
        for key, _, ttl in marks:
            self.until[key] = now + (3600 if ttl == "1h" else 300)
        self.until[("size", conversation.number)] = total
        return total + 3 - read - hour - five, read, five, hour  # even where all is cached a few are not


def request_body(conversation):
    app = conversation.app
    messages, marks = conversation.messages, app.marks
    if "message" in marks:
        last = messages[-1]
        content = list(last["content"])
        if app.anthropic:
            content[-1] = {**content[-1], "cache_control": marker(app, marks["message"])}
        else:
            content.append(marker(app, marks["message"]))
        messages = [*messages[:-1], {"role": last["role"], "content": content}]
    if app.anthropic:
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 4096, "system": conversation.system, "messages": messages}
        if "system" in marks:
            body["system"] = [{"type": "text", "text": conversation.system, "cache_control": marker(app, marks["system"])}]
        if app.shown:
            body["tools"] = app.shown
        return body
    system = [{"text": conversation.system}] + ([marker(app, marks["system"])] if "system" in marks else [])
    body = {"messages": messages, "system": system, "inferenceConfig": {"maxTokens": 2048, "temperature": 0.2}}
    if app.shown:
        body["toolConfig"] = {"tools": app.shown + ([marker(app, marks["tools"])] if "tools" in marks else [])}
    return body


def converse_answer(answer, stop, counts, latency):
    fresh, read, five, hour, out = counts
    usage = {"inputTokens": fresh, "outputTokens": out, "totalTokens": fresh + read + five + hour + out,
             "cacheReadInputTokens": read, "cacheWriteInputTokens": five + hour}  # fmt: skip
    details = [{"ttl": ttl, "inputTokens": count} for ttl, count in (("1h", hour), ("5m", five)) if count]
    if details:
        usage["cacheDetails"] = details
    said = {"message": {"role": "assistant", "content": [converse_block(block) for block in answer]}}
    return {"output": said, "stopReason": stop, "metrics": {"latencyMs": latency}, "usage": usage}


def anthropic_usage(counts):
    fresh, read, five, hour, out = counts
    created = {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}
    return {"input_tokens": fresh, "cache_creation_input_tokens": five + hour, "cache_read_input_tokens": read,
            "cache_creation": created, "output_tokens": out}  # fmt: skip


def anthropic_answer(rng, model, answer, stop, counts):
    return {"model": model, "id": "msg_bdrk_" + "".join(rng.choices(LETTERS, k=24)), "type": "message", "role": "assistant",
            "content": [anthropic_block(block) for block in answer], "stop_reason": stop, "stop_sequence": None,
            "usage": anthropic_usage(counts)}  # fmt: skip


def anthropic_events(rng, model, answer, stop, counts, latency):
    fresh, read, five, hour, out = counts
    message = anthropic_answer(rng, model, [], None, (fresh, read, five, hour, 1))
    events = [{"type": "message_start", "message": message}]
    for index, block in enumerate(answer):
        if block[0] == "text":
            whole, start, kind, key = block[1], {"type": "text", "text": ""}, "text_delta", "text"
        else:
            whole, kind, key = dumps(block[3]), "input_json_delta", "partial_json"
            start = {"type": "tool_use", "id": block[1], "name": block[2], "input": {}}
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        at = 0
        while at < len(whole):
            size = rng.randint(12, 90)
            delta = {"type": kind, key: whole[at : at + size]}
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
            at += size
        events.append({"type": "content_block_stop", "index": index})
    ended = {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": out}}
    events.append({"type": "message_delta", **ended})
    metrics = {"inputTokenCount": fresh, "outputTokenCount": out, "invocationLatency": latency, "firstByteLatency": latency // 5,
               "cacheReadInputTokenCount": read, "cacheWriteInputTokenCount": five + hour}  # fmt: skip
    return [*events, {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics}]


def output_body(rng, app, answer, stop, counts, latency):
    if not app.anthropic:
        return converse_answer(answer, stop, counts, latency)
    model = app.model.split(".")[-1].removesuffix("-v1:0") if "/" not in app.model else "claude-haiku-4-5-20251001"
    if app.stream:
        return anthropic_events(rng, model, answer, stop, counts, latency)
    return anthropic_answer(rng, model, answer, stop, counts)


def record(rng, conversation, time, body, counts, answered):
    """One line of the log; `answered` is `None` where the call failed, else the body and its tokens."""
    app = conversation.app
    account, region = LANES[app.lane]
    kind = {"schemaType": "ModelInvocationLog", "schemaVersion": "1.0"}
    head = {"timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}", "accountId": account, "region": region,
            "requestId": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "operation": app.operation,
            "modelId": app.model}  # fmt: skip
    fresh, read, five, hour, out = counts
    asked = {"inputContentType": "application/json", "inputBodyJson": body, "inputTokenCount": fresh,
             "cacheReadInputTokenCount": read, "cacheWriteInputTokenCount": five + hour}  # fmt: skip
    row = {**kind, **head} if app.lane == 1 else head  # AWS' order of keys has changed over time
    row["input"] = asked
    if answered is None:
        row["errorCode"] = "ThrottlingException"
    else:
        row["output"] = {"outputContentType": "application/json", "outputBodyJson": answered, "outputTokenCount": out}
    row["identity"] = {"arn": conversation.role}
    if app.model.startswith(("us.", "eu.", "global.")):
        near = {"us": ["us-east-1", "us-east-2", "us-west-2"], "eu": ["eu-west-1", "eu-central-1", "eu-north-1"]}
        row["inferenceRegion"] = rng.choice(near["eu" if region.startswith("eu") else "us"])
    if app.metadata:
        row["requestMetadata"] = {"app": app.name, "stage": "prod", "tenant": conversation.tenant}
    return dumps(row if app.lane == 1 else {**row, **kind})


COUNTS = ["requests", "input", "output", "cache_read", "cache_write"]


class Truth:
    def __init__(self):
        self.models, self.more = {}, {"segments": 0, "text_bytes": 0, "gz_bytes": 0, "objects": 0, "failed": 0}

    def count(self, model, counts):
        fresh, read, five, hour, out = counts
        self.add({model: dict(zip(COUNTS, (1, fresh, out, read, five + hour)))}, {})

    def add(self, models, more):
        for model, sums in models.items():
            ours = self.models.setdefault(model, dict.fromkeys(COUNTS, 0))
            for name, count in sums.items():
                ours[name] += count
        for name, count in more.items():
            self.more[name] += count

    def said(self):
        totals = {name: sum(sums[name] for sums in self.models.values()) for name in COUNTS}
        return {**totals, **self.more, "by_model": dict(sorted(self.models.items()))}


class Objects:
    """Gathers lines and writes an object whenever 16 MB are together, in the order in which the calls ended."""

    def __init__(self, rng, folder, truth):
        self.rng, self.folder, self.truth, self.lines, self.size, self.first = rng, folder, truth, [], 0, None

    def add(self, time, latency, line):
        data = line.encode() + b"\n"
        self.first = self.first or time
        self.lines.append((time + datetime.timedelta(milliseconds=latency), len(self.lines), data))
        self.size += len(data)
        self.truth.more["text_bytes"] += len(data)
        if self.size >= OBJECT:
            self.write()

    def write(self):
        if not self.lines:
            return
        folder = os.path.join(self.folder, f"{self.first:%Y/%m/%d/%H}")
        os.makedirs(folder, exist_ok=True)
        name = f"{self.first:%Y%m%dT%H%M%S}{self.rng.randrange(1000):03}Z_{self.rng.getrandbits(64):016x}.json.gz"
        path = os.path.join(folder, name)
        with open(path, "xb") as file, gzip.GzipFile("", "wb", 6, file, 0) as packed:
            packed.write(b"".join(data for _, _, data in sorted(self.lines)))
        self.truth.more["gz_bytes"] += os.path.getsize(path)
        self.truth.more["objects"] += 1
        self.lines, self.size, self.first = [], 0, None


def one_hour(job):
    """The calls of one account-region in about an hour: `budget` bytes of text."""
    folder, seed, lane, begin, budget = job
    rng = random.Random(f"{seed} {lane} {begin}")
    ours = [app for app in APPS if app.lane == lane]
    account, region = LANES[lane]
    truth, cache = Truth(), Cache()
    objects = Objects(rng, os.path.join(folder, "AWSLogs", account, "BedrockModelInvocationLogs", region), truth)
    gap = 3600 / max(1.0, budget / 22_000)  # about 22 KB a conversation
    waiting, number, arrives = [], 0, 0.0
    while truth.more["text_bytes"] < budget:
        if not waiting or arrives <= waiting[0][0]:
            now = arrives
            arrives += rng.expovariate(1 / gap)
            app = rng.choices(ours, [app.often for app in ours])[0]
            conversation = Conversation(rng, app, number, begin + datetime.timedelta(seconds=now))
            number += 1
        else:
            now, _, conversation = heapq.heappop(waiting)
        again = call(rng, conversation, begin, now, cache, objects, truth)
        if again is not None:
            heapq.heappush(waiting, (now + again, number + len(waiting) * 1_000_000, conversation))
    objects.write()
    return truth.models, truth.more


def call(rng, conversation, begin, now, cache, objects, truth):
    """One call, written and counted; seconds until the next one of the conversation, if there is one."""
    app, time = conversation.app, begin + datetime.timedelta(seconds=int(now))
    body = request_body(conversation)
    if len(dumps(body).encode()) >= BODY:
        return None
    latency = rng.randint(300, 14_000)
    truth.more["segments"] += len(app.tools) + 1 + conversation.blocks
    if rng.random() < 0.003:
        truth.more["failed"] += 1
        counts = (0, 0, 0, 0, 0)
        truth.count(app.model, counts)
        objects.add(time, 50, record(rng, conversation, time, body, counts, None))
        return 2.0
    answer = conversation.answer(rng)
    out = sum(map(block_tokens, answer))
    stop = "tool_use" if answer[-1][0] == "use" else ("max_tokens" if rng.random() < 0.02 else "end_turn")
    counts = (*cache.use(conversation, now), out)
    answered = output_body(rng, app, answer, stop, counts, latency)
    truth.count(app.model, counts)
    objects.add(time, latency, record(rng, conversation, time, body, counts, answered))
    conversation.left -= 1
    if conversation.left <= 0:
        return None
    return latency / 1000 + conversation.go_on(rng, answer)


APPS = []


def prepare():
    read_corpus()
    APPS[:] = apps()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir")
    parser.add_argument("--part", default="first")
    parser.add_argument("--bytes", type=int, default=2_700_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=datetime.date(2026, 10, 6))
    parser.add_argument("--form", type=int, default=1, help="of what is made here: noted, so that another one is made anew")
    given = parser.parse_args()
    folder, said = os.path.join(given.dir, "logs", given.part), os.path.join(given.dir, f"{given.part}.json")
    if os.path.exists(said):
        os.remove(said)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    hours = max(1, round(given.bytes / (len(LANES) * HOUR)))
    jobs = []
    for hour in range(hours):
        day = datetime.datetime.combine(given.day, datetime.time()) + datetime.timedelta(days=hour // HOURS)
        begin = day + datetime.timedelta(hours=BEGIN + hour % HOURS)
        jobs += [(folder, given.seed, lane, begin, given.bytes // (hours * len(LANES))) for lane in range(len(LANES))]
    truth = Truth()
    with multiprocessing.Pool(min(2, os.cpu_count() or 1), prepare) as pool:
        for done, (models, more) in enumerate(pool.imap(one_hour, jobs), 1):
            truth.add(models, more)
            print(f"{done} of {len(jobs)} hours of an account-region", file=sys.stderr)
    asked = {"form": given.form, "bytes": given.bytes, "seed": given.seed, "day": str(given.day)}
    with open(said, "w", encoding="utf-8") as out:
        json.dump({**asked, **truth.said()}, out, indent=2)


if __name__ == "__main__":
    main()
