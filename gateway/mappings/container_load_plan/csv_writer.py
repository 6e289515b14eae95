"""E-CLP → csv: the columns of the template, so that what is written can be read as it is."""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.csv_writing import csv_writer
from gateway.syntax.table.layout import load


def _undo_header(draft: dict[str, Any]) -> None:
    """The template knows a ship by name, IMO number or call sign."""
    vessel = draft.get("vessel", {})
    if "code" in vessel and not {"imo", "call_sign"} & set(vessel):
        vessel["call_sign"] = vessel["code"]


def _undo_part(draft: dict[str, Any]) -> None:
    """Temperature and over-dimension are columns of the box: what all its goods say goes there."""
    goods = [item for bill in draft.get("bills", ()) for item in bill.get("goods", ())]
    for name in ("temperature", "over_dimension"):
        told = [item[name] for item in goods if name in item]
        if told and all(each == draft.get(name, told[0]) for each in told):
            draft[name] = told[0]
            for item in goods:
                item.pop(name, None)


LOAD_PLAN_CSV_WRITER = csv_writer(
    CONTAINER_LOAD_PLAN,
    load("container_load_plan"),
    undo_header=_undo_header,
    undo_part=_undo_part,
)
