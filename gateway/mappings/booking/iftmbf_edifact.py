"""BOOKING as EDIFACT IFTMBF (firm booking) and IFTMBC (confirmation): one message is one booking.

What COPARN reads is read here, too.  A booking without RFF BN is known by the number of its message
(BGM 1004).  Every leg's places and times are kept: those of the booking itself are the first ones.
Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.booking.coparn import HEADER, finish_part, part
from gateway.mappings.contract import Format
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile


def _finish_part(values: dict[str, Any], header: dict[str, Any], profile: Profile) -> None:
    finish_part(values, header, profile)
    number = header.get("document_number")
    if number and "booking_number" not in values:
        values["booking_number"] = number


def _format(kind: str) -> Format:
    return Format(
        name=f"booking/{kind.lower()}",
        version="1",
        syntax="edifact",
        kinds=frozenset({kind}),
        document=BOOKING,
        layout=kind,
        header=Table(HEADER),
        part=Table(part(leg_times="180", leg_places="")),
        finish_part=_finish_part,
        samples=f"booking/{kind.lower()}",
    )


IFTMBF = _format("IFTMBF")
IFTMBC = _format("IFTMBC")
