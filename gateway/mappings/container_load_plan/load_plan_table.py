"""E-CLP as csv or xlsx (schemas/table/container_load_plan.toml).

A row is one bill in one box; rows of the same box, one behind the other, make one part.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.table_columns import table_format
from gateway.syntax.profile import Profile


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """A kind or party of a seal without its number is no seal (`NONE` was written)."""
    if "seals" in values:
        values["seals"] = [seal for seal in values["seals"] if "number" in seal]


LOAD_PLAN_TABLE = table_format(CONTAINER_LOAD_PLAN, finish_part=_finish_part)
