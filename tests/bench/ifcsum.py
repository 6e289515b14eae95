"""IFCSUM beside pydifact: consignments by the thousand in each message (performance.md 2, 5).

All data is made up.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import peer
from tests.bench.coparn import LINES, PORTS, container_number
from tests.bench.row import Row

GOALS = {"whole": 12.0, "reader": 20.0}
CONSIGNMENTS_PER_MESSAGE = 2_000
IN_ONE_MESSAGE = 20_000
GOODS = ("GENERAL CARGO", "AUTO PARTS", "TEXTILES", "STEEL ?+ IRON WARE", "GLASS?: SHEETS")
PACKAGES = ("CT", "PK", "PX", "BG")


def header(number: int, consignments: int) -> list[str]:
    """What stands before the first consignment of a message."""
    return [
        f"UNH+M{number:06d}+IFCSUM:D:00B:UN",
        f"BGM+785+MAN{number:06d}+9",
        "DTM+137:202411180930:203",
        f"CNT+10:{consignments}",
        "RFF+VM:V001A",
        f"NAD+CA+{LINES[number % 5]}:160:ZZZ",
        f"TDT+20+{number % 900:04d}W+1++{LINES[number % 5]}:172:20+++V001A:103::TEST VESSEL",
        "LOC+9+CNTXG:139:6",
    ]


def consignment(number: int) -> list[str]:
    """One consignment of 16 to 28 segments: up to three items, a box or two for each."""
    segments = [
        f"CNI+{number % CONSIGNMENTS_PER_MESSAGE + 1}+BL{number:08d}",
        f"LOC+9+{PORTS[number % 10]}:139:6",
        f"LOC+11+{PORTS[(number // 10 + 3) % 10]}:139:6",
        f"RFF+BM:BL{number:08d}",
        f"RFF+BN:BK{number // 3:08d}",
        f"NAD+CZ+++SHIPPER {number % 300}:TEST ROAD {number % 90}:TEST CITY",
        f"NAD+CN+++CONSIGNEE {number % 400}:TEST STREET {number % 70}:TEST TOWN",
        "NAD+N1+++SAME AS CONSIGNEE",
    ]
    for item in range(1, 2 + (number % 7 == 3) + (number % 7 == 5)):
        segments += [
            f"GID+{item}+{number % 500 + item}:{PACKAGES[number % 4]}",
            f"FTX+AAA+++{GOODS[(number + item) % 5]}:LOT {number % 700}",
            f"MEA+AAE+G+KGM:{9000 + number % 20000}.{number % 10}",
            f"MEA+AAE+AAW+MTQ:{10 + number % 60}.{number % 10}",
            f"PCI+28+MARK {number % 900}:NO. 1-{number % 500 + item}",
        ]
        for box in range(1 + (number % 11 == 4)):
            segments.append(f"SGP+{container_number((number * 2 + box) % 1_000_000)}+{number % 99}")
    return segments


def interchange(size: int, most: int = CONSIGNMENTS_PER_MESSAGE) -> Iterator[bytes]:
    """An interchange of about `size` bytes, `most` consignments in a message."""
    yield b"UNB+UNOA:2+TESTLINE+TESTPORT+241118:0930+BENCH2'\n"
    messages = made = written = 0
    while written < size:
        messages += 1
        parts: list[str] = []
        inside = 0
        while inside < most and written < size:
            part = consignment(made)
            parts += part
            written += sum(map(len, part)) + 2 * len(part)
            made, inside = made + 1, inside + 1
        segments = [*header(messages, inside), *parts]
        segments.append(f"UNT+{len(segments) + 1}+M{messages:06d}")
        yield ("'\n".join(segments) + "'\n").encode()
    yield f"UNZ+{messages}+BENCH2'\n".encode()


def one_message(size: int) -> Iterator[bytes]:
    """All consignments in one message: more than the 9,999 of D.00B, which is told and no more."""
    return interchange(size, most=IN_ONE_MESSAGE)


def measure() -> list[Row]:
    """Speed beside pydifact, and memory: of many messages, and of a single one."""
    return [
        *peer.compare("IFCSUM", interchange, GOALS),
        peer.growth("IFCSUM", interchange),
        peer.growth(
            "IFCSUM, one message of 20,000 consignments", one_message, 4, "parts", (0.9, 8)
        ),
    ]
