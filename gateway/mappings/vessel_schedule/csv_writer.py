"""Vessel schedule → csv: the columns of our table, so that what is written can be read as it is."""

from __future__ import annotations

from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.csv_writing import csv_writer
from gateway.mappings.vessel_schedule.schedule_table import VIA
from gateway.syntax.table.layout import load


def _undo_part(draft: dict[str, Any]) -> None:
    """Ports on the way stand in one cell."""
    ports = (each.get("port", {}) for each in draft.get("calls", ()) if each["relation"] == VIA)
    via = [port.get("code") or port.get("name") for port in ports]
    draft["via"] = ",".join(filter(None, via)) or None


SCHEDULE_CSV_WRITER = csv_writer(VESSEL_SCHEDULE, load("vessel_schedule"), undo_part=_undo_part)
