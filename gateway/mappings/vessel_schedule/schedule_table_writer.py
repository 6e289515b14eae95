"""Vessel schedule → xlsx: one row a call, the headings those of our template."""

from __future__ import annotations

from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.contract import Writer
from gateway.mappings.table_writing import table_writer
from gateway.mappings.vessel_schedule.schedule_table import VIA
from gateway.syntax.table.layout import load

_NAME = "vessel_schedule/table"


def _undo_part(values: dict[str, Any]) -> None:
    ports = (each.get("port", {}) for each in values.get("calls", ()) if each["relation"] == VIA)
    values["via"] = [port.get("code") or port.get("name") for port in ports]
    values["via"] = ",".join(filter(None, values["via"])) or None


SCHEDULE_TABLE_WRITER = Writer(
    name=_NAME,
    document=VESSEL_SCHEDULE,
    suffix=".xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=table_writer(load("vessel_schedule"), _NAME, _undo_part),
    encodings=frozenset({"utf-8"}),
    leaves_out=frozenset(
        {
            "header.function", "header.vessel.nationality", "header.line.office",
            "header.trade.name", "header.trade.office", "header.extras", "part.port.office",
            "part.terminal.office", "part.agent.office", "part.calls", "part.remarks",
            "part.extras",
        }
    ),
)  # fmt: skip
