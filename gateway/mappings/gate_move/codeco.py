"""GATE MOVE as EDIFACT CODECO (SMDG): boxes that went in or out of a terminal; a part is one EQD.

Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.gate_move import GATE_MOVE, MoveKind
from gateway.mappings.contract import Format
from gateway.mappings.convert import upper
from gateway.mappings.edifact_call import HEADER, box, settle_part
from gateway.mappings.edifact_rows import ports
from gateway.mappings.node import Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

# UN 1001: what kind of report the message is.
_KINDS = {"34": MoveKind.GATE_IN, "36": MoveKind.GATE_OUT}
_LORRY = (1, "1|2|10|30")
_BOX = box(
    *ports("EQD/LOC", place="165"),
    Row("EQD/TDT", (8, 1), "truck", upper, at(_LORRY)),
    Row("EQD/TDT", (5, 1), "trucker.code", upper, at(_LORRY)),
    Row("EQD/TDT", (5, 4), "trucker.name", when=at(_LORRY)),
    positioned="7",
    places="9|11|7|165",
)


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    values["kind"] = _KINDS.get(values.get("file_description", ""), MoveKind.UNSTATED)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    if "positioned_at" in values:
        values["moved_at"] = values.pop("positioned_at")
    truck = {"record": "TDT", "field": "8.1", "value": values.get("truck")}
    if "extras" in values:
        values["extras"] = [each for each in values["extras"] if each != truck]
    settle_part(values)


CODECO = Format(
    name="gate_move/codeco",
    version="1",
    syntax="edifact",
    kinds=frozenset({"CODECO"}),
    document=GATE_MOVE,
    layout="CODECO",
    header=Table(HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"EQD"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="gate_move/codeco",
)
