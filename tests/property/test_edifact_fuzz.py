"""Arbitrary and mutated bytes (R-23): findings, never a traceback, the same for every cut."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gateway.findings import Findings
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar
from tests.bench.coparn import interchange
from tests.services import sized

GOOD = b"".join(interchange(1_500))
PIECES = [
    b"'",
    b"+",
    b":",
    b"?",
    b"\n",
    b"UNH+",
    b"UNT+",
    b"UNZ+",
    b"UNA",
    b"*",
    b"\x00",
    b"\xff",
    b"A",
]
PIECES += [
    b"\x01\x02",
    "好".encode(),
    "好".encode("gb18030"),
    b"UNB+UNOY:4",
    b"\xef\xbb\xbf",
    b"EQD",
]


def outcome(data: bytes, block_bytes: int) -> tuple[object, ...]:
    findings = Findings(keep_max=1_000)

    def grammar(kind):
        layout = layout_for(kind)
        return Grammar(layout, frozenset()) if layout else None

    reader = EdifactReader([data], grammar, Profile(), findings, block_bytes=block_bytes)
    events = list(reader)
    return events, list(findings), reader.interchange.complete


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=60))
def test_pieces_of_edifact(pieces):
    data = b"".join(pieces)
    assert outcome(data, 1 << 18) == outcome(data, 7)


@given(st.binary(max_size=300))
def test_any_bytes_after_a_header(tail):
    head = GOOD[: GOOD.index(b"EQD")]
    assert outcome(head + tail, 1 << 18) == outcome(head + tail, 11)


def test_mutated_files():
    rng = random.Random(7)
    for _ in range(sized(400, 100_000)):
        data = bytearray(GOOD)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = rng.choice(PIECES)
        events, findings, complete = outcome(bytes(data), 1 << 18)
        assert complete or any(f.severity == "error" for f in findings)
        assert events is not None
