"""Our reader and our whole pipeline beside pydifact's bare parse (performance.md 2, 5).

Each measurement is a fresh process that prints CPU seconds and peak memory; rounds alternate
between the candidates, and only the ratios within a round mean anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.row import Row
from tests.services import REPO

# The environment that has pydifact; another one may be named for a try.
PEER = Path(os.environ.get("BENCH_PEER_PYTHON", REPO / ".bench-venv" / "bin" / "python"))
MEGABYTES = float(os.environ.get("BENCH_MB", "9"))
ROUNDS = 5
NAMES = {"whole": "whole pipeline", "reader": "reader with structure and element checks"}
WARM_BYTES = 20_000
# Bytes wanted → an interchange, piece by piece.
Maker = Callable[[int], Iterator[bytes]]

_OURS = """
import gc, json, resource, sys, time
from pathlib import Path
from gateway.pipeline.translation import End, translate
from gateway.findings import Findings
from gateway.mappings import registry
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, MessageEnd

def chunks(path):
    with open(path, "rb") as file:
        while chunk := file.read(262144):
            yield chunk

def whole(path):
    documents = 0
    for item in translate(chunks(path)):
        if isinstance(item, End):
            assert item.interchange.complete and item.total == 0, item
            documents = item.documents
    return documents

def grammar(kind):
    return Grammar(layout_for(kind), registry.find(kind).group_labels)

def reader(path):
    opened = EdifactReader(chunks(path), grammar, Profile(), findings := Findings())
    found = sum(isinstance(event, MessageEnd) for event in opened)
    assert findings.total == 0, list(findings)
    return found

# As a parser child does.
gc.freeze()
gc.set_threshold(50_000, 20, 100)
what, path, warm = sys.argv[1:4]
run = {"whole": whole, "reader": reader}[what]
run(warm)
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
documents = run(path)
spent = time.process_time() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
print(json.dumps({"cpu": spent, "grown_kib": grown, "documents": documents}))
"""

_PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from pydifact.parser import Parser
what, path, warm = sys.argv[1:4]
def run(name):
    text = open(name, encoding="ascii").read()
    return sum(segment.tag == "UNH" for segment in Parser().parse(text))
run(warm)
start = time.process_time()
documents = run(path)
print(json.dumps({"cpu": time.process_time() - start, "grown_kib": 0, "documents": documents}))
"""


def measured(python: str, what: str, path: Path, warm: Path) -> dict[str, float]:
    """CPU seconds, memory growth and documents of one run in a fresh process."""
    script = _PEER if what == "peer" else _OURS
    done = subprocess.run(
        [python, "-c", script, what, str(path), str(warm)],
        cwd=REPO, capture_output=True, check=True, text=True, timeout=600,
    )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout)
    return result


def compare(
    title: str, made: Maker, goals: dict[str, float], megabytes: float, rounds: int
) -> list[Row]:
    """Ratios of CPU time, peer over ours, a value per round."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path, warm = Path(folder, "big.edi"), Path(folder, "warm.edi")
        path.write_bytes(b"".join(made(int(megabytes * 1_000_000))))
        warm.write_bytes(b"".join(made(WARM_BYTES)))
        ratios: dict[str, list[float]] = {what: [] for what in goals}
        speeds: dict[str, float] = {}
        for _ in range(rounds):
            peer = measured(str(PEER), "peer", path, warm)
            for what, found in ratios.items():
                ours = measured(sys.executable, what, path, warm)
                if ours["documents"] != peer["documents"]:
                    raise AssertionError(f"{what}: {ours['documents']} messages")
                found.append(peer["cpu"] / ours["cpu"])
                speeds[what] = megabytes / ours["cpu"]
            speeds["peer"] = megabytes / peer["cpu"]
    detail = ", ".join(f"{what} {speed:.2f} MB/s" for what, speed in speeds.items())
    return [
        Row(f"{title}, {NAMES[what]} / pydifact parse", goal, "more", "x", (*ratios[what],), detail)
        for what, goal in goals.items()
    ]


def growth(title: str, made: Maker, small: float = 0.9, large: float = 45.0) -> Row:
    """Peak memory of the whole pipeline on a large interchange over that on a small one."""
    grown: list[float] = []
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        warm, path = Path(folder, "warm.edi"), Path(folder, "file.edi")
        warm.write_bytes(b"".join(made(WARM_BYTES)))
        for megabytes in (small, large):
            with path.open("wb") as file:
                file.writelines(made(int(megabytes * 1_000_000)))
            grown.append(measured(sys.executable, "whole", path, warm)["grown_kib"] / 1024)
    detail = f"{small} MB: +{grown[0]:.1f} MiB, {large} MB: +{grown[1]:.1f} MiB"
    return Row(f"{title}, memory 0.9 → 45 MB", 16, "less", "MiB", (grown[1] - grown[0],), detail)
