"""COPARN beside pydifact: the whole pipeline against the peer's bare parse (performance.md 2, 5).

Each measurement is a fresh process that prints CPU seconds and peak memory; rounds alternate
between the candidates, and only the ratios within a round mean anything.  All data is made up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row
from tests.services import REPO

# The environment that has pydifact; another one may be named for a try.
PEER = Path(os.environ.get("BENCH_PEER_PYTHON", REPO / ".bench-venv" / "bin" / "python"))
MEGABYTES = float(os.environ.get("BENCH_MB", "9"))
ROUNDS = 5
GOALS = {"whole": 6.0, "reader": 15.0}
NAMES = {"whole": "whole pipeline", "reader": "reader with structure and element checks"}
PORTS = ("CNTXG", "CNSHA", "KRPUS", "JPTYO", "SGSIN", "HKHKG", "ITGOA", "NLRTM", "DEHAM", "USLAX")
LINES = ("COS", "MSK", "HLC", "ONE", "EMC")
SIZES = ("22G1", "45G1", "42G1", "45R1")
GOODS = ("GENERAL CARGO", "AUTO PARTS", "TEXTILES", "STEEL ?+ IRON WARE", "GLASS")
_LETTERS = dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n % 11], strict=True)
)


def container_number(serial: int) -> str:
    """A made-up number with its right check digit."""
    stem = f"TSTU{serial:06d}"
    total = sum((_LETTERS.get(c) or int(c)) * 2**i for i, c in enumerate(stem))
    return f"{stem}{total % 11 % 10}"


def message(number: int) -> str:
    """One COPARN D.00B message of 21 segments, about 540 bytes; 7 % of segments have an escape."""
    load, discharge = PORTS[number % 10], PORTS[(number // 10 + 3) % 10]
    line, day = LINES[number % 5], 1 + number % 28
    box = container_number(number % 1_000_000)
    segments = [
        f"UNH+M{number:08d}+COPARN:D:00B:UN:SMDG20",
        f"BGM+126+BK{number:08d}+9+AB",
        f"DTM+137:202411{day:02d}0930:203",
        f"RFF+BN:BK{number:08d}",
        (
            f"TDT+20+{number % 900:04d}W+1++{line}:172:20"
            f"+++V{number % 40:03d}A:103::TEST VESSEL {number % 40}"
        ),
        f"RFF+VM:V{number % 40:03d}A",
        f"LOC+9+{load}:139:6",
        f"DTM+133:202412{day:02d}1800:203",
        f"LOC+11+{discharge}:139:6",
        f"NAD+MS+{line}:160:ZZZ",
        f"NAD+CF+{line}:160:166",
        f"EQD+CN+{box}+{SIZES[number % 4]}:102:5++2+{4 + number % 2}",
        f"RFF+SQ:{number % 1000:04d}",
        "TMD+3",
        f"DTM+201:202411{day:02d}0800:203",
        f"LOC+7+{discharge}:139:6",
        f"MEA+AAE+VGM+KGM:{9000 + number % 20000}.{number % 10}",
        f"SEL+SL{number:07d}+CA",
        f"FTX+AAA+++{GOODS[number % 5]}?: LOT {number % 700}",
        "CNT+16:1",
    ]
    segments.append(f"UNT+{len(segments) + 1}+M{number:08d}")
    return "'\n".join(segments) + "'\n"


def interchange(size: int) -> Iterator[bytes]:
    """An interchange of about `size` bytes, message by message."""
    yield b"UNB+UNOA:2+TESTLINE+TESTPORT+241118:0930+BENCH1'\n"
    count = written = 0
    while written < size:
        count += 1
        made = message(count).encode()
        written += len(made)
        yield made
    yield f"UNZ+{count}+BENCH1'\n".encode()


_OURS = """
import json, resource, sys, time
from pathlib import Path
from gateway.pipeline.translation import End, translate
from gateway.findings import Findings
from gateway.mappings import registry
from gateway.mappings.booking.coparn import COPARN
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

def reader(path):
    opened = EdifactReader(chunks(path), lambda k: Grammar(layout_for(k), frozenset()),
                           Profile(), findings := Findings())
    found = sum(isinstance(event, MessageEnd) for event in opened)
    assert findings.total == 0, list(findings)
    return found

if COPARN not in registry.FORMATS:
    registry.FORMATS = (*registry.FORMATS, COPARN)
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


def compare(megabytes: float, rounds: int) -> list[Row]:
    """Ratios of CPU time, peer over ours, a value per round."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path, warm = Path(folder, "big.edi"), Path(folder, "warm.edi")
        path.write_bytes(b"".join(interchange(int(megabytes * 1_000_000))))
        warm.write_bytes(b"".join(interchange(20_000)))
        ratios: dict[str, list[float]] = {"whole": [], "reader": []}
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
        Row(
            f"COPARN, {NAMES[what]} / pydifact parse",
            GOALS[what],
            "more",
            "x",
            tuple(found),
            detail,
        )
        for what, found in ratios.items()
    ]


def growth(small: float = 0.9, large: float = 45.0) -> Row:
    """Peak memory of the whole pipeline on a large interchange over that on a small one."""
    grown: list[float] = []
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        warm, path = Path(folder, "warm.edi"), Path(folder, "file.edi")
        warm.write_bytes(b"".join(interchange(20_000)))
        for megabytes in (small, large):
            with path.open("wb") as file:
                file.writelines(interchange(int(megabytes * 1_000_000)))
            grown.append(measured(sys.executable, "whole", path, warm)["grown_kib"] / 1024)
    detail = f"{small} MB: +{grown[0]:.1f} MiB, {large} MB: +{grown[1]:.1f} MiB"
    return Row("COPARN, memory 0.9 → 45 MB", 16, "less", "MiB", (grown[1] - grown[0],), detail)


def measure() -> list[Row]:
    """The speed rows where pydifact's environment stands (`make bench` makes it), and memory."""
    rows = compare(MEGABYTES, ROUNDS) if PEER.exists() else []
    return [*rows, growth()]
