"""ACKNOWLEDGEMENT (application) as EDIFACT APERAK: "I accept what it says, or why not".

Read: D.95B to D.16A.  Written: D.00B, one message for one document; each error is an ERC with its
FTX: full code, English, Chinese, place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.canonical.acknowledgement import (
    ACKNOWLEDGEMENT,
    AcknowledgementLevel,
    Verdict,
)
from gateway.findings import Finding, Severity
from gateway.mappings.contract import Format
from gateway.mappings.edifact_convert import function, time
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.edifact import Envelope, OutgoingMessage, interchange_bytes
from gateway.syntax.edifact.writer import Written
from gateway.syntax.profile import Profile

ACKNOWLEDGEMENTS = frozenset({"CONTRL", "APERAK"})
# UN 1001: acknowledgement message, application error message.
_ACKNOWLEDGEMENT, _ERROR = "312", "313"
# UN 4343: what decides by itself; other codes leave it to the errors.
_REJECTING = frozenset({"RE", "NR"})
_ACCEPTING = frozenset({"AP", "AB", "AC", "AD", "AI", "CA"})
# UN 1153: number of the previous message, of the original document, of the transaction.
_MESSAGE, _DOCUMENT, _INTERCHANGE = "ACW", "AGO", "TN"
_CODE_CHARACTERS_MAX = 8
_TEXT_CHARACTERS_MAX = 512

_HEADER = Node(
    rows=(
        Row("BGM", (1, 1), "file_description"),
        Row("BGM", (2, 1), "document_number"),
        Row("BGM", 3, "function", function),
        Row("DTM", "C507", "created_at", time, at((1, "137"))),
    ),
)
_PART = Node(
    rows=(
        Row("BGM", (1, 1), "name"),
        Row("BGM", 4, "response"),
        Row("RFF", (1, 2), "message_reference", when=at((1, _MESSAGE))),
        Row("RFF", (1, 2), "document_number", when=at((1, f"{_DOCUMENT}|BN|BM|ON"))),
        Row("RFF", (1, 2), "interchange_reference", when=at((1, _INTERCHANGE))),
        Row("ERC", (1, 1), "codes[]"),
        *(
            Row(label, (4, line), "texts[]")
            for label in ("FTX", "ERC/FTX", "ERC/RFF/FTX")
            for line in range(1, 6)
        ),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Rejected: the response type says so, or it says nothing and there are errors."""
    response = values.pop("response", "").upper()
    name = values.pop("name", "")
    rejected = response in _REJECTING
    if response not in _REJECTING | _ACCEPTING:
        rejected = name == _ERROR or bool(values.get("codes"))
    values["level"] = AcknowledgementLevel.APPLICATION
    values["verdict"] = Verdict.REJECTED if rejected else Verdict.ACCEPTED


APERAK = Format(
    name="acknowledgement/aperak",
    version="1",
    syntax="edifact",
    kinds=frozenset({"APERAK"}),
    document=ACKNOWLEDGEMENT,
    layout="APERAK",
    header=Table(_HEADER),
    part=Table(_PART),
    finish_part=_finish_part,
    samples="acknowledgement/aperak",
)


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """The document that is answered; `message_type` is that of its message.

    number: of the answer itself (BGM 1004).  document_number: BGM 1004 of the document.
    findings: errors become ERC; warnings too, under an accepting answer.
    """

    number: str
    message_type: str
    message_reference: str
    interchange_reference: str
    document_number: str
    accepted: bool
    findings: Sequence[Finding] = ()


def write_aperak(envelope: Envelope, results: Sequence[DocumentResult]) -> bytes:
    """An APERAK interchange from us to the sender of the documents, one message for each.

    `envelope.created` ("YYMMDD", "HHMM") is also the documents' time (DTM+137).  Raises ValueError
    where a CONTRL or an APERAK would be answered.
    """
    messages = [
        OutgoingMessage(str(number), ("APERAK", "D", "00B", "UN"), _segments(envelope, result))
        for number, result in enumerate(results, 1)
    ]
    return interchange_bytes(envelope, messages)


def _segments(envelope: Envelope, result: DocumentResult) -> list[tuple[str, Sequence[Written]]]:
    if result.message_type in ACKNOWLEDGEMENTS:
        raise ValueError(f"a {result.message_type} is never acknowledged")
    date, clock = envelope.created
    name, response = (_ACKNOWLEDGEMENT, "AP") if result.accepted else (_ERROR, "RE")
    segments: list[tuple[str, Sequence[Written]]] = [
        ("BGM", [name, result.number, "9", response]),
        ("DTM", [("137", f"20{date}{clock}", "203")]),
    ]
    for qualifier, number in (
        (_MESSAGE, result.message_reference),
        (_DOCUMENT, result.document_number),
        (_INTERCHANGE, result.interchange_reference),
    ):
        if number:
            segments.append(("RFF", [(qualifier, number[:35])]))
    segments += [("NAD", ["MS", envelope.sender]), ("NAD", ["MR", envelope.receiver])]
    for finding in result.findings:
        if finding.severity is not Severity.INFO:
            segments += _error(finding)
    return segments


def _error(finding: Finding) -> list[tuple[str, Sequence[Written]]]:
    """ERC takes eight characters; the whole code stands first in the text."""
    place = finding.place
    where = " ".join(
        f"{name} {value}"
        for name, value in (
            ("segment", place.record), ("tag", place.tag), ("element", place.field),
            ("component", place.component), ("line", place.line), ("key", place.key),
        )
        if value is not None
    )  # fmt: skip
    texts = [finding.code, finding.en, finding.zh, where]
    return [
        ("ERC", [finding.code[:_CODE_CHARACTERS_MAX]]),
        ("FTX", ["AAO", "", "", [text[:_TEXT_CHARACTERS_MAX] for text in texts]]),
    ]
