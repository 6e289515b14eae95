"""`python -m tests.bench.runs WHAT FILE WARM`: one measurement in a fresh process of our own.

Prints CPU seconds, how far the memory grew, and what was counted.  Ours and the ceilings (what
Python or a C library needs for a part of the work, checking nothing) stand side by side, so that a
ratio compares two processes that differ in nothing else.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from gateway.findings import Findings
from gateway.mappings import registry
from gateway.pipeline.rows import Batch
from gateway.pipeline.staging import staged as rows_of
from gateway.pipeline.staging import to_lines
from gateway.pipeline.translation import End, translate
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.edifact.segments import SegmentStream
from gateway.syntax.edifact.separators import collapse
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, MessageEnd, MessageKind
from tests.bench.process import resident_mb

CHUNK: Final = 262_144
RELEASE: Final = "\x01"


def chunks(path: str) -> Iterator[bytes]:
    """A file as a transport gives it."""
    with Path(path).open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def whole(path: str) -> int:
    """Everything but the database; the file must be faultless."""
    for item in translate(chunks(path)):
        if isinstance(item, End):
            assert item.interchange.complete, item
            assert item.total == 0, item
            return item.documents
    raise AssertionError("a file has an end")


def parts(path: str) -> int:
    """As `whole`, for a file of which only the parts are wanted, whatever was found in them."""
    return sum(not isinstance(item, End) for item in translate(chunks(path))) - 1


def staged(path: str) -> int:
    """As `whole`, and on as a parser child does: the lines that its parent writes to the store."""
    found = lines = 0
    for row in rows_of(translate(chunks(path))):
        found += len(row.documents) if isinstance(row, Batch) else 0
        lines += sum(map(len, to_lines([row])))
    assert lines
    return found


def _grammar(kind: MessageKind) -> Grammar | None:
    layout, format_ = layout_for(kind), registry.find(kind)
    assert layout is not None
    assert format_ is not None
    return Grammar(layout, format_.group_labels)


def reader(path: str) -> int:
    """EDIFACT: structure, repeats, elements, counts, places; nothing mapped."""
    opened = EdifactReader(chunks(path), _grammar, Profile(), findings := Findings())
    found = sum(isinstance(event, MessageEnd) for event in opened)
    assert findings.total == 0, list(findings)
    return found


def tokens(pieces: Iterable[bytes], block_bytes: int = CHUNK) -> Iterator[list[list[str]]]:
    """Our tokenizer alone: each segment as elements of components, released characters restored."""
    stream = SegmentStream(pieces, None, Findings(), block_bytes)
    restored = stream.separators.restored
    for block in stream:
        for text in block.pieces.texts if block.pieces else [t for t, _, _ in block.placed]:
            if RELEASE in text:
                yield [
                    element.split(":")
                    if element.isprintable()
                    else [restored(value) for value in element.split(":")]
                    for element in collapse(text).split("+")
                ]
            else:
                yield [element.split(":") for element in text.split("+")]


def tokenizer(path: str) -> int:
    """Counts messages among the tokens."""
    return sum(segment[0][0] == "UNH" for segment in tokens(chunks(path)))


def naive_split(path: str) -> int:
    """The ceiling: three splits that know nothing of escapes, chunks or places."""
    found = 0
    text = Path(path).read_text(encoding="ascii")
    for segment in text.split("'"):
        elements = [element.split(":") for element in segment.split("+")]
        found += elements[0][0] == "\nUNH"
    return found


def lxml_parse(path: str) -> int:
    """The ceiling: lxml's own parse of the whole file into a tree."""
    return len(etree.parse(path).getroot()) and 1


def flat_split(path: str) -> int:
    """The ceiling: decode, then split records and fields."""
    found = 0
    for record in Path(path).read_bytes().decode("gb18030").split("'"):
        fields = record.split(":")
        found += fields[0] == "00"
    return found


RUNS: Final[dict[str, Callable[[str], int]]] = {
    each.__name__: each
    for each in (
        whole, parts, staged, reader, tokenizer, naive_split, lxml_parse, flat_split,
    )
}  # fmt: skip


def _peak_kib() -> float:
    """Peak memory of this program alone: what getrusage tells begins with that of its parent."""
    return resident_mb([os.getpid()], "VmHWM") * 1e6 / 1024


def main() -> None:
    """Warm up with the small file, then measure with the large one, as a parser child is set up."""
    what, path, warm = sys.argv[1:4]
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    run = RUNS[what]
    run(warm)
    base = _peak_kib()
    start = time.process_time()
    counted = run(path)
    spent = time.process_time() - start
    grown = _peak_kib() - base
    print(json.dumps({"cpu": spent, "grown_kib": grown, "counted": counted}))


if __name__ == "__main__":
    main()
