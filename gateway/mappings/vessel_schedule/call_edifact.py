"""VESSEL SCHEDULE as EDIFACT IFTSAI, CALINF and VESDEP: one message is one voyage's call.

The call that a message is about stands in LOC 153 (port of call), else 9, 60, 11, 5, else the first
one; the others come with it as `calls`.  A DTM belongs to the LOC before it, wherever the directory
puts it (D.95B has it behind all of them); before any LOC it belongs to the call itself.
Sources: UN directories (schemas/edifact), formats.md 6.3, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.contract import Format
from gateway.mappings.convert import upper
from gateway.mappings.edifact_convert import time, time_text
from gateway.mappings.edifact_rows import (
    BEGINNING,
    CODE,
    NAME,
    SERVICE,
    kept,
    kept_others,
    read_time,
    texts,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

# UN 2005 → our word for what happened or will.
_TIMES = {"eta": "132|232|252", "etd": "133|189|253", "ata": "178", "atd": "186|136"}
_KNOWN_TIMES = "|".join(_TIMES.values())
_RELATIONS = {
    "5": "previous", "94": "previous", "125": "previous",
    "61": "next", "152": "next", "65": "next",
    "9": "load", "11": "discharge",
}  # fmt: skip
# UN 3227: which of its places a message is about, the most telling first.
_ABOUT = ("153", "9", "60", "11", "5")
_PLACES = ("TDT/LOC", "LOC")
_DATES = ("DTM", "TDT/DTM", "TDT/LOC/DTM", "LOC/DTM")
_AGENTS = "AG|CG|CV"

_HEADER = Node(
    rows=(
        *BEGINNING,
        Row("TDT/DTM", "C507", "created_at", time, at((1, "137"))),
        *vessel_rows("vessel", "20"),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
    ),
)

# LOC and DTM one after the other: what belongs together is told by their order alone.
_STEPS = Node(
    path="steps",
    opens=frozenset({"TDT", *_PLACES, *_DATES}),
    rows=(
        Row("TDT", 1, "stage"),
        Row("TDT", 2, "voyage", upper),
        *(
            Row("TDT", ref, path, convert)
            for ref, path, convert in (
                ((8, 1), "vessel.code", upper),
                ((8, 4), "vessel.name", upper),
            )
        ),
        *(
            row
            for loc in _PLACES
            for row in (
                Row(loc, 1, "place"),
                Row(loc, CODE, "port.code", upper),
                Row(loc, NAME, "port.name"),
                Row(loc, (3, 1), "terminal.code", upper),
                Row(loc, (3, 4), "terminal.name"),
            )
        ),
        *(
            Row(dtm, "C507", path, time, at((1, codes)))
            for dtm in _DATES
            for path, codes in _TIMES.items()
        ),
    ),
)


def _table(about: str) -> Table:
    """The part of a message about the place of this qualifier.

    Its code is read by a row of its own, so that findings point to it.
    """
    place = at((1, about))
    return Table(
        Node(
            extras="extras",
            rows=(
                *SERVICE,
                *(Row("TDT", ref, "") for ref in (1, (3, 1), (5, 1), (5, 4))),
                *(Row("TDT", (8, component), "") for component in (1, 4, 5)),
                Row("TDT", 2, "outbound_voyage", upper, at((1, "20"))),
                *(Row(loc, CODE, "port.code", upper, place) for loc in _PLACES),
                *(Row(loc, 1, "") for loc in _PLACES),
                *read_time(*_DATES),
                *(Row(label, ref, "") for label in ("FTX", "TDT/FTX") for ref in (1, 2)),
                *texts("FTX", "remarks[]"),
                *texts("TDT/FTX", "remarks[]"),
                Row("NAD", 1, ""),
                Row("NAD", (2, 1), "agent.code", upper, at((1, _AGENTS))),
                Row("NAD", (3, 1), "agent.name", when=at((1, _AGENTS))),
            ),
            children=(
                _STEPS,
                kept("BGM", 4),
                *(kept_others(dtm, "C507", time_text, f"137|{_KNOWN_TIMES}") for dtm in _DATES),
                kept_others("RFF", (1, 2)),
                kept_others("TDT/RFF", (1, 2)),
                kept_others("NAD", (2, 1), upper, _AGENTS),
            ),
        )
    )


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    calls, before = _calls(values.pop("steps", []))
    main = _about(calls, values.get("port"))
    if main is not None:
        calls.remove(main)
        for name in ("port", "terminal", *_TIMES):
            if name in main:
                values[name] = main[name]
        if "voyage" in main:
            values.setdefault("outbound_voyage", main["voyage"])
    for name, wall in before.items():
        values.setdefault(name, wall)
    others = [_other(call, values) for call in calls]
    if others:
        values["calls"] = others
    values["extras"] = [each for each in values.get("extras", []) if "value" in each]
    if not values["extras"]:
        del values["extras"]


def _calls(steps: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Places with their times and the leg that they stand in; and times before any place."""
    calls: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    leg: dict[str, Any] = {}
    current = before
    for step in steps:
        if "stage" in step:
            leg = {name: step[name] for name in ("voyage", "vessel") if name in step}
            current = before
        elif "place" in step:
            current = {**leg, **step}
            calls.append(current)
        else:
            for name, wall in step.items():
                current.setdefault(name, wall)
    return calls, before


def _about(calls: list[dict[str, Any]], port: dict[str, Any] | None) -> dict[str, Any] | None:
    """The call that the message is about."""
    if port is not None:
        for call in calls:
            if call.get("port", {}).get("code") == port.get("code"):
                return call
    for qualifier in _ABOUT:
        for call in calls:
            if call["place"] == qualifier:
                return call
    return calls[0] if calls else None


def _other(call: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A call beside the one it is about; the voyage only where it is another one."""
    place = call.pop("place")
    found = {"relation": _RELATIONS.get(place, f"other:{place}"), **call}
    if found.get("voyage") == values.get("outbound_voyage"):
        found.pop("voyage", None)
        found.pop("vessel", None)
    return found


def _format(kind: str, about: str) -> Format:
    return Format(
        name=f"vessel_schedule/{kind.lower()}",
        version="1",
        syntax="edifact",
        kinds=frozenset({kind}),
        document=VESSEL_SCHEDULE,
        layout=kind,
        header=Table(_HEADER),
        part=_table(about),
        finish_part=_finish_part,
        samples=f"vessel_schedule/{kind.lower()}",
    )


IFTSAI = _format("IFTSAI", "9|153")
CALINF = _format("CALINF", "153")
VESDEP = _format("VESDEP", "9|153")
