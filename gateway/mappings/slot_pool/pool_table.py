"""SLOT POOL 集港预约池 as csv or xlsx (schemas/table/slot_pool.toml).

A row is one slot; rows of the same terminal make one document.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.slot_pool import SLOT_POOL, GateDirection
from gateway.mappings.table_columns import table_format
from gateway.syntax.profile import Profile


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    if "direction" in values:
        values["direction"] = GateDirection.of(values["direction"])


POOL_TABLE = table_format(SLOT_POOL, finish_part=_finish_part)
