"""The flat receipt: exact bytes, escapes, encodings; and our own reader reads it back."""

from __future__ import annotations

import pytest

from gateway.findings import Finding, Findings, Place, Severity
from gateway.mappings.acknowledgement.receipt_flat import (
    LAYOUT,
    Receipt,
    ReceiptDocument,
    write_receipt,
)
from gateway.syntax.flat.layout import load
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group, Message

FINDING = Finding(
    "VALUE-NUMBER",
    Severity.ERROR,
    Place(9, "41", 7, None, 9, 562, "DML0001"),
    "“A:B'C?”不是数字",
    "“A:B'C?” is no number",
    "A:B'C?\r\n12:X",
    "只写数字",
    "write digits",
)
RECEIPT = Receipt(
    sender="GATEWAY",
    receiver="DEMOAGT",
    created="20250203101500",
    interchange="ic-1",
    name="清单 1.txt",
    size=1234,
    sha256="ab" * 32,
    received="2025-02-03T10:15:00Z",
    message_type="IFCSUM",
    state="decided",
    outcome="partly",
    complete=True,
    findings=(FINDING,),
    documents=(
        ReceiptDocument(
            ordinal=1,
            type="manifest",
            message_type="IFCSUM",
            function="9",
            key={"vessel": "9074729", "voyage": "012E"},
            state="partly",
            codes=("PARTS_REJECTED",),
            zh="部分受理",
            en="accepted in part",
            parts=3,
            findings=(FINDING,),
            rejected=({"bill_of_lading": "DML0001"},),
            rejected_total=1,
        ),
    ),
    beyond=7,
)


def read_back(data: bytes, encoding: str | None = None):
    layout, findings = load(LAYOUT), Findings()
    reader = FlatReader(
        iter([data]), lambda _: Grammar(layout, layout.parts), Profile(encoding=encoding), findings
    )
    records = [r for e in reader if isinstance(e, Message | Group) for r in e.records]
    assert reader.interchange.complete
    assert list(findings) == []
    named = [(r.label, {name: r.values[i] for i, name in layout.fields(r.label)}) for r in records]
    return named, reader.interchange


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_receipt_is_read_back_by_our_own_reader(encoding):
    records, interchange = read_back(write_receipt(RECEIPT, encoding), encoding)
    assert [label for label, _ in records] == ["00", "10", "30", "20", "30", "40"]
    assert (interchange.sender, interchange.receiver) == ("GATEWAY", "DEMOAGT")
    head, received, loose, document, finding, left_out = (fields for _, fields in records)
    assert head["message_type"] == "RECEIPT"
    assert (received["interchange"], received["file_name"]) == ("ic-1", "清单 1.txt")
    assert (received["complete"], received["findings_beyond"]) == ("Y", "7")
    assert (loose["document"], finding["document"]) == ("", "1")
    assert document["key"] == "vessel=9074729;voyage=012E"
    assert (document["zh"], document["parts"]) == ("部分受理", "3")
    assert finding["value"] == "A:B'C?  12:X"
    assert [finding[n] for n in ("record", "tag", "field", "line", "offset", "key")] == [
        "9", "41", "7", "9", "562", "DML0001",
    ]  # fmt: skip
    assert left_out["key"] == "bill_of_lading=DML0001"


def test_bytes_of_a_receipt():
    plain = Receipt(
        "GW", "A?B", "20250203101500", "ic-2", "m.txt", 5, "ff", "2025-02-03T10:15:00Z",
        "IFTMBF", "decided", "accepted", complete=False,
    )  # fmt: skip
    assert write_receipt(plain, "ascii").decode("gb18030") == (
        "00:RECEIPT:回执:9:GW:A??B:20250203101500:1.0'\r\n"
        "10:ic-2:m.txt:5:ff:2025-02-03T10?:15?:00Z:IFTMBF:decided:accepted:N'\r\n"
        "99:3'\r\n"
    )


def test_the_same_receipt_gives_the_same_bytes():
    assert write_receipt(RECEIPT, "gbk") == write_receipt(RECEIPT, "gb18030")
