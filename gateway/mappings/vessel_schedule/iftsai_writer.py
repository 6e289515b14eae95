"""VESSEL SCHEDULE → IFTSAI: one message a call, the call itself (LOC 9) before those around it."""

from __future__ import annotations

from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_drawing import Drawing
from gateway.mappings.edifact_writing_tree import Group
from gateway.mappings.vessel_schedule.call_edifact import IFTSAI

_ABOUT = "9"
# A leg that is not the ship's own (TDT 20): on-carriage.
_FURTHER_LEG = "30"
_RELATIONS = {"previous": "94", "next": "61", "load": "9", "discharge": "11"}
_TIMES = {"eta": "132", "etd": "133", "ata": "178", "atd": "186"}
_DIGITS = str.maketrans("", "", "-T:")
_FORMS = {8: "102", 12: "203", 14: "204"}
_LINES = 5


def _draw(drawing: Drawing, values: dict[str, Any]) -> None:
    leg = drawing.main_leg()
    drawing.fill(leg.trigger, _2=values.get("outbound_voyage"))
    _place(drawing, leg, _ABOUT, values)
    calls = list(values.get("calls", ()))
    for call in [*(c for c in calls if not _own_leg(c)), *(c for c in calls if _own_leg(c))]:
        if _own_leg(call):
            ship = call.get("vessel", {})
            leg = drawing.add(
                drawing.tree, "TDT", _1=_FURTHER_LEG, _2=call.get("voyage"),
                _8_1=ship.get("code"), _8_4=ship.get("name"),
            )  # fmt: skip
        relation = call["relation"]
        _place(drawing, leg, _RELATIONS.get(relation) or relation.removeprefix("other:"), call)
    agent = values.get("agent")
    if agent:
        drawing.add(drawing.tree, "NAD", _1="CG", _2_1=agent.get("code"), _3_1=agent.get("name"))
    drawing.texts(drawing.tree, "FTX", "part.remarks", values.get("remarks", ()), _LINES)


def _own_leg(call: dict[str, Any]) -> bool:
    return "voyage" in call or "vessel" in call


def _place(drawing: Drawing, leg: Group, qualifier: str, call: dict[str, Any]) -> None:
    """LOC with its terminal, and its times below it."""
    port, terminal = call.get("port", {}), call.get("terminal", {})
    group = drawing.add(
        leg, "TDT/LOC", _1=qualifier, _2_1=port.get("code"), _2_4=port.get("name"),
        _3_1=terminal.get("code"), _3_4=terminal.get("name"),
    )  # fmt: skip
    for name, code in _TIMES.items():
        if name in call:
            digits = call[name]["wall"].translate(_DIGITS)
            form = _FORMS.get(len(digits))
            if form is not None:
                drawing.add(group, "TDT/LOC/DTM", _1_1=code, _1_2=digits, _1_3=form)


IFTSAI_MESSAGE = Message(
    format=IFTSAI,
    kind="IFTSAI",
    beginning="TS2",
    directories=("D.95B", "D.99B", "D.00B"),
    draw=_draw,
    leaves_out=left_out(
        VESSEL_SCHEDULE,
        "inbound_voyage",
        "open_at",
        "gate_close",
        "customs_close",
        "document_close",
    ),
)
IFTSAI_WRITER = writer(IFTSAI_MESSAGE)
IFTSAI_D99B_WRITER = writer(IFTSAI_MESSAGE, "D.99B")
