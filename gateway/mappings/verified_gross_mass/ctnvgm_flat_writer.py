"""VGM → CTNVGM (formats.md 3.5): one record 50 per box."""

from __future__ import annotations

from typing import Any

from gateway.mappings.flat_places import name_vessel, status_letters
from gateway.mappings.flat_writing import FlatForm, flat_writer
from gateway.mappings.verified_gross_mass.ctnvgm_flat import CTNVGM_FLAT


def _undo_header(draft: dict[str, Any]) -> None:
    name_vessel(draft)


def _lift(header: dict[str, Any], first: dict[str, Any]) -> None:
    """Ship and voyage stand once in the header; EDIFACT tells them box by box."""
    for name in ("vessel", "voyage"):
        if name in first:
            header.setdefault(name, first[name])


def _undo_part(draft: dict[str, Any], header: dict[str, Any]) -> None:
    """A ship of its own stays, and is refused: the file can only name one."""
    status_letters((draft,))
    for name in ("vessel", "voyage"):
        if draft.get(name) == header.get(name):
            draft.pop(name, None)


CTNVGM_FLAT_WRITER = flat_writer(
    FlatForm(
        CTNVGM_FLAT,
        message_type="CTNVGM",
        description="CONTAINER VGM",
        undo_header=_undo_header,
        undo_part=_undo_part,
        lift=_lift,
        kept=frozenset({"vessel", "voyage"}),
        # What is told here is a mass; seals travel with the load plan.
        spared=frozenset({"seals.number"}),
        leaves_out=frozenset(
            {
                "header.reference", "header.document_number", "header.message_version",
                "header.vessel.imo", "header.vessel.call_sign", "header.vessel.name_zh",
                "header.vessel.nationality", "header.parties", "header.extras", "part.extras",
                "part.references", "part.seals", "part.load_port",
                "part.discharge_port", "part.booking_number", "part.bill_of_lading",
                "part.parties", "part.operator.office",
            }
        ),
    )
)  # fmt: skip
