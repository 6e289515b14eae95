"""Bay plan as EDIFACT BAPLIE (SMDG 2.x D.95B, 3.x D.13B): where boxes stand; a part is one cell.

A bay plan tells what is on board and where, not what was moved: it is a report whose kind is not
stated.  SMDG 2 tells weights, ports and dangers of the cell (LOC), SMDG 3 those of the box (EQD):
both places are read.  D.13B is read with D.16A, the nearest structure at hand.
Sources: UN directories (schemas/edifact), formats.md 8.1, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, upper
from gateway.mappings.edifact_box import prune, seals
from gateway.mappings.edifact_call import HEADER as _CALL
from gateway.mappings.edifact_convert import OtherThan, joined, weight
from gateway.mappings.edifact_remarks import told_twice
from gateway.mappings.edifact_rows import (
    dangerous,
    kept,
    kept_others,
    ports,
    references,
    sizes,
    temperature,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_CELL, _BOX = "LOC", "LOC/EQD"
_PLACES = {"load_port": "9", "discharge_port": "11", "delivery_place": "83|7"}
_KNOWN_PLACES = "9|11|83|7"
# SMDG 2 says in 6311 what was measured (WT, VGM), SMDG 3 in 6313 (AET gross, VGM).
_MEASURES = {"gross_weight_kg": ("WT", "AET|G"), "vgm_kg": ("VGM", "VGM")}
# RFF is mandatory in a cell: "BM 1" stands where there is no bill.
_NO_BILL = "1"
# Where the plan was made, and where the ship goes next.
_HERE = {"record": "LOC", "field": "5"}

_HEADER = Node(
    extras="extras",
    rows=(*_CALL.rows, *ports("TDT/LOC", port="5")),
    children=_CALL.children,
)


def _measured(mea: str) -> tuple[Row, ...]:
    return tuple(
        row
        for path, (code, property_) in _MEASURES.items()
        for row in (
            Row(mea, "C174", path, weight, at((1, code))),
            Row(mea, "C174", path, weight, at((1, "AAE"), ((2, 1), property_))),
        )
    )


def _stood(around: str) -> tuple[Row, ...]:
    """What a box is like, at the cell (SMDG 2) or at the box (SMDG 3)."""
    return (
        *ports(f"{around}/LOC", **_PLACES),
        *_measured(f"{around}/MEA"),
        *sizes(f"{around}/DIM"),
        *temperature(f"{around}/TMP", f"{around}/RNG", f"{around}/TMP/RNG"),
        Row(f"{around}/RFF", (1, 2), "booking_number", upper, at(((1, 1), "BN"))),
        Row(f"{around}/RFF", (1, 2), "bill_of_lading", bill_number, at(((1, 1), "BM"))),
        *(Row(f"{around}/FTX", (4, n), "lines[]", when=at((1, "AAA"))) for n in range(1, 6)),
        *(
            Row(f"{around}/FTX", (4, n), "texts[]", when=((1, OtherThan("AAA")),))
            for n in range(1, 6)
        ),
        *(Row(f"{around}/DGS/FTX", (4, n), "texts[]") for n in range(1, 6)),
    )


def _service(around: str) -> tuple[Row, ...]:
    """Qualifiers that are read with their values."""
    read = {
        "LOC": (1,),
        "MEA": (1, (2, 1), (3, 1), (3, 2)),
        "DIM": (1, (2, 1), (2, 2), (2, 3), (2, 4)),
        "TMP": (1, (2, 2)),
        "RNG": (1, (2, 1)),
        "TMP/RNG": (1, (2, 1)),
        "FTX": (1, 2),
        "DGS/FTX": (1, 2),
        "RFF": ((1, 1), (1, 2)),
        "NAD": (1,),
    }
    return tuple(Row(f"{around}/{tag}", ref, "") for tag, refs in read.items() for ref in refs)


def _lists(around: str) -> tuple[Node, ...]:
    return (
        references(f"{around}/RFF"),
        dangerous(f"{around}/DGS"),
        kept_others(f"{around}/LOC", (2, 1), upper, _KNOWN_PLACES),
        Node(
            path="extras",
            opens=frozenset({f"{around}/MEA"}),
            constants=(("record", "MEA"),),
            when=((1, OtherThan("WT|VGM|AAE")),),
            rows=(Row(f"{around}/MEA", 1, "field"), Row(f"{around}/MEA", "C174", "value")),
        ),
    )


_PART = Node(
    extras="extras",
    rows=(
        Row(_CELL, 1, ""),
        Row(_CELL, (2, 1), "stowage", upper, at((1, "147"))),
        Row(_BOX, 1, ""),
        Row(_BOX, (2, 1), "number", container_number),
        Row(_BOX, (3, 1), "size_type", upper),
        Row(_BOX, 4, "supplier", upper),
        Row(_BOX, 6, "status", upper),
        Row(f"{_BOX}/NAD", (2, 1), "operator.code", upper, at((1, "CA|CF"))),
        Row(f"{_BOX}/NAD", (4, 1), "operator.name", when=at((1, "CA|CF"))),
        *_service(_CELL),
        *_service(_BOX),
        *_stood(_BOX),
        *_stood(_CELL),
    ),
    children=(
        *_lists(_CELL),
        *_lists(_BOX),
        seals(f"{_BOX}/SEL"),
        kept(_BOX, 5),
        kept_others(_CELL, (2, 1), upper, "147"),
        kept_others(f"{_BOX}/NAD", (2, 1), upper, "CA|CF"),
        kept_others(f"{_BOX}/EQA", (2, 1), upper),
    ),
)


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    """Ports of the call other than the one where the plan was made are kept."""
    here = {**_HERE, "value": values.get("port", {}).get("code")}
    kept_ = [each for each in values.get("extras", ()) if each != here]
    for name, code in (("load_port", "9"), ("discharge_port", "11")):
        place = values.pop(name, None)
        if place is not None:
            value = next(iter(place.values()))
            kept_.append({"record": "LOC", "field": code, "value": value})
    values["extras"] = kept_
    prune(values)
    if not values["extras"]:
        del values["extras"]


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    lines = values.pop("lines", None)
    if lines:
        values["goods"] = joined(lines)
    if values.get("bill_of_lading") == _NO_BILL:
        del values["bill_of_lading"]
    prune(values)


BAPLIE = Format(
    name="load_discharge_report/baplie",
    version="1",
    syntax="edifact",
    kinds=frozenset({"BAPLIE"}),
    document=LOAD_DISCHARGE_REPORT,
    layout="BAPLIE",
    header=Table(_HEADER),
    part=Table(_PART),
    group_labels=frozenset({_CELL}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    remark=told_twice,
    samples="load_discharge_report/baplie",
)
