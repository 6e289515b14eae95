"""XML checked by its layout and mapped, beside lxml's bare parse (performance.md 5: goal 5).

All data is made up.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.resources import read_text
from tests.bench import peer
from tests.bench.coparn import container_number
from tests.bench.row import Row

CEILING = peer.Peer("lxml parse", run="lxml_parse")
SAMPLE = "schemas/samples/manifest/customs-mt2101.xml"
BEGIN, END = "  <Consignment>", "  </Consignment>\n"


def manifest(size: int) -> Iterator[bytes]:
    """Our sample of MT2101 with as many consignments, each with a bill and a box of its own."""
    head, _, rest = read_text(SAMPLE).partition(BEGIN)
    consignment, _, tail = rest.partition(END)
    yield head.encode()
    written = number = 0
    while written < size:
        part = BEGIN + consignment + END
        part = part.replace("SMPLTXG2503001", f"SMPLTXG{number:08d}")
        part = part.replace("CSQU3054383", container_number(number % 1_000_000))
        made = part.encode()
        written, number = written + len(made), number + 1
        yield made
    yield tail.encode()


def measure() -> list[Row]:
    """Speed and memory."""
    return [
        *peer.compare("XML MT2101", manifest, {"whole": 0.33}, peer=CEILING),
        peer.growth("XML MT2101", manifest),
    ]
