"""ACKNOWLEDGEMENT from customs: instruction MT0102, one code a bill (formats.md 1.6, 7).

Customs instructs about what it has taken in, so every known code accepts what was sent; an
inspection holds the goods, not the message.  The elements are guesses (G), data in
`schemas/xml/customs-mt0102.toml`.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.acknowledgement import ACKNOWLEDGEMENT, AcknowledgementLevel, Verdict
from gateway.findings import FindingKind, Severity
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue, bill_number, compact_time, text
from gateway.mappings.flat_convert import kept, lines
from gateway.mappings.node import Node, Row
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

UNKNOWN_CODE = FindingKind(
    "CUSTOMS-CODE",
    Severity.ERROR,
    "海关指令代码“{value}”未知",
    "customs instruction “{value}” is not known",
)
# MT0102 (P): code → what it instructs.
INSTRUCTIONS = {
    "1": "可装船 may load",
    "2": "可放行 may release",
    "7": "施封出场 sealed exit",
    "8": "验封进场 seal-check entry",
    "9": "退运货物可离场 returned goods may leave",
    "I": "港区联动 port-area link",
    "A": "人工查验 manual inspection",
    "B": "机检查验 X-ray inspection",
}
_PART = "Response/Consignment"


def instruction(value: str) -> str | None:
    """A code of MT0102."""
    code = value.strip().upper()
    if code and code not in INSTRUCTIONS:
        raise BadValue(UNKNOWN_CODE)
    return code or None


_HEADER = Node(
    rows=(
        Row("Head/MessageID", "text", "reference"),
        Row("Head/SenderID", "text", "sender"),
        Row("Head/ReceiverID", "text", "receiver"),
        Row("Head/SendTime", "text", "created_at", compact_time),
        Row("Response/OriginalMessageID", "text", "document_number"),
        Row("Response/BorderTransportMeans", "text", "", kept),
    ),
)
_CONSIGNMENT = Node(
    rows=(
        Row(f"{_PART}/TransportContractDocument/ID", "text", "document_number", bill_number),
        Row(f"{_PART}/AssociatedTransportDocument/ID", "text", "message_reference", bill_number),
        Row(f"{_PART}/ResponseType/Code", "text", "codes[]", instruction),
        Row(f"{_PART}/ResponseType/Text", "text", "texts[]", lines),
    ),
)


def _finish_part(values: dict[str, Any], header: dict[str, Any], _profile: Profile) -> None:
    """What it answers: our control reference stands last in the MessageID that we sent."""
    codes = values.get("codes", [])
    values["level"] = AcknowledgementLevel.APPLICATION
    if codes:  # without one that is known it says nothing, and touches no delivery
        values["verdict"] = Verdict.ACCEPTED
    values["texts"] = [INSTRUCTIONS[code] for code in codes] + values.get("texts", [])
    original = text(header.get("document_number", ""))
    if original is not None:
        values["interchange_reference"] = original.rpartition("_")[2]
        # The reference finds the delivery; a bill number never would.
        bill = values.pop("document_number", None)
        values["texts"] += [bill] if bill else []


CUSTOMS_MT0102 = Format(
    name="acknowledgement/customs-mt0102",
    version="1",
    syntax="xml",
    kinds=frozenset({"MT0102"}),
    document=ACKNOWLEDGEMENT,
    layout="customs-mt0102",
    header=Table(_HEADER),
    part=Table(_CONSIGNMENT),
    group_labels=frozenset({_PART}),
    finish_part=_finish_part,
    samples="acknowledgement/customs-mt0102",
)
