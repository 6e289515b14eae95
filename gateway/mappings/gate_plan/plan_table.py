"""GATE PLAN 集港计划 as csv or xlsx (schemas/table/gate_plan.toml).

A row is one voyage; rows of the same terminal make one document.
"""

from __future__ import annotations

from gateway.canonical.gate_plan import GATE_PLAN
from gateway.mappings.table_columns import table_format

PLAN_TABLE = table_format(GATE_PLAN)
