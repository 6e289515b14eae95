"""APPOINTMENT REQUEST 预约申请 as csv or xlsx (schemas/table/appointment_request.toml).

A row is one box and one slot; a file is one document.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.appointment_request import APPOINTMENT_REQUEST
from gateway.canonical.slot_pool import GateDirection
from gateway.mappings.table_columns import table_format
from gateway.syntax.profile import Profile

_YES = frozenset({"是", "Y", "YES", "TRUE", "1"})
_NO = frozenset({"否", "N", "NO", "FALSE", "0"})


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    if "direction" in values:
        values["direction"] = GateDirection.of(values["direction"])
    if "wait" in values:
        said = str(values["wait"]).strip().upper()
        if said in _YES | _NO:
            values["wait"] = said in _YES


REQUEST_TABLE = table_format(APPOINTMENT_REQUEST, finish_part=_finish_part)
