"""The header of messages about the boxes of one call: COPRAR, COARRI, CODECO, COSTCO."""

from __future__ import annotations

from typing import Any

from gateway.mappings.convert import bill_number, upper
from gateway.mappings.edifact_box import box_lists, box_rows, box_service, prune, settle_box
from gateway.mappings.edifact_convert import time_text
from gateway.mappings.edifact_rows import (
    BEGINNING,
    SERVICE,
    kept,
    kept_others,
    party,
    ports,
    read_time,
    texts,
    times,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at

_TIMES = {"arrival": "132|178", "sailing": "133|136|186"}
_KNOWN_TIMES = "132|178|133|136|186"

HEADER = Node(
    extras="extras",
    rows=(
        *SERVICE,
        *BEGINNING,
        *(Row("TDT", ref, "") for ref in (1, (8, 1), (3, 1), (4, 1))),
        *vessel_rows("vessel", "20"),
        Row("TDT", 2, "voyage", upper, at((1, "20"))),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
        Row("TDT/LOC", 1, ""),
        *ports("TDT/LOC", load_port="9", discharge_port="11"),
        *read_time("TDT/DTM", "TDT/LOC/DTM"),
        *times("DTM", **_TIMES),
        *times("TDT/DTM", **_TIMES),
        *times("TDT/LOC/DTM", **_TIMES),
        *(Row(label, ref, "") for label in ("FTX", "TDT/FTX") for ref in (1, 2)),
        *texts("FTX", "remarks[]"),
        *texts("TDT/FTX", "remarks[]"),
    ),
    children=(
        kept("BGM", 4),
        kept_others("DTM", "C507", time_text, f"137|{_KNOWN_TIMES}"),
        kept_others("TDT/DTM", "C507", time_text, _KNOWN_TIMES),
        kept_others("TDT/LOC/DTM", "C507", time_text, _KNOWN_TIMES),
        kept_others("TDT/LOC", (2, 1), upper, "9|11"),
        kept_others("RFF", (1, 2)),
        kept_others("TDT/RFF", (1, 2)),
        kept_others("TDT", (8, 1), known="20"),
        party("NAD"),
    ),
)


def box(
    *own: Row, positioned: str = "181", places: str = "9|11|7", lists: tuple[Node, ...] = ()
) -> Node:
    """A part that is one box; `positioned` and `places` are the qualifiers that rows read."""
    return Node(
        extras="extras",
        rows=(
            *box_service(),
            *own,
            Row("EQD/RFF", (1, 2), "booking_number", upper, at(((1, 1), "BN"))),
            Row("EQD/RFF", (1, 2), "bill_of_lading", bill_number, at(((1, 1), "BM"))),
            Row("EQD/LOC", (2, 1), "stowage", upper, at((1, "147"))),
            *box_rows(positioned=positioned),
        ),
        children=(*box_lists(positioned=positioned, places=places), *lists),
    )


def call_port(values: dict[str, Any]) -> str:
    """LOC 9 or LOC 11 becomes the port of the call; gives what its boxes are there for.

    LOC 9 is where they are loaded, LOC 11 where they are discharged; both together leave it open.
    """
    load, discharge = values.pop("load_port", None), values.pop("discharge_port", None)
    if load is not None and discharge is not None:
        kept_ = {"record": "LOC", "field": "11", "value": next(iter(discharge.values()))}
        values.setdefault("extras", []).append(kept_)
    port = load or discharge
    if port is not None:
        values["port"] = port
    if (load is None) == (discharge is None):
        return "unstated"
    return "load" if load is not None else "discharge"


def settle_part(values: dict[str, Any]) -> None:
    """A box as a part: half-filled entries go; one place of stowage is not told twice."""
    asked = settle_box(values)
    extras = values.get("extras", [])
    if asked is not None:
        extras = [*extras, {"record": "EQN", "field": "1.1", "value": str(asked)}]
    told = {"record": "LOC", "field": "147", "value": values.get("stowage")}
    extras = [each for each in extras if each != told]
    if extras:
        values["extras"] = extras
    else:
        values.pop("extras", None)
    prune(values)
