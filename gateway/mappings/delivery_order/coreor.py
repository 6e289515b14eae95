"""D/O as EDIFACT COREOR (container release order): one message is one order.

Sources: UN directories (schemas/edifact), docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.delivery_order import DELIVERY_ORDER
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, count, upper
from gateway.mappings.edifact_box import asked_for, boxes, prune, settle_box
from gateway.mappings.edifact_convert import time_text, volume, weight
from gateway.mappings.edifact_remarks import of_goods
from gateway.mappings.edifact_rows import (
    BEGINNING,
    SERVICE,
    dangerous,
    kept,
    kept_others,
    party,
    ports,
    read_time,
    references,
    temperature,
    texts,
    times,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

_PLACES = {"load_port": "9", "discharge_port": "11", "delivery_place": "7"}
_KNOWN_PLACES = "9|11|7"
_TIMES = {"arrival": "132|178", "valid_until": "36|392|206"}
_KNOWN_TIMES = "132|178|36|392|206"
_DATES = ("DTM", "TDT/DTM", "TDT/LOC/DTM", "NAD/DTM")
# UN 1153: the number to be shown (ACE, REO), the bill, the booking.
_RELEASE = "REO|ACE"
_REFERENCES = ("RFF", "TDT/RFF", "NAD/RFF", "EQD/RFF", "GID/NAD/RFF")

_HEADER = Node(rows=BEGINNING, children=(kept("BGM", 4),))
_GOODS = Node(
    path="goods",
    opens=frozenset({"GID"}),
    rows=(
        Row("GID", 1, "sequence"),
        Row("GID", (2, 1), "packages.count", count),
        Row("GID", (2, 2), "packages.kind_code", upper),
        Row("GID", (2, 5), "packages.kind"),
        *texts("GID/FTX", "description[]"),
        Row("GID/MEA", "C174", "gross_weight_kg", weight, at(((2, 1), "G|AAB|AAD|WT"))),
        Row("GID/MEA", "C174", "net_weight_kg", weight, at(((2, 1), "N|AAA|AAC|AAL"))),
        Row("GID/MEA", "C174", "volume_m3", volume, at(((2, 1), "AAW|ABJ"))),
        *(Row("GID/PCI", (2, line), "marks[]") for line in range(1, 11)),
        *temperature("GID/TMP", "GID/RNG", "GID/TMP/RNG"),
    ),
    children=(
        dangerous("GID/DGS"),
        Node(
            path="boxes",
            opens=frozenset({"GID/SGP"}),
            rows=(
                Row("GID/SGP", (1, 1), "number", container_number),
                Row("GID/SGP", 2, "packages", count),
            ),
        ),
    ),
)
_PART = Node(
    extras="extras",
    rows=(
        *SERVICE,
        Row("BGM", (2, 1), "number", upper),
        *read_time(*_DATES),
        *(row for label in _DATES for row in times(label, **_TIMES)),
        *(Row(label, (1, component), "") for label in _REFERENCES[:3] for component in (1, 2)),
        *(
            row
            for label in _REFERENCES
            for row in (
                Row(label, (1, 2), "release_number", upper, at(((1, 1), _RELEASE))),
                Row(label, (1, 2), "bill_of_lading", bill_number, at(((1, 1), "BM"))),
                Row(label, (1, 2), "booking_number", upper, at(((1, 1), "BN"))),
            )
        ),
        *(Row("TDT", ref, "") for ref in (1, (3, 1), (8, 1))),
        *vessel_rows("vessel", "20"),
        Row("TDT", 2, "voyage", upper, at((1, "20"))),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
        Row("TDT/LOC", 1, ""),
        *ports("TDT/LOC", **_PLACES),
        *(Row("FTX", ref, "") for ref in (1, 2)),
        *texts("FTX", "remarks[]"),
    ),
    children=(
        references("RFF", "TDT/RFF", "NAD/RFF"),
        *(kept_others(label, "C507", time_text, f"137|{_KNOWN_TIMES}") for label in _DATES),
        kept_others("TDT/LOC", (2, 1), upper, _KNOWN_PLACES),
        party("NAD"),
        party("GID/NAD"),
        _GOODS,
        boxes(),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Boxes named by goods alone join the others; those without a number are kinds of box."""
    prune(values)
    containers, equipment = [], []
    for box in values.pop("containers", []):
        asked = settle_box(box)
        if "number" in box:
            containers.append(box)
        else:
            equipment.append(asked_for(box, asked))
    _add_named(containers, [box for item in values.get("goods", ()) for box in _taken(item)])
    values |= {
        path: found
        for path, found in (("containers", containers), ("equipment", equipment))
        if found
    }


def _taken(item: dict[str, Any]) -> list[dict[str, Any]]:
    boxes_: list[dict[str, Any]] = item.pop("boxes", [])
    return boxes_


def _add_named(containers: list[dict[str, Any]], named: list[dict[str, Any]]) -> None:
    """What goods say of a box completes what the box says of itself."""
    known = {box["number"]: box for box in containers}
    for each in named:
        box = known.get(each.get("number", ""))
        if box is None:
            containers.append(each)
        else:
            for name, value in each.items():
                box.setdefault(name, value)


COREOR = Format(
    name="delivery_order/coreor",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COREOR"}),
    document=DELIVERY_ORDER,
    layout="COREOR",
    header=Table(_HEADER),
    part=Table(_PART),
    finish_part=_finish_part,
    remark=of_goods,
    samples="delivery_order/coreor",
)
