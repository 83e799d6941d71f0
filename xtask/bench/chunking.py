"""LangChain's recursive splitter over the files of a folder, for `cargo xtask bench chunking`.

Usage: chunking.py DIR SIZE OVERLAP

Prints the version, and how many chunks of how many characters in all, as one line of JSON.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from langchain_text_splitters import RecursiveCharacterTextSplitter

folder, size, overlap = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
splitter = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap)
chunks = characters = 0
for file in sorted(Path(folder).iterdir()):
    found = splitter.split_text(file.read_text(encoding="utf-8"))
    chunks += len(found)
    characters += sum(map(len, found))
print(json.dumps({"version": version("langchain-text-splitters"), "chunks": chunks, "characters": characters}))
