"""ACKNOWLEDGEMENT (technical) as EDIFACT CONTRL: "I could read it, or why not".

Read: one CONTRL is one acknowledgement of an interchange; it is rejected when the interchange, a
group or any message of it is.  Written: UCI for the interchange, UCM for each faulty message, UCS
and UCD for each error at its place.  Codes are those of ISO 9735 data elements 0083 and 0085.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.canonical.acknowledgement import (
    ACKNOWLEDGEMENT,
    AcknowledgementLevel,
    Verdict,
)
from gateway.findings import Finding, Severity
from gateway.mappings.contract import Format
from gateway.mappings.node import Node, Row
from gateway.mappings.table import Table
from gateway.syntax.edifact import Envelope, OutgoingMessage, interchange_bytes
from gateway.syntax.edifact.writer import Written
from gateway.syntax.profile import Profile

# 0083: this level and all lower ones are rejected; acknowledged unless rejected below.
REJECTED, ACKNOWLEDGED = "4", "7"
ACKNOWLEDGEMENTS = frozenset({"CONTRL", "APERAK"})
# Our finding codes → 0085.
_SYNTAX_ERRORS = {
    "INCOMPLETE": "13", "EDI-002": "22", "EDI-006": "13", "EDI-010": "13", "EDI-011": "13",
    "EDI-012": "33", "EDI-013": "12", "EDI-014": "13", "EDI-015": "2", "EDI-016": "33",
    "EDI-020": "29", "EDI-021": "28", "EDI-022": "26", "EDI-023": "26", "EDI-024": "13",
    "EDI-030": "12", "EDI-031": "15", "EDI-032": "15", "EDI-033": "13", "EDI-034": "35",
    "EDI-040": "13", "EDI-041": "13", "EDI-042": "39", "EDI-043": "37", "EDI-044": "19",
    "EDI-045": "16", "EDI-046": "16", "EDI-047": "21", "EDI-048": "20", "EDI-049": "20",
    "EDI-060": "21", "EDI-061": "21", "EDI-062": "21", "EDI-090": "39", "EDI-091": "16",
    "EDI-092": "36", "EDI-093": "36", "EDI-094": "36",
}  # fmt: skip
_UNSPECIFIED = "18"
# UCS and UCD that one message may have (the CONTRL structure); findings are fewer anyway.
_ERRORS_PER_MESSAGE_MAX = 99


def _messages(labels: Sequence[str]) -> tuple[Row, ...]:
    return tuple(
        row
        for label in labels
        for row in (
            Row(label, 1, "reference"),
            Row(label, "0083", "action"),
            Row(label, "0085", "code"),
        )
    )


_UCM = ("UCM", "UCF/UCM")
_PART = Node(
    rows=(
        Row("UCI", 1, "interchange_reference"),
        Row("UCI", "0083", "action"),
        Row("UCI", "0085", "codes[]"),
        *(
            Row(f"{label}{below}", "0085", "codes[]")
            for label in _UCM
            for below in ("", "/UCS", "/UCS/UCD")
        ),
    ),
    children=(
        Node(path="messages", opens=frozenset(_UCM), rows=_messages(_UCM)),
        Node(path="groups", opens=frozenset({"UCF"}), rows=_messages(["UCF"])),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """The verdict over all levels; whom a single UCM is about; a text for each refusal."""
    action = values.pop("action", "")
    messages = values.pop("messages", [])
    levels = [*messages, *values.pop("groups", [])]
    refused = [each for each in levels if each.get("action") == REJECTED]
    rejected = action == REJECTED or bool(refused)
    values["level"] = AcknowledgementLevel.TECHNICAL
    values["verdict"] = Verdict.REJECTED if rejected else Verdict.ACCEPTED
    if len(messages) == 1 and "reference" in messages[0]:
        values["message_reference"] = messages[0]["reference"]
    values["codes"] = list(dict.fromkeys(values.get("codes", [])))
    if refused:
        values["texts"] = [
            " ".join(("rejected:", each.get("reference", "?"), each.get("code", ""))).strip()
            for each in refused
        ]


CONTRL = Format(
    name="acknowledgement/contrl",
    version="1",
    syntax="edifact",
    kinds=frozenset({"CONTRL"}),
    document=ACKNOWLEDGEMENT,
    layout="CONTRL",
    header=Table(Node(rows=())),
    part=Table(_PART),
    finish_part=_finish_part,
    samples="acknowledgement/contrl",
)


@dataclass(frozen=True, slots=True)
class MessageResult:
    """One message with errors: UNH 0062, the composite of UNH (type, version, release, agency).

    first: ordinal of its UNH in the file, so that places become positions in the message.
    """

    reference: str
    kind: Sequence[str]
    first: int
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class InterchangeResult:
    """The interchange that is answered, as its UNB named it.

    rejected: the whole of it (its envelope is wrong).  findings: those of the envelope.  messages:
    those that are rejected; all others are accepted by being left out.
    """

    sender: str
    receiver: str
    reference: str
    rejected: bool
    findings: Sequence[Finding] = ()
    messages: Sequence[MessageResult] = ()


def write_contrl(envelope: Envelope, result: InterchangeResult) -> bytes:
    """A CONTRL interchange from us to the sender of `result`.

    Raises ValueError where a CONTRL or an APERAK would be answered.
    """
    for message in result.messages:
        if message.kind and message.kind[0] in ACKNOWLEDGEMENTS:
            raise ValueError(f"a {message.kind[0]} is never acknowledged")
    segments: list[tuple[str, Sequence[Written]]] = [("UCI", _uci(result))]
    if not result.rejected:
        for message in result.messages:
            segments += _ucm(message)
    message_out = OutgoingMessage("1", ("CONTRL", "D", "3", "UN"), segments)
    return interchange_bytes(envelope, [message_out])


def _uci(result: InterchangeResult) -> list[Written]:
    action = REJECTED if result.rejected else ACKNOWLEDGED
    elements: list[Written] = [result.reference, result.sender, result.receiver, action]
    error = next(_errors(result.findings), None)
    if result.rejected and error is not None:
        tag = error.place.tag or ""
        elements += [syntax_error(error.code), tag[:3] if tag[:2] == "UN" else ""]
    return elements


def _ucm(message: MessageResult) -> Iterator[tuple[str, Sequence[Written]]]:
    errors = list(_errors(message.findings))[:_ERRORS_PER_MESSAGE_MAX]
    own = next((e for e in errors if not _inside(e, message)), None)
    code = syntax_error(own.code) if own else ""
    yield "UCM", [message.reference, list(message.kind), REJECTED, code]
    for error in sorted((e for e in errors if _inside(e, message)), key=_position):
        place = error.place
        position = str((place.record or 0) - message.first + 1)
        if place.field:
            at: list[str] = [str(place.field), str(place.component) if place.component else ""]
            yield "UCS", [position]
            yield "UCD", [syntax_error(error.code), at]
        else:
            yield "UCS", [position, syntax_error(error.code)]


def _inside(error: Finding, message: MessageResult) -> bool:
    return error.place.record is not None and error.place.record >= message.first


def _position(error: Finding) -> tuple[int, int, int]:
    place = error.place
    return place.record or 0, place.field or 0, place.component or 0


def _errors(findings: Sequence[Finding]) -> Iterator[Finding]:
    return (each for each in findings if each.severity is Severity.ERROR)


def syntax_error(code: str) -> str:
    """Our finding code → data element 0085."""
    return _SYNTAX_ERRORS.get(code, _UNSPECIFIED)
