"""Arbitrary and mutated bytes (R-23): findings, never a traceback, the same for every cut."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gateway.findings import Findings
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.edifact.forms import Filled, SegmentForm
from gateway.syntax.edifact.pattern import segment_pattern
from gateway.syntax.edifact.separators import Separators
from gateway.syntax.edifact.walker import Walker
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, MessageKind
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


def outcome(data: bytes, block_bytes: int, labels: str = "") -> tuple[object, ...]:
    findings = Findings(keep_max=1_000)
    cut = frozenset(labels.split()) if labels else frozenset()

    def grammar(kind):
        layout = layout_for(kind)
        return Grammar(layout, cut) if layout else None

    reader = EdifactReader([data], grammar, Profile(), findings, block_bytes=block_bytes)
    events = [(type(event).__name__, list(event.records)) for event in reader]
    told = [report[:] for report in reader.message_reports]
    return events, list(findings), reader.interchange.complete, told


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
        events, findings, complete, _ = outcome(bytes(data), 1 << 18)
        assert complete or any(f.severity == "error" for f in findings)
        assert events is not None


def manifest(bills: int) -> bytes:
    """Consignments of three shapes below one message, with a repeat that is too many at times."""
    made = []
    for n in range(bills):
        goods = f"GID+1+{n}:CT'FTX+AAA+++GOODS?: {n}'MEA+AAE+G+KGM:{n}.5'" * (1 + n % 3)
        made.append(f"CNI+{n + 1}+B{n}'LOC+9+CNSHA'RFF+BM:B{n}'NAD+CN+++NAME {n % 3}'{goods}")
    head = "UNH+1+IFCSUM:D:00B:UN'BGM+785+1+9'DTM+137:202411180930:203'TDT+20+1'"
    count = len((head + "".join(made)).replace("?'", "").split("'"))
    return (
        f"UNB+UNOA:2+TESTLINE+TESTPORT+241118:0930+R1'{head}{''.join(made)}UNT+{count}+1'UNZ+1+R1'"
    ).encode()


def declaration(bills: int) -> bytes:
    """CUSCAR: what leads the groups is handed on with each of them, and RFF is not only a group."""
    made = "".join(
        f"CNI+{n + 1}'RFF+BM:B{n}'LOC+9+CNSHA'TDT+20+1'RFF+ZZZ:1'GID+1'RFF+BH:H{n}'GID+1'"
        for n in range(bills)
    )
    text = f"UNH+1+CUSCAR:D:00B:UN'BGM+785+1+9'NAD+CA+L'{made}AUT+1'"
    head, count = "UNB+UNOA:2+TESTLINE+TESTPORT+241118:0930+R1'", text.count("'") + 1
    return f"{head}{text}UNT+{count}+1'UNZ+1+R1'".encode()


SHAPED = (
    (b"".join(interchange(6_000)), ""),
    (manifest(40), "CNI"),
    (declaration(15), "CNI/RFF"),
)


def test_runs_of_a_known_shape_are_read_as_if_they_were_walked(monkeypatch):
    """Same records, findings and events with and without shapes, faults and cuts anywhere."""
    rng = random.Random(11)
    for turn in range(sized(150, 30_000)):
        good, labels = SHAPED[turn % len(SHAPED)]
        data = bytearray(good)
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(data))
            data[at : at + rng.choice((0, 1, 2, 30))] = rng.choice(PIECES)
        block = rng.choice((1 << 18, 3_000, 700))
        with monkeypatch.context() as patched:
            patched.setattr("gateway.syntax.edifact.shapes.EDIFACT_SHAPES_MAX", 0)
            walked = outcome(bytes(data), block, labels)
        assert outcome(bytes(data), block, labels) == walked
        with monkeypatch.context() as patched:
            form_early(patched)
            assert outcome(bytes(data), block, labels) == walked


def form_early(patched) -> None:
    """A shape that was read twice gets a form."""
    patched.setattr("gateway.syntax.edifact.forms.EDIFACT_FORM_USES_MIN", 2)
    patched.setattr("gateway.syntax.edifact.forms.EDIFACT_FORM_LOOKS", 2)


def test_faultless_files_are_read_by_their_shapes(monkeypatch):
    """The comparison above means something: most segments of good files are never walked."""
    walked = []
    real = Walker._walk

    def counted(self, placed, *, marked):
        kept = list(placed)
        walked.extend(kept)
        return real(self, kept, marked=marked)

    monkeypatch.setattr(Walker, "_walk", counted)
    for data, labels in SHAPED[:2]:
        walked.clear()
        _, findings, complete, _ = outcome(data, 1 << 18, labels)
        assert complete
        assert not findings
        assert len(walked) < data.count(b"'") / 3


def test_most_runs_of_good_files_are_read_by_their_form(monkeypatch):
    """The comparison above means something for forms, too."""
    form_early(monkeypatch)
    read = []
    real = SegmentForm.read

    def counted(self, texts, separators):
        read.append(real(self, texts, separators))
        return read[-1]

    monkeypatch.setattr(SegmentForm, "read", counted)
    for data, labels in ((b"".join(interchange(20_000)), ""), (manifest(80), "CNI")):
        read.clear()
        runs = data.count(labels.encode() + b"+" if labels else b"UNH+")
        _, findings, complete, _ = outcome(data, 1 << 18, labels)
        assert complete
        assert not findings
        assert sum(values is not None for values in read) > runs / 2


def test_what_a_form_reads_is_what_the_whole_pattern_reads():
    """Any filling of a segment: a form made of it, or of another one, reads the same or nothing."""
    rng = random.Random(5)
    layout = layout_for(MessageKind("edifact", "IFCSUM", "D.00B"))
    texts = ["", "1", "12.5", "-3", "A B", "X" * 40, "137"]
    read = 0
    for _ in range(sized(3_000, 100_000)):
        tag = rng.choice(["NAD", "MEA", "DTM", "GID", "LOC", "DGS", "FTX", "TMP", "RNG", "DIM"])
        whole = segment_pattern(layout, tag, ".")
        made = [filling(rng, tag, layout, texts) for _ in range(3)]
        found = [each.groups("") for text in made if (each := whole.fullmatch(text))]
        looked = Filled(layout, ".", 1)
        for values in found[:2]:
            form = looked.form(("GID/" + tag,), [values], 0)
            for text in made:
                taken = form.read([text], Separators())
                if taken is not None:
                    read += 1
                    assert form.record(taken, 0) == whole.fullmatch(text).groups("")
    assert read > 1_000


def filling(rng: random.Random, tag: str, layout, texts: list[str]) -> str:
    """A segment with some of its components filled, separators too many or too few at times."""
    elements = [
        ":".join(rng.choice(texts) if rng.random() < 0.5 else "" for _ in each.components)
        for each in layout.segment(tag).elements[: rng.randrange(1, 6)]
    ]
    return "+".join([tag, *(e.rstrip(":") if rng.random() < 0.8 else e for e in elements)])
