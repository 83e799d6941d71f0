"""Chunk boundaries and scores worked out anew from the definitions in docs/whatif.md, and compared with what stands on standard
input. Written from those definitions, not from the Rust code: tokens are a list of flags by byte, spans are sets of tokens."""

import gzip
import json
import os
import re
import statistics
import sys

from langchain_text_splitters import RecursiveCharacterTextSplitter

data = json.load(sys.stdin)


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{what}: {str(ours)[:600]} here, {str(theirs)[:600]} there")


def near(what, ours, theirs):
    if abs(ours - theirs) > 0.5e-4:
        sys.exit(f"{what}: {ours} here, {theirs} there")


class Document:
    def __init__(self, given):
        self.text = given["text"]
        self.starts = given["starts"]
        self.count = len(self.starts)
        raw = self.text.encode()
        flags = [0] * len(raw)
        for start in self.starts:
            flags[start] = 1
        # before[b]: tokens that start before byte b; byte[c]: the byte of character c.
        self.before = [0]
        for flag in flags:
            self.before.append(self.before[-1] + flag)
        self.byte = [0]
        for character in self.text:
            self.byte.append(self.byte[-1] + len(character.encode()))

    def span(self, start, end):
        """Tokens that start in these characters."""
        return self.before[self.byte[start]], self.before[self.byte[end]]


documents = [Document(given) for given in data["documents"]]


def fixed(first, last, size, overlap):
    step = max(size - overlap, 1)
    chunks = []
    for start in range(first, last, step):
        chunks.append((start, min(start + size, last)))
        if start + size >= last:
            break
    return chunks


SENTENCE = re.compile(r"[.!?…。！？]+[\"')\]}»”’」]*")


def sentence_ends(text):
    ends = set()
    for match in SENTENCE.finditer(text):
        marks = re.match(r"[.!?…。！？]+", match.group()).group()
        after = text[match.end() : match.end() + 1]
        if after and (after.isspace() or marks[-1] in "。！？"):
            ends.add(match.end())
    for match in re.finditer(r"\s+", text):
        if match.group().count("\n") >= 2 and match.start() > 0:
            ends.add(match.start())
    return sorted(ends)


def default(document):
    pieces = []
    places = [0, *sentence_ends(document.text), len(document.text)]
    for start, end in zip(places, places[1:]):
        first, last = document.span(start, end)
        while first < last:
            pieces.append((first, min(first + 300, last)))
            first += 300
    chunks = []
    for piece in pieces:
        if chunks and piece[1] - chunks[-1][0] <= 300:
            chunks[-1] = (chunks[-1][0], piece[1])
        else:
            chunks.append(piece)
    return chunks


def recursive(document, size, overlap):
    """Spans of characters are cut, merged and stripped; only then they become tokens."""
    text = document.text
    chunks = []

    def length(span):
        first, last = document.span(*span)
        return last - first

    def emit(start, end, strip):
        if strip:
            while start < end and text[start].isspace():
                start += 1
            while end > start and text[end - 1].isspace():
                end -= 1
        first, last = document.span(start, end)
        if last > first:
            chunks.append((first, last))

    def merge(pieces):
        window = []
        for piece in pieces:
            if window and sum(map(length, window)) + length(piece) > size:
                emit(window[0][0], window[-1][1], True)
                while window and (
                    sum(map(length, window)) > overlap
                    or (sum(map(length, window)) + length(piece) > size and sum(map(length, window)) > 0)
                ):
                    window.pop(0)
            window.append(piece)
        if window:
            emit(window[0][0], window[-1][1], True)

    def split(start, end, separators):
        part = text[start:end]
        separator = next(s for s in separators if s in part)
        finer = separators[separators.index(separator) + 1 :]
        if separator:
            places = [start + match.start() for match in re.finditer(re.escape(separator), part)]
        else:
            places = list(range(start + 1, end))
        places = [start, *[place for place in places if place > start], end]
        good = []
        for piece in zip(places, places[1:]):
            if length(piece) < size:
                good.append(piece)
                continue
            merge(good)
            good = []
            if finer:
                split(*piece, finer)
            else:
                emit(*piece, False)
        merge(good)

    if text:
        split(0, len(text), ["\n\n", "\n", " ", ""])
    return chunks


def cut(label, document):
    """Chunks embedded, and chunks put into a prompt."""
    numbers = [int(number) for number in re.findall(r"\d+", label)]
    if label == "none":
        whole = [(0, document.count)] if document.count else []
        return whole, whole
    if label.startswith("default"):
        chunks = default(document)
        return chunks, chunks
    if label.startswith("hierarchical"):
        parent, child, overlap = numbers
        parents = fixed(0, document.count, parent, overlap)
        return [chunk for start, end in parents for chunk in fixed(start, end, child, overlap)], parents
    size, percent = numbers
    overlap = size * percent // 100
    if label.startswith("fixed"):
        chunks = fixed(0, document.count, size, overlap)
    else:
        chunks = recursive(document, size, overlap)
    return chunks, chunks


results_of = {}
for given in data["cuts"]:
    label, place = given["configuration"], given["document"]
    embedded, results = cut(label, documents[place])
    same(f"{label} of {place}, embedded", [list(chunk) for chunk in embedded], given["embedded"])
    same(f"{label} of {place}, results", [list(chunk) for chunk in results], given["results"])
    results_of[label, place] = results
print(f"boundaries: {len(data['cuts'])} documents cut alike, {sum(len(g['embedded']) for g in data['cuts'])} chunks")

chunks = 0
for given in data["characters"]:
    text = documents[given["document"]].text
    size, overlap = given["size"], given["size"] * given["percent"] // 100
    splitter = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap)
    same(f"langchain {size}, {overlap}", splitter.split_text(text), [text[start:end] for start, end in given["chunks"]])
    chunks += len(given["chunks"])
print(f"langchain: {len(data['characters'])} documents cut alike, {chunks} chunks")

file = os.environ.get("LODE_CL100K")
if file:
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    if file.endswith(".gz"):
        plain = "/tmp/cl100k_base.tiktoken"
        with gzip.open(file) as packed, open(plain, "wb") as out:
            out.write(packed.read())
        file = plain
    encoding = tiktoken.Encoding(
        name="cl100k_base",
        pat_str=r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        mergeable_ranks=load_tiktoken_bpe(file),
        special_tokens={},
    )
    for document in documents:
        at, starts = 0, []
        for token in encoding.encode_ordinary(document.text):
            raw = encoding.decode_single_token_bytes(token)
            white = len(raw) - len(raw.lstrip(b" \t\n\r\x0c"))
            starts.append(at + (white if white < len(raw) else 0))
            at += len(raw)
        same("tokens", starts, document.starts)
    print(f"tiktoken: {sum(document.count for document in documents)} tokens alike")


def tokens(span):
    return set(range(*span))


questions = {}
for question in data["questions"]:
    place = int(question["document"][1:-4])
    document = documents[place]
    answer = set()
    for passage in question["passages"]:
        first, last = document.span(passage["start"], passage["end"])
        answer |= tokens((first, last)) if last > first else tokens((max(first - 1, 0), max(first, 1)))
    questions[question["question"]] = place, answer

for given in data["omega"]:
    omegas = []
    for place, answer in questions.values():
        holding = [chunk for chunk in results_of[given["configuration"], place] if tokens(chunk) & answer]
        covered = set().union(*map(tokens, holding)) & answer
        omegas.append(len(covered) / sum(end - start for start, end in holding) if holding else 0)
    near(f"omega of {given['configuration']}", statistics.fmean(omegas), given["mean"])
    near(f"omega of {given['configuration']}, sd", statistics.pstdev(omegas), given["sd"])
print(f"omega: {len(data['omega'])} configurations over {len(questions)} questions")


def locate(document, text, answer):
    """The place whose tokens answer most, of several the first."""
    pattern = r"\s+".join(re.escape(word) for word in text.split())
    best = None
    for match in re.finditer(f"(?=({pattern}))", document.text):
        span = document.span(*match.span(1))
        held = len(tokens(span) & answer)
        if best is None or held > best[0]:
            best = held, span
    return best[1]


found = {}
for given in data["retrieved"]:
    place, answer = questions[given["question"]]
    results = []
    for result in given["retrievalResults"]:
        home = int(result["location"]["s3Location"]["uri"].rsplit("/d", 1)[1][:-4])
        span = locate(documents[home], result["content"]["text"], answer if home == place else set())
        results.append((home, span))
    found.setdefault(given["configuration"], {})[given["question"]] = results

points = []
for given in data["measured"]:
    rows = []
    for question, (place, answer) in questions.items():
        results = found[given["configuration"]][question][: given["results"]]
        retrieved = sum(end - start for _, (start, end) in results)
        hit = len(set().union(*(tokens(span) for home, span in results if home == place)) & answer)
        rows.append((hit / len(answer), hit / retrieved if retrieved else 0, hit / (retrieved + len(answer) - hit), retrieved))
    recall, precision, iou, context = zip(*rows)
    name = f"{given['configuration']}, {given['results']}"
    near(f"context of {name}", statistics.fmean(context), given["context"])
    for what, values in [("recall", recall), ("precision", precision), ("iou", iou)]:
        near(f"{what} of {name}", statistics.fmean(values), given[what][0])
        near(f"{what} of {name}, sd", statistics.pstdev(values), given[what][1])
    points.append((given["configuration"], given["results"], statistics.fmean(context), statistics.fmean(recall)))
print(f"measured: {len(points)} configurations and numbers of results")

best = max(point[3] for point in points)
enough = [point for point in points if best - point[3] <= data["max_recall_loss"] + 1e-9]
chosen = min(enough, key=lambda point: point[2])
same("recommendation", list(chosen[:2]), data["recommendation"])
print(f"recommendation: {chosen[0]}, {chosen[1]} results")
