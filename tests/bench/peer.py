"""Ours beside a peer or a ceiling: the same file, fresh processes by turns, CPU time.

Only the ratios within a round mean anything (performance.md 2, 3, 5).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.row import Row
from tests.services import REPO

# The environment that has the other parsers; another one may be named for a try.
PEER = Path(os.environ.get("BENCH_PEER_PYTHON", REPO / ".bench-venv" / "bin" / "python"))
MEGABYTES = float(os.environ.get("BENCH_MB", "9"))
ROUNDS = 5
WARM_BYTES = 20_000
# Bytes wanted → a file, piece by piece.
Maker = Callable[[int], Iterator[bytes]]
NAMES = {
    "whole": "whole pipeline",
    "reader": "reader with structure and element checks",
    "tokenizer": "tokenizer",
    "staged": "whole pipeline and its lines for the store",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """What ours is measured against: `script` for the peers' environment, else a run of runs.py."""

    name: str
    script: str = ""
    run: str = ""

    @property
    def found(self) -> bool:
        """Whether it can be measured here (`make bench` makes the environment)."""
        return bool(self.run) or PEER.exists()

    def command(self) -> list[str]:
        """What to call with a file and a small one to warm up."""
        if self.script:
            return [str(PEER), "-c", self.script, "peer"]
        return [sys.executable, "-m", "tests.bench.runs", self.run]


PYDIFACT = Peer(
    "pydifact parse",
    """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from pydifact.parser import Parser
def run(name):
    text = open(name, encoding="ascii").read()
    return sum(segment.tag == "UNH" for segment in Parser().parse(text))
path, warm = sys.argv[2:4]
run(warm)
start = time.process_time()
counted = run(path)
print(json.dumps({"cpu": time.process_time() - start, "counted": counted}))
""",
)


def measured(candidate: Peer, path: Path, warm: Path) -> dict[str, float]:
    """CPU seconds, memory growth and what was counted, of one run in a fresh process."""
    done = subprocess.run(
        [*candidate.command(), str(path), str(warm)],
        cwd=REPO, capture_output=True, check=False, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{candidate.name}: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout)
    return result


def compare(
    title: str,
    made: Maker,
    goals: Mapping[str, float],
    megabytes: float = MEGABYTES,
    rounds: int = ROUNDS,
    peer: Peer = PYDIFACT,
) -> list[Row]:
    """Ratios of CPU time, peer over ours, a value per round; none where the peer is not here."""
    if not peer.found:
        return []
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path, warm = Path(folder, "big"), Path(folder, "warm")
        path.write_bytes(b"".join(made(int(megabytes * 1_000_000))))
        warm.write_bytes(b"".join(made(WARM_BYTES)))
        taken = [_round(goals, peer, path, warm) for _ in range(rounds)]
    seconds = taken[-1]
    detail = ", ".join(f"{what} {megabytes / spent:.2f} MB/s" for what, spent in seconds.items())
    return [
        Row(
            f"{title}, {NAMES[what]} / {peer.name}",
            goal,
            "more",
            "x",
            tuple(each["peer"] / each[what] for each in taken),
            detail,
        )
        for what, goal in goals.items()
    ]


def _round(goals: Mapping[str, float], peer: Peer, path: Path, warm: Path) -> dict[str, float]:
    """CPU seconds of each, by turns; all must count the same."""
    found = {"peer": measured(peer, path, warm)}
    for what in goals:
        found[what] = measured(Peer(what, run=what), path, warm)
    if len({each["counted"] for each in found.values()}) != 1:
        raise AssertionError(f"{peer.name}: {found}")
    return {what: each["cpu"] for what, each in found.items()}


def growth(
    title: str,
    made: Maker,
    most: float = 16,
    what: str = "whole",
    megabytes: tuple[float, float] = (0.9, 45.0),
) -> Row:
    """Peak memory of a run on a large file over that on a small one."""
    small, large = megabytes
    grown: list[float] = []
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        warm, path = Path(folder, "warm"), Path(folder, "file")
        warm.write_bytes(b"".join(made(WARM_BYTES)))
        for size in megabytes:
            with path.open("wb") as file:
                file.writelines(made(int(size * 1_000_000)))
            grown.append(measured(Peer(what, run=what), path, warm)["grown_kib"] / 1024)
    detail = f"{small} MB: +{grown[0]:.1f} MiB, {large} MB: +{grown[1]:.1f} MiB"
    name = f"{title}, memory {small:g} → {large:g} MB"
    return Row(name, most, "less", "MiB", (grown[1] - grown[0],), detail)
