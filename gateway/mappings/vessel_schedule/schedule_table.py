"""VESSEL SCHEDULE as csv or xlsx (formats.md 6.1; schemas/table/vessel_schedule.toml).

A row is one call; rows of the same ship, one behind the other, make one document.
"""

from __future__ import annotations

import re
from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.table_columns import table_format
from gateway.syntax.profile import Profile

VIA = "other:via"
_VIA_PARTS = re.compile(r"[,;，；、/→|]|\s[-–—]\s")
# Where a table tells of the berth alone, that is when the ship comes and goes (formats.md 6.2).
_BERTH = {
    "berth_planned": "eta",
    "berthed": "ata",
    "unberth_planned": "etd",
    "unberthed": "atd",
}
_LOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}", re.ASCII)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    for berth, name in _BERTH.items():
        time = values.pop(berth, None)
        if time is not None and values.setdefault(name, time) is not time:
            extra = {"record": "row", "field": berth, "value": time["wall"]}
            values.setdefault("extras", []).append(extra)
    for part in _VIA_PARTS.split(values.pop("via", "")):
        if port := part.strip():
            kind = "code" if _LOCODE.fullmatch(port) else "name"
            values.setdefault("calls", []).append({"relation": VIA, "port": {kind: port}})


SCHEDULE_TABLE = table_format(VESSEL_SCHEDULE, finish_part=_finish_part)
