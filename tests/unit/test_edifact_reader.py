"""The reader as a stream: groups, bounds, memory, several messages, reports; and the writer."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import repeat

import pytest

from gateway.findings import Finding, FindingKind, Findings, Place, Severity
from gateway.mappings.acknowledgement.aperak import DocumentResult, write_aperak
from gateway.mappings.acknowledgement.contrl import (
    InterchangeResult,
    MessageResult,
    write_contrl,
)
from gateway.syntax.edifact import (
    EdifactReader,
    Envelope,
    OutgoingMessage,
    interchange_bytes,
    layout_for,
)
from gateway.syntax.edifact.directory import directories
from gateway.syntax.edifact.structure import structure_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import (
    Event,
    Grammar,
    Group,
    Message,
    MessageEnd,
    MessageKind,
    Record,
    Split,
)

UNB = "UNB+UNOA:2+TESTLINE+TESTPORT+241118:0930+R1'"


def read(
    data: bytes | Iterator[bytes], *, groups: str = "", profile: Profile | None = None
) -> tuple[EdifactReader, list[Event], list[Finding]]:
    findings = Findings()
    labels = frozenset(groups.split("|")) if groups else frozenset()

    def grammar(kind: MessageKind) -> Grammar | None:
        layout = layout_for(kind)
        return Grammar(layout, labels) if layout else None

    chunks = [data] if isinstance(data, bytes) else data
    reader = EdifactReader(chunks, grammar, profile or Profile(), findings)
    return reader, list(reader), list(findings)


def manifest(bills: int) -> Iterator[bytes]:
    yield f"{UNB}UNH+1+IFCSUM:D:00B:UN'BGM+785+1+9'DTM+137:202411180930:203'".encode()
    yield f"CNT+10:{bills}'TDT+20+1'".encode()
    for number in range(bills):
        yield f"CNI+{number % 9999}+B{number}'RFF+BM:B{number}'GID+1+1:CT'FTX+AAA+++GOODS'".encode()
    yield f"UNT+{bills * 4 + 6}+1'UNZ+1+R1'".encode()


def codes(findings: list[Finding]) -> list[str]:
    return [each.code for each in findings]


def test_groups_are_cut_at_their_labels():
    reader, events, findings = read(b"".join(manifest(3)), groups="CNI")
    assert [type(each) for each in events] == [Message, Group, Group, Group, MessageEnd]
    assert [r.label for r in events[0].records] == ["UNH", "BGM", "DTM", "CNT", "TDT"]
    assert [r.label for r in events[1].records] == ["CNI", "CNI/RFF", "CNI/GID", "CNI/GID/FTX"]
    assert [r.label for r in events[-1].records] == ["UNT"]
    assert findings == []
    assert reader.interchange.complete


def test_one_message_of_very_many_groups_keeps_memory_flat():
    def peak(bills: int) -> int:
        reader = EdifactReader(
            manifest(bills), lambda kind: Grammar(layout_for(kind), frozenset({"CNI"})),
            Profile(), Findings(), block_bytes=8_192,
        )  # fmt: skip
        tracemalloc.start()
        assert sum(isinstance(event, Group) for event in reader) == bills
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(3_000)  # regular expressions are compiled on first use
    assert peak(6_000) - peak(3_000) < 100_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("UNH+1+COPARN:D:00B:UN'" + "FTX+AAA+++" + "A" * 70_000 + "'UNT+3+1'UNZ+1+R1'", "EDI-090"),
        ("UNH+1+COPARN:D:00B:UN'" + "FTX+AAA" + "+" * 70_000, "EDI-090"),
        ("UNH+1+COPARN:D:00B:UN'" + "FTX" + ":1" * 20_000 + "'UNT+3+1'UNZ+1+R1'", "EDI-091"),
        ("UNH+1+COPARN:D:00B:UN'" + "?" * 100_000 + "'UNT+3+1'UNZ+1+R1'", "EDI-090"),
        ("UNH+1+COPARN:D:00B:UN'BGM+1'" + "FTX+AAA'" * 60_000 + "UNT+3+1'UNZ+1+R1'", "EDI-092"),
    ],
    ids=["long", "unterminated", "components", "releases", "group"],
)
def test_bombs_meet_their_bound(data, code):
    reader, _events, findings = read((UNB + data).encode())
    assert code in codes(findings)
    assert not reader.interchange.complete or code == "EDI-091"


def test_messages_of_an_interchange_are_bounded(monkeypatch):
    monkeypatch.setattr("gateway.syntax.edifact.walker.MESSAGES_PER_INTERCHANGE_MAX", 20)
    messages = "".join(f"UNH+{n}+ORDERS:D:96A:UN'UNT+2+{n}'" for n in range(30))
    reader, events, findings = read((UNB + messages + "UNZ+30+R1'").encode())
    assert codes(findings) == ["EDI-094"]
    assert not reader.interchange.complete
    assert sum(isinstance(event, MessageEnd) for event in events) == 20


def test_segments_of_a_file_are_bounded(monkeypatch):
    monkeypatch.setattr("gateway.syntax.edifact.reader.RECORDS_PER_FILE_MAX", 100)
    reader, events, findings = read(UNB.encode() + b"UNH+1+ORDERS:D:96A:UN'" + b"QTY+1'" * 200)
    assert codes(findings)[-1] == "EDI-093"
    assert not reader.interchange.complete
    assert isinstance(events[-1], MessageEnd)
    assert not events[-1].complete


def test_equal_separators_are_refused():
    _reader, _events, findings = read(b"UNA++.? '" + UNB.encode() + b"UNZ+0+R1'")
    assert codes(findings) == ["EDI-002"]


@pytest.mark.parametrize("una", ["UNA:+.?'", "UNA:+.?'\r\n"])
def test_a_short_una_is_understood_and_reported(una):
    reader, _events, findings = read(una.encode() + UNB.encode() + b"UNZ+0+R1'")
    assert codes(findings) == ["EDI-001"]
    assert reader.interchange.complete


def test_unknown_messages_are_skipped_and_counted():
    body = "UNH+1+ORDERS:D:96A:UN'XYZ+1'QTY+?'2'UNT+4+1'" + "UNH+2+ORDERS:D:96A:UN'UNT+2+2'"
    reader, events, findings = read((UNB + body + "UNZ+2+R1'").encode())
    assert [type(each) for each in events] == [Message, MessageEnd] * 2
    assert findings == []
    assert reader.interchange.messages == 2


def test_reports_name_the_faulty_messages_only():
    good = "UNH+{0}+COPARN:D:00B:UN'BGM+1'RFF+BN:1'NAD+MS+A'EQD+CN'UNT+6+{0}'"
    bad = "UNH+{0}+COPARN:D:00B:UN'BGM+1'RFF+BN:1'ZZZ+1'NAD+MS+A'EQD+CN'UNT+9+{0}'"
    data = UNB + good.format(1) + bad.format(2) + good.format(3) + "UNZ+3+R1'"
    reader, _events, _findings = read(data.encode())
    assert [(r.reference, r.first, r.last, r.errors) for r in reader.message_reports] == [
        ("2", 8, 14, 2)
    ]
    assert reader.message_reports[0].kind.name == "COPARN"


def test_the_profile_excuses_trailers_and_counts():
    cut = (UNB + "UNH+1+COPARN:D:00B:UN'BGM+1'RFF+BN:1'NAD+MS+A'EQD+CN+").encode()
    reader, _events, findings = read(cut, profile=Profile(trailer="absent"))
    assert findings == []
    assert reader.interchange.complete
    counts = (UNB + "UNZ+7+R1'").encode()
    _reader, _events, findings = read(counts, profile=Profile(envelope_counts="warn"))
    assert [(f.code, f.severity) for f in findings] == [("EDI-020", Severity.WARNING)]


def test_envelope_facts():
    head = "UNB+UNOC:3+A:14+B:14+241118:0930+R1++APP++1++1'"
    reader, _events, findings = read((head + "UNZ+0+R1'").encode())
    assert findings == []
    assert reader.interchange.test
    assert reader.interchange.acknowledgement_requested
    assert reader.interchange.sender == "A"
    assert reader.interchange.encoding == "iso-8859-1"


def test_undecodable_bytes_are_placed():
    text = UNB.replace("UNOA", "UNOY").replace(":2", ":4").replace("241118", "20241118")
    head = (text + "\nUNH+1+COPARN:D:00B:UN'\nBGM+1'\n").encode()
    data = head + "FTX+AAA+++好".encode() + b"'\nFTX+AAA+++\xff\xfe'\n"
    data += b"NAD+MS+A'\nEQD+CN'\nUNT+7+1'\nUNZ+1+R1'\n"
    _reader, events, findings = read(data)
    bad = [f for f in findings if f.code == "EDI-060"]
    assert [(f.place.line, f.place.offset) for f in bad] == [(5, data.index(b"FTX", len(head) + 9))]
    assert "\ufffd" in "".join(str(r.values) for r in events[1].records)
    offsets = {r.label: r.offset for r in events[1].records}
    assert offsets["EQD"] == data.index(b"EQD")


def test_labels_agree_between_directories():
    """A mapping is written once: what a directory nests is named by its triggers."""
    known: dict[str, set[str]] = {}
    for release in directories():
        layout = layout_for(MessageKind("edifact", "COPARN", release))
        structure = structure_for(layout, frozenset(), ".")
        known[release] = set(structure.labels.values())
    assert {"BGM", "RFF", "TDT", "NAD", "EQD", "GID"} <= set.intersection(*known.values())


def test_the_packaged_directories_are_those_of_the_united_nations(shared):
    """The compact notation says what the machine-read directory says, message by message."""
    for release in directories():
        stem = release.replace(".", "").lower()
        theirs = json.loads((shared / "edifact" / f"{stem}.json").read_text("utf-8"))
        for name, items in theirs["messages"].items():
            layout = layout_for(MessageKind("edifact", name, release))
            assert layout.version == release
            assert layout.structure.split() == _flat(items).split(), (release, name)
        for tag, elements in theirs["segments"].items():
            ours = [(e.id, [c.id for c in e.components]) for e in layout.segment(tag).elements]
            wanted = [
                (e["id"], [p["id"] for p in e.get("parts", [e])])
                for e in elements
                for _ in repeat(None, e.get("max", 1))
            ]
            assert ours == wanted, (release, tag)


def _flat(items) -> str:
    return " ".join(
        f"{i['seg']} {i['status']}{i['max']}"
        if "seg" in i
        else f"({i['status']}{i['max']} {_flat(i['items'])})"
        for i in items
    )


# --- writing ------------------------------------------------------------------------------------

ENVELOPE = Envelope("TESTPORT", "TESTLINE", "GW24111800001", ("241118", "0930"))


def test_what_is_written_is_read_back():
    texts = ["A+B:C'D?E", "??", "PLAIN", "?", "'"]
    segments = [("BGM", ["126", "1", "9"]), ("RFF", [("BN", "B?1")]), ("NAD", ["MS", "A"])]
    segments += [("EQD", ["CN"]), *[("FTX", ["AAA", "", "", [text]]) for text in texts]]
    message = OutgoingMessage("1", ("COPARN", "D", "00B", "UN"), segments)
    data = interchange_bytes(ENVELOPE, [message])
    reader, events, findings = read(data)
    assert findings == []
    assert reader.interchange.complete
    records = events[1].records
    assert [r.values[5] for r in records if r.label == "EQD/FTX"] == texts
    assert reader.interchange.reference == ENVELOPE.reference


def test_the_narrowest_character_set_is_named():
    def level(text: str) -> bytes:
        message = OutgoingMessage("1", ("APERAK", "D", "00B", "UN"), [("FTX", [text])])
        return interchange_bytes(ENVELOPE, [message]).split(b"UNB+")[1][:6]

    assert [level(t) for t in ("ABC", "Abc", "好", "A@B")] == [
        b"UNOA:2", b"UNOB:2", b"UNOY:4", b"UNOY:4",
    ]  # fmt: skip


@pytest.mark.parametrize("reference", ["", "X" * 15])
def test_a_control_reference_has_its_length(reference):
    with pytest.raises(ValueError, match="control reference"):
        interchange_bytes(Envelope("A", "B", reference, ("241118", "0930")), [])


def test_contrl_names_segment_and_element():
    faults = [
        Finding("EDI-043", Severity.ERROR, Place(17, "MEA", 3, 2), "", ""),
        Finding("EDI-033", Severity.ERROR, Place(15, "EQD"), "", ""),
        Finding("EDI-042", Severity.WARNING, Place(16, "EQD", 1), "", ""),
    ]
    message = MessageResult("M1", ("COPARN", "D", "00B", "UN"), 3, faults)
    result = InterchangeResult("TESTLINE", "TESTPORT", "REF1", False, (), (message,))
    lines = write_contrl(ENVELOPE, result).decode().splitlines()
    assert lines[3:8] == [
        "UCI+REF1+TESTLINE+TESTPORT+7'",
        "UCM+M1+COPARN:D:00B:UN+4'",
        "UCS+13+13'",
        "UCS+15'",
        "UCD+37+3:2'",
    ]
    _reader, _events, findings = read(("\n".join(lines) + "\n").encode())
    assert findings == []


def test_a_rejected_interchange_names_no_messages():
    fault = Finding("EDI-021", Severity.ERROR, Place(9, "UNZ"), "", "")
    result = InterchangeResult("TESTLINE", "TESTPORT", "REF1", True, (fault,))
    assert b"UCI+REF1+TESTLINE+TESTPORT+4+28+UNZ'" in write_contrl(ENVELOPE, result)


def test_acknowledgements_are_never_acknowledged():
    message = MessageResult("M1", ("CONTRL", "D", "3", "UN"), 2, ())
    with pytest.raises(ValueError, match="never acknowledged"):
        write_contrl(ENVELOPE, InterchangeResult("A", "B", "R", False, (), (message,)))
    with pytest.raises(ValueError, match="never acknowledged"):
        write_aperak(ENVELOPE, [DocumentResult("1", "APERAK", "M", "R", "D", True)])


def test_aperak_is_read_as_it_was_meant():
    fault = Finding(
        "CONTAINER-CHECK-DIGIT", Severity.ERROR, Place(7, "EQD", 2, 1), "箱号错", "wrong"
    )
    result = DocumentResult("A1", "COPARN", "M1", "R1", "BK1", False, (fault,))
    reader, events, findings = read(write_aperak(ENVELOPE, [result]))
    assert findings == []
    assert reader.interchange.complete
    texts = next(r.values for r in events[1].records if r.label == "ERC/FTX")
    assert "CONTAINER-CHECK-DIGIT" in texts
    assert "箱号错" in texts


def plan(boxes: str, bills: str, tail: str = "") -> bytes:
    """A COSTCO: boxes first, then the consignments that lie in them."""
    body = f"BGM+1+1+9'RFF+BN:1'TDT+20+1'NAD+CA+L'{boxes}{bills}{tail}"
    return f"{UNB}UNH+1+COSTCO:D:00B:UN'{body}UNT+{body.count(chr(39)) + 2}+1'UNZ+1+R1'".encode()


def split_read(data: bytes, split: Split, labels: str = "EQD|CNI") -> tuple[list[Event], Findings]:
    findings = Findings()
    cut = frozenset(labels.split("|"))
    reader = EdifactReader(
        [data], lambda kind: Grammar(layout_for(kind), cut, split), Profile(), findings
    )
    return list(reader), findings


def by_pairs(records: Sequence[Record], _findings: Findings) -> Iterator[list[Record]]:
    for record in records:
        yield [record]


def test_a_grammar_that_splits_gets_all_groups_of_a_message_at_its_end():
    data = plan("EQD+CN+A'EQD+CN+B'", "CNI+1'GID+1'SGP+A'CNI+2'", "CNT+16:2'")
    events, findings = split_read(data, by_pairs)
    assert [type(each) for each in events] == [Message, *[Group] * 6, MessageEnd]
    assert [r.label for r in events[0].records] == ["UNH", "BGM", "RFF", "TDT", "NAD"]
    held = [r.label for event in events[1:-1] for r in event.records]
    assert held == ["EQD", "EQD", "CNI", "CNI/GID", "CNI/GID/SGP", "CNI"]
    assert [r.label for r in events[-1].records] == ["CNT", "UNT"]
    assert list(findings) == []


def test_a_split_without_consignments_or_trailer_still_tells_of_every_box():
    events, findings = split_read(plan("EQD+CN+A'EQD+CN+B'", ""), by_pairs)
    assert [r.values[1] for event in events[1:-1] for r in event.records] == ["A", "B"]
    assert codes(list(findings)) == ["EDI-033"]
    cut = plan("EQD+CN+A'EQD+CN+B'", "").split(b"UNT")[0]
    events, findings = split_read(cut, by_pairs)
    assert sum(isinstance(event, Group) for event in events) == 2
    assert not events[-1].complete
    assert codes(list(findings)) == ["INCOMPLETE", "INCOMPLETE"]


def test_faults_that_a_split_finds_count_for_the_message():
    fault = FindingKind("TEST", Severity.ERROR, "错", "wrong")

    def refuse(records: Sequence[Record], findings: Findings) -> Iterator[list[Record]]:
        findings.add(fault.at())
        yield list(records)

    findings = Findings()
    labels = frozenset({"EQD", "CNI"})
    reader = EdifactReader(
        [plan("EQD+CN+A'", "CNI+1'")], lambda kind: Grammar(layout_for(kind), labels, refuse),
        Profile(), findings,
    )  # fmt: skip
    assert [type(each) for each in reader] == [Message, Group, MessageEnd]
    assert codes(list(findings)) == ["TEST"]
    assert [report.errors for report in reader.message_reports] == [1]


def test_what_is_held_to_be_split_is_bounded(monkeypatch):
    monkeypatch.setattr("gateway.syntax.edifact.walker.RECORDS_PER_GROUP_MAX", 50)
    events, findings = split_read(plan("EQD+CN+A'" * 80, "CNI+1'"), by_pairs)
    assert codes(list(findings)) == ["EDI-092"]
    assert [type(each) for each in events] == [Message, MessageEnd]
