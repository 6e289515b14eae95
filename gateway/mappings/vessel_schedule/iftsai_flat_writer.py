"""Vessel schedule → flat IFTSAI, our house profile (formats.md 6.2): one record 11 per call."""

from __future__ import annotations

from typing import Any

from gateway.mappings.flat_places import name_vessel
from gateway.mappings.flat_writing import FlatForm, flat_writer
from gateway.mappings.vessel_schedule.iftsai_flat import IFTSAI_FLAT


def _undo_header(draft: dict[str, Any]) -> None:
    name_vessel(draft)


IFTSAI_FLAT_WRITER = flat_writer(
    FlatForm(
        IFTSAI_FLAT,
        message_type="IFTSAI",
        description="VESSEL SCHEDULE",
        undo_header=_undo_header,
        leaves_out=frozenset(
            {
                "header.reference", "header.document_number", "header.message_version",
                "header.vessel.imo", "header.vessel.call_sign", "header.trade.name",
                "header.extras", "part.port.office", "part.terminal.name", "part.agent.name",
                "part.calls", "part.remarks", "part.extras",
            }
        ),
    )
)  # fmt: skip
