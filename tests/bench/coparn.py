"""COPARN beside pydifact: the whole pipeline against the peer's bare parse (performance.md 2, 5).

All data is made up.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import peer
from tests.bench.row import Row

GOALS = {"whole": 6.0, "reader": 15.0}
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


def measure() -> list[Row]:
    """Speed beside pydifact, and memory."""
    return [
        *peer.compare("COPARN", interchange, GOALS),
        peer.growth("COPARN", interchange),
    ]
