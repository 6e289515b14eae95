"""CTNJJD 集装箱交接单, hand-over list of boxes between terminal and carrier (formats.md 3.4).

The weight of record 50 is that of box and goods (箱货总重).  One part is one box.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.container_load_plan.boxes import by_place
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    imo,
    lines,
    number,
    seal,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("11", "vessel_code", "vessel.code", upper),
        Row("11", "vessel_code", "vessel.imo", imo),
        Row("11", "vessel_name", "vessel.name"),
        Row("11", "voyage", "voyage", upper),
        Row("11", "sailing", "sailing", compact_time),
    ),
)

# A part has one 12 and one 50, in this order, so the bill has no record that opens it.
_BILL = Node(
    path="bills",
    rows=(
        Row("50", "bill_number", "number", bill_number),
        Row("12", "load_port_code", "load_port.code", upper),
        Row("12", "load_port_name", "load_port.name"),
        Row("12", "discharge_port_code", "discharge_port.code", upper),
        Row("12", "discharge_port_name", "discharge_port.name"),
        Row("12", "delivery_place_code", "delivery_place.code", upper),
        Row("12", "delivery_place_name", "delivery_place.name"),
        Row("50", "delivery_term", "delivery_term"),
    ),
    children=(
        Node(path="goods", rows=(Row("50", "goods", "description[]", lines),)),
        Node(
            path="parties",
            constants=(("role", "shipper"),),
            rows=(Row("50", "shipper", "lines[]", lines),),
        ),
        Node(
            path="parties",
            constants=(("role", "consignee"),),
            rows=(Row("50", "receiver", "lines[]", lines),),
        ),
    ),
)

_BOX = Node(
    extras="extras",
    children=(
        _BILL,
        Node(path="seals", rows=(Row("50", "seal_number", "number", seal),)),
    ),
    rows=(
        Row("50", "container_number", "number", container_number),
        Row("50", "size_type", "size_type", upper),
        Row("50", "status", "status", upper),
        Row("50", "gross_weight", "gross_weight_kg", number),
        Row("50", "loading_condition", "loading_condition"),
        Row("50", "discharge_condition", "discharge_condition"),
        Row("50", "operator_code", "operator.code"),
        Row("50", "operator_name", "operator.name"),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """The places of the only bill are those of the box, too."""
    for bill in values.get("bills", ()):
        for name in ("load_port", "discharge_port", "delivery_place"):
            if name in bill:
                values[name] = bill[name]


CTNJJD_FLAT = Format(
    name="container_load_plan/ctnjjd-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"CTNJJD"}),
    document=CONTAINER_LOAD_PLAN,
    layout="ctnjjd",
    header=Table(_HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"12", "50"}),
    finish_part=_finish_part,
    samples="container_load_plan/ctnjjd-flat",
    split=by_place,
)
