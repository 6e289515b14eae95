"""ACKNOWLEDGEMENT as flat receipt (回执): our answer to senders of flat files, in their encoding.

A file of the same family, so that whoever writes flat files can read it: layout `receipt`
(`schemas/flat/receipt.toml`), described in docs/formats/flat-syntax.md.  It is our own layout: no
published one exists for answers to manifests and bookings.

Read: a receiver that answers alike acknowledges the delivery whose file it names.  What it holds
or reviews it has taken in, no more (technical); a quarantined or dead file it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.canonical.acknowledgement import ACKNOWLEDGEMENT, AcknowledgementLevel, Verdict
from gateway.findings import Finding
from gateway.mappings.contract import Format
from gateway.mappings.flat_convert import lines
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.node import Node, Row, when
from gateway.mappings.table import Table
from gateway.syntax.charset import encode
from gateway.syntax.flat.escape import join
from gateway.syntax.profile import Profile

MESSAGE_TYPE = "RECEIPT"
LAYOUT = "receipt"
_LINE_END = "\r\n"
# Line ends and NUL inside a value would only trouble the reader at the other end.
_ONE_LINE = str.maketrans({"\r": " ", "\n": " ", "\x00": " "})
_BREAKS = re.compile(r"[\r\n\x00]")
_OPEN = frozenset({"held", "review"})
_TAKEN = frozenset({"accepted", "partly"})
_CODE_CHARACTERS_MAX = 70

_HEADER = Node(
    rows=(
        *HEAD,
        Row("00", "version", "message_version"),
        Row("10", "interchange", "reference"),
    ),
)
_PART = Node(
    rows=(
        Row("10", "file_name", "delivery"),
        Row("10", "state", "state"),
        Row("10", "outcome", "outcome"),
        Row("20", "codes", "codes[]"),
        Row("20", "zh", "texts[]", lines),
        Row("20", "en", "texts[]", lines),
        Row("30", "code", "codes[]", when=when(severity="error")),
        Row("30", "zh", "texts[]", lines),
        Row("30", "en", "texts[]", lines),
        Row("40", "key", "texts[]", lines),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """The delivery is the name of its file without the suffix; codes that came once are enough."""
    outcome, state = values.pop("outcome", ""), values.pop("state", "")
    still = outcome in _OPEN
    values["level"] = AcknowledgementLevel.TECHNICAL if still else AcknowledgementLevel.APPLICATION
    if outcome or state:
        taken = still or outcome in _TAKEN
        values["verdict"] = Verdict.ACCEPTED if taken else Verdict.REJECTED
    name, dot, _suffix = values.pop("delivery", "").rpartition(".")
    file = name if dot else _suffix
    if file and len(file) <= _CODE_CHARACTERS_MAX:
        values["delivery"] = file
    codes = (code.strip() for field in values.get("codes", ()) for code in field.split(";"))
    values["codes"] = list(dict.fromkeys(filter(None, codes)))


RECEIPT_FLAT = Format(
    name="acknowledgement/receipt-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({MESSAGE_TYPE}),
    document=ACKNOWLEDGEMENT,
    layout=LAYOUT,
    header=Table(_HEADER),
    part=Table(_PART),
    finish_part=_finish_part,
    samples="acknowledgement/receipt-flat",
)


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """Record 20 and what hangs below: one document of the interchange and how it went.

    key: business key (name → value).  state: accepted, partly, rejected, held, review.  rejected:
    keys of parts that were left out.
    """

    ordinal: int
    type: str
    message_type: str
    function: str
    key: Mapping[str, str]
    state: str
    codes: Sequence[str] = ()
    zh: str = ""
    en: str = ""
    parts: int = 0
    findings: Sequence[Finding] = ()
    rejected: Sequence[Mapping[str, str]] = ()
    rejected_total: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says.  sender is us, receiver the partner, created CCYYMMDDHHMMSS (UTC).

    findings: those that belong to no document; beyond: how many findings were counted, not kept.
    """

    sender: str
    receiver: str
    created: str
    interchange: str
    name: str
    size: int
    sha256: str
    received: str
    message_type: str
    state: str
    outcome: str
    complete: bool
    resend_of: str = ""
    findings: Sequence[Finding] = ()
    documents: Sequence[ReceiptDocument] = ()
    beyond: int = 0
    documents_beyond: int = 0


def write_receipt(receipt: Receipt, encoding: str | None) -> bytes:
    """The receipt as bytes in the encoding that the sender's file was in (ASCII gets GB18030).

    The same receipt gives the same bytes; records end with `'` and CRLF, 99 counts them all.
    """
    records = list(_records(receipt))
    records.append(["99", str(len(records) + 1)])
    return encode("".join([_line(record) for record in records]), encoding)


def _line(record: list[str]) -> str:
    line = join(record)
    return (line.translate(_ONE_LINE) if _BREAKS.search(line) else line) + _LINE_END


def _records(receipt: Receipt) -> Iterator[list[str]]:
    yield [
        "00", MESSAGE_TYPE, "回执", "9", receipt.sender, receipt.receiver, receipt.created, "1.0",
    ]  # fmt: skip
    yield [
        "10", receipt.interchange, receipt.name, str(receipt.size), receipt.sha256,
        receipt.received, receipt.message_type, receipt.state, receipt.outcome,
        "Y" if receipt.complete else "N", receipt.resend_of,
        str(receipt.beyond or ""), str(receipt.documents_beyond or ""),
    ]  # fmt: skip
    for finding in receipt.findings:
        yield _finding("", finding)
    for document in receipt.documents:
        yield _document(document)
        for finding in document.findings:
            yield _finding(str(document.ordinal), finding)
        for key in document.rejected:
            yield ["40", str(document.ordinal), _key(key)]


def _document(document: ReceiptDocument) -> list[str]:
    return [
        "20", str(document.ordinal), document.type, document.message_type, document.function,
        _key(document.key), document.state, ";".join(document.codes), document.zh, document.en,
        str(document.parts), str(document.rejected_total or ""),
    ]  # fmt: skip


def _finding(document: str, finding: Finding) -> list[str]:
    place = finding.place
    spot = (place.record, place.tag, place.field, place.line, place.offset, place.key)
    return [
        "30", document, finding.code, finding.severity.value,
        *("" if each is None else str(each) for each in spot),
        finding.value or "", finding.zh, finding.en, finding.hint_zh, finding.hint_en,
    ]  # fmt: skip


def _key(key: Mapping[str, str]) -> str:
    """`vessel=9811000;voyage=046E`: names and values of a business key in one field."""
    return ";".join(f"{name}={value}" for name, value in key.items())
