"""NCL → COPRAR load or discharge list: all boxes of a call in one message, told one by one."""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_list import CONTAINER_LIST, ListKind
from gateway.mappings.container_list.coprar import COPRAR
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import boxed

# LOC 9 of the call makes a list one of loading, LOC 11 one of discharge, both leave it open.
_PORTS = {
    ListKind.LOAD: ("load_port",),
    ListKind.DISCHARGE: ("discharge_port",),
    ListKind.UNSTATED: ("load_port", "discharge_port"),
}
# UN 1001: list of boxes to load, to discharge.
_BEGINNINGS = {ListKind.LOAD: "45", ListKind.DISCHARGE: "43"}


def _header(values: dict[str, Any], _head: dict[str, Any]) -> dict[str, Any]:
    port = values.pop("port", None)
    kind = values.pop("kind", ListKind.UNSTATED)
    values["file_description"] = values.get("file_description") or _BEGINNINGS.get(kind, "")
    return values | (dict.fromkeys(_PORTS[kind], port) if port else {})


COPRAR_MESSAGE = Message(
    format=COPRAR,
    kind="COPRAR",
    header=_header,
    part=boxed,
    groups=("EQD",),
    totals=("16", "EQD"),
    supplied=("RFF", "TDT", "NAD"),
    leaves_out=left_out(
        CONTAINER_LIST,
        "header.kind",
        "header.created_at",
        "parties.telephone",
        "parties.fax",
        "parties.email",
        "part.goods_sequence",
        "part.packages",
    ),
)
COPRAR_WRITER = writer(COPRAR_MESSAGE)
COPRAR_D00B_WRITER = writer(COPRAR_MESSAGE, "D.00B")
