"""A load plan in csv to the lines for the store: MB a second of one child, as R-21 asks of two.

All data is made up.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import peer
from tests.bench.coparn import container_number
from tests.bench.row import Row

HEADINGS = (
    "船名,航次,进箱码头,箱号,箱型,箱状态,箱经营人,海关代码,铅封号,皮重,装货港,卸货港,装箱日期,提单号,"
    "交货地代码,件数,包装代码,毛重(kg),体积,货名,唛头\n"
)
# A gateway reads with two children, and R-21 asks 5 MB a second of them.
GOAL_MB = 5.0 / 2
ROUNDS = 3


def load_plan(size: int) -> Iterator[bytes]:
    """A row a box, everything filled down as people do it."""
    yield HEADINGS.encode("gb18030")
    written = number = 0
    while written < size:
        box = container_number(number % 1_000_000)
        made = (
            f"HAI YUN 8,046E,TCT,{box},22G1,F,TJL,0202,TJ{number:06d},2300,CNTXG,KRPUS,2024-11-19,"
            f"TJL{number:09d},KRPUS,{number % 90 + 1},DR,{9000 + number % 9000}.5,18.4,油漆,N/M\n"
        ).encode("gb18030")
        written, number = written + len(made), number + 1
        yield made


def measure() -> list[Row]:
    """200,000 rows."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path, warm = Path(folder, "big.csv"), Path(folder, "warm.csv")
        path.write_bytes(b"".join(load_plan(23_000_000)))
        warm.write_bytes(b"".join(load_plan(peer.WARM_BYTES)))
        ours = peer.Peer("staged", run="staged")
        megabytes = path.stat().st_size / 1e6
        done = [peer.measured(ours, path, warm) for _ in range(ROUNDS)]
    speeds = tuple(megabytes / each["cpu"] for each in done)
    detail = f"{megabytes:.0f} MB, memory +{done[-1]['grown_kib'] / 1024:.0f} MiB"
    return [Row("csv load plan to the store's lines", GOAL_MB, "more", "MB/s", speeds, detail)]
